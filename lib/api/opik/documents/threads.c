/* Closes, opens and tags threads, and answers their statistics and the names of their scores. */
#include "api/opik/read/threads.h"
#include "api/opik/documents/documents.h"
#include "api/opik/read/stats.h"

#include "base/utime.h"

static const struct opik_member opik_thread_members[] = {
	{ .name = "tags", .type = OPIK_MEMBER_TEXTS },
};

/* ---- Writing what is said about a thread ---- */

/* Returns the next state of a thread: the stored members with other tags and another closing time.
 * STR_NULL leaves the stored one; an empty text takes it away. */
static struct document opik_thread_next(struct request *r, const struct documents *all,
	struct opik_thread_key key, struct str model_id, struct str tags, struct str closed_at)
{
	struct str id = opik_thread_state_id(r->arena, key.project_id, key.thread_id);
	const struct document *old = documents_by_id(all, id);
	struct json body = json_open(old ? old->body : STR("{}"));
	struct buf b;
	struct json_writer w;
	if (json_get(body, STR("model_id")).type == JSON_STRING)
		model_id = json_body(json_get(body, STR("model_id")));
	if (str_is_null(tags))
		tags = json_get(body, STR("tags")).raw;
	if (str_is_null(closed_at))
		closed_at = json_body(json_get(body, STR("closed_at")));
	buf_init(&b, r->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_body(&w, STR("project_id"), key.project_id);
	json_member_body(&w, STR("thread_id"), key.thread_id);
	json_member_body(&w, STR("model_id"), model_id);
	if (tags.len)
		json_member_raw(&w, STR("tags"), tags);
	if (closed_at.len)
		json_member_body(&w, STR("closed_at"), closed_at);
	json_end(&w);
	struct document next = old ? opik_document_next(r, old, buf_str(&b))
				   : opik_document_new(r, DOCUMENT_THREAD, STR_NULL, id);
	next.body = buf_str(&b);
	return next;
}

/* ---- Tags ---- */

/* Returns the tags that an update leaves of the stored ones. */
static struct str opik_thread_tags(struct opik_reader *rd, const struct documents *all,
	struct opik_thread_key key, struct json update)
{
	struct opik_members m = OPIK_MEMBERS(opik_thread_members);
	struct str id = opik_thread_state_id(rd->arena, key.project_id, key.thread_id);
	const struct document *old = documents_by_id(all, id);
	struct str body = opik_members_over(rd, m, update, json_open(old ? old->body : STR("{}")));
	return json_get(json_open(body), STR("tags")).raw;
}

/* Unknown threads are left out unless must_be_there. */
static void opik_threads_tag(
	struct request *r, const struct str *ids, size_t n, struct json update, bool must_be_there)
{
	struct view v;
	struct opik_reader rd;
	struct documents_change c;
	struct documents all;
	struct opik_thread_key *keys = arena_calloc(r->arena, n, sizeof *keys);
	struct document *list = arena_calloc(r->arena, n, sizeof *list);
	bool *found = arena_calloc(r->arena, n, sizeof *found);
	size_t n_found = 0;
	enum err e = ERR_OK;
	if (!opik_view(r, &v))
		return;
	for (size_t i = 0; i < n && !e; i++)
		e = opik_thread_find(r, &v, ids[i], &keys[i], &found[i]);
	view_close(&v);
	if (e) {
		api_fail(r, &dialect_opik, e);
		return;
	}
	if (must_be_there && !found[0]) {
		opik_not_found(r, "Thread id", ids[0]);
		return;
	}
	opik_reader_init(&rd, r);
	if (!opik_documents_begin(r, DOCUMENT_THREAD, STR_NULL, &c, &all))
		return;
	for (size_t i = 0; i < n; i++)
		if (found[i]) {
			struct str tags = opik_thread_tags(&rd, &all, keys[i], update);
			list[n_found++] =
				opik_thread_next(r, &all, keys[i], ids[i], tags, STR_NULL);
		}
	if (!opik_reader_check(&rd))
		documents_end(&c);
	else if (opik_documents_commit(r, &c, list, n_found))
		opik_no_content(r);
}

void opik_thread_update(struct request *r)
{
	struct json body;
	struct str id;
	if (opik_document_id(r, 0, &id) && opik_body(r, &body))
		opik_threads_tag(r, &id, 1, body, true);
}

void opik_threads_update(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct str *ids;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	if (json_get(body, STR("update")).type != JSON_OBJECT)
		opik_problem(&rd, "update must not be null");
	if (opik_reader_check(&rd))
		opik_threads_tag(r, ids, n, opik_update_of(r->arena, body), false);
}

/* ---- Closing and opening ---- */

/* The threads of a request, in one project. */
struct opik_threads_named {
	struct json body;
	struct str *ids;
	size_t n;
};

static bool opik_threads_named_read(struct request *r, bool several, struct opik_threads_named *ret)
{
	struct opik_reader rd;
	if (!opik_body(r, &ret->body))
		return false;
	opik_reader_init(&rd, r);
	struct json one = json_get(ret->body, STR("thread_id"));
	struct json list = json_get(ret->body, STR("thread_ids"));
	bool has_one = one.type > JSON_NULL, has_list = several && list.type > JSON_NULL;
	ret->ids = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *ret->ids);
	if (json_get(ret->body, STR("project_name")).type <= JSON_NULL &&
		json_get(ret->body, STR("project_id")).type <= JSON_NULL)
		opik_problem(&rd, "Either 'projectName' or 'projectId' must be provided.");
	if (!has_one && !has_list)
		opik_problem(&rd, several ? "Either 'threadId' or 'threadIds' must be provided."
					  : "threadId must not be blank");
	if (has_one && has_list)
		opik_problem(&rd, "Cannot provide both 'threadId' and 'threadIds'. Use 'threadId' "
				  "for single operations or 'threadIds' for batch operations.");
	if (has_one)
		ret->ids[ret->n++] = opik_read_text(&rd, one);
	struct json_iter it = json_elements(
		has_list ? opik_read_list(&rd, ret->body, "thread_ids") : (struct json){ 0 });
	while (!has_one && json_next(&it) && ret->n < OPIK_BATCH_MAX)
		ret->ids[ret->n++] = opik_read_text(&rd, it.value);
	return opik_reader_check(&rd);
}

