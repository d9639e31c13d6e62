#include "api/opik/read/threads.h"

#include "api/sort.h"

#include "base/hash.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "query/page/collect.h"
#include "span/normalise.h"

/* Returns the id of the requested project, also of one that only spans name. */
static struct str id_of_project(struct opik_list *l)
{
	struct arena *a = l->request->arena;
	struct str name = json_encode(a, str_trim(l->project_name));
	if (!str_is_null(l->project_id))
		return l->project_id;
	const struct project *found = projects_by_name(&l->projects, name);
	return found ? found->id : project_derived_id(a, name);
}

void opik_threads_init(struct threads *t, struct opik_list *l)
{
	struct arena *a = l->request->arena;
	*t = (struct threads){ .l = l, .project_id = id_of_project(l) };
	table_init(&t->list, a, sizeof(struct thread));
	table_init(&t->traces, a, sizeof(struct thread_trace));
	string_pool_init(&t->keep, a);
}

void opik_threads_release(struct threads *t)
{
	table_release(&t->list);
	table_release(&t->traces);
	string_pool_release(&t->keep);
}

static struct thread *find_thread(struct threads *t, struct str id)
{
	uint64_t hash = pred_text_hash(id);
	struct table_probe p = table_probe(&t->list, hash);
	struct thread *one;
	while ((one = table_next(&t->list, &p)))
		if (str_eq(one->id, id))
			return one;
	one = table_add(&t->list, hash);
	one->id = string_pool_copy(&t->keep, id);
	one->created_ns = INT64_MAX;
	one->updated_ns = INT64_MIN;
	return one;
}

static void opik_threads_link_trace(struct threads *t, struct thread *one, const struct span *s)
{
	uint32_t number = (uint32_t)(one - (struct thread *)table_row(&t->list, 0));
	struct thread_trace *trace =
		table_add(&t->traces, pred_text_hash(span_text(s, FIELD_TRACE_ID)));
	trace->thread = number;
	trace->next = one->traces;
	one->traces = (uint32_t)t->traces.n;
	one->n_traces++;
}

/* At the same time the greater trace id wins, at either end. */
static void take_end(struct threads *t, struct thread_end *end, bool is_later, int64_t ns,
	const struct span *s, struct row_ref ref)
{
	struct str id = span_text(s, FIELD_TRACE_ID);
	bool is_it = !end->is_there || (is_later ? ns > end->ns : ns < end->ns) ||
		     (ns == end->ns && str_cmp(id, end->trace_id) > 0);
	if (is_it)
		*end = (struct thread_end){ ns, string_pool_copy(&t->keep, id), ref, true };
}

/* Updates the thread's start and end. A trace that only PATCHes made begins at 1970 and counts when
 * there is no other. */
static void take_times(
	struct threads *t, struct thread *one, const struct span *s, struct row_ref ref)
{
	int64_t started = span_i64(s, FIELD_STARTED_AT, 0);
	struct str id = span_text(s, FIELD_TRACE_ID);
	if (started && !one->has_begun) {
		one->has_begun = true;
		one->first = one->last = (struct thread_end){ .is_there = false };
		one->oldest = STR_NULL;
	}
	if (!started && one->has_begun)
		return;
	take_end(t, &one->first, false, started, s, ref);
	if (span_has(s, FIELD_ENDED_AT))
		take_end(t, &one->last, true, s->value[FIELD_ENDED_AT].i64, s, ref);
	if (str_is_null(one->oldest) || str_cmp(id, one->oldest) < 0) {
		one->oldest = string_pool_copy(&t->keep, id);
		one->environment = string_pool_copy(&t->keep, span_text(s, FIELD_ENVIRONMENT));
		one->origin = string_pool_copy(&t->keep, span_text(s, FIELD_ORIGIN));
	}
}

