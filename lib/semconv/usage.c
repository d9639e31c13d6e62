/*
 * Tokens, costs and the time to the first token.  Totals stay as they were sent: none is derived
 * from its parts, and gen_ai.aggregated_usage.* (pydantic-ai's sums over children) is not read.
 *
 * A value that is no count: NeMo Intake refuses the span and says so; elsewhere the value stays
 * among the raw attributes and the next key of the slot is asked.
 */
#include "semconv/map.h"

#include "base/utime.h"

#include <math.h>

/* Above this a JavaScript number, and so half of all clients, is no longer exact. */
#define COUNT_MAX (INT64_C(1) << 53)

/* The names of the members of usage_details, and of the counts in NeMo's reasons. */
static const struct str count_name[SLOT__LAST_COUNT + 1] = {
	[SLOT_INPUT_TOKENS] = { "input_tokens", 12 },
	[SLOT_OUTPUT_TOKENS] = { "output_tokens", 13 },
	[SLOT_CACHED_TOKENS] = { "cached_tokens", 13 },
	[SLOT_TOTAL_TOKENS] = { "total_tokens", 12 },
	[SLOT_CACHE_WRITE] = { "prompt_details.cache_write", 26 },
	[SLOT_PROMPT_AUDIO] = { "prompt_details.audio", 20 },
	[SLOT_REASONING] = { "completion_details.reasoning", 28 },
	[SLOT_COMPLETION_AUDIO] = { "completion_details.audio", 24 },
};

static bool map_usage_is_count(enum slot slot)
{
	return slot >= SLOT_INPUT_TOKENS && slot <= SLOT__LAST_COUNT;
}

static bool is_cost(enum slot slot)
{
	return slot >= SLOT_COST_TOTAL && slot <= SLOT__LAST_COST;
}

/* An integer, an integral double, or digits. */
static bool map_usage_to_count(const struct mapper *m, const struct otlp_value *v, int64_t *ret)
{
	double d = v->number;
	switch (v->type) {
	case OTLP_BOOL:
		*ret = v->i64;
		return m->c->mapping == MAPPING_NEMO;
	case OTLP_INT:
		*ret = v->i64;
		return true;
	case OTLP_STRING:
		if (str_to_i64(v->text, ret))
			return true;
		if (!str_to_double(v->text, &d))
			return false;
		break;
	case OTLP_DOUBLE:
		break;
	default:
		return false;
	}
	if (!isfinite(d) || d != floor(d) || fabs(d) > (double)COUNT_MAX)
		return false;
	*ret = (int64_t)d;
	return true;
}

/* True when the value is an amount of money. */
static bool is_amount(const struct otlp_value *v)
{
	double d = v->type == OTLP_INT ? (double)v->i64 : v->number;
	if (v->type == OTLP_STRING ? !str_to_double(v->text, &d)
				   : v->type != OTLP_INT && v->type != OTLP_DOUBLE)
		return false;
	return isfinite(d) && d >= 0;
}

/* A decimal as it was sent. */
static bool to_decimal(struct mapper *m, const struct otlp_value *v, struct str *ret)
{
	char text[JSON_DOUBLE_MAX];
	double d = v->number;
	switch (v->type) {
	case OTLP_INT:
		*ret = arena_printf(m->arena, "%lld", (long long)v->i64);
		return true;
	case OTLP_DOUBLE:
		if (!isfinite(d))
			return false;
		*ret = arena_copy(m->arena, str_of(text, json_double_text(d, text)));
		break;
	case OTLP_STRING:
		*ret = v->text;
		if (!str_to_double(v->text, &d))
			return false;
		break;
	default:
		return false;
	}
	/* A difference of nothing may come as -0.0, which is not negative. */
	if (d == 0 && ret->ptr[0] == '-')
		*ret = str_skip(*ret, 1);
	return true;
}

bool map_number_ok(const struct mapper *m, enum slot slot, const struct otlp_value *v)
{
	int64_t i;
	if (m->c->mapping == MAPPING_NEMO)
		return true; /* it will be judged where it is used */
	if (map_usage_is_count(slot))
		return map_usage_to_count(m, v, &i) && i >= 0 && i <= COUNT_MAX;
	return !is_cost(slot) || is_amount(v);
}

