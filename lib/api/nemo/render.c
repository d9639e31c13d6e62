#include "api/nemo/render.h"

#include "base/utf8.h"
#include "base/utime.h"
#include "semconv/cost.h"
#include "span/normalise.h"

/* NeMo's own limits, in characters. */
enum { PREVIEW_CHARS = 300, ERROR_MESSAGE_CHARS = 1000 };

const struct str nemo_mode_names[NEMO_MODE__MAX] = {
	[NEMO_SUMMARY] = { "summary", 7 },
	[NEMO_PREVIEW] = { "preview", 7 },
	[NEMO_DETAILED] = { "detailed", 8 },
};

static void remove_field(struct field_set *s, enum field f)
{
	s->word[f / 64] &= ~(UINT64_C(1) << f % 64);
}

struct field_set nemo_span_fields(enum nemo_mode mode)
{
	struct field_set s = field_set_all;
	if (mode == NEMO_DETAILED)
		return s;
	remove_field(&s, FIELD_ATTRIBUTES);
	remove_field(&s, FIELD_METADATA);
	remove_field(&s, FIELD_TAGS);
	remove_field(&s, FIELD_EXPECTED);
	if (mode == NEMO_PREVIEW)
		return s;
	remove_field(&s, FIELD_INPUT);
	remove_field(&s, FIELD_OUTPUT);
	return s;
}

