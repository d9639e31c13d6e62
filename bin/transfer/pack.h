/*
 * Output that goes into a file, or through gzip, instead of to standard output as it is.
 *
 *	pack_begin(&p, cli, fd, name, is_gzip)
 *	…				what is printed into c->out
 *	pack_end(&p)			or pack_drop(&p), which leaves a torso that readers refuse
 */
#ifndef FLATSPAN_BIN_TRANSFER_PACK_H
#define FLATSPAN_BIN_TRANSFER_PACK_H

#include "cli.h"

struct gzip_writer;

struct pack {
	struct cli_sink sink; /* first: it is cast */
	struct cli *cli;
	int fd; /* of whoever began */
	struct gzip_writer *gzip;
	struct buf packed;
};

/* name: for messages; it lives as long as p. */
enum cli_exit pack_begin(struct pack *p, struct cli *c, int fd, const char *name, bool is_gzip);
/* CLI_IO when something could not be written, and was told. */
enum cli_exit pack_end(struct pack *p);
void pack_drop(struct pack *p);

#endif
