/* Lists, single spans and plain iteration of engine.h; groups, traces and sessions are beside. */
#include "query/engine.h"

#include "query/collect.h"
#include "query/page.h"
#include "query/rows.h"
#include "store/lookup.h"

static bool take_for_list(void *user, const struct span *s, struct row_ref ref)
{
	collect_take(user, s, ref);
	return true;
}

struct listing {
	const struct query *query;
	struct row_list *ret;
};

static enum err list_by_lines(struct view *v, void *user)
{
	struct listing *l = user;
	const struct query *q = l->query;
	struct collect collect;
	struct rows rows;
	struct field_set nothing = { { 0 } };
	collect_init(&collect, q, v->arena);
	rows_open(&rows, v, q->deadline_ns);
	enum err e = rows_each(&rows, q, &nothing, take_for_list, &collect);
	rows_close(&rows);
	if (e == ERR_OK)
		collect_finish(&collect, l->ret);
	collect_release(&collect);
	return e;
}

/* In an order that only the lines of the picked rows can tell. */
static enum err collect_picked(struct stock *s, const struct query *q, struct row_list *ret)
{
	struct query order = *q;
	struct collect collect;
	order.n_clauses = 0;
	order.roots_only = false;
	order.from_ns = INT64_MIN;
	order.to_ns = INT64_MAX;
	struct field_set want = query_fields(&order);
	collect_init(&collect, q, s->view->arena);
	enum err e = stock_each(s, &want, take_for_list, &collect);
	if (e == ERR_OK)
		collect_finish(&collect, ret);
	collect_release(&collect);
	return e;
}

/* Going backward the page is the last `limit` rows but `offset`. */
static enum err page_of(struct stock *s, const struct query *q, struct row_list *ret)
{
	struct block_row *rows;
	uint64_t total = stock_count(s), from, to;
	enum err e = page_bound(s, q);
	if (e)
		return e;
	uint64_t n = stock_count(s), skip = q->offset < n ? q->offset : n;
	uint64_t wanted = q->limit < n - skip ? q->limit : n - skip;
	from = q->before ? n - skip - wanted : skip;
	to = from + wanted;
	e = page_select(s, q, from, to, &rows, &ret->n);
	ret->rows = arena_calloc(s->view->arena, ret->n, sizeof *ret->rows);
	for (size_t i = 0; !e && i < ret->n; i++)
		e = block_ref(&s->blocks[rows[i].block], rows[i].row, &ret->rows[i]);
	ret->total = q->want_total ? total : 0;
	ret->has_more = skip + wanted < n;
	return e;
}

static enum err list_by_index(struct stock *s, void *user)
{
	struct listing *l = user;
	struct row_list list = { .rows = NULL };
	struct query order = *l->query;
	order.n_clauses = 0;
	struct field_set need = query_fields(&order);
	enum err e = stock_pick(s, l->query, &need);
	if (!e && page_has_columns(l->query))
		e = page_of(s, l->query, &list);
	else if (!e)
		e = collect_picked(s, l->query, &list);
	if (!e)
		*l->ret = list;
	return e;
}

enum err engine_list(struct view *v, const struct query *q, struct row_list *ret)
{
	struct listing l = { q, ret };
	return stock_answer(v, q->deadline_ns, list_by_index, list_by_lines, &l);
}

enum err engine_fetch(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line)
{
	struct str line;
	enum err e = view_read_line(v, ref, &line);
	if (e != ERR_OK)
		return e;
	if (line_read(line, want, false, ret) != LINE_OK)
		return ERR_NOT_FOUND;
	if (ret_line)
		*ret_line = line;
	return ERR_OK;
}

enum err engine_get(struct view *v, struct str source, struct str trace_id, struct str span_id,
	struct span *ret, bool *ret_found)
{
	struct row_ref ref;
	struct span span;
	bool found = false;
	enum err e = lookup_span(v, source, trace_id, span_id, &span, &ref, &found);
	if (e != ERR_OK)
		return e;
	*ret_found = found && !span.is_deleted;
	if (*ret_found)
		*ret = span;
	return ERR_OK;
}

struct each {
	const struct query *query;
	const struct field_set *want;
	row_fn *take;
	void *user;
};

static enum err each_by_lines(struct view *v, void *user)
{
	struct each *each = user;
	struct rows rows;
	rows_open(&rows, v, each->query->deadline_ns);
	enum err e = rows_each(&rows, each->query, each->want, each->take, each->user);
	rows_close(&rows);
	return e;
}

static enum err each_by_index(struct stock *s, void *user)
{
	struct each *each = user;
	struct field_set nothing = { { 0 } };
	enum err e = stock_pick(s, each->query, &nothing);
	return e ? e : stock_each(s, each->want, each->take, each->user);
}

enum err engine_each(struct view *v, const struct query *q, const struct field_set *want,
	bool (*each)(void *user, const struct span *s, struct row_ref ref), void *user)
{
	struct each all = { q, want, each, user };
	return stock_answer(v, q->deadline_ns, each_by_index, each_by_lines, &all);
}
