#include "base/conf.h"
#include "base/limits.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str parse_message(struct str text)
{
	struct conf c, before;
	struct str message = STR_NULL;
	conf_defaults(&c);
	memcpy(&before, &c, sizeof c); /* its padding too */
	ck_assert_int_eq(conf_parse(&c, test_arena(), text, &message), ERR_CONF);
	ck_assert(memcmp(&before, &c, sizeof c) == 0);
	return message;
}

static struct conf parsed(struct str text)
{
	struct conf c;
	struct str message = STR_NULL;
	conf_defaults(&c);
	enum err e = conf_parse(&c, test_arena(), text, &message);
	ck_assert_msg(e == ERR_OK, "%.*s", STR_ARG(message));
	ck_assert(str_is_null(message));
	return c;
}

static struct conf with(const char *key, const char *value)
{
	return parsed(arena_printf(test_arena(), "%s = %s\n", key, value));
}

START_TEST(the_defaults_are_those_of_the_table)
	{
		struct conf c = parsed(STR(""));
		ck_assert_str_is(c.root, STR("/var/lib/flatspan"));
		ck_assert_str_is(c.prefix, STR(""));
		ck_assert_str_is(c.workspace, STR("default"));
		ck_assert_int_eq(c.auth, CONF_AUTH_LOOPBACK);
		ck_assert_int_eq(c.sync, CONF_SYNC_ALWAYS);
		ck_assert(c.create_workspaces && c.index && c.drop_logs_metrics && c.atif_strict);
		ck_assert(!c.filter_echo_canonical);
		/* limits.h has the reasons. */
		ck_assert_uint_eq(c.body_bytes, LIMIT_BODY_BYTES);
		ck_assert_uint_eq(c.arena_bytes, LIMIT_ARENA_BYTES);
		ck_assert_uint_eq(c.free_bytes, LIMIT_FREE_BYTES);
		ck_assert_int_eq(c.lock_ms, LIMIT_LOCK_MS);
		ck_assert_int_eq(c.query_ms, LIMIT_QUERY_MS);
		ck_assert_int_eq(c.requests, LIMIT_REQUESTS);
		ck_assert(str_is_null(c.path));
	}
END_TEST

