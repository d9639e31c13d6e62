/* tail of a service at a URL: as tail.c has it, asked again and again. */
#ifndef FLATSPAN_BIN_LOOK_TAIL_URL_H
#define FLATSPAN_BIN_LOOK_TAIL_URL_H

#include "cli.h"

/* limit: so many of the last ones at first. */
enum cli_exit tail_url(struct cli *c, size_t limit);

#endif
