/*
 * OTLP requests in JSON.  The text is checked once as a whole; then the members are walked, each
 * message by a table of what it may hold.
 *
 * The specification's names are lowerCamelCase; snake_case is understood too, as protobuf's own
 * JSON readers do.  Integers come as numbers or decimal strings, enums as numbers or names, ids as
 * hex digits; null is absent, unknown members are ignored.  What is there and cannot be meant is an
 * error that names its place, because a client told "bad request" cannot mend it.
 */
#include "otlp/json.h"

#include "base/limits.h"

struct member {
	const char *name;
	otlp_json_reader *read;
	size_t offset; /* of what it fills */
};

#define MEMBER(name, reader, type, place) \
	{ \
		name, reader, offsetof(struct type, place) \
	}
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool otlp_json_read_members(struct reader *rd, const char *field, struct json v,
	const struct member *members, size_t n, void *ret)
{
	if (v.type != JSON_OBJECT)
		return otlp_json_fail(rd, field, "must be an object");
	for (struct json_iter it = json_members(v); otlp_json_next(rd, &it);)
		for (size_t i = 0; i < n; i++)
			if (otlp_json_is(it.key, members[i].name)) {
				if (!members[i].read(rd, members[i].name, it.value,
					    (char *)ret + members[i].offset))
					return false;
				break;
			}
	return true;
}

/* read_members for a message inside a span: "status." goes before the names. */
static bool read_within(struct reader *rd, const char *within, struct json v,
	const struct member *members, size_t n, void *ret)
{
	rd->within = within;
	bool ok = otlp_json_read_members(rd, "", v, members, n, ret);
	rd->within = "";
	return ok;
}

static size_t otlp_json_count_elements(struct json v)
{
	size_t n = 0;
	for (struct json_iter it = json_elements(v); json_next(&it);)
		n++;
	return n;
}

static const struct member event_members[] = {
	MEMBER("timeUnixNano", otlp_json_u64, otlp_event, time_ns),
	MEMBER("name", otlp_json_text, otlp_event, name),
	MEMBER("attributes", otlp_json_attrs, otlp_event, attrs),
	MEMBER("droppedAttributesCount", otlp_json_u32, otlp_event, attrs.n_dropped),
};

static const struct member link_members[] = {
	MEMBER("traceId", otlp_json_id, otlp_link, trace_id),
	MEMBER("spanId", otlp_json_id, otlp_link, span_id),
	MEMBER("traceState", otlp_json_text, otlp_link, state),
	MEMBER("attributes", otlp_json_attrs, otlp_link, attrs),
	MEMBER("droppedAttributesCount", otlp_json_u32, otlp_link, attrs.n_dropped),
	MEMBER("flags", otlp_json_u32, otlp_link, flags),
};

static const struct member status_members[] = {
	MEMBER("code", otlp_json_status, otlp_span, status_code),
	MEMBER("message", otlp_json_text, otlp_span, status_message),
};

/* These three take the whole span: their tables fill several of its members. */
static bool read_events(struct reader *rd, const char *field, struct json v, void *at)
{
	struct otlp_span *s = at;
	if (v.type != JSON_ARRAY)
		return otlp_json_fail(rd, field, "must be an array");
	s->n_events = 0;
	s->events = arena_calloc(rd->arena, otlp_json_count_elements(v), sizeof *s->events);
	for (struct json_iter it = json_elements(v); json_next(&it);)
		if (!read_within(rd, "events.", it.value, event_members, COUNT(event_members),
			    &s->events[s->n_events++]))
			return false;
	return true;
}

static bool read_links(struct reader *rd, const char *field, struct json v, void *at)
{
	struct otlp_span *s = at;
	if (v.type != JSON_ARRAY)
		return otlp_json_fail(rd, field, "must be an array");
	s->n_links = 0;
	s->links = arena_calloc(rd->arena, otlp_json_count_elements(v), sizeof *s->links);
	for (struct json_iter it = json_elements(v); json_next(&it);)
		if (!read_within(rd, "links.", it.value, link_members, COUNT(link_members),
			    &s->links[s->n_links++]))
			return false;
	return true;
}

