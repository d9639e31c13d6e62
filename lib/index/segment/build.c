#include "index/segment/build.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "index/segment/draft.h"
#include "index/segment/keys.h"
#include "shard/sealed/sealed.h"

#include <stdlib.h>

struct builder {
	struct segment_input in; /* first: the callbacks get it */
	struct view *view;
	size_t shard;
	struct arena *arena;
	const struct segment_limits *limits;
	const struct segment_history *history;
	uint64_t seed;
	struct draft draft;
	struct dict finished[FIELD__MAX];
	struct buf lines; /* of records: bytes of the shard from lines_at on */
	int64_t lines_at;
};

/* ---- Rows ---- */

static bool is_full(const struct builder *b, int64_t from, int64_t at)
{
	return b->draft.n_rows == b->limits->rows || at - from >= b->limits->bytes ||
	       b->draft.text_bytes >= b->limits->text_bytes;
}

static void count_bad(struct index_header *h, enum line_state state)
{
	h->n_torn += state == LINE_TORN;
	h->n_rot += state == LINE_ROT;
	h->n_zero += state == LINE_ZERO;
}

/* Traces begin now and then: then each line is read alone. Where they are closer, many at once. */
static enum err read_line_of(struct builder *b, const struct rowlog_row *r, struct str *ret)
{
	enum { NEAR_BYTES = 4 << 10, AHEAD_BYTES = 64 << 10 };
	size_t n = (size_t)r->len + 1, got;
	int64_t end = b->lines_at + (int64_t)b->lines.len;
	if (r->len > b->view->store->line_bytes)
		return ERR_NOT_FOUND;
	if (r->at < b->lines_at || rowlog_row_end(r) > end) {
		if (r->at >= end && r->at - end < NEAR_BYTES && n < AHEAD_BYTES)
			n = AHEAD_BYTES;
		buf_reset(&b->lines);
		char *p = buf_reserve(&b->lines, n);
		enum err e = shard_read(b->view, b->shard, p, n, r->at, &got);
		if (e)
			return e;
		b->lines.len = got;
		b->lines_at = r->at;
	}
	struct str line = str_skip(buf_str(&b->lines), (size_t)(r->at - b->lines_at));
	if (line.len <= r->len || line.ptr[r->len] != '\n')
		return ERR_NOT_FOUND;
	*ret = str_first(line, r->len);
	return ERR_OK;
}

static enum err read_span_of(void *user, const struct rowlog_row *r, struct span *ret)
{
	const struct field_set want = draft_fields();
	struct str line;
	enum err e = read_line_of(user, r, &line);
	if (!e && (line_read(line, &want, false, ret) != LINE_OK ||
			  rowlog_line_checksum(str_of(line.ptr, line.len + 1)) != r->line_checksum))
		e = ERR_NOT_FOUND;
	return e;
}

/* *at: behind the last of them. */
static enum err put_records(struct builder *b, const struct segment_records *records, int64_t *at)
{
	enum { AT_ONCE = 64 }; /* records that fit into the processor's first cache */
	int64_t from = *at = b->in.header.from;
	size_t n = 0; /* of those whose numbers are still to be put */
	b->draft.n_expected = records->n < b->limits->rows ? (uint32_t)records->n : b->limits->rows;
	for (size_t i = 0; i < records->n && !is_full(b, from, *at); i++) {
		const struct rowlog_row *r = &records->rows[i];
		const struct draft_lines lines = { .user = b, .read = read_span_of };
		enum err e = draft_put_record(&b->draft, r, &lines);
		if (e)
			return e;
		*at = rowlog_row_end(r);
		if (++n == AT_ONCE) {
			draft_put_numbers(&b->draft, records->rows + (i + 1 - n), n);
			n = 0;
		}
	}
	draft_put_numbers(&b->draft, records->rows + (b->draft.n_rows - n), n);
	return ERR_OK;
}

