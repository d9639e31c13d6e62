/*
 * A turn of a session with a coding agent: from one prompt to the next.  It becomes a trace: the
 * turn, below it a span for each call of the model, whose input is what came since the call before
 * it, and a span for each use of a tool.  Converters of transcripts fill it, line by line.
 */
#ifndef FLATSPAN_BIN_CONVERT_TURN_H
#define FLATSPAN_BIN_CONVERT_TURN_H

#include "cli.h"

struct convert;

struct turn_tool {
	struct str id, name, input;
	int64_t started_ns;
	bool is_done;
};

/* What the spans of a transcript share. */
struct turn_kind {
	const char *source, *provider;
};

struct turn {
	bool is_open;
	const struct turn_kind *kind;
	struct arena memory; /* of the turn; holds its texts */
	struct str id, session_id, project, prompt, metadata, answer; /* the last three are JSON */
	int64_t started_ns, last_ns;
	/* of the current call of the model; call_id empty: none */
	struct str call_id, sent_id, model;
	int64_t call_started_ns, call_ended_ns;
	int64_t input_tokens, output_tokens, cached_tokens; /* -1: unknown */
	struct str usage;
	struct buf content;        /* blocks of the answer, separated by commas */
	struct buf input, context; /* messages before the current call, and since it began */
	struct buf ids;            /* ids of the calls so far, each with a space after it */
	struct turn_tool *tools;   /* allocated as a block */
	size_t n_tools, cap_tools;
};

/* Copies a text into the memory of the turn. */
struct str turn_keep(struct turn *t, struct str s);
/* Copies the text of a member that is a string into the memory of the turn; STR_NULL when there is
 * none. */
struct str turn_keep_text(struct turn *t, struct json object, const char *key);

/* Begins a turn; the caller sets id, session_id and so on. */
void turn_open(struct turn *t, const struct turn_kind *kind, int64_t now_ns);
/* Writes the spans that are still open, and ends the turn. Does nothing when there is none. */
NODISCARD enum cli_exit turn_close(struct convert *cv);
/* Adds a message that the next call of the model will see. */
void turn_add_context(struct turn *t, struct str message);

/* Begins a call. An id that returns after another call gets a number. */
void turn_open_call(struct turn *t, struct str id, struct str model);
NODISCARD enum cli_exit turn_close_call(struct convert *cv);
/* Adds a block of the answer. */
void turn_add_content(struct turn *t, struct str block);

/* Adds a use of a tool. name null: it has none. */
void turn_add_tool(
	struct turn *t, struct str id, struct str name, struct str input, int64_t now_ns);
/* Ends the last use of a tool with that id, if it is still open. output: JSON, or null. error: the
 * message as JSON, or null on success. */
NODISCARD enum cli_exit turn_end_tool(struct convert *cv, struct str id, struct str output,
	bool is_error, struct str error, int64_t now_ns);

/* Returns what follows the last slash. */
struct str turn_last_name(struct str path);

#endif
