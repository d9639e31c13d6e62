/*
 * Inside the index of a view: opening it shard by shard, and finding the other versions of a span.
 * For lib/store only; queries use index.h.
 */
#ifndef FLATSPAN_INDEX_SET_H
#define FLATSPAN_INDEX_SET_H

#include "index/cache.h"
#include "index/terms/terms.h"

/* What the set knows of a shard besides struct index. */
struct index_shard {
	bool has_segments, has_live;
	struct live *live; /* held */
	/* Lines behind `covered` that something else supersedes. */
	int64_t *hidden_lines;
	size_t n_hidden_lines, cap_hidden_lines;
	bool lines_are_sorted;
	struct words_list *words; /* NULL: not opened yet */
};

/* The view's set, begun when there is none: shards are opened as they are needed. */
struct index_set *index_of_view(struct view *v);
/* A new one: what was taken from the old one is void. */
struct index_set *index_begin(struct view *v);
/* Zeroed memory that lives until it is given back, whatever is rewound. */
void *index_block(struct view *v, size_t n, size_t size);
/* The closed segments of a shard; live rows as well. */
NODISCARD enum err index_open_segments(struct index_set *set, size_t shard);
NODISCARD enum err index_open_shard(struct index_set *set, size_t shard);
/* Sets the shard's size in the view, without opening it when the index covers all of it. */
NODISCARD enum err index_take_size(struct index_set *set, size_t shard);
/* Where the closed segments of an opened shard end. */
int64_t index_closed_to(const struct index *ix);

/* The first shard of the day or behind it. */
size_t index_first_shard(const struct view *v, int32_t day);
/* The shard of that day and part; view.n_shards: there is none. */
size_t index_shard_of(const struct view *v, int32_t day, int part);
/* The segment that covers the byte, NULL: none. */
struct index_segment *index_segment_at(struct index_set *set, size_t shard, int64_t at);
/* The live row; SIZE_MAX: none. */
size_t index_live_at(const struct index *ix, int64_t at);
/* How many records of closed lines the process has in front of those of the shard. */
size_t index_live_skipped(const struct index_set *set, size_t shard);

NODISCARD enum err index_row_version(
	struct index_segment *s, uint32_t row, uint64_t *ret_identity, int64_t *ret_version);

/* Hides a row, wherever it is known to stand. */
NODISCARD enum err index_hide(struct index_set *set, const struct index_place *p);

/* ---- Rows that moved ---- */

/*
 * Segments and live records name rows of other days by their places, and sealing or rewriting a day
 * moves its rows.  Such a place is known by its part, which is less than that of the sealed file.
 * What is left to know is the identity, by which the row is found again.
 */

/* A row of ours with a rival that was on `day`. */
struct index_mover {
	uint64_t identity;
	int64_t version;
	struct index_place place; /* ours */
	int32_t day;
};

struct index_moved {
	struct index_mover *rows; /* a block; ascending by identity when sorted */
	size_t n, cap;
	bool is_sorted;
};

bool index_has_moved(const struct view *v, const struct index_place *p);
void index_note_moved(struct index_set *set, const struct index_mover *m);
/* Hides the losers among the rows noted and their rivals in segments and live rows. */
NODISCARD enum err index_resolve_moved(struct index_set *set);
/* The same for one line that neither covers. */
NODISCARD enum err index_meet_moved(
	struct index_set *set, const struct index_mover *line, bool *ret_is_hidden);

/* ---- Versions of one span ---- */

struct rival {
	size_t shard;
	struct index_place place;
	int64_t version;
	int32_t prev_day;
	struct index_segment *segment; /* NULL: a live row */
	uint32_t row;
};

struct rival_search {
	struct index_set *set;
	uint64_t key, identity;
	enum err (*each)(void *user, const struct rival *r);
	void *user;
};

/* Calls each for the rows of that identity in the closed segments of a shard that end behind `from`
 * and begin before `to`, without those that lose within their segment. */
NODISCARD enum err rivals_in_segments(
	const struct rival_search *search, size_t shard, int64_t from, int64_t to);
NODISCARD enum err rivals_in_live(const struct rival_search *search, size_t shard);
/* Those of the days that prev_day leads to, back to `since`, from their segments and live rows.
 * *ret_has_lines: one of these days has lines that neither covers. */
NODISCARD enum err rivals_in_days(
	const struct rival_search *search, int32_t prev_day, int32_t since, bool *ret_has_lines);

/* Does a row of that version and place win over the other one? */
static inline bool place_is_later(const struct index_place *x, const struct index_place *y)
{
	return x->day != y->day     ? x->day > y->day
	       : x->part != y->part ? x->part > y->part
				    : x->at > y->at;
}

static inline bool row_wins(int64_t version, const struct index_place *place, int64_t other_version,
	const struct index_place *other)
{
	return version != other_version ? version > other_version : place_is_later(place, other);
}

#endif
