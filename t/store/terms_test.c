/*
 * Term files: what they say of rows is what the lines say, and nothing that happens to them makes
 * a line unfindable.
 */
#include "index_scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/terms/cursor.h"

#include <fcntl.h>
#include <unistd.h>

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

/* ---- Tokens ---- */

static bool is_letter(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static void check_token(struct str text, struct str token, size_t at)
{
	ck_assert_uint_gt(token.len, 0);
	ck_assert_ptr_eq(token.ptr + token.len, text.ptr + at);
	ck_assert_uint_le(at, text.len);
	if (!token_is_letters(token)) {
		ck_assert_uint_le(token.len, 4);
		ck_assert(token.ptr[0] & 0x80);
		return;
	}
	for (size_t i = 0; i < token.len; i++)
		ck_assert(is_letter(token.ptr[i]));
	ck_assert(at == text.len || !is_letter(text.ptr[at]));
}

START_TEST(tokens_are_runs_of_letters_and_single_characters)
	{
		struct rng r = rng_from_seed();
		for (int i = 0; i < 3000; i++) {
			struct arena_mark m = arena_mark(scene_arena());
			struct str text = random_text(&r, rng_below(&r, 60)), token;
			size_t at = 0;
			char *tight = malloc(text.len + 1);
			ck_assert_ptr_nonnull(tight);
			if (text.len)
				memcpy(tight, text.ptr, text.len);
			text = str_of(tight, text.len);
			for (size_t last = 0; token_next(text, &at, &token); last = at) {
				ck_assert_uint_ge((size_t)(token.ptr - text.ptr), last);
				check_token(text, token, at);
			}
			free(tight);
			arena_rewind(scene_arena(), m);
		}
	}
END_TEST

START_TEST(escapes_separate_tokens_and_are_none)
	{
		static const struct {
			const char *text, *tokens;
		} cases[] = {
			{ "one two", "one|two|" },
			{ "a\\nb", "a|b|" },
			{ "a\\u00e9b", "a|b|" },
			{ "a\\\\nb", "a|nb|" },
			{ "\\u12", "" },
			{ "tail\\", "tail|" },
			{ "caf\xc3\xa9s", "caf|\xc3\xa9|s|" },
			{ "_x-9Z", "x|9Z|" },
			{ "", "" },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct buf got;
			struct str token;
			size_t at = 0;
			buf_init(&got, scene_arena());
			while (token_next(str_from_c(cases[i].text), &at, &token))
				buf_printf(&got, "%.*s|", STR_ARG(token));
			ck_assert_str_is(buf_str(&got), str_from_c(cases[i].tokens));
		}
	}
END_TEST

/* ---- Postings ---- */

enum { ROWS = 9000, BITS_WORDS = ROWS / 64 + 1 };

/* The fields that each row has the term in (enum term_fields), and the same as lists. */
struct made_postings {
	uint8_t fields[ROWS];
	struct postings_buf lists;
};

/* Rows follow each other, or are far apart, or both in turn. */
static void random_postings(struct rng *r, struct made_postings *m)
{
	size_t gap = 1 + rng_below(r, 4) * rng_below(r, 4) * rng_below(r, ROWS / 4);
	unsigned mask = (unsigned)rng_below(r, 16), always = (unsigned)rng_below(r, 16);
	memset(m->fields, 0, sizeof m->fields);
	if ((mask | always) == 0)
		always = TERM_IN_OTHER;
	for (size_t row = rng_below(r, rng_below(r, 2) ? 1 + gap : ROWS); row < ROWS;
		row += 1 + rng_below(r, gap)) {
		m->fields[row] = (uint8_t)((rng_next(r) & mask) | always);
		if (rng_below(r, 500) == 0)
			gap = 1 + rng_below(r, 90);
		if (rng_below(r, 1000) == 0)
			break;
	}
}

/* Returns how many rows there are. */
static size_t list_postings(struct made_postings *m)
{
	size_t n = 0;
	postings_buf_reset(&m->lists);
	for (uint32_t row = 0; row < ROWS; row++) {
		for (unsigned list = 0; list < POSTINGS_LISTS; list++)
			if (m->fields[row] >> list & 1)
				buf_add(&m->lists.rows[list],
					str_of((const char *)&row, sizeof row));
		m->lists.n_texts += (m->fields[row] & TERM_IN_TEXTS) != 0;
		n += m->fields[row] != 0;
	}
	return n;
}

static void check_found(const struct made_postings *m, struct str one, unsigned fields)
{
	uint64_t bits[BITS_WORDS] = { 0 };
	uint32_t n = 0, counted = 0;
	bool are_right = true;
	ck_assert(postings_find(one, ROWS, fields, bits));
	for (uint32_t row = 0; row < ROWS; row++) {
		bool has = m->fields[row] & fields;
		are_right = are_right && (bits[row / 64] >> row % 64 & 1) == has;
		n += has;
	}
	ck_assert(are_right);
	bool is_known = postings_count(one, ROWS, fields, &counted);
	ck_assert(!is_known || counted == n);
	/* What searches ask for is always known. */
	ck_assert(is_known ||
		  (fields != TERM_IN_TEXTS && fields != TERM_IN_INPUT && fields != TERM_IN_OUTPUT));
}

/* A copy with bytes after it that must not matter. */
static struct str with_slack(struct str bytes)
{
	char *p = arena_alloc(scene_arena(), bytes.len + POSTINGS_SLACK);
	memcpy(p, bytes.ptr, bytes.len);
	memset(p + bytes.len, 0xff, POSTINGS_SLACK);
	return str_of(p, bytes.len);
}

static struct str put_postings(const struct postings_buf *lists, int times)
{
	struct buf out;
	const struct postings p = postings_buf_view(lists);
	buf_init(&out, scene_arena());
	while (times--)
		postings_put(&out, &p);
	struct str coded = with_slack(buf_str(&out));
	buf_release(&out);
	return coded;
}

START_TEST(postings_say_what_they_were_made_of)
	{
		struct rng r = rng_from_seed();
		static struct made_postings m;
		struct postings_buf back;
		postings_buf_init(&m.lists, scene_arena());
		postings_buf_init(&back, scene_arena());
		for (int i = 0; i < 500; i += unit_step()) {
			struct arena_mark mark = arena_mark(scene_arena());
			struct str one;
			random_postings(&r, &m);
			if (list_postings(&m) == 0)
				continue;
			struct str left = put_postings(&m.lists, 2);
			ck_assert(postings_skip(&left, &one));
			ck_assert_uint_eq(left.len, one.len);
			postings_buf_reset(&back);
			ck_assert(postings_read(one, ROWS, &back));
			ck_assert_uint_eq(back.n_texts, m.lists.n_texts);
			for (size_t list = 0; list < POSTINGS_LISTS; list++)
				ck_assert_str_is(
					buf_str(&back.rows[list]), buf_str(&m.lists.rows[list]));
			for (unsigned fields = 0; fields <= TERM_IN_ANY; fields++)
				check_found(&m, one, fields);
			ck_assert(postings_skip(&left, &one));
			ck_assert_uint_eq(left.len, 0);
			ck_assert(!postings_skip(&left, &one));
			arena_rewind(scene_arena(), mark);
		}
		postings_buf_release(&m.lists);
		postings_buf_release(&back);
	}
END_TEST

/* A term that is in every row, in every second one, in one of a thousand. */
START_TEST(postings_take_few_bytes_whatever_the_frequency)
	{
		static const struct {
			uint32_t gap;
			size_t most_bytes;
		} cases[] = { { 1, ROWS / POSTINGS_BLOCK * 2 + 10 },
			{ 2, ROWS / 8 + ROWS / 2 / POSTINGS_BLOCK * 4 + 10 },
			{ 1000, ROWS / 1000 * 2 + 10 } };
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct postings_buf lists;
			postings_buf_init(&lists, scene_arena());
			for (uint32_t row = 0; row < ROWS; row += cases[i].gap)
				buf_add(&lists.rows[0], str_of((const char *)&row, sizeof row));
			ck_assert_uint_le(put_postings(&lists, 1).len, cases[i].most_bytes);
			postings_buf_release(&lists);
		}
	}
