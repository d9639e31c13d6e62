#include "api/opik/read/scores.h"
#include "api/sort.h"

#include <stdlib.h>

static uint64_t score_hash(uint64_t target, uint64_t name)
{
	return (target ^ name >> 32) * UINT64_C(0x9e3779b97f4a7c15) ^ name;
}

void opik_scores_init(struct opik_scores *s, struct arena *a)
{
	*s = (struct opik_scores){ .arena = a };
	table_init(&s->scores, a, sizeof(struct opik_score));
}

void opik_scores_release(struct opik_scores *s)
{
	table_release(&s->scores);
}

const struct opik_score *opik_scores_find(
	const struct opik_scores *s, uint64_t target, uint64_t name)
{
	struct table_probe p = table_probe(&s->scores, score_hash(target, name));
	const struct opik_score *one;
	while ((one = table_next(&s->scores, &p)))
		if (one->target == target && one->name == name)
			return one;
	return NULL;
}

static void opik_scores_add(
	struct opik_scores *s, uint64_t target, const struct note_row *row, size_t i)
{
	uint64_t hash = score_hash(target, row->name);
	struct table_probe p = table_probe(&s->scores, hash);
	struct opik_score *one;
	if (!row->has_value)
		return;
	while ((one = table_next(&s->scores, &p)))
		if (one->target == target && one->name == row->name)
			break;
	if (!one) {
		one = table_add(&s->scores, hash);
		one->target = target;
		one->name = row->name;
		one->folded = row->folded;
		one->row = (uint32_t)i;
	}
	one->sum += row->value;
	one->n++;
}

void opik_scores_collect(struct opik_scores *s, const struct notes *n, enum note_about about)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->rows[i].kind == NOTE_SCORE && n->rows[i].about == about)
			opik_scores_add(s, n->rows[i].target, &n->rows[i], i);
}

struct spans_of {
	struct opik_scores *scores;
	const struct notes *notes;
};

static bool opik_scores_add_span(void *user, const struct span *span, struct row_ref ref)
{
	struct spans_of *of = user;
	const struct note_row *row =
		notes_first(of->notes, NOTE_ABOUT_SPAN, span_text(span, FIELD_SPAN_ID));
	uint64_t trace = pred_text_hash(span_text(span, FIELD_TRACE_ID));
	(void)ref;
	for (; row; row = notes_next(of->notes, row))
		if (row->kind == NOTE_SCORE)
			opik_scores_add(of->scores, trace, row, (size_t)(row - of->notes->rows));
	return true;
}

enum err opik_scores_collect_spans(
	struct opik_scores *s, struct view *v, const struct notes *n, int64_t deadline_ns)
{
	uint64_t *targets = arena_calloc(s->arena, n->n, sizeof *targets);
	struct query q;
	struct field_set want = { { 0 } };
	struct spans_of of = { s, n };
	query_init(&q);
	struct pred p = { .field = FIELD_SPAN_ID, .op = OP_IN_SET };
	struct clause c = { &p, 1 };
	for (size_t i = 0; i < n->n; i++)
		if (n->rows[i].kind == NOTE_SCORE && n->rows[i].about == NOTE_ABOUT_SPAN)
			targets[p.set.n++] = n->rows[i].target;
	if (!p.set.n)
		return ERR_OK;
	sort_hashes(targets, p.set.n);
	p.set.sorted = targets;
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = deadline_ns;
	field_set_add(&want, FIELD_SPAN_ID);
	field_set_add(&want, FIELD_TRACE_ID);
	return engine_each(v, &q, &want, opik_scores_add_span, &of);
}

int64_t opik_score_value(const struct opik_score *s)
{
	__int128 twice = s->sum * 2, n = s->n;
	/* Rounds half away from zero. */
	return (int64_t)((twice + (twice < 0 ? -n : n)) / (2 * n));
}

static bool relates(enum op op, int64_t v, int64_t w)
{
	switch (op) {
	case OP_EQ:
		return v == w;
	case OP_LT:
		return v < w;
	case OP_LE:
		return v <= w;
	case OP_GT:
		return v > w;
	case OP_GE:
		return v >= w;
	default:
		return false;
	}
}

struct hash_set opik_scores_set(const struct opik_scores *s, struct arena *a, uint64_t folded,
	enum op op, const int64_t *value)
{
	uint64_t *hashes = arena_calloc(a, s->scores.n, sizeof *hashes);
	struct hash_set set = { .sorted = hashes };
	for (size_t i = 0; i < s->scores.n; i++) {
		const struct opik_score *one = table_row(&s->scores, i);
		if ((!folded || one->folded == folded) &&
			(!value || relates(op, opik_score_value(one), *value)))
			hashes[set.n++] = one->target;
	}
	sort_hashes(hashes, set.n);
	return set;
}

static int compare_targets(const void *x, const void *y)
{
	const struct opik_score *a = x, *b = y;
	if (a->target != b->target)
		return a->target < b->target ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

void opik_scores_sort(struct opik_scores *s)
{
	table_freeze(&s->scores);
	if (s->scores.n)
		qsort(s->scores.rows, s->scores.n, s->scores.row_size, compare_targets);
}

const struct opik_score *opik_scores_of(const struct opik_scores *s, uint64_t target, size_t *ret_n)
{
	size_t low = 0, high = s->scores.n, n = 0;
	const struct opik_score *list = (const struct opik_score *)(void *)s->scores.rows;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (list[middle].target < target)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < s->scores.n && list[low + n].target == target)
		n++;
	*ret_n = n;
	return n ? &list[low] : NULL;
}
