/*
 * Reads the protobuf wire format: a cursor over the fields of one message.
 *
 *	struct pb_reader r = pb_open(bytes);
 *	struct pb_field f;
 *	while (pb_next(&r, &f))
 *		switch (f.number) { case 1: ... f.bytes ... }
 *	if (r.failed) ... malformed: the field that begins at pb_at(&r) ...
 *
 * Fields may come in any order and more than once; the caller ignores unknown ones.
 * Groups (wire types 3 and 4), the unassigned types 6 and 7, field number 0 and those above 2^29-1,
 * varints over ten bytes or 64 bits and lengths past the end are malformed.  The caller opens
 * a nested message with pb_open(f.bytes) and bounds the depth.
 */
#ifndef FLATSPAN_BASE_PB_H
#define FLATSPAN_BASE_PB_H

#include "base/str.h"

enum pb_wire { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

struct pb_reader {
	struct str rest;
	size_t size; /* of the whole message */
	bool failed;
};

struct pb_field {
	uint32_t number;
	enum pb_wire wire;
	uint64_t value;   /* of a varint, fixed64 or fixed32 */
	struct str bytes; /* of length-delimited fields; a view into the message */
};

struct pb_reader pb_open(struct str message);
bool pb_next(struct pb_reader *r, struct pb_field *ret);

static inline size_t pb_at(const struct pb_reader *r)
{
	return r->size - r->rest.len;
}

/* Returns the bits of a fixed64 as a double. */
double pb_double(const struct pb_field *f);

#endif
