/* Counting the rows of a block by codes: group_index.h. */
#include "query/aggregate/group_index.h"

enum { NO_GROUP = UINT32_MAX };

/* ---- Fields ---- */

static enum err find_empty(struct block *b, struct group_field *f)
{
	uint64_t *empty = arena_calloc(b->set->view->arena, bits_words(f->n_codes), sizeof *empty);
	enum err e = block_find_text(b, f->texts, STR(""), empty);
	if (!e && bits_count(empty, bits_words(f->n_codes)))
		f->empty = empty;
	return e;
}

static bool is_code(enum field f)
{
	return field_info[f].column == COLUMN_CODE && field_info[f].type != FIELD_TYPE_BOOL;
}

bool group_has_columns(const struct group_query *q)
{
	for (size_t i = 0; i < q->n_by; i++)
		if (!is_code(q->by[i]) && field_info[q->by[i]].column != COLUMN_DICT &&
			q->by[i] != FIELD_TRACE_ID)
			return false;
	return true;
}

static enum err open_field(struct block *b, enum field field, struct group_field *f)
{
	f->field = field;
	if (is_code(field)) {
		f->n_codes = field == FIELD_KIND ? KIND__MAX : STATUS__MAX;
		return block_column(b, field, &f->codes);
	}
	enum err e = block_texts_alone(b, field, &f->texts);
	if (e)
		return e;
	f->n_codes = f->texts->n;
	return f->n_codes ? find_empty(b, f) : ERR_OK;
}

enum err group_open_block(struct group_block *g, struct block *b, const struct group_query *q)
{
	enum err e = ERR_OK;
	*g = (struct group_block){ .block = b,
		.n_fields = q->n_by,
		.wants_started = !q->counts_only || q->sort == GROUP_BY_STARTED };
	for (size_t i = 0; !e && i < q->n_by; i++)
		e = open_field(b, q->by[i], &g->fields[i]);
	return e;
}

static enum err load_codes(struct group_block *g)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < g->n_fields; i++) {
		struct group_field *f = &g->fields[i];
		if (!f->texts)
			continue;
		e = block_text_codes(g->block, f->texts);
		f->codes = f->texts->codes;
	}
	return e;
}

/* ---- Counting ---- */

/* Rows of one zone, unpacked. */
struct counting {
	struct group_block *g;
	struct arena *arena;
	const struct column *started; /* NULL: not wanted */
	int64_t *codes[QUERY_GROUP_MAX];
	int64_t *starts;
	size_t major;   /* the field with the most codes */
	uint32_t *last; /* a block; of each code of that field: the group its last row was in */
};

