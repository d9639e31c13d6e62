/*
 * Feedback scores of many things at once, for filters, sorting and statistics: one value for each
 * thing and name, the mean over its authors.
 */
#ifndef FLATSPAN_API_OPIK_READ_SCORES_H
#define FLATSPAN_API_OPIK_READ_SCORES_H

#include "base/table.h"
#include "query/engine.h"
#include "store/notes.h"

enum { OPIK_SCORE_DIGITS = 9 }; /* behind the point, kept and compared */

struct opik_score {
	uint64_t hash;                 /* of target and name: first, for the table */
	uint64_t target, name, folded; /* as in struct note_row */
	__int128 sum;                  /* in 1e-9 units */
	uint32_t n, row;               /* row: of the notes, one that has the name */
};

struct opik_scores {
	struct table scores; /* struct opik_score */
	struct arena *arena;
};

void opik_scores_init(struct opik_scores *s, struct arena *a);
/* All scores about spans, traces or sessions. */
void opik_scores_collect(struct opik_scores *s, const struct notes *n, enum note_about about);
/* Scores of spans as scores of their traces. */
NODISCARD enum err opik_scores_collect_spans(
	struct opik_scores *s, struct view *v, const struct notes *n, int64_t deadline_ns);
void opik_scores_release(struct opik_scores *s);

/* The mean, rounded to 1e-9 units. */
int64_t opik_score_value(const struct opik_score *s);
/* NULL: it has none of that name (a hash of note_name_hash). */
const struct opik_score *opik_scores_find(
	const struct opik_scores *s, uint64_t target, uint64_t name);

/* Puts the scores of each target together; nothing is added or found by name afterwards. */
void opik_scores_sort(struct opik_scores *s);
const struct opik_score *opik_scores_of(
	const struct opik_scores *s, uint64_t target, size_t *ret_n);

/* The targets that have a score of this name in either case (a hash of note_folded_hash), 0: any,
 * and, unless value is NULL, one that relates to the value as op says. */
struct hash_set opik_scores_set(const struct opik_scores *s, struct arena *a, uint64_t folded,
	enum op op, const int64_t *value);

#endif
