#include "index/segment/draft.h"

#include "base/hash.h"
#include "index/segment/build.h"

enum { COLUMN_ROWS = 256 }; /* for which a column has room at first */

void draft_init(struct draft *d, struct arena *a, uint32_t rows_max, uint64_t seed)
{
	*d = (struct draft){
		.arena = a, .rows_max = rows_max, .seed = seed, .empty_hash = hash64(STR(""), seed)
	};
	for (unsigned f = 0; f < FIELD__MAX; f++)
		dict_maker_init(&d->dicts[f], a);
	dict_maker_init(&d->traces, a);
	buf_init(&d->tag_lists, a);
	buf_init(&d->trace_key, a);
	buf_init(&d->trace_rows, a);
	d->keys = arena_block(a, NULL, rows_max * sizeof *d->keys);
	d->unique_until = arena_block(a, NULL, rows_max * sizeof *d->unique_until);
	d->deletes = bits_new(d->arena, d->rows_max);
}

void draft_release(struct draft *d)
{
	for (unsigned c = 0; c < INDEX_COLUMN__MAX; c++)
		if (d->columns[c].values)
			arena_block(d->arena, d->columns[c].values, 0);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		dict_maker_release(&d->dicts[f]);
	dict_maker_release(&d->traces);
	buf_release(&d->tag_lists);
	buf_release(&d->trace_key);
	buf_release(&d->trace_rows);
	arena_block(d->arena, d->keys, 0);
	arena_block(d->arena, d->unique_until, 0);
}

struct field_set draft_fields(void)
{
	struct field_set want = { { 0 } };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_info[f].column != COLUMN_NONE)
			field_set_add(&want, (enum field)f);
	return want;
}

/* ---- Columns ---- */

static void add_value(struct draft *d, struct draft_column *col, int64_t v)
{
	if (col->n_values == col->cap) {
		uint32_t first = d->n_expected > COLUMN_ROWS ? d->n_expected : COLUMN_ROWS;
		col->cap = col->cap ? col->cap * 2 : first;
		col->values = arena_block(d->arena, col->values, col->cap * sizeof *col->values);
	}
	col->values[col->n_values++] = v;
}

static void set_present(struct draft *d, struct draft_column *col, uint32_t row)
{
	if (!col->present)
		col->present = bits_new(d->arena, d->rows_max);
	bits_set(col->present, row);
	col->n_present++;
}

static void draft_put(struct draft *d, unsigned c, int64_t v)
{
	set_present(d, &d->columns[c], d->n_rows);
	add_value(d, &d->columns[c], v);
}

static uint32_t add_to_dict(struct draft *d, struct dict_maker *m, struct str text, uint64_t hash)
{
	size_t before = m->bytes.len;
	uint32_t code = dict_add(m, text, hash);
	d->text_bytes += m->bytes.len - before;
	return code;
}

static uint32_t add_text(struct draft *d, enum field f, struct str text)
{
	return add_to_dict(d, &d->dicts[f], text, hash64(text, d->seed));
}

/* Bodies of the strings of an array. */
static bool put_tag_values(struct draft *d, struct str tags)
{
	struct json array = json_open(tags);
	struct json_iter it = json_elements(array);
	if (array.type != JSON_ARRAY)
		return false;
	while (json_next(&it)) {
		if (it.value.type != JSON_STRING)
			return false;
		add_value(d, &d->columns[FIELD_TAGS], add_text(d, FIELD_TAGS, json_body(it.value)));
	}
	return true;
}

static void draft_put_tags(struct draft *d, struct str tags)
{
	uint32_t first = d->columns[FIELD_TAGS].n_values;
	set_present(d, &d->columns[FIELD_TAGS], d->n_rows);
	buf_add(&d->tag_lists, str_of((const char *)&first, sizeof first));
	if (!d->unknown_tags && !put_tag_values(d, tags))
		d->unknown_tags = true;
}

/* Mixes the source's code, 0 for none, into the trace_id's hash. */
static uint64_t hash_of_trace(uint64_t id_hash, uint32_t source)
{
	return id_hash + source * UINT64_C(0x9e3779b97f4a7c15);
}

static uint32_t add_trace(struct draft *d, struct str id, uint64_t id_hash, uint32_t source)
{
	buf_reset(&d->trace_key);
	buf_add(&d->trace_key, str_of((const char *)&source, sizeof source));
	buf_add(&d->trace_key, id);
	return add_to_dict(d, &d->traces, buf_str(&d->trace_key), hash_of_trace(id_hash, source));
}

