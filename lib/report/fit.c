#include "report/fit.h"

#include <stdlib.h>

enum {
	FRAME_BYTES = 20, /* title and fences of a body */
	GAP_BYTES = 32,   /* the note that spans are left out */
	BODY_LEAST = 200  /* shorter texts are not useful */
};

struct rank {
	unsigned order;
	size_t depth, row;
};

size_t fit_body(const struct fit *f, size_t bytes)
{
	size_t mark = FIT_MARK_BYTES;
	return bytes <= mark || bytes - mark <= f->level_bytes ? bytes : f->level_bytes;
}

static size_t fit_bodies_bytes(const struct fit_row *r, size_t level_bytes)
{
	size_t sum = 0;
	for (size_t i = 0; i < FIT_BODIES; i++) {
		size_t bytes = r->body_bytes[i], most = level_bytes + FIT_MARK_BYTES;
		if (bytes)
			sum += FRAME_BYTES + (bytes < most ? bytes : most);
	}
	return sum;
}

static size_t fit_all_bytes(const struct fit *f, size_t level_bytes)
{
	size_t sum = 0;
	for (size_t i = 0; i < f->n; i++)
		sum += f->rows[i].heading_bytes + fit_bodies_bytes(&f->rows[i], level_bytes);
	return sum;
}

/* Returns the longest cut with which everything fits, between one that fits and one that need not.
 */
static size_t fit_level_between(const struct fit *f, size_t good, size_t most, size_t room_bytes)
{
	while (good < most) {
		size_t middle = good + (most - good + 1) / 2;
		if (fit_all_bytes(f, middle) <= room_bytes)
			good = middle;
		else
			most = middle - 1;
	}
	return good;
}

static int fit_by_rank(const void *x, const void *y)
{
	const struct rank *a = x, *b = y;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static struct rank *fit_ranks(const struct fit *f, struct arena *a)
{
	struct rank *ranks = arena_calloc(a, f->n + 1, sizeof *ranks);
	for (size_t i = 0; i < f->n; i++) {
		const struct fit_row *r = &f->rows[i];
		ranks[i] = (struct rank){ i == 0 ? 0 : r->has_failed ? 1 : 2, r->depth, i };
	}
	if (f->n)
		qsort(ranks, f->n, sizeof *ranks, fit_by_rank);
	return ranks;
}

/* Returns for each row the number of the row above it; its own number when there is none. */
static size_t *fit_parents(const struct fit *f, struct arena *a)
{
	size_t deepest = 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->rows[i].depth > deepest)
			deepest = f->rows[i].depth;
	size_t *parents = arena_calloc(a, f->n + 1, sizeof *parents);
	size_t *open = arena_calloc(a, deepest + 1, sizeof *open); /* the last row of each depth */
	for (size_t i = 0; i < f->n; i++) {
		size_t depth = f->rows[i].depth;
		parents[i] = depth ? open[depth - 1] : i;
		open[depth] = i;
	}
	return parents;
}

/* Takes the row and those above it. False: they do not fit. */
static bool fit_take(struct fit *f, const size_t *parents, size_t row, size_t *room_bytes)
{
	size_t bytes = 0, n = 0;
	for (size_t i = row; f->rows[i].part == FIT_NONE; i = parents[i]) {
		bytes += f->rows[i].heading_bytes + GAP_BYTES;
		n++;
		if (parents[i] == i)
			break;
	}
	if (bytes > *room_bytes && f->n_shown)
		return false;
	*room_bytes -= bytes < *room_bytes ? bytes : *room_bytes;
	f->n_shown += n;
	for (size_t i = row; n--; i = parents[i])
		f->rows[i].part = FIT_HEADING;
	return true;
}

static void fit_choose(struct fit *f, struct arena *a, size_t room_bytes)
{
	struct rank *ranks = fit_ranks(f, a);
	size_t *parents = fit_parents(f, a), headings_bytes = 0;
	for (size_t i = 0; i < f->n; i++)
		headings_bytes += f->rows[i].heading_bytes;
	if (headings_bytes <= room_bytes) {
		for (size_t i = 0; i < f->n; i++)
			f->rows[i].part = FIT_HEADING;
		f->n_shown = f->n;
		room_bytes -= headings_bytes;
	} else {
		for (size_t i = 0; i < f->n && fit_take(f, parents, ranks[i].row, &room_bytes); i++)
			;
	}
	for (size_t i = 0; i < f->n; i++) {
		struct fit_row *r = &f->rows[ranks[i].row];
		size_t bytes = fit_bodies_bytes(r, BODY_LEAST);
		if (r->part == FIT_NONE || bytes > room_bytes)
			break;
		r->part = FIT_WHOLE;
		f->n_whole += bytes > 0;
		room_bytes -= bytes;
	}
}

void fit(struct fit *f, struct arena *a, size_t room_bytes)
{
	size_t longest = 0;
	f->level_bytes = SIZE_MAX;
	f->n_shown = f->n_whole = 0;
	for (size_t i = 0; i < f->n; i++) {
		f->rows[i].part = FIT_NONE;
		for (size_t k = 0; k < FIT_BODIES; k++)
			if (f->rows[i].body_bytes[k] > longest)
				longest = f->rows[i].body_bytes[k];
	}
	if (fit_all_bytes(f, BODY_LEAST) > room_bytes) {
		f->level_bytes = BODY_LEAST;
		fit_choose(f, a, room_bytes);
		return;
	}
	if (fit_all_bytes(f, longest) > room_bytes)
		f->level_bytes = fit_level_between(f, BODY_LEAST, longest, room_bytes);
	for (size_t i = 0; i < f->n; i++)
		f->rows[i].part = FIT_WHOLE;
	f->n_shown = f->n_whole = f->n;
}
