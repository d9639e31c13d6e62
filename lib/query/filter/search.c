#include "query/filter/search.h"

#include "query/match/text.h"
#include "json/read.h"

#include <stdlib.h>

/* ---- What a predicate looks for ---- */

enum { ESCAPE_TAIL_MAX = 5 }; /* u001f */

static void add_part(struct search_term *t, struct term_pattern part, struct arena *a)
{
	struct term_pattern *one = arena_alloc(a, sizeof *one);
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
static void add_cut_part(struct search_term *t, struct term_pattern part, struct arena *a)
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
		p->any[p->n++] = (struct term_pattern){ str_skip(part.text, n), true, part.is_end };
	}
	t->n_parts++;
}

/* Too short to tell much: most blocks have it. */
static bool is_weak(const struct term_pattern *p)
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
	while (token_next(text, &at, &word))
		n++;
	t->parts = arena_calloc(a, n, sizeof *t->parts);
	at = 0;
	while (token_next(text, &at, &word)) {
		bool is_first = word.ptr == text.ptr,
		     is_last = word.ptr + word.len == text.ptr + text.len;
		bool is_letters = token_is_letters(word);
		struct term_pattern part = { word, whole || !is_letters || !is_first,
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
	while (token_next(phrase, &at, &word))
		if (word.len > longest.len)
			longest = word;
	return longest;
}

static bool is_covered(const struct pred *p)
{
	struct field_set covered = terms_fields();
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

/* The kinds of fields (enum term_fields) that hold a field of a predicate. */
static unsigned kinds_of_field(unsigned field)
{
	return field == QUERY_ANY_TEXT ? TERM_IN_TEXTS : terms_field_kind((enum field)field);
}

/* Does the predicate match whatever has the text within a word? Term files have both at once: what
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
	return token_next(text, &at, &word) && token_is_letters(word) && word.len == text.len;
}

/* One word, with whatever separates words around it. */
static bool has_one_word(struct str text)
{
	size_t at = 0;
	struct str word, next;
	return token_next(text, &at, &word) && token_is_letters(word) &&
	       !token_next(text, &at, &next);
}

static void set_fields(struct search_term *t, struct str text)
{
	const struct pred *p = t->pred;
	bool is_alone =
		p->field == QUERY_ANY_TEXT || p->field == FIELD_INPUT || p->field == FIELD_OUTPUT;
	t->is_bounded = t->is_phrase;
	t->fields = kinds_of_field(p->field);
	if (p->fallback)
		t->fields |= kinds_of_field(p->fallback);
	t->is_sure =
		is_alone && !p->fallback && str_is_null(p->path) && t->n_parts == 1 &&
		(t->is_phrase ? has_one_word(text) : is_one_word(text) && means_within_word(p));
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

/* ---- The terms of a query ---- */

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
	if (x->n_parts != y->n_parts || x->fields != y->fields || x->is_sure != y->is_sure ||
		x->is_bounded != y->is_bounded)
		return false;
	for (size_t i = 0; i < x->n_parts; i++)
		if (!is_same_part(&x->parts[i], &y->parts[i]))
			return false;
	return true;
}
