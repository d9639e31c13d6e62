#include "row.h"
#include "show.h"
#include "show_fit.h"

enum { LEVEL_MAX = 6, HEAD_BYTES = 200 };

static const struct {
	const char *title;
	enum field field;
} bodies[FIT_BODIES] = { { "Input", FIELD_INPUT }, { "Output", FIELD_OUTPUT } };

/* A fence that the text does not end: longer than any run of backticks in it. */
static size_t fence_of(struct str text)
{
	size_t run = 0, longest = 2;
	for (size_t i = 0; i < text.len; i++) {
		run = text.ptr[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest + 1;
}

static void put_fence(struct cli *c, size_t n)
{
	while (n--)
		buf_add_char(&c->out, '`');
	buf_add_char(&c->out, '\n');
}

/* Cut between two characters. */
static struct str cut(struct str text, size_t n)
{
	if (text.len <= n)
		return text;
	while (n && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return str_first(text, n);
}

static struct str text_of(struct cli *c, struct str value)
{
	struct json v = json_open(value);
	return v.type == JSON_STRING ? json_decode(c->arena, json_body(v)) : value;
}

static void put_body(struct markdown *m, const struct fit *f, const char *title, struct str value)
{
	struct cli *c = m->cli;
	struct str all = text_of(c, value);
	size_t most = fit_body(f, all.len);
	struct str text = cut(all, most < m->cut_bytes ? most : m->cut_bytes), rest = text;
	size_t fence = fence_of(text);
	buf_printf(&c->out, "\n%s:\n\n", title);
	put_fence(c, fence);
	while (!str_is_null(rest)) {
		cli_put(c, str_cut(&rest, '\n'), 0, false);
		buf_add_char(&c->out, '\n');
	}
	put_fence(c, fence);
	if (text.len < all.len)
		buf_printf(&c->out, "\n(cut: %zu of %zu bytes)\n", text.len, all.len);
}

static void put_heading(struct cli *c, const struct show_row *r)
{
	const struct span *s = &r->span;
	buf_add_char(&c->out, '\n');
	for (size_t i = 0; i < LEVEL_MAX && i < r->depth + 2; i++)
		buf_add_char(&c->out, '#');
	buf_printf(&c->out, " %.*s ",
		STR_ARG(kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN))));
	cli_put_body(c, span_text(s, FIELD_NAME), 200, false);
	buf_add(&c->out, STR("\n\n"));
	row_put_details(c, s);
}

/* A line that is gone has neither. */
static enum err read_bodies(struct markdown *m, struct row_ref ref, struct str *ret)
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

static enum err put_bodies(struct markdown *m, const struct fit *f, struct row_ref ref)
{
	struct str value[FIT_BODIES];
	enum err e = read_bodies(m, ref, value);
	for (size_t i = 0; i < FIT_BODIES && !e; i++)
		if (!str_is_null(value[i]))
			put_body(m, f, bodies[i].title, value[i]);
	return e;
}

/* ---- What has room ---- */

static size_t measure_heading(struct cli *c, const struct show_row *r)
{
	size_t start = c->out.len;
	put_heading(c, r);
	size_t bytes = c->out.len - start;
	c->out.len = start;
	return bytes;
}

static enum err measure(struct markdown *m, const struct show_row *r, struct fit_row *ret)
{
	struct str value[FIT_BODIES];
	enum err e = read_bodies(m, r->ref, value);
	if (e)
		return e;
	*ret = (struct fit_row){ .depth = r->depth,
		.has_failed = span_i64(&r->span, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR,
		.heading_bytes = measure_heading(m->cli, r) };
	for (size_t i = 0; i < FIT_BODIES; i++) {
		if (str_is_null(value[i]))
			continue;
		size_t all = text_of(m->cli, value[i]).len;
		ret->body_bytes[i] = all > m->cut_bytes ? m->cut_bytes + FIT_MARK_BYTES : all + 1;
	}
	return ERR_OK;
}

static enum err make_fit(struct markdown *m, const struct show_row *rows, size_t n, struct fit *ret)
{
	struct arena *a = m->cli->arena;
	struct fit f = { .rows = arena_calloc(a, n + 1, sizeof *f.rows), .n = n };
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(a);
		enum err e = measure(m, &rows[i], &f.rows[i]);
		arena_rewind(a, mark);
		if (e)
			return e;
	}
	size_t room = m->max_tokens * FIT_TOKEN_BYTES;
	fit(&f, a, room > HEAD_BYTES ? room - HEAD_BYTES : 0);
	*ret = f;
	return ERR_OK;
}

static void put_head(struct markdown *m, const struct fit *f, struct str trace_id, size_t n)
{
	struct cli *c = m->cli;
	buf_add(&c->out, STR("# Trace "));
	cli_put(c, trace_id, 0, false);
	buf_printf(&c->out, "\n\n%zu spans, workspace %.*s\n", n, STR_ARG(c->workspace));
	if (f->level_bytes == SIZE_MAX)
		return;
	buf_printf(&c->out, "\nCut to about %zu tokens: ", m->max_tokens);
	if (f->n_shown < n)
		buf_printf(&c->out, "%zu of %zu spans, ", f->n_shown, n);
	if (f->n_whole == 0) {
		buf_add(&c->out, STR("no inputs and outputs.\n"));
		return;
	}
	if (f->n_whole < n)
		buf_printf(&c->out, "inputs and outputs of %zu spans only, ", f->n_whole);
	buf_printf(&c->out, "up to %zu bytes of each input and output.\n", f->level_bytes);
}

static void put_gap(struct cli *c, size_t n)
{
	if (n)
		buf_printf(&c->out, "\n(%zu span%s left out)\n", n, n == 1 ? " is" : "s are");
}

enum err show_markdown(
	struct markdown *m, struct str trace_id, const struct show_row *rows, size_t n)
{
	struct cli *c = m->cli;
	struct fit f = { .level_bytes = SIZE_MAX };
	size_t n_left_out = 0;
	enum err e = m->max_tokens ? make_fit(m, rows, n, &f) : ERR_OK;
	if (e)
		return e;
	put_head(m, &f, trace_id, n);
	for (size_t i = 0; i < n && !e && cli_flush_if_large(c); i++) {
		struct arena_mark mark = arena_mark(c->arena);
		enum fit_part part = f.rows ? f.rows[i].part : FIT_WHOLE;
		n_left_out += part == FIT_NONE;
		if (part == FIT_NONE)
			continue;
		put_gap(c, n_left_out);
		n_left_out = 0;
		put_heading(c, &rows[i]);
		if (part == FIT_WHOLE)
			e = put_bodies(m, &f, rows[i].ref);
		arena_rewind(c->arena, mark);
	}
	put_gap(c, n_left_out);
	return e;
}
