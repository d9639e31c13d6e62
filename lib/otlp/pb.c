/*
 * OTLP requests in protobuf.  Each message is walked twice: once to count what repeats, once to
 * fill arrays of just that size, so that nothing grows and nothing is allocated per attribute.
 *
 * Fields may come in any order and repeat: the last scalar wins, messages that may occur once are
 * merged, as protobuf says.  Unknown fields, and known ones with another wire type, are skipped,
 * with one exception: what only a logs or metrics payload would put into a span is named, because
 * their field numbers coincide and they would pass for spans without ids.
 */
#include "otlp/otlp.h"

#include "base/limits.h"

enum {
	/* Messages around an attribute's value: request, resource, scope, span, event, KeyValue. */
	DEPTH_OF_VALUES = 6
};

struct reader {
	struct arena *arena;
	struct str body;
	struct buf json; /* where lists are written before they are kept */
	struct otlp_spans spans;
	size_t spans_cap;
	struct str reason; /* set once reading failed */
};

static bool otlp_pb_fail(struct reader *rd, const char *what, const char *at)
{
	rd->reason = arena_printf(rd->arena, "%s at byte %zu", what, (size_t)(at - rd->body.ptr));
	return false;
}

/* The walk over a message is over: was it whole? */
static bool ended(struct reader *rd, const struct pb_reader *r)
{
	return !r->failed || otlp_pb_fail(rd, "malformed or truncated message", r->rest.ptr);
}

static struct str hex_of(struct reader *rd, struct str bytes)
{
	static const char digit[] = "0123456789abcdef";
	char *text = arena_text(rd->arena, bytes.len * 2);
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];
		text[2 * i] = digit[c >> 4];
		text[2 * i + 1] = digit[c & 15];
	}
	return str_of(text, bytes.len * 2);
}

static struct str otlp_pb_text_of(struct reader *rd, const struct pb_field *f)
{
	return json_encode(rd->arena, f->bytes);
}

/* The value an AnyValue holds: its last member, and where the run of that member begins (lists
 * given in several parts are merged). */
struct any {
	enum otlp_type type;
	struct pb_field last;
	struct str run;
};

static bool any_type(const struct pb_field *f, enum otlp_type *ret)
{
	static const struct {
		enum pb_wire wire;
		enum otlp_type type;
	} member[] = {
		[1] = { PB_BYTES, OTLP_STRING },
		[2] = { PB_VARINT, OTLP_BOOL },
		[3] = { PB_VARINT, OTLP_INT },
		[4] = { PB_FIXED64, OTLP_DOUBLE },
		[5] = { PB_BYTES, OTLP_ARRAY },
		[6] = { PB_BYTES, OTLP_KVLIST },
		[7] = { PB_BYTES, OTLP_BYTES },
	};
	if (f->number == 0 || f->number >= sizeof member / sizeof member[0] ||
		f->wire != member[f->number].wire)
		return false;
	*ret = member[f->number].type;
	return true;
}

static bool any_open(struct reader *rd, struct str message, struct any *ret)
{
	struct pb_reader r = pb_open(message);
	struct any any = { .type = OTLP_NULL };
	for (;;) {
		struct str from = r.rest;
		struct pb_field f;
		enum otlp_type type;
		if (!pb_next(&r, &f))
			break;
		if (!any_type(&f, &type))
			continue;
		if (type != any.type)
			any.run = from;
		any.type = type;
		any.last = f;
	}
	*ret = any;
	return ended(rd, &r);
}

static bool otlp_pb_write_value(
	struct reader *rd, struct json_writer *w, struct str message, unsigned depth);

static struct str joined(struct reader *rd, struct str x, struct str y)
{
	char *both = arena_text(rd->arena, x.len + y.len);
	memcpy(both, x.ptr, x.len);
	memcpy(both + x.len, y.ptr, y.len);
	return str_of(both, x.len + y.len);
}

/* KeyValue { 1 key, 2 value }; a value in several parts is the parts behind one another. */
static bool otlp_pb_key_value(
	struct reader *rd, struct str message, struct pb_field *ret_key, struct str *ret_value)
{
	struct pb_reader r = pb_open(message);
	struct pb_field f, key = { .bytes = STR("") };
	struct str value = STR_NULL;
	while (pb_next(&r, &f)) {
		if (f.wire != PB_BYTES)
			continue;
		if (f.number == 1)
			key = f;
		else if (f.number == 2 && value.len)
			value = joined(rd, value, f.bytes);
		else if (f.number == 2)
			value = f.bytes;
	}
	*ret_key = key;
	*ret_value = value;
	return ended(rd, &r);
}

