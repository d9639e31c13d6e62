#include "store/row_sizes.h"

#include "base/cpu.h"
#include "store/subset.h"
#include "store/words_postings.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { WORD = 64 };

static size_t n_of_64(uint32_t n)
{
	return ((size_t)n + WORD - 1) / WORD;
}

unsigned row_size_of(uint32_t n_words)
{
	enum { SMALL_BITS = 5 };
	unsigned size = 32 - (unsigned)__builtin_clz(n_words >> SMALL_BITS << 1 | 1) - 1;
	return size < ROW_SIZES ? size : ROW_SIZES - 1;
}

/* ---- Making ---- */

void row_sizes_make(struct row_sizes *s, struct arena *a, const uint8_t *sizes, uint32_t n_rows)
{
	size_t n = n_of_64(n_rows), bytes = ROW_SIZE_BITS * n * sizeof(uint64_t);
	uint64_t *planes = arena_block(a, NULL, bytes + 1);
	memset(planes, 0, bytes);
	*s = (struct row_sizes){ .n_rows = n_rows, .planes = planes };
	s->numbers = arena_block(a, NULL, n_rows * sizeof *s->numbers + 1);
	for (uint32_t i = 0; i < n_rows; i++) {
		s->numbers[i] = s->n_of[sizes[i]]++ << ROW_SIZE_BITS | sizes[i];
		for (unsigned k = 0; k < ROW_SIZE_BITS; k++)
			planes[k * n + i / WORD] |= (uint64_t)(sizes[i] >> k & 1) << i % WORD;
	}
}

void row_sizes_release(struct row_sizes *s, struct arena *a)
{
	/* Freed: there is no result. */
	if (s->planes)
		(void)arena_block(a, (void *)(uintptr_t)s->planes, 0);
	if (s->numbers)
		(void)arena_block(a, s->numbers, 0);
	*s = (struct row_sizes){ .n_rows = 0 };
}

/* ---- In a file ---- */

size_t row_sizes_bytes(uint32_t n_rows)
{
	return ROW_SIZES * sizeof(uint32_t) + ROW_SIZE_BITS * n_of_64(n_rows) * sizeof(uint64_t);
}

void row_sizes_put(const struct row_sizes *s, struct buf *out)
{
	size_t planes = ROW_SIZE_BITS * n_of_64(s->n_rows) * sizeof(uint64_t);
	buf_add(out, str_of((const char *)s->n_of, sizeof s->n_of));
	buf_add(out, str_of((const char *)s->planes, planes));
}

bool row_sizes_take(struct row_sizes *s, const void *bytes, uint32_t n_rows)
{
	uint64_t sum = 0;
	*s = (struct row_sizes){ .n_rows = n_rows };
	memcpy(s->n_of, bytes, sizeof s->n_of);
	s->planes = (const uint64_t *)(const void *)((const char *)bytes + sizeof s->n_of);
	for (unsigned i = 0; i < ROW_SIZES; i++)
		sum += s->n_of[i];
	return sum == n_rows;
}

void row_sizes_each(const struct row_sizes *s, uint8_t *ret)
{
	size_t n = n_of_64(s->n_rows);
	for (uint32_t i = 0; i < s->n_rows; i++) {
		ret[i] = 0;
		for (unsigned k = 0; k < ROW_SIZE_BITS; k++)
			ret[i] |= (uint8_t)((s->planes[k * n + i / WORD] >> i % WORD & 1) << k);
	}
}

/* The rows of one size, as bits. */
static void find_rows(const struct row_sizes *s, unsigned size, uint64_t *ret)
{
	size_t n = n_of_64(s->n_rows);
	for (size_t w = 0; w < n; w++)
		ret[w] = UINT64_MAX;
	for (unsigned k = 0; k < ROW_SIZE_BITS; k++) {
		const uint64_t *plane = s->planes + k * n, other = (size >> k & 1) - UINT64_C(1);
		for (size_t w = 0; w < n; w++)
			ret[w] &= plane[w] ^ other;
	}
	if (s->n_rows % WORD)
		ret[n - 1] &= (UINT64_C(1) << s->n_rows % WORD) - 1;
}

/* ---- Lists ---- */

