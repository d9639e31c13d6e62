/* Sessions of engine.h from the index: trace_index.h. */
#include "query/sort.h"
#include "query/text.h"
#include "query/trace_index.h"

#include <stdlib.h>

struct session {
	uint64_t hash; /* of the session_id */
	int64_t first_started_ns, last_ended_ns;
	bool has_unfinished;
	enum status status;
	uint64_t n_traces;
	struct rollup rollup;
	uint32_t block, code; /* one that can say the text */
};

/* A trace of a session that may be in several blocks. */
struct seen {
	uint64_t hash;
	uint64_t id_hash, source_hash;
	uint32_t session;
};

struct sessions {
	struct stock *stock;
	struct table sessions, seen;
	struct block_texts **texts; /* of each block */
};

/* What is looked at in a block: the columns, and a zone of their values. */
struct reading {
	struct block *block;
	uint32_t number;
	struct block_texts *texts;
	struct block_traces traces;
	struct rollup_columns sums;
	const struct column *started, *ended, *status;
	const uint64_t *empty; /* codes of empty session_ids */
	uint32_t *session;     /* of each code: 1 + its session; 0: not known yet */
	uint32_t *last;        /* of each trace: 1 + the session it was counted for last */
	struct reading_zone *zone;
};

struct reading_zone {
	int64_t codes[INDEX_ZONE_ROWS], traces[INDEX_ZONE_ROWS];
	int64_t started[INDEX_ZONE_ROWS], ended[INDEX_ZONE_ROWS], status[INDEX_ZONE_ROWS];
	uint64_t has_ended[ZONE_WORDS];
	struct rollup_zone sums;
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
	} else if (!all->stock->blocks[s->block].segment) {
		s->block = r->number;
		s->code = code;
	}
	size_t at = (size_t)((char *)s - all->sessions.rows) / all->sessions.row_size;
	r->session[code] = (uint32_t)at + 1;
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

/* A trace that was counted for this session just before is not new; any other may have been. */
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

/* i: row of the zone. */
static enum err add_row(struct sessions *all, struct reading *r, uint32_t i)
{
	const struct reading_zone *z = r->zone;
	int64_t code = z->codes[i];
	enum err e = ERR_OK;
	if (code < 0 || bits_has(r->empty, (size_t)code))
		return ERR_OK;
	if (r->session[code] == 0)
		e = find_session(all, r, (uint32_t)code);
	if (!e)
		e = count_trace(all, r, r->session[code] - 1, (uint32_t)z->traces[i]);
	if (e)
		return e;
	struct session *s = table_row(&all->sessions, r->session[code] - 1);
	if (z->started[i] < s->first_started_ns)
		s->first_started_ns = z->started[i];
	if (!bits_has(z->has_ended, i))
		s->has_unfinished = true;
	else if (z->ended[i] > s->last_ended_ns)
		s->last_ended_ns = z->ended[i];
	s->status = session_worse(s->status, (enum status)z->status[i]);
	rollup_add_from_zone(&s->rollup, &z->sums, i);
	return ERR_OK;
}

static enum err open_block(struct sessions *all, uint32_t number, struct reading *r)
{
	struct block *b = &all->stock->blocks[number];
	struct arena *a = all->stock->view->arena;
	*r = (struct reading){ .block = b, .number = number };
	enum err e = block_texts(b, FIELD_SESSION_ID, &r->texts);
	if (!e)
		e = block_traces(b, &r->traces);
	if (!e)
		e = rollup_open(&r->sums, b, true);
	if (!e)
		e = block_column(b, FIELD_STARTED_AT, &r->started);
	if (!e)
		e = block_column(b, FIELD_ENDED_AT, &r->ended);
	if (!e)
		e = block_column(b, FIELD_STATUS, &r->status);
	if (e)
		return e;
	all->texts[number] = r->texts;
	uint64_t *empty = arena_calloc(a, bits_words(r->texts->n), sizeof *empty);
	r->empty = empty;
	r->session = arena_calloc(a, r->texts->n, sizeof *r->session);
	r->last = arena_calloc(a, r->traces.n, sizeof *r->last);
	r->zone = arena_alloc(a, sizeof *r->zone);
	return r->texts->n ? block_find_text(b, r->texts, STR(""), empty) : ERR_OK;
}

static void read_zone(struct reading *r, uint32_t first, uint32_t n)
{
	struct reading_zone *z = r->zone;
	column_read(r->texts->codes, first, n, NO_CODE, z->codes);
	column_read(r->traces.codes, first, n, 0, z->traces);
	column_read(r->started, first, n, 0, z->started);
	column_read(r->ended, first, n, 0, z->ended);
	column_read(r->status, first, n, STATUS_UNKNOWN, z->status);
	column_present(r->ended, first, n, z->has_ended);
	rollup_read_zone(&z->sums, &r->sums, first, n);
}

