/*
 * POST /api/public/ingestion: stores a batch of Langfuse's events and answers 207 with the result
 * of each.
 *
 * The events of one row are merged in any order of arrival: the values of the newer event win, and
 * an older one fills in. A batch is one transaction. A value that no event has given yet is set for
 * readers and marked, so that a later event can still set it. Such values are the start of an
 * observation whose end arrived first, and a trace that only its observations name.
 */
#include "api/ingest.h"
#include "api/push/langfuse_event.h"
#include "base/utime.h"
#include "span/normalise.h"

#include <stdlib.h>

/* SDKs send at most some hundred. Each takes 2 KiB here. */
enum { EVENTS_MAX = 20000 };

/* Members of a stored line that only this file uses. */
#define AT_MEMBER "langfuse_at"           /* time of the newest event */
#define PARTIAL_MEMBER "langfuse_partial" /* the start is not known yet */

struct row {
	struct span span;
	int64_t at_ns; /* time of the newest event; INT64_MIN when there is none */
	bool is_changed;
};

struct batch {
	struct request *request;
	struct langfuse_event *events;
	size_t n_events;
	struct row *rows;
	size_t n_rows, cap_rows;
	uint32_t *slots; /* row number plus 1, by identity */
	size_t n_slots;  /* a power of two */
	struct append append;
	struct pricing pricing;
};

static void langfuse_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	struct json_writer w;
	(void)problems; /* no parameters are read */
	r->response->status = err_status(e);
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_text(
		&w, STR("message"), str_is_null(detail) ? str_from_c(err_sentence(e)) : detail);
	json_member_text(&w, STR("error"), str_from_c(err_name(e)));
	json_end(&w);
}

static const struct dialect dialect_langfuse = { .name = "langfuse", .error = langfuse_error };

/* ---- Rows ---- */

/* Unsets the values that were set for readers. */
static void load_row(struct batch *b, struct row *row)
{
	struct arena *a = b->request->arena;
	struct span *s = &row->span;
	struct json extra = json_open(arena_printf(a, "{%.*s}", STR_ARG(s->extra)));
	struct json at = json_get(extra, STR(AT_MEMBER));
	const struct str parts[] = { b->request->workspace, span_plain(s, FIELD_TRACE_ID, a) };
	row->at_ns = INT64_MIN;
	if (at.type == JSON_STRING)
		(void)utime_parse(json_body(at), &row->at_ns); /* otherwise no event is known */
	row->is_changed = false;
	if (json_get(extra, STR(PARTIAL_MEMBER)).type != JSON_NONE)
		span_unset(s, FIELD_STARTED_AT);
	if (str_eq(span_text(s, FIELD_PARENT_SPAN_ID), span_text(s, FIELD_TRACE_ID)))
		span_unset(s, FIELD_PARENT_SPAN_ID);
	if (str_eq(span_text(s, FIELD_SESSION_ID), stable_id(a, STR("session"), parts, 2)))
		span_unset(s, FIELD_SESSION_ID);
	if (cost_is_computed(s))
		cost_unset(s);
	s->extra = STR_NULL;
}

static uint32_t *langfuse_find_slot(const struct batch *b, const struct span *s)
{
	size_t at = span_identity_hash(s) & (b->n_slots - 1);
	while (b->slots[at] && !span_same_identity(&b->rows[b->slots[at] - 1].span, s))
		at = (at + 1) & (b->n_slots - 1);
	return &b->slots[at];
}

