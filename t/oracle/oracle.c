#include "oracle.h"

#include <stdlib.h>

static bool same_text(const struct span *x, const struct span *y, enum field f)
{
	return str_eq(span_text(x, f), span_text(y, f));
}

static bool is_current(const struct corpus *c, size_t i)
{
	const struct span *s = &c->lines[i];
	if (s->is_deleted)
		return false;
	for (size_t j = 0; j < c->n; j++) {
		const struct span *t = &c->lines[j];
		if (i == j || !same_text(s, t, FIELD_SPAN_ID) || !same_text(s, t, FIELD_TRACE_ID) ||
			!same_text(s, t, FIELD_SOURCE))
			continue;
		if (span_version(t) > span_version(s) ||
			(span_version(t) == span_version(s) && j > i))
			return false;
	}
	return true;
}

void corpus_resolve(struct corpus *c)
{
	c->current = arena_calloc(c->arena, c->n, sizeof *c->current);
	c->n_current = 0;
	for (size_t i = 0; i < c->n; i++)
		if (is_current(c, i))
			c->current[c->n_current++] = i;
}

static bool matches(const struct corpus *c, const struct query *q, const struct span *s)
{
	bool is_windowed = q->from_ns != INT64_MIN || q->to_ns != INT64_MAX;
	if (is_windowed && !span_has(s, FIELD_STARTED_AT))
		return false;
	if (is_windowed && (s->value[FIELD_STARTED_AT].i64 < q->from_ns ||
				   s->value[FIELD_STARTED_AT].i64 > q->to_ns))
		return false;
	if (q->roots_only && span_has(s, FIELD_PARENT_SPAN_ID) &&
		s->value[FIELD_PARENT_SPAN_ID].text.len > 0)
		return false;
	for (size_t i = 0; i < q->n_clauses; i++) {
		bool holds = false;
		for (size_t j = 0; j < q->clauses[i].n; j++)
			if (pred_match(&q->clauses[i].preds[j], s, c->arena))
				holds = true;
		if (!holds)
			return false;
	}
	return true;
}

struct oracle_rows oracle_match(const struct corpus *c, const struct query *q)
{
	struct oracle_rows r = { .lines = arena_calloc(c->arena, c->n, sizeof *r.lines) };
	for (size_t i = 0; i < c->n_current; i++)
		if (matches(c, q, &c->lines[c->current[i]]))
			r.lines[r.n++] = c->current[i];
	r.total = r.n;
	return r;
}

static struct position position(const struct corpus *c, const struct query *q, size_t line)
{
	struct position p;
	query_position(q, &c->lines[line], c->arena, &p);
	return p;
}

/* Insertion sort: stable, so that equal rows stay in the order of arrival. */
static void sort_rows(const struct corpus *c, const struct query *q, struct oracle_rows *r)
{
	for (size_t i = 1; i < r->n; i++) {
		size_t line = r->lines[i], j = i;
		struct position p = position(c, q, line);
		for (; j > 0; j--) {
			struct position before = position(c, q, r->lines[j - 1]);
			if (query_compare(q, &before, &p) <= 0)
				break;
			r->lines[j] = r->lines[j - 1];
		}
		r->lines[j] = line;
	}
}

static void keep_bounded(const struct corpus *c, const struct query *q, struct oracle_rows *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++) {
		struct position p = position(c, q, r->lines[i]);
		if (q->after && query_compare(q, &p, q->after) <= 0)
			continue;
		if (q->before && query_compare(q, &p, q->before) >= 0)
			continue;
		r->lines[n++] = r->lines[i];
	}
	r->n = n;
}

struct oracle_rows oracle_list(const struct corpus *c, const struct query *q)
{
	struct oracle_rows r = oracle_match(c, q);
	r.total = q->want_total ? r.n : 0;
	sort_rows(c, q, &r);
	keep_bounded(c, q, &r);
	size_t left = q->offset < r.n ? r.n - q->offset : 0, n = q->limit < left ? q->limit : left;
	r.has_more = left > n;
	/* Backward, what is skipped and what is left over change sides. */
	r.lines += q->before ? left - n : r.n - left;
	r.n = n;
	return r;
}

static struct str group_text(const struct span *s, enum field f)
{
	if (f == FIELD_KIND && span_has(s, f))
		return kind_name((enum kind)s->value[f].i64);
	if (f == FIELD_STATUS && span_has(s, f))
		return status_name((enum status)s->value[f].i64);
	return f == FIELD_KIND || f == FIELD_STATUS ? STR_NULL : span_text(s, f);
}

