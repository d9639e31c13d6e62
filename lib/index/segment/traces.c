#include "index/segment/traces.h"

#include "index/dict.h"
#include "span/kinds.h"
#include "json/order.h"

/* Field by field: where its sum goes. */
static int sum_of(enum field f)
{
	switch (f) {
	case FIELD_INPUT_TOKENS:
		return INDEX_TRACE_INPUT_TOKENS - INDEX_TRACE_INPUT_TOKENS;
	case FIELD_OUTPUT_TOKENS:
		return INDEX_TRACE_OUTPUT_TOKENS - INDEX_TRACE_INPUT_TOKENS;
	case FIELD_CACHED_TOKENS:
		return INDEX_TRACE_CACHED_TOKENS - INDEX_TRACE_INPUT_TOKENS;
	case FIELD_TOTAL_TOKENS:
		return INDEX_TRACE_TOTAL_TOKENS - INDEX_TRACE_INPUT_TOKENS;
	case FIELD_COST_TOTAL_USD:
		return INDEX_TRACE_COST_TOTAL - INDEX_TRACE_INPUT_TOKENS;
	case FIELD_COST_INPUT_USD:
		return INDEX_TRACE_COST_INPUT - INDEX_TRACE_INPUT_TOKENS;
	case FIELD_COST_OUTPUT_USD:
		return INDEX_TRACE_COST_OUTPUT - INDEX_TRACE_INPUT_TOKENS;
	default:
		return -1;
	}
}

void traces_init(struct traces *t, struct arena *a, uint32_t n_rows, uint32_t n_traces,
	const uint32_t *trace_of, const uint64_t *hidden, uint64_t empty_parent)
{
	*t = (struct traces){ .arena = a,
		.n_rows = n_rows,
		.n_traces = n_traces,
		.trace_of = trace_of,
		.hidden = hidden,
		.empty_parent = empty_parent };
	size_t n = (size_t)n_traces + 1;
	t->first_row = arena_calloc(a, n, sizeof *t->first_row);
	t->last_row = arena_calloc(a, n, sizeof *t->last_row);
	t->n_spans = arena_calloc(a, n, sizeof *t->n_spans);
	t->n_errors = arena_calloc(a, n, sizeof *t->n_errors);
	t->n_roots = arena_calloc(a, n, sizeof *t->n_roots);
	t->n_ended = arena_calloc(a, n, sizeof *t->n_ended);
	t->source = arena_calloc(a, n, sizeof *t->source);
	t->session = arena_calloc(a, n, sizeof *t->session);
	t->seen_session = bits_new(a, n_traces);
	t->mixed_sessions = bits_new(a, n_traces);
	t->roots = bits_new(a, n_rows);
	t->repeats = bits_new(a, n_rows);
	t->root = arena_calloc(a, n, sizeof *t->root);
	t->earliest = arena_calloc(a, n, sizeof *t->earliest);
	t->first_started = arena_calloc(a, n, sizeof *t->first_started);
	t->last_ended = arena_calloc(a, n, sizeof *t->last_ended);
	t->has_started = bits_new(a, n_traces);
	for (unsigned i = 0; i < TRACE_SUMS; i++) {
		t->sums[i] = arena_calloc(a, n, sizeof *t->sums[i]);
		t->has_sum[i] = bits_new(a, n_traces);
	}
	for (uint32_t i = 0; i < n_traces; i++) {
		t->first_row[i] = t->root[i].row = t->earliest[i].row = UINT32_MAX;
		t->source[i] = t->session[i] = -1;
	}
	for (uint32_t row = 0; row < n_rows; row++) {
		uint32_t trace = trace_of[row];
		if (t->first_row[trace] == UINT32_MAX)
			t->first_row[trace] = row;
		t->last_row[trace] = row;
		t->n_spans[trace] += !bits_found(hidden, row);
	}
}

/* ---- Feeding ---- */

static void feed_parents(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	t->has_parents = true;
	for (uint32_t row = 0; row < t->n_rows; row++)
		if (!raw_has(raw, row) || (uint64_t)raw->values[n++] == t->empty_parent)
			bits_set(t->roots, row);
}

static void feed_repeats(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++)
		if (raw_has(raw, row) && raw->values[n++])
			bits_set(t->repeats, row);
}

static void feed_sources(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++)
		if (raw_has(raw, row))
			t->source[t->trace_of[row]] = raw->values[n++];
}

static void feed_sessions(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++) {
		int64_t code = raw_has(raw, row) ? raw->values[n++] : -1;
		uint32_t trace = t->trace_of[row];
		if (bits_found(t->hidden, row))
			continue;
		if (bits_found(t->seen_session, trace) && t->session[trace] != code)
			bits_set(t->mixed_sessions, trace);
		bits_set(t->seen_session, trace);
		t->session[trace] = code;
	}
	for (uint32_t i = 0; i < t->n_traces; i++)
		if (bits_found(t->mixed_sessions, i))
			t->session[i] = -1;
}

