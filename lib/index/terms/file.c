#include "index/terms/file.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/names.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

/* ---- Names ---- */

void terms_name_put(const struct terms_name *name, char ret[static TERMS_NAME_MAX])
{
	(void)snprintf(ret, TERMS_NAME_MAX, "%d-%" PRId64 "-%" PRId64 ".terms", name->part,
		name->from, name->to);
}

bool terms_name_parse(struct str text, struct terms_name *ret)
{
	return index_name_parse(text, STR(".terms"), &ret->part, &ret->from, &ret->to);
}

bool terms_is_hex(struct str term)
{
	for (size_t i = 0; i < term.len; i++)
		if (hex_digit(term.ptr[i]) < 0)
			return false;
	return true;
}

/* ---- Opening ---- */

static bool terms_header_fits(
	const struct terms_header *h, const struct terms_name *name, int64_t size)
{
	return h->magic == TERMS_MAGIC && h->version == TERMS_VERSION &&
	       h->file_bytes == (uint64_t)size && h->n_rows <= TERMS_ROWS_MAX &&
	       h->n_pages <= TERMS_PAGES_MAX && h->n_plain_pages <= h->n_pages &&
	       h->day == name->day && h->part == name->part && h->from == name->from &&
	       h->to == name->to && h->from < h->to && h->mark_bits >= TERMS_MARK_BITS_MIN &&
	       h->mark_bits <= TERMS_MARK_BITS_MAX &&
	       terms_count_marks(h->from, h->to, h->mark_bits) == h->n_marks &&
	       terms_head_bytes(h) <= h->file_bytes;
}

static bool terms_pages_fit(const struct terms *t)
{
	enum { SANE_BYTES = 1 << 30 };
	uint64_t end = t->header.file_bytes - terms_head_bytes(&t->header);
	for (uint32_t i = 0; i < t->header.n_pages; i++) {
		const struct terms_page *p = &t->pages[i];
		if (p->terms_at > end || p->stored_bytes > end - p->terms_at ||
			p->postings_at > end || p->postings_bytes > end - p->postings_at ||
			p->postings_bytes > SANE_BYTES || p->stored_bytes > p->terms_bytes ||
			p->terms_bytes < 2 ||
			p->terms_bytes > TERMS_PAGE_BYTES + TERM_MAX_BYTES + 2)
			return false;
	}
	return true;
}

static bool terms_marks_ascend(const struct terms *t)
{
	uint32_t last = 0;
	for (uint32_t i = 0; i < t->header.n_marks; i++) {
		if (t->marks[i] < last)
			return false;
		last = t->marks[i];
	}
	return last <= t->header.n_rows;
}

uint64_t terms_head_checksum(struct str tables, const struct terms_header *h)
{
	const size_t checked = offsetof(struct terms_header, file_bytes);
	struct str rest = str_of((const char *)h + checked, sizeof *h - checked);
	return hash64(rest, hash64(tables, TERMS_MAGIC));
}

static bool terms_read_at(int fd, void *to, size_t n, uint64_t at)
{
	size_t got;
	return io_pread(fd, to, n, (int64_t)at, &got) == ERR_OK && got == n;
}

static bool terms_read_head(struct terms *t, const struct terms_name *name)
{
	struct terms_header *h = &t->header;
	int64_t size;
	if (io_size(t->fd, &size) || size < (int64_t)sizeof *h ||
		!terms_read_at(t->fd, h, sizeof *h, (uint64_t)size - sizeof *h) ||
		!terms_header_fits(h, name, size))
		return false;
	size_t n = (size_t)terms_head_bytes(h) - sizeof *h;
	t->pages = arena_block(t->arena, NULL, n + 1);
	t->marks = (uint32_t *)(t->pages + h->n_pages);
	if (!terms_read_at(t->fd, t->pages, n, (uint64_t)size - terms_head_bytes(h)) ||
		terms_head_checksum(str_of((const char *)t->pages, n), h) != h->checksum)
		return false;
	return terms_pages_fit(t) && terms_marks_ascend(t);
}

struct terms *terms_open_file(
	struct arena *a, int idx_fd, const char *file, const struct terms_name *name)
{
	struct terms *t = arena_block(a, NULL, sizeof *t);
	*t = (struct terms){ .arena = a, .fd = -1 };
	buf_init(&t->terms_window.bytes, a);
	buf_init(&t->postings_window.bytes, a);
	buf_init(&t->unpacked, a);
	if (io_open_file(idx_fd, file, O_RDONLY, &t->fd) == ERR_OK && terms_read_head(t, name))
		return t;
	terms_close_file(t);
	return NULL;
}

