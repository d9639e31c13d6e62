#include "api/nemo/notes.h"

#include "api/ingest.h"
#include "api/nemo/render.h"
#include "base/utime.h"
#include "web/params.h"

#include <stdlib.h>

/* ---- Filters ---- */

static bool is_choice(const char *choices, struct str value)
{
	struct str rest = str_from_c(choices);
	while (!str_is_null(rest))
		if (str_eq(str_trim(str_cut(&rest, ',')), value))
			return true;
	return false;
}

static bool nemo_notes_apply_number(struct nemo_notes_filter *f, struct arena *a, const char *model,
	const struct nemo_term *t, struct str *ret_detail)
{
	double d;
	struct str text = t->value.type == JSON_STRING
				  ? str_trim(json_decode(a, json_body(t->value)))
				  : t->value.raw;
	if (t->op != NEMO_OP_GTE && t->op != NEMO_OP_LTE) {
		*ret_detail = nemo_term_unsupported(a, model, t);
		return false;
	}
	if ((t->value.type != JSON_STRING && t->value.type != JSON_NUMBER) ||
		!str_to_double(text, &d)) {
		*ret_detail = nemo_term_refusal(a, t, "must be a number.");
		return false;
	}
	if (t->op == NEMO_OP_GTE) {
		f->has_least = true;
		f->least = d;
	} else {
		f->has_most = true;
		f->most = d;
	}
	return true;
}

static bool nemo_notes_apply_time(struct nemo_notes_filter *f, struct arena *a, const char *model,
	const struct nemo_term *t, struct str *ret_detail)
{
	int64_t ns;
	if (t->op != NEMO_OP_GTE && t->op != NEMO_OP_LTE) {
		*ret_detail = nemo_term_unsupported(a, model, t);
		return false;
	}
	if (!nemo_term_time(a, t, &ns, ret_detail))
		return false;
	if (t->op == NEMO_OP_GTE)
		f->from_ns = ns;
	else
		f->to_ns = ns > INT64_MAX - (NS_PER_US - 1) ? INT64_MAX : ns + NS_PER_US - 1;
	return true;
}

static bool nemo_notes_apply_text(struct nemo_notes_filter *f, struct arena *a,
	const struct nemo_filter_field *field, const struct nemo_term *t, struct str *ret_detail)
{
	struct str body;
	if (!nemo_term_text(a, t, &body, ret_detail)) {
		/* Any wrong value of a choice has the same sentence. */
		if (!field->choices || t->op != NEMO_OP_EQ || t->value.type == JSON_NULL)
			return false;
		body = STR("");
	}
	if (field->choices && !is_choice(field->choices, body)) {
		*ret_detail = nemo_term_refusal(a, t,
			arena_copy_c(a, arena_printf(a, "must be one of: %s", field->choices)));
		return false;
	}
	f->text[field->field] = body;
	return true;
}

bool nemo_notes_filter_apply(const struct nemo_filter *f, const char *model, struct arena *a,
	struct nemo_notes_filter *ret, struct str *ret_detail)
{
	*ret = (struct nemo_notes_filter){ .from_ns = INT64_MIN, .to_ns = INT64_MAX };
	if (!f->is_and_only) {
		*ret_detail = STR("Only AND-combined field filters are supported for Intake span "
				  "storage.");
		return false;
	}
	for (size_t i = 0; i < f->n_terms; i++) {
		const struct nemo_term *t = &f->terms[i];
		const struct nemo_filter_field *field = nemo_filter_field(f->of, t->field);
		if (!field) {
			*ret_detail = nemo_term_unsupported(a, model, t);
			return false;
		}
		bool is_applied = field->use == NEMO_USE_NUMBER
					  ? nemo_notes_apply_number(ret, a, model, t, ret_detail)
				  : field->use == NEMO_USE_TIME
					  ? nemo_notes_apply_time(ret, a, model, t, ret_detail)
					  : nemo_notes_apply_text(ret, a, field, t, ret_detail);
		if (!is_applied)
			return false;
	}
	return true;
}

