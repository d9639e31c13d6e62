/*
 * The term index: in which rows of a shard each term of the stored text stands, so that a search
 * does not read the shard.
 *
 * A term file covers the lines that begin in [from, to) of a shard.  Its name is
 * DAY.idx/<part>-<from>-<to>.terms.  It belongs to no segment.  Where there is none, or where it is
 * damaged, searches read the lines.  It knows the fields of terms_fields() only.
 *
 * Rows are the lines of the range that are well-formed spans, counted from 0.  A term is a token
 * (tokens.h) in lower case.  Every term has its rows, whatever its frequency.
 */
#ifndef FLATSPAN_INDEX_TERMS_TERMS_H
#define FLATSPAN_INDEX_TERMS_TERMS_H

#include "base/errors.h"
#include "index/terms/postings.h"
#include "index/terms/tokens.h"
#include "shard/shard.h"

enum {
	TERM_MAX_BYTES = 255, /* of longer terms only the rows are known, as TERM_LONG */
	TERMS_FILES_MAX = 256 /* of a shard */
};

/* Entries that are no terms. TERM_ANY: rows where terms were left out, so that any may stand there.
 * TERM_LONG: rows with terms that are too long. TERM_JOINED: rows where any term may stand next to
 * a character beyond ASCII. A term that does has a second entry with the prefix. */
#define TERM_ANY STR("\2")
#define TERM_LONG STR("\1")
#define TERM_JOINED STR("\3")
enum { TERM_JOINED_PREFIX = '#' };

/* The fields whose text is indexed. */
struct field_set terms_fields(void);

/* The kind of an indexed field (enum term_fields); 0 for others. */
unsigned terms_field_kind(enum field f);

/* ---- Reading ---- */

struct terms; /* an open term file */

/* The term files of a shard in ascending order, without overlaps. */
struct terms_list {
	struct terms *files[TERMS_FILES_MAX];
	size_t n;
};

/* Opens the usable term files of a shard, in blocks of the view's arena. The caller calls
 * terms_close(). The shard must be open. */
void terms_open(struct view *v, size_t shard, struct terms_list *ret);
void terms_close(struct terms_list *l);

/* Opens them once for a view. They are closed with its index. */
const struct terms_list *index_terms(struct index_set *set, size_t shard);

int64_t terms_from(const struct terms *t);
int64_t terms_to(const struct terms *t);
uint32_t terms_n_rows(const struct terms *t);

/* Checkpoints, which tell whether another count of the same lines agrees: n_rows rows of the file
 * begin before offset `at` of the shard. The last one is at the end of the range. */
struct terms_mark {
	int64_t at;
	uint32_t n_rows;
};
size_t terms_n_marks(const struct terms *t);
struct terms_mark terms_mark(const struct terms *t, size_t i);

/* Which bytes stand in a text: a bit for each letter in either case, for each digit, and for some
 * other bytes. */
uint64_t terms_id_bytes_of(struct str text);
/* Returns which bytes the span_ids of all rows have, as terms_id_bytes_of() does. */
uint64_t terms_id_bytes(const struct terms *t);

/* Terms that contain these bytes; at their start, at their end. */
struct term_pattern {
	struct str text; /* in lower case, not empty */
	bool is_start, is_end;
};

/* Bits of rows, in whole words of 64. */
struct terms_rows {
	uint64_t *matches; /* such a term stands there */
	uint64_t *unknown; /* it may, as terms were left out or are too long */
};

/* Sets the bits of the rows where such a term stands, or may stand, in one of these fields (enum
 * term_fields). ERR_UNSAFE: the file is damaged and the bits mean nothing. */
NODISCARD enum err terms_find(struct terms *t, const struct term_pattern *pattern, unsigned fields,
	const struct terms_rows *ret);
/* Counts the rows where such a term stands in one of these fields, without listing them. bounded:
 * next to no character beyond ASCII. *ret_known is false if several entries or none say it. */
NODISCARD enum err terms_count(struct terms *t, const struct term_pattern *pattern, unsigned fields,
	bool bounded, uint32_t *ret_n, bool *ret_known);
/* Sets the bits of the rows of an entry that is no term. */
NODISCARD enum err terms_find_special(struct terms *t, struct str which, uint64_t *ret_rows);
/* Sets the bits of the rows where this term may stand next to a character beyond ASCII. */
NODISCARD enum err terms_find_joined(struct terms *t, struct str term, uint64_t *ret_rows);

/* ---- Updating ---- */

/* Builds the missing term files of a day and merges small ones. One process at a time does it for
 * a day (DAY.idx/terms.lock). */
struct terms_updating {
	bool all;          /* cover every line, and merge files of any size */
	int wait_ms;       /* for another process that holds the lock */
	int64_t max_bytes; /* stop after reading that many; 0: no limit */
};

/* ERR_BUSY: another process holds the lock. */
NODISCARD enum err terms_update(const struct store *s, struct str workspace, int32_t day,
	const struct terms_updating *how, int64_t *ret_bytes);

/* Covers all of one shard, which need not have a name yet. */
NODISCARD enum err terms_update_shard(struct view *v, size_t shard, int idx_fd, int wait_ms);

/* Builds one file if lines are not covered, and if it keeps to one part in `share` of this
 * process's time. */
void terms_update_in_share(const struct store *s, struct str workspace, int32_t day, int share);
/* Builds one file. False: all lines are covered, or another process holds the lock. */
bool terms_update_once(const struct store *s, struct str workspace, int32_t day);

#endif
