/*
 * POST …/ingest/chat-completions: reads one call of a model as its request and its response. The
 * shapes are OpenAI's chat completions, OpenAI's Responses and Anthropic's messages. The call
 * becomes one span of kind LLM that holds both unchanged.
 */
#include "api/nemo/ingest.h"

#include "base/utime.h"
#include "span/normalise.h"

static const struct pydantic dict = { .type = PYDANTIC_DICT };
static const struct pydantic cost_or_null = {
	.type = PYDANTIC_FLOAT,
	.is_nullable = true,
	.has_least = true,
};
static const struct pydantic cost = { .type = PYDANTIC_FLOAT, .has_least = true };
static const struct pydantic costs = { .type = PYDANTIC_DICT, .item = &cost };

static const struct pydantic_field message_fields[] = { { "role", &pydantic_str, true } };
static const struct pydantic message = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(message_fields),
};
static const struct pydantic messages = {
	.type = PYDANTIC_LIST,
	.item = &message,
	.min_length = 1,
};

/* The request of chat completions and of Anthropic's messages. */
static const struct pydantic_field chat_fields[] = {
	{ "messages", &messages, true },
	{ "model", &pydantic_str, true },
};
static const struct pydantic chat_request = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(chat_fields),
};

/* The request of Responses has an input instead: a text, a list, or none when it continues an
 * earlier response. */
static const struct pydantic_field responses_fields[] = { { "model", &pydantic_str, true } };
static const struct pydantic responses_request = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(responses_fields),
};

static struct str check_answer(void *user, struct arena *a, struct json v);

enum { CHOICES, ERROR, RESPONSE__MAX };

static const struct pydantic choices = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &dict,
};
static const struct pydantic_field response_fields[RESPONSE__MAX] = {
	[CHOICES] = { "choices", &choices, false },
	[ERROR] = { "error", &pydantic_dict_or_null, false },
};
static const struct pydantic response = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(response_fields),
	.after = check_answer,
};

/* Anthropic answers with content, Responses with output. */
static struct str check_answer(void *user, struct arena *a, struct json v)
{
	struct json at[RESPONSE__MAX];
	(void)user, (void)a;
	pydantic_split(&response, v, at);
	bool has_choices = pydantic_is_set(at[CHOICES]), has_error = pydantic_is_set(at[ERROR]);
	if (has_choices && has_error)
		return STR("response cannot include both `choices` and `error`");
	if (has_choices || has_error || json_get(v, STR("content")).type == JSON_ARRAY ||
		json_get(v, STR("output")).type == JSON_ARRAY)
		return STR_NULL;
	return STR("response must include either `choices` or `error`");
}

enum {
	REQUEST,
	RESPONSE,
	SESSION_ID,
	TRACE_ID,
	EVALUATION_CONTEXT,
	EXPERIMENT_CONTEXT,
	PROVIDER,
	COST_USD,
	COST_INPUT_USD,
	COST_OUTPUT_USD,
	COST_DETAILS,
	BODY__MAX
};

static struct str nemo_chat_check_body(void *user, struct arena *a, struct json v);

#define BODY_FIELDS(request_model) \
	[REQUEST] = { "request", &(request_model), true }, \
	[RESPONSE] = { "response", &response, true }, \
	[SESSION_ID] = { "session_id", &pydantic_str_or_null, false }, \
	[TRACE_ID] = { "trace_id", &pydantic_str_or_null, false }, \
	[EVALUATION_CONTEXT] = { "evaluation_context", &nemo_evaluation_context, false }, \
	[EXPERIMENT_CONTEXT] = { "experiment_context", &nemo_experiment_context, false }, \
	[PROVIDER] = { "provider", &pydantic_str_or_null, false }, \
	[COST_USD] = { "cost_usd", &cost_or_null, false }, \
	[COST_INPUT_USD] = { "cost_input_usd", &cost_or_null, false }, \
	[COST_OUTPUT_USD] = { "cost_output_usd", &cost_or_null, false }, \
	[COST_DETAILS] = { "cost_details", &costs, false }

