/*
 * The command line: what its verbs share.
 *
 * Implemented in cli.c (arguments, store), options.c (values of options) and say.c (output).
 *
 * A verb is a row of verbs.h and a function.  Its options and words are read before it is called.
 * It writes data into c->report, which goes to standard output, and sentences by cli_fail() and
 * cli_note() to standard error, and returns an exit code.
 *
 * Verbs may run while servers do: they read as the servers do, and write by the same protocol.  A
 * run keeps no state for the next one.
 */
#ifndef FLATSPAN_BIN_CLI_H
#define FLATSPAN_BIN_CLI_H

#include "report/report.h"

#include "base/conf.h"
#include "query/query.h"
#include "shard/root.h"
#include "shard/shard.h"
#include "json/read.h"

/* Scripts depend on the order: append only. */
enum cli_exit {
	CLI_OK,
	CLI_FAILED,
	CLI_USAGE,
	CLI_NOT_FOUND,
	CLI_AUTH,
	CLI_IO,
	CLI_UNVERIFIED /* it ran, but its effect could not be confirmed */
};

struct cli_option {
	const char *name;  /* long name, without the dashes */
	char letter;       /* 0: none */
	const char *value; /* the name of its value in the help; NULL: it takes no value */
	const char *help;
};

struct cli;

struct cli_sink {
	const char *name; /* for messages */
	enum err (*write)(struct cli_sink *s, struct str bytes);
};

enum cli_needs {
	CLI_NEEDS_NOTHING,
	CLI_NEEDS_CONF,  /* the settings are read */
	CLI_NEEDS_STORE, /* and the data directory is open */
};

struct verb {
	const char *name, *words, *options, *summary;
	enum cli_needs needs;
	enum cli_exit (*run)(struct cli *c);
};

struct cli_set {
	const struct cli_option *option;
	struct str value;
};

struct cli {
	struct arena *arena;
	const char *program; /* argv[0] */
	const struct verb *verb;
	struct cli_set *set; /* options in the order in which they are given */
	size_t n_set;
	struct str *words; /* arguments that are not options, without the verb */
	size_t n_words;
	struct str workspace; /* of -w, else of the settings */
	struct report report; /* what is printed; its arena is this arena (cli_use_arena) */
	struct conf conf;
	struct store store;
	bool has_store;
	struct cli_sink *sink; /* where the report is written; NULL: standard output */
	struct buf *said;      /* not NULL: messages go there, and the report is not written */
	struct buf *once;      /* not NULL: messages so far, each of which is printed only once */
	bool is_broken;        /* the reader of the output is gone; writing has no effect */
	int64_t progress_ms;   /* when progress was last shown */
	bool has_progress;
};

extern const struct verb cli_verbs[];
extern const size_t cli_n_verbs;
extern const struct cli_option cli_options[];
extern const size_t cli_n_options;

/* Reads the arguments, runs the verb, returns the exit code. */
int cli_main(int argc, char **argv);

/* ---- Options and words ---- */

/* Returns the last value of an option; "" when it takes none, and STR_NULL when it is not given.
 * name: of a row of verbs.h. */
bool cli_has(const struct cli *c, const char *name);
struct str cli_value(const struct cli *c, const char *name);
/* True when the verb should say that there are more rows: always to people, and to programs unless
 * they set --limit. */
bool cli_mentions_more(const struct cli *c);
/* Reads a whole number from least to most. False after saying what is wrong. */
bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t otherwise,
	int64_t *ret);
/* Reads a number of bytes such as 64M. False after saying what is wrong. */
bool cli_size(struct cli *c, const char *name, uint64_t otherwise, uint64_t *ret);
/* True when the number of words is from least to most. False after saying how the verb is used. */
bool cli_words(struct cli *c, size_t least, size_t most);
/* Makes a query of the options since, until, kind, errors and where, with room for that many
 * further clauses. False after saying what is wrong. */
bool cli_filter(struct cli *c, size_t room, struct query *ret);

/* ---- Messages ---- */

/* Prints `flatspan VERB: …` on standard error and returns code. */
enum cli_exit cli_fail(struct cli *c, enum cli_exit code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints the error of c->report and returns its code. */
enum cli_exit cli_report_failed(struct cli *c);
/* Prints an error of the library about a thing, such as "workspace acme", and returns its code. */
enum cli_exit cli_error(struct cli *c, enum err e, struct str what);
/* Prints an error about the workspace of the command and returns its code. */
enum cli_exit cli_workspace_error(struct cli *c, enum err e);
enum cli_exit cli_exit_of(enum err e);
/* Prints a sentence for people on standard error. */
void cli_note(struct cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Shows progress in place of the last one, if standard error is a terminal. */
void cli_progress(struct cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_progress_end(struct cli *c);
/* Sets the arena of the verb and of its report, and returns the one before. */
struct arena *cli_use_arena(struct cli *c, struct arena *a);
/* Write the report: when it is large, or always. False: its reader is gone. */
bool cli_flush_if_large(struct cli *c);
bool cli_flush(struct cli *c);
/* Returns the width of the terminal; 0 when standard output is not a terminal or does not say. */
size_t cli_terminal_cells(void);
/* Returns a word of a command, quoted for the shell if needed. is_of_crontab: also escapes %, which
 * ends a command in a crontab. */
struct str cli_shell_word(struct cli *c, struct str word, bool is_of_crontab);
/* Returns a size such as 1.5K or 12M, at most 6 characters long. */
struct str cli_bytes(struct cli *c, uint64_t n);
/* Ends an object (report_json_end), and writes the report when it is large. */
void cli_json_end(struct cli *c, struct json_writer *w);

/* ---- The store ---- */

/* Opens the store, for a verb whose row of verbs.h does not ask for it. */
enum cli_exit cli_open_store(struct cli *c);
/* Opens the store, and sets *ret to the error when the directory exists but cannot be opened. */
enum cli_exit cli_find_store(struct cli *c, enum err *ret);
/* True when that is the name of a workspace. False after saying what such a name is. */
bool cli_check_workspace(struct cli *c, struct str name);
/* Opens the view of the command's workspace, or says why not. */
enum cli_exit cli_view(struct cli *c, struct view *ret);
/* Makes a process of root one of the owner of the data, so that the servers can read what it
 * writes. False after saying why not. */
bool cli_become_owner(struct cli *c, struct str dir);

#endif
