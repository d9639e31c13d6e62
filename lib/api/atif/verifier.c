/*
 * Maps the result of a verifier (Harbor's extra.verifier_result) to a span of kind EVALUATOR and a
 * result for each of its rewards.
 */
#include "api/atif/map.h"

#include "span/normalise.h"
#include "json/write.h"

static bool is_scalar(struct json v)
{
	return v.type == JSON_TRUE || v.type == JSON_FALSE || v.type == JSON_NUMBER ||
	       v.type == JSON_STRING;
}

/* Returns the single score of a verifier's result as JSON. */
static struct str atif_verifier_score_of(struct arena *a, struct json result)
{
	struct json score = json_get(result, STR("score"));
	struct json rewards = json_get(result, STR("rewards"));
	if (!is_scalar(score))
		score = json_get(rewards, STR("reward"));
	if (!is_scalar(score)) {
		struct json_iter it = json_members(rewards);
		if (json_next(&it))
			score = it.value;
		if (json_next(&it))
			score.type = JSON_NONE;
	}
	return is_scalar(score) ? json_canonical(a, score.raw) : STR("null");
}

static void add_result(struct atif_mapper *m, struct str span_id, struct str name, struct json v)
{
	struct arena *a = m->arena;
	const struct str parts[] = { span_id, json_decode(a, name) };
	struct note note;
	if (!is_scalar(v))
		return;
	if (m->n_results == m->cap_results) {
		m->cap_results = m->cap_results ? m->cap_results * 2 : 8;
		m->results = arena_block(a, m->results, m->cap_results * sizeof *m->results);
	}
	note_init(&note, NOTE_RESULT, NOTE_ABOUT_SPAN);
	note.text[NOTE_FIELD_ID] = stable_id(a, STR("eval"), parts, 2);
	note.text[NOTE_FIELD_SPAN_ID] = span_id;
	note.text[NOTE_FIELD_SESSION_ID] = m->session_id;
	note.text[NOTE_FIELD_NAME] = name;
	note.text[NOTE_FIELD_VALUE] = v.type == JSON_TRUE    ? STR("1")
				      : v.type == JSON_FALSE ? STR("0")
							     : json_canonical(a, v.raw);
	note.text[NOTE_FIELD_VALUE_TYPE] = v.type == JSON_STRING   ? STR("TEXT")
					   : v.type == JSON_NUMBER ? STR("NUMERIC")
								   : STR("BOOLEAN");
	note.text[NOTE_FIELD_CREATED_BY] = STR("intake:atif_importer");
	note.created_ns = note.updated_ns = m->c->now_ns;
	m->results[m->n_results++] = note;
}

static void add_results(struct atif_mapper *m, struct str span_id, struct json result)
{
	struct json rewards = json_get(result, STR("rewards"));
	if (rewards.type != JSON_OBJECT) {
		add_result(m, span_id, STR("reward"), json_get(result, STR("score")));
		return;
	}
	for (struct json_iter it = json_members(rewards); json_next(&it);)
		add_result(m, span_id, json_canonical_body(m->arena, it.key), it.value);
}

/* Returns what was verified as Python writes it, because it is hashed. */
static struct str verifier_input(struct atif_mapper *m, struct str span_id, struct json extra)
{
	static const struct str names[] = { { "task_id", 7 }, { "task_name", 9 },
		{ "trial_name", 10 }, { "trial_uri", 9 } };
	struct buf b, text;
	struct json_writer w;
	buf_init(&b, m->arena);
	buf_init(&text, m->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_body(&w, STR("session_id"), m->session_id);
	json_member_body(&w, STR("evaluated_span_id"), span_id);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct json v = json_get(extra, names[i]);
		if (pydantic_is_set(v))
			json_member_raw(&w, names[i], json_canonical(m->arena, v.raw));
	}
	json_end(&w);
	atif_python_json(&text, m->arena, json_open(buf_str(&b)), false);
	return buf_str(&text);
}

static struct str verifier_metadata(struct atif_mapper *m, struct json verifier)
{
	struct buf b, text;
	struct json_writer w;
	buf_init(&b, m->arena);
	buf_init(&text, m->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_text(&w, STR("source"), STR("harbor"));
	json_member_text(&w, STR("event_type"), STR("evaluator_result"));
	json_member_text(&w, STR("name"), STR("harbor.verifier"));
	if (verifier.type == JSON_OBJECT)
		json_member_raw(&w, STR("verifier"), json_canonical(m->arena, verifier.raw));
	json_end(&w);
	atif_python_json(&text, m->arena, json_open(buf_str(&b)), false);
	return buf_str(&text);
}

void atif_map_verifier(struct atif_mapper *m, const struct atif_place *p)
{
	struct arena *a = m->arena;
	struct json extra = p->tree->at[ATIF_EXTRA], at_time;
	struct json result = json_get(extra, STR("verifier_result"));
	struct json verifier = json_get(extra, STR("verifier"));
	if (result.type != JSON_OBJECT)
		return;
	struct str result_json = json_canonical(a, result.raw),
		   score = atif_verifier_score_of(a, result);
	struct str input = verifier_input(m, p->span_id, extra);
	struct buf output, raw;
	buf_init(&output, a);
	atif_python_json(&output, a,
		json_open(arena_printf(a, "{\"score\":%.*s,\"verifier_result\":%.*s}",
			STR_ARG(score), STR_ARG(result_json))),
		false);
	struct json_writer w;
	buf_init(&raw, a);
	json_writer_init(&w, &raw);
	json_object(&w);
	json_member_text(&w, STR("openinference.span.kind"), STR("EVALUATOR"));
	json_member_text(&w, STR("input.value"), input);
	json_member_text(&w, STR("input.mime_type"), STR("application/json"));
	json_member_text(&w, STR("output.value"), buf_str(&output));
	json_member_text(&w, STR("output.mime_type"), STR("application/json"));
	json_member_text(&w, STR("metadata"), verifier_metadata(m, verifier));
	json_member_text(&w, STR("event_type"), STR("evaluator_result"));
	json_member_text(&w, STR("name"), STR("harbor.verifier"));
	json_member_raw(&w, STR("score"), score);
	json_member_raw(&w, STR("verifier_result"), result_json);
	json_end(&w);
	const struct str parts[] = { STR("evaluator"), atif_hashed_form(m, buf_str(&raw)) };
	struct str span_id = atif_make_id(m, parts, 2);
	struct span *s = atif_begin_span(m, p->tree, span_id, p->span_id, KIND_EVALUATOR);
	span_set_text(s, FIELD_NAME, STR("harbor.verifier"));
	int64_t start_ns = p->fallback_ns, end_ns = ATIF_NO_TIME;
	at_time = json_get(verifier, STR("started_at"));
	if (!atif_time(a, at_time, &start_ns)) /* otherwise the time of arrival */
		atif_note_undated(m, p->depth, 0);
	at_time = json_get(verifier, STR("finished_at"));
	(void)atif_time(a, at_time, &end_ns);
	atif_set_times(s, start_ns, end_ns);
	span_set_text(s, FIELD_INPUT, input);
	span_set_text(s, FIELD_OUTPUT, buf_str(&output));
	span_set_text(s, FIELD_ATTRIBUTES, buf_str(&raw));
	add_results(m, span_id, result);
}
