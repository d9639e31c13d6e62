/*
 * Maps the spans of a request. It passes over the attributes of a span once: the key is hashed
 * once, which finds its row in the table and, in the span's own table of keys, an earlier attribute
 * of the same name (the last one counts) or one of the resource that the span overrides.  Keys come
 * from outside, so the hashes have a new seed for each request.
 */
#include "semconv/map.h"
#include "semconv/opik_provider.h"

#include "base/hash.h"
#include "base/limits.h"
#include "span/normalise.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const struct semconv_row semconv_rows[] = {
#define X(slot, key, general, nemo, opik) \
	{ { key, sizeof(key) - 1 }, SLOT_##slot, (general), (nemo), (opik) },
	SEMCONV_LIST(X)
};

const struct semconv_row semconv_prefixes[] = { SEMCONV_PREFIX_LIST(X)
#undef X
};

const size_t semconv_n_rows = COUNT(semconv_rows);
const size_t semconv_n_prefixes = COUNT(semconv_prefixes);

enum { ROW_PLACES = 1024 };
_Static_assert(COUNT(semconv_rows) * 2 < ROW_PLACES, "the table of keys is too full");

/* The fields that are the text of one attribute. */
static const enum field text_field[SLOT__LAST_TEXT + 1] = {
	[SLOT_MODEL] = FIELD_MODEL,
	[SLOT_PROVIDER] = FIELD_PROVIDER,
	[SLOT_SESSION_ID] = FIELD_SESSION_ID,
	[SLOT_USER_ID] = FIELD_USER_ID,
	[SLOT_TOOL_NAME] = FIELD_TOOL_NAME,
	[SLOT_AGENT_NAME] = FIELD_AGENT_NAME,
	[SLOT_AGENT_ID] = FIELD_AGENT_ID,
	[SLOT_PROMPT_ID] = FIELD_PROMPT_ID,
	[SLOT_PROMPT_NAME] = FIELD_PROMPT_NAME,
	[SLOT_PROMPT_VERSION] = FIELD_PROMPT_VERSION,
	[SLOT_PROJECT] = FIELD_PROJECT,
	[SLOT_ENVIRONMENT] = FIELD_ENVIRONMENT,
	[SLOT_EVALUATION_ID] = FIELD_EVALUATION_ID,
	[SLOT_EVALUATION_SHA] = FIELD_EVALUATION_SHA,
	[SLOT_EVALUATION_RUN_ID] = FIELD_EVALUATION_RUN_ID,
	[SLOT_DATASET_ID] = FIELD_DATASET_ID,
	[SLOT_DATASET_NAME] = FIELD_DATASET_NAME,
	[SLOT_DATASET_VERSION] = FIELD_DATASET_VERSION,
	[SLOT_TEST_CASE_ID] = FIELD_TEST_CASE_ID,
	[SLOT_ERROR_TYPE] = FIELD_ERROR_TYPE,
	[SLOT_ERROR_MESSAGE] = FIELD_ERROR_MESSAGE,
	[SLOT_ERROR_TRACEBACK] = FIELD_ERROR_TRACEBACK,
};

static void index_rows(struct mapper *m)
{
	m->rows = arena_calloc(m->arena, ROW_PLACES, sizeof *m->rows);
	for (size_t i = 0; i < COUNT(semconv_rows); i++) {
		size_t at = hash64(semconv_rows[i].key, m->seed) % ROW_PLACES;
		while (m->rows[at])
			at = (at + 1) % ROW_PLACES;
		m->rows[at] = (uint16_t)(i + 1);
	}
}

static const struct semconv_row *map_find_row(const struct mapper *m, struct str key, uint64_t hash)
{
	for (size_t at = hash % ROW_PLACES; m->rows[at]; at = (at + 1) % ROW_PLACES)
		if (str_eq(semconv_rows[m->rows[at] - 1].key, key))
			return &semconv_rows[m->rows[at] - 1];
	for (size_t i = 0; i < COUNT(semconv_prefixes); i++)
		if (key.len && key.ptr[0] == semconv_prefixes[i].key.ptr[0] &&
			str_starts(key, semconv_prefixes[i].key))
			return &semconv_prefixes[i];
	return NULL;
}

