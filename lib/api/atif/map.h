/*
 * The insides of atif_map(), shared by atif_map.c and atif_verifier.c; nobody else includes this.
 */
#ifndef FLATSPAN_API_ATIF_MAP_H
#define FLATSPAN_API_ATIF_MAP_H

#include "api/atif/model.h"

enum { IDENTITY_MAX = 2 + 2 * ATIF_DEPTH_MAX, EXTRA_PARTS = 5 };

struct atif_mapper {
	const struct atif_context *c;
	struct arena *arena;
	struct str session_id; /* canonical body; of the whole trace */
	/* What ids begin with: workspace, session, and for each subagent "subagent" and its id, as
	 * plain text. */
	struct str identity[IDENTITY_MAX + EXTRA_PARTS];
	size_t n_identity;
	struct span *spans;
	size_t n, cap;
	struct note *results;
	size_t n_results, cap_results;
	size_t undated; /* which of the spans atif_result tells of, plus 1; 0: none */
	int64_t undated_after_ns;
};

/* A trajectory on the way, with what its steps share. */
struct atif_place {
	const struct atif_tree *tree;
	struct str span_id;
	int64_t fallback_ns; /* of what says no time */
	struct atif_ids subagent_ids;
	bool *is_expanded; /* of each subagent */
	unsigned depth;
};

/* The id of a thing in the tree: what is given after the place of its trajectory. */
struct str atif_make_id(struct atif_mapper *m, const struct str *parts, size_t n);
/* JSON as it is hashed. */
struct str atif_hashed_form(struct atif_mapper *m, struct str json);
/* A span with what all spans of a trajectory have in common; valid until the next one. */
struct span *atif_begin_span(struct atif_mapper *m, const struct atif_tree *t, struct str span_id,
	struct str parent_id, enum kind kind);
/* An end before the start is none. */
void atif_set_times(struct span *s, int64_t start_ns, int64_t end_ns);

/* The last span begins so long after fallback_ns, as the document does not say when it did. Of
 * subagents it need not be noted: they begin with what refers to them. */
void atif_note_undated(struct atif_mapper *m, unsigned depth, int64_t after_ns);

void atif_map_verifier(struct atif_mapper *m, const struct atif_place *p);

#endif
