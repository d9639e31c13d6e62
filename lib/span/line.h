/*
 * Writes a span as one stored line and reads it back.
 *
 *	{"span_id":"…","trace_id":"…", … ,"output":…, unknown members … ,
 *		"_prev":"2026-11-20","_c":"1a2b3c4d"}\n
 *
 * One UTF-8 JSON object with the members of fields.h in that order, canonical (no blanks, no byte
 * below 0x20 but the final newline), ended by a checksum, CRC32C over everything from `{` up to the
 * comma before "_c", in eight lower-case hex digits.  A tombstone begins with "op":"delete".
 * doc/shard-format.md is the specification.
 */
#ifndef FLATSPAN_SPAN_LINE_H
#define FLATSPAN_SPAN_LINE_H

#include "span/span.h"

enum line_state {
	LINE_OK,
	LINE_TORN, /* no well-formed checksum: normal after a crash; skipped and counted */
	LINE_ROT,  /* a checksum that does not match: damage */
	LINE_ZERO  /* holds NUL bytes: damage of the file system */
};

/* Appends the line of a span, with its newline. */
void line_write(struct buf *out, const struct span *s);

/* Ends a line of another kind with its checksum: out holds, from `start` on, an object without its
 * closing brace. */
void line_seal(struct buf *out, size_t start);

/* The start of a checksum member, and its length to the end of the line. */
#define LINE_SEAL_HEAD STR(",\"_c\":\"")
enum { LINE_SEAL_BYTES = 7 + 8 + 2 };
/* True when the text begins with a complete checksum member whose value is crc, the checksum of the
 * bytes before it. */
bool line_seal_is(struct str text, uint32_t crc);

/* Checks the checksum of a line without its newline. *ret_body is the text from `{` up to the comma
 * before "_c". */
enum line_state line_check(struct str line, struct str *ret_body);

/* Reads the wanted fields of a line, and always the tombstone flag and prev_day. want NULL: all
 * fields and the extra members. Texts of ret are views into the line. The members of a line are in
 * table order, as the format requires, so reading stops at the first member after the last wanted
 * one. Only want NULL finds members elsewhere. The checksum is checked first unless the line is
 * trusted. */
enum line_state line_read(
	struct str line, const struct field_set *want, bool trusted, struct span *ret);

#endif