/* Makes room for the attributes of the current span. No key is known yet. */
static void reserve(struct mapper *m, size_t n)
{
	if (n > m->attrs_cap || !m->places) {
		m->attrs_cap = n * 2 + 1;
		m->attrs = arena_calloc(m->arena, m->attrs_cap, sizeof *m->attrs);
		for (m->n_places = 16; m->n_places < m->attrs_cap * 2;)
			m->n_places *= 2;
		m->places = arena_calloc(m->arena, m->n_places, sizeof *m->places);
	} else
		memset(m->places, 0, m->n_places * sizeof *m->places);
	m->n_attrs = 0;
}

static void add_attr(
	struct mapper *m, const struct otlp_attr *attr, uint64_t hash, bool is_resource)
{
	size_t at = hash & (m->n_places - 1);
	for (; m->places[at].place; at = (at + 1) & (m->n_places - 1)) {
		struct map_attr *known = &m->attrs[m->places[at].place - 1];
		if (m->places[at].hash != hash || !str_eq(known->attr->key, attr->key))
			continue;
		/* What is empty says nothing of a field: the resource does. */
		bool is_silent = known->row && map_is_empty(&known->attr->value) &&
				 m->c->mapping != MAPPING_NEMO;
		if (known->is_resource == is_resource || is_silent) {
			known->attr = attr;
			known->is_resource = is_resource;
		}
		return;
	}
	m->attrs[m->n_attrs++] = (struct map_attr){
		.attr = attr,
		.row = map_find_row(m, attr->key, hash),
		.is_resource = is_resource,
	};
	m->places[at] = (struct key_place){ hash, (uint32_t)m->n_attrs };
}

void map_collect(struct mapper *m)
{
	const struct otlp_span *in = m->in;
	const struct otlp_attrs *resource = in->resource;
	if (resource != m->resource) {
		m->resource = resource;
		m->resource_hashes =
			arena_calloc(m->arena, resource->n, sizeof *m->resource_hashes);
		for (size_t i = 0; i < resource->n; i++)
			m->resource_hashes[i] = hash64(resource->list[i].key, m->seed);
	}
	reserve(m, in->attrs.n + resource->n);
	for (size_t i = 0; i < in->attrs.n; i++)
		add_attr(m, &in->attrs.list[i], hash64(in->attrs.list[i].key, m->seed), false);
	for (size_t i = 0; i < resource->n; i++)
		add_attr(m, &resource->list[i], m->resource_hashes[i], true);
}

bool map_is_empty(const struct otlp_value *v)
{
	return v->type == OTLP_NULL || (v->type == OTLP_STRING && v->text.len == 0);
}

static bool is_own_only(enum slot slot)
{
	return (slot >= SLOT_INPUT && slot <= SLOT__LAST_PAYLOAD) || slot == SLOT_STATUS ||
	       slot == SLOT_OWN;
}

/* The rank of an attribute in its slot, 0: it has no say. */
static unsigned rank_of(const struct mapper *m, const struct map_attr *x)
{
	const struct semconv_row *row = x->row;
	unsigned rank = m->c->mapping == MAPPING_NEMO ? row->nemo : row->general;
	if (m->c->mapping == MAPPING_OPIK && !rank && (row->opik & OPIK__PLACE) == OPIK_FIELD)
		rank = RANK; /* Opik's own: after all others */
	if ((rank & CLAUDE && !m->is_claude) || (x->is_resource && is_own_only(row->slot)) ||
		map_is_empty(&x->attr->value))
		return 0;
	if (m->c->mapping == MAPPING_OPIK && rank)
		rank = map_opik_rank(m, x, rank);
	return rank & RANK;
}

void map_pick(struct mapper *m)
{
	memset(m->picks, 0, sizeof m->picks);
	for (size_t i = 0; i < m->n_attrs; i++) {
		struct map_attr *x = &m->attrs[i];
		if (!x->row || x->row->slot == SLOT_NONE)
			continue;
		struct pick *pick = &m->picks[x->row->slot];
		unsigned rank = rank_of(m, x);
		bool is_it = !pick->attr || rank < pick->rank ||
			     (rank == pick->rank && m->c->mapping == MAPPING_OPIK &&
				     map_opik_last_wins(m, x));
		if (rank && is_it && map_number_ok(m, x->row->slot, &x->attr->value))
			*pick = (struct pick){ x, rank };
	}
}

/* A payload may be most of the request: it is copied once, past the buffers. */
struct str map_quoted(struct mapper *m, struct str body)
{
	char *quoted = arena_text(m->arena, body.len + 2);
	quoted[0] = '"';
	if (body.len)
		memcpy(quoted + 1, body.ptr, body.len);
	quoted[body.len + 1] = '"';
	return str_of(quoted, body.len + 2);
}