END_TEST

/* Both ways to read them say the same, and of no row that the file does not have. */
static void check_any_bytes(struct str one, struct postings_buf *back)
{
	uint64_t bits[BITS_WORDS] = { 0 };
	uint32_t n, row;
	bool are_within = true;
	postings_buf_reset(back);
	bool ok = postings_read(one, ROWS, back);
	ck_assert_int_eq(postings_find(one, ROWS, TERM_IN_ANY, bits), ok);
	if (postings_count(one, ROWS, TERM_IN_TEXTS, &n))
		ck_assert_uint_le(n, ROWS);
	for (size_t list = 0; ok && list < POSTINGS_LISTS; list++)
		for (size_t k = 0; k < back->rows[list].len; k += sizeof row) {
			memcpy(&row, back->rows[list].ptr + k, sizeof row);
			are_within = are_within && row < ROWS && (bits[row / 64] >> row % 64 & 1);
		}
	ck_assert(are_within);
}

START_TEST(postings_of_any_bytes_stay_within_their_file)
	{
		struct rng r = rng_from_seed();
		struct postings_buf back;
		postings_buf_init(&back, scene_arena());
		for (int i = 0; i < 10000; i += unit_step()) {
			size_t n = rng_below(&r, 201);
			char *bytes = malloc(n + POSTINGS_SLACK);
			ck_assert_ptr_nonnull(bytes);
			for (size_t k = 0; k < n + POSTINGS_SLACK; k++)
				bytes[k] = (char)rng_next(&r);
			if (n && n < 65 && rng_below(&r, 4)) /* as many bytes follow */
				bytes[0] = (char)((n - 1) << 1);
			if (n > 1 && rng_below(&r, 2)) /* one list */
				bytes[1] = (char)(1 << rng_below(&r, 4));
			check_any_bytes(str_of(bytes, n), &back);
			free(bytes);
		}
		postings_buf_release(&back);
	}