struct field_set nemo_trace_fields(enum nemo_mode mode)
{
	static const enum field fields[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SESSION_ID,
		FIELD_SOURCE, FIELD_STATUS, FIELD_STARTED_AT, FIELD_ENDED_AT, FIELD_NAME,
		FIELD_EVALUATION_ID, FIELD_TEST_CASE_ID };
	struct field_set s = { { 0 } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		field_set_add(&s, fields[i]);
	if (mode == NEMO_PREVIEW) {
		field_set_add(&s, FIELD_INPUT);
		field_set_add(&s, FIELD_OUTPUT);
	}
	return s;
}

/* Returns the first n characters of a canonical body. An escape is one character. */
static struct str body_first(struct str body, size_t n)
{
	size_t at = 0;
	for (size_t i = 0; i < n && at < body.len; i++) {
		if (body.ptr[at] == '\\')
			at += at + 1 < body.len && body.ptr[at + 1] == 'u' ? 6 : 2;
		else
			for (at++; at < body.len && ((unsigned char)body.ptr[at] & 0xc0) == 0x80;)
				at++;
	}
	return str_first(body, at);
}

static void nemo_render_write_body(struct json_writer *w, const struct span *s, enum field f)
{
	if (span_has(s, f))
		json_member_body(w, field_info[f].member, span_text(s, f));
}

static void write_i64(struct json_writer *w, const struct span *s, enum field f)
{
	if (span_has(s, f))
		json_member_i64(w, field_info[f].member, span_i64(s, f, 0));
}

/* Removes zeros at the end of a fraction that has no exponent. */
static struct str without_zeros(struct str number)
{
	while (number.len > 2 && number.ptr[number.len - 1] == '0' &&
		number.ptr[number.len - 2] != '.')
		number.len--;
	return number;
}

/* Writes a decimal as NeMo's float: its shortest text. */
static void write_cost(struct json_writer *w, const struct span *s, enum field f)
{
	double v;
	/* Whole numbers and exponents lose zeros that count, but then they differ from the float's
	 * text in any case. */
	struct str shortest = without_zeros(span_text(s, f));
	if (span_has(s, f) && json_is_double_text(shortest))
		json_member_raw(w, field_info[f].member, shortest);
	else if (span_has(s, f) && str_to_double(span_text(s, f), &v))
		json_member_double(w, field_info[f].member, v);
}

/* Writes {} when the field is absent, because NeMo always shows it. The version of a computed cost
 * is not an amount. */
static void write_details(struct json_writer *w, const struct span *s, enum field f)
{
	struct str v = span_text(s, f);
	bool is_hidden = f == FIELD_COST_DETAILS && cost_is_computed(s);
	json_member_raw(
		w, field_info[f].member, v.len && v.ptr[0] == '{' && !is_hidden ? v : STR("{}"));
}

void nemo_render_time(struct json_writer *w, struct str key, int64_t ns)
{
	char text[UTIME_TEXT_MAX + 1];
	json_member_body(w, key, str_of(text, utime_format_us(ns, text)));
}

static void nemo_render_write_time(struct json_writer *w, const struct span *s, enum field f)
{
	if (span_has(s, f))
		nemo_render_time(w, field_info[f].member, span_i64(s, f, 0));
}

/* Payloads are texts in NeMo: a JSON string unchanged, any other value as its compact text. */
static void nemo_render_write_payload(
	struct json_writer *w, const struct span *s, enum field f, enum nemo_mode mode)
{
	struct json v = json_whole(span_text(s, f));
	if (mode == NEMO_SUMMARY || v.type == JSON_NONE || v.type == JSON_NULL)
		return;
	json_key(w, field_info[f].member);
	if (v.type == JSON_STRING)
		json_body_value(w, mode == NEMO_PREVIEW ? body_first(json_body(v), PREVIEW_CHARS)
							: json_body(v));
	else if (mode == NEMO_PREVIEW)
		json_text(w, utf8_first(v.raw, PREVIEW_CHARS));
	else
		json_stored_as_text(w, v.raw);
}

static void write_error_message(struct json_writer *w, const struct span *s, enum nemo_mode mode)
{
	struct str body = span_text(s, FIELD_ERROR_MESSAGE);
	if (str_is_null(body))
		return;
	if (mode != NEMO_DETAILED)
		body = body_first(body, ERROR_MESSAGE_CHARS);
	json_member_body(w, STR("error_message"), body);
}

static void write_evaluation_context(struct json_writer *w, const struct span *s)
{
	static const enum field fields[] = { FIELD_EVALUATION_ID, FIELD_EVALUATION_SHA,
		FIELD_EVALUATION_RUN_ID, FIELD_DATASET_ID, FIELD_DATASET_NAME,
		FIELD_DATASET_VERSION, FIELD_TEST_CASE_ID };
	struct str metadata = span_text(s, FIELD_EVALUATION_METADATA);
	bool has_any = metadata.len && metadata.ptr[0] == '{';
	if (!has_any)
		metadata = STR("{}");
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		has_any |= span_has(s, fields[i]);
	if (!has_any)
		return;
	json_key(w, STR("evaluation_context"));
	json_object(w);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		nemo_render_write_body(w, s, fields[i]);
	json_member_raw(w, STR("metadata"), metadata);
	json_end(w);
}

/* Writes an object as a text. What other dialects store and NeMo has no key for (metadata, tags,
 * expected) is appended, so that a reader of this API sees it. Where keys are used, the sender of
 * an OTLP span is appended too. */
static void write_raw_attributes(struct json_writer *w, struct arena *a, const struct span *s)
{
	static const enum field others[] = { FIELD_TAGS, FIELD_METADATA, FIELD_EXPECTED };
	struct json attributes = json_whole(span_text(s, FIELD_ATTRIBUTES));
	bool has_caller =
		span_has(s, FIELD_CREATED_BY) && str_eq(span_text(s, FIELD_SOURCE), STR("otel"));
	bool has_others = has_caller;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		has_others |= span_has(s, others[i]) &&
			      json_get(attributes, field_info[others[i]].member).type == JSON_NONE;
	if (!has_others) {
		if (attributes.type == JSON_OBJECT && attributes.raw.len > STR("{}").len) {
			json_key(w, STR("raw_attributes"));
			json_stored_as_text(w, attributes.raw);
		}
		return;
	}
	struct buf b;
	struct json_writer all;
	buf_init(&b, a);
	json_writer_init(&all, &b);
	json_object(&all);
	struct json_iter it = json_members(attributes);
	while (json_next(&it)) {
		if (has_caller && str_eq(it.key, STR("nmp.caller_principal")))
			continue; /* a client must not pass for another one */
		json_key_body(&all, it.key);
		json_raw(&all, it.value.raw);
	}
	if (has_caller)
		json_member_body(&all, STR("nmp.caller_principal"), span_text(s, FIELD_CREATED_BY));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct str member = field_info[others[i]].member;
		if (span_has(s, others[i]) && json_get(attributes, member).type == JSON_NONE)
			json_member_raw(&all, member, span_text(s, others[i]));
	}
	json_end(&all);
	json_key(w, STR("raw_attributes"));
	json_stored_as_text(w, buf_str(&b));
	buf_release(&b);
}

