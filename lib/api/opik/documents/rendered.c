#include "api/opik/documents/rendered.h"

#include "api/opik/trace_ids.h"

#include "base/hash.h"
#include "base/utime.h"
#include "base/uuid.h"

static enum err opik_rendered_sums(
	struct opik_rendered *x, struct request *r, const struct str *ids, size_t n)
{
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	struct query q;
	opik_sums_init(&x->sums, r->arena, true, STR_NULL);
	if (x->list.of != OPIK_TRACES || n == 0)
		return ERR_OK;
	struct pred p = opik_in_set(r->arena, FIELD_TRACE_ID, ids, n);
	query_init(&q);
	q.n_clauses = opik_rows_of(OPIK_SPANS, r->arena, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.deadline_ns = opik_deadline(r);
	return opik_sums_collect(&x->sums, &x->list.view, &q);
}

bool opik_rendered_open(
	struct opik_rendered *x, struct request *r, enum opik_of of, struct str *ids, size_t n)
{
	memset(x, 0, sizeof *x);
	x->list.request = r;
	x->list.of = of;
	if (!opik_view(r, &x->list.view))
		return false;
	if (!opik_projects(r, &x->list.view, &x->list.projects)) {
		view_close(&x->list.view);
		return false;
	}
	enum err e =
		notes_open(&x->list.view, 1u << NOTE_SCORE | 1u << NOTE_COMMENT, &x->list.notes);
	if (!e && of == OPIK_TRACES)
		e = opik_find_traces(r, &x->list.view, ids, n);
	if (!e)
		e = opik_rendered_sums(x, r, ids, n);
	opik_render_init(&x->render, &x->list);
	x->render.sums = &x->sums;
	if (!e)
		return true;
	opik_rendered_close(x);
	api_fail(r, &dialect_opik, e);
	return false;
}

void opik_rendered_close(struct opik_rendered *x)
{
	if (x->sums.arena)
		opik_sums_release(&x->sums);
	notes_close(&x->list.notes);
	view_close(&x->list.view);
}

enum err opik_rendered_one(struct opik_rendered *x, struct str id, struct json *ret)
{
	struct span s;
	struct buf b;
	struct json_writer w;
	bool found;
	*ret = (struct json){ JSON_NONE, STR_NULL };
	enum err e = opik_find_one(&x->list.view, x->list.of, id, &s, &found);
	if (e || !found)
		return e;
	buf_init(&b, x->list.request->arena);
	json_writer_init(&w, &b);
	e = x->list.of == OPIK_SPANS ? opik_span_render(&x->render, &w, &s)
				     : opik_trace_render(&x->render, &w, &s);
	if (!e)
		*ret = json_open(arena_copy(x->list.request->arena, buf_str(&b)));
	buf_release(&b);
	return e;
}

enum err opik_rendered_spans(struct opik_rendered *x, struct str trace_id, struct str *ret)
{
	struct arena *a = x->list.request->arena;
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	struct query q;
	struct row_list rows;
	struct buf b;
	struct json_writer w;
	struct pred p = opik_trace_is(a, trace_id);
	query_init(&q);
	q.n_clauses = opik_rows_of(OPIK_SPANS, a, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT };
	q.sort[1] = (struct sort_key){ .field = FIELD_SPAN_ID };
	q.n_sort = 2;
	q.limit = SIZE_MAX / 4;
	q.deadline_ns = opik_deadline(x->list.request);
	enum err e = engine_list(&x->list.view, &q, &rows);
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_array(&w);
	for (size_t i = 0; !e && i < rows.n; i++) {
		struct span s;
		e = engine_fetch(&x->list.view, rows.rows[i], NULL, &s, NULL);
		if (!e)
			e = opik_span_render(&x->render, &w, &s);
		if (e == ERR_NOT_FOUND)
			e = ERR_OK;
	}
	json_end(&w);
	if (!e)
		*ret = buf_str(&b);
	return e;
}

struct str opik_stable_uuid(struct arena *a, int64_t ms, struct str x, struct str y)
{
	enum { BITS_AT = 15, VARIANT_AT = 19, HALF = 24 };
	char most[UUID_TEXT], *id = arena_text(a, UUID_TEXT);
	uint64_t bits = hash64(x, hash64(y, 0)), more = hash64(y, hash64(x, 1));
	uuid_bounds(ms, id, most);
	for (size_t i = BITS_AT; i < UUID_TEXT; i++) {
		uint64_t *from = i < HALF ? &bits : &more;
		if (id[i] == '-' || i == VARIANT_AT)
			continue;
		id[i] = "0123456789abcdef"[*from & 15];
		*from >>= 4;
	}
	return str_of(id, UUID_TEXT);
}
