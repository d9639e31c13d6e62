/*
 * GET …/traces/metrics: sums, means and percentiles over the matching traces, for each hour, day,
 * week or month of a time zone, or for all of them. A trace counts where its root started. A
 * percentile is interpolated between the two nearest values.
 */
#include "api/nemo/nemo.h"
#include "api/nemo/render.h"
#include "base/utime.h"
#include "base/zone.h"
#include "web/params.h"

#include <math.h>
#include <stdlib.h>

enum { WINDOW_DAYS = 7, HOUR_S = 3600, DAY_S = 86400 };

enum bucket { BUCKET_TOTAL, BUCKET_HOUR, BUCKET_DAY, BUCKET_WEEK, BUCKET_MONTH, BUCKET__MAX };

static const struct str bucket_names[BUCKET__MAX] = { { "total", 5 }, { "hour", 4 }, { "day", 3 },
	{ "week", 4 }, { "month", 5 } };

/* The figures of a trace. */
enum figure { INPUT, OUTPUT, CACHED, TOTAL, COST, LATENCY, FIGURE__MAX };

struct run {
	int64_t bucket_s; /* start of its bucket; 0 when there is one bucket */
	bool is_failed;
	bool has[FIGURE__MAX];
	double value[FIGURE__MAX];
	int64_t tokens[TOTAL + 1];
	__int128 cost; /* 1e-12 USD */
};

struct metrics {
	struct view *view;
	enum bucket bucket;
	struct zone zone;
	struct buf runs; /* holds struct run */
	double *values;  /* room for the values of one figure */
};

static int64_t floor_to(int64_t v, int64_t unit)
{
	int64_t rest = v % unit;
	return v - rest - (rest < 0 ? unit : 0);
}

/* Returns the start of the bucket that holds this moment, in seconds since 1970. */
static int64_t bucket_start(const struct metrics *m, int64_t at_ns)
{
	int64_t at_s = floor_to(at_ns, NS_PER_S) / NS_PER_S;
	int32_t offset_s = zone_offset(&m->zone, at_s);
	int year, month, day_of_month;
	if (m->bucket == BUCKET_TOTAL)
		return 0;
	if (m->bucket == BUCKET_HOUR)
		return floor_to(at_s + offset_s, HOUR_S) - offset_s;
	int32_t day = (int32_t)(floor_to(at_s + offset_s, DAY_S) / DAY_S);
	if (m->bucket == BUCKET_WEEK)
		day -= ((day + 3) % 7 + 7) % 7; /* to Monday; day 0 was a Thursday */
	if (m->bucket == BUCKET_MONTH) {
		utime_date_from_day(day, &year, &month, &day_of_month);
		day -= day_of_month - 1;
	}
	return zone_to_utc(&m->zone, (int64_t)day * DAY_S);
}

static void set_figure(struct run *run, enum figure f, double v)
{
	run->has[f] = true;
	run->value[f] = v;
}

static void set_tokens(struct run *run, enum figure f, bool has, int64_t n)
{
	if (!has)
		return;
	set_figure(run, f, (double)n);
	run->tokens[f] = n;
}

