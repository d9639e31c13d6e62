/*
 * Sealed files that are damaged: the table made again from the frames, and what can still be had of
 * a frame.
 */
#include "shard/sealed/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/zst.h"
#include "shard/sealed/format.h"
#include "shard/sealed/frame.h"

enum {
	WINDOW_BYTES = 256 << 10,
	MAGIC_BYTES = 4,
	/* Stands for a frame of which not even the length is known: a byte and a newline. */
	LOST_BYTES = 2
};

#define ZSTD_MAGIC UINT32_C(0xFD2FB528)

/* ---- The table ---- */

struct entry {
	int64_t packed, plain;
	uint32_t checksum;
};

struct walk {
	int fd;
	int64_t size; /* of the file */
	struct arena *arena;
	struct zst_coder *coder;
	struct buf window; /* bytes of the file from window_at on */
	int64_t window_at;
	struct buf entries; /* struct entry each */
	bool has_lost;
};

/* Bytes of the file from `at` on: n, or all there are. Good until the next call. */
static enum err walk_read(struct walk *w, int64_t at, size_t n, struct str *ret)
{
	size_t got;
	if ((int64_t)n > w->size - at)
		n = (size_t)(w->size - at);
	if (at < w->window_at || at + (int64_t)n > w->window_at + (int64_t)w->window.len) {
		size_t room = n < WINDOW_BYTES ? WINDOW_BYTES : n;
		buf_reset(&w->window);
		enum err e = io_pread(w->fd, buf_reserve(&w->window, room), room, at, &got);
		if (e)
			return e;
		w->window.len = got;
		w->window_at = at;
	}
	*ret = str_first(str_skip(buf_str(&w->window), (size_t)(at - w->window_at)), n);
	return ERR_OK;
}

/* ERR_NOT_FOUND: no whole frame of ours begins there. */
static enum err measure_frame(struct walk *w, int64_t at, struct entry *ret)
{
	size_t most = zst_bound(SEALED_FRAME_MAX), packed = 0;
	struct str bytes;
	enum err e = ERR_NOT_FOUND;
	for (size_t n = WINDOW_BYTES; e == ERR_NOT_FOUND; n *= 4) {
		e = walk_read(w, at, n < most ? n : most, &bytes);
		if (e) /* of the disk */
			return e;
		e = zst_frame_size(bytes, &packed);
		if (e == ERR_IO || (e && (bytes.len < n || n >= most)))
			return ERR_NOT_FOUND;
	}
	uint64_t plain = zst_frame_plain(bytes);
	if (packed < MAGIC_BYTES || plain == 0 || plain > SEALED_FRAME_MAX)
		return ERR_NOT_FOUND;
	*ret = (struct entry){ .packed = (int64_t)packed,
		.plain = (int64_t)plain,
		.checksum = (uint32_t)get_le(bytes.ptr + packed - MAGIC_BYTES, MAGIC_BYTES) };
	return ERR_OK;
}

/* True when what stands there, after n frames, is foot and table: by the foot's beginning, or by
 * its length. */
static bool is_ending(struct walk *w, int64_t at, size_t n)
{
	size_t entries = (n + 1) * SEALED_ENTRY_BYTES;
	size_t ending = SEALED_HEAD_BYTES + SEALED_FOOT_BYTES + SEALED_HEAD_BYTES + entries +
			SEALED_END_BYTES;
	struct str bytes;
	return w->size - at == (int64_t)ending ||
	       (walk_read(w, at, SEALED_HEAD_BYTES, &bytes) == ERR_OK &&
		       bytes.len == SEALED_HEAD_BYTES &&
		       get_le(bytes.ptr, 4) == SEALED_FOOT_MAGIC &&
		       get_le(bytes.ptr + 4, 4) == SEALED_FOOT_BYTES);
}

static bool decodes(struct walk *w, int64_t at, const struct entry *f)
{
	struct str bytes;
	if (walk_read(w, at, (size_t)f->packed, &bytes))
		return false;
	char *plain = arena_block(w->arena, NULL, (size_t)f->plain);
	enum err e = zst_decompress(w->coder, bytes, plain, (size_t)f->plain);
	arena_block(w->arena, plain, 0);
	return !e;
}

