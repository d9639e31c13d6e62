/* Writes, gets, deletes and streams the items of experiments. */
#include "api/opik/documents/experiments.h"
#include "api/opik/documents/items.h"

#include "base/uuid.h"

#include <stdlib.h>

static const struct opik_member opik_experiment_item_members[] = {
	{ .name = "experiment_id", .type = OPIK_MEMBER_UUID, .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "dataset_item_id", .type = OPIK_MEMBER_UUID, .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "trace_id", .type = OPIK_MEMBER_UUID, .flags = OPIK_MEMBER_REQUIRED },
};

static const struct opik_members opik_experiment_item_table =
	OPIK_MEMBERS(opik_experiment_item_members);

/* ---- Writing ---- */

/* Returns the milliseconds within a version 7 UUID. */
static int64_t opik_uuid_ms(struct str id)
{
	uint64_t high = 0, low = 0;
	if (id.len != UUID_TEXT || !str_to_u64_hex(str_first(id, 8), &high) ||
		!str_to_u64_hex(str_first(str_skip(id, 9), 4), &low))
		return 0;
	return (int64_t)(high << 16 | low);
}

/* An item without an id gets one of its trace and dataset item, so that a request may be sent
 * again. False: answered. */
static bool opik_experiment_item_read(
	struct opik_reader *rd, struct json given, struct document *ret)
{
	struct str id;
	struct json none = { JSON_NONE, STR_NULL };
	bool has_id = json_get(given, STR("id")).type > JSON_NULL;
	if (!opik_document_read_id(rd, json_get(given, STR("id")), &id))
		return false;
	*ret = opik_document_new(rd->request, DOCUMENT_EXPERIMENT_ITEM, STR_NULL, id);
	ret->body = opik_members_over(rd, opik_experiment_item_table, given, none);
	ret->parent = opik_document_text(ret, STR("experiment_id"));
	struct str trace = opik_document_text(ret, STR("trace_id"));
	if (!has_id)
		ret->id = opik_stable_uuid(rd->arena, opik_uuid_ms(trace),
			arena_printf(rd->arena, "%.*s%.*s", STR_ARG(ret->parent), STR_ARG(trace)),
			opik_document_text(ret, STR("dataset_item_id")));
	return true;
}

/* Writes the items of one experiment that are not there yet; false: answered, and the change has
 * ended. */
static bool opik_experiment_items_write(struct request *r, struct documents_change *c,
	const struct document *items, size_t n, struct str experiment_id)
{
	struct documents old;
	size_t n_new = 0;
	enum err e =
		documents_read(c->dir_fd, r->arena, DOCUMENT_EXPERIMENT_ITEM, experiment_id, &old);
	if (e)
		return opik_documents_fail(r, c, e);
	struct document *list = arena_calloc(r->arena, n, sizeof *list);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(items[i].parent, experiment_id))
			continue;
		const struct document *same = documents_by_id(&old, items[i].id);
		if (!same || !str_eq(same->body, items[i].body))
			list[n_new++] = items[i];
	}
	return opik_documents_put(r, c, list, n_new);
}

void opik_experiment_items_create(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents experiments;
	size_t n = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct json_iter it = json_elements(opik_read_list(&rd, body, "experiment_items"));
	struct document *items = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *items);
	while (json_next(&it) && n < OPIK_BATCH_MAX) {
		rd.path = arena_printf(r->arena, "experimentItems[%zu].", n);
		if (!opik_experiment_item_read(&rd, it.value, &items[n++]))
			return;
	}
	if (!opik_reader_check(&rd) ||
		!opik_documents_begin(r, DOCUMENT_EXPERIMENT, STR_NULL, &c, &experiments))
		return;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < i && !str_eq(items[k].parent, items[i].parent))
			k++;
		/* Each experiment once. */
		if (k == i && !opik_experiment_items_write(r, &c, items, n, items[i].parent))
			return;
	}
	documents_end(&c);
	opik_no_content(r);
}

