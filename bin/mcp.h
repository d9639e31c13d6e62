/*
 * The Model Context Protocol: what its parts share.
 *
 *	mcp.c		messages and answers: JSON-RPC, versions, methods
 *	mcp_stdio.c	as lines of standard input and output
 *	mcp_http.c	as requests and answers of HTTP
 *	mcp_tools.c	the table of tools: names, schemas, arguments
 *	mcp_spans.c	tools that list and show spans
 *	mcp_trace.c	tools that look at one trace
 *
 * A tool is a function of the command line: its arguments are options as if they had been typed,
 * what it prints into c->out is its answer, what it says by cli_fail() is its error.  Tools read,
 * none writes.
 */
#ifndef FLATSPAN_BIN_MCP_H
#define FLATSPAN_BIN_MCP_H

#include "cli.h"
#include "query/engine.h"
#include "web/request.h"

/* Of JSON-RPC and of MCP. */
enum rpc_error {
	RPC_PARSE = -32700,
	RPC_REQUEST = -32600,
	RPC_METHOD = -32601,
	RPC_PARAMS = -32602,
	RPC_INTERNAL = -32603,
	MCP_HEADER = -32020,
	MCP_VERSION = -32022
};

enum {
	MCP_MESSAGE_BYTES = 1 << 20, /* longer ones are refused */
	MCP_ROWS = 20,               /* of a list, unless told */
	MCP_ROWS_MAX = 100,
	MCP_ANSWER_BYTES = 48 << 10, /* no row is begun past that */
	MCP_TEXT_BYTES = 160,        /* of a name or a message in a row */
	MCP_ID_BYTES = 1000          /* of an id; only files that were imported hold longer ones */
};

struct mcp_call {
	struct cli *cli;
	struct json arguments;         /* checked against the tool's table */
	const struct request *request; /* NULL: whoever asks may read the files */
	bool is_one_workspace;         /* no other may be asked for */
	struct view view;              /* open where has_view */
	bool has_view;
	int64_t deadline_ns;
};

struct mcp {
	struct cli *cli;
	const struct request *request; /* NULL: of standard input */
	bool is_legacy;                /* initialize was answered, or need not be */
	bool is_one_workspace;
	struct buf reply;
	int status;           /* of the reply in HTTP */
	struct json id;       /* of the message at hand */
	struct mcp_call call; /* of a tool, here so that it ends in good order whatever happens */
};

struct mcp_tool {
	const char *name, *arguments; /* names of arguments, blanks between; ! behind: required */
	const char *title, *description;
	enum cli_exit (*run)(struct mcp_call *m);
};

/* ---- mcp.c ---- */

/* Answers a message, or a list of them; no reply: there is nothing to answer. */
void mcp_answer(struct mcp *m, struct str text);
/* The reply is that, whatever it would have been. */
void mcp_refuse(struct mcp *m, enum rpc_error code, struct str sentence);

/* ---- mcp_tools.c ---- */

extern const struct mcp_tool mcp_tools[];
extern const size_t mcp_n_tools;

/* "tools":[…] */
void mcp_put_tools(struct json_writer *w);
const struct mcp_tool *mcp_find_tool(struct str name);
/* The answer is in c->out, or what is wrong in c->said. */
enum cli_exit mcp_run(struct mcp_call *m, const struct mcp_tool *tool);

/* The argument; JSON_NONE: it was not given. */
struct json mcp_argument(const struct mcp_call *m, const char *name);
/* A text; STR_NULL: it was not given. */
struct str mcp_text(const struct mcp_call *m, const char *name);
int64_t mcp_number(const struct mcp_call *m, const char *name, int64_t otherwise);
/* May whoever asks read that workspace? */
bool mcp_may_read(const struct mcp_call *m, struct str workspace);
/* The workspace's view, with CLI_OK. */
enum cli_exit mcp_view(struct mcp_call *m);
/* {"trace_id":…, what a row shows …; the object stays open. */
void mcp_open_row(struct json_writer *w, struct cli *c, const struct span *s);
/* A canonical body, cut after so many bytes. */
void mcp_put_cut(struct json_writer *w, const char *key, struct str body, size_t most);
/* Is there room for a further row? */
bool mcp_has_room(const struct mcp_call *m);

/* ---- The tools ---- */

enum cli_exit mcp_list_workspaces(struct mcp_call *m);
enum cli_exit mcp_find_traces(struct mcp_call *m);
enum cli_exit mcp_find_spans(struct mcp_call *m);
enum cli_exit mcp_search_text(struct mcp_call *m);
enum cli_exit mcp_get_spans(struct mcp_call *m);
enum cli_exit mcp_stats(struct mcp_call *m);
enum cli_exit mcp_trace_outline(struct mcp_call *m);
enum cli_exit mcp_trace_errors(struct mcp_call *m);
enum cli_exit mcp_critical_path(struct mcp_call *m);

#endif
