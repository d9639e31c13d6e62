/*
 * POST …/ingest/spans: reads NeMo Intake's import format, a batch of spans as JSON. Either all of
 * it is stored or nothing.
 *
 *	{"source":"mlflow","spans":[{"span_id":"a","trace_id":"t","started_at":"…Z", …}]}
 */
#include "api/nemo/ingest.h"
#include "semconv/semconv.h"

#include "base/hash.h"
#include "base/utime.h"
#include "span/normalise.h"

#include <stdlib.h>

/* Limits of NeMo. */
enum { SOURCE_CHARS = 128, ID_CHARS = 1024, NAME_CHARS = 1024, BATCH_SPANS = 1000 };

static bool is_source_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.ptr[i]);
		bool is_alphanumeric = ascii_is_digit(c) || (c >= 'a' && c <= 'z');
		if (!is_alphanumeric && (i == 0 || (c != '_' && c != '.' && c != '-')))
			return false;
	}
	return s.len > 0;
}

/* The order is that of NeMo's messages. */
static const struct str kinds[] = { { "LLM", 3 }, { "CHAIN", 5 }, { "TOOL", 4 }, { "RETRIEVER", 9 },
	{ "EMBEDDING", 9 }, { "AGENT", 5 }, { "RERANKER", 8 }, { "EVALUATOR", 9 },
	{ "GUARDRAIL", 9 }, { "UNKNOWN", 7 } };
static const struct str statuses[] = { { "success", 7 }, { "error", 5 }, { "cancelled", 9 },
	{ "unknown", 7 } };

static struct str refuse_naive(void *user, struct arena *a, struct json v)
{
	int64_t ns;
	bool is_naive = false;
	(void)user;
	return pydantic_datetime(a, v, &ns, &is_naive) && is_naive
		       ? STR("timestamps must include a UTC offset")
		       : STR_NULL;
}

/* user is the request's mapper. */
static struct str refuse_bad_numbers(void *user, struct arena *a, struct json v)
{
	struct str reason = STR_NULL;
	struct span scratch;
	(void)a;
	span_init(&scratch);
	/* With a session the mapper does not look for one. */
	span_set_text(&scratch, FIELD_SESSION_ID, STR("-"));
	return map_json_attributes(user, v, &scratch, &reason) ? STR_NULL : reason;
}

static struct str check_span(void *user, struct arena *a, struct json v);
static struct str refuse_duplicates(void *user, struct arena *a, struct json v);

static const struct pydantic source = {
	.type = PYDANTIC_STR,
	.min_length = 1,
	.max_length = SOURCE_CHARS,
	.pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
	.matches = is_source_name,
};
static const struct pydantic id = {
	.type = PYDANTIC_STR,
	.min_length = 1,
	.max_length = ID_CHARS,
};
static const struct pydantic id_or_null = {
	.type = PYDANTIC_STR,
	.is_nullable = true,
	.min_length = 1,
	.max_length = ID_CHARS,
};
static const struct pydantic name = { .type = PYDANTIC_STR, .max_length = NAME_CHARS };
static const struct pydantic kind = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(kinds) };
static const struct pydantic status = { .type = PYDANTIC_ENUM, PYDANTIC_NAMES(statuses) };
static const struct pydantic started_at = { .type = PYDANTIC_DATETIME, .after = refuse_naive };
static const struct pydantic ended_at = {
	.type = PYDANTIC_DATETIME,
	.is_nullable = true,
	.after = refuse_naive,
};
static const struct pydantic attributes = { .type = PYDANTIC_DICT, .after = refuse_bad_numbers };

enum {
	SPAN_ID,
	TRACE_ID,
	SESSION_ID,
	PARENT_SPAN_ID,
	NAME,
	KIND,
	STATUS,
	STARTED_AT,
	ENDED_AT,
	INPUT,
	OUTPUT,
	ATTRIBUTES,
	SPAN__MAX
};

