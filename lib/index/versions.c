#include "index/versions.h"

#include "index/lookup.h"
#include "index/segment/bloom.h"
#include "index/segment/make.h"
#include "index/set.h"
#include "shard/mutants.h"

/* ---- Superseded rows ---- */

static void versions_hide_row(struct index_set *set, struct index_segment *s, uint32_t row)
{
	size_t n_words = (s->n_rows + 63) / 64;
	if (bits_found(s->hidden, row))
		return;
	if (!s->owns_hidden) {
		uint64_t *copy = index_block(set->view, n_words, sizeof *copy);
		if (s->hidden)
			memcpy(copy, s->hidden, n_words * sizeof *copy);
		s->hidden = copy;
		s->owns_hidden = true;
	}
	bits_set((uint64_t *)(uintptr_t)s->hidden, row);
	s->n_hidden++;
	s->n_hidden_late++;
}

static void versions_hide_record(struct index_set *set, struct index *ix, size_t row)
{
	if (!ix->log_superseded)
		ix->log_superseded =
			index_block(set->view, ix->n_log / 64 + 1, sizeof *ix->log_superseded);
	bits_set(ix->log_superseded, row);
}

static void versions_hide(struct index_set *set, const struct version *v)
{
	if (v->segment)
		versions_hide_row(set, v->segment, v->row);
	else
		versions_hide_record(set, &set->of[v->shard], v->row);
}

/* Takes over the bitmaps that the segment was built with. */
static enum err versions_hide_own(struct index_set *set, struct index_segment *s)
{
	const uint64_t *superseded, *deletes;
	if (s->n_hidden == 0)
		return ERR_OK;
	enum err e = segment_load_hidden(s->segment, &superseded, &deletes);
	if (e)
		return e;
	s->hidden = superseded ? superseded : deletes;
	if (!superseded || !deletes)
		return ERR_OK;
	size_t n_words = (s->n_rows + 63) / 64;
	uint64_t *both = index_block(set->view, n_words, sizeof *both);
	for (size_t i = 0; i < n_words; i++)
		both[i] = superseded[i] | deletes[i];
	s->hidden = both;
	s->owns_hidden = true;
	return ERR_OK;
}

/* ---- Finding the rows of an identity ---- */

struct version_search {
	struct index_set *set;
	uint64_t key, identity;
	enum err (*each)(void *user, const struct version *v);
	void *user;
};

struct version_columns {
	const struct column *at, *identity, *ingested, *updated, *prev_day;
	const uint64_t *superseded;
};

static enum err versions_load_columns(struct segment *s, struct version_columns *ret)
{
	enum err e = segment_load_column(s, INDEX_AT, &ret->at);
	if (!e)
		e = segment_load_column(s, INDEX_IDENTITY, &ret->identity);
	if (!e)
		e = segment_load_column(s, FIELD_INGESTED_AT, &ret->ingested);
	if (!e)
		e = segment_load_column(s, FIELD_UPDATED_AT, &ret->updated);
	if (!e)
		e = segment_load_column(s, INDEX_PREV_DAY, &ret->prev_day);
	return e ? e : segment_load_bitmap(s, INDEX_CHUNK_SUPERSEDED, &ret->superseded);
}

static struct version versions_of_row(const struct index_set *set, const struct version_columns *c,
	struct index_segment *s, uint32_t row)
{
	const struct shard *shard = &set->view->shards[s->shard];
	const struct column *v = column_has(c->updated, row) ? c->updated : c->ingested;
	return (struct version){ .shard = s->shard,
		.place = { shard->day, shard->part, column_value(c->at, row) },
		.version = column_has(v, row) ? column_value(v, row) : 0,
		.prev_day = column_has(c->prev_day, row) ? (int32_t)column_value(c->prev_day, row)
							 : SPAN_NO_DAY,
		.segment = s,
		.row = row };
}

static struct version versions_of_record(const struct index_set *set, size_t shard, size_t row)
{
	const struct index *ix = &set->of[shard];
	const struct shard *s = &set->view->shards[shard];
	const struct rowlog_row *r = &ix->log[row];
	return (struct version){ .shard = (uint32_t)shard,
		.place = { s->day, s->part, r->at },
		.version = rowlog_row_version(r),
		.prev_day = r->prev_day,
		.row = (uint32_t)row };
}

