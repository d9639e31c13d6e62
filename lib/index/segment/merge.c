#include "index/segment/merge.h"

#include "base/array.h"
#include "base/hash.h"
#include "index/dict.h"
#include "index/segment/build.h"
#include "index/segment/keys.h"

#include <assert.h>
#include <stdlib.h>

struct merging {
	struct segment_input in; /* first: the callbacks get it */
	struct view *view;
	size_t shard;
	struct arena *arena;
	struct segment *const *segments;
	size_t n;
	uint32_t first_row[SEGMENT_MERGE_MAX + 1];
	uint32_t *trace_map[SEGMENT_MERGE_MAX]; /* trace rows of each to ours */
	uint32_t *outside;                      /* traces whose id occurs before the first part */
	size_t n_outside;
	/* The dictionary of the column asked for last. */
	unsigned dict_of;
	struct dict dict;
	uint32_t *code_map[SEGMENT_MERGE_MAX];
};

/* ---- Columns ---- */

/* What the parts of a column add up to. */
struct parts {
	const struct column *column[SEGMENT_MERGE_MAX];
	uint32_t n_present;
	size_t n_values;
	bool is_unknown;
};

static enum err load_parts(const struct merging *m, unsigned c, struct parts *ret)
{
	*ret = (struct parts){ .n_present = 0 };
	for (size_t i = 0; i < m->n; i++) {
		enum err e = segment_load_column(m->segments[i], c, &ret->column[i]);
		if (e)
			return e;
		const struct column *part = ret->column[i];
		ret->n_present += part->n_present;
		ret->n_values += part->lists ? part->lists[part->n_present] : part->n_present;
		ret->is_unknown = ret->is_unknown || part->state == COLUMN_UNKNOWN;
	}
	return ERR_OK;
}

static enum err unite_dicts(struct merging *m, unsigned c, struct arena *a)
{
	struct dict dicts[SEGMENT_MERGE_MAX];
	for (size_t i = 0; i < m->n; i++) {
		enum err e = segment_load_dict(m->segments[i], c, &dicts[i]);
		if (e)
			return e;
	}
	dict_unite(dicts, m->n, a, &m->dict, m->code_map);
	m->dict_of = c;
	return ERR_OK;
}

static void unite_present(
	const struct merging *m, const struct parts *parts, struct arena *a, struct raw_column *ret)
{
	if (ret->n_present == ret->n_rows)
		return;
	uint64_t *present = bits_new(a, ret->n_rows);
	for (size_t i = 0; i < m->n; i++) {
		const struct column *part = parts->column[i];
		if (part->n_present && part->present)
			bits_copy(part->present, 0, present, m->first_row[i], part->n_rows);
		else if (part->n_present)
			bits_fill(present, m->first_row[i], m->first_row[i + 1]);
	}
	ret->present = present;
}

/* The values of a part, packed; behind them for the next part. */
static int64_t *segment_merge_put_values(
	const struct column *c, const uint32_t *code_map, int64_t *to)
{
	uint32_t n = c->lists ? c->lists[c->n_present] : c->n_present;
	if (c->relative) {
		for (uint32_t row = 0; row < c->n_rows; row++)
			if (column_has(c, row))
				*to++ = column_value(c, row);
		return to;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint64_t stored = column_stored(c, i);
		*to++ = code_map ? (int64_t)code_map[stored]
				 : (int64_t)((uint64_t)c->base + (uint64_t)c->scale * stored);
	}
	return to;
}

static const uint32_t *unite_lists(
	const struct merging *m, const struct parts *parts, struct arena *a)
{
	uint32_t *lists = arena_calloc(a, (size_t)parts->n_present + 1, sizeof *lists);
	uint32_t place = 0, n = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct column *c = parts->column[i];
		for (uint32_t k = 0; k < c->n_present; k++)
			lists[place++] = n + c->lists[k];
		n += c->n_present ? c->lists[c->n_present] : 0;
	}
	lists[place] = n;
	return lists;
}

static enum err segment_merge_get_column(
	struct segment_input *in, unsigned c, struct arena *a, struct raw_column *ret)
{
	struct merging *m = (struct merging *)in;
	struct parts parts;
	enum err e = load_parts(m, c, &parts);
	if (e)
		return e;
	*ret = (struct raw_column){ .n_rows = in->header.n_rows, .n_present = parts.n_present };
	if (parts.n_present == 0)
		return ERR_OK;
	ret->is_unknown = parts.is_unknown;
	if (ret->is_unknown)
		return ERR_OK;
	bool has_dict = c < FIELD__MAX && segment_has_dict((enum field)c);
	if (has_dict)
		e = unite_dicts(m, c, a);
	if (e)
		return e;
	unite_present(m, &parts, a, ret);
	int64_t *values = arena_room(a, parts.n_values, sizeof *values), *to = values;
	for (size_t i = 0; i < m->n; i++)
		if (parts.column[i]->n_present)
			to = segment_merge_put_values(
				parts.column[i], has_dict ? m->code_map[i] : NULL, to);
	ret->values = values;
	if (c == FIELD_TAGS)
		ret->lists = unite_lists(m, &parts, a);
	return ERR_OK;
}

