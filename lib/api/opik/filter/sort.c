#include "api/opik/filter/sort.h"

#include "api/opik/filter/order.h"
#include "api/opik/merge.h"

#include "query/match/path.h"

/* ---- Computed values ---- */

/* Returns a value, or 0 when there is none, which sorts just before an existing 0. */
static void put_optional(bool is_there, int64_t v, struct sort_value *ret)
{
	const int64_t most = INT64_MAX / 2 - 1;
	v = v > most ? most : v < -most ? -most : v;
	ret->number = is_there ? 2 * v + 1 : 0;
}

static void by_type(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	(void)user;
	(void)a;
	ret->number = opik_type_of_kind((enum kind)span_i64(s, FIELD_KIND, 0)) + 1;
}

static void by_updated(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	(void)user;
	(void)a;
	ret->number = span_version(s);
}

/* Sorts arrays of texts as one text: each element ends in a NUL, which no element contains. */
static void by_tags(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	size_t n = 0;
	struct str tags = span_text(s, FIELD_TAGS);
	char *text = arena_text(a, tags.len + 1);
	(void)user;
	for (struct json_iter it = json_elements(json_open(tags)); json_next(&it);) {
		struct str tag = json_decode(a, json_body(it.value));
		if (tag.len)
			memcpy(text + n, tag.ptr, tag.len);
		n += tag.len;
		text[n++] = '\0';
	}
	ret->text = str_of(text, n);
}

/* Sorts by its JSON text. */
static void by_error(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	static const struct {
		enum field field;
		const char *name;
	} members[] = { { FIELD_ERROR_TYPE, "exception_type" }, { FIELD_ERROR_MESSAGE, "message" },
		{ FIELD_ERROR_TRACEBACK, "traceback" } };
	size_t n = 0, room = 64;
	(void)user;
	for (size_t i = 0; i < 3; i++)
		room += span_text(s, members[i].field).len + 24;
	struct buf b = { .ptr = arena_text(a, room), .cap = room, .arena = a };
	for (size_t i = 0; i < 3; i++) {
		struct str text = span_text(s, members[i].field);
		if (str_is_null(text))
			continue;
		buf_add(&b, n++ ? STR(",\"") : STR("{\""));
		buf_add(&b, str_from_c(members[i].name));
		buf_add(&b, STR("\":\""));
		buf_add(&b, text);
		buf_add_char(&b, '"');
	}
	if (n)
		buf_add_char(&b, '}');
	ret->text = buf_str(&b);
}

/* A row that waits for its POST has no duration, because its start is not known. */
static void by_duration(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	(void)user;
	(void)a;
	ret->is_absent = opik_is_partial(s) || !span_duration(s, &ret->number);
}

struct usage_of {
	struct str key; /* plain text */
	bool is_there;
	int64_t n;
};

static void note_usage(void *user, struct str key, int64_t n)
{
	struct usage_of *of = user;
	if (json_body_is(key, of->key)) {
		of->is_there = true;
		of->n = n;
	}
}

static void by_usage(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	const struct opik_list *l = user;
	struct usage_of of = { .key = str_skip(l->sort_field, 6) };
	(void)a;
	if (l->of == OPIK_SPANS) {
		opik_usage_each(s, note_usage, &of);
	} else {
		const struct opik_sum *sum =
			opik_sums_find(&l->sums, pred_text_hash(span_text(s, FIELD_TRACE_ID)));
		of.is_there = sum && sum->has_extra;
		of.n = of.is_there ? sum->extra : 0;
	}
	put_optional(of.is_there, of.n, ret);
}

struct score_of {
	const struct opik_scores *scores;
	uint64_t name;
	enum field field;
};

static void by_score(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	const struct score_of *of = user;
	const struct opik_score *score =
		opik_scores_find(of->scores, pred_text_hash(span_text(s, of->field)), of->name);
	(void)a;
	put_optional(score, score ? opik_score_value(score) : 0, ret);
}

/* ---- By name ---- */

struct sortable {
	struct str name;
	enum field field; /* FIELD__MAX: computed */
	bool absent_is_zero, is_text;
	sort_compute *compute;
	enum field needs[3];
	unsigned n_needs;
};

/* clang-format off */
#define PLAIN(name, field, zero) { { name, sizeof name - 1 }, field, zero, false, NULL, { 0 }, 0 }
#define COMPUTED(name, text, how, n, ...) \
	{ { name, sizeof name - 1 }, FIELD__MAX, false, text, how, { __VA_ARGS__ }, n }

