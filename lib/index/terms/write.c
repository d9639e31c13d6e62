#include "index/terms/write.h"

#include "base/hash.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>

void terms_writer_open(struct terms_writer *w, struct arena *a, int idx_fd)
{
	*w = (struct terms_writer){ .arena = a, .idx_fd = idx_fd, .fd = -1 };
	buf_init(&w->terms, a);
	buf_init(&w->postings, a);
	buf_init(&w->packed, a);
	buf_init(&w->plain, a);
	buf_init(&w->pages, a);
	/* A process that died may have left one. */
	(void)io->unlinkat(idx_fd, TERMS_TEMP_NAME, 0);
	w->error = io_open_file(idx_fd, TERMS_TEMP_NAME, O_RDWR | O_CREAT | O_EXCL, &w->fd);
	if (!w->error)
		arena_hold(a, w->fd);
}

static void writer_put(struct terms_writer *w, struct str bytes)
{
	if (!w->error)
		w->error = io_write_all(w->fd, bytes);
	w->written += bytes.len;
}

/* Terms of hexadecimal digits are packed. The others, which most searches look through, are not. */
static struct str writer_pack(struct terms_writer *w)
{
	enum { LEVEL = 3 };
	struct str terms = buf_str(&w->terms);
	size_t n = 0;
	if (!w->error && !w->coder)
		w->error = zst_coder_open(&w->coder);
	if (!w->error)
		w->error = zst_compress(
			w->coder, LEVEL, terms, buf_reserve(&w->packed, zst_bound(terms.len)), &n);
	return !w->error && n < terms.len ? str_of(w->packed.ptr, n) : terms;
}

/* Writes the terms of all plain pages, after their postings, so that a search reads them from one
 * region of the file. */
static void writer_put_plain(struct terms_writer *w)
{
	struct terms_page *pages = (void *)w->pages.ptr;
	for (uint32_t i = 0; w->plain.len && i < w->n_plain_pages; i++)
		pages[i].terms_at += w->written;
	writer_put(w, buf_str(&w->plain));
	buf_reset(&w->plain);
}

static void writer_put_terms(struct terms_writer *w, uint32_t number)
{
	struct terms_page *page = &w->page;
	struct str stored = w->is_hex ? writer_pack(w) : buf_str(&w->terms);
	page->terms_bytes = (uint32_t)w->terms.len;
	page->stored_bytes = (uint32_t)stored.len;
	page->terms_at = w->is_hex ? w->written : w->plain.len;
	page->terms_checksum = hash64(stored, terms_page_seed(number, false));
	if (w->is_hex)
		writer_put(w, stored);
	else
		buf_add(&w->plain, stored);
}

static void writer_end_page(struct terms_writer *w)
{
	struct terms_page *page = &w->page;
	uint32_t number = (uint32_t)(w->pages.len / sizeof *page);
	if (page->n_terms == 0)
		return;
	if (w->is_hex)
		writer_put_plain(w);
	writer_put_terms(w, number);
	page->postings_at = w->written;
	page->postings_bytes = (uint32_t)w->postings.len;
	page->postings_checksum = hash64(buf_str(&w->postings), terms_page_seed(number, true));
	writer_put(w, buf_str(&w->postings));
	buf_add(&w->pages, str_of((const char *)page, sizeof *page));
	w->n_plain_pages += !w->is_hex;
	*page = (struct terms_page){ .n_terms = 0 };
	buf_reset(&w->terms);
	buf_reset(&w->postings);
}

void terms_writer_add(
	struct terms_writer *w, struct str term, bool is_hex, const struct postings *p)
{
	struct terms_page *page = &w->page;
	if (w->terms.len + term.len >= TERMS_PAGE_BYTES ||
		w->postings.len >= TERMS_PAGE_POSTINGS_BYTES || is_hex != w->is_hex)
		writer_end_page(w);
	w->is_hex = is_hex;
	if (page->n_terms == 0) {
		memcpy(page->key, term.ptr,
			term.len < sizeof page->key ? term.len : sizeof page->key);
		buf_add_char(&w->terms, '\n');
	}
	if (term.len == 1 && (unsigned char)term.ptr[0] < 32)
		w->specials |= UINT32_C(1) << term.ptr[0];
	buf_add(&w->terms, term);
	buf_add_char(&w->terms, '\n');
	postings_put(&w->postings, p);
	page->n_terms++;
	w->n_terms++;
}

static void writer_put_head(struct terms_writer *w, struct terms_header *h, const uint32_t *marks)
{
	h->magic = TERMS_MAGIC;
	h->version = TERMS_VERSION;
	h->n_pages = (uint32_t)(w->pages.len / sizeof(struct terms_page));
	h->n_plain_pages = w->n_plain_pages;
	h->n_terms = w->n_terms;
	h->specials = w->specials;
	h->reserved = 0;
	h->n_marks = (uint32_t)terms_count_marks(h->from, h->to, h->mark_bits);
	h->file_bytes = w->written + terms_head_bytes(h);
	buf_add(&w->pages, str_of((const char *)marks, h->n_marks * sizeof *marks));
	h->checksum = terms_head_checksum(buf_str(&w->pages), h);
	writer_put(w, buf_str(&w->pages));
	writer_put(w, str_of((const char *)h, sizeof *h));
}

enum err terms_writer_publish(struct terms_writer *w, struct terms_header *h, const uint32_t *marks)
{
	char file[TERMS_NAME_MAX];
	const struct terms_name name = { h->day, h->part, h->from, h->to };
	terms_name_put(&name, file);
	writer_end_page(w);
	writer_put_plain(w);
	writer_put_head(w, h, marks);
	if (!w->error) {
		/* Not synced: what a power cut leaves of it shows by its checksums. */
		arena_let_go(w->arena, w->fd);
		w->error = io_close(w->fd);
		w->fd = -1;
		if (!w->error && io->renameat(w->idx_fd, TERMS_TEMP_NAME, w->idx_fd, file) < 0)
			w->error = io_error(errno);
	}
	enum err e = w->error;
	terms_writer_drop(w);
	return e;
}

void terms_writer_drop(struct terms_writer *w)
{
	if (w->fd >= 0) {
		arena_let_go(w->arena, w->fd);
		io_drop(w->fd);
	}
	if (w->fd >= 0 || w->error)
		(void)io->unlinkat(w->idx_fd, TERMS_TEMP_NAME, 0); /* the next writer tries again */
	w->fd = -1;
	zst_coder_close(w->coder);
	w->coder = NULL;
	buf_release(&w->terms);
	buf_release(&w->postings);
	buf_release(&w->packed);
	buf_release(&w->plain);
	buf_release(&w->pages);
}
