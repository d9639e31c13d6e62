#include "shard/check.h"

#include "base/io.h"
#include "shard/sealed/frame.h"

#include <fcntl.h>

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

/* The first damaged frame from that of `at` on. ERR_IO: there is none, something else is wrong. */
static enum err find_damage(struct view *v, size_t shard, int64_t at, struct shard_damage *ret)
{
	const struct sealed *s = v->shards[shard].sealed;
	char *bytes = NULL;
	size_t frame, got;
	enum err e = ERR_OK;
	for (frame = frame_find(s, at); !e && frame < s->n_frames; frame++) {
		bytes = arena_block(v->arena, bytes, frame_bytes(s, frame));
		e = shard_read(v, shard, bytes, frame_bytes(s, frame), s->from[frame], &got);
	}
	arena_block(v->arena, bytes, 0);
	if (e != ERR_IO)
		return e ? e : ERR_IO;
	*ret = (struct shard_damage){
		.frame = frame - 1, .from = s->from[frame - 1], .to = s->from[frame]
	};
	return ERR_OK;
}

/* A sealed shard that cannot be opened: is it there for us, so that its table is the reason? */
static bool is_there(const struct view *v, size_t shard)
{
	char name[STORE_NAME_MAX];
	int fd;
	shard_file_name(v, shard, name);
	if (io_open_file(v->dir_fd, name, O_RDONLY, &fd))
		return false;
	io_drop(fd);
	return true;
}

enum err shard_check(struct view *v, size_t shard, const struct shard_checker *c)
{
	struct shard_damage d = { .is_table = true };
	int64_t at = 0, cut_at = -1;
	enum err e = shard_open(v, shard);
	const struct shard *s = &v->shards[shard];
	if (e == ERR_IO && s->is_sealed && is_there(v, shard)) {
		c->damage(c->user, &d);
		return ERR_OK;
	}
	while (!e) {
		e = read_lines(v, shard, c, cut_at, &at, -1);
		if (e != ERR_IO || !s->sealed)
			return e;
		/* What was read at once may begin before the frame. */
		e = find_damage(v, shard, at, &d);
		if (!e)
			e = read_lines(v, shard, c, cut_at, &at, d.from);
		if (!e)
			c->damage(c->user, &d);
		at = cut_at = d.to;
	}
	return e;
}
