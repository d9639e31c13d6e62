#include "query/search.h"

#include "base/json_read.h"
#include "query/text.h"

#include <stdlib.h>

/* ---- What a predicate looks for ---- */

enum { ESCAPE_TAIL_MAX = 5 }; /* u001f */

static void add_part(struct search_term *t, struct words_part part, struct arena *a)
{
	struct words_part *one = arena_alloc(a, sizeof *one);
	*one = part;
	t->parts[t->n_parts++] = (struct search_part){ one, 1 };
}

/* Can these bytes stand in an escape, behind its backslash? */
static bool is_in_escape(struct str s)
{
	if (s.len == 1 && str_index(STR("bfnrtu"), s.ptr[0]) < 6)
		return true;
	for (size_t i = s.ptr[0] == 'u'; i < s.len; i++)
		if (hex_digit(s.ptr[i]) < 0)
			return false;
	return true;
}

/* A text that may begin within an escape, whose bytes are no word there: then it is the rest of
 * the word that must stand somewhere. */
static void add_cut_part(struct search_term *t, struct words_part part, struct arena *a)
{
	struct search_part *p = &t->parts[t->n_parts];
	p->any = arena_calloc(a, ESCAPE_TAIL_MAX + 1, sizeof *p->any);
	p->any[p->n++] = part;
	for (size_t n = 1; n <= ESCAPE_TAIL_MAX && n <= part.text.len; n++) {
		if (!is_in_escape(str_first(part.text, n)))
			continue;
		if (n == part.text.len) {
			p->n = 0; /* nothing needs to stand there */
			return;
		}
		p->any[p->n++] = (struct words_part){ str_skip(part.text, n), true, part.is_end };
	}
	t->n_parts++;
}

/* Too short to tell much: most blocks have it. */
static bool is_weak(const struct words_part *p)
{
	enum { WEAK_BYTES = 2 };
	return p->text.len <= WEAK_BYTES && !(p->is_start && p->is_end);
}

/* whole: the text begins and ends where words do. is_plain: it may begin within an escape. */
static void add_words(
	struct search_term *t, struct str text, bool whole, bool is_plain, struct arena *a)
{
	size_t at = 0, n = 0;
	struct str word;
	while (word_next(text, &at, &word))
		n++;
	t->parts = arena_calloc(a, n, sizeof *t->parts);
	at = 0;
	while (word_next(text, &at, &word)) {
		bool is_first = word.ptr == text.ptr,
		     is_last = word.ptr + word.len == text.ptr + text.len;
		bool is_letters = word_is_letters(word);
		struct words_part part = { word, whole || !is_letters || !is_first,
			whole || !is_letters || !is_last };
		/* The rest of a character. */
		if (!is_letters && (unsigned char)word.ptr[0] < 0xc0)
			continue;
		if (is_plain && is_first && is_letters)
			add_cut_part(t, part, a);
		else if (!is_weak(&part))
			add_part(t, part, a);
	}
}

/* The bytes that are looked for first: of a phrase the longest word. */
static struct str longest_word(struct str phrase)
{
	struct str longest = STR(""), word;
	size_t at = 0;
	while (word_next(phrase, &at, &word))
		if (word.len > longest.len)
			longest = word;
	return longest;
}

static bool is_covered(const struct pred *p)
{
	struct field_set covered = words_fields();
	if (p->fallback && !field_set_has(&covered, (enum field)p->fallback))
		return false;
	if (p->field == QUERY_ANY_TEXT)
		return true; /* all of its fields are */
	return p->field < FIELD__MAX && field_set_has(&covered, (enum field)p->field);
}

/* The whole text of a JSON value is looked at as it stands, without regard to escapes. */
static bool is_plain(const struct pred *p)
{
	return p->field < FIELD__MAX && field_info[p->field].type == FIELD_TYPE_JSON &&
	       str_is_null(p->path) && p->op != OP_TEXT;
}

static bool needs_its_text(const struct pred *p)
{
	if (p->n_values != 1 || !p->texts || p->numeric)
		return false;
	switch (p->op) {
	case OP_TEXT:
	case OP_CONTAINS:
	case OP_STARTS:
	case OP_ENDS:
	case OP_EQ:
	case OP_IN:
		return true;
	default:
		return false;
	}
}

