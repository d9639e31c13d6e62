#include "query/match/match.h"

#include "query/match/order.h"

#include "random.h"
#include "unit.h"

/* A span from a JSON object of stored members; times are written as plain numbers. */
static struct span span_of(const char *json)
{
	struct span s;
	enum kind kind;
	enum status status;
	int64_t n;
	span_init(&s);
	struct json_iter it = json_members(json_open(str_from_c(json)));
	while (json_next(&it)) {
		enum field f = field_from_member(it.key);
		ck_assert_msg(f < FIELD__MAX, "no field %.*s", STR_ARG(it.key));
		switch (field_info[f].type) {
		case FIELD_TYPE_STR:
		case FIELD_TYPE_TEXT:
			span_set_text(&s, f, json_body(it.value));
			break;
		case FIELD_TYPE_DEC:
		case FIELD_TYPE_JSON:
			span_set_text(&s, f, it.value.raw);
			break;
		case FIELD_TYPE_KIND:
			ck_assert(kind_from_name(json_body(it.value), &kind));
			span_set_i64(&s, f, kind);
			break;
		case FIELD_TYPE_STATUS:
			ck_assert(status_from_name(json_body(it.value), &status));
			span_set_i64(&s, f, status);
			break;
		case FIELD_TYPE_BOOL:
			span_set_i64(&s, f, it.value.type == JSON_TRUE);
			break;
		default:
			ck_assert(json_to_i64(it.value, &n));
			span_set_i64(&s, f, n);
		}
	}
	return s;
}

static const char full[] =
	"{\"name\":\"Say \\\"Hi\\\"\\nthere\",\"model\":\"gpt-4o\",\"provider\":\"\","
	"\"kind\":\"LLM\",\"status\":\"error\",\"started_at\":1000,\"ended_at\":3500,"
	"\"input_tokens\":7,\"cost_total_usd\":0.10,\"cost_input_usd\":-1e300,"
	"\"tags\":[\"prod\",\"Team \\\"A\\\"\",7,[\"x\"],null],"
	"\"error_message\":\"boom\","
	"\"metadata\":{\"a\":{\"b\":[10,{\"c\":\"TRUE\"}]},\"t\":true,\"n\":null,\"s\":\"\","
	"\"year\":\"2023\",\"list\":[1,\"two\",{\"k\":3.0}],\"o\":{},\"e\":[]},"
	"\"input\":{\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"yes\\\"\\nnow\"}]},"
	"\"output\":\"plain text\",\"expected\":{},\"attributes\":[]}";

/* Flags of a case. */
enum { FOLD = 1, ZERO = 2, NUM = 4 };