/* Returns the row of this identity: from this batch, from the store, or a new one. */
static enum err langfuse_find_row(
	struct batch *b, struct str trace_id, struct str span_id, struct row **ret)
{
	struct span key;
	bool is_found;
	span_init(&key);
	span_set_text(&key, FIELD_SOURCE, LANGFUSE_SOURCE);
	span_set_text(&key, FIELD_TRACE_ID, trace_id);
	span_set_text(&key, FIELD_SPAN_ID, span_id);
	uint32_t *slot = langfuse_find_slot(b, &key);
	if (*slot) {
		*ret = &b->rows[*slot - 1];
		return ERR_OK;
	}
	struct row *row = &b->rows[b->n_rows];
	row->is_changed = true;
	enum err e =
		append_find(&b->append, LANGFUSE_SOURCE, trace_id, span_id, &row->span, &is_found);
	if (e)
		return e;
	if (is_found && !row->span.is_deleted) {
		load_row(b, row);
	} else {
		row->span = key;
		row->at_ns = INT64_MIN;
	}
	*slot = (uint32_t)++b->n_rows;
	*ret = row;
	return ERR_OK;
}

static bool is_trace_row(const struct span *s)
{
	return str_eq(span_text(s, FIELD_SPAN_ID), span_text(s, FIELD_TRACE_ID));
}

/* Copies session and user from the trace to an observation, and moves the end of the trace after
 * that of its last observation. */
static enum err join_trace(struct batch *b, struct span *s)
{
	static const enum field shared[] = { FIELD_SESSION_ID, FIELD_USER_ID, FIELD_ENVIRONMENT };
	struct row *trace;
	enum err e = langfuse_find_row(
		b, span_text(s, FIELD_TRACE_ID), span_text(s, FIELD_TRACE_ID), &trace);
	if (e)
		return e;
	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
		if (!span_has(s, shared[i]) && span_has(&trace->span, shared[i]))
			span_set_text(s, shared[i], span_text(&trace->span, shared[i]));
	if (!span_has(s, FIELD_PARENT_SPAN_ID))
		span_set_text(s, FIELD_PARENT_SPAN_ID, span_text(s, FIELD_TRACE_ID));
	int64_t ended = span_i64(s, FIELD_ENDED_AT, INT64_MIN);
	if (ended > span_i64(&trace->span, FIELD_ENDED_AT, INT64_MIN)) {
		span_set_i64(&trace->span, FIELD_ENDED_AT, ended);
		trace->is_changed = true;
	}
	/* The trace begins with its first observation until an event of its own says when. */
	if (span_has(s, FIELD_STARTED_AT) && trace->at_ns == INT64_MIN &&
		s->value[FIELD_STARTED_AT].i64 <
			span_i64(&trace->span, FIELD_STARTED_AT, INT64_MAX)) {
		span_set_i64(&trace->span, FIELD_STARTED_AT, s->value[FIELD_STARTED_AT].i64);
		trace->is_changed = true;
	}
	return ERR_OK;
}

/* Sets the milliseconds from the start until the model began to answer. */
static void langfuse_set_ttft(struct arena *a, struct span *s)
{
	int64_t ns;
	struct json at = json_get(json_open(span_text(s, FIELD_ATTRIBUTES)),
		STR("langfuse.observation.completion_start_time"));
	if (at.type != JSON_STRING || !span_has(s, FIELD_STARTED_AT) ||
		!utime_parse_lax(json_decode(a, json_body(at)), &ns) ||
		__builtin_sub_overflow(ns, s->value[FIELD_STARTED_AT].i64, &ns) || ns < 0)
		return;
	span_set_text(s, FIELD_TTFT_MS,
		arena_printf(a, "%lld.%03lld", (long long)(ns / NS_PER_MS),
			(long long)(ns % NS_PER_MS / NS_PER_US)));
}

