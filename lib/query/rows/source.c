/* The row source of a local data directory: blocks of the index, and the lines after what it
 * covers. */
#include "query/source.h"

#include "query/rows/block.h"

static void count_bad_lines(const struct source *s)
{
	for (size_t i = 0; i < s->view->n_shards; i++) {
		s->view->n_torn += s->set.of[i].n_torn;
		s->view->n_rot += s->set.of[i].n_rot;
		s->view->n_zero += s->set.of[i].n_zero;
		if (s->set.of[i].n_rot + s->set.of[i].n_zero)
			s->view->shards[i].is_damaged = true;
	}
}

/* Takes the index from this source. The shards keep the sizes that were taken with it. */
static void ignore_index(struct source *s)
{
	s->set.of = arena_calloc(s->view->arena, s->view->n_shards, sizeof *s->set.of);
}

static bool source_is_covered(const struct source *s)
{
	for (size_t i = 0; i < s->view->n_shards; i++)
		if (s->set.of[i].covered)
			return true;
	return false;
}

static enum err source_supersede(
	void *user, const struct span *span, struct row_ref ref, bool *ret_is_superseded)
{
	struct source *s = user;
	return index_supersede(&s->set, span, ref, ret_is_superseded);
}

static enum err resolve_lines(struct source *s)
{
	enum err e = ERR_OK;
	if (source_is_covered(s)) {
		s->lines.is_superseded = source_supersede;
		s->lines.user = s;
	}
	for (size_t i = 0; !e && i < s->view->n_shards; i++)
		e = scan_add(&s->lines, i, s->set.of[i].covered);
	if (!e)
		scan_resolve(&s->lines);
	return e;
}

static void source_make_blocks(struct source *s)
{
	size_t n = 1;
	for (size_t i = 0; i < s->view->n_shards; i++)
		n += s->set.of[i].n_segments + (s->set.of[i].n_log > 0);
	s->blocks = arena_calloc(s->view->arena, n, sizeof *s->blocks);
	for (size_t i = 0; i < s->view->n_shards; i++) {
		const struct index *index = &s->set.of[i];
		for (size_t k = 0; k < index->n_segments; k++)
			block_of_segment(&s->blocks[s->n_blocks++], &s->set, &index->segments[k]);
		if (index->n_log)
			block_of_records(&s->blocks[s->n_blocks++], &s->set, i);
	}
}

enum err source_open(struct source *s, struct view *v, int64_t deadline_ns, bool with_index)
{
	*s = (struct source){ .view = v, .deadline_ns = deadline_ns };
	scan_init(&s->lines, v, deadline_ns);
	enum err e = index_open(v, &s->set);
	if (!e && !with_index)
		ignore_index(s);
	if (e)
		return e;
	count_bad_lines(s);
	if (source_is_covered(s))
		e = index_resolve(&s->set);
	if (!e)
		e = resolve_lines(s);
	if (!e)
		source_make_blocks(s);
	return e;
}

void source_close(struct source *s)
{
	scan_release(&s->lines);
}

size_t source_n_lines(const struct source *s)
{
	return s->lines.lines.n;
}

enum err source_each_line(struct source *s, const struct query *q, const struct field_set *want,
	row_fn *take, void *user)
{
	(void)q;
	return scan_each(&s->lines, want, take, user);
}

void source_prefetch(struct view *v, const struct row_ref *rows, size_t n)
{
	view_prefetch(v, rows, n);
}

enum err source_fetch(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line)
{
	return view_read_span(v, ref, want, ret, ret_line);
}
