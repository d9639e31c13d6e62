#include "api/opik/documents/experiments.h"

#include "api/opik/documents/items.h"
#include "api/opik/documents/prompts.h"
#include "api/opik/read/stats.h"

#include "semconv/opik_id.h"

static const struct str opik_experiment_types[] = { { "regular", 7 }, { "trial", 5 },
	{ "mini-batch", 10 }, { "mutation", 8 } };
static const struct str opik_experiment_states[] = { { "running", 7 }, { "completed", 9 },
	{ "cancelled", 9 } };

static const struct opik_member opik_experiment_members[] = {
	{ .name = "name" },
	{ .name = "metadata", .type = OPIK_MEMBER_JSON },
	{ .name = "tags", .type = OPIK_MEMBER_TEXTS },
	{ .name = "type",
		.type = OPIK_MEMBER_CHOICE,
		.choices = opik_experiment_types,
		.n_choices = 4,
		.otherwise = "\"regular\"" },
	{ .name = "status",
		.type = OPIK_MEMBER_CHOICE,
		.choices = opik_experiment_states,
		.n_choices = 3 },
	{ .name = "evaluation_method", .flags = OPIK_MEMBER_FIXED },
	{ .name = "dataset_version_id", .type = OPIK_MEMBER_UUID, .flags = OPIK_MEMBER_FIXED },
	{ .name = "optimization_id", .type = OPIK_MEMBER_UUID, .flags = OPIK_MEMBER_FIXED },
	{ .name = "experiment_scores", .type = OPIK_MEMBER_JSON },
};

static enum err opik_experiment_more(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page);
static bool opik_experiment_check(struct request *r, struct json body, struct json_writer *w);
static enum err opik_experiment_drop(struct documents_change *c, struct str id);

const struct opik_family opik_experiments = {
	.path = { "experiments", 11 },
	.kind = DOCUMENT_EXPERIMENT,
	.members = OPIK_MEMBERS(opik_experiment_members),
	.missing = { "Not found experiment with id '{}'", 33 },
	.missing_update = { "Experiment not found: '{}'", 26 },
	.says_code = true,
	.keeps_first = true,
	.has_project = true,
	.more = opik_experiment_more,
	.check = opik_experiment_check,
	.drop = opik_experiment_drop,
};

static enum err opik_experiment_drop(struct documents_change *c, struct str id)
{
	return documents_remove(c, DOCUMENT_EXPERIMENT_ITEM, id);
}

/* ---- Creating ---- */

/* Returns the list of {"id"} that a request links to, also by its older name for one. */
static struct json opik_experiment_links(struct arena *a, struct json body)
{
	struct json list = json_get(body, STR("prompt_versions"));
	struct json one = json_get(body, STR("prompt_version"));
	if (list.type == JSON_ARRAY || one.type != JSON_OBJECT)
		return list;
	return json_open(arena_printf(a, "[%.*s]", STR_ARG(one.raw)));
}

/* Finds the dataset, or makes it, and checks what the experiment links to. */
static bool opik_experiment_check(struct request *r, struct json body, struct json_writer *w)
{
	struct opik_reader rd;
	struct opik_items_change x;
	bool is_there;
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("dataset_name")));
	struct json links = opik_experiment_links(r->arena, body);
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(&rd, "datasetName must not be blank");
	if (!opik_reader_check(&rd) || !opik_items_begin(r, &x, STR_NULL, name, 0))
		return false;
	enum err e = opik_versions_are_there(r, x.change.dir_fd, links, &is_there);
	if (e)
		return opik_documents_fail(r, &x.change, e);
	documents_end(&x.change);
	if (!is_there) {
		opik_refuse(r, ERR_CONFLICT, STR("Prompt version not found"));
		return false;
	}
	json_member_body(w, STR("dataset_id"), x.dataset.id);
	if (links.type == JSON_ARRAY)
		json_member_raw(w, STR("_links"), json_canonical(r->arena, links.raw));
	if (!opik_read_text(&rd, json_get(body, STR("name"))).len)
		json_member_raw(w, STR("name"),
			arena_printf(r->arena, "\"experiment-%.*s\"", 8, opik_new_id(r).ptr + 28));
	return true;
}

/* ---- Rendering ---- */

bool opik_experiment_traces(struct request *r, const struct document *items, size_t n,
	struct opik_rendered *ret, struct str **ret_ids)
{
	struct str *ids = arena_calloc(r->arena, n, sizeof *ids);
	for (size_t i = 0; i < n; i++)
		(void)opik_id_param(
			r->arena, opik_document_text(&items[i], STR("trace_id")), &ids[i]);
	*ret_ids = ids;
	return opik_rendered_open(ret, r, OPIK_TRACES, ids, n);
}

static void opik_experiment_means(
	struct json_writer *w, const char *name, struct table *means, bool is_list)
{
	if (!means->n)
		return;
	json_key(w, str_from_c(name));
	if (is_list)
		json_array(w);
	else
		json_object(w);
	for (size_t i = 0; i < means->n; i++) {
		const struct opik_mean *one = table_row(means, i);
		double mean = one->sum / (double)one->n;
		if (is_list) {
			json_object(w);
			json_member_body(w, STR("name"), one->name);
			json_member_double(w, STR("value"), mean);
			json_end(w);
		} else {
			json_key_body(w, one->name);
			json_double(w, mean);
		}
	}
	json_end(w);
}

/* Adds the rows of the traces that are there. */
static enum err opik_experiment_sum_up(
	struct opik_rendered *x, struct opik_stats *st, const struct str *ids, size_t n)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < n; i++) {
		struct arena_mark mark = arena_mark(x->list.request->arena);
		struct span s;
		bool found;
		e = opik_find_one(&x->list.view, OPIK_TRACES, ids[i], &s, &found);
		if (!e && found)
			opik_stats_add(st, &s);
		arena_rewind(x->list.request->arena, mark);
	}
	opik_stats_finish(st);
	return e;
}

