/* Writes, gets, changes and deletes the items of datasets. */
#include "api/opik/documents/items.h"

static const struct str opik_item_sources[] = { { "manual", 6 }, { "trace", 5 }, { "span", 4 },
	{ "sdk", 3 } };

static const struct opik_member opik_item_members[] = {
	{ .name = "trace_id", .type = OPIK_MEMBER_UUID },
	{ .name = "span_id", .type = OPIK_MEMBER_UUID },
	{ .name = "source",
		.type = OPIK_MEMBER_CHOICE,
		.flags = OPIK_MEMBER_REQUIRED,
		.choices = opik_item_sources,
		.n_choices = 4 },
	{ .name = "data", .type = OPIK_MEMBER_OBJECT, .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "description" },
	{ .name = "tags", .type = OPIK_MEMBER_TEXTS },
	{ .name = "evaluators", .type = OPIK_MEMBER_JSON },
	{ .name = "execution_policy", .type = OPIK_MEMBER_JSON },
};

static const struct opik_members opik_item_table = OPIK_MEMBERS(opik_item_members);

/* ---- Changes ---- */

/* Finds the dataset or makes it; false: answered, and the change has ended. */
static bool opik_items_dataset(struct request *r, struct opik_items_change *x,
	const struct documents *all, struct str id, struct str name)
{
	const struct document *found =
		str_is_null(id) ? opik_document_by_name(all, name) : documents_by_id(all, id);
	if (found) {
		x->dataset = *found;
		return true;
	}
	if (!str_is_null(id)) {
		documents_end(&x->change);
		opik_document_missing(r, &opik_datasets, id);
		return false;
	}
	x->dataset = opik_document_new(r, DOCUMENT_DATASET, STR_NULL, opik_new_id(r));
	x->dataset.body = arena_printf(r->arena,
		"{\"name\":\"%.*s\",\"visibility\":\"private\",\"type\":\"dataset\"}",
		STR_ARG(name));
	return opik_documents_put(r, &x->change, &x->dataset, 1);
}

bool opik_items_begin(struct request *r, struct opik_items_change *x, struct str dataset_id,
	struct str dataset_name, size_t room)
{
	struct documents all;
	*x = (struct opik_items_change){ .list = arena_calloc(r->arena, room, sizeof *x->list) };
	if (!opik_documents_begin(r, DOCUMENT_DATASET, STR_NULL, &x->change, &all) ||
		!opik_items_dataset(r, x, &all, dataset_id, dataset_name))
		return false;
	enum err e = documents_read(
		x->change.dir_fd, r->arena, DOCUMENT_DATASET_ITEM, x->dataset.id, &x->items);
	return !e || opik_documents_fail(r, &x->change, e);
}

const struct document *opik_items_find(const struct opik_items_change *x, struct str id)
{
	for (size_t i = x->n; i-- > 0;)
		if (str_eq(x->list[i].id, id))
			return &x->list[i];
	return documents_by_id(&x->items, id);
}

void opik_items_add(struct request *r, struct opik_items_change *x, const struct document *item,
	const struct document *old)
{
	if (old && str_eq(old->body, item->body))
		return;
	struct document next = old ? opik_document_next(r, old, item->body) : *item;
	next.parent = x->dataset.id;
	x->list[x->n++] = next;
	x->n_added += !old;
	x->n_modified += old != NULL;
}

void opik_items_drop(struct request *r, struct opik_items_change *x, const struct document *item)
{
	struct document gone = opik_document_next(r, item, item->body);
	gone.is_deleted = true;
	x->list[x->n++] = gone;
	x->n_deleted++;
}

bool opik_items_commit(struct request *r, struct opik_items_change *x)
{
	if (x->n) {
		enum err e = documents_put(&x->change, x->list, x->n);
		if (!e)
			e = opik_version_note(r, x);
		if (e)
			return opik_documents_fail(r, &x->change, e);
	}
	documents_end(&x->change);
	return true;
}

