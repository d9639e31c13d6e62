/* show: a trace as a tree of its spans, or one span in full. */
#include "show.h"
#include "filter.h"
#include "otlp.h"
#include "row.h"
#include "verb.h"
#include "waterfall.h"

#include "base/hash.h"
#include "base/utime.h"
#include "query/engine.h"

#include <stdlib.h>

enum {
	/* A tree deeper than that is drawn flat from there on. */
	DEPTH_MAX = 200
};

struct node {
	struct span span; /* texts in the arena */
	struct row_ref ref;
	uint64_t id, parent;       /* hashes; parent 0: none */
	struct node *child, *next; /* in the order of their start */
	bool is_placed;
};

struct tree {
	struct cli *cli;
	struct node *nodes;
	size_t n, cap;
	struct show_row *rows; /* not NULL: it is put there, not drawn */
	size_t n_rows;
	struct waterfall waterfall; /* ahead of what is drawn */
};

static uint64_t hash_of(struct str id)
{
	return id.len ? hash64(id, 0) | 1 : 0;
}

/* The fields of a row are few; they are kept. */
static void keep(struct arena *a, struct span *to, const struct span *from)
{
	*to = *from;
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		enum field_type t = field_info[f].type;
		bool is_text = t == FIELD_TYPE_STR || t == FIELD_TYPE_TEXT || t == FIELD_TYPE_DEC ||
			       t == FIELD_TYPE_JSON;
		if (is_text && span_has(from, (enum field)f))
			to->value[f].text = arena_copy(a, from->value[f].text);
	}
}

static int by_start(const void *x, const void *y)
{
	const struct node *a = x, *b = y;
	int64_t s = span_i64(&a->span, FIELD_STARTED_AT, 0),
		t = span_i64(&b->span, FIELD_STARTED_AT, 0);
	if (s != t)
		return s < t ? -1 : 1;
	return str_cmp(span_text(&a->span, FIELD_SPAN_ID), span_text(&b->span, FIELD_SPAN_ID));
}

