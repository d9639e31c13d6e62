#include "unit.h"
#include "web/schema/schema.h"

/* A body that has everything: a batch of things in the manner of a span import. */

static bool is_small_letters(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 'a' || text.ptr[i] > 'z')
			return false;
	return text.len > 0;
}

static struct str even_or_told(void *user, struct arena *a, struct json v)
{
	int64_t i;
	(void)user;
	return pydantic_int(a, v, &i) && i % 2 == 0
		       ? STR_NULL
		       : arena_printf(a, "%.*s is odd", STR_ARG(v.raw));
}

static struct str a_is_not_b(void *user, struct arena *a, struct json v)
{
	struct json x = json_get(v, STR("int")), y = json_get(v, STR("even"));
	(void)user;
	return x.type != JSON_NONE && json_equal(a, x, y) ? STR("int must differ from even")
							  : STR_NULL;
}

static const struct str colours[] = { { "red", 3 }, { "green", 5 }, { "blue", 4 } };
static const struct str one_name[] = { { "only", 4 } };

static const struct pydantic id = { .type = PYDANTIC_STR, .min_length = 1, .max_length = 4 };
static const struct pydantic word = {
	.type = PYDANTIC_STR, .pattern = "^[a-z]+\\Z", .matches = is_small_letters
};
static const struct pydantic count = { .type = PYDANTIC_INT, .has_least = true, .least = 0 };
static const struct pydantic cost = {
	.type = PYDANTIC_FLOAT, .is_nullable = true, .has_least = true
};
static const struct pydantic even = { .type = PYDANTIC_INT, .after = even_or_told };
static const struct pydantic flag = { .type = PYDANTIC_BOOL };
static const struct pydantic at = { .type = PYDANTIC_DATETIME, .is_nullable = true };
static const struct pydantic colour = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(colours) };
static const struct pydantic only = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(one_name) };
static const struct pydantic costs = { .type = PYDANTIC_DICT, .item = &count, .max_length = 2 };
static const struct pydantic filled = { .type = PYDANTIC_DICT, .min_length = 1 };
static const struct pydantic ids = {
	.type = PYDANTIC_LIST, .item = &id, .min_length = 1, .max_length = 2
};

static const struct pydantic_field cat_fields[] = { { "kind", &pydantic_str, true },
	{ "lives", &count, true } };
static const struct pydantic_field dog_fields[] = { { "kind", &pydantic_str, true },
	{ "name", &id, false } };
static const struct pydantic cat = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(cat_fields) };
static const struct pydantic dog = {
	.type = PYDANTIC_MODEL, PYDANTIC_FIELDS(dog_fields), .extra = PYDANTIC_FORBID
};
static const struct pydantic_choice pet_choices[] = { { "cat", &cat }, { "dog", &dog } };
static const struct pydantic pet = {
	.type = PYDANTIC_TAGGED, .tag = "kind", PYDANTIC_CHOICES(pet_choices)
};
static const struct pydantic_choice either_choices[] = { { "str", &id }, { "list[str]", &ids } };
static const struct pydantic either = { .type = PYDANTIC_UNION, PYDANTIC_CHOICES(either_choices) };

static const struct pydantic_field fields[] = {
	{ "id", &id, true },
	{ "word", &word, false },
	{ "int", &count, false },
	{ "cost", &cost, false },
	{ "even", &even, false },
	{ "flag", &flag, false },
	{ "at", &at, false },
	{ "colour", &colour, false },
	{ "only", &only, false },
	{ "costs", &costs, false },
	{ "filled", &filled, false },
	{ "ids", &ids, false },
	{ "pet", &pet, false },
	{ "either", &either, false },
	{ "any", &pydantic_any, false },
};

static const struct pydantic body = { .type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(fields),
	.extra = PYDANTIC_FORBID,
	.after = a_is_not_b };

static struct json parsed(const char *text)
{
	struct json_error e;
	ck_assert_msg(json_check(str_from_c(text), LIMIT_DEPTH, &e), "%s", text);
	return json_open(str_from_c(text));
}

