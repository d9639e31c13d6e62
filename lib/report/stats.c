#include "report/stats.h"
#include "report/columns.h"
#include "report/filter.h"
#include "report/row.h"

#include "base/hash.h"
#include "base/utime.h"
#include "query/engine.h"

#include <stdlib.h>

enum {
	BY_DAY = FIELD__MAX, /* the UTC day of started_at */
	FIRST_SLOTS = 256,
	/* Durations are counted in classes, sixteen to a power of two: exact to 6 percent. */
	CLASS_BITS = 4,
	CLASSES = (64 - CLASS_BITS) << CLASS_BITS
};

enum metric { SPANS, ERRORS, P50, P95, TOKENS, COST, METRIC__MAX };

static const struct {
	const char *name, *member, *head;
	int width;
} metrics[METRIC__MAX] = {
	[SPANS] = { "spans", "spans", "SPANS", 9 },
	[ERRORS] = { "errors", "errors", "ERRORS", 7 },
	[P50] = { "p50", "p50_ms", "P50", 9 },
	[P95] = { "p95", "p95_ms", "P95", 9 },
	[TOKENS] = { "tokens", "tokens", "TOKENS", 12 },
	[COST] = { "cost", "cost_usd", "COST", 11 },
};

struct stats_group {
	uint64_t hash;
	struct str key; /* values with tabs between; canonical bodies hold no tab */
	uint64_t n, n_errors, n_durations;
	int64_t tokens, cost_pico, duration_ns; /* sums */
	uint32_t *classes;                      /* of durations */
};

static unsigned stats_class(int64_t ns)
{
	uint64_t v = (uint64_t)ns;
	if (v < 1U << CLASS_BITS)
		return (unsigned)v;
	unsigned top = 63 - (unsigned)__builtin_clzll(v);
	unsigned low = (unsigned)(v >> (top - CLASS_BITS)) & ((1U << CLASS_BITS) - 1);
	return ((top - CLASS_BITS + 1) << CLASS_BITS) + low;
}

/* Returns the middle of a class. */
static int64_t stats_class_ns(unsigned class)
{
	unsigned shift = class >> CLASS_BITS, low = class & ((1U << CLASS_BITS) - 1);
	if (shift == 0)
		return (int64_t) class;
	uint64_t step = UINT64_C(1) << (shift - 1);
	return (int64_t)(((UINT64_C(1) << CLASS_BITS) + low) * step + step / 2);
}

static int64_t stats_quantile(const struct stats_group *g, unsigned percent)
{
	uint64_t wanted = (g->n_durations * percent + 99) / 100, seen = 0;
	for (unsigned i = 0; i < CLASSES; i++) {
		seen += g->classes[i];
		if (seen >= wanted && seen)
			return stats_class_ns(i);
	}
	return 0;
}

static void stats_add_key(struct stats *t, const struct span *s, unsigned f)
{
	char day[10];
	if (f == BY_DAY) {
		utime_format_day(utime_day(span_i64(s, FIELD_STARTED_AT, 0)), day);
		buf_add(&t->key, str_of(day, sizeof day));
	} else if (!span_has(s, (enum field)f)) {
		return;
	} else if (f == FIELD_KIND) {
		buf_add(&t->key, kind_name((enum kind)s->value[f].i64));
	} else if (f == FIELD_STATUS) {
		buf_add(&t->key, status_name((enum status)s->value[f].i64));
	} else {
		buf_add(&t->key, s->value[f].text);
	}
}

static void stats_grow(struct stats *t)
{
	struct arena *a = t->report->arena;
	size_t cap = t->cap ? 2 * t->cap : FIRST_SLOTS;
	t->list = arena_block(a, t->list, cap / 2 * sizeof *t->list);
	t->slots = arena_block(a, t->slots, cap * sizeof *t->slots);
	memset(t->slots, 0, cap * sizeof *t->slots);
	t->cap = cap;
	for (size_t i = 0; i < t->n; i++) {
		size_t at = t->list[i]->hash & (cap - 1);
		while (t->slots[at])
			at = (at + 1) & (cap - 1);
		t->slots[at] = t->list[i];
	}
}

