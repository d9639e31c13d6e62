/*
 * Any bytes as a word file.  With an even first byte the rest is the file; with an odd one the
 * places of its pages, its sizes and its checksums are made right first, so that what stands behind
 * them is reached.  Whatever it holds: it is looked up in, read front to back and merged with
 * itself as its neighbour without harm; what passes for sound is found by each of its words, and
 * merges into what passes for sound.
 */
#include "fuzz.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/terms/file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 512 << 20, BLOCKS_MAX = 1 << 14, ROWS_MAX = 1 << 16, WORDS_ASKED = 64 };

static char path[] = "/tmp/fuzz_words.XXXXXX";
static int dir = -1;

static void remove_dir(void)
{
	(void)rmdir(path);
}

static void make_dir(void)
{
	MUST(mkdtemp(path));
	MUST(atexit(remove_dir) == 0);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(dir >= 0);
}

/* ---- The file ---- */

/* The words or postings of a page, n bytes of the file from *at on. False: they do not fit. */
static bool mend_part(const char *file, uint64_t end, uint32_t n, uint64_t seed, uint64_t *at,
	uint64_t *ret_checksum)
{
	if (n > end - *at)
		return false;
	*ret_checksum = hash64(str_of(file + *at, n), seed);
	*at += n;
	return true;
}

/* Pages one behind the other, as far as they fit: the postings of those whose words stand together,
 * their words, and the others. */
static void mend_pages(const char *file, char *table, const struct words_header *h)
{
	uint64_t at = 0, end = words_rows_at(h);
	uint32_t n_together = h->incompat & WORDS_TOGETHER ? h->n_plain_pages : 0;
	struct words_page p;
	bool ok = true;
	for (uint32_t i = 0; ok && i < n_together; i++) {
		memcpy(&p, table + i * sizeof p, sizeof p);
		p.at = at;
		ok = mend_part(file, end, p.postings_bytes, at, &at, &p.postings_checksum);
		memcpy(table + i * sizeof p, &p, sizeof p);
	}
	uint64_t together_at = at;
	for (uint32_t i = 0; ok && i < n_together; i++) {
		memcpy(&p, table + i * sizeof p, sizeof p);
		ok = mend_part(file, end, p.words_bytes, at - together_at, &at, &p.words_checksum);
		memcpy(table + i * sizeof p, &p, sizeof p);
	}
	for (uint32_t i = n_together; ok && i < h->n_pages; i++) {
		memcpy(&p, table + i * sizeof p, sizeof p);
		p.at = at;
		ok = mend_part(file, end, p.words_bytes, at, &at, &p.words_checksum) &&
		     mend_part(file, end, p.postings_bytes, at, &at, &p.postings_checksum);
		memcpy(table + i * sizeof p, &p, sizeof p);
	}
}

static void mend(char *file, size_t size)
{
	struct words_header h;
	if (size < sizeof h)
		return;
	memcpy(&h, file + size - sizeof h, sizeof h);
	h.magic = WORDS_MAGIC;
	h.incompat = WORDS_INCOMPAT_ALL | (h.incompat & WORDS_TOGETHER);
	h.file_bytes = size;
	if (h.n_pages > size / sizeof(struct words_page) || h.n_plain_pages > h.n_pages)
		return;
	size_t table_bytes = h.n_pages * sizeof(struct words_page);
	h.head_bytes = (uint32_t)(sizeof h + table_bytes);
	uint64_t sizes_bytes = row_sizes_bytes(h.n_rows);
	if (h.head_bytes + sizes_bytes + h.rows_bytes > size)
		return;
	char *table = file + size - h.head_bytes;
	uint64_t rows_at = words_rows_at(&h), sizes_at = words_sizes_at(&h);
	h.rows_checksum = hash64(str_of(file + rows_at, h.rows_bytes), rows_at);
	h.sizes_checksum = hash64(str_of(file + sizes_at, sizes_bytes), sizes_at);
	mend_pages(file, table, &h);
	h.checksum = words_head_checksum(str_of(table, table_bytes), &h);
	memcpy(file + size - sizeof h, &h, sizeof h);
}

static struct words *open_file(struct arena *a, struct str file, const struct words_want *want)
{
	char name[WORDS_NAME_MAX];
	words_name(want, name);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	MUST(fd >= 0 && write(fd, file.ptr, file.len) == (ssize_t)file.len && close(fd) == 0);
	struct words *w = words_open_file(a, dir, name, want);
	MUST(unlinkat(dir, name, 0) == 0);
	return w;
}

/* ---- What is done with it ---- */

static enum err find(struct words *w, struct str text, bool is_start, bool is_end, uint64_t *may)
{
	const struct words_part part = { text, is_start, is_end };
	uint64_t *sure = arena_calloc(w->arena, ROWS_MAX / 64 + 2, sizeof *sure);
	const struct words_rows rows = { may, sure };
	memset(may, 0, (ROWS_MAX / 64 + 2) * sizeof *may);
	enum err e = words_find(w, &part, WORDS_IN_ANY, WORDS_IN_INPUT, &rows);
	MUST(e == ERR_OK || e == ERR_UNSAFE);
	for (size_t i = 0; i < ROWS_MAX / 64 + 2; i++)
		may[i] |= sure[i];
	return e;
}