struct str map_json(struct mapper *m, const struct otlp_value *v)
{
	struct json_writer w;
	if (v->type == OTLP_ARRAY || v->type == OTLP_KVLIST)
		return v->text;
	if (v->type == OTLP_STRING)
		return map_quoted(m, v->text);
	buf_reset(&m->text);
	json_writer_init(&w, &m->text);
	otlp_value_json(&w, v);
	return arena_copy(m->arena, buf_str(&m->text));
}

struct str map_text(struct mapper *m, const struct otlp_value *v)
{
	if (v->type == OTLP_STRING)
		return v->text;
	struct str json = map_json(m, v);
	if (v->type == OTLP_BYTES)
		return str_of(json.ptr + 1, json.len - 2);
	return json_encode(m->arena, json);
}

struct str map_json_in_text(struct mapper *m, struct str body)
{
	/* The value is put a few levels deep into a line that may itself not be deeper. */
	enum { LEVELS_AROUND = 8 };
	struct json_error error;
	struct str text = json_decode(m->arena, body);
	if (!json_check(text, LIMIT_DEPTH - LEVELS_AROUND, &error))
		return STR_NULL;
	return json_canonical(m->arena, json_open(text).raw);
}

struct str map_slot_text(struct mapper *m, enum slot slot)
{
	const struct otlp_value *v = map_value(m, slot);
	return v ? map_text(m, v) : STR("");
}

const struct otlp_event *map_last_event(const struct mapper *m, struct str name)
{
	for (size_t i = m->in->n_events; i > 0; i--)
		if (str_eq(m->in->events[i - 1].name, name))
			return &m->in->events[i - 1];
	return NULL;
}

static bool is_zero_id(struct str hex)
{
	for (size_t i = 0; i < hex.len; i++)
		if (hex.ptr[i] != '0')
			return false;
	return true;
}

static void reject(struct mapper *m, const char *reason)
{
	if (str_is_null(m->reason))
		m->reason = str_from_c(reason);
}

static void map_ids(struct mapper *m)
{
	const struct otlp_span *in = m->in;
	struct str parent = in->parent_span_id;
	bool is_strict = m->c->mapping == MAPPING_NEMO;
	if (is_zero_id(in->trace_id))
		reject(m, "trace_id is required");
	if (is_zero_id(in->span_id))
		reject(m, "span_id is required");
	if (is_strict && parent.len && is_zero_id(parent))
		reject(m, "parent_span_id must not be all zero");
	if (is_strict && str_eq(parent, in->span_id))
		reject(m, "external_parent_span_id must differ from external_span_id");
	span_set_text(m->out, FIELD_TRACE_ID, in->trace_id);
	span_set_text(m->out, FIELD_SPAN_ID, in->span_id);
	/* Some exporters name the trace where a root has no parent. */
	bool is_trace = m->c->mapping == MAPPING_OPIK && str_eq(parent, in->trace_id);
	if (!is_zero_id(parent) && !str_eq(parent, in->span_id) && !is_trace)
		span_set_text(m->out, FIELD_PARENT_SPAN_ID, parent);
	span_set_text(m->out, FIELD_SOURCE, STR("otel"));
	if (in->name.len)
		span_set_text(m->out, FIELD_NAME, in->name);
	if (m->c->mapping == MAPPING_OPIK)
		map_opik_ids(m);
}

static void map_times(struct mapper *m)
{
	if (m->in->start_ns > INT64_MAX)
		reject(m, "start_time_unix_nano is out of range");
	else if (m->in->start_ns)
		span_set_i64(m->out, FIELD_STARTED_AT, (int64_t)m->in->start_ns);
	if (m->in->end_ns > INT64_MAX)
		reject(m, "end_time_unix_nano is out of range");
	else if (m->in->end_ns)
		span_set_i64(m->out, FIELD_ENDED_AT, (int64_t)m->in->end_ns);
}

/* Traceloop names tools and agents by the entity, the AI SDK agents by the function; both only
 * where the span is one. */
