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

/* The head of a line: what stands before input and output, which in most long lines are nearly all
 * of it. Who does not want these two needs no more, once somebody who read the whole line has noted
 * the head's checksum. */
struct line_head {
	uint32_t len; /* up to the comma before the first of the two */
	uint32_t crc; /* CRC32C */
};

/* Heads of shorter lines are not worth noting. */
enum { LINE_LONG_BYTES = 16 << 10 };

/* How long the values are of the `input` and the `output` that stand behind a head, one behind the
 * other. Who knows that need not look for where they end. */
struct line_bodies {
	uint32_t head_len;
	uint32_t input_len, output_len; /* 0: not known, or none is there */
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

/* Likewise from the whole line; where these bodies end is believed as far as it can be seen there,
 * that they end: whoever keeps lengths keeps them with a line that does not change. */
enum line_state line_read_bodies(struct str line, const struct line_bodies *bodies,
	const struct field_set *want, struct span *ret);

/* Of a good line. false: none is noted. The line is not long, its head is more than half of it, or
 * input and output do not stand as line_write() puts them. */
bool line_head(struct str line, struct line_head *ret);
/* Of a line with this head. */
void line_bodies(struct str line, const struct line_head *head, struct line_bodies *ret);
/* Is what line_read() finds of these all in the head? */
bool line_head_has(const struct field_set *want);
/* line_read() of such fields from the head and the comma behind it; but prev_day, which stands at
 * the end of the line, is that of a span without one. false: this is not the head that was noted.
 */
bool line_read_head(struct str bytes, const struct line_head *head, const struct field_set *want,
	struct span *ret);

#endif
