/*
 * Word files: what they say of blocks is what the lines say, and nothing that happens to them makes
 * a line unfindable.
 */
#include "index_scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/terms/cut.h"
#include "index/terms/file.h"
#include "index/terms/subset.h"

#include <fcntl.h>

static struct scene sc;

static const char *const pieces[] = { "a", "Bc", "word", "WORDS", "1f", "0", "deadbeef", "z9", " ",
	", ", "-", "\\n", "\\\"", "\\\\", "\\u001f", "\\", "\xc3\xa9", "\xf0\x9f\x98\x80",
	"\xe6\x97\xa5", "\x80", "{\"k\":", "_",
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	"eight888", "ninechars" };

static struct str random_text(struct rng *r, size_t n_pieces)
{
	struct buf b;
	buf_init(&b, scene_arena());
	for (size_t i = 0; i < n_pieces; i++)
		buf_add(&b, str_from_c(pieces[rng_below(r, sizeof pieces / sizeof pieces[0])]));
	return buf_str(&b);
}

/* ---- Cutting ---- */

struct cut {
	struct str words[4096];
	size_t n;
};

static void take(struct cut *c, struct str word)
{
	ck_assert_uint_lt(c->n, sizeof c->words / sizeof c->words[0]);
	c->words[c->n++] = word;
}

static void take_letters(struct cut *c, struct str text, size_t from, size_t len)
{
	take(c, str_of(text.ptr + from, len));
}

static int by_place(const void *x, const void *y)
{
	const struct str *a = x, *b = y;
	return (a->ptr > b->ptr) - (a->ptr < b->ptr);
}

START_TEST(many_bytes_at_once_are_cut_as_one_by_one)
	{
		struct rng r = rng_from_seed();
		for (int i = 0; i < 3000; i++) {
			struct arena_mark m = arena_mark(scene_arena());
			struct str text = random_text(&r, rng_below(&r, 60)), word;
			struct cut c = { .n = 0 };
			size_t at = 0, n = 0;
			char *tight = malloc(text.len + 1);
			ck_assert_ptr_nonnull(tight);
			if (text.len)
				memcpy(tight, text.ptr, text.len);
			text = str_of(tight, text.len);
			WORDS_CUT(text, take_letters, take, &c);
			if (c.n)
				qsort(c.words, c.n, sizeof c.words[0], by_place);
			for (; word_next(text, &at, &word); n++) {
				ck_assert_uint_lt(n, c.n);
				ck_assert_ptr_eq(word.ptr, c.words[n].ptr);
				ck_assert_uint_eq(word.len, c.words[n].len);
			}
			ck_assert_uint_eq(n, c.n);
			free(tight);
			arena_rewind(scene_arena(), m);
		}
	}
END_TEST

/* ---- Postings ---- */

enum { BLOCKS = 700, ROWS = 9000, PLACES_MAX = 4000 };

struct lists {
	uint32_t blocks[BLOCKS], places[PLACES_MAX];
	struct postings p;
	struct row_sizes sizes;
	struct postings_of of;
};

/* Some sizes have no rows, some have many. */
static void random_sizes(struct rng *r, struct lists *l)
{
	uint8_t sizes[ROWS];
	size_t n = 1 + rng_below(r, ROW_SIZES), few = rng_below(r, n);
	for (size_t i = 0; i < ROWS; i++)
		sizes[i] = (uint8_t)(rng_below(r, 30) ? rng_below(r, n) : few);
	row_sizes_make(&l->sizes, scene_arena(), sizes, ROWS);
	l->of = (struct postings_of){ BLOCKS, ROWS, &l->sizes };
}

static uint32_t random_ascending(struct rng *r, uint32_t of, uint32_t max, uint32_t *ret)
{
	size_t gap = 1 + rng_below(r, rng_below(r, 2) ? 3 : of);
	uint32_t n = 0, v = (uint32_t)rng_below(r, gap);
	for (; v < of && n < max; v += 1 + (uint32_t)rng_below(r, gap))
		ret[n++] = v;
	return n;
}

