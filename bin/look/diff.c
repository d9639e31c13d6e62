/*
 * diff: two traces side by side.  Two spans are a pair when kind, name and depth are equal; the
 * pairs are the most that the order of both trees allows (a longest common subsequence).  The other
 * spans stand in one trace only.
 */
#include "report/row.h"
#include "report/tree.h"
#include "verb.h"

enum { SPANS_MAX = 4000 };

struct side {
	struct tree_row **rows;
	size_t n;
	int64_t ns, tokens, pico, errors; /* sums; the time is that of the roots */
};

static bool diff_is_same(const struct tree_row *x, const struct tree_row *y)
{
	return x->depth == y->depth &&
	       span_i64(&x->span, FIELD_KIND, KIND_UNKNOWN) ==
		       span_i64(&y->span, FIELD_KIND, KIND_UNKNOWN) &&
	       str_eq(span_text(&x->span, FIELD_NAME), span_text(&y->span, FIELD_NAME));
}

/* Returns a table: at[i * (n + 1) + k] is how many pairs the rows from i and from k on have. */
static uint16_t *diff_count_pairs(struct cli *c, const struct side *a, const struct side *b)
{
	size_t width = b->n + 1;
	uint16_t *at = arena_calloc(c->arena, (a->n + 1) * width, sizeof *at);
	for (size_t i = a->n; i-- > 0;)
		for (size_t k = b->n; k-- > 0;) {
			uint16_t down = at[(i + 1) * width + k], right = at[i * width + k + 1];
			at[i * width + k] = diff_is_same(a->rows[i], b->rows[k])
						    ? (uint16_t)(at[(i + 1) * width + k + 1] + 1)
					    : down > right ? down
							   : right;
		}
	return at;
}

static int64_t diff_duration(const struct tree_row *r)
{
	int64_t ns;
	return r && span_duration(&r->span, &ns) ? ns : -1;
}

static int64_t diff_cost(const struct tree_row *r)
{
	int64_t pico;
	struct str text = r ? span_text(&r->span, FIELD_COST_TOTAL_USD) : STR_NULL;
	return !str_is_null(text) && dec_to_pico(text, &pico) ? pico : 0;
}

static enum status status(const struct tree_row *r)
{
	return (enum status)span_i64(&r->span, FIELD_STATUS, STATUS_UNKNOWN);
}

static void put_side_json(struct json_writer *w, struct str name, const struct tree_row *r)
{
	json_key(w, name);
	if (!r) {
		json_null(w);
		return;
	}
	json_object(w);
	json_member_body(w, STR("span_id"), span_text(&r->span, FIELD_SPAN_ID));
	if (diff_duration(r) >= 0)
		json_member_double(w, STR("duration_ms"), (double)diff_duration(r) / 1e6);
	json_member_i64(w, STR("tokens"), row_tokens(&r->span));
	json_member_double(w, STR("cost_usd"), (double)diff_cost(r) / 1e12);
	json_member_text(w, STR("status"), status_name(status(r)));
	json_end(w);
}

static void diff_put_pair(struct cli *c, struct str x, struct str y, int width)
{
	buf_printf(&c->report.out, " %*.*s %*.*s", width, STR_ARG(x.len ? x : STR("-")), width,
		STR_ARG(y.len ? y : STR("-")));
}

static struct str tokens_text(struct cli *c, int64_t n)
{
	return n ? arena_printf(c->arena, "%lld", (long long)n) : STR("");
}

static void diff_put_numbers(struct cli *c, const int64_t x[3], const int64_t y[3])
{
	diff_put_pair(c, x[0] < 0 ? STR("") : report_duration(c->arena, x[0]),
		y[0] < 0 ? STR("") : report_duration(c->arena, y[0]), 8);
	diff_put_pair(c, tokens_text(c, x[1]), tokens_text(c, y[1]), 8);
	diff_put_pair(c, row_cost(c->arena, x[2]), row_cost(c->arena, y[2]), 9);
}

