/*
 * Opik's way: no raw attributes, but every attribute under its own key in the span's input, output,
 * metadata or usage, as the table's column says; what nobody knows goes to the input (of Claude
 * Code's and OpenInference's spans to the metadata).  Texts that look like JSON are JSON there.
 * openinference.c normalises the attributes of OpenInference.
 */
#include "semconv/map.h"
#include "semconv/members.h"
#include "semconv/opik_id.h"
#include "semconv/opik_type.h"

#include "base/hash.h"
#include "base/table.h"
#include "base/utime.h"

/* A UUID of version 7, in either case. */
static bool is_uuid7(struct str s)
{
	static const char form[] = "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx";
	if (s.len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = hex_digit(s.ptr[i]);
		if (form[i] == 'x'       ? digit < 0
			: form[i] == 'v' ? digit < 8 || digit > 11
					 : s.ptr[i] != form[i])
			return false;
	}
	return true;
}

/* The id that a slot names, in lower case; STR_NULL: none that Opik takes. */
static struct str slot_id(struct mapper *m, enum slot slot)
{
	struct str text = map_slot_text(m, slot);
	if (!is_uuid7(text))
		return STR_NULL;
	char *lower = arena_text(m->arena, text.len);
	for (size_t i = 0; i < text.len; i++)
		lower[i] = ascii_lower(text.ptr[i]);
	return opik_id_of_uuid(m->arena, str_of(lower, text.len));
}

void map_opik_ids(struct mapper *m)
{
	struct str trace = slot_id(m, SLOT_OPIK_TRACE_ID), span = slot_id(m, SLOT_OPIK_SPAN_ID);
	struct str parent = slot_id(m, SLOT_OPIK_PARENT_SPAN_ID);
	if (!str_is_null(span))
		span_set_text(m->out, FIELD_SPAN_ID, span);
	if (str_is_null(trace))
		return;
	span_set_text(m->out, FIELD_TRACE_ID, trace);
	if (str_is_null(parent))
		span_unset(m->out, FIELD_PARENT_SPAN_ID);
	else
		span_set_text(m->out, FIELD_PARENT_SPAN_ID, parent);
}

static bool became_field(struct mapper *m, const struct map_attr *x)
{
	const struct otlp_value *v = &x->attr->value;
	enum slot slot = x->row->slot;
	if (slot >= SLOT_OPIK_TRACE_ID && slot <= SLOT_OPIK_PARENT_SPAN_ID)
		return true;
	return !str_is_null(m->used[slot]) &&
	       (m->picks[slot].attr == x ||
		       (v->type == OTLP_STRING && str_eq(v->text, m->used[slot])) ||
		       map_same_number(m, slot, v));
}

/* Where the rules of Claude Code put a key; OPIK_REST: they do not name it. */
static enum opik_goes map_opik_claude_place(struct str key)
{
	static const struct {
		const char *key;
		enum opik_goes place;
	} places[] = {
		{ "user_prompt", OPIK_INPUT },
		{ "tool_input", OPIK_INPUT },
		{ "model", OPIK_INPUT },
		{ "system_prompt_preview", OPIK_INPUT },
		{ "hook_event", OPIK_INPUT },
		{ "hook_name", OPIK_INPUT },
		{ "hook_definitions", OPIK_INPUT },
		{ "tools", OPIK_INPUT },
		{ "response.model_output", OPIK_OUTPUT },
		{ "stop_reason", OPIK_OUTPUT },
		{ "response.has_tool_call", OPIK_OUTPUT },
		{ "session.id", OPIK_DROP },
	};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (str_eq(key, str_from_c(places[i].key)))
			return places[i].place;
	return OPIK_REST;
}

/* A usage value counts when it is an integer, or digits, or an object of such. */
static bool is_usage(struct mapper *m, const struct otlp_value *v)
{
	int64_t i;
	return v->type == OTLP_INT || v->type == OTLP_KVLIST ||
	       (v->type == OTLP_STRING &&
		       (str_to_i64(v->text, &i) ||
			       json_open(map_json_in_text(m, v->text)).type == JSON_OBJECT));
}

