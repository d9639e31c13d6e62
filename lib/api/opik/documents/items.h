/*
 * Holds what the files of datasets share: items and versions of a dataset.
 *
 *	datasets.c	datasets and their versions
 *	items.c		writes, gets, changes and deletes items
 *	item_list.c	lists and streams them
 *	item_sources.c	makes them of spans and traces
 *
 * Items are documents of a file for each dataset. Each change of items belongs to a version: the
 * changes of one batch_group_id make one, others change the newest. The items of an older version
 * are those that the lines held at its last change.
 */
#ifndef FLATSPAN_API_OPIK_DOCUMENTS_ITEMS_H
#define FLATSPAN_API_OPIK_DOCUMENTS_ITEMS_H

#include "api/opik/documents/documents.h"

/* Changes of items in one transaction. */
struct opik_items_change {
	struct documents_change change;
	struct document dataset;
	struct documents items; /* before the change */
	struct document *list;  /* versions to be written */
	size_t n, n_added, n_modified, n_deleted;
	struct str group; /* batch_group_id; STR_NULL: the newest version changes */
};

/* Begins a change of a dataset's items, found by id or by name. A name that is not there makes a
 * dataset. room: items that will be written. Returns false when the request was answered. */
bool opik_items_begin(struct request *r, struct opik_items_change *x, struct str dataset_id,
	struct str dataset_name, size_t room);
/* Returns the version that this change has of an item, or the stored one, or NULL. */
const struct document *opik_items_find(const struct opik_items_change *x, struct str id);
/* Adds a version of an item. One that is equal to the old one is left out. old: NULL for a new
 * item. */
void opik_items_add(struct request *r, struct opik_items_change *x, const struct document *item,
	const struct document *old);
void opik_items_drop(struct request *r, struct opik_items_change *x, const struct document *item);
/* Writes them and the version; false: answered. */
bool opik_items_commit(struct request *r, struct opik_items_change *x);

/* Reads the items of a dataset's version: a hash, a name, the tag "latest", or STR_NULL. *ret_found
 * is false for an unknown version. */
NODISCARD enum err opik_items_read(struct request *r, int dir_fd, struct str dataset_id,
	struct str version, struct documents *ret, bool *ret_found);
/* Writes an item and leaves its object open. */
void opik_item_render_open(const struct document *item, struct json_writer *w);

/* Writes "columns": the members of the items' data with their types. */
void opik_columns_render(struct request *r, struct json *items, size_t n, struct json_writer *w);

/* Notes a change in the dataset's versions. */
NODISCARD enum err opik_version_note(struct request *r, struct opik_items_change *x);
/* Writes the dataset's newest version as "latest_version", and nothing when there is none. */
NODISCARD enum err opik_dataset_latest(
	struct request *r, int dir_fd, struct str dataset_id, struct json_writer *w);
/* Finds the time until which the lines of a version count. */
NODISCARD enum err opik_version_time(struct request *r, int dir_fd, struct str dataset_id,
	struct str version, int64_t *ret_ns, bool *ret_found);

void opik_dataset_retrieve(struct request *r);
void opik_dataset_delete_by_name(struct request *r);
void opik_dataset_versions_list(struct request *r);
void opik_dataset_version_retrieve(struct request *r);

void opik_items_put(struct request *r);
void opik_item_get(struct request *r);
void opik_item_update(struct request *r);
void opik_items_update(struct request *r);
void opik_items_delete(struct request *r);
void opik_items_stream(struct request *r);
void opik_items_list(struct request *r);
void opik_items_from_spans(struct request *r);
void opik_items_from_traces(struct request *r);

#endif
