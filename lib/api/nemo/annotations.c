/*
 * Serves annotations: feedback, labels, notes and metadata that people put on a span or a session.
 *
 * NeMo has had two forms of the body. The flat form has a member for each type of value
 * (value_text, value_numeric, text, metadata). The later form has `value` and, for labels,
 * `value_type`; its kinds differ from those of the flat form. Both are accepted, and answers have
 * the members of both. In a stored note CATEGORY is the kind, VALUE the value (a text, a number, or
 * metadata) and REASON the text.
 */
#include "api/nemo/ingest.h"
#include "api/nemo/notes.h"

#include "base/uuid.h"

/* Limits of NeMo, in characters. */
enum { NAME_MAX_CHARS = 256, VALUE_MAX_CHARS = 512, TEXT_MAX_CHARS = 10000 };

static const struct str kinds[] = { { "feedback", 8 }, { "label", 5 }, { "note", 4 },
	{ "metadata", 8 } };
static const struct str opinions[] = { { "positive", 8 }, { "negative", 8 } };
static const struct str value_types[] = { { "text", 4 }, { "numeric", 7 } };

static const struct pydantic kind = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(kinds) };
static const struct pydantic name_or_null = {
	.type = PYDANTIC_STR,
	.is_nullable = true,
	.max_length = NAME_MAX_CHARS,
};
static const struct pydantic value_or_null = {
	.type = PYDANTIC_STR,
	.is_nullable = true,
	.min_length = 1,
	.max_length = VALUE_MAX_CHARS,
};
static const struct pydantic number_or_null = { .type = PYDANTIC_FLOAT, .is_nullable = true };
static const struct pydantic text_or_null = {
	.type = PYDANTIC_STR,
	.is_nullable = true,
	.min_length = 1,
	.max_length = TEXT_MAX_CHARS,
};

/* ---- The flat form ---- */

enum {
	KIND,
	NAME,
	VALUE_TEXT,
	VALUE_NUMERIC,
	TEXT,
	METADATA,
	SPAN_ID,
	SESSION_ID,
	FLAT__MAX,
	/* Labels of the later form have these members too; other kinds have some of them. */
	VALUE = FLAT__MAX,
	VALUE_TYPE,
	TYPED__MAX
};

static struct str check_flat(void *user, struct arena *a, struct json v);

static const struct pydantic_field flat_fields[FLAT__MAX] = {
	[KIND] = { "kind", &kind, true },
	[NAME] = { "name", &name_or_null, false },
	[VALUE_TEXT] = { "value_text", &value_or_null, false },
	[VALUE_NUMERIC] = { "value_numeric", &number_or_null, false },
	[TEXT] = { "text", &text_or_null, false },
	[METADATA] = { "metadata", &pydantic_dict_or_null, false },
	[SPAN_ID] = { "span_id", &pydantic_str_or_null, false },
	[SESSION_ID] = { "session_id", &pydantic_str, true },
};
static const struct pydantic flat = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(flat_fields),
	.extra = PYDANTIC_FORBID,
	.after = check_flat,
};

/* The members that a kind may not have, in NeMo's order. */
static const struct {
	const char *kind;
	int forbidden[5]; /* ends with -1 */
} forbidden_of[] = {
	{ "feedback", { VALUE_NUMERIC, TEXT, METADATA, NAME, -1 } },
	{ "label", { TEXT, METADATA, -1 } },
	{ "note", { VALUE_TEXT, VALUE_NUMERIC, METADATA, NAME, -1 } },
	{ "metadata", { VALUE_TEXT, VALUE_NUMERIC, TEXT, NAME, -1 } },
};

static bool is_opinion(struct json v)
{
	return json_body_is(json_body(v), opinions[0]) || json_body_is(json_body(v), opinions[1]);
}

