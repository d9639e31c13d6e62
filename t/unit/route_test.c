#include "web.h"
#include "web/route.h"

static struct fake fake;

/* Handlers answer with their name and captures, dialects with their name and the error's. */
static void say(struct request *r, const char *name)
{
	buf_add(&r->response->body, str_from_c(name));
	for (size_t i = 0; i < REQUEST_CAPTURES_MAX && !str_is_null(r->captures[i]); i++) {
		buf_add_char(&r->response->body, ' ');
		buf_add(&r->response->body, r->captures[i]);
	}
	if (!str_is_null(r->workspace)) {
		buf_add(&r->response->body, STR(" @"));
		buf_add(&r->response->body, r->workspace);
	}
}

static void handle_get(struct request *r)
{
	say(r, "get");
}

static void handle_groups(struct request *r)
{
	say(r, "groups");
}

static void handle_delete(struct request *r)
{
	say(r, "delete");
}

static void handle_post(struct request *r)
{
	say(r, "post");
}

static void print_error(struct request *r, const char *dialect, enum err e, struct str detail)
{
	r->response->status = err_status(e);
	buf_printf(&r->response->body, "%s %s %.*s", dialect, err_name(e), STR_ARG(detail));
}

static void error_a(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	(void)problems;
	print_error(r, "a", e, detail);
}

static void error_b(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	(void)problems;
	print_error(r, "b", e, detail);
}

static const struct dialect dialect_a = { "a", error_a }, dialect_b = { "b", error_b };

/* clang-format off */
static const struct route rows_a[] = {
	{ "GET",    "/ws/{}/spans/{}",     PROGRAM_SPANS,  ROLE_READ,   WORKSPACE_PATH,   handle_get,    &dialect_a },
	{ "DELETE", "/ws/{}/spans/{}",     PROGRAM_SPANS,  ROLE_ADMIN,  WORKSPACE_PATH,   handle_delete, &dialect_a },
	{ "GET",    "/ws/{}/spans/groups", PROGRAM_GROUPS, ROLE_READ,   WORKSPACE_PATH,   handle_groups, &dialect_a },
};
static const struct route rows_b[] = {
	{ "POST",   "/v1/traces",          PROGRAM_INGEST, ROLE_INGEST, WORKSPACE_HEADER, handle_post,   &dialect_b },
	{ "GET",    "/",                   PROGRAM_ADMIN,  ROLE_NONE,   WORKSPACE_NONE,   handle_get,    &dialect_b },
};
/* clang-format on */
static const struct route_table table_a = { rows_a, 3 }, table_b = { rows_b, 2 };
static const struct route_table *const tables[] = { &table_a, &table_b, NULL };

static struct str answer(
	const char *method, const char *target, unsigned programs, const char *variable)
{
	struct arena *a = test_arena();
	const char **v = arena_calloc(a, 6, sizeof *v);
	v[0] = arena_copy_c(a, arena_printf(a, "REQUEST_METHOD=%s", method));
	v[1] = arena_copy_c(a, arena_printf(a, "REQUEST_URI=%s", target));
	v[2] = "REMOTE_ADDR=127.0.0.1";
	v[3] = variable;
	fake_init(&fake, v, STR(""));
	fake.conf.keys = STR("/nonexistent"); /* in a directory that is there */
	struct str reason;
	ck_assert_int_eq(request_read_target(&fake.request, &reason), ERR_OK);
	route_request(&fake.request, tables, programs);
	return buf_str(&fake.response.body);
}

static struct str ask(const char *method, const char *target)
{
	return answer(method, target, PROGRAM_ALL, NULL);
}

START_TEST(captures_are_handed_over_decoded)
	{
		ck_assert_str_is(ask("GET", "/ws/w/spans/a%2Fb"), STR("get w a/b @w"));
		ck_assert_str_is(ask("GET", "/"), STR("get"));
		ck_assert_str_is(ask("HEAD", "/ws/w/spans/x"), STR("get w x @w"));
	}
END_TEST

START_TEST(a_named_element_beats_a_captured_one)
	{
		ck_assert_str_is(ask("GET", "/ws/w/spans/groups"), STR("groups w @w"));
		ck_assert_str_is(ask("DELETE", "/ws/w/spans/groups"), STR("delete w groups @w"));
		ck_assert_str_is(ask("GET", "/ws/w/spans/%67roups"), STR("groups w @w"));
		/* A program that does not serve the row does not see it. */
		ck_assert_str_is(answer("GET", "/ws/w/spans/groups", PROGRAM_SPANS, NULL),
			STR("get w groups @w"));
	}
END_TEST

START_TEST(an_unknown_path_is_not_found_in_the_nearest_dialect)
	{
		ck_assert_str_is(ask("GET", "/ws/w/other"), STR("a NOT_FOUND "));
		ck_assert_int_eq(fake.response.status, 404);
		ck_assert_str_is(ask("GET", "/ws%2Fw/spans/x"), STR("b NOT_FOUND "));
		ck_assert_str_is(ask("GET", "/v1/spans"), STR("b NOT_FOUND "));
		ck_assert_str_is(ask("GET", "/elsewhere"), STR("b NOT_FOUND "));
		ck_assert_str_is(
			answer("POST", "/v1/traces", PROGRAM_SPANS, NULL), STR("b NOT_FOUND "));
	}
END_TEST