static bool write_elements(
	struct reader *rd, struct json_writer *w, struct str list, unsigned depth)
{
	struct pb_reader r = pb_open(list);
	for (struct pb_field f; pb_next(&r, &f);)
		if (f.number == 1 && f.wire == PB_BYTES &&
			!otlp_pb_write_value(rd, w, f.bytes, depth))
			return false;
	return ended(rd, &r);
}

static bool write_members(struct reader *rd, struct json_writer *w, struct str list, unsigned depth)
{
	struct pb_reader r = pb_open(list);
	for (struct pb_field f; pb_next(&r, &f);) {
		struct pb_field key;
		struct str value;
		if (f.number != 1 || f.wire != PB_BYTES)
			continue;
		if (!otlp_pb_key_value(rd, f.bytes, &key, &value))
			return false;
		json_key_body(w, otlp_pb_text_of(rd, &key));
		if (!otlp_pb_write_value(rd, w, value, depth))
			return false;
	}
	return ended(rd, &r);
}

/* depth: messages around the lists in this value. */
static bool otlp_pb_write_list(
	struct reader *rd, struct json_writer *w, const struct any *any, unsigned depth)
{
	bool is_array = any->type == OTLP_ARRAY;
	if (depth >= LIMIT_DEPTH)
		return otlp_pb_fail(rd, "value nested too deeply", any->run.ptr);
	if (is_array)
		json_array(w);
	else
		json_object(w);
	struct pb_reader r = pb_open(any->run);
	for (struct pb_field f; pb_next(&r, &f);)
		if (f.number == any->last.number && f.wire == PB_BYTES &&
			!(is_array ? write_elements(rd, w, f.bytes, depth + 2)
				   : write_members(rd, w, f.bytes, depth + 3)))
			return false;
	json_end(w);
	return true;
}

static void read_scalar(struct reader *rd, const struct any *any, struct otlp_value *ret)
{
	ret->type = any->type;
	switch (any->type) {
	case OTLP_STRING:
		ret->text = otlp_pb_text_of(rd, &any->last);
		break;
	case OTLP_BYTES:
		ret->text = any->last.bytes;
		break;
	case OTLP_BOOL:
		ret->i64 = any->last.value != 0;
		break;
	case OTLP_INT:
		ret->i64 = (int64_t)any->last.value;
		break;
	case OTLP_DOUBLE:
		ret->number = pb_double(&any->last);
		break;
	default:
		break;
	}
}

static bool otlp_pb_write_value(
	struct reader *rd, struct json_writer *w, struct str message, unsigned depth)
{
	struct any any;
	struct otlp_value v = { 0 };
	if (!any_open(rd, message, &any))
		return false;
	if (any.type == OTLP_ARRAY || any.type == OTLP_KVLIST)
		return otlp_pb_write_list(rd, w, &any, depth);
	read_scalar(rd, &any, &v);
	otlp_value_json(w, &v);
	return true;
}

static bool otlp_pb_read_value(struct reader *rd, struct str message, struct otlp_value *ret)
{
	struct any any;
	struct json_writer w;
	if (!any_open(rd, message, &any))
		return false;
	if (any.type != OTLP_ARRAY && any.type != OTLP_KVLIST) {
		read_scalar(rd, &any, ret);
		return true;
	}
	buf_reset(&rd->json);
	json_writer_init(&w, &rd->json);
	if (!otlp_pb_write_list(rd, &w, &any, DEPTH_OF_VALUES))
		return false;
	ret->type = any.type;
	ret->text = arena_copy(rd->arena, buf_str(&rd->json));
	return true;
}

static bool read_attr(struct reader *rd, struct str message, struct otlp_attr *ret)
{
	struct pb_field key;
	struct str value;
	if (!otlp_pb_key_value(rd, message, &key, &value))
		return false;
	ret->key = otlp_pb_text_of(rd, &key);
	return otlp_pb_read_value(rd, value, &ret->value);
}

