#include "api/opik/render.h"

#include "api/key_set.h"
#include "api/opik/merge.h"

#include "base/utf8.h"
#include "base/utime.h"
#include "semconv/opik_id.h"
#include "span/normalise.h"

/* Payloads are cut after this many bytes when an answer is shortened. */
enum { TRUNCATE_BYTES = 10001 };

void opik_render_init(struct opik_render *p, struct opik_list *l)
{
	*p = (struct opik_render){ .arena = l->request->arena,
		.workspace = l->request->workspace,
		.projects = &l->projects,
		.notes = &l->notes,
		.exclude = l->exclude,
		.truncate = l->truncate };
}

/* ---- Members ---- */

static bool shows(const struct opik_render *p, enum opik_part part)
{
	return !(p->exclude >> part & 1);
}

static void text(struct opik_render *p, struct json_writer *w, enum opik_part part,
	const char *name, struct str body)
{
	if (shows(p, part) && body.len)
		json_member_body(w, str_from_c(name), body);
}

static void id_member(struct opik_render *p, struct json_writer *w, const char *name,
	const struct span *s, enum field f)
{
	json_member_body(w, str_from_c(name), opik_id_shown_in(p->arena, s, f));
}

void opik_render_time(struct json_writer *w, struct str key, int64_t ns)
{
	char time[UTIME_TEXT_MAX];
	json_member_body(w, key, str_of(time, utime_format(ns, time)));
}

static void time_part(struct opik_render *p, struct json_writer *w, enum opik_part part,
	const char *name, const struct span *s, enum field f)
{
	if (shows(p, part) && span_has(s, f))
		opik_render_time(w, str_from_c(name), s->value[f].i64);
}

struct str opik_project_id(struct opik_render *p, struct str name)
{
	if (name.len == 0)
		name = STR(PROJECT_DEFAULT_NAME);
	if (!str_is_null(p->project) && str_eq(p->project, name))
		return p->project_id;
	const struct project *found = projects_by_name(p->projects, name);
	/* The row is rewound; the cached name must not be. */
	if (!found)
		return project_derived_id(p->arena, name);
	p->project = str_eq(found->name, name) ? found->name : STR_NULL;
	p->project_id = found->id;
	return found->id;
}

void opik_render_payload(
	struct opik_render *p, struct json_writer *w, struct str key, struct str value)
{
	if (str_is_null(value))
		return;
	if (p->truncate && value.len >= TRUNCATE_BYTES) {
		struct str cut = str_first(value, TRUNCATE_BYTES);
		/* Does not cut inside a character. */
		cut.len = utf8_valid_prefix(cut);
		json_member_text(w, key, cut);
		return;
	}
	json_member_raw(w, key, p->truncate ? opik_without_images(p->arena, value) : value);
}

static bool is_own(const struct span *s)
{
	return str_eq(span_text(s, FIELD_SOURCE), STR(OPIK_SOURCE));
}

/* Returns the metadata and attributes of a row of another API. The metadata wins where keys are
 * equal. */
static struct str shown_metadata(struct opik_render *p, const struct span *s)
{
	struct str own = span_text(s, FIELD_METADATA), more = span_text(s, FIELD_ATTRIBUTES);
	if (is_own(s) || str_is_null(more))
		return own;
	if (str_is_null(own))
		return more;
	struct json object = json_open(own);
	return object.type == JSON_OBJECT ? json_join(p->arena, json_open(more), object) : own;
}

/* Writes metadata with {"provider":…} first, also when the row has none. A member of that name in
 * the metadata wins. */
static void metadata(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct str value = shows(p, OPIK_PART_metadata) ? shown_metadata(p, s) : STR_NULL;
	struct str provider =
		shows(p, OPIK_PART_provider) ? span_text(s, FIELD_PROVIDER) : STR_NULL;
	struct json object = json_open(value);
	if (!str_is_null(value) && p->truncate)
		value = opik_without_images(p->arena, value);
	if (provider.len == 0 || (!str_is_null(value) && object.type != JSON_OBJECT)) {
		if (!str_is_null(value))
			json_member_raw(w, STR("metadata"), value);
		return;
	}
	object = json_open(value);
	struct json own = json_get(object, STR("provider"));
	json_key(w, STR("metadata"));
	json_object(w);
	json_key(w, STR("provider"));
	if (own.type > JSON_NULL)
		json_raw(w, own.raw);
	else
		json_body_value(w, provider);
	for (struct json_iter it = json_members(object); json_next(&it);)
		if (!str_eq(it.key, STR("provider"))) {
			json_key_body(w, it.key);
			json_raw(w, it.value.raw);
		}
	json_end(w);
}

