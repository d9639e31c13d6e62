/*
 * export --hive dies, fails, or loses power at any of its system calls.  Whoever reads beside it
 * sees files that are whole, of before or of now, and the next run leaves what it would have left
 * at once.  FLATSPAN_TORTURE tries every call.
 */
#include "cli.h"
#include "faults.h"
#include "scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum { DAYS = 4, FORMS = 2, CONTENT_BYTES = 8 << 10 };

#define HOUR_NS (3600 * NS_PER_S)

static const char *const forms[FORMS] = { "part-0.jsonl", "part-0.jsonl.gz" };

/* A day's file, unpacked; "": there is none. */
struct tree {
	char content[DAYS][FORMS][CONTENT_BYTES];
	int n_other; /* files and directories that should not stay */
};

static struct scene sc;
static char hive[80];
static struct tree old, new; /* plain before, packed after */

/* ---- The export ---- */

static int export_days(bool is_gzip)
{
	const char *const words[] = { "flatspan", "--root", sc.path, "-w", "w", "export", "--hive",
		"--dir", hive, "--gzip" };
	enum { WORDS = sizeof words / sizeof words[0] };
	char *arguments[WORDS + 1] = { NULL };
	for (int i = 0; i < WORDS; i++)
		arguments[i] = arena_copy_c(scene_arena(), str_from_c(words[i]));
	int said = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
	ck_assert_int_ge(said, 0);
	ck_assert_int_ge(nowhere, 0);
	dup2(nowhere, STDERR_FILENO);
	int code = cli_main(is_gzip ? WORDS : WORDS - 1, arguments);
	dup2(said, STDERR_FILENO);
	close(said);
	close(nowhere);
	return code;
}

static void put(unsigned n, int day, bool is_deleted)
{
	int64_t now_ns = SCENE_NOW + (int64_t)n * NS_PER_S;
	struct span s = scene_span(n, SCENE_NOW + day * NS_PER_DAY, 20);
	span_set_i64(&s, FIELD_INGESTED_AT, now_ns);
	if (is_deleted) {
		span_set_i64(&s, FIELD_UPDATED_AT, now_ns + HOUR_NS);
		s.is_deleted = true;
		now_ns += HOUR_NS;
	}
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, now_ns), ERR_OK);
}

/* Exported once, and changed since: the second day has one more, the third none, the fourth is
 * new. */
static void begin(void)
{
	scene_open(&sc);
	(void)snprintf(hive, sizeof hive, "%s-hive", sc.path);
	for (unsigned n = 1; n <= 6; n++)
		put(n, n % 3, false);
	ck_assert_int_eq(export_days(false), CLI_OK);
	put(2, 2, true);
	put(5, 2, true);
	put(7, 1, false);
	put(8, 3, false);
}

static void end(void)
{
	scene_remove_tree(AT_FDCWD, hive);
	scene_close(&sc);
}

/* ---- What is there ---- */

static void read_packed(const char *path, char *ret)
{
	gzFile f = gzopen(path, "rb"); /* which also reads what is not packed */
	ck_assert_ptr_nonnull(f);
	int n = gzread(f, ret, CONTENT_BYTES - 1);
	ck_assert_msg(n > 0 && gzclose(f) == Z_OK, "%s is not whole", path);
	ret[n] = '\0';
}

static int day_of(const char *name)
{
	int32_t day;
	struct str s = str_from_c(name);
	return str_starts(s, STR("date=")) && utime_parse_day(str_skip(s, 5), &day)
		       ? day - SCENE_DAY
		       : -1;
}

static void read_day(struct tree *t, const char *path, int day)
{
	DIR *d = opendir(path);
	int n = 0;
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		char file[800];
		if (e->d_name[0] == '.' && (e->d_name[1] == '\0' || e->d_name[1] == '.'))
			continue;
		(void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		n++;
		if (strcmp(e->d_name, forms[0]) == 0)
			read_packed(file, t->content[day][0]);
		else if (strcmp(e->d_name, forms[1]) == 0)
			read_packed(file, t->content[day][1]);
		else if (strcmp(e->d_name, ".part-0.tmp") == 0)
			t->n_other++;
		else
			ck_abort_msg("%s is there", file);
	}
	t->n_other += n == 0;
	closedir(d);
}

