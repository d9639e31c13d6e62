/*
 * Sessions of engine.h from blocks: trace_index.h.
 *
 * A first pass finds all sessions and when they began, and puts them into order; a second pass sums
 * up those of the page.
 */
#include "query/aggregate/trace_index.h"
#include "query/page/heap.h"
#include "json/order.h"

#include <stdlib.h>

struct session {
	uint64_t hash; /* of the session_id */
	int64_t first_started_ns, last_ended_ns;
	bool has_unfinished;
	enum status status;
	uint64_t n_traces;
	struct rollup rollup;
	uint32_t block, code; /* one that can say the text */
	bool is_wanted;
};

/* A trace of a session that may be in several blocks. */
struct seen {
	uint64_t hash;
	uint64_t id_hash, source_hash;
	uint32_t session;
};

struct sessions {
	struct snapshot *snapshot;
	struct table sessions, seen;
	struct reading *readings; /* of each block */
	struct reading_zone *zone;
};

/* The columns of a block that sessions are made of. */
struct reading {
	struct block *block; /* NULL: it has no session */
	uint32_t number;
	struct block_texts *texts;
	const struct column *started;
	const uint64_t *empty; /* codes of empty session_ids */
	uint32_t *session;     /* of each code: 1 + its session; 0: not known yet */
	/* These are read in the second pass. */
	struct block_traces traces;
	struct rollup_columns sums;
	const struct column *ended;
	uint32_t *last; /* of each trace: 1 + the session it was counted for last */
};

/* The values of a zone. */
struct reading_zone {
	int64_t codes[INDEX_ZONE_ROWS], started[INDEX_ZONE_ROWS];
};

#define NO_CODE INT64_C(-1)

static enum err find_session(struct sessions *all, struct reading *r, uint32_t code)
{
	uint64_t hash;
	enum err e = block_text_hash(r->block, r->texts, code, &hash);
	if (e)
		return e;
	struct table_probe p = table_probe(&all->sessions, hash);
	struct session *s = table_next(&all->sessions, &p);
	if (!s) {
		s = table_add(&all->sessions, hash);
		s->first_started_ns = INT64_MAX;
		s->last_ended_ns = INT64_MIN;
		s->status = STATUS_SUCCESS;
		s->block = r->number;
		s->code = code;
	} else if (!all->snapshot->blocks[s->block].segment) {
		s->block = r->number;
		s->code = code;
	}
	r->session[code] = (uint32_t)table_number(&all->sessions, s) + 1;
	return ERR_OK;
}

static bool is_new_pair(
	struct sessions *all, uint32_t session, uint64_t id_hash, uint64_t source_hash)
{
	uint64_t hash = (id_hash ^ (source_hash << 32 | source_hash >> 32)) +
			session * UINT64_C(0x9e3779b97f4a7c15);
	struct table_probe p = table_probe(&all->seen, hash);
	struct seen *seen;
	while ((seen = table_next(&all->seen, &p)))
		if (seen->id_hash == id_hash && seen->source_hash == source_hash &&
			seen->session == session)
			return false;
	seen = table_add(&all->seen, hash);
	seen->id_hash = id_hash;
	seen->source_hash = source_hash;
	seen->session = session;
	return true;
}

/* Counts a trace unless it was counted for this session before. */
static enum err count_trace(
	struct sessions *all, struct reading *r, uint32_t session, uint32_t trace)
{
	uint64_t source_hash;
	if (r->last[trace] == session + 1)
		return ERR_OK;
	enum err e = block_trace_source_hash(r->block, trace, &source_hash);
	if (e)
		return e;
	r->last[trace] = session + 1;
	struct session *s = table_row(&all->sessions, session);
	s->n_traces += is_new_pair(
		all, session, (uint64_t)column_value(r->traces.hash, trace), source_hash);
	return ERR_OK;
}

/* ---- First: which sessions there are, and when they began ---- */

