/* What cron needs of verify. */
#ifndef FLATSPAN_BIN_VERIFY_H
#define FLATSPAN_BIN_VERIFY_H

#include "chore.h"

/* Tells damage; is_quiet: nothing else. */
void verify_day(struct chore *ch, int32_t day, bool is_quiet);

#endif
