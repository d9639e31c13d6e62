/* What the term files of a shard say of a term: search.h. */
#include "query/filter/search_area.h"

/* ---- Looking words up ---- */

static bool is_cheap(const struct search_part *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->any[i].is_start)
			return false;
	return true;
}

/* What is known of the rows of one file: bits, in that many words of 64. */
struct finding {
	struct terms *terms;
	size_t n;
	uint64_t *may, *sure;
	uint64_t *part_may, *part_sure; /* of one part */
};

static enum err find_part(
	struct finding *f, const struct search_term *t, const struct search_part *p)
{
	enum err e = ERR_OK;
	memset(f->part_may, 0, f->n * sizeof *f->part_may);
	memset(f->part_sure, 0, f->n * sizeof *f->part_sure);
	for (size_t i = 0; !e && i < p->n; i++) {
		/* Only the first of the alternatives of a part is the whole text. */
		const struct terms_rows rows = { i ? f->part_may : f->part_sure, f->part_may };
		e = terms_find(f->terms, &p->any[i], t->fields, &rows);
	}
	for (size_t w = 0; w < f->n; w++) {
		f->may[w] &= f->part_may[w] | f->part_sure[w];
		f->sure[w] &= f->part_sure[w];
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
	if (e || !t->is_sure || !t->is_bounded)
		return e;
	memset(f->part_may, 0, f->n * sizeof *f->part_may);
	e = terms_find_joined(f->terms, t->parts[0].any[0].text, f->part_may);
	for (size_t w = 0; w < f->n; w++)
		f->sure[w] &= ~f->part_may[w];
	return e;
}

/* ---- Rows of a shard ---- */

/* Returns the number of rows of the row log that begin before that place. */
static uint32_t records_before(const struct index *index, int64_t at)
{
	return (uint32_t)rowlog_first(index->log, index->n_log, at);
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
	*ret = n + records_before(index, at);
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
	*ret = row < index->n_log ? index->log[row].at : INT64_MAX;
	return ERR_OK;
}

/* True when exactly n rows begin before that offset. */
static enum err is_count_before(const struct index *index, int64_t at, uint64_t n, bool *ret)
{
	int64_t last = INT64_MIN, next = INT64_MAX;
	enum err e = n ? place_of(index, n - 1, &last) : ERR_OK;
	if (!e)
		e = place_of(index, n, &next);
	*ret = last < at && next >= at;
	return e;
}

/* Compares the rows that the index counts with the marks of the term file. A line that was damaged
 * when one of the two was made would move all rows after it. */
static enum err count_agrees(const struct index *index, struct terms *t, struct search_file *ret)
{
	uint64_t first;
	bool agrees = true;
	enum err e = count_before(index, terms_from(t), &first);
	for (size_t i = 0; !e && agrees && i < terms_n_marks(t); i++) {
		struct terms_mark mark = terms_mark(t, i);
		if (mark.at > index->covered)
			break;
		e = is_count_before(index, mark.at, first + mark.n_rows, &agrees);
	}
	if (!e)
		*ret = (struct search_file){ .is_known = true, .agrees = agrees, .first = first };
	return e;
}

enum err search_file_of(struct search *s, size_t shard, size_t file, const struct search_file **ret)
{
	struct arena *a = s->set->view->arena;
	const struct terms_list *l = index_terms(s->set, shard);
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
	bool may = !(terms_id_bytes_of(t->needle.folded) & ~terms_id_bytes(f->terms));
	for (size_t w = 0; w < f->n; w++)
		f->may[w] = may ? f->may[w] : 0;
}

/* Looks a term up in a file. An area of no rows says nothing: the file counts other rows than the
 * index, or is damaged. */
static enum err search_look_up(struct search *s, const struct search_term *t, size_t shard,
	size_t file, struct search_area *ret)
{
	struct arena *a = s->set->view->arena;
	struct terms *terms = index_terms(s->set, shard)->files[file];
	const struct search_file *known;
	enum err e = search_file_of(s, shard, file, &known);
	if (e)
		return e;
	*ret = (struct search_area){ .is_known = true, .first = known->first };
	if (!known->agrees)
		return ERR_OK;
	struct finding f = { .terms = terms, .n = bits_words(terms_n_rows(terms)) };
	f.may = bits_new(a, terms_n_rows(terms));
	f.sure = bits_new(a, terms_n_rows(terms));
	f.part_may = arena_block(a, NULL, (f.n + 1) * sizeof(uint64_t));
	f.part_sure = arena_block(a, NULL, (f.n + 1) * sizeof(uint64_t));
	memset(f.may, 0xff, f.n * sizeof *f.may);
	memset(f.sure, t->is_sure ? 0xff : 0, f.n * sizeof *f.sure);
	f.may[f.n - 1] = bits_of_word(terms_n_rows(terms), f.n - 1);
	ret->may = f.may;
	ret->sure = f.sure;
	if (t->is_of_ids)
		find_ids(&f, t);
	if (t->is_of_ids || find_rows(&f, t) == ERR_OK)
		ret->n = terms_n_rows(terms);
	(void)arena_block(a, f.part_may, 0); /* freed: there is no result */
	(void)arena_block(a, f.part_sure, 0);
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
	return search_look_up(s, t, shard, file, ret);
}

static struct search_area *area_at(
	struct search *s, struct search_term *t, size_t shard, size_t file)
{
	const struct view *v = s->set->view;
	if (!t->areas)
		t->areas = arena_calloc(v->arena, v->n_shards, sizeof *t->areas);
	if (!t->areas[shard])
		t->areas[shard] =
			arena_calloc(v->arena, index_terms(s->set, shard)->n, sizeof **t->areas);
	return &t->areas[shard][file];
}

enum err search_area_of(struct search *s, struct search_term *t, size_t shard, size_t file,
	const struct search_area **ret)
{
	struct search_area *area = area_at(s, t, shard, file);
	*ret = area;
	return area->is_known ? ERR_OK : find_area(s, t, shard, file, area);
}
