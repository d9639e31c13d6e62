/*
 * Query parameters read into types; what does not fit becomes a problem in pydantic's words, with
 * the location
 * ["query", name].
 */
#ifndef FLATSPAN_WEB_PARAMS_H
#define FLATSPAN_WEB_PARAMS_H

#include "web/request.h"

/* Python reads no integer that is longer. */
enum { PARAM_INT_CHARS = 4300 };

/* otherwise when absent (or wrong: then a problem was added). Problems: int_parsing,
 * int_parsing_size, greater_than_equal, less_than_equal. */
int64_t param_int(const struct request *r, struct str name, int64_t otherwise, int64_t least,
	int64_t most, struct problems *p);
/* Index into the values, or otherwise. type: "enum" or "literal_error". */
size_t param_choice(const struct request *r, struct str name, const struct str *values, size_t n,
	size_t otherwise, struct str type, struct problems *p);
/* pydantic's lax integer: blanks around it, a sign, single underscores between digits, and a
 * fraction of zeros. Out of range saturates: the bounds of a parameter then refuse it, or
 * param_int_digits says what it is. */
bool param_read_int(struct str text, int64_t *ret);
/* The digits of such an integer, without leading zeros, however many: what it is beyond int64. */
struct str param_int_digits(struct arena *a, struct str text);
/* 'a', 'b' or 'c' */
struct str choice_text(struct arena *a, const struct str *values, size_t n);

#endif
