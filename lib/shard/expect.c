/* Unpacking the lines of a page frame by frame, as many at a time as there is room for. */
#include "shard/expect.h"

#include "shard/sealed/sealed.h"

#include <stdlib.h>

enum { ROWS_AT_ONCE = SEALED_EXPECT_MAX };

/* A line and when it is read. */
struct expected_row {
	struct row_ref ref; /* first: by_place() */
	size_t rank;
};

static int by_place(const void *x, const void *y)
{
	const struct row_ref *a = x, *b = y;
	if (a->shard != b->shard)
		return a->shard < b->shard ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static size_t n_of_shard(const struct expected_row *rows, size_t n)
{
	size_t end = 1;
	while (end < n && rows[end].ref.shard == rows[0].ref.shard)
		end++;
	return end;
}

/* NULL: whatever it is, whoever reads finds out. */
static const struct shard *sealed_shard(struct view *v, uint32_t number)
{
	const struct shard *s = &v->shards[number];
	return !shard_open(v, number) && s->is_sealed && s->fd >= 0 ? s : NULL;
}

/* rows: ascending. */
static void expect_all(struct view *v, const struct expected_row *rows, size_t n, bool is_further)
{
	struct sealed_cache *c = v->store->sealed;
	struct sealed_line *lines = arena_calloc(v->arena, n, sizeof *lines);
	struct sealed_room room = { .is_further = is_further };
	size_t n_rows;
	for (size_t i = 0; i < n; i++)
		lines[i] = (struct sealed_line){
			.at = rows[i].ref.at, .n = (size_t)rows[i].ref.len + 1, .rank = rows[i].rank
		};
	for (size_t i = 0; i < n; i += n_rows) {
		n_rows = n_of_shard(rows + i, n - i);
		const struct shard *s = sealed_shard(v, rows[i].ref.shard);
		if (s)
			sealed_expect_room(c, s->sealed, lines + i, n_rows, &room);
	}
	sealed_expect_begin(c, room);
	for (size_t i = 0; i < n; i += n_rows) {
		n_rows = n_of_shard(rows + i, n - i);
		const struct shard *s = sealed_shard(v, rows[i].ref.shard);
		if (s)
			sealed_expect(c, s->sealed, s->fd, lines + i, n_rows);
	}
	sealed_expect_start(c, v->store->helper);
}

/* What is wanted of the next lines, as far as they are on sealed days and fit: at most
 * ROWS_AT_ONCE. How many. */
static size_t take_next(struct view *v, struct expected_row *to)
{
	size_t n = 0, n_bytes = 0;
	for (; v->expected.n && n < ROWS_AT_ONCE; v->expected.n--, v->expected.refs++) {
		struct row_ref ref = *v->expected.refs;
		if (ref.shard >= v->n_shards || !v->shards[ref.shard].is_sealed)
			continue;
		if (ref.len >= SEALED_AHEAD_BYTES)
			continue;
		if (ref.len >= SEALED_AHEAD_BYTES - n_bytes)
			break;
		n_bytes += (size_t)ref.len + 1;
		to[n] = (struct expected_row){ ref, n };
		n++;
	}
	return n;
}

static void unpack_next(struct view *v, bool is_further)
{
	size_t most = v->expected.n < ROWS_AT_ONCE ? v->expected.n : ROWS_AT_ONCE;
	struct arena_mark mark = arena_mark(v->arena);
	struct expected_row *rows = arena_calloc(v->arena, most, sizeof *rows);
	size_t n = take_next(v, rows);
	if (n > 1) {
		qsort(rows, n, sizeof *rows, by_place);
		expect_all(v, rows, n, is_further);
	}
	arena_rewind(v->arena, mark);
}

void view_expect(struct view *v, const struct row_ref *refs, size_t n, const struct field_set *want)
{
	v->expected.refs = refs;
	v->expected.n = n;
	v->expected.wants_lines = !want;
	if (want)
		v->expected.want = *want;
	unpack_next(v, false);
}

void view_expect_more(struct view *v, struct row_ref ref)
{
	if (v->expected.n && by_place(&ref, v->expected.refs) == 0)
		unpack_next(v, true);
}
