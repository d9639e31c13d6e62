/* Writing a sealed file: where frames are cut. */
#include "shard/sealed/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/zst.h"
#include "shard/sealed/format.h"
#include "shard/sealed/frame.h"

enum {
	/* Lines in short frames: decoded in 0.02 to 0.03 ms. Short chats of one system
	 * prompt pack 5.8 times with it, 8.5 with 128 KiB, which is decoded in 0.07. */
	SHORT_BYTES = 24 << 10,
	/* The next length, where lines are not long: of chats that have a system prompt in common,
	 * half of the gain of 128 KiB at a third of what decoding costs. */
	MIDDLE_BYTES = 40 << 10,
	/* Or in less where nothing is gained: a line of prose alone is decoded in 0.01 ms. */
	SHORTEST_BYTES = 6 << 10,
	/* Short frames become twice as long after this many frames, so that tables stay small. */
	FRAMES_PER_DOUBLING = 16 << 10,
	/* And in the longest: of what packs that well 4 MiB are decoded in 1 ms. */
	LONG_BYTES = 4 << 20,
	/* No frame is made longer than this many bytes packed: decoding goes by these too. */
	PACKED_BYTES = 256 << 10,
	/* Lines kept before frames are cut: twice as many as a frame has, to see where a trace
	 * ends, and some, so that they are seldom moved. */
	AHEAD_BYTES = 3 * LONG_BYTES,
	/* A long frame is rather this short than has the beginning of a trace that it cannot have
	 * all of. */
	LONG_FRAME_BYTES = 512 << 10,
	TRIAL_LEVEL = 1,
	/* A frame is lengthened if each byte of lines then takes at most 5/8 as much: for a line
	 * that is read by itself, decoding takes half as long again. 7/8 suffice for the middle
	 * length, and where lines are long: one alone takes its time there, and histories repeat
	 * themselves most. Where they are not well packed yet, 6/8: the size comes first. */
	GAIN_OF = 8,
	GAIN = 5,
	GAIN_OF_ILL_PACKED = 6,
	WELL_PACKED_HALVES = 9, /* 4.5 times, at the trial's level; 5 when they are written */
	GAIN_OF_MIDDLE = 7,
	GAIN_OF_LONG_LINES = 7,
	/* A short frame is halved, and again, if each byte then takes at most 9/8 as much as in
	 * the whole: prose, of which a row by itself is then read in half the time. */
	LOSS = 9,
	/* What is long, and how much is looked at to see whether most of it stands in such lines:
	 * of a session, whose first calls are short, some of those behind them, too. */
	LONG_LINE_BYTES = 16 << 10,
	SAMPLE_BYTES = 256 << 10
};

enum err sealed_writer_open(struct sealed_writer *w, struct arena *a, int fd, int level)
{
	*w = (struct sealed_writer){ .arena = a, .fd = fd, .level = level };
	enum err e = zst_coder_open(&w->coder);
	buf_init(&w->lines, a);
	buf_init(&w->hints, a);
	buf_init(&w->packed, a);
	buf_init(&w->table, a);
	return e;
}

void sealed_writer_close(struct sealed_writer *w)
{
	zst_coder_close(w->coder);
	w->coder = NULL;
	buf_release(&w->lines);
	buf_release(&w->hints);
	buf_release(&w->packed);
	buf_release(&w->table);
}

static struct str waiting(const struct sealed_writer *w)
{
	return str_skip(buf_str(&w->lines), w->begin);
}

static enum err pack(struct sealed_writer *w, int level, size_t n, size_t *ret_packed)
{
	buf_reset(&w->packed);
	char *out = buf_reserve(&w->packed, zst_bound(n));
	return zst_compress(w->coder, level, str_first(waiting(w), n), out, ret_packed);
}

static size_t shortest(const struct sealed_writer *w)
{
	size_t n = SHORTEST_BYTES;
	for (uint32_t k = FRAMES_PER_DOUBLING; k <= w->n_entries && n < LONG_BYTES;
		k += FRAMES_PER_DOUBLING)
		n *= 2;
	return n < LONG_BYTES ? n : LONG_BYTES;
}

static bool has_long_lines(struct str s)
{
	size_t n = 0, n_long = 0;
	while (n < s.len && n < SAMPLE_BYTES) {
		size_t line = str_index(str_skip(s, n), '\n') + 1;
		n_long += line > LONG_LINE_BYTES ? line : 0;
		n += line;
	}
	return n_long > n / 2;
}

/* The first line; where lines are long, up to the end of the first long one. */
static size_t first_lines(struct str s, bool is_long)
{
	size_t n = 0, line;
	do {
		line = str_index(str_skip(s, n), '\n') + 1;
		n += line;
	} while (is_long && line <= LONG_LINE_BYTES && n < s.len);
	return n;
}

