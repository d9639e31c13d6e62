/*
 * export: the current version of each span as a stored line, in the order of their arrival.  A line
 * says which day's row it replaces; that is left out, because elsewhere it replaces nothing; the
 * rest is byte for byte what is stored.  With --otlp it prints requests that can be sent again,
 * with --hive it writes a file a day (hive.c), with --gzip it compresses.
 */
#include "transfer/export.h"
#include "report/filter.h"
#include "report/otlp.h"
#include "transfer/pack.h"
#include "verb.h"

#include "base/hash.h"
#include "query/engine.h"
#include "store/notes.h"

#include <unistd.h>

struct exporting {
	struct cli *cli;
	struct view *view;
	uint64_t n_unread; /* spans in damaged frames, or where the disk does not read */
	bool is_partial;   /* rows of a damaged day are missing */
};

struct refs {
	struct buf refs; /* an array of struct row_ref */
};

static bool export_take(void *user, const struct span *s, struct row_ref ref)
{
	struct refs *r = user;
	(void)s;
	buf_add(&r->refs, str_of((const char *)&ref, sizeof ref));
	return true;
}

static void export_put_line(struct cli *c, struct str line, const struct span *s)
{
	if (s->prev_day == SPAN_NO_DAY) {
		buf_add(&c->report.out, line);
		buf_add_char(&c->report.out, '\n');
		return;
	}
	struct span bare = *s;
	bare.prev_day = SPAN_NO_DAY;
	line_write(&c->report.out, &bare);
}

bool export_strictly(struct view *v)
{
	bool is_damaged = false;
	for (size_t i = 0; i < v->n_shards; i++) {
		v->shards[i].is_strict = true;
		is_damaged = is_damaged || (v->shards[i].is_sealed && v->shards[i].is_damaged);
	}
	return is_damaged;
}

enum err export_row(struct cli *c, struct view *v, struct row_ref ref)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct span s;
	struct str line;
	enum err e = engine_fetch(v, ref, NULL, &s, &line);
	if (!e)
		export_put_line(c, line, &s);
	arena_rewind(c->arena, mark);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Appends each span to the report, or to `o`. Spans that cannot be read are counted and do not stop
 * it: the others may be what is left. */
static enum err export_each(struct exporting *x, const struct query *q, struct otlp *o)
{
	struct cli *c = x->cli;
	struct refs list;
	struct field_set nothing = { { 0 } };
	buf_init(&list.refs, c->arena);
	enum err e = engine_each(x->view, q, &nothing, export_take, &list);
	size_t n = list.refs.len / sizeof(struct row_ref);
	x->is_partial = export_strictly(x->view);
	const struct row_ref *refs = (const struct row_ref *)(const void *)list.refs.ptr;
	for (size_t i = 0; i < n && !e && cli_flush_if_large(c); i++) {
		e = o ? otlp_add(o, refs[i]) : export_row(c, x->view, refs[i]);
		x->n_unread += e == ERR_IO;
		if (e == ERR_IO)
			e = ERR_OK;
		cli_progress(c, "%zu of %zu spans", i + 1, n);
	}
	buf_release(&list.refs);
	return e;
}

static enum cli_exit export_spans(struct exporting *x, const struct query *q)
{
	struct otlp o;
	bool is_otlp = cli_has(x->cli, "otlp");
	if (is_otlp)
		otlp_begin(&o, &x->cli->report, x->view);
	enum err e = export_each(x, q, is_otlp ? &o : NULL);
	if (is_otlp)
		otlp_end(&o);
	return e ? cli_workspace_error(x->cli, e) : CLI_OK;
}

static enum cli_exit export_notes(struct cli *c, struct view *v)
{
	struct notes notes;
	enum err e = notes_open(v, (1U << NOTE_KIND__MAX) - 1, &notes);
	if (e)
		return cli_error(c, e, STR("the notes"));
	for (size_t i = 0; i < notes.n && !e && cli_flush_if_large(c); i++) {
		struct arena_mark mark = arena_mark(c->arena);
		struct note note;
		e = notes_fetch(&notes, &notes.rows[i], &note);
		if (!e)
			note_write(&c->report.out, &note);
		arena_rewind(c->arena, mark);
	}
	notes_close(&notes);
	return e ? cli_error(c, e, STR("the notes")) : CLI_OK;
}

static enum cli_exit export_all(struct exporting *x, struct query *q)
{
	struct cli *c = x->cli;
	if (cli_has(c, "hive"))
		return export_hive(c, x->view, q);
	enum cli_exit code = export_spans(x, q);
	return code == CLI_OK && cli_has(c, "notes") ? export_notes(c, x->view) : code;
}

static enum cli_exit export_packed(struct exporting *x, struct query *q)
{
	struct pack p;
	enum cli_exit code = pack_begin(&p, x->cli, STDOUT_FILENO, "standard output", true);
	if (code)
		return code;
	code = export_all(x, q);
	if (code == CLI_OK)
		return pack_end(&p);
	pack_drop(&p);
	return code;
}

static bool export_check_options(struct cli *c)
{
	const char *wrong = NULL;
	if (cli_has(c, "otlp") && cli_has(c, "notes"))
		wrong = "--otlp: OTLP has no notes";
	else if (cli_has(c, "hive") && (cli_has(c, "otlp") || cli_has(c, "notes")))
		wrong = "--hive: only for lines of spans";
	else if (cli_has(c, "dir") && !cli_has(c, "hive"))
		wrong = "--dir needs --hive";
	else if (cli_has(c, "gzip") && !cli_has(c, "hive") && isatty(STDOUT_FILENO) == 1)
		wrong = "--gzip: output is a terminal";
	if (wrong)
		(void)cli_fail(c, CLI_USAGE, "%s", wrong);
	return !wrong;
}

enum cli_exit verb_export(struct cli *c)
{
	struct query q;
	struct view v;
	if (!cli_words(c, 0, 0) || !export_check_options(c) || !cli_filter(c, 0, &q))
		return CLI_USAGE;
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	struct exporting x = { .cli = c, .view = &v };
	bool is_packed = cli_has(c, "gzip") && !cli_has(c, "hive");
	code = is_packed ? export_packed(&x, &q) : export_all(&x, &q);
	if (code == CLI_OK && v.n_torn + v.n_rot + v.n_zero)
		cli_note(c, "%llu damaged lines were left out",
			(unsigned long long)(v.n_torn + v.n_rot + v.n_zero));
	if (code == CLI_OK && x.n_unread)
		code = cli_fail(c, CLI_IO,
			"%llu spans cannot be read and were left out; `flatspan verify` says where",
			(unsigned long long)x.n_unread);
	if (code == CLI_OK && x.is_partial)
		code = cli_fail(c, CLI_IO,
			"a sealed day is damaged, so part of it is missing; `flatspan verify` says where");
	view_close(&v);
	return code;
}