END_TEST

START_TEST(damaged_postings_stay_within_their_file)
	{
		struct rng r = rng_from_seed();
		static struct made_postings m;
		struct postings_buf back;
		postings_buf_init(&m.lists, scene_arena());
		postings_buf_init(&back, scene_arena());
		for (int i = 0; i < 3000; i += unit_step()) {
			struct arena_mark mark = arena_mark(scene_arena());
			random_postings(&r, &m);
			if (list_postings(&m) == 0)
				continue;
			struct str one = put_postings(&m.lists, 1);
			char *bytes = (char *)(uintptr_t)one.ptr;
			for (size_t k = 1 + rng_below(&r, 3); k; k--)
				bytes[rng_below(&r, one.len)] = (char)rng_next(&r);
			check_any_bytes(one, &back);
			arena_rewind(scene_arena(), mark);
		}
		postings_buf_release(&m.lists);
		postings_buf_release(&back);
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
	struct terms_updating how = { .all = all };
	return terms_update(&sc.store, STR("w"), SCENE_DAY, &how, ret_bytes);
}

struct opened {
	struct view view;
	struct terms_list list;
};

static struct opened open_terms(void)
{
	struct opened o;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &o.view), ERR_OK);
	ck_assert_int_eq(shard_open(&o.view, 0), ERR_OK);
	terms_open(&o.view, 0, &o.list);
	return o;
}

static void close_terms(struct opened *o)
{
	terms_close(&o->list);
	view_close(&o->view);
}

static bool word_is(struct str word, const struct term_pattern *p)
{
	for (size_t i = 0; i + p->text.len <= word.len; i++)
		if (str_eq_nocase(str_of(word.ptr + i, p->text.len), p->text) &&
			(!p->is_start || i == 0) && (!p->is_end || i + p->text.len == word.len))
			return true;
	return false;
}

static bool has_word(struct str text, const struct term_pattern *p)
{
	struct str word;
	size_t at = 0;
	while (token_next(text, &at, &word))
		if (word_is(word, p))
			return true;
	return false;
}

