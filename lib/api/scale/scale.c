#include "api/scale/scale.h"

#include "api/plain.h"
#include "base/hash.h"
#include "web/auth.h"

const struct dialect dialect_scale = { .name = "scale", .error = plain_error };

bool scale_view(struct request *r, struct view *ret)
{
	/* The default workspace and that of a key always exist, also before anything was
	 * written. */
	bool is_own = str_eq(r->workspace, r->conf->workspace) ||
		      (!str_eq(r->grant, STR("*")) && auth_grants(r, r->workspace));
	enum err e = api_open_view(r, r->workspace, is_own, ret);
	if (e == ERR_OK)
		return true;
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		route_error(r, &dialect_scale, ERR_FORBIDDEN,
			arena_printf(
				r->arena, "No access to account '%.*s'", STR_ARG(r->workspace)),
			NULL);
	else
		api_fail(r, &dialect_scale, e);
	return false;
}

void scale_no_span(struct request *r, struct str id)
{
	route_error(r, &dialect_scale, ERR_NOT_FOUND,
		arena_printf(r->arena, "No span with id '%.*s'", STR_ARG(id)), NULL);
}

struct str scale_new_id(const struct request *r, size_t n)
{
	unsigned char d[SHA256_BYTES];
	/* the request's id is random */
	sha256(arena_printf(r->arena, "%.*s %lld %zu", STR_ARG(r->id), (long long)r->now_ns, n), d);
	return arena_printf(r->arena,
		"%02x%02x%02x%02x-%02x%02x-4%x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
		d[2], d[3], d[4], d[5], d[6] & 15u, d[7], 8u | (d[8] & 3u), d[8] >> 4 & 15u, d[9],
		d[10], d[11], d[12], d[13], d[14], d[15]);
}

void scale_span_get(struct request *r)
{
	struct view v;
	struct span s;
	bool is_found;
	if (!scale_view(r, &v))
		return;
	struct str id = json_encode(r->arena, r->captures[0]);
	enum err e = engine_get(&v, STR_NULL, STR_NULL, id, &s, &is_found);
	if (e) {
		api_fail(r, &dialect_scale, e);
	} else if (!is_found) {
		scale_no_span(r, r->captures[0]);
	} else {
		struct json_writer w;
		r->response->status = 200;
		r->response->type = CONTENT_JSON;
		api_report_damage(r, &v);
		json_writer_init(&w, &r->response->body);
		scale_span_render(&w, r->arena, r->workspace, &s);
	}
	view_close(&v);
}

/* clang-format off */
static const struct route rows[] = {
	{ "POST",  "/v5/spans",			PROGRAM_SPANS,	ROLE_INGEST,	WORKSPACE_HEADER, scale_span_create,	&dialect_scale },
	{ "GET",   "/v5/spans/{}",		PROGRAM_SPANS,	ROLE_READ,	WORKSPACE_HEADER, scale_span_get,	&dialect_scale },
	{ "PATCH", "/v5/spans/{}",		PROGRAM_SPANS,	ROLE_INGEST,	WORKSPACE_HEADER, scale_span_update,	&dialect_scale },
	{ "POST",  "/v5/spans/search",		PROGRAM_SPANS,	ROLE_READ,	WORKSPACE_HEADER, scale_spans_list,		&dialect_scale },
	{ "POST",  "/v5/spans/batch",		PROGRAM_INGEST,	ROLE_INGEST,	WORKSPACE_HEADER, scale_spans_put,	&dialect_scale },
	{ "PUT",   "/v5/spans/batch",		PROGRAM_INGEST,	ROLE_INGEST,	WORKSPACE_HEADER, scale_spans_put,	&dialect_scale },
	{ "POST",   "/v5/span-assessments",	PROGRAM_NOTES,	ROLE_INGEST,	WORKSPACE_HEADER, scale_assessment_create, &dialect_scale },
	{ "GET",    "/v5/span-assessments",	PROGRAM_NOTES,	ROLE_READ,	WORKSPACE_HEADER, scale_assessments_list,  &dialect_scale },
	{ "GET",    "/v5/span-assessments/{}",	PROGRAM_NOTES,	ROLE_READ,	WORKSPACE_HEADER, scale_assessment_get,	   &dialect_scale },
	{ "PATCH",  "/v5/span-assessments/{}",	PROGRAM_NOTES,	ROLE_INGEST,	WORKSPACE_HEADER, scale_assessment_update,  &dialect_scale },
	{ "DELETE", "/v5/span-assessments/{}",	PROGRAM_NOTES,	ROLE_INGEST,	WORKSPACE_HEADER, scale_assessment_delete, &dialect_scale },
};
/* clang-format on */

const struct route_table routes_scale = { rows, sizeof rows / sizeof rows[0] };
