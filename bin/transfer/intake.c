#include "transfer/intake.h"
#include "chores/tend.h"

#include "base/limits.h"
#include "base/utime.h"
#include "store/append.h"

enum { BATCH_SPANS = 1000, BATCH_BYTES = 16 << 20, REFUSALS_SHOWN = 10, REFUSAL_BYTES = 60 };
#define MEMORY_BYTES ((size_t)4 << 30)

/* Checks the workspace as the APIs do. */
static enum cli_exit check_workspace(struct cli *c)
{
	bool exists = true;
	struct str what = arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace));
	enum err e = ERR_OK;
	if (!c->conf.create_workspaces && !str_eq(c->workspace, c->conf.workspace))
		e = workspace_exists(&c->store, c->workspace, &exists);
	if (e)
		return cli_error(c, e, what);
	return exists ? CLI_OK
		      : cli_fail(c, CLI_NOT_FOUND,
				"%.*s: it does not exist, and create_workspaces is no; `flatspan workspace add` makes it",
				STR_ARG(what));
}

enum cli_exit intake_begin(struct intake *in, struct cli *c)
{
	enum cli_exit code = check_workspace(c);
	if (code)
		return code;
	*in = (struct intake){ .cli = c, .is_dry = cli_has(c, "dry-run"), .file_ns = INTAKE_DATED };
	in->spans = arena_calloc(c->arena, BATCH_SPANS, sizeof *in->spans);
	in->notes = arena_calloc(c->arena, BATCH_SPANS, sizeof *in->notes);
	arena_init(&in->memory, MEMORY_BYTES);
	newest_init(&in->newest, c->arena);
	in->pricing = (struct pricing){ .conf = &c->conf, .file = &in->prices };
	enum err e = settings_read(&c->store, c->workspace, c->arena, &in->settings);
	if (e && e != ERR_NOT_FOUND)
		return settings_error(c, e, c->workspace);
	e = mask_init(&in->mask, c->store.mask, &in->settings.mask, c->arena);
	if (!e)
		e = known_open(&in->known, c);
	if (e)
		return cli_error(
			c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace)));
	return CLI_OK;
}

void intake_refuse(struct intake *in, struct str name, size_t number, struct str why)
{
	if (in->is_survey)
		return; /* the line will be read again */
	in->n_refused++;
	if (in->n_refused <= REFUSALS_SHOWN)
		cli_note(in->cli, "%.*s:%zu: %.*s", STR_ARG(name), number, STR_ARG(why));
	else if (in->n_refused == REFUSALS_SHOWN + 1)
		cli_note(in->cli, "further records that are not stored are only counted");
}

/* ---- Reading a line ---- */

/* Makes a line canonical and adds its checksum. A line without one (of jq or an editor) gets one; a
 * wrong one is damage. False: *ret_why. */
static bool intake_seal(
	struct intake *in, struct str text, struct str *ret_line, struct str *ret_why)
{
	struct json_error error;
	struct str line = str_trim(text), body;
	if (!json_check(line, LIMIT_DEPTH, &error)) {
		*ret_why = arena_printf(
			&in->memory, "invalid JSON: %s at byte %zu", error.message, error.offset);
		return false;
	}
	struct json v = json_open(line);
	if (v.type != JSON_OBJECT) {
		*ret_why = STR("no JSON object");
		return false;
	}
	/* Check this before the line becomes canonical: the checksum is that of the original bytes.
	 */
	bool has_seal = json_get(v, STR("_c")).type != JSON_NONE;
	if (has_seal && line_check(line, &body) != LINE_OK) {
		*ret_why =
			STR("the checksum _c is wrong; without it the line is accepted as it is");
		return false;
	}
	struct str canonical = json_canonical(
		&in->memory, has_seal ? arena_printf(&in->memory, "%.*s}", STR_ARG(body)) : v.raw);
	if (canonical.len == 2) {
		*ret_why = STR("an empty object");
		return false;
	}
	struct buf b;
	buf_init(&b, &in->memory);
	buf_add(&b, str_first(canonical, canonical.len - 1));
	line_seal(&b, 0);
	*ret_line = str_first(buf_str(&b), b.len - 1);
	return true;
}

/* Returns the members that have no field. */
static struct str intake_read_extra(struct arena *a, struct str line)
{
	struct buf b;
	buf_init(&b, a);
	for (struct json_iter it = json_members(json_open(line)); json_next(&it);) {
		if (field_from_member(it.key) != FIELD__MAX || str_eq(it.key, STR("op")) ||
			str_eq(it.key, STR("_prev")) || str_eq(it.key, STR("_c")))
			continue;
		buf_printf(&b, "%s\"%.*s\":%.*s", b.len ? "," : "", STR_ARG(it.key),
			STR_ARG(it.value.raw));
	}
	return buf_str(&b);
}

