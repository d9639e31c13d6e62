/*
 * Maps the tree to spans: one for each trajectory, and below it one for its verifier and one for
 * each step. Below a step stand one for each tool call and the trajectories of its subagents. A
 * subagent that is not in the document gets one span.
 *
 * Ids are hashes of the position in the tree and the content. Tokens and costs stand on the steps
 * that have them. A trajectory gets only those that none of its steps has, so that nothing is
 * counted twice.
 */
#include "api/atif/map.h"

#include "api/nemo/ingest.h"
#include "base/utime.h"
#include "span/normalise.h"

static void map_trajectory(struct atif_mapper *m, const struct atif_tree *t, struct str parent_id,
	int64_t fallback_ns, unsigned depth);

/* ---- Helpers ---- */

static struct span *new_span(struct atif_mapper *m)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 64;
		m->spans = arena_block(m->arena, m->spans, m->cap * sizeof *m->spans);
	}
	span_init(&m->spans[m->n]);
	return &m->spans[m->n++];
}

struct str atif_make_id(struct atif_mapper *m, const struct str *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		m->identity[m->n_identity + i] = parts[i];
	return stable_id(m->arena, STR("span"), m->identity, m->n_identity + n);
}

struct str atif_hashed_form(struct atif_mapper *m, struct str json)
{
	struct buf b;
	buf_init(&b, m->arena);
	atif_python_json(&b, m->arena, json_open(json), true);
	return buf_str(&b);
}

static struct str atif_map_shown(struct atif_mapper *m, const struct pydantic *t, struct json v)
{
	struct buf b;
	buf_init(&b, m->arena);
	atif_dump(&b, m->arena, t, v, 0);
	return buf_str(&b);
}

static struct str number_text(struct atif_mapper *m, size_t i)
{
	return arena_printf(m->arena, "%zu", i);
}

static bool is_empty_text(struct json v)
{
	return v.type == JSON_STRING && v.raw.len == STR("\"\"").len;
}

struct span *atif_begin_span(struct atif_mapper *m, const struct atif_tree *t, struct str span_id,
	struct str parent_id, enum kind kind)
{
	struct span *s = new_span(m);
	struct arena *a = m->arena;
	span_set_text(s, FIELD_SPAN_ID, span_id);
	span_set_text(s, FIELD_TRACE_ID, m->session_id);
	span_set_text(s, FIELD_SESSION_ID, m->session_id);
	if (parent_id.len)
		span_set_text(s, FIELD_PARENT_SPAN_ID, parent_id);
	span_set_text(s, FIELD_SOURCE, STR("atif"));
	span_set_i64(s, FIELD_KIND, kind);
	span_set_i64(s, FIELD_STATUS, STATUS_SUCCESS);
	nemo_ingest_set_text(s, a, FIELD_AGENT_NAME, t->agent[ATIF_AGENT_NAME]);
	nemo_ingest_set_text(s, a, FIELD_MODEL, t->agent[ATIF_AGENT_MODEL]);
	if (!span_has(s, FIELD_MODEL)) /* some agents write it here */
		nemo_ingest_set_text(s, a, FIELD_MODEL, json_get(t->at[ATIF_AGENT], STR("model")));
	if (m->c->created_by.len)
		span_set_plain(s, FIELD_CREATED_BY, a, m->c->created_by);
	return s;
}

void atif_set_times(struct span *s, int64_t start_ns, int64_t end_ns)
{
	span_set_i64(s, FIELD_STARTED_AT, start_ns);
	if (end_ns != ATIF_NO_TIME && end_ns >= start_ns)
		span_set_i64(s, FIELD_ENDED_AT, end_ns);
}

void atif_note_undated(struct atif_mapper *m, unsigned depth, int64_t after_ns)
{
	if (m->undated || depth != 1)
		return;
	m->undated = m->n;
	m->undated_after_ns = after_ns;
}

