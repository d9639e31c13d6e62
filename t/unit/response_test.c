#include "web.h"

static struct fake fake;

static void begin(const char *method)
{
	struct str text = arena_printf(test_arena(), "REQUEST_METHOD=%s", method);
	const char **variables = arena_calloc(test_arena(), 3, sizeof *variables);
	variables[0] = arena_copy_c(test_arena(), text);
	variables[1] = "REQUEST_URI=/";
	fake_init(&fake, variables, STR(""));
}

static bool has(const char *line)
{
	struct str out = buf_str(&fake.out);
	struct str want = arena_printf(test_arena(), "%s\r\n", line);
	return str_find(out, want) < out.len;
}

static struct str body_sent(void)
{
	struct str out = buf_str(&fake.out);
	return str_skip(out, str_find(out, STR("\r\n\r\n")) + 4);
}

START_TEST(a_small_answer_has_its_length_and_the_fixed_headers)
	{
		begin("GET");
		fake.response.status = 201;
		fake.response.type = CONTENT_JSON;
		buf_add(&fake.response.body, STR("{\"a\":1}"));
		response_finish(&fake.response);
		ck_assert(str_starts(buf_str(&fake.out), STR("Status: 201 Created\r\n")));
		ck_assert(has("Content-Type: application/json"));
		ck_assert(has("Content-Length: 7"));
		ck_assert(has("Cache-Control: no-store"));
		ck_assert(has("X-Content-Type-Options: nosniff"));
		ck_assert(
			has("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
		struct str id =
			arena_printf(test_arena(), "X-Request-Id: %.*s", STR_ARG(fake.request.id));
		ck_assert(has(arena_copy_c(test_arena(), id)));
		ck_assert(!has("Retry-After: 1"));
		ck_assert_str_is(body_sent(), STR("{\"a\":1}"));
	}
END_TEST

START_TEST(head_gets_the_length_and_no_body)
	{
		begin("HEAD");
		buf_add(&fake.response.body, STR("0123456789"));
		response_finish(&fake.response);
		ck_assert(has("Content-Length: 10"));
		ck_assert_str_is(body_sent(), STR(""));
	}
END_TEST

START_TEST(no_content_has_no_length_and_no_type)
	{
		begin("DELETE");
		fake.response.status = 204;
		fake.response.type = CONTENT_JSON;
		buf_add(&fake.response.body, STR("x"));
		response_finish(&fake.response);
		struct str out = buf_str(&fake.out);
		ck_assert_uint_eq(str_find(out, STR("Content-Length")), out.len);
		ck_assert_uint_eq(str_find(out, STR("Content-Type:")), out.len);
		ck_assert_str_is(body_sent(), STR(""));
	}
END_TEST

START_TEST(long_answers_are_sent_in_parts)
	{
		begin("GET");
		struct response *res = &fake.response;
		char *row = arena_text(test_arena(), 100000);
		memset(row, 'r', 100000);
		for (int i = 0; i < 10; i++) {
			buf_add(&res->body, str_of(row, 100000));
			response_flush_if_large(res);
			ck_assert_uint_lt(res->body.len, 256 << 10);
		}
		ck_assert(res->is_started);
		ck_assert(!response_restart(res));
		response_finish(res);
		struct str out = buf_str(&fake.out);
		ck_assert_uint_eq(str_find(out, STR("Content-Length")), out.len);
		ck_assert_uint_eq(body_sent().len, 1000000);
		ck_assert_uint_gt(fake.n_writes, 3);
	}
END_TEST

START_TEST(an_answer_can_be_begun_anew_until_it_is_sent)
	{
		begin("GET");
		struct response *res = &fake.response;
		res->status = 500;
		res->type = CONTENT_TEXT;
		ck_assert(response_set_header(res, HEADER_ALLOW, STR("GET")));
		buf_add(&res->body, STR("wrong"));
		ck_assert(response_restart(res));
		buf_add(&res->body, STR("right"));
		response_finish(res);
		ck_assert(has("Status: 200 OK"));
		ck_assert(!has("Allow: GET"));
		ck_assert_str_is(body_sent(), STR("right"));
	}
END_TEST

START_TEST(values_that_may_not_stand_in_a_header_are_refused)
	{
		begin("GET");
		struct response *res = &fake.response;
		static const char *const bad[] = { "a\r\nSet-Cookie: x", "\x7f", "\xc3\xa9", "\t" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			ck_assert(!response_set_header(res, HEADER_LOCATION, str_from_c(bad[i])));
		ck_assert(!response_set_header(res, HEADER_LOCATION, str_of("\0", 1)));
		ck_assert(str_is_null(res->headers[HEADER_LOCATION]));
		char *long_value = arena_text(test_arena(), 2049);
		memset(long_value, 'x', 2049);
		ck_assert(!response_set_header(res, HEADER_LOCATION, str_of(long_value, 2049)));
		ck_assert(response_set_header(res, HEADER_LOCATION, str_of(long_value, 2048)));
	}
END_TEST

START_TEST(unavailable_says_when_to_retry_and_unauthorized_how)
	{
		begin("GET");
		fake.response.status = 503;
		response_finish(&fake.response);
		ck_assert(has("Retry-After: 1"));
		begin("GET");
		fake.response.status = 503;
		ck_assert(response_set_header(&fake.response, HEADER_RETRY_AFTER, STR("30")));
		response_finish(&fake.response);
		ck_assert(has("Retry-After: 30"));
		begin("GET");
		fake.response.status = 401;
		response_finish(&fake.response);
		ck_assert(has("WWW-Authenticate: Bearer"));
	}
END_TEST

START_TEST(a_peer_that_left_is_not_written_to_again)
	{
		begin("GET");
		fake.is_peer_gone = true;
		buf_add(&fake.response.body, STR("x"));
		response_finish(&fake.response);
		ck_assert(fake.response.is_broken);
		ck_assert_uint_eq(fake.n_writes, 0);
	}
END_TEST

UNIT_MAIN("response", a_small_answer_has_its_length_and_the_fixed_headers,
	head_gets_the_length_and_no_body, no_content_has_no_length_and_no_type,
	long_answers_are_sent_in_parts, an_answer_can_be_begun_anew_until_it_is_sent,
	values_that_may_not_stand_in_a_header_are_refused,
	unavailable_says_when_to_retry_and_unauthorized_how,
	a_peer_that_left_is_not_written_to_again)
