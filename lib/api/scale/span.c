#include "api/scale/span.h"

#include "base/utime.h"
#include "span/normalise.h"

/* ---- The model of the body ---- */

static bool scale_span_is_hex(struct str s, size_t n)
{
	for (size_t i = 0; i < s.len; i++)
		if (hex_digit(s.ptr[i]) < 0 || (s.ptr[i] >= 'A' && s.ptr[i] <= 'F'))
			return false;
	return s.len == n;
}

static bool is_hex16(struct str s)
{
	return scale_span_is_hex(s, 16);
}

static bool is_hex32(struct str s)
{
	return scale_span_is_hex(s, 32);
}

/* Null counts as absent everywhere, because Scale's clients leave out unknown members and others
 * send null. Input and output may be any JSON, because Agentex writes lists. */
static const struct pydantic text_type = { .type = PYDANTIC_STR };
static const struct pydantic text_or_null_type = { .type = PYDANTIC_STR, .is_nullable = true };
static const struct pydantic required_id_type = {
	.type = PYDANTIC_STR, .min_length = 1, .max_length = SCALE_ID_MAX
};
static const struct pydantic id_type = {
	.type = PYDANTIC_STR, .is_nullable = true, .min_length = 1, .max_length = SCALE_ID_MAX
};
static const struct pydantic group_type = {
	.type = PYDANTIC_STR, .is_nullable = true, .max_length = SCALE_ID_MAX
};
static const struct pydantic time_type = { .type = PYDANTIC_DATETIME };
static const struct pydantic time_or_null_type = { .type = PYDANTIC_DATETIME, .is_nullable = true };
static const struct pydantic any_type = { .type = PYDANTIC_ANY, .is_nullable = true };
static const struct pydantic dict_type = { .type = PYDANTIC_DICT, .is_nullable = true };
static const struct pydantic status_type = {
	.type = PYDANTIC_ENUM, .is_nullable = true, PYDANTIC_NAMES(scale_status_names)
};
static const struct pydantic type_type = {
	.type = PYDANTIC_ENUM, .is_nullable = true, PYDANTIC_NAMES(scale_type_names)
};
static const struct pydantic hex16_type = {
	.type = PYDANTIC_STR, .is_nullable = true, .pattern = "^[0-9a-f]{16}$", .matches = is_hex16
};
static const struct pydantic hex32_type = {
	.type = PYDANTIC_STR, .is_nullable = true, .pattern = "^[0-9a-f]{32}$", .matches = is_hex32
};

static const struct pydantic_field create_fields[] = {
#define X(name, is_required, type) { #name, &type##_type, is_required },
	SCALE_MEMBER_LIST(X)
#undef X
};
const struct pydantic scale_create_type = { .type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(create_fields) };

enum { PATCH_NAME, PATCH_END, PATCH_OUTPUT, PATCH_METADATA, PATCH_STATUS, PATCH__MAX };
static const struct pydantic_field patch_fields[] = {
	[PATCH_NAME] = { "name", &text_or_null_type, false },
	[PATCH_END] = { "end_timestamp", &time_or_null_type, false },
	[PATCH_OUTPUT] = { "output", &any_type, false },
	[PATCH_METADATA] = { "metadata", &dict_type, false },
	[PATCH_STATUS] = { "status", &status_type, false },
};
const struct pydantic scale_patch_type = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(patch_fields) };

/* ---- Values ---- */

/* Returns the location of the current span in the body. */
static struct str scale_span_location(const struct scale_writer *w)
{
	return w->is_batch ? arena_printf(w->request->arena, "[\"body\",\"items\",%zu]", w->item)
			   : STR("[\"body\"]");
}

static void scale_span_refuse(struct scale_writer *w, const char *member, const char *what)
{
	struct arena *a = w->request->arena;
	if (!str_is_null(w->refusal))
		return;
	w->refusal = w->is_batch ? arena_printf(a, "items[%zu].%s %s", w->item, member, what)
				 : arena_printf(a, "%s %s", member, what);
}

/* True for a lone surrogate, which is not Unicode text. Decoding has replaced it by U+FFFD. */
static bool has_lone_surrogate(struct str body, struct str decoded)
{
	const struct str replacement = STR("\xef\xbf\xbd");
	if (str_index(body, '\\') == body.len || str_find(decoded, replacement) == decoded.len)
		return false;
	return str_find(body, replacement) == body.len &&
	       str_find(body, STR("\\ufffd")) == body.len &&
	       str_find(body, STR("\\uFFFD")) == body.len;
}

