/* Handles the statistics of spans and traces. */
#include "api/opik/read/stats.h"

#include "api/opik/render.h"
#include "base/hash.h"
#include "base/utime.h"

#include <math.h>
#include <stdlib.h>

/* A mean over the values so far. */
struct mean {
	double sum;
	uint64_t n;
};

static struct opik_mean *find_mean(struct table *t, struct string_pool *keep, struct str name)
{
	uint64_t hash = hash64(name, 0);
	struct table_probe p = table_probe(t, hash);
	struct opik_mean *one;
	while ((one = table_next(t, &p)))
		if (str_eq(one->name, name))
			return one;
	one = table_add(t, hash);
	one->name = string_pool_copy(keep, name);
	return one;
}

static void opik_stats_add_duration(struct opik_stats *st, double ms)
{
	if (st->n_durations == st->cap_durations) {
		st->cap_durations = st->cap_durations ? st->cap_durations * 2 : 1024;
		st->durations = arena_block(
			st->arena, st->durations, st->cap_durations * sizeof *st->durations);
	}
	st->durations[st->n_durations++] = ms;
}

static void opik_stats_add_usage(void *user, struct str key, int64_t n)
{
	struct opik_stats *st = user;
	struct opik_mean *one = find_mean(&st->usage, st->keep, key);
	one->sum += (double)n;
	one->n++;
}

/* Adds one score for each name of the row: the mean over its authors. */
static void opik_stats_add_scores(struct opik_stats *st, enum note_about about, struct str id)
{
	struct notes *notes = st->notes;
	const struct note_row *row = notes_first(notes, about, id), *other;
	for (; row; row = notes_next(notes, row)) {
		struct mean mean = { 0, 0 };
		struct note note;
		bool is_first = true;
		if (row->kind != NOTE_SCORE || !row->has_value)
			continue;
		for (other = notes_first(notes, about, id); other;
			other = notes_next(notes, other)) {
			if (other->kind != NOTE_SCORE || other->name != row->name ||
				!other->has_value)
				continue;
			is_first = is_first && (other == row || mean.n > 0);
			mean.sum += (double)other->value / 1e9;
			mean.n++;
		}
		if (!is_first || notes_fetch(notes, row, &note) != ERR_OK)
			continue;
		struct opik_mean *one =
			find_mean(&st->scores, st->keep, note.text[NOTE_FIELD_NAME]);
		one->sum += mean.sum / (double)mean.n;
		one->n++;
	}
}

/* Adds the scores of a trace's spans, a mean for each name. */
static void add_span_scores(struct opik_stats *st, struct str trace)
{
	size_t n = 0;
	struct notes *notes = st->notes;
	const struct opik_score *list = opik_scores_of(st->span_scores, pred_text_hash(trace), &n);
	for (size_t i = 0; i < n; i++) {
		struct note note;
		if (notes_fetch(notes, &notes->rows[list[i].row], &note) != ERR_OK)
			continue;
		struct opik_mean *one =
			find_mean(&st->span_scores_means, st->keep, note.text[NOTE_FIELD_NAME]);
		one->sum += (double)opik_score_value(&list[i]) / 1e9;
		one->n++;
	}
}

static size_t opik_stats_count_elements(struct str array)
{
	size_t n = 0;
	for (struct json_iter it = json_elements(json_open(array)); json_next(&it);)
		n++;
	return n;
}

static void add_costs(struct opik_stats *st, const struct span *s)
{
	int64_t cost;
	if (!st->sums) {
		if (dec_to_pico(span_text(s, FIELD_COST_TOTAL_USD), &cost) && cost > 0) {
			st->cost += cost;
			st->n_cost++;
		}
		opik_usage_each(s, opik_stats_add_usage, st);
		return;
	}
	uint64_t trace = pred_text_hash(span_text(s, FIELD_TRACE_ID));
	const struct opik_sum *sum = opik_sums_find(st->sums, trace);
	if (!sum)
		return;
	st->n_spans += sum->n_spans;
	st->n_llm_spans += sum->n_llm_spans;
	st->n_cost += sum->cost > 0;
	st->cost += sum->cost;
	for (uint32_t i = sum->usage; i;) {
		const struct opik_sum_usage *one = table_row(&st->sums->usage, i - 1);
		opik_stats_add_usage(st, one->key, one->sum);
		i = one->next;
	}
}

bool opik_stats_is_error(const struct span *s)
{
	return span_text(s, FIELD_ERROR_TYPE).len || span_text(s, FIELD_ERROR_MESSAGE).len ||
	       span_text(s, FIELD_ERROR_TRACEBACK).len ||
	       span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR;
}

