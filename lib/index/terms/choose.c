#include "index/terms/choose.h"

enum level { LEVEL_BLOCKS, LEVEL_ROWS, LEVEL_FIELDS };

struct chosen_word {
	uint64_t at; /* of its parts in `coded` */
	uint32_t n_blocks, n_places;
	uint32_t one; /* its only block or, when there is one, place */
	uint32_t blocks_bytes, rows_bytes, fields_bytes;
	uint8_t rows_states, states, level;
};

void words_chosen_init(struct words_chosen *c, struct arena *a, const uint32_t *block_rows,
	uint32_t n_blocks, const struct row_sizes *sizes, uint32_t n_always)
{
	*c = (struct words_chosen){ .arena = a,
		.block_rows = block_rows,
		.of = { n_blocks, block_rows[n_blocks], sizes },
		.n_always = n_always };
	c->block_bytes = postings_block_bytes(&c->of);
	c->block_of = arena_block(a, NULL, ((size_t)c->of.n_rows + 1) * sizeof *c->block_of);
	for (uint32_t block = 0; block < n_blocks; block++)
		for (uint32_t row = block_rows[block]; row < block_rows[block + 1]; row++)
			c->block_of[row] = block;
	buf_init(&c->words, a);
	buf_init(&c->coded, a);
	buf_init(&c->blocks, a);
	buf_init(&c->scratch, a);
}

void words_chosen_release(struct words_chosen *c)
{
	(void)arena_block(c->arena, c->block_of, 0); /* freed: there is no result */
	buf_release(&c->words);
	buf_release(&c->coded);
	buf_release(&c->blocks);
	buf_release(&c->scratch);
}

/* Into `blocks`. Without a branch on what is a new block, which nobody could foresee. */
static uint32_t find_blocks(struct words_chosen *c, const uint32_t *places, uint32_t n)
{
	uint32_t n_blocks = 0, last = UINT32_MAX;
	buf_reset(&c->blocks);
	uint32_t *blocks = (void *)buf_reserve(&c->blocks, ((size_t)n + 1) * sizeof *blocks);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t block = c->block_of[places[i] >> PLACE_BITS];
		n_blocks += block != last;
		blocks[n_blocks - 1] = block;
		last = block;
	}
	return n_blocks;
}

void words_chosen_add(struct words_chosen *c, const uint32_t *places, uint32_t n)
{
	struct chosen_word w = { .at = c->coded.len, .n_places = n };
	if (n == 1) {
		w.n_blocks = 1;
		w.one = places[0];
	} else if (n) {
		unsigned states = POSTINGS_FIELDS_UNKNOWN;
		w.n_blocks = find_blocks(c, places, n);
		const uint32_t *blocks = (const void *)c->blocks.ptr;
		w.one = blocks[0];
		postings_code_blocks(&c->coded, blocks, w.n_blocks, c->of.n_blocks);
		w.blocks_bytes = (uint32_t)(c->coded.len - w.at);
		postings_code_rows(&c->coded, &c->scratch, places, n, &c->of, &states);
		w.rows_bytes = (uint32_t)(c->coded.len - w.at) - w.blocks_bytes;
		w.rows_states = (uint8_t)states;
		postings_code_fields(&c->coded, &c->scratch, places, n, &states);
		w.fields_bytes = (uint32_t)(c->coded.len - w.at) - w.blocks_bytes - w.rows_bytes;
		w.states = (uint8_t)states;
	}
	buf_add(&c->words, str_of((const char *)&w, sizeof w));
}

/* ---- Choosing ---- */

static uint64_t with_length(uint64_t bytes)
{
	return bytes + number_bytes(bytes << 2);
}

static uint64_t bytes_of(const struct words_chosen *c, const struct chosen_word *w, enum level l)
{
	if (w->n_places == 1)
		return l == LEVEL_BLOCKS ? c->block_bytes : number_bytes((uint64_t)w->one << 2);
	if (l == LEVEL_BLOCKS && w->n_blocks == 1)
		return c->block_bytes;
	if (l == LEVEL_BLOCKS)
		return with_length(number_bytes((uint64_t)w->n_blocks << 1) + w->blocks_bytes);
	return with_length(1 + number_bytes(w->n_places) + 1 + w->rows_bytes +
			   (l == LEVEL_FIELDS ? w->fields_bytes : 0));
}

/* Scores by their logarithm. */
enum { STEPS = 8, STEP_BITS = 3, BUCKETS = WORDS_SCORES };
_Static_assert(BUCKETS == 64 * STEPS, "there are as many scores as logarithms");

static unsigned bucket_of(uint64_t score)
{
	unsigned top = 63 - (unsigned)__builtin_clzll(score | STEPS);
	return (top << STEP_BITS | (unsigned)(score >> (top - STEP_BITS) & (STEPS - 1)));
}