/* Sets an id. It is limited in bytes too, and must be valid text. */
static void set_id(
	struct scale_writer *w, struct span *s, enum field f, struct json v, const char *member)
{
	struct arena *a = w->request->arena;
	if (!pydantic_is_set(v) || json_body(v).len == 0)
		return;
	struct str body = json_body(v), plain = json_decode(a, body);
	if (plain.len > SCALE_ID_MAX)
		scale_span_refuse(w, member, "is longer than 256 bytes");
	else if (str_index(plain, 0) < plain.len)
		scale_span_refuse(w, member, "has a NUL character");
	else if (has_lone_surrogate(body, plain))
		scale_span_refuse(w, member, "is not valid Unicode");
	span_set_text(s, f, json_canonical_body(a, body));
}

static void scale_span_set_text(struct span *s, struct arena *a, enum field f, struct json v)
{
	if (pydantic_is_set(v))
		span_set_text(s, f, json_canonical_body(a, json_body(v)));
}

static void scale_span_set_json(struct span *s, struct arena *a, enum field f, struct json v)
{
	if (pydantic_is_set(v))
		span_set_text(s, f, json_canonical(a, v.raw));
}

/* Reads a time. One without an offset is UTC. */
static bool scale_span_set_time(struct span *s, struct arena *a, enum field f, struct json v)
{
	int64_t ns;
	bool is_naive;
	if (!pydantic_is_set(v) || !pydantic_datetime(a, v, &ns, &is_naive))
		return false;
	span_set_i64(s, f, ns);
	return true;
}

static void set_status(struct span *s, struct json v)
{
	for (unsigned i = 0; i < SCALE_STATUS__MAX; i++)
		if (v.type == JSON_STRING && json_body_is(json_body(v), scale_status_names[i]))
			span_set_i64(s, FIELD_STATUS, scale_status_ours((enum scale_status)i));
}

static void set_type(struct span *s, struct arena *a, struct json v)
{
	enum scale_type t = SCALE_TYPE_STANDALONE;
	if (pydantic_is_set(v))
		t = scale_type_from_name(json_decode(a, json_body(v)));
	span_set_text(s, FIELD_NATIVE_TYPE, scale_type_names[t]);
	span_set_i64(s, FIELD_KIND, scale_type_kind(t));
}

/* ---- Metadata with a field of its own ---- */

enum {
	KNOWN_MODEL,
	KNOWN_PROVIDER,
	KNOWN_AGENT_ID,
	KNOWN_AGENT_NAME,
	KNOWN_ERROR_TYPE,
	KNOWN_ERROR_MESSAGE,
	KNOWN_ERROR,
	KNOWN_USAGE,
	KNOWN_INPUT_TOKENS,
	KNOWN_OUTPUT_TOKENS,
	KNOWN__MAX
};

static const struct pydantic_field known_fields[] = {
	[KNOWN_MODEL] = { "model", NULL, false },
	[KNOWN_PROVIDER] = { "provider", NULL, false },
	[KNOWN_AGENT_ID] = { "__agent_id__", NULL, false },
	[KNOWN_AGENT_NAME] = { "__agent_name__", NULL, false },
	[KNOWN_ERROR_TYPE] = { "error_type", NULL, false },
	[KNOWN_ERROR_MESSAGE] = { "error_message", NULL, false },
	[KNOWN_ERROR] = { "__error__", NULL, false },
	[KNOWN_USAGE] = { "usage", NULL, false },
	[KNOWN_INPUT_TOKENS] = { "input_tokens", NULL, false },
	[KNOWN_OUTPUT_TOKENS] = { "output_tokens", NULL, false },
};
static const struct pydantic known_members = { .type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(known_fields) };

/* Names of counts in the usage of OpenAI and Anthropic. */
enum {
	USAGE_PROMPT,
	USAGE_INPUT,
	USAGE_COMPLETION,
	USAGE_OUTPUT,
	USAGE_TOTAL,
	USAGE_CACHED,
	USAGE__MAX
};
static const struct pydantic_field usage_fields[] = {
	[USAGE_PROMPT] = { "prompt_tokens", NULL, false },
	[USAGE_INPUT] = { "input_tokens", NULL, false },
	[USAGE_COMPLETION] = { "completion_tokens", NULL, false },
	[USAGE_OUTPUT] = { "output_tokens", NULL, false },
	[USAGE_TOTAL] = { "total_tokens", NULL, false },
	[USAGE_CACHED] = { "cache_read_input_tokens", NULL, false },
};
static const struct pydantic usage_members = { .type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(usage_fields) };

