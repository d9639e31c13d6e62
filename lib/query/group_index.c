#include "query/group_index.h"

#include "query/sort.h"
#include "query/text.h"

/* A group that may stand in several blocks, by the hashes of its texts. */
struct merged {
	uint64_t hash;
	uint64_t parts[QUERY_GROUP_MAX];
	uint64_t n_spans;
	int64_t first_started_ns;
	uint32_t block, group; /* one that can say the texts, unless `texts` does */
	struct str *texts;     /* in keep */
	uint64_t last_span;    /* the number of the last row that was read: it counts once */
};

/* A group of the answer. */
struct item {
	uint64_t n_spans;
	int64_t first_started_ns;
	uint32_t block; /* MERGED: group is a row of the merged ones */
	uint32_t group;
};
enum { MERGED = UINT32_MAX };

struct groups {
	struct stock *stock;
	const struct group_query *query;
	struct arena *arena;
	struct shared_traces shared;
	struct group_block *blocks; /* one a block of the stock */
	struct table merged;
	struct keep keep;
	struct item *items; /* a block */
	size_t n, cap;
	uint64_t n_read;
	enum err error;
};

static void add_item(struct groups *g, struct item item)
{
	size_t size;
	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 256;
		if (__builtin_mul_overflow(g->cap, sizeof *g->items, &size))
			arena_fail(g->arena);
		g->items = arena_block(g->arena, g->items, size);
	}
	g->items[g->n++] = item;
}

/* ---- Texts ---- */

static enum err text_of(
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
		return text_of(g, i->block, i->group, field, ret);
	const struct merged *m = table_row(&g->merged, i->group);
	if (!m->texts)
		return text_of(g, m->block, m->group, field, ret);
	*ret = m->texts[field];
	return ERR_OK;
}

/* ---- Putting together ---- */

static enum err hash_of(
	struct groups *g, uint32_t block, uint32_t group, size_t field, uint64_t *ret)
{
	struct group_block *b = &g->blocks[block];
	struct group_field *f = &b->fields[field];
	uint32_t code = group_code(b, group, field);
	struct str text;
	if (f->texts)
		return block_text_hash(b->block, f->texts, code, ret);
	enum err e = text_of(g, block, group, field, &text);
	if (!e)
		*ret = index_hash(&g->stock->set, text);
	return e;
}

static struct merged *find_merged(struct groups *g, const uint64_t *parts, bool *ret_is_new)
{
	uint64_t hash = 0;
	struct merged *m;
	size_t n = g->query->n_by;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ parts[i]) * UINT64_C(0x9e3779b97f4a7c15);
	hash ^= hash >> 32;
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

static enum err merge_group(struct groups *g, uint32_t block, uint32_t group)
{
	const struct group_block *b = &g->blocks[block];
	uint64_t parts[QUERY_GROUP_MAX];
	bool is_new;
	for (size_t i = 0; i < g->query->n_by; i++) {
		enum err e = hash_of(g, block, group, i, &parts[i]);
		if (e)
			return e;
	}
	struct merged *m = find_merged(g, parts, &is_new);
	/* Of several blocks one whose texts need no line. */
	if (is_new || (!m->texts && !g->blocks[m->block].block->segment)) {
		m->block = block;
		m->group = group;
	}
	add_spans(m, *group_n_spans(b, group), group_started(b, group));
	return ERR_OK;
}

/* The place of trace_id among the fields; n_by: it is none of them. */
static size_t trace_field(const struct group_query *q)
{
	size_t i = 0;
	while (i < q->n_by && q->by[i] != FIELD_TRACE_ID)
		i++;
	return i;
}

/* A group is whole in its block when there is only that block, or when one of its fields says that
 * all its rows are here: its trace. Others are merged, and are none of the block's any more. */
static enum err merge_block(struct groups *g, uint32_t block, bool is_only)
{
	const struct group_block *b = &g->blocks[block];
	struct block_traces traces = { .n = 0 };
	size_t trace = trace_field(g->query);
	bool by_trace = trace < g->query->n_by, whole = is_only && !by_trace;
	enum err e = by_trace ? block_traces(b->block, &traces) : ERR_OK;
	for (uint32_t i = 0; !e && i < b->n; i++) {
		uint32_t *n_spans = group_n_spans(b, i);
		if (*n_spans == 0)
			continue;
		if (by_trace)
			whole = !shared_has(&g->shared,
				(uint64_t)column_value(traces.hash, group_code(b, i, trace)));
		if (!whole) {
			e = merge_group(g, block, i);
			*n_spans = 0;
		}
	}
	return e;
}

