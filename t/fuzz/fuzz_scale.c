/*
 * Any bytes as what Scale's clients send.  The first byte picks: a cursor; the body of a search; a
 * span.  A cursor that was read is written again as it was; a filter is made of clauses that can be
 * asked; a span that was read without a complaint is a line, and that line the same span.
 */
#include "api/scale/cursor.h"
#include "api/scale/filter.h"
#include "api/scale/span.h"
#include "query/match/match.h"

#include "fuzz.h"

static void see_cursor(struct arena *a, struct str text)
{
	struct scale_cursor c;
	if (scale_cursor_read(a, text, &c))
		MUST(str_eq(scale_cursor_text(a, &c), text));
}

static void see_search(struct arena *a, struct json body)
{
	struct problems p = { .arena = a };
	struct view v = { .arena = a };
	struct query q;
	struct str trace_id;
	struct span s;
	query_init(&q);
	/* Assessments are read from files. */
	if (json_get(body, STR("assessment_types")).type != JSON_NONE)
		return;
	MUST(scale_filter_parse(&v, body, &p, &q, &trace_id) == ERR_OK);
	if (p.n)
		return;
	span_init(&s);
	span_set_text(&s, FIELD_NAME, STR("n"));
	span_set_text(&s, FIELD_TRACE_ID, STR("t"));
	span_set_text(&s, FIELD_METADATA, STR("{\"a\":[1,\"b\"]}"));
	span_set_text(&s, FIELD_INPUT, STR("{\"text\":\"what \\\"is\\\" it\"}"));
	(void)query_match(&q, &s, a);
}

static void see_span(struct arena *a, struct json body)
{
	struct conf conf;
	struct problems p = { .arena = a };
	conf_defaults(&conf);
	struct request r = { .arena = a,
		.conf = &conf,
		.id = STR("0123456789abcdef"),
		.principal = STR("me"),
		.workspace = STR("w"),
		.now_ns = 1 };
	struct scale_writer w = { .request = &r, .problems = &p };
	struct span s, again;
	if (!pydantic_check(&p, &scale_create_type, body, NULL))
		return;
	scale_span_read(&w, body, &s);
	if (p.n || !str_is_null(w.refusal))
		return;
	struct buf line;
	buf_init(&line, a);
	line_write(&line, &s);
	MUST(line_read(str_first(buf_str(&line), line.len - 1), NULL, false, &again) == LINE_OK);
	MUST(span_same_identity(&s, &again));
	struct json_error e;
	struct json_writer json;
	struct buf out;
	buf_init(&out, a);
	json_writer_init(&json, &out);
	scale_span_render(&json, a, STR("w"), &again);
	MUST(json_check(buf_str(&out), LIMIT_DEPTH + 2, &e));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct json_error e;
	if (size == 0)
		return 0;
	struct str rest = str_of((const char *)data + 1, size - 1);
	arena_init(&a, (size_t)1 << 30);
	if (data[0] == 'c')
		see_cursor(&a, rest);
	else if (json_check(rest, LIMIT_DEPTH, &e) && data[0] == 's')
		see_search(&a, json_open(rest));
	else if (json_check(rest, LIMIT_DEPTH, &e))
		see_span(&a, json_open(rest));
	arena_release(&a);
	return 0;
}
