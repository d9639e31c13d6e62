/* stats: counts, durations, tokens and costs of spans, by the values of fields. */
#include "stats.h"
#include "columns.h"
#include "filter.h"
#include "row.h"
#include "verb.h"

#include "base/hash.h"
#include "base/utime.h"
#include "query/engine.h"

#include <stdlib.h>

enum {
	BY_MAX = 4,
	BY_DAY = FIELD__MAX, /* the UTC day of started_at */
	GROUPS_MAX = 20000,  /* of 4 KB each, and more rows than anybody reads */
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

struct group {
	uint64_t hash;
	struct str key; /* values with tabs between; canonical bodies hold no tab */
	uint64_t n, n_errors, n_durations;
	int64_t tokens, cost_pico, duration_ns; /* sums */
	uint32_t *classes;                      /* of durations */
};

struct stats {
	struct cli *cli;
	unsigned by[BY_MAX];
	size_t n_by;
	struct group **slots;
	struct group **list; /* in the order of their first spans */
	size_t n, cap;
	bool is_full;
	struct buf key;
	unsigned metrics; /* 1 << enum metric */
};

static unsigned class_of(int64_t ns)
{
	uint64_t v = (uint64_t)ns;
	if (v < 1U << CLASS_BITS)
		return (unsigned)v;
	unsigned top = 63 - (unsigned)__builtin_clzll(v);
	unsigned low = (unsigned)(v >> (top - CLASS_BITS)) & ((1U << CLASS_BITS) - 1);
	return ((top - CLASS_BITS + 1) << CLASS_BITS) + low;
}

/* The middle of a class. */
static int64_t class_ns(unsigned class)
{
	unsigned shift = class >> CLASS_BITS, low = class & ((1U << CLASS_BITS) - 1);
	if (shift == 0)
		return (int64_t) class;
	uint64_t step = UINT64_C(1) << (shift - 1);
	return (int64_t)(((UINT64_C(1) << CLASS_BITS) + low) * step + step / 2);
}

static int64_t quantile(const struct group *g, unsigned percent)
{
	uint64_t wanted = (g->n_durations * percent + 99) / 100, seen = 0;
	for (unsigned i = 0; i < CLASSES; i++) {
		seen += g->classes[i];
		if (seen >= wanted && seen)
			return class_ns(i);
	}
	return 0;
}

static void add_part(struct stats *t, const struct span *s, unsigned f)
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

static void grow(struct stats *t)
{
	struct arena *a = t->cli->arena;
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

/* The engine rewinds the arena after each span, so what stays lives in blocks. */
static struct group *group_of(struct stats *t, const struct span *s)
{
	struct arena *a = t->cli->arena;
	buf_reset(&t->key);
	for (size_t i = 0; i < t->n_by; i++) {
		if (i)
			buf_add_char(&t->key, '\t');
		add_part(t, s, t->by[i]);
	}
	uint64_t hash = hash64(buf_str(&t->key), 0);
	if (2 * (t->n + 1) > t->cap)
		grow(t);
	size_t at = hash & (t->cap - 1);
	for (; t->slots[at]; at = (at + 1) & (t->cap - 1))
		if (t->slots[at]->hash == hash && str_eq(t->slots[at]->key, buf_str(&t->key)))
			return t->slots[at];
	if (t->n == GROUPS_MAX) {
		t->is_full = true;
		return NULL;
	}
	size_t size = sizeof(struct group) + CLASSES * sizeof(uint32_t) + t->key.len;
	struct group *g = arena_block(a, NULL, size);
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

static bool take(void *user, const struct span *s, struct row_ref ref)
{
	struct stats *t = user;
	struct group *g = group_of(t, s);
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
		g->classes[class_of(ns)]++;
	}
	/* What a span repeats of its children was counted there. */
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

static struct str by_name(unsigned f)
{
	return f == BY_DAY ? STR("day") : field_info[f].member;
}

static bool bad_by(struct cli *c, struct str name)
{
	struct str guess = filter_guess(c, name, MAY_G, STR("day"));
	if (str_is_null(guess) || str_eq(guess, name)) /* one too many */
		(void)cli_fail(c, CLI_USAGE,
			"--by: must be up to four of day, kind, status, name, model, "
			"project, session_id and so on, not %.*s",
			STR_ARG(str_first(name, 60)));
	else
		(void)cli_fail(c, CLI_USAGE, "--by: nothing is grouped by %.*s; did you mean %.*s?",
			STR_ARG(str_first(name, 60)), STR_ARG(guess));
	return false;
}

static bool read_by(struct cli *c, struct str list, struct stats *t)
{
	while (!str_is_null(list)) {
		struct str name = str_cut(&list, ',');
		unsigned f = str_eq(name, STR("day")) ? BY_DAY : field_from_member(name);
		bool is_day = f == BY_DAY && str_eq(name, STR("day"));
		if (t->n_by == BY_MAX ||
			(!is_day && (f == FIELD__MAX || !(field_info[f].may & MAY_G))))
			return bad_by(c, name);
		t->by[t->n_by++] = f;
	}
	return true;
}

static int by_key(const void *x, const void *y)
{
	const struct group *const *a = x, *const *b = y;
	return str_cmp((*a)->key, (*b)->key);
}

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

/* Equal ones in the order of their names, so that it is always the same. */
#define BY(name, value) \
	static int by_##name(const void *x, const void *y) \
	{ \
		const struct group *a = *(const struct group *const *)x, \
				   *b = *(const struct group *const *)y; \
		int order = descending(value(a), value(b)); \
		return order ? order : by_key(x, y); \
	}
#define DURATION_OF(g) (g)->duration_ns
#define P95_OF(g) ((g)->n_durations ? quantile(g, 95) : -1)
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
	{ "duration", by_duration },
	{ "p95", by_p95 },
	{ "cost", by_cost },
	{ "tokens", by_tokens },
	{ "errors", by_errors },
	{ "spans", by_spans },
};

static bool sort(struct stats *t, struct str order)
{
	if (str_is_null(order)) {
		if (t->n)
			qsort(t->list, t->n, sizeof *t->list, by_key);
		return true;
	}
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		if (str_eq(order, str_from_c(orders[i].name))) {
			if (t->n)
				qsort(t->list, t->n, sizeof *t->list, orders[i].compare);
			return true;
		}
	(void)cli_fail(t->cli, CLI_USAGE,
		"--sort: must be duration, p95, cost, tokens, errors or spans, not %.*s",
		STR_ARG(str_first(order, 60)));
	return false;
}

static bool read_metrics(struct stats *t, struct str list)
{
	t->metrics = str_is_null(list) ? (1U << METRIC__MAX) - 1 : 0;
	while (!str_is_null(list)) {
		struct str name = str_cut(&list, ',');
		unsigned i = 0;
		while (i < METRIC__MAX && !str_eq(name, str_from_c(metrics[i].name)))
			i++;
		if (i == METRIC__MAX) {
			(void)cli_fail(t->cli, CLI_USAGE,
				"--metric: must be of spans, errors, p50, p95, tokens and cost, "
				"not %.*s",
				STR_ARG(str_first(name, 60)));
			return false;
		}
		t->metrics |= 1U << i;
	}
	return true;
}

static bool wants(const struct stats *t, unsigned metric)
{
	return t->metrics >> metric & 1;
}

static void put_json(struct stats *t, const struct group *g)
{
	struct json_writer w = cli_json(t->cli);
	struct str key = g->key;
	for (size_t i = 0; i < t->n_by; i++)
		json_member_body(&w, by_name(t->by[i]), str_cut(&key, '\t'));
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		struct str member = str_from_c(metrics[i].member);
		if (!wants(t, i))
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
				(double)quantile(g, i == P50 ? 50 : 95) / (double)NS_PER_MS);
	}
	cli_json_end(t->cli, &w);
}

