#include "report/otlp.h"

#include "api/otlp/render.h"

enum { REQUEST_BYTES = 4 << 20 };
#define MEMORY_BYTES ((size_t)8 << 30)

void otlp_begin(struct otlp *o, struct report *r, struct view *v)
{
	*o = (struct otlp){ .report = r, .view = v };
	o->spans = arena_calloc(r->arena, OTLP_SPANS, sizeof *o->spans);
	arena_init(&o->memory, MEMORY_BYTES);
}

static void otlp_flush(struct otlp *o)
{
	struct report *r = o->report;
	if (!o->n)
		return;
	otlp_spans_render(&o->memory, o->view->workspace, o->spans, o->n, &r->out);
	buf_add_char(&r->out, '\n');
	arena_release(&o->memory);
	arena_init(&o->memory, MEMORY_BYTES);
	o->n = o->bytes = 0;
}

void otlp_add_span(struct otlp *o, const struct span *s)
{
	o->spans[o->n++] = *s;
	if (o->n == OTLP_SPANS || o->bytes > REQUEST_BYTES)
		otlp_flush(o);
}

enum err otlp_add(struct otlp *o, struct row_ref ref)
{
	struct span s;
	struct str line;
	enum err e = view_read_line(o->view, ref, &line);
	if (e && e != ERR_NOT_FOUND)
		return e;
	/* The buffer of the view will hold the next line. */
	line = e ? STR("") : arena_copy(&o->memory, line);
	if (line_read(line, NULL, false, &s) != LINE_OK) {
		o->view->n_rot++; /* the index has the line, so only this finds that it is damaged
				   */
	} else if (!s.is_deleted) {
		o->bytes += line.len;
		otlp_add_span(o, &s);
	}
	return ERR_OK;
}

void otlp_end(struct otlp *o)
{
	otlp_flush(o);
	arena_release(&o->memory);
}
