/*
 * Any bytes as a request of the other push formats.  The first byte picks Zipkin's spans, or
 * Langfuse's events (a JSON array, merged one after another).  Spans that were read have ids of the
 * right form; what events come to is a line, and that line the same span, in whatever order.
 */
#include "api/push/langfuse_event.h"
#include "api/push/zipkin_span.h"
#include "base/utf8.h"
#include "span/normalise.h"

#include "fuzz.h"

static void see_hex(struct str id, size_t digits)
{
	MUST(id.len == 0 || id.len == digits);
	for (size_t i = 0; i < id.len; i++)
		MUST(hex_digit(id.ptr[i]) >= 0);
}

static void see_zipkin(struct arena *a, struct json body)
{
	struct otlp_spans spans;
	struct str reason = STR_NULL;
	if (!zipkin_spans_read(a, body, &spans, &reason)) {
		MUST(utf8_valid(reason) && reason.len);
		return;
	}
	for (size_t i = 0; i < spans.n; i++) {
		see_hex(spans.list[i].trace_id, 32);
		see_hex(spans.list[i].span_id, 16);
		see_hex(spans.list[i].parent_span_id, 16);
		MUST(spans.list[i].resource && spans.list[i].scope);
	}
}

static void see_line(struct arena *a, const struct span *s)
{
	struct buf line;
	struct span again;
	buf_init(&line, a);
	line_write(&line, s);
	MUST(line_read(str_first(buf_str(&line), line.len - 1), NULL, false, &again) == LINE_OK);
	MUST(span_same_identity(s, &again));
}

static void see_events(struct arena *a, struct json body)
{
	enum { EVENTS_MAX = 64 };
	struct langfuse_event event;
	struct span known;
	bool is_first = true;
	size_t n = 0;
	for (struct json_iter it = json_elements(body); json_next(&it) && n < EVENTS_MAX; n++) {
		langfuse_event_read(a, it.value, 1, &event);
		if (!str_is_null(event.reason)) {
			MUST(event.reason.len);
			continue;
		}
		if (event.what == LANGFUSE_SCORE) {
			struct buf line;
			struct note again;
			buf_init(&line, a);
			note_write(&line, &event.note);
			MUST(note_read(str_first(buf_str(&line), line.len - 1), &again));
		}
		if (event.what != LANGFUSE_TRACE && event.what != LANGFUSE_OBSERVATION)
			continue;
		MUST(span_text(&event.given, FIELD_TRACE_ID).len);
		MUST(span_text(&event.given, FIELD_SPAN_ID).len);
		if (is_first)
			known = event.given;
		else
			langfuse_event_merge(a, &known, &event.given, n % 2);
		is_first = false;
		struct span whole = known;
		span_normalise(&whole, a, STR("w"), 1);
		see_line(a, &whole);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct json_error e;
	if (size == 0)
		return 0;
	struct str rest = str_of((const char *)data + 1, size - 1);
	arena_init(&a, (size_t)1 << 30);
	if (!json_check(rest, LIMIT_DEPTH, &e))
		;
	else if (data[0] == 'z')
		see_zipkin(&a, json_open(rest));
	else
		see_events(&a, json_open(rest));
	arena_release(&a);
	return 0;
}
