#include "api/scale/filter.h"
#include "api/sort.h"

#include "base/utime.h"
#include "query/match/match.h"

/* ---- The model of the body ---- */

/* clang-format off */
#define MEMBER_LIST(X) \
	X(parents_only,			boolean) \
	X(span_ids,			texts) \
	X(trace_ids,			texts) \
	X(excluded_span_ids,		texts) \
	X(excluded_trace_ids,		texts) \
	X(group_id,			text) \
	X(names,			texts) \
	X(statuses,			statuses) \
	X(types,			types) \
	X(search_texts,			terms) \
	X(extra_metadata,		dict) \
	X(application_variant_ids,	texts) \
	X(assessment_types,		few_texts) \
	X(acp_types,			texts) \
	X(agentex_agent_names,		texts) \
	X(agentex_agent_ids,		texts) \
	X(min_duration_ms,		integer) \
	X(max_duration_ms,		integer) \
	X(parent_ids,			texts) \
	X(spans,			pairs) \
	X(excluded_spans,		pairs) \
	X(obs_trace_ids,		texts) \
	X(obs_span_ids,			texts)
/* clang-format on */

enum member {
#define X(name, type) MEMBER_##name,
	MEMBER_LIST(X)
#undef X
		MEMBER__MAX
};

enum {
	TERMS_MAX = 10,
	/* Largest number of ids in all lists together. A pair counts as two. */
	IDS_MAX = 10000,
	/* Largest number of keys of extra_metadata. Each needs up to two clauses. */
	KEYS_MAX = 64,
	/* Largest number of assessment types in a search. There are six. */
	FEW_MAX = 100,
	/* Longer lists are looked up by hash. */
	LINEAR_MAX = 8
};

static const struct pydantic a_text = { .type = PYDANTIC_STR };
static const struct pydantic a_status = { .type = PYDANTIC_ENUM,
	PYDANTIC_NAMES(scale_status_names) };
static const struct pydantic a_type = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(scale_type_names) };
static const struct pydantic_field pair_fields[] = { { "trace_id", &a_text, true },
	{ "span_id", &a_text, true } };
static const struct pydantic a_pair = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(pair_fields) };

#define LIST_OF(what) \
	{ \
		.type = PYDANTIC_LIST, .is_nullable = true, .item = &(what) \
	}
static const struct pydantic boolean_type = { .type = PYDANTIC_BOOL, .is_nullable = true };
static const struct pydantic integer_type = { .type = PYDANTIC_INT, .is_nullable = true };
static const struct pydantic text_type = { .type = PYDANTIC_STR, .is_nullable = true };
static const struct pydantic dict_type = { .type = PYDANTIC_DICT, .is_nullable = true };
static const struct pydantic texts_type = LIST_OF(a_text);
static const struct pydantic few_texts_type = {
	.type = PYDANTIC_LIST, .is_nullable = true, .item = &a_text, .max_length = FEW_MAX
};
static const struct pydantic statuses_type = LIST_OF(a_status);
static const struct pydantic types_type = LIST_OF(a_type);
static const struct pydantic pairs_type = LIST_OF(a_pair);
static const struct pydantic terms_type = {
	.type = PYDANTIC_LIST, .is_nullable = true, .item = &a_text, .max_length = TERMS_MAX
};

static const struct pydantic_field fields[] = {
#define X(name, type) { #name, &type##_type, false },
	MEMBER_LIST(X)
#undef X
};
static const struct pydantic search_type = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(fields) };

/* ---- Clauses ---- */

void scale_clauses_add(struct scale_clauses *c, const struct pred *preds, size_t n)
{
	enum { FIRST = 16 };
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : FIRST;
		struct clause *list = arena_calloc(c->arena, cap, sizeof *list);
		for (size_t i = 0; i < c->n; i++)
			list[i] = c->list[i];
		c->list = list;
		c->cap = cap;
	}
	struct pred *copy = arena_calloc(c->arena, n, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = preds[i];
	c->list[c->n++] = (struct clause){ copy, n };
}

static void scale_filter_add_pred(struct scale_clauses *c, struct pred p)
{
	scale_clauses_add(c, &p, 1);
}

