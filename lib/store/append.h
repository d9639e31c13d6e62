/*
 * Writing: how a batch of spans becomes durable.  The protocol, each step with its reason, is in
 * doc/shard-format.md#writing; its rules can be switched off one by one in a --enable-mutants
 * build, and some test fails for each.
 *
 * For requests that only add:
 *	store_append(store, workspace, arena, spans, n, now_ns, &report)
 *
 * For those that must see what is stored (PATCH, create-if-absent):
 *	append_begin(&t, store, workspace, arena, now_ns)	takes the lock
 *	append_find(&t, ..., &span, &found)			the current version
 *	append_add(&t, &span)					any number of times
 *	append_add_note(&t, line)				lines of notes (notes.h)
 *	append_commit(&t)					writes, unlocks, syncs
 *	or append_abort(&t)
 *
 * ERR_OK means: durable (with sync = always).  Anything else means: maybe there, maybe not; the
 * client retries with the same ids and the newest version wins.  ERR_BUSY, ERR_FULL, ERR_IO and
 * ERR_UNSAFE are 503.
 */
#ifndef FLATSPAN_STORE_APPEND_H
#define FLATSPAN_STORE_APPEND_H

#include "shard/shard.h"
#include "span/mask.h"

/* Appends the spans as lines, all in one write. Sets each span's prev_day where it replaces a row
 * of an earlier day. create: whether an unknown workspace is made (else ERR_NOT_FOUND).
 * ERR_TOO_LARGE when a line is longer than LIMIT_LINE_BYTES: nothing is written then. ERR_CONF: the
 * format has an extension that writers must know, or what the workspace wants kept from the disk is
 * not understood. now_ns decides the day. */
NODISCARD enum err store_append(const struct store *s, struct str workspace, bool create,
	struct arena *a, struct span *spans, size_t n, int64_t now_ns);

struct index_append; /* index_append.h */

struct append {
	const struct store *store;
	struct arena *arena;
	struct str workspace;
	int dir_fd, lock_fd;
	int32_t day;
	struct mask mask;
	int64_t now_ns, began_ns; /* when it began: on the caller's and on the monotonic clock */
	struct view view;         /* opened under the lock, when first needed */
	bool has_view;
	struct buf lines;   /* a newline, to be left out when nothing is to heal, and the batch */
	uint32_t *line_len; /* of each of them, without its newline */
	struct buf notes;   /* the same of the notes; empty: none */
	struct span *spans; /* as added */
	size_t n_spans, cap_spans;
	struct index_append *index; /* once the lines are made */
};

/* An arena that runs out between begin and commit leaves the lock to the end of the process, which
 * the gateway makes come at once. */
NODISCARD enum err append_begin(struct append *t, const struct store *s, struct str workspace,
	bool create, struct arena *a, int64_t now_ns);

/* The current version (also a tombstone: check is_deleted) of the span with this id, among those
 * added to this batch and those stored. source and trace_id: STR_NULL for any; of several the
 * newest. ret's texts are in the arena. */
NODISCARD enum err append_find(struct append *t, struct str source, struct str trace_id,
	struct str span_id, struct span *ret, bool *ret_found);
void append_add(struct append *t, const struct span *s);
/* line: sealed, with its newline. It goes to the notes of the day, in the same transaction. */
NODISCARD enum err append_add_note(struct append *t, struct str line);
NODISCARD enum err append_commit(struct append *t);
void append_abort(struct append *t);

#endif
