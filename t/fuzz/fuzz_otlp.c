/*
 * Any bytes as an OTLP request: of the first one the lowest bit picks protobuf or JSON, the next
 * ones the mapping.  What cannot be read has a reason.  What can be read becomes one span or one
 * reject each; a span has ids and only canonical values, and its line is read back as it was.
 */
#include "base/limits.h"
#include "semconv/semconv.h"
#include "span/line.h"

#include "fuzz.h"

static void see_json(struct arena *a, struct str json)
{
	struct json_error e;
	MUST(json_check(json, LIMIT_DEPTH, &e));
	MUST(str_eq(json_canonical(a, json_open(json).raw), json));
}

static struct str quoted(struct arena *a, struct str body)
{
	char *p = arena_text(a, body.len + 2);
	p[0] = '"';
	if (body.len)
		memcpy(p + 1, body.ptr, body.len);
	p[body.len + 1] = '"';
	return str_of(p, body.len + 2);
}

static void see_field(struct arena *a, const struct span *s, enum field f)
{
	double number;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		see_json(a, quoted(a, s->value[f].text));
		break;
	case FIELD_TYPE_JSON:
		see_json(a, s->value[f].text);
		break;
	case FIELD_TYPE_DEC:
		see_json(a, s->value[f].text);
		MUST(str_to_double(s->value[f].text, &number) && number >= 0);
		break;
	case FIELD_TYPE_I64:
		MUST(s->value[f].i64 >= 0);
		break;
	case FIELD_TYPE_KIND:
		MUST(s->value[f].i64 >= 0 && s->value[f].i64 < KIND__MAX);
		break;
	case FIELD_TYPE_STATUS:
		MUST(s->value[f].i64 >= 0 && s->value[f].i64 < STATUS__MAX);
		break;
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_TIME:
		break;
	}
}

static void see_span(struct arena *a, const struct span *s, enum mapping mapping)
{
	struct buf line;
	struct span again;
	struct json_error e;
	MUST(span_text(s, FIELD_TRACE_ID).len && span_text(s, FIELD_SPAN_ID).len);
	MUST(span_has(s, FIELD_STARTED_AT));
	/* flatspan.span may say that there is none. */
	MUST(span_text(s, FIELD_SESSION_ID).len ||
		(mapping == MAPPING_GENERAL && !span_has(s, FIELD_SESSION_ID)));
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (span_has(s, f))
			see_field(a, s, f);
	buf_init(&line, a);
	line_write(&line, s);
	struct str text = str_first(buf_str(&line), line.len - 1);
	MUST(json_check(text, LIMIT_DEPTH, &e));
	MUST(line_read(text, NULL, false, &again) == LINE_OK);
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		MUST(span_has(s, f) == span_has(&again, f));
		if (!span_has(s, f))
			continue;
		if (field_info[f].type == FIELD_TYPE_STR || field_info[f].type == FIELD_TYPE_JSON)
			MUST(str_eq(s->value[f].text, again.value[f].text));
		if (field_info[f].type == FIELD_TYPE_TIME || field_info[f].type == FIELD_TYPE_I64)
			MUST(s->value[f].i64 == again.value[f].i64);
	}
	buf_release(&line);
}

static void see_request(struct arena *a, struct str body, unsigned choice)
{
	struct otlp_spans in;
	struct str reason = STR_NULL;
	struct map_result r;
	struct map_context c = {
		.mapping = (enum mapping)(choice / 2 % 3),
		.arena = a,
		.workspace = STR("default"),
		.project = STR(""),
		.created_by = STR(""),
		.now_ns = INT64_C(1790000000000000000),
	};
	if (!(choice & 1 ? otlp_read_json(a, body, &in, &reason)
			 : otlp_read_protobuf(a, body, &in, &reason))) {
		MUST(reason.len);
		return;
	}
	map_otlp_spans(&c, &in, &r);
	MUST(r.n + r.n_rejects == in.n);
	for (size_t i = 0; i < r.n_rejects; i++)
		MUST(r.rejects[i].reason.len);
	for (size_t i = 0; i < r.n; i++)
		see_span(a, &r.spans[i], c.mapping);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	if (size == 0)
		return 0;
	arena_init(&a, (size_t)1 << 30);
	see_request(&a, str_of((const char *)data + 1, size - 1), data[0]);
	arena_release(&a);
	return 0;
}
