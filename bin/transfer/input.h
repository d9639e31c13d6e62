/*
 * Files that a user names, and standard input: read from the beginning to the end, in lines or as a
 * whole.  They are the user's own, so links and pipes are fine.  What gzip packed is unpacked as it
 * is read.
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
	uint64_t bytes; /* read so far, unpacked */
	bool is_at_end;
	struct gzip_reader *gzip; /* NULL: it is not packed */
	struct buf packed;        /* read and not unpacked */
	bool is_file_at_end;
	bool is_damaged; /* what is packed is not whole; with ERR_INVALID */
};

/* name NULL or "-": standard input. ERR_NOT_FOUND, ERR_IO. A mark of UTF-8 (BOM) is left out. */
NODISCARD enum err input_open(struct input *in, struct arena *a, const char *name);
/* Can it be read twice? What is not there, a directory and a pipe cannot. */
bool input_is_file(const char *name);
/* The next line without its newline, valid until the next call; *ret_more false at the end. Longer
 * than limit: ERR_TOO_LARGE. */
NODISCARD enum err input_line(
	struct input *in, size_t limit_bytes, struct str *ret_line, bool *ret_more);
/* All of it, from the beginning or from where the lines ended. */
NODISCARD enum err input_all(struct input *in, size_t limit_bytes, struct str *ret_text);
/* Was a directory opened? */
bool input_is_dir(const struct input *in);
/* Back to the beginning, when no more than the first line was read. */
void input_rewind(struct input *in);
/* When the file was last changed, whole seconds; today's midnight for what is no file. */
int64_t input_time(const struct input *in);
void input_close(struct input *in);

#endif
