/*
 * The keys of a JSON object as a set: for bringing two objects together in a time that grows with
 * their size and not with its square, whatever a client sends.
 */
#ifndef FLATSPAN_API_KEY_SET_H
#define FLATSPAN_API_KEY_SET_H

#include "json/read.h"
#include "json/write.h"

struct key_set {
	uint64_t *sorted; /* hashes of the keys */
	size_t n;
};

/* The object is canonical; anything else has no keys. */
struct key_set key_set_of(struct arena *a, struct json object);
bool key_set_has(const struct key_set *s, struct str key_body);

/* The members of both objects, both canonical; of equal keys those of `over`. */
struct str json_join(struct arena *a, struct json under, struct json over);

#endif
