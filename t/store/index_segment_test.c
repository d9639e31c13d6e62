/*
 * Closed segments: what they say of rows is what the lines say.
 */
#include "index_scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/dict.h"
#include "index/segment/build.h"
#include "index/segment/keys.h"
#include "index/segment/merge.h"
#include "index/segment/segment.h"
#include "query/rows/column.h"
#include "json/order.h"

#include <fcntl.h>

static struct scene sc;

enum { SEED = 4711, ROWS = 5000 };

static const struct segment_limits no_limits = { 1 << 20, INT64_MAX, SIZE_MAX };

/* Of the shard of the scene's day in one segment. */
struct built {
	struct view view;
	struct segment *segment;
	int idx_fd;
};

static struct built build(int64_t from, int64_t to, const struct segment_limits *limits)
{
	struct built b;
	char dir[STORE_NAME_MAX], name[SEGMENT_NAME_MAX];
	struct segment_want want = { .day = SCENE_DAY, .from = from, .seed = SEED };
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &b.view), ERR_OK);
	store_file_name(STORE_FILE_INDEX, SCENE_DAY, 0, dir);
	ck_assert_int_eq(io_make_dir(b.view.dir_fd, dir), ERR_OK);
	ck_assert_int_eq(io_open_dir(b.view.dir_fd, dir, &b.idx_fd), ERR_OK);
	ck_assert_int_eq(
		segment_build(&b.view, 0, from, to, limits, SEED, NULL, NULL, b.idx_fd, &want.to),
		ERR_OK);
	segment_name(0, from, want.to, name);
	const char *problem;
	b.segment = segment_open(b.idx_fd, name, &want, &problem);
	ck_assert_ptr_nonnull(b.segment);
	return b;
}

static void drop(struct built *b)
{
	segment_close(b->segment);
	io_drop(b->idx_fd);
	view_close(&b->view);
}

static struct random_spans random_spans(bool has_updates)
{
	return (struct random_spans){ .rng = rng_from_seed(),
		.n_spans = ROWS / 2,
		.n_traces = 200,
		.now_ns = SCENE_NOW,
		.started_ns = SCENE_NOW,
		.has_updates = has_updates };
}

static void put_random(bool has_updates, size_t n)
{
	struct random_spans r = random_spans(has_updates);
	scene_put(&sc, "2026-11-20.jsonl", random_lines(&r, n, true));
}

static const struct column *column_of(struct segment *s, unsigned c)
{
	const struct column *ret;
	ck_assert_int_eq(segment_load_column(s, c, &ret), ERR_OK);
	return ret;
}

static struct dict dict_of(struct segment *s, unsigned c)
{
	struct dict ret;
	ck_assert_int_eq(segment_load_dict(s, c, &ret), ERR_OK);
	return ret;
}

static void check_tags(const struct column *c, const struct dict *d, uint32_t row, struct str tags)
{
	uint32_t place = column_place(c, row), i = c->lists[place];
	struct json_iter it = json_elements(json_open(tags));
	for (; json_next(&it); i++) {
		ck_assert_uint_lt(i, c->lists[place + 1]);
		ck_assert_str_is(dict_entry(d, (uint32_t)column_stored(c, i)), json_body(it.value));
	}
	ck_assert_uint_eq(i, c->lists[place + 1]);
}

static void check_field(struct segment *seg, uint32_t row, const struct span *s, enum field f)
{
	const struct column *c = column_of(seg, f);
	struct dict d;
	ck_assert_int_ne(c->state, COLUMN_UNKNOWN);
	ck_assert_msg(column_has(c, row) == span_has(s, f), "row %u: presence of field %d", row, f);
	if (!span_has(s, f))
		return;
	int64_t value = f == FIELD_TAGS ? 0 : column_value(c, row);
	switch (field_info[f].column) {
	case COLUMN_DICT:
		d = dict_of(seg, f);
		ck_assert_str_is(dict_entry(&d, (uint32_t)value), s->value[f].text);
		break;
	case COLUMN_TAGS:
		d = dict_of(seg, f);
		check_tags(c, &d, row, s->value[f].text);
		break;
	case COLUMN_HASH:
		ck_assert_int_eq(value, (int64_t)hash64(s->value[f].text, SEED));
		break;
	default:
		ck_assert_int_eq(value, segment_number(s, f));
	}
	if (field_info[f].column != COLUMN_HASH && f != FIELD_TAGS) {
		ck_assert_int_ge(value, c->min);
		ck_assert_int_le(value, c->max);
	}
}

