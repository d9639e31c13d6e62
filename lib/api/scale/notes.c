/*
 * Handles span assessments: the judgements of people about spans. They are notes
 * (store/notes.h). One without a span is about the root of its trace, and about the trace as
 * long as it has no root.
 */
#include "store/notes.h"
#include "api/scale/filter.h"
#include "api/sort.h"
#include "base/utime.h"
#include "web/params.h"

#include <stdlib.h>

enum { ASSESSMENTS = 1u << NOTE_ASSESSMENT, RATING_MIN = 1, RATING_MAX = 5 };

/* ---- Bodies ---- */

/* clang-format off */
/* The contents of an assessment, which its type is named after. */
#define CONTENT_LIST(X) \
	X(comment,	text) \
	X(rating,	rating) \
	X(approval,	approval) \
	X(rubric,	rubric) \
	X(metadata,	dict) \
	X(overwrite,	dict)
/* clang-format on */

enum content {
#define X(name, type) CONTENT_##name,
	CONTENT_LIST(X)
#undef X
		CONTENT__MAX,
	CONTENT_type = CONTENT__MAX,
	CONTENT_trace_id,
	CONTENT_span_id,
	CREATE__MAX
};

static const struct str kinds[] = {
#define X(name, type) [CONTENT_##name] = { #name, sizeof #name - 1 },
	CONTENT_LIST(X)
#undef X
};
static const struct str approvals[] = { { "approved", 8 }, { "rejected", 8 } };
static const struct pydantic a_text = { .type = PYDANTIC_STR };
static const struct pydantic a_trace = {
	.type = PYDANTIC_STR, .min_length = 1, .max_length = SCALE_ID_MAX
};
static const struct pydantic a_span = {
	.type = PYDANTIC_STR, .is_nullable = true, .min_length = 1, .max_length = SCALE_ID_MAX
};
static const struct pydantic a_kind = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(kinds) };
static const struct pydantic kind_or_null = {
	.type = PYDANTIC_ENUM, .is_nullable = true, PYDANTIC_NAMES(kinds)
};
static const struct pydantic text_type = { .type = PYDANTIC_STR, .is_nullable = true };
static const struct pydantic rating_type = {
	.type = PYDANTIC_INT, .is_nullable = true, .has_least = true, .least = RATING_MIN
};
static const struct pydantic approval_type = {
	.type = PYDANTIC_ENUM, .is_nullable = true, PYDANTIC_NAMES(approvals)
};
static const struct pydantic rubric_type = {
	.type = PYDANTIC_DICT, .is_nullable = true, .item = &a_text
};
static const struct pydantic dict_type = { .type = PYDANTIC_DICT, .is_nullable = true };

static const struct pydantic_field create_fields[] = {
#define X(name, type) [CONTENT_##name] = { #name, &type##_type, false },
	CONTENT_LIST(X)
#undef X
		[CONTENT_type] = { "assessment_type", &a_kind, true },
	[CONTENT_trace_id] = { "trace_id", &a_trace, true },
	[CONTENT_span_id] = { "span_id", &a_span, false },
};
static const struct pydantic create_type = { .type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(create_fields) };
static const struct pydantic_field patch_fields[] = {
#define X(name, type) [CONTENT_##name] = { #name, &type##_type, false },
	CONTENT_LIST(X)
#undef X
		[CONTENT_type] = { "assessment_type", &kind_or_null, false },
};
static const struct pydantic patch_type = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(patch_fields) };

/* Reads the body of that type and splits its members. Returns false when the request was answered
 * with an error. */
static bool scale_notes_read_body(struct request *r, const struct pydantic *type, struct json *ret)
{
	struct problems p = { .arena = r->arena };
	struct json body;
	int64_t rating;
	if (!pydantic_body(r, &dialect_scale, r->conf->body_bytes, LIMIT_DEPTH, &body))
		return false;
	if (pydantic_check(&p, type, body, NULL)) {
		pydantic_split(type, body, ret);
		if (pydantic_int(r->arena, ret[CONTENT_rating], &rating) && rating > RATING_MAX)
			problem_add(&p, STR("less_than_equal"), STR("[\"body\",\"rating\"]"),
				STR("Input should be less than or equal to 5"),
				ret[CONTENT_rating].raw, STR("{\"le\":5}"));
	}
	if (p.n == 0)
		return true;
	route_error(r, &dialect_scale, ERR_UNPROCESSABLE, STR_NULL, &p);
	return false;
}

