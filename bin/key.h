/* Making API keys, for key and init. */
#ifndef FLATSPAN_BIN_KEY_H
#define FLATSPAN_BIN_KEY_H

#include "cli.h"
#include "web/keys.h"

/* Makes a key and adds it to the keys file, or says why it cannot. */
enum cli_exit key_add(struct cli *c, struct str workspaces, unsigned roles, int64_t not_after_ns,
	struct str label, struct str *ret_key, struct key_record *ret);

#endif
