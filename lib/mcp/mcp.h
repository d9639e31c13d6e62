/*
 * The Model Context Protocol: traces for coding agents.
 *
 *	mcp.c	messages and answers: JSON-RPC, versions, methods
 *	http.c	messages as requests and answers of HTTP
 *	tools.c	the table of tools: names, schemas, arguments
 *	spans.c	tools that list and show spans
 *	trace.c	tools that look at one trace
 *
 * A tool reads its arguments, writes its answer into a report, and on failure sets the report's
 * error.  Tools read; none writes to the store.
 */
#ifndef FLATSPAN_MCP_MCP_H
#define FLATSPAN_MCP_MCP_H

#include "report/filter.h"
#include "report/report.h"

#include "query/engine.h"
#include "shard/root.h"
#include "web/request.h"
#include "json/read.h"

/* Codes of JSON-RPC and of MCP. */
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
	MCP_MESSAGE_BYTES = 1 << 20, /* longer messages are refused */
	MCP_ROWS = 20,               /* of a list, by default */
	MCP_ROWS_MAX = 100,
	MCP_ANSWER_BYTES = 48 << 10, /* no row begins after that */
	MCP_TEXT_BYTES = 160,        /* of a name or a message in a row */
	MCP_ID_BYTES = 1000          /* of an id; only imported files hold longer ones */
};

/* A call of a tool. */
struct mcp_call {
	struct report report;
	const struct store *store;
	struct str workspace;
	struct json arguments;         /* checked against the tool's table */
	const struct request *request; /* NULL: the caller may read the files */
	bool is_one_workspace;         /* no other may be asked for */
	struct view view;              /* open when has_view */
	bool has_view;
	int64_t deadline_ns;
};

/* A client. The caller fills in the first group. */
struct mcp {
	struct arena *arena; /* of the current message */
	const struct store *store;
	struct str workspace;          /* the default one */
	const struct request *request; /* NULL: messages come from standard input */
	bool is_legacy;                /* initialize was answered, or is not needed */
	bool is_one_workspace;
	struct buf reply;

	int status;           /* of the reply in HTTP */
	struct json id;       /* of the current message */
	struct mcp_call call; /* here so that it is closed even when a tool runs out of memory */
};

struct mcp_tool {
	const char *name,
		*arguments; /* names separated by spaces; one that ends in ! is required */
	const char *title, *description;
	enum err (*run)(struct mcp_call *m);
};

/* ---- mcp.c ---- */

/* Answers a message, or a list of them. The reply stays empty when no answer is due. */
void mcp_answer(struct mcp *m, struct str text);
/* Replaces the reply by an error. */
void mcp_refuse(struct mcp *m, enum rpc_error code, struct str sentence);

/* ---- tools.c ---- */

extern const struct mcp_tool mcp_tools[];
extern const size_t mcp_n_tools;

/* Appends "tools":[…]. */
void mcp_put_tools(struct json_writer *w);
const struct mcp_tool *mcp_find_tool(struct str name);
/* Runs a tool. The answer, or the error, is in the call's report. */
NODISCARD enum err mcp_run(struct mcp_call *m, const struct mcp_tool *tool);

/* Returns an argument; JSON_NONE when it is not given. */
struct json mcp_argument(const struct mcp_call *m, const char *name);
/* Returns the text of an argument; STR_NULL when it is not given. */
struct str mcp_text(const struct mcp_call *m, const char *name);
int64_t mcp_number(const struct mcp_call *m, const char *name, int64_t otherwise);
/* Reads the arguments that filter, limit and offset a list. room: further clauses. */
NODISCARD enum err mcp_query(struct mcp_call *m, size_t room, struct query *ret);
/* True when the client may read that workspace. */
bool mcp_may_read(const struct mcp_call *m, struct str workspace);
/* Opens the view of the call's workspace. */
NODISCARD enum err mcp_view(struct mcp_call *m);
/* Opens an object that holds what a row shows of a span, and leaves it open. */
void mcp_open_row(struct json_writer *w, struct arena *a, const struct span *s);
/* Appends a member whose value is a canonical body, cut after most bytes. */
void mcp_put_cut(struct json_writer *w, const char *key, struct str body, size_t most);
/* True when there is room for another row. */
bool mcp_has_room(const struct mcp_call *m);

/* ---- spans.c and trace.c ---- */

enum err mcp_list_workspaces(struct mcp_call *m);
enum err mcp_find_traces(struct mcp_call *m);
enum err mcp_find_spans(struct mcp_call *m);
enum err mcp_search_text(struct mcp_call *m);
enum err mcp_get_spans(struct mcp_call *m);
enum err mcp_stats(struct mcp_call *m);
enum err mcp_trace_outline(struct mcp_call *m);
enum err mcp_trace_errors(struct mcp_call *m);
enum err mcp_critical_path(struct mcp_call *m);

#endif
