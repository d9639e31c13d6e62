#include "query/filter/counted.h"

/* ---- Asking for them ---- */

static enum err load_rows(const struct block_counted *c, struct block *b, uint64_t *ret_n)
{
	size_t n = bits_words(b->n_rows);
	uint64_t *candidates = arena_calloc(b->set->view->arena, 2 * n, sizeof *candidates),
		 *matches = candidates + n;
	enum err e = search_rows(c->search, c->term, b, 0, b->n_rows, candidates, matches);
	b->counted = NULL;
	b->selected = matches;
	b->n_selected = (uint32_t)bits_count(matches, n);
	*ret_n += b->n_selected;
	return e || b->n_selected == bits_count(candidates, n) ? e : ERR_UNSAFE;
}

static enum err load_counted(const struct block_counted *c)
{
	uint64_t n = 0;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < c->n_blocks; i++)
		e = load_rows(c, &c->first[i], &n);
	return e || n == c->n_rows ? e : ERR_UNSAFE;
}

enum err block_load_selected(struct block *b)
{
	enum { CHUNK = 512 };
	int64_t rows[CHUNK];
	const struct column *root;
	if (b->counted)
		return load_counted(b->counted);
	if (!b->selects_roots)
		return ERR_OK;
	enum err e = segment_column(b->segment, INDEX_TRACE_ROOT, &root);
	if (e)
		return e;
	uint64_t *selected =
		arena_calloc(b->set->view->arena, bits_words(b->n_rows), sizeof *selected);
	for (uint32_t at = 0; at < root->n_rows; at += CHUNK) {
		uint32_t n = root->n_rows - at < CHUNK ? root->n_rows - at : CHUNK;
		column_read(root, at, n, -1, rows);
		for (uint32_t i = 0; i < n; i++)
			if (rows[i] >= 0 && rows[i] < b->n_rows)
				bits_set(selected, (size_t)rows[i]);
	}
	b->selected = selected;
	b->n_selected = (uint32_t)bits_count(selected, bits_words(b->n_rows));
	b->selects_roots = false;
	return ERR_OK;
}

/* ---- Counting ---- */

bool counted_asks_only_words(const struct row_filter *filter)
{
	for (size_t i = 0; i < filter->n_clauses; i++)
		for (size_t k = 0; k < filter->clauses[i].n; k++)
			if (filter->clauses[i].tests[k].how != ROW_FILTER_WORDS)
				return false;
	return true;
}

bool counted_was_asked(const struct row_filter_clause *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (search_is_same(c->tests[k].term, c->tests[i].term))
			return true;
	return false;
}

static bool has_the_same_words(const struct row_filter_clause *x, const struct row_filter_clause *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (y->tests[i].how != ROW_FILTER_WORDS || x->tests[i].term != y->tests[i].term)
			return false;
	return true;
}

bool counted_asks_the_same(const struct row_filter *x, const struct row_filter *y)
{
	if (x->is_empty || y->is_empty || x->n_clauses != y->n_clauses)
		return false;
	for (size_t i = 0; i < x->n_clauses; i++)
		if (!has_the_same_words(&x->clauses[i], &y->clauses[i]))
			return false;
	return true;
}

/* Returns how many blocks, from this one on, have the n_rows rows of a term file. 0: they do not
 * ask for the same words, or share a block with other rows. */
static size_t blocks_of_file(
	const struct index *index, const struct row_filter *filter, uint32_t n_rows)
{
	const struct block *b = filter->block;
	size_t n = 0, left = index->n_segments - (size_t)(b->segment - index->segments);
	uint64_t sum = 0;
	for (; sum < n_rows && n < left; n++) {
		if (b[n].n_superseded || !counted_asks_the_same(filter, filter + n))
			return 0;
		sum += b[n].n_rows;
	}
	return sum == n_rows ? n : 0;
}

/* Counts the rows of a clause in a term file. Their number is only known when at most one of the
 * tests has rows: *ret_term. */
static enum err count_in_file(struct search *s, const struct row_filter_clause *c, size_t shard,
	size_t file, struct search_term **ret_term, uint32_t *ret_n, bool *ret_known)
{
	uint32_t n;
	*ret_n = 0;
	*ret_known = true;
	for (size_t i = 0; i < c->n; i++) {
		if (counted_was_asked(c, i))
			continue;
		enum err e = search_count(s, c->tests[i].term, shard, file, &n, ret_known);
		*ret_known = *ret_known && (n == 0 || *ret_n == 0);
		if (e || !*ret_known)
			return e;
		if (n) {
			*ret_n = n;
			*ret_term = c->tests[i].term;
		}
	}
	return ERR_OK;
}

enum err counted_find(struct index_set *set, const struct row_filter *filter, size_t *ret_n)
{
	struct block *b = filter->block;
	struct search_term *term = NULL;
	size_t shard, file, n = 0;
	uint32_t n_rows;
	bool is_known;
	*ret_n = 0;
	if (filter->is_empty || !b->segment || b->n_superseded || filter->n_clauses != 1 ||
		!counted_asks_only_words(filter))
		return ERR_OK;
	enum err e = search_file_at(filter->search, b, &shard, &file, &n_rows);
	if (!e && n_rows)
		n = blocks_of_file(&set->of[shard], filter, n_rows);
	if (e || n == 0)
		return e;
	e = count_in_file(
		filter->search, &filter->clauses[0], shard, file, &term, &n_rows, &is_known);
	if (e || !is_known)
		return e;
	*ret_n = n;
	b->n_selected = n_rows;
	if (n_rows) {
		b->counted = arena_alloc(set->view->arena, sizeof *b->counted);
		*b->counted = (struct block_counted){ filter->search, term, b, n, n_rows };
	}
	return ERR_OK;
}
