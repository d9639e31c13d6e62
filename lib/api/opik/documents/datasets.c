/* Serves datasets and the list of their versions. */
#include "api/opik/documents/items.h"

#include "api/opik/render.h"

static const struct str opik_visibilities[] = { { "private", 7 }, { "public", 6 } };
static const struct str opik_dataset_types[] = { { "dataset", 7 }, { "evaluation_suite", 16 } };

static const struct opik_member opik_dataset_members[] = {
	{ .name = "name", .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "description" },
	{ .name = "tags", .type = OPIK_MEMBER_TEXTS },
	{ .name = "visibility",
		.type = OPIK_MEMBER_CHOICE,
		.choices = opik_visibilities,
		.n_choices = 2,
		.otherwise = "\"private\"" },
	{ .name = "type",
		.type = OPIK_MEMBER_CHOICE,
		.flags = OPIK_MEMBER_FIXED,
		.choices = opik_dataset_types,
		.n_choices = 2,
		.otherwise = "\"dataset\"" },
};

static enum err opik_dataset_more(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page);
static enum err opik_dataset_drop(struct documents_change *c, struct str id);

const struct opik_family opik_datasets = {
	.path = { "datasets", 8 },
	.kind = DOCUMENT_DATASET,
	.members = OPIK_MEMBERS(opik_dataset_members),
	.missing = { "Dataset not found", 17 },
	.taken = { "Dataset already exists", 22 },
	.has_project = true,
	.more = opik_dataset_more,
	.drop = opik_dataset_drop,
};

static enum err opik_dataset_more(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page)
{
	struct arena *a = d->request->arena;
	struct documents items, experiments;
	int64_t n = 0, newest_ns = 0;
	struct arena_mark mark = arena_mark(a);
	(void)is_page;
	enum err e = documents_read(d->view.dir_fd, a, DOCUMENT_DATASET_ITEM, one->id, &items);
	if (!e)
		e = documents_read(d->view.dir_fd, a, DOCUMENT_EXPERIMENT, STR_NULL, &experiments);
	for (size_t i = 0; !e && i < experiments.n; i++) {
		const struct document *x = &experiments.list[i];
		if (!str_eq(opik_document_text(x, STR("dataset_id")), one->id))
			continue;
		n++;
		newest_ns = x->created_ns > newest_ns ? x->created_ns : newest_ns;
	}
	if (!e) {
		json_member_i64(w, STR("dataset_items_count"), (int64_t)items.n);
		json_member_i64(w, STR("experiment_count"), n);
		if (n)
			opik_render_time(w, STR("most_recent_experiment_at"), newest_ns);
		e = opik_dataset_latest(d->request, d->view.dir_fd, one->id, w);
	}
	arena_rewind(a, mark);
	return e;
}

static enum err opik_dataset_drop(struct documents_change *c, struct str id)
{
	enum err e = documents_remove(c, DOCUMENT_DATASET_ITEM, id);
	return e ? e : documents_remove(c, DOCUMENT_DATASET_VERSION, id);
}

/* Reads {"dataset_name"}; false: answered. */
static bool opik_dataset_read_name(struct request *r, struct str *ret)
{
	struct json body;
	struct opik_reader rd;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	*ret = opik_read_text(&rd, json_get(body, STR("dataset_name")));
	if (str_is_null(*ret) || opik_is_blank(*ret))
		opik_problem(&rd, "datasetName must not be blank");
	return opik_reader_check(&rd);
}

void opik_dataset_retrieve(struct request *r)
{
	struct opik_documents d;
	struct json_writer w;
	struct str name;
	if (!opik_dataset_read_name(r, &name) || !opik_documents_open(&d, r, &opik_datasets))
		return;
	const struct document *one = opik_document_by_name(&d.all, name);
	if (one) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		enum err e = opik_document_render(&d, one, &w, false);
		if (e)
			api_fail(r, &dialect_opik, e);
	} else {
		opik_document_missing(r, &opik_datasets, name);
	}
	opik_documents_close(&d);
}

