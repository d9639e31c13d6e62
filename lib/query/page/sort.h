/*
 * Sorting no more than is looked at.
 *
 * A page of a list needs the rows of a few ranks in order; which rows are ahead of them and which
 * behind matters, their order does not.
 *
 * Everything is inline, so that the compiler can put the size and the comparison into the loops:
 * give it constants.
 */
#ifndef FLATSPAN_QUERY_PAGE_SORT_H
#define FLATSPAN_QUERY_PAGE_SORT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* <0, 0, >0 */
typedef int sort_compare(const void *x, const void *y, void *user);
/* How many ranks an item takes. */
typedef uint64_t sort_weight(const void *x, void *user);

enum {
	SORT_ITEM_MAX = 128,
	SORT_FEW = 12,   /* below this an insertion sort is faster */
	SORT_PARTS = 64, /* that wait: each is smaller than half of the one before */
	/* A heap of more, or of a larger part of all, may take longer than splitting. */
	SORT_HEAP_MAX = 128,
	SORT_HEAP_SHARE = 16
};

#define SORT_INLINE static inline __attribute__((always_inline))

struct sort_part {
	char *items;
	size_t n;
	uint64_t first, weight; /* the rank of the first item, and how many ranks there are */
};

SORT_INLINE void sort_swap(char *x, char *y, size_t size)
{
	char t[SORT_ITEM_MAX];
	memcpy(t, x, size);
	memmove(x, y, size);
	memcpy(y, t, size);
}

SORT_INLINE void sort_few(char *items, size_t n, size_t size, sort_compare *compare, void *user)
{
	char t[SORT_ITEM_MAX];
	for (size_t i = 1; i < n; i++) {
		size_t k = i;
		if (compare(items + (i - 1) * size, items + i * size, user) <= 0)
			continue;
		memcpy(t, items + i * size, size);
		for (; k && compare(items + (k - 1) * size, t, user) > 0; k--)
			memcpy(items + k * size, items + (k - 1) * size, size);
		memcpy(items + k * size, t, size);
	}
}

SORT_INLINE uint64_t sort_sum(
	const char *items, size_t n, size_t size, sort_weight *weight, void *user)
{
	uint64_t sum = 0;
	if (!weight)
		return n;
	for (size_t i = 0; i < n; i++)
		sum += weight(items + i * size, user);
	return sum;
}

/* The middle one of three at random: no input is slow for all choices. */
SORT_INLINE char *sort_pivot(
	char *items, size_t n, size_t size, sort_compare *compare, void *user, uint64_t *random)
{
	char *at[3];
	for (unsigned i = 0; i < 3; i++) {
		*random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		at[i] = items + (size_t)((*random >> 33) % n) * size;
	}
	if (compare(at[0], at[1], user) > 0) {
		char *t = at[0];
		at[0] = at[1];
		at[1] = t;
	}
	if (compare(at[1], at[2], user) <= 0)
		return at[1];
	return compare(at[0], at[2], user) > 0 ? at[0] : at[2];
}

/* Into those before the pivot, those equal to it, those behind it. */
SORT_INLINE void sort_split(char *items, size_t n, size_t size, sort_compare *compare, void *user,
	uint64_t *random, size_t *ret_before, size_t *ret_until)
{
	char pivot[SORT_ITEM_MAX];
	size_t before = 0, i = 0, behind = n;
	memcpy(pivot, sort_pivot(items, n, size, compare, user, random), size);
	while (i < behind) {
		int order = compare(items + i * size, pivot, user);
		if (order == 0) {
			i++;
		} else if (order < 0) {
			if (before != i)
				sort_swap(items + before * size, items + i * size, size);
			before++;
			i++;
		} else {
			while (--behind > i && compare(items + behind * size, pivot, user) > 0)
				;
			if (behind != i)
				sort_swap(items + i * size, items + behind * size, size);
		}
	}
	*ret_before = before;
	*ret_until = behind;
}

/*
 * Moves items of `size` bytes, at most SORT_ITEM_MAX, so that all that touch the ranks [from, to),
 * or compare equal to one that does, stand where a full sort would put them or an equal one; those
 * ahead of them stand before and those behind them after.  weight NULL: 1 each.
 */
SORT_INLINE void sort_window(void *items, size_t n, size_t size, uint64_t from, uint64_t to,
	sort_compare *compare, sort_weight *weight, void *user)
{
	struct sort_part parts[SORT_PARTS];
	size_t n_parts = 0;
	uint64_t random = n;
	parts[n_parts++] =
		(struct sort_part){ items, n, 0, sort_sum(items, n, size, weight, user) };
	while (n_parts) {
		struct sort_part p = parts[--n_parts], before, behind;
		size_t n_before, until;
		if (p.n < 2 || p.first >= to || p.first + p.weight <= from)
			continue;
		if (p.n <= SORT_FEW) {
			sort_few(p.items, p.n, size, compare, user);
			continue;
		}
		sort_split(p.items, p.n, size, compare, user, &random, &n_before, &until);
		before = (struct sort_part){ p.items, n_before, p.first,
			sort_sum(p.items, n_before, size, weight, user) };
		behind = (struct sort_part){ p.items + until * size, p.n - until, 0,
			sort_sum(p.items + until * size, p.n - until, size, weight, user) };
		behind.first = p.first + p.weight - behind.weight;
		/* The smaller part is gone on with, so that few wait. */
		parts[n_parts++] = before.n > behind.n ? before : behind;
		parts[n_parts++] = before.n > behind.n ? behind : before;
	}
}

/* Of a heap whose greatest item is the first: the one at `at` may be less than those beneath it. */
SORT_INLINE void sort_sink(
	char *items, size_t at, size_t n, size_t size, sort_compare *compare, void *user)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n &&
			compare(items + child * size, items + (child + 1) * size, user) < 0)
			child++;
		if (compare(items + at * size, items + child * size, user) >= 0)
			return;
		sort_swap(items + at * size, items + child * size, size);
	}
}

/* Moves the items of ranks [from, to), at most n, to where a full sort would put them or equal
 * ones; those ahead stand before and those behind after, but equal ones need not stand together.
 * Where `to` is small beside n most items are looked at once. */
SORT_INLINE void sort_first(void *items, size_t n, size_t size, size_t from, size_t to,
	sort_compare *compare, void *user)
{
	char *first = items;
	if (to > SORT_HEAP_MAX || to > n / SORT_HEAP_SHARE) {
		sort_window(items, n, size, from, to, compare, NULL, user);
		return;
	}
	for (size_t i = to / 2; i-- > 0;)
		sort_sink(first, i, to, size, compare, user);
	for (size_t i = to; to && i < n; i++)
		if (compare(first + i * size, first, user) < 0) {
			sort_swap(first, first + i * size, size);
			sort_sink(first, 0, to, size, compare, user);
		}
	sort_window(items, to, size, from, to, compare, NULL, user);
}

#endif
