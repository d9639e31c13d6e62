/* The functions behind the verbs of verbs.h. */
#ifndef FLATSPAN_BIN_VERB_H
#define FLATSPAN_BIN_VERB_H

#include "cli.h"
#include "verbs.h"

#define X(function, name, words, options, needs, summary) \
	enum cli_exit verb_##function(struct cli *c);
CLI_VERB_LIST(X)
#undef X

/* NULL: there is none. */
const struct verb *verb_find(struct str name);

#endif