/* Sets a text unchanged, and parts of content in the form in which they are shown. */
static void set_content(struct atif_mapper *m, struct span *s, enum field f, struct json v)
{
	if (v.type == JSON_STRING && v.raw.len > STR("\"\"").len)
		span_set_text(s, f, json_canonical(m->arena, v.raw));
	else if (v.type == JSON_ARRAY || v.type == JSON_OBJECT)
		span_set_text(
			s, f, atif_map_shown(m, atif_agent_step.fields[ATIF_STEP_MESSAGE].type, v));
}

/* Sets each of the four values that `metrics` has and `without` has not. */
static void set_metrics(
	struct atif_mapper *m, struct span *s, const struct json *at, const bool *is_elsewhere)
{
	static const enum field fields[] = { [ATIF_PROMPT_TOKENS] = FIELD_INPUT_TOKENS,
		[ATIF_COMPLETION_TOKENS] = FIELD_OUTPUT_TOKENS,
		[ATIF_CACHED_TOKENS] = FIELD_CACHED_TOKENS };
	int64_t n, total = 0;
	bool has_total = false;
	for (unsigned i = ATIF_PROMPT_TOKENS; i <= ATIF_CACHED_TOKENS; i++) {
		if ((is_elsewhere && is_elsewhere[i]) || !pydantic_int(m->arena, at[i], &n) ||
			n < 0)
			continue;
		span_set_i64(s, fields[i], n);
		if (i != ATIF_CACHED_TOKENS && !__builtin_add_overflow(total, n, &total))
			has_total = true;
	}
	if (has_total)
		span_set_i64(s, FIELD_TOTAL_TOKENS, total);
	struct str cost;
	if (!(is_elsewhere && is_elsewhere[ATIF_COST_USD]) &&
		pydantic_float(m->arena, at[ATIF_COST_USD], &cost) && cost.ptr[0] != '-')
		span_set_text(s, FIELD_COST_TOTAL_USD, cost);
}

/* ---- Results of tools ---- */

static bool has_error_mark(struct arena *a, struct json content)
{
	struct str text = json_decode(a, json_body(content)), mark = STR("[error]");
	for (size_t i = 0; i + mark.len <= text.len; i++)
		if (text.ptr[i] == '[' && str_eq_nocase(str_of(text.ptr + i, mark.len), mark))
			return true;
	return false;
}

/* Returns the metadata of the call that the result names, or of the only call of the step. */
static struct json result_metadata(const struct atif_step *step, const struct json *result)
{
	const struct json none = { JSON_NONE, STR_NULL };
	struct json metadata = json_get(step->at[ATIF_STEP_EXTRA], STR("tool_result_metadata"));
	if (metadata.type != JSON_OBJECT || !result)
		return none;
	struct json raw = json_get(metadata, STR("raw_tool_result"));
	struct json id = json_get(raw, STR("tool_use_id"));
	struct json call = json_get(*result, STR("source_call_id"));
	if (id.type == JSON_STRING)
		return call.type == JSON_STRING && str_eq(id.raw, call.raw) ? metadata : none;
	return step->n_observed == 1 ? metadata : none;
}

static void atif_map_set_error(struct atif_mapper *m, struct span *s, const struct atif_step *step,
	const struct json *result)
{
	struct json metadata = result_metadata(step, result);
	struct json content =
		result ? json_get(*result, STR("content")) : (struct json){ JSON_NONE, STR_NULL };
	bool is_marked = json_get(step->at[ATIF_STEP_EXTRA], STR("tool_result_is_error")).type ==
				 JSON_TRUE &&
			 result && step->n_observed == 1;
	bool is_error = json_get(metadata, STR("is_error")).type == JSON_TRUE || is_marked ||
			(content.type == JSON_STRING && has_error_mark(m->arena, content));
	if (!is_error)
		return;
	span_set_i64(s, FIELD_STATUS, STATUS_ERROR);
	if (content.type != JSON_STRING)
		content = json_get(json_get(metadata, STR("raw_tool_result")), STR("content"));
	nemo_ingest_set_text(s, m->arena, FIELD_ERROR_MESSAGE, content);
}