/* True when the list is not empty. An empty list matches everything, as an absent one does, because
 * some clients always send all members. To let it match nothing, change this. */
static bool is_given(struct json list)
{
	struct json_iter it = json_elements(list);
	return json_next(&it);
}

static size_t scale_filter_count(struct json list)
{
	size_t n = 0;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		n++;
	return n;
}

static const struct str *bodies(struct arena *a, struct json list, size_t *ret_n)
{
	size_t n = scale_filter_count(list), i = 0;
	struct str *texts = arena_calloc(a, n, sizeof *texts);
	for (struct json_iter it = json_elements(list); i < n && json_next(&it);)
		texts[i++] = json_canonical_body(a, json_body(it.value));
	*ret_n = i;
	return texts;
}

static struct hash_set sorted_set(uint64_t *hashes, size_t n)
{
	sort_hashes(hashes, n);
	return (struct hash_set){ hashes, n };
}

static struct pred list_pred(struct arena *a, enum field f, struct json list, bool is_excluded)
{
	struct pred p = { .field = f, .op = is_excluded ? OP_NOT_IN : OP_IN };
	p.texts = bodies(a, list, &p.n_values);
	if (p.n_values <= LINEAR_MAX)
		return p;
	uint64_t *hashes = arena_calloc(a, p.n_values, sizeof *hashes);
	for (size_t i = 0; i < p.n_values; i++)
		hashes[i] = pred_text_hash(p.texts[i]);
	p.set = sorted_set(hashes, p.n_values);
	return p;
}

static void add_list(struct scale_clauses *c, enum field f, struct json list)
{
	if (is_given(list))
		scale_filter_add_pred(c, list_pred(c->arena, f, list, false));
}

/* A span without such an id is not excluded. */
static void add_excluded(struct scale_clauses *c, enum field f, struct json list)
{
	if (!is_given(list))
		return;
	struct pred p = list_pred(c->arena, f, list, true);
	p.absent_is_zero = true;
	scale_filter_add_pred(c, p);
}

/* Adds pairs of trace id and span id. The pairs imply the clause for the span ids alone; it is
 * added because indexes know span ids. */
static void add_pairs(struct scale_clauses *c, struct json list, bool is_excluded)
{
	if (!is_given(list))
		return;
	struct arena *a = c->arena;
	size_t n = scale_filter_count(list), i = 0;
	struct str *ids = arena_calloc(a, n, sizeof *ids);
	uint64_t *hashes = arena_calloc(a, n, sizeof *hashes);
	uint64_t *id_hashes = arena_calloc(a, n, sizeof *id_hashes);
	for (struct json_iter it = json_elements(list); i < n && json_next(&it); i++) {
		struct json v[2];
		pydantic_split(&a_pair, it.value, v);
		ids[i] = json_canonical_body(a, json_body(v[1]));
		id_hashes[i] = pred_text_hash(ids[i]);
		hashes[i] = pred_trace_span_hash(json_canonical_body(a, json_body(v[0])), ids[i]);
	}
	struct pred p = { .field = QUERY_TRACE_SPAN,
		.op = is_excluded ? OP_NOT_IN_SET : OP_IN_SET,
		.set = sorted_set(hashes, i) };
	if (!is_excluded)
		scale_filter_add_pred(c, (struct pred){ .field = FIELD_SPAN_ID,
						 .op = OP_IN,
						 .texts = ids,
						 .n_values = i,
						 .set = sorted_set(id_hashes, i) });
	scale_filter_add_pred(c, p);
}

/* ---- Single filters ---- */

static void add_statuses(struct scale_clauses *c, struct json list)
{
	struct arena *a = c->arena;
	int64_t *codes = arena_calloc(a, STATUS__MAX, sizeof *codes);
	size_t n = 0;
	if (!is_given(list))
		return;
	for (int64_t s = 0; s < STATUS__MAX; s++) {
		struct str shown = scale_status_names[scale_status_of((enum status)s)];
		for (struct json_iter it = json_elements(list); json_next(&it);)
			if (json_body_is(json_body(it.value), shown)) {
				codes[n++] = s;
				break;
			}
	}
	scale_filter_add_pred(c, (struct pred){ .field = FIELD_STATUS,
					 .op = OP_IN,
					 .numbers = codes,
					 .n_values = n,
					 .absent_is_zero = true });
}