/* Halves *n, which packs into so much, as long as less packs as well. */
static enum err measure_halves(struct sealed_writer *w, size_t packed, size_t *n)
{
	size_t line = str_index(waiting(w), '\n'), whole = *n, half_packed;
	for (size_t half = whole / 2; half >= shortest(w) && half > line; half /= 2) {
		enum err e = pack(w, TRIAL_LEVEL, half, &half_packed);
		if (e)
			return e;
		if ((uint64_t)half_packed * whole * GAIN_OF > (uint64_t)packed * half * LOSS)
			break;
		*n = half;
	}
	return ERR_OK;
}

/* The length to be tried behind n, which takes `packed`, and what it must gain. */
static size_t next_length(size_t n, size_t packed, size_t most, bool is_long, unsigned *ret_gain)
{
	bool is_middle = n == SHORT_BYTES && !is_long;
	size_t longer = is_middle ? MIDDLE_BYTES : n * 2;
	*ret_gain = is_middle                                       ? GAIN_OF_MIDDLE
		    : is_long                                       ? GAIN_OF_LONG_LINES
		    : (uint64_t)packed * WELL_PACKED_HALVES > n * 2 ? GAIN_OF_ILL_PACKED
								    : GAIN;
	return longer < most ? longer : most;
}

/* How much would make a good frame. */
static enum err measure(struct sealed_writer *w, size_t *ret_n)
{
	struct str s = waiting(w);
	size_t most = s.len < LONG_BYTES ? s.len : LONG_BYTES, packed = 0, longer_packed;
	bool is_long = has_long_lines(str_first(s, most));
	unsigned gain;
	/* A line that repeats the one before it begins to pay where it begins. */
	size_t n = first_lines(str_first(s, most), is_long);
	if (n < SHORT_BYTES)
		n = SHORT_BYTES;
	if (n < shortest(w))
		n = shortest(w);
	if (n > most)
		n = most;
	enum err e = n < most ? pack(w, TRIAL_LEVEL, n, &packed) : ERR_OK;
	while (!e && n < most && packed <= PACKED_BYTES) {
		size_t longer = next_length(n, packed, most, is_long, &gain);
		e = pack(w, TRIAL_LEVEL, longer, &longer_packed);
		if (e || (uint64_t)longer_packed * n * GAIN_OF > (uint64_t)packed * longer * gain)
			break;
		n = longer;
		packed = longer_packed;
	}
	if (!e && n == SHORT_BYTES && n < most)
		e = measure_halves(w, packed, &n);
	w->may_grow = !e && packed <= PACKED_BYTES;
	if (!e)
		*ret_n = n;
	return e;
}

/* Does what measure() does, and keeps the result for the lines that follow. */
static enum err measure_once(struct sealed_writer *w, size_t *ret_n)
{
	if (w->same_left >= w->same && w->same && waiting(w).len > w->same) {
		*ret_n = w->same;
		return ERR_OK;
	}
	enum err e = measure(w, ret_n);
	w->same = !e && *ret_n < SHORT_BYTES ? *ret_n : 0;
	w->same_left = SHORT_BYTES;
	return e;
}

/* The last place in (n - n / 4, n] where something begins; 0: none. */
static size_t hint_before(const struct sealed_writer *w, size_t n)
{
	const size_t *hints = (const size_t *)(const void *)w->hints.ptr;
	for (size_t i = w->hints.len / sizeof *hints; i-- > 0 && hints[i] > w->begin;)
		if (hints[i] - w->begin <= n)
			return hints[i] - w->begin > n - n / 4 ? hints[i] - w->begin : 0;
	return 0;
}

/* Returns where to cut a long frame, or 0.  A long frame begins with a whole history, and a reader
 * of a trace's calls needs all frames of the trace, so a trace is in as few frames as possible. The
 * longest frames are not cut after the beginning of a trace that has to be cut, such a trace goes
 * into halves, and a frame that something new keeps short ends with the trace. */
static size_t choose_long_cut(const struct sealed_writer *w, size_t n)
{
	const size_t *hints = (const size_t *)(const void *)w->hints.ptr;
	struct str s = waiting(w);
	size_t next = s.len, last = 0;
	for (size_t i = w->hints.len / sizeof *hints; !last && i-- > 0 && hints[i] > w->begin;) {
		size_t hint = hints[i] - w->begin;
		*(hint <= n ? &last : &next) = hint;
	}
	if (n < LONG_BYTES)
		return w->may_grow && next <= LONG_BYTES && next <= 2 * n ? next
		       : last > n - n / 4                                 ? last
									  : 0;
	if (last)
		return last > LONG_FRAME_BYTES ? last : 0;
	if (next > 2 * n)
		return 0;
	size_t half = next / 2 + str_index(str_skip(s, next / 2), '\n') + 1;
	return half <= n ? half : 0;
}

