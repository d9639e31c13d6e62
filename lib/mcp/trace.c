/* The tools that look at one trace: its tree, what failed, what it waited for. Declared in mcp.h.
 */
#include "mcp/mcp.h"
#include "report/tree.h"

#include "base/utime.h"

#include <stdlib.h>

enum { DEPTH_MAX = 256, PATH_BYTES = 60 };

static enum err mcp_trace_read_trace(struct mcp_call *m, struct tree *ret)
{
	struct report *r = &m->report;
	struct str name = mcp_text(m, "trace_id");
	enum err e = mcp_view(m);
	if (e)
		return e;
	e = tree_read(ret, &m->view, json_encode(r->arena, name));
	if (e)
		return report_fail_about(r, e, STR("the trace"));
	tree_arrange(ret);
	if (ret->n)
		return ERR_OK;
	return report_fail(r, ERR_NOT_FOUND, "there is no trace %.*s in workspace %.*s",
		STR_ARG(str_first(name, 100)), STR_ARG(m->workspace));
}

/* ---- Outline ---- */

enum err mcp_trace_outline(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct tree t;
	size_t depth = (size_t)mcp_number(m, "depth", DEPTH_MAX), at = 0, shown = 0;
	size_t limit = (size_t)mcp_number(m, "limit", MCP_ROWS_MAX);
	size_t offset = (size_t)mcp_number(m, "offset", 0), place = 0;
	enum err e = mcp_trace_read_trace(m, &t);
	if (e)
		return e;
	struct json_writer w = report_json(r);
	json_member_text(&w, STR("trace_id"), mcp_text(m, "trace_id"));
	json_member_i64(&w, STR("spans"), (int64_t)t.n);
	json_key(&w, STR("outline"));
	json_array(&w);
	while (at < t.n && shown < limit && mcp_has_room(m)) {
		const struct tree_row *row = t.order[at++];
		size_t hidden = 0;
		if (row->depth >= depth)
			continue; /* it is below the last row of an earlier page */
		while (at < t.n && t.order[at]->depth >= depth) {
			hidden++;
			at++;
		}
		if (place++ < offset)
			continue;
		mcp_open_row(&w, r->arena, &row->span);
		json_member_i64(&w, STR("depth"), (int64_t)row->depth);
		if (hidden)
			json_member_i64(&w, STR("hidden_below"), (int64_t)hidden);
		json_end(&w);
		shown++;
	}
	json_end(&w);
	if (at < t.n && shown)
		json_member_i64(&w, STR("next_offset"), (int64_t)(offset + shown));
	json_end(&w);
	return ERR_OK;
}

/* ---- Errors ---- */

enum err mcp_trace_errors(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct tree t;
	const struct span *above[DEPTH_MAX];
	size_t limit = (size_t)mcp_number(m, "limit", MCP_ROWS), n = 0, shown = 0;
	size_t offset = (size_t)mcp_number(m, "offset", 0);
	enum err e = mcp_trace_read_trace(m, &t);
	if (e)
		return e;
	struct json_writer w = report_json(r);
	json_key(&w, STR("errors"));
	json_array(&w);
	for (size_t i = 0; i < t.n; i++) {
		const struct span *s = &t.order[i]->span;
		size_t depth = t.order[i]->depth < DEPTH_MAX ? t.order[i]->depth : DEPTH_MAX - 1;
		above[depth] = s;
		if (span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) != STATUS_ERROR || n++ < offset ||
			shown == limit || !mcp_has_room(m))
			continue;
		mcp_open_row(&w, r->arena, s);
		json_key(&w, STR("path"));
		json_array(&w);
		for (size_t d = 0; d < depth; d++) {
			struct str name = json_decode(r->arena, span_text(above[d], FIELD_NAME));
			json_text(&w, str_first(name, PATH_BYTES));
		}
		json_end(&w);
		json_end(&w);
		shown++;
	}
	json_end(&w);
	json_member_i64(&w, STR("total"), (int64_t)n);
	if (shown && offset + shown < n)
		json_member_i64(&w, STR("next_offset"), (int64_t)(offset + shown));
	json_end(&w);
	return ERR_OK;
}

