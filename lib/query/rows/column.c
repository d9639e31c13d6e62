#include "query/rows/column.h"

#include <string.h>

/* ---- Values ---- */

static void read_packed(const struct column *c, uint32_t place, uint32_t n, int64_t *ret)
{
	if (c->width == 0) {
		for (uint32_t i = 0; i < n; i++)
			ret[i] = c->base;
		return;
	}
	bits_unpack((const char *)c->values + (size_t)place * c->width, c->width, n, c->base,
		c->scale, ret);
}

/* Reads zone by zone, so that the values that are there fit next to the result. */
static void column_read_some(
	const struct column *c, uint32_t first, uint32_t n, int64_t absent, int64_t *ret)
{
	int64_t packed[INDEX_RANK_ROWS];
	const uint64_t *present = c->present + first / BITS;
	uint32_t place = column_rank(c, first / BITS);
	for (uint32_t at = 0; at < n; at += INDEX_RANK_ROWS) {
		uint32_t rows = n - at < INDEX_RANK_ROWS ? n - at : INDEX_RANK_ROWS, i = 0;
		uint32_t n_here = (uint32_t)bits_count(present + at / BITS, bits_words(rows));
		read_packed(c, place, n_here, n_here == rows ? ret + at : packed);
		place += n_here;
		if (n_here == rows)
			continue;
		for (uint32_t k = 0; k < rows; k++)
			ret[at + k] = absent;
		for (size_t w = 0; w < bits_words(rows); w++)
			for (uint64_t in = present[at / BITS + w]; in; in &= in - 1)
				ret[at + bits_row(w, in)] = packed[i++];
	}
}

static void add_relative(const struct column *c, uint32_t first, uint32_t n, int64_t *ret)
{
	enum { CHUNK = 256 };
	int64_t other[CHUNK];
	for (uint32_t at = 0; at < n; at += CHUNK) {
		uint32_t rows = n - at < CHUNK ? n - at : CHUNK;
		read_packed(c->relative, first + at, rows, other);
		for (uint32_t i = 0; i < rows; i++)
			if (!c->present || bits_has(c->present, first + at + i))
				ret[at + i] = (int64_t)((uint64_t)ret[at + i] + (uint64_t)other[i]);
	}
}

void column_read(const struct column *c, uint32_t first, uint32_t n, int64_t absent, int64_t *ret)
{
	if (c->n_present == 0) {
		for (uint32_t i = 0; i < n; i++)
			ret[i] = absent;
		return;
	}
	if (c->present)
		column_read_some(c, first, n, absent, ret);
	else
		read_packed(c, first, n, ret);
	if (c->relative)
		add_relative(c, first, n, ret);
}

void column_present(const struct column *c, uint32_t first, uint32_t n, uint64_t *ret)
{
	for (size_t w = 0; w < bits_words(n); w++) {
		uint64_t rows = bits_of_word(n, w);
		ret[w] = c->n_present == 0 ? 0
			 : c->present      ? c->present[first / BITS + w] & rows
					   : rows;
	}
}

/* ---- Tests ---- */

void column_stored_range(
	const struct column *c, int64_t low, int64_t high, uint64_t *ret_low, uint64_t *ret_high)
{
	uint64_t base = (uint64_t)c->base, scale = (uint64_t)c->scale;
	if (c->base <= c->min) {
		low = low > c->min ? low : c->min;
		high = high < c->max ? high : c->max;
	}
	if (low > high) {
		*ret_low = 1;
		*ret_high = 0;
		return;
	}
	uint64_t from = (uint64_t)low - base;
	*ret_low = from / scale + (from % scale != 0);
	*ret_high = ((uint64_t)high - base) / scale;
}

/* Matches n values from a place on. */
static void match_packed(const struct column *c, uint32_t place, uint32_t n,
	const struct column_test *tests, size_t n_tests, uint64_t *ret)
{
	const char *values = (const char *)c->values + (size_t)place * c->width;
	size_t n_words = bits_words(n);
	uint64_t one[ZONE_WORDS];
	memset(ret, 0, n_words * sizeof *ret);
	for (size_t i = 0; i < n_tests; i++) {
		const struct column_test *t = &tests[i];
		uint64_t *out = i ? one : ret;
		if (c->width == 0) {
			bool all = t->codes ? t->codes[0] & 1 : t->stored_low == 0;
			memset(out, all ? 0xff : 0, n_words * sizeof *out);
		} else if (t->codes) {
			bits_member(values, c->width, n, t->codes, out);
		} else {
			bits_range(values, c->width, n, t->stored_low, t->stored_high, out);
		}
		for (size_t w = 0; i && w < n_words; w++)
			ret[w] |= one[w];
	}
}

void column_match(const struct column *c, uint32_t first, uint32_t n,
	const struct column_test *tests, size_t n_tests, uint64_t *ret)
{
	uint64_t packed[ZONE_WORDS];
	size_t n_words = bits_words(n);
	if (c->n_present == 0 || n_tests == 0) {
		memset(ret, 0, n_words * sizeof *ret);
		return;
	}
	if (!c->present) {
		match_packed(c, first, n, tests, n_tests, ret);
		ret[n_words - 1] &= bits_of_word(n, n_words - 1);
		return;
	}
	const uint64_t *present = c->present + first / BITS;
	uint32_t n_here = (uint32_t)bits_count(present, n_words);
	match_packed(c, column_rank(c, first / BITS), n_here, tests, n_tests, packed);
	bits_spread(packed, present, n_words, ret);
}
