/*
 * What a word file says of each word: the blocks it is in, the rows, or also which of these have it
 * in their input and in their output.  The more it says, the less has to be read for it, and the
 * longer it is: as much is said as fits, first of those words for which most is saved.
 *
 *	words_chosen_init, words_chosen_add(places of word 0), (of word 1) …, words_chosen_end
 *	words_chosen_put(any word)
 *
 * For words_build.c.
 */
#ifndef FLATSPAN_INDEX_TERMS_CHOOSE_H
#define FLATSPAN_INDEX_TERMS_CHOOSE_H

#include "index/terms/postings.h"

struct chosen_word;

struct words_chosen {
	struct arena *arena;
	const uint32_t *block_rows; /* the caller's */
	struct postings_of of;
	size_t block_bytes; /* of a word that is in one */
	uint32_t n_always;  /* the first words, whose rows are always said */
	uint32_t *block_of; /* of each row */
	struct buf words;   /* struct chosen_word */
	struct buf coded, blocks, scratch;
};

/* block_rows: n_blocks + 1 numbers, as of words_block_rows. sizes: of the rows. */
void words_chosen_init(struct words_chosen *c, struct arena *a, const uint32_t *block_rows,
	uint32_t n_blocks, const struct row_sizes *sizes, uint32_t n_always);
void words_chosen_release(struct words_chosen *c);
/* n 0: the word is not put. */
void words_chosen_add(struct words_chosen *c, const uint32_t *places, uint32_t n);
/* word_bytes: what the words take. The file may take so many bytes. */
void words_chosen_end(struct words_chosen *c, uint64_t word_bytes, int64_t file_bytes);
void words_chosen_put(const struct words_chosen *c, uint32_t word, struct buf *out);

/* ---- Merged files ---- */

/*
 * Which words of a merged file are known by their blocks, though its parts knew their rows, so that
 * it is not too long: first all words are measured, in their order, then some are cut.
 */
enum { WORDS_SCORES = 512 };

struct words_cuts {
	int64_t saved[WORDS_SCORES]; /* bytes of the words with a score */
	unsigned below;              /* words of these scores are cut */
	struct buf scores;           /* uint16_t: of each word; WORDS_SCORES: it stays */
	size_t next;                 /* the word that is to be cut next */
	struct words_chosen tools;
	struct buf blocks, places;
};

void words_cuts_init(struct words_cuts *c, struct arena *a, const uint32_t *block_rows,
	const struct postings_of *of);
void words_cuts_release(struct words_cuts *c);
/* The next word, of which so many bytes say all that is known. */
void words_cuts_measure(struct words_cuts *c, const struct postings *p, size_t coded_bytes);
/* It stays as it is. */
void words_cuts_keep(struct words_cuts *c);
/* bytes: that are to be saved. */
void words_cuts_choose(struct words_cuts *c, int64_t bytes);
/* Appends what is still said of the next word. False: its postings are damaged. */
bool words_cut(struct words_cuts *c, struct str one, struct buf *out);

#endif