static enum err versions_in_segment(const struct version_search *search, struct index_segment *s)
{
	struct version_columns c;
	uint64_t probe = 0;
	uint32_t row;
	for (bool is_loaded = false;;) {
		enum err e = segment_find_key(s->segment, search->key, false, &probe, &row);
		if (e || row == UINT32_MAX)
			return e;
		if (!is_loaded)
			e = versions_load_columns(s->segment, &c);
		if (e)
			return e;
		is_loaded = true;
		if ((uint64_t)column_value(c.identity, row) != search->identity ||
			bits_found(c.superseded, row))
			continue;
		struct version v = versions_of_row(search->set, &c, s, row);
		e = search->each(search->user, &v);
		if (e)
			return e;
	}
}

/* Searches the segments of a shard that end after from and begin before to, the newest first. */
static enum err versions_in_segments(
	const struct version_search *search, size_t shard, int64_t from, int64_t to)
{
	struct index *ix = &search->set->of[shard];
	enum err e = ERR_OK;
	for (size_t i = ix->n_segments; !e && i-- > 0 && ix->segments[i].to > from;) {
		struct index_segment *s = &ix->segments[i];
		struct segment_ask ask = segment_ask_of(search->key);
		if (s->from >= to)
			continue;
		e = segment_filter_ask(s->segment, &ask, 1);
		if (!e && ask.may_have)
			e = versions_in_segment(search, s);
	}
	return e;
}

/* True when a row of the log loses to another row of the log. */
static bool versions_is_superseded(
	const struct index *ix, const uint64_t *hidden, size_t first, size_t row)
{
	return bits_found(hidden, first + row) && !(ix->log[row].flags & ROWLOG_DELETE);
}

/* Leaves out rows that lose to another row of the log: an identity may have many of these. */
static enum err versions_in_log(const struct version_search *search, size_t shard)
{
	const struct index *ix = &search->set->of[shard];
	size_t probe = 0, row;
	if (ix->n_log == 0)
		return ERR_OK;
	const uint64_t *hidden = rowlog_superseded(search->set->shards[shard].log);
	size_t first = index_log_skipped(search->set, shard);
	while ((row = index_log_find(search->set, shard, search->key, false, &probe)) != SIZE_MAX) {
		if (ix->log[row].identity != search->identity ||
			versions_is_superseded(ix, hidden, first, row))
			continue;
		struct version v = versions_of_record(search->set, shard, row);
		enum err e = search->each(search->user, &v);
		if (e)
			return e;
	}
	return ERR_OK;
}

/* Searches all parts of a day. *ret_has_lines: true when the day has lines that the index does not
 * cover, or is not there. */
static enum err versions_in_day(
	const struct version_search *search, int32_t day, bool *ret_has_lines)
{
	const struct view *v = search->set->view;
	size_t first = index_first_shard(v, day);
	*ret_has_lines = first == v->n_shards || v->shards[first].day != day;
	for (size_t i = first; i < v->n_shards && v->shards[i].day == day; i++) {
		enum err e = index_open_shard(search->set, i);
		if (!e)
			e = versions_in_segments(search, i, 0, INT64_MAX);
		if (!e)
			e = versions_in_log(search, i);
		if (e)
			return e;
		*ret_has_lines =
			*ret_has_lines || search->set->of[i].covered < v->shards[i].size_bytes;
	}
	return ERR_OK;
}

struct chain_search {
	const struct version_search *outer;
	int32_t next_day; /* the newest earlier day that a row named */
};

static enum err versions_note_day(void *user, const struct version *v)
{
	struct chain_search *c = user;
	if (v->prev_day > c->next_day && v->prev_day < v->place.day)
		c->next_day = v->prev_day;
	return c->outer->each(c->outer->user, v);
}

/* Returns the newest day before `before`; SPAN_NO_DAY when there is none. */
static int32_t versions_day_before(const struct view *v, int32_t before)
{
	size_t i = index_first_shard(v, before);
	return i > 0 ? v->shards[i - 1].day : SPAN_NO_DAY;
}

/* Searches the day, and the earlier days that the rows found there name. Where one has lines that
 * are not indexed the day before it is searched as well, as far back as `since`. */
