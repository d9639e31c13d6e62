/* Pruning and compacting, for their verbs and for cron. */
#ifndef FLATSPAN_BIN_CHORES_TEND_H
#define FLATSPAN_BIN_CHORES_TEND_H

#include "chores/chore.h"

#include "upkeep/seal.h"

/* Removes the days that the settings of the workspace do not keep. */
void prune_workspace(struct chore *ch, bool is_quiet);
/* Returns options for rewriting days, with progress. */
struct seal_options tend_options(struct cli *c);
/* Says what is wrong with a workspace or with its settings. */
enum cli_exit settings_error(struct cli *c, enum err e, struct str workspace);

#endif