/* Returns {"step_id":…,"tool_call":…,"observation_result":…} with the members that exist. */
static struct str raw_of_step(struct atif_mapper *m, const struct atif_step *step,
	const char *first, struct str first_json, const char *second, struct str second_json)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, m->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	struct json id = step->at[ATIF_STEP_ID];
	json_member_raw(&w, STR("step_id"),
		id.type == JSON_NONE ? STR("null") : json_canonical(m->arena, id.raw));
	json_member_raw(&w, str_from_c(first), first_json);
	json_member_raw(&w, str_from_c(second), second_json);
	json_end(&w);
	return buf_str(&b);
}

static void set_step_model(struct atif_mapper *m, struct span *s, const struct atif_step *step)
{
	nemo_ingest_set_text(s, m->arena, FIELD_MODEL, step->at[ATIF_STEP_MODEL]);
}

static void atif_map_call(struct atif_mapper *m, const struct atif_place *p,
	const struct atif_step *step, size_t step_index, size_t call_index,
	const struct atif_ids *result_ids, struct str step_span_id, int64_t step_start_ns)
{
	struct arena *a = m->arena;
	struct json call = step->calls[call_index], at[ATIF_CALL__MAX];
	const struct json *result = NULL;
	size_t found;
	pydantic_split(&atif_tool_call, call, at);
	struct str id = json_canonical_body(a, json_body(at[ATIF_CALL_ID]));
	if (at[ATIF_CALL_ID].type == JSON_STRING && atif_ids_find(result_ids, id, &found))
		result = &step->observed[found];
	struct str call_json = atif_map_shown(m, &atif_tool_call, call);
	struct str result_json = result ? atif_map_shown(m, &atif_observed, *result) : STR("null");
	const struct str parts[] = { number_text(m, step_index), STR("tool"),
		number_text(m, call_index), atif_hashed_form(m, call_json) };
	struct span *s =
		atif_begin_span(m, p->tree, atif_make_id(m, parts, 4), step_span_id, KIND_TOOL);
	nemo_ingest_set_text(s, a, FIELD_NAME, at[ATIF_CALL_FUNCTION]);
	nemo_ingest_set_text(s, a, FIELD_TOOL_NAME, at[ATIF_CALL_FUNCTION]);
	set_step_model(m, s, step);
	atif_map_set_error(m, s, step, result);
	int64_t start_ns, end_ns;
	atif_invocation(at[ATIF_CALL_EXTRA], &start_ns, &end_ns);
	atif_set_times(s, start_ns == ATIF_NO_TIME ? step_start_ns : start_ns, end_ns);
	span_set_text(s, FIELD_INPUT, call_json);
	if (result)
		span_set_text(s, FIELD_OUTPUT, result_json);
	span_set_text(s, FIELD_ATTRIBUTES,
		raw_of_step(m, step, "tool_call", call_json, "observation_result", result_json));
}

/* ---- Subagents ---- */

/* Adds a span for a trajectory that is not in the document. */
static void map_reference(struct atif_mapper *m, const struct atif_place *p,
	const struct atif_step *step, size_t step_index, size_t result_index, size_t ref_index,
	struct json ref, struct str step_span_id, int64_t step_start_ns)
{
	struct arena *a = m->arena;
	struct json at[ATIF_REF__MAX];
	pydantic_split(&atif_ref, ref, at);
	struct json id = at[ATIF_REF_TRAJECTORY_ID].type == JSON_STRING ? at[ATIF_REF_TRAJECTORY_ID]
			 : at[ATIF_REF_PATH].type == JSON_STRING        ? at[ATIF_REF_PATH]
									: at[ATIF_REF_SESSION_ID];
	struct str name = json_decode(a, json_body(id));
	struct str ref_json = atif_map_shown(m, &atif_ref, ref);
	struct str result_json = atif_map_shown(m, &atif_observed, step->observed[result_index]);
	const struct str parts[] = { number_text(m, step_index), STR("subagent"),
		number_text(m, result_index), number_text(m, ref_index), name };
	struct span *s =
		atif_begin_span(m, p->tree, atif_make_id(m, parts, 5), step_span_id, KIND_AGENT);
	span_set_plain(s, FIELD_NAME, a, arena_printf(a, "subagent-%.*s", STR_ARG(name)));
	set_step_model(m, s, step);
	atif_map_set_error(m, s, step, &step->observed[result_index]);
	atif_set_times(s, step_start_ns, step->end_ns);
	span_set_text(s, FIELD_INPUT, ref_json);
	span_set_text(s, FIELD_OUTPUT, result_json);
	span_set_text(s, FIELD_ATTRIBUTES,
		raw_of_step(m, step, "observation_result", result_json, "subagent_trajectory_ref",
			ref_json));
}

