/* Sessions of engine.h. */
#include "query/aggregate/trace_index.h"
#include "query/match/text.h"
#include "query/rows/rows.h"

#include "base/hash.h"

#include <stdlib.h>

/* Seed of the second hash of (session, trace). */
#define CHECK_SEED UINT64_C(0x9ae16a3b2f90404f)

struct session {
	uint64_t hash;
	struct session_row row; /* session_id in keep */
	bool has_unfinished;
};

/* A trace seen in a session: told from others by two hashes. */
struct seen {
	uint64_t hash, check;
};

struct sessions {
	struct view *view;
	struct table sessions, seen;
	struct keep keep;
};

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

static bool is_new_trace(struct sessions *all, const struct span *s, uint64_t session_hash)
{
	struct str source = span_text(s, FIELD_SOURCE), trace_id = span_text(s, FIELD_TRACE_ID);
	uint64_t hash = trace_hash(source, trace_id, session_hash);
	uint64_t check = hash64(span_text(s, FIELD_SESSION_ID), CHECK_SEED);
	check = trace_hash(source, trace_id, check);
	struct table_probe p = table_probe(&all->seen, hash);
	struct seen *seen;
	while ((seen = table_next(&all->seen, &p)))
		if (seen->check == check)
			return false;
	seen = table_add(&all->seen, hash);
	seen->check = check;
	return true;
}

static struct session *find_or_add(struct sessions *all, struct str id, uint64_t hash)
{
	struct table_probe p = table_probe(&all->sessions, hash);
	struct session *session;
	while ((session = table_next(&all->sessions, &p)))
		if (str_eq(session->row.session_id, id))
			return session;
	session = table_add(&all->sessions, hash);
	session->row.session_id = keep_copy(&all->keep, id);
	session->row.first_started_ns = INT64_MAX;
	session->row.last_ended_ns = INT64_MIN;
	session->row.status = STATUS_SUCCESS;
	return session;
}

static bool take(void *user, const struct span *s, struct row_ref ref)
{
	struct sessions *all = user;
	struct str id = span_text(s, FIELD_SESSION_ID);
	(void)ref;
	if (id.len == 0)
		return true;
	uint64_t hash = hash64(id, 0);
	struct session *session = find_or_add(all, id, hash);
	struct session_row *row = &session->row;
	int64_t started_ns = span_i64(s, FIELD_STARTED_AT, 0);
	if (started_ns < row->first_started_ns)
		row->first_started_ns = started_ns;
	if (!span_has(s, FIELD_ENDED_AT))
		session->has_unfinished = true;
	else if (s->value[FIELD_ENDED_AT].i64 > row->last_ended_ns)
		row->last_ended_ns = s->value[FIELD_ENDED_AT].i64;
	row->status =
		session_worse(row->status, (enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN));
	row->n_traces += is_new_trace(all, s, hash);
	rollup_add(&row->rollup, s);
	return true;
}

static void sessions_init(struct sessions *all, struct view *v)
{
	all->view = v;
	table_init(&all->sessions, v->arena, sizeof(struct session));
	table_init(&all->seen, v->arena, sizeof(struct seen));
	keep_init(&all->keep, v->arena);
}

static void sessions_release(struct sessions *all)
{
	keep_release(&all->keep);
	table_release(&all->seen);
	table_release(&all->sessions);
}

static enum err gather(struct sessions *all, const struct query *q)
{
	struct rows rows;
	struct field_set want = rollup_fields();
	field_set_add(&want, FIELD_SESSION_ID);
	field_set_add(&want, FIELD_STARTED_AT);
	field_set_add(&want, FIELD_ENDED_AT);
	rows_open(&rows, all->view, q->deadline_ns);
	enum err e = rows_each(&rows, q, &want, take, all);
	rows_close(&rows);
	table_freeze(&all->sessions);
	return e;
}

static struct session_row finished(const struct sessions *all, size_t i)
{
	const struct session *session = table_row(&all->sessions, i);
	struct session_row row = session->row;
	row.session_id = arena_copy(all->view->arena, row.session_id);
	if (session->has_unfinished)
		row.last_ended_ns = INT64_MIN;
	return row;
}

static int in_order(const void *x, const void *y, void *user)
{
	const struct session_row *a = &((const struct session *)x)->row;
	const struct session_row *b = &((const struct session *)y)->row;
	const bool *descending = user;
	int order = (a->first_started_ns > b->first_started_ns) -
		    (a->first_started_ns < b->first_started_ns);
	if (*descending)
		order = -order;
	return order ? order : text_compare(a->session_id, b->session_id, false);
}

struct asked {
	const struct session_query *query;
	struct session_list *ret;
};

static enum err by_lines(struct view *v, void *user)
{
	struct asked *asked = user;
	const struct session_query *q = asked->query;
	struct session_list *ret = asked->ret;
	struct sessions all;
	bool descending = q->descending;
	sessions_init(&all, v);
	enum err e = gather(&all, &q->spans);
	if (e == ERR_OK) {
		struct table *t = &all.sessions;
		if (t->n)
			qsort_r(t->rows, t->n, t->row_size, in_order, &descending);
		size_t from = q->offset < t->n ? q->offset : t->n;
		*ret = (struct session_list){ .total = t->n };
		ret->n = q->limit < t->n - from ? q->limit : t->n - from;
		ret->rows = arena_calloc(v->arena, ret->n, sizeof *ret->rows);
		for (size_t i = 0; i < ret->n; i++)
			ret->rows[i] = finished(&all, from + i);
	}
	sessions_release(&all);
	return e;
}

static enum err by_index(struct stock *s, void *user)
{
	struct asked *asked = user;
	return sessions_by_index(s, asked->query, asked->ret);
}

enum err engine_sessions(struct view *v, const struct session_query *q, struct session_list *ret)
{
	struct asked asked = { q, ret };
	return stock_answer(v, q->spans.deadline_ns, by_index, by_lines, &asked);
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