static struct str missing_field(const struct span *s)
{
	static const enum field required[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE };
	for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
		if (span_text(s, required[i]).len == 0)
			return field_info[required[i]].member;
	if (!s->is_deleted && !span_has(s, FIELD_STARTED_AT))
		return field_info[FIELD_STARTED_AT].member;
	return STR_NULL;
}

/* Returns a member that could not be read and would be lost: a number in a text, a time of the year
 * 9999, an unknown kind. */
static struct str unread_field(const struct span *s, struct str line)
{
	for (struct json_iter it = json_members(json_open(line)); json_next(&it);) {
		enum field f = field_from_member(it.key);
		if (f != FIELD__MAX && it.value.type > JSON_NULL && !span_has(s, f))
			return it.key;
	}
	return STR_NULL;
}

/* ---- What is stored already ---- */

/* True when both say the same, except for when they arrived and what they cost by the prices of
 * that time. */
static bool intake_is_same(struct arena *a, const struct span *s, const struct span *stored)
{
	struct span bare[2] = { *s, *stored };
	struct buf b[2];
	if (cost_is_computed(stored) && !cost_is_given(s)) {
		cost_unset(&bare[0]);
		cost_unset(&bare[1]);
	}
	for (size_t i = 0; i < 2; i++) {
		bare[i].prev_day = SPAN_NO_DAY;
		span_unset(&bare[i], FIELD_INGESTED_AT);
		buf_init(&b[i], a);
		line_write(&b[i], &bare[i]);
	}
	bool is_same = str_eq(buf_str(&b[0]), buf_str(&b[1]));
	buf_release(&b[0]);
	buf_release(&b[1]);
	return is_same;
}

/* True when a time comes from the file. Spans of one record begin one after the other from there, a
 * step of a trajectory one millisecond after the previous one. Times in a record are before the
 * last change of the file. */
static bool is_undated(const struct intake *in, int64_t ns)
{
	const int64_t longest_ns = 3600 * NS_PER_S;
	return in->file_ns != INTAKE_DATED && ns >= in->file_ns && ns - in->file_ns < longest_ns;
}

/* Langfuse's rows hold the time of the newest of their events. */
static void keep_event_time(struct intake *in, struct span *s, const struct span *stored)
{
	struct json at[2];
	const struct span *spans[2] = { s, stored };
	int64_t ns;
	for (size_t i = 0; i < 2; i++)
		at[i] = json_get(
			json_open(arena_printf(&in->memory, "{%.*s}", STR_ARG(spans[i]->extra))),
			STR("langfuse_at"));
	if (at[0].type != JSON_STRING || at[1].type != JSON_STRING ||
		!utime_parse(json_body(at[0]), &ns) || !is_undated(in, ns))
		return;
	size_t start = str_find(s->extra, at[0].raw);
	s->extra = arena_printf(&in->memory, "%.*s%.*s%.*s", STR_ARG(str_first(s->extra, start)),
		STR_ARG(at[1].raw), STR_ARG(str_skip(s->extra, start + at[0].raw.len)));
}

static void keep_time(
	const struct intake *in, struct span *s, const struct span *stored, enum field f)
{
	if (span_has(s, f) && span_has(stored, f) && is_undated(in, span_i64(s, f, 0)))
		span_set_i64(s, f, span_i64(stored, f, 0));
}

static void intake_keep_times(struct intake *in, struct span *s, const struct span *stored)
{
	/* A record that has a start has its own end, which may be after its file's last change:
	 * file clocks stop for milliseconds, and copies have whole seconds only. */
	if (is_undated(in, span_i64(s, FIELD_STARTED_AT, INT64_MIN))) {
		keep_time(in, s, stored, FIELD_ENDED_AT);
		keep_time(in, s, stored, FIELD_STARTED_AT);
	}
	keep_time(in, s, stored, FIELD_UPDATED_AT);
	keep_event_time(in, s, stored);
}

/* True when the span is to be stored: the newest ingest wins, and this is one; but an update that
 * is known to be newer stays. */
static bool is_news(struct arena *a, const struct span *s, const struct span *stored)
{
	/* A partial span must not replace a complete one. */
	struct str partial = STR("\"langfuse_partial\"");
	if (str_find(s->extra, partial) < s->extra.len &&
		str_find(stored->extra, partial) == stored->extra.len)
		return false;
	if (stored->is_deleted && s->is_deleted)
		return false;
	if (span_has(stored, FIELD_UPDATED_AT) && span_version(stored) > span_version(s))
		return false;
	return !intake_is_same(a, s, stored);
}

