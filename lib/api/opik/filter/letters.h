/*
 * Looks for texts whatever the case of their letters beyond ASCII.
 *
 * The engine ignores the case of ASCII letters.  For others a predicate is repeated with the text
 * as it is, in small letters, in capitals, and with a capital at the beginning of each word: the
 * ways in which people write.  Latin, Greek and Cyrillic letters have both cases.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_LETTERS_H
#define FLATSPAN_API_OPIK_FILTER_LETTERS_H

#include "query/query.h"

enum { OPIK_LETTERS_MAX = 4 };

/* Sets ret to the predicates of which one must hold (all, when p negates); 1 without such letters
 * or when p minds case. Returns their number. */
size_t opik_letters_preds(
	struct arena *a, const struct pred *p, struct pred ret[static OPIK_LETTERS_MAX]);

#endif
