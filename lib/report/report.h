/*
 * A report is spans, traces or sums as text, JSON lines, tab-separated values or a table.  The
 * functions of this folder append to `out`; they neither print nor end the process.
 *
 * The caller fills in the arena, the form and the width, and may write `out` and empty it between
 * two rows.  When a function fails, `error` holds the reason as a sentence.
 */
#ifndef FLATSPAN_REPORT_REPORT_H
#define FLATSPAN_REPORT_REPORT_H

#include "report/table.h"

#include "base/buf.h"
#include "base/errors.h"
#include "json/write.h"

enum report_form { REPORT_TEXT, REPORT_JSON, REPORT_TSV, REPORT_TABLE };

struct report_error {
	enum err kind;
	const char *option; /* the option or argument that is wrong; NULL: none */
	struct str message;
};

struct report {
	struct arena *arena;
	struct buf out;
	enum report_form form;
	size_t cells;       /* the width of a terminal; 0: rows may have any width */
	struct str columns; /* names of columns; empty: objects stay objects (columns.h) */
	struct table table;
	size_t row_start; /* offset in `out` of the object that is being written */
	struct report_error error;
};

void report_init(struct report *r, struct arena *a, enum report_form form);

/* ---- Errors ---- */

/* Sets the error and returns kind. */
enum err report_fail(struct report *r, enum err kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Sets the error about a value of an option or argument, and returns ERR_INVALID. */
enum err report_fail_option(struct report *r, const char *option, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Sets the sentence for an error of the library about a thing, such as "the trace"; returns e. */
enum err report_fail_about(struct report *r, enum err e, struct str what);
/* Sets the sentence for an error about a workspace; returns e. */
enum err report_fail_workspace(struct report *r, enum err e, struct str workspace);

/* ---- Text ---- */

/* Appends text that others wrote (printable.h), cut after width cells (0: never), and with pad
 * filled with spaces up to width. */
void report_put(struct report *r, struct str text, size_t width, bool pad);
/* Appends text padded to width; longer text is not cut and moves what follows. */
void report_put_whole(struct report *r, struct str text, size_t width);
/* Appends the text of a canonical body on one line, cut and padded like report_put(). */
void report_put_body(struct report *r, struct str body, size_t width, bool pad);
/* Returns a duration such as 12.3ms, 4.56s or 2m03s. */
struct str report_duration(struct arena *a, int64_t ns);
/* Returns a time such as 2026-11-21 13:45:00. */
struct str report_time(struct arena *a, int64_t ns);

/* ---- Objects ---- */

/* Opens an object at the end of `out`. */
struct json_writer report_json(struct report *r);
/* Closes the object and ends its line; with columns it becomes a row. */
void report_json_end(struct report *r, struct json_writer *w);

#endif
