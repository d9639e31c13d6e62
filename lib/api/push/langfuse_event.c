#include "api/push/langfuse_event.h"

#include "api/key_set.h"
#include "base/utime.h"
#include "web/schema/schema.h"

/* ---- The model of an event ---- */

/* clang-format off */
#define MEMBER_LIST(X) \
	X(id) X(traceId) X(name) X(timestamp) X(startTime) X(endTime) X(completionStartTime) \
	X(parentObservationId) X(type) X(input) X(output) X(metadata) X(userId) X(sessionId) X(tags) \
	X(release) X(version) X(environment) X(level) X(statusMessage) X(model) X(modelParameters) \
	X(usage) X(usageDetails) X(costDetails) X(promptName) X(promptVersion) X(observationId) \
	X(value) X(comment) X(dataType)
/* clang-format on */

enum member {
#define X(name) MEMBER_##name,
	MEMBER_LIST(X)
#undef X
		MEMBER__MAX
};

static const struct pydantic_field fields[] = {
#define X(name) { #name, NULL, false },
	MEMBER_LIST(X)
#undef X
};
static const struct pydantic body_type = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(fields) };

/* The word before -create or -update. The body of an observation- event says its type. */
static const struct {
	const char *word;
	enum langfuse_what what;
	enum kind kind;
} words[] = {
	{ "trace", LANGFUSE_TRACE, KIND_CHAIN },
	{ "span", LANGFUSE_OBSERVATION, KIND_CHAIN },
	{ "generation", LANGFUSE_OBSERVATION, KIND_LLM },
	{ "event", LANGFUSE_OBSERVATION, KIND_CHAIN },
	{ "agent", LANGFUSE_OBSERVATION, KIND_AGENT },
	{ "tool", LANGFUSE_OBSERVATION, KIND_TOOL },
	{ "chain", LANGFUSE_OBSERVATION, KIND_CHAIN },
	{ "retriever", LANGFUSE_OBSERVATION, KIND_RETRIEVER },
	{ "evaluator", LANGFUSE_OBSERVATION, KIND_EVALUATOR },
	{ "embedding", LANGFUSE_OBSERVATION, KIND_EMBEDDING },
	{ "guardrail", LANGFUSE_OBSERVATION, KIND_GUARDRAIL },
	{ "score", LANGFUSE_SCORE, KIND_UNKNOWN },
};
enum { N_WORDS = sizeof words / sizeof words[0] };

struct reader {
	struct arena *arena;
	struct langfuse_event *event;
	struct json v[MEMBER__MAX];
	size_t word; /* index into words */
	bool is_create;
};

static void langfuse_event_refuse(struct reader *l, const char *what)
{
	if (str_is_null(l->event->reason))
		l->event->reason = str_from_c(what);
}

static size_t find_word(struct str text)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (str_eq_nocase(text, str_from_c(words[i].word)))
			return i;
	return N_WORDS;
}

/* Returns N_WORDS for an unknown type. */
static size_t read_type(struct reader *l, struct str type)
{
	struct str word = str_first(type, str_index(type, '-'));
	struct str verb = str_skip(type, word.len);
	l->is_create = str_eq(verb, STR("-create"));
	if (!l->is_create && !str_eq(verb, STR("-update")))
		return N_WORDS;
	if (str_eq(word, STR("observation")))
		word = json_decode(l->arena, json_body(l->v[MEMBER_type]));
	return find_word(word);
}

static bool is_set(const struct reader *l, enum member m)
{
	return pydantic_is_set(l->v[m]);
}

static struct str langfuse_event_body_of(struct reader *l, enum member m)
{
	struct json v = l->v[m];
	if (v.type == JSON_STRING)
		return json_canonical_body(l->arena, json_body(v));
	return is_set(l, m) ? json_canonical(l->arena, v.raw) : STR_NULL; /* Makes "3" of 3. */
}

static void langfuse_event_set_text(struct reader *l, enum field f, enum member m)
{
	struct json v = l->v[m];
	if (v.type == JSON_STRING || v.type == JSON_NUMBER)
		span_set_text(&l->event->given, f, langfuse_event_body_of(l, m));
	else if (is_set(l, m))
		langfuse_event_refuse(l, "a text is of another type");
}

static void langfuse_event_set_json(struct reader *l, enum field f, enum member m)
{
	if (is_set(l, m))
		span_set_text(&l->event->given, f, json_canonical(l->arena, l->v[m].raw));
}

static bool langfuse_event_read_time(struct reader *l, enum member m, int64_t *ret)
{
	struct json v = l->v[m];
	if (!is_set(l, m))
		return false;
	if (v.type == JSON_STRING && utime_parse_lax(json_decode(l->arena, json_body(v)), ret))
		return true;
	langfuse_event_refuse(l, "a time is not valid");
	return false;
}