static enum err opik_experiment_stats(
	struct request *r, const struct documents *items, struct json_writer *w)
{
	struct opik_rendered *x = arena_alloc(r->arena, sizeof *x);
	struct opik_stats st;
	struct string_pool names;
	struct str *ids;
	if (!opik_experiment_traces(r, items->list, items->n, x, &ids))
		return ERR_IO; /* it was answered; the caller answers again in the same words */
	string_pool_init(&names, r->arena);
	opik_stats_init(&st, r->arena, OPIK_TRACES, &x->list.notes, &names);
	st.sums = &x->sums;
	enum err e = opik_experiment_sum_up(x, &st, ids, items->n);
	if (!e) {
		json_member_i64(w, STR("trace_count"), (int64_t)st.n);
		opik_experiment_means(w, "feedback_scores", &st.scores, true);
		opik_experiment_means(w, "usage", &st.usage, false);
		if (st.n_durations) {
			json_key(w, STR("duration"));
			opik_stats_render_durations(w, &st);
		}
		if (st.n_cost) {
			json_member_raw(
				w, STR("total_estimated_cost"), dec_from_pico(r->arena, st.cost));
			json_member_double(
				w, STR("total_estimated_cost_avg"), opik_stats_cost(&st));
		}
	}
	opik_stats_release(&st);
	string_pool_release(&names);
	opik_rendered_close(x);
	return e;
}

static int64_t opik_experiment_dataset_items(const struct documents *items)
{
	int64_t n = 0;
	for (size_t i = 0; i < items->n; i++) {
		struct str id = opik_document_text(&items->list[i], STR("dataset_item_id"));
		size_t k = 0;
		while (k < i &&
			!str_eq(opik_document_text(&items->list[k], STR("dataset_item_id")), id))
			k++;
		n += k == i;
	}
	return n;
}

static enum err opik_experiment_dataset(
	struct opik_documents *d, const struct document *one, struct json_writer *w)
{
	struct documents *datasets = d->cache;
	enum err e = ERR_OK;
	if (!datasets) {
		datasets = d->cache = arena_alloc(d->request->arena, sizeof *datasets);
		e = documents_read(
			d->view.dir_fd, d->request->arena, DOCUMENT_DATASET, STR_NULL, datasets);
	}
	if (e)
		return e;
	const struct document *dataset =
		documents_by_id(datasets, opik_document_text(one, STR("dataset_id")));
	/* The SDK drops an experiment that lacks this member. */
	json_key(w, STR("dataset_name"));
	if (dataset)
		json_body_value(w, opik_document_text(dataset, STR("name")));
	else
		json_null(w);
	return ERR_OK;
}

static enum err opik_experiment_more(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page)
{
	struct request *r = d->request;
	struct documents items;
	(void)is_page;
	enum err e = opik_experiment_dataset(d, one, w);
	struct arena_mark mark = arena_mark(r->arena);
	if (!e)
		e = opik_version_links(
			r, d->view.dir_fd, json_get(json_open(one->body), STR("_links")), w);
	if (!e)
		e = documents_read(
			d->view.dir_fd, r->arena, DOCUMENT_EXPERIMENT_ITEM, one->id, &items);
	if (e)
		return e;
	json_member_i64(w, STR("dataset_item_count"), opik_experiment_dataset_items(&items));
	e = opik_experiment_stats(r, &items, w);
	arena_rewind(r->arena, mark);
	return e;
}

/* ---- Handlers ---- */

struct opik_experiments_stream {
	struct str name, last_id;
	int64_t limit;
};

static bool opik_experiments_stream_read(struct request *r, struct opik_experiments_stream *ret)
{
	enum { LIMIT = 500, LIMIT_MOST = 2000 };
	struct json body;
	struct opik_reader rd;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("name")));
	ret->last_id = opik_read_uuid(&rd, json_get(body, STR("last_retrieved_id")));
	ret->limit = LIMIT;
	(void)opik_read_int(&rd, json_get(body, STR("limit")), &ret->limit);
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(&rd, "name must not be blank");
	if (ret->limit < 1)
		opik_problem(&rd, "limit must be greater than or equal to 1");
	if (ret->limit > LIMIT_MOST)
		opik_problem(&rd, "limit must be less than or equal to 2000");
	ret->name = json_decode(r->arena, name);
	return opik_reader_check(&rd);
}

void opik_experiments_stream(struct request *r)
{
	struct opik_experiments_stream s;
	struct opik_documents d;
	enum err e = ERR_OK;
	if (!opik_experiments_stream_read(r, &s) || !opik_documents_open(&d, r, &opik_experiments))
		return;
	r->response->type = CONTENT_BYTES;
	for (size_t i = 0; i < d.all.n && s.limit > 0 && !e; i++) {
		const struct document *one = &d.all.list[i];
		struct str name = json_decode(r->arena, opik_document_text(one, STR("name")));
		struct json_writer w;
		if (!opik_has_part(name, s.name) ||
			(!str_is_null(s.last_id) && str_cmp(one->id, s.last_id) >= 0))
			continue;
		json_writer_init(&w, &r->response->body);
		e = opik_document_render(&d, one, &w, true);
		if (!e)
			opik_end_line(r);
		s.limit--;
	}
	if (e)
		api_fail(r, &dialect_opik, e);
	opik_documents_close(&d);
}

/* Opik tells others that the experiments are finished; here nobody listens. */
void opik_experiments_finish(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct str *ids;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	(void)opik_read_ids(&rd, body, "ids", &ids);
	if (opik_reader_check(&rd))
		opik_no_content(r);
}
