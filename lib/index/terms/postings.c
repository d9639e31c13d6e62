#include "index/terms/postings.h"

#include "base/bitmap.h"

/* ---- Numbers ---- */

enum { NUMBER_BYTES_MAX = 10, ONE_FIELDS_SHIFT = 1, ONE_ROW_SHIFT = 5 };

static void postings_put_number(struct buf *out, uint64_t v)
{
	char *to = buf_room(out, NUMBER_BYTES_MAX);
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		to[n++] = (char)(v | 0x80);
	to[n++] = (char)v;
	out->len += n;
}

static bool postings_take_number(struct str *s, uint64_t *ret)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s->len && i < NUMBER_BYTES_MAX - 1; i++) {
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

static bool postings_take_byte(struct str *s, unsigned *ret)
{
	if (s->len == 0)
		return false;
	*ret = (unsigned char)s->ptr[0];
	*s = str_skip(*s, 1);
	return true;
}

/* ---- Growing ---- */

void postings_buf_init(struct postings_buf *b, struct arena *a)
{
	for (size_t i = 0; i < POSTINGS_LISTS; i++)
		buf_init(&b->rows[i], a);
	b->n_texts = 0;
}

void postings_buf_release(struct postings_buf *b)
{
	for (size_t i = 0; i < POSTINGS_LISTS; i++)
		buf_release(&b->rows[i]);
}

void postings_buf_reset(struct postings_buf *b)
{
	for (size_t i = 0; i < POSTINGS_LISTS; i++)
		buf_reset(&b->rows[i]);
	b->n_texts = 0;
}

struct postings postings_buf_view(const struct postings_buf *b)
{
	struct postings p = { .n_texts = b->n_texts };
	for (size_t i = 0; i < POSTINGS_LISTS; i++) {
		p.rows[i] = (const void *)b->rows[i].ptr;
		p.n[i] = (uint32_t)(b->rows[i].len / sizeof(uint32_t));
	}
	return p;
}

/* ---- Writing ---- */

/* Bits that wait until they fill a byte. */
struct bit_writer {
	struct buf *out;
	uint64_t bits;
	unsigned n;
};

/* n is at most 32. */
static void bits_put(struct bit_writer *w, uint64_t v, unsigned n)
{
	w->bits |= v << w->n;
	for (w->n += n; w->n >= 8; w->n -= 8, w->bits >>= 8)
		buf_add_char(w->out, (char)w->bits);
}

static void bits_end(struct bit_writer *w)
{
	if (w->n)
		buf_add_char(w->out, (char)w->bits);
}

static void rice_put(struct bit_writer *w, uint32_t gap, unsigned parameter)
{
	enum { SOME = 32 };
	uint32_t zeros = gap >> parameter;
	for (; zeros >= SOME; zeros -= SOME)
		bits_put(w, 0, SOME);
	bits_put(w, UINT64_C(1) << zeros, zeros + 1);
	bits_put(w, gap & ((UINT32_C(1) << parameter) - 1), parameter);
}

/* The parameter that makes codes short: the logarithm of the average gap. */
static unsigned rice_parameter(uint64_t gaps, uint32_t n)
{
	unsigned parameter = 0;
	while (parameter < POSTINGS_RICE_MAX && (uint64_t)n << (parameter + 1) <= gaps)
		parameter++;
	return parameter;
}

static uint64_t rice_bits(const uint32_t *rows, uint32_t n, unsigned parameter)
{
	uint64_t bits = 0;
	for (uint32_t i = 1; i < n; i++)
		bits += ((rows[i] - rows[i - 1] - 1) >> parameter) + 1 + parameter;
	return bits;
}

static void block_put_bitmap(struct buf *out, const uint32_t *rows, uint32_t n)
{
	size_t n_bytes = (rows[n - 1] - rows[0] + 7) / 8;
	postings_put_number(out, rows[n - 1] - rows[0]);
	char *to = buf_reserve(out, n_bytes);
	memset(to, 0, n_bytes);
	for (uint32_t i = 1; i < n; i++) {
		uint32_t bit = rows[i] - rows[0] - 1;
		to[bit / 8] = (char)(to[bit / 8] | 1 << bit % 8);
	}
	out->len += n_bytes;
}

/* next: the row after the block before. */
static void block_put(struct buf *out, const uint32_t *rows, uint32_t n, uint32_t next)
{
	uint32_t between = rows[n - 1] - rows[0];
	unsigned parameter = rice_parameter(between + 1 - n, n - 1);
	bool is_run = between == n - 1;
	/* A bitmap is read several times as fast. */
	bool is_bitmap = between <= rice_bits(rows, n, parameter) * 5 / 4;
	buf_add_char(out, (char)(is_run ? POSTINGS_RUN : is_bitmap ? POSTINGS_BITMAP : parameter));
	postings_put_number(out, rows[0] - next);
	if (is_run)
		return;
	if (is_bitmap) {
		block_put_bitmap(out, rows, n);
		return;
	}
	struct bit_writer w = { .out = out };
	for (uint32_t i = 1; i < n; i++)
		rice_put(&w, rows[i] - rows[i - 1] - 1, parameter);
	bits_end(&w);
}

static uint32_t block_length(uint32_t n_left)
{
	return n_left < POSTINGS_BLOCK ? n_left : POSTINGS_BLOCK;
}

static void blocks_put(struct buf *out, const uint32_t *rows, uint32_t n)
{
	uint32_t next = 0, length;
	for (uint32_t i = 0; i < n; i += length) {
		length = block_length(n - i);
		block_put(out, rows + i, length, next);
		next = rows[i + length - 1] + 1;
	}
}

static bool postings_has_several(unsigned lists)
{
	return (lists & (lists - 1)) != 0;
}

static void lists_put(struct buf *out, const struct postings *p, unsigned lists)
{
	struct buf blocks;
	buf_init(&blocks, out->arena);
	buf_add_char(out, (char)lists);
	if (postings_has_several(lists & TERM_IN_TEXTS))
		postings_put_number(out, p->n_texts);
	for (unsigned i = 0; lists >> i; i++) {
		if (!(lists >> i & 1))
			continue;
		buf_reset(&blocks);
		blocks_put(&blocks, p->rows[i], p->n[i]);
		postings_put_number(out, p->n[i]);
		if (lists >> i > 1)
			postings_put_number(out, blocks.len);
		buf_add(out, buf_str(&blocks));
	}
	buf_release(&blocks);
}

/* True if all lists have one row, the same one. */
static bool is_in_one_row(const struct postings *p, unsigned lists)
{
	uint32_t row = p->rows[__builtin_ctz(lists)][0];
	for (unsigned i = 0; i < POSTINGS_LISTS; i++)
		if (p->n[i] > 1 || (p->n[i] && p->rows[i][0] != row))
			return false;
	return true;
}

void postings_put(struct buf *out, const struct postings *p)
{
	unsigned lists = 0;
	for (unsigned i = 0; i < POSTINGS_LISTS; i++)
		lists |= (unsigned)(p->n[i] > 0) << i;
	if (is_in_one_row(p, lists)) {
		uint64_t row = p->rows[__builtin_ctz(lists)][0];
		postings_put_number(out, row << ONE_ROW_SHIFT | lists << ONE_FIELDS_SHIFT | 1);
		return;
	}
	struct buf coded;
	buf_init(&coded, out->arena);
	lists_put(&coded, p, lists);
	postings_put_number(out, (uint64_t)coded.len << 1);
	buf_add(out, buf_str(&coded));
	buf_release(&coded);
}

/* ---- Reading ---- */

bool postings_skip(struct str *postings, struct str *ret_one)
{
	struct str left = *postings;
	uint64_t v;
	if (!postings_take_number(&left, &v) || (!(v & 1) && v >> 1 > left.len))
		return false;
	left = str_skip(left, v & 1 ? 0 : (size_t)(v >> 1));
	*ret_one = str_first(*postings, postings->len - left.len);
	*postings = left;
	return true;
}

static uint64_t bits_at(struct str s, size_t at)
{
	uint64_t v;
	memcpy(&v, s.ptr + at / 8, sizeof v);
	return v >> at % 8;
}

/* Sets rows[1 … n - 1], which follow rows[0]. */
static bool rice_take(
	struct str *s, unsigned parameter, uint32_t n, uint32_t n_rows, uint32_t *rows)
{
	size_t at = 0, end = s->len * 8;
	uint64_t row = rows[0], mask = (UINT64_C(1) << parameter) - 1;
	for (uint32_t i = 1; i < n; i++) {
		uint64_t zeros = 0, bits;
		for (; (bits = bits_at(*s, at)) == 0; at += 64 - at % 8) {
			zeros += 64 - at % 8;
			if (at + (64 - at % 8) >= end)
				return false;
		}
		unsigned more = (unsigned)__builtin_ctzll(bits);
		zeros += more;
		at += more + 1;
		if (at + parameter > end)
			return false;
		row += 1 + (zeros << parameter | (bits_at(*s, at) & mask));
		if (row >= n_rows)
			return false;
		at += parameter;
		rows[i] = (uint32_t)row;
	}
	*s = str_skip(*s, (at + 7) / 8);
	return true;
}

/* Eight bytes of the bitmap from byte i on, zeros after its end. */
static uint64_t bitmap_word(struct str bitmap, size_t i)
{
	uint64_t v;
	memcpy(&v, bitmap.ptr + i, sizeof v);
	return bitmap.len - i < sizeof v ? v & ((UINT64_C(1) << 8 * (bitmap.len - i)) - 1) : v;
}

/* Takes the bits of the rows after the first one. */
static bool bitmap_take(struct str *s, uint32_t first, uint32_t n, uint32_t n_rows, struct str *ret,
	uint32_t *ret_last)
{
	uint64_t between, n_set = 0, last = 0;
	if (!postings_take_number(s, &between) || between >= n_rows - first ||
		(between + 7) / 8 > s->len)
		return false;
	*ret = str_first(*s, (size_t)((between + 7) / 8));
	*s = str_skip(*s, ret->len);
	*ret_last = first + (uint32_t)between;
	for (size_t i = 0; i < ret->len; i += sizeof last) {
		last = bitmap_word(*ret, i);
		n_set += (unsigned)__builtin_popcountll(last);
	}
	return n_set == n - 1 && between && last >> (between - 1) % 64 == 1;
}

static void rows_add(struct buf *out, const uint32_t *rows, uint32_t n)
{
	buf_add(out, str_of((const char *)rows, n * sizeof *rows));
}

/* Where decoded rows go: an array, or bits. */
struct rows_sink {
	struct buf *array; /* NULL: bits */
	uint64_t *bits;
};

static void sink_rows(const struct rows_sink *to, const uint32_t *rows, uint32_t n)
{
	if (to->array)
		rows_add(to->array, rows, n);
	for (uint32_t i = 0; !to->array && i < n; i++)
		bits_set(to->bits, rows[i]);
}

static void sink_range(const struct rows_sink *to, uint32_t from, uint32_t end)
{
	if (!to->array)
		bits_fill(to->bits, from, end);
	for (; to->array && from < end; from++)
		rows_add(to->array, &from, 1);
}

static void sink_bitmap(const struct rows_sink *to, uint32_t first, struct str bitmap)
{
	for (size_t i = 0; i < bitmap.len; i += sizeof(uint64_t)) {
		uint32_t at = first + (uint32_t)(i * 8);
		uint64_t v = bitmap_word(bitmap, i), over = at % 64 ? v >> (64 - at % 64) : 0;
		for (; to->array && v; v &= v - 1) {
			uint32_t row = at + (uint32_t)__builtin_ctzll(v);
			rows_add(to->array, &row, 1);
		}
		if (to->array)
			continue;
		to->bits[at / 64] |= v << at % 64;
		if (over)
			to->bits[at / 64 + 1] |= over;
	}
}

/* *next: the row after the block before, and then after this one. */
static bool block_take(
	struct str *s, uint32_t n, uint32_t n_rows, uint32_t *next, const struct rows_sink *to)
{
	uint32_t rows[POSTINGS_BLOCK], last;
	unsigned how;
	uint64_t gap;
	struct str bitmap;
	if (!postings_take_byte(s, &how) || !postings_take_number(s, &gap) || gap >= n_rows - *next)
		return false;
	rows[0] = *next + (uint32_t)gap;
	if (how == POSTINGS_RUN) {
		if (n > n_rows - rows[0])
			return false;
		sink_range(to, rows[0], rows[0] + n);
		*next = rows[0] + n;
		return true;
	}
	if (how == POSTINGS_BITMAP) {
		if (!bitmap_take(s, rows[0], n, n_rows, &bitmap, &last))
			return false;
		sink_rows(to, rows, 1);
		sink_bitmap(to, rows[0] + 1, bitmap);
		*next = last + 1;
		return true;
	}
	if (how > POSTINGS_RICE_MAX || !rice_take(s, how, n, n_rows, rows))
		return false;
	sink_rows(to, rows, n);
	*next = rows[n - 1] + 1;
	return true;
}

static bool blocks_take(struct str s, uint32_t n, uint32_t n_rows, const struct rows_sink *to)
{
	uint32_t next = 0, length;
	for (; n; n -= length) {
		length = block_length(n);
		if (!block_take(&s, length, n_rows, &next, to))
			return false;
	}
	return s.len == 0;
}

/* The postings of a term, taken apart. */
struct parts {
	unsigned lists;
	bool is_one_row;
	uint32_t row, n_texts;
	uint32_t n[POSTINGS_LISTS];
	struct str blocks[POSTINGS_LISTS];
};

static bool is_count(uint64_t n, uint32_t n_rows)
{
	return n && n <= n_rows;
}

static bool parts_take_list(struct str *one, uint32_t n_rows, unsigned i, struct parts *p)
{
	uint64_t n, n_bytes = one->len;
	bool is_last = p->lists >> i == 1;
	if (!postings_take_number(one, &n) || !is_count(n, n_rows))
		return false;
	n_bytes = one->len;
	if ((!is_last && !postings_take_number(one, &n_bytes)) || n_bytes > one->len)
		return false;
	p->n[i] = (uint32_t)n;
	p->blocks[i] = str_first(*one, (size_t)n_bytes);
	*one = str_skip(*one, (size_t)n_bytes);
	return true;
}

static bool parts_take(struct str one, uint32_t n_rows, struct parts *p)
{
	uint64_t v, n_texts = 0;
	*p = (struct parts){ .lists = 0 };
	if (!postings_take_number(&one, &v))
		return false;
	if (v & 1) {
		p->is_one_row = true;
		p->lists = v >> ONE_FIELDS_SHIFT & TERM_IN_ANY;
		p->row = (uint32_t)(v >> ONE_ROW_SHIFT);
		p->n_texts = (p->lists & TERM_IN_TEXTS) != 0;
		return p->lists && v >> ONE_ROW_SHIFT < n_rows && one.len == 0;
	}
	if (v >> 1 != one.len || !postings_take_byte(&one, &p->lists) || p->lists == 0 ||
		p->lists > TERM_IN_ANY)
		return false;
	bool says_texts = postings_has_several(p->lists & TERM_IN_TEXTS);
	if (says_texts && (!postings_take_number(&one, &n_texts) || !is_count(n_texts, n_rows)))
		return false;
	for (unsigned i = 0; p->lists >> i; i++) {
		if (!(p->lists >> i & 1))
			continue;
		if (!parts_take_list(&one, n_rows, i, p))
			return false;
		if (!says_texts && (TERM_IN_TEXTS >> i & 1))
			n_texts = p->n[i];
	}
	p->n_texts = (uint32_t)n_texts;
	return one.len == 0;
}

bool postings_read(struct str one, uint32_t n_rows, struct postings_buf *ret)
{
	struct parts p;
	if (!parts_take(one, n_rows, &p))
		return false;
	ret->n_texts += p.n_texts;
	for (unsigned i = 0; p.lists >> i; i++) {
		const struct rows_sink to = { .array = &ret->rows[i] };
		if (!(p.lists >> i & 1))
			continue;
		if (p.is_one_row)
			sink_rows(&to, &p.row, 1);
		else if (!blocks_take(p.blocks[i], p.n[i], n_rows, &to))
			return false;
	}
	return true;
}

bool postings_find(struct str one, uint32_t n_rows, unsigned fields, uint64_t *rows)
{
	const struct rows_sink to = { .bits = rows };
	struct parts p;
	if (!parts_take(one, n_rows, &p))
		return false;
	if (p.is_one_row && (p.lists & fields))
		sink_rows(&to, &p.row, 1);
	for (unsigned i = 0; !p.is_one_row && p.lists >> i; i++)
		if ((p.lists & fields) >> i & 1 && !blocks_take(p.blocks[i], p.n[i], n_rows, &to))
			return false;
	return true;
}

bool postings_count(struct str one, uint32_t n_rows, unsigned fields, uint32_t *ret)
{
	struct parts p;
	if (!parts_take(one, n_rows, &p))
		return false;
	unsigned asked = p.lists & fields;
	if (p.is_one_row || asked == 0)
		*ret = asked != 0;
	else if (asked == (p.lists & TERM_IN_TEXTS))
		*ret = p.n_texts;
	else if (!postings_has_several(asked))
		*ret = p.n[__builtin_ctz(asked)];
	else
		return false;
	return true;
}