/* What a row has besides its fields; the last of it to be put. */
struct row_rest {
	struct row_ref ref;
	uint64_t key, identity;
	int32_t prev_day;
	int64_t span_order;
	uint32_t trace;
	bool is_deleted;
	int64_t unique_until;
};

static void put_rest(struct draft *d, const struct row_rest *r)
{
	buf_add(&d->trace_rows, str_of((const char *)&r->trace, sizeof r->trace));
	draft_put(d, INDEX_AT, r->ref.at);
	draft_put(d, INDEX_LEN, r->ref.len);
	draft_put(d, INDEX_IDENTITY, (int64_t)r->identity);
	if (r->prev_day != SPAN_NO_DAY)
		draft_put(d, INDEX_PREV_DAY, r->prev_day);
	draft_put(d, INDEX_SPAN_ORDER, r->span_order);
	if (r->is_deleted) {
		bits_set(d->deletes, d->n_rows);
		d->n_deletes++;
	}
	d->unique_until[d->n_rows] = r->unique_until;
	d->keys[d->n_rows] = r->key;
	d->n_rows++;
}

/* ---- Lines ---- */

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

static void put_field(struct draft *d, const struct span *s, enum field f)
{
	switch (field_info[f].column) {
	case COLUMN_NONE:
		break;
	case COLUMN_TAGS:
		draft_put_tags(d, s->value[f].text);
		break;
	case COLUMN_DICT:
		draft_put(d, f, add_text(d, f, s->value[f].text));
		break;
	case COLUMN_HASH:
		if (f == FIELD_PARENT_SPAN_ID) {
			draft_put(d, f, (int64_t)hash64(s->value[f].text, d->seed));
			d->empty_parents = d->empty_parents || s->value[f].text.len == 0;
		}
		break;
	default:
		draft_put(d, f, segment_number(s, f));
	}
}

void draft_put_line(struct draft *d, const struct span *s, struct row_ref ref)
{
	uint64_t trace_hash = hash64(span_text(s, FIELD_TRACE_ID), d->seed);
	uint32_t source = 0;
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (span_has(s, (enum field)f))
			put_field(d, s, (enum field)f);
	if (span_has(s, FIELD_SOURCE))
		source = 1 + add_text(d, FIELD_SOURCE, s->value[FIELD_SOURCE].text);
	struct row_rest rest = { .ref = ref,
		.key = segment_key(hash64(span_text(s, FIELD_SPAN_ID), d->seed), trace_hash,
			hash64(span_text(s, FIELD_SOURCE), d->seed)),
		.identity = span_identity_hash(s),
		.prev_day = s->prev_day,
		.span_order = span_text_order(span_text(s, FIELD_SPAN_ID)),
		.trace = add_trace(d, span_text(s, FIELD_TRACE_ID), trace_hash, source),
		.is_deleted = s->is_deleted,
		.unique_until = -1 };
	put_rest(d, &rest);
}

/* ---- Records ---- */

struct record {
	struct draft *draft;
	const struct rowlog_row *row;
	const struct draft_lines *lines;
	struct span span; /* its line, when it was read */
	bool is_read;
};

static enum err read_line(struct record *rec)
{
	if (rec->is_read)
		return ERR_OK;
	enum err e = rec->lines->read(rec->lines->user, rec->row, &rec->span);
	rec->is_read = !e;
	return e;
}

static uint64_t draft_hash_of(const struct record *rec, enum field f)
{
	return rowlog_has(rec->row, f) ? rowlog_value(rec->row, f) : rec->draft->empty_hash;
}

/* The text of a hash, from the line. */
static enum err draft_text_of(struct record *rec, enum field f, struct str *ret)
{
	enum err e = read_line(rec);
	if (e)
		return e;
	struct str text = span_text(&rec->span, f);
	if (span_has(&rec->span, f) != rowlog_has(rec->row, f) ||
		hash64(text, rec->draft->seed) != draft_hash_of(rec, f))
		return ERR_NOT_FOUND;
	*ret = text;
	return ERR_OK;
}

static enum err code_of(struct record *rec, enum field f, uint32_t *ret)
{
	struct draft *d = rec->draft;
	struct draft_memo *memo = &d->memos[f];
	uint64_t hash = draft_hash_of(rec, f);
	struct str text;
	if (!memo->is_set || memo->hash != hash) {
		uint32_t code;
		if (!dict_find_hash(&d->dicts[f], hash, &code)) {
			enum err e = draft_text_of(rec, f, &text);
			if (e)
				return e;
			code = add_to_dict(d, &d->dicts[f], text, hash);
		}
		*memo = (struct draft_memo){ .hash = hash, .code = code, .is_set = true };
	}
	*ret = memo->code;
	return ERR_OK;
}

