/* Makes dataset items of spans and traces. */
#include "api/opik/documents/items.h"
#include "api/opik/documents/rendered.h"

#include "base/utime.h"

/* What a request wants from each row beside input and output. */
struct opik_enrichment {
	bool tags, feedback_scores, comments, usage, metadata, spans;
};

struct opik_enriched {
	struct request *request;
	enum opik_of of;
	struct str dataset_id;
	struct opik_enrichment with;
	struct str *ids;
	size_t n;
};

static void opik_enrich_member(
	struct json_writer *w, struct json row, const char *name, const char *as)
{
	struct json v = json_get(row, str_from_c(name));
	bool is_empty = v.type <= JSON_NULL || str_eq(v.raw, STR("[]")) || str_eq(v.raw, STR("{}"));
	if (!is_empty)
		json_member_raw(w, str_from_c(as), v.raw);
}

/* Writes of each element of a list only these members, as Opik's items have them. */
static void opik_enrich_list(struct json_writer *w, struct json row, const char *name,
	const char *const *members, size_t n)
{
	struct json list = json_get(row, str_from_c(name));
	struct json_iter it = json_elements(list);
	bool is_open = false;
	while (json_next(&it)) {
		if (!is_open) {
			json_key(w, str_from_c(name));
			json_array(w);
			is_open = true;
		}
		json_object(w);
		for (size_t i = 0; i < n; i++)
			opik_enrich_member(w, it.value, members[i], members[i]);
		json_end(w);
	}
	if (is_open)
		json_end(w);
}

static void opik_enrich_row(
	struct json_writer *w, const struct opik_enrichment *with, struct json row)
{
	static const char *const scores[] = { "name", "category_name", "value", "reason",
		"source" };
	static const char *const comments[] = { "id", "text" };
	opik_enrich_member(w, row, "input", "input");
	opik_enrich_member(w, row, "output", "expected_output");
	if (with->tags)
		opik_enrich_member(w, row, "tags", "tags");
	if (with->feedback_scores)
		opik_enrich_list(w, row, "feedback_scores", scores, 5);
	if (with->comments)
		opik_enrich_list(w, row, "comments", comments, 2);
	if (with->usage)
		opik_enrich_member(w, row, "usage", "usage");
	if (with->metadata)
		opik_enrich_member(w, row, "metadata", "metadata");
}

static void opik_enrich_spans(struct json_writer *w, struct str spans)
{
	static const char *const members[] = { "id", "name", "type", "parent_span_id", "input",
		"output", "start_time", "end_time", "metadata", "feedback_scores", "comments" };
	struct buf b;
	struct json_writer row;
	buf_init(&b, w->out->arena);
	json_writer_init(&row, &b);
	json_object(&row);
	json_member_raw(&row, STR("spans"), spans);
	json_end(&row);
	opik_enrich_list(
		w, json_open(buf_str(&b)), "spans", members, sizeof members / sizeof members[0]);
	buf_release(&b);
}

static enum err opik_enrich_one(
	struct opik_enriched *x, struct opik_rendered *rows, struct json row, struct document *ret)
{
	struct arena *a = x->request->arena;
	struct str id = json_body(json_get(row, STR("id"))), spans;
	int64_t started_ns = 0;
	struct buf b;
	struct json_writer w;
	enum err e = ERR_OK;
	(void)utime_parse(json_body(json_get(row, STR("start_time"))), &started_ns);
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_body(&w, x->of == OPIK_SPANS ? STR("span_id") : STR("trace_id"), id);
	if (x->of == OPIK_SPANS)
		opik_enrich_member(&w, row, "trace_id", "trace_id");
	json_member_text(&w, STR("source"), x->of == OPIK_SPANS ? STR("span") : STR("trace"));
	json_key(&w, STR("data"));
	json_object(&w);
	opik_enrich_row(&w, &x->with, row);
	if (x->of == OPIK_TRACES && x->with.spans) {
		e = opik_rendered_spans(rows, id, &spans);
		if (!e)
			opik_enrich_spans(&w, spans);
	}
	json_end(&w);
	json_end(&w);
	/* Equal rows give equal items, so that a repeated request changes nothing. */
	struct str item_id = opik_stable_uuid(a, started_ns / NS_PER_MS, x->dataset_id, id);
	*ret = opik_document_new(x->request, DOCUMENT_DATASET_ITEM, STR_NULL, item_id);
	ret->body = buf_str(&b);
	return e;
}