/* Values are separated by |, and are numbers for fields that are. */
/* clang-format off */
static const struct match_case {
	unsigned field;
	enum op op;
	const char *path, *values;
	unsigned flags;
	bool want;
} cases[] = {
	/* short text */
	{ FIELD_MODEL,	OP_EQ,		NULL, "gpt-4o",			0,	true },
	{ FIELD_MODEL,	OP_EQ,		NULL, "GPT-4O",			0,	false },
	{ FIELD_MODEL,	OP_EQ,		NULL, "GPT-4O",			FOLD,	true },
	{ FIELD_MODEL,	OP_NE,		NULL, "gpt-4o",			0,	false },
	{ FIELD_MODEL,	OP_NE,		NULL, "x",			0,	true },
	{ FIELD_MODEL,	OP_IN,		NULL, "x|gpt-4o|y",		0,	true },
	{ FIELD_MODEL,	OP_IN,		NULL, "x|y",			0,	false },
	{ FIELD_MODEL,	OP_IN,		NULL, NULL,			0,	false },
	{ FIELD_MODEL,	OP_NOT_IN,	NULL, "x|y",			0,	true },
	{ FIELD_MODEL,	OP_NOT_IN,	NULL, "x|gpt-4o",		0,	false },
	{ FIELD_MODEL,	OP_NOT_IN,	NULL, NULL,			0,	true },
	{ FIELD_MODEL,	OP_LT,		NULL, "gpt-5",			0,	true },
	{ FIELD_MODEL,	OP_LT,		NULL, "gpt-4o",			0,	false },
	{ FIELD_MODEL,	OP_LE,		NULL, "gpt-4o",			0,	true },
	{ FIELD_MODEL,	OP_GT,		NULL, "Gpt-5",			0,	true },
	{ FIELD_MODEL,	OP_GT,		NULL, "Gpt-5",			FOLD,	false },
	{ FIELD_MODEL,	OP_GE,		NULL, "gpt-4o",			0,	true },
	{ FIELD_MODEL,	OP_CONTAINS,	NULL, "4",			0,	true },
	{ FIELD_MODEL,	OP_CONTAINS,	NULL, "4O",			0,	false },
	{ FIELD_MODEL,	OP_CONTAINS,	NULL, "T-4O",			FOLD,	true },
	{ FIELD_MODEL,	OP_CONTAINS,	NULL, "",			0,	true },
	{ FIELD_MODEL,	OP_NOT_CONTAINS, NULL, "5",			0,	true },
	{ FIELD_MODEL,	OP_NOT_CONTAINS, NULL, "4",			0,	false },
	{ FIELD_MODEL,	OP_STARTS,	NULL, "gpt",			0,	true },
	{ FIELD_MODEL,	OP_STARTS,	NULL, "GPT",			FOLD,	true },
	{ FIELD_MODEL,	OP_STARTS,	NULL, "4o",			0,	false },
	{ FIELD_MODEL,	OP_ENDS,	NULL, "-4o",			0,	true },
	{ FIELD_MODEL,	OP_ENDS,	NULL, "-4O",			FOLD,	true },
	{ FIELD_MODEL,	OP_ENDS,	NULL, "gpt",			0,	false },
	{ FIELD_MODEL,	OP_EMPTY,	NULL, NULL,			0,	false },
	{ FIELD_MODEL,	OP_NOT_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_MODEL,	OP_GT,		NULL, "4",			NUM,	false },
	{ FIELD_MODEL,	OP_HAS,		NULL, "gpt-4o",			0,	false },
	{ FIELD_NAME,	OP_CONTAINS,	NULL, "\\\"Hi\\\"",		0,	true },
	{ FIELD_NAME,	OP_CONTAINS,	NULL, "\\nthere",		0,	true },
	{ FIELD_NAME,	OP_CONTAINS,	NULL, "nthere",			0,	false },
	{ FIELD_NAME,	OP_ENDS,	NULL, "nthere",			0,	false },
	{ FIELD_NAME,	OP_TEXT,	NULL, "hi",			0,	true },
	{ FIELD_ERROR_MESSAGE, OP_EQ,	NULL, "boom",			0,	true },
	/* empty is present, absent is not */
	{ FIELD_PROVIDER, OP_EQ,	NULL, "",			0,	true },
	{ FIELD_PROVIDER, OP_NE,	NULL, "x",			0,	true },
	{ FIELD_PROVIDER, OP_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_PROVIDER, OP_NOT_EMPTY,	NULL, NULL,			0,	false },
	{ FIELD_AGENT_ID, OP_EQ,	NULL, "",			0,	false },
	{ FIELD_AGENT_ID, OP_NE,	NULL, "x",			0,	false },
	{ FIELD_AGENT_ID, OP_NOT_IN,	NULL, "x",			0,	false },
	{ FIELD_AGENT_ID, OP_LT,	NULL, "x",			0,	false },
	{ FIELD_AGENT_ID, OP_CONTAINS,	NULL, "",			0,	false },
	{ FIELD_AGENT_ID, OP_NOT_CONTAINS, NULL, "x",			0,	false },
	{ FIELD_AGENT_ID, OP_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_AGENT_ID, OP_NOT_EMPTY,	NULL, NULL,			0,	false },
	{ FIELD_AGENT_ID, OP_EQ,	NULL, "",			ZERO,	true },
	{ FIELD_AGENT_ID, OP_NE,	NULL, "x",			ZERO,	true },
	{ FIELD_AGENT_ID, OP_NE,	NULL, "",			ZERO,	false },
	{ FIELD_AGENT_ID, OP_LT,	NULL, "x",			ZERO,	true },
	{ FIELD_AGENT_ID, OP_NOT_CONTAINS, NULL, "x",			ZERO,	true },
	{ FIELD_AGENT_ID, OP_EMPTY,	NULL, NULL,			ZERO,	true },
	{ FIELD_AGENT_ID, OP_NOT_EMPTY,	NULL, NULL,			ZERO,	false },
	/* codes, times, integers, decimals, duration */
	{ FIELD_KIND,	OP_EQ,		NULL, "1",			0,	true },
	{ FIELD_KIND,	OP_IN,		NULL, "3|1",			0,	true },
	{ FIELD_STATUS,	OP_NE,		NULL, "2",			0,	false },
	{ FIELD_STATUS,	OP_NOT_IN,	NULL, "1|3",			0,	true },
	{ FIELD_STATUS,	OP_CONTAINS,	NULL, "2",			0,	false },
	{ FIELD_STARTED_AT, OP_GE,	NULL, "1000",			0,	true },
	{ FIELD_STARTED_AT, OP_GT,	NULL, "1000",			0,	false },
	{ FIELD_STARTED_AT, OP_LE,	NULL, "1000",			0,	true },
	{ FIELD_STARTED_AT, OP_LT,	NULL, "1001",			0,	true },
	{ FIELD_UPDATED_AT, OP_NE,	NULL, "1",			0,	false },
	{ FIELD_UPDATED_AT, OP_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_INPUT_TOKENS, OP_EQ,	NULL, "7",			0,	true },
	{ FIELD_OUTPUT_TOKENS, OP_LT,	NULL, "7",			0,	false },
	{ FIELD_OUTPUT_TOKENS, OP_LT,	NULL, "7",			ZERO,	true },
	{ FIELD_OUTPUT_TOKENS, OP_EQ,	NULL, "0",			ZERO,	true },
	{ FIELD_OUTPUT_TOKENS, OP_NOT_EMPTY, NULL, NULL,		ZERO,	false },
	{ FIELD_COST_TOTAL_USD, OP_EQ,	NULL, "100000000000",		0,	true },
	{ FIELD_COST_TOTAL_USD, OP_GT,	NULL, "99999999999",		0,	true },
	{ FIELD_COST_TOTAL_USD, OP_LT,	NULL, "100000000001",		0,	true },
	{ FIELD_COST_TOTAL_USD, OP_EQ,	NULL, "1e-1",			0,	true },
	{ FIELD_COST_TOTAL_USD, OP_IN,	NULL, "0.2|0.10",		0,	true },
	{ FIELD_COST_TOTAL_USD, OP_GT,	NULL, "0.1",			0,	false },
	{ FIELD_COST_INPUT_USD, OP_LT,	NULL, "-9223372036854775807",	0,	true },
	{ FIELD_COST_OUTPUT_USD, OP_EQ,	NULL, "0",			0,	false },
	{ FIELD_COST_OUTPUT_USD, OP_EQ,	NULL, "0",			ZERO,	true },
	{ QUERY_DURATION, OP_EQ,	NULL, "2500",			0,	true },
	{ QUERY_DURATION, OP_GT,	NULL, "2500",			0,	false },
	{ QUERY_DURATION, OP_EMPTY,	NULL, NULL,			0,	false },
	/* lists */
	{ FIELD_TAGS,	OP_HAS,		NULL, "prod",			0,	true },
	{ FIELD_TAGS,	OP_HAS,		NULL, "PROD",			0,	false },
	{ FIELD_TAGS,	OP_HAS,		NULL, "PROD",			FOLD,	true },
	{ FIELD_TAGS,	OP_HAS,		NULL, "pro",			0,	false },
	{ FIELD_TAGS,	OP_HAS,		NULL, "7",			0,	true },
	{ FIELD_TAGS,	OP_HAS,		NULL, "x",			0,	false },
	{ FIELD_TAGS,	OP_HAS_NOT,	NULL, "x",			0,	true },
	{ FIELD_TAGS,	OP_HAS_NOT,	NULL, "prod",			0,	false },
	{ FIELD_TAGS,	OP_CONTAINS,	NULL, "pro",			0,	true },
	{ FIELD_TAGS,	OP_CONTAINS,	NULL, "team \\\"a",		FOLD,	true },
	{ FIELD_TAGS,	OP_CONTAINS,	NULL, "prod\\\",",		0,	false },
	{ FIELD_TAGS,	OP_NOT_CONTAINS, NULL, "pro",			0,	false },
	{ FIELD_TAGS,	OP_NOT_CONTAINS, NULL, "dev",			0,	true },
	{ FIELD_TAGS,	OP_NOT_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_USAGE_DETAILS, OP_HAS,	NULL, "x",			0,	false },
	{ FIELD_USAGE_DETAILS, OP_HAS_NOT, NULL, "x",			0,	false },
	{ FIELD_USAGE_DETAILS, OP_HAS_NOT, NULL, "x",			ZERO,	true },
	{ FIELD_METADATA, OP_HAS,	"list", "two",			0,	true },
	{ FIELD_METADATA, OP_HAS,	"list", "3.0",			0,	false },
	/* JSON as a whole: its text */
	{ FIELD_INPUT,	OP_CONTAINS,	NULL, "{\\\"role\\\":\\\"user\\\"", 0,	true },
	{ FIELD_INPUT,	OP_CONTAINS,	NULL, "MESSAGES",		0,	false },
	{ FIELD_INPUT,	OP_CONTAINS,	NULL, "MESSAGES",		FOLD,	true },
	{ FIELD_INPUT,	OP_CONTAINS,	NULL, "say \\\\\\\"yes",	0,	true },
	{ FIELD_INPUT,	OP_CONTAINS,	NULL, "say \\\"yes",		0,	false },
	{ FIELD_OUTPUT,	OP_EQ,		NULL, "\\\"plain text\\\"",	0,	true },
	{ FIELD_OUTPUT,	OP_EQ,		NULL, "plain text",		0,	false },
	{ FIELD_OUTPUT,	OP_STARTS,	NULL, "\\\"plain",		0,	true },
	{ FIELD_OUTPUT,	OP_ENDS,	NULL, "TEXT\\\"",		FOLD,	true },
	{ FIELD_OUTPUT,	OP_GT,		NULL, "!",			0,	true },
	{ FIELD_EXPECTED, OP_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_ATTRIBUTES, OP_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_COST_DETAILS, OP_EMPTY,	NULL, NULL,			0,	true },
	{ FIELD_METADATA, OP_EMPTY,	NULL, NULL,			0,	false },
	/* free text searches what the text says */
	{ FIELD_INPUT,	OP_TEXT,	NULL, "say \\\"yes\\\"",	0,	true },
	{ FIELD_INPUT,	OP_TEXT,	NULL, "nnow",			0,	false },
	{ QUERY_ANY_TEXT, OP_TEXT,	NULL, "plain",			0,	true },
	{ QUERY_ANY_TEXT, OP_TEXT,	NULL, "messages",		0,	true },
	{ QUERY_ANY_TEXT, OP_TEXT,	NULL, "2023",			0,	true },
	{ QUERY_ANY_TEXT, OP_TEXT,	NULL, "there",			0,	true },
	{ QUERY_ANY_TEXT, OP_TEXT,	NULL, "boom",			0,	false },
	/* JSON by path */
	{ FIELD_METADATA, OP_EQ,	"$.a.b[0]", "10",		0,	true },
	{ FIELD_METADATA, OP_EQ,	"$.a.b[1].c", "true",		0,	false },
	{ FIELD_METADATA, OP_EQ,	"$.a.b[1].c", "true",		FOLD,	true },
	{ FIELD_METADATA, OP_EQ,	"t", "true",			0,	true },
	{ FIELD_METADATA, OP_EQ,	"n", "NULL",			FOLD,	true },
	{ FIELD_METADATA, OP_CONTAINS,	"n", "NUL",			FOLD,	true },
	{ FIELD_METADATA, OP_CONTAINS,	"year", "02",			0,	true },
	{ FIELD_METADATA, OP_EMPTY,	"n", NULL,			0,	true },
	{ FIELD_METADATA, OP_EMPTY,	"s", NULL,			0,	true },
	{ FIELD_METADATA, OP_EMPTY,	"t", NULL,			0,	false },
	{ FIELD_METADATA, OP_EMPTY,	"a", NULL,			0,	true },
	{ FIELD_METADATA, OP_EMPTY,	"none", NULL,			0,	true },
	{ FIELD_METADATA, OP_NOT_EMPTY,	"list", NULL,			0,	false },
	{ FIELD_METADATA, OP_NE,	"none", "x",			0,	false },
	{ FIELD_METADATA, OP_NE,	"none", "x",			ZERO,	true },
	{ FIELD_METADATA, OP_NE,	"a", "x",			0,	false },
	{ FIELD_METADATA, OP_NE,	"a", "x",			ZERO,	true },
	{ FIELD_METADATA, OP_EQ,	"a", "",			ZERO,	true },
	{ FIELD_METADATA, OP_GT,	"year", "2022",			NUM,	true },
	{ FIELD_METADATA, OP_GT,	"year", "900",			NUM,	true },
	{ FIELD_METADATA, OP_GT,	"year", "900",			0,	false },
	{ FIELD_METADATA, OP_LE,	"a.b[0]", "1e1",		NUM,	true },
	{ FIELD_METADATA, OP_EQ,	"a.b[0]", "10.0",		NUM,	true },
	{ FIELD_METADATA, OP_NE,	"a.b[0]", "10.0",		NUM,	false },
	{ FIELD_METADATA, OP_IN,	"a.b[0]", "1|10.0",		NUM,	true },
	{ FIELD_METADATA, OP_NOT_IN,	"a.b[0]", "1|2",		NUM,	true },
	{ FIELD_METADATA, OP_GT,	"t", "0",			NUM,	false },
	{ FIELD_METADATA, OP_NE,	"t", "0",			NUM,	false },
	{ FIELD_METADATA, OP_GT,	"year", "a",			NUM,	false },
	{ FIELD_METADATA, OP_LT,	"none", "1",			NUM,	false },
	{ FIELD_METADATA, OP_LT,	"none", "1",			NUM | ZERO, true },
	/* JSON by value */
	{ FIELD_METADATA, OP_JSON_EQ,	"a.b[0]", "10.0",		0,	true },
	{ FIELD_METADATA, OP_JSON_EQ,	"a.b[0]", "\"10\"",		0,	false },
	{ FIELD_METADATA, OP_JSON_EQ,	"list", "\"two\"",		0,	true },
	{ FIELD_METADATA, OP_JSON_EQ,	"list", "{\"k\":3}",		0,	true },
	{ FIELD_METADATA, OP_JSON_EQ,	"list", "\"2\"|\"1\"|1e0",	0,	true },
	{ FIELD_METADATA, OP_JSON_EQ,	"list", "\"1\"",		0,	false },
	{ FIELD_METADATA, OP_JSON_EQ,	"n", "null",			0,	true },
	{ FIELD_METADATA, OP_JSON_EQ,	"none", "null",			0,	false },
	{ FIELD_METADATA, OP_JSON_EQ,	"none", "null",			ZERO,	false },
	{ FIELD_METADATA, OP_JSON_EQ,	"o", "{}",			0,	true },
	{ FIELD_TAGS,	OP_JSON_EQ,	NULL, "7.0",			0,	true },
};
/* clang-format on */

