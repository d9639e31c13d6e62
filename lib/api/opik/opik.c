#include "api/opik/opik.h"

#include "base/utime.h"
#include "base/uuid.h"

/* ---- Errors ---- */

static struct str sentence(enum err e)
{
	switch (e) {
	case ERR_UNAUTHORIZED:
		return STR("API key should be provided");
	case ERR_FORBIDDEN:
		return STR("User is not allowed to access workspace");
	case ERR_NOT_FOUND:
		return STR("HTTP 404 Not Found");
	case ERR_METHOD:
		return STR("HTTP 405 Method Not Allowed");
	default:
		return str_from_c(err_sentence(e));
	}
}

/* Problems of type "details" carry the second sentence of a refusal. Others are a list of
 * sentences. */
static void opik_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	struct response *res = r->response;
	struct json_writer w;
	bool has_details =
		problems && problems->n && str_eq(problems->list[0].type, STR("details"));
	/* Handlers give a detail with these two. Without one the router found no route. */
	if (str_is_null(detail) && (e == ERR_NOT_FOUND || e == ERR_METHOD))
		detail = opik_unserved(r);
	res->status = err_status(e);
	res->type = CONTENT_JSON;
	json_writer_init(&w, &res->body);
	json_object(&w);
	if (problems && problems->n && !has_details) {
		json_key(&w, STR("errors"));
		json_array(&w);
		for (size_t i = 0; i < problems->n; i++)
			json_text(&w, problems->list[i].msg);
		json_end(&w);
	} else {
		json_member_i64(&w, STR("code"), res->status);
		json_member_text(&w, STR("message"), str_is_null(detail) ? sentence(e) : detail);
		if (has_details)
			json_member_text(&w, STR("details"), problems->list[0].msg);
	}
	json_end(&w);
}

const struct dialect dialect_opik = { .name = "opik", .error = opik_error };

void opik_refuse(struct request *r, enum err e, struct str message)
{
	route_error(r, &dialect_opik, e, message, NULL);
}

static void refuse_by(
	struct request *r, enum err e, struct str type, struct str message, struct str more)
{
	struct problems *p = arena_calloc(r->arena, 1, sizeof *p);
	p->arena = r->arena;
	problem_add(p, type, STR("[]"), more, STR_NULL, STR_NULL);
	route_error(r, &dialect_opik, e, message, p);
}

void opik_refuse_with(struct request *r, enum err e, struct str message, struct str details)
{
	refuse_by(r, e, STR("details"), message, details);
}

void opik_refuse_one(struct request *r, enum err e, struct str message)
{
	refuse_by(r, e, STR("rule"), STR_NULL, message);
}

void opik_not_found(struct request *r, const char *what, struct str id)
{
	opik_refuse(
		r, ERR_NOT_FOUND, arena_printf(r->arena, "%s: %.*s not found", what, STR_ARG(id)));
}

void opik_no_such_path(struct request *r)
{
	opik_refuse(r, ERR_NOT_FOUND, sentence(ERR_NOT_FOUND));
}

/* ---- Workspace, user and ids ---- */

bool opik_view(struct request *r, struct view *ret)
{
	bool exists = true;
	enum err e = ERR_OK;
	if (!str_eq(r->workspace, r->conf->workspace))
		e = workspace_exists(&api_app(r)->store, r->workspace, &exists);
	if (e == ERR_INVALID || (!e && !exists)) {
		opik_refuse(r, ERR_NOT_FOUND, STR("Workspace not found"));
		return false;
	}
	if (e) {
		api_fail(r, &dialect_opik, e);
		return false;
	}
	return api_view(r, r->workspace, &dialect_opik, ret);
}

bool opik_projects(struct request *r, const struct view *v, struct projects *ret)
{
	enum err e = projects_read(v->dir_fd, r->arena, ret);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

struct str opik_author(struct request *r)
{
	/* the user of an installation without accounts */
	return r->principal.len ? json_encode(r->arena, r->principal) : STR("admin");
}

struct str opik_new_id(struct request *r)
{
	return uuid_new(&api_app(r)->ids, r->arena, r->now_ns);
}

int64_t opik_now_us(const struct request *r)
{
	return r->now_ns / NS_PER_US * NS_PER_US;
}

int64_t opik_deadline(const struct request *r)
{
	return utime_monotonic() + r->conf->query_ms * NS_PER_MS;
}

void opik_no_content(struct request *r)
{
	r->response->status = 204;
	r->response->type = CONTENT_NONE;
}

void opik_created(struct request *r, struct str id)
{
	struct str host = request_header(r, STR("host"));
	struct str scheme = request_header(r, STR("x-forwarded-proto"));
	struct str path = str_first(r->target, str_index(r->target, '?'));
	struct str url = arena_printf(r->arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(id));
	if (!str_is_null(host))
		url = arena_printf(r->arena, "%s://%.*s%.*s",
			str_eq_nocase(str_is_null(scheme) ? STR("") : scheme, STR("https"))
				? "https"
				: "http",
			STR_ARG(host), STR_ARG(url));
	r->response->status = 201;
	r->response->type = CONTENT_NONE;
	/* This fails for a Host with control characters; the client knows the id anyway. */
	(void)response_set_header(r->response, HEADER_LOCATION, url);
}
