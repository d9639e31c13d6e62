/* Reads what is said about threads, and finds threads by the UUIDs that are shown for them. */
#include "api/opik/read/threads.h"

#include "base/hash.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "span/normalise.h"

enum { BITS_AT = 15, VARIANT_AT = 19 };

static void opik_thread_bits(uint64_t bits, char id[static UUID_TEXT])
{
	for (size_t i = BITS_AT; i < UUID_TEXT; i++) {
		if (id[i] == '-' || i == VARIANT_AT)
			continue;
		id[i] = "0123456789abcdef"[bits & 15];
		bits = bits >> 4 | bits << 60;
	}
}

struct str opik_thread_model_id(
	struct arena *a, struct str project_id, struct str thread_id, int64_t first_ns)
{
	char most[UUID_TEXT], *id = arena_text(a, UUID_TEXT);
	uuid_bounds(first_ns / NS_PER_MS, id, most);
	opik_thread_bits(hash64(thread_id, hash64(project_id, 0)), id);
	return str_of(id, UUID_TEXT);
}

struct str opik_thread_state_id(struct arena *a, struct str project_id, struct str thread_id)
{
	return opik_thread_model_id(a, project_id, thread_id, 0);
}

bool opik_thread_is_closed(const struct document *state, int64_t newest_trace_ns)
{
	int64_t closed_ns;
	struct json at = json_get(json_open(state->body), STR("closed_at"));
	return utime_parse(json_body(at), &closed_ns) && newest_trace_ns <= closed_ns;
}

/* ---- By the shown UUID ---- */

struct opik_thread_search {
	struct request *request;
	const struct projects *projects;
	struct str model_id;
	struct buf text; /* the ids of the project and the thread that were found */
	size_t n_project;
	bool is_found;
};

static struct str opik_thread_project(struct opik_thread_search *x, const struct span *s)
{
	struct str name = span_text(s, FIELD_PROJECT);
	if (name.len == 0)
		name = STR(PROJECT_DEFAULT_NAME);
	const struct project *found = projects_by_name(x->projects, name);
	return found ? found->id : project_derived_id(x->request->arena, name);
}

/* The hash in the UUID tells whether a trace of that millisecond belongs to the thread. */
static bool opik_thread_try(void *user, const struct span *s, struct row_ref ref)
{
	struct opik_thread_search *x = user;
	struct request *r = x->request;
	struct str id = span_given_session(r->arena, r->workspace, s);
	(void)ref;
	if (str_is_null(id))
		return true;
	struct str project = opik_thread_project(x, s);
	struct str shown =
		opik_thread_model_id(r->arena, project, id, span_i64(s, FIELD_STARTED_AT, 0));
	if (!str_eq(shown, x->model_id))
		return true;
	/* The memory of the row is used again, that of a buffer is not. */
	buf_add(&x->text, project);
	x->n_project = x->text.len;
	buf_add(&x->text, id);
	x->is_found = true;
	return false;
}

/* Returns the milliseconds of a version 7 UUID. */
static int64_t opik_thread_ms(struct str id)
{
	uint64_t high = 0, low = 0;
	(void)(str_to_u64_hex(str_first(id, 8), &high) &&
		str_to_u64_hex(str_first(str_skip(id, 9), 4), &low)); /* uuid_read() gave it */
	return (int64_t)(high << 16 | low);
}

static enum err opik_thread_of_traces(struct opik_thread_search *x, struct view *v)
{
	static const enum field looked_at[] = { FIELD_TRACE_ID, FIELD_SESSION_ID, FIELD_PROJECT,
		FIELD_STARTED_AT, FIELD_SOURCE };
	struct request *r = x->request;
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	struct field_set want = { { 0 } };
	struct query q;
	struct pred p = { .field = FIELD_SESSION_ID, .op = OP_NOT_EMPTY };
	for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
		field_set_add(&want, looked_at[i]);
	query_init(&q);
	q.n_clauses = opik_rows_of(OPIK_TRACES, r->arena, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.from_ns = opik_thread_ms(x->model_id) * NS_PER_MS;
	q.to_ns = q.from_ns + NS_PER_MS - 1;
	q.deadline_ns = opik_deadline(r);
	return engine_each(v, &q, &want, opik_thread_try, x);
}

enum err opik_thread_find(struct request *r, struct view *v, struct str model_id,
	struct opik_thread_key *ret, bool *ret_found)
{
	struct documents states;
	struct projects projects;
	struct opik_thread_search x = { .request = r, .projects = &projects, .model_id = model_id };
	*ret_found = false;
	enum err e = documents_read(v->dir_fd, r->arena, DOCUMENT_THREAD, STR_NULL, &states);
	for (size_t i = 0; i < states.n && !e; i++) {
		struct json body = json_open(states.list[i].body);
		if (!str_eq(json_body(json_get(body, STR("model_id"))), model_id))
			continue;
		ret->project_id = json_body(json_get(body, STR("project_id")));
		ret->thread_id = json_body(json_get(body, STR("thread_id")));
		*ret_found = true;
		return ERR_OK;
	}
	if (!e)
		e = projects_read(v->dir_fd, r->arena, &projects);
	buf_init(&x.text, r->arena);
	if (!e)
		e = opik_thread_of_traces(&x, v);
	*ret_found = !e && x.is_found;
	ret->project_id = str_first(buf_str(&x.text), x.n_project);
	ret->thread_id = str_skip(buf_str(&x.text), x.n_project);
	return e;
}
