/* What cron needs of seal. */
#ifndef FLATSPAN_BIN_CHORES_SEAL_H
#define FLATSPAN_BIN_CHORES_SEAL_H

#include "chores/chore.h"

/* Seals what is due in the workspace; returns after how many milliseconds a further call would
 * remove what was replaced, 0: nothing is left to do. */
int seal_workspace(struct chore *ch, bool is_quiet);

#endif
