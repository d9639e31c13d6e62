/* What cron needs of prune. */
#ifndef FLATSPAN_BIN_TEND_H
#define FLATSPAN_BIN_TEND_H

#include "chore.h"

/* Removes the days that the workspace's settings let go. */
void prune_workspace(struct chore *ch, bool is_quiet);

#endif
