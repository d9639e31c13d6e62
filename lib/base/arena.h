/*
 * Request memory.  All that a request allocates comes from its arena and goes with it; nothing is
 * freed by hand.
 *
 *	arena_init(&a, limit);
 *	if (setjmp(a.escape) == 0) { a.has_escape = true; ... work ... } else { ... answer 503 ... }
 *	arena_release(&a);
 *
 * Allocation cannot fail for the caller: past the limit, or when the system has no memory, control
 * leaves by a.escape; without one the process ends (it is disposable, and no acknowledged byte
 * depends on it).  Code that holds a lock allocates before it takes the lock.
 *
 * Loops over rows: struct arena_mark m = arena_mark(&a); ... arena_rewind(&a, m); at the end of
 * each turn. Blocks made by arena_block() (struct buf lives in one) stay as they are.
 */
#ifndef FLATSPAN_BASE_ARENA_H
#define FLATSPAN_BASE_ARENA_H

#include "base/str.h"

#include <setjmp.h>

struct arena_chunk;
struct arena_block;
struct arena_file;

struct arena {
	struct arena_chunk *chunk; /* the newest first */
	struct arena_block *blocks;
	struct arena_file *files;
	size_t used_bytes; /* of chunks and blocks, as asked from the system */
	size_t limit_bytes;
	bool has_escape;
	jmp_buf escape;
};

struct arena_mark {
	struct arena_chunk *chunk;
	size_t used;
};

/* For a process that serves one request after the other: of what arenas give back it keeps up to 8
 * MiB until it rests, because getting it from the system anew, page by page, is a tenth of a
 * millisecond of each longer answer, and 0.3 of a search for a phrase in a million spans. */
void arena_keep_memory(void);

void arena_init(struct arena *a, size_t limit_bytes);
/* Frees everything; the arena may be used again. */
void arena_release(struct arena *a);

/* Zeroed, aligned to 16. */
void *arena_alloc(struct arena *a, size_t size);
/* n items of the given size; an overflow of n * size is handled as no memory. */
void *arena_calloc(struct arena *a, size_t n, size_t size);
/* Not zeroed, aligned to 16: for what is filled at once. */
void *arena_room(struct arena *a, size_t n, size_t size);
/* Not zeroed, aligned to 1: for text. */
char *arena_text(struct arena *a, size_t size);
/* That much will be taken, and rewound, many times: without asking the system for it each time. */
void arena_reserve(struct arena *a, size_t n, size_t size);
struct str arena_copy(struct arena *a, struct str s);
/* A NUL-terminated copy, for the edges. */
char *arena_copy_c(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct arena_mark arena_mark(struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Who has a file open while it allocates would lose it by the escape: until arena_let_go(), which
 * comes before closing, arena_release() closes it. */
void arena_hold(struct arena *a, int fd);
void arena_let_go(struct arena *a, int fd);

/* Leaves by the escape. */
_Noreturn void arena_fail(struct arena *a);

/* What arenas gave back goes back to the system: for when no request is at hand, and the last one
 * was large. */
void arena_trim(void);

/* A block that may grow: resized with size > 0, freed with size 0. The result replaces ptr (NULL at
 * first). */
void *arena_block(struct arena *a, void *ptr, size_t size);

#endif
