#include "index/segment/make.h"

#include "base/array.h"
#include "base/hash.h"
#include "index/segment/bloom.h"
#include "index/segment/traces.h"
#include "span/span.h"

#include <stdio.h>
#include <stdlib.h>

/* A value of a column while it is put: as it is, what it is relative to, the difference, and as it
 * will stand in the file. */
enum { COLUMN_BYTES = 4 * sizeof(int64_t) };

struct making {
	struct segment_input *in;
	struct arena *arena;
	struct segment_writer *writer;
	struct traces traces;
	struct index_zone *zones;
	uint32_t n_zones;
	uint64_t *superseded, *hidden; /* NULL: none */
	uint32_t n_sources, n_sessions;
};

static struct str bitmap_bytes(const uint64_t *bitmap, uint32_t n)
{
	return bitmap ? str_of((const char *)bitmap, (n + 63) / 64 * sizeof *bitmap) : STR_NULL;
}

uint64_t segment_key(uint64_t span_hash, uint64_t trace_hash, uint64_t source_hash)
{
	uint64_t tag = trace_hash + (source_hash << 32 | source_hash >> 32) * 3;
	return span_hash >> INDEX_KEY_TAG_BITS << INDEX_KEY_TAG_BITS |
	       tag >> (64 - INDEX_KEY_TAG_BITS);
}

bool segment_has_dict(enum field f)
{
	return field_info[f].column == COLUMN_DICT || field_info[f].column == COLUMN_TAGS;
}

void segment_name(int part, int64_t from, int64_t to, char ret[static SEGMENT_NAME_MAX])
{
	(void)snprintf(
		ret, SEGMENT_NAME_MAX, "%d-%lld-%lld.seg", part, (long long)from, (long long)to);
}

/* ---- Which rows are superseded ---- */

struct version {
	uint64_t identity;
	int64_t version;
	uint32_t row;
};

/* Orders by identity, the current row of each first. */
static int compare_versions(const void *x, const void *y)
{
	const struct version *a = x, *b = y;
	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	if (a->version != b->version)
		return a->version > b->version ? -1 : 1;
	return a->row > b->row ? -1 : a->row < b->row;
}

/* A value for each row: what is absent stays as it is. */
static enum err segment_make_spread(struct making *m, unsigned c, int64_t *values)
{
	struct raw_column raw;
	uint32_t n = 0;
	struct arena_mark mark = arena_mark(m->arena);
	enum err e = m->in->column(m->in, c, m->arena, &raw);
	for (uint32_t row = 0; !e && row < raw.n_rows; row++)
		if (raw_has(&raw, row))
			values[row] = raw.values[n++];
	arena_rewind(m->arena, mark);
	return e;
}

static void supersede_group(struct making *m, uint32_t from, uint32_t to, const int64_t *identity,
	const int64_t *version)
{
	struct arena_mark mark = arena_mark(m->arena);
	uint32_t n = to - from;
	struct version *versions = arena_calloc(m->arena, n, sizeof *versions);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = m->in->key_rows[from + i];
		versions[i] = (struct version){ (uint64_t)identity[row], version[row], row };
	}
	qsort(versions, n, sizeof *versions, compare_versions);
	for (uint32_t i = 1; i < n; i++)
		if (versions[i].identity == versions[i - 1].identity)
			bits_set(m->superseded, versions[i].row);
	arena_rewind(m->arena, mark);
}

static enum err supersede(struct making *m)
{
	const uint64_t *keys = m->in->keys;
	uint32_t n = m->in->header.n_rows, first = 1;
	while (first < n && keys[first] != keys[first - 1])
		first++;
	if (first >= n)
		return ERR_OK;
	m->superseded = bits_new(m->arena, n);
	struct arena_mark mark = arena_mark(m->arena);
	int64_t *identity = arena_calloc(m->arena, n, sizeof *identity);
	int64_t *version = arena_calloc(m->arena, n, sizeof *version);
	enum err e = segment_make_spread(m, INDEX_IDENTITY, identity);
	if (!e)
		e = segment_make_spread(m, FIELD_INGESTED_AT, version);
	if (!e)
		e = segment_make_spread(m, FIELD_UPDATED_AT, version);
	for (uint32_t i = first - 1, end; !e && i < n; i = end) {
		for (end = i + 1; end < n && keys[end] == keys[i]; end++)
			;
		if (end - i > 1)
			supersede_group(m, i, end, identity, version);
	}
	arena_rewind(m->arena, mark);
	return e;
}

