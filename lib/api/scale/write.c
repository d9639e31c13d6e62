/*
 * Handles writes: one span, batches, and changes of a span.
 *
 * A write replaces the stored span (Scale's "insert or replace"), because clients send complete
 * spans, usually at their start and at their end. A write reads nothing first, and a parent may
 * arrive later or never. Only PATCH reads the stored span, under the lock.
 */
#include "api/ingest.h"
#include "api/scale/span.h"

enum { BATCH_MAX = 1000 };

static void answer_span(struct request *r, const struct span *s)
{
	struct json_writer w;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	scale_span_render(&w, r->arena, r->workspace, s);
}

/* Answers the problems of a body, 422 before 400. Returns false when there were any. */
static bool scale_check_writer(struct request *r, const struct scale_writer *w)
{
	if (w->problems->n)
		route_error(r, &dialect_scale, ERR_UNPROCESSABLE, STR_NULL, w->problems);
	else if (!str_is_null(w->refusal))
		route_error(r, &dialect_scale, ERR_INVALID, w->refusal, NULL);
	else
		return true;
	return false;
}

/* Reads the body of that type. Returns false when the request was answered with an error. */
static bool scale_write_read_body(
	struct request *r, const struct pydantic *type, struct problems *p, struct json *ret)
{
	*p = (struct problems){ .arena = r->arena };
	if (!pydantic_body(r, &dialect_scale, r->conf->body_bytes, LIMIT_DEPTH, ret))
		return false;
	if (pydantic_check(p, type, *ret, NULL))
		return true;
	route_error(r, &dialect_scale, ERR_UNPROCESSABLE, STR_NULL, p);
	return false;
}

void scale_span_create(struct request *r)
{
	struct problems problems;
	struct json body;
	struct span s;
	if (!scale_write_read_body(r, &scale_create_type, &problems, &body))
		return;
	struct scale_writer w = { .request = r, .problems = &problems };
	scale_span_read(&w, body, &s);
	if (scale_check_writer(r, &w) && ingest_store(r, &dialect_scale, &s, 1, NULL, 0))
		answer_span(r, &s);
}

/* ---- Batches ---- */

/* A hash table of positions in the batch, plus 1; 0 is free. */
struct places {
	uint32_t *slots;
	size_t n_slots; /* a power of two */
};

static uint32_t *scale_write_find_place(
	const struct places *p, const struct span *spans, const struct span *s)
{
	size_t at = span_identity_hash(s) & (p->n_slots - 1);
	while (p->slots[at] && !span_same_identity(&spans[p->slots[at] - 1], s))
		at = (at + 1) & (p->n_slots - 1);
	return &p->slots[at];
}

/* Keeps one of the spans that stand twice in a batch, at the place of the first: one that has ended
 * wins over one that has not, otherwise the later one. Returns how many are left. */
static size_t leave_one_of_each(struct arena *a, struct span *spans, size_t n)
{
	struct places places = { .n_slots = 16 };
	size_t n_left = 0;
	while (places.n_slots < 2 * n)
		places.n_slots *= 2;
	places.slots = arena_calloc(a, places.n_slots, sizeof *places.slots);
	for (size_t i = 0; i < n; i++) {
		uint32_t *place = scale_write_find_place(&places, spans, &spans[i]);
		if (!*place) {
			spans[n_left++] = spans[i];
			*place = (uint32_t)n_left;
			continue;
		}
		struct span *former = &spans[*place - 1];
		if (span_has(&spans[i], FIELD_ENDED_AT) || !span_has(former, FIELD_ENDED_AT))
			*former = spans[i];
	}
	return n_left;
}

static void scale_write_answer_batch(struct request *r, const struct span *spans, size_t n)
{
	struct json_writer w;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_text(&w, STR("object"), STR("list"));
	json_key(&w, STR("items"));
	json_array(&w);
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(r->arena);
		scale_span_render(&w, r->arena, r->workspace, &spans[i]);
		response_flush_if_large(r->response);
		arena_rewind(r->arena, mark);
	}
	json_end(&w);
	json_end(&w);
}

void scale_spans_put(struct request *r)
{
	static const struct pydantic items_type = {
		.type = PYDANTIC_LIST, .item = &scale_create_type, .max_length = BATCH_MAX
	};
	static const struct pydantic_field fields[] = { { "items", &items_type, true } };
	static const struct pydantic batch_type = { .type = PYDANTIC_MODEL,
		PYDANTIC_FIELDS(fields) };
	struct problems problems;
	struct json body;
	if (!scale_write_read_body(r, &batch_type, &problems, &body))
		return;
	struct scale_writer w = { .request = r, .problems = &problems, .is_batch = true };
	struct span *spans = arena_calloc(r->arena, BATCH_MAX, sizeof *spans);
	struct json_iter it = json_elements(json_get(body, STR("items")));
	for (; w.item < BATCH_MAX && json_next(&it); w.item++)
		scale_span_read(&w, it.value, &spans[w.item]);
	size_t n = leave_one_of_each(r->arena, spans, w.item);
	if (scale_check_writer(r, &w) && ingest_store(r, &dialect_scale, spans, n, NULL, 0))
		scale_write_answer_batch(r, spans, n);
}

/* ---- Changes ---- */

/* Applies the patch to the current version and commits. Writes nothing when the span is not found
 * or there are problems. */
static enum err patch_locked(struct append *t, struct scale_writer *w, struct json patch,
	struct str id, struct span *ret, bool *ret_found)
{
	struct request *r = w->request;
	enum err e = append_find(t, STR_NULL, STR_NULL, id, ret, ret_found);
	*ret_found = !e && *ret_found && !ret->is_deleted;
	if (*ret_found)
		scale_span_apply(w, patch, ret);
	if (e || !*ret_found || w->problems->n) {
		append_abort(t);
		return e;
	}
	int64_t version = span_version(ret);
	span_set_i64(ret, FIELD_UPDATED_AT, r->now_ns > version ? r->now_ns : version);
	if (r->principal.len)
		span_set_plain(ret, FIELD_UPDATED_BY, r->arena, r->principal);
	append_add(t, ret);
	return append_commit(t);
}

void scale_span_update(struct request *r)
{
	struct problems problems;
	struct json body;
	struct append t;
	struct span s;
	bool is_found = false;
	if (!scale_write_read_body(r, &scale_patch_type, &problems, &body))
		return;
	struct scale_writer w = { .request = r, .problems = &problems };
	struct str id = json_encode(r->arena, r->captures[0]);
	enum err e = append_begin(&t, &api_app(r)->store, r->workspace, false, r->arena, r->now_ns);
	if (e == ERR_OK)
		e = patch_locked(&t, &w, body, id, &s, &is_found);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID || (e == ERR_OK && !is_found))
		scale_no_span(r, r->captures[0]);
	else if (e)
		api_fail(r, &dialect_scale, e);
	else if (scale_check_writer(r, &w))
		answer_span(r, &s);
}
