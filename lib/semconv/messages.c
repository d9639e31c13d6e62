/*
 * Chat messages put together again from attributes such as
 *
 *	llm.input_messages.0.message.role = user
 *	llm.input_messages.0.message.contents.1.message_content.image.image.url = …
 *	llm.output_messages.0.message.tool_calls.0.tool_call.function.name = get_weather
 *	gen_ai.prompt.0.content = …	(OpenLLMetry: without the words between)
 *
 * in OpenAI's shape, {"messages":[…]}: what is known stands where OpenAI has it, the rest stays
 * under its dotted name.  Numbers only order: gaps close up, and no number makes an array large.
 */
#include "semconv/map.h"

#include <stdlib.h>

/* An attribute, cut at its number: PREFIX.number.rest */
struct part {
	uint64_t number;
	size_t order; /* as sent */
	struct str rest;
	const struct otlp_value *value;
};

static int part_cmp(const void *x, const void *y)
{
	const struct part *px = x, *py = y;
	if (px->number != py->number)
		return px->number < py->number ? -1 : 1;
	return px->order < py->order ? -1 : px->order > py->order;
}

/* Cuts "12.rest" and takes word off the rest; false when it is not of that form. */
static bool cut_number(struct str s, struct str word, uint64_t *ret_number, struct str *ret_rest)
{
	size_t dot = str_index(s, '.');
	if (dot == s.len || !str_to_u64(str_first(s, dot), ret_number))
		return false;
	struct str rest = str_skip(s, dot + 1);
	if (!str_starts(rest, word) || rest.len == word.len)
		return false;
	*ret_rest = str_skip(rest, word.len);
	return true;
}

/* The parts among n whose rest begins with prefix, cut once more and sorted; at most n. */
static size_t sub_parts(
	const struct part *parts, size_t n, struct str prefix, struct str word, struct part *ret)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (str_starts(parts[i].rest, prefix) &&
			cut_number(str_skip(parts[i].rest, prefix.len), word, &ret[kept].number,
				&ret[kept].rest)) {
			ret[kept].order = i;
			ret[kept].value = parts[i].value;
			kept++;
		}
	qsort(ret, kept, sizeof *ret, part_cmp);
	return kept;
}

/* How many parts from the first on share its number. */
static size_t run_of(const struct part *parts, size_t n)
{
	size_t run = 1;
	while (run < n && parts[run].number == parts[0].number)
		run++;
	return run;
}

/* The value of the last part with this rest; NULL: none. */
static const struct otlp_value *part_value(const struct part *parts, size_t n, const char *rest)
{
	for (size_t i = n; i > 0; i--)
		if (str_eq(parts[i - 1].rest, str_from_c(rest)))
			return parts[i - 1].value;
	return NULL;
}

static bool map_messages_is_one_of(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(s, str_from_c(*names)))
			return true;
	return false;
}

static void map_messages_write_member(
	struct json_writer *w, const char *key, const struct otlp_value *v)
{
	if (!v)
		return;
	json_key(w, str_from_c(key));
	otlp_value_json(w, v);
}

static void write_others(
	struct json_writer *w, const struct part *parts, size_t n, const char *const *known)
{
	for (size_t i = 0; i < n; i++)
		if (!map_messages_is_one_of(parts[i].rest, known)) {
			json_key_body(w, parts[i].rest);
			otlp_value_json(w, parts[i].value);
		}
}

/* One tool call: {"id":…,"type":"function","function":{"name":…,"arguments":…}} */
static void write_tool_call(
	struct json_writer *w, const struct part *parts, size_t n, bool has_levels)
{
	static const char *const known[] = { "id", "type", "function.name", "function.arguments",
		NULL };
	static const char *const known_flat[] = { "id", "type", "name", "arguments", NULL };
	const struct otlp_value *type = part_value(parts, n, "type");
	json_object(w);
	map_messages_write_member(w, "id", part_value(parts, n, "id"));
	json_key(w, STR("type"));
	if (type)
		otlp_value_json(w, type);
	else
		json_text(w, STR("function"));
	json_key(w, STR("function"));
	json_object(w);
	map_messages_write_member(
		w, "name", part_value(parts, n, has_levels ? "function.name" : "name"));
	map_messages_write_member(w, "arguments",
		part_value(parts, n, has_levels ? "function.arguments" : "arguments"));
	json_end(w);
	write_others(w, parts, n, has_levels ? known : known_flat);
	json_end(w);
}

