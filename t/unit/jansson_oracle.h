/*
 * A second opinion on JSON: jansson's.  In a file of its own because its names and ours are partly
 * the same; for the same reason our names are hidden from shared libraries (configure.ac).
 *
 * What a text means is told as a line of text that has only one spelling:
 *
 *	null n, true t, false f, integers i-12, other numbers r%.17g, strings s and their bytes in
 *	hex, arrays [..,..,], objects {s..:..,} by the order of their keys, of several members with
 *	one key the last.
 */
#ifndef FLATSPAN_T_JANSSON_ORACLE_H
#define FLATSPAN_T_JANSSON_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

enum oracle_answer {
	ORACLE_ACCEPTS,
	ORACLE_REFUSES,
	/* Refuses what we let in on purpose: integers and doubles out of range, lone surrogates,
	 * NUL in keys. */
	ORACLE_ABSTAINS
};

/* ret_meaning: to be freed; only when accepted. */
enum oracle_answer oracle_ask(const char *ptr, size_t len, char **ret_meaning);

#endif
