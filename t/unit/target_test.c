#include "web.h"

/* The elements of a target, joined by '|', a '/' behind for the slash at the end; "400" and so on
 * when it is refused. */
static struct str read_with(const char *target, const char *prefix, const char *script)
{
	struct arena *a = test_arena();
	const char *variables[] = { "REQUEST_METHOD=GET",
		arena_copy_c(a, arena_printf(a, "REQUEST_URI=%s", target)),
		arena_copy_c(a, arena_printf(a, "SCRIPT_NAME=%s", script)), NULL };
	struct fake f;
	fake_init(&f, variables, STR(""));
	f.conf.prefix = str_from_c(prefix);
	struct str reason;
	enum err e = request_read_target(&f.request, &reason);
	if (e)
		return arena_printf(a, "%d", err_status(e));
	struct buf b;
	buf_init(&b, a);
	for (size_t i = 0; i < f.request.n_elements; i++) {
		buf_add_char(&b, '|');
		buf_add(&b, f.request.elements[i]);
	}
	if (f.request.has_trailing_slash)
		buf_add_char(&b, '/');
	return buf_str(&b);
}

static struct str elements_of(const char *target)
{
	return read_with(target, "", "");
}

START_TEST(a_path_is_split_and_then_decoded_once)
	{
		ck_assert_str_is(elements_of("/"), STR(""));
		ck_assert_str_is(elements_of("/a/b"), STR("|a|b"));
		ck_assert_str_is(elements_of("/a/b/"), STR("|a|b/"));
		ck_assert_str_is(elements_of("/a%2Fb/c%5cd"), STR("|a/b|c\\d"));
		ck_assert_str_is(elements_of("/a%252Fb"), STR("|a%2Fb"));
		ck_assert_str_is(elements_of("/%C3%A9/\xc3\xa9+"), STR("|\xc3\xa9|\xc3\xa9+"));
		ck_assert_str_is(elements_of("/a/b?c=/d//e"), STR("|a|b"));
		ck_assert_str_is(elements_of("/%3F?x"), STR("|?"));
		ck_assert_str_is(elements_of("/..%2F..%2Fx"), STR("|../../x"));
	}
END_TEST

START_TEST(an_origin_before_the_path_is_cut)
	{
		ck_assert_str_is(elements_of("http://evil/x"), STR("|x"));
		ck_assert_str_is(elements_of("HTTPS://evil:1/x/?y"), STR("|x/"));
		ck_assert_str_is(elements_of("http://evil"), STR(""));
		ck_assert_str_is(elements_of("http://evil?a=/b"), STR(""));
	}
END_TEST

START_TEST(a_second_spelling_of_a_path_is_refused)
	{
		static const char *const bad[] = { "", "*", "a", "evil:80", "//", "//a", "/a//b",
			"/a//", "/.", "/..", "/a/./b", "/a/../b", "/%2e", "/%2E%2e/x", "/a/%2e%2e/",
			"/a\\b", "/a#b", "/a\x01", "/a\x7f", "/%00", "/a%0d%0ab", "/%7F", "/%",
			"/%2", "/%zz", "/a%2", "/%c0%ae", "/\xff", "/%ed%a0%80", "ftp://x/y" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct str got = elements_of(bad[i]);
			ck_assert_msg(
				str_eq(got, STR("400")), "%s gives %.*s", bad[i], STR_ARG(got));
		}
	}
END_TEST

START_TEST(the_number_of_elements_and_the_length_are_limited)
	{
		struct buf b;
		buf_init(&b, test_arena());
		for (int i = 0; i < REQUEST_ELEMENTS_MAX; i++)
			buf_add(&b, STR("/s"));
		buf_add_char(&b, '\0');
		ck_assert_str_is(str_first(elements_of(b.ptr), 4), STR("|s|s"));
		b.len--;
		buf_add(&b, STR("/s"));
		buf_add_char(&b, '\0');
		ck_assert_str_is(elements_of(b.ptr), STR("404"));

		buf_reset(&b);
		buf_add_char(&b, '/');
		while (b.len < LIMIT_TARGET_BYTES)
			buf_add_char(&b, 'x');
		buf_add_char(&b, '\0');
		ck_assert_uint_eq(elements_of(b.ptr).len, LIMIT_TARGET_BYTES);
		b.len--;
		buf_add(&b, STR("y"));
		buf_add_char(&b, '\0');
		ck_assert_str_is(elements_of(b.ptr), STR("413"));
	}
END_TEST

START_TEST(the_configured_prefix_is_taken_off)
	{
		ck_assert_str_is(read_with("/span/v1/x", "/span", ""), STR("|v1|x"));
		ck_assert_str_is(read_with("/span/v1/x", "/span/", ""), STR("|v1|x"));
		ck_assert_str_is(read_with("/span", "/span", ""), STR(""));
		ck_assert_str_is(read_with("/spanish/x", "/span", ""), STR("|spanish|x"));
		ck_assert_str_is(read_with("/v1/x", "/span", ""), STR("|v1|x"));
		ck_assert_str_is(read_with("/span//x", "/span", ""), STR("400"));
		ck_assert_str_is(read_with("/a%20b/x", "/a b", ""), STR("|x"));
		ck_assert_str_is(read_with("/a%20b/x", "/a%20b", ""), STR("|x"));
	}
