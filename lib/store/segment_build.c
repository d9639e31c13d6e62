#include "store/segment_build.h"

#include "base/hash.h"
#include "base/io.h"
#include "store/dict.h"
#include "store/sealed.h"

#include <stdlib.h>

struct draft_column {
	uint64_t *present; /* a bit a row */
	int64_t *values;   /* a block */
	uint32_t n_present, n_values, cap;
};

struct key_row {
	uint64_t key;
	uint32_t row;
};

struct builder {
	struct segment_input in; /* first: the callbacks get it */
	struct view *view;
	size_t shard;
	struct arena *arena;
	const struct segment_limits *limits;
	const struct segment_history *history;
	uint64_t seed;
	uint32_t n_rows;
	struct draft_column columns[INDEX_COLUMN__MAX];
	struct dict_maker dicts[FIELD__MAX];
	struct dict finished[FIELD__MAX];
	struct buf tag_lists; /* u32: where each list begins among the values */
	bool unknown_tags;
	struct dict_maker traces; /* of (source, trace_id) as one text: see trace_of() */
	struct buf trace_key;
	struct buf trace_rows; /* u32 */
	struct key_row *keys;  /* limits->rows of them */
	uint64_t *deletes;
	uint32_t n_deletes;
	bool empty_parents;
};

/* ---- Rows ---- */

static void put(struct builder *b, unsigned c, int64_t v)
{
	struct draft_column *col = &b->columns[c];
	if (!col->present)
		col->present = arena_calloc(b->arena, b->limits->rows / 64 + 1, sizeof(uint64_t));
	if (col->n_values == col->cap) {
		col->cap = col->cap ? col->cap * 2 : 256;
		col->values = arena_block(b->arena, col->values, col->cap * sizeof *col->values);
	}
	col->present[b->n_rows / 64] |= UINT64_C(1) << b->n_rows % 64;
	col->n_present++;
	col->values[col->n_values++] = v;
}

static uint64_t text_hash(const struct builder *b, struct str text)
{
	return hash64(text, b->seed);
}

static uint32_t add_text(struct builder *b, enum field f, struct str text)
{
	return dict_add(&b->dicts[f], text, text_hash(b, text));
}

int64_t segment_number(const struct span *s, enum field f)
{
	int64_t pico;
	if (field_info[f].type != FIELD_TYPE_DEC)
		return s->value[f].i64;
	struct str text = s->value[f].text;
	if (dec_to_pico(text, &pico))
		return pico;
	return text.len && text.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
}

/* Bodies of the strings of an array. */
static bool put_tag_values(struct builder *b, struct str tags)
{
	struct draft_column *col = &b->columns[FIELD_TAGS];
	struct json array = json_open(tags);
	struct json_iter it = json_elements(array);
	if (array.type != JSON_ARRAY)
		return false;
	while (json_next(&it)) {
		if (it.value.type != JSON_STRING)
			return false;
		if (col->n_values == col->cap) {
			col->cap = col->cap ? col->cap * 2 : 256;
			col->values =
				arena_block(b->arena, col->values, col->cap * sizeof *col->values);
		}
		col->values[col->n_values++] = add_text(b, FIELD_TAGS, json_body(it.value));
	}
	return true;
}

static void put_tags(struct builder *b, struct str tags)
{
	struct draft_column *col = &b->columns[FIELD_TAGS];
	uint32_t first = col->n_values;
	if (!col->present)
		col->present = arena_calloc(b->arena, b->limits->rows / 64 + 1, sizeof(uint64_t));
	col->present[b->n_rows / 64] |= UINT64_C(1) << b->n_rows % 64;
	col->n_present++;
	buf_add(&b->tag_lists, str_of((const char *)&first, sizeof first));
	if (!b->unknown_tags && !put_tag_values(b, tags))
		b->unknown_tags = true;
}

