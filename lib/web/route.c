#include "web/route.h"

#include "web/auth.h"

/* The headers in which a client may name the */
static const char *const workspace_headers[] = { "x-workspace", "comet-workspace",
	"x-selected-account-id" };

/* How well a pattern fits: a bit for each element, the leftmost the highest, set where the element
 * is named. So the greater fit is the one that names more, from the left. */
struct fit {
	bool is_match;
	uint32_t named;
};

static struct fit fit_pattern(const struct request *r, const char *pattern, struct str *captures)
{
	struct str rest = str_skip(str_from_c(pattern), 1);
	struct fit fit = { .is_match = true };
	size_t n = 0, n_captures = 0;
	while (rest.len) {
		size_t len = str_index(rest, '/');
		struct str part = str_first(rest, len);
		if (n == r->n_elements)
			return (struct fit){ false, 0 };
		if (!str_eq(part, STR("{}"))) {
			if (!str_eq(part, r->elements[n]))
				return (struct fit){ false, 0 };
			fit.named |= (uint32_t)1 << (31 - n);
		} else if (n_captures < REQUEST_CAPTURES_MAX) {
			captures[n_captures++] = r->elements[n];
		}
		n++;
		rest = str_skip(rest, len + 1);
	}
	fit.is_match = n == r->n_elements;
	return fit;
}

struct found {
	const struct route *row; /* of this path and method; NULL: none */
	const struct route *any; /* of this path, whatever the method */
	uint32_t named;
};

/* Two patterns may fit one path; no method's name holds another's. */
static void collect_methods(struct buf *allow, const char *method)
{
	if (str_find(buf_str(allow), str_from_c(method)) < allow->len)
		return;
	if (allow->len)
		buf_add(allow, STR(", "));
	buf_add(allow, str_from_c(method));
	if (strcmp(method, "GET") == 0)
		buf_add(allow, STR(", HEAD"));
}

static struct found route_find(struct request *r, const struct route_table *const *tables,
	unsigned programs, struct buf *allow)
{
	struct found f = { NULL, NULL, 0 };
	struct str method = str_eq(r->method, STR("HEAD")) ? STR("GET") : r->method;
	for (; *tables; tables++) {
		for (size_t i = 0; i < (*tables)->n; i++) {
			const struct route *row = &(*tables)->rows[i];
			struct str captures[REQUEST_CAPTURES_MAX] = { STR_NULL };
			struct fit fit = fit_pattern(r, row->pattern, captures);
			if (!(row->program & programs) || !fit.is_match)
				continue;
			if (!f.any)
				f.any = row;
			collect_methods(allow, row->method);
			if (!str_eq(method, str_from_c(row->method)) ||
				(f.row && fit.named <= f.named))
				continue;
			f.row = row;
			f.named = fit.named;
			memcpy(r->captures, captures, sizeof captures);
		}
	}
	return f;
}

const struct dialect *route_dialect(
	const struct request *r, const struct route_table *const *tables)
{
	const struct dialect *best = NULL;
	size_t best_agree = 0;
	for (; *tables; tables++) {
		for (size_t i = 0; i < (*tables)->n; i++) {
			const struct route *row = &(*tables)->rows[i];
			struct str pattern = str_skip(str_from_c(row->pattern), 1);
			struct str path = r->path.len ? str_skip(r->path, 1) : STR("");
			size_t agree = 0;
			while (pattern.len && path.len) {
				struct str want = str_first(pattern, str_index(pattern, '/'));
				struct str is = str_first(path, str_index(path, '/'));
				if (!str_eq(want, STR("{}")) && !str_eq(want, is))
					break;
				agree++;
				pattern = str_skip(pattern, want.len + 1);
				path = str_skip(path, is.len + 1);
			}
			if (agree >= best_agree) {
				best = row->dialect;
				best_agree = agree;
			}
		}
	}
	return best;
}

void route_error(struct request *r, const struct dialect *d, enum err e, struct str detail,
	const struct problems *problems)
{
	struct response *res = r->response;
	res->error = e;
	if (!response_restart(res)) {
		res->is_cut = true;
		return;
	}
	d->error(r, e, detail, problems);
	if (e == ERR_FULL || e == ERR_READ_ONLY || e == ERR_CONF)
		(void)response_set_header(res, HEADER_RETRY_AFTER, STR("30")); /* a literal */
}

/* The path as the client spelt it, without the slash at its end. */
static struct str slashless_location(const struct request *r)
{
	size_t query = str_index(r->target, '?');
	struct str path = str_first(r->target, query);
	return arena_printf(r->arena, "%.*s%.*s", (int)(path.len - 1), path.ptr,
		STR_ARG(str_skip(r->target, query)));
}

/* Empty: none of the headers says one, nor Opik's parameter, which its web pages send. False: they
 * disagree. */
static bool workspace_header(const struct request *r, struct str *ret)
{
	struct str found = STR("");
	for (size_t i = 0; i < sizeof workspace_headers / sizeof workspace_headers[0]; i++) {
		struct str v = request_header(r, str_from_c(workspace_headers[i]));
		if (str_is_null(v))
			continue;
		v = str_trim(v);
		if (found.len && !str_eq(found, v))
			return false;
		found = v;
	}
	const struct param *named = request_param(r, STR("workspace_name"));
	if (!found.len && named)
		found = str_trim(named->value);
	*ret = found;
	return true;
}

static void route_call(struct request *r, const struct route *row)
{
	struct str workspace = STR_NULL;
	if (row->workspace == WORKSPACE_PATH)
		workspace = r->captures[0];
	if (row->workspace == WORKSPACE_HEADER && !workspace_header(r, &workspace)) {
		route_error(r, row->dialect, ERR_INVALID,
			STR("Two headers name different workspaces."), NULL);
		return;
	}
	enum err e = auth_check(r, row->needs, workspace);
	if (e) {
		route_error(r, row->dialect, e,
			e == ERR_INVALID ? STR("The request carries more than one key.") : STR_NULL,
			NULL);
		return;
	}
	row->handle(r);
}

void route_request(struct request *r, const struct route_table *const *tables, unsigned programs)
{
	struct buf allow;
	buf_init(&allow, r->arena);
	struct found f = route_find(r, tables, programs, &allow);
	if (!f.any) {
		route_error(r, route_dialect(r, tables), ERR_NOT_FOUND, STR_NULL, NULL);
		return;
	}
	buf_add(&allow, STR(", OPTIONS"));
	if (r->has_trailing_slash) {
		if (response_set_header(r->response, HEADER_LOCATION, slashless_location(r)))
			r->response->status = 307;
		else /* too long, or bytes that may not stand in a header */
			route_error(r, f.any->dialect, ERR_NOT_FOUND, STR_NULL, NULL);
	} else if (f.row) {
		route_call(r, f.row);
	} else if (str_eq(r->method, STR("OPTIONS"))) {
		r->response->status = 204;
		(void)response_set_header(r->response, HEADER_ALLOW, buf_str(&allow)); /* ours */
	} else {
		route_error(r, f.any->dialect, ERR_METHOD, STR_NULL, NULL);
		(void)response_set_header(r->response, HEADER_ALLOW, buf_str(&allow)); /* ours */
	}
}
