#include "query/rows/block.h"

#include "query/rows/block_made.h"

void block_of_segment(struct block *ret, struct index_set *set, struct index_segment *s)
{
	*ret = (struct block){ .kind = BLOCK_SEGMENT,
		.n_rows = s->n_rows,
		.set = set,
		.segment = s,
		.superseded = s->hidden,
		.n_superseded = s->n_hidden };
}

static struct arena *block_arena_of(const struct block *b)
{
	return b->set->view->arena;
}

/* ---- Numbers ---- */

enum err block_column(struct block *b, unsigned c, const struct column **ret)
{
	if (b->segment)
		return segment_column(b->segment, c, ret);
	*ret = made_number(b, c);
	return ERR_OK;
}

enum column_state block_column_state(struct block *b, unsigned c)
{
	return b->segment ? segment_column_state(b->segment, c) : made_number(b, c)->state;
}

bool block_bounds(struct block *b, unsigned c, int64_t *ret_min, int64_t *ret_max)
{
	if (b->segment)
		return segment_bounds(b->segment, c, ret_min, ret_max);
	const struct column *col = made_number(b, c);
	*ret_min = col->min;
	*ret_max = col->max;
	return col->n_present > 0;
}

bool block_is_full(struct block *b, unsigned c)
{
	return b->segment ? segment_column_is_full(b->segment, c)
			  : column_is_full(made_number(b, c));
}

/* ---- Texts ---- */

static enum err segment_texts(struct block *b, unsigned field, struct block_texts **ret)
{
	struct block_texts *t = arena_alloc(block_arena_of(b), sizeof *t);
	bool is_trace = field == FIELD_TRACE_ID;
	enum err e = ERR_OK;
	t->field = field;
	t->is_sorted = true;
	if (is_trace)
		e = segment_trace_ids(b->segment, &t->dict);
	else if (segment_column_state(b->segment, field) != COLUMN_ABSENT)
		e = segment_dict(b->segment, field, &t->dict);
	t->n = t->dict.n;
	if (!e)
		*ret = t;
	return e;
}

enum err block_texts_alone(struct block *b, unsigned field, struct block_texts **ret)
{
	if (b->segment)
		return segment_texts(b, field, ret);
	return made_texts(b, field, ret);
}

enum err block_text_codes(struct block *b, struct block_texts *t)
{
	unsigned c = t->field == FIELD_TRACE_ID ? (unsigned)INDEX_TRACE : t->field;
	return t->codes ? ERR_OK : segment_column(b->segment, c, &t->codes);
}

enum err block_texts(struct block *b, unsigned field, struct block_texts **ret)
{
	struct block_texts *t;
	enum err e = block_texts_alone(b, field, &t);
	if (!e)
		e = block_text_codes(b, t);
	if (!e)
		*ret = t;
	return e;
}

enum err block_text(struct block *b, struct block_texts *t, uint32_t code, struct str *ret)
{
	struct field_set want = { { 0 } };
	struct span s;
	bool is_there;
	if (b->segment) {
		*ret = dict_entry(&t->dict, code);
		return ERR_OK;
	}
	if (str_is_null(t->known[code])) {
		field_set_add(&want, (enum field)t->field);
		enum err e = block_read(b, t->row[code], &want, &s, &is_there);
		if (e)
			return e;
		struct str text = is_there ? span_text(&s, (enum field)t->field) : STR_NULL;
		t->known[code] = str_is_null(text) ? STR("") : arena_copy(block_arena_of(b), text);
	}
	*ret = t->known[code];
	return ERR_OK;
}

enum err block_text_hash(struct block *b, struct block_texts *t, uint32_t code, uint64_t *ret)
{
	const struct column *hash;
	if (t->field == FIELD_TRACE_ID) {
		enum err e = block_trace_hashes(b, &hash);
		if (!e)
			*ret = (uint64_t)column_value(hash, code);
		return e;
	}
	*ret = b->segment ? index_hash(b->set, dict_entry(&t->dict, code))
			  : ((struct made_text *)table_row(b->made->words[t->field], code))->hash;
	return ERR_OK;
}

static enum err find_trace_texts(struct block *b, struct str body, uint64_t *codes)
{
	uint64_t probe = 0, hash = index_hash(b->set, body);
	uint32_t trace;
	enum err e;
	while (!(e = block_find_trace(b, body, hash, &probe, &trace)) && trace != UINT32_MAX)
		bits_set(codes, trace);
	return e;
}

enum err block_find_text(struct block *b, struct block_texts *t, struct str body, uint64_t *codes)
{
	uint32_t code;
	if (t->field == FIELD_TRACE_ID)
		return find_trace_texts(b, body, codes);
	if (b->segment) {
		if (dict_find(&t->dict, body, &code))
			bits_set(codes, code);
		return ERR_OK;
	}
	const struct table *words = b->made->words[t->field];
	uint64_t hash = index_hash(b->set, body);
	for (uint32_t i = 0; i < t->n; i++)
		if (((const struct made_text *)table_row(words, i))->hash == hash)
			bits_set(codes, i);
	return ERR_OK;
}

/* ---- Traces ---- */

