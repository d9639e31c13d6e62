/*
 * The data directory: what is taken for one, names that become paths, and files that are not what
 * they seem.
 */
#include "faults.h"
#include "scene.h"

#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

static enum err open_again(void)
{
	struct store s;
	enum err e = store_open(&s, &sc.conf);
	if (!e)
		store_close(&s);
	return e;
}

static void put_format(const char *text)
{
	int fd = openat(sc.store.root_fd, "FORMAT", O_WRONLY | O_CREAT | O_TRUNC, 0640);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(a_root_is_made_when_it_is_not_there)
	{
		scene_open(&sc);
		struct str path = sc.conf.root;
		sc.conf.root = arena_printf(scene_arena(), "%s/new/", sc.path);
		ck_assert_int_eq(open_again(), ERR_OK);
		ck_assert_int_eq(open_again(), ERR_OK);
		struct stat st;
		ck_assert_int_eq(fstatat(sc.store.root_fd, "new/FORMAT", &st, 0), 0);
		ck_assert_int_eq(fstatat(sc.store.root_fd, "new", &st, 0), 0);
		ck_assert_int_eq(st.st_mode & 07777, 0750);
		sc.conf.root = arena_printf(scene_arena(), "%s/missing/new", sc.path);
		ck_assert_int_eq(open_again(), ERR_CONF);
		sc.conf.root = STR("");
		ck_assert_int_eq(open_again(), ERR_CONF);
		sc.conf.root = path;
		scene_close(&sc);
	}
END_TEST

START_TEST(a_directory_of_something_else_is_no_root)
	{
		scene_open(&sc);
		ck_assert_int_eq(unlinkat(sc.store.root_fd, "FORMAT", 0), 0);
		ck_assert_int_eq(mkdirat(sc.store.root_fd, "lost+found", 0700), 0);
		ck_assert_int_eq(open_again(), ERR_OK);
		ck_assert_int_eq(unlinkat(sc.store.root_fd, "FORMAT", 0), 0);
		ck_assert_int_eq(mkdirat(sc.store.root_fd, "photos", 0700), 0);
		ck_assert_int_eq(open_again(), ERR_CONF);
		scene_close(&sc);
	}
END_TEST

/* A process of another container, with our number: it takes our half-made file for a leftover. */
static void be_the_other(void *user)
{
	char name[40];
	(void)user;
	(void)snprintf(name, sizeof name, ".FORMAT.%ld.tmp", (long)getpid());
	ck_assert_int_eq(unlinkat(sc.store.root_fd, name, 0), 0);
	put_format("flatspan 1\n");
}

START_TEST(of_two_who_make_a_root_with_one_number_both_serve_it)
	{
		scene_open(&sc);
		ck_assert_int_eq(unlinkat(sc.store.root_fd, "FORMAT", 0), 0);
		faults_use();
		faults.hook_at = "renameat FORMAT";
		faults.hook = be_the_other;
		ck_assert_int_eq(open_again(), ERR_OK);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_format_of_the_future_is_not_guessed_at)
	{
		scene_open(&sc);
		static const struct {
			const char *text;
			enum err open, append;
		} formats[] = {
			{ "flatspan 1\n", ERR_OK, ERR_OK },
			{ "flatspan 1\nnotes -\n", ERR_OK, ERR_OK },
			{ "flatspan 1\nnotes -\npacked w\n", ERR_OK, ERR_CONF },
			{ "flatspan 1\npacked rw\n", ERR_CONF, ERR_CONF },
			{ "flatspan 1\npacked r\n", ERR_CONF, ERR_CONF },
			{ "flatspan 1\npacked\n", ERR_CONF, ERR_CONF },
			{ "flatspan 2\n", ERR_CONF, ERR_CONF },
			{ "flatspan 10\n", ERR_CONF, ERR_CONF },
			{ "flatspan 1", ERR_CONF, ERR_CONF },
			{ "", ERR_CONF, ERR_CONF },
		};
		for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
			struct store s;
			struct span span = scene_span(1, SCENE_NOW, 5);
			put_format(formats[i].text);
			ck_assert_msg(open_again() == formats[i].open, "%s", formats[i].text);
			if (formats[i].open)
				continue;
			ck_assert_int_eq(store_open(&s, &sc.conf), ERR_OK);
			ck_assert_int_eq(store_append(&s, STR("w"), true, scene_arena(), &span, 1,
						 SCENE_NOW),
				formats[i].append);
			store_close(&s);
		}
		scene_close(&sc);
	}