/* What the checker says, one problem a line: type loc msg|input|ctx */
static struct str told(const struct pydantic *t, const char *text)
{
	struct problems p = { .arena = test_arena() };
	struct buf b;
	buf_init(&b, test_arena());
	bool is_good = pydantic_check(&p, t, parsed(text), NULL);
	ck_assert(is_good == (p.n == 0));
	for (size_t i = 0; i < p.n; i++) {
		const struct problem *one = &p.list[i];
		buf_printf(&b, "%s%.*s %.*s %.*s|%.*s|%.*s", i ? "\n" : "", STR_ARG(one->type),
			STR_ARG(one->loc), STR_ARG(one->msg), STR_ARG(one->input),
			STR_ARG(one->ctx));
	}
	return buf_str(&b);
}

/* The same of a body that has only this beside its id. */
static struct str told_of(const char *members)
{
	struct str text = arena_printf(test_arena(), "{\"id\":\"x\",%s}", members);
	return told(&body, arena_copy_c(test_arena(), text));
}

START_TEST(what_fits_is_let_through)
	{
		static const char *const good[] = {
			"\"word\":\"abc\"",
			"\"int\":3",
			"\"int\":3.0",
			"\"int\":\" +1_0 \"",
			"\"int\":true",
			"\"cost\":null",
			"\"cost\":0",
			"\"cost\":\" 1.5 \"",
			"\"cost\":false",
			"\"flag\":false",
			"\"flag\":\"YES\"",
			"\"flag\":1.0",
			"\"at\":\"2026-01-01\"",
			"\"at\":1767225600",
			"\"at\":\"2026-01-01 00:00:00.5+02:00\"",
			"\"colour\":\"gr\\u0065en\"",
			"\"only\":\"only\"",
			"\"costs\":{}",
			"\"costs\":{\"a\":1,\"b\":2}",
			"\"ids\":[\"a\",\"b\"]",
			"\"pet\":{\"kind\":\"cat\",\"lives\":9,\"unknown\":1}",
			"\"pet\":{\"kind\":\"dog\"}",
			"\"either\":\"abcd\"",
			"\"either\":[\"abcd\"]",
			"\"any\":[{\"a\":null}]",
			"\"\\u0061ny\":null",
			"\"word\":5,\"word\":\"last\"",
			/* four characters, eight bytes */
			"\"either\":\"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\"",
			"\"either\":\"\\ud83d\\ude00\\ud83d\\ude00\"",
		};
		for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
			ck_assert_str_is(told_of(good[i]), STR(""));
	}
END_TEST

