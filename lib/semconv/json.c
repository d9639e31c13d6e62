/*
 * Attributes that came as a JSON object instead of OTLP's key-value lists: NeMo Intake's own import
 * format.  They go through the same table; only what is left of them is written as it was sent.
 */
#include "semconv/map.h"

/* The value as the mapper knows it; lists and objects stay one text. */
static struct otlp_value to_value(struct mapper *m, struct json v)
{
	struct otlp_value value = { .type = OTLP_NULL };
	switch (v.type) {
	case JSON_TRUE:
	case JSON_FALSE:
		value.type = OTLP_BOOL;
		value.i64 = v.type == JSON_TRUE;
		break;
	case JSON_NUMBER:
		value.type = OTLP_INT;
		if (str_to_i64(v.raw, &value.i64))
			break;
		value.type = json_to_double(v, &value.number) ? OTLP_DOUBLE : OTLP_NULL;
		break;
	case JSON_STRING:
		value.type = OTLP_STRING;
		value.text = json_canonical_body(m->arena, json_body(v));
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		value.type = v.type == JSON_ARRAY ? OTLP_ARRAY : OTLP_KVLIST;
		value.text = json_canonical(m->arena, v.raw);
		break;
	default:
		break;
	}
	return value;
}

static size_t map_json_count_members(struct json object)
{
	size_t n = 0;
	for (struct json_iter it = json_members(object); json_next(&it);)
		n++;
	return n;
}

/* What the span itself says is not asked of its attributes. */
static bool is_taken(enum slot slot)
{
	return (slot > SLOT_NONE && slot <= SLOT__LAST_COST && slot != SLOT_SESSION_ID) ||
	       slot == SLOT_EVALUATION_METADATA || slot == SLOT_OTHER_COST;
}

static void map_json_set_error(struct mapper *m, enum slot slot, enum field field)
{
	const struct otlp_value *v = map_value(m, slot);
	if (!v)
		return;
	m->used[slot] = map_text(m, v);
	span_set_text(m->out, field, m->used[slot]);
}

static void write_rest(struct mapper *m, const struct otlp_attr *list, const struct str *raws)
{
	struct json_writer w;
	buf_reset(&m->text);
	json_writer_init(&w, &m->text);
	json_object(&w);
	for (size_t i = 0; i < m->n_attrs; i++) {
		const struct map_attr *x = &m->attrs[i];
		if (x->row && is_taken(x->row->slot) && map_is_gone(m, x))
			continue;
		json_key_body(&w, x->attr->key);
		json_raw(&w, raws[x->attr - list]);
	}
	json_end(&w);
	if (m->text.len > STR("{}").len)
		span_set_text(m->out, FIELD_ATTRIBUTES, arena_copy(m->arena, buf_str(&m->text)));
}

bool map_json_attributes(
	struct mapper *m, struct json attributes, struct span *out, struct str *ret_reason)
{
	static const struct otlp_attrs no_resource = { NULL, 0, 0 };
	size_t n = map_json_count_members(attributes), i = 0;
	struct otlp_attr *list = arena_calloc(m->arena, n ? n : 1, sizeof *list);
	struct str *raws = arena_calloc(m->arena, n ? n : 1, sizeof *raws);
	struct otlp_span in = { .attrs = { list, n, 0 }, .resource = &no_resource };
	for (struct json_iter it = json_members(attributes); json_next(&it); i++) {
		list[i].key = json_canonical_body(m->arena, it.key);
		list[i].value = to_value(m, it.value);
		raws[i] = it.value.type == JSON_ARRAY || it.value.type == JSON_OBJECT
				  ? list[i].value.text
				  : json_canonical(m->arena, it.value.raw);
	}
	m->in = &in;
	m->out = out;
	m->reason = STR_NULL;
	m->is_claude = false;
	memset(m->used, 0, sizeof m->used);
	map_collect(m);
	map_pick(m);
	for (unsigned slot = 0; slot < SLOT__MAX; slot++)
		if (!is_taken(slot))
			m->picks[slot].attr = NULL;
	map_texts(m);
	map_json_set_error(m, SLOT_ERROR_TYPE, FIELD_ERROR_TYPE);
	map_json_set_error(m, SLOT_ERROR_MESSAGE, FIELD_ERROR_MESSAGE);
	map_json_field(m, SLOT_EVALUATION_METADATA, FIELD_EVALUATION_METADATA);
	map_usage(m);
	if (str_is_null(m->reason))
		write_rest(m, list, raws);
	else
		*ret_reason = m->reason;
	m->in = NULL;
	return str_is_null(m->reason);
}
