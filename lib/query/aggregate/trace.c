/* Traces of engine.h. */
#include "query/aggregate/trace_index.h"

struct asked {
	const struct trace_query *query;
	bool all; /* in no order, whatever the page */
	struct trace_list *ret;
};

static enum err trace_answer(struct snapshot *s, void *user)
{
	struct asked *asked = user;
	s->needs_all_lines = true;
	return asked->all ? traces_select_all(s, asked->query, asked->ret)
			  : traces_select(s, asked->query, asked->ret);
}

enum err engine_traces(struct view *v, const struct trace_query *q, struct trace_list *ret)
{
	struct asked asked = { q, false, ret };
	return snapshot_answer(v, q->roots.deadline_ns, trace_answer, &asked);
}

enum err engine_trace_get(struct view *v, struct str trace_id, bool want_rollup,
	struct trace_row *ret, bool *ret_found)
{
	struct pred is_trace = {
		.field = FIELD_TRACE_ID, .op = OP_EQ, .texts = &trace_id, .n_values = 1
	};
	struct clause clause = { &is_trace, 1 };
	struct trace_query q = { .descending = true, .limit = 1, .want_rollup = want_rollup };
	struct trace_list list;
	query_init(&q.roots);
	q.roots.clauses = &clause;
	q.roots.n_clauses = 1;
	enum err e = engine_traces(v, &q, &list);
	if (e != ERR_OK)
		return e;
	*ret_found = list.n > 0;
	if (list.n)
		*ret = list.rows[0];
	return ERR_OK;
}

enum err engine_traces_each(struct view *v, const struct trace_query *q,
	const struct field_set *want,
	bool (*each)(void *user, const struct trace_row *row, const struct span *root), void *user)
{
	struct trace_list list;
	struct asked asked = { q, true, &list };
	struct span root;
	enum err e = snapshot_answer(v, q->roots.deadline_ns, trace_answer, &asked);
	for (size_t i = 0; e == ERR_OK && i < list.n; i++) {
		struct arena_mark mark = arena_mark(v->arena);
		bool more = true;
		enum err fetched = engine_fetch(v, list.rows[i].root, want, &root, NULL);
		if (fetched == ERR_OK)
			more = each(user, &list.rows[i], &root);
		else if (fetched != ERR_NOT_FOUND)
			e = fetched;
		arena_rewind(v->arena, mark);
		if (!more)
			break;
	}
	return e;
}
