#include "report/waterfall.h"

enum {
	USUAL_CELLS = 32,
	LEAST_CELLS = 10,
	MOST_CELLS = 40,
	SHARE = 4,        /* of the terminal; the rest is for the tree */
	PRECISE_BITS = 56 /* Lengths of time are reduced to this, so that they can be multiplied by
			     halves of cells. */
};

size_t waterfall_cells(size_t terminal_cells)
{
	size_t cells = terminal_cells / SHARE;
	if (!terminal_cells)
		return USUAL_CELLS;
	return cells < LEAST_CELLS ? LEAST_CELLS : cells > MOST_CELLS ? MOST_CELLS : cells;
}

static int64_t waterfall_end(const struct span *s, int64_t started_ns)
{
	int64_t ended_ns = span_i64(s, FIELD_ENDED_AT, started_ns);
	return ended_ns < started_ns ? started_ns : ended_ns;
}

void waterfall_add(struct waterfall *w, const struct span *s)
{
	if (!span_has(s, FIELD_STARTED_AT))
		return;
	int64_t from_ns = s->value[FIELD_STARTED_AT].i64, to_ns = waterfall_end(s, from_ns);
	if (!w->has_any || from_ns < w->from_ns)
		w->from_ns = from_ns;
	if (!w->has_any || to_ns > w->to_ns)
		w->to_ns = to_ns;
	w->has_any = true;
}

/* Returns how many halves of cells have begun at that time; is_end: also the one that begins then.
 */
static size_t waterfall_halves(const struct waterfall *w, int64_t ns, bool is_end)
{
	/* Unsigned, because clients choose the times, and a signed difference may overflow. */
	uint64_t whole = (uint64_t)w->to_ns - (uint64_t)w->from_ns;
	uint64_t part = (uint64_t)ns - (uint64_t)w->from_ns;
	while (whole >> PRECISE_BITS) {
		whole >>= 1;
		part >>= 1;
	}
	if (whole == 0)
		return is_end;
	return (size_t)((part * 2 * w->cells + (is_end ? whole - 1 : 0)) / whole);
}

void waterfall_put_head(const struct waterfall *w, struct report *r)
{
	if (!w->cells)
		return;
	uint64_t ns = (uint64_t)w->to_ns - (uint64_t)w->from_ns;
	struct str whole = report_duration(r->arena, ns > INT64_MAX ? INT64_MAX : (int64_t)ns);
	size_t room = w->cells - 1;
	buf_add(&r->out, STR("│0"));
	for (size_t i = whole.len; i < room; i++)
		buf_add_char(&r->out, ' ');
	report_put(r, whole, room, false);
	buf_add(&r->out, STR("│\n"));
}

void waterfall_put(const struct waterfall *w, struct report *r, const struct span *s)
{
	if (!w->cells)
		return;
	size_t from = 0, to = 0;
	bool is_open = !span_has(s, FIELD_ENDED_AT);
	if (span_has(s, FIELD_STARTED_AT)) {
		int64_t started_ns = s->value[FIELD_STARTED_AT].i64;
		from = waterfall_halves(w, started_ns, false);
		from = from < 2 * w->cells ? from : 2 * w->cells - 1;
		to = waterfall_halves(w, waterfall_end(s, started_ns), true);
		to = to > from ? to : from + 1;
	}
	buf_add(&r->out, STR("│"));
	for (size_t i = 0; i < w->cells; i++) {
		bool left = 2 * i >= from && 2 * i < to;
		bool right = 2 * i + 1 >= from && 2 * i + 1 < to;
		buf_add(&r->out, left && right                  ? STR("█")
				 : left                         ? STR("▌")
				 : right                        ? STR("▐")
				 : is_open && to && 2 * i >= to ? STR("┄")
								: STR(" "));
	}
	buf_add(&r->out, STR("│ "));
}
