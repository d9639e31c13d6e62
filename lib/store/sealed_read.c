/* Reading lines of sealed files: what is decoded, and how long it is kept. */
#include "store/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "store/sealed_format.h"

enum {
	/* A read of so much is one of many behind each other: what it decodes is not kept. */
	SCAN_BYTES = 64 << 10,
	BUF_KEEP_BYTES = 256 << 10,
	/* From here on a frame is decoded only as far as a line of it is needed. */
	LONG_BYTES = 512 << 10
};

/* ---- What is kept ---- */

/* Memory of long frames is used again: getting it anew from the system takes as long as decoding a
 * fourth of what goes there. */
static char *get_room(struct sealed_cache *c, size_t n)
{
	char *bytes = c->spare;
	if (n < LONG_BYTES || n > c->spare_bytes)
		return arena_block(&c->memory, NULL, n);
	c->spare = NULL;
	c->spare_bytes = 0;
	return bytes;
}

static void give_back(struct sealed_cache *c, char *bytes, size_t n)
{
	if (n >= LONG_BYTES && n > c->spare_bytes) {
		char *smaller = c->spare;
		c->spare = bytes;
		c->spare_bytes = n;
		bytes = smaller;
	}
	if (bytes)
		arena_block(&c->memory, bytes, 0);
}

static size_t bucket_of(uint64_t file, int64_t from)
{
	uint64_t key = (file << 40 ^ (uint64_t)from) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(key >> 32) % SEALED_PIECES;
}

/* The one that begins at `from`, if `at` is in it. */
static struct sealed_piece *find_piece(
	const struct sealed_cache *c, const struct sealed *s, int64_t from, int64_t at)
{
	if (!c->pieces)
		return NULL;
	for (uint32_t i = c->buckets[bucket_of(s->id, from)]; i; i = c->pieces[i - 1].next) {
		struct sealed_piece *p = &c->pieces[i - 1];
		if (p->file == s->id && p->from == from)
			return at - from < (int64_t)p->n ? p : NULL;
	}
	return NULL;
}

static void drop_piece(struct sealed_cache *c, struct sealed_piece *p)
{
	uint32_t slot = (uint32_t)(p - c->pieces) + 1;
	uint32_t *link = &c->buckets[bucket_of(p->file, p->from)];
	while (*link != slot)
		link = &c->pieces[*link - 1].next;
	*link = p->next;
	c->n_bytes -= p->n;
	give_back(c, p->bytes, p->n);
	*p = (struct sealed_piece){ .bytes = NULL };
}

/* The slot to be used next: a free one, if must_be_used is not set and there is one. */
static struct sealed_piece *oldest_piece(struct sealed_cache *c, bool must_be_used)
{
	struct sealed_piece *oldest = NULL;
	for (size_t i = 0; i < SEALED_PIECES; i++) {
		struct sealed_piece *p = &c->pieces[i];
		if (!p->bytes && must_be_used)
			continue;
		if (!oldest || p->last_use < oldest->last_use)
			oldest = p;
		if (!oldest->bytes)
			break;
	}
	return oldest;
}

static void shrink(struct sealed_cache *c, size_t n_bytes)
{
	while (c->n_bytes > n_bytes)
		drop_piece(c, oldest_piece(c, true));
}

void sealed_cache_trim(struct sealed_cache *c)
{
	shrink(c, SEALED_KEEP_BYTES);
	if (c->spare)
		arena_block(&c->memory, c->spare, 0);
	c->spare = NULL;
	c->spare_bytes = 0;
	if (c->packed.cap > BUF_KEEP_BYTES) {
		buf_release(&c->packed);
		c->packed_file = 0;
	}
	if (c->plain.cap > BUF_KEEP_BYTES) {
		buf_release(&c->plain);
		c->plain_file = 0;
	}
}

