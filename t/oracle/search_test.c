/*
 * Searching text by word files against looking at every line: random texts with punctuation,
 * escapes, emoji and cases, and what is cut out of them as what is looked for.
 */
#include "scene.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/flush.h"
#include "index/terms/file.h"
#include "query/engine.h"
#include "query/explain.h"
#include "query/filter/search.h"
#include "query/filter/snapshot.h"
#include "query/match/text.h"
#include "random.h"
#include "json/read.h"
#include "json/write.h"

#include <time.h>

enum { LINES = 600, QUERIES = 800, TERMS_MAX = 3, PREDS_MAX = 3 };

static struct scene sc;

static const char *const pieces[] = { "alpha", "Alpha", "beta", "gamma", "delta", "x", "42", "404",
	"7f3a9c", "face", "n", "nul", "u001f", "00", "naive", "na\xc3\xafve",
	"\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80", " ", " ", " ", ", ", "-", "\n", "\t",
	"\x01", "\"", "\\", "\\n", "/", "_", ".", "{", "}", ":", "'", "\xc3\x9f", "true", "null",
	"-1.5" };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(r, array) ((array)[rng_below((r), COUNT(array))])

static struct str random_plain(struct rng *r, size_t n_max)
{
	struct buf b;
	buf_init(&b, scene_arena());
	for (size_t n = rng_below(r, n_max + 1); n; n--)
		buf_add(&b, str_from_c(PICK(r, pieces)));
	/* Words of its own, some of them beside a letter that is not ASCII. */
	if (rng_below(r, 3) == 0)
		buf_printf(&b, " w%zuord%s", rng_below(r, 400), rng_below(r, 8) ? "" : "\xc3\xaf");
	return buf_str(&b);
}

static struct str random_value(struct rng *r)
{
	struct arena *a = scene_arena();
	struct str text = json_encode(a, random_plain(r, 10));
	switch (rng_below(r, 6)) {
	case 0:
		return arena_printf(a, "\"%.*s\"", STR_ARG(text));
	case 1:
		return arena_printf(a, "[\"%.*s\",404,{\"alpha\":null}]", STR_ARG(text));
	case 2:
		return STR("404");
	default:
		return arena_printf(
			a, "{\"role\":\"user\",\"content\":\"%.*s\",\"n\":42}", STR_ARG(text));
	}
}

static struct span random_line(struct rng *r, unsigned n)
{
	static const enum field texts[] = { FIELD_NAME, FIELD_ERROR_MESSAGE, FIELD_ERROR_TYPE,
		FIELD_ERROR_TRACEBACK, FIELD_MODEL };
	static const enum field values[] = { FIELD_METADATA, FIELD_ATTRIBUTES, FIELD_INPUT,
		FIELD_OUTPUT, FIELD_EXPECTED, FIELD_USAGE_DETAILS };
	struct span s = scene_span(n, SCENE_NOW + (int64_t)n, 1);
	span_unset(&s, FIELD_OUTPUT);
	for (size_t i = 0; i < COUNT(texts); i++)
		if (rng_below(r, 2))
			span_set_text(&s, texts[i], json_encode(scene_arena(), random_plain(r, 6)));
	for (size_t i = 0; i < COUNT(values); i++)
		if (rng_below(r, 2))
			span_set_text(&s, values[i], random_value(r));
	return s;
}

/* Some closed and some not, with words and without. */
static void put_lines(struct rng *r)
{
	sc.store.index_rows = 50 + (uint32_t)rng_below(r, 200);
	sc.store.part_bytes = (size_t)rng_below(r, 3000);
	sc.store.terms_mark_bits = 9 + (unsigned)rng_below(r, 4);
	sc.store.terms_bytes = 20000 + (int64_t)rng_below(r, 100000);
	for (unsigned n = 0; n < LINES;) {
		struct span spans[100];
		struct index_flush closing = { .all = rng_below(r, 2) };
		struct terms_updating making = { .all = rng_below(r, 2) };
		size_t some = 1 + rng_below(r, COUNT(spans));
		for (size_t i = 0; i < some; i++)
			spans[i] = random_line(r, n++);
		ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), spans, some,
					 SCENE_NOW),
			ERR_OK);
		if (rng_below(r, 3) == 0)
			ck_assert_int_eq(
				index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing), ERR_OK);
		if (rng_below(r, 3) == 0)
			ck_assert_int_eq(
				terms_update(&sc.store, STR("w"), SCENE_DAY, &making, NULL),
				ERR_OK);
	}
}

