/* Groups of engine.h. */
#include "query/aggregate/group_index.h"

static struct str group_value_of(const struct span *s, enum field f)
{
	if (!span_has(s, f))
		return STR_NULL;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		return s->value[f].text;
	case FIELD_TYPE_KIND:
		return kind_name((enum kind)s->value[f].i64);
	case FIELD_TYPE_STATUS:
		return status_name((enum status)s->value[f].i64);
	default:
		return STR_NULL;
	}
}

struct values {
	const struct group_query *query;
	const struct span *span;
	group_value_fn *take;
	void *user;
	struct str value[QUERY_GROUP_MAX];
};

/* Calls take for the groups that the span's values from the i-th field on lead to: several when it
 * has several tags. Depth: QUERY_GROUP_MAX. */
static void each_from(struct values *v, size_t i)
{
	if (i == v->query->n_by) {
		v->take(v->user, v->span, v->value);
		return;
	}
	enum field f = v->query->by[i];
	if (field_info[f].type == FIELD_TYPE_JSON) {
		struct json_iter it = json_elements(json_open(span_text(v->span, f)));
		while (json_next(&it)) {
			v->value[i] = json_body(it.value);
			if (v->value[i].len)
				each_from(v, i + 1);
		}
		return;
	}
	v->value[i] = group_value_of(v->span, f);
	if (v->value[i].len)
		each_from(v, i + 1);
}

void group_each_value(
	const struct group_query *q, const struct span *s, group_value_fn *take, void *user)
{
	struct values v = { .query = q, .span = s, .take = take, .user = user };
	each_from(&v, 0);
}

struct field_set group_fields(const struct group_query *q)
{
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_STARTED_AT);
	for (size_t i = 0; i < q->n_by; i++)
		field_set_add(&want, q->by[i]);
	return want;
}

struct asked {
	const struct group_query *query;
	struct group_list *ret;
};

static enum err group_answer(struct snapshot *s, void *user)
{
	struct asked *asked = user;
	return groups_select(s, asked->query, asked->ret);
}

enum err engine_groups(struct view *v, const struct group_query *q, struct group_list *ret)
{
	struct asked asked = { q, ret };
	return snapshot_answer(v, q->spans.deadline_ns, group_answer, &asked);
}
