/*
 * Random workspaces and random queries for the oracle's test.
 */
#ifndef FLATSPAN_T_CORPUS_H
#define FLATSPAN_T_CORPUS_H

#include "oracle.h"
#include "random.h"
#include "scene.h"

/* Writes shards of several days into the scene's workspace "w", with lines of spans, later versions
 * and tombstones of some, and damaged lines, and tells what sound lines there are. */
void corpus_make(struct corpus *c, struct rng *r, struct scene *sc, struct arena *a);

/* Clauses, window and roots_only. */
struct query ask_filter(struct rng *r, const struct corpus *c);
/* With sort, page, cursors. */
struct query ask_list(struct rng *r, const struct corpus *c);

/* The id of a random line, or one of none. */
struct str ask_id(struct rng *r, const struct corpus *c, enum field f);

/* A query as text, for whoever has to find out why it failed. */
void ask_print(FILE *to, const struct query *q);

#endif