struct str nemo_note_value(const struct note *n)
{
	struct json value = json_open(n->text[NOTE_FIELD_VALUE]);
	if (value.type != JSON_NUMBER && n->kind == NOTE_RESULT)
		value = json_get(json_open(n->text[NOTE_FIELD_EXTRA]), STR("value"));
	return value.type == JSON_NUMBER ? value.raw : STR_NULL;
}

/* Returns the text of a text field, or of a JSON string. */
static struct str field_body(const struct note *n, unsigned f)
{
	return f == NOTE_FIELD_VALUE ? json_body(json_open(n->text[f])) : n->text[f];
}

bool nemo_notes_match(const struct nemo_notes_filter *f, const struct note *n)
{
	double d;
	for (unsigned i = 0; i < NOTE_FIELD__MAX; i++) {
		struct str body = field_body(n, i);
		if (!str_is_null(f->text[i]) && (str_is_null(body) || !str_eq(f->text[i], body)))
			return false;
	}
	if (n->created_ns < f->from_ns || n->created_ns > f->to_ns)
		return false;
	if (!f->has_least && !f->has_most)
		return true;
	return str_to_double(nemo_note_value(n), &d) && (!f->has_least || d >= f->least) &&
	       (!f->has_most || d <= f->most);
}

/* ---- Lists ---- */

struct found {
	const struct note_row *row;
	bool has_value, is_value_first; /* is_value_first: the value is the sort key */
	bool is_descending;
	double value;
	size_t id_at, id_len; /* in the ids */
	const struct buf *ids;
};

struct collection {
	struct notes notes;
	struct buf found; /* holds struct found */
	struct buf ids;
};

static int compare_found(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	int c = 0;
	if (a->is_value_first && a->has_value != b->has_value)
		return a->has_value ? -1 : 1;
	if (a->is_value_first)
		c = a->value < b->value ? -1 : a->value > b->value;
	else
		c = a->row->created_ns < b->row->created_ns
			    ? -1
			    : a->row->created_ns > b->row->created_ns;
	if (c)
		return a->is_descending ? -c : c;
	return str_cmp(str_of(a->ids->ptr + a->id_at, a->id_len),
		str_of(b->ids->ptr + b->id_at, b->id_len));
}

static struct found *list_of(const struct collection *c, size_t *ret_n)
{
	*ret_n = c->found.len / sizeof(struct found);
	return (struct found *)(void *)c->found.ptr;
}

static enum err nemo_notes_add_if_matches(struct collection *c, struct arena *a,
	const struct note_row *row, const struct nemo_notes_filter *f, struct str sort)
{
	struct note note;
	struct arena_mark mark = arena_mark(a);
	bool is_descending = str_starts(sort, STR("-"));
	struct found found = { .row = row,
		.is_descending = is_descending,
		.is_value_first = str_ends(sort, STR("value")) };
	enum err e = notes_fetch(&c->notes, row, &note);
	if (e)
		return e;
	if (nemo_notes_match(f, &note)) {
		found.has_value = str_to_double(nemo_note_value(&note), &found.value);
		found.id_at = c->ids.len;
		found.id_len = note.text[NOTE_FIELD_ID].len;
		buf_add(&c->ids, note.text[NOTE_FIELD_ID]);
		buf_add(&c->found, str_of((const char *)&found, sizeof found));
	}
	arena_rewind(a, mark);
	return ERR_OK;
}

