#include "base/log.h"
#include "unit.h"

#include <jansson.h>
#include <unistd.h>

/* What one call of log_event() writes, standard error being a pipe meanwhile. */
static struct str logged(
	enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
	enum { ROOM = 64 << 10 };
	int ends[2], saved = dup(STDERR_FILENO);
	char *text = arena_text(test_arena(), ROOM);
	ck_assert(saved >= 0 && pipe(ends) == 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	log_event(level, event, fields, n);
	ck_assert_int_eq(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(ends[1]);
	size_t len = 0;
	ssize_t got;
	while ((got = read(ends[0], text + len, ROOM - len)) > 0)
		len += (size_t)got;
	close(ends[0]);
	return str_of(text, len);
}

/* The line as jansson reads it; one line, with its newline. */
static json_t *read_line(struct str line)
{
	json_error_t error;
	ck_assert(line.len > 0 && str_index(line, '\n') == line.len - 1);
	json_t *root = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(root, "%s: %.*s", error.text, STR_ARG(line));
	return root;
}

static void check_value(struct str value, struct str want)
{
	const struct log_field field = { "value", value };
	json_t *root = read_line(logged(LOG_WARN, "event", &field, 1));
	const json_t *got = json_object_get(root, "value");
	ck_assert_str_is(str_of(json_string_value(got), json_string_length(got)), want);
	json_decref(root);
}

static struct str repeated(const char *unit, size_t times)
{
	struct buf b;
	buf_init(&b, test_arena());
	while (times--)
		buf_add(&b, str_from_c(unit));
	return buf_str(&b);
}

START_TEST(an_event_is_one_line_of_json)
	{
		const struct log_field fields[] = { { "path", STR("/v1/traces") },
			{ "reason", STR("too large") } };
		json_t *root = read_line(logged(LOG_WARN, "body refused", fields, 2));
		const char *time, *level, *pid, *event, *path, *reason;
		ck_assert_int_eq(json_unpack(root, "{s:s, s:s, s:s, s:s, s:s, s:s !}", "time",
					 &time, "level", &level, "pid", &pid, "event", &event,
					 "path", &path, "reason", &reason),
			0);
		ck_assert_str_eq(level, "warn");
		ck_assert_str_eq(event, "body refused");
		ck_assert_str_eq(path, "/v1/traces");
		ck_assert_str_eq(reason, "too large");
		ck_assert_int_eq(strtol(pid, NULL, 10), getpid());
		ck_assert_int_eq(time[10], 'T');
		json_decref(root);
	}
END_TEST

START_TEST(every_byte_is_escaped_so_that_json_reads_it_back)
	{
		for (int c = 0; c < 256; c++) {
			char text[3] = { 'a', (char)c, 'b' };
			struct str want = c < 0x80 ? str_of(text, 3)
						   : STR("a\xef\xbf\xbd"
							 "b");
			const struct log_field field = { "v", str_of(text, 3) };
			struct str line = logged(LOG_WARN, "e", &field, 1);
			for (size_t i = 0; i + 1 < line.len; i++)
				ck_assert_int_ge((unsigned char)line.ptr[i], 0x20);
			ck_assert_uint_eq(str_index(line, 0x7f), line.len);
			if (c) /* jansson refuses NUL without a flag; its escape is checked below */
				check_value(str_of(text, 3), want);
			else
				ck_assert_uint_lt(str_find(line, STR("\"a\\u0000b\"")), line.len);
		}
	}
END_TEST

START_TEST(text_beyond_ascii_stays_and_its_controls_are_escaped)
	{
		check_value(STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
			STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
		/* U+009B begins a command to a terminal. U+00A0 does not. */
		const struct log_field field = { "v", STR("\xc2\x9b\xc2\xa0") };
		struct str line = logged(LOG_WARN, "e", &field, 1);
		ck_assert_uint_lt(str_find(line, STR("\"\\u009b\xc2\xa0\"")), line.len);
		check_value(field.value, field.value);
		check_value(STR("a\xe2\x82"), STR("a\xef\xbf\xbd\xef\xbf\xbd"));
	}
END_TEST

START_TEST(a_value_of_256_bytes_is_whole_and_one_more_is_cut)
	{
		check_value(repeated("x", 256), repeated("x", 256));
		check_value(repeated("x", 257), arena_printf(test_arena(), "%.*s\xe2\x80\xa6",
							STR_ARG(repeated("x", 256))));
	}
END_TEST

START_TEST(a_value_is_not_cut_within_a_character)
	{
		for (size_t shift = 0; shift < 4; shift++) {
			struct str text = arena_printf(test_arena(), "%.*s%.*s", (int)shift, "xxx",
				STR_ARG(repeated("\xf0\x9f\x98\x80", 100)));
			struct str kept = str_first(text, shift + (256 - shift) / 4 * 4);
			check_value(text,
				arena_printf(test_arena(), "%.*s\xe2\x80\xa6", STR_ARG(kept)));
		}
		/* Continuation bytes without end are no character. */
		struct str line = logged(
			LOG_WARN, "e", &(const struct log_field){ "v", repeated("\x80", 5000) }, 1);
		json_decref(read_line(line));
	}
END_TEST

START_TEST(a_line_that_grows_too_long_loses_whole_fields_and_says_so)
	{
		struct log_field fields[40];
		for (size_t i = 0; i < 40; i++)
			fields[i] = (struct log_field){
				arena_printf(test_arena(), "field%zu", i).ptr,
				repeated("\x01", 256) /* six bytes each */
			};
		fields[39].value = STR("short");
		struct str line = logged(LOG_WARN, "e", fields, 40);
		ck_assert_uint_le(line.len, 4096);
		json_t *root = read_line(line);
		ck_assert(json_is_true(json_object_get(root, "cut")));
		ck_assert_uint_eq(json_string_length(json_object_get(root, "field0")), 256);
		ck_assert(!json_object_get(root, "field30"));
		ck_assert_str_eq(json_string_value(json_object_get(root, "field39")), "short");
		json_decref(root);
	}
END_TEST

START_TEST(a_long_event_is_cut_too)
	{
		struct buf event;
		buf_init(&event, test_arena());
		buf_add(&event, repeated("\"", 5000));
		buf_add_char(&event, '\0');
		json_t *root = read_line(logged(LOG_ERROR, buf_str(&event).ptr, NULL, 0));
		ck_assert_uint_eq(json_string_length(json_object_get(root, "event")), 259);
		json_decref(root);
	}
END_TEST

UNIT_MAIN("log", an_event_is_one_line_of_json, every_byte_is_escaped_so_that_json_reads_it_back,
	text_beyond_ascii_stays_and_its_controls_are_escaped,
	a_value_of_256_bytes_is_whole_and_one_more_is_cut, a_value_is_not_cut_within_a_character,
	a_line_that_grows_too_long_loses_whole_fields_and_says_so, a_long_event_is_cut_too)
