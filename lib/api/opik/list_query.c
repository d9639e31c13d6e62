/* Turns a list request into a query: projects, kinds of rows, times, search, filters and order. */
#include "api/opik/filter/letters.h"
#include "api/opik/filter/roots.h"
#include "api/opik/list.h"
#include "api/opik/merge.h"
#include "api/opik/trace_ids.h"
#include "api/sort.h"

#include "base/utime.h"
#include "base/uuid.h"
#include "query/page/collect.h"

/* Clauses besides those of filters. */
enum { CLAUSES_MAX = 2 * LIMIT_PREDICATES + 16, SEARCH_FIELDS_MAX = 16 };

/* ---- Projects ---- */

/* Names and ids are canonical bodies. id is STR_NULL when the project is not registered. */
struct clause opik_in_project(
	const struct projects *p, struct arena *a, struct str name, struct str id)
{
	const struct project *found =
		str_is_null(id) ? projects_by_name(p, name) : projects_by_id(p, id);
	size_t n = 0, n_former = found ? found->n_former : 0;
	struct str *names = arena_calloc(a, n_former + 1, sizeof *names);
	struct pred *preds = arena_calloc(a, 2, sizeof *preds);
	names[n++] = found ? found->name : name;
	for (size_t i = 0; i < n_former; i++)
		names[n++] = found->former[i];
	preds[0] = (struct pred){
		.field = FIELD_PROJECT, .op = OP_IN, .fold = true, .texts = names, .n_values = n
	};
	preds[1] = (struct pred){ .field = FIELD_PROJECT, .op = OP_EMPTY };
	bool is_default = found && str_eq(found->id, STR(PROJECT_DEFAULT_ID));
	return (struct clause){ preds, is_default ? 2 : 1 };
}

/* True when a span names the project. */
static enum err opik_query_is_named(struct opik_list *l, struct str name, bool *ret)
{
	struct arena *a = l->request->arena;
	struct str *text = arena_alloc(a, sizeof *text);
	struct pred pred = {
		.field = FIELD_PROJECT, .op = OP_EQ, .fold = true, .texts = text, .n_values = 1
	};
	struct clause clause = { &pred, 1 };
	struct query q;
	struct row_list rows;
	*text = name;
	query_init(&q);
	q.clauses = &clause;
	q.n_clauses = q.n_sort = q.limit = 1;
	q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT, .descending = true };
	q.deadline_ns = opik_deadline(l->request);
	enum err e = engine_list(&l->view, &q, &rows);
	*ret = !e && rows.n > 0;
	return e;
}

/* Returns the project with that derived id, or STR_NULL when no span names one. */
static enum err name_of_derived(struct request *r, struct view *v, struct str id, struct str *ret)
{
	struct group_query q = { .by = { FIELD_PROJECT }, .n_by = 1, .limit = SIZE_MAX };
	struct group_list list;
	query_init(&q.spans);
	q.spans.deadline_ns = opik_deadline(r);
	enum err e = engine_groups(v, &q, &list);
	*ret = STR_NULL;
	for (size_t i = 0; !e && i < list.n && str_is_null(*ret); i++)
		if (str_eq(project_derived_id(r->arena, list.rows[i].value[0]), id))
			*ret = list.rows[i].value[0];
	return e;
}

enum err opik_find_project(struct request *r, struct view *v, const struct projects *p,
	struct str id, struct clause *ret, bool *ret_found)
{
	struct str name = STR_NULL;
	enum err e = ERR_OK;
	*ret_found = projects_by_id(p, id) != NULL;
	if (!*ret_found) {
		e = name_of_derived(r, v, id, &name);
		*ret_found = !e && !str_is_null(name);
		id = STR_NULL;
	}
	if (*ret_found)
		*ret = opik_in_project(p, r->arena, name, id);
	return e;
}

/* Finds a project that only spans name, by its name or its derived id. Returns false when the
 * request was answered with an error. */
