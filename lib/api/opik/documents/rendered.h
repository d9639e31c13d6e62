/*
 * Renders spans and traces as JSON objects, for dataset items and experiment items that show parts
 * of them.
 *
 *	opik_rendered_open(&x, r, OPIK_TRACES, ids, n)		false: answered
 *	opik_rendered_one(&x, ids[i], &object, &found)
 *	opik_rendered_close(&x)
 */
#ifndef FLATSPAN_API_OPIK_DOCUMENTS_RENDERED_H
#define FLATSPAN_API_OPIK_DOCUMENTS_RENDERED_H

#include "api/opik/render.h"

struct opik_rendered {
	struct opik_list list;
	struct opik_render render;
	struct opik_sums sums;
};

/* Reads what the rows need together: notes, projects and the sums of traces. The ids are those of
 * the request; ids of traces are replaced by the stored ones. */
bool opik_rendered_open(
	struct opik_rendered *x, struct request *r, enum opik_of of, struct str *ids, size_t n);
void opik_rendered_close(struct opik_rendered *x);
/* JSON_NONE: there is no such row. */
NODISCARD enum err opik_rendered_one(struct opik_rendered *x, struct str id, struct json *ret);
/* Returns the spans of a trace as a JSON array. */
NODISCARD enum err opik_rendered_spans(
	struct opik_rendered *x, struct str trace_id, struct str *ret);

/* Returns a version 7 UUID of that time that is always the same for these texts. */
struct str opik_stable_uuid(struct arena *a, int64_t ms, struct str x, struct str y);

#endif