/* True for fields whose text goes into a dictionary. */
static bool is_text_column(enum field f)
{
	return field_info[f].column == COLUMN_DICT || field_info[f].column == COLUMN_TAGS;
}

/* True for fields of a record that need its line or a dictionary. */
static bool is_put_by_row(enum field f)
{
	return is_text_column(f) || (!rowlog_keeps(f) && field_info[f].column != COLUMN_HASH &&
					    field_info[f].column != COLUMN_NONE);
}

/* True for fields that a record has as they are in the column. */
static bool is_number_column(enum field f)
{
	return rowlog_keeps(f) && field_info[f].column != COLUMN_DICT &&
	       (field_info[f].column != COLUMN_HASH || f == FIELD_PARENT_SPAN_ID);
}

static enum err put_record_text(struct record *rec, enum field f)
{
	struct draft *d = rec->draft;
	enum err e;
	uint32_t code;
	if (f == FIELD_TAGS) {
		e = read_line(rec);
		if (!e && !span_has(&rec->span, f))
			e = ERR_NOT_FOUND;
		if (!e)
			draft_put_tags(d, rec->span.value[f].text);
	} else if (!rowlog_keeps(f)) {
		e = read_line(rec);
		if (!e && !span_has(&rec->span, f))
			e = ERR_NOT_FOUND;
		if (!e)
			put_field(d, &rec->span, f);
	} else {
		e = code_of(rec, f, &code);
		if (!e)
			draft_put(d, f, code);
	}
	return e;
}

static void draft_put_number_column(
	struct draft *d, enum field f, const struct rowlog_row *rows, size_t n)
{
	struct draft_column *col = &d->columns[f];
	uint32_t first = d->n_rows - (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		const struct rowlog_row *r = &rows[i];
		if (!rowlog_has(r, f))
			continue;
		set_present(d, col, first + (uint32_t)i);
		add_value(d, col, (int64_t)rowlog_value(r, f));
	}
}

void draft_put_numbers(struct draft *d, const struct rowlog_row *rows, size_t n)
{
	const struct draft_column *parents = &d->columns[FIELD_PARENT_SPAN_ID];
	uint32_t n_parents = parents->n_values;
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (is_number_column((enum field)f))
			draft_put_number_column(d, (enum field)f, rows, n);
	for (; n_parents < parents->n_values; n_parents++)
		if ((uint64_t)parents->values[n_parents] == d->empty_hash)
			d->empty_parents = true;
}

static enum err trace_of(struct record *rec, uint32_t *ret)
{
	struct draft *d = rec->draft;
	uint64_t hash = draft_hash_of(rec, FIELD_TRACE_ID);
	uint32_t source = 0;
	struct str id;
	enum err e =
		rowlog_has(rec->row, FIELD_SOURCE) ? code_of(rec, FIELD_SOURCE, &source) : ERR_OK;
	source += !e && rowlog_has(rec->row, FIELD_SOURCE);
	if (e || dict_find_hash(&d->traces, hash_of_trace(hash, source), ret))
		return e;
	e = draft_text_of(rec, FIELD_TRACE_ID, &id);
	if (!e)
		*ret = add_trace(d, id, hash, source);
	return e;
}

enum err draft_put_record(
	struct draft *d, const struct rowlog_row *r, const struct draft_lines *lines)
{
	struct record rec; /* its span is large, and seldom needed */
	rec.draft = d;
	rec.row = r;
	rec.lines = lines;
	rec.is_read = false;
	struct row_rest rest = { .ref = { .len = r->len, .at = r->at },
		.key = segment_key(draft_hash_of(&rec, FIELD_SPAN_ID),
			draft_hash_of(&rec, FIELD_TRACE_ID), draft_hash_of(&rec, FIELD_SOURCE)),
		.identity = r->identity,
		.prev_day = r->prev_day,
		.span_order = r->span_order,
		.is_deleted = r->flags & ROWLOG_DELETE,
		.unique_until = r->flags & ROWLOG_LINKED ? -1 : r->known_to };
	enum err e = r->present >> FIELD__MAX ? ERR_NOT_FOUND : ERR_OK;
	for (uint64_t left = r->present; !e && left; left &= left - 1)
		if (is_put_by_row((enum field)__builtin_ctzll(left)))
			e = put_record_text(&rec, (enum field)__builtin_ctzll(left));
	if (!e)
		e = trace_of(&rec, &rest.trace);
	if (!e)
		put_rest(d, &rest);
	return e;
}