/* ---- Writing ---- */

/* Reads an item of a request; false: answered. */
static bool opik_item_read(struct opik_reader *rd, struct json given, struct document *ret)
{
	struct str id;
	struct json none = { JSON_NONE, STR_NULL };
	if (!opik_document_read_id(rd, json_get(given, STR("id")), &id))
		return false;
	*ret = opik_document_new(rd->request, DOCUMENT_DATASET_ITEM, STR_NULL, id);
	ret->body = opik_members_over(rd, opik_item_table, given, none);
	return true;
}

void opik_items_put(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct opik_items_change x;
	size_t n = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str id = opik_read_uuid(&rd, json_get(body, STR("dataset_id")));
	struct str name = opik_read_text(&rd, json_get(body, STR("dataset_name")));
	struct str group = opik_read_text(&rd, json_get(body, STR("batch_group_id")));
	struct json_iter it = json_elements(opik_read_list(&rd, body, "items"));
	if (str_is_null(id) && (str_is_null(name) || opik_is_blank(name)))
		opik_problem(&rd, "dataset_id or dataset_name must be provided");
	struct document *items = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *items);
	while (json_next(&it) && n < OPIK_BATCH_MAX) {
		rd.path = arena_printf(r->arena, "items[%zu].", n);
		if (!opik_item_read(&rd, it.value, &items[n++]))
			return;
	}
	if (!opik_reader_check(&rd) || !opik_items_begin(r, &x, id, name, n))
		return;
	x.group = group;
	for (size_t i = 0; i < n; i++)
		opik_items_add(r, &x, &items[i], opik_items_find(&x, items[i].id));
	if (opik_items_commit(r, &x))
		opik_no_content(r);
}

/* ---- One item ---- */

void opik_item_render_open(const struct document *item, struct json_writer *w)
{
	json_object(w);
	json_member_body(w, STR("id"), item->id);
	json_member_body(w, STR("dataset_item_id"), item->id);
	opik_members_copy(json_open(item->body), w);
	json_member_body(w, STR("dataset_id"), item->parent);
	opik_document_render_times(item, w);
}

static void opik_item_missing(struct request *r)
{
	opik_refuse_one(r, ERR_NOT_FOUND, STR("Dataset item not found"));
}

void opik_item_get(struct request *r)
{
	struct view v;
	struct document item;
	struct json_writer w;
	struct str id;
	bool found;
	if (!opik_document_id(r, 0, &id) || !opik_view(r, &v))
		return;
	enum err e = documents_find(v.dir_fd, r->arena, DOCUMENT_DATASET_ITEM, id, &item, &found);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else if (!found) {
		opik_item_missing(r);
	} else {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		opik_item_render_open(&item, &w);
		json_end(&w);
	}
	view_close(&v);
}

/* ---- Changing items by their ids or by filters ---- */

/* The items that a request means: all are in one dataset. */
struct opik_items_meant {
	struct str *ids;
	size_t n;
	struct str dataset_id; /* STR_NULL: that of the first id */
	struct str filters;    /* JSON of a list; STR_NULL: none */
	bool must_be_there;    /* 404 when no id is */
};

/* Finds the dataset of the first id that is there. Returns false when the request was answered. */
static bool opik_items_locate(struct request *r, struct opik_items_meant *m)
{
	struct view v;
	struct document item;
	bool found = false;
	if (!str_is_null(m->dataset_id))
		return true;
	if (!opik_view(r, &v))
		return false;
	enum err e = ERR_OK;
	for (size_t i = 0; i < m->n && !found && !e; i++)
		e = documents_find(
			v.dir_fd, r->arena, DOCUMENT_DATASET_ITEM, m->ids[i], &item, &found);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (found)
		m->dataset_id = item.parent;
	else if (m->must_be_there)
		opik_item_missing(r);
	else
		opik_no_content(r);
	return found;
}

