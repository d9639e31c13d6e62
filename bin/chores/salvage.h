/*
 * Sound lines inside of damaged ones (span/rescue.h), stored again: as any write is, behind all
 *that is there, in today's file.  The damaged file stays as it is.
 *
 *	salvage_begin(&s, cli, workspace)
 *	salvage_line(&s, line)		each damaged line
 *	salvage_end(&s)
 *
 * A span keeps the time of its arrival, so that it is the version that it was: one of which the
 * workspace holds the same or a newer version, or a newer deletion, is not stored, and running this
 * again stores nothing.  So it is with notes.
 */
#ifndef FLATSPAN_BIN_CHORES_SALVAGE_H
#define FLATSPAN_BIN_CHORES_SALVAGE_H

#include "cli.h"

struct salvage {
	struct cli *cli;
	struct str workspace;
	struct arena memory; /* of what was not stored yet */
	struct buf lines;    /* each with a newline */
	size_t n_lines;
	uint64_t n_found, n_stored;
	enum err error; /* the first; nothing is stored after it */
};

void salvage_begin(struct salvage *s, struct cli *c, struct str workspace);
/* How many sound lines are in it. */
uint64_t salvage_line(struct salvage *s, struct str line);
NODISCARD enum err salvage_end(struct salvage *s);

#endif
