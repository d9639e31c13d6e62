/*
 * Langfuse's ingestion API (v3): events that create and update traces, observations and scores, in
 * any order.
 *
 * A trace is a row too: its span_id is the trace's id and it has no parent.  Observations without a
 * parent of their own are its children, so that every dialect sees one tree.
 */
#ifndef FLATSPAN_API_PUSH_LANGFUSE_EVENT_H
#define FLATSPAN_API_PUSH_LANGFUSE_EVENT_H

#include "api/api.h"
#include "store/notes.h"

#define LANGFUSE_SOURCE STR("langfuse")

enum langfuse_what { LANGFUSE_TRACE, LANGFUSE_OBSERVATION, LANGFUSE_SCORE, LANGFUSE_NOTHING };

struct langfuse_event {
	struct str id; /* of the event, as sent with its quotes; STR_NULL: none */
	enum langfuse_what what;
	int64_t at_ns;     /* when the client made it */
	struct span given; /* only what it says; of a trace or an observation */
	struct note note;  /* of a score */
	struct str reason; /* why it is refused; STR_NULL: it is not */
};

/* Takes one element of the batch apart. */
void langfuse_event_read(
	struct arena *a, struct json event, int64_t now_ns, struct langfuse_event *ret);

/* What an event says over what is known; is_newer: than all that is known, else it only fills in.
 */
void langfuse_event_merge(
	struct arena *a, struct span *known, const struct span *given, bool is_newer);

#endif