static uint64_t hash_codes(const uint32_t *codes, size_t n)
{
	uint64_t h = 0;
	for (size_t i = 0; i < n; i++)
		h = (h ^ codes[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static bool same_codes(const uint32_t *x, const uint32_t *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return false;
	return true;
}

static uint32_t add_group(struct group_block *g, const uint32_t *codes)
{
	struct group_count *group = table_add(&g->several, hash_codes(codes, g->n_fields));
	group->first_started_ns = INT64_MAX;
	memcpy(group->codes, codes, sizeof group->codes);
	return (uint32_t)g->n++;
}

static uint32_t find_group(struct group_block *g, const uint32_t *codes)
{
	struct table_probe p = table_probe(&g->several, hash_codes(codes, g->n_fields));
	struct group_count *group;
	while ((group = table_next(&g->several, &p)))
		if (same_codes(group->codes, codes, g->n_fields))
			return (uint32_t)table_number(&g->several, group);
	return add_group(g, codes);
}

/* Counts row i of the zone, by n_fields that the compiler knows. */
static inline __attribute__((always_inline)) void count_row(
	struct counting *c, uint32_t i, size_t n_fields)
{
	struct group_block *g = c->g;
	uint32_t codes[QUERY_GROUP_MAX] = { 0 };
	for (size_t f = 0; f < n_fields; f++) {
		uint64_t code = (uint64_t)c->codes[f][i];
		const struct group_field *field = &g->fields[f];
		if (code >= field->n_codes || (field->empty && bits_has(field->empty, code)))
			return;
		codes[f] = (uint32_t)code;
	}
	uint32_t *last = &c->last[codes[c->major]];
	if (*last == NO_GROUP || !same_codes(group_of_several(g, *last)->codes, codes, n_fields))
		*last = find_group(g, codes);
	struct group_count *group = group_of_several(g, *last);
	group->n_spans++;
	if (c->started && c->starts[i] < group->first_started_ns)
		group->first_started_ns = c->starts[i];
}

static inline __attribute__((always_inline)) void count_rows(
	struct counting *c, const uint64_t *rows, size_t n_words, size_t n_fields)
{
	for (size_t w = 0; w < n_words; w++)
		for (uint64_t in = rows[w]; in; in &= in - 1)
			count_row(c, bits_row(w, in), n_fields);
}

/* Counts by one field: each code is a group; codes that are none are counted in one place more than
 * there are. */
static void count_codes(const struct counting *c, const uint64_t *rows, size_t n_words)
{
	const int64_t *codes = c->codes[0];
	uint32_t *n_spans = c->g->n_spans;
	int64_t *first_started_ns = c->g->first_started_ns;
	for (size_t w = 0; w < n_words; w++) {
		const int64_t *of_word = codes + w * BITS;
		if (rows[w] == UINT64_MAX)
			for (unsigned i = 0; i < BITS; i++)
				n_spans[of_word[i]]++;
		else
			for (uint64_t left = rows[w]; left; left &= left - 1)
				n_spans[of_word[__builtin_ctzll(left)]]++;
	}
	for (size_t w = 0; c->started && w < n_words; w++)
		for (uint64_t left = rows[w]; left; left &= left - 1) {
			uint32_t i = bits_row(w, left);
			if (c->starts[i] < first_started_ns[codes[i]])
				first_started_ns[codes[i]] = c->starts[i];
		}
}

static void count_zone(struct counting *c, uint32_t zone)
{
	const struct block *b = c->g->block;
	uint32_t first = zone * INDEX_ZONE_ROWS, left = b->n_rows - first;
	uint32_t n = left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS;
	size_t n_words = bits_words(n);
	uint64_t rows[ZONE_WORDS];
	for (size_t w = 0; w < n_words; w++)
		rows[w] = block_selected(b, first / BITS + w);
	if (bits_count(rows, n_words) == 0)
		return;
	for (size_t f = 0; f < c->g->n_fields; f++)
		column_read(c->g->fields[f].codes, first, n, c->g->fields[f].n_codes, c->codes[f]);
	if (c->started)
		column_read(c->started, first, n, 0, c->starts);
	if (c->g->n_fields == 1)
		count_codes(c, rows, n_words);
	else if (c->g->n_fields == 2)
		count_rows(c, rows, n_words, 2);
	else
		count_rows(c, rows, n_words, c->g->n_fields);
}

static enum err count_zones(struct counting *c, const struct snapshot *s)
{
	uint32_t n_zones = (c->g->block->n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS;
	for (size_t i = 0; i < c->g->n_fields; i++)
		c->codes[i] = arena_room(c->arena, INDEX_ZONE_ROWS, sizeof *c->codes[i]);
	if (c->started)
		c->starts = arena_room(c->arena, INDEX_ZONE_ROWS, sizeof *c->starts);
	for (uint32_t z = 0; z < n_zones; z++) {
		count_zone(c, z);
		if (c->g->n > LIMIT_GROUPS || (z % 64 == 63 && snapshot_is_late(s)))
			return ERR_BUDGET;
	}
	return ERR_OK;
}

/* Counts all current rows of a segment by trace, or by session where each trace belongs to one, as
 * the trace table has counted them. The counts are zero at first. */
static enum err count_by_table(struct counting *c, bool *ret_done)
{
	enum { CHUNK = 512 };
	struct group_block *g = c->g;
	struct block *b = g->block;
	const struct column *session = NULL, *n_spans, *first = NULL;
	int64_t codes[CHUNK], counts[CHUNK], starts[CHUNK];
	bool by_trace = g->fields[0].field == FIELD_TRACE_ID;
	enum err e = ERR_OK;
	*ret_done = false;
	if (!b->segment || b->selected || b->segment->n_hidden_late ||
		(!by_trace && g->fields[0].field != FIELD_SESSION_ID) ||
		(c->started && !column_is_full(c->started)))
		return ERR_OK;
	if (!by_trace)
		e = segment_column(b->segment, INDEX_TRACE_SESSION, &session);
	if (e || (session && (!column_is_full(session) || session->n_rows == 0)))
		return e;
	e = segment_column(b->segment, INDEX_TRACE_N_SPANS, &n_spans);
	if (!e && c->started)
		e = segment_column(b->segment, INDEX_TRACE_FIRST_STARTED, &first);
	uint32_t n_traces = session ? session->n_rows : (uint32_t)g->n;
	for (uint32_t at = 0; !e && at < n_traces; at += CHUNK) {
		uint32_t n = n_traces - at < CHUNK ? n_traces - at : CHUNK;
		if (session)
			column_read(session, at, n, 0, codes);
		column_read(n_spans, at, n, 0, counts);
		if (c->started)
			column_read(first, at, n, INT64_MAX, starts);
		for (uint32_t i = 0; i < n; i++) {
			uint64_t code = session ? (uint64_t)codes[i] : at + i;
			code = code < g->n ? code : g->n;
			g->n_spans[code] += (uint32_t)counts[i];
			if (c->started && starts[i] < g->first_started_ns[code])
				g->first_started_ns[code] = starts[i];
		}
	}
	*ret_done = !e;
	return e;
}

/* Counts all rows of a block without superseded ones. It does not matter which row a value belongs
 * to, so the values are counted as they are stored.  Neighbours often belong to one group, and
 * adding to a number that was just written waits for it: four counters take turns. */
enum { LANES = 4 };
#define COUNT_STORED(name, type) \
	static __attribute__((noinline)) void name( \
		const type *values, size_t n, uint32_t n_codes, uint32_t *lanes) \
	{ \
		uint32_t *second = lanes + n_codes + 1, *third = second + n_codes + 1, \
			 *fourth = third + n_codes + 1; \
		size_t i = 0; \
		for (; i + LANES <= n; i += LANES) { \
			lanes[values[i] < n_codes ? values[i] : n_codes]++; \
			second[values[i + 1] < n_codes ? values[i + 1] : n_codes]++; \
			third[values[i + 2] < n_codes ? values[i + 2] : n_codes]++; \
			fourth[values[i + 3] < n_codes ? values[i + 3] : n_codes]++; \
		} \
		for (; i < n; i++) \
			lanes[values[i] < n_codes ? values[i] : n_codes]++; \
	}
COUNT_STORED(count_stored_1, uint8_t)
COUNT_STORED(count_stored_2, uint16_t)
COUNT_STORED(count_stored_4, uint32_t)

static bool count_stored(struct counting *c)
{
	struct group_block *g = c->g;
	const struct block *b = g->block;
	const struct column *codes = g->fields[0].codes;
	uint32_t n_codes = g->fields[0].n_codes;
	size_t lane = (size_t)n_codes + 1;
	if (b->selected || b->superseded || b->n_selected != b->n_rows || c->started ||
		codes->base || codes->scale != 1 || codes->relative || codes->lists)
		return false;
	struct arena_mark mark = arena_mark(c->arena);
	uint32_t *lanes = arena_calloc(c->arena, LANES * lane, sizeof *lanes);
	if (codes->width == sizeof(uint8_t))
		count_stored_1(codes->values, codes->n_present, n_codes, lanes);
	else if (codes->width == sizeof(uint16_t))
		count_stored_2(codes->values, codes->n_present, n_codes, lanes);
	else if (codes->width == sizeof(uint32_t))
		count_stored_4(codes->values, codes->n_present, n_codes, lanes);
	bool is_done = codes->width <= sizeof(uint32_t) && codes->width;
	for (size_t i = 0; is_done && i < lane; i++)
		g->n_spans[i] =
			lanes[i] + lanes[lane + i] + lanes[2 * lane + i] + lanes[3 * lane + i];
	arena_rewind(c->arena, mark);
	return is_done;
}

static void drop_empty(struct group_block *g)
{
	for (size_t i = 0; g->fields[0].empty && i < g->n; i++)
		if (bits_has(g->fields[0].empty, i))
			g->n_spans[i] = 0;
}

static enum err count_single(struct counting *c, const struct snapshot *s)
{
	struct group_block *g = c->g;
	bool is_done;
	size_t n = g->fields[0].n_codes;
	if (n == 0)
		return ERR_OK;
	g->n_spans = arena_block(c->arena, NULL, (n + 1) * sizeof *g->n_spans);
	if (c->started)
		g->first_started_ns =
			arena_block(c->arena, NULL, (n + 1) * sizeof *g->first_started_ns);
	g->n = n;
	memset(g->n_spans, 0, (n + 1) * sizeof *g->n_spans);
	for (size_t i = 0; c->started && i <= n; i++)
		g->first_started_ns[i] = INT64_MAX;
	enum err e = count_by_table(c, &is_done);
	if (!e && !is_done)
		e = load_codes(g);
	if (!e && !is_done && !count_stored(c))
		e = count_zones(c, s);
	drop_empty(g);
	return e;
}

static enum err count_several(struct counting *c, const struct snapshot *s)
{
	for (size_t i = 1; i < c->g->n_fields; i++)
		if (c->g->fields[i].n_codes > c->g->fields[c->major].n_codes)
			c->major = i;
	size_t n = c->g->fields[c->major].n_codes;
	if (n == 0)
		return ERR_OK;
	table_init(&c->g->several, c->arena, sizeof(struct group_count));
	enum err e = load_codes(c->g);
	if (e)
		return e;
	c->last = arena_block(c->arena, NULL, n * sizeof *c->last);
	memset(c->last, 0xff, n * sizeof *c->last);
	e = count_zones(c, s);
	if (!e && c->g->n > LIMIT_GROUPS)
		e = ERR_BUDGET;
	table_freeze(&c->g->several);
	c->last = arena_block(c->arena, c->last, 0);
	return e;
}

enum err group_count_block(struct group_block *g, const struct snapshot *s)
{
	struct counting c = { .g = g, .arena = s->view->arena };
	enum err e = ERR_OK;
	if (g->wants_started)
		e = block_column(g->block, FIELD_STARTED_AT, &c.started);
	if (e)
		return e;
	struct arena_mark mark = arena_mark(c.arena);
	e = g->n_fields == 1 ? count_single(&c, s) : count_several(&c, s);
	arena_rewind(c.arena, mark);
	return e;
}

void group_close_block(struct group_block *g, struct arena *a)
{
	if (g->n_spans)
		g->n_spans = arena_block(a, g->n_spans, 0);
	if (g->first_started_ns)
		g->first_started_ns = arena_block(a, g->first_started_ns, 0);
	table_release(&g->several);
}