/* ---- Which groups the page can hold ---- */

/* How many groups have how many spans; the last class is of all that have more. */
enum { CLASSES = 4096 };
struct classes {
	uint32_t n[CLASSES];
	uint64_t n_groups;
};

static void classify(struct classes *c, uint64_t n_spans)
{
	c->n[n_spans < CLASSES ? n_spans : CLASSES - 1]++;
	c->n_groups++;
}

static void classify_all(const struct groups *g, struct classes *c)
{
	for (size_t i = 0; i < g->stock->n_blocks; i++) {
		const struct group_block *b = &g->blocks[i];
		for (uint32_t k = 0; k < b->n; k++)
			if (*group_n_spans(b, k))
				classify(c, *group_n_spans(b, k));
	}
	for (size_t i = 0; i < g->merged.n; i++)
		classify(c, ((const struct merged *)table_row(&g->merged, i))->n_spans);
}

/* The classes that the ranks [from, to) lie in, and how many groups are ahead of these. */
static uint64_t choose_classes(const struct groups *g, const struct classes *c, uint64_t from,
	uint64_t to, uint32_t *ret_low, uint32_t *ret_high)
{
	uint64_t rank = 0, n_ahead = 0;
	bool found = false;
	*ret_low = 0;
	*ret_high = CLASSES - 1;
	if (g->query->sort != GROUP_BY_COUNT)
		return 0;
	for (uint32_t i = 0; i < CLASSES && rank < to; i++) {
		uint32_t class = g->query->descending ? CLASSES - 1 - i : i;
		if (rank + c->n[class] > from && !found) {
			found = true;
			n_ahead = rank;
			*(g->query->descending ? ret_high : ret_low) = class;
		}
		rank += c->n[class];
		*(g->query->descending ? ret_low : ret_high) = class;
	}
	return n_ahead;
}

static void gather_items(struct groups *g, uint32_t low, uint32_t high)
{
	for (uint32_t i = 0; i < g->stock->n_blocks; i++) {
		const struct group_block *b = &g->blocks[i];
		for (uint32_t k = 0; k < b->n; k++) {
			uint32_t n = *group_n_spans(b, k), class = n < CLASSES ? n : CLASSES - 1;
			if (n && class >= low && class <= high)
				add_item(g, (struct item){ n, group_started(b, k), i, k });
		}
	}
	for (uint32_t i = 0; i < g->merged.n; i++) {
		const struct merged *m = table_row(&g->merged, i);
		uint64_t class = m->n_spans < CLASSES ? m->n_spans : CLASSES - 1;
		if (class >= low && class <= high)
			add_item(g, (struct item){ m->n_spans, m->first_started_ns, MERGED, i });
	}
}

/* ---- Rows that have to be read ---- */

static void count_values(struct groups *g, const struct span *s, const struct str *value)
{
	uint64_t parts[QUERY_GROUP_MAX];
	bool is_new;
	size_t n = g->query->n_by;
	for (size_t i = 0; i < n; i++)
		parts[i] = index_hash(&g->stock->set, value[i]);
	struct merged *m = find_merged(g, parts, &is_new);
	if (g->merged.n > LIMIT_GROUPS)
		g->error = ERR_BUDGET;
	if (!m->texts) {
		m->texts = arena_block(g->arena, NULL, n * sizeof *m->texts);
		for (size_t i = 0; i < n; i++)
			m->texts[i] = keep_copy(&g->keep, value[i]);
	}
	if (m->last_span == g->n_read)
		return;
	m->last_span = g->n_read;
	add_spans(m, 1, span_i64(s, FIELD_STARTED_AT, 0));
}

static void take(void *user, const struct span *s, const struct str *value)
{
	count_values(user, s, value);
}

static enum err read_block(struct groups *g, struct block *b)
{
	struct field_set want = group_fields(g->query);
	struct span span;
	uint32_t row;
	bool is_there;
	BLOCK_EACH_PICKED(b, row)
	{
		enum err e = block_read(b, row, &want, &span, &is_there);
		if (!e && row % 256 == 0 && stock_is_late(g->stock))
			e = ERR_BUDGET;
		if (e || g->error)
			return e ? e : g->error;
		g->n_read++;
		if (is_there)
			group_each_value(g->query, &span, take, g);
	}
	return ERR_OK;
}

