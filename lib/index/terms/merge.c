/* One word file of several neighbours: words_file.h. */
#include "index/terms/choose.h"
#include "index/terms/file.h"

/* The cursors as a heap, the smallest word on top; of equal ones the earlier file. */
struct merging {
	struct words_cursor *cursors;
	uint32_t *heap;
	size_t n;
};

static bool is_less(const struct merging *m, size_t x, size_t y)
{
	const struct words_cursor *c = &m->cursors[m->heap[x]], *d = &m->cursors[m->heap[y]];
	if (c->is_hex == d->is_hex && c->key != d->key)
		return c->key < d->key;
	int order = words_compare(c->is_hex, c->word, d->is_hex, d->word);
	return order ? order < 0 : m->heap[x] < m->heap[y];
}

static void swap(struct merging *m, size_t x, size_t y)
{
	uint32_t i = m->heap[x];
	m->heap[x] = m->heap[y];
	m->heap[y] = i;
}

static void sink(struct merging *m, size_t at)
{
	for (;;) {
		size_t least = at, child = 2 * at + 1;
		for (size_t i = child; i < child + 2 && i < m->n; i++)
			if (is_less(m, i, least))
				least = i;
		if (least == at)
			return;
		swap(m, at, least);
		at = least;
	}
}

/* Moves the top one on; one that is at its end leaves. */
static enum err advance(struct merging *m)
{
	struct words_cursor *c = &m->cursors[m->heap[0]];
	enum err e = words_cursor_next(c);
	if (!e && c->word.len == 0)
		swap(m, 0, --m->n);
	if (!e)
		sink(m, 0);
	return e;
}

static enum err start(struct merging *m, struct words *const *files, size_t n, struct arena *a)
{
	enum err e = ERR_OK;
	m->cursors = arena_calloc(a, n, sizeof *m->cursors);
	m->heap = arena_calloc(a, n, sizeof *m->heap);
	for (size_t i = 0; i < n; i++)
		words_cursor_init(&m->cursors[i], files[i]);
	for (size_t i = 0; !e && i < n; i++) {
		e = words_cursor_next(&m->cursors[i]);
		if (m->cursors[i].word.len)
			m->heap[m->n++] = (uint32_t)i;
	}
	for (size_t i = m->n; i-- > 0;)
		sink(m, i);
	return e;
}

/* What is known of a word that several files have, and where it goes. */
struct merged {
	struct buf blocks, places, coded, scratch;
	bool knows_fields;
	struct words_cuts *cuts; /* NULL: nothing is measured */
	struct words_writer *writer;
};

/* Where the blocks and rows of each file begin. */
struct bases {
	uint32_t block, row;
};

/* The last block of a file may be the first of the next one. */
static void add_blocks(struct buf *to, const struct words_cursor *c, uint32_t base)
{
	const uint32_t *blocks = (const void *)c->blocks.ptr;
	size_t n = c->blocks.len / sizeof *blocks;
	uint32_t last = UINT32_MAX;
	if (to->len)
		memcpy(&last, to->ptr + to->len - sizeof last, sizeof last);
	for (size_t i = 0; i < n; i++) {
		uint32_t block = blocks[i] + base;
		if (block != last)
			buf_add(to, str_of((const char *)&block, sizeof block));
		last = block;
	}
}

static void add_places(struct buf *to, const struct words_cursor *c, uint32_t base)
{
	const uint32_t *places = (const void *)c->places.ptr;
	size_t n = c->places.len / sizeof *places;
	uint32_t *out = (void *)buf_reserve(to, c->places.len + 1);
	for (size_t i = 0; i < n; i++)
		out[i] = places[i] + (base << PLACE_BITS);
	to->len += c->places.len;
}

static void add_word(struct merged *w, const struct words_cursor *c, const struct bases *base)
{
	bool has_places = c->places.len > 0;
	if (w->places.len == 0)
		w->knows_fields = true;
	if (has_places)
		w->knows_fields = w->knows_fields && c->knows_fields;
	add_blocks(&w->blocks, c, base->block);
	add_places(&w->places, c, base->row);
}

/* WORDS_ANY and its like are not cut. */
static bool is_special(struct str word)
{
	return word.len == 1 && word.ptr[0] <= WORDS_JOINED.ptr[0];
}

static void put_word(struct merged *m, struct str word, bool is_hex, const struct postings_of *of)
{
	struct postings p = { (const void *)m->blocks.ptr, (const void *)m->places.ptr,
		(uint32_t)(m->blocks.len / sizeof(uint32_t)),
		(uint32_t)(m->places.len / sizeof(uint32_t)), m->knows_fields };
	buf_reset(&m->coded);
	postings_add(&m->coded, &m->scratch, &p, of);
	if (m->cuts && is_special(word))
		words_cuts_keep(m->cuts);
	else if (m->cuts)
		words_cuts_measure(m->cuts, &p, m->coded.len);
	words_writer_add(m->writer, word, is_hex, buf_str(&m->coded));
}

static enum err merge_words(struct merging *m, const struct bases *bases,
	const struct postings_of *of, struct merged *one)
{
	char word[WORD_MAX_BYTES];
	size_t len;
	enum err e = ERR_OK;
	while (!e && m->n) {
		struct str text = m->cursors[m->heap[0]].word;
		bool is_hex = m->cursors[m->heap[0]].is_hex;
		if (text.len > sizeof word)
			return ERR_UNSAFE;
		memcpy(word, text.ptr, len = text.len);
		buf_reset(&one->blocks);
		buf_reset(&one->places);
		uint32_t last = UINT32_MAX;
		while (!e && m->n && str_eq(m->cursors[m->heap[0]].word, str_of(word, len))) {
			uint32_t file = m->heap[0];
			if (file == last)
				return ERR_UNSAFE; /* twice in one file */
			last = file;
			add_word(one, &m->cursors[file], &bases[file]);
			e = advance(m);
		}
		put_word(one, str_of(word, len), is_hex, of);
	}
	return e;
}

