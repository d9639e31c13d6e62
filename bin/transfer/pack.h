/*
 * Redirects what a verb prints to a file, through gzip when that is asked for, instead of standard
 * output.
 *
 *	pack_begin(&p, cli, fd, name, is_gzip)
 *	…				print as ever
 *	pack_end(&p)			or pack_drop(&p), which leaves an incomplete file
 */
#ifndef FLATSPAN_BIN_TRANSFER_PACK_H
#define FLATSPAN_BIN_TRANSFER_PACK_H

#include "cli.h"

struct gzip_writer;

struct pack {
	struct cli_sink sink; /* first, because it is cast */
	struct cli *cli;
	int fd; /* the caller's */
	struct gzip_writer *gzip;
	struct buf packed;
};

/* name: for messages; it must live as long as p. */
enum cli_exit pack_begin(struct pack *p, struct cli *c, int fd, const char *name, bool is_gzip);
/* Ends the output. CLI_IO when something could not be written, which was reported. */
enum cli_exit pack_end(struct pack *p);
void pack_drop(struct pack *p);

#endif
