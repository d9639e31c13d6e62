/*
 * OTLP over HTTP: POST …/v1/traces in protobuf or JSON. It is served on the standard path, on the
 * paths that exporters of other products use, and on NeMo Intake's own.
 *
 * The answer has the request's encoding: an ExportTraceServiceResponse, with partial_success when
 * spans were rejected, or a google.rpc.Status. NeMo's path answers as NeMo Intake does: JSON with
 * the list of errors, and {"detail": …}.
 *
 * A request that cannot be read stores nothing. In one that can, each span is stored or rejected on
 * its own.
 */
#include "api/otlp/starts.h"

#include "otlp/otlp.h"
#include "semconv/semconv.h"

enum encoding { ENCODING_PROTOBUF, ENCODING_JSON, ENCODING_UNKNOWN };

static enum encoding encoding_of(const struct request *r)
{
	struct str type = request_media_type(r);
	if (str_eq(type, STR("application/x-protobuf")))
		return ENCODING_PROTOBUF;
	return str_eq(type, STR("application/json")) ? ENCODING_JSON : ENCODING_UNKNOWN;
}

/* ---- Answers in OTLP ---- */

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v > 127; v >>= 7)
		buf_add_char(b, (char)(v | 128));
	buf_add_char(b, (char)v);
}

static void otlp_ingest_put_number(struct buf *b, unsigned field, uint64_t v)
{
	put_varint(b, field << 3);
	put_varint(b, v);
}

static void otlp_ingest_put_text(struct buf *b, unsigned field, struct str s)
{
	put_varint(b, field << 3 | 2);
	put_varint(b, s.len);
	buf_add(b, s);
}

/* The codes of google.rpc.Code. */
static int rpc_code(int status)
{
	enum {
		INVALID_ARGUMENT = 3,
		NOT_FOUND = 5,
		PERMISSION_DENIED = 7,
		RESOURCE_EXHAUSTED = 8,
		UNIMPLEMENTED = 12,
		UNAVAILABLE = 14,
		UNAUTHENTICATED = 16
	};
	switch (status) {
	case 401:
		return UNAUTHENTICATED;
	case 403:
		return PERMISSION_DENIED;
	case 404:
		return NOT_FOUND;
	case 405:
	case 501:
		return UNIMPLEMENTED;
	case 413:
	case 429:
		return RESOURCE_EXHAUSTED;
	case 503:
		return UNAVAILABLE;
	default:
		return INVALID_ARGUMENT;
	}
}

/* Writes a google.rpc.Status { 1 code, 2 message }. */
static void answer_status(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	struct response *res = r->response;
	struct str message = str_is_null(detail) ? str_from_c(err_sentence(e)) : detail;
	(void)problems; /* no parameters are read */
	res->status = err_status(e);
	if (encoding_of(r) == ENCODING_PROTOBUF) {
		res->type = CONTENT_PROTOBUF;
		otlp_ingest_put_number(&res->body, 1, (uint64_t)rpc_code(res->status));
		otlp_ingest_put_text(&res->body, 2, message);
		return;
	}
	struct json_writer w;
	res->type = CONTENT_JSON;
	json_writer_init(&w, &res->body);
	json_object(&w);
	json_member_i64(&w, STR("code"), rpc_code(res->status));
	json_member_text(&w, STR("message"), message);
	json_end(&w);
}

const struct dialect dialect_otlp = { .name = "otlp", .error = answer_status };

/* Writes "span 00f067aa0ba902b7: trace_id is required". */
static void add_reason(struct buf *b, const struct map_reject *reject)
{
	buf_add(b, STR("span "));
	buf_add(b, reject->span_id.len ? reject->span_id : STR("<missing>"));
	buf_add(b, STR(": "));
	buf_add(b, reject->reason);
}

static struct str rejection_message(struct request *r, const struct map_result *mapped)
{
	enum { REASONS_MAX = 5 }; /* a client logs the message as one line */
	struct buf b;
	buf_init(&b, r->arena);
	for (size_t i = 0; i < mapped->n_rejects && i < REASONS_MAX; i++) {
		if (i)
			buf_add(&b, STR("; "));
		add_reason(&b, &mapped->rejects[i]);
	}
	if (mapped->n_rejects > REASONS_MAX)
		buf_printf(&b, "; and %zu more", mapped->n_rejects - REASONS_MAX);
	return buf_str(&b);
}

