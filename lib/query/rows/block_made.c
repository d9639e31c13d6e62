#include "query/rows/block_made.h"

#include "base/array.h"
#include "query/match/order.h"

enum { WORDS_A_RANK = INDEX_RANK_ROWS / BITS, FIRST_CAP = 64 };

struct block_made *made_new(struct arena *a)
{
	struct block_made *m = arena_alloc(a, sizeof *m);
	m->arena = a;
	string_pool_init(&m->keep, a);
	return m;
}

/* ---- Columns ---- */

static struct made_column *column_new(struct arena *a)
{
	struct made_column *c = arena_alloc(a, sizeof *c);
	c->column = (struct column){ .state = COLUMN_KNOWN,
		.width = sizeof(int64_t),
		.scale = 1,
		.min = INT64_MAX,
		.max = INT64_MIN };
	return c;
}

/* Adds a value. Rows are added in ascending order. */
static void column_put(struct arena *a, struct made_column *c, uint32_t row, int64_t value)
{
	struct column *col = &c->column;
	if (row / BITS >= c->n_words) {
		size_t n = (row / BITS + 1) * 2;
		c->present = arena_block(a, c->present, n * sizeof *c->present);
		memset(c->present + c->n_words, 0, (n - c->n_words) * sizeof *c->present);
		c->n_words = n;
	}
	bits_set(c->present, row);
	ARRAY_PUSH(a, c->values, col->n_present, c->cap, value);
	col->min = value < col->min ? value : col->min;
	col->max = value > col->max ? value : col->max;
}

static const struct column *column_end(struct arena *a, struct made_column *c, uint32_t n_rows)
{
	struct column *col = &c->column;
	size_t n_words = bits_words(n_rows);
	col->n_rows = n_rows;
	col->values = c->values;
	if (col->n_present == 0)
		col->state = COLUMN_ABSENT;
	/* Stored values are unsigned and in the order of the values. */
	if (col->n_present && col->min < 0) {
		col->base = col->min;
		for (uint32_t i = 0; i < col->n_present; i++)
			c->values[i] = (int64_t)((uint64_t)c->values[i] - (uint64_t)col->min);
	}
	if (col->n_present == 0 || col->n_present == n_rows)
		return col;
	c->present = arena_block(a, c->present, n_words * sizeof *c->present);
	if (n_words > c->n_words)
		memset(c->present + c->n_words, 0, (n_words - c->n_words) * sizeof *c->present);
	c->n_words = n_words;
	c->rank = arena_calloc(a, n_words / WORDS_A_RANK + 1, sizeof *c->rank);
	for (size_t w = 0, n = 0; w < n_words; w++) {
		if (w % WORDS_A_RANK == 0)
			c->rank[w / WORDS_A_RANK] = (uint32_t)n;
		n += (size_t)__builtin_popcountll(c->present[w]);
	}
	col->present = c->present;
	col->rank = c->rank;
	return col;
}

/* ---- Texts and traces by code ---- */

static struct table *table_new(struct arena *a, size_t row_size)
{
	struct table *t = arena_alloc(a, sizeof *t);
	table_init(t, a, row_size);
	return t;
}

/* Returns the code of a text. Lines bring the text itself, live rows only its hash. */
static uint32_t made_code_of(
	struct block_made *m, struct table *words, uint64_t hash, struct str text, uint32_t row)
{
	struct table_probe p = table_probe(words, hash);
	struct made_text *w;
	while ((w = table_next(words, &p)))
		if (str_is_null(text) || str_eq(w->text, text))
			return (uint32_t)table_number(words, w);
	w = table_add(words, hash);
	w->row = row;
	w->text = string_pool_copy(&m->keep, text);
	return (uint32_t)words->n - 1;
}

static struct made_trace *find_trace(
	const struct table *traces, uint64_t hash, uint64_t id_hash, uint64_t source_hash)
{
	struct table_probe p = table_probe(traces, hash);
	struct made_trace *t;
	while ((t = table_next(traces, &p)))
		if (t->id_hash == id_hash && t->source_hash == source_hash)
			return t;
	return NULL;
}

