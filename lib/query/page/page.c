#include "query/page/interval.h"

enum {
	SPARSE = 16, /* one row in that many is looked up by itself */
	NO_CODE = -1
};

/* ---- Rows ---- */

/* The rows of a zone that may be in the page. */
struct zone {
	uint32_t block, first, n;
	uint64_t rows[ZONE_WORDS];
};

static bool is_in_range(struct selection *s, struct page_item *i)
{
	return (!s->has_after || pager_compare(i, &s->after, &s->pager) > 0) &&
	       (!s->has_before || pager_compare(i, &s->before, &s->pager) < 0);
}

/* True when the first key alone says that the row comes after the page. */
static inline bool page_is_late(const struct selection *s, const struct page_item *i)
{
	return i->is_absent ? !s->pager.is_backward && s->high < UINT64_MAX : i->key > s->high;
}

/* The key of that rank. Leaves the lesser ones before it and the greater ones after it. */
static uint64_t select_key(uint64_t *keys, size_t n, size_t rank)
{
	ptrdiff_t first = 0, last = (ptrdiff_t)n - 1, at = (ptrdiff_t)rank;
	uint64_t random = n;
	while (first < last) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		uint64_t pivot =
			keys[first + (ptrdiff_t)((random >> 33) % (uint64_t)(last - first + 1))];
		ptrdiff_t i = first, j = last;
		while (i <= j) {
			while (keys[i] < pivot)
				i++;
			while (keys[j] > pivot)
				j--;
			if (i <= j) {
				uint64_t key = keys[i];
				keys[i++] = keys[j];
				keys[j--] = key;
			}
		}
		if (j < at)
			first = i;
		if (i > at)
			last = j;
	}
	return keys[rank];
}

static uint64_t n_left(const struct selection *s)
{
	return s->to > s->n_before ? s->to - s->n_before : 0;
}

/* Forgets the keys that come after the page. */
static void cut_keys(struct selection *s)
{
	uint64_t n = n_left(s);
	if (n == 0 || n > s->n_keys)
		return;
	s->high = select_key(s->keys, s->n_keys, n - 1);
	s->n_keys = n;
}

/* Returns how many keys there is room for at first: twice those of the page and the pages before
 * it, so that they are rarely cut and the array of a deep page need not grow. */
static size_t first_keys_room(const struct selection *s)
{
	enum { LEAST = 256, MOST = 1 << 18 };
	uint64_t n = n_left(s);
	return n < LEAST / 2 ? LEAST : n > MOST / 2 ? MOST : (size_t)(n + n / 4);
}

/* Rows of which the first key does not tell whether they are between the positions do not count. */
static void take_key(struct selection *s, const struct page_item *i)
{
	if (i->is_absent || (s->has_after && pager_compare_keys(&s->pager, i, &s->after) <= 0) ||
		(s->has_before && pager_compare_keys(&s->pager, i, &s->before) >= 0))
		return;
	if (s->n_keys == s->keys_room) {
		cut_keys(s);
		if (s->n_keys >= s->keys_room / 8 * 7) {
			s->keys_room = s->keys_room ? s->keys_room * 2 : first_keys_room(s);
			s->keys = arena_block(
				s->pager.arena, s->keys, s->keys_room * sizeof *s->keys);
		}
	}
	if (i->key <= s->high)
		s->keys[s->n_keys++] = i->key;
}

static inline void page_take(struct selection *s, struct page_item *i)
{
	if (page_is_late(s, i))
		return;
	if (i->key < s->low && !i->is_absent)
		s->n_before++;
	else if (s->is_first_look)
		take_key(s, i);
	else if (is_in_range(s, i))
		(void)heap_put(&s->heap, i);
}

static void page_take_number(struct selection *s, const struct page_key *key, struct page_item *i,
	int64_t v, int64_t started)
{
	const struct sort_key *k = &s->pager.query->sort[0];
	bool has = column_has(key->column, i->row);
	if (key->started)
		has = has && column_has(key->started, i->row) &&
		      !__builtin_sub_overflow(v, started, &v) && v >= 0;
	i->is_absent = !has && !k->absent_is_zero;
	i->key = i->is_absent ? 0 : pager_number(&s->pager, has ? v : 0);
	page_take(s, i);
}

/* Takes a row by its text. *late is a code of a sorted dictionary whose text comes after the page,
 * as the texts of all codes beyond it do; NO_CODE: none is known yet. */
static enum err page_take_text(struct selection *s, const struct page_key *key, struct page_item *i,
	int64_t code, int64_t *late)
{
	struct block *b = &s->pager.snapshot->blocks[i->block];
	const struct sort_key *k = &s->pager.query->sort[0];
	bool falls = k->descending != s->pager.is_backward;
	struct str text = STR("");
	if (code == NO_CODE && !k->absent_is_zero) {
		i->is_absent = true;
		page_take(s, i);
		return ERR_OK;
	}
	if (code != NO_CODE && *late != NO_CODE && (falls ? code <= *late : code >= *late))
		return ERR_OK;
	enum err e = code == NO_CODE ? ERR_OK : block_text(b, key->texts, (uint32_t)code, &text);
	if (e)
		return e;
	i->key = pager_head(&s->pager, text);
	if (page_is_late(s, i) && key->texts->is_sorted && code != NO_CODE)
		*late = code;
	else
		page_take(s, i);
	return ERR_OK;
}