static const struct pydantic_field chat_body_fields[BODY__MAX] = { BODY_FIELDS(chat_request) };
static const struct pydantic_field responses_body_fields[BODY__MAX] = { BODY_FIELDS(
	responses_request) };

static const struct pydantic chat_body = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(chat_body_fields),
	.extra = PYDANTIC_FORBID,
	.after = nemo_chat_check_body,
};
static const struct pydantic responses_body = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(responses_body_fields),
	.extra = PYDANTIC_FORBID,
	.after = nemo_chat_check_body,
};

static struct str nemo_chat_check_body(void *user, struct arena *a, struct json v)
{
	(void)user, (void)a;
	return nemo_ingest_check_contexts(
		json_get(v, STR("evaluation_context")), json_get(v, STR("experiment_context")));
}

static const struct pydantic *body_model(struct json body)
{
	struct json request = json_get(body, STR("request"));
	bool is_responses =
		json_get(request, STR("messages")).type == JSON_NONE &&
		(json_get(request, STR("input")).type != JSON_NONE ||
			json_get(request, STR("previous_response_id")).type != JSON_NONE);
	return is_responses ? &responses_body : &chat_body;
}

/* ---- Usage and cost ---- */

/* Reads an integer that is not negative. */
static bool nemo_chat_to_count(struct json v, int64_t *ret)
{
	return v.type == JSON_NUMBER && str_to_i64(v.raw, ret) && *ret >= 0;
}

/* Finds the first count of usage at these paths: "member" or "member.member". */
static bool nemo_chat_find_count(struct json usage, const char *const *paths, int64_t *ret)
{
	for (; *paths; paths++) {
		struct str path = str_from_c(*paths);
		struct json v = json_get(usage, str_cut(&path, '.'));
		if (!str_is_null(path))
			v = json_get(v, path);
		if (nemo_chat_to_count(v, ret))
			return true;
	}
	return false;
}

enum { PATHS_MAX = 4 };

static const struct {
	enum field field;
	const char *paths[PATHS_MAX]; /* ends with NULL */
} counts[] = {
	{ FIELD_INPUT_TOKENS, { "prompt_tokens", "input_tokens" } },
	{ FIELD_OUTPUT_TOKENS, { "completion_tokens", "output_tokens" } },
	{ FIELD_TOTAL_TOKENS, { "total_tokens" } },
	{ FIELD_CACHED_TOKENS,
		{ "prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens",
			"cache_read_input_tokens" } },
};

static const struct {
	struct str name;
	const char *paths[PATHS_MAX];
} details[] = {
	{ { "prompt_details.cache_write", 26 },
		{ "prompt_tokens_details.cache_creation_tokens",
			"input_tokens_details.cache_creation_tokens",
			"cache_creation_input_tokens" } },
	{ { "prompt_details.audio", 20 },
		{ "prompt_tokens_details.audio_tokens", "input_tokens_details.audio_tokens" } },
	{ { "completion_details.reasoning", 28 },
		{ "completion_tokens_details.reasoning_tokens",
			"output_tokens_details.reasoning_tokens", "reasoning_tokens" } },
	{ { "completion_details.audio", 24 }, { "completion_tokens_details.audio_tokens",
						      "output_tokens_details.audio_tokens" } },
};

static void set_usage(struct span *s, struct arena *a, struct json usage)
{
	int64_t n, in, out;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (nemo_chat_find_count(usage, counts[i].paths, &n))
			span_set_i64(s, counts[i].field, n);
	in = span_i64(s, FIELD_INPUT_TOKENS, -1);
	out = span_i64(s, FIELD_OUTPUT_TOKENS, -1);
	if (!span_has(s, FIELD_TOTAL_TOKENS) && in >= 0 && out >= 0 &&
		!__builtin_add_overflow(in, out, &n))
		span_set_i64(s, FIELD_TOTAL_TOKENS, n);
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
		if (nemo_chat_find_count(usage, details[i].paths, &n))
			json_member_i64(&w, details[i].name, n);
	json_end(&w);
	if (b.len > STR("{}").len)
		span_set_text(s, FIELD_USAGE_DETAILS, buf_str(&b));
}