/* Groups live in blocks, because the engine rewinds the arena after each span. */
static struct stats_group *stats_group(struct stats *t, const struct span *s)
{
	struct arena *a = t->report->arena;
	buf_reset(&t->key);
	for (size_t i = 0; i < t->n_by; i++) {
		if (i)
			buf_add_char(&t->key, '\t');
		stats_add_key(t, s, t->by[i]);
	}
	uint64_t hash = hash64(buf_str(&t->key), 0);
	if (2 * (t->n + 1) > t->cap)
		stats_grow(t);
	size_t at = hash & (t->cap - 1);
	for (; t->slots[at]; at = (at + 1) & (t->cap - 1))
		if (t->slots[at]->hash == hash && str_eq(t->slots[at]->key, buf_str(&t->key)))
			return t->slots[at];
	if (t->n == STATS_GROUPS_MAX) {
		t->is_full = true;
		return NULL;
	}
	size_t size = sizeof(struct stats_group) + CLASSES * sizeof(uint32_t) + t->key.len;
	struct stats_group *g = arena_block(a, NULL, size);
	memset(g, 0, size);
	g->classes = (uint32_t *)(void *)(g + 1);
	char *text = (char *)(g->classes + CLASSES);
	if (t->key.len)
		memcpy(text, t->key.ptr, t->key.len);
	g->key = str_of(text, t->key.len);
	g->hash = hash;
	t->slots[at] = g;
	t->list[t->n++] = g;
	return g;
}

static bool stats_take(void *user, const struct span *s, struct row_ref ref)
{
	struct stats *t = user;
	struct stats_group *g = stats_group(t, s);
	int64_t ns, pico;
	(void)ref;
	if (!g)
		return false;
	g->n++;
	g->n_errors += span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR;
	if (span_duration(s, &ns)) {
		g->n_durations++;
		if (__builtin_add_overflow(g->duration_ns, ns, &g->duration_ns))
			g->duration_ns = INT64_MAX;
		g->classes[stats_class(ns)]++;
	}
	/* The usage that a span repeats was counted with its children. */
	if (span_i64(s, FIELD_REPEATS_USAGE, 0))
		return true;
	if (__builtin_add_overflow(g->tokens, row_tokens(s), &g->tokens))
		g->tokens = INT64_MAX;
	if (span_has(s, FIELD_COST_TOTAL_USD) &&
		dec_to_pico(span_text(s, FIELD_COST_TOTAL_USD), &pico) &&
		__builtin_add_overflow(g->cost_pico, pico, &g->cost_pico))
		g->cost_pico = INT64_MAX;
	return true;
}

static struct str stats_field_name(unsigned f)
{
	return f == BY_DAY ? STR("day") : field_info[f].member;
}

static enum err stats_bad_field(struct report *r, struct str name)
{
	struct str guess = filter_guess(r->arena, name, MAY_G, STR("day"));
	if (str_is_null(guess) || str_eq(guess, name)) /* one too many */
		return report_fail_option(r, "by",
			"must be up to four of day, kind, status, name, model, project, session_id and so on, not %.*s",
			STR_ARG(str_first(name, 60)));
	return report_fail_option(r, "by", "nothing is grouped by %.*s; did you mean %.*s?",
		STR_ARG(str_first(name, 60)), STR_ARG(guess));
}

static enum err stats_read_by(struct stats *t, struct str list)
{
	while (!str_is_null(list)) {
		struct str name = str_cut(&list, ',');
		bool is_day = str_eq(name, STR("day"));
		unsigned f = is_day ? BY_DAY : field_from_member(name);
		bool can_group = is_day || (f != FIELD__MAX && field_info[f].may & MAY_G);
		if (t->n_by == STATS_BY_MAX || !can_group)
			return stats_bad_field(t->report, name);
		t->by[t->n_by++] = f;
	}
	return ERR_OK;
}

static int stats_by_key(const void *x, const void *y)
{
	const struct stats_group *const *a = x, *const *b = y;
	return str_cmp((*a)->key, (*b)->key);
}

static int stats_descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