static int by_id(const void *x, const void *y)
{
	const struct node *const *a = x, *const *b = y;
	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

static struct node *find(struct node **sorted, size_t n, uint64_t id)
{
	struct node key = { .id = id }, *p = &key;
	struct node **found = n ? bsearch(&p, sorted, n, sizeof *sorted, by_id) : NULL;
	return found ? *found : NULL;
}

/* Hangs each node below its parent; what has none, or one that is not there, below top. */
static void build(struct tree *t, struct node *top)
{
	struct arena *a = t->cli->arena;
	struct node **sorted = arena_calloc(a, t->n + 1, sizeof *sorted);
	struct node **last = arena_calloc(a, t->n + 1, sizeof *last); /* of each one's children */
	if (t->n)
		qsort(t->nodes, t->n, sizeof *t->nodes, by_start);
	for (size_t i = 0; i < t->n; i++)
		sorted[i] = &t->nodes[i];
	if (t->n)
		qsort(sorted, t->n, sizeof *sorted, by_id);
	for (size_t i = 0; i < t->n; i++) {
		struct node *x = &t->nodes[i];
		struct node *parent = x->parent ? find(sorted, t->n, x->parent) : NULL;
		size_t slot = parent && parent != x ? (size_t)(parent - t->nodes) : t->n;
		struct node *at = slot == t->n ? top : parent;
		if (last[slot])
			last[slot]->next = x;
		else
			at->child = x;
		last[slot] = x;
	}
}

static void put_node(
	struct tree *t, struct node *x, size_t depth, struct str indent, const char *branch)
{
	struct cli *c = t->cli;
	x->is_placed = true;
	if (t->rows) {
		t->rows[t->n_rows++] = (struct show_row){ x->span, x->ref, depth };
		return;
	}
	waterfall_put(&t->waterfall, c, &x->span);
	buf_add(&c->out, indent);
	buf_add(&c->out, str_from_c(branch));
	buf_printf(&c->out, "%.*s ",
		STR_ARG(kind_name((enum kind)span_i64(&x->span, FIELD_KIND, KIND_UNKNOWN))));
	cli_put_body(c, span_text(&x->span, FIELD_NAME), 80, false);
	row_put_details(c, &x->span);
	(void)cli_flush_if_large(c);
}

/* Walks without recursion: a hostile trace is a chain of a million spans. */
static void put_below(struct tree *t, struct node *top)
{
	struct cli *c = t->cli;
	struct {
		struct node *next;
		struct str indent;
	} stack[DEPTH_MAX];
	size_t depth = 0;
	stack[0].next = top->child;
	stack[0].indent = STR("");
	for (;;) {
		struct node *x = stack[depth].next;
		if (!x) {
			if (depth-- == 0)
				return;
			continue;
		}
		stack[depth].next = x->next;
		bool is_last = !x->next;
		put_node(t, x, depth, stack[depth].indent,
			depth == 0 ? ""
			: is_last  ? "└─ "
				   : "├─ ");
		if (!x->child)
			continue;
		if (depth + 1 == DEPTH_MAX) {
			if (!stack[depth].next) /* flat */
				stack[depth].next = x->child;
			continue;
		}
		stack[depth + 1].next = x->child;
		stack[depth + 1].indent =
			depth == 0 ? STR("")
				   : arena_printf(c->arena, "%.*s%s", STR_ARG(stack[depth].indent),
					     is_last ? "   " : "│  ");
		depth++;
	}
}

static void put_tree(struct tree *t)
{
	struct node top = { .child = NULL };
	build(t, &top);
	put_below(t, &top);
	/* Spans that are each other's parents hang below nothing. */
	for (size_t i = 0; i < t->n; i++)
		if (!t->nodes[i].is_placed)
			put_node(t, &t->nodes[i], 0, STR(""), "? ");
}

static void put_rows(struct tree *t)
{
	t->rows = arena_calloc(t->cli->arena, t->n + 1, sizeof *t->rows);
	put_tree(t);
}

static bool take(void *user, const struct span *s, struct row_ref ref)
{
	struct tree *t = user;
	if (t->n == t->cap)
		return false;
	struct node *x = &t->nodes[t->n++];
	*x = (struct node){ .span = *s, .ref = ref };
	return true;
}

static bool count(void *user, const struct span *s, struct row_ref ref)
{
	(void)s, (void)ref;
	++*(size_t *)user;
	return true;
}

/* All spans of a trace, with what a row shows. */
static enum err read_trace(struct cli *c, struct view *v, struct str trace_id, struct tree *ret)
{
	struct query q;
	struct field_set want = row_fields();
	struct tree t = { .cli = c };
	query_init(&q);
	q.clauses = arena_calloc(c->arena, 1, sizeof *q.clauses);
	filter_add(&q, c->arena, filter_equals(c->arena, FIELD_TRACE_ID, trace_id));
	enum err e = engine_each(v, &q, &want, count, &t.cap);
	if (e)
		return e;
	t.nodes = arena_calloc(c->arena, t.cap + 1, sizeof *t.nodes);
	e = engine_each(v, &q, &want, take, &t);
	for (size_t i = 0; i < t.n && !e; i++) {
		struct span s;
		e = engine_fetch(v, t.nodes[i].ref, &want, &s, NULL);
		if (e == ERR_NOT_FOUND) {
			span_init(&t.nodes[i].span);
			e = ERR_OK;
			continue;
		}
		if (e)
			break;
		keep(c->arena, &t.nodes[i].span, &s);
		t.nodes[i].id = hash_of(span_text(&t.nodes[i].span, FIELD_SPAN_ID));
		t.nodes[i].parent = hash_of(span_text(&t.nodes[i].span, FIELD_PARENT_SPAN_ID));
	}
	*ret = t;
	return e;
}

static enum cli_exit put_lines(struct cli *c, struct view *v, struct tree *t)
{
	row_begin(c);
	for (size_t i = 0; i < t->n && cli_flush_if_large(c); i++) {
		struct span s;
		struct str line;
		enum err e = engine_fetch(v, t->nodes[i].ref, NULL, &s, &line);
		if (e && e != ERR_NOT_FOUND)
			return cli_error(c, e, STR("a line"));
		if (!e)
			row_put(c, &s, line);
	}
	return CLI_OK;
}

static enum cli_exit put_otlp(struct cli *c, struct view *v, struct tree *t)
{
	struct otlp o;
	enum err e = ERR_OK;
	otlp_begin(&o, c, v);
	if (t->n)
		qsort(t->nodes, t->n, sizeof *t->nodes, by_start);
	for (size_t i = 0; i < t->n && !e; i++)
		e = otlp_add(&o, t->nodes[i].ref);
	otlp_end(&o);
	return e ? cli_error(c, e, STR("a line")) : CLI_OK;
}

/* Member after member, the long ones on lines of their own. */
static void put_span(struct cli *c, const struct span *s)
{
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		char time[UTIME_TEXT_MAX];
		if (!span_has(s, (enum field)f))
			continue;
		cli_put(c, field_info[f].member, 22, true);
		buf_add_char(&c->out, ' ');
		switch (field_info[f].type) {
		case FIELD_TYPE_STR:
		case FIELD_TYPE_TEXT:
			cli_put_body(c, s->value[f].text, 0, false);
			break;
		case FIELD_TYPE_JSON:
		case FIELD_TYPE_DEC:
			cli_put(c, s->value[f].text, 0, false);
			break;
		case FIELD_TYPE_KIND:
			cli_put(c, kind_name((enum kind)s->value[f].i64), 0, false);
			break;
		case FIELD_TYPE_STATUS:
			cli_put(c, status_name((enum status)s->value[f].i64), 0, false);
			break;
		case FIELD_TYPE_TIME:
			buf_add(&c->out, str_of(time, utime_format(s->value[f].i64, time)));
			break;
		case FIELD_TYPE_BOOL:
			buf_add(&c->out, s->value[f].i64 ? STR("true") : STR("false"));
			break;
		case FIELD_TYPE_I64:
			buf_add_i64(&c->out, s->value[f].i64);
			break;
		}
		buf_add_char(&c->out, '\n');
	}
}

