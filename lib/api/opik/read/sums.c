#include "api/opik/read/sums.h"
#include "api/sort.h"

#include "api/opik/fields.h"
#include "api/opik/merge.h"

#include "base/hash.h"

#include <stdlib.h>

void opik_sums_init(struct opik_sums *s, struct arena *a, bool details, struct str extra_key)
{
	*s = (struct opik_sums){
		.arena = a, .is_open = true, .wants_details = details, .extra_key = extra_key
	};
	table_init(&s->traces, a, sizeof(struct opik_sum));
	table_init(&s->usage, a, sizeof(struct opik_sum_usage));
	table_init(&s->providers, a, sizeof(struct opik_sum_provider));
	string_pool_init(&s->keep, a);
}

void opik_sums_release(struct opik_sums *s)
{
	if (!s->is_open)
		return;
	table_release(&s->traces);
	table_release(&s->usage);
	table_release(&s->providers);
	string_pool_release(&s->keep);
	s->is_open = false;
}

void opik_usage_each(
	const struct span *s, void (*each)(void *user, struct str key, int64_t n), void *user)
{
	static const struct {
		enum field field;
		struct str key;
	} counts[] = { { FIELD_OUTPUT_TOKENS, { "completion_tokens", 17 } },
		{ FIELD_INPUT_TOKENS, { "prompt_tokens", 13 } },
		{ FIELD_TOTAL_TOKENS, { "total_tokens", 12 } } };
	struct json details = json_open(span_text(s, FIELD_USAGE_DETAILS));
	int64_t n;
	for (struct json_iter it = json_members(details); json_next(&it);)
		if (it.value.type == JSON_NUMBER && json_to_i64(it.value, &n))
			each(user, it.key, n);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (span_has(s, counts[i].field) &&
			json_get(details, counts[i].key).type == JSON_NONE)
			each(user, counts[i].key, s->value[counts[i].field].i64);
}