void opik_experiment_items_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents experiments;
	struct str *ids;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	if (!opik_reader_check(&rd) ||
		!opik_documents_begin(r, DOCUMENT_EXPERIMENT, STR_NULL, &c, &experiments))
		return;
	for (size_t i = 0; i < n; i++) {
		struct document item;
		bool found;
		enum err e = documents_find(
			c.dir_fd, r->arena, DOCUMENT_EXPERIMENT_ITEM, ids[i], &item, &found);
		if (e) {
			(void)opik_documents_fail(r, &c, e); /* it has answered */
			return;
		}
		item.is_deleted = true;
		if (found && !opik_documents_put(r, &c, &item, 1))
			return;
	}
	documents_end(&c);
	opik_no_content(r);
}

/* ---- Reading ---- */

enum err opik_experiment_item_render(struct opik_rendered *traces, const struct document *item,
	struct str trace, struct json_writer *w)
{
	static const char *const shown[] = { "input", "output", "feedback_scores", "comments",
		"duration", "usage", "total_estimated_cost", "project_id" };
	struct json row = { JSON_NONE, STR_NULL };
	enum err e = str_is_null(trace) ? ERR_OK : opik_rendered_one(traces, trace, &row);
	if (e)
		return e;
	json_object(w);
	json_member_body(w, STR("id"), item->id);
	opik_members_copy(json_open(item->body), w);
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		struct json v = json_get(row, str_from_c(shown[i]));
		if (v.type > JSON_NULL)
			json_member_raw(w, str_from_c(shown[i]), v.raw);
	}
	opik_document_render_times(item, w);
	json_end(w);
	return ERR_OK;
}

void opik_experiment_item_get(struct request *r)
{
	struct view v;
	struct document item;
	struct json_writer w;
	struct str id;
	bool found;
	if (!opik_document_id(r, 0, &id) || !opik_view(r, &v))
		return;
	enum err e =
		documents_find(v.dir_fd, r->arena, DOCUMENT_EXPERIMENT_ITEM, id, &item, &found);
	if (!e && found) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		e = opik_experiment_item_render(NULL, &item, STR_NULL, &w);
	}
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!found)
		opik_refuse(r, ERR_NOT_FOUND,
			arena_printf(
				r->arena, "Not found experiment item with id '%.*s'", STR_ARG(id)));
}

struct opik_experiment_items_stream {
	struct str name, last_id;
	int64_t limit;
	bool truncate;
};

static bool opik_experiment_items_stream_read(
	struct request *r, struct opik_experiment_items_stream *ret)
{
	enum { LIMIT = 500, LIMIT_MOST = 2000 };
	struct json body;
	struct opik_reader rd;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	ret->name = opik_read_text(&rd, json_get(body, STR("experiment_name")));
	ret->last_id = opik_read_uuid(&rd, json_get(body, STR("last_retrieved_id")));
	ret->truncate = opik_read_bool(&rd, json_get(body, STR("truncate")), false);
	ret->limit = LIMIT;
	(void)opik_read_int(&rd, json_get(body, STR("limit")), &ret->limit);
	if (str_is_null(ret->name) || opik_is_blank(ret->name))
		opik_problem(&rd, "experimentName must not be blank");
	if (ret->limit < 1)
		opik_problem(&rd, "limit must be greater than or equal to 1");
	if (ret->limit > LIMIT_MOST)
		opik_problem(&rd, "limit must be less than or equal to 2000");
	return opik_reader_check(&rd);
}

static int opik_experiment_items_compare_ids(const void *x, const void *y)
{
	const struct document *a = x, *b = y;
	return str_cmp(b->id, a->id);
}

