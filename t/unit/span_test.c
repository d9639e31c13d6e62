#include "base/hash.h"
#include "base/utime.h"
#include "span/line.h"
#include "span/normalise.h"

#include "random.h"
#include "unit.h"

START_TEST(every_field_has_its_own_id_and_name)
	{
		unsigned n = 0;
#define X(id, name, member, type, column, may) n++;
		FIELD_LIST(X)
#undef X
		ck_assert_uint_eq(n, FIELD__MAX);
		for (unsigned f = 0; f < FIELD__MAX; f++)
			ck_assert_uint_eq(field_from_member(field_info[f].member), f);
		ck_assert_uint_eq(field_from_member(STR("nonsense")), FIELD__MAX);
		ck_assert_uint_eq(field_from_member(STR("")), FIELD__MAX);
	}
END_TEST

START_TEST(kinds_and_statuses_have_names_both_ways)
	{
		enum kind k;
		enum status s;
		for (unsigned i = 0; i < KIND__MAX; i++)
			ck_assert(kind_from_name(kind_name((enum kind)i), &k) && k == i);
		for (unsigned i = 0; i < STATUS__MAX; i++)
			ck_assert(status_from_name(status_name((enum status)i), &s) && s == i);
		ck_assert(!kind_from_name(STR("llm"), &k));
		ck_assert(!status_from_name(STR("SUCCESS"), &s));
	}
END_TEST

/* A span with a value in every field. */
static void fill(struct span *s)
{
	span_init(s);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		switch (field_info[f].type) {
		case FIELD_TYPE_STR:
		case FIELD_TYPE_TEXT:
			span_set_text(s, (enum field)f, STR("caf\xc3\xa9 \\\"x\\\" \\u0000"));
			break;
		case FIELD_TYPE_DEC:
			span_set_text(s, (enum field)f, STR("0.0350"));
			break;
		case FIELD_TYPE_JSON:
			span_set_text(s, (enum field)f, STR("{\"a\":[1,2.50,null,\"}\"]}"));
			break;
		case FIELD_TYPE_KIND:
			span_set_i64(s, (enum field)f, KIND_TOOL);
			break;
		case FIELD_TYPE_STATUS:
			span_set_i64(s, (enum field)f, STATUS_ERROR);
			break;
		case FIELD_TYPE_BOOL:
			span_set_i64(s, (enum field)f, 1);
			break;
		case FIELD_TYPE_TIME:
			span_set_i64(s, (enum field)f, INT64_C(1700000000123456789) + f);
			break;
		case FIELD_TYPE_I64:
			span_set_i64(s, (enum field)f, INT64_MAX - f);
			break;
		}
	s->extra = STR("\"zebra\":1,\"yak\":{\"_c\":\"no\"}");
	s->prev_day = 20000;
}

static bool same_value(const struct span *x, const struct span *y, enum field f)
{
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_DEC:
	case FIELD_TYPE_JSON:
		return str_eq(x->value[f].text, y->value[f].text);
	default:
		return x->value[f].i64 == y->value[f].i64;
	}
}

static struct str write_line(const struct span *s)
{
	struct buf b;
	buf_init(&b, test_arena());
	line_write(&b, s);
	ck_assert_uint_gt(b.len, 0);
	ck_assert_int_eq(b.ptr[b.len - 1], '\n');
	for (size_t i = 0; i + 1 < b.len; i++)
		ck_assert_msg((unsigned char)b.ptr[i] >= 0x20, "byte below blank at %zu", i);
	return str_of(b.ptr, b.len - 1);
}

START_TEST(a_line_reads_back_as_it_was_written)
	{
		struct span in, out;
		struct json_error e;
		fill(&in);
		struct str line = write_line(&in);
		ck_assert_msg(json_check(line, 100, &e), "%s at %zu", e.message, e.offset);
		ck_assert_int_eq(line_read(line, NULL, false, &out), LINE_OK);
		for (unsigned f = 0; f < FIELD__MAX; f++)
			ck_assert_msg(span_has(&out, (enum field)f) &&
					      same_value(&in, &out, (enum field)f),
				"%s", field_info[f].member.ptr);
		ck_assert_str_is(out.extra, in.extra);
		ck_assert_int_eq(out.prev_day, 20000);
		ck_assert(!out.is_deleted);
		ck_assert_str_is(write_line(&out), line);
	}
