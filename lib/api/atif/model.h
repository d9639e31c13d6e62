/*
 * What an ATIF document is made of, as the atif_*.c files share it; nobody else includes this.  The
 * order of members is the order in which they are shown.
 */
#ifndef FLATSPAN_API_ATIF_MODEL_H
#define FLATSPAN_API_ATIF_MODEL_H

#include "api/atif/atif.h"

enum atif_trajectory_field {
	ATIF_SCHEMA_VERSION,
	ATIF_SESSION_ID,
	ATIF_TRAJECTORY_ID,
	ATIF_AGENT,
	ATIF_STEPS,
	ATIF_NOTES,
	ATIF_FINAL_METRICS,
	ATIF_CONTINUED_REF,
	ATIF_EXTRA,
	ATIF_SUBAGENTS,
	ATIF_EVALUATION_CONTEXT,
	ATIF_EXPERIMENT_CONTEXT, /* of the body only */
	ATIF_TRAJECTORY__MAX
};

enum atif_agent_field {
	ATIF_AGENT_NAME,
	ATIF_AGENT_VERSION,
	ATIF_AGENT_MODEL,
	ATIF_AGENT_TOOLS,
	ATIF_AGENT_EXTRA,
	ATIF_AGENT__MAX
};

enum atif_step_field {
	ATIF_STEP_ID,
	ATIF_STEP_TIMESTAMP,
	ATIF_STEP_MESSAGE,
	ATIF_STEP_IS_COPIED,
	ATIF_STEP_EXTRA,
	ATIF_STEP_LLM_CALLS,
	ATIF_STEP_OBSERVATION,
	ATIF_STEP_SOURCE,
	/* of agents only */
	ATIF_STEP_MODEL,
	ATIF_STEP_EFFORT,
	ATIF_STEP_REASONING,
	ATIF_STEP_TOOL_CALLS,
	ATIF_STEP_METRICS,
	ATIF_STEP__MAX
};

enum atif_call_field {
	ATIF_CALL_ID,
	ATIF_CALL_FUNCTION,
	ATIF_CALL_ARGUMENTS,
	ATIF_CALL_EXTRA,
	ATIF_CALL__MAX
};

enum atif_result_field {
	ATIF_RESULT_CALL_ID,
	ATIF_RESULT_CONTENT,
	ATIF_RESULT_REFS,
	ATIF_RESULT_EXTRA,
	ATIF_RESULT__MAX
};

enum atif_ref_field {
	ATIF_REF_TRAJECTORY_ID,
	ATIF_REF_PATH,
	ATIF_REF_SESSION_ID,
	ATIF_REF_EXTRA,
	ATIF_REF__MAX
};

enum atif_metrics_field {
	ATIF_PROMPT_TOKENS,
	ATIF_COMPLETION_TOKENS,
	ATIF_CACHED_TOKENS,
	ATIF_COST_USD,
	ATIF_METRICS__COMMON, /* the same four in final metrics */
	ATIF_METRICS__MAX = 8
};

/* Fields of a trajectory are those of the body; a step's are those of an agent's. */
extern const struct pydantic atif_body, atif_agent, atif_agent_step, atif_tool_call,
	atif_observation, atif_observed, atif_ref, atif_metrics, atif_final_metrics;

/* Texts by which other values are found, as a table. */
struct atif_ids {
	struct atif_id {
		uint64_t hash;
		struct str id; /* canonical body */
		size_t index;  /* in the list it was made of */
	} * list;
	size_t n;
};

/* Of the values in a list that are strings; JSON_NONE and others are left out. */
void atif_ids_make(struct atif_ids *ids, struct arena *a, const struct json *values, size_t n);
/* The first with this text; false: none. */
bool atif_ids_find(const struct atif_ids *ids, struct str id, size_t *ret_index);

/* The elements of a list, or of one value's member that is one; *ret_n 0: none. */
struct json *atif_elements(struct arena *a, struct json list, size_t *ret_n);
/* The member of each, by the field of a model. */
struct json *atif_members(struct arena *a, const struct pydantic *model, unsigned field,
	const struct json *values, size_t n);

/*
 * A value as the model shows it: members in the model's order, defaults filled in, nulls left out,
 * numbers in the model's types; unknown members behind.  skip: bits of fields to leave out.
 */
void atif_dump(
	struct buf *out, struct arena *a, const struct pydantic *t, struct json v, uint32_t skip);
/* JSON as Python's json module writes it, without blanks: floats by their shortest text, of equal
 * keys the last one; is_sorted: members by their keys. */
void atif_python_json(struct buf *out, struct arena *a, struct json v, bool is_sorted);

/* ISO 8601 as Python reads it; without an offset it is UTC. */
bool atif_time(struct arena *a, struct json v, int64_t *ret_ns);

/* ---- The document as a tree ---- */

#define ATIF_NO_TIME INT64_MIN

struct atif_step {
	struct json raw;
	struct json at[ATIF_STEP__MAX];
	struct str source; /* canonical body */
	bool is_agent;
	struct json *calls, *observed; /* tool calls, results of the observation */
	size_t n_calls, n_observed;
	int64_t start_ns, end_ns; /* as it says itself; ATIF_NO_TIME: it does not */
};

struct atif_tree {
	struct json raw;
	struct json at[ATIF_TRAJECTORY__MAX], agent[ATIF_AGENT__MAX];
	struct str id; /* canonical body; of one without: its place among its siblings */
	struct atif_step *steps;
	size_t n_steps;
	struct atif_tree *subagents;
	size_t n_subagents;
	int64_t start_ns, end_ns; /* the earliest and latest of all that it holds */
};

/* Reads the body into the arena. False: *ret_reason says what cannot be. */
bool atif_tree_read(
	struct arena *a, struct json body, struct atif_tree *ret, struct str *ret_reason);

/* Start and end of extra.invocation, seconds since 1970; ATIF_NO_TIME where there is none. */
void atif_invocation(struct json extra, int64_t *ret_start_ns, int64_t *ret_end_ns);

#endif
