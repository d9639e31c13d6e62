/* A chore runs over days of workspaces: over the days that the command names, or all; of the
 * workspace of -w, or of all. */
#ifndef FLATSPAN_BIN_CHORES_CHORE_H
#define FLATSPAN_BIN_CHORES_CHORE_H

#include "cli.h"

struct chore {
	struct cli *cli;
	struct str workspace;
	enum cli_exit code; /* the first that is not CLI_OK */
	void *user;         /* the caller's */
};

/* Calls `each` for every day that has lines, in ascending order. A failure of one day does not stop
 * the others; the first failure is returned. */
enum cli_exit chore_days(struct cli *c, void (*each)(struct chore *ch, int32_t day), void *user);
/* Calls `each` for every workspace. The first failure is returned. */
enum cli_exit chore_workspaces(struct cli *c, void (*each)(struct chore *ch), void *user);
/* Records a failure. */
void chore_fail(struct chore *ch, enum cli_exit code);
/* Returns "acme 2026-11-21", in the arena. */
struct str chore_name(const struct chore *ch, int32_t day);
/* Prints the name of a day on a line of its own, or as JSON. */
void chore_put_day(struct chore *ch, int32_t day);

#endif
