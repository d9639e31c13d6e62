/* Lists, single spans and iteration of engine.h. Groups, traces and sessions are in aggregate/. */
#include "query/engine.h"

#include "index/lookup.h"
#include "query/page/collect.h"
#include "query/page/page.h"

static bool take_for_list(void *user, const struct span *s, struct row_ref ref)
{
	collect_take(user, s, ref);
	return true;
}

struct listing {
	const struct query *query;
	struct row_list *ret;
};

/* Lists the selected rows in an order that only their lines can tell. */
static enum err collect_selected(struct snapshot *s, const struct query *q, struct row_list *ret)
{
	struct query order = *q;
	struct collect collect;
	order.n_clauses = 0;
	order.roots_only = false;
	order.from_ns = INT64_MIN;
	order.to_ns = INT64_MAX;
	struct field_set want = query_fields(&order);
	collect_init(&collect, q, s->view->arena);
	enum err e = snapshot_each(s, &want, take_for_list, &collect);
	if (e == ERR_OK)
		collect_finish(&collect, ret);
	collect_release(&collect);
	return e;
}

static enum err page_of(struct snapshot *s, const struct query *q, struct row_list *ret)
{
	struct block_row *rows;
	uint64_t to;
	if (__builtin_add_overflow(q->offset, q->limit, &to))
		to = UINT64_MAX;
	ret->total = q->want_total ? snapshot_count(s) : 0;
	enum err e = page_select(s, q, q->offset, to, &rows, &ret->n, &ret->has_more);
	if (e)
		return e;
	ret->rows = arena_calloc(s->view->arena, ret->n, sizeof *ret->rows);
	for (size_t i = 0; !e && i < ret->n; i++)
		e = block_ref(&s->blocks[rows[i].block], rows[i].row, &ret->rows[i]);
	return e;
}

static enum err list_all(struct snapshot *s, const struct query *q, struct row_list *ret)
{
	struct query order = *q;
	order.n_clauses = 0;
	struct field_set need = query_fields(&order);
	/* A page of the newest rows needs the last segments only, so rows of others are only
	 * counted. */
	s->may_count = !s->is_again && q->n_sort && q->sort[0].field == FIELD_STARTED_AT &&
		       !q->after && !q->before;
	enum err e = snapshot_select(s, q, &need);
	s->may_count = false;
	if (e)
		return e;
	const struct query *ordered = page_order(s, q);
	return page_has_columns(ordered) ? page_of(s, ordered, ret) : collect_selected(s, q, ret);
}

/* Words that are in many rows: when the total is not wanted, the page is likely to be among the
 * first rows of the order. */
enum { FIRST_ROWS = 512, GROWTH = 8, GROWTH_MAX = 64, TAIL_MAX = 256 };

static bool may_stop_early(const struct snapshot *s, const struct query *q)
{
	bool has_text = false;
	for (size_t i = 0; i < q->n_clauses; i++)
		for (size_t j = 0; j < q->clauses[i].n; j++)
			has_text = has_text || q->clauses[i].preds[j].op == OP_TEXT ||
				   q->clauses[i].preds[j].op == OP_CONTAINS;
	return has_text && !q->want_total && !q->before && q->n_sort &&
	       q->sort[0].field == FIELD_STARTED_AT && !q->sort[0].absent_is_zero &&
	       source_n_lines(&s->source) <= TAIL_MAX;
}

/* Narrows the query to the times of the first n_rows rows of its order, clauses ignored. *ret_ok is
 * false when there are not that many. */