/*
 * What is saved for what it costs.  Saved are rows that need not be looked at, when the word is
 * looked for, and the more there are the more it matters: a word that takes a second is worse than
 * ten that take a tenth of it.  A word is looked for as often as it is written.  Which of two
 * fields it stands in is said where there is room for nothing that is worth more.  Rows that stand
 * alone take some three times as long as those of a block.
 */
static uint64_t worth(const struct chosen_word *w, uint64_t rows, uint64_t cost)
{
	double v = (double)rows * (double)rows * w->n_places / (double)(cost + 1);
	return v < (double)INT64_MAX ? (uint64_t)v : INT64_MAX;
}

static unsigned score_of(
	const struct words_chosen *c, const struct chosen_word *w, enum level l, uint64_t cost)
{
	enum { ALONE = 3, LATER = 256 };
	uint64_t rows = (uint64_t)w->n_blocks * (c->of.n_rows / c->of.n_blocks + 1);
	if (l == LEVEL_ROWS)
		return bucket_of(worth(w, rows, cost));
	uint64_t alone =
		(uint64_t)w->n_places * ALONE < rows ? (uint64_t)w->n_places * ALONE : rows;
	return bucket_of(worth(w, alone, cost) / LATER);
}

static uint32_t n_words(const struct words_chosen *c)
{
	return (uint32_t)(c->words.len / sizeof(struct chosen_word));
}

struct step {
	int64_t cost;
	unsigned score;
};

/* Of going on to a level. What costs nothing has the best score. */
static void make_steps(
	const struct words_chosen *c, const struct chosen_word *w, struct step *steps)
{
	int64_t last = (int64_t)bytes_of(c, w, LEVEL_BLOCKS);
	for (unsigned l = LEVEL_ROWS; l <= LEVEL_FIELDS; l++) {
		int64_t bytes = (int64_t)bytes_of(c, w, (enum level)l);
		steps[l].cost = bytes - last;
		steps[l].score = steps[l].cost > 0
					 ? score_of(c, w, (enum level)l, (uint64_t)steps[l].cost)
					 : BUCKETS - 1;
		last = bytes;
	}
	/* One comes with the other. */
	if (steps[LEVEL_FIELDS].score > steps[LEVEL_ROWS].score)
		steps[LEVEL_FIELDS].score = steps[LEVEL_ROWS].score;
}

/* The least score that all fits with. */
static unsigned find_least(struct words_chosen *c, int64_t left)
{
	int64_t costs[BUCKETS] = { 0 };
	const struct chosen_word *words = (const void *)c->words.ptr;
	struct step steps[LEVEL_FIELDS + 1];
	unsigned least = BUCKETS;
	for (uint32_t i = c->n_always; i < n_words(c); i++) {
		if (words[i].n_places == 0)
			continue;
		make_steps(c, &words[i], steps);
		costs[steps[LEVEL_ROWS].score] += steps[LEVEL_ROWS].cost;
		costs[steps[LEVEL_FIELDS].score] += steps[LEVEL_FIELDS].cost;
	}
	while (least && left >= costs[least - 1])
		left -= costs[--least];
	return least;
}

void words_chosen_end(struct words_chosen *c, uint64_t word_bytes, int64_t file_bytes)
{
	struct chosen_word *words = (void *)c->words.ptr;
	struct step steps[LEVEL_FIELDS + 1];
	int64_t left = file_bytes;
	left -= (int64_t)(word_bytes + c->of.n_blocks);
	for (uint32_t i = 0; i < n_words(c); i++)
		if (words[i].n_places)
			left -= (int64_t)bytes_of(
				c, &words[i], i < c->n_always ? LEVEL_ROWS : LEVEL_BLOCKS);
	unsigned least = find_least(c, left);
	for (uint32_t i = 0; i < n_words(c); i++) {
		if (words[i].n_places == 0)
			continue;
		make_steps(c, &words[i], steps);
		words[i].level = i < c->n_always || steps[LEVEL_ROWS].score >= least ? LEVEL_ROWS
										     : LEVEL_BLOCKS;
		if (i >= c->n_always && steps[LEVEL_FIELDS].score >= least)
			words[i].level = LEVEL_FIELDS;
	}
}