/* Right behind get_column of the same one. */
static enum err segment_merge_get_dict(
	struct segment_input *in, unsigned c, struct arena *a, struct dict *ret)
{
	struct merging *m = (struct merging *)in;
	(void)a;
	assert(m->dict_of == c);
	*ret = m->dict;
	return ERR_OK;
}

/* ---- Traces ---- */

/* Where a trace of a part goes: by (source, trace_id) as one text. */
struct tracer {
	struct dict_maker traces, ids;
	struct buf key;
	struct buf outside; /* u32: our traces whose id was seen before the first part */
};

static void map_trace(struct merging *m, struct tracer *t, size_t part, uint32_t row, struct str id,
	uint32_t source, bool is_earlier)
{
	uint64_t hash = hash64(id, m->in.header.seed);
	buf_reset(&t->key);
	buf_add(&t->key, str_of((const char *)&source, sizeof source));
	buf_add(&t->key, id);
	uint32_t trace = dict_add(
		&t->traces, buf_str(&t->key), hash + source * UINT64_C(0x9e3779b97f4a7c15));
	uint32_t n_ids = dict_maker_n(&t->ids);
	(void)dict_add(&t->ids, id, hash);
	/* The first row with an id: what is earlier than this one is outside of the parts. */
	if (dict_maker_n(&t->ids) > n_ids && is_earlier)
		buf_add(&t->outside, str_of((const char *)&trace, sizeof trace));
	m->trace_map[part][row] = trace;
}

static enum err map_traces(struct merging *m, struct tracer *t, size_t part)
{
	const struct column *sources, *earlier;
	struct segment *s = m->segments[part];
	struct dict ids;
	uint32_t n = s->header.n_traces;
	enum err e = segment_load_trace_ids(s, &ids);
	if (!e)
		e = segment_load_column(s, INDEX_TRACE_SOURCE, &sources);
	if (!e)
		e = segment_load_column(s, INDEX_TRACE_EARLIER, &earlier);
	if (e)
		return e;
	m->trace_map[part] = arena_calloc(m->arena, n, sizeof *m->trace_map[part]);
	for (uint32_t row = 0; row < n; row++) {
		uint32_t source = 0;
		if (column_has(sources, row))
			source = 1 + m->code_map[part][column_value(sources, row)];
		map_trace(m, t, part, row, dict_entry(&ids, row), source, column_has(earlier, row));
	}
	return ERR_OK;
}

static void take_trace_ids(struct merging *m, const struct tracer *t)
{
	uint32_t *new_code;
	dict_finish(&t->traces, sizeof(uint32_t), &m->in.trace_ids, &new_code);
	m->in.header.n_traces = dict_maker_n(&t->traces);
	for (size_t i = 0; i < m->n; i++)
		for (uint32_t row = 0; row < m->segments[i]->header.n_traces; row++)
			m->trace_map[i][row] = new_code[m->trace_map[i][row]];
	const uint32_t *outside = (const uint32_t *)(const void *)t->outside.ptr;
	m->n_outside = t->outside.len / sizeof *outside;
	m->outside = arena_calloc(m->arena, m->n_outside, sizeof *m->outside);
	for (size_t i = 0; i < m->n_outside; i++)
		m->outside[i] = new_code[outside[i]];
}

static enum err unite_trace_of(struct merging *m)
{
	uint32_t *trace_of = arena_calloc(m->arena, m->in.header.n_rows, sizeof *trace_of);
	for (size_t i = 0; i < m->n; i++) {
		const struct column *c;
		enum err e = segment_load_column(m->segments[i], INDEX_TRACE, &c);
		if (e)
			return e;
		for (uint32_t row = 0; row < c->n_rows; row++)
			trace_of[m->first_row[i] + row] = m->trace_map[i][column_stored(c, row)];
	}
	m->in.trace_of = trace_of;
	return ERR_OK;
}