/* Sets unknown values for readers and marks them. */
static void complete_row(struct batch *b, struct row *row)
{
	struct arena *a = b->request->arena;
	struct span *s = &row->span;
	char at[UTIME_TEXT_MAX];
	bool is_partial = !span_has(s, FIELD_STARTED_AT);
	langfuse_set_ttft(a, s);
	if (!span_has(s, FIELD_STARTED_AT)) {
		int64_t known = span_i64(s, FIELD_ENDED_AT, row->at_ns);
		span_set_i64(s, FIELD_STARTED_AT, known > INT64_MIN ? known : b->request->now_ns);
	}
	if (!span_has(s, FIELD_STATUS))
		span_set_i64(s, FIELD_STATUS, STATUS_SUCCESS);
	if (!span_has(s, FIELD_KIND))
		span_set_i64(s, FIELD_KIND, KIND_CHAIN);
	struct str time = str_of(at, utime_format(row->at_ns, at));
	s->extra = STR_NULL;
	if (row->at_ns != INT64_MIN)
		s->extra = arena_printf(a, "\"" AT_MEMBER "\":\"%.*s\"%s", STR_ARG(time),
			is_partial ? ",\"" PARTIAL_MEMBER "\":true" : "");
	if (b->request->principal.len && !span_has(s, FIELD_CREATED_BY))
		span_set_plain(s, FIELD_CREATED_BY, a, b->request->principal);
	/* This version must be the newest, whatever the clock says. */
	int64_t version = span_version(s);
	span_unset(s, FIELD_UPDATED_AT);
	span_normalise(s, a, b->request->workspace, b->request->now_ns);
	if (version > b->request->now_ns)
		span_set_i64(s, FIELD_UPDATED_AT, version);
	s->prev_day = SPAN_NO_DAY;
}

/* ---- The batch ---- */

static int by_time(const void *x, const void *y)
{
	const struct langfuse_event *const *a = x, *const *b = y;
	if ((*a)->at_ns != (*b)->at_ns)
		return (*a)->at_ns < (*b)->at_ns ? -1 : 1;
	return (*a > *b) - (*a < *b); /* in order of arrival */
}

static enum err merge_events(struct batch *b)
{
	const struct langfuse_event **order =
		arena_calloc(b->request->arena, b->n_events, sizeof *order);
	for (size_t i = 0; i < b->n_events; i++)
		order[i] = &b->events[i];
	if (b->n_events)
		qsort(order, b->n_events, sizeof *order, by_time);
	for (size_t i = 0; i < b->n_events; i++) {
		const struct langfuse_event *v = order[i];
		struct row *row;
		if (!str_is_null(v->reason) ||
			(v->what != LANGFUSE_TRACE && v->what != LANGFUSE_OBSERVATION))
			continue;
		enum err e = langfuse_find_row(b, span_text(&v->given, FIELD_TRACE_ID),
			span_text(&v->given, FIELD_SPAN_ID), &row);
		if (e)
			return e;
		bool is_newer = v->at_ns >= row->at_ns;
		langfuse_event_merge(b->request->arena, &row->span, &v->given, is_newer);
		row->is_changed = true;
		if (is_newer)
			row->at_ns = v->at_ns;
	}
	return ERR_OK;
}

static enum err langfuse_add_rows(struct batch *b)
{
	/* Traces that only their observations name are added during the loop and need no
	 * joining. */
	size_t n = b->n_rows;
	for (size_t i = 0; i < n; i++) {
		enum err e =
			is_trace_row(&b->rows[i].span) ? ERR_OK : join_trace(b, &b->rows[i].span);
		if (e)
			return e;
	}
	for (size_t i = 0; i < b->n_rows; i++) {
		if (!b->rows[i].is_changed)
			continue;
		complete_row(b, &b->rows[i]);
		pricing_apply(&b->pricing, b->request->arena, &b->rows[i].span, 1);
		append_add(&b->append, &b->rows[i].span);
	}
	return ERR_OK;
}

