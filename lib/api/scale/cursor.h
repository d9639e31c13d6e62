/*
 * Converts positions in a list of spans to cursors, texts that a client sends back.
 *
 * A cursor holds the sort value and the whole identity of a span, so it stays valid when the span
 * changes or is deleted. It consists of a prefix, base64url text and a checksum. A span id looks
 * like one only on purpose.
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
	int64_t value;                        /* the sort value */
	struct str trace_id, span_id, source; /* canonical bodies */
};

struct str scale_cursor_text(struct arena *a, const struct scale_cursor *c);
/* Returns false when the text is not a cursor. */
bool scale_cursor_read(struct arena *a, struct str text, struct scale_cursor *ret);

#endif