static void put_field(struct builder *b, const struct span *s, enum field f)
{
	switch (field_info[f].column) {
	case COLUMN_NONE:
		break;
	case COLUMN_TAGS:
		put_tags(b, s->value[f].text);
		break;
	case COLUMN_DICT:
		put(b, f, add_text(b, f, s->value[f].text));
		break;
	case COLUMN_HASH:
		if (f == FIELD_PARENT_SPAN_ID) {
			put(b, f, (int64_t)text_hash(b, s->value[f].text));
			b->empty_parents = b->empty_parents || s->value[f].text.len == 0;
		}
		break;
	default:
		put(b, f, segment_number(s, f));
	}
}

/* The row of the trace table: (source, trace_id) as one text, the source's code in front. */
static uint32_t trace_of(struct builder *b, const struct span *s, uint64_t trace_hash)
{
	uint32_t source = 0;
	if (span_has(s, FIELD_SOURCE))
		source = 1 + add_text(b, FIELD_SOURCE, s->value[FIELD_SOURCE].text);
	buf_reset(&b->trace_key);
	buf_add(&b->trace_key, str_of((const char *)&source, sizeof source));
	buf_add(&b->trace_key, span_text(s, FIELD_TRACE_ID));
	return dict_add(&b->traces, buf_str(&b->trace_key),
		trace_hash + source * UINT64_C(0x9e3779b97f4a7c15));
}

static void put_row(struct builder *b, const struct span *s, struct row_ref ref)
{
	uint64_t trace_hash = text_hash(b, span_text(s, FIELD_TRACE_ID));
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (span_has(s, (enum field)f))
			put_field(b, s, (enum field)f);
	uint32_t trace = trace_of(b, s, trace_hash);
	buf_add(&b->trace_rows, str_of((const char *)&trace, sizeof trace));
	put(b, INDEX_AT, ref.at);
	put(b, INDEX_LEN, ref.len);
	put(b, INDEX_IDENTITY, (int64_t)span_identity_hash(s));
	if (s->prev_day != SPAN_NO_DAY)
		put(b, INDEX_PREV_DAY, s->prev_day);
	if (s->is_deleted) {
		b->deletes[b->n_rows / 64] |= UINT64_C(1) << b->n_rows % 64;
		b->n_deletes++;
	}
	b->keys[b->n_rows] = (struct key_row){
		segment_key(text_hash(b, span_text(s, FIELD_SPAN_ID)), trace_hash,
			text_hash(b, span_text(s, FIELD_SOURCE))),
		b->n_rows,
	};
	b->n_rows++;
}

static struct field_set wanted_fields(void)
{
	struct field_set want = { { 0 } };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_info[f].column != COLUMN_NONE)
			field_set_add(&want, (enum field)f);
	return want;
}

static size_t text_bytes(const struct builder *b)
{
	size_t n = b->traces.bytes.len;
	for (unsigned f = 0; f < FIELD__MAX; f++)
		n += b->dicts[f].bytes.len;
	return n;
}

static bool is_full(const struct builder *b, int64_t from, int64_t at)
{
	return b->n_rows == b->limits->rows || at - from >= b->limits->bytes ||
	       text_bytes(b) >= b->limits->text_bytes;
}

static void count_bad(struct index_header *h, enum line_state state)
{
	h->n_torn += state == LINE_TORN;
	h->n_rot += state == LINE_ROT;
	h->n_zero += state == LINE_ZERO;
}

static enum err read_rows(struct builder *b, int64_t to)
{
	struct index_header *h = &b->in.header;
	struct field_set want = wanted_fields();
	struct shard_reader r;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	uint64_t torn = b->view->n_torn;
	enum err e = shard_reader_open(b->view, b->shard, h->from, to, &r);
	if (e)
		return e;
	while (!is_full(b, h->from, r.at)) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		enum line_state state = line_read(line, &want, false, &span);
		count_bad(h, state);
		if (state == LINE_OK)
			put_row(b, &span, ref);
	}
	/* The reader counts what is too long for a line. */
	h->n_torn += (uint32_t)(b->view->n_torn - torn);
	b->view->n_torn = torn;
	h->to = r.at;
	shard_reader_close(&r);
	return e;
}

/* ---- What segment_make asks for ---- */

