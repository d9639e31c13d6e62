#include "otlp/otlp.h"

#include "base/limits.h"
#include "unit.h"

static struct str capture(const char *name)
{
	struct buf b;
	struct str path = arena_printf(test_arena(), "%s/t/captures/%s", FLATSPAN_SOURCE_DIR, name);
	FILE *f = fopen(arena_copy_c(test_arena(), path), "rb");
	ck_assert_msg(f != NULL, "%s", name);
	buf_init(&b, test_arena());
	for (size_t n = 1; n;) {
		char *p = buf_reserve(&b, 65536);
		n = fread(p, 1, 65536, f);
		b.len += n;
	}
	fclose(f);
	return buf_str(&b);
}

static struct otlp_spans read_as(bool is_json, struct str body)
{
	struct otlp_spans spans;
	struct str reason;
	bool ok = is_json ? otlp_read_json(test_arena(), body, &spans, &reason)
			  : otlp_read_protobuf(test_arena(), body, &spans, &reason);
	ck_assert_msg(ok, "%.*s", STR_ARG(reason));
	return spans;
}

static struct otlp_spans read_capture(const char *name)
{
	return read_as(str_ends(str_from_c(name), STR(".json")), capture(name));
}

static struct str reason_of(bool is_json, struct str body)
{
	struct otlp_spans spans;
	struct str reason = STR_NULL;
	bool ok = is_json ? otlp_read_json(test_arena(), body, &spans, &reason)
			  : otlp_read_protobuf(test_arena(), body, &spans, &reason);
	ck_assert_msg(!ok, "was accepted: %.*s", STR_ARG(body));
	return reason;
}

static void write_attrs(struct json_writer *w, const struct otlp_attrs *attrs)
{
	json_object(w);
	for (size_t i = 0; i < attrs->n; i++) {
		json_key_body(w, attrs->list[i].key);
		otlp_value_json(w, &attrs->list[i].value);
	}
	json_end(w);
	json_i64(w, attrs->n_dropped);
}

static void write_events(struct json_writer *w, const struct otlp_span *s)
{
	json_array(w);
	for (size_t i = 0; i < s->n_events; i++) {
		json_body_value(w, s->events[i].name);
		write_attrs(w, &s->events[i].attrs);
	}
	json_i64(w, s->n_dropped_events);
	for (size_t i = 0; i < s->n_links; i++) {
		json_body_value(w, s->links[i].state);
		json_i64(w, (int64_t)(s->links[i].trace_id.len + s->links[i].span_id.len));
		write_attrs(w, &s->links[i].attrs);
	}
	json_i64(w, s->n_dropped_links);
	json_end(w);
}

/* All of a span but its ids and times, which differ between two runs of one client. */
static struct str shape_of(const struct otlp_span *s)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, test_arena());
	json_writer_init(&w, &b);
	json_array(&w);
	json_body_value(&w, s->name);
	json_i64(&w, (int64_t)s->trace_id.len);
	json_i64(&w, (int64_t)s->span_id.len);
	json_i64(&w, (int64_t)s->parent_span_id.len);
	json_i64(&w, s->kind);
	json_i64(&w, s->status_code);
	json_body_value(&w, s->status_message);
	json_body_value(&w, s->trace_state);
	json_i64(&w, s->flags);
	json_bool(&w, s->start_ns <= s->end_ns);
	write_attrs(&w, &s->attrs);
	write_events(&w, s);
	write_attrs(&w, s->resource);
	json_body_value(&w, s->scope->name);
	json_body_value(&w, s->scope->version);
	json_end(&w);
	return buf_str(&b);
}

static void check_twins(const char *protobuf, const char *json)
{
	struct otlp_spans p = read_capture(protobuf), j = read_capture(json);
	ck_assert_uint_eq(p.n, j.n);
	for (size_t i = 0; i < p.n; i++)
		ck_assert_str_is(shape_of(&p.list[i]), shape_of(&j.list[i]));
}