/*
 * A span is shown under its native type when that is one of Scale's, and otherwise under that of
 * its kind:
 *
 *	native ∈ wanted  ∨  (kind ∈ kinds  ∧  native ∉ Scale's)
 *
 * These are two clauses.
 */
static void add_types(struct scale_clauses *c, struct json list)
{
	struct arena *a = c->arena;
	if (!is_given(list))
		return;
	struct pred native = list_pred(a, FIELD_NATIVE_TYPE, list, false);
	int64_t *kinds = arena_calloc(a, KIND__MAX, sizeof *kinds);
	size_t n = 0;
	for (int64_t k = 0; k < KIND__MAX; k++) {
		struct str shown = scale_type_names[scale_kind_type((enum kind)k)];
		for (struct json_iter it = json_elements(list); json_next(&it);)
			if (json_body_is(json_body(it.value), shown)) {
				kinds[n++] = k;
				break;
			}
	}
	if (n == 0) {
		scale_filter_add_pred(c, native);
		return;
	}
	struct pred of_kind[] = { native, { .field = FIELD_KIND,
						  .op = OP_IN,
						  .numbers = kinds,
						  .n_values = n,
						  .absent_is_zero = true } };
	struct pred foreign[] = { native, { .field = FIELD_NATIVE_TYPE,
						  .op = OP_NOT_IN,
						  .texts = scale_type_names,
						  .n_values = SCALE_TYPE__MAX,
						  .absent_is_zero = true } };
	scale_clauses_add(c, of_kind, 2);
	scale_clauses_add(c, foreign, 2);
}

/* Returns the path of one key with any characters: $."a \"b\"" */
static struct str path_of(struct arena *a, struct str key)
{
	struct buf b;
	buf_init(&b, a);
	buf_add(&b, STR("$.\""));
	for (size_t i = 0; i < key.len; i++) {
		if (key.ptr[i] == '"' || key.ptr[i] == '\\')
			buf_add_char(&b, '\\');
		buf_add_char(&b, key.ptr[i]);
	}
	buf_add_char(&b, '"');
	return buf_str(&b);
}

/* Returns the value, and the elements too when it is a list. */
static const struct str *wanted_values(struct arena *a, struct json v, size_t *ret_n)
{
	size_t n = 1 + scale_filter_count(v), i = 1;
	struct str *texts = arena_calloc(a, n, sizeof *texts);
	texts[0] = json_canonical(a, v.raw);
	for (struct json_iter it = json_elements(v); i < n && json_next(&it);)
		texts[i++] = json_canonical(a, it.value.raw);
	*ret_n = i;
	return texts;
}

/* Compares the field that is shown under that key. Returns false when the field cannot have the
 * value. */
static bool shown_pred(
	struct arena *a, enum field f, const struct str *values, size_t n, struct pred *ret)
{
	enum field_type type = field_info[f].type;
	struct str *texts = arena_calloc(a, n, sizeof *texts);
	int64_t *numbers = arena_calloc(a, n, sizeof *numbers);
	size_t n_fit = 0;
	enum kind kind;
	*ret = (struct pred){ .field = f, .op = OP_IN };
	if (type == FIELD_TYPE_JSON) {
		ret->op = OP_JSON_EQ;
		ret->texts = values;
		ret->n_values = n;
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		struct json v = json_open(values[i]);
		bool is_number = type == FIELD_TYPE_I64 || type == FIELD_TYPE_DEC;
		if (v.type != (is_number ? JSON_NUMBER : JSON_STRING))
			continue;
		if (type == FIELD_TYPE_I64 && !json_to_i64(v, &numbers[n_fit]))
			continue;
		if (type == FIELD_TYPE_KIND) {
			if (!kind_from_name(json_body(v), &kind))
				continue;
			numbers[n_fit] = kind;
		}
		texts[n_fit++] = is_number ? v.raw : json_body(v);
	}
	if (type == FIELD_TYPE_I64 || type == FIELD_TYPE_KIND)
		ret->numbers = numbers;
	else
		ret->texts = texts;
	ret->n_values = n_fit;
	return n_fit > 0;
}

