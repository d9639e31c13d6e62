#include "index/segment/bloom.h"

enum {
	/* 21 bits a key, of which five are set: wrong for 1 in 500. */
	ROWS_A_WORD = 3,
	/* Finding one key in the id table takes as long as checking the bytes of that many here. */
	ROWS_AN_ASK = 4096,
	AHEAD = 16 /* asks */
};

static uint32_t words_for(uint32_t n_rows)
{
	return (n_rows + ROWS_A_WORD - 1) / ROWS_A_WORD;
}

struct segment_ask segment_ask_of(uint64_t key)
{
	/* The upper bits of the key, which is of hashes, choose the word: what is left of it must
	 * choose the bits. */
	uint64_t mixed = (key >> INDEX_KEY_TAG_BITS) * UINT64_C(0x9e3779b97f4a7c15) >> 34;
	return (struct segment_ask){ .place = (uint32_t)(key >> 32),
		.bits = UINT64_C(1) << (mixed & 63) | UINT64_C(1) << (mixed >> 6 & 63) |
			UINT64_C(1) << (mixed >> 12 & 63) | UINT64_C(1) << (mixed >> 18 & 63) |
			UINT64_C(1) << (mixed >> 24 & 63) };
}

static size_t word_of(const struct segment_ask *ask, uint32_t n_words)
{
	return (uint64_t)ask->place * n_words >> 32;
}

struct str segment_filter_make(struct arena *a, const uint64_t *keys, uint32_t n)
{
	uint32_t n_words = words_for(n);
	uint64_t *words = arena_calloc(a, n_words, sizeof *words);
	for (uint32_t i = 0; i < n; i++) {
		struct segment_ask ask = segment_ask_of(keys[i]);
		words[word_of(&ask, n_words)] |= ask.bits;
	}
	return str_of((const char *)words, n_words * sizeof *words);
}

enum err segment_filter_load(struct segment *s)
{
	struct str bytes;
	enum err e = segment_chunk(s, INDEX_CHUNK_ID_FILTER, 0, &bytes);
	if (e)
		return e;
	if (bytes.len != words_for(s->header.n_rows) * sizeof *s->filter)
		return segment_damaged(s);
	s->filter = (const void *)bytes.ptr;
	return ERR_OK;
}

/* A process that asks once does not read all of it. */
static bool is_asked_enough(struct segment *s, size_t n)
{
	s->n_filter_asks += n;
	return s->n_filter_asks * ROWS_AN_ASK >= s->header.n_rows;
}

enum err segment_filter_ask(struct segment *s, struct segment_ask *asks, size_t n)
{
	enum err e = ERR_OK;
	/* A filter of no rows has no word to look at. */
	if (s->header.n_rows == 0)
		return ERR_OK;
	if (!s->filter && is_asked_enough(s, n))
		e = segment_filter_load(s);
	if (e)
		return e;
	uint32_t n_words = words_for(s->header.n_rows);
	const uint64_t *words = s->filter;
	for (size_t i = 0; i < n; i++) {
		/* What one waits for the others can wait for as well. */
		if (words && i + AHEAD < n)
			__builtin_prefetch(&words[word_of(&asks[i + AHEAD], n_words)]);
		uint64_t word = words ? words[word_of(&asks[i], n_words)] : UINT64_MAX;
		asks[i].may_have |= (word & asks[i].bits) == asks[i].bits;
	}
	return ERR_OK;
}
