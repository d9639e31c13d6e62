#include "transfer/pack.h"

#include "base/gzip.h"
#include "base/io.h"

static enum err write_through(struct cli_sink *sink, struct str bytes)
{
	struct pack *p = (struct pack *)(void *)sink;
	if (!p->gzip)
		return io_write_all(p->fd, bytes);
	buf_reset(&p->packed);
	gzip_writer_add(p->gzip, bytes, &p->packed);
	return io_write_all(p->fd, buf_str(&p->packed));
}

enum cli_exit pack_begin(struct pack *p, struct cli *c, int fd, const char *name, bool is_gzip)
{
	*p = (struct pack){ .sink = { name, write_through }, .cli = c, .fd = fd };
	buf_init(&p->packed, c->arena);
	enum err e = is_gzip ? gzip_writer_open(c->arena, &p->gzip) : ERR_OK;
	if (e)
		return cli_error(c, e, STR("gzip"));
	c->sink = &p->sink;
	return CLI_OK;
}

void pack_drop(struct pack *p)
{
	buf_reset(&p->cli->report.out);
	p->cli->sink = NULL;
	gzip_writer_close(p->gzip);
	buf_release(&p->packed);
}

enum cli_exit pack_end(struct pack *p)
{
	struct cli *c = p->cli;
	bool is_good = cli_flush(c);
	if (is_good && p->gzip) {
		/* Write the end of the gzip stream in the same way, so that an error is reported
		 * once. */
		buf_reset(&p->packed);
		gzip_writer_end(p->gzip, &p->packed);
		buf_add(&c->report.out, buf_str(&p->packed));
		gzip_writer_close(p->gzip);
		p->gzip = NULL;
		is_good = cli_flush(c);
	}
	pack_drop(p);
	return is_good ? CLI_OK : CLI_IO;
}
