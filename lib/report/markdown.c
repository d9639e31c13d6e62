#include "report/markdown.h"
#include "report/row.h"

#include "query/engine.h"

enum { LEVEL_MAX = 6, HEAD_BYTES = 200 };

static const struct {
	const char *title;
	enum field field;
} bodies[FIT_BODIES] = { { "Input", FIELD_INPUT }, { "Output", FIELD_OUTPUT } };

/* Returns the length of a fence that the text does not end: longer than any run of backticks in it.
 */
static size_t markdown_fence(struct str text)
{
	size_t run = 0, longest = 2;
	for (size_t i = 0; i < text.len; i++) {
		run = text.ptr[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest + 1;
}

static void markdown_put_fence(struct report *r, size_t n)
{
	while (n--)
		buf_add_char(&r->out, '`');
	buf_add_char(&r->out, '\n');
}

/* Cuts a text between two characters. */
static struct str markdown_cut(struct str text, size_t n)
{
	if (text.len <= n)
		return text;
	while (n && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return str_first(text, n);
}

static struct str markdown_text(struct report *r, struct str value)
{
	struct json v = json_open(value);
	return v.type == JSON_STRING ? json_decode(r->arena, json_body(v)) : value;
}

static void markdown_put_body(struct markdown *m, const char *title, struct str value)
{
	struct report *r = m->report;
	struct str all = markdown_text(r, value);
	size_t most = fit_body(&m->fit, all.len);
	struct str text = markdown_cut(all, most < m->cut_bytes ? most : m->cut_bytes), rest = text;
	size_t fence = markdown_fence(text);
	buf_printf(&r->out, "\n%s:\n\n", title);
	markdown_put_fence(r, fence);
	while (!str_is_null(rest)) {
		report_put(r, str_cut(&rest, '\n'), 0, false);
		buf_add_char(&r->out, '\n');
	}
	markdown_put_fence(r, fence);
	if (text.len < all.len)
		buf_printf(&r->out, "\n(cut: %zu of %zu bytes)\n", text.len, all.len);
}

static void markdown_put_heading(struct report *r, const struct tree_row *row)
{
	const struct span *s = &row->span;
	buf_add_char(&r->out, '\n');
	for (size_t i = 0; i < LEVEL_MAX && i < row->depth + 2; i++)
		buf_add_char(&r->out, '#');
	buf_printf(&r->out, " %.*s ",
		STR_ARG(kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN))));
	report_put_body(r, span_text(s, FIELD_NAME), 200, false);
	buf_add(&r->out, STR("\n\n"));
	row_put_details(r, s);
}

/* Reads input and output; a line that no longer exists has neither. */
static enum err markdown_read_bodies(struct markdown *m, struct row_ref ref, struct str *ret)
{
	struct field_set want = { { 0 } };
	struct span s;
	for (size_t i = 0; i < FIT_BODIES; i++)
		field_set_add(&want, bodies[i].field);
	enum err e = engine_fetch(m->view, ref, &want, &s, NULL);
	for (size_t i = 0; i < FIT_BODIES; i++) {
		bool has = !e && span_has(&s, bodies[i].field);
		ret[i] = has ? span_text(&s, bodies[i].field) : STR_NULL;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err markdown_put_bodies(struct markdown *m, struct row_ref ref)
{
	struct str value[FIT_BODIES];
	enum err e = markdown_read_bodies(m, ref, value);
	for (size_t i = 0; i < FIT_BODIES && !e; i++)
		if (!str_is_null(value[i]))
			markdown_put_body(m, bodies[i].title, value[i]);
	return e;
}

/* ---- What fits ---- */

static size_t markdown_measure_heading(struct report *r, const struct tree_row *row)
{
	size_t start = r->out.len;
	markdown_put_heading(r, row);
	size_t bytes = r->out.len - start;
	r->out.len = start;
	return bytes;
}

static enum err markdown_measure(
	struct markdown *m, const struct tree_row *row, struct fit_row *ret)
{
	struct str value[FIT_BODIES];
	enum err e = markdown_read_bodies(m, row->ref, value);
	if (e)
		return e;
	*ret = (struct fit_row){ .depth = row->depth,
		.has_failed = span_i64(&row->span, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR,
		.heading_bytes = markdown_measure_heading(m->report, row) };
	for (size_t i = 0; i < FIT_BODIES; i++) {
		if (str_is_null(value[i]))
			continue;
		size_t all = markdown_text(m->report, value[i]).len;
		ret->body_bytes[i] = all > m->cut_bytes ? m->cut_bytes + FIT_MARK_BYTES : all + 1;
	}
	return ERR_OK;
}

static enum err markdown_fit(struct markdown *m)
{
	struct arena *a = m->report->arena;
	size_t n = m->tree->n;
	struct fit f = { .rows = arena_calloc(a, n + 1, sizeof *f.rows), .n = n };
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(a);
		enum err e = markdown_measure(m, m->tree->order[i], &f.rows[i]);
		arena_rewind(a, mark);
		if (e)
			return e;
	}
	size_t room = m->max_tokens * FIT_TOKEN_BYTES;
	fit(&f, a, room > HEAD_BYTES ? room - HEAD_BYTES : 0);
	m->fit = f;
	return ERR_OK;
}

static void markdown_put_head(struct markdown *m, struct str trace_id)
{
	const struct fit *f = &m->fit;
	size_t n = m->tree->n;
	struct report *r = m->report;
	buf_add(&r->out, STR("# Trace "));
	report_put(r, trace_id, 0, false);
	buf_printf(&r->out, "\n\n%zu spans, workspace %.*s\n", n, STR_ARG(m->view->workspace));
	if (f->level_bytes == SIZE_MAX)
		return;
	buf_printf(&r->out, "\nCut to about %zu tokens: ", m->max_tokens);
	if (f->n_shown < n)
		buf_printf(&r->out, "%zu of %zu spans, ", f->n_shown, n);
	if (f->n_whole == 0) {
		buf_add(&r->out, STR("no inputs and outputs.\n"));
		return;
	}
	if (f->n_whole < n)
		buf_printf(&r->out, "inputs and outputs of %zu spans only, ", f->n_whole);
	buf_printf(&r->out, "up to %zu bytes of each input and output.\n", f->level_bytes);
}

static void markdown_put_gap(struct report *r, size_t n)
{
	if (n)
		buf_printf(&r->out, "\n(%zu span%s left out)\n", n, n == 1 ? " is" : "s are");
}

enum err markdown_begin(struct markdown *m, struct str trace_id)
{
	m->fit = (struct fit){ .level_bytes = SIZE_MAX };
	m->at = m->n_left_out = 0;
	enum err e = m->max_tokens ? markdown_fit(m) : ERR_OK;
	if (!e)
		markdown_put_head(m, trace_id);
	return e;
}

enum err markdown_next(struct markdown *m, bool *ret_has_more)
{
	struct report *r = m->report;
	enum err e = ERR_OK;
	*ret_has_more = m->at < m->tree->n;
	if (!*ret_has_more) {
		markdown_put_gap(r, m->n_left_out);
		return ERR_OK;
	}
	const struct tree_row *row = m->tree->order[m->at];
	enum fit_part part = m->fit.rows ? m->fit.rows[m->at].part : FIT_WHOLE;
	m->at++;
	m->n_left_out += part == FIT_NONE;
	if (part == FIT_NONE)
		return ERR_OK;
	struct arena_mark mark = arena_mark(r->arena);
	markdown_put_gap(r, m->n_left_out);
	m->n_left_out = 0;
	markdown_put_heading(r, row);
	if (part == FIT_WHOLE)
		e = markdown_put_bodies(m, row->ref);
	arena_rewind(r->arena, mark);
	return e;
}