static bool span_has_word(const struct span *s, const struct term_pattern *p, unsigned in)
{
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if ((terms_field_kind((enum field)f) & in) && span_has(s, (enum field)f) &&
			has_word(s->value[f].text, p))
			return true;
	return false;
}

static struct term_pattern random_part(struct rng *r, const struct scene_lines *lines)
{
	struct term_pattern p = { STR("absent"), rng_below(r, 2), rng_below(r, 2) };
	const struct span *s = &lines->spans[rng_below(r, lines->n)];
	struct str text = span_text(s, rng_below(r, 2) ? FIELD_INPUT : FIELD_NAME), word;
	size_t at = 0, n = rng_below(r, 6);
	while (token_next(text, &at, &word) && n--)
		p.text = word;
	if (token_is_letters(p.text) && p.text.len > 2) {
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

/* One file. False: it says that it is damaged. */
static bool check_file(struct terms *t, const struct scene_lines *lines,
	const struct term_pattern *p, unsigned fields, bool exact)
{
	uint32_t n = terms_n_rows(t), row = 0;
	struct terms_rows rows = { arena_calloc(scene_arena(), n / 64 + 1, 8),
		arena_calloc(scene_arena(), n / 64 + 1, 8) };
	uint64_t *longs = arena_calloc(scene_arena(), n / 64 + 1, 8);
	bool is_whole = p->is_start && p->is_end, are_marked = true;
	size_t mark = 0;
	enum err e = terms_find(t, p, fields, &rows);
	if (!e)
		e = terms_find_special(t, TERM_LONG, longs);
	if (e) {
		ck_assert_int_eq(e, ERR_UNSAFE);
		ck_assert(!exact);
		return false;
	}
	for (size_t k = 0; k < lines->n; k++) {
		int64_t at = lines->refs[k].at;
		if (at < terms_from(t) || at >= terms_to(t))
			continue;
		ck_assert_uint_lt(row, n);
		for (; mark < terms_n_marks(t) && terms_mark(t, mark).at <= at; mark++)
			are_marked = are_marked && terms_mark(t, mark).n_rows == row;
		bool has = span_has_word(&lines->spans[k], p, fields);
		bool sure = has_bit(rows.matches, row), may = sure || has_bit(rows.unknown, row);
		/* What a term that is too long contains is not known. */
		bool is_known = exact && (is_whole || !has_bit(longs, row));
		if ((has && !may) || (sure && !has) || (is_known && (sure != has || may != has)))
			ck_abort_msg("row %u has %.*s: %d, not %d or %d", row, STR_ARG(p->text),
				has, sure, may);
		row++;
	}
	ck_assert_uint_eq(row, n);
	ck_assert(are_marked);
	return true;
}

/* Asks every file; exact: of every row it is known. */
static bool check_find(
	struct opened *o, const struct scene_lines *lines, const struct term_pattern *p, bool exact)
{
	static const unsigned ins[] = { TERM_IN_NAME, TERM_IN_TEXTS, TERM_IN_OTHER, TERM_IN_INPUT,
		TERM_IN_OUTPUT, TERM_IN_ANY };
	for (size_t i = 0; i < o->list.n; i++)
		for (size_t k = 0; k < sizeof ins / sizeof ins[0]; k++)
			if (!check_file(o->list.files[i], lines, p, ins[k], exact))
				return false;
	return true;
}

/* Looks n parts of words up and checks the rows that are found. */
static void must_find(
	struct opened *o, struct rng *r, const struct scene_lines *lines, int n, bool is_exact)
{
	for (int i = 0; i < n; i++) {
		struct arena_mark m = arena_mark(scene_arena());
		struct term_pattern p = random_part(r, lines);
		ck_assert(check_find(o, lines, &p, is_exact));
		arena_rewind(scene_arena(), m);
	}
}

START_TEST(rows_with_a_word_are_found_and_no_others)
	{
		struct rng r = rng_from_seed();
		int64_t bytes;
		const char *reason = "";
		sc.store.terms_mark_bits = 11;
		sc.store.terms_bytes = 100000;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 500));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_int_eq(make(true, &bytes), ERR_OK);
		ck_assert_int_gt(bytes, 100000);
		struct opened o = open_terms();
		ck_assert_uint_eq(o.list.n, 1);
		ck_assert_msg(terms_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
		must_find(&o, &r, &lines, 300, true);
		close_terms(&o);
	}
END_TEST

static const char *term_file_name(void)
{
	struct opened o = open_terms();
	char name[TERMS_NAME_MAX];
	ck_assert_uint_eq(o.list.n, 1);
	const struct terms_name want = { SCENE_DAY, 0, terms_from(o.list.files[0]),
		terms_to(o.list.files[0]) };
	terms_name_put(&want, name);
	close_terms(&o);
	return arena_copy_c(scene_arena(), arena_printf(scene_arena(), "2026-11-20.idx/%s", name));
}

static struct str term_file(void)
{
	return scene_file(&sc, term_file_name());
}

START_TEST(many_files_merge_into_what_one_would_be)
	{
		struct rng r = rng_from_seed();
		sc.store.terms_mark_bits = 12;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 300));
		sc.store.terms_bytes = INT64_C(1) << 30;
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		struct str whole = term_file();
		scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		sc.store.terms_bytes = 9000;
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		ck_assert_str_is(term_file(), whole);
	}
