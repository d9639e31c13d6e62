/*
 * Members of a stored line become attributes under the names that most readers know.  A raw
 * attribute of such a name wins.  flatspan.span, written last, is
 *
 *	{"from":{"input":"input.value"},	fields that are the JSON in a text attribute
 *	 "drop":["input.mime_type"],		attributes that were added for readers
 *	 "set":{…},				members as in a stored line
 *	 "unset":["provider"]}			fields that the span does not have
 */
#include "api/otlp/put.h"

#include "base/limits.h"
#include "span/line.h"

/* One level of natural JSON is up to four levels of OTLP's. Deeper values become texts, and
 * flatspan.span restores them. */
enum { VALUE_DEPTH = 8, KEYS_MAX = 3 };

/* ---- Values ---- */

static void otlp_put_value(struct json_writer *w, struct json v, unsigned depth)
{
	int64_t i;
	bool is_list = v.type == JSON_ARRAY || v.type == JSON_OBJECT;
	json_object(w);
	if (is_list && depth == VALUE_DEPTH) {
		json_key(w, STR("stringValue"));
		json_raw_as_text(w, v.raw);
	} else if (is_list) {
		json_key(w, v.type == JSON_ARRAY ? STR("arrayValue") : STR("kvlistValue"));
		json_object(w);
		json_key(w, STR("values"));
		json_array(w);
		struct json_iter it = v.type == JSON_ARRAY ? json_elements(v) : json_members(v);
		while (json_next(&it)) {
			if (v.type == JSON_OBJECT) {
				json_object(w);
				json_member_body(w, STR("key"), it.key);
				json_key(w, STR("value"));
			}
			otlp_put_value(w, it.value, depth + 1);
			if (v.type == JSON_OBJECT)
				json_end(w);
		}
		json_end(w);
		json_end(w);
	} else if (v.type == JSON_STRING) {
		json_member_body(w, STR("stringValue"), json_body(v));
	} else if (v.type == JSON_TRUE || v.type == JSON_FALSE) {
		json_member_bool(w, STR("boolValue"), v.type == JSON_TRUE);
	} else if (v.type == JSON_NUMBER && str_to_i64(v.raw, &i)) {
		json_member_body(w, STR("intValue"), v.raw);
	} else if (v.type == JSON_NUMBER) {
		json_member_raw(w, STR("doubleValue"), v.raw);
	}
	json_end(w);
}

void otlp_put_attr(struct json_writer *w, struct str key_body, struct json v)
{
	json_object(w);
	json_member_body(w, STR("key"), key_body);
	json_key(w, STR("value"));
	otlp_put_value(w, v, 0);
	json_end(w);
}

/* is_body: the text is a canonical body. */
static void put_text_attr(struct json_writer *w, struct str key, struct str text, bool is_body)
{
	json_object(w);
	json_member_body(w, STR("key"), key);
	json_key(w, STR("value"));
	json_object(w);
	if (is_body)
		json_member_body(w, STR("stringValue"), text);
	else
		json_member_text(w, STR("stringValue"), text);
	json_end(w);
	json_end(w);
}

void otlp_put_text(struct json_writer *w, struct str key, struct str text)
{
	put_text_attr(w, key, text, true);
}

void otlp_put_plain(struct json_writer *w, struct str key, struct str text)
{
	put_text_attr(w, key, text, false);
}

void otlp_put_attributes(struct json_writer *w, struct json object)
{
	struct json_iter it = json_members(object);
	if (!json_next(&it))
		return;
	json_key(w, STR("attributes"));
	json_array(w);
	do
		otlp_put_attr(w, it.key, it.value);
	while (json_next(&it));
	json_end(w);
}

struct json otlp_inner(struct arena *a, const struct span *s, struct str key, enum json_type type)
{
	const struct json none = { JSON_NONE, STR_NULL };
	struct json_error error;
	struct json v = json_get(json_open(span_text(s, FIELD_ATTRIBUTES)), key);
	if (v.type != JSON_STRING)
		return none;
	struct str text = json_decode(a, json_body(v));
	if (!json_check(text, LIMIT_DEPTH, &error))
		return none;
	v = json_open(json_canonical(a, text));
	return v.type == type ? v : none;
}

