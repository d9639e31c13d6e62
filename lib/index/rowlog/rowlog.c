#include "index/rowlog/rowlog.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "shard/mutants.h"

#include <fcntl.h>
#include <stdio.h>

/* The seal of a line with its newline: ,"_c":"xxxxxxxx"}\n */
static const struct str seal_head = { ",\"_c\":\"", 7 };
enum {
	SEAL_DIGITS = 8,
	SEAL_BYTES = 7 + SEAL_DIGITS + 3,
	HASH_SLOTS = ROWLOG_ROWS_SEEN * 2, /* a power of two */
	FETCH_ROWS = 256                   /* fewer are not worth asking for */
};

#define BOOT_SLACK_NS (2 * NS_PER_S)

void rowlog_file_name(int part, char ret[static STORE_NAME_MAX])
{
	(void)snprintf(ret, STORE_NAME_MAX, "%d.live", part);
}

/* ---- Header and rows ---- */

static uint64_t rowlog_header_checksum(const struct rowlog_header *h)
{
	size_t from = offsetof(struct rowlog_header, checksum) + sizeof h->checksum;
	return hash64(str_of((const char *)h + from, sizeof *h - from), ROWLOG_MAGIC);
}

/* Computes the hash of the n bytes before `from`, or of the first ones. */
static enum err rowlog_fingerprint(int fd, int64_t from, uint32_t n, uint64_t *ret_print)
{
	char bytes[INDEX_PRINT_BYTES];
	size_t got;
	enum err e = io_pread(fd, bytes, n, from > 0 ? from - n : 0, &got);
	if (!e)
		*ret_print = hash64(str_of(bytes, got), ROWLOG_MAGIC);
	return e;
}

enum err rowlog_make_header(int32_t day, int part, int fd, int64_t size, int64_t from,
	uint64_t seed, struct rowlog_header *ret)
{
	int64_t n = from > 0 ? from : size;
	struct rowlog_header h = { .magic = ROWLOG_MAGIC,
		.day = day,
		.part = part,
		.from = from,
		.seed = seed,
		.fingerprint_bytes = n < INDEX_PRINT_BYTES ? (uint32_t)n : INDEX_PRINT_BYTES,
		.booted_ns = utime_booted() };
	enum err e = rowlog_fingerprint(fd, from, h.fingerprint_bytes, &h.fingerprint);
	if (e)
		return e;
	h.checksum = rowlog_header_checksum(&h);
	*ret = h;
	return ERR_OK;
}

bool rowlog_header_is_sound(const struct rowlog_header *h)
{
	return h->magic == ROWLOG_MAGIC && h->checksum == rowlog_header_checksum(h) &&
	       h->fingerprint_bytes <= INDEX_PRINT_BYTES &&
	       h->from >= (h->from > 0 ? (int64_t)h->fingerprint_bytes : 0);
}

bool rowlog_is_of_this_boot(const struct rowlog_header *h)
{
	/* A clock that is set right makes records look foreign, which only costs time. */
	int64_t apart_ns = utime_booted() - h->booted_ns;
	return apart_ns > -BOOT_SLACK_NS && apart_ns < BOOT_SLACK_NS;
}

bool rowlog_header_fits(const struct rowlog_header *h, struct view *v, size_t shard, uint64_t seed)
{
	const struct shard *s = &v->shards[shard];
	uint64_t fingerprint;
	if (!rowlog_header_is_sound(h) || h->day != s->day || h->part != s->part ||
		h->seed != seed || shard_open(v, shard) || s->fd < 0)
		return false;
	return rowlog_fingerprint(s->fd, h->from, h->fingerprint_bytes, &fingerprint) == ERR_OK &&
	       fingerprint == h->fingerprint;
}

/* A line ends with the seal's digits, `"}` and its newline. */
uint32_t rowlog_line_checksum(struct str line)
{
	uint32_t seal = 0;
	enum { TAIL = SEAL_DIGITS + 3 };
	/* The line is a good one: these are digits. */
	for (size_t i = 0; line.len >= TAIL && i < SEAL_DIGITS; i++) {
		unsigned c = (unsigned char)line.ptr[line.len - TAIL + i];
		seal = seal << 4 | ((c & 15) + (c >> 6) * 9);
	}
	return seal;
}

/* ---- Which rows lose among themselves ---- */

static void rowlog_hide(struct rowlog *l, size_t row)
{
	bits_set(l->hidden, row);
}

