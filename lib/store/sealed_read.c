/* Reading lines of sealed files: what is decoded, and how long it is kept. */
#include "store/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "store/sealed_format.h"

enum {
	/* A read of so much is one of many behind each other: what it decodes is not kept. */
	SCAN_BYTES = 64 << 10,
	PACKED_KEEP_BYTES = 256 << 10,
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

static size_t bucket_of(uint64_t file, size_t frame)
{
	uint64_t key = (file << 32 ^ frame) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(key >> 32) % SEALED_PIECES;
}

static struct sealed_piece *find_piece(
	const struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t at)
{
	if (!c->pieces)
		return NULL;
	for (uint32_t i = c->buckets[bucket_of(s->id, frame)]; i; i = c->pieces[i - 1].next) {
		struct sealed_piece *p = &c->pieces[i - 1];
		if (p->file == s->id && p->frame == frame && p->from <= at &&
			at - p->from < (int64_t)p->n)
			return p;
	}
	return NULL;
}

static void drop_piece(struct sealed_cache *c, struct sealed_piece *p)
{
	uint32_t slot = (uint32_t)(p - c->pieces) + 1;
	uint32_t *link = &c->buckets[bucket_of(p->file, p->frame)];
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
	if (c->packed.cap > PACKED_KEEP_BYTES) {
		buf_release(&c->packed);
		c->packed_file = 0;
	}
}

/* A free slot, with room for n more bytes. */
static struct sealed_piece *make_room(struct sealed_cache *c, size_t n)
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
	return p;
}

static void keep_piece(struct sealed_cache *c, struct sealed_piece *p, uint64_t file, size_t frame)
{
	uint32_t *first = &c->buckets[bucket_of(file, frame)];
	p->file = file;
	p->frame = frame;
	p->next = *first;
	*first = (uint32_t)(p - c->pieces) + 1;
	c->n_bytes += p->n;
}

/* ---- Frames ---- */

static enum err read_frame(struct sealed_cache *c, const struct sealed *s, int fd, size_t frame)
{
	size_t n = (size_t)(s->from[frame + 1] - s->from[frame]);
	size_t n_packed = (size_t)(s->at[frame + 1] - s->at[frame]), got;
	if (c->packed_file == s->id && c->packed_frame == frame)
		return ERR_OK;
	/* No frame of this length is longer, nor a dictionary. */
	size_t most = n ? zst_bound(n) * 2 : SEALED_DICT_BYTES + SEALED_HEAD_BYTES;
	if (n_packed > most || n_packed < SEALED_HEAD_BYTES)
		return ERR_IO;
	c->packed_file = 0;
	buf_reset(&c->packed);
	enum err e = io_pread(fd, buf_reserve(&c->packed, n_packed), n_packed, s->at[frame], &got);
	if (e || got != n_packed)
		return e ? e : ERR_IO;
	c->packed.len = n_packed;
	c->packed_file = s->id;
	c->packed_frame = frame;
	return ERR_OK;
}

static enum err open_dict(struct sealed_cache *c, struct sealed *s, int fd)
{
	if (s->dict || s->dict_frame == SIZE_MAX)
		return ERR_OK;
	enum err e = read_frame(c, s, fd, s->dict_frame);
	if (e)
		return e;
	struct str packed = buf_str(&c->packed), dict = str_skip(packed, SEALED_HEAD_BYTES);
	if (get_le(packed.ptr, 4) != SEALED_DICT_MAGIC || get_le(packed.ptr + 4, 4) != dict.len ||
		(uint32_t)xxh64(dict) != s->checksum[s->dict_frame])
		return ERR_IO;
	e = zst_dict_open(dict, &s->dict);
	if (!e)
		s->memory_bytes += dict.len;
	return e;
}

/* Which of the frames behind one another the byte stands in. */
struct spot {
	struct str packed;
	int64_t from;
	size_t n;
};

