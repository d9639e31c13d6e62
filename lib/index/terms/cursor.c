#include "index/terms/cursor.h"

void terms_cursor_init(struct terms_cursor *c, struct terms *t)
{
	*c = (struct terms_cursor){ .terms = t, .left = STR("\n") };
	postings_buf_init(&c->postings, t->arena);
}

void terms_cursor_release(struct terms_cursor *c)
{
	postings_buf_release(&c->postings);
}

static enum err cursor_next_page(struct terms_cursor *c)
{
	enum err e = terms_load(c->terms, c->page, &c->left);
	if (!e)
		e = terms_load_postings(c->terms, c->page, &c->postings_left);
	c->page++;
	return e;
}

/* The key of the page that was read last. */
static uint64_t cursor_page_key(const struct terms_cursor *c)
{
	return terms_key(str_of(c->terms->pages[c->page - 1].key, TERM_KEY_BYTES));
}

enum err terms_cursor_next(struct terms_cursor *c)
{
	struct str one;
	bool is_first = c->left.len <= 1;
	if (is_first) {
		if (c->page == c->terms->header.n_pages) {
			c->term = STR("");
			return ERR_OK;
		}
		enum err e = cursor_next_page(c);
		if (e)
			return e;
	}
	c->left = str_skip(c->left, 1);
	c->term = str_first(c->left, str_index(c->left, '\n'));
	c->left = str_skip(c->left, c->term.len);
	c->is_hex = terms_is_hex(c->term);
	c->key = terms_key(c->term);
	/* Else searches look for it on other pages. */
	if (is_first && c->key != cursor_page_key(c))
		return ERR_UNSAFE;
	postings_buf_reset(&c->postings);
	if (c->term.len == 0 || !postings_skip(&c->postings_left, &one) ||
		!postings_read(one, terms_n_rows(c->terms), &c->postings))
		return ERR_UNSAFE;
	return ERR_OK;
}

/* ---- Checking ---- */

struct terms_checker {
	char last[TERM_MAX_BYTES];
	size_t last_len; /* 0: there was none */
	bool last_is_hex;
	uint32_t specials;
	uint64_t *rows; /* bits, all zero between two terms */
	uint64_t n_terms;
};

/* True if n_texts is the number of rows in the lists of texts. */
static bool check_counts(struct terms_checker *k, const struct postings *p)
{
	uint32_t n = 0;
	for (unsigned list = 0; list < POSTINGS_LISTS; list++)
		for (uint32_t i = 0; (TERM_IN_TEXTS >> list & 1) && i < p->n[list]; i++) {
			uint32_t row = p->rows[list][i];
			n += !bits_has(k->rows, row);
			bits_set(k->rows, row);
		}
	for (unsigned list = 0; list < POSTINGS_LISTS; list++)
		for (uint32_t i = 0; i < p->n[list]; i++)
			k->rows[p->rows[list][i] / 64] = 0;
	return n == p->n_texts;
}

static const char *check_term(struct terms_checker *k, const struct terms_cursor *c)
{
	const struct postings p = postings_buf_view(&c->postings);
	if (c->term.len > TERM_MAX_BYTES)
		return "a term is too long";
	if (k->last_len && terms_compare(k->last_is_hex, str_of(k->last, k->last_len), c->is_hex,
				   c->term) >= 0)
		return "terms are not in order";
	if (c->is_hex != (c->page > c->terms->header.n_plain_pages))
		return "a term is on a page of others";
	if (!check_counts(k, &p))
		return "a term has another number of rows than it says";
	if (c->term.len == 1 && (unsigned char)c->term.ptr[0] < 32)
		k->specials |= UINT32_C(1) << c->term.ptr[0];
	memcpy(k->last, c->term.ptr, k->last_len = c->term.len);
	k->last_is_hex = c->is_hex;
	k->n_terms++;
	return NULL;
}

static const char *check_all(struct terms_checker *k, struct terms_cursor *c)
{
	const struct terms_header *h = &c->terms->header;
	for (;;) {
		if (terms_cursor_next(c))
			return "a page of terms is damaged";
		if (c->term.len == 0)
			return k->n_terms != h->n_terms     ? "terms are missing"
			       : k->specials != h->specials ? "the header lacks an entry"
							    : NULL;
		const char *reason = check_term(k, c);
		if (reason)
			return reason;
	}
}

enum err terms_check(struct terms *t, const char **ret_reason)
{
	struct terms_checker k = { .n_terms = 0 };
	struct terms_cursor c;
	size_t n_bytes = ((size_t)t->header.n_rows / 64 + 1) * sizeof *k.rows;
	k.rows = arena_block(t->arena, NULL, n_bytes);
	memset(k.rows, 0, n_bytes);
	terms_cursor_init(&c, t);
	const char *reason = check_all(&k, &c);
	terms_cursor_release(&c);
	(void)arena_block(t->arena, k.rows, 0); /* freed: there is no result */
	if (!reason)
		return ERR_OK;
	*ret_reason = reason;
	return ERR_UNSAFE;
}