/* The newest row so far of each identity is in the table. */
static void rank_row(struct rowlog *l, size_t row)
{
	const struct rowlog_row *r = &l->rows[row];
	uint64_t key = rowlog_row_key(l->header.seed, r);
	/* With the seeded key, so that who chooses ids cannot choose slots. */
	size_t at = (r->identity + key) % HASH_SLOTS;
	while (l->winners[at]) {
		size_t other = l->winners[at] - 1;
		const struct rowlog_row *o = &l->rows[other];
		if (o->identity == r->identity && rowlog_row_key(l->header.seed, o) == key) {
			bool wins = rowlog_row_version(r) >= rowlog_row_version(o);
			rowlog_hide(l, wins ? other : row);
			if (wins)
				l->winners[at] = (uint32_t)row + 1;
			return;
		}
		at = (at + 1) % HASH_SLOTS;
	}
	l->winners[at] = (uint32_t)row + 1;
}

const uint64_t *rowlog_superseded(struct rowlog *l)
{
	if (!l->hidden) {
		l->hidden = arena_calloc(&l->memory, ROWLOG_ROWS_WORDS, sizeof *l->hidden);
		l->winners = arena_calloc(&l->memory, HASH_SLOTS, sizeof *l->winners);
	}
	for (; l->n_ranked < l->n; l->n_ranked++) {
		rank_row(l, l->n_ranked);
		if (l->rows[l->n_ranked].flags & ROWLOG_DELETE)
			rowlog_hide(l, l->n_ranked);
	}
	return l->hidden;
}

/* ---- By column ---- */

/* Rows stand far apart in the mapping; who looks at one field of all of them wants them together.
 */
const int64_t *rowlog_values(struct rowlog *l, enum field f, int64_t *ret_min, int64_t *ret_max)
{
	struct rowlog_values *v = &l->values[f];
	if (!rowlog_keeps(f))
		return NULL;
	if (!v->values && !v->has_gaps) {
		v->values = arena_block(&l->memory, NULL, ROWLOG_ROWS_SEEN * sizeof *v->values);
		v->min = INT64_MAX;
		v->max = INT64_MIN;
	}
	for (; v->n < l->n && !v->has_gaps; v->n++) {
		const struct rowlog_row *r = &l->rows[v->n];
		int64_t value = (int64_t)rowlog_value(r, f);
		v->has_gaps = !rowlog_has(r, f);
		v->values[v->n] = value;
		v->min = value < v->min ? value : v->min;
		v->max = value > v->max ? value : v->max;
	}
	*ret_min = v->min;
	*ret_max = v->max;
	return v->has_gaps ? NULL : v->values;
}

static void forget_values(struct rowlog *l)
{
	for (size_t i = 0; i < FIELD__MAX; i++)
		if (l->values[i].values) {
			(void)arena_block(&l->memory, l->values[i].values, 0); /* freed */
			l->values[i] = (struct rowlog_values){ .has_gaps = l->values[i].has_gaps };
		}
}

/* ---- By key ---- */

/* By the part of the key that is of the span_id, so that both kinds of search find it. */
static size_t slot_of(uint64_t key)
{
	return (key >> INDEX_KEY_TAG_BITS) % HASH_SLOTS;
}

static uint64_t rowlog_key_of(const struct rowlog *l, size_t row)
{
	return rowlog_row_key(l->header.seed, &l->rows[row]);
}

static void rowlog_make_slots(struct rowlog *l)
{
	if (!l->slots)
		l->slots = arena_calloc(&l->memory, HASH_SLOTS, sizeof *l->slots);
	for (; l->n_slotted < l->n; l->n_slotted++) {
		size_t at = slot_of(rowlog_key_of(l, l->n_slotted));
		while (l->slots[at])
			at = (at + 1) % HASH_SLOTS;
		l->slots[at] = (uint32_t)l->n_slotted + 1;
	}
}

static bool has_key(const struct rowlog *l, size_t row, uint64_t key, bool only_span)
{
	uint64_t other = rowlog_key_of(l, row);
	return only_span ? (other ^ key) >> INDEX_KEY_TAG_BITS == 0 : other == key;
}

/* Without the table. */
static size_t scan_for_key(const struct rowlog *l, uint64_t key, bool only_span, size_t *probe)
{
	for (size_t row = *probe - HASH_SLOTS - 1; row < l->n; row++)
		if (has_key(l, row, key, only_span)) {
			*probe = HASH_SLOTS + 1 + row + 1;
			return row;
		}
	*probe = SIZE_MAX;
	return SIZE_MAX;
}