static const struct {
	enum field field;
	unsigned given; /* the body's member; otherwise the first of the details with these names */
	struct str names[3];
} named_costs[] = {
	{ FIELD_COST_TOTAL_USD, COST_USD, { { "total_cost", 10 }, { "total", 5 } } },
	{ FIELD_COST_INPUT_USD, COST_INPUT_USD,
		{ { "input_cost", 10 }, { "input", 5 }, { "prompt", 6 } } },
	{ FIELD_COST_OUTPUT_USD, COST_OUTPUT_USD,
		{ { "output_cost", 11 }, { "output", 6 }, { "completion", 10 } } },
};

enum { N_NAMED_COSTS = sizeof named_costs / sizeof named_costs[0] };

static bool nemo_chat_is_named_cost(struct str key)
{
	for (size_t i = 0; i < N_NAMED_COSTS; i++)
		for (size_t k = 0; k < 3; k++)
			if (named_costs[i].names[k].len &&
				json_body_is(key, named_costs[i].names[k]))
				return true;
	return false;
}

static void set_costs(struct span *s, struct arena *a, const struct json *at)
{
	struct json given = at[COST_DETAILS];
	struct str dec;
	for (size_t i = 0; i < N_NAMED_COSTS; i++) {
		struct json v = at[named_costs[i].given];
		for (size_t k = 0; k < 3 && !pydantic_is_set(v); k++)
			if (named_costs[i].names[k].len)
				v = json_get(given, named_costs[i].names[k]);
		if (pydantic_float(a, v, &dec))
			span_set_text(s, named_costs[i].field, dec);
	}
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	for (struct json_iter it = json_members(given); json_next(&it);)
		if (!nemo_chat_is_named_cost(it.key) && pydantic_float(a, it.value, &dec)) {
			json_key_body(&w, json_canonical_body(a, it.key));
			json_raw(&w, dec);
		}
	json_end(&w);
	if (b.len > STR("{}").len)
		span_set_text(s, FIELD_COST_DETAILS, buf_str(&b));
}

/* ---- The span ---- */

/* Returns a text, or the JSON of another scalar, trimmed. Empty when there is none. */
static struct str scalar_text(struct arena *a, struct json v)
{
	if (v.type == JSON_STRING)
		return str_trim(json_decode(a, json_body(v)));
	return v.type == JSON_NUMBER || v.type == JSON_TRUE ? v.raw : STR("");
}

static struct str first_text(struct arena *a, struct json object, const char *name,
	struct json other, const char *other_name)
{
	struct str text = scalar_text(a, json_get(object, str_from_c(name)));
	return text.len ? text : scalar_text(a, json_get(other, str_from_c(other_name)));
}

static void set_plain(struct span *s, struct arena *a, enum field f, struct str text)
{
	if (text.len)
		span_set_plain(s, f, a, text);
}

static void set_times(struct span *s, struct json answer, int64_t now_ns)
{
	static const struct str names[] = { { "created", 7 }, { "created_at", 10 } };
	int64_t ns = now_ns;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct json v = json_get(answer, names[i]);
		double seconds;
		if (v.type != JSON_NUMBER || !json_to_double(v, &seconds) || seconds <= 0 ||
			seconds >= (double)INT64_MAX / 1e9)
			continue;
		int64_t whole = (int64_t)seconds;
		ns = whole * NS_PER_S + (int64_t)((seconds - (double)whole) * 1e9);
		break;
	}
	span_set_i64(s, FIELD_STARTED_AT, ns <= now_ns ? ns : now_ns);
	span_set_i64(s, FIELD_ENDED_AT, now_ns);
}

static void set_ids(struct span *s, struct arena *a, const struct json *at)
{
	struct str id = scalar_text(a, json_get(at[RESPONSE], STR("id")));
	if (str_starts(id, STR("chatcmpl-")))
		span_set_text(s, FIELD_PROVIDER, STR("openai"));
	if (id.len == 0) {
		/* A repeated call is the same span. */
		const struct str parts[] = { json_canonical(a, at[REQUEST].raw),
			json_canonical(a, at[RESPONSE].raw) };
		id = stable_id(a, STR("chatcmpl-hash"), parts, 2);
	}
	span_set_plain(s, FIELD_SPAN_ID, a, id);
	span_set_text(s, FIELD_TRACE_ID, span_text(s, FIELD_SPAN_ID));
	nemo_ingest_set_text(s, a, FIELD_TRACE_ID, at[TRACE_ID]);
	span_set_text(s, FIELD_SESSION_ID, span_text(s, FIELD_TRACE_ID));
	nemo_ingest_set_text(s, a, FIELD_SESSION_ID, at[SESSION_ID]);
	nemo_ingest_set_text(s, a, FIELD_PROVIDER, at[PROVIDER]);
}