void row_list_put(struct buf *out, const struct row_sizes *s, const uint32_t *rows, uint32_t n,
	uint32_t *room)
{
	uint32_t n_of[ROW_SIZES] = { 0 }, end[ROW_SIZES], sum = 0;
	const uint32_t mask = ROW_SIZES - 1;
	for (uint32_t i = 0; i < n; i++)
		n_of[s->numbers[rows[i]] & mask]++;
	for (unsigned k = 0; k < ROW_SIZES; k++) {
		end[k] = sum;
		sum += n_of[k];
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t number = s->numbers[rows[i]];
		room[end[number & mask]++] = number >> ROW_SIZE_BITS;
	}
	for (unsigned k = 0; k < ROW_SIZES; k++) {
		if (s->n_of[k] == 0)
			continue;
		number_put(out, n_of[k]);
		subset_put(out, room + (end[k] - n_of[k]), n_of[k], s->n_of[k]);
	}
}

size_t row_list_room(uint32_t n_rows)
{
	return 2 * n_of_64(n_rows) + 2; /* one more each, as two words are looked at */
}

/* 64 bits, counted from `at` on. */
static inline uint64_t bits_at(const uint64_t *from, uint32_t at)
{
	unsigned low = at % WORD;
	return from[at / WORD] >> low | from[at / WORD + 1] << (WORD - 1 - low) << 1;
}

#define SPREAD_ALL(from, rows, n_words, n_rows, COUNT, SPREAD, ret) \
	do { \
		uint32_t at_ = 0; \
		for (size_t w_ = 0; w_ < (n_words); w_++) { \
			uint64_t rows_ = (rows)[w_]; \
			uint32_t some_ = COUNT(rows_); \
			if (some_ > (n_rows)-at_) \
				return false; \
			(ret)[w_] |= SPREAD(bits_at(from, at_), rows_); \
			at_ += some_; \
		} \
		return at_ == (n_rows); \
	} while (0)

static inline uint32_t count_plain(uint64_t v)
{
	return (uint32_t)__builtin_popcountll(v);
}

static inline uint64_t spread_plain(uint64_t bits, uint64_t rows)
{
	uint64_t ret = 0;
	for (; rows; rows &= rows - 1, bits >>= 1)
		ret |= rows & -rows & -(bits & 1);
	return ret;
}

bool row_spread_plain(
	const uint64_t *from, const uint64_t *rows, size_t n_words, uint32_t n_rows, uint64_t *ret)
{
	SPREAD_ALL(from, rows, n_words, n_rows, count_plain, spread_plain, ret);
}

#ifdef __x86_64__
__attribute__((target("bmi2,popcnt"))) bool row_spread_bmi2(
	const uint64_t *from, const uint64_t *rows, size_t n_words, uint32_t n_rows, uint64_t *ret)
{
#define COUNT(v) ((uint32_t)_mm_popcnt_u64(v))
	SPREAD_ALL(from, rows, n_words, n_rows, COUNT, _pdep_u64, ret);
#undef COUNT
}
#endif

static bool spread(
	const uint64_t *from, const uint64_t *rows, size_t n_words, uint32_t n_rows, uint64_t *ret)
{
#ifdef __x86_64__
	if (cpu_has_bmi2())
		return row_spread_bmi2(from, rows, n_words, n_rows, ret);
#endif
	return row_spread_plain(from, rows, n_words, n_rows, ret);
}

bool row_list_take(
	struct str *list, uint32_t n_list, const struct row_sizes *s, uint64_t *room, uint64_t *ret)
{
	uint64_t some, left = n_list, *rows = room + n_of_64(s->n_rows) + 1;
	size_t n = n_of_64(s->n_rows);
	for (unsigned k = 0; k < ROW_SIZES; k++) {
		uint32_t of = s->n_of[k];
		if (of == 0)
			continue;
		if (!number_take(list, &some) || some > of || some > left)
			return false;
		left -= some;
		if (some == 0)
			continue;
		memset(room, 0, (n_of_64(of) + 1) * sizeof *room);
		find_rows(s, k, rows);
		if (!subset_take_bits(list, (uint32_t)some, of, room) ||
			!spread(room, rows, n, of, ret))
			return false;
	}
	return left == 0;
}
