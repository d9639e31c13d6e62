/* Writing word files (words_file.h). */
#include "index/terms/file.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/terms/subset.h"

#include <errno.h>
#include <fcntl.h>

void words_writer_open(struct words_writer *w, struct arena *a, int idx_fd)
{
	*w = (struct words_writer){ .arena = a, .idx_fd = idx_fd, .fd = -1 };
	buf_init(&w->words, a);
	buf_init(&w->postings, a);
	buf_init(&w->pages, a);
	buf_init(&w->packed, a);
	buf_init(&w->together, a);
	/* Of somebody who died at it. */
	(void)io->unlinkat(idx_fd, WORDS_TEMP_NAME, 0);
	words_packer_init(&w->packer, a);
	w->error = io_open_file(idx_fd, WORDS_TEMP_NAME, O_RDWR | O_CREAT | O_EXCL, &w->fd);
	if (!w->error)
		arena_hold(a, w->fd);
}

static void put_bytes(struct words_writer *w, struct str bytes)
{
	if (!w->error)
		w->error = io_write_all(w->fd, bytes);
	w->written += bytes.len;
}

/* The page's words as they are written. Those of hexadecimal digits, which most words of a file
 * are, are packed; the others, which most searches look through, are not. */
static struct str pack(struct words_writer *w)
{
	struct str words = buf_str(&w->words);
	if (!w->is_hex)
		return words;
	buf_reset(&w->packed);
	if (!w->error)
		w->error = words_pack(&w->packer, words, &w->packed);
	return !w->error && w->packed.len < words.len ? buf_str(&w->packed) : words;
}

/* Behind the last page of plain words. */
static void put_together(struct words_writer *w)
{
	put_bytes(w, buf_str(&w->together));
	buf_reset(&w->together);
}

/* Plain words wait, to be searched in one piece. */
static void put_words(struct words_writer *w, struct words_page *page)
{
	struct str words = pack(w);
	uint64_t at = w->is_hex ? w->written : w->together.len;
	page->words_bytes = (uint32_t)words.len;
	page->words_checksum = hash64(words, at);
	if (w->is_hex)
		put_bytes(w, words);
	else
		buf_add(&w->together, words);
}

/* The last of a page. */
static void put_postings(struct words_writer *w, struct words_page *page)
{
	struct str postings = buf_str(&w->postings);
	page->postings_bytes = (uint32_t)postings.len;
	page->postings_checksum = hash64(postings, w->written);
	put_bytes(w, postings);
	buf_add(&w->pages, str_of((const char *)page, sizeof *page));
	buf_reset(&w->postings);
}

static void end_page(struct words_writer *w)
{
	if (w->is_hex)
		put_together(w);
	struct words_page page = {
		.at = w->written, .plain_bytes = (uint32_t)w->words.len, .n_words = w->n_in_page
	};
	if (w->n_in_page == 0)
		return;
	memcpy(page.key, w->key, sizeof page.key);
	put_words(w, &page);
	put_postings(w, &page);
	buf_reset(&w->words);
	w->n_in_page = 0;
	w->n_plain_pages += !w->is_hex;
}

void words_writer_add(struct words_writer *w, struct str word, bool is_hex, struct str postings)
{
	if (w->n_in_page && (w->words.len + word.len >= WORDS_PAGE_BYTES ||
				    w->postings.len >= WORDS_POSTINGS_BYTES || is_hex != w->is_hex))
		end_page(w);
	w->is_hex = is_hex;
	if (w->n_in_page == 0) {
		memset(w->key, 0, sizeof w->key);
		memcpy(w->key, word.ptr, word.len < sizeof w->key ? word.len : sizeof w->key);
		buf_add_char(&w->words, '\n');
	}
	buf_add(&w->words, word);
	buf_add_char(&w->words, '\n');
	buf_add(&w->postings, postings);
	w->n_in_page++;
	w->n_words++;
}

/* ---- Once more ---- */

/* What an earlier writer of these words left, which has no name any more. */
struct rewriting {
	struct words_writer *to;
	int fd;
	uint64_t together_at, n_together; /* where its plain words are; bytes that were taken */
	const struct postings_of *of;
	bool (*change)(void *user, struct str one, struct buf *out);
	void *user;
	struct buf words, postings; /* of a page */
};

static enum err read_checked(const struct rewriting *r, struct buf *to, uint64_t at, uint32_t n,
	uint64_t checksum, uint64_t seed)
{
	size_t got;
	buf_reset(to);
	enum err e = io_pread(r->fd, buf_reserve(to, n + SUBSET_SLACK), n, (int64_t)at, &got);
	if (e)
		return e;
	to->len = got;
	return got == n && hash64(buf_str(to), seed) == checksum ? ERR_OK : ERR_UNSAFE;
}

static enum err read_page(struct rewriting *r, const struct words_page *p, bool is_hex)
{
	uint64_t seed = is_hex ? p->at : r->n_together;
	uint64_t words_at = is_hex ? p->at : r->together_at + r->n_together;
	uint64_t postings_at = is_hex ? p->at + p->words_bytes : p->at;
	enum err e = read_checked(r, &r->words, words_at, p->words_bytes, p->words_checksum, seed);
	if (!e)
		e = read_checked(r, &r->postings, postings_at, p->postings_bytes,
			p->postings_checksum, postings_at);
	r->n_together += is_hex ? 0 : p->words_bytes;
	return e;
}

/* Into the writer's. */
static enum err change_postings(struct rewriting *r, uint32_t n_words)
{
	struct str left = buf_str(&r->postings), one;
	buf_reset(&r->to->postings);
	for (uint32_t i = 0; i < n_words; i++)
		if (!postings_skip(&left, r->of, &one) ||
			!r->change(r->user, one, &r->to->postings))
			return ERR_UNSAFE;
	return ERR_OK;
}

