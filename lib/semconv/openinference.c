/*
 * Normalises the attributes of OpenInference on Opik's path, as Opik's newest server does.
 *
 * An attribute becomes a leaf of the input or output (llm.output_messages.0.message.role is
 * messages[0].role of the output), a count, or a member of the metadata.  What is not a text where
 * a text is expected goes to the metadata under its whole key.
 *
 * A leaf has a path of names and numbers.  Leaves are sorted by path and written depth first; the
 * numbers only order, so that gaps close and no number makes a list long.
 */
#include "semconv/map.h"
#include "semconv/members.h"

#include <stdlib.h>

enum { OI_PATH_MAX = 8, OI_NUMBERS_MAX = 2 };

/* ---- Tables ---- */

enum oi_how { OI_TEXT, OI_JSON };

/* A # in a key is a number and stands at the same place of the path. */
struct oi_rule {
	const char *key, *path;
	enum oi_how how;
};

/* What follows llm.input_messages.#.message. and llm.output_messages.#.message. */
static const struct oi_rule oi_of_messages[] = {
	{ "role", "role", OI_TEXT },
	{ "content", "content", OI_TEXT },
	{ "name", "name", OI_TEXT },
	{ "tool_call_id", "tool_call_id", OI_TEXT },
	{ "contents.#.message_content.type", "contents.#.type", OI_TEXT },
	{ "contents.#.message_content.text", "contents.#.text", OI_TEXT },
	{ "contents.#.message_content.id", "contents.#.id", OI_TEXT },
	{ "contents.#.message_content.signature", "contents.#.signature", OI_TEXT },
	{ "contents.#.message_content.data", "contents.#.data", OI_TEXT },
	{ "contents.#.message_content.encrypted_content", "contents.#.encrypted_content", OI_TEXT },
	{ "contents.#.message_content.image.image.url", "contents.#.image.url", OI_TEXT },
	{ "contents.#.message_content.audio.audio.url", "contents.#.audio.url", OI_TEXT },
	{ "contents.#.message_content.audio.audio.mime_type", "contents.#.audio.mime_type",
		OI_TEXT },
	{ "contents.#.message_content.audio.audio.transcript", "contents.#.audio.transcript",
		OI_TEXT },
	{ "contents.#.message_content.tool_call.id", "contents.#.tool_call.id", OI_TEXT },
	{ "contents.#.message_content.tool_call.function.name",
		"contents.#.tool_call.function.name", OI_TEXT },
	{ "contents.#.message_content.tool_call.function.arguments",
		"contents.#.tool_call.function.arguments", OI_TEXT },
	{ "contents.#.message_content.tool_call.reasoning_signature",
		"contents.#.tool_call.reasoning_signature", OI_TEXT },
	{ "tool_calls.#.tool_call.id", "tool_calls.#.id", OI_TEXT },
	{ "tool_calls.#.tool_call.function.name", "tool_calls.#.function.name", OI_TEXT },
	{ "tool_calls.#.tool_call.function.arguments", "tool_calls.#.function.arguments", OI_TEXT },
	{ "tool_calls.#.tool_call.reasoning_signature", "tool_calls.#.reasoning_signature",
		OI_TEXT },
	{ "function_call_name", "function_call.name", OI_TEXT },
	{ "function_call_arguments_json", "function_call.arguments", OI_JSON },
};

static const struct oi_rule oi_of_input[] = {
	{ "llm.tools.#.tool.name", "tools.#.name", OI_TEXT },
	{ "llm.tools.#.tool.description", "tools.#.description", OI_TEXT },
	{ "llm.tools.#.tool.json_schema", "tools.#.json_schema", OI_JSON },
	{ "llm.prompts.#.prompt.text", "prompts.#.text", OI_TEXT },
	{ "llm.invocation_parameters", "invocation_parameters", OI_JSON },
	{ "llm.prompt_template.template", "prompt_template.template", OI_TEXT },
	{ "llm.prompt_template.variables", "prompt_template.variables", OI_JSON },
	{ "llm.prompt_template.version", "prompt_template.version", OI_TEXT },
};

static const struct oi_rule oi_of_output[] = {
	{ "llm.choices.#.completion.text", "choices.#.text", OI_TEXT },
	{ "llm.function_call", "function_call", OI_JSON },
	{ "llm.finish_reason", "finish_reason", OI_TEXT },
};

/* The names of paths, in the order in which they are written. */
static const char *const oi_names[] = { "messages", "prompts", "tools", "choices", "role", "type",
	"content", "text", "contents", "id", "name", "tool_call_id", "tool_calls", "tool_call",
	"function", "function_call", "arguments", "description", "json_schema",
	"invocation_parameters", "prompt_template", "template", "variables", "version", "image",
	"audio", "url", "mime_type", "transcript", "signature", "data", "encrypted_content",
	"reasoning_signature", "finish_reason" };