/* ---- Critical path ---- */

/* A time in which the trace waited for this span alone. */
struct interval {
	size_t row;
	int64_t from_ns, to_ns;
};

struct path {
	const struct tree *trace;
	struct arena *arena;
	size_t *ends; /* one past the last row below each row */
	struct interval *intervals;
	size_t n, cap;
};

/* Limits a time to 146 years from 1970, so that no difference overflows. */
static int64_t sane(int64_t ns)
{
	const int64_t most = INT64_MAX / 2;
	return ns < 0 ? 0 : ns > most ? most : ns;
}

static int64_t mcp_trace_start_of(const struct path *p, size_t row)
{
	return sane(span_i64(&p->trace->order[row]->span, FIELD_STARTED_AT, 0));
}

static int64_t end_of(const struct path *p, size_t row)
{
	const struct span *s = &p->trace->order[row]->span;
	return span_has(s, FIELD_ENDED_AT) ? sane(s->value[FIELD_ENDED_AT].i64)
					   : mcp_trace_start_of(p, row);
}

static void mcp_trace_add_interval(struct path *p, size_t row, int64_t from_ns, int64_t to_ns)
{
	if (from_ns < to_ns && p->n < p->cap)
		p->intervals[p->n++] = (struct interval){ row, from_ns, to_ns };
}

struct child {
	size_t row;
	int64_t end_ns;
};

static int last_first(const void *x, const void *y)
{
	const struct child *a = x, *b = y;
	if (a->end_ns != b->end_ns)
		return a->end_ns < b->end_ns ? 1 : -1;
	return a->row < b->row ? 1 : -1;
}

static size_t children_of(struct path *p, size_t row, struct child **ret)
{
	size_t n = 0;
	for (size_t i = row + 1; i < p->ends[row]; i = p->ends[i])
		n++;
	struct child *list = arena_calloc(p->arena, n + 1, sizeof *list);
	n = 0;
	for (size_t i = row + 1; i < p->ends[row]; i = p->ends[i])
		list[n++] = (struct child){ i, end_of(p, i) };
	if (n)
		qsort(list, n, sizeof *list, last_first);
	*ret = list;
	return n;
}

/*
 * Walks back from until_ns.  The trace waited last for the child that ended last; before that child
 * began, for the one that ended last before then; in between for the span itself.
 *
 *	span	|=====------------=====------===|	= itself
 *	child	      |----------|
 *	child	         |--|	    			hidden by the one above
 *	child				|----|
 *
 * The recursion is bounded, as the depth of rows is (report/tree.h).
 */
static void mcp_trace_walk(struct path *p, size_t row, int64_t until_ns)
{
	struct child *children;
	size_t n = children_of(p, row, &children);
	int64_t at_ns = until_ns, start_ns = mcp_trace_start_of(p, row);
	for (size_t i = 0; i < n && at_ns > start_ns; i++) {
		int64_t from_ns = mcp_trace_start_of(p, children[i].row),
			to_ns = children[i].end_ns;
		if (from_ns >= at_ns || to_ns <= start_ns)
			continue;
		if (to_ns > at_ns)
			to_ns = at_ns;
		mcp_trace_add_interval(p, row, to_ns, at_ns);
		mcp_trace_walk(p, children[i].row, to_ns);
		at_ns = from_ns > start_ns ? from_ns : start_ns;
	}
	mcp_trace_add_interval(p, row, start_ns, at_ns);
}

