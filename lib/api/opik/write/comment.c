/* Handles comments. */
#include "api/opik/body.h"
#include "api/opik/merge.h"
#include "api/opik/read/threads.h"
#include "api/opik/render.h"
#include "api/opik/trace_ids.h"

#include "base/uuid.h"

/* Reads {"text": …}. Returns false when the request was answered with an error. */
static bool opik_comment_read_text(struct request *r, struct str *ret)
{
	struct json body;
	struct opik_reader rd;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	*ret = opik_read_text(&rd, json_get(body, STR("text")));
	if (str_is_null(*ret) || opik_is_blank(*ret))
		opik_problem(&rd, "text must not be blank");
	return opik_reader_check(&rd);
}

static bool opik_comment_write_notes(struct request *r, struct note *notes, size_t n)
{
	enum err e = notes_append(
		&api_app(r)->store, r->workspace, false, r->arena, notes, n, r->now_ns);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

/* Stores a comment about the target and answers. */
static void add_comment(
	struct request *r, enum note_about about, struct str target, struct str text)
{
	struct note n;
	struct json_writer w;
	note_init(&n, NOTE_COMMENT, about);
	n.text[NOTE_FIELD_ID] = opik_new_id(r);
	n.text[note_target_field(about)] = target;
	n.text[NOTE_FIELD_REASON] = text;
	n.text[NOTE_FIELD_CREATED_BY] = n.text[NOTE_FIELD_UPDATED_BY] = opik_author(r);
	if (!opik_comment_write_notes(r, &n, 1))
		return;
	opik_created(r, n.text[NOTE_FIELD_ID]);
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_body(&w, STR("id"), n.text[NOTE_FIELD_ID]);
	json_end(&w);
}

static void comment(struct request *r, enum opik_of of)
{
	struct view v;
	struct span s;
	struct str text, id;
	bool found;
	if (!opik_id_param(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!opik_comment_read_text(r, &text) || !opik_ids_of(r, of, &id, 1) || !opik_view(r, &v))
		return;
	enum err e = opik_find_one(&v, of, id, &s, &found);
	view_close(&v);
	if (e) {
		api_fail(r, &dialect_opik, e);
		return;
	}
	if (!found) {
		opik_not_found(
			r, of == OPIK_SPANS ? "span id" : "trace id", opik_id_shown(r->arena, id));
		return;
	}
	add_comment(r, of == OPIK_SPANS ? NOTE_ABOUT_SPAN : NOTE_ABOUT_TRACE, id, text);
}

void opik_span_comment(struct request *r)
{
	comment(r, OPIK_SPANS);
}

void opik_trace_comment(struct request *r)
{
	comment(r, OPIK_TRACES);
}

/* The id is the thread_model_id. */
void opik_thread_comment(struct request *r)
{
	struct view v;
	struct opik_thread_key key;
	struct str text, id;
	bool found;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!opik_comment_read_text(r, &text) || !opik_view(r, &v))
		return;
	enum err e = opik_thread_find(r, &v, id, &key, &found);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!found)
		opik_not_found(r, "Thread id", id);
	else
		add_comment(r, NOTE_ABOUT_SESSION, key.thread_id, text);
}

/* Finds the comment with this id. Returns false when the request was answered with an error. */
static bool opik_comment_find(struct request *r, struct str text, struct note *ret)
{
	struct view v;
	struct notes notes;
	struct str id;
	bool found = false;
	if (!opik_id_param(r->arena, text, &id)) {
		opik_no_such_path(r);
		return false;
	}
	if (!opik_view(r, &v))
		return false;
	enum err e = notes_open(&v, 1u << NOTE_COMMENT, &notes);
	if (!e) {
		e = notes_get(&notes, NOTE_COMMENT, id, ret, &found);
		notes_close(&notes);
	}
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!found)
		opik_not_found(r, "Comment id", id);
	return found && !e;
}

/* …/{span or trace}/comments/{comment}: like Opik, does not check that they belong together. */
void opik_comment_get(struct request *r)
{
	struct note n;
	struct json_writer w;
	if (!opik_comment_find(r, r->captures[1], &n))
		return;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	opik_comment_render(&w, &n);
}

void opik_comment_update(struct request *r)
{
	struct note n;
	struct str text;
	if (!opik_comment_read_text(r, &text) || !opik_comment_find(r, r->captures[0], &n))
		return;
	n.text[NOTE_FIELD_REASON] = text;
	n.text[NOTE_FIELD_UPDATED_BY] = opik_author(r);
	n.updated_ns = r->now_ns > n.updated_ns ? r->now_ns : n.updated_ns;
	if (opik_comment_write_notes(r, &n, 1))
		opik_no_content(r);
}

void opik_comments_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct str *ids;
	struct view v;
	struct notes notes;
	size_t n_gone = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	if (!opik_reader_check(&rd) || !opik_view(r, &v))
		return;
	struct note *gone = arena_calloc(r->arena, n, sizeof *gone);
	enum err e = notes_open(&v, 1u << NOTE_COMMENT, &notes);
	for (size_t i = 0; i < n && !e; i++) {
		bool found;
		e = notes_get(&notes, NOTE_COMMENT, ids[i], &gone[n_gone], &found);
		if (e || !found)
			continue;
		gone[n_gone].is_deleted = true;
		gone[n_gone].updated_ns =
			r->now_ns > gone[n_gone].updated_ns ? r->now_ns : gone[n_gone].updated_ns;
		n_gone++;
	}
	if (!e)
		notes_close(&notes);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (opik_comment_write_notes(r, gone, n_gone))
		opik_no_content(r);
}
