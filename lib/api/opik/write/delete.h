/*
 * Deleting rows, with what was said about them.
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
	struct keep keep;
};

/* Spans or traces that are to be gone whether there are rows of them or not: what was said about
 * them may have come first. */
struct opik_named {
	enum opik_of of;
	const struct str *ids;
	size_t n;
};

void opik_deletion_init(struct opik_deletion *d, struct arena *a);
void opik_deletion_release(struct opik_deletion *d);
bool opik_deletion_add(void *user, const struct span *s, struct row_ref ref);
struct field_set opik_deletion_fields(void);
/* The rows, and what was said about their spans and all that is named. Some thousand rows are one
 * transaction, not all of them. False: answered. */
bool opik_deletion_run(
	struct request *r, struct view *v, const struct opik_deletion *d, struct opik_named named);
/* The traces of these rows, with all their spans. The same. */
bool opik_delete_traces_of(struct request *r, struct view *v, const struct opik_deletion *d);
/* Everything of a project. The same. */
bool opik_delete_project(struct request *r, const struct projects *p, const struct project *one);

#endif