static enum err read_rows(struct builder *b, int64_t from, int64_t to)
{
	struct index_header *h = &b->in.header;
	struct field_set want = draft_fields();
	struct shard_reader r;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	uint64_t torn = b->view->n_torn;
	enum err e = shard_reader_open(b->view, b->shard, from, to, &r);
	if (e)
		return e;
	while (!is_full(b, h->from, r.at)) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		enum line_state state = line_read(line, &want, false, &span);
		count_bad(h, state);
		if (state == LINE_OK)
			draft_put_line(&b->draft, &span, ref);
	}
	/* The reader counts what is too long for a line. */
	h->n_torn += (uint32_t)(b->view->n_torn - torn);
	b->view->n_torn = torn;
	h->to = r.at;
	shard_reader_close(&r);
	return e;
}

/* ---- What segment_make asks for ---- */

static enum err segment_build_get_column(
	struct segment_input *in, unsigned c, struct arena *a, struct raw_column *ret)
{
	struct builder *b = (struct builder *)in;
	const struct draft_column *col = &b->draft.columns[c];
	(void)a;
	*ret = (struct raw_column){ .n_rows = b->draft.n_rows,
		.n_present = col->n_present,
		.present = col->n_present < b->draft.n_rows ? col->present : NULL,
		.values = col->values };
	if (c == FIELD_TAGS && col->n_present) {
		ret->is_unknown = b->draft.unknown_tags;
		ret->lists = b->draft.unknown_tags
				     ? NULL
				     : (const uint32_t *)(const void *)b->draft.tag_lists.ptr;
	}
	return ERR_OK;
}

static enum err segment_build_get_dict(
	struct segment_input *in, unsigned c, struct arena *a, struct dict *ret)
{
	(void)a;
	*ret = ((struct builder *)in)->finished[c];
	return ERR_OK;
}

/* The columns that links are made of. */
struct row_values {
	const int64_t *identity;
	const int64_t *prev_day; /* NULL: no row has one */
};

static struct row_values row_values(const struct builder *b)
{
	const struct draft_column *c = b->draft.columns, *prev = &c[INDEX_PREV_DAY];
	struct row_values v = { .identity = c[INDEX_IDENTITY].values }; /* all rows have it */
	if (prev->n_present == 0)
		return v;
	int64_t *days = arena_room(b->arena, b->draft.n_rows, sizeof *days);
	for (uint32_t row = 0, n = 0; row < b->draft.n_rows; row++)
		days[row] =
			prev->present[row / 64] >> row % 64 & 1 ? prev->values[n++] : SPAN_NO_DAY;
	v.prev_day = days;
	return v;
}

int segment_compare_links(const void *x, const void *y)
{
	const struct index_link *a = x, *b = y;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return a->day < b->day ? -1 : a->day > b->day;
}

/* Returns the newest earlier day that a row leads to, or one of those that it supersedes: its
 * writer may not have looked as far back as theirs (lookup_since()). i: in the id table, where the
 * rows of an identity stand together. */
static int32_t prev_day_of(const struct builder *b, const struct row_values *v, uint32_t i)
{
	const uint64_t *keys = b->in.keys;
	int64_t identity = v->identity[b->in.key_rows[i]];
	int32_t day = SPAN_NO_DAY;
	uint32_t from = i;
	if (!v->prev_day)
		return day;
	while (from > 0 && keys[from - 1] == keys[i])
		from--;
	for (uint32_t k = from; k < b->draft.n_rows && keys[k] == keys[i]; k++) {
		uint32_t row = b->in.key_rows[k];
		if (v->identity[row] == identity && v->prev_day[row] > day)
			day = (int32_t)v->prev_day[row];
	}
	return day;
}