/* Room for n more bytes, which are lines [from, from + n): at *ret->bytes. */
static struct sealed_piece *add_piece(
	struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t from, size_t n)
{
	if (!c->pieces) {
		c->pieces = arena_block(&c->memory, NULL, SEALED_PIECES * sizeof *c->pieces);
		c->buckets = arena_block(&c->memory, NULL, SEALED_PIECES * sizeof *c->buckets);
		memset(c->pieces, 0, SEALED_PIECES * sizeof *c->pieces);
		memset(c->buckets, 0, SEALED_PIECES * sizeof *c->buckets);
	}
	shrink(c, n < SEALED_CACHE_BYTES ? SEALED_CACHE_BYTES - n : 0);
	struct sealed_piece *p = oldest_piece(c, false);
	if (p->bytes)
		drop_piece(c, p);
	uint32_t *first = &c->buckets[bucket_of(s->id, from)];
	*p = (struct sealed_piece){ .file = s->id, .frame = frame, .from = from, .n = n };
	p->bytes = get_room(c, n);
	p->next = *first;
	*first = (uint32_t)(p - c->pieces) + 1;
	c->n_bytes += n;
	return p;
}

/* ---- Frames ---- */

static size_t frame_bytes(const struct sealed *s, size_t frame)
{
	return (size_t)(s->from[frame + 1] - s->from[frame]);
}

/* Into c->packed. A damaged one may look like any other until it is decoded. */
static enum err read_frame(struct sealed_cache *c, const struct sealed *s, int fd, size_t frame)
{
	size_t n_packed = (size_t)(s->at[frame + 1] - s->at[frame]), got;
	if (!c->coder) {
		enum err e = zst_coder_open(&c->coder);
		if (e)
			return e;
	}
	if (c->packed_file == s->id && c->packed_frame == frame)
		return ERR_OK;
	/* No frame of this length is longer. */
	if (n_packed > zst_bound(frame_bytes(s, frame)) || n_packed < sizeof(uint32_t))
		return ERR_IO;
	c->packed_file = 0;
	buf_reset(&c->packed);
	enum err e = io_pread(fd, buf_reserve(&c->packed, n_packed), n_packed, s->at[frame], &got);
	if (e || got != n_packed)
		return e ? e : ERR_IO;
	c->packed.len = n_packed;
	/* It ends with the checksum that the table has as well. */
	if (get_le(c->packed.ptr + n_packed - sizeof(uint32_t), 4) != s->checksum[frame])
		return ERR_IO;
	c->packed_file = s->id;
	c->packed_frame = frame;
	return ERR_OK;
}

/* What is wanted. is_line: a line, see sealed_read_line(). */
struct wanted {
	struct sealed_cache *c;
	struct sealed *s;
	int fd;
	bool is_line, is_checked;
};

/* All of a short frame, into c->plain. */
static enum err decode_short(const struct wanted *w, size_t frame)
{
	struct sealed_cache *c = w->c;
	size_t n = frame_bytes(w->s, frame);
	if (c->plain_file == w->s->id && c->plain_frame == frame)
		return ERR_OK;
	enum err e = read_frame(c, w->s, w->fd, frame);
	if (e)
		return e;
	c->plain_file = 0;
	buf_reset(&c->plain);
	e = zst_decompress(c->coder, buf_str(&c->packed), buf_reserve(&c->plain, n), n);
	if (e)
		return e;
	c->plain.len = n;
	c->plain_file = w->s->id;
	c->plain_frame = frame;
	return ERR_OK;
}

/* Of a short frame: what is wanted of it is kept if it is a line. */
static enum err read_short(
	const struct wanted *w, size_t frame, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	enum err e = decode_short(w, frame);
	if (e)
		return e;
	struct str part = str_skip(buf_str(&w->c->plain), (size_t)(at - w->s->from[frame]));
	part = str_first(part, n);
	memcpy(buf, part.ptr, part.len);
	*ret_done = part.len;
	if (w->is_line) {
		struct sealed_piece *p = add_piece(w->c, w->s, frame, at, part.len);
		memcpy(p->bytes, part.ptr, part.len);
		p->is_checked = true;
		p->last_use = ++w->c->clock;
	}
	return ERR_OK;
}

