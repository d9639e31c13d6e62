/*
 * Random spans for the tests of the index: few ids, so that versions meet; all fields; texts that
 * need escapes; tombstones; lines that are damaged.
 */
#ifndef FLATSPAN_T_STORE_INDEX_SCENE_H
#define FLATSPAN_T_STORE_INDEX_SCENE_H

#include "random.h"
#include "scene.h"

struct random_spans {
	struct rng rng;
	unsigned n_spans, n_traces; /* how many ids there are */
	int64_t now_ns;             /* goes on with each span */
	bool has_updates;           /* updated_at in any order, tombstones */
};

/* Its texts are in the scene's arena. */
struct span random_span(struct random_spans *r);
/* n lines, some of them damaged when bad is set. */
struct str random_lines(struct random_spans *r, size_t n, bool bad);

#endif