/* A span's values of one field: several for tags. */
static size_t group_values(
	const struct corpus *c, const struct span *s, enum field f, struct str **ret)
{
	size_t n = 0;
	*ret = arena_calloc(c->arena, 64, sizeof **ret);
	if (f != FIELD_TAGS) {
		(*ret)[0] = group_text(s, f);
		return (*ret)[0].len > 0;
	}
	struct json_iter it = json_elements(json_open(span_text(s, f)));
	while (json_next(&it)) {
		struct str v = json_body(it.value);
		bool is_known = v.len == 0;
		for (size_t i = 0; i < n; i++)
			is_known = is_known || str_eq((*ret)[i], v);
		if (!is_known && n < 64)
			(*ret)[n++] = v;
	}
	return n;
}

static void count_group(const struct corpus *c, const struct group_query *q, struct group_list *l,
	const struct str *value, int64_t started_ns)
{
	size_t i = 0;
	for (; i < l->n; i++) {
		bool same = true;
		for (size_t j = 0; j < q->n_by; j++)
			same = same && str_eq(l->rows[i].value[j], value[j]);
		if (same)
			break;
	}
	if (i == l->n) {
		struct group_row *rows = arena_calloc(c->arena, l->n + 1, sizeof *rows);
		if (l->n)
			memcpy(rows, l->rows, l->n * sizeof *rows);
		l->rows = rows;
		for (size_t j = 0; j < q->n_by; j++)
			rows[i].value[j] = value[j];
		rows[i].first_started_ns = started_ns;
		l->n++;
	}
	l->rows[i].n_spans++;
	if (started_ns < l->rows[i].first_started_ns)
		l->rows[i].first_started_ns = started_ns;
}

static int plain_order(struct arena *a, struct str x, struct str y)
{
	return str_cmp(json_decode(a, x), json_decode(a, y));
}

static bool group_is_behind(const struct corpus *c, const struct group_query *q,
	const struct group_row *x, const struct group_row *y)
{
	if (q->sort == GROUP_BY_COUNT && x->n_spans != y->n_spans)
		return (x->n_spans > y->n_spans) != q->descending;
	if (q->sort == GROUP_BY_STARTED && x->first_started_ns != y->first_started_ns)
		return (x->first_started_ns > y->first_started_ns) != q->descending;
	for (size_t i = 0; i < q->n_by; i++) {
		int order = plain_order(c->arena, x->value[i], y->value[i]);
		if (order)
			return order > 0;
	}
	return false;
}

/* The part of n that a page shows. */
static size_t page_of(size_t offset, size_t limit, size_t n, size_t *ret_from)
{
	*ret_from = offset < n ? offset : n;
	return limit < n - *ret_from ? limit : n - *ret_from;
}

struct group_list oracle_groups(const struct corpus *c, const struct group_query *q)
{
	struct group_list l = { .rows = NULL };
	struct oracle_rows r = oracle_match(c, &q->spans);
	for (size_t i = 0; i < r.n; i++) {
		const struct span *s = &c->lines[r.lines[i]];
		struct str *values[QUERY_GROUP_MAX], value[QUERY_GROUP_MAX];
		size_t n[QUERY_GROUP_MAX] = { 1, 1, 1, 1 }, all = 1;
		for (size_t j = 0; j < q->n_by; j++) {
			n[j] = group_values(c, s, q->by[j], &values[j]);
			all *= n[j];
		}
		/* Every combination, counted through. */
		for (size_t k = 0; k < all; k++) {
			for (size_t j = 0, rest = k; j < q->n_by; rest /= n[j], j++)
				value[j] = values[j][rest % n[j]];
			count_group(c, q, &l, value, span_i64(s, FIELD_STARTED_AT, 0));
		}
	}
	for (size_t i = 1; i < l.n; i++)
		for (size_t j = i; j && group_is_behind(c, q, &l.rows[j - 1], &l.rows[j]); j--) {
			struct group_row row = l.rows[j];
			l.rows[j] = l.rows[j - 1];
			l.rows[j - 1] = row;
		}
	size_t from;
	l.total = l.n;
	l.n = page_of(q->offset, q->limit, l.n, &from);
	if (from)
		l.rows += from;
	return l;
}

static void add_i64(const struct span *s, enum field f, bool *has, int64_t *sum)
{
	if (span_has(s, f) && !span_i64(s, FIELD_REPEATS_USAGE, 0)) {
		*has = true;
		*sum += s->value[f].i64;
	}
}