END_TEST

START_TEST(wanted_fields_only_are_read)
	{
		struct span in, out;
		fill(&in);
		struct str line = write_line(&in);
		for (unsigned f = 0; f < FIELD__MAX; f++) {
			struct field_set want = { { 0 } };
			field_set_add(&want, (enum field)f);
			ck_assert_int_eq(line_read(line, &want, true, &out), LINE_OK);
			for (unsigned g = 0; g < FIELD__MAX; g++)
				ck_assert_int_eq(span_has(&out, (enum field)g), g == f);
			ck_assert_int_eq(out.prev_day, 20000);
			ck_assert(same_value(&in, &out, (enum field)f));
		}
	}
END_TEST

/* Not as line_write puts them, but sealed. */
static struct str seal(const char *object)
{
	struct buf b;
	buf_init(&b, test_arena());
	buf_add(&b, str_from_c(object));
	line_seal(&b, 0);
	return str_of(b.ptr, b.len - 1);
}

START_TEST(members_out_of_order_and_with_blanks_are_read_too)
	{
		static const char *const lines[] = {
			"{\"span_id\":\"s\",\"kind\":\"LLM\",\"input\":[1],\"zebra\":1",
			"{\"input\":[1],\"kind\":\"LLM\",\"span_id\":\"s\",\"zebra\":1",
			"{ \"span_id\" : \"s\" , \"kind\": \"LLM\", \"input\": [1], \"zebra\":1",
			"{\"span_id\":\"s\", \"kind\":\"LLM\",\"kind\":\"LLM\",\"input\":[1],\"zebra\":1",
			"{\"zebra\":1,\"span_id\":\"s\",\"kind\":\"LLM\",\"input\":[1]",
		};
		for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
			struct span s;
			ck_assert_int_eq(line_read(seal(lines[i]), NULL, false, &s), LINE_OK);
			ck_assert_str_is(span_text(&s, FIELD_SPAN_ID), STR("s"));
			ck_assert_int_eq(span_i64(&s, FIELD_KIND, KIND_UNKNOWN), KIND_LLM);
			ck_assert_str_is(span_text(&s, FIELD_INPUT), STR("[1]"));
			ck_assert_str_is(s.extra, STR("\"zebra\":1"));
		}
	}
END_TEST

START_TEST(what_is_no_json_is_read_up_to_there)
	{
		static const char *const lines[] = {
			"{\"span_id\":\"s\",\"trace_id\":\"t",
			"{\"span_id\":\"s\",\"trace_id\":",
			"{\"span_id\":\"s\",\"trace_id\":?\",\"kind\":\"LLM\"",
			"{\"span_id\":\"s\",\"trace_id",
			"{\"span_id\":\"s\",",
		};
		for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
			struct span s;
			ck_assert_int_eq(line_read(seal(lines[i]), NULL, false, &s), LINE_OK);
			ck_assert_str_is(span_text(&s, FIELD_SPAN_ID), STR("s"));
			ck_assert(!span_has(&s, FIELD_TRACE_ID));
			ck_assert(!span_has(&s, FIELD_KIND));
		}
	}
END_TEST

START_TEST(a_tombstone_says_so)
	{
		struct span in, out;
		struct field_set want = { { 0 } };
		span_init(&in);
		in.is_deleted = true;
		span_set_text(&in, FIELD_SPAN_ID, STR("s"));
		span_set_text(&in, FIELD_TRACE_ID, STR("t"));
		struct str line = write_line(&in);
		ck_assert(str_starts(line,
			STR("{\"op\":\"delete\",\"span_id\":\"s\",\"trace_id\":\"t\",\"_c\":\"")));
		field_set_add(&want, FIELD_SPAN_ID);
		ck_assert_int_eq(line_read(line, &want, false, &out), LINE_OK);
		ck_assert(out.is_deleted);
		ck_assert_int_eq(out.prev_day, SPAN_NO_DAY);
	}
