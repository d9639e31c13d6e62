/*
 * What is done to past days besides sealing: pruning, backup and restoring, compacting, erasing.
 */
#include "days_scene.h"

#include "base/io.h"
#include "faults.h"
#include "index/flush.h"
#include "shard/days.h"
#include "store/notes.h"
#include "upkeep/backup.h"
#include "upkeep/compact.h"
#include "upkeep/prune.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

#define W STR("w")
#define END_NS (SCENE_NOW + 3 * NS_PER_DAY)

static bool is_thorough(void)
{
	return getenv("FLATSPAN_TORTURE") != NULL;
}

/* Returns how many calls there are from one that fails to the next. */
static int stride(int usual)
{
	return is_thorough() ? 1 : usual * unit_few(3, 1);
}

static struct seal_options options(void)
{
	struct seal_options o;
	seal_options_init(&o, END_NS);
	o.grace_ms = 0;
	o.level = 1;
	o.lock_ms = 100;
	return o;
}

/* ---- Settings ---- */

static struct str some_pins[] = { { "t1", 2 }, { "caf\\\"e", 6 } };

static bool keep_some(void *user, struct settings *s)
{
	(void)user;
	s->keep_days = 0;
	s->keep_bytes = 77;
	s->pinned = some_pins;
	s->n_pinned = 2;
	return true;
}

START_TEST(settings_keep_what_they_do_not_know)
	{
		struct settings s;
		scene_open(&sc);
		scene_workspace(&sc);
		ck_assert_int_eq(settings_read(&sc.store, W, scene_arena(), &s), ERR_OK);
		ck_assert_int_eq(s.keep_days, 0);
		scene_put(&sc, "workspace.json", STR("{ \"color\": [1, 2], \"keep_days\": 9 }"));
		ck_assert_int_eq(settings_read(&sc.store, W, scene_arena(), &s), ERR_OK);
		ck_assert_int_eq(s.keep_days, 9);
		ck_assert_int_eq(
			settings_change(&sc.store, W, scene_arena(), keep_some, NULL), ERR_OK);
		ck_assert_str_is(scene_file(&sc, "workspace.json"),
			STR("{\"keep_bytes\":77,\"pinned_traces\":[\"t1\",\"caf\\\"e\"],\"color\":[1,2]}\n"));
		ck_assert_int_eq(settings_read(&sc.store, W, scene_arena(), &s), ERR_OK);
		ck_assert_int_eq(s.keep_bytes, 77);
		ck_assert(settings_is_pinned(&s, STR("t1")));
		ck_assert(settings_is_pinned(&s, some_pins[1]));
		ck_assert(!settings_is_pinned(&s, STR("t2")));
		static const char *const bad[] = { "", "[]", "{\"keep_days\":-1}",
			"{\"keep_bytes\":\"1G\"}", "{\"pinned_traces\":[1]}", "{",
			"{\"mask_keys\":[]}", "{\"mask_regex\":\"(\"}", "{\"content\":\"some\"}" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			scene_put(&sc, "workspace.json", str_from_c(bad[i]));
			ck_assert_int_eq(settings_read(&sc.store, W, scene_arena(), &s), ERR_CONF);
		}
		scene_close(&sc);
	}
END_TEST

static bool pin(void *user, struct settings *s)
{
	struct str *pins = arena_calloc(scene_arena(), s->n_pinned + 1, sizeof *pins);
	if (s->n_pinned)
		memcpy(pins, s->pinned, s->n_pinned * sizeof *pins);
	pins[s->n_pinned++] = str_from_c(user);
	s->pinned = pins;
	return true;
}

static enum err pin_one(const char *id)
{
	return settings_change(&sc.store, W, scene_arena(), pin, (void *)(uintptr_t)id);
}

/* Another process that pins something while the first has read what there was. */
static bool pin_while_another_does(void *user, struct settings *s)
{
	int status;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit((int)pin_one("t2"));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), ERR_BUSY);
	return pin(user, s);
}

static bool change_nothing(void *user, struct settings *s)
{
	*(bool *)user = true;
	s->keep_days = 1;
	return false;
}

START_TEST(of_two_who_pin_a_trace_at_once_one_waits_for_the_other)
	{
		struct settings s;
		bool was_asked = false;
		scene_open(&sc);
		scene_workspace(&sc);
		sc.conf.lock_ms = 0;
		ck_assert_int_eq(settings_change(&sc.store, W, scene_arena(),
					 pin_while_another_does, (void *)(uintptr_t) "t1"),
			ERR_OK);
		ck_assert_int_eq(pin_one("t2"), ERR_OK);
		ck_assert_int_eq(
			settings_change(&sc.store, W, scene_arena(), change_nothing, &was_asked),
			ERR_OK);
		ck_assert(was_asked);
		ck_assert_int_eq(settings_read(&sc.store, W, scene_arena(), &s), ERR_OK);
		ck_assert_int_eq(s.keep_days, 0);
		ck_assert(settings_is_pinned(&s, STR("t1")) && settings_is_pinned(&s, STR("t2")));
		scene_close(&sc);
	}
END_TEST

/* ---- Notes ---- */

/* What is said about spans that go says that it is secret. */
static void note_about(enum note_about about, struct str target, struct str trace_id,
	const char *reason, int64_t now_ns)
{
	struct note n;
	note_init(&n, NOTE_COMMENT, about);
	n.text[NOTE_FIELD_ID] = arena_printf(scene_arena(), "%.*s-%s", STR_ARG(target), reason);
	n.text[NOTE_FIELD_TRACE_ID] = trace_id;
	n.text[note_target_field(about)] = target;
	n.text[NOTE_FIELD_REASON] = str_from_c(reason);
	ck_assert_int_eq(notes_append(&sc.store, W, true, scene_arena(), &n, 1, now_ns), ERR_OK);
}

/* *ret_secret: of spans that go. */
static unsigned count_notes(unsigned *ret_secret)
{
	struct view v;
	struct notes notes;
	unsigned n = 0;
	*ret_secret = 0;
	ck_assert_int_eq(view_open(&sc.store, W, scene_arena(), &v), ERR_OK);
	ck_assert_int_eq(notes_open(&v, 1U << NOTE_COMMENT, &notes), ERR_OK);
	for (size_t i = 0; i < notes.n; i++) {
		struct note note;
		ck_assert_int_eq(notes_fetch(&notes, &notes.rows[i], &note), ERR_OK);
		bool is_secret_one = str_eq(note.text[NOTE_FIELD_REASON], STR("secret"));
		*ret_secret += is_secret_one;
		n += !is_secret_one;
	}
	notes_close(&notes);
	view_close(&v);
	return n;
}

/* ---- Pruning ---- */

static void append_to(const char *trace, unsigned n, int64_t now_ns)
{
	struct span s = scene_span(n, now_ns, 50);
	span_set_text(&s, FIELD_TRACE_ID, str_from_c(trace));
	ck_assert_int_eq(store_append(&sc.store, W, true, scene_arena(), &s, 1, now_ns), ERR_OK);
}

/* Day i has spans 10 i + 1, 2, 3; the first is pinned on the second day. */
static void make_prunable(void)
{
	for (unsigned day = 0; day < 4; day++) {
		int64_t now = SCENE_NOW + day * NS_PER_DAY;
		append_to(day == 1 ? "kept" : "t", day * 10 + 1, now);
		append_to("t", day * 10 + 2, now);
		append_to("u", day * 10 + 3, now);
	}
}

static void make_prunable_notes(void)
{
	/* On the day that is not removed as a whole. */
	int64_t now = SCENE_NOW + NS_PER_DAY;
	note_about(NOTE_ABOUT_SPAN, scene_id(11), STR_NULL, "pinned", now);
	note_about(NOTE_ABOUT_SPAN, scene_id(12), STR_NULL, "secret", now);
	note_about(NOTE_ABOUT_SPAN, scene_id(13), STR("u"), "secret", now);
	note_about(NOTE_ABOUT_TRACE, STR("kept"), STR("kept"), "pinned", now);
	note_about(NOTE_ABOUT_TRACE, STR("t"), STR("t"), "secret", now);
	/* Of the day before, which is gone; and of a span of the trace that is elsewhere. */
	note_about(NOTE_ABOUT_SPAN, scene_id(1), STR_NULL, "secret", now);
	note_about(NOTE_ABOUT_SPAN, scene_id(77), STR("kept"), "pinned", now);
	/* Those of other days. */
	note_about(NOTE_ABOUT_SPAN, scene_id(1), STR_NULL, "gone", SCENE_NOW);
	note_about(NOTE_ABOUT_SPAN, scene_id(12), STR_NULL, "late", now + NS_PER_DAY);
}

