/*
 * Answers metrics of a project over time, its key figures, and the names of its scores and usage.
 *
 * A row belongs to the bucket of the time within its id, or of its start where the id has none.
 * Each bucket has statistics of its own (stats.h), of which a metric shows one part.
 */
#include "api/opik/read/stats.h"
#include "api/opik/read/threads.h"

#include "base/hash.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "semconv/opik_id.h"

#include <stdlib.h>

enum opik_metric_part {
	METRIC_COUNT,
	METRIC_DURATION,
	METRIC_COST,
	METRIC_USAGE,
	METRIC_SCORES,
	METRIC_NOTHING /* is not stored here */
};

static const struct opik_metric {
	const char *type;
	enum opik_of of;
	enum opik_metric_part part;
	const char *name; /* of the series, or what stands before ".p50" */
} opik_metrics[] = {
	{ "TRACE_COUNT", OPIK_TRACES, METRIC_COUNT, "traces" },
	{ "THREAD_COUNT", OPIK_THREADS, METRIC_COUNT, "threads" },
	{ "SPAN_COUNT", OPIK_SPANS, METRIC_COUNT, "spans" },
	{ "DURATION", OPIK_TRACES, METRIC_DURATION, "duration" },
	{ "SPAN_DURATION", OPIK_SPANS, METRIC_DURATION, "duration" },
	{ "THREAD_DURATION", OPIK_THREADS, METRIC_DURATION, "thread_duration" },
	{ "COST", OPIK_TRACES, METRIC_COST, "cost" },
	{ "TOKEN_USAGE", OPIK_TRACES, METRIC_USAGE, NULL },
	{ "SPAN_TOKEN_USAGE", OPIK_SPANS, METRIC_USAGE, NULL },
	{ "FEEDBACK_SCORES", OPIK_TRACES, METRIC_SCORES, NULL },
	{ "SPAN_FEEDBACK_SCORES", OPIK_SPANS, METRIC_SCORES, NULL },
	{ "THREAD_FEEDBACK_SCORES", OPIK_THREADS, METRIC_SCORES, NULL },
	{ "GUARDRAILS_FAILED_COUNT", OPIK_TRACES, METRIC_NOTHING, "failed" },
};

enum opik_interval { INTERVAL_HOURLY, INTERVAL_DAILY, INTERVAL_WEEKLY, INTERVAL_TOTAL };

static const struct str opik_intervals[] = { { "HOURLY", 6 }, { "DAILY", 5 }, { "WEEKLY", 6 },
	{ "TOTAL", 5 } };

/* ---- Buckets ---- */

struct opik_bucket {
	uint64_t hash; /* of the start; first, for struct table */
	int64_t start_ns;
	struct opik_stats stats;
};

struct opik_buckets {
	struct opik_list *list;
	enum opik_interval interval;
	bool has_end;
	int64_t from_ns, to_ns; /* of the request */
	struct table all;       /* struct opik_bucket */
	struct opik_sums sums;  /* of traces or threads */
	struct string_pool names;
};

static int64_t opik_metric_hours(enum opik_interval interval)
{
	return interval == INTERVAL_HOURLY ? 1 : interval == INTERVAL_DAILY ? 24 : 7 * 24;
}

static int64_t opik_bucket_start(const struct opik_buckets *b, int64_t ns)
{
	enum { MONDAY = 4 }; /* days from 1970-01-01 to the first Monday */
	int64_t step = opik_metric_hours(b->interval) * 3600 * NS_PER_S;
	int64_t from = b->interval == INTERVAL_WEEKLY ? MONDAY * NS_PER_DAY : 0;
	if (b->interval == INTERVAL_TOTAL)
		return b->from_ns;
	int64_t rest = (ns - from) % step;
	return ns - rest - (rest < 0 ? step : 0);
}

static struct opik_bucket *opik_bucket_of(struct opik_buckets *b, int64_t ns)
{
	struct opik_list *l = b->list;
	int64_t start_ns = opik_bucket_start(b, ns);
	uint64_t hash = hash64(str_of((const char *)&start_ns, sizeof start_ns), 0);
	struct table_probe p = table_probe(&b->all, hash);
	struct opik_bucket *one;
	while ((one = table_next(&b->all, &p)))
		if (one->start_ns == start_ns)
			return one;
	one = table_add(&b->all, hash);
	one->start_ns = start_ns;
	opik_stats_init(&one->stats, l->view.arena, l->of, &l->notes, &b->names);
	one->stats.sums = l->of == OPIK_SPANS ? NULL : &b->sums;
	return one;
}

