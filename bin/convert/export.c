/* Exports of other servers: Langfuse's traces, Phoenix's spans. Declared in convert.h. */
#include "convert/convert.h"

#include "base/utime.h"

/* ---- Langfuse ---- */

struct events {
	struct convert *cv;
	struct json_writer w;
	struct buf body;
	size_t n;
};

static void open_batch(struct events *ev, struct convert *cv)
{
	*ev = (struct events){ .cv = cv };
	buf_init(&ev->body, &cv->memory);
	json_writer_init(&ev->w, &ev->body);
	json_object(&ev->w);
	json_key(&ev->w, STR("batch"));
	json_array(&ev->w);
}

static enum cli_exit send_batch(struct events *ev)
{
	json_end(&ev->w);
	json_end(&ev->w);
	return convert_send(ev->cv, "POST", STR("/api/public/ingestion"), STR("application/json"),
		buf_str(&ev->body));
}

/* Opens an event: id, type, timestamp and body. */
static void open_event(struct events *ev, const char *type, struct json thing, struct str at)
{
	struct arena *a = &ev->cv->memory;
	json_object(&ev->w);
	json_member_text(&ev->w, STR("id"),
		convert_id(a,
			arena_printf(a, "%s %.*s", type, STR_ARG(convert_get(thing, "id").raw))));
	json_member_text(&ev->w, STR("type"), str_from_c(type));
	if (!str_is_null(at))
		json_member_text(&ev->w, STR("timestamp"), at);
	json_key(&ev->w, STR("body"));
	json_object(&ev->w);
	ev->n++;
}

static void close_event(struct events *ev)
{
	json_end(&ev->w);
	json_end(&ev->w);
}

static struct str when(struct events *ev, struct json thing, const char *const *keys)
{
	for (size_t i = 0; keys[i]; i++) {
		struct str text = convert_text(&ev->cv->memory, thing, keys[i]);
		if (!str_is_null(text))
			return text;
	}
	return STR_NULL;
}

/* The API gives a score the time of its request, so each is sent with its own time. */
static enum cli_exit convert_export_send_score(struct convert *cv, struct json score)
{
	static const char *const but[] = { NULL };
	static const char *const made[] = { "createdAt", "timestamp", NULL };
	static const char *const times[] = { "updatedAt", "timestamp", "createdAt", NULL };
	struct events ev;
	int64_t file_ns = cv->file_ns;
	open_batch(&ev, cv);
	open_event(&ev, "score-create", score, when(&ev, score, times));
	convert_copy_but(cv, &ev.w, score, but, false);
	close_event(&ev);
	(void)utime_parse_lax(
		when(&ev, score, made), &cv->file_ns); /* otherwise the time of the file stays */
	enum cli_exit code = send_batch(&ev);
	cv->file_ns = file_ns;
	return code;
}

static void convert_export_add_trace(struct events *ev, struct json trace)
{
	static const char *const but[] = { "observations", "scores", "latency", "totalCost", NULL };
	static const char *const times[] = { "updatedAt", "timestamp", NULL };
	open_event(ev, "trace-create", trace, when(ev, trace, times));
	convert_copy_but(ev->cv, &ev->w, trace, but, true);
	close_event(ev);
}

static void add_observation(struct events *ev, struct json o)
{
	static const char *const but[] = { "usage", "latency", NULL };
	static const char *const times[] = { "updatedAt", "startTime", NULL };
	open_event(ev, "observation-create", o, when(ev, o, times));
	convert_copy_but(ev->cv, &ev->w, o, but, true);
	close_event(ev);
}

enum cli_exit convert_langfuse(struct convert *cv, struct json record)
{
	struct events ev;
	struct json trace = convert_get(record, "trace"),
		    observations = convert_get(record, "observations");
	open_batch(&ev, cv);
	if (trace.type != JSON_OBJECT && convert_get(record, "traceId").type != JSON_STRING)
		trace = record;
	if (observations.type != JSON_ARRAY)
		observations = convert_get(trace, "observations");
	if (trace.type == JSON_OBJECT)
		convert_export_add_trace(&ev, trace);
	else
		add_observation(&ev, record);
	for (struct json_iter it = json_elements(observations); json_next(&it);)
		add_observation(&ev, it.value);
	enum cli_exit code = send_batch(&ev);
	struct json_iter scores = json_elements(convert_get(trace, "scores"));
	while (code == CLI_OK && json_next(&scores))
		code = convert_export_send_score(cv, scores.value);
	return code;
}

/* ---- Phoenix ---- */

static void attribute_value(struct convert *cv, struct json_writer *w, struct json v)
{
	json_object(w);
	switch (v.type) {
	case JSON_STRING:
		json_member_body(
			w, STR("stringValue"), json_canonical_body(&cv->memory, json_body(v)));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_member_bool(w, STR("boolValue"), v.type == JSON_TRUE);
		break;
	case JSON_NUMBER: {
		int64_t n;
		if (str_to_i64(v.raw, &n))
			json_member_text(w, STR("intValue"), v.raw);
		else
			json_member_raw(w, STR("doubleValue"), v.raw);
		break;
	}
	case JSON_ARRAY:
		if (w->depth + 8 > JSON_WRITER_DEPTH) { /* the lists are nested too deeply */
			json_member_text(w, STR("stringValue"), v.raw);
			break;
		}
		json_key(w, STR("arrayValue"));
		json_object(w);
		json_key(w, STR("values"));
		json_array(w);
		for (struct json_iter it = json_elements(v); json_next(&it);)
			attribute_value(cv, w, it.value);
		json_end(w);
		json_end(w);
		break;
	default:
		json_member_text(w, STR("stringValue"), v.raw);
	}
	json_end(w);
}

