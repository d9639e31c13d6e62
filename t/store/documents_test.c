/*
 * Documents: the last line of an id is current, files only grow, damage hides one version.
 */
#include "scene.h"

#include "base/io.h"
#include "base/limits.h"
#include "store/attachments.h"
#include "store/documents.h"
#include "upkeep/backup.h"
#include "upkeep/compact.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct scene sc;

static const struct str documents_parent = { "019b76da-a800-7000-8000-0000000000aa", 36 };

static void documents_scene_open(void)
{
	scene_open(&sc);
	scene_workspace(&sc);
}

static struct document documents_one(enum document_kind kind, const char *id, const char *body)
{
	return (struct document){ .kind = kind,
		.id = str_from_c(id),
		.created_by = STR("me"),
		.body = str_from_c(body) };
}

static void documents_write(struct document *list, size_t n, int64_t now_ns)
{
	struct documents_change c;
	ck_assert_int_eq(
		documents_begin(&c, &sc.store, STR("w"), false, scene_arena(), now_ns), ERR_OK);
	ck_assert_int_eq(documents_put(&c, list, n), ERR_OK);
	documents_end(&c);
}

static struct documents documents_all(enum document_kind kind, struct str parent)
{
	struct documents d;
	ck_assert_int_eq(documents_read(sc.dir_fd, scene_arena(), kind, parent, &d), ERR_OK);
	return d;
}