static uint32_t made_trace_of(struct block_made *m, uint64_t id_hash, struct str id,
	uint64_t source_hash, struct str source, uint32_t row)
{
	uint64_t hash = id_hash ^ (source_hash << 32 | source_hash >> 32);
	struct table *traces = m->traces;
	uint32_t *recent = &m->recent[hash % MADE_RECENT];
	struct made_trace *t = *recent ? table_row(traces, *recent - 1) : NULL;
	if (t && t->id_hash == id_hash && t->source_hash == source_hash) {
		t->last_row = row;
		return *recent - 1;
	}
	t = find_trace(traces, hash, id_hash, source_hash);
	if (!t) {
		t = table_add(traces, hash);
		t->id_hash = id_hash;
		t->source_hash = source_hash;
		t->first_row = row;
		t->id = string_pool_copy(&m->keep, id);
		t->source = string_pool_copy(&m->keep, source);
	}
	t->last_row = row;
	*recent = 1 + (uint32_t)table_number(traces, t);
	return *recent - 1;
}

static struct block_texts *texts_new(
	struct block_made *m, unsigned field, const struct column *codes)
{
	struct table *words = m->words[field];
	struct block_texts *t = arena_alloc(m->arena, sizeof *t);
	*t = (struct block_texts){ .field = field, .n = (uint32_t)words->n, .codes = codes };
	t->known = arena_calloc(m->arena, t->n, sizeof *t->known);
	uint32_t *row = arena_calloc(m->arena, t->n, sizeof *row);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct made_text *w = table_row(words, i);
		t->known[i] = w->text;
		row[i] = w->row;
	}
	t->row = row;
	return t;
}

/* Makes the texts of trace_id by the codes of traces; two sources may share one. */
static struct block_texts *trace_texts(struct block *b)
{
	struct block_made *m = b->made;
	struct block_traces traces;
	made_traces(b, &traces);
	struct block_texts *t = arena_alloc(m->arena, sizeof *t);
	*t = (struct block_texts){ .field = FIELD_TRACE_ID, .n = traces.n, .codes = traces.codes };
	t->known = arena_calloc(m->arena, t->n, sizeof *t->known);
	uint32_t *row = arena_calloc(m->arena, t->n, sizeof *row);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct made_trace *trace = table_row(m->traces, i);
		t->known[i] = trace->id;
		row[i] = trace->first_row;
	}
	t->row = row;
	return t;
}

/* ---- Live rows ---- */

void block_of_records(struct block *ret, struct index_set *set, size_t shard)
{
	const struct index *index = &set->of[shard];
	struct block_made *m = made_new(set->view->arena);
	m->shard = shard;
	m->live = index->log;
	*ret = (struct block){ .kind = BLOCK_LIVE,
		.n_rows = (uint32_t)index->n_log,
		.set = set,
		.made = m,
		.superseded = index->log_superseded };
	if (ret->superseded)
		ret->n_superseded = (uint32_t)bits_count(ret->superseded, bits_words(ret->n_rows));
}

/* Uses the live values themselves. False: some row has none, or a value needs another base. */
static bool take_record_values(struct block *b, unsigned c, struct column *col)
{
	int64_t min, max;
	const int64_t *values = index_log_values(b->set, b->made->shard, (enum field)c, &min, &max);
	if (!values || min < 0)
		return false;
	col->n_rows = col->n_present = b->n_rows;
	col->values = values;
	col->min = min;
	col->max = max;
	return true;
}