/* A frame whose length is damaged does not end where another one begins. */
static enum err find_frame(struct walk *w, int64_t at, size_t n_before, struct entry *ret)
{
	struct str next;
	enum err e = measure_frame(w, at, ret);
	if (e)
		return e;
	int64_t end = at + ret->packed;
	e = walk_read(w, end, MAGIC_BYTES, &next);
	if (e)
		return e;
	bool is_followed = next.len == MAGIC_BYTES && get_le(next.ptr, 4) == ZSTD_MAGIC;
	return is_followed || is_ending(w, end, n_before + 1) || decodes(w, at, ret)
		       ? ERR_OK
		       : ERR_NOT_FOUND;
}

/* The next place after `at` where a frame or the ending may be; the end of the file. */
static enum err find_next(struct walk *w, int64_t at, size_t n_before, int64_t *ret)
{
	struct entry f;
	struct str bytes;
	while (++at < w->size) {
		enum err e = walk_read(w, at, WINDOW_BYTES, &bytes);
		if (e)
			return e;
		size_t n = bytes.len;
		for (size_t i = 0; i + MAGIC_BYTES <= n; i++) {
			uint64_t magic = get_le(bytes.ptr + i, 4);
			if (magic != ZSTD_MAGIC && magic != SEALED_FOOT_MAGIC)
				continue;
			*ret = at + (int64_t)i;
			if (magic == SEALED_FOOT_MAGIC ? is_ending(w, *ret, n_before + 1)
						       : !find_frame(w, *ret, n_before + 1, &f))
				return ERR_OK;
			e = walk_read(w, at, n, &bytes);
			if (e)
				return e;
		}
		at += (int64_t)n - MAGIC_BYTES;
		if (n < WINDOW_BYTES)
			break;
	}
	*ret = w->size;
	return ERR_OK;
}

/* What cannot be found ends at the next frame. Its own head may still say what it held. */
static enum err pass_lost(struct walk *w, int64_t at, size_t n_before, struct entry *ret)
{
	int64_t next;
	struct str bytes;
	enum err e = find_next(w, at, n_before, &next);
	if (!e)
		e = walk_read(w, at, WINDOW_BYTES, &bytes);
	if (e)
		return e;
	uint64_t plain = zst_frame_plain(bytes);
	bool is_known = plain > 0 && plain <= SEALED_FRAME_MAX;
	w->has_lost = true;
	*ret = (struct entry){ .packed = next - at,
		.plain = is_known ? (int64_t)plain : LOST_BYTES };
	return ERR_OK;
}

/* True when the foot is sound and its version is one that this program does not know. */
static bool is_of_the_future(struct walk *w, int64_t at)
{
	enum { FOOT_BYTES = SEALED_HEAD_BYTES + SEALED_FOOT_BYTES };
	struct str foot;
	return walk_read(w, at, FOOT_BYTES, &foot) == ERR_OK && foot.len == FOOT_BYTES &&
	       get_le(foot.ptr + FOOT_BYTES - 8, 8) == xxh64(str_first(foot, FOOT_BYTES - 8)) &&
	       get_le(foot.ptr + SEALED_HEAD_BYTES + 8, 4) != SEALED_VERSION;
}

static void walk_add_entry(struct walk *w, struct entry f)
{
	buf_add(&w->entries, str_of((const char *)&f, sizeof f));
}

static enum err walk_frames(struct walk *w)
{
	int64_t at = 0;
	size_t n = 0;
	bool is_lost = false; /* what was passed last */
	enum err e = ERR_OK;
	while (!e && at < w->size && n < SEALED_FRAMES_MAX && !is_ending(w, at, n)) {
		struct entry f;
		e = find_frame(w, at, n, &f);
		is_lost = e == ERR_NOT_FOUND;
		if (is_lost)
			e = pass_lost(w, at, n, &f);
		if (e)
			break;
		walk_add_entry(w, f);
		at += f.packed;
		n++;
	}
	if (!e && at >= w->size) { /* the file was cut: what followed is gone */
		w->has_lost = true;
		if (!is_lost)
			walk_add_entry(w, (struct entry){ .plain = LOST_BYTES });
	}
	return !e && is_of_the_future(w, at) ? ERR_IO : e;
}

/* Returns the fingerprint of the table as it was, if all frames were found: then an index of the
 * file is still its own. */
