/*
 * Writes a request, reads and maps it again with the code that ingests it, and compares. What
 * differs is added to flatspan.span of that span, and this is repeated until nothing differs.
 * Setting a field may change what others are derived from, so it may take a few rounds; each of
 * them adds at least one field for good.
 */
#include "api/otlp/render.h"

#include "api/otlp/put.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "semconv/semconv.h"

enum { TURNS_MAX = 6, TRACE_DIGITS = 32, SPAN_DIGITS = 16 };

struct writer {
	struct arena *arena;
	struct str workspace;
	const struct span *spans;
	size_t n;
	struct otlp_own *own;
	bool is_plain; /* the raw attributes are not those that OTLP's own places become, so all of
			  them stay */
	struct json_writer w;
};

/* ---- Ids ---- */

static bool otlp_render_is_id(struct str id, size_t digits)
{
	bool has_some = false;
	for (size_t i = 0; i < id.len; i++) {
		if (hex_digit(id.ptr[i]) < 0 || ascii_lower(id.ptr[i]) != id.ptr[i])
			return false;
		has_some |= id.ptr[i] != '0';
	}
	return id.len == digits && has_some;
}

static struct str without_dashes(struct arena *a, struct str uuid)
{
	struct buf b;
	buf_init(&b, a);
	for (struct str rest = uuid; !str_is_null(rest);)
		buf_add(&b, str_cut(&rest, '-'));
	struct str hex = arena_copy(a, buf_str(&b));
	buf_release(&b);
	return hex;
}

/* Returns an id of that many hex digits: the text itself, otherwise the random end of a UUID,
 * otherwise a hash of the text. */
static struct str otlp_render_id_of(struct arena *a, struct str body, size_t digits)
{
	unsigned char hash[SHA256_BYTES];
	struct buf b;
	struct str uuid;
	if (otlp_render_is_id(body, digits))
		return body;
	if (uuid_read(a, body, &uuid)) {
		struct str hex = without_dashes(a, uuid), end = str_skip(hex, hex.len - digits);
		if (hex.len == TRACE_DIGITS && otlp_render_is_id(end, digits))
			return end;
	}
	if (otlp_render_is_id(body, TRACE_DIGITS) &&
		otlp_render_is_id(str_skip(body, TRACE_DIGITS - digits), digits))
		return str_skip(body, TRACE_DIGITS - digits);
	sha256(body, hash);
	buf_init(&b, a);
	buf_add_hex(&b, str_of((const char *)hash, digits / 2));
	struct str hex = arena_copy(a, buf_str(&b));
	buf_release(&b);
	return hex;
}

/* ---- A span ---- */

static struct str raw_text(const struct span *s, const char *key)
{
	return json_body(json_get(json_open(span_text(s, FIELD_ATTRIBUTES)), str_from_c(key)));
}

static void otlp_render_put_time(struct writer *o, struct str key, int64_t ns)
{
	if (ns > 0)
		json_member_text(&o->w, key, arena_printf(o->arena, "%lld", (long long)ns));
}

static void otlp_render_put_times(struct writer *o, const struct span *s)
{
	int64_t end_ns = span_i64(s, FIELD_ENDED_AT, 0);
	struct str bad_end = raw_text(s, "flatspan.ended_at");
	otlp_render_put_time(o, STR("startTimeUnixNano"), span_i64(s, FIELD_STARTED_AT, 0));
	if (!o->is_plain && !end_ns && bad_end.len && !utime_parse(bad_end, &end_ns))
		end_ns = 0;
	otlp_render_put_time(o, STR("endTimeUnixNano"), end_ns);
}

static void put_count(struct writer *o, const struct span *s, const char *raw, const char *member)
{
	int64_t n;
	struct json v = json_get(json_open(span_text(s, FIELD_ATTRIBUTES)), str_from_c(raw));
	if (json_to_i64(v, &n) && n > 0 && n <= UINT32_MAX)
		json_member_i64(&o->w, str_from_c(member), n);
}

static void put_kind(struct writer *o, const struct span *s)
{
	static const char *const kinds[] = { "unspecified", "internal", "server", "client",
		"producer", "consumer" };
	struct str kind = raw_text(s, "otel.kind");
	for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++)
		if (str_eq(kind, str_from_c(kinds[i])))
			json_member_i64(&o->w, STR("kind"), (int64_t)i);
}

static void otlp_render_put_member(
	struct writer *o, struct json object, const char *from, const char *to)
{
	struct json v = json_get(object, str_from_c(from));
	if (v.type == JSON_STRING)
		json_member_body(&o->w, str_from_c(to), json_body(v));
	else if (v.type == JSON_NUMBER)
		json_member_text(&o->w, str_from_c(to), v.raw);
}