/* Returns the time within the id that is shown for the row, or that of its start. */
static int64_t opik_metric_time(struct arena *a, enum opik_of of, const struct span *s)
{
	const int64_t ms_2004 = INT64_C(1072915200000), ms_2109 = INT64_C(4386268800000);
	struct str id =
		opik_id_shown(a, span_text(s, of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID));
	int64_t started_ns = span_i64(s, FIELD_STARTED_AT, 0), ms;
	uint64_t high, low;
	struct str uuid;
	if (of == OPIK_THREADS || !uuid_read(a, id, &uuid) || uuid_version(uuid) != 7 ||
		!str_to_u64_hex(str_first(uuid, 8), &high) ||
		!str_to_u64_hex(str_first(str_skip(uuid, 9), 4), &low))
		return started_ns;
	ms = (int64_t)(high << 16 | low);
	bool is_clock = ms >= ms_2004 && ms < ms_2109;
	return is_clock ? ms * NS_PER_MS : started_ns;
}

static bool opik_buckets_add(void *user, const struct span *s, struct row_ref ref)
{
	struct opik_buckets *b = user;
	int64_t ns = opik_metric_time(b->list->view.arena, b->list->of, s);
	(void)ref;
	if (ns >= b->from_ns && ns <= b->to_ns)
		opik_stats_add(&opik_bucket_of(b, ns)->stats, s);
	return true;
}

/* Adds the threads of the list, each with the sums of its traces. */
static enum err opik_buckets_add_threads(struct opik_buckets *b)
{
	struct threads t;
	struct row_list rows;
	struct opik_sums traces = { .is_open = false };
	b->list->query.limit = SIZE_MAX / 4;
	opik_threads_init(&t, b->list);
	opik_sums_init(&b->sums, b->list->view.arena, true, STR_NULL);
	enum err e = opik_threads_collect(&t, STR_NULL);
	if (!e)
		e = opik_threads_page(&t, &rows);
	if (!e)
		e = opik_threads_collect_sums(&t, &rows, &traces);
	for (size_t i = 0; !e && i < rows.n; i++) {
		const struct thread *one = table_row(&t.list, (size_t)rows.rows[i].at);
		struct span s;
		opik_thread_sum_up(&t, one, &traces, &b->sums);
		e = opik_thread_row(&t, one, false, &s);
		if (!e)
			(void)opik_buckets_add(b, &s, rows.rows[i]);
	}
	opik_sums_release(&traces);
	opik_threads_release(&t);
	return e;
}

/* Opens a list of the project's rows; false: answered. */
static bool opik_buckets_open(struct opik_buckets *b, struct request *r, enum opik_of of,
	struct str project_id, struct json filters)
{
	struct buf body;
	struct json_writer w;
	b->list = arena_alloc(r->arena, sizeof *b->list);
	buf_init(&body, r->arena);
	json_writer_init(&w, &body);
	json_object(&w);
	json_member_body(&w, STR("project_id"), project_id);
	if (filters.type > JSON_NULL)
		json_member_raw(&w, STR("filters"), filters.raw);
	json_end(&w);
	if (!opik_list_json(b->list, r, of, json_open(buf_str(&body))) || !opik_list_open(b->list))
		return false;
	table_init(&b->all, r->arena, sizeof(struct opik_bucket));
	string_pool_init(&b->names, r->arena);
	return true;
}

static enum err opik_buckets_collect(struct opik_buckets *b)
{
	struct opik_list *l = b->list;
	struct field_set want = opik_stats_fields();
	enum err e = ERR_OK;
	if (l->of == OPIK_THREADS)
		return opik_buckets_add_threads(b);
	if (l->of == OPIK_TRACES)
		e = opik_stats_sums(l->request, &l->view, l->query.deadline_ns, &b->sums);
	return e ? e : opik_list_each(l, &want, opik_buckets_add, b);
}

static void opik_buckets_close(struct opik_buckets *b)
{
	for (size_t i = 0; i < b->all.n; i++)
		opik_stats_release(&((struct opik_bucket *)table_row(&b->all, i))->stats);
	table_release(&b->all);
	string_pool_release(&b->names);
	if (b->sums.is_open)
		opik_sums_release(&b->sums);
	opik_list_close(b->list);
}

