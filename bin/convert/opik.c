/* Exports of Opik: traces with their spans, scores and comments, and pages of its API. Declared in
 * convert.h. */
#include "convert/convert.h"

#include "base/utime.h"
#include "semconv/opik_id.h"

static const char *const times[] = { "start_time", "end_time", "last_updated_at" };

/* Returns a time as RFC 3339: opik export writes it like Python's str(), with a space for the T. */
static struct str time_text(struct convert *cv, struct str text)
{
	enum { DATE_BYTES = sizeof "2026-11-21" - 1 };
	if (str_index(text, ' ') != DATE_BYTES)
		return text;
	return arena_printf(&cv->memory, "%.*sT%.*s", STR_ARG(str_first(text, DATE_BYTES)),
		STR_ARG(str_skip(text, DATE_BYTES + 1)));
}

static int64_t convert_opik_time_of(struct convert *cv, struct json v, int64_t otherwise)
{
	int64_t ns;
	bool is_time = v.type == JSON_STRING && utime_parse_lax(time_text(cv, json_body(v)), &ns);
	return is_time ? ns : otherwise;
}

static void write_times(struct convert *cv, struct json_writer *w, struct json thing)
{
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct json v = convert_get(thing, times[i]);
		if (v.type == JSON_STRING)
			json_member_body(w, str_from_c(times[i]), time_text(cv, json_body(v)));
		else if (v.type > JSON_NULL)
			json_member_raw(w, str_from_c(times[i]), v.raw);
	}
}

static struct str convert_opik_project_of(
	struct convert *cv, struct json thing, struct str otherwise)
{
	struct str own = convert_text(&cv->memory, thing, "project_name");
	return own.len ? own : otherwise;
}

/* ---- Scores and comments ---- */

/* What scores and comments are about. */
struct about {
	struct json id;
	struct str project;
	bool is_span;
};

/* Writes a score. score: of all authors together; said: of one of them. */
static struct str score_body(
	struct convert *cv, const struct about *about, struct json score, struct json said)
{
	static const char *const but[] = { "id", "name", "source", "author", "created_at",
		"last_updated_at", "created_by", "last_updated_by", "value_by_author", "span_type",
		"span_id", NULL };
	struct json source = convert_get(said, "source");
	struct buf b;
	struct json_writer w;
	if (source.type <= JSON_NULL)
		source = convert_get(score, "source");
	buf_init(&b, &cv->memory);
	json_writer_init(&w, &b);
	json_object(&w);
	json_key(&w, STR("scores"));
	json_array(&w);
	json_object(&w);
	convert_copy_but(cv, &w, said, but, false);
	json_member_raw(&w, STR("id"), about->id.raw);
	if (convert_get(score, "name").type > JSON_NULL)
		json_member_raw(&w, STR("name"), convert_get(score, "name").raw);
	if (source.type > JSON_NULL)
		json_member_raw(&w, STR("source"), source.raw);
	if (about->project.len)
		json_member_text(&w, STR("project_name"), about->project);
	json_end(&w);
	json_end(&w);
	json_end(&w);
	return buf_str(&b);
}

/* The API gives a score the author and the time of its request. */
static enum cli_exit convert_opik_send_score(struct convert *cv, const struct about *about,
	struct json score, struct json said, struct str author, bool is_only_one)
{
	struct str body = score_body(cv, about, score, said);
	int64_t file_ns = cv->file_ns;
	uint64_t n_refused = cv->intake->n_refused;
	int64_t changed = convert_opik_time_of(cv, convert_get(score, "last_updated_at"),
		convert_opik_time_of(cv, convert_get(score, "created_at"), file_ns));
	changed = convert_opik_time_of(cv, convert_get(said, "last_updated_at"), changed);
	int64_t made = is_only_one
			       ? convert_opik_time_of(cv, convert_get(score, "created_at"), changed)
			       : changed;
	int64_t sent[] = { made < changed ? made : changed, changed };
	enum cli_exit code = CLI_OK;
	cv->user = author;
	for (size_t i = sent[0] == sent[1];
		i < 2 && code == CLI_OK && cv->intake->n_refused == n_refused; i++) {
		cv->file_ns = sent[i];
		code = convert_send(cv, "PUT",
			about->is_span ? STR("/v1/private/spans/feedback-scores")
				       : STR("/v1/private/traces/feedback-scores"),
			STR("application/json"), body);
	}
	cv->user = STR("");
	cv->file_ns = file_ns;
	return code;
}

static struct str author_of(struct convert *cv, struct json_iter entry)
{
	struct str author = convert_text(&cv->memory, entry.value, "author");
	return author.len ? author : json_decode(&cv->memory, entry.key);
}

static enum cli_exit send_scores(struct convert *cv, const struct about *about, struct json scores)
{
	enum cli_exit code = CLI_OK;
	for (struct json_iter it = json_elements(scores); code == CLI_OK && json_next(&it);) {
		struct json authors = convert_get(it.value, "value_by_author");
		size_t n = 0;
		for (struct json_iter a = json_members(authors); json_next(&a);)
			n++;
		for (struct json_iter a = json_members(authors); code == CLI_OK && json_next(&a);)
			code = convert_opik_send_score(
				cv, about, it.value, a.value, author_of(cv, a), n == 1);
		if (n == 0)
			code = convert_opik_send_score(cv, about, it.value, it.value,
				convert_text(&cv->memory, it.value, "created_by"), true);
	}
	return code;
}

