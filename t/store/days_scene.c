#include "days_scene.h"

#include "base/hash.h"

static const char *c_str(struct str s)
{
	return arena_copy_c(scene_arena(), s);
}

void append_some(struct scene *sc, struct random_spans *r, size_t n)
{
	struct span *spans = arena_calloc(scene_arena(), n, sizeof *spans);
	for (size_t i = 0; i < n; i++)
		spans[i] = random_span(r);
	enum err e = store_append(&sc->store, STR("w"), true, scene_arena(), spans, n, r->now_ns);
	ck_assert_msg(e == ERR_OK, "%s", err_name(e));
}

static struct random_spans random_spans(struct rng *rng, unsigned n_spans)
{
	return (struct random_spans){ .rng = *rng,
		.n_spans = n_spans,
		.n_traces = n_spans / 8 + 1,
		.now_ns = SCENE_NOW,
		.started_ns = SCENE_NOW,
		.has_updates = true };
}

static int compare_u64(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return *a < *b ? -1 : *a > *b;
}

struct answer days_answer(struct scene *sc)
{
	struct visible see = visible_by_lines(sc);
	struct scene_lines lines = scene_read(sc);
	struct answer a = { .n_bad = lines.n_torn + lines.n_rot + lines.n_zero };
	struct view v;
	a.hashes = arena_calloc(scene_arena(), see.n, sizeof *a.hashes);
	ck_assert_int_eq(view_open(&sc->store, STR("w"), scene_arena(), &v), ERR_OK);
	for (size_t i = 0; i < see.n; i++) {
		const struct version_place *p = &see.places[i];
		for (uint32_t k = 0; k < v.n_shards; k++) {
			struct row_ref ref = { .shard = k, .at = p->at };
			struct str line;
			struct span s;
			struct buf again;
			if (v.shards[k].day != p->day || v.shards[k].part != p->part)
				continue;
			ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
			ck_assert_int_eq(line_read(line, NULL, false, &s), LINE_OK);
			s.prev_day = SPAN_NO_DAY; /* may become that of a folded version */
			buf_init(&again, scene_arena());
			line_write(&again, &s);
			a.hashes[a.n++] = hash64(buf_str(&again), 0);
		}
	}
	view_close(&v);
	if (a.n)
		qsort(a.hashes, a.n, sizeof *a.hashes, compare_u64);
	return a;
}

void must_answer_the_same(struct scene *sc, const struct answer *before, const char *when)
{
	struct answer now = days_answer(sc);
	ck_assert_msg(now.n == before->n, "%s: %zu spans of %zu", when, now.n, before->n);
	ck_assert_msg(now.n_bad == before->n_bad, "%s: %d damaged lines of %d", when,
		(int)now.n_bad, (int)before->n_bad);
	for (size_t i = 0; i < now.n; i++)
		ck_assert_msg(now.hashes[i] == before->hashes[i], "%s: another span", when);
}

struct random_spans make_days(struct scene *sc, struct rng *rng, unsigned n_spans)
{
	struct random_spans r = random_spans(rng, n_spans);
	for (int day = 0; day < 3; day++) {
		append_some(sc, &r, n_spans);
		struct str name = STR("2026-11-20.jsonl");
		if (day == 0) {
			struct str was = scene_file(sc, c_str(name));
			struct str more = random_lines(&r, 3, true);
			scene_put(sc, c_str(name),
				arena_printf(scene_arena(), "%.*s{\"torn\n%.*s", STR_ARG(was),
					STR_ARG(more)));
		}
		append_some(sc, &r, n_spans);
		r.now_ns += NS_PER_DAY;
	}
	return r;
}