static uint64_t print_of(const struct walk *w, const struct sealed *s)
{
	struct buf entries, table;
	char entry[SEALED_ENTRY_BYTES];
	if (w->has_lost)
		return hash64(buf_str(&w->entries), SEALED_FOOT_MAGIC);
	buf_init(&entries, w->arena);
	buf_init(&table, w->arena);
	for (size_t i = 0; i <= s->n_frames; i++) {
		bool is_foot = i == s->n_frames;
		put_le(entry, is_foot ? SEALED_HEAD_BYTES + SEALED_FOOT_BYTES : packed_bytes(s, i),
			4);
		put_le(entry + 4, is_foot ? 0 : frame_bytes(s, i), 4);
		put_le(entry + 8, is_foot ? 0 : s->checksum[i], 4);
		buf_add(&entries, str_of(entry, sizeof entry));
	}
	sealed_put_table(buf_str(&entries), &table);
	uint64_t print = hash64(buf_str(&table), SEALED_FOOT_MAGIC);
	buf_release(&table);
	buf_release(&entries);
	return print;
}

static struct sealed *make_table(const struct walk *w)
{
	const struct entry *entries = (const void *)w->entries.ptr;
	struct sealed *s = sealed_make(w->entries.len / sizeof *entries, w->arena);
	s->at[0] = s->from[0] = 0;
	for (size_t i = 0; i < s->n_frames; i++) {
		s->at[i + 1] = s->at[i] + entries[i].packed;
		s->from[i + 1] = s->from[i] + entries[i].plain;
		s->checksum[i] = entries[i].checksum;
	}
	s->size_bytes = s->from[s->n_frames];
	s->is_walked = true;
	s->is_worn = w->has_lost;
	s->print = print_of(w, s);
	return s;
}

enum err sealed_walk(int fd, struct arena *a, struct sealed **ret)
{
	struct walk w = { .fd = fd, .arena = a };
	enum err e = io_size(fd, &w.size);
	if (!e)
		e = zst_coder_open(&w.coder);
	if (e)
		return e;
	buf_init(&w.window, a);
	buf_init(&w.entries, a);
	e = walk_frames(&w);
	if (!e)
		*ret = make_table(&w);
	buf_release(&w.window);
	buf_release(&w.entries);
	zst_coder_close(w.coder);
	return e;
}

/* ---- A frame ---- */

/* Zeros, as a file system leaves them where it lost a block, and the end of a line. */
static void fill_lost(char *to, size_t n)
{
	if (n == 0)
		return;
	memset(to, 0, n - 1);
	to[n - 1] = '\n';
}

/* Decodes all of the frame into `to`. *ret_is_sound is false when some of it is what fill_lost()
 * writes. */
static enum err decode_frame(struct frame_cache *c, const struct sealed *s, int fd, size_t frame,
	char *to, bool *ret_is_sound)
{
	size_t n = frame_bytes(s, frame), most = zst_bound(n), packed = packed_bytes(s, frame), got;
	if (packed > most)
		packed = most;
	c->idle_since_ns = 0;
	buf_reset(&c->packed);
	enum err e = c->coder ? ERR_OK : zst_coder_open(&c->coder);
	if (!e)
		e = io_pread(fd, buf_reserve(&c->packed, packed), packed, s->at[frame], &got);
	if (e)
		return e;
	struct str bytes = str_of(c->packed.ptr, got);
	e = zst_decompress(c->coder, bytes, to, n);
	*ret_is_sound = !e;
	if (e != ERR_IO)
		return e;
	struct zst_front front = { .frame = bytes, .out = to, .n = n };
	e = zst_front_decode(c->coder, &front, n);
	fill_lost(to + front.n_done, n - front.n_done);
	if (frame + 1 == s->n_frames)
		to[n - 1] = '\n'; /* who reads all lines must come to the end */
	return e == ERR_IO ? ERR_OK : e;
}

enum err sealed_salvage(struct sealed_cache *c, struct sealed *s, int fd, void *buf, size_t n,
	int64_t at, size_t *ret_n)
{
	size_t done = 0;
	enum err e = ERR_OK;
	if (at < 0 || at >= s->size_bytes)
		n = 0;
	else if ((int64_t)n > s->size_bytes - at)
		n = (size_t)(s->size_bytes - at);
	for (size_t frame = n ? frame_find(s, at) : 0; !e && done < n; frame++) {
		size_t skip = (size_t)(at + (int64_t)done - s->from[frame]);
		size_t part = frame_bytes(s, frame) - skip;
		bool is_sound = true;
		char *plain = arena_block(&c->memory, NULL, frame_bytes(s, frame));
		e = decode_frame(&c->frames, s, fd, frame, plain, &is_sound);
		s->is_worn = s->is_worn || !is_sound;
		part = part < n - done ? part : n - done;
		if (!e)
			memcpy((char *)buf + done, plain + skip, part);
		arena_block(&c->memory, plain, 0);
		done += part;
	}
	if (!e)
		*ret_n = n;
	return e;
}
