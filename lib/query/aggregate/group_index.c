#include "query/aggregate/group_index.h"

#include "query/page/heap.h"
#include "json/order.h"

/* A group that may stand in several blocks, by the hashes of its texts. */
struct merged {
	uint64_t hash;
	uint64_t parts[QUERY_GROUP_MAX];
	uint64_t n_spans;
	int64_t first_started_ns;
	uint32_t block, group; /* a place that has the texts, unless `texts` has */
	struct str *texts;     /* in keep */
	uint64_t last_span;    /* the number of the last row that was read: it counts once */
};

/* A group of the answer. */
struct item {
	uint64_t n_spans;
	int64_t first_started_ns;
	uint64_t head; /* body_head() of its first text, once has_head */
	bool has_head;
	uint32_t block; /* MERGED: group is a row of the merged ones */
	uint32_t group;
};
enum { MERGED = UINT32_MAX };

struct groups {
	struct snapshot *snapshot;
	const struct group_query *query;
	struct arena *arena;
	struct shared_traces shared;
	struct group_block *blocks; /* one a block of the snapshot */
	struct table merged;
	struct string_pool keep;
	struct heap heap; /* struct item */
	uint64_t n_read;
	uint64_t n_heads;
	enum err error;
};

/* ---- Texts ---- */

static enum err group_text_of(
	struct groups *g, uint32_t block, uint32_t group, size_t field, struct str *ret)
{
	struct group_block *b = &g->blocks[block];
	struct group_field *f = &b->fields[field];
	uint32_t code = group_code(b, group, field);
	if (f->texts)
		return block_text(b->block, f->texts, code, ret);
	*ret = f->field == FIELD_KIND ? kind_name((enum kind)code) : status_name((enum status)code);
	return ERR_OK;
}

static enum err item_text(struct groups *g, const struct item *i, size_t field, struct str *ret)
{
	if (i->block != MERGED)
		return group_text_of(g, i->block, i->group, field, ret);
	const struct merged *m = table_row(&g->merged, i->group);
	if (!m->texts)
		return group_text_of(g, m->block, m->group, field, ret);
	*ret = m->texts[field];
	return ERR_OK;
}

/* ---- Putting together ---- */

static enum err group_hash_of(
	struct groups *g, uint32_t block, uint32_t group, size_t field, uint64_t *ret)
{
	struct group_block *b = &g->blocks[block];
	struct group_field *f = &b->fields[field];
	uint32_t code = group_code(b, group, field);
	struct str text;
	if (f->texts)
		return block_text_hash(b->block, f->texts, code, ret);
	enum err e = group_text_of(g, block, group, field, &text);
	if (!e)
		*ret = index_hash(&g->snapshot->source.set, text);
	return e;
}

static uint64_t hash_of_parts(const uint64_t *parts, size_t n)
{
	uint64_t hash = 0;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ parts[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static struct merged *find_merged(struct groups *g, const uint64_t *parts, bool *ret_is_new)
{
	struct merged *m;
	size_t n = g->query->n_by;
	uint64_t hash = hash_of_parts(parts, n);
	struct table_probe p = table_probe(&g->merged, hash);
	while ((m = table_next(&g->merged, &p)))
		if (memcmp(m->parts, parts, n * sizeof *parts) == 0)
			break;
	*ret_is_new = !m;
	if (m)
		return m;
	m = table_add(&g->merged, hash);
	memcpy(m->parts, parts, n * sizeof *parts);
	m->first_started_ns = INT64_MAX;
	return m;
}

static void add_spans(struct merged *m, uint64_t n_spans, int64_t first_started_ns)
{
	m->n_spans += n_spans;
	if (first_started_ns < m->first_started_ns)
		m->first_started_ns = first_started_ns;
}

static enum err parts_of(struct groups *g, uint32_t block, uint32_t group, uint64_t *ret)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < g->query->n_by; i++)
		e = group_hash_of(g, block, group, i, &ret[i]);
	return e;
}

/* Moves a group of a block to the merged ones. */
static void merge_group(struct groups *g, uint32_t block, uint32_t group, const uint64_t *parts)
{
	const struct group_block *b = &g->blocks[block];
	uint32_t *n_spans = group_n_spans(b, group);
	bool is_new;
	struct merged *m = find_merged(g, parts, &is_new);
	/* A block whose texts need no line is preferred. */
	if (is_new || (!m->texts && !g->blocks[m->block].block->segment)) {
		m->block = block;
		m->group = group;
	}
	add_spans(m, *n_spans, group_started(b, group));
	*n_spans = 0;
}

