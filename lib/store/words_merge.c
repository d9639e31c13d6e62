/* One word file of several neighbours: words_file.h. */
#include "store/words_file.h"

/* The cursors as a heap, the smallest word on top; of equal ones the earlier file. */
struct merging {
	struct words_cursor *cursors;
	uint32_t *heap;
	size_t n;
};

static bool is_less(const struct merging *m, size_t x, size_t y)
{
	const struct words_cursor *c = &m->cursors[m->heap[x]], *d = &m->cursors[m->heap[y]];
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

/* The last block of a file may be the first of the next one. */
static void add_blocks(struct buf *to, const struct words_cursor *c, uint32_t first)
{
	const uint32_t *blocks = (const void *)c->blocks.ptr;
	size_t n = c->blocks.len / sizeof *blocks;
	uint32_t shift = words_first_block(c->words) - first, last = UINT32_MAX;
	if (to->len)
		memcpy(&last, to->ptr + to->len - sizeof last, sizeof last);
	for (size_t i = 0; i < n; i++) {
		uint32_t block = blocks[i] + shift;
		if (block != last)
			buf_add(to, str_of((const char *)&block, sizeof block));
		last = block;
	}
}

static enum err merge(struct merging *m, struct words_writer *w, uint32_t first, struct arena *a)
{
	struct buf blocks;
	char word[WORD_MAX_BYTES];
	size_t len;
	enum err e = ERR_OK;
	buf_init(&blocks, a);
	while (!e && m->n) {
		struct str text = m->cursors[m->heap[0]].word;
		if (text.len > sizeof word) {
			e = ERR_UNSAFE;
			break;
		}
		memcpy(word, text.ptr, len = text.len);
		buf_reset(&blocks);
		while (!e && m->n && str_eq(m->cursors[m->heap[0]].word, str_of(word, len))) {
			add_blocks(&blocks, &m->cursors[m->heap[0]], first);
			e = advance(m);
		}
		words_writer_add(w, str_of(word, len), (const void *)blocks.ptr,
			blocks.len / sizeof(uint32_t));
	}
	buf_release(&blocks);
	return e;
}

enum err words_merge(struct words *const *files, size_t n, uint64_t first_print,
	uint64_t last_print, struct arena *a, int idx_fd)
{
	struct merging m = { .n = 0 };
	struct words_writer w;
	struct words_header h = files[0]->header;
	h.text_bytes = 0;
	for (size_t i = 0; i < n; i++)
		h.text_bytes += files[i]->header.text_bytes;
	h.to = files[n - 1]->header.to;
	h.first_print = first_print;
	h.last_print = last_print;
	words_writer_open(&w, a, idx_fd);
	enum err e = start(&m, files, n, a);
	if (!e)
		e = merge(&m, &w, words_first_block(files[0]), a);
	for (size_t i = 0; i < n; i++)
		words_cursor_release(&m.cursors[i]);
	if (!e)
		return words_writer_publish(&w, &h);
	words_writer_drop(&w);
	return e;
}
