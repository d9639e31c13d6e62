#include "query/explain.h"

#include "base/utime.h"
#include "query/filter/snapshot.h"
#include "query/page/page.h"

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

static void add_test(struct buf *out, const struct row_filter_test *t)
{
	static const char *const hows[] = {
#define X(name, text) text,
		ROW_FILTER_HOW_LIST(X)
#undef X
	};
	if (t->pred)
		add_pred(out, t->pred);
	else
		buf_printf(out, "%s", t->what);
	buf_printf(out, ", %s", hows[t->how]);
}

static void add_clauses(struct buf *out, const struct row_filter *s)
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

static void explain_add_place(struct buf *out, const struct view *v, size_t shard)
{
	char day[sizeof "YYYY-MM-DD"] = { 0 };
	utime_format_day(v->shards[shard].day, day);
	buf_printf(out, "%s", day);
	if (v->shards[shard].part)
		buf_printf(out, ".%d", v->shards[shard].part);
}

static enum err explain_add_block(struct buf *out, struct snapshot *s, struct block *b)
{
	struct row_ref first;
	if (b->kind == BLOCK_LINES) {
		buf_printf(out, "lines: %" PRIu32 " rows\n", b->n_rows);
		return ERR_OK;
	}
	if (b->segment) {
		buf_printf(out, "segment ");
		explain_add_place(out, s->view, b->segment->shard);
		buf_printf(out, " from %" PRId64 " to %" PRId64, b->segment->from, b->segment->to);
	} else {
		enum err e = block_ref(b, 0, &first);
		if (e)
			return e;
		buf_printf(out, "row log ");
		explain_add_place(out, s->view, first.shard);
	}
	buf_printf(out, ": %" PRIu32 " rows, %" PRIu32 " of them superseded\n", b->n_rows,
		b->n_superseded);
	return ERR_OK;
}

/* Prints what is decided before any row is looked at. */
static enum err explain_plan(struct explaining *x, struct snapshot *s)
{
	struct row_filter_id_list ids;
	struct search search;
	size_t n_empty = 0;
	search_init(&search, &s->source.set, x->query);
	enum err e = row_filter_find_ids(&s->source.set, x->query, &ids);
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		struct row_filter filter;
		e = row_filter_make(&filter, &s->blocks[i], x->query, &ids, &search);
		n_empty += !e && filter.is_empty;
		if (e || filter.is_empty)
			continue;
		e = explain_add_block(x->out, s, &s->blocks[i]);
		add_clauses(x->out, &filter);
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

static enum err explain(struct snapshot *s, void *user)
{
	struct explaining *x = user;
	struct field_set nothing = { { 0 } };
	x->out->len = x->start;
	if (s->n_blocks == 0)
		buf_printf(
			x->out, "no index: all lines of %zu shards are read\n", s->view->n_shards);
	enum err e = explain_plan(x, s);
	if (!e)
		e = snapshot_select(s, x->query, &nothing);
	if (!e && source_n_lines(&s->source))
		e = explain_add_block(x->out, s, &s->blocks[s->n_blocks - 1]);
	if (e)
		return e;
	explain_order(x);
	buf_printf(x->out, "%" PRIu64 " rows match, after a look at %" PRIu64 " lines\n",
		snapshot_count(s), s->n_verified + source_n_lines(&s->source));
	return ERR_OK;
}

enum err query_explain(struct view *v, const struct query *q, struct buf *out)
{
	struct explaining x = { q, out, out->len };
	return snapshot_answer(v, q->deadline_ns, explain, &x);
}
