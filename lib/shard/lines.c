/* Reading single lines of a view, and many of them ahead: see shard.h. */
#include "shard/shard.h"

#include "shard/sealed/frame.h"

#include <stdlib.h>

enum {
	PREFETCH_BYTES = 16 << 20,
	LINE_GUESS = 8 << 10 /* first read of a line of unknown length */
};

/* A line that is read before it is asked for. */
struct prefetched {
	struct row_ref ref;
	struct str bytes; /* with the newline, after the rows in the view's block */
};

static int compare_places(const void *x, const void *y)
{
	const struct prefetched *a = x, *b = y;
	if (a->ref.shard != b->ref.shard)
		return a->ref.shard < b->ref.shard ? -1 : 1;
	return (a->ref.at > b->ref.at) - (a->ref.at < b->ref.at);
}

/* Reads a line of a damaged frame with its newline to `to`. True when its own seal is right. */
static bool read_sound_line(struct view *v, struct row_ref ref, char *to)
{
	const struct shard *s = &v->shards[ref.shard];
	size_t n = (size_t)ref.len + 1, got;
	struct str body;
	return s->is_sealed && s->sealed &&
	       sealed_salvage(v->store->sealed, s->sealed, s->fd, to, n, ref.at, &got) == ERR_OK &&
	       got == n && to[ref.len] == '\n' && line_check(str_of(to, ref.len), &body) == LINE_OK;
}

/* Opens the row's shard. ERR_NOT_FOUND: the row reaches beyond its lines. */
static enum err open_row(struct view *v, struct row_ref ref)
{
	if (ref.shard >= v->n_shards)
		return ERR_NOT_FOUND;
	enum err e = shard_open(v, ref.shard);
	if (e)
		return e;
	int64_t size = v->shards[ref.shard].size_bytes;
	bool is_within = ref.at >= 0 && ref.at < size && ref.len < size - ref.at &&
			 ref.len <= v->store->line_bytes;
	return is_within ? ERR_OK : ERR_NOT_FOUND;
}

/* Reads a line with its newline to `to`, which has room for it. */
static enum err read_whole_line(struct view *v, struct row_ref ref, char *to, struct str *ret)
{
	size_t got;
	enum err e = open_row(v, ref);
	if (!e)
		e = shard_read(v, ref.shard, to, (size_t)ref.len + 1, ref.at, &got);
	if (e == ERR_IO && read_sound_line(v, ref, to)) {
		got = (size_t)ref.len + 1;
		e = ERR_OK;
	}
	if (!e)
		*ret = str_of(to, got);
	return e;
}

/* Returns a line that was read ahead, or reads it into the view's buffer. */
static enum err fetch_line(struct view *v, struct row_ref ref, struct str *ret)
{
	struct prefetched key = { .ref = ref }, *ahead = NULL;
	if (v->n_ahead)
		ahead = bsearch(&key, v->ahead, v->n_ahead, sizeof key, compare_places);
	if (ahead && ahead->bytes.len > ref.len) {
		*ret = str_first(ahead->bytes, (size_t)ref.len + 1);
		return ERR_OK;
	}
	/* The length comes from an index: memory is asked for once it is known to be sane. */
	enum err e = open_row(v, ref);
	if (e)
		return e;
	buf_reset(&v->line);
	return read_whole_line(v, ref, buf_reserve(&v->line, (size_t)ref.len + 1), ret);
}

/* Lists the rows on compressed days, as many as there is room for. Returns how long their lines
 * are. */
static size_t list_ahead(struct view *v, const struct row_ref *refs, size_t n)
{
	size_t n_bytes = 0;
	for (size_t i = 0; i < n; i++) {
		if (refs[i].shard >= v->n_shards || !v->shards[refs[i].shard].is_sealed)
			continue;
		if (refs[i].len >= PREFETCH_BYTES - n_bytes)
			break;
		size_t len = (size_t)refs[i].len + 1;
		n_bytes += len;
		v->ahead[v->n_ahead++] = (struct prefetched){ refs[i], { NULL, len } };
	}
	return n_bytes;
}

