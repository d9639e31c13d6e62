/*
 * The command line: what its verbs share.
 *
 * A verb is a row of verbs.h and a function here: it gets its options and words read and checked,
 * prints what it has to say into c->report (data, on standard output) or by cli_fail() and
 * cli_note() (sentences, on standard error), and returns how it went.
 *
 * Verbs are safe beside running servers: they read as the servers do, and write by the same
 * protocol.  Nothing here is kept between two runs.
 */
#ifndef FLATSPAN_BIN_CLI_H
#define FLATSPAN_BIN_CLI_H

#include "report/report.h"

#include "base/conf.h"
#include "query/query.h"
#include "shard/root.h"
#include "shard/shard.h"
#include "json/read.h"

/* Scripts depend on these: append only. */
enum cli_exit {
	CLI_OK,
	CLI_FAILED,
	CLI_USAGE,
	CLI_NOT_FOUND,
	CLI_AUTH,
	CLI_IO,
	CLI_UNVERIFIED /* it ran, but what it should have led to was not seen */
};

struct cli_option {
	const char *name;  /* long, without the dashes */
	char letter;       /* 0: none */
	const char *value; /* what stands for its value in the help; NULL: it takes none */
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
	struct cli_set *set; /* options as given, in their order */
	size_t n_set;
	struct str *words; /* what is no option, the verb left out */
	size_t n_words;
	struct str workspace; /* of -w, else the setting's */
	struct report report; /* what is printed; its arena is this arena (cli_use_arena) */
	struct conf conf;
	struct store store;
	bool has_store;
	struct cli_sink *sink; /* where out is written; NULL: standard output */
	struct buf *said;      /* not NULL: what is said goes there, and out stays where it is */
	struct buf *once;      /* not NULL: the lines that were said, none of which is said again */
	bool is_broken;        /* what is written to is gone; writing has no effect */
	int64_t progress_ms;   /* when it was last shown */
	bool has_progress;
};

extern const struct verb cli_verbs[];
extern const size_t cli_n_verbs;
extern const struct cli_option cli_options[];
extern const size_t cli_n_options;

/* Reads the arguments, runs the verb, returns the exit code. */
int cli_main(int argc, char **argv);

/* ---- Options and words ---- */

/* Was this option given? The last value of it; STR_NULL when it was not. name: of a row of
 * verbs.h. */
bool cli_has(const struct cli *c, const char *name);
struct str cli_value(const struct cli *c, const char *name);
/* Is it said that there are more rows? To programs unless they have asked for so many themselves.
 */
bool cli_tells_of_more(const struct cli *c);
/* A whole number from least to most; false after saying what is wrong. */
bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t otherwise,
	int64_t *ret);
/* A number of bytes such as 64M. */
bool cli_size(struct cli *c, const char *name, uint64_t otherwise, uint64_t *ret);
/* Exactly so many words; false after saying what is wrong. */
bool cli_words(struct cli *c, size_t least, size_t most);
/* The options since, until, kind, errors and where as a query, with room for that many further
 * clauses. False after saying what is wrong. */
bool cli_filter(struct cli *c, size_t room, struct query *ret);

/* ---- Saying things ---- */

/* `flatspan VERB: …` on standard error; returns code. */
enum cli_exit cli_fail(struct cli *c, enum cli_exit code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Says the error of c->report and returns its code. */
enum cli_exit cli_report_failed(struct cli *c);
/* The same of an error of the library; what: "workspace acme", say. */
enum cli_exit cli_error(struct cli *c, enum err e, struct str what);
/* Of the workspace that is looked at. */
enum cli_exit cli_workspace_error(struct cli *c, enum err e);
enum cli_exit cli_exit_of(enum err e);
/* A sentence for people, on standard error. */
void cli_note(struct cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Progress: replaced by the next one, only where standard error is a terminal. */
void cli_progress(struct cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_progress_end(struct cli *c);
/* Makes another arena that of the verb and of its report; returns the one before. */
struct arena *cli_use_arena(struct cli *c, struct arena *a);
/* Writes the report when it is large, or whatever is there; false: nobody reads any more. */
bool cli_flush_if_large(struct cli *c);
bool cli_flush(struct cli *c);
/* How wide the terminal is; 0: standard output is none, or it does not say. */
size_t cli_terminal_cells(void);
/* A word of a command that is shown: quoted for the shell where it must be, and with what cron
 * would take for the end of the command. */
struct str cli_shell_word(struct cli *c, struct str word, bool is_of_crontab);
/* 1.5K, 12M: a width of 6. */
struct str cli_bytes(struct cli *c, uint64_t n);
/* report_json_end(), and writes what is large. */
void cli_json_end(struct cli *c, struct json_writer *w);

/* ---- The store ---- */

/* Opens it, for a verb whose row of verbs.h does not ask for that. */
enum cli_exit cli_open_store(struct cli *c);
/* The same for who says better what is wrong with a directory that is there: *ret. */
enum cli_exit cli_find_store(struct cli *c, enum err *ret);
/* Is that the name of a workspace? False after saying what one is. */
bool cli_check_workspace(struct cli *c, struct str name);
/* The workspace's view, or said why not. */
enum cli_exit cli_view(struct cli *c, struct view *ret);
/* A program that root runs does what it does as the owner of the data, so that the servers can
 * read what it leaves. False after saying why not. */
bool cli_become_owner(struct cli *c, struct str dir);

#endif