static void random_lists(struct rng *r, struct lists *l)
{
	size_t mask = rng_below(r, 16), always = rng_below(r, 16);
	l->p = (struct postings){ l->blocks, l->places, 0, 0, true };
	while (l->p.n_blocks + l->p.n_places == 0) {
		if (rng_below(r, 2))
			l->p.n_blocks = random_ascending(r, BLOCKS, BLOCKS, l->blocks);
		if (rng_below(r, 3))
			l->p.n_places = random_ascending(r, ROWS, PLACES_MAX, l->places);
	}
	if (rng_below(r, 4) == 0)
		l->p.n_places = l->p.n_places > 0;
	if (l->p.n_places && rng_below(r, 4) == 0)
		l->p.n_blocks = 0;
	if (l->p.n_blocks + l->p.n_places == 0)
		l->p.n_blocks = 1, l->blocks[0] = 1;
	if (l->p.n_places)
		l->p.knows_fields = rng_below(r, 2);
	for (uint32_t i = 0; i < l->p.n_places; i++) {
		uint32_t in = (uint32_t)((rng_next(r) & mask) | always);
		l->places[i] = l->places[i] << PLACE_BITS | in;
	}
}

/* Of one place: what is asked of its fields, with those that are not known. */
static bool place_is_found(const struct lists *l, uint32_t place, const struct postings_ask *ask)
{
	unsigned known = l->p.knows_fields ? 15 : WORDS_IN_ANY, may_in = ask->may_in;
	uint32_t row = place >> PLACE_BITS;
	if (may_in & ~known)
		may_in = (may_in & known) | WORDS_IN_TEXTS;
	bool may = place & may_in, sure = place & ask->sure_in & known;
	bool got_may = ask->may[row / 64] >> row % 64 & 1;
	bool got_sure = ask->sure[row / 64] >> row % 64 & 1;
	return got_sure == sure && (got_may || got_sure) == (may || sure);
}

static void check_found(struct rng *r, const struct lists *l, struct str one)
{
	uint64_t blocks[BLOCKS / 64 + 1] = { 0 }, may[ROWS / 64 + 1] = { 0 },
				      sure[ROWS / 64 + 1] = { 0 };
	struct buf scratch;
	size_t n = 0;
	bool are_right = true;
	struct postings_ask ask = { (unsigned)rng_below(r, 16), 0, blocks, may, sure };
	ask.sure_in = ask.may_in & (unsigned)rng_below(r, 16);
	buf_init(&scratch, scene_arena());
	ck_assert(postings_find(one, &l->of, &scratch, &ask));
	buf_release(&scratch);
	for (uint32_t i = 0; i < l->p.n_blocks; i++)
		are_right = are_right && (blocks[l->blocks[i] / 64] >> l->blocks[i] % 64 & 1);
	for (size_t i = 0; i < BLOCKS / 64 + 1; i++)
		n += (size_t)__builtin_popcountll(blocks[i]);
	ck_assert_uint_eq(n, l->p.n_blocks);
	for (uint32_t i = 0; i < l->p.n_places; i++)
		are_right = are_right && place_is_found(l, l->places[i], &ask);
	for (uint32_t i = 0; i < l->p.n_places; i++) {
		uint32_t row = l->places[i] >> PLACE_BITS;
		may[row / 64] &= ~(UINT64_C(1) << row % 64);
		sure[row / 64] &= ~(UINT64_C(1) << row % 64);
	}
	for (size_t i = 0; i < ROWS / 64 + 1; i++)
		are_right = are_right && may[i] == 0 && sure[i] == 0;
	ck_assert(are_right);
}

START_TEST(postings_say_what_they_were_made_of)
	{
		struct rng r = rng_from_seed();
		struct lists *l = malloc(sizeof *l);
		ck_assert_ptr_nonnull(l);
		for (int i = 0; i < 500; i += unit_step()) {
			struct arena_mark m = arena_mark(scene_arena());
			struct buf out, scratch, blocks, places;
			struct str left, one;
			bool knows_fields, are_same = true;
			random_lists(&r, l);
			random_sizes(&r, l);
			buf_init(&out, scene_arena());
			buf_init(&scratch, scene_arena());
			buf_init(&blocks, scene_arena());
			buf_init(&places, scene_arena());
			postings_add(&out, &scratch, &l->p, &l->of);
			postings_add(&out, &scratch, &l->p, &l->of);
			(void)buf_reserve(&out, SUBSET_SLACK);
			left = buf_str(&out);
			ck_assert(postings_skip(&left, &l->of, &one));
			ck_assert_uint_eq(left.len, one.len);
			ck_assert(postings_read(
				one, &l->of, &scratch, &blocks, &places, &knows_fields));
			ck_assert_uint_eq(blocks.len, l->p.n_blocks * sizeof(uint32_t));
			ck_assert_uint_eq(places.len, l->p.n_places * sizeof(uint32_t));
			if (blocks.len)
				ck_assert_int_eq(memcmp(blocks.ptr, l->blocks, blocks.len), 0);
			if (l->p.n_places)
				ck_assert_int_eq(knows_fields, l->p.knows_fields);
			uint32_t known = l->p.knows_fields ? UINT32_MAX : ~UINT32_C(12);
			for (uint32_t k = 0; k < l->p.n_places; k++) {
				uint32_t place;
				memcpy(&place, places.ptr + k * sizeof place, sizeof place);
				are_same = are_same && place == (l->places[k] & known);
			}
			ck_assert(are_same);
			for (int k = 0; k < 5; k++)
				check_found(&r, l, one);
			ck_assert(postings_skip(&left, &l->of, &one));
			ck_assert_uint_eq(left.len, 0);
			ck_assert(!postings_skip(&left, &l->of, &one));
			buf_release(&out);
			buf_release(&scratch);
			buf_release(&blocks);
			buf_release(&places);
			row_sizes_release(&l->sizes, scene_arena());
			arena_rewind(scene_arena(), m);
		}
		free(l);
	}