START_TEST(every_setting_of_the_table_is_read_from_a_file)
	{
		struct buf b;
		buf_init(&b, test_arena());
#define X(type, name, value, reason) \
	buf_printf(&b, "%s = %s # %s\n", #name, *value ? value : "x", reason);
		CONF_LIST(X)
#undef X
		struct conf c = parsed(buf_str(&b));
		ck_assert_str_is(c.keys, STR("x"));
		ck_assert_str_is(c.prices, STR("x"));
		ck_assert_str_is(c.root, STR("/var/lib/flatspan"));
	}
END_TEST

START_TEST(blanks_comments_and_line_ends_do_not_matter)
	{
		struct conf c = parsed(STR("\xef\xbb\xbf# first\r\n"
					   "\r\n"
					   "  root=/data\t# second\r\n"
					   "\t prefix \t=  /a#b/c d \n"
					   "#sync = none\n"
					   "workspace ==x= #\n"
					   "lock_ms = 1"));
		ck_assert_str_is(c.root, STR("/data"));
		ck_assert_str_is(c.prefix, STR("/a#b/c d"));
		ck_assert_str_is(c.workspace, STR("=x="));
		ck_assert_int_eq(c.sync, CONF_SYNC_ALWAYS);
		ck_assert_int_eq(c.lock_ms, 1);
	}
END_TEST

START_TEST(what_was_read_does_not_need_the_text_any_more)
	{
		char text[] = "root = /data\n";
		struct conf c = parsed(str_of(text, sizeof text - 1));
		memset(text, 'x', sizeof text);
		ck_assert_str_is(c.root, STR("/data"));
	}
END_TEST

START_TEST(switches_have_six_words)
	{
		static const char *const yes[] = { "yes", "true", "on", "YES", "True" };
		static const char *const no[] = { "no", "false", "off", "No", "FALSE" };
		for (size_t i = 0; i < 5; i++) {
			ck_assert_msg(with("filter_echo_canonical", yes[i]).filter_echo_canonical,
				"%s", yes[i]);
			ck_assert_msg(!with("index", no[i]).index, "%s", no[i]);
		}
		static const char *const bad[] = { "", "1", "0", "y", "yess", "none" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct str text = arena_printf(test_arena(), "index = %s", bad[i]);
			struct str want = arena_printf(test_arena(),
				"line 1: index: must be yes or no, not \"%s\"", bad[i]);
			ck_assert_str_is(parse_message(text), want);
		}
	}
END_TEST

START_TEST(sizes_have_units)
	{
		static const struct {
			const char *text;
			uint64_t bytes;
		} cases[] = {
			{ "0", 0 },
			{ "1", 1 },
			{ "64M", 64 << 20 },
			{ "2G", UINT64_C(2) << 30 },
			{ "3k", 3 << 10 },
			{ "4 T", UINT64_C(4) << 40 },
			{ "18446744073709551615", UINT64_MAX },
			{ "16777215T", UINT64_C(16777215) << 40 },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_uint_eq(
				with("body_bytes", cases[i].text).body_bytes, cases[i].bytes);
		static const char *const bad[] = { "", "M", "-1", "1.5G", "64MB", "64 Mi", "0x10",
			"18446744073709551616", "16777216T", "1 2", "1P" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct str text = arena_printf(test_arena(), "\nbody_bytes = %s", bad[i]);
			struct str want = arena_printf(test_arena(),
				"line 2: body_bytes: must be a number of bytes such as 64M or 2G, "
				"not \"%s\"",
				bad[i]);
			ck_assert_str_is(parse_message(text), want);
		}
	}
END_TEST

START_TEST(whole_numbers_fit_an_int)
	{
		ck_assert_int_eq(with("query_ms", "0").query_ms, 0);
		ck_assert_int_eq(with("query_ms", "2147483647").query_ms, 2147483647);
		static const char *const bad[] = { "", "2147483648", "-1", "1s", "1e3", "2K" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct str text = arena_printf(test_arena(), "query_ms = %s", bad[i]);
			struct str want = arena_printf(test_arena(),
				"line 1: query_ms: must be a whole number, not \"%s\"", bad[i]);
			ck_assert_str_is(parse_message(text), want);
		}
	}
END_TEST

START_TEST(words_are_those_of_the_setting)
	{
		ck_assert_int_eq(with("auth", "loopback").auth, CONF_AUTH_LOOPBACK);
		ck_assert_int_eq(with("auth", "on").auth, CONF_AUTH_ON);
		ck_assert_int_eq(with("auth", "Off").auth, CONF_AUTH_OFF);
		ck_assert_int_eq(with("sync", "none").sync, CONF_SYNC_NONE);
		ck_assert_int_eq(with("sync", "always").sync, CONF_SYNC_ALWAYS);
		ck_assert_str_is(parse_message(STR("auth = yes")),
			STR("line 1: auth: must be loopback, on or off, not \"yes\""));
		ck_assert_str_is(parse_message(STR("sync = no")),
			STR("line 1: sync: must be always or none, not \"no\""));
	}
END_TEST

START_TEST(what_is_no_setting_is_named_with_its_line)
	{
		ck_assert_str_is(parse_message(STR("root = /a\n\nrot = /b\n")),
			STR("line 3: rot: there is no such setting"));
		ck_assert_str_is(parse_message(STR("Root = /a")),
			STR("line 1: Root: there is no such setting"));
		ck_assert_str_is(
			parse_message(STR("root = /a\nroot = /a")), STR("line 2: root: set twice"));
		ck_assert_str_is(parse_message(STR("root =  # nothing")),
			STR("line 1: root: must not be empty"));
		ck_assert_str_is(parse_message(STR("root = /a\0b")),
			STR("line 1: root: the value holds control characters"));
		struct str no_pair =
			STR("line 1: a line is `key = value`, or a comment that begins with #");
		ck_assert_str_is(parse_message(STR("root /a")), no_pair);
		ck_assert_str_is(parse_message(STR("= /a")), no_pair);
		ck_assert_str_is(parse_message(STR("[section]")), no_pair);
	}
END_TEST

START_TEST(a_long_bad_value_is_cut_in_the_message)
	{
		struct buf b;
		buf_init(&b, test_arena());
		buf_add(&b, STR("index = "));
		for (int i = 0; i < 10000; i++)
			buf_add_char(&b, 'x');
		ck_assert_uint_lt(parse_message(buf_str(&b)).len, 200);
	}
END_TEST

/* ---- Finding the file: a directory of its own, made and removed by each test ---- */

struct place {
	char dir[64];
};

static const char *at(const struct place *p, const char *name)
{
	return arena_printf(test_arena(), "%s/%s", p->dir, name).ptr; /* NUL-terminated by printf */
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static struct place place_make(void)
{
	struct place p = { "/tmp/flatspan-conf-test-XXXXXX" };
	ck_assert(mkdtemp(p.dir));
	ck_assert_int_eq(mkdir(at(&p, "bin"), 0700), 0);
	ck_assert_int_eq(mkdir(at(&p, "home"), 0700), 0);
	ck_assert_int_eq(mkdir(at(&p, "home/.config"), 0700), 0);
	ck_assert_int_eq(mkdir(at(&p, "home/.config/flatspan"), 0700), 0);
	unsetenv("FLATSPAN_CONF");
	unsetenv("FLATSPAN_ROOT");
	setenv("HOME", at(&p, "home"), 1);
	return p;
}

static void place_remove(const struct place *p)
{
	static const char *const names[] = { "bin/flatspan.conf.path", "bin/other.conf",
		"home/.config/flatspan/flatspan.conf", "home/.config/flatspan", "home/.config",
		"home", "bin", "named.conf", "link.conf" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)remove(at(p, names[i])); /* not every test makes every file */
	ck_assert_int_eq(remove(p->dir), 0);
}

static enum err load(const struct place *p, struct conf *ret, struct str *ret_message)
{
	return conf_load(ret, test_arena(), at(p, "bin/spans"), ret_message);
}

static struct conf loaded(const struct place *p)
{
	struct conf c;
	struct str message = STR_NULL;
	enum err e = load(p, &c, &message);
	ck_assert_msg(e == ERR_OK, "%.*s", STR_ARG(message));
	return c;
}

/* The message without the directory. */
static struct str load_message(const struct place *p)
{
	struct conf c;
	struct str message = STR_NULL;
	ck_assert_int_eq(load(p, &c, &message), ERR_CONF);
	ck_assert(str_starts(message, str_from_c(p->dir)));
	return str_skip(message, strlen(p->dir) + 1);
}

START_TEST(the_named_file_then_the_pointer_then_home)
	{
		struct place p = place_make();
		put_file(at(&p, "home/.config/flatspan/flatspan.conf"), "workspace = from-home");
		struct conf c = loaded(&p);
		ck_assert_str_is(c.workspace, STR("from-home"));
		ck_assert_str_is(c.path, str_from_c(at(&p, "home/.config/flatspan/flatspan.conf")));

		put_file(at(&p, "bin/other.conf"), "workspace = from-pointer");
		put_file(at(&p, "bin/flatspan.conf.path"), "other.conf\n");
		ck_assert_str_is(loaded(&p).workspace, STR("from-pointer"));
		put_file(at(&p, "bin/flatspan.conf.path"), at(&p, "bin/other.conf"));
		ck_assert_str_is(loaded(&p).workspace, STR("from-pointer"));

		put_file(at(&p, "named.conf"), "workspace = named");
		setenv("FLATSPAN_CONF", at(&p, "named.conf"), 1);
		ck_assert_str_is(loaded(&p).workspace, STR("named"));
		place_remove(&p);
	}
END_TEST

START_TEST(the_environment_overrides_the_root)
	{
		struct place p = place_make();
		put_file(at(&p, "home/.config/flatspan/flatspan.conf"), "root = /from/file");
		ck_assert_str_is(loaded(&p).root, STR("/from/file"));
		setenv("FLATSPAN_ROOT", "", 1);
		ck_assert_str_is(loaded(&p).root, STR("/from/file"));
		setenv("FLATSPAN_ROOT", "/from/environment", 1);
		ck_assert_str_is(loaded(&p).root, STR("/from/environment"));
		place_remove(&p);
	}
END_TEST

START_TEST(parameters_of_a_request_are_no_settings)
	{
		struct place p = place_make();
		put_file(at(&p, "named.conf"), "workspace = named");
		setenv("HTTP_FLATSPAN_CONF", at(&p, "named.conf"), 1);
		setenv("HTTP_FLATSPAN_ROOT", "/evil", 1);
		setenv("HTTP_HOME", "/evil", 1);
		put_file(at(&p, "home/.config/flatspan/flatspan.conf"), "workspace = from-home");
		struct conf c = loaded(&p);
		ck_assert_str_is(c.workspace, STR("from-home"));
		ck_assert_str_is(c.root, STR("/var/lib/flatspan"));
		unsetenv("HTTP_FLATSPAN_CONF");
		unsetenv("HTTP_FLATSPAN_ROOT");
		unsetenv("HTTP_HOME");
		place_remove(&p);
	}
END_TEST

START_TEST(a_file_that_somebody_named_must_be_there)
	{
		struct place p = place_make();
		setenv("FLATSPAN_CONF", at(&p, "named.conf"), 1);
		ck_assert_str_is(load_message(&p), STR("named.conf is not there"));
		unsetenv("FLATSPAN_CONF");
		put_file(at(&p, "bin/flatspan.conf.path"), "other.conf");
		ck_assert_str_is(load_message(&p), STR("bin/other.conf is not there"));
		put_file(at(&p, "bin/flatspan.conf.path"), " \n");
		ck_assert_str_is(load_message(&p),
			STR("bin/flatspan.conf.path: must hold one path and nothing else"));
		put_file(at(&p, "bin/flatspan.conf.path"), "/a\n/b\n");
		ck_assert_str_is(load_message(&p),
			STR("bin/flatspan.conf.path: must hold one path and nothing else"));
		place_remove(&p);
	}
END_TEST

START_TEST(an_error_names_file_line_and_key_and_changes_nothing)
	{
		struct place p = place_make();
		put_file(at(&p, "named.conf"), "root = /data\nsync = maybe\n");
		setenv("FLATSPAN_CONF", at(&p, "named.conf"), 1);
		ck_assert_str_is(load_message(&p),
			STR("named.conf:2: sync: must be always or none, not \"maybe\""));
		struct conf c, before;
		struct str message;
		conf_defaults(&c);
		memcpy(&before, &c, sizeof c); /* its padding too */
		ck_assert_int_eq(load(&p, &c, &message), ERR_CONF);
		ck_assert(memcmp(&before, &c, sizeof c) == 0);
		place_remove(&p);
	}
END_TEST

START_TEST(a_link_is_followed_and_a_directory_is_not_read)
	{
		struct place p = place_make();
		put_file(at(&p, "named.conf"), "workspace = linked");
		ck_assert_int_eq(symlink("named.conf", at(&p, "link.conf")), 0);
		setenv("FLATSPAN_CONF", at(&p, "link.conf"), 1);
		ck_assert_str_is(loaded(&p).workspace, STR("linked"));
		setenv("FLATSPAN_CONF", at(&p, "home"), 1);
		ck_assert_str_is(load_message(&p), STR("home is not a regular file with one link"));
		place_remove(&p);
	}
END_TEST

START_TEST(a_file_of_64_kib_is_read_and_a_larger_one_refused)
	{
		struct place p = place_make();
		char *text = malloc((64 << 10) + 2);
		memset(text, '#', (64 << 10) + 1);
		memcpy(text, "lock_ms = 7\n", 12);
		text[64 << 10] = '\0';
		put_file(at(&p, "named.conf"), text);
		setenv("FLATSPAN_CONF", at(&p, "named.conf"), 1);
		ck_assert_int_eq(loaded(&p).lock_ms, 7);
		text[64 << 10] = '#';
		text[(64 << 10) + 1] = '\0';
		put_file(at(&p, "named.conf"), text);
		ck_assert_str_is(
			load_message(&p), STR("named.conf is too large for a configuration file"));
		free(text);
		place_remove(&p);
	}
END_TEST

UNIT_MAIN("conf", the_defaults_are_those_of_the_table,
	every_setting_of_the_table_is_read_from_a_file, blanks_comments_and_line_ends_do_not_matter,
	what_was_read_does_not_need_the_text_any_more, switches_have_six_words, sizes_have_units,
	whole_numbers_fit_an_int, words_are_those_of_the_setting,
	what_is_no_setting_is_named_with_its_line, a_long_bad_value_is_cut_in_the_message,
	the_named_file_then_the_pointer_then_home, the_environment_overrides_the_root,
	parameters_of_a_request_are_no_settings, a_file_that_somebody_named_must_be_there,
	an_error_names_file_line_and_key_and_changes_nothing,
	a_link_is_followed_and_a_directory_is_not_read,
	a_file_of_64_kib_is_read_and_a_larger_one_refused)