static void add_dec(const struct span *s, enum field f, bool *has, __int128 *sum)
{
	int64_t pico;
	if (!span_has(s, f) || span_i64(s, FIELD_REPEATS_USAGE, 0))
		return;
	if (!dec_to_pico(s->value[f].text, &pico))
		pico = s->value[f].text.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
	*has = true;
	*sum += pico;
}

static void add_span(struct rollup *r, const struct span *s)
{
	r->n_spans++;
	if (span_has(s, FIELD_STATUS) && s->value[FIELD_STATUS].i64 == STATUS_ERROR)
		r->n_errors++;
	add_i64(s, FIELD_INPUT_TOKENS, &r->has_input_tokens, &r->input_tokens);
	add_i64(s, FIELD_OUTPUT_TOKENS, &r->has_output_tokens, &r->output_tokens);
	add_i64(s, FIELD_CACHED_TOKENS, &r->has_cached_tokens, &r->cached_tokens);
	add_i64(s, FIELD_TOTAL_TOKENS, &r->has_total_tokens, &r->total_tokens);
	add_dec(s, FIELD_COST_TOTAL_USD, &r->has_cost_total, &r->cost_total);
	add_dec(s, FIELD_COST_INPUT_USD, &r->has_cost_input, &r->cost_input);
	add_dec(s, FIELD_COST_OUTPUT_USD, &r->has_cost_output, &r->cost_output);
}

static bool same_trace(const struct span *x, const struct span *y)
{
	return same_text(x, y, FIELD_SOURCE) && same_text(x, y, FIELD_TRACE_ID);
}

static bool is_earlier_root(const struct corpus *c, const struct span *x, const struct span *y)
{
	int64_t tx = span_i64(x, FIELD_STARTED_AT, 0), ty = span_i64(y, FIELD_STARTED_AT, 0);
	if (tx != ty)
		return tx < ty;
	return plain_order(c->arena, span_text(x, FIELD_SPAN_ID), span_text(y, FIELD_SPAN_ID)) < 0;
}

static bool trace_is_behind(const struct corpus *c, bool descending, const struct oracle_trace *x,
	const struct oracle_trace *y)
{
	if (x->started_ns != y->started_ns)
		return (x->started_ns > y->started_ns) != descending;
	int order = plain_order(c->arena, x->trace_id, y->trace_id);
	return order ? order > 0 : plain_order(c->arena, x->source, y->source) > 0;
}

static struct oracle_rows roots_of(const struct corpus *c, const struct query *q)
{
	struct query roots = *q;
	roots.roots_only = true;
	return oracle_match(c, &roots);
}

/* Those, and the earliest spans of traces that have none. */
static struct oracle_rows heads(const struct corpus *c, const struct query *q)
{
	struct query of_any = *q;
	of_any.roots_only = false;
	struct oracle_rows r = oracle_match(c, &of_any), heads = r;
	heads.n = 0;
	for (size_t i = 0; i < r.n; i++) {
		const struct span *s = &c->lines[r.lines[i]];
		bool is_head = true;
		for (size_t j = 0; !span_is_root(s) && j < c->n_current; j++) {
			const struct span *other = &c->lines[c->current[j]];
			if (other != s && same_trace(s, other) &&
				(span_is_root(other) || is_earlier_root(c, other, s)))
				is_head = false;
		}
		if (is_head)
			heads.lines[heads.n++] = r.lines[i];
	}
	return heads;
}

struct oracle_traces oracle_traces(const struct corpus *c, const struct trace_query *q)
{
	struct oracle_rows r = q->with_rootless ? heads(c, &q->roots) : roots_of(c, &q->roots);
	struct oracle_traces l = { .rows = arena_calloc(c->arena, r.n, sizeof *l.rows) };
	for (size_t i = 0; i < r.n; i++) {
		const struct span *s = &c->lines[r.lines[i]];
		bool is_earliest = true;
		for (size_t j = 0; j < r.n; j++)
			if (j != i && same_trace(s, &c->lines[r.lines[j]]) &&
				is_earlier_root(c, &c->lines[r.lines[j]], s))
				is_earliest = false;
		if (!is_earliest)
			continue;
		struct oracle_trace *t = &l.rows[l.n++];
		*t = (struct oracle_trace){ .root = r.lines[i],
			.source = span_text(s, FIELD_SOURCE),
			.trace_id = span_text(s, FIELD_TRACE_ID),
			.started_ns = span_i64(s, FIELD_STARTED_AT, 0) };
		for (size_t j = 0; q->want_rollup && j < c->n_current; j++)
			if (same_trace(s, &c->lines[c->current[j]]))
				add_span(&t->rollup, &c->lines[c->current[j]]);
	}
	for (size_t i = 1; i < l.n; i++)
		for (size_t j = i;
			j && trace_is_behind(c, q->descending, &l.rows[j - 1], &l.rows[j]); j--) {
			struct oracle_trace t = l.rows[j];
			l.rows[j] = l.rows[j - 1];
			l.rows[j - 1] = t;
		}
	size_t from;
	l.total = l.n;
	l.n = page_of(q->offset, q->limit, l.n, &from);
	l.rows += from;
	return l;
}

