/* show: a trace as a tree of its spans, or one span in full. */
#include "report/markdown.h"
#include "report/otlp.h"
#include "report/row.h"
#include "report/tree.h"
#include "report/waterfall.h"
#include "verb.h"

#include "query/engine.h"

static enum cli_exit show_lines(struct cli *c, struct view *v, const struct tree *t)
{
	row_begin(&c->report);
	for (size_t i = 0; i < t->n && cli_flush_if_large(c); i++) {
		struct span s;
		struct str line;
		enum err e = engine_fetch(v, t->rows[i].ref, NULL, &s, &line);
		if (e && e != ERR_NOT_FOUND)
			return cli_error(c, e, STR("a line"));
		if (!e)
			row_put(&c->report, &s, line);
	}
	return CLI_OK;
}

static enum cli_exit show_otlp(struct cli *c, struct view *v, struct tree *t)
{
	struct otlp o;
	enum err e = ERR_OK;
	otlp_begin(&o, &c->report, v);
	tree_sort(t);
	for (size_t i = 0; i < t->n && !e; i++) {
		e = otlp_add(&o, t->rows[i].ref);
		(void)cli_flush_if_large(c);
	}
	otlp_end(&o);
	return e ? cli_error(c, e, STR("a line")) : CLI_OK;
}

static enum cli_exit show_span(struct cli *c, struct view *v, struct str id)
{
	struct report *r = &c->report;
	struct span s;
	bool found;
	enum err e = engine_get(v, STR_NULL, STR_NULL, id, &s, &found);
	if (e)
		return cli_error(c, e, STR("the span"));
	if (!found)
		return cli_fail(c, CLI_NOT_FOUND,
			"there is no trace or span %.*s in workspace %.*s", STR_ARG(c->words[0]),
			STR_ARG(c->workspace));
	if (cli_has(c, "otlp")) {
		struct otlp o;
		otlp_begin(&o, r, v);
		otlp_add_span(&o, &s);
		otlp_end(&o);
	} else if (r->form != REPORT_TEXT) {
		struct buf line;
		buf_init(&line, c->arena);
		line_write(&line, &s);
		row_begin(r);
		row_put(r, &s, str_first(buf_str(&line), line.len - 1));
	} else {
		row_put_members(r, &s);
	}
	return CLI_OK;
}

/* True when an option is given that only a trace can be shown with. */
static bool show_wants_trace(const struct cli *c)
{
	return cli_has(c, "md") || cli_has(c, "tree") || cli_has(c, "waterfall");
}

static bool show_has_waterfall(const struct cli *c)
{
	return cli_has(c, "waterfall") || (!cli_has(c, "tree") && c->report.cells);
}

static void show_tree(struct cli *c, struct tree *t)
{
	struct report *r = &c->report;
	struct waterfall w = { .cells = 0 };
	if (show_has_waterfall(c))
		w.cells = waterfall_cells(r->cells);
	for (size_t i = 0; i < t->n; i++)
		waterfall_add(&w, &t->rows[i].span);
	waterfall_put_head(&w, r);
	tree_arrange(t);
	for (size_t i = 0; i < t->n && cli_flush_if_large(c); i++) {
		waterfall_put(&w, r, &t->order[i]->span);
		tree_put_row(r, t->order[i]);
	}
}

static enum cli_exit show_markdown(struct cli *c, struct markdown *m)
{
	bool has_more = true;
	enum err e = markdown_begin(m, c->words[0]);
	while (!e && has_more && cli_flush_if_large(c))
		e = markdown_next(m, &has_more);
	return e ? cli_error(c, e, STR("a span")) : CLI_OK;
}

enum cli_exit verb_show(struct cli *c)
{
	struct view v;
	struct tree t;
	uint64_t cut;
	int64_t tokens;
	if (!cli_words(c, 1, 1) ||
		!cli_number(c, "max-tokens", 1, MARKDOWN_TOKENS_MAX, 0, &tokens) ||
		!cli_size(c, "cut", tokens ? SIZE_MAX : MARKDOWN_CUT_BYTES, &cut))
		return CLI_USAGE;
	if (cli_has(c, "otlp") + cli_has(c, "md") + cli_has(c, "tree") + cli_has(c, "waterfall") >
		1)
		return cli_fail(
			c, CLI_USAGE, "--tree, --waterfall, --md and --otlp exclude each other");
	if (tokens && !cli_has(c, "md"))
		return cli_fail(c, CLI_USAGE, "--max-tokens needs --md");
	struct str id = json_encode(c->arena, c->words[0]);
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	enum err e = tree_read(&t, &v, id);
	if (e) {
		code = cli_error(c, e, STR("the trace"));
	} else if (t.n == 0 && show_wants_trace(c)) {
		code = cli_fail(c, CLI_NOT_FOUND, "there is no trace %.*s",
			STR_ARG(str_first(c->words[0], 60)));
	} else if (t.n == 0) {
		code = show_span(c, &v, id);
	} else if (cli_has(c, "otlp")) {
		code = show_otlp(c, &v, &t);
	} else if (c->report.form != REPORT_TEXT) {
		code = show_lines(c, &v, &t);
	} else if (cli_has(c, "md")) {
		tree_arrange(&t);
		code = show_markdown(c, &(struct markdown){ .report = &c->report,
						.view = &v,
						.tree = &t,
						.cut_bytes = (size_t)cut,
						.max_tokens = (size_t)tokens });
	} else {
		show_tree(c, &t);
	}
	view_close(&v);
	return code;
}
