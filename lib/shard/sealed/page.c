#include "shard/sealed/page.h"

#include "base/helper.h"
#include "shard/sealed/frame.h"
#include "shard/sealed/pieces.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	FRAMES_MIN = 4, /* fewer are not worth waking anybody */
	/* So often the other one gets a chance to be ready, 0.2 us each, before one goes to sleep:
	 * a frame takes 10 to 40 us. */
	YIELDS = 100,
	BUF_KEEP_BYTES = 256 << 10
};

enum part_state { PART_OPEN, PART_DONE, PART_FAILED };

/* One frame. */
struct page_part {
	const struct sealed *s;
	int fd;
	size_t frame;
	size_t first, n_lines; /* of the page's lines */
	size_t rank;           /* of the line that is read first */
	atomic_int state;
};

struct page_line {
	struct sealed_line line;
	struct sealed_piece *piece;
	char *to;
};

struct page_turn {
	size_t rank, part;
};

/* Room for a frame, for each of the two. */
struct page_seat {
	struct buf packed, plain;
};

struct sealed_page {
	size_t n_parts, n_lines;
	bool is_started;
	struct helper *helper; /* who is at it; NULL: nobody */
	atomic_size_t next;    /* of the turns: the first that nobody has taken */
	struct page_turn turns[SEALED_EXPECT_MAX];
	struct page_part parts[SEALED_EXPECT_MAX];
	struct page_line lines[SEALED_EXPECT_MAX];
	struct page_seat seats[HELPER__SEATS];
	struct zst_coder *coders[HELPER__SEATS];
};

/* ---- One frame after the other ---- */

/* Touches nothing but its part, the rooms of its lines and its seat. */
static void decode_part(struct sealed_page *page, struct page_part *p, enum helper_seat number)
{
	struct page_seat *seat = &page->seats[number];
	size_t n = frame_bytes(p->s, p->frame);
	enum err e = frame_fetch(p->s, p->fd, p->frame, &seat->packed);
	if (!e)
		e = zst_decompress_only(
			page->coders[number], buf_str(&seat->packed), seat->plain.ptr, n);
	for (size_t i = p->first; !e && i < p->first + p->n_lines; i++) {
		struct page_line *l = &page->lines[i];
		memcpy(l->to, seat->plain.ptr + (l->line.at - p->s->from[p->frame]), l->line.n);
	}
	atomic_store_explicit(&p->state, e ? PART_FAILED : PART_DONE, memory_order_release);
}

/* False: none is left that nobody has taken. */
static bool decode_next(struct sealed_page *page, enum helper_seat seat)
{
	size_t turn = atomic_load_explicit(&page->next, memory_order_relaxed);
	if (turn < page->n_parts)
		turn = atomic_fetch_add_explicit(&page->next, 1, memory_order_relaxed);
	if (turn >= page->n_parts)
		return false;
	decode_part(page, &page->parts[page->turns[turn].part], seat);
	return true;
}

static void decode_all(void *user, size_t part, enum helper_seat seat)
{
	(void)part; /* there is one */
	while (decode_next(user, seat))
		;
}

static enum part_state state_of(struct page_part *p)
{
	return (enum part_state)atomic_load_explicit(&p->state, memory_order_acquire);
}

/* If the part is not done the other one is at it. */
static void wait_for_helper(struct sealed_page *page, struct page_part *p)
{
	for (unsigned i = 0; i < YIELDS && state_of(p) == PART_OPEN; i++)
		(void)sched_yield(); /* cannot fail */
	if (state_of(p) == PART_OPEN)
		helper_end(page->helper); /* as nothing else is left to do */
}

/* The part of the piece is done, or never will be. */
static bool settle(struct sealed_cache *c, struct sealed_piece *p)
{
	bool is_good = state_of(&c->page->parts[p->part - 1]) == PART_DONE;
	p->part = 0;
	if (!is_good)
		piece_drop(c, p);
	return is_good;
}

bool page_wait(struct sealed_cache *c, struct sealed_piece *p)
{
	struct page_part *part = &c->page->parts[p->part - 1];
	while (state_of(part) == PART_OPEN && decode_next(c->page, HELPER_CALLER))
		;
	wait_for_helper(c->page, part);
	return settle(c, p);
}

