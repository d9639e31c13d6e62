#include "store/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "store/sealed_format.h"

/* ---- Foot and table ---- */

enum { FOOT_BYTES = SEALED_HEAD_BYTES + SEALED_FOOT_BYTES };

/* What the end of the file says. */
struct ending {
	size_t n_entries; /* the foot's is the last */
	size_t table_bytes;
	int64_t foot_at;
};

static enum err read_exactly(int fd, char *to, size_t n, int64_t at)
{
	size_t got;
	enum err e = io_pread(fd, to, n, at, &got);
	return e ? e : got == n ? ERR_OK : ERR_IO;
}

static enum err read_ending(int fd, struct ending *ret)
{
	char end[SEALED_END_BYTES];
	int64_t size;
	enum err e = io_size(fd, &size);
	if (!e && size < FOOT_BYTES + SEALED_HEAD_BYTES + SEALED_END_BYTES)
		e = ERR_IO;
	if (!e)
		e = read_exactly(fd, end, sizeof end, size - SEALED_END_BYTES);
	if (e)
		return e;
	size_t n = (size_t)get_le(end, 4);
	if (get_le(end + 4, 1) != SEALED_FLAGS || get_le(end + 5, 4) != SEALED_END_MAGIC ||
		n == 0 || n > SEALED_FRAMES_MAX)
		return ERR_IO;
	ret->n_entries = n;
	ret->table_bytes = SEALED_HEAD_BYTES + n * SEALED_ENTRY_BYTES + SEALED_END_BYTES;
	ret->foot_at = size - (int64_t)ret->table_bytes - FOOT_BYTES;
	return ret->foot_at < 0 ? ERR_IO : ERR_OK;
}

static bool foot_fits(struct str foot, struct str table, size_t n_frames)
{
	const char *body = foot.ptr + SEALED_HEAD_BYTES;
	struct str checked = str_first(foot, foot.len - 8);
	return get_le(foot.ptr, 4) == SEALED_FOOT_MAGIC &&
	       get_le(foot.ptr + 4, 4) == SEALED_FOOT_BYTES &&
	       memcmp(body, SEALED_FOOT_NAME, 8) == 0 && get_le(body + 8, 4) == SEALED_VERSION &&
	       get_le(body + 12, 4) == n_frames && get_le(body + 24, 8) == xxh64(table) &&
	       get_le(body + 32, 8) == xxh64(checked);
}

static bool head_fits(struct str table)
{
	return get_le(table.ptr, 4) == SEALED_TABLE_MAGIC &&
	       get_le(table.ptr + 4, 4) == table.len - SEALED_HEAD_BYTES;
}

/* All sums are as they must be: frames follow one another up to the foot. */
static bool read_entries(struct sealed *s, struct str foot, struct str table, int64_t foot_at)
{
	const char *entry = table.ptr + SEALED_HEAD_BYTES;
	int64_t at = 0, from = 0;
	for (size_t i = 0; i < s->n_frames; i++, entry += SEALED_ENTRY_BYTES) {
		uint64_t n = get_le(entry + 4, 4);
		if (n == 0 || n > SEALED_FRAME_MAX)
			return false;
		s->at[i] = at;
		s->from[i] = from;
		s->checksum[i] = (uint32_t)get_le(entry + 8, 4);
		at += (int64_t)get_le(entry, 4);
		from += (int64_t)n;
	}
	s->at[s->n_frames] = at;
	s->from[s->n_frames] = from;
	s->size_bytes = from;
	return get_le(entry, 4) == foot.len && get_le(entry + 4, 8) == 0 && at == foot_at &&
	       get_le(foot.ptr + SEALED_HEAD_BYTES + 16, 8) == (uint64_t)from;
}

static struct sealed *make_sealed(size_t n_frames, struct arena *a)
{
	size_t n_bytes = sizeof(struct sealed) + 2 * (n_frames + 1) * sizeof(int64_t) +
			 n_frames * sizeof(uint32_t);
	struct sealed *s = arena_block(a, NULL, n_bytes);
	*s = (struct sealed){ .n_frames = n_frames };
	s->at = (int64_t *)(void *)(s + 1);
	s->from = s->at + n_frames + 1;
	s->checksum = (uint32_t *)(void *)(s->from + n_frames + 1);
	return s;
}

enum err sealed_open(int fd, struct arena *a, struct sealed **ret)
{
	struct ending end;
	enum err e = read_ending(fd, &end);
	if (e)
		return e;
	size_t n = FOOT_BYTES + end.table_bytes;
	char *bytes = arena_block(a, NULL, n);
	struct sealed *s = make_sealed(end.n_entries - 1, a);
	e = read_exactly(fd, bytes, n, end.foot_at);
	struct str foot = str_of(bytes, FOOT_BYTES);
	struct str table = str_of(bytes + FOOT_BYTES, end.table_bytes);
	if (!e && !(foot_fits(foot, table, s->n_frames) && head_fits(table) &&
			  read_entries(s, foot, table, end.foot_at)))
		e = ERR_IO;
	s->print = hash64(table, SEALED_FOOT_MAGIC);
	arena_block(a, bytes, 0);
	if (e)
		sealed_close(s, a);
	else
		*ret = s;
	return e;
}

