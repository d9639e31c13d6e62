/*
 * Reads query parameters into types. A wrong value becomes a problem in pydantic's words, with the
 * location
 * ["query", name].
 */
#ifndef FLATSPAN_WEB_PARAMS_H
#define FLATSPAN_WEB_PARAMS_H

#include "web/request.h"

/* Python does not read longer integers. */
enum { PARAM_INT_CHARS = 4300 };

/* Returns otherwise when the parameter is absent or wrong; a wrong one adds a problem: int_parsing,
 * int_parsing_size, greater_than_equal, less_than_equal. */
int64_t param_int(const struct request *r, struct str name, int64_t otherwise, int64_t least,
	int64_t most, struct problems *p);
/* Returns an index into the values, or otherwise. type: "enum" or "literal_error". */
size_t param_choice(const struct request *r, struct str name, const struct str *values, size_t n,
	size_t otherwise, struct str type, struct problems *p);
/* Reads pydantic's lax integer: blanks around it, a sign, single underscores between digits, and a
 * fraction of zeros. Out of range saturates, so that the bounds of a parameter refuse it;
 * param_int_digits() returns its digits. */
bool param_read_int(struct str text, int64_t *ret);
/* Returns the digits of such an integer of any length, without leading zeros. */
struct str param_int_digits(struct arena *a, struct str text);
/* Returns a text such as: 'a', 'b' or 'c' */
struct str choice_text(struct arena *a, const struct str *values, size_t n);

#endif
