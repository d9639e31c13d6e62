/* Groups of engine.h. */
#include "query/aggregate/group_index.h"
#include "query/match/text.h"
#include "query/rows/rows.h"

#include "base/hash.h"

#include <stdlib.h>

struct group {
	uint64_t hash;
	struct str value[QUERY_GROUP_MAX];
	uint64_t n_spans;
	int64_t first_started_ns;
	uint64_t last_span; /* the number of the last span counted: it counts once */
};

struct grouping {
	const struct group_query *query;
	struct table groups;
	struct keep keep;
	uint64_t n_spans;
	enum err error;
};

static struct group *find_group(struct grouping *g, const struct str *value)
{
	size_t n = g->query->n_by;
	uint64_t hash = 0;
	struct group *row;
	for (size_t i = 0; i < n; i++)
		hash = hash64(value[i], hash);
	struct table_probe p = table_probe(&g->groups, hash);
	while ((row = table_next(&g->groups, &p))) {
		size_t same = 0;
		while (same < n && str_eq(row->value[same], value[same]))
			same++;
		if (same == n)
			return row;
	}
	if (g->groups.n >= LIMIT_GROUPS)
		return NULL;
	row = table_add(&g->groups, hash);
	for (size_t i = 0; i < n; i++)
		row->value[i] = keep_copy(&g->keep, value[i]);
	row->first_started_ns = INT64_MAX;
	return row;
}

static void count(struct grouping *g, const struct span *s, const struct str *value)
{
	struct group *row = find_group(g, value);
	int64_t started_ns = span_i64(s, FIELD_STARTED_AT, 0);
	if (!row) {
		g->error = ERR_BUDGET;
		return;
	}
	if (row->last_span == g->n_spans)
		return;
	row->last_span = g->n_spans;
	row->n_spans++;
	if (started_ns < row->first_started_ns)
		row->first_started_ns = started_ns;
}

static struct str value_of(const struct span *s, enum field f)
{
	if (!span_has(s, f))
		return STR_NULL;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		return s->value[f].text;
	case FIELD_TYPE_KIND:
		return kind_name((enum kind)s->value[f].i64);
	case FIELD_TYPE_STATUS:
		return status_name((enum status)s->value[f].i64);
	default:
		return STR_NULL;
	}
}

struct values {
	const struct group_query *query;
	const struct span *span;
	group_value_fn *take;
	void *user;
	struct str value[QUERY_GROUP_MAX];
};

/* The groups that the span's values from the i-th field on lead to: several when it has several
 * tags. Depth: QUERY_GROUP_MAX. */
static void each_from(struct values *v, size_t i)
{
	if (i == v->query->n_by) {
		v->take(v->user, v->span, v->value);
		return;
	}
	enum field f = v->query->by[i];
	if (field_info[f].type == FIELD_TYPE_JSON) {
		struct json_iter it = json_elements(json_open(span_text(v->span, f)));
		while (json_next(&it)) {
			v->value[i] = json_body(it.value);
			if (v->value[i].len)
				each_from(v, i + 1);
		}
		return;
	}
	v->value[i] = value_of(v->span, f);
	if (v->value[i].len)
		each_from(v, i + 1);
}

void group_each_value(
	const struct group_query *q, const struct span *s, group_value_fn *take, void *user)
{
	struct values v = { .query = q, .span = s, .take = take, .user = user };
	each_from(&v, 0);
}

static void take_values(void *user, const struct span *s, const struct str *value)
{
	struct grouping *g = user;
	if (g->error == ERR_OK)
		count(g, s, value);
}

static bool take(void *user, const struct span *s, struct row_ref ref)
{
	struct grouping *g = user;
	(void)ref;
	g->n_spans++;
	group_each_value(g->query, s, take_values, g);
	return g->error == ERR_OK;
}

static int in_order(const void *x, const void *y, void *user)
{
	const struct group *a = x, *b = y;
	const struct group_query *q = user;
	int order = (a->n_spans > b->n_spans) - (a->n_spans < b->n_spans);
	if (q->sort == GROUP_BY_STARTED)
		order = (a->first_started_ns > b->first_started_ns) -
			(a->first_started_ns < b->first_started_ns);
	if (q->descending)
		order = -order;
	for (size_t i = 0; order == 0 && i < q->n_by; i++)
		order = text_compare(a->value[i], b->value[i], false);
	return order;
}

static void finish(struct grouping *g, struct arena *a, struct group_list *ret)
{
	const struct group_query *q = g->query;
	struct table *t = &g->groups;
	table_freeze(t);
	if (t->n)
		qsort_r(t->rows, t->n, t->row_size, in_order, (void *)(uintptr_t)q);
	size_t from = q->offset < t->n ? q->offset : t->n;
	*ret = (struct group_list){ .total = t->n };
	ret->n = q->limit < t->n - from ? q->limit : t->n - from;
	ret->rows = arena_calloc(a, ret->n, sizeof *ret->rows);
	for (size_t i = 0; i < ret->n; i++) {
		const struct group *row = table_row(t, from + i);
		for (size_t j = 0; j < q->n_by; j++)
			ret->rows[i].value[j] = arena_copy(a, row->value[j]);
		ret->rows[i].n_spans = row->n_spans;
		ret->rows[i].first_started_ns = row->first_started_ns;
	}
}

struct field_set group_fields(const struct group_query *q)
{
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_STARTED_AT);
	for (size_t i = 0; i < q->n_by; i++)
		field_set_add(&want, q->by[i]);
	return want;
}

struct asked {
	const struct group_query *query;
	struct group_list *ret;
};

static enum err by_lines(struct view *v, void *user)
{
	struct asked *asked = user;
	const struct group_query *q = asked->query;
	struct grouping g = { .query = q };
	struct field_set want = group_fields(q);
	struct rows rows;
	table_init(&g.groups, v->arena, sizeof(struct group));
	keep_init(&g.keep, v->arena);
	rows_open(&rows, v, q->spans.deadline_ns);
	enum err e = rows_each(&rows, &q->spans, &want, take, &g);
	rows_close(&rows);
	if (e == ERR_OK)
		e = g.error;
	if (e == ERR_OK)
		finish(&g, v->arena, asked->ret);
	keep_release(&g.keep);
	table_release(&g.groups);
	return e;
}

static enum err by_index(struct stock *s, void *user)
{
	struct asked *asked = user;
	return groups_by_index(s, asked->query, asked->ret);
}

enum err engine_groups(struct view *v, const struct group_query *q, struct group_list *ret)
{
	struct asked asked = { q, ret };
	return stock_answer(v, q->spans.deadline_ns, by_index, by_lines, &asked);
}