static enum err rewrite_page(struct rewriting *r, const struct words_page *p, bool is_hex)
{
	struct words_writer *w = r->to;
	struct words_page page = *p;
	enum err e = read_page(r, p, is_hex);
	if (!e)
		e = change_postings(r, p->n_words);
	if (e)
		return e;
	if (is_hex)
		put_together(w);
	page.at = w->written;
	if (is_hex) {
		page.words_checksum = hash64(buf_str(&r->words), page.at);
		put_bytes(w, buf_str(&r->words));
	} else {
		buf_add(&w->together, buf_str(&r->words));
	}
	put_postings(w, &page);
	return w->error;
}

/* What was written stays as a file without a name; w begins anew. */
static void begin_again(struct words_writer *w, struct rewriting *r, struct buf *ret_pages)
{
	struct words_writer old = *w;
	*ret_pages = old.pages;
	r->fd = old.fd;
	words_packer_release(&old.packer);
	buf_release(&old.packed);
	buf_release(&old.words);
	buf_release(&old.postings);
	buf_release(&old.together);
	words_writer_open(w, old.arena, old.idx_fd);
	w->n_words = old.n_words;
	w->n_plain_pages = old.n_plain_pages;
}

enum err words_writer_again(struct words_writer *w, const struct postings_of *of,
	bool (*change)(void *user, struct str one, struct buf *out), void *user)
{
	struct rewriting r = { .to = w, .of = of, .change = change, .user = user };
	struct buf pages;
	end_page(w);
	put_together(w);
	if (w->error)
		return w->error;
	begin_again(w, &r, &pages);
	buf_init(&r.words, w->arena);
	buf_init(&r.postings, w->arena);
	const struct words_page *p = (const void *)pages.ptr;
	size_t n_pages = pages.len / sizeof *p;
	enum err e = w->error;
	for (uint32_t i = 0; i < w->n_plain_pages; i++)
		r.together_at += p[i].postings_bytes;
	for (size_t i = 0; !e && i < n_pages; i++)
		e = rewrite_page(&r, &p[i], i >= w->n_plain_pages);
	arena_let_go(w->arena, r.fd);
	io_drop(r.fd);
	buf_release(&r.words);
	buf_release(&r.postings);
	buf_release(&pages);
	return e;
}

uint64_t words_writer_bytes(const struct words_writer *w)
{
	return w->written + w->together.len + w->words.len + w->postings.len + w->pages.len;
}

static void put_rows(struct words_writer *w, struct words_header *h, const uint32_t *block_rows)
{
	struct buf rows;
	uint32_t n =
		(uint32_t)((h->to - 1) >> h->block_bits) - (uint32_t)(h->from >> h->block_bits) + 1;
	buf_init(&rows, w->arena);
	for (uint32_t i = 0; i < n; i++)
		number_put(&rows, block_rows[i + 1] - block_rows[i]);
	h->n_rows = block_rows[n];
	h->rows_bytes = (uint32_t)rows.len;
	h->rows_checksum = hash64(buf_str(&rows), w->written);
	put_bytes(w, buf_str(&rows));
	buf_release(&rows);
}

static void put_sizes(struct words_writer *w, struct words_header *h, const struct row_sizes *sizes)
{
	struct buf bytes;
	buf_init(&bytes, w->arena);
	row_sizes_put(sizes, &bytes);
	h->sizes_checksum = hash64(buf_str(&bytes), w->written);
	put_bytes(w, buf_str(&bytes));
	buf_release(&bytes);
}

static void put_head(struct words_writer *w, struct words_header *h)
{
	struct str pages = buf_str(&w->pages);
	h->magic = WORDS_MAGIC;
	h->incompat = WORDS_INCOMPAT_ALL | WORDS_TOGETHER;
	h->n_pages = (uint32_t)(pages.len / sizeof(struct words_page));
	h->head_bytes = (uint32_t)(pages.len + sizeof *h);
	h->n_plain_pages = w->n_plain_pages;
	h->n_words = w->n_words;
	h->file_bytes = w->written + h->head_bytes;
	h->checksum = words_head_checksum(pages, h);
	put_bytes(w, pages);
	put_bytes(w, str_of((const char *)h, sizeof *h));
}

enum err words_writer_publish(struct words_writer *w, struct words_header *header,
	const uint32_t *block_rows, const struct row_sizes *sizes)
{
	char name[WORDS_NAME_MAX];
	struct words_want want = { header->day, header->part, header->from, header->to };
	words_name(&want, name);
	end_page(w);
	put_together(w);
	put_rows(w, header, block_rows);
	put_sizes(w, header, sizes);
	put_head(w, header);
	if (!w->error) {
		/* Not synced: what a power cut leaves of it shows by its checksums. */
		arena_let_go(w->arena, w->fd);
		w->error = io_close(w->fd);
		w->fd = -1;
		if (!w->error && io->renameat(w->idx_fd, WORDS_TEMP_NAME, w->idx_fd, name) < 0)
			w->error = io_error(errno);
	}
	enum err e = w->error;
	words_writer_drop(w);
	return e;
}

void words_writer_drop(struct words_writer *w)
{
	if (w->fd >= 0) {
		arena_let_go(w->arena, w->fd);
		io_drop(w->fd);
	}
	if (w->fd >= 0 || w->error)
		(void)io->unlinkat(w->idx_fd, WORDS_TEMP_NAME, 0); /* the next one makes it anew */
	w->fd = -1;
	words_packer_release(&w->packer);
	buf_release(&w->packed);
	buf_release(&w->together);
	buf_release(&w->words);
	buf_release(&w->postings);
	buf_release(&w->pages);
}