bool search_term_make(struct search_term *t, const struct pred *p, struct arena *a)
{
	bool is_text =
		p->field == QUERY_ANY_TEXT ||
		(p->field < FIELD__MAX && (field_info[p->field].type == FIELD_TYPE_STR ||
						  field_info[p->field].type == FIELD_TYPE_TEXT ||
						  field_info[p->field].type == FIELD_TYPE_JSON));
	bool is_words = p->op == OP_TEXT && p->text_mode == TEXT_WORD;
	if (!is_text || !needs_its_text(p) || p->field == FIELD_TAGS)
		return false;
	struct str text = is_plain(p) ? json_decode(a, p->texts[0]) : p->texts[0];
	text = text_fold(a, text);
	struct str needle = is_words ? longest_word(text) : text;
	if (needle.len == 0)
		return false;
	*t = (struct search_term){ .pred = p, .is_phrase = is_words, .is_covered = is_covered(p) };
	text_needle_init(&t->needle, needle);
	/* Plain backslashes are not those of escapes. */
	if (!is_plain(p) || str_index(text, '\\') == text.len)
		add_words(t, text, is_words, is_plain(p), a);
	t->is_covered = t->is_covered && t->n_parts;
	return true;
}

/* ---- Of a query ---- */

void search_init(struct search *s, struct index_set *set, const struct query *q)
{
	struct arena *a = set->view->arena;
	size_t n = 0;
	*s = (struct search){ .set = set };
	for (size_t i = 0; i < q->n_clauses; i++)
		n += q->clauses[i].n;
	s->terms = arena_calloc(a, n, sizeof *s->terms);
	for (size_t i = 0; i < q->n_clauses; i++)
		for (size_t j = 0; j < q->clauses[i].n; j++)
			if (search_term_make(&s->terms[s->n_terms], &q->clauses[i].preds[j], a))
				s->n_terms++;
}

struct search_term *search_term_of(struct search *s, const struct pred *p)
{
	for (size_t i = 0; i < s->n_terms; i++)
		if (s->terms[i].pred == p)
			return &s->terms[i];
	return NULL;
}

/* ---- Blocks ---- */

static bool is_same_part(const struct search_part *x, const struct search_part *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (x->any[i].is_start != y->any[i].is_start ||
			x->any[i].is_end != y->any[i].is_end ||
			!str_eq(x->any[i].text, y->any[i].text))
			return false;
	return true;
}

/* The predicates of a clause often look for one text in several fields. */
static bool is_same_text(const struct search_term *x, const struct search_term *y)
{
	if (x->n_parts != y->n_parts)
		return false;
	for (size_t i = 0; i < x->n_parts; i++)
		if (!is_same_part(&x->parts[i], &y->parts[i]))
			return false;
	return true;
}

static bool is_cheap(const struct search_part *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->any[i].is_start)
			return false;
	return true;
}

static enum err find_part(struct words *w, const struct search_part *p, size_t n_words,
	uint64_t *some, uint64_t *blocks)
{
	enum err e = ERR_OK;
	memset(some, 0, n_words * sizeof *some);
	for (size_t i = 0; !e && i < p->n; i++)
		e = words_find(w, &p->any[i], some);
	for (size_t i = 0; i < n_words; i++)
		blocks[i] &= some[i];
	return e;
}

/* Parts that need all words to be looked at come last, and are left out when few blocks are left:
 * these are read faster. */
static enum err find_blocks(
	const struct search_term *t, struct words *w, uint64_t *some, uint64_t *blocks)
{
	enum { FEW_BLOCKS = 32 };
	size_t n_words = bits_words(words_n_blocks(w));
	enum err e = ERR_OK;
	for (int cheap = 1; cheap >= 0; cheap--)
		for (size_t i = 0; !e && i < t->n_parts; i++) {
			size_t left = bits_count(blocks, n_words);
			if (is_cheap(&t->parts[i]) == cheap && left && (cheap || left > FEW_BLOCKS))
				e = find_part(w, &t->parts[i], n_words, some, blocks);
		}
	return e;
}

static bool make_area(
	struct search *s, const struct search_term *t, struct words *w, struct search_area *ret)
{
	struct arena *a = s->set->view->arena;
	size_t n = bits_words(words_n_blocks(w));
	uint64_t *blocks = arena_calloc(a, n, sizeof *blocks);
	uint64_t *some = arena_block(a, NULL, n * sizeof *some);
	memset(blocks, 0xff, n * sizeof *blocks);
	blocks[n - 1] = bits_of_word(words_n_blocks(w), n - 1);
	enum err e = find_blocks(t, w, some, blocks);
	(void)arena_block(a, some, 0); /* freed: there is no result */
	s->n_files++;
	*ret = (struct search_area){ .from = words_from(w),
		.to = words_to(w),
		.first_block = words_first_block(w),
		.n_blocks = words_n_blocks(w),
		.block_bits = words_block_bits(w),
		.blocks = blocks };
	return !e; /* damaged: as if it were not there */
}

