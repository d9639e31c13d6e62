/*
 * Finding spans by id: which rows carry it, in which days.
 *
 * Answers from a day's id index where there is one that covers it, and from the lines for the rest.
 * Rows are confirmed on the line; hash collisions cost time, never a wrong answer.
 */
#ifndef FLATSPAN_INDEX_LOOKUP_H
#define FLATSPAN_INDEX_LOOKUP_H

#include "shard/shard.h"

/* The newest version (tombstones included) of the span with these ids (canonical bodies; source and
 * trace_id STR_NULL: any). With any source or trace several spans may have the id: the newest of
 * their current versions that is not deleted; of deleted ones only, the newest. *ret_ref and ret
 * are set when found; ret's texts are in the arena. */
NODISCARD enum err lookup_span(struct view *v, struct str source, struct str trace_id,
	struct str span_id, struct span *ret, struct row_ref *ret_ref, bool *ret_found);

/* The shard of a row_ref whose `at` is an index into `more`, below. */
#define LOOKUP_MORE UINT32_MAX

/* Looks among n_more spans as well, in the order of their arrival, as if they stood behind all that
 * is stored. */
NODISCARD enum err lookup_span_among(struct view *v, const struct span *more, size_t n_more,
	struct str source, struct str trace_id, struct str span_id, struct span *ret,
	struct row_ref *ret_ref, bool *ret_found);

/* Sets prev_day of each span that is going to be written on `day`: the newest earlier day, not
 * before lookup_since(), that holds a row of this identity; SPAN_NO_DAY when none does. */
NODISCARD enum err lookup_prev_days(struct view *v, struct span *spans, size_t n, int32_t day);

/* The first day on which a row of this span can have arrived: a day, for clocks that are wrong,
 * before it began or, when that is later, before its UUIDv7 span_id was made; of an update no later
 * than the day on which the first version arrived. INT32_MIN when it has neither. */
int32_t lookup_since(const struct span *s);

#endif