static bool find_foreign(struct opik_list *l, struct str *name)
{
	bool is_by_id = str_is_null(*name), is_there = false;
	enum err e = is_by_id ? name_of_derived(l->request, &l->view, l->project_id, name)
			      : opik_query_is_named(l, *name, &is_there);
	if (e)
		api_fail(l->request, &dialect_opik, e);
	else if (is_by_id && str_is_null(*name))
		opik_not_found(l->request, "Project id", l->project_id);
	else if (!is_by_id && !is_there)
		opik_not_found(l->request, "Project name", str_trim(l->project_name));
	return !e && (is_by_id ? !str_is_null(*name) : is_there);
}

/* Returns false when the request was answered with an error. */
static bool opik_query_add_project(struct opik_list *l, struct clause *ret)
{
	struct arena *a = l->request->arena;
	struct str id = l->project_id, name = STR_NULL;
	if (str_is_null(id))
		name = json_encode(a, str_trim(l->project_name));
	if (str_is_null(id) ? !projects_by_name(&l->projects, name)
			    : !projects_by_id(&l->projects, id)) {
		if (!find_foreign(l, &name))
			return false;
		id = STR_NULL;
	}
	*ret = opik_in_project(&l->projects, a, name, id);
	return true;
}

/* ---- Rows ---- */

size_t opik_rows_of(enum opik_of of, struct arena *a, struct clause *ret)
{
	struct str *texts = arena_calloc(a, 4, sizeof *texts);
	struct pred *preds = arena_calloc(a, 6, sizeof *preds);
	texts[0] = STR(OPIK_TRACE_TYPE);
	texts[1] = STR(OPIK_SOURCE);
	texts[2] = STR("otel");
	texts[3] = STR("-");
	bool is_span = of == OPIK_SPANS;
	struct pred type = { .field = FIELD_NATIVE_TYPE,
		.op = is_span ? OP_NE : OP_EQ,
		.absent_is_zero = true,
		.texts = &texts[0],
		.n_values = 1 };
	struct pred foreign = { .field = FIELD_SOURCE,
		.op = OP_NE,
		.absent_is_zero = true,
		.texts = &texts[1],
		.n_values = 1 };
	preds[0] = preds[2] = type;
	preds[1] = foreign;
	preds[3] = (struct pred){ .field = FIELD_PARENT_SPAN_ID, .op = OP_EMPTY };
	ret[0] = (struct clause){ &preds[0], 2 };
	if (is_span)
		return 1;
	ret[1] = (struct clause){ &preds[2], 2 };
	/* Not the spans of OTLP that name a trace of Opik: opik_is_attached(). */
	preds[4] = foreign;
	preds[4].texts = &texts[2];
	preds[5] = (struct pred){
		.field = FIELD_TRACE_ID, .op = OP_NOT_CONTAINS, .texts = &texts[3], .n_values = 1
	};
	ret[2] = (struct clause){ &preds[4], 2 };
	return OPIK_ROWS_CLAUSES;
}

static struct pred text_is(struct arena *a, unsigned field, enum op op, struct str text)
{
	struct str *value = arena_alloc(a, sizeof *value);
	*value = text;
	return (struct pred){ .field = field, .op = op, .texts = value, .n_values = 1 };
}

static void opik_query_add(struct opik_list *l, const struct pred *preds, size_t n)
{
	struct pred *copy = arena_calloc(l->request->arena, n, sizeof *copy);
	memcpy(copy, preds, n * sizeof *copy);
	l->clauses[l->query.n_clauses++] = (struct clause){ copy, n };
}

