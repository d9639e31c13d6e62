#include "report/tree.h"
#include "report/filter.h"
#include "report/row.h"

#include "base/hash.h"
#include "query/engine.h"

#include <stdlib.h>

enum { TREE_DEPTH_MAX = 200 };

static uint64_t tree_hash(struct str id)
{
	return id.len ? hash64(id, 0) | 1 : 0;
}

/* Copies the span and its texts, which are few. */
static void tree_copy_span(struct arena *a, struct span *to, const struct span *from)
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

/* ---- Reading ---- */

struct tree_reading {
	struct tree *tree;
	size_t cap;
};

static bool tree_count(void *user, const struct span *s, struct row_ref ref)
{
	struct tree_reading *reading = user;
	(void)s, (void)ref;
	reading->cap++;
	return true;
}

static bool tree_take(void *user, const struct span *s, struct row_ref ref)
{
	struct tree_reading *reading = user;
	struct tree *t = reading->tree;
	if (t->n == reading->cap)
		return false;
	t->rows[t->n++] = (struct tree_row){ .span = *s, .ref = ref };
	return true;
}

enum err tree_read(struct tree *t, struct view *v, struct str trace_id)
{
	struct arena *a = v->arena;
	struct query q;
	struct field_set want = row_fields();
	struct tree_reading reading = { .tree = t };
	*t = (struct tree){ .arena = a };
	query_init(&q);
	q.clauses = arena_calloc(a, 1, sizeof *q.clauses);
	filter_add(&q, a, filter_equals(a, FIELD_TRACE_ID, trace_id));
	enum err e = engine_each(v, &q, &want, tree_count, &reading);
	if (e)
		return e;
	t->rows = arena_calloc(a, reading.cap + 1, sizeof *t->rows);
	e = engine_each(v, &q, &want, tree_take, &reading);
	for (size_t i = 0; i < t->n && !e; i++) {
		struct tree_row *row = &t->rows[i];
		struct span s;
		e = engine_fetch(v, row->ref, &want, &s, NULL);
		if (e == ERR_NOT_FOUND) {
			span_init(&row->span);
			e = ERR_OK;
			continue;
		}
		if (e)
			break;
		tree_copy_span(a, &row->span, &s);
		row->id = tree_hash(span_text(&row->span, FIELD_SPAN_ID));
		row->parent = tree_hash(span_text(&row->span, FIELD_PARENT_SPAN_ID));
	}
	return e;
}

/* ---- Arranging ---- */

static int tree_by_start(const void *x, const void *y)
{
	const struct tree_row *a = x, *b = y;
	int64_t s = span_i64(&a->span, FIELD_STARTED_AT, 0),
		t = span_i64(&b->span, FIELD_STARTED_AT, 0);
	if (s != t)
		return s < t ? -1 : 1;
	return str_cmp(span_text(&a->span, FIELD_SPAN_ID), span_text(&b->span, FIELD_SPAN_ID));
}

static int tree_by_id(const void *x, const void *y)
{
	const struct tree_row *const *a = x, *const *b = y;
	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

static struct tree_row *tree_find(struct tree_row **sorted, size_t n, uint64_t id)
{
	struct tree_row key = { .id = id }, *p = &key;
	struct tree_row **found = n ? bsearch(&p, sorted, n, sizeof *sorted, tree_by_id) : NULL;
	return found ? *found : NULL;
}

void tree_sort(struct tree *t)
{
	if (t->n)
		qsort(t->rows, t->n, sizeof *t->rows, tree_by_start);
}

/* Hangs each row below its parent, and roots below top. */
static void tree_build(struct tree *t, struct tree_row *top)
{
	struct tree_row **sorted = arena_calloc(t->arena, t->n + 1, sizeof *sorted);
	struct tree_row **last = arena_calloc(t->arena, t->n + 1, sizeof *last); /* last children */
	tree_sort(t);
	for (size_t i = 0; i < t->n; i++)
		sorted[i] = &t->rows[i];
	if (t->n)
		qsort(sorted, t->n, sizeof *sorted, tree_by_id);
	for (size_t i = 0; i < t->n; i++) {
		struct tree_row *x = &t->rows[i];
		struct tree_row *parent = x->parent ? tree_find(sorted, t->n, x->parent) : NULL;
		size_t slot = parent && parent != x ? (size_t)(parent - t->rows) : t->n;
		struct tree_row *at = slot == t->n ? top : parent;
		if (last[slot])
			last[slot]->next = x;
		else
			at->child = x;
		last[slot] = x;
	}
}

static size_t tree_place(struct tree *t, size_t n, struct tree_row *x)
{
	x->is_placed = true;
	t->order[n] = x;
	return n + 1;
}

/* Does not recurse: a hostile trace is a chain of a million spans. Returns how many are placed. */
static size_t tree_place_below(struct tree *t, struct tree_row *top)
{
	struct {
		struct tree_row *next;
		struct str indent;
	} stack[TREE_DEPTH_MAX];
	size_t depth = 0, n = 0;
	stack[0].next = top->child;
	stack[0].indent = STR("");
	for (;;) {
		struct tree_row *x = stack[depth].next;
		if (!x) {
			if (depth-- == 0)
				return n;
			continue;
		}
		stack[depth].next = x->next;
		bool is_last = !x->next;
		x->depth = depth;
		x->indent = stack[depth].indent;
		x->branch = depth == 0 ? "" : is_last ? "└─ " : "├─ ";
		n = tree_place(t, n, x);
		if (!x->child)
			continue;
		if (depth + 1 == TREE_DEPTH_MAX) {
			if (!stack[depth].next)
				stack[depth].next = x->child; /* flat from here on */
			continue;
		}
		stack[depth + 1].next = x->child;
		stack[depth + 1].indent =
			depth == 0 ? STR("")
				   : arena_printf(t->arena, "%.*s%s", STR_ARG(stack[depth].indent),
					     is_last ? "   " : "│  ");
		depth++;
	}
}

void tree_arrange(struct tree *t)
{
	struct tree_row top = { .child = NULL };
	t->order = arena_calloc(t->arena, t->n + 1, sizeof *t->order);
	tree_build(t, &top);
	size_t n = tree_place_below(t, &top);
	/* Spans that are each other's parents hang below nothing. */
	for (size_t i = 0; i < t->n; i++)
		if (!t->rows[i].is_placed) {
			t->rows[i].indent = STR("");
			t->rows[i].branch = "? ";
			n = tree_place(t, n, &t->rows[i]);
		}
}

void tree_put_row(struct report *r, const struct tree_row *row)
{
	const struct span *s = &row->span;
	buf_add(&r->out, row->indent);
	buf_add(&r->out, str_from_c(row->branch));
	buf_printf(&r->out, "%.*s ",
		STR_ARG(kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN))));
	report_put_body(r, span_text(s, FIELD_NAME), 80, false);
	row_put_details(r, s);
}