static void derive_text(struct span *s, enum field f, struct json v)
{
	if (v.type == JSON_STRING && json_body(v).len)
		span_set_text(s, f, json_body(v));
}

static void derive_count(struct span *s, enum field f, struct json v)
{
	const int64_t most = INT64_C(1) << 53;
	int64_t n;
	if (!span_has(s, f) && json_to_i64(v, &n) && n >= 0 && n <= most)
		span_set_i64(s, f, n);
}

static void derive_usage(struct span *s, struct json usage)
{
	struct json values[USAGE__MAX];
	if (usage.type != JSON_OBJECT)
		return;
	pydantic_split(&usage_members, usage, values);
	derive_count(s, FIELD_INPUT_TOKENS, values[USAGE_PROMPT]);
	derive_count(s, FIELD_INPUT_TOKENS, values[USAGE_INPUT]);
	derive_count(s, FIELD_OUTPUT_TOKENS, values[USAGE_COMPLETION]);
	derive_count(s, FIELD_OUTPUT_TOKENS, values[USAGE_OUTPUT]);
	derive_count(s, FIELD_TOTAL_TOKENS, values[USAGE_TOTAL]);
	derive_count(s, FIELD_CACHED_TOKENS, values[USAGE_CACHED]);
}

/* The values are canonical, so the derived ones are too. */
static void derive(struct span *s)
{
	static const enum field derived[] = { FIELD_MODEL, FIELD_PROVIDER, FIELD_AGENT_ID,
		FIELD_AGENT_NAME, FIELD_ERROR_TYPE, FIELD_ERROR_MESSAGE, FIELD_INPUT_TOKENS,
		FIELD_OUTPUT_TOKENS, FIELD_TOTAL_TOKENS, FIELD_CACHED_TOKENS };
	struct json v[KNOWN__MAX];
	for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++)
		span_unset(s, derived[i]);
	pydantic_split(&known_members, json_open(span_text(s, FIELD_METADATA)), v);
	derive_text(s, FIELD_MODEL, v[KNOWN_MODEL]);
	derive_text(s, FIELD_PROVIDER, v[KNOWN_PROVIDER]);
	derive_text(s, FIELD_AGENT_ID, v[KNOWN_AGENT_ID]);
	derive_text(s, FIELD_AGENT_NAME, v[KNOWN_AGENT_NAME]);
	derive_text(s, FIELD_ERROR_TYPE, json_get(v[KNOWN_ERROR], STR("type")));
	derive_text(s, FIELD_ERROR_MESSAGE, json_get(v[KNOWN_ERROR], STR("message")));
	derive_text(s, FIELD_ERROR_TYPE, v[KNOWN_ERROR_TYPE]);
	derive_text(s, FIELD_ERROR_MESSAGE, v[KNOWN_ERROR_MESSAGE]);
	derive_count(s, FIELD_INPUT_TOKENS, v[KNOWN_INPUT_TOKENS]);
	derive_count(s, FIELD_OUTPUT_TOKENS, v[KNOWN_OUTPUT_TOKENS]);
	derive_usage(s, v[KNOWN_USAGE]);
	struct json output = json_open(span_text(s, FIELD_OUTPUT));
	if (output.type == JSON_OBJECT && !span_has(s, FIELD_INPUT_TOKENS) &&
		!span_has(s, FIELD_OUTPUT_TOKENS))
		derive_usage(s, json_get(output, STR("usage")));
	int64_t total;
	if (!span_has(s, FIELD_TOTAL_TOKENS) && span_has(s, FIELD_INPUT_TOKENS) &&
		span_has(s, FIELD_OUTPUT_TOKENS) &&
		!__builtin_add_overflow(s->value[FIELD_INPUT_TOKENS].i64,
			s->value[FIELD_OUTPUT_TOKENS].i64, &total))
		span_set_i64(s, FIELD_TOTAL_TOKENS, total);
}

/* ---- A span ---- */

