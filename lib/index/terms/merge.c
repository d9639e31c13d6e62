/* One term file from several neighbours: build.h. */
#include "index/terms/build.h"
#include "index/terms/cursor.h"
#include "index/terms/write.h"

/* The cursors as a heap, the smallest term on top; of equal ones the earlier file. */
struct terms_merger {
	struct terms_cursor *cursors;
	uint32_t *heap;
	size_t n;
	uint32_t *first_rows; /* of each file */
	struct postings_buf postings;
	struct terms_writer writer;
};

static bool merger_is_less(const struct terms_merger *m, size_t x, size_t y)
{
	const struct terms_cursor *c = &m->cursors[m->heap[x]], *d = &m->cursors[m->heap[y]];
	if (c->is_hex == d->is_hex && c->key != d->key)
		return c->key < d->key;
	int order = terms_compare(c->is_hex, c->term, d->is_hex, d->term);
	return order ? order < 0 : m->heap[x] < m->heap[y];
}

static void merger_swap(struct terms_merger *m, size_t x, size_t y)
{
	uint32_t i = m->heap[x];
	m->heap[x] = m->heap[y];
	m->heap[y] = i;
}

static void merger_sink(struct terms_merger *m, size_t at)
{
	for (;;) {
		size_t least = at, child = 2 * at + 1;
		for (size_t i = child; i < child + 2 && i < m->n; i++)
			if (merger_is_less(m, i, least))
				least = i;
		if (least == at)
			return;
		merger_swap(m, at, least);
		at = least;
	}
}

/* Moves the top cursor on. One that is at its end leaves the heap. */
static enum err merger_advance(struct terms_merger *m)
{
	struct terms_cursor *c = &m->cursors[m->heap[0]];
	enum err e = terms_cursor_next(c);
	if (!e && c->term.len == 0)
		merger_swap(m, 0, --m->n);
	if (!e)
		merger_sink(m, 0);
	return e;
}

static enum err merger_start(struct terms_merger *m, size_t n)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < n; i++) {
		e = terms_cursor_next(&m->cursors[i]);
		if (m->cursors[i].term.len)
			m->heap[m->n++] = (uint32_t)i;
	}
	for (size_t i = m->n; i-- > 0;)
		merger_sink(m, i);
	return e;
}

static void merger_add_rows(struct terms_merger *m, uint32_t file)
{
	const struct postings_buf *from = &m->cursors[file].postings;
	const struct postings p = postings_buf_view(from);
	for (unsigned list = 0; list < POSTINGS_LISTS; list++) {
		struct buf *to = &m->postings.rows[list];
		uint32_t *rows = (void *)buf_room(to, p.n[list] * sizeof *rows);
		for (uint32_t i = 0; i < p.n[list]; i++)
			rows[i] = p.rows[list][i] + m->first_rows[file];
		to->len += p.n[list] * sizeof *rows;
	}
	m->postings.n_texts += p.n_texts;
}

static enum err merger_run(struct terms_merger *m)
{
	char term[TERM_MAX_BYTES];
	size_t len;
	enum err e = ERR_OK;
	while (!e && m->n) {
		const struct terms_cursor *top = &m->cursors[m->heap[0]];
		bool is_hex = top->is_hex;
		if (top->term.len > sizeof term)
			return ERR_UNSAFE;
		memcpy(term, top->term.ptr, len = top->term.len);
		postings_buf_reset(&m->postings);
		uint32_t last = UINT32_MAX;
		while (!e && m->n && str_eq(m->cursors[m->heap[0]].term, str_of(term, len))) {
			uint32_t file = m->heap[0];
			if (file == last)
				return ERR_UNSAFE; /* twice in one file */
			last = file;
			merger_add_rows(m, file);
			e = merger_advance(m);
		}
		const struct postings p = postings_buf_view(&m->postings);
		terms_writer_add(&m->writer, str_of(term, len), is_hex, &p);
	}
	return e;
}

/* Sets the first row of each file and the marks of all. */
static enum err merger_join_rows(struct terms_merger *m, struct terms *const *files, size_t n,
	struct terms_header *h, uint32_t *marks)
{
	const unsigned bits = h->mark_bits;
	uint64_t n_marks = 0;
	uint32_t row = 0;
	for (size_t i = 0; i < n; i++) {
		const struct terms_header *f = &files[i]->header;
		uint64_t next = (uint64_t)(f->from >> bits) - (uint64_t)(h->from >> bits);
		m->first_rows[i] = row;
		/* One may be at the start of the file. */
		while (n_marks < next)
			marks[n_marks++] = row;
		for (uint32_t k = 0; k < f->n_marks; k++)
			marks[n_marks++] = row + files[i]->marks[k];
		row += f->n_rows;
		if (row > TERMS_ROWS_MAX)
			return ERR_TOO_LARGE;
	}
	h->n_rows = row;
	return ERR_OK;
}

static enum err merger_write(
	struct terms_merger *m, size_t n, struct terms_header *h, const uint32_t *marks, int idx_fd)
{
	struct arena *a = m->postings.rows[0].arena;
	terms_writer_open(&m->writer, a, idx_fd);
	enum err e = merger_start(m, n);
	if (!e)
		e = merger_run(m);
	if (!e)
		return terms_writer_publish(&m->writer, h, marks);
	terms_writer_drop(&m->writer);
	return e;
}

enum err terms_merge(struct terms *const *files, size_t n, uint64_t first_print,
	uint64_t last_print, struct arena *a, int idx_fd)
{
	struct terms_merger m = { .n = 0 };
	struct terms_header h = files[0]->header;
	struct arena_mark mark = arena_mark(a);
	h.to = files[n - 1]->header.to;
	h.first_print = first_print;
	h.last_print = last_print;
	for (size_t i = 1; i < n; i++) {
		h.text_bytes += files[i]->header.text_bytes;
		h.id_bytes |= files[i]->header.id_bytes;
	}
	m.cursors = arena_calloc(a, n, sizeof *m.cursors);
	m.heap = arena_calloc(a, n, sizeof *m.heap);
	m.first_rows = arena_calloc(a, n, sizeof *m.first_rows);
	uint32_t *marks = arena_calloc(
		a, (size_t)terms_count_marks(h.from, h.to, h.mark_bits) + 1, sizeof *marks);
	postings_buf_init(&m.postings, a);
	for (size_t i = 0; i < n; i++)
		terms_cursor_init(&m.cursors[i], files[i]);
	enum err e = merger_join_rows(&m, files, n, &h, marks);
	if (!e)
		e = merger_write(&m, n, &h, marks, idx_fd);
	for (size_t i = 0; i < n; i++)
		terms_cursor_release(&m.cursors[i]);
	postings_buf_release(&m.postings);
	arena_rewind(a, mark);
	return e;
}
