/* Holds the members of a span or trace in a body, each with its type and its rules. */
#include "api/opik/write/item.h"

#include "base/hash.h"
#include "base/table.h"
#include "base/utf8.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "semconv/opik_type.h"

enum { TAGS_MAX = 50, TAG_CHARS = 100, ENVIRONMENT_CHARS = 150, PROJECT_CHARS = 150 };

/* 2262-04-11T23:47:16Z, where Opik's nanoseconds end. */
#define TIME_END (INT64_C(9223372036) * NS_PER_S)

/* clang-format off */
#define MEMBER_LIST(X) \
	X(id) X(project_name) X(project_id) X(trace_id) X(parent_span_id) X(name) X(type) \
	X(start_time) X(end_time) X(input) X(output) X(metadata) X(model) X(provider) X(tags) \
	X(usage) X(error_info) X(last_updated_at) X(total_estimated_cost) X(ttft) X(source) \
	X(environment) X(thread_id) X(tags_to_add) X(tags_to_remove)
/* clang-format on */

struct members {
#define X(name) struct json name;
	MEMBER_LIST(X)
#undef X
};

static const struct {
	struct str name;
	size_t at;
} member_names[] = {
#define X(name) { { #name, sizeof #name - 1 }, offsetof(struct members, name) },
	MEMBER_LIST(X)
#undef X
};

/* Walks the object once, because payloads are large and each json_get() would pass over them. */
static void opik_item_collect(struct json object, struct members *ret)
{
	*ret = (struct members){ 0 };
	for (struct json_iter it = json_members(object); json_next(&it);)
		for (size_t i = 0; i < sizeof member_names / sizeof member_names[0]; i++)
			if (json_body_is(it.key, member_names[i].name)) {
				memcpy((char *)ret + member_names[i].at, &it.value,
					sizeof it.value);
				break;
			}
}

static void opik_item_set_text(struct span *s, enum field f, struct str text)
{
	if (!str_is_null(text))
		span_set_text(s, f, text);
}

/* Sets a text; a blank one counts as absent. */
static void set_name(struct opik_reader *rd, struct span *s, enum field f, struct json v)
{
	struct str text = opik_read_text(rd, v);
	if (!str_is_null(text) && !opik_is_blank(text))
		span_set_text(s, f, text);
}

/* Returns false when there is none. */
static bool opik_item_read_time(
	struct opik_reader *rd, struct span *s, enum field f, struct json v, const char *name)
{
	int64_t ns;
	if (!opik_read_time(rd, v, &ns))
		return false;
	if (ns < 0 || ns >= TIME_END)
		opik_problem(rd,
			arena_copy_c(rd->arena,
				arena_printf(rd->arena,
					"%s must be after or equal 1970-01-01T00:00:00.000000Z and "
					"before 2262-04-11T23:47:16.000000000Z",
					name)));
	else
		span_set_i64(s, f, ns);
	return true;
}

static void read_updated_at(struct opik_reader *rd, struct span *s, struct json v)
{
	int64_t ns;
	if (!opik_read_time(rd, v, &ns))
		return;
	if (ns < 0 || ns == INT64_MAX)
		opik_problem(rd,
			"lastUpdatedAt must be after or equal 1970-01-01T00:00:00.000000Z and "
			"before 2300-01-01T00:00:00.000000Z");
	else
		span_set_i64(s, FIELD_UPDATED_AT, ns / NS_PER_US * NS_PER_US);
}

/* Returns a decimal with at most 12 places in its shortest form. */
static struct str opik_item_shortest(struct arena *a, struct str number)
{
	enum { PLACES = 12 };
	int64_t pico;
	if (!dec_to_pico(number, &pico)) { /* millions of dollars */
		size_t point = str_index(number, '.');
		bool is_plain = str_index(number, 'e') == number.len &&
				str_index(number, 'E') == number.len;
		return is_plain ? str_first(number, point + 1 + PLACES) : number;
	}
	uint64_t units = (uint64_t)(pico < 0 ? -pico : pico);
	struct str text = arena_printf(a, "%s%llu.%012llu", pico < 0 ? "-" : "",
		(unsigned long long)(units / 1000000000000),
		(unsigned long long)(units % 1000000000000));
	while (text.ptr[text.len - 1] == '0')
		text.len--;
	if (text.ptr[text.len - 1] == '.')
		text.len--;
	return text;
}