static enum opik_goes map_opik_place_of(struct mapper *m, const struct map_attr *x)
{
	enum opik_goes rest = m->is_claude || m->is_openinference ? OPIK_METADATA : OPIK_INPUT;
	enum opik_goes place;
	if (x->is_resource || x->attr->value.type == OTLP_NULL)
		return OPIK_DROP;
	if (m->is_openinference && map_oi_takes(x->attr->key))
		return OPIK_DROP; /* openinference.c writes it */
	place = m->is_claude ? map_opik_claude_place(x->attr->key) : OPIK_REST;
	if (place != OPIK_REST || !x->row)
		return place == OPIK_REST ? rest : place;
	place = x->row->opik & OPIK__PLACE;
	if (x->row->general & CLAUDE && !m->is_claude)
		return str_starts(x->attr->key, STR("output")) ? OPIK_OUTPUT : rest;
	/* What another attribute said of the same field is not kept, but for tags that are none. */
	if (place == OPIK_FIELD && !became_field(m, x))
		return x->row->slot == SLOT_TAGS ? OPIK_METADATA : OPIK_DROP;
	/* Only the requests among Claude Code's spans have it as their input. */
	if (str_eq(x->attr->key, STR("new_context")) &&
		!str_eq(m->in->name, STR("claude_code.llm_request")))
		return OPIK_METADATA;
	if (place == OPIK_USAGE && !is_usage(m, &x->attr->value))
		return OPIK_METADATA;
	return place == OPIK_REST ? rest : place;
}

/* ---- Which attribute is a field ---- */

/* Where a key stands among several; 0: it is not among them. */
static unsigned map_opik_place_in(struct str key, const char *const *keys)
{
	for (unsigned i = 0; keys[i]; i++)
		if (str_eq(key, str_from_c(keys[i])))
			return i + 1;
	return 0;
}

static bool map_opik_is_blank_text(const struct otlp_value *v)
{
	return v->type == OTLP_STRING && str_trim(v->text).len == 0;
}

unsigned map_opik_rank(const struct mapper *m, const struct map_attr *x, unsigned rank)
{
	static const char *const models[] = { "llm.response.model_name", "llm.model_name",
		"llm.request.model_name", NULL };
	static const char *const providers[] = { "llm.provider", "llm.system", NULL };
	static const char *const threads[] = { "thread_id", "session.id", NULL };
	enum { NAMED_MAX = 3 }; /* keys in one of these lists */
	const struct otlp_value *v = &x->attr->value;
	enum slot slot = x->row->slot;
	bool is_own = (x->row->opik & OPIK__PLACE) == OPIK_FIELD || rank & CLAUDE;
	unsigned named = 0;
	if (slot != SLOT_MODEL && slot != SLOT_PROVIDER && slot != SLOT_SESSION_ID &&
		slot != SLOT_COST_TOTAL)
		return rank;
	if (slot != SLOT_COST_TOTAL && map_opik_is_blank_text(v))
		return 0;
	if (m->is_openinference) {
		named = slot == SLOT_MODEL        ? map_opik_place_in(x->attr->key, models)
			: slot == SLOT_PROVIDER   ? map_opik_place_in(x->attr->key, providers)
			: slot == SLOT_SESSION_ID ? map_opik_place_in(x->attr->key, threads)
			: str_eq(x->attr->key, STR("llm.cost.total")) ? 1
								      : 0;
		if (named && slot != SLOT_COST_TOTAL && v->type != OTLP_STRING)
			return 0;
	}
	if (named)
		return named;
	if (m->is_claude && slot == SLOT_SESSION_ID && str_eq(x->attr->key, STR("session.id")))
		is_own = true;
	if (slot == SLOT_PROVIDER || slot == SLOT_COST_TOTAL)
		return NAMED_MAX + (rank & RANK);
	return is_own ? NAMED_MAX + 1 : NAMED_MAX + 1 + (rank & RANK);
}

