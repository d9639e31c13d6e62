/* POST …/ingest/atif: stores a trajectory as spans, with the results of its verifiers. */
#include "api/nemo/ingest.h"
#include "api/atif/atif.h"

/* The limit of depth applies to one line, because nested trajectories become lines of their own. */
static bool has_deep_value(struct json body, const struct atif_result *result)
{
	static const enum field fields[] = { FIELD_ATTRIBUTES, FIELD_INPUT, FIELD_OUTPUT,
		FIELD_EVALUATION_METADATA };
	struct json_error error;
	if (json_check(body.raw, LIMIT_DEPTH, &error))
		return false;
	for (size_t i = 0; i < result->n_spans; i++)
		for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++)
			if (span_has(&result->spans[i], fields[f]) &&
				!json_check(span_text(&result->spans[i], fields[f]),
					LIMIT_DEPTH - 1, &error))
				return true;
	return false;
}

/* Maps a trajectory. One that was received before keeps its stored start, also where it has no time
 * of its own. */
static bool map_again(struct atif_context *c, struct request *r, struct json body,
	struct atif_result *result, struct str *ret_reason)
{
	struct span stored;
	if (!atif_map(c, body, result, ret_reason))
		return false;
	if (!result->undated || !nemo_ingest_find(r, result->undated, &stored))
		return true;
	c->fallback_ns = span_i64(&stored, FIELD_STARTED_AT, 0) - result->undated_after_ns;
	return c->fallback_ns == c->now_ns || atif_map(c, body, result, ret_reason);
}

void nemo_ingest_atif(struct request *r)
{
	struct atif_context context = {
		.arena = r->arena,
		.workspace = r->workspace,
		.created_by = r->principal,
		.now_ns = r->now_ns,
		.fallback_ns = r->now_ns,
	};
	struct problems p = { .arena = r->arena };
	struct atif_result result;
	struct str reason;
	struct json body;
	if (!nemo_ingest_body(r, ATIF_JSON_DEPTH, &body))
		return;
	if (r->conf->atif_strict && !atif_check(&p, body)) {
		nemo_unprocessable(r, &p);
		return;
	}
	if (!map_again(&context, r, body, &result, &reason)) {
		route_error(r, &dialect_nemo, ERR_UNPROCESSABLE, reason, NULL);
		return;
	}
	if (has_deep_value(body, &result)) {
		route_error(r, &dialect_nemo, ERR_UNPROCESSABLE,
			arena_printf(
				r->arena, "ATIF values are nested deeper than %d", LIMIT_DEPTH - 1),
			NULL);
		return;
	}
	if (ingest_store(r, &dialect_nemo, result.spans, result.n_spans, result.results,
		    result.n_results))
		r->response->status = 201;
}
