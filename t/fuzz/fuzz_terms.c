/*
 * Any bytes as a term file.  With an even first byte the rest is the file; with an odd one its
 * magic number, its version, where its pages are and its checksums are made right first, so that
 * what they protect is reached.  Whatever it holds: it is searched, read front to back and merged
 * with itself as its neighbour without harm; what passes for sound is found by each of its terms,
 * and merges into what passes for sound.
 */
#include "fuzz.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/terms/build.h"
#include "index/terms/cursor.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 512 << 20, ROWS_MAX = 1 << 16, TERMS_ASKED = 64 };

static char path[] = "/tmp/fuzz_terms.XXXXXX";
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

/* Terms or postings of a page, n bytes of the file from *at on. False: they do not fit. */
static bool mend_part(struct str file, uint32_t n, uint64_t seed, uint64_t *at, uint64_t *ret_at,
	uint64_t *ret_checksum)
{
	if (n > file.len - *at)
		return false;
	*ret_at = *at;
	*ret_checksum = hash64(str_of(file.ptr + *at, n), seed);
	*at += n;
	return true;
}

/* Pages as they are written, as far as they fit: the postings of plain pages, their terms, and the
 * other pages. */
static void mend_pages(struct str file, char *table, const struct terms_header *h)
{
	uint64_t at = 0;
	struct terms_page p;
	bool ok = true;
	for (int step = 0; step < 3; step++) {
		uint32_t i = step < 2 ? 0 : h->n_plain_pages;
		for (; ok && i < (step < 2 ? h->n_plain_pages : h->n_pages); i++) {
			memcpy(&p, table + i * sizeof p, sizeof p);
			if (step != 0)
				ok = mend_part(file, p.stored_bytes, terms_page_seed(i, false), &at,
					&p.terms_at, &p.terms_checksum);
			if (ok && step != 1)
				ok = mend_part(file, p.postings_bytes, terms_page_seed(i, true),
					&at, &p.postings_at, &p.postings_checksum);
			memcpy(table + i * sizeof p, &p, sizeof p);
		}
	}
}

static void mend(char *file, size_t size)
{
	struct terms_header h;
	if (size < sizeof h)
		return;
	memcpy(&h, file + size - sizeof h, sizeof h);
	h.magic = TERMS_MAGIC;
	h.version = TERMS_VERSION;
	h.file_bytes = size;
	h.mark_bits = TERMS_MARK_BITS_MIN + h.mark_bits % 25;
	if (h.from < 0 || h.from >= h.to)
		return;
	h.n_marks = (uint32_t)terms_count_marks(h.from, h.to, h.mark_bits);
	if (h.n_pages > size / sizeof(struct terms_page) || h.n_plain_pages > h.n_pages ||
		terms_head_bytes(&h) > size)
		return;
	size_t head = (size_t)terms_head_bytes(&h);
	char *table = file + size - head;
	mend_pages(str_of(file, size - head), table, &h);
	h.checksum = terms_head_checksum(str_of(table, head - sizeof h), &h);
	memcpy(file + size - sizeof h, &h, sizeof h);
}

static struct terms *open_file(struct arena *a, struct str file, const struct terms_name *want)
{
	char name[TERMS_NAME_MAX];
	terms_name_put(want, name);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	MUST(fd >= 0 && write(fd, file.ptr, file.len) == (ssize_t)file.len && close(fd) == 0);
	struct terms *t = terms_open_file(a, dir, name, want);
	MUST(unlinkat(dir, name, 0) == 0);
	return t;
}

/* ---- What is done with it ---- */

static enum err find(struct terms *t, struct str text, bool is_start, bool is_end, uint64_t *rows)
{
	const struct term_pattern pattern = { text, is_start, is_end };
	const struct terms_rows ret = { rows, rows };
	memset(rows, 0, (ROWS_MAX / 64 + 2) * sizeof *rows);
	enum err e = terms_find(t, &pattern, TERM_IN_ANY, &ret);
	MUST(e == ERR_OK || e == ERR_UNSAFE);
	return e;
}

