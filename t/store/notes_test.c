/*
 * Notes: what is written is found again by what it is about, in its newest version.
 */
#include "scene.h"

#include "store/notes.h"

static struct scene sc;

enum { ALL_KINDS = (1 << NOTE_KIND__MAX) - 1 };

static struct note score(struct str id, struct str span_id, struct str name, struct str value)
{
	struct note n;
	note_init(&n, NOTE_SCORE, NOTE_ABOUT_SPAN);
	n.text[NOTE_FIELD_ID] = id;
	n.text[NOTE_FIELD_SPAN_ID] = span_id;
	n.text[NOTE_FIELD_NAME] = name;
	n.text[NOTE_FIELD_VALUE] = value;
	return n;
}

static void must_append(struct note *notes, size_t n, int64_t now_ns)
{
	ck_assert_int_eq(
		notes_append(&sc.store, STR("w"), true, scene_arena(), notes, n, now_ns), ERR_OK);
}

/* One score of span s1, written at that time. */
static void must_score(struct str id, struct str value, int64_t now_ns)
{
	struct note n = score(id, STR("s1"), STR("quality"), value);
	must_append(&n, 1, now_ns);
}

static struct view view;

static struct notes open_notes(unsigned kinds)
{
	struct notes n;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &view), ERR_OK);
	ck_assert_int_eq(notes_open(&view, kinds, &n), ERR_OK);
	return n;
}

static void close_notes(struct notes *n)
{
	notes_close(n);
	view_close(&view);
}

static struct note fetch(struct notes *n, const struct note_row *row)
{
	struct note note;
	ck_assert_int_eq(notes_fetch(n, row, &note), ERR_OK);
	return note;
}

/* The only note about s1. */
static struct note the_note(struct notes *n)
{
	const struct note_row *row = notes_first(n, NOTE_ABOUT_SPAN, STR("s1"));
	ck_assert_ptr_nonnull(row);
	ck_assert_ptr_null(notes_next(n, row));
	return fetch(n, row);
}