bool map_opik_last_wins(const struct mapper *m, const struct map_attr *x)
{
	return x->row->slot == SLOT_MODEL && (x->row->opik & OPIK__PLACE) == OPIK_FIELD &&
	       !(m->is_openinference && map_oi_takes(x->attr->key));
}

/* ---- Values ---- */

/* A text that begins like JSON is JSON if it can be read so, once more if it holds a text again. */
static struct str map_opik_value(struct mapper *m, const struct otlp_value *v)
{
	struct str json = STR_NULL;
	if (v->type == OTLP_STRING && v->text.len &&
		(v->text.ptr[0] == '\\' || v->text.ptr[0] == '[' || v->text.ptr[0] == '{'))
		json = map_json_in_text(m, v->text);
	if (!str_is_null(json) && json.ptr[0] == '"') {
		struct str inner = map_json_in_text(m, json_body(json_open(json)));
		json = str_is_null(inner) ? json : inner;
	}
	return str_is_null(json) ? map_json(m, v) : json;
}

/* `opik.metadata` is an object whose members are metadata, but for those that Opik sets. */
static bool map_opik_put_metadata(struct mapper *m, struct members *o, const struct otlp_attr *attr)
{
	static const char *const reserved[] = { "thread_id", "integration", "server.address",
		NULL };
	struct json object =
		json_open(str_eq(attr->key, STR("opik.metadata")) && attr->value.type == OTLP_STRING
				  ? map_json_in_text(m, attr->value.text)
				  : STR_NULL);
	for (struct json_iter it = json_members(object); json_next(&it);)
		if (!map_opik_place_in(it.key, reserved))
			members_put(o, it.key, it.value.raw);
	return object.type == JSON_OBJECT;
}

static void map_opik_put_attrs(struct mapper *m, struct members *o, enum opik_goes place)
{
	for (size_t i = 0; i < m->n_attrs; i++) {
		const struct otlp_attr *attr = m->attrs[i].attr;
		if (map_opik_place_of(m, &m->attrs[i]) == place &&
			(place != OPIK_METADATA || !map_opik_put_metadata(m, o, attr)))
			members_put(o, attr->key, map_opik_value(m, &attr->value));
	}
}

static struct str map_opik_events(struct mapper *m)
{
	struct json_writer w;
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	map_write_events(m, &w);
	return arena_copy(m->arena, buf_str(&m->more));
}

static void map_opik_put_body(struct mapper *m, struct members *o, struct str key, struct str body)
{
	members_put(o, key, map_quoted(m, body));
}

static void map_opik_set(struct mapper *m, enum field field, struct str json)
{
	if (str_is_null(json))
		span_unset(m->out, field);
	else
		span_set_text(m->out, field, json);
}

static void set_metadata(struct mapper *m)
{
	struct members o;
	struct str scope = m->in->scope->name;
	members_init(&o, m->arena);
	if (scope.len && !str_eq(scope, STR("logfire")))
		map_opik_put_body(m, &o, STR("integration"), scope);
	if (m->picks[SLOT_SESSION_ID].attr)
		map_opik_put_body(m, &o, STR("thread_id"), m->used[SLOT_SESSION_ID]);
	map_opik_put_attrs(m, &o, OPIK_METADATA);
	if (!str_is_null(m->elastic_model)) {
		map_opik_put_body(m, &o, STR("eis_original_provider"), STR("elastic"));
		map_opik_put_body(m, &o, STR("eis_original_model"), m->elastic_model);
	}
	/* To Opik a message of a span that did not fail is no error. */
	if (m->in->status_message.len && m->used[SLOT_ERROR_MESSAGE].len == 0)
		map_opik_put_body(m, &o, STR("otel.status_message"), m->in->status_message);
	if (m->in->n_events)
		members_put(&o, STR("opentelemetry.events"), map_opik_events(m));
	if (m->is_openinference)
		members_put_object(&o, json_open(map_oi_metadata(m)));
	map_opik_set(m, FIELD_METADATA, members_end(&o, m->arena, &m->more));
}