/* The API makes a new comment of each request, so this writes the stored form. */
static enum cli_exit write_comment(
	struct convert *cv, const struct about *about, struct json comment)
{
	static const struct {
		enum note_field to;
		const char *key;
		struct str otherwise;
	} texts[] = { { NOTE_FIELD_REASON, "text", { "", 0 } },
		{ NOTE_FIELD_CREATED_BY, "created_by", { "admin", 5 } },
		{ NOTE_FIELD_UPDATED_BY, "last_updated_by", { "admin", 5 } } };
	struct arena *a = &cv->memory;
	struct note n;
	struct buf line;
	note_init(&n, NOTE_COMMENT, about->is_span ? NOTE_ABOUT_SPAN : NOTE_ABOUT_TRACE);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct json v = convert_get(comment, texts[i].key);
		n.text[texts[i].to] = v.type == JSON_STRING ? json_canonical_body(a, json_body(v))
							    : texts[i].otherwise;
	}
	if (!opik_id_param(a, json_body(about->id), &n.text[note_target_field(n.about)]) ||
		!opik_id_param(a, json_body(convert_get(comment, "id")), &n.text[NOTE_FIELD_ID]) ||
		!n.text[NOTE_FIELD_REASON].len) {
		convert_refuse(cv, STR("a comment needs an id and a text"));
		return CLI_OK;
	}
	n.created_ns = convert_opik_time_of(cv, convert_get(comment, "created_at"), cv->file_ns);
	n.updated_ns =
		convert_opik_time_of(cv, convert_get(comment, "last_updated_at"), n.created_ns);
	buf_init(&line, a);
	note_write(&line, &n);
	return convert_line(cv, buf_str(&line));
}

static enum cli_exit send_notes(
	struct convert *cv, struct json thing, struct str project, bool is_span)
{
	struct about about = { convert_get(thing, "id"),
		convert_opik_project_of(cv, thing, project), is_span };
	struct json_iter comments = json_elements(convert_get(thing, "comments"));
	enum cli_exit code = send_scores(cv, &about, convert_get(thing, "feedback_scores"));
	while (code == CLI_OK && json_next(&comments))
		code = write_comment(cv, &about, comments.value);
	return code;
}

/* ---- Traces and spans ---- */

/* Writes a trace or a span. project: of the record, used when the thing has none. */
static void write_thing(struct convert *cv, struct json_writer *w, struct json thing,
	struct str project, bool is_span)
{
	static const char *const but[] = { "project_id", "project_name", "feedback_scores",
		"comments", "created_at", "created_by", "last_updated_by", "duration", "span_count",
		"llm_span_count", "span_feedback_scores", "usage", "start_time", "end_time",
		"last_updated_at", NULL };
	struct json usage = convert_get(thing, "usage");
	project = convert_opik_project_of(cv, thing, project);
	json_object(w);
	convert_copy_but(cv, w, thing, but, false);
	write_times(cv, w, thing);
	/* The usage of a trace is the sum of its spans' usage. */
	if (is_span && usage.type == JSON_OBJECT)
		json_member_raw(w, STR("usage"), usage.raw);
	if (project.len)
		json_member_text(w, STR("project_name"), project);
	json_end(w);
}

/* Sends things. things: an array, or one object. */
static enum cli_exit send_things(
	struct convert *cv, struct json things, struct str project, bool is_span)
{
	bool is_one = things.type == JSON_OBJECT;
	uint64_t n_refused = cv->intake->n_refused;
	struct buf body;
	struct json_writer w;
	buf_init(&body, &cv->memory);
	json_writer_init(&w, &body);
	json_object(&w);
	json_key(&w, is_span ? STR("spans") : STR("traces"));
	json_array(&w);
	if (is_one)
		write_thing(cv, &w, things, project, is_span);
	for (struct json_iter it = json_elements(things); json_next(&it);)
		write_thing(cv, &w, it.value, project, is_span);
	json_end(&w);
	json_end(&w);
	enum cli_exit code = convert_send(cv, "POST",
		is_span ? STR("/v1/private/spans/batch") : STR("/v1/private/traces/batch"),
		STR("application/json"), buf_str(&body));
	/* Scores are not sent when their trace or span was refused. */
	if (code != CLI_OK || cv->intake->n_refused != n_refused)
		return code;
	if (is_one)
		return send_notes(cv, things, project, is_span);
	for (struct json_iter it = json_elements(things); code == CLI_OK && json_next(&it);)
		code = send_notes(cv, it.value, project, is_span);
	return code;
}

enum cli_exit convert_opik(struct convert *cv, struct json record)
{
	struct json trace = convert_get(record, "trace"), spans = convert_get(record, "spans");
	struct str project = convert_text(&cv->memory, record, "project_name");
	if (trace.type != JSON_OBJECT)
		return send_things(
			cv, record, project, convert_get(record, "trace_id").type == JSON_STRING);
	struct json_iter any = json_elements(spans);
	enum cli_exit code = send_things(cv, trace, project, false);
	if (str_is_null(project))
		project = convert_text(&cv->memory, trace, "project_name");
	return code == CLI_OK && json_next(&any) ? send_things(cv, spans, project, true) : code;
}