static bool is_message(const struct pb_field *f, uint32_t number)
{
	return f->number == number && f->wire == PB_BYTES;
}

static bool count_messages(struct reader *rd, struct str message, uint32_t number, size_t *ret)
{
	struct pb_reader r = pb_open(message);
	for (struct pb_field f; pb_next(&r, &f);)
		*ret += is_message(&f, number);
	return ended(rd, &r);
}

/* Room for the attributes in one more message, behind those of earlier parts. */
static bool attrs_reserve(
	struct reader *rd, struct str message, uint32_t number, struct otlp_attrs *attrs)
{
	size_t n = attrs->n;
	if (!count_messages(rd, message, number, &n))
		return false;
	if (n == attrs->n)
		return true;
	struct otlp_attr *list = arena_calloc(rd->arena, n, sizeof *list);
	if (attrs->n)
		memcpy(list, attrs->list, attrs->n * sizeof *list);
	attrs->list = list;
	return true;
}

/* Resource { 1 attributes, 2 dropped } */
static bool read_resource(struct reader *rd, struct str message, struct otlp_attrs *ret)
{
	struct pb_reader r = pb_open(message);
	if (!attrs_reserve(rd, message, 1, ret))
		return false;
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 1)) {
			if (!read_attr(rd, f.bytes, &ret->list[ret->n++]))
				return false;
		} else if (f.number == 2 && f.wire == PB_VARINT)
			ret->n_dropped = (uint32_t)f.value;
	return true;
}

/* Scope { 1 name, 2 version, 3 attributes, 4 dropped } */
static bool read_scope(struct reader *rd, struct str message, struct otlp_scope *ret)
{
	struct pb_reader r = pb_open(message);
	if (!attrs_reserve(rd, message, 3, &ret->attrs))
		return false;
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 1))
			ret->name = otlp_pb_text_of(rd, &f);
		else if (is_message(&f, 2))
			ret->version = otlp_pb_text_of(rd, &f);
		else if (is_message(&f, 3)) {
			if (!read_attr(rd, f.bytes, &ret->attrs.list[ret->attrs.n++]))
				return false;
		} else if (f.number == 4 && f.wire == PB_VARINT)
			ret->attrs.n_dropped = (uint32_t)f.value;
	return true;
}

/* Event { 1 time, 2 name, 3 attributes, 4 dropped } */
static bool read_event(struct reader *rd, struct str message, struct otlp_event *ret)
{
	struct pb_reader r = pb_open(message);
	if (!attrs_reserve(rd, message, 3, &ret->attrs))
		return false;
	for (struct pb_field f; pb_next(&r, &f);)
		if (f.number == 1 && f.wire == PB_FIXED64)
			ret->time_ns = (int64_t)f.value;
		else if (is_message(&f, 2))
			ret->name = otlp_pb_text_of(rd, &f);
		else if (is_message(&f, 3)) {
			if (!read_attr(rd, f.bytes, &ret->attrs.list[ret->attrs.n++]))
				return false;
		} else if (f.number == 4 && f.wire == PB_VARINT)
			ret->attrs.n_dropped = (uint32_t)f.value;
	return true;
}

/* Link { 1 trace_id, 2 span_id, 3 state, 4 attributes, 5 dropped, 6 flags } */
static bool read_link(struct reader *rd, struct str message, struct otlp_link *ret)
{
	struct pb_reader r = pb_open(message);
	if (!attrs_reserve(rd, message, 4, &ret->attrs))
		return false;
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 1))
			ret->trace_id = hex_of(rd, f.bytes);
		else if (is_message(&f, 2))
			ret->span_id = hex_of(rd, f.bytes);
		else if (is_message(&f, 3))
			ret->state = otlp_pb_text_of(rd, &f);
		else if (is_message(&f, 4)) {
			if (!read_attr(rd, f.bytes, &ret->attrs.list[ret->attrs.n++]))
				return false;
		} else if (f.number == 5 && f.wire == PB_VARINT)
			ret->attrs.n_dropped = (uint32_t)f.value;
		else if (f.number == 6 && f.wire == PB_FIXED32)
			ret->flags = (uint32_t)f.value;
	return true;
}

