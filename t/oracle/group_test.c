/*
 * Groups that come in great numbers: many of equal size, in several segments, some of them in two,
 * on pages wherever they begin.
 */
#include "query/engine.h"

#include "index/flush.h"
#include "scene.h"
#include "json/order.h"

static struct scene sc;

enum { CHATS = 900, BOTH_DAYS = 300, MOVED = 50, ENDED = 20 };

/* Of chat n: a trace of one span, in a session of that number. */
static struct span chat(unsigned n, unsigned session)
{
	struct span s;
	struct arena *a = scene_arena();
	span_init(&s);
	span_set_text(&s, FIELD_SOURCE, STR("s"));
	span_set_i64(&s, FIELD_STARTED_AT, SCENE_NOW);
	span_set_i64(&s, FIELD_INGESTED_AT, SCENE_NOW);
	span_set_text(&s, FIELD_SPAN_ID, arena_printf(a, "%u", n));
	span_set_text(&s, FIELD_TRACE_ID, arena_printf(a, "trace of a chat %u", n));
	span_set_text(&s, FIELD_SESSION_ID,
		arena_printf(a, "%s%u", session % 3 ? "session " : "a \\\"chat\\\" ", session));
	return s;
}

/* On the first day chats 0 ... CHATS, each a session; on the second as many others, the first of
 * them in sessions of the first day.  There the first chats are moved to session 0, and those
 * behind them end. */
static void put_chats(struct view *v)
{
	static const char *const days[] = { "2026-11-20.jsonl", "2026-11-21.jsonl" };
	scene_open(&sc);
	scene_workspace(&sc);
	for (unsigned day = 0; day < 2; day++) {
		struct index_flush how = { .all = true };
		struct buf b;
		buf_init(&b, scene_arena());
		for (unsigned i = 0; i < CHATS; i++) {
			bool is_old = day == 1 && i < BOTH_DAYS;
			struct span s =
				chat(day * CHATS + i, is_old ? CHATS - 1 - i : day * CHATS + i);
			line_write(&b, &s);
		}
		for (unsigned i = 0; day == 1 && i < MOVED + ENDED; i++) {
			struct span s = chat(i, 0);
			s.prev_day = SCENE_DAY;
			s.is_deleted = i >= MOVED;
			line_write(&b, &s);
		}
		scene_put(&sc, days[day], buf_str(&b));
		ck_assert_int_eq(
			index_flush_day(&sc.store, STR("w"), SCENE_DAY + (int32_t)day, &how),
			ERR_OK);
	}
	ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), v), ERR_OK);
}

static bool is_in_order(const struct group_row *x, const struct group_row *y, bool descending)
{
	if (x->n_spans != y->n_spans)
		return (x->n_spans > y->n_spans) == descending;
	return body_order(x->value[0], y->value[0]) < 0;
}

static void check_pages_of_chats(struct view *v, enum field by, bool descending, size_t total)
{
	static const size_t limits[] = { 1, 10, 400 };
	struct group_query q = {
		.by = { by }, .n_by = 1, .descending = descending, .limit = SIZE_MAX
	};
	struct group_list all, page;
	uint64_t n_spans = 0;
	query_init(&q.spans);
	ck_assert_int_eq(engine_groups(v, &q, &all), ERR_OK);
	ck_assert_uint_eq(all.total, total);
	ck_assert_uint_eq(all.n, total);
	for (size_t i = 0; i < all.n; i++) {
		n_spans += all.rows[i].n_spans;
		ck_assert(i == 0 || is_in_order(&all.rows[i - 1], &all.rows[i], descending));
	}
	ck_assert_uint_eq(n_spans, 2 * CHATS - ENDED);
	q.counts_only = true;
	for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++)
		for (q.offset = 0; q.offset < total; q.offset += 171) {
			q.limit = limits[k];
			ck_assert_int_eq(engine_groups(v, &q, &page), ERR_OK);
			ck_assert_uint_eq(page.total, total);
			for (size_t i = 0; i < page.n; i++) {
				const struct group_row *want = &all.rows[q.offset + i];
				ck_assert(str_eq(page.rows[i].value[0], want->value[0]));
				ck_assert_uint_eq(page.rows[i].n_spans, want->n_spans);
			}
		}
}

/* Of the sessions of the first day those of the moved and the ended chats are gone but for number
 * 0, which has all moved ones. */
START_TEST(groups_of_equal_size_are_in_the_order_of_their_texts_on_every_page)
	{
		struct view v;
		put_chats(&v);
		for (int descending = 0; descending < 2; descending++) {
			check_pages_of_chats(&v, FIELD_TRACE_ID, descending, 2 * CHATS - ENDED);
			check_pages_of_chats(&v, FIELD_SESSION_ID, descending,
				2 * CHATS - BOTH_DAYS - ENDED - (MOVED - 1));
		}
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("groups", groups_of_equal_size_are_in_the_order_of_their_texts_on_every_page)