/* One part of a content list; an image the way OpenAI writes it. */
static void write_content(struct json_writer *w, const struct part *parts, size_t n)
{
	static const char *const known[] = { "type", "text", "image.image.url", NULL };
	const struct otlp_value *url = part_value(parts, n, "image.image.url");
	json_object(w);
	if (url)
		json_member_text(w, STR("type"), STR("image_url"));
	else
		map_messages_write_member(w, "type", part_value(parts, n, "type"));
	map_messages_write_member(w, "text", part_value(parts, n, "text"));
	if (url) {
		json_key(w, STR("image_url"));
		json_object(w);
		map_messages_write_member(w, "url", url);
		json_end(w);
	}
	write_others(w, parts, n, known);
	json_end(w);
}

struct build {
	struct json_writer w;
	struct part *sub; /* room for the parts of one message */
	bool has_levels, is_full;
	bool has_list; /* of this message the contents are the content */
};

static bool is_sub(const struct build *b, struct str rest)
{
	uint64_t number;
	struct str tail;
	struct str word = b->has_levels ? STR("tool_call.") : STR("");
	if (str_starts(rest, STR("tool_calls.")) &&
		cut_number(str_skip(rest, strlen("tool_calls.")), word, &number, &tail))
		return true;
	return b->has_list && str_starts(rest, STR("contents.")) &&
	       cut_number(str_skip(rest, strlen("contents.")), STR("message_content."), &number,
		       &tail);
}

/* Where there is no other content, and not only what NeMo rebuilds is wanted. */
static bool write_contents(struct build *b, const struct part *parts, size_t n)
{
	const struct otlp_value *content = part_value(parts, n, "content");
	size_t n_sub = sub_parts(parts, n, STR("contents."), STR("message_content."), b->sub);
	if (n_sub == 0 || !b->is_full || (content && !map_is_empty(content)))
		return false;
	json_key(&b->w, STR("content"));
	json_array(&b->w);
	for (size_t i = 0, run; i < n_sub; i += run) {
		run = run_of(b->sub + i, n_sub - i);
		write_content(&b->w, b->sub + i, run);
	}
	json_end(&b->w);
	return true;
}

static void write_tool_calls(struct build *b, const struct part *parts, size_t n)
{
	struct str word = b->has_levels ? STR("tool_call.") : STR("");
	size_t n_sub = sub_parts(parts, n, STR("tool_calls."), word, b->sub);
	if (n_sub == 0)
		return;
	json_key(&b->w, STR("tool_calls"));
	json_array(&b->w);
	for (size_t i = 0, run; i < n_sub; i += run) {
		run = run_of(b->sub + i, n_sub - i);
		write_tool_call(&b->w, b->sub + i, run, b->has_levels);
	}
	json_end(&b->w);
}

static void write_message(struct build *b, const struct part *parts, size_t n)
{
	static const char *const known[] = { "role", "content", "name", "tool_call_id", "status",
		NULL };
	json_object(&b->w);
	map_messages_write_member(&b->w, "role", part_value(parts, n, "role"));
	b->has_list = write_contents(b, parts, n);
	if (!b->has_list)
		map_messages_write_member(&b->w, "content", part_value(parts, n, "content"));
	for (size_t i = 2; known[i]; i++)
		map_messages_write_member(&b->w, known[i], part_value(parts, n, known[i]));
	write_tool_calls(b, parts, n);
	for (size_t i = 0; i < n; i++)
		if (!is_sub(b, parts[i].rest) && !map_messages_is_one_of(parts[i].rest, known)) {
			json_key_body(&b->w, parts[i].rest);
			otlp_value_json(&b->w, parts[i].value);
		}
	json_end(&b->w);
}