static struct str metric_text(struct cli *c, const struct group *g, unsigned metric)
{
	switch (metric) {
	case SPANS:
		return arena_printf(c->arena, "%llu", (unsigned long long)g->n);
	case ERRORS:
		return arena_printf(c->arena, "%llu", (unsigned long long)g->n_errors);
	case TOKENS:
		return arena_printf(c->arena, "%lld", (long long)g->tokens);
	case COST:
		return row_cost(c, g->cost_pico);
	default:
		return g->n_durations ? cli_duration_text(c, quantile(g, metric == P50 ? 50 : 95))
				      : STR("-");
	}
}

static void put_group(struct stats *t, const struct group *g)
{
	struct cli *c = t->cli;
	struct str key = g->key;
	const char *before = "";
	if (c->is_json) {
		put_json(t, g);
		return;
	}
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		if (!wants(t, i))
			continue;
		buf_printf(&c->out, "%s%*.*s", before, metrics[i].width,
			STR_ARG(metric_text(c, g, i)));
		before = " ";
	}
	for (size_t i = 0; i < t->n_by; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		struct str part = str_cut(&key, '\t');
		buf_add(&c->out, i ? STR(" ") : STR("  "));
		cli_put_whole(c, part.len ? json_decode(c->arena, part) : STR("-"),
			i + 1 < t->n_by ? 28 : 0);
		arena_rewind(c->arena, mark);
	}
	buf_add_char(&c->out, '\n');
	(void)cli_flush_if_large(c);
}