static void tags(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct str value = span_text(s, FIELD_TAGS);
	if (shows(p, OPIK_PART_tags) && value.len > 2)
		json_member_raw(w, STR("tags"), value);
}

struct usage_out {
	struct json_writer *w;
	bool is_open;
};

static void usage_member(void *user, struct str key, int64_t n)
{
	struct usage_out *out = user;
	if (!out->is_open) {
		json_key(out->w, STR("usage"));
		json_object(out->w);
		out->is_open = true;
	}
	json_key_body(out->w, key);
	json_i64(out->w, n);
}

static void usage(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct usage_out out = { .w = w };
	if (!shows(p, OPIK_PART_usage))
		return;
	opik_usage_each(s, usage_member, &out);
	if (out.is_open)
		json_end(w);
}

/* Errors of other APIs get a type and a traceback too, as Opik's own reader of OTLP makes them,
 * because its clients expect both. */
static void foreign_error_info(struct json_writer *w, const struct span *s)
{
	struct str type = span_text(s, FIELD_ERROR_TYPE),
		   message = span_text(s, FIELD_ERROR_MESSAGE),
		   traceback = span_text(s, FIELD_ERROR_TRACEBACK), none = STR("Error");
	if (!type.len && !message.len && !traceback.len &&
		span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) != STATUS_ERROR)
		return;
	json_key(w, STR("error_info"));
	json_object(w);
	json_member_body(w, STR("exception_type"), type.len ? type : none);
	if (message.len)
		json_member_body(w, STR("message"), message);
	json_member_body(w, STR("traceback"),
		traceback.len ? traceback
		: message.len ? message
			      : none);
	json_end(w);
}

static void error_info(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	static const struct {
		enum field field;
		struct str name;
	} members[] = { { FIELD_ERROR_TYPE, { "exception_type", 14 } },
		{ FIELD_ERROR_MESSAGE, { "message", 7 } },
		{ FIELD_ERROR_TRACEBACK, { "traceback", 9 } } };
	bool any = false;
	if (!shows(p, OPIK_PART_error_info))
		return;
	if (!is_own(s)) {
		foreign_error_info(w, s);
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!span_has(s, members[i].field))
			continue;
		if (!any) {
			json_key(w, STR("error_info"));
			json_object(w);
		}
		any = true;
		json_member_body(w, members[i].name, s->value[members[i].field].text);
	}
	if (any)
		json_end(w);
}

static void written(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct str created = span_text(s, FIELD_CREATED_BY),
		   updated = span_text(s, FIELD_UPDATED_BY);
	time_part(p, w, OPIK_PART_created_at, "created_at", s, FIELD_INGESTED_AT);
	opik_render_time(w, STR("last_updated_at"), span_version(s) / NS_PER_US * NS_PER_US);
	if (created.len == 0)
		created = STR("admin");
	text(p, w, OPIK_PART_created_by, "created_by", created);
	text(p, w, OPIK_PART_last_updated_by, "last_updated_by", updated.len ? updated : created);
}

static void opik_render_cost(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	int64_t pico;
	struct str value = span_text(s, FIELD_COST_TOTAL_USD);
	bool is_small = dec_to_pico(value, &pico);
	if (str_is_null(value) || (is_small && pico <= 0))
		return;
	if (shows(p, OPIK_PART_total_estimated_cost))
		json_member_raw(w, STR("total_estimated_cost"),
			is_small ? dec_from_pico(p->arena, pico) : value);
	struct json version = json_get(json_open(span_text(s, FIELD_COST_DETAILS)), STR("version"));
	if (shows(p, OPIK_PART_total_estimated_cost_version) && version.type == JSON_STRING)
		json_member_raw(w, STR("total_estimated_cost_version"), version.raw);
}

void opik_render_duration(struct json_writer *w, int64_t started_ns, int64_t ended_ns)
{
	int64_t started_us = started_ns / NS_PER_US, ended_us = ended_ns / NS_PER_US;
	json_member_double(w, STR("duration"), (double)(ended_us - started_us) / 1000);
}

static void opik_render_duration_of(
	struct opik_render *p, struct json_writer *w, const struct span *s)
{
	if (shows(p, OPIK_PART_duration) && span_has(s, FIELD_ENDED_AT) && !opik_is_partial(s))
		opik_render_duration(
			w, s->value[FIELD_STARTED_AT].i64, s->value[FIELD_ENDED_AT].i64);
}

