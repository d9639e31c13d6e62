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

/* Where the words of a field stand, of which a predicate asks only that one. */
static unsigned in_field(unsigned field)
{
	switch (field) {
	case QUERY_ANY_TEXT:
		return WORDS_IN_TEXTS;
	case FIELD_INPUT:
		return WORDS_IN_INPUT;
	case FIELD_OUTPUT:
		return WORDS_IN_OUTPUT;
	default:
		return words_in_field((enum field)field);
	}
}

/* Does the predicate match whatever has the text within a word? Word files have both at once: what
 * is within an escape is no word, and a hit that begins in one does not count (text.h). */
static bool means_within_word(const struct pred *p)
{
	if (!str_is_null(p->path))
		return false;
	if (p->op == OP_CONTAINS)
		return p->fold && is_plain(p);
	return p->op == OP_TEXT &&
	       (p->text_mode == TEXT_SUBSTRING ||
		       (p->text_mode == TEXT_LITERAL && !text_fits_outside_strings(p->texts[0])));
}

static bool is_one_word(struct str text)
{
	size_t at = 0;
	struct str word;
	return word_next(text, &at, &word) && word_is_letters(word) && word.len == text.len;
}

/* One word, with whatever separates words around it. */
static bool has_one_word(struct str text)
{
	size_t at = 0;
	struct str word, next;
	return word_next(text, &at, &word) && word_is_letters(word) && !word_next(text, &at, &next);
}

