#include "api/push/zipkin_span.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/utime.h"

enum { TRACE_DIGITS = 32, SPAN_DIGITS = 16, STATUS_CODE_ERROR = 2 };

struct reader {
	struct arena *arena;
	size_t item;
	struct str reason;                 /* what is wrong; STR_NULL when nothing is */
	struct str service;                /* service of the last span, as sent */
	const struct otlp_attrs *resource; /* resource of that service */
	const struct otlp_scope *scope;    /* an empty scope */
};

static void zipkin_refuse(struct reader *z, const char *what)
{
	if (str_is_null(z->reason))
		z->reason = arena_printf(z->arena, "span %zu: %s", z->item, what);
}

/* Reads lower-case hex and adds the leading zeros that Zipkin omits. Empty when it is absent or not
 * such an id. */
static struct str read_id(struct reader *z, struct json v, size_t digits, const char *complaint)
{
	struct str body = json_body(v);
	bool is_good = v.type == JSON_STRING && body.len > 0 && body.len <= digits;
	char *text = arena_text(z->arena, digits);
	memset(text, '0', digits);
	for (size_t i = 0; is_good && i < body.len; i++) {
		is_good = hex_digit(body.ptr[i]) >= 0;
		text[digits - body.len + i] = ascii_lower(body.ptr[i]);
	}
	if (is_good)
		return str_of(text, digits);
	if (v.type != JSON_NONE && v.type != JSON_NULL)
		zipkin_refuse(z, complaint);
	return STR("");
}

/* Reads microseconds as nanoseconds; 0 when absent. */
static uint64_t read_micros(struct reader *z, struct json v, const char *complaint)
{
	int64_t us, ns;
	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return 0;
	if (json_to_i64(v, &us) && us >= 0 && !__builtin_mul_overflow(us, NS_PER_US, &ns))
		return (uint64_t)ns;
	zipkin_refuse(z, complaint);
	return 0;
}

static struct str zipkin_body_of(struct reader *z, struct json v)
{
	return v.type == JSON_STRING ? json_canonical_body(z->arena, json_body(v)) : STR("");
}

static void zipkin_add_text(struct otlp_attrs *attrs, struct str key, struct str body)
{
	attrs->list[attrs->n++] = (struct otlp_attr){ key, { .type = OTLP_STRING, .text = body } };
}

static size_t zipkin_count_members(struct json v)
{
	size_t n = 0;
	for (struct json_iter it = json_members(v); json_next(&it);)
		n++;
	return n;
}

/* Reads the tags, and the remote endpoint unchanged. */
static void read_tags(
	struct reader *z, struct json tags, struct json remote, struct otlp_attrs *ret)
{
	*ret = (struct otlp_attrs){ .n = 0 };
	ret->list = arena_calloc(z->arena, zipkin_count_members(tags) + 1, sizeof *ret->list);
	if (tags.type != JSON_NONE && tags.type != JSON_NULL && tags.type != JSON_OBJECT)
		zipkin_refuse(z, "tags must be an object");
	for (struct json_iter it = json_members(tags); json_next(&it);) {
		if (it.value.type != JSON_STRING) {
			zipkin_refuse(z, "the value of a tag must be a string");
			return;
		}
		zipkin_add_text(
			ret, json_canonical_body(z->arena, it.key), zipkin_body_of(z, it.value));
	}
	if (remote.type == JSON_OBJECT && zipkin_count_members(remote))
		ret->list[ret->n++] = (struct otlp_attr){ STR("zipkin.remoteEndpoint"),
			{ .type = OTLP_KVLIST, .text = json_canonical(z->arena, remote.raw) } };
}

/* A tag `error` means that the span failed, whatever its value. OpenTelemetry's exporters add a
 * description. */
static void zipkin_read_status(const struct otlp_attrs *tags, struct otlp_span *ret)
{
	ret->status_message = STR("");
	const struct otlp_value *error = otlp_attr(tags, STR("error"));
	if (!error || str_eq(error->text, STR("false")))
		return;
	ret->status_code = STATUS_CODE_ERROR;
	if (!str_eq(error->text, STR("true")))
		ret->status_message = error->text;
}

static void read_annotations(struct reader *z, struct json list, struct otlp_span *ret)
{
	size_t n = 0;
	if (list.type != JSON_NONE && list.type != JSON_NULL && list.type != JSON_ARRAY)
		zipkin_refuse(z, "annotations must be an array");
	for (struct json_iter it = json_elements(list); json_next(&it);)
		n++;
	ret->events = arena_calloc(z->arena, n, sizeof *ret->events);
	for (struct json_iter it = json_elements(list); ret->n_events < n && json_next(&it);)
		ret->events[ret->n_events++] = (struct otlp_event){
			.time_ns = (int64_t)read_micros(z, json_get(it.value, STR("timestamp")),
				"the timestamp of an annotation must be microseconds"),
			.name = zipkin_body_of(z, json_get(it.value, STR("value"))),
		};
}