static void project(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct str name = span_text(s, FIELD_PROJECT);
	if (p->names_project) {
		const struct project *found =
			projects_by_name(p->projects, name.len ? name : STR(PROJECT_DEFAULT_NAME));
		json_member_body(w, STR("project_name"), found ? found->name : name);
	}
	json_member_body(w, STR("project_id"), opik_project_id(p, name));
}

static void opik_render_environment(
	struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct str value = span_text(s, FIELD_ENVIRONMENT);
	if (shows(p, OPIK_PART_environment))
		json_member_body(w, STR("environment"), str_is_null(value) ? STR("") : value);
}

/* ---- Spans and traces ---- */

enum err opik_span_render(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	int type = opik_type_of_kind((enum kind)span_i64(s, FIELD_KIND, 0));
	struct str parent = span_text(s, FIELD_PARENT_SPAN_ID);
	json_object(w);
	id_member(p, w, "id", s, FIELD_SPAN_ID);
	project(p, w, s);
	id_member(p, w, "trace_id", s, FIELD_TRACE_ID);
	if (parent.len)
		id_member(p, w, "parent_span_id", s, FIELD_PARENT_SPAN_ID);
	text(p, w, OPIK_PART_name, "name", span_text(s, FIELD_NAME));
	if (type >= 0)
		text(p, w, OPIK_PART_type, "type", opik_types[type]);
	time_part(p, w, OPIK_PART_start_time, "start_time", s, FIELD_STARTED_AT);
	time_part(p, w, OPIK_PART_end_time, "end_time", s, FIELD_ENDED_AT);
	if (shows(p, OPIK_PART_input))
		opik_render_payload(p, w, STR("input"), span_text(s, FIELD_INPUT));
	if (shows(p, OPIK_PART_output))
		opik_render_payload(p, w, STR("output"), span_text(s, FIELD_OUTPUT));
	metadata(p, w, s);
	text(p, w, OPIK_PART_model, "model", span_text(s, FIELD_MODEL));
	text(p, w, OPIK_PART_provider, "provider", span_text(s, FIELD_PROVIDER));
	tags(p, w, s);
	usage(p, w, s);
	error_info(p, w, s);
	written(p, w, s);
	enum err e = opik_notes_render(p, w, NOTE_ABOUT_SPAN, span_text(s, FIELD_SPAN_ID));
	if (e)
		return e;
	opik_render_cost(p, w, s);
	opik_render_duration_of(p, w, s);
	if (shows(p, OPIK_PART_ttft) && span_has(s, FIELD_TTFT_MS))
		json_member_raw(w, STR("ttft"), s->value[FIELD_TTFT_MS].text);
	text(p, w, OPIK_PART_source, "source", span_text(s, FIELD_ORIGIN));
	opik_render_environment(p, w, s);
	json_end(w);
	return ERR_OK;
}

/* Writes the providers of a trace's spans, which are also first in its metadata. */
static void trace_metadata(struct opik_render *p, struct json_writer *w, const struct span *s,
	const struct str *providers, size_t n)
{
	struct str value = shows(p, OPIK_PART_metadata) ? shown_metadata(p, s) : STR_NULL;
	if (!str_is_null(value) && p->truncate)
		value = opik_without_images(p->arena, value);
	struct json object = json_open(value);
	if (n == 0 || !shows(p, OPIK_PART_providers) ||
		(!str_is_null(value) && object.type != JSON_OBJECT)) {
		if (!str_is_null(value))
			json_member_raw(w, STR("metadata"), value);
		return;
	}
	struct json own = json_get(object, STR("providers"));
	json_key(w, STR("metadata"));
	json_object(w);
	json_key(w, STR("providers"));
	if (own.type > JSON_NULL) {
		json_raw(w, own.raw);
	} else {
		json_array(w);
		for (size_t i = 0; i < n; i++)
			json_body_value(w, providers[i]);
		json_end(w);
	}
	for (struct json_iter it = json_members(object); json_next(&it);)
		if (!str_eq(it.key, STR("providers"))) {
			json_key_body(w, it.key);
			json_raw(w, it.value.raw);
		}
	json_end(w);
}

static void trace_sums(
	struct opik_render *p, struct json_writer *w, uint64_t trace, const struct opik_sum *sum)
{
	static const struct opik_sum none = { 0 };
	if (!sum)
		sum = &none;
	if (shows(p, OPIK_PART_usage))
		opik_sums_render_usage(p->sums, trace, w, STR("usage"));
	if (shows(p, OPIK_PART_total_estimated_cost) && sum->cost > 0)
		json_member_raw(w, STR("total_estimated_cost"), dec_from_pico(p->arena, sum->cost));
	if (shows(p, OPIK_PART_span_count))
		json_member_i64(w, STR("span_count"), sum->n_spans);
	if (shows(p, OPIK_PART_llm_span_count))
		json_member_i64(w, STR("llm_span_count"), sum->n_llm_spans);
	if (shows(p, OPIK_PART_has_tool_spans))
		json_member_bool(w, STR("has_tool_spans"), sum->has_tool_spans);
}

