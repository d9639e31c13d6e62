/*
 * Random workspaces and random queries for the oracle's test.
 */
#ifndef FLATSPAN_T_CORPUS_H
#define FLATSPAN_T_CORPUS_H

#include "oracle.h"
#include "random.h"
#include "scene.h"

struct corpus_shape {
	size_t lines_max;
	int days_max;
	size_t n_spans, n_traces; /* how many ids there are */
	size_t batch_max;         /* lines that are written at once */
	bool has_one_version;     /* of each span: what the index sums up beforehand is right */
};

/* For the oracle, and one that fills several zones and segments of the index. */
extern const struct corpus_shape corpus_small, corpus_once, corpus_large;

/* Writes shards of several days into the scene's workspace "w", with lines of spans, later versions
 * and tombstones of some, and damaged lines, and tells what sound lines there are (corpus_resolve
 * says which are current). Some lines are written as the program does, some are not; parts of them
 * are closed into segments, some have live records, some have neither; some days are sealed. */
void corpus_make(struct corpus *c, const struct corpus_shape *shape, struct rng *r,
	struct scene *sc, struct arena *a);
/* Loses, cuts and changes files of the index. */
void corpus_damage_index(struct scene *sc, struct rng *r);

/* Clauses, window and roots_only. */
struct query ask_filter(struct rng *r, const struct corpus *c);
/* With sort, page, cursors. */
struct query ask_list(struct rng *r, const struct corpus *c);

/* The id of a random line, or one of none. */
struct str ask_id(struct rng *r, const struct corpus *c, enum field f);

/* A query as text, for whoever has to find out why it failed. */
void ask_print(FILE *to, const struct query *q);

#endif
