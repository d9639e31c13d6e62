/*
 * Chooses what of a trace as Markdown fits into a number of bytes.
 *
 * Long inputs and outputs are cut first, all at one length, so that short ones stay whole.  When
 * that length would be too small to be useful, only some spans keep their inputs and outputs, and
 * when not even the headings fit, only some spans have one: the first span, then those that failed,
 * then the upper levels.  A span is never shown without its ancestors.
 */
#ifndef FLATSPAN_REPORT_FIT_H
#define FLATSPAN_REPORT_FIT_H

#include "base/arena.h"

enum {
	FIT_BODIES = 2, /* input and output */
	/* Three bytes count as a token: a cautious estimate for o200k_base, whose tokens are
	   shorter in headings than in texts. */
	FIT_TOKEN_BYTES = 3,
	/* The note that says that a body is cut. A cut that saves fewer bytes is not made. */
	FIT_MARK_BYTES = 34
};

enum fit_part { FIT_NONE, FIT_HEADING, FIT_WHOLE };

struct fit_row {
	size_t depth;
	bool has_failed;
	size_t heading_bytes, body_bytes[FIT_BODIES]; /* 0: there is none */
	enum fit_part part;                           /* set by fit() */
};

struct fit {
	struct fit_row *rows; /* parents before children */
	size_t n;
	/* Set by fit(). */
	size_t level_bytes; /* of each body; SIZE_MAX: they are whole */
	size_t n_shown;     /* spans */
	size_t n_whole;     /* spans that keep their bodies */
};

void fit(struct fit *f, struct arena *a, size_t room_bytes);
/* Returns how many bytes are shown of a body. */
size_t fit_body(const struct fit *f, size_t bytes);

#endif