static void read_amount(
	struct opik_reader *rd, struct span *s, enum field f, struct json v, const char *rule)
{
	double d;
	struct str number = opik_read_number(rd, v);
	if (str_is_null(number) || !str_to_double(number, &d))
		return;
	if (d < 0)
		opik_problem(rd, rule);
	else
		span_set_text(s, f,
			f == FIELD_COST_TOTAL_USD ? opik_item_shortest(rd->arena, number) : number);
}

struct count {
	uint64_t hash;
	struct str name;
	bool is_given; /* the last value was not null */
	int64_t n;
};

static struct count *count_named(struct table *counts, struct str name)
{
	struct count *one;
	uint64_t hash = hash64(name, 0);
	struct table_probe p = table_probe(counts, hash);
	while ((one = table_next(counts, &p)))
		if (str_eq(one->name, name))
			return one;
	one = table_add(counts, hash);
	one->name = name;
	return one;
}

/* Reads {name: integer}. Nulls are left out, and the last value of a repeated name wins. */
static void opik_item_read_usage(struct opik_reader *rd, struct span *s, struct json v)
{
	struct buf b;
	struct json_writer w;
	struct table counts;
	if (v.type <= JSON_NULL)
		return;
	if (v.type != JSON_OBJECT)
		opik_malformed(rd, "java.util.LinkedHashMap", v, "not an object");
	table_init(&counts, rd->arena, sizeof(struct count));
	for (struct json_iter it = json_members(v); json_next(&it);) {
		struct count *one = count_named(&counts, json_canonical_body(rd->arena, it.key));
		one->is_given = opik_read_int(rd, it.value, &one->n);
	}
	buf_init(&b, rd->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	for (size_t i = 0; i < counts.n; i++) {
		const struct count *one = table_row(&counts, i);
		if (!one->is_given)
			continue;
		json_key_body(&w, one->name);
		json_i64(&w, one->n);
	}
	json_end(&w);
	table_release(&counts);
	span_set_text(s, FIELD_USAGE_DETAILS, buf_str(&b));
}

static void read_error(struct opik_reader *rd, struct span *s, struct json v)
{
	if (v.type <= JSON_NULL)
		return;
	if (v.type != JSON_OBJECT) {
		opik_malformed(rd, "com.comet.opik.api.ErrorInfo", v, "not an object");
		return;
	}
	opik_item_set_text(
		s, FIELD_ERROR_TYPE, opik_read_text(rd, json_get(v, STR("exception_type"))));
	opik_item_set_text(s, FIELD_ERROR_MESSAGE, opik_read_text(rd, json_get(v, STR("message"))));
	opik_item_set_text(
		s, FIELD_ERROR_TRACEBACK, opik_read_text(rd, json_get(v, STR("traceback"))));
}

static void tag_problem(struct opik_reader *rd, const char *name, const char *what)
{
	opik_problem(rd, arena_copy_c(rd->arena, arena_printf(rd->arena, "%s%s", name, what)));
}

/* name is the member in Java's spelling, `given` the value as it was sent, and tags its texts, each
 * once. */
static void check_tags(struct opik_reader *rd, const char *name, struct json given, struct str tags)
{
	size_t n = 0;
	for (struct json_iter it = json_elements(given); json_next(&it);)
		if (it.value.type == JSON_NULL)
			tag_problem(rd, name, "[].<iterable element> Tag must not be blank");
	for (struct json_iter it = json_elements(json_open(tags)); json_next(&it); n++) {
		struct str tag = json_body(it.value);
		if (opik_is_blank(tag))
			tag_problem(rd, name, "[].<iterable element> Tag must not be blank");
		if (utf8_length(json_decode(rd->arena, tag)) > TAG_CHARS)
			tag_problem(
				rd, name, "[].<iterable element> Tag cannot exceed 100 characters");
	}
	if (n > TAGS_MAX)
		tag_problem(rd, name, " Cannot have more than 50 tags");
}

static void read_environment(struct opik_reader *rd, struct span *s, struct json v)
{
	struct str text = opik_read_text(rd, v);
	if (str_is_null(text) || opik_is_blank(text))
		return;
	if (utf8_length(json_decode(rd->arena, text)) > ENVIRONMENT_CHARS)
		opik_problem(rd, "environment cannot exceed 150 characters");
	else
		span_set_text(s, FIELD_ENVIRONMENT, text);
}

static void opik_item_read_project(
	struct opik_reader *rd, bool is_update, const struct members *m, struct opik_item *ret)
{
	ret->project_name = opik_read_text(rd, m->project_name);
	ret->project_id = is_update ? opik_read_uuid(rd, m->project_id) : STR_NULL;
	if (str_is_null(ret->project_name))
		return;
	if (opik_is_blank(ret->project_name))
		opik_problem(rd, "projectName must not be blank");
	ret->project_name = str_trim(ret->project_name);
	if (utf8_length(json_decode(rd->arena, ret->project_name)) > PROJECT_CHARS)
		opik_problem(rd, "projectName cannot exceed 150 characters");
}

static void opik_item_read_ids(struct opik_reader *rd, enum opik_of of, bool is_update,
	const struct members *m, struct span *s)
{
	if (!is_update)
		opik_item_set_text(s, FIELD_SPAN_ID, opik_read_new_id(rd, m->id));
	if (of != OPIK_SPANS)
		return;
	if (is_update) {
		opik_item_set_text(s, FIELD_TRACE_ID, opik_read_id(rd, m->trace_id));
		opik_item_set_text(s, FIELD_PARENT_SPAN_ID, opik_read_id(rd, m->parent_span_id));
	} else {
		opik_item_set_text(s, FIELD_TRACE_ID, opik_read_new_id(rd, m->trace_id));
		opik_item_set_text(
			s, FIELD_PARENT_SPAN_ID, opik_read_new_id(rd, m->parent_span_id));
	}
	if (!span_has(s, FIELD_TRACE_ID))
		opik_problem(rd, "traceId must not be null");
}

/* Reads the members that only spans have. */
static void opik_item_read_span(struct opik_reader *rd, const struct members *m, struct span *s)
{
	opik_item_set_text(s, FIELD_NATIVE_TYPE,
		opik_read_choice(rd, m->type, "com.comet.opik.domain.SpanType", opik_types, 4));
	set_name(rd, s, FIELD_MODEL, m->model);
	set_name(rd, s, FIELD_PROVIDER, m->provider);
	opik_item_read_usage(rd, s, m->usage);
	read_amount(rd, s, FIELD_COST_TOTAL_USD, m->total_estimated_cost,
		"totalEstimatedCost must be greater than or equal to 0.0");
}

void opik_item_read(struct opik_reader *rd, enum opik_of of, bool is_update, struct json v,
	struct opik_item *ret)
{
	struct members m;
	struct opik_item item = { .project_name = STR_NULL, .project_id = STR_NULL };
	struct span *s = &item.span;
	span_init(s);
	if (v.type != JSON_OBJECT) {
		opik_malformed(rd, "com.comet.opik.api.Span", v, "not an object");
		*ret = item;
		return;
	}
	opik_item_collect(v, &m);
	opik_item_read_project(rd, is_update, &m, &item);
	opik_item_read_ids(rd, of, is_update, &m, s);
	set_name(rd, s, FIELD_NAME, m.name);
	if (!is_update) {
		if (!opik_item_read_time(rd, s, FIELD_STARTED_AT, m.start_time, "startTime"))
			opik_problem(rd, "startTime must not be null");
		read_updated_at(rd, s, m.last_updated_at);
	}
	(void)opik_item_read_time(rd, s, FIELD_ENDED_AT, m.end_time, "endTime");
	opik_item_set_text(s, FIELD_INPUT, opik_read_json(rd, m.input));
	opik_item_set_text(s, FIELD_OUTPUT, opik_read_json(rd, m.output));
	opik_item_set_text(s, FIELD_METADATA, opik_read_json(rd, m.metadata));
	opik_item_set_text(s, FIELD_TAGS, opik_read_texts(rd, m.tags));
	read_error(rd, s, m.error_info);
	read_amount(rd, s, FIELD_TTFT_MS, m.ttft, "ttft must be greater than or equal to 0.0");
	opik_item_set_text(s, FIELD_ORIGIN,
		opik_read_choice(rd, m.source, "com.comet.opik.api.Source", opik_sources, 5));
	read_environment(rd, s, m.environment);
	if (of == OPIK_SPANS)
		opik_item_read_span(rd, &m, s);
	else
		set_name(rd, s, FIELD_SESSION_ID, m.thread_id);
	if (is_update) {
		check_tags(rd, "tags", m.tags, span_text(s, FIELD_TAGS));
		item.tags_to_add = opik_read_texts(rd, m.tags_to_add);
		item.tags_to_remove = opik_read_texts(rd, m.tags_to_remove);
		check_tags(rd, "tagsToAdd", m.tags_to_add, item.tags_to_add);
	}
	*ret = item;
}
