#include "query/explain.h"

#include "base/utime.h"
#include "query/page/page.h"
#include "query/filter/snapshot.h"

#include <inttypes.h>

struct explaining {
	const struct query *query;
	struct buf *out;
	size_t start; /* of what is written */
};

static const char *field_name(unsigned field)
{
	switch (field) {
	case QUERY_DURATION:
		return "duration";
	case QUERY_ANY_TEXT:
		return "any_text";
	case QUERY_IDENTITY:
		return "identity";
	case QUERY_TRACE_SPAN:
		return "trace_id and span_id";
	case QUERY_COMPUTED:
		return "a computed value";
	default:
		return field_info[field].member.ptr;
	}
}

static void add_pred(struct buf *out, const struct pred *p)
{
	static const char *const signs[] = {
#define X(name, sign) sign,
		OP_LIST(X)
#undef X
	};
	enum { SHOWN = 3 };
	buf_printf(out, "%s", field_name(p->field));
	if (!str_is_null(p->path))
		buf_printf(out, " at %.*s", STR_ARG(p->path));
	buf_printf(out, " %s", signs[p->op]);
	for (size_t i = 0; i < p->n_values && i < SHOWN; i++)
		if (p->numbers)
			buf_printf(out, " %" PRId64, p->numbers[i]);
		else
			buf_printf(out, " \"%.*s\"", STR_ARG(p->texts[i]));
	if (p->n_values > SHOWN)
		buf_printf(out, " and %zu more", p->n_values - SHOWN);
	if (p->op == OP_IN_SET || p->op == OP_NOT_IN_SET)
		buf_printf(out, " of %zu", p->set.n);
}

static void add_test(struct buf *out, const struct sieve_test *t)
{
	static const char *const hows[] = {
#define X(name, text) text,
		SIEVE_HOW_LIST(X)
#undef X
	};
	if (t->pred)
		add_pred(out, t->pred);
	else
		buf_printf(out, "%s", t->what);
	buf_printf(out, ", %s", hows[t->how]);
}

static void add_clauses(struct buf *out, const struct sieve *s)
{
	for (size_t i = 0; i < s->n_clauses; i++) {
		buf_printf(out, "    ");
		for (size_t j = 0; j < s->clauses[i].n; j++) {
			if (j)
				buf_printf(out, " or ");
			add_test(out, &s->clauses[i].tests[j]);
		}
		buf_add_char(out, '\n');
	}
}

static void add_place(struct buf *out, const struct view *v, size_t shard)
{
	char day[sizeof "YYYY-MM-DD"] = { 0 };
	utime_format_day(v->shards[shard].day, day);
	buf_printf(out, "%s", day);
	if (v->shards[shard].part)
		buf_printf(out, ".%d", v->shards[shard].part);
}

static enum err add_block(struct buf *out, struct stock *s, struct block *b)
{
	struct row_ref first;
	if (b->kind == BLOCK_LINES) {
		buf_printf(out, "lines: %" PRIu32 " rows\n", b->n_rows);
		return ERR_OK;
	}
	if (b->segment) {
		buf_printf(out, "segment ");
		add_place(out, s->view, b->segment->shard);
		buf_printf(out, " from %" PRId64 " to %" PRId64, b->segment->from, b->segment->to);
	} else {
		enum err e = block_ref(b, 0, &first);
		if (e)
			return e;
		buf_printf(out, "live records ");
		add_place(out, s->view, first.shard);
	}
	buf_printf(out, ": %" PRIu32 " rows, %" PRIu32 " of them hidden\n", b->n_rows, b->n_hidden);
	return ERR_OK;
}

/* What is decided before any row is looked at. */
static enum err explain_plan(struct explaining *x, struct stock *s)
{
	struct sieve_id_list ids;
	struct search search;
	size_t n_empty = 0;
	search_init(&search, &s->source.set, x->query);
	enum err e = sieve_find_ids(&s->source.set, x->query, &ids);
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		struct sieve sieve;
		e = sieve_make(&sieve, &s->blocks[i], x->query, &ids, &search);
		n_empty += !e && sieve.is_empty;
		if (e || sieve.is_empty)
			continue;
		e = add_block(x->out, s, &s->blocks[i]);
		add_clauses(x->out, &sieve);
	}
	if (n_empty)
		buf_printf(x->out, "%zu blocks that hold no match\n", n_empty);
	return e;
}

static void explain_order(struct explaining *x)
{
	static const char *const hows[] = { [PAGE_NUMBER] = "by column",
		[PAGE_DURATION] = "by column",
		[PAGE_TEXT] = "by its texts",
		[PAGE_HASH] = "on a line of each text",
		[PAGE_LINE] = "on the line" };
	const struct query *q = x->query;
	for (size_t i = 0; i < q->n_sort; i++)
		buf_printf(x->out, "%s %s%s, %s%s",
			i ? " then" : "order:", field_name(q->sort[i].field),
			q->sort[i].descending ? " descending" : "", hows[page_how(&q->sort[i])],
			i + 1 < q->n_sort ? ";" : "\n");
}

static enum err explain(struct stock *s, void *user)
{
	struct explaining *x = user;
	struct field_set nothing = { { 0 } };
	x->out->len = x->start;
	if (s->n_blocks == 0)
		buf_printf(
			x->out, "no index: all lines of %zu shards are read\n", s->view->n_shards);
	enum err e = explain_plan(x, s);
	if (!e)
		e = stock_pick(s, x->query, &nothing);
	if (!e && source_n_lines(&s->source))
		e = add_block(x->out, s, &s->blocks[s->n_blocks - 1]);
	if (e)
		return e;
	explain_order(x);
	buf_printf(x->out, "%" PRIu64 " rows match, after a look at %" PRIu64 " lines\n",
		stock_count(s), s->n_verified + source_n_lines(&s->source));
	return ERR_OK;
}

enum err query_explain(struct view *v, const struct query *q, struct buf *out)
{
	struct explaining x = { q, out, out->len };
	return stock_answer(v, q->deadline_ns, explain, &x);
}