void opik_dataset_delete_by_name(struct request *r)
{
	struct documents_change c;
	struct documents all;
	struct str name;
	if (!opik_dataset_read_name(r, &name) ||
		!opik_documents_begin(r, DOCUMENT_DATASET, STR_NULL, &c, &all))
		return;
	const struct document *one = opik_document_by_name(&all, name);
	struct document gone;
	enum err e = one ? opik_dataset_drop(&c, one->id) : ERR_OK;
	if (e) {
		(void)opik_documents_fail(r, &c, e); /* it has answered */
		return;
	}
	if (one) {
		gone = opik_document_next(r, one, one->body);
		gone.is_deleted = true;
	}
	if (opik_documents_commit(r, &c, &gone, one != NULL))
		opik_no_content(r);
}

/* ---- Versions ---- */

enum { HASH_CHARS = 8 }; /* the end of the version's id */

static int64_t opik_version_count(const struct document *version, struct str name)
{
	int64_t n = 0;
	(void)json_to_i64(json_get(json_open(version->body), name), &n);
	return n;
}

/* Versions are listed newest first, so the number of one counts from the end. */
static struct str opik_dataset_version_name(
	struct arena *a, const struct documents *versions, const struct document *one)
{
	return arena_printf(a, "v%zu", versions->n - (size_t)(one - versions->list));
}

static struct str opik_version_hash(const struct document *version)
{
	return str_skip(version->id, version->id.len - HASH_CHARS);
}

static void opik_dataset_version_render(struct request *r, const struct documents *versions,
	const struct document *one, struct json_writer *w)
{
	bool is_latest = one == versions->list;
	json_object(w);
	json_member_body(w, STR("id"), one->id);
	json_member_body(w, STR("dataset_id"), one->parent);
	json_member_body(w, STR("version_hash"), opik_version_hash(one));
	json_key(w, STR("tags"));
	json_array(w);
	if (is_latest)
		json_text(w, STR("latest"));
	json_end(w);
	json_member_bool(w, STR("is_latest"), is_latest);
	json_member_body(
		w, STR("version_name"), opik_dataset_version_name(r->arena, versions, one));
	opik_members_copy(json_open(one->body), w);
	opik_document_render_times(one, w);
	json_end(w);
}

enum err opik_dataset_latest(
	struct request *r, int dir_fd, struct str dataset_id, struct json_writer *w)
{
	struct documents versions;
	enum err e =
		documents_read(dir_fd, r->arena, DOCUMENT_DATASET_VERSION, dataset_id, &versions);
	if (e || versions.n == 0)
		return e;
	const struct document *one = versions.list;
	json_key(w, STR("latest_version"));
	json_object(w);
	json_member_body(w, STR("id"), one->id);
	json_member_body(w, STR("version_hash"), opik_version_hash(one));
	json_member_body(
		w, STR("version_name"), opik_dataset_version_name(r->arena, &versions, one));
	json_key(w, STR("tags"));
	json_array(w);
	json_text(w, STR("latest"));
	json_end(w);
	json_end(w);
	return ERR_OK;
}

static const struct document *opik_dataset_version_find(
	struct arena *a, const struct documents *versions, struct str version)
{
	if (str_is_null(version) || str_eq(version, STR("latest")))
		return versions->n ? versions->list : NULL;
	for (size_t i = 0; i < versions->n; i++) {
		const struct document *one = &versions->list[i];
		if (str_eq(opik_version_hash(one), version) || str_eq(one->id, version) ||
			str_eq(opik_dataset_version_name(a, versions, one), version))
			return one;
	}
	return NULL;
}

enum err opik_version_time(struct request *r, int dir_fd, struct str dataset_id, struct str version,
	int64_t *ret_ns, bool *ret_found)
{
	struct documents versions;
	*ret_ns = INT64_MAX;
	*ret_found = true;
	if (str_is_null(version) || str_eq(version, STR("latest")))
		return ERR_OK;
	enum err e =
		documents_read(dir_fd, r->arena, DOCUMENT_DATASET_VERSION, dataset_id, &versions);
	if (e)
		return e;
	const struct document *one = opik_dataset_version_find(r->arena, &versions, version);
	*ret_found = one != NULL;
	if (one && one != versions.list)
		*ret_ns = one->updated_ns;
	return ERR_OK;
}