static enum err get_column(
	struct segment_input *in, unsigned c, struct arena *a, struct raw_column *ret)
{
	struct builder *b = (struct builder *)in;
	const struct draft_column *col = &b->columns[c];
	(void)a;
	*ret = (struct raw_column){ .n_rows = b->n_rows,
		.n_present = col->n_present,
		.present = col->n_present < b->n_rows ? col->present : NULL,
		.values = col->values };
	if (c == FIELD_TAGS && col->n_present) {
		ret->is_unknown = b->unknown_tags;
		ret->lists =
			b->unknown_tags ? NULL : (const uint32_t *)(const void *)b->tag_lists.ptr;
	}
	return ERR_OK;
}

static enum err get_dict(struct segment_input *in, unsigned c, struct arena *a, struct dict *ret)
{
	(void)a;
	*ret = ((struct builder *)in)->finished[c];
	return ERR_OK;
}

struct row_values {
	int64_t *at, *identity, *version, *prev_day;
};

static void spread(const struct builder *b, unsigned c, int64_t *values)
{
	const struct draft_column *col = &b->columns[c];
	for (uint32_t row = 0, n = 0; n < col->n_present; row++)
		if (col->present[row / 64] >> row % 64 & 1)
			values[row] = col->values[n++];
}

static struct row_values row_values(const struct builder *b, struct arena *a)
{
	struct row_values v;
	int64_t *all = arena_calloc(a, (size_t)b->n_rows * 4 + 1, sizeof *all);
	v.at = all;
	v.identity = v.at + b->n_rows;
	v.version = v.identity + b->n_rows;
	v.prev_day = v.version + b->n_rows;
	for (uint32_t row = 0; row < b->n_rows; row++)
		v.prev_day[row] = SPAN_NO_DAY;
	spread(b, INDEX_AT, v.at);
	spread(b, INDEX_IDENTITY, v.identity);
	spread(b, FIELD_INGESTED_AT, v.version);
	spread(b, FIELD_UPDATED_AT, v.version);
	spread(b, INDEX_PREV_DAY, v.prev_day);
	return v;
}

