/*
 * Converts other formats into stored lines, record by record.
 *
 * What a client can send (OTLP, ATIF, Langfuse, Opik, chat completions) is sent, in this process,
 * to the API that takes it, on a data directory made for this import.  What the API stored there
 * then passes through the intake like an export.  So importing means the same as sending, and skips
 * what is stored already.  What no client sends (Phoenix's export, transcripts of Claude Code,
 * lists of messages) is turned into one of those or into lines here.
 *
 *	convert_begin(&cv, cli, &intake);
 *	convert_file(&cv, name, time);		then convert_record() of each record in it
 *	convert_end(&cv);
 */
#ifndef FLATSPAN_BIN_CONVERT_CONVERT_H
#define FLATSPAN_BIN_CONVERT_CONVERT_H

#include "convert/turn.h"
#include "local.h"
#include "transfer/intake.h"

/* clang-format off */
/*	name		of --from		what a record is */
#define FORMAT_LIST(X) \
	X(OWN,		"flatspan",		"a line of flatspan export") \
	X(OTLP,		"otlp-json",		"an OTLP request as JSON") \
	X(ATIF,		"atif",			"a trajectory") \
	X(OPIK,		"opik",			"a trace with its spans, a trace or a span") \
	X(LANGFUSE,	"langfuse",		"a trace with its observations, a trace or an observation") \
	X(PHOENIX,	"phoenix",		"a span") \
	X(CLAUDE,	"claude-code",		"a line of a session's transcript") \
	X(CODEX,	"codex",		"a line of a session's rollout") \
	X(CHAT,		"chat",			"a request with its response, or messages")
/* clang-format on */

enum format {
#define X(name, option, what) FORMAT_##name,
	FORMAT_LIST(X)
#undef X
		FORMAT__MAX,
	FORMAT_UNKNOWN = FORMAT__MAX
};

/* What a rollout of Codex has said about its session and the next call (codex.c). */
struct codex {
	struct arena memory; /* of the file */
	bool is_open;
	struct str session_id, project, metadata, model;
	struct buf pending; /* messages for the next call, separated by commas */
	size_t n_calls;     /* in the turn */
	bool is_answered;   /* the current call is over: what follows belongs to the next one */
};

struct convert {
	struct cli *cli;
	struct intake *intake;
	struct local scratch;
	bool has_scratch;
	struct str scratch_dir, scratch_name; /* in the data directory; for a dry run in TMPDIR */
	int scratch_dir_fd;
	uint64_t scratch_bytes; /* the size of what was sent to it */
	struct str name;        /* of the file */
	size_t number;          /* of the current record */
	int64_t file_ns;        /* for records without a time */
	struct str user;        /* the user of requests; empty: none */
	struct arena memory;    /* of the current record */
	struct turn turn;       /* of the current transcript */
	struct codex codex;
};

enum format format_from_name(struct str name);
/* Recognises the format of a record. */
enum format format_of(struct json record);

void convert_begin(struct convert *cv, struct cli *c, struct intake *in);
void convert_file(struct convert *cv, struct str name, int64_t time_ns);
/* Converts a record. record: checked JSON; number: for messages. Refused records are reported and
 * counted. */
enum cli_exit convert_record(struct convert *cv, enum format f, struct json record, size_t number);
/* True when the bytes look like a request in protobuf. */
bool convert_is_protobuf(struct str bytes);
/* Converts a request in protobuf. */
enum cli_exit convert_protobuf(struct convert *cv, struct str body);
/* End a file, and the import. */
enum cli_exit convert_file_end(struct convert *cv);
enum cli_exit convert_end(struct convert *cv);

/* ---- For the converters ---- */

/* Sends a request to the scratch directory; reports when it is refused. */
enum cli_exit convert_send(struct convert *cv, const char *method, struct str target,
	struct str type, struct str body);
/* Passes a line, without a checksum, to the intake. */
enum cli_exit convert_line(struct convert *cv, struct str line);
void convert_refuse(struct convert *cv, struct str why);
/* Opens an object with span_id, trace_id, parent_span_id, source and kind, and leaves it open. */
void convert_open(struct json_writer *w, struct str span_id, struct str trace_id, struct str parent,
	struct str source, const char *kind);
void convert_time(struct json_writer *w, struct str key, int64_t ns);
/* Returns 32 hex digits that depend on the text alone. */
struct str convert_id(struct arena *a, struct str text);
/* Returns the value of a string that is JSON itself, and any other value unchanged. */
struct str convert_unpack(struct arena *a, struct json v);
struct json convert_get(struct json object, const char *key);
/* Returns the text of a member that is a string; STR_NULL when there is none. */
struct str convert_text(struct arena *a, struct json object, const char *key);
/* Copies the members of an object except those named (up to a NULL) and null ones. unpack: replaces
 * texts that are JSON by their value. */
void convert_copy_but(struct convert *cv, struct json_writer *w, struct json object,
	const char *const *but, bool unpack);

/* Converters, one a format. Implemented in chat.c, claude.c, codex.c, opik.c, and in export.c
 * (langfuse, phoenix). */
enum cli_exit convert_langfuse(struct convert *cv, struct json record);
enum cli_exit convert_opik(struct convert *cv, struct json record);
enum cli_exit convert_phoenix(struct convert *cv, struct json record);
enum cli_exit convert_chat(struct convert *cv, struct json record);
enum cli_exit convert_claude(struct convert *cv, struct json record);
enum cli_exit convert_codex(struct convert *cv, struct json record);
/* Ends a file of Codex. */
void convert_codex_end(struct convert *cv);

#endif
