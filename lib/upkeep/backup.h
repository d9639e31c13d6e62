/*
 * Backup: a copy of the data that is itself a data directory, made while others write.
 *
 * Holds all that was acknowledged before it began.  Files that grow are cut at their last newline.
 * Made again into the same directory it copies what is new: of a file that has grown its new end,
 * of sealed days that are there already nothing.  Files are copied, never linked: a second link
 * would make a shard unsafe to readers and writers (root.h).  Indexes, locks and temporary files
 * are left out.  What the store no longer has, pruned or replaced by sealing, is removed from the
 * copy after all else was copied.
 *
 * MANIFEST, written last, has a line a file: CRC32C, bytes and path.  A copy that was interrupted
 * has an old one or none, and is finished by the next call.
 *
 * Restoring needs no program (cp -a does); restore_dir (backup_restore.c) proves that what it
 * restores is what was backed up: every file by the MANIFEST, every sealed frame by its checksum,
 * every line by its seal.  What was damaged then is restored as it was, and counted.
 */
#ifndef FLATSPAN_UPKEEP_BACKUP_H
#define FLATSPAN_UPKEEP_BACKUP_H

#include "upkeep/maintain.h"

struct backup_options {
	struct progress progress;
};

enum { BACKUP_NAME_MAX = 160 };

struct backup_result {
	uint64_t n_files, n_copied; /* in the copy; of these, new or longer */
	uint64_t n_removed;         /* that the store no longer has */
	int64_t size_bytes, copied_bytes;
	/* Restored: sound and damaged lines; damaged frames and tables, and files with those */
	uint64_t n_lines, n_bad, n_bad_frames, n_bad_files;
	/* The file or workspace of the store that an error is about; empty: it is about the copy.
	 * Restored: the first of n_bad_files */
	char what[BACKUP_NAME_MAX];
};

/* path: of a directory, made when it is not there; a previous copy, or empty. ERR_CONF: it holds
 * something else. ERR_UNSAFE: it is the store itself, or inside it. *ret is written also then. */
NODISCARD enum err backup_dir(const struct store *s, struct str path,
	const struct backup_options *o, struct backup_result *ret);

/* Copies a backup to a path where there is nothing, or an empty directory, and proves it. What
 * another restore began there and did not finish goes first: it left the file .restoring, which
 * lists what is its own. ERR_CONF: no backup. ERR_CONFLICT: the place is taken. ERR_BUSY: by a
 * restore that is at work. ERR_IO: something is not as the MANIFEST says.
 * *ret_what is the file (in the arena), or `to` when it is the place that the error is about. What
 * was copied so far stays, without the file FORMAT, so that no program takes it for data. */
NODISCARD enum err restore_dir(struct str from, struct str to, struct arena *a,
	const struct backup_options *o, struct backup_result *ret, struct str *ret_what);

#endif
