/*
 * Chores are done to days of workspaces: those named on the command line (a day's date each), or
 * all; of the workspace of -w, or of all.
 */
#ifndef FLATSPAN_BIN_CHORES_CHORE_H
#define FLATSPAN_BIN_CHORES_CHORE_H

#include "cli.h"

struct chore {
	struct cli *cli;
	struct str workspace;
	enum cli_exit code; /* the first that was not CLI_OK */
	void *user;         /* of whoever asked for it */
};

/* Calls `each` for every day that has lines, ascending. What one day ends with does not keep the
 * others from their turn; the first failure is returned. */
enum cli_exit chore_days(struct cli *c, void (*each)(struct chore *ch, int32_t day), void *user);
/* The same for workspaces. */
enum cli_exit chore_workspaces(struct cli *c, void (*each)(struct chore *ch), void *user);
/* Remembers a failure. */
void chore_fail(struct chore *ch, enum cli_exit code);
/* "acme 2026-11-21", in the arena. */
struct str chore_name(const struct chore *ch, int32_t day);
/* That name alone on a line, or as JSON. */
void chore_put_day(struct chore *ch, int32_t day);

#endif