static struct pred pred_of(const struct match_case *c)
{
	static struct str texts[8];
	static int64_t numbers[8];
	struct pred p = { .field = c->field, .op = c->op };
	struct str rest = str_from_c(c->values);
	p.fold = c->flags & FOLD;
	p.absent_is_zero = c->flags & ZERO;
	p.numeric = c->flags & NUM;
	p.path = str_from_c(c->path);
	p.texts = texts;
	while (!str_is_null(rest)) {
		texts[p.n_values] = str_cut(&rest, '|');
		if (str_to_i64(texts[p.n_values], &numbers[p.n_values]))
			p.numbers = numbers;
		p.n_values++;
	}
	return p;
}

START_TEST(every_operator_means_what_the_table_says)
	{
		struct span s = span_of(full);
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct pred p = pred_of(&cases[i]);
			ck_assert_msg(pred_match(&p, &s, test_arena()) == cases[i].want,
				"case %zu: field %u, operator %d, path %s, values %s", i,
				cases[i].field, cases[i].op, cases[i].path ? cases[i].path : "-",
				cases[i].values ? cases[i].values : "-");
		}
	}
END_TEST

START_TEST(an_unfinished_span_has_no_duration)
	{
		struct span s = span_of("{\"started_at\":5}");
		int64_t zero = 0;
		struct pred p = {
			.field = QUERY_DURATION, .op = OP_GE, .numbers = &zero, .n_values = 1
		};
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.absent_is_zero = true;
		ck_assert(pred_match(&p, &s, test_arena()));
		p.op = OP_EMPTY;
		ck_assert(pred_match(&p, &s, test_arena()));
	}