static void langfuse_event_set_time(struct reader *l, enum field f, enum member m)
{
	int64_t ns;
	if (langfuse_event_read_time(l, m, &ns))
		span_set_i64(&l->event->given, f, ns);
}

/* ---- Usage ---- */

static void langfuse_event_set_count(
	struct span *s, enum field f, struct json object, const char *key)
{
	int64_t n;
	struct json v = json_get(object, str_from_c(key));
	if (!span_has(s, f) && json_to_i64(v, &n) && n >= 0)
		span_set_i64(s, f, n);
}

static void set_amount(struct span *s, enum field f, struct json object, const char *key)
{
	int64_t pico;
	struct json v = json_get(object, str_from_c(key));
	if (!span_has(s, f) && v.type == JSON_NUMBER && dec_to_pico(v.raw, &pico))
		span_set_text(s, f, v.raw);
}

/* Reads usage. The newer details win over the older members. */
static void langfuse_event_read_usage(struct reader *l)
{
	static const struct {
		enum field field;
		const char *keys[4];
	} counts[] = {
		{ FIELD_INPUT_TOKENS,
			{ "input", "promptTokens", "prompt_tokens", "input_tokens" } },
		{ FIELD_OUTPUT_TOKENS,
			{ "output", "completionTokens", "completion_tokens", "output_tokens" } },
		{ FIELD_TOTAL_TOKENS, { "total", "totalTokens", "total_tokens", NULL } },
		{ FIELD_CACHED_TOKENS, { "input_cached_tokens", "cache_read_input_tokens",
					       "input_cache_read", NULL } },
	};
	static const enum member sources[] = { MEMBER_usageDetails, MEMBER_usage };
	struct span *s = &l->event->given;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		for (size_t f = 0; f < sizeof counts / sizeof counts[0]; f++)
			for (size_t k = 0; k < 4 && counts[f].keys[k]; k++)
				langfuse_event_set_count(
					s, counts[f].field, l->v[sources[i]], counts[f].keys[k]);
	langfuse_event_set_json(l, FIELD_USAGE_DETAILS, MEMBER_usageDetails);
	langfuse_event_set_json(l, FIELD_COST_DETAILS, MEMBER_costDetails);
	set_amount(s, FIELD_COST_INPUT_USD, l->v[MEMBER_costDetails], "input");
	set_amount(s, FIELD_COST_OUTPUT_USD, l->v[MEMBER_costDetails], "output");
	set_amount(s, FIELD_COST_TOTAL_USD, l->v[MEMBER_costDetails], "total");
	set_amount(s, FIELD_COST_INPUT_USD, l->v[MEMBER_usage], "inputCost");
	set_amount(s, FIELD_COST_OUTPUT_USD, l->v[MEMBER_usage], "outputCost");
	set_amount(s, FIELD_COST_TOTAL_USD, l->v[MEMBER_usage], "totalCost");
}

/* ---- Spans ---- */

/* Sets the attributes that have no field, under the names that Langfuse's OpenTelemetry exporter
 * gives them. */