/*
 * Compares what is shown as metadata. Of spans of other dialects that is the metadata, the
 * attributes and some fields:
 *
 *	in metadata, else in attributes  ∨  (in the field  ∧  not Scale's own)
 */
static void add_metadata_key(struct scale_clauses *c, struct str key_body, struct json v)
{
	struct arena *a = c->arena;
	struct str key = json_decode(a, key_body);
	struct pred metadata = { .field = FIELD_METADATA, .op = OP_JSON_EQ };
	metadata.path = path_of(a, key);
	metadata.texts = wanted_values(a, v, &metadata.n_values);
	metadata.fallback = FIELD_ATTRIBUTES;
	struct pred preds[2] = { metadata };
	for (size_t i = 0; i < scale_n_shown; i++) {
		if (!str_eq(scale_shown[i].key, key) ||
			!shown_pred(a, scale_shown[i].field, metadata.texts, metadata.n_values,
				&preds[1]))
			continue;
		struct str *source = arena_alloc(a, sizeof *source);
		*source = SCALE_SOURCE;
		scale_clauses_add(c, preds, 2);
		preds[1] = (struct pred){ .field = FIELD_SOURCE,
			.op = OP_NE,
			.texts = source,
			.n_values = 1,
			.absent_is_zero = true };
		scale_clauses_add(c, preds, 2);
		return;
	}
	scale_clauses_add(c, preds, 1);
}

static void add_metadata(struct scale_clauses *c, struct json dict, struct problems *p)
{
	size_t n = 0;
	for (struct json_iter it = json_members(dict); json_next(&it); n++)
		if (n < KEYS_MAX)
			add_metadata_key(c, it.key, it.value);
	if (n > KEYS_MAX)
		problem_add(p, STR("too_long"), STR("[\"body\",\"extra_metadata\"]"),
			arena_printf(c->arena,
				"Dictionary should have at most %d items after validation, not %zu",
				KEYS_MAX, n),
			STR_NULL,
			arena_printf(c->arena,
				"{\"field_type\":\"Dictionary\",\"max_length\":%d,"
				"\"actual_length\":%zu}",
				KEYS_MAX, n));
}

/* Scale stores whole microseconds, so those are compared: 1000.4 ms is more than 1000. A span
 * without an end has no duration and never matches. */
static void scale_filter_add_duration(struct scale_clauses *c, enum op op, struct json v)
{
	int64_t ms, *ns = arena_alloc(c->arena, sizeof *ns);
	if (!pydantic_is_set(v) || !pydantic_int(c->arena, v, &ms))
		return;
	int64_t below_us = op == OP_LE ? NS_PER_US - 1 : 0;
	if (__builtin_mul_overflow(ms, NS_PER_MS, ns) || __builtin_add_overflow(*ns, below_us, ns))
		*ns = ms < 0 ? INT64_MIN : INT64_MAX;
	scale_filter_add_pred(c,
		(struct pred){ .field = QUERY_DURATION, .op = op, .numbers = ns, .n_values = 1 });
}

static void add_acp_types(struct scale_clauses *c, struct json list)
{
	if (!is_given(list))
		return;
	struct pred p = list_pred(c->arena, FIELD_METADATA, list, false);
	p.path = STR("$.\"__acp_type__\"");
	p.fallback = FIELD_ATTRIBUTES;
	scale_filter_add_pred(c, p);
}

/* ---- The body ---- */

static void scale_filter_check_body(const struct json *m, struct problems *p)
{
	static const enum member ids[] = { MEMBER_trace_ids, MEMBER_span_ids,
		MEMBER_excluded_span_ids, MEMBER_excluded_trace_ids, MEMBER_parent_ids };
	size_t n = 2 * (scale_filter_count(m[MEMBER_spans]) +
			       scale_filter_count(m[MEMBER_excluded_spans]));
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		n += scale_filter_count(m[ids[i]]);
	struct json none = { JSON_NONE, STR_NULL };
	if (n > IDS_MAX)
		pydantic_value_error(p, STR("[\"body\"]"),
			arena_printf(p->arena, "at most %d ids in all lists together, not %zu",
				IDS_MAX, n),
			none);
	if (is_given(m[MEMBER_obs_trace_ids]))
		pydantic_value_error(p, STR("[\"body\",\"obs_trace_ids\"]"),
			STR("obs_trace_ids is not supported"), none);
	if (is_given(m[MEMBER_obs_span_ids]))
		pydantic_value_error(p, STR("[\"body\",\"obs_span_ids\"]"),
			STR("obs_span_ids is not supported"), none);
}