END_TEST

START_TEST(damage_is_told_apart)
	{
		struct span in, out;
		fill(&in);
		struct str line = write_line(&in), body;
		char *copy = arena_text(test_arena(), line.len);
		for (size_t i = 0; i < line.len; i++) {
			memcpy(copy, line.ptr, line.len);
			copy[i] ^= 1;
			ck_assert_msg(line_check(str_of(copy, line.len), &body) != LINE_OK,
				"bit at %zu", i);
		}
		for (size_t n = 0; n < line.len; n++)
			ck_assert_msg(
				line_check(str_first(line, n), &body) != LINE_OK, "cut at %zu", n);
		memcpy(copy, line.ptr, line.len);
		copy[5] ^= 1;
		ck_assert_int_eq(line_check(str_of(copy, line.len), &body), LINE_ROT);
		ck_assert_int_eq(line_check(str_first(line, 40), &body), LINE_TORN);
		copy[5] = '\0';
		ck_assert_int_eq(line_check(str_of(copy, line.len), &body), LINE_ZERO);
		ck_assert_int_eq(line_read(str_of(copy, line.len), NULL, false, &out), LINE_ZERO);
		ck_assert_int_eq(line_check(STR(""), &body), LINE_TORN);
	}
END_TEST

START_TEST(a_derived_session_was_not_given)
	{
		struct arena *a = test_arena();
		struct str own = STR("default");
		struct str derived = STR("session-914e76e98ce89e0be6917f4fe3a50669");
		struct span s;
		span_init(&s);
		span_set_text(&s, FIELD_TRACE_ID, STR("00000000000000000000000000000001"));
		ck_assert(str_eq(span_derived_session(a, own, &s), derived));
		ck_assert(str_is_null(span_given_session(a, own, &s)));
		span_set_text(&s, FIELD_SESSION_ID, derived);
		ck_assert(str_is_null(span_given_session(a, own, &s)));
		/* Of another workspace it is one that somebody gave. */
		ck_assert(str_eq(span_given_session(a, STR("other"), &s), derived));
		span_set_text(&s, FIELD_SESSION_ID, STR("session-1"));
		ck_assert(str_eq(span_given_session(a, own, &s), STR("session-1")));
		span_set_text(&s, FIELD_SESSION_ID, STR(""));
		ck_assert(str_is_null(span_given_session(a, own, &s)));
	}
END_TEST

START_TEST(stable_ids_are_those_of_nemo)
	{
		const struct str session[] = { STR("default"),
			STR("00000000000000000000000000000001") };
		const struct str trajectory[] = { STR("default"), STR("trace-session-id"),
			STR("trajectory") };
		ck_assert_str_is(stable_id(test_arena(), STR("session"), session, 2),
			STR("session-914e76e98ce89e0be6917f4fe3a50669"));
		ck_assert_str_is(stable_id(test_arena(), STR("span"), trajectory, 3),
			STR("span-f3e24ec1d6b9c1ac8cdd804f7b419b71"));
	}
END_TEST

START_TEST(normalising_fills_what_is_missing)
	{
		struct span s;
		span_init(&s);
		span_set_text(&s, FIELD_TRACE_ID, STR("00000000000000000000000000000001"));
		span_normalise(&s, test_arena(), STR("default"), 7 * NS_PER_S);
		ck_assert_int_eq(s.value[FIELD_STARTED_AT].i64, 7 * NS_PER_S);
		ck_assert_int_eq(s.value[FIELD_INGESTED_AT].i64, 7 * NS_PER_S);
		ck_assert_int_eq(s.value[FIELD_KIND].i64, KIND_UNKNOWN);
		ck_assert_int_eq(s.value[FIELD_STATUS].i64, STATUS_UNKNOWN);
		ck_assert_str_is(span_text(&s, FIELD_SESSION_ID),
			STR("session-914e76e98ce89e0be6917f4fe3a50669"));
		ck_assert(!span_has(&s, FIELD_ENDED_AT));
	}
