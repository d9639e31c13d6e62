/*
 * doc/shard-format.md says what the program does: its examples are lines, its table of members is
 * the table of fields, and the tests it names are there.
 */
#include "scene.h"

#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

static struct str source_file(const char *name)
{
	struct str path = arena_printf(test_arena(), FLATSPAN_SOURCE_DIR "/%s", name);
	int fd = open(arena_copy_c(test_arena(), path), O_RDONLY);
	ck_assert_msg(fd >= 0, "%s", name);
	struct stat st;
	ck_assert_int_eq(fstat(fd, &st), 0);
	char *p = arena_text(test_arena(), (size_t)st.st_size);
	ck_assert_int_eq(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	return str_of(p, (size_t)st.st_size);
}

static struct str page(void)
{
	return source_file("doc/shard-format.md");
}

START_TEST(the_examples_are_lines_as_they_are_written)
	{
		unsigned n = 0;
		struct str rest = page();
		while (!str_is_null(rest)) {
			struct str line = str_cut(&rest, '\n');
			struct span s;
			struct buf again;
			if (!str_starts(line, STR("{\"")))
				continue;
			ck_assert_int_eq(line_read(line, NULL, false, &s), LINE_OK);
			buf_init(&again, test_arena());
			line_write(&again, &s);
			again.len--;
			ck_assert_str_is(buf_str(&again), line);
			n++;
		}
		ck_assert_uint_eq(n, 2);
	}
END_TEST

static const char *type_name(enum field_type type)
{
	switch (type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_KIND:
	case FIELD_TYPE_STATUS:
		return "text";
	case FIELD_TYPE_BOOL:
		return "flag";
	case FIELD_TYPE_TIME:
		return "time";
	case FIELD_TYPE_I64:
		return "integer";
	case FIELD_TYPE_DEC:
		return "decimal";
	case FIELD_TYPE_JSON:
		return "any";
	}
	return "";
}

START_TEST(the_members_are_those_of_the_table_in_the_order_of_a_line)
	{
		/* In the order of the list, which is that of a line. */
		static const enum field order[] = {
#define X(id, name, member, type, column, may) FIELD_##name,
			FIELD_LIST(X)
#undef X
		};
		struct str rest = page();
		size_t n = 0;
		rest = str_skip(rest, str_find(rest, STR("| member | type |")));
		(void)str_cut(&rest, '\n');
		(void)str_cut(&rest, '\n');
		for (; n < FIELD__MAX; n++) {
			const struct field_info *f = &field_info[order[n]];
			struct str row = str_cut(&rest, '\n');
			struct str want = arena_printf(test_arena(), "| `%.*s` | %s |",
				STR_ARG(f->member), type_name(f->type));
			ck_assert_msg(str_starts(row, want),
				"\"%.*s\" does not begin with \"%.*s\"", STR_ARG(row),
				STR_ARG(want));
		}
		ck_assert_uint_eq(str_cut(&rest, '\n').len, 0);
	}
END_TEST

static bool is_test_name(struct str s)
{
	size_t underscores = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '_' && (s.ptr[i] < 'a' || s.ptr[i] > 'z'))
			return false;
		underscores += s.ptr[i] == '_';
	}
	return underscores >= 3;
}

START_TEST(the_tests_it_names_are_there)
	{
		static const char *const files[] = { "store/append", "store/chores", "store/damage",
			"store/index", "store/index_damage", "store/lookup", "store/protocol",
			"store/root", "store/frame_cache", "store/prefetch", "store/seal",
			"store/seal_fault", "store/sealed_damage", "store/sealed_file",
			"store/sealed_frames", "store/sealed_walk", "store/torture",
			"unit/rescue" };
		struct buf tests;
		unsigned n = 0;
		buf_init(&tests, test_arena());
		for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
			buf_add(&tests,
				source_file((const char *)arena_copy_c(test_arena(),
					arena_printf(test_arena(), "t/%s_test.c", files[i]))));
		struct str rest = page();
		for (bool is_quoted = false; !str_is_null(rest); is_quoted = !is_quoted) {
			struct str word = str_cut(&rest, '`');
			if (!is_quoted || !is_test_name(word))
				continue;
			struct str test =
				arena_printf(test_arena(), "START_TEST(%.*s)", STR_ARG(word));
			ck_assert_msg(str_find(buf_str(&tests), test) < tests.len,
				"no test is called %.*s", STR_ARG(word));
			n++;
		}
		ck_assert_uint_gt(n, 30);
	}
END_TEST

UNIT_MAIN("format", the_examples_are_lines_as_they_are_written,
	the_members_are_those_of_the_table_in_the_order_of_a_line, the_tests_it_names_are_there)
