#include "shard/check.h"

#include "base/io.h"
#include "shard/sealed/frame.h"

/* Lines up to `to`; *at: of the first that was not read. What stands at cut_at may be the end of a
 * line that begins in a damaged frame. */
static enum err read_lines(struct view *v, size_t shard, const struct shard_checker *c,
	int64_t cut_at, int64_t *at, int64_t to)
{
	struct shard_reader r;
	struct str line, body;
	struct row_ref ref;
	bool has_more;
	enum err e = shard_reader_open(v, shard, *at, to, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &has_more)) && has_more) {
		enum line_state state = line_check(line, &body);
		if (line.len && (state == LINE_OK || ref.at != cut_at))
			c->line(c->user, ref.at, line, state);
		*at = r.at;
	}
	shard_reader_close(&r);
	return e;
}

/* Damage is told, and is no line. */
static enum err read_strictly(struct view *v, size_t shard, const struct shard_checker *c,
	int64_t cut_at, int64_t *at, int64_t to)
{
	bool was_strict = v->shards[shard].is_strict;
	v->shards[shard].is_strict = true;
	enum err e = read_lines(v, shard, c, cut_at, at, to);
	v->shards[shard].is_strict = was_strict;
	return e;
}

/* The first damaged frame from that of `at` on. ERR_IO: there is none, something else is wrong. */
static enum err find_damage(struct view *v, size_t shard, int64_t at, struct shard_damage *ret)
{
	const struct shard *sh = &v->shards[shard];
	struct sealed *s = sh->sealed;
	char *bytes = NULL;
	size_t frame, got;
	enum err e = ERR_OK;
	for (frame = frame_find(s, at); !e && frame < s->n_frames; frame++) {
		size_t n = frame_bytes(s, frame);
		bytes = arena_block(v->arena, bytes, n);
		e = sealed_read(v->store->sealed, s, sh->fd, bytes, n, s->from[frame], &got);
	}
	arena_block(v->arena, bytes, 0);
	if (e != ERR_IO)
		return e ? e : ERR_IO;
	*ret = (struct shard_damage){
		.frame = frame - 1, .from = s->from[frame - 1], .to = s->from[frame]
	};
	return ERR_OK;
}

enum err shard_check(struct view *v, size_t shard, const struct shard_checker *c)
{
	struct shard_damage d = { .is_table = true };
	int64_t at = 0, cut_at = -1;
	struct shard *s = &v->shards[shard];
	enum err e = shard_open(v, shard);
	if (!e && s->sealed && s->sealed->is_walked)
		c->damage(c->user, &d);
	while (!e) {
		e = read_strictly(v, shard, c, cut_at, &at, -1);
		if (e != ERR_IO || !s->sealed)
			return e;
		/* What was read at once may begin before the frame. */
		e = find_damage(v, shard, at, &d);
		if (!e)
			e = read_strictly(v, shard, c, cut_at, &at, d.from);
		if (!e)
			c->damage(c->user, &d);
		at = cut_at = d.to;
	}
	return e;
}