/* Spans of one service share its resource. */
static const struct otlp_attrs *resource_of(struct reader *z, struct json endpoint)
{
	struct json name = json_get(endpoint, STR("serviceName"));
	struct str raw = name.type == JSON_STRING ? name.raw : STR("");
	if (z->resource && str_eq(raw, z->service))
		return z->resource;
	struct otlp_attrs *resource = arena_alloc(z->arena, sizeof *resource);
	resource->list = arena_calloc(z->arena, 1, sizeof *resource->list);
	if (raw.len > 2)
		zipkin_add_text(resource, STR("service.name"), zipkin_body_of(z, name));
	z->service = raw;
	z->resource = resource;
	return resource;
}

static unsigned zipkin_kind_of(struct reader *z, struct json v)
{
	static const char *const names[] = { NULL, "INTERNAL", "SERVER", "CLIENT", "PRODUCER",
		"CONSUMER" };
	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return 1;
	for (unsigned i = 1; i < sizeof names / sizeof names[0]; i++)
		if (v.type == JSON_STRING && json_body_is(json_body(v), str_from_c(names[i])))
			return i;
	zipkin_refuse(z, "kind must be CLIENT, SERVER, PRODUCER or CONSUMER");
	return 1;
}

/* A server span that shares its client's span id gets an id of its own, because one of the two
 * would replace the other. */
static void split_shared(struct reader *z, struct otlp_span *s)
{
	struct buf b;
	unsigned char digest[SHA256_BYTES];
	sha256(arena_printf(z->arena, "zipkin shared %.*s", STR_ARG(s->span_id)), digest);
	buf_init(&b, z->arena);
	buf_add_hex(&b, str_of((const char *)digest, SPAN_DIGITS / 2));
	s->parent_span_id = s->span_id;
	s->span_id = buf_str(&b);
}

static void zipkin_read_span(struct reader *z, struct json v, struct otlp_span *ret)
{
	if (v.type != JSON_OBJECT) {
		zipkin_refuse(z, "must be an object");
		return;
	}
	*ret = (struct otlp_span){
		.trace_id = read_id(z, json_get(v, STR("traceId")), TRACE_DIGITS,
			"traceId must be 1 to 32 hex digits"),
		.span_id = read_id(
			z, json_get(v, STR("id")), SPAN_DIGITS, "id must be 1 to 16 hex digits"),
		.parent_span_id = read_id(z, json_get(v, STR("parentId")), SPAN_DIGITS,
			"parentId must be 1 to 16 hex digits"),
		.trace_state = STR(""),
		.name = zipkin_body_of(z, json_get(v, STR("name"))),
		.kind = zipkin_kind_of(z, json_get(v, STR("kind"))),
		.start_ns = read_micros(
			z, json_get(v, STR("timestamp")), "timestamp must be microseconds"),
		.resource = resource_of(z, json_get(v, STR("localEndpoint"))),
		.scope = z->scope,
	};
	struct json duration = json_get(v, STR("duration"));
	uint64_t ns = read_micros(z, duration, "duration must be microseconds");
	if (ret->start_ns && duration.type == JSON_NUMBER)
		ret->end_ns = ret->start_ns + ns; /* both are below 2^63 */
	read_tags(z, json_get(v, STR("tags")), json_get(v, STR("remoteEndpoint")), &ret->attrs);
	zipkin_read_status(&ret->attrs, ret);
	read_annotations(z, json_get(v, STR("annotations")), ret);
	if (json_get(v, STR("shared")).type == JSON_TRUE && ret->span_id.len)
		split_shared(z, ret);
}

bool zipkin_spans_read(
	struct arena *a, struct json body, struct otlp_spans *ret, struct str *ret_reason)
{
	struct otlp_scope *none = arena_alloc(a, sizeof *none);
	none->name = none->version = STR("");
	struct reader z = { .arena = a, .scope = none };
	size_t n = 0;
	if (body.type != JSON_ARRAY) {
		*ret_reason = STR("The body must be an array of spans.");
		return false;
	}
	for (struct json_iter it = json_elements(body); json_next(&it);)
		n++;
	if (n > LIMIT_SPANS_PER_REQUEST) {
		*ret_reason = arena_printf(
			a, "At most %d spans in one request, not %zu.", LIMIT_SPANS_PER_REQUEST, n);
		return false;
	}
	*ret = (struct otlp_spans){ .list = arena_calloc(a, n, sizeof *ret->list) };
	for (struct json_iter it = json_elements(body); ret->n < n && json_next(&it); z.item++)
		zipkin_read_span(&z, it.value, &ret->list[ret->n++]);
	*ret_reason = z.reason;
	return str_is_null(z.reason);
}
