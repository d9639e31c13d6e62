/*
 * Growing arrays: a pointer, the number of elements and the capacity.
 *
 *	struct thing *things = NULL;
 *	size_t n = 0, cap = 0;
 *	ARRAY_PUSH(arena, things, n, cap, (struct thing){ .x = 1 });
 *	ARRAY_RELEASE(arena, things);
 *
 * The elements live in a block of the arena (arena_block), so that they outlive a rewind. They move
 * when the array grows: a pointer to an element is void after the next push. The capacity doubles.
 * An arena that is full does not return, as everywhere (arena.h).
 */
#ifndef FLATSPAN_BASE_ARRAY_H
#define FLATSPAN_BASE_ARRAY_H

#include "base/arena.h"

enum { ARRAY_FIRST = 16 };

/* Appends a value. list, n and cap are evaluated more than once. */
#define ARRAY_PUSH(arena, list, n, cap, ...) \
	do { \
		if ((n) == (cap)) { \
			(cap) = (cap) ? (cap)*2 : ARRAY_FIRST; \
			(list) = arena_block((arena), (list), (cap) * sizeof *(list)); \
		} \
		(list)[(n)++] = __VA_ARGS__; \
	} while (0)

/* Frees the elements before the arena goes. */
#define ARRAY_RELEASE(arena, list) \
	do { \
		if (list) \
			(list) = arena_block((arena), (list), 0); \
	} while (0)

#endif
