#include "span/mask.h"
#include "unit.h"

static void setting(struct mask *m, const char *keys, const char *regex, enum conf_content content)
{
	struct conf c;
	conf_defaults(&c);
	c.mask_keys = str_from_c(keys);
	c.mask_regex = str_from_c(regex);
	c.content = content;
	ck_assert_int_eq(mask_init_conf(m, &c, test_arena()), ERR_OK);
}

/* What becomes of a value of the input, and that masking it again changes nothing. */
static const char *masked(struct mask *m, const char *value)
{
	struct span s;
	span_init(&s);
	span_set_text(&s, FIELD_INPUT, str_from_c(value));
	mask_span(m, &s, test_arena());
	struct str once = arena_copy(test_arena(), span_text(&s, FIELD_INPUT));
	mask_span(m, &s, test_arena());
	ck_assert(str_eq(once, span_text(&s, FIELD_INPUT)));
	return arena_copy_c(test_arena(), once);
}

START_TEST(without_settings_nothing_changes)
	{
		struct mask m;
		setting(&m, "", "", CONF_CONTENT_FULL);
		ck_assert(!m.is_on);
		ck_assert_str_eq(masked(&m, "{\"password\":1}"), "{\"password\":1}");
		mask_release(&m);
	}
END_TEST

START_TEST(members_with_these_names_lose_their_values)
	{
		static const char *const cases[][2] = {
			{ "{\"password\":\"x\",\"a\":1}", "{\"password\":\"[masked]\",\"a\":1}" },
			{ "{\"PassWord\":{\"deep\":[1]}}", "{\"PassWord\":\"[masked]\"}" },
			{ "[{\"a\":{\"api_key\":7}}]", "[{\"a\":{\"api_key\":\"[masked]\"}}]" },
			{ "{\"http.request.header.authorization\":[\"Bearer x\"]}",
				"{\"http.request.header.authorization\":\"[masked]\"}" },
			{ "{\"pass\\u0077ord\":1}", "{\"pass\\u0077ord\":\"[masked]\"}" },
			{ "{\"passwords\":1,\"word\":2}", "{\"passwords\":1,\"word\":2}" },
			{ "\"password\"", "\"password\"" },
			{ "{\"a.\":1,\".\":2,\"\":3}", "{\"a.\":1,\".\":2,\"\":3}" },
			/* JSON in a string, and in a string in it */
			{ "\"{\\\"password\\\":\\\"x\\\"}\"",
				"\"{\\\"password\\\":\\\"[masked]\\\"}\"" },
			{ "{\"t\":\"[\\\"{\\\\\\\"password\\\\\\\":1}\\\"]\"}",
				"{\"t\":\"[\\\"{\\\\\\\"password\\\\\\\":\\\\\\\"[masked]\\\\\\\"}\\\"]\"}" },
			{ "\"{no json: password\"", "\"{no json: password\"" },
			{ "0.10", "0.10" },
		};
		struct mask m;
		setting(&m, "password, API_KEY,authorization", "", CONF_CONTENT_FULL);
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_str_eq(masked(&m, cases[i][0]), cases[i][1]);
		mask_release(&m);
	}
END_TEST

START_TEST(what_matches_is_replaced_in_every_text)
	{
		static const char *const cases[][2] = {
			{ "\"mail me@example.org or you@example.org\"",
				"\"mail [masked] or [masked]\"" },
			{ "{\"a\":[\"x@y\",\"no\"],\"n\":12345}",
				"{\"a\":[\"[masked]\",\"no\"],\"n\":12345}" },
			{ "\"a\\\"x@y\\\"\"", "\"a\\\"[masked]\\\"\"" },
			{ "\"\"", "\"\"" },
		};
		struct mask m;
		setting(&m, "", "[a-z]+@[a-z.]+", CONF_CONTENT_FULL);
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_str_eq(masked(&m, cases[i][0]), cases[i][1]);
		struct span s;
		span_init(&s);
		span_set_text(&s, FIELD_NAME, STR("for x@y"));
		span_set_text(&s, FIELD_SPAN_ID, STR("x@y"));
		span_set_text(&s, FIELD_ERROR_MESSAGE, STR("x@y\\n"));
		s.extra = STR("\"mine\":\"x@y\",\"n\":1");
		mask_span(&m, &s, test_arena());
		ck_assert(str_eq(span_text(&s, FIELD_NAME), STR("for [masked]")));
		ck_assert(str_eq(span_text(&s, FIELD_SPAN_ID), STR("x@y")));
		ck_assert(str_eq(span_text(&s, FIELD_ERROR_MESSAGE), STR("[masked]\\n")));
		ck_assert(str_eq(s.extra, STR("\"mine\":\"[masked]\",\"n\":1")));
		mask_release(&m);
	}