void sealed_close(struct sealed *s, struct arena *a)
{
	arena_block(a, s, 0);
}

/* ---- Frames ---- */

enum err sealed_cache_make(struct arena *a, struct sealed_cache **ret)
{
	struct zst_coder *coder;
	struct sealed_cache *c = arena_block(a, NULL, sizeof *c);
	enum err e = zst_coder_open(&coder);
	if (e) {
		arena_block(a, c, 0);
		return e;
	}
	*c = (struct sealed_cache){ .arena = a, .coder = coder };
	buf_init(&c->packed, a);
	*ret = c;
	return ERR_OK;
}

static void drop_frame(struct sealed_cache *c, struct sealed_frame *f)
{
	if (!f->bytes)
		return;
	c->n_bytes -= f->n;
	arena_block(c->arena, f->bytes, 0);
	*f = (struct sealed_frame){ .bytes = NULL };
}

void sealed_cache_free(struct sealed_cache *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < SEALED_SLOTS; i++)
		drop_frame(c, &c->slots[i]);
	buf_release(&c->packed);
	zst_coder_close(c->coder);
	arena_block(c->arena, c, 0);
}

static struct sealed_frame *oldest_slot(struct sealed_cache *c, bool must_be_used)
{
	struct sealed_frame *oldest = NULL;
	for (unsigned i = 0; i < SEALED_SLOTS; i++) {
		struct sealed_frame *f = &c->slots[i];
		if (!f->bytes && must_be_used)
			continue;
		if (!oldest || f->last_use < oldest->last_use)
			oldest = f;
	}
	return oldest;
}

/* A free slot, with room for n more bytes. */
static struct sealed_frame *make_room(struct sealed_cache *c, size_t n)
{
	while (c->n_bytes && c->n_bytes + n > SEALED_CACHE_BYTES)
		drop_frame(c, oldest_slot(c, true));
	struct sealed_frame *f = oldest_slot(c, false);
	drop_frame(c, f);
	return f;
}

static enum err decode(struct sealed_cache *c, const struct sealed *s, int fd, size_t frame,
	struct sealed_frame **ret)
{
	size_t n = (size_t)(s->from[frame + 1] - s->from[frame]);
	size_t n_packed = (size_t)(s->at[frame + 1] - s->at[frame]);
	/* No frame of this length is longer. */
	if (n_packed > zst_bound(n) || n_packed < sizeof(uint32_t))
		return ERR_IO;
	struct sealed_frame *f = make_room(c, n);
	buf_reset(&c->packed);
	char *packed = buf_reserve(&c->packed, n_packed);
	enum err e = read_exactly(fd, packed, n_packed, s->at[frame]);
	/* The frame ends with the checksum that the decoder compares; the table has it as well. */
	if (!e && get_le(packed + n_packed - sizeof(uint32_t), 4) != s->checksum[frame])
		e = ERR_IO;
	if (e)
		return e;
	f->bytes = arena_block(c->arena, NULL, n);
	e = zst_decompress(c->coder, str_of(packed, n_packed), f->bytes, n);
	if (e) {
		arena_block(c->arena, f->bytes, 0);
		f->bytes = NULL;
		return e;
	}
	f->file = s;
	f->frame = frame;
	f->n = n;
	c->n_bytes += n;
	*ret = f;
	return ERR_OK;
}

static enum err frame_of(struct sealed_cache *c, const struct sealed *s, int fd, size_t frame,
	struct sealed_frame **ret)
{
	struct sealed_frame *f = NULL;
	for (unsigned i = 0; i < SEALED_SLOTS && !f; i++)
		if (c->slots[i].bytes && c->slots[i].file == s && c->slots[i].frame == frame)
			f = &c->slots[i];
	enum err e = f ? ERR_OK : decode(c, s, fd, frame, &f);
	if (e)
		return e;
	f->last_use = ++c->clock;
	*ret = f;
	return ERR_OK;
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

enum err sealed_read(struct sealed_cache *c, const struct sealed *s, int fd, void *buf, size_t n,
	int64_t at, size_t *ret_n)
{
	size_t done = 0;
	if (at < 0 || at >= s->size_bytes)
		n = 0;
	else if ((int64_t)n > s->size_bytes - at)
		n = (size_t)(s->size_bytes - at);
	for (size_t i = n ? find_frame(s, at) : 0; done < n; i++) {
		struct sealed_frame *f;
		enum err e = frame_of(c, s, fd, i, &f);
		if (e)
			return e;
		size_t skip = (size_t)(at + (int64_t)done - s->from[i]);
		size_t part = f->n - skip < n - done ? f->n - skip : n - done;
		memcpy((char *)buf + done, f->bytes + skip, part);
		done += part;
	}
	*ret_n = n;
	return ERR_OK;
}
