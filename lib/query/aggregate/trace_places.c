#include "query/aggregate/trace_places.h"

/* A block that may have a trace, in the order of the blocks. */
struct found {
	uint32_t trace, block;
};

struct founds {
	struct found *list;
	size_t n, cap;
};

static void note(struct founds *f, struct arena *a, uint32_t trace, uint32_t block)
{
	enum { FIRST = 256 };
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : FIRST;
		struct found *list = arena_calloc(a, cap, sizeof *list);
		if (f->n)
			memcpy(list, f->list, f->n * sizeof *list);
		f->list = list;
		f->cap = cap;
	}
	f->list[f->n++] = (struct found){ trace, block };
}

/* From the order of blocks into that of traces. */
static void put_in_order(
	const struct founds *f, uint32_t n, struct arena *a, struct trace_places *ret)
{
	uint32_t *first = arena_calloc(a, (size_t)n + 2, sizeof *first);
	uint32_t *blocks = arena_calloc(a, f->n, sizeof *blocks);
	/* Counted two places ahead, so that each has moved to its own when all are put. */
	for (size_t i = 0; i < f->n; i++)
		first[f->list[i].trace + 2]++;
	for (uint32_t i = 2; i <= n; i++)
		first[i] += first[i - 1];
	for (size_t i = 0; i < f->n; i++)
		blocks[first[f->list[i].trace + 1]++] = f->list[i].block;
	*ret = (struct trace_places){ first, blocks };
}

enum err trace_places_find(
	struct stock *s, const uint64_t *hashes, uint32_t n, struct trace_places *ret)
{
	struct arena *a = s->view->arena;
	struct founds founds = { .n = 0 };
	size_t n_words = bits_words(n);
	uint64_t *may = arena_calloc(a, n_words, sizeof *may);
	enum err e = ERR_OK;
	for (size_t i = 0; !e && n && i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		memset(may, b->segment ? 0 : 0xff, n_words * sizeof *may);
		if (b->segment)
			e = segment_may_have_traces(b->segment, hashes, n, may);
		for (size_t w = 0; !e && w < n_words; w++)
			for (uint64_t left = may[w] & bits_of_word(n, w); left; left &= left - 1)
				note(&founds, a, bits_row(w, left), (uint32_t)i);
	}
	if (!e)
		put_in_order(&founds, n, a, ret);
	return e;
}