/* Of all files: n_blocks + 1 numbers. */
static enum err join_rows(struct words *const *files, size_t n, struct arena *a,
	struct bases *bases, uint32_t n_blocks, uint32_t **ret)
{
	uint32_t *all = arena_calloc(a, (size_t)n_blocks + 1, sizeof *all), row = 0;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < n; i++) {
		const uint32_t *rows;
		uint32_t block = words_first_block(files[i]) - words_first_block(files[0]);
		bases[i] = (struct bases){ block, row };
		e = words_block_rows(files[i], &rows);
		for (uint32_t k = 0; !e && k < words_n_blocks(files[i]); k++)
			all[block + k + 1] = row + rows[k + 1];
		row += words_n_rows(files[i]);
		if (row > PLACE_ROWS_MAX)
			return ERR_TOO_LARGE;
	}
	*ret = all;
	return e;
}

/* Of all files: to write with, and to read again. */
static enum err join_sizes(
	struct words *const *files, size_t n, uint32_t n_rows, struct row_sizes *ret)
{
	struct arena *a = files[0]->arena;
	uint8_t *all = arena_block(a, NULL, (size_t)n_rows + 1), *to = all;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < n; i++) {
		if (words_n_rows(files[i]) > n_rows - (size_t)(to - all))
			e = ERR_UNSAFE;
		if (e)
			break;
		e = words_load_sizes(files[i]);
		if (!e)
			row_sizes_each(files[i]->sizes, to);
		to += words_n_rows(files[i]);
	}
	if (!e && to != all + n_rows)
		e = ERR_UNSAFE;
	if (!e)
		row_sizes_make(ret, a, all, n_rows);
	(void)arena_block(a, all, 0); /* freed: there is no result */
	return e || row_sizes_list(ret, a) ? e : ERR_UNSAFE;
}

/* From beginning to end. */
static enum err merge_all(struct words *const *files, size_t n, const struct bases *bases,
	const struct postings_of *of, struct words_cuts *cuts, struct words_writer *w)
{
	struct arena *a = files[0]->arena;
	struct merging m = { .n = 0 };
	struct merged one = { .knows_fields = true, .cuts = cuts, .writer = w };
	struct arena_mark mark = arena_mark(a);
	buf_init(&one.blocks, a);
	buf_init(&one.places, a);
	buf_init(&one.coded, a);
	buf_init(&one.scratch, a);
	enum err e = start(&m, files, n, a);
	if (!e)
		e = merge_words(&m, bases, of, &one);
	for (size_t i = 0; i < n; i++)
		words_cursor_release(&m.cursors[i]);
	buf_release(&one.blocks);
	buf_release(&one.places);
	buf_release(&one.coded);
	buf_release(&one.scratch);
	arena_rewind(a, mark);
	return e;
}

static bool cut(void *user, struct str one, struct buf *out)
{
	return words_cut(user, one, out);
}

/* Less is said of some words when it is too long. */
static enum err merge_within(struct words *const *files, size_t n, const struct bases *bases,
	const uint32_t *rows, const struct postings_of *of, uint64_t most_bytes,
	struct words_writer *w)
{
	struct arena *a = w->arena;
	struct words_cuts *cuts = arena_alloc(a, sizeof *cuts);
	uint64_t parts_bytes = 0;
	for (size_t i = 0; i < n; i++)
		parts_bytes += files[i]->header.file_bytes;
	/* One that cannot be too long needs no measuring: it takes no more than its parts. */
	bool may_be_long = parts_bytes > most_bytes;
	words_cuts_init(cuts, a, rows, of);
	enum err e = merge_all(files, n, bases, of, may_be_long ? cuts : NULL, w);
	uint64_t bytes = words_writer_bytes(w);
	if (!e && may_be_long && bytes > most_bytes) {
		words_cuts_choose(cuts, (int64_t)(bytes - most_bytes));
		e = words_writer_again(w, of, cut, cuts);
	}
	words_cuts_release(cuts);
	return e;
}

static enum err merge(struct words *const *files, size_t n, struct words_header *h,
	uint64_t most_bytes, struct arena *a, int idx_fd)
{
	struct words_writer w;
	struct row_sizes sizes;
	struct bases *bases = arena_calloc(a, n, sizeof *bases);
	uint32_t *rows;
	uint32_t n_blocks =
		(uint32_t)((h->to - 1) >> h->block_bits) - words_first_block(files[0]) + 1;
	enum err e = join_rows(files, n, a, bases, n_blocks, &rows);
	if (!e)
		e = join_sizes(files, n, rows[n_blocks], &sizes);
	if (e)
		return e;
	const struct postings_of of = { n_blocks, rows[n_blocks], &sizes };
	words_writer_open(&w, a, idx_fd);
	e = merge_within(files, n, bases, rows, &of, most_bytes, &w);
	if (!e)
		e = words_writer_publish(&w, h, rows, &sizes);
	else
		words_writer_drop(&w);
	row_sizes_release(&sizes, a);
	return e;
}

enum err words_merge(struct words *const *files, size_t n, const struct words_merged *to,
	struct arena *a, int idx_fd)
{
	struct words_header h = files[0]->header;
	h.text_bytes = 0;
	for (size_t i = 0; i < n; i++) {
		h.text_bytes += files[i]->header.text_bytes;
		h.id_bytes |= files[i]->header.id_bytes;
	}
	h.to = files[n - 1]->header.to;
	h.first_print = to->first_print;
	h.last_print = to->last_print;
	return merge(files, n, &h, to->most_bytes, a, idx_fd);
}