/* Reads the items of all experiments with that name, the greatest id first. */
static enum err opik_experiment_items_named(
	struct opik_documents *d, struct str name, struct documents *ret)
{
	struct arena *a = d->request->arena;
	struct documents *of = arena_calloc(a, d->all.n, sizeof *of);
	size_t n = 0;
	enum err e = ERR_OK;
	for (size_t i = 0; i < d->all.n && !e; i++)
		if (str_eq_nocase(opik_document_text(&d->all.list[i], STR("name")), name)) {
			e = documents_read(d->view.dir_fd, a, DOCUMENT_EXPERIMENT_ITEM,
				d->all.list[i].id, &of[i]);
			n += e ? 0 : of[i].n;
		}
	*ret = (struct documents){ .list = arena_calloc(a, n, sizeof *ret->list) };
	for (size_t i = 0; i < d->all.n && !e; i++)
		for (size_t k = 0; k < of[i].n; k++)
			ret->list[ret->n++] = of[i].list[k];
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, opik_experiment_items_compare_ids);
	return e;
}

static enum err opik_experiment_items_print(
	struct request *r, struct opik_rendered *x, const struct documents *page, struct str *ids)
{
	enum err e = ERR_OK;
	r->response->type = CONTENT_BYTES;
	for (size_t i = 0; i < page->n && !e; i++) {
		struct arena_mark mark = arena_mark(r->arena);
		struct json_writer w;
		json_writer_init(&w, &r->response->body);
		e = opik_experiment_item_render(x, &page->list[i], ids[i], &w);
		if (!e)
			opik_end_line(r);
		arena_rewind(r->arena, mark);
	}
	return e;
}

void opik_experiment_items_stream(struct request *r)
{
	struct opik_experiment_items_stream s;
	struct opik_documents d;
	struct opik_rendered *x = arena_alloc(r->arena, sizeof *x);
	struct documents items;
	struct str *ids;
	if (!opik_experiment_items_stream_read(r, &s) ||
		!opik_documents_open(&d, r, &opik_experiments))
		return;
	enum err e = opik_experiment_items_named(&d, s.name, &items);
	opik_documents_close(&d);
	while (items.n && !str_is_null(s.last_id) && str_cmp(items.list[0].id, s.last_id) >= 0) {
		items.list++;
		items.n--;
	}
	if (items.n > (size_t)s.limit)
		items.n = (size_t)s.limit;
	if (e) {
		api_fail(r, &dialect_opik, e);
		return;
	}
	if (!opik_experiment_traces(r, items.list, items.n, x, &ids))
		return;
	x->render.truncate = s.truncate;
	e = opik_experiment_items_print(r, x, &items, ids);
	opik_rendered_close(x);
	if (e)
		api_fail(r, &dialect_opik, e);
}

/* ---- Items of a dataset beside those of experiments ---- */

/* Reads the parameter experiment_ids, a JSON array; false: answered. */
static bool opik_compare_ids(struct request *r, struct str **ret_ids, size_t *ret_n)
{
	const struct param *p = request_param(r, STR("experiment_ids"));
	struct json_error error;
	size_t n = 0;
	bool ok = p && json_check(p->value, LIMIT_DEPTH, &error) &&
		  json_open(p->value).type == JSON_ARRAY;
	*ret_ids = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof **ret_ids);
	struct json_iter it = json_elements(ok ? json_open(p->value) : (struct json){ 0 });
	while (ok && json_next(&it) && n < OPIK_BATCH_MAX)
		ok = it.value.type == JSON_STRING &&
		     uuid_read(r->arena, json_body(it.value), &(*ret_ids)[n++]);
	*ret_n = n;
	if (!ok)
		opik_refuse(r, ERR_INVALID, STR("Invalid query param ids"));
	return ok;
}

/* The items of the experiments, with the traces that they show. */
struct opik_compared {
	struct documents items;
	struct opik_rendered *traces;
	struct str *trace_ids;
};