static bool nemo_metrics_add_trace(void *user, const struct trace_row *row, const struct span *root)
{
	const double pico = 1e12;
	struct metrics *m = user;
	const struct rollup *sums = &row->rollup;
	struct run run = { .bucket_s = bucket_start(m, span_i64(root, FIELD_STARTED_AT, 0)) };
	int64_t ns;
	run.is_failed = span_i64(root, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR;
	set_tokens(&run, INPUT, sums->has_input_tokens, sums->input_tokens);
	set_tokens(&run, OUTPUT, sums->has_output_tokens, sums->output_tokens);
	set_tokens(&run, CACHED, sums->has_cached_tokens, sums->cached_tokens);
	set_tokens(&run, TOTAL, sums->has_total_tokens, sums->total_tokens);
	if (sums->has_cost_total) {
		set_figure(&run, COST, (double)sums->cost_total / pico);
		run.cost = sums->cost_total;
	}
	if (span_duration(root, &ns))
		set_figure(&run, LATENCY,
			nemo_duration_ms(span_i64(root, FIELD_STARTED_AT, 0),
				span_i64(root, FIELD_ENDED_AT, 0)));
	buf_add(&m->runs, str_of((const char *)&run, sizeof run));
	return true;
}

static int compare_runs(const void *x, const void *y)
{
	const struct run *a = x, *b = y;
	return a->bucket_s < b->bucket_s ? -1 : a->bucket_s > b->bucket_s;
}

static int compare_values(const void *x, const void *y)
{
	const double *a = x, *b = y;
	return *a < *b ? -1 : *a > *b;
}

static double percentile(const double *sorted, size_t n, double p)
{
	double at = (double)(n - 1) * p;
	size_t below = (size_t)at;
	size_t above = below + 1 < n ? below + 1 : below;
	return sorted[below] + (sorted[above] - sorted[below]) * (at - (double)below);
}

/* Collects the values of one figure in a bucket in ascending order. Returns how many there are. */
static size_t sort_values(struct metrics *m, const struct run *runs, size_t n, enum figure f)
{
	size_t n_values = 0;
	for (size_t i = 0; i < n; i++)
		if (runs[i].has[f])
			m->values[n_values++] = runs[i].value[f];
	if (n_values)
		qsort(m->values, n_values, sizeof *m->values, compare_values);
	return n_values;
}

static void nemo_metrics_write_sum(
	struct json_writer *w, const struct run *runs, size_t n, enum figure f)
{
	__int128 sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += f == COST ? runs[i].cost : runs[i].tokens[f];
	if (f == COST)
		nemo_render_pico(w, STR("sum"), sum);
	else
		json_member_i64(w, STR("sum"),
			sum > INT64_MAX   ? INT64_MAX
			: sum < INT64_MIN ? INT64_MIN
					  : (int64_t)sum);
}

/* Writes {"sum":…,"mean":…,"p90":…,"p99":…}, or {} without values. */
static void write_figure(struct metrics *m, struct json_writer *w, struct str key,
	const struct run *runs, size_t n, enum figure f)
{
	size_t n_values = sort_values(m, runs, n, f);
	double sum = 0;
	json_key(w, key);
	json_object(w);
	if (n_values) {
		for (size_t i = 0; i < n_values; i++)
			sum += m->values[i];
		if (f != LATENCY)
			nemo_metrics_write_sum(w, runs, n, f);
		json_member_double(w, STR("mean"), sum / (double)n_values);
		if (f == LATENCY)
			json_member_double(w, STR("p50"), percentile(m->values, n_values, 0.5));
		json_member_double(w, STR("p90"), percentile(m->values, n_values, 0.9));
		if (f == LATENCY)
			json_member_double(w, STR("p95"), percentile(m->values, n_values, 0.95));
		json_member_double(w, STR("p99"), percentile(m->values, n_values, 0.99));
	}
	json_end(w);
}

static void write_bucket(struct metrics *m, struct json_writer *w, const struct run *runs, size_t n)
{
	static const struct str names[FIGURE__MAX] = { { "input_tokens", 12 },
		{ "output_tokens", 13 }, { "cached_tokens", 13 }, { "total_tokens", 12 },
		{ "cost_usd", 8 }, { "latency_ms", 10 } };
	size_t n_failed = 0;
	for (size_t i = 0; i < n; i++)
		n_failed += runs[i].is_failed;
	json_object(w);
	if (m->bucket != BUCKET_TOTAL)
		nemo_render_time(w, STR("bucket_start"), runs[0].bucket_s * NS_PER_S);
	json_member_i64(w, STR("run_count"), (int64_t)n);
	json_member_i64(w, STR("failed_run_count"), (int64_t)n_failed);
	for (unsigned f = 0; f < FIGURE__MAX; f++)
		write_figure(m, w, names[f], runs, n, f);
	json_end(w);
}

static void nemo_metrics_answer(struct request *r, struct metrics *m, struct str zone_name)
{
	struct run *runs = (struct run *)(void *)m->runs.ptr;
	size_t n = m->runs.len / sizeof *runs, end;
	struct json_writer w;
	m->values = arena_calloc(r->arena, n ? n : 1, sizeof *m->values);
	if (n)
		qsort(runs, n, sizeof *runs, compare_runs);
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	api_report_damage(r, m->view);
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_text(&w, STR("bucket"), bucket_names[m->bucket]);
	json_member_text(&w, STR("timezone"), zone_name);
	json_key(&w, STR("data"));
	json_array(&w);
	if (n == 0 && m->bucket == BUCKET_TOTAL)
		write_bucket(m, &w, runs, 0);
	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n && runs[end].bucket_s == runs[i].bucket_s;)
			end++;
		write_bucket(m, &w, runs + i, end - i);
		response_flush_if_large(r->response);
	}
	json_end(&w);
	json_end(&w);
}

static void nemo_metrics_collect(struct nemo_list *l, struct metrics *m, struct str zone_name)
{
	struct trace_query q = { .want_rollup = true, .limit = SIZE_MAX };
	struct field_set want = { { 0 } };
	struct request *r = l->request;
	if (!nemo_list_query(l, &q.roots))
		return;
	if (q.roots.from_ns == INT64_MIN) {
		/* A bound means the last nanosecond of its microsecond. */
		int64_t end_ns =
			q.roots.to_ns == INT64_MAX ? r->now_ns : q.roots.to_ns - (NS_PER_US - 1);
		if (__builtin_sub_overflow(end_ns, WINDOW_DAYS * NS_PER_DAY, &q.roots.from_ns))
			q.roots.from_ns = INT64_MIN;
	}
	field_set_add(&want, FIELD_STARTED_AT);
	field_set_add(&want, FIELD_ENDED_AT);
	field_set_add(&want, FIELD_STATUS);
	enum err e = engine_traces_each(&l->view, &q, &want, nemo_metrics_add_trace, m);
	if (e)
		api_fail(r, &dialect_nemo, e);
	else
		nemo_metrics_answer(r, m, zone_name);
}

void nemo_trace_metrics(struct request *r)
{
	static const char *const allowed[] = { "bucket", "timezone", "filter", NULL };
	struct nemo_list l;
	if (!nemo_list_begin(r, NEMO_FILTER_TRACES, &l))
		return;
	struct metrics m = { .view = &l.view };
	const struct param *zone = request_param(r, STR("timezone"));
	struct str zone_name = zone ? zone->value : STR("UTC");
	m.bucket = (enum bucket)param_choice(
		r, STR("bucket"), bucket_names, BUCKET__MAX, BUCKET_DAY, STR("enum"), &l.problems);
	buf_init(&m.runs, r->arena);
	if (!nemo_list_check_only(&l, allowed))
		; /* answered with an error */
	else if (!zone_open(r->arena, zone_name, &m.zone))
		nemo_refuse(
			r, arena_printf(r->arena, "Unknown timezone: %.*s", STR_ARG(zone_name)));
	else
		nemo_metrics_collect(&l, &m, zone_name);
	view_close(&l.view);
}