static struct str value_text(const struct otlp_span *s, struct str key)
{
	struct buf b;
	struct json_writer w;
	const struct otlp_value *v = otlp_attr(&s->attrs, key);
	if (!v)
		return STR("none");
	buf_init(&b, test_arena());
	json_writer_init(&w, &b);
	otlp_value_json(&w, v);
	return buf_str(&b);
}

START_TEST(protobuf_and_json_of_the_same_client_give_equal_spans)
	{
		check_twins("sdk-proto-01.pb", "sdk-json-01.json");
		check_twins("sdk-proto-02.pb", "sdk-json-02.json");
		check_twins("sdk-proto-03.pb", "sdk-json-03.json");
	}
END_TEST

START_TEST(the_edge_values_agree_but_for_what_the_json_client_lost)
	{
		const struct otlp_span *p = read_capture("edge-proto-01.pb").list,
				       *j = read_capture("edge-json-01.json").list;
		/* Numbers of JavaScript went through a double before they were printed. */
		ck_assert_str_is(value_text(p, STR("bigint_as_num")), STR("1152921504606846976"));
		ck_assert_str_is(value_text(j, STR("bigint_as_num")), STR("1152921504606847000"));
		const struct str same[] = { STR("nan"), STR("inf"), STR("ninf"),
			STR("arr_mixed_null"), STR("long"), STR("lone") };
		for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
			ck_assert_str_is(value_text(p, same[i]), value_text(j, same[i]));
		ck_assert_str_is(value_text(p, STR("arr_mixed_null")), STR("[\"a\",null,\"c\"]"));
		ck_assert_str_is(value_text(p, STR("lone")), STR("\"a\xef\xbf\xbd"
								 "b\""));
	}
END_TEST

START_TEST(every_capture_is_read_whole)
	{
		static const struct {
			const char *name;
			size_t n;
		} captures[] = { { "sdk-proto-01.pb", 64 }, { "sdk-proto-02.pb", 64 },
			{ "sdk-proto-03.pb", 5 }, { "sdk-json-01.json", 64 },
			{ "sdk-json-02.json", 64 }, { "sdk-json-03.json", 5 },
			{ "openai-oi-proto-01.pb", 5 }, { "retry-503-then-200-01.pb", 1 },
			{ "edge-proto-01.pb", 4 }, { "edge-json-01.json", 4 } };
		for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++)
			ck_assert_msg(read_capture(captures[i].name).n == captures[i].n,
				"%s: %zu spans", captures[i].name,
				read_capture(captures[i].name).n);
		struct otlp_spans edge = read_capture("edge-proto-01.pb");
		size_t n_full = 0;
		for (size_t i = 0; i < edge.n; i++)
			n_full += edge.list[i].attrs.n == 128 && edge.list[i].attrs.n_dropped;
		ck_assert_uint_eq(n_full, 1); /* the limit of the SDK */
	}
END_TEST

START_TEST(texts_may_hold_zero_bytes)
	{
		struct otlp_spans s = read_capture("sdk-proto-01.pb");
		bool seen = false;
		for (size_t i = 0; i < s.n; i++)
			seen |= str_find(value_text(&s.list[i], STR("uni")), STR("\\u0000")) <
				value_text(&s.list[i], STR("uni")).len;
		ck_assert(seen);
	}
END_TEST

/* A protobuf writer of four lines, so that the bytes below can be read. */
static void put_varint(struct buf *b, uint64_t v)
{
	for (; v > 127; v >>= 7)
		buf_add_char(b, (char)(v | 128));
	buf_add_char(b, (char)v);
}

static struct str varint(unsigned number, uint64_t v)
{
	struct buf b;
	buf_init(&b, test_arena());
	put_varint(&b, number << 3);
	put_varint(&b, v);
	return buf_str(&b);
}

static struct str fixed(unsigned number, unsigned bytes, uint64_t v)
{
	struct buf b;
	buf_init(&b, test_arena());
	put_varint(&b, number << 3 | (bytes == 8 ? 1 : 5));
	for (unsigned i = 0; i < bytes; i++)
		buf_add_char(&b, (char)(v >> 8 * i));
	return buf_str(&b);
}

