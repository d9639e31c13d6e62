/*
 * Any bytes as a sealed file.  With an even first byte the rest is the file; with an odd one it is
 * a number of frames, their lengths as the seek table has them, and the frames: foot and table are
 * then made right, so that what stands behind their checksums is reached.  Whatever they hold,
 * every read is an error or gives what the table promises, the same each time.
 */
#include "fuzz.h"

#include "base/hash.h"
#include "base/io.h"
#include "shard/sealed/format.h"
#include "shard/sealed/sealed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ARENA_BYTES = 256 << 20, FRAMES_MAX = 8, READ_MAX = 1 << 20 };

static void add_number(struct buf *b, uint64_t v, unsigned n_bytes)
{
	char bytes[8];
	put_le(bytes, v, n_bytes);
	buf_add(b, str_of(bytes, n_bytes));
}

static void add_foot(struct buf *file, struct str table, size_t n_frames, uint64_t n_bytes)
{
	size_t at = file->len;
	add_number(file, SEALED_FOOT_MAGIC, 4);
	add_number(file, SEALED_FOOT_BYTES, 4);
	buf_add(file, STR(SEALED_FOOT_NAME));
	add_number(file, SEALED_VERSION, 4);
	add_number(file, n_frames, 4);
	add_number(file, n_bytes, 8);
	add_number(file, xxh64(table), 8);
	add_number(file, xxh64(str_skip(buf_str(file), at)), 8);
	buf_add(file, table);
}

/* Frames as the input says, the checksum in the table that at the end of each. */
static struct str with_table(struct str in, struct arena *a)
{
	struct buf file, table;
	uint64_t n_bytes = 0;
	size_t n = in.len ? (unsigned char)in.ptr[0] % FRAMES_MAX : 0;
	struct str sizes = str_skip(in, 1), frames = str_skip(in, 1 + 8 * n);
	buf_init(&file, a);
	buf_init(&table, a);
	if (sizes.len < 8 * n)
		n = 0;
	add_number(&table, SEALED_TABLE_MAGIC, 4);
	add_number(&table, (n + 1) * SEALED_ENTRY_BYTES + SEALED_END_BYTES, 4);
	for (size_t i = 0; i < n; i++) {
		size_t packed = get_le(sizes.ptr + 8 * i, 4),
		       plain = get_le(sizes.ptr + 8 * i + 4, 4);
		struct str frame = str_first(frames, packed);
		frames = str_skip(frames, frame.len);
		buf_add(&file, frame);
		add_number(&table, frame.len, 4);
		add_number(&table, plain, 4);
		add_number(&table, frame.len < 4 ? 0 : get_le(frame.ptr + frame.len - 4, 4), 4);
		n_bytes += plain;
	}
	add_number(&table, SEALED_HEAD_BYTES + SEALED_FOOT_BYTES, 4);
	add_number(&table, 0, 8);
	add_number(&table, n + 1, 4);
	add_number(&table, SEALED_FLAGS, 1);
	add_number(&table, SEALED_END_MAGIC, 4);
	add_foot(&file, buf_str(&table), n, n_bytes);
	return buf_str(&file);
}

static enum err read_at(struct sealed_cache *c, struct sealed *s, int fd, struct arena *a, size_t n,
	int64_t at, uint64_t *ret_hash)
{
	char *p = arena_text(a, n + 1);
	size_t got = SIZE_MAX;
	enum err e = sealed_read(c, s, fd, p, n, at, &got);
	MUST(e == ERR_OK || e == ERR_IO || e == ERR_NO_MEMORY);
	if (e)
		return e;
	MUST(got <= n && (int64_t)got <= s->size_bytes);
	MUST(got == n || at + (int64_t)got == s->size_bytes || at >= s->size_bytes);
	*ret_hash = hash64(str_of(p, got), 0);
	return ERR_OK;
}

/* What can be had of it, in any case, and the same each time. */
static void salvage_all(struct sealed_cache *c, struct sealed *s, int fd, struct arena *a)
{
	for (int64_t at = 0; at < s->size_bytes; at += READ_MAX) {
		struct arena_mark mark = arena_mark(a);
		char *first = arena_text(a, READ_MAX), *again = arena_text(a, READ_MAX);
		size_t n = 0, n_again = 0;
		MUST(sealed_salvage(c, s, fd, first, READ_MAX, at, &n) == ERR_OK);
		MUST(sealed_salvage(c, s, fd, again, READ_MAX, at, &n_again) == ERR_OK);
		MUST(n == n_again && (n == READ_MAX || at + (int64_t)n == s->size_bytes));
		MUST(memcmp(first, again, n) == 0);
		arena_rewind(a, mark);
	}
}

static void read_all(struct sealed_cache *c, struct sealed *s, int fd, struct arena *a)
{
	MUST(s->size_bytes >= 0);
	for (size_t i = 0; i <= s->n_frames; i++) {
		struct arena_mark mark = arena_mark(a);
		uint64_t first = 0, again = 1;
		int64_t at = s->from[i] > 0 ? s->from[i] - 1 : 0;
		enum err e = read_at(c, s, fd, a, READ_MAX, at, &first);
		MUST(read_at(c, s, fd, a, READ_MAX, at, &again) == e);
		MUST(e || first == again);
		arena_rewind(a, mark);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct sealed *s;
	struct str in = str_of((const char *)data, size);
	if (size == 0)
		return 0;
	arena_init(&a, ARENA_BYTES);
	struct str file = data[0] % 2 ? with_table(str_skip(in, 1), &a) : str_skip(in, 1);
	int fd = memfd_create("sealed", MFD_CLOEXEC);
	MUST(fd >= 0 && write(fd, file.ptr, file.len) == (ssize_t)file.len);
	struct sealed_cache *c = sealed_cache_make(&a);
	enum err e = sealed_open(c, fd, &s);
	MUST(e == ERR_OK || e == ERR_IO);
	if (!e) {
		read_all(c, s, fd, &a);
		salvage_all(c, s, fd, &a);
		sealed_close(c, s);
	}
	e = sealed_open_damaged(c, fd, &s);
	MUST(e == ERR_OK || e == ERR_IO);
	if (!e) {
		read_all(c, s, fd, &a);
		salvage_all(c, s, fd, &a);
		sealed_close(c, s);
	}
	sealed_cache_close(c);
	close(fd);
	arena_release(&a);
	return 0;
}
