/*
 * export: the current version of each span as a stored line, in the order of their arrival.  A
 * line says which day's row it replaces, and in another place it replaces nothing, so that is left
 * out; the rest is byte for byte what is stored.  With --otlp, as requests that can be sent again.
 */
#include "filter.h"
#include "otlp.h"
#include "verb.h"

#include "base/hash.h"
#include "query/engine.h"
#include "store/notes.h"

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

static enum cli_exit export_spans(struct cli *c, struct view *v, const struct query *q)
{
	struct refs list;
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_SPAN_ID);
	buf_init(&list.refs, c->arena);
	enum err e = engine_each(v, q, &want, take, &list);
	if (e)
		return cli_error(c, e, STR("the workspace"));
	size_t n = list.refs.len / sizeof(struct row_ref);
	const struct row_ref *refs = (const struct row_ref *)(const void *)list.refs.ptr;
	for (size_t i = 0; i < n && cli_flush_if_large(c); i++) {
		struct span s;
		struct str line;
		e = engine_fetch(v, refs[i], NULL, &s, &line);
		if (e == ERR_NOT_FOUND) {
			cli_note(c, "a line is damaged and left out");
			continue;
		}
		if (e)
			return cli_error(c, e, STR("a line"));
		put_line(c, line, &s);
		cli_progress(c, "%zu of %zu spans", i + 1, n);
	}
	buf_release(&list.refs);
	return CLI_OK;
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
	return e ? cli_error(c, e, STR("the workspace")) : CLI_OK;
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

enum cli_exit verb_export(struct cli *c)
{
	struct query q;
	struct view v;
	if (!cli_words(c, 0, 0) || !filter_read(c, 0, &q))
		return CLI_USAGE;
	if (cli_has(c, "otlp") && cli_has(c, "notes"))
		return cli_fail(c, CLI_USAGE, "--otlp: OTLP knows no notes");
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	code = cli_has(c, "otlp") ? export_otlp(c, &v, &q) : export_spans(c, &v, &q);
	if (code == CLI_OK && cli_has(c, "notes"))
		code = export_notes(c, &v);
	if (code == CLI_OK && v.n_torn + v.n_rot + v.n_zero)
		cli_note(c, "%llu damaged lines were left out",
			(unsigned long long)(v.n_torn + v.n_rot + v.n_zero));
	view_close(&v);
	return code;
}