END_TEST

START_TEST(postings_of_any_bytes_stay_within_their_file)
	{
		struct rng r = rng_from_seed();
		char bytes[200 + SUBSET_SLACK];
		struct buf scratch, blocks, places;
		struct lists *l = malloc(sizeof *l);
		bool knows_fields;
		ck_assert_ptr_nonnull(l);
		random_sizes(&r, l);
		buf_init(&scratch, scene_arena());
		buf_init(&blocks, scene_arena());
		buf_init(&places, scene_arena());
		for (int i = 0; i < 10000; i += unit_step()) {
			uint64_t some[3][ROWS / 64 + 1] = { { 0 } };
			struct postings_ask ask = { WORDS_IN_INPUT, WORDS_IN_INPUT, some[0],
				some[1], some[2] };
			for (size_t k = 0; k < sizeof bytes; k++)
				bytes[k] = (char)rng_next(&r);
			bool are_within = true;
			bytes[0] = (char)(rng_below(&r, 8) ? 2 : bytes[0]);
			struct str one = str_of(bytes, rng_below(&r, 201));
			buf_reset(&blocks);
			buf_reset(&places);
			if (!postings_read(one, &l->of, &scratch, &blocks, &places, &knows_fields))
				continue;
			for (size_t k = 0; k < places.len; k += sizeof(uint32_t)) {
				uint32_t place;
				memcpy(&place, places.ptr + k, sizeof place);
				are_within = are_within && place >> PLACE_BITS < ROWS;
			}
			ck_assert(are_within);
			ck_assert(postings_find(one, &l->of, &scratch, &ask));
		}
		free(l);
	}
END_TEST

/* ---- Files ---- */

static struct span random_line(struct rng *r, unsigned n)
{
	static const enum field fields[] = { FIELD_NAME, FIELD_ERROR_MESSAGE, FIELD_METADATA,
		FIELD_INPUT, FIELD_OUTPUT };
	struct arena *a = scene_arena();
	struct span s = scene_span(n, SCENE_NOW, 1);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct str text = json_canonical_body(
			a, json_encode(a, json_decode(a, random_text(r, rng_below(r, 12)))));
		if (field_info[fields[i]].type == FIELD_TYPE_JSON)
			text = arena_printf(a, "{\"some\":\"%.*s\"}", STR_ARG(text));
		span_set_text(&s, fields[i], text);
	}
	return s;
}

static struct str random_shard(struct rng *r, unsigned n)
{
	struct buf b;
	buf_init(&b, scene_arena());
	for (unsigned i = 0; i < n; i++) {
		struct span s = random_line(r, i);
		line_write(&b, &s);
		if (rng_below(r, 20) == 0)
			buf_add(&b, STR("{\"input\":\"tornwords\n"));
	}
	return buf_str(&b);
}

static enum err make(bool all, int64_t *ret_bytes)
{
	struct words_making how = { .all = all };
	return words_make(&sc.store, STR("w"), SCENE_DAY, &how, ret_bytes);
}

struct opened {
	struct view view;
	struct words_list list;
};

static struct opened open_words(void)
{
	struct opened o;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &o.view), ERR_OK);
	ck_assert_int_eq(shard_open(&o.view, 0), ERR_OK);
	words_open(&o.view, 0, &o.list);
	return o;
}

