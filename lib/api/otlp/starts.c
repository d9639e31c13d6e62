#include "api/otlp/starts.h"

#include "api/sort.h"
#include "base/table.h"
#include "base/utime.h"
#include "query/engine.h"
#include "semconv/opik_id.h"

/* A trace of the request. */
struct trace_start {
	uint64_t hash; /* pred_text_hash of the id */
	struct str id;
	int64_t ms;
	bool is_known;  /* the id has a time, or a stored span says it */
	bool is_stored; /* a stored span has none */
};

static struct trace_start *find_start(struct table *starts, struct str id)
{
	struct table_probe p = table_probe(starts, pred_text_hash(id));
	struct trace_start *one;
	while ((one = table_next(starts, &p)) && !str_eq(one->id, id))
		;
	return one;
}

static void otlp_starts_collect(
	struct arena *a, struct table *starts, const struct span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str id = span_text(&spans[i], FIELD_TRACE_ID);
		int64_t ns = span_i64(&spans[i], FIELD_STARTED_AT, 0);
		int64_t ms = ns / NS_PER_MS - (ns % NS_PER_MS < 0);
		struct trace_start *one = find_start(starts, id);
		if (!one) {
			one = table_add(starts, pred_text_hash(id));
			one->id = id;
			one->ms = ms;
			one->is_known = opik_id_time(opik_id_shown(a, id), &one->ms);
		} else if (!one->is_known && ms < one->ms) {
			one->ms = ms;
		}
	}
}

static bool take_stored(void *user, const struct span *s, struct row_ref ref)
{
	struct trace_start *one = find_start(user, span_text(s, FIELD_TRACE_ID));
	(void)ref;
	if (!one || one->is_known)
		return true;
	one->is_known = span_has(s, FIELD_OPIK_MS);
	one->is_stored = !one->is_known;
	if (one->is_known)
		one->ms = span_i64(s, FIELD_OPIK_MS, 0);
	return true;
}

static enum err look_up(struct request *r, struct table *starts)
{
	struct view v;
	struct field_set want = { { 0 } };
	struct query q;
	size_t n = 0;
	uint64_t *hashes = arena_calloc(r->arena, starts->n, sizeof *hashes);
	for (size_t i = 0; i < starts->n; i++) {
		const struct trace_start *one = table_row(starts, i);
		if (!one->is_known)
			hashes[n++] = one->hash;
	}
	if (n == 0)
		return ERR_OK;
	enum err e = view_open(&api_app(r)->store, r->workspace, r->arena, &v);
	if (e)
		return e;
	sort_hashes(hashes, n);
	struct pred p = { .field = FIELD_TRACE_ID, .op = OP_IN_SET, .set = { hashes, n } };
	struct clause c = { &p, 1 };
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	field_set_add(&want, FIELD_TRACE_ID);
	field_set_add(&want, FIELD_OPIK_MS);
	e = engine_each(&v, &q, &want, take_stored, starts);
	view_close(&v);
	return e;
}

static enum err otlp_starts_append(struct request *r, struct span *spans, size_t n)
{
	struct append t;
	struct table starts;
	enum err e = append_begin(
		&t, &api_app(r)->store, r->workspace, ingest_may_create(r), r->arena, r->now_ns);
	if (e)
		return e;
	table_init(&starts, r->arena, sizeof(struct trace_start));
	otlp_starts_collect(r->arena, &starts, spans, n);
	e = look_up(r, &starts);
	for (size_t i = 0; i < n && !e; i++) {
		const struct trace_start *one =
			find_start(&starts, span_text(&spans[i], FIELD_TRACE_ID));
		if (one->is_known || !one->is_stored)
			span_set_i64(&spans[i], FIELD_OPIK_MS, one->ms);
		append_add(&t, &spans[i]);
	}
	table_release(&starts);
	if (!e)
		return append_commit(&t);
	append_abort(&t);
	return e;
}

bool otlp_store_with_starts(
	struct request *r, const struct dialect *d, struct span *spans, size_t n)
{
	struct pricing pricing = api_pricing(r);
	pricing_apply(&pricing, r->arena, spans, n);
	enum err e = n ? otlp_starts_append(r, spans, n) : ERR_OK;
	return e == ERR_OK || ingest_refuse(r, d, e);
}
