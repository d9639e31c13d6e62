/* mcp: the Model Context Protocol on standard input and output, a message a line. */
#include "mcp/mcp.h"
#include "verb.h"

#include "base/io.h"

#include <stdio.h>
#include <unistd.h>

#define MEMORY_BYTES ((size_t)4 << 30)

struct lines {
	struct buf line;
	bool is_too_long;
};

/* Reads a line; false at the end. stdio returns what has arrived, so that a client which waits for
 * its answer gets it. */
static bool mcp_stdio_read_line(struct lines *l)
{
	int ch;
	buf_reset(&l->line);
	l->is_too_long = false;
	while ((ch = getc_unlocked(stdin)) != EOF && ch != '\n') {
		if (l->line.len < MCP_MESSAGE_BYTES)
			buf_add_char(&l->line, (char)ch);
		else
			l->is_too_long = true;
	}
	return ch != EOF || l->line.len;
}

static void answer_line(struct mcp *m, const struct lines *l)
{
	struct str text = str_trim(buf_str(&l->line));
	if (l->is_too_long)
		mcp_refuse(m, RPC_REQUEST, STR("Invalid Request: longer than 1 MiB"));
	else if (text.len)
		mcp_answer(m, text);
}

/* A message has memory of its own, so that a tool that uses too much of it fails alone. */
static void serve_line(struct mcp *m, const struct lines *l)
{
	struct arena memory;
	arena_init(&memory, MEMORY_BYTES);
	m->arena = &memory;
	m->id = (struct json){ JSON_NONE, STR_NULL };
	if (setjmp(memory.escape) == 0) {
		memory.has_escape = true;
		answer_line(m, l);
	} else {
		mcp_refuse(m, RPC_INTERNAL, STR("Internal error: it takes too much memory"));
	}
	arena_release(&memory);
}

enum cli_exit verb_mcp(struct cli *c)
{
	struct mcp m = { .store = &c->store,
		.workspace = c->workspace,
		.is_one_workspace = cli_has(c, "workspace") };
	struct lines l = { .is_too_long = false };
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	buf_init(&l.line, c->arena);
	buf_init(&m.reply, c->arena);
	while (mcp_stdio_read_line(&l)) {
		buf_reset(&m.reply);
		serve_line(&m, &l);
		if (!m.reply.len)
			continue;
		buf_add_char(&m.reply, '\n');
		if (io_write_all(STDOUT_FILENO, buf_str(&m.reply)) != ERR_OK)
			break; /* the client is gone */
	}
	return CLI_OK;
}