END_TEST

START_TEST(a_root_others_may_write_to_is_unsafe)
	{
		scene_open(&sc);
		ck_assert_int_eq(fchmod(sc.store.root_fd, 0757), 0);
		ck_assert_int_eq(open_again(), ERR_UNSAFE);
		ck_assert_int_eq(fchmod(sc.store.root_fd, 0770), 0);
		ck_assert_int_eq(open_again(), ERR_OK);
		scene_close(&sc);
	}
END_TEST

START_TEST(hostile_workspace_names_are_refused)
	{
		scene_open(&sc);
		static const char *const bad[] = { "", ".", "..", "../w", "a/b", "/etc", "-a", ".a",
			"_a", "a b", "a\n", "a%2fb", "\xc3\xa4", "a:b", "a\\b", "keys", "FORMAT",
			"MANIFEST",
			"a12345678901234567890123456789012345678901234567890123456789012345" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct span s = scene_span(1, SCENE_NOW, 5);
			int fd;
			ck_assert_msg(!workspace_name_valid(str_from_c(bad[i])), "%s", bad[i]);
			ck_assert_int_eq(workspace_open(&sc.store, str_from_c(bad[i]), true, &fd),
				ERR_INVALID);
			ck_assert_int_eq(store_append(&sc.store, str_from_c(bad[i]), true,
						 scene_arena(), &s, 1, SCENE_NOW),
				ERR_INVALID);
		}
		ck_assert(!workspace_name_valid(str_of("a\0b", 3)));
		ck_assert(!workspace_name_valid(STR_NULL));
		ck_assert(workspace_name_valid(STR("a")));
		ck_assert(workspace_name_valid(STR("0..A-b_c")));
		ck_assert(workspace_name_valid(
			STR("a123456789012345678901234567890123456789012345678901234567890123")));
		struct str *names;
		size_t n;
		ck_assert_int_eq(workspace_list(&sc.store, scene_arena(), &names, &n), ERR_OK);
		ck_assert_uint_eq(n, 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(workspaces_are_listed_in_order_and_nothing_else_is)
	{
		scene_open(&sc);
		int root = sc.store.root_fd;
		static const char *const made[] = { "zeta", "alpha", "Beta", "b.2" };
		for (int i = 0; i < 4; i++)
			ck_assert_int_eq(mkdirat(root, made[i], 0750), 0);
		ck_assert_int_eq(mkdirat(root, ".hidden", 0750), 0);
		ck_assert_int_eq(symlinkat("alpha", root, "link"), 0);
		close(openat(root, "file", O_WRONLY | O_CREAT, 0600));
		struct str *names;
		size_t n;
		ck_assert_int_eq(workspace_list(&sc.store, scene_arena(), &names, &n), ERR_OK);
		ck_assert_uint_eq(n, 4);
		ck_assert_str_is(names[0], STR("Beta"));
		ck_assert_str_is(names[1], STR("alpha"));
		ck_assert_str_is(names[2], STR("b.2"));
		ck_assert_str_is(names[3], STR("zeta"));
		scene_close(&sc);
	}
END_TEST

START_TEST(file_names_are_read_back)
	{
		static const enum store_file kinds[] = { STORE_FILE_SHARD, STORE_FILE_LOCK,
			STORE_FILE_INDEX, STORE_FILE_SUSPECT, STORE_FILE_NOTES, STORE_FILE_SEALED };
		static const int32_t days[] = { 0, -1, SCENE_DAY, 106750, -106750 };
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
			for (size_t d = 0; d < sizeof days / sizeof days[0]; d++)
				for (int part = 0; part < 1000000; part = part * 9 + 1) {
					char name[STORE_NAME_MAX], again[STORE_NAME_MAX];
					enum store_file kind;
					int32_t day;
					int got;
					store_file_name(kinds[k], days[d], part, name);
					ck_assert_msg(store_parse_name(
							      str_from_c(name), &kind, &day, &got),
						"%s", name);
					ck_assert_int_eq(kind, kinds[k]);
					ck_assert_int_eq(day, days[d]);
					store_file_name(kind, day, got, again);
					ck_assert_str_eq(name, again);
				}
		static const char *const bad[] = { "2026-11-20", "2026-11-20.", "2026-11-20jsonl",
			"2026-11-20.jsonl.gz", "2026-11-31.jsonl", "2026-11-20.01.jsonl",
			"2026-11-20.0.jsonl", "2026-11-20.1.lock", "2026-11-20..jsonl",
			"2026-11-20.1234567.jsonl", "2026-11-20.-1.jsonl", "2026-11-20.1jsonl",
			"2026-11-20.1.2.jsonl", ".2026-11-20.jsonl.12.tmp", "x2026-11-20.jsonl",
			"2026-11-20.jsonl~", "workspace.json", "", "2026-11-20.1." };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			enum store_file kind;
			int32_t day;
			int part;
			ck_assert_msg(!store_parse_name(str_from_c(bad[i]), &kind, &day, &part),
				"%s", bad[i]);
		}
	}
END_TEST

/* What is in the place of the shard, and what becomes of it. */
START_TEST(files_that_are_not_ours_are_neither_written_nor_read)
	{
		static const char *const places[] = { "2026-11-20.jsonl", "2026-11-20.lock" };
		for (int place = 0; place < 2; place++)
			for (int what = 0; what < 5; what++) {
				const char *name = places[place];
				scene_open(&sc);
				scene_workspace(&sc);
				scene_put(&sc, "victim", STR("victim\n"));
				if (what == 0)
					ck_assert_int_eq(symlinkat("victim", sc.dir_fd, name), 0);
				else if (what == 1)
					ck_assert_int_eq(
						linkat(sc.dir_fd, "victim", sc.dir_fd, name, 0), 0);
				else if (what == 2)
					ck_assert_int_eq(mkfifoat(sc.dir_fd, name, 0600), 0);
				else if (what == 3)
					ck_assert_int_eq(mkdirat(sc.dir_fd, name, 0700), 0);
				else
					ck_assert_int_eq(symlinkat("/nowhere", sc.dir_fd, name), 0);
				int fds = scene_open_fds();
				ck_assert_int_eq(scene_append(&sc, 1, SCENE_NOW), ERR_UNSAFE);
				ck_assert_int_eq(scene_open_fds(), fds);
				ck_assert_str_is(scene_file(&sc, "victim"), STR("victim\n"));
				if (place == 0) {
					struct view v;
					ck_assert_int_eq(
						view_open(&sc.store, STR("w"), scene_arena(), &v),
						ERR_OK);
					ck_assert_int_eq(shard_open(&v, 0), ERR_UNSAFE);
					view_close(&v);
				}
				scene_close(&sc);
			}
	}
END_TEST

START_TEST(a_workspace_that_is_a_link_or_a_file_is_unsafe)
	{
		scene_open(&sc);
		int root = sc.store.root_fd;
		ck_assert_int_eq(mkdirat(root, "real", 0750), 0);
		ck_assert_int_eq(symlinkat("real", root, "w"), 0);
		ck_assert_int_eq(scene_append(&sc, 1, SCENE_NOW), ERR_UNSAFE);
		ck_assert_int_eq(unlinkat(root, "w", 0), 0);
		ck_assert_int_eq(symlinkat("/tmp", root, "w"), 0);
		ck_assert_int_eq(scene_append(&sc, 1, SCENE_NOW), ERR_UNSAFE);
		ck_assert_int_eq(unlinkat(root, "w", 0), 0);
		close(openat(root, "w", O_WRONLY | O_CREAT, 0600));
		ck_assert_int_eq(scene_append(&sc, 1, SCENE_NOW), ERR_UNSAFE);
		ck_assert_int_eq(unlinkat(root, "w", 0), 0);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("root", a_root_is_made_when_it_is_not_there, a_directory_of_something_else_is_no_root,
	of_two_who_make_a_root_with_one_number_both_serve_it,
	a_format_of_the_future_is_not_guessed_at, a_root_others_may_write_to_is_unsafe,
	hostile_workspace_names_are_refused, workspaces_are_listed_in_order_and_nothing_else_is,
	file_names_are_read_back, files_that_are_not_ours_are_neither_written_nor_read,
	a_workspace_that_is_a_link_or_a_file_is_unsafe)
