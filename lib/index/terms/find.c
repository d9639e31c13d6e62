/* Finding terms in a term file: terms.h. */
#include "index/terms/file.h"

#include "base/text_find.h"

/* Searches terms page by page, for setting bits or for counting. */
struct term_search {
	struct terms *terms;
	struct text_needle needle;
	bool is_start;
	unsigned fields;
	uint64_t *rows; /* bits to set; NULL: count */
	uint32_t n_terms, n_rows;
};

/* ERR_NOT_FOUND ends a count that is not known. */
static enum err search_take(struct term_search *s, struct str one)
{
	uint32_t n_rows = terms_n_rows(s->terms);
	if (s->rows)
		return postings_find(one, n_rows, s->fields, s->rows) ? ERR_OK : ERR_UNSAFE;
	/* The rows of a second term may be the same. */
	if (s->n_terms++ == 0 && postings_count(one, n_rows, s->fields, &s->n_rows))
		return ERR_OK;
	return ERR_NOT_FOUND;
}

static uint32_t count_terms(struct str terms)
{
	uint32_t n = 0;
	for (size_t i = 0; i < terms.len; i++)
		n += terms.ptr[i] == '\n';
	return n;
}

static enum err search_page(struct term_search *s, uint32_t page)
{
	struct str terms, postings = STR_NULL, one;
	size_t at = 0, counted = 1;
	uint32_t number = 0, next = 0; /* of the term; of the first whose postings are left */
	enum err e = terms_load(s->terms, page, &terms);
	while (!e && (at = text_find(&s->needle, terms, at)) < terms.len) {
		size_t in_term = at + s->is_start;
		number += count_terms(str_of(terms.ptr + counted, in_term - counted));
		if (str_is_null(postings))
			e = terms_load_postings(s->terms, page, &postings);
		for (; !e && next <= number; next++)
			if (!postings_skip(&postings, &one))
				e = ERR_UNSAFE;
		if (!e)
			e = search_take(s, one);
		/* On to the next term. */
		counted = in_term;
		at = in_term + str_index(str_skip(terms, in_term), '\n');
	}
	return e;
}

struct page_range {
	uint32_t from, to;
};

