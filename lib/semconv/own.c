/*
 * flatspan.span: what another flatspan said of a span that no convention can say (api/otlp/put.c
 * writes it).  It is a request's word like any other: who sends and when is not in it, and what
 * cannot be read counts as not said.
 */
#include "semconv/map.h"

#include "span/line.h"

/* What is written has fewer; more would be work for nothing. */
enum { NAMES_MAX = 16 };

/* The attributes of these names are none of the span's own. */
static void take_away(struct mapper *m, struct json_iter names)
{
	for (size_t n = 0; n < NAMES_MAX && json_next(&names); n++)
		for (size_t i = 0; i < m->n_attrs; i++)
			m->attrs[i].is_gone |=
				names.value.type == JSON_STRING &&
				str_eq(m->attrs[i].attr->key, json_body(names.value));
}

void map_own(struct mapper *m)
{
	const struct otlp_value *v = map_value(m, SLOT_OWN);
	m->own = (struct json){ JSON_NONE, STR_NULL };
	if (!v || v->type != OTLP_STRING || m->c->mapping != MAPPING_GENERAL)
		return;
	struct json own = json_open(map_json_in_text(m, v->text));
	if (own.type != JSON_OBJECT)
		return;
	m->own = own;
	m->picks[SLOT_OWN].attr->is_gone = true;
	take_away(m, json_elements(json_get(own, STR("drop"))));
	take_away(m, json_members(json_get(own, STR("from"))));
}

/* {"input":"input.value"}: the JSON that stands in that attribute. */
static void set_from(struct mapper *m)
{
	struct json_iter it = json_members(json_get(m->own, STR("from")));
	for (size_t n = 0; n < NAMES_MAX && json_next(&it); n++) {
		enum field f = field_from_member(it.key);
		if (f == FIELD__MAX || field_info[f].type != FIELD_TYPE_JSON)
			continue;
		for (size_t i = 0; i < m->n_attrs; i++) {
			const struct otlp_attr *attr = m->attrs[i].attr;
			if (attr->value.type != OTLP_STRING || m->attrs[i].is_resource ||
				it.value.type != JSON_STRING ||
				!str_eq(attr->key, json_body(it.value)))
				continue;
			struct str json = map_json_in_text(m, attr->value.text);
			if (!str_is_null(json))
				span_set_text(m->out, f, json);
		}
	}
}

static bool is_ours(enum field f)
{
	return f == FIELD_INGESTED_AT || f == FIELD_UPDATED_AT || f == FIELD_CREATED_BY ||
	       f == FIELD_UPDATED_BY;
}

/* Every span has these. */
static bool map_own_is_needed(enum field f)
{
	return field_info[f].may & MAY_R;
}

/* True when the mapper itself would set this: existing ids, and counts and amounts from 0 on. */
static bool map_own_is_good(const struct span *s, enum field f)
{
	double amount;
	switch (field_info[f].type) {
	case FIELD_TYPE_I64:
		return s->value[f].i64 >= 0;
	case FIELD_TYPE_DEC:
		return str_to_double(s->value[f].text, &amount) && amount >= 0;
	case FIELD_TYPE_STR:
		return !(map_own_is_needed(f) || f == FIELD_SESSION_ID) || s->value[f].text.len;
	default:
		return true;
	}
}

/* Members that have no field, but for those that say how a line is stored. */
static struct str extra_of(struct arena *a, struct json set)
{
	struct buf b;
	buf_init(&b, a);
	for (struct json_iter it = json_members(set); json_next(&it);) {
		if (field_from_member(it.key) != FIELD__MAX || str_eq(it.key, STR("op")) ||
			str_eq(it.key, STR("_prev")) || str_eq(it.key, STR("_c")))
			continue;
		if (b.len)
			buf_add_char(&b, ',');
		buf_add_char(&b, '"');
		buf_add(&b, it.key);
		buf_add(&b, STR("\":"));
		buf_add(&b, it.value.raw);
	}
	struct str extra = arena_copy(a, buf_str(&b));
	buf_release(&b);
	return extra;
}

/* Members as in a stored line. */
static void set_members(struct mapper *m)
{
	struct json set = json_get(m->own, STR("set"));
	struct buf line;
	struct span s;
	if (set.type != JSON_OBJECT || set.raw.len <= 2)
		return;
	buf_init(&line, m->arena);
	buf_add(&line, str_first(set.raw, set.raw.len - 1));
	line_seal(&line, 0);
	struct str sealed = arena_copy(m->arena, str_first(buf_str(&line), line.len - 1));
	buf_release(&line);
	if (line_read(sealed, NULL, true, &s) != LINE_OK)
		return;
	for (unsigned i = 0; i < FIELD__MAX; i++) {
		enum field f = (enum field)i;
		if (!span_has(&s, f) || is_ours(f) || !map_own_is_good(&s, f))
			continue;
		m->out->value[f] = s.value[f];
		field_set_add(&m->out->present, f);
	}
	m->out->extra = extra_of(m->arena, set);
}

static void unset_members(struct mapper *m)
{
	struct json_iter it = json_elements(json_get(m->own, STR("unset")));
	for (size_t n = 0; n < FIELD__MAX && json_next(&it); n++) {
		enum field f = it.value.type == JSON_STRING ? field_from_member(json_body(it.value))
							    : FIELD__MAX;
		if (f != FIELD__MAX && !map_own_is_needed(f) && !is_ours(f))
			span_unset(m->out, f);
	}
}

void map_own_fields(struct mapper *m)
{
	if (m->own.type == JSON_NONE)
		return;
	set_from(m);
	set_members(m);
	unset_members(m);
}
