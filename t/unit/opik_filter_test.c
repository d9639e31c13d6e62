/*
 * Opik's filters: every field with every operator, allowed and refused, on a row that it holds on
 * and on one that it does not; and the sentences of the refusals.
 */
#include "api/opik/filter/filter.h"
#include "query/match/match.h"
#include "unit.h"

#include "base/hash.h"
#include "base/utime.h"

static struct opik_filters filters;
static struct str message;

static enum opik_filter_fault read_filters(enum opik_of of, struct str json)
{
	struct json_error error;
	ck_assert_msg(json_check(json, LIMIT_DEPTH, &error), "%.*s", STR_ARG(json));
	message = STR_NULL;
	return opik_filter_parse(test_arena(), of, json_open(json), &filters, &message);
}

static struct str one_filter(struct str field, struct str op, const char *key, const char *value)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, test_arena());
	json_writer_init(&w, &b);
	json_array(&w);
	json_object(&w);
	json_member_text(&w, STR("field"), field);
	json_member_text(&w, STR("operator"), op);
	if (key)
		json_member_text(&w, STR("key"), str_from_c(key));
	if (value)
		json_member_text(&w, STR("value"), str_from_c(value));
	json_end(&w);
	json_end(&w);
	return buf_str(&b);
}

/* ---- Rows ---- */

/* A row whose field, of whatever kind, holds the text; NULL: it does not have it. */
static struct span row_with(const struct opik_field *f, const char *text)
{
	struct span s;
	int64_t number;
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, STR("s1"));
	span_set_text(&s, FIELD_TRACE_ID, STR("s1"));
	span_set_i64(&s, FIELD_STARTED_AT, NS_PER_S);
	span_set_i64(&s, FIELD_INGESTED_AT, NS_PER_S);
	if (!text)
		return s;
	struct str t = str_from_c(text);
	if (f->type == OPIK_TYPE_DICTIONARY) {
		span_set_text(&s, f->at, arena_printf(test_arena(), "{\"k\":%s}", text));
		return s;
	}
	if (f->place == OPIK_PLACE_DURATION) {
		ck_assert(dec_to_units(t, 6, &number));
		span_set_i64(&s, FIELD_ENDED_AT, NS_PER_S + number);
		return s;
	}
	if (f->place == OPIK_PLACE_KIND) {
		enum kind kind = KIND_UNKNOWN;
		ck_assert(kind_from_name(str_eq(t, STR("llm"))    ? STR("LLM")
					 : str_eq(t, STR("tool")) ? STR("TOOL")
								  : STR("CHAIN"),
			&kind));
		span_set_i64(&s, FIELD_KIND, kind);
		return s;
	}
	if (f->place == OPIK_PLACE_ERROR) {
		span_set_text(&s, FIELD_ERROR_MESSAGE, t);
		return s;
	}
	switch (field_info[f->at].type) {
	case FIELD_TYPE_TIME:
		ck_assert(utime_parse(t, &number));
		span_set_i64(&s, f->at, number);
		break;
	case FIELD_TYPE_I64:
	case FIELD_TYPE_BOOL:
		ck_assert(str_to_i64(t, &number));
		span_set_i64(&s, f->at, number);
		break;
	case FIELD_TYPE_JSON:
		if (f->type == OPIK_TYPE_STRING) /* as the text that it is compared with */
			span_set_text(&s, f->at, t);
		else
			span_set_text(&s, f->at, arena_printf(test_arena(), "[\"%s\"]", text));
		break;
	default:
		span_set_text(&s, f->at, t);
	}
	return s;
}

/* ---- What holds and what does not, by type ---- */

struct sample {
	enum opik_type type;
	enum opik_operator op;
	const char *value;
	const char *on, *not_on; /* NULL: on a row without the field */
};