static void pick_names(struct mapper *m)
{
	enum { RANK_ENTITY = 4 };
	int64_t kind = span_i64(m->out, FIELD_KIND, KIND_UNKNOWN);
	struct pick *tool = &m->picks[SLOT_TOOL_NAME], *agent = &m->picks[SLOT_AGENT_NAME];
	const struct pick *entity = &m->picks[SLOT_ENTITY];
	bool is_ai = m->picks[SLOT_AI_OPERATION].attr != NULL;
	if (kind == KIND_TOOL && entity->attr && (!tool->attr || tool->rank > RANK_ENTITY))
		*tool = *entity;
	if (kind == KIND_AGENT && !agent->attr)
		*agent = entity->attr || !is_ai ? *entity : m->picks[SLOT_FUNCTION_ID];
	if (tool->attr)
		tool->attr->is_gone |= tool->attr->row->slot == SLOT_ENTITY;
	if (agent->attr)
		agent->attr->is_gone |= agent->attr->row->slot != SLOT_AGENT_NAME;
}

/* Opik's name of a provider; of Elastic's inference service, that of the model behind it. */
static struct str map_opik_provider(struct mapper *m, struct str text)
{
	struct str model = span_text(m->out, FIELD_MODEL);
	const struct otlp_value *host = otlp_attr(&m->in->attrs, STR("server.address"));
	size_t dash = str_index(model, '-');
	m->elastic_model = STR_NULL;
	if (str_eq(text, STR("aws")) && m->is_openinference)
		text = STR("bedrock");
	if (str_eq(text, STR("elastic")) && dash > 0 && dash + 1 < model.len) {
		m->elastic_model = model;
		text = str_first(model, dash);
		span_set_text(m->out, FIELD_MODEL, str_skip(model, dash + 1));
	}
	return opik_provider_of(m->arena, text, span_text(m->out, FIELD_MODEL),
		host && host->type == OTLP_STRING ? host->text : STR(""));
}

static void map_provider(struct mapper *m)
{
	struct pick *pick = &m->picks[SLOT_PROVIDER];
	struct str text = map_slot_text(m, SLOT_PROVIDER);
	if (!pick->attr && m->is_claude)
		text = STR("anthropic");
	else if (pick->attr && str_eq(pick->attr->row->key, STR("ai.model.provider"))) {
		text = str_first(text, str_index(text, '.')); /* openai.chat */
		pick->attr = NULL; /* the whole of it stays among the raw ones */
	}
	if (m->c->mapping == MAPPING_OPIK)
		text = map_opik_provider(m, text);
	if (text.len)
		span_set_text(m->out, FIELD_PROVIDER, text);
	m->used[SLOT_PROVIDER] = text;
}

static void map_project(struct mapper *m)
{
	if (m->c->project.len)
		span_set_plain(m->out, FIELD_PROJECT, m->arena, m->c->project);
	else if (m->c->mapping != MAPPING_OPIK && m->picks[SLOT_PROJECT].attr) {
		m->used[SLOT_PROJECT] = map_slot_text(m, SLOT_PROJECT);
		span_set_text(m->out, FIELD_PROJECT, m->used[SLOT_PROJECT]);
	}
}

/* Sets what span_normalise() would derive, once for all spans of a trace. */
static void derive_session(struct mapper *m)
{
	struct str trace_id = span_text(m->out, FIELD_TRACE_ID);
	if (!str_eq(trace_id, m->trace_id)) {
		const struct str parts[] = { m->c->workspace, trace_id };
		m->session_id = stable_id(m->arena, STR("session"), parts, COUNT(parts));
		m->trace_id = trace_id;
	}
	span_set_text(m->out, FIELD_SESSION_ID, m->session_id);
}

void map_texts(struct mapper *m)
{
	pick_names(m);
	for (unsigned slot = 0; slot <= SLOT__LAST_TEXT; slot++) {
		const struct otlp_value *v = map_value(m, slot);
		if (!v || slot == SLOT_PROVIDER || slot == SLOT_PROJECT || slot >= SLOT_ERROR_TYPE)
			continue;
		m->used[slot] = map_text(m, v);
		span_set_text(m->out, text_field[slot], m->used[slot]);
	}
	map_provider(m);
	map_project(m);
	if (!span_has(m->out, FIELD_SESSION_ID))
		derive_session(m);
	if (m->c->created_by.len)
		span_set_plain(m->out, FIELD_CREATED_BY, m->arena, m->c->created_by);
}

void map_json_field(struct mapper *m, enum slot slot, enum field field)
{
	const struct otlp_value *v = map_value(m, slot);
	struct str json = STR_NULL;
	if (!v)
		return;
	if (v->type == OTLP_STRING)
		json = map_json_in_text(m, v->text);
	if (str_is_null(json))
		json = map_json(m, v);
	span_set_text(m->out, field, json);
	m->used[slot] = map_text(m, v);
}

