/*
 * Holds the state of atif_map(). Only map.c and verifier.c include this; verifier.c defines
 * atif_map_verifier().
 */
#ifndef FLATSPAN_API_ATIF_MAP_H
#define FLATSPAN_API_ATIF_MAP_H

#include "api/atif/model.h"

enum { IDENTITY_MAX = 2 + 2 * ATIF_DEPTH_MAX, EXTRA_PARTS = 5 };

struct atif_mapper {
	const struct atif_context *c;
	struct arena *arena;
	struct str session_id; /* canonical body, of the whole trace */
	/* The plain texts that every id is hashed from: workspace, session, and for each subagent
	 * "subagent" and its id. */
	struct str identity[IDENTITY_MAX + EXTRA_PARTS];
	size_t n_identity;
	struct span *spans;
	size_t n, cap;
	struct note *results;
	size_t n_results, cap_results;
	size_t undated; /* the span that atif_result names, plus 1; 0 when there is none */
	int64_t undated_after_ns;
};

/* A trajectory that is being mapped, with what its steps share. */
struct atif_place {
	const struct atif_tree *tree;
	struct str span_id;
	int64_t fallback_ns; /* the start of what has no time */
	struct atif_ids subagent_ids;
	bool *is_expanded; /* for each subagent */
	unsigned depth;
};

/* Returns an id that is hashed from the trajectory's position and these parts. */
struct str atif_make_id(struct atif_mapper *m, const struct str *parts, size_t n);
/* Returns JSON in the form in which it is hashed. */
struct str atif_hashed_form(struct atif_mapper *m, struct str json);
/* Returns a new span with the fields that all spans of a trajectory share. It is valid until the
 * next call. */
struct span *atif_begin_span(struct atif_mapper *m, const struct atif_tree *t, struct str span_id,
	struct str parent_id, enum kind kind);
/* Ignores an end before the start. */
void atif_set_times(struct span *s, int64_t start_ns, int64_t end_ns);

/* Notes that the last span begins after_ns after fallback_ns because the document has no time for
 * it. Subagents begin with the step that refers to them, so nothing is noted for them. */
void atif_note_undated(struct atif_mapper *m, unsigned depth, int64_t after_ns);

void atif_map_verifier(struct atif_mapper *m, const struct atif_place *p);

#endif
