#include "api/sort.h"

#include <stdlib.h>

static int compare_hash(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

static int compare_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

void sort_hashes(uint64_t *list, size_t n)
{
	if (n)
		qsort(list, n, sizeof *list, compare_hash);
}

void sort_texts(struct str *list, size_t n)
{
	if (n)
		qsort(list, n, sizeof *list, compare_text);
}