/* Finds from the depths where the rows below each row end. */
static void find_ends(struct path *p)
{
	const struct tree *t = p->trace;
	size_t open[DEPTH_MAX], n_open = 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t depth =
			t->order[i]->depth < DEPTH_MAX - 1 ? t->order[i]->depth : DEPTH_MAX - 1;
		while (n_open > depth)
			p->ends[open[--n_open]] = i;
		open[n_open++] = i;
	}
	while (n_open)
		p->ends[open[--n_open]] = t->n;
}

struct waited {
	size_t row;
	int64_t ns, first_ns;
};

static int by_row(const void *x, const void *y)
{
	const struct interval *a = x, *b = y;
	return (a->row > b->row) - (a->row < b->row);
}

static int longest_first(const void *x, const void *y)
{
	const struct waited *a = x, *b = y;
	if (a->ns != b->ns)
		return a->ns < b->ns ? 1 : -1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Adds up the times of each span, and sorts them, the longest first. */
static size_t mcp_trace_sum_up(struct path *p, struct waited *ret)
{
	size_t n = 0;
	if (p->n)
		qsort(p->intervals, p->n, sizeof *p->intervals, by_row);
	for (size_t i = 0; i < p->n; i++) {
		const struct interval *x = &p->intervals[i];
		if (!n || ret[n - 1].row != x->row)
			ret[n++] = (struct waited){ x->row, 0, x->from_ns };
		ret[n - 1].ns += x->to_ns - x->from_ns;
		if (x->from_ns < ret[n - 1].first_ns)
			ret[n - 1].first_ns = x->from_ns;
	}
	if (n)
		qsort(ret, n, sizeof *ret, longest_first);
	return n;
}

/* The root that takes longest stands for the trace. */
static size_t longest_root(const struct path *p)
{
	size_t best = 0;
	for (size_t i = p->ends[0]; i < p->trace->n; i = p->ends[i])
		if (end_of(p, i) - mcp_trace_start_of(p, i) >
			end_of(p, best) - mcp_trace_start_of(p, best))
			best = i;
	return best;
}

static struct str ms_text(struct arena *a, int64_t ns)
{
	return arena_printf(
		a, "%lld.%03lld", (long long)(ns / NS_PER_MS), (long long)(ns % NS_PER_MS / 1000));
}

enum err mcp_critical_path(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct tree t;
	size_t limit = (size_t)mcp_number(m, "limit", MCP_ROWS);
	enum err e = mcp_trace_read_trace(m, &t);
	if (e)
		return e;
	struct path p = { .trace = &t, .arena = r->arena, .cap = 2 * t.n + 1 };
	p.ends = arena_calloc(r->arena, t.n, sizeof *p.ends);
	p.intervals = arena_calloc(r->arena, p.cap, sizeof *p.intervals);
	find_ends(&p);
	size_t root = longest_root(&p);
	int64_t whole_ns = end_of(&p, root) - mcp_trace_start_of(&p, root);
	mcp_trace_walk(&p, root, end_of(&p, root));
	struct waited *waited = arena_calloc(r->arena, p.n + 1, sizeof *waited);
	size_t n = mcp_trace_sum_up(&p, waited), shown = 0;
	struct json_writer w = report_json(r);
	json_member_raw(&w, STR("duration_ms"), ms_text(r->arena, whole_ns));
	json_key(&w, STR("waited_for"));
	json_array(&w);
	for (; shown < n && shown < limit && mcp_has_room(m); shown++) {
		mcp_open_row(&w, r->arena, &t.order[waited[shown].row]->span);
		json_member_raw(&w, STR("self_ms"), ms_text(r->arena, waited[shown].ns));
		json_member_raw(&w, STR("percent"),
			arena_printf(r->arena, "%.1f",
				whole_ns > 0 ? 100.0 * (double)waited[shown].ns / (double)whole_ns
					     : 0.0));
		json_end(&w);
	}
	json_end(&w);
	if (shown < n)
		json_member_i64(&w, STR("more"), (int64_t)(n - shown));
	json_end(&w);
	return ERR_OK;
}