/* True when the time of a note is that of its file, or looks like it: both its times are
 * one whole second. */
static bool is_undated_note(const struct note *n)
{
	return n->created_ns == n->updated_ns && n->created_ns % NS_PER_S == 0;
}

static bool is_known_note(struct arena *a, struct note *n, const struct note *stored)
{
	if (stored->updated_ns >= n->updated_ns)
		return true;
	if (!is_undated_note(n) || stored->is_deleted)
		return false;
	struct note dated = *n;
	struct buf b[2];
	dated.created_ns = n->created_ns = stored->created_ns;
	dated.updated_ns = stored->updated_ns;
	buf_init(&b[0], a);
	buf_init(&b[1], a);
	note_write(&b[0], &dated);
	note_write(&b[1], stored);
	bool is_same = str_eq(buf_str(&b[0]), buf_str(&b[1]));
	buf_release(&b[0]);
	buf_release(&b[1]);
	return is_same;
}

static enum err drop_known_notes(struct intake *in, struct view *v)
{
	struct notes notes;
	size_t n = 0;
	enum err e = notes_open(v, (1U << NOTE_KIND__MAX) - 1, &notes);
	if (e)
		return e;
	for (size_t i = 0; i < in->n_notes && !e; i++) {
		struct note stored;
		bool found;
		e = notes_get(&notes, in->notes[i].kind, in->notes[i].text[NOTE_FIELD_ID], &stored,
			&found);
		if (!e && found && is_known_note(&in->memory, &in->notes[i], &stored))
			in->n_known++;
		else
			in->notes[n++] = in->notes[i];
	}
	in->n_notes = n;
	notes_close(&notes);
	return e;
}

static enum err compare_notes(struct intake *in)
{
	struct view v;
	struct cli *c = in->cli;
	if (!in->n_notes)
		return ERR_OK;
	enum err e = view_open(&c->store, c->workspace, &in->memory, &v);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e; /* the workspace has no notes */
	e = drop_known_notes(in, &v);
	view_close(&v);
	return e;
}

/* ---- Storing ---- */

static enum err intake_store(struct intake *in)
{
	struct cli *c = in->cli;
	int64_t now_ns = utime_now();
	for (size_t i = 0; i < in->n_spans; i++)
		span_set_i64(&in->spans[i], FIELD_INGESTED_AT, now_ns);
	enum err e = store_append(
		&c->store, c->workspace, true, &in->memory, in->spans, in->n_spans, now_ns);
	if (!e)
		e = notes_append(
			&c->store, c->workspace, true, &in->memory, in->notes, in->n_notes, now_ns);
	return e;
}

static void forget_batch(struct intake *in)
{
	in->n_spans = in->n_notes = 0;
	in->bytes = 0;
	arena_release(&in->memory);
	arena_init(&in->memory, MEMORY_BYTES);
}

static enum cli_exit intake_flush(struct intake *in)
{
	struct cli *c = in->cli;
	enum err e = compare_notes(in);
	if (!e && !in->is_dry)
		e = intake_store(in);
	if (e) {
		in->is_broken = true;
		return cli_error(
			c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace)));
	}
	in->n_stored += in->n_spans;
	in->n_notes_stored += in->n_notes;
	forget_batch(in);
	cli_progress(c, "%llu spans", (unsigned long long)(in->n_stored + in->n_known));
	return CLI_OK;
}

static enum cli_exit intake_add_span(struct intake *in, struct span *s)
{
	struct cli *c = in->cli;
	struct span stored;
	bool found = false;
	enum err e = ERR_OK;
	/* A single span cannot tell whether the root of its trajectory has the cost. */
	if (!str_eq(span_text(s, FIELD_SOURCE), STR("atif")))
		pricing_apply(&in->pricing, &in->memory, s, 1);
	/* The stored span was masked too. */
	mask_span(&in->mask, s, &in->memory);
	if (!in->is_dry || !known_is_new(&in->known, s))
		e = known_find(&in->known, &in->memory, s, &stored, &found);
	if (e)
		return cli_error(
			c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace)));
	if (found && !stored.is_deleted)
		intake_keep_times(in, s, &stored);
	if (found ? !is_news(&in->memory, s, &stored) : s->is_deleted) {
		in->n_known++;
		return CLI_OK;
	}
	known_add(&in->known, s);
	in->spans[in->n_spans++] = *s;
	return CLI_OK;
}

