/*
 * A span as one stored line, and back.
 *
 *	{"span_id":"…","trace_id":"…", … ,"output":…, unknown members … ,
 *		"_prev":"2026-11-20","_c":"1a2b3c4d"}\n
 *
 * One UTF-8 JSON object with the members of fields.h in that order, canonical (no blanks, no byte
 * below 0x20 but the final newline), sealed by CRC32C over everything from `{` up to the comma
 * before "_c", in eight lower-case hex digits.  A tombstone begins with "op":"delete".
 * doc/shard-format.md is the specification.
 */
#ifndef FLATSPAN_SPAN_LINE_H
#define FLATSPAN_SPAN_LINE_H

#include "span/span.h"

enum line_state {
	LINE_OK,
	LINE_TORN, /* no well-formed seal: normal after a crash; skipped and counted */
	LINE_ROT,  /* a seal that does not match: damage */
	LINE_ZERO  /* holds NUL bytes: damage of the file system */
};

/* Appends one line with its newline. */
void line_write(struct buf *out, const struct span *s);

/* Seals a line of another kind: out holds, from `start` on, an object without its closing brace. */
void line_seal(struct buf *out, size_t start);

/* What the seal begins with, and its length to the end of the line. */
#define LINE_SEAL_HEAD STR(",\"_c\":\"")
enum { LINE_SEAL_BYTES = 7 + 8 + 2 };
/* Does the text begin with a whole seal, and with this one? crc: of what stands before it. */
bool line_seal_is(struct str text, uint32_t crc);

/* Is the seal right? line: without newline. *ret_body: from `{` up to the comma before "_c". */
enum line_state line_check(struct str line, struct str *ret_body);

/* Reads the wanted fields (and tombstone, prev_day always) of a line; ret's texts are views into
 * the line. want NULL: all fields and the extra members. The members of a line stand in table
 * order, as the format demands; so reading stops at the first one behind the last wanted. Only want
 * NULL finds members that stand elsewhere. The seal is checked first unless the line is trusted. */
enum line_state line_read(
	struct str line, const struct field_set *want, bool trusted, struct span *ret);

#endif
