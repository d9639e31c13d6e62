/*
 * Opik's way: no raw attributes, but every attribute under its own key in the span's input, output,
 * metadata or usage, as the table's column says; what nobody knows goes to the input (of Claude
 * Code's spans to the metadata).  Texts that look like JSON are JSON there.
 */
#include "semconv/map.h"
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
	enum opik_goes rest = m->is_claude ? OPIK_METADATA : OPIK_INPUT, place;
	if (x->is_resource || x->attr->value.type == OTLP_NULL)
		return OPIK_DROP;
	if (!x->row)
		return rest;
	place = x->row->opik & OPIK__PLACE;
	if (x->row->general & CLAUDE && !m->is_claude)
		return str_starts(x->attr->key, STR("output")) ? OPIK_OUTPUT : rest;
	if (place == OPIK_FIELD && !became_field(m, x))
		return OPIK_METADATA;
	/* Only the requests among Claude Code's spans have it as their input. */
	if (str_eq(x->attr->key, STR("new_context")) &&
		!str_eq(m->in->name, STR("claude_code.llm_request")))
		return OPIK_METADATA;
	if (place == OPIK_USAGE && !is_usage(m, &x->attr->value))
		return OPIK_METADATA;
	return place == OPIK_REST ? rest : place;
}

/* A text that begins like JSON is JSON if it can be read so, once more if it holds a text again. */
static void map_opik_write_value(
	struct mapper *m, struct json_writer *w, const struct otlp_value *v)
{
	struct str json = STR_NULL;
	if (v->type == OTLP_STRING && v->text.len &&
		(v->text.ptr[0] == '\\' || v->text.ptr[0] == '[' || v->text.ptr[0] == '{'))
		json = map_json_in_text(m, v->text);
	if (!str_is_null(json) && json.ptr[0] == '"') {
		struct str inner = map_json_in_text(m, json_body(json_open(json)));
		json = str_is_null(inner) ? json : inner;
	}
	if (str_is_null(json))
		otlp_value_json(w, v);
	else
		json_raw(w, json);
}

static void map_opik_write_attrs(struct mapper *m, struct json_writer *w, enum opik_goes place)
{
	for (size_t i = 0; i < m->n_attrs; i++)
		if (map_opik_place_of(m, &m->attrs[i]) == place) {
			json_key_body(w, m->attrs[i].attr->key);
			map_opik_write_value(m, w, &m->attrs[i].attr->value);
		}
}

static void write_metadata(struct mapper *m, struct json_writer *w)
{
	struct str scope = m->in->scope->name;
	if (scope.len && !str_eq(scope, STR("logfire")))
		json_member_body(w, STR("integration"), scope);
	if (m->picks[SLOT_SESSION_ID].attr)
		json_member_body(w, STR("thread_id"), m->used[SLOT_SESSION_ID]);
	map_opik_write_attrs(m, w, OPIK_METADATA);
	/* To Opik a message of a span that did not fail is no error. */
	if (m->in->status_message.len && m->used[SLOT_ERROR_MESSAGE].len == 0)
		json_member_body(w, STR("otel.status_message"), m->in->status_message);
	if (m->in->n_events) {
		json_key(w, STR("opentelemetry.events"));
		map_write_events(m, w);
	}
}

static void write_output(struct mapper *m, struct json_writer *w)
{
	static const char *const keys[] = { "output", "content" };
	const struct otlp_event *e = m->is_claude ? map_last_event(m, STR("tool.output")) : NULL;
	map_opik_write_attrs(m, w, OPIK_OUTPUT);
	for (size_t i = 0; e && i < sizeof keys / sizeof keys[0]; i++) {
		const struct otlp_value *v = otlp_attr(&e->attrs, str_from_c(keys[i]));
		if (v) {
			json_key(w, STR("output"));
			map_opik_write_value(m, w, v);
			return;
		}
	}
}

static void write_input(struct mapper *m, struct json_writer *w)
{
	map_opik_write_attrs(m, w, OPIK_INPUT);
}

/* What Opik calls a count. */
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

static void read_counts(struct mapper *m, struct table *counts)
{
	for (size_t i = 0; i < m->n_attrs; i++) {
		const struct otlp_value *v = &m->attrs[i].attr->value;
		int64_t n;
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

static void add_total(struct mapper *m, struct table *counts)
{
	const struct opik_count *prompt = map_opik_find_count(counts, STR("prompt_tokens")),
				*completion = map_opik_find_count(counts, STR("completion_tokens"));
	int64_t total;
	if ((!prompt && !completion) || map_opik_find_count(counts, STR("total_tokens")) ||
		__builtin_add_overflow(
			prompt ? prompt->n : 0, completion ? completion->n : 0, &total))
		return;
	map_opik_set_count(counts, STR("total_tokens"), total);
	if (total >= 0)
		span_set_i64(m->out, FIELD_TOTAL_TOKENS, total);
}

static void write_usage(struct mapper *m, struct json_writer *w)
{
	struct table counts;
	table_init(&counts, m->arena, sizeof(struct opik_count));
	read_counts(m, &counts);
	add_total(m, &counts);
	for (size_t i = 0; i < counts.n; i++) {
		const struct opik_count *c = table_row(&counts, i);
		json_key_body(w, c->name);
		json_i64(w, c->n);
	}
	table_release(&counts);
}

static void set_object(
	struct mapper *m, enum field field, void (*print)(struct mapper *, struct json_writer *))
{
	struct json_writer w;
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	json_object(&w);
	print(m, &w);
	json_end(&w);
	if (m->more.len > 2)
		span_set_text(m->out, field, arena_copy(m->arena, buf_str(&m->more)));
	else
		span_unset(m->out, field);
}

static struct str map_opik_type_of(struct mapper *m)
{
	unsigned rules = 0;
	int64_t kind = span_i64(m->out, FIELD_KIND, KIND_UNKNOWN);
	for (size_t i = 0; i < m->n_attrs; i++)
		if (m->attrs[i].row && !m->attrs[i].is_resource &&
			(m->is_claude || !(m->attrs[i].row->general & CLAUDE)))
			rules |= m->attrs[i].row->opik;
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
	set_object(m, FIELD_INPUT, write_input);
	set_object(m, FIELD_OUTPUT, write_output);
	set_object(m, FIELD_METADATA, write_metadata);
	set_object(m, FIELD_USAGE_DETAILS, write_usage);
	struct str type = map_opik_type_of(m);
	span_set_text(m->out, FIELD_NATIVE_TYPE, type);
	/* Where no convention says more, the type is the kind. */
	if (span_i64(m->out, FIELD_KIND, KIND_UNKNOWN) == KIND_UNKNOWN)
		span_set_i64(m->out, FIELD_KIND, opik_kind_of_type(type));
}