void words_chosen_put(const struct words_chosen *c, uint32_t word, struct buf *out)
{
	const struct chosen_word *w = (const struct chosen_word *)(const void *)c->words.ptr + word;
	struct postings_parts p = { .n_blocks = 0 };
	const char *parts = c->coded.ptr + w->at;
	if (w->n_places == 1 && w->level >= LEVEL_ROWS) {
		postings_put_place(out, w->one);
		return;
	}
	if (w->level == LEVEL_BLOCKS && w->n_blocks == 1) {
		postings_put_block(
			out, w->n_places == 1 ? c->block_of[w->one >> PLACE_BITS] : w->one, &c->of);
		return;
	}
	if (w->level == LEVEL_BLOCKS) {
		p.n_blocks = w->n_blocks;
		p.blocks = str_of(parts, w->blocks_bytes);
	} else {
		p.n_places = w->n_places;
		p.states = w->level == LEVEL_ROWS ? w->rows_states : w->states;
		p.rows = str_of(parts + w->blocks_bytes, w->rows_bytes);
	}
	if (w->level == LEVEL_FIELDS)
		p.fields = str_of(parts + w->blocks_bytes + w->rows_bytes, w->fields_bytes);
	postings_put(out, &p);
}

/* ---- Merged files ---- */

void words_cuts_init(struct words_cuts *c, struct arena *a, const uint32_t *block_rows,
	const struct postings_of *of)
{
	*c = (struct words_cuts){ .below = 0 };
	words_chosen_init(&c->tools, a, block_rows, of->n_blocks, of->sizes, 0);
	buf_init(&c->scores, a);
	buf_init(&c->blocks, a);
	buf_init(&c->places, a);
}

void words_cuts_release(struct words_cuts *c)
{
	words_chosen_release(&c->tools);
	buf_release(&c->scores);
	buf_release(&c->blocks);
	buf_release(&c->places);
}

void words_cuts_choose(struct words_cuts *c, int64_t bytes)
{
	while (c->below < WORDS_SCORES && bytes > 0)
		bytes -= c->saved[c->below++];
}

/* Ascending numbers of two lists, each once. */
static uint32_t unite(
	const uint32_t *x, uint32_t n_x, const uint32_t *y, uint32_t n_y, uint32_t *ret)
{
	uint32_t n = 0, i = 0, j = 0;
	while (i < n_x || j < n_y) {
		uint32_t v = j == n_y || (i < n_x && x[i] < y[j]) ? x[i] : y[j];
		i += i < n_x && x[i] == v;
		j += j < n_y && y[j] == v;
		ret[n++] = v;
	}
	return n;
}

/* Appends the blocks alone, and says how many they are. */
static uint32_t code_cut(struct words_chosen *t, const struct postings *p, struct buf *out)
{
	uint32_t n = find_blocks(t, p->places, p->n_places);
	struct postings cut = { .blocks = (const void *)t->blocks.ptr, .n_blocks = n };
	if (p->n_blocks) {
		buf_reset(&t->words);
		uint32_t *both = (void *)buf_reserve(
			&t->words, ((size_t)n + p->n_blocks + 1) * sizeof *both);
		cut.n_blocks = unite(cut.blocks, n, p->blocks, p->n_blocks, both);
		cut.blocks = both;
	}
	postings_add(out, &t->scratch, &cut, &t->of);
	return cut.n_blocks;
}

static void put_score(struct words_cuts *c, unsigned score)
{
	uint16_t v = (uint16_t)score;
	buf_add(&c->scores, str_of((const char *)&v, sizeof v));
}

void words_cuts_keep(struct words_cuts *c)
{
	put_score(c, WORDS_SCORES);
}

void words_cuts_measure(struct words_cuts *c, const struct postings *p, size_t coded_bytes)
{
	struct words_chosen *t = &c->tools;
	struct chosen_word w = { .n_places = p->n_places };
	buf_reset(&t->coded);
	if (p->n_places >= 2)
		w.n_blocks = code_cut(t, p, &t->coded);
	if (p->n_places < 2 || t->coded.len >= coded_bytes) {
		words_cuts_keep(c);
		return;
	}
	size_t saved = coded_bytes - t->coded.len;
	unsigned score = score_of(t, &w, LEVEL_ROWS, saved);
	c->saved[score] += (int64_t)saved;
	put_score(c, score);
}

bool words_cut(struct words_cuts *c, struct str one, struct buf *out)
{
	const uint16_t *scores = (const void *)c->scores.ptr;
	bool knows_fields;
	if (scores[c->next++] >= c->below) {
		buf_add(out, one);
		return true;
	}
	buf_reset(&c->blocks);
	buf_reset(&c->places);
	if (!postings_read(
		    one, &c->tools.of, &c->tools.scratch, &c->blocks, &c->places, &knows_fields))
		return false;
	const struct postings p = { (const void *)c->blocks.ptr, (const void *)c->places.ptr,
		(uint32_t)(c->blocks.len / sizeof(uint32_t)),
		(uint32_t)(c->places.len / sizeof(uint32_t)), knows_fields };
	(void)code_cut(&c->tools, &p, out);
	return true;
}
