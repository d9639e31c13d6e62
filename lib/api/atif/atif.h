/*
 * ATIF, the Agent Trajectory Interchange Format (versions 1.0 to 1.7): from a trajectory to spans.
 *
 * A trajectory is a list of steps of an agent, with its tool calls and what came of them; it may
 * hold trajectories of subagents.  The whole tree becomes one trace, as NeMo Intake makes it
 * (doc/nemo.md): ids are made from what the tree says, so that the same trajectory always becomes
 * the same spans.
 *
 *	if (atif_check(&problems, body))	as strict as NeMo
 *		atif_map(&context, body, &result)
 *
 * atif_map also takes what atif_check refuses, as long as it is an object with a list of steps:
 * unknown members are kept among the raw attributes, values of a wrong type count as absent.
 */
#ifndef FLATSPAN_API_ATIF_ATIF_H
#define FLATSPAN_API_ATIF_ATIF_H

#include "store/notes.h"
#include "web/schema/schema.h"

/* Trajectories inside one another. */
enum { ATIF_DEPTH_MAX = 64 };
/* How deep a body may be: two levels a trajectory, and what its parts need. */
enum { ATIF_JSON_DEPTH = 2 * ATIF_DEPTH_MAX + LIMIT_DEPTH };

struct atif_context {
	struct arena *arena;
	struct str workspace;
	struct str created_by; /* plain text; empty: nobody is known */
	int64_t now_ns;
	int64_t fallback_ns; /* when that began which does not say when: the first time it came */
};

struct atif_result {
	struct span *spans;
	size_t n_spans;
	struct note *results; /* of verifiers: NOTE_RESULT */
	size_t n_results;
	/* The first span that begins so long after fallback_ns, for want of a time; NULL: none. */
	const struct span *undated;
	int64_t undated_after_ns;
};

/* Adds what NeMo would refuse; true: nothing. */
bool atif_check(struct problems *p, struct json body);

/* False: *ret_reason says why the body cannot become spans. */
bool atif_map(const struct atif_context *c, struct json body, struct atif_result *ret,
	struct str *ret_reason);

#endif