/* Where it is enough that the words are known. */
static void set_fields(struct search_term *t, struct str text)
{
	const struct pred *p = t->pred;
	bool is_alone =
		p->field == QUERY_ANY_TEXT || p->field == FIELD_INPUT || p->field == FIELD_OUTPUT;
	t->is_bounded = t->is_phrase;
	t->may_in = in_field(p->field);
	if (is_alone && str_is_null(p->path) && t->n_parts == 1 &&
		(t->is_phrase ? has_one_word(text) : is_one_word(text) && means_within_word(p)))
		t->sure_in = t->may_in;
	if (p->fallback)
		t->may_in |= in_field(p->fallback);
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
	t->is_of_ids = p->field == FIELD_SPAN_ID && !p->fallback;
	t->is_covered = t->is_of_ids || (t->is_covered && t->n_parts);
	if (t->is_covered && !t->is_of_ids)
		set_fields(t, text);
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

/* ---- Looking words up ---- */

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

/* The predicates of a clause often look for one text in several fields of a kind. */
bool search_is_same(const struct search_term *x, const struct search_term *y)
{
	if (x->is_of_ids || y->is_of_ids)
		return x->is_of_ids && y->is_of_ids && str_eq(x->needle.folded, y->needle.folded);
	if (x->n_parts != y->n_parts || x->may_in != y->may_in || x->sure_in != y->sure_in ||
		x->is_bounded != y->is_bounded)
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

/* What is known of the rows of one file: bits, in so many words of 64. */
struct finding {
	struct arena *arena;
	struct words *words;
	size_t n;
	uint64_t *may, *sure;
	struct words_rows some; /* of one part */
};

static uint64_t *make_bits(struct arena *a, size_t n)
{
	return arena_calloc(a, n + 1, sizeof(uint64_t));
}

/* Only the first of the alternatives of a part is the whole text. */
static enum err find_part(
	struct finding *f, const struct search_term *t, const struct search_part *p)
{
	enum err e = ERR_OK;
	memset(f->some.may, 0, f->n * sizeof *f->some.may);
	memset(f->some.sure, 0, f->n * sizeof *f->some.sure);
	for (size_t i = 0; !e && i < p->n; i++)
		e = words_find(f->words, &p->any[i], t->may_in, i ? 0 : t->sure_in, &f->some);
	for (size_t w = 0; w < f->n; w++) {
		f->may[w] &= f->some.may[w] | f->some.sure[w];
		f->sure[w] &= f->some.sure[w];
	}
	return e;
}

/* Parts that need all words to be looked at come last, and are left out when few rows are left:
 * these are read faster. */
static enum err find_rows(struct finding *f, const struct search_term *t)
{
	enum { FEW_ROWS = 200 };
	enum err e = ERR_OK;
	size_t left = SIZE_MAX;
	for (int cheap = 1; cheap >= 0; cheap--)
		for (size_t i = 0; !e && i < t->n_parts; i++) {
			if (is_cheap(&t->parts[i]) != cheap || left == 0 ||
				(!cheap && left <= FEW_ROWS))
				continue;
			e = find_part(f, t, &t->parts[i]);
			if (t->n_parts > 1)
				left = bits_count(f->may, f->n);
		}
	if (e || !t->sure_in || !t->is_bounded)
		return e;
	memset(f->some.may, 0, f->n * sizeof *f->some.may);
	e = words_find_joined(f->words, t->parts[0].any[0].text, f->some.may);
	for (size_t w = 0; w < f->n; w++)
		f->sure[w] &= ~f->some.may[w];
	return e;
}

/* ---- Rows of a shard ---- */

/* The live records that begin before that place. */
static uint32_t live_before(const struct index *index, int64_t at)
{
	return (uint32_t)live_first(index->live, index->n_live, at);
}

/* How many rows of the shard begin before that place, as far as the index knows. */
static enum err count_before(const struct index *index, int64_t at, uint64_t *ret)
{
	uint64_t n = 0;
	for (size_t i = 0; i < index->n_segments; i++) {
		struct index_segment *s = &index->segments[i];
		const struct column *places;
		if (at <= s->from)
			break;
		if (at >= s->to) {
			n += s->n_rows;
			continue;
		}
		enum err e = segment_column(s, INDEX_AT, &places);
		if (e)
			return e;
		n += column_first_at(places, at);
	}
	*ret = n + live_before(index, at);
	return ERR_OK;
}

/* Where a row of the shard begins, as far as the index knows; INT64_MAX: there is none. */
static enum err place_of(const struct index *index, uint64_t row, int64_t *ret)
{
	for (size_t i = 0; i < index->n_segments; i++) {
		struct index_segment *s = &index->segments[i];
		const struct column *places;
		if (row >= s->n_rows) {
			row -= s->n_rows;
			continue;
		}
		enum err e = segment_column(s, INDEX_AT, &places);
		if (!e)
			*ret = column_value(places, (uint32_t)row);
		return e;
	}
	*ret = row < index->n_live ? live_row_at(index->live, row)->at : INT64_MAX;
	return ERR_OK;
}

/* Do so many rows begin before that place? */
static enum err is_count_before(const struct index *index, int64_t at, uint64_t n, bool *ret)
{
	int64_t last = INT64_MIN, next = INT64_MAX;
	enum err e = n ? place_of(index, n - 1, &last) : ERR_OK;
	if (!e)
		e = place_of(index, n, &next);
	*ret = last < at && next >= at;
	return e;
}

/* Are the rows that the index counts those that the word file counts? A line that was damaged when
 * one of them was made would move all that follow. Some of the blocks are asked. */
static enum err count_agrees(
	const struct index *index, struct words *w, uint64_t *ret_first, bool *ret_agrees)
{
	enum { STEP = 64 };
	const uint32_t *rows;
	uint64_t first;
	enum err e = count_before(index, words_from(w), &first);
	*ret_agrees = !e && words_block_rows(w, &rows) == ERR_OK;
	for (uint32_t i = 1; !e && *ret_agrees && i < words_n_blocks(w) + STEP; i += STEP) {
		uint32_t block = i < words_n_blocks(w) ? i : words_n_blocks(w);
		int64_t at = ((int64_t)words_first_block(w) + block) << words_block_bits(w);
		at = at < words_to(w) ? at : words_to(w);
		if (at > index->covered)
			break;
		e = is_count_before(index, at, first + rows[block], ret_agrees);
	}
	*ret_first = first;
	return e;
}

/* A text with bytes that no id has is in none of them. */
static void find_ids(struct finding *f, const struct search_term *t)
{
	bool may = !(words_id_bytes_of(t->needle.folded) & ~words_id_bytes(f->words));
	for (size_t w = 0; w < f->n; w++)
		f->may[w] = may ? f->may[w] : 0;
}

/* What it does not know, or knows of other rows than the index has, it does not say. */
static enum err make_area(struct search *s, const struct search_term *t, size_t shard,
	struct words *w, struct search_area *ret)
{
	struct arena *a = s->set->view->arena;
	size_t n = bits_words(words_n_rows(w));
	struct finding f = { .arena = a, .words = w, .n = n };
	bool ok;
	enum err e = count_agrees(&s->set->of[shard], w, &ret->first, &ok);
	if (e || !ok)
		return e;
	f.may = make_bits(a, n);
	f.sure = make_bits(a, n);
	f.some.may = arena_block(a, NULL, (n + 1) * sizeof(uint64_t));
	f.some.sure = arena_block(a, NULL, (n + 1) * sizeof(uint64_t));
	memset(f.may, 0xff, n * sizeof *f.may);
	memset(f.sure, t->sure_in ? 0xff : 0, n * sizeof *f.sure);
	if (n)
		f.may[n - 1] = bits_of_word(words_n_rows(w), n - 1);
	if (t->is_of_ids)
		find_ids(&f, t);
	else
		ok = find_rows(&f, t) == ERR_OK; /* damaged: as if it were not there */
	(void)arena_block(a, f.some.may, 0);     /* freed: there is no result */
	(void)arena_block(a, f.some.sure, 0);
	ret->n = ok ? words_n_rows(w) : 0;
	ret->may = f.may;
	ret->sure = f.sure;
	return ERR_OK;
}

static enum err find_area(struct search *s, const struct search_term *t, size_t shard, size_t file,
	struct search_area *ret)
{
	for (size_t i = 0; i < s->n_terms; i++) {
		const struct search_term *other = &s->terms[i];
		if (other->areas && other->areas[shard] && other->areas[shard][file].is_known &&
			search_is_same(other, t)) {
			*ret = other->areas[shard][file];
			return ERR_OK;
		}
	}
	enum err e = make_area(s, t, shard, index_words(s->set, shard)->files[file], ret);
	ret->is_known = !e;
	return e;
}

static enum err area_of(struct search *s, struct search_term *t, size_t shard, size_t file,
	const struct search_area **ret)
{
	const struct view *v = s->set->view;
	if (!t->areas)
		t->areas = arena_calloc(v->arena, v->n_shards, sizeof *t->areas);
	if (!t->areas[shard])
		t->areas[shard] =
			arena_calloc(v->arena, index_words(s->set, shard)->n, sizeof **t->areas);
	struct search_area *area = &t->areas[shard][file];
	*ret = area;
	return area->is_known ? ERR_OK : find_area(s, t, shard, file, area);
}

/* ---- Rows of a block ---- */

/* Of the shard, counted from its first. */
static uint64_t first_row_of(const struct index *index, const struct block *b)
{
	uint64_t n = 0;
	for (size_t i = 0; i < index->n_segments && &index->segments[i] != b->segment; i++)
		n += index->segments[i].n_rows;
	return n;
}

/* Bits [from, from + n) of `bits` go to [to, to + n), which are zero. */
static void copy_bits(const uint64_t *bits, uint64_t from, uint64_t to, uint64_t n, uint64_t *ret)
{
	for (uint64_t i = 0, some; i < n; i += some) {
		some = BITS - (to + i) % BITS;
		some = some < n - i ? some : n - i;
		uint64_t at = from + i, v = bits[at / BITS] >> at % BITS;
		if (at % BITS + some > BITS)
			v |= bits[at / BITS + 1] << (BITS - at % BITS);
		if (some < BITS)
			v &= (UINT64_C(1) << some) - 1;
		ret[(to + i) / BITS] |= v << (to + i) % BITS;
	}
}

static void set_rows(uint64_t *rows, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		bits_set(rows, i);
}

enum err search_rows(struct search *s, struct search_term *t, struct block *b, uint32_t first,
	uint32_t n, uint64_t *may, uint64_t *sure)
{
	struct row_ref ref, last;
	const struct search_area *area;
	memset(may, 0, bits_words(n) * sizeof *may);
	memset(sure, 0, bits_words(n) * sizeof *sure);
	enum err e = block_ref(b, first, &ref);
	if (!e)
		e = block_ref(b, first + n - 1, &last);
	if (e)
		return e;
	const struct words_list *l = index_words(s->set, ref.shard);
	uint64_t row = first_row_of(&s->set->of[ref.shard], b) + first, begin = row, end = row + n;
	/* Only of files of these lines anything is asked. */
	for (size_t i = 0; i < l->n && row < end && words_from(l->files[i]) <= last.at; i++) {
		if (words_to(l->files[i]) <= ref.at)
			continue;
		e = area_of(s, t, ref.shard, i, &area);
		if (e)
			return e;
		uint64_t area_end = area->first + area->n, from, to;
		from = area->first > row ? area->first : row;
		from = from < end ? from : end;
		to = area_end < end ? area_end : end;
		if (to <= from)
			continue;
		set_rows(may, row - begin, from - begin); /* no word file knows them */
		copy_bits(area->may, from - area->first, from - begin, to - from, may);
		copy_bits(area->sure, from - area->first, from - begin, to - from, sure);
		row = to;
	}
	set_rows(may, row - begin, n);
	return ERR_OK;
}

/* One word alone. */
static bool can_be_counted(const struct search_term *t)
{
	return !t->is_of_ids && t->n_parts == 1 && t->parts[0].n == 1;
}

/* It does match wherever it may. */
static bool is_sure(const struct search_term *t)
{
	return t->sure_in && t->sure_in == t->may_in && !t->is_bounded;
}

enum err search_count(
	struct search *s, struct search_term *t, struct block *b, uint32_t *ret_n, bool *ret_known)
{
	struct row_ref ref;
	uint64_t first;
	*ret_known = false;
	if (!can_be_counted(t) || !b->segment || b->n_rows == 0)
		return ERR_OK;
	enum err e = block_ref(b, 0, &ref);
	if (e)
		return e;
	const struct index *index = &s->set->of[ref.shard];
	const struct words_list *l = index_words(s->set, ref.shard);
	for (size_t i = 0; i < l->n; i++) {
		struct words *w = l->files[i];
		bool agrees;
		if (words_n_rows(w) != b->n_rows || words_from(w) > ref.at || words_to(w) <= ref.at)
			continue;
		e = count_agrees(index, w, &first, &agrees);
		if (e || !agrees || first != first_row_of(index, b))
			return e;
		/* Damaged: as if it were not there. */
		if (words_count(w, t->parts[0].any, t->may_in, ret_n, ret_known))
			*ret_known = false;
		*ret_known = *ret_known && (is_sure(t) || *ret_n == 0);
		return ERR_OK;
	}
	return ERR_OK;
}
