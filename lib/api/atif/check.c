/* Checks an ATIF document: the tables of its models, and the rules that no table can hold. */
#include "api/atif/model.h"

#include "api/nemo/ingest.h"

static const struct str versions[] = { { "ATIF-v1.0", 9 }, { "ATIF-v1.1", 9 }, { "ATIF-v1.2", 9 },
	{ "ATIF-v1.3", 9 }, { "ATIF-v1.4", 9 }, { "ATIF-v1.5", 9 }, { "ATIF-v1.6", 9 },
	{ "ATIF-v1.7", 9 } };
static const struct str image_types[] = { { "image/jpeg", 10 }, { "image/png", 9 },
	{ "image/gif", 9 }, { "image/webp", 10 } };
static const struct str of_text[] = { { "text", 4 } }, of_image[] = { { "image", 5 } },
			of_system[] = { { "system", 6 } }, of_user[] = { { "user", 4 } },
			of_agent[] = { { "agent", 5 } };

/* ---- Scalars ---- */

static const struct pydantic any_dict = { .type = PYDANTIC_DICT, .otherwise = "{}" };
static const struct pydantic dicts = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &any_dict,
};
static const struct pydantic count = { .type = PYDANTIC_INT };
static const struct pydantic count_or_null = { .type = PYDANTIC_INT, .is_nullable = true };
static const struct pydantic natural_or_null = {
	.type = PYDANTIC_INT,
	.is_nullable = true,
	.has_least = true,
};
static const struct pydantic number = { .type = PYDANTIC_FLOAT };
static const struct pydantic number_or_null = { .type = PYDANTIC_FLOAT, .is_nullable = true };
static const struct pydantic flag_or_null = { .type = PYDANTIC_BOOL, .is_nullable = true };
static const struct pydantic counts = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &count,
};
static const struct pydantic numbers = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &number,
};

/* ---- Content: a text, or parts ---- */