/* Times bound the ids of Opik's rows, which contain them, and the starts of other rows. */
static void add_bound(struct opik_list *l, bool is_from, int64_t ms)
{
	struct arena *a = l->request->arena;
	char *least = arena_text(a, UUID_TEXT), *most = arena_text(a, UUID_TEXT);
	int64_t *ns = arena_alloc(a, sizeof *ns);
	uuid_bounds(ms, least, most);
	if (__builtin_mul_overflow(ms, NS_PER_MS, ns))
		*ns = ms < 0 ? INT64_MIN : INT64_MAX;
	else if (!is_from)
		*ns += NS_PER_MS - 1 > INT64_MAX - *ns ? INT64_MAX - *ns : NS_PER_MS - 1;
	enum op op = is_from ? OP_GE : OP_LE;
	struct pred by_id[] = { text_is(a, FIELD_SPAN_ID, op,
					str_of(is_from ? least : most, UUID_TEXT)),
		text_is(a, FIELD_SOURCE, OP_NE, STR(OPIK_SOURCE)) };
	int64_t *bound_ms = arena_alloc(a, sizeof *bound_ms);
	*bound_ms = ms;
	/* Rows whose ids have the start of their trace stand there. */
	struct pred started[] = {
		{ .field = FIELD_STARTED_AT, .op = op, .numbers = ns, .n_values = 1 },
		{ .field = FIELD_OPIK_MS, .op = OP_NOT_EMPTY },
		text_is(a, FIELD_SOURCE, OP_EQ, STR(OPIK_SOURCE))
	};
	struct pred traced[] = {
		{ .field = FIELD_OPIK_MS, .op = op, .numbers = bound_ms, .n_values = 1 },
		{ .field = FIELD_OPIK_MS, .op = OP_EMPTY },
		text_is(a, FIELD_SOURCE, OP_EQ, STR(OPIK_SOURCE))
	};
	opik_query_add(l, by_id, 2);
	opik_query_add(l, started, 3);
	opik_query_add(l, traced, 3);
}

/* Searches a whole id, also in its stored form. Returns at most 2 predicates. */
static size_t add_id_search(struct opik_list *l, struct str id, struct pred *ret)
{
	struct arena *a = l->request->arena;
	struct str *ids;
	size_t n = 0, n_ids = opik_trace_ids(a, id, &ids);
	if (n_ids == 2) /* as a text, so that the term index is used */
		ret[n++] = text_is(a, FIELD_TRACE_ID, OP_CONTAINS, ids[1]);
	else if (n_ids > 2)
		ret[n++] = opik_trace_is(a, id);
	if (l->of == OPIK_SPANS && !str_eq(id, l->search))
		ret[n++] = text_is(a, FIELD_SPAN_ID, OP_CONTAINS, id);
	return n;
}

static void add_search(struct opik_list *l)
{
	static const enum field span_fields[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_NAME,
		FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA, FIELD_ATTRIBUTES, FIELD_TAGS,
		FIELD_MODEL, FIELD_PROVIDER };
	static const enum field trace_fields[] = { FIELD_TRACE_ID, FIELD_NAME, FIELD_INPUT,
		FIELD_OUTPUT, FIELD_METADATA, FIELD_ATTRIBUTES, FIELD_TAGS, FIELD_SESSION_ID,
		FIELD_ERROR_TYPE, FIELD_ERROR_MESSAGE, FIELD_ERROR_TRACEBACK };
	bool is_span = l->of == OPIK_SPANS;
	const enum field *fields = is_span ? span_fields : trace_fields;
	size_t n_fields = is_span ? sizeof span_fields / sizeof span_fields[0]
				  : sizeof trace_fields / sizeof trace_fields[0];
	struct arena *a = l->request->arena;
	struct pred preds[SEARCH_FIELDS_MAX * OPIK_LETTERS_MAX];
	struct str text = json_encode(a, l->search), id;
	size_t n = 0;
	for (size_t i = 0; i < n_fields; i++) {
		struct pred p = text_is(a, fields[i], OP_CONTAINS, text);
		p.fold = true;
		n += opik_letters_preds(a, &p, &preds[n]);
	}
	if (opik_id_param(a, l->search, &id))
		n += add_id_search(l, id, &preds[n]);
	if (is_span) {
		int64_t *kinds = arena_calloc(a, KIND__MAX, sizeof *kinds);
		struct pred *p = &preds[n++];
		*p = (struct pred){ .field = FIELD_KIND, .op = OP_IN, .numbers = kinds };
		for (unsigned k = 0; k < KIND__MAX; k++) {
			int type = opik_type_of_kind((enum kind)k);
			struct str name = type < 0 ? STR("unknown") : opik_types[type];
			for (size_t i = 0; i + l->search.len <= name.len; i++)
				if (str_starts_nocase(str_skip(name, i), l->search)) {
					kinds[p->n_values++] = k;
					break;
				}
		}
	}
	opik_query_add(l, preds, n);
}