/* ---- Groups by trace: those of shared ones are merged ---- */

/* Returns the place of trace_id among the fields; n_by: it is none of them. */
static size_t trace_field(const struct group_query *q)
{
	size_t i = 0;
	while (i < q->n_by && q->by[i] != FIELD_TRACE_ID)
		i++;
	return i;
}

static enum err merge_shared(struct groups *g, uint32_t block, uint32_t group, uint64_t trace_hash)
{
	uint64_t parts[QUERY_GROUP_MAX];
	if (!shared_has(&g->shared, trace_hash) || *group_n_spans(&g->blocks[block], group) == 0)
		return ERR_OK;
	enum err e = parts_of(g, block, group, parts);
	if (!e)
		merge_group(g, block, group, parts);
	return e;
}

/* Merges groups by trace_id alone, which are numbered as traces are. */
static enum err merge_traces(struct groups *g, uint32_t block, const struct column *hash)
{
	enum { CHUNK = 512 };
	int64_t hashes[CHUNK];
	uint32_t n_groups = (uint32_t)g->blocks[block].n;
	enum err e = ERR_OK;
	for (uint32_t at = 0; at < n_groups; at += CHUNK) {
		uint32_t n = n_groups - at < CHUNK ? n_groups - at : CHUNK;
		column_read(hash, at, n, 0, hashes);
		for (uint32_t i = 0; !e && i < n; i++)
			e = merge_shared(g, block, at + i, (uint64_t)hashes[i]);
	}
	return e;
}

/* Merges the groups of shared traces. Any other trace has all its rows in its block, so its groups
 * are whole. */
static enum err merge_by_trace(struct groups *g)
{
	size_t trace = trace_field(g->query);
	const struct column *hash;
	enum err e = shared_find(g->snapshot, &g->shared);
	if (shared_is_empty(&g->shared))
		return e;
	for (uint32_t i = 0; !e && i < g->snapshot->n_blocks; i++) {
		const struct group_block *b = &g->blocks[i];
		if (b->n == 0)
			continue;
		e = block_trace_hashes(b->block, &hash);
		if (!e && !b->several.rows)
			e = merge_traces(g, i, hash);
		for (uint32_t k = 0; !e && b->several.rows && k < b->n; k++)
			e = merge_shared(
				g, i, k, (uint64_t)column_value(hash, group_code(b, k, trace)));
	}
	return e;
}

/* ---- Other groups: those whose hash comes again are merged ---- */

/*
 * Most sessions stand in one block. A few bits of their hashes tell: where they come a second time
 * the group may stand in several blocks and is merged, all others stay where they are, and neither
 * are copied nor have a place in a table that the processor's cache has no room for.
 */
enum { BITS_A_GROUP = 16 }; /* one in 16 or so of those in one block is merged in vain */

struct repeats {
	uint64_t *hashes; /* a block: of the groups that have spans, in order */
	size_t n;
	uint64_t *once, *again; /* of each upper part of a hash: whether it came, and came again */
	unsigned shift;
};

static size_t count_groups(const struct groups *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->snapshot->n_blocks; i++)
		for (uint32_t k = 0; k < g->blocks[i].n; k++)
			n += *group_n_spans(&g->blocks[i], k) > 0;
	return n;
}

static void open_repeats(struct repeats *r, struct groups *g)
{
	unsigned width = 6;
	size_t n = count_groups(g);
	while (((size_t)1 << width) < n * BITS_A_GROUP)
		width++;
	r->n = 0;
	r->shift = BITS - width;
	r->once = arena_calloc(g->arena, bits_words((size_t)1 << width), 2 * sizeof *r->once);
	r->again = r->once + bits_words((size_t)1 << width);
	r->hashes = arena_block(g->arena, NULL, (n + 1) * sizeof *r->hashes);
}

static void note_hash(struct repeats *r, uint64_t hash)
{
	size_t bit = hash >> r->shift;
	bits_set(bits_has(r->once, bit) ? r->again : r->once, bit);
	r->hashes[r->n++] = hash;
}

static enum err note_hashes(struct groups *g, uint32_t block, struct repeats *r)
{
	const struct group_block *b = &g->blocks[block];
	uint64_t parts[QUERY_GROUP_MAX];
	enum err e = ERR_OK;
	for (uint32_t k = 0; !e && k < b->n; k++) {
		if (*group_n_spans(b, k) == 0)
			continue;
		e = parts_of(g, block, k, parts);
		if (!e)
			note_hash(r, hash_of_parts(parts, g->query->n_by));
	}
	return e;
}

