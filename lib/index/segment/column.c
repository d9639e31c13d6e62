/* Columns and dictionaries of segment.h: loading them is checking them. */
#include "index/segment/segment.h"

enum { WORDS_A_RANK = INDEX_RANK_ROWS / 64 };

uint32_t column_rank(const struct column *c, uint32_t word)
{
	uint32_t first = word / WORDS_A_RANK * WORDS_A_RANK;
	uint32_t n = c->rank[word / WORDS_A_RANK];
	for (uint32_t w = first; w < word; w++)
		n += (uint32_t)__builtin_popcountll(c->present[w]);
	return n;
}

/* ---- Loading ---- */

/* Ranks that are right make every place they lead to one of the n_present values. */
static bool ranks_fit(const struct column *c)
{
	uint32_t n = 0, n_words = (c->n_rows + 63) / 64;
	for (uint32_t w = 0; w < n_words; w++) {
		if (w % WORDS_A_RANK == 0 && c->rank[w / WORDS_A_RANK] != n)
			return false;
		n += (uint32_t)__builtin_popcountll(c->present[w]);
	}
	bool has_tail = c->n_rows % 64 && c->present[n_words - 1] >> c->n_rows % 64;
	return n == c->n_present && !has_tail;
}

static enum err load_present(struct segment *s, unsigned id, struct column *c)
{
	struct str bytes;
	size_t n_ranks = (c->n_rows + INDEX_RANK_ROWS - 1) / INDEX_RANK_ROWS;
	size_t rank_bytes = (n_ranks * sizeof(uint32_t) + 7) & ~(size_t)7;
	size_t want = rank_bytes + (c->n_rows + 63) / 64 * sizeof(uint64_t);
	enum err e = segment_chunk(s, INDEX_CHUNK_PRESENT, id, &bytes);
	if (e)
		return e;
	if (bytes.len != want)
		return segment_damaged(s);
	c->rank = (const void *)bytes.ptr;
	c->present = (const void *)(bytes.ptr + rank_bytes);
	return ranks_fit(c) ? ERR_OK : segment_damaged(s);
}

static enum err load_lists(struct segment *s, unsigned id, struct column *c, uint32_t *ret_n)
{
	struct str bytes;
	enum err e = segment_chunk(s, INDEX_CHUNK_LISTS, id, &bytes);
	if (e)
		return e;
	if (bytes.len != ((size_t)c->n_present + 1) * sizeof *c->lists)
		return segment_damaged(s);
	c->lists = (const void *)bytes.ptr;
	bool ascends = c->lists[0] == 0;
	for (uint32_t i = 0; i < c->n_present; i++)
		ascends = ascends && c->lists[i] <= c->lists[i + 1];
	*ret_n = c->lists[c->n_present];
	return ascends ? ERR_OK : segment_damaged(s);
}

/* Columns whose values lead elsewhere. */
static bool needs_entries(unsigned id)
{
	if (id < FIELD__MAX)
		return field_info[id].column == COLUMN_DICT || id == FIELD_TAGS;
	return id == INDEX_TRACE || id == INDEX_TRACE_SOURCE || id == INDEX_TRACE_SESSION ||
	       id == INDEX_TRACE_ROOT || id == INDEX_TRACE_EARLIEST;
}

/* Returns the greatest of the first n; a loop a width, as every value of a column is looked at. */
static uint64_t greatest_stored(const struct column *c, uint32_t n)
{
	uint64_t greatest = 0;
#define GREATEST(type) \
	for (uint32_t i = 0; i < n; i++) { \
		type v = ((const type *)c->values)[i]; \
		greatest = v > greatest ? v : greatest; \
	}
	switch (c->width) {
	case 1:
		GREATEST(uint8_t)
		break;
	case 2:
		GREATEST(uint16_t)
		break;
	case 4:
		GREATEST(uint32_t)
		break;
	case 8:
		GREATEST(uint64_t)
		break;
	default:
		break;
	}
#undef GREATEST
	return greatest;
}

static bool codes_fit(const struct column *c, uint32_t n)
{
	return (n == 0 || greatest_stored(c, n) < c->n_entries) && c->base == 0 && c->scale == 1 &&
	       !c->relative;
}

/* Numbers that lead elsewhere as codes do, and those of enums: all are less. 0: any number will do.
 */
static uint64_t limit_of(const struct segment *s, unsigned id)
{
	if (id == INDEX_TRACE_FIRST_ROW || id == INDEX_TRACE_LAST_ROW)
		return s->header.n_rows;
	return id == FIELD_KIND ? KIND__MAX : id == FIELD_STATUS ? STATUS__MAX : 0;
}

static bool numbers_fit(const struct column *c, uint64_t limit)
{
	uint64_t v;
	return c->base >= 0 && c->scale > 0 && !c->relative &&
	       !__builtin_mul_overflow(greatest_stored(c, c->n_present), (uint64_t)c->scale, &v) &&
	       !__builtin_add_overflow(v, (uint64_t)c->base, &v) && v < limit;
}

