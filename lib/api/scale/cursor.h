/*
 * Places in a list of spans, as texts a client hands back.
 *
 * A cursor of ours holds the sort value and the whole identity of a span, so it stays a place when
 * the span changes or goes.  It is text of the base64url alphabet with a prefix and a checksum; a
 * span id could look like one only by intent.
 */
#ifndef FLATSPAN_API_SCALE_CURSOR_H
#define FLATSPAN_API_SCALE_CURSOR_H

#include "base/buf.h"

/* The orders of a list. */
#define SCALE_SORT_LIST(X) \
	X(START, "start_timestamp") \
	X(DURATION, "duration_ms") \
	X(INPUT_TOKENS, "input_tokens") \
	X(OUTPUT_TOKENS, "output_tokens")

enum scale_sort {
#define X(name, text) SCALE_SORT_##name,
	SCALE_SORT_LIST(X)
#undef X
		SCALE_SORT__MAX
};

struct scale_cursor {
	enum scale_sort sort;
	int64_t value;                        /* what is sorted by */
	struct str trace_id, span_id, source; /* canonical bodies */
};

struct str scale_cursor_text(struct arena *a, const struct scale_cursor *c);
/* False: this is none of ours. */
bool scale_cursor_read(struct arena *a, struct str text, struct scale_cursor *ret);

#endif