static bool otlp_json_read_status(struct reader *rd, const char *field, struct json v, void *at)
{
	(void)field; /* it is the prefix */
	return read_within(rd, "status.", v, status_members, COUNT(status_members), at);
}

static const struct member span_members[] = {
	MEMBER("traceId", otlp_json_id, otlp_span, trace_id),
	MEMBER("spanId", otlp_json_id, otlp_span, span_id),
	MEMBER("parentSpanId", otlp_json_id, otlp_span, parent_span_id),
	MEMBER("name", otlp_json_text, otlp_span, name),
	MEMBER("kind", otlp_json_kind, otlp_span, kind),
	MEMBER("startTimeUnixNano", otlp_json_u64, otlp_span, start_ns),
	MEMBER("endTimeUnixNano", otlp_json_u64, otlp_span, end_ns),
	MEMBER("attributes", otlp_json_attrs, otlp_span, attrs),
	MEMBER("droppedAttributesCount", otlp_json_u32, otlp_span, attrs.n_dropped),
	{ "events", read_events, 0 },
	MEMBER("droppedEventsCount", otlp_json_u32, otlp_span, n_dropped_events),
	{ "links", read_links, 0 },
	MEMBER("droppedLinksCount", otlp_json_u32, otlp_span, n_dropped_links),
	{ "status", otlp_json_read_status, 0 },
	MEMBER("traceState", otlp_json_text, otlp_span, trace_state),
	MEMBER("flags", otlp_json_u32, otlp_span, flags),
};

static const struct member scope_members[] = {
	MEMBER("name", otlp_json_text, otlp_scope, name),
	MEMBER("version", otlp_json_text, otlp_scope, version),
	MEMBER("attributes", otlp_json_attrs, otlp_scope, attrs),
	MEMBER("droppedAttributesCount", otlp_json_u32, otlp_scope, attrs.n_dropped),
};

static const struct member resource_members[] = {
	{ "attributes", otlp_json_attrs, 0 },
	{ "droppedAttributesCount", otlp_json_u32, offsetof(struct otlp_attrs, n_dropped) },
};

/* One level of the tree: a member beside the list, and the list one level down. */
struct level {
	const char *list;
	const char *beside; /* NULL: none */
	const struct member *beside_members;
	size_t n_beside_members;
	const char *logs, *metrics; /* what stands there in payloads of the other signals */
};

static const struct level levels[] = {
	[IN_REQUEST] = { "resourceSpans", NULL, NULL, 0, "resourceLogs", "resourceMetrics" },
	[IN_RESOURCE] = { "scopeSpans", "resource", resource_members, COUNT(resource_members),
		"scopeLogs", "scopeMetrics" },
	[IN_SCOPE] = { "spans", "scope", scope_members, COUNT(scope_members), "logRecords",
		"metrics" },
};

/* Reads what stands beside the list at rd->place into *ret_beside and hands out the list. */
static bool open_level(struct reader *rd, struct json v, void *ret_beside, struct json *ret_list)
{
	const struct level *level = &levels[rd->place];
	*ret_list = (struct json){ JSON_NONE, STR_NULL };
	if (v.type != JSON_OBJECT)
		return otlp_json_fail(rd, level->list, "must be in an object");
	for (struct json_iter it = json_members(v); otlp_json_next(rd, &it);) {
		if (otlp_json_is(it.key, level->logs))
			return otlp_json_fail(rd, level->logs,
				"this is a logs payload; logs go to /v1/logs, not to the traces "
				"path");
		if (otlp_json_is(it.key, level->metrics))
			return otlp_json_fail(rd, level->metrics,
				"this is a metrics payload; metrics go to /v1/metrics, not to the "
				"traces path");
		if (level->beside && otlp_json_is(it.key, level->beside) &&
			!otlp_json_read_members(rd, level->beside, it.value, level->beside_members,
				level->n_beside_members, ret_beside))
			return false;
		if (!otlp_json_is(it.key, level->list))
			continue;
		if (it.value.type != JSON_ARRAY)
			return otlp_json_fail(rd, level->list, "must be an array");
		*ret_list = it.value;
	}
	return true;
}