bool map_same_number(struct mapper *m, enum slot slot, const struct otlp_value *v)
{
	int64_t i;
	struct str dec;
	if (str_is_null(m->used[slot]))
		return false;
	if (map_usage_is_count(slot))
		return map_usage_to_count(m, v, &i) && i == m->counts[slot];
	return is_cost(slot) && to_decimal(m, v, &dec) && str_eq(dec, m->used[slot]);
}

/* In the words of NeMo Intake, which shows the value as Python would. */
static void map_usage_refuse(struct mapper *m, struct str name, const struct otlp_value *v)
{
	struct str text = json_decode(m->arena, map_text(m, v));
	const char *quote = v->type == OTLP_STRING ? "'" : "";
	if (str_is_null(m->reason))
		m->reason = arena_printf(m->arena, "Invalid numeric value for %.*s: %s%.*s%s",
			STR_ARG(name), quote, STR_ARG(text), quote);
}

static void refuse_negative(struct mapper *m, struct str name)
{
	if (str_is_null(m->reason))
		m->reason = arena_printf(m->arena,
			"%.*s: Input should be greater than or equal to 0", STR_ARG(name));
}

/* The count of a slot; false: none. */
static bool slot_count(struct mapper *m, enum slot slot, int64_t *ret)
{
	const struct otlp_value *v = map_value(m, slot);
	int64_t i;
	if (!v)
		return false;
	if (!map_usage_to_count(m, v, &i)) {
		map_usage_refuse(m, count_name[slot], v);
		return false;
	}
	if (i < 0) {
		refuse_negative(m, count_name[slot]);
		return false;
	}
	m->used[slot] = STR("");
	m->counts[slot] = i;
	*ret = i;
	return true;
}

static void map_counts(struct mapper *m)
{
	static const struct {
		enum slot slot;
		enum field field;
	} counts[] = { { SLOT_INPUT_TOKENS, FIELD_INPUT_TOKENS },
		{ SLOT_OUTPUT_TOKENS, FIELD_OUTPUT_TOKENS },
		{ SLOT_CACHED_TOKENS, FIELD_CACHED_TOKENS },
		{ SLOT_TOTAL_TOKENS, FIELD_TOTAL_TOKENS } };
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		int64_t n;
		if (slot_count(m, counts[i].slot, &n))
			span_set_i64(m->out, counts[i].field, n);
	}
}

/* The object that a Langfuse attribute spells; JSON_NONE: none. */
static struct json slot_object(struct mapper *m, enum slot slot)
{
	const struct otlp_value *v = map_value(m, slot);
	if (!v)
		return (struct json){ JSON_NONE, STR_NULL };
	struct str text = v->type == OTLP_STRING   ? map_json_in_text(m, v->text)
			  : v->type == OTLP_KVLIST ? v->text
						   : STR_NULL;
	struct json object = json_open(text);
	return object.type == JSON_OBJECT ? object : (struct json){ JSON_NONE, STR_NULL };
}

/* A number, or its digits as a text. */
static bool is_count_json(struct json v, int64_t *ret)
{
	bool is_number =
		v.type == JSON_STRING ? str_to_i64(json_body(v), ret) : json_to_i64(v, ret);
	return is_number && *ret >= 0 && *ret <= COUNT_MAX;
}

/* Langfuse keeps disjoint buckets whose names begin with what they belong to (input,
 * input_cached_tokens): their sum is the whole. */
static void add_bucket(struct mapper *m, enum field field, int64_t n)
{
	int64_t sum;
	if (!__builtin_add_overflow(span_i64(m->out, field, 0), n, &sum))
		span_set_i64(m->out, field, sum);
}

static bool is_cache_read(struct str key)
{
	return str_find(key, STR("cache")) < key.len && str_find(key, STR("creation")) == key.len &&
	       str_find(key, STR("write")) == key.len;
}

/* Langfuse's value is the field's: what was to be it is an attribute like others, unless it says
 * the same. */
static void replace_pick(struct mapper *m, enum slot slot, struct str used)
{
	m->picks[slot].attr = NULL;
	m->used[slot] = used;
}

