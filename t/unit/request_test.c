#include "base/gzip.h"
#include "web.h"

#include <zlib.h>

static struct fake fake;

/* A POST with this body and further variables. */
static enum err post(const char *const *more, struct str body, size_t limit, struct str *ret_body,
	struct str *ret_reason)
{
	const char **variables = arena_calloc(test_arena(), 12, sizeof *variables);
	variables[0] = "REQUEST_METHOD=POST";
	variables[1] = "REQUEST_URI=/";
	for (size_t i = 0; more[i]; i++)
		variables[2 + i] = more[i];
	fake_init(&fake, variables, body);
	return request_body(&fake.request, limit, ret_body, ret_reason);
}

#define WITH(...) ((const char *const[]){ __VA_ARGS__, NULL })

START_TEST(headers_are_found_by_their_lower_case_names)
	{
		const char *variables[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/",
			"CONTENT_TYPE=Application/JSON ; charset=utf-8", "HTTP_X_API_KEY=k",
			"HTTP_EMPTY=", "HTTP_X_API_KEYS=no", NULL };
		fake_init(&fake, variables, STR(""));
		const struct request *r = &fake.request;
		ck_assert_str_is(request_header(r, STR("x-api-key")), STR("k"));
		ck_assert(str_is_null(request_header(r, STR("empty"))));
		ck_assert(str_is_null(request_header(r, STR("x-api"))));
		ck_assert_str_is(request_media_type(r), STR("application/json"));
		ck_assert_uint_eq(r->id.len, 16);
		uint64_t id;
		ck_assert(str_to_u64_hex(r->id, &id));
	}
END_TEST

START_TEST(an_announced_body_is_read_exactly)
	{
		struct str body, reason;
		ck_assert_int_eq(
			post(WITH("CONTENT_LENGTH=3"), STR("abcdef"), 10, &body, &reason), ERR_OK);
		ck_assert_str_is(body, STR("abc"));
		ck_assert_int_eq(request_content_length(&fake.request), 3);
		ck_assert_int_eq(post(WITH("CONTENT_LENGTH=4"), STR("abc"), 10, &body, &reason),
			ERR_INVALID);
		ck_assert_str_is(reason, STR("The body is shorter than its Content-Length."));
		ck_assert_int_eq(
			post(WITH("CONTENT_LENGTH=0"), STR(""), 10, &body, &reason), ERR_OK);
		ck_assert_uint_eq(body.len, 0);
	}
END_TEST

START_TEST(too_much_announced_is_refused_before_reading)
	{
		struct str body, reason;
		ck_assert_int_eq(
			post(WITH("CONTENT_LENGTH=10"), STR("0123456789"), 10, &body, &reason),
			ERR_OK);
		ck_assert_int_eq(
			post(WITH("CONTENT_LENGTH=11"), STR("0123456789x"), 10, &body, &reason),
			ERR_TOO_LARGE);
		ck_assert_uint_eq(fake.body.len, 11);
		ck_assert_int_eq(post(WITH("CONTENT_LENGTH=18446744073709551619"), STR("abc"), 10,
					 &body, &reason),
			ERR_TOO_LARGE);
		ck_assert_int_eq(request_content_length(&fake.request), -1);
	}
END_TEST

START_TEST(a_length_that_is_no_number_is_refused)
	{
		static const char *const bad[] = { "CONTENT_LENGTH=+3", "CONTENT_LENGTH=3abc",
			"CONTENT_LENGTH= 3", "CONTENT_LENGTH=-2", "CONTENT_LENGTH=1e9" };
		struct str body, reason;
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			ck_assert_msg(
				post(WITH(bad[i]), STR("abc"), 10, &body, &reason) == ERR_INVALID,
				"%s", bad[i]);
	}
END_TEST

START_TEST(a_body_without_a_length_is_read_to_its_end)
	{
		static const char *const unknown[] = { "CONTENT_LENGTH=", "CONTENT_LENGTH=-1",
			"X=y" };
		struct str body, reason;
		for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
			ck_assert_int_eq(
				post(WITH(unknown[i]), STR("0123456789"), 10, &body, &reason),
				ERR_OK);
			ck_assert_str_is(body, STR("0123456789"));
			ck_assert_int_eq(
				post(WITH(unknown[i]), STR("0123456789x"), 10, &body, &reason),
				ERR_TOO_LARGE);
		}
		size_t n = 300000;
		char *big = arena_text(test_arena(), n);
		memset(big, 'x', n);
		ck_assert_int_eq(post(WITH("X=y"), str_of(big, n), n, &body, &reason), ERR_OK);
		ck_assert_str_is(body, str_of(big, n));
		ck_assert_int_eq(
			post(WITH("X=y"), str_of(big, n), n - 1, &body, &reason), ERR_TOO_LARGE);
	}