/* ---- Notes ---- */

/* Writes the given contents over the earlier ones. The type is the note's name, the comment its
 * text and the rating its value. The rest is kept unchanged. */
static void scale_notes_set_content(struct note *n, struct arena *a, const struct json *m)
{
	struct json old = json_open(n->text[NOTE_FIELD_EXTRA]);
	struct buf b;
	struct json_writer w;
	int64_t rating;
	if (pydantic_is_set(m[CONTENT_type]))
		n->text[NOTE_FIELD_NAME] = json_canonical_body(a, json_body(m[CONTENT_type]));
	if (pydantic_is_set(m[CONTENT_comment]))
		n->text[NOTE_FIELD_REASON] = json_canonical_body(a, json_body(m[CONTENT_comment]));
	if (pydantic_is_set(m[CONTENT_rating]) && pydantic_int(a, m[CONTENT_rating], &rating))
		n->text[NOTE_FIELD_VALUE] = arena_printf(a, "%lld", (long long)rating);
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	for (unsigned i = CONTENT_approval; i < CONTENT__MAX; i++) {
		struct str key = str_from_c(create_fields[i].name);
		struct json v = pydantic_is_set(m[i]) ? m[i] : json_get(old, key);
		if (v.type != JSON_NONE)
			json_member_raw(&w, key, json_canonical(a, v.raw));
	}
	json_end(&w);
	n->text[NOTE_FIELD_EXTRA] = b.len > 2 ? buf_str(&b) : STR_NULL;
}

static void scale_notes_write_time(struct json_writer *w, const char *key, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	json_member_body(w, str_from_c(key), str_of(text, utime_format(ns, text)));
}

static void write_note(struct json_writer *w, struct str account, const struct note *n)
{
	struct str by = n->text[NOTE_FIELD_CREATED_BY];
	json_object(w);
	json_member_body(w, STR("assessment_id"), n->text[NOTE_FIELD_ID]);
	json_member_text(w, STR("object"), STR("span.assessment"));
	json_member_body(w, STR("assessment_type"), n->text[NOTE_FIELD_NAME]);
	json_member_body(w, STR("trace_id"), n->text[NOTE_FIELD_TRACE_ID]);
	if (n->text[NOTE_FIELD_SPAN_ID].len)
		json_member_body(w, STR("span_id"), n->text[NOTE_FIELD_SPAN_ID]);
	json_member_body(w, STR("created_by"), by.len ? by : STR("anonymous"));
	json_member_text(w, STR("account_id"), account);
	scale_notes_write_time(w, "created_at", n->created_ns);
	scale_notes_write_time(w, "updated_at", n->updated_ns);
	if (!str_is_null(n->text[NOTE_FIELD_REASON]))
		json_member_body(w, STR("comment"), n->text[NOTE_FIELD_REASON]);
	if (!str_is_null(n->text[NOTE_FIELD_VALUE]))
		json_member_raw(w, STR("rating"), n->text[NOTE_FIELD_VALUE]);
	struct json_iter it = json_members(json_open(n->text[NOTE_FIELD_EXTRA]));
	while (json_next(&it)) {
		json_key_body(w, it.key);
		json_raw(w, it.value.raw);
	}
	json_end(w);
}

static void scale_notes_answer_note(struct request *r, const struct note *n)
{
	struct json_writer w;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	write_note(&w, r->workspace, n);
}

static void answer_missing(struct request *r)
{
	route_error(r, &dialect_scale, ERR_NOT_FOUND,
		arena_printf(r->arena, "No assessment with id '%.*s'", STR_ARG(r->captures[0])),
		NULL);
}

/* ---- One ---- */

