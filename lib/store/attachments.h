/*
 * Attachments: files that belong to a trace or a span. The bytes are a file in the workspace's
 * directory for documents, whose name is a hash of what it belongs to and of its own name, so that
 * no name of a client becomes a path. A document holds its name, type and size.
 *
 * The file is written before its document, and removed after it.
 */
#ifndef FLATSPAN_STORE_ATTACHMENTS_H
#define FLATSPAN_STORE_ATTACHMENTS_H

#include "store/documents.h"

/* Returns the name of the file, which is the id of the document: 64 hex digits. */
struct str attachment_id(
	struct arena *a, struct str entity_type, struct str entity_id, struct str file_name);
/* True for names of such files. */
bool attachment_is_file(struct str name);

/* Writes or replaces the bytes and then the document d, whose id attachment_id() made. */
NODISCARD enum err attachment_put(struct documents_change *c, struct document *d, struct str bytes);
NODISCARD enum err attachment_read(
	int dir_fd, struct arena *a, struct str id, struct str *ret_bytes);
/* Removes the document and the file. */
NODISCARD enum err attachment_remove(struct documents_change *c, const struct document *d);
/* Removes the attachments of these traces and spans. A workspace without attachments is not
 * locked. */
NODISCARD enum err attachments_remove_of(const struct store *s, struct str workspace,
	struct arena *a, const struct str *entity_ids, size_t n, int64_t now_ns);

#endif