static void count(struct terms *t, struct str text)
{
	const struct term_pattern pattern = { text, true, true };
	for (int bounded = 0; bounded < 2; bounded++) {
		uint32_t n;
		bool is_known;
		enum err e = terms_count(t, &pattern, TERM_IN_TEXTS, bounded, &n, &is_known);
		MUST(e == ERR_OK || e == ERR_UNSAFE);
		MUST(e || !is_known || n <= terms_n_rows(t));
	}
}

/* Each row of a term is found by it. */
static void ask_for(struct terms *t, const struct terms_cursor *c, uint64_t *rows, bool is_sound)
{
	char bytes[TERM_MAX_BYTES];
	const struct postings p = postings_buf_view(&c->postings);
	if (c->term.len > sizeof bytes)
		return;
	memcpy(bytes, c->term.ptr, c->term.len);
	const struct str term = str_of(bytes, c->term.len);
	enum err e = find(t, term, true, true, rows);
	for (size_t list = 0; !e && is_sound && list < POSTINGS_LISTS; list++)
		for (uint32_t i = 0; i < p.n[list]; i++) {
			uint32_t row = p.rows[list][i];
			MUST(row < terms_n_rows(t));
			MUST(rows[row / 64] >> row % 64 & 1);
		}
	(void)find(t, str_first(term, 1), true, false, rows);
	(void)find(t, term, false, true, rows);
	count(t, term);
}

/* Asking loads pages over those of the cursor: two of one file. */
static void read_all(struct terms *t, struct terms *other, bool is_sound)
{
	struct terms_cursor c;
	uint64_t *rows = arena_calloc(t->arena, ROWS_MAX / 64 + 2, sizeof *rows);
	size_t n = 0;
	enum err e;
	terms_cursor_init(&c, t);
	while (!(e = terms_cursor_next(&c)) && c.term.len)
		if (n++ < TERMS_ASKED)
			ask_for(other, &c, rows, is_sound);
	MUST(e == ERR_OK || e == ERR_UNSAFE);
	MUST(!is_sound || e == ERR_OK);
	terms_cursor_release(&c);
	(void)find(t, STR("absent"), false, false, rows);
	e = terms_find_special(t, TERM_LONG, rows);
	MUST(e == ERR_OK || e == ERR_UNSAFE);
}

/* Merges the file with itself. */
static void merge(struct arena *a, struct terms *t, struct terms *next, bool is_sound)
{
	struct terms *const files[] = { t, next };
	const struct terms_header *h = &t->header;
	int64_t apart = INT64_C(1) << h->mark_bits;
	int64_t by = (h->to - h->from + apart - 1) / apart * apart;
	const char *reason;
	char name[TERMS_NAME_MAX];
	next->header.from += by;
	next->header.to += by;
	enum err e = terms_merge(files, 2, 1, 2, a, dir);
	MUST(e == ERR_OK || e == ERR_UNSAFE || e == ERR_TOO_LARGE);
	MUST(!is_sound || e != ERR_UNSAFE);
	if (e)
		return;
	const struct terms_name want = { h->day, h->part, h->from, next->header.to };
	terms_name_put(&want, name);
	struct terms *both = terms_open_file(a, dir, name, &want);
	MUST(unlinkat(dir, name, 0) == 0);
	MUST(both || !is_sound);
	if (!both)
		return;
	MUST(terms_check(both, &reason) == ERR_OK || !is_sound);
	terms_close_file(both);
}

static bool is_sane(const struct terms_header *h)
{
	return h->from >= 0 && h->to < INT64_C(1) << 40 && h->from < h->to && h->part >= 0 &&
	       h->n_rows < ROWS_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct terms_header h;
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
	const struct terms_name want = { h.day, h.part, h.from, h.to };
	struct terms *t = is_sane(&h) ? open_file(&a, file, &want) : NULL;
	if (t) {
		struct terms *again = open_file(&a, file, &want);
		MUST(again);
		enum err e = terms_check(t, &reason);
		MUST(e == ERR_OK || e == ERR_UNSAFE);
		read_all(t, again, !e);
		merge(&a, t, again, !e);
		terms_close_file(again);
		terms_close_file(t);
	}
	arena_release(&a);
	return 0;
}
