/*
 * A growing byte buffer. A struct buf owns its bytes, which live in a block of an arena: they
 * are freed with the arena, or earlier by buf_release(). Views taken from a buf (buf_str) are
 * valid until the next append.
 *
 * Appending cannot fail for the caller; arena.h says what happens past the limit.
 */
#ifndef FLATSPAN_BASE_BUF_H
#define FLATSPAN_BASE_BUF_H

#include "base/arena.h"

struct buf {
	char *ptr;
	size_t len, cap;
	struct arena *arena;
};

void buf_init(struct buf *b, struct arena *a);
void buf_release(struct buf *b);
/* Makes room for n more bytes and returns where they go. The caller then adds to b->len. */
char *buf_reserve(struct buf *b, size_t n);

/* Does what buf_reserve() does, inline when there is room already. */
static inline char *buf_room(struct buf *b, size_t n)
{
	return b->cap - b->len >= n ? b->ptr + b->len : buf_reserve(b, n);
}

static inline void buf_reset(struct buf *b)
{
	b->len = 0;
}

static inline struct str buf_str(const struct buf *b)
{
	return str_of(b->ptr, b->len);
}

static inline void buf_add(struct buf *b, struct str s)
{
	if (s.len) {
		char *p = buf_room(b, s.len);
		memcpy(p, s.ptr, s.len);
		b->len += s.len;
	}
}

static inline void buf_add_char(struct buf *b, char c)
{
	char *p = buf_room(b, 1);
	*p = c;
	b->len++;
}

void buf_add_i64(struct buf *b, int64_t v);
void buf_add_u64(struct buf *b, uint64_t v);
/* Appends two lower-case hex digits for each byte. */
void buf_add_hex(struct buf *b, struct str bytes);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