/* Collects the matching notes in order. The caller must close c->notes with notes_close(). */
static enum err nemo_notes_collect(struct view *v, const struct nemo_notes *of,
	const struct nemo_notes_filter *f, struct str sort, struct collection *c)
{
	struct arena *a = v->arena;
	struct str span_id = f->text[NOTE_FIELD_SPAN_ID];
	buf_init(&c->found, a);
	buf_init(&c->ids, a);
	enum err e = notes_open(v, 1u << of->kind, &c->notes);
	if (e)
		return e;
	if (!str_is_null(span_id)) {
		const struct note_row *row = notes_first(&c->notes, NOTE_ABOUT_SPAN, span_id);
		for (; row && !e; row = notes_next(&c->notes, row))
			e = nemo_notes_add_if_matches(c, a, row, f, sort);
	} else {
		for (size_t i = 0; i < c->notes.n && !e; i++)
			e = nemo_notes_add_if_matches(c, a, &c->notes.rows[i], f, sort);
	}
	if (e) {
		notes_close(&c->notes);
		return e;
	}
	size_t n;
	struct found *list = list_of(c, &n);
	for (size_t i = 0; i < n; i++)
		list[i].ids = &c->ids;
	if (n)
		qsort(list, n, sizeof *list, compare_found);
	return ERR_OK;
}

static enum err write_row(struct collection *c, const struct found *found,
	const struct nemo_notes *of, struct json_writer *w, struct str workspace)
{
	struct note note;
	struct arena *a = c->notes.view.arena;
	struct arena_mark mark = arena_mark(a);
	enum err e = notes_fetch(&c->notes, found->row, &note);
	if (e)
		return e;
	of->write(w, workspace, &note);
	arena_rewind(a, mark);
	return ERR_OK;
}

static void nemo_notes_write_page(
	struct nemo_list *l, struct collection *c, const struct nemo_notes *of, struct str sort)
{
	size_t n, from = nemo_list_offset(l);
	const struct found *list = list_of(c, &n);
	nemo_list_open(l);
	for (size_t i = from; i < n && i - from < (size_t)l->page_size; i++) {
		enum err e = write_row(c, &list[i], of, &l->writer, l->workspace);
		if (e) {
			api_fail(l->request, &dialect_nemo, e);
			return;
		}
		nemo_list_row(l);
	}
	nemo_list_close(l, n, sort);
	nemo_list_end(l);
}

void nemo_notes_list(struct request *r, const struct nemo_notes *of)
{
	static const char *const further[] = { NULL };
	struct nemo_list l;
	struct nemo_notes_filter f;
	struct collection c;
	struct str detail;
	if (!nemo_list_begin(r, of->of, &l))
		return;
	nemo_list_page(&l);
	size_t sort = param_choice(
		r, STR("sort"), of->sorts, of->n_sorts, of->default_sort, STR("enum"), &l.problems);
	if (nemo_list_check(&l, further)) {
		if (!nemo_notes_filter_apply(&l.filter, of->name, r->arena, &f, &detail)) {
			nemo_refuse(r, detail);
		} else {
			enum err e = nemo_notes_collect(&l.view, of, &f, of->sorts[sort], &c);
			if (e) {
				api_fail(r, &dialect_nemo, e);
			} else {
				nemo_notes_write_page(&l, &c, of, of->sorts[sort]);
				notes_close(&c.notes);
			}
		}
	}
	view_close(&l.view);
}

void nemo_notes_of_span(struct request *r, const struct nemo_notes *of)
{
	struct nemo_notes_filter f = { .from_ns = INT64_MIN, .to_ns = INT64_MAX };
	struct collection c;
	struct view v;
	if (!api_view(r, r->captures[0], &dialect_nemo, &v))
		return;
	f.text[NOTE_FIELD_SPAN_ID] = json_encode(r->arena, r->captures[1]);
	enum err e = nemo_notes_collect(&v, of, &f, STR("created_at"), &c);
	if (!e) {
		struct json_writer w;
		size_t n;
		const struct found *list = list_of(&c, &n);
		r->response->status = 200;
		r->response->type = CONTENT_JSON;
		api_report_damage(r, &v);
		json_writer_init(&w, &r->response->body);
		json_array(&w);
		for (size_t i = 0; i < n && !e; i++) {
			e = write_row(&c, &list[i], of, &w, r->captures[0]);
			response_flush_if_large(r->response);
		}
		if (!e)
			json_end(&w);
		notes_close(&c.notes);
	}
	if (e)
		api_fail(r, &dialect_nemo, e);
	view_close(&v);
}

