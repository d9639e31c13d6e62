/*
 * Files that a user names, and standard input, read once from the beginning to the end, in lines or
 * as a whole.  They are the user's own, so links and pipes are allowed.  gzip files are unpacked.
 */
#ifndef FLATSPAN_BIN_TRANSFER_INPUT_H
#define FLATSPAN_BIN_TRANSFER_INPUT_H

#include "base/buf.h"
#include "base/errors.h"
#include "base/gzip.h"
#include "base/limits.h"

#include <stdio.h>

struct input {
	FILE *file;
	struct str name; /* for messages */
	struct buf buf;
	size_t at; /* of the next line in buf */
	size_t line_number;
	uint64_t bytes; /* read so far, after unpacking */
	bool is_at_end;
	struct gzip_reader *gzip; /* NULL: it is not compressed */
	struct buf packed;        /* read and not yet unpacked */
	bool is_file_at_end;
	bool is_damaged; /* the gzip data is incomplete or wrong; with ERR_INVALID */
};

/* Opens a file; name NULL or "-" is standard input. ERR_NOT_FOUND, ERR_IO. A byte order mark of
 * UTF-8 is left out. */
NODISCARD enum err input_open(struct input *in, struct arena *a, const char *name);
/* True when it can be read twice, which a directory and a pipe cannot. */
bool input_is_file(const char *name);
/* Returns the next line without its newline, valid until the next call; *ret_more is false at the
 * end. ERR_TOO_LARGE: longer than limit. */
NODISCARD enum err input_line(
	struct input *in, size_t limit_bytes, struct str *ret_line, bool *ret_more);
/* Returns all of it, from the beginning or from where the lines ended. */
NODISCARD enum err input_all(struct input *in, size_t limit_bytes, struct str *ret_text);
/* True when it is a directory. */
bool input_is_dir(const struct input *in);
/* Goes back to the beginning, when no more than the first line was read. */
void input_rewind(struct input *in);
/* Returns when the file was last changed, in whole seconds; today's midnight when it is not a
 * regular file. */
int64_t input_time(const struct input *in);
void input_close(struct input *in);

#endif