static bool is_true(struct arena *a, struct json v)
{
	static const struct str words[] = { { "1", 1 }, { "on", 2 }, { "t", 1 }, { "true", 4 },
		{ "y", 1 }, { "yes", 3 } };
	int64_t n;
	if (v.type == JSON_STRING)
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (str_eq_nocase(json_decode(a, json_body(v)), words[i]))
				return true;
	return v.type == JSON_TRUE || (v.type == JSON_NUMBER && json_to_i64(v, &n) && n == 1);
}

static void add_ids(struct scale_clauses *c, const struct json *m)
{
	add_list(c, FIELD_SPAN_ID, m[MEMBER_span_ids]);
	add_list(c, FIELD_TRACE_ID, m[MEMBER_trace_ids]);
	add_list(c, FIELD_PARENT_SPAN_ID, m[MEMBER_parent_ids]);
	add_pairs(c, m[MEMBER_spans], false);
	add_excluded(c, FIELD_TRACE_ID, m[MEMBER_excluded_trace_ids]);
	if (is_given(m[MEMBER_excluded_spans]))
		add_pairs(c, m[MEMBER_excluded_spans], true);
	else
		add_excluded(c, FIELD_SPAN_ID, m[MEMBER_excluded_span_ids]);
}

static void add_texts_of_fields(struct scale_clauses *c, const struct json *m)
{
	struct arena *a = c->arena;
	if (pydantic_is_set(m[MEMBER_group_id])) {
		struct str *group = arena_alloc(a, sizeof *group);
		*group = json_canonical_body(a, json_body(m[MEMBER_group_id]));
		scale_filter_add_pred(c, (struct pred){ .field = FIELD_SESSION_ID,
						 .op = OP_EQ,
						 .texts = group,
						 .n_values = 1 });
	}
	add_list(c, FIELD_NAME, m[MEMBER_names]);
	add_list(c, FIELD_APPLICATION_VARIANT_ID, m[MEMBER_application_variant_ids]);
	add_list(c, FIELD_AGENT_NAME, m[MEMBER_agentex_agent_names]);
	add_list(c, FIELD_AGENT_ID, m[MEMBER_agentex_agent_ids]);
	add_acp_types(c, m[MEMBER_acp_types]);
}

enum err scale_filter_parse(struct view *v, struct json body, struct problems *p, struct query *ret,
	struct str *ret_trace_id)
{
	struct scale_clauses c = { .arena = p->arena };
	struct json m[MEMBER__MAX];
	if (!pydantic_check(p, &search_type, body, NULL))
		return ERR_OK;
	pydantic_split(&search_type, body, m);
	scale_filter_check_body(m, p);
	ret->roots_only = is_true(c.arena, m[MEMBER_parents_only]);
	add_ids(&c, m);
	add_texts_of_fields(&c, m);
	add_statuses(&c, m[MEMBER_statuses]);
	add_types(&c, m[MEMBER_types]);
	add_metadata(&c, m[MEMBER_extra_metadata], p);
	scale_filter_add_duration(&c, OP_GE, m[MEMBER_min_duration_ms]);
	scale_filter_add_duration(&c, OP_LE, m[MEMBER_max_duration_ms]);
	if (is_given(m[MEMBER_search_texts]))
		scale_filter_add_texts(&c, m[MEMBER_search_texts], p);
	size_t n;
	const struct str *trace_ids = bodies(c.arena, m[MEMBER_trace_ids], &n);
	*ret_trace_id = n == 1 ? trace_ids[0] : STR_NULL;
	enum err e = ERR_OK;
	if (is_given(m[MEMBER_assessment_types]) && p->n == 0) {
		const struct str *types = bodies(c.arena, m[MEMBER_assessment_types], &n);
		e = scale_filter_add_assessed(&c, v, types, n);
	}
	ret->clauses = c.list;
	ret->n_clauses = c.n;
	return e;
}
