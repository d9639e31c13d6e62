/*
 * The raw attributes: what became no field, and what OTLP has beside attributes.
 *
 * The general mapping writes natural JSON.  NeMo's writes what NeMo Intake shows: every number as a
 * double, lists and maps as texts that hold JSON, no nulls and no empty texts.  Events, links and
 * scope are texts that hold JSON on both, so that readers know one form.
 */
#include "semconv/map.h"

#include <math.h>

bool map_is_gone(struct mapper *m, const struct map_attr *x)
{
	bool is_nemo = m->c->mapping == MAPPING_NEMO;
	if (x->is_gone || !x->row || x->row->slot == SLOT_NONE)
		return x->is_gone;
	enum slot slot = x->row->slot;
	unsigned column = is_nemo ? x->row->nemo : x->row->general;
	if (!(column & RANK) || column & KEPT || (column & CLAUDE && !m->is_claude))
		return false;
	if (is_nemo && !(column & OTHER))
		return true;
	if (str_is_null(m->used[slot]))
		return false;
	const struct otlp_value *v = &x->attr->value;
	return m->picks[slot].attr == x ||
	       (v->type == OTLP_STRING && v->text.len && str_eq(v->text, m->used[slot])) ||
	       map_same_number(m, slot, v);
}

static void write_double(struct json_writer *w, const struct otlp_value *v)
{
	/* Up to here a double prints as the integer and ".0". */
	const int64_t exact = INT64_C(1) << 53;
	if (v->type == OTLP_INT && v->i64 <= exact && v->i64 >= -exact) {
		json_i64(w, v->i64);
		buf_add(w->out, STR(".0"));
	} else
		json_double(w, v->type == OTLP_INT ? (double)v->i64 : v->number);
}

static void write_nemo_attr(struct json_writer *w, const struct otlp_attr *attr)
{
	const struct otlp_value *v = &attr->value;
	if (map_is_empty(v) || (v->type == OTLP_DOUBLE && !isfinite(v->number)))
		return;
	json_key_body(w, attr->key);
	switch (v->type) {
	case OTLP_INT:
	case OTLP_DOUBLE:
		write_double(w, v);
		break;
	case OTLP_ARRAY:
	case OTLP_KVLIST:
		json_raw_as_text(w, v->text);
		break;
	default:
		otlp_value_json(w, v);
		break;
	}
}

static void map_raw_write_attrs(struct json_writer *w, const struct otlp_attrs *attrs)
{
	json_key(w, STR("attributes"));
	json_object(w);
	for (size_t i = 0; i < attrs->n; i++) {
		json_key_body(w, attrs->list[i].key);
		otlp_value_json(w, &attrs->list[i].value);
	}
	json_end(w);
}

static void write_dropped(struct json_writer *w, uint32_t n)
{
	if (n)
		json_member_i64(w, STR("dropped_attributes_count"), n);
}

void map_write_events(struct mapper *m, struct json_writer *w)
{
	json_array(w);
	for (size_t i = 0; i < m->in->n_events; i++) {
		const struct otlp_event *e = &m->in->events[i];
		json_object(w);
		json_member_body(w, STR("name"), e->name);
		json_key(w, STR("time_unix_nano"));
		json_u64(w, (uint64_t)e->time_ns);
		map_raw_write_attrs(w, &e->attrs);
		write_dropped(w, e->attrs.n_dropped);
		json_end(w);
	}
	json_end(w);
}

static void write_links(struct mapper *m, struct json_writer *w)
{
	json_array(w);
	for (size_t i = 0; i < m->in->n_links; i++) {
		const struct otlp_link *l = &m->in->links[i];
		json_object(w);
		json_member_body(w, STR("trace_id"), l->trace_id);
		json_member_body(w, STR("span_id"), l->span_id);
		if (l->state.len)
			json_member_body(w, STR("trace_state"), l->state);
		map_raw_write_attrs(w, &l->attrs);
		write_dropped(w, l->attrs.n_dropped);
		json_end(w);
	}
	json_end(w);
}