END_TEST

START_TEST(an_end_before_the_start_moves_to_the_attributes)
	{
		struct span s;
		span_init(&s);
		span_set_i64(&s, FIELD_STARTED_AT, 2 * NS_PER_S);
		span_set_i64(&s, FIELD_ENDED_AT, NS_PER_S);
		span_set_text(&s, FIELD_ATTRIBUTES, STR("{\"a\":1}"));
		span_normalise(&s, test_arena(), STR("default"), 7 * NS_PER_S);
		ck_assert(!span_has(&s, FIELD_ENDED_AT));
		ck_assert_str_is(span_text(&s, FIELD_ATTRIBUTES),
			STR("{\"a\":1,\"flatspan.ended_at\":\"1970-01-01T00:00:01Z\"}"));
	}
END_TEST

START_TEST(decimals_become_exact_units)
	{
		static const struct {
			const char *text;
			bool ok;
			int64_t pico;
		} cases[] = {
			{ "0", true, 0 },
			{ "-0.0", true, 0 },
			{ "0.035", true, 35000000000 },
			{ "1", true, 1000000000000 },
			{ "-1.5", true, -1500000000000 },
			{ "1e-12", true, 1 },
			{ "0.5e-12", true, 0 }, /* half to even */
			{ "1.5e-12", true, 2 },
			{ "2.5e-12", true, 2 },
			{ "2.5000000000000000000000000000000000000000000000001e-12", true, 3 },
			{ "9223372.036854775807", true, INT64_MAX },
			{ "9223372.036854775808", false, 0 },
			{ "1e400", false, 0 },
			{ "0e400", true, 0 },
			{ "1e-400", true, 0 },
			{ "1e999999999999", false, 0 },
			{ "1.2345E3", true, 1234500000000000 },
			{ "", false, 0 },
			{ "x", false, 0 },
			{ "1.2.3", false, 0 },
			{ "1e", false, 0 },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			int64_t got = 77;
			bool ok = dec_to_pico(str_from_c(cases[i].text), &got);
			ck_assert_msg(ok == cases[i].ok && got == (ok ? cases[i].pico : 77),
				"%s: %d %ld", cases[i].text, ok, (long)got);
		}
	}
END_TEST

START_TEST(identity_is_source_trace_and_span)
	{
		struct span x, y;
		span_init(&x);
		span_set_text(&x, FIELD_SOURCE, STR("otel"));
		span_set_text(&x, FIELD_TRACE_ID, STR("t"));
		span_set_text(&x, FIELD_SPAN_ID, STR("s"));
		y = x;
		ck_assert(span_same_identity(&x, &y));
		ck_assert_uint_eq(span_identity_hash(&x), span_identity_hash(&y));
		span_set_text(&y, FIELD_SOURCE, STR("atif"));
		ck_assert(!span_same_identity(&x, &y));
		ck_assert_uint_ne(span_identity_hash(&x), span_identity_hash(&y));
		span_set_text(&y, FIELD_SOURCE, STR("otelt"));
		span_set_text(&y, FIELD_TRACE_ID, STR(""));
		ck_assert_uint_ne(span_identity_hash(&x), span_identity_hash(&y));
	}
END_TEST

