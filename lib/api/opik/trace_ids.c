#include "api/opik/trace_ids.h"

#include "api/opik/list.h"

#include "base/table.h"

enum {
	TRACE_HEX = 32,
	FEW = 16 /* ids that are looked up one by one; more are looked up in one pass over all rows
		  */
};

/* ---- The trace that an id means ---- */

struct wanted_trace {
	uint64_t hash; /* hash of the id in its shown form */
	size_t at;
	bool is_known, is_hex;
	char hex[TRACE_HEX];
};

struct finding {
	struct arena *arena;
	const struct str *ids;
	struct table wanted;
	size_t n_unknown;
};

/* A trace with the UUID itself wins over one that is only shown so. */
static bool opik_trace_ids_note_trace(void *user, const struct span *s, struct row_ref ref)
{
	struct finding *f = user;
	struct str id = span_text(s, FIELD_TRACE_ID), shown = opik_id_shown(f->arena, id);
	struct table_probe p = table_probe(&f->wanted, pred_text_hash(shown));
	struct wanted_trace *one;
	(void)ref;
	while ((one = table_next(&f->wanted, &p))) {
		if (one->is_known || !opik_id_same(f->arena, f->ids[one->at], shown))
			continue;
		one->is_hex = id.len == TRACE_HEX;
		one->is_known = !one->is_hex || opik_id_is_made(shown);
		f->n_unknown -= one->is_known;
		if (one->is_hex)
			memcpy(one->hex, id.ptr, TRACE_HEX);
	}
	return f->n_unknown > 0;
}

/* ---- One by one ---- */

static bool opik_trace_ids_note_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

static enum err opik_trace_ids_is_there(struct request *r, struct view *v, struct str id, bool *ret)
{
	struct field_set nothing = { { 0 } };
	struct pred p = { .field = FIELD_TRACE_ID, .op = OP_EQ, .texts = &id, .n_values = 1 };
	struct clause c = { &p, 1 };
	struct query q;
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	*ret = false;
	return engine_each(v, &q, &nothing, opik_trace_ids_note_any, ret);
}

static enum err opik_trace_ids_find_plain(struct request *r, struct view *v, struct str *id)
{
	struct str *ids;
	bool is_found = true;
	if (opik_trace_ids(r->arena, *id, &ids) != 2)
		return ERR_OK;
	enum err e = opik_trace_ids_is_there(r, v, ids[0], &is_found);
	if (e || is_found)
		return e;
	e = opik_trace_ids_is_there(r, v, ids[1], &is_found);
	if (is_found)
		*id = ids[1];
	return e;
}

/* ---- All in one pass over the rows ---- */

/* Returns a predicate for all stored ids that the given ones may mean. */
static struct pred opik_trace_ids_pred(struct finding *f, size_t n, bool has_plain)
{
	struct arena *a = f->arena;
	struct {
		struct str *ids;
		size_t n;
	} *of = arena_calloc(a, n, sizeof *of);
	size_t n_all = 0;
	for (size_t i = 0; i < n; i++) {
		of[i].n = opik_trace_ids(a, f->ids[i], &of[i].ids);
		if (of[i].n == 2 && !has_plain)
			of[i].n = 1;
		if (of[i].n == 1)
			continue;
		struct str shown = opik_id_shown(a, f->ids[i]);
		struct wanted_trace *one = table_add(&f->wanted, pred_text_hash(shown));
		one->at = i;
		f->n_unknown++;
		n_all += of[i].n;
	}
	struct str *all = arena_calloc(a, n_all, sizeof *all);
	for (size_t i = 0, at = 0; i < n; i++)
		if (of[i].n > 1) {
			memcpy(all + at, of[i].ids, of[i].n * sizeof *all);
			at += of[i].n;
		}
	return opik_in_set(a, FIELD_TRACE_ID, all, n_all);
}

/* ---- Ids with the start of their trace ---- */

struct resolving {
	struct arena *arena;
	struct table wanted; /* struct wanted_trace, by the shown id */
	struct str *ids;
	enum field field;
};

