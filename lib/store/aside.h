/*
 * Puts damaged files aside, into ROOT/<workspace>/quarantine/, which nothing reads, prunes or
 * backs up. They stay there until a person removes them.
 */
#ifndef FLATSPAN_STORE_ASIDE_H
#define FLATSPAN_STORE_ASIDE_H

#include "base/errors.h"

#define ASIDE_DIR "quarantine"

/* Moves a file of the workspace there, under its name or, where that is taken, its name with .1, .2
 * and so on. */
NODISCARD enum err aside_move(int dir_fd, const char *name);

#endif