START_TEST(a_note_is_read_back_with_all_its_fields)
	{
		scene_open(&sc);
		struct note n;
		note_init(&n, NOTE_ASSESSMENT, NOTE_ABOUT_SESSION);
		static const char *const texts[NOTE_FIELD__MAX] = { "a", "b", "c", "d", "e", "f",
			"g", "{\"x\":1.50}", "h", "i\\n\xc3\xa9", "j", "k", "l", "{\"y\":[]}" };
		for (unsigned f = 0; f < NOTE_FIELD__MAX; f++)
			n.text[f] = str_from_c(texts[f]);
		must_append(&n, 1, SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, 1);
		struct note got = fetch(&notes, notes_first(&notes, NOTE_ABOUT_SESSION, STR("d")));
		ck_assert_int_eq(got.kind, NOTE_ASSESSMENT);
		ck_assert_int_eq(got.about, NOTE_ABOUT_SESSION);
		for (unsigned f = 0; f < NOTE_FIELD__MAX; f++)
			ck_assert_str_is(got.text[f], str_from_c(texts[f]));
		ck_assert_int_eq(got.created_ns, SCENE_NOW);
		ck_assert_int_eq(got.updated_ns, SCENE_NOW);
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(notes_about_one_thing_come_in_the_order_of_creation)
	{
		scene_open(&sc);
		struct note all[] = { score(STR("2"), STR("s1"), STR("b"), STR("2")),
			score(STR("1"), STR("s1"), STR("a"), STR("1")),
			score(STR("3"), STR("s2"), STR("c"), STR("3")),
			score(STR("4"), STR("s1"), STR("d"), STR("4")) };
		all[0].created_ns = SCENE_NOW - 1;
		all[3].created_ns = SCENE_NOW - 2;
		must_append(all, 4, SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		struct str want[] = { STR("4"), STR("2"), STR("1") };
		const struct note_row *row = notes_first(&notes, NOTE_ABOUT_SPAN, STR("s1"));
		for (unsigned i = 0; i < 3; i++, row = notes_next(&notes, row)) {
			ck_assert_ptr_nonnull(row);
			ck_assert_str_is(fetch(&notes, row).text[NOTE_FIELD_ID], want[i]);
		}
		ck_assert_ptr_null(row);
		ck_assert_ptr_null(notes_first(&notes, NOTE_ABOUT_SPAN, STR("s3")));
		ck_assert_ptr_null(notes_first(&notes, NOTE_ABOUT_TRACE, STR("s1")));
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_newest_version_is_current_and_keeps_when_it_was_created)
	{
		scene_open(&sc);
		must_score(STR("1"), STR("1"), SCENE_NOW - NS_PER_DAY);
		must_score(STR("1"), STR("2"), SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		struct note got = the_note(&notes);
		ck_assert_str_is(got.text[NOTE_FIELD_VALUE], STR("2"));
		ck_assert_int_eq(got.created_ns, SCENE_NOW - NS_PER_DAY);
		ck_assert_int_eq(got.updated_ns, SCENE_NOW);
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(an_older_version_that_comes_late_is_not_current)
	{
		scene_open(&sc);
		must_score(STR("1"), STR("1"), SCENE_NOW);
		struct note n = score(STR("1"), STR("s1"), STR("quality"), STR("2"));
		n.updated_ns = SCENE_NOW - 1;
		must_append(&n, 1, SCENE_NOW + 1);
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_str_is(the_note(&notes).text[NOTE_FIELD_VALUE], STR("1"));
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_deleted_note_is_gone_and_may_come_again)
	{
		scene_open(&sc);
		must_score(STR("1"), STR("1"), SCENE_NOW);
		struct note n = score(STR("1"), STR("s1"), STR_NULL, STR_NULL);
		n.is_deleted = true;
		must_append(&n, 1, SCENE_NOW + 1);
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, 0);
		ck_assert_ptr_null(notes_first(&notes, NOTE_ABOUT_SPAN, STR("s1")));
		close_notes(&notes);
		must_score(STR("1"), STR("3"), SCENE_NOW + 2);
		notes = open_notes(ALL_KINDS);
		ck_assert_int_eq(the_note(&notes).created_ns, SCENE_NOW + 2);
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(one_id_may_be_used_by_two_kinds)
	{
		scene_open(&sc);
		struct note both[] = { score(STR("1"), STR("s1"), STR("a"), STR("1")),
			score(STR("1"), STR("s1"), STR("a"), STR("2")) };
		both[1].kind = NOTE_ANNOTATION;
		must_append(both, 2, SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		struct note got;
		bool found;
		ck_assert_uint_eq(notes.n, 2);
		ck_assert_int_eq(
			notes_get(&notes, NOTE_ANNOTATION, STR("1"), &got, &found), ERR_OK);
		ck_assert(found);
		ck_assert_str_is(got.text[NOTE_FIELD_VALUE], STR("2"));
		ck_assert_int_eq(notes_get(&notes, NOTE_COMMENT, STR("1"), &got, &found), ERR_OK);
		ck_assert(!found);
		close_notes(&notes);
		notes = open_notes(1 << NOTE_SCORE);
		ck_assert_str_is(the_note(&notes).text[NOTE_FIELD_VALUE], STR("1"));
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_row_knows_number_and_name)
	{
		static const struct {
			const char *value;
			bool has_value;
			int64_t units;
		} cases[] = {
			{ "1", true, 1000000000 },
			{ "-0.5", true, -500000000 },
			{ "999999999.999999999", true, 999999999999999999 },
			{ "1e-9", true, 1 },
			{ "0.0000000004", true, 0 },
			{ "\"1\"", false, 0 },
			{ "true", false, 0 },
			{ "[1]", false, 0 },
		};
		for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			scene_open(&sc);
			struct note n = score(
				STR("1"), STR("s1"), STR("My Score"), str_from_c(cases[i].value));
			must_append(&n, 1, SCENE_NOW);
			struct notes notes = open_notes(ALL_KINDS);
			const struct note_row *row = &notes.rows[0];
			ck_assert_int_eq(row->has_value, cases[i].has_value);
			ck_assert_int_eq(row->value, cases[i].units);
			ck_assert_uint_eq(row->name, note_name_hash(STR("My Score")));
			ck_assert_uint_eq(
				row->folded, note_folded_hash(scene_arena(), STR("my sCORE")));
			close_notes(&notes);
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(many_notes_are_each_found)
	{
		enum { MANY = 2000 };
		static struct note all[MANY];
		scene_open(&sc);
		for (unsigned i = 0; i < MANY; i++)
			all[i] = score(arena_printf(scene_arena(), "n%u", i), scene_id(i / 2),
				STR("a"), arena_printf(scene_arena(), "%u", i));
		must_append(all, MANY, SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, MANY);
		for (unsigned i = 0; i < MANY; i += 2) {
			const struct note_row *row =
				notes_first(&notes, NOTE_ABOUT_SPAN, scene_id(i / 2));
			ck_assert_ptr_nonnull(row);
			ck_assert_int_eq(row->value, i * INT64_C(1000000000));
			row = notes_next(&notes, row);
			ck_assert_int_eq(row->value, (i + 1) * INT64_C(1000000000));
			ck_assert_ptr_null(notes_next(&notes, row));
		}
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_damaged_note_is_counted_and_skipped)
	{
		scene_open(&sc);
		must_score(STR("1"), STR("1"), SCENE_NOW);
		struct str good = scene_file(&sc, "2026-11-20.notes.jsonl");
		scene_put(&sc, "2026-11-20.notes.jsonl",
			arena_printf(scene_arena(), "%.*s{\"kind\":\"score\",\"id", STR_ARG(good)));
		must_score(STR("2"), STR("2"), SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, 2);
		ck_assert_uint_eq(view.n_torn, 1);
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_full_file_of_notes_is_followed_by_another)
	{
		scene_open(&sc);
		sc.store.shard_bytes = 1;
		must_score(STR("1"), STR("1"), SCENE_NOW);
		must_score(STR("2"), STR("2"), SCENE_NOW);
		ck_assert(scene_has(&sc, "2026-11-20.notes.jsonl"));
		ck_assert(scene_has(&sc, "2026-11-20.1.notes.jsonl"));
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, 2);
		close_notes(&notes);
		scene_close(&sc);
	}
END_TEST

START_TEST(notes_and_spans_are_written_by_one_transaction)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		must_score(STR("1"), STR("1"), SCENE_NOW);
		struct append t;
		ck_assert_int_eq(
			append_begin(&t, &sc.store, STR("w"), false, scene_arena(), SCENE_NOW),
			ERR_OK);
		struct notes notes;
		ck_assert_int_eq(notes_of_append(&t, ALL_KINDS, &notes), ERR_OK);
		ck_assert_uint_eq(notes.n, 1);
		struct note gone = fetch(&notes, &notes.rows[0]);
		notes_close(&notes);
		gone.is_deleted = true;
		ck_assert_int_eq(notes_add(&t, &gone), ERR_OK);
		struct span s = scene_span(1, SCENE_NOW, 0);
		s.is_deleted = true;
		append_add(&t, &s);
		ck_assert_int_eq(append_commit(&t), ERR_OK);
		notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, 0);
		close_notes(&notes);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		ck_assert(lines.spans[1].is_deleted);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_note_that_is_too_long_is_refused_and_nothing_is_written)
	{
		scene_open(&sc);
		sc.store.line_bytes = 300;
		struct note n[] = { score(STR("1"), STR("s1"), STR("a"), STR("1")),
			score(STR("2"), STR("s1"), STR("a"), STR("1")) };
		n[1].text[NOTE_FIELD_REASON] = arena_printf(scene_arena(), "%0300d", 0);
		ck_assert_int_eq(
			notes_append(&sc.store, STR("w"), true, scene_arena(), n, 2, SCENE_NOW),
			ERR_TOO_LARGE);
		ck_assert(!scene_has(&sc, "2026-11-20.notes.jsonl"));
		scene_close(&sc);
	}
END_TEST

START_TEST(spans_are_not_notes_and_notes_no_spans)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		must_score(STR("1"), STR("1"), SCENE_NOW);
		struct notes notes = open_notes(ALL_KINDS);
		ck_assert_uint_eq(notes.n, 1);
		ck_assert_uint_eq(view.n_shards, 1);
		close_notes(&notes);
		ck_assert_uint_eq(scene_read(&sc).n, 1);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("notes", a_note_is_read_back_with_all_its_fields,
	notes_about_one_thing_come_in_the_order_of_creation,
	the_newest_version_is_current_and_keeps_when_it_was_created,
	an_older_version_that_comes_late_is_not_current, a_deleted_note_is_gone_and_may_come_again,
	one_id_may_be_used_by_two_kinds, a_row_knows_number_and_name, many_notes_are_each_found,
	a_damaged_note_is_counted_and_skipped, a_full_file_of_notes_is_followed_by_another,
	notes_and_spans_are_written_by_one_transaction,
	a_note_that_is_too_long_is_refused_and_nothing_is_written,
	spans_are_not_notes_and_notes_no_spans)
