/*
 * Appends a batch of spans durably.  The protocol, each step with its reason, is in
 * doc/shard-format.md#writing; its rules can be switched off one by one in a --enable-mutants
 * build, and some test fails for each.
 *
 * A request that only adds calls:
 *	store_append(store, workspace, arena, spans, n, now_ns, &report)
 *
 * A request that must read what is stored (PATCH, create-if-absent) calls:
 *	append_begin(&t, store, workspace, arena, now_ns)	takes the lock
 *	append_find(&t, ..., &span, &found)			the current version
 *	append_add(&t, &span)					any number of times
 *	append_add_note(&t, line)				lines of notes (notes.h)
 *	append_commit(&t)					writes, unlocks, syncs
 *	or append_abort(&t)
 *
 * ERR_OK means that the batch is durable (with sync = always). After any other error
 * it may be stored or not; the client retries with the same ids and the newest version wins.
 * ERR_BUSY, ERR_FULL, ERR_IO and ERR_UNSAFE are 503.
 */
#ifndef FLATSPAN_STORE_APPEND_H
#define FLATSPAN_STORE_APPEND_H

#include "shard/shard.h"
#include "span/mask.h"

/* Appends the spans as lines in one write. Sets each span's prev_day where it replaces a row of an
 * earlier day. create: an unknown workspace is created (else ERR_NOT_FOUND). Returns ERR_TOO_LARGE
 * when a line is longer than LIMIT_LINE_BYTES; nothing is written then. Returns ERR_CONF when the
 * format has an extension that writers must know. now_ns decides the day. */
NODISCARD enum err store_append(const struct store *s, struct str workspace, bool create,
	struct arena *a, struct span *spans, size_t n, int64_t now_ns);

struct index_append; /* index/rowlog/append.h */

struct append {
	const struct store *store;
	struct arena *arena;
	struct str workspace;
	int dir_fd, lock_fd;
	int32_t day;
	struct mask mask;
	int64_t now_ns, began_ns; /* when it began, on the caller's and on the monotonic clock */
	struct view view;         /* opened under the lock, when first needed */
	bool has_view;
	struct buf lines;   /* a newline, to be left out when nothing is to heal, and the batch */
	uint32_t *line_len; /* of each of them, without its newline */
	struct buf notes;   /* the same of the notes; empty: none */
	struct span *spans; /* as added */
	size_t n_spans, cap_spans;
	struct index_append *index; /* once the lines are made */
};

/* Begins a transaction. When the arena runs out between begin and commit, the lock is held until
 * the process ends, and the gateway ends the process at once. */
NODISCARD enum err append_begin(struct append *t, const struct store *s, struct str workspace,
	bool create, struct arena *a, int64_t now_ns);

/* Finds the current version (also a tombstone: check is_deleted) of the span with this id, among
 * the spans added to this batch and the stored ones. source and trace_id: STR_NULL for any; the
 * newest of several is returned. Texts of ret are in the arena. */
NODISCARD enum err append_find(struct append *t, struct str source, struct str trace_id,
	struct str span_id, struct span *ret, bool *ret_found);
void append_add(struct append *t, const struct span *s);
/* Adds a note's line, with its checksum and newline, to the notes of the day in the same
 * transaction. */
NODISCARD enum err append_add_note(struct append *t, struct str line);
NODISCARD enum err append_commit(struct append *t);
void append_abort(struct append *t);

#endif