static int compare_places(const struct index_place *x, const struct index_place *y)
{
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int segment_compare_kills(const void *x, const void *y)
{
	const struct index_kill *a = x, *b = y;
	int order = compare_places(&a->loser, &b->loser);
	return order ? order : compare_places(&a->winner, &b->winner);
}

bool segment_wins(
	int64_t version, const struct index_place *place, const struct segment_rival *rival)
{
	if (version != rival->version)
		return version > rival->version;
	return compare_places(place, &rival->place) > 0;
}

static enum err add_kills(
	struct builder *b, const struct row_values *v, uint32_t i, struct buf *kills)
{
	uint32_t row = b->in.key_rows[i];
	const struct segment_rival *rivals;
	size_t n;
	struct index_place me = { b->in.header.day, b->in.header.part, v->at[row] };
	enum err e = b->history->rivals(b->history->user, b->in.keys[i], (uint64_t)v->identity[row],
		(int32_t)v->prev_day[row], &rivals, &n);
	for (size_t k = 0; !e && k < n; k++) {
		struct index_kill kill = segment_wins(v->version[row], &me, &rivals[k])
						 ? (struct index_kill){ rivals[k].place, me }
						 : (struct index_kill){ me, rivals[k].place };
		buf_add(kills, str_of((const char *)&kill, sizeof kill));
	}
	return e;
}

static enum err get_kills(struct segment_input *in, const uint64_t *superseded, struct arena *a,
	struct index_kill **ret, size_t *ret_n)
{
	struct builder *b = (struct builder *)in;
	struct buf kills;
	enum err e = ERR_OK;
	*ret = NULL;
	*ret_n = 0;
	if (!b->history)
		return ERR_OK;
	buf_init(&kills, a);
	struct row_values v = row_values(b, a);
	for (uint32_t i = 0; !e && i < b->n_rows; i++) {
		uint32_t row = in->key_rows[i];
		if (!superseded || !(superseded[row / 64] >> row % 64 & 1))
			e = add_kills(b, &v, i, &kills);
	}
	*ret_n = kills.len / sizeof **ret;
	*ret = arena_calloc(a, *ret_n, sizeof **ret);
	if (*ret_n)
		memcpy(*ret, kills.ptr, kills.len);
	if (*ret_n > 1)
		qsort(*ret, *ret_n, sizeof **ret, segment_compare_kills);
	buf_release(&kills);
	return e;
}

static enum err get_earlier(struct segment_input *in, uint64_t *bitmap, bool *ret_is_whole)
{
	struct builder *b = (struct builder *)in;
	*ret_is_whole = !b->history || b->history->is_whole;
	for (uint32_t i = 0; b->history && i < in->header.n_traces; i++) {
		struct str id = dict_entry(&in->trace_ids, i);
		bool has;
		enum err e = b->history->has_trace(b->history->user, id, text_hash(b, id), &has);
		if (e)
			return e;
		bitmap[i / 64] |= (uint64_t)has << i % 64;
	}
	return ERR_OK;
}

enum err segment_read_span_id(struct view *v, struct row_ref ref, struct arena *a, struct str *ret)
{
	static const struct field_set want = { { UINT64_C(1) << FIELD_SPAN_ID } };
	struct span span;
	struct str line;
	enum err e = view_read_line(v, ref, &line);
	if (e || line_read(line, &want, true, &span) != LINE_OK)
		return e ? e : ERR_IO;
	*ret = arena_copy(a, span_text(&span, FIELD_SPAN_ID));
	return ERR_OK;
}

static enum err get_span_id(void *in, uint32_t row, struct arena *a, struct str *ret)
{
	struct builder *b = in;
	struct row_ref ref = { (uint32_t)b->shard, (uint32_t)b->columns[INDEX_LEN].values[row],
		b->columns[INDEX_AT].values[row] };
	return segment_read_span_id(b->view, ref, a, ret);
}

/* ---- Putting it together ---- */

static int compare_keys(const void *x, const void *y)
{
	const struct key_row *a = x, *b = y;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static void finish_ids(struct builder *b)
{
	uint64_t *keys = arena_calloc(b->arena, b->n_rows, sizeof *keys);
	uint32_t *rows = arena_calloc(b->arena, b->n_rows, sizeof *rows);
	if (b->n_rows > 1)
		qsort(b->keys, b->n_rows, sizeof *b->keys, compare_keys);
	for (uint32_t i = 0; i < b->n_rows; i++) {
		keys[i] = b->keys[i].key;
		rows[i] = b->keys[i].row;
	}
	b->in.keys = keys;
	b->in.key_rows = rows;
}

static void finish_dicts(struct builder *b)
{
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		struct draft_column *col = &b->columns[f];
		uint32_t *new_code;
		if (!b->dicts[f].n)
			continue;
		dict_finish(&b->dicts[f], &b->finished[f], &new_code);
		for (uint32_t i = 0; i < col->n_values; i++)
			col->values[i] = new_code[col->values[i]];
	}
	uint32_t n = b->columns[FIELD_TAGS].n_values;
	buf_add(&b->tag_lists, str_of((const char *)&n, sizeof n));
}

/* The texts without the code in front. */
static void finish_traces(struct builder *b)
{
	const struct dict_maker *m = &b->traces;
	uint32_t *at = arena_calloc(b->arena, m->n + 1, sizeof *at);
	char *bytes = arena_text(b->arena, m->bytes.len);
	for (uint32_t i = 0; i < m->n; i++) {
		struct str id = str_skip(dict_maker_text(m, i), sizeof(uint32_t));
		memcpy(bytes + at[i], id.ptr, id.len);
		at[i + 1] = at[i] + (uint32_t)id.len;
	}
	b->in.trace_ids = (struct dict){ .n = m->n, .at = at, .bytes = bytes };
	b->in.trace_of = (const uint32_t *)(const void *)b->trace_rows.ptr;
}

/* Its table has checksums of all lines. */
static uint64_t print_sealed(const struct shard *s, int64_t at, int64_t end)
{
	int64_t of[] = { at, end };
	uint64_t print = s->sealed ? s->sealed->print : 0;
	return hash64(str_of((const char *)of, sizeof of), print);
}

enum err segment_print(struct view *v, size_t shard, int64_t at, int64_t end, uint64_t *ret)
{
	char bytes[INDEX_PRINT_BYTES];
	size_t n = end - at < INDEX_PRINT_BYTES ? (size_t)(end - at) : INDEX_PRINT_BYTES, got;
	enum err e = shard_open(v, shard);
	if (!e && v->shards[shard].is_sealed) {
		*ret = print_sealed(&v->shards[shard], at, end);
		return ERR_OK;
	}
	if (!e)
		e = shard_read(v, shard, bytes, n, at, &got);
	if (!e)
		*ret = hash64(str_of(bytes, got), INDEX_MAGIC);
	return e;
}

enum err segment_prints(struct view *v, size_t shard, struct index_header *h)
{
	int64_t last = h->to - h->from > INDEX_PRINT_BYTES ? h->to - INDEX_PRINT_BYTES : h->from;
	enum err e = segment_print(v, shard, h->from, h->to, &h->first_print);
	return e ? e : segment_print(v, shard, last, h->to, &h->last_print);
}

static enum err finish(struct builder *b)
{
	struct index_header *h = &b->in.header;
	enum err e = segment_prints(b->view, b->shard, h);
	if (e)
		return e;
	finish_ids(b);
	finish_dicts(b);
	finish_traces(b);
	h->n_rows = b->n_rows;
	h->n_traces = b->traces.n;
	h->seed = b->seed;
	h->flags = b->empty_parents ? INDEX_EMPTY_PARENTS : 0;
	b->in.deletes = b->n_deletes ? b->deletes : NULL;
	return ERR_OK;
}

static void release(struct builder *b)
{
	for (unsigned c = 0; c < INDEX_COLUMN__MAX; c++)
		if (b->columns[c].values)
			arena_block(b->arena, b->columns[c].values, 0);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		dict_maker_release(&b->dicts[f]);
	dict_maker_release(&b->traces);
	buf_release(&b->tag_lists);
	buf_release(&b->trace_key);
	buf_release(&b->trace_rows);
}

static void init(struct builder *b)
{
	for (unsigned f = 0; f < FIELD__MAX; f++)
		dict_maker_init(&b->dicts[f], b->arena);
	dict_maker_init(&b->traces, b->arena);
	buf_init(&b->tag_lists, b->arena);
	buf_init(&b->trace_key, b->arena);
	buf_init(&b->trace_rows, b->arena);
	b->keys = arena_calloc(b->arena, b->limits->rows, sizeof *b->keys);
	b->deletes = arena_calloc(b->arena, b->limits->rows / 64 + 1, sizeof *b->deletes);
	b->in.column = get_column;
	b->in.dict = get_dict;
	b->in.kills = get_kills;
	b->in.earlier = get_earlier;
	b->in.span_id = get_span_id;
}

enum err segment_build(struct view *v, size_t shard, int64_t from, int64_t to,
	const struct segment_limits *limits, uint64_t seed, const struct segment_history *history,
	int idx_fd, int64_t *ret_to)
{
	struct arena_mark mark = arena_mark(v->arena);
	struct builder *b = arena_alloc(v->arena, sizeof *b);
	char name[SEGMENT_NAME_MAX];
	b->view = v;
	b->shard = shard;
	b->arena = v->arena;
	b->limits = limits;
	b->history = history;
	b->seed = seed;
	b->in.header.day = v->shards[shard].day;
	b->in.header.part = v->shards[shard].part;
	b->in.header.from = from;
	init(b);
	enum err e = read_rows(b, to);
	if (!e)
		e = finish(b);
	if (!e) {
		segment_name(b->in.header.part, from, b->in.header.to, name);
		*ret_to = b->in.header.to;
		e = segment_make(&b->in, v->arena, idx_fd, name);
	}
	release(b);
	arena_rewind(v->arena, mark);
	return e;
}