static enum err versions_in_chain(const struct version_search *search, int32_t day, int32_t since)
{
	struct chain_search chain = { .outer = search };
	struct version_search inner = *search;
	inner.each = versions_note_day;
	inner.user = &chain;
	while (day != SPAN_NO_DAY) {
		bool has_lines;
		chain.next_day = SPAN_NO_DAY;
		enum err e = versions_in_day(&inner, day, &has_lines);
		if (e)
			return e;
		int32_t before =
			has_lines ? versions_day_before(search->set->view, day) : SPAN_NO_DAY;
		if (before < since)
			before = SPAN_NO_DAY;
		day = before > chain.next_day ? before : chain.next_day;
	}
	return ERR_OK;
}

/* ---- The best row of each identity ---- */

struct version_best {
	uint64_t identity; /* the hash of the table */
	uint64_t key;
	struct version row;
	/* The days that links were last followed to: none is followed twice in a row. */
	int32_t followed, followed_back;
};

static struct version_best *versions_find_best(
	struct index_set *set, uint64_t key, uint64_t identity)
{
	struct table_probe p = table_probe(set->versions, identity);
	struct version_best *b;
	while ((b = table_next(set->versions, &p)) && b->key != key)
		;
	return b;
}

/* Compares a row with the best one of its identity: the one that loses is superseded. */
static enum err versions_meet(void *user, const struct version *v)
{
	const struct version_search *search = user;
	struct index_set *set = search->set;
	struct version_best *b = versions_find_best(set, search->key, search->identity);
	if (!b) {
		b = table_add(set->versions, search->identity);
		b->key = search->key;
		b->row = *v;
		b->followed = b->followed_back = SPAN_NO_DAY;
	} else if (b->row.shard == v->shard && b->row.place.at == v->place.at) {
		return ERR_OK;
	} else if (version_wins(v->version, &v->place, b->row.version, &b->row.place)) {
		versions_hide(set, &b->row);
		b->row = *v;
	} else {
		versions_hide(set, v);
	}
	return ERR_OK;
}

static struct version_search versions_search(struct index_set *set, uint64_t key, uint64_t identity)
{
	return (struct version_search){
		.set = set, .key = key, .identity = identity, .each = versions_meet
	};
}

/* Compares a row with those of its identity on the day that a link of it names. */
static enum err versions_follow(struct version_search *search, const struct version *v, int32_t day)
{
	bool has_lines, is_own = day == v->place.day;
	enum err e = versions_meet(search, v);
	if (e)
		return e;
	struct version_best *b = versions_find_best(search->set, search->key, search->identity);
	int32_t *followed = is_own ? &b->followed : &b->followed_back;
	if (*followed == day)
		return ERR_OK;
	*followed = day; /* searching may move the table's rows */
	return is_own ? versions_in_day(search, day, &has_lines)
		      : versions_in_chain(search, day, INT32_MIN);
}

/* ---- Segments ---- */

static enum err versions_follow_links(struct index_set *set, struct index_segment *s)
{
	const struct index_link *links;
	struct version_columns c;
	uint32_t n;
	if (s->n_links == 0)
		return ERR_OK;
	enum err e = segment_load_links(s->segment, &links, &n);
	if (!e)
		e = versions_load_columns(s->segment, &c);
	for (uint32_t i = 0; !e && i < n; i++) {
		struct version_search search =
			versions_search(set, links[i].key, links[i].identity);
		struct version v = versions_of_row(set, &c, s, links[i].row);
		search.user = &search;
		e = versions_follow(&search, &v, links[i].day);
	}
	return e;
}

/* ---- The row log ---- */

/* Follows the links of a record. When it loses within the log only the earlier day is followed,
 * which the current one may not name: its writer may not have looked as far back (lookup_since()).
 */
static enum err versions_follow_record(
	struct index_set *set, size_t shard, size_t row, bool is_superseded)
{
	struct index *ix = &set->of[shard];
	const struct rowlog_row *r = &ix->log[row];
	struct version v = versions_of_record(set, shard, row);
	struct version_search search =
		versions_search(set, rowlog_row_key(set->seed, r), r->identity);
	enum err e = ERR_OK;
	search.user = &search;
	if (!is_superseded && r->flags & ROWLOG_LINKED) {
		e = versions_follow(&search, &v, v.place.day);
	} else if (!is_superseded && r->known_to < index_flushed_to(ix) && !MUTANT(NOKNOWN)) {
		/* The record was made before the newest segments were. */
		e = versions_in_segments(&search, shard, r->known_to, INT64_MAX);
		if (!e && versions_find_best(set, search.key, search.identity))
			e = versions_meet(&search, &v);
	}
	if (!e && r->prev_day != SPAN_NO_DAY)
		e = versions_follow(&search, &v, r->prev_day);
	return e;
}

