/*
 * Makes a set of the keys of a JSON object, so that two objects are merged in time that grows
 * linearly with their size.
 */
#ifndef FLATSPAN_API_KEY_SET_H
#define FLATSPAN_API_KEY_SET_H

#include "json/read.h"
#include "json/write.h"

struct key_set {
	uint64_t *sorted; /* hashes of the keys */
	size_t n;
};

/* The object must be canonical. Any other value has no keys. */
struct key_set key_set_of(struct arena *a, struct json object);
bool key_set_has(const struct key_set *s, struct str key_body);

/* Returns the members of both canonical objects. `over` wins where keys are equal. */
struct str json_join(struct arena *a, struct json under, struct json over);

#endif
