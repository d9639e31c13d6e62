#include "index/index.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/set.h"
#include "index/versions.h"

enum { TRIES = 4 };

uint64_t index_hash(const struct index_set *set, struct str body)
{
	return hash64(body, set->seed);
}

/* ---- Opening ---- */

void *index_block(struct view *v, size_t n, size_t size)
{
	return memset(arena_block(v->arena, NULL, n * size), 0, n * size);
}

static void drop_block(struct view *v, void *block)
{
	if (block)
		arena_block(v->arena, block, 0);
}

struct index_set *index_begin(struct view *v)
{
	index_end(v);
	struct index_set *set = index_block(v, 1, sizeof *set);
	set->view = v;
	set->of = index_block(v, v->n_shards, sizeof *set->of);
	set->shards = index_block(v, v->n_shards, sizeof *set->shards);
	set->versions = index_block(v, 1, sizeof *set->versions);
	versions_init(set);
	set->is_on = v->store->conf->index && index_cache_seed(v->store, &set->seed);
	v->index = set;
	v->index_release = index_end;
	return set;
}

struct index_set *index_of_view(struct view *v)
{
	return v->index ? v->index : index_begin(v);
}

static void put_segments(struct index_set *set, size_t shard)
{
	struct index *ix = &set->of[shard];
	for (size_t i = 0; i < ix->n_segments; i++) {
		index_cache_put_segment(index_cache_of(set->view->store), ix->segments[i].segment);
		if (ix->segments[i].owns_hidden)
			drop_block(set->view, (void *)(uintptr_t)ix->segments[i].hidden);
	}
	drop_block(set->view, ix->segments);
	drop_block(set->view, ix->log_superseded);
	*ix = (struct index){ .n_segments = 0 };
}

static void index_put_log(struct index_set *set, size_t shard)
{
	struct index_shard *state = &set->shards[shard];
	if (state->log)
		index_cache_put_log(index_cache_of(set->view->store), state->log);
	*state = (struct index_shard){ .terms = state->terms }; /* stay open */
}

static void index_put_terms(struct index_set *set, size_t shard)
{
	struct terms_list *l = set->shards[shard].terms;
	if (!l)
		return;
	terms_close(l);
	drop_block(set->view, l);
}

const struct terms_list *index_terms(struct index_set *set, size_t shard)
{
	struct terms_list **l = &set->shards[shard].terms;
	if (!*l) {
		*l = index_block(set->view, 1, sizeof **l);
		terms_open(set->view, shard, *l);
	}
	return *l;
}

void index_end(struct view *v)
{
	if (!v->index)
		return;
	for (size_t i = 0; i < v->n_shards; i++) {
		put_segments(v->index, i);
		index_put_log(v->index, i);
		index_put_terms(v->index, i);
	}
	drop_block(v, v->index->of);
	drop_block(v, v->index->shards);
	versions_end(v->index);
	drop_block(v, v->index->versions);
	drop_block(v, v->index);
	v->index = NULL;
	index_cache_trim(index_cache_of(v->store));
}

static void put_chain(struct index_set *set, struct segment **segments, size_t n)
{
	for (size_t i = 0; i < n; i++)
		index_cache_put_segment(index_cache_of(set->view->store), segments[i]);
}

/* The segments that follow one another from byte 0, the longest first where several begin. */
static size_t chain(struct index_set *set, size_t shard, const struct stat *file,
	struct index_day *d, int *idx_fd, struct segment **ret)
{
	int part = set->view->shards[shard].part;
	int64_t at = 0;
	size_t n = 0;
	for (size_t i = 0; i < d->n_files; i++) {
		struct index_file *f = &d->files[i];
		if (f->part != part || f->from != at)
			continue;
		struct segment *s = index_cache_segment(set->view, shard, file, f, idx_fd);
		if (!s)
			continue;
		ret[n++] = s;
		at = f->to;
	}
	if (n == 0 || set->trusts_growth ||
		index_cache_is_bound(set->view, shard, file, ret[n - 1]))
		return n;
	/* They were of a file that had this number and length: each is looked at the next time. */
	for (size_t i = 0; i < n; i++)
		ret[i]->shard = (struct stat){ .st_size = 0 };
	put_chain(set, ret, n);
	return 0;
}

static void take_segments(struct index_set *set, size_t shard, struct segment **segments, size_t n)
{
	struct index *ix = &set->of[shard];
	ix->segments = index_block(set->view, n, sizeof *ix->segments);
	ix->n_segments = n;
	for (size_t i = 0; i < n; i++) {
		const struct index_header *h = &segments[i]->header;
		ix->segments[i] = (struct index_segment){ .segment = segments[i],
			.shard = (uint32_t)shard,
			.from = h->from,
			.to = h->to,
			.n_rows = h->n_rows,
			.n_traces = h->n_traces,
			.n_links = h->n_links,
			.flags = h->flags,
			.n_hidden = h->n_hidden };
		ix->n_torn += h->n_torn;
		ix->n_rot += h->n_rot;
		ix->n_zero += h->n_zero;
		ix->covered = h->to;
	}
}

