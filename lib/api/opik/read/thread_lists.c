/* Handles lists, searches and single threads, and deletes threads. */
#include "api/opik/filter/sort.h"
#include "api/opik/read/threads.h"
#include "api/opik/write/delete.h"

void opik_threads_list(struct request *r)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct threads t;
	struct row_list rows;
	struct json_writer w;
	if (!opik_list_params(l, r, OPIK_THREADS) || !opik_list_open(l))
		return;
	enum err e = opik_sort(l);
	l->query.limit = l->size;
	if (__builtin_mul_overflow(l->page - 1, l->size, &l->query.offset))
		l->query.offset = SIZE_MAX / 4;
	opik_threads_init(&t, l);
	if (!e)
		e = opik_threads_collect(&t, STR_NULL);
	if (!e)
		e = opik_threads_page(&t, &rows);
	if (!e) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_member_i64(&w, STR("page"), (int64_t)l->page);
		json_member_i64(&w, STR("size"), (int64_t)rows.n);
		json_member_i64(&w, STR("total"), (int64_t)rows.total);
		json_key(&w, STR("content"));
		json_array(&w);
		e = opik_threads_print(&t, &w, &rows, false);
	}
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		json_end(&w);
		opik_render_sortable(&w, OPIK_THREADS);
		json_end(&w);
	}
	opik_threads_release(&t);
	opik_list_close(l);
}

/* Continues after a thread, in the order of the ids that the stream shows. */
static void add_cursor(struct opik_list *l)
{
	struct query *q = &l->summed;
	struct arena *a = l->request->arena;
	struct clause *all = arena_calloc(a, q->n_clauses + 1, sizeof *all);
	struct pred *after = arena_alloc(a, sizeof *after);
	*after = (struct pred){ .field = (unsigned)OPIK_THREAD_MODEL_ID,
		.op = OP_LT,
		.texts = &l->last_id,
		.n_values = 1 };
	if (q->n_clauses)
		memcpy(all, q->clauses, q->n_clauses * sizeof *all);
	all[q->n_clauses++] = (struct clause){ after, 1 };
	q->clauses = all;
}

void opik_threads_search(struct request *r)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct threads t;
	struct row_list rows;
	struct json_writer w;
	if (!opik_list_body(l, r, OPIK_THREADS) || !opik_list_open(l))
		return;
	l->query.sort[0] =
		(struct sort_key){ .field = (unsigned)OPIK_THREAD_MODEL_ID, .descending = true };
	l->query.n_sort = 1;
	l->query.limit = l->limit;
	if (!str_is_null(l->last_id))
		add_cursor(l);
	opik_threads_init(&t, l);
	enum err e = opik_threads_collect(&t, STR_NULL);
	if (!e)
		e = opik_threads_page(&t, &rows);
	if (!e) {
		r->response->type = CONTENT_BYTES;
		e = opik_threads_print(&t, &w, &rows, true);
	}
	if (e)
		api_fail(r, &dialect_opik, e);
	opik_threads_release(&t);
	opik_list_close(l);
}

/* The body is {"project_name" or "project_id", "thread_id"}. */
void opik_thread_get(struct request *r)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct json body;
	struct opik_reader rd;
	struct threads t;
	struct json_writer w;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str id = opik_read_text(&rd, json_get(body, STR("thread_id")));
	if (str_is_null(id) || opik_is_blank(id))
		opik_problem(&rd, "threadId must not be blank");
	if (!opik_reader_check(&rd) || !opik_list_json(l, r, OPIK_THREADS, body) ||
		!opik_list_open(l))
		return;
	opik_threads_init(&t, l);
	struct row_ref only = { 0, 0, 0 };
	struct row_list rows = { .rows = &only, .n = 1 };
	enum err e = opik_threads_collect(&t, id);
	if (!e && t.list.n) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		e = opik_threads_print(&t, &w, &rows, false);
	}
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!t.list.n)
		opik_not_found(r, "Thread id", json_decode(r->arena, id));
	opik_threads_release(&t);
	opik_list_close(l);
}

/* The body is {"project_name" or "project_id", "thread_ids":[…]}. Deletes all their traces. */
void opik_threads_delete(struct request *r)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct json body;
	struct opik_reader rd;
	struct opik_deletion d;
	struct field_set want = opik_deletion_fields();
	struct str *ids = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *ids);
	size_t n = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct json_iter it = json_elements(opik_read_list(&rd, body, "thread_ids"));
	while (json_next(&it) && n < OPIK_BATCH_MAX) {
		struct str id = opik_read_text(&rd, it.value);
		if (!str_is_null(id))
			ids[n++] = id;
	}
	if (!opik_reader_check(&rd) || !opik_list_json(l, r, OPIK_THREADS, body) ||
		!opik_list_open(l))
		return;
	struct pred p = opik_in_set(r->arena, FIELD_SESSION_ID, ids, n);
	l->clauses[l->query.n_clauses++] = (struct clause){ &p, 1 };
	opik_deletion_init(&d, r->arena);
	enum err e = engine_each(&l->view, &l->query, &want, opik_deletion_add, &d);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (opik_delete_traces_of(r, &l->view, &d))
		opik_no_content(r);
	opik_deletion_release(&d);
	opik_list_close(l);
}
