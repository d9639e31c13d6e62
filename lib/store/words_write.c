/* Word files: postings and writing (words_file.h). */
#include "store/words_file.h"

#include "base/hash.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>

/* ---- Numbers: 7 bits a byte, the low ones first, the top bit where more follow ---- */

enum { NUMBER_MAX_BYTES = 10 };

static size_t put_number(char *to, uint64_t v)
{
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		to[n++] = (char)(v | 0x80);
	to[n++] = (char)v;
	return n;
}

static bool take_number(struct str *s, uint64_t *ret)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s->len && i < NUMBER_MAX_BYTES - 1; i++) {
		unsigned char c = (unsigned char)s->ptr[i];
		v |= (uint64_t)(c & 0x7f) << 7 * i;
		if (c < 0x80) {
			*s = str_skip(*s, i + 1);
			*ret = v;
			return true;
		}
	}
	return false;
}

/* ---- Postings ---- */

static size_t number_bytes(uint64_t v)
{
	size_t n = 1;
	for (; v >= 0x80; v >>= 7)
		n++;
	return n;
}

static void put_list(struct buf *out, const uint32_t *blocks, size_t n)
{
	uint32_t last = 0;
	for (size_t i = 0; i < n; i++) {
		char *to = buf_reserve(out, NUMBER_MAX_BYTES);
		out->len += put_number(to, blocks[i] - last);
		last = blocks[i];
	}
}

static void put_bitmap(struct buf *out, const uint32_t *blocks, size_t n, size_t bytes)
{
	char *to = buf_reserve(out, NUMBER_MAX_BYTES + bytes);
	to += put_number(to, blocks[0]);
	memset(to, 0, bytes);
	for (size_t i = 0; i < n; i++) {
		uint32_t bit = blocks[i] - blocks[0];
		to[bit / 8] = (char)(to[bit / 8] | 1 << bit % 8);
	}
	out->len = (size_t)(to + bytes - out->ptr);
}

void postings_add(struct buf *out, const uint32_t *blocks, size_t n)
{
	size_t list_bytes = 0, bitmap_bytes = (blocks[n - 1] - blocks[0]) / 8 + 1;
	size_t first_bytes = number_bytes(blocks[0]);
	if (n == 1) {
		out->len += put_number(
			buf_reserve(out, NUMBER_MAX_BYTES), (uint64_t)blocks[0] << 1 | 1);
		return;
	}
	for (size_t i = 1; i < n && list_bytes <= bitmap_bytes; i++)
		list_bytes += number_bytes(blocks[i] - blocks[i - 1]);
	bool is_list = list_bytes <= bitmap_bytes;
	uint64_t bytes = first_bytes + (is_list ? list_bytes : bitmap_bytes);
	out->len += put_number(buf_reserve(out, NUMBER_MAX_BYTES),
		bytes << 2 | (is_list ? POSTINGS_LIST : POSTINGS_BITMAP));
	if (is_list)
		put_list(out, blocks, n);
	else
		put_bitmap(out, blocks, n, bitmap_bytes);
}

bool postings_skip(struct str *postings, struct str *ret_one)
{
	struct str left = *postings;
	uint64_t v;
	if (!take_number(&left, &v) || (!(v & 1) && v >> 2 > left.len))
		return false;
	left = str_skip(left, v & 1 ? 0 : v >> 2);
	*ret_one = str_first(*postings, postings->len - left.len);
	*postings = left;
	return true;
}

/* Calls take for each block. */
#define POSTINGS_EACH(one, n_blocks, take) \
	do { \
		uint64_t head_, block_ = 0, step_; \
		if (!take_number(&(one), &head_)) \
			return false; \
		if (head_ & 1) { \
			block_ = head_ >> 1; \
			if (block_ >= (n_blocks)) \
				return false; \
			take(block_); \
			return true; \
		} \
		if ((head_ & 3) == POSTINGS_LIST) { \
			while ((one).len) { \
				if (!take_number(&(one), &step_) || step_ >= (n_blocks) || \
					(block_ += step_) >= (n_blocks)) \
					return false; \
				take(block_); \
			} \
			return true; \
		} \
		if (!take_number(&(one), &block_) || block_ >= (n_blocks)) \
			return false; \
		for (size_t i_ = 0; i_ < (one).len; i_++) \
			for (unsigned bits_ = (unsigned char)(one).ptr[i_]; bits_; \
				bits_ &= bits_ - 1) { \
				step_ = block_ + i_ * 8 + (unsigned)__builtin_ctz(bits_); \
				if (step_ >= (n_blocks)) \
					return false; \
				take(step_); \
			} \
	} while (0)