static struct str check_needs(struct str kind_name, const struct json *at)
{
	bool has_text = pydantic_is_set(at[VALUE_TEXT]),
	     has_number = pydantic_is_set(at[VALUE_NUMERIC]);
	struct json_iter members = json_members(at[METADATA]);
	if (str_eq(kind_name, STR("feedback")) && !is_opinion(at[VALUE_TEXT]))
		return STR("kind=feedback requires value_text in ['negative', 'positive']");
	if (str_eq(kind_name, STR("label")) && has_text == has_number)
		return STR("kind=label requires exactly one of `value_text` or `value_numeric`");
	if (str_eq(kind_name, STR("label")) && has_number && !pydantic_is_set(at[NAME]))
		return STR("kind=label with `value_numeric` requires `name`");
	if (str_eq(kind_name, STR("note")) && !pydantic_is_set(at[TEXT]))
		return STR("kind=note requires `text`");
	if (str_eq(kind_name, STR("metadata")) && !json_next(&members))
		return STR("kind=metadata requires non-empty `metadata`");
	return STR_NULL;
}

static struct str check_flat(void *user, struct arena *a, struct json v)
{
	struct json at[FLAT__MAX];
	(void)user;
	pydantic_split(&flat, v, at);
	struct str kind_name = json_decode(a, json_body(at[KIND]));
	struct str missing = check_needs(kind_name, at);
	if (!str_is_null(missing))
		return missing;
	for (size_t i = 0; i < sizeof forbidden_of / sizeof forbidden_of[0]; i++) {
		if (!str_eq(kind_name, str_from_c(forbidden_of[i].kind)))
			continue;
		for (const int *f = forbidden_of[i].forbidden; *f >= 0; f++)
			if (pydantic_is_set(at[*f]))
				return arena_printf(a, "kind=%s does not accept `%s`",
					forbidden_of[i].kind, flat_fields[*f].name);
	}
	return STR_NULL;
}

/* ---- The later form ---- */

static struct str check_label(void *user, struct arena *a, struct json v);
static struct str check_note(void *user, struct arena *a, struct json v);

static const struct pydantic any_kind = {
	.type = PYDANTIC_STR
}; /* the union has checked the value */
static const struct pydantic opinion = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(opinions) };
static const struct pydantic note_text = {
	.type = PYDANTIC_STR,
	.min_length = 1,
	.max_length = TEXT_MAX_CHARS,
};
static const struct pydantic filled_dict = { .type = PYDANTIC_DICT, .min_length = 1 };
static const struct pydantic value_type = { .type = PYDANTIC_LITERAL, PYDANTIC_NAMES(value_types) };
static const struct pydantic number = { .type = PYDANTIC_FLOAT };
static const struct pydantic_choice value_choices[] = {
	{ "str", &pydantic_str },
	{ "float", &number },
};
static const struct pydantic any_value = {
	.type = PYDANTIC_UNION,
	PYDANTIC_CHOICES(value_choices),
};

#define TARGET_FIELDS \
	{ "span_id", &pydantic_str_or_null, false }, { "session_id", &pydantic_str, true }, \
	{ \
		"kind", &any_kind, true \
	}

static const struct pydantic_field feedback_fields[] = { TARGET_FIELDS,
	{ "value", &opinion, true } };
/* The newest form names the text of a note `value`. */
static const struct pydantic_field note_fields[] = { TARGET_FIELDS, { "text", &note_text, false },
	{ "value", &note_text, false } };
static const struct pydantic_field metadata_fields[] = { TARGET_FIELDS,
	{ "metadata", &filled_dict, true } };
static const struct pydantic_field label_fields[] = { TARGET_FIELDS,
	{ "value_type", &value_type, true }, { "value", &any_value, true },
	{ "name", &name_or_null, false } };

