/*
 * The settings of a workspace: ROOT/<workspace>/workspace.json, an object that people may edit.
 *
 *	{"keep_days":90,"keep_bytes":10000000000,"pinned_traces":["4bf92f35…"],
 *	 "mask_keys":"password, authorization","mask_regex":"sk-[a-z]+","content":"hash"}
 *
 * Unknown members are kept.  Without a file there are no settings.  A file that is not understood
 * is an error, so that nothing is pruned by a guess, but it stops no writer: the masks are then
 * those of workspace.json.copy, and without a copy as new as the file all text is masked.
 */
#ifndef FLATSPAN_STORE_SETTINGS_H
#define FLATSPAN_STORE_SETTINGS_H

#include "shard/root.h"
#include "span/mask.h"

struct settings {
	int64_t keep_days;  /* 0: for ever */
	int64_t keep_bytes; /* of data files; 0: as many as there are */
	struct str *pinned; /* trace_ids, canonical bodies, that are never pruned */
	size_t n_pinned;
	struct mask_rules mask; /* in addition to the configuration's */
	struct str text;        /* of the file, canonical; "{}" when there is none */
};

/* Reads the settings. Returns ERR_NOT_FOUND when there is no such workspace, ERR_CONF when the file
 * is invalid. */
NODISCARD enum err settings_read(
	const struct store *s, struct str workspace, struct arena *a, struct settings *ret);
/* Reads the settings, calls `change` and replaces the file durably, with unknown members unchanged.
 * When `change` returns false, nothing is written. Waits up to lock_ms for others that change them,
 * then returns ERR_BUSY, so that of two pins none is lost. */
NODISCARD enum err settings_change(const struct store *s, struct str workspace, struct arena *a,
	bool (*change)(void *user, struct settings *settings), void *user);

/* Reads the settings and holds their lock until io_drop(*ret_lock_fd). dir_fd is the workspace. A
 * caller that holds the lock of a day may take this one, not the other way round. */
NODISCARD enum err settings_hold(
	const struct store *s, int dir_fd, struct arena *a, struct settings *ret, int *ret_lock_fd);

/* Makes workspace.json.copy equal to the file. Returns ERR_CONF when the file is not understood. */
NODISCARD enum err settings_keep_copy(const struct store *s, struct str workspace, struct arena *a);

/* Prepares the masking rules of a workspace: the configuration's and its own. The caller must
 * release them; they refer to the store's rules. */
NODISCARD enum err settings_mask(
	const struct store *s, int dir_fd, struct arena *a, struct mask *ret);
/* Prepares the masking rules of a workspace by its name; only the configuration's when it does not
 * exist. */
NODISCARD enum err settings_mask_of(
	const struct store *s, struct str workspace, struct arena *a, struct mask *ret);

/* Converts "full", "hash" or "none". */
bool settings_read_content(struct str word, enum conf_content *ret);
struct str settings_content_word(enum conf_content content);

bool settings_is_pinned(const struct settings *settings, struct str trace_id);

#endif
