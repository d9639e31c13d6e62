/* The verb quarantine: rewrites damaged days from their sound spans and puts the old files aside.
 */
#include "chore.h"
#include "tend.h"
#include "verb.h"

#include "base/utime.h"
#include "store/aside.h"
#include "upkeep/quarantine.h"

static void quarantine_put_result(struct chore *ch, int32_t day, const struct quarantine_result *r)
{
	struct cli *c = ch->cli;
	if (c->report.form != REPORT_TEXT) {
		char text[10];
		utime_format_day(day, text);
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), ch->workspace);
		json_member_text(&w, STR("day"), str_of(text, sizeof text));
		json_member_i64(&w, STR("files"), (int64_t)r->n_files);
		json_member_i64(&w, STR("kept"), (int64_t)r->n_kept);
		json_member_i64(&w, STR("damaged"), (int64_t)r->n_bad);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out,
		"%.*s: %zu files are in %.*s/" ASIDE_DIR "; %llu lines were sound and stay, "
		"%llu were not\n",
		STR_ARG(chore_name(ch, day)), r->n_files, STR_ARG(ch->workspace),
		(unsigned long long)r->n_kept, (unsigned long long)r->n_bad);
	(void)cli_flush_if_large(c);
}

static void quarantine_one(struct chore *ch, int32_t day)
{
	struct cli *c = ch->cli;
	struct seal_options o = tend_options(c);
	struct quarantine_result r = { 0 };
	enum err e = quarantine_day(&c->store, ch->workspace, day, &o, &r);
	if (e == ERR_INVALID)
		chore_fail(
			ch, cli_fail(c, CLI_FAILED,
				    "%.*s: the day is not over, or ended less than %d minutes ago",
				    STR_ARG(chore_name(ch, day)), o.settle_ms / (60 * 1000)));
	else if (e == ERR_CONFLICT)
		cli_note(c, "%.*s: nothing is damaged; the day stays as it is",
			STR_ARG(chore_name(ch, day)));
	else if (e)
		chore_fail(ch, cli_error(c, e, chore_name(ch, day)));
	else
		quarantine_put_result(ch, day, &r);
}

enum cli_exit verb_quarantine(struct cli *c)
{
	/* Other chores take all days when none is named; this one does not. */
	if (!cli_words(c, 1, 1000))
		return CLI_USAGE;
	return chore_days(c, quarantine_one, NULL);
}
