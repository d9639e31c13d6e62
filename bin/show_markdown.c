#include "row.h"
#include "show.h"

enum { LEVEL_MAX = 6 };

void show_markdown_head(struct markdown *m, struct str trace_id, size_t n_spans)
{
	struct cli *c = m->cli;
	buf_add(&c->out, STR("# Trace "));
	cli_put(c, trace_id, 0, false);
	buf_printf(&c->out, "\n\n%zu spans, workspace %.*s\n", n_spans, STR_ARG(c->workspace));
}

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

static void put_body(struct markdown *m, const char *title, struct str value)
{
	struct cli *c = m->cli;
	struct json v = json_open(value);
	struct str all = v.type == JSON_STRING ? json_decode(c->arena, json_body(v)) : value;
	struct str text = cut(all, m->cut_bytes), rest = text;
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

void show_markdown(struct markdown *m, const struct span *row, struct row_ref ref, size_t depth)
{
	struct cli *c = m->cli;
	struct field_set want = { { 0 } };
	struct arena_mark mark = arena_mark(c->arena);
	struct span s;
	if (m->error)
		return;
	field_set_add(&want, FIELD_INPUT);
	field_set_add(&want, FIELD_OUTPUT);
	buf_add_char(&c->out, '\n');
	for (size_t i = 0; i < LEVEL_MAX && i < depth + 2; i++)
		buf_add_char(&c->out, '#');
	buf_printf(&c->out, " %.*s ",
		STR_ARG(kind_name((enum kind)span_i64(row, FIELD_KIND, KIND_UNKNOWN))));
	cli_put_body(c, span_text(row, FIELD_NAME), 200, false);
	buf_add(&c->out, STR("\n\n"));
	row_put_details(c, row);
	enum err e = engine_fetch(m->view, ref, &want, &s, NULL);
	if (!e && span_has(&s, FIELD_INPUT))
		put_body(m, "Input", span_text(&s, FIELD_INPUT));
	if (!e && span_has(&s, FIELD_OUTPUT))
		put_body(m, "Output", span_text(&s, FIELD_OUTPUT));
	if (e != ERR_NOT_FOUND)
		m->error = e;
	arena_rewind(c->arena, mark);
	(void)cli_flush_if_large(c);
}