static void set(const char *settings)
{
	scene_put(&sc, "workspace.json", str_from_c(settings));
}

static void set_pins(void)
{
	set("{\"keep_days\":1,\"pinned_traces\":[\"kept\"]}");
}

static struct prune_options prune_options(void)
{
	struct prune_options o;
	prune_options_init(&o, END_NS);
	o.grace_ms = 0;
	o.lock_ms = 100;
	return o;
}

static enum err prune(void)
{
	struct prune_options o = prune_options();
	struct prune_result r;
	set_pins();
	enum err e = prune_days(&sc.store, W, &o, &r);
	return e ? e : r.failed;
}

static void must_be_pruned(void)
{
	unsigned n_secret;
	ck_assert_uint_eq(count_notes(&n_secret), 4);
	ck_assert_uint_eq(n_secret, 0);
	ck_assert_uint_eq(scene_read(&sc).n, 7);
	ck_assert_uint_eq(scene_count(&sc, 11), 1);
	ck_assert_uint_eq(scene_count(&sc, 21), 1);
	ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
	ck_assert(!scene_has(&sc, "2026-11-20.lock"));
	ck_assert(!scene_has(&sc, "2026-11-20.idx"));
	ck_assert(!scene_has(&sc, "2026-11-21.jsonl"));
	ck_assert(scene_has(&sc, "2026-11-21.1.jsonl.zst"));
	ck_assert(scene_has(&sc, "2026-11-22.jsonl"));
}

/* As the options say; so many days are then gone, reduced, and spans there. */
static void prunes(const struct prune_options *o, unsigned n_days, unsigned n_reduced, unsigned n)
{
	struct prune_result r;
	ck_assert_int_eq(prune_days(&sc.store, W, o, &r), ERR_OK);
	ck_assert_uint_eq(r.n_days, n_days);
	ck_assert_uint_eq(r.n_reduced, n_reduced);
	ck_assert_int_eq(r.freed_bytes > 0, n_days + n_reduced > 0);
	ck_assert_uint_eq(scene_read(&sc).n, n);
}

START_TEST(old_days_go_and_pinned_traces_stay)
	{
		struct prune_options o = prune_options();
		scene_open(&sc);
		make_prunable();
		make_prunable_notes();
		scene_seal(&sc, SCENE_DAY);
		set_pins();
		o.dry_run = true;
		prunes(&o, 1, 1, 12);
		o.dry_run = false;
		prunes(&o, 1, 1, 7);
		must_be_pruned();
		prunes(&o, 0, 0, 7);
		must_be_pruned();
		set("{\"keep_days\":1}");
		prunes(&o, 1, 0, 6);
		scene_close(&sc);
	}
END_TEST

/* ---- Settings that change meanwhile ---- */

struct meanwhile {
	const char *settings;
	int n; /* calls; at the first one the settings change */
};

static void change_settings(void *user)
{
	struct meanwhile *m = user;
	if (m->n++ == 0)
		set(m->settings);
}

static void change_settings_at_day(void *user, int32_t day, int64_t size_bytes, bool has_pins)
{
	(void)day;
	(void)size_bytes;
	(void)has_pins;
	change_settings(user);
}

static const char pin_first[] = "{\"keep_days\":1,\"pinned_traces\":[\"kept\",\"u\"]}";

START_TEST(a_trace_that_is_pinned_while_its_day_is_about_to_go_stays)
	{
		struct meanwhile m = { .settings = pin_first };
		struct prune_options o = prune_options();
		unsigned n_secret;
		scene_open(&sc);
		make_prunable();
		note_about(NOTE_ABOUT_TRACE, STR("u"), STR("u"), "pinned", SCENE_NOW);
		set("{\"keep_days\":1}");
		o.day = change_settings_at_day;
		o.user = &m;
		prunes(&o, 0, 2, 9); /* but for t's three spans */
		ck_assert_uint_eq(scene_count(&sc, 3), 1);
		ck_assert_uint_eq(scene_count(&sc, 11), 1);
		ck_assert_uint_eq(scene_count(&sc, 13), 1);
		ck_assert_uint_eq(count_notes(&n_secret), 1);
		scene_close(&sc);
	}
END_TEST