static enum err open_block(struct sessions *all, uint32_t number, struct reading *r)
{
	struct block *b = &all->snapshot->blocks[number];
	struct arena *a = all->snapshot->view->arena;
	r->number = number;
	enum err e = block_texts(b, FIELD_SESSION_ID, &r->texts);
	if (!e)
		e = block_column(b, FIELD_STARTED_AT, &r->started);
	if (e || r->texts->n == 0)
		return e;
	r->block = b;
	uint64_t *empty = arena_calloc(a, bits_words(r->texts->n), sizeof *empty);
	r->empty = empty;
	r->session = arena_calloc(a, r->texts->n, sizeof *r->session);
	return block_find_text(b, r->texts, STR(""), empty);
}

/* i: the number of the row in its zone. */
static enum err add_start(struct sessions *all, struct reading *r, uint32_t row, uint32_t i)
{
	int64_t code = all->zone->codes[i], started = all->zone->started[i];
	(void)row;
	if (code < 0 || bits_has(r->empty, (size_t)code))
		return ERR_OK;
	if (r->session[code] == 0) {
		enum err e = find_session(all, r, (uint32_t)code);
		if (e)
			return e;
	}
	struct session *s = table_row(&all->sessions, r->session[code] - 1);
	if (started < s->first_started_ns)
		s->first_started_ns = started;
	return ERR_OK;
}

/* ---- Second: the sums ---- */

static enum err open_further(struct sessions *all, struct reading *r)
{
	struct block *b = r->block;
	enum err e = block_traces(b, &r->traces);
	if (!e)
		e = rollup_open(&r->sums, b);
	if (!e)
		e = block_column(b, FIELD_ENDED_AT, &r->ended);
	if (!e)
		r->last = arena_calloc(all->snapshot->view->arena, r->traces.n, sizeof *r->last);
	return e;
}

static enum err session_add_row(struct sessions *all, struct reading *r, uint32_t row, uint32_t i)
{
	int64_t code = all->zone->codes[i];
	if (code < 0 || r->session[code] == 0)
		return ERR_OK;
	uint32_t session = r->session[code] - 1;
	struct session *s = table_row(&all->sessions, session);
	if (!s->is_wanted)
		return ERR_OK;
	enum err e = r->last ? ERR_OK : open_further(all, r);
	if (!e)
		e = count_trace(all, r, session, (uint32_t)column_value(r->traces.codes, row));
	if (e)
		return e;
	if (!column_has(r->ended, row))
		s->has_unfinished = true;
	else if (column_value(r->ended, row) > s->last_ended_ns)
		s->last_ended_ns = column_value(r->ended, row);
	s->status = session_worse(s->status, rollup_add_row(&s->rollup, &r->sums, row));
	return ERR_OK;
}

/* ---- A pass ---- */

typedef enum err (*row_adder)(struct sessions *all, struct reading *r, uint32_t row, uint32_t i);

static enum err add_zone(struct sessions *all, struct reading *r, uint32_t first, row_adder add)
{
	uint32_t left = r->block->n_rows - first;
	uint32_t n = left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS;
	bool is_read = false;
	for (size_t w = 0; w < bits_words(n); w++)
		for (uint64_t in = block_selected(r->block, first / BITS + w); in; in &= in - 1) {
			uint32_t i = bits_row(w, in);
			if (!is_read) {
				column_read(r->texts->codes, first, n, NO_CODE, all->zone->codes);
				column_read(r->started, first, n, 0, all->zone->started);
			}
			is_read = true;
			enum err e = add(all, r, first + i, i);
			if (e)
				return e;
		}
	return snapshot_is_late(all->snapshot) ? ERR_BUDGET : ERR_OK;
}

static enum err session_add_block(struct sessions *all, struct reading *r, row_adder add)
{
	enum err e = ERR_OK;
	for (uint32_t first = 0; !e && r->block && first < r->block->n_rows;
		first += INDEX_ZONE_ROWS)
		e = add_zone(all, r, first, add);
	return e;
}

static bool has_wanted(struct sessions *all, const struct reading *r)
{
	for (size_t i = 0; r->block && i < r->texts->n; i++) {
		const struct session *s =
			r->session[i] ? table_row(&all->sessions, r->session[i] - 1) : NULL;
		if (s && s->is_wanted)
			return true;
	}
	return false;
}

