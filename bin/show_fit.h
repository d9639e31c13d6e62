/*
 * What of a trace as Markdown has room in so many tokens.
 *
 * Long inputs and outputs are cut first, all at one length, so that short ones stay whole.  When so
 * little of each would be left that it says nothing, only some spans keep theirs, and when not even
 * the headings have room, only some have one: the first span, then those that failed, then the
 * upper levels; none without those above it.
 */
#ifndef FLATSPAN_BIN_SHOW_FIT_H
#define FLATSPAN_BIN_SHOW_FIT_H

#include "base/arena.h"

enum {
	FIT_BODIES = 2, /* input and output */
	/* Three bytes are counted as a token: of what show prints of the sample it is 3.3 to 3.6
	 * (o200k_base), of headings alone 2.2 to 2.5. */
	FIT_TOKEN_BYTES = 3,
	/* What says that a body is cut. A cut that would save less than that is none. */
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
	size_t n_whole;     /* of those with a body, those that keep it */
};

void fit(struct fit *f, struct arena *a, size_t room_bytes);
/* So much is shown of a body of so many bytes. */
size_t fit_body(const struct fit *f, size_t bytes);

#endif