static void write_scope(struct json_writer *w, const struct otlp_scope *scope)
{
	json_object(w);
	json_member_body(w, STR("name"), scope->name);
	json_member_body(w, STR("version"), scope->version);
	if (scope->attrs.n)
		map_raw_write_attrs(w, &scope->attrs);
	write_dropped(w, scope->attrs.n_dropped);
	json_end(w);
}

/* The scope as a JSON string; made once for all spans of it. */
static struct str scope_text(struct mapper *m)
{
	struct json_writer w;
	if (m->scope == m->in->scope)
		return m->scope_json;
	m->scope = m->in->scope;
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	write_scope(&w, m->scope);
	m->scope_json =
		map_quoted(m, json_encode(m->arena, arena_copy(m->arena, buf_str(&m->more))));
	return m->scope_json;
}

static void write_text_of(struct mapper *m, struct json_writer *w, struct str key,
	void (*print)(struct mapper *, struct json_writer *))
{
	struct json_writer inner;
	buf_reset(&m->more);
	json_writer_init(&inner, &m->more);
	print(m, &inner);
	json_key(w, key);
	json_raw_as_text(w, buf_str(&m->more));
}

static void write_count(struct mapper *m, struct json_writer *w, struct str key, uint32_t n)
{
	const struct otlp_value v = { .type = OTLP_INT, .i64 = n };
	if (!n)
		return;
	json_key(w, key);
	if (m->c->mapping == MAPPING_NEMO)
		write_double(w, &v);
	else
		json_i64(w, n);
}

static bool is_scope_empty(const struct otlp_scope *scope)
{
	return !scope->name.len && !scope->version.len && !scope->attrs.n;
}

static void write_otel(struct mapper *m, struct json_writer *w)
{
	static const struct str kinds[] = { { "", 0 }, { "internal", 8 }, { "server", 6 },
		{ "client", 6 }, { "producer", 8 }, { "consumer", 8 } };
	const struct otlp_span *in = m->in;
	bool is_nemo = m->c->mapping == MAPPING_NEMO;
	if (!is_nemo && in->kind && in->kind < sizeof kinds / sizeof kinds[0])
		json_member_body(w, STR("otel.kind"), kinds[in->kind]);
	if (!is_nemo && in->trace_state.len)
		json_member_body(w, STR("otel.trace_state"), in->trace_state);
	write_count(m, w, STR("otel.dropped_attributes_count"), in->attrs.n_dropped);
	write_count(m, w, STR("otel.dropped_events_count"), in->n_dropped_events);
	write_count(m, w, STR("otel.dropped_links_count"), in->n_dropped_links);
	if (in->n_events)
		write_text_of(m, w, STR("otel.events"), map_write_events);
	if (in->n_links)
		write_text_of(m, w, STR("otel.links"), write_links);
	if (is_nemo || !is_scope_empty(in->scope)) {
		struct str scope = scope_text(m);
		json_member_raw(w, STR("otel.scope"), scope);
	}
}

void map_raw(struct mapper *m)
{
	bool is_nemo = m->c->mapping == MAPPING_NEMO;
	struct json_writer w;
	buf_reset(&m->text);
	json_writer_init(&w, &m->text);
	json_object(&w);
	for (size_t i = 0; i < m->n_attrs; i++) {
		const struct map_attr *x = &m->attrs[i];
		if (map_is_gone(m, x))
			continue;
		if (is_nemo)
			write_nemo_attr(&w, x->attr);
		else {
			json_key_body(&w, x->attr->key);
			otlp_value_json(&w, &x->attr->value);
		}
	}
	write_otel(m, &w);
	json_end(&w);
	if (m->text.len > 2)
		span_set_text(m->out, FIELD_ATTRIBUTES, arena_copy(m->arena, buf_str(&m->text)));
}
