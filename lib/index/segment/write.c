#include "index/segment/write.h"

#include "base/hash.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>

enum { OUT_BYTES = 256 << 10 };

void segment_writer_open(struct segment_writer *w, struct arena *a, int idx_fd)
{
	*w = (struct segment_writer){ .arena = a, .idx_fd = idx_fd, .fd = -1 };
	buf_init(&w->out, a);
	/* What a process left that died here. If it cannot be removed, opening says so. */
	(void)io->unlinkat(idx_fd, SEGMENT_TEMP_NAME, 0);
	w->error = io_open_file(idx_fd, SEGMENT_TEMP_NAME, O_WRONLY | O_CREAT | O_EXCL, &w->fd);
	if (!w->error)
		arena_hold(a, w->fd);
}

void segment_writer_drop(struct segment_writer *w)
{
	if (w->fd >= 0) {
		arena_let_go(w->arena, w->fd);
		io_drop(w->fd);
		(void)io->unlinkat(
			w->idx_fd, SEGMENT_TEMP_NAME, 0); /* the next writer tries it too */
	}
	w->fd = -1;
	buf_release(&w->out);
}

static void segment_write_flush(struct segment_writer *w)
{
	if (!w->error)
		w->error = io_write_all(w->fd, buf_str(&w->out));
	buf_reset(&w->out);
}

static void segment_write_put(struct segment_writer *w, struct str bytes)
{
	w->written += bytes.len;
	if (w->out.len + bytes.len > OUT_BYTES)
		segment_write_flush(w);
	if (bytes.len <= OUT_BYTES)
		buf_add(&w->out, bytes);
	else if (!w->error)
		w->error = io_write_all(w->fd, bytes);
}

static void align(struct segment_writer *w)
{
	static const char zeros[INDEX_ALIGN];
	segment_write_put(w, str_of(zeros, (size_t)(-w->written & (INDEX_ALIGN - 1))));
}

void segment_writer_chunk(struct segment_writer *w, unsigned id, unsigned column, struct str bytes)
{
	if (bytes.len == 0)
		return;
	if (w->n_chunks == INDEX_CHUNKS_MAX) {
		w->error = ERR_NO_MEMORY;
		return;
	}
	align(w);
	w->chunks[w->n_chunks++] = (struct index_chunk){ .id = (uint16_t)id,
		.column = (uint16_t)column,
		.offset = w->written,
		.size = bytes.len,
		.checksum = hash64(bytes, INDEX_MAGIC) };
	segment_write_put(w, bytes);
}

/* ---- Columns ---- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* Values less those they are relative to, in the arena. */
static const int64_t *less_relative(
	struct arena *a, const struct raw_column *raw, const struct raw_column *relative)
{
	int64_t *ret = arena_room(a, raw->n_present, sizeof *ret);
	uint32_t n = 0;
	for (uint32_t row = 0; row < raw->n_rows; row++)
		if (raw_has(raw, row)) {
			ret[n] = (int64_t)((uint64_t)raw->values[n] -
					   (uint64_t)relative->values[row]);
			n++;
		}
	return ret;
}

static void min_max(const int64_t *values, size_t n, int64_t *ret_min, int64_t *ret_max)
{
	int64_t min = values[0], max = values[0];
	for (size_t i = 1; i < n; i++) {
		min = values[i] < min ? values[i] : min;
		max = values[i] > max ? values[i] : max;
	}
	*ret_min = min;
	*ret_max = max;
}

/* The greatest number that divides all differences from base; 1 when there are none. */
static uint64_t scale_of(const int64_t *values, size_t n, int64_t base)
{
	uint64_t scale = 0;
	for (size_t i = 0; i < n && scale != 1; i++) {
		uint64_t difference = (uint64_t)values[i] - (uint64_t)base;
		if (scale == 0 || difference % scale)
			scale = common_divisor(difference, scale);
	}
	return scale ? scale : 1;
}

static unsigned width_of(uint64_t greatest)
{
	return greatest == 0            ? 0
	       : greatest <= UINT8_MAX  ? 1
	       : greatest <= UINT16_MAX ? 2
	       : greatest <= UINT32_MAX ? 4
					: 8;
}

static inline uint64_t stored_of(int64_t value, uint64_t base, uint64_t scale)
{
	uint64_t difference = (uint64_t)value - base;
	return scale == 1 ? difference : difference / scale;
}

static struct str encode(struct arena *a, const int64_t *values, size_t n, int64_t signed_base,
	uint64_t scale, unsigned width)
{
	uint64_t base = (uint64_t)signed_base;
	void *ret = arena_room(a, n, width);
	switch (width) {
	case 1:
		for (size_t i = 0; i < n; i++)
			((uint8_t *)ret)[i] = (uint8_t)stored_of(values[i], base, scale);
		break;
	case 2:
		for (size_t i = 0; i < n; i++)
			((uint16_t *)ret)[i] = (uint16_t)stored_of(values[i], base, scale);
		break;
	case 4:
		for (size_t i = 0; i < n; i++)
			((uint32_t *)ret)[i] = (uint32_t)stored_of(values[i], base, scale);
		break;
	case 8:
		for (size_t i = 0; i < n; i++)
			((uint64_t *)ret)[i] = stored_of(values[i], base, scale);
		break;
	default:
		break;
	}
	return str_of(ret, n * width);
}

