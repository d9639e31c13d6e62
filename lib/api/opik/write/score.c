/* Handles feedback scores: adding and deleting them, and listing their names. */
#include "api/opik/merge.h"
#include "api/opik/render.h"
#include "api/opik/trace_ids.h"
#include "api/opik/write/write.h"

#include "base/uuid.h"
#include "span/normalise.h"

#include <stdlib.h>

static const struct str origins[] = { { "ui", 2 }, { "sdk", 3 }, { "online_scoring", 14 } };

static enum note_about about_of(enum opik_of of)
{
	return of == OPIK_SPANS    ? NOTE_ABOUT_SPAN
	       : of == OPIK_TRACES ? NOTE_ABOUT_TRACE
				   : NOTE_ABOUT_SESSION;
}

static struct str text_or_null(struct opik_reader *rd, struct json object, struct str name)
{
	struct str text = opik_read_text(rd, json_get(object, name));
	return text.len ? text : STR_NULL;
}

/* Returns the id of a score: one author has one value for a name. */
static struct str score_id(struct arena *a, enum note_about about, struct str target,
	struct str name, struct str author, struct str queue)
{
	static const struct str abouts[] = { { "span", 4 }, { "trace", 5 }, { "session", 7 } };
	const struct str parts[] = { abouts[about], target, name, author, queue };
	return stable_id(a, STR("score"), parts, str_is_null(queue) ? 4 : 5);
}

/* Returns the annotation queue in which the score was given, or STR_NULL. */
static struct str queue_of(const struct note *n)
{
	return json_body(json_get(json_open(n->text[NOTE_FIELD_EXTRA]), STR("source_queue_id")));
}

static void set_target(struct arena *a, struct note *n, struct str target)
{
	n->text[note_target_field(n->about)] = target;
	n->text[NOTE_FIELD_ID] = score_id(a, n->about, target, n->text[NOTE_FIELD_NAME],
		n->text[NOTE_FIELD_CREATED_BY], queue_of(n));
}

/* True when a value that is rounded to the end of the range lies beyond it: digits other than 0
 * come after nine nines. */
static bool is_beyond_end(struct str number)
{
	size_t point = str_index(number, '.');
	struct str places = point < number.len ? str_skip(number, point + 1) : STR("");
	for (size_t i = 0; i < places.len; i++)
		if (i < OPIK_SCORE_DIGITS ? places.ptr[i] != '9' : places.ptr[i] != '0')
			return i >= OPIK_SCORE_DIGITS && ascii_is_digit(places.ptr[i]);
	return false;
}

/* Reads a number with nine places into its shortest form. */
static struct str opik_score_read_value(struct opik_reader *rd, struct json v)
{
	int64_t units;
	struct str number = opik_read_number(rd, v);
	if (str_is_null(number)) {
		opik_problem(rd, "value must not be null");
		return STR_NULL;
	}
	const int64_t end = 999999999999999999;
	bool fits = dec_to_units(number, OPIK_SCORE_DIGITS, &units) && units >= -end &&
		    units <= end && !((units == end || units == -end) && is_beyond_end(number));
	if (fits)
		return opik_score_text(rd->arena, units);
	opik_problem(rd, number.ptr[0] == '-'
				 ? "value must be greater than or equal to -999999999.999999999"
				 : "value must be less than or equal to 999999999.999999999");
	return STR_NULL;
}

/* target is STR_NULL when each score names its own. */
static void opik_score_read_score(
	struct opik_reader *rd, enum opik_of of, struct json v, struct str target, struct note *ret)
{
	static const char *const ids[] = { "id", "id", "thread_id" };
	enum note_about about = about_of(of);
	struct str author = opik_author(rd->request);
	note_init(ret, NOTE_SCORE, about);
	if (v.type != JSON_OBJECT) {
		opik_malformed(rd, "com.comet.opik.api.FeedbackScore", v, "not an object");
		return;
	}
	struct str name = opik_read_text(rd, json_get(v, STR("name")));
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(rd, "name must not be blank");
	if (str_is_null(target)) {
		struct json id = json_get(v, str_from_c(ids[of]));
		target = of == OPIK_THREADS ? opik_read_text(rd, id) : opik_read_id(rd, id);
		if (str_is_null(target))
			opik_problem(rd, of == OPIK_THREADS ? "threadId must not be blank"
							    : "id must not be null");
		struct str project = opik_read_text(rd, json_get(v, STR("project_name")));
		if (!str_is_null(project) && opik_is_blank(project))
			opik_problem(rd, "projectName must not be blank");
		ret->text[NOTE_FIELD_PROJECT] =
			project.len ? str_trim(project) : STR(PROJECT_DEFAULT_NAME);
	}
	ret->text[NOTE_FIELD_NAME] = name;
	ret->text[NOTE_FIELD_VALUE] = opik_score_read_value(rd, json_get(v, STR("value")));
	ret->text[NOTE_FIELD_CATEGORY] = text_or_null(rd, v, STR("category_name"));
	ret->text[NOTE_FIELD_REASON] = text_or_null(rd, v, STR("reason"));
	ret->text[NOTE_FIELD_ORIGIN] = opik_read_choice(
		rd, json_get(v, STR("source")), "com.comet.opik.api.ScoreSource", origins, 3);
	if (json_get(v, STR("source")).type <= JSON_NULL)
		opik_problem(rd, "source must not be null");
	struct str queue = text_or_null(rd, v, STR("source_queue_id"));
	ret->text[NOTE_FIELD_CREATED_BY] = ret->text[NOTE_FIELD_UPDATED_BY] = author;
	if (!str_is_null(queue))
		ret->text[NOTE_FIELD_EXTRA] =
			arena_printf(rd->arena, "{\"source_queue_id\":\"%.*s\"}", STR_ARG(queue));
	set_target(rd->arena, ret, target);
}