static enum err add_links(
	struct builder *b, const struct row_values *v, uint32_t i, struct segment_links *to)
{
	uint32_t row = b->in.key_rows[i];
	struct index_link link = {
		.key = b->in.keys[i], .identity = (uint64_t)v->identity[row], .row = row
	};
	const struct segment_row mine = { .key = link.key,
		.identity = link.identity,
		.unique_until = b->draft.unique_until[row] };
	bool has_earlier;
	link.day = prev_day_of(b, v, i);
	if (link.day != SPAN_NO_DAY)
		ARRAY_PUSH(b->arena, to->links, to->n, to->cap, link);
	enum err e = b->history->has_earlier(b->history->user, &mine, &has_earlier);
	link.day = b->in.header.day;
	if (!e && has_earlier)
		ARRAY_PUSH(b->arena, to->links, to->n, to->cap, link);
	return e;
}

static enum err segment_build_get_links(
	struct segment_input *in, const uint64_t *superseded, struct segment_links *ret)
{
	struct builder *b = (struct builder *)in;
	enum err e = ERR_OK;
	if (!b->history)
		return ERR_OK;
	struct row_values v = row_values(b);
	for (uint32_t i = 0; !e && i < b->draft.n_rows; i++) {
		uint32_t row = in->key_rows[i];
		if (!bits_found(superseded, row))
			e = add_links(b, &v, i, ret);
	}
	if (ret->n > 1)
		qsort(ret->links, ret->n, sizeof *ret->links, segment_compare_links);
	return e;
}

