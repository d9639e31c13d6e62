/*
 * Other formats into stored lines, record by record.
 *
 * What a client can send (OTLP, ATIF, Langfuse, Opik, chat completions) is sent, in this process,
 * to the API that takes it, on a data directory made for this import; what that stored then passes
 * through the intake as if it had been exported there.  So an import means what sending means, and
 * is skipped where it is there already.  What no client sends (Phoenix's export, transcripts of
 * Claude Code, lists of messages) is turned into one of those or into lines here.
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

/* What a rollout of Codex said of its session and of what comes (convert_codex.c). */
struct codex {
	struct arena memory; /* of the file */
	bool is_open;
	struct str session_id, project, metadata, model;
	struct buf pending; /* messages for the call that comes, with commas between */
	size_t n_calls;     /* of the turn */
	bool is_answered;   /* the call at hand is over: what comes is the next one's */
};

struct convert {
	struct cli *cli;
	struct intake *intake;
	struct local scratch;
	bool has_scratch;
	struct str scratch_dir, scratch_name; /* in the data directory; of a dry run in TMPDIR */
	int scratch_dir_fd;
	uint64_t scratch_bytes; /* sent to it */
	struct str name;        /* of the file */
	size_t number;          /* of the record */
	int64_t file_ns;        /* for records that name no time */
	struct str user;        /* whom requests come from; empty: nobody in particular */
	struct arena memory;    /* of the record */
	struct turn turn;       /* of a transcript */
	struct codex codex;
};

enum format format_from_name(struct str name);
/* What a record looks like. */
enum format format_of(struct json record);

void convert_begin(struct convert *cv, struct cli *c, struct intake *in);
void convert_file(struct convert *cv, struct str name, int64_t time_ns);
/* record: checked JSON, number: for messages. Records that are refused are told and counted. */
enum cli_exit convert_record(struct convert *cv, enum format f, struct json record, size_t number);
/* Does it look like a request in protobuf? */
bool convert_is_protobuf(struct str bytes);
/* A request in protobuf. */
enum cli_exit convert_protobuf(struct convert *cv, struct str body);
/* Of a file, and of all. */
enum cli_exit convert_file_end(struct convert *cv);
enum cli_exit convert_end(struct convert *cv);

/* ---- For the converters ---- */

/* Sends a request to the scratch directory; what is refused is told. */
enum cli_exit convert_send(struct convert *cv, const char *method, struct str target,
	struct str type, struct str body);
/* A line, without seal. */
enum cli_exit convert_line(struct convert *cv, struct str line);
void convert_refuse(struct convert *cv, struct str why);
/* {"span_id":…,"trace_id":…,"parent_span_id":…,"source":…,"kind":… ; the object stays open. */
void convert_open(struct json_writer *w, struct str span_id, struct str trace_id, struct str parent,
	struct str source, const char *kind);
void convert_time(struct json_writer *w, struct str key, int64_t ns);
/* 32 hex digits that this text always gives. */
struct str convert_id(struct arena *a, struct str text);
/* A string that is JSON itself as what it says, anything else as it is. */
struct str convert_unpack(struct arena *a, struct json v);
struct json convert_get(struct json object, const char *key);
/* The text of a member that is a string; STR_NULL: there is none. */
struct str convert_text(struct arena *a, struct json object, const char *key);
/* Members of an object but those named (up to a NULL), and those that are null.  unpack: JSON in
 * the texts of payloads. */
void convert_copy_but(struct convert *cv, struct json_writer *w, struct json object,
	const char *const *but, bool unpack);

enum cli_exit convert_langfuse(struct convert *cv, struct json record);
enum cli_exit convert_opik(struct convert *cv, struct json record);
enum cli_exit convert_phoenix(struct convert *cv, struct json record);
enum cli_exit convert_chat(struct convert *cv, struct json record);
enum cli_exit convert_claude(struct convert *cv, struct json record);
enum cli_exit convert_codex(struct convert *cv, struct json record);
/* Of a file. */
void convert_codex_end(struct convert *cv);

#endif