void opik_stats_add(struct opik_stats *st, const struct span *s)
{
	int64_t start = span_i64(s, FIELD_STARTED_AT, 0);
	st->n++;
	st->n_errors += opik_stats_is_error(s);
	st->n_input += span_has(s, FIELD_INPUT);
	st->n_output += span_has(s, FIELD_OUTPUT);
	st->n_metadata += span_has(s, FIELD_METADATA);
	st->n_tags += opik_stats_count_elements(span_text(s, FIELD_TAGS));
	if (start && span_has(s, FIELD_ENDED_AT))
		opik_stats_add_duration(
			st, (double)(s->value[FIELD_ENDED_AT].i64 / NS_PER_US - start / NS_PER_US) /
				    1000);
	add_costs(st, s);
	if (st->of == OPIK_SPANS)
		opik_stats_add_scores(st, NOTE_ABOUT_SPAN, span_text(s, FIELD_SPAN_ID));
	else
		opik_stats_add_scores(st,
			st->of == OPIK_TRACES ? NOTE_ABOUT_TRACE : NOTE_ABOUT_SESSION,
			span_text(s, FIELD_TRACE_ID));
	if (st->span_scores)
		add_span_scores(st, span_text(s, FIELD_TRACE_ID));
}

void opik_stats_init(struct opik_stats *st, struct arena *a, enum opik_of of, struct notes *notes,
	struct string_pool *keep)
{
	*st = (struct opik_stats){ .arena = a, .of = of, .notes = notes, .keep = keep };
	table_init(&st->usage, a, sizeof(struct opik_mean));
	table_init(&st->scores, a, sizeof(struct opik_mean));
	table_init(&st->span_scores_means, a, sizeof(struct opik_mean));
}

struct field_set opik_stats_fields(void)
{
	static const enum field looked_at[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_STARTED_AT,
		FIELD_ENDED_AT, FIELD_STATUS, FIELD_ERROR_TYPE, FIELD_ERROR_MESSAGE,
		FIELD_ERROR_TRACEBACK, FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA, FIELD_TAGS,
		FIELD_COST_TOTAL_USD, FIELD_USAGE_DETAILS, FIELD_INPUT_TOKENS, FIELD_OUTPUT_TOKENS,
		FIELD_TOTAL_TOKENS };
	struct field_set want = { { 0 } };
	for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
		field_set_add(&want, looked_at[i]);
	return want;
}

static int compare_doubles(const void *x, const void *y)
{
	const double *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

static int opik_stats_compare_names(const void *x, const void *y)
{
	const struct opik_mean *a = x, *b = y;
	return str_cmp(a->name, b->name);
}

static void sort_names(struct table *t)
{
	table_freeze(t);
	if (t->n)
		qsort(t->rows, t->n, t->row_size, opik_stats_compare_names);
}

void opik_stats_release(struct opik_stats *st)
{
	table_release(&st->usage);
	table_release(&st->scores);
	table_release(&st->span_scores_means);
	if (st->durations)
		arena_block(st->arena, st->durations, 0);
}

void opik_stats_finish(struct opik_stats *st)
{
	sort_names(&st->usage);
	sort_names(&st->scores);
	sort_names(&st->span_scores_means);
	if (st->n_durations)
		qsort(st->durations, st->n_durations, sizeof *st->durations, compare_doubles);
}

/* ---- Printing ---- */

static void open_stat(struct json_writer *w, struct str name)
{
	json_object(w);
	json_member_body(w, STR("name"), name);
	json_key(w, STR("value"));
}

static void close_stat(struct json_writer *w, const char *type)
{
	json_member_text(w, STR("type"), str_from_c(type));
	json_end(w);
}

static void print_count(struct json_writer *w, const char *name, uint64_t n)
{
	open_stat(w, str_from_c(name));
	json_i64(w, (int64_t)n);
	close_stat(w, "COUNT");
}

static void print_average(struct json_writer *w, struct str name, double v)
{
	open_stat(w, name);
	json_double(w, isfinite(v) ? v : 0);
	close_stat(w, "AVG");
}

/* Interpolates between the two nearest values and rounds to nine places. */
static double opik_stats_quantile(const double *sorted, size_t n, double level)
{
	if (!n)
		return 0;
	double at = level * (double)(n - 1);
	size_t low = (size_t)at;
	double rest = at - (double)low, v = sorted[low];
	if (low + 1 < n)
		v += (sorted[low + 1] - sorted[low]) * rest;
	return v < 1e9 && v > -1e9 ? (double)(int64_t)(v * 1e9 + (v < 0 ? -0.5 : 0.5)) / 1e9 : v;
}

void opik_stats_render_durations(struct json_writer *w, const struct opik_stats *st)
{
	static const struct {
		const char *name;
		double level;
	} levels[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 } };
	json_object(w);
	for (size_t i = 0; i < 3; i++)
		json_member_double(w, str_from_c(levels[i].name),
			opik_stats_quantile(st->durations, st->n_durations, levels[i].level));
	json_end(w);
}