static void close_words(struct opened *o)
{
	words_close(&o->list);
	view_close(&o->view);
}

static bool word_is(struct str word, const struct words_part *p)
{
	for (size_t i = 0; i + p->text.len <= word.len; i++)
		if (str_eq_nocase(str_of(word.ptr + i, p->text.len), p->text) &&
			(!p->is_start || i == 0) && (!p->is_end || i + p->text.len == word.len))
			return true;
	return false;
}

static bool has_word(struct str text, const struct words_part *p)
{
	struct str word;
	size_t at = 0;
	while (word_next(text, &at, &word))
		if (word_is(word, p))
			return true;
	return false;
}

static bool span_has_word(const struct span *s, const struct words_part *p, unsigned in)
{
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if ((words_in_field((enum field)f) & in) && span_has(s, (enum field)f) &&
			has_word(s->value[f].text, p))
			return true;
	return false;
}

static struct words_part random_part(struct rng *r, const struct scene_lines *lines)
{
	struct words_part p = { STR("absent"), rng_below(r, 2), rng_below(r, 2) };
	const struct span *s = &lines->spans[rng_below(r, lines->n)];
	struct str text = span_text(s, rng_below(r, 2) ? FIELD_INPUT : FIELD_NAME), word;
	size_t at = 0, n = rng_below(r, 6);
	while (word_next(text, &at, &word) && n--)
		p.text = word;
	if (word_is_letters(p.text) && p.text.len > 2) {
		size_t cut = rng_below(r, 2);
		p.text = str_skip(p.text, p.is_start ? 0 : cut);
		p.text = str_first(p.text, p.text.len - (p.is_end ? 0 : rng_below(r, 2)));
	}
	char *lower = arena_text(scene_arena(), p.text.len);
	for (size_t i = 0; i < p.text.len; i++)
		lower[i] = ascii_lower(p.text.ptr[i]);
	p.text = str_of(lower, p.text.len);
	return p;
}

static bool has_bit(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

/* One file; false: it says that it is damaged. */
static bool check_file(struct words *w, const struct scene_lines *lines, const struct words_part *p,
	unsigned in, bool exact)
{
	const uint32_t *block_rows;
	uint32_t n = words_n_rows(w), row = 0;
	struct words_rows rows = { arena_calloc(scene_arena(), n / 64 + 1, 8),
		arena_calloc(scene_arena(), n / 64 + 1, 8) };
	uint64_t *longs = arena_calloc(scene_arena(), n / 64 + 1, 8);
	bool is_whole = p->is_start && p->is_end;
	enum err e = words_find(w, p, in, in, &rows);
	if (!e)
		e = words_find_special(w, WORDS_LONG, longs);
	if (!e)
		e = words_block_rows(w, &block_rows);
	if (e) {
		ck_assert_int_eq(e, ERR_UNSAFE);
		ck_assert(!exact);
		return false;
	}
	for (size_t k = 0; k < lines->n; k++) {
		if (lines->refs[k].at < words_from(w) || lines->refs[k].at >= words_to(w))
			continue;
		uint32_t block =
			(uint32_t)(lines->refs[k].at >> words_block_bits(w)) - words_first_block(w);
		if (row >= n || row < block_rows[block] || row >= block_rows[block + 1])
			ck_abort_msg("row %u is not in block %u", row, block);
		bool has = span_has_word(&lines->spans[k], p, in);
		bool sure = has_bit(rows.sure, row), may = sure || has_bit(rows.may, row);
		/* Of words that are too long nobody knows what is in them. */
		bool is_known = exact && (is_whole || !has_bit(longs, row));
		if ((has && !may) || (sure && !has) || (is_known && (sure != has || may != has)))
			ck_abort_msg("row %u has %.*s: %d, not %d or %d", row, STR_ARG(p->text),
				has, sure, may);
		row++;
	}
	ck_assert_uint_eq(row, n);
	return true;
}

/* Asks every file; exact: of every row it is known. */
static bool check_find(
	struct opened *o, const struct scene_lines *lines, const struct words_part *p, bool exact)
{
	static const unsigned ins[] = { WORDS_IN_TEXTS, WORDS_IN_OTHERS, WORDS_IN_INPUT,
		WORDS_IN_OUTPUT, WORDS_IN_ANY };
	for (size_t i = 0; i < o->list.n; i++)
		for (size_t k = 0; k < sizeof ins / sizeof ins[0]; k++)
			if (!check_file(o->list.files[i], lines, p, ins[k], exact))
				return false;
	return true;
}

/* So many parts of words. */
static void must_find(
	struct opened *o, struct rng *r, const struct scene_lines *lines, int n, bool is_exact)
{
	for (int i = 0; i < n; i++) {
		struct arena_mark m = arena_mark(scene_arena());
		struct words_part p = random_part(r, lines);
		ck_assert(check_find(o, lines, &p, is_exact));
		arena_rewind(scene_arena(), m);
	}
}

START_TEST(rows_with_a_word_are_found_and_no_others)
	{
		struct rng r = rng_from_seed();
		int64_t bytes;
		const char *reason = "";
		sc.store.words_block_bits = 11;
		sc.store.words_bytes = 100000;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 500));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_int_eq(make(true, &bytes), ERR_OK);
		ck_assert_int_gt(bytes, 100000);
		struct opened o = open_words();
		ck_assert_uint_eq(o.list.n, 1);
		ck_assert_msg(words_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
		must_find(&o, &r, &lines, 300, true);
		close_words(&o);
	}