END_TEST

START_TEST(no_operator_matches_a_span_without_anything_but_empty)
	{
		struct span s = span_of("{}");
		struct str text = STR("");
		int64_t number = 0;
		for (unsigned f = 0; f < QUERY__MAX; f++)
			for (unsigned op = 0; op < OP__MAX; op++) {
				struct pred p = { .field = f,
					.op = (enum op)op,
					.texts = &text,
					.numbers = &number,
					.n_values = 1 };
				bool is_id = f == QUERY_IDENTITY || f == QUERY_TRACE_SPAN;
				bool want = op == OP_EMPTY && f != QUERY_ANY_TEXT && !is_id;
				if (is_id && op == OP_NOT_IN_SET)
					want = true;
				ck_assert_msg(pred_match(&p, &s, test_arena()) == want,
					"field %u, operator %u", f, op);
			}
	}
END_TEST

START_TEST(sets_are_of_hashes)
	{
		struct span s = span_of("{\"span_id\":\"s\",\"trace_id\":\"t\",\"source\":\"x\"}");
		uint64_t hashes[] = { 1, 2, 3, UINT64_MAX };
		struct pred p = { .field = QUERY_IDENTITY, .op = OP_IN_SET, .set = { hashes, 4 } };
		ck_assert(!pred_match(&p, &s, test_arena()));
		uint64_t mine[] = { 0, span_identity_hash(&s) };
		p.set = (struct hash_set){ mine, 2 };
		ck_assert(pred_match(&p, &s, test_arena()));
		p.op = OP_NOT_IN_SET;
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.field = FIELD_SPAN_ID;
		ck_assert(pred_match(&p, &s, test_arena()));
		mine[1] = pred_text_hash(STR("s"));
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.op = OP_IN_SET;
		ck_assert(pred_match(&p, &s, test_arena()));
		p.set.n = 0;
		ck_assert(!pred_match(&p, &s, test_arena()));
	}