static void map_subagent(struct atif_mapper *m, const struct atif_place *p, size_t index,
	struct str parent_id, int64_t fallback_ns)
{
	const struct atif_tree *t = &p->tree->subagents[index];
	p->is_expanded[index] = true;
	m->identity[m->n_identity++] = STR("subagent");
	m->identity[m->n_identity++] = json_decode(m->arena, t->id);
	map_trajectory(m, t, parent_id, fallback_ns, p->depth + 1);
	m->n_identity -= 2;
}

static void map_references(struct atif_mapper *m, const struct atif_place *p,
	const struct atif_step *step, size_t step_index, struct str step_span_id,
	int64_t step_start_ns)
{
	for (size_t r = 0; r < step->n_observed; r++) {
		struct json refs = json_get(step->observed[r], STR("subagent_trajectory_ref"));
		size_t i = 0;
		for (struct json_iter it = json_elements(refs); json_next(&it); i++) {
			struct json id = json_get(it.value, STR("trajectory_id"));
			struct str body = json_canonical_body(m->arena, json_body(id));
			size_t found;
			if (id.type == JSON_STRING &&
				atif_ids_find(&p->subagent_ids, body, &found) &&
				!p->is_expanded[found])
				map_subagent(m, p, found, step_span_id, step_start_ns);
			else
				map_reference(m, p, step, step_index, r, i, it.value, step_span_id,
					step_start_ns);
		}
	}
}

/* ---- Steps ---- */

/* Returns what an agent said: {"message":…,"reasoning_content":…,"tool_calls":[…]}, or STR_NULL
 * when it said nothing. */
static struct str agent_output(struct atif_mapper *m, const struct atif_step *step)
{
	static const unsigned fields[] = { ATIF_STEP_MESSAGE, ATIF_STEP_REASONING,
		ATIF_STEP_TOOL_CALLS };
	struct buf b;
	struct json_writer w;
	buf_init(&b, m->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const struct pydantic_field *f = &atif_agent_step.fields[fields[i]];
		struct json v = step->at[fields[i]];
		if (pydantic_is_set(v) && !(i == 0 && is_empty_text(v)))
			json_member_raw(&w, str_from_c(f->name), atif_map_shown(m, f->type, v));
	}
	json_end(&w);
	return b.len > STR("{}").len ? buf_str(&b) : STR_NULL;
}

static void set_step_payload(struct atif_mapper *m, struct span *s, const struct atif_step *step)
{
	if (!step->is_agent) {
		set_content(m, s, FIELD_INPUT, step->at[ATIF_STEP_MESSAGE]);
		return;
	}
	struct str output = agent_output(m, step);
	if (!str_is_null(output))
		span_set_text(s, FIELD_OUTPUT, output);
}

/* Returns a name such as "user-1". */
static struct str step_name(struct atif_mapper *m, const struct atif_step *step, size_t index)
{
	int64_t id = (int64_t)index + 1;
	(void)pydantic_int(m->arena, step->at[ATIF_STEP_ID], &id); /* otherwise its position */
	return arena_printf(m->arena, "%.*s-%lld",
		STR_ARG(step->source.len ? step->source : STR("step")), (long long)id);
}