static bool otlp_json_read_scope_spans(
	struct reader *rd, struct json v, const struct otlp_attrs *resource)
{
	struct otlp_scope *scope = arena_calloc(rd->arena, 1, sizeof *scope);
	struct json spans;
	rd->place = IN_SCOPE;
	if (!open_level(rd, v, scope, &spans))
		return false;
	rd->place = IN_SPAN;
	rd->span_i = 0;
	for (struct json_iter it = json_elements(spans); json_next(&it); rd->span_i++) {
		struct otlp_span *s = &rd->spans.list[rd->spans.n++];
		s->resource = resource;
		s->scope = scope;
		if (!otlp_json_read_members(rd, "", it.value, span_members, COUNT(span_members), s))
			return false;
	}
	return true;
}

static bool otlp_json_read_resource_spans(struct reader *rd, struct json v)
{
	struct otlp_attrs *resource = arena_calloc(rd->arena, 1, sizeof *resource);
	struct json scopes;
	rd->place = IN_RESOURCE;
	if (!open_level(rd, v, resource, &scopes))
		return false;
	rd->scope_i = 0;
	for (struct json_iter it = json_elements(scopes); json_next(&it); rd->scope_i++)
		if (!otlp_json_read_scope_spans(rd, it.value, resource))
			return false;
	return true;
}

/* How many spans there are, without looking at them: the last list of each level, as the reader
 * takes it. */
static size_t otlp_json_count_spans(struct reader *rd, struct json list, enum place place)
{
	size_t n = 0;
	if (place == IN_SPAN)
		return otlp_json_count_elements(list);
	for (struct json_iter it = json_elements(list); json_next(&it);) {
		struct json inner = { JSON_NONE, STR_NULL };
		for (struct json_iter m = json_members(it.value); otlp_json_next(rd, &m);)
			if (otlp_json_is(m.key, levels[place].list))
				inner = m.value;
		n += otlp_json_count_spans(rd, inner, place + 1);
	}
	return n;
}

static bool otlp_json_read_request(struct reader *rd, struct str body)
{
	struct json_error error;
	struct json resources;
	if (!json_check(body, LIMIT_DEPTH, &error)) {
		rd->reason = arena_printf(rd->arena, "%s at byte %zu", error.message, error.offset);
		return false;
	}
	if (!open_level(rd, json_open(body), NULL, &resources))
		return false;
	size_t n = otlp_json_count_spans(rd, resources, IN_RESOURCE);
	if (n > LIMIT_SPANS_PER_REQUEST) {
		rd->reason =
			arena_printf(rd->arena, "%zu spans are more than the %d of one request", n,
				LIMIT_SPANS_PER_REQUEST);
		return false;
	}
	rd->spans.list = arena_calloc(rd->arena, n, sizeof *rd->spans.list);
	for (struct json_iter it = json_elements(resources); json_next(&it); rd->resource_i++)
		if (!otlp_json_read_resource_spans(rd, it.value))
			return false;
	return true;
}

static bool otlp_json_read_json(
	struct reader *rd, struct str body, struct otlp_spans *ret, struct str *ret_reason)
{
	buf_init(&rd->json, rd->arena);
	bool ok = otlp_json_read_request(rd, body);
	buf_release(&rd->json);
	if (ok)
		*ret = rd->spans;
	else
		*ret_reason = rd->reason;
	return ok;
}

bool otlp_read_json(
	struct arena *a, struct str body, struct otlp_spans *ret, struct str *ret_reason)
{
	struct reader rd = { .arena = a, .within = "" };
	return otlp_json_read_json(&rd, body, ret, ret_reason);
}

bool otlp_read_protobuf_json(
	struct arena *a, struct str body, struct otlp_spans *ret, struct str *ret_reason)
{
	struct reader rd = { .arena = a, .within = "", .takes_base64 = true };
	return otlp_json_read_json(&rd, body, ret, ret_reason);
}
