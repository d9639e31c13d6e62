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

/* Two words are looked at where one would do. */
static size_t room_of(uint32_t n)
{
	return n_of_64(n) + 1;
}

size_t row_list_room(uint32_t n_rows)
{
	return n_of_64(n_rows) + 2 * (size_t)ROW_SIZES;
}

/* 64 bits, counted from `at` on. */
static inline uint64_t bits_at(const uint64_t *from, uint32_t at)
{
	unsigned low = at % WORD;
	return from[at / WORD] >> low | from[at / WORD + 1] << (WORD - 1 - low) << 1;
}

#define SPREAD_ALL(l, s, COUNT, SPREAD, ret) \
	do { \
		const size_t n_words_ = n_of_64((s)->n_rows); \
		uint32_t at_[ROW_SIZES] = { 0 }; \
		for (size_t w_ = 0; w_ < n_words_; w_++) { \
			uint64_t out_ = 0; \
			for (unsigned i_ = 0; i_ < (l)->n; i_++) { \
				uint64_t rows_ = rows_of_size(s, (l)->size[i_], w_, n_words_); \
				uint32_t some_ = COUNT(rows_), first_ = at_[i_]; \
				if (some_ > (s)->n_of[(l)->size[i_]] - first_) \
					return false; \
				out_ |= SPREAD(bits_at((l)->bits[i_], first_), rows_); \
				at_[i_] = first_ + some_; \
			} \
			(ret)[w_] |= out_; \
		} \
		for (unsigned i_ = 0; i_ < (l)->n; i_++) \
			if (at_[i_] != (s)->n_of[(l)->size[i_]]) \
				return false; \
		return true; \
	} while (0)

/* The rows of one size, of a word of 64. */
static inline uint64_t rows_of_size(
	const struct row_sizes *s, unsigned size, size_t word, size_t n_words)
{
	uint64_t rows = UINT64_MAX;
	for (unsigned k = 0; k < ROW_SIZE_BITS; k++)
		rows &= s->planes[k * n_words + word] ^ ((size >> k & 1) - UINT64_C(1));
	if (word + 1 == n_words && s->n_rows % WORD)
		rows &= (UINT64_C(1) << s->n_rows % WORD) - 1;
	return rows;
}

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

bool row_spread_plain(const struct row_parts *l, const struct row_sizes *s, uint64_t *ret)
{
	SPREAD_ALL(l, s, count_plain, spread_plain, ret);
}

#ifdef __x86_64__
__attribute__((target("bmi2,popcnt"))) bool row_spread_bmi2(
	const struct row_parts *l, const struct row_sizes *s, uint64_t *ret)
{
#define COUNT(v) ((uint32_t)_mm_popcnt_u64(v))
	SPREAD_ALL(l, s, COUNT, _pdep_u64, ret);
#undef COUNT
}
#endif

static bool spread(const struct row_parts *l, const struct row_sizes *s, uint64_t *ret)
{
#ifdef __x86_64__
	if (cpu_has_bmi2())
		return row_spread_bmi2(l, s, ret);
#endif
	return row_spread_plain(l, s, ret);
}

bool row_list_take(
	struct str *list, uint32_t n_list, const struct row_sizes *s, uint64_t *room, uint64_t *ret)
{
	struct row_parts l = { .n = 0 };
	uint64_t some, left = n_list;
	memset(room, 0, row_list_room(s->n_rows) * sizeof *room);
	for (unsigned k = 0; k < ROW_SIZES; k++) {
		uint32_t of = s->n_of[k];
		if (of == 0)
			continue;
		if (!number_take(list, &some) || some > of || some > left)
			return false;
		left -= some;
		if (some == 0)
			continue;
		if (!subset_take_bits(list, (uint32_t)some, of, room))
			return false;
		l.size[l.n] = k;
		l.bits[l.n++] = room;
		room += room_of(of);
	}
	return left == 0 && spread(&l, s, ret);
}