/* Groups that are equal are sorted by their names, so that the order is always the same. */
#define BY(name, value) \
	static int stats_by_##name(const void *x, const void *y) \
	{ \
		const struct stats_group *a = *(const struct stats_group *const *)x, \
					 *b = *(const struct stats_group *const *)y; \
		int order = stats_descending(value(a), value(b)); \
		return order ? order : stats_by_key(x, y); \
	}
#define DURATION_OF(g) (g)->duration_ns
#define P95_OF(g) ((g)->n_durations ? stats_quantile(g, 95) : -1)
#define COST_OF(g) (g)->cost_pico
#define TOKENS_OF(g) (g)->tokens
#define ERRORS_OF(g) (int64_t)(g)->n_errors
#define SPANS_OF(g) (int64_t)(g)->n
BY(duration, DURATION_OF)
BY(p95, P95_OF)
BY(cost, COST_OF)
BY(tokens, TOKENS_OF)
BY(errors, ERRORS_OF)
BY(spans, SPANS_OF)

static const struct {
	const char *name;
	int (*compare)(const void *x, const void *y);
} orders[] = {
	{ "duration", stats_by_duration },
	{ "p95", stats_by_p95 },
	{ "cost", stats_by_cost },
	{ "tokens", stats_by_tokens },
	{ "errors", stats_by_errors },
	{ "spans", stats_by_spans },
};

static enum err stats_read_order(struct stats *t, struct str order)
{
	t->compare = stats_by_key;
	if (str_is_null(order))
		return ERR_OK;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		if (str_eq(order, str_from_c(orders[i].name))) {
			t->compare = orders[i].compare;
			return ERR_OK;
		}
	return report_fail_option(t->report, "sort",
		"must be duration, p95, cost, tokens, errors or spans, not %.*s",
		STR_ARG(str_first(order, 60)));
}

static enum err stats_read_metrics(struct stats *t, struct str list)
{
	t->metrics = str_is_null(list) ? (1U << METRIC__MAX) - 1 : 0;
	while (!str_is_null(list)) {
		struct str name = str_cut(&list, ',');
		unsigned i = 0;
		while (i < METRIC__MAX && !str_eq(name, str_from_c(metrics[i].name)))
			i++;
		if (i == METRIC__MAX)
			return report_fail_option(t->report, "metric",
				"must be of spans, errors, p50, p95, tokens and cost, not %.*s",
				STR_ARG(str_first(name, 60)));
		t->metrics |= 1U << i;
	}
	return ERR_OK;
}

static bool stats_wants(const struct stats *t, unsigned metric)
{
	return t->metrics >> metric & 1;
}

static void stats_put_json(struct stats *t, const struct stats_group *g)
{
	struct json_writer w = report_json(t->report);
	struct str key = g->key;
	for (size_t i = 0; i < t->n_by; i++)
		json_member_body(&w, stats_field_name(t->by[i]), str_cut(&key, '\t'));
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		struct str member = str_from_c(metrics[i].member);
		if (!stats_wants(t, i))
			continue;
		if (i == SPANS || i == ERRORS || i == TOKENS)
			json_member_i64(&w, member,
				i == SPANS    ? (int64_t)g->n
				: i == ERRORS ? (int64_t)g->n_errors
					      : g->tokens);
		else if (i == COST)
			json_member_double(&w, member, (double)g->cost_pico / 1e12);
		else if (g->n_durations)
			json_member_double(&w, member,
				(double)stats_quantile(g, i == P50 ? 50 : 95) / (double)NS_PER_MS);
	}
	report_json_end(t->report, &w);
}

static struct str stats_metric_text(struct report *r, const struct stats_group *g, unsigned metric)
{
	switch (metric) {
	case SPANS:
		return arena_printf(r->arena, "%llu", (unsigned long long)g->n);
	case ERRORS:
		return arena_printf(r->arena, "%llu", (unsigned long long)g->n_errors);
	case TOKENS:
		return arena_printf(r->arena, "%lld", (long long)g->tokens);
	case COST:
		return row_cost(r->arena, g->cost_pico);
	default:
		return g->n_durations ? report_duration(r->arena,
						stats_quantile(g, metric == P50 ? 50 : 95))
				      : STR("-");
	}
}