/* ---- The names of fields ---- */

/* clang-format off */
static const struct named {
	enum field field;
	const char *keys[KEYS_MAX];
} named_fields[] = {
	{ FIELD_SESSION_ID,		{ "session.id", "gen_ai.conversation.id" } },
	{ FIELD_USER_ID,		{ "user.id" } },
	{ FIELD_ENVIRONMENT,		{ "deployment.environment.name" } },
	{ FIELD_PROVIDER,		{ "gen_ai.provider.name", "gen_ai.system", "llm.provider" } },
	{ FIELD_MODEL,			{ "gen_ai.request.model", "llm.model_name" } },
	{ FIELD_TOOL_NAME,		{ "gen_ai.tool.name", "tool.name" } },
	{ FIELD_AGENT_ID,		{ "gen_ai.agent.id" } },
	{ FIELD_AGENT_NAME,		{ "gen_ai.agent.name", "agent.name" } },
	{ FIELD_PROMPT_ID,		{ "prompt.id" } },
	{ FIELD_PROMPT_NAME,		{ "llm.prompt_template.name" } },
	{ FIELD_PROMPT_VERSION,		{ "llm.prompt_template.version" } },
	{ FIELD_EVALUATION_ID,		{ "evaluation.id" } },
	{ FIELD_EVALUATION_SHA,		{ "evaluation.sha" } },
	{ FIELD_EVALUATION_RUN_ID,	{ "evaluation.run_id" } },
	{ FIELD_DATASET_ID,		{ "dataset.id" } },
	{ FIELD_DATASET_NAME,		{ "dataset.name" } },
	{ FIELD_DATASET_VERSION,	{ "dataset.version" } },
	{ FIELD_TEST_CASE_ID,		{ "test_case.id" } },
	{ FIELD_INPUT_TOKENS,		{ "gen_ai.usage.input_tokens", "llm.token_count.prompt" } },
	{ FIELD_OUTPUT_TOKENS,		{ "gen_ai.usage.output_tokens", "llm.token_count.completion" } },
	{ FIELD_CACHED_TOKENS,		{ "gen_ai.usage.cache_read.input_tokens" } },
	{ FIELD_TOTAL_TOKENS,		{ "llm.token_count.total" } },
	{ FIELD_COST_TOTAL_USD,		{ "gen_ai.usage.cost", "llm.cost.total" } },
	{ FIELD_COST_INPUT_USD,		{ "llm.cost.prompt" } },
	{ FIELD_COST_OUTPUT_USD,	{ "llm.cost.completion" } },
	{ FIELD_TTFT_MS,		{ "ai.response.msToFirstChunk" } },
	{ FIELD_TAGS,			{ "tag.tags" } },
	{ FIELD_ERROR_TYPE,		{ "error.type" } },
	{ FIELD_ERROR_TRACEBACK,	{ "exception.stacktrace" } },
};

/* Members of usage_details. */
static const struct detail {
	struct str member, key;
} details[] = {
	{ { "prompt_details.cache_write", 26 },		{ "gen_ai.usage.cache_creation.input_tokens", 40 } },
	{ { "prompt_details.audio", 20 },		{ "llm.token_count.prompt_details.audio", 36 } },
	{ { "completion_details.reasoning", 28 },	{ "llm.token_count.completion_details.reasoning", 44 } },
	{ { "completion_details.audio", 24 },		{ "llm.token_count.completion_details.audio", 40 } },
};

/* Fields that are JSON in a text attribute. The attribute mime marks it as JSON. */
static const struct payload {
	enum field field;
	struct str key, mime;
} payloads[] = {
	{ FIELD_EVALUATION_METADATA,	{ "evaluation.metadata", 19 },			{ NULL, 0 } },
	{ FIELD_METADATA,		{ "metadata", 8 },				{ NULL, 0 } },
	{ FIELD_EXPECTED,		{ "langfuse.experiment.item.expected_output", 40 }, { NULL, 0 } },
	{ FIELD_INPUT,			{ "input.value", 11 },				{ "input.mime_type", 15 } },
	{ FIELD_OUTPUT,			{ "output.value", 12 },				{ "output.mime_type", 16 } },
};
/* clang-format on */