/* Renders the rows that are there; false: answered. */
static bool opik_enrich_all(struct opik_enriched *x, struct document *items, size_t *ret_n)
{
	struct opik_rendered *rows = arena_alloc(x->request->arena, sizeof *rows);
	enum err e = ERR_OK;
	*ret_n = 0;
	if (!opik_rendered_open(rows, x->request, x->of, x->ids, x->n))
		return false;
	for (size_t i = 0; !e && i < x->n; i++) {
		struct json row;
		e = opik_rendered_one(rows, x->ids[i], &row);
		if (!e && row.type == JSON_OBJECT)
			e = opik_enrich_one(x, rows, row, &items[(*ret_n)++]);
	}
	opik_rendered_close(rows);
	if (e)
		api_fail(x->request, &dialect_opik, e);
	return !e;
}

static bool opik_enriched_read(struct opik_enriched *x, const char *ids)
{
	struct json body;
	struct opik_reader rd;
	struct {
		const char *name;
		bool *ret;
	} const options[] = { { "include_tags", &x->with.tags },
		{ "include_feedback_scores", &x->with.feedback_scores },
		{ "include_comments", &x->with.comments }, { "include_usage", &x->with.usage },
		{ "include_metadata", &x->with.metadata }, { "include_spans", &x->with.spans } };
	if (!opik_body(x->request, &body))
		return false;
	opik_reader_init(&rd, x->request);
	struct json list = json_get(body, str_from_c(ids));
	struct json first_of = list;
	struct json_iter first = json_elements(first_of);
	if (list.type <= JSON_NULL || (list.type == JSON_ARRAY && !json_next(&first)))
		opik_problem(&rd, arena_copy_c(rd.arena,
					  arena_printf(rd.arena, "%s must not be empty", ids)));
	else
		x->n = opik_read_ids(&rd, body, ids, &x->ids);
	struct json with = json_get(body, STR("enrichment_options"));
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		*options[i].ret =
			opik_read_bool(&rd, json_get(with, str_from_c(options[i].name)), false);
	return opik_reader_check(&rd);
}

static void opik_items_from(struct request *r, enum opik_of of, const char *ids)
{
	struct opik_enriched x = { .request = r, .of = of };
	struct opik_items_change change;
	struct opik_documents d;
	size_t n;
	if (!opik_document_id(r, 0, &x.dataset_id) || !opik_enriched_read(&x, ids) ||
		!opik_documents_open(&d, r, &opik_datasets))
		return;
	bool is_there = documents_by_id(&d.all, x.dataset_id) != NULL;
	opik_documents_close(&d);
	if (!is_there) {
		opik_refuse(r, ERR_NOT_FOUND,
			arena_printf(r->arena, "Dataset not found: '%.*s'", STR_ARG(x.dataset_id)));
		return;
	}
	struct document *items = arena_calloc(r->arena, x.n, sizeof *items);
	if (!opik_enrich_all(&x, items, &n) ||
		!opik_items_begin(r, &change, x.dataset_id, STR_NULL, n))
		return;
	for (size_t i = 0; i < n; i++)
		opik_items_add(r, &change, &items[i], opik_items_find(&change, items[i].id));
	if (opik_items_commit(r, &change))
		opik_no_content(r);
}

void opik_items_from_spans(struct request *r)
{
	opik_items_from(r, OPIK_SPANS, "span_ids");
}

void opik_items_from_traces(struct request *r)
{
	opik_items_from(r, OPIK_TRACES, "trace_ids");
}
