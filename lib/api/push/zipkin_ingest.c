/*
 * Zipkin v2: POST /api/v2/spans. The spans are mapped as those of OTLP. Either all of a request is
 * stored or nothing, because Zipkin's answer has no place for rejected spans.
 */
#include "api/ingest.h"
#include "api/plain.h"
#include "api/push/zipkin_span.h"
#include "semconv/semconv.h"

/* Reads the body as JSON. Returns false when the request was answered with an error. */
static bool zipkin_ingest_read_body(struct request *r, struct json *ret)
{
	struct str type = request_media_type(r), body, reason;
	struct json_error error;
	if (type.len && !str_eq(type, STR("application/json"))) {
		route_error(r, &dialect_plain, ERR_UNSUPPORTED,
			STR("Content-Type must be application/json."), NULL);
		return false;
	}
	enum err e = request_body(r, r->conf->body_bytes, &body, &reason);
	if (e) {
		route_error(r, &dialect_plain, e, reason, NULL);
		return false;
	}
	if (!json_check(body, LIMIT_DEPTH, &error)) {
		route_error(r, &dialect_plain, ERR_INVALID,
			arena_printf(r->arena, "Invalid JSON at character %zu: %s",
				error.offset_chars, error.message),
			NULL);
		return false;
	}
	*ret = json_open(body);
	return true;
}

static void post_spans(struct request *r)
{
	struct json body;
	struct otlp_spans in;
	struct str reason;
	struct map_result mapped;
	struct map_context context = {
		.mapping = MAPPING_GENERAL,
		.arena = r->arena,
		.workspace = r->workspace,
		.project = STR(""),
		.created_by = r->principal,
		.now_ns = r->now_ns,
	};
	if (!zipkin_ingest_read_body(r, &body))
		return;
	if (!zipkin_spans_read(r->arena, body, &in, &reason)) {
		route_error(r, &dialect_plain, ERR_INVALID, reason, NULL);
		return;
	}
	map_otlp_spans(&context, &in, &mapped);
	if (mapped.n_rejects) {
		const struct map_reject *one = &mapped.rejects[0];
		route_error(r, &dialect_plain, ERR_INVALID,
			arena_printf(r->arena, "span '%.*s': %.*s", STR_ARG(one->span_id),
				STR_ARG(one->reason)),
			NULL);
		return;
	}
	for (size_t i = 0; i < mapped.n; i++)
		span_set_text(&mapped.spans[i], FIELD_SOURCE, STR("zipkin"));
	if (ingest_store(r, &dialect_plain, mapped.spans, mapped.n, NULL, 0))
		r->response->status = 202;
}

/* clang-format off */
static const struct route rows[] = {
	{ "POST", "/api/v2/spans", PROGRAM_INGEST, ROLE_INGEST, WORKSPACE_HEADER, post_spans, &dialect_plain },
};
/* clang-format on */

const struct route_table routes_zipkin = { rows, sizeof rows / sizeof rows[0] };