static enum err merge_repeats(struct groups *g, uint32_t block, const struct repeats *r, size_t *at)
{
	const struct group_block *b = &g->blocks[block];
	uint64_t parts[QUERY_GROUP_MAX];
	enum err e = ERR_OK;
	for (uint32_t k = 0; !e && k < b->n; k++) {
		if (*group_n_spans(b, k) == 0 ||
			!bits_has(r->again, r->hashes[(*at)++] >> r->shift))
			continue;
		e = parts_of(g, block, k, parts);
		if (!e)
			merge_group(g, block, k, parts);
	}
	return e;
}

static size_t blocks_with_groups(const struct groups *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->snapshot->n_blocks; i++)
		n += g->blocks[i].n > 0;
	return n;
}

/* Merges groups that may stand in several blocks. Within one block each group is one already. */
static enum err merge_by_hash(struct groups *g)
{
	struct repeats r;
	size_t at = 0;
	enum err e = ERR_OK;
	if (blocks_with_groups(g) < 2)
		return ERR_OK;
	open_repeats(&r, g);
	for (uint32_t i = 0; !e && i < g->snapshot->n_blocks; i++)
		e = note_hashes(g, i, &r);
	for (uint32_t i = 0; !e && i < g->snapshot->n_blocks; i++)
		e = merge_repeats(g, i, &r, &at);
	(void)arena_block(g->arena, r.hashes, 0); /* freed: there is no result */
	return e;
}

/* ---- Rows that have to be read ---- */

static void count_values(struct groups *g, const struct span *s, const struct str *value)
{
	uint64_t parts[QUERY_GROUP_MAX];
	bool is_new;
	size_t n = g->query->n_by;
	for (size_t i = 0; i < n; i++)
		parts[i] = index_hash(&g->snapshot->source.set, value[i]);
	struct merged *m = find_merged(g, parts, &is_new);
	if (g->merged.n > LIMIT_GROUPS)
		g->error = ERR_BUDGET;
	if (!m->texts) {
		m->texts = arena_block(g->arena, NULL, n * sizeof *m->texts);
		for (size_t i = 0; i < n; i++)
			m->texts[i] = string_pool_copy(&g->keep, value[i]);
	}
	if (m->last_span == g->n_read)
		return;
	m->last_span = g->n_read;
	add_spans(m, 1, span_i64(s, FIELD_STARTED_AT, 0));
}

static void group_take(void *user, const struct span *s, const struct str *value)
{
	count_values(user, s, value);
}

static enum err read_block(struct groups *g, struct block *b)
{
	struct field_set want = group_fields(g->query);
	struct span span;
	uint32_t row;
	bool is_there;
	BLOCK_EACH_SELECTED(b, row)
	{
		enum err e = block_read(b, row, &want, &span, &is_there);
		if (!e && row % 256 == 0 && snapshot_is_late(g->snapshot))
			e = ERR_BUDGET;
		if (e || g->error)
			return e ? e : g->error;
		g->n_read++;
		if (is_there)
			group_each_value(g->query, &span, group_take, g);
	}
	return ERR_OK;
}

/* ---- The answer ---- */

static enum err group_read_head(struct groups *g, struct item *i)
{
	enum {
		PER_LOOK = 1024
	}; /* between two looks at the clock: a text of a live row is a line */
	struct str text;
	if (i->has_head)
		return ERR_OK;
	if (++g->n_heads % PER_LOOK == 0 && snapshot_is_late(g->snapshot))
		return ERR_BUDGET;
	enum err e = item_text(g, i, 0, &text);
	if (e)
		return e;
	i->head = body_head(text);
	i->has_head = true;
	return ERR_OK;
}

static int compare_texts(struct groups *g, struct item *a, struct item *b)
{
	struct str s, t;
	enum err e = group_read_head(g, a);
	if (!e)
		e = group_read_head(g, b);
	int order = e ? 0 : (a->head > b->head) - (a->head < b->head);
	for (size_t i = 0; order == 0 && !e && i < g->query->n_by; i++) {
		e = item_text(g, a, i, &s);
		if (!e)
			e = item_text(g, b, i, &t);
		if (!e)
			order = body_order(s, t);
	}
	g->error = g->error ? g->error : e;
	return order;
}

