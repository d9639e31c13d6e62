/* Lists and streams the items of a dataset. */
#include "api/opik/documents/items.h"

enum { STREAM_LIMIT = 500, STREAM_LIMIT_MAX = 2000 };

enum err opik_items_read(struct request *r, int dir_fd, struct str dataset_id, struct str version,
	struct documents *ret, bool *ret_found)
{
	int64_t until_ns;
	enum err e = opik_version_time(r, dir_fd, dataset_id, version, &until_ns, ret_found);
	if (e || !*ret_found)
		return e;
	return documents_read_until(
		dir_fd, r->arena, DOCUMENT_DATASET_ITEM, dataset_id, until_ns, ret);
}

/* Reads them; false: answered. */
static bool opik_items_of_version(struct request *r, const struct view *v, struct str dataset_id,
	struct str version, struct documents *ret)
{
	bool found;
	enum err e = opik_items_read(r, v->dir_fd, dataset_id, version, ret, &found);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (!found)
		opik_refuse_one(r, ERR_NOT_FOUND, STR("Dataset version not found"));
	return !e && found;
}

static struct json opik_item_object(struct arena *a, const struct document *item)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	opik_item_render_open(item, &w);
	json_end(&w);
	return json_open(buf_str(&b));
}

struct opik_items_stream {
	struct str name, version, last_id, filters;
	int64_t limit;
};

static bool opik_items_stream_read(struct request *r, struct opik_items_stream *ret)
{
	struct json body;
	struct opik_reader rd;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	ret->name = opik_read_text(&rd, json_get(body, STR("dataset_name")));
	ret->version = opik_read_text(&rd, json_get(body, STR("dataset_version")));
	ret->last_id = opik_read_uuid(&rd, json_get(body, STR("last_retrieved_id")));
	ret->filters = json_decode(r->arena, json_body(json_get(body, STR("filters"))));
	ret->limit = STREAM_LIMIT;
	(void)opik_read_int(&rd, json_get(body, STR("steam_limit")), &ret->limit); /* sic */
	if (str_is_null(ret->name) || opik_is_blank(ret->name))
		opik_problem(&rd, "datasetName must not be blank");
	if (ret->limit < 1)
		opik_problem(&rd, "steamLimit must be greater than or equal to 1");
	if (ret->limit > STREAM_LIMIT_MAX)
		opik_problem(&rd, "steamLimit must be less than or equal to 2000");
	return opik_reader_check(&rd);
}

void opik_items_stream(struct request *r)
{
	struct opik_items_stream s;
	struct opik_selection select = { .request = r };
	struct opik_documents d;
	struct documents items;
	if (!opik_items_stream_read(r, &s) ||
		!opik_selection_filters(&select, r, s.filters.len ? s.filters : STR("")) ||
		!opik_documents_open(&d, r, &opik_datasets))
		return;
	const struct document *dataset = opik_document_by_name(&d.all, s.name);
	if (!dataset) {
		opik_document_missing(r, &opik_datasets, s.name);
	} else if (opik_items_of_version(
			   r, &d.view, dataset->id, s.version.len ? s.version : STR_NULL, &items)) {
		r->response->type = CONTENT_BYTES;
		for (size_t i = 0; i < items.n && s.limit > 0; i++) {
			struct arena_mark mark = arena_mark(r->arena);
			bool is_after =
				str_is_null(s.last_id) || str_cmp(items.list[i].id, s.last_id) < 0;
			struct json item = opik_item_object(r->arena, &items.list[i]);
			if (is_after && opik_selection_matches(&select, item)) {
				buf_add(&r->response->body, item.raw);
				opik_end_line(r);
				s.limit--;
			}
			arena_rewind(r->arena, mark);
		}
	}
	opik_documents_close(&d);
}

/* ---- Pages ---- */

/* A member of the items' data, with the types of its values. */
struct opik_column {
	struct str name;
	unsigned types; /* 1 << enum json_type */
};

struct opik_columns {
	struct opik_column *list;
	size_t n, cap;
};

enum { COLUMNS_MAX = 1000 };

static void opik_columns_add(struct opik_columns *c, struct json data)
{
	for (struct json_iter it = json_members(data); json_next(&it);) {
		size_t i = 0;
		while (i < c->n && !str_eq(c->list[i].name, it.key))
			i++;
		if (i == c->cap)
			continue;
		if (i == c->n)
			c->list[c->n++] = (struct opik_column){ .name = it.key };
		c->list[i].types |= 1u << it.value.type;
	}
}

void opik_columns_render(struct request *r, struct json *items, size_t n, struct json_writer *w)
{
	static const struct {
		unsigned types;
		const char *name;
	} names[] = { { 1u << JSON_STRING, "string" }, { 1u << JSON_NUMBER, "number" },
		{ 1u << JSON_OBJECT, "object" }, { 1u << JSON_ARRAY, "array" },
		{ 1u << JSON_TRUE | 1u << JSON_FALSE, "boolean" }, { 1u << JSON_NULL, "null" } };
	struct opik_columns c = { .list = arena_calloc(r->arena, COLUMNS_MAX, sizeof *c.list),
		.cap = COLUMNS_MAX };
	for (size_t i = 0; i < n; i++)
		opik_columns_add(&c, json_get(items[i], STR("data")));
	json_key(w, STR("columns"));
	json_array(w);
	for (size_t i = 0; i < c.n; i++) {
		json_object(w);
		json_member_body(w, STR("name"), c.list[i].name);
		json_key(w, STR("types"));
		json_array(w);
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			if (c.list[i].types & names[k].types)
				json_text(w, str_from_c(names[k].name));
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

void opik_items_list(struct request *r)
{
	static const char *const sortable[] = { "id", "data", "created_at", "last_updated_at" };
	const struct param *version = request_param(r, STR("version"));
	struct opik_documents d;
	struct opik_selection s;
	struct documents items;
	struct json_writer w;
	struct str id;
	size_t n = 0, first, last;
	if (!opik_document_id(r, 0, &id) || !opik_selection_read(&s, r) ||
		!opik_documents_open(&d, r, &opik_datasets))
		return;
	if (!documents_by_id(&d.all, id)) {
		opik_document_missing(r, &opik_datasets, id);
	} else if (opik_items_of_version(r, &d.view, id,
			   version && version->value.len ? version->value : STR_NULL, &items)) {
		struct json *list = arena_calloc(r->arena, items.n, sizeof *list);
		for (size_t i = 0; i < items.n; i++) {
			list[n] = opik_item_object(r->arena, &items.list[i]);
			n += opik_selection_matches(&s, list[n]);
		}
		opik_selection_sort(&s, list, n);
		opik_page_begin(&s, n, &w, &first, &last);
		for (size_t i = first; i < last; i++)
			json_raw(&w, list[i].raw);
		json_end(&w);
		opik_columns_render(r, list, n, &w);
		opik_page_end(&w, sortable, sizeof sortable / sizeof sortable[0]);
	}
	opik_documents_close(&d);
}