/* Keeps the stored times of a call that is sent again, as by an import: it ended when it first
 * arrived. A call made less than a minute ago is not an import and is not looked up. */
static void nemo_chat_keep_times(struct request *r, struct span *s)
{
	static const enum field same[] = { FIELD_INPUT, FIELD_OUTPUT };
	static const enum field times[] = { FIELD_STARTED_AT, FIELD_ENDED_AT };
	enum { JUST_NOW_S = 60 };
	struct span stored;
	int64_t age_ns = r->now_ns - span_i64(s, FIELD_STARTED_AT, r->now_ns);
	if ((age_ns > 0 && age_ns < JUST_NOW_S * NS_PER_S) || !nemo_ingest_find(r, s, &stored))
		return;
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (!span_has(&stored, same[i]) ||
			!str_eq(span_text(&stored, same[i]), span_text(s, same[i])))
			return;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		if (span_has(&stored, times[i]))
			span_set_i64(s, times[i], span_i64(&stored, times[i], 0));
}

static void nemo_chat_map_call(struct request *r, const struct json *at, struct span *s)
{
	struct arena *a = r->arena;
	struct json answer = at[RESPONSE], error = json_get(answer, STR("error"));
	bool is_error = error.type == JSON_OBJECT;
	span_init(s);
	set_ids(s, a, at);
	span_set_text(s, FIELD_SOURCE, STR("chat_completions"));
	span_set_i64(s, FIELD_KIND, KIND_LLM);
	span_set_i64(s, FIELD_STATUS, is_error ? STATUS_ERROR : STATUS_SUCCESS);
	set_times(s, answer, r->now_ns);
	struct str model = first_text(a, answer, "model", at[REQUEST], "model");
	set_plain(s, a, FIELD_NAME, model);
	set_plain(s, a, FIELD_MODEL, model);
	if (is_error) {
		set_plain(s, a, FIELD_ERROR_TYPE, first_text(a, error, "type", error, "code"));
		set_plain(
			s, a, FIELD_ERROR_MESSAGE, scalar_text(a, json_get(error, STR("message"))));
	}
	set_usage(s, a, json_get(answer, STR("usage")));
	set_costs(s, a, at);
	nemo_ingest_set_context(s, a, at[EVALUATION_CONTEXT], at[EXPERIMENT_CONTEXT]);
	set_plain(s, a, FIELD_CREATED_BY, r->principal);
	span_set_text(s, FIELD_INPUT, json_canonical(a, at[REQUEST].raw));
	span_set_text(s, FIELD_OUTPUT, json_canonical(a, answer.raw));
	span_normalise(s, a, r->workspace, r->now_ns);
}

void nemo_ingest_chat(struct request *r)
{
	struct json body, at[BODY__MAX];
	struct problems p = { .arena = r->arena };
	struct span s;
	if (!nemo_ingest_body(r, LIMIT_DEPTH, &body))
		return;
	const struct pydantic *model = body_model(body);
	if (!pydantic_check(&p, model, body, NULL)) {
		nemo_unprocessable(r, &p);
		return;
	}
	pydantic_split(model, body, at);
	nemo_chat_map_call(r, at, &s);
	nemo_chat_keep_times(r, &s);
	if (!ingest_store(r, &dialect_nemo, &s, 1, NULL, 0))
		return;
	struct json_writer w;
	r->response->status = 201;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_body(&w, STR("session_id"), span_text(&s, FIELD_SESSION_ID));
	json_member_body(&w, STR("span_id"), span_text(&s, FIELD_SPAN_ID));
	json_end(&w);
}