/* At the last moment: of a day that goes, of one that is written anew, of its notes. */
START_TEST(a_trace_that_is_pinned_at_any_moment_before_its_file_goes_stays)
	{
		static const char *const moments[] = { "flock 2026-11-20.lock",
			"flock 2026-11-21.lock", "fsync .2026-11-21.1.jsonl.zst.tmp",
			"fsync .2026-11-21.notes.jsonl.tmp" };
		for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
			struct meanwhile m = { .settings = pin_first };
			struct prune_result r;
			struct prune_options o = prune_options();
			unsigned n_secret;
			scene_open(&sc);
			make_prunable();
			note_about(NOTE_ABOUT_SPAN, scene_id(12), STR("t"), "gone",
				SCENE_NOW + NS_PER_DAY);
			note_about(NOTE_ABOUT_TRACE, STR("u"), STR("u"), "pinned",
				SCENE_NOW + NS_PER_DAY);
			set_pins();
			faults_use();
			faults.hook_at = moments[i];
			faults.hook = change_settings;
			faults.hook_user = &m;
			ck_assert_int_eq(prune_days(&sc.store, W, &o, &r), ERR_OK);
			faults_end();
			ck_assert_int_eq(m.n, 1);
			ck_assert_uint_eq(scene_count(&sc, 3), i == 0);
			ck_assert_uint_eq(scene_count(&sc, 11), 1);
			ck_assert_uint_eq(scene_count(&sc, 12), 0);
			ck_assert_uint_eq(scene_count(&sc, 13), 1);
			/* The notes go first, and may be gone already. */
			ck_assert_uint_eq(count_notes(&n_secret),
				str_starts(str_from_c(moments[i]), STR("fsync .2026-11-21.1")) ? 0
											       : 1);
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(days_stay_that_are_to_be_kept_longer_meanwhile)
	{
		struct meanwhile m = { .settings = "{\"keep_days\":2}" };
		struct prune_options o = prune_options();
		scene_open(&sc);
		make_prunable();
		set("{\"keep_days\":1}");
		o.day = change_settings_at_day;
		o.user = &m;
		prunes(&o, 1, 0, 9);
		ck_assert_int_eq(m.n, 2);
		scene_close(&sc);
	}
END_TEST

static void change_settings_for_ever(void *user, int32_t day, int64_t size_bytes, bool has_pins)
{
	int *n = user;
	(void)day;
	(void)size_bytes;
	(void)has_pins;
	set(++*n % 2 ? "{\"keep_days\":1,\"x\":1}" : "{\"keep_days\":1}");
}

START_TEST(pruning_gives_up_when_the_settings_change_all_the_time)
	{
		struct prune_options o = prune_options();
		struct prune_result r;
		int n = 0;
		scene_open(&sc);
		make_prunable();
		set("{\"keep_days\":1}");
		o.day = change_settings_for_ever;
		o.user = &n;
		ck_assert_int_eq(prune_days(&sc.store, W, &o, &r), ERR_BUSY);
		ck_assert_uint_eq(scene_read(&sc).n, 12);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_newest_days_that_fit_stay)
	{
		struct prune_options o = prune_options();
		struct prune_result r;
		scene_open(&sc);
		make_prunable();
		int64_t day = (int64_t)scene_file(&sc, "2026-11-22.jsonl").len;
		ck_assert_int_eq(prune_days(&sc.store, W, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_days, 0);
		struct str two = arena_printf(scene_arena(), "{\"keep_bytes\":%d}", (int)(2 * day));
		set(arena_copy_c(scene_arena(), two));
		ck_assert_int_eq(prune_days(&sc.store, W, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_days, 2);
		ck_assert_int_eq(r.kept_bytes, 2 * day);
		set("{\"keep_bytes\":1}"); /* today stays */
		ck_assert_int_eq(prune_days(&sc.store, W, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_days, 1);
		ck_assert_uint_eq(scene_read(&sc).n, 3);
		scene_close(&sc);
	}
END_TEST

START_TEST(pruning_goes_on_where_it_died)
	{
		int step = stride(13);
		for (int at = 0;; at += step) {
			scene_open(&sc);
			make_prunable();
			make_prunable_notes();
			scene_seal(&sc, SCENE_DAY);
			bool has_died = faults_kill(at, prune);
			ck_assert_uint_eq(scene_count(&sc, 11), 1);
			ck_assert_uint_eq(scene_count(&sc, 21), 1);
			ck_assert_uint_le(scene_read(&sc).n, 12);
			ck_assert_int_eq(prune(), ERR_OK);
			must_be_pruned();
			scene_close(&sc);
			if (!has_died)
				break;
		}
	}
END_TEST

static void seal_first_day(void *user)
{
	unsigned *n = user;
	faults.hook_at = NULL;
	if (++*n == 1)
		scene_seal(&sc, SCENE_DAY);
}

START_TEST(a_day_that_is_sealed_just_before_it_is_pruned_goes_whole)
	{
		struct prune_options o = prune_options();
		struct prune_result r;
		unsigned n_sealed = 0;
		scene_open(&sc);
		make_prunable();
		set("{\"keep_days\":2}");
		faults_use();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = seal_first_day;
		faults.hook_user = &n_sealed;
		ck_assert_int_eq(prune_days(&sc.store, W, &o, &r), ERR_OK);
		faults_end();
		ck_assert_uint_eq(n_sealed, 1);
		ck_assert_uint_eq(r.n_days, 1);
		ck_assert_uint_eq(scene_read(&sc).n, 9);
		ck_assert(!scene_has(&sc, "2026-11-20.1.jsonl.zst"));
		ck_assert(!scene_has(&sc, "2026-11-20.1.jsonl.zst.sha256"));
		scene_close(&sc);
	}
END_TEST

/* The pinned trace is of the day before the first that is pruned, what is said about it of later
 * days. */
static void make_late_notes(void)
{
	int64_t now = SCENE_NOW - NS_PER_DAY, later = SCENE_NOW;
	append_to("kept", 1, now);
	append_to("t", 2, now);
	append_to("t", 3, later);
	note_about(NOTE_ABOUT_SPAN, scene_id(1), STR_NULL, "pinned", later);
	note_about(NOTE_ABOUT_SPAN, scene_id(2), STR_NULL, "secret", later);
	note_about(NOTE_ABOUT_SPAN, scene_id(3), STR("t"), "secret", later);
	note_about(NOTE_ABOUT_TRACE, STR("kept"), STR("kept"), "late", later + NS_PER_DAY);
	note_about(NOTE_ABOUT_TRACE, STR("t"), STR("t"), "today", END_NS);
}

static void must_have_late_notes(void)
{
	unsigned n_secret;
	ck_assert_uint_eq(count_notes(&n_secret), 3);
	ck_assert_uint_eq(n_secret, 0);
	ck_assert_uint_eq(scene_read(&sc).n, 1);
	ck_assert_uint_eq(scene_count(&sc, 1), 1);
	ck_assert(scene_has(&sc, "2026-11-19.1.jsonl.zst"));
	ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
	ck_assert(scene_has(&sc, "2026-11-20.notes.jsonl"));
	ck_assert(scene_has(&sc, "2026-11-21.notes.jsonl"));
}

START_TEST(what_is_said_later_about_pinned_traces_stays)
	{
		struct prune_options o = prune_options();
		unsigned n_secret;
		scene_open(&sc);
		make_late_notes();
		set_pins();
		o.dry_run = true;
		prunes(&o, 0, 2, 3);
		o.dry_run = false;
		prunes(&o, 0, 2, 1);
		must_have_late_notes();
		prunes(&o, 0, 0, 1);
		must_have_late_notes();
		set("{\"keep_days\":1}");
		prunes(&o, 3, 0, 0);
		ck_assert_uint_eq(count_notes(&n_secret), 1); /* today's */
		ck_assert(!scene_has(&sc, "2026-11-20.lock"));
		scene_close(&sc);
	}
END_TEST

START_TEST(late_notes_stay_wherever_pruning_dies)
	{
		int step = stride(13);
		bool has_died = true;
		for (int at = 0; has_died; at += step) {
			scene_open(&sc);
			make_late_notes();
			has_died = faults_kill(at, prune);
			ck_assert_uint_eq(scene_count(&sc, 1), 1);
			ck_assert_int_eq(prune(), ERR_OK);
			must_have_late_notes();
			scene_close(&sc);
		}
	}
END_TEST

/* ---- Looking at one day after the other ---- */

enum { CHOSEN_FROM = 20000, CHOSEN_DAYS = 400 };

/* Each day a new one; the oldest goes when there are more than `most`. Which were looked at, and
 * how many at once at most? */
static size_t look_daily(int32_t most, bool *was_chosen)
{
	size_t n_at_once = 0;
	for (int32_t today = 1; today <= CHOSEN_DAYS; today++) {
		int32_t days[CHOSEN_DAYS], first = today > most ? today - most : 0;
		size_t n = 0;
		for (int32_t day = first; day < today; day++)
			days[n++] = CHOSEN_FROM + day;
		n = days_choose(days, n, CHOSEN_FROM + today);
		n_at_once = n > n_at_once ? n : n_at_once;
		for (size_t i = 0; i < n; i++)
			was_chosen[days[i] - CHOSEN_FROM] = true;
	}
	return n_at_once;
}

START_TEST(each_past_day_has_its_turn_before_it_goes)
	{
		for (int32_t most = 1; most < 100; most++) {
			bool was_chosen[CHOSEN_DAYS] = { false };
			ck_assert_uint_le(look_daily(most, was_chosen), 2);
			for (int32_t day = 0; day <= CHOSEN_DAYS - most; day++)
				ck_assert_msg(was_chosen[day], "day %d of %d", day, most);
		}
	}
END_TEST

START_TEST(each_past_day_has_its_turn_when_none_goes)
	{
		bool was_chosen[CHOSEN_DAYS] = { false };
		ck_assert_uint_le(look_daily(CHOSEN_DAYS, was_chosen), 2);
		for (int32_t day = 0; day < CHOSEN_DAYS / 4; day++)
			ck_assert_msg(was_chosen[day], "day %d", day);
	}
END_TEST

START_TEST(of_a_few_days_far_apart_one_is_looked_at_each_time)
	{
		for (int32_t today = CHOSEN_FROM; today < CHOSEN_FROM + CHOSEN_DAYS; today++) {
			int32_t days[] = { 10000, 15000, 19999 };
			ck_assert_uint_ge(days_choose(days, 3, today), 1);
		}
		int32_t one = 10000;
		ck_assert_uint_eq(days_choose(&one, 1, CHOSEN_FROM), 1);
		ck_assert_uint_eq(days_choose(NULL, 0, CHOSEN_FROM), 0);
	}
END_TEST

/* ---- Backup ---- */

static struct str copy_path(const char *name)
{
	return arena_printf(scene_arena(), "%s/../%s.%ld", sc.path, name, (long)getpid());
}

static struct str backup_path, restore_path;

static void begin_backup(void)
{
	backup_path = copy_path("fs-backup");
	restore_path = copy_path("fs-restore");
}

static void remove_path(struct str path)
{
	const char *c = arena_copy_c(scene_arena(), path);
	if (access(c, F_OK) == 0)
		scene_remove_tree(AT_FDCWD, c);
}

static enum err backup(void)
{
	struct backup_options o = { .progress = { .report = NULL } };
	struct backup_result r;
	return backup_dir(&sc.store, backup_path, &o, &r);
}

/* Restores the backup and calls check with the scene's store being the restored one. */
static void with_restored(void (*check)(void *user), void *user)
{
	struct backup_options o = { .progress = { .report = NULL } };
	struct backup_result r;
	struct str what = STR_NULL;
	struct scene was = sc;
	remove_path(restore_path);
	enum err e = restore_dir(backup_path, restore_path, scene_arena(), &o, &r, &what);
	ck_assert_msg(e == ERR_OK, "%s: %.*s", err_name(e), STR_ARG(what));
	sc.conf.root = restore_path;
	sc.dir_fd = -1;
	ck_assert_int_eq(store_open(&sc.store, &sc.conf), ERR_OK);
	check(user);
	store_close(&sc.store);
	if (sc.dir_fd >= 0)
		close(sc.dir_fd);
	sc = was;
	remove_path(restore_path);
}

static void must_be(void *before)
{
	must_answer_the_same(&sc, before, "in the restored copy");
}

static void end_backup(void)
{
	remove_path(backup_path);
	remove_path(restore_path);
}

START_TEST(a_backup_is_a_copy_and_the_next_one_copies_what_is_new)
	{
		struct rng rng = rng_from_seed();
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		scene_open(&sc);
		begin_backup();
		struct random_spans days = make_days(&sc, &rng, 20);
		struct answer before = days_answer(&sc);
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_copied, r.n_files);
		with_restored(must_be, &before);
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_copied, 1); /* FORMAT */
		days.now_ns -= NS_PER_DAY;
		append_some(&sc, &days, 10);
		before = days_answer(&sc);
		int64_t size = r.size_bytes;
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_copied, 2);
		ck_assert_int_eq(r.copied_bytes - 11, r.size_bytes - size);
		with_restored(must_be, &before);
		scene_seal(&sc, SCENE_DAY);
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_copied, 3); /* and the sum */
		ck_assert_uint_eq(r.n_removed, 1);
		with_restored(must_be, &before);
		end_backup();
		scene_close(&sc);
	}