static void read_attributes(struct reader *l, bool is_trace)
{
	const struct {
		const char *key;
		enum member member;
	} kept[] = {
		{ "langfuse.observation.level", MEMBER_level },
		{ "langfuse.observation.model.parameters", MEMBER_modelParameters },
		{ "langfuse.observation.completion_start_time", MEMBER_completionStartTime },
		{ is_trace ? "langfuse.trace.version" : "langfuse.version", MEMBER_version },
		{ "langfuse.release", MEMBER_release },
	};
	struct buf b;
	struct json_writer w;
	buf_init(&b, l->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	/* The update of an agent says span. */
	struct str word = str_from_c(words[l->word].word);
	if (!is_trace && (l->is_create || !str_eq(word, STR("span"))))
		json_member_text(&w, STR("langfuse.observation.type"), word);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (is_set(l, kept[i].member))
			json_member_raw(&w, str_from_c(kept[i].key),
				json_canonical(l->arena, l->v[kept[i].member].raw));
	if (is_set(l, MEMBER_statusMessage) && !span_has(&l->event->given, FIELD_ERROR_MESSAGE))
		json_member_raw(&w, STR("langfuse.observation.status_message"),
			json_canonical(l->arena, l->v[MEMBER_statusMessage].raw));
	json_end(&w);
	if (b.len > 2)
		span_set_text(&l->event->given, FIELD_ATTRIBUTES, buf_str(&b));
}

static void read_level(struct reader *l)
{
	struct json level = l->v[MEMBER_level];
	if (!is_set(l, MEMBER_level))
		return;
	bool is_error = level.type == JSON_STRING && json_body_is(json_body(level), STR("ERROR"));
	span_set_i64(&l->event->given, FIELD_STATUS, is_error ? STATUS_ERROR : STATUS_SUCCESS);
	if (is_error)
		langfuse_event_set_text(l, FIELD_ERROR_MESSAGE, MEMBER_statusMessage);
}

static void langfuse_event_read_trace(struct reader *l)
{
	struct span *s = &l->event->given;
	langfuse_event_set_text(l, FIELD_TRACE_ID, MEMBER_id);
	langfuse_event_set_text(l, FIELD_SPAN_ID, MEMBER_id);
	langfuse_event_set_time(l, FIELD_STARTED_AT, MEMBER_timestamp);
	langfuse_event_set_text(l, FIELD_USER_ID, MEMBER_userId);
	langfuse_event_set_text(l, FIELD_SESSION_ID, MEMBER_sessionId);
	langfuse_event_set_json(l, FIELD_TAGS, MEMBER_tags);
	if (span_text(s, FIELD_TRACE_ID).len == 0)
		langfuse_event_refuse(l, "a trace needs an id");
}

static void read_observation(struct reader *l)
{
	struct span *s = &l->event->given;
	langfuse_event_set_text(l, FIELD_TRACE_ID, MEMBER_traceId);
	langfuse_event_set_text(l, FIELD_SPAN_ID, MEMBER_id);
	langfuse_event_set_text(l, FIELD_PARENT_SPAN_ID, MEMBER_parentObservationId);
	langfuse_event_set_time(l, FIELD_STARTED_AT, MEMBER_startTime);
	langfuse_event_set_time(l, FIELD_ENDED_AT, MEMBER_endTime);
	langfuse_event_set_text(l, FIELD_MODEL, MEMBER_model);
	langfuse_event_set_text(l, FIELD_PROMPT_NAME, MEMBER_promptName);
	langfuse_event_set_text(l, FIELD_PROMPT_VERSION, MEMBER_promptVersion);
	read_level(l);
	langfuse_event_read_usage(l);
	/* An event has no duration. */
	if (str_eq(str_from_c(words[l->word].word), STR("event")) && span_has(s, FIELD_STARTED_AT))
		span_set_i64(s, FIELD_ENDED_AT, s->value[FIELD_STARTED_AT].i64);
	if (span_text(s, FIELD_SPAN_ID).len == 0)
		langfuse_event_refuse(l, "an observation needs an id");
	if (span_text(s, FIELD_TRACE_ID).len == 0)
		langfuse_event_refuse(l, "an observation needs a traceId");
}

static void langfuse_event_read_span(struct reader *l)
{
	bool is_trace = l->event->what == LANGFUSE_TRACE;
	span_init(&l->event->given);
	span_set_text(&l->event->given, FIELD_SOURCE, LANGFUSE_SOURCE);
	span_set_i64(&l->event->given, FIELD_KIND, words[l->word].kind);
	if (is_trace)
		langfuse_event_read_trace(l);
	else
		read_observation(l);
	langfuse_event_set_text(l, FIELD_NAME, MEMBER_name);
	langfuse_event_set_text(l, FIELD_ENVIRONMENT, MEMBER_environment);
	langfuse_event_set_json(l, FIELD_INPUT, MEMBER_input);
	langfuse_event_set_json(l, FIELD_OUTPUT, MEMBER_output);
	langfuse_event_set_json(l, FIELD_METADATA, MEMBER_metadata);
	read_attributes(l, is_trace);
}

/* ---- Scores ---- */

/* Numbers and booleans have a value, categories a name. */
static void langfuse_event_read_score(struct reader *l, struct str event_id)
{
	bool is_span = is_set(l, MEMBER_observationId), is_trace = is_set(l, MEMBER_traceId);
	struct note *n = &l->event->note;
	struct json value = l->v[MEMBER_value];
	note_init(n, NOTE_SCORE,
		is_span    ? NOTE_ABOUT_SPAN
		: is_trace ? NOTE_ABOUT_TRACE
			   : NOTE_ABOUT_SESSION);
	n->text[NOTE_FIELD_ID] =
		is_set(l, MEMBER_id) ? langfuse_event_body_of(l, MEMBER_id) : event_id;
	n->text[NOTE_FIELD_SPAN_ID] = langfuse_event_body_of(l, MEMBER_observationId);
	n->text[NOTE_FIELD_TRACE_ID] = langfuse_event_body_of(l, MEMBER_traceId);
	n->text[NOTE_FIELD_SESSION_ID] = langfuse_event_body_of(l, MEMBER_sessionId);
	n->text[NOTE_FIELD_NAME] = langfuse_event_body_of(l, MEMBER_name);
	n->text[NOTE_FIELD_REASON] = langfuse_event_body_of(l, MEMBER_comment);
	n->text[NOTE_FIELD_VALUE_TYPE] = langfuse_event_body_of(l, MEMBER_dataType);
	n->text[NOTE_FIELD_ORIGIN] = STR("sdk");
	n->updated_ns = l->event->at_ns;
	if (value.type == JSON_NUMBER)
		n->text[NOTE_FIELD_VALUE] = value.raw;
	else if (value.type == JSON_TRUE || value.type == JSON_FALSE)
		n->text[NOTE_FIELD_VALUE] = value.type == JSON_TRUE ? STR("1") : STR("0");
	else if (value.type == JSON_STRING)
		n->text[NOTE_FIELD_CATEGORY] = langfuse_event_body_of(l, MEMBER_value);
	else
		langfuse_event_refuse(l, "a score needs a value");
	if (n->text[NOTE_FIELD_NAME].len == 0)
		langfuse_event_refuse(l, "a score needs a name");
	if (!is_span && !is_trace && !is_set(l, MEMBER_sessionId))
		langfuse_event_refuse(
			l, "a score needs a traceId, an observationId or a sessionId");
	if (n->text[NOTE_FIELD_ID].len == 0)
		langfuse_event_refuse(l, "a score needs an id");
}

void langfuse_event_read(
	struct arena *a, struct json event, int64_t now_ns, struct langfuse_event *ret)
{
	struct reader l = { .arena = a, .event = ret };
	struct json id = json_get(event, STR("id")), at = json_get(event, STR("timestamp"));
	struct json body = json_get(event, STR("body"));
	struct str type = json_decode(a, json_body(json_get(event, STR("type"))));
	*ret = (struct langfuse_event){ .what = LANGFUSE_NOTHING, .at_ns = now_ns };
	ret->id = id.type == JSON_STRING ? id.raw : STR_NULL;
	if (at.type == JSON_STRING)
		(void)utime_parse_lax(
			json_decode(a, json_body(at)), &ret->at_ns); /* otherwise now */
	if (str_is_null(ret->id))
		langfuse_event_refuse(&l, "an event needs an id");
	if (str_eq(type, STR("sdk-log")))
		return;
	if (body.type != JSON_OBJECT) {
		langfuse_event_refuse(&l, "an event needs a body");
		return;
	}
	pydantic_split(&body_type, body, l.v);
	l.word = read_type(&l, str_is_null(type) ? STR("") : type);
	if (l.word == N_WORDS) {
		langfuse_event_refuse(&l, "the type of the event is not known");
		return;
	}
	ret->what = words[l.word].what;
	if (ret->what == LANGFUSE_SCORE)
		langfuse_event_read_score(&l, json_canonical_body(a, json_body(id)));
	else
		langfuse_event_read_span(&l);
}

/* ---- Merging ---- */

/* True for a member of an object that other events add members to. */
static bool is_joined(enum field f, const struct span *x, const struct span *y)
{
	return (f == FIELD_METADATA || f == FIELD_ATTRIBUTES) &&
	       json_open(span_text(x, f)).type == JSON_OBJECT &&
	       json_open(span_text(y, f)).type == JSON_OBJECT;
}

/* True when the known value may be replaced. An error stays an error, and a more specific kind
 * stays. */
static bool langfuse_event_is_replaced(
	enum field f, const struct span *known, const struct span *given, bool is_newer)
{
	if (!span_has(known, f))
		return true;
	int64_t old = known->value[f].i64, new = given->value[f].i64;
	if (f == FIELD_KIND)
		return old == KIND_CHAIN || (is_newer && new != KIND_CHAIN);
	if (f == FIELD_STATUS)
		return is_newer || new == STATUS_ERROR;
	return is_newer;
}

void langfuse_event_merge(
	struct arena *a, struct span *known, const struct span *given, bool is_newer)
{
	for (unsigned i = 0; i < FIELD__MAX; i++) {
		enum field f = (enum field)i;
		if (!span_has(given, f))
			continue;
		if (is_joined(f, known, given)) {
			struct json old = json_open(known->value[f].text);
			struct json new = json_open(given->value[f].text);
			known->value[f].text =
				is_newer ? json_join(a, old, new) : json_join(a, new, old);
		} else if (langfuse_event_is_replaced(f, known, given, is_newer)) {
			known->value[f] = given->value[f];
			field_set_add(&known->present, f);
		}
	}
}
