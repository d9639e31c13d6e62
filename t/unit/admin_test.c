#include "api/api.h"
#include "web.h"

#include <ftw.h>
#include <unistd.h>

static struct fake fake;
static struct conf conf;
static struct app app;
static char directory[] = "/tmp/flatspan-admin-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void begin(void)
{
	memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	conf_defaults(&conf);
	conf.root = str_from_c(directory);
	conf.free_bytes = 0;
	app = (struct app){ .conf = &conf };
	ck_assert_int_eq(store_open(&app.store, &conf), ERR_OK);
}

static void end(void)
{
	store_close(&app.store);
	ck_assert_int_eq(nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static int ask(const char *method, const char *target, const char *type, struct str body)
{
	struct arena *a = test_arena();
	const char **v = arena_calloc(a, 5, sizeof *v);
	v[0] = arena_copy_c(a, arena_printf(a, "REQUEST_METHOD=%s", method));
	v[1] = arena_copy_c(a, arena_printf(a, "REQUEST_URI=%s", target));
	v[2] = "REMOTE_ADDR=127.0.0.1";
	v[3] = arena_copy_c(a, arena_printf(a, "CONTENT_TYPE=%s", type));
	fake_init(&fake, v, body);
	fake.conf = conf;
	fake.request.app = &app;
	struct str reason;
	ck_assert_int_eq(request_read_target(&fake.request, &reason), ERR_OK);
	route_request(&fake.request, api_tables, PROGRAM_ADMIN);
	return fake.response.status;
}

static int create(const char *body)
{
	return ask("POST", "/apis/entities/v2/workspaces", "application/json", str_from_c(body));
}

static struct str answer(void)
{
	return buf_str(&fake.response.body);
}

START_TEST(a_workspace_is_made_once)
	{
		begin();
		ck_assert_int_eq(create("{\"name\":\"acme\",\"unknown\":1}"), 201);
		ck_assert_str_is(answer(), STR("{\"name\":\"acme\"}"));
		ck_assert_int_eq(create("{\"name\":\"acme\"}"), 409);
		ck_assert_str_is(answer(), STR("{\"detail\":\"Workspace 'acme' already exists\"}"));
		ck_assert_int_eq(create("{\"name\":\"B.2\"}"), 201);
		ck_assert_int_eq(ask("GET", "/apis/entities/v2/workspaces", "", STR("{}")), 200);
		ck_assert_str_is(answer(),
			STR("{\"data\":[{\"name\":\"B.2\"},{\"name\":\"acme\"}],\"pagination\":{"
			    "\"page\":1,\"page_size\":2,\"current_page_size\":2,\"total_pages\":1,"
			    "\"total_results\":2}}"));
		end();
	}
END_TEST

START_TEST(a_bad_body_is_told_as_fastapi_tells_it)
	{
		static const struct {
			const char *body, *detail;
		} cases[] = {
			{ "", "{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\","
			      "\"input\":null}" },
			{ "{\"name\":",
				"{\"type\":\"json_invalid\",\"loc\":[\"body\",8],\"msg\":\"JSON decode "
				"error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}" },
			{ "[1]",
				"{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input "
				"should be a valid dictionary or object to extract fields from\","
				"\"input\":[1]}" },
			{ "{\"n\":1}",
				"{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field "
				"required\",\"input\":{\"n\":1}}" },
			{ "{\"name\":null}",
				"{\"type\":\"string_type\",\"loc\":[\"body\",\"name\"],\"msg\":\"Input "
				"should be a valid string\",\"input\":null}" },
			{ "{\"name\":\"..\"}",
				"{\"type\":\"string_pattern_mismatch\",\"loc\":[\"body\",\"name\"],"
				"\"msg\":\"String should match pattern "
				"'^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'\",\"input\":\"..\",\"ctx\":{"
				"\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$\"}}" },
		};
		begin();
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			ck_assert_int_eq(create(cases[i].body), 422);
			ck_assert_str_is(answer(),
				arena_printf(test_arena(), "{\"detail\":[%s]}", cases[i].detail));
		}
		ck_assert_int_eq(ask("POST", "/apis/entities/v2/workspaces", "text/plain",
					 STR("{\"name\":\"x\"}")),
			422);
		end();
	}
END_TEST

START_TEST(a_body_past_its_limit_is_too_large)
	{
		begin();
		struct buf b;
		buf_init(&b, test_arena());
		buf_add(&b, STR("{\"name\":\"x\"}"));
		while (b.len < 64 << 10)
			buf_add_char(&b, ' ');
		buf_add_char(&b, '\0');
		ck_assert_int_eq(create(b.ptr), 201);
		b.ptr[b.len - 1] = ' ';
		buf_add_char(&b, '\0');
		ck_assert_int_eq(create(b.ptr), 413);
		end();
	}
END_TEST

START_TEST(health_says_whether_it_can_be_written_to)
	{
		begin();
		ck_assert_int_eq(ask("GET", "/health/ready", "", STR("")), 200);
		ck_assert_str_is(answer(), STR("{\"status\":\"ready\"}"));
		ck_assert_int_eq(ask("GET", "/health", "", STR("")), 200);
		ck_assert(str_starts(answer(), STR("{\"status\":\"ready\",\"version\":\"")));
		struct str part = STR("\"sync\":\"always\"");
		ck_assert_uint_lt(str_find(answer(), part), answer().len);
		/* No path of ours is told. */
		ck_assert_uint_eq(str_find(answer(), str_from_c(directory)), answer().len);

		conf.free_bytes = SIZE_MAX;
		ck_assert_int_eq(ask("GET", "/health/ready", "", STR("")), 503);
		ck_assert_int_eq(ask("GET", "/health", "", STR("")), 503);
		ck_assert_int_eq(ask("GET", "/health/live", "", STR("")), 200);
		end();
	}
END_TEST

START_TEST(a_root_that_went_away_is_not_ready)
	{
		begin();
		ck_assert_int_eq(nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
		ck_assert_int_eq(ask("GET", "/health/ready", "", STR("")), 503);
		store_close(&app.store);
	}
END_TEST

START_TEST(a_view_of_what_is_not_there_is_answered_for)
	{
		begin();
		struct view v;
		ck_assert_int_eq(ask("GET", "/", "", STR("")), 200);
		ck_assert(!api_view(&fake.request, STR("none"), &dialect_plain, &v));
		ck_assert_int_eq(fake.response.status, 404);
		ck_assert_str_is(answer(), STR("{\"detail\":\"Workspace 'none' not found\"}"));
		ck_assert(!api_view(&fake.request, STR("../x"), &dialect_plain, &v));
		ck_assert_int_eq(fake.response.status, 400);
		ck_assert(api_view(&fake.request, STR("default"), &dialect_plain, &v));
		view_close(&v);
		end();
	}
END_TEST

UNIT_MAIN("admin", a_workspace_is_made_once, a_bad_body_is_told_as_fastapi_tells_it,
	a_body_past_its_limit_is_too_large, health_says_whether_it_can_be_written_to,
	a_root_that_went_away_is_not_ready, a_view_of_what_is_not_there_is_answered_for)