/* Returns how long the frames are that the rows, in the order of their places, stand in. */
static size_t frames_ahead(struct view *v)
{
	size_t n_bytes = 0, frame = 0;
	const struct sealed *last = NULL;
	for (size_t i = 0; i < v->n_ahead; i++) {
		struct row_ref ref = v->ahead[i].ref;
		if (shard_open(v, ref.shard) || !v->shards[ref.shard].sealed)
			continue;
		const struct sealed *s = v->shards[ref.shard].sealed;
		if (ref.at < 0 || ref.at >= s->size_bytes)
			continue;
		size_t number = frame_find(s, ref.at);
		if (s != last || number != frame)
			n_bytes += frame_bytes(s, number);
		last = s;
		frame = number;
	}
	return n_bytes;
}

void view_drop_prefetched(struct view *v)
{
	if (v->ahead)
		v->ahead = arena_block(v->arena, v->ahead, 0);
	v->n_ahead = 0;
}

void view_prefetch(struct view *v, const struct row_ref *refs, size_t n)
{
	view_drop_prefetched(v);
	if (n < 2)
		return;
	v->ahead = arena_block(v->arena, NULL, n * sizeof *v->ahead);
	size_t n_bytes = list_ahead(v, refs, n);
	qsort(v->ahead, v->n_ahead, sizeof *v->ahead, compare_places);
	if (frames_ahead(v) <= FRAME_CACHE_BYTES) {
		view_drop_prefetched(v);
		return;
	}
	v->ahead = arena_block(v->arena, v->ahead, n * sizeof *v->ahead + n_bytes);
	char *to = (char *)(v->ahead + n);
	for (size_t i = 0; i < v->n_ahead; i++) {
		struct prefetched *p = &v->ahead[i];
		size_t len = p->bytes.len;
		/* A caller that asks for a line that cannot be read is told why. */
		if (read_whole_line(v, p->ref, to, &p->bytes) != ERR_OK)
			p->bytes = STR_NULL;
		to += len;
	}
}

enum err view_read_line(struct view *v, struct row_ref ref, struct str *ret_line)
{
	enum err e = fetch_line(v, ref, ret_line);
	if (e)
		return e;
	if (ret_line->len <= ref.len || ret_line->ptr[ref.len] != '\n')
		return ERR_NOT_FOUND;
	ret_line->len = ref.len;
	return ERR_OK;
}

enum err view_read_span(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line)
{
	struct str line;
	enum err e = view_read_line(v, ref, &line);
	if (!e && line_read(line, want, false, ret) != LINE_OK)
		e = ERR_NOT_FOUND;
	if (!e && ret_line)
		*ret_line = line;
	return e;
}

enum err view_read_line_at(struct view *v, struct row_ref *ref, struct str *ret_line)
{
	if (ref->shard >= v->n_shards)
		return ERR_NOT_FOUND;
	enum err e = shard_open(v, ref->shard);
	if (e)
		return e;
	const struct shard *s = &v->shards[ref->shard];
	if (ref->at < 0 || ref->at >= s->size_bytes)
		return ERR_NOT_FOUND;
	buf_reset(&v->line);
	for (size_t step = LINE_GUESS;; step = v->line.len * 3) {
		int64_t left = s->size_bytes - ref->at - (int64_t)v->line.len;
		size_t n = (int64_t)step < left ? step : (size_t)left, got;
		if (n == 0 || v->line.len > v->store->line_bytes)
			return ERR_NOT_FOUND;
		char *p = buf_reserve(&v->line, n);
		e = shard_read(v, ref->shard, p, n, ref->at + (int64_t)v->line.len, &got);
		if (e)
			return e;
		const char *newline = memchr(p, '\n', got);
		if (newline) {
			size_t len = v->line.len + (size_t)(newline - p);
			if (len > v->store->line_bytes)
				return ERR_NOT_FOUND;
			ref->len = (uint32_t)len;
			*ret_line = str_of(v->line.ptr, len);
			return ERR_OK;
		}
		if (got < n)
			return ERR_NOT_FOUND;
		v->line.len += got;
	}
}
