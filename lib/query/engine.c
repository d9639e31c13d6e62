/* Lists, single spans and plain iteration of engine.h; groups, traces and sessions are beside. */
#include "query/engine.h"

#include "query/collect.h"
#include "query/rows.h"
#include "store/lookup.h"

static bool take_for_list(void *user, const struct span *s, struct row_ref ref)
{
	collect_take(user, s, ref);
	return true;
}

enum err engine_list(struct view *v, const struct query *q, struct row_list *ret)
{
	struct collect collect;
	struct rows rows;
	struct field_set nothing = { { 0 } };
	collect_init(&collect, q, v->arena);
	rows_open(&rows, v, q->deadline_ns);
	enum err e = rows_each(&rows, q, &nothing, take_for_list, &collect);
	rows_close(&rows);
	if (e == ERR_OK)
		collect_finish(&collect, ret);
	collect_release(&collect);
	return e;
}

enum err engine_fetch(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line)
{
	struct str line;
	enum err e = view_read_line(v, ref, &line);
	if (e != ERR_OK)
		return e;
	if (line_read(line, want, false, ret) != LINE_OK)
		return ERR_NOT_FOUND;
	if (ret_line)
		*ret_line = line;
	return ERR_OK;
}

enum err engine_get(struct view *v, struct str source, struct str trace_id, struct str span_id,
	struct span *ret, bool *ret_found)
{
	struct row_ref ref;
	struct span span;
	bool found = false;
	enum err e = lookup_span(v, source, trace_id, span_id, &span, &ref, &found);
	if (e != ERR_OK)
		return e;
	*ret_found = found && !span.is_deleted;
	if (*ret_found)
		*ret = span;
	return ERR_OK;
}

enum err engine_each(struct view *v, const struct query *q, const struct field_set *want,
	bool (*each)(void *user, const struct span *s, struct row_ref ref), void *user)
{
	struct rows rows;
	rows_open(&rows, v, q->deadline_ns);
	enum err e = rows_each(&rows, q, want, each, user);
	rows_close(&rows);
	return e;
}