END_TEST

START_TEST(what_one_field_lacks_another_may_have)
	{
		struct span s = span_of("{\"metadata\":{\"a\":1,\"b\":null},"
					"\"attributes\":{\"a\":2,\"b\":2,\"c\":2}}");
		struct str two = STR("2");
		struct pred p = { .field = FIELD_METADATA,
			.op = OP_EQ,
			.fallback = FIELD_ATTRIBUTES,
			.texts = &two,
			.n_values = 1 };
		p.path = STR("$.c");
		ck_assert(pred_match(&p, &s, test_arena()));
		p.op = OP_EMPTY;
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.path = STR("$.d");
		ck_assert(pred_match(&p, &s, test_arena()));
		p.op = OP_JSON_EQ;
		p.path = STR("$.a"); /* is there, and null is something too */
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.path = STR("$.b");
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.path = STR("$.c");
		ck_assert(pred_match(&p, &s, test_arena()));
		struct clause c = { &p, 1 };
		struct query q;
		query_init(&q);
		q.clauses = &c;
		q.n_clauses = 1;
		struct field_set fields = query_fields(&q);
		ck_assert(field_set_has(&fields, FIELD_METADATA));
		ck_assert(field_set_has(&fields, FIELD_ATTRIBUTES));
	}
END_TEST