/* What stands somewhere, or something like it: begun and ended anywhere. */
static struct str random_needle(struct rng *r, const struct scene_lines *lines)
{
	static const enum field fields[] = { FIELD_NAME, FIELD_ERROR_MESSAGE, FIELD_METADATA,
		FIELD_ATTRIBUTES, FIELD_INPUT, FIELD_OUTPUT, FIELD_SPAN_ID };
	struct arena *a = scene_arena();
	const struct span *s = &lines->spans[rng_below(r, lines->n)];
	struct str text = span_text(s, PICK(r, fields));
	if (str_is_null(text) || rng_below(r, 4) == 0)
		text = json_encode(a, random_plain(r, 3));
	text = json_decode(a, text);
	if (rng_below(r, 2))
		text = json_decode(a, text); /* of a JSON value what its strings say */
	size_t from = rng_below(r, text.len + 1), len = 1 + rng_below(r, rng_below(r, 2) ? 5 : 25);
	/* Cut anywhere; half characters are made whole. */
	return json_encode(a, str_first(str_skip(text, from), len));
}

static void random_pred(struct rng *r, const struct scene_lines *lines, struct pred *p)
{
	static const unsigned fields[] = { QUERY_ANY_TEXT, QUERY_ANY_TEXT, FIELD_INPUT,
		FIELD_METADATA, FIELD_ATTRIBUTES, FIELD_ERROR_MESSAGE, FIELD_NAME, FIELD_MODEL,
		FIELD_USAGE_DETAILS, FIELD_SPAN_ID };
	static const char *const paths[] = { "$.content", "$.n", "$[0]", "$.role", "$.nothing" };
	static const enum op ops[] = { OP_TEXT, OP_TEXT, OP_CONTAINS, OP_CONTAINS, OP_NOT_CONTAINS,
		OP_EQ, OP_NE, OP_IN, OP_STARTS, OP_ENDS };
	struct str *text = arena_alloc(scene_arena(), sizeof *text);
	*p = (struct pred){ .field = PICK(r, fields), .op = PICK(r, ops), .n_values = 1 };
	if (p->field == QUERY_ANY_TEXT)
		p->op = OP_TEXT;
	bool is_json = p->field < FIELD__MAX && field_info[p->field].type == FIELD_TYPE_JSON;
	p->text_mode = (enum text_mode)rng_below(r, 3);
	p->fold = rng_below(r, 2);
	p->absent_is_zero = rng_below(r, 4) == 0;
	p->numeric = is_json && rng_below(r, 12) == 0;
	if (is_json && rng_below(r, 2) && p->op != OP_TEXT)
		p->path = str_from_c(PICK(r, paths));
	if (p->path.len && rng_below(r, 3) == 0)
		p->fallback = rng_below(r, 2) ? FIELD_ATTRIBUTES : FIELD_USAGE_DETAILS;
	*text = random_needle(r, lines);
	if (p->op == OP_TEXT)
		*text = text_fold(scene_arena(), *text);
	p->texts = text;
}

static struct query random_query(struct rng *r, const struct scene_lines *lines)
{
	struct query q;
	struct clause *clauses = arena_calloc(scene_arena(), TERMS_MAX, sizeof *clauses);
	query_init(&q);
	q.n_clauses = 1 + rng_below(r, TERMS_MAX);
	for (size_t i = 0; i < q.n_clauses; i++) {
		struct pred *preds = arena_calloc(scene_arena(), PREDS_MAX, sizeof *preds);
		clauses[i] = (struct clause){ preds, 1 + rng_below(r, PREDS_MAX) };
		for (size_t j = 0; j < clauses[i].n; j++) {
			random_pred(r, lines, &preds[j]);
			if (j && rng_below(r, 2))
				preds[j].texts = preds[0].texts;
		}
	}
	q.clauses = clauses;
	q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT, .descending = rng_below(r, 2) };
	q.n_sort = 1;
	return q;
}