/* Narrows a range to the pages that can hold terms that begin with the text. */
static struct page_range find_pages(const struct terms *t, struct str text, struct page_range in)
{
	char key[TERM_KEY_BYTES] = { 0 };
	uint32_t from = in.from, to = in.to;
	size_t n = text.len < TERM_KEY_BYTES ? text.len : TERM_KEY_BYTES;
	memcpy(key, text.ptr, n);
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (memcmp(t->pages[middle].key, key, sizeof key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	while (to < in.to && memcmp(t->pages[to].key, text.ptr, n) == 0)
		to++;
	/* The first term of the page before is smaller. */
	return (struct page_range){ from > in.from ? from - 1 : in.from, to };
}

static enum err search_pages(
	struct term_search *s, const struct term_pattern *pattern, struct page_range pages)
{
	enum err e = ERR_OK;
	if (pattern->is_start)
		pages = find_pages(s->terms, pattern->text, pages);
	for (uint32_t i = pages.from; !e && i < pages.to; i++)
		e = search_page(s, i);
	return e;
}

static enum err search_terms(struct term_search *s, const struct term_pattern *pattern)
{
	char bytes[TERM_MAX_BYTES + 2];
	size_t n = 0;
	const struct terms_header *h = &s->terms->header;
	const struct page_range plain = { 0, h->n_plain_pages }, hex = { plain.to, h->n_pages };
	bool is_hex = terms_is_hex(pattern->text), is_whole = pattern->is_start && pattern->is_end;
	if (pattern->is_start)
		bytes[n++] = '\n';
	memcpy(bytes + n, pattern->text.ptr, pattern->text.len);
	n += pattern->text.len;
	if (pattern->is_end)
		bytes[n++] = '\n';
	s->is_start = pattern->is_start;
	text_needle_init(&s->needle, str_of(bytes, n));
	enum err e = is_hex && is_whole ? ERR_OK : search_pages(s, pattern, plain);
	return e || !is_hex ? e : search_pages(s, pattern, hex);
}

static enum err find_entry(struct terms *t, struct str text, unsigned fields, uint64_t *rows)
{
	struct term_search s = { .terms = t, .fields = fields, .rows = rows };
	const struct term_pattern whole = { text, true, true };
	return search_terms(&s, &whole);
}

static bool has_special(const struct terms *t, struct str which)
{
	return t->header.specials >> which.ptr[0] & 1;
}

static enum err find_special(struct terms *t, struct str which, unsigned fields, uint64_t *ret_rows)
{
	return has_special(t, which) ? find_entry(t, which, fields, ret_rows) : ERR_OK;
}

enum err terms_find_special(struct terms *t, struct str which, uint64_t *ret_rows)
{
	return find_special(t, which, TERM_IN_ANY, ret_rows);
}

/* Sets *ret to the entry of the rows where the term is joined. False: it is too long for one. */
static bool joined_entry(struct str term, char to[static TERM_MAX_BYTES], struct str *ret)
{
	if (term.len >= TERM_MAX_BYTES)
		return false;
	to[0] = TERM_JOINED_PREFIX;
	memcpy(to + 1, term.ptr, term.len);
	*ret = str_of(to, term.len + 1);
	return true;
}

/* True if this term may stand next to a character beyond ASCII anywhere. */
static enum err may_be_joined(struct terms *t, struct str term, bool *ret)
{
	char bytes[TERM_MAX_BYTES];
	struct str text;
	struct term_search s = { .terms = t };
	*ret = has_special(t, TERM_JOINED) || has_special(t, TERM_ANY);
	if (*ret || !joined_entry(term, bytes, &text))
		return ERR_OK;
	const struct term_pattern whole = { text, true, true };
	enum err e = search_terms(&s, &whole);
	*ret = s.n_terms > 0;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err terms_find_joined(struct terms *t, struct str term, uint64_t *ret_rows)
{
	char bytes[TERM_MAX_BYTES];
	struct str text;
	enum err e = terms_find_special(t, TERM_JOINED, ret_rows);
	if (!e)
		e = terms_find_special(t, TERM_ANY, ret_rows); /* the entry may be left out */
	return !e && joined_entry(term, bytes, &text) ? find_entry(t, text, TERM_IN_ANY, ret_rows)
						      : e;
}

/* True if a term that is too long may contain the text. */
static bool may_be_in_long(const struct term_pattern *pattern)
{
	return pattern->text.len > TERM_MAX_BYTES || !(pattern->is_start && pattern->is_end);
}

enum err terms_count(struct terms *t, const struct term_pattern *pattern, unsigned fields,
	bool bounded, uint32_t *ret_n, bool *ret_known)
{
	struct term_search s = { .terms = t, .fields = fields };
	bool is_unknown = pattern->text.len > TERM_MAX_BYTES || has_special(t, TERM_ANY) ||
			  (may_be_in_long(pattern) && has_special(t, TERM_LONG));
	enum err e = ERR_OK;
	if (!is_unknown && bounded)
		e = may_be_joined(t, pattern->text, &is_unknown);
	if (!e && !is_unknown)
		e = search_terms(&s, pattern);
	*ret_known = !e && !is_unknown;
	*ret_n = s.n_rows;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err terms_find(struct terms *t, const struct term_pattern *pattern, unsigned fields,
	const struct terms_rows *ret)
{
	struct term_search s = { .terms = t, .fields = fields, .rows = ret->matches };
	enum err e = find_special(t, TERM_ANY, fields, ret->unknown);
	if (!e && may_be_in_long(pattern) && token_is_letters(pattern->text))
		e = find_special(t, TERM_LONG, fields, ret->unknown);
	if (!e && pattern->text.len <= TERM_MAX_BYTES)
		e = search_terms(&s, pattern);
	return e;
}