/* Superseded rows and tombstones. */
static void segment_make_hide(struct making *m)
{
	uint32_t n = m->in->header.n_rows, n_hidden = 0;
	if (!m->superseded && !m->in->deletes)
		return;
	m->hidden = bits_new(m->arena, n);
	for (uint32_t i = 0; i < (n + 63) / 64; i++) {
		m->hidden[i] = (m->superseded ? m->superseded[i] : 0) |
			       (m->in->deletes ? m->in->deletes[i] : 0);
		n_hidden += (uint32_t)__builtin_popcountll(m->hidden[i]);
	}
	m->in->header.n_hidden = n_hidden;
}

/* ---- Columns ---- */

static enum raw_kind kind_of(unsigned c)
{
	if (c >= FIELD__MAX)
		return c == INDEX_IDENTITY ? RAW_HASH : RAW_NUMBER;
	if (field_info[c].column == COLUMN_HASH)
		return RAW_HASH;
	return segment_has_dict((enum field)c) ? RAW_CODE : RAW_NUMBER;
}

/* The column to which one's values are close; -1: none. */
static int relative_of(unsigned c)
{
	return c == FIELD_ENDED_AT     ? FIELD_STARTED_AT
	       : c == FIELD_UPDATED_AT ? FIELD_INGESTED_AT
				       : -1;
}

static struct str dict_bytes(struct arena *a, const struct dict *d)
{
	size_t at_bytes = ((size_t)d->n + 1) * sizeof *d->at;
	char *bytes = arena_text(a, at_bytes + d->at[d->n]);
	memcpy(bytes, d->at, at_bytes);
	memcpy(bytes + at_bytes, d->bytes, d->at[d->n]);
	return str_of(bytes, at_bytes + d->at[d->n]);
}

static void note_zone(struct making *m, enum field f, const struct raw_column *raw)
{
	uint32_t n = 0;
	if (f != FIELD_STARTED_AT && f != FIELD_KIND && f != FIELD_STATUS)
		return;
	for (uint32_t row = 0; row < m->in->header.n_rows; row++) {
		struct index_zone *z = &m->zones[row / INDEX_ZONE_ROWS];
		bool has = raw_has(raw, row);
		int64_t v = has ? raw->values[n++] : INDEX_ZONE_ABSENT;
		if (f == FIELD_KIND)
			z->kinds |= UINT32_C(1) << (v & 31);
		else if (f == FIELD_STATUS)
			z->statuses |= UINT32_C(1) << (v & 31);
		else if (has && v < z->min_started)
			z->min_started = v;
		if (f == FIELD_STARTED_AT && has && v > z->max_started)
			z->max_started = v;
	}
}

/* What traces and zones take from a column. */
static void sum_up(struct making *m, enum field f, const struct raw_column *raw)
{
	note_zone(m, f, raw);
	if (raw->n_present || f == FIELD_STARTED_AT)
		traces_feed(&m->traces, f, raw);
}

/* These two say how the others count. */
static bool segment_make_is_first(unsigned c)
{
	return c == FIELD_PARENT_SPAN_ID || c == FIELD_REPEATS_USAGE;
}

static void put_dict(struct making *m, unsigned c, const struct dict *d)
{
	segment_writer_chunk(m->writer, INDEX_CHUNK_DICT, c, dict_bytes(m->arena, d));
	if (c == FIELD_SOURCE)
		m->n_sources = d->n;
	if (c == FIELD_SESSION_ID)
		m->n_sessions = d->n;
}

static enum err put_column(struct making *m, unsigned c)
{
	struct segment_input *in = m->in;
	struct arena_mark mark = arena_mark(m->arena);
	struct raw_column raw, relative = { .n_present = 0 };
	struct dict dict = { .n = 0 };
	int relative_id = relative_of(c);
	enum err e = in->column(in, c, m->arena, &raw);
	if (!e && c < FIELD__MAX && !segment_make_is_first(c))
		sum_up(m, (enum field)c, &raw);
	if (!e && raw.n_present && relative_id >= 0)
		e = in->column(in, (unsigned)relative_id, m->arena, &relative);
	if (!e && raw.n_present && !raw.is_unknown && c < FIELD__MAX &&
		segment_has_dict((enum field)c))
		e = in->dict(in, c, m->arena, &dict);
	if (e)
		return e;
	bool is_relative = relative.n_present && !relative.present;
	segment_writer_column(m->writer, c, &raw, kind_of(c), is_relative ? &relative : NULL,
		(unsigned)relative_id, dict.n);
	if (dict.n)
		put_dict(m, c, &dict);
	arena_rewind(m->arena, mark);
	return ERR_OK;
}