END_TEST

START_TEST(the_prefix_is_found_from_the_script_name)
	{
		ck_assert_str_is(
			read_with("/cgi-bin/flatspan/v1/x", "", "/cgi-bin/flatspan"), STR("|v1|x"));
		ck_assert_str_is(read_with("/cgi-bin/flatspan/", "", "/cgi-bin/flatspan"), STR(""));
		ck_assert_str_is(read_with("/spans/v1/x", "", "/spans/app.fcgi"), STR("|v1|x"));
		ck_assert_str_is(read_with("/v1/x", "", "/app.fcgi"), STR("|v1|x"));
		/* nginx calls the whole decoded path SCRIPT_NAME. */
		ck_assert_str_is(read_with("/v1/x", "", "/v1/x"), STR("|v1|x"));
		ck_assert_str_is(read_with("/v1/a%20b.cgi", "", "/v1/a b.cgi"), STR("|v1|a b.cgi"));
		ck_assert_str_is(
			read_with("/v1/a%2Fb.cgi/", "", "/v1/a/b.cgi/"), STR("|v1|a/b.cgi/"));
		ck_assert_str_is(read_with("/other/x", "", "/cgi-bin/flatspan"), STR("|other|x"));
		/* Servers decode it, whichever way a client has spelt it. */
		ck_assert_str_is(read_with("/my%20s%C3%A4%25/v1/x", "", "/my s\xc3\xa4%/app.fcgi"),
			STR("|v1|x"));
		ck_assert_str_is(read_with("/%7Eme/v1/x", "", "/~me/app.fcgi"), STR("|v1|x"));
		ck_assert_str_is(read_with("/~me/v1/x", "", "/~me/app.fcgi"), STR("|v1|x"));
		ck_assert_str_is(read_with("/a%2fb/v1/x", "", "/a/b/app.fcgi"), STR("|a/b|v1|x"));
		ck_assert_str_is(read_with("/a%2/v1/x", "", "/a /app.fcgi"), STR("400"));
		ck_assert_str_is(read_with("/my%20s", "", "/my s/app.fcgi"), STR(""));
		ck_assert_str_is(
			read_with("/my%20spans/x", "", "/my s/app.fcgi"), STR("|my spans|x"));
	}
END_TEST

START_TEST(parameters_are_decoded_and_the_last_of_a_name_counts)
	{
		struct fake f;
		struct str reason;
		ck_assert_int_eq(
			fake_get(&f, "/?a=1&b=x+y%2B&a=2&&flag&=v&c==%3D&d=%zz%4", &reason),
			ERR_OK);
		const struct request *r = &f.request;
		ck_assert_uint_eq(r->n_params, 7);
		ck_assert_str_is(request_param(r, STR("a"))->value, STR("2"));
		ck_assert_str_is(request_param(r, STR("b"))->value, STR("x y+"));
		ck_assert_str_is(request_param(r, STR("b"))->raw, STR("x+y%2B"));
		ck_assert_str_is(request_param(r, STR("flag"))->value, STR(""));
		ck_assert_str_is(request_param(r, STR(""))->value, STR("v"));
		ck_assert_str_is(request_param(r, STR("c"))->value, STR("=="));
		ck_assert_str_is(request_param(r, STR("d"))->value, STR("%zz%4"));
		ck_assert_ptr_null(request_param(r, STR("e")));
	}
END_TEST

START_TEST(parameters_that_are_no_utf8_or_too_many_are_refused)
	{
		struct fake f;
		struct str reason;
		ck_assert_int_eq(fake_get(&f, "/?a=%ff", &reason), ERR_INVALID);
		ck_assert_int_eq(fake_get(&f, "/?%c0%ae=1", &reason), ERR_INVALID);
		struct buf b;
		buf_init(&b, test_arena());
		buf_add(&b, STR("/?"));
		for (int i = 0; i < LIMIT_PARAMS; i++)
			buf_add(&b, STR("a&"));
		buf_add_char(&b, '\0');
		ck_assert_int_eq(fake_get(&f, b.ptr, &reason), ERR_OK);
		ck_assert_uint_eq(f.request.n_params, LIMIT_PARAMS);
		b.len--;
		buf_add(&b, STR("a"));
		buf_add_char(&b, '\0');
		ck_assert_int_eq(fake_get(&f, b.ptr, &reason), ERR_INVALID);
	}
END_TEST

UNIT_MAIN("target", a_path_is_split_and_then_decoded_once, an_origin_before_the_path_is_cut,
	a_second_spelling_of_a_path_is_refused, the_number_of_elements_and_the_length_are_limited,
	the_configured_prefix_is_taken_off, the_prefix_is_found_from_the_script_name,
	parameters_are_decoded_and_the_last_of_a_name_counts,
	parameters_that_are_no_utf8_or_too_many_are_refused)
