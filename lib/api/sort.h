/*
 * Sorts lists of hashes and of texts in ascending order.  A list may be empty.
 */
#ifndef FLATSPAN_API_SORT_H
#define FLATSPAN_API_SORT_H

#include "base/str.h"

void sort_hashes(uint64_t *list, size_t n);
void sort_texts(struct str *list, size_t n);

#endif