/* The last event `tool.output` of Claude Code is the output. */
static void put_tool_output(struct mapper *m, struct members *o)
{
	static const char *const keys[] = { "output", "content" };
	const struct otlp_event *e = map_last_event(m, STR("tool.output"));
	for (size_t i = 0; e && i < sizeof keys / sizeof keys[0]; i++) {
		const struct otlp_value *v = otlp_attr(&e->attrs, str_from_c(keys[i]));
		if (v) {
			members_put(o, STR("output"), map_opik_value(m, v));
			return;
		}
	}
}

static void opik_set_payload(struct mapper *m, bool is_output)
{
	struct members o;
	members_init(&o, m->arena);
	map_opik_put_attrs(m, &o, is_output ? OPIK_OUTPUT : OPIK_INPUT);
	if (is_output && m->is_claude)
		put_tool_output(m, &o);
	map_opik_set(m, is_output ? FIELD_OUTPUT : FIELD_INPUT,
		m->is_openinference ? map_oi_payload(m, is_output, &o)
				    : members_end(&o, m->arena, &m->more));
}

/* ---- Usage ---- */

/* Returns Opik's name of a count. */
static struct str usage_name(struct str name)
{
	static const struct {
		const char *from, *to;
	} names[] = { { "input_tokens", "prompt_tokens" }, { "output_tokens", "completion_tokens" },
		{ "cache_read_tokens", "cache_read_input_tokens" },
		{ "cache_creation_tokens", "cache_creation_input_tokens" } };
	static const char *const prefixes[] = { "gen_ai.usage.", "llm.token_count." };
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (str_starts(name, str_from_c(prefixes[i])))
			name = str_skip(name, strlen(prefixes[i]));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_eq(name, str_from_c(names[i].from)))
			return str_from_c(names[i].to);
	return name;
}

struct opik_count {
	uint64_t hash; /* of the name */
	struct str name;
	int64_t n;
};

static struct opik_count *map_opik_find_count(const struct table *counts, struct str name)
{
	struct table_probe p = table_probe(counts, hash64(name, 0));
	struct opik_count *c;
	while ((c = table_next(counts, &p)) && !str_eq(c->name, name))
		;
	return c;
}

/* Two attributes may be one count to Opik, as may two members of one: the last one is it. */
static void map_opik_set_count(struct table *counts, struct str name, int64_t n)
{
	struct opik_count *c = map_opik_find_count(counts, name);
	if (!c)
		c = table_add(counts, hash64(name, 0));
	c->name = name;
	c->n = n;
}

/* oi_counts: those of OpenInference, which win. */
static void read_counts(struct mapper *m, struct table *counts, struct table *oi_counts)
{
	for (size_t i = 0; i < m->n_attrs; i++) {
		const struct otlp_value *v = &m->attrs[i].attr->value;
		struct str name;
		int64_t n;
		if (m->is_openinference && !m->attrs[i].is_resource &&
			map_oi_count(m->attrs[i].attr, &name, &n)) {
			map_opik_set_count(oi_counts, name, n);
			continue;
		}
		if (map_opik_place_of(m, &m->attrs[i]) != OPIK_USAGE)
			continue;
		if (v->type == OTLP_INT || (v->type == OTLP_STRING && str_to_i64(v->text, &n))) {
			map_opik_set_count(counts, usage_name(m->attrs[i].attr->key),
				v->type == OTLP_INT ? v->i64 : n);
			continue;
		}
		struct str json = v->type == OTLP_STRING ? map_json_in_text(m, v->text) : v->text;
		for (struct json_iter it = json_members(json_open(json)); json_next(&it);)
			if (json_to_i64(it.value, &n))
				map_opik_set_count(counts, usage_name(it.key), n);
	}
}

