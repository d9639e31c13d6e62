/* Reading lines of sealed files through the frame cache. */
#include "shard/sealed/frame.h"

size_t frame_find(const struct sealed *s, int64_t at)
{
	size_t low = 0, high = s->n_frames;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (s->from[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Copies n bytes of the frame, from byte `skip` of it on. A caller who goes on after it reads the
 * file through. */
static enum err read_frame(struct frame_cache *c, const struct sealed *s, int fd, size_t frame,
	size_t skip, size_t n, bool goes_on, char *to)
{
	struct str bytes;
	if (goes_on && n == frame_bytes(s, frame))
		return frame_cache_copy(c, s, fd, frame, to);
	enum err e = frame_cache_get(c, s, fd, frame, &bytes);
	if (!e)
		memcpy(to, bytes.ptr + skip, n);
	return e;
}

enum err sealed_read(struct sealed_cache *c, const struct sealed *s, int fd, char *buf, size_t n,
	int64_t at, size_t *ret_n)
{
	if (at < 0 || at >= s->size_bytes)
		n = 0;
	else if ((int64_t)n > s->size_bytes - at)
		n = (size_t)(s->size_bytes - at);
	size_t done = 0;
	for (size_t frame = n ? frame_find(s, at) : 0; done < n; frame++) {
		size_t skip = (size_t)(at + (int64_t)done - s->from[frame]);
		size_t part = frame_bytes(s, frame) - skip, left = n - done;
		part = part < left ? part : left;
		enum err e =
			read_frame(&c->frames, s, fd, frame, skip, part, part < left, buf + done);
		if (e)
			return e;
		done += part;
	}
	*ret_n = n;
	return ERR_OK;
}
