/* What cron and dump-index need of verify. */
#ifndef FLATSPAN_BIN_VERIFY_H
#define FLATSPAN_BIN_VERIFY_H

#include "chore.h"

/* Tells damage; is_quiet: nothing else. */
void verify_day(struct chore *ch, int32_t day, bool is_quiet);
/* Tells damage of the index, or why it cannot be read; CLI_OK: there is none. */
enum cli_exit verify_index(struct chore *ch, int32_t day);

#endif
