#include "index/terms/row_sizes.h"

#include "base/cpu.h"
#include "index/terms/postings.h"
#include "index/terms/subset.h"

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
	if (s->rows)
		(void)arena_block(a, s->rows, 0);
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

static unsigned size_at(const struct row_sizes *s, uint32_t row)
{
	size_t n = n_of_64(s->n_rows);
	unsigned size = 0;
	for (unsigned k = 0; k < ROW_SIZE_BITS; k++)
		size |= (unsigned)(s->planes[k * n + row / WORD] >> row % WORD & 1) << k;
	return size;
}

void row_sizes_each(const struct row_sizes *s, uint8_t *ret)
{
	for (uint32_t i = 0; i < s->n_rows; i++)
		ret[i] = (uint8_t)size_at(s, i);
}

bool row_sizes_list(struct row_sizes *s, struct arena *a)
{
	uint32_t at[ROW_SIZES], end[ROW_SIZES], sum = 0;
	uint32_t *rows = arena_block(a, NULL, s->n_rows * sizeof *rows + 1);
	for (unsigned k = 0; k < ROW_SIZES; k++) {
		at[k] = sum;
		sum += s->n_of[k];
		end[k] = sum;
	}
	for (uint32_t i = 0; i < s->n_rows; i++) {
		unsigned size = size_at(s, i);
		if (at[size] == end[size]) {
			(void)arena_block(a, rows, 0); /* freed: there is no result */
			return false;
		}
		rows[at[size]++] = i;
	}
	s->rows = rows;
	return true;
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

static size_t bits_room(uint32_t n_rows)
{
	return n_of_64(n_rows) + 2 * (size_t)ROW_SIZES;
}

/* Of lists of no more than one row in so many, each row is put to its place by itself. */
enum { SHORT_SHARE = 8 };

size_t row_list_room(uint32_t n_rows)
{
	size_t numbers = n_rows / SHORT_SHARE / 2 + 1;
	return numbers > bits_room(n_rows) ? numbers : bits_room(n_rows);
}

/* 64 bits, counted from `at` on. */
static inline uint64_t bits_at(const uint64_t *from, uint32_t at)
{
	unsigned low = at % WORD;
	return from[at / WORD] >> low | from[at / WORD + 1] << (WORD - 1 - low) << 1;
}

/* What makes ones of the planes' bits of a size. */
struct flips {
	uint64_t of[ROW_SIZE_BITS];
};

static inline struct flips flips_of(unsigned size)
{
	struct flips f;
	for (unsigned k = 0; k < ROW_SIZE_BITS; k++)
		f.of[k] = (size >> k & 1) - UINT64_C(1);
	return f;
}

/* The rows there are of a word of 64. */
static inline uint64_t rows_at(const struct row_sizes *s, size_t word)
{
	bool is_part = word == s->n_rows / WORD;
	return is_part ? (UINT64_C(1) << s->n_rows % WORD) - 1 : UINT64_MAX;
}

#define SPREAD_ALL(l, s, COUNT, SPREAD, ret) \
	do { \
		const size_t n_words_ = n_of_64((s)->n_rows); \
		struct flips flips_[ROW_SIZES]; \
		uint32_t at_[ROW_SIZES] = { 0 }, n_of_[ROW_SIZES]; \
		for (unsigned i_ = 0; i_ < (l)->n; i_++) { \
			flips_[i_] = flips_of((l)->size[i_]); \
			n_of_[i_] = (s)->n_of[(l)->size[i_]]; \
		} \
		for (size_t w_ = 0; w_ < n_words_; w_++) { \
			const uint64_t *plane_ = (s)->planes + w_, all_ = rows_at(s, w_); \
			const uint64_t low_ = plane_[0], middle_ = plane_[n_words_], \
				       high_ = plane_[2 * n_words_]; \
			uint64_t out_ = 0; \
			for (unsigned i_ = 0; i_ < (l)->n; i_++) { \
				const uint64_t *flip_ = flips_[i_].of; \
				uint64_t rows_ = all_ & (low_ ^ flip_[0]) & (middle_ ^ flip_[1]) & \
						 (high_ ^ flip_[2]); \
				uint32_t some_ = COUNT(rows_), first_ = at_[i_]; \
				if (some_ > n_of_[i_] - first_) \
					return false; \
				out_ |= SPREAD(bits_at((l)->bits[i_], first_), rows_); \
				at_[i_] = first_ + some_; \
			} \
			(ret)[w_] |= out_; \
		} \
		for (unsigned i_ = 0; i_ < (l)->n; i_++) \
			if (at_[i_] != n_of_[i_]) \
				return false; \
		return true; \
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

/* The rows of a size, each to its place. */
static bool take_short(struct str *list, uint32_t n, uint32_t of, const uint32_t *rows,
	uint32_t *room, uint64_t *ret)
{
	if (!subset_take(list, n, of, room))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = rows[room[i]];
		ret[row / WORD] |= UINT64_C(1) << row % WORD;
	}
	return true;
}

bool row_list_take(
	struct str *list, uint32_t n_list, const struct row_sizes *s, uint64_t *room, uint64_t *ret)
{
	struct row_parts l = { .n = 0 };
	const uint32_t *rows = n_list <= s->n_rows / SHORT_SHARE ? s->rows : NULL;
	uint64_t some, left = n_list;
	if (!rows)
		memset(room, 0, bits_room(s->n_rows) * sizeof *room);
	for (unsigned k = 0; k < ROW_SIZES; k++) {
		uint32_t of = s->n_of[k];
		if (of == 0)
			continue;
		if (!number_take(list, &some) || some > of || some > left)
			return false;
		left -= some;
		if (some && rows) {
			if (!take_short(list, (uint32_t)some, of, rows, (void *)room, ret))
				return false;
		} else if (some) {
			if (!subset_take_bits(list, (uint32_t)some, of, room))
				return false;
			l.size[l.n] = k;
			l.bits[l.n++] = room;
			room += room_of(of);
		}
		rows = rows ? rows + of : NULL;
	}
	return left == 0 && (rows || spread(&l, s, ret));
}