static void put_events(struct writer *o, const struct span *s)
{
	struct json events = otlp_inner(o->arena, s, STR("otel.events"), JSON_ARRAY);
	if (events.type != JSON_ARRAY)
		return;
	json_key(&o->w, STR("events"));
	json_array(&o->w);
	for (struct json_iter it = json_elements(events); json_next(&it);) {
		json_object(&o->w);
		otlp_render_put_member(o, it.value, "time_unix_nano", "timeUnixNano");
		otlp_render_put_member(o, it.value, "name", "name");
		otlp_put_attributes(&o->w, json_get(it.value, STR("attributes")));
		otlp_render_put_member(
			o, it.value, "dropped_attributes_count", "droppedAttributesCount");
		json_end(&o->w);
	}
	json_end(&o->w);
}

static void otlp_render_put_links(struct writer *o, const struct span *s)
{
	struct json links = otlp_inner(o->arena, s, STR("otel.links"), JSON_ARRAY);
	if (links.type != JSON_ARRAY)
		return;
	json_key(&o->w, STR("links"));
	json_array(&o->w);
	for (struct json_iter it = json_elements(links); json_next(&it);) {
		json_object(&o->w);
		otlp_render_put_member(o, it.value, "trace_id", "traceId");
		otlp_render_put_member(o, it.value, "span_id", "spanId");
		otlp_render_put_member(o, it.value, "trace_state", "traceState");
		otlp_put_attributes(&o->w, json_get(it.value, STR("attributes")));
		otlp_render_put_member(
			o, it.value, "dropped_attributes_count", "droppedAttributesCount");
		json_end(&o->w);
	}
	json_end(&o->w);
}

static void put_status(struct writer *o, const struct span *s)
{
	enum { CODE_OK = 1, CODE_ERROR = 2 };
	int64_t status = span_i64(s, FIELD_STATUS, STATUS_UNKNOWN);
	json_key(&o->w, STR("status"));
	json_object(&o->w);
	if (status == STATUS_SUCCESS || status == STATUS_ERROR)
		json_member_i64(&o->w, STR("code"), status == STATUS_ERROR ? CODE_ERROR : CODE_OK);
	if (status == STATUS_ERROR && span_has(s, FIELD_ERROR_MESSAGE))
		json_member_body(&o->w, STR("message"), span_text(s, FIELD_ERROR_MESSAGE));
	json_end(&o->w);
}

/* Writes what OTLP has outside attributes. */
static void otlp_render_put_places(struct writer *o, const struct span *s)
{
	struct str state = raw_text(s, "otel.trace_state");
	if (state.len)
		json_member_body(&o->w, STR("traceState"), state);
	put_kind(o, s);
	put_events(o, s);
	otlp_render_put_links(o, s);
	put_count(o, s, "otel.dropped_attributes_count", "droppedAttributesCount");
	put_count(o, s, "otel.dropped_events_count", "droppedEventsCount");
	put_count(o, s, "otel.dropped_links_count", "droppedLinksCount");
}

static void otlp_render_put_span(struct writer *o, const struct span *s, const struct otlp_own *own)
{
	struct str parent = span_text(s, FIELD_PARENT_SPAN_ID);
	json_object(&o->w);
	json_member_text(&o->w, STR("traceId"),
		otlp_render_id_of(o->arena, span_text(s, FIELD_TRACE_ID), TRACE_DIGITS));
	json_member_text(&o->w, STR("spanId"),
		otlp_render_id_of(o->arena, span_text(s, FIELD_SPAN_ID), SPAN_DIGITS));
	if (parent.len)
		json_member_text(&o->w, STR("parentSpanId"),
			otlp_render_id_of(o->arena, parent, SPAN_DIGITS));
	json_member_body(&o->w, STR("name"), span_text(s, FIELD_NAME));
	otlp_render_put_times(o, s);
	otlp_put_span_attributes(o->arena, &o->w, s, own, o->is_plain);
	put_status(o, s);
	if (!o->is_plain)
		otlp_render_put_places(o, s);
	json_end(&o->w);
}

/* ---- A request ---- */

static void open_resource(struct writer *o, const struct span *s)
{
	struct str project = span_text(s, FIELD_PROJECT);
	json_object(&o->w);
	json_key(&o->w, STR("resource"));
	json_object(&o->w);
	if (project.len) {
		json_key(&o->w, STR("attributes"));
		json_array(&o->w);
		otlp_put_text(&o->w, STR("service.name"), project);
		otlp_put_text(&o->w, STR("openinference.project.name"), project);
		json_end(&o->w);
	}
	json_end(&o->w);
	json_key(&o->w, STR("scopeSpans"));
	json_array(&o->w);
}