END_TEST

static const char *word_file_name(void)
{
	struct opened o = open_words();
	char name[WORDS_NAME_MAX];
	ck_assert_uint_eq(o.list.n, 1);
	struct words_want want = { SCENE_DAY, 0, words_from(o.list.files[0]),
		words_to(o.list.files[0]) };
	words_name(&want, name);
	close_words(&o);
	return arena_copy_c(scene_arena(), arena_printf(scene_arena(), "2026-11-20.idx/%s", name));
}

static struct str word_file(void)
{
	return scene_file(&sc, word_file_name());
}

/* In thousandths of the texts. */
static uint64_t word_file_share(void)
{
	struct str file = word_file();
	struct words_header h;
	memcpy(&h, file.ptr + file.len - sizeof h, sizeof h);
	return file.len * 1000 / h.text_bytes;
}

START_TEST(many_files_merge_into_what_one_would_be)
	{
		struct rng r = rng_from_seed();
		sc.store.words_block_bits = 12;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 300));
		sc.store.words_bytes = INT64_C(1) << 30;
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		struct str whole = word_file();
		scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		sc.store.words_bytes = 9000;
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		ck_assert_str_is(word_file(), whole);
	}
END_TEST

/* Some words by blocks, some by rows, some by both, as each part had room. */
START_TEST(what_parts_knew_is_known_when_they_are_merged)
	{
		struct rng r = rng_from_seed();
		sc.store.words_block_bits = 11;
		sc.store.words_bytes = 9000;
		for (int k = 0; k < 4; k++) {
			sc.store.words_free_bytes = 200 << 2 * k;
			scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 200));
			struct scene_lines lines = scene_read(&sc);
			ck_assert_int_eq(make(true, NULL), ERR_OK);
			struct opened o = open_words();
			const char *reason = "";
			ck_assert_uint_eq(o.list.n, 1);
			ck_assert_msg(
				words_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
			must_find(&o, &r, &lines, 100, false);
			close_words(&o);
			scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		}
	}
END_TEST

START_TEST(what_grows_is_covered_piece_by_piece)
	{
		struct rng r = rng_from_seed();
		struct buf file;
		buf_init(&file, scene_arena());
		sc.store.words_block_bits = 10;
		sc.store.words_bytes = 4000;
		for (int i = 0; i < 60; i++) {
			buf_add(&file, random_shard(&r, 1 + (unsigned)rng_below(&r, 30)));
			scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
			ck_assert_int_eq(make(i % 7 == 6, NULL), ERR_OK);
			struct opened o = open_words();
			ck_assert_uint_le(o.list.n, 24);
			int64_t to = 0;
			for (size_t k = 0; k < o.list.n; k++) {
				ck_assert_int_eq(words_from(o.list.files[k]), to);
				to = words_to(o.list.files[k]);
			}
			ck_assert_int_lt((int64_t)file.len - to, i % 7 == 6 ? 1 : 4000);
			close_words(&o);
		}
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_words();
		for (int i = 0; i < 50; i++) {
			struct words_part p = random_part(&r, &lines);
			ck_assert(check_find(&o, &lines, &p, true));
		}
		close_words(&o);
	}
END_TEST