static void read_tree(struct tree *ret)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/workspace=w", hive);
	memset(ret, 0, sizeof *ret);
	DIR *d = opendir(path);
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		char day[400];
		(void)snprintf(day, sizeof day, "%s/%s", path, e->d_name);
		int n = day_of(e->d_name);
		if (n >= 0 && n < DAYS)
			read_day(ret, day, n);
		else if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
			 strcmp(e->d_name, ".export.lock") != 0)
			ck_abort_msg("%s is there", day);
	}
	closedir(d);
}

/* Each file is that of before or that of now, and no day that both have is missing. */
static void must_be_whole(const char *when)
{
	struct tree t;
	read_tree(&t);
	for (int day = 0; day < DAYS; day++) {
		const char *plain = t.content[day][0], *packed = t.content[day][1];
		ck_assert_msg(!*plain || strcmp(plain, old.content[day][0]) == 0,
			"%s: day %d is not what it was", when, day);
		ck_assert_msg(!*packed || strcmp(packed, new.content[day][1]) == 0,
			"%s: day %d is not what it is", when, day);
		ck_assert_msg(*plain || *packed || !*old.content[day][0] || !*new.content[day][1],
			"%s: day %d is missing", when, day);
	}
}

static void must_be_new(const char *when)
{
	struct tree t;
	read_tree(&t);
	for (int day = 0; day < DAYS; day++)
		for (int form = 0; form < FORMS; form++)
			ck_assert_msg(strcmp(t.content[day][form], new.content[day][form]) == 0,
				"%s: day %d, form %d: %s", when, day, form, t.content[day][form]);
	ck_assert_msg(t.n_other == 0, "%s: %d things were left", when, t.n_other);
}

/* ---- Trouble ---- */

enum trouble { ONCE, FOR_EVER, DEATH, POWER, TROUBLES };

/* False: it ended before that call. */
static bool export_with(enum trouble what, int at)
{
	int status = 0;
	if (what == DEATH) {
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			faults_use();
			faults.die_at = at;
			_exit(export_days(true));
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		if (WEXITSTATUS(status) == FAULT_DEATH)
			return true;
		ck_assert_int_eq(WEXITSTATUS(status), CLI_OK);
		return false;
	}
	faults_use();
	faults.fail_at = at;
	faults.fail_for_ever = what != ONCE;
	int code = export_days(true);
	bool was_reached = faults.n > at;
	if (what == POWER)
		disk_power_cut((unsigned)at);
	faults_end();
	/* Some calls may fail, as those on the index, and all is well nevertheless. */
	if (code == CLI_OK)
		must_be_new("said to be done");
	else
		ck_assert(code == CLI_OK || code == CLI_IO || code == CLI_FAILED);
	return was_reached;
}

static void try_every_call(enum trouble what)
{
	int step = getenv("FLATSPAN_TORTURE") ? 1 : unit_few(37, 17);
	for (int at = (int)what;; at += step) {
		char when[80];
		(void)snprintf(when, sizeof when, "trouble %d at call %d", (int)what, at);
		begin();
		int fds = scene_open_fds();
		bool was_reached = export_with(what, at);
		ck_assert_int_eq(scene_open_fds(), fds);
		must_be_whole(when);
		ck_assert_int_eq(export_days(true), CLI_OK);
		must_be_new(when);
		end();
		if (!was_reached) {
			ck_assert_int_gt(at, 50);
			break;
		}
	}
}

static void learn(void)
{
	begin();
	read_tree(&old);
	ck_assert_int_eq(export_days(true), CLI_OK);
	read_tree(&new);
	end();
	for (int day = 0; day < DAYS; day++) {
		ck_assert_int_eq(old.content[day][0][0] != '\0', day < 3);
		ck_assert_int_eq(new.content[day][1][0] != '\0', day != 2);
		ck_assert_int_eq(new.content[day][0][0], '\0');
	}
	ck_assert_str_ne(old.content[1][0], new.content[1][1]);
}

START_TEST(an_export_that_died_or_failed_is_whole_and_finished_by_the_next_one)
	{
		learn();
		for (enum trouble what = ONCE; what < POWER; what++)
			try_every_call(what);
	}
END_TEST

START_TEST(a_power_cut_while_exporting_leaves_whole_files)
	{
		learn();
		try_every_call(POWER);
	}
END_TEST

UNIT_MAIN("hive", an_export_that_died_or_failed_is_whole_and_finished_by_the_next_one,
	a_power_cut_while_exporting_leaves_whole_files)
