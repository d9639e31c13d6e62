/*
 * Collects the members of a JSON object, each name once: the last value wins and the first place
 * stays.
 */
#ifndef FLATSPAN_SEMCONV_MEMBERS_H
#define FLATSPAN_SEMCONV_MEMBERS_H

#include "base/table.h"
#include "json/read.h"
#include "json/write.h"

struct members {
	struct table list;
};

void members_init(struct members *o, struct arena *a);
/* key: a canonical body; json: a canonical value. Both must outlive o. */
void members_put(struct members *o, struct str key, struct str json);
/* Puts the members of a canonical object. */
void members_put_object(struct members *o, struct json object);
/* Returns the object in the arena, or STR_NULL when there are no members, and releases o. */
struct str members_end(struct members *o, struct arena *a, struct buf *room);

#endif