static const struct pydantic text_tag = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(of_text) };
static const struct pydantic image_tag = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(of_image) };
static const struct pydantic image_type = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(image_types) };
static const struct pydantic_field image_fields[] = {
	{ "media_type", &image_type, true },
	{ "path", &pydantic_str, true },
};
static const struct pydantic image_source = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(image_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic_field text_part_fields[] = {
	{ "type", &text_tag, true },
	{ "text", &pydantic_str, true },
};
static const struct pydantic text_part = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(text_part_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic_field image_part_fields[] = {
	{ "type", &image_tag, true },
	{ "source", &image_source, true },
};
static const struct pydantic image_part = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(image_part_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic_choice part_choices[] = {
	{ "text", &text_part },
	{ "image", &image_part },
};
static const struct pydantic part = {
	.type = PYDANTIC_TAGGED,
	.tag = "type",
	PYDANTIC_CHOICES(part_choices),
};
static const struct pydantic parts = { .type = PYDANTIC_LIST, .item = &part };
static const struct pydantic_choice content_choices[] = {
	{ "str", &pydantic_str },
	{ "list[tagged-union[AtifContentPartText,AtifContentPartImage]]", &parts },
};
static const struct pydantic message = {
	.type = PYDANTIC_UNION,
	PYDANTIC_CHOICES(content_choices),
	.otherwise = "\"\"",
};
static const struct pydantic content_or_null = {
	.type = PYDANTIC_UNION,
	.is_nullable = true,
	PYDANTIC_CHOICES(content_choices),
};
static const struct pydantic_choice effort_choices[] = {
	{ "str", &pydantic_str },
	{ "float", &number },
};
static const struct pydantic effort = {
	.type = PYDANTIC_UNION,
	.is_nullable = true,
	PYDANTIC_CHOICES(effort_choices),
};

/* ---- Tool calls and their results ---- */

static const struct pydantic_field call_fields[ATIF_CALL__MAX] = {
	[ATIF_CALL_ID] = { "tool_call_id", &pydantic_str, true },
	[ATIF_CALL_FUNCTION] = { "function_name", &pydantic_str, true },
	[ATIF_CALL_ARGUMENTS] = { "arguments", &any_dict, false },
	[ATIF_CALL_EXTRA] = { "extra", &pydantic_dict_or_null, false },
};
const struct pydantic atif_tool_call = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(call_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic calls = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &atif_tool_call,
};

static struct str refuse_no_identifier(void *user, struct arena *a, struct json v)
{
	struct json at[ATIF_REF__MAX];
	(void)user, (void)a;
	pydantic_split(&atif_ref, v, at);
	return pydantic_is_set(at[ATIF_REF_TRAJECTORY_ID]) || pydantic_is_set(at[ATIF_REF_PATH]) ||
			       pydantic_is_set(at[ATIF_REF_SESSION_ID])
		       ? STR_NULL
		       : STR("SubagentTrajectoryRef MUST set at least one of trajectory_id, "
			     "trajectory_path, or session_id");
}

static const struct pydantic_field ref_fields[ATIF_REF__MAX] = {
	[ATIF_REF_TRAJECTORY_ID] = { "trajectory_id", &pydantic_str_or_null, false },
	[ATIF_REF_PATH] = { "trajectory_path", &pydantic_str_or_null, false },
	[ATIF_REF_SESSION_ID] = { "session_id", &pydantic_str_or_null, false },
	[ATIF_REF_EXTRA] = { "extra", &pydantic_dict_or_null, false },
};
const struct pydantic atif_ref = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(ref_fields),
	.extra = PYDANTIC_FORBID,
	.after = refuse_no_identifier,
};
static const struct pydantic refs = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &atif_ref,
};
static const struct pydantic_field result_fields[ATIF_RESULT__MAX] = {
	[ATIF_RESULT_CALL_ID] = { "source_call_id", &pydantic_str_or_null, false },
	[ATIF_RESULT_CONTENT] = { "content", &content_or_null, false },
	[ATIF_RESULT_REFS] = { "subagent_trajectory_ref", &refs, false },
	[ATIF_RESULT_EXTRA] = { "extra", &pydantic_dict_or_null, false },
};
const struct pydantic atif_observed = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(result_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic results = {
	.type = PYDANTIC_LIST,
	.item = &atif_observed,
	.otherwise = "[]",
};
static const struct pydantic_field observation_fields[] = { { "results", &results, false } };
const struct pydantic atif_observation = {
	.type = PYDANTIC_MODEL,
	.is_nullable = true,
	PYDANTIC_FIELDS(observation_fields),
	.extra = PYDANTIC_FORBID,
};

/* ---- Metrics ---- */

static const struct pydantic_field metrics_fields[ATIF_METRICS__MAX] = {
	[ATIF_PROMPT_TOKENS] = { "prompt_tokens", &count_or_null, false },
	[ATIF_COMPLETION_TOKENS] = { "completion_tokens", &count_or_null, false },
	[ATIF_CACHED_TOKENS] = { "cached_tokens", &count_or_null, false },
	[ATIF_COST_USD] = { "cost_usd", &number_or_null, false },
	{ "prompt_token_ids", &counts, false },
	{ "completion_token_ids", &counts, false },
	{ "logprobs", &numbers, false },
	{ "extra", &pydantic_dict_or_null, false },
};
const struct pydantic atif_metrics = {
	.type = PYDANTIC_MODEL,
	.is_nullable = true,
	PYDANTIC_FIELDS(metrics_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic_field final_fields[] = {
	[ATIF_PROMPT_TOKENS] = { "total_prompt_tokens", &count_or_null, false },
	[ATIF_COMPLETION_TOKENS] = { "total_completion_tokens", &count_or_null, false },
	[ATIF_CACHED_TOKENS] = { "total_cached_tokens", &count_or_null, false },
	[ATIF_COST_USD] = { "total_cost_usd", &number_or_null, false },
	{ "total_steps", &natural_or_null, false },
	{ "extra", &pydantic_dict_or_null, false },
};
const struct pydantic atif_final_metrics = {
	.type = PYDANTIC_MODEL,
	.is_nullable = true,
	PYDANTIC_FIELDS(final_fields),
	.extra = PYDANTIC_FORBID,
};

/* ---- Steps ---- */

static struct str refuse_bad_time(void *user, struct arena *a, struct json v)
{
	int64_t ns;
	(void)user;
	if (atif_time(a, v, &ns))
		return STR_NULL;
	/* Python shows the offset instead of the Z. */
	struct str text = json_decode(a, json_body(v));
	bool is_zulu = str_ends(text, STR("Z"));
	return arena_printf(a, "Invalid ISO 8601 timestamp: Invalid isoformat string: '%.*s%s'",
		STR_ARG(str_first(text, text.len - is_zulu)), is_zulu ? "+00:00" : "");
}

static const struct pydantic step_id = { .type = PYDANTIC_INT, .has_least = true, .least = 1 };
static const struct pydantic timestamp = {
	.type = PYDANTIC_STR,
	.is_nullable = true,
	.after = refuse_bad_time,
};
static const struct pydantic system_tag = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(of_system) };
static const struct pydantic user_tag = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(of_user) };
static const struct pydantic agent_tag = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(of_agent) };

#define STEP_FIELDS(tag) \
	[ATIF_STEP_ID] = { "step_id", &step_id, true }, \
	[ATIF_STEP_TIMESTAMP] = { "timestamp", &timestamp, false }, \
	[ATIF_STEP_MESSAGE] = { "message", &message, false }, \
	[ATIF_STEP_IS_COPIED] = { "is_copied_context", &flag_or_null, false }, \
	[ATIF_STEP_EXTRA] = { "extra", &pydantic_dict_or_null, false }, \
	[ATIF_STEP_LLM_CALLS] = { "llm_call_count", &natural_or_null, false }, \
	[ATIF_STEP_OBSERVATION] = { "observation", &atif_observation, false }, \
	[ATIF_STEP_SOURCE] = { "source", &(tag), true }

static const struct pydantic_field system_fields[] = { STEP_FIELDS(system_tag) };
static const struct pydantic_field user_fields[] = { STEP_FIELDS(user_tag) };
static const struct pydantic_field agent_step_fields[ATIF_STEP__MAX] = {
	STEP_FIELDS(agent_tag),
	[ATIF_STEP_MODEL] = { "model_name", &pydantic_str_or_null, false },
	[ATIF_STEP_EFFORT] = { "reasoning_effort", &effort, false },
	[ATIF_STEP_REASONING] = { "reasoning_content", &pydantic_str_or_null, false },
	[ATIF_STEP_TOOL_CALLS] = { "tool_calls", &calls, false },
	[ATIF_STEP_METRICS] = { "metrics", &atif_metrics, false },
};
static const struct pydantic system_step = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(system_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic user_step = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(user_fields),
	.extra = PYDANTIC_FORBID,
};
const struct pydantic atif_agent_step = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(agent_step_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic_choice step_choices[] = {
	{ "system", &system_step },
	{ "user", &user_step },
	{ "agent", &atif_agent_step },
};
static const struct pydantic step = {
	.type = PYDANTIC_TAGGED,
	.tag = "source",
	PYDANTIC_CHOICES(step_choices),
};
static const struct pydantic steps = { .type = PYDANTIC_LIST, .item = &step, .otherwise = "[]" };

/* ---- Trajectories ---- */

static struct str check_trajectory(void *user, struct arena *a, struct json v);
static struct str atif_check_body(void *user, struct arena *a, struct json v);

static const struct pydantic_field agent_fields[ATIF_AGENT__MAX] = {
	[ATIF_AGENT_NAME] = { "name", &pydantic_str, true },
	[ATIF_AGENT_VERSION] = { "version", &pydantic_str, true },
	[ATIF_AGENT_MODEL] = { "model_name", &pydantic_str_or_null, false },
	[ATIF_AGENT_TOOLS] = { "tool_definitions", &dicts, false },
	[ATIF_AGENT_EXTRA] = { "extra", &pydantic_dict_or_null, false },
};
const struct pydantic atif_agent = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(agent_fields),
	.extra = PYDANTIC_FORBID,
};

static const struct pydantic version = {
	.type = PYDANTIC_LITERAL,
	PYDANTIC_NAMES(versions),
	.otherwise = "\"ATIF-v1.7\"",
};
static const struct pydantic embedded;
static const struct pydantic embedded_list = {
	.type = PYDANTIC_LIST,
	.is_nullable = true,
	.item = &embedded,
};

#define TRAJECTORY_FIELDS(session, is_version_required) \
	[ATIF_SCHEMA_VERSION] = { "schema_version", &version, is_version_required }, \
	[ATIF_SESSION_ID] = { "session_id", &(session), false }, \
	[ATIF_TRAJECTORY_ID] = { "trajectory_id", &pydantic_str_or_null, false }, \
	[ATIF_AGENT] = { "agent", &atif_agent, true }, [ATIF_STEPS] = { "steps", &steps, false }, \
	[ATIF_NOTES] = { "notes", &pydantic_str_or_null, false }, \
	[ATIF_FINAL_METRICS] = { "final_metrics", &atif_final_metrics, false }, \
	[ATIF_CONTINUED_REF] = { "continued_trajectory_ref", &pydantic_str_or_null, false }, \
	[ATIF_EXTRA] = { "extra", &pydantic_dict_or_null, false }, \
	[ATIF_SUBAGENTS] = { "subagent_trajectories", &embedded_list, false }, \
	[ATIF_EVALUATION_CONTEXT] = { "evaluation_context", &nemo_evaluation_context, false }

static const struct pydantic_field embedded_fields[] = { TRAJECTORY_FIELDS(pydantic_str, false) };
static const struct pydantic embedded = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(embedded_fields),
	.extra = PYDANTIC_FORBID,
	.after = check_trajectory,
};
static const struct pydantic_field body_fields[ATIF_TRAJECTORY__MAX] = {
	TRAJECTORY_FIELDS(pydantic_str_or_null, true),
	[ATIF_EXPERIMENT_CONTEXT] = { "experiment_context", &nemo_experiment_context, false },
};
const struct pydantic atif_body = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(body_fields),
	.extra = PYDANTIC_FORBID,
	.after = atif_check_body,
};

