/* Sealing, for seal and cron. */
#ifndef FLATSPAN_BIN_CHORES_SEAL_H
#define FLATSPAN_BIN_CHORES_SEAL_H

#include "chores/chore.h"

/* Seals the days of the workspace that are due. Returns after how many milliseconds another call
 * would remove what was replaced; 0 when nothing is left to do. */
int seal_workspace(struct chore *ch, bool is_quiet);

#endif