double opik_stats_duration(const struct opik_stats *st, double level)
{
	return opik_stats_quantile(st->durations, st->n_durations, level);
}

double opik_stats_cost(const struct opik_stats *st)
{
	return st->n_cost ? (double)st->cost / 1e12 / (double)st->n_cost : 0;
}

static void print_named(struct json_writer *w, const struct opik_stats *st, const struct table *t,
	const char *prefix, bool is_sum)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct opik_mean *one = table_row(t, i);
		print_average(w, arena_printf(st->arena, "%s%.*s", prefix, STR_ARG(one->name)),
			is_sum ? one->sum : one->sum / (double)one->n);
	}
}

static void print_stats(struct json_writer *w, const struct opik_stats *st)
{
	static const char *const counts[] = { "span_count", "trace_count", "thread_count" };
	bool is_trace = st->of == OPIK_TRACES;
	print_count(w, counts[st->of], st->n);
	open_stat(w, STR("duration"));
	opik_stats_render_durations(w, st);
	close_stat(w, "PERCENTAGE");
	print_count(w, "input", st->n_input);
	print_count(w, "output", st->n_output);
	print_count(w, "metadata", st->n_metadata);
	print_average(w, STR("tags"), (double)st->n_tags / (double)st->n);
	if (is_trace) {
		print_average(w, STR("llm_span_count"), (double)st->n_llm_spans / (double)st->n);
		print_average(w, STR("span_count"), (double)st->n_spans / (double)st->n);
	}
	print_average(w, STR("total_estimated_cost"), opik_stats_cost(st));
	print_average(w, STR("total_estimated_cost_sum"), (double)st->cost / 1e12);
	print_named(w, st, &st->usage, "usage.", false);
	print_named(w, st, &st->usage, "usage_sum.", true);
	print_named(w, st, &st->scores, "feedback_scores.", false);
	print_named(w, st, &st->span_scores_means, "span_feedback_scores.", false);
	if (is_trace) /* not stored */
		print_count(w, "guardrails_failed_count", 0);
	print_count(w, "error_count", st->n_errors);
}

/* ---- The request ---- */

enum err opik_stats_sums(
	struct request *r, struct view *v, int64_t deadline_ns, struct opik_sums *ret)
{
	struct query q;
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	query_init(&q);
	q.clauses = clauses;
	q.n_clauses = opik_rows_of(OPIK_SPANS, r->arena, clauses);
	q.deadline_ns = deadline_ns;
	opik_sums_init(ret, r->arena, true, STR_NULL);
	return opik_sums_collect(ret, v, &q);
}

/* Collects the sums of the traces' spans. */
static enum err collect_spans(struct opik_list *l, struct opik_sums *ret)
{
	enum err e = opik_stats_sums(l->request, &l->view, l->query.deadline_ns, ret);
	if (!e && !l->has_span_scores)
		e = opik_scores_collect_spans(
			&l->span_scores, &l->view, &l->notes, l->query.deadline_ns);
	opik_scores_sort(&l->span_scores);
	return e;
}

static bool opik_stats_add_row(void *user, const struct span *s, struct row_ref ref)
{
	(void)ref;
	opik_stats_add(user, s);
	return true;
}

void opik_stats_answer(struct request *r, struct opik_stats *st)
{
	struct json_writer w;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_key(&w, STR("stats"));
	json_array(&w);
	opik_stats_finish(st);
	if (st->n)
		print_stats(&w, st);
	json_end(&w);
	json_end(&w);
}

static void stats(struct request *r, enum opik_of of)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct opik_stats st;
	struct string_pool keep;
	struct opik_sums sums = { .is_open = false };
	struct field_set want = opik_stats_fields();
	enum err e = ERR_OK;
	if (!opik_list_params(l, r, of) || !opik_list_open(l))
		return;
	string_pool_init(&keep, r->arena);
	opik_stats_init(&st, r->arena, of, &l->notes, &keep);
	if (of == OPIK_TRACES) {
		e = collect_spans(l, &sums);
		st.sums = &sums;
		st.span_scores = &l->span_scores;
	}
	if (!e)
		e = opik_list_each(l, &want, opik_stats_add_row, &st);
	if (e)
		api_fail(r, &dialect_opik, e);
	else
		opik_stats_answer(r, &st);
	opik_stats_release(&st);
	string_pool_release(&keep);
	opik_sums_release(&sums);
	opik_list_close(l);
}

void opik_spans_stats(struct request *r)
{
	stats(r, OPIK_SPANS);
}

void opik_traces_stats(struct request *r)
{
	stats(r, OPIK_TRACES);
}