static enum err versions_resolve_log(struct index_set *set, size_t shard)
{
	struct index *ix = &set->of[shard];
	struct rowlog *l = set->shards[shard].log;
	if (ix->n_log == 0)
		return ERR_OK;
	const uint64_t *superseded = rowlog_superseded(l);
	size_t first = index_log_skipped(set, shard);
	bool knows_all = l->known_to >= index_flushed_to(ix);
	for (size_t w = first / 64; w * 64 < first + ix->n_log; w++) {
		/* Most rows are neither superseded nor linked. */
		uint64_t rows = knows_all ? superseded[w] | l->linked[w] : UINT64_MAX;
		for (; rows; rows &= rows - 1) {
			size_t row = w * 64 + (size_t)__builtin_ctzll(rows);
			if (row < first || row - first >= ix->n_log)
				continue;
			if (bits_found(superseded, row))
				versions_hide_record(set, ix, row - first);
			enum err e = versions_follow_record(set, shard, row - first,
				versions_is_superseded(ix, superseded, first, row - first));
			if (e)
				return e;
		}
	}
	return ERR_OK;
}

enum err index_resolve(struct index_set *set)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < set->view->n_shards; i++)
		for (size_t k = 0; !e && k < set->of[i].n_segments; k++)
			e = versions_hide_own(set, &set->of[i].segments[k]);
	for (size_t i = 0; !e && i < set->view->n_shards; i++) {
		for (size_t k = 0; !e && k < set->of[i].n_segments; k++)
			e = versions_follow_links(set, &set->of[i].segments[k]);
		if (!e)
			e = versions_resolve_log(set, i);
	}
	return e;
}

/* ---- Lines ---- */

enum err index_supersede(
	struct index_set *set, const struct span *s, struct row_ref ref, bool *ret_is_hidden)
{
	const struct shard *shard = &set->view->shards[ref.shard];
	struct version_place place = { shard->day, shard->part, ref.at };
	struct version_search search = versions_search(set,
		segment_key(index_hash(set, span_text(s, FIELD_SPAN_ID)),
			index_hash(set, span_text(s, FIELD_TRACE_ID)),
			index_hash(set, span_text(s, FIELD_SOURCE))),
		span_identity_hash(s));
	bool has_lines;
	search.user = &search;
	enum err e = versions_in_day(&search, shard->day, &has_lines);
	if (!e)
		e = versions_in_chain(&search, s->prev_day, lookup_since(s));
	if (e)
		return e;
	const struct version_best *b = versions_find_best(set, search.key, search.identity);
	*ret_is_hidden = b && version_wins(b->row.version, &b->row.place, span_version(s), &place);
	if (b && !*ret_is_hidden)
		versions_hide(set, &b->row);
	return ERR_OK;
}

void versions_init(struct index_set *set)
{
	table_init(set->versions, set->view->arena, sizeof(struct version_best));
}

void versions_end(struct index_set *set)
{
	table_release(set->versions);
}

/* ---- For writers ---- */

static enum err versions_note_any(void *user, const struct version *v)
{
	(void)v;
	*(bool *)user = true;
	return ERR_OK;
}

enum err versions_exist_before(struct index_set *set, const struct versions_ask *ask, bool *ret)
{
	const struct view *v = set->view;
	bool any = false;
	struct version_search search = { .set = set,
		.key = ask->key,
		.identity = ask->identity,
		.each = versions_note_any,
		.user = &any };
	for (size_t i = index_first_shard(v, ask->day);
		!any && i < v->n_shards && v->shards[i].day == ask->day; i++) {
		bool is_own = i == ask->own;
		if (!is_own && ask->own_only)
			continue;
		enum err e = is_own ? index_open_segments(set, i) : index_open_shard(set, i);
		if (!e)
			e = versions_in_segments(
				&search, i, is_own ? ask->from : 0, is_own ? ask->to : INT64_MAX);
		if (!e && !is_own)
			e = versions_in_log(&search, i);
		if (e)
			return e;
		if (i < ask->own && set->of[i].covered < v->shards[i].size_bytes)
			any = true;
	}
	*ret = any;
	return ERR_OK;
}