END_TEST

START_TEST(what_parts_knew_is_known_when_they_are_merged)
	{
		struct rng r = rng_from_seed();
		sc.store.terms_mark_bits = 11;
		sc.store.terms_bytes = 9000;
		for (int k = 0; k < 4; k++) {
			scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 200));
			struct scene_lines lines = scene_read(&sc);
			ck_assert_int_eq(make(true, NULL), ERR_OK);
			struct opened o = open_terms();
			const char *reason = "";
			ck_assert_uint_eq(o.list.n, 1);
			ck_assert_msg(
				terms_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
			must_find(&o, &r, &lines, 100, true);
			close_terms(&o);
			scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		}
	}
END_TEST

START_TEST(what_grows_is_covered_piece_by_piece)
	{
		struct rng r = rng_from_seed();
		struct buf file;
		buf_init(&file, scene_arena());
		sc.store.terms_mark_bits = 10;
		sc.store.terms_bytes = 4000;
		for (int i = 0; i < 60; i++) {
			buf_add(&file, random_shard(&r, 1 + (unsigned)rng_below(&r, 30)));
			scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
			ck_assert_int_eq(make(i % 7 == 6, NULL), ERR_OK);
			struct opened o = open_terms();
			ck_assert_uint_le(o.list.n, 24);
			int64_t to = 0;
			for (size_t k = 0; k < o.list.n; k++) {
				ck_assert_int_eq(terms_from(o.list.files[k]), to);
				to = terms_to(o.list.files[k]);
			}
			ck_assert_int_lt((int64_t)file.len - to, i % 7 == 6 ? 1 : 4000);
			close_terms(&o);
		}
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_terms();
		for (int i = 0; i < 50; i++) {
			struct term_pattern p = random_part(&r, &lines);
			ck_assert(check_find(&o, &lines, &p, true));
		}
		close_terms(&o);
	}
END_TEST

START_TEST(terms_of_another_shard_are_not_looked_at)
	{
		struct rng r = rng_from_seed();
		struct str lines = random_shard(&r, 30);
		scene_put(&sc, "2026-11-20.jsonl", lines);
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		char *other = arena_text(scene_arena(), lines.len);
		memcpy(other, lines.ptr, lines.len);
		memcpy(other + 30, "another text", 12);
		scene_put(&sc, "2026-11-20.jsonl", str_of(other, lines.len));
		struct opened o = open_terms();
		ck_assert_uint_eq(o.list.n, 0);
		close_terms(&o);
		scene_put(&sc, "2026-11-20.jsonl", str_first(lines, lines.len / 2));
		o = open_terms();
		ck_assert_uint_eq(o.list.n, 0);
		close_terms(&o);
	}
END_TEST