static bool opik_threads_add_trace(void *user, const struct span *s, struct row_ref ref)
{
	struct threads *t = user;
	struct request *r = t->l->request;
	struct str id = span_given_session(r->arena, r->workspace, s);
	if (str_is_null(id))
		return true;
	struct thread *one = find_thread(t, id);
	int64_t version = span_version(s), created = span_i64(s, FIELD_INGESTED_AT, version);
	opik_threads_link_trace(t, one, s);
	take_times(t, one, s, ref);
	if (created > one->newest_ns)
		one->newest_ns = created;
	if (created < one->created_ns) {
		one->created_ns = created;
		one->created_by = string_pool_copy(&t->keep, span_text(s, FIELD_CREATED_BY));
	}
	if (version > one->updated_ns) {
		one->updated_ns = version;
		one->updated_by = string_pool_copy(&t->keep, span_text(s, FIELD_UPDATED_BY));
	}
	return true;
}

/* Collects the requested threads, or only the one with this id. */
enum err opik_threads_collect(struct threads *t, struct str id)
{
	static const enum field looked_at[] = { FIELD_TRACE_ID, FIELD_SESSION_ID, FIELD_STARTED_AT,
		FIELD_ENDED_AT, FIELD_INGESTED_AT, FIELD_UPDATED_AT, FIELD_CREATED_BY,
		FIELD_UPDATED_BY, FIELD_ORIGIN, FIELD_ENVIRONMENT };
	struct opik_list *l = t->l;
	struct field_set want = { { 0 } };
	struct pred p = { .field = FIELD_SESSION_ID,
		.op = str_is_null(id) ? OP_NOT_EMPTY : OP_EQ,
		.texts = &id,
		.n_values = 1 };
	for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
		field_set_add(&want, looked_at[i]);
	enum err e = documents_read(
		l->view.dir_fd, l->request->arena, DOCUMENT_THREAD, STR_NULL, &t->states);
	if (e)
		return e;
	l->clauses[l->query.n_clauses++] = (struct clause){ &p, 1 };
	e = engine_each(&l->view, &l->query, &want, opik_threads_add_trace, t);
	l->query.n_clauses--;
	return e;
}

/* ---- As rows ---- */

static void opik_threads_set_text(struct span *s, unsigned f, struct str text)
{
	if (text.len)
		span_set_text(s, (enum field)f, text);
}

/* Returns what is said about the thread, or NULL. */
static const struct document *opik_thread_state(const struct threads *t, const struct thread *one)
{
	struct arena *a = t->l->view.arena;
	if (!t->states.n)
		return NULL;
	return documents_by_id(&t->states, opik_thread_state_id(a, t->project_id, one->id));
}

static struct str model_id(
	const struct threads *t, const struct thread *one, const struct document *state)
{
	struct str id = STR_NULL;
	if (state)
		id = json_body(json_get(json_open(state->body), STR("model_id")));
	return id.len ? id
		      : opik_thread_model_id(
				t->l->view.arena, t->project_id, one->id, one->first.ns);
}

static struct str opik_thread_status(const struct document *state, const struct thread *one)
{
	return state && opik_thread_is_closed(state, one->newest_ns) ? STR("inactive")
								     : STR("active");
}

/* Copies the payload of one of its traces. */
static enum err payload(
	struct threads *t, const struct thread_end *end, enum field f, struct str *ret)
{
	struct span s;
	struct field_set want = { { 0 } };
	*ret = STR_NULL;
	if (!end->is_there)
		return ERR_OK;
	field_set_add(&want, f);
	enum err e = engine_fetch(&t->l->view, end->ref, &want, &s, NULL);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (span_has(&s, f))
		*ret = arena_copy(t->l->view.arena, span_text(&s, f));
	return ERR_OK;
}