/* One text in a field, and how many rows have it. */
static struct query query_of(unsigned field, enum text_mode mode, struct str text)
{
	struct clause *clause = arena_alloc(scene_arena(), sizeof *clause);
	struct pred *p = arena_alloc(scene_arena(), sizeof *p);
	struct str *copy = arena_alloc(scene_arena(), sizeof *copy);
	struct query q;
	*copy = text;
	*p = (struct pred){
		.field = field, .op = OP_TEXT, .text_mode = mode, .texts = copy, .n_values = 1
	};
	*clause = (struct clause){ p, 1 };
	query_init(&q);
	q.clauses = clause;
	q.n_clauses = 1;
	q.want_total = true;
	return q;
}

static void give_up(
	struct view *v, const struct query *q, const char *what, uint64_t got, uint64_t want)
{
	struct buf how;
	buf_init(&how, scene_arena());
	if (query_explain(v, q, &how) == ERR_OK)
		fprintf(stderr, "%.*s", STR_ARG(buf_str(&how)));
	ck_abort_msg("%s: %llu, should be %llu", what, (unsigned long long)got,
		(unsigned long long)want);
}

static void check(struct view *v, const struct scene_lines *lines, struct query *q, struct rng *r)
{
	struct row_list got;
	size_t *want = arena_calloc(scene_arena(), lines->n, sizeof *want), n = 0;
	for (size_t i = 0; i < lines->n; i++)
		if (query_match(q, &lines->spans[i], scene_arena()))
			want[n++] = i;
	q->limit = rng_below(r, 2) ? SIZE_MAX : 1 + rng_below(r, 20);
	q->offset = rng_below(r, 3) ? 0 : rng_below(r, 10);
	q->want_total = rng_below(r, 2);
	ck_assert_int_eq(engine_list(v, q, &got), ERR_OK);
	size_t skip = q->offset < n ? q->offset : n;
	size_t wanted = q->limit < n - skip ? q->limit : n - skip;
	if (got.n != wanted)
		give_up(v, q, "rows", got.n, wanted);
	if (q->want_total && got.total != n)
		give_up(v, q, "total", got.total, n);
	if (got.has_more != (skip + wanted < n))
		give_up(v, q, "has_more", got.has_more, skip + wanted < n);
	/* Starts ascend with the lines. */
	for (size_t i = 0; i < got.n; i++) {
		size_t rank = q->sort[0].descending ? n - 1 - skip - i : skip + i;
		if (got.rows[i].at != lines->refs[want[rank]].at)
			give_up(v, q, "place", (uint64_t)got.rows[i].at,
				(uint64_t)lines->refs[want[rank]].at);
	}
}

START_TEST(words_find_what_reading_all_lines_finds)
	{
		struct rng r = rng_from_seed();
		struct view v;
		scene_open(&sc);
		put_lines(&r);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_ge(lines.n, LINES);
		for (int i = 0; i < QUERIES; i += unit_step()) {
			struct arena_mark m = arena_mark(scene_arena());
			struct query q = random_query(&r, &lines);
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			check(&v, &lines, &q, &r);
			view_close(&v);
			arena_rewind(scene_arena(), m);
		}
		scene_close(&sc);
	}
END_TEST

/* How many segments are counted without a look at their rows. */
static size_t count_counted(struct view *v, const struct query *q)
{
	struct snapshot s;
	struct field_set nothing = { { 0 } };
	size_t n = 0;
	ck_assert_int_eq(snapshot_open(&s, v, 0), ERR_OK);
	s.may_count = true;
	ck_assert_int_eq(snapshot_select(&s, q, &nothing), ERR_OK);
	for (size_t i = 0; i < s.n_blocks; i++)
		n += s.blocks[i].counted ? s.blocks[i].counted->n_blocks : 0;
	snapshot_close(&s);
	return n;
}