static void map_langfuse_counts(struct mapper *m, struct json usage)
{
	static const enum field fields[] = { FIELD_INPUT_TOKENS, FIELD_OUTPUT_TOKENS,
		FIELD_CACHED_TOKENS, FIELD_TOTAL_TOKENS };
	static const enum slot slots[] = { SLOT_INPUT_TOKENS, SLOT_OUTPUT_TOKENS,
		SLOT_CACHED_TOKENS, SLOT_TOTAL_TOKENS };
	bool is_cleared[FIELD__MAX] = { false };
	for (struct json_iter it = json_members(usage); json_next(&it);) {
		int64_t n;
		bool is_in = str_starts(it.key, STR("input"));
		bool goes[] = { is_in, str_starts(it.key, STR("output")), is_cache_read(it.key),
			str_eq(it.key, STR("total")) };
		for (size_t i = 0; is_count_json(it.value, &n) && i < 4; i++) {
			if (!goes[i])
				continue;
			if (!is_cleared[fields[i]])
				span_unset(m->out, fields[i]);
			is_cleared[fields[i]] = true;
			add_bucket(m, fields[i], n);
			replace_pick(m, slots[i], STR(""));
			m->counts[slots[i]] = span_i64(m->out, fields[i], 0);
		}
	}
}

/* usage_details: what the named counts do not hold. */
static void map_usage_details(struct mapper *m, struct json langfuse)
{
	struct json_writer w;
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	json_object(&w);
	for (unsigned slot = SLOT_CACHE_WRITE; slot <= SLOT__LAST_COUNT; slot++) {
		int64_t n;
		if (slot_count(m, slot, &n))
			json_member_i64(&w, count_name[slot], n);
	}
	for (struct json_iter it = json_members(langfuse); json_next(&it);) {
		int64_t n;
		if (!is_count_json(it.value, &n))
			continue;
		json_key_body(&w, it.key);
		json_i64(&w, n);
	}
	for (size_t i = 0; i < m->n_attrs; i++) {
		struct map_attr *x = &m->attrs[i];
		int64_t n;
		if (!x->row || x->row->slot != SLOT_OTHER_USAGE || !x->row->general ||
			m->c->mapping == MAPPING_NEMO ||
			!map_usage_to_count(m, &x->attr->value, &n) || n < 0 || n > COUNT_MAX)
			continue;
		x->is_gone = true;
		json_key_body(&w, str_skip(x->attr->key, x->row->key.len));
		json_i64(&w, n);
	}
	json_end(&w);
	if (m->more.len > 2)
		span_set_text(m->out, FIELD_USAGE_DETAILS, arena_copy(m->arena, buf_str(&m->more)));
}

static bool is_cost_json(struct json v)
{
	return v.type == JSON_NUMBER && v.raw.ptr[0] != '-';
}

static const struct cost {
	enum slot slot;
	enum field field;
	struct str name;     /* in NeMo's reasons */
	struct str langfuse; /* member of Langfuse's cost_details */
} costs[] = { { SLOT_COST_TOTAL, FIELD_COST_TOTAL_USD, { "cost_total_usd", 14 }, { "total", 5 } },
	{ SLOT_COST_INPUT, FIELD_COST_INPUT_USD, { "cost_input_usd", 14 }, { "input", 5 } },
	{ SLOT_COST_OUTPUT, FIELD_COST_OUTPUT_USD, { "cost_output_usd", 15 }, { "output", 6 } } };

enum { N_COSTS = sizeof costs / sizeof costs[0] };

static void map_cost(struct mapper *m, const struct cost *cost, struct json langfuse)
{
	const struct otlp_value *v = map_value(m, cost->slot);
	struct json member = json_get(langfuse, cost->langfuse);
	struct str dec;
	if (is_cost_json(member)) {
		span_set_text(m->out, cost->field, member.raw);
		replace_pick(m, cost->slot, member.raw);
		return;
	}
	if (!v)
		return;
	if (!to_decimal(m, v, &dec))
		map_usage_refuse(m, cost->name, v);
	else if (dec.ptr[0] == '-')
		refuse_negative(m, cost->name);
	else {
		span_set_text(m->out, cost->field, dec);
		m->used[cost->slot] = dec;
	}
}

static bool map_usage_is_named_cost(struct str member)
{
	for (size_t i = 0; i < N_COSTS; i++)
		if (str_eq(member, costs[i].langfuse))
			return true;
	return false;
}

/* cost_details: what the three named costs do not hold. */
static void map_cost_details(struct mapper *m, struct json langfuse)
{
	struct json_writer w;
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	json_object(&w);
	for (size_t i = 0; i < m->n_attrs; i++) {
		struct map_attr *x = &m->attrs[i];
		struct str dec;
		if (!x->row || x->row->slot != SLOT_OTHER_COST)
			continue;
		x->is_gone = to_decimal(m, &x->attr->value, &dec);
		if (!x->is_gone)
			continue;
		json_key_body(&w, str_skip(x->attr->key, x->row->key.len));
		json_raw(&w, dec);
	}
	for (struct json_iter it = json_members(langfuse); json_next(&it);)
		if (is_cost_json(it.value) && !map_usage_is_named_cost(it.key)) {
			json_key_body(&w, it.key);
			json_raw(&w, it.value.raw);
		}
	json_end(&w);
	if (m->more.len > 2)
		span_set_text(m->out, FIELD_COST_DETAILS, arena_copy(m->arena, buf_str(&m->more)));
}