START_TEST(the_last_line_of_an_id_is_current_and_the_greatest_id_comes_first)
	{
		documents_scene_open();
		struct document list[] = { documents_one(DOCUMENT_DATASET, "a", "{\"n\":1}"),
			documents_one(DOCUMENT_DATASET, "b", "{\"n\":2}"),
			documents_one(DOCUMENT_DATASET, "a", "{\"n\":3}") };
		documents_write(list, 3, SCENE_NOW);
		struct documents d = documents_all(DOCUMENT_DATASET, STR_NULL);
		ck_assert_uint_eq(d.n, 2);
		ck_assert_str_is(d.list[0].id, STR("b"));
		ck_assert_str_is(documents_by_id(&d, STR("a"))->body, STR("{\"n\":3}"));
		ck_assert_str_is(d.list[0].created_by, STR("me"));
		ck_assert_int_eq(d.list[0].created_ns, SCENE_NOW);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_deleted_document_is_gone_and_may_come_again)
	{
		documents_scene_open();
		struct document one = documents_one(DOCUMENT_DATASET, "a", "{}");
		documents_write(&one, 1, SCENE_NOW);
		one.is_deleted = true;
		documents_write(&one, 1, SCENE_NOW);
		ck_assert_uint_eq(documents_all(DOCUMENT_DATASET, STR_NULL).n, 0);
		one.is_deleted = false;
		documents_write(&one, 1, SCENE_NOW);
		ck_assert_uint_eq(documents_all(DOCUMENT_DATASET, STR_NULL).n, 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(documents_of_a_parent_are_found_without_it_and_removed_with_it)
	{
		documents_scene_open();
		struct documents_change c;
		struct document one = documents_one(DOCUMENT_DATASET_ITEM, "i", "{\"x\":1}"), found;
		bool is_found;
		one.parent = documents_parent;
		documents_write(&one, 1, SCENE_NOW);
		ck_assert_int_eq(documents_find(sc.dir_fd, scene_arena(), DOCUMENT_DATASET_ITEM,
					 STR("i"), &found, &is_found),
			ERR_OK);
		ck_assert(is_found);
		ck_assert_str_is(found.parent, documents_parent);
		ck_assert_int_eq(
			documents_begin(&c, &sc.store, STR("w"), false, scene_arena(), SCENE_NOW),
			ERR_OK);
		ck_assert_int_eq(
			documents_remove(&c, DOCUMENT_DATASET_ITEM, documents_parent), ERR_OK);
		documents_end(&c);
		ck_assert_uint_eq(documents_all(DOCUMENT_DATASET_ITEM, documents_parent).n, 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(earlier_versions_are_read_by_their_time)
	{
		documents_scene_open();
		struct documents d;
		struct document one = documents_one(DOCUMENT_DATASET, "a", "{\"n\":1}");
		documents_write(&one, 1, SCENE_NOW);
		one = documents_one(DOCUMENT_DATASET, "a", "{\"n\":2}");
		documents_write(&one, 1, SCENE_NOW + 1000);
		ck_assert_int_eq(documents_read_until(sc.dir_fd, scene_arena(), DOCUMENT_DATASET,
					 STR_NULL, SCENE_NOW, &d),
			ERR_OK);
		ck_assert_str_is(d.list[0].body, STR("{\"n\":1}"));
		scene_close(&sc);
	}
END_TEST

/* Appends bytes to the file of datasets, as somebody who died in a write. */
static void documents_cut_off(const char *bytes)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/w/documents/datasets.jsonl", sc.path);
	FILE *f = fopen(path, "a");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(bytes, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void documents_see_damage(void *user, const char *name, uint64_t n_damaged)
{
	uint64_t *n = user;
	ck_assert_str_eq(name, "datasets.jsonl");
	*n += n_damaged;
}

START_TEST(a_write_that_was_cut_off_hides_nothing_of_what_follows)
	{
		documents_scene_open();
		struct document one = documents_one(DOCUMENT_DATASET, "a", "{}");
		documents_write(&one, 1, SCENE_NOW);
		documents_cut_off("{\"id\":\"b\",\"created_");
		ck_assert_uint_eq(documents_all(DOCUMENT_DATASET, STR_NULL).n, 1);
		ck_assert_uint_eq(documents_all(DOCUMENT_DATASET, STR_NULL).n_damaged, 0);
		one = documents_one(DOCUMENT_DATASET, "c", "{}");
		documents_write(&one, 1, SCENE_NOW);
		struct documents d = documents_all(DOCUMENT_DATASET, STR_NULL);
		ck_assert_uint_eq(d.n, 2);
		ck_assert_uint_eq(d.n_damaged, 1);
		uint64_t n = 0;
		ck_assert_int_eq(
			documents_check(sc.dir_fd, scene_arena(), documents_see_damage, &n),
			ERR_OK);
		ck_assert_uint_eq(n, 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_backup_has_documents_and_attachments_and_a_restore_brings_them_back)
	{
		struct backup_options o = { .progress = { 0 } };
		struct backup_result result;
		struct documents_change c;
		struct documents d;
		struct str bytes, what;
		int root_fd, dir_fd;
		char copy[96], place[96];
		documents_scene_open();
		struct document one = documents_one(DOCUMENT_DATASET, "a", "{\"n\":1}");
		documents_write(&one, 1, SCENE_NOW);
		struct str id = attachment_id(scene_arena(), STR("span"), STR("s"), STR("../x"));
		one = documents_one(DOCUMENT_ATTACHMENT, "", "{\"entity_id\":\"s\"}");
		one.id = id;
		ck_assert_int_eq(
			documents_begin(&c, &sc.store, STR("w"), false, scene_arena(), SCENE_NOW),
			ERR_OK);
		ck_assert_int_eq(attachment_put(&c, &one, STR("bytes")), ERR_OK);
		documents_end(&c);
		(void)snprintf(copy, sizeof copy, "%s.copy", sc.path);
		(void)snprintf(place, sizeof place, "%s.place", sc.path);
		ck_assert_int_eq(backup_dir(&sc.store, str_from_c(copy), &o, &result), ERR_OK);
		/* Again, with what was removed meanwhile. */
		struct str gone = STR("s");
		ck_assert_int_eq(attachments_remove_of(
					 &sc.store, STR("w"), scene_arena(), &gone, 1, SCENE_NOW),
			ERR_OK);
		ck_assert_int_eq(
			attachment_read(sc.dir_fd, scene_arena(), id, &bytes), ERR_NOT_FOUND);
		ck_assert_int_eq(restore_dir(str_from_c(copy), str_from_c(place), scene_arena(), &o,
					 &result, &what),
			ERR_OK);
		ck_assert_int_eq(io_open_root(place, &root_fd), ERR_OK);
		ck_assert_int_eq(io_open_dir(root_fd, "w", &dir_fd), ERR_OK);
		ck_assert_int_eq(
			documents_read(dir_fd, scene_arena(), DOCUMENT_DATASET, STR_NULL, &d),
			ERR_OK);
		ck_assert_uint_eq(d.n, 1);
		ck_assert_int_eq(attachment_read(dir_fd, scene_arena(), id, &bytes), ERR_OK);
		ck_assert_str_is(bytes, STR("bytes"));
		io_drop(dir_fd);
		io_drop(root_fd);
		ck_assert_int_eq(backup_dir(&sc.store, str_from_c(copy), &o, &result), ERR_OK);
		ck_assert_uint_eq(result.n_removed, 1);
		scene_remove_tree(AT_FDCWD, copy);
		scene_remove_tree(AT_FDCWD, place);
		scene_close(&sc);
	}
END_TEST

static bool documents_erased_span(void *user, const struct span *s)
{
	const struct str *id = user;
	return str_eq(span_text(s, FIELD_SPAN_ID), *id);
}

START_TEST(erasing_a_span_erases_the_items_and_attachments_made_from_it)
	{
		struct documents_change c;
		struct seal_options o;
		struct erase_result result;
		struct str bytes, id, file;
		documents_scene_open();
		id = scene_id(1);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_must_append(&sc, 2, SCENE_NOW);
		struct document items[] = {
			documents_one(DOCUMENT_DATASET_ITEM, "a",
				"{\"span_id\":\"s0000001\",\"data\":{\"x\":1}}"),
			documents_one(DOCUMENT_DATASET_ITEM, "b", "{\"span_id\":\"s0000002\"}"),
			documents_one(DOCUMENT_DATASET_ITEM, "a", "{\"data\":{\"x\":2}}")
		};
		for (size_t i = 0; i < 3; i++)
			items[i].parent = documents_parent;
		documents_write(items, 3, SCENE_NOW);
		file = attachment_id(scene_arena(), STR("span"), id, STR("f"));
		struct document one =
			documents_one(DOCUMENT_ATTACHMENT, "", "{\"entity_id\":\"s0000001\"}");
		one.id = file;
		ck_assert_int_eq(
			documents_begin(&c, &sc.store, STR("w"), false, scene_arena(), SCENE_NOW),
			ERR_OK);
		ck_assert_int_eq(attachment_put(&c, &one, STR("bytes")), ERR_OK);
		documents_end(&c);
		seal_options_init(&o, SCENE_NOW + 3 * NS_PER_DAY);
		o.grace_ms = 0;
		struct erase_request what = { .is_wanted = documents_erased_span,
			.user = &id,
			.what = STR("s1"),
			.by = STR("test") };
		ck_assert_int_eq(erase_spans(&sc.store, STR("w"), &what, &o, &result), ERR_OK);
		ck_assert_uint_eq(result.n_erased, 1);
		struct documents d = documents_all(DOCUMENT_DATASET_ITEM, documents_parent);
		ck_assert_uint_eq(d.n, 1);
		ck_assert_str_is(d.list[0].id, STR("b"));
		ck_assert_int_eq(
			attachment_read(sc.dir_fd, scene_arena(), file, &bytes), ERR_NOT_FOUND);
		ck_assert_uint_eq(documents_all(DOCUMENT_ATTACHMENT, STR_NULL).n, 0);
		/* Two versions of the item, and two lines of the attachment. */
		ck_assert_uint_eq(result.n_notes, 4);
		scene_close(&sc);
	}
END_TEST

START_TEST(names_of_files_are_known)
	{
		ck_assert(documents_is_file(STR("datasets.jsonl")));
		ck_assert(documents_is_file(
			STR("dataset-items-019b76da-a800-7000-8000-0000000000aa.jsonl")));
		ck_assert(!documents_is_file(STR("dataset-items.jsonl")));
		ck_assert(!documents_is_file(
			STR("datasets-019b76da-a800-7000-8000-0000000000aa.jsonl")));
		ck_assert(!documents_is_file(STR("lock")));
	}
END_TEST

UNIT_MAIN("documents", the_last_line_of_an_id_is_current_and_the_greatest_id_comes_first,
	a_deleted_document_is_gone_and_may_come_again,
	documents_of_a_parent_are_found_without_it_and_removed_with_it,
	earlier_versions_are_read_by_their_time,
	a_write_that_was_cut_off_hides_nothing_of_what_follows,
	a_backup_has_documents_and_attachments_and_a_restore_brings_them_back,
	erasing_a_span_erases_the_items_and_attachments_made_from_it, names_of_files_are_known)