static enum err trace_span_scores(struct opik_render *p, struct json_writer *w, uint64_t trace)
{
	size_t n = 0;
	const struct opik_score *list =
		p->span_scores ? opik_scores_of(p->span_scores, trace, &n) : NULL;
	if (!n || !shows(p, OPIK_PART_span_feedback_scores))
		return ERR_OK;
	json_key(w, STR("span_feedback_scores"));
	json_array(w);
	for (size_t i = 0; i < n; i++) {
		struct note note;
		enum err e = notes_fetch(p->notes, &p->notes->rows[list[i].row], &note);
		if (e)
			return e;
		json_object(w);
		json_member_body(w, STR("name"), note.text[NOTE_FIELD_NAME]);
		json_member_raw(
			w, STR("value"), opik_score_text(p->arena, opik_score_value(&list[i])));
		if (note.text[NOTE_FIELD_ORIGIN].len)
			json_member_body(w, STR("source"), note.text[NOTE_FIELD_ORIGIN]);
		json_end(w);
	}
	json_end(w);
	return ERR_OK;
}

enum err opik_trace_render(struct opik_render *p, struct json_writer *w, const struct span *s)
{
	struct str id = span_text(s, FIELD_TRACE_ID), *providers;
	uint64_t trace = pred_text_hash(id);
	size_t n = opik_sums_providers(p->sums, trace, p->arena, &providers);
	json_object(w);
	id_member(p, w, "id", s, FIELD_TRACE_ID);
	project(p, w, s);
	text(p, w, OPIK_PART_name, "name", span_text(s, FIELD_NAME));
	time_part(p, w, OPIK_PART_start_time, "start_time", s, FIELD_STARTED_AT);
	time_part(p, w, OPIK_PART_end_time, "end_time", s, FIELD_ENDED_AT);
	if (shows(p, OPIK_PART_input))
		opik_render_payload(p, w, STR("input"), span_text(s, FIELD_INPUT));
	if (shows(p, OPIK_PART_output))
		opik_render_payload(p, w, STR("output"), span_text(s, FIELD_OUTPUT));
	trace_metadata(p, w, s, providers, n);
	tags(p, w, s);
	error_info(p, w, s);
	trace_sums(p, w, trace, opik_sums_find(p->sums, trace));
	written(p, w, s);
	enum err e = opik_notes_render(p, w, NOTE_ABOUT_TRACE, id);
	if (!e)
		e = trace_span_scores(p, w, trace);
	if (e)
		return e;
	opik_render_duration_of(p, w, s);
	if (shows(p, OPIK_PART_ttft) && span_has(s, FIELD_TTFT_MS))
		json_member_raw(w, STR("ttft"), s->value[FIELD_TTFT_MS].text);
	text(p, w, OPIK_PART_thread_id, "thread_id", span_given_session(p->arena, p->workspace, s));
	if (shows(p, OPIK_PART_visibility_mode))
		json_member_text(w, STR("visibility_mode"), STR("default"));
	if (n && shows(p, OPIK_PART_providers)) {
		json_key(w, STR("providers"));
		json_array(w);
		for (size_t i = 0; i < n; i++)
			json_body_value(w, providers[i]);
		json_end(w);
	}
	text(p, w, OPIK_PART_source, "source", span_text(s, FIELD_ORIGIN));
	opik_render_environment(p, w, s);
	json_end(w);
	return ERR_OK;
}

struct field_set opik_render_fields(enum opik_of of, uint64_t exclude)
{
	static const enum field not_printed[] = { FIELD_EXPECTED, FIELD_EVALUATION_METADATA };
	struct field_set want = field_set_all;
	struct span s = { .present = want };
	for (size_t i = 0; i < sizeof not_printed / sizeof not_printed[0]; i++)
		span_unset(&s, not_printed[i]);
	if (exclude & OPIK_PART_BIT(input))
		span_unset(&s, FIELD_INPUT);
	if (exclude & OPIK_PART_BIT(output))
		span_unset(&s, FIELD_OUTPUT);
	if (exclude & OPIK_PART_BIT(metadata)) {
		span_unset(&s, FIELD_METADATA);
		span_unset(&s, FIELD_ATTRIBUTES);
	}
	(void)of;
	return s.present;
}
