#include "index/segment/segment.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/segment/write.h"
#include "shard/mutants.h"

#include <fcntl.h>

enum { MEMORY_BYTES = 64 << 20 }; /* of one segment's tables, beside the mapping */

enum err segment_damaged(struct segment *s)
{
	s->is_damaged = true;
	return ERR_UNSAFE;
}

/* ---- The head ---- */

static bool is_width(unsigned w)
{
	return w == 0 || w == 1 || w == 2 || w == 4 || w == 8;
}

static uint32_t rows_of(const struct segment *s, unsigned column)
{
	return column < INDEX_TRACE_COLUMNS ? s->header.n_rows : s->header.n_traces;
}

/* In every segment that has rows, or traces, all rows have these: values lead to lines and to other
 * tables, row by row. */
static const uint8_t full_columns[] = { INDEX_AT, INDEX_LEN, INDEX_TRACE, INDEX_IDENTITY,
	INDEX_TRACE_HASH, INDEX_TRACE_FIRST_ROW, INDEX_TRACE_LAST_ROW };

static bool full_columns_fit(const struct segment *s)
{
	for (size_t i = 0; i < sizeof full_columns; i++) {
		int at = s->column_at[full_columns[i]];
		if (rows_of(s, full_columns[i]) == 0)
			continue;
		if (at < 0 || s->columns[at].presence != INDEX_ALL ||
			s->columns[at].relative != INDEX_NOT_RELATIVE)
			return false;
	}
	return true;
}

static bool may_be_unknown(unsigned column)
{
	return column == FIELD_TAGS ||
	       (column >= INDEX_TRACE_INPUT_TOKENS && column <= INDEX_TRACE_COST_OUTPUT);
}

static bool chunk_fits(const struct index_chunk *c, uint64_t end)
{
	return c->offset % INDEX_ALIGN == 0 && c->offset <= end && c->size <= end - c->offset &&
	       c->size > 0;
}

static bool column_fits(const struct segment *s, const struct index_column *c)
{
	uint32_t n = rows_of(s, c->column);
	if (c->column >= INDEX_COLUMN__MAX || !is_width(c->width) || c->scale == 0 ||
		c->n_present == 0 || c->n_present > n)
		return false;
	if (c->flags & INDEX_UNKNOWN && !may_be_unknown(c->column))
		return false;
	return c->presence == INDEX_SOME || (c->presence == INDEX_ALL && c->n_present == n);
}

/* Relative to a column of all rows that is itself not relative. */
static bool relative_fits(const struct segment *s, const struct index_column *c)
{
	if (c->relative == INDEX_NOT_RELATIVE)
		return true;
	if (c->relative >= INDEX_COLUMN__MAX || s->column_at[c->relative] < 0 ||
		c->column >= INDEX_TRACE_COLUMNS || c->relative >= INDEX_TRACE_COLUMNS)
		return false;
	const struct index_column *other = &s->columns[s->column_at[c->relative]];
	return other->relative == INDEX_NOT_RELATIVE && other->presence == INDEX_ALL &&
	       !(other->flags & INDEX_UNKNOWN);
}

static bool tables_fit(struct segment *s)
{
	const struct index_header *h = &s->header;
	for (unsigned i = 0; i < INDEX_COLUMN__MAX; i++)
		s->column_at[i] = s->values_at[i] = -1;
	for (unsigned i = 0; i < h->n_chunks; i++) {
		const struct index_chunk *c = &s->chunks[i];
		if (!chunk_fits(c, h->file_bytes - h->head_bytes))
			return false;
		if (c->id == INDEX_CHUNK_VALUES && c->column < INDEX_COLUMN__MAX &&
			s->values_at[c->column] < 0)
			s->values_at[c->column] = (int16_t)i;
	}
	for (unsigned i = 0; i < h->n_columns; i++) {
		const struct index_column *c = &s->columns[i];
		if (!column_fits(s, c) || s->column_at[c->column] >= 0)
			return false;
		s->column_at[c->column] = (int16_t)i;
	}
	for (unsigned i = 0; i < h->n_columns; i++)
		if (!relative_fits(s, &s->columns[i]))
			return false;
	return full_columns_fit(s);
}