/* Status { 2 message, 3 code } */
static bool otlp_pb_read_status(struct reader *rd, struct str message, struct otlp_span *ret)
{
	struct pb_reader r = pb_open(message);
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 2))
			ret->status_message = otlp_pb_text_of(rd, &f);
		else if (f.number == 3 && f.wire == PB_VARINT)
			ret->status_code = f.value <= 2 ? (unsigned)f.value : 0;
	return ended(rd, &r);
}

static const char metrics_payload[] =
	"this is a metrics payload; metrics go to /v1/metrics, not to the traces path; seen";

/* LogRecord { 1 fixed64 time, 2 severity number, 11 fixed64 observed time } and
 * Metric { 7 sum, 10 exponential histogram }: what no span has under these numbers. */
static const char *other_signal(const struct pb_field *f)
{
	if ((f->wire == PB_FIXED64 && (f->number == 1 || f->number == 11)) ||
		(f->wire == PB_VARINT && f->number == 2))
		return "this is a logs payload; logs go to /v1/logs, not to the traces path; seen";
	return f->wire == PB_BYTES && (f->number == 7 || f->number == 10) ? metrics_payload : NULL;
}

/* Gauge, Histogram or Summary { 1 points }, a point { 3 fixed64 time }. */
static bool has_points(struct str message)
{
	struct pb_reader r = pb_open(message), points;
	bool has_time = false;
	for (struct pb_field f, g; pb_next(&r, &f);) {
		if (f.wire != PB_BYTES || f.number != 1)
			continue;
		points = pb_open(f.bytes);
		while (pb_next(&points, &g))
			has_time = has_time || (g.wire == PB_FIXED64 && g.number == 3);
		if (points.failed)
			return false;
	}
	return has_time && !r.failed;
}

/* Metric { 5 gauge, 9 histogram, 11 summary } has numbers that spans have as well, and none of
 * their times. */
static bool is_metric(struct str message)
{
	struct pb_reader r = pb_open(message);
	bool is_one = false;
	for (struct pb_field f; pb_next(&r, &f);) {
		if (f.wire == PB_FIXED64)
			return false;
		if (f.wire == PB_BYTES && (f.number == 5 || f.number == 9 || f.number == 11))
			is_one = is_one || has_points(f.bytes);
	}
	return is_one;
}

static bool span_reserve(struct reader *rd, struct str message, struct otlp_span *ret)
{
	struct pb_reader r = pb_open(message);
	size_t n_attrs = 0, n_events = 0, n_links = 0;
	if (is_metric(message))
		return otlp_pb_fail(rd, metrics_payload, message.ptr);
	for (struct pb_field f; pb_next(&r, &f);) {
		const char *wrong = other_signal(&f);
		if (wrong)
			return otlp_pb_fail(rd, wrong, r.rest.ptr);
		n_attrs += is_message(&f, 9);
		n_events += is_message(&f, 11);
		n_links += is_message(&f, 13);
	}
	ret->attrs.list = arena_calloc(rd->arena, n_attrs, sizeof *ret->attrs.list);
	ret->events = n_events ? arena_calloc(rd->arena, n_events, sizeof *ret->events) : NULL;
	ret->links = n_links ? arena_calloc(rd->arena, n_links, sizeof *ret->links) : NULL;
	return ended(rd, &r);
}

static bool read_span_bytes(struct reader *rd, const struct pb_field *f, struct otlp_span *s)
{
	switch (f->number) {
	case 1:
		s->trace_id = hex_of(rd, f->bytes);
		return true;
	case 2:
		s->span_id = hex_of(rd, f->bytes);
		return true;
	case 3:
		s->trace_state = otlp_pb_text_of(rd, f);
		return true;
	case 4:
		s->parent_span_id = hex_of(rd, f->bytes);
		return true;
	case 5:
		s->name = otlp_pb_text_of(rd, f);
		return true;
	case 9:
		return read_attr(rd, f->bytes, &s->attrs.list[s->attrs.n++]);
	case 11:
		return read_event(rd, f->bytes, &s->events[s->n_events++]);
	case 13:
		return read_link(rd, f->bytes, &s->links[s->n_links++]);
	case 15:
		return otlp_pb_read_status(rd, f->bytes, s);
	default:
		return true;
	}
}