/* Takes the records after the segments. */
static void index_take_log(struct index_set *set, size_t shard, struct rowlog *l)
{
	struct index *ix = &set->of[shard];
	size_t first = rowlog_first(l->rows, l->n, ix->covered);
	rowlog_pass(l, first);
	ix->log = l->rows + first;
	ix->n_log = l->n - first;
	if (ix->n_log)
		ix->covered = rowlog_row_end(&l->rows[l->n - 1]);
}

/* The shard's file as it is, and its size for the view; false when there is none. */
static bool stat_shard(struct view *v, size_t shard, struct stat *ret)
{
	return v->shards[shard].size_bytes != 0 && shard_stat(v, shard, ret) == ERR_OK &&
	       S_ISREG(ret->st_mode) && ret->st_size > 0;
}

/* Returns the size of a sealed shard, as it was when its index was found to be its own. */
static int64_t known_size(const struct view *v, size_t shard)
{
	const struct index *ix = &v->index->of[shard];
	return ix->n_segments ? ix->segments[ix->n_segments - 1].segment->shard_bytes : -1;
}

static bool covers_all(const struct view *v, size_t shard, const struct stat *file, int64_t covered)
{
	int64_t size = v->shards[shard].is_sealed ? known_size(v, shard) : file->st_size;
	return covered > 0 && covered == size;
}

/* A day that is over is often covered to its last byte: its file need not be opened. */
static enum err take_size(struct view *v, size_t shard, const struct stat *file, int64_t covered)
{
	struct shard *s = &v->shards[shard];
	if (s->size_bytes < 0 && covers_all(v, shard, file, covered))
		s->size_bytes = covered;
	enum err e = s->size_bytes < 0 ? shard_open(v, shard) : ERR_OK;
	/* Lines that came between opening the shard and reading its index. */
	if (!e && s->size_bytes < covered)
		s->size_bytes = covered;
	return e;
}

enum err index_take_size(struct index_set *set, size_t shard)
{
	struct stat file;
	struct view *v = set->view;
	if (!stat_shard(v, shard, &file))
		return v->shards[shard].size_bytes < 0 ? shard_open(v, shard) : ERR_OK;
	return take_size(v, shard, &file, set->of[shard].covered);
}

size_t index_log_skipped(const struct index_set *set, size_t shard)
{
	const struct rowlog *l = set->shards[shard].log;
	return (size_t)(set->of[shard].log - l->rows);
}

const int64_t *index_log_values(
	const struct index_set *set, size_t shard, enum field f, int64_t *ret_min, int64_t *ret_max)
{
	struct rowlog *l = set->shards[shard].log;
	const int64_t *values = rowlog_values(l, f, ret_min, ret_max);
	return values ? values + index_log_skipped(set, shard) : NULL;
}

int64_t index_flushed_to(const struct index *ix)
{
	return ix->n_segments ? ix->segments[ix->n_segments - 1].to : 0;
}

/* Live records are read before the segments are listed: when those end before the records begin,
 * somebody closed a range between the two looks. */
static void open_parts(struct index_set *set, size_t shard, const struct stat *file, bool want_log)
{
	struct view *v = set->view;
	struct index_cache *c = index_cache_of(v->store);
	struct rowlog *log = NULL;
	for (int i = 0; i < TRIES; i++) {
		int idx_fd = -1;
		struct index_day *d = index_cache_day(v, v->shards[shard].day, i > 0, &idx_fd);
		if (d && want_log && i != 1 && !v->shards[shard].is_sealed) {
			if (log)
				index_cache_put_log(c, log);
			log = index_cache_log(v, shard, d, &idx_fd);
		}
		struct arena_mark mark = arena_mark(v->arena);
		struct segment **segments =
			arena_calloc(v->arena, d ? d->n_files : 0, sizeof(struct segment *));
		size_t n = d ? chain(set, shard, file, d, &idx_fd, segments) : 0;
		int64_t to = n ? segments[n - 1]->header.to : 0;
		if (idx_fd >= 0)
			io_drop(idx_fd);
		if (log && to < log->from && i + 1 < TRIES) {
			put_chain(set, segments, n);
			arena_rewind(v->arena, mark);
			continue;
		}
		take_segments(set, shard, segments, n);
		arena_rewind(v->arena, mark);
		if (log && to >= log->from)
			index_take_log(set, shard, log);
		break;
	}
	set->shards[shard].log = log;
}

static enum err open_shard(struct index_set *set, size_t shard, bool want_log)
{
	struct view *v = set->view;
	struct index_shard *state = &set->shards[shard];
	struct stat file;
	if (state->has_log || (state->has_segments && !want_log))
		return ERR_OK;
	put_segments(set, shard);
	index_put_log(set, shard);
	state->has_segments = true;
	state->has_log = want_log;
	if (!set->is_on || !stat_shard(v, shard, &file))
		return v->shards[shard].size_bytes < 0 ? shard_open(v, shard) : ERR_OK;
	open_parts(set, shard, &file, want_log);
	if (!want_log)
		return ERR_OK;
	/* It has all that was there before it was read: what came since need not be seen. */
	if (covers_all(v, shard, &file, set->of[shard].covered))
		return take_size(v, shard, &file, set->of[shard].covered);
	/* Only now: what the index covers was there before it. */
	return index_take_size(set, shard);
}