START_TEST(a_wrong_method_is_told_the_right_ones)
	{
		ck_assert_str_is(ask("PATCH", "/ws/w/spans/x"), STR("a METHOD "));
		ck_assert_int_eq(fake.response.status, 405);
		ck_assert_str_is(
			fake.response.headers[HEADER_ALLOW], STR("GET, HEAD, DELETE, OPTIONS"));
		/* Also where two patterns fit: each method once. */
		ck_assert_str_is(ask("PATCH", "/ws/w/spans/groups"), STR("a METHOD "));
		ck_assert_str_is(
			fake.response.headers[HEADER_ALLOW], STR("GET, HEAD, DELETE, OPTIONS"));
		ck_assert_str_is(ask("get", "/v1/traces"), STR("b METHOD "));
		ck_assert_str_is(fake.response.headers[HEADER_ALLOW], STR("POST, OPTIONS"));
		ck_assert_str_is(ask("OPTIONS", "/v1/traces"), STR(""));
		ck_assert_int_eq(fake.response.status, 204);
		ck_assert_str_is(fake.response.headers[HEADER_ALLOW], STR("POST, OPTIONS"));
	}
END_TEST

START_TEST(a_slash_at_the_end_is_redirected_away)
	{
		ck_assert_str_is(ask("GET", "/ws/w/spans/a%20b/?x=1&y=/"), STR(""));
		ck_assert_int_eq(fake.response.status, 307);
		ck_assert_str_is(
			fake.response.headers[HEADER_LOCATION], STR("/ws/w/spans/a%20b?x=1&y=/"));
		ck_assert_str_is(ask("GET", "http://evil/ws/w/spans/x/?y"), STR(""));
		ck_assert_str_is(fake.response.headers[HEADER_LOCATION], STR("/ws/w/spans/x?y"));
		ck_assert_str_is(ask("GET", "/nothing/"), STR("b NOT_FOUND "));
		/* No header can say it. */
		ck_assert_str_is(ask("GET", "/ws/w/spans/\xc3\xa9/"), STR("a NOT_FOUND "));
		ck_assert(str_is_null(fake.response.headers[HEADER_LOCATION]));
	}
END_TEST

START_TEST(the_workspace_comes_from_a_header_or_the_setting)
	{
		ck_assert_str_is(ask("POST", "/v1/traces"), STR("post @default"));
		ck_assert_str_is(
			answer("POST", "/v1/traces", PROGRAM_ALL, "HTTP_X_WORKSPACE= acme "),
			STR("post @acme"));
		ck_assert_str_is(
			answer("POST", "/v1/traces", PROGRAM_ALL, "HTTP_COMET_WORKSPACE=acme"),
			STR("post @acme"));
		const char *two[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/v1/traces",
			"REMOTE_ADDR=127.0.0.1", "HTTP_X_WORKSPACE=a",
			"HTTP_X_SELECTED_ACCOUNT_ID=b", NULL };
		fake_init(&fake, two, STR(""));
		struct str reason;
		ck_assert_int_eq(request_read_target(&fake.request, &reason), ERR_OK);
		route_request(&fake.request, tables, PROGRAM_ALL);
		ck_assert_str_is(buf_str(&fake.response.body),
			STR("b INVALID Two headers name different workspaces."));
	}
END_TEST

START_TEST(nobody_gets_past_a_row_that_needs_a_role)
	{
		for (size_t t = 0; tables[t]; t++) {
			for (size_t i = 0; i < tables[t]->n; i++) {
				const struct route *row = &tables[t]->rows[i];
				const char *variables[] = { "REMOTE_ADDR=192.0.2.1", NULL, NULL,
					NULL };
				struct arena *a = test_arena();
				struct str method =
					arena_printf(a, "REQUEST_METHOD=%s", row->method);
				struct str uri = arena_printf(a, "REQUEST_URI=%s", row->pattern);
				variables[1] = arena_copy_c(a, method);
				variables[2] = arena_copy_c(a, uri);
				fake_init(&fake, variables, STR(""));
				fake.conf.keys =
					STR("/nonexistent"); /* in a directory that is there */
				struct str reason;
				ck_assert_int_eq(
					request_read_target(&fake.request, &reason), ERR_OK);
				route_request(&fake.request, tables, PROGRAM_ALL);
				ck_assert_int_eq(
					fake.response.status, row->needs == ROLE_NONE ? 200 : 401);
			}
		}
	}
END_TEST

START_TEST(an_error_replaces_what_was_written_or_cuts_it_off)
	{
		(void)ask("GET", "/");
		route_error(&fake.request, &dialect_a, ERR_FULL, STR("no room"), NULL);
		ck_assert_str_is(buf_str(&fake.response.body), STR("a FULL no room"));
		ck_assert_str_is(fake.response.headers[HEADER_RETRY_AFTER], STR("30"));
		ck_assert_int_eq(fake.response.error, ERR_FULL);
		ck_assert(!fake.response.is_cut);
		fake.response.is_started = true;
		route_error(&fake.request, &dialect_a, ERR_IO, STR("late"), NULL);
		ck_assert_str_is(buf_str(&fake.response.body), STR("a FULL no room"));
		ck_assert(fake.response.is_cut);
		ck_assert_int_eq(fake.response.error, ERR_IO);
	}
END_TEST

UNIT_MAIN("route", captures_are_handed_over_decoded, a_named_element_beats_a_captured_one,
	an_unknown_path_is_not_found_in_the_nearest_dialect, a_wrong_method_is_told_the_right_ones,
	a_slash_at_the_end_is_redirected_away, the_workspace_comes_from_a_header_or_the_setting,
	nobody_gets_past_a_row_that_needs_a_role, an_error_replaces_what_was_written_or_cuts_it_off)