/* The first call does not make a table. */
size_t rowlog_find_key(struct rowlog *l, uint64_t key, bool only_span, size_t *probe)
{
	if (*probe == 0 && !l->was_asked)
		*probe = HASH_SLOTS + 1;
	l->was_asked = true;
	if (*probe == SIZE_MAX)
		return SIZE_MAX;
	if (*probe > HASH_SLOTS)
		return scan_for_key(l, key, only_span, probe);
	rowlog_make_slots(l);
	while (*probe < HASH_SLOTS) {
		uint32_t slot = l->slots[(slot_of(key) + (*probe)++) % HASH_SLOTS];
		if (slot == 0)
			break;
		if (has_key(l, slot - 1, key, only_span))
			return slot - 1;
	}
	*probe = SIZE_MAX;
	return SIZE_MAX;
}

/* ---- Reading ---- */

static bool row_fits(const struct rowlog *l, const struct rowlog_row *r)
{
	int64_t from = l->n ? rowlog_row_end(&l->rows[l->n - 1]) : l->from;
	return (rowlog_row_is_sound(r) || MUTANT(NOINDEXSUM)) &&
	       (r->at == from || (MUTANT(NOCHAIN) && r->at > from)) && r->at <= INT64_MAX / 2;
}

bool rowlog_row_is_bound(struct view *v, size_t shard, const struct rowlog_row *r)
{
	char bytes[SEAL_BYTES];
	size_t got;
	uint64_t seal;
	if (shard_open(v, shard) || v->shards[shard].fd < 0 || r->len < SEAL_BYTES ||
		io_pread(v->shards[shard].fd, bytes, sizeof bytes, rowlog_row_end(r) - SEAL_BYTES,
			&got) ||
		got != sizeof bytes)
		return false;
	struct str digits = str_of(bytes + seal_head.len, SEAL_DIGITS);
	return str_starts(str_of(bytes, got), seal_head) && bytes[SEAL_BYTES - 1] == '\n' &&
	       str_to_u64_hex(digits, &seal) && seal == r->line_checksum;
}

static void rowlog_take_row(struct rowlog *l, const struct rowlog_row *r)
{
	if (l->n == 0 || r->known_to < l->known_to)
		l->known_to = r->known_to;
	if (r->flags & ROWLOG_LINKED || r->prev_day != SPAN_NO_DAY)
		bits_set(l->linked, l->n);
	l->n++;
}

static int64_t n_in_file(const struct rowlog *l, int64_t size_bytes)
{
	return (size_bytes - (int64_t)sizeof l->header) / (int64_t)sizeof *l->rows;
}

/* Returns where a row stands in the file. */
static size_t place_of_row(const struct rowlog *l, size_t row)
{
	return sizeof l->header + (l->n_skipped + row) * sizeof *l->rows;
}

/* Records ascend: the last one of a closed line ends where the segments do, or none is skipped. */
static void rowlog_skip_flushed(struct rowlog *l, int64_t size_bytes, int64_t flushed_to)
{
	int64_t n_there = n_in_file(l, size_bytes);
	size_t n = n_there > ROWLOG_ROWS_MAX ? ROWLOG_ROWS_MAX : (size_t)n_there;
	size_t n_flushed = n_there > 0 ? rowlog_first(l->rows, n, flushed_to) : 0;
	if (n_flushed == 0)
		return;
	const struct rowlog_row *last = &l->rows[n_flushed - 1];
	if (!rowlog_row_is_sound(last) || rowlog_row_end(last) != flushed_to)
		return;
	l->rows += n_flushed;
	l->n_skipped = n_flushed;
	l->from = flushed_to;
}

bool rowlog_is_worn(const struct rowlog *l, int64_t flushed_to)
{
	if (l->n_passed < ROWLOG_ROWS_PASSED)
		return false;
	size_t n = rowlog_first(l->rows, l->n, flushed_to);
	return n > 0 && rowlog_row_end(&l->rows[n - 1]) == flushed_to;
}

/* Looks at the records behind those that are known. Half a record at the end of the file may be one
 * that is being written. */
static void rowlog_check_rows(struct rowlog *l, int64_t size_bytes)
{
	int64_t n_there = n_in_file(l, size_bytes) - (int64_t)l->n_skipped;
	if (n_there - (int64_t)l->n > FETCH_ROWS && !l->is_ended)
		io_fetch(l->map, place_of_row(l, l->n), (size_t)size_bytes);
	while ((int64_t)l->n < n_there && l->n < ROWLOG_ROWS_SEEN &&
		l->n + l->n_skipped < ROWLOG_ROWS_MAX && !l->is_ended) {
		const struct rowlog_row *r = &l->rows[l->n];
		if (!row_fits(l, r)) {
			l->is_ended = true;
			break;
		}
		rowlog_take_row(l, r);
	}
	if (l->n)
		l->last_checksum = l->rows[l->n - 1].checksum;
}

/* An inode number may come again: the header and the last record that was looked at are still
 * there. */