static bool opik_trace_ids_resolve_row(void *user, const struct span *s, struct row_ref ref)
{
	struct resolving *f = user;
	struct str shown = opik_id_shown_in(f->arena, s, f->field);
	struct table_probe p = table_probe(&f->wanted, pred_text_hash(shown));
	struct wanted_trace *one;
	(void)ref;
	while ((one = table_next(&f->wanted, &p))) {
		struct str id = span_text(s, f->field);
		if (!str_eq(f->ids[one->at], shown) || id.len > TRACE_HEX)
			continue;
		one->is_known = true;
		one->is_hex = id.len == TRACE_HEX;
		memcpy(one->hex, id.ptr, id.len);
	}
	return true;
}

enum err opik_resolve(struct request *r, struct view *v, enum opik_of of, struct str *ids, size_t n)
{
	enum { SPAN_HEX = 16 };
	struct resolving f = { .arena = r->arena,
		.ids = ids,
		.field = of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID };
	int64_t *times = arena_calloc(r->arena, n, sizeof *times);
	struct pred p = { .field = FIELD_OPIK_MS, .op = OP_IN, .numbers = times };
	struct clause c = { &p, 1 };
	struct field_set want = { { 0 } };
	struct query q;
	table_init(&f.wanted, r->arena, sizeof(struct wanted_trace));
	for (size_t i = 0; i < n; i++) {
		if (!opik_id_time(ids[i], &times[p.n_values]))
			continue;
		p.n_values++;
		((struct wanted_trace *)table_add(&f.wanted, pred_text_hash(ids[i])))->at = i;
	}
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	field_set_add(&want, f.field);
	field_set_add(&want, FIELD_OPIK_MS);
	enum err e =
		p.n_values ? engine_each(v, &q, &want, opik_trace_ids_resolve_row, &f) : ERR_OK;
	for (size_t i = 0; i < f.wanted.n && !e; i++) {
		const struct wanted_trace *one = table_row(&f.wanted, i);
		if (one->is_known)
			ids[one->at] = arena_copy(
				r->arena, str_of(one->hex, one->is_hex ? TRACE_HEX : SPAN_HEX));
	}
	table_release(&f.wanted);
	return e;
}

bool opik_ids_of_spans(struct request *r, struct str *ids, size_t n)
{
	struct view v;
	int64_t ms;
	size_t i = 0;
	while (i < n && !opik_id_time(ids[i], &ms))
		i++;
	if (i == n)
		return true;
	if (!opik_view(r, &v))
		return false;
	enum err e = opik_resolve(r, &v, OPIK_SPANS, ids, n);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

/* ---- Requests ---- */

enum err opik_find_traces(struct request *r, struct view *v, struct str *ids, size_t n)
{
	struct finding f = { .arena = r->arena, .ids = ids };
	struct field_set want = { { 0 } };
	struct query q;
	bool is_few = n <= FEW;
	for (size_t i = 0; i < n && is_few; i++) {
		enum err e = opik_trace_ids_find_plain(r, v, &ids[i]);
		if (e)
			return e;
	}
	table_init(&f.wanted, r->arena, sizeof(struct wanted_trace));
	struct pred p = opik_trace_ids_pred(&f, n, !is_few);
	struct clause c = { &p, 1 };
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	field_set_add(&want, FIELD_TRACE_ID);
	enum err e =
		f.n_unknown ? engine_each(v, &q, &want, opik_trace_ids_note_trace, &f) : ERR_OK;
	for (size_t i = 0; i < f.wanted.n && !e; i++) {
		const struct wanted_trace *one = table_row(&f.wanted, i);
		if (one->is_hex)
			ids[one->at] = arena_copy(r->arena, str_of(one->hex, TRACE_HEX));
	}
	table_release(&f.wanted);
	return e ? e : opik_resolve(r, v, OPIK_TRACES, ids, n);
}

bool opik_ids_of_traces(struct request *r, struct str *ids, size_t n)
{
	struct view v;
	struct str *some;
	size_t i = 0;
	while (i < n && opik_trace_ids(r->arena, ids[i], &some) == 1)
		i++;
	if (i == n)
		return true;
	if (!opik_view(r, &v))
		return false;
	enum err e = opik_find_traces(r, &v, ids, n);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

bool opik_ids_of(struct request *r, enum opik_of of, struct str *ids, size_t n)
{
	if (of == OPIK_SPANS)
		return opik_ids_of_spans(r, ids, n);
	return of != OPIK_TRACES || opik_ids_of_traces(r, ids, n);
}
