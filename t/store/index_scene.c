#include "index_scene.h"

#include "base/json_write.h"

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
	return r->now_ns - (int64_t)rng_below(&r->rng, 1000) * NS_PER_S +
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

struct span random_span(struct random_spans *r)
{
	struct span s;
	span_init(&s);
	size_t density = 1 + rng_below(&r->rng, 6);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (chance(r, density))
			set_random(r, &s, (enum field)f);
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