static const struct pydantic_field span_fields[SPAN__MAX] = {
	[SPAN_ID] = { "span_id", &id, true },
	[TRACE_ID] = { "trace_id", &id, true },
	[SESSION_ID] = { "session_id", &id_or_null, false },
	[PARENT_SPAN_ID] = { "parent_span_id", &id_or_null, false },
	[NAME] = { "name", &name, false },
	[KIND] = { "kind", &kind, false },
	[STATUS] = { "status", &status, false },
	[STARTED_AT] = { "started_at", &started_at, true },
	[ENDED_AT] = { "ended_at", &ended_at, false },
	[INPUT] = { "input", &pydantic_any, false },
	[OUTPUT] = { "output", &pydantic_any, false },
	[ATTRIBUTES] = { "attributes", &attributes, false },
};

static const struct pydantic span_model = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(span_fields),
	.extra = PYDANTIC_FORBID,
	.after = check_span,
};
static const struct pydantic spans_list = {
	.type = PYDANTIC_LIST,
	.item = &span_model,
	.min_length = 1,
	.max_length = BATCH_SPANS,
};

enum { SOURCE, SPANS, BODY__MAX };

static const struct pydantic_field body_fields[BODY__MAX] = {
	[SOURCE] = { "source", &source, true },
	[SPANS] = { "spans", &spans_list, true },
};
static const struct pydantic body_model = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(body_fields),
	.extra = PYDANTIC_FORBID,
	.after = refuse_duplicates,
};

static int64_t nemo_ingest_time_of(struct arena *a, struct json v)
{
	int64_t ns = 0;
	bool is_naive;
	(void)pydantic_datetime(a, v, &ns, &is_naive); /* it was checked */
	return ns;
}

static struct str check_span(void *user, struct arena *a, struct json v)
{
	struct json at[SPAN__MAX];
	(void)user;
	pydantic_split(&span_model, v, at);
	if (pydantic_is_set(at[PARENT_SPAN_ID]) && json_equal(a, at[PARENT_SPAN_ID], at[SPAN_ID]))
		return STR("parent_span_id must differ from span_id");
	/* NeMo has microseconds. */
	if (pydantic_is_set(at[ENDED_AT]) &&
		nemo_ingest_time_of(a, at[ENDED_AT]) / NS_PER_US <
			nemo_ingest_time_of(a, at[STARTED_AT]) / NS_PER_US)
		return STR("ended_at must be greater than or equal to started_at");
	return STR_NULL;
}

struct identity {
	uint64_t hash;
	struct str trace_id, span_id;
};

static int compare_identities(const void *x, const void *y)
{
	const struct identity *a = x, *b = y;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	int c = str_cmp(a->trace_id, b->trace_id);
	return c ? c : str_cmp(a->span_id, b->span_id);
}

static struct str refuse_duplicates(void *user, struct arena *a, struct json v)
{
	struct json top[BODY__MAX], at[SPAN__MAX];
	struct identity *list = arena_calloc(a, BATCH_SPANS, sizeof *list);
	size_t n = 0;
	(void)user;
	pydantic_split(&body_model, v, top);
	for (struct json_iter it = json_elements(top[SPANS]); json_next(&it); n++) {
		pydantic_split(&span_model, it.value, at);
		list[n].trace_id = json_canonical_body(a, json_body(at[TRACE_ID]));
		list[n].span_id = json_canonical_body(a, json_body(at[SPAN_ID]));
		list[n].hash = hash64(list[n].span_id, hash64(list[n].trace_id, 0));
	}
	qsort(list, n, sizeof *list, compare_identities);
	for (size_t i = 1; i < n; i++)
		if (compare_identities(&list[i - 1], &list[i]) == 0)
			return STR("spans must not contain duplicate (trace_id, span_id) "
				   "identities");
	return STR_NULL;
}

