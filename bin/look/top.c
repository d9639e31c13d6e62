/* top: what takes the most time, money or tokens, or fails most, now, by name and model. With
 * --follow it is redrawn every two seconds, on a terminal. */
#include "look/look.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"

#include <poll.h>
#include <unistd.h>

enum { DEFAULT_ROWS = 20, MOST_ROWS = 1000, PAUSE_MS = 2000 };

/* Moves the cursor to the corner and clears the screen. */
#define CLEAR "\033[H\033[2J"

static enum cli_exit top_print(struct cli *c, size_t limit)
{
	struct query q;
	struct stats_options options = {
		.by = cli_value(c, "by"), .order = cli_value(c, "sort"), .limit = limit
	};
	if (!cli_filter(c, 0, &q))
		return CLI_USAGE;
	if (!cli_has(c, "since") && !cli_has(c, "until"))
		q.from_ns = utime_now() - 3600 * NS_PER_S;
	if (str_is_null(options.by))
		options.by = STR("name,model");
	if (str_is_null(options.order))
		options.order = STR("duration");
	return look_stats(c, &q, &options);
}

/* Prints once, with memory of its own. */
static enum cli_exit top_redraw(struct cli *c, size_t limit)
{
	struct arena a;
	arena_init(&a, (size_t)1 << 40);
	struct arena *own = cli_use_arena(c, &a);
	c->report.cells = cli_terminal_cells();
	buf_add(&c->report.out, STR(CLEAR));
	enum cli_exit code = top_print(c, limit);
	bool is_read = cli_flush(c);
	(void)cli_use_arena(c, own);
	arena_release(&a);
	return is_read ? code : CLI_IO;
}

enum cli_exit verb_top(struct cli *c)
{
	int64_t limit;
	if (!cli_words(c, 0, 0) || !cli_number(c, "limit", 1, MOST_ROWS, DEFAULT_ROWS, &limit))
		return CLI_USAGE;
	if (!cli_has(c, "follow") || c->report.form == REPORT_JSON ||
		c->report.form == REPORT_TSV || isatty(STDOUT_FILENO) != 1)
		return top_print(c, (size_t)limit);
	for (;;) {
		enum cli_exit code = top_redraw(c, (size_t)limit);
		if (code)
			return code;
		(void)poll(NULL, 0, PAUSE_MS);
	}
}
