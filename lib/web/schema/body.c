/* The body of a request, as FastAPI reads it before any model sees it. */
#include "web/schema/schema.h"

static bool is_json_type(struct str type)
{
	return type.len == 0 || str_eq(type, STR("application/json")) ||
	       (str_starts(type, STR("application/")) && str_ends(type, STR("+json")));
}

static bool refuse(struct request *r, const struct dialect *d, struct str type, struct str loc,
	struct str msg, struct str input, struct str ctx)
{
	struct problems p = { .arena = r->arena };
	problem_add(&p, type, loc, msg, input, ctx);
	route_error(r, d, ERR_UNPROCESSABLE, STR_NULL, &p);
	return false;
}

static bool refuse_missing(struct request *r, const struct dialect *d)
{
	return refuse(r, d, STR("missing"), STR("[\"body\"]"), STR("Field required"), STR("null"),
		STR_NULL);
}

bool pydantic_body(struct request *r, const struct dialect *d, size_t limit_bytes, unsigned depth,
	struct json *ret_body)
{
	struct str body, reason = STR_NULL;
	enum err e = request_body(r, limit_bytes, &body, &reason);
	if (e) {
		route_error(r, d, e, reason, NULL);
		return false;
	}
	if (str_trim(body).len == 0)
		return refuse_missing(r, d);
	if (!is_json_type(request_media_type(r))) {
		/* Upstream takes the body for one text then. */
		bool is_shown = body.len <= PYDANTIC_INPUT_MAX;
		struct str text = is_shown ? json_encode(r->arena, body) : STR_NULL;
		return refuse(r, d, STR("model_attributes_type"), STR("[\"body\"]"),
			STR("Input should be a valid dictionary or object to extract fields from"),
			is_shown ? arena_printf(r->arena, "\"%.*s\"", STR_ARG(text)) : STR_NULL,
			STR_NULL);
	}
	struct json_error error;
	if (!json_check(body, depth, &error)) {
		/* To Python's json it is not even text. */
		if (str_eq(str_from_c(error.message), STR("Invalid UTF-8"))) {
			route_error(r, d, ERR_INVALID, STR("There was an error parsing the body"),
				NULL);
			return false;
		}
		struct str what = json_encode(r->arena, str_from_c(error.message));
		return refuse(r, d, STR("json_invalid"),
			arena_printf(r->arena, "[\"body\",%zu]", error.offset_chars),
			STR("JSON decode error"), STR("{}"),
			arena_printf(r->arena, "{\"error\":\"%.*s\"}", STR_ARG(what)));
	}
	*ret_body = json_open(body);
	if (ret_body->type == JSON_NULL) /* FastAPI's way of saying that there is none */
		return refuse_missing(r, d);
	return true;
}