/* Keeps the ids of an observability system that Scale relates to a span. They are not shown. */
static void keep_obs_ids(struct scale_writer *w, const struct json *v, struct span *s)
{
	struct buf b;
	struct json_writer json;
	bool has_span = pydantic_is_set(v[SCALE_obs_span_id]);
	bool has_trace = pydantic_is_set(v[SCALE_obs_trace_id]);
	if (has_span && !has_trace)
		pydantic_value_error(w->problems, scale_span_location(w),
			STR("obs_span_id needs obs_trace_id"),
			(struct json){ JSON_NONE, STR_NULL });
	if (!has_trace)
		return;
	buf_init(&b, w->request->arena);
	json_writer_init(&json, &b);
	json_object(&json);
	json_member_body(&json, STR("obs_trace_id"), json_body(v[SCALE_obs_trace_id]));
	if (has_span)
		json_member_body(&json, STR("obs_span_id"), json_body(v[SCALE_obs_span_id]));
	json_end(&json);
	s->extra = str_of(b.ptr + 1, b.len - 2);
}

static bool ends_early(const struct span *s)
{
	return span_has(s, FIELD_ENDED_AT) &&
	       s->value[FIELD_ENDED_AT].i64 < s->value[FIELD_STARTED_AT].i64;
}

static void refuse_end(struct scale_writer *w, struct str loc)
{
	pydantic_value_error(w->problems, loc,
		STR("end_timestamp must not be before start_timestamp"),
		(struct json){ JSON_NONE, STR_NULL });
}

void scale_span_read(struct scale_writer *w, struct json v, struct span *ret)
{
	struct json m[SCALE_MEMBER__MAX];
	struct request *r = w->request;
	struct arena *a = r->arena;
	pydantic_split(&scale_create_type, v, m);
	span_init(ret);
	span_set_text(ret, FIELD_SOURCE, SCALE_SOURCE);
	set_id(w, ret, FIELD_SPAN_ID, m[SCALE_id], "id");
	set_id(w, ret, FIELD_TRACE_ID, m[SCALE_trace_id], "trace_id");
	set_id(w, ret, FIELD_PARENT_SPAN_ID, m[SCALE_parent_id], "parent_id");
	set_id(w, ret, FIELD_SESSION_ID, m[SCALE_group_id], "group_id");
	set_id(w, ret, FIELD_APPLICATION_INTERACTION_ID, m[SCALE_application_interaction_id],
		"application_interaction_id");
	set_id(w, ret, FIELD_APPLICATION_VARIANT_ID, m[SCALE_application_variant_id],
		"application_variant_id");
	if (!span_has(ret, FIELD_SPAN_ID))
		span_set_text(ret, FIELD_SPAN_ID, scale_new_id(r, w->n_made++));
	scale_span_set_text(ret, a, FIELD_NAME, m[SCALE_name]);
	(void)scale_span_set_time(
		ret, a, FIELD_STARTED_AT, m[SCALE_start_timestamp]); /* it was checked */
	(void)scale_span_set_time(
		ret, a, FIELD_ENDED_AT, m[SCALE_end_timestamp]); /* may be absent */
	if (ends_early(ret))
		refuse_end(w, scale_span_location(w));
	scale_span_set_json(ret, a, FIELD_INPUT, m[SCALE_input]);
	scale_span_set_json(ret, a, FIELD_OUTPUT, m[SCALE_output]);
	scale_span_set_json(ret, a, FIELD_METADATA, m[SCALE_metadata]);
	scale_span_set_json(ret, a, FIELD_EXPECTED, m[SCALE_expected]);
	span_set_i64(ret, FIELD_STATUS, STATUS_SUCCESS);
	set_status(ret, m[SCALE_status]);
	set_type(ret, a, m[SCALE_type]);
	keep_obs_ids(w, m, ret);
	derive(ret);
	if (r->principal.len)
		span_set_plain(ret, FIELD_CREATED_BY, a, r->principal);
	span_normalise(ret, a, r->workspace, r->now_ns);
}

void scale_span_apply(struct scale_writer *w, struct json v, struct span *s)
{
	struct json m[PATCH__MAX];
	struct arena *a = w->request->arena;
	pydantic_split(&scale_patch_type, v, m);
	scale_span_set_text(s, a, FIELD_NAME, m[PATCH_NAME]);
	if (scale_span_set_time(s, a, FIELD_ENDED_AT, m[PATCH_END]) && ends_early(s))
		refuse_end(w, STR("[\"body\",\"end_timestamp\"]"));
	scale_span_set_json(s, a, FIELD_OUTPUT, m[PATCH_OUTPUT]);
	scale_span_set_json(s, a, FIELD_METADATA, m[PATCH_METADATA]);
	set_status(s, m[PATCH_STATUS]);
	if (scale_is_own(s))
		derive(s);
}