static const struct sortable sortables[] = {
	PLAIN("name",			FIELD_NAME,		true),
	COMPUTED("type",		false,	by_type,	1, FIELD_KIND),
	PLAIN("trace_id",		FIELD_TRACE_ID,		true),
	PLAIN("parent_span_id",		FIELD_PARENT_SPAN_ID,	true),
	PLAIN("thread_id",		FIELD_SESSION_ID,	true),
	PLAIN("input",			FIELD_INPUT,		true),
	PLAIN("output",			FIELD_OUTPUT,		true),
	PLAIN("metadata",		FIELD_METADATA,		true),
	PLAIN("start_time",		FIELD_STARTED_AT,	false),
	PLAIN("end_time",		FIELD_ENDED_AT,		false),
	PLAIN("ttft",			FIELD_TTFT_MS,		false),
	COMPUTED("tags",		true,	by_tags,	1, FIELD_TAGS),
	PLAIN("created_at",		FIELD_INGESTED_AT,	false),
	COMPUTED("last_updated_at",	false,	by_updated,	2, FIELD_UPDATED_AT, FIELD_INGESTED_AT),
	PLAIN("model",			FIELD_MODEL,		true),
	PLAIN("provider",		FIELD_PROVIDER,		true),
	PLAIN("total_estimated_cost",	FIELD_COST_TOTAL_USD,	true),
	PLAIN("span_count",		FIELD_CACHED_TOKENS,	true), /* OPIK_SUM_SPANS */
	PLAIN("llm_span_count",		FIELD_REPEATS_USAGE,	true), /* OPIK_SUM_LLM_SPANS */
	PLAIN("number_of_messages",	FIELD_CACHED_TOKENS,	true), /* OPIK_THREAD_MESSAGES */
	PLAIN("status",			FIELD_NATIVE_TYPE,	true), /* OPIK_THREAD_STATUS */
	COMPUTED("error_info",		true,	by_error,	3, FIELD_ERROR_TYPE, FIELD_ERROR_MESSAGE, FIELD_ERROR_TRACEBACK),
	PLAIN("created_by",		FIELD_CREATED_BY,	true),
	PLAIN("environment",		FIELD_ENVIRONMENT,	true),
};

static const char *const of_spans[] = { "id", "name", "type", "trace_id", "parent_span_id", "input",
	"output", "metadata", "start_time", "end_time", "duration", "ttft", "usage.*", "metadata",
	"tags", "created_at", "last_updated_at", "model", "provider", "total_estimated_cost",
	"error_info", "created_by", "feedback_scores.*", "environment", NULL };
static const char *const of_traces[] = { "id", "name", "input", "output", "start_time", "end_time",
	"duration", "ttft", "metadata", "thread_id", "span_count", "llm_span_count", "usage.*",
	"total_estimated_cost", "tags", "error_info", "created_by", "created_at",
	"last_updated_at", "feedback_scores.*", "span_feedback_scores.*", "environment", NULL };
static const char *const of_threads[] = { "id", "start_time", "end_time", "duration",
	"number_of_messages", "last_updated_at", "created_by", "created_at",
	"total_estimated_cost", "feedback_scores.*", "status", "tags", NULL };
/* clang-format on */

static const char *const *sortable_names(enum opik_of of)
{
	return of == OPIK_SPANS ? of_spans : of == OPIK_TRACES ? of_traces : of_threads;
}

/* True when the name, also a dynamic one, is in the list. */
static bool is_sortable(enum opik_of of, struct str name)
{
	for (const char *const *p = sortable_names(of); *p; p++) {
		struct str one = str_from_c(*p);
		if (str_eq(one, name))
			return true;
		if (str_ends(one, STR("*")) && name.len >= one.len &&
			str_starts(name, str_first(one, one.len - 1)))
			return true;
	}
	return false;
}

static void opik_sort_add_key(struct query *q, struct sort_key k)
{
	q->sort[q->n_sort++] = k;
}

static void add_score(struct opik_list *l, const struct opik_scores *scores, struct str name)
{
	struct arena *a = l->request->arena;
	struct score_of *of = arena_alloc(a, sizeof *of);
	*of = (struct score_of){ scores, note_name_hash(json_encode(a, name)),
		l->of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID };
	struct sort_key k = { .field = QUERY_COMPUTED,
		.descending = l->sort_descending,
		.numeric = true,
		.compute = by_score,
		.user = of };
	field_set_add(&k.needs, of->field);
	opik_sort_add_key(&l->query, k);
}

static bool opik_sort_note_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

/* Sets *ret to true when a selected row waits for its POST. */
static enum err opik_sort_has_partial(struct opik_list *l, bool *ret)
{
	static const int64_t epoch = 0;
	const struct pred partial = {
		.field = FIELD_STARTED_AT, .op = OP_EQ, .numbers = &epoch, .n_values = 1
	};
	struct field_set nothing = { { 0 } };
	struct query q = l->query;
	struct clause *clauses = arena_calloc(l->request->arena, q.n_clauses + 1, sizeof *clauses);
	memcpy(clauses, q.clauses, q.n_clauses * sizeof *clauses);
	clauses[q.n_clauses++] = (struct clause){ &partial, 1 };
	q.clauses = clauses;
	*ret = false;
	return engine_each(&l->view, &q, &nothing, opik_sort_note_any, ret);
}

