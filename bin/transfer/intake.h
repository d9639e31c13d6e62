/*
 * Stored lines into a workspace, each span at most once: what import ends in, whatever the format
 * it began with.
 *
 *	intake_begin(&in, cli)
 *	intake_survey(&in, true)	then each line of files that can be read twice
 *	intake_survey(&in, false)
 *	intake_line(&in, line, where)	any number of times; where: for messages
 *	intake_end(&in)
 *
 * A line that says what the workspace holds already, or something older, is skipped: running an
 * import again stores nothing again.  Lines get the time of their arrival, which is what versions
 * without updated_at are ordered by; so of the lines that were surveyed only the newest version of
 * each span is stored, and the older ones are skipped.  Of lines that cannot be read twice those
 * are skipped that are older than one before them.
 *
 * Records that name no time have that of their file, which says nothing of them: where one of the
 * same identity is stored it keeps the times it has there.
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
	bool is_survey;   /* lines are looked at only */
	bool is_surveyed; /* those that come were */
	/* What records without a time were given; INTAKE_DATED: the lines have times of their own.
	 */
	int64_t file_ns;
	bool is_broken; /* something could not be stored, and that was told */
	struct known known;
	struct price_file prices;
	struct pricing pricing;
	struct newest newest;
	struct settings settings; /* of the workspace */
	struct mask mask;
	struct arena memory; /* of the batch at hand */
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
/* Anything but CLI_OK ends the import; lines that are refused are told and counted. */
enum cli_exit intake_line(struct intake *in, struct str line, struct str name, size_t number);
/* Says that something of the input was not taken, and counts it. */
void intake_refuse(struct intake *in, struct str name, size_t number, struct str why);
enum cli_exit intake_end(struct intake *in);

#endif
