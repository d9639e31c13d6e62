/*
 * The cases stand in semconv_cases.jsonl, one a line:
 *
 *	{"test": sentence, "mapping": "general" | "nemo" | "opik", "span": {…} or "spans": [{…}, …],
 *	 "want": {stored member: value, …} or [{…}, …], "reject": reason}
 *
 * A span's attributes are natural JSON; what it does not name gets a usual value.  Of the result
 * the members in "want" are compared, null meaning not there, in any order of object members.
 */
#include "semconv/semconv.h"

#include "base/limits.h"
#include "base/utime.h"
#include "semconv/map.h"
#include "span/line.h"
#include "unit.h"

static const int64_t now_ns = INT64_C(1790000000000000000);

static struct str file(const char *name)
{
	struct buf b;
	struct str path = arena_printf(test_arena(), "%s/t/%s", FLATSPAN_SOURCE_DIR, name);
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

static struct otlp_value value_of(struct json v)
{
	struct otlp_value r = { .type = OTLP_NULL };
	switch (v.type) {
	case JSON_STRING:
		r.type = OTLP_STRING;
		r.text = json_canonical_body(test_arena(), json_body(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		r.type = OTLP_BOOL;
		r.i64 = v.type == JSON_TRUE;
		break;
	case JSON_NUMBER:
		r.type = str_to_i64(v.raw, &r.i64) ? OTLP_INT : OTLP_DOUBLE;
		(void)json_to_double(v, &r.number);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		r.type = v.type == JSON_ARRAY ? OTLP_ARRAY : OTLP_KVLIST;
		r.text = json_canonical(test_arena(), v.raw);
		break;
	default:
		break;
	}
	return r;
}

static struct otlp_attrs attrs_of(struct json object)
{
	struct otlp_attrs r = { 0 };
	size_t n = 0;
	for (struct json_iter it = json_members(object); json_next(&it);)
		n++;
	r.list = arena_calloc(test_arena(), n, sizeof *r.list);
	for (struct json_iter it = json_members(object); json_next(&it);)
		r.list[r.n++] = (struct otlp_attr){ json_canonical_body(test_arena(), it.key),
			value_of(it.value) };
	return r;
}

static struct str text_or(struct json object, struct str key, struct str otherwise)
{
	struct json v = json_get(object, key);
	return v.type == JSON_STRING ? json_canonical_body(test_arena(), json_body(v)) : otherwise;
}

static int64_t number_or(struct json object, struct str key, int64_t otherwise)
{
	int64_t i;
	return json_to_i64(json_get(object, key), &i) ? i : otherwise;
}

static void read_events(struct otlp_span *s, struct json events)
{
	for (struct json_iter it = json_elements(events); json_next(&it);)
		s->n_events++;
	s->events = arena_calloc(test_arena(), s->n_events, sizeof *s->events);
	s->n_events = 0;
	for (struct json_iter it = json_elements(events); json_next(&it);)
		s->events[s->n_events++] = (struct otlp_event){
			.time_ns = number_or(it.value, STR("time"), 5),
			.name = text_or(it.value, STR("name"), STR("")),
			.attrs = attrs_of(json_get(it.value, STR("attributes"))),
		};
}

static void read_links(struct otlp_span *s, struct json links)
{
	for (struct json_iter it = json_elements(links); json_next(&it);)
		s->n_links++;
	s->links = arena_calloc(test_arena(), s->n_links, sizeof *s->links);
	s->n_links = 0;
	for (struct json_iter it = json_elements(links); json_next(&it);)
		s->links[s->n_links++] = (struct otlp_link){
			.trace_id = text_or(it.value, STR("trace_id"), STR("")),
			.span_id = text_or(it.value, STR("span_id"), STR("")),
			.state = text_or(it.value, STR("state"), STR("")),
			.attrs = attrs_of(json_get(it.value, STR("attributes"))),
		};
}

static struct otlp_span span_of(struct json v)
{
	struct otlp_attrs *resource = arena_calloc(test_arena(), 1, sizeof *resource);
	struct otlp_scope *scope = arena_calloc(test_arena(), 1, sizeof *scope);
	struct otlp_span s = {
		.trace_id = text_or(v, STR("trace_id"), STR("0af7651916cd43dd8448eb211c80319c")),
		.span_id = text_or(v, STR("span_id"), STR("b7ad6b7169203331")),
		.parent_span_id = text_or(v, STR("parent_span_id"), STR("")),
		.name = text_or(v, STR("name"), STR("span")),
		.trace_state = text_or(v, STR("trace_state"), STR("")),
		.kind = (unsigned)number_or(v, STR("kind"), 0),
		.start_ns = (uint64_t)number_or(v, STR("start"), 1780000000000000000),
		.end_ns = (uint64_t)number_or(v, STR("end"), 1780000001000000000),
		.attrs = attrs_of(json_get(v, STR("attributes"))),
		.n_dropped_events = (uint32_t)number_or(v, STR("dropped_events"), 0),
		.status_code = (unsigned)number_or(v, STR("status_code"), 0),
		.status_message = text_or(v, STR("status_message"), STR("")),
		.resource = resource,
		.scope = scope,
	};
	s.attrs.n_dropped = (uint32_t)number_or(v, STR("dropped"), 0);
	*resource = attrs_of(json_get(v, STR("resource")));
	scope->name = text_or(v, STR("scope"), STR(""));
	scope->version = text_or(v, STR("scope_version"), STR(""));
	read_events(&s, json_get(v, STR("events")));
	read_links(&s, json_get(v, STR("links")));
	return s;
}

static enum mapping mapping_of(struct json v)
{
	struct str name = json_body(json_get(v, STR("mapping")));
	if (str_eq(name, STR("nemo")))
		return MAPPING_NEMO;
	if (str_eq(name, STR("opik")))
		return MAPPING_OPIK;
	ck_assert_str_is(name, STR("general"));
	return MAPPING_GENERAL;
}

static struct map_result map_case(struct json c)
{
	struct map_context context = {
		.mapping = mapping_of(c),
		.arena = test_arena(),
		.workspace = STR("default"),
		.project = text_or(c, STR("project"), STR_NULL),
		.created_by = text_or(c, STR("created_by"), STR_NULL),
		.now_ns = now_ns,
	};
	struct json one = json_get(c, STR("span")), many = json_get(c, STR("spans"));
	struct otlp_spans in = { arena_calloc(test_arena(), 16, sizeof *in.list), 0 };
	struct map_result r;
	if (one.type == JSON_OBJECT)
		in.list[in.n++] = span_of(one);
	for (struct json_iter it = json_elements(many); json_next(&it);)
		in.list[in.n++] = span_of(it.value);
	map_otlp_spans(&context, &in, &r);
	return r;
}

static struct json line_of(const struct span *s)
{
	struct buf b;
	struct json_error e;
	buf_init(&b, test_arena());
	line_write(&b, s);
	struct str line = str_trim(buf_str(&b));
	ck_assert_msg(json_check(line, LIMIT_DEPTH, &e), "%s: %.*s", e.message, STR_ARG(line));
	return json_open(line);
}

static void check_span(struct buf *wrong, struct str test, struct json want, const struct span *got)
{
	struct json line = line_of(got);
	for (struct json_iter it = json_members(want); json_next(&it);) {
		struct json v = json_get(line, it.key);
		bool ok = it.value.type == JSON_NULL ? v.type == JSON_NONE
						     : json_equal(test_arena(), it.value, v);
		if (!ok)
			buf_printf(wrong, "\n%.*s: %.*s is\n\t%.*s, want\n\t%.*s", STR_ARG(test),
				STR_ARG(it.key), STR_ARG(v.raw), STR_ARG(it.value.raw));
	}
}

static void check_reject(
	struct buf *wrong, struct str test, struct str reason, const struct map_result *r)
{
	if (r->n || r->n_rejects != 1)
		buf_printf(wrong, "\n%.*s: was accepted", STR_ARG(test));
	else if (!str_eq(r->rejects[0].reason, reason))
		buf_printf(wrong, "\n%.*s: %.*s", STR_ARG(test), STR_ARG(r->rejects[0].reason));
}

static void check_case(struct buf *wrong, struct json c)
{
	struct str test = json_body(json_get(c, STR("test")));
	struct json want = json_get(c, STR("want")), reject = json_get(c, STR("reject"));
	struct map_result r = map_case(c);
	size_t n = 0;
	if (reject.type == JSON_STRING) {
		check_reject(wrong, test, json_decode(test_arena(), json_body(reject)), &r);
		return;
	}
	if (want.type == JSON_OBJECT && r.n == 1)
		check_span(wrong, test, want, &r.spans[n++]);
	for (struct json_iter it = json_elements(want); json_next(&it) && n < r.n;)
		check_span(wrong, test, it.value, &r.spans[n++]);
	if (n == 0 || n != r.n || r.n_rejects)
		buf_printf(
			wrong, "\n%.*s: %zu spans, %zu rejects", STR_ARG(test), r.n, r.n_rejects);
}

START_TEST(every_case_of_the_file_holds)
	{
		struct str rest = file("unit/semconv_cases.jsonl");
		struct buf wrong;
		size_t n = 0;
		buf_init(&wrong, test_arena());
		for (; rest.len; n++) {
			struct str line = str_cut(&rest, '\n');
			struct json_error e;
			ck_assert_msg(json_check(line, LIMIT_DEPTH, &e), "line %zu: %s at %zu",
				n + 1, e.message, e.offset);
			check_case(&wrong, json_open(line));
		}
		ck_assert_msg(wrong.len == 0, "%.*s", STR_ARG(buf_str(&wrong)));
		ck_assert_uint_gt(n, 100);
	}
END_TEST

/* A span with one attribute. */
static struct span map_one(enum mapping mapping, struct str key, const char *value)
{
	struct json c = json_open(
		arena_printf(test_arena(), "{\"attributes\":{\"%.*s\":%s}}", STR_ARG(key), value));
	struct map_context context = { mapping, test_arena(), STR("default"), STR_NULL, STR_NULL,
		now_ns };
	struct otlp_span s = span_of(c);
	struct otlp_spans in = { &s, 1 };
	struct map_result r;
	map_otlp_spans(&context, &in, &r);
	ck_assert_msg(r.n == 1, "%.*s", STR_ARG(key));
	return r.spans[0];
}

static const enum field field_of_slot[] = {
	[SLOT_MODEL] = FIELD_MODEL,
	[SLOT_PROVIDER] = FIELD_PROVIDER,
	[SLOT_SESSION_ID] = FIELD_SESSION_ID,
	[SLOT_USER_ID] = FIELD_USER_ID,
	[SLOT_TOOL_NAME] = FIELD_TOOL_NAME,
	[SLOT_AGENT_NAME] = FIELD_AGENT_NAME,
	[SLOT_AGENT_ID] = FIELD_AGENT_ID,
	[SLOT_PROMPT_ID] = FIELD_PROMPT_ID,
	[SLOT_PROMPT_NAME] = FIELD_PROMPT_NAME,
	[SLOT_PROMPT_VERSION] = FIELD_PROMPT_VERSION,
	[SLOT_PROJECT] = FIELD_PROJECT,
	[SLOT_ENVIRONMENT] = FIELD_ENVIRONMENT,
	[SLOT_EVALUATION_ID] = FIELD_EVALUATION_ID,
	[SLOT_EVALUATION_SHA] = FIELD_EVALUATION_SHA,
	[SLOT_EVALUATION_RUN_ID] = FIELD_EVALUATION_RUN_ID,
	[SLOT_DATASET_ID] = FIELD_DATASET_ID,
	[SLOT_DATASET_NAME] = FIELD_DATASET_NAME,
	[SLOT_DATASET_VERSION] = FIELD_DATASET_VERSION,
	[SLOT_TEST_CASE_ID] = FIELD_TEST_CASE_ID,
	[SLOT_ERROR_TYPE] = FIELD_ERROR_TYPE,
	[SLOT_ERROR_MESSAGE] = FIELD_ERROR_MESSAGE,
	[SLOT_ERROR_TRACEBACK] = FIELD_ERROR_TRACEBACK,
	[SLOT_INPUT_TOKENS] = FIELD_INPUT_TOKENS,
	[SLOT_OUTPUT_TOKENS] = FIELD_OUTPUT_TOKENS,
	[SLOT_CACHED_TOKENS] = FIELD_CACHED_TOKENS,
	[SLOT_TOTAL_TOKENS] = FIELD_TOTAL_TOKENS,
	[SLOT_CACHE_WRITE] = FIELD_USAGE_DETAILS,
	[SLOT_PROMPT_AUDIO] = FIELD_USAGE_DETAILS,
	[SLOT_REASONING] = FIELD_USAGE_DETAILS,
	[SLOT_COMPLETION_AUDIO] = FIELD_USAGE_DETAILS,
	[SLOT_COST_TOTAL] = FIELD_COST_TOTAL_USD,
	[SLOT_COST_INPUT] = FIELD_COST_INPUT_USD,
	[SLOT_COST_OUTPUT] = FIELD_COST_OUTPUT_USD,
	[SLOT_INPUT] = FIELD_INPUT,
	[SLOT_OUTPUT] = FIELD_OUTPUT,
};

START_TEST(every_key_of_the_table_fills_its_field_alone)
	{
		for (size_t i = 0; i < semconv_n_rows; i++) {
			const struct semconv_row *row = &semconv_rows[i];
			if (row->slot == SLOT_NONE || row->slot > SLOT_OUTPUT)
				continue;
			bool is_number =
				row->slot >= SLOT_INPUT_TOKENS && row->slot <= SLOT__LAST_COST;
			const char *value = is_number ? "7" : "\"7\"";
			struct str want =
				row->slot >= SLOT_CACHE_WRITE && row->slot <= SLOT__LAST_COUNT
					? STR_NULL
					: STR("7");
			const struct {
				enum mapping mapping;
				unsigned rank;
			} columns[] = { { MAPPING_GENERAL, row->general },
				{ MAPPING_NEMO, row->nemo } };
			for (size_t k = 0; k < 2; k++) {
				struct span s = map_one(columns[k].mapping, row->key, value);
				enum field f = field_of_slot[row->slot];
				bool is_known = columns[k].rank && !(columns[k].rank & CLAUDE);
				if (row->slot == SLOT_SESSION_ID) {
					bool is_it = str_eq(span_text(&s, f), STR("7"));
					ck_assert_msg(is_it == is_known, "%.*s", STR_ARG(row->key));
					continue;
				}
				ck_assert_msg(span_has(&s, f) == is_known, "%.*s on mapping %d",
					STR_ARG(row->key), columns[k].mapping);
				if (is_known && field_info[f].type == FIELD_TYPE_STR)
					ck_assert_str_is(span_text(&s, f), STR("7"));
				if (is_known && !str_is_null(want) &&
					field_info[f].type == FIELD_TYPE_I64)
					ck_assert_int_eq(span_i64(&s, f, 0), 7);
			}
		}
	}
END_TEST

START_TEST(ranks_are_whole_and_keys_occur_once)
	{
		for (size_t i = 0; i < semconv_n_rows; i++)
			for (size_t k = i + 1; k < semconv_n_rows; k++) {
				const struct semconv_row *x = &semconv_rows[i],
							 *y = &semconv_rows[k];
				ck_assert_msg(!str_eq(x->key, y->key), "%.*s", STR_ARG(x->key));
				if (x->slot != y->slot || x->slot == SLOT_NONE)
					continue;
				ck_assert_msg(!(x->general & RANK) ||
						      (x->general & RANK) != (y->general & RANK),
					"%.*s and %.*s have one rank", STR_ARG(x->key),
					STR_ARG(y->key));
				ck_assert_msg(
					!(x->nemo & RANK) || (x->nemo & RANK) != (y->nemo & RANK),
					"%.*s and %.*s have one rank", STR_ARG(x->key),
					STR_ARG(y->key));
			}
	}
END_TEST

static struct map_result map_capture(enum mapping mapping, const char *name)
{
	struct map_context context = { mapping, test_arena(), STR("default"), STR_NULL, STR_NULL,
		now_ns };
	struct str body = file(name), reason;
	struct otlp_spans in;
	struct map_result r;
	bool ok = str_ends(str_from_c(name), STR(".json"))
			  ? otlp_read_json(test_arena(), body, &in, &reason)
			  : otlp_read_protobuf(test_arena(), body, &in, &reason);
	ck_assert_msg(ok, "%s: %.*s", name, STR_ARG(reason));
	map_otlp_spans(&context, &in, &r);
	ck_assert_msg(r.n == in.n, "%s: %zu of %zu", name, r.n, in.n);
	return r;
}

START_TEST(every_capture_is_mapped_by_every_mapping)
	{
		static const char *const names[] = { "captures/sdk-proto-01.pb",
			"captures/sdk-json-01.json", "captures/edge-proto-01.pb",
			"captures/edge-json-01.json", "captures/openai-oi-proto-01.pb" };
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			for (int mapping = MAPPING_GENERAL; mapping <= MAPPING_OPIK; mapping++) {
				struct map_result r = map_capture(mapping, names[i]);
				for (size_t k = 0; k < r.n; k++)
					(void)line_of(&r.spans[k]);
			}
	}
END_TEST

/* The exporter drops what comes after 128 attributes; the span says how many. */
START_TEST(a_span_at_the_limit_of_its_sdk_says_what_it_lost)
	{
		struct map_result r = map_capture(MAPPING_GENERAL, "captures/edge-proto-01.pb");
		size_t n_full = 0;
		for (size_t i = 0; i < r.n; i++) {
			struct json raw = json_open(span_text(&r.spans[i], FIELD_ATTRIBUTES));
			n_full += json_get(raw, STR("otel.dropped_attributes_count")).type ==
				  JSON_NUMBER;
		}
		ck_assert_uint_eq(n_full, 1);
	}
END_TEST

START_TEST(openinference_messages_are_those_of_the_request)
	{
		struct otlp_spans in;
		struct str reason;
		size_t n_llm = 0;
		ck_assert(otlp_read_protobuf(
			test_arena(), file("captures/openai-oi-proto-01.pb"), &in, &reason));
		struct map_result r =
			map_capture(MAPPING_GENERAL, "captures/openai-oi-proto-01.pb");
		for (size_t i = 0; i < r.n; i++) {
			const struct otlp_value *v =
				otlp_attr(&in.list[i].attrs, STR("input.value"));
			if (span_i64(&r.spans[i], FIELD_KIND, 0) != KIND_LLM)
				continue;
			struct json request = json_open(json_decode(test_arena(), v->text));
			struct json messages = json_get(request, STR("messages"));
			struct json input = json_open(span_text(&r.spans[i], FIELD_INPUT));
			struct json raw = json_open(span_text(&r.spans[i], FIELD_ATTRIBUTES));
			size_t n_theirs = 0, n_ours = 0;
			for (struct json_iter it = json_elements(messages); json_next(&it);)
				n_theirs++;
			for (struct json_iter it = json_elements(json_get(input, STR("messages")));
				json_next(&it);)
				n_ours++;
			ck_assert_uint_eq(n_theirs, n_ours);
			/* The mapper compares them one by one; equal ones are not kept twice. */
			ck_assert_int_eq(json_get(raw, STR("input.value")).type, JSON_NONE);
			ck_assert_int_eq(json_get(raw, STR("output.value")).type, JSON_NONE);
			n_llm++;
		}
		ck_assert_uint_eq(n_llm, 3);
	}
END_TEST

static const char *const slot_names[SLOT__MAX] = {
	[SLOT_MODEL] = "model",
	[SLOT_PROVIDER] = "provider",
	[SLOT_SESSION_ID] = "session_id",
	[SLOT_USER_ID] = "user_id",
	[SLOT_TOOL_NAME] = "tool_name",
	[SLOT_AGENT_NAME] = "agent_name",
	[SLOT_AGENT_ID] = "agent_id",
	[SLOT_PROMPT_ID] = "prompt_id",
	[SLOT_PROMPT_NAME] = "prompt_name",
	[SLOT_PROMPT_VERSION] = "prompt_version",
	[SLOT_PROJECT] = "project",
	[SLOT_ENVIRONMENT] = "environment",
	[SLOT_TAGS] = "tags",
	[SLOT_EVALUATION_ID] = "evaluation_id",
	[SLOT_EVALUATION_SHA] = "evaluation_sha",
	[SLOT_EVALUATION_RUN_ID] = "evaluation_run_id",
	[SLOT_EVALUATION_METADATA] = "evaluation_metadata",
	[SLOT_DATASET_ID] = "dataset_id",
	[SLOT_DATASET_NAME] = "dataset_name",
	[SLOT_DATASET_VERSION] = "dataset_version",
	[SLOT_TEST_CASE_ID] = "test_case_id",
	[SLOT_EXPECTED] = "expected",
	[SLOT_ERROR_TYPE] = "error_type",
	[SLOT_ERROR_MESSAGE] = "error_message",
	[SLOT_ERROR_TRACEBACK] = "error_traceback",
	[SLOT_STATUS] = "status",
	[SLOT_INPUT_TOKENS] = "input_tokens",
	[SLOT_OUTPUT_TOKENS] = "output_tokens",
	[SLOT_CACHED_TOKENS] = "cached_tokens",
	[SLOT_TOTAL_TOKENS] = "total_tokens",
	[SLOT_CACHE_WRITE] = "usage_details: prompt_details.cache_write",
	[SLOT_PROMPT_AUDIO] = "usage_details: prompt_details.audio",
	[SLOT_REASONING] = "usage_details: completion_details.reasoning",
	[SLOT_COMPLETION_AUDIO] = "usage_details: completion_details.audio",
	[SLOT_COST_TOTAL] = "cost_total_usd",
	[SLOT_COST_INPUT] = "cost_input_usd",
	[SLOT_COST_OUTPUT] = "cost_output_usd",
	[SLOT_INPUT] = "input",
	[SLOT_OUTPUT] = "output",
};

/* The keys of a slot in the order of a column. */
static void add_keys(struct buf *b, enum slot slot, bool is_nemo)
{
	bool is_first = true;
	for (unsigned rank = 1; rank <= RANK; rank++)
		for (size_t i = 0; i < semconv_n_rows; i++) {
			const struct semconv_row *row = &semconv_rows[i];
			unsigned column = is_nemo ? row->nemo : row->general;
			if (row->slot != slot || (column & RANK) != rank)
				continue;
			buf_printf(b, "%s`%.*s`%s", is_first ? " " : ", ", STR_ARG(row->key),
				column & CLAUDE ? "*" : "");
			is_first = false;
		}
}

static void add_opik_keys(struct buf *b, unsigned place)
{
	bool is_first = true;
	for (size_t i = 0; i < semconv_n_rows + semconv_n_prefixes; i++) {
		bool is_prefix = i >= semconv_n_rows;
		const struct semconv_row *row =
			is_prefix ? &semconv_prefixes[i - semconv_n_rows] : &semconv_rows[i];
		if ((row->opik & OPIK__PLACE) != place)
			continue;
		buf_printf(b, "%s`%.*s%s`", is_first ? " " : ", ", STR_ARG(row->key),
			is_prefix ? "…" : "");
		is_first = false;
	}
}

static void must_be_in_doc(struct str doc, const struct buf *line)
{
	ck_assert_msg(str_find(doc, buf_str(line)) < doc.len, "doc/otlp.md lacks\n%.*s",
		STR_ARG(buf_str(line)));
}

START_TEST(the_manual_shows_the_table)
	{
		static const struct {
			const char *name;
			unsigned place;
		} places[] = { { "input", OPIK_INPUT }, { "output", OPIK_OUTPUT },
			{ "metadata", OPIK_METADATA }, { "usage", OPIK_USAGE },
			{ "the span's own fields", OPIK_FIELD }, { "nothing", OPIK_DROP } };
		struct str doc = file("../doc/otlp.md");
		struct buf line;
		buf_init(&line, test_arena());
		for (unsigned slot = 0; slot < SLOT__MAX; slot++) {
			if (!slot_names[slot])
				continue;
			buf_reset(&line);
			buf_printf(&line, "\n| %s |", slot_names[slot]);
			add_keys(&line, slot, false);
			buf_printf(&line, " |");
			add_keys(&line, slot, true);
			buf_printf(&line, " |\n");
			must_be_in_doc(doc, &line);
		}
		for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
			buf_reset(&line);
			buf_printf(&line, "\n| %s |", places[i].name);
			add_opik_keys(&line, places[i].place);
			buf_printf(&line, " |\n");
			must_be_in_doc(doc, &line);
		}
	}
END_TEST

START_TEST(a_span_may_have_many_attributes)
	{
		enum { MANY = 20000 };
		struct otlp_attrs attrs = { arena_calloc(test_arena(), MANY, sizeof *attrs.list), 0,
			0 };
		for (size_t i = 0; i < MANY; i++)
			attrs.list[attrs.n++] = (struct otlp_attr){ arena_printf(test_arena(),
									    "k%zu", i % (MANY / 2)),
				{ .type = OTLP_INT, .i64 = (int64_t)i } };
		struct otlp_span s = span_of(json_open(STR("{}")));
		s.attrs = attrs;
		s.resource = &attrs;
		struct map_context context = { MAPPING_GENERAL, test_arena(), STR("default"),
			STR_NULL, STR_NULL, now_ns };
		struct otlp_spans in = { &s, 1 };
		struct map_result r;
		map_otlp_spans(&context, &in, &r);
		ck_assert_uint_eq(r.n, 1);
		struct json raw = json_open(span_text(&r.spans[0], FIELD_ATTRIBUTES));
		size_t n = 0;
		for (struct json_iter it = json_members(raw); json_next(&it);)
			n++;
		ck_assert_uint_eq(n, MANY / 2);
		ck_assert_str_is(json_get(raw, STR("k0")).raw, STR("10000"));
	}
END_TEST

UNIT_MAIN("semconv", every_case_of_the_file_holds, every_key_of_the_table_fills_its_field_alone,
	ranks_are_whole_and_keys_occur_once, every_capture_is_mapped_by_every_mapping,
	a_span_at_the_limit_of_its_sdk_says_what_it_lost,
	openinference_messages_are_those_of_the_request, the_manual_shows_the_table,
	a_span_may_have_many_attributes)
