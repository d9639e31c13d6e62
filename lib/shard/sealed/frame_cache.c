#include "shard/sealed/frame_cache.h"

#include "base/io.h"
#include "base/utime.h"
#include "base/zst.h"
#include "shard/sealed/format.h"
#include "shard/sealed/frame.h"

struct cached_frame {
	uint64_t file;                      /* sealed.id */
	size_t number, n, room;             /* bytes has that much room */
	struct cached_frame *next;          /* in its bucket */
	struct cached_frame *older, *newer; /* by their last use */
	char bytes[];
};

void frame_cache_init(struct frame_cache *c, struct arena *memory)
{
	*c = (struct frame_cache){ .memory = memory };
	buf_init(&c->packed, memory);
}

/* ---- The list and the table ---- */

static size_t frame_cost(size_t n)
{
	return sizeof(struct cached_frame) + n;
}

static struct cached_frame **frame_bucket(const struct frame_cache *c, uint64_t file, size_t number)
{
	uint64_t key = (file << 32 ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return &c->buckets[(key >> 32) % FRAME_CACHE_BUCKETS];
}

static void unlink_frame(struct frame_cache *c, const struct cached_frame *f)
{
	*(f->older ? &f->older->newer : &c->oldest) = f->newer;
	*(f->newer ? &f->newer->older : &c->newest) = f->older;
}

static void make_newest(struct frame_cache *c, struct cached_frame *f)
{
	f->older = c->newest;
	f->newer = NULL;
	*(c->newest ? &c->newest->newer : &c->oldest) = f;
	c->newest = f;
}

static void drop_oldest(struct frame_cache *c)
{
	struct cached_frame *f = c->oldest;
	struct cached_frame **link = frame_bucket(c, f->file, f->number);
	while (*link != f)
		link = &(*link)->next;
	*link = f->next;
	unlink_frame(c, f);
	c->n_bytes -= frame_cost(f->n);
	arena_block(c->memory, f, 0);
}

static struct cached_frame *find_cached(
	const struct frame_cache *c, const struct sealed *s, size_t number)
{
	struct cached_frame *f = c->buckets ? *frame_bucket(c, s->id, number) : NULL;
	while (f && (f->file != s->id || f->number != number))
		f = f->next;
	return f;
}

static void insert_frame(struct frame_cache *c, struct cached_frame *f)
{
	struct cached_frame **first = frame_bucket(c, f->file, f->number);
	f->next = *first;
	*first = f;
	make_newest(c, f);
	c->n_bytes += frame_cost(f->n);
}

/* ---- Decoding ---- */

/* Reads the packed frame into c->packed. */
static enum err fetch_packed(struct frame_cache *c, const struct sealed *s, int fd, size_t frame)
{
	size_t n = packed_bytes(s, frame), got;
	/* A damaged table may say anything: no frame is longer than this. */
	if (n > zst_bound(frame_bytes(s, frame)) || n < sizeof(uint32_t))
		return ERR_IO;
	buf_reset(&c->packed);
	enum err e = io_pread(fd, buf_reserve(&c->packed, n), n, s->at[frame], &got);
	if (e || got != n)
		return e ? e : ERR_IO;
	c->packed.len = n;
	/* It ends with the checksum that the table has as well. */
	return get_le(c->packed.ptr + n - sizeof(uint32_t), 4) == s->checksum[frame] ? ERR_OK
										     : ERR_IO;
}

static enum err decode_into(
	struct frame_cache *c, const struct sealed *s, int fd, size_t frame, char *to)
{
	enum err e = c->coder ? ERR_OK : zst_coder_open(&c->coder);
	c->idle_since_ns = 0;
	if (!e)
		e = fetch_packed(c, s, fd, frame);
	return e ? e : zst_decompress(c->coder, buf_str(&c->packed), to, frame_bytes(s, frame));
}

static void make_buckets(struct frame_cache *c)
{
	size_t bytes = FRAME_CACHE_BUCKETS * sizeof(struct cached_frame *);
	c->buckets = arena_block(c->memory, NULL, bytes);
	memset(c->buckets, 0, bytes);
}

enum err frame_cache_get(
	struct frame_cache *c, const struct sealed *s, int fd, size_t frame, struct str *ret)
{
	struct cached_frame *f = find_cached(c, s, frame);
	c->idle_since_ns = 0;
	if (f) {
		unlink_frame(c, f);
		make_newest(c, f);
	} else {
		size_t n = frame_bytes(s, frame);
		if (!c->buckets)
			make_buckets(c);
		while (c->oldest && c->n_bytes + frame_cost(n) > FRAME_CACHE_BYTES)
			drop_oldest(c);
		f = arena_block(c->memory, NULL, frame_cost(n));
		*f = (struct cached_frame){ .file = s->id, .number = frame, .n = n };
		enum err e = decode_into(c, s, fd, frame, f->bytes);
		if (e) {
			arena_block(c->memory, f, 0);
			return e;
		}
		insert_frame(c, f);
	}
	*ret = str_of(f->bytes, f->n);
	return ERR_OK;
}

enum err frame_cache_copy(
	struct frame_cache *c, const struct sealed *s, int fd, size_t frame, char *to)
{
	const struct cached_frame *f = find_cached(c, s, frame);
	if (!f)
		return decode_into(c, s, fd, frame, to);
	memcpy(to, f->bytes, f->n);
	return ERR_OK;
}

/* ---- Giving back ---- */

void frame_cache_release(struct frame_cache *c)
{
	while (c->oldest)
		drop_oldest(c);
	if (c->buckets)
		c->buckets = arena_block(c->memory, c->buckets, 0);
	buf_release(&c->packed);
	zst_coder_close(c->coder);
	c->coder = NULL;
}

int frame_cache_idle(struct frame_cache *c, int64_t now_ns)
{
	if (!c->coder)
		return -1;
	if (!c->idle_since_ns)
		c->idle_since_ns = now_ns;
	int64_t left_ms = FRAME_CACHE_IDLE_MS - (now_ns - c->idle_since_ns) / NS_PER_MS;
	if (left_ms > 0)
		return (int)left_ms;
	frame_cache_release(c);
	return -1;
}
