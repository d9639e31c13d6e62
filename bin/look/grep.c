/* grep: spans that have a text in their name, input, output or metadata, ignoring case. */
#include "report/filter.h"
#include "report/row.h"
#include "verb.h"

#include "query/engine.h"
#include "query/match/text.h"

#define MOST_ROWS 1000000

enum { BEFORE_BYTES = 40, AROUND_BYTES = 110 };

struct hits {
	struct cli *cli;
	struct view *view;
	struct text_needle needle;
	int64_t limit, n;
	struct buf refs; /* an array of struct row_ref */
};

static bool grep_take(void *user, const struct span *s, struct row_ref ref)
{
	struct hits *h = user;
	(void)s;
	buf_add(&h->refs, str_of((const char *)&ref, sizeof ref));
	return true;
}

/* Appends the match with some text around it. */
static bool put_around(struct hits *h, struct str member, struct str text)
{
	struct cli *c = h->cli;
	size_t at = text_find(&h->needle, text, 0);
	if (at == text.len)
		return false;
	size_t from = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
	while (from > 0 && ((unsigned char)text.ptr[from] & 0xc0) == 0x80)
		from--;
	buf_add(&c->report.out, STR("    "));
	report_put(&c->report, member, 0, false);
	buf_printf(&c->report.out, ": %s", from ? "..." : "");
	report_put(&c->report, str_skip(text, from), AROUND_BYTES, false);
	buf_add_char(&c->report.out, '\n');
	return true;
}

static enum err put_hit(struct hits *h, struct row_ref ref)
{
	static const enum field where[] = { FIELD_NAME, FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA };
	struct cli *c = h->cli;
	struct span s;
	struct str line;
	enum err e = engine_fetch(h->view, ref, NULL, &s, &line);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	row_put(&c->report, &s, line);
	for (size_t i = 0; c->report.form == REPORT_TEXT && i < sizeof where / sizeof where[0]; i++)
		if (span_has(&s, where[i]) &&
			put_around(h, field_info[where[i]].member, span_text(&s, where[i])))
			break;
	return ERR_OK;
}

static enum cli_exit grep_find(struct hits *h, const struct query *q)
{
	struct cli *c = h->cli;
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = engine_each(h->view, q, &want, grep_take, h);
	size_t n = h->refs.len / sizeof(struct row_ref);
	const struct row_ref *refs = (const struct row_ref *)(const void *)h->refs.ptr;
	row_begin(&c->report);
	/* The spans that arrived last come first. */
	for (size_t i = n; i-- > 0 && !e && h->n < h->limit && cli_flush_if_large(c);) {
		struct arena_mark mark = arena_mark(c->arena);
		e = put_hit(h, refs[i]);
		h->n++;
		arena_rewind(c->arena, mark);
	}
	if (e)
		return cli_workspace_error(c, e);
	if ((int64_t)n > h->limit && cli_mentions_more(c))
		cli_note(c, "these are %lld of %zu; --limit shows more", (long long)h->limit, n);
	/* As grep does, it fails when it finds nothing. */
	return n ? CLI_OK : CLI_FAILED;
}

enum cli_exit verb_grep(struct cli *c)
{
	struct query q;
	struct view v;
	struct hits h = { .cli = c, .view = &v };
	if (!cli_words(c, 1, 1) || !cli_filter(c, 1, &q) ||
		!cli_number(c, "limit", 1, MOST_ROWS, MOST_ROWS, &h.limit))
		return CLI_USAGE;
	if (c->words[0].len == 0)
		return cli_fail(c, CLI_USAGE, "the text to search for is empty");
	struct str text = text_fold(c->arena, json_encode(c->arena, c->words[0]));
	struct pred p = { .field = QUERY_ANY_TEXT,
		.op = OP_TEXT,
		.texts = &text,
		.n_values = 1,
		.text_mode = TEXT_SUBSTRING };
	filter_add(&q, c->arena, p);
	text_needle_init(&h.needle, text);
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	buf_init(&h.refs, c->arena);
	code = grep_find(&h, &q);
	buf_release(&h.refs);
	view_close(&v);
	return code;
}