/* Appends a pair, of which one may be NULL. True when they differ in more than numbers. */
static bool diff_put_row(struct cli *c, const struct tree_row *a, const struct tree_row *b)
{
	const struct tree_row *r = a ? a : b;
	bool differs = !a || !b || status(a) != status(b);
	struct str kind = kind_name((enum kind)span_i64(&r->span, FIELD_KIND, KIND_UNKNOWN));
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("change"),
			!a        ? STR("added")
			: !b      ? STR("removed")
			: differs ? STR("status")
				  : STR("none"));
		json_member_i64(&w, STR("depth"), (int64_t)r->depth);
		json_member_text(&w, STR("kind"), kind);
		json_member_body(&w, STR("name"), span_text(&r->span, FIELD_NAME));
		put_side_json(&w, STR("a"), a);
		put_side_json(&w, STR("b"), b);
		cli_json_end(c, &w);
		return differs;
	}
	struct arena_mark mark = arena_mark(c->arena);
	buf_add_char(&c->report.out, !a ? '+' : !b ? '-' : differs ? '!' : ' ');
	diff_put_numbers(c,
		(int64_t[]){ diff_duration(a), a ? row_tokens(&a->span) : 0, diff_cost(a) },
		(int64_t[]){ diff_duration(b), b ? row_tokens(&b->span) : 0, diff_cost(b) });
	buf_printf(&c->report.out, " %*s%.*s ", (int)(r->depth < 40 ? r->depth : 40) * 2, "",
		STR_ARG(kind));
	report_put_body(&c->report, span_text(&r->span, FIELD_NAME), 60, false);
	if (a && b && differs)
		buf_printf(&c->report.out, "  %.*s, then %.*s", STR_ARG(status_name(status(a))),
			STR_ARG(status_name(status(b))));
	buf_add_char(&c->report.out, '\n');
	arena_rewind(c->arena, mark);
	(void)cli_flush_if_large(c);
	return differs;
}

static enum cli_exit read_side(struct cli *c, struct view *v, struct str id, struct side *ret)
{
	struct tree t;
	enum err e = tree_read(&t, v, json_encode(c->arena, id));
	if (e)
		return cli_error(c, e, STR("the trace"));
	tree_arrange(&t);
	ret->rows = t.order;
	ret->n = t.n;
	if (!ret->n)
		return cli_fail(c, CLI_NOT_FOUND, "there is no trace %.*s in workspace %.*s",
			STR_ARG(id), STR_ARG(c->workspace));
	if (ret->n > SPANS_MAX)
		return cli_fail(
			c, CLI_FAILED, "trace %.*s has more than %d spans", STR_ARG(id), SPANS_MAX);
	for (size_t i = 0; i < ret->n; i++) {
		const struct tree_row *r = ret->rows[i];
		int64_t ns = diff_duration(r);
		ret->ns += r->depth == 0 && ns > 0 ? ns : 0;
		ret->errors += status(r) == STATUS_ERROR;
		if (span_i64(&r->span, FIELD_REPEATS_USAGE, 0))
			continue;
		if (__builtin_add_overflow(ret->tokens, row_tokens(&r->span), &ret->tokens))
			ret->tokens = INT64_MAX;
		if (__builtin_add_overflow(ret->pico, diff_cost(r), &ret->pico))
			ret->pico = INT64_MAX;
	}
	return CLI_OK;
}

static bool diff_put_all(struct cli *c, const struct side *a, const struct side *b)
{
	const uint16_t *at = diff_count_pairs(c, a, b);
	size_t i = 0, k = 0, width = b->n + 1;
	bool differs = false;
	if (c->report.form == REPORT_TEXT)
		buf_printf(&c->report.out, " %17s %17s %19s\n", "DURATION", "TOKENS", "COST");
	while (i < a->n || k < b->n) {
		bool both = i < a->n && k < b->n && diff_is_same(a->rows[i], b->rows[k]);
		bool only_a = !both && i < a->n &&
			      (k == b->n || at[(i + 1) * width + k] >= at[i * width + k + 1]);
		differs |= diff_put_row(
			c, both || only_a ? a->rows[i] : NULL, only_a ? NULL : b->rows[k]);
		i += both || only_a;
		k += !only_a;
	}
	return differs;
}

enum cli_exit verb_diff(struct cli *c)
{
	struct view v;
	struct side a = { .n = 0 }, b = { .n = 0 };
	bool differs = false;
	if (!cli_words(c, 2, 2))
		return CLI_USAGE;
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	code = read_side(c, &v, c->words[0], &a);
	if (code == CLI_OK)
		code = read_side(c, &v, c->words[1], &b);
	if (code == CLI_OK) {
		differs = diff_put_all(c, &a, &b);
		if (c->report.form == REPORT_TEXT) {
			buf_add_char(&c->report.out, ' ');
			diff_put_numbers(c, (int64_t[]){ a.ns, a.tokens, a.pico },
				(int64_t[]){ b.ns, b.tokens, b.pico });
			buf_printf(&c->report.out,
				" total: %zu and %zu spans, %lld and %lld errors\n", a.n, b.n,
				(long long)a.errors, (long long)b.errors);
		}
	}
	view_close(&v);
	return code == CLI_OK && differs ? CLI_FAILED : code;
}
