/* Sessions of engine.h. */
#include "query/aggregate/trace_index.h"

enum status session_worse(enum status x, enum status y)
{
	static const unsigned rank[STATUS__MAX] = {
		[STATUS_SUCCESS] = 0,
		[STATUS_UNKNOWN] = 1,
		[STATUS_CANCELLED] = 2,
		[STATUS_ERROR] = 3,
	};
	return rank[y] > rank[x] ? y : x;
}

struct asked {
	const struct session_query *query;
	struct session_list *ret;
};

static enum err session_answer(struct snapshot *s, void *user)
{
	struct asked *asked = user;
	return sessions_select(s, asked->query, asked->ret);
}

enum err engine_sessions(struct view *v, const struct session_query *q, struct session_list *ret)
{
	struct asked asked = { q, ret };
	return snapshot_answer(v, q->spans.deadline_ns, session_answer, &asked);
}

enum err engine_session_get(
	struct view *v, struct str session_id, struct session_row *ret, bool *ret_found)
{
	struct pred is_session = {
		.field = FIELD_SESSION_ID, .op = OP_EQ, .texts = &session_id, .n_values = 1
	};
	struct clause clause = { &is_session, 1 };
	struct session_query q = { .limit = 1 };
	struct session_list list;
	query_init(&q.spans);
	q.spans.clauses = &clause;
	q.spans.n_clauses = 1;
	enum err e = engine_sessions(v, &q, &list);
	if (e != ERR_OK)
		return e;
	*ret_found = list.n > 0;
	if (list.n)
		*ret = list.rows[0];
	return ERR_OK;
}
