#include "index_scene.h"

#include "index/set.h"
#include "json/write.h"

static bool chance(struct random_spans *r, size_t one_in)
{
	return rng_below(&r->rng, one_in) == 0;
}

static struct str random_text(struct random_spans *r, enum field f)
{
	static const char *const odd[] = { "", "\\n", "\\\"quoted\\\"", "a\\\\b", "\\u0001",
		"caf\xc3\xa9", "a", "A", "aa", "a\\tb", "\xe2\x86\x92" };
	if (chance(r, 8))
		return str_from_c(odd[rng_below(&r->rng, sizeof odd / sizeof odd[0])]);
	return arena_printf(scene_arena(), "%.*s-%zu", STR_ARG(str_first(field_info[f].member, 4)),
		rng_below(&r->rng, chance(r, 4) ? 300 : 5));
}

static struct str random_number(struct random_spans *r)
{
	static const char *const odd[] = { "0", "-0.5", "1e-13", "1e30", "-1e30", "0.1e1",
		"12345.678901234567" };
	if (chance(r, 4))
		return str_from_c(odd[rng_below(&r->rng, sizeof odd / sizeof odd[0])]);
	return arena_printf(scene_arena(), "0.%06zu", rng_below(&r->rng, 1000000));
}

static struct str random_json(struct random_spans *r, enum field f)
{
	static const char *const tags[] = { "[]", "[\"a\"]", "[\"a\",\"b\\n\",\"a\"]", "[\"x\"]" };
	if (f == FIELD_TAGS)
		return str_from_c(tags[rng_below(&r->rng, sizeof tags / sizeof tags[0])]);
	return arena_printf(scene_arena(), "{\"k\":%zu}", rng_below(&r->rng, 9));
}

static int64_t random_time(struct random_spans *r)
{
	return r->started_ns - (int64_t)rng_below(&r->rng, 1000) * NS_PER_S +
	       (chance(r, 3) ? (int64_t)rng_below(&r->rng, 1000) : 0);
}

static void set_random(struct random_spans *r, struct span *s, enum field f)
{
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		span_set_text(s, f, random_text(r, f));
		break;
	case FIELD_TYPE_KIND:
		span_set_i64(s, f, (int64_t)rng_below(&r->rng, KIND__MAX));
		break;
	case FIELD_TYPE_STATUS:
		span_set_i64(s, f, (int64_t)rng_below(&r->rng, STATUS__MAX));
		break;
	case FIELD_TYPE_BOOL:
		span_set_i64(s, f, (int64_t)rng_below(&r->rng, 2));
		break;
	case FIELD_TYPE_TIME:
		span_set_i64(s, f, random_time(r));
		break;
	case FIELD_TYPE_I64:
		span_set_i64(s, f,
			chance(r, 20) ? (int64_t)rng_next(&r->rng)
				      : (int64_t)rng_below(&r->rng, 70000));
		break;
	case FIELD_TYPE_DEC:
		span_set_text(s, f, random_number(r));
		break;
	case FIELD_TYPE_JSON:
		span_set_text(s, f, random_json(r, f));
		break;
	}
}

/* Returns a string that makes a line longer than one read. */
static struct str long_text(struct random_spans *r)
{
	enum { LONG_BYTES = 16 << 10 };
	size_t n = LONG_BYTES + rng_below(&r->rng, LONG_BYTES);
	char *text = arena_text(scene_arena(), n);
	memset(text, 'a' + (int)rng_below(&r->rng, 26), n);
	text[0] = text[n - 1] = '"';
	return str_of(text, n);
}

