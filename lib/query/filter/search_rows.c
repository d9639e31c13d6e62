/* Which rows a term may stand in, by the term files of their shards: search.h. */
#include "query/filter/search_area.h"

/* Returns the number of rows of the shard before the block. */
static uint64_t first_row_of(const struct index *index, const struct block *b)
{
	uint64_t n = 0;
	for (size_t i = 0; i < index->n_segments && &index->segments[i] != b->segment; i++)
		n += index->segments[i].n_rows;
	return n;
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
	const struct terms_list *l = index_terms(s->set, ref.shard);
	uint64_t row = first_row_of(&s->set->of[ref.shard], b) + first, begin = row, end = row + n;
	/* Only of files of these lines anything is asked. */
	for (size_t i = 0; i < l->n && row < end && terms_from(l->files[i]) <= last.at; i++) {
		if (terms_to(l->files[i]) <= ref.at)
			continue;
		e = search_area_of(s, t, ref.shard, i, &area);
		if (e)
			return e;
		uint64_t area_end = area->first + area->n, from, to;
		from = area->first > row ? area->first : row;
		from = from < end ? from : end;
		to = area_end < end ? area_end : end;
		if (to <= from)
			continue;
		bits_fill(may, row - begin, from - begin); /* no term file knows them */
		bits_copy(area->may, from - area->first, may, from - begin, to - from);
		bits_copy(area->sure, from - area->first, sure, from - begin, to - from);
		row = to;
	}
	bits_fill(may, row - begin, n);
	return ERR_OK;
}

/* One word alone. */
bool search_can_count(const struct search_term *t)
{
	return !t->is_of_ids && t->n_parts == 1 && t->parts[0].n == 1;
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
	const struct terms_list *l = index_terms(s->set, ref.shard);
	for (size_t i = 0; i < l->n; i++) {
		const struct terms *terms = l->files[i];
		if (terms_from(terms) > ref.at || terms_to(terms) <= ref.at)
			continue;
		e = search_file_of(s, ref.shard, i, &file);
		if (e || !file->agrees || file->first != first_row_of(&s->set->of[ref.shard], b))
			return e;
		*ret_shard = ref.shard;
		*ret_file = i;
		*ret_n_rows = terms_n_rows(terms);
		return ERR_OK;
	}
	return ERR_OK;
}

enum err search_count(struct search *s, const struct search_term *t, size_t shard, size_t file,
	uint32_t *ret_n, bool *ret_known)
{
	struct terms *terms = index_terms(s->set, shard)->files[file];
	bool is_bounded = t->is_sure && t->is_bounded;
	*ret_known = false;
	if (!search_can_count(t))
		return ERR_OK;
	/* Damaged: as if it were not there. */
	if (terms_count(terms, t->parts[0].any, t->fields, is_bounded, ret_n, ret_known))
		*ret_known = false;
	*ret_known = *ret_known && (t->is_sure || *ret_n == 0);
	return ERR_OK;
}