/* A total is the sum of both parts; of one part alone nothing is made. */
static void add_total(struct table *counts)
{
	const struct opik_count *prompt = map_opik_find_count(counts, STR("prompt_tokens")),
				*completion = map_opik_find_count(counts, STR("completion_tokens"));
	int64_t total;
	if (prompt && completion && !map_opik_find_count(counts, STR("total_tokens")) &&
		!__builtin_add_overflow(prompt->n, completion->n, &total))
		map_opik_set_count(counts, STR("total_tokens"), total);
}

/* The token fields say what the usage says. */
static void set_token_fields(struct mapper *m, const struct table *counts)
{
	static const struct {
		enum field field;
		const char *name;
	} fields[] = { { FIELD_INPUT_TOKENS, "prompt_tokens" },
		{ FIELD_OUTPUT_TOKENS, "completion_tokens" },
		{ FIELD_TOTAL_TOKENS, "total_tokens" },
		{ FIELD_CACHED_TOKENS, "cache_read_input_tokens" } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const struct opik_count *c =
			map_opik_find_count(counts, str_from_c(fields[i].name));
		if (c && c->n >= 0)
			span_set_i64(m->out, fields[i].field, c->n);
		else if (!c && m->is_openinference)
			span_unset(m->out, fields[i].field);
	}
}

static void opik_set_usage(struct mapper *m)
{
	struct table counts, oi_counts;
	struct members o;
	table_init(&counts, m->arena, sizeof(struct opik_count));
	table_init(&oi_counts, m->arena, sizeof(struct opik_count));
	read_counts(m, &counts, &oi_counts);
	for (size_t i = 0; i < oi_counts.n; i++) {
		const struct opik_count *c = table_row(&oi_counts, i);
		map_opik_set_count(&counts, c->name, c->n);
	}
	add_total(&counts);
	set_token_fields(m, &counts);
	members_init(&o, m->arena);
	for (size_t i = 0; i < counts.n; i++) {
		const struct opik_count *c = table_row(&counts, i);
		members_put(&o, c->name, arena_printf(m->arena, "%lld", (long long)c->n));
	}
	map_opik_set(m, FIELD_USAGE_DETAILS, members_end(&o, m->arena, &m->more));
	table_release(&oi_counts);
	table_release(&counts);
}

static struct str map_opik_type_of(struct mapper *m)
{
	unsigned rules = 0;
	int64_t kind = span_i64(m->out, FIELD_KIND, KIND_UNKNOWN);
	for (size_t i = 0; i < m->n_attrs; i++)
		if (m->attrs[i].row && !m->attrs[i].is_resource &&
			(m->is_claude || !(m->attrs[i].row->general & CLAUDE)))
			rules |= m->attrs[i].row->opik;
	if (m->is_openinference)
		return map_oi_type(m);
	if (str_eq(map_slot_text(m, SLOT_OPERATION), STR("invoke_agent")))
		return STR("general");
	if (kind == KIND_GUARDRAIL)
		return STR("guardrail");
	if (kind == KIND_TOOL || rules & OPIK_TOOL)
		return STR("tool");
	return kind == KIND_LLM || rules & OPIK_LLM ? STR("llm") : STR("general");
}

static void cut_to_ms(struct span *s, enum field f)
{
	if (span_has(s, f))
		span_set_i64(s, f, span_i64(s, f, 0) / NS_PER_MS * NS_PER_MS);
}

void map_opik(struct mapper *m)
{
	cut_to_ms(m->out, FIELD_STARTED_AT);
	cut_to_ms(m->out, FIELD_ENDED_AT);
	span_set_text(m->out, FIELD_ORIGIN, STR("sdk"));
	if (m->is_openinference)
		map_oi_begin(m);
	opik_set_payload(m, false);
	opik_set_payload(m, true);
	set_metadata(m);
	opik_set_usage(m);
	struct str type = map_opik_type_of(m);
	span_set_text(m->out, FIELD_NATIVE_TYPE, type);
	/* Where no convention says more, the type is the kind. */
	if (span_i64(m->out, FIELD_KIND, KIND_UNKNOWN) == KIND_UNKNOWN)
		span_set_i64(m->out, FIELD_KIND, opik_kind_of_type(type));
}
