/* Unpacking the lines of a page in the order of their file, as many at a time as there is room for.
 */
#include "store/shard_expect.h"

#include "store/sealed.h"

#include <stdlib.h>

enum { ROWS_AT_ONCE = SEALED_PIECES / 2 };

static int by_place(const void *x, const void *y)
{
	const struct row_ref *a = x, *b = y;
	if (a->shard != b->shard)
		return a->shard < b->shard ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* refs: of one shard. */
static void expect_of(struct view *v, const struct row_ref *refs, size_t n)
{
	struct sealed_line *lines = arena_calloc(v->arena, n, sizeof *lines);
	const struct shard *s = &v->shards[refs[0].shard];
	if (shard_open(v, refs[0].shard) || !s->is_sealed || s->fd < 0)
		return; /* whatever it is, whoever reads finds out */
	for (size_t i = 0; i < n; i++)
		lines[i] = (struct sealed_line){ refs[i].at, (size_t)refs[i].len + 1 };
	sealed_expect(v->store->sealed, s->sealed, s->fd, lines, n);
}

/* What is wanted of the next lines, as far as they are on sealed days and fit: *ret_n of them, at
 * most ROWS_AT_ONCE, of *ret_bytes. */
static void take_next(struct view *v, struct row_ref *to, size_t *ret_n, size_t *ret_bytes)
{
	const struct field_set *want = v->expected.wants_lines ? NULL : &v->expected.want;
	size_t n = 0, n_bytes = 0;
	for (; v->expected.n && n < ROWS_AT_ONCE; v->expected.n--, v->expected.refs++) {
		struct row_ref ref = *v->expected.refs;
		struct line_head head = { .len = ref.len };
		if (ref.shard >= v->n_shards || !v->shards[ref.shard].is_sealed)
			continue;
		(void)view_head(v, ref, want, &head); /* else it stays the line */
		ref.len = head.len;
		if (ref.len >= SEALED_AHEAD_BYTES)
			continue;
		if (ref.len >= SEALED_AHEAD_BYTES - n_bytes)
			break;
		n_bytes += (size_t)ref.len + 1;
		to[n++] = ref;
	}
	*ret_n = n;
	*ret_bytes = n_bytes;
}

static void unpack_next(struct view *v)
{
	size_t n, n_bytes, most = v->expected.n < ROWS_AT_ONCE ? v->expected.n : ROWS_AT_ONCE;
	struct arena_mark mark = arena_mark(v->arena);
	struct row_ref *refs = arena_calloc(v->arena, most, sizeof *refs);
	take_next(v, refs, &n, &n_bytes);
	if (n > 1) {
		qsort(refs, n, sizeof *refs, by_place);
		sealed_expect_begin(v->store->sealed, n_bytes);
		for (size_t i = 0, end; i < n; i = end) {
			for (end = i; end < n && refs[end].shard == refs[i].shard; end++)
				;
			expect_of(v, refs + i, end - i);
		}
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
	unpack_next(v);
}

void view_expect_more(struct view *v, struct row_ref ref)
{
	if (v->expected.n && by_place(&ref, v->expected.refs) == 0)
		unpack_next(v);
}
