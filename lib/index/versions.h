/*
 * Which version of a span is current.
 *
 * A span is written again when it changes, and nothing is ever taken out of a shard, so that
 * several rows may have one identity (span_id, trace_id and source; span_identity_hash()).  The
 * current one is that with the greatest version (updated_at, else ingested_at); of equal versions
 * the one that arrived last (day, part, offset).  All others are superseded: no query sees them.
 * Tombstones take part like any other row, and are not seen either.
 *
 * Most spans have one row, and most others have all of theirs in one segment.  So three things are
 * known when a query begins, and only the fourth has to be found out:
 *
 *	1. A segment has a bitmap of the rows that lose to another row of the same segment.
 *	2. The row log has the same for its own rows (rowlog_superseded()).
 *	3. Lines that the index does not cover are compared with each other by who reads them.
 *	4. Rows of one identity that stand in different segments, logs or days.
 *
 * For the fourth there are *links*.  A link belongs to a row and says: this identity has, or may
 * have, a row that arrived before this segment (or this log), on that day.  The day is the row's
 * own or, when the line has a _prev, that earlier day, whose row in turn names the day before it. A
 * link names no place, only the identity, so it stays true when segments merge and when sealing or
 * rewriting a day moves its rows.  A link too many costs a look and is harmless; there must be none
 * too few.  They are made
 *
 *	by the writer of a record, who asks the segments of the day and the logs of its other parts
 *	(versions_exist_before()), as ROWLOG_LINKED and prev_day;
 *	at flush, as index_link entries of the segment: from the records, or by asking again;
 *	by a merge, which keeps those that lead out of the merged segment.
 *
 * Reading.  index_resolve() follows every link of the view: it finds the rows of the identity on
 * the day that the link names, by the id tables of the segments and the hash table of the log, and
 * compares each with the best row so far of that identity, which stands in one hash table for the
 * view.  Whichever of the two loses is superseded: its bit is set in the view's copy of the bitmap.
 * As the later of two rows always has a link that leads to the earlier one, every pair meets.  A
 * row that the view does not have (its day was pruned, it came after the snapshot) beats nothing.
 * Lines that no segment and no log covers are passed to index_supersede() one by one, which
 * does the same for them.
 *
 * A day that a link leads to may have been removed, or have lines that are not indexed: the row
 * that leads further back may be among these, and so the day before is looked at as well.
 */
#ifndef FLATSPAN_INDEX_VERSIONS_H
#define FLATSPAN_INDEX_VERSIONS_H

#include "base/table.h"
#include "index/index.h"

/* Where a row stands. */
struct version_place {
	int32_t day, part;
	int64_t at;
};

/* A row of an identity. */
struct version {
	struct version_place place;
	int64_t version;
	int32_t prev_day; /* SPAN_NO_DAY: none */
	uint32_t shard;
	struct index_segment *segment; /* NULL: a row of the log */
	uint32_t row;
};

/* True when the first of two rows of one identity supersedes the second one. */
static inline bool version_wins(int64_t version, const struct version_place *place, int64_t other,
	const struct version_place *other_place)
{
	if (version != other)
		return version > other;
	if (place->day != other_place->day)
		return place->day > other_place->day;
	if (place->part != other_place->part)
		return place->part > other_place->part;
	return place->at > other_place->at;
}

/* Begin and end the table of the view. */
void versions_init(struct index_set *set);
void versions_end(struct index_set *set);

/* ---- For writers ---- */

struct versions_ask {
	uint64_t key, identity;
	int32_t day;
	size_t own; /* the shard of the row; view.n_shards: it is not there yet */
	/* The segments of the row's own part that are asked: those that end after from and begin
	 * before to. */
	int64_t from, to;
	bool own_only; /* the row's record says that no other part has the identity */
};

/* *ret: true when a row of that identity may stand in the segments of the day, or in the logs of
 * the day's other parts. It is also true when another part has lines that the index does not cover.
 */
NODISCARD enum err versions_exist_before(
	struct index_set *set, const struct versions_ask *ask, bool *ret);

#endif