static const struct {
	const char *key, *name;
} oi_counts[] = {
	{ "llm.token_count.prompt", "prompt_tokens" },
	{ "llm.token_count.completion", "completion_tokens" },
	{ "llm.token_count.total", "total_tokens" },
	{ "llm.token_count.prompt_details.cache_read", "cache_read_input_tokens" },
	{ "llm.token_count.prompt_details.cache_write", "cache_creation_input_tokens" },
	{ "llm.token_count.prompt_details.audio", "prompt_tokens_details.audio_tokens" },
	{ "llm.token_count.completion_details.reasoning", "reasoning_tokens" },
	{ "llm.token_count.completion_details.audio", "completion_tokens_details.audio_tokens" },
};

#define OI_COUNT(table) (sizeof(table) / sizeof(table)[0])

bool map_oi_takes(struct str key)
{
	static const char *const prefixes[] = { "openinference.", "input.", "output.", "llm.",
		"session.", "user.", "tag.", "tool.", "embedding.", "retrieval.", "reranker.",
		"prompt.", "agent.", "graph." };
	for (size_t i = 0; i < OI_COUNT(prefixes); i++)
		if (str_starts(key, str_from_c(prefixes[i])))
			return true;
	return str_eq(key, STR("metadata"));
}

/* ---- Leaves ---- */

struct oi_step {
	const char *name; /* NULL: a number */
	uint64_t order;
};

struct oi_leaf {
	bool is_output;
	uint8_t n_steps;
	struct oi_step steps[OI_PATH_MAX];
	struct str json;
};

struct map_oi {
	struct oi_leaf *leaves;
	size_t n;
	struct members metadata;
};

/* Matches a key with a rule's; ret_numbers has the numbers at its #. */
static bool oi_matches(struct str key, const char *rule, uint64_t *ret_numbers)
{
	for (; *rule; rule++)
		if (*rule == '#') {
			size_t dot = str_index(key, '.');
			if (!str_to_u64(str_first(key, dot), ret_numbers++))
				return false;
			key = str_skip(key, dot);
		} else {
			if (key.len == 0 || key.ptr[0] != *rule)
				return false;
			key = str_skip(key, 1);
		}
	return key.len == 0;
}

static struct oi_step oi_step_of(struct str name)
{
	size_t i = 0;
	while (!str_eq(name, str_from_c(oi_names[i])))
		i++;
	return (struct oi_step){ oi_names[i], i };
}

/* Appends the steps of a rule's path. */
static void oi_add_steps(struct oi_leaf *leaf, const char *path, const uint64_t *numbers)
{
	struct str rest = str_from_c(path);
	while (!str_is_null(rest)) {
		struct str name = str_cut(&rest, '.');
		leaf->steps[leaf->n_steps++] = str_eq(name, STR("#"))
						       ? (struct oi_step){ NULL, *numbers++ }
						       : oi_step_of(name);
	}
}

/* Finds the rule of a key and makes its leaf without the value. */
static const struct oi_rule *oi_find_rule(
	struct str key, const struct oi_rule *rules, size_t n, struct oi_leaf *leaf)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t numbers[OI_NUMBERS_MAX];
		if (!oi_matches(key, rules[i].key, numbers))
			continue;
		oi_add_steps(leaf, rules[i].path, numbers);
		return &rules[i];
	}
	return NULL;
}

static const struct oi_rule *oi_find_message(struct str key, struct oi_leaf *leaf)
{
	uint64_t number;
	struct str head =
		leaf->is_output ? STR("llm.output_messages.") : STR("llm.input_messages.");
	if (!str_starts(key, head))
		return NULL;
	key = str_skip(key, head.len);
	size_t dot = str_index(key, '.');
	if (!str_to_u64(str_first(key, dot), &number) ||
		!str_starts(str_skip(key, dot), STR(".message.")))
		return NULL;
	oi_add_steps(leaf, "messages.#", &number);
	key = str_skip(key, dot + strlen(".message."));
	return oi_find_rule(key, oi_of_messages, OI_COUNT(oi_of_messages), leaf);
}

static const struct oi_rule *oi_find(struct str key, bool is_output, struct oi_leaf *leaf)
{
	*leaf = (struct oi_leaf){ .is_output = is_output };
	const struct oi_rule *rule = oi_find_message(key, leaf);
	if (rule)
		return rule;
	leaf->n_steps = 0;
	return is_output ? oi_find_rule(key, oi_of_output, OI_COUNT(oi_of_output), leaf)
			 : oi_find_rule(key, oi_of_input, OI_COUNT(oi_of_input), leaf);
}