static struct str message(unsigned number, const struct str *parts, size_t n)
{
	struct buf b;
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += parts[i].len;
	buf_init(&b, test_arena());
	put_varint(&b, number << 3 | 2);
	put_varint(&b, len);
	for (size_t i = 0; i < n; i++)
		buf_add(&b, parts[i]);
	return buf_str(&b);
}

#define MESSAGE(number, ...) \
	message(number, (struct str[]){ __VA_ARGS__ }, \
		sizeof((struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

/* The request with one span that has this field; and its attribute "v". */
static struct str with_field(struct str field)
{
	return MESSAGE(1, MESSAGE(2, MESSAGE(2, MESSAGE(1, STR("0123456789abcdef")),
					     MESSAGE(2, STR("01234567")), field)));
}

static struct str any_text(struct str any_value)
{
	struct str attr = MESSAGE(9, MESSAGE(1, STR("v")), MESSAGE(2, any_value));
	return value_text(read_as(false, with_field(attr)).list, STR("v"));
}

START_TEST(every_kind_of_value_is_read_from_protobuf)
	{
		ck_assert_str_is(
			any_text(MESSAGE(1, STR("a\"\xff"))), STR("\"a\\\"\xef\xbf\xbd\""));
		ck_assert_str_is(any_text(varint(2, 1)), STR("true"));
		ck_assert_str_is(any_text(varint(3, UINT64_MAX)), STR("-1"));
		ck_assert_str_is(any_text(fixed(4, 8, 0x4008000000000000)), STR("3.0"));
		ck_assert_str_is(any_text(fixed(4, 8, 0x7ff8000000000000)), STR("null"));
		ck_assert_str_is(any_text(MESSAGE(7, STR("\x01\xfe"))), STR("\"01fe\""));
		ck_assert_str_is(any_text(STR("")), STR("none"));
		struct str member = MESSAGE(1, MESSAGE(1, STR("k")), MESSAGE(2, varint(3, 7)));
		struct str no_value = MESSAGE(1, MESSAGE(1, STR("n")));
		ck_assert_str_is(
			any_text(MESSAGE(6, member, no_value)), STR("{\"k\":7,\"n\":null}"));
		ck_assert_str_is(any_text(MESSAGE(5, MESSAGE(1, MESSAGE(6, member)),
					 MESSAGE(1, STR("")), MESSAGE(1, MESSAGE(7, STR("x"))))),
			STR("[{\"k\":7},null,\"78\"]"));
		ck_assert_str_is(any_text(MESSAGE(5, STR(""))), STR("[]"));
		ck_assert_str_is(any_text(MESSAGE(6, STR(""))), STR("{}"));
	}
END_TEST

static struct str two(struct str x, struct str y)
{
	struct buf b;
	buf_init(&b, test_arena());
	buf_add(&b, x);
	buf_add(&b, y);
	return buf_str(&b);
}

START_TEST(repeated_protobuf_fields_follow_the_merge_rules)
	{
		struct str one = MESSAGE(5, MESSAGE(1, varint(3, 1)));
		struct str other = MESSAGE(5, MESSAGE(1, varint(3, 2)));
		ck_assert_str_is(any_text(two(varint(3, 1), varint(3, 2))), STR("2"));
		ck_assert_str_is(any_text(two(varint(3, 1), MESSAGE(1, STR("x")))), STR("\"x\""));
		ck_assert_str_is(any_text(two(one, other)), STR("[1,2]"));
		ck_assert_str_is(any_text(two(two(one, varint(3, 5)), other)), STR("[2]"));
		/* The value of a KeyValue in two parts. */
		struct str attr =
			MESSAGE(9, MESSAGE(2, one), MESSAGE(1, STR("v")), MESSAGE(2, other));
		ck_assert_str_is(
			value_text(read_as(false, with_field(attr)).list, STR("v")), STR("[1,2]"));
		/* Resource and scope in two parts, behind what they belong to. */
		struct str x = MESSAGE(1, MESSAGE(1, STR("x")), MESSAGE(2, varint(3, 1)));
		struct str y = MESSAGE(1, MESSAGE(1, STR("y")), MESSAGE(2, varint(3, 2)));
		struct str scope_spans = MESSAGE(2, MESSAGE(2, MESSAGE(5, STR("a"))),
			MESSAGE(1, MESSAGE(1, STR("scope"))), MESSAGE(1, MESSAGE(2, STR("1.0"))));
		struct otlp_spans s =
			read_as(false, MESSAGE(1, scope_spans, MESSAGE(1, x), MESSAGE(1, y)));
		ck_assert_uint_eq(s.n, 1);
		ck_assert_uint_eq(s.list->resource->n, 2);
		ck_assert_str_is(s.list->scope->name, STR("scope"));
		ck_assert_str_is(s.list->scope->version, STR("1.0"));
		/* Status: the parts fill one message; names: the last wins. */
		s = read_as(false,
			with_field(two(
				two(MESSAGE(15, varint(3, 2)), MESSAGE(15, MESSAGE(2, STR("bad")))),
				two(MESSAGE(5, STR("first")), MESSAGE(5, STR("last"))))));
		ck_assert_uint_eq(s.list->status_code, 2);
		ck_assert_str_is(s.list->status_message, STR("bad"));
		ck_assert_str_is(s.list->name, STR("last"));
	}
END_TEST

START_TEST(unknown_protobuf_fields_are_skipped)
	{
		struct str odd = two(two(varint(1000, 1), fixed(77, 8, 1)),
			two(fixed(78, 4, 1), MESSAGE(79, STR("x"))));
		ck_assert_str_is(any_text(two(odd, varint(3, 4))), STR("4"));
		struct otlp_spans s = read_as(false, with_field(two(odd, MESSAGE(5, STR("n")))));
		ck_assert_str_is(s.list->name, STR("n"));
		/* Fields that changed their wire type are unknown ones. */
		s = read_as(false, with_field(two(varint(5, 3), fixed(6, 4, 3))));
		ck_assert_uint_eq(s.list->name.len, 0);
		ck_assert_uint_eq(s.list->kind, 0);
		ck_assert_uint_eq(read_as(false, STR("")).n, 0);
		ck_assert_uint_eq(read_as(false, odd).n, 0);
	}
END_TEST

/* n lists inside one another. */
static struct str nested(size_t n)
{
	struct str v = varint(3, 1);
	for (size_t i = 0; i < n; i++)
		v = MESSAGE(5, MESSAGE(1, v));
	return with_field(MESSAGE(9, MESSAGE(1, STR("v")), MESSAGE(2, v)));
}

START_TEST(values_nest_up_to_the_limit_of_messages)
	{
		/* Six messages stand around a value, each list is two more. */
		enum { DEEPEST = (LIMIT_DEPTH - 6) / 2 };
		ck_assert_uint_eq(read_as(false, nested(DEEPEST)).n, 1);
		struct str reason = reason_of(false, nested(DEEPEST + 1));
		ck_assert_msg(str_starts(reason, STR("value nested too deeply at byte ")), "%.*s",
			STR_ARG(reason));
		(void)reason_of(false, nested(500));
	}
END_TEST

START_TEST(protobuf_cut_anywhere_is_refused_or_a_whole_prefix)
	{
		static const char *const names[] = { "sdk-proto-03.pb", "openai-oi-proto-01.pb" };
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			struct str whole = capture(names[i]);
			for (size_t n = 1; n < whole.len; n++) {
				/* A copy of just that size, so that a read past it is seen. */
				char *cut = malloc(n);
				struct arena a;
				struct otlp_spans s;
				struct str reason;
				memcpy(cut, whole.ptr, n);
				arena_init(&a, (size_t)1 << 24);
				/* One ResourceSpans fills the body: any prefix of it is cut. */
				ck_assert(!otlp_read_protobuf(&a, str_of(cut, n), &s, &reason));
				ck_assert_msg(str_starts(reason, STR("malformed or truncated "
								     "message at byte ")),
					"%.*s", STR_ARG(reason));
				arena_release(&a);
				free(cut);
			}
		}
	}
END_TEST

START_TEST(too_many_spans_are_refused_before_they_take_memory)
	{
		struct buf b;
		buf_init(&b, test_arena());
		for (size_t i = 0; i <= LIMIT_SPANS_PER_REQUEST; i++) {
			if (i == LIMIT_SPANS_PER_REQUEST)
				ck_assert_uint_eq(
					read_as(false, MESSAGE(1, MESSAGE(2, buf_str(&b)))).n, i);
			buf_add(&b, STR("\x12\0"));
		}
		ck_assert_str_is(reason_of(false, MESSAGE(1, MESSAGE(2, buf_str(&b)))),
			STR("100001 spans are more than the 100000 of one request"));
		buf_reset(&b);
		for (size_t i = 0; i <= LIMIT_SPANS_PER_REQUEST; i++)
			buf_add(&b, i ? STR(",{}") : STR("{}"));
		ck_assert_str_is(
			reason_of(true,
				arena_printf(test_arena(),
					"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[%.*s]"
					"}]}]}",
					STR_ARG(buf_str(&b)))),
			STR("100001 spans are more than the 100000 of one request"));
	}
END_TEST

START_TEST(payloads_of_other_signals_are_named)
	{
		struct str log = two(fixed(1, 8, 1700000000000000000), varint(2, 9));
		struct str reason = reason_of(false, MESSAGE(1, MESSAGE(2, MESSAGE(2, log))));
		ck_assert_msg(
			str_starts(reason, STR("this is a logs payload; logs go to /v1/logs")),
			"%.*s", STR_ARG(reason));
		struct str metric = two(MESSAGE(1, STR("requests")), MESSAGE(7, varint(2, 1)));
		reason = reason_of(false, MESSAGE(1, MESSAGE(2, MESSAGE(2, metric))));
		ck_assert_msg(str_starts(reason, STR("this is a metrics payload; metrics go to")),
			"%.*s", STR_ARG(reason));
		/* Gauge, histogram and summary have the numbers of a span's name, attributes and
		 * events. */
		static const unsigned kinds[] = { 5, 9, 11 };
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
			struct str points = MESSAGE(1, fixed(3, 8, 1700000000000000000));
			metric = two(MESSAGE(1, STR("duration")), MESSAGE(kinds[i], points));
			reason = reason_of(false, MESSAGE(1, MESSAGE(2, MESSAGE(2, metric))));
			ck_assert_msg(str_starts(reason, STR("this is a metrics payload")), "%.*s",
				STR_ARG(reason));
		}
		ck_assert_str_is(reason_of(true, STR("{\"resourceLogs\":[]}")),
			STR("resourceLogs: this is a logs payload; logs go to /v1/logs, not to the "
			    "traces path"));
		ck_assert_str_is(
			reason_of(true, STR("{\"resourceSpans\":[{},{\"scope_metrics\":[]}]}")),
			STR("resourceSpans[1].scopeMetrics: this is a metrics payload; metrics go "
			    "to /v1/metrics, not to the traces path"));
	}
END_TEST

/* The request with one span of these members. */
static struct str json_span(const char *members)
{
	return arena_printf(test_arena(),
		"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{}, {%s}]}]}]}", members);
}

static struct str json_value(const char *any_value)
{
	struct str body = arena_printf(
		test_arena(), "\"attributes\":[{\"key\":\"v\",\"value\":%s}]", any_value);
	return value_text(
		&read_as(true, json_span(arena_copy_c(test_arena(), body))).list[1], STR("v"));
}

START_TEST(every_kind_of_value_is_read_from_json)
	{
		static const struct {
			const char *in, *out;
		} cases[] = { { "{\"stringValue\":\"a\\u0062\\ud800\\/\"}", "\"ab\xef\xbf\xbd/\"" },
			{ "{\"boolValue\":true}", "true" }, { "{\"bool_value\":false}", "false" },
			{ "{\"intValue\":\"-9223372036854775808\"}", "-9223372036854775808" },
			{ "{\"intValue\":12}", "12" }, { "{\"intValue\":3e2}", "300" },
			{ "{\"doubleValue\":1.5}", "1.5" }, { "{\"doubleValue\":\"2\"}", "2.0" },
			{ "{\"doubleValue\":null}", "null" },
			{ "{\"doubleValue\":\"NaN\"}", "null" },
			{ "{\"doubleValue\":\"-Infinity\"}", "null" },
			{ "{\"doubleValue\":1e999}", "null" },
			{ "{\"bytesValue\":\"Af4=\"}", "\"01fe\"" },
			{ "{\"bytesValue\":\"-_8\"}", "\"fbff\"" }, { "{}", "none" },
			{ "null", "none" },
			{ "{\"arrayValue\":{\"values\":[{\"intValue\":1},{},{\"kvlistValue\":"
			  "{\"values\":[{\"key\":\"k\",\"value\":{\"bytesValue\":\"AQ==\"}}]}}]}}",
				"[1,null,{\"k\":\"01\"}]" },
			{ "{\"array_value\":{}}", "[]" }, { "{\"kvlistValue\":{}}", "{}" },
			{ "{\"somethingNew\":1}", "none" } };
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_str_is(json_value(cases[i].in), str_from_c(cases[i].out));
	}
END_TEST

START_TEST(json_names_may_be_camel_or_snake)
	{
		struct otlp_spans
			camel = read_as(true,
				json_span(
					"\"traceId\":\"AB\",\"spanId\":\"Cd\",\"parentSpanId\":\"ef\","
					"\"startTimeUnixNano\":\"17\",\"endTimeUnixNano\":18,"
					"\"kind\":\"SPAN_KIND_CLIENT\",\"droppedAttributesCount\":4,"
					"\"status\":{\"code\":\"STATUS_CODE_ERROR\"}")),
			snake = read_as(
				true, STR("{\"resource_spans\":[{\"scope_spans\":[{\"spans\":[{},"
					  "{\"trace_id\":\"ab\",\"span_id\":\"cd\","
					  "\"parent_span_id\":\"ef\",\"start_time_unix_nano\":17,"
					  "\"end_time_unix_nano\":\"18\",\"kind\":3,"
					  "\"dropped_attributes_count\":\"4\",\"status\":{\"code\":"
					  "2}}]}]}]}"));
		const struct otlp_span *s = &camel.list[1];
		ck_assert_str_is(s->trace_id, STR("ab"));
		ck_assert_str_is(s->span_id, STR("cd"));
		ck_assert_str_is(s->parent_span_id, STR("ef"));
		ck_assert_uint_eq(s->start_ns, 17);
		ck_assert_uint_eq(s->end_ns, 18);
		ck_assert_uint_eq(s->kind, 3);
		ck_assert_uint_eq(s->attrs.n_dropped, 4);
		ck_assert_uint_eq(s->status_code, 2);
		ck_assert_str_is(shape_of(s), shape_of(&snake.list[1]));
	}
END_TEST

START_TEST(what_json_cannot_mean_is_named_with_its_place)
	{
		static const struct {
			const char *members, *reason;
		} cases[] = {
			{ "\"attributes\":{\"k\":\"v\"}",
				"attributes: must be an array of {\"key\": \"k\", \"value\": {}}, not an "
				"object of names and values" },
			{ "\"attributes\":3", "attributes: must be an array of {\"key\": \"k\", "
					      "\"value\": {}}" },
			{ "\"attributes\":[3]",
				"attributes: must hold objects like {\"key\": \"k\", \"value\": {}}" },
			{ "\"attributes\":[{\"key\":\"k\",\"value\":\"v\"}]",
				"attributes: a value must be an object such as {\"stringValue\": "
				"\"text\"}" },
			{ "\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":1.5}}]",
				"attributes: intValue must be an integer of 64 bits" },
			{ "\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":\"x\"}}]",
				"attributes: intValue must be an integer of 64 bits" },
			{ "\"attributes\":[{\"key\":\"k\",\"value\":{\"bytesValue\":\"A\"}}]",
				"attributes: bytesValue must be base64" },
			{ "\"attributes\":[{\"key\":\"k\",\"value\":{\"arrayValue\":[]}}]",
				"attributes: a list must be an object with \"values\"" },
			{ "\"traceId\":\"xyz=\"",
				"traceId: must be hex digits (ids in OTLP JSON are not base64)" },
			{ "\"spanId\":12", "spanId: must be a string of hex digits" },
			{ "\"name\":{}", "name: must be a string" },
			{ "\"startTimeUnixNano\":-1", "startTimeUnixNano: must be an unsigned "
						      "integer, as a number or a string" },
			{ "\"flags\":4294967296", "flags: must fit 32 bits" },
			{ "\"kind\":\"CLIENT\"", "kind: must be an integer" },
			{ "\"status\":2", "status: must be an object" },
			{ "\"status\":{\"message\":2}", "status.message: must be a string" },
			{ "\"events\":{}", "events: must be an array" },
			{ "\"events\":[{\"attributes\":{}}]",
				"events.attributes: must be an array of {\"key\": \"k\", \"value\": "
				"{}}, not an object of names and values" },
			{ "\"links\":[{\"spanId\":\"-\"}]",
				"links.spanId: must be hex digits (ids in OTLP JSON are not base64)" }
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_str_is(reason_of(true, json_span(cases[i].members)),
				arena_printf(test_arena(),
					"resourceSpans[0].scopeSpans[0].spans[1].%s",
					cases[i].reason));
		ck_assert_str_is(
			reason_of(true, STR("[]")), STR("resourceSpans: must be in an object"));
		ck_assert_str_is(reason_of(true, STR("{\"resourceSpans\":[7]}")),
			STR("resourceSpans[0].scopeSpans: must be in an object"));
		ck_assert_str_is(reason_of(true, STR("{\"resourceSpans\":[{\"resource\":[]}]}")),
			STR("resourceSpans[0].resource: must be an object"));
		ck_assert_str_is(reason_of(true, STR("{\"resourceSpans\":")),
			STR("Expecting value at byte 17"));
	}