static void add_type(struct opik_list *l)
{
	int64_t *kinds = arena_calloc(l->request->arena, KIND__MAX, sizeof *kinds);
	struct pred p = { .field = FIELD_KIND, .op = OP_IN, .numbers = kinds };
	for (unsigned k = 0; k < KIND__MAX; k++)
		if (opik_type_of_kind((enum kind)k) == l->type)
			kinds[p.n_values++] = k;
	opik_query_add(l, &p, 1);
}

/* Returns false when the request was answered with an error. */
static bool add_source(struct opik_list *l)
{
	struct arena *a = l->request->arena;
	size_t i = 0;
	while (i < 5 && !str_eq_nocase(opik_sources[i], l->source))
		i++;
	if (i == 5) {
		opik_refuse(l->request, ERR_INVALID,
			arena_printf(a, "Invalid source '%.*s'", STR_ARG(l->source)));
		return false;
	}
	struct pred preds[] = { text_is(a, FIELD_ORIGIN, OP_EQ, opik_sources[i]),
		{ .field = FIELD_ORIGIN, .op = OP_EMPTY } };
	opik_query_add(l, preds, i == 0 ? 2 : 1);
	return true;
}

/* ---- Scores and sums that filters and sorting need ---- */

static bool sorts_by(const struct opik_list *l, struct str prefix)
{
	return str_starts(l->sort_field, prefix);
}

static enum err open_scores(struct opik_list *l)
{
	static const enum note_about about[] = { [OPIK_SPANS] = NOTE_ABOUT_SPAN,
		[OPIK_TRACES] = NOTE_ABOUT_TRACE,
		[OPIK_THREADS] = NOTE_ABOUT_SESSION };
	struct arena *a = l->request->arena;
	l->has_scores = opik_filter_uses(&l->filters, OPIK_PLACE_SCORES) ||
			sorts_by(l, STR("feedback_scores."));
	l->has_span_scores = opik_filter_uses(&l->filters, OPIK_PLACE_SPAN_SCORES) ||
			     sorts_by(l, STR("span_feedback_scores."));
	enum err e = notes_open(&l->view, 1u << NOTE_SCORE | 1u << NOTE_COMMENT, &l->notes);
	if (e)
		return e;
	opik_scores_init(&l->scores, a);
	opik_scores_init(&l->span_scores, a);
	if (l->has_scores)
		opik_scores_collect(&l->scores, &l->notes, about[l->of]);
	if (l->has_span_scores)
		e = opik_scores_collect_spans(
			&l->span_scores, &l->view, &l->notes, l->query.deadline_ns);
	return e;
}

/* Computes the sums over all spans, because those of one trace are known only after all spans were
 * read. */
static enum err open_sums(struct opik_list *l)
{
	struct query q;
	struct clause clauses[OPIK_ROWS_CLAUSES];
	struct str key = sorts_by(l, STR("usage.")) ? str_skip(l->sort_field, 6) : STR_NULL;
	query_init(&q);
	q.clauses = clauses;
	q.n_clauses = opik_rows_of(OPIK_SPANS, l->request->arena, clauses);
	q.deadline_ns = l->query.deadline_ns;
	opik_sums_init(&l->sums, l->request->arena, false, key);
	return opik_sums_collect(&l->sums, &l->view, &q);
}

static bool reads_sums(const struct opik_list *l)
{
	if (l->of != OPIK_TRACES)
		return false;
	return opik_filter_uses(&l->filters, OPIK_PLACE_SUM) || sorts_by(l, STR("usage.")) ||
	       str_eq(l->sort_field, STR("span_count")) ||
	       str_eq(l->sort_field, STR("llm_span_count")) ||
	       str_eq(l->sort_field, STR("total_estimated_cost"));
}

/* ---- The request ---- */