static const struct pydantic feedback = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(feedback_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic note_model = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(note_fields),
	.extra = PYDANTIC_FORBID,
	.after = check_note,
};
static const struct pydantic metadata_model = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(metadata_fields),
	.extra = PYDANTIC_FORBID,
};
static const struct pydantic label = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(label_fields),
	.extra = PYDANTIC_FORBID,
	.after = check_label,
};
static const struct pydantic_choice typed_choices[] = {
	{ "feedback", &feedback },
	{ "note", &note_model },
	{ "metadata", &metadata_model },
	{ "label", &label },
};
static const struct pydantic typed = {
	.type = PYDANTIC_TAGGED,
	.tag = "kind",
	PYDANTIC_CHOICES(typed_choices),
};

static struct str check_label(void *user, struct arena *a, struct json v)
{
	struct json type = json_get(v, STR("value_type")), value = json_get(v, STR("value"));
	bool is_numeric = json_body_is(json_body(type), STR("numeric"));
	(void)user, (void)a;
	if (is_numeric && value.type == JSON_STRING)
		return STR("value_type=numeric requires a numeric `value`");
	if (is_numeric && !pydantic_is_set(json_get(v, STR("name"))))
		return STR("value_type=numeric requires `name`");
	if (!is_numeric && value.type != JSON_STRING)
		return STR("value_type=text requires a string `value`");
	return STR_NULL;
}

static struct str check_note(void *user, struct arena *a, struct json v)
{
	bool has_text = pydantic_is_set(json_get(v, STR("text"))),
	     has_value = pydantic_is_set(json_get(v, STR("value")));
	(void)user, (void)a;
	return has_text == has_value ? STR("kind=note requires exactly one of `text` or `value`")
				     : STR_NULL;
}

/* All members that either form may have. */
static const struct pydantic_field all_fields[TYPED__MAX] = {
	[KIND] = { "kind", &pydantic_any, false },
	[NAME] = { "name", &pydantic_any, false },
	[VALUE_TEXT] = { "value_text", &pydantic_any, false },
	[VALUE_NUMERIC] = { "value_numeric", &pydantic_any, false },
	[TEXT] = { "text", &pydantic_any, false },
	[METADATA] = { "metadata", &pydantic_any, false },
	[SPAN_ID] = { "span_id", &pydantic_any, false },
	[SESSION_ID] = { "session_id", &pydantic_any, false },
	[VALUE] = { "value", &pydantic_any, false },
	[VALUE_TYPE] = { "value_type", &pydantic_any, false },
};
static const struct pydantic either = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(all_fields) };

/* ---- Storing and answering ---- */

/* Returns ann- and 32 hex digits. */
static struct str new_id(struct request *r)
{
	struct uuid_source source = { 0, 0 };
	struct buf b;
	buf_init(&b, r->arena);
	buf_add(&b, STR("ann-"));
	struct str rest = uuid_new(&source, r->arena, r->now_ns);
	while (!str_is_null(rest))
		buf_add(&b, str_cut(&rest, '-'));
	return buf_str(&b);
}

static void make_note(struct request *r, struct json body, struct note *n)
{
	struct json at[TYPED__MAX];
	struct arena *a = r->arena;
	struct str dec;
	pydantic_split(&either, body, at);
	bool has_span = pydantic_is_set(at[SPAN_ID]);
	note_init(n, NOTE_ANNOTATION, has_span ? NOTE_ABOUT_SPAN : NOTE_ABOUT_SESSION);
	n->text[NOTE_FIELD_ID] = new_id(r);
	nemo_set_note_text(n, a, NOTE_FIELD_SPAN_ID, at[SPAN_ID]);
	nemo_set_note_text(n, a, NOTE_FIELD_SESSION_ID, at[SESSION_ID]);
	nemo_set_note_text(n, a, NOTE_FIELD_CATEGORY, at[KIND]);
	nemo_set_note_text(n, a, NOTE_FIELD_NAME, at[NAME]);
	bool is_note = json_body_is(json_body(at[KIND]), STR("note"));
	nemo_set_note_text(n, a, NOTE_FIELD_REASON,
		is_note && pydantic_is_set(at[VALUE]) ? at[VALUE] : at[TEXT]);
	if (is_note)
		return;
	struct json value = pydantic_is_set(at[VALUE])        ? at[VALUE]
			    : pydantic_is_set(at[VALUE_TEXT]) ? at[VALUE_TEXT]
							      : at[METADATA];
	bool is_number = pydantic_is_set(at[VALUE_NUMERIC]) ||
			 json_body_is(json_body(at[VALUE_TYPE]), STR("numeric"));
	if (is_number &&
		pydantic_float(
			a, pydantic_is_set(at[VALUE_NUMERIC]) ? at[VALUE_NUMERIC] : value, &dec))
		n->text[NOTE_FIELD_VALUE] = dec;
	else if (pydantic_is_set(value))
		n->text[NOTE_FIELD_VALUE] = json_canonical(a, value.raw);
}

