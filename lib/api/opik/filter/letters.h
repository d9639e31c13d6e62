/*
 * Makes predicates that find a text whatever the case of its letters beyond ASCII.
 *
 * The engine ignores the case of ASCII letters.  For others a predicate is repeated with the text
 * as it is, in small letters, in capitals, and with a capital at the beginning of each word: the
 * ways in which people write.  Latin, Greek and Cyrillic letters have both cases.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_LETTERS_H
#define FLATSPAN_API_OPIK_FILTER_LETTERS_H

#include "query/query.h"

enum { OPIK_LETTERS_MAX = 4 };

/* Sets ret to the variants of p and returns their number, which is 1 when the text has no such
 * letters or p minds case. A row matches when one of them holds; when p negates, all must hold. */
size_t opik_letters_preds(
	struct arena *a, const struct pred *p, struct pred ret[static OPIK_LETTERS_MAX]);

#endif
