#include "base/arena.h"

#include "base/io.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	ALIGN = 16,
	FIRST_CHUNK = 16 << 10, /* a small request needs one */
	LARGEST_CHUNK =
		1
		<< 20, /* growth stops doubling here; larger wishes get a chunk of their own size */
	KEPT_BYTES = 8 << 20,
	TRIM_FROM = 256 << 10,
	TRIM_KEEPS = 128 << 10,
	READY_BYTES = 64 << 10,
	EXIT_NO_MEMORY = 71 /* EX_OSERR of sysexits.h */
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used; /* of bytes[] */
	_Alignas(ALIGN) char bytes[];
};

struct arena_block {
	struct arena_block *prev, *next;
	size_t size;
	_Alignas(ALIGN) char bytes[];
};

struct arena_file {
	struct arena_file *next;
	int fd;
};

void arena_keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	/* Larger pieces are mappings of their own, and go when they are given back. */
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
#endif
}

void arena_init(struct arena *a, size_t limit_bytes)
{
	a->chunk = NULL;
	a->blocks = NULL;
	a->files = NULL;
	a->used_bytes = 0;
	a->limit_bytes = limit_bytes;
	a->has_escape = false;
}

void arena_release(struct arena *a)
{
	while (a->chunk) {
		struct arena_chunk *c = a->chunk;
		a->chunk = c->next;
		free(c);
	}
	while (a->blocks) {
		struct arena_block *b = a->blocks;
		a->blocks = b->next;
		free(b);
	}
	while (a->files) {
		io_drop(a->files->fd);
		arena_let_go(a, a->files->fd);
	}
	a->used_bytes = 0;
}

void arena_hold(struct arena *a, int fd)
{
	struct arena_file *f = malloc(sizeof *f);
	if (!f) {
		io_drop(fd);
		arena_fail(a);
	}
	*f = (struct arena_file){ .next = a->files, .fd = fd };
	a->files = f;
}

void arena_let_go(struct arena *a, int fd)
{
	for (struct arena_file **at = &a->files; *at; at = &(*at)->next) {
		struct arena_file *f = *at;
		if (f->fd != fd)
			continue;
		*at = f->next;
		free(f);
		return;
	}
}

_Noreturn void arena_fail(struct arena *a)
{
	if (a->has_escape)
		longjmp(a->escape, 1);
	_exit(EXIT_NO_MEMORY);
}

static struct arena_chunk *add_chunk(struct arena *a, size_t at_least)
{
	size_t size = a->chunk ? a->chunk->size * 2 : FIRST_CHUNK;
	if (size > LARGEST_CHUNK)
		size = LARGEST_CHUNK;
	if (size < at_least)
		size = at_least;
	if (size > a->limit_bytes || a->used_bytes > a->limit_bytes - size)
		arena_fail(a);
	struct arena_chunk *c = malloc(sizeof *c + size);
	if (!c)
		arena_fail(a);
	c->next = a->chunk;
	c->size = size;
	c->used = 0;
	a->chunk = c;
	a->used_bytes += size;
	return c;
}

static char *arena_take(struct arena *a, size_t size, size_t align)
{
	struct arena_chunk *c = a->chunk;
	if (c) {
		size_t at = (c->used + align - 1) & ~(align - 1);
		if (at <= c->size && size <= c->size - at) {
			c->used = at + size;
			return c->bytes + at;
		}
	}
	c = add_chunk(a, size);
	c->used = size;
	return c->bytes;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_take(a, size, ALIGN), 0, size);
}

static size_t size_of_all(struct arena *a, size_t n, size_t size)
{
	size_t all;
	if (__builtin_mul_overflow(n, size, &all))
		arena_fail(a);
	return all;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	return arena_alloc(a, size_of_all(a, n, size));
}

void *arena_room(struct arena *a, size_t n, size_t size)
{
	return arena_take(a, size_of_all(a, n, size), ALIGN);
}

void arena_reserve(struct arena *a, size_t n, size_t size)
{
	size_t all = size_of_all(a, n, size);
	(void)arena_take(a, all, 1);
	a->chunk->used -= all;
}

char *arena_text(struct arena *a, size_t size)
{
	return arena_take(a, size, 1);
}

struct str arena_copy(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.len);
	if (s.len)
		memcpy(p, s.ptr, s.len);
	return str_of(p, s.len);
}

char *arena_copy_c(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.len + 1);
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		arena_fail(a);
	char *p = arena_text(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return str_of(p, (size_t)n);
}

struct arena_mark arena_mark(struct arena *a)
{
	return (struct arena_mark){ a->chunk, a->chunk ? a->chunk->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->chunk != mark.chunk) {
		struct arena_chunk *c = a->chunk;
		a->chunk = c->next;
		a->used_bytes -= c->size;
		free(c);
	}
	if (a->chunk)
		a->chunk->used = mark.used;
}

#ifdef __GLIBC__
/* Returns the free bytes of the heap. Mappings are given back at once. */
static size_t free_bytes(void)
{
#if __GLIBC_PREREQ(2, 33)
	return mallinfo2().fordblks;
#else
	return SIZE_MAX;
#endif
}

/* Touches the pages that the next request will use first, so that they are there. */
static void touch_pages(void)
{
	enum { PAGE_BYTES = 4096 };
	volatile char *p = malloc(READY_BYTES);
	for (size_t i = 0; p && i < READY_BYTES; i += PAGE_BYTES)
		p[i] = 0;
	free((void *)(uintptr_t)p);
}
#endif

void arena_trim(void)
{
#ifdef __GLIBC__
	/* Keeps what the next small requests need. Trimming more would also take pages from between
	 * those in use, which that request would have to get again. */
	if (free_bytes() > TRIM_FROM)
		(void)malloc_trim(TRIM_KEEPS); /* whether there was any does not matter */
	touch_pages();
#endif
}

static struct arena_block *block_of(void *ptr)
{
	return ptr ? (struct arena_block *)((char *)ptr - offsetof(struct arena_block, bytes))
		   : NULL;
}

void *arena_block(struct arena *a, void *ptr, size_t size)
{
	struct arena_block *b = block_of(ptr);
	size_t old = b ? b->size : 0;
	if (size > old &&
		(size - old > a->limit_bytes || a->used_bytes > a->limit_bytes - (size - old)))
		arena_fail(a);
	if (b && size == 0) {
		*(b->prev ? &b->prev->next : &a->blocks) = b->next;
		if (b->next)
			b->next->prev = b->prev;
		free(b);
		a->used_bytes -= old;
		return NULL;
	}
	struct arena_block *grown = realloc(b, sizeof *b + size);
	if (!grown)
		arena_fail(a);
	if (!b) {
		grown->prev = NULL;
		grown->next = a->blocks;
	}
	grown->size = size;
	*(grown->prev ? &grown->prev->next : &a->blocks) = grown;
	if (grown->next)
		grown->next->prev = grown;
	a->used_bytes = a->used_bytes - old + size;
	return grown->bytes;
}