/* ---- The answer ---- */

/* By what the query sorts by; its ties are told apart by the texts, where the page needs it. */
static int compare_counts(const void *x, const void *y, void *user)
{
	const struct item *a = x, *b = y;
	const struct groups *g = user;
	int order = (a->n_spans > b->n_spans) - (a->n_spans < b->n_spans);
	if (g->query->sort == GROUP_BY_STARTED)
		order = (a->first_started_ns > b->first_started_ns) -
			(a->first_started_ns < b->first_started_ns);
	return g->query->descending ? -order : order;
}

static int compare_texts(const void *x, const void *y, void *user)
{
	struct groups *g = user;
	int order = 0;
	for (size_t i = 0; order == 0 && !g->error && i < g->query->n_by; i++) {
		struct str s, t;
		enum err e = item_text(g, x, i, &s);
		if (!e)
			e = item_text(g, y, i, &t);
		if (e)
			g->error = e;
		else
			order = text_compare(s, t, false);
	}
	return order;
}

/* Puts [from, to) of the items into order. */
static void sort_items(struct groups *g, size_t from, size_t to)
{
	struct item *items = g->items;
	size_t first = from, end;
	sort_window(items, g->n, sizeof *items, from, to, compare_counts, NULL, g);
	while (first && first < to && compare_counts(&items[first - 1], &items[from], g) == 0)
		first--;
	for (; first < to; first = end) {
		for (end = first + 1; end < g->n; end++)
			if (compare_counts(&items[first], &items[end], g))
				break;
		sort_window(items + first, end - first, sizeof *items,
			from > first ? from - first : 0, to < end ? to - first : end - first,
			compare_texts, NULL, g);
	}
}

static enum err make_rows(struct groups *g, const struct item *items, struct group_list *l)
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

static enum err finish(struct groups *g, struct group_list *ret)
{
	const struct group_query *q = g->query;
	struct classes *c = arena_alloc(g->arena, sizeof *c);
	uint32_t low, high;
	classify_all(g, c);
	if (c->n_groups > LIMIT_GROUPS)
		return ERR_BUDGET;
	size_t n = c->n_groups, from = q->offset < n ? q->offset : n;
	struct group_list l = { .total = n, .n = q->limit < n - from ? q->limit : n - from };
	if (l.n) {
		uint64_t n_ahead = choose_classes(g, c, from, from + l.n, &low, &high);
		gather_items(g, low, high);
		sort_items(g, from - n_ahead, from - n_ahead + l.n);
		g->error = g->error ? g->error : make_rows(g, g->items + (from - n_ahead), &l);
	}
	if (!g->error)
		*ret = l;
	return g->error;
}

static size_t blocks_with_picked(const struct stock *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_blocks; i++)
		n += s->blocks[i].n_picked > 0;
	return n;
}

static enum err gather(struct groups *g)
{
	struct stock *s = g->stock;
	enum err e = trace_field(g->query) < g->query->n_by ? shared_find(s, &g->shared) : ERR_OK;
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		bool can;
		if (b->n_picked == 0)
			continue;
		e = group_open_block(&g->blocks[i], b, g->query, &can);
		if (!e && !can)
			e = read_block(g, b);
		else if (!e)
			e = group_count_block(&g->blocks[i], s);
		if (!e && can)
			e = merge_block(g, (uint32_t)i, blocks_with_picked(s) == 1);
	}
	return e;
}

enum err groups_by_index(struct stock *s, const struct group_query *q, struct group_list *ret)
{
	struct groups g = { .stock = s, .query = q, .arena = s->view->arena };
	struct field_set need = group_fields(q);
	table_init(&g.merged, g.arena, sizeof(struct merged));
	keep_init(&g.keep, g.arena);
	enum err e = stock_pick(s, &q->spans, &need);
	g.blocks = arena_calloc(g.arena, s->n_blocks, sizeof *g.blocks);
	if (!e)
		e = gather(&g);
	if (!e)
		e = finish(&g, ret);
	for (size_t i = 0; i < s->n_blocks; i++)
		group_close_block(&g.blocks[i], g.arena);
	if (g.items)
		g.items = arena_block(g.arena, g.items, 0);
	keep_release(&g.keep);
	table_release(&g.merged);
	return e;
}