static void read_span_number(const struct pb_field *f, struct otlp_span *s)
{
	if (f->wire == PB_VARINT && f->number == 6)
		s->kind = f->value <= 5 ? (unsigned)f->value : 0;
	else if (f->wire == PB_FIXED64 && f->number == 7)
		s->start_ns = f->value;
	else if (f->wire == PB_FIXED64 && f->number == 8)
		s->end_ns = f->value;
	else if (f->wire == PB_VARINT && f->number == 10)
		s->attrs.n_dropped = (uint32_t)f->value;
	else if (f->wire == PB_VARINT && f->number == 12)
		s->n_dropped_events = (uint32_t)f->value;
	else if (f->wire == PB_VARINT && f->number == 14)
		s->n_dropped_links = (uint32_t)f->value;
	else if (f->wire == PB_FIXED32 && f->number == 16)
		s->flags = (uint32_t)f->value;
}

static bool otlp_pb_read_span(struct reader *rd, struct str message,
	const struct otlp_attrs *resource, const struct otlp_scope *scope)
{
	struct otlp_span *s = &rd->spans.list[rd->spans.n++];
	struct pb_reader r = pb_open(message);
	s->resource = resource;
	s->scope = scope;
	if (!span_reserve(rd, message, s))
		return false;
	for (struct pb_field f; pb_next(&r, &f);)
		if (f.wire != PB_BYTES)
			read_span_number(&f, s);
		else if (!read_span_bytes(rd, &f, s))
			return false;
	return true;
}

/* ScopeSpans { 1 scope, 2 spans } */
static bool otlp_pb_read_scope_spans(
	struct reader *rd, struct str message, const struct otlp_attrs *resource)
{
	struct otlp_scope *scope = arena_calloc(rd->arena, 1, sizeof *scope);
	struct pb_reader r = pb_open(message);
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 1)) {
			if (!read_scope(rd, f.bytes, scope))
				return false;
		} else if (is_message(&f, 2) && !otlp_pb_read_span(rd, f.bytes, resource, scope))
			return false;
	return true;
}

/* ResourceSpans { 1 resource, 2 scope_spans } */
static bool otlp_pb_read_resource_spans(struct reader *rd, struct str message)
{
	struct otlp_attrs *resource = arena_calloc(rd->arena, 1, sizeof *resource);
	struct pb_reader r = pb_open(message);
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 1)) {
			if (!read_resource(rd, f.bytes, resource))
				return false;
		} else if (is_message(&f, 2) && !otlp_pb_read_scope_spans(rd, f.bytes, resource))
			return false;
	return true;
}

/* Counts the spans, and so sees to it that the three outer levels are well formed. */
static bool otlp_pb_count_spans(struct reader *rd, size_t *ret)
{
	struct pb_reader r = pb_open(rd->body);
	for (struct pb_field f; pb_next(&r, &f);) {
		struct pb_reader inner = pb_open(f.bytes);
		if (!is_message(&f, 1))
			continue;
		for (struct pb_field g; pb_next(&inner, &g);)
			if (is_message(&g, 2) && !count_messages(rd, g.bytes, 2, ret))
				return false;
		if (!ended(rd, &inner))
			return false;
	}
	return ended(rd, &r);
}

static bool otlp_pb_read_request(struct reader *rd)
{
	size_t n = 0;
	struct pb_reader r = pb_open(rd->body);
	if (!otlp_pb_count_spans(rd, &n))
		return false;
	if (n > LIMIT_SPANS_PER_REQUEST) {
		rd->reason =
			arena_printf(rd->arena, "%zu spans are more than the %d of one request", n,
				LIMIT_SPANS_PER_REQUEST);
		return false;
	}
	rd->spans.list = arena_calloc(rd->arena, n, sizeof *rd->spans.list);
	for (struct pb_field f; pb_next(&r, &f);)
		if (is_message(&f, 1) && !otlp_pb_read_resource_spans(rd, f.bytes))
			return false;
	return true;
}

bool otlp_read_protobuf(
	struct arena *a, struct str body, struct otlp_spans *ret, struct str *ret_reason)
{
	struct reader rd = { .arena = a, .body = body };
	buf_init(&rd.json, a);
	bool ok = otlp_pb_read_request(&rd);
	buf_release(&rd.json);
	if (ok)
		*ret = rd.spans;
	else
		*ret_reason = rd.reason;
	return ok;
}