struct span random_span(struct random_spans *r)
{
	static const enum field long_ones[] = { FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA };
	struct span s;
	span_init(&s);
	size_t density = 1 + rng_below(&r->rng, 6);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (chance(r, density))
			set_random(r, &s, (enum field)f);
	if (chance(r, 100))
		span_set_text(&s, long_ones[rng_below(&r->rng, 3)], long_text(r));
	size_t id = rng_below(&r->rng, r->n_spans);
	span_set_text(&s, FIELD_SPAN_ID, arena_printf(scene_arena(), "s%06zu", id));
	span_set_text(
		&s, FIELD_TRACE_ID, arena_printf(scene_arena(), "trace-%zu", id % r->n_traces));
	span_set_text(&s, FIELD_SOURCE, id % 7 ? STR("otel") : STR("atif"));
	if (!chance(r, 50))
		span_set_i64(&s, FIELD_STARTED_AT, random_time(r));
	span_set_i64(&s, FIELD_INGESTED_AT, r->now_ns);
	if (!r->has_updates || chance(r, 2))
		s.present.word[FIELD_UPDATED_AT / 64] &= ~(UINT64_C(1) << FIELD_UPDATED_AT % 64);
	s.is_deleted = r->has_updates && chance(r, 15);
	r->now_ns += (int64_t)rng_below(&r->rng, 5) * NS_PER_MS;
	return s;
}

struct str random_lines(struct random_spans *r, size_t n, bool bad)
{
	struct buf lines;
	buf_init(&lines, scene_arena());
	for (size_t i = 0; i < n; i++) {
		struct span s = random_span(r);
		size_t at = lines.len;
		line_write(&lines, &s);
		if (!bad || !chance(r, 30))
			continue;
		switch (rng_below(&r->rng, 3)) {
		case 0: /* cut off, and healed by the next writer */
			lines.len = at + rng_below(&r->rng, lines.len - at);
			buf_add_char(&lines, '\n');
			break;
		case 1:
			lines.ptr[at + 1 + rng_below(&r->rng, lines.len - at - 2)] ^= 1;
			break;
		default:
			lines.ptr[at + 1 + rng_below(&r->rng, lines.len - at - 2)] = '\0';
		}
	}
	return buf_str(&lines);
}

/* ---- What is visible ---- */

/* The current row of an identity, so far. */
struct current {
	const struct span *span;
	struct version_place place;
	bool is_used, is_hidden;
};

static bool takes_over(
	const struct span *s, const struct version_place *place, const struct current *c)
{
	return version_wins(span_version(s), place, span_version(c->span), &c->place);
}

struct currents {
	struct current *slots;
	size_t n_slots;
};

static struct currents currents_for(size_t n)
{
	struct currents t = { .n_slots = n * 2 + 1 };
	t.slots = arena_calloc(scene_arena(), t.n_slots, sizeof *t.slots);
	return t;
}

static void add_current(
	struct currents *t, const struct span *s, struct version_place place, bool is_hidden)
{
	size_t i = span_identity_hash(s) % t->n_slots;
	while (t->slots[i].is_used && !span_same_identity(t->slots[i].span, s))
		i = (i + 1) % t->n_slots;
	if (!t->slots[i].is_used || takes_over(s, &place, &t->slots[i]))
		t->slots[i] = (struct current){ s, place, true, is_hidden };
}

static int compare_places(const void *x, const void *y)
{
	const struct version_place *a = x, *b = y;
	return version_wins(0, a, 0, b) - version_wins(0, b, 0, a);
}

static void add_place(struct buf *places, const struct version_place *p)
{
	buf_add(places, str_of((const char *)p, sizeof *p));
}

static struct visible sorted(struct buf *places)
{
	struct visible v = { .n = places->len / sizeof *v.places };
	v.places = arena_calloc(scene_arena(), v.n, sizeof *v.places);
	if (v.n) {
		memcpy(v.places, places->ptr, places->len);
		qsort(v.places, v.n, sizeof *v.places, compare_places);
	}
	buf_release(places);
	return v;
}

static void add_currents(struct buf *places, const struct currents *t)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i].is_used && !t->slots[i].is_hidden && !t->slots[i].span->is_deleted)
			add_place(places, &t->slots[i].place);
}

static struct version_place place_of(const struct view *v, struct row_ref ref)
{
	const struct shard *s = &v->shards[ref.shard];
	return (struct version_place){ s->day, s->part, ref.at };
}