START_TEST(a_version_is_the_update_else_the_arrival)
	{
		struct span s;
		int64_t ns;
		span_init(&s);
		ck_assert_int_eq(span_version(&s), 0);
		span_set_i64(&s, FIELD_INGESTED_AT, 5);
		ck_assert_int_eq(span_version(&s), 5);
		span_set_i64(&s, FIELD_UPDATED_AT, 3);
		ck_assert_int_eq(span_version(&s), 3);
		ck_assert(!span_duration(&s, &ns));
		span_set_i64(&s, FIELD_STARTED_AT, 10);
		span_set_i64(&s, FIELD_ENDED_AT, 25);
		ck_assert(span_duration(&s, &ns) && ns == 15);
		ck_assert(span_is_root(&s));
		span_set_plain(&s, FIELD_PARENT_SPAN_ID, test_arena(), STR("a\"b\n"));
		ck_assert(!span_is_root(&s));
		ck_assert_str_is(span_text(&s, FIELD_PARENT_SPAN_ID), STR("a\\\"b\\n"));
		ck_assert_str_is(span_plain(&s, FIELD_PARENT_SPAN_ID, test_arena()), STR("a\"b\n"));
	}
END_TEST

/* Of bytes on both sides of each border, escaped where they must be. */
static struct str random_id(struct rng *r)
{
	static const char *const bytes[] = { "-", "0", "9", "_", "a", "f", "z", "A", "Z", "!", ",",
		".", "/", ":", "^", "`", "{", "~", "\xc3\xa9", "\\\\", "\\\"", "\\n", "\\u0001" };
	struct buf b;
	buf_init(&b, test_arena());
	for (size_t n = rng_below(r, 15); n; n--)
		buf_add(&b, str_from_c(bytes[rng_below(r, sizeof bytes / sizeof *bytes)]));
	return buf_str(&b);
}

START_TEST(the_order_of_an_id_is_no_other_than_that_of_its_text)
	{
		struct rng r = rng_from_seed();
		struct arena *a = test_arena();
		for (int i = 0; i < 20000; i++) {
			struct str x = random_id(&r), y = random_id(&r);
			size_t n = rng_below(&r, 12);
			if (n < 8) /* most have a beginning in common */
				y = arena_printf(a, "%.*s%.*s", (int)(n < x.len ? n : x.len), x.ptr,
					STR_ARG(y));
			if (x.len && n < x.len && x.ptr[n ? n - 1 : 0] == '\\')
				continue; /* cut within an escape */
			int64_t order_x = span_text_order(x), order_y = span_text_order(y);
			int order = str_cmp(json_decode(a, x), json_decode(a, y));
			ck_assert_msg(order < 0   ? order_x <= order_y
				      : order > 0 ? order_x >= order_y
						  : order_x == order_y,
				"%.*s and %.*s", STR_ARG(x), STR_ARG(y));
		}
	}
END_TEST

START_TEST(the_order_of_ids_tells_most_of_them_apart)
	{
		ck_assert_int_lt(span_text_order(STR("00f067aa0ba902b7")),
			span_text_order(STR("00f067aa0baa02b7")));
		ck_assert_int_lt(span_text_order(STR("0192d3a4-5b6c-7000-8000-000000000000")),
			span_text_order(STR("0192d3a4-5b7c-7000-8000-000000000000")));
		ck_assert_int_lt(span_text_order(STR("span_00000001")),
			span_text_order(STR("span_00000020")));
		ck_assert_int_ge(span_text_order(STR_NULL), 0);
		ck_assert_int_gt(span_text_order(STR("zzzzzzzzzzzzz")), 0);
	}
END_TEST

UNIT_MAIN("span", every_field_has_its_own_id_and_name, kinds_and_statuses_have_names_both_ways,
	a_line_reads_back_as_it_was_written, wanted_fields_only_are_read,
	members_out_of_order_and_with_blanks_are_read_too, what_is_no_json_is_read_up_to_there,
	a_tombstone_says_so, damage_is_told_apart, a_derived_session_was_not_given,
	stable_ids_are_those_of_nemo, normalising_fills_what_is_missing,
	an_end_before_the_start_moves_to_the_attributes, decimals_become_exact_units,
	the_order_of_an_id_is_no_other_than_that_of_its_text,
	the_order_of_ids_tells_most_of_them_apart, identity_is_source_trace_and_span,
	a_version_is_the_update_else_the_arrival)
