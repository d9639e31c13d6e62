#include "index/ready.h"

#include "index/segment/bloom.h"
#include "index/set.h"

enum {
	READY_BYTES = 128 << 20,  /* some hundredths of a second */
	RESIDENT_BYTES = 8 << 20, /* of a segment, before it is given back: it may have 350 MB; less
				   * what the day's live records have */
	WORKSPACES_MAX = 64,
	SHARDS_MAX = 512 /* of a workspace, the newest */
};

void index_ready_init(struct index_ready *r, const struct store *s)
{
	*r = (struct index_ready){
		.store = s, .left_bytes = READY_BYTES, .is_done = !s->conf->index
	};
}

static void close_view(struct index_ready *r)
{
	if (r->has_view)
		view_close(&r->view);
	r->has_view = false;
}

void index_ready_pause(struct index_ready *r)
{
	if (!r->is_open)
		return;
	close_view(r);
	arena_release(&r->memory);
	r->is_open = false;
}

static bool list_names(struct index_ready *r)
{
	struct str *names;
	size_t n;
	arena_init(&r->memory, SIZE_MAX / 2);
	r->is_open = true;
	if (workspace_list(r->store, &r->memory, &names, &n))
		return false;
	r->names = arena_calloc(&r->memory, n + 1, sizeof *r->names);
	r->names[0] = r->store->conf->workspace;
	r->n_names = 1;
	for (size_t i = 0; i < n && r->n_names < WORKSPACES_MAX; i++)
		if (!str_eq(names[i], r->names[0]))
			r->names[r->n_names++] = names[i];
	r->name = 0;
	r->has_view = false;
	return true;
}

static void open_view(struct index_ready *r)
{
	if (view_open(r->store, r->names[r->name++], &r->memory, &r->view))
		return; /* whoever asks for it is told why */
	r->has_view = true;
	r->set = r->view.n_shards ? index_begin(&r->view) : NULL;
	r->shard = r->view.n_shards;
	r->segment = 0;
}

/* The next shard, from the newest on. False: there is none. */
static bool open_shard(struct index_ready *r)
{
	if (!r->set || !r->set->is_on || r->shard == 0 || r->view.n_shards - r->shard >= SHARDS_MAX)
		return false;
	r->shard--;
	if (index_open_shard(r->set, r->shard))
		return true; /* and the next one */
	r->segment = r->set->of[r->shard].n_segments;
	r->chunk = 0;
	if (r->set->of[r->shard].n_log)
		rowlog_prepare(r->set->shards[r->shard].live);
	return true;
}

/* What a chunk is the values or the dictionary of is loaded, which checks more than its bytes. The
 * id table has a checksum a block. */
static enum err look_at_chunk(struct segment *s, const struct index_chunk *c)
{
	const struct column *column;
	struct dict dict;
	struct str bytes;
	switch (c->id) {
	case INDEX_CHUNK_IDS:
		return ERR_OK;
	case INDEX_CHUNK_VALUES:
	case INDEX_CHUNK_PRESENT:
	case INDEX_CHUNK_LISTS:
		return segment_load_column(s, c->column, &column);
	case INDEX_CHUNK_DICT:
		return segment_load_dict(s, c->column, &dict);
	case INDEX_CHUNK_ID_FILTER:
		return segment_filter_load(s);
	case INDEX_CHUNK_TRACE_IDS:
		return segment_load_trace_ids(s, &dict);
	default:
		return segment_chunk(s, c->id, c->column, &bytes);
	}
}

static size_t ready_log_bytes(const struct index_ready *r)
{
	const struct rowlog *live = r->set->shards[r->shard].live;
	return r->set->of[r->shard].n_log ? live->n * sizeof *live->rows : 0;
}

/* False: the segment is done. */
static bool look_on(struct index_ready *r, struct segment *s)
{
	while (r->chunk < s->header.n_chunks && s->chunk_is_checked[r->chunk])
		r->chunk++;
	if (s->is_damaged || r->chunk == s->header.n_chunks)
		return false;
	const struct index_chunk *c = &s->chunks[r->chunk++];
	if (c->size > r->left_bytes)
		r->is_done = true;
	else if (look_at_chunk(s, c))
		return false; /* damaged: who asks goes without it */
	else
		r->left_bytes -= c->id == INDEX_CHUNK_IDS ? 0 : c->size;
	if (s->touched_bytes + ready_log_bytes(r) > RESIDENT_BYTES)
		segment_forget(s);
	return true;
}

bool index_ready_step(struct index_ready *r)
{
	if (!r->is_done && !r->is_open)
		r->is_done = !list_names(r);
	if (!r->is_done && r->has_view && r->segment) {
		struct segment *s = r->set->of[r->shard].segments[r->segment - 1].segment;
		if (!look_on(r, s)) {
			segment_forget(s);
			r->segment--;
			r->chunk = 0;
		}
	} else if (!r->is_done && r->has_view && !open_shard(r)) {
		close_view(r);
	} else if (!r->is_done && !r->has_view) {
		if (r->name == r->n_names)
			r->is_done = true;
		else
			open_view(r);
	}
	if (r->is_done)
		index_ready_pause(r);
	return !r->is_done;
}