END_TEST

/* As if somebody had taken away the rights to it. */
static const char *unreadable;

static int openat_but_one(int dir, const char *name, int flags, mode_t mode)
{
	if (strcmp(name, unreadable) == 0) {
		errno = EACCES;
		return -1;
	}
	return openat(dir, name, flags, mode);
}

START_TEST(a_backup_leaves_nothing_out_that_it_cannot_read)
	{
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		struct io_table table = io_system;
		struct str *names;
		size_t n;
		scene_open(&sc);
		begin_backup();
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(mkdirat(sc.store.root_fd, "other", 0750), 0);
		ck_assert_int_eq(backup(), ERR_OK);
		table.openat = openat_but_one;
		io = &table;
		unreadable = "w";
		ck_assert_int_eq(workspace_list(&sc.store, scene_arena(), &names, &n), ERR_OK);
		ck_assert_uint_eq(n, 2);
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_IO);
		ck_assert_str_eq(r.what, "w");
		unreadable = "2026-11-20.jsonl";
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_IO);
		ck_assert_str_eq(r.what, "w/2026-11-20.jsonl");
		io = &io_system;
		struct answer before = days_answer(&sc);
		with_restored(must_be, &before);
		end_backup();
		scene_close(&sc);
	}
END_TEST

static bool keep_long(void *user, struct settings *s)
{
	(void)user;
	s->keep_days = 1000;
	return true;
}

/* The last good backup may be all there is when the next one fails. */
START_TEST(a_backup_that_failed_leaves_one_that_can_be_restored)
	{
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		struct io_table table = io_system;
		struct answer before;
		scene_open(&sc);
		begin_backup();
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(
			settings_change(&sc.store, W, scene_arena(), keep_some, NULL), ERR_OK);
		ck_assert_int_eq(mkdirat(sc.store.root_fd, "z", 0750), 0);
		ck_assert_int_eq(backup(), ERR_OK);
		before = days_answer(&sc);
		ck_assert_int_eq(
			settings_change(&sc.store, W, scene_arena(), keep_long, NULL), ERR_OK);
		table.openat = openat_but_one;
		io = &table;
		unreadable = "z";
		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_IO);
			ck_assert_str_eq(r.what, "z");
		}
		io = &io_system;
		with_restored(must_be, &before);
		ck_assert_int_eq(backup(), ERR_OK);
		with_restored(must_be, &before);
		end_backup();
		scene_close(&sc);
	}
END_TEST

START_TEST(what_the_store_has_no_more_goes_from_the_copy_with_its_workspace)
	{
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		struct stat st;
		int fd;
		scene_open(&sc);
		begin_backup();
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(backup(), ERR_OK);
		ck_assert_int_eq(renameat(sc.store.root_fd, "w", sc.store.root_fd, "v"), 0);
		ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_removed, 1);
		fd = open(arena_copy_c(scene_arena(), backup_path), O_RDONLY | O_DIRECTORY);
		ck_assert_int_eq(fstatat(fd, "v/2026-11-20.jsonl", &st, 0), 0);
		ck_assert_int_ne(fstatat(fd, "w", &st, 0), 0);
		close(fd);
		end_backup();
		scene_close(&sc);
	}
END_TEST

/* As `workspace remove` begins. */
static void put_away(void *user)
{
	(void)user;
	ck_assert_int_eq(renameat(sc.store.root_fd, "w", sc.store.root_fd, ".removed.w.1"), 0);
}

