/* Verifying a day, for verify, cron and dump-index. */
#ifndef FLATSPAN_BIN_CHORES_VERIFY_H
#define FLATSPAN_BIN_CHORES_VERIFY_H

#include "chores/chore.h"

struct index_verified; /* see index/admin.h */

/* Reports damage. is_quiet: nothing else. */
void verify_day(struct chore *ch, int32_t day, bool is_quiet);
/* Reports damage of the index, lines that differ from what it knows, or why it cannot be read.
 * CLI_OK: there is none. */
enum cli_exit verify_index(struct chore *ch, int32_t day, struct index_verified *ret);
/* Returns how many lines the index knows that cannot be read any more, given that n_sound can be;
 * also 0 when this is unknown. */
uint64_t verify_lost(const struct index_verified *index, uint64_t n_sound);

#endif
