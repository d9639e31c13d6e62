/*
 * Memory of one request. All that a request allocates comes from its arena and is freed with
 * it; nothing is freed by hand.
 *
 *	arena_init(&a, limit);
 *	if (setjmp(a.escape) == 0) { a.has_escape = true; ... work ... } else { ... answer 503 ... }
 *	arena_release(&a);
 *
 * Allocation cannot fail for the caller: past the limit, or when the system has no memory, the
 * arena jumps to a.escape. Without one the process ends, which is safe because no acknowledged byte
 * depends on it.  Code that holds a lock allocates before it takes the lock.
 *
 * Loops over rows: struct arena_mark m = arena_mark(&a); ... arena_rewind(&a, m); at the end of
 * each turn. Blocks made by arena_block() (struct buf lives in one) are not rewound.
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

/* Lets this process keep up to 8 MiB of released memory for its next arenas, until arena_trim().
 * For processes that serve many requests. */
void arena_keep_memory(void);

void arena_init(struct arena *a, size_t limit_bytes);
/* Frees everything; the arena may be used again. */
void arena_release(struct arena *a);

/* Returns memory that is zero and aligned to 16 bytes. */
void *arena_alloc(struct arena *a, size_t size);
/* Returns room for n items. An overflow of n * size is handled as no memory. */
void *arena_calloc(struct arena *a, size_t n, size_t size);
/* Returns memory that is not zeroed and is aligned to 16 bytes. */
void *arena_room(struct arena *a, size_t n, size_t size);
/* Returns memory for text: neither zeroed nor aligned. */
char *arena_text(struct arena *a, size_t size);
/* Asks the system once for memory that the caller will take and rewind many times. */
void arena_reserve(struct arena *a, size_t n, size_t size);
struct str arena_copy(struct arena *a, struct str s);
/* Returns a copy that ends with NUL, for calls of the C library. */
char *arena_copy_c(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct arena_mark arena_mark(struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Lets arena_release() close the file, because a caller that allocates while it has a file open
 * would lose it by the escape. The caller calls arena_let_go() before it closes the file itself. */
void arena_hold(struct arena *a, int fd);
void arena_let_go(struct arena *a, int fd);

/* Leaves by the escape. */
_Noreturn void arena_fail(struct arena *a);

/* Returns to the system what arena_keep_memory() kept. Called when the process is idle. */
void arena_trim(void);

/* Resizes a block (size > 0) or frees it (size 0). The result replaces ptr, which is NULL at first.
 * */
void *arena_block(struct arena *a, void *ptr, size_t size);

#endif