static enum err opik_compare_read(
	struct opik_documents *d, const struct str *ids, size_t n, struct documents *ret)
{
	struct arena *a = d->request->arena;
	struct documents *of = arena_calloc(a, n, sizeof *of);
	size_t total = 0;
	enum err e = ERR_OK;
	for (size_t i = 0; i < n && !e; i++) {
		e = documents_read(d->view.dir_fd, a, DOCUMENT_EXPERIMENT_ITEM, ids[i], &of[i]);
		total += e ? 0 : of[i].n;
	}
	*ret = (struct documents){ .list = arena_calloc(a, total, sizeof *ret->list) };
	for (size_t i = 0; i < n && !e; i++)
		for (size_t k = 0; k < of[i].n; k++)
			ret->list[ret->n++] = of[i].list[k];
	return e;
}

static bool opik_compare_has(const struct opik_compared *c, struct str dataset_item_id)
{
	for (size_t i = 0; i < c->items.n; i++)
		if (str_eq(opik_document_text(&c->items.list[i], STR("dataset_item_id")),
			    dataset_item_id))
			return true;
	return false;
}

static enum err opik_compare_render(
	struct opik_compared *c, const struct document *item, struct json_writer *w)
{
	enum err e = ERR_OK;
	opik_item_render_open(item, w);
	json_key(w, STR("experiment_items"));
	json_array(w);
	for (size_t i = 0; i < c->items.n && !e; i++)
		if (str_eq(opik_document_text(&c->items.list[i], STR("dataset_item_id")), item->id))
			e = opik_experiment_item_render(
				c->traces, &c->items.list[i], c->trace_ids[i], w);
	json_end(w);
	json_end(w);
	return e;
}

/* Selects the dataset items that an experiment has and that the filters select. */
static size_t opik_compare_select(struct opik_selection *s, const struct opik_compared *c,
	const struct documents *all, struct document *ret, struct json *ret_objects)
{
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct buf b;
		struct json_writer w;
		if (!opik_compare_has(c, all->list[i].id))
			continue;
		buf_init(&b, s->request->arena);
		json_writer_init(&w, &b);
		opik_item_render_open(&all->list[i], &w);
		json_end(&w);
		ret[n] = all->list[i];
		ret_objects[n] = json_open(buf_str(&b));
		n += opik_selection_matches(s, ret_objects[n]);
	}
	return n;
}

static enum err opik_compare_page(
	struct opik_selection *s, struct opik_compared *c, const struct documents *all)
{
	static const char *const sortable[] = { "id", "created_at" };
	struct request *r = s->request;
	struct document *list = arena_calloc(r->arena, all->n, sizeof *list);
	struct json *objects = arena_calloc(r->arena, all->n, sizeof *objects);
	struct json_writer w;
	size_t first, last, n = opik_compare_select(s, c, all, list, objects);
	enum err e = ERR_OK;
	opik_page_begin(s, n, &w, &first, &last);
	for (size_t i = first; i < last && !e; i++)
		e = opik_compare_render(c, &list[i], &w);
	if (e)
		return e;
	json_end(&w);
	opik_columns_render(r, objects, n, &w);
	opik_page_end(&w, sortable, 2);
	return ERR_OK;
}

void opik_experiment_items_compare(struct request *r)
{
	struct opik_compared c = { .traces = arena_alloc(r->arena, sizeof *c.traces) };
	struct opik_documents d;
	struct opik_selection s;
	struct documents all;
	struct str id, *ids;
	size_t n;
	bool found = true;
	if (!opik_document_id(r, 0, &id) || !opik_compare_ids(r, &ids, &n) ||
		!opik_selection_read(&s, r) || !opik_documents_open(&d, r, &opik_datasets))
		return;
	enum err e = opik_compare_read(&d, ids, n, &c.items);
	if (!e)
		e = opik_items_read(r, d.view.dir_fd, id, STR_NULL, &all, &found);
	opik_documents_close(&d);
	if (e) {
		api_fail(r, &dialect_opik, e);
		return;
	}
	if (!opik_experiment_traces(r, c.items.list, c.items.n, c.traces, &c.trace_ids))
		return;
	e = opik_compare_page(&s, &c, &all);
	opik_rendered_close(c.traces);
	if (e)
		api_fail(r, &dialect_opik, e);
}