static void find_areas(
	struct search *s, const struct search_term *t, size_t shard, struct search_areas *ret)
{
	const struct words_list *l = index_words(s->set, shard);
	for (size_t i = 0; i < s->n_terms; i++) {
		const struct search_term *other = &s->terms[i];
		if (other->areas && other->areas[shard].is_known && is_same_text(other, t)) {
			*ret = other->areas[shard];
			return;
		}
	}
	ret->is_known = true;
	ret->areas = arena_calloc(s->set->view->arena, l->n, sizeof *ret->areas);
	for (size_t i = 0; i < l->n; i++)
		ret->n += make_area(s, t, l->files[i], &ret->areas[ret->n]);
}

static const struct search_areas *areas_of(struct search *s, struct search_term *t, size_t shard)
{
	const struct view *v = s->set->view;
	if (!t->areas)
		t->areas = arena_calloc(v->arena, v->n_shards, sizeof *t->areas);
	if (!t->areas[shard].is_known)
		find_areas(s, t, shard, &t->areas[shard]);
	return &t->areas[shard];
}

/* ---- Rows ---- */

/* Where the lines of a block begin. */
struct places {
	const struct column *column; /* NULL: live rows */
	const struct live_row *live;
};

static int64_t place_of(const struct places *p, uint32_t row)
{
	return p->column ? column_value(p->column, row) : p->live[row].at;
}

/* The first row of [from, to) that begins at or behind the place. */
static uint32_t first_behind(const struct places *p, uint32_t from, uint32_t to, int64_t at)
{
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (place_of(p, middle) < at)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void set_rows(uint64_t *rows, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		bits_set(rows, i);
}

static uint32_t next_block(const struct search_area *area, uint32_t block)
{
	for (size_t w = block / BITS; w < bits_words(area->n_blocks); w++) {
		uint64_t left = area->blocks[w];
		if (w == block / BITS)
			left &= UINT64_MAX << block % BITS;
		if (left)
			return bits_row(w, left);
	}
	return area->n_blocks;
}

static int64_t block_at(const struct search_area *area, uint32_t block)
{
	return ((int64_t)area->first_block + block) << area->block_bits;
}

/* Sets the rows of [from, end), which stand in an area, that may match. */
static void take_area(const struct places *p, const struct search_area *area, uint32_t first,
	uint32_t from, uint32_t end, uint64_t *rows)
{
	while (from < end) {
		int64_t behind = place_of(p, from) - block_at(area, 0);
		uint32_t block = next_block(area, (uint32_t)(behind >> area->block_bits));
		if (block >= area->n_blocks)
			break;
		from = first_behind(p, from, end, block_at(area, block));
		uint32_t next = first_behind(p, from, end, block_at(area, block + 1));
		set_rows(rows, from - first, next - first);
		from = next;
	}
}

static enum err places_of(struct block *b, struct places *ret)
{
	*ret = (struct places){ .live = block_live(b) };
	return ret->live ? ERR_OK : block_column(b, INDEX_AT, &ret->column);
}

enum err search_narrow(struct search *s, struct search_term *t, struct block *b, uint32_t first,
	uint32_t n, uint64_t *rows)
{
	uint64_t may[ZONE_WORDS] = { 0 };
	struct places p;
	struct row_ref ref;
	enum err e = block_ref(b, first, &ref);
	if (!e)
		e = places_of(b, &p);
	if (e)
		return e;
	const struct search_areas *areas = areas_of(s, t, ref.shard);
	uint32_t row = first, end = first + n;
	for (size_t i = 0; i < areas->n && row < end; i++) {
		const struct search_area *area = &areas->areas[i];
		uint32_t from = first_behind(&p, row, end, area->from);
		uint32_t to = first_behind(&p, from, end, area->to);
		set_rows(may, row - first, from - first); /* no word file knows them */
		take_area(&p, area, first, from, to, may);
		row = to;
	}
	set_rows(may, row - first, n);
	for (size_t w = 0; w < bits_words(n); w++)
		rows[w] &= may[w];
	return ERR_OK;
}
