/*
 * An open term file: its head, which is checked when it is opened, and its pages, each of which is
 * checked whenever it is read.  Private to lib/index.
 */
#ifndef FLATSPAN_INDEX_TERMS_FILE_H
#define FLATSPAN_INDEX_TERMS_FILE_H

#include "base/zst.h"
#include "index/terms/format.h"
#include "index/terms/terms.h"

enum { TERMS_NAME_MAX = 80 };

/* What a file name says. */
struct terms_name {
	int32_t day; /* that of the directory */
	int part;
	int64_t from, to;
};

void terms_name_put(const struct terms_name *name, char ret[static TERMS_NAME_MAX]);
bool terms_name_parse(struct str text, struct terms_name *ret);

/* Bytes of the file that were read last, from offset `at` on. */
struct terms_window {
	struct buf bytes;
	uint64_t at;
};

/* A page that is ready. */
struct terms_ready {
	struct str bytes;
	uint32_t page;
	bool is_set;
};

struct terms {
	struct arena *arena;
	int fd;
	struct terms_header header;
	struct terms_page *pages;
	uint32_t *marks;
	struct terms_window terms_window, postings_window;
	struct terms_ready terms, postings;
	struct buf unpacked;
	struct zst_coder *coder; /* NULL until a page needs it */
};

/* Opens a file in blocks of the arena. NULL: it is not there, damaged, or of another version. */
struct terms *terms_open_file(
	struct arena *a, int idx_fd, const char *file, const struct terms_name *name);
void terms_close_file(struct terms *t);

/* Read a page. The bytes are valid until another page is read. ERR_UNSAFE: damaged. Terms are
 * `\n term \n term \n … term \n`. */
NODISCARD enum err terms_load(struct terms *t, uint32_t page, struct str *ret_terms);
NODISCARD enum err terms_load_postings(struct terms *t, uint32_t page, struct str *ret);

/* The seed of the checksum of a part of a page. */
static inline uint64_t terms_page_seed(uint32_t page, bool is_postings)
{
	return (uint64_t)page << 1 | is_postings;
}

uint64_t terms_head_checksum(struct str tables, const struct terms_header *h);

/* Terms are in the order of their bytes. Those of hexadecimal digits alone come after all others:
 * most terms of a text are ids and numbers, most that are searched for are not. */
bool terms_is_hex(struct str term);

/* Less than, equal to or greater than 0. */
static inline int terms_compare(bool x_is_hex, struct str x, bool y_is_hex, struct str y)
{
	return x_is_hex != y_is_hex ? (int)x_is_hex - (int)y_is_hex : str_cmp(x, y);
}

/* The first bytes of a term as a number of the same order. */
static inline uint64_t terms_key(struct str term)
{
	uint64_t v = 0;
	memcpy(&v, term.ptr, term.len < sizeof v ? term.len : sizeof v);
	return __builtin_bswap64(v);
}

#endif
