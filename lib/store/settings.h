/*
 * The settings of a workspace: ROOT/<workspace>/workspace.json, a small object replaced whole.
 *
 *	{"keep_days":90,"max_bytes":2147483648,"description":"…"}
 *
 * Read by what seals and prunes; changed by the command line.  Members that are not known here are
 * kept.  A workspace without the file has the defaults.
 */
#ifndef FLATSPAN_STORE_SETTINGS_H
#define FLATSPAN_STORE_SETTINGS_H

#include "store/root.h"

/* clang-format off */
/*	type	name		what it says; absent: nothing is pruned */
#define SETTING_LIST(X) \
	X(I64,	keep_days,	"days are unlinked when they are older") \
	X(I64,	max_bytes,	"the oldest days are unlinked while the workspace is larger") \
	X(TEXT,	description,	"for people")
/* clang-format on */

struct settings {
	int64_t keep_days, max_bytes; /* 0: not set */
	struct str description;       /* a canonical body; STR_NULL: not set */
	struct str extra;             /* the members this version does not know: `"a":1,"b":2` */
};

/* dir_fd: of the workspace. A file that is none of ours is ERR_CONF: data that should be kept must
 * not be pruned because a comma is missing. */
NODISCARD enum err settings_read(int dir_fd, struct arena *a, struct settings *ret);
NODISCARD enum err settings_write(int dir_fd, struct arena *a, const struct settings *s);

#endif