END_TEST

START_TEST(any_expression_ends_and_is_stable)
	{
		/* Those that match nothing at some place, or what a match became. */
		static const char *const expressions[] = { "x*", "()", "^", "$", "[a-z]+", "masked",
			"\\[", "(a|b)*c?", ".", "^a", "a$" };
		for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++) {
			struct mask m;
			setting(&m, "", expressions[i], CONF_CONTENT_FULL);
			(void)masked(&m, "\"abxxc [masked] aaa\"");
			(void)masked(&m, "\"\xc3\xa4\xc3\xb6\"");
			(void)masked(&m, "\"a\\u0000b\"");
			mask_release(&m);
		}
		struct conf c;
		struct mask m;
		conf_defaults(&c);
		c.mask_regex = STR("(");
		ck_assert_int_eq(mask_init_conf(&m, &c, test_arena()), ERR_CONF);
	}
END_TEST

/* ASan's regexec() measures the whole text each time. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define IS_SLOW
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined IS_SLOW
#define MATCHES (10 * 1000)
#else
#define MATCHES (3 * 1000 * 1000)
#endif

/* In a time that grows with the text, not with its square: then this would not end in time. */
START_TEST(a_text_full_of_matches_ends_soon)
	{
		struct mask m;
		struct buf text;
		buf_init(&text, test_arena());
		buf_add_char(&text, '"');
		for (size_t i = 0; i < MATCHES; i++)
			buf_add(&text, STR("sk-a "));
		buf_add(&text, STR("end\""));
		setting(&m, "", "sk-[a-z]+", CONF_CONTENT_FULL);
		struct str left =
			str_from_c(masked(&m, arena_copy_c(test_arena(), buf_str(&text))));
		ck_assert_uint_eq(left.len, MATCHES * strlen("[masked] ") + strlen("\"end\""));
		buf_release(&text);
		mask_release(&m);
	}
END_TEST

START_TEST(no_expression_spoils_the_match_of_another)
	{
		static const char *const cases[][4] = {
			{ "sk-[a-z0-9]+", "sk", "\"a sk-abc123, sk\"", "\"a [masked], [masked]\"" },
			{ "abc", "bcd|f", "\"xabcdef abc bcd\"",
				"\"x[masked]e[masked] [masked] [masked]\"" },
			{ "ab", "cd", "\"abcd\"", "\"[masked][masked]\"" },
			{ "a.*z", "m|q", "\"ammz m\"", "\"[masked] [masked]\"" },
			{ "ab|cd", "bc", "\"abcde\"", "\"[masked]e\"" },
		};
		struct mask all, own;
		for (size_t i = 0; i < 2 * (sizeof cases / sizeof cases[0]); i++) {
			const char *const *x = cases[i / 2];
			struct mask_rules more = { STR(""), str_from_c(x[1 - i % 2]),
				CONF_CONTENT_FULL };
			setting(&all, "", x[i % 2], CONF_CONTENT_FULL);
			ck_assert_int_eq(mask_init(&own, &all, &more, test_arena()), ERR_OK);
			ck_assert_str_eq(masked(&own, x[2]), x[3]);
			mask_release(&own);
			mask_release(&all);
		}
	}
END_TEST

