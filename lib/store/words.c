#include "store/words_file.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/text_find.h"
#include "store/subset.h"

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
	       h->incompat == WORDS_INCOMPAT_ALL && h->n_rows <= PLACE_ROWS_MAX &&
	       h->n_pages <= WORDS_PAGES_MAX && h->n_plain_pages <= h->n_pages &&
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

static bool pages_fit(struct words *w)
{
	uint64_t at = 0, end = words_rows_at(&w->header);
	enum { SANE_BYTES = 1 << 30 };
	for (uint32_t i = 0; i < w->header.n_pages; i++) {
		const struct words_page *p = &w->pages[i];
		if (p->at != at || p->words_bytes > SANE_BYTES || p->postings_bytes > SANE_BYTES ||
			p->plain_bytes < 2 || p->n_words == 0 || p->plain_bytes < p->words_bytes ||
			(p->plain_bytes > p->words_bytes &&
				p->plain_bytes > WORDS_PAGE_BYTES + WORD_MAX_BYTES) ||
			p->words_bytes + (uint64_t)p->postings_bytes > end - at)
			return false;
		at += p->words_bytes + (uint64_t)p->postings_bytes;
		w->largest_stored = larger(w->largest_stored, p->words_bytes);
		w->largest_words = larger(w->largest_words, p->plain_bytes);
		w->largest_postings = larger(w->largest_postings, p->postings_bytes);
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
	*w = (struct words){ .arena = a, .fd = -1 };
	buf_init(&w->scratch, a);
	words_packer_init(&w->packer, a);
	if (io_open_file(idx_fd, name, O_RDONLY, &w->fd) == ERR_OK && read_head(w, want))
		return w;
	words_close_file(w);
	return NULL;
}

void words_close_file(struct words *w)
{
	struct arena *a = w->arena;
	if (w->stored)
		(void)arena_block(a, w->stored, 0); /* freed: there is no result, as below */
	if (w->words)
		(void)arena_block(a, w->words, 0);
	if (w->postings)
		(void)arena_block(a, w->postings, 0);
	if (w->pages)
		(void)arena_block(a, w->pages, 0);
	if (w->block_rows)
		(void)arena_block(a, w->block_rows, 0);
	if (w->sizes)
		(void)arena_block(a, w->sizes, 0);
	buf_release(&w->scratch);
	words_packer_release(&w->packer);
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

static enum err load(struct words *w, char **to, uint32_t room, uint64_t at, uint32_t n,
	uint64_t checksum, struct str *ret)
{
	size_t got;
	if (!*to)
		*to = arena_block(w->arena, NULL, room + WORDS_PACK_SLACK);
	enum err e = io_pread(w->fd, *to, n, (int64_t)at, &got);
	if (e)
		return e;
	struct str bytes = str_of(*to, n);
	if (got != n || hash64(bytes, at) != checksum)
		return ERR_UNSAFE;
	*ret = bytes;
	return ERR_OK;
}

static enum err unpack(struct words *w, struct str stored, uint32_t n, struct str *ret)
{
	if (!w->words)
		w->words = arena_block(w->arena, NULL, w->largest_words + WORDS_PACK_SLACK);
	*ret = str_of(w->words, n);
	return words_unpack(&w->packer, stored, w->words, n);
}

enum err words_load(struct words *w, uint32_t page, struct str *ret_words)
{
	const struct words_page *p = &w->pages[page];
	enum err e = load(w, &w->stored, w->largest_stored, p->at, p->words_bytes,
		p->words_checksum, ret_words);
	if (!e && p->plain_bytes != p->words_bytes)
		e = unpack(w, *ret_words, p->plain_bytes, ret_words);
	return e;
}

enum err words_load_postings(struct words *w, uint32_t page, struct str *ret)
{
	const struct words_page *p = &w->pages[page];
	return load(w, &w->postings, w->largest_postings, p->at + p->words_bytes, p->postings_bytes,
		p->postings_checksum, ret);
}

/* ---- Rows of blocks ---- */

static bool read_block_rows(struct str counts, uint32_t n_blocks, uint32_t n_rows, uint32_t *ret)
{
	uint64_t sum = 0, n;
	for (uint32_t i = 0; i < n_blocks; i++) {
		ret[i] = (uint32_t)sum;
		if (!number_take(&counts, &n) || n > n_rows || (sum += n) > n_rows)
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
	char *bytes = arena_block(w->arena, NULL, (size_t)h->rows_bytes + 1);
	uint32_t *rows = arena_block(w->arena, NULL, ((size_t)n + 1) * sizeof *rows);
	uint64_t at = words_rows_at(h);
	struct str counts = str_of(bytes, h->rows_bytes);
	bool ok = read_at(w->fd, bytes, h->rows_bytes, at) &&
		  hash64(counts, at) == h->rows_checksum &&
		  read_block_rows(counts, n, h->n_rows, rows);
	(void)arena_block(w->arena, bytes, 0); /* freed: there is no result, as below */
	if (ok)
		w->block_rows = rows;
	else
		(void)arena_block(w->arena, rows, 0);
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
	struct row_sizes *sizes = arena_block(w->arena, NULL, sizeof *sizes + n);
	char *bytes = (char *)(sizes + 1);
	uint64_t at = words_sizes_at(h);
	if (!read_at(w->fd, bytes, n, at) || hash64(str_of(bytes, n), at) != h->sizes_checksum ||
		!row_sizes_take(sizes, bytes, h->n_rows)) {
		(void)arena_block(w->arena, sizes, 0); /* freed: there is no result */
		return ERR_UNSAFE;
	}
	w->sizes = sizes;
	return ERR_OK;
}

static void set_rows(uint64_t *rows, uint32_t from, uint32_t end)
{
	for (; from < end; from++)
		rows[from / 64] |= UINT64_C(1) << from % 64;
}

/* From bits of blocks to bits of their rows. */
static enum err spread_blocks(struct words *w, const uint64_t *blocks, uint64_t *rows)
{
	const uint32_t *first;
	enum err e = ERR_OK;
	bool is_known = false;
	for (uint32_t i = 0; !e && i < words_n_blocks(w); i++) {
		if (!(blocks[i / 64] >> i % 64 & 1))
			continue;
		if (!is_known)
			e = words_block_rows(w, &first);
		is_known = true;
		if (!e)
			set_rows(rows, first[i], first[i + 1]);
	}
	return e;
}

/* ---- Finding ---- */

/* Looking for words of one page after the other. */
struct finding {
	struct words *words;
	struct text_needle needle;
	bool is_start;
	struct postings_ask ask;
};

static uint32_t count_words(struct str words)
{
	uint32_t n = 0;
	for (size_t i = 0; i < words.len; i++)
		n += words.ptr[i] == '\n';
	return n;
}

static enum err find_in_postings(struct finding *f, struct str one)
{
	struct postings_of of = words_of(f->words);
	if (!of.sizes && postings_need_sizes(one, &of)) {
		enum err e = words_load_sizes(f->words);
		if (e)
			return e;
		of = words_of(f->words);
	}
	return postings_find(one, &of, &f->words->scratch, &f->ask) ? ERR_OK : ERR_UNSAFE;
}

static enum err find_in_page(struct finding *f, uint32_t page)
{
	struct str words, postings = STR_NULL, one;
	size_t from = 0, counted = 1;
	uint32_t number = 0, next = 0; /* of the word; of the first whose postings are left */
	const struct postings_of of = words_of(f->words);
	enum err e = words_load(f->words, page, &words);
	if (!e && words.ptr[0] != '\n')
		e = ERR_UNSAFE;
	while (!e && (from = text_find(&f->needle, words, from)) < words.len) {
		size_t in_word = from + f->is_start;
		number += count_words(str_of(words.ptr + counted, in_word - counted));
		if (str_is_null(postings))
			e = words_load_postings(f->words, page, &postings);
		for (; !e && next <= number; next++)
			if (!postings_skip(&postings, &of, &one))
				e = ERR_UNSAFE;
		if (!e)
			e = find_in_postings(f, one);
		/* On to the next word. */
		counted = in_word;
		from = in_word + str_index(str_skip(words, in_word), '\n');
	}
	return e;
}

/* How a page's first word compares with the beginning of a text, as far as the page says. */
static int compare_key(const struct words_page *p, struct str text)
{
	char key[WORDS_KEY_BYTES] = { 0 };
	memcpy(key, text.ptr, text.len < sizeof key ? text.len : sizeof key);
	return memcmp(p->key, key, sizeof key);
}

struct page_range {
	uint32_t from, to;
};

/* Of these pages, those that can hold words that begin with the text. */
static struct page_range find_pages(const struct words *w, struct str text, struct page_range in)
{
	uint32_t from = in.from, to = in.to;
	size_t n = text.len < WORDS_KEY_BYTES ? text.len : WORDS_KEY_BYTES;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (compare_key(&w->pages[middle], text) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	while (to < in.to && memcmp(w->pages[to].key, text.ptr, n) == 0)
		to++;
	/* The first word of the one before is smaller. */
	return (struct page_range){ from > in.from ? from - 1 : in.from, to };
}

static enum err find_in_pages(
	struct finding *f, const struct words_part *part, struct page_range pages)
{
	enum err e = ERR_OK;
	if (part->is_start)
		pages = find_pages(f->words, part->text, pages);
	for (uint32_t i = pages.from; !e && i < pages.to; i++)
		e = find_in_page(f, i);
	return e;
}

static enum err find_words(
	struct words *w, const struct words_part *part, const struct postings_ask *ask)
{
	char pattern[WORD_MAX_BYTES + 2];
	size_t n = 0;
	const struct words_header *h = &w->header;
	const struct page_range plain = { 0, h->n_plain_pages };
	const struct page_range hex = { h->n_plain_pages, h->n_pages };
	bool is_hex = words_is_hex(part->text), is_whole = part->is_start && part->is_end;
	if (part->is_start)
		pattern[n++] = '\n';
	memcpy(pattern + n, part->text.ptr, part->text.len);
	n += part->text.len;
	if (part->is_end)
		pattern[n++] = '\n';
	struct finding f = { .words = w, .is_start = part->is_start, .ask = *ask };
	text_needle_init(&f.needle, str_of(pattern, n));
	enum err e = is_hex && is_whole ? ERR_OK : find_in_pages(&f, part, plain);
	return e || !is_hex ? e : find_in_pages(&f, part, hex);
}

static size_t n_of_64(uint32_t n)
{
	return ((size_t)n + 63) / 64;
}

static uint64_t *make_blocks(struct words *w)
{
	size_t n = n_of_64(words_n_blocks(w)) * sizeof(uint64_t);
	uint64_t *blocks = arena_block(w->arena, NULL, n + sizeof *blocks);
	memset(blocks, 0, n);
	return blocks;
}

static enum err find_whole(struct words *w, struct str text, const struct postings_ask *ask)
{
	const struct words_part part = { text, true, true };
	return find_words(w, &part, ask);
}

enum err words_find_special(struct words *w, struct str which, uint64_t *ret_rows)
{
	uint64_t *blocks = make_blocks(w);
	const struct postings_ask ask = { WORDS_IN_ANY, 0, blocks, ret_rows, ret_rows };
	enum err e = find_whole(w, which, &ask);
	if (!e)
		e = spread_blocks(w, blocks, ret_rows);
	(void)arena_block(w->arena, blocks, 0); /* freed: there is no result */
	return e;
}

enum err words_find_joined(struct words *w, struct str word, uint64_t *ret_rows)
{
	char text[WORD_MAX_BYTES] = { WORDS_JOINED_PREFIX };
	enum err e = words_find_special(w, WORDS_JOINED, ret_rows);
	if (!e)
		e = words_find_special(w, WORDS_ANY, ret_rows); /* what is left out may be that */
	if (e || word.len >= sizeof text)
		return e;
	memcpy(text + 1, word.ptr, word.len);
	return words_find_special(w, str_of(text, word.len + 1), ret_rows);
}

enum err words_find(struct words *w, const struct words_part *part, unsigned may_in,
	unsigned sure_in, const struct words_rows *ret)
{
	uint64_t *blocks = make_blocks(w);
	const struct postings_ask ask = { may_in, sure_in, blocks, ret->may, ret->sure },
				  special = { may_in, 0, blocks, ret->may, ret->may };
	bool may_be_long = part->text.len > WORD_MAX_BYTES || !(part->is_start && part->is_end);
	enum err e = find_whole(w, WORDS_ANY, &special);
	if (!e && may_be_long && word_is_letters(part->text))
		e = find_whole(w, WORDS_LONG, &special);
	if (!e && part->text.len <= WORD_MAX_BYTES)
		e = find_words(w, part, &ask);
	if (!e)
		e = spread_blocks(w, blocks, ret->may);
	(void)arena_block(w->arena, blocks, 0); /* freed: there is no result */
	return e;
}