/* Writes ExportTraceServiceResponse { 1 partial_success { 1 rejected_spans, 2 error_message } }. It
 * is empty without rejects, which means full success. */
static void answer_partial(
	struct request *r, enum encoding encoding, const struct map_result *mapped)
{
	struct response *res = r->response;
	struct json_writer w;
	if (encoding == ENCODING_PROTOBUF) {
		struct buf b;
		res->type = CONTENT_PROTOBUF;
		if (!mapped->n_rejects)
			return;
		buf_init(&b, r->arena);
		otlp_ingest_put_number(&b, 1, mapped->n_rejects);
		otlp_ingest_put_text(&b, 2, rejection_message(r, mapped));
		otlp_ingest_put_text(&res->body, 1, buf_str(&b));
		return;
	}
	res->type = CONTENT_JSON;
	json_writer_init(&w, &res->body);
	json_object(&w);
	if (mapped->n_rejects) {
		json_key(&w, STR("partialSuccess"));
		json_object(&w);
		json_member_text(
			&w, STR("rejectedSpans"), arena_printf(r->arena, "%zu", mapped->n_rejects));
		json_member_text(&w, STR("errorMessage"), rejection_message(r, mapped));
		json_end(&w);
	}
	json_end(&w);
}

/* ---- NeMo's answer ---- */

static void answer_nemo(struct request *r, const struct map_result *mapped)
{
	struct response *res = r->response;
	struct json_writer w;
	struct buf reason;
	res->type = CONTENT_JSON;
	buf_init(&reason, r->arena);
	json_writer_init(&w, &res->body);
	json_object(&w);
	json_key(&w, STR("errors"));
	json_array(&w);
	for (size_t i = 0; i < mapped->n_rejects; i++) {
		buf_reset(&reason);
		add_reason(&reason, &mapped->rejects[i]);
		json_text(&w, buf_str(&reason));
	}
	json_end(&w);
	json_end(&w);
}

/* Returns NeMo Intake's sentence about a body that it refuses. */
static struct str nemo_reason(const struct request *r, enum err e, struct str reason)
{
	int64_t announced = request_content_length(r);
	size_t limit = r->conf->body_bytes;
	if (e != ERR_TOO_LARGE)
		return reason;
	if (announced >= 0 && (uint64_t)announced > limit)
		return arena_printf(r->arena, "OTLP body of %lld bytes exceeds limit of %zu bytes",
			(long long)announced, limit);
	return arena_printf(r->arena, "OTLP body exceeds limit of %zu bytes", limit);
}

/* ---- Requests ---- */

static bool otlp_ingest_read_spans(struct request *r, const struct dialect *d, enum mapping mapping,
	enum encoding encoding, struct str body, struct otlp_spans *ret)
{
	bool (*reader)(struct arena *, struct str, struct otlp_spans *, struct str *) =
		encoding != ENCODING_JSON ? otlp_read_protobuf
		: mapping == MAPPING_OPIK ? otlp_read_protobuf_json
					  : otlp_read_json;
	bool is_json = encoding == ENCODING_JSON;
	struct str reason;
	if (body.len == 0) {
		*ret = (struct otlp_spans){ NULL, 0 };
		return true;
	}
	if (reader(r->arena, body, ret, &reason))
		return true;
	route_error(r, d, ERR_INVALID,
		arena_printf(r->arena, "Invalid OTLP %s: %.*s", is_json ? "JSON" : "protobuf",
			STR_ARG(reason)),
		NULL);
	return false;
}

/* Reads, maps and stores. Returns false when the request was answered with an error. */
static bool take_spans(struct request *r, const struct dialect *d, enum mapping mapping,
	struct str project, struct map_result *ret)
{
	enum encoding encoding = encoding_of(r);
	struct str body, reason;
	struct otlp_spans in;
	enum err e = request_body(r, r->conf->body_bytes, &body, &reason);
	if (e) {
		route_error(r, d, e, d == &dialect_nemo ? nemo_reason(r, e, reason) : reason, NULL);
		return false;
	}
	if (!otlp_ingest_read_spans(r, d, mapping, encoding, body, &in))
		return false;
	struct map_context context = {
		.mapping = mapping,
		.arena = r->arena,
		.workspace = r->workspace,
		.project = project,
		.created_by = r->principal,
		.now_ns = r->now_ns,
	};
	map_otlp_spans(&context, &in, ret);
	if (mapping == MAPPING_OPIK)
		return otlp_store_with_starts(r, d, ret->spans, ret->n);
	return ingest_store(r, d, ret->spans, ret->n, NULL, 0);
}