/* Step ids must be 1, 2, 3, … */
static struct str check_step_ids(struct arena *a, const struct json *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t id = 0;
		(void)pydantic_int(a, json_get(list[i], STR("step_id")), &id); /* it was checked */
		if (id != (int64_t)i + 1)
			return arena_printf(a,
				"steps[%zu].step_id: expected %zu (sequential from 1), got %lld", i,
				i + 1, (long long)id);
	}
	return STR_NULL;
}

static struct str check_results(
	struct arena *a, const struct json *at, const struct atif_ids *call_ids, size_t step_number)
{
	struct json list = json_get(at[ATIF_STEP_OBSERVATION], STR("results"));
	for (struct json_iter it = json_elements(list); json_next(&it);) {
		struct json id = json_get(it.value, STR("source_call_id"));
		struct str body = json_canonical_body(a, json_body(id));
		size_t index;
		if (pydantic_is_set(id) && !atif_ids_find(call_ids, body, &index)) {
			struct str text = json_decode(a, body);
			return arena_printf(a,
				"Observation result references source_call_id '%.*s' which is not "
				"found in step %zu's tool_calls",
				STR_ARG(text), step_number);
		}
	}
	return STR_NULL;
}

/* The ids of calls must differ, and each result must name one of them. */
static struct str check_calls(struct arena *a, const struct json *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct json at[ATIF_STEP__MAX];
		struct atif_ids ids;
		size_t n_calls;
		pydantic_split(&atif_agent_step, list[i], at);
		struct json *all = atif_elements(a, at[ATIF_STEP_TOOL_CALLS], &n_calls);
		struct json *names = atif_members(a, &atif_tool_call, ATIF_CALL_ID, all, n_calls);
		atif_ids_make(&ids, a, names, n_calls);
		for (size_t k = 0; k < n_calls; k++) {
			struct str body = json_canonical_body(a, json_body(names[k]));
			size_t first;
			if (!atif_ids_find(&ids, body, &first) || first == k)
				continue;
			struct str text = json_decode(a, body);
			return arena_printf(a, "Duplicate tool_call_id '%.*s' in step %zu",
				STR_ARG(text), i + 1);
		}
		struct str wrong = check_results(a, at, &ids, i + 1);
		if (!str_is_null(wrong))
			return wrong;
	}
	return STR_NULL;
}

