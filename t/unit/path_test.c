#include "query/match/path.h"

#include "unit.h"

static const char document[] =
	"{\"a\":{\"b\":[{\"a b\":1},2.50,[\"deep\"],null,true]},"
	"\"a.b\":\"dotted\",\"\\\"q\\\"\":\"quoted\",\"caf\xc3\xa9\":\"\\n\",\"twice\":1,"
	"\"twice\":2,\"0\":\"zero\",\"\":\"empty name\",\"a\\\\\":\"backslash\",\"s\":\"\"}";

/* want: the raw value; NULL: not there. */
static const struct path_case {
	const char *path, *want;
} cases[] = {
	{ "$.a.b[1]", "2.50" },
	{ "a.b[1]", "2.50" },
	{ ".a.b[1]", "2.50" },
	{ "$.a.b.[1]", "2.50" },
	{ "$.a.b[0].\"a b\"", "1" },
	{ "$.a.b[0].'a b'", "1" },
	{ "$.a.b[0][\"a b\"]", "1" },
	{ "$['a']['b'][0]['a b']", "1" },
	{ "$.a.b[2][0]", "\"deep\"" },
	{ "$.a.b[3]", "null" },
	{ "$.a.b[4]", "true" },
	{ "$.a.b[5]", NULL },
	{ "$.a.b[18446744073709551615]", NULL },
	{ "$.a.b[18446744073709551616]", NULL },
	{ "$.a.b[-1]", NULL },
	{ "$.a.b[*]", NULL },
	{ "$.a.b[", NULL },
	{ "$.a.b[0", NULL },
	{ "$.a.b]", NULL },
	{ "$.a.b[1]x", NULL },
	{ "$.a..b", NULL },
	{ "$.a.", NULL },
	{ "$a", NULL },
	{ "", NULL },
	{ "$.a.\"b", NULL },
	{ "$.a.b.c", NULL },
	{ "$.s.b", NULL },
	{ "$.s[0]", NULL },
	{ "$.s", "\"\"" },
	{ "$.\"a.b\"", "\"dotted\"" },
	{ "\"a.b\"", "\"dotted\"" },
	{ "$.\"\\\"q\\\"\"", "\"quoted\"" },
	{ "$.'\"q\"'", "\"quoted\"" },
	{ "$.caf\xc3\xa9", "\"\\n\"" },
	{ "$.twice", "2" },
	{ "$.0", "\"zero\"" },
	{ "$[0]", NULL },
	{ "$.\"\"", "\"empty name\"" },
	{ "$.\"a\\\\\"", "\"backslash\"" },
	{ "missing", NULL },
};

START_TEST(a_path_leads_to_its_value_or_to_none)
	{
		struct json root = json_open(str_from_c(document));
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct json v = path_get(test_arena(), root, str_from_c(cases[i].path));
			if (!cases[i].want)
				ck_assert_msg(v.type == JSON_NONE, "%s", cases[i].path);
			else
				ck_assert_msg(str_eq(v.raw, str_from_c(cases[i].want)),
					"%s gives %.*s", cases[i].path, STR_ARG(v.raw));
		}
	}
END_TEST

START_TEST(the_root_alone_is_the_whole_value)
	{
		struct json root = json_open(STR("[1]"));
		ck_assert_str_is(path_get(test_arena(), root, STR("$")).raw, STR("[1]"));
		ck_assert(path_get(test_arena(), json_open(STR("")), STR("$")).type == JSON_NONE);
	}
END_TEST

START_TEST(a_path_is_judged_without_a_value)
	{
		static const char *const good[] = { "$", "a", "$.a", "[0]", "$[0]", ".a",
			"$.a[0].b", "$.\"a]b\"", "$.*" };
		static const char *const bad[] = { "", "$a", "$..a", ".", "$.", "[", "[]", "[x]",
			"[1", "$.a[0]b", "a\"b\"", "$.\"a" };
		for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
			ck_assert_msg(path_valid(str_from_c(good[i])), "%s", good[i]);
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			ck_assert_msg(!path_valid(str_from_c(bad[i])), "%s", bad[i]);
	}
END_TEST

START_TEST(only_scalars_have_a_text)
	{
		ck_assert_str_is(path_scalar(json_open(STR("\"a\\n\""))), STR("a\\n"));
		ck_assert_str_is(path_scalar(json_open(STR("1.50"))), STR("1.50"));
		ck_assert_str_is(path_scalar(json_open(STR("null"))), STR("null"));
		ck_assert_str_is(path_scalar(json_open(STR("true"))), STR("true"));
		ck_assert(str_is_null(path_scalar(json_open(STR("[]")))));
		ck_assert(str_is_null(path_scalar(json_open(STR("{}")))));
		ck_assert(str_is_null(path_scalar(json_open(STR("")))));
	}
END_TEST

UNIT_MAIN("path", a_path_leads_to_its_value_or_to_none, the_root_alone_is_the_whole_value,
	a_path_is_judged_without_a_value, only_scalars_have_a_text)