static int opik_bucket_compare(const void *x, const void *y)
{
	const struct opik_bucket *a = x, *b = y;
	return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* Adds the empty buckets of the range and sorts all. Returns false for too many. */
static bool opik_buckets_finish(struct opik_buckets *b)
{
	enum { BUCKETS_MAX = 20000 }; /* two years of hours */
	int64_t step = opik_metric_hours(b->interval) * 3600 * NS_PER_S;
	int64_t at = opik_bucket_start(b, b->from_ns);
	if (b->interval == INTERVAL_TOTAL)
		(void)opik_bucket_of(b, b->from_ns);
	else if (b->has_end && (b->to_ns - at) / step >= BUCKETS_MAX)
		return false;
	for (; b->has_end && b->interval != INTERVAL_TOTAL && at < b->to_ns; at += step)
		(void)opik_bucket_of(b, at);
	table_freeze(&b->all);
	for (size_t i = 0; i < b->all.n; i++)
		opik_stats_finish(&((struct opik_bucket *)table_row(&b->all, i))->stats);
	if (b->all.n)
		qsort(b->all.rows, b->all.n, b->all.row_size, opik_bucket_compare);
	return true;
}

/* ---- Rendering ---- */

static const struct opik_mean *opik_metric_mean(const struct table *means, struct str name)
{
	for (size_t i = 0; i < means->n; i++) {
		const struct opik_mean *one = table_row(means, i);
		if (str_eq(one->name, name))
			return one;
	}
	return NULL;
}

/* What a series shows of a bucket. */
struct opik_series {
	enum opik_metric_part part;
	struct str name; /* of usage or score */
	double level;    /* of durations */
};

static bool opik_series_value(const struct opik_series *x, const struct opik_stats *st, double *ret)
{
	const struct opik_mean *mean;
	switch (x->part) {
	case METRIC_COUNT:
		*ret = (double)st->n;
		return st->n > 0;
	case METRIC_DURATION:
		*ret = opik_stats_duration(st, x->level);
		return st->n_durations > 0;
	case METRIC_COST:
		*ret = (double)st->cost / 1e12;
		return st->n > 0;
	case METRIC_USAGE:
		mean = opik_metric_mean(&st->usage, x->name);
		*ret = mean ? mean->sum : 0;
		return mean != NULL;
	case METRIC_SCORES:
		mean = opik_metric_mean(&st->scores, x->name);
		*ret = mean ? mean->sum / (double)mean->n : 0;
		return mean != NULL;
	case METRIC_NOTHING:
		break;
	}
	return false;
}

static void opik_series_render(struct json_writer *w, const struct opik_buckets *b,
	const struct opik_series *x, struct str name)
{
	json_object(w);
	json_member_body(w, STR("name"), name);
	json_key(w, STR("data"));
	json_array(w);
	for (size_t i = 0; i < b->all.n; i++) {
		const struct opik_bucket *one = table_row(&b->all, i);
		double value;
		json_object(w);
		opik_render_time(w, STR("time"), one->start_ns);
		if (opik_series_value(x, &one->stats, &value))
			json_member_double(w, STR("value"), value);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static int opik_metric_compare_names(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* Returns the names of usage or scores in all buckets, each once, ascending. */
static struct str *opik_metric_names(
	const struct opik_buckets *b, enum opik_metric_part part, size_t *ret_n)
{
	struct arena *a = b->list->request->arena;
	size_t n = 0, n_once = 0;
	for (size_t i = 0; i < b->all.n; i++) {
		const struct opik_stats *st = &((struct opik_bucket *)table_row(&b->all, i))->stats;
		n += part == METRIC_USAGE ? st->usage.n : st->scores.n;
	}
	struct str *names = arena_calloc(a, n, sizeof *names);
	n = 0;
	for (size_t i = 0; i < b->all.n; i++) {
		const struct opik_stats *st = &((struct opik_bucket *)table_row(&b->all, i))->stats;
		const struct table *t = part == METRIC_USAGE ? &st->usage : &st->scores;
		for (size_t k = 0; k < t->n; k++)
			names[n++] = ((const struct opik_mean *)table_row(t, k))->name;
	}
	if (n)
		qsort(names, n, sizeof *names, opik_metric_compare_names);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(names[i], names[i - 1]))
			names[n_once++] = names[i];
	*ret_n = n_once;
	return names;
}

static void opik_metric_render(
	struct json_writer *w, const struct opik_buckets *b, const struct opik_metric *m)
{
	static const struct {
		const char *name;
		double level;
	} levels[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 } };
	struct opik_series x = { .part = m->part };
	size_t n;
	if (m->name && m->part != METRIC_DURATION) {
		opik_series_render(w, b, &x, str_from_c(m->name));
		return;
	}
	for (size_t i = 0; m->part == METRIC_DURATION && i < 3; i++) {
		x.level = levels[i].level;
		opik_series_render(w, b, &x,
			arena_printf(b->list->request->arena, "%s.%s", m->name, levels[i].name));
	}
	if (m->part == METRIC_DURATION)
		return;
	struct str *names = opik_metric_names(b, m->part, &n);
	for (size_t i = 0; i < n; i++) {
		x.name = names[i];
		opik_series_render(w, b, &x, names[i]);
	}
}

/* ---- Metrics ---- */

/* Reads an interval; false: answered. */
static bool opik_metric_range(
	struct request *r, struct opik_reader *rd, struct json body, struct opik_buckets *b)
{
	if (!opik_read_time(rd, json_get(body, STR("interval_start")), &b->from_ns))
		opik_problem(rd, "intervalStart must not be null");
	b->has_end = opik_read_time(rd, json_get(body, STR("interval_end")), &b->to_ns);
	if (!opik_reader_check(rd))
		return false;
	if (b->has_end && b->to_ns <= b->from_ns) {
		opik_refuse(r, ERR_INVALID, STR("'start_time' must be before 'end_time'"));
		return false;
	}
	return true;
}

static const struct opik_metric *opik_metric_find(struct request *r, struct json body)
{
	struct str type = json_body(json_get(body, STR("metric_type")));
	for (size_t i = 0; i < sizeof opik_metrics / sizeof opik_metrics[0]; i++)
		if (str_eq_nocase(type, str_from_c(opik_metrics[i].type)))
			return &opik_metrics[i];
	opik_refuse(r, ERR_INVALID,
		arena_printf(
			r->arena, "flatspan does not serve the metric '%.*s'.", STR_ARG(type)));
	return NULL;
}

static void opik_metrics_answer(
	struct request *r, const struct opik_buckets *b, const struct opik_metric *m, struct str id)
{
	struct json_writer w;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_body(&w, STR("project_id"), id);
	json_member_text(&w, STR("metric_type"), str_from_c(m->type));
	json_member_text(&w, STR("interval"), opik_intervals[b->interval]);
	json_key(&w, STR("results"));
	json_array(&w);
	opik_metric_render(&w, b, m);
	json_end(&w);
	json_end(&w);
}

void opik_project_metrics(struct request *r)
{
	static const char *const filters[] = { "span_filters", "trace_filters", "thread_filters" };
	struct json body;
	struct opik_reader rd;
	struct opik_buckets b = { .to_ns = INT64_MAX };
	struct str id;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str interval = opik_read_choice(&rd, json_get(body, STR("interval")),
		"com.comet.opik.api.TimeInterval", opik_intervals, 4);
	for (unsigned i = 0; i < 4; i++)
		if (str_eq(interval, opik_intervals[i]))
			b.interval = (enum opik_interval)i;
	if (str_is_null(interval))
		opik_problem(&rd, "interval must not be null");
	if (!opik_metric_range(r, &rd, body, &b))
		return;
	if (json_get(body, STR("breakdown")).type > JSON_NULL) {
		opik_refuse(
			r, ERR_INVALID, STR("flatspan does not serve the breakdown of metrics."));
		return;
	}
	const struct opik_metric *m = opik_metric_find(r, body);
	if (!m || !opik_buckets_open(&b, r, m->of, id, json_get(body, str_from_c(filters[m->of]))))
		return;
	if (!b.has_end)
		b.to_ns = INT64_MAX;
	enum err e = opik_buckets_collect(&b);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!opik_buckets_finish(&b))
		opik_refuse(r, ERR_INVALID, STR("The range has too many intervals."));
	else
		opik_metrics_answer(r, &b, m, id);
	opik_buckets_close(&b);
}

/* ---- Key figures ---- */

struct opik_figures {
	double count, errors, duration, cost;
	bool has_duration;
};

static struct opik_figures opik_figures_of(struct opik_buckets *b)
{
	struct opik_figures f = { 0 };
	for (size_t i = 0; i < b->all.n; i++) {
		struct opik_stats *st = &((struct opik_bucket *)table_row(&b->all, i))->stats;
		double sum = 0;
		for (size_t k = 0; k < st->n_durations; k++)
			sum += st->durations[k];
		f.count = (double)st->n;
		f.errors = st->n ? 100.0 * (double)st->n_errors / (double)st->n : 0;
		f.has_duration = st->n_durations > 0;
		f.duration = f.has_duration ? sum / (double)st->n_durations : 0;
		f.cost = (double)st->cost / 1e12;
	}
	return f;
}

static bool opik_figures_read(struct request *r, enum opik_of of, struct str id,
	struct json filters, struct opik_buckets *b, struct opik_figures *ret)
{
	b->interval = INTERVAL_TOTAL;
	if (!opik_buckets_open(b, r, of, id, filters))
		return false;
	enum err e = opik_buckets_collect(b);
	if (e)
		api_fail(r, &dialect_opik, e);
	else
		*ret = opik_figures_of(b);
	opik_buckets_close(b);
	return !e;
}

static void opik_figure_render(
	struct json_writer *w, const char *type, const double *now, const double *before)
{
	json_object(w);
	json_member_text(w, STR("type"), str_from_c(type));
	if (now)
		json_member_double(w, STR("current_value"), *now);
	if (before)
		json_member_double(w, STR("previous_value"), *before);
	json_end(w);
}

void opik_project_kpi_cards(struct request *r)
{
	static const struct str entities[] = { { "spans", 5 }, { "traces", 6 }, { "threads", 7 } };
	struct json body, filters = { JSON_NONE, STR_NULL };
	struct json_error error;
	struct opik_reader rd;
	struct opik_buckets now = { .to_ns = r->now_ns }, before = { .has_end = true };
	struct opik_figures a, b;
	struct json_writer w;
	enum opik_of of = OPIK_TRACES;
	struct str id;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str entity = opik_read_choice(&rd, json_get(body, STR("entity_type")),
		"com.comet.opik.api.metrics.EntityType", entities, 3);
	for (unsigned i = 0; i < 3; i++)
		if (str_eq(entity, entities[i]))
			of = (enum opik_of)i;
	if (str_is_null(entity))
		opik_problem(&rd, "entityType must not be null");
	struct str text = json_decode(r->arena, json_body(json_get(body, STR("filters"))));
	if (!opik_metric_range(r, &rd, body, &now))
		return;
	if (!now.has_end)
		now.to_ns = r->now_ns;
	if (text.len && !json_check(text, LIMIT_DEPTH, &error)) {
		opik_refuse(r, ERR_INVALID,
			arena_printf(
				r->arena, "Invalid filters query parameter '%.*s'", STR_ARG(text)));
		return;
	}
	if (text.len)
		filters = json_open(text);
	before.to_ns = now.from_ns - 1;
	before.from_ns = now.from_ns - (now.to_ns - now.from_ns);
	if (!opik_figures_read(r, of, id, filters, &now, &a) ||
		!opik_figures_read(r, of, id, filters, &before, &b))
		return;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_key(&w, STR("stats"));
	json_array(&w);
	opik_figure_render(&w, "count", &a.count, &b.count);
	opik_figure_render(&w, "errors", &a.errors, &b.errors);
	opik_figure_render(&w, "avg_duration", a.has_duration ? &a.duration : NULL,
		b.has_duration ? &b.duration : NULL);
	opik_figure_render(&w, "total_cost", &a.cost, &b.cost);
	json_end(&w);
	json_end(&w);
}

/* ---- Names ---- */

void opik_project_usage_names(struct request *r)
{
	struct opik_buckets b = { .interval = INTERVAL_TOTAL, .to_ns = INT64_MAX };
	struct json none = { JSON_NONE, STR_NULL };
	struct json_writer w;
	struct str id;
	size_t n;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	b.from_ns = INT64_MIN;
	if (!opik_buckets_open(&b, r, OPIK_SPANS, id, none))
		return;
	enum err e = opik_buckets_collect(&b);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		struct str *names = opik_metric_names(&b, METRIC_USAGE, &n);
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_key(&w, STR("names"));
		json_array(&w);
		for (size_t i = 0; i < n; i++)
			json_body_value(&w, names[i]);
		json_end(&w);
		json_end(&w);
	}
	opik_buckets_close(&b);
}
