#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	FIRST_SIZE = 256,
	DECIMAL_MAX = 20 /* digits of UINT64_MAX */
};

void buf_init(struct buf *b, struct arena *a)
{
	*b = (struct buf){ .arena = a };
}

void buf_release(struct buf *b)
{
	if (b->ptr)
		arena_block(b->arena, b->ptr, 0);
	buf_init(b, b->arena);
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (b->cap - b->len < n) {
		size_t want, cap = b->cap ? b->cap + b->cap / 2 : FIRST_SIZE;
		if (__builtin_add_overflow(b->len, n, &want))
			arena_fail(b->arena);
		if (cap < want)
			cap = want;
		b->ptr = arena_block(b->arena, b->ptr, cap);
		b->cap = cap;
	}
	return b->ptr + b->len;
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[DECIMAL_MAX];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, str_of(digits + at, sizeof digits - at));
}

void buf_add_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_add_char(b, '-');
	buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_add_hex(struct buf *b, struct str bytes)
{
	static const char digit[] = "0123456789abcdef";
	char *p = buf_reserve(b, bytes.len * 2);
	for (size_t i = 0; i < bytes.len; i++) {
		*p++ = digit[(unsigned char)bytes.ptr[i] >> 4];
		*p++ = digit[(unsigned char)bytes.ptr[i] & 15];
	}
	b->len += bytes.len * 2;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		arena_fail(b->arena);
	char *p = buf_reserve(b, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	b->len += (size_t)n;
}