static enum cli_exit show_span(struct cli *c, struct view *v, struct str id)
{
	struct span s;
	bool found;
	enum err e = engine_get(v, STR_NULL, STR_NULL, id, &s, &found);
	if (e)
		return cli_error(c, e, STR("the span"));
	if (!found)
		return cli_fail(c, CLI_NOT_FOUND,
			"there is no trace or span %.*s in workspace %.*s", STR_ARG(c->words[0]),
			STR_ARG(c->workspace));
	if (cli_has(c, "otlp")) {
		struct otlp o;
		otlp_begin(&o, c, v);
		otlp_add_span(&o, &s);
		otlp_end(&o);
		return CLI_OK;
	}
	if (c->is_json) {
		struct buf line;
		buf_init(&line, c->arena);
		line_write(&line, &s);
		row_begin(c);
		row_put(c, &s, str_first(buf_str(&line), line.len - 1));
		return CLI_OK;
	}
	put_span(c, &s);
	return CLI_OK;
}

enum err show_rows(
	struct cli *c, struct view *v, struct str trace_id, struct show_row **ret, size_t *ret_n)
{
	struct tree t;
	enum err e = read_trace(c, v, trace_id, &t);
	if (e)
		return e;
	put_rows(&t);
	*ret = t.rows;
	*ret_n = t.n_rows;
	return ERR_OK;
}

/* Is that asked for which only a trace can be shown as? */
static bool is_of_trace(const struct cli *c)
{
	return cli_has(c, "md") || cli_has(c, "tree") || cli_has(c, "waterfall");
}

static bool has_waterfall(const struct cli *c)
{
	return cli_has(c, "waterfall") || (!cli_has(c, "tree") && cli_terminal_cells());
}

static void draw(struct tree *t)
{
	if (has_waterfall(t->cli))
		t->waterfall.cells = waterfall_cells();
	for (size_t i = 0; i < t->n; i++)
		waterfall_add(&t->waterfall, &t->nodes[i].span);
	waterfall_put_head(&t->waterfall, t->cli);
	put_tree(t);
}

static enum cli_exit put_markdown(struct cli *c, struct tree *t, struct markdown *m)
{
	put_rows(t);
	enum err e = show_markdown(m, c->words[0], t->rows, t->n_rows);
	return e ? cli_error(c, e, STR("a span")) : CLI_OK;
}

enum cli_exit verb_show(struct cli *c)
{
	struct view v;
	struct tree t;
	uint64_t cut;
	int64_t tokens;
	if (!cli_words(c, 1, 1) || !cli_number(c, "max-tokens", 1, SHOW_TOKENS_MAX, 0, &tokens) ||
		!cli_size(c, "cut", tokens ? SIZE_MAX : SHOW_CUT_BYTES, &cut))
		return CLI_USAGE;
	if (cli_has(c, "otlp") + cli_has(c, "md") + cli_has(c, "tree") + cli_has(c, "waterfall") >
		1)
		return cli_fail(c, CLI_USAGE, "--tree, --waterfall, --md or --otlp: one of them");
	if (tokens && !cli_has(c, "md"))
		return cli_fail(c, CLI_USAGE, "--max-tokens goes with --md");
	struct str id = json_encode(c->arena, c->words[0]);
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	enum err e = read_trace(c, &v, id, &t);
	if (e) {
		code = cli_error(c, e, STR("the trace"));
	} else if (t.n == 0 && is_of_trace(c)) {
		code = cli_fail(c, CLI_NOT_FOUND, "there is no trace %.*s",
			STR_ARG(str_first(c->words[0], 60)));
	} else if (t.n == 0) {
		code = show_span(c, &v, id);
	} else if (cli_has(c, "otlp")) {
		code = put_otlp(c, &v, &t);
	} else if (c->is_json) {
		code = put_lines(c, &v, &t);
	} else if (cli_has(c, "md")) {
		struct markdown md = {
			.cli = c, .view = &v, .cut_bytes = (size_t)cut, .max_tokens = (size_t)tokens
		};
		code = put_markdown(c, &t, &md);
	} else {
		draw(&t);
	}
	view_close(&v);
	return code;
}