START_TEST(a_workspace_that_is_removed_while_a_backup_runs_is_left_out)
	{
		/* While another one is copied, before its directory is made, half way. */
		static const char *const moments[] = { "mkdirat a", "mkdirat w",
			"openat 2026-11-21.jsonl" };
		for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
			struct backup_options o = { .progress = { .report = NULL } };
			struct backup_result r;
			struct stat st;
			scene_open(&sc);
			begin_backup();
			scene_must_append(&sc, 1, SCENE_NOW);
			scene_must_append(&sc, 2, SCENE_NOW + NS_PER_DAY);
			ck_assert_int_eq(mkdirat(sc.store.root_fd, "a", 0750), 0);
			faults_use();
			faults.hook_at = moments[i];
			faults.hook = put_away;
			ck_assert_int_eq(backup_dir(&sc.store, backup_path, &o, &r), ERR_OK);
			ck_assert_msg(!faults.hook_at, "%s: it was not there then", moments[i]);
			faults_end();
			ck_assert_uint_eq(r.n_files, 1); /* FORMAT */
			ck_assert_uint_eq(r.n_copied, 1);
			int fd = open(
				arena_copy_c(scene_arena(), backup_path), O_RDONLY | O_DIRECTORY);
			ck_assert_int_ne(fstatat(fd, "w", &st, 0), 0);
			close(fd);
			end_backup();
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(a_backup_goes_nowhere_else)
	{
		scene_open(&sc);
		begin_backup();
		scene_must_append(&sc, 1, SCENE_NOW);
		struct str good = backup_path;
		backup_path = sc.conf.root;
		ck_assert_int_eq(backup(), ERR_UNSAFE);
		backup_path = arena_printf(scene_arena(), "%s/inside", sc.path);
		ck_assert_int_eq(backup(), ERR_UNSAFE);
		backup_path = good;
		const char *c = arena_copy_c(scene_arena(), good);
		ck_assert_int_eq(mkdir(c, 0750), 0);
		int fd = open(c, O_RDONLY | O_DIRECTORY);
		close(openat(fd, "letters", O_WRONLY | O_CREAT, 0640));
		close(fd);
		ck_assert_int_eq(backup(), ERR_CONF);
		end_backup();
		scene_close(&sc);
	}
END_TEST

START_TEST(a_backup_that_died_is_finished_by_the_next_one)
	{
		struct rng rng = rng_from_seed();
		int step = stride(29);
		for (int at = 0;; at += step) {
			struct rng same = rng;
			scene_open(&sc);
			begin_backup();
			struct random_spans days = make_days(&sc, &same, 8);
			if (at % 2) {
				ck_assert_int_eq(backup(), ERR_OK);
				days.now_ns -= NS_PER_DAY;
				append_some(&sc, &days, 8);
				scene_seal(&sc, SCENE_DAY);
			}
			struct answer before = days_answer(&sc);
			bool has_died = faults_kill(at, backup);
			ck_assert_int_eq(backup(), ERR_OK);
			with_restored(must_be, &before);
			end_backup();
			scene_close(&sc);
			if (!has_died)
				break;
		}
	}
END_TEST

START_TEST(a_restore_tells_what_is_wrong)
	{
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		struct str what;
		scene_open(&sc);
		begin_backup();
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_must_append(&sc, 2, SCENE_NOW + NS_PER_DAY);
		scene_seal(&sc, SCENE_DAY);
		ck_assert_int_eq(backup(), ERR_OK);
		struct scene copy = sc;
		const char *dir = arena_copy_c(
			scene_arena(), arena_printf(scene_arena(), "%.*s/w", STR_ARG(backup_path)));
		copy.dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
		static const char *const files[] = { "2026-11-20.1.jsonl.zst", "2026-11-21.jsonl" };
		for (int i = 0; i < 2; i++) {
			struct str bytes = scene_file(&copy, files[i]);
			char *p = (char *)(uintptr_t)bytes.ptr;
			p[bytes.len / 2] ^= 4;
			scene_put(&copy, files[i], bytes);
			ck_assert_int_eq(restore_dir(backup_path, restore_path, scene_arena(), &o,
						 &r, &what),
				ERR_IO);
			ck_assert_str_is(what, arena_printf(scene_arena(), "w/%s", files[i]));
			remove_path(restore_path);
			p[bytes.len / 2] ^= 4;
			scene_put(&copy, files[i], bytes);
		}
		close(copy.dir_fd);
		/* What is taken already stays as it is. */
		ck_assert_int_eq(
			restore_dir(backup_path, sc.conf.root, scene_arena(), &o, &r, &what),
			ERR_CONFLICT);
		ck_assert_int_eq(
			restore_dir(sc.conf.root, restore_path, scene_arena(), &o, &r, &what),
			ERR_CONF);
		end_backup();
		scene_close(&sc);
	}
END_TEST

static enum err restore(void)
{
	struct backup_options o = { .progress = { .report = NULL } };
	struct backup_result r;
	struct str what;
	return restore_dir(backup_path, restore_path, scene_arena(), &o, &r, &what);
}

static int open_path(struct str path)
{
	return open(arena_copy_c(scene_arena(), path), O_RDONLY | O_DIRECTORY);
}

static bool has_name(struct str dir, const char *name)
{
	return access(arena_copy_c(scene_arena(),
			      arena_printf(scene_arena(), "%.*s/%s", STR_ARG(dir), name)),
		       F_OK) == 0;
}

START_TEST(a_restore_that_died_is_finished_by_the_next_one)
	{
		int step = stride(7);
		bool has_died = true;
		scene_open(&sc);
		begin_backup();
		struct rng rng = rng_from_seed();
		struct random_spans days = make_days(&sc, &rng, 8);
		ck_assert_int_eq(backup(), ERR_OK);
		struct answer before = days_answer(&sc);
		for (int at = 0; has_died; at += step) {
			remove_path(restore_path);
			has_died = faults_kill(at, restore);
			if (has_died && at % 2) { /* of another backup meanwhile */
				append_some(&sc, &days, 1);
				before = days_answer(&sc);
				ck_assert_int_eq(backup(), ERR_OK);
			}
			/* The last few calls come when all is there and proven. */
			bool is_over = has_name(restore_path, "FORMAT") &&
				       !has_name(restore_path, ".restoring");
			enum err e = restore();
			ck_assert_msg(e == (is_over ? ERR_CONFLICT : ERR_OK), "call %d: %s", at,
				err_name(e));
			ck_assert(has_name(restore_path, "FORMAT"));
			ck_assert(!has_name(restore_path, ".restoring"));
			if (!e) {
				struct scene was = sc;
				sc.conf.root = restore_path;
				sc.dir_fd = -1;
				ck_assert_int_eq(store_open(&sc.store, &sc.conf), ERR_OK);
				must_be(&before);
				store_close(&sc.store);
				if (sc.dir_fd >= 0)
					close(sc.dir_fd);
				sc = was;
			}
		}
		end_backup();
		scene_close(&sc);
	}
END_TEST

static enum err die_copying(void)
{
	return faults_kill(40, restore) ? ERR_OK : ERR_IO;
}

START_TEST(a_restore_takes_no_place_that_holds_more_than_another_one_began)
	{
		struct rng rng = rng_from_seed();
		static const char *const others[] = { "letters", ".restoring2", "w/letters",
			"x/2026-11-20.jsonl" };
		scene_open(&sc);
		begin_backup();
		(void)make_days(&sc, &rng, 8);
		ck_assert_int_eq(backup(), ERR_OK);
		for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
			remove_path(restore_path);
			ck_assert_int_eq(die_copying(), ERR_OK);
			int fd = open_path(restore_path);
			(void)mkdirat(fd, "x", 0750);
			close(openat(fd, others[i], O_WRONLY | O_CREAT, 0640));
			if (others[i][0] != 'x')
				(void)unlinkat(fd, "x", AT_REMOVEDIR);
			ck_assert(has_name(restore_path, "w"));
			ck_assert_int_eq(restore(), ERR_CONFLICT);
			ck_assert(has_name(restore_path, "w"));
			ck_assert(has_name(restore_path, others[i]));
			(void)unlinkat(fd, others[i], 0);
			(void)unlinkat(fd, "x", AT_REMOVEDIR);
			ck_assert_int_eq(restore(), ERR_OK);
			ck_assert_int_eq(restore(), ERR_CONFLICT);
			close(fd);
		}
		/* What is called so and lists nothing of ours is somebody's. */
		remove_path(restore_path);
		ck_assert_int_eq(mkdir(arena_copy_c(scene_arena(), restore_path), 0750), 0);
		int fd = open_path(restore_path);
		close(openat(fd, ".restoring", O_WRONLY | O_CREAT, 0640));
		ck_assert_int_eq(restore(), ERR_CONFLICT);
		ck_assert(!has_name(restore_path, ".restoring.lock"));
		/* Of two at once one goes on. */
		ck_assert_int_eq(unlinkat(fd, ".restoring", 0), 0);
		int lock_fd = openat(fd, ".restoring.lock", O_RDWR | O_CREAT, 0640);
		ck_assert_int_eq(flock(lock_fd, LOCK_EX), 0);
		ck_assert_int_eq(restore(), ERR_BUSY);
		close(lock_fd);
		ck_assert_int_eq(restore(), ERR_OK);
		close(fd);
		end_backup();
		scene_close(&sc);
	}
END_TEST

/* The file with a bit flipped. */
static struct str flip(struct scene *s, const char *name, size_t at)
{
	struct str bytes = scene_file(s, name);
	((char *)(uintptr_t)bytes.ptr)[at] ^= 4;
	scene_put(s, name, bytes);
	return bytes;
}

