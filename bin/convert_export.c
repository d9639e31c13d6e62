/* What other servers export: Langfuse's and Opik's traces, Phoenix's spans. */
#include "convert.h"

#include "base/utime.h"

static struct json member(struct json object, const char *key)
{
	return json_get(object, str_from_c(key));
}

/* Members of an object but those named, and those that are null. */
static void copy_but(struct convert *cv, struct json_writer *w, struct json object,
	const char *const *but, bool unpack)
{
	for (struct json_iter it = json_members(object); json_next(&it);) {
		bool is_left_out = it.value.type == JSON_NULL;
		for (size_t i = 0; but[i] && !is_left_out; i++)
			is_left_out = json_body_is(it.key, str_from_c(but[i]));
		if (is_left_out)
			continue;
		json_key_body(w, json_canonical_body(&cv->memory, it.key));
		bool is_payload = json_body_is(it.key, STR("input")) ||
				  json_body_is(it.key, STR("output")) ||
				  json_body_is(it.key, STR("metadata"));
		json_raw(w, unpack && is_payload ? convert_unpack(&cv->memory, it.value)
						 : it.value.raw);
	}
}

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

/* {"id":…,"type":…,"timestamp":…,"body": */
static void open_event(struct events *ev, const char *type, struct json thing, struct str at)
{
	struct arena *a = &ev->cv->memory;
	json_object(&ev->w);
	json_member_text(&ev->w, STR("id"),
		convert_id(a, arena_printf(a, "%s %.*s", type, STR_ARG(member(thing, "id").raw))));
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

/* To the API a score is made when it comes, so each comes when it was made. */
static enum cli_exit send_score(struct convert *cv, struct json score)
{
	static const char *const but[] = { NULL };
	static const char *const made[] = { "createdAt", "timestamp", NULL };
	static const char *const times[] = { "updatedAt", "timestamp", "createdAt", NULL };
	struct events ev;
	int64_t file_ns = cv->file_ns;
	open_batch(&ev, cv);
	open_event(&ev, "score-create", score, when(&ev, score, times));
	copy_but(cv, &ev.w, score, but, false);
	close_event(&ev);
	(void)utime_parse_lax(when(&ev, score, made), &cv->file_ns); /* else that of the file */
	enum cli_exit code = send_batch(&ev);
	cv->file_ns = file_ns;
	return code;
}

static void add_trace(struct events *ev, struct json trace)
{
	static const char *const but[] = { "observations", "scores", "latency", "totalCost", NULL };
	static const char *const times[] = { "updatedAt", "timestamp", NULL };
	open_event(ev, "trace-create", trace, when(ev, trace, times));
	copy_but(ev->cv, &ev->w, trace, but, true);
	close_event(ev);
}

static void add_observation(struct events *ev, struct json o)
{
	static const char *const but[] = { "usage", "latency", NULL };
	static const char *const times[] = { "updatedAt", "startTime", NULL };
	open_event(ev, "observation-create", o, when(ev, o, times));
	copy_but(ev->cv, &ev->w, o, but, true);
	close_event(ev);
}

enum cli_exit convert_langfuse(struct convert *cv, struct json record)
{
	struct events ev;
	struct json trace = member(record, "trace"), observations = member(record, "observations");
	open_batch(&ev, cv);
	if (trace.type != JSON_OBJECT && member(record, "traceId").type != JSON_STRING)
		trace = record;
	if (observations.type != JSON_ARRAY)
		observations = member(trace, "observations");
	if (trace.type == JSON_OBJECT)
		add_trace(&ev, trace);
	else
		add_observation(&ev, record);
	for (struct json_iter it = json_elements(observations); json_next(&it);)
		add_observation(&ev, it.value);
	enum cli_exit code = send_batch(&ev);
	struct json_iter scores = json_elements(member(trace, "scores"));
	while (code == CLI_OK && json_next(&scores))
		code = send_score(cv, scores.value);
	return code;
}

/* ---- Opik ---- */

static const char *const opik_but[] = { "project_id", "project_name", "feedback_scores", "comments",
	"created_at", "created_by", "last_updated_by", "duration", "span_count", "llm_span_count",
	"span_feedback_scores", "usage", "start_time", "end_time", "last_updated_at", NULL };

/* opik export writes them as Python's str() does, with a blank for the T. */
static void opik_times(struct convert *cv, struct json_writer *w, struct json thing)
{
	enum { DATE_BYTES = sizeof "2026-11-21" - 1 };
	static const char *const keys[] = { "start_time", "end_time", "last_updated_at" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct json v = member(thing, keys[i]);
		struct str text = json_body(v);
		if (v.type <= JSON_NULL)
			continue;
		if (v.type == JSON_STRING && str_index(text, ' ') == DATE_BYTES)
			json_member_body(w, str_from_c(keys[i]),
				arena_printf(&cv->memory, "%.*sT%.*s",
					STR_ARG(str_first(text, DATE_BYTES)),
					STR_ARG(str_skip(text, DATE_BYTES + 1))));
		else
			json_member_raw(w, str_from_c(keys[i]), v.raw);
	}
}

/* project: of the record, where the thing names none. */
static void opik_thing(struct convert *cv, struct json_writer *w, struct json thing,
	struct str project, bool is_span)
{
	struct str own = convert_text(&cv->memory, thing, "project_name");
	json_object(w);
	copy_but(cv, w, thing, opik_but, false);
	opik_times(cv, w, thing);
	/* That of a trace is the sum of its spans'. */
	if (is_span && member(thing, "usage").type == JSON_OBJECT)
		json_member_raw(w, STR("usage"), member(thing, "usage").raw);
	if (own.len || project.len)
		json_member_text(w, STR("project_name"), own.len ? own : project);
	json_end(w);
}

static void opik_scores(
	struct convert *cv, struct json_writer *w, struct json thing, struct str project)
{
	struct str own = convert_text(&cv->memory, thing, "project_name");
	static const char *const but[] = { "created_at", "last_updated_at", "created_by",
		"last_updated_by", "value_by_author", NULL };
	for (struct json_iter it = json_elements(member(thing, "feedback_scores"));
		json_next(&it);) {
		json_object(w);
		copy_but(cv, w, it.value, but, false);
		json_member_raw(w, STR("id"), member(thing, "id").raw);
		if (own.len || project.len)
			json_member_text(w, STR("project_name"), own.len ? own : project);
		json_end(w);
	}
}

/* things: an array, or one. */
static enum cli_exit opik_send(
	struct convert *cv, struct json things, struct str project, bool is_span)
{
	struct buf body, scores;
	struct json_writer w, s;
	buf_init(&body, &cv->memory);
	buf_init(&scores, &cv->memory);
	json_writer_init(&w, &body);
	json_writer_init(&s, &scores);
	json_object(&w);
	json_key(&w, is_span ? STR("spans") : STR("traces"));
	json_array(&w);
	json_object(&s);
	json_key(&s, STR("scores"));
	json_array(&s);
	size_t empty = scores.len;
	struct json_iter it = json_elements(things);
	if (things.type == JSON_OBJECT) {
		opik_thing(cv, &w, things, project, is_span);
		opik_scores(cv, &s, things, project);
	}
	while (json_next(&it)) {
		opik_thing(cv, &w, it.value, project, is_span);
		opik_scores(cv, &s, it.value, project);
	}
	bool has_scores = scores.len > empty;
	uint64_t n_refused = cv->intake->n_refused;
	for (int i = 0; i < 2; i++) {
		json_end(&w);
		json_end(&s);
	}
	enum cli_exit code = convert_send(cv, "POST",
		is_span ? STR("/v1/private/spans/batch") : STR("/v1/private/traces/batch"),
		STR("application/json"), buf_str(&body));
	/* What is not there has no scores. */
	if (code == CLI_OK && has_scores && cv->intake->n_refused == n_refused)
		code = convert_send(cv, "PUT",
			is_span ? STR("/v1/private/spans/feedback-scores")
				: STR("/v1/private/traces/feedback-scores"),
			STR("application/json"), buf_str(&scores));
	return code;
}

enum cli_exit convert_opik(struct convert *cv, struct json record)
{
	struct json trace = member(record, "trace"), spans = member(record, "spans");
	struct str project = convert_text(&cv->memory, record, "project_name");
	if (trace.type != JSON_OBJECT)
		return opik_send(
			cv, record, project, member(record, "trace_id").type == JSON_STRING);
	struct json_iter any = json_elements(spans);
	enum cli_exit code = opik_send(cv, trace, project, false);
	if (str_is_null(project))
		project = convert_text(&cv->memory, trace, "project_name");
	return code == CLI_OK && json_next(&any) ? opik_send(cv, spans, project, true) : code;
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
		if (w->depth + 8 > JSON_WRITER_DEPTH) { /* lists in lists in lists */
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

/* {"llm":{"model_name":"x"}} as llm.model_name, lists of objects with their positions, as the
 * exporter had them. As deep as JSON may be, which was checked. */
static void flatten(struct convert *cv, struct json_writer *w, struct str key, struct json v)
{
	struct arena *a = &cv->memory;
	size_t i = 0;
	/* What is free in form stays one value. */
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
	struct json v = member(member(record, "context"), key);
	return v.type == JSON_STRING ? v : member(record, dotted);
}

static bool time_member(struct convert *cv, struct json_writer *w, struct json record,
	const char *key, const char *as)
{
	int64_t ns;
	struct json v = member(record, key);
	struct str text = v.type == JSON_STRING ? json_decode(&cv->memory, json_body(v)) : v.raw;
	if (v.type == JSON_NUMBER && str_to_i64(text, &ns) && ns > INT64_C(100000000000) &&
		ns < INT64_C(100000000000000))
		ns *= NS_PER_MS; /* how pandas writes times */
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
		raw_text_member(w, "name", member(it.value, "name"));
		(void)time_member(cv, w, it.value, "timestamp", "timeUnixNano");
		json_key(w, STR("attributes"));
		json_array(w);
		flatten(cv, w, STR(""), member(it.value, "attributes"));
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
		flatten(cv, w, STR("openinference.span.kind"), member(record, "span_kind"));
	flatten(cv, w, STR(""), member(record, "attributes"));
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
	raw_text_member(&w, "parentSpanId", member(record, "parent_id"));
	raw_text_member(&w, "name", member(record, "name"));
	(void)time_member(cv, &w, record, "start_time", "startTimeUnixNano");
	(void)time_member(cv, &w, record, "end_time", "endTimeUnixNano");
	phoenix_attributes(cv, &w, record);
	phoenix_events(cv, &w, member(record, "events"));
	json_key(&w, STR("status"));
	json_object(&w);
	if (error.type == JSON_STRING) {
		bool is_error = json_body_is(json_body(error), STR("ERROR"));
		bool is_ok = json_body_is(json_body(error), STR("OK"));
		json_member_i64(&w, STR("code"), is_error ? 2 : is_ok);
		raw_text_member(&w, "message", member(record, "status_message"));
	}
	json_end(&w);
	json_end(&w);
	buf_add(&body, STR("]}]}]}"));
	return convert_send(cv, "POST", STR("/v1/traces"), STR("application/json"), buf_str(&body));
}