static enum err langfuse_add_scores(struct batch *b)
{
	for (size_t i = 0; i < b->n_events; i++) {
		struct langfuse_event *v = &b->events[i];
		if (!str_is_null(v->reason) || v->what != LANGFUSE_SCORE)
			continue;
		v->note.created_ns = b->request->now_ns;
		if (b->request->principal.len)
			v->note.text[NOTE_FIELD_CREATED_BY] =
				json_encode(b->request->arena, b->request->principal);
		enum err e = notes_add(&b->append, &v->note);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err langfuse_store(struct batch *b)
{
	struct request *r = b->request;
	/* Each event may add the row of its trace. */
	b->cap_rows = 2 * b->n_events;
	b->rows = arena_calloc(r->arena, b->cap_rows, sizeof *b->rows);
	for (b->n_slots = 16; b->n_slots < 2 * b->cap_rows;)
		b->n_slots *= 2;
	b->slots = arena_calloc(r->arena, b->n_slots, sizeof *b->slots);
	enum err e = append_begin(&b->append, &api_app(r)->store, r->workspace,
		ingest_may_create(r), r->arena, r->now_ns);
	if (e)
		return e;
	e = merge_events(b);
	if (!e)
		e = langfuse_add_rows(b);
	if (!e)
		e = langfuse_add_scores(b);
	if (e) {
		append_abort(&b->append);
		return e;
	}
	return append_commit(&b->append);
}

static void write_results(struct batch *b, struct json_writer *w, bool of_errors)
{
	json_key(w, of_errors ? STR("errors") : STR("successes"));
	json_array(w);
	for (size_t i = 0; i < b->n_events; i++) {
		const struct langfuse_event *v = &b->events[i];
		if (str_is_null(v->reason) == of_errors)
			continue;
		json_object(w);
		json_key(w, STR("id"));
		if (str_is_null(v->id))
			json_null(w);
		else
			json_raw(w, json_canonical(b->request->arena, v->id));
		json_member_i64(w, STR("status"), of_errors ? 400 : 201);
		if (of_errors) {
			json_member_text(w, STR("message"), STR("Invalid request data"));
			json_member_text(w, STR("error"), v->reason);
		}
		json_end(w);
	}
	json_end(w);
}

static bool langfuse_read_batch(struct request *r, struct batch *ret)
{
	struct str body, reason = STR_NULL;
	struct json_error error;
	enum err e = request_body(r, r->conf->body_bytes, &body, &reason);
	if (!e && !json_check(body, LIMIT_DEPTH, &error)) {
		e = ERR_INVALID;
		reason = arena_printf(r->arena, "Invalid JSON at character %zu: %s",
			error.offset_chars, error.message);
	}
	struct json list =
		e ? (struct json){ JSON_NONE, STR_NULL } : json_get(json_open(body), STR("batch"));
	size_t n = 0;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		n++;
	if (!e && (list.type != JSON_ARRAY || n > EVENTS_MAX)) {
		e = ERR_INVALID;
		reason = list.type == JSON_ARRAY ? STR("Too many events in one batch.")
						 : STR("The body needs a batch of events.");
	}
	if (e) {
		route_error(r, &dialect_langfuse, e, reason, NULL);
		return false;
	}
	*ret = (struct batch){ .request = r, .pricing = api_pricing(r) };
	ret->events = arena_calloc(r->arena, n, sizeof *ret->events);
	for (struct json_iter it = json_elements(list); ret->n_events < n && json_next(&it);)
		langfuse_event_read(r->arena, it.value, r->now_ns, &ret->events[ret->n_events++]);
	return true;
}

static void post_ingestion(struct request *r)
{
	struct batch b;
	struct json_writer w;
	if (!langfuse_read_batch(r, &b))
		return;
	enum err e = langfuse_store(&b);
	if (e) {
		route_error(r, &dialect_langfuse, e, STR_NULL, NULL);
		return;
	}
	r->response->status = 207;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	write_results(&b, &w, false);
	write_results(&b, &w, true);
	json_end(&w);
}

/* clang-format off */
static const struct route rows[] = {
	{ "POST", "/api/public/ingestion", PROGRAM_INGEST, ROLE_INGEST, WORKSPACE_HEADER, post_ingestion, &dialect_langfuse },
};
/* clang-format on */

const struct route_table routes_langfuse = { rows, sizeof rows / sizeof rows[0] };
