/*
 * Describes an ATIF document: the models of its objects, and the tree of trajectories that it is
 * read into. Only the files of api/atif include this. Members are shown in the order of these
 * lists.
 *
 * model.c defines the functions about values, tree.c the tree, check.c the models.
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
	ATIF_EXPERIMENT_CONTEXT, /* only the body has these */
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
	/* From here on members of an agent's steps only. */
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
	ATIF_METRICS__COMMON, /* final metrics have these four too */
	ATIF_METRICS__MAX = 8
};

/* The fields of a trajectory are those of the body, the fields of a step those of an agent's
 * step. */
extern const struct pydantic atif_body, atif_agent, atif_agent_step, atif_tool_call,
	atif_observation, atif_observed, atif_ref, atif_metrics, atif_final_metrics;

/* A table of texts, each with its index in a list. */
struct atif_ids {
	struct atif_id {
		uint64_t hash;
		struct str id; /* canonical body */
		size_t index;  /* in the list that the table was made of */
	} * list;
	size_t n;
};

/* Makes a table of the strings in a list; other values are left out. */
void atif_ids_make(struct atif_ids *ids, struct arena *a, const struct json *values, size_t n);
/* Finds the first value with this text. Returns false when there is none. */
bool atif_ids_find(const struct atif_ids *ids, struct str id, size_t *ret_index);

/* Returns the elements of a list. *ret_n is 0 when the value is not a list. */
struct json *atif_elements(struct arena *a, struct json list, size_t *ret_n);
/* Returns the values of one member of each element, by the field of a model. */
struct json *atif_members(struct arena *a, const struct pydantic *model, unsigned field,
	const struct json *values, size_t n);

/* Writes a value as the model shows it: members in the model's order, defaults filled in, nulls
 * left out, numbers in the model's types, and unknown members at the end. `skip` holds bits of
 * fields to leave out. */
void atif_dump(
	struct buf *out, struct arena *a, const struct pydantic *t, struct json v, uint32_t skip);
/* Writes JSON as Python's json module does without blanks: floats as their shortest text, and the
 * last of equal keys. is_sorted sorts members by key. */
void atif_python_json(struct buf *out, struct arena *a, struct json v, bool is_sorted);

/* Reads ISO 8601 as Python does. A time without an offset is UTC. */
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
	int64_t start_ns, end_ns; /* as the document says; ATIF_NO_TIME when it does not */
};

struct atif_tree {
	struct json raw;
	struct json at[ATIF_TRAJECTORY__MAX], agent[ATIF_AGENT__MAX];
	struct str id; /* canonical body; the position among its siblings when it has none */
	struct atif_step *steps;
	size_t n_steps;
	struct atif_tree *subagents;
	size_t n_subagents;
	int64_t start_ns, end_ns; /* the earliest start and latest end of its steps and subagents */
};

/* Reads the body into the arena. Returns false when it cannot; *ret_reason says why. */
bool atif_tree_read(
	struct arena *a, struct json body, struct atif_tree *ret, struct str *ret_reason);

/* Reads start and end of extra.invocation, in seconds since 1970. Each is ATIF_NO_TIME when it is
 * absent. */
void atif_invocation(struct json extra, int64_t *ret_start_ns, int64_t *ret_end_ns);

#endif