/* The columns of the index know durations as long as every row has a start. */
static enum err add_duration(struct opik_list *l)
{
	struct sort_key k = { .field = QUERY_DURATION, .descending = l->sort_descending };
	bool has_partial = true;
	enum err e = l->of == OPIK_THREADS ? ERR_OK : opik_sort_has_partial(l, &has_partial);
	if (e)
		return e;
	if (has_partial) {
		k.field = QUERY_COMPUTED;
		k.numeric = true;
		k.compute = by_duration;
		field_set_add(&k.needs, FIELD_STARTED_AT);
		field_set_add(&k.needs, FIELD_ENDED_AT);
	}
	opik_sort_add_key(&l->query, k);
	return ERR_OK;
}

static void add_named(struct opik_list *l, struct str name)
{
	struct sort_key k = { .descending = l->sort_descending };
	if (str_eq(name, STR("id"))) {
		k.field = l->of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID;
		opik_sort_add_key(&l->query, k);
		return;
	}
	for (size_t i = 0; i < sizeof sortables / sizeof sortables[0]; i++) {
		const struct sortable *s = &sortables[i];
		if (!str_eq(s->name, name))
			continue;
		k.field = s->compute ? (unsigned)QUERY_COMPUTED : (unsigned)s->field;
		k.absent_is_zero = s->absent_is_zero;
		k.numeric = s->compute && !s->is_text;
		k.compute = s->compute;
		for (unsigned j = 0; j < s->n_needs; j++)
			field_set_add(&k.needs, s->needs[j]);
		opik_sort_add_key(&l->query, k);
	}
}

static enum err add_field(struct opik_list *l)
{
	struct str name = l->sort_field;
	if (str_eq(name, STR("duration")))
		return add_duration(l);
	if (str_starts(name, STR("feedback_scores."))) {
		add_score(l, &l->scores, str_skip(name, 16));
	} else if (str_starts(name, STR("span_feedback_scores."))) {
		add_score(l, &l->span_scores, str_skip(name, 21));
	} else if (str_starts(name, STR("usage."))) {
		struct sort_key k = { .field = QUERY_COMPUTED,
			.descending = l->sort_descending,
			.numeric = true,
			.compute = by_usage,
			.user = l };
		field_set_add(&k.needs, FIELD_TRACE_ID);
		if (l->of == OPIK_SPANS) {
			field_set_add(&k.needs, FIELD_USAGE_DETAILS);
			field_set_add(&k.needs, FIELD_INPUT_TOKENS);
			field_set_add(&k.needs, FIELD_OUTPUT_TOKENS);
			field_set_add(&k.needs, FIELD_TOTAL_TOKENS);
		}
		opik_sort_add_key(&l->query, k);
	} else {
		add_named(l, name);
	}
	return ERR_OK;
}

/* Adds the order of threads after the requested one: the last active one first. */
static void add_thread_order(struct query *q)
{
	bool is_all = q->n_sort == 0;
	opik_sort_add_key(q, (struct sort_key){ .field = FIELD_UPDATED_AT, .descending = true });
	if (is_all) {
		opik_sort_add_key(q, (struct sort_key){ .field = FIELD_STARTED_AT });
		opik_sort_add_key(
			q, (struct sort_key){ .field = FIELD_ENDED_AT, .descending = true });
	}
	opik_sort_add_key(q,
		(struct sort_key){ .field = (unsigned)OPIK_THREAD_MODEL_ID, .descending = true });
}

enum err opik_sort(struct opik_list *l)
{
	struct query *q = &l->query;
	enum err e = ERR_OK;
	q->n_sort = 0;
	if (!str_is_null(l->sort_field) && is_sortable(l->of, l->sort_field))
		e = add_field(l);
	if (e)
		return e;
	if (l->of != OPIK_THREADS)
		return opik_order_list(l);
	add_thread_order(q);
	return ERR_OK;
}

static void write_names(struct json_writer *w, struct str key, enum opik_of of)
{
	json_key(w, key);
	json_array(w);
	for (const char *const *p = sortable_names(of); *p; p++)
		json_text(w, str_from_c(*p));
	json_end(w);
}

void opik_render_sortable(struct json_writer *w, enum opik_of of)
{
	/* Opik's server uses the first name, its OpenAPI the second. */
	write_names(w, STR("sortable_by"), of);
	write_names(w, STR("sortableBy"), of);
}
