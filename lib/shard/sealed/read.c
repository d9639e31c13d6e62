/* Reading lines of sealed files: what is decoded. */
#include "shard/sealed/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "shard/sealed/format.h"
#include "shard/sealed/frame.h"
#include "shard/sealed/page.h"
#include "shard/sealed/pieces.h"

enum {
	/* A read of so much is one of many behind each other: what it decodes is not kept. */
	SCAN_BYTES = 64 << 10,
	STEP_BYTES = 128 << 10 /* of a frame, that are decoded in 10 to 20 us: a block of zstd's */
};

/* ---- Frames ---- */

enum err frame_fetch(const struct sealed *s, int fd, size_t frame, struct buf *to)
{
	size_t n = packed_bytes(s, frame), got;
	/* No frame of this length is longer. */
	if (n > zst_bound(frame_bytes(s, frame)) || n < sizeof(uint32_t))
		return ERR_IO;
	buf_reset(to);
	enum err e = io_pread(fd, buf_reserve(to, n), n, s->at[frame], &got);
	if (e || got != n)
		return e ? e : ERR_IO;
	to->len = n;
	/* It ends with the checksum that the table has as well. */
	return get_le(to->ptr + n - sizeof(uint32_t), 4) == s->checksum[frame] ? ERR_OK : ERR_IO;
}

size_t frame_find(const struct sealed *s, int64_t at)
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

bool frame_of_line(const struct sealed *s, struct sealed_line line, size_t *ret)
{
	if (line.n == 0 || line.at < 0 || line.at >= s->size_bytes)
		return false;
	*ret = frame_find(s, line.at);
	return (int64_t)line.n <= s->from[*ret + 1] - line.at;
}