/* Drops the rows whose value is not in [low, high]. */
static void keep_values(const struct column *c, uint32_t first, uint32_t n, int64_t low,
	int64_t high, bool keeps_absent, uint64_t *rows)
{
	struct column_test test = { .codes = NULL, .stored_low = 1 };
	uint64_t in[ZONE_WORDS], present[ZONE_WORDS];
	if (c->n_present)
		column_stored_range(c, low, high, &test.stored_low, &test.stored_high);
	column_match(c, first, n, &test, test.stored_low <= test.stored_high, in);
	column_present(c, first, n, present);
	for (size_t w = 0; w < bits_words(n); w++)
		rows[w] &= in[w] | (keeps_absent ? ~present[w] : 0);
}

/* Drops the rows whose key is not in [first, last]; with keeps_absent not those without a value,
 * which come after all others. */
static void keep_keys(const struct selection *s, const struct column *c, const struct zone *z,
	uint64_t first, uint64_t last, bool keeps_absent, uint64_t *rows)
{
	const struct pager *p = &s->pager;
	bool falls = p->query->sort[0].descending != p->is_backward;
	int64_t x = pager_value(p, first), y = pager_value(p, last);
	uint64_t zero = pager_number(p, 0);
	if (p->query->sort[0].absent_is_zero)
		keeps_absent = zero >= first && zero <= last;
	else if (p->is_backward)
		keeps_absent = true;
	keep_values(c, z->first, z->n, falls ? y : x, falls ? x : y, keeps_absent, rows);
}

/* Drops the rows that the first key shows to be out of the page, without a look at each. */
static void drop_numbers(struct selection *s, const struct column *c, struct zone *z)
{
	uint64_t before[ZONE_WORDS];
	size_t n_words = bits_words(z->n);
	if (s->low) {
		memcpy(before, z->rows, n_words * sizeof *before);
		keep_keys(s, c, z, 0, s->low - 1, false, before);
		s->n_before += bits_count(before, n_words);
	}
	keep_keys(s, c, z, s->low, s->high, s->high == UINT64_MAX, z->rows);
}

/* Takes the rows of a zone, in the direction in which times mostly ascend. */
static enum err page_take_rows(
	struct selection *s, struct zone *z, struct page_key *key, int64_t *late)
{
	const struct column *c = key->texts ? key->texts->codes : key->column;
	bool falls = s->pager.query->sort[0].descending != s->pager.is_backward;
	size_t n_words = bits_words(z->n);
	bool is_read = key->started || bits_count(z->rows, n_words) >= z->n / SPARSE;
	enum err e = ERR_OK;
	if (is_read)
		column_read(c, z->first, z->n, NO_CODE, s->values);
	if (key->started)
		column_read(key->started, z->first, z->n, 0, s->starts);
	for (size_t k = 0; !e && k < n_words; k++) {
		size_t w = falls ? n_words - 1 - k : k;
		for (uint64_t in = z->rows[w]; !e && in;) {
			unsigned bit =
				(unsigned)(falls ? 63 - __builtin_clzll(in) : __builtin_ctzll(in));
			uint32_t at = (uint32_t)(w * BITS) + bit;
			struct page_item i = {
				.rest = STR_NULL, .block = z->block, .row = z->first + at
			};
			int64_t v = is_read                ? s->values[at]
				    : column_has(c, i.row) ? column_value(c, i.row)
							   : NO_CODE;
			in &= ~(UINT64_C(1) << bit);
			if (key->texts)
				e = page_take_text(s, key, &i, v, late);
			else
				page_take_number(s, key, &i, v, key->started ? s->starts[at] : 0);
		}
	}
	return e ? e : s->pager.error;
}

static enum err take_zone(
	struct selection *s, uint32_t block, struct page_key *key, uint32_t zone, int64_t *late)
{
	const struct block *b = &s->pager.snapshot->blocks[block];
	bool falls = s->pager.query->sort[0].descending != s->pager.is_backward;
	uint32_t first = zone * INDEX_ZONE_ROWS, left = b->n_rows - first;
	struct zone z = { block, first, left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS, { 0 } };
	for (size_t w = 0; w < bits_words(z.n); w++)
		z.rows[w] = block_selected(b, first / BITS + w);
	if (bits_count(z.rows, bits_words(z.n)) == 0)
		return ERR_OK;
	if (snapshot_is_late(s->pager.snapshot))
		return ERR_BUDGET;
	if (key->texts && *late != NO_CODE)
		keep_values(key->texts->codes, first, z.n, falls ? *late + 1 : 0,
			falls ? INT64_MAX : *late - 1, true, z.rows);
	else if (!key->texts && !key->started && !key->column->relative)
		drop_numbers(s, key->column, &z);
	return page_take_rows(s, &z, key, late);
}

