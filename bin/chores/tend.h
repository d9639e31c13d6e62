/* What others need of prune and compact. */
#ifndef FLATSPAN_BIN_CHORES_TEND_H
#define FLATSPAN_BIN_CHORES_TEND_H

#include "chores/chore.h"

#include "upkeep/seal.h"

/* Removes the days that the workspace's settings let go. */
void prune_workspace(struct chore *ch, bool is_quiet);
/* Of what writes days anew: it shows how far it is. */
struct seal_options tend_options(struct cli *c);
/* Says what is wrong with a workspace, or with its settings. */
enum cli_exit settings_error(struct cli *c, enum err e, struct str workspace);

#endif
