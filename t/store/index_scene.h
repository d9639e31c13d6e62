/*
 * Random spans for the tests of the index: few ids, so that versions meet; all fields; texts that
 * need escapes; tombstones; lines that are damaged.
 */
#ifndef FLATSPAN_T_STORE_INDEX_SCENE_H
#define FLATSPAN_T_STORE_INDEX_SCENE_H

#include "index/index.h"
#include "random.h"
#include "scene.h"

#include "index/versions.h"

struct random_spans {
	struct rng rng;
	unsigned n_spans, n_traces; /* how many ids there are */
	int64_t now_ns;             /* goes on with each span */
	int64_t started_ns;         /* about when spans started */
	bool has_updates;           /* updated_at in any order, tombstones */
};

/* Its texts are in the scene's arena. */
struct span random_span(struct random_spans *r);
/* n lines, some of them damaged when bad is set. */
struct str random_lines(struct random_spans *r, size_t n, bool bad);

/* Which lines of "w" a query may see: places, ascending. */
struct visible {
	struct version_place *places;
	size_t n;
};

/* By comparing all lines with one another, and by the index with what it leaves to be read. */
struct visible visible_by_lines(struct scene *sc);
struct visible visible_by_index(struct scene *sc, size_t *ret_n_read);
/* Fails the test when they differ; what: said then. */
void must_see_the_same(struct scene *sc, const char *what);
/* While others write: both in one view. */
void must_see_the_same_at_once(struct scene *sc, const char *what);

#endif