START_TEST(long_lists_are_looked_up_by_hash)
	{
		struct span s = span_of("{\"name\":\"b\",\"metadata\":{\"k\":\"b\"}}");
		struct str texts[] = { STR("a"), STR("b"), STR("c") };
		uint64_t hashes[3];
		for (size_t i = 0; i < 3; i++) {
			size_t at = i;
			uint64_t hash = pred_text_hash(texts[i]);
			for (; at && hashes[at - 1] > hash; at--)
				hashes[at] = hashes[at - 1];
			hashes[at] = hash;
		}
		struct pred p = { .field = FIELD_NAME,
			.op = OP_IN,
			.texts = texts,
			.n_values = 3,
			.set = { hashes, 3 } };
		ck_assert(pred_match(&p, &s, test_arena()));
		p.op = OP_NOT_IN;
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.field = FIELD_METADATA;
		p.path = STR("$.k");
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.op = OP_IN;
		ck_assert(pred_match(&p, &s, test_arena()));
		span_set_text(&s, FIELD_NAME, STR("B"));
		p.field = FIELD_NAME;
		p.path = STR_NULL;
		ck_assert(!pred_match(&p, &s, test_arena()));
		p.fold = true; /* hashes know no case */
		ck_assert(pred_match(&p, &s, test_arena()));
	}
END_TEST

START_TEST(a_span_of_a_trace_is_found_whatever_its_source)
	{
		struct span s = span_of("{\"span_id\":\"s\",\"trace_id\":\"t\",\"source\":\"x\"}");
		struct span other =
			span_of("{\"span_id\":\"s\",\"trace_id\":\"u\",\"source\":\"x\"}");
		uint64_t hash = pred_trace_span_hash(STR("t"), STR("s"));
		struct pred p = { .field = QUERY_TRACE_SPAN, .op = OP_IN_SET, .set = { &hash, 1 } };
		ck_assert(pred_match(&p, &s, test_arena()));
		span_set_text(&s, FIELD_SOURCE, STR("y"));
		ck_assert(pred_match(&p, &s, test_arena()));
		ck_assert(!pred_match(&p, &other, test_arena()));
		p.op = OP_NOT_IN_SET;
		ck_assert(!pred_match(&p, &s, test_arena()));
		ck_assert(pred_match(&p, &other, test_arena()));
		ck_assert(pred_trace_span_hash(STR("s"), STR("t")) != hash);
	}
END_TEST

START_TEST(all_clauses_must_hold_and_one_predicate_of_each)
	{
		struct span s = span_of("{\"name\":\"a\",\"model\":\"b\",\"started_at\":10}");
		struct str a = STR("a"), b = STR("b");
		struct pred name_a = { .field = FIELD_NAME, .texts = &a, .n_values = 1 },
			    name_b = name_a, model_b = name_a;
		name_b.texts = model_b.texts = &b;
		model_b.field = FIELD_MODEL;
		struct pred either[] = { name_b, name_a }, neither[] = { name_b, name_b };
		struct clause clauses[] = { { either, 2 }, { &model_b, 1 } };
		struct query q;
		query_init(&q);
		ck_assert(query_match(&q, &s, test_arena()));
		q.clauses = clauses;
		q.n_clauses = 2;
		ck_assert(query_match(&q, &s, test_arena()));
		clauses[0].preds = neither;
		ck_assert(!query_match(&q, &s, test_arena()));
		clauses[0].n = 0;
		ck_assert(!query_match(&q, &s, test_arena()));
	}
END_TEST

START_TEST(the_window_has_both_its_ends)
	{
		struct span s = span_of("{\"started_at\":10}"), none = span_of("{}");
		struct query q;
		query_init(&q);
		ck_assert(query_match(&q, &none, test_arena()));
		q.from_ns = q.to_ns = 10;
		ck_assert(query_match(&q, &s, test_arena()));
		ck_assert(!query_match(&q, &none, test_arena()));
		q.from_ns = q.to_ns = 11;
		ck_assert(!query_match(&q, &s, test_arena()));
		q.from_ns = q.to_ns = 9;
		ck_assert(!query_match(&q, &s, test_arena()));
	}
END_TEST

START_TEST(roots_have_no_parent_or_an_empty_one)
	{
		struct span root = span_of("{}"), empty = span_of("{\"parent_span_id\":\"\"}"),
			    child = span_of("{\"parent_span_id\":\"p\"}");
		struct query q;
		query_init(&q);
		q.roots_only = true;
		ck_assert(query_match(&q, &root, test_arena()));
		ck_assert(query_match(&q, &empty, test_arena()));
		ck_assert(!query_match(&q, &child, test_arena()));
	}
END_TEST

