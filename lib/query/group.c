/* Groups of engine.h. */
#include "base/hash.h"
#include "query/engine.h"
#include "query/rows.h"
#include "query/text.h"

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

/* Counts the span in each group that its values from the i-th field on lead to: several when it has
 * several tags. Depth: QUERY_GROUP_MAX. */
static void count_from(struct grouping *g, const struct span *s, struct str *value, size_t i)
{
	if (g->error != ERR_OK)
		return;
	if (i == g->query->n_by) {
		count(g, s, value);
		return;
	}
	enum field f = g->query->by[i];
	if (field_info[f].type == FIELD_TYPE_JSON) {
		struct json_iter it = json_elements(json_open(span_text(s, f)));
		while (json_next(&it)) {
			value[i] = json_body(it.value);
			if (value[i].len)
				count_from(g, s, value, i + 1);
		}
		return;
	}
	value[i] = value_of(s, f);
	if (value[i].len)
		count_from(g, s, value, i + 1);
}

static bool take(void *user, const struct span *s, struct row_ref ref)
{
	struct grouping *g = user;
	struct str value[QUERY_GROUP_MAX];
	(void)ref;
	g->n_spans++;
	count_from(g, s, value, 0);
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

enum err engine_groups(struct view *v, const struct group_query *q, struct group_list *ret)
{
	struct grouping g = { .query = q };
	struct field_set want = { { 0 } };
	struct rows rows;
	field_set_add(&want, FIELD_STARTED_AT);
	for (size_t i = 0; i < q->n_by; i++)
		field_set_add(&want, q->by[i]);
	table_init(&g.groups, v->arena, sizeof(struct group));
	keep_init(&g.keep, v->arena);
	rows_open(&rows, v, q->spans.deadline_ns);
	enum err e = rows_each(&rows, &q->spans, &want, take, &g);
	rows_close(&rows);
	if (e == ERR_OK)
		e = g.error;
	if (e == ERR_OK)
		finish(&g, v->arena, ret);
	keep_release(&g.keep);
	table_release(&g.groups);
	return e;
}
