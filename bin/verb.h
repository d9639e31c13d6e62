/*
 * The functions of the verbs in verbs.h, and where each is implemented:
 *
 *	bin/		help.c (version too), key.c, mcp_stdio.c, routes.c, workspace.c (pin too)
 *	bin/chores/	backup.c (restore too), cron.c, du.c, erase.c, index.c (dump-index too),
 *			seal.c, tend.c (prune and compact), verify.c
 *	bin/doctor/	doctor.c
 *	bin/hosting/	init.c, serve.c
 *	bin/look/	diff.c, explain.c, grep.c, list.c, show.c, stats.c, tail.c, top.c
 *	bin/transfer/	demo.c, export.c, import.c, send_test.c
 */
#ifndef FLATSPAN_BIN_VERB_H
#define FLATSPAN_BIN_VERB_H

#include "cli.h"
#include "verbs.h"

#define X(function, name, words, options, needs, summary) \
	enum cli_exit verb_##function(struct cli *c);
CLI_VERB_LIST(X)
#undef X

/* Returns NULL when there is no such verb. Implemented in cli.c. */
const struct verb *verb_find(struct str name);

#endif
