/*
 * Deleting rows, with what was said about them.
 *
 *	opik_doomed_init(&d, arena);
 *	engine_each(view, &query, &want, opik_doomed_add, &d)		want: opik_doomed_fields()
 *	opik_doomed_delete(r, &view, &d, named)
 *	opik_doomed_release(&d);
 */
#ifndef FLATSPAN_API_OPIK_WRITE_DELETE_H
#define FLATSPAN_API_OPIK_WRITE_DELETE_H

#include "api/opik/write/write.h"
#include "base/table.h"
#include "store/notes.h"

struct opik_doomed_row {
	struct str source, trace_id, span_id;
	int64_t started_ns, ingested_ns, version;
	bool is_trace; /* it stands for its trace */
};

struct opik_doomed {
	struct arena *arena;
	struct opik_doomed_row *rows; /* a block */
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

void opik_doomed_init(struct opik_doomed *d, struct arena *a);
void opik_doomed_release(struct opik_doomed *d);
bool opik_doomed_add(void *user, const struct span *s, struct row_ref ref);
struct field_set opik_doomed_fields(void);
/* The rows, and what was said about their spans and all that is named. Some thousand rows are one
 * transaction, not all of them. False: answered. */
bool opik_doomed_delete(
	struct request *r, struct view *v, const struct opik_doomed *d, struct opik_named named);
/* The traces of these rows, with all their spans. The same. */
bool opik_delete_traces_of(struct request *r, struct view *v, const struct opik_doomed *d);
/* Everything of a project. The same. */
bool opik_delete_project(struct request *r, const struct projects *p, const struct project *one);

#endif