static void check_row(struct segment *seg, uint32_t row, const struct span *s, struct row_ref ref)
{
	struct dict ids;
	int64_t at;
	uint32_t len;
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_info[f].column != COLUMN_NONE && f != FIELD_SPAN_ID &&
			f != FIELD_TRACE_ID)
			check_field(seg, row, s, (enum field)f);
	ck_assert_int_eq(column_value(column_of(seg, INDEX_AT), row), ref.at);
	ck_assert_int_eq(column_value(column_of(seg, INDEX_LEN), row), ref.len);
	ck_assert_int_eq(segment_place(seg, row, &at, &len), ERR_OK);
	ck_assert_int_eq(at, ref.at);
	ck_assert_uint_eq(len, ref.len);
	ck_assert_int_eq(
		column_value(column_of(seg, INDEX_IDENTITY), row), (int64_t)span_identity_hash(s));
	ck_assert_int_eq(segment_load_trace_ids(seg, &ids), ERR_OK);
	int64_t trace = column_value(column_of(seg, INDEX_TRACE), row);
	ck_assert_str_is(dict_entry(&ids, (uint32_t)trace), span_text(s, FIELD_TRACE_ID));
}

START_TEST(columns_hold_what_the_lines_say)
	{
		scene_open(&sc);
		put_random(true, (unsigned)unit_few(ROWS / 4, ROWS));
		struct scene_lines lines = scene_read(&sc);
		struct built b = build(0, -1, &no_limits);
		ck_assert_uint_eq(b.segment->header.n_rows, lines.n);
		ck_assert_uint_eq(b.segment->header.n_torn, lines.n_torn);
		ck_assert_uint_eq(b.segment->header.n_rot, lines.n_rot);
		ck_assert_uint_eq(b.segment->header.n_zero, lines.n_zero);
		ck_assert_uint_gt(lines.n_torn + lines.n_rot + lines.n_zero, 0);
		for (uint32_t row = 0; row < lines.n; row++)
			check_row(b.segment, row, &lines.spans[row], lines.refs[row]);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(unpacked_columns_are_the_values)
	{
		scene_open(&sc);
		put_random(true, 1000);
		struct built b = build(0, -1, &no_limits);
		uint32_t n = b.segment->header.n_rows;
		int64_t *values = arena_calloc(scene_arena(), n, sizeof *values);
		for (unsigned f = 0; f < FIELD__MAX; f++) {
			if (field_info[f].column == COLUMN_NONE || f == FIELD_TAGS ||
				f == FIELD_SPAN_ID || f == FIELD_TRACE_ID)
				continue;
			const struct column *c = column_of(b.segment, f);
			column_read(c, 0, n, -77, values);
			for (uint32_t row = 0; row < n; row++)
				ck_assert_int_eq(values[row],
					column_has(c, row) ? column_value(c, row) : -77);
			column_read(c, 640, n - 640, -77, values);
			for (uint32_t row = 640; row < n; row++)
				ck_assert_int_eq(values[row - 640],
					column_has(c, row) ? column_value(c, row) : -77);
		}
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_current_version_is_what_stays_visible)
	{
		scene_open(&sc);
		put_random(true, (unsigned)unit_few(ROWS / 4, ROWS));
		struct scene_lines lines = scene_read(&sc);
		struct built b = build(0, -1, &no_limits);
		const uint64_t *superseded, *deletes;
		uint32_t n_hidden = 0;
		ck_assert_int_eq(
			segment_load_bitmap(b.segment, INDEX_CHUNK_SUPERSEDED, &superseded),
			ERR_OK);
		ck_assert_int_eq(
			segment_load_bitmap(b.segment, INDEX_CHUNK_DELETES, &deletes), ERR_OK);
		ck_assert_ptr_nonnull(superseded);
		ck_assert_ptr_nonnull(deletes);
		for (uint32_t row = 0; row < lines.n; row++) {
			const struct span *s = &lines.spans[row];
			bool loses = false;
			for (uint32_t i = 0; i < lines.n && !loses; i++) {
				const struct span *other = &lines.spans[i];
				int64_t mine = span_version(s), others = span_version(other);
				loses = i != row && span_same_identity(s, other) &&
					(others > mine || (others == mine && i > row));
			}
			ck_assert_msg(
				(superseded[row / 64] >> row % 64 & 1) == loses, "row %u", row);
			ck_assert_msg((deletes[row / 64] >> row % 64 & 1) == s->is_deleted,
				"row %u", row);
			n_hidden += loses || s->is_deleted;
		}
		ck_assert_uint_eq(b.segment->header.n_hidden, n_hidden);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

static uint64_t key_of(const struct span *s)
{
	return segment_key(hash64(span_text(s, FIELD_SPAN_ID), SEED),
		hash64(span_text(s, FIELD_TRACE_ID), SEED),
		hash64(span_text(s, FIELD_SOURCE), SEED));
}

START_TEST(every_row_is_found_by_its_id)
	{
		scene_open(&sc);
		put_random(true, ROWS);
		struct scene_lines lines = scene_read(&sc);
		struct built b = build(0, -1, &no_limits);
		for (uint32_t row = 0; row < lines.n; row++)
			for (int only_span = 0; only_span < 2; only_span++) {
				uint64_t probe = 0, n = 0;
				uint32_t found = 0;
				for (bool is_there = false; found != UINT32_MAX; n++) {
					ck_assert_int_eq(segment_find_key(b.segment,
								 key_of(&lines.spans[row]),
								 only_span, &probe, &found),
						ERR_OK);
					is_there = is_there || found == row;
					ck_assert(found != UINT32_MAX || is_there);
					ck_assert(
						found == UINT32_MAX ||
						str_eq(span_text(&lines.spans[row], FIELD_SPAN_ID),
							span_text(&lines.spans[found],
								FIELD_SPAN_ID)));
				}
				ck_assert_uint_ge(n, 2);
			}
		uint64_t probe = 0;
		uint32_t found;
		ck_assert_int_eq(segment_find_key(b.segment, 12345, true, &probe, &found), ERR_OK);
		ck_assert_uint_eq(found, UINT32_MAX);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

/* What a trace's row must say, from the lines. */
static void check_trace(
	struct segment *seg, uint32_t trace, const struct scene_lines *lines, bool *ret_is_rootless)
{
	const struct column *of = column_of(seg, INDEX_TRACE);
	const uint64_t *superseded, *deletes;
	uint32_t n = 0, n_errors = 0, n_roots = 0, first = UINT32_MAX, last = 0, root = UINT32_MAX;
	uint32_t earliest = UINT32_MAX, stands_for;
	int64_t tokens = 0, root_started = 0, earliest_started = 0, first_started = INT64_MAX;
	bool has_tokens = false;
	ck_assert_int_eq(segment_load_bitmap(seg, INDEX_CHUNK_SUPERSEDED, &superseded), ERR_OK);
	ck_assert_int_eq(segment_load_bitmap(seg, INDEX_CHUNK_DELETES, &deletes), ERR_OK);
	for (uint32_t row = 0; row < lines->n; row++) {
		const struct span *s = &lines->spans[row];
		if (column_value(of, row) != trace)
			continue;
		first = first < row ? first : row;
		last = row;
		if ((superseded[row / 64] | deletes[row / 64]) >> row % 64 & 1)
			continue;
		int64_t started = span_i64(s, FIELD_STARTED_AT, 0);
		n++;
		n_errors += span_i64(s, FIELD_STATUS, 0) == STATUS_ERROR;
		if (span_has(s, FIELD_STARTED_AT) && started < first_started)
			first_started = started;
		if (earliest == UINT32_MAX || started < earliest_started ||
			(started == earliest_started &&
				body_order(span_text(s, FIELD_SPAN_ID),
					span_text(&lines->spans[earliest], FIELD_SPAN_ID)) < 0)) {
			earliest = row;
			earliest_started = started;
		}
		if (span_is_root(s) &&
			(n_roots++ == 0 || started < root_started ||
				(started == root_started && body_order(span_text(s, FIELD_SPAN_ID),
								    span_text(&lines->spans[root],
									    FIELD_SPAN_ID)) < 0))) {
			root = row;
			root_started = started;
		}
		if (span_has(s, FIELD_INPUT_TOKENS) && !span_i64(s, FIELD_REPEATS_USAGE, 0)) {
			has_tokens = true;
			tokens = (int64_t)((uint64_t)tokens +
					   (uint64_t)span_i64(s, FIELD_INPUT_TOKENS, 0));
		}
	}
	ck_assert_int_eq(column_value(column_of(seg, INDEX_TRACE_N_SPANS), trace), n);
	ck_assert_int_eq(column_value(column_of(seg, INDEX_TRACE_N_ERRORS), trace), n_errors);
	ck_assert_int_eq(column_value(column_of(seg, INDEX_TRACE_N_ROOTS), trace), n_roots);
	ck_assert_int_eq(column_value(column_of(seg, INDEX_TRACE_FIRST_ROW), trace), first);
	ck_assert_int_eq(column_value(column_of(seg, INDEX_TRACE_LAST_ROW), trace), last);
	const struct column *c = column_of(seg, INDEX_TRACE_ROOT);
	ck_assert(column_has(c, trace) == (n_roots > 0));
	if (n_roots) {
		ck_assert_int_eq(column_value(c, trace), root);
		ck_assert_int_eq(column_value(column_of(seg, INDEX_TRACE_ROOT_STARTED), trace),
			root_started);
	}
	bool is_root;
	struct index_segment of_set = { .segment = seg };
	ck_assert_int_eq(segment_trace_first(&of_set, trace, &stands_for, &is_root), ERR_OK);
	ck_assert_int_eq(is_root, n_roots > 0);
	ck_assert_uint_eq(stands_for, n_roots ? root : earliest);
	*ret_is_rootless = !n_roots && earliest != UINT32_MAX;
	c = column_of(seg, INDEX_TRACE_FIRST_STARTED);
	ck_assert(column_has(c, trace) == (first_started != INT64_MAX));
	if (first_started != INT64_MAX)
		ck_assert_int_eq(column_value(c, trace), first_started);
	c = column_of(seg, INDEX_TRACE_INPUT_TOKENS);
	if (c->state != COLUMN_UNKNOWN) {
		ck_assert(column_has(c, trace) == has_tokens);
		if (has_tokens)
			ck_assert_int_eq(column_value(c, trace), tokens);
	}
}

START_TEST(the_trace_table_sums_up_the_visible_rows)
	{
		scene_open(&sc);
		put_random(true, ROWS);
		struct scene_lines lines = scene_read(&sc);
		struct built b = build(0, -1, &no_limits);
		ck_assert_uint_gt(b.segment->header.n_traces, 200); /* some with two sources */
		uint32_t n_rootless = 0;
		for (uint32_t trace = 0; trace < b.segment->header.n_traces; trace++) {
			bool is_rootless;
			check_trace(b.segment, trace, &lines, &is_rootless);
			n_rootless += is_rootless;
		}
		ck_assert_uint_gt(n_rootless, 10);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(every_trace_is_found_by_its_id)
	{
		scene_open(&sc);
		put_random(false, 2000);
		struct built b = build(0, -1, &no_limits);
		struct dict ids;
		ck_assert_int_eq(segment_load_trace_ids(b.segment, &ids), ERR_OK);
		for (uint32_t trace = 0; trace < ids.n; trace++) {
			struct str id = dict_entry(&ids, trace);
			uint64_t probe = 0;
			uint32_t row;
			bool found = false;
			do {
				ck_assert_int_eq(segment_probe_trace(b.segment, id,
							 hash64(id, SEED), &probe, &row),
					ERR_OK);
				found = found || row == trace;
				ck_assert(row == UINT32_MAX || str_eq(dict_entry(&ids, row), id));
			} while (row != UINT32_MAX);
			ck_assert(found);
		}
		drop(&b);
		scene_close(&sc);
	}
END_TEST

/* What ascends, in a segment of lines as in one of segments. */
static void check_trace_order(struct segment *s)
{
	struct dict ids;
	ck_assert_int_eq(segment_load_trace_ids(s, &ids), ERR_OK);
	ck_assert_uint_gt(ids.n, 20);
	for (uint32_t i = 1; i < ids.n; i++)
		ck_assert_int_le(str_cmp(json_decode(scene_arena(), dict_entry(&ids, i - 1)),
					 json_decode(scene_arena(), dict_entry(&ids, i))),
			0);
}

START_TEST(traces_ascend_as_their_ids_do)
	{
		scene_open(&sc);
		put_random(true, 2000);
		struct built b = build(0, -1, &no_limits);
		check_trace_order(b.segment);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_trace_id_that_came_before_is_marked)
	{
		scene_open(&sc);
		put_random(false, 2000);
		struct built b = build(0, -1, &no_limits);
		struct dict ids;
		const struct column *earlier = column_of(b.segment, INDEX_TRACE_EARLIER);
		uint32_t n = 0;
		ck_assert_int_eq(segment_load_trace_ids(b.segment, &ids), ERR_OK);
		for (uint32_t i = 0; i < ids.n; i++) {
			bool before = false;
			for (uint32_t k = 0; k < i; k++)
				before = before || str_eq(dict_entry(&ids, k), dict_entry(&ids, i));
			ck_assert(column_has(earlier, i) == before);
			n += before;
		}
		ck_assert_uint_gt(n, 0);
		ck_assert(b.segment->header.flags & INDEX_WHOLE_HISTORY);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(zones_bound_their_rows)
	{
		scene_open(&sc);
		put_random(false, INDEX_ZONE_ROWS * 2 + 900);
		struct built b = build(0, -1, &no_limits);
		struct str bytes;
		const struct column *started = column_of(b.segment, FIELD_STARTED_AT);
		const struct column *kinds = column_of(b.segment, FIELD_KIND);
		ck_assert_int_eq(segment_chunk(b.segment, INDEX_CHUNK_ZONES, 0, &bytes), ERR_OK);
		const struct index_zone *zones = (const void *)bytes.ptr;
		ck_assert_uint_eq(bytes.len, 3 * sizeof *zones);
		for (uint32_t z = 0; z < 3; z++) {
			struct index_zone is = { .min_started = INT64_MAX,
				.max_started = INT64_MIN };
			for (uint32_t row = z * INDEX_ZONE_ROWS;
				row < (z + 1) * INDEX_ZONE_ROWS && row < b.segment->header.n_rows;
				row++) {
				is.kinds |= UINT32_C(1)
					    << (column_has(kinds, row) ? column_value(kinds, row)
								       : INDEX_ZONE_ABSENT);
				if (!column_has(started, row))
					continue;
				int64_t v = column_value(started, row);
				is.min_started = v < is.min_started ? v : is.min_started;
				is.max_started = v > is.max_started ? v : is.max_started;
			}
			ck_assert_int_eq(zones[z].min_started, is.min_started);
			ck_assert_int_eq(zones[z].max_started, is.max_started);
			ck_assert_uint_eq(zones[z].kinds, is.kinds);
		}
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(dictionaries_ascend_as_plain_texts_do)
	{
		scene_open(&sc);
		put_random(false, 2000);
		struct built b = build(0, -1, &no_limits);
		struct dict d = dict_of(b.segment, FIELD_NAME);
		ck_assert_uint_gt(d.n, 20);
		for (uint32_t i = 0; i < d.n; i++) {
			uint32_t code;
			if (i)
				ck_assert_int_lt(
					str_cmp(json_decode(scene_arena(), dict_entry(&d, i - 1)),
						json_decode(scene_arena(), dict_entry(&d, i))),
					0);
			ck_assert(dict_find(&d, dict_entry(&d, i), &code));
			ck_assert_uint_eq(code, i);
		}
		uint32_t code;
		ck_assert(!dict_find(&d, STR("name-9999999"), &code));
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(limits_end_a_segment_behind_the_line_that_reaches_them)
	{
		scene_open(&sc);
		put_random(false, 300);
		struct scene_lines lines = scene_read(&sc);
		struct segment_limits limits = {
			.rows = 100, .bytes = INT64_MAX, .text_bytes = SIZE_MAX
		};
		struct built b = build(0, -1, &limits);
		ck_assert_uint_eq(b.segment->header.n_rows, 100);
		ck_assert_int_eq(b.segment->header.to, lines.refs[99].at + lines.refs[99].len + 1);
		drop(&b);
		limits = (struct segment_limits){
			.rows = 1000, .bytes = 5000, .text_bytes = SIZE_MAX
		};
		b = build(0, -1, &limits);
		ck_assert_int_ge(b.segment->header.to, 5000);
		const struct column *len = column_of(b.segment, INDEX_LEN);
		ck_assert_int_lt(
			b.segment->header.to - column_value(len, b.segment->header.n_rows - 1) - 1,
			5000);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(tags_that_are_no_texts_are_unknown)
	{
		scene_open(&sc);
		struct buf lines;
		buf_init(&lines, scene_arena());
		struct span s = scene_span(1, SCENE_NOW, 5);
		span_set_text(&s, FIELD_TAGS, STR("[\"a\"]"));
		line_write(&lines, &s);
		span_set_text(&s, FIELD_TAGS, STR("[\"a\",1]"));
		line_write(&lines, &s);
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
		struct built b = build(0, -1, &no_limits);
		const struct column *c = column_of(b.segment, FIELD_TAGS);
		ck_assert_int_eq(c->state, COLUMN_UNKNOWN);
		ck_assert_uint_eq(c->n_present, 2);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_same_lines_make_the_same_bytes)
	{
		scene_open(&sc);
		put_random(true, 1000);
		struct built b = build(0, -1, &no_limits);
		char name[SEGMENT_NAME_MAX];
		segment_name(0, 0, b.segment->header.to, name);
		const char *path = arena_copy_c(
			scene_arena(), arena_printf(scene_arena(), "2026-11-20.idx/%s", name));
		drop(&b);
		struct str first = scene_file(&sc, path);
		scene_remove(&sc, path);
		b = build(0, -1, &no_limits);
		drop(&b);
		ck_assert_str_is(scene_file(&sc, path), first);
		scene_close(&sc);
	}
END_TEST

static struct str segment_file(int64_t from, int64_t to)
{
	char name[SEGMENT_NAME_MAX];
	segment_name(0, from, to, name);
	return scene_file(&sc, arena_copy_c(scene_arena(),
				       arena_printf(scene_arena(), "2026-11-20.idx/%s", name)));
}

START_TEST(merging_makes_what_closing_the_whole_range_makes)
	{
		scene_open(&sc);
		put_random(true, 3000);
		struct segment_limits limits = {
			.rows = 700, .bytes = INT64_MAX, .text_bytes = SIZE_MAX
		};
		struct built whole = build(0, -1, &no_limits), part[8];
		struct str want = segment_file(0, whole.segment->header.to);
		struct segment *segments[8];
		size_t n = 0;
		for (int64_t at = 0; at < whole.segment->header.to; at = segments[n++]->header.to) {
			part[n] = build(at, -1, &limits);
			segments[n] = part[n].segment;
		}
		ck_assert_uint_eq(n, 5);
		ck_assert_int_eq(segment_merge(&whole.view, 0, segments, n, whole.idx_fd), ERR_OK);
		ck_assert(str_eq(segment_file(0, whole.segment->header.to), want));
		while (n)
			drop(&part[--n]);
		drop(&whole);
		scene_close(&sc);
	}
END_TEST

/* Keys of hashes, keys of which many have the upper bits in common, and keys that come again. */
START_TEST(keys_ascend_and_rows_of_equal_ones_do)
	{
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		for (unsigned run = 0; run < 60; run++) {
			uint32_t n = (uint32_t)rng_below(&rng, run % 2 ? 10 : 3000);
			unsigned shift = run % 3 == 0 ? 0 : run % 3 == 1 ? 44 : 62;
			struct segment_keys k;
			uint64_t *keys = arena_calloc(scene_arena(), n, sizeof *keys);
			bool *seen = arena_calloc(scene_arena(), n, sizeof *seen);
			segment_keys_begin(&k, scene_arena(), n);
			for (uint32_t i = 0; i < n; i++) {
				keys[i] = rng_next(&rng) >> shift;
				segment_keys_count(&k, keys[i]);
			}
			segment_keys_place(&k);
			for (uint32_t i = 0; i < n; i++)
				segment_keys_put(&k, keys[i], i);
			segment_keys_finish(&k);
			for (uint32_t i = 0; i < n; i++) {
				ck_assert_uint_lt(k.rows[i], n);
				ck_assert(!seen[k.rows[i]]);
				seen[k.rows[i]] = true;
				ck_assert_uint_eq(k.keys[i], keys[k.rows[i]]);
				if (i > 0)
					ck_assert(k.keys[i] > k.keys[i - 1] ||
						  (k.keys[i] == k.keys[i - 1] &&
							  k.rows[i] > k.rows[i - 1]));
			}
		}
		scene_close(&sc);
	}
END_TEST

/* Of what could not be read nothing is known, and it is tried again; not so what a power cut left.
 */
START_TEST(an_empty_file_is_known_to_be_no_segment)
	{
		char name[SEGMENT_NAME_MAX];
		const char *problem;
		scene_open(&sc);
		put_random(false, 10);
		struct built b = build(0, -1, &no_limits);
		const struct index_header *h = &b.segment->header;
		const struct segment_want want = { .day = h->day,
			.part = h->part,
			.from = h->from,
			.to = h->to,
			.seed = h->seed };
		segment_name(want.part, want.from, want.to, name);
		const char *path = arena_copy_c(
			scene_arena(), arena_printf(scene_arena(), "2026-11-20.idx/%s", name));
		scene_put(&sc, path, STR(""));
		ck_assert_ptr_null(segment_open(b.idx_fd, name, &want, &problem));
		ck_assert_ptr_nonnull(problem);
		scene_remove(&sc, path);
		ck_assert_ptr_null(segment_open(b.idx_fd, name, &want, &problem));
		ck_assert_ptr_null(problem);
		drop(&b);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("index_segment", an_empty_file_is_known_to_be_no_segment,
	keys_ascend_and_rows_of_equal_ones_do, columns_hold_what_the_lines_say,
	unpacked_columns_are_the_values, the_current_version_is_what_stays_visible,
	every_row_is_found_by_its_id, the_trace_table_sums_up_the_visible_rows,
	every_trace_is_found_by_its_id, traces_ascend_as_their_ids_do,
	a_trace_id_that_came_before_is_marked, zones_bound_their_rows,
	dictionaries_ascend_as_plain_texts_do,
	limits_end_a_segment_behind_the_line_that_reaches_them, tags_that_are_no_texts_are_unknown,
	the_same_lines_make_the_same_bytes, merging_makes_what_closing_the_whole_range_makes)
