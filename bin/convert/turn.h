/*
 * A turn of a session with a coding agent: from what was typed to the next time.  It becomes a
 * trace: the turn, below it a span for each call of the model, whose input is what came since the
 * one before, and for each use of a tool.  Converters of transcripts fill it, line by line.
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

/* What the spans of a transcript have in common. */
struct turn_kind {
	const char *source, *provider;
};

struct turn {
	bool is_open;
	const struct turn_kind *kind;
	struct arena memory; /* of the turn; its texts are in there */
	struct str id, session_id, project, prompt, metadata, answer; /* the last three as JSON */
	int64_t started_ns, last_ns;
	/* the call of the model at hand; an empty call_id: none */
	struct str call_id, sent_id, model;
	int64_t call_started_ns, call_ended_ns;
	int64_t input_tokens, output_tokens, cached_tokens; /* -1: not known */
	struct str usage;
	struct buf content;        /* blocks of its answer, with commas between */
	struct buf input, context; /* messages before it, and since it began */
	struct buf ids;            /* of the calls so far, a blank behind each */
	struct turn_tool *tools;   /* a block */
	size_t n_tools, cap_tools;
};

/* A text that lives as long as the turn. */
struct str turn_keep(struct turn *t, struct str s);
/* The text of a member that is a string, likewise; STR_NULL: there is none. */
struct str turn_keep_text(struct turn *t, struct json object, const char *key);

/* Begins one; id, session_id and so on are the caller's to set. */
void turn_open(struct turn *t, const struct turn_kind *kind, int64_t now_ns);
/* The spans that are not yet written, and an end. Of none: nothing. */
NODISCARD enum cli_exit turn_close(struct convert *cv);
/* A message that the next call of the model will see. */
void turn_add_context(struct turn *t, struct str message);

/* Begins a call. An id that comes again after another call is told apart. */
void turn_open_call(struct turn *t, struct str id, struct str model);
NODISCARD enum cli_exit turn_close_call(struct convert *cv);
/* A block of its answer. */
void turn_add_content(struct turn *t, struct str block);

/* name null: it has none. */
void turn_add_tool(
	struct turn *t, struct str id, struct str name, struct str input, int64_t now_ns);
/* What came of the last tool of that id, if it is still waited for. output: JSON, or null.
 * error: JSON of the message, or null: it succeeded. */
NODISCARD enum cli_exit turn_end_tool(struct convert *cv, struct str id, struct str output,
	bool is_error, struct str error, int64_t now_ns);

/* What stands behind the last slash. */
struct str turn_last_name(struct str path);

#endif