/* NULL: nothing is wrong. */
static const char *header_problem(
	const struct index_header *h, const struct segment_want *want, size_t size)
{
	size_t head = sizeof *h + h->n_chunks * sizeof(struct index_chunk) +
		      h->n_columns * sizeof(struct index_column);
	if (h->magic != INDEX_MAGIC)
		return "this is not the end of a segment made on a machine like this one";
	if (h->file_bytes != size)
		return "the file is cut, or has bytes too many";
	if (h->head_bytes != head || head > size || h->n_chunks > INDEX_CHUNKS_MAX ||
		h->n_columns > INDEX_COLUMNS_MAX)
		return "the tables cannot be as long as it says";
	if (h->incompat & ~(uint32_t)INDEX_INCOMPAT_KNOWN)
		return "a newer version made it, in a way that this one does not know";
	if (h->day != want->day || h->part != want->part || h->from != want->from ||
		h->to != want->to || h->from >= h->to)
		return "it is of another shard, or of other bytes than its name says";
	if (h->seed != want->seed)
		return "it was made with another seed";
	if (h->n_rows > INDEX_ROWS_MAX || h->n_traces > h->n_rows || h->n_hidden > h->n_rows)
		return "it has more rows or traces than can be";
	return NULL;
}

static const char *read_head(struct segment *s, const struct segment_want *want)
{
	struct index_header *h = &s->header;
	if (s->map.len < sizeof *h)
		return "the file is shorter than a header";
	memcpy(h, s->map.ptr + s->map.len - sizeof *h, sizeof *h);
	const char *problem = header_problem(h, want, s->map.len);
	if (problem)
		return problem;
	struct str tables =
		str_of(s->map.ptr + s->map.len - h->head_bytes, h->head_bytes - sizeof *h);
	if (h->checksum != segment_head_checksum(tables, h) && !MUTANT(NOINDEXSUM))
		return "the checksum is wrong";
	/* Aligned, and out of the mapping so that the pages need not stay. */
	char *copy = arena_alloc(&s->memory, tables.len + 1);
	if (tables.len)
		memcpy(copy, tables.ptr, tables.len);
	s->chunks = (const void *)copy;
	s->columns = (const void *)(copy + h->n_chunks * sizeof *s->chunks);
	s->chunk_is_checked = arena_calloc(&s->memory, h->n_chunks, sizeof *s->chunk_is_checked);
	return tables_fit(s) ? NULL : "the tables contradict themselves";
}

static bool map_file(struct segment *s, int idx_fd, const char *name)
{
	int fd;
	if (io_open_file(idx_fd, name, O_RDONLY, &fd))
		return false;
	/* Nothing can be mapped of an empty one, as a power cut leaves it; it is read all the same.
	 */
	bool ok = io->fstat(fd, &s->file) == 0 &&
		  (s->file.st_size == 0 || io_map(fd, (size_t)s->file.st_size, &s->map) == ERR_OK);
	io_drop(fd);
	return ok;
}

struct segment *segment_open(
	int idx_fd, const char *name, const struct segment_want *want, const char **ret_problem)
{
	struct arena memory;
	arena_init(&memory, MEMORY_BYTES);
	struct segment *s = arena_alloc(&memory, sizeof *s);
	s->memory = memory;
	*ret_problem = NULL;
	if (map_file(s, idx_fd, name)) {
		*ret_problem = read_head(s, want);
		if (!*ret_problem)
			return s;
	}
	segment_close(s);
	return NULL;
}

void segment_close(struct segment *s)
{
	struct arena memory = s->memory;
	if (!str_is_null(s->map))
		io_unmap(s->map);
	arena_release(&memory);
}

void segment_forget(struct segment *s)
{
	io_forget(s->map);
	memset(s->is_touched, 0, sizeof s->is_touched);
	s->touched_bytes = 0;
}

/* ---- Chunks ---- */

static int find_chunk(const struct segment *s, unsigned id, unsigned column)
{
	for (unsigned i = 0; i < s->header.n_chunks; i++)
		if (s->chunks[i].id == id && s->chunks[i].column == column)
			return (int)i;
	return -1;
}

static struct str chunk_bytes(const struct segment *s, const struct index_chunk *c)
{
	return str_of(s->map.ptr + c->offset, c->size);
}

bool segment_chunk_is_good(const struct segment *s, const struct index_chunk *c)
{
	return hash64(chunk_bytes(s, c), INDEX_MAGIC) == c->checksum;
}

uint64_t segment_skip_zeros(const struct segment *s, uint64_t from, uint64_t to)
{
	while (from < to && s->map.ptr[from] == 0)
		from++;
	return from;
}

bool segment_is_whole(const struct segment *s)
{
	uint64_t at = 0, end = s->header.file_bytes - s->header.head_bytes;
	for (unsigned i = 0; i < s->header.n_chunks; i++) {
		const struct index_chunk *c = &s->chunks[i];
		if (c->offset < at || segment_skip_zeros(s, at, c->offset) != c->offset ||
			!segment_chunk_is_good(s, c))
			return false;
		at = c->offset + c->size;
	}
	return segment_skip_zeros(s, at, end) == end;
}