static enum err segment_build_get_earlier(
	struct segment_input *in, uint64_t *bitmap, bool *ret_is_whole)
{
	struct builder *b = (struct builder *)in;
	*ret_is_whole = !b->history || b->history->is_whole;
	for (uint32_t i = 0; b->history && i < in->header.n_traces; i++) {
		struct str id = dict_entry(&in->trace_ids, i);
		bool has;
		enum err e = b->history->has_trace(b->history->user, id, hash64(id, b->seed), &has);
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

static enum err segment_build_get_span_id(void *in, uint32_t row, struct arena *a, struct str *ret)
{
	struct builder *b = in;
	struct row_ref ref = { (uint32_t)b->shard,
		(uint32_t)b->draft.columns[INDEX_LEN].values[row],
		b->draft.columns[INDEX_AT].values[row] };
	return segment_read_span_id(b->view, ref, a, ret);
}

/* ---- Putting it together ---- */

static void finish_ids(struct builder *b)
{
	struct segment_keys keys;
	segment_keys_begin(&keys, b->arena, b->draft.n_rows);
	for (uint32_t row = 0; row < b->draft.n_rows; row++)
		segment_keys_count(&keys, b->draft.keys[row]);
	segment_keys_place(&keys);
	for (uint32_t row = 0; row < b->draft.n_rows; row++)
		segment_keys_put(&keys, b->draft.keys[row], row);
	segment_keys_finish(&keys);
	b->in.keys = keys.keys;
	b->in.key_rows = keys.rows;
}

static void finish_dicts(struct builder *b)
{
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		struct draft_column *col = &b->draft.columns[f];
		uint32_t *new_code;
		if (!dict_maker_n(&b->draft.dicts[f]))
			continue;
		dict_finish(&b->draft.dicts[f], 0, &b->finished[f], &new_code);
		for (uint32_t i = 0; i < col->n_values; i++)
			col->values[i] = new_code[col->values[i]];
	}
	uint32_t n = b->draft.columns[FIELD_TAGS].n_values;
	buf_add(&b->draft.tag_lists, str_of((const char *)&n, sizeof n));
}

static void finish_traces(struct builder *b)
{
	uint32_t *new_code, *trace_of = (uint32_t *)(void *)b->draft.trace_rows.ptr;
	dict_finish(&b->draft.traces, sizeof(uint32_t), &b->in.trace_ids, &new_code);
	for (uint32_t row = 0; row < b->draft.n_rows; row++)
		trace_of[row] = new_code[trace_of[row]];
	b->in.trace_of = trace_of;
}

/* Its table has checksums of all lines. What was made of a worn file is of that very file: a sound
 * one with the same table holds more. */
static uint64_t print_sealed(const struct shard *s, int64_t at, int64_t end)
{
	const struct sealed *f = s->sealed;
	bool is_worn = f && f->is_worn;
	int64_t of[] = { at, end, is_worn ? (int64_t)f->ino : 0,
		is_worn ? f->changed.tv_sec * NS_PER_S + f->changed.tv_nsec : 0 };
	size_t n = is_worn ? sizeof of : 2 * sizeof of[0];
	return hash64(str_of((const char *)of, n), f ? f->print : 0);
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

static bool has_prints(struct view *v, size_t shard, const struct index_header *h)
{
	struct index_header now = *h;
	return segment_prints(v, shard, &now) == ERR_OK && now.first_print == h->first_print &&
	       now.last_print == h->last_print;
}

bool segment_is_bound(struct view *v, size_t shard, const struct index_header *h)
{
	if (has_prints(v, shard, h))
		return true;
	/* It was made before the file was damaged, or of what was left then. */
	struct sealed *f = v->shards[shard].sealed;
	if (!f)
		return false;
	bool was_worn = f->is_worn;
	f->is_worn = !was_worn;
	bool is_bound = has_prints(v, shard, h);
	f->is_worn = was_worn || is_bound;
	return is_bound;
}

static enum err segment_build_finish(struct builder *b)
{
	struct index_header *h = &b->in.header;
	enum err e = segment_prints(b->view, b->shard, h);
	if (e)
		return e;
	finish_ids(b);
	finish_dicts(b);
	finish_traces(b);
	h->n_rows = b->draft.n_rows;
	h->n_traces = dict_maker_n(&b->draft.traces);
	h->seed = b->seed;
	h->flags = b->draft.empty_parents ? INDEX_EMPTY_PARENTS : 0;
	b->in.deletes = b->draft.n_deletes ? b->draft.deletes : NULL;
	return ERR_OK;
}

static void init(struct builder *b)
{
	draft_init(&b->draft, b->arena, b->limits->rows, b->seed);
	buf_init(&b->lines, b->arena);
	b->in.column = segment_build_get_column;
	b->in.dict = segment_build_get_dict;
	b->in.links = segment_build_get_links;
	b->in.earlier = segment_build_get_earlier;
	b->in.span_id = segment_build_get_span_id;
}

static void release(struct builder *b)
{
	draft_release(&b->draft);
	buf_release(&b->lines);
}

static enum err collect(struct builder *b, int64_t to, const struct segment_records *records)
{
	int64_t at = b->in.header.from;
	enum err e = records ? put_records(b, records, &at) : ERR_OK;
	return e ? e : read_rows(b, at, to);
}

static enum err segment_build_build(struct builder *b, int64_t to,
	const struct segment_records *records, int idx_fd, int64_t *ret_to)
{
	char name[SEGMENT_NAME_MAX];
	init(b);
	enum err e = collect(b, to, records);
	if (!e)
		e = segment_build_finish(b);
	if (!e) {
		segment_name(b->in.header.part, b->in.header.from, b->in.header.to, name);
		*ret_to = b->in.header.to;
		e = segment_make(&b->in, b->arena, idx_fd, name);
	}
	release(b);
	return e;
}

enum err segment_build(struct view *v, size_t shard, int64_t from, int64_t to,
	const struct segment_limits *limits, uint64_t seed, const struct segment_history *history,
	const struct segment_records *records, int idx_fd, int64_t *ret_to)
{
	struct arena_mark mark = arena_mark(v->arena);
	struct builder *b = arena_alloc(v->arena, sizeof *b);
	const struct builder empty = { .view = v,
		.shard = shard,
		.arena = v->arena,
		.limits = limits,
		.history = history,
		.seed = seed,
		.in.header = { .day = v->shards[shard].day,
			.part = v->shards[shard].part,
			.from = from } };
	*b = empty;
	enum err e = segment_build_build(b, to, records, idx_fd, ret_to);
	if (e == ERR_NOT_FOUND && records) {
		*b = empty;
		e = segment_build_build(b, to, NULL, idx_fd, ret_to);
	}
	arena_rewind(v->arena, mark);
	return e;
}
