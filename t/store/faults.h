/*
 * A table of system calls for tests: it writes down what is called on which file, makes calls fail,
 * cuts writes short, lets a test act in the middle, and knows what a power cut would leave.
 *
 *	faults_use();			io now goes through here; everything is forgotten
 *	faults.fail_at = 3;		the fourth call fails
 *	...
 *	faults_end();
 */
#ifndef FLATSPAN_T_STORE_FAULTS_H
#define FLATSPAN_T_STORE_FAULTS_H

#include "base/io.h"

#include <sys/statvfs.h>

enum { FAULT_CALLS_MAX = 4096, FAULT_TEXT = 48 };

enum { FAULT_DEATH = 42 }; /* exit code */

enum fault_cut { CUT_SHORT, CUT_ERROR, CUT_DEATH };

struct faults {
	/* "write 2026-11-20.jsonl", "flock 2026-11-20.lock", "fsync w", "fsync ROOT" … */
	char call[FAULT_CALLS_MAX][FAULT_TEXT];
	int n;
	const char *ignore; /* calls whose text begins so are not counted and do not fail; NULL */
	int fail_at;        /* -1: none */
	bool fail_for_ever;
	int die_at; /* the process ends before this call, with FAULT_DEATH; -1: never */
	int error;
	/* After so many bytes of shards: the write is cut, once. -1: never */
	int64_t cut_after;
	enum fault_cut cut;
	int short_every; /* each so many-th write comes up short by half; 0: none */
	int n_writes;
	/* Called before a call whose text begins so. */
	const char *hook_at;
	void (*hook)(void *user);
	void *hook_user;
	uint64_t free_bytes; /* what fstatvfs says; UINT64_MAX: the truth */
};

extern struct faults faults;

void faults_use(void);
/* Back to the system, and nothing held open. */
void faults_end(void);
/* Runs it in a process of its own that dies before call `at`. False: it ended before that call. */
bool faults_kill(int at, enum err (*run)(void));
/* The name in texts of a descriptor that was opened before. */
void faults_name(int fd, const char *name);
/* The number of the first call at or after `from` that begins with text; -1: none. */
int faults_find(const char *text, int from);
/* How many do. */
int faults_count(const char *text);

/*
 * What a disk keeps, with the worst file system that POSIX allows: a new name only after an fsync
 * of its directory, bytes only after an fsync or fdatasync of the file; a failed one loses them for
 * good, although they can be read until the power goes.
 *
 * disk_power_cut() makes the files so. Of what was not synced, chance leaves a part, or zeros.
 */
void disk_power_cut(unsigned chance);

#endif