/* Makes a column as column_put() for each row would, without a check for room each time. */
static const struct column *record_numbers(struct block *b, unsigned c)
{
	struct block_made *m = b->made;
	struct made_column *col = column_new(m->arena);
	struct column *known = &col->column;
	bool is_field = c < FIELD__MAX;
	bool is_kept = is_field && rowlog_keeps((enum field)c);
	m->columns[c] = col;
	if (!is_field && c != INDEX_IDENTITY && c != INDEX_SPAN_ORDER)
		return column_end(m->arena, col, b->n_rows);
	if (is_kept && take_record_values(b, c, known))
		return known;
	col->cap = b->n_rows;
	col->n_words = bits_words(b->n_rows);
	col->values = arena_block(m->arena, NULL, col->cap * sizeof *col->values);
	col->present = arena_block(m->arena, NULL, col->n_words * sizeof *col->present);
	memset(col->present, 0, col->n_words * sizeof *col->present);
	for (uint32_t i = 0; i < b->n_rows; i++) {
		const struct rowlog_row *r = &m->live[i];
		if (is_field && !rowlog_has(r, (enum field)c))
			continue;
		int64_t v = is_kept                 ? (int64_t)rowlog_value(r, (enum field)c)
			    : is_field              ? 0 /* only that it is there */
			    : c == INDEX_SPAN_ORDER ? r->span_order
						    : (int64_t)r->identity;
		bits_set(col->present, i);
		col->values[known->n_present++] = v;
		known->min = v < known->min ? v : known->min;
		known->max = v > known->max ? v : known->max;
	}
	(void)column_end(m->arena, col, b->n_rows);
	/* The record says only that the number is there: the line tells which. */
	if (is_field && !is_kept && known->n_present && field_info[c].column == COLUMN_I64)
		known->state = COLUMN_UNKNOWN;
	return known;
}

/* Adds the text of a row whose record does not have it. */
static enum err record_text_of_line(
	struct block *b, unsigned field, struct made_column *codes, uint32_t row)
{
	struct block_made *m = b->made;
	struct field_set want = { { 0 } };
	struct span s;
	bool is_there;
	field_set_add(&want, (enum field)field);
	enum err e = block_read(b, row, &want, &s, &is_there);
	struct str text = !e && is_there ? span_text(&s, (enum field)field) : STR_NULL;
	if (!str_is_null(text))
		column_put(m->arena, codes, row,
			made_code_of(m, m->words[field], index_hash(b->set, text), text, row));
	return e;
}

static enum err record_texts(struct block *b, unsigned field, struct block_texts **ret)
{
	struct block_made *m = b->made;
	struct made_column *codes = column_new(m->arena);
	bool is_kept = rowlog_keeps((enum field)field);
	enum err e = ERR_OK;
	m->columns[field] = codes;
	m->words[field] = table_new(m->arena, sizeof(struct made_text));
	for (uint32_t i = 0; !e && i < b->n_rows; i++) {
		const struct rowlog_row *r = &m->live[i];
		if (!rowlog_has(r, (enum field)field))
			continue;
		if (is_kept)
			column_put(m->arena, codes, i,
				made_code_of(m, m->words[field], rowlog_value(r, (enum field)field),
					STR_NULL, i));
		else if (block_current(b, i / BITS) >> i % BITS & 1)
			e = record_text_of_line(b, field, codes, i);
	}
	*ret = texts_new(m, field, column_end(m->arena, codes, b->n_rows));
	return e;
}

/* One a row: from memory where they stand together, if all rows have the field. The hash of an
 * absent text is that of an empty one, as in segments. */
struct record_hashes {
	const int64_t *values;
	enum field field;
	uint64_t none;
};

static struct record_hashes hashes_of(struct block *b, enum field f)
{
	int64_t min, max;
	return (struct record_hashes){ index_log_values(b->set, b->made->shard, f, &min, &max), f,
		index_hash(b->set, STR("")) };
}

static uint64_t hash_at(const struct record_hashes *h, const struct rowlog_row *rows, uint32_t row)
{
	if (h->values)
		return (uint64_t)h->values[row];
	const struct rowlog_row *r = &rows[row];
	return rowlog_has(r, h->field) ? rowlog_value(r, h->field) : h->none;
}

static void record_traces(struct block *b, struct made_column *codes)
{
	struct block_made *m = b->made;
	struct column *col = &codes->column;
	struct record_hashes ids = hashes_of(b, FIELD_TRACE_ID),
			     sources = hashes_of(b, FIELD_SOURCE);
	codes->values = arena_block(m->arena, NULL, b->n_rows * sizeof *codes->values);
	for (uint32_t i = 0; i < b->n_rows; i++) {
		uint64_t id = hash_at(&ids, m->live, i), source = hash_at(&sources, m->live, i);
		codes->values[i] = made_trace_of(m, id, STR_NULL, source, STR_NULL, i);
	}
	col->n_present = b->n_rows;
	col->min = 0;
	col->max = (int64_t)m->traces->n - 1;
}