static void put_present(struct segment_writer *w, unsigned id, const struct raw_column *raw)
{
	size_t n_words = (raw->n_rows + 63) / 64;
	size_t n_ranks = (raw->n_rows + INDEX_RANK_ROWS - 1) / INDEX_RANK_ROWS;
	size_t rank_bytes = (n_ranks * sizeof(uint32_t) + 7) & ~(size_t)7;
	char *bytes = arena_alloc(w->arena, rank_bytes + n_words * 8);
	uint32_t n = 0;
	for (size_t i = 0; i < n_words; i++) {
		if (i % (INDEX_RANK_ROWS / 64) == 0)
			memcpy(bytes + i / (INDEX_RANK_ROWS / 64) * sizeof n, &n, sizeof n);
		n += (uint32_t)__builtin_popcountll(raw->present[i]);
	}
	memcpy(bytes + rank_bytes, raw->present, n_words * 8);
	segment_writer_chunk(w, INDEX_CHUNK_PRESENT, id, str_of(bytes, rank_bytes + n_words * 8));
}

static void segment_write_put_values(struct segment_writer *w, struct index_column *c,
	const struct raw_column *raw, const int64_t *values, enum raw_kind kind)
{
	size_t n = raw->lists ? raw->lists[raw->n_present] : raw->n_present;
	uint64_t scale = 1;
	int64_t base = 0, max = 0;
	if (n == 0)
		return;
	min_max(raw->values, n, &c->min, &c->max);
	if (kind == RAW_NUMBER) {
		base = c->min;
		max = c->max;
		if (values != raw->values)
			min_max(values, n, &base, &max);
		scale = scale_of(values, n, base);
		c->width = (uint8_t)width_of(stored_of(max, (uint64_t)base, scale));
	} else {
		c->width = kind == RAW_HASH ? 8 : (uint8_t)width_of((uint64_t)c->max);
	}
	c->base = base;
	c->scale = (int64_t)scale;
	segment_writer_chunk(w, INDEX_CHUNK_VALUES, c->column,
		encode(w->arena, values, n, base, scale, c->width));
}

void segment_writer_column(struct segment_writer *w, unsigned id, const struct raw_column *raw,
	enum raw_kind kind, const struct raw_column *relative, unsigned relative_id,
	uint32_t n_entries)
{
	struct arena_mark mark = arena_mark(w->arena);
	if (raw->n_present == 0)
		return;
	struct index_column c = { .column = (uint8_t)id,
		.presence = raw->n_present < raw->n_rows ? INDEX_SOME : INDEX_ALL,
		.flags = raw->is_unknown ? INDEX_UNKNOWN : 0,
		.relative = relative ? (uint8_t)relative_id : INDEX_NOT_RELATIVE,
		.n_present = raw->n_present,
		.n_entries = n_entries,
		.scale = 1 };
	if (raw->present && !raw->is_unknown)
		put_present(w, id, raw);
	if (raw->lists && !raw->is_unknown)
		segment_writer_chunk(w, INDEX_CHUNK_LISTS, id,
			str_of((const char *)raw->lists,
				((size_t)raw->n_present + 1) * sizeof *raw->lists));
	if (!raw->is_unknown)
		segment_write_put_values(w, &c, raw,
			relative ? less_relative(w->arena, raw, relative) : raw->values, kind);
	if (w->n_columns < INDEX_COLUMNS_MAX)
		w->columns[w->n_columns++] = c;
	else
		w->error = ERR_NO_MEMORY;
	arena_rewind(w->arena, mark);
}

/* ---- The end ---- */

static void segment_write_put_head(struct segment_writer *w, struct index_header *h)
{
	struct buf head;
	align(w); /* INDEX_SLACK behind the last chunk: the head is longer */
	buf_init(&head, w->arena);
	buf_add(&head, str_of((const char *)w->chunks, w->n_chunks * sizeof w->chunks[0]));
	buf_add(&head, str_of((const char *)w->columns, w->n_columns * sizeof w->columns[0]));
	h->magic = INDEX_MAGIC;
	h->head_bytes = (uint32_t)(head.len + sizeof *h);
	h->n_chunks = w->n_chunks;
	h->n_columns = w->n_columns;
	h->file_bytes = w->written + h->head_bytes;
	h->checksum = segment_head_checksum(buf_str(&head), h);
	buf_add(&head, str_of((const char *)h, sizeof *h));
	segment_write_put(w, buf_str(&head));
	buf_release(&head);
}

uint64_t segment_head_checksum(struct str tables, const struct index_header *h)
{
	size_t from = offsetof(struct index_header, checksum) + sizeof h->checksum;
	struct str rest = str_of((const char *)h + from, sizeof *h - from);
	return hash64(rest, hash64(tables, INDEX_MAGIC));
}

enum err segment_writer_publish(
	struct segment_writer *w, struct index_header *header, const char *name)
{
	segment_write_put_head(w, header);
	segment_write_flush(w);
	if (!w->error) {
		/* Not synced: what a power cut leaves of it shows by its checksums. */
		arena_let_go(w->arena, w->fd);
		w->error = io_close(w->fd);
		w->fd = -1;
		if (!w->error && io->renameat(w->idx_fd, SEGMENT_TEMP_NAME, w->idx_fd, name) < 0)
			w->error = io_error(errno);
		if (w->error)
			(void)io->unlinkat(w->idx_fd, SEGMENT_TEMP_NAME, 0);
	}
	enum err e = w->error;
	segment_writer_drop(w);
	return e;
}