/* Stores the notes and answers. */
static void opik_score_write_notes(struct request *r, struct note *notes, size_t n)
{
	enum err e = notes_append(&api_app(r)->store, r->workspace, ingest_may_create(r), r->arena,
		notes, n, r->now_ns);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		opik_refuse(r, ERR_NOT_FOUND, STR("Workspace not found"));
	else if (e)
		api_fail(r, &dialect_opik, e);
	else
		opik_no_content(r);
}

/* Checks that the span or trace exists. Returns false when the request was answered with an
 * error. */
static bool check_there(struct request *r, enum opik_of of, struct str id)
{
	struct view v;
	struct span s;
	bool found;
	if (!opik_view(r, &v))
		return false;
	enum err e = opik_find_one(&v, of, id, &s, &found);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!found)
		opik_not_found(
			r, of == OPIK_SPANS ? "Span id" : "Trace id", opik_id_shown(r->arena, id));
	return !e && found;
}

/* Returns false when the request was answered with an error. */
static bool read_path_id(struct request *r, enum opik_of of, struct str *ret)
{
	if (opik_id_param(r->arena, r->captures[0], ret))
		return opik_ids_of(r, of, ret, 1);
	opik_no_such_path(r);
	return false;
}

static void score(struct request *r, enum opik_of of)
{
	struct json body;
	struct opik_reader rd;
	struct note note;
	struct str id;
	if (!read_path_id(r, of, &id) || !opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	opik_score_read_score(&rd, of, body, id, &note);
	if (opik_reader_check(&rd) && check_there(r, of, id))
		opik_score_write_notes(r, &note, 1);
}

void opik_span_score(struct request *r)
{
	score(r, OPIK_SPANS);
}

void opik_trace_score(struct request *r)
{
	score(r, OPIK_TRACES);
}

/* Returns false when the request was answered with an error. */
static bool opik_score_check_ids(
	struct request *r, enum opik_of of, const struct note *notes, size_t n)
{
	for (size_t i = 0; i < n && of != OPIK_THREADS; i++) {
		struct str id = notes[i].text[note_target_field(notes[i].about)];
		if (id.len != UUID_TEXT || uuid_version(id) == 7)
			continue; /* ids of other APIs have no version */
		opik_refuse_with(r, ERR_INVALID, STR("Invalid UUID for id"),
			arena_printf(r->arena, "%s id must be a version 7 UUID",
				of == OPIK_SPANS ? "span" : "trace"));
		return false;
	}
	return true;
}

/* Finds the spans or traces that the ids mean. Returns false when the request was answered with an
 * error. */
static bool opik_score_find_targets(
	struct request *r, enum opik_of of, struct note *notes, size_t n)
{
	struct str *ids = arena_calloc(r->arena, n, sizeof *ids);
	if (of == OPIK_THREADS)
		return true;
	for (size_t i = 0; i < n; i++)
		ids[i] = notes[i].text[note_target_field(notes[i].about)];
	if (!opik_ids_of(r, of, ids, n))
		return false;
	for (size_t i = 0; i < n; i++)
		set_target(r->arena, &notes[i], ids[i]);
	return true;
}

/* Creates the projects that scores name. Returns false when the request was answered with an
 * error. */
static bool make_projects(struct request *r, const struct note *notes, size_t n)
{
	struct projects p;
	struct str *names = arena_calloc(r->arena, n, sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = notes[i].text[NOTE_FIELD_PROJECT];
	enum err e = projects_ensure(&api_app(r)->store, r->workspace, ingest_may_create(r),
		r->arena, names, n, opik_author(r), r->now_ns, &p);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		opik_refuse(r, ERR_NOT_FOUND, STR("Workspace not found"));
	else if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

static void score_batch(struct request *r, enum opik_of of)
{
	struct json body;
	struct opik_reader rd;
	size_t n = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct note *notes = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *notes);
	struct json_iter it = json_elements(opik_read_list(&rd, body, "scores"));
	for (; json_next(&it) && n < OPIK_BATCH_MAX; n++) {
		rd.path = arena_printf(r->arena, "scores[%zu].", n);
		opik_score_read_score(&rd, of, it.value, STR_NULL, &notes[n]);
	}
	if (opik_reader_check(&rd) && opik_score_check_ids(r, of, notes, n) &&
		opik_score_find_targets(r, of, notes, n) && make_projects(r, notes, n))
		opik_score_write_notes(r, notes, n);
}

void opik_spans_score(struct request *r)
{
	score_batch(r, OPIK_SPANS);
}

void opik_traces_score(struct request *r)
{
	score_batch(r, OPIK_TRACES);
}

void opik_threads_score(struct request *r)
{
	score_batch(r, OPIK_THREADS);
}

/* ---- Deleting scores ---- */

struct unscore {
	struct str names[OPIK_BATCH_MAX];
	size_t n_names;
	struct str author; /* STR_NULL: any */
	struct str queue;  /* STR_NULL: any */
};

static bool opik_score_is_named(const struct unscore *u, const struct note *n)
{
	if (!str_is_null(u->author) && !str_eq(u->author, n->text[NOTE_FIELD_UPDATED_BY]))
		return false;
	if (!str_is_null(u->queue) && !str_eq(u->queue, queue_of(n)))
		return false;
	for (size_t i = 0; i < u->n_names; i++)
		if (str_eq(u->names[i], n->text[NOTE_FIELD_NAME]))
			return true;
	return false;
}

static void unscore(
	struct request *r, enum note_about about, struct str target, const struct unscore *u)
{
	struct view v;
	struct notes notes;
	if (!opik_view(r, &v))
		return;
	enum err e = notes_open(&v, 1u << NOTE_SCORE, &notes);
	size_t n = 0, n_all = 0;
	struct note *gone = NULL;
	const struct note_row *row = e ? NULL : notes_first(&notes, about, target);
	for (const struct note_row *one = row; one; one = notes_next(&notes, one))
		n_all++;
	if (n_all)
		gone = arena_calloc(r->arena, n_all, sizeof *gone);
	for (; row && !e; row = notes_next(&notes, row)) {
		e = notes_fetch(&notes, row, &gone[n]);
		if (e || !opik_score_is_named(u, &gone[n]))
			continue;
		gone[n].is_deleted = true;
		gone[n].updated_ns =
			r->now_ns > gone[n].updated_ns ? r->now_ns : gone[n].updated_ns;
		n++;
	}
	if (!e)
		notes_close(&notes);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else
		opik_score_write_notes(r, gone, n);
}

static void unscore_one(struct request *r, enum opik_of of)
{
	struct json body;
	struct opik_reader rd;
	struct str id;
	struct unscore *u = arena_alloc(r->arena, sizeof *u);
	if (!read_path_id(r, of, &id) || !opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	u->names[0] = opik_read_text(&rd, json_get(body, STR("name")));
	u->n_names = 1;
	u->author = text_or_null(&rd, body, STR("author"));
	if (!str_is_null(u->author) && opik_is_blank(u->author))
		u->author = STR_NULL;
	u->queue = text_or_null(&rd, body, STR("source_queue_id"));
	if (str_is_null(u->names[0]) || opik_is_blank(u->names[0]))
		opik_problem(&rd, "name must not be blank");
	if (opik_reader_check(&rd))
		unscore(r, about_of(of), id, u);
}

void opik_span_unscore(struct request *r)
{
	unscore_one(r, OPIK_SPANS);
}

void opik_trace_unscore(struct request *r)
{
	unscore_one(r, OPIK_TRACES);
}

/* The body is {"thread_id", "names":[…], "author"}. */
void opik_threads_unscore(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct unscore *u = arena_alloc(r->arena, sizeof *u);
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str id = opik_read_text(&rd, json_get(body, STR("thread_id")));
	struct json_iter it = json_elements(opik_read_list(&rd, body, "names"));
	while (json_next(&it) && u->n_names < OPIK_BATCH_MAX)
		u->names[u->n_names++] = opik_read_text(&rd, it.value);
	u->author = text_or_null(&rd, body, STR("author"));
	if (str_is_null(id) || opik_is_blank(id))
		opik_problem(&rd, "threadId must not be blank");
	if (opik_reader_check(&rd))
		unscore(r, NOTE_ABOUT_SESSION, id, u);
}

/* ---- Names ---- */

struct names {
	struct notes *notes;
	enum note_about about;
	struct table seen; /* struct name */
	struct string_pool keep;
	enum err error;
};

struct name {
	uint64_t hash;
	struct str text;
};

static void opik_score_note_name(struct names *names, struct str text)
{
	uint64_t hash = pred_text_hash(text);
	struct table_probe p = table_probe(&names->seen, hash);
	struct name *one;
	while ((one = table_next(&names->seen, &p)))
		if (str_eq(one->text, text))
			return;
	one = table_add(&names->seen, hash);
	one->text = string_pool_copy(&names->keep, text);
}

static bool take_names(void *user, const struct span *s, struct row_ref ref)
{
	struct names *names = user;
	struct str id = names->about == NOTE_ABOUT_SPAN    ? span_text(s, FIELD_SPAN_ID)
			: names->about == NOTE_ABOUT_TRACE ? span_text(s, FIELD_TRACE_ID)
							   : span_text(s, FIELD_SESSION_ID);
	if (id.len == 0)
		return true;
	const struct note_row *row = notes_first(names->notes, names->about, id);
	(void)ref;
	for (; row; row = notes_next(names->notes, row)) {
		struct note note;
		names->error = notes_fetch(names->notes, row, &note);
		if (names->error)
			return false;
		opik_score_note_name(names, note.text[NOTE_FIELD_NAME]);
	}
	return true;
}

static int opik_score_compare_names(const void *x, const void *y)
{
	const struct name *a = x, *b = y;
	return str_cmp(a->text, b->text);
}

static void print_names(struct request *r, struct names *names)
{
	struct json_writer w;
	table_freeze(&names->seen);
	if (names->seen.n)
		qsort(names->seen.rows, names->seen.n, names->seen.row_size,
			opik_score_compare_names);
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_key(&w, STR("scores"));
	json_array(&w);
	for (size_t i = 0; i < names->seen.n; i++) {
		struct name *one = table_row(&names->seen, i);
		json_object(&w);
		json_member_body(&w, STR("name"), one->text);
		json_end(&w);
	}
	json_end(&w);
	json_end(&w);
}

static void names_init(struct names *names, struct request *r, enum opik_of of)
{
	*names = (struct names){ .about = about_of(of) };
	table_init(&names->seen, r->arena, sizeof(struct name));
	string_pool_init(&names->keep, r->arena);
}

/* Adds the names of the scores of the list's rows. */
static enum err names_collect(struct names *names, struct opik_list *l)
{
	struct field_set want = { { 0 } };
	struct notes notes;
	field_set_add(&want, FIELD_SPAN_ID);
	field_set_add(&want, FIELD_TRACE_ID);
	field_set_add(&want, FIELD_SESSION_ID);
	enum err e = notes_open(&l->view, 1u << NOTE_SCORE, &notes);
	if (e)
		return e;
	names->notes = &notes;
	e = notes.n ? opik_list_each(l, &want, take_names, names) : ERR_OK;
	notes_close(&notes);
	return e ? e : names->error;
}

static void score_names(struct request *r, enum opik_of of)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct names names;
	if (!request_param(r, STR("project_id"))) {
		opik_refuse(r, ERR_INVALID, STR("project_id must be provided"));
		return;
	}
	if (!opik_list_params(l, r, of) || !opik_list_open(l))
		return;
	names_init(&names, r, of);
	enum err e = names_collect(&names, l);
	if (e)
		api_fail(r, &dialect_opik, e);
	else
		print_names(r, &names);
	opik_list_close(l);
}

/* The parameter project_ids is a JSON array. */
void opik_projects_score_names(struct request *r)
{
	const struct param *p = request_param(r, STR("project_ids"));
	struct json_error error;
	struct names names;
	if (!p || !json_check(p->value, LIMIT_DEPTH, &error) ||
		json_open(p->value).type != JSON_ARRAY) {
		opik_refuse(r, ERR_INVALID, STR("Invalid query param ids"));
		return;
	}
	names_init(&names, r, OPIK_TRACES);
	struct json_iter it = json_elements(json_open(p->value));
	while (json_next(&it)) {
		struct opik_list *l = arena_alloc(r->arena, sizeof *l);
		struct json one = json_open(
			arena_printf(r->arena, "{\"project_id\":%.*s}", STR_ARG(it.value.raw)));
		if (!opik_list_json(l, r, OPIK_TRACES, one) || !opik_list_open(l))
			return;
		enum err e = names_collect(&names, l);
		opik_list_close(l);
		if (e) {
			api_fail(r, &dialect_opik, e);
			return;
		}
	}
	print_names(r, &names);
}

void opik_spans_score_names(struct request *r)
{
	score_names(r, OPIK_SPANS);
}

void opik_traces_score_names(struct request *r)
{
	score_names(r, OPIK_TRACES);
}

void opik_threads_score_names(struct request *r)
{
	score_names(r, OPIK_THREADS);
}
