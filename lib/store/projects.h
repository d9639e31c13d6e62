/*
 * The projects of a workspace: names that group spans, with an id each.
 *
 * A span carries its project's name (FIELD_PROJECT), so that every dialect and grep can read it.
 * This registry adds what the name cannot carry: an id, a description, when it was created, and the
 * names it had before it was renamed (spans of that time still carry those).
 *
 * ROOT/<workspace>/projects.json is replaced whole under the lock of projects.lock.  A project that
 * is not in it (spans of another dialect name one) has an id derived from its name, and keeps that
 * id when it is entered.  Names are unique without regard to ASCII case; the first spelling stays.
 */
#ifndef FLATSPAN_STORE_PROJECTS_H
#define FLATSPAN_STORE_PROJECTS_H

#include "shard/shard.h"

/* Takes the lock of a workspace's projects and settings; io_drop() releases it. */
NODISCARD enum err projects_lock(const struct store *s, int dir_fd, int *ret_fd);

/* Texts are canonical bodies; STR_NULL: not set. */
struct project {
	struct str id, name, description, visibility, created_by, updated_by;
	int64_t created_ns, updated_ns;
	struct str *former; /* earlier names */
	size_t n_former;
};

struct projects {
	struct project *list; /* in the order of creation; the default one is always there */
	size_t n, cap;
	struct arena *arena;
	bool is_damaged; /* the file: these are the projects that were sound */
};

/* The project of spans that name none. It always exists. */
#define PROJECT_DEFAULT_NAME "Default Project"
#define PROJECT_DEFAULT_ID "0190babc-62a0-71d2-832a-0feffa4676eb"

/* Reads the projects of the workspace dir_fd. Of a damaged file it takes the projects that are
 * sound; the others come back with the ids derived from their names. */
NODISCARD enum err projects_read(int dir_fd, struct arena *a, struct projects *ret);

/* Reads the registry under its lock, calls `change`, and replaces the file when it returns ERR_OK
 * and has set *ret_changed. A damaged file is put aside (aside.h). create: an unknown workspace is
 * created. */
NODISCARD enum err projects_change(const struct store *s, struct str workspace, bool create,
	struct arena *a, enum err (*change)(void *user, struct projects *p, bool *ret_changed),
	void *user);

/* Adds the names that are missing. ret receives all projects. */
NODISCARD enum err projects_ensure(const struct store *s, struct str workspace, bool create,
	struct arena *a, const struct str *names, size_t n, struct str by, int64_t now_ns,
	struct projects *ret);

/* Finds a project by its name or a former name; NULL: none. */
struct project *projects_by_name(const struct projects *p, struct str name);
struct project *projects_by_id(const struct projects *p, struct str id);
/* Adds a project with the derived id or, when that is taken, the given one. */
struct project *projects_add(
	struct projects *p, struct str name, struct str other_id, struct str by, int64_t now_ns);

/* Returns the id of a project that is in no registry. */
struct str project_derived_id(struct arena *a, struct str name);
bool project_name_eq(struct str x, struct str y);

#endif
