/*
 * Which spans repeat the usage of their children, so that a trace's totals leave them out.
 *
 * The Vercel AI SDK's outer spans (ai.generateText, …; agent_step in its later form) always wrap
 * the calls that carry the same tokens again: the name decides, because the calls may have come in
 * an earlier request.
 *
 * invoke_agent and invoke_workflow may or may not.  What came in the same request decides when it
 * can: a descendant with tokens says yes, children without any say no.  A span that came without
 * its children is flagged unless it is a client's: an agent in the same process exports its calls
 * before itself, in earlier batches, while a call of a remote agent has nothing of ours below it.
 */
#include "semconv/map.h"

#include "base/hash.h"

enum repeats { REPEATS_NEVER, REPEATS_ALWAYS, REPEATS_IF_CHILDREN };

static bool text_is_one_of(const struct otlp_value *v, const char *const *names)
{
	for (; v && v->type == OTLP_STRING && *names; names++)
		if (str_eq(v->text, str_from_c(*names)))
			return true;
	return false;
}

static enum repeats may_repeat(const struct otlp_span *in)
{
	static const char *const ai_sdk[] = { "ai.generateText", "ai.streamText",
		"ai.generateObject", "ai.streamObject", "ai.embed", "ai.embedMany", NULL };
	static const char *const steps[] = { "agent_step", NULL };
	static const char *const agents[] = { "invoke_agent", "invoke_workflow", NULL };
	const struct otlp_value *operation = otlp_attr(&in->attrs, STR("gen_ai.operation.name"));
	if (text_is_one_of(otlp_attr(&in->attrs, STR("ai.operationId")), ai_sdk) ||
		text_is_one_of(operation, steps))
		return REPEATS_ALWAYS;
	return text_is_one_of(operation, agents) ? REPEATS_IF_CHILDREN : REPEATS_NEVER;
}

static bool map_repeats_has_tokens(const struct span *s)
{
	return span_has(s, FIELD_INPUT_TOKENS) || span_has(s, FIELD_OUTPUT_TOKENS) ||
	       span_has(s, FIELD_TOTAL_TOKENS);
}

static bool has_usage(const struct span *s)
{
	return map_repeats_has_tokens(s) || span_has(s, FIELD_COST_TOTAL_USD);
}

/* The spans of the request by their ids. */
struct family {
	struct span *spans;
	size_t n;
	uint64_t seed;
	uint32_t *places; /* number of a span plus 1; 0: free */
	size_t n_places;  /* a power of two */
	struct {
		bool has_child, has_usage_child, has_tokens_below;
	} * known;
};

static size_t map_repeats_place_of(const struct family *f, struct str trace_id, struct str span_id)
{
	size_t at = hash64(span_id, hash64(trace_id, f->seed)) & (f->n_places - 1);
	for (; f->places[at]; at = (at + 1) & (f->n_places - 1)) {
		const struct span *s = &f->spans[f->places[at] - 1];
		if (str_eq(span_text(s, FIELD_SPAN_ID), span_id) &&
			str_eq(span_text(s, FIELD_TRACE_ID), trace_id))
			break;
	}
	return at;
}

/* The parent's number, or n. */
static size_t parent_of(const struct family *f, size_t i)
{
	const struct span *s = &f->spans[i];
	struct str parent = span_text(s, FIELD_PARENT_SPAN_ID);
	if (!parent.len)
		return f->n;
	uint32_t number = f->places[map_repeats_place_of(f, span_text(s, FIELD_TRACE_ID), parent)];
	return number ? number - 1 : f->n;
}

static void mark_ancestors(struct family *f, size_t i)
{
	bool tokens = map_repeats_has_tokens(&f->spans[i]);
	size_t parent = parent_of(f, i);
	if (parent == f->n)
		return;
	f->known[parent].has_child = true;
	f->known[parent].has_usage_child |= span_has(&f->spans[i], FIELD_USAGE_DETAILS);
	/* Each is marked once, so circles end and all of it is linear. */
	for (; tokens && parent != f->n && !f->known[parent].has_tokens_below;
		parent = parent_of(f, parent))
		f->known[parent].has_tokens_below = true;
}

static void open_family(
	struct arena *a, uint64_t seed, struct span *spans, size_t n, struct family *ret)
{
	struct family f = { .spans = spans, .n = n, .seed = seed, .n_places = 16 };
	while (f.n_places < 2 * n)
		f.n_places *= 2;
	f.places = arena_calloc(a, f.n_places, sizeof *f.places);
	f.known = arena_calloc(a, n, sizeof *f.known);
	for (size_t i = 0; i < n; i++)
		f.places[map_repeats_place_of(&f, span_text(&spans[i], FIELD_TRACE_ID),
			span_text(&spans[i], FIELD_SPAN_ID))] = (uint32_t)(i + 1);
	for (size_t i = 0; i < n; i++)
		mark_ancestors(&f, i);
	*ret = f;
}

void map_opik_usage(struct arena *a, uint64_t seed, struct span *spans, size_t n)
{
	static const enum field counts[] = { FIELD_USAGE_DETAILS, FIELD_INPUT_TOKENS,
		FIELD_OUTPUT_TOKENS, FIELD_TOTAL_TOKENS, FIELD_CACHED_TOKENS };
	struct family f;
	size_t n_with_usage = 0;
	for (size_t i = 0; i < n; i++)
		n_with_usage += span_has(&spans[i], FIELD_USAGE_DETAILS);
	if (n_with_usage < 2)
		return;
	open_family(a, seed, spans, n, &f);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0;
			f.known[i].has_usage_child && k < sizeof counts / sizeof counts[0]; k++)
			span_unset(&spans[i], counts[k]);
}

void map_repeats(struct arena *a, uint64_t seed, const struct otlp_span *const *in,
	struct span *out, const bool *is_told, size_t n)
{
	enum { KIND_CLIENT = 3 };
	struct family f = { .n_places = 0 };
	for (size_t i = 0; i < n; i++) {
		if (!has_usage(&out[i]) || (is_told && is_told[i]))
			continue;
		enum repeats repeats = may_repeat(in[i]);
		bool is_repeat = repeats == REPEATS_ALWAYS;
		if (repeats == REPEATS_IF_CHILDREN) {
			if (!f.n_places)
				open_family(a, seed, out, n, &f);
			is_repeat = f.known[i].has_child ? f.known[i].has_tokens_below
							 : in[i]->kind != KIND_CLIENT;
		}
		if (is_repeat)
			span_set_i64(&out[i], FIELD_REPEATS_USAGE, true);
	}
}