enum err segment_chunk(struct segment *s, unsigned id, unsigned column, struct str *ret)
{
	int i = find_chunk(s, id, column);
	if (s->is_damaged)
		return ERR_UNSAFE;
	if (i < 0) {
		*ret = STR("");
		return ERR_OK;
	}
	const struct index_chunk *c = &s->chunks[i];
	if (!s->chunk_is_checked[i]) {
		if (!segment_chunk_is_good(s, c) && !MUTANT(NOINDEXSUM))
			return segment_damaged(s);
		s->chunk_is_checked[i] = true;
		s->touched_bytes += c->size;
	}
	*ret = chunk_bytes(s, c);
	return ERR_OK;
}

enum err segment_load_bitmap(struct segment *s, unsigned id, const uint64_t **ret)
{
	struct str bytes;
	size_t want = (s->header.n_rows + 63) / 64 * sizeof **ret;
	enum err e = segment_chunk(s, id, 0, &bytes);
	if (e)
		return e;
	if (bytes.len && bytes.len != want)
		return segment_damaged(s);
	*ret = bytes.len ? (const uint64_t *)(const void *)bytes.ptr : NULL;
	uint32_t tail = s->header.n_rows % 64;
	return *ret && tail && (*ret)[want / sizeof **ret - 1] >> tail ? segment_damaged(s)
								       : ERR_OK;
}

enum err segment_load_hidden(
	struct segment *s, const uint64_t **ret_superseded, const uint64_t **ret_deletes)
{
	uint32_t n = 0;
	enum err e = segment_load_bitmap(s, INDEX_CHUNK_SUPERSEDED, ret_superseded);
	if (!e)
		e = segment_load_bitmap(s, INDEX_CHUNK_DELETES, ret_deletes);
	if (e || s->hidden_is_checked)
		return e;
	for (uint32_t i = 0; i < (s->header.n_rows + 63) / 64; i++)
		n += (uint32_t)__builtin_popcountll((*ret_superseded ? (*ret_superseded)[i] : 0) |
						    (*ret_deletes ? (*ret_deletes)[i] : 0));
	s->hidden_is_checked = n == s->header.n_hidden;
	return s->hidden_is_checked ? ERR_OK : segment_damaged(s);
}

enum err segment_load_links(struct segment *s, const struct index_link **ret, uint32_t *ret_n)
{
	struct str bytes;
	enum err e = segment_chunk(s, INDEX_CHUNK_LINKS, 0, &bytes);
	if (e)
		return e;
	if (bytes.len != s->header.n_links * sizeof **ret)
		return segment_damaged(s);
	*ret = (const struct index_link *)(const void *)bytes.ptr;
	*ret_n = s->header.n_links;
	for (uint32_t i = 0; i < *ret_n; i++)
		if ((*ret)[i].row >= s->header.n_rows || (*ret)[i].day > s->header.day)
			return segment_damaged(s);
	return ERR_OK;
}

/* ---- Single places, unchecked ---- */

/* The stored value of a row of a column that all rows have. */
static bool segment_peek(const struct segment *s, unsigned column, uint32_t row, int64_t *ret)
{
	uint64_t v = 0;
	if (s->column_at[column] < 0)
		return false;
	const struct index_column *c = &s->columns[s->column_at[column]];
	int i = s->values_at[column];
	if (c->presence != INDEX_ALL || row >= c->n_present || c->relative != INDEX_NOT_RELATIVE)
		return false;
	if (c->width) {
		if (i < 0 || s->chunks[i].size != (uint64_t)c->n_present * c->width)
			return false;
		struct column values = { .width = c->width,
			.values = s->map.ptr + s->chunks[i].offset };
		v = column_stored(&values, row);
	}
	*ret = (int64_t)((uint64_t)c->base + (uint64_t)c->scale * v);
	return true;
}

enum err segment_place(struct segment *s, uint32_t row, int64_t *ret_at, uint32_t *ret_len)
{
	int64_t at, len;
	if (s->is_damaged)
		return ERR_UNSAFE;
	if (!segment_peek(s, INDEX_AT, row, &at) || !segment_peek(s, INDEX_LEN, row, &len) ||
		len < 0 || len > UINT32_MAX || at < s->header.from || at >= s->header.to ||
		len >= s->header.to - at)
		return segment_damaged(s);
	*ret_at = at;
	*ret_len = (uint32_t)len;
	return ERR_OK;
}