static void begin_columns(struct stats *t)
{
	struct buf columns;
	buf_init(&columns, t->cli->arena);
	for (size_t i = 0; i < t->n_by; i++) {
		buf_add(&columns, by_name(t->by[i]));
		buf_add_char(&columns, ' ');
	}
	for (unsigned i = 0; i < METRIC__MAX; i++)
		if (wants(t, i))
			buf_printf(&columns, "%s ", metrics[i].member);
	columns_begin(t->cli, str_first(buf_str(&columns), columns.len - 1));
}

static void put_head(struct stats *t)
{
	struct cli *c = t->cli;
	const char *before = "";
	for (unsigned i = 0; i < METRIC__MAX; i++) {
		if (!wants(t, i))
			continue;
		buf_printf(&c->out, "%s%*s", before, metrics[i].width, metrics[i].head);
		before = " ";
	}
	for (size_t i = 0; i < t->n_by; i++) {
		struct str name = by_name(t->by[i]);
		char upper[32];
		for (size_t k = 0; k < name.len && k < sizeof upper; k++)
			upper[k] = ascii_upper(name.ptr[k]);
		buf_add(&c->out, i ? STR(" ") : STR("  "));
		cli_put(c, str_of(upper, name.len < sizeof upper ? name.len : sizeof upper), 28,
			i + 1 < t->n_by);
	}
	buf_add_char(&c->out, '\n');
}

enum cli_exit stats_print(struct cli *c, const struct query *q, const struct stats_wish *wish)
{
	struct view v;
	struct stats t = { .cli = c };
	struct field_set want = row_fields();
	if (!read_by(c, wish->by, &t) || !read_metrics(&t, wish->metrics) || !sort(&t, wish->order))
		return CLI_USAGE;
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	field_set_add(&want, FIELD_REPEATS_USAGE);
	for (size_t i = 0; i < t.n_by; i++)
		if (t.by[i] != BY_DAY)
			field_set_add(&want, (enum field)t.by[i]);
	buf_init(&t.key, c->arena);
	enum err e = engine_each(&v, q, &want, take, &t);
	if (e)
		code = cli_workspace_error(c, e);
	else if (t.is_full)
		code = cli_fail(c, CLI_FAILED,
			"there are more than %d groups; filters, or another --by, make fewer",
			GROUPS_MAX);
	if (code == CLI_OK)
		begin_columns(&t);
	/* A sum of nothing is nothing, and not unknown. */
	if (code == CLI_OK && !t.n && !t.n_by)
		(void)group_of(&t, NULL);
	if (code == CLI_OK && t.n && sort(&t, wish->order)) {
		if (!c->is_json)
			put_head(&t);
		for (size_t i = 0; i < t.n && i < wish->limit; i++)
			put_group(&t, t.list[i]);
		if (t.n > wish->limit && cli_tells_of_more(c) && !cli_has(c, "follow"))
			cli_note(c, "these are %zu of %zu; --limit shows more", wish->limit, t.n);
	}
	view_close(&v);
	return code;
}

enum cli_exit verb_stats(struct cli *c)
{
	struct query q;
	int64_t limit;
	if (!cli_words(c, 0, 0) || !filter_read(c, 0, &q) ||
		!cli_number(c, "limit", 1, GROUPS_MAX, GROUPS_MAX, &limit))
		return CLI_USAGE;
	return stats_print(c, &q,
		&(struct stats_wish){ cli_value(c, "by"), cli_value(c, "sort"),
			cli_value(c, "metric"), (size_t)limit });
}