/* The scene's workspace where it was restored; its dir_fd is the caller's to close. */
static struct scene restored(void)
{
	struct scene copy = sc;
	struct str path = arena_printf(scene_arena(), "%.*s/w", STR_ARG(restore_path));
	copy.dir_fd = open(arena_copy_c(scene_arena(), path), O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(copy.dir_fd, 0);
	return copy;
}

START_TEST(a_sealed_day_that_was_damaged_when_it_was_backed_up_is_restored_as_it_was)
	{
		static const char name[] = "2026-11-20.1.jsonl.zst";
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		struct str what;
		/* In a frame; in the table. */
		for (int i = 0; i < 2; i++) {
			scene_open(&sc);
			begin_backup();
			scene_must_append(&sc, 1, SCENE_NOW);
			scene_must_append(&sc, 2, SCENE_NOW + NS_PER_DAY);
			scene_seal(&sc, SCENE_DAY);
			size_t len = scene_file(&sc, name).len;
			struct str bytes = flip(&sc, name, i ? len - 3 : len / 3);
			ck_assert_int_eq(backup(), ERR_OK);
			ck_assert_int_eq(restore_dir(backup_path, restore_path, scene_arena(), &o,
						 &r, &what),
				ERR_OK);
			ck_assert_uint_eq(r.n_lines, i ? 2 : 1);
			ck_assert_uint_eq(r.n_bad, 0);
			ck_assert_uint_eq(r.n_bad_frames, 1);
			ck_assert_uint_eq(r.n_bad_files, 1);
			ck_assert_str_eq(r.what, "w/2026-11-20.1.jsonl.zst");
			struct scene copy = restored();
			ck_assert(str_eq(scene_file(&copy, name), bytes));
			close(copy.dir_fd);
			end_backup();
			scene_close(&sc);
		}
	}
END_TEST

/* One who spoils what is restored, when it is there and before it is proven. */
static void spoil_restored(void *user)
{
	struct scene copy = restored();
	(void)flip(&copy, user, 30);
	close(copy.dir_fd);
}

START_TEST(a_sealed_day_that_the_place_of_the_restored_spoils_is_told)
	{
		static char name[] = "2026-11-20.1.jsonl.zst";
		struct backup_options o = { .progress = { .report = NULL } };
		struct backup_result r;
		struct str what;
		scene_open(&sc);
		begin_backup();
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_seal(&sc, SCENE_DAY);
		ck_assert_int_eq(backup(), ERR_OK);
		faults_use();
		faults.hook_at = "openat FORMAT"; /* copied last */
		faults.hook = spoil_restored;
		faults.hook_user = name;
		ck_assert_int_eq(
			restore_dir(backup_path, restore_path, scene_arena(), &o, &r, &what),
			ERR_IO);
		ck_assert(!faults.hook_at);
		faults_end();
		ck_assert_str_is(what, STR("w/2026-11-20.1.jsonl.zst"));
		end_backup();
		scene_close(&sc);
	}
END_TEST

struct load {
	unsigned n_acked; /* spans 1 … n_acked are */
	bool is_over;
};

static void write_until_told(volatile struct load *load)
{
	struct arena *a = scene_arena();
	while (!load->is_over) {
		struct arena_mark mark = arena_mark(a);
		unsigned n = load->n_acked + 1;
		if (scene_append(&sc, n, SCENE_NOW + n / 300 * NS_PER_DAY) == ERR_OK)
			load->n_acked = n;
		arena_rewind(a, mark);
	}
	_exit(0);
}

static void must_have_acked(void *user)
{
	const unsigned *n_acked = user;
	struct scene_lines lines = scene_read(&sc);
	char *is_there = arena_alloc(scene_arena(), lines.n + *n_acked + 2);
	for (size_t i = 0; i < lines.n; i++) {
		int64_t n;
		struct str id = span_text(&lines.spans[i], FIELD_SPAN_ID);
		if (str_to_i64(str_skip(id, 1), &n) && n <= *n_acked)
			is_there[n] = 1;
	}
	for (unsigned n = 1; n <= *n_acked; n++)
		ck_assert_msg(is_there[n], "span %u of %u is lost", n, *n_acked);
}

START_TEST(backups_taken_under_load_have_all_that_was_acknowledged)
	{
		int n_runs = is_thorough() ? 20 : unit_few(2, 4);
		volatile struct load *load = mmap(NULL, sizeof *load, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		scene_open(&sc);
		begin_backup();
		pid_t pid = fork();
		if (pid == 0)
			write_until_told(load);
		for (int i = 0; i < n_runs; i++) {
			unsigned from = load->n_acked;
			while (load->n_acked < from + 100)
				usleep(1000);
			unsigned n_acked = load->n_acked;
			enum err e = backup();
			ck_assert_msg(e == ERR_OK, "%s", err_name(e));
			with_restored(must_have_acked, &n_acked);
		}
		load->is_over = true;
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		end_backup();
		scene_close(&sc);
	}
END_TEST

/* ---- Compacting and erasing ---- */

static void index_all(void)
{
	struct index_flush how = { .all = true };
	for (int day = 0; day < 3; day++)
		ck_assert_int_eq(index_flush_day(&sc.store, W, SCENE_DAY + day, &how), ERR_OK);
}

static enum err compact_first(void)
{
	struct seal_options o = options();
	struct compact_result r;
	return compact_day(&sc.store, W, SCENE_DAY, &o, &r);
}

START_TEST(compacting_takes_out_what_later_days_replaced)
	{
		struct rng rng = rng_from_seed();
		struct seal_options o = options();
		struct compact_result r;
		scene_open(&sc);
		make_days(&sc, &rng, 40);
		for (int day = 0; day < 3; day++)
			scene_seal(&sc, SCENE_DAY + day);
		index_all();
		struct answer before = days_answer(&sc);
		size_t n = scene_read(&sc).n;
		ck_assert_int_eq(compact_day(&sc.store, W, SCENE_DAY, &o, &r), ERR_OK);
		ck_assert(r.is_new);
		ck_assert_uint_gt(r.n_dropped, 0);
		ck_assert_uint_lt(scene_read(&sc).n, n);
		must_answer_the_same(&sc, &before, "compacted");
		must_see_the_same(&sc, "compacted");
		ck_assert_int_eq(compact_day(&sc.store, W, SCENE_DAY, &o, &r), ERR_OK);
		ck_assert(!r.is_new);
		/* The second day's rows may be what keeps rows of the first one hidden. */
		ck_assert_int_eq(compact_day(&sc.store, W, SCENE_DAY + 1, &o, &r), ERR_OK);
		must_answer_the_same(&sc, &before, "compacted twice");
		must_see_the_same(&sc, "compacted twice");
		ck_assert_int_eq(compact_day(&sc.store, W, SCENE_DAY + 9, &o, &r), ERR_INVALID);
		scene_close(&sc);
	}
END_TEST

START_TEST(compacting_may_die_anywhere)
	{
		struct rng rng = rng_from_seed();
		int step = stride(61);
		for (int at = 0;; at += step) {
			struct rng same = rng;
			scene_open(&sc);
			make_days(&sc, &same, 10);
			scene_seal(&sc, SCENE_DAY);
			index_all();
			struct answer before = days_answer(&sc);
			bool has_died = faults_kill(at, compact_first);
			must_answer_the_same(&sc, &before, "died");
			must_see_the_same(&sc, "died");
			ck_assert_int_eq(compact_first(), ERR_OK);
			must_answer_the_same(&sc, &before, "again");
			must_see_the_same(&sc, "again");
			scene_close(&sc);
			if (!has_died)
				break;
		}
	}
END_TEST

struct compacting_meanwhile {
	const struct io_table *io; /* the one with the faults */
	enum err e;
	struct compact_result result;
	unsigned cut_by; /* chance */
};

static void compact_and_cut(void *user)
{
	struct compacting_meanwhile *m = user;
	struct seal_options o = options();
	io = m->io;
	m->e = compact_day(&sc.store, W, SCENE_DAY, &o, &m->result);
	disk_power_cut(m->cut_by);
}

static enum err append_version(unsigned n, int64_t now_ns)
{
	struct span s = scene_span(n, SCENE_NOW, 50);
	if (now_ns > SCENE_NOW)
		span_set_i64(&s, FIELD_UPDATED_AT, now_ns);
	return store_append(&sc.store, W, true, scene_arena(), &s, 1, now_ns);
}

/* Written, and to be synced in a moment; or, where nothing is, closed. */
START_TEST(compacting_loses_no_span_whose_later_version_a_power_cut_takes)
	{
		static const char *const moments[] = { "fdatasync 2026-11-23.jsonl",
			"close 2026-11-23.jsonl" };
		for (unsigned i = 0; i < 28; i++) {
			struct compacting_meanwhile m = { .cut_by = i / 2, .e = ERR_IO };
			scene_open(&sc);
			ck_assert_int_eq(append_version(1, SCENE_NOW), ERR_OK);
			ck_assert_int_eq(append_version(2, SCENE_NOW), ERR_OK);
			scene_seal(&sc, SCENE_DAY);
			index_all();
			sc.conf.sync = i % 2 ? CONF_SYNC_NONE : CONF_SYNC_ALWAYS;
			faults_use();
			m.io = io;
			faults.hook_at = moments[i % 2];
			faults.hook = compact_and_cut;
			faults.hook_user = &m;
			ck_assert_int_eq(append_version(1, END_NS), ERR_OK);
			faults_end();
			ck_assert_int_eq(m.e, ERR_OK);
			ck_assert_uint_eq(m.result.n_dropped, 1);
			scene_reopen(&sc);
			ck_assert_uint_eq(scene_count(&sc, 1), 1);
			ck_assert_uint_eq(scene_count(&sc, 2), 1);
			must_see_the_same(&sc, "cut");
			scene_close(&sc);
		}
	}
END_TEST

static void fail_this_call(void *user)
{
	(void)user;
	faults.fail_at = faults.n;
}

/* The writer's: then the line can be read and a second sync succeeds, but the power cut takes it.
 * Or that of the compacting. */
START_TEST(compacting_leaves_what_a_line_replaces_that_cannot_be_synced)
	{
		for (int i = 0; i < 2; i++) {
			scene_open(&sc);
			ck_assert_int_eq(append_version(1, SCENE_NOW), ERR_OK);
			scene_seal(&sc, SCENE_DAY);
			index_all();
			sc.conf.sync = i ? CONF_SYNC_NONE : CONF_SYNC_ALWAYS;
			faults_use();
			faults.hook = fail_this_call;
			faults.hook_at = "fdatasync 2026-11-23.jsonl";
			ck_assert_int_eq(append_version(1, END_NS), i ? ERR_OK : ERR_IO);
			ck_assert_int_eq(scene_has(&sc, "2026-11-23.suspect"), i == 0);
			ck_assert_uint_eq(scene_count(&sc, 1), 2);
			ck_assert_int_eq(compact_first(), ERR_IO);
			ck_assert_ptr_null(faults.hook_at);
			disk_power_cut(0);
			faults_end();
			scene_reopen(&sc);
			ck_assert_uint_ge(scene_count(&sc, 1), 1);
			ck_assert(!scene_has(&sc, "2026-11-20.2.jsonl.zst"));
			scene_close(&sc);
		}
	}
END_TEST

static bool is_secret(void *user, const struct span *s)
{
	(void)user;
	return str_eq(span_text(s, FIELD_USER_ID), STR("anna"));
}

static void append_of(const char *user, unsigned n, int64_t now_ns)
{
	struct span s = scene_span(n, now_ns, 50);
	span_set_text(&s, FIELD_USER_ID, str_from_c(user));
	if (n == 4) {
		span_set_text(&s, FIELD_TRACE_ID, STR("t4"));
		span_set_text(&s, FIELD_SESSION_ID, STR("s4"));
	} else if (n != 7) {
		span_set_text(&s, FIELD_SESSION_ID, STR("s1"));
	}
	ck_assert_int_eq(store_append(&sc.store, W, true, scene_arena(), &s, 1, now_ns), ERR_OK);
}

enum { NOTES_KEPT = 7, NOTES_SECRET = 9 };

static void make_notes(void)
{
	note_about(NOTE_ABOUT_SPAN, scene_id(1), STR_NULL, "fine", SCENE_NOW);
	note_about(NOTE_ABOUT_SPAN, scene_id(2), STR_NULL, "secret", SCENE_NOW);
	note_about(NOTE_ABOUT_SPAN, scene_id(2), STR_NULL, "secret", SCENE_NOW + 1);
	note_about(NOTE_ABOUT_SPAN, scene_id(1), STR("t1"), "good", SCENE_NOW);
	/* Of a span in a trace that has none such. */
	note_about(NOTE_ABOUT_SPAN, scene_id(2), STR("t2"), "odd", SCENE_NOW);
	note_about(NOTE_ABOUT_SPAN, scene_id(2), STR("t1"), "secret", SCENE_NOW + NS_PER_DAY);
	note_about(NOTE_ABOUT_SPAN, scene_id(3), STR_NULL, "secret", SCENE_NOW + NS_PER_DAY);
	note_about(NOTE_ABOUT_TRACE, STR("t1"), STR("t1"), "long", SCENE_NOW + NS_PER_DAY);
	note_about(NOTE_ABOUT_TRACE, STR("t4"), STR("t4"), "secret", END_NS);
	note_about(NOTE_ABOUT_SESSION, STR("s4"), STR_NULL, "secret", END_NS);
	note_about(NOTE_ABOUT_SESSION, STR("s1"), STR_NULL, "calm", END_NS);
	note_about(NOTE_ABOUT_SPAN, scene_id(7), STR("t1"), "secret", END_NS);
	/* Of what nobody ever saw. */
	note_about(NOTE_ABOUT_SPAN, scene_id(99), STR_NULL, "early", END_NS);
	note_about(NOTE_ABOUT_SPAN, scene_id(4), STR("t4"), "secret", END_NS);
	note_about(NOTE_ABOUT_SPAN, scene_id(4), STR_NULL, "secret", END_NS);
	note_about(NOTE_ABOUT_SPAN, scene_id(6), STR_NULL, "last", END_NS);
}

static void must_have_no_secret_notes(void)
{
	static const char *const names[] = { "2026-11-20.notes.jsonl", "2026-11-21.notes.jsonl",
		"2026-11-23.notes.jsonl" };
	unsigned n_secret;
	ck_assert_uint_eq(count_notes(&n_secret), NOTES_KEPT);
	ck_assert_uint_eq(n_secret, 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct str text = scene_file(&sc, names[i]);
		ck_assert_uint_eq(str_find(text, STR("secret")), text.len);
	}
}

static void make_erasable(void)
{
	append_of("bob", 1, SCENE_NOW);
	append_of("anna", 2, SCENE_NOW);
	append_of("bob", 3, SCENE_NOW);
	append_of("anna", 3, SCENE_NOW + NS_PER_DAY); /* a version of bob's */
	append_of("anna", 4, SCENE_NOW + NS_PER_DAY);
	append_of("bob", 5, SCENE_NOW + NS_PER_DAY);
	append_of("bob", 6, END_NS);
	append_of("anna", 7, END_NS);
}

static enum err erase(void)
{
	struct erase_request request = {
		.is_wanted = is_secret, .what = STR("user \"anna\""), .by = STR("test")
	};
	struct seal_options o = options();
	struct erase_result r;
	enum err e = erase_spans(&sc.store, W, &request, &o, &r);
	return e ? e : r.failed;
}

static void must_be_erased(void)
{
	must_have_no_secret_notes();
	struct scene_lines lines = scene_read(&sc);
	for (size_t i = 0; i < lines.n; i++)
		if (is_secret(NULL, &lines.spans[i]))
			ck_assert(str_eq(span_text(&lines.spans[i], FIELD_SPAN_ID), scene_id(7)));
	ck_assert_uint_eq(scene_count(&sc, 1), 1);
	ck_assert_uint_eq(scene_count(&sc, 2), 0);
	ck_assert_uint_eq(scene_count(&sc, 4), 0);
	ck_assert_uint_eq(scene_count(&sc, 5), 1);
	/* Bob's version of 3 was replaced; it does not come back. */
	ck_assert_uint_eq(scene_count(&sc, 3), 2);
	ck_assert_uint_eq(days_answer(&sc).n, 4);
	ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
	ck_assert(!scene_has(&sc, "2026-11-21.jsonl"));
}

START_TEST(erasing_takes_out_all_versions_and_leaves_an_audit)
	{
		struct erase_request request = {
			.is_wanted = is_secret, .what = STR("user \"anna\""), .by = STR("test")
		};
		struct seal_options o = options();
		struct erase_result r;
		scene_open(&sc);
		make_erasable();
		make_notes();
		scene_seal(&sc, SCENE_DAY);
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_notes, NOTES_SECRET);
		ck_assert_uint_eq(r.n_days, 2);
		ck_assert_uint_eq(r.n_erased, 3);
		ck_assert_uint_eq(r.n_pending, 1);
		must_be_erased();
		struct str audit = scene_file(&sc, "audit.jsonl");
		struct str first = str_cut(&audit, '\n'), second = str_cut(&audit, '\n');
		ck_assert_uint_lt(str_find(first, STR("\"state\":\"begin\"")), first.len);
		ck_assert_uint_lt(str_find(second, STR("\"state\":\"done\"")), second.len);
		ck_assert_uint_lt(str_find(second, STR("\"versions\":3")), second.len);
		ck_assert_uint_lt(str_find(second, STR("user \\\"anna\\\"")), second.len);
		ck_assert_uint_eq(audit.len, 0);
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_days, 0);
		o.now_ns += NS_PER_DAY;
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_erased, 1);
		ck_assert_uint_eq(scene_count(&sc, 7), 0);
		scene_close(&sc);
	}
