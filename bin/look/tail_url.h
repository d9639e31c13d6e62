/* tail of the service at a URL, which it asks repeatedly. */
#ifndef FLATSPAN_BIN_LOOK_TAIL_URL_H
#define FLATSPAN_BIN_LOOK_TAIL_URL_H

#include "cli.h"

/* limit: how many of the last spans are printed first. */
enum cli_exit tail_url(struct cli *c, size_t limit);

#endif