/* The parts of a slot's attributes, sorted. Null values are not there: openinference-vercel sends
 * them for tool calls nobody made. */
static struct part *map_messages_collect(
	struct mapper *m, enum slot slot, struct str word, size_t *ret_n)
{
	size_t n = 0, most = 0;
	for (size_t i = 0; i < m->n_attrs; i++)
		most += m->attrs[i].row && m->attrs[i].row->slot == slot;
	struct part *parts = arena_calloc(m->arena, most, sizeof *parts);
	for (size_t i = 0; i < m->n_attrs; i++) {
		struct map_attr *x = &m->attrs[i];
		struct part *p = &parts[n];
		if (!x->row || x->row->slot != slot || x->is_resource ||
			!cut_number(str_skip(x->attr->key, x->row->key.len), word, &p->number,
				&p->rest))
			continue;
		x->is_gone = true;
		if (x->attr->value.type == OTLP_NULL)
			continue;
		p->order = i;
		p->value = &x->attr->value;
		n++;
	}
	qsort(parts, n, sizeof *parts, part_cmp);
	*ret_n = n;
	return parts;
}

struct str map_messages(struct mapper *m, enum slot slot, bool has_levels, bool is_full)
{
	size_t n;
	struct build b = { .has_levels = has_levels, .is_full = is_full };
	struct part *parts =
		map_messages_collect(m, slot, has_levels ? STR("message.") : STR(""), &n);
	if (n == 0)
		return STR_NULL;
	b.sub = arena_calloc(m->arena, n, sizeof *b.sub);
	buf_reset(&m->more);
	json_writer_init(&b.w, &m->more);
	json_object(&b.w);
	json_key(&b.w, STR("messages"));
	json_array(&b.w);
	for (size_t i = 0, run; i < n; i += run) {
		run = run_of(parts + i, n - i);
		write_message(&b, parts + i, run);
	}
	json_end(&b.w);
	json_end(&b.w);
	return arena_copy(m->arena, buf_str(&m->more));
}

/* The role an event of the older GenAI conventions speaks in; STR_NULL: it is no message. */
static struct str event_role(struct str name, bool is_output)
{
	static const struct {
		const char *event, *role;
	} roles[] = { { "gen_ai.system.message", "system" }, { "gen_ai.user.message", "user" },
		{ "gen_ai.assistant.message", "assistant" }, { "gen_ai.tool.message", "tool" } };
	if (is_output)
		return str_eq(name, STR("gen_ai.choice")) ? STR("assistant") : STR_NULL;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (str_eq(name, str_from_c(roles[i].event)))
			return str_from_c(roles[i].role);
	return STR_NULL;
}

/* The members of a message: an event's attributes, or the JSON text that Azure's and Semantic
 * Kernel's events hold it in. */
static void write_event(
	struct mapper *m, struct json_writer *w, const struct otlp_attrs *attrs, struct str role)
{
	const struct otlp_value *text = otlp_attr(attrs, STR("gen_ai.event.content"));
	bool has_text = text && text->type == OTLP_STRING;
	struct json content = json_open(has_text ? map_json_in_text(m, text->text) : STR_NULL);
	bool has_role = content.type == JSON_OBJECT
				? json_get(content, STR("role")).type != JSON_NONE
				: otlp_attr(attrs, STR("role")) != NULL;
	json_object(w);
	if (!has_role)
		json_member_text(w, STR("role"), role);
	if (content.type == JSON_OBJECT) {
		for (struct json_iter it = json_members(content); json_next(&it);) {
			json_key_body(w, it.key);
			json_raw(w, it.value.raw);
		}
		json_end(w);
		return;
	}
	for (size_t i = 0; i < attrs->n; i++) {
		if (str_starts(attrs->list[i].key, STR("gen_ai.")) ||
			attrs->list[i].value.type == OTLP_NULL)
			continue;
		json_key_body(w, attrs->list[i].key);
		otlp_value_json(w, &attrs->list[i].value);
	}
	if (has_text && !otlp_attr(attrs, STR("content")))
		json_member_body(w, STR("content"), text->text);
	json_end(w);
}