/* The counts of a version add up over the requests of its batch. */
static struct str opik_dataset_version_body(
	struct request *r, const struct opik_items_change *x, const struct document *old)
{
	static const struct str names[] = { { "items_added", 11 }, { "items_modified", 14 },
		{ "items_deleted", 13 } };
	const size_t changed[] = { x->n_added, x->n_modified, x->n_deleted };
	struct buf b;
	struct json_writer w;
	buf_init(&b, r->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_i64(&w, STR("items_total"), (int64_t)(x->items.n + x->n_added - x->n_deleted));
	for (size_t i = 0; i < 3; i++)
		json_member_i64(&w, names[i],
			(int64_t)changed[i] + (old ? opik_version_count(old, names[i]) : 0));
	if (!str_is_null(x->group))
		json_member_body(&w, STR("batch_group_id"), x->group);
	json_end(&w);
	return buf_str(&b);
}

enum err opik_version_note(struct request *r, struct opik_items_change *x)
{
	struct documents versions;
	enum err e = documents_read(
		x->change.dir_fd, r->arena, DOCUMENT_DATASET_VERSION, x->dataset.id, &versions);
	if (e)
		return e;
	const struct document *newest = versions.n ? versions.list : NULL;
	bool is_same = newest &&
		       (str_is_null(x->group) ||
			       str_eq(opik_document_text(newest, STR("batch_group_id")), x->group));
	struct document next;
	if (is_same)
		next = opik_document_next(r, newest, STR("{}"));
	else
		next = opik_document_new(
			r, DOCUMENT_DATASET_VERSION, x->dataset.id, opik_new_id(r));
	if (is_same && str_is_null(x->group))
		x->group = opik_document_text(newest, STR("batch_group_id"));
	next.body = opik_dataset_version_body(r, x, is_same ? newest : NULL);
	return documents_put(&x->change, &next, 1);
}

void opik_dataset_versions_list(struct request *r)
{
	static const char *const sortable[] = { "created_at" };
	struct opik_documents d;
	struct opik_selection s;
	struct documents versions;
	struct json_writer w;
	struct str id;
	size_t first, last;
	if (!opik_document_id(r, 0, &id) || !opik_selection_read(&s, r) ||
		!opik_documents_open(&d, r, &opik_datasets))
		return;
	if (!documents_by_id(&d.all, id)) {
		opik_document_missing(r, &opik_datasets, id);
	} else if (opik_documents_read(r, &d.view, DOCUMENT_DATASET_VERSION, id, &versions)) {
		opik_page_begin(&s, versions.n, &w, &first, &last);
		for (size_t i = first; i < last; i++)
			opik_dataset_version_render(r, &versions, &versions.list[i], &w);
		json_end(&w);
		opik_page_end(&w, sortable, 1);
	}
	opik_documents_close(&d);
}

/* The body is {"version_name"}: v1, a hash or "latest". */
void opik_dataset_version_retrieve(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct view v;
	struct documents versions;
	struct json_writer w;
	struct str id;
	if (!opik_document_id(r, 0, &id) || !opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("version_name")));
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(&rd, "versionName must not be blank");
	if (!opik_reader_check(&rd) || !opik_view(r, &v))
		return;
	if (opik_documents_read(r, &v, DOCUMENT_DATASET_VERSION, id, &versions)) {
		const struct document *one = opik_dataset_version_find(r->arena, &versions, name);
		if (one) {
			r->response->type = CONTENT_JSON;
			json_writer_init(&w, &r->response->body);
			opik_dataset_version_render(r, &versions, one, &w);
		} else {
			opik_refuse_one(r, ERR_NOT_FOUND, STR("Dataset version not found"));
		}
	}
	view_close(&v);
}