/* Returns false when the request was answered with an error. */
static bool add_filters(struct opik_list *l)
{
	struct arena *a = l->request->arena;
	struct opik_clauses *built = arena_alloc(a, sizeof *built);
	if (!opik_filter_apply(&l->filters, l->of, &l->scores, &l->span_scores, a, built)) {
		opik_refuse(l->request, ERR_INVALID, STR("The filters ask for too much at once"));
		return false;
	}
	memcpy(l->clauses + l->query.n_clauses, built->plain,
		built->n_plain * sizeof built->plain[0]);
	l->query.n_clauses += built->n_plain;
	l->summed.clauses = built->summed;
	l->summed.n_clauses = built->n_summed;
	return true;
}

static void add_requested(struct opik_list *l)
{
	struct arena *a = l->request->arena;
	if (!str_is_null(l->trace_id)) {
		struct pred p = opik_trace_is(a, l->trace_id);
		opik_query_add(l, &p, 1);
	}
	if (l->type >= 0)
		add_type(l);
	if (l->has_from)
		add_bound(l, true, l->from_ms);
	if (l->has_to)
		add_bound(l, false, l->to_ms);
	if (l->search.len)
		add_search(l);
}

/* Replaces the id of a filter that must be equal to it. */
static enum err resolve_filter(struct opik_list *l, struct opik_filter *f)
{
	bool is_span = f->field.at == FIELD_SPAN_ID && f->field.place == OPIK_PLACE_FIELD;
	bool is_trace = f->field.at == FIELD_TRACE_ID && f->field.place == OPIK_PLACE_FIELD;
	if (l->of == OPIK_THREADS || (!is_span && !is_trace) ||
		(f->op != OPIK_EQUAL && f->op != OPIK_NOT_EQUAL))
		return ERR_OK;
	return opik_resolve(l->request, &l->view, is_span ? OPIK_SPANS : OPIK_TRACES, &f->value, 1);
}

/* Replaces the ids of the request by the stored ones that they show. Returns false when the request
 * was answered with an error. */
static bool resolve_ids(struct opik_list *l)
{
	enum err e = ERR_OK;
	if (!str_is_null(l->last_id) && l->of == OPIK_TRACES)
		e = opik_find_traces(l->request, &l->view, &l->last_id, 1);
	else if (!str_is_null(l->last_id) && l->of == OPIK_SPANS)
		e = opik_resolve(l->request, &l->view, OPIK_SPANS, &l->last_id, 1);
	if (!e && !str_is_null(l->trace_id))
		e = opik_resolve(l->request, &l->view, OPIK_TRACES, &l->trace_id, 1);
	for (size_t i = 0; i < l->filters.n && !e; i++)
		e = resolve_filter(l, &l->filters.list[i]);
	if (e)
		api_fail(l->request, &dialect_opik, e);
	return !e;
}

/* Leaves out the roots that do not stand for their trace. Returns false when the request was
 * answered with an error. */
static bool add_roots(struct opik_list *l)
{
	struct clause clause;
	if (l->of == OPIK_SPANS)
		return true;
	enum err e = opik_roots_clause(&l->view, &l->query, false, &clause);
	if (e)
		api_fail(l->request, &dialect_opik, e);
	else if (clause.n)
		l->clauses[l->query.n_clauses++] = clause;
	return !e;
}

static bool open_query(struct opik_list *l)
{
	struct arena *a = l->request->arena;
	struct clause project;
	struct json v;
	struct json_error error;
	if (!opik_projects(l->request, &l->view, &l->projects) ||
		!opik_query_add_project(l, &project))
		return false;
	if (str_trim(l->raw_exclude).len) {
		bool ok = json_check(l->raw_exclude, LIMIT_DEPTH, &error);
		v = ok ? json_open(l->raw_exclude) : (struct json){ JSON_NONE, STR_NULL };
		if (!ok || !opik_read_exclude(v, &l->exclude)) {
			opik_refuse(l->request, ERR_INVALID,
				arena_printf(a, "Invalid query param exclude '%.*s'",
					STR_ARG(l->raw_exclude)));
			return false;
		}
	}
	l->clauses = arena_calloc(a, CLAUSES_MAX, sizeof *l->clauses);
	query_init(&l->query);
	query_init(&l->summed);
	l->query.deadline_ns = l->summed.deadline_ns = opik_deadline(l->request);
	l->query.clauses = l->clauses;
	l->clauses[0] = project;
	if (!resolve_ids(l))
		return false;
	l->query.n_clauses = 1 + opik_rows_of(l->of, a, l->clauses + 1);
	if (!add_roots(l))
		return false;
	add_requested(l);
	if (!str_is_null(l->source) && l->source.len && !add_source(l))
		return false;
	enum err e = open_scores(l);
	l->needs_sums = reads_sums(l);
	if (!e && l->needs_sums)
		e = open_sums(l);
	if (e) {
		api_fail(l->request, &dialect_opik, e);
		return false;
	}
	return add_filters(l);
}

