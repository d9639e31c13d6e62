/*
 * Renders a span with the members of Scale's schema in their order. Members without a value are
 * left out. Payloads are objects there, so any other value becomes {"value": …}.
 */
#include "api/scale/scale.h"

#include "api/key_set.h"
#include "base/limits.h"
#include "base/utime.h"
#include "span/normalise.h"

static void scale_render_write_body(struct json_writer *w, const char *key, struct str body)
{
	if (body.len)
		json_member_body(w, str_from_c(key), body);
}

static void scale_render_write_time(
	struct json_writer *w, const char *key, const struct span *s, enum field f)
{
	char text[UTIME_TEXT_MAX];
	if (span_has(s, f))
		json_member_body(
			w, str_from_c(key), str_of(text, utime_format(s->value[f].i64, text)));
}

/* Returns the object that a text spells, or STR_NULL. */
static struct str object_in_text(struct arena *a, struct json text)
{
	struct json_error error;
	struct str plain = json_decode(a, json_body(text));
	struct str trimmed = str_trim(plain);
	if (trimmed.len < 2 || trimmed.ptr[0] != '{' || !json_check(trimmed, LIMIT_DEPTH, &error))
		return STR_NULL;
	return trimmed;
}

static void scale_render_write_payload(
	struct json_writer *w, struct arena *a, const char *key, const struct span *s, enum field f)
{
	struct json v = json_whole(span_text(s, f));
	if (v.type == JSON_NONE || v.type == JSON_NULL)
		return;
	if (v.type == JSON_STRING) {
		struct str object = object_in_text(a, v);
		if (!str_is_null(object)) {
			json_member_raw(w, str_from_c(key), object);
			return;
		}
	}
	json_key(w, str_from_c(key));
	if (v.type == JSON_OBJECT) {
		json_raw(w, v.raw);
		return;
	}
	json_object(w);
	json_member_raw(w, STR("value"), v.raw);
	json_end(w);
}

static void write_shown(struct json_writer *w, const struct span *s, enum field f)
{
	switch (field_info[f].type) {
	case FIELD_TYPE_KIND:
		json_text(w, kind_name((enum kind)s->value[f].i64));
		break;
	case FIELD_TYPE_I64:
		json_i64(w, s->value[f].i64);
		break;
	case FIELD_TYPE_DEC:
	case FIELD_TYPE_JSON:
		json_raw(w, s->value[f].text);
		break;
	default:
		json_body_value(w, s->value[f].text);
		break;
	}
}

/* Notes that a key is used, in a bit for each field that Scale has no member for. */
static void note_shown(uint64_t *shown, struct str key)
{
	for (size_t i = 0; i < scale_n_shown; i++)
		if (str_eq(scale_shown[i].key, key))
			*shown |= UINT64_C(1) << i;
}

/* Writes the metadata of a span of another dialect: its metadata, then the attributes, then the
 * fields that Scale has no member for. The first of equal keys wins. */
static void write_foreign_metadata(struct json_writer *w, struct arena *a, const struct span *s)
{
	struct json metadata = json_whole(span_text(s, FIELD_METADATA));
	struct json attributes = json_whole(span_text(s, FIELD_ATTRIBUTES));
	struct key_set keys = key_set_of(a, metadata);
	uint64_t shown = 0;
	json_key(w, STR("metadata"));
	json_object(w);
	for (struct json_iter it = json_members(metadata); json_next(&it);) {
		note_shown(&shown, it.key);
		json_key_body(w, it.key);
		json_raw(w, it.value.raw);
	}
	if (metadata.type != JSON_OBJECT && metadata.type != JSON_NONE)
		json_member_raw(w, STR("value"), metadata.raw);
	for (struct json_iter it = json_members(attributes); json_next(&it);) {
		if (key_set_has(&keys, it.key))
			continue;
		note_shown(&shown, it.key);
		json_key_body(w, it.key);
		json_raw(w, it.value.raw);
	}
	for (size_t i = 0; i < scale_n_shown; i++) {
		if (!span_has(s, scale_shown[i].field) || shown >> i & 1)
			continue;
		json_key(w, scale_shown[i].key);
		write_shown(w, s, scale_shown[i].field);
	}
	json_end(w);
}

static void scale_render_write_object(
	struct json_writer *w, const char *key, const struct span *s, enum field f)
{
	struct json v = json_whole(span_text(s, f));
	if (v.type == JSON_OBJECT)
		json_member_raw(w, str_from_c(key), v.raw);
}

void scale_span_render(
	struct json_writer *w, struct arena *a, struct str account, const struct span *s)
{
	struct str by = span_text(s, FIELD_CREATED_BY);
	json_object(w);
	json_member_body(w, STR("id"), span_text(s, FIELD_SPAN_ID));
	json_member_text(w, STR("object"), STR("span"));
	if (by.len) {
		json_key(w, STR("created_by"));
		json_object(w);
		json_member_body(w, STR("id"), by);
		json_member_text(w, STR("object"), STR("identity"));
		json_member_text(w, STR("type"), STR("service_account"));
		json_end(w);
	}
	json_member_body(
		w, STR("name"), span_has(s, FIELD_NAME) ? span_text(s, FIELD_NAME) : STR(""));
	json_member_body(w, STR("trace_id"), span_text(s, FIELD_TRACE_ID));
	scale_render_write_body(w, "parent_id", span_text(s, FIELD_PARENT_SPAN_ID));
	scale_render_write_body(w, "group_id", span_given_session(a, account, s));
	scale_render_write_time(w, "start_timestamp", s, FIELD_STARTED_AT);
	scale_render_write_time(w, "end_timestamp", s, FIELD_ENDED_AT);
	scale_render_write_payload(w, a, "input", s, FIELD_INPUT);
	scale_render_write_payload(w, a, "output", s, FIELD_OUTPUT);
	if (scale_is_own(s))
		scale_render_write_object(w, "metadata", s, FIELD_METADATA);
	else
		write_foreign_metadata(w, a, s);
	scale_render_write_payload(w, a, "expected", s, FIELD_EXPECTED);
	json_member_text(w, STR("status"),
		scale_status_names[scale_status_of(
			(enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN))]);
	json_member_text(w, STR("type"), scale_type_names[scale_type_of(s)]);
	scale_render_write_body(
		w, "application_interaction_id", span_text(s, FIELD_APPLICATION_INTERACTION_ID));
	scale_render_write_body(
		w, "application_variant_id", span_text(s, FIELD_APPLICATION_VARIANT_ID));
	if (span_text(s, FIELD_ACCOUNT_ID).len)
		json_member_body(w, STR("account_id"), span_text(s, FIELD_ACCOUNT_ID));
	else
		json_member_text(w, STR("account_id"), account);
	if (span_has(s, FIELD_INPUT_TOKENS))
		json_member_i64(w, STR("input_tokens"), s->value[FIELD_INPUT_TOKENS].i64);
	if (span_has(s, FIELD_OUTPUT_TOKENS))
		json_member_i64(w, STR("output_tokens"), s->value[FIELD_OUTPUT_TOKENS].i64);
	json_end(w);
}
