/* What cron and dump-index need of verify. */
#ifndef FLATSPAN_BIN_CHORES_VERIFY_H
#define FLATSPAN_BIN_CHORES_VERIFY_H

#include "chores/chore.h"

struct index_verified; /* index/admin.h */

/* Tells damage; is_quiet: nothing else. */
void verify_day(struct chore *ch, int32_t day, bool is_quiet);
/* Tells damage of the index, and where lines are others than it knows, or why it cannot be read;
 * CLI_OK: there is none. */
enum cli_exit verify_index(struct chore *ch, int32_t day, struct index_verified *ret);
/* Lines that the index knows and that cannot be read any more, when n_sound can be; 0 as well where
 * that cannot be told. */
uint64_t verify_lost(const struct index_verified *index, uint64_t n_sound);

#endif