/* Returns the root of a trace, or STR_NULL when it has none yet. */
static enum err scale_notes_find_root(struct request *r, struct str trace_id, struct str *ret)
{
	struct view v;
	struct trace_row row;
	struct span root;
	bool is_found;
	*ret = STR_NULL;
	enum err e = view_open(&api_app(r)->store, r->workspace, r->arena, &v);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = engine_trace_get(&v, trace_id, false, &row, &is_found);
	if (!e && is_found)
		e = engine_fetch(&v, row.root, NULL, &root, NULL);
	if (!e && is_found)
		*ret = arena_copy(r->arena, span_text(&root, FIELD_SPAN_ID));
	view_close(&v);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

void scale_assessment_create(struct request *r)
{
	struct arena *a = r->arena;
	struct json m[CREATE__MAX];
	struct note n;
	struct str span_id = STR_NULL;
	if (!scale_notes_read_body(r, &create_type, m))
		return;
	struct str trace_id = json_canonical_body(a, json_body(m[CONTENT_trace_id]));
	enum err e = ERR_OK;
	if (pydantic_is_set(m[CONTENT_span_id]))
		span_id = json_canonical_body(a, json_body(m[CONTENT_span_id]));
	else
		e = scale_notes_find_root(r, trace_id, &span_id);
	note_init(&n, NOTE_ASSESSMENT, str_is_null(span_id) ? NOTE_ABOUT_TRACE : NOTE_ABOUT_SPAN);
	n.text[NOTE_FIELD_ID] = scale_new_id(r, 0);
	n.text[NOTE_FIELD_TRACE_ID] = trace_id;
	n.text[NOTE_FIELD_SPAN_ID] = span_id;
	if (r->principal.len)
		n.text[NOTE_FIELD_CREATED_BY] = json_encode(a, r->principal);
	scale_notes_set_content(&n, a, m);
	bool create = r->conf->create_workspaces || str_eq(r->workspace, r->conf->workspace);
	if (!e)
		e = notes_append(&api_app(r)->store, r->workspace, create, a, &n, 1, r->now_ns);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		e = ERR_FORBIDDEN;
	if (e)
		api_fail(r, &dialect_scale, e);
	else
		scale_notes_answer_note(r, &n);
}

void scale_assessment_get(struct request *r)
{
	struct view v;
	struct notes notes;
	struct note n;
	bool is_found = false;
	if (!scale_view(r, &v))
		return;
	enum err e = notes_open(&v, ASSESSMENTS, &notes);
	if (!e) {
		e = notes_get(&notes, NOTE_ASSESSMENT, json_encode(r->arena, r->captures[0]), &n,
			&is_found);
		notes_close(&notes);
	}
	if (e)
		api_fail(r, &dialect_scale, e);
	else if (is_found)
		scale_notes_answer_note(r, &n);
	else
		answer_missing(r);
	view_close(&v);
}

/* ---- Changes ---- */

/* Begins a transaction and finds the note. The transaction has ended when it returns an error or
 * finds nothing. */
static enum err begin_change(struct request *r, struct append *t, struct note *ret, bool *ret_found)
{
	struct notes notes;
	*ret_found = false;
	enum err e = append_begin(t, &api_app(r)->store, r->workspace, false, r->arena, r->now_ns);
	if (e)
		return e == ERR_NOT_FOUND || e == ERR_INVALID ? ERR_OK : e;
	e = notes_of_append(t, ASSESSMENTS, &notes);
	if (!e) {
		e = notes_get(&notes, NOTE_ASSESSMENT, json_encode(r->arena, r->captures[0]), ret,
			ret_found);
		notes_close(&notes);
	}
	if (e || !*ret_found)
		append_abort(t);
	return e;
}

static enum err end_change(struct request *r, struct append *t, struct note *n)
{
	/* The version must not be older than the one it replaces, whatever the clock says. */
	n->updated_ns = r->now_ns > n->updated_ns ? r->now_ns : n->updated_ns;
	enum err e = notes_add(t, n);
	if (e) {
		append_abort(t);
		return e;
	}
	return append_commit(t);
}

void scale_assessment_update(struct request *r)
{
	struct json m[CREATE__MAX];
	struct append t;
	struct note n;
	bool is_found;
	if (!scale_notes_read_body(r, &patch_type, m))
		return;
	enum err e = begin_change(r, &t, &n, &is_found);
	if (!e && !is_found) {
		answer_missing(r);
		return;
	}
	struct str me = json_encode(r->arena, r->principal);
	struct str by = e ? STR("") : n.text[NOTE_FIELD_CREATED_BY];
	if (!e && !str_eq(str_is_null(by) ? STR("") : by, me)) {
		append_abort(&t);
		route_error(r, &dialect_scale, ERR_FORBIDDEN,
			STR("Only who made an assessment may change it."), NULL);
		return;
	}
	if (!e) {
		scale_notes_set_content(&n, r->arena, m);
		e = end_change(r, &t, &n);
	}
	if (e)
		api_fail(r, &dialect_scale, e);
	else
		scale_notes_answer_note(r, &n);
}

void scale_assessment_delete(struct request *r)
{
	struct append t;
	struct note n;
	bool is_found;
	enum err e = begin_change(r, &t, &n, &is_found);
	if (!e && !is_found) {
		answer_missing(r);
		return;
	}
	if (!e) {
		n.is_deleted = true;
		e = end_change(r, &t, &n);
	}
	if (e) {
		api_fail(r, &dialect_scale, e);
		return;
	}
	struct json_writer w;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_body(&w, STR("id"), n.text[NOTE_FIELD_ID]);
	json_member_text(&w, STR("object"), STR("span.assessment"));
	json_member_bool(&w, STR("deleted"), true);
	json_end(&w);
}

/* ---- Many ---- */

struct wanted {
	struct str span_id, trace_id, type; /* canonical bodies; STR_NULL: any */
};

static bool scale_notes_is_wanted(const struct wanted *w, const struct note *n)
{
	return (str_is_null(w->span_id) || str_eq(w->span_id, n->text[NOTE_FIELD_SPAN_ID])) &&
	       (str_is_null(w->trace_id) || str_eq(w->trace_id, n->text[NOTE_FIELD_TRACE_ID])) &&
	       (str_is_null(w->type) || str_eq(w->type, n->text[NOTE_FIELD_NAME]));
}

/* Compares by creation, then by order in the store. */
static int by_creation(const void *x, const void *y)
{
	const struct note_row *a = x, *b = y;
	if (a->created_ns != b->created_ns)
		return a->created_ns < b->created_ns ? -1 : 1;
	if (a->ref.shard != b->ref.shard)
		return a->ref.shard < b->ref.shard ? -1 : 1;
	return (a->ref.at > b->ref.at) - (a->ref.at < b->ref.at);
}

/* Returns the rows of assessments that may match, in order. */
static struct note_row *scale_notes_find_rows(
	struct notes *notes, const struct wanted *w, size_t *ret_n)
{
	struct note_row *rows = arena_calloc(notes->view.arena, notes->n, sizeof *rows);
	size_t n = 0;
	if (!str_is_null(w->span_id)) {
		const struct note_row *row = notes_first(notes, NOTE_ABOUT_SPAN, w->span_id);
		for (; row && n < notes->n; row = notes_next(notes, row))
			rows[n++] = *row;
	} else {
		for (; n < notes->n; n++)
			rows[n] = notes->rows[n];
		if (n)
			qsort(rows, n, sizeof *rows, by_creation);
	}
	*ret_n = n;
	return rows;
}

static enum err scale_notes_write_rows(
	struct request *r, struct notes *notes, const struct wanted *wanted)
{
	struct json_writer w;
	struct note n;
	size_t n_rows;
	const struct note_row *rows = scale_notes_find_rows(notes, wanted, &n_rows);
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_text(&w, STR("object"), STR("list"));
	json_key(&w, STR("items"));
	json_array(&w);
	for (size_t i = 0; i < n_rows; i++) {
		struct arena_mark mark = arena_mark(r->arena);
		enum err e = notes_fetch(notes, &rows[i], &n);
		if (e)
			return e;
		if (scale_notes_is_wanted(wanted, &n))
			write_note(&w, r->workspace, &n);
		response_flush_if_large(r->response);
		arena_rewind(r->arena, mark);
	}
	json_end(&w);
	json_end(&w);
	return ERR_OK;
}

static struct str wanted_param(const struct request *r, const char *name)
{
	const struct param *p = request_param(r, str_from_c(name));
	return p && p->value.len ? json_encode(r->arena, p->value) : STR_NULL;
}

void scale_assessments_list(struct request *r)
{
	struct view v;
	struct notes notes;
	struct problems p = { .arena = r->arena };
	struct wanted wanted = { .span_id = wanted_param(r, "span_id"),
		.trace_id = wanted_param(r, "trace_id"),
		.type = wanted_param(r, "assessment_type") };
	if (!str_is_null(wanted.type))
		(void)param_choice(r, STR("assessment_type"), kinds, CONTENT__MAX, 0, STR("enum"),
			&p); /* the allowed values are those that are known */
	if (p.n) {
		route_error(r, &dialect_scale, ERR_UNPROCESSABLE, STR_NULL, &p);
		return;
	}
	if (str_is_null(wanted.span_id) && str_is_null(wanted.trace_id)) {
		route_error(r, &dialect_scale, ERR_INVALID, STR("span_id or trace_id is required"),
			NULL);
		return;
	}
	if (!scale_view(r, &v))
		return;
	enum err e = notes_open(&v, ASSESSMENTS, &notes);
	if (!e) {
		e = scale_notes_write_rows(r, &notes, &wanted);
		notes_close(&notes);
	}
	if (e)
		api_fail(r, &dialect_scale, e);
	view_close(&v);
}

/* ---- Spans by their assessments ---- */

struct hashes {
	struct buf bytes;
};

static void add_hash(struct hashes *h, uint64_t hash)
{
	buf_add(&h->bytes, str_of((const char *)&hash, sizeof hash));
}

static struct hash_set set_of(struct arena *a, const struct hashes *h)
{
	size_t n = h->bytes.len / sizeof(uint64_t);
	uint64_t *sorted = arena_calloc(a, n, sizeof *sorted);
	if (n) {
		memcpy(sorted, h->bytes.ptr, h->bytes.len);
		sort_hashes(sorted, n);
	}
	return (struct hash_set){ sorted, n };
}

static bool has_type(const struct note *n, const struct str *types, size_t n_types)
{
	for (size_t i = 0; i < n_types; i++)
		if (str_eq(n->text[NOTE_FIELD_NAME], types[i]))
			return true;
	return false;
}

/* Compares hashes. The caller must check the row that passes. */
static bool may_have_type(const struct note_row *row, const uint64_t *names, size_t n_types)
{
	for (size_t i = 0; i < n_types; i++)
		if (row->name == names[i])
			return true;
	return false;
}

static enum err collect_assessed(struct notes *notes, const struct str *types, size_t n_types,
	struct hashes *spans, struct hashes *traces)
{
	struct arena *a = notes->view.arena;
	struct note n;
	uint64_t *names = arena_calloc(a, n_types, sizeof *names);
	for (size_t i = 0; i < n_types; i++)
		names[i] = note_name_hash(types[i]);
	for (size_t i = 0; i < notes->n; i++) {
		if (!may_have_type(&notes->rows[i], names, n_types))
			continue;
		struct arena_mark mark = arena_mark(a);
		enum err e = notes_fetch(notes, &notes->rows[i], &n);
		if (e)
			return e;
		struct str trace_id = n.text[NOTE_FIELD_TRACE_ID];
		if (has_type(&n, types, n_types) && n.about == NOTE_ABOUT_SPAN)
			add_hash(spans, pred_trace_span_hash(trace_id, n.text[NOTE_FIELD_SPAN_ID]));
		else if (has_type(&n, types, n_types))
			add_hash(traces, pred_text_hash(trace_id));
		arena_rewind(a, mark);
	}
	return ERR_OK;
}

/*
 * An assessment of a span counts for the span, one of a trace for its root:
 *
 *	assessed span  ∨  (assessed trace  ∧  root)
 */
enum err scale_filter_add_assessed(
	struct scale_clauses *c, struct view *v, const struct str *types, size_t n)
{
	struct notes notes;
	struct hashes spans, traces;
	buf_init(&spans.bytes, c->arena);
	buf_init(&traces.bytes, c->arena);
	enum err e = notes_open(v, ASSESSMENTS, &notes);
	if (e)
		return e;
	e = collect_assessed(&notes, types, n, &spans, &traces);
	notes_close(&notes);
	if (e)
		return e;
	struct pred of_span = {
		.field = QUERY_TRACE_SPAN, .op = OP_IN_SET, .set = set_of(c->arena, &spans)
	};
	if (traces.bytes.len == 0) {
		scale_clauses_add(c, &of_span, 1);
		return ERR_OK;
	}
	struct pred of_trace[] = { of_span,
		{ .field = FIELD_TRACE_ID, .op = OP_IN_SET, .set = set_of(c->arena, &traces) } };
	struct pred of_root[] = { of_span, { .field = FIELD_PARENT_SPAN_ID, .op = OP_EMPTY } };
	scale_clauses_add(c, of_trace, 2);
	scale_clauses_add(c, of_root, 2);
	return ERR_OK;
}
