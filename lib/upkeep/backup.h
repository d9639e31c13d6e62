/*
 * Copies a data directory to a backup, which is a data directory itself, while other processes
 * write.
 *
 * The backup holds everything that was acknowledged before it began.  Files that grow are cut at
 * their last newline. A second backup into the same directory copies only what is new: the new end
 * of a file that has grown, and archived days that are not there yet.  Files are copied, never
 * linked: a second link would make a shard unsafe to readers and writers (root.h).  Indexes, locks
 * and temporary files are left out.  Files that the store no longer has are removed from the copy
 * after everything else was copied.
 *
 * MANIFEST, written last, has a line a file: CRC32C, bytes and path.  A copy that was interrupted
 * has an old one or none, and is finished by the next call.
 *
 * Restoring needs no program (cp -a does); restore_dir (backup_restore.c) proves that what it
 * restores is what was backed up: every file by the MANIFEST, every compressed frame by its
 * checksum, every line by its own. Damage that was in the backup is restored unchanged and counted.
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

/* Backs up to the directory path, which is created when missing; it must be empty or hold a
 * previous backup. Returns ERR_CONF when it holds something else, ERR_UNSAFE when it is the store
 * itself or inside of it. *ret is set also then. */
NODISCARD enum err backup_dir(const struct store *s, struct str path,
	const struct backup_options *o, struct backup_result *ret);

/* Copies a backup to a path where nothing is, or an empty directory, and verifies it. Files of an
 * unfinished restore, which left its list in the file .restoring, are removed first. Returns
 * ERR_CONF when `from` is not a backup, ERR_CONFLICT when the place is taken, ERR_BUSY when another
 * restore is at work there, and ERR_IO when a file differs from the MANIFEST. *ret_what is the file
 * (in the arena), or `to` when the error is about the place. Files that were copied stay, but
 * without the file FORMAT, so that no program uses them. */
NODISCARD enum err restore_dir(struct str from, struct str to, struct arena *a,
	const struct backup_options *o, struct backup_result *ret, struct str *ret_what);

#endif
