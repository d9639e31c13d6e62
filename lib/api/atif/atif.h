/*
 * Converts a trajectory in ATIF, the Agent Trajectory Interchange Format (versions 1.0 to 1.7), to
 * spans.
 *
 * A trajectory is a list of an agent's steps with their tool calls and results. It may contain the
 * trajectories of subagents. The whole tree becomes one trace, as NeMo Intake makes it
 * (doc/nemo.md). Ids are hashes of the tree's content, so the same trajectory always becomes the
 * same spans.
 *
 *	if (atif_check(&problems, body))	as strict as NeMo
 *		atif_map(&context, body, &result)
 *
 * atif_map() also accepts what atif_check() refuses, as long as it is an object with a list of
 * steps. Unknown members are kept among the raw attributes, and values of a wrong type count as
 * absent.
 *
 * POST …/ingest/atif is served by ingest.c, which api/nemo/ingest.h declares. check.c holds
 * atif_check().
 */
#ifndef FLATSPAN_API_ATIF_ATIF_H
#define FLATSPAN_API_ATIF_ATIF_H

#include "store/notes.h"
#include "web/schema/schema.h"

/* Largest depth of nested trajectories. */
enum { ATIF_DEPTH_MAX = 64 };
/* Largest JSON depth of a body: two levels a trajectory, and the depth of its values. */
enum { ATIF_JSON_DEPTH = 2 * ATIF_DEPTH_MAX + LIMIT_DEPTH };

struct atif_context {
	struct arena *arena;
	struct str workspace;
	struct str created_by; /* plain text; empty when unknown */
	int64_t now_ns;
	int64_t fallback_ns; /* start of a trajectory without times: when it was first received */
};

struct atif_result {
	struct span *spans;
	size_t n_spans;
	struct note *results; /* NOTE_RESULT, from verifiers */
	size_t n_results;
	/* The first span that begins undated_after_ns after fallback_ns, because the document has
	 * no time for it. NULL when there is none. */
	const struct span *undated;
	int64_t undated_after_ns;
};

/* Adds the problems that NeMo would refuse the body for. Returns true when there are none. */
bool atif_check(struct problems *p, struct json body);

/* Returns false when the body cannot become spans; *ret_reason says why. */
bool atif_map(const struct atif_context *c, struct json body, struct atif_result *ret,
	struct str *ret_reason);

#endif