enum err index_open_segments(struct index_set *set, size_t shard)
{
	return open_shard(set, shard, false);
}

enum err index_open_shard(struct index_set *set, size_t shard)
{
	return open_shard(set, shard, true);
}

enum err index_open(struct view *v, struct index_set *ret)
{
	struct index_set *set = index_begin(v);
	for (size_t i = 0; i < v->n_shards; i++) {
		enum err e = index_open_shard(set, i);
		if (e)
			return e;
	}
	*ret = *set;
	return ERR_OK;
}

/* ---- What one segment says ---- */

enum err segment_column(struct index_segment *s, unsigned c, const struct column **ret)
{
	return segment_load_column(s->segment, c, ret);
}

static const struct index_column *column_info(const struct index_segment *s, unsigned c)
{
	int at = s->segment->column_at[c];
	return at < 0 ? NULL : &s->segment->columns[at];
}

bool segment_bounds(const struct index_segment *s, unsigned c, int64_t *ret_min, int64_t *ret_max)
{
	const struct index_column *info = column_info(s, c);
	if (!info || info->flags & INDEX_UNKNOWN)
		return false;
	*ret_min = info->min;
	*ret_max = info->max;
	return true;
}

enum column_state segment_column_state(const struct index_segment *s, unsigned c)
{
	const struct index_column *info = column_info(s, c);
	return !info ? COLUMN_ABSENT : info->flags & INDEX_UNKNOWN ? COLUMN_UNKNOWN : COLUMN_KNOWN;
}

bool segment_column_is_full(const struct index_segment *s, unsigned c)
{
	const struct index_column *info = column_info(s, c);
	return info && !(info->flags & INDEX_UNKNOWN) && info->n_present == s->n_rows;
}

enum err segment_dict(struct index_segment *s, unsigned c, struct dict *ret)
{
	return segment_load_dict(s->segment, c, ret);
}

enum err segment_trace_ids(struct index_segment *s, struct dict *ret)
{
	return segment_load_trace_ids(s->segment, ret);
}

enum err segment_find_trace(struct index_segment *s, struct str trace_id, uint64_t hash,
	uint64_t *probe, uint32_t *ret_row)
{
	bool may_have = true;
	enum err e = *probe ? ERR_OK : segment_ask_trace(s->segment, hash, &may_have);
	*ret_row = UINT32_MAX;
	if (e || !may_have)
		return e;
	return segment_probe_trace(s->segment, trace_id, hash, probe, ret_row);
}

enum err segment_find_trace_hash(
	struct index_segment *s, uint64_t hash, uint64_t *probe, uint32_t *ret_row)
{
	bool may_have = true;
	enum err e = *probe ? ERR_OK : segment_ask_trace(s->segment, hash, &may_have);
	*ret_row = UINT32_MAX;
	if (e || !may_have)
		return e;
	return segment_probe_trace_hash(s->segment, hash, probe, ret_row);
}

enum err segment_may_have_traces(
	struct index_segment *s, const uint64_t *hashes, size_t n, uint64_t *may_have)
{
	return segment_ask_traces(s->segment, hashes, n, may_have);
}

enum err segment_trace_first(
	struct index_segment *s, uint32_t trace, uint32_t *ret_row, bool *ret_is_root)
{
	const struct column *root, *earliest;
	enum err e = segment_load_column(s->segment, INDEX_TRACE_ROOT, &root);
	if (!e)
		e = segment_load_column(s->segment, INDEX_TRACE_EARLIEST, &earliest);
	if (e)
		return e;
	const struct column *c = column_has(root, trace) ? root : earliest;
	*ret_is_root = c == root;
	*ret_row = column_has(c, trace) ? (uint32_t)column_value(c, trace) : UINT32_MAX;
	return ERR_OK;
}

enum err segment_row_ref(struct index_segment *s, uint32_t row, struct row_ref *ret)
{
	ret->shard = s->shard;
	return segment_place(s->segment, row, &ret->at, &ret->len);
}

enum err segment_confirm(struct index_segment *s)
{
	const struct column *c;
	enum err e = segment_load_column(s->segment, INDEX_AT, &c);
	return e ? e : segment_load_column(s->segment, INDEX_LEN, &c);
}

enum err segment_zones(struct index_segment *s, const struct index_zone **ret, uint32_t *ret_n)
{
	struct str bytes;
	uint32_t n = (s->n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS;
	enum err e = segment_chunk(s->segment, INDEX_CHUNK_ZONES, 0, &bytes);
	if (e)
		return e;
	if (bytes.len != n * sizeof **ret)
		return segment_damaged(s->segment);
	*ret = (const void *)bytes.ptr;
	*ret_n = n;
	return ERR_OK;
}