static void stats_put_group(struct stats *t, const struct stats_group *g)
{
	struct report *r = t->report;
	struct str key = g->key;
	const char *before = "";
	if (r->form != REPORT_TEXT) {
		stats_put_json(t, g);
		return;
	}
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		if (!stats_wants(t, i))
			continue;
		buf_printf(&r->out, "%s%*.*s", before, metrics[i].width,
			STR_ARG(stats_metric_text(r, g, i)));
		before = " ";
	}
	for (size_t i = 0; i < t->n_by; i++) {
		struct arena_mark mark = arena_mark(r->arena);
		struct str part = str_cut(&key, '\t');
		buf_add(&r->out, i ? STR(" ") : STR("  "));
		report_put_whole(r, part.len ? json_decode(r->arena, part) : STR("-"),
			i + 1 < t->n_by ? 28 : 0);
		arena_rewind(r->arena, mark);
	}
	buf_add_char(&r->out, '\n');
}

static void stats_begin_columns(struct stats *t)
{
	struct buf columns;
	buf_init(&columns, t->report->arena);
	for (size_t i = 0; i < t->n_by; i++) {
		buf_add(&columns, stats_field_name(t->by[i]));
		buf_add_char(&columns, ' ');
	}
	for (unsigned i = 0; i < METRIC__MAX; i++)
		if (stats_wants(t, i))
			buf_printf(&columns, "%s ", metrics[i].member);
	columns_begin(t->report, str_first(buf_str(&columns), columns.len - 1));
}

static void stats_put_head(struct stats *t)
{
	struct report *r = t->report;
	const char *before = "";
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		if (!stats_wants(t, i))
			continue;
		buf_printf(&r->out, "%s%*s", before, metrics[i].width, metrics[i].head);
		before = " ";
	}
	for (size_t i = 0; i < t->n_by; i++) {
		struct str name = stats_field_name(t->by[i]);
		char upper[32];
		for (size_t k = 0; k < name.len && k < sizeof upper; k++)
			upper[k] = ascii_upper(name.ptr[k]);
		buf_add(&r->out, i ? STR(" ") : STR("  "));
		report_put(r, str_of(upper, name.len < sizeof upper ? name.len : sizeof upper), 28,
			i + 1 < t->n_by);
	}
	buf_add_char(&r->out, '\n');
}

enum err stats_read(struct stats *t, struct report *r, const struct stats_options *options)
{
	*t = (struct stats){ .report = r, .limit = options->limit };
	enum err e = stats_read_by(t, options->by);
	if (!e)
		e = stats_read_metrics(t, options->metrics);
	return e ? e : stats_read_order(t, options->order);
}

static enum err stats_count(struct stats *t, struct view *v, const struct query *q)
{
	struct field_set want = row_fields();
	field_set_add(&want, FIELD_REPEATS_USAGE);
	for (size_t i = 0; i < t->n_by; i++)
		if (t->by[i] != BY_DAY)
			field_set_add(&want, (enum field)t->by[i]);
	buf_init(&t->key, t->report->arena);
	enum err e = engine_each(v, q, &want, stats_take, t);
	if (e)
		return report_fail_workspace(t->report, e, v->workspace);
	if (t->is_full)
		return report_fail(t->report, ERR_BUDGET,
			"there are more than %d groups; filters, or another --by, make fewer",
			STATS_GROUPS_MAX);
	/* Without spans and fields, the one group has sums of 0. */
	if (!t->n && !t->n_by)
		(void)stats_group(t, NULL);
	return ERR_OK;
}

enum err stats_put(struct stats *t, struct view *v, const struct query *q)
{
	enum err e = stats_count(t, v, q);
	if (e)
		return e;
	stats_begin_columns(t);
	if (!t->n)
		return ERR_OK;
	qsort(t->list, t->n, sizeof *t->list, t->compare);
	if (t->report->form == REPORT_TEXT)
		stats_put_head(t);
	for (size_t i = 0; i < t->n && i < t->limit; i++)
		stats_put_group(t, t->list[i]);
	return ERR_OK;
}