START_TEST(no_changed_byte_hides_a_row)
	{
		struct rng r = rng_from_seed();
		const char *name = "2026-11-20.idx/terms";
		size_t n_noticed = 0;
		sc.store.terms_mark_bits = 9;
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 4));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		struct opened o = open_terms();
		const struct terms_name want = { SCENE_DAY, 0, 0, terms_to(o.list.files[0]) };
		char real[TERMS_NAME_MAX];
		terms_name_put(&want, real);
		name = arena_copy_c(
			scene_arena(), arena_printf(scene_arena(), "2026-11-20.idx/%s", real));
		close_terms(&o);
		struct str good = scene_file(&sc, name);
		char *bad = arena_text(scene_arena(), good.len);
		for (size_t i = 0; i < 2 * good.len; i += (size_t)unit_step()) {
			struct arena_mark m = arena_mark(scene_arena());
			memcpy(bad, good.ptr, good.len);
			bad[i / 2] = (char)(bad[i / 2] ^ (1 << rng_below(&r, 8)));
			scene_put(&sc, name, str_of(bad, i % 2 ? good.len : i / 2));
			o = open_terms();
			struct term_pattern p = random_part(&r, &lines);
			const char *reason;
			bool is_noticed = o.list.n == 0 || !check_find(&o, &lines, &p, false) ||
					  terms_check(o.list.files[0], &reason) == ERR_UNSAFE;
			ck_assert_msg(is_noticed, "byte %zu", i / 2);
			n_noticed += is_noticed;
			close_terms(&o);
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
		ck_assert_uint_lt(term_file().len, 4 << 20);
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_terms();
		for (int i = 0; i < 40; i++) {
			const struct span *s = &lines.spans[rng_below(&r, lines.n)];
			struct term_pattern p = { str_first(span_text(s, FIELD_ERROR_MESSAGE), 17),
				true, true };
			ck_assert(check_find(&o, &lines, &p, false));
		}
		close_terms(&o);
	}
END_TEST