static void map_usage_set_ttft(struct mapper *m, int64_t ns)
{
	/* Milliseconds with as many of six decimals as are needed. */
	struct str text;
	if (ns < 0)
		return;
	if (ns % NS_PER_MS == 0)
		text = arena_printf(m->arena, "%lld", (long long)(ns / NS_PER_MS));
	else {
		text = arena_printf(m->arena, "%lld.%06lld", (long long)(ns / NS_PER_MS),
			(long long)(ns % NS_PER_MS));
		while (text.ptr[text.len - 1] == '0')
			text.len--;
	}
	span_set_text(m->out, FIELD_TTFT_MS, text);
}

static bool ttft_seconds(struct mapper *m, int64_t *ret_ns)
{
	const struct otlp_value *v = map_value(m, SLOT_TTFT_S);
	struct str dec;
	double s;
	if (!v || !to_decimal(m, v, &dec) || !str_to_double(dec, &s) || s < 0 || s > 1e9)
		return false;
	*ret_ns = (int64_t)(s * 1e9 + 0.5);
	return true;
}

/* Langfuse's time of the first token is JSON text inside the text: with quotes of its own. */
static bool completion_started(struct mapper *m, int64_t *ret_ns)
{
	struct str text = json_decode(m->arena, map_slot_text(m, SLOT_COMPLETION_START));
	if (text.len >= 2 && text.ptr[0] == '"')
		text = str_of(text.ptr + 1, text.len - 2);
	return utime_parse_lax(text, ret_ns);
}

static bool first_chunk_event(const struct mapper *m, int64_t *ret_ns)
{
	for (size_t i = 0; i < m->in->n_events; i++)
		if (str_eq(m->in->events[i].name, STR("ai.stream.firstChunk"))) {
			*ret_ns = m->in->events[i].time_ns;
			return true;
		}
	return false;
}

static void map_ttft(struct mapper *m)
{
	const struct otlp_value *ms = map_value(m, SLOT_TTFT_MS);
	int64_t ns, started_ns = span_i64(m->out, FIELD_STARTED_AT, 0);
	struct str dec;
	if (m->c->mapping == MAPPING_NEMO)
		return; /* its catalogue has none */
	if (ttft_seconds(m, &ns)) {
		map_usage_set_ttft(m, ns);
		m->used[SLOT_TTFT_S] = STR("");
	} else if (ms && to_decimal(m, ms, &dec) && dec.ptr[0] != '-') {
		span_set_text(m->out, FIELD_TTFT_MS, dec);
		m->used[SLOT_TTFT_MS] = STR("");
	} else if (started_ns && (completion_started(m, &ns) || first_chunk_event(m, &ns)) &&
		   !__builtin_sub_overflow(ns, started_ns, &ns))
		map_usage_set_ttft(m, ns);
}

/* All members became counts or costs. Else the attribute stays, so that nothing is lost. */
static bool is_used_up(struct json object, bool is_money)
{
	for (struct json_iter it = json_members(object); json_next(&it);) {
		int64_t n;
		bool is_taken = is_money ? is_cost_json(it.value) : is_count_json(it.value, &n);
		if (!is_taken && it.value.type != JSON_NULL)
			return false;
	}
	return object.type == JSON_OBJECT;
}

void map_usage(struct mapper *m)
{
	struct json usage = slot_object(m, SLOT_USAGE_DETAILS);
	struct json cost = slot_object(m, SLOT_COST_DETAILS);
	map_counts(m);
	map_langfuse_counts(m, usage);
	map_usage_details(m, usage);
	for (size_t i = 0; i < N_COSTS; i++)
		map_cost(m, &costs[i], cost);
	map_cost_details(m, cost);
	map_ttft(m);
	if (is_used_up(usage, false))
		m->used[SLOT_USAGE_DETAILS] = STR("");
	if (is_used_up(cost, true))
		m->used[SLOT_COST_DETAILS] = STR("");
}