/* From version 1.7 on a reference must be resolvable. */
static struct str check_refs(const struct json *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct json all = json_get(json_get(list[i], STR("observation")), STR("results"));
		for (struct json_iter r = json_elements(all); json_next(&r);) {
			struct json of = json_get(r.value, STR("subagent_trajectory_ref"));
			for (struct json_iter it = json_elements(of); json_next(&it);) {
				struct json at[ATIF_REF__MAX];
				pydantic_split(&atif_ref, it.value, at);
				if (!pydantic_is_set(at[ATIF_REF_TRAJECTORY_ID]) &&
					!pydantic_is_set(at[ATIF_REF_PATH]))
					return STR("ATIF-v1.7 SubagentTrajectoryRef MUST set at "
						   "least one of trajectory_id or "
						   "trajectory_path; session_id alone is "
						   "informational");
			}
		}
	}
	return STR_NULL;
}

/* Embedded trajectories must have different ids. */
static struct str check_subagents(struct arena *a, struct json subagents)
{
	struct atif_ids ids;
	size_t n, first;
	struct json *list = atif_elements(a, subagents, &n);
	struct json *names = atif_members(a, &atif_body, ATIF_TRAJECTORY_ID, list, n);
	atif_ids_make(&ids, a, names, n);
	for (size_t i = 0; i < n; i++) {
		if (!pydantic_is_set(names[i]))
			return arena_printf(a,
				"subagent_trajectories[%zu].trajectory_id is required on embedded "
				"ATIF-v1.7 subagents",
				i);
		struct str body = json_canonical_body(a, json_body(names[i]));
		if (atif_ids_find(&ids, body, &first) && first != i) {
			struct str text = json_decode(a, body);
			return arena_printf(a,
				"subagent_trajectories[%zu].trajectory_id duplicates '%.*s'", i,
				STR_ARG(text));
		}
	}
	return STR_NULL;
}

