/*
 * Serves evaluator results: the verdict of a program about a span, as a number, a boolean or a
 * text. The id is derived from workspace, session, span and name, so that a repeated result
 * replaces the earlier one.
 */
#include "api/nemo/ingest.h"
#include "api/nemo/notes.h"

#include "span/normalise.h"

static const struct str data_types[] = { { "NUMERIC", 7 }, { "BOOLEAN", 7 }, { "CATEGORICAL", 11 },
	{ "TEXT", 4 } };

enum { SPAN_ID, SESSION_ID, NAME, VALUE, STRING_VALUE, DATA_TYPE, COMMENT, RESULT__MAX };

static struct str nemo_results_check_value(void *user, struct arena *a, struct json v);

static const struct pydantic number_or_null = { .type = PYDANTIC_FLOAT, .is_nullable = true };
static const struct pydantic data_type = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(data_types) };
static const struct pydantic_field result_fields[RESULT__MAX] = {
	[SPAN_ID] = { "span_id", &pydantic_str, true },
	[SESSION_ID] = { "session_id", &pydantic_str, true },
	[NAME] = { "name", &pydantic_str, true },
	[VALUE] = { "value", &number_or_null, false },
	[STRING_VALUE] = { "string_value", &pydantic_str_or_null, false },
	[DATA_TYPE] = { "data_type", &data_type, true },
	[COMMENT] = { "comment", &pydantic_str_or_null, false },
};
static const struct pydantic result_model = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(result_fields),
	.extra = PYDANTIC_FORBID,
	.after = nemo_results_check_value,
};

/* True for NUMERIC and BOOLEAN, which have a number. The others have a text. */
static bool is_numeric(struct json type)
{
	return json_body_is(json_body(type), STR("NUMERIC")) ||
	       json_body_is(json_body(type), STR("BOOLEAN"));
}

static struct str nemo_results_check_value(void *user, struct arena *a, struct json v)
{
	struct json at[RESULT__MAX];
	struct str dec, type;
	double d;
	(void)user;
	pydantic_split(&result_model, v, at);
	type = json_decode(a, json_body(at[DATA_TYPE]));
	unsigned needed = is_numeric(at[DATA_TYPE]) ? VALUE : STRING_VALUE;
	if (!pydantic_is_set(at[needed]))
		return arena_printf(a, "`%s` is required when data_type is %.*s.",
			result_fields[needed].name, STR_ARG(type));
	if (str_eq(type, STR("BOOLEAN")) && pydantic_float(a, at[VALUE], &dec) &&
		str_to_double(dec, &d) && d != 0 && d != 1)
		return STR("`value` must be 0 or 1 when data_type is BOOLEAN.");
	return STR_NULL;
}

/* Sets VALUE to the value that goes with the type, and keeps the other one in EXTRA. */
static void set_values(struct note *n, struct arena *a, const struct json *at)
{
	bool is_number = is_numeric(at[DATA_TYPE]);
	struct str dec = STR_NULL, text = STR_NULL;
	(void)pydantic_float(a, at[VALUE], &dec); /* or absent */
	if (at[STRING_VALUE].type == JSON_STRING)
		text = json_canonical(a, at[STRING_VALUE].raw);
	n->text[NOTE_FIELD_VALUE] = is_number ? dec : text;
	if (is_number && !str_is_null(text))
		n->text[NOTE_FIELD_EXTRA] =
			arena_printf(a, "{\"string_value\":%.*s}", STR_ARG(text));
	if (!is_number && !str_is_null(dec))
		n->text[NOTE_FIELD_EXTRA] = arena_printf(a, "{\"value\":%.*s}", STR_ARG(dec));
}

static void write_result(struct json_writer *w, struct str workspace, const struct note *n)
{
	struct json value = json_open(n->text[NOTE_FIELD_VALUE]);
	struct json extra = json_open(n->text[NOTE_FIELD_EXTRA]);
	struct json text = value.type == JSON_STRING ? value : json_get(extra, STR("string_value"));
	json_object(w);
	json_member_body(w, STR("evaluator_result_id"), n->text[NOTE_FIELD_ID]);
	nemo_render_note_text(w, STR("span_id"), n, NOTE_FIELD_SPAN_ID);
	nemo_render_note_text(w, STR("session_id"), n, NOTE_FIELD_SESSION_ID);
	json_member_text(w, STR("workspace"), workspace);
	nemo_render_note_text(w, STR("name"), n, NOTE_FIELD_NAME);
	nemo_render_note_number(w, STR("value"), nemo_note_value(n));
	if (text.type == JSON_STRING)
		json_member_body(w, STR("string_value"), json_body(text));
	nemo_render_note_text(w, STR("data_type"), n, NOTE_FIELD_VALUE_TYPE);
	nemo_render_note_text(w, STR("comment"), n, NOTE_FIELD_REASON);
	nemo_render_note_origin(w, n);
	json_end(w);
}

static const struct str sorts[] = { { "created_at", 10 }, { "-created_at", 11 }, { "value", 5 },
	{ "-value", 6 } };

static const struct nemo_notes results = {
	.kind = NOTE_RESULT,
	.of = NEMO_FILTER_RESULTS,
	.name = "evaluator_result",
	.title = "Evaluator result",
	.sorts = sorts,
	.n_sorts = sizeof sorts / sizeof sorts[0],
	.default_sort = 1,
	.write = write_result,
};

void nemo_results_list(struct request *r)
{
	nemo_notes_list(r, &results);
}

void nemo_results_of_span(struct request *r)
{
	nemo_notes_of_span(r, &results);
}

void nemo_result_get(struct request *r)
{
	nemo_notes_get(r, &results);
}

void nemo_result_delete(struct request *r)
{
	nemo_notes_delete(r, &results);
}

void nemo_result_create(struct request *r)
{
	struct problems p = { .arena = r->arena };
	struct arena *a = r->arena;
	struct json body, at[RESULT__MAX];
	struct note n;
	if (!nemo_ingest_body(r, LIMIT_DEPTH, &body))
		return;
	if (!pydantic_check(&p, &result_model, body, NULL)) {
		nemo_unprocessable(r, &p);
		return;
	}
	pydantic_split(&result_model, body, at);
	note_init(&n, NOTE_RESULT, NOTE_ABOUT_SPAN);
	const struct str parts[] = { r->workspace, json_decode(a, json_body(at[SESSION_ID])),
		json_decode(a, json_body(at[SPAN_ID])), json_decode(a, json_body(at[NAME])) };
	n.text[NOTE_FIELD_ID] = stable_id(a, STR("eval"), parts, 4);
	nemo_set_note_text(&n, a, NOTE_FIELD_SPAN_ID, at[SPAN_ID]);
	nemo_set_note_text(&n, a, NOTE_FIELD_SESSION_ID, at[SESSION_ID]);
	nemo_set_note_text(&n, a, NOTE_FIELD_NAME, at[NAME]);
	nemo_set_note_text(&n, a, NOTE_FIELD_VALUE_TYPE, at[DATA_TYPE]);
	nemo_set_note_text(&n, a, NOTE_FIELD_REASON, at[COMMENT]);
	set_values(&n, a, at);
	nemo_notes_create(r, &results, &n);
}
