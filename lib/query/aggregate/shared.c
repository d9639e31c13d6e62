#include "query/aggregate/shared.h"

enum { FIRST_SLOTS = 256, FIRST_BITS_A_SLOT = 32 };

static void shared_put(struct shared_traces *t, uint64_t hash)
{
	size_t at = hash & (t->n_slots - 1);
	if (hash == 0) {
		t->has_zero = true;
		return;
	}
	while (t->slots[at] && t->slots[at] != hash)
		at = (at + 1) & (t->n_slots - 1);
	t->n += t->slots[at] == 0;
	t->slots[at] = hash;
}

static void shared_grow(struct shared_traces *t, struct arena *a, size_t n_slots)
{
	struct shared_traces old = *t;
	t->n_slots = n_slots;
	t->slots = arena_calloc(a, n_slots, sizeof *t->slots);
	t->n = 0;
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i])
			shared_put(t, old.slots[i]);
}

static void shared_add(struct shared_traces *t, struct arena *a, uint64_t hash)
{
	if (t->n * 2 >= t->n_slots)
		shared_grow(t, a, t->n_slots * 2);
	shared_put(t, hash);
}

static enum err add_earlier(struct shared_traces *t, struct arena *a, struct block *b)
{
	const struct column *earlier, *hash;
	enum err e = ERR_OK;
	if (segment_column_state(b->segment, INDEX_TRACE_EARLIER) == COLUMN_ABSENT)
		return ERR_OK;
	e = segment_column(b->segment, INDEX_TRACE_EARLIER, &earlier);
	if (!e)
		e = segment_column(b->segment, INDEX_TRACE_HASH, &hash);
	for (size_t w = 0; !e && w < bits_words(b->segment->n_traces); w++) {
		uint64_t left = earlier->present ? earlier->present[w]
						 : bits_of_word(b->segment->n_traces, w);
		for (; left; left &= left - 1)
			shared_add(t, a, (uint64_t)column_value(hash, bits_row(w, left)));
	}
	return e;
}

static enum err add_all(struct shared_traces *t, struct arena *a, struct block *b)
{
	const struct column *hash;
	enum err e = block_trace_hashes(b, &hash);
	for (uint32_t i = 0; !e && i < hash->n_rows; i++)
		shared_add(t, a, (uint64_t)column_value(hash, i));
	return e;
}

static void note_first(struct shared_traces *t, struct arena *a)
{
	unsigned width = (unsigned)__builtin_ctzll(t->n_slots * FIRST_BITS_A_SLOT);
	t->first_shift = 64 - width;
	t->first = arena_calloc(a, t->n_slots * FIRST_BITS_A_SLOT / BITS, sizeof *t->first);
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i])
			bits_set(t->first, t->slots[i] >> t->first_shift);
	if (t->has_zero)
		bits_set(t->first, 0);
}

enum err shared_find(struct snapshot *s, struct shared_traces *ret)
{
	struct arena *a = s->view->arena;
	struct shared_traces t = { .n = 0 };
	enum err e = ERR_OK;
	shared_grow(&t, a, FIRST_SLOTS);
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		bool knows = b->segment && (b->segment->flags & INDEX_WHOLE_HISTORY);
		e = knows ? add_earlier(&t, a, b) : add_all(&t, a, b);
	}
	note_first(&t, a);
	if (!e)
		*ret = t;
	return e;
}

enum err shared_each_place(
	struct snapshot *s, const uint64_t *hashes, uint32_t n, shared_fn *each, void *user)
{
	size_t n_words = bits_words(n);
	uint64_t *may = arena_calloc(s->view->arena, n_words, sizeof *may);
	enum err e = ERR_OK;
	for (uint32_t i = 0; !e && n && i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		memset(may, b->segment ? 0 : 0xff, n_words * sizeof *may);
		if (b->segment)
			e = segment_may_have_traces(b->segment, hashes, n, may);
		for (size_t w = 0; !e && w < n_words; w++)
			for (uint64_t left = may[w] & bits_of_word(n, w); !e && left;
				left &= left - 1)
				e = each(user, bits_row(w, left), i);
		if (!e && snapshot_is_late(s))
			e = ERR_BUDGET;
	}
	return e;
}