/* ---- One note ---- */

static void nemo_notes_answer_note(
	struct request *r, const struct nemo_notes *of, const struct note *n, int status)
{
	struct json_writer w;
	r->response->status = status;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	of->write(&w, r->captures[0], n);
}

void nemo_notes_get(struct request *r, const struct nemo_notes *of)
{
	struct view v;
	struct notes notes;
	struct note note;
	bool is_found;
	if (!api_view(r, r->captures[0], &dialect_nemo, &v))
		return;
	enum err e = notes_open(&v, 1u << of->kind, &notes);
	if (!e) {
		e = notes_get(
			&notes, of->kind, json_encode(r->arena, r->captures[1]), &note, &is_found);
		if (!e && is_found)
			nemo_notes_answer_note(r, of, &note, 200);
		else if (!e)
			nemo_not_found(r, of->title, r->captures[0], r->captures[1]);
		notes_close(&notes);
	}
	if (e)
		api_fail(r, &dialect_nemo, e);
	view_close(&v);
}

static enum err bury(struct append *t, const struct nemo_notes *of, struct str id, bool *ret_found)
{
	struct notes notes;
	struct note note;
	enum err e = notes_of_append(t, 1u << of->kind, &notes);
	if (e)
		return e;
	e = notes_get(&notes, of->kind, id, &note, ret_found);
	if (!e && *ret_found) {
		note.is_deleted = true;
		/* The tombstone must be newer than the version it ends, whatever the clock says. */
		note.updated_ns = note.updated_ns >= t->now_ns ? note.updated_ns + 1 : t->now_ns;
		e = notes_add(t, &note);
	}
	notes_close(&notes);
	return e;
}

void nemo_notes_delete(struct request *r, const struct nemo_notes *of)
{
	struct append t;
	bool is_found = false;
	enum err e = append_begin(&t, &api_app(r)->store, r->workspace, false, r->arena, r->now_ns);
	if (e) {
		(void)ingest_refuse(r, &dialect_nemo, e);
		return;
	}
	e = bury(&t, of, json_encode(r->arena, r->captures[1]), &is_found);
	if (!e && is_found)
		e = append_commit(&t);
	else
		append_abort(&t);
	if (e)
		(void)ingest_refuse(r, &dialect_nemo, e);
	else if (!is_found)
		nemo_not_found(r, of->title, r->captures[0], r->captures[1]);
	else
		r->response->status = 204;
}

void nemo_notes_create(struct request *r, const struct nemo_notes *of, struct note *n)
{
	if (r->principal.len)
		n->text[NOTE_FIELD_CREATED_BY] = json_encode(r->arena, r->principal);
	n->created_ns = n->updated_ns = r->now_ns;
	enum err e = notes_append(
		&api_app(r)->store, r->workspace, ingest_may_create(r), r->arena, n, 1, r->now_ns);
	if (e)
		(void)ingest_refuse(r, &dialect_nemo, e);
	else
		nemo_notes_answer_note(r, of, n, 201);
}

/* ---- Members ---- */

void nemo_render_note_text(
	struct json_writer *w, struct str key, const struct note *n, enum note_field f)
{
	if (!str_is_null(n->text[f]))
		json_member_body(w, key, n->text[f]);
}

void nemo_render_note_number(struct json_writer *w, struct str key, struct str number)
{
	double d;
	if (str_to_double(number, &d))
		json_member_double(w, key, d);
}

void nemo_render_note_origin(struct json_writer *w, const struct note *n)
{
	nemo_render_note_text(w, STR("created_by"), n, NOTE_FIELD_CREATED_BY);
	nemo_render_time(w, STR("created_at"), n->created_ns);
	nemo_render_time(w, STR("ingested_at"), n->updated_ns);
}

void nemo_set_note_text(struct note *n, struct arena *a, enum note_field f, struct json v)
{
	if (v.type == JSON_STRING)
		n->text[f] = json_canonical_body(a, json_body(v));
}
