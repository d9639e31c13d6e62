/*
 * Stores lines into a workspace, each span at most once.  Every import ends here, whatever the
 * format.
 *
 *	intake_begin(&in, cli)
 *	intake_survey(&in, true)	then each line of files that can be read twice
 *	intake_survey(&in, false)
 *	intake_line(&in, line, name, number)	any number of times; name and number are for
 *messages intake_end(&in)
 *
 * A line that says what the workspace holds already, or something older, is skipped, so importing a
 * file again stores nothing.  Versions without updated_at are ordered by the time of arrival, which
 *is the same for all lines of a run; so only the newest version of each surveyed span is stored.
 *Lines that cannot be read twice are skipped when they are older than one before them.
 *
 * Records without a time get that of their file, which is arbitrary: when a span of the same
 *identity is stored, the record gets the times of that span.
 *
 * Lines without a cost get a computed one (semconv/cost.h).  A line whose span is stored with a
 * computed cost is known, whatever the prices are now.
 */
#ifndef FLATSPAN_BIN_TRANSFER_INTAKE_H
#define FLATSPAN_BIN_TRANSFER_INTAKE_H

#include "semconv/cost.h"
#include "store/notes.h"
#include "store/settings.h"
#include "transfer/known.h"
#include "transfer/newest.h"

#define INTAKE_DATED INT64_MAX

struct intake {
	struct cli *cli;
	bool is_dry;
	bool is_survey;   /* lines are only looked at */
	bool is_surveyed; /* the lines to come were surveyed */
	/* The time of records without one; INTAKE_DATED: lines have times of their own. */
	int64_t file_ns;
	bool is_broken; /* something could not be stored, which was reported */
	struct known known;
	struct price_file prices;
	struct pricing pricing;
	struct newest newest;
	struct settings settings; /* of the workspace */
	struct mask mask;
	struct arena memory; /* of the current batch */
	struct span *spans;
	size_t n_spans;
	struct note *notes;
	size_t n_notes;
	size_t bytes; /* of the batch */
	uint64_t n_stored, n_known, n_refused, n_notes_stored;
};

enum cli_exit intake_begin(struct intake *in, struct cli *c);
/* While it is on, lines are not stored, refused or counted. */
void intake_survey(struct intake *in, bool is_on);
/* Takes a line. Refused lines are reported and counted; anything but CLI_OK ends the import. */
enum cli_exit intake_line(struct intake *in, struct str line, struct str name, size_t number);
/* Reports that a part of the input was not stored, and counts it. */
void intake_refuse(struct intake *in, struct str name, size_t number, struct str why);
enum cli_exit intake_end(struct intake *in);

#endif
