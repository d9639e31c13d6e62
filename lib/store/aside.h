/*
 * Damaged files are put aside: into ROOT/<workspace>/quarantine/, which nothing reads, prunes or
 * backs up.  They stay there until somebody removes them.
 */
#ifndef FLATSPAN_STORE_ASIDE_H
#define FLATSPAN_STORE_ASIDE_H

#include "base/errors.h"

#define ASIDE_DIR "quarantine"

/* Moves a file of the workspace there, under its name or, where that is taken, with .1, .2 and so
 * on behind it. */
NODISCARD enum err aside_move(int dir_fd, const char *name);

#endif