/* Every span has a session here. Opik's traces are stored without one when they have no thread. */
static void write_session(
	struct json_writer *w, struct arena *a, struct str workspace, const struct span *s)
{
	struct str id = span_text(s, FIELD_SESSION_ID);
	json_member_body(w, STR("session_id"), id.len ? id : span_derived_session(a, workspace, s));
}

void nemo_span_render(struct json_writer *w, struct arena *a, struct str workspace,
	const struct span *s, enum nemo_mode mode)
{
	json_object(w);
	nemo_render_write_body(w, s, FIELD_SPAN_ID);
	write_session(w, a, workspace, s);
	json_member_body(w, STR("workspace"), workspace); /* the name needs no escape */
	nemo_render_write_body(w, s, FIELD_PROJECT);
	write_evaluation_context(w, s);
	if (!span_is_root(s))
		nemo_render_write_body(w, s, FIELD_PARENT_SPAN_ID);
	json_member_body(w, STR("kind"), kind_name(span_i64(s, FIELD_KIND, KIND_UNKNOWN)));
	nemo_render_write_body(w, s, FIELD_NAME);
	nemo_render_write_body(w, s, FIELD_SOURCE);
	nemo_render_write_body(w, s, FIELD_TRACE_ID);
	nemo_render_write_time(w, s, FIELD_STARTED_AT);
	nemo_render_write_time(w, s, FIELD_ENDED_AT);
	json_member_body(w, STR("status"), status_name(span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)));
	nemo_render_write_body(w, s, FIELD_ERROR_TYPE);
	write_error_message(w, s, mode);
	nemo_render_write_body(w, s, FIELD_PROVIDER);
	nemo_render_write_body(w, s, FIELD_MODEL);
	nemo_render_write_body(w, s, FIELD_PROMPT_ID);
	nemo_render_write_body(w, s, FIELD_PROMPT_NAME);
	nemo_render_write_body(w, s, FIELD_PROMPT_VERSION);
	nemo_render_write_body(w, s, FIELD_AGENT_ID);
	nemo_render_write_body(w, s, FIELD_AGENT_NAME);
	nemo_render_write_body(w, s, FIELD_TOOL_NAME);
	write_i64(w, s, FIELD_INPUT_TOKENS);
	write_i64(w, s, FIELD_OUTPUT_TOKENS);
	write_i64(w, s, FIELD_CACHED_TOKENS);
	write_i64(w, s, FIELD_TOTAL_TOKENS);
	write_details(w, s, FIELD_USAGE_DETAILS);
	write_cost(w, s, FIELD_COST_TOTAL_USD);
	write_cost(w, s, FIELD_COST_INPUT_USD);
	write_cost(w, s, FIELD_COST_OUTPUT_USD);
	write_details(w, s, FIELD_COST_DETAILS);
	nemo_render_write_payload(w, s, FIELD_INPUT, mode);
	nemo_render_write_payload(w, s, FIELD_OUTPUT, mode);
	if (mode == NEMO_DETAILED)
		write_raw_attributes(w, a, s);
	nemo_render_write_time(w, s, FIELD_INGESTED_AT);
	json_end(w);
}

void nemo_render_pico(struct json_writer *w, struct str key, __int128 v)
{
	enum { PICO_DIGITS = 12, TEXT_MAX = 64 };
	char text[TEXT_MAX];
	size_t at = sizeof text;
	bool is_negative = v < 0;
	unsigned __int128 rest = is_negative ? -(unsigned __int128)v : (unsigned __int128)v;
	size_t end = at;
	for (size_t n = 0; n <= PICO_DIGITS || rest; n++) {
		if (n == PICO_DIGITS)
			text[--at] = '.';
		text[--at] = (char)('0' + (int)(rest % 10));
		rest /= 10;
	}
	while (text[end - 1] == '0' && text[end - 2] != '.')
		end--;
	if (is_negative)
		text[--at] = '-';
	json_member_raw(w, key, str_of(text + at, end - at));
}

