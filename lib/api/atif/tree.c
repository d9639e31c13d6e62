/*
 * Reads the document into a tree of trajectories, steps, calls and results, with the times that
 * each of them has. A value that is not of its type counts as absent; atif_check() decides whether
 * that is allowed.
 */
#include "api/atif/model.h"

#include "base/utime.h"

#include <math.h>

struct reader {
	struct arena *arena;
	size_t n_spans; /* an upper bound */
	struct str reason;
};

/* Reads seconds since 1970, rounded to microseconds as Python rounds them. */
static int64_t epoch_time(struct json v)
{
	const double far = 9e9; /* within int64 nanoseconds */
	double seconds;
	if (v.type != JSON_NUMBER || !json_to_double(v, &seconds) || !(fabs(seconds) < far))
		return ATIF_NO_TIME;
	double whole = floor(seconds);
	int64_t us = llrint((seconds - whole) * 1e6);
	return (int64_t)whole * NS_PER_S + us * NS_PER_US;
}

void atif_invocation(struct json extra, int64_t *ret_start_ns, int64_t *ret_end_ns)
{
	struct json invocation = json_get(extra, STR("invocation"));
	*ret_start_ns = epoch_time(json_get(invocation, STR("start_timestamp")));
	*ret_end_ns = epoch_time(json_get(invocation, STR("end_timestamp")));
}

static int64_t text_time(struct arena *a, struct json v)
{
	int64_t ns;
	return atif_time(a, v, &ns) ? ns : ATIF_NO_TIME;
}

static void atif_tree_widen(struct atif_tree *t, int64_t start_ns, int64_t end_ns)
{
	if (start_ns != ATIF_NO_TIME && (t->start_ns == ATIF_NO_TIME || start_ns < t->start_ns))
		t->start_ns = start_ns;
	if (end_ns != ATIF_NO_TIME && (t->end_ns == ATIF_NO_TIME || end_ns > t->end_ns))
		t->end_ns = end_ns;
}

static bool atif_tree_count_spans(struct reader *rd, size_t n)
{
	rd->n_spans += n;
	if (rd->n_spans > LIMIT_SPANS_PER_REQUEST && str_is_null(rd->reason))
		rd->reason = arena_printf(rd->arena, "ATIF trajectory becomes more than %d spans",
			LIMIT_SPANS_PER_REQUEST);
	return str_is_null(rd->reason);
}

static bool atif_tree_read_step(
	struct reader *rd, struct json raw, struct atif_step *s, struct atif_tree *t)
{
	struct arena *a = rd->arena;
	int64_t start_ns, end_ns;
	s->raw = raw;
	pydantic_split(&atif_agent_step, raw, s->at);
	s->source = json_canonical_body(a, json_body(s->at[ATIF_STEP_SOURCE]));
	s->is_agent = str_eq(s->source, STR("agent")) || str_eq(s->source, STR("assistant"));
	s->calls = atif_elements(a, s->at[ATIF_STEP_TOOL_CALLS], &s->n_calls);
	s->observed = atif_elements(
		a, json_get(s->at[ATIF_STEP_OBSERVATION], STR("results")), &s->n_observed);
	atif_invocation(s->at[ATIF_STEP_EXTRA], &s->start_ns, &s->end_ns);
	int64_t stamp_ns = text_time(a, s->at[ATIF_STEP_TIMESTAMP]);
	atif_tree_widen(t, stamp_ns, stamp_ns);
	atif_tree_widen(t, s->start_ns, s->end_ns);
	if (s->start_ns == ATIF_NO_TIME)
		s->start_ns = stamp_ns;
	for (size_t i = 0; i < s->n_calls; i++) {
		atif_invocation(json_get(s->calls[i], STR("extra")), &start_ns, &end_ns);
		atif_tree_widen(t, start_ns, end_ns);
	}
	size_t n_refs = 0;
	for (size_t i = 0; i < s->n_observed; i++) {
		struct json refs = json_get(s->observed[i], STR("subagent_trajectory_ref"));
		for (struct json_iter it = json_elements(refs); json_next(&it);)
			n_refs++;
	}
	return atif_tree_count_spans(rd, 1 + s->n_calls + n_refs);
}

static bool read_steps(struct reader *rd, struct atif_tree *t)
{
	struct json *list = atif_elements(rd->arena, t->at[ATIF_STEPS], &t->n_steps);
	if (!atif_tree_count_spans(rd, 0) || t->n_steps > LIMIT_SPANS_PER_REQUEST)
		return atif_tree_count_spans(rd, t->n_steps);
	t->steps = arena_calloc(rd->arena, t->n_steps ? t->n_steps : 1, sizeof *t->steps);
	for (size_t i = 0; i < t->n_steps; i++)
		if (!atif_tree_read_step(rd, list[i], &t->steps[i], t))
			return false;
	return true;
}

static bool read_tree(
	struct reader *rd, struct json raw, size_t place, unsigned depth, struct atif_tree *t)
{
	struct arena *a = rd->arena;
	if (depth > ATIF_DEPTH_MAX) {
		rd->reason =
			arena_printf(a, "ATIF trajectory depth %u exceeds configured maximum %d",
				depth, ATIF_DEPTH_MAX);
		return false;
	}
	t->raw = raw;
	t->start_ns = t->end_ns = ATIF_NO_TIME;
	pydantic_split(&atif_body, raw, t->at);
	pydantic_split(&atif_agent, t->at[ATIF_AGENT], t->agent);
	t->id = t->at[ATIF_TRAJECTORY_ID].type == JSON_STRING
			? json_canonical_body(a, json_body(t->at[ATIF_TRAJECTORY_ID]))
			: arena_printf(a, "%zu", place);
	if (!atif_tree_count_spans(rd, 2) ||
		!read_steps(rd, t)) /* the trajectory and its verifier */
		return false;
	struct json verifier = json_get(t->at[ATIF_EXTRA], STR("verifier"));
	atif_tree_widen(t, text_time(a, json_get(verifier, STR("started_at"))),
		text_time(a, json_get(verifier, STR("finished_at"))));
	struct json *list = atif_elements(a, t->at[ATIF_SUBAGENTS], &t->n_subagents);
	if (!atif_tree_count_spans(rd, t->n_subagents))
		return false;
	t->subagents = arena_calloc(a, t->n_subagents ? t->n_subagents : 1, sizeof *t->subagents);
	for (size_t i = 0; i < t->n_subagents; i++) {
		if (!read_tree(rd, list[i], i, depth + 1, &t->subagents[i]))
			return false;
		atif_tree_widen(t, t->subagents[i].start_ns, t->subagents[i].end_ns);
	}
	return true;
}

bool atif_tree_read(
	struct arena *a, struct json body, struct atif_tree *ret, struct str *ret_reason)
{
	struct reader rd = { .arena = a };
	if (read_tree(&rd, body, 0, 1, ret))
		return true;
	*ret_reason = rd.reason;
	return false;
}