void sealed_expect_end(struct sealed_cache *c)
{
	struct sealed_page *page = c->page;
	c->n_steps = 0;
	if (!page || !page->n_lines)
		return;
	atomic_store_explicit(&page->next, page->n_parts, memory_order_relaxed);
	helper_end(page->helper);
	page->helper = NULL;
	for (size_t i = 0; i < page->n_parts; i++) {
		const struct page_part *part = &page->parts[i];
		for (size_t k = part->first; k < part->first + part->n_lines; k++) {
			struct sealed_piece *p = page->lines[k].piece;
			if (p && p->part == i + 1)  /* else it is there, or another one's by now */
				(void)settle(c, p); /* what is not is forgotten */
		}
	}
	page->n_lines = page->n_parts = 0;
	page->is_started = false;
}

/* ---- Which ---- */

static struct sealed_page *get_page(struct sealed_cache *c)
{
	if (c->page)
		return c->page;
	c->page = arena_block(&c->memory, NULL, sizeof *c->page);
	memset(c->page, 0, sizeof *c->page);
	for (size_t i = 0; i < HELPER__SEATS; i++) {
		buf_init(&c->page->seats[i].packed, &c->memory);
		buf_init(&c->page->seats[i].plain, &c->memory);
	}
	return c->page;
}

static void add_line(struct sealed_page *page, const struct sealed *s, int fd, size_t frame,
	struct sealed_line line)
{
	struct page_part *p = page->n_parts ? &page->parts[page->n_parts - 1] : NULL;
	if (!p || p->s != s || p->frame != frame) {
		p = &page->parts[page->n_parts++];
		p->s = s;
		p->fd = fd;
		p->frame = frame;
		p->first = page->n_lines;
		p->n_lines = 0;
		p->rank = line.rank;
		atomic_store_explicit(&p->state, PART_OPEN, memory_order_relaxed);
	}
	if (line.rank < p->rank)
		p->rank = line.rank;
	page->lines[page->n_lines++] = (struct page_line){ .line = line };
	p->n_lines++;
}

static void add_later(
	struct sealed_cache *c, struct sealed *s, int fd, size_t frame, struct sealed_line line)
{
	if (!c->later)
		c->later = arena_block(&c->memory, NULL, SEALED_EXPECT_MAX * sizeof *c->later);
	if (c->n_later < SEALED_EXPECT_MAX)
		c->later[c->n_later++] = (struct sealed_later){ s->id, frame, line, s, fd };
}

void sealed_expect(
	struct sealed_cache *c, struct sealed *s, int fd, const struct sealed_line *lines, size_t n)
{
	struct sealed_page *page = get_page(c);
	size_t frame;
	if (page->is_started)
		sealed_expect_end(c);
	for (size_t i = 0; i < n && page->n_lines < SEALED_EXPECT_MAX; i++) {
		if (!frame_of_line(s, lines[i], &frame))
			continue;
		struct sealed_piece *known = piece_find_line(c, s, lines[i]);
		if (known) /* so that no line of these makes it go */
			piece_touch(c, known);
		else if (i > 0 && lines[i].at == lines[i - 1].at)
			continue;
		else if (frame_bytes(s, frame) < SEALED_LONG_FRAME)
			add_line(page, s, fd, frame, lines[i]);
		else
			add_later(c, s, fd, frame, lines[i]);
	}
}

/* ---- Setting off ---- */

static int by_rank(const void *x, const void *y)
{
	const struct page_turn *a = x, *b = y;
	return (a->rank > b->rank) - (a->rank < b->rank);
}

static void order_turns(struct sealed_page *page)
{
	for (size_t i = 0; i < page->n_parts; i++)
		page->turns[i] = (struct page_turn){ page->parts[i].rank, i };
	qsort(page->turns, page->n_parts, sizeof page->turns[0], by_rank);
}