static bool has_column(enum field f)
{
	return field_info[f].column != COLUMN_NONE && f != FIELD_SPAN_ID && f != FIELD_TRACE_ID;
}

static enum err sum_up_first(struct making *m)
{
	enum err e = ERR_OK;
	for (unsigned c = 0; !e && c < FIELD__MAX; c++) {
		struct arena_mark mark = arena_mark(m->arena);
		struct raw_column raw;
		if (!segment_make_is_first(c))
			continue;
		e = m->in->column(m->in, c, m->arena, &raw);
		if (!e)
			sum_up(m, (enum field)c, &raw);
		arena_rewind(m->arena, mark);
	}
	return e;
}

static enum err segment_make_put_columns(struct making *m)
{
	static const unsigned others[] = { INDEX_AT, INDEX_LEN, INDEX_IDENTITY, INDEX_PREV_DAY,
		INDEX_SPAN_ORDER };
	enum err e = sum_up_first(m);
	for (unsigned c = 0; !e && c < FIELD__MAX; c++)
		if (has_column((enum field)c))
			e = put_column(m, c);
	for (unsigned i = 0; !e && i < sizeof others / sizeof others[0]; i++)
		e = put_column(m, others[i]);
	return e;
}

/* ---- Traces ---- */

static void put_trace_of(struct making *m)
{
	struct arena_mark mark = arena_mark(m->arena);
	uint32_t n = m->in->header.n_rows;
	int64_t *values = arena_room(m->arena, n, sizeof *values);
	for (uint32_t row = 0; row < n; row++)
		values[row] = m->in->trace_of[row];
	struct raw_column raw = { .n_rows = n, .n_present = n, .values = values };
	segment_writer_column(
		m->writer, INDEX_TRACE, &raw, RAW_CODE, NULL, 0, m->in->header.n_traces);
	arena_rewind(m->arena, mark);
}

static void put_trace_slots(struct making *m, const int64_t *hashes)
{
	struct arena_mark mark = arena_mark(m->arena);
	uint32_t n = m->in->header.n_traces, n_slots = 2;
	while (n_slots < n * 2)
		n_slots *= 2;
	uint32_t *slots = arena_calloc(m->arena, n_slots, sizeof *slots);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = (uint32_t)(uint64_t)hashes[i] & (n_slots - 1);
		while (slots[at])
			at = (at + 1) & (n_slots - 1);
		slots[at] = i + 1;
	}
	segment_writer_chunk(m->writer, INDEX_CHUNK_TRACE_SLOTS, 0,
		str_of((const char *)slots, n_slots * sizeof *slots));
	arena_rewind(m->arena, mark);
}

/* Marks the rows of the table with the id of the row before: it is in the order of the ids. */
static void mark_repeated_ids(const struct making *m, uint64_t *earlier)
{
	const struct dict *ids = &m->in->trace_ids;
	for (uint32_t i = 1; i < ids->n; i++)
		if (str_eq(dict_entry(ids, i), dict_entry(ids, i - 1)))
			bits_set(earlier, i);
}

static enum err segment_make_put_traces(struct making *m)
{
	struct segment_input *in = m->in;
	uint32_t n = in->header.n_traces;
	bool is_whole = false;
	int64_t *hashes = arena_calloc(m->arena, n, sizeof *hashes);
	uint64_t *earlier = bits_new(m->arena, n);
	for (uint32_t i = 0; i < n; i++)
		hashes[i] = (int64_t)hash64(dict_entry(&in->trace_ids, i), in->header.seed);
	enum err e = in->earlier(in, earlier, &is_whole);
	if (e)
		return e;
	if (is_whole)
		in->header.flags |= INDEX_WHOLE_HISTORY;
	mark_repeated_ids(m, earlier);
	put_trace_of(m);
	traces_write(&m->traces, m->writer, hashes, earlier, m->n_sources, m->n_sessions);
	segment_writer_chunk(
		m->writer, INDEX_CHUNK_TRACE_IDS, 0, dict_bytes(m->arena, &in->trace_ids));
	put_trace_slots(m, hashes);
	return ERR_OK;
}