/* Decodes more of a long frame. */
static enum err make_ready(const struct wanted *w, struct sealed_piece *p, size_t until)
{
	enum err e = ERR_OK;
	if (!w->is_line)
		until = p->n;
	if (until > p->front.n_done)
		e = read_frame(w->c, w->s, w->fd, p->frame);
	if (!e && until > p->front.n_done) {
		p->front.frame = buf_str(&w->c->packed);
		e = zst_front_decode(w->c->coder, &p->front, until);
	}
	if (!e && !w->is_line) {
		p->is_checked = (uint32_t)xxh64(str_of(p->bytes, p->n)) == w->s->checksum[p->frame];
		e = p->is_checked ? ERR_OK : ERR_IO;
	}
	if (e)
		drop_piece(w->c, p);
	return e;
}

/* The frame in which the byte stands, which is not behind the last one. */
static size_t find_frame(const struct sealed *s, int64_t at)
{
	size_t low = 0, high = s->n_frames;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (s->from[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static enum err read_piece(
	struct wanted *w, struct sealed_piece *p, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	size_t skip = (size_t)(at - p->from), part = p->n - skip < n ? p->n - skip : n;
	enum err e = p->is_checked ? ERR_OK : make_ready(w, p, skip + part);
	if (e)
		return e;
	memcpy(buf, p->bytes + skip, part);
	w->is_checked = w->is_checked && p->is_checked;
	p->last_use = ++w->c->clock;
	*ret_done = part;
	return ERR_OK;
}

/* Some of what is wanted, from its beginning: *ret_done. */
static enum err read_some(
	struct wanted *w, size_t frame, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	int64_t from = w->s->from[frame];
	size_t n_frame = frame_bytes(w->s, frame);
	struct sealed_piece *p = find_piece(w->c, w->s, at, at);
	if (!p && from != at)
		p = find_piece(w->c, w->s, from, at);
	if (p)
		return read_piece(w, p, at, buf, n, ret_done);
	if (n >= SCAN_BYTES && from == at && n_frame <= n) {
		enum err e = read_frame(w->c, w->s, w->fd, frame);
		*ret_done = n_frame;
		return e ? e : zst_decompress(w->c->coder, buf_str(&w->c->packed), buf, n_frame);
	}
	if (n_frame < LONG_BYTES)
		return read_short(w, frame, at, buf, n, ret_done);
	p = add_piece(w->c, w->s, frame, from, n_frame);
	p->front = (struct zst_front){ .out = p->bytes, .n = n_frame };
	return read_piece(w, p, at, buf, n, ret_done);
}

static enum err read_all(struct wanted *w, char *buf, size_t n, int64_t at, size_t *ret_n)
{
	const struct sealed *s = w->s;
	size_t done = 0;
	if (at < 0 || at >= s->size_bytes)
		n = 0;
	else if ((int64_t)n > s->size_bytes - at)
		n = (size_t)(s->size_bytes - at);
	size_t frame = n ? find_frame(s, at) : 0;
	while (done < n) {
		size_t part = 0;
		int64_t next = at + (int64_t)done;
		if (s->from[frame + 1] <= next)
			frame++;
		enum err e = read_some(w, frame, next, buf + done, n - done, &part);
		if (e)
			return e;
		done += part;
	}
	*ret_n = n;
	return ERR_OK;
}

enum err sealed_read(struct sealed_cache *c, struct sealed *s, int fd, void *buf, size_t n,
	int64_t at, size_t *ret_n)
{
	struct wanted w = { .c = c, .s = s, .fd = fd };
	return read_all(&w, buf, n, at, ret_n);
}

enum err sealed_read_line(struct sealed_cache *c, struct sealed *s, int fd, void *buf, size_t n,
	int64_t at, size_t *ret_n, bool *ret_is_checked)
{
	struct wanted w = { .c = c, .s = s, .fd = fd, .is_line = true, .is_checked = true };
	enum err e = read_all(&w, buf, n, at, ret_n);
	if (!e)
		*ret_is_checked = w.is_checked;
	return e;
}