static struct visible of_lines(const struct view *v, const struct scene_lines *lines)
{
	struct currents t = currents_for(lines->n);
	struct buf places;
	buf_init(&places, scene_arena());
	for (size_t i = 0; i < lines->n; i++)
		add_current(&t, &lines->spans[i], place_of(v, lines->refs[i]), false);
	add_currents(&places, &t);
	return sorted(&places);
}

struct visible visible_by_lines(struct scene *sc)
{
	struct visible none = { .n = 0 };
	struct view v;
	if (view_open(&sc->store, STR("w"), scene_arena(), &v))
		return none;
	struct scene_lines lines = scene_read_view(&v);
	struct visible ret = of_lines(&v, &lines);
	view_close(&v);
	return ret;
}

static bool has_bit(const uint64_t *bitmap, size_t i)
{
	return bitmap && (bitmap[i / 64] >> i % 64 & 1);
}

static enum err add_segment(struct view *v, struct index_segment *s, struct buf *places)
{
	uint32_t n_hidden = 0;
	for (uint32_t row = 0; row < s->n_rows; row++) {
		struct row_ref ref;
		n_hidden += has_bit(s->hidden, row);
		if (has_bit(s->hidden, row))
			continue;
		enum err e = segment_row_ref(s, row, &ref);
		if (e)
			return e;
		struct version_place p = place_of(v, ref);
		add_place(places, &p);
	}
	ck_assert_uint_eq(n_hidden, s->n_hidden);
	return ERR_OK;
}

struct tail {
	struct currents currents;
	struct span *spans;
	size_t n, cap;
};

static enum err read_tail(struct index_set *set, size_t shard, struct tail *t)
{
	struct shard_reader r;
	struct str line;
	struct row_ref ref;
	bool more, is_hidden;
	enum err e = shard_reader_open(set->view, shard, set->of[shard].covered, -1, &r);
	while (!e) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		ck_assert_uint_lt(t->n, t->cap);
		struct span *s = &t->spans[t->n];
		if (line_read(arena_copy(scene_arena(), line), NULL, false, s) != LINE_OK)
			continue;
		t->n++;
		e = index_supersede(set, s, ref, &is_hidden);
		if (!e)
			add_current(&t->currents, s, place_of(set->view, ref), is_hidden);
	}
	shard_reader_close(&r);
	return e;
}

static enum err see(struct index_set *set, struct tail *t, struct buf *places)
{
	struct view *v = set->view;
	enum err e = index_resolve(set);
	for (size_t i = 0; !e && i < v->n_shards; i++)
		e = read_tail(set, i, t);
	for (size_t i = 0; !e && i < v->n_shards; i++) {
		struct index *ix = &set->of[i];
		for (size_t k = 0; !e && k < ix->n_segments; k++)
			e = add_segment(v, &ix->segments[k], places);
		for (size_t k = 0; !e && k < ix->n_log; k++) {
			struct version_place p = { v->shards[i].day, v->shards[i].part,
				ix->log[k].at };
			if (!has_bit(ix->log_superseded, k))
				add_place(places, &p);
		}
	}
	return e;
}

/* What both ways show of one view. */
struct sights {
	struct scene_lines lines;
	struct visible by_index;
	size_t n_read;
};

static struct sights look(struct view *v)
{
	struct sights ret;
	struct buf places;
	struct tail t;
	enum err e = ERR_UNSAFE;
	buf_init(&places, scene_arena());
	for (int i = 0; e == ERR_UNSAFE && i < 100; i++) {
		struct index_set set;
		buf_reset(&places);
		e = index_open(v, &set);
		ck_assert_int_eq(e, ERR_OK);
		ret.lines = scene_read_view(v);
		t = (struct tail){ .currents = currents_for(ret.lines.n), .cap = ret.lines.n + 1 };
		t.spans = arena_calloc(scene_arena(), t.cap, sizeof *t.spans);
		e = see(&set, &t, &places);
	}
	ck_assert_int_eq(e, ERR_OK);
	add_currents(&places, &t.currents);
	ret.n_read = t.n;
	ret.by_index = sorted(&places);
	return ret;
}