START_TEST(totals_of_one_word_that_are_counted_are_those_of_its_rows)
	{
		enum { WORDS = 400 };
		struct rng r = rng_from_seed();
		struct index_flush closing = { .all = true };
		struct terms_updating making = { .all = true };
		struct view v;
		size_t n_counted = 0;
		scene_open(&sc);
		sc.store.index_rows =
			LINES / (1 + (uint32_t)rng_below(&r, 4)); /* a segment or several */
		sc.store.terms_bytes = 1 << 24;
		for (unsigned n = 0; n < LINES; n++) {
			struct span s = random_line(&r, n);
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s,
						 1, SCENE_NOW),
				ERR_OK);
		}
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing), ERR_OK);
		ck_assert_int_eq(
			terms_update(&sc.store, STR("w"), SCENE_DAY, &making, NULL), ERR_OK);
		struct scene_lines lines = scene_read(&sc);
		for (int i = 0; i < WORDS; i += unit_step()) {
			struct arena_mark m = arena_mark(scene_arena());
			struct str word = arena_printf(scene_arena(), "w%dord", i);
			struct pred p = { .field = rng_below(&r, 3) ? QUERY_ANY_TEXT : FIELD_INPUT,
				.op = OP_TEXT,
				.text_mode = rng_below(&r, 2) ? TEXT_SUBSTRING : TEXT_WORD,
				.texts = &word,
				.n_values = 1 };
			struct pred preds[] = { p, p, p };
			preds[1].field = FIELD_ATTRIBUTES;
			preds[2].field = FIELD_ERROR_MESSAGE;
			struct clause clause = { preds, 1 + rng_below(&r, 3) };
			struct query q;
			query_init(&q);
			q.clauses = &clause;
			q.n_clauses = q.n_sort = 1;
			q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT,
				.descending = rng_below(&r, 2) };
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			n_counted += count_counted(&v, &q);
			view_close(&v);
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			check(&v, &lines, &q, &r);
			view_close(&v);
			arena_rewind(scene_arena(), m);
		}
		ck_assert_uint_gt(n_counted, 0);
		scene_close(&sc);
	}
END_TEST

static size_t n_read;

static ssize_t counted_pread(int fd, void *buf, size_t n, off_t at)
{
	ssize_t r = io_system.pread(fd, buf, n, at);
	n_read += r > 0 ? (size_t)r : 0;
	return r;
}

/* Lines of a day that have a word, and their term file. */
static void put_day(int32_t day, unsigned first, size_t n_lines, size_t line_bytes)
{
	struct index_flush closing = { .all = true };
	struct terms_updating making = { .all = true };
	int64_t now_ns = SCENE_NOW + (day - SCENE_DAY) * NS_PER_DAY;
	struct span *spans = arena_calloc(scene_arena(), n_lines, sizeof *spans);
	for (size_t i = 0; i < n_lines; i++) {
		unsigned n = first + (unsigned)i;
		spans[i] = scene_span(n, now_ns + (int64_t)i, line_bytes);
		span_set_text(&spans[i], FIELD_INPUT, STR("\"frequent\""));
	}
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), spans, n_lines, now_ns),
		ERR_OK);
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), day, &closing), ERR_OK);
	ck_assert_int_eq(terms_update(&sc.store, STR("w"), day, &making, NULL), ERR_OK);
}

/* Damages the postings of a term in the term file of a day with one shard of that many bytes. */
static void damage_postings(int32_t day, int64_t n_bytes)
{
	char name[TERMS_NAME_MAX], dir[STORE_NAME_MAX];
	const struct terms_name want = { day, 0, 0, n_bytes };
	struct terms_page page;
	struct terms_header h;
	terms_name_put(&want, name);
	store_file_name(STORE_FILE_INDEX, day, 0, dir);
	const char *path =
		arena_copy_c(scene_arena(), arena_printf(scene_arena(), "%s/%s", dir, name));
	struct str file = arena_copy(scene_arena(), scene_file(&sc, path));
	memcpy(&h, file.ptr + file.len - sizeof h, sizeof h);
	memcpy(&page, file.ptr + file.len - terms_head_bytes(&h), sizeof page);
	((char *)(uintptr_t)file.ptr)[page.postings_at] ^= 1;
	scene_put(&sc, path, file);
}

/* How many rows there are is read where nothing is damaged, which rows where it is: the lines of
 * that day have to be read, and no others. */
START_TEST(a_term_file_that_cannot_tell_what_it_counts_costs_its_own_lines)
	{
		enum { N = 400, LONG = 4000, PAGE = 10 };
		struct io_table table = io_system;
		struct row_list got;
		struct view v;
		scene_open(&sc);
		put_day(SCENE_DAY, 0, N, LONG);
		put_day(SCENE_DAY + 1, N, N, 1);
		struct str lines = scene_file(&sc, "2026-11-21.jsonl");
		damage_postings(SCENE_DAY + 1, (int64_t)lines.len);
		struct query q = query_of(QUERY_ANY_TEXT, TEXT_WORD, STR("frequent"));
		q.sort[q.n_sort++] =
			(struct sort_key){ .field = FIELD_STARTED_AT, .descending = true };
		q.limit = PAGE;
		table.pread = counted_pread;
		n_read = 0;
		io = &table;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		enum err e = engine_list(&v, &q, &got);
		view_close(&v);
		io = &io_system;
		ck_assert_int_eq(e, ERR_OK);
		ck_assert_uint_eq(got.total, 2 * N);
		ck_assert_uint_eq(got.n, PAGE);
		ck_assert_uint_ge(n_read, lines.len);
		ck_assert_uint_lt(n_read, N * LONG);
		scene_close(&sc);
	}