END_TEST

/* As a disk that was full leaves it. */
START_TEST(a_line_of_the_audit_that_was_cut_off_swallows_none)
	{
		static const char torn[] = "{\"at\":\"2026-11-20T1";
		struct erase_request request = {
			.is_wanted = is_secret, .what = STR("all"), .by = STR("test")
		};
		struct seal_options o = options();
		struct erase_result r;
		scene_open(&sc);
		make_erasable();
		scene_put(&sc, "audit.jsonl", str_from_c(torn));
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		struct str audit = scene_file(&sc, "audit.jsonl");
		ck_assert_str_is(str_cut(&audit, '\n'), str_from_c(torn));
		struct str first = str_cut(&audit, '\n'), second = str_cut(&audit, '\n');
		ck_assert_uint_lt(str_find(first, STR("\"state\":\"begin\"")), first.len);
		ck_assert(str_starts(first, STR("{\"at\":")));
		ck_assert_uint_lt(str_find(second, STR("\"state\":\"done\"")), second.len);
		ck_assert_uint_eq(audit.len, 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(erasing_leaves_notes_that_are_damaged_or_of_what_stays_as_they_are)
	{
		struct erase_request request = { .is_wanted = is_secret };
		struct seal_options o = options();
		struct erase_result r;
		scene_open(&sc);
		make_erasable();
		note_about(NOTE_ABOUT_SPAN, scene_id(2), STR_NULL, "secret", SCENE_NOW);
		struct str secret = scene_file(&sc, "2026-11-20.notes.jsonl");
		note_about(NOTE_ABOUT_SPAN, scene_id(1), STR_NULL, "fine", SCENE_NOW + 1);
		struct str both = scene_file(&sc, "2026-11-20.notes.jsonl");
		struct str fine = str_skip(both, secret.len);
		struct str before =
			arena_printf(scene_arena(), "no note\n%.*s%.*s{\"half\":\"a no%.*s\ncut of",
				STR_ARG(fine), STR_ARG(secret), STR_ARG(secret));
		struct str after = arena_printf(scene_arena(),
			"no note\n%.*s{\"half\":\"a no%.*s\n", STR_ARG(fine), STR_ARG(secret));
		scene_put(&sc, "2026-11-20.notes.jsonl", before);
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_notes, 1);
		ck_assert(str_eq(scene_file(&sc, "2026-11-20.notes.jsonl"), after));
		/* Nothing of it goes: it stays the same file, even if the erasing has work to do.
		 */
		note_about(NOTE_ABOUT_SPAN, scene_id(7), STR_NULL, "secret", END_NS);
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_notes, 1);
		ck_assert(str_eq(scene_file(&sc, "2026-11-20.notes.jsonl"), after));
		scene_close(&sc);
	}