bool postings_set(struct str one, uint32_t n_blocks, uint64_t *bits)
{
#define TAKE(block) (bits[(block) / 64] |= UINT64_C(1) << (block) % 64)
	POSTINGS_EACH(one, n_blocks, TAKE);
#undef TAKE
	return true;
}

static void add_block(struct buf *blocks, uint32_t block)
{
	buf_add(blocks, str_of((const char *)&block, sizeof block));
}

bool postings_read(struct str one, uint32_t n_blocks, struct buf *ret_blocks)
{
#define TAKE(block) add_block(ret_blocks, (uint32_t)(block))
	POSTINGS_EACH(one, n_blocks, TAKE);
#undef TAKE
	return true;
}

/* ---- Writing ---- */

void words_writer_open(struct words_writer *w, struct arena *a, int idx_fd)
{
	*w = (struct words_writer){ .arena = a, .idx_fd = idx_fd, .fd = -1 };
	buf_init(&w->words, a);
	buf_init(&w->postings, a);
	buf_init(&w->pages, a);
	/* Of somebody who died at it. */
	(void)io->unlinkat(idx_fd, WORDS_TEMP_NAME, 0);
	w->error = io_open_file(idx_fd, WORDS_TEMP_NAME, O_WRONLY | O_CREAT | O_EXCL, &w->fd);
}

static void put_bytes(struct words_writer *w, struct str bytes)
{
	if (!w->error)
		w->error = io_write_all(w->fd, bytes);
	w->written += bytes.len;
}

static void end_page(struct words_writer *w)
{
	struct words_page page = { .at = w->written,
		.words_bytes = (uint32_t)w->words.len,
		.postings_bytes = (uint32_t)w->postings.len,
		.n_words = w->n_in_page };
	if (w->n_in_page == 0)
		return;
	memcpy(page.key, w->key, sizeof page.key);
	page.words_checksum = hash64(buf_str(&w->words), w->written);
	put_bytes(w, buf_str(&w->words));
	page.postings_checksum = hash64(buf_str(&w->postings), w->written);
	put_bytes(w, buf_str(&w->postings));
	buf_add(&w->pages, str_of((const char *)&page, sizeof page));
	buf_reset(&w->words);
	buf_reset(&w->postings);
	w->n_in_page = 0;
	w->n_plain_pages += !w->is_hex;
}

void words_writer_add(
	struct words_writer *w, struct str word, const uint32_t *blocks, size_t n_blocks)
{
	bool is_hex = words_is_hex(word);
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
	postings_add(&w->postings, blocks, n_blocks);
	w->n_in_page++;
	w->n_words++;
}

static void put_head(struct words_writer *w, struct words_header *h)
{
	struct str pages = buf_str(&w->pages);
	h->magic = WORDS_MAGIC;
	h->n_pages = (uint32_t)(pages.len / sizeof(struct words_page));
	h->head_bytes = (uint32_t)(pages.len + sizeof *h);
	h->n_plain_pages = w->n_plain_pages;
	h->n_words = w->n_words;
	h->file_bytes = w->written + h->head_bytes;
	h->checksum = words_head_checksum(pages, h);
	put_bytes(w, pages);
	put_bytes(w, str_of((const char *)h, sizeof *h));
}

enum err words_writer_publish(struct words_writer *w, struct words_header *header)
{
	char name[WORDS_NAME_MAX];
	struct words_want want = { header->day, header->part, header->from, header->to };
	words_name(&want, name);
	end_page(w);
	put_head(w, header);
	if (!w->error) {
		/* Not synced: what a power cut leaves of it shows by its checksums. */
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
	if (w->fd >= 0)
		io_drop(w->fd);
	if (w->fd >= 0 || w->error)
		(void)io->unlinkat(w->idx_fd, WORDS_TEMP_NAME, 0); /* the next one makes it anew */
	w->fd = -1;
	buf_release(&w->words);
	buf_release(&w->postings);
	buf_release(&w->pages);
}
