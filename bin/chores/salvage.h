/*
 * Salvage stores sound lines that are inside of damaged ones (span/rescue.h) again: as any write,
 * after all other lines, in today's file.  The damaged file stays as it is.
 *
 *	salvage_begin(&s, cli, workspace)
 *	salvage_line(&s, line)		each damaged line
 *	salvage_end(&s)
 *
 * A span keeps the time of its arrival, so it stays the same version.  It is not stored when the
 * workspace holds this version, a newer one, or a newer deletion, so that a second run stores
 * nothing.  Notes are treated in the same way.
 */
#ifndef FLATSPAN_BIN_CHORES_SALVAGE_H
#define FLATSPAN_BIN_CHORES_SALVAGE_H

#include "cli.h"

struct salvage {
	struct cli *cli;
	struct str workspace;
	struct arena memory; /* of the lines that are not stored yet */
	struct buf lines;    /* each with a newline */
	size_t n_lines;
	uint64_t n_found, n_stored;
	enum err error; /* the first error; nothing is stored after it */
};

void salvage_begin(struct salvage *s, struct cli *c, struct str workspace);
/* Returns how many sound lines are in it. */
uint64_t salvage_line(struct salvage *s, struct str line);
NODISCARD enum err salvage_end(struct salvage *s);

#endif