/* No part allocates. */
static void make_room(struct sealed_page *page)
{
	size_t plain = 0, packed = 0;
	for (size_t i = 0; i < page->n_parts; i++) {
		const struct page_part *p = &page->parts[i];
		size_t n = frame_bytes(p->s, p->frame), most = zst_bound(n);
		size_t n_packed = packed_bytes(p->s, p->frame);
		plain = n > plain ? n : plain;
		/* Of a damaged table no more than frame_fetch() takes. */
		n_packed = n_packed < most ? n_packed : most;
		packed = n_packed > packed ? n_packed : packed;
	}
	for (size_t i = 0; i < HELPER__SEATS; i++) {
		buf_reset(&page->seats[i].packed);
		(void)buf_reserve(&page->seats[i].packed, packed);
		(void)buf_reserve(&page->seats[i].plain, plain);
	}
}

/* Pieces without their bytes. They are fewer than there may be, and smaller than the room for all:
 * none makes another one of the page go. Should one, as there are more lines than were told, that
 * ends the page, and they are read one by one. */
static void make_pieces(struct sealed_cache *c, struct sealed_page *page)
{
	for (size_t i = 0; i < page->n_parts; i++) {
		const struct page_part *part = &page->parts[i];
		for (size_t k = part->first; k < part->first + part->n_lines; k++) {
			struct page_line *l = &page->lines[k];
			struct sealed_piece *p =
				piece_add(c, part->s, part->frame, l->line.at, l->line.n);
			if (!page->n_lines) {
				piece_drop(c, p);
				return;
			}
			p->is_line = true;
			p->part = (uint32_t)i + 1;
			l->piece = p;
			l->to = p->bytes;
		}
	}
}

static int by_first_rank(const void *x, const void *y)
{
	const struct sealed_step *a = x, *b = y;
	return (a->rank > b->rank) - (a->rank < b->rank);
}

static void order_steps(struct sealed_cache *c)
{
	if (!c->steps)
		c->steps = arena_block(&c->memory, NULL, SEALED_EXPECT_MAX * sizeof *c->steps);
	c->n_steps = c->next_step = c->n_steps_used = 0;
	for (size_t i = 0; i < c->n_later; i++) {
		const struct sealed_later *l = &c->later[i];
		bool is_new = !i || l[-1].file != l->file || l[-1].frame != l->frame;
		struct sealed_step *step = &c->steps[is_new ? c->n_steps++ : c->n_steps - 1];
		size_t end = (size_t)(l->line.at - l->s->from[l->frame]) + l->line.n;
		struct sealed_piece *p = is_new ? piece_find_frame(c, l->s, l->frame) : NULL;
		if (p) /* so that none of the others makes it go */
			piece_touch(c, p);
		if (is_new || l->line.rank < step->rank)
			step->rank = l->line.rank;
		step->s = l->s;
		step->fd = l->fd;
		step->frame = l->frame;
		step->until = frame_until(c, frame_bytes(l->s, l->frame), end);
	}
	qsort(c->steps, c->n_steps, sizeof *c->steps, by_first_rank);
}

void sealed_expect_start(struct sealed_cache *c, struct helper *helper)
{
	struct sealed_page *page = c->page;
	if (c->n_later)
		order_steps(c);
	if (!page || !page->n_lines || page->is_started)
		return;
	if ((!c->coder && zst_coder_open(&c->coder)) ||
		(!c->helpers && zst_coder_open(&c->helpers))) {
		page->n_lines = page->n_parts = 0; /* whoever reads tells why */
		return;
	}
	page->is_started = true;
	page->coders[HELPER_CALLER] = c->coder;
	page->coders[HELPER_THREAD] = c->helpers;
	order_turns(page);
	make_room(page);
	make_pieces(c, page);
	atomic_store_explicit(&page->next, 0, memory_order_relaxed);
	if (!helper || page->n_parts < FRAMES_MIN)
		return;
	page->helper = helper;
	helper_begin(helper, decode_all, page);
}

void page_rest(struct sealed_cache *c)
{
	for (size_t i = 0; c->page && i < HELPER__SEATS; i++) {
		struct page_seat *seat = &c->page->seats[i];
		if (seat->packed.cap + seat->plain.cap <= BUF_KEEP_BYTES)
			continue;
		buf_release(&seat->packed);
		buf_release(&seat->plain);
	}
}