START_TEST(what_is_added_to_a_mask_weakens_nothing)
	{
		static const enum conf_content contents[] = { CONF_CONTENT_FULL, CONF_CONTENT_HASH,
			CONF_CONTENT_NONE };
		static const char *const expressions[] = { "", "x*", "^a", "a$", "abx", "b", ".",
			"[a-z]+" };
		enum { N = sizeof expressions / sizeof expressions[0] };
		struct mask all, own;
		setting(&all, "password", "x@y", CONF_CONTENT_FULL);
		struct mask_rules more = { STR("token"), STR("y@z"), CONF_CONTENT_FULL };
		ck_assert_int_eq(mask_init(&own, &all, &more, test_arena()), ERR_OK);
		ck_assert_str_eq(
			masked(&own, "{\"password\":1,\"token\":2,\"t\":\"x@y y@z x@y@z\"}"),
			"{\"password\":\"[masked]\",\"token\":\"[masked]\",\"t\":\"[masked] "
			"[masked] [masked]\"}");
		mask_release(&own);
		struct mask_rules nothing = { STR(""), STR(""), CONF_CONTENT_FULL };
		ck_assert_int_eq(mask_init(&own, &all, &nothing, test_arena()), ERR_OK);
		ck_assert_str_eq(masked(&own, "{\"password\":\"x@y\",\"t\":\"x@y\"}"),
			"{\"password\":\"[masked]\",\"t\":\"[masked]\"}");
		mask_release(&own);
		mask_release(&all);
		for (size_t i = 0; i < 9; i++) {
			setting(&all, "", "", contents[i / 3]);
			nothing.content = contents[i % 3];
			ck_assert_int_eq(mask_init(&own, &all, &nothing, test_arena()), ERR_OK);
			ck_assert_int_eq(own.content, contents[i / 3 > i % 3 ? i / 3 : i % 3]);
			ck_assert_int_eq(own.is_on, i > 0);
			mask_release(&own);
			mask_release(&all);
		}
		for (size_t i = 0; i < (size_t)N * N; i++) {
			setting(&all, "", expressions[i / N], CONF_CONTENT_FULL);
			more.regex = str_from_c(expressions[i % N]);
			ck_assert_int_eq(mask_init(&own, &all, &more, test_arena()), ERR_OK);
			(void)masked(&own, "\"abxxc [masked] aaab\"");
			mask_release(&own);
			mask_release(&all);
		}
	}
END_TEST

static void fill(struct span *s)
{
	struct str text = arena_printf(test_arena(), "{\"id\":7,\"text\":\"%0150d\"}", 1);
	span_init(s);
	span_set_text(s, FIELD_INPUT, STR("{\"a\":1}"));
	span_set_text(s, FIELD_OUTPUT, STR("\"out\""));
	span_set_text(s, FIELD_EXPECTED, STR("1"));
	span_set_text(s, FIELD_ERROR_TRACEBACK, STR("trace"));
	span_set_text(s, FIELD_ERROR_MESSAGE, STR("short"));
	span_set_text(s, FIELD_ATTRIBUTES, text);
	span_set_text(s, FIELD_METADATA, STR("{\"k\":\"v\"}"));
}

START_TEST(content_can_be_left_out)
	{
		struct mask m;
		struct span s;
		setting(&m, "", "", CONF_CONTENT_NONE);
		fill(&s);
		mask_span(&m, &s, test_arena());
		ck_assert(!span_has(&s, FIELD_INPUT) && !span_has(&s, FIELD_OUTPUT));
		ck_assert(!span_has(&s, FIELD_EXPECTED) && !span_has(&s, FIELD_ERROR_TRACEBACK));
		ck_assert(str_eq(span_text(&s, FIELD_ERROR_MESSAGE), STR("short")));
		ck_assert(str_eq(span_text(&s, FIELD_METADATA), STR("{\"k\":\"v\"}")));
		ck_assert(str_eq(
			span_text(&s, FIELD_ATTRIBUTES), STR("{\"id\":7,\"text\":\"[masked]\"}")));
		mask_release(&m);
	}
END_TEST

START_TEST(of_content_a_hash_can_be_left)
	{
		struct mask m;
		struct span s, again;
		setting(&m, "", "", CONF_CONTENT_HASH);
		fill(&s);
		mask_span(&m, &s, test_arena());
		/* printf '"out"' | sha256sum */
		ck_assert(str_eq(span_text(&s, FIELD_OUTPUT),
			STR("\"sha256:"
			    "1f3055ba62bd8a1dfab19f5f663c71d9e04039894a2ac28ec61da7d0fd27791f\"")));
		ck_assert(str_starts(span_text(&s, FIELD_ERROR_TRACEBACK), STR("sha256:")));
		again = s;
		mask_span(&m, &again, test_arena());
		for (unsigned f = 0; f < FIELD__MAX; f++)
			if (field_info[f].type == FIELD_TYPE_JSON)
				ck_assert(str_eq(span_text(&s, (enum field)f),
					span_text(&again, (enum field)f)));
		mask_release(&m);
	}
END_TEST

UNIT_MAIN("mask", without_settings_nothing_changes, members_with_these_names_lose_their_values,
	what_matches_is_replaced_in_every_text, any_expression_ends_and_is_stable,
	a_text_full_of_matches_ends_soon, no_expression_spoils_the_match_of_another,
	what_is_added_to_a_mask_weakens_nothing, content_can_be_left_out,
	of_content_a_hash_can_be_left)