static struct str check_trajectory(void *user, struct arena *a, struct json v)
{
	struct json at[ATIF_TRAJECTORY__MAX];
	size_t n;
	(void)user;
	pydantic_split(&atif_body, v, at);
	struct json *list = atif_elements(a, at[ATIF_STEPS], &n);
	struct str wrong = check_step_ids(a, list, n);
	if (str_is_null(wrong))
		wrong = check_calls(a, list, n);
	bool is_latest = at[ATIF_SCHEMA_VERSION].type == JSON_NONE ||
			 json_body_is(json_body(at[ATIF_SCHEMA_VERSION]), STR("ATIF-v1.7"));
	if (str_is_null(wrong) && is_latest)
		wrong = check_refs(list, n);
	if (str_is_null(wrong))
		wrong = check_subagents(a, at[ATIF_SUBAGENTS]);
	return wrong;
}

static struct str atif_check_body(void *user, struct arena *a, struct json v)
{
	struct json at[ATIF_TRAJECTORY__MAX];
	pydantic_split(&atif_body, v, at);
	struct str wrong = nemo_ingest_check_contexts(
		at[ATIF_EVALUATION_CONTEXT], at[ATIF_EXPERIMENT_CONTEXT]);
	return str_is_null(wrong) ? check_trajectory(user, a, v) : wrong;
}

bool atif_check(struct problems *p, struct json body)
{
	return pydantic_check(p, &atif_body, body, NULL);
}