static void write_sums(struct json_writer *w, const struct rollup *r)
{
	if (r->has_input_tokens)
		json_member_i64(w, STR("input_tokens"), r->input_tokens);
	if (r->has_output_tokens)
		json_member_i64(w, STR("output_tokens"), r->output_tokens);
	if (r->has_cached_tokens)
		json_member_i64(w, STR("cached_tokens"), r->cached_tokens);
	if (r->has_total_tokens)
		json_member_i64(w, STR("total_tokens"), r->total_tokens);
	if (r->has_cost_total)
		nemo_render_pico(w, STR("cost_usd"), r->cost_total);
	if (r->has_cost_input)
		nemo_render_pico(w, STR("cost_input_usd"), r->cost_input);
	if (r->has_cost_output)
		nemo_render_pico(w, STR("cost_output_usd"), r->cost_output);
}

/* Rounds down, as the shown times are rounded. */
static int64_t to_us(int64_t ns)
{
	return ns / NS_PER_US - (ns % NS_PER_US < 0);
}

double nemo_duration_ms(int64_t started_ns, int64_t ended_ns)
{
	return (double)(to_us(ended_ns) - to_us(started_ns)) / 1000.0;
}

static void write_duration(struct json_writer *w, int64_t started_ns, int64_t ended_ns)
{
	json_member_double(w, STR("duration_ms"), nemo_duration_ms(started_ns, ended_ns));
}

void nemo_trace_render(struct json_writer *w, struct arena *a, struct str workspace,
	const struct trace_row *row, const struct span *root, enum nemo_mode mode)
{
	int64_t duration_ns;
	json_object(w);
	json_member_body(w, STR("id"), row->trace_id);
	json_member_body(w, STR("root_span_id"), span_text(root, FIELD_SPAN_ID));
	write_session(w, a, workspace, root);
	json_member_text(w, STR("workspace"), workspace);
	nemo_render_write_body(w, root, FIELD_NAME);
	if (mode == NEMO_PREVIEW) {
		nemo_render_write_payload(w, root, FIELD_INPUT, mode);
		nemo_render_write_payload(w, root, FIELD_OUTPUT, mode);
	}
	if (span_has(root, FIELD_EVALUATION_ID)) {
		json_key(w, STR("experiment_context"));
		json_object(w);
		json_member_body(w, STR("experiment_id"), span_text(root, FIELD_EVALUATION_ID));
		nemo_render_write_body(w, root, FIELD_TEST_CASE_ID);
		json_end(w);
	}
	nemo_render_write_time(w, root, FIELD_STARTED_AT);
	nemo_render_write_time(w, root, FIELD_ENDED_AT);
	if (span_duration(root, &duration_ns))
		write_duration(
			w, span_i64(root, FIELD_STARTED_AT, 0), span_i64(root, FIELD_ENDED_AT, 0));
	json_member_text(
		w, STR("status"), status_name(span_i64(root, FIELD_STATUS, STATUS_UNKNOWN)));
	if (mode != NEMO_SUMMARY) {
		write_sums(w, &row->rollup);
		json_member_i64(w, STR("span_count"), (int64_t)row->rollup.n_spans);
		json_member_i64(w, STR("error_count"), (int64_t)row->rollup.n_errors);
	}
	json_end(w);
}

void nemo_session_render(struct json_writer *w, struct str workspace, const struct session_row *row)
{
	json_object(w);
	json_member_body(w, STR("id"), row->session_id);
	json_member_text(w, STR("workspace"), workspace);
	nemo_render_time(w, STR("started_at"), row->first_started_ns);
	if (row->last_ended_ns != INT64_MIN) {
		nemo_render_time(w, STR("ended_at"), row->last_ended_ns);
		write_duration(w, row->first_started_ns, row->last_ended_ns);
	}
	json_member_text(w, STR("status"), status_name(row->status));
	write_sums(w, &row->rollup);
	json_member_i64(w, STR("trace_count"), (int64_t)row->n_traces);
	json_member_i64(w, STR("span_count"), (int64_t)row->rollup.n_spans);
	json_end(w);
}
