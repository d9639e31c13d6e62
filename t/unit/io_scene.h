/*
 * A directory with good and bad things in it, and a table of system calls that notes each call,
 * makes one of them fail, and makes reads and writes short.  For the tests of base/io.h.
 *
 *	open_scene();
 *	use_test_table();
 *	calls.fail_at = 2, calls.error = EIO;	the third call
 *	...
 *	close_scene();				also puts the system's table back
 */
#ifndef FLATSPAN_T_IO_SCENE_H
#define FLATSPAN_T_IO_SCENE_H

#include "base/arena.h"
#include "base/io.h"

enum { CALLS_MAX = 64 };

struct calls {
	const char *name[CALLS_MAX];
	int n;
	int fail_at; /* -1: none */
	int error;
	size_t most_bytes; /* of one read or write; 0: as many as asked */
	int write_budget;  /* bytes until the disk is full; -1: never */
	int tell_fd;       /* told before a blocking flock; -1: nobody */
};
extern struct calls calls;

/* No call fails, none is short, none is noted yet. */
void use_test_table(void);

/* The directory: a file "old\n", a dir, links link -> file and dirlink -> dir, twin and twin2 (one
 * inode), a fifo. */
extern int scene;
extern char scene_path[];
void open_scene(void);
void close_scene(void);

void put_file(const char *name, struct str content);
/* Of at most 4096 bytes. */
struct str content_of(struct arena *a, const char *name);
int open_fds(void);
/* For io_list: user is an int that counts. */
bool count_entry(void *user, const char *name);
/* Names in the scene. */
int entries(void);

#endif
