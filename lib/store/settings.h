/*
 * What a workspace wants: ROOT/<workspace>/workspace.json, an object that people may edit.
 *
 *	{"keep_days":90,"keep_bytes":10000000000,"pinned_traces":["4bf92f35…"],
 *	 "mask_keys":"password, authorization","mask_regex":"sk-[a-z]+","content":"hash"}
 *
 * Members that are not known stay as they are.  A file that is not there says nothing; one that is
 * not understood is an error, so that nobody prunes by a guess.  It stops no writer: masks are then
 * those of workspace.json.copy, and where there is no copy as new as the file all text is masked.
 */
#ifndef FLATSPAN_STORE_SETTINGS_H
#define FLATSPAN_STORE_SETTINGS_H

#include "shard/root.h"
#include "span/mask.h"

struct settings {
	int64_t keep_days;  /* 0: for ever */
	int64_t keep_bytes; /* of data files; 0: as many as there are */
	struct str *pinned; /* trace_ids, canonical bodies: these are never pruned */
	size_t n_pinned;
	struct mask_rules mask; /* further ones than the configuration's */
	struct str text;        /* of the file, canonical; "{}" when there is none */
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

/* Makes workspace.json.copy the same as the file, if that is understood; where it is not, ERR_CONF.
 */
NODISCARD enum err settings_keep_copy(const struct store *s, struct str workspace, struct arena *a);

/* What is kept from the disk of that workspace: by the configuration, and by its own settings, of
 * which nothing else is looked at. To be released; it refers to the store's. */
NODISCARD enum err settings_mask(
	const struct store *s, int dir_fd, struct arena *a, struct mask *ret);
/* The same by its name; of one that is not there what the configuration says. */
NODISCARD enum err settings_mask_of(
	const struct store *s, struct str workspace, struct arena *a, struct mask *ret);

/* full, hash or none. */
bool settings_read_content(struct str word, enum conf_content *ret);
struct str settings_content_word(enum conf_content content);

bool settings_is_pinned(const struct settings *settings, struct str trace_id);

#endif