/* Writes the ids that no thread of the project has: "a, b". */
static void opik_threads_missing(
	struct threads *t, const struct opik_threads_named *named, struct buf *ret)
{
	for (size_t i = 0; i < named->n; i++) {
		size_t k = 0;
		while (k < t->list.n &&
			!str_eq(((struct thread *)table_row(&t->list, k))->id, named->ids[i]))
			k++;
		if (k == t->list.n)
			buf_printf(ret, "%s%.*s", ret->len ? ", " : "", STR_ARG(named->ids[i]));
	}
}

static void opik_threads_set_closed(
	struct threads *t, const struct opik_threads_named *named, struct str closed_at)
{
	struct request *r = t->l->request;
	struct documents_change c;
	struct documents all;
	struct document *list = arena_calloc(r->arena, named->n, sizeof *list);
	size_t n = 0;
	if (!opik_documents_begin(r, DOCUMENT_THREAD, STR_NULL, &c, &all))
		return;
	for (size_t i = 0; i < named->n; i++)
		for (size_t k = 0; k < t->list.n; k++) {
			const struct thread *one = table_row(&t->list, k);
			if (!str_eq(one->id, named->ids[i]))
				continue;
			struct opik_thread_key key = { t->project_id, one->id };
			struct str model = opik_thread_model_id(
				r->arena, t->project_id, one->id, one->first.ns);
			list[n++] = opik_thread_next(r, &all, key, model, STR_NULL, closed_at);
		}
	if (opik_documents_commit(r, &c, list, n))
		opik_no_content(r);
}

static void opik_threads_change(struct request *r, bool several, struct str closed_at)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct opik_threads_named named = { .n = 0 };
	struct threads t;
	struct buf missing;
	if (!opik_threads_named_read(r, several, &named) ||
		!opik_list_json(l, r, OPIK_THREADS, named.body) || !opik_list_open(l))
		return;
	opik_threads_init(&t, l);
	buf_init(&missing, r->arena);
	enum err e = opik_threads_collect(&t, STR_NULL);
	if (!e)
		opik_threads_missing(&t, &named, &missing);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (missing.len)
		opik_refuse(r, ERR_NOT_FOUND,
			arena_printf(r->arena, "Thread '[%.*s]' not found:",
				STR_ARG(json_decode(r->arena, buf_str(&missing)))));
	else
		opik_threads_set_closed(&t, &named, closed_at);
	opik_threads_release(&t);
	opik_list_close(l);
}

void opik_threads_close(struct request *r)
{
	char now[UTIME_TEXT_MAX];
	opik_threads_change(r, true, str_of(now, utime_format(r->now_ns, now)));
}

void opik_thread_open(struct request *r)
{
	opik_threads_change(r, false, STR(""));
}

/* ---- Statistics and names ---- */

static enum err opik_threads_sum_up(struct threads *t, const struct row_list *rows,
	struct opik_sums *ret, struct opik_stats *st)
{
	struct opik_sums traces;
	enum err e = opik_threads_collect_sums(t, rows, &traces);
	for (size_t i = 0; i < rows->n && !e; i++) {
		const struct thread *one = table_row(&t->list, (size_t)rows->rows[i].at);
		struct span s;
		opik_thread_sum_up(t, one, &traces, ret);
		e = opik_thread_row(t, one, false, &s);
		if (!e)
			opik_stats_add(st, &s);
	}
	/* Opik counts neither for threads. */
	st->n_tags = st->n_errors = 0;
	opik_sums_release(&traces);
	return e;
}

void opik_threads_stats(struct request *r)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct threads t;
	struct row_list rows;
	struct opik_stats st;
	struct opik_sums sums;
	struct string_pool names;
	if (!opik_list_params(l, r, OPIK_THREADS) || !opik_list_open(l))
		return;
	l->query.limit = SIZE_MAX / 4;
	opik_threads_init(&t, l);
	string_pool_init(&names, r->arena);
	opik_sums_init(&sums, r->arena, true, STR_NULL);
	opik_stats_init(&st, r->arena, OPIK_THREADS, &l->notes, &names);
	st.sums = &sums;
	enum err e = opik_threads_collect(&t, STR_NULL);
	if (!e)
		e = opik_threads_page(&t, &rows);
	if (!e)
		e = opik_threads_sum_up(&t, &rows, &sums, &st);
	if (e)
		api_fail(r, &dialect_opik, e);
	else
		opik_stats_answer(r, &st);
	opik_stats_release(&st);
	opik_sums_release(&sums);
	string_pool_release(&names);
	opik_threads_release(&t);
	opik_list_close(l);
}
