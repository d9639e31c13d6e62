/*
 * Writing a term file from front to back.  The same calls make the same bytes.  Private to
 * lib/index/terms.
 *
 *	terms_writer_open, terms_writer_add(each term in ascending order), then
 *	terms_writer_publish, or terms_writer_drop after an error
 *
 * The first error is kept, and publishing returns it.
 */
#ifndef FLATSPAN_INDEX_TERMS_WRITE_H
#define FLATSPAN_INDEX_TERMS_WRITE_H

#include "index/terms/file.h"

/* The name of an unfinished file. Only one process writes one at a time. */
#define TERMS_TEMP_NAME ".terms.new"

struct terms_writer {
	struct arena *arena;
	enum err error;
	int idx_fd, fd;
	uint64_t written, n_terms;
	uint32_t specials;
	struct terms_page page; /* the current one */
	bool is_hex;            /* its terms are */
	uint32_t n_plain_pages;
	struct buf terms, postings, packed; /* of the current page */
	struct buf plain;                   /* terms of plain pages, which are written together */
	struct buf pages;
	struct zst_coder *coder;
};

void terms_writer_open(struct terms_writer *w, struct arena *a, int idx_fd);
void terms_writer_add(
	struct terms_writer *w, struct str term, bool is_hex, const struct postings *p);

/* Completes the header, of which the caller sets day, part, range, prints, text_bytes, id_bytes,
 * n_rows and mark_bits, and gives the file its name. */
NODISCARD enum err terms_writer_publish(
	struct terms_writer *w, struct terms_header *h, const uint32_t *marks);
void terms_writer_drop(struct terms_writer *w);

#endif