END_TEST

/* Current is what counts: bob's span that was anna's once stays, anna's that was bob's goes. */
START_TEST(erasing_keeps_the_notes_of_a_span_that_is_somebody_elses_now)
	{
		struct erase_request request = { .is_wanted = is_secret };
		struct seal_options o = options();
		struct erase_result r;
		unsigned n_secret;
		scene_open(&sc);
		append_of("anna", 1, SCENE_NOW);
		append_of("bob", 1, SCENE_NOW + NS_PER_DAY);
		append_of("bob", 2, SCENE_NOW);
		append_of("anna", 2, SCENE_NOW + NS_PER_DAY);
		append_of("anna", 3, SCENE_NOW);
		append_of("bob", 4, SCENE_NOW);
		note_about(NOTE_ABOUT_SPAN, scene_id(1), STR_NULL, "fine", SCENE_NOW);
		note_about(NOTE_ABOUT_SPAN, scene_id(2), STR_NULL, "secret", SCENE_NOW);
		note_about(NOTE_ABOUT_SPAN, scene_id(3), STR("t1"), "secret", SCENE_NOW);
		note_about(NOTE_ABOUT_SPAN, scene_id(4), STR("t4"), "good", SCENE_NOW);
		ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
		ck_assert_uint_eq(r.n_notes, 2);
		ck_assert_uint_eq(count_notes(&n_secret), 2);
		ck_assert_uint_eq(n_secret, 0);
		scene_close(&sc);
	}
END_TEST

static void append_secret(void *user)
{
	(void)user;
	append_of("anna", 2, END_NS);
}

/* By one who read the old version before that went; the last one still has the lock when all days
 * are done. */
START_TEST(an_update_that_comes_while_its_span_is_erased_is_told_as_pending)
	{
		static const char *const moments[] = { "fsync .2026-11-20.1.jsonl.zst.tmp",
			"renameat 2026-11-20.1.jsonl.zst", "flock 2026-11-23.lock" };
		for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
			struct erase_request request = { .is_wanted = is_secret };
			struct seal_options o = options();
			struct erase_result r;
			scene_open(&sc);
			append_of("bob", 1, SCENE_NOW);
			append_of("anna", 2, SCENE_NOW);
			append_of("bob", 3, END_NS);
			faults_use();
			faults.hook_at = moments[i];
			faults.hook = append_secret;
			ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
			ck_assert_ptr_null(faults.hook_at);
			faults_end();
			ck_assert_uint_eq(r.n_erased, 1);
			ck_assert_uint_eq(r.n_pending, 1);
			struct str audit = scene_file(&sc, "audit.jsonl");
			ck_assert_uint_lt(str_find(audit, STR("\"pending\":1")), audit.len);
			ck_assert_uint_eq(scene_count(&sc, 2), 1);
			scene_close(&sc);
		}
	}
END_TEST

static void append_more_of_trace(void *user)
{
	(void)user;
	append_of("bob", 3, END_NS);
}

START_TEST(notes_stay_whose_trace_goes_on_while_they_are_to_be_erased)
	{
		static const char *const moments[] = { "flock 2026-11-20.lock",
			"fsync .2026-11-20.notes.jsonl.tmp" };
		for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
			struct erase_request request = { .is_wanted = is_secret };
			struct seal_options o = options();
			struct erase_result r;
			unsigned n_secret;
			scene_open(&sc);
			append_of("anna", 2, SCENE_NOW);
			note_about(NOTE_ABOUT_SPAN, scene_id(2), STR("t1"), "secret", SCENE_NOW);
			note_about(NOTE_ABOUT_TRACE, STR("t1"), STR("t1"), "fine", SCENE_NOW);
			note_about(NOTE_ABOUT_SESSION, STR("s1"), STR_NULL, "fine", SCENE_NOW);
			faults_use();
			faults.hook_at = moments[i];
			faults.hook = append_more_of_trace;
			ck_assert_int_eq(erase_spans(&sc.store, W, &request, &o, &r), ERR_OK);
			ck_assert_ptr_null(faults.hook_at);
			faults_end();
			ck_assert_uint_eq(r.n_notes, 1);
			ck_assert_uint_eq(r.n_pending, 0);
			ck_assert_uint_eq(count_notes(&n_secret), 2);
			ck_assert_uint_eq(n_secret, 0);
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(erasing_goes_on_where_it_died)
	{
		int step = stride(31);
		for (int at = 0;; at += step) {
			unsigned n_secret;
			scene_open(&sc);
			make_erasable();
			make_notes();
			bool has_died = faults_kill(at, erase);
			ck_assert_uint_eq(scene_count(&sc, 1), 1);
			ck_assert_uint_eq(scene_count(&sc, 5), 1);
			ck_assert_uint_eq(count_notes(&n_secret), NOTES_KEPT);
			/* While one of them is there, so is what says that it goes. */
			ck_assert(n_secret == 0 || scene_count(&sc, 4) > 0);
			ck_assert_int_eq(erase(), ERR_OK);
			must_be_erased();
			must_see_the_same(&sc, "erased");
			scene_close(&sc);
			if (!has_died)
				break;
		}
	}
END_TEST

START_TEST(a_power_cut_while_erasing_loses_no_note)
	{
		int step = stride(23);
		for (int at = 0;; at += step) {
			unsigned n_secret;
			scene_open(&sc);
			make_erasable();
			make_notes();
			faults_use();
			faults.fail_at = at;
			faults.fail_for_ever = true;
			bool is_done = erase() == ERR_OK;
			disk_power_cut((unsigned)at);
			faults_end();
			scene_reopen(&sc);
			ck_assert_uint_eq(count_notes(&n_secret), NOTES_KEPT);
			ck_assert_uint_eq(scene_count(&sc, 1), 1);
			ck_assert_int_eq(erase(), ERR_OK);
			must_be_erased();
			scene_close(&sc);
			if (is_done)
				break;
		}
	}
END_TEST

UNIT_MAIN("chores", settings_keep_what_they_do_not_know,
	a_line_of_the_audit_that_was_cut_off_swallows_none,
	a_day_that_is_sealed_just_before_it_is_pruned_goes_whole,
	of_two_who_pin_a_trace_at_once_one_waits_for_the_other, old_days_go_and_pinned_traces_stay,
	what_is_said_later_about_pinned_traces_stays, late_notes_stay_wherever_pruning_dies,
	a_trace_that_is_pinned_while_its_day_is_about_to_go_stays,
	a_trace_that_is_pinned_at_any_moment_before_its_file_goes_stays,
	days_stay_that_are_to_be_kept_longer_meanwhile,
	pruning_gives_up_when_the_settings_change_all_the_time, the_newest_days_that_fit_stay,
	pruning_goes_on_where_it_died, each_past_day_has_its_turn_before_it_goes,
	each_past_day_has_its_turn_when_none_goes,
	of_a_few_days_far_apart_one_is_looked_at_each_time,
	a_backup_is_a_copy_and_the_next_one_copies_what_is_new,
	a_backup_leaves_nothing_out_that_it_cannot_read,
	a_backup_that_failed_leaves_one_that_can_be_restored,
	what_the_store_has_no_more_goes_from_the_copy_with_its_workspace,
	a_workspace_that_is_removed_while_a_backup_runs_is_left_out, a_backup_goes_nowhere_else,
	a_backup_that_died_is_finished_by_the_next_one, a_restore_tells_what_is_wrong,
	a_restore_that_died_is_finished_by_the_next_one,
	a_restore_takes_no_place_that_holds_more_than_another_one_began,
	a_sealed_day_that_was_damaged_when_it_was_backed_up_is_restored_as_it_was,
	a_sealed_day_that_the_place_of_the_restored_spoils_is_told,
	backups_taken_under_load_have_all_that_was_acknowledged,
	compacting_takes_out_what_later_days_replaced, compacting_may_die_anywhere,
	compacting_loses_no_span_whose_later_version_a_power_cut_takes,
	compacting_leaves_what_a_line_replaces_that_cannot_be_synced,
	erasing_takes_out_all_versions_and_leaves_an_audit,
	erasing_leaves_notes_that_are_damaged_or_of_what_stays_as_they_are,
	erasing_keeps_the_notes_of_a_span_that_is_somebody_elses_now, erasing_goes_on_where_it_died,
	an_update_that_comes_while_its_span_is_erased_is_told_as_pending,
	notes_stay_whose_trace_goes_on_while_they_are_to_be_erased,
	a_power_cut_while_erasing_loses_no_note)