static bool check_type(struct request *r)
{
	if (encoding_of(r) != ENCODING_UNKNOWN)
		return true;
	route_error(r, &dialect_otlp, ERR_UNSUPPORTED,
		STR("Content-Type must be application/x-protobuf or application/json."), NULL);
	return false;
}

/* Returns the first of these headers that is not blank. */
static struct str otlp_ingest_project_of(const struct request *r, const char *const *headers)
{
	for (; *headers; headers++) {
		struct str v = request_header(r, str_from_c(*headers));
		if (!str_is_null(v) && str_trim(v).len)
			return str_trim(v);
	}
	return STR("");
}

static void post_otlp(struct request *r, enum mapping mapping, const char *const *project_headers)
{
	struct map_result mapped;
	if (check_type(r) && take_spans(r, &dialect_otlp, mapping,
				     otlp_ingest_project_of(r, project_headers), &mapped))
		answer_partial(r, encoding_of(r), &mapped);
}

static void post_traces(struct request *r)
{
	/* Phoenix and LangSmith name the project so. */
	static const char *const headers[] = { "x-project-name", "langsmith-project", NULL };
	post_otlp(r, MAPPING_GENERAL, headers);
}

static void post_opik_traces(struct request *r)
{
	static const char *const headers[] = { "projectname", NULL };
	post_otlp(r, MAPPING_OPIK, headers);
}

static void post_nemo_traces(struct request *r)
{
	struct map_result mapped;
	if (encoding_of(r) == ENCODING_UNKNOWN)
		route_error(r, &dialect_nemo, ERR_UNSUPPORTED,
			STR("OTLP trace ingest only accepts application/x-protobuf"), NULL);
	else if (take_spans(r, &dialect_nemo, MAPPING_NEMO, STR(""), &mapped))
		answer_nemo(r, &mapped);
}

/* Accepts logs and metrics and stores nothing. Exporters that share the endpoint would otherwise
 * fill their logs with errors. */
static void post_dropped(struct request *r)
{
	const struct map_result nothing = { 0 };
	if (!r->conf->drop_logs_metrics)
		api_fail(r, &dialect_otlp, ERR_NOT_FOUND);
	else if (check_type(r))
		answer_partial(r, encoding_of(r), &nothing);
}

/* clang-format off */
#define OTLP_ROWS(base, traces) \
	{ "POST", base "/v1/traces",	PROGRAM_INGEST,	ROLE_INGEST, WORKSPACE_HEADER, traces,		&dialect_otlp }, \
	{ "POST", base "/v1/logs",	PROGRAM_INGEST,	ROLE_INGEST, WORKSPACE_HEADER, post_dropped,	&dialect_otlp }, \
	{ "POST", base "/v1/metrics",	PROGRAM_INGEST,	ROLE_INGEST, WORKSPACE_HEADER, post_dropped,	&dialect_otlp }

static const struct route rows[] = {
	OTLP_ROWS("",					post_traces),
	OTLP_ROWS("/otlp",				post_traces),
	OTLP_ROWS("/api/public/otel",			post_traces),		/* Langfuse */
	OTLP_ROWS("/otel",				post_traces),		/* LangSmith */
	OTLP_ROWS("/api/v1/otel",			post_traces),
	OTLP_ROWS("/v1/private/otel",			post_opik_traces),	/* Opik */
	OTLP_ROWS("/api/v1/private/otel",		post_opik_traces),
	OTLP_ROWS("/opik/api/v1/private/otel",		post_opik_traces),
	{ "POST", "/apis/intake/v2/workspaces/{}/ingest/otlp/v1/traces", PROGRAM_INGEST, ROLE_INGEST, WORKSPACE_PATH, post_nemo_traces, &dialect_nemo },
};
/* clang-format on */

const struct route_table routes_otlp = { rows, sizeof rows / sizeof rows[0] };
