/* Which rows a term may stand in, by the word files of their shards: search.h. */
#include "query/search.h"

/* ---- Looking words up ---- */

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
static enum err count_agrees(const struct index *index, struct words *w, struct search_file *ret)
{
	enum { STEP = 64 };
	const uint32_t *rows;
	uint64_t first;
	enum err e = count_before(index, words_from(w), &first);
	bool agrees = !e && words_block_rows(w, &rows) == ERR_OK;
	for (uint32_t i = 1; !e && agrees && i < words_n_blocks(w) + STEP; i += STEP) {
		uint32_t block = i < words_n_blocks(w) ? i : words_n_blocks(w);
		int64_t at = ((int64_t)words_first_block(w) + block) << words_block_bits(w);
		at = at < words_to(w) ? at : words_to(w);
		if (at > index->covered)
			break;
		e = is_count_before(index, at, first + rows[block], &agrees);
	}
	if (!e)
		*ret = (struct search_file){ .is_known = true, .agrees = agrees, .first = first };
	return e;
}

/* Whatever is looked for, a file is checked once. */
static enum err file_of(struct search *s, size_t shard, size_t file, const struct search_file **ret)
{
	struct arena *a = s->set->view->arena;
	const struct words_list *l = index_words(s->set, shard);
	if (!s->files)
		s->files = arena_calloc(a, s->set->view->n_shards, sizeof *s->files);
	if (!s->files[shard])
		s->files[shard] = arena_calloc(a, l->n, sizeof **s->files);
	struct search_file *f = &s->files[shard][file];
	*ret = f;
	return f->is_known ? ERR_OK : count_agrees(&s->set->of[shard], l->files[file], f);
}

/* A text with bytes that no id has is in none of them. */
static void find_ids(struct finding *f, const struct search_term *t)
{
	bool may = !(words_id_bytes_of(t->needle.folded) & ~words_id_bytes(f->words));
	for (size_t w = 0; w < f->n; w++)
		f->may[w] = may ? f->may[w] : 0;
}

/* What it does not know, or knows of other rows than the index has, it does not say. */
static enum err make_area(struct search *s, const struct search_term *t, size_t shard, size_t file,
	struct search_area *ret)
{
	struct arena *a = s->set->view->arena;
	struct words *w = index_words(s->set, shard)->files[file];
	size_t n = bits_words(words_n_rows(w));
	struct finding f = { .arena = a, .words = w, .n = n };
	const struct search_file *known;
	bool ok = true;
	enum err e = file_of(s, shard, file, &known);
	if (e || !known->agrees)
		return e;
	ret->first = known->first;
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
	enum err e = make_area(s, t, shard, file, ret);
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
	uint64_t i = 0;
	/* As mostly: the file has the rows of the block. */
	if (from % BITS == 0 && to % BITS == 0) {
		i = n / BITS * BITS;
		memcpy(ret + to / BITS, bits + from / BITS, i / BITS * sizeof *ret);
	}
	for (uint64_t some; i < n; i += some) {
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

/* It does match wherever it may, but where it is_bounded. */
static bool is_sure(const struct search_term *t)
{
	return t->sure_in && t->sure_in == t->may_in;
}

enum err search_file_at(struct search *s, struct block *b, size_t *ret_shard, size_t *ret_file,
	uint32_t *ret_n_rows)
{
	const struct search_file *file;
	struct row_ref ref;
	*ret_n_rows = 0;
	enum err e = block_ref(b, 0, &ref);
	if (e)
		return e;
	const struct words_list *l = index_words(s->set, ref.shard);
	for (size_t i = 0; i < l->n; i++) {
		const struct words *w = l->files[i];
		if (words_from(w) > ref.at || words_to(w) <= ref.at)
			continue;
		e = file_of(s, ref.shard, i, &file);
		if (e || !file->agrees || file->first != first_row_of(&s->set->of[ref.shard], b))
			return e;
		*ret_shard = ref.shard;
		*ret_file = i;
		*ret_n_rows = words_n_rows(w);
		return ERR_OK;
	}
	return ERR_OK;
}

enum err search_count(struct search *s, const struct search_term *t, size_t shard, size_t file,
	uint32_t *ret_n, bool *ret_known)
{
	struct words *w = index_words(s->set, shard)->files[file];
	bool is_bounded = is_sure(t) && t->is_bounded;
	*ret_known = false;
	if (!can_be_counted(t))
		return ERR_OK;
	/* Damaged: as if it were not there. */
	if (words_count(w, t->parts[0].any, t->may_in, is_bounded, ret_n, ret_known))
		*ret_known = false;
	*ret_known = *ret_known && (is_sure(t) || *ret_n == 0);
	return ERR_OK;
}