static void feed_statuses(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++)
		if (raw_has(raw, row))
			t->n_errors[t->trace_of[row]] +=
				raw->values[n++] == STATUS_ERROR && !bits_found(t->hidden, row);
}

/* Orders two spans of one trace that started at the same time: the smaller span_id is first. */
static bool traces_is_first(struct traces *t, uint32_t row, uint32_t other)
{
	struct arena_mark mark = arena_mark(t->arena);
	struct str x = STR_NULL, y = STR_NULL;
	enum err e = t->span_id(t->user, row, t->arena, &x);
	if (!e)
		e = t->span_id(t->user, other, t->arena, &y);
	if (e && !t->error)
		t->error = e;
	bool ret = !e && body_order(x, y) < 0;
	arena_rewind(t->arena, mark);
	return ret;
}

/* Sets *first to the row when that starts earlier than the one it names. */
static void note_earlier(
	struct traces *t, struct trace_first *first, uint32_t row, int64_t started_ns)
{
	if (first->row == UINT32_MAX || started_ns < first->started_ns ||
		(started_ns == first->started_ns && traces_is_first(t, row, first->row)))
		*first = (struct trace_first){ row, started_ns };
}

static bool is_root(const struct traces *t, uint32_t row)
{
	return !t->has_parents || bits_found(t->roots, row);
}

/* A start that is not there counts as 0, as in the order of traces. */
static void feed_starts(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++) {
		bool has = raw_has(raw, row);
		int64_t started_ns = has ? raw->values[n++] : 0;
		uint32_t trace = t->trace_of[row];
		if (bits_found(t->hidden, row))
			continue;
		if (is_root(t, row)) {
			t->n_roots[trace]++;
			note_earlier(t, &t->root[trace], row, started_ns);
		}
		if (has && (!bits_found(t->has_started, trace) ||
				   started_ns < t->first_started[trace]))
			t->first_started[trace] = started_ns;
		if (has)
			bits_set(t->has_started, trace);
	}
}

/* Finds the earliest span of each trace without a root. This is a pass of its own, so that spans
 * that start together are compared by their lines in such traces only. */
static void find_earliest(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++) {
		int64_t started_ns = raw_has(raw, row) ? raw->values[n++] : 0;
		uint32_t trace = t->trace_of[row];
		if (t->n_roots[trace] == 0 && !bits_found(t->hidden, row))
			note_earlier(t, &t->earliest[trace], row, started_ns);
	}
}

static void feed_ends(struct traces *t, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++) {
		if (!raw_has(raw, row))
			continue;
		int64_t ended_ns = raw->values[n++];
		uint32_t trace = t->trace_of[row];
		if (bits_found(t->hidden, row))
			continue;
		if (t->n_ended[trace]++ == 0 || ended_ns > t->last_ended[trace])
			t->last_ended[trace] = ended_ns;
	}
}

static void feed_sum(struct traces *t, unsigned sum, const struct raw_column *raw)
{
	uint32_t n = 0;
	for (uint32_t row = 0; row < t->n_rows; row++) {
		if (!raw_has(raw, row))
			continue;
		int64_t v = raw->values[n++];
		uint32_t trace = t->trace_of[row];
		if (bits_found(t->hidden, row) || bits_found(t->repeats, row))
			continue;
		if (__builtin_add_overflow(t->sums[sum][trace], v, &t->sums[sum][trace]))
			t->is_unknown[sum] = true;
		bits_set(t->has_sum[sum], trace);
	}
}

void traces_feed(struct traces *t, enum field f, const struct raw_column *raw)
{
	int sum = sum_of(f);
	switch (f) {
	case FIELD_PARENT_SPAN_ID:
		feed_parents(t, raw);
		break;
	case FIELD_REPEATS_USAGE:
		feed_repeats(t, raw);
		break;
	case FIELD_SOURCE:
		feed_sources(t, raw);
		break;
	case FIELD_SESSION_ID:
		feed_sessions(t, raw);
		break;
	case FIELD_STATUS:
		feed_statuses(t, raw);
		break;
	case FIELD_STARTED_AT:
		feed_starts(t, raw);
		find_earliest(t, raw);
		break;
	case FIELD_ENDED_AT:
		feed_ends(t, raw);
		break;
	default:
		if (sum >= 0)
			feed_sum(t, (unsigned)sum, raw);
	}
}

/* ---- Writing ---- */

struct put {
	struct traces *traces;
	struct segment_writer *writer;
	int64_t *values;
	uint64_t *present;
	uint32_t n;
};

static void put_begin(struct put *p)
{
	p->n = 0;
	memset(p->present, 0, ((p->traces->n_traces + 63) / 64) * sizeof *p->present);
}

static void traces_put_value(struct put *p, uint32_t trace, int64_t value)
{
	bits_set(p->present, trace);
	p->values[p->n++] = value;
}