static void otlp_render_open_scope(struct writer *o, const struct span *s)
{
	struct json scope = { JSON_NONE, STR_NULL };
	if (!o->is_plain)
		scope = otlp_inner(o->arena, s, STR("otel.scope"), JSON_OBJECT);
	json_object(&o->w);
	json_key(&o->w, STR("scope"));
	json_object(&o->w);
	otlp_render_put_member(o, scope, "name", "name");
	otlp_render_put_member(o, scope, "version", "version");
	otlp_put_attributes(&o->w, json_get(scope, STR("attributes")));
	otlp_render_put_member(o, scope, "dropped_attributes_count", "droppedAttributesCount");
	json_end(&o->w);
	json_key(&o->w, STR("spans"));
	json_array(&o->w);
}

static void end_twice(struct json_writer *w)
{
	json_end(w);
	json_end(w);
}

/* Writes a request. Consecutive spans with the same project and scope share them. */
static void put_request(struct writer *o, struct buf *out)
{
	json_writer_init(&o->w, out);
	json_object(&o->w);
	json_key(&o->w, STR("resourceSpans"));
	json_array(&o->w);
	for (size_t i = 0; i < o->n; i++) {
		const struct span *s = &o->spans[i], *before = i ? s - 1 : NULL;
		bool is_new = !before || !str_eq(span_text(s, FIELD_PROJECT),
						 span_text(before, FIELD_PROJECT));
		bool is_new_scope = is_new || !str_eq(raw_text(s, "otel.scope"),
						      raw_text(before, "otel.scope"));
		if (before && is_new_scope)
			end_twice(&o->w);
		if (before && is_new)
			end_twice(&o->w);
		if (is_new)
			open_resource(o, s);
		if (is_new_scope)
			otlp_render_open_scope(o, s);
		otlp_render_put_span(o, s, &o->own[i]);
	}
	if (o->n) {
		end_twice(&o->w);
		end_twice(&o->w);
	}
	end_twice(&o->w);
}

/* ---- Comparing ---- */

static bool differs(const struct span *x, const struct span *y, enum field f)
{
	bool has = span_has(x, f);
	if (has != span_has(y, f))
		return true;
	if (!has)
		return false;
	switch (field_info[f].type) {
	case FIELD_TYPE_KIND:
	case FIELD_TYPE_STATUS:
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_I64:
		return x->value[f].i64 != y->value[f].i64;
	default:
		return !str_eq(x->value[f].text, y->value[f].text);
	}
}

/* True when a field was added to flatspan.span. */
static bool otlp_render_learn(
	struct otlp_own *own, const struct span *wanted, const struct span *got)
{
	const struct otlp_own before = *own;
	for (unsigned i = 0; i < FIELD__MAX; i++) {
		enum field f = (enum field)i;
		/* The sender does not decide the time of arrival and the sender's name. */
		bool is_ours = f == FIELD_INGESTED_AT || f == FIELD_UPDATED_AT ||
			       f == FIELD_CREATED_BY || f == FIELD_UPDATED_BY;
		if (is_ours || !differs(wanted, got, f))
			continue;
		field_set_add(span_has(wanted, f) ? &own->set : &own->unset, f);
		*(span_has(wanted, f) ? &own->has_set : &own->has_unset) = true;
	}
	own->sets_extra |= !str_eq(wanted->extra, got->extra);
	return memcmp(own, &before, sizeof before) != 0;
}

static bool learn_all(struct writer *o, struct str request)
{
	struct map_context c = { .mapping = MAPPING_GENERAL,
		.arena = o->arena,
		.workspace = o->workspace,
		.project = STR(""),
		.created_by = STR(""),
		.now_ns = 1 };
	struct otlp_spans in;
	struct map_result got;
	struct str reason;
	bool is_news = false;
	if (!otlp_read_json(o->arena, request, &in, &reason)) {
		bool was_plain = o->is_plain;
		o->is_plain = true;
		return !was_plain;
	}
	map_otlp_spans(&c, &in, &got);
	for (size_t i = 0; i < o->n && got.n == o->n; i++)
		is_news |= otlp_render_learn(&o->own[i], &o->spans[i], &got.spans[i]);
	return is_news;
}

void otlp_spans_render(
	struct arena *a, struct str workspace, const struct span *spans, size_t n, struct buf *out)
{
	struct writer o = { .arena = a, .workspace = workspace, .spans = spans, .n = n };
	size_t start = out->len;
	o.own = arena_calloc(a, n, sizeof *o.own);
	for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
		struct arena_mark mark = arena_mark(a);
		out->len = start;
		put_request(&o, out);
		bool is_news = learn_all(&o, str_skip(buf_str(out), start));
		arena_rewind(a, mark);
		if (!is_news)
			return;
	}
}