enum err opik_thread_row(
	struct threads *t, const struct thread *one, bool messages, struct span *ret)
{
	struct span s;
	struct str first = STR_NULL, last = STR_NULL;
	const struct document *state = opik_thread_state(t, one);
	enum err e = messages ? payload(t, &one->first, FIELD_INPUT, &first) : ERR_OK;
	if (!e && messages)
		e = payload(t, &one->last, FIELD_OUTPUT, &last);
	if (e)
		return e;
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, one->id);
	span_set_text(&s, (enum field)OPIK_THREAD_ID, one->id);
	span_set_text(&s, (enum field)OPIK_THREAD_MODEL_ID, model_id(t, one, state));
	opik_threads_set_text(&s, OPIK_THREAD_FIRST, first);
	opik_threads_set_text(&s, OPIK_THREAD_LAST, last);
	/* Each trace is a question and an answer. */
	span_set_i64(&s, (enum field)OPIK_THREAD_MESSAGES, 2 * (int64_t)one->n_traces);
	span_set_text(&s, (enum field)OPIK_THREAD_STATUS, opik_thread_status(state, one));
	if (state)
		opik_threads_set_text(
			&s, FIELD_TAGS, json_get(json_open(state->body), STR("tags")).raw);
	span_set_i64(&s, FIELD_STARTED_AT, one->first.ns);
	if (one->last.is_there)
		span_set_i64(&s, FIELD_ENDED_AT, one->last.ns);
	span_set_i64(&s, FIELD_INGESTED_AT, one->created_ns);
	span_set_i64(&s, FIELD_UPDATED_AT, one->updated_ns);
	opik_threads_set_text(&s, FIELD_CREATED_BY, one->created_by);
	opik_threads_set_text(&s, FIELD_ORIGIN, one->origin);
	opik_threads_set_text(&s, FIELD_ENVIRONMENT, one->environment);
	*ret = s;
	return ERR_OK;
}

/* Selects the page: row numbers of the list, in row_ref.at. */
enum err opik_threads_page(struct threads *t, struct row_list *ret)
{
	struct opik_list *l = t->l;
	struct collect c;
	struct query q = l->summed;
	memcpy(q.sort, l->query.sort, sizeof q.sort);
	q.n_sort = l->query.n_sort;
	q.offset = l->query.offset;
	q.limit = l->query.limit;
	q.want_total = true;
	struct field_set looked_at = query_fields(&q);
	bool messages =
		field_set_has(&looked_at, FIELD_INPUT) || field_set_has(&looked_at, FIELD_OUTPUT);
	collect_init(&c, &q, l->view.arena);
	enum err e = ERR_OK;
	for (size_t i = 0; i < t->list.n && !e; i++) {
		struct arena_mark mark = arena_mark(l->view.arena);
		struct span s;
		e = opik_thread_row(t, table_row(&t->list, i), messages, &s);
		if (!e && query_match(&q, &s, l->view.arena))
			collect_take(&c, &s, (struct row_ref){ 0, 0, (int64_t)i });
		arena_rewind(l->view.arena, mark);
	}
	if (!e)
		collect_finish(&c, ret);
	collect_release(&c);
	return e;
}

/* ---- Printing ---- */

void opik_thread_sum_up(const struct threads *t, const struct thread *one,
	const struct opik_sums *traces, struct opik_sums *ret)
{
	const struct thread_trace *trace;
	for (uint32_t i = one->traces; i; i = trace->next) {
		trace = table_row(&t->traces, i - 1);
		opik_sums_add(ret, one->hash, traces, trace->hash);
	}
}

/* Writes the sums over all its traces. */
static void print_sums(
	struct threads *t, struct opik_render *p, struct json_writer *w, const struct thread *one)
{
	struct opik_sums all;
	opik_sums_init(&all, p->arena, true, STR_NULL);
	opik_thread_sum_up(t, one, p->sums, &all);
	const struct opik_sum *sum = opik_sums_find(&all, one->hash);
	if (sum && sum->cost > 0)
		json_member_raw(w, STR("total_estimated_cost"), dec_from_pico(p->arena, sum->cost));
	opik_sums_render_usage(&all, one->hash, w, STR("usage"));
	opik_sums_release(&all);
}