/* Takes the rows of a block when there is no sort key: they come in the order of their places. */
static enum err take_unsorted(struct selection *s, uint32_t block)
{
	const struct block *b = &s->pager.snapshot->blocks[block];
	uint32_t row;
	BLOCK_EACH_SELECTED(b, row)
	{
		struct page_item i = { .rest = STR_NULL, .block = block, .row = row };
		page_take(s, &i);
	}
	return s->pager.error;
}

static enum err take_interval(struct selection *s, const struct interval *i)
{
	struct block *b = &s->pager.snapshot->blocks[i->block];
	struct page_key *key;
	int64_t late = NO_CODE;
	uint32_t n_zones = (b->n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS;
	enum err e = block_load_selected(b);
	if (e || s->pager.query->n_sort == 0)
		return e ? e : take_unsorted(s, i->block);
	e = pager_key(&s->pager, i->block, 0, &key);
	if (!e && key->texts)
		e = block_text_codes(b, key->texts);
	if (!e && i->zone != INTERVAL_WHOLE_BLOCK)
		return take_zone(s, i->block, key, i->zone, &late);
	for (uint32_t z = 0; !e && z < n_zones; z++)
		e = take_zone(s, i->block, key, z, &late);
	return e;
}

static enum err page_look(struct selection *s)
{
	enum err e = ERR_OK;
	s->n_before = 0;
	for (size_t i = 0; i < s->n; i++)
		s->n_before += s->intervals[i].last < s->low ? s->intervals[i].n_rows : 0;
	for (size_t i = 0; !e && i < s->n && s->intervals[i].first <= s->high; i++) {
		const struct interval *in = &s->intervals[i];
		if (in->last >= s->low && !selection_is_outside(s, in))
			e = take_interval(s, in);
	}
	return e;
}

/* Finds the keys of the first and the last row of the page. */
static enum err find_keys(struct selection *s)
{
	s->is_first_look = true;
	enum err e = page_look(s);
	uint64_t rank = s->from - s->n_before;
	cut_keys(s);
	if (!e && !s->has_after && !s->has_before && s->from >= s->n_before && rank < s->n_keys)
		s->low = select_key(s->keys, s->n_keys, rank);
	if (s->keys)
		s->keys = arena_block(s->pager.arena, s->keys, 0);
	s->is_first_look = false;
	return e;
}

/* ---- The page ---- */

static void page_make_rows(
	struct selection *s, uint64_t from, uint64_t to, struct block_row **ret, size_t *ret_n)
{
	size_t n = to < s->heap.n ? to : s->heap.n;
	if (from >= n)
		return;
	const struct page_item *items = heap_finish(&s->heap, from);
	*ret_n = n - from;
	*ret = arena_calloc(s->pager.arena, *ret_n, sizeof **ret);
	for (size_t i = 0; i < *ret_n; i++)
		(*ret)[s->pager.is_backward ? *ret_n - 1 - i : i] =
			(struct block_row){ items[i].block, items[i].row };
}

static void find_positions(struct selection *s)
{
	const struct query *q = s->pager.query;
	bool backward = s->pager.is_backward;
	s->has_after = backward ? q->before : q->after;
	s->has_before = backward ? q->after : q->before;
	if (s->has_after)
		s->after = pager_position(&s->pager, backward);
	if (s->has_before)
		s->before = pager_position(&s->pager, !backward);
}

enum err page_select(struct snapshot *s, const struct query *q, uint64_t from, uint64_t to,
	struct block_row **ret, size_t *ret_n, bool *ret_has_more)
{
	uint64_t n_all = snapshot_count(s);
	bool is_bounded = q->after || q->before;
	*ret = NULL;
	*ret_n = 0;
	*ret_has_more = !is_bounded && to < n_all;
	to = to < n_all ? to : n_all;
	if (n_all == 0 || (from >= to && !is_bounded))
		return ERR_OK;
	struct selection *l = arena_alloc(s->view->arena, sizeof *l);
	l->from = from;
	l->to = to + is_bounded;
	l->values = arena_room(s->view->arena, INDEX_ZONE_ROWS, sizeof *l->values);
	l->starts = arena_room(s->view->arena, INDEX_ZONE_ROWS, sizeof *l->starts);
	pager_init(&l->pager, s, q);
	find_positions(l);
	enum err e = selection_find_intervals(l);
	if (!e && q->n_sort && l->to < n_all)
		e = find_keys(l);
	heap_init(&l->heap, l->pager.arena, sizeof(struct page_item), l->to, pager_compare,
		&l->pager);
	if (!e)
		e = page_look(l);
	/* The values of a column are not within its bounds, or those of its zones. */
	if (!e && !is_bounded && (l->n_before > from || l->n_before + l->heap.n < to))
		e = ERR_UNSAFE;
	if (!e) {
		*ret_has_more = is_bounded ? l->heap.n > to : *ret_has_more;
		page_make_rows(l, from - l->n_before, to - l->n_before, ret, ret_n);
		e = l->pager.error;
	}
	heap_release(&l->heap);
	if (l->intervals)
		l->intervals = arena_block(l->pager.arena, l->intervals, 0);
	pager_release(&l->pager);
	return e;
}
