/*
 * The keys file on disk: found by the settings, read whole, replaced whole under a lock, so that a
 * request never sees half a change.
 *
 * Read by the check of each request; changed by the command line.
 */
#ifndef FLATSPAN_WEB_KEYS_FILE_H
#define FLATSPAN_WEB_KEYS_FILE_H

#include "web/keys.h"

/* ERR_NOT_FOUND: there is none in the directory where it would be. Anything that keeps it from
 * being read, a directory that is not there too, is ERR_CONF: nobody gets in because something
 * could not be opened; nor because others wrote the file, which everybody may not be able to. */
NODISCARD enum err keys_file_read(const struct conf *c, struct arena *a, struct str *ret_text);

/* Lets `change` make a new text of the old one (empty when there is no file) and puts it in its
 * place, durably, when it returns ERR_OK and has set *ret_text to something else. ERR_UNSAFE:
 * everybody may write the file, so what stands in it is not to be kept unseen. */
NODISCARD enum err keys_file_change(const struct conf *c, struct arena *a,
	enum err (*change)(void *user, struct str text, struct str *ret_text), void *user);

/* A new key, and the record that goes into the file (label: the caller's). ERR_IO: the system gives
 * no random bytes. */
NODISCARD enum err key_make(struct arena *a, struct str *ret_key, struct key_record *ret);
/* One line, with its newline. */
void key_record_write(struct buf *out, const struct key_record *k);

#endif