/* ---- Lines ---- */

void block_of_lines(struct block *ret, struct index_set *set, const struct field_set *need)
{
	struct block_made *m = made_new(set->view->arena);
	m->need = *need;
	/* The traces have the one, and no column has the other. */
	m->need.word[0] &= ~(UINT64_C(1) << FIELD_TRACE_ID | UINT64_C(1) << FIELD_SPAN_ID);
	*ret = (struct block){ .kind = BLOCK_LINES, .set = set, .made = m };
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		if (!field_set_has(&m->need, (enum field)f))
			continue;
		m->columns[f] = column_new(m->arena);
		if (field_info[f].type == FIELD_TYPE_STR)
			m->words[f] = table_new(m->arena, sizeof(struct made_text));
	}
	if (field_set_has(need, FIELD_SPAN_ID))
		m->columns[INDEX_SPAN_ORDER] = column_new(m->arena);
	if (!field_set_has(need, FIELD_TRACE_ID))
		return;
	m->columns[INDEX_TRACE] = column_new(m->arena);
	m->traces = table_new(m->arena, sizeof(struct made_trace));
}

static void made_add_trace(struct block *b, const struct span *s, uint32_t row)
{
	struct block_made *m = b->made;
	struct str id = span_text(s, FIELD_TRACE_ID), source = span_text(s, FIELD_SOURCE);
	id = str_is_null(id) ? STR("") : id;
	source = str_is_null(source) ? STR("") : source;
	column_put(m->arena, m->columns[INDEX_TRACE], row,
		made_trace_of(
			m, index_hash(b->set, id), id, index_hash(b->set, source), source, row));
}

static void made_add_value(struct block *b, const struct span *s, enum field f, uint32_t row)
{
	struct block_made *m = b->made;
	const struct span_value *v = &s->value[f];
	int64_t number;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
		number = made_code_of(m, m->words[f], index_hash(b->set, v->text), v->text, row);
		break;
	case FIELD_TYPE_DEC:
		if (!order_dec(v->text, &number))
			return;
		break;
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_JSON:
		return;
	default:
		number = v->i64;
	}
	column_put(m->arena, m->columns[f], row, number);
}

void block_add_line(struct block *b, const struct span *s, struct row_ref ref, bool is_selected)
{
	struct block_made *m = b->made;
	uint32_t row = b->n_rows++;
	if (row == m->cap) {
		m->cap = m->cap ? m->cap * 2 : FIRST_CAP;
		m->refs = arena_block(m->arena, m->refs, m->cap * sizeof *m->refs);
		m->selected =
			arena_block(m->arena, m->selected, m->cap / BITS * sizeof *m->selected);
	}
	if (row % BITS == 0)
		m->selected[row / BITS] = 0;
	m->refs[row] = ref;
	if (is_selected) {
		bits_set(m->selected, row);
		b->n_selected++;
	}
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_set_has(&m->need, (enum field)f) && span_has(s, (enum field)f))
			made_add_value(b, s, (enum field)f, row);
	if (m->columns[INDEX_SPAN_ORDER] && span_has(s, FIELD_SPAN_ID))
		column_put(m->arena, m->columns[INDEX_SPAN_ORDER], row,
			span_text_order(s->value[FIELD_SPAN_ID].text));
	if (m->traces)
		made_add_trace(b, s, row);
}

void block_end_lines(struct block *b)
{
	struct block_made *m = b->made;
	b->selected = m->selected;
	for (unsigned c = 0; c < INDEX_COLUMN__MAX; c++) {
		if (!m->columns[c])
			continue;
		const struct column *col = column_end(m->arena, m->columns[c], b->n_rows);
		if (c < FIELD__MAX && m->words[c])
			m->texts[c] = texts_new(m, c, col);
	}
}

/* ---- Both ---- */

const struct column *made_number(struct block *b, unsigned c)
{
	struct block_made *m = b->made;
	if (m->columns[c])
		return &m->columns[c]->column;
	if (b->kind == BLOCK_LIVE)
		return record_numbers(b, c);
	m->columns[c] = column_new(m->arena); /* nobody said that it would be needed */
	return column_end(m->arena, m->columns[c], b->n_rows);
}