static enum err session_add_up(struct sessions *all, const uint32_t *wanted, size_t n)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < n; i++)
		((struct session *)table_row(&all->sessions, wanted[i]))->is_wanted = true;
	for (size_t i = 0; !e && i < all->snapshot->n_blocks; i++)
		if (has_wanted(all, &all->readings[i]))
			e = session_add_block(all, &all->readings[i], session_add_row);
	return e;
}

/* ---- The answer ---- */

struct ordering {
	struct sessions *all;
	bool descending;
	enum err error;
};

static enum err session_id_of(struct sessions *all, const struct session *s, struct str *ret)
{
	return block_text(
		&all->snapshot->blocks[s->block], all->readings[s->block].texts, s->code, ret);
}

/* Compares sessions by their numbers, which are what is sorted, as sessions are large. */
static int session_compare(void *x, void *y, void *user)
{
	struct ordering *o = user;
	const struct session *a = table_row(&o->all->sessions, *(uint32_t *)x);
	const struct session *b = table_row(&o->all->sessions, *(uint32_t *)y);
	struct str s, t;
	int order = (a->first_started_ns > b->first_started_ns) -
		    (a->first_started_ns < b->first_started_ns);
	if (order)
		return o->descending ? -order : order;
	enum err e = session_id_of(o->all, a, &s);
	if (!e)
		e = session_id_of(o->all, b, &t);
	if (e)
		o->error = e;
	return e ? 0 : body_order(s, t);
}

static enum err session_make_row(struct sessions *all, uint32_t number, struct session_row *ret)
{
	const struct session *s = table_row(&all->sessions, number);
	struct str id;
	enum err e = session_id_of(all, s, &id);
	if (e)
		return e;
	*ret = (struct session_row){ .session_id = arena_copy(all->snapshot->view->arena, id),
		.first_started_ns = s->first_started_ns,
		.last_ended_ns = s->has_unfinished ? INT64_MIN : s->last_ended_ns,
		.status = s->status,
		.n_traces = s->n_traces,
		.rollup = s->rollup };
	return ERR_OK;
}

static enum err session_finish(
	struct sessions *all, const struct session_query *q, struct session_list *ret)
{
	struct arena *a = all->snapshot->view->arena;
	struct ordering o = { all, q->descending, ERR_OK };
	size_t n = all->sessions.n, from = q->offset < n ? q->offset : n;
	struct session_list l = { .total = n, .n = q->limit < n - from ? q->limit : n - from };
	struct heap heap;
	heap_init(&heap, a, sizeof(uint32_t), from + l.n, session_compare, &o);
	for (uint32_t i = 0; i < n; i++)
		(void)heap_put(&heap, &i);
	const uint32_t *numbers = heap_finish(&heap, from);
	if (!o.error)
		o.error = session_add_up(all, numbers, l.n);
	l.rows = arena_calloc(a, l.n, sizeof *l.rows);
	for (size_t i = 0; !o.error && i < l.n; i++)
		o.error = session_make_row(all, numbers[i], &l.rows[i]);
	heap_release(&heap);
	if (!o.error)
		*ret = l;
	return o.error;
}

enum err sessions_select(
	struct snapshot *s, const struct session_query *q, struct session_list *ret)
{
	struct arena *a = s->view->arena;
	struct sessions all = { .snapshot = s };
	struct field_set need = rollup_fields();
	field_set_add(&need, FIELD_SESSION_ID);
	field_set_add(&need, FIELD_STARTED_AT);
	field_set_add(&need, FIELD_ENDED_AT);
	enum err e = snapshot_select(s, &q->spans, &need);
	table_init(&all.sessions, a, sizeof(struct session));
	table_init(&all.seen, a, sizeof(struct seen));
	all.readings = arena_calloc(a, s->n_blocks, sizeof *all.readings);
	all.zone = arena_alloc(a, sizeof *all.zone);
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		if (s->blocks[i].n_selected == 0)
			continue;
		e = open_block(&all, (uint32_t)i, &all.readings[i]);
		if (!e)
			e = session_add_block(&all, &all.readings[i], add_start);
	}
	if (!e)
		e = session_finish(&all, q, ret);
	table_release(&all.seen);
	table_release(&all.sessions);
	return e;
}