static bool rowlog_is_same_file(const struct rowlog *l, const struct stat *st)
{
	size_t known = place_of_row(l, l->n);
	return st->st_dev == l->dev && st->st_ino == l->ino && st->st_size >= (int64_t)known &&
	       memcmp(l->map.ptr, &l->header, sizeof l->header) == 0 &&
	       (l->n == 0 || l->rows[l->n - 1].checksum == l->last_checksum);
}

static bool rowlog_open_file(
	struct view *v, size_t shard, int idx_fd, int *ret_fd, struct stat *ret_st)
{
	char name[STORE_NAME_MAX];
	rowlog_file_name(v->shards[shard].part, name);
	if (io_open_file(idx_fd, name, O_RDONLY, ret_fd))
		return false;
	if (io->fstat(*ret_fd, ret_st) == 0)
		return true;
	io_drop(*ret_fd);
	return false;
}

/* False: these are not the records of the shard as it is. */
static bool update(struct rowlog *l, struct view *v, size_t shard, int64_t size_bytes)
{
	rowlog_check_rows(l, size_bytes);
	return l->n ? rowlog_row_is_bound(v, shard, &l->rows[l->n - 1])
		    : rowlog_header_fits(&l->header, v, shard, l->header.seed);
}

static struct rowlog *open_mapped(const struct stat *st, const struct rowlog_header *h, int fd)
{
	struct arena memory;
	struct str map;
	/* Only what stands before the end of the file is touched, which moves on. */
	if (io_map(fd, sizeof *h + ROWLOG_ROWS_MAX * sizeof(struct rowlog_row), &map))
		return NULL;
	arena_init(&memory, SIZE_MAX / 2);
	struct rowlog *l = arena_alloc(&memory, sizeof *l);
	*l = (struct rowlog){ .memory = memory,
		.dev = st->st_dev,
		.ino = st->st_ino,
		.header = *h,
		.from = h->from,
		.map = map,
		.rows = (const void *)(map.ptr + sizeof *h) };
	return l;
}

struct rowlog *rowlog_open(
	struct view *v, size_t shard, int idx_fd, uint64_t seed, int64_t flushed_to)
{
	struct stat st;
	struct rowlog_header header;
	size_t got;
	int fd;
	if (!rowlog_open_file(v, shard, idx_fd, &fd, &st))
		return NULL;
	struct rowlog *l = NULL;
	if (io_pread(fd, &header, sizeof header, 0, &got) == ERR_OK && got == sizeof header &&
		rowlog_header_fits(&header, v, shard, seed))
		l = open_mapped(&st, &header, fd);
	io_drop(fd);
	if (l)
		rowlog_skip_flushed(l, st.st_size, flushed_to);
	if (l && !update(l, v, shard, st.st_size)) {
		rowlog_close(l);
		l = NULL;
	}
	return l;
}

/* Many records that were not looked at are of closed lines: who opens the file does not look at
 * them either. */
static bool is_behind(const struct rowlog *l, int64_t size_bytes, int64_t flushed_to)
{
	enum { MANY_ROWS = 2048 };
	return n_in_file(l, size_bytes) - (int64_t)l->n_skipped >= (int64_t)l->n + MANY_ROWS &&
	       l->n + l->n_skipped + MANY_ROWS <= ROWLOG_ROWS_MAX && !l->is_ended &&
	       l->rows[l->n + MANY_ROWS - 1].at < flushed_to;
}

void rowlog_update(struct rowlog *l, struct view *v, size_t shard, int idx_fd, int64_t flushed_to)
{
	struct stat st;
	char name[STORE_NAME_MAX];
	rowlog_file_name(v->shards[shard].part, name);
	l->is_retired = io_stat(idx_fd, name, &st) || !rowlog_is_same_file(l, &st) ||
			is_behind(l, st.st_size, flushed_to) || !update(l, v, shard, st.st_size);
}

void rowlog_forget(struct rowlog *l)
{
	if (l->n_users == 0)
		forget_values(l);
	io_forget(l->map);
}

void rowlog_pass(struct rowlog *l, size_t n)
{
	enum { PAGE_BYTES = 64 << 10, FEW_ROWS = 4096 }; /* some machines have large pages */
	size_t from = place_of_row(l, l->n_passed), to = place_of_row(l, n);
	if (n < l->n_passed + FEW_ROWS)
		return;
	from -= from % PAGE_BYTES;
	to -= to % PAGE_BYTES;
	io_forget(str_first(str_skip(l->map, from), to - from));
	l->n_passed = n;
}

void rowlog_close(struct rowlog *l)
{
	struct arena memory = l->memory;
	io_unmap(l->map);
	arena_release(&memory);
}
