#include "chores/salvage.h"

#include "base/utime.h"
#include "index/lookup.h"
#include "span/rescue.h"
#include "store/append.h"
#include "store/notes.h"

enum { BATCH_BYTES = 16 << 20 };
#define MEMORY_BYTES ((size_t)4 << 30)

static void salvage_forget(struct salvage *s)
{
	arena_release(&s->memory);
	arena_init(&s->memory, MEMORY_BYTES);
	buf_init(&s->lines, &s->memory);
	s->n_lines = 0;
}

void salvage_begin(struct salvage *s, struct cli *c, struct str workspace)
{
	*s = (struct salvage){ .cli = c, .workspace = workspace };
	arena_init(&s->memory, MEMORY_BYTES);
	buf_init(&s->lines, &s->memory);
}

static bool is_span(const struct span *s)
{
	return span_text(s, FIELD_SPAN_ID).len && span_text(s, FIELD_TRACE_ID).len &&
	       span_text(s, FIELD_SOURCE).len;
}

/* True when the line begins where a reader of the file finds one. An index may still know a line
 * that is inside of a damaged one. */
static enum err is_at_its_own(struct view *v, struct row_ref ref, bool *ret)
{
	char before = '\n';
	size_t n = 1;
	enum err e = ref.at ? shard_read(v, ref.shard, &before, 1, ref.at - 1, &n) : ERR_OK;
	*ret = n == 1 && before == '\n';
	return e;
}

static enum err is_span_known(struct view *v, const struct span *s, bool *ret)
{
	struct span stored;
	struct row_ref ref;
	bool found;
	enum err e = lookup_span(v, span_text(s, FIELD_SOURCE), span_text(s, FIELD_TRACE_ID),
		span_text(s, FIELD_SPAN_ID), &stored, &ref, &found);
	if (!e && found)
		e = is_at_its_own(v, ref, &found);
	/* A deletion of a span that does not exist has no effect. */
	*ret = !e && (found ? span_version(&stored) >= span_version(s) : s->is_deleted);
	return e;
}

/* True when a line has this version of the note or a newer one, also of a deleted note, which
 * notes_get() would not find. */
static enum err is_note_known(struct view *notes, const struct note *n, bool *ret)
{
	struct shard_reader r;
	struct row_ref ref;
	struct str line;
	struct note other;
	bool has_more;
	enum err e = ERR_OK;
	*ret = false;
	for (size_t i = 0; i < notes->n_shards && !e && !*ret; i++) {
		e = shard_reader_open(notes, i, 0, -1, &r);
		if (e)
			return e;
		while (!*ret && !(e = shard_reader_next(&r, &line, &ref, &has_more)) && has_more)
			*ret = note_read(line, &other) && other.kind == n->kind &&
			       str_eq(other.text[NOTE_FIELD_ID], n->text[NOTE_FIELD_ID]) &&
			       other.updated_ns >= n->updated_ns;
		shard_reader_close(&r);
	}
	return e;
}

/* Lines to store: what the workspace does not know. The lines themselves stay as they are. */
struct news {
	struct span *spans;
	struct note *notes;
	size_t n_spans, n_notes;
};

static enum err salvage_add_line(
	struct str line, struct view *v, struct view *notes, struct news *to)
{
	struct span span;
	struct note note;
	bool is_known = true, is_note = note_read(line, &note);
	enum err e = ERR_OK;
	if (is_note)
		e = is_note_known(notes, &note, &is_known);
	else if (line_read(line, NULL, true, &span) == LINE_OK && is_span(&span))
		e = is_span_known(v, &span, &is_known);
	if (e || is_known)
		return e;
	if (is_note) {
		to->notes[to->n_notes++] = note;
	} else {
		span.prev_day = SPAN_NO_DAY; /* it is looked up again */
		to->spans[to->n_spans++] = span;
	}
	return ERR_OK;
}

static enum err find_news(struct salvage *s, struct view *v, struct news *ret)
{
	struct view notes;
	struct str lines = buf_str(&s->lines);
	enum err e = view_open_notes(v, &notes);
	if (e)
		return e;
	ret->spans = arena_calloc(&s->memory, s->n_lines, sizeof *ret->spans);
	ret->notes = arena_calloc(&s->memory, s->n_lines, sizeof *ret->notes);
	while (!e && lines.len)
		e = salvage_add_line(str_cut(&lines, '\n'), v, &notes, ret);
	view_close(&notes);
	return e;
}

static enum err salvage_store(struct salvage *s)
{
	const struct store *to = &s->cli->store;
	struct news news = { 0 };
	struct view v;
	enum err e = view_open(to, s->workspace, &s->memory, &v);
	if (e)
		return e;
	e = find_news(s, &v, &news);
	view_close(&v);
	if (!e && news.n_spans)
		e = store_append(
			to, s->workspace, false, &s->memory, news.spans, news.n_spans, utime_now());
	if (!e)
		e = notes_append(
			to, s->workspace, false, &s->memory, news.notes, news.n_notes, utime_now());
	if (!e)
		s->n_stored += news.n_spans + news.n_notes;
	return e;
}

static void salvage_flush(struct salvage *s)
{
	if (s->lines.len && !s->error)
		s->error = salvage_store(s);
	salvage_forget(s);
}

uint64_t salvage_line(struct salvage *s, struct str line)
{
	struct str sound;
	uint64_t n = 0;
	for (; line_rescue(&line, &sound); n++) {
		buf_add(&s->lines, sound);
		buf_add_char(&s->lines, '\n');
	}
	s->n_found += n;
	s->n_lines += n;
	if (s->lines.len >= BATCH_BYTES)
		salvage_flush(s);
	return n;
}

enum err salvage_end(struct salvage *s)
{
	salvage_flush(s);
	arena_release(&s->memory);
	return s->error;
}