/* Into c->packed. */
static enum err read_frame(struct sealed_cache *c, const struct sealed *s, int fd, size_t frame)
{
	enum err e = c->coder ? ERR_OK : zst_coder_open(&c->coder);
	if (e || (c->packed_file == s->id && c->packed_frame == frame))
		return e;
	c->packed_file = 0;
	e = frame_fetch(s, fd, frame, &c->packed);
	if (e)
		return e;
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

/* c->plain is what was written. A line needs none of this, as its seal tells. */
static enum err check_short(const struct wanted *w)
{
	struct sealed_cache *c = w->c;
	if (!w->is_line && !c->plain_is_checked)
		c->plain_is_checked =
			(uint32_t)xxh64(buf_str(&c->plain)) == w->s->checksum[c->plain_frame];
	return w->is_line || c->plain_is_checked ? ERR_OK : ERR_IO;
}

/* All of a short frame, into c->plain. */
static enum err decode_short(const struct wanted *w, size_t frame)
{
	struct sealed_cache *c = w->c;
	size_t n = frame_bytes(w->s, frame);
	if (c->plain_file == w->s->id && c->plain_frame == frame)
		return check_short(w);
	enum err e = read_frame(c, w->s, w->fd, frame);
	if (e)
		return e;
	c->plain_file = 0;
	buf_reset(&c->plain);
	char *plain = buf_reserve(&c->plain, n);
	e = w->is_line ? zst_decompress_only(c->coder, buf_str(&c->packed), plain, n)
		       : zst_decompress(c->coder, buf_str(&c->packed), plain, n);
	if (e)
		return e;
	c->plain.len = n;
	c->plain_file = w->s->id;
	c->plain_frame = frame;
	c->plain_is_checked = !w->is_line;
	return ERR_OK;
}

/* Of a short frame: what is wanted of it is kept if it is a line. */
static enum err read_short(
	struct wanted *w, size_t frame, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	enum err e = decode_short(w, frame);
	if (e)
		return e;
	struct str part = str_skip(buf_str(&w->c->plain), (size_t)(at - w->s->from[frame]));
	part = str_first(part, n);
	memcpy(buf, part.ptr, part.len);
	*ret_done = part.len;
	w->is_checked = w->is_checked && w->c->plain_is_checked;
	if (w->is_line)
		piece_add_line(w->c, w->s, frame, at, part, w->c->plain_is_checked);
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
		piece_drop(w->c, p);
	return e;
}

/* All of a long frame, nothing of it decoded. */
static struct sealed_piece *add_frame(const struct wanted *w, size_t frame)
{
	size_t n = frame_bytes(w->s, frame);
	struct sealed_piece *p = piece_add(w->c, w->s, frame, w->s->from[frame], n);
	p->front = (struct zst_front){ .out = p->bytes, .n = n };
	return p;
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
	piece_touch(w->c, p);
	*ret_done = part;
	return ERR_OK;
}

/* ---- Lines of long frames that are expected ---- */

/* Where a line that is expected may go; NULL: nowhere. */
static char *room_ahead(struct sealed_cache *c, size_t n)
{
	if (!c->ahead || n > SEALED_AHEAD_BYTES - c->n_ahead)
		return NULL;
	c->n_ahead += n;
	if (c->n_ahead > c->ahead_touched)
		c->ahead_touched = c->n_ahead;
	return c->ahead + c->n_ahead - n;
}

/* A line of a frame that is decoded so far: a short one to be remembered, a long one for now. */
static void keep_ahead(const struct wanted *w, const struct sealed_piece *frame, struct str line,
	int64_t at, char *room)
{
	bool is_checked = frame->is_checked;
	size_t number = frame->frame;
	if (!room) {
		piece_add_line(w->c, w->s, number, at, line, is_checked);
		return;
	}
	memcpy(room, line.ptr, line.len);
	struct sealed_piece *p = piece_put(w->c, w->s, number, at, line.len, room);
	p->is_line = p->is_ahead = true;
	p->is_checked = is_checked;
}

/* until: how much of the frame is decoded at once. */
static enum err keep_long(
	const struct wanted *w, size_t frame, struct sealed_line line, size_t until)
{
	struct sealed_cache *c = w->c;
	size_t skip = (size_t)(line.at - w->s->from[frame]);
	bool is_long = line.n >= SEALED_LONG_LINE, is_ahead = is_long && !c->keeps_frames;
	char *room = is_ahead ? room_ahead(c, line.n) : NULL;
	if (is_ahead && !room)
		return ERR_OK;
	struct sealed_piece *p = piece_find_frame(c, w->s, frame);
	if (p)
		piece_touch(c, p); /* so that it is not what makes room for its line */
	else
		p = add_frame(w, frame);
	enum err e = p->is_checked ? ERR_OK : make_ready(w, p, until);
	if (e)
		return e;
	/* A copy must not make its frame go; only frames of other writers are that long. */
	bool is_huge = p->n + line.n > SEALED_CACHE_BYTES - c->n_ahead;
	if ((is_long && !is_ahead) || (!is_long && is_huge))
		piece_add_inside(c, w->s, p, line);
	else
		keep_ahead(w, p, str_of(p->bytes + skip, line.n), line.at, room);
	return ERR_OK;
}

/* Up to the end of the last line of the frame that is expected. */
static size_t expected_end(const struct wanted *w, size_t frame)
{
	const struct sealed_cache *c = w->c;
	size_t end = 0;
	for (size_t i = 0; i < c->n_later; i++) {
		const struct sealed_later *l = &c->later[i];
		size_t skip = (size_t)(l->line.at - w->s->from[frame]);
		if (l->file == w->s->id && l->frame == frame && skip + l->line.n > end)
			end = skip + l->line.n;
	}
	return frame_until(c, frame_bytes(w->s, frame), end);
}

/* All of the frame that are expected, with the one that somebody needs. */
static void keep_expected(const struct wanted *w, size_t frame)
{
	struct sealed_cache *c = w->c;
	size_t n_left = 0, until = expected_end(w, frame);
	enum err e = ERR_OK; /* told to whoever reads it */
	for (size_t i = 0; i < c->n_later; i++) {
		struct sealed_later l = c->later[i];
		if (l.file != w->s->id || l.frame != frame)
			c->later[n_left++] = l;
		else if (!e && !piece_find_line(c, w->s, l.line))
			e = keep_long(w, frame, l.line, until);
	}
	/* Room for the next one, if there is one: the next page is likely to begin in the last. */
	bool makes_room = !c->keeps_frames && n_left && n_left < c->n_later;
	struct sealed_piece *p = makes_room ? piece_find_frame(c, w->s, frame) : NULL;
	c->n_steps_used += n_left < c->n_later;
	c->n_later = n_left;
	if (p)
		piece_drop(c, p);
}

/* What is remembered of what stands at `at`, in the frame from `from` on; NULL: nothing. */
static struct sealed_piece *find_ready(const struct wanted *w, int64_t from, int64_t at)
{
	struct sealed_piece *p;
	do {
		p = piece_find(w->c, w->s, at, at, w->is_line);
		if (!p && from != at)
			p = piece_find(w->c, w->s, from, at, w->is_line);
	} while (p && p->part && !page_wait(w->c, p));
	return p;
}

/* Some of what is wanted, from its beginning: *ret_done. */
static enum err read_some(
	struct wanted *w, size_t frame, int64_t at, char *buf, size_t n, size_t *ret_done)
{
	int64_t from = w->s->from[frame];
	size_t n_frame = frame_bytes(w->s, frame);
	struct sealed_piece *p = find_ready(w, from, at);
	bool is_whole = p && p->is_line && p->n - (size_t)(at - p->from) >= n; /* no head */
	if (!is_whole && w->is_line && w->c->n_later) {
		keep_expected(w, frame);
		p = find_ready(w, from, at);
	}
	if (p)
		return read_piece(w, p, at, buf, n, ret_done);
	if (n >= SCAN_BYTES && from == at && n_frame <= n) {
		enum err e = read_frame(w->c, w->s, w->fd, frame);
		*ret_done = n_frame;
		return e ? e : zst_decompress(w->c->coder, buf_str(&w->c->packed), buf, n_frame);
	}
	if (n_frame < SEALED_LONG_FRAME)
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
	size_t frame = n ? frame_find(s, at) : 0;
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

/* ---- Expected ---- */

void sealed_expect_room(const struct sealed_cache *c, const struct sealed *s,
	const struct sealed_line *lines, size_t n, struct sealed_room *ret)
{
	size_t frame, last = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		if (!frame_of_line(s, lines[i], &frame))
			continue;
		const struct sealed_piece *p = piece_find_line(c, s, lines[i]);
		bool is_in_long = frame_bytes(s, frame) >= SEALED_LONG_FRAME;
		bool has_memory = p && piece_has_memory(p);
		bool is_copied = !p && (!is_in_long || lines[i].n < SEALED_LONG_LINE);
		ret->n_missing += !p;
		if (has_memory || is_copied)
			ret->own += lines[i].n;
		else if (!p || p->inside)
			ret->lines += lines[i].n;
		if (is_in_long && !has_memory && frame != last) {
			ret->whole += frame_bytes(s, frame);
			last = frame;
		}
	}
}

void sealed_expect_begin(struct sealed_cache *c, struct sealed_room room)
{
	sealed_expect_end(c);
	c->n_later = 0;
	c->keeps_frames = room.whole + room.own <= SEALED_CACHE_BYTES &&
			  (c->keeps_frames || !room.is_further);
	if (!room.n_missing)
		return;
	if (c->keeps_frames && room.whole + room.own > SEALED_CACHE_BYTES - c->ahead_touched)
		ahead_release(c);
	if (c->keeps_frames)
		return;
	if (room.lines + room.own > SEALED_AHEAD_BYTES - c->n_ahead)
		ahead_drop(c);
	pieces_drop_inside(c); /* their frames may have to make room */
	size_t left = SEALED_AHEAD_BYTES - c->n_ahead,
	       later = room.lines < left ? room.lines : left;
	pieces_shrink(c, SEALED_CACHE_BYTES - c->n_ahead - later);
	if (room.lines && !c->ahead) /* the system gives what is touched */
		c->ahead = arena_block(&c->memory, NULL, SEALED_AHEAD_BYTES);
}

/* The step that comes next, unless it has to wait: where frames do not stay, one of them is ahead
 * of those whose lines were taken. */
static struct sealed_step *next_step(struct sealed_cache *c)
{
	size_t most = c->keeps_frames ? c->n_steps : c->n_steps_used + 1;
	if (c->next_step < c->n_steps_used)
		c->next_step = c->n_steps_used;
	return c->next_step < c->n_steps && c->next_step < most ? &c->steps[c->next_step] : NULL;
}

bool sealed_expect_step(struct sealed_cache *c)
{
	for (struct sealed_step *step; (step = next_step(c)); c->next_step++) {
		struct wanted w = { .c = c, .s = step->s, .fd = step->fd, .is_line = true };
		struct sealed_piece *p = piece_find_frame(c, step->s, step->frame);
		if (p && (p->is_checked || p->front.n_done >= step->until))
			continue;
		if (!p)
			p = add_frame(&w, step->frame);
		size_t until = p->front.n_done + STEP_BYTES;
		piece_touch(c, p);
		if (make_ready(&w, p, until < step->until ? until : step->until))
			c->next_step++; /* told to whoever reads it */
		return true;
	}
	return false;
}