START_TEST(words_of_hexadecimal_digits_take_less_than_their_letters)
	{
		enum { ROWS_OF_IDS = 400, IDS = 10, ID_BYTES = 16 };
		struct buf file;
		struct rng r = rng_from_seed();
		const char *reason = "";
		sc.store.terms_mark_bits = 12;
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
		ck_assert_uint_lt(term_file().len, ROWS_OF_IDS * IDS * (ID_BYTES * 3 / 4));
		struct scene_lines lines = scene_read(&sc);
		struct opened o = open_terms();
		ck_assert_msg(terms_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
		for (int i = 0; i < 60; i++) {
			const struct span *s = &lines.spans[rng_below(&r, lines.n)];
			struct str id = str_first(span_text(s, FIELD_ERROR_MESSAGE), ID_BYTES);
			size_t skip = rng_below(&r, 4), rest = rng_below(&r, 4);
			struct term_pattern p = { str_of(id.ptr + skip, ID_BYTES - skip - rest),
				skip == 0, rest == 0 };
			ck_assert(check_find(&o, &lines, &p, true));
		}
		close_terms(&o);
	}
END_TEST

/* They are rebuilt, and files with the name of an earlier format are removed. */
START_TEST(files_of_earlier_formats_are_not_looked_at)
	{
		struct rng r = rng_from_seed();
		struct terms_header h;
		int64_t n_bytes;
		const char *earlier = "2026-11-20.idx/0-0-99.voc";
		scene_put(&sc, "2026-11-20.jsonl", random_shard(&r, 10));
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		const char *name = term_file_name();
		struct str good = term_file();
		char *old = arena_text(scene_arena(), good.len);
		memcpy(old, good.ptr, good.len);
		memcpy(&h, old + good.len - sizeof h, sizeof h);
		h.version--;
		size_t head = (size_t)terms_head_bytes(&h);
		h.checksum =
			terms_head_checksum(str_of(old + good.len - head, head - sizeof h), &h);
		memcpy(old + good.len - sizeof h, &h, sizeof h);
		scene_put(&sc, name, str_of(old, good.len));
		scene_put(&sc, earlier, STR("earlier"));
		struct opened o = open_terms();
		ck_assert_uint_eq(o.list.n, 0);
		close_terms(&o);
		ck_assert_int_eq(make(true, &n_bytes), ERR_OK);
		ck_assert_int_gt(n_bytes, 0);
		ck_assert_str_is(term_file(), good);
		ck_assert_int_lt(faccessat(sc.dir_fd, earlier, F_OK, 0), 0);
	}
END_TEST

START_TEST(terms_of_many_pages_are_found)
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
		sc.store.terms_mark_bits = 12;
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_int_eq(make(true, NULL), ERR_OK);
		struct opened o = open_terms();
		ck_assert_uint_eq(o.list.n, 1);
		ck_assert_uint_gt(o.list.files[0]->header.n_plain_pages, 2);
		ck_assert_uint_gt(
			o.list.files[0]->header.n_pages, o.list.files[0]->header.n_plain_pages);
		ck_assert_msg(terms_check(o.list.files[0], &reason) == ERR_OK, "%s", reason);
		must_find(&o, &r, &lines, PLACES, true);
		close_terms(&o);
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

/* In a file that was built at once and in one that was merged. */
START_TEST(every_term_has_its_rows_whatever_its_frequency)
	{
		struct buf file;
		struct rng r = rng_from_seed();
		buf_init(&file, scene_arena());
		for (unsigned i = 0; i < 2500; i++) {
			struct span s = scene_span(i, SCENE_NOW, 1);
			struct str text = usual_text(&r, 100 + rng_below(&r, 300));
			text = arena_printf(scene_arena(), "\"%.*s\"", STR_ARG(text));
			span_set_text(&s, rng_below(&r, 2) ? FIELD_INPUT : FIELD_OUTPUT, text);
			line_write(&file, &s);
		}
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&file));
		struct scene_lines lines = scene_read(&sc);
		for (int is_merged = 0; is_merged < 2; is_merged++) {
			if (is_merged)
				sc.store.terms_bytes = (int64_t)file.len / 4;
			ck_assert_int_eq(make(true, NULL), ERR_OK);
			struct opened o = open_terms();
			ck_assert_uint_eq(o.list.n, 1);
			for (size_t k = 0; k < 3000; k += 1 + k) {
				struct str text = arena_printf(scene_arena(), "word%zx", k * 7919);
				const struct term_pattern p = { text, true, true };
				ck_assert(check_find(&o, &lines, &p, true));
			}
			close_terms(&o);
			scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		}
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
	Suite *s = suite_create("terms");
	TCase *c = tcase_create("terms");
	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, tokens_are_runs_of_letters_and_single_characters);
	tcase_add_test(c, escapes_separate_tokens_and_are_none);
	tcase_add_test(c, postings_say_what_they_were_made_of);
	tcase_add_test(c, postings_take_few_bytes_whatever_the_frequency);
	tcase_add_test(c, postings_of_any_bytes_stay_within_their_file);
	tcase_add_test(c, damaged_postings_stay_within_their_file);
	tcase_add_test(c, rows_with_a_word_are_found_and_no_others);
	tcase_add_test(c, many_files_merge_into_what_one_would_be);
	tcase_add_test(c, what_parts_knew_is_known_when_they_are_merged);
	tcase_add_test(c, what_grows_is_covered_piece_by_piece);
	tcase_add_test(c, terms_of_another_shard_are_not_looked_at);
	tcase_add_test(c, no_changed_byte_hides_a_row);
	tcase_add_test(c, texts_of_nothing_but_new_words_do_not_fill_the_file);
	tcase_add_test(c, words_of_hexadecimal_digits_take_less_than_their_letters);
	tcase_add_test(c, files_of_earlier_formats_are_not_looked_at);
	tcase_add_test(c, terms_of_many_pages_are_found);
	tcase_add_test(c, every_term_has_its_rows_whatever_its_frequency);
	suite_add_tcase(s, c);
	SRunner *run = srunner_create(s);
	srunner_run_all(run, CK_ENV);
	int failed = srunner_ntests_failed(run);
	srunner_free(run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