static enum err narrow_to(
	struct snapshot *s, const struct query *q, uint32_t n_rows, struct query *ret, bool *ret_ok)
{
	struct query all = *q;
	struct block_row *rows;
	const struct column *started;
	size_t n = 0;
	all.n_clauses = 0;
	struct field_set need = query_fields(&all);
	enum err e = snapshot_select(s, &all, &need);
	*ret_ok = !e;
	if (!e)
		e = page_select(s, &all, n_rows - 1, n_rows, &rows, &n, ret_ok);
	if (!e && n)
		e = block_column(&s->blocks[rows[0].block], FIELD_STARTED_AT, &started);
	*ret_ok = !e && n && column_has(started, rows[0].row);
	if (*ret_ok) {
		int64_t bound = column_value(started, rows[0].row);
		*ret = *q;
		if (q->sort[0].descending)
			ret->from_ns = bound;
		else
			ret->to_ns = bound;
	}
	snapshot_deselect(s);
	return e;
}

/* Returns how many rows are likely to be enough when n_matching of the first n_rows match. */
static uint64_t more_rows(const struct query *q, uint64_t n_rows, uint64_t n_matching)
{
	uint64_t wanted = (uint64_t)q->offset + q->limit + 1;
	uint64_t rate = n_matching ? wanted * 2 / n_matching : GROWTH;
	return n_rows * (rate < 2 ? 2 : rate < GROWTH_MAX ? rate : GROWTH_MAX);
}

/* Lists the first rows of the order only. All rows within their times come before all others, so a
 * page that has more rows after it is right. */
static enum err list_first(
	struct snapshot *s, const struct query *q, struct row_list *ret, bool *ret_done)
{
	struct query narrow;
	bool ok = true;
	enum err e = ERR_OK;
	for (uint64_t n = FIRST_ROWS; !*ret_done && n <= UINT32_MAX;) {
		if (q->limit >= n || q->offset >= n - q->limit) {
			n *= GROWTH;
			continue;
		}
		e = narrow_to(s, q, (uint32_t)n, &narrow, &ok);
		if (e || !ok)
			break;
		e = list_all(s, &narrow, ret);
		if (e)
			break;
		*ret_done = ret->has_more;
		n = more_rows(q, n, snapshot_count(s));
		snapshot_deselect(s);
	}
	return e;
}

static enum err engine_list_rows(struct snapshot *s, void *user)
{
	struct listing *l = user;
	struct row_list list = { .rows = NULL };
	bool is_done = false;
	enum err e = ERR_OK;
	if (may_stop_early(s, l->query))
		e = list_first(s, l->query, &list, &is_done);
	if (!e && !is_done)
		e = list_all(s, l->query, &list);
	if (!e)
		*l->ret = list;
	return e;
}

enum err engine_list(struct view *v, const struct query *q, struct row_list *ret)
{
	struct listing l = { q, ret };
	return snapshot_answer(v, q->deadline_ns, engine_list_rows, &l);
}

void engine_prefetch(struct view *v, const struct row_list *rows)
{
	source_prefetch(v, rows->rows, rows->n);
}

void engine_prefetch_roots(struct view *v, const struct trace_list *traces)
{
	struct row_ref *roots = arena_calloc(v->arena, traces->n, sizeof *roots);
	for (size_t i = 0; i < traces->n; i++)
		roots[i] = traces->rows[i].root;
	source_prefetch(v, roots, traces->n);
}

enum err engine_fetch(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line)
{
	enum err e = source_fetch(v, ref, want, ret, ret_line);
	if (e == ERR_NOT_FOUND && ref.shard < v->n_shards) {
		v->n_rot++; /* it was whole when the index was made: nobody else has counted it */
		v->shards[ref.shard].is_damaged = true;
	}
	return e;
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

static enum err each_row(struct snapshot *s, void *user)
{
	struct each *each = user;
	struct field_set nothing = { { 0 } };
	enum err e = snapshot_select(s, each->query, &nothing);
	return e ? e : snapshot_each(s, each->want, each->take, each->user);
}

enum err engine_each(struct view *v, const struct query *q, const struct field_set *want,
	row_fn *each, void *user)
{
	struct each all = { q, want, each, user };
	return snapshot_answer(v, q->deadline_ns, each_row, &all);
}