/* True when these are the raw elements of a list of texts. */
static bool is_text_list(struct json v)
{
	if (v.type != JSON_ARRAY)
		return false;
	for (struct json_iter it = json_elements(v); json_next(&it);)
		if (it.value.type != JSON_STRING)
			return false;
	return true;
}

/* A list of texts, JSON for one, or texts with commas between them. */
static void map_tags(struct mapper *m)
{
	const struct otlp_value *v = map_value(m, SLOT_TAGS);
	struct json_writer w;
	if (!v)
		return;
	struct str json = v->type == OTLP_ARRAY    ? v->text
			  : v->type == OTLP_STRING ? map_json_in_text(m, v->text)
						   : STR_NULL;
	if (!str_is_null(json) && !is_text_list(json_open(json)))
		json = STR_NULL;
	if (str_is_null(json) && v->type == OTLP_STRING) {
		struct str rest = v->text;
		buf_reset(&m->text);
		json_writer_init(&w, &m->text);
		json_array(&w);
		while (!str_is_null(rest)) {
			struct str tag = str_trim(str_cut(&rest, ','));
			if (tag.len)
				json_body_value(&w, tag);
		}
		json_end(&w);
		json = arena_copy(m->arena, buf_str(&m->text));
	}
	if (str_is_null(json))
		return;
	span_set_text(m->out, FIELD_TAGS, json);
	m->used[SLOT_TAGS] = map_text(m, v);
}

static void map_span(struct mapper *m, const struct otlp_span *in, struct span *out)
{
	m->in = in;
	m->out = out;
	m->reason = STR_NULL;
	m->is_claude = m->c->mapping != MAPPING_NEMO && str_starts(in->name, STR("claude_code."));
	span_init(out);
	memset(m->used, 0, sizeof m->used);
	map_collect(m);
	m->is_openinference = m->c->mapping == MAPPING_OPIK &&
			      otlp_attr(&in->attrs, STR("openinference.span.kind")) != NULL;
	map_pick(m);
	map_own(m);
	map_ids(m);
	map_times(m);
	map_kind(m);
	map_status(m);
	map_texts(m);
	map_tags(m);
	map_json_field(m, SLOT_EVALUATION_METADATA, FIELD_EVALUATION_METADATA);
	map_json_field(m, SLOT_EXPECTED, FIELD_EXPECTED);
	map_usage(m);
	if (!str_is_null(m->reason))
		return;
	if (m->c->mapping == MAPPING_OPIK)
		map_opik(m);
	else {
		map_payloads(m);
		map_raw(m);
	}
	span_normalise(out, m->arena, m->c->workspace, m->c->now_ns);
	map_own_fields(m);
}

struct mapper *map_begin(const struct map_context *c)
{
	struct mapper *m = arena_calloc(c->arena, 1, sizeof *m);
	m->c = c;
	m->arena = c->arena;
	m->seed = (uint64_t)c->now_ns;
	buf_init(&m->text, c->arena);
	buf_init(&m->more, c->arena);
	index_rows(m);
	return m;
}

void map_otlp_spans(
	const struct map_context *c, const struct otlp_spans *in, struct map_result *ret)
{
	struct mapper *m = map_begin(c);
	const struct otlp_span **from = arena_calloc(c->arena, in->n, sizeof *from);
	struct map_result r = { .spans = arena_calloc(c->arena, in->n, sizeof *r.spans) };
	bool *is_told = NULL;
	for (size_t i = 0; i < in->n; i++) {
		map_span(m, &in->list[i], &r.spans[r.n]);
		if (str_is_null(m->reason)) {
			if (m->own.type != JSON_NONE && !is_told)
				is_told = arena_calloc(c->arena, in->n, sizeof *is_told);
			if (m->own.type != JSON_NONE)
				is_told[r.n] = true;
			from[r.n++] = &in->list[i];
			continue;
		}
		if (!r.rejects)
			r.rejects = arena_calloc(c->arena, in->n - i, sizeof *r.rejects);
		r.rejects[r.n_rejects++] = (struct map_reject){ in->list[i].span_id, m->reason };
	}
	map_repeats(c->arena, m->seed, from, r.spans, is_told, r.n);
	if (c->mapping == MAPPING_OPIK)
		map_opik_usage(c->arena, m->seed, r.spans, r.n);
	buf_release(&m->text);
	buf_release(&m->more);
	*ret = r;
}