static enum err unite_traces(struct merging *m)
{
	struct tracer t;
	dict_maker_init(&t.traces, m->arena);
	dict_maker_init(&t.ids, m->arena);
	buf_init(&t.key, m->arena);
	buf_init(&t.outside, m->arena);
	enum err e = unite_dicts(m, FIELD_SOURCE, m->arena);
	for (size_t i = 0; !e && i < m->n; i++)
		e = map_traces(m, &t, i);
	if (!e) {
		take_trace_ids(m, &t);
		e = unite_trace_of(m);
	}
	dict_maker_release(&t.traces);
	dict_maker_release(&t.ids);
	buf_release(&t.key);
	buf_release(&t.outside);
	return e;
}

static enum err segment_merge_get_earlier(
	struct segment_input *in, uint64_t *bitmap, bool *ret_is_whole)
{
	struct merging *m = (struct merging *)in;
	for (size_t i = 0; i < m->n_outside; i++)
		bits_set(bitmap, m->outside[i]);
	*ret_is_whole = true;
	for (size_t i = 0; i < m->n; i++)
		if (!(m->segments[i]->header.flags & INDEX_WHOLE_HISTORY))
			*ret_is_whole = false;
	return ERR_OK;
}

/* ---- Ids ---- */

struct id_cursor {
	struct str blocks;
	uint32_t n, at; /* entries */
};

static uint64_t cursor_key(const struct id_cursor *c)
{
	uint64_t key;
	uint32_t first = c->at / INDEX_BLOCK_IDS * INDEX_BLOCK_IDS;
	memcpy(&key, c->blocks.ptr + (size_t)first * 12 + (size_t)(c->at - first) * 8, sizeof key);
	return key;
}

static uint32_t cursor_row(const struct id_cursor *c)
{
	uint32_t row, first = c->at / INDEX_BLOCK_IDS * INDEX_BLOCK_IDS;
	uint32_t n = c->n - first < INDEX_BLOCK_IDS ? c->n - first : INDEX_BLOCK_IDS;
	memcpy(&row,
		c->blocks.ptr + (size_t)first * 12 + (size_t)n * 8 + (size_t)(c->at - first) * 4,
		sizeof row);
	return row;
}

static enum err unite_ids(struct merging *m)
{
	struct id_cursor cursors[SEGMENT_MERGE_MAX];
	struct segment_keys keys;
	for (size_t i = 0; i < m->n; i++) {
		cursors[i] = (struct id_cursor){ .n = m->segments[i]->header.n_rows };
		enum err e = segment_chunk(m->segments[i], INDEX_CHUNK_IDS, 0, &cursors[i].blocks);
		if (e)
			return e;
		if (cursors[i].blocks.len != (size_t)cursors[i].n * 12)
			return segment_damaged(m->segments[i]);
	}
	segment_keys_begin(&keys, m->arena, m->in.header.n_rows);
	for (size_t i = 0; i < m->n; i++)
		for (struct id_cursor c = cursors[i]; c.at < c.n; c.at++)
			segment_keys_count(&keys, cursor_key(&c));
	segment_keys_place(&keys);
	for (size_t i = 0; i < m->n; i++)
		for (struct id_cursor c = cursors[i]; c.at < c.n; c.at++) {
			uint32_t row = cursor_row(&c);
			if (row >= c.n)
				return segment_damaged(m->segments[i]);
			segment_keys_put(&keys, cursor_key(&c), m->first_row[i] + row);
		}
	segment_keys_finish(&keys);
	m->in.keys = keys.keys;
	m->in.key_rows = keys.rows;
	return ERR_OK;
}

static enum err unite_deletes(struct merging *m)
{
	uint64_t *deletes = NULL;
	for (size_t i = 0; i < m->n; i++) {
		const uint64_t *part;
		enum err e = segment_load_bitmap(m->segments[i], INDEX_CHUNK_DELETES, &part);
		if (e)
			return e;
		if (part && !deletes)
			deletes = bits_new(m->arena, m->in.header.n_rows);
		if (part)
			bits_copy(part, 0, deletes, m->first_row[i], m->segments[i]->header.n_rows);
	}
	m->in.deletes = deletes;
	return ERR_OK;
}

/* ---- Links ---- */

static enum err identity_of(const struct merging *m, uint32_t row, uint64_t *ret)
{
	const struct column *c;
	size_t part = 0;
	while (row >= m->first_row[part + 1])
		part++;
	enum err e = segment_load_column(m->segments[part], INDEX_IDENTITY, &c);
	if (!e)
		*ret = (uint64_t)column_value(c, row - m->first_row[part]);
	return e;
}