START_TEST(each_problem_is_told_in_pydantics_words)
	{
		static const struct {
			const char *members, *want;
		} cases[] = {
			{ "\"word\":5",
				"string_type [\"body\",\"word\"] Input should be a valid string|5|" },
			{ "\"word\":null",
				"string_type [\"body\",\"word\"] Input should be a valid "
				"string|null|" },
			{ "\"word\":\"Abc\"",
				"string_pattern_mismatch [\"body\",\"word\"] String should match "
				"pattern '^[a-z]+\\Z'|\"Abc\"|{\"pattern\":\"^[a-z]+\\\\Z\"}" },
			{ "\"int\":\"abc\"",
				"int_parsing [\"body\",\"int\"] Input should be a valid integer, "
				"unable to parse string as an integer|\"abc\"|" },
			{ "\"int\":1.5",
				"int_from_float [\"body\",\"int\"] Input should be a valid "
				"integer, got a number with a fractional part|1.5|" },
			{ "\"int\":99999999999999999999",
				"int_parsing_size [\"body\",\"int\"] Unable to parse input string "
				"as an integer, exceeded maximum size|99999999999999999999|" },
			{ "\"int\":null", "int_type [\"body\",\"int\"] Input should be a valid "
					  "integer|null|" },
			{ "\"int\":-1",
				"greater_than_equal [\"body\",\"int\"] Input should be greater "
				"than or equal to 0|-1|{\"ge\":0}" },
			{ "\"cost\":\"x\"",
				"float_parsing [\"body\",\"cost\"] Input should be a valid number, "
				"unable to parse string as a number|\"x\"|" },
			{ "\"cost\":[]", "float_type [\"body\",\"cost\"] Input should be a valid "
					 "number|[]|" },
			{ "\"cost\":1e999",
				"finite_number [\"body\",\"cost\"] Input should be a finite "
				"number|1e999|" },
			{ "\"cost\":-0.5",
				"greater_than_equal [\"body\",\"cost\"] Input should be greater "
				"than or equal to 0|-0.5|{\"ge\":0.0}" },
			{ "\"flag\":\"maybe\"",
				"bool_parsing [\"body\",\"flag\"] Input should be a valid boolean, "
				"unable to interpret input|\"maybe\"|" },
			{ "\"flag\":2",
				"bool_parsing [\"body\",\"flag\"] Input should be a valid boolean, "
				"unable to interpret input|2|" },
			{ "\"flag\":[]", "bool_type [\"body\",\"flag\"] Input should be a valid "
					 "boolean|[]|" },
			{ "\"at\":\"soon\"",
				"datetime_from_date_parsing [\"body\",\"at\"] Input should be a "
				"valid datetime or date, input is too "
				"short|\"soon\"|{\"error\":\"input is too short\"}" },
			{ "\"at\":\"2026-13-01T00:00:00Z\"",
				"datetime_from_date_parsing [\"body\",\"at\"] Input should be a "
				"valid datetime or date, month value is outside expected range of "
				"1-12|\"2026-13-01T00:00:00Z\"|{\"error\":\"month value is outside "
				"expected range of 1-12\"}" },
			{ "\"at\":\"2026-02-29\"",
				"datetime_from_date_parsing [\"body\",\"at\"] Input should be a "
				"valid datetime or date, day value is outside expected "
				"range|\"2026-02-29\"|{\"error\":\"day value is outside expected "
				"range\"}" },
			{ "\"at\":\"2026-02-28T24:00\"",
				"datetime_from_date_parsing [\"body\",\"at\"] Input should be a "
				"valid datetime or date, unexpected extra characters at the end of "
				"the input|\"2026-02-28T24:00\"|{\"error\":\"unexpected extra "
				"characters at the end of the input\"}" },
			{ "\"at\":\"2262-04-12\"",
				"datetime_from_date_parsing [\"body\",\"at\"] Input should be a "
				"valid datetime or date, only the years from 1678 to 2261 can be "
				"stored|\"2262-04-12\"|{\"error\":\"only the years from 1678 to "
				"2261 can be stored\"}" },
			{ "\"at\":true", "datetime_type [\"body\",\"at\"] Input should be a valid "
					 "datetime|true|" },
			{ "\"colour\":\"pink\"",
				"enum [\"body\",\"colour\"] Input should be 'red', 'green' or "
				"'blue'|\"pink\"|{\"expected\":\"'red', 'green' or 'blue'\"}" },
			{ "\"only\":7", "literal_error [\"body\",\"only\"] Input should be "
					"'only'|7|{\"expected\":\"'only'\"}" },
			{ "\"costs\":[]", "dict_type [\"body\",\"costs\"] Input should be a valid "
					  "dictionary|[]|" },
			{ "\"costs\":{\"a\\u0041\":-1}",
				"greater_than_equal [\"body\",\"costs\",\"aA\"] Input should be "
				"greater than or equal to 0|-1|{\"ge\":0}" },
			{ "\"costs\":{\"a\":1,\"b\":1,\"c\":1}",
				"too_long [\"body\",\"costs\"] Dictionary should have at most 2 "
				"items after validation, not "
				"3|{\"a\":1,\"b\":1,\"c\":1}|{\"field_type\":\"Dictionary\","
				"\"max_length\":2,\"actual_length\":3}" },
			{ "\"filled\":{}",
				"too_short [\"body\",\"filled\"] Dictionary should have at least 1 "
				"item after validation, not "
				"0|{}|{\"field_type\":\"Dictionary\",\"min_length\":1,\"actual_"
				"length\":0}" },
			{ "\"ids\":[]",
				"too_short [\"body\",\"ids\"] List should have at least 1 item "
				"after validation, not "
				"0|[]|{\"field_type\":\"List\",\"min_length\":1,\"actual_length\":"
				"0}" },
			{ "\"ids\":[1,2,3]",
				"too_long [\"body\",\"ids\"] List should have at most 2 items "
				"after validation, not "
				"3|[1,2,3]|{\"field_type\":\"List\",\"max_length\":2,\"actual_"
				"length\":3}" },
			{ "\"ids\":{}",
				"list_type [\"body\",\"ids\"] Input should be a valid list|{}|" },
			{ "\"ids\":[\"a\",\"\"]",
				"string_too_short [\"body\",\"ids\",1] String should have at least "
				"1 character|\"\"|{\"min_length\":1}" },
			{ "\"ids\":[\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"]",
				"string_too_long [\"body\",\"ids\",0] String should have at most 4 "
				"characters|\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"|{\"max_"
				"length\":4}" },
			{ "\"pet\":5",
				"model_attributes_type [\"body\",\"pet\"] Input should be a valid "
				"dictionary or object to extract fields from|5|" },
			{ "\"pet\":{}",
				"union_tag_not_found [\"body\",\"pet\"] Unable to extract tag "
				"using discriminator 'kind'|{}|{\"discriminator\":\"'kind'\"}" },
			{ "\"pet\":{\"kind\":\"cow\"}",
				"union_tag_invalid [\"body\",\"pet\"] Input tag 'cow' found using "
				"'kind' does not match any of the expected tags: 'cat', "
				"'dog'|{\"kind\":\"cow\"}|{\"discriminator\":\"'kind'\",\"tag\":"
				"\"cow\",\"expected_tags\":\"'cat', 'dog'\"}" },
			{ "\"pet\":{\"kind\":\"cat\"}",
				"missing [\"body\",\"pet\",\"cat\",\"lives\"] Field "
				"required|{\"kind\":\"cat\"}|" },
			{ "\"pet\":{\"kind\":\"dog\",\"na\\tme\":1}",
				"extra_forbidden [\"body\",\"pet\",\"dog\",\"na\\tme\"] Extra "
				"inputs are not permitted|1|" },
			{ "\"either\":5",
				"string_type [\"body\",\"either\",\"str\"] Input should be a valid "
				"string|5|\nlist_type [\"body\",\"either\",\"list[str]\"] Input "
				"should be a valid list|5|" },
			{ "\"even\":3", "value_error [\"body\",\"even\"] Value error, 3 is "
					"odd|3|{\"error\":{}}" },
			{ "\"even\":2,\"int\":2",
				"value_error [\"body\"] Value error, int must differ from "
				"even|{\"id\":\"x\",\"even\":2,\"int\":2}|{\"error\":{}}" },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_str_is(told_of(cases[i].members), str_from_c(cases[i].want));
	}
END_TEST

START_TEST(all_problems_are_told_fields_first_unknown_members_behind)
	{
		ck_assert_str_is(
			told(&body,
				"{\"zero\":0,\"colour\":\"\",\"int\":2,\"even\":2,\"other\":1}"),
			STR("missing [\"body\",\"id\"] Field required|{\"zero\":0,\"colour\":\"\","
			    "\"int\":2,\"even\":2,\"other\":1}|\n"
			    "enum [\"body\",\"colour\"] Input should be 'red', 'green' or "
			    "'blue'|\"\"|{\"expected\":\"'red', 'green' or 'blue'\"}\n"
			    "extra_forbidden [\"body\",\"zero\"] Extra inputs are not permitted|0|\n"
			    "extra_forbidden [\"body\",\"other\"] Extra inputs are not "
			    "permitted|1|"));
	}
END_TEST

START_TEST(a_body_that_is_no_object_is_told)
	{
		ck_assert_str_is(told(&body, "[1, 2]"),
			STR("model_attributes_type [\"body\"] Input should be a valid dictionary "
			    "or object to extract fields from|[1,2]|"));
	}
END_TEST

START_TEST(no_more_problems_are_kept_than_the_limit)
	{
		static const struct pydantic list = { .type = PYDANTIC_LIST, .item = &id };
		for (int over = 0; over < 2; over++) {
			struct problems p = { .arena = test_arena() };
			struct buf b;
			buf_init(&b, test_arena());
			for (int i = 0; i < LIMIT_PROBLEMS + over; i++)
				buf_add(&b, i ? STR(",1") : STR("[1"));
			buf_add_char(&b, ']');
			ck_assert(!pydantic_check(&p, &list, json_open(buf_str(&b)), NULL));
			ck_assert_uint_eq(p.n, LIMIT_PROBLEMS);
		}
	}
END_TEST

START_TEST(a_choice_that_fits_is_seen_when_the_list_is_full)
	{
		static const struct pydantic list = { .type = PYDANTIC_LIST, .item = &either };
		struct problems p = { .arena = test_arena() };
		struct buf b;
		buf_init(&b, test_arena());
		for (int i = 0; i < LIMIT_PROBLEMS; i++)
			buf_add(&b, i ? STR(",1") : STR("[1"));
		buf_add(&b, STR(",[\"ok\"]]"));
		ck_assert(!pydantic_check(&p, &list, json_open(buf_str(&b)), NULL));
		ck_assert_uint_eq(p.n, LIMIT_PROBLEMS);
		ck_assert_str_is(
			p.list[LIMIT_PROBLEMS - 1].loc, STR("[\"body\",49,\"list[str]\"]"));
	}
END_TEST

START_TEST(a_large_input_is_not_repeated)
	{
		for (size_t over = 0; over < 2; over++) {
			struct problems p = { .arena = test_arena() };
			struct buf b;
			buf_init(&b, test_arena());
			buf_add(&b, STR("{\"any\":\""));
			while (b.len < PYDANTIC_INPUT_MAX - 2 + over)
				buf_add_char(&b, 'x');
			buf_add(&b, STR("\"}"));
			ck_assert(!pydantic_check(&p, &body, json_open(buf_str(&b)), NULL));
			ck_assert_uint_eq(p.n, 1);
			ck_assert_str_is(p.list[0].type, STR("missing"));
			ck_assert(str_is_null(p.list[0].input) == (over == 1));
		}
	}
END_TEST

START_TEST(a_model_is_split_by_its_fields)
	{
		struct json values[sizeof fields / sizeof fields[0]];
		pydantic_split(&body, parsed("{\"any\":1,\"id\":\"a\",\"x\":2,\"i\\u0064\":\"b\"}"),
			values);
		ck_assert_str_is(values[0].raw, STR("\"b\""));
		ck_assert_int_eq(values[1].type, JSON_NONE);
		ck_assert_str_is(values[14].raw, STR("1"));
		ck_assert(pydantic_is_set(values[14]));
		ck_assert(!pydantic_is_set(values[1]));
	}
END_TEST

START_TEST(values_are_read_by_the_rules_they_were_checked_by)
	{
		struct arena *a = test_arena();
		int64_t i, ns;
		bool is_naive;
		struct str text;
		ck_assert(pydantic_int(a, parsed("\"12.0\""), &i));
		ck_assert_int_eq(i, 12);
		ck_assert(pydantic_int(a, parsed("true"), &i));
		ck_assert_int_eq(i, 1);
		ck_assert(!pydantic_int(a, parsed("{}"), &i));
		ck_assert(pydantic_float(a, parsed("\"+0.50\""), &text));
		ck_assert_str_is(text, STR("0.50"));
		ck_assert(!pydantic_float(a, parsed("\"nan\""), &text));
		ck_assert(pydantic_datetime(a, parsed("\"2026-01-01T00:00:00\""), &ns, &is_naive));
		ck_assert(is_naive);
		ck_assert(pydantic_datetime(a, parsed("\"2026-01-01T00:00:00Z\""), &ns, &is_naive));
		ck_assert(!is_naive);
		ck_assert_int_eq(ns, INT64_C(1767225600000000000));
		ck_assert(pydantic_datetime(a, parsed("1767225600"), &ns, &is_naive));
		ck_assert(!is_naive);
	}
END_TEST

UNIT_MAIN("pydantic", what_fits_is_let_through, each_problem_is_told_in_pydantics_words,
	all_problems_are_told_fields_first_unknown_members_behind, a_body_that_is_no_object_is_told,
	no_more_problems_are_kept_than_the_limit, a_choice_that_fits_is_seen_when_the_list_is_full,
	a_large_input_is_not_repeated, a_model_is_split_by_its_fields,
	values_are_read_by_the_rules_they_were_checked_by)