enum { PAYLOADS = sizeof payloads / sizeof payloads[0] };

struct put {
	struct json_writer *w;
	const struct span *span;
	const struct otlp_own *own;
	struct json raw; /* attributes */
	bool is_plain;
	bool is_from[PAYLOADS], has_mime[PAYLOADS], has_kind;
};

static bool has_raw(const struct put *p, struct str key)
{
	return json_get(p->raw, key).type != JSON_NONE;
}

/* Returns a field as the JSON value of a stored line. */
static struct json otlp_put_value_of(struct arena *a, const struct span *s, enum field f)
{
	struct str text = s->value[f].text;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		return (struct json){ JSON_STRING, arena_printf(a, "\"%.*s\"", STR_ARG(text)) };
	case FIELD_TYPE_I64:
		return (struct json){ JSON_NUMBER,
			arena_printf(a, "%lld", (long long)s->value[f].i64) };
	default:
		return json_open(text);
	}
}

static void put_named(struct arena *a, struct put *p, const struct named *n)
{
	for (size_t i = 0; i < KEYS_MAX && n->keys[i] && span_has(p->span, n->field); i++) {
		struct str key = str_from_c(n->keys[i]);
		struct json v = otlp_put_value_of(a, p->span, n->field);
		/* An amount in dollars is a double, also when it is whole. */
		bool is_decimal = field_info[n->field].type == FIELD_TYPE_DEC;
		int64_t whole;
		if (is_decimal && str_to_i64(v.raw, &whole))
			v.raw = arena_printf(a, "%.*s.0", STR_ARG(v.raw));
		if (!has_raw(p, key))
			otlp_put_attr(p->w, key, v);
	}
}

static void put_details(struct put *p)
{
	struct json usage = json_open(span_text(p->span, FIELD_USAGE_DETAILS));
	for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
		struct json v = json_get(usage, details[i].member);
		int64_t n;
		if (v.type == JSON_NUMBER && json_to_i64(v, &n) && !has_raw(p, details[i].key))
			otlp_put_attr(p->w, details[i].key, v);
	}
}

static void put_payload(struct put *p, size_t i)
{
	const struct payload *x = &payloads[i];
	struct json v = json_open(span_text(p->span, x->field));
	if (v.type == JSON_NONE || has_raw(p, x->key))
		return;
	bool is_text = v.type == JSON_STRING;
	/* The reader decides whether the text of input or output is JSON. */
	p->is_from[i] = !is_text || (x->field != FIELD_INPUT && x->field != FIELD_OUTPUT);
	json_object(p->w);
	json_member_body(p->w, STR("key"), x->key);
	json_key(p->w, STR("value"));
	json_object(p->w);
	json_key(p->w, STR("stringValue"));
	if (p->is_from[i])
		json_raw_as_text(p->w, v.raw);
	else
		json_raw(p->w, v.raw);
	json_end(p->w);
	json_end(p->w);
	p->has_mime[i] = p->is_from[i] && x->mime.len && !has_raw(p, x->mime);
	if (p->has_mime[i])
		otlp_put_plain(p->w, x->mime, STR("application/json"));
}

/* True for a raw attribute that OTLP has its own place for. */
static bool has_place(struct arena *a, const struct put *p, struct str key, struct json v)
{
	const struct span *s = p->span;
	if (p->is_plain || str_eq(key, STR("flatspan.span")))
		return str_eq(key, STR("flatspan.span"));
	if (str_eq(key, STR("otel.events")) || str_eq(key, STR("otel.links")))
		return otlp_inner(a, s, key, JSON_ARRAY).type == JSON_ARRAY;
	if (str_eq(key, STR("otel.scope")))
		return otlp_inner(a, s, key, JSON_OBJECT).type == JSON_OBJECT;
	if (str_eq(key, STR("otel.kind")) || str_eq(key, STR("otel.trace_state")) ||
		str_eq(key, STR("flatspan.ended_at")))
		return v.type == JSON_STRING;
	return str_starts(key, STR("otel.dropped_"));
}