struct visible visible_by_index(struct scene *sc, size_t *ret_n_read)
{
	struct visible none = { .n = 0 };
	struct view v;
	*ret_n_read = 0;
	if (view_open(&sc->store, STR("w"), scene_arena(), &v))
		return none;
	struct sights s = look(&v);
	view_close(&v);
	*ret_n_read = s.n_read;
	return s.by_index;
}

static void explain(struct scene *sc, const struct version_place *p)
{
	struct scene_lines lines = scene_read(sc);
	struct index_set set;
	struct view v;
	ck_assert_int_eq(view_open(&sc->store, STR("w"), scene_arena(), &v), ERR_OK);
	const struct span *me = NULL;
	for (size_t i = 0; i < lines.n; i++) {
		struct version_place q = place_of(&v, lines.refs[i]);
		if (compare_places(p, &q) == 0)
			me = &lines.spans[i];
	}
	for (size_t i = 0; me && i < lines.n; i++) {
		struct version_place q = place_of(&v, lines.refs[i]);
		const struct span *s = &lines.spans[i];
		if (span_same_identity(me, s))
			fprintf(stderr, "%d.%d at %lld: %.*s version %lld, deleted %d, prev %d\n",
				q.day, q.part, (long long)q.at,
				STR_ARG(span_text(s, FIELD_SPAN_ID)), (long long)span_version(s),
				s->is_deleted, s->prev_day);
	}
	if (index_open(&v, &set))
		return;
	for (size_t i = 0; i < v.n_shards; i++) {
		fprintf(stderr, "%d.%d: %lld bytes, covered %lld;", v.shards[i].day,
			v.shards[i].part, (long long)v.shards[i].size_bytes,
			(long long)set.of[i].covered);
		for (size_t k = 0; k < set.of[i].n_segments; k++)
			fprintf(stderr, " %lld-%lld (%u links)",
				(long long)set.of[i].segments[k].from,
				(long long)set.of[i].segments[k].to, set.of[i].segments[k].n_links);
		for (size_t k = 0; k < set.of[i].n_log; k++) {
			const struct rowlog_row *r = &set.of[i].log[k];
			fprintf(stderr, " [%lld flags %u prev %d known %lld]", (long long)r->at,
				r->flags, r->prev_day, (long long)r->known_to);
		}
		fprintf(stderr, "\n");
	}
	view_close(&v);
}

static void compare(
	struct scene *sc, const struct visible *want, const struct visible *got, const char *what)
{
	size_t n = want->n < got->n ? want->n : got->n, i = 0;
	while (i < n && compare_places(&want->places[i], &got->places[i]) == 0)
		i++;
	const struct version_place *p = i < want->n ? &want->places[i] : NULL;
	const struct version_place *q = i < got->n ? &got->places[i] : NULL;
	if (p || q)
		explain(sc, q && (!p || compare_places(q, p) < 0) ? q : p);
	ck_assert_msg(want->n == got->n && i == want->n,
		"%s: %zu and %zu rows; the first that differs: %d.%d at %lld, by the index %d.%d at %lld",
		what, want->n, got->n, p ? p->day : 0, p ? p->part : 0, p ? (long long)p->at : -1,
		q ? q->day : 0, q ? q->part : 0, q ? (long long)q->at : -1);
}

void must_see_the_same(struct scene *sc, const char *what)
{
	size_t n_read;
	struct visible want = visible_by_lines(sc), got = visible_by_index(sc, &n_read);
	compare(sc, &want, &got, what);
}

void must_see_the_same_at_once(struct scene *sc, const char *what)
{
	struct view v;
	if (view_open(&sc->store, STR("w"), scene_arena(), &v))
		return;
	struct sights s = look(&v);
	struct visible want = of_lines(&v, &s.lines);
	view_close(&v);
	compare(sc, &want, &s.by_index, what);
}