enum err made_texts(struct block *b, unsigned field, struct block_texts **ret)
{
	struct block_made *m = b->made;
	enum err e = ERR_OK;
	if (!m->texts[field] && field == FIELD_TRACE_ID)
		m->texts[field] = trace_texts(b);
	else if (!m->texts[field] && b->kind == BLOCK_LIVE)
		e = record_texts(b, field, &m->texts[field]);
	*ret = m->texts[field];
	return e;
}

static void index_traces(struct block *b)
{
	struct block_made *m = b->made;
	m->trace_hash = column_new(m->arena);
	m->first_row = column_new(m->arena);
	m->last_row = column_new(m->arena);
	for (uint32_t i = 0; i < m->traces->n; i++) {
		const struct made_trace *t = table_row(m->traces, i);
		column_put(m->arena, m->trace_hash, i, (int64_t)t->id_hash);
		column_put(m->arena, m->first_row, i, t->first_row);
		column_put(m->arena, m->last_row, i, t->last_row);
	}
	uint32_t n = (uint32_t)m->traces->n;
	(void)column_end(m->arena, m->trace_hash, n);
	(void)column_end(m->arena, m->first_row, n);
	(void)column_end(m->arena, m->last_row, n);
}

static const struct made_trace *trace_at(const struct block_made *m, size_t i)
{
	return table_row(m->traces, i);
}

static uint32_t *id_slot(const struct block_made *m, uint64_t id_hash)
{
	size_t at = id_hash & (m->n_id_slots - 1);
	while (m->id_slots[at] && trace_at(m, m->id_slots[at] - 1)->id_hash != id_hash)
		at = (at + 1) & (m->n_id_slots - 1);
	return &m->id_slots[at];
}

static void index_ids(struct block_made *m)
{
	size_t n = m->traces->n;
	m->n_id_slots = FIRST_CAP;
	while (m->n_id_slots < n * 2)
		m->n_id_slots *= 2;
	m->id_slots = arena_block(m->arena, NULL, m->n_id_slots * sizeof *m->id_slots);
	memset(m->id_slots, 0, m->n_id_slots * sizeof *m->id_slots);
	m->id_next = arena_block(m->arena, NULL, (n + 1) * sizeof *m->id_next);
	/* The traces are put in from the last one on, so that those of one id ascend. */
	for (size_t i = n; i-- > 0;) {
		uint32_t *slot = id_slot(m, trace_at(m, i)->id_hash);
		m->id_next[i] = *slot;
		*slot = (uint32_t)i + 1;
	}
}

uint32_t made_find_trace(struct block *b, uint64_t id_hash, uint32_t from)
{
	enum { SCANS = 8 }; /* a table costs about as much as that many scans */
	struct block_made *m = b->made;
	struct block_traces t;
	made_traces(b, &t);
	if (!m->id_slots && m->n_id_asks++ < SCANS) {
		while (from < t.n && trace_at(m, from)->id_hash != id_hash)
			from++;
		return from < t.n ? from : UINT32_MAX;
	}
	if (!m->id_slots)
		index_ids(m);
	uint32_t next = from ? m->id_next[from - 1] : *id_slot(m, id_hash);
	return next ? next - 1 : UINT32_MAX;
}

void made_traces(struct block *b, struct block_traces *ret)
{
	struct block_made *m = b->made;
	if (!m->traces) {
		m->traces = table_new(m->arena, sizeof(struct made_trace));
		m->columns[INDEX_TRACE] = column_new(m->arena);
		record_traces(b, m->columns[INDEX_TRACE]);
		(void)column_end(m->arena, m->columns[INDEX_TRACE], b->n_rows);
	}
	if (!m->trace_hash)
		index_traces(b);
	*ret = (struct block_traces){ .n = (uint32_t)m->traces->n,
		.codes = &m->columns[INDEX_TRACE]->column,
		.hash = &m->trace_hash->column,
		.first_row = &m->first_row->column,
		.last_row = &m->last_row->column };
}