END_TEST

/* ---- What is known of a predicate ---- */

static struct search_term term_of(unsigned field, enum op op, enum text_mode mode, struct str text)
{
	struct str *copy = arena_alloc(test_arena(), sizeof *copy);
	struct pred *p = arena_alloc(test_arena(), sizeof *p);
	struct search_term t;
	*copy = text;
	*p = (struct pred){
		.field = field, .op = op, .text_mode = mode, .texts = copy, .n_values = 1
	};
	ck_assert(search_term_make(&t, p, test_arena()));
	return t;
}

static void check_part(
	const struct search_term *t, size_t i, struct str text, bool is_start, bool is_end)
{
	ck_assert_uint_lt(i, t->n_parts);
	ck_assert_str_is(t->parts[i].any[0].text, text);
	ck_assert_int_eq(t->parts[i].any[0].is_start, is_start);
	ck_assert_int_eq(t->parts[i].any[0].is_end, is_end);
}

START_TEST(a_line_longer_than_what_is_read_at_once_is_looked_at)
	{
		enum { N = 24, LONG = 3 << 20, EVERY = 4 };
		struct index_flush closing = { .all = true };
		scene_open(&sc);
		sc.store.part_bytes = 0;
		for (unsigned i = 0; i < N; i++) {
			struct span s = scene_span(i, SCENE_NOW + i, i % EVERY ? 100 : LONG);
			span_set_text(&s, FIELD_INPUT,
				i % 2 ? STR("\"beta, alpha\"") : STR("\"alpha, beta\""));
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s,
						 1, SCENE_NOW + i),
				ERR_OK);
		}
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing), ERR_OK);
		struct view v;
		struct row_list rows;
		struct query q = query_of(FIELD_INPUT, TEXT_SUBSTRING, STR("a, beta"));
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert_uint_eq(rows.total, N / 2);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(lines_beyond_those_that_are_looked_at_at_once_are_looked_at)
	{
		enum { N = 32768 + 999, EVERY = 3 };
		static const size_t part_bytes[] = { 0, LIMIT_PART_BYTES };
		struct index_flush closing = { .all = true };
		struct buf lines;
		scene_open(&sc);
		sc.store.index_rows = 2 * N;
		buf_init(&lines, scene_arena());
		for (unsigned n = 0; n < N; n++) {
			struct arena_mark m = arena_mark(scene_arena());
			struct span s = scene_span(n, SCENE_NOW + n, 1);
			span_set_text(&s, FIELD_INPUT,
				n % EVERY ? STR("\"beta, alpha\"") : STR("\"alpha, beta\""));
			line_write(&lines, &s);
			arena_rewind(scene_arena(), m);
		}
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing), ERR_OK);
		for (size_t i = 0; i < COUNT(part_bytes); i++) {
			struct query q = query_of(FIELD_INPUT, TEXT_SUBSTRING, STR("a, beta"));
			struct row_list rows;
			struct view v;
			sc.store.part_bytes = part_bytes[i];
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
			ck_assert_uint_eq(rows.total, (N + EVERY - 1) / EVERY);
			view_close(&v);
		}
		scene_close(&sc);
	}
END_TEST

static int64_t sleep_until_ns;
static size_t n_sleep, n_late;

/* Reads until so much was read are in time, the next one lasts too long. */
static ssize_t late_pread(int fd, void *buf, size_t n, off_t at)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	ssize_t r = counted_pread(fd, buf, n, at);
	if (n_read <= n_sleep)
		return r;
	n_late += r > 0 ? (size_t)r : 0;
	while (utime_monotonic() <= sleep_until_ns)
		nanosleep(&pause, NULL);
	return r;
}

