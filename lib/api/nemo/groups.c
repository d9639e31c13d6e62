#include "api/nemo/nemo.h"
#include "web/params.h"

static const struct {
	const char *name;
	enum field field;
} group_fields[] = { { "trace_id", FIELD_TRACE_ID }, { "session_id", FIELD_SESSION_ID } };

enum { N_GROUP_FIELDS = sizeof group_fields / sizeof group_fields[0] };

static bool is_grouped(const struct group_query *q, enum field f)
{
	for (size_t i = 0; i < q->n_by; i++)
		if (q->by[i] == f)
			return true;
	return false;
}

/* Reads a list such as "session_id, trace_id". Returns what is wrong with it, or STR_NULL. */
static struct str nemo_groups_read_by(struct arena *a, struct str text, struct group_query *q)
{
	q->n_by = 0;
	struct str rest = text;
	while (!str_is_null(rest)) {
		struct str name = str_trim(str_cut(&rest, ','));
		if (name.len == 0)
			continue;
		size_t i = 0;
		while (i < N_GROUP_FIELDS && !str_eq(name, str_from_c(group_fields[i].name)))
			i++;
		if (i == N_GROUP_FIELDS)
			return arena_printf(a,
				"Unsupported span group-by field: %.*s. Allowed fields: trace_id, "
				"session_id",
				STR_ARG(name));
		if (is_grouped(q, group_fields[i].field))
			return arena_printf(
				a, "Duplicate span group-by field: %.*s", STR_ARG(name));
		q->by[q->n_by++] = group_fields[i].field;
	}
	return q->n_by ? STR_NULL : STR("At least one group-by field is required.");
}

static void write_groups(struct nemo_list *l, const struct group_query *q,
	const struct group_list *groups, struct str sort)
{
	struct json_writer *w = &l->writer;
	nemo_list_open(l);
	for (size_t i = 0; i < groups->n; i++) {
		json_object(w);
		json_key(w, STR("group"));
		json_object(w);
		for (size_t k = 0; k < q->n_by; k++)
			json_member_body(w, field_info[q->by[k]].member, groups->rows[i].value[k]);
		json_end(w);
		json_member_i64(w, STR("span_count"), (int64_t)groups->rows[i].n_spans);
		json_end(w);
		nemo_list_row(l);
	}
	nemo_list_close(l, groups->total, sort);
	json_key(w, STR("grouped_by"));
	json_array(w);
	for (size_t k = 0; k < q->n_by; k++)
		json_text(w, field_info[q->by[k]].member);
	json_end(w);
	nemo_list_end(l);
}

void nemo_groups_list(struct request *r)
{
	static const struct str sorts[] = { { "span_count", 10 }, { "-span_count", 11 } };
	static const char *const further[] = { "by", NULL };
	struct nemo_list l;
	if (!nemo_list_begin(r, NEMO_FILTER_SPANS, &l))
		return;
	const struct param *by = request_param(r, STR("by"));
	if (!by)
		problem_add(&l.problems, STR("missing"), STR("[\"query\",\"by\"]"),
			STR("Field required"), STR("null"), STR_NULL);
	nemo_list_page(&l);
	size_t sort = param_choice(r, STR("sort"), sorts, 2, 1, STR("enum"), &l.problems);
	struct group_query q = {
		.sort = GROUP_BY_COUNT, .descending = sort == 1, .counts_only = true
	};
	if (nemo_list_check(&l, further)) {
		struct str wrong = nemo_groups_read_by(r->arena, by->value, &q);
		struct group_list groups;
		enum err e;
		q.offset = nemo_list_offset(&l);
		q.limit = (size_t)l.page_size;
		if (!str_is_null(wrong))
			nemo_refuse(r, wrong);
		else if (!nemo_list_query(&l, &q.spans))
			; /* answered with an error */
		else if ((e = engine_groups(&l.view, &q, &groups)) != ERR_OK)
			api_fail(r, &dialect_nemo, e);
		else
			write_groups(&l, &q, &groups, sorts[sort]);
	}
	view_close(&l.view);
}