enum err block_traces(struct block *b, struct block_traces *ret)
{
	struct block_traces t = { .n = 0 };
	if (b->made) {
		made_traces(b, ret);
		return ERR_OK;
	}
	t.n = b->segment->n_traces;
	enum err e = segment_column(b->segment, INDEX_TRACE, &t.codes);
	if (!e)
		e = segment_column(b->segment, INDEX_TRACE_HASH, &t.hash);
	if (!e)
		e = segment_column(b->segment, INDEX_TRACE_FIRST_ROW, &t.first_row);
	if (!e)
		e = segment_column(b->segment, INDEX_TRACE_LAST_ROW, &t.last_row);
	if (!e)
		*ret = t;
	return e;
}

enum err block_trace_hashes(struct block *b, const struct column **ret)
{
	struct block_traces t;
	if (b->segment)
		return segment_column(b->segment, INDEX_TRACE_HASH, ret);
	made_traces(b, &t);
	*ret = t.hash;
	return ERR_OK;
}

/* Reads the texts of a trace of live rows from the line of its first row. */
static enum err read_trace(struct block *b, struct made_trace *t)
{
	struct field_set want = { { 0 } };
	struct span s;
	bool is_there;
	if (!str_is_null(t->id))
		return ERR_OK;
	field_set_add(&want, FIELD_TRACE_ID);
	field_set_add(&want, FIELD_SOURCE);
	enum err e = block_read(b, t->first_row, &want, &s, &is_there);
	if (e)
		return e;
	struct str id = is_there ? span_text(&s, FIELD_TRACE_ID) : STR_NULL;
	struct str source = is_there ? span_text(&s, FIELD_SOURCE) : STR_NULL;
	t->id = str_is_null(id) ? STR("") : arena_copy(block_arena_of(b), id);
	t->source = str_is_null(source) ? STR("") : arena_copy(block_arena_of(b), source);
	return ERR_OK;
}

static enum err made_trace(struct block *b, uint32_t trace, const struct made_trace **ret)
{
	struct made_trace *t = table_row(b->made->traces, trace);
	enum err e = read_trace(b, t);
	if (!e)
		*ret = t;
	return e;
}

enum err block_trace_id(struct block *b, uint32_t trace, struct str *ret)
{
	const struct made_trace *t;
	struct dict ids;
	enum err e = b->made ? made_trace(b, trace, &t) : segment_trace_ids(b->segment, &ids);
	if (!e)
		*ret = b->made ? t->id : dict_entry(&ids, trace);
	return e;
}

enum err block_trace_source(struct block *b, uint32_t trace, struct str *ret)
{
	const struct made_trace *t;
	const struct column *c;
	struct dict sources;
	enum err e = b->made ? made_trace(b, trace, &t)
			     : segment_column(b->segment, INDEX_TRACE_SOURCE, &c);
	if (e)
		return e;
	if (b->made) {
		*ret = t->source;
		return ERR_OK;
	}
	if (!column_has(c, trace)) {
		*ret = STR("");
		return ERR_OK;
	}
	e = segment_dict(b->segment, FIELD_SOURCE, &sources);
	if (!e)
		*ret = dict_entry(&sources, (uint32_t)column_value(c, trace));
	return e;
}

enum err block_trace_source_hash(struct block *b, uint32_t trace, uint64_t *ret)
{
	struct str source;
	if (b->made) {
		*ret = ((struct made_trace *)table_row(b->made->traces, trace))->source_hash;
		return ERR_OK;
	}
	enum err e = block_trace_source(b, trace, &source);
	if (!e)
		*ret = index_hash(b->set, source);
	return e;
}

/* *probe: of traces that were made 1 + the last one that was found. */
enum err block_find_trace(
	struct block *b, struct str trace_id, uint64_t hash, uint64_t *probe, uint32_t *ret_trace)
{
	if (b->segment)
		return segment_find_trace(b->segment, trace_id, hash, probe, ret_trace);
	*ret_trace = made_find_trace(b, hash, (uint32_t)*probe);
	if (*ret_trace != UINT32_MAX)
		*probe = (uint64_t)*ret_trace + 1;
	return ERR_OK;
}

/* ---- Rows ---- */

const struct rowlog_row *block_records(const struct block *b)
{
	return b->kind == BLOCK_LIVE ? b->made->live : NULL;
}

enum err block_ref(struct block *b, uint32_t row, struct row_ref *ret)
{
	const struct block_made *m = b->made;
	if (b->segment) {
		enum err e = segment_confirm(b->segment);
		return e ? e : segment_row_ref(b->segment, row, ret);
	}
	if (b->kind == BLOCK_LINES) {
		*ret = m->refs[row];
		return ERR_OK;
	}
	const struct rowlog_row *r = &m->live[row];
	*ret = (struct row_ref){ .shard = (uint32_t)m->shard, .len = r->len, .at = r->at };
	return ERR_OK;
}

enum err block_read(struct block *b, uint32_t row, const struct field_set *want, struct span *ret,
	bool *ret_is_there)
{
	struct row_ref ref;
	enum err e = block_ref(b, row, &ref);
	if (!e)
		e = view_read_span(b->set->view, ref, want, ret, NULL);
	if (e && e != ERR_NOT_FOUND)
		return e;
	*ret_is_there = !e;
	return ERR_OK;
}