START_TEST(a_query_names_every_field_it_looks_at)
	{
		struct pred preds[] = { { .field = QUERY_DURATION }, { .field = QUERY_ANY_TEXT },
			{ .field = QUERY_IDENTITY }, { .field = FIELD_MODEL } };
		struct clause clause = { preds, 4 };
		struct query q;
		static const enum field want[] = { FIELD_STARTED_AT, FIELD_ENDED_AT, FIELD_NAME,
			FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA, FIELD_SOURCE, FIELD_TRACE_ID,
			FIELD_SPAN_ID, FIELD_MODEL, FIELD_PARENT_SPAN_ID, FIELD_COST_TOTAL_USD };
		struct field_set set = { { 0 } };
		query_init(&q);
		q.clauses = &clause;
		q.n_clauses = 1;
		q.roots_only = true;
		q.sort[0].field = FIELD_COST_TOTAL_USD;
		q.n_sort = 1;
		for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
			field_set_add(&set, want[i]);
		struct field_set got = query_fields(&q);
		ck_assert_mem_eq(&got, &set, sizeof set);
		query_init(&q);
		q.to_ns = 5;
		got = query_fields(&q);
		ck_assert(field_set_has(&got, FIELD_STARTED_AT));
	}
END_TEST

static int compare(const struct query *q, const char *x, const char *y)
{
	struct span sx = span_of(x), sy = span_of(y);
	struct position px, py;
	query_position(q, &sx, test_arena(), &px);
	query_position(q, &sy, test_arena(), &py);
	return query_compare(q, &px, &py);
}

START_TEST(absent_values_sort_last_either_way_or_as_zero)
	{
		struct query q;
		query_init(&q);
		q.sort[0].field = FIELD_INPUT_TOKENS;
		q.n_sort = 1;
		ck_assert_int_lt(compare(&q, "{\"input_tokens\":-1}", "{}"), 0);
		ck_assert_int_eq(compare(&q, "{}", "{}"), 0);
		q.sort[0].descending = true;
		ck_assert_int_lt(compare(&q, "{\"input_tokens\":-1}", "{}"), 0);
		q.sort[0].absent_is_zero = true;
		ck_assert_int_gt(compare(&q, "{\"input_tokens\":-1}", "{}"), 0);
		ck_assert_int_eq(compare(&q, "{\"input_tokens\":0}", "{}"), 0);
		q.sort[0].field = FIELD_MODEL;
		ck_assert_int_gt(compare(&q, "{}", "{\"model\":\"a\"}"), 0);
		ck_assert_int_eq(compare(&q, "{}", "{\"model\":\"\"}"), 0);
	}
END_TEST

START_TEST(text_sorts_by_what_it_says)
	{
		struct query q;
		query_init(&q);
		q.sort[0].field = FIELD_NAME;
		q.n_sort = 1;
		/* A line feed is below a blank, its escape is not. */
		ck_assert_int_lt(compare(&q, "{\"name\":\"a\\nb\"}", "{\"name\":\"a b\"}"), 0);
		ck_assert_int_lt(compare(&q, "{\"name\":\"a\"}", "{\"name\":\"a\\u0000\"}"), 0);
		q.sort[0].descending = true;
		ck_assert_int_gt(compare(&q, "{\"name\":\"a\"}", "{\"name\":\"ab\"}"), 0);
	}
END_TEST

START_TEST(json_sorts_by_text_or_number)
	{
		struct query q;
		query_init(&q);
		q.sort[0].field = FIELD_USAGE_DETAILS;
		q.sort[0].path = STR("$.a");
		q.n_sort = 1;
		const char *nine = "{\"usage_details\":{\"a\":9}}",
			   *ten = "{\"usage_details\":{\"a\":10}}",
			   *list = "{\"usage_details\":{\"a\":[1]}}",
			   *word = "{\"usage_details\":{\"a\":\"x\"}}",
			   *minus = "{\"usage_details\":{\"a\":-0.0}}";
		ck_assert_int_gt(compare(&q, nine, ten), 0);
		ck_assert_int_gt(compare(&q, list, word), 0);
		ck_assert_int_eq(compare(&q, list, "{}"), 0);
		q.sort[0].numeric = true;
		ck_assert_int_lt(compare(&q, nine, ten), 0);
		ck_assert_int_gt(compare(&q, word, ten), 0);
		ck_assert_int_eq(compare(&q, word, list), 0);
		ck_assert_int_lt(compare(&q, minus, nine), 0);
		q.sort[0].absent_is_zero = true;
		ck_assert_int_eq(compare(&q, word, minus), 0);
		q.sort[0] = (struct sort_key){ .field = FIELD_OUTPUT };
		ck_assert_int_lt(compare(&q, "{\"output\":[1]}", "{\"output\":{}}"), 0);
	}
END_TEST

START_TEST(decimals_sort_by_value_and_durations_by_length)
	{
		struct query q;
		query_init(&q);
		q.sort[0].field = FIELD_COST_TOTAL_USD;
		q.sort[1].field = QUERY_DURATION;
		q.n_sort = 2;
		ck_assert_int_lt(
			compare(&q, "{\"cost_total_usd\":9e-1}", "{\"cost_total_usd\":1.0}"), 0);
		ck_assert_int_eq(
			compare(&q, "{\"cost_total_usd\":1}", "{\"cost_total_usd\":1.0}"), 0);
		ck_assert_int_lt(compare(&q, "{\"started_at\":5,\"ended_at\":6}",
					 "{\"started_at\":1,\"ended_at\":9}"),
			0);
	}