/* A long line is a part by itself. */
START_TEST(who_looks_at_lines_looks_at_the_clock_after_each_part)
	{
		enum { N = 12, LONG = 1 << 20, DONE = 4, MS = 1000 };
		struct index_flush closing = { .all = true };
		struct io_table table = io_system;
		struct row_list rows;
		struct view v;
		scene_open(&sc);
		for (unsigned i = 0; i < N; i++) {
			struct arena_mark m = arena_mark(scene_arena());
			struct span s = scene_span(i, SCENE_NOW + i, LONG);
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s,
						 1, SCENE_NOW + i),
				ERR_OK);
			arena_rewind(scene_arena(), m);
		}
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing), ERR_OK);
		struct query q = query_of(FIELD_INPUT, TEXT_SUBSTRING, STR("alpha, beta"));
		q.deadline_ns = sleep_until_ns = utime_monotonic() + MS * (NS_PER_S / 1000);
		n_read = n_late = 0;
		n_sleep = (size_t)DONE * LONG + LONG / 2;
		table.pread = late_pread;
		io = &table;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		enum err e = engine_list(&v, &q, &rows);
		view_close(&v);
		io = &io_system;
		ck_assert_int_eq(e, ERR_BUDGET);
		ck_assert_uint_gt(n_late, 0);
		ck_assert_uint_lt(n_late, 2 * LONG);
		scene_close(&sc);
	}
END_TEST

START_TEST(words_inside_a_text_are_whole_and_those_at_its_ends_are_not)
	{
		struct search_term t = term_of(QUERY_ANY_TEXT, OP_TEXT, TEXT_SUBSTRING,
			STR("error: no such file.txt\\nfoo"));
		check_part(&t, 0, STR("error"), false, true);
		check_part(&t, 1, STR("no"), true, true);
		check_part(&t, 4, STR("txt"), true, true);
		check_part(&t, 5, STR("foo"), true, false);
		ck_assert_str_is(t.needle.folded, STR("error: no such file.txt\\nfoo"));
		t = term_of(QUERY_ANY_TEXT, OP_TEXT, TEXT_WORD, STR("of files"));
		check_part(&t, 0, STR("of"), true, true);
		check_part(&t, 1, STR("files"), true, true);
		ck_assert_str_is(t.needle.folded, STR("files"));
	}
END_TEST

START_TEST(characters_beyond_ascii_are_words_of_their_own)
	{
		struct search_term t = term_of(QUERY_ANY_TEXT, OP_TEXT, TEXT_SUBSTRING,
			STR("abc\xc3\xa9"
			    "def"));
		ck_assert_uint_eq(t.n_parts, 3);
		check_part(&t, 0, STR("abc"), false, true);
		check_part(&t, 1, STR("\xc3\xa9"), true, true);
		check_part(&t, 2, STR("def"), true, false);
	}
END_TEST

START_TEST(what_may_begin_within_an_escape_may_lack_its_first_letters)
	{
		struct search_term t =
			term_of(FIELD_INPUT, OP_CONTAINS, TEXT_SUBSTRING, STR("next line"));
		ck_assert_uint_eq(t.n_parts, 2);
		ck_assert_uint_eq(t.parts[0].n, 2);
		ck_assert_str_is(t.parts[0].any[1].text, STR("ext"));
		ck_assert(t.parts[0].any[1].is_start);
		/* All of it can be within. */
		t = term_of(FIELD_INPUT, OP_CONTAINS, TEXT_SUBSTRING, STR("u00"));
		ck_assert(!t.is_covered);
		/* A backslash of the text is no escape. */
		t = term_of(FIELD_INPUT, OP_CONTAINS, TEXT_SUBSTRING, STR("a\\\\b"));
		ck_assert(!t.is_covered);
	}
END_TEST

UNIT_MAIN("search", words_find_what_reading_all_lines_finds,
	totals_of_one_word_that_are_counted_are_those_of_its_rows,
	a_term_file_that_cannot_tell_what_it_counts_costs_its_own_lines,
	a_line_longer_than_what_is_read_at_once_is_looked_at,
	lines_beyond_those_that_are_looked_at_at_once_are_looked_at,
	who_looks_at_lines_looks_at_the_clock_after_each_part,
	words_inside_a_text_are_whole_and_those_at_its_ends_are_not,
	characters_beyond_ascii_are_words_of_their_own,
	what_may_begin_within_an_escape_may_lack_its_first_letters)
