#include "shard/sealed/pieces.h"

#include "base/utime.h"
#include "shard/sealed/page.h"

enum { BUF_KEEP_BYTES = 256 << 10 };

/* Memory of long frames is used again: getting it anew from the system takes as long as decoding
 * half of what goes there. One size is for all that our writer makes, though not all frames have
 * it: the system gives what is touched. */
static size_t room_of(size_t n)
{
	size_t room = SEALED_ROOM_BYTES;
	while (room < n)
		room *= 2;
	return n < SEALED_LONG_FRAME ? n : room;
}

static char *get_room(struct sealed_cache *c, size_t n)
{
	n = room_of(n);
	if (n == SEALED_ROOM_BYTES && c->n_spares)
		return c->spares[--c->n_spares];
	return arena_block(&c->memory, NULL, n);
}

static void give_back(struct sealed_cache *c, char *bytes, size_t n)
{
	if (room_of(n) == SEALED_ROOM_BYTES && c->n_spares < SEALED_SPARES)
		c->spares[c->n_spares++] = bytes;
	else
		arena_block(&c->memory, bytes, 0);
}

static void drop_spares(struct sealed_cache *c, size_t n_left)
{
	while (c->n_spares > n_left)
		arena_block(&c->memory, c->spares[--c->n_spares], 0);
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
	c->resting_since_ns = 0;
}

static void touch(struct sealed_cache *c, struct sealed_piece *p)
{
	take_out(c, p);
	put_in_front(c, p);
}

void piece_touch(struct sealed_cache *c, struct sealed_piece *p)
{
	touch(c, p);
	if (p->inside)
		touch(c, piece_of(c, p->inside));
}

struct sealed_piece *piece_find(const struct sealed_cache *c, const struct sealed *s, int64_t from,
	int64_t at, bool is_line)
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

struct sealed_piece *piece_find_frame(
	const struct sealed_cache *c, const struct sealed *s, size_t frame)
{
	int64_t from = s->from[frame];
	uint32_t slot = c->pieces ? c->buckets[bucket_of(s->id, from)] : 0;
	for (; slot; slot = c->pieces[slot - 1].next) {
		struct sealed_piece *p = &c->pieces[slot - 1];
		if (p->file == s->id && p->from == from && !p->is_line)
			return p;
	}
	return NULL;
}

struct sealed_piece *piece_find_line(
	const struct sealed_cache *c, const struct sealed *s, struct sealed_line line)
{
	struct sealed_piece *p = piece_find(c, s, line.at, line.at, true);
	return p && p->is_line && p->n >= line.n ? p : NULL;
}

/* Lines inside of a long frame; 0: of any. */
static void drop_inside(struct sealed_cache *c, uint32_t frame)
{
	for (uint32_t slot = c->oldest, newer; slot; slot = newer) {
		struct sealed_piece *p = piece_of(c, slot);
		newer = p->newer;
		if (p->inside && (!frame || p->inside == frame))
			piece_drop(c, p);
	}
}

void piece_drop(struct sealed_cache *c, struct sealed_piece *p)
{
	if (p->part)
		sealed_expect_end(c); /* somebody may be writing there */
	if (!p->bytes)
		return; /* it went with that */
	uint32_t slot = slot_of(c, p);
	if (!p->is_line)
		drop_inside(c, slot);
	uint32_t *link = &c->buckets[bucket_of(p->file, p->from)];
	while (*link != slot)
		link = &c->pieces[*link - 1].next;
	*link = p->next;
	take_out(c, p);
	if (piece_has_memory(p)) {
		c->n_bytes -= p->n;
		give_back(c, p->bytes, p->n);
	}
	*p = (struct sealed_piece){ .next = c->free };
	c->free = slot;
}

/* What was touched is the process's, whatever is there now. */
static size_t ahead_bytes(const struct sealed_cache *c)
{
	return c->n_ahead > c->ahead_touched ? c->n_ahead : c->ahead_touched;
}

/* What has no memory of its own stays: nothing is gained when it goes. */
static void shrink(struct sealed_cache *c, size_t n_bytes)
{
	uint32_t slot = c->oldest;
	while (c->n_bytes > n_bytes && slot) {
		struct sealed_piece *p = piece_of(c, slot);
		bool takes_along = !p->is_line || p->part;
		slot = p->newer;
		if (!piece_has_memory(p))
			continue;
		piece_drop(c, p);
		if (takes_along)
			slot = c->oldest; /* that one may have gone, too */
	}
}

void pieces_shrink(struct sealed_cache *c, size_t n_bytes)
{
	shrink(c, n_bytes);
	drop_spares(c, 1);
}

void ahead_drop(struct sealed_cache *c)
{
	for (uint32_t slot = c->oldest, newer; slot && c->n_ahead; slot = newer) {
		struct sealed_piece *p = piece_of(c, slot);
		newer = p->newer;
		if (p->is_ahead)
			piece_drop(c, p);
	}
	c->n_ahead = 0;
}

