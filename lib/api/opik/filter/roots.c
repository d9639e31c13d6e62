#include "api/opik/filter/roots.h"

#include "api/opik/merge.h"
#include "api/sort.h"
#include "base/hash.h"
#include "base/table.h"

/* The best root of a trace so far. */
struct best_root {
	uint64_t hash; /* of the trace and its project */
	struct str span_id;
	int64_t started_ns;
	uint64_t pair; /* pred_trace_span_hash */
	bool is_own;   /* a row that an SDK made of the trace */
};

struct roots {
	struct table best;
	struct string_pool pool;
	uint64_t *excluded; /* a block */
	size_t n_excluded, cap_excluded;
	struct arena *arena;
	bool by_project;
};

bool opik_is_attached(const struct span *s)
{
	struct str id = span_text(s, FIELD_TRACE_ID);
	return str_eq(span_text(s, FIELD_SOURCE), STR("otel")) && str_index(id, '-') < id.len;
}

/* ---- Are there several rows of a trace? ---- */

static bool opik_roots_note_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

static enum err has_foreign(struct view *v, const struct query *q, bool *ret)
{
	static const struct str own = { OPIK_SOURCE, sizeof OPIK_SOURCE - 1 };
	const struct pred foreign = {
		.field = FIELD_SOURCE, .op = OP_NE, .texts = &own, .n_values = 1
	};
	struct field_set nothing = { { 0 } };
	struct query all = *q;
	struct clause *clauses = arena_calloc(v->arena, q->n_clauses + 1, sizeof *clauses);
	if (q->n_clauses)
		memcpy(clauses, q->clauses, q->n_clauses * sizeof *clauses);
	clauses[all.n_clauses++] = (struct clause){ &foreign, 1 };
	all.clauses = clauses;
	*ret = false;
	return engine_each(v, &all, &nothing, opik_roots_note_any, ret);
}

/* Compares the number of rows with that of trace ids, which the index knows. */
static enum err has_several(struct view *v, const struct query *q, bool *ret)
{
	struct group_query groups = {
		.spans = *q, .by = { FIELD_TRACE_ID }, .n_by = 1, .counts_only = true, .limit = 1
	};
	struct query all = *q;
	struct group_list list;
	struct row_list rows;
	enum err e = has_foreign(v, q, ret);
	if (e || !*ret)
		return e;
	e = engine_groups(v, &groups, &list);
	if (e) /* more than are counted: each row is looked at */
		return e == ERR_BUDGET ? ERR_OK : e;
	all.want_total = true;
	all.limit = 1;
	e = engine_list(v, &all, &rows);
	*ret = !e && rows.total > list.total;
	return e;
}

/* ---- Which of them ---- */

static void exclude_root(struct roots *r, uint64_t pair)
{
	if (r->n_excluded == r->cap_excluded) {
		r->cap_excluded = r->cap_excluded ? r->cap_excluded * 2 : 64;
		r->excluded =
			arena_block(r->arena, r->excluded, r->cap_excluded * sizeof *r->excluded);
	}
	r->excluded[r->n_excluded++] = pair;
}

static bool is_better(const struct best_root *x, const struct best_root *y)
{
	if (x->is_own != y->is_own)
		return x->is_own;
	if (x->started_ns != y->started_ns)
		return x->started_ns < y->started_ns;
	return str_cmp(x->span_id, y->span_id) < 0;
}

static bool take_root(void *user, const struct span *s, struct row_ref ref)
{
	struct roots *r = user;
	struct str trace = span_text(s, FIELD_TRACE_ID), id = span_text(s, FIELD_SPAN_ID);
	uint64_t hash = pred_text_hash(trace);
	if (r->by_project)
		hash = hash64(span_text(s, FIELD_PROJECT), hash);
	struct table_probe p = table_probe(&r->best, hash);
	struct best_root *best = table_next(&r->best, &p);
	struct best_root one = { hash, id, span_i64(s, FIELD_STARTED_AT, 0),
		pred_trace_span_hash(trace, id), opik_is_trace_row(s) };
	(void)ref;
	if (!best) {
		best = table_add(&r->best, hash);
	} else if (is_better(&one, best)) {
		exclude_root(r, best->pair);
	} else {
		exclude_root(r, one.pair);
		return true;
	}
	one.span_id = string_pool_copy(&r->pool, id);
	*best = one;
	return true;
}

enum err opik_roots_clause(
	struct view *v, const struct query *q, bool by_project, struct clause *ret)
{
	static const enum field looked_at[] = { FIELD_TRACE_ID, FIELD_SPAN_ID, FIELD_STARTED_AT,
		FIELD_SOURCE, FIELD_NATIVE_TYPE, FIELD_PROJECT };
	struct roots r = { .arena = v->arena, .by_project = by_project };
	struct field_set want = { { 0 } };
	bool several;
	*ret = (struct clause){ NULL, 0 };
	enum err e = has_several(v, q, &several);
	if (e || !several)
		return e;
	for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
		field_set_add(&want, looked_at[i]);
	table_init(&r.best, v->arena, sizeof(struct best_root));
	string_pool_init(&r.pool, v->arena);
	e = engine_each(v, q, &want, take_root, &r);
	string_pool_release(&r.pool);
	table_release(&r.best);
	if (!e && r.n_excluded) {
		struct pred *p = arena_alloc(v->arena, sizeof *p);
		uint64_t *set = arena_calloc(v->arena, r.n_excluded, sizeof *set);
		memcpy(set, r.excluded, r.n_excluded * sizeof *set);
		sort_hashes(set, r.n_excluded);
		*p = (struct pred){
			.field = QUERY_TRACE_SPAN, .op = OP_NOT_IN_SET, .set = { set, r.n_excluded }
		};
		*ret = (struct clause){ p, 1 };
	}
	if (r.excluded)
		arena_block(v->arena, r.excluded, 0);
	return e;
}
