/*
 * Reads a span or trace of a request's body: checks every member and fills a struct span.
 */
#ifndef FLATSPAN_API_OPIK_WRITE_ITEM_H
#define FLATSPAN_API_OPIK_WRITE_ITEM_H

#include "api/opik/body.h"

/* A span or trace as a request gives it: only the given fields are present. */
struct opik_item {
	struct span span;
	struct str project_name, project_id;    /* STR_NULL: not given */
	struct str tags_to_add, tags_to_remove; /* JSON arrays */
};

void opik_item_read(struct opik_reader *rd, enum opik_of of, bool is_update, struct json v,
	struct opik_item *ret);

#endif
