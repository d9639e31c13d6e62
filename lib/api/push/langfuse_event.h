/*
 * Reads events of Langfuse's ingestion API (v3), which create and update traces, observations and
 * scores in any order.
 *
 * A trace is a row too: its span_id is the trace's id and it has no parent. Observations without a
 * parent of their own are its children, so that every dialect sees one tree.
 */
#ifndef FLATSPAN_API_PUSH_LANGFUSE_EVENT_H
#define FLATSPAN_API_PUSH_LANGFUSE_EVENT_H

#include "api/api.h"
#include "store/notes.h"

#define LANGFUSE_SOURCE STR("langfuse")

enum langfuse_what { LANGFUSE_TRACE, LANGFUSE_OBSERVATION, LANGFUSE_SCORE, LANGFUSE_NOTHING };

struct langfuse_event {
	struct str id; /* id of the event, as sent with its quotes; STR_NULL when it has none */
	enum langfuse_what what;
	int64_t at_ns;     /* when the client made it */
	struct span given; /* the given fields of a trace or an observation */
	struct note note;  /* a score */
	struct str reason; /* why it is refused; STR_NULL when it is not */
};

/* Reads one element of the batch. */
void langfuse_event_read(
	struct arena *a, struct json event, int64_t now_ns, struct langfuse_event *ret);

/* Merges the fields of an event into the known ones. is_newer: the event is newer than all known
 * ones; otherwise it only fills in. */
void langfuse_event_merge(
	struct arena *a, struct span *known, const struct span *given, bool is_newer);

#endif