/* Adds a leaf, if the attribute is one and has a value that fits. */
static bool oi_add_leaf(struct mapper *m, struct map_oi *oi, const struct otlp_attr *attr)
{
	struct oi_leaf *leaf = &oi->leaves[oi->n];
	if (attr->value.type != OTLP_STRING)
		return false;
	const struct oi_rule *rule = oi_find(attr->key, false, leaf);
	if (!rule)
		rule = oi_find(attr->key, true, leaf);
	if (!rule)
		return false;
	leaf->json = rule->how == OI_JSON ? map_json_in_text(m, attr->value.text)
					  : map_quoted(m, attr->value.text);
	if (str_is_null(leaf->json))
		return false;
	oi->n++;
	return true;
}

static int oi_compare(const void *x, const void *y)
{
	const struct oi_leaf *a = x, *b = y;
	if (a->is_output != b->is_output)
		return a->is_output ? 1 : -1;
	for (size_t i = 0; i < OI_PATH_MAX; i++) {
		if (i == a->n_steps || i == b->n_steps)
			return (a->n_steps > b->n_steps) - (a->n_steps < b->n_steps);
		if (a->steps[i].order != b->steps[i].order)
			return a->steps[i].order < b->steps[i].order ? -1 : 1;
	}
	return 0;
}

/* ---- Counts, texts, metadata ---- */

/* Reads an integer of 0 to 2147483647, or a text that is one. */
static bool oi_to_count(const struct otlp_value *v, int64_t *ret)
{
	bool is_there = v->type == OTLP_INT;
	*ret = v->i64;
	if (v->type == OTLP_STRING)
		is_there = str_to_i64(v->text, ret);
	return is_there && *ret >= 0 && *ret <= INT32_MAX;
}

bool map_oi_count(const struct otlp_attr *attr, struct str *ret_name, int64_t *ret)
{
	for (size_t i = 0; i < OI_COUNT(oi_counts); i++)
		if (str_eq(attr->key, str_from_c(oi_counts[i].key)) &&
			oi_to_count(&attr->value, ret)) {
			*ret_name = str_from_c(oi_counts[i].name);
			return true;
		}
	return false;
}

/* True for an attribute that became a field, as the mapper's picks say. */
static bool oi_is_field(struct mapper *m, const struct map_attr *x)
{
	static const char *const models[] = { "llm.response.model_name", "llm.model_name",
		"llm.request.model_name", "llm.provider", "llm.system" };
	const struct otlp_value *v = &x->attr->value;
	if (v->type == OTLP_STRING && str_eq(x->attr->key, STR("session.id")))
		return true;
	for (size_t i = 0; i < OI_COUNT(models); i++)
		if (v->type == OTLP_STRING && str_eq(x->attr->key, str_from_c(models[i])))
			return true;
	if (str_eq(x->attr->key, STR("llm.cost.total")) || str_eq(x->attr->key, STR("tag.tags")))
		return m->picks[x->row->slot].attr == x && !str_is_null(m->used[x->row->slot]);
	return false;
}

/* Puts the members of the attribute `metadata`, but for those that are not the client's to set. */
static bool oi_merge_metadata(struct mapper *m, struct members *o, const struct otlp_value *v)
{
	static const char *const reserved[] = { "thread_id", "integration", "server.address",
		"openinference.span.kind", "input.mime_type", "output.mime_type", "user.id" };
	struct json object =
		json_open(v->type == OTLP_STRING ? map_json_in_text(m, v->text) : STR_NULL);
	if (object.type != JSON_OBJECT)
		return false;
	for (struct json_iter it = json_members(object); json_next(&it);) {
		size_t i = 0;
		while (i < OI_COUNT(reserved) && !str_eq(it.key, str_from_c(reserved[i])))
			i++;
		if (i == OI_COUNT(reserved))
			members_put(o, it.key, it.value.raw);
	}
	return true;
}

static void oi_take(struct mapper *m, struct map_oi *oi, const struct map_attr *x)
{
	const struct otlp_attr *attr = x->attr;
	const struct otlp_value *v = &attr->value;
	struct str json = STR_NULL, name;
	int64_t n;
	bool is_payload =
		str_eq(attr->key, STR("input.value")) || str_eq(attr->key, STR("output.value"));
	if ((is_payload && v->type == OTLP_STRING) || oi_is_field(m, x) ||
		map_oi_count(attr, &name, &n) || oi_add_leaf(m, oi, attr))
		return;
	if (str_eq(attr->key, STR("metadata")) && oi_merge_metadata(m, &oi->metadata, v))
		return;
	if (str_eq(attr->key, STR("tool.json_schema")) && v->type == OTLP_STRING)
		json = map_json_in_text(m, v->text);
	members_put(&oi->metadata, attr->key, str_is_null(json) ? map_json(m, v) : json);
}