/* ---- The id table ---- */

static void put_ids(struct making *m)
{
	const struct segment_input *in = m->in;
	struct arena_mark mark = arena_mark(m->arena);
	uint32_t n = in->header.n_rows, n_blocks = (n + INDEX_BLOCK_IDS - 1) / INDEX_BLOCK_IDS;
	struct index_id_block *dir = arena_calloc(m->arena, n_blocks, sizeof *dir);
	struct buf blocks;
	buf_init(&blocks, m->arena);
	buf_reserve(&blocks, n * (sizeof *in->keys + sizeof *in->key_rows));
	for (uint32_t b = 0; b < n_blocks; b++) {
		uint32_t first = b * INDEX_BLOCK_IDS;
		uint32_t k = n - first < INDEX_BLOCK_IDS ? n - first : INDEX_BLOCK_IDS;
		size_t at = blocks.len;
		buf_add(&blocks, str_of((const char *)(in->keys + first), k * sizeof *in->keys));
		buf_add(&blocks,
			str_of((const char *)(in->key_rows + first), k * sizeof *in->key_rows));
		dir[b].first_key = in->keys[first];
		dir[b].checksum = hash64(str_skip(buf_str(&blocks), at), INDEX_MAGIC + b);
	}
	segment_writer_chunk(m->writer, INDEX_CHUNK_IDS, 0, buf_str(&blocks));
	segment_writer_chunk(m->writer, INDEX_CHUNK_ID_DIR, 0,
		str_of((const char *)dir, n_blocks * sizeof *dir));
	segment_writer_chunk(
		m->writer, INDEX_CHUNK_ID_FILTER, 0, segment_filter_make(m->arena, in->keys, n));
	buf_release(&blocks);
	arena_rewind(m->arena, mark);
}

/* ---- All of it ---- */

static void init_zones(struct making *m)
{
	m->n_zones = (m->in->header.n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS;
	m->zones = arena_calloc(m->arena, m->n_zones, sizeof *m->zones);
	for (uint32_t i = 0; i < m->n_zones; i++) {
		m->zones[i].min_started = INT64_MAX;
		m->zones[i].max_started = INT64_MIN;
	}
}

static enum err put_bitmaps_and_links(struct making *m)
{
	struct segment_input *in = m->in;
	struct segment_links links = { .n = 0 };
	uint32_t n_rows = in->header.n_rows;
	enum err e = in->links(in, m->superseded, &links);
	if (e)
		return e;
	in->header.n_links = (uint32_t)links.n;
	segment_writer_chunk(
		m->writer, INDEX_CHUNK_SUPERSEDED, 0, bitmap_bytes(m->superseded, n_rows));
	segment_writer_chunk(m->writer, INDEX_CHUNK_DELETES, 0, bitmap_bytes(in->deletes, n_rows));
	segment_writer_chunk(m->writer, INDEX_CHUNK_LINKS, 0,
		str_of((const char *)links.links, links.n * sizeof *links.links));
	segment_writer_chunk(m->writer, INDEX_CHUNK_ZONES, 0,
		str_of((const char *)m->zones, m->n_zones * sizeof *m->zones));
	ARRAY_RELEASE(m->arena, links.links);
	return ERR_OK;
}

enum err segment_make(struct segment_input *in, struct arena *a, int idx_fd, const char *name)
{
	struct making m = { .in = in, .arena = a };
	m.writer = arena_alloc(a, sizeof *m.writer);
	enum err e = supersede(&m);
	if (e)
		return e;
	segment_make_hide(&m);
	init_zones(&m);
	traces_init(&m.traces, a, in->header.n_rows, in->header.n_traces, in->trace_of, m.hidden,
		hash64(STR(""), in->header.seed));
	m.traces.span_id = in->span_id;
	m.traces.user = in;
	segment_writer_open(m.writer, a, idx_fd);
	arena_reserve(a, in->header.n_rows, COLUMN_BYTES);
	e = segment_make_put_columns(&m);
	if (!e)
		e = segment_make_put_traces(&m);
	if (!e)
		e = put_bitmaps_and_links(&m);
	if (e) {
		segment_writer_drop(m.writer);
		return e;
	}
	put_ids(&m);
	return segment_writer_publish(m.writer, &in->header, name);
}
