/*
 * Deletes rows with the notes about them.
 *
 *	opik_deletion_init(&d, arena);
 *	engine_each(view, &query, &want, opik_deletion_add, &d)		want: opik_deletion_fields()
 *	opik_deletion_run(r, &view, &d, named)
 *	opik_deletion_release(&d);
 */
#ifndef FLATSPAN_API_OPIK_WRITE_DELETE_H
#define FLATSPAN_API_OPIK_WRITE_DELETE_H

#include "api/opik/write/write.h"
#include "base/table.h"
#include "store/notes.h"

struct opik_deletion_row {
	struct str source, trace_id, span_id;
	int64_t started_ns, ingested_ns, version;
	bool is_trace; /* it stands for its trace */
};

struct opik_deletion {
	struct arena *arena;
	struct opik_deletion_row *rows; /* a block */
	size_t n, cap;
	struct string_pool keep;
};

/* Ids of spans or traces whose notes are deleted even if they have no rows, because notes may
 * arrive before their target. */
struct opik_named {
	enum opik_of of;
	const struct str *ids;
	size_t n;
};

void opik_deletion_init(struct opik_deletion *d, struct arena *a);
void opik_deletion_release(struct opik_deletion *d);
bool opik_deletion_add(void *user, const struct span *s, struct row_ref ref);
struct field_set opik_deletion_fields(void);
/* Deletes the rows, and the notes about their spans and about all named ids, in transactions of
 * some thousand rows. Returns false when the request was answered with an error. */
bool opik_deletion_run(
	struct request *r, struct view *v, const struct opik_deletion *d, struct opik_named named);
/* Deletes the traces of these rows with all their spans. Returns as opik_deletion_run() does. */
bool opik_delete_traces_of(struct request *r, struct view *v, const struct opik_deletion *d);
/* Deletes everything of a project. Returns as opik_deletion_run() does. */
bool opik_delete_project(struct request *r, const struct projects *p, const struct project *one);

#endif
