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
	LONG_BYTES = 512 << 10,
	ROOM_BYTES = 4 << 20,
	/* Of long frames, lines and heads below that are remembered as those of others. */
	LONG_LINE_BYTES = 16 << 10
};

/* ---- What is kept ---- */

/* Memory of long frames is used again: getting it anew from the system takes as long as decoding
 * half of what goes there. One size is for all that our writer makes, though not all frames have
 * it: the system gives what is touched. */
static size_t room_of(size_t n)
{
	size_t room = ROOM_BYTES;
	while (room < n)
		room *= 2;
	return n < LONG_BYTES ? n : room;
}

static char *get_room(struct sealed_cache *c, size_t n)
{
	n = room_of(n);
	char *bytes = c->spare;
	if (n < LONG_BYTES || n > c->spare_bytes)
		return arena_block(&c->memory, NULL, n);
	c->spare = NULL;
	c->spare_bytes = 0;
	return bytes;
}

static void give_back(struct sealed_cache *c, char *bytes, size_t n)
{
	n = room_of(n);
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

/* Slots are named by their number + 1, so that 0 is none. */
static struct sealed_piece *piece_of(const struct sealed_cache *c, uint32_t slot)
{
	return slot ? &c->pieces[slot - 1] : NULL;
}

static uint32_t slot_of(const struct sealed_cache *c, const struct sealed_piece *p)
{
	return (uint32_t)(p - c->pieces) + 1;
}

static void take_out(struct sealed_cache *c, const struct sealed_piece *p)
{
	struct sealed_piece *older = piece_of(c, p->older), *newer = piece_of(c, p->newer);
	*(older ? &older->newer : &c->oldest) = p->newer;
	*(newer ? &newer->older : &c->newest) = p->older;
}

static void put_in_front(struct sealed_cache *c, struct sealed_piece *p)
{
	struct sealed_piece *older = piece_of(c, c->newest);
	p->older = c->newest;
	p->newer = 0;
	c->newest = slot_of(c, p);
	*(older ? &older->newer : &c->oldest) = c->newest;
}

static void touch(struct sealed_cache *c, struct sealed_piece *p)
{
	take_out(c, p);
	put_in_front(c, p);
}

/* One that begins at `from` and holds what stands at `at`. is_line: also a line that was not
 * compared with the checksum of its frame. */
static struct sealed_piece *find_piece(const struct sealed_cache *c, const struct sealed *s,
	int64_t from, int64_t at, bool is_line)
{
	uint32_t slot = c->pieces ? c->buckets[bucket_of(s->id, from)] : 0;
	for (; slot; slot = c->pieces[slot - 1].next) {
		struct sealed_piece *p = &c->pieces[slot - 1];
		bool is_known = is_line || !p->is_line || p->is_checked;
		if (p->file == s->id && p->from == from && at - from < (int64_t)p->n && is_known)
			return p;
	}
	return NULL;
}

static void drop_piece(struct sealed_cache *c, struct sealed_piece *p)
{
	uint32_t slot = slot_of(c, p);
	uint32_t *link = &c->buckets[bucket_of(p->file, p->from)];
	while (*link != slot)
		link = &c->pieces[*link - 1].next;
	*link = p->next;
	take_out(c, p);
	if (!p->is_ahead) {
		c->n_bytes -= p->n;
		give_back(c, p->bytes, p->n);
	}
	*p = (struct sealed_piece){ .next = c->free };
	c->free = slot;
}

static void shrink(struct sealed_cache *c, size_t n_bytes)
{
	while (c->n_bytes > n_bytes)
		drop_piece(c, piece_of(c, c->oldest));
}

static void drop_ahead(struct sealed_cache *c)
{
	for (uint32_t slot = c->oldest, newer; slot && c->n_ahead; slot = newer) {
		struct sealed_piece *p = piece_of(c, slot);
		newer = p->newer;
		if (p->is_ahead)
			drop_piece(c, p);
	}
	c->n_ahead = 0;
}

void sealed_cache_trim(struct sealed_cache *c)
{
	shrink(c, SEALED_KEEP_BYTES);
}

static void drop_spare(struct sealed_cache *c)
{
	if (c->spare)
		arena_block(&c->memory, c->spare, 0);
	c->spare = NULL;
	c->spare_bytes = 0;
}

/* Lines that are ahead get memory of their own, as far as they are among what was used last. A long
 * frame that was read for one line has no room here, but lines that are older have. */
static void keep_last_used(struct sealed_cache *c)
{
	size_t n_kept = 0;
	for (uint32_t slot = c->newest, older; slot; slot = older) {
		struct sealed_piece *p = piece_of(c, slot);
		older = p->older;
		if (p->n > SEALED_REST_BYTES - n_kept) {
			if (p->is_line)
				n_kept = SEALED_REST_BYTES; /* nor what is older */
			drop_piece(c, p);
			drop_spare(c); /* a frame's: a line would keep all of it */
			continue;
		}
		n_kept += p->n;
		if (!p->is_ahead)
			continue;
		char *bytes = get_room(c, p->n);
		memcpy(bytes, p->bytes, p->n);
		p->bytes = bytes;
		p->is_ahead = false;
		c->n_bytes += p->n;
	}
	c->n_ahead = 0;
}

void sealed_cache_rest(struct sealed_cache *c)
{
	drop_spare(c);
	keep_last_used(c);
	if (c->ahead)
		arena_block(&c->memory, c->ahead, 0);
	c->ahead = NULL;
	if (c->packed.cap > BUF_KEEP_BYTES) {
		buf_release(&c->packed);
		c->packed_file = 0;
	}
	if (c->plain.cap > BUF_KEEP_BYTES) {
		buf_release(&c->plain);
		c->plain_file = 0;
	}
}

static void make_pieces(struct sealed_cache *c)
{
	c->pieces = arena_block(&c->memory, NULL, SEALED_PIECES * sizeof *c->pieces);
	c->buckets = arena_block(&c->memory, NULL, SEALED_PIECES * sizeof *c->buckets);
	memset(c->pieces, 0, SEALED_PIECES * sizeof *c->pieces);
	memset(c->buckets, 0, SEALED_PIECES * sizeof *c->buckets);
	for (uint32_t i = 0; i < SEALED_PIECES; i++)
		c->pieces[i].next = i;
	c->free = SEALED_PIECES;
}

/* Lines [from, from + n), at bytes. */
static struct sealed_piece *put_piece(struct sealed_cache *c, const struct sealed *s, size_t frame,
	int64_t from, size_t n, char *bytes)
{
	if (!c->pieces)
		make_pieces(c);
	if (!c->free)
		drop_piece(c, piece_of(c, c->oldest));
	uint32_t *first = &c->buckets[bucket_of(s->id, from)];
	uint32_t slot = c->free;
	struct sealed_piece *p = piece_of(c, slot);
	c->free = p->next;
	*p = (struct sealed_piece){
		.file = s->id, .frame = frame, .from = from, .n = n, .bytes = bytes, .next = *first
	};
	*first = slot;
	put_in_front(c, p);
	return p;
}

/* The same with room of their own. */
static struct sealed_piece *add_piece(
	struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t from, size_t n)
{
	shrink(c, n < SEALED_CACHE_BYTES ? SEALED_CACHE_BYTES - n : 0);
	struct sealed_piece *p = put_piece(c, s, frame, from, n, get_room(c, n));
	c->n_bytes += n;
	return p;
}

static void add_line(struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t at,
	struct str line, bool is_checked)
{
	struct sealed_piece *p = add_piece(c, s, frame, at, line.len);
	memcpy(p->bytes, line.ptr, line.len);
	p->is_line = true;
	p->is_checked = is_checked;
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
	if (w->is_line)
		add_line(w->c, w->s, frame, at, part, true);
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

/* All of a long frame, nothing of it decoded. */
static struct sealed_piece *add_frame(const struct wanted *w, size_t frame)
{
	size_t n = frame_bytes(w->s, frame);
	struct sealed_piece *p = add_piece(w->c, w->s, frame, w->s->from[frame], n);
	p->front = (struct zst_front){ .out = p->bytes, .n = n };
	return p;
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
	enum err e = p->is_line || p->is_checked ? ERR_OK : make_ready(w, p, skip + part);
	if (e)
		return e;
	memcpy(buf, p->bytes + skip, part);
	w->is_checked = w->is_checked && p->is_checked;
	touch(w->c, p);
	*ret_done = part;
	return ERR_OK;
}

/* Some of what is wanted, from its beginning: *ret_done. */
static enum err read_some(
	struct wanted *w, size_t frame, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	int64_t from = w->s->from[frame];
	size_t n_frame = frame_bytes(w->s, frame);
	struct sealed_piece *p = find_piece(w->c, w->s, at, at, w->is_line);
	if (!p && from != at)
		p = find_piece(w->c, w->s, from, at, w->is_line);
	if (p)
		return read_piece(w, p, at, buf, n, ret_done);
	if (n >= SCAN_BYTES && from == at && n_frame <= n) {
		enum err e = read_frame(w->c, w->s, w->fd, frame);
		*ret_done = n_frame;
		return e ? e : zst_decompress(w->c->coder, buf_str(&w->c->packed), buf, n_frame);
	}
	if (n_frame < LONG_BYTES)
		return read_short(w, frame, at, buf, n, ret_done);
	p = add_frame(w, frame);
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

/* ---- Ahead ---- */

/* A line that ends in its frame. */
static enum err keep_short(const struct wanted *w, size_t frame, struct sealed_line line)
{
	enum err e = decode_short(w, frame);
	if (e)
		return e;
	struct str from = str_skip(buf_str(&w->c->plain), (size_t)(line.at - w->s->from[frame]));
	add_line(w->c, w->s, frame, line.at, str_first(from, line.n), true);
	return ERR_OK;
}

static struct sealed_piece *find_long(const struct wanted *w, size_t frame)
{
	const struct sealed_cache *c = w->c;
	int64_t from = w->s->from[frame];
	uint32_t slot = c->pieces ? c->buckets[bucket_of(w->s->id, from)] : 0;
	for (; slot; slot = c->pieces[slot - 1].next) {
		struct sealed_piece *p = &c->pieces[slot - 1];
		if (p->file == w->s->id && p->from == from && !p->is_line)
			return p;
	}
	return NULL;
}

/* Where a line that is expected may go; NULL: nowhere. */
static char *room_ahead(struct sealed_cache *c, size_t n)
{
	if (!c->ahead || n > SEALED_AHEAD_BYTES - c->n_ahead)
		return NULL;
	c->n_ahead += n;
	return c->ahead + c->n_ahead - n;
}

/* A line of a frame that is decoded so far: a short one to be remembered, a long one for now. */
static void keep_ahead(const struct wanted *w, const struct sealed_piece *frame, struct str line,
	int64_t at, char *room)
{
	bool is_checked = frame->is_checked;
	size_t number = frame->frame;
	if (!room) {
		add_line(w->c, w->s, number, at, line, is_checked);
		return;
	}
	memcpy(room, line.ptr, line.len);
	struct sealed_piece *p = put_piece(w->c, w->s, number, at, line.len, room);
	p->is_line = p->is_ahead = true;
	p->is_checked = is_checked;
}

static enum err keep_long(const struct wanted *w, size_t frame, struct sealed_line line)
{
	size_t skip = (size_t)(line.at - w->s->from[frame]);
	bool is_long = line.n >= LONG_LINE_BYTES;
	char *room = is_long ? room_ahead(w->c, line.n) : NULL;
	if (is_long && !room)
		return ERR_OK;
	struct sealed_piece *p = find_long(w, frame);
	if (p)
		touch(w->c, p); /* so that it is not what makes room for its line */
	else
		p = add_frame(w, frame);
	enum err e = p->is_checked ? ERR_OK : make_ready(w, p, skip + line.n);
	if (!e)
		keep_ahead(w, p, str_of(p->bytes + skip, line.n), line.at, room);
	return e;
}

/* The frame that the line stands in, all of it. */
static bool line_frame(const struct sealed *s, struct sealed_line line, size_t *ret)
{
	if (line.n == 0 || line.at < 0 || line.at >= s->size_bytes)
		return false;
	*ret = find_frame(s, line.at);
	return (int64_t)line.n <= s->from[*ret + 1] - line.at;
}

static struct sealed_piece *find_line(
	const struct sealed_cache *c, const struct sealed *s, struct sealed_line line)
{
	struct sealed_piece *p = find_piece(c, s, line.at, line.at, true);
	return p && p->is_line && p->n >= line.n ? p : NULL;
}

size_t sealed_expect_room(const struct sealed_cache *c, const struct sealed *s,
	const struct sealed_line *lines, size_t n)
{
	size_t n_bytes = 0, frame;
	for (size_t i = 0; i < n; i++)
		if (lines[i].n >= LONG_LINE_BYTES && line_frame(s, lines[i], &frame) &&
			frame_bytes(s, frame) >= LONG_BYTES && !find_line(c, s, lines[i]))
			n_bytes += lines[i].n;
	return n_bytes;
}

void sealed_expect_begin(struct sealed_cache *c, size_t n_bytes)
{
	if (n_bytes > SEALED_AHEAD_BYTES - c->n_ahead)
		drop_ahead(c);
	if (n_bytes && !c->ahead) /* the system gives what is touched */
		c->ahead = arena_block(&c->memory, NULL, SEALED_AHEAD_BYTES);
}

void sealed_expect(
	struct sealed_cache *c, struct sealed *s, int fd, const struct sealed_line *lines, size_t n)
{
	struct wanted w = { .c = c, .s = s, .fd = fd, .is_line = true };
	for (size_t i = 0; i < n; i++) {
		struct sealed_line line = lines[i];
		size_t frame;
		if (!line_frame(s, line, &frame))
			continue;
		struct sealed_piece *known = find_line(c, s, line);
		if (known) {
			touch(c, known);
			continue;
		}
		bool is_long = frame_bytes(s, frame) >= LONG_BYTES;
		enum err e = is_long ? keep_long(&w, frame, line) : keep_short(&w, frame, line);
		if (e)
			return; /* told to whoever reads it */
		bool is_last = i + 1 == n || lines[i + 1].at >= s->from[frame + 1];
		struct sealed_piece *p = is_long && is_last ? find_long(&w, frame) : NULL;
		if (p)
			drop_piece(c, p); /* room for the next one */
	}
}