/* Ignores null and the empty text, as NeMo does. */
static void set_payload(struct span *s, struct arena *a, enum field f, struct json v)
{
	if (pydantic_is_set(v) && !(v.type == JSON_STRING && v.raw.len == STR("\"\"").len))
		span_set_text(s, f, json_canonical(a, v.raw));
}

static void nemo_ingest_map_span(
	struct request *r, struct mapper *m, struct str from, struct json v, struct span *s)
{
	struct json at[SPAN__MAX];
	struct arena *a = r->arena;
	enum kind k = KIND_UNKNOWN;
	enum status st = STATUS_UNKNOWN;
	struct str reason;
	pydantic_split(&span_model, v, at);
	span_init(s);
	nemo_ingest_set_text(s, a, FIELD_SPAN_ID, at[SPAN_ID]);
	nemo_ingest_set_text(s, a, FIELD_TRACE_ID, at[TRACE_ID]);
	nemo_ingest_set_text(s, a, FIELD_PARENT_SPAN_ID, at[PARENT_SPAN_ID]);
	nemo_ingest_set_text(s, a, FIELD_SESSION_ID,
		pydantic_is_set(at[SESSION_ID]) ? at[SESSION_ID] : at[TRACE_ID]);
	nemo_ingest_set_text(s, a, FIELD_NAME, at[NAME]);
	span_set_text(s, FIELD_SOURCE, from);
	(void)kind_from_name(json_decode(a, json_body(at[KIND])), &k);      /* or absent */
	(void)status_from_name(json_decode(a, json_body(at[STATUS])), &st); /* or absent */
	span_set_i64(s, FIELD_KIND, k);
	span_set_i64(s, FIELD_STATUS, st);
	int64_t started_ns = nemo_ingest_time_of(a, at[STARTED_AT]);
	span_set_i64(s, FIELD_STARTED_AT, started_ns);
	if (pydantic_is_set(at[ENDED_AT])) {
		int64_t ended_ns = nemo_ingest_time_of(a, at[ENDED_AT]);
		span_set_i64(s, FIELD_ENDED_AT, ended_ns > started_ns ? ended_ns : started_ns);
	}
	set_payload(s, a, FIELD_INPUT, at[INPUT]);
	set_payload(s, a, FIELD_OUTPUT, at[OUTPUT]);
	(void)map_json_attributes(m, at[ATTRIBUTES], s, &reason); /* it was checked */
	span_normalise(s, a, r->workspace, r->now_ns);
}

static bool nemo_ingest_read_spans(
	struct request *r, struct json body, struct span **ret, size_t *ret_n)
{
	const struct map_context context = {
		.mapping = MAPPING_NEMO,
		.arena = r->arena,
		.workspace = r->workspace,
		.created_by = r->principal,
		.now_ns = r->now_ns,
	};
	struct mapper *m = map_begin(&context);
	struct problems p = { .arena = r->arena };
	if (!pydantic_check(&p, &body_model, body, m)) {
		nemo_unprocessable(r, &p);
		return false;
	}
	struct json top[BODY__MAX];
	pydantic_split(&body_model, body, top);
	struct str from = json_canonical_body(r->arena, json_body(top[SOURCE]));
	struct span *spans = arena_calloc(r->arena, BATCH_SPANS, sizeof *spans);
	size_t n = 0;
	for (struct json_iter it = json_elements(top[SPANS]); json_next(&it); n++)
		nemo_ingest_map_span(r, m, from, it.value, &spans[n]);
	*ret = spans;
	*ret_n = n;
	return true;
}

void nemo_ingest_spans(struct request *r)
{
	struct json body;
	struct span *spans;
	size_t n;
	if (nemo_ingest_body(r, LIMIT_DEPTH, &body) &&
		nemo_ingest_read_spans(r, body, &spans, &n) &&
		ingest_store(r, &dialect_nemo, spans, n, NULL, 0))
		r->response->status = 201;
}