START_TEST(words_of_another_shard_are_not_looked_at)
	{
		struct rng r = rng_from_seed();
		struct str lines = random_shard(&r, 30);
		scene_put(&sc, "2026-11-20.jsonl", lines);
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		char *other = arena_text(scene_arena(), lines.len);
		memcpy(other, lines.ptr, lines.len);
		memcpy(other + 30, "another text", 12);
		scene_put(&sc, "2026-11-20.jsonl", str_of(other, lines.len));
		struct opened o = open_words();
		ck_assert_uint_eq(o.list.n, 0);
		close_words(&o);
		scene_put(&sc, "2026-11-20.jsonl", str_first(lines, lines.len / 2));
		o = open_words();
		ck_assert_uint_eq(o.list.n, 0);
		close_words(&o);
	}
END_TEST

START_TEST(no_changed_byte_hides_a_block)
	{
		struct rng r = rng_from_seed();
		const char *name = "2026-11-20.idx/words";
		size_t n_noticed = 0;
		sc.store.words_block_bits = 9;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 4));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		struct opened o = open_words();
		struct words_want want = { SCENE_DAY, 0, 0, words_to(o.list.files[0]) };
		char real[WORDS_NAME_MAX];
		words_name(&want, real);
		name = arena_copy_c(
			scene_arena(), arena_printf(scene_arena(), "2026-11-20.idx/%s", real));
		close_words(&o);
		struct str good = scene_file(&sc, name);
		char *bad = arena_text(scene_arena(), good.len);
		for (size_t i = 0; i < 2 * good.len; i += (size_t)unit_step()) {
			struct arena_mark m = arena_mark(scene_arena());
			memcpy(bad, good.ptr, good.len);
			bad[i / 2] = (char)(bad[i / 2] ^ (1 << rng_below(&r, 8)));
			scene_put(&sc, name, str_of(bad, i % 2 ? good.len : i / 2));
			o = open_words();
			struct words_part p = random_part(&r, &lines);
			const char *reason;
			bool is_noticed = o.list.n == 0 || !check_find(&o, &lines, &p, false) ||
					  words_check(o.list.files[0], &reason) == ERR_UNSAFE;
			ck_assert_msg(is_noticed, "byte %zu", i / 2);
			n_noticed += is_noticed;
			close_words(&o);
			arena_rewind(scene_arena(), m);
		}
		ck_assert_uint_gt(n_noticed, 0);
	}
END_TEST

START_TEST(texts_of_nothing_but_new_words_do_not_fill_the_file)
	{
		struct buf file;
		struct rng r = rng_from_seed();
		struct arena *a = scene_arena();
		unsigned n_texts = (unsigned)unit_few(250, 400);
		buf_init(&file, a);
		for (unsigned i = 0; i < n_texts; i++) {
			struct span s = scene_span(i, SCENE_NOW, 1);
			struct buf text;
			buf_init(&text, a);
			for (int k = 0; k < 1000; k++)
				buf_printf(&text, "q%016llx ", (unsigned long long)rng_next(&r));
			span_set_text(&s, FIELD_ERROR_MESSAGE, buf_str(&text));
			line_write(&file, &s);
			buf_release(&text);
		}
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		ck_assert_uint_lt(word_file().len, 4 << 20);
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_words();
		for (int i = 0; i < 40; i++) {
			const struct span *s = &lines.spans[rng_below(&r, lines.n)];
			struct words_part p = { str_first(span_text(s, FIELD_ERROR_MESSAGE), 17),
				true, true };
			ck_assert(check_find(&o, &lines, &p, false));
		}
		close_words(&o);
	}
END_TEST