/* clang-format off */
static const struct sample samples[] = {
	{ OPIK_TYPE_STRING, OPIK_CONTAINS,	"LO w",		"Hello World",	"Hello" },
	{ OPIK_TYPE_STRING, OPIK_NOT_CONTAINS,	"LO w",		"Hello",	"Hello World" },
	{ OPIK_TYPE_STRING, OPIK_NOT_CONTAINS,	"x",		NULL,		"X" },
	{ OPIK_TYPE_STRING, OPIK_STARTS_WITH,	"hELLO",	"Hello World",	"World Hello" },
	{ OPIK_TYPE_STRING, OPIK_ENDS_WITH,	"WORLD",	"Hello World",	"World Hello" },
	{ OPIK_TYPE_STRING, OPIK_EQUAL,		"hello world",	"Hello World",	"Hello World!" },
	{ OPIK_TYPE_STRING, OPIK_NOT_EQUAL,	"hello world",	"Hello",	"Hello World" },
	{ OPIK_TYPE_STRING, OPIK_NOT_EQUAL,	"hello world",	NULL,		"HELLO WORLD" },
	{ OPIK_TYPE_STRING, OPIK_GREATER,	"hello",	"HELLO!",	"HELLO" },
	{ OPIK_TYPE_STRING, OPIK_LESS,		"hello",	NULL,		"hello" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_CONTAINS,	"lo W",		"Hello World",	"hello world" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_NOT_CONTAINS,	"lo W",		"hello world",	"Hello World" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_STARTS_WITH,	"Hello",	"Hello World",	"hello world" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_ENDS_WITH,	"World",	"Hello World",	"Hello world" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_EQUAL,		"Hello",	"Hello",	"hello" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_NOT_EQUAL,	"Hello",	"hello",	"Hello" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_GREATER,		"Hello",	"hello",	"Hello" },
	{ OPIK_TYPE_STRING_EXACT, OPIK_LESS,		"hello",	"Hello",	"hello" },
	{ OPIK_TYPE_DATE_TIME, OPIK_EQUAL,	"2026-01-01T01:00:00.000000001+01:00",	"2026-01-01T00:00:00.000000001Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_EQUAL,	"2026-01-01T01:00:00.000001+01:00",	"2026-01-01T00:00:00.000001Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_NOT_EQUAL,	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00.000000001Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_NOT_EQUAL,	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00.000001Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_GREATER,	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00.000000001Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_GREATER,	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00.000001Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_LESS,	"2026-01-01T00:00:00Z",	"2025-12-31T23:59:59.999999999Z",	"2026-01-01T00:00:00Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_GREATER_EQUAL, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z",	"2025-12-31T23:59:59.999999999Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_LESS_EQUAL,	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00.000000001Z" },
	{ OPIK_TYPE_DATE_TIME, OPIK_LESS_EQUAL,	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00Z",	"2026-01-01T00:00:00.000001Z" },
	{ OPIK_TYPE_NUMBER, OPIK_EQUAL,		"7",	"7",	"8" },
	{ OPIK_TYPE_NUMBER, OPIK_NOT_EQUAL,	"7.5",	"7",	NULL },
	{ OPIK_TYPE_NUMBER, OPIK_NOT_EQUAL,	"7",	"8",	"7" },
	{ OPIK_TYPE_NUMBER, OPIK_GREATER,	"6.5",	"7",	"6" },
	{ OPIK_TYPE_NUMBER, OPIK_LESS,		"7.5",	"7",	"8" },
	{ OPIK_TYPE_NUMBER, OPIK_GREATER_EQUAL,	"7",	"7",	"6" },
	{ OPIK_TYPE_NUMBER, OPIK_LESS_EQUAL,	"7",	"7",	"8" },
	{ OPIK_TYPE_LIST, OPIK_CONTAINS,	"LL",		"hello",	"world" },
	{ OPIK_TYPE_LIST, OPIK_NOT_CONTAINS,	"LL",		NULL,		"hello" },
	{ OPIK_TYPE_LIST, OPIK_EQUAL,		"hello",	"hello",	"Hello" },
	{ OPIK_TYPE_LIST, OPIK_NOT_EQUAL,	"hello",	"Hello",	"hello" },
	{ OPIK_TYPE_LIST, OPIK_NOT_EQUAL,	"hello",	NULL,		"hello" },
	{ OPIK_TYPE_LIST, OPIK_IS_EMPTY,	"",		NULL,		"hello" },
	{ OPIK_TYPE_LIST, OPIK_IS_NOT_EMPTY,	NULL,		"hello",	NULL },
	{ OPIK_TYPE_DICTIONARY, OPIK_CONTAINS,		"02",	"2023",		"2019" },
	{ OPIK_TYPE_DICTIONARY, OPIK_CONTAINS,		"NUL",	"null",		"\"nu\"" },
	{ OPIK_TYPE_DICTIONARY, OPIK_NOT_CONTAINS,	"LL",	NULL,		"\"hello\"" },
	{ OPIK_TYPE_DICTIONARY, OPIK_STARTS_WITH,	"HE",	"\"hello\"",	"{\"k\":\"hello\"}" },
	{ OPIK_TYPE_DICTIONARY, OPIK_ENDS_WITH,		"LO",	"\"hello\"",	"[\"hello\"]" },
	{ OPIK_TYPE_DICTIONARY, OPIK_EQUAL,		"TRUE",	"true",		"false" },
	{ OPIK_TYPE_DICTIONARY, OPIK_EQUAL,		"",	"{}",		"1" },
	{ OPIK_TYPE_DICTIONARY, OPIK_NOT_EQUAL,		"NULL",	NULL,		"null" },
	{ OPIK_TYPE_DICTIONARY, OPIK_GREATER,		"02",	"\"2.5\"",	"\"a\"" },
	{ OPIK_TYPE_DICTIONARY, OPIK_GREATER,		"-3",	"-2",		NULL },
	{ OPIK_TYPE_DICTIONARY, OPIK_LESS,		"10",	"9",		"\"9a\"" },
	{ OPIK_TYPE_DICTIONARY, OPIK_IS_EMPTY,		"",	"null",		"0" },
	{ OPIK_TYPE_DICTIONARY, OPIK_IS_EMPTY,		NULL,	"\"null\"",	"\"x\"" },
	{ OPIK_TYPE_DICTIONARY, OPIK_IS_EMPTY,		NULL,	"[1]",		"false" },
	{ OPIK_TYPE_DICTIONARY, OPIK_IS_NOT_EMPTY,	NULL,	"0",		"\"\"" },
	{ OPIK_TYPE_ERROR_CONTAINER, OPIK_IS_EMPTY,	"",	NULL,		"boom" },
	{ OPIK_TYPE_ERROR_CONTAINER, OPIK_IS_NOT_EMPTY,	NULL,	"boom",		NULL },
	{ OPIK_TYPE_ENUM, OPIK_EQUAL,		"llm",		"llm",		"tool" },
	{ OPIK_TYPE_ENUM, OPIK_NOT_EQUAL,	"llm",		NULL,		"llm" },
	{ OPIK_TYPE_ENUM, OPIK_IN,		" llm,, general",	"llm",	"tool" },
	{ OPIK_TYPE_ENUM, OPIK_NOT_IN,		"llm,general",	"tool",		"llm" },
	{ OPIK_TYPE_ENUM, OPIK_NOT_IN,		"llm,general",	NULL,		"llm" },
	{ OPIK_TYPE_ENUM, OPIK_IS_EMPTY,	NULL,		NULL,		"tool" },
	{ OPIK_TYPE_ENUM, OPIK_IS_NOT_EMPTY,	"",		"tool",		NULL },
	{ OPIK_TYPE_ENUM_LEGACY, OPIK_EQUAL,	"sdk",		NULL,		"experiment" },
	{ OPIK_TYPE_ENUM_LEGACY, OPIK_EQUAL,	"experiment",	"experiment",	NULL },
	{ OPIK_TYPE_ENUM_LEGACY, OPIK_NOT_EQUAL, "sdk",		"experiment",	NULL },
	{ OPIK_TYPE_ENUM_LEGACY, OPIK_NOT_EQUAL, "sdk",		"experiment",	"sdk" },
	{ OPIK_TYPE_ENUM_LEGACY, OPIK_NOT_EQUAL, "experiment",	NULL,		"experiment" },
};
/* clang-format on */

static bool holds(enum opik_of of, const struct opik_scores *scores, const struct span *s)
{
	static struct opik_clauses built;
	ck_assert(opik_filter_apply(&filters, of, scores, scores, test_arena(), &built));
	struct query q;
	query_init(&q);
	q.clauses = built.plain;
	q.n_clauses = built.n_plain;
	bool plain = query_match(&q, s, test_arena());
	q.clauses = built.summed;
	q.n_clauses = built.n_summed;
	return plain && query_match(&q, s, test_arena());
}

#define X(name, type, place, at) { name, sizeof name - 1 },
static const struct str spans[] = { OPIK_SPAN_FIELD_LIST(X) };
static const struct str traces[] = { OPIK_TRACE_FIELD_LIST(X) };
static const struct str threads[] = { OPIK_THREAD_FIELD_LIST(X) };
#undef X

static const struct {
	enum opik_of of;
	const struct str *names;
	size_t n;
} all[] = { { OPIK_SPANS, spans, sizeof spans / sizeof spans[0] },
	{ OPIK_TRACES, traces, sizeof traces / sizeof traces[0] },
	{ OPIK_THREADS, threads, sizeof threads / sizeof threads[0] } };

static bool tells_nanoseconds(const char *time)
{
	return time && strstr(time, ".000000001");
}

/* Does every field of this type have it, and may be without it? */
static bool fits(const struct opik_field *f, const struct sample *s)
{
	bool wants_none = !s->on || !s->not_on;
	if (f->type != s->type || f->place == OPIK_PLACE_NOTHING)
		return false;
	/* Always there, or never a match when it is not. */
	if (wants_none && (f->at == FIELD_SPAN_ID || f->at == FIELD_TRACE_ID))
		return false;
	/* It has microseconds. */
	if (f->place == OPIK_PLACE_UPDATED &&
		(tells_nanoseconds(s->value) || tells_nanoseconds(s->on) ||
			tells_nanoseconds(s->not_on)))
		return false;
	return !(wants_none && !s->not_on && f->type == OPIK_TYPE_NUMBER);
}

START_TEST(every_operator_holds_on_one_row_and_not_on_the_other)
	{
		for (size_t a = 0; a < 3; a++)
			for (size_t i = 0; i < all[a].n; i++) {
				const struct opik_field *f =
					opik_field_find(all[a].of, all[a].names[i]);
				for (size_t k = 0; k < sizeof samples / sizeof samples[0]; k++) {
					const struct sample *s = &samples[k];
					if (!fits(f, s))
						continue;
					struct str json = one_filter(f->name,
						opik_operator_names[s->op],
						f->type == OPIK_TYPE_DICTIONARY ? "k" : NULL,
						s->value);
					ck_assert_msg(
						read_filters(all[a].of, json) == OPIK_FILTER_OK,
						"%.*s: %.*s", STR_ARG(json), STR_ARG(message));
					struct span on = row_with(f, s->on),
						    not_on = row_with(f, s->not_on);
					ck_assert_msg(holds(all[a].of, NULL, &on), "%.*s not on %s",
						STR_ARG(json), s->on ? s->on : "nothing");
					ck_assert_msg(!holds(all[a].of, NULL, &not_on),
						"%.*s on %s", STR_ARG(json),
						s->not_on ? s->not_on : "nothing");
				}
			}
	}
END_TEST

/* The table of Opik's documentation, written once more. */
static bool is_allowed(enum opik_type type, enum opik_operator op)
{
	static const char *const allowed[OPIK_TYPE__MAX] = {
		[OPIK_TYPE_STRING] = "contains not_contains starts_with ends_with = != > <",
		[OPIK_TYPE_STRING_EXACT] = "contains not_contains starts_with ends_with = != > <",
		[OPIK_TYPE_DATE_TIME] = "= != > < >= <=",
		[OPIK_TYPE_NUMBER] = "= != > < >= <=",
		[OPIK_TYPE_LIST] = "contains not_contains = != is_empty is_not_empty",
		[OPIK_TYPE_DICTIONARY] = "contains not_contains starts_with ends_with = != > < "
					 "is_empty is_not_empty",
		[OPIK_TYPE_FEEDBACK_SCORES_NUMBER] = "= != > < >= <= is_empty is_not_empty",
		[OPIK_TYPE_ERROR_CONTAINER] = "is_empty is_not_empty",
		[OPIK_TYPE_ENUM] = "= != is_empty is_not_empty in not_in",
		[OPIK_TYPE_ENUM_LEGACY] = "= !=",
	};
	struct str rest = str_from_c(allowed[type]);
	while (!str_is_null(rest))
		if (str_eq(str_cut(&rest, ' '), opik_operator_names[op]))
			return true;
	return false;
}

static const char *good_value(const struct opik_field *f)
{
	return f->type == OPIK_TYPE_DATE_TIME ? "2026-01-01T00:00:00Z"
	       : f->type == OPIK_TYPE_NUMBER || f->type == OPIK_TYPE_FEEDBACK_SCORES_NUMBER ? "1"
											    : "x";
}

START_TEST(each_type_allows_its_operators_and_refuses_the_others_by_name)
	{
		unsigned n_allowed = 0, n_refused = 0;
		for (size_t a = 0; a < 3; a++)
			for (size_t i = 0; i < all[a].n; i++)
				for (unsigned op = 0; op < OPIK_OPERATOR__MAX; op++) {
					const struct opik_field *f =
						opik_field_find(all[a].of, all[a].names[i]);
					if (f->type == OPIK_TYPE_CUSTOM)
						continue;
					struct str json = one_filter(f->name,
						opik_operator_names[op], "k", good_value(f));
					enum opik_filter_fault fault =
						read_filters(all[a].of, json);
					if (is_allowed(f->type, op)) {
						ck_assert_msg(fault == OPIK_FILTER_OK, "%.*s",
							STR_ARG(json));
						n_allowed++;
						continue;
					}
					n_refused++;
					ck_assert_int_eq(fault, OPIK_FILTER_REFUSED);
					ck_assert_str_is(message,
						arena_printf(test_arena(),
							"Invalid operator '%.*s' for field '%.*s' "
							"of type '%.*s'",
							STR_ARG(opik_operator_names[op]),
							STR_ARG(f->name),
							STR_ARG(opik_type_info[f->type].name)));
				}
		ck_assert_uint_gt(n_allowed, 400);
		ck_assert_uint_gt(n_refused, 400);
	}
END_TEST

START_TEST(bad_values_and_keys_are_refused_in_opiks_words)
	{
		static const struct {
			const char *field, *op, *key, *value, *message;
		} cases[] = {
			{ "name", "=", NULL, " ",
				"Invalid value ' ' or key 'null' for field 'name' of type 'STRING'" },
			{ "id", "contains", NULL, "",
				"Invalid value '' or key 'null' for field 'id' of type "
				"'STRING_EXACT'" },
			{ "duration", ">", NULL, "1e3",
				"Invalid value '1e3' or key 'null' for field 'duration' of type "
				"'NUMBER'" },
			{ "ttft", "=", NULL, "5.",
				"Invalid value '5.' or key 'null' for field 'ttft' of type "
				"'NUMBER'" },
			{ "start_time", ">", NULL, "2026-01-01",
				"Invalid value '2026-01-01' or key 'null' for field 'start_time' of "
				"type 'DATE_TIME'" },
			{ "start_time", ">", NULL, "2026-01-01T00:00:00",
				"Invalid value '2026-01-01T00:00:00' or key 'null' for field "
				"'start_time' of type 'DATE_TIME'" },
			{ "metadata", "=", NULL, "x",
				"Invalid value 'x' or key 'null' for field 'metadata' of type "
				"'DICTIONARY'" },
			{ "metadata", "is_empty", " ", "",
				"Invalid value '' or key ' ' for field 'metadata' of type "
				"'DICTIONARY'" },
			{ "feedback_scores", ">", NULL, "1",
				"Invalid value '1' or key 'null' for field 'feedback_scores' of type "
				"'FEEDBACK_SCORES_NUMBER'" },
			{ "feedback_scores", ">", "q", "high",
				"Invalid value 'high' or key 'q' for field 'feedback_scores' of type "
				"'FEEDBACK_SCORES_NUMBER'" },
			{ "tags", "contains", NULL, "",
				"Invalid value '' or key 'null' for field 'tags' of type 'LIST'" },
			{ "type", "in", NULL, "",
				"Invalid value '' or key 'null' for field 'type' of type 'ENUM'" },
			{ "source", "=", NULL, "",
				"Invalid value '' or key 'null' for field 'source' of type "
				"'ENUM_LEGACY'" },
			{ "custom", "=", NULL, "x", "Custom key cannot be null or empty" },
			{ "custom", "=", "metadata.a", "x",
				"Invalid key 'metadata.a' for custom filter" },
			{ "custom", "=", "inputs", "x", "Invalid key 'inputs' for custom filter" },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct str json = one_filter(str_from_c(cases[i].field),
				str_from_c(cases[i].op), cases[i].key, cases[i].value);
			ck_assert_int_eq(read_filters(OPIK_SPANS, json), OPIK_FILTER_REFUSED);
			ck_assert_str_is(message, str_from_c(cases[i].message));
		}
	}
END_TEST

START_TEST(what_is_no_filter_is_malformed)
	{
		static const char *const texts[] = { "{}", "\"x\"", "[1]", "[{}]",
			"[{\"field\":\"name\",\"operator\":\"=\"}]",
			"[{\"field\":\"name\",\"operator\":\"=\",\"value\":null}]",
			"[{\"field\":\"name\",\"operator\":\"is\",\"value\":\"x\"}]",
			"[{\"field\":\"names\",\"operator\":\"=\",\"value\":\"x\"}]",
			"[{\"field\":\"thread_id\",\"operator\":\"=\",\"value\":\"x\"}]",
			"[{\"field\":\"name\",\"operator\":\"=\",\"value\":{}}]", "[{\"or\":[]}]",
			"[{\"or\":[{\"or\":[]}]}]" };
		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
			ck_assert_msg(read_filters(OPIK_SPANS, str_from_c(texts[i])) ==
					      OPIK_FILTER_MALFORMED,
				"%s", texts[i]);
		ck_assert_int_eq(read_filters(OPIK_SPANS, STR("[]")), OPIK_FILTER_OK);
		ck_assert_int_eq(read_filters(OPIK_SPANS, STR("null")), OPIK_FILTER_OK);
	}
END_TEST

START_TEST(so_many_filters_are_taken_and_no_more)
	{
		struct buf b;
		buf_init(&b, test_arena());
		buf_add_char(&b, '[');
		for (unsigned i = 0; i <= LIMIT_PREDICATES; i++) {
			struct str at_limit = arena_printf(
				test_arena(), "%.*s]", STR_ARG(str_first(buf_str(&b), b.len - 1)));
			if (i == LIMIT_PREDICATES)
				ck_assert_int_eq(
					read_filters(OPIK_SPANS, at_limit), OPIK_FILTER_OK);
			buf_add(&b,
				STR("{\"field\":\"name\",\"operator\":\"=\",\"value\":\"x\"},"));
		}
		b.ptr[b.len - 1] = ']';
		ck_assert_int_eq(read_filters(OPIK_SPANS, buf_str(&b)), OPIK_FILTER_MALFORMED);
	}
END_TEST

START_TEST(values_are_decoded_once_more_where_they_have_codes)
	{
		static const struct {
			const char *field, *op, *value, *want;
		} cases[] = {
			{ "tags", "=", "a%20b+c", "a b c" },
			{ "tags", "=", "c++", "c++" },
			{ "tags", "=", "100%", "100%" },
			{ "tags", "=", "%4", "%4" },
			{ "name", "=", "a%20b", "a%20b" },
			{ "start_time", "=", "2026-01-01T00:00:00+01:00",
				"2026-01-01T00:00:00+01:00" },
			{ "start_time", "=", "2026-01-01T00%3A00:00+01:00",
				"2026-01-01T00:00:00+01:00" },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct str json = one_filter(str_from_c(cases[i].field),
				str_from_c(cases[i].op), NULL, cases[i].value);
			ck_assert_int_eq(read_filters(OPIK_SPANS, json), OPIK_FILTER_OK);
			ck_assert_str_is(filters.list[0].value, str_from_c(cases[i].want));
		}
	}
END_TEST

START_TEST(custom_keys_become_fields_and_paths)
	{
		static const struct {
			const char *key, *field, *path;
		} cases[] = {
			{ "input", "input", NULL },
			{ "$.output", "output", NULL },
			{ "input.model[0].year", "input_json", "$.model[0].year" },
			{ "input[1]", "input_json", "$[1]" },
			{ "input.[1]", "input_json", "$[1]" },
			{ "output[2].provider", "output_json", "$[2].provider" },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			ck_assert_int_eq(
				read_filters(OPIK_SPANS,
					one_filter(STR("custom"), STR("="), cases[i].key, "x")),
				OPIK_FILTER_OK);
			ck_assert_str_is(filters.list[0].field.name, str_from_c(cases[i].field));
			if (cases[i].path)
				ck_assert_str_is(filters.list[0].key, str_from_c(cases[i].path));
			else
				ck_assert(str_is_null(filters.list[0].key));
		}
	}
END_TEST

/* ---- Scores ---- */

static struct opik_scores scores;

static void put_score(const char *span, const char *name, int64_t value, unsigned n)
{
	struct opik_score *s = table_add(&scores.scores, 0);
	s->target = hash64(str_from_c(span), 0);
	s->folded = note_folded_hash(test_arena(), str_from_c(name));
	s->sum = (__int128)value * n;
	s->n = n;
}

START_TEST(scores_are_compared_by_name_in_either_case_and_value)
	{
		static const struct {
			const char *op, *value;
			const char *on; /* of spans a (quality 0.5), b (other 0.5), c (none) */
		} cases[] = { { "=", "0.5", "a" }, { "=", "0.500000001", "" }, { "=", "5e-1", "a" },
			{ "!=", "0.5", "b" }, { "!=", "1", "ab" }, { ">", "0.4", "a" },
			{ "<", "0.5", "" }, { ">=", "0.5", "a" }, { "<=", "0.5", "a" },
			{ "is_empty", "", "bc" }, { "is_not_empty", "", "a" } };
		opik_scores_init(&scores, test_arena());
		put_score("a", "Quality", 500000000, 3);
		put_score("b", "other", 500000000, 1);
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			for (const char *id = "abc"; *id; id++) {
				struct span s;
				span_init(&s);
				span_set_text(&s, FIELD_SPAN_ID, str_of(id, 1));
				ck_assert_int_eq(read_filters(OPIK_SPANS,
							 one_filter(STR("feedback_scores"),
								 str_from_c(cases[i].op), "qUALITY",
								 cases[i].value)),
					OPIK_FILTER_OK);
				ck_assert_msg(holds(OPIK_SPANS, &scores, &s) ==
						      (strchr(cases[i].on, *id) != NULL),
					"%s %s on %c", cases[i].op, cases[i].value, *id);
			}
		opik_scores_release(&scores);
	}
END_TEST

START_TEST(lacking_one_of_several_scores_is_enough)
	{
		struct span s;
		span_init(&s);
		span_set_text(&s, FIELD_SPAN_ID, STR("a"));
		opik_scores_init(&scores, test_arena());
		put_score("a", "x", 1, 1);
		ck_assert_int_eq(
			read_filters(OPIK_SPANS,
				STR("[{\"field\":\"feedback_scores\",\"operator\":\"is_empty\","
				    "\"key\":\"x\",\"value\":\"\"},{\"field\":\"feedback_scores\","
				    "\"operator\":\"is_empty\",\"key\":\"y\",\"value\":\"\"}]")),
			OPIK_FILTER_OK);
		ck_assert(holds(OPIK_SPANS, &scores, &s));
		opik_scores_release(&scores);
	}
END_TEST

START_TEST(one_of_a_group_is_enough_and_all_the_rest_must_hold)
	{
		struct span s;
		ck_assert_int_eq(
			read_filters(OPIK_SPANS,
				STR("[{\"or\":[{\"field\":\"error_info\",\"operator\":\"is_empty\"},"
				    "{\"field\":\"name\",\"operator\":\"=\",\"value\":\"x\"}]},"
				    "{\"field\":\"model\",\"operator\":\"=\",\"value\":\"m\"}]")),
			OPIK_FILTER_OK);
		span_init(&s);
		ck_assert(!holds(OPIK_SPANS, NULL, &s));
		span_set_text(&s, FIELD_MODEL, STR("M"));
		ck_assert(holds(OPIK_SPANS, NULL, &s));
		span_set_text(&s, FIELD_ERROR_MESSAGE, STR("boom"));
		ck_assert(!holds(OPIK_SPANS, NULL, &s));
		span_set_text(&s, FIELD_NAME, STR("X"));
		ck_assert(holds(OPIK_SPANS, NULL, &s));
	}
END_TEST

START_TEST(what_is_not_begun_has_no_duration)
	{
		struct span s;
		span_init(&s);
		span_set_i64(&s, FIELD_STARTED_AT, 0);
		span_set_i64(&s, FIELD_ENDED_AT, 1000 * NS_PER_S);
		ck_assert_int_eq(
			read_filters(OPIK_SPANS, one_filter(STR("duration"), STR("="), NULL, "0")),
			OPIK_FILTER_OK);
		ck_assert(holds(OPIK_SPANS, NULL, &s));
		ck_assert_int_eq(
			read_filters(OPIK_SPANS, one_filter(STR("duration"), STR(">"), NULL, "0")),
			OPIK_FILTER_OK);
		ck_assert(!holds(OPIK_SPANS, NULL, &s));
	}
END_TEST

START_TEST(fields_that_are_not_kept_are_empty)
	{
		static const struct {
			const char *field, *op;
			bool want;
		} cases[] = { { "guardrails", "contains", false }, { "guardrails", "!=", true },
			{ "annotation_queue_ids", "is_empty", true },
			{ "annotation_queue_ids", "contains", false },
			{ "annotation_queue_ids", "not_contains", true },
			{ "experiment_id", "=", false } };
		struct span s;
		span_init(&s);
		span_set_text(&s, FIELD_SPAN_ID, STR("a"));
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			ck_assert_int_eq(read_filters(OPIK_TRACES,
						 one_filter(str_from_c(cases[i].field),
							 str_from_c(cases[i].op), NULL, "x")),
				OPIK_FILTER_OK);
			ck_assert_int_eq(holds(OPIK_TRACES, NULL, &s), cases[i].want);
		}
	}
END_TEST

UNIT_MAIN("opik_filter", every_operator_holds_on_one_row_and_not_on_the_other,
	each_type_allows_its_operators_and_refuses_the_others_by_name,
	bad_values_and_keys_are_refused_in_opiks_words, what_is_no_filter_is_malformed,
	so_many_filters_are_taken_and_no_more, values_are_decoded_once_more_where_they_have_codes,
	custom_keys_become_fields_and_paths, scores_are_compared_by_name_in_either_case_and_value,
	lacking_one_of_several_scores_is_enough,
	one_of_a_group_is_enough_and_all_the_rest_must_hold, what_is_not_begun_has_no_duration,
	fields_that_are_not_kept_are_empty)