/* Of the frame that was read. A damaged one may look like any other until it is decoded. */
static enum err find_spot(const struct sealed_cache *c, const struct sealed *s, size_t frame,
	int64_t at, struct spot *ret)
{
	struct str left = buf_str(&c->packed);
	int64_t from = s->from[frame], end = s->from[frame + 1];
	while (left.len) {
		size_t packed, n;
		enum err e = zst_frame_size(left, &packed, &n);
		if (e || n == 0 || (int64_t)n > end - from)
			return ERR_IO;
		/* One alone ends with the checksum that the table has as well. */
		if (packed == c->packed.len &&
			(packed < sizeof(uint32_t) || get_le(left.ptr + packed - sizeof(uint32_t),
							      4) != s->checksum[frame]))
			return ERR_IO;
		if (at < from + (int64_t)n) {
			*ret = (struct spot){ str_first(left, packed), from, n };
			return ERR_OK;
		}
		left = str_skip(left, packed);
		from += (int64_t)n;
	}
	return ERR_IO;
}

/* What is wanted: n bytes from `at` on into buf. is_line: a line, see sealed_read_line(). */
struct wanted {
	struct sealed_cache *c;
	struct sealed *s;
	int fd;
	bool is_line, is_checked;
};

static enum err read_spot(const struct wanted *w, size_t frame, int64_t at, struct spot *ret)
{
	enum err e = open_dict(w->c, w->s, w->fd);
	if (!e)
		e = read_frame(w->c, w->s, w->fd, frame);
	if (!e)
		e = find_spot(w->c, w->s, frame, at, ret);
	return !e && !w->c->coder ? zst_coder_open(&w->c->coder) : e;
}

/* Into the buffer if all of it is wanted there, else into a piece that is kept. */
static enum err decode(const struct wanted *w, size_t frame, int64_t at, char *buf, size_t n,
	struct sealed_piece **ret_piece, size_t *ret_done)
{
	struct sealed_cache *c = w->c;
	struct spot spot;
	enum err e = read_spot(w, frame, at, &spot);
	if (e)
		return e;
	if (n >= SCAN_BYTES && spot.from == at && spot.n <= n) {
		*ret_done = spot.n;
		return zst_decompress(c->coder, w->s->dict, spot.packed, buf, spot.n);
	}
	bool is_front = w->is_line && spot.n >= LONG_BYTES && spot.packed.len == c->packed.len;
	struct sealed_piece *p = make_room(c, spot.n);
	char *bytes = get_room(c, spot.n);
	if (!is_front)
		e = zst_decompress(c->coder, w->s->dict, spot.packed, bytes, spot.n);
	if (e) {
		give_back(c, bytes, spot.n);
		return e;
	}
	*p = (struct sealed_piece){ .bytes = bytes,
		.n = spot.n,
		.from = spot.from,
		.is_checked = !is_front,
		.front = { .out = bytes, .n = spot.n } };
	keep_piece(c, p, w->s->id, frame);
	*ret_piece = p;
	return ERR_OK;
}

/* Decodes more of a piece. */
static enum err make_ready(const struct wanted *w, struct sealed_piece *p, size_t until)
{
	struct spot spot;
	enum err e = ERR_OK;
	if (!w->is_line)
		until = p->n;
	if (until > p->front.n_done)
		e = read_spot(w, p->frame, p->from, &spot);
	if (!e && until > p->front.n_done) {
		p->front.frame = spot.packed;
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

/* Some of what is wanted, from its beginning: *ret_done. */
static enum err read_some(
	struct wanted *w, size_t frame, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	struct sealed_piece *p = find_piece(w->c, w->s, frame, at);
	enum err e = p ? ERR_OK : decode(w, frame, at, buf, n, &p, ret_done);
	if (e || !p)
		return e;
	size_t skip = (size_t)(at - p->from), part = p->n - skip < n ? p->n - skip : n;
	if (!p->is_checked)
		e = make_ready(w, p, skip + part);
	if (e)
		return e;
	memcpy(buf, p->bytes + skip, part);
	w->is_checked = w->is_checked && p->is_checked;
	p->last_use = ++w->c->clock;
	*ret_done = part;
	return ERR_OK;
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
		while (s->from[frame + 1] <= next)
			frame++; /* the dictionary's has no lines */
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