static bool opik_item_is_meant(const struct opik_items_meant *m, const struct opik_selection *s,
	const struct document *item)
{
	struct buf b;
	struct json_writer w;
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->ids[i], item->id))
			return true;
	if (str_is_null(m->filters))
		return false;
	struct arena_mark mark = arena_mark(s->request->arena);
	buf_init(&b, s->request->arena);
	json_writer_init(&w, &b);
	opik_item_render_open(item, &w);
	json_end(&w);
	bool holds = opik_selection_matches(s, json_open(buf_str(&b)));
	buf_release(&b);
	arena_rewind(s->request->arena, mark);
	return holds;
}

/* Changes or, without a change, deletes what is meant; then answers. */
static void opik_items_apply(
	struct request *r, struct opik_items_meant *m, struct str group, struct json update)
{
	struct opik_items_change x;
	struct opik_selection s = { .request = r };
	struct opik_reader rd;
	if (!str_is_null(m->filters) && !opik_selection_filters(&s, r, m->filters))
		return;
	if (!opik_items_locate(r, m) || !opik_items_begin(r, &x, m->dataset_id, STR_NULL, 0))
		return;
	x.list = arena_calloc(r->arena, x.items.n, sizeof *x.list);
	x.group = group;
	opik_reader_init(&rd, r);
	for (size_t i = 0; i < x.items.n; i++) {
		struct document item = x.items.list[i];
		if (!opik_item_is_meant(m, &s, &item))
			continue;
		if (update.type == JSON_OBJECT) {
			item.body = opik_members_over(
				&rd, opik_item_table, update, json_open(item.body));
			opik_items_add(r, &x, &item, &x.items.list[i]);
		} else {
			opik_items_drop(r, &x, &item);
		}
	}
	if (!opik_reader_check(&rd))
		documents_end(&x.change);
	else if (opik_items_commit(r, &x))
		opik_no_content(r);
}

void opik_item_update(struct request *r)
{
	struct json body;
	struct str id;
	struct opik_items_meant m = { .ids = &id, .n = 1, .must_be_there = true };
	if (opik_document_id(r, 0, &id) && opik_body(r, &body))
		opik_items_apply(r, &m, STR_NULL, body);
}

/* Reads {<ids>?, dataset_id?, filters?}; false: answered. */
static bool opik_items_meant_read(
	struct opik_reader *rd, struct json body, const char *ids, struct opik_items_meant *ret)
{
	struct json filters = json_get(body, STR("filters"));
	*ret = (struct opik_items_meant){ .dataset_id = STR_NULL };
	ret->dataset_id = opik_read_uuid(rd, json_get(body, STR("dataset_id")));
	if (json_get(body, str_from_c(ids)).type > JSON_NULL)
		ret->n = opik_read_ids(rd, body, ids, &ret->ids);
	else if (filters.type == JSON_ARRAY)
		ret->filters = filters.raw;
	else
		opik_problem(rd,
			arena_copy_c(rd->arena,
				arena_printf(rd->arena, "%s or filters must be provided", ids)));
	if (!str_is_null(ret->filters) && str_is_null(ret->dataset_id))
		opik_problem(rd, "dataset_id must be provided with filters");
	return opik_reader_check(rd);
}

/* The body is {ids or filters with dataset_id, update, merge_tags?}. */
void opik_items_update(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct opik_items_meant m;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	if (json_get(body, STR("update")).type != JSON_OBJECT)
		opik_problem(&rd, "update must not be null");
	if (opik_items_meant_read(&rd, body, "ids", &m))
		opik_items_apply(r, &m, STR_NULL, opik_update_of(r->arena, body));
}

/* The body is {item_ids or filters with dataset_id, batch_group_id?}. Unknown ids are left out. */
void opik_items_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct opik_items_meant m;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str group = opik_read_text(&rd, json_get(body, STR("batch_group_id")));
	if (opik_items_meant_read(&rd, body, "item_ids", &m))
		opik_items_apply(r, &m, group, (struct json){ JSON_NONE, STR_NULL });
}