/* Reads a span. False: it was refused. */
static bool intake_read_span(
	struct intake *in, struct str line, struct str name, size_t number, struct span *ret)
{
	/* Reads all members, in any order. */
	if (line_read(line, NULL, true, ret) != LINE_OK) {
		intake_refuse(in, name, number, STR("not a line of a span"));
		return false;
	}
	struct str unread = unread_field(ret, line), missing = missing_field(ret);
	if (!str_is_null(unread)) {
		intake_refuse(in, name, number,
			arena_printf(&in->memory, "%.*s cannot be %.*s", STR_ARG(unread),
				STR_ARG(str_first(
					json_get(json_open(line), unread).raw, REFUSAL_BYTES))));
		return false;
	}
	if (!str_is_null(missing)) {
		intake_refuse(in, name, number,
			arena_printf(&in->memory, "%.*s is missing", STR_ARG(missing)));
		return false;
	}
	ret->extra = intake_read_extra(&in->memory, line);
	ret->prev_day = SPAN_NO_DAY;
	return true;
}

void intake_survey(struct intake *in, bool is_on)
{
	in->is_survey = is_on;
	forget_batch(in);
}

static void survey_line(struct intake *in, struct str line, struct str name, size_t number)
{
	struct span s;
	struct note n;
	if (!note_read(line, &n) && intake_read_span(in, line, name, number, &s))
		newest_add(&in->newest, &s);
	if (in->bytes >= BATCH_BYTES)
		forget_batch(in);
	cli_progress(in->cli, "reading the input: %zu spans", in->newest.n);
}

static bool is_newest(struct intake *in, const struct span *s)
{
	return in->is_surveyed ? newest_take(&in->newest, s) : newest_pass(&in->newest, s);
}

/* Takes a line. is_again: it was read before, when there was no room. */
static enum cli_exit intake_take_line(
	struct intake *in, struct str text, struct str name, size_t number, bool is_again)
{
	struct str line, why;
	struct span s;
	struct note n;
	enum cli_exit code = CLI_OK;
	if (!intake_seal(in, text, &line, &why)) {
		intake_refuse(in, name, number, why);
		return CLI_OK;
	}
	in->bytes += line.len;
	if (in->is_survey) {
		survey_line(in, line, name, number);
		return CLI_OK;
	}
	if (note_read(line, &n)) {
		in->notes[in->n_notes++] = n;
	} else if (intake_read_span(in, line, name, number, &s)) {
		if (!is_again && !is_newest(in, &s)) {
			in->n_known++;
		} else if (known_is_new(&in->known, &s) && in->n_spans) {
			/* The span it is compared with must be stored first. The line goes with the
			 * memory of the batch, so it is read once more. */
			code = intake_flush(in);
			return code ? code : intake_take_line(in, text, name, number, true);
		} else {
			code = intake_add_span(in, &s);
		}
	}
	bool is_full = in->n_spans == BATCH_SPANS || in->n_notes == BATCH_SPANS ||
		       in->bytes >= BATCH_BYTES;
	return is_full && code == CLI_OK ? intake_flush(in) : code;
}

enum cli_exit intake_line(struct intake *in, struct str text, struct str name, size_t number)
{
	return str_trim(text).len ? intake_take_line(in, text, name, number, false) : CLI_OK;
}

static void print_counts(struct intake *in)
{
	struct cli *c = in->cli;
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_bool(&w, STR("dry_run"), in->is_dry);
		json_member_i64(&w, STR("stored"), (int64_t)in->n_stored);
		json_member_i64(&w, STR("notes"), (int64_t)in->n_notes_stored);
		json_member_i64(&w, STR("known"), (int64_t)in->n_known);
		json_member_i64(&w, STR("refused"), (int64_t)in->n_refused);
		cli_json_end(c, &w);
	} else {
		/* Some of the lines that came when there was no room may be stored. */
		buf_printf(&c->report.out, "%s%llu spans %s", in->is_broken ? "at least " : "",
			(unsigned long long)in->n_stored,
			in->is_dry ? "would be stored" : "stored");
		if (in->n_notes_stored)
			buf_printf(&c->report.out, ", %llu notes",
				(unsigned long long)in->n_notes_stored);
		if (in->n_known)
			buf_printf(&c->report.out, ", %llu were there already",
				(unsigned long long)in->n_known);
		if (in->n_refused)
			buf_printf(&c->report.out, ", %llu not taken",
				(unsigned long long)in->n_refused);
		buf_add_char(&c->report.out, '\n');
	}
}

enum cli_exit intake_end(struct intake *in)
{
	/* What could not be stored is not tried, and reported, again. */
	enum cli_exit code = in->is_broken ? CLI_IO : intake_flush(in);
	known_close(&in->known);
	mask_release(&in->mask);
	price_file_close(&in->prices);
	arena_release(&in->memory);
	/* Also after an error: the next run skips what is stored. */
	print_counts(in);
	return code ? code : in->n_refused ? CLI_FAILED : CLI_OK;
}
