/*
 * A scan finds out which lines at the ends of shards are the current versions of their spans,
 * and reads those.
 *
 *	scan_init(&s, view, deadline_ns);
 *	scan_add(&s, shard, from);		shards in the order of arrival
 *	scan_resolve(&s);			superseded lines and tombstones go
 *	scan_each(&s, &want, take, user);	any number of times
 *	scan_release(&s);
 *
 * It needs 40 bytes a span and a hash table slot: 45 to 70 bytes.  Two spans count as one only when
 * two independent 64-bit hashes of their identities agree.
 */
#ifndef FLATSPAN_QUERY_ROWS_SCAN_H
#define FLATSPAN_QUERY_ROWS_SCAN_H

#include "base/table.h"
#include "shard/shard.h"

/* The order of places. */
static inline int row_ref_compare(struct row_ref x, struct row_ref y)
{
	if (x.shard != y.shard)
		return x.shard < y.shard ? -1 : 1;
	return (x.at > y.at) - (x.at < y.at);
}

/* A callback that is given a row with the wanted fields, whose texts are gone after the call. It
 * returns false to stop, which is no error. */
typedef bool row_fn(void *user, const struct span *s, struct row_ref ref);

struct scan {
	struct view *view;
	int64_t deadline_ns; /* utime_monotonic(); 0: none */
	/* Tells, when it is set, whether something outside of these lines supersedes a line that is
	 * added. Such a line supersedes others like any, and is not current itself. The span has
	 * the fields of its identity and version. */
	enum err (*is_superseded)(
		void *user, const struct span *span, struct row_ref ref, bool *ret_is_superseded);
	void *user;
	struct table lines; /* struct scan_line, one a span */
	bool is_sorted;     /* by place, as they were found */
};

struct scan_line {
	uint64_t hash, check; /* of the identity */
	int64_t version;
	int64_t at;
	uint32_t len;
	uint32_t is_deleted : 1;
	uint32_t shard : 31;
};

void scan_init(struct scan *s, struct view *v, int64_t deadline_ns);
/* Reads the lines of a shard from an offset on. Bad lines are counted in the view. */
NODISCARD enum err scan_add(struct scan *s, size_t shard, int64_t from);
void scan_resolve(struct scan *s);
/* Calls take with the wanted fields of each current line, in the order of arrival. The arena is
 * rewound after each. take returns false to stop. */
NODISCARD enum err scan_each(
	struct scan *s, const struct field_set *want, row_fn *take, void *user);
void scan_release(struct scan *s);

#endif