END_TEST

static struct sort_value random_value(struct rng *r)
{
	static const char *const texts[] = { "", "a", "ab", "\\u0000", "a\\u0000", "a\\u0000b",
		"\\u0001", "\\n", "\\\\", "n", "b", "\xc3\xa9" };
	static const int64_t numbers[] = { INT64_MIN, -256, -1, 0, 1, 255, 256, INT64_MAX };
	if (rng_below(r, 5) == 0)
		return (struct sort_value){ .is_absent = true };
	return (struct sort_value){ .number = numbers[rng_below(r, 8)],
		.text = str_from_c(texts[rng_below(r, 12)]) };
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

START_TEST(keys_are_ordered_as_positions)
	{
		struct rng r = rng_from_seed();
		struct buf x, y;
		buf_init(&x, test_arena());
		buf_init(&y, test_arena());
		for (int i = 0; i < 100000; i++) {
			static const enum field fields[] = { FIELD_NAME, FIELD_STARTED_AT,
				FIELD_INPUT };
			struct query q;
			struct position px, py;
			query_init(&q);
			q.n_sort = 1 + rng_below(&r, 3);
			for (size_t k = 0; k < q.n_sort; k++) {
				q.sort[k] = (struct sort_key){ .field = fields[rng_below(&r, 3)],
					.descending = rng_below(&r, 2),
					.path = rng_below(&r, 2) ? STR("$.a") : STR_NULL };
				px.value[k] = random_value(&r);
				py.value[k] = rng_below(&r, 3) ? px.value[k] : random_value(&r);
				/* A text has no number and the other way round. */
				if (q.sort[k].field != FIELD_STARTED_AT)
					px.value[k].number = py.value[k].number = 0;
			}
			buf_reset(&x);
			buf_reset(&y);
			order_key(&q, &px, test_arena(), &x);
			order_key(&q, &py, test_arena(), &y);
			ck_assert_int_eq(sign(str_cmp(buf_str(&x), buf_str(&y))),
				sign(query_compare(&q, &px, &py)));
		}
	}
END_TEST

/* The number of `a`s in the name; more than three: none. */
static void count_letters(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	struct str name = span_text(s, FIELD_NAME);
	(void)user;
	(void)a;
	for (size_t i = 0; i < name.len; i++)
		ret->number += name.ptr[i] == 'a';
	ret->is_absent = ret->number > 3;
	ret->text = name;
}

START_TEST(a_dialect_sorts_by_what_it_computes)
	{
		struct query q;
		query_init(&q);
		q.sort[0] = (struct sort_key){
			.field = QUERY_COMPUTED, .numeric = true, .compute = count_letters
		};
		field_set_add(&q.sort[0].needs, FIELD_NAME);
		q.n_sort = 1;
		struct field_set fields = query_fields(&q);
		ck_assert(field_set_has(&fields, FIELD_NAME));
		struct span spans[] = { span_of("{\"name\":\"b\"}"), span_of("{\"name\":\"aa\"}"),
			span_of("{\"name\":\"aaaa\"}") };
		struct position at[3];
		for (unsigned i = 0; i < 3; i++)
			query_position(&q, &spans[i], test_arena(), &at[i]);
		ck_assert_int_lt(query_compare(&q, &at[0], &at[1]), 0);
		ck_assert_int_lt(query_compare(&q, &at[1], &at[2]), 0);
		q.sort[0].descending = true;
		ck_assert_int_gt(query_compare(&q, &at[0], &at[1]), 0);
		ck_assert_int_lt(query_compare(&q, &at[0], &at[2]), 0);
		q.sort[0].numeric = false; /* by the texts: aa, b */
		ck_assert_int_lt(query_compare(&q, &at[0], &at[1]), 0);
	}
END_TEST

UNIT_MAIN("match", a_dialect_sorts_by_what_it_computes, every_operator_means_what_the_table_says,
	an_unfinished_span_has_no_duration, no_operator_matches_a_span_without_anything_but_empty,
	sets_are_of_hashes, long_lists_are_looked_up_by_hash, what_one_field_lacks_another_may_have,
	a_span_of_a_trace_is_found_whatever_its_source,
	all_clauses_must_hold_and_one_predicate_of_each, the_window_has_both_its_ends,
	roots_have_no_parent_or_an_empty_one, a_query_names_every_field_it_looks_at,
	absent_values_sort_last_either_way_or_as_zero, text_sorts_by_what_it_says,
	json_sorts_by_text_or_number, decimals_sort_by_value_and_durations_by_length,
	keys_are_ordered_as_positions)