static void put_end(struct put *p, unsigned id, enum raw_kind kind, uint32_t n_entries)
{
	struct raw_column raw = { .n_rows = p->traces->n_traces,
		.n_present = p->n,
		.present = p->n < p->traces->n_traces ? p->present : NULL,
		.values = p->values };
	segment_writer_column(p->writer, id, &raw, kind, NULL, 0, n_entries);
}

static void put_counts(struct put *p, unsigned id, const uint32_t *counts)
{
	put_begin(p);
	for (uint32_t i = 0; i < p->traces->n_traces; i++)
		traces_put_value(p, i, counts[i]);
	put_end(p, id, RAW_NUMBER, 0);
}

static void put_codes(struct put *p, unsigned id, const int64_t *codes, uint32_t n_entries)
{
	put_begin(p);
	for (uint32_t i = 0; i < p->traces->n_traces; i++)
		if (codes[i] >= 0)
			traces_put_value(p, i, codes[i]);
	put_end(p, id, RAW_CODE, n_entries);
}

static void traces_put_rows(struct put *p, unsigned id, const struct trace_first *rows)
{
	put_begin(p);
	for (uint32_t i = 0; i < p->traces->n_traces; i++)
		if (rows[i].row != UINT32_MAX)
			traces_put_value(p, i, rows[i].row);
	put_end(p, id, RAW_CODE, p->traces->n_rows);
}

static void put_roots(struct put *p)
{
	const struct traces *t = p->traces;
	traces_put_rows(p, INDEX_TRACE_ROOT, t->root);
	traces_put_rows(p, INDEX_TRACE_EARLIEST, t->earliest);
	put_begin(p);
	for (uint32_t i = 0; i < t->n_traces; i++)
		if (t->root[i].row != UINT32_MAX)
			traces_put_value(p, i, t->root[i].started_ns);
	put_end(p, INDEX_TRACE_ROOT_STARTED, RAW_NUMBER, 0);
	put_counts(p, INDEX_TRACE_N_ROOTS, t->n_roots);
}

static void put_times(struct put *p)
{
	const struct traces *t = p->traces;
	put_begin(p);
	for (uint32_t i = 0; i < t->n_traces; i++)
		if (bits_found(t->has_started, i))
			traces_put_value(p, i, t->first_started[i]);
	put_end(p, INDEX_TRACE_FIRST_STARTED, RAW_NUMBER, 0);
	put_begin(p);
	for (uint32_t i = 0; i < t->n_traces; i++)
		if (t->n_spans[i] && t->n_ended[i] == t->n_spans[i])
			traces_put_value(p, i, t->last_ended[i]);
	put_end(p, INDEX_TRACE_LAST_ENDED, RAW_NUMBER, 0);
}

static void put_sums(struct put *p)
{
	const struct traces *t = p->traces;
	for (unsigned s = 0; s < TRACE_SUMS; s++) {
		put_begin(p);
		for (uint32_t i = 0; i < t->n_traces; i++)
			if (bits_found(t->has_sum[s], i))
				traces_put_value(p, i, t->sums[s][i]);
		struct raw_column unknown = {
			.n_rows = t->n_traces, .n_present = t->n_traces, .is_unknown = true
		};
		if (t->is_unknown[s])
			segment_writer_column(p->writer, INDEX_TRACE_INPUT_TOKENS + s, &unknown,
				RAW_NUMBER, NULL, 0, 0);
		else
			put_end(p, INDEX_TRACE_INPUT_TOKENS + s, RAW_NUMBER, 0);
	}
}

void traces_write(struct traces *t, struct segment_writer *w, const int64_t *hashes,
	const uint64_t *earlier, uint32_t n_sources, uint32_t n_sessions)
{
	struct put p = { .traces = t, .writer = w };
	struct raw_column all = { .n_rows = t->n_traces, .n_present = t->n_traces };
	p.values = arena_calloc(t->arena, (size_t)t->n_traces + 1, sizeof *p.values);
	p.present = bits_new(t->arena, t->n_traces);
	if (t->error && !w->error)
		w->error = t->error;
	all.values = hashes;
	segment_writer_column(w, INDEX_TRACE_HASH, &all, RAW_HASH, NULL, 0, 0);
	put_codes(&p, INDEX_TRACE_SOURCE, t->source, n_sources);
	put_codes(&p, INDEX_TRACE_SESSION, t->session, n_sessions);
	put_roots(&p);
	put_counts(&p, INDEX_TRACE_FIRST_ROW, t->first_row);
	put_counts(&p, INDEX_TRACE_LAST_ROW, t->last_row);
	put_counts(&p, INDEX_TRACE_N_SPANS, t->n_spans);
	put_counts(&p, INDEX_TRACE_N_ERRORS, t->n_errors);
	put_times(&p);
	put_sums(&p);
	put_begin(&p);
	for (uint32_t i = 0; i < t->n_traces; i++)
		if (bits_found(earlier, i))
			traces_put_value(&p, i, 1);
	put_end(&p, INDEX_TRACE_EARLIER, RAW_NUMBER, 0);
}