/* Orders groups by what the query sorts by, then by the texts. */
static int group_compare_items(void *x, void *y, void *user)
{
	struct item *a = x, *b = y;
	struct groups *g = user;
	int order = (a->n_spans > b->n_spans) - (a->n_spans < b->n_spans);
	if (g->query->sort == GROUP_BY_STARTED)
		order = (a->first_started_ns > b->first_started_ns) -
			(a->first_started_ns < b->first_started_ns);
	order = g->query->descending ? -order : order;
	return order || g->error ? order : compare_texts(g, a, b);
}

static void put_all(struct groups *g)
{
	for (uint32_t i = 0; i < g->snapshot->n_blocks; i++) {
		const struct group_block *b = &g->blocks[i];
		for (uint32_t k = 0; k < b->n; k++) {
			struct item item = { .n_spans = *group_n_spans(b, k),
				.first_started_ns = group_started(b, k),
				.block = i,
				.group = k };
			if (item.n_spans)
				(void)heap_put(&g->heap, &item);
		}
	}
	for (uint32_t i = 0; i < g->merged.n; i++) {
		const struct merged *m = table_row(&g->merged, i);
		struct item item = { .n_spans = m->n_spans,
			.first_started_ns = m->first_started_ns,
			.block = MERGED,
			.group = i };
		(void)heap_put(&g->heap, &item);
	}
}

static enum err group_make_rows(struct groups *g, const struct item *items, struct group_list *l)
{
	const struct group_query *q = g->query;
	l->rows = arena_calloc(g->arena, l->n, sizeof *l->rows);
	for (size_t i = 0; !g->error && i < l->n; i++) {
		l->rows[i].n_spans = items[i].n_spans;
		l->rows[i].first_started_ns = items[i].first_started_ns;
		for (size_t f = 0; !g->error && f < q->n_by; f++) {
			struct str text = STR("");
			g->error = item_text(g, &items[i], f, &text);
			l->rows[i].value[f] = arena_copy(g->arena, text);
		}
	}
	return g->error;
}

static enum err group_finish(struct groups *g, struct group_list *ret)
{
	const struct group_query *q = g->query;
	size_t n = count_groups(g) + g->merged.n, from = q->offset < n ? q->offset : n;
	struct group_list l = { .total = n, .n = q->limit < n - from ? q->limit : n - from };
	if (n > LIMIT_GROUPS)
		return ERR_BUDGET;
	if (l.n) {
		heap_init(&g->heap, g->arena, sizeof(struct item), from + l.n, group_compare_items,
			g);
		put_all(g);
		const struct item *items = heap_finish(&g->heap, from);
		g->error = g->error ? g->error : group_make_rows(g, items, &l);
	}
	if (!g->error)
		*ret = l;
	return g->error;
}

static enum err gather_by_lines(struct groups *g)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < g->snapshot->n_blocks; i++)
		if (g->snapshot->blocks[i].n_selected)
			e = read_block(g, &g->snapshot->blocks[i]);
	return e;
}

static enum err gather_by_columns(struct groups *g)
{
	struct snapshot *s = g->snapshot;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		if (s->blocks[i].n_selected == 0)
			continue;
		e = group_open_block(&g->blocks[i], &s->blocks[i], g->query);
		if (!e)
			e = group_count_block(&g->blocks[i], s);
	}
	if (e)
		return e;
	return trace_field(g->query) < g->query->n_by ? merge_by_trace(g) : merge_by_hash(g);
}

enum err groups_select(struct snapshot *s, const struct group_query *q, struct group_list *ret)
{
	struct groups g = { .snapshot = s, .query = q, .arena = s->view->arena };
	struct field_set need = group_fields(q);
	table_init(&g.merged, g.arena, sizeof(struct merged));
	string_pool_init(&g.keep, g.arena);
	enum err e = snapshot_select(s, &q->spans, &need);
	g.blocks = arena_calloc(g.arena, s->n_blocks, sizeof *g.blocks);
	if (!e)
		e = group_has_columns(q) ? gather_by_columns(&g) : gather_by_lines(&g);
	if (!e)
		e = group_finish(&g, ret);
	for (size_t i = 0; i < s->n_blocks; i++)
		group_close_block(&g.blocks[i], g.arena);
	heap_release(&g.heap);
	string_pool_release(&g.keep);
	table_release(&g.merged);
	return e;
}