void ahead_release(struct sealed_cache *c)
{
	ahead_drop(c);
	if (c->ahead)
		arena_block(&c->memory, c->ahead, 0);
	c->ahead = NULL;
	c->ahead_touched = 0;
}

void pieces_drop_inside(struct sealed_cache *c)
{
	drop_inside(c, 0);
}

void sealed_cache_trim(struct sealed_cache *c)
{
	sealed_expect_end(c);
	c->n_later = 0;
	shrink(c, SEALED_CACHE_BYTES - ahead_bytes(c));
}

/* Where there is room for so much at rest; else it goes, and its memory with it. */
static bool stays(struct sealed_cache *c, struct sealed_piece *p, size_t *n_kept)
{
	if (p->n <= SEALED_REST_BYTES - *n_kept) {
		*n_kept += p->n;
		return true;
	}
	piece_drop(c, p);
	drop_spares(c, 0); /* a frame's: a line would keep all of it */
	return false;
}

/* Of a frame, or ahead. */
static void get_memory(struct sealed_cache *c, struct sealed_piece *p)
{
	char *bytes = get_room(c, p->n);
	memcpy(bytes, p->bytes, p->n);
	p->bytes = bytes;
	p->is_ahead = false;
	p->inside = 0;
	c->n_bytes += p->n;
}

/* Lines get memory of their own, as far as they are among what was used last; then frames, for
 * which there is room only if they are the shorter of the long ones. */
static void keep_last_used(struct sealed_cache *c)
{
	size_t n_kept = 0;
	for (uint32_t slot = c->newest, older; slot; slot = older) {
		struct sealed_piece *p = piece_of(c, slot);
		older = p->older;
		if (!p->is_line)
			continue;
		if (!stays(c, p, &n_kept))
			n_kept = SEALED_REST_BYTES; /* nor what is older */
		else if (!piece_has_memory(p))
			get_memory(c, p);
	}
	for (uint32_t slot = c->newest, older; slot; slot = older) {
		struct sealed_piece *p = piece_of(c, slot);
		older = p->older;
		if (!p->is_line)
			(void)stays(c, p, &n_kept);
	}
}

/* 0: it has rested long enough. */
static int ms_to_rest(struct sealed_cache *c, int64_t now_ns)
{
	if (!c->resting_since_ns)
		c->resting_since_ns = now_ns;
	int64_t left_ms = SEALED_REST_MS - (now_ns - c->resting_since_ns) / NS_PER_MS;
	return left_ms > 0 ? (int)left_ms : 0;
}

int sealed_cache_rest(struct sealed_cache *c, int64_t now_ns)
{
	bool is_much = c->n_bytes + c->n_ahead > SEALED_REST_BYTES;
	int left_ms = is_much ? ms_to_rest(c, now_ns) : 0;
	if (left_ms)
		return left_ms;
	sealed_expect_end(c);
	page_rest(c);
	drop_spares(c, 0);
	keep_last_used(c);
	ahead_release(c);
	if (c->packed.cap > BUF_KEEP_BYTES) {
		buf_release(&c->packed);
		c->packed_file = 0;
	}
	if (c->plain.cap > BUF_KEEP_BYTES) {
		buf_release(&c->plain);
		c->plain_file = 0;
	}
	return -1;
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

struct sealed_piece *piece_put(struct sealed_cache *c, const struct sealed *s, size_t frame,
	int64_t from, size_t n, char *bytes)
{
	if (!c->pieces)
		make_pieces(c);
	if (!c->free)
		piece_drop(c, piece_of(c, c->oldest));
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

struct sealed_piece *piece_add(
	struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t from, size_t n)
{
	size_t room = SEALED_CACHE_BYTES - ahead_bytes(c);
	shrink(c, n < room ? room - n : 0);
	struct sealed_piece *p = piece_put(c, s, frame, from, n, get_room(c, n));
	c->n_bytes += n;
	/* One more than there is room for: the next frame is likely to be somewhat longer. */
	size_t left = c->n_bytes < room ? room - c->n_bytes : 0;
	drop_spares(c, left / SEALED_ROOM_BYTES + 1);
	return p;
}

void piece_add_line(struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t at,
	struct str line, bool is_checked)
{
	struct sealed_piece *p = piece_add(c, s, frame, at, line.len);
	memcpy(p->bytes, line.ptr, line.len);
	p->is_line = true;
	p->is_checked = is_checked;
}

void piece_add_inside(struct sealed_cache *c, const struct sealed *s,
	const struct sealed_piece *frame, struct sealed_line line)
{
	uint32_t slot = slot_of(c, frame);
	struct sealed_piece *p = piece_put(
		c, s, frame->frame, line.at, line.n, frame->bytes + (line.at - frame->from));
	p->is_line = true;
	p->is_checked = frame->is_checked;
	p->inside = slot;
}