void terms_close_file(struct terms *t)
{
	struct arena *a = t->arena;
	buf_release(&t->terms_window.bytes);
	buf_release(&t->postings_window.bytes);
	buf_release(&t->unpacked);
	zst_coder_close(t->coder);
	if (t->pages)
		(void)arena_block(a, t->pages, 0); /* freed: there is no result, as below */
	if (t->fd >= 0)
		io_drop(t->fd);
	(void)arena_block(a, t, 0);
}

/* ---- Pages ---- */

/* What decompression and postings_find() may look at after the end. */
enum { TERMS_SLACK = 16 };
_Static_assert(
	(int)TERMS_SLACK >= (int)POSTINGS_SLACK, "postings are read with enough bytes after them");

/* Sets *ret to n bytes at an offset. When they have to be read, up to n_ahead bytes are. */
static enum err terms_read(const struct terms *t, struct terms_window *w, uint64_t at, size_t n,
	size_t n_ahead, struct str *ret)
{
	uint64_t end = t->header.file_bytes - terms_head_bytes(&t->header);
	size_t got;
	if (at < w->at || at + n > w->at + w->bytes.len) {
		size_t most = n_ahead < end - at ? n_ahead : (size_t)(end - at);
		buf_reset(&w->bytes);
		char *to = buf_reserve(&w->bytes, (most > n ? most : n) + TERMS_SLACK);
		enum err e = io_pread(t->fd, to, most > n ? most : n, (int64_t)at, &got);
		if (e)
			return e;
		w->at = at;
		w->bytes.len = got;
		if (got < n)
			return ERR_UNSAFE;
	}
	*ret = str_of(w->bytes.ptr + (at - w->at), n);
	return ERR_OK;
}

static enum err terms_unpack(struct terms *t, struct str packed, size_t n, struct str *ret)
{
	enum err e = t->coder ? ERR_OK : zst_coder_open(&t->coder);
	if (e)
		return e;
	buf_reset(&t->unpacked);
	*ret = str_of(buf_reserve(&t->unpacked, n + TERMS_SLACK), n);
	e = zst_decompress_only(t->coder, packed, t->unpacked.ptr, n);
	return e == ERR_IO ? ERR_UNSAFE : e;
}

/* The terms of plain pages follow each other, and searches read many pages, which may be short. */
static enum err terms_read_terms(struct terms *t, uint32_t page, struct str *ret)
{
	enum { AHEAD_BYTES = 128 << 10 };
	const struct terms_page *p = &t->pages[page];
	bool is_packed = p->stored_bytes < p->terms_bytes;
	enum err e = terms_read(t, &t->terms_window, p->terms_at, p->stored_bytes,
		page < t->header.n_plain_pages ? AHEAD_BYTES : 0, ret);
	if (!e && hash64(*ret, terms_page_seed(page, false)) != p->terms_checksum)
		e = ERR_UNSAFE;
	if (!e && is_packed)
		e = terms_unpack(t, *ret, p->terms_bytes, ret);
	if (e)
		return e;
	return ret->ptr[0] == '\n' && ret->ptr[ret->len - 1] == '\n' ? ERR_OK : ERR_UNSAFE;
}

enum err terms_load(struct terms *t, uint32_t page, struct str *ret)
{
	struct terms_ready *r = &t->terms;
	enum err e = ERR_OK;
	if (!r->is_set || r->page != page)
		e = terms_read_terms(t, page, &r->bytes);
	r->is_set = !e;
	r->page = page;
	*ret = r->bytes;
	return e;
}

enum err terms_load_postings(struct terms *t, uint32_t page, struct str *ret)
{
	const struct terms_page *p = &t->pages[page];
	struct terms_ready *r = &t->postings;
	enum err e = ERR_OK;
	if (!r->is_set || r->page != page) {
		e = terms_read(
			t, &t->postings_window, p->postings_at, p->postings_bytes, 0, &r->bytes);
		if (!e && hash64(r->bytes, terms_page_seed(page, true)) != p->postings_checksum)
			e = ERR_UNSAFE;
	}
	r->is_set = !e;
	r->page = page;
	*ret = r->bytes;
	return e;
}
