/*
 * Documents: what people and programs keep beside spans, such as datasets, prompts and experiments.
 *
 * A document is a JSON object with an id that is unique within its kind. Some kinds belong to
 * another document, their parent: the items of a dataset are in a file of their own. Files are
 *
 *	ROOT/<workspace>/documents/<kind>.jsonl
 *	ROOT/<workspace>/documents/<kind>-<parent>.jsonl	parent: a UUID
 *	ROOT/<workspace>/documents/<64 hex digits>		an attachment (attachments.h)
 *
 * A line is a full version with a checksum, as in notes; the last line of an id is current. Files
 * only grow and are read whole. Damaged lines are skipped and counted.
 *
 * Reading:
 *	documents_read(dir_fd, arena, kind, parent, &documents)
 *
 * Looking and writing under the workspace's lock for documents:
 *	documents_begin(&change, store, workspace, create, arena, now_ns);
 *	documents_read(change.dir_fd, …); documents_put(&change, list, n);
 *	documents_end(&change);
 *
 * Each documents_put() is durable when it returns ERR_OK (with sync = always). Several of them in
 * one change are not one transaction: write what others refer to first.
 */
#ifndef FLATSPAN_STORE_DOCUMENTS_H
#define FLATSPAN_STORE_DOCUMENTS_H

#include "shard/shard.h"
#include "span/mask.h"

/* clang-format off */
/*	name			file			of a parent */
#define DOCUMENT_KIND_LIST(X) \
	X(THREAD,		"threads",		false) \
	X(DATASET,		"datasets",		false) \
	X(DATASET_ITEM,		"dataset-items",	true) \
	X(DATASET_VERSION,	"dataset-versions",	true) \
	X(EXPERIMENT,		"experiments",		false) \
	X(EXPERIMENT_ITEM,	"experiment-items",	true) \
	X(PROMPT,		"prompts",		false) \
	X(PROMPT_VERSION,	"prompt-versions",	true) \
	X(ENVIRONMENT,		"environments",		false) \
	X(FEEDBACK_DEFINITION,	"feedback-definitions",	false) \
	X(ATTACHMENT,		"attachments",		false)
/* clang-format on */

enum document_kind {
#define X(name, file, has_parent) DOCUMENT_##name,
	DOCUMENT_KIND_LIST(X)
#undef X
		DOCUMENT_KIND__MAX
};

/* Texts are canonical bodies, `body` is a canonical object. */
struct document {
	enum document_kind kind;
	bool is_deleted; /* of a version: the document ends with it */
	struct str id, parent;
	struct str created_by, updated_by;
	int64_t created_ns, updated_ns;
	struct str body;
	uint64_t at; /* place among the lines of the file; documents_read() sets it */
};

struct documents {
	struct document *list; /* the greatest id first, so of version 7 UUIDs the newest */
	size_t n;
	uint64_t n_damaged; /* lines */
};

/* Reads the current documents of a kind. parent: STR_NULL for kinds without one. A workspace
 * without documents has none. */
NODISCARD enum err documents_read(int dir_fd, struct arena *a, enum document_kind kind,
	struct str parent, struct documents *ret);
/* Returns them as they were after the change at until_ns. */
NODISCARD enum err documents_read_until(int dir_fd, struct arena *a, enum document_kind kind,
	struct str parent, int64_t until_ns, struct documents *ret);
/* Finds a document of a kind with parents when its parent is not known: every file is read. */
NODISCARD enum err documents_find(int dir_fd, struct arena *a, enum document_kind kind,
	struct str id, struct document *ret, bool *ret_found);
/* Returns the document with this id, or NULL. */
struct document *documents_by_id(const struct documents *d, struct str id);

/* Calls `each` for every file with damaged lines. */
NODISCARD enum err documents_check(int dir_fd, struct arena *a,
	void (*each)(void *user, const char *name, uint64_t n_damaged), void *user);

struct documents_change {
	const struct store *store;
	struct arena *arena;
	int dir_fd; /* of the workspace */
	int own_fd; /* of its directory for documents */
	int lock_fd;
	struct mask mask;
	int64_t now_ns;
};

/* create: whether an unknown workspace is made. Errors as those of append_begin(). */
NODISCARD enum err documents_begin(struct documents_change *c, const struct store *s,
	struct str workspace, bool create, struct arena *a, int64_t now_ns);
/* Masks and writes versions of documents of one kind and parent, in their order. Times that are 0
 * become now_ns. ERR_TOO_LARGE: the file would be longer than LIMIT_DOCUMENTS_BYTES. */
NODISCARD enum err documents_put(struct documents_change *c, struct document *list, size_t n);
/* Removes all documents of a parent: their file. */
NODISCARD enum err documents_remove(
	struct documents_change *c, enum document_kind kind, struct str parent);
/* Takes all lines of those documents of which a version goes out of the files of a kind, and adds
 * their number to *ret_n. Files are written again. */
NODISCARD enum err documents_erase(struct documents_change *c, enum document_kind kind,
	bool (*goes)(const void *user, const struct document *d), const void *user,
	uint64_t *ret_n);
void documents_end(struct documents_change *c);

/* The directory in a workspace. ERR_NOT_FOUND: it has no documents. */
#define DOCUMENTS_DIR "documents"
NODISCARD enum err documents_open_dir(int dir_fd, int *ret_fd);
/* True for the names of files of lines in that directory. */
bool documents_is_file(struct str name);

#endif
