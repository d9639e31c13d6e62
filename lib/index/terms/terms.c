#include "index/terms/file.h"

#include "base/hash.h"
#include "base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

/* clang-format off */
#define N16(c) c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c
#define LETTER WORD_LETTER
const unsigned char word_class[256] = {
	['0'] = LETTER, ['1'] = LETTER, ['2'] = LETTER, ['3'] = LETTER, ['4'] = LETTER,
	['5'] = LETTER, ['6'] = LETTER, ['7'] = LETTER, ['8'] = LETTER, ['9'] = LETTER,
	['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER, ['E'] = LETTER,
	['F'] = LETTER, ['G'] = LETTER, ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER,
	['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER, ['O'] = LETTER,
	['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER,
	['U'] = LETTER, ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER,
	['Z'] = LETTER, ['\\'] = WORD_ESCAPE,
	['a'] = LETTER, ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER, ['e'] = LETTER,
	['f'] = LETTER, ['g'] = LETTER, ['h'] = LETTER, ['i'] = LETTER, ['j'] = LETTER,
	['k'] = LETTER, ['l'] = LETTER, ['m'] = LETTER, ['n'] = LETTER, ['o'] = LETTER,
	['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER,
	['u'] = LETTER, ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER, ['y'] = LETTER,
	['z'] = LETTER,
	[0x80] = N16(WORD_HIGH), N16(WORD_HIGH), N16(WORD_HIGH), N16(WORD_HIGH),
	N16(WORD_HIGH), N16(WORD_HIGH), N16(WORD_HIGH), N16(WORD_HIGH)
};
#undef N16
#undef LETTER
/* clang-format on */

struct field_set words_fields(void)
{
	struct field_set set = { { 0 } };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_info[f].may & MAY_T)
			field_set_add(&set, (enum field)f);
	return set;
}

unsigned words_in_field(enum field f)
{
	switch (f) {
	case FIELD_INPUT:
		return WORDS_IN_TEXTS | WORDS_IN_INPUT;
	case FIELD_OUTPUT:
		return WORDS_IN_TEXTS | WORDS_IN_OUTPUT;
	case FIELD_NAME:
	case FIELD_METADATA:
		return WORDS_IN_TEXTS;
	default:
		return field_info[f].may & MAY_T ? WORDS_IN_OTHERS : 0;
	}
}

bool words_is_hex(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (hex_digit(word.ptr[i]) < 0)
			return false;
	return true;
}

void words_name(const struct words_want *want, char ret[static WORDS_NAME_MAX])
{
	(void)snprintf(ret, WORDS_NAME_MAX, "%d-%" PRId64 "-%" PRId64 ".voc", want->part,
		want->from, want->to);
}

bool words_parse_name(struct str name, struct words_want *ret)
{
	const struct str suffix = STR(".voc");
	int64_t part, from, to;
	if (!str_ends(name, suffix))
		return false;
	name.len -= suffix.len;
	if (!str_to_i64(str_cut(&name, '-'), &part) || !str_to_i64(str_cut(&name, '-'), &from) ||
		!str_to_i64(name, &to) || part < 0 || part > INT32_MAX || from < 0 || from >= to)
		return false;
	ret->part = (int)part;
	ret->from = from;
	ret->to = to;
	return true;
}

/* ---- Opening ---- */

static bool header_fits(const struct words_header *h, const struct words_want *want, int64_t size)
{
	return h->magic == WORDS_MAGIC && h->file_bytes == (uint64_t)size &&
	       (h->incompat & ~(uint32_t)WORDS_TOGETHER) == WORDS_INCOMPAT_ALL &&
	       h->n_rows <= PLACE_ROWS_MAX && h->n_pages <= WORDS_PAGES_MAX &&
	       h->n_plain_pages <= h->n_pages &&
	       h->head_bytes == sizeof *h + h->n_pages * sizeof(struct words_page) &&
	       h->head_bytes + row_sizes_bytes(h->n_rows) + h->rows_bytes <= h->file_bytes &&
	       h->day == want->day && h->part == want->part && h->from == want->from &&
	       h->to == want->to && h->from < h->to && h->block_bits >= WORDS_BITS_MIN &&
	       h->block_bits <= WORDS_BITS_MAX &&
	       (h->to >> h->block_bits) - (h->from >> h->block_bits) < INT32_MAX;
}

static uint32_t larger(uint32_t x, uint32_t y)
{
	return x > y ? x : y;
}

static bool page_fits(const struct words_page *p)
{
	enum { SANE_BYTES = 1 << 30 };
	return p->words_bytes <= SANE_BYTES && p->postings_bytes <= SANE_BYTES &&
	       p->plain_bytes >= 2 && p->n_words && p->plain_bytes >= p->words_bytes &&
	       (p->plain_bytes == p->words_bytes ||
		       p->plain_bytes <= WORDS_PAGE_BYTES + WORD_MAX_BYTES);
}

static void note_sizes(struct words *w, const struct words_page *p)
{
	w->largest_stored = larger(w->largest_stored, p->words_bytes);
	w->largest_words = larger(w->largest_words, p->plain_bytes);
	w->largest_postings = larger(w->largest_postings, p->postings_bytes);
}

/* The pages that come first, whose words stand behind all of their postings. */
static bool together_fit(struct words *w, uint64_t end)
{
	uint64_t at = 0, words = 0;
	for (uint32_t i = 0; i < w->n_together; i++) {
		const struct words_page *p = &w->pages[i];
		if (!page_fits(p) || p->at != at || p->plain_bytes != p->words_bytes ||
			p->postings_bytes > end - at)
			return false;
		note_sizes(w, p);
		w->together[i] = words;
		at += p->postings_bytes;
		words += p->words_bytes;
	}
	w->together[w->n_together] = words;
	w->together_at = at;
	return words <= end - at;
}

static bool pages_fit(struct words *w)
{
	uint64_t end = words_rows_at(&w->header);
	w->n_together = w->header.incompat & WORDS_TOGETHER ? w->header.n_plain_pages : 0;
	w->together = arena_block(w->arena, NULL, (w->n_together + 1) * sizeof *w->together);
	if (!together_fit(w, end))
		return false;
	uint64_t at = w->together_at + w->together[w->n_together];
	for (uint32_t i = w->n_together; i < w->header.n_pages; i++) {
		const struct words_page *p = &w->pages[i];
		if (!page_fits(p) || p->at != at ||
			p->words_bytes + (uint64_t)p->postings_bytes > end - at)
			return false;
		note_sizes(w, p);
		at += p->words_bytes + (uint64_t)p->postings_bytes;
	}
	return at == end;
}

uint64_t words_head_checksum(struct str pages, const struct words_header *h)
{
	struct str behind =
		str_of((const char *)h + 2 * sizeof(uint64_t), sizeof *h - 2 * sizeof(uint64_t));
	return hash64(behind, hash64(pages, WORDS_MAGIC));
}

static bool read_at(int fd, void *to, size_t n, uint64_t at)
{
	size_t got;
	return io_pread(fd, to, n, (int64_t)at, &got) == ERR_OK && got == n;
}

static bool read_head(struct words *w, const struct words_want *want)
{
	struct words_header *h = &w->header;
	int64_t size;
	if (io_size(w->fd, &size) || size < (int64_t)sizeof *h ||
		!read_at(w->fd, h, sizeof *h, (uint64_t)size - sizeof *h) ||
		!header_fits(h, want, size))
		return false;
	size_t n = h->n_pages * sizeof *w->pages;
	struct words_page *pages = arena_block(w->arena, NULL, n + 1);
	w->pages = pages;
	if (!read_at(w->fd, pages, n, (uint64_t)size - h->head_bytes) ||
		words_head_checksum(str_of((const char *)pages, n), h) != h->checksum)
		return false;
	return pages_fit(w);
}

struct words *words_open_file(
	struct arena *a, int idx_fd, const char *name, const struct words_want *want)
{
	struct words *w = arena_block(a, NULL, sizeof *w);
	*w = (struct words){ .arena = a, .room = a, .fd = -1, .postings_page = UINT32_MAX };
	buf_init(&w->scratch, a);
	words_packer_init(&w->packer, a);
	if (io_open_file(idx_fd, name, O_RDONLY, &w->fd) == ERR_OK && read_head(w, want))
		return w;
	words_close_file(w);
	return NULL;
}

static void *drop(struct arena *a, void *block)
{
	return block ? arena_block(a, block, 0) : NULL;
}

static void forget(struct words *w)
{
	struct arena *a = w->room;
	w->stored = drop(a, w->stored);
	w->words = drop(a, w->words);
	w->postings = drop(a, w->postings);
	w->block_rows = drop(a, w->block_rows);
	if (w->sizes)
		w->sizes->rows = drop(a, w->sizes->rows);
	w->sizes = drop(a, w->sizes);
	w->together_end = 0;
	w->postings_page = UINT32_MAX;
	buf_release(&w->scratch);
	words_packer_release(&w->packer);
}

void words_read_into(struct words *w, struct arena *room)
{
	forget(w);
	w->room = room ? room : w->arena;
	buf_init(&w->scratch, w->room);
	words_packer_init(&w->packer, w->room);
}

void words_close_file(struct words *w)
{
	struct arena *a = w->arena;
	forget(w);
	w->pages = drop(a, w->pages);
	w->together = drop(a, w->together);
	if (w->fd >= 0)
		io_drop(w->fd);
	(void)arena_block(a, w, 0);
}

int64_t words_from(const struct words *w)
{
	return w->header.from;
}

int64_t words_to(const struct words *w)
{
	return w->header.to;
}

unsigned words_block_bits(const struct words *w)
{
	return w->header.block_bits;
}

uint32_t words_n_rows(const struct words *w)
{
	return w->header.n_rows;
}

uint64_t words_id_bytes_of(struct str text)
{
	enum { DIGITS = 26, DASH = 36, LINE, OTHER, HIGH };
	uint64_t bytes = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = ascii_lower(text.ptr[i]);
		unsigned bit = c >= 'a' && c <= 'z' ? (unsigned)(c - 'a')
			       : ascii_is_digit(c)  ? DIGITS + (unsigned)(c - '0')
			       : c == '-'           ? DASH
			       : c == '_'           ? LINE
			       : c & 0x80           ? HIGH
						    : OTHER;
		bytes |= UINT64_C(1) << bit;
	}
	return bytes;
}

uint64_t words_id_bytes(const struct words *w)
{
	return w->header.id_bytes;
}

/* ---- Pages ---- */

/* Words that stand together are read so many bytes at once, or as many as one page has. */
enum { TOGETHER_BYTES = 128 << 10 };

static enum err read_some(
	struct words *w, char **to, size_t room, uint64_t at, size_t n, struct str *ret)
{
	size_t got;
	if (!*to)
		*to = arena_block(w->room, NULL, room + WORDS_PACK_SLACK);
	enum err e = io_pread(w->fd, *to, n, (int64_t)at, &got);
	*ret = str_of(*to, n);
	return e ? e : got == n ? ERR_OK : ERR_UNSAFE;
}

static enum err read_stored(struct words *w, uint64_t at, size_t n, struct str *ret)
{
	size_t room = w->largest_stored;
	if (room < TOGETHER_BYTES && w->n_together)
		room = TOGETHER_BYTES;
	w->together_end = 0;
	return read_some(w, &w->stored, room, at, n, ret);
}

enum err words_load_together(struct words *w, uint32_t page, uint32_t *end, struct str *ret)
{
	const uint64_t *at = w->together, first = at[page];
	uint32_t to = page + 1;
	if (page >= w->together_from && page < w->together_end) {
		*end = *end < w->together_end ? *end : w->together_end;
		*ret = str_of(w->stored + (first - at[w->together_from]), at[*end] - first);
		return ERR_OK;
	}
	while (to < *end && at[to + 1] - first <= TOGETHER_BYTES)
		to++;
	enum err e = read_stored(w, w->together_at + first, at[to] - first, ret);
	for (uint32_t i = page; !e && i < to; i++)
		if (hash64(str_of(ret->ptr + (at[i] - first), at[i + 1] - at[i]), at[i]) !=
				w->pages[i].words_checksum ||
			ret->ptr[at[i] - first] != '\n')
			e = ERR_UNSAFE;
	w->together_from = page;
	w->together_end = e ? 0 : to;
	*end = to;
	return e;
}

static enum err unpack(struct words *w, struct str stored, uint32_t n, struct str *ret)
{
	if (!w->words)
		w->words = arena_block(w->room, NULL, w->largest_words + WORDS_PACK_SLACK);
	*ret = str_of(w->words, n);
	return words_unpack(&w->packer, stored, w->words, n);
}

enum err words_load(struct words *w, uint32_t page, struct str *ret_words)
{
	const struct words_page *p = &w->pages[page];
	uint32_t end = page + 1;
	if (page < w->n_together)
		return words_load_together(w, page, &end, ret_words);
	enum err e = read_stored(w, p->at, p->words_bytes, ret_words);
	if (!e && hash64(*ret_words, p->at) != p->words_checksum)
		e = ERR_UNSAFE;
	if (!e && p->plain_bytes != p->words_bytes)
		e = unpack(w, *ret_words, p->plain_bytes, ret_words);
	return e;
}

enum err words_load_postings(struct words *w, uint32_t page, struct str *ret)
{
	const struct words_page *p = &w->pages[page];
	uint64_t at = p->at + (page < w->n_together ? 0 : p->words_bytes);
	if (page == w->postings_page) {
		*ret = str_of(w->postings, p->postings_bytes);
		return ERR_OK;
	}
	w->postings_page = UINT32_MAX;
	enum err e = read_some(w, &w->postings, w->largest_postings, at, p->postings_bytes, ret);
	if (!e && hash64(*ret, at) != p->postings_checksum)
		e = ERR_UNSAFE;
	if (!e)
		w->postings_page = page;
	return e;
}

/* ---- Rows of blocks ---- */

static bool read_block_rows(struct str counts, uint32_t n_blocks, uint32_t n_rows, uint32_t *ret)
{
	uint64_t sum = 0, n;
	for (uint32_t i = 0; i < n_blocks; i++) {
		ret[i] = (uint32_t)sum;
		if (counts.len && !(counts.ptr[0] & 0x80)) { /* as most are */
			n = (unsigned char)counts.ptr[0];
			counts = str_skip(counts, 1);
		} else if (!number_take(&counts, &n)) {
			return false;
		}
		if (n > n_rows || (sum += n) > n_rows)
			return false;
	}
	ret[n_blocks] = n_rows;
	return sum == n_rows && counts.len == 0;
}

enum err words_block_rows(struct words *w, const uint32_t **ret)
{
	const struct words_header *h = &w->header;
	uint32_t n = words_n_blocks(w);
	if (w->block_rows) {
		*ret = w->block_rows;
		return ERR_OK;
	}
	/* A byte of the file a block at least: what is asked for is bounded by what is there. */
	if (h->rows_bytes < n)
		return ERR_UNSAFE;
	char *bytes = arena_block(w->room, NULL, (size_t)h->rows_bytes + 1);
	uint32_t *rows = arena_block(w->room, NULL, ((size_t)n + 1) * sizeof *rows);
	uint64_t at = words_rows_at(h);
	struct str counts = str_of(bytes, h->rows_bytes);
	bool ok = read_at(w->fd, bytes, h->rows_bytes, at) &&
		  hash64(counts, at) == h->rows_checksum &&
		  read_block_rows(counts, n, h->n_rows, rows);
	(void)arena_block(w->room, bytes, 0); /* freed: there is no result, as below */
	if (ok)
		w->block_rows = rows;
	else
		(void)arena_block(w->room, rows, 0);
	*ret = rows;
	return ok ? ERR_OK : ERR_UNSAFE;
}

enum err words_load_sizes(struct words *w)
{
	const struct words_header *h = &w->header;
	size_t n = row_sizes_bytes(h->n_rows);
	if (w->sizes)
		return ERR_OK;
	/* The bytes behind it, in one block. */
	struct row_sizes *sizes = arena_block(w->room, NULL, sizeof *sizes + n);
	char *bytes = (char *)(sizes + 1);
	uint64_t at = words_sizes_at(h);
	if (!read_at(w->fd, bytes, n, at) || hash64(str_of(bytes, n), at) != h->sizes_checksum ||
		!row_sizes_take(sizes, bytes, h->n_rows)) {
		(void)arena_block(w->room, sizes, 0); /* freed: there is no result */
		return ERR_UNSAFE;
	}
	w->sizes = sizes;
	return ERR_OK;
}