END_TEST

static struct str deflated(struct str text, int window_bits)
{
	size_t room = text.len + 100;
	char *out = arena_text(test_arena(), room);
	z_stream z = { .next_in = (unsigned char *)arena_copy_c(test_arena(), text),
		.avail_in = (unsigned)text.len,
		.next_out = (unsigned char *)out,
		.avail_out = (unsigned)room };
	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t n = z.total_out;
	deflateEnd(&z);
	return str_of(out, n);
}

START_TEST(a_compressed_body_is_inflated)
	{
		struct str text = STR("{\"resourceSpans\":[]}"), body, reason;
		struct str gzip = deflated(text, 15 + 16), zlib = deflated(text, 15);
		/* One block as it is, of a frame that does not say how long it is. */
		struct str zst = STR("\x28\xb5\x2f\xfd\0\0\xa1\0\0{\"resourceSpans\":[]}");
		static const char *const names[] = { "HTTP_CONTENT_ENCODING=gzip",
			"HTTP_CONTENT_ENCODING=X-GZIP ", "HTTP_CONTENT_ENCODING=deflate",
			"HTTP_CONTENT_ENCODING=zlib", "HTTP_CONTENT_ENCODING=Zstd" };
		struct str coded[] = { gzip, gzip, zlib, zlib, zst };
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			ck_assert_int_eq(
				post(WITH(names[i]), coded[i], 100, &body, &reason), ERR_OK);
			ck_assert_str_is(body, text);
		}
		ck_assert_int_eq(
			post(WITH("HTTP_CONTENT_ENCODING=zstd"), gzip, 100, &body, &reason),
			ERR_INVALID);
		ck_assert_int_eq(
			post(WITH("HTTP_CONTENT_ENCODING=identity"), text, 100, &body, &reason),
			ERR_OK);
		ck_assert_str_is(body, text);
		ck_assert_int_eq(
			post(WITH("HTTP_CONTENT_ENCODING=gzip"), STR(""), 100, &body, &reason),
			ERR_OK);
		ck_assert_uint_eq(body.len, 0);
		ck_assert_int_eq(post(WITH("HTTP_CONTENT_ENCODING=gzip"), str_first(gzip, 20), 100,
					 &body, &reason),
			ERR_INVALID);
	}
END_TEST

START_TEST(the_limit_holds_for_the_inflated_body_too)
	{
		size_t n = 10000;
		char *zeros = arena_alloc(test_arena(), n);
		struct str gzip = deflated(str_of(zeros, n), 15 + 16), body, reason;
		ck_assert_int_eq(
			post(WITH("HTTP_CONTENT_ENCODING=gzip"), gzip, n, &body, &reason), ERR_OK);
		ck_assert_uint_eq(body.len, n);
		ck_assert_int_eq(
			post(WITH("HTTP_CONTENT_ENCODING=gzip"), gzip, n - 1, &body, &reason),
			ERR_TOO_LARGE);
	}
END_TEST

START_TEST(other_codings_and_several_are_not_supported)
	{
		static const char *const bad[] = { "HTTP_CONTENT_ENCODING=br",
			"HTTP_CONTENT_ENCODING=gzip, gzip", "HTTP_CONTENT_ENCODING=zstd, zstd",
			"HTTP_CONTENT_ENCODING=identity,gzip" };
		struct str body, reason;
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			ck_assert_msg(post(WITH(bad[i]), STR("abc"), 10, &body, &reason) ==
					      ERR_UNSUPPORTED,
				"%s", bad[i]);
		ck_assert_int_eq(
			post(WITH("HTTP_CONTENT_ENCODING=gzip", "HTTP_CONTENT_ENCODING=gzip"),
				STR("abc"), 10, &body, &reason),
			ERR_UNSUPPORTED);
	}
END_TEST

UNIT_MAIN("request", headers_are_found_by_their_lower_case_names, an_announced_body_is_read_exactly,
	too_much_announced_is_refused_before_reading, a_length_that_is_no_number_is_refused,
	a_body_without_a_length_is_read_to_its_end, a_compressed_body_is_inflated,
	the_limit_holds_for_the_inflated_body_too, other_codings_and_several_are_not_supported)