struct str map_event_messages(struct mapper *m, bool is_output)
{
	struct json_writer w;
	size_t n = 0;
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	json_object(&w);
	json_key(&w, STR("messages"));
	json_array(&w);
	for (size_t i = 0; i < m->in->n_events; i++) {
		const struct otlp_attrs *attrs = &m->in->events[i].attrs;
		struct str role = event_role(m->in->events[i].name, is_output);
		if (str_is_null(role))
			continue;
		n++;
		write_event(m, &w, attrs, role);
	}
	json_end(&w);
	json_end(&w);
	return n ? arena_copy(m->arena, buf_str(&m->more)) : STR_NULL;
}

/* Finding each member of one object in another takes the product of their sizes: more than a
 * message ever has, and it is not looked at. */
static bool is_small_object(struct json v)
{
	enum { MEMBERS_MAX = 32 };
	size_t n = 0;
	for (struct json_iter it = json_members(v); json_next(&it);)
		if (++n > MEMBERS_MAX)
			return false;
	return v.type == JSON_OBJECT;
}

/* Equal but for members that are null on one side and not there on the other. */
static bool same_message(struct arena *a, struct json x, struct json y)
{
	if (!is_small_object(x) || !is_small_object(y))
		return false;
	for (int side = 0; side < 2; side++) {
		struct json_iter it = json_members(side ? y : x);
		while (json_next(&it)) {
			struct json other = json_get(side ? x : y, json_decode(a, it.key));
			if (it.value.type != JSON_NULL && !json_equal(a, it.value, other))
				return false;
		}
	}
	return true;
}

/* True when the elements of y are the messages of x. inner: the member of an element that is the
 * message. */
static bool same_messages(struct arena *a, struct json x, struct json y, const char *inner)
{
	struct json_iter ix = json_elements(x), iy = json_elements(y);
	for (;;) {
		bool has_x = json_next(&ix), has_y = json_next(&iy);
		if (!has_x || !has_y)
			return has_x == has_y;
		if (!same_message(
			    a, ix.value, inner ? json_get(iy.value, str_from_c(inner)) : iy.value))
			return false;
	}
}

/* True when this is the text of the only message. */
static bool is_only_content(struct arena *a, struct json messages, struct str text)
{
	struct json_iter it = json_elements(messages);
	if (!json_next(&it))
		return false;
	struct json content = json_get(it.value, STR("content"));
	bool same = content.type == JSON_STRING &&
		    str_eq(json_decode(a, json_body(content)), text) &&
		    json_get(it.value, STR("tool_calls")).type == JSON_NONE;
	return same && !json_next(&it);
}

bool map_repeats_messages(struct mapper *m, struct str body, struct str json)
{
	struct json messages = json_get(json_open(json), STR("messages"));
	struct arena_mark mark = arena_mark(m->arena);
	struct str text = json_decode(m->arena, body);
	bool same = is_only_content(m->arena, messages, text);
	struct str value = same ? STR_NULL : map_json_in_text(m, body);
	struct json request = json_open(value);
	if (!same && request.type == JSON_OBJECT) {
		struct json theirs = json_get(request, STR("messages"));
		struct json choices = json_get(request, STR("choices"));
		same = (theirs.type == JSON_ARRAY &&
			       same_messages(m->arena, messages, theirs, NULL)) ||
		       (choices.type == JSON_ARRAY &&
			       same_messages(m->arena, messages, choices, "message"));
	}
	arena_rewind(m->arena, mark);
	return same;
}
