/*
 * Collects feedback scores for filters, sorting and statistics: one value for each target and name,
 * the mean over its authors.
 */
#ifndef FLATSPAN_API_OPIK_READ_SCORES_H
#define FLATSPAN_API_OPIK_READ_SCORES_H

#include "base/table.h"
#include "query/engine.h"
#include "store/notes.h"

enum { OPIK_SCORE_DIGITS = 9 }; /* decimal places that are kept and compared */

struct opik_score {
	uint64_t hash;                 /* hash of target and name; first, for struct table */
	uint64_t target, name, folded; /* as in struct note_row */
	__int128 sum;                  /* in 1e-9 units */
	uint32_t n, row;               /* row: a note that has the name */
};

struct opik_scores {
	struct table scores; /* struct opik_score */
	struct arena *arena;
};

void opik_scores_init(struct opik_scores *s, struct arena *a);
/* Collects all scores about spans, traces or sessions. */
void opik_scores_collect(struct opik_scores *s, const struct notes *n, enum note_about about);
/* Collects scores of spans as scores of their traces. */
NODISCARD enum err opik_scores_collect_spans(
	struct opik_scores *s, struct view *v, const struct notes *n, int64_t deadline_ns);
void opik_scores_release(struct opik_scores *s);

/* Returns the mean, rounded to 1e-9 units. */
int64_t opik_score_value(const struct opik_score *s);
/* Returns NULL when the target has no score of that name. The name is a hash of
 * note_name_hash(). */
const struct opik_score *opik_scores_find(
	const struct opik_scores *s, uint64_t target, uint64_t name);

/* Sorts the scores by target. Nothing can be added or found by name afterwards. */
void opik_scores_sort(struct opik_scores *s);
const struct opik_score *opik_scores_of(
	const struct opik_scores *s, uint64_t target, size_t *ret_n);

/* Returns the targets that have a score of this name in either case. `folded` is a hash of
 * note_folded_hash(), 0 for any name. Unless value is NULL, the score must also compare to it as op
 * says. */
struct hash_set opik_scores_set(const struct opik_scores *s, struct arena *a, uint64_t folded,
	enum op op, const int64_t *value);

#endif