static struct session_row session_of(
	const struct corpus *c, const struct oracle_rows *r, struct str id)
{
	struct session_row row = {
		.session_id = id, .first_started_ns = INT64_MAX, .last_ended_ns = INT64_MIN
	};
	bool has[STATUS__MAX] = { false }, is_unfinished = false;
	for (size_t i = 0; i < r->n; i++) {
		const struct span *s = &c->lines[r->lines[i]];
		if (!str_eq(span_text(s, FIELD_SESSION_ID), id))
			continue;
		bool is_new = true;
		for (size_t j = 0; j < i; j++)
			if (str_eq(span_text(&c->lines[r->lines[j]], FIELD_SESSION_ID), id) &&
				same_trace(s, &c->lines[r->lines[j]]))
				is_new = false;
		row.n_traces += is_new;
		has[span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)] = true;
		if (span_i64(s, FIELD_STARTED_AT, 0) < row.first_started_ns)
			row.first_started_ns = span_i64(s, FIELD_STARTED_AT, 0);
		if (!span_has(s, FIELD_ENDED_AT))
			is_unfinished = true;
		if (span_i64(s, FIELD_ENDED_AT, INT64_MIN) > row.last_ended_ns)
			row.last_ended_ns = s->value[FIELD_ENDED_AT].i64;
		add_span(&row.rollup, s);
	}
	if (is_unfinished)
		row.last_ended_ns = INT64_MIN;
	row.status = has[STATUS_ERROR]       ? STATUS_ERROR
		     : has[STATUS_CANCELLED] ? STATUS_CANCELLED
		     : has[STATUS_UNKNOWN]   ? STATUS_UNKNOWN
					     : STATUS_SUCCESS;
	return row;
}

static bool session_is_behind(const struct corpus *c, bool descending, const struct session_row *x,
	const struct session_row *y)
{
	if (x->first_started_ns != y->first_started_ns)
		return (x->first_started_ns > y->first_started_ns) != descending;
	return plain_order(c->arena, x->session_id, y->session_id) > 0;
}

struct session_list oracle_sessions(const struct corpus *c, const struct session_query *q)
{
	struct oracle_rows r = oracle_match(c, &q->spans);
	struct session_list l = { .rows = arena_calloc(c->arena, r.n, sizeof *l.rows) };
	for (size_t i = 0; i < r.n; i++) {
		struct str id = span_text(&c->lines[r.lines[i]], FIELD_SESSION_ID);
		bool is_known = id.len == 0;
		for (size_t j = 0; j < l.n; j++)
			is_known = is_known || str_eq(l.rows[j].session_id, id);
		if (!is_known)
			l.rows[l.n++] = session_of(c, &r, id);
	}
	for (size_t i = 1; i < l.n; i++)
		for (size_t j = i;
			j && session_is_behind(c, q->descending, &l.rows[j - 1], &l.rows[j]); j--) {
			struct session_row row = l.rows[j];
			l.rows[j] = l.rows[j - 1];
			l.rows[j - 1] = row;
		}
	size_t from;
	l.total = l.n;
	l.n = page_of(q->offset, q->limit, l.n, &from);
	l.rows += from;
	return l;
}

bool oracle_get(const struct corpus *c, struct str source, struct str trace_id, struct str span_id,
	size_t *ret_line)
{
	bool found = false;
	for (size_t i = 0; i < c->n_current; i++) {
		const struct span *s = &c->lines[c->current[i]];
		if (!str_eq(span_text(s, FIELD_SPAN_ID), span_id) ||
			(!str_is_null(source) && !str_eq(span_text(s, FIELD_SOURCE), source)) ||
			(!str_is_null(trace_id) && !str_eq(span_text(s, FIELD_TRACE_ID), trace_id)))
			continue;
		if (!found || span_version(s) >= span_version(&c->lines[*ret_line]))
			*ret_line = c->current[i];
		found = true;
	}
	return found;
}