START_TEST(words_of_hexadecimal_digits_take_less_than_their_letters)
	{
		enum { ROWS_OF_IDS = 400, IDS = 10, ID_BYTES = 16 };
		struct buf file;
		struct rng r = rng_from_seed();
		const char *reason = "";
		sc.store.words_block_bits = 12;
		buf_init(&file, scene_arena());
		for (unsigned i = 0; i < ROWS_OF_IDS; i++) {
			struct span s = scene_span(i, SCENE_NOW, 1);
			struct buf text;
			buf_init(&text, scene_arena());
			for (int k = 0; k < IDS; k++)
				buf_printf(&text, "%016llx ", (unsigned long long)rng_next(&r));
			span_set_text(&s, FIELD_ERROR_MESSAGE, buf_str(&text));
			line_write(&file, &s);
		}
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		ck_assert_uint_lt(word_file().len, ROWS_OF_IDS * IDS * (ID_BYTES * 3 / 4));
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_words();
		ck_assert_msg(words_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
		for (int i = 0; i < 60; i++) {
			const struct span *s = &lines.spans[rng_below(&r, lines.n)];
			struct str id = str_first(span_text(s, FIELD_ERROR_MESSAGE), ID_BYTES);
			size_t skip = rng_below(&r, 4), rest = rng_below(&r, 4);
			struct words_part p = { str_of(id.ptr + skip, ID_BYTES - skip - rest),
				skip == 0, rest == 0 };
			ck_assert(check_find(&o, &lines, &p, true));
		}
		close_words(&o);
	}
END_TEST

/* They are made anew. */
START_TEST(files_of_earlier_formats_are_not_looked_at)
	{
		struct rng r = rng_from_seed();
		struct words_header h;
		int64_t n_bytes;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 10));
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		const char *name = word_file_name();
		struct str good = word_file();
		char *old = arena_text(scene_arena(), good.len);
		memcpy(old, good.ptr, good.len);
		memcpy(&h, old + good.len - sizeof h, sizeof h);
		h.incompat &= ~(uint32_t)WORDS_HAS_SIZES;
		const char *table = old + good.len - h.head_bytes;
		size_t table_bytes = h.n_pages * sizeof(struct words_page);
		h.checksum = words_head_checksum(str_of(table, table_bytes), &h);
		memcpy(old + good.len - sizeof h, &h, sizeof h);
		scene_put(&sc, name, str_of(old, good.len));
		struct opened o = open_words();
		ck_assert_uint_eq(o.list.n, 0);
		close_words(&o);
		ck_assert_int_eq(make(true, &n_bytes), ERR_OK);
		ck_assert_int_gt(n_bytes, 0);
		ck_assert_str_is(word_file(), good);
	}
END_TEST

/* The same file as it was before the words of plain pages stood together. */
static struct str with_words_apart(struct str file)
{
	struct words_header h;
	char *old = arena_text(scene_arena(), file.len);
	memcpy(old, file.ptr, file.len);
	memcpy(&h, file.ptr + file.len - sizeof h, sizeof h);
	size_t table_bytes = h.n_pages * sizeof(struct words_page);
	struct words_page *pages = arena_alloc(scene_arena(), table_bytes);
	memcpy(pages, file.ptr + file.len - h.head_bytes, table_bytes);
	const char *words = file.ptr;
	for (uint32_t i = 0; i < h.n_plain_pages; i++)
		words += pages[i].postings_bytes;
	uint64_t at = 0;
	for (uint32_t i = 0; i < h.n_plain_pages; i++) {
		struct words_page *p = &pages[i];
		struct str some = str_of(words, p->words_bytes),
			   postings = str_of(file.ptr + p->at, p->postings_bytes);
		words += some.len;
		p->at = at;
		p->words_checksum = hash64(some, at);
		memcpy(old + at, some.ptr, some.len);
		at += some.len;
		p->postings_checksum = hash64(postings, at);
		memcpy(old + at, postings.ptr, postings.len);
		at += postings.len;
	}
	h.incompat &= ~(uint32_t)WORDS_TOGETHER;
	h.checksum = words_head_checksum(str_of((const char *)pages, table_bytes), &h);
	memcpy(old + file.len - h.head_bytes, pages, table_bytes);
	memcpy(old + file.len - sizeof h, &h, sizeof h);
	return str_of(old, file.len);
}

