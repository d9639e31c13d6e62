/*
 * What a workspace wants: ROOT/<workspace>/workspace.json, an object that people may edit.
 *
 *	{"keep_days":90,"keep_bytes":10000000000,"pinned_traces":["4bf92f35…"]}
 *
 * Members that are not known stay as they are.  A file that is not there says nothing; one that is
 * no object is an error, so that nobody prunes by a guess.
 */
#ifndef FLATSPAN_STORE_SETTINGS_H
#define FLATSPAN_STORE_SETTINGS_H

#include "store/root.h"

struct settings {
	int64_t keep_days;  /* 0: for ever */
	int64_t keep_bytes; /* of data files; 0: as many as there are */
	struct str *pinned; /* trace_ids, canonical bodies: these are never pruned */
	size_t n_pinned;
	struct str text; /* of the file, canonical; "{}" when there is none */
};

/* ERR_NOT_FOUND: no such workspace. ERR_CONF: the file is not as it should be. */
NODISCARD enum err settings_read(
	const struct store *s, struct str workspace, struct arena *a, struct settings *ret);
/* Reads them, lets `change` do what it wants to them and replaces the file, durably, with what it
 * does not know as it was; false from `change`: nothing is written. Who does so at the same time
 * waits, up to lock_ms, then ERR_BUSY: of two pins none is lost. */
NODISCARD enum err settings_change(const struct store *s, struct str workspace, struct arena *a,
	bool (*change)(void *user, struct settings *settings), void *user);

/* Reads them under that lock: until io_drop(*ret_lock_fd) nobody changes them so. dir_fd: of the
 * workspace. Who has the lock of a day may take this one, and not the other way round. */
NODISCARD enum err settings_hold(
	const struct store *s, int dir_fd, struct arena *a, struct settings *ret, int *ret_lock_fd);

bool settings_is_pinned(const struct settings *settings, struct str trace_id);

#endif