static enum err load_values(struct segment *s, unsigned id, struct column *c)
{
	struct str bytes;
	uint32_t n = c->n_present;
	uint64_t limit = limit_of(s, id);
	enum err e = ERR_OK;
	if (id == FIELD_TAGS)
		e = load_lists(s, id, c, &n);
	if (!e)
		e = segment_chunk(s, INDEX_CHUNK_VALUES, id, &bytes);
	if (e)
		return e;
	if (bytes.len != (size_t)n * c->width)
		return segment_damaged(s);
	c->values = bytes.ptr;
	if ((needs_entries(id) && !codes_fit(c, n)) || (limit && !numbers_fit(c, limit)))
		return segment_damaged(s);
	return ERR_OK;
}

static uint32_t n_entries_of(const struct segment *s, unsigned id)
{
	return s->column_at[id] < 0 ? 0 : s->columns[s->column_at[id]].n_entries;
}

static bool entries_fit(const struct segment *s, unsigned id, uint32_t n)
{
	switch (id) {
	case INDEX_TRACE:
		return n == s->header.n_traces;
	case INDEX_TRACE_ROOT:
	case INDEX_TRACE_EARLIEST:
		return n == s->header.n_rows;
	case INDEX_TRACE_SOURCE:
		return n == n_entries_of(s, FIELD_SOURCE);
	case INDEX_TRACE_SESSION:
		return n == n_entries_of(s, FIELD_SESSION_ID);
	default:
		return true; /* against the dictionary, when it is loaded */
	}
}

static enum err column_load(struct segment *s, unsigned id, struct column *c)
{
	const struct index_column *info = &s->columns[s->column_at[id]];
	enum err e = ERR_OK;
	c->state = info->flags & INDEX_UNKNOWN ? COLUMN_UNKNOWN : COLUMN_KNOWN;
	c->n_present = info->n_present;
	c->width = info->width;
	c->base = info->base;
	c->scale = info->scale;
	c->min = info->min;
	c->max = info->max;
	c->n_entries = info->n_entries;
	if (c->state == COLUMN_UNKNOWN) {
		c->width = 0; /* a reader that looks all the same finds no values */
		return ERR_OK;
	}
	if (needs_entries(id) && !entries_fit(s, id, c->n_entries))
		return segment_damaged(s);
	/* Tags that are all empty have no entries. */
	if (needs_entries(id) && c->n_entries == 0 && id != FIELD_TAGS)
		return segment_damaged(s);
	if (info->presence == INDEX_SOME)
		e = load_present(s, id, c);
	if (!e && info->relative != INDEX_NOT_RELATIVE)
		e = segment_load_column(s, info->relative, &c->relative);
	return e ? e : load_values(s, id, c);
}

enum err segment_load_column(struct segment *s, unsigned id, const struct column **ret)
{
	if (s->is_damaged)
		return ERR_UNSAFE;
	if (!s->loaded[id]) {
		struct column *c = arena_alloc(&s->memory, sizeof *c);
		c->n_rows = id < INDEX_TRACE_COLUMNS ? s->header.n_rows : s->header.n_traces;
		if (s->column_at[id] >= 0) {
			enum err e = column_load(s, id, c);
			if (e)
				return e;
		}
		s->loaded[id] = c;
	}
	if (!s->is_touched[id]) {
		s->is_touched[id] = true;
		s->touched_bytes += (size_t)s->loaded[id]->n_present * s->loaded[id]->width;
	}
	*ret = s->loaded[id];
	return ERR_OK;
}

/* ---- Dictionaries ---- */

/* Offsets that ascend and end with the bytes. */
static bool read_dict(struct str bytes, uint32_t n, struct dict *ret)
{
	size_t at_bytes = ((size_t)n + 1) * sizeof *ret->at;
	if (bytes.len < at_bytes)
		return false;
	ret->n = n;
	ret->at = (const void *)bytes.ptr;
	ret->bytes = bytes.ptr + at_bytes;
	bool ascends = ret->at[0] == 0 && ret->at[n] == bytes.len - at_bytes;
	for (uint32_t i = 0; i < n; i++)
		ascends = ascends && ret->at[i] <= ret->at[i + 1];
	return ascends;
}

static enum err load_dict(
	struct segment *s, unsigned id, unsigned column, uint32_t n, struct dict **loaded)
{
	struct str bytes;
	enum err e = segment_chunk(s, id, column, &bytes);
	if (e)
		return e;
	struct dict *d = arena_alloc(&s->memory, sizeof *d);
	if (n && !read_dict(bytes, n, d))
		return segment_damaged(s);
	*loaded = d;
	return ERR_OK;
}

enum err segment_load_dict(struct segment *s, unsigned c, struct dict *ret)
{
	enum err e = ERR_OK;
	uint32_t n = n_entries_of(s, c);
	if (s->is_damaged)
		return ERR_UNSAFE;
	if (!s->dicts[c])
		e = load_dict(s, INDEX_CHUNK_DICT, c, n, &s->dicts[c]);
	if (!e)
		*ret = *s->dicts[c];
	return e;
}

enum err segment_load_trace_ids(struct segment *s, struct dict *ret)
{
	enum err e = ERR_OK;
	if (s->is_damaged)
		return ERR_UNSAFE;
	if (!s->trace_ids)
		e = load_dict(s, INDEX_CHUNK_TRACE_IDS, 0, s->header.n_traces, &s->trace_ids);
	if (!e)
		*ret = *s->trace_ids;
	return e;
}