/* Returns the first entry of the id table with that key. */
static uint32_t segment_merge_first_entry(const struct merging *m, uint64_t key)
{
	uint32_t low = 0, high = m->in.header.n_rows;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (m->in.keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Adds the link of a part to the row that is current in the merged segment, unless it leads to an
 * earlier one of the parts: what lies before that, its own link says. */
static enum err add_link(struct merging *m, size_t part, struct index_link link,
	const uint64_t *superseded, struct segment_links *to)
{
	uint32_t current = UINT32_MAX;
	bool is_inside = false;
	for (uint32_t i = segment_merge_first_entry(m, link.key);
		i < m->in.header.n_rows && m->in.keys[i] == link.key; i++) {
		uint32_t row = m->in.key_rows[i];
		uint64_t identity;
		enum err e = identity_of(m, row, &identity);
		if (e)
			return e;
		if (identity != link.identity)
			continue;
		is_inside = is_inside || row < m->first_row[part];
		if (!bits_found(superseded, row))
			current = row;
	}
	if (current == UINT32_MAX)
		return segment_damaged(m->segments[part]);
	link.row = current;
	if (link.day != m->in.header.day || !is_inside)
		ARRAY_PUSH(m->arena, to->links, to->n, to->cap, link);
	return ERR_OK;
}

/* Keeps of each row the link to its own day and that to the newest earlier one. */
static void sort_links(struct segment_links *l, int32_t own_day)
{
	size_t kept = 0;
	if (l->n > 1)
		qsort(l->links, l->n, sizeof *l->links, segment_compare_links);
	for (size_t i = 0; i < l->n; i++) {
		const struct index_link *next = i + 1 < l->n ? &l->links[i + 1] : NULL;
		bool is_last = !next || next->row != l->links[i].row ||
			       (next->day == own_day && l->links[i].day != own_day);
		if (is_last)
			l->links[kept++] = l->links[i];
	}
	l->n = kept;
}

static enum err segment_merge_get_links(
	struct segment_input *in, const uint64_t *superseded, struct segment_links *ret)
{
	struct merging *m = (struct merging *)in;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < m->n; i++) {
		const struct index_link *links;
		uint32_t n;
		e = segment_load_links(m->segments[i], &links, &n);
		for (uint32_t k = 0; !e && k < n; k++)
			e = add_link(m, i, links[k], superseded, ret);
	}
	sort_links(ret, in->header.day);
	return e;
}

static enum err segment_merge_get_span_id(void *in, uint32_t row, struct arena *a, struct str *ret)
{
	struct merging *m = in;
	size_t part = 0;
	struct row_ref ref = { .shard = (uint32_t)m->shard };
	while (row >= m->first_row[part + 1])
		part++;
	enum err e = segment_place(m->segments[part], row - m->first_row[part], &ref.at, &ref.len);
	return e ? e : segment_read_span_id(m->view, ref, a, ret);
}

/* ---- All of it ---- */

static enum err unite(struct merging *m)
{
	struct index_header *h = &m->in.header;
	const struct index_header *first = &m->segments[0]->header;
	h->day = first->day;
	h->part = first->part;
	h->from = first->from;
	h->to = m->segments[m->n - 1]->header.to;
	h->seed = first->seed;
	for (size_t i = 0; i < m->n; i++) {
		const struct index_header *part = &m->segments[i]->header;
		m->first_row[i] = h->n_rows;
		h->n_rows += part->n_rows;
		h->n_torn += part->n_torn;
		h->n_rot += part->n_rot;
		h->n_zero += part->n_zero;
		h->flags |= part->flags & INDEX_EMPTY_PARENTS;
	}
	m->first_row[m->n] = h->n_rows;
	enum err e = segment_prints(m->view, m->shard, h);
	if (!e)
		e = unite_traces(m);
	if (!e)
		e = unite_ids(m);
	return e ? e : unite_deletes(m);
}

enum err segment_merge(
	struct view *v, size_t shard, struct segment *const *segments, size_t n, int idx_fd)
{
	struct arena_mark mark = arena_mark(v->arena);
	struct merging *m = arena_alloc(v->arena, sizeof *m);
	char name[SEGMENT_NAME_MAX];
	*m = (struct merging){ .in = { .column = segment_merge_get_column,
				       .dict = segment_merge_get_dict,
				       .links = segment_merge_get_links,
				       .earlier = segment_merge_get_earlier,
				       .span_id = segment_merge_get_span_id },
		.view = v,
		.shard = shard,
		.arena = v->arena,
		.segments = segments,
		.n = n,
		.dict_of = INDEX_COLUMN__MAX };
	enum err e = unite(m);
	if (!e) {
		segment_name(m->in.header.part, m->in.header.from, m->in.header.to, name);
		e = segment_make(&m->in, v->arena, idx_fd, name);
	}
	arena_rewind(v->arena, mark);
	return e;
}