static void write_annotation(struct json_writer *w, struct str workspace, const struct note *n)
{
	struct json value = json_open(n->text[NOTE_FIELD_VALUE]);
	struct str of = n->text[NOTE_FIELD_CATEGORY];
	bool is_label = str_eq(of, STR("label"));
	json_object(w);
	json_member_body(w, STR("annotation_id"), n->text[NOTE_FIELD_ID]);
	json_member_text(w, STR("workspace"), workspace);
	nemo_render_note_text(w, STR("span_id"), n, NOTE_FIELD_SPAN_ID);
	nemo_render_note_text(w, STR("session_id"), n, NOTE_FIELD_SESSION_ID);
	nemo_render_note_text(w, STR("kind"), n, NOTE_FIELD_CATEGORY);
	nemo_render_note_text(w, STR("name"), n, NOTE_FIELD_NAME);
	if (value.type == JSON_STRING) {
		json_member_body(w, STR("value_text"), json_body(value));
		json_member_body(w, STR("value"), json_body(value));
	} else if (value.type == JSON_NUMBER) {
		nemo_render_note_number(w, STR("value_numeric"), value.raw);
		nemo_render_note_number(w, STR("value"), value.raw);
	}
	if (is_label)
		json_member_text(w, STR("value_type"),
			value.type == JSON_NUMBER ? STR("numeric") : STR("text"));
	nemo_render_note_text(w, STR("text"), n, NOTE_FIELD_REASON);
	if (str_eq(of, STR("note")))
		nemo_render_note_text(w, STR("value"), n, NOTE_FIELD_REASON);
	if (value.type == JSON_OBJECT)
		json_member_raw(w, STR("metadata"), value.raw);
	nemo_render_note_origin(w, n);
	json_end(w);
}

static const struct str sorts[] = { { "created_at", 10 }, { "-created_at", 11 } };

static const struct nemo_notes annotations = {
	.kind = NOTE_ANNOTATION,
	.of = NEMO_FILTER_ANNOTATIONS,
	.name = "annotation",
	.title = "Annotation",
	.sorts = sorts,
	.n_sorts = sizeof sorts / sizeof sorts[0],
	.default_sort = 1,
	.write = write_annotation,
};

void nemo_annotations_list(struct request *r)
{
	nemo_notes_list(r, &annotations);
}

void nemo_annotation_get(struct request *r)
{
	nemo_notes_get(r, &annotations);
}

void nemo_annotation_delete(struct request *r)
{
	nemo_notes_delete(r, &annotations);
}

void nemo_annotation_create(struct request *r)
{
	struct problems p = { .arena = r->arena };
	struct json body;
	struct note n;
	if (!nemo_ingest_body(r, LIMIT_DEPTH, &body))
		return;
	bool is_typed = json_get(body, STR("value")).type != JSON_NONE ||
			json_get(body, STR("value_type")).type != JSON_NONE;
	if (!pydantic_check(&p, is_typed ? &typed : &flat, body, NULL)) {
		nemo_unprocessable(r, &p);
		return;
	}
	make_note(r, body, &n);
	nemo_notes_create(r, &annotations, &n);
}