static void map_step(struct atif_mapper *m, struct atif_place *p, size_t index)
{
	const struct atif_step *step = &p->tree->steps[index];
	struct str raw = atif_map_shown(m, &atif_agent_step, step->raw);
	const struct str parts[] = { number_text(m, index), atif_hashed_form(m, raw) };
	struct str span_id = atif_make_id(m, parts, 2);
	struct span *s = atif_begin_span(
		m, p->tree, span_id, p->span_id, step->is_agent ? KIND_LLM : KIND_AGENT);
	/* Steps without a time keep their order. */
	int64_t start_ns = step->start_ns;
	if (start_ns == ATIF_NO_TIME) {
		start_ns = p->fallback_ns + (int64_t)index * NS_PER_MS;
		atif_note_undated(m, p->depth, (int64_t)index * NS_PER_MS);
	}
	atif_set_times(s, start_ns, step->end_ns);
	if (step->is_agent && span_has(s, FIELD_AGENT_NAME))
		span_set_text(s, FIELD_NAME, span_text(s, FIELD_AGENT_NAME));
	else
		span_set_text(s, FIELD_NAME, step_name(m, step, index));
	set_step_model(m, s, step);
	struct json metrics[PYDANTIC_FIELDS_MAX];
	pydantic_split(&atif_metrics, step->at[ATIF_STEP_METRICS], metrics);
	set_metrics(m, s, metrics, NULL);
	set_step_payload(m, s, step);
	if (step->raw.type != JSON_OBJECT)
		raw = arena_printf(m->arena, "{\"step\":%.*s}", STR_ARG(raw));
	span_set_text(s, FIELD_ATTRIBUTES, raw);
	struct atif_ids result_ids;
	struct json *names = atif_members(
		m->arena, &atif_observed, ATIF_RESULT_CALL_ID, step->observed, step->n_observed);
	atif_ids_make(&result_ids, m->arena, names, step->n_observed);
	for (size_t i = 0; i < step->n_calls; i++)
		atif_map_call(m, p, step, index, i, &result_ids, span_id, start_ns);
	map_references(m, p, step, index, span_id, start_ns);
}

/* ---- Trajectories ---- */

/* Sets only the totals that the steps do not have. */
static void set_final_metrics(struct atif_mapper *m, struct span *s, const struct atif_tree *t)
{
	bool is_elsewhere[ATIF_METRICS__COMMON] = { false };
	struct json at[PYDANTIC_FIELDS_MAX];
	for (size_t i = 0; i < t->n_steps; i++) {
		if (!pydantic_is_set(t->steps[i].at[ATIF_STEP_METRICS]))
			continue;
		pydantic_split(&atif_metrics, t->steps[i].at[ATIF_STEP_METRICS], at);
		for (unsigned f = 0; f < ATIF_METRICS__COMMON; f++)
			is_elsewhere[f] |= pydantic_is_set(at[f]);
	}
	pydantic_split(&atif_final_metrics, t->at[ATIF_FINAL_METRICS], at);
	set_metrics(m, s, at, is_elsewhere);
}

static void set_trajectory_payloads(
	struct atif_mapper *m, struct span *s, const struct atif_tree *t)
{
	for (size_t i = 0; i < t->n_steps; i++)
		if (str_eq(t->steps[i].source, STR("user"))) {
			set_content(m, s, FIELD_INPUT, t->steps[i].at[ATIF_STEP_MESSAGE]);
			break;
		}
	for (size_t i = t->n_steps; i > 0; i--) {
		const struct atif_step *step = &t->steps[i - 1];
		if (!step->is_agent)
			continue;
		set_content(m, s, FIELD_OUTPUT, step->at[ATIF_STEP_MESSAGE]);
		if (!span_has(s, FIELD_OUTPUT))
			set_step_payload(m, s, step);
		break;
	}
}

/* Returns the members that have no spans of their own. The session is the trace's, given or
 * derived. */
static struct str trajectory_raw(struct atif_mapper *m, const struct atif_tree *t)
{
	const uint32_t skip = 1u << ATIF_STEPS | 1u << ATIF_SUBAGENTS |
			      1u << ATIF_EVALUATION_CONTEXT | 1u << ATIF_EXPERIMENT_CONTEXT;
	struct buf b;
	buf_init(&b, m->arena);
	atif_dump(&b, m->arena, &atif_body, t->raw, skip);
	return buf_str(&b);
}