END_TEST

START_TEST(json_without_spans_is_no_error)
	{
		static const char *const bodies[] = { "{}", "{\"resourceSpans\":null}",
			"{\"resourceSpans\":[]}", "{\"resourceSpans\":[{}]}", "{\"later\":[1,{}]}",
			"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[]}]}]}" };
		for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
			ck_assert_uint_eq(read_as(true, str_from_c(bodies[i])).n, 0);
	}
END_TEST

START_TEST(the_last_of_equal_keys_counts)
	{
		struct otlp_spans s = read_as(true,
			json_span("\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":1}},"
				  "{\"key\":\"k\",\"value\":{\"intValue\":2}}]"));
		ck_assert_int_eq(otlp_attr(&s.list[1].attrs, STR("k"))->i64, 2);
		ck_assert_ptr_null(otlp_attr(&s.list[1].attrs, STR("other")));
	}
END_TEST

UNIT_MAIN("otlp", protobuf_and_json_of_the_same_client_give_equal_spans,
	the_edge_values_agree_but_for_what_the_json_client_lost, every_capture_is_read_whole,
	texts_may_hold_zero_bytes, every_kind_of_value_is_read_from_protobuf,
	repeated_protobuf_fields_follow_the_merge_rules, unknown_protobuf_fields_are_skipped,
	values_nest_up_to_the_limit_of_messages, protobuf_cut_anywhere_is_refused_or_a_whole_prefix,
	too_many_spans_are_refused_before_they_take_memory, payloads_of_other_signals_are_named,
	every_kind_of_value_is_read_from_json, json_names_may_be_camel_or_snake,
	what_json_cannot_mean_is_named_with_its_place, json_without_spans_is_no_error,
	the_last_of_equal_keys_counts)
