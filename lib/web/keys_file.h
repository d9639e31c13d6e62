/*
 * Reads the keys file from the disk and replaces it under a lock, so that a request never sees
 * half a change.
 *
 * Each request reads it; the command line changes it.
 */
#ifndef FLATSPAN_WEB_KEYS_FILE_H
#define FLATSPAN_WEB_KEYS_FILE_H

#include "web/keys.h"

/* Reads the file. Returns ERR_NOT_FOUND when the directory has no such file. Returns ERR_CONF when
 * the directory is missing, the file cannot be opened, or other users may write it, so that an
 * error never grants access. */
NODISCARD enum err keys_file_read(const struct conf *c, struct arena *a, struct str *ret_text);

/* Calls `change` with the old text (empty when there is no file) and replaces the file durably when
 * it returns ERR_OK and has set *ret_text to another text. Returns ERR_UNSAFE when other users may
 * write the file, because its contents cannot be trusted. */
NODISCARD enum err keys_file_change(const struct conf *c, struct arena *a,
	enum err (*change)(void *user, struct str text, struct str *ret_text), void *user);

/* Makes a new key and its record for the file; the caller sets the label. Returns ERR_IO when the
 * system gives no random bytes. */
NODISCARD enum err key_make(struct arena *a, struct str *ret_key, struct key_record *ret);
/* Appends one line with its newline. */
void key_record_write(struct buf *out, const struct key_record *k);

#endif