void map_oi_begin(struct mapper *m)
{
	struct map_oi *oi = arena_calloc(m->arena, 1, sizeof *oi);
	size_t most = 1;
	for (size_t i = 0; i < m->n_attrs; i++)
		most += map_oi_takes(m->attrs[i].attr->key);
	oi->leaves = arena_calloc(m->arena, most, sizeof *oi->leaves);
	members_init(&oi->metadata, m->arena);
	for (size_t i = 0; i < m->n_attrs; i++)
		if (!m->attrs[i].is_resource && m->attrs[i].attr->value.type != OTLP_NULL &&
			map_oi_takes(m->attrs[i].attr->key))
			oi_take(m, oi, &m->attrs[i]);
	qsort(oi->leaves, oi->n, sizeof *oi->leaves, oi_compare);
	m->oi = oi;
}

struct str map_oi_metadata(struct mapper *m)
{
	return members_end(&m->oi->metadata, m->arena, &m->more);
}

/* ---- Payloads ---- */

/* Writes leaves that are equal in their first `depth` steps. */
static void oi_write(struct json_writer *w, const struct oi_leaf *leaves, size_t n, size_t depth)
{
	if (leaves[0].n_steps == depth) {
		json_raw(w, leaves[0].json);
		return;
	}
	bool is_list = leaves[0].steps[depth].name == NULL;
	if (is_list)
		json_array(w);
	else
		json_object(w);
	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n &&
			      leaves[i + run].steps[depth].order == leaves[i].steps[depth].order;)
			run++;
		if (!is_list)
			json_key(w, str_from_c(leaves[i].steps[depth].name));
		oi_write(w, leaves + i, run, depth + 1);
	}
	json_end(w);
}

/* Returns the leaves of one side as an object; JSON_NONE when there are none. */
static struct json oi_object(struct mapper *m, bool is_output)
{
	const struct map_oi *oi = m->oi;
	struct json_writer w;
	size_t first = 0, n;
	while (first < oi->n && oi->leaves[first].is_output != is_output)
		first++;
	for (n = 0; first + n < oi->n && oi->leaves[first + n].is_output == is_output;)
		n++;
	if (n == 0)
		return json_open(STR_NULL);
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	oi_write(&w, oi->leaves + first, n, 0);
	return json_open(arena_copy(m->arena, buf_str(&m->more)));
}

static bool oi_is_json(const struct otlp_value *mime)
{
	if (!mime || mime->type != OTLP_STRING)
		return false;
	struct str type = str_first(mime->text, str_index(mime->text, ';'));
	return str_eq_nocase(str_trim(type), STR("application/json"));
}

struct str map_oi_payload(struct mapper *m, bool is_output, struct members *common)
{
	const struct otlp_attrs *attrs = &m->in->attrs;
	const struct otlp_value *value =
		otlp_attr(attrs, is_output ? STR("output.value") : STR("input.value"));
	const struct otlp_value *mime =
		otlp_attr(attrs, is_output ? STR("output.mime_type") : STR("input.mime_type"));
	struct str others = members_end(common, m->arena, &m->more), raw = STR_NULL;
	struct json leaves = oi_object(m, is_output);
	struct members all;
	if (value && value->type == OTLP_STRING) {
		if (oi_is_json(mime))
			raw = map_json_in_text(m, value->text);
		if (str_is_null(raw))
			raw = map_quoted(m, value->text);
	}
	bool is_alone = str_is_null(others) && leaves.type == JSON_NONE;
	if (is_alone && json_open(raw).type != JSON_OBJECT)
		return raw;
	members_init(&all, m->arena);
	if (json_open(raw).type == JSON_OBJECT)
		members_put_object(&all, json_open(raw));
	else if (!str_is_null(raw))
		members_put(&all, STR("value"), raw);
	members_put_object(&all, json_open(others));
	members_put_object(&all, leaves);
	return members_end(&all, m->arena, &m->more);
}

struct str map_oi_type(const struct mapper *m)
{
	const struct otlp_value *kind = otlp_attr(&m->in->attrs, STR("openinference.span.kind"));
	struct str text = kind && kind->type == OTLP_STRING ? kind->text : STR("");
	if (str_eq_nocase(text, STR("LLM")))
		return STR("llm");
	if (str_eq_nocase(text, STR("TOOL")))
		return STR("tool");
	return str_eq_nocase(text, STR("GUARDRAIL")) ? STR("guardrail") : STR("general");
}