static enum err print_thread(
	struct threads *t, struct opik_render *p, struct json_writer *w, const struct thread *one)
{
	struct span s;
	enum err e = opik_thread_row(t, one, true, &s);
	if (e)
		return e;
	struct str by = one->created_by.len ? one->created_by : STR("admin");
	json_object(w);
	json_member_body(w, STR("id"), one->id);
	json_member_body(w, STR("project_id"), t->project_id);
	json_member_body(
		w, STR("thread_model_id"), span_text(&s, (enum field)OPIK_THREAD_MODEL_ID));
	opik_render_time(w, STR("start_time"), one->first.ns);
	if (one->last.is_there) {
		opik_render_time(w, STR("end_time"), one->last.ns);
		if (one->first.ns)
			opik_render_duration(w, one->first.ns, one->last.ns);
	}
	opik_render_payload(p, w, STR("first_message"), span_text(&s, FIELD_INPUT));
	opik_render_payload(p, w, STR("last_message"), span_text(&s, FIELD_OUTPUT));
	json_member_body(w, STR("status"), span_text(&s, (enum field)OPIK_THREAD_STATUS));
	struct str tags = span_text(&s, FIELD_TAGS);
	if (tags.len && !str_eq(tags, STR("[]")))
		json_member_raw(w, STR("tags"), tags);
	json_member_i64(w, STR("number_of_messages"), 2 * (int64_t)one->n_traces);
	print_sums(t, p, w, one);
	opik_render_time(w, STR("created_at"), one->created_ns);
	opik_render_time(w, STR("last_updated_at"), one->updated_ns);
	json_member_body(w, STR("created_by"), by);
	json_member_body(w, STR("last_updated_by"), one->updated_by.len ? one->updated_by : by);
	e = opik_notes_render(p, w, NOTE_ABOUT_SESSION, one->id);
	if (e)
		return e;
	if (one->origin.len)
		json_member_body(w, STR("source"), one->origin);
	json_member_body(
		w, STR("environment"), str_is_null(one->environment) ? STR("") : one->environment);
	json_end(w);
	return ERR_OK;
}

/* Collects the sums of the traces of a page's threads. */
enum err opik_threads_collect_sums(
	struct threads *t, const struct row_list *rows, struct opik_sums *ret)
{
	struct opik_list *l = t->l;
	struct arena *a = l->view.arena;
	uint64_t *hashes = arena_calloc(a, t->traces.n, sizeof *hashes);
	struct pred p = { .field = FIELD_TRACE_ID, .op = OP_IN_SET };
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	struct query q;
	for (size_t i = 0; i < rows->n; i++) {
		const struct thread *one = table_row(&t->list, (size_t)rows->rows[i].at);
		const struct thread_trace *trace;
		for (uint32_t k = one->traces; k; k = trace->next) {
			trace = table_row(&t->traces, k - 1);
			hashes[p.set.n++] = trace->hash;
		}
	}
	opik_sums_init(ret, a, true, STR_NULL);
	if (!p.set.n)
		return ERR_OK;
	sort_hashes(hashes, p.set.n);
	p.set.sorted = hashes;
	query_init(&q);
	q.n_clauses = opik_rows_of(OPIK_SPANS, a, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.deadline_ns = l->query.deadline_ns;
	return opik_sums_collect(ret, &l->view, &q);
}

/* Renders the threads of a page. */
enum err opik_threads_print(
	struct threads *t, struct json_writer *w, const struct row_list *rows, bool is_stream)
{
	struct opik_list *l = t->l;
	struct request *r = l->request;
	struct opik_render p;
	struct opik_sums sums;
	enum err e = opik_threads_collect_sums(t, rows, &sums);
	opik_render_init(&p, l);
	p.sums = &sums;
	for (size_t i = 0; i < rows->n && !e; i++) {
		if (is_stream)
			json_writer_init(w, &r->response->body);
		e = print_thread(t, &p, w, table_row(&t->list, (size_t)rows->rows[i].at));
		if (is_stream)
			buf_add(&r->response->body, STR("\r\n"));
		response_flush_if_large(r->response);
	}
	opik_sums_release(&sums);
	return e;
}