/* Near n, where a frame is best cut: where a trace begins, else behind a line. */
static size_t choose_cut(const struct sealed_writer *w, size_t n)
{
	struct str s = waiting(w);
	size_t hint = n == s.len              ? n
		      : n >= LONG_FRAME_BYTES ? choose_long_cut(w, n)
					      : hint_before(w, n);
	if (hint)
		return hint;
	const char *end = memrchr(s.ptr + n / 2, '\n', n - n / 2);
	if (end)
		return (size_t)(end - s.ptr) + 1;
	size_t most = s.len < LONG_BYTES ? s.len : LONG_BYTES;
	size_t further = str_index(str_of(s.ptr + n, most - n), '\n');
	return n + further < most ? n + further + 1 : n;
}

static void writer_add_entry(struct sealed_writer *w, size_t packed, size_t n, uint32_t checksum)
{
	char entry[SEALED_ENTRY_BYTES];
	put_le(entry, packed, 4);
	put_le(entry + 4, n, 4);
	put_le(entry + 8, checksum, 4);
	buf_add(&w->table, str_of(entry, sizeof entry));
	w->n_entries++;
}

static enum err write_frame(struct sealed_writer *w)
{
	size_t n, packed;
	enum err e = measure_once(w, &n);
	if (e)
		return e;
	n = choose_cut(w, n);
	w->same_left -= n < w->same_left ? n : w->same_left;
	if (w->n_entries + 1 >= SEALED_FRAMES_MAX)
		return ERR_TOO_LARGE;
	e = pack(w, w->level, n, &packed);
	if (!e)
		e = io_write_all(w->fd, str_of(w->packed.ptr, packed));
	if (e)
		return e;
	writer_add_entry(w, packed, n, (uint32_t)xxh64(str_first(waiting(w), n)));
	w->begin += n;
	w->out_bytes += (int64_t)packed;
	return ERR_OK;
}

/* Moves what is waiting to the front. */
static void close_up(struct sealed_writer *w)
{
	size_t *hints = (size_t *)(void *)w->hints.ptr, kept = 0;
	for (size_t i = 0; i < w->hints.len / sizeof *hints; i++)
		if (hints[i] > w->begin)
			hints[kept++] = hints[i] - w->begin;
	w->hints.len = kept * sizeof *hints;
	w->lines.len -= w->begin;
	if (w->begin)
		memmove(w->lines.ptr, w->lines.ptr + w->begin, w->lines.len);
	w->begin = 0;
}

enum err sealed_writer_add(struct sealed_writer *w, struct str line)
{
	buf_add(&w->lines, line);
	w->in_bytes += (int64_t)line.len;
	if (w->lines.len < AHEAD_BYTES)
		return ERR_OK;
	enum err e = ERR_OK;
	while (!e && waiting(w).len >= 2 * LONG_BYTES)
		e = write_frame(w);
	close_up(w);
	return e;
}

void sealed_writer_hint(struct sealed_writer *w)
{
	size_t at = w->lines.len;
	buf_add(&w->hints, str_of((const char *)&at, sizeof at));
}

void sealed_put_table(struct str entries, struct buf *ret)
{
	char head[SEALED_HEAD_BYTES], end[SEALED_END_BYTES];
	put_le(head, SEALED_TABLE_MAGIC, 4);
	put_le(head + 4, entries.len + SEALED_END_BYTES, 4);
	put_le(end, entries.len / SEALED_ENTRY_BYTES, 4);
	put_le(end + 4, SEALED_FLAGS, 1);
	put_le(end + 5, SEALED_END_MAGIC, 4);
	buf_add(ret, str_of(head, sizeof head));
	buf_add(ret, entries);
	buf_add(ret, str_of(end, sizeof end));
}

static enum err write_end(struct sealed_writer *w)
{
	char foot[SEALED_HEAD_BYTES + SEALED_FOOT_BYTES], *body = foot + SEALED_HEAD_BYTES;
	struct buf table;
	uint32_t n_frames = w->n_entries;
	writer_add_entry(w, sizeof foot, 0, 0);
	buf_init(&table, w->arena);
	sealed_put_table(buf_str(&w->table), &table);
	put_le(foot, SEALED_FOOT_MAGIC, 4);
	put_le(foot + 4, SEALED_FOOT_BYTES, 4);
	memcpy(body, SEALED_FOOT_NAME, 8);
	put_le(body + 8, SEALED_VERSION, 4);
	put_le(body + 12, n_frames, 4);
	put_le(body + 16, (uint64_t)w->in_bytes, 8);
	put_le(body + 24, xxh64(buf_str(&table)), 8);
	put_le(body + 32, xxh64(str_of(foot, sizeof foot - 8)), 8);
	enum err e = io_write_all(w->fd, str_of(foot, sizeof foot));
	if (!e)
		e = io_write_all(w->fd, buf_str(&table));
	w->out_bytes += (int64_t)(sizeof foot + table.len);
	buf_release(&table);
	return e;
}

enum err sealed_writer_finish(struct sealed_writer *w)
{
	enum err e = ERR_OK;
	while (!e && waiting(w).len)
		e = write_frame(w);
	return e ? e : write_end(w);
}
