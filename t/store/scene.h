/*
 * What the tests of lib/store share: a data directory of their own, spans to put into it, a look at
 * what is in it, and a day to live in.
 */
#ifndef FLATSPAN_T_STORE_SCENE_H
#define FLATSPAN_T_STORE_SCENE_H

#include "base/conf.h"
#include "base/utime.h"
#include "index/lookup.h"
#include "store/append.h"
#include "unit.h"
#include "upkeep/seal.h"

/* 2026-11-20T12:00:00Z, on which the tests live. */
#define SCENE_DAY 20777
#define SCENE_NOW ((int64_t)SCENE_DAY * NS_PER_DAY + NS_PER_DAY / 2)

struct scene {
	char path[64];
	struct conf conf;
	struct store store;
	int dir_fd; /* of the workspace "w", once it is there; -1 */
};

/* What the functions below allocate from. */
struct arena *scene_arena(void);

/* A new root without workspaces. */
void scene_open(struct scene *sc);
/* Opens the store again, as another process would. */
void scene_reopen(struct scene *sc);
/* Removes everything. */
void scene_close(struct scene *sc);

/* A span begun at started_ns, its ids made from n, with so many bytes of output. */
struct span scene_span(unsigned n, int64_t started_ns, size_t output_bytes);
/* Its span_id: "s" and seven digits. */
struct str scene_id(unsigned n);

/* One span n into the workspace "w" at that time. */
NODISCARD enum err scene_append(struct scene *sc, unsigned n, int64_t now_ns);
void scene_must_append(struct scene *sc, unsigned n, int64_t now_ns);

/* All sound lines of "w", oldest shard first, with their spans; the states of the others counted.
 */
struct scene_lines {
	struct span *spans;
	struct row_ref *refs;
	size_t n;
	uint64_t n_torn, n_rot, n_zero;
};
struct scene_lines scene_read(struct scene *sc);
struct scene_lines scene_read_view(struct view *v);
/* How many sound lines carry the id of n. */
size_t scene_count(struct scene *sc, unsigned n);

/* Files of "w". */
bool scene_has(struct scene *sc, const char *name);
struct str scene_file(struct scene *sc, const char *name);
/* Makes or replaces one. */
void scene_put(struct scene *sc, const char *name, struct str bytes);
void scene_remove(struct scene *sc, const char *name);
/* Makes the workspace without writing to it, and opens dir_fd. */
void scene_workspace(struct scene *sc);

/* Makes a sealed file without lines. */
void scene_put_sealed(struct scene *sc, const char *name);
/* Seals a day that is over, and removes what that replaced. */
void scene_seal(struct scene *sc, int32_t day);

/* The lock of a day, held by another process until released. */
struct scene_holder {
	int pid, tell_fd;
};
struct scene_holder scene_hold(struct scene *sc, int32_t day);
void scene_release(struct scene_holder h);

int scene_open_fds(void);
/* A file, or a directory and all in it. */
void scene_remove_tree(int parent, const char *name);

#endif