static int64_t add_saturated(int64_t x, int64_t y)
{
	int64_t sum;
	if (__builtin_add_overflow(x, y, &sum))
		return y < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static struct opik_sum *opik_sums_sum_of(struct opik_sums *s, uint64_t trace)
{
	struct table_probe p = table_probe(&s->traces, trace);
	return table_next(&s->traces, &p);
}

struct adding {
	struct opik_sums *sums;
	uint64_t trace;
};

static void opik_sums_add_usage(void *user, struct str key, int64_t n)
{
	struct adding *adding = user;
	struct opik_sums *s = adding->sums;
	uint64_t hash = hash64(key, adding->trace);
	struct opik_sum_usage *one;
	struct table_probe p;
	if (!str_is_null(s->extra_key) && json_body_is(key, s->extra_key)) {
		struct opik_sum *sum = opik_sums_sum_of(s, adding->trace);
		sum->extra = add_saturated(sum->extra, n);
		sum->has_extra = true;
	}
	if (!s->wants_details)
		return;
	p = table_probe(&s->usage, hash);
	while ((one = table_next(&s->usage, &p)))
		if (one->trace == adding->trace && str_eq(one->key, key))
			break;
	if (!one) {
		one = table_add(&s->usage, hash);
		one->trace = adding->trace;
		one->key = string_pool_copy(&s->keep, key);
		one->next = opik_sums_sum_of(s, adding->trace)->usage;
		opik_sums_sum_of(s, adding->trace)->usage = (uint32_t)s->usage.n;
	}
	one->sum = add_saturated(one->sum, n);
}

static void add_provider(struct opik_sums *s, uint64_t trace, struct str provider)
{
	uint64_t hash = hash64(provider, trace);
	struct table_probe p = table_probe(&s->providers, hash);
	struct opik_sum_provider *one;
	while ((one = table_next(&s->providers, &p)))
		if (one->trace == trace && str_eq(one->provider, provider))
			return;
	one = table_add(&s->providers, hash);
	one->trace = trace;
	one->provider = string_pool_copy(&s->keep, provider);
	one->next = opik_sums_sum_of(s, trace)->providers;
	opik_sums_sum_of(s, trace)->providers = (uint32_t)s->providers.n;
}

static bool opik_sums_add_span(void *user, const struct span *span, struct row_ref ref)
{
	struct opik_sums *s = user;
	uint64_t trace = pred_text_hash(span_text(span, FIELD_TRACE_ID));
	struct opik_sum *sum = opik_sums_sum_of(s, trace);
	int type = opik_type_of_kind((enum kind)span_i64(span, FIELD_KIND, 0));
	struct str provider = span_text(span, FIELD_PROVIDER);
	int64_t cost;
	(void)ref;
	if (!sum)
		sum = table_add(&s->traces, trace);
	sum->n_spans++;
	sum->n_llm_spans += type >= 0 && str_eq(opik_types[type], STR("llm"));
	sum->n_errors += span_i64(span, FIELD_STATUS, 0) == STATUS_ERROR;
	sum->has_tool_spans =
		sum->has_tool_spans || (type >= 0 && str_eq(opik_types[type], STR("tool")));
	if (s->wants_details && provider.len)
		add_provider(s, trace, provider);
	if (span_i64(span, FIELD_REPEATS_USAGE, 0))
		return true;
	if (dec_to_pico(span_text(span, FIELD_COST_TOTAL_USD), &cost) && cost > 0)
		sum->cost += cost;
	sum->prompt_tokens =
		add_saturated(sum->prompt_tokens, span_i64(span, FIELD_INPUT_TOKENS, 0));
	sum->completion_tokens =
		add_saturated(sum->completion_tokens, span_i64(span, FIELD_OUTPUT_TOKENS, 0));
	sum->total_tokens = add_saturated(sum->total_tokens, span_i64(span, FIELD_TOTAL_TOKENS, 0));
	if (s->wants_details || !str_is_null(s->extra_key)) {
		struct adding adding = { s, trace };
		opik_usage_each(span, opik_sums_add_usage, &adding);
	}
	return true;
}

enum err opik_sums_collect(struct opik_sums *s, struct view *v, const struct query *q)
{
	static const enum field looked_at[] = { FIELD_TRACE_ID, FIELD_KIND, FIELD_STATUS,
		FIELD_PROVIDER, FIELD_REPEATS_USAGE, FIELD_COST_TOTAL_USD, FIELD_INPUT_TOKENS,
		FIELD_OUTPUT_TOKENS, FIELD_TOTAL_TOKENS };
	struct field_set want = { { 0 } };
	for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
		field_set_add(&want, looked_at[i]);
	if (s->wants_details || !str_is_null(s->extra_key))
		field_set_add(&want, FIELD_USAGE_DETAILS);
	return engine_each(v, q, &want, opik_sums_add_span, s);
}

void opik_sums_add(struct opik_sums *s, uint64_t trace, const struct opik_sums *from, uint64_t of)
{
	const struct opik_sum *other = opik_sums_find(from, of);
	struct adding adding = { s, trace };
	if (!other)
		return;
	if (!opik_sums_sum_of(s, trace))
		(void)table_add(&s->traces, trace);
	opik_sums_sum_of(s, trace)->cost += other->cost;
	for (uint32_t i = other->usage; i;) {
		const struct opik_sum_usage *one = table_row(&from->usage, i - 1);
		opik_sums_add_usage(&adding, one->key, one->sum);
		i = one->next;
	}
}

const struct opik_sum *opik_sums_find(const struct opik_sums *s, uint64_t trace)
{
	struct table_probe p = table_probe(&s->traces, trace);
	return table_next(&s->traces, &p);
}

void opik_sums_put(const struct opik_sums *s, struct span *row, struct arena *a)
{
	static const struct opik_sum none = { 0 };
	const struct opik_sum *sum =
		opik_sums_find(s, pred_text_hash(span_text(row, FIELD_TRACE_ID)));
	if (!sum)
		sum = &none;
	span_set_i64(row, (enum field)OPIK_SUM_PROMPT_TOKENS, sum->prompt_tokens);
	span_set_i64(row, (enum field)OPIK_SUM_COMPLETION_TOKENS, sum->completion_tokens);
	span_set_i64(row, (enum field)OPIK_SUM_TOTAL_TOKENS, sum->total_tokens);
	span_set_i64(row, (enum field)OPIK_SUM_SPANS, sum->n_spans);
	span_set_i64(row, (enum field)OPIK_SUM_LLM_SPANS, sum->n_llm_spans);
	span_set_text(row, (enum field)OPIK_SUM_COST, dec_from_pico(a, sum->cost));
}

static int compare_usage(const void *x, const void *y)
{
	const struct opik_sum_usage *const *a = x, *const *b = y;
	return str_cmp((*a)->key, (*b)->key);
}

void opik_sums_render_usage(
	const struct opik_sums *s, uint64_t trace, struct json_writer *w, struct str name)
{
	const struct opik_sum *sum = opik_sums_find(s, trace);
	size_t n = 0;
	for (uint32_t i = sum ? sum->usage : 0; i; n++)
		i = ((struct opik_sum_usage *)table_row(&s->usage, i - 1))->next;
	if (!n)
		return;
	const struct opik_sum_usage **all = arena_calloc(s->arena, n, sizeof *all);
	n = 0;
	for (uint32_t i = sum->usage; i; i = all[n++]->next)
		all[n] = table_row(&s->usage, i - 1);
	qsort(all, n, sizeof *all, compare_usage);
	json_key(w, name);
	json_object(w);
	for (size_t i = 0; i < n; i++) {
		json_key_body(w, all[i]->key);
		json_i64(w, all[i]->sum);
	}
	json_end(w);
}

size_t opik_sums_providers(
	const struct opik_sums *s, uint64_t trace, struct arena *a, struct str **ret)
{
	const struct opik_sum *sum = opik_sums_find(s, trace);
	const struct opik_sum_provider *one;
	size_t n = 0;
	for (uint32_t i = sum ? sum->providers : 0; i; i = one->next, n++)
		one = table_row(&s->providers, i - 1);
	struct str *list = arena_calloc(a, n, sizeof *list);
	n = 0;
	for (uint32_t i = sum ? sum->providers : 0; i; i = one->next) {
		one = table_row(&s->providers, i - 1);
		list[n++] = one->provider;
	}
	sort_texts(list, n);
	*ret = list;
	return n;
}
