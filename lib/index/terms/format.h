/*
 * The bytes of a term file, which doc/index-format.md describes.
 *
 *	+----------+ - +-------+ - +-----------------+ - +------------+-------+--------+
 *	| postings |   | terms |   | terms, postings |   | page table | marks | header |
 *	+----------+ - +-------+ - +-----------------+ - +------------+-------+--------+
 *	|<---- plain pages --->|   |<-- page of hexadecimal digits
 *
 * Numbers are little-endian.
 */
#ifndef FLATSPAN_INDEX_TERMS_FORMAT_H
#define FLATSPAN_INDEX_TERMS_FORMAT_H

#include "base/str.h"

#define TERMS_MAGIC UINT64_C(0x736d726574736c66) /* "flsterms" */

enum {
	TERMS_VERSION = 2, /* a file of any other version is rebuilt */
	TERMS_PAGE_BYTES = 32 << 10,
	TERMS_PAGE_POSTINGS_BYTES = 128 << 10, /* a page also ends when it has that many */
	TERMS_PAGES_MAX = 1 << 20,
	TERMS_ROWS_MAX = 1 << 28,
	TERMS_MARK_BITS_MIN = 6,
	TERMS_MARK_BITS_MAX = 30,
	TERM_KEY_BYTES = 8
};

struct terms_header {
	uint64_t magic;
	uint64_t checksum; /* of the page table, the marks and the header after this member */
	uint64_t file_bytes;
	uint32_t version, n_pages;
	int32_t day, part;
	int64_t from, to;
	uint64_t first_print, last_print; /* of the first and last INDEX_PRINT_BYTES of the range */
	uint64_t n_terms, text_bytes;
	uint64_t id_bytes;              /* terms_id_bytes_of() all span_ids */
	uint32_t n_plain_pages, n_rows; /* plain pages come first */
	uint32_t n_marks, mark_bits;
	uint32_t specials, reserved; /* bit 1 << c: there is an entry of the one byte c */
};
_Static_assert(sizeof(struct terms_header) == 120, "the header has no padding");

struct terms_page {
	uint64_t terms_at, postings_at;
	uint32_t terms_bytes, stored_bytes; /* the terms are a zstd frame if stored_bytes is less */
	uint32_t postings_bytes, n_terms;
	char key[TERM_KEY_BYTES]; /* how the first term begins, then zeros */
	uint64_t terms_checksum, postings_checksum;
};
_Static_assert(sizeof(struct terms_page) == 56, "the page table has no padding");

/* A mark says how many rows begin before an offset of the shard that is a multiple of 2^mark_bits.
 * There is one (uint32_t) for each such offset inside the range after its first byte. */

static inline uint64_t terms_count_marks(int64_t from, int64_t to, unsigned mark_bits)
{
	return (uint64_t)((to - 1) >> mark_bits) - (uint64_t)(from >> mark_bits);
}

static inline int64_t terms_mark_at(int64_t from, unsigned mark_bits, uint64_t i)
{
	return (int64_t)(((uint64_t)(from >> mark_bits) + 1 + i) << mark_bits);
}

static inline uint64_t terms_head_bytes(const struct terms_header *h)
{
	return h->n_pages * sizeof(struct terms_page) + h->n_marks * sizeof(uint32_t) + sizeof *h;
}

#endif
