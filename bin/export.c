/*
 * export: the current version of each span as a stored line, in the order of their arrival.  A
 * line says which day's row it replaces, and in another place it replaces nothing, so that is left
 * out; the rest is byte for byte what is stored.  With --otlp, as requests that can be sent again;
 * with --hive, into a file a day (hive.c); with --gzip packed.
 */
#include "export.h"
#include "filter.h"
#include "otlp.h"
#include "pack.h"
#include "verb.h"

#include "base/hash.h"
#include "query/engine.h"
#include "store/notes.h"

#include <unistd.h>

struct refs {
	struct buf refs; /* of struct row_ref */
};

static bool take(void *user, const struct span *s, struct row_ref ref)
{
	struct refs *r = user;
	(void)s;
	buf_add(&r->refs, str_of((const char *)&ref, sizeof ref));
	return true;
}

static void put_line(struct cli *c, struct str line, const struct span *s)
{
	if (s->prev_day == SPAN_NO_DAY) {
		buf_add(&c->out, line);
		buf_add_char(&c->out, '\n');
		return;
	}
	struct span bare = *s;
	bare.prev_day = SPAN_NO_DAY;
	line_write(&c->out, &bare);
}

enum cli_exit export_row(struct cli *c, struct view *v, struct row_ref ref)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct span s;
	struct str line;
	enum err e = engine_fetch(v, ref, NULL, &s, &line);
	if (!e)
		put_line(c, line, &s);
	arena_rewind(c->arena, mark);
	if (e == ERR_NOT_FOUND)
		cli_note(c, "a line is damaged and left out");
	else if (e)
		return cli_error(c, e, STR("a line"));
	return CLI_OK;
}

static enum cli_exit export_spans(struct cli *c, struct view *v, const struct query *q)
{
	struct refs list;
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_SPAN_ID);
	buf_init(&list.refs, c->arena);
	enum err e = engine_each(v, q, &want, take, &list);
	if (e)
		return cli_workspace_error(c, e);
	enum cli_exit code = CLI_OK;
	size_t n = list.refs.len / sizeof(struct row_ref);
	const struct row_ref *refs = (const struct row_ref *)(const void *)list.refs.ptr;
	for (size_t i = 0; i < n && code == CLI_OK && cli_flush_if_large(c); i++) {
		code = export_row(c, v, refs[i]);
		cli_progress(c, "%zu of %zu spans", i + 1, n);
	}
	buf_release(&list.refs);
	return code;
}

static enum cli_exit export_otlp(struct cli *c, struct view *v, const struct query *q)
{
	struct refs list;
	struct otlp o;
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_SPAN_ID);
	buf_init(&list.refs, c->arena);
	enum err e = engine_each(v, q, &want, take, &list);
	size_t n = list.refs.len / sizeof(struct row_ref);
	const struct row_ref *refs = (const struct row_ref *)(const void *)list.refs.ptr;
	otlp_begin(&o, c, v);
	for (size_t i = 0; i < n && !e && !c->is_broken; i++) {
		e = otlp_add(&o, refs[i]);
		cli_progress(c, "%zu of %zu spans", i + 1, n);
	}
	otlp_end(&o);
	buf_release(&list.refs);
	return e ? cli_workspace_error(c, e) : CLI_OK;
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
			note_write(&c->out, &note);
		arena_rewind(c->arena, mark);
	}
	notes_close(&notes);
	return e ? cli_error(c, e, STR("the notes")) : CLI_OK;
}

static enum cli_exit export_all(struct cli *c, struct view *v, struct query *q)
{
	if (cli_has(c, "hive"))
		return export_hive(c, v, q);
	enum cli_exit code = cli_has(c, "otlp") ? export_otlp(c, v, q) : export_spans(c, v, q);
	return code == CLI_OK && cli_has(c, "notes") ? export_notes(c, v) : code;
}

static enum cli_exit export_packed(struct cli *c, struct view *v, struct query *q)
{
	struct pack p;
	enum cli_exit code = pack_begin(&p, c, STDOUT_FILENO, "standard output", true);
	if (code)
		return code;
	code = export_all(c, v, q);
	if (code == CLI_OK)
		return pack_end(&p);
	pack_drop(&p);
	return code;
}

static bool check_options(struct cli *c)
{
	const char *wrong = NULL;
	if (cli_has(c, "otlp") && cli_has(c, "notes"))
		wrong = "--otlp: OTLP knows no notes";
	else if (cli_has(c, "hive") && (cli_has(c, "otlp") || cli_has(c, "notes")))
		wrong = "--hive: it is for lines of spans";
	else if (cli_has(c, "dir") && !cli_has(c, "hive"))
		wrong = "--dir: it is for --hive";
	else if (cli_has(c, "gzip") && !cli_has(c, "hive") && isatty(STDOUT_FILENO) == 1)
		wrong = "--gzip: a terminal cannot show that";
	if (wrong)
		(void)cli_fail(c, CLI_USAGE, "%s", wrong);
	return !wrong;
}

enum cli_exit verb_export(struct cli *c)
{
	struct query q;
	struct view v;
	if (!cli_words(c, 0, 0) || !check_options(c) || !filter_read(c, 0, &q))
		return CLI_USAGE;
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	code = cli_has(c, "gzip") && !cli_has(c, "hive") ? export_packed(c, &v, &q)
							 : export_all(c, &v, &q);
	if (code == CLI_OK && v.n_torn + v.n_rot + v.n_zero)
		cli_note(c, "%llu damaged lines were left out",
			(unsigned long long)(v.n_torn + v.n_rot + v.n_zero));
	view_close(&v);
	return code;
}
