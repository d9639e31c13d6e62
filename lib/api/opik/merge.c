#include "api/opik/merge.h"

/* When a PATCH's value stays although a POST comes later. */
enum group_wins {
	GROUP_WINS_GIVEN,   /* always */
	GROUP_WINS_MEMBERS, /* when the list or object is not empty */
	GROUP_WINS_POSITIVE /* when the amount is greater than 0 */
};

/* Fields that are given, kept and replaced together. */
static const struct group {
	enum field fields[3];
	unsigned n;
	enum group_wins wins;
} groups[] = {
	{ { FIELD_NAME }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_NATIVE_TYPE }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_ENDED_AT }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_INPUT }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_OUTPUT }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_METADATA }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_MODEL }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_PROVIDER }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_TAGS }, 1, GROUP_WINS_MEMBERS },
	{ { FIELD_USAGE_DETAILS }, 1, GROUP_WINS_MEMBERS },
	{ { FIELD_ERROR_TYPE, FIELD_ERROR_MESSAGE, FIELD_ERROR_TRACEBACK }, 3, GROUP_WINS_GIVEN },
	{ { FIELD_TTFT_MS }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_ORIGIN }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_ENVIRONMENT }, 1, GROUP_WINS_GIVEN },
	{ { FIELD_SESSION_ID }, 1, GROUP_WINS_GIVEN },
	/* COST_DETAILS marks a computed cost; a given cost has none. */
	{ { FIELD_COST_TOTAL_USD, FIELD_COST_DETAILS }, 2, GROUP_WINS_POSITIVE },
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static bool opik_merge_has_any(const struct span *s, const struct group *g)
{
	for (unsigned i = 0; i < g->n; i++)
		if (span_has(s, g->fields[i]))
			return true;
	return false;
}

/* True when the value of an earlier PATCH stays. */
static bool opik_merge_wins(const struct span *s, const struct group *g)
{
	struct str text = span_text(s, g->fields[0]);
	double amount;
	if (!opik_merge_has_any(s, g))
		return false;
	if (g->wins == GROUP_WINS_MEMBERS)
		return !str_eq(text, STR("[]")) && !str_eq(text, STR("{}"));
	return g->wins == GROUP_WINS_GIVEN || !str_to_double(text, &amount) || amount > 0;
}

static void opik_copy_group(struct span *s, const struct span *from, const struct group *g)
{
	for (unsigned i = 0; i < g->n; i++) {
		enum field f = g->fields[i];
		span_unset(s, f);
		if (span_has(from, f)) {
			s->value[f] = from->value[f];
			field_set_add(&s->present, f);
		}
	}
}

void opik_patch(struct span *s, const struct span *given)
{
	for (unsigned i = 0; i < GROUPS; i++)
		if (opik_merge_has_any(given, &groups[i]))
			opik_copy_group(s, given, &groups[i]);
}

void opik_fill(struct span *s, const struct span *posted)
{
	/* The cost was computed from the fields of a PATCH and is computed again from all
	 * fields. */
	if (cost_is_computed(s))
		cost_unset(s);
	for (unsigned i = 0; i < GROUPS; i++)
		if (!opik_merge_wins(s, &groups[i]))
			opik_copy_group(s, posted, &groups[i]);
}

static void opik_merge_set_count(
	struct span *s, enum field f, struct json usage, const char *const *names, size_t n)
{
	int64_t v;
	span_unset(s, f);
	for (size_t i = 0; i < n; i++)
		if (json_to_i64(json_get(usage, str_from_c(names[i])), &v)) {
			span_set_i64(s, f, v);
			return;
		}
}

static void complete_tokens(struct span *s)
{
	static const char *const input[] = { "prompt_tokens" },
				 *const output[] = { "completion_tokens" },
				 *const total[] = { "total_tokens" };
	static const char *const cached[] = { "cache_read_input_tokens",
		"original_usage.prompt_tokens_details.cached_tokens",
		"original_usage.input_tokens_details.cached_tokens",
		"original_usage.cache_read_input_tokens" };
	struct json usage = json_open(span_text(s, FIELD_USAGE_DETAILS));
	opik_merge_set_count(s, FIELD_INPUT_TOKENS, usage, input, 1);
	opik_merge_set_count(s, FIELD_OUTPUT_TOKENS, usage, output, 1);
	opik_merge_set_count(s, FIELD_TOTAL_TOKENS, usage, total, 1);
	opik_merge_set_count(
		s, FIELD_CACHED_TOKENS, usage, cached, sizeof cached / sizeof cached[0]);
}

static bool has_error(const struct span *s)
{
	return span_has(s, FIELD_ERROR_TYPE) || span_has(s, FIELD_ERROR_MESSAGE) ||
	       span_has(s, FIELD_ERROR_TRACEBACK);
}

static void complete_kind(struct span *s)
{
	span_set_i64(s, FIELD_KIND, opik_kind_of_type(span_text(s, FIELD_NATIVE_TYPE)));
}

static void complete_status(struct span *s)
{
	span_set_i64(s, FIELD_STATUS,
		has_error(s)                  ? STATUS_ERROR
		: span_has(s, FIELD_ENDED_AT) ? STATUS_SUCCESS
					      : STATUS_UNKNOWN);
}

void opik_complete(struct span *s)
{
	complete_kind(s);
	complete_status(s);
	if (span_has(s, FIELD_USAGE_DETAILS))
		complete_tokens(s);
}

void opik_complete_foreign(struct span *s, const struct span *given)
{
	bool is_open = span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_UNKNOWN;
	if (span_has(given, FIELD_NATIVE_TYPE))
		complete_kind(s);
	if (has_error(given) || (span_has(given, FIELD_ENDED_AT) && is_open))
		complete_status(s);
	if (span_has(given, FIELD_USAGE_DETAILS))
		complete_tokens(s);
}

bool opik_changes_price(const struct span *given)
{
	return !span_has(given, FIELD_COST_TOTAL_USD) &&
	       (span_has(given, FIELD_USAGE_DETAILS) || span_has(given, FIELD_MODEL) ||
		       span_has(given, FIELD_PROVIDER));
}

static bool list_has(struct str list, struct str text)
{
	for (struct json_iter it = json_elements(json_open(list)); json_next(&it);)
		if (str_eq(json_body(it.value), text))
			return true;
	return false;
}

struct str opik_join_tags(
	struct arena *a, struct str tags, struct str more, struct str without, size_t *ret_n)
{
	struct buf b;
	struct json_writer w;
	size_t n = 0;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_array(&w);
	for (struct json_iter it = json_elements(json_open(tags)); json_next(&it);)
		if (it.value.type == JSON_STRING && !list_has(without, json_body(it.value))) {
			json_raw(&w, it.value.raw);
			n++;
		}
	for (struct json_iter it = json_elements(json_open(more)); json_next(&it);)
		if (!list_has(tags, json_body(it.value)) &&
			!list_has(without, json_body(it.value))) {
			json_raw(&w, it.value.raw);
			n++;
		}
	json_end(&w);
	*ret_n = n;
	return buf_str(&b);
}