static void map_trajectory(struct atif_mapper *m, const struct atif_tree *t, struct str parent_id,
	int64_t fallback_ns, unsigned depth)
{
	const struct str parts[] = { STR("trajectory") };
	struct atif_place p = { .tree = t,
		.span_id = atif_make_id(m, parts, 1),
		.fallback_ns = fallback_ns,
		.depth = depth };
	struct span *s = atif_begin_span(m, t, p.span_id, parent_id, KIND_AGENT);
	int64_t start_ns = t->start_ns == ATIF_NO_TIME ? fallback_ns : t->start_ns;
	if (t->start_ns == ATIF_NO_TIME)
		atif_note_undated(m, depth, 0);
	nemo_ingest_set_text(s, m->arena, FIELD_NAME, t->agent[ATIF_AGENT_NAME]);
	atif_set_times(s, start_ns, t->end_ns);
	set_final_metrics(m, s, t);
	set_trajectory_payloads(m, s, t);
	if (depth == 1)
		nemo_ingest_set_context(s, m->arena, t->at[ATIF_EVALUATION_CONTEXT],
			t->at[ATIF_EXPERIMENT_CONTEXT]);
	span_set_text(s, FIELD_ATTRIBUTES, trajectory_raw(m, t));
	atif_map_verifier(m, &p);

	struct json *names =
		arena_calloc(m->arena, t->n_subagents ? t->n_subagents : 1, sizeof *names);
	for (size_t i = 0; i < t->n_subagents; i++)
		names[i] = t->subagents[i].at[ATIF_TRAJECTORY_ID];
	atif_ids_make(&p.subagent_ids, m->arena, names, t->n_subagents);
	p.is_expanded =
		arena_calloc(m->arena, t->n_subagents ? t->n_subagents : 1, sizeof *p.is_expanded);
	for (size_t i = 0; i < t->n_steps; i++)
		map_step(m, &p, i);
	/* Adds the subagents that no step refers to. */
	for (size_t i = 0; i < t->n_subagents; i++)
		if (!p.is_expanded[i])
			map_subagent(m, &p, i, p.span_id, start_ns);
}

/* Derives a session from the body when it has none, so that a repeated request is the same
 * trace. */
static struct str session_of(
	const struct atif_context *c, struct json body, const struct atif_tree *t)
{
	struct json given = t->at[ATIF_SESSION_ID];
	if (given.type == JSON_STRING && !is_empty_text(given))
		return json_canonical_body(c->arena, json_body(given));
	const struct str parts[] = { c->workspace, STR("atif"),
		json_canonical(c->arena, body.raw) };
	return stable_id(c->arena, STR("session"), parts, 3);
}

bool atif_map(const struct atif_context *c, struct json body, struct atif_result *ret,
	struct str *ret_reason)
{
	struct atif_tree tree;
	struct json steps = json_get(body, STR("steps"));
	if (body.type != JSON_OBJECT || (steps.type != JSON_ARRAY && steps.type != JSON_NONE)) {
		*ret_reason = STR("ATIF trajectory must be an object with a list of steps");
		return false;
	}
	if (!atif_tree_read(c->arena, body, &tree, ret_reason))
		return false;
	struct atif_mapper *m = arena_calloc(c->arena, 1, sizeof *m);
	m->c = c;
	m->arena = c->arena;
	m->session_id = session_of(c, body, &tree);
	m->identity[m->n_identity++] = c->workspace;
	m->identity[m->n_identity++] = json_decode(c->arena, m->session_id);
	map_trajectory(m, &tree, STR(""), c->fallback_ns, 1);
	for (size_t i = 0; i < m->n; i++)
		span_normalise(&m->spans[i], c->arena, c->workspace, c->now_ns);
	*ret = (struct atif_result){ .spans = m->spans,
		.n_spans = m->n,
		.results = m->results,
		.n_results = m->n_results,
		.undated = m->undated ? &m->spans[m->undated - 1] : NULL,
		.undated_after_ns = m->undated_after_ns };
	return true;
}