bool opik_list_open(struct opik_list *l)
{
	if (!opik_view(l->request, &l->view))
		return false;
	if (open_query(l))
		return true;
	opik_list_close(l);
	return false;
}

void opik_list_close(struct opik_list *l)
{
	notes_close(&l->notes);
	if (l->scores.arena)
		opik_scores_release(&l->scores);
	if (l->span_scores.arena)
		opik_scores_release(&l->span_scores);
	opik_sums_release(&l->sums);
	view_close(&l->view);
}

struct pred opik_in_set(struct arena *a, enum field f, const struct str *texts, size_t n)
{
	uint64_t *hashes = arena_calloc(a, n, sizeof *hashes);
	for (size_t i = 0; i < n; i++)
		hashes[i] = pred_text_hash(texts[i]);
	sort_hashes(hashes, n);
	return (struct pred){ .field = f, .op = OP_IN_SET, .set = { hashes, n } };
}

struct pred opik_trace_is(struct arena *a, struct str id)
{
	struct str *ids;
	size_t n = opik_trace_ids(a, id, &ids);
	if (n > 1)
		return opik_in_set(a, FIELD_TRACE_ID, ids, n);
	return text_is(a, FIELD_TRACE_ID, OP_EQ, id);
}

/* ---- Answers ---- */

struct summing {
	struct opik_list *l;
	bool (*each)(void *user, const struct span *s, struct row_ref ref);
	void *user;
};

static bool take_summed(void *user, const struct span *s, struct row_ref ref)
{
	struct summing *t = user;
	struct opik_list *l = t->l;
	struct span row = *s;
	opik_sums_put(&l->sums, &row, l->view.arena);
	return !query_match(&l->summed, &row, l->view.arena) || t->each(t->user, &row, ref);
}

enum err opik_list_each(struct opik_list *l, const struct field_set *want,
	bool (*each)(void *user, const struct span *s, struct row_ref ref), void *user)
{
	struct summing t = { l, each, user };
	if (!l->needs_sums)
		return engine_each(&l->view, &l->query, want, each, user);
	struct field_set all = query_fields(&l->summed);
	for (size_t i = 0; i < FIELD_WORDS; i++)
		all.word[i] |= want->word[i];
	field_set_add(&all, FIELD_TRACE_ID);
	return engine_each(&l->view, &l->query, &all, take_summed, &t);
}

static bool opik_query_take_row(void *user, const struct span *s, struct row_ref ref)
{
	collect_take(user, s, ref);
	return true;
}

enum err opik_list_page(struct opik_list *l, struct row_list *ret)
{
	l->query.want_total = l->summed.want_total = true;
	if (!l->needs_sums)
		return engine_list(&l->view, &l->query, ret);
	struct collect c;
	struct query q = l->summed;
	struct field_set want = query_fields(&q);
	/* The order applies to the rows with their sums. */
	memcpy(q.sort, l->query.sort, sizeof q.sort);
	q.n_sort = l->query.n_sort;
	q.after = l->query.after;
	q.offset = l->query.offset;
	q.limit = l->query.limit;
	struct field_set order = query_fields(&q);
	for (size_t i = 0; i < FIELD_WORDS; i++)
		want.word[i] |= order.word[i];
	collect_init(&c, &q, l->view.arena);
	enum err e = opik_list_each(l, &want, opik_query_take_row, &c);
	if (!e)
		collect_finish(&c, ret);
	collect_release(&c);
	return e;
}