static enum err add_zone(struct sessions *all, struct reading *r, uint32_t first)
{
	uint32_t left = r->block->n_rows - first;
	uint32_t n = left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS;
	bool is_read = false;
	for (size_t w = 0; w < bits_words(n); w++)
		for (uint64_t in = block_picked(r->block, first / BITS + w); in; in &= in - 1) {
			if (!is_read)
				read_zone(r, first, n);
			is_read = true;
			enum err e = add_row(all, r, bits_row(w, in));
			if (e)
				return e;
		}
	return stock_is_late(all->stock) ? ERR_BUDGET : ERR_OK;
}

static enum err read_block(struct sessions *all, uint32_t number)
{
	struct reading r;
	enum err e = open_block(all, number, &r);
	if (e || r.texts->n == 0)
		return e;
	for (uint32_t first = 0; !e && first < r.block->n_rows; first += INDEX_ZONE_ROWS)
		e = add_zone(all, &r, first);
	return e;
}

/* ---- The answer ---- */

struct ordering {
	struct sessions *all;
	bool descending;
	enum err error;
};

static enum err id_of(struct sessions *all, const struct session *s, struct str *ret)
{
	return block_text(&all->stock->blocks[s->block], all->texts[s->block], s->code, ret);
}

/* Sessions are large: their numbers are sorted. */
static int compare(const void *x, const void *y, void *user)
{
	struct ordering *o = user;
	const struct session *a = table_row(&o->all->sessions, *(const uint32_t *)x);
	const struct session *b = table_row(&o->all->sessions, *(const uint32_t *)y);
	struct str s, t;
	int order = (a->first_started_ns > b->first_started_ns) -
		    (a->first_started_ns < b->first_started_ns);
	if (order)
		return o->descending ? -order : order;
	enum err e = id_of(o->all, a, &s);
	if (!e)
		e = id_of(o->all, b, &t);
	if (e)
		o->error = e;
	return e ? 0 : text_compare(s, t, false);
}

static enum err make_row(struct sessions *all, uint32_t number, struct session_row *ret)
{
	const struct session *s = table_row(&all->sessions, number);
	struct str id;
	enum err e = id_of(all, s, &id);
	if (e)
		return e;
	*ret = (struct session_row){ .session_id = arena_copy(all->stock->view->arena, id),
		.first_started_ns = s->first_started_ns,
		.last_ended_ns = s->has_unfinished ? INT64_MIN : s->last_ended_ns,
		.status = s->status,
		.n_traces = s->n_traces,
		.rollup = s->rollup };
	return ERR_OK;
}

static enum err finish(
	struct sessions *all, const struct session_query *q, struct session_list *ret)
{
	struct arena *a = all->stock->view->arena;
	struct ordering o = { all, q->descending, ERR_OK };
	size_t n = all->sessions.n, from = q->offset < n ? q->offset : n;
	struct session_list l = { .total = n, .n = q->limit < n - from ? q->limit : n - from };
	uint32_t *numbers = arena_calloc(a, n, sizeof *numbers);
	for (size_t i = 0; i < n; i++)
		numbers[i] = (uint32_t)i;
	sort_window(numbers, n, sizeof *numbers, from, from + l.n, compare, NULL, &o);
	l.rows = arena_calloc(a, l.n, sizeof *l.rows);
	for (size_t i = 0; !o.error && i < l.n; i++)
		o.error = make_row(all, numbers[from + i], &l.rows[i]);
	if (!o.error)
		*ret = l;
	return o.error;
}

enum err sessions_by_index(struct stock *s, const struct session_query *q, struct session_list *ret)
{
	struct arena *a = s->view->arena;
	struct sessions all = { .stock = s };
	struct field_set need = rollup_fields();
	field_set_add(&need, FIELD_SESSION_ID);
	field_set_add(&need, FIELD_STARTED_AT);
	field_set_add(&need, FIELD_ENDED_AT);
	enum err e = stock_pick(s, &q->spans, &need);
	table_init(&all.sessions, a, sizeof(struct session));
	table_init(&all.seen, a, sizeof(struct seen));
	all.texts = arena_calloc(a, s->n_blocks, sizeof *all.texts);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (s->blocks[i].n_picked)
			e = read_block(&all, (uint32_t)i);
	if (!e)
		e = finish(&all, q, ret);
	table_release(&all.seen);
	table_release(&all.sessions);
	return e;
}