static void count(struct words *w, struct str text)
{
	const struct words_part part = { text, true, true };
	for (int is_bounded = 0; is_bounded < 2; is_bounded++) {
		uint32_t n;
		bool is_known;
		enum err e = words_count(w, &part, WORDS_IN_ANY, is_bounded, &n, &is_known);
		MUST(e == ERR_OK || e == ERR_UNSAFE);
		MUST(e || !is_known || n <= words_n_rows(w));
	}
}

/* Each row of a word is found by it. */
static void ask_for(struct words *w, const struct words_cursor *c, uint64_t *may, bool is_sound)
{
	char word[WORD_MAX_BYTES];
	size_t n_places = c->places.len / sizeof(uint32_t);
	uint32_t *places = arena_calloc(w->arena, n_places + 1, sizeof *places);
	if (c->word.len > sizeof word)
		return;
	memcpy(word, c->word.ptr, c->word.len);
	if (n_places)
		memcpy(places, c->places.ptr, c->places.len);
	enum err e = find(w, str_of(word, c->word.len), true, true, may);
	for (size_t i = 0; !e && is_sound && i < n_places; i++) {
		uint32_t row = places[i] >> PLACE_BITS;
		MUST(row < words_n_rows(w));
		MUST(!(places[i] & WORDS_IN_ANY) || may[row / 64] >> row % 64 & 1);
	}
	(void)find(w, str_of(word, 1), true, false, may);
	(void)find(w, str_of(word, c->word.len), false, true, may);
	count(w, str_of(word, c->word.len));
}

/* Asking loads pages over those of the cursor: two of one file. */
static void read_all(struct words *w, struct words *other, bool is_sound)
{
	struct words_cursor c;
	uint64_t *may = arena_calloc(w->arena, ROWS_MAX / 64 + 2, sizeof *may);
	size_t n = 0;
	enum err e;
	words_cursor_init(&c, w);
	while (!(e = words_cursor_next(&c)) && c.word.len)
		if (n++ < WORDS_ASKED)
			ask_for(other, &c, may, is_sound);
	MUST(e == ERR_OK || e == ERR_UNSAFE);
	MUST(!is_sound || e == ERR_OK);
	words_cursor_release(&c);
	(void)find(w, STR("absent"), false, false, may);
	e = words_find_special(w, WORDS_LONG, may);
	MUST(e == ERR_OK || e == ERR_UNSAFE);
}

/* The same file behind itself. */
static void merge(struct arena *a, struct words *w, struct words *next, bool is_sound)
{
	struct words *const files[] = { w, next };
	const struct words_header *h = &w->header;
	int64_t block = INT64_C(1) << h->block_bits;
	int64_t by = (h->to - h->from + block - 1) / block * block;
	const char *reason;
	char name[WORDS_NAME_MAX];
	next->header.from += by;
	next->header.to += by;
	const struct words_merged to = { 1, 2, (uint64_t)by };
	enum err e = words_merge(files, 2, &to, a, dir);
	MUST(e == ERR_OK || e == ERR_UNSAFE || e == ERR_TOO_LARGE);
	MUST(!is_sound || e != ERR_UNSAFE);
	if (e)
		return;
	struct words_want want = { h->day, h->part, h->from, next->header.to };
	words_name(&want, name);
	struct words *both = words_open_file(a, dir, name, &want);
	MUST(unlinkat(dir, name, 0) == 0);
	MUST(both || !is_sound);
	if (!both)
		return;
	MUST(words_check(both, &reason) == ERR_OK || !is_sound);
	words_close_file(both);
}

static bool is_sane(const struct words_header *h)
{
	return h->from >= 0 && h->to < INT64_C(1) << 40 && h->from < h->to && h->part >= 0 &&
	       h->block_bits >= WORDS_BITS_MIN && h->block_bits <= WORDS_BITS_MAX &&
	       (h->to - h->from) >> h->block_bits < BLOCKS_MAX && h->n_rows < ROWS_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct words_header h;
	const char *reason;
	if (size <= sizeof h)
		return 0;
	if (dir < 0)
		make_dir();
	arena_init(&a, ARENA_BYTES);
	struct str file = arena_copy(&a, str_of((const char *)data + 1, size - 1));
	if (data[0] % 2)
		mend((char *)(uintptr_t)file.ptr, file.len);
	memcpy(&h, file.ptr + file.len - sizeof h, sizeof h);
	/* What a shard can have: they are bound to its bytes. */
	struct words_want want = { h.day, h.part, h.from, h.to };
	struct words *w = is_sane(&h) ? open_file(&a, file, &want) : NULL;
	if (w) {
		struct words *again = open_file(&a, file, &want);
		MUST(again);
		enum err e = words_check(w, &reason);
		MUST(e == ERR_OK || e == ERR_UNSAFE);
		read_all(w, again, !e);
		merge(&a, w, again, !e);
		words_close_file(again);
		words_close_file(w);
	}
	arena_release(&a);
	return 0;
}