START_TEST(words_of_many_pages_are_found_where_they_stand_together_and_where_not)
	{
		enum { SPANS = 300, WORDS = 60, PLACES = 60 };
		struct buf file;
		struct rng r = rng_from_seed();
		const char *reason = "";
		buf_init(&file, scene_arena());
		for (unsigned i = 0; i < SPANS; i++) {
			struct span s = scene_span(i, SCENE_NOW, 1);
			struct buf text;
			buf_init(&text, scene_arena());
			for (int k = 0; k < WORDS; k++)
				buf_printf(&text, k % 2 ? "%08llx " : "word%llo ",
					(unsigned long long)rng_below(&r, 1 << 24));
			span_set_text(&s, FIELD_ERROR_MESSAGE, buf_str(&text));
			line_write(&file, &s);
			buf_release(&text);
		}
		sc.store.words_block_bits = 12;
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		const char *name = word_file_name();
		struct str apart = with_words_apart(word_file());
		for (int is_apart = 0; is_apart < 2; is_apart++) {
			if (is_apart)
				scene_put(&sc, name, apart);
			struct opened o = open_words();
			ck_assert_uint_eq(o.list.n, 1);
			ck_assert_uint_gt(o.list.files[0]->header.n_plain_pages, 2);
			ck_assert_uint_gt(o.list.files[0]->header.n_pages,
				o.list.files[0]->header.n_plain_pages);
			ck_assert_msg(
				words_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
			must_find(&o, &r, &lines, PLACES, true);
			close_words(&o);
		}
	}
END_TEST

/* Many words, the n-th about 1 / n as often as the first. */
static struct str usual_text(struct rng *r, size_t n_words)
{
	enum { WORDS = 3000 };
	struct buf text;
	buf_init(&text, scene_arena());
	for (size_t i = 0; i < n_words; i++) {
		size_t word = rng_below(r, 1 + rng_below(r, 1 + rng_below(r, WORDS)));
		buf_printf(&text, "word%zx ", word * 7919);
	}
	return buf_str(&text);
}

/* Blocks alone take less than this share, rows of all words more. A part may take more, and what is
 * merged of parts again as much as what is made at once. */
START_TEST(as_much_is_said_of_words_as_a_share_of_the_texts_allows)
	{
		struct buf file;
		struct rng r = rng_from_seed();
		uint64_t n_sure = 0;
		buf_init(&file, scene_arena());
		for (unsigned i = 0; i < 2500; i++) {
			struct span s = scene_span(i, SCENE_NOW, 1);
			struct str text = usual_text(&r, 100 + rng_below(&r, 300));
			text = arena_printf(scene_arena(), "\"%.*s\"", STR_ARG(text));
			span_set_text(&s, rng_below(&r, 2) ? FIELD_INPUT : FIELD_OUTPUT, text);
			line_write(&file, &s);
		}
		sc.store.words_free_bytes = 0;
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
		scene_put(&sc, "2026-11-21.jsonl", random_shard(&r, 1)); /* the other has ended */
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		ck_assert_uint_lt(word_file_share(), 60);
		ck_assert_uint_gt(word_file_share(), 54);
		scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		sc.store.words_bytes = (int64_t)file.len / 4;
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		ck_assert_uint_lt(word_file_share(), 60);
		ck_assert_uint_gt(word_file_share(), 54);
		scene_remove(&sc, "2026-11-21.jsonl");
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_words();
		const struct words_part frequent = { STR("word0"), true, true };
		uint32_t n = words_n_rows(o.list.files[0]);
		struct words_rows rows = { arena_calloc(scene_arena(), n / 64 + 1, 8),
			arena_calloc(scene_arena(), n / 64 + 1, 8) };
		ck_assert_int_eq(words_find(o.list.files[0], &frequent, WORDS_IN_TEXTS,
					 WORDS_IN_TEXTS, &rows),
			ERR_OK);
		for (uint32_t i = 0; i < n; i++)
			n_sure += has_bit(rows.sure, i);
		ck_assert_uint_gt(n_sure, n / 4);
		ck_assert(check_find(&o, &lines, &frequent, false));
		close_words(&o);
	}
END_TEST

static void setup(void)
{
	unit_setup();
	scene_open(&sc);
	scene_workspace(&sc);
}

static void teardown(void)
{
	scene_close(&sc);
	unit_teardown();
}

int main(void)
{
	Suite *s = suite_create("words");
	TCase *c = tcase_create("words");
	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, many_bytes_at_once_are_cut_as_one_by_one);
	tcase_add_test(c, postings_say_what_they_were_made_of);
	tcase_add_test(c, postings_of_any_bytes_stay_within_their_file);
	tcase_add_test(c, rows_with_a_word_are_found_and_no_others);
	tcase_add_test(c, many_files_merge_into_what_one_would_be);
	tcase_add_test(c, what_parts_knew_is_known_when_they_are_merged);
	tcase_add_test(c, what_grows_is_covered_piece_by_piece);
	tcase_add_test(c, words_of_another_shard_are_not_looked_at);
	tcase_add_test(c, no_changed_byte_hides_a_block);
	tcase_add_test(c, texts_of_nothing_but_new_words_do_not_fill_the_file);
	tcase_add_test(c, words_of_hexadecimal_digits_take_less_than_their_letters);
	tcase_add_test(c, files_of_earlier_formats_are_not_looked_at);
	tcase_add_test(c, words_of_many_pages_are_found_where_they_stand_together_and_where_not);
	tcase_add_test(c, as_much_is_said_of_words_as_a_share_of_the_texts_allows);
	suite_add_tcase(s, c);
	SRunner *run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	int failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