static bool is_list_of_objects(struct json v)
{
	struct json_iter it = json_elements(v);
	return v.type == JSON_ARRAY && json_next(&it) && it.value.type == JSON_OBJECT;
}

/* Writes {"llm":{"model_name":"x"}} as llm.model_name, and lists of objects with their positions,
 * as the exporter had them. The depth is bounded: the record was checked. */
static void flatten(struct convert *cv, struct json_writer *w, struct str key, struct json v)
{
	struct arena *a = &cv->memory;
	size_t i = 0;
	/* Values of any form stay one value. */
	bool is_free = str_eq(key, STR("metadata")) || str_ends(key, STR(".invocation_parameters"));
	if (v.type == JSON_NULL)
		return;
	if (v.type == JSON_OBJECT && !is_free) {
		for (struct json_iter it = json_members(v); json_next(&it);)
			flatten(cv, w,
				arena_printf(a, "%.*s%s%.*s", STR_ARG(key), key.len ? "." : "",
					STR_ARG(json_decode(a, it.key))),
				it.value);
		return;
	}
	if (is_list_of_objects(v)) {
		for (struct json_iter it = json_elements(v); json_next(&it); i++)
			flatten(cv, w, arena_printf(a, "%.*s.%zu", STR_ARG(key), i), it.value);
		return;
	}
	json_object(w);
	json_member_text(w, STR("key"), key);
	json_key(w, STR("value"));
	attribute_value(cv, w, v);
	json_end(w);
}

static struct json of_context(struct json record, const char *key, const char *dotted)
{
	struct json v = convert_get(convert_get(record, "context"), key);
	return v.type == JSON_STRING ? v : convert_get(record, dotted);
}

static bool time_member(struct convert *cv, struct json_writer *w, struct json record,
	const char *key, const char *as)
{
	int64_t ns;
	struct json v = convert_get(record, key);
	struct str text = v.type == JSON_STRING ? json_decode(&cv->memory, json_body(v)) : v.raw;
	if (v.type == JSON_NUMBER && str_to_i64(text, &ns) && ns > INT64_C(100000000000) &&
		ns < INT64_C(100000000000000))
		ns *= NS_PER_MS; /* the unit of times written by pandas */
	else if (v.type <= JSON_NULL || !utime_parse_lax(text, &ns))
		return false;
	json_member_text(w, str_from_c(as), arena_printf(&cv->memory, "%lld", (long long)ns));
	return true;
}

static void raw_text_member(struct json_writer *w, const char *key, struct json v)
{
	if (v.type == JSON_STRING)
		json_member_raw(w, str_from_c(key), v.raw);
}

static void phoenix_events(struct convert *cv, struct json_writer *w, struct json events)
{
	json_key(w, STR("events"));
	json_array(w);
	for (struct json_iter it = json_elements(events); json_next(&it);) {
		json_object(w);
		raw_text_member(w, "name", convert_get(it.value, "name"));
		(void)time_member(cv, w, it.value, "timestamp", "timeUnixNano");
		json_key(w, STR("attributes"));
		json_array(w);
		flatten(cv, w, STR(""), convert_get(it.value, "attributes"));
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void phoenix_attributes(struct convert *cv, struct json_writer *w, struct json record)
{
	static const struct str prefix = { "attributes.", 11 };
	struct str kind = convert_text(&cv->memory, record, "span_kind");
	json_key(w, STR("attributes"));
	json_array(w);
	if (kind.len)
		flatten(cv, w, STR("openinference.span.kind"), convert_get(record, "span_kind"));
	flatten(cv, w, STR(""), convert_get(record, "attributes"));
	for (struct json_iter it = json_members(record); json_next(&it);)
		if (str_starts(it.key, prefix))
			flatten(cv, w, json_decode(&cv->memory, str_skip(it.key, prefix.len)),
				it.value);
	json_end(w);
}

enum cli_exit convert_phoenix(struct convert *cv, struct json record)
{
	struct buf body;
	struct json_writer w;
	struct json error = json_get(record, STR("status_code"));
	buf_init(&body, &cv->memory);
	buf_add(&body, STR("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":["));
	json_writer_init(&w, &body);
	json_object(&w);
	raw_text_member(&w, "traceId", of_context(record, "trace_id", "context.trace_id"));
	raw_text_member(&w, "spanId", of_context(record, "span_id", "context.span_id"));
	raw_text_member(&w, "parentSpanId", convert_get(record, "parent_id"));
	raw_text_member(&w, "name", convert_get(record, "name"));
	(void)time_member(cv, &w, record, "start_time", "startTimeUnixNano");
	(void)time_member(cv, &w, record, "end_time", "endTimeUnixNano");
	phoenix_attributes(cv, &w, record);
	phoenix_events(cv, &w, convert_get(record, "events"));
	json_key(&w, STR("status"));
	json_object(&w);
	if (error.type == JSON_STRING) {
		bool is_error = json_body_is(json_body(error), STR("ERROR"));
		bool is_ok = json_body_is(json_body(error), STR("OK"));
		json_member_i64(&w, STR("code"), is_error ? 2 : is_ok);
		raw_text_member(&w, "message", convert_get(record, "status_message"));
	}
	json_end(&w);
	json_end(&w);
	buf_add(&body, STR("]}]}]}"));
	return convert_send(cv, "POST", STR("/v1/traces"), STR("application/json"), buf_str(&body));
}