/* ---- flatspan.span ---- */

static void put_from(struct put *p, struct json_writer *w)
{
	bool has_some = false;
	for (size_t i = 0; i < PAYLOADS; i++) {
		if (!p->is_from[i])
			continue;
		if (!has_some) {
			json_key(w, STR("from"));
			json_object(w);
		}
		has_some = true;
		json_member_body(w, field_info[payloads[i].field].member, payloads[i].key);
	}
	if (has_some)
		json_end(w);
}

static void put_drop(struct put *p, struct json_writer *w)
{
	bool has_some = p->has_kind;
	for (size_t i = 0; i < PAYLOADS; i++)
		has_some |= p->has_mime[i];
	if (!has_some)
		return;
	json_key(w, STR("drop"));
	json_array(w);
	if (p->has_kind)
		json_text(w, STR("openinference.span.kind"));
	for (size_t i = 0; i < PAYLOADS; i++)
		if (p->has_mime[i])
			json_text(w, payloads[i].mime);
	json_end(w);
}

static void put_set(struct arena *a, struct put *p, struct json_writer *w)
{
	struct span some = *p->span;
	struct buf line;
	struct str body;
	some.present = p->own->set;
	some.prev_day = SPAN_NO_DAY;
	if (!p->own->sets_extra)
		some.extra = STR("");
	/* The reader takes these fields from their attributes. */
	for (size_t i = 0; i < PAYLOADS; i++)
		if (p->is_from[i])
			span_unset(&some, payloads[i].field);
	buf_init(&line, a);
	line_write(&line, &some);
	if (line_check(str_first(buf_str(&line), line.len - 1), &body) == LINE_OK && body.len > 1) {
		json_key(w, STR("set"));
		json_raw(w, arena_printf(a, "%.*s}", STR_ARG(body)));
	}
	buf_release(&line);
}

static void put_unset(struct put *p, struct json_writer *w)
{
	json_key(w, STR("unset"));
	json_array(w);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_set_has(&p->own->unset, (enum field)f))
			json_text(w, field_info[f].member);
	json_end(w);
}

static void put_own(struct arena *a, struct put *p)
{
	struct json_writer w;
	struct buf b;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	put_from(p, &w);
	put_drop(p, &w);
	if (p->own->has_set || p->own->sets_extra)
		put_set(a, p, &w);
	if (p->own->has_unset)
		put_unset(p, &w);
	json_end(&w);
	if (b.len > 2)
		otlp_put_plain(p->w, STR("flatspan.span"), buf_str(&b));
	buf_release(&b);
}

void otlp_put_span_attributes(struct arena *a, struct json_writer *w, const struct span *s,
	const struct otlp_own *own, bool is_plain)
{
	struct put p = { .w = w, .span = s, .own = own, .is_plain = is_plain };
	int64_t kind = span_i64(s, FIELD_KIND, KIND_UNKNOWN);
	p.raw = json_open(span_text(s, FIELD_ATTRIBUTES));
	json_key(w, STR("attributes"));
	json_array(w);
	/* Only when the raw attributes do not give the kind. */
	p.has_kind = kind != KIND_UNKNOWN && field_set_has(&own->set, FIELD_KIND) &&
		     !has_raw(&p, STR("openinference.span.kind"));
	if (p.has_kind)
		otlp_put_text(w, STR("openinference.span.kind"), kind_name((enum kind)kind));
	for (size_t i = 0; i < sizeof named_fields / sizeof named_fields[0]; i++)
		put_named(a, &p, &named_fields[i]);
	put_details(&p);
	if (span_has(s, FIELD_ERROR_MESSAGE) &&
		span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) != STATUS_ERROR &&
		!has_raw(&p, STR("exception.message")))
		otlp_put_text(w, STR("exception.message"), span_text(s, FIELD_ERROR_MESSAGE));
	for (size_t i = 0; i < PAYLOADS; i++)
		put_payload(&p, i);
	for (struct json_iter it = json_members(p.raw); json_next(&it);)
		if (!has_place(a, &p, it.key, it.value))
			otlp_put_attr(w, it.key, it.value);
	put_own(a, &p);
	json_end(w);
}
