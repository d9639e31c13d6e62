/* Our JSON against jansson's: the same texts are accepted and mean the same. */
#include "base/limits.h"
#include "json/read.h"

#include "jansson_oracle.h"
#include "random.h"
#include "unit.h"

enum { GENERATED = 6000, MUTATED = 60000, DEPTH = 5 };

static const char *const strings[] = { "", "a", "key", "h\xc3\xa9", "\xe6\xbc\xa2\xe5\xad\x97",
	"\xf0\x9f\x98\x80", "\\n\\t\\\"\\\\\\/", "\\u00e9\\u0041", "\\ud83d\\ude00", "\\u0000x",
	"\x7f\\u007f\\u001F", "0123456789abcdef0123456789abcdef\\n0123456789abcdef0123456789abcdef",
	"{\\\"a\\\":[1,2]}", "}],\\\"", "a b  c" };
static const char *const numbers[] = { "0", "-0", "1", "-1", "12345678901234",
	"9223372036854775807", "-9223372036854775808", "0.5", "-2.50", "1e3", "1E-7", "3.0e+2",
	"0.0", "123.456e-5", "1.7976931348623157e308" };
static const char *const words[] = { "true", "false", "null" };
/* What is put into good text to spoil it. */
static const char *const spoilers[] = { "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u12",
	"\\ud800", "\\u0000", "1", "0", "-", ".", "e", "E+", "+", " ", "\n", "\t", "\x01", "\x1f",
	"\x7f", "\x80", "\xc3", "\xe6\xbc", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3\xa9", "n",
	"nul", "true", "/", "//", "'", "NaN", "Infinity" };

#define PICK(r, table) str_from_c(table[rng_below(r, sizeof(table) / sizeof(table)[0])])

static void put_blanks(struct rng *r, struct buf *b)
{
	while (rng_below(r, 8) == 0)
		buf_add_char(b, " \t\n\r"[rng_below(r, 4)]);
}

static void put_string(struct rng *r, struct buf *b)
{
	buf_add_char(b, '"');
	for (size_t n = rng_below(r, 4); n; n--)
		buf_add(b, PICK(r, strings));
	buf_add_char(b, '"');
}

static void put_value(struct rng *r, struct buf *b, unsigned depth);

static void put_container(struct rng *r, struct buf *b, unsigned depth)
{
	bool is_object = rng_below(r, 2);
	buf_add_char(b, is_object ? '{' : '[');
	put_blanks(r, b);
	for (size_t n = rng_below(r, 5), i = 0; i < n; i++) {
		if (i)
			buf_add_char(b, ',');
		if (is_object) {
			put_blanks(r, b);
			put_string(r, b);
			put_blanks(r, b);
			buf_add_char(b, ':');
		}
		put_value(r, b, depth - 1);
	}
	buf_add_char(b, is_object ? '}' : ']');
}

static void put_value(struct rng *r, struct buf *b, unsigned depth)
{
	size_t kind = rng_below(r, depth ? 10 : 6);
	put_blanks(r, b);
	if (kind < 2)
		buf_add(b, PICK(r, numbers));
	else if (kind < 5)
		put_string(r, b);
	else if (kind < 6)
		buf_add(b, PICK(r, words));
	else
		put_container(r, b, depth);
	put_blanks(r, b);
}

static void tell(struct buf *out, struct json v);

static void tell_string(struct buf *out, struct str text)
{
	buf_add_char(out, 's');
	buf_add_hex(out, text);
}

static int str_cmp_of(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void tell_object(struct buf *out, struct json object)
{
	size_t count = 0, i = 0;
	for (struct json_iter it = json_members(object); json_next(&it);)
		count++;
	struct str *keys = arena_calloc(test_arena(), count + 1, sizeof *keys);
	for (struct json_iter it = json_members(object); json_next(&it);)
		keys[i++] = json_decode(test_arena(), it.key);
	qsort(keys, count, sizeof *keys, str_cmp_of);
	buf_add_char(out, '{');
	for (i = 0; i < count; i++) {
		if (i && str_eq(keys[i], keys[i - 1]))
			continue;
		tell_string(out, keys[i]);
		buf_add_char(out, ':');
		tell(out, json_get(object, keys[i]));
		buf_add_char(out, ',');
	}
	buf_add_char(out, '}');
}

static void tell_number(struct buf *out, struct json v)
{
	int64_t i = 0;
	double d = 0;
	if (str_index(v.raw, '.') == v.raw.len && str_index(v.raw, 'e') == v.raw.len &&
		str_index(v.raw, 'E') == v.raw.len) {
		ck_assert(json_to_i64(v, &i));
		buf_printf(out, "i%lld", (long long)i);
	} else {
		ck_assert(json_to_double(v, &d));
		buf_printf(out, "r%.17g", d);
	}
}

/* As the oracle does (jansson_oracle.h). */
static void tell(struct buf *out, struct json v)
{
	switch (v.type) {
	case JSON_NULL:
		buf_add_char(out, 'n');
		break;
	case JSON_TRUE:
		buf_add_char(out, 't');
		break;
	case JSON_FALSE:
		buf_add_char(out, 'f');
		break;
	case JSON_NUMBER:
		tell_number(out, v);
		break;
	case JSON_STRING:
		tell_string(out, json_decode(test_arena(), json_body(v)));
		break;
	case JSON_ARRAY:
		buf_add_char(out, '[');
		for (struct json_iter it = json_elements(v); json_next(&it);) {
			tell(out, it.value);
			buf_add_char(out, ',');
		}
		buf_add_char(out, ']');
		break;
	case JSON_OBJECT:
		tell_object(out, v);
		break;
	case JSON_NONE:
		ck_abort_msg("a checked value is nothing");
	}
}

static void must_mean(struct str text, struct str meaning)
{
	struct buf b;
	buf_init(&b, test_arena());
	tell(&b, json_open(text));
	ck_assert_msg(str_eq(buf_str(&b), meaning), "%.*s\nmeans %.*s\nnot %.*s", STR_ARG(text),
		STR_ARG(meaning), STR_ARG(buf_str(&b)));
	buf_release(&b);
}

/* Returns whether both accept. */
static bool agree(struct str text)
{
	char *meaning = NULL;
	struct json_error e = { 0, 0, "accepted" };
	/* Of the exact size, so that a sanitizer sees a read past the end. */
	char *copy = malloc(text.len ? text.len : 1);
	memcpy(copy, text.ptr, text.len);
	text.ptr = copy;
	bool accepted = json_check(text, LIMIT_DEPTH, &e);
	enum oracle_answer answer = oracle_ask(text.ptr, text.len, &meaning);
	if (answer != ORACLE_ABSTAINS)
		ck_assert_msg(accepted == (answer == ORACLE_ACCEPTS), "%.*s: %s at %zu",
			STR_ARG(text), e.message, e.offset);
	if (answer == ORACLE_ACCEPTS) {
		must_mean(text, str_from_c(meaning));
		/* The canonical form means the same, and has no other. */
		struct str canonical = json_canonical(test_arena(), text);
		must_mean(canonical, str_from_c(meaning));
		ck_assert(json_check(canonical, LIMIT_DEPTH, &e));
		ck_assert_ptr_eq(json_canonical(test_arena(), canonical).ptr, canonical.ptr);
		ck_assert(json_equal(test_arena(), json_open(text), json_open(canonical)));
		free(meaning);
	} else if (!accepted) {
		/* Walking it anyway stays inside, and ends. */
		struct json_iter members = json_members(json_open(text));
		struct json_iter elements = json_elements(json_open(text));
		for (size_t n = 0; json_next(&members) || json_next(&elements); n++)
			ck_assert_uint_le(n, text.len);
	}
	free(copy);
	return answer == ORACLE_ACCEPTS;
}

START_TEST(generated_values_mean_the_same_to_both)
	{
		struct rng r = rng_from_seed();
		struct arena_mark mark = arena_mark(test_arena());
		unsigned accepted = 0;
		for (int i = 0; i < GENERATED; i++) {
			struct buf b;
			buf_init(&b, test_arena());
			put_value(&r, &b, DEPTH);
			accepted += agree(buf_str(&b));
			buf_release(&b);
			arena_rewind(test_arena(), mark);
		}
		/* The rest has NUL in keys. */
		ck_assert_uint_ge(accepted, GENERATED * 3 / 4);
	}
END_TEST

static void spoil(struct rng *r, struct buf *b)
{
	struct str all = arena_copy(test_arena(), buf_str(b));
	size_t at = rng_below(r, all.len + 1), cut = 0;
	size_t kind = rng_below(r, 4);
	if (kind == 0)
		cut = 1 + rng_below(r, 3);
	buf_reset(b);
	buf_add(b, str_first(all, at));
	if (kind == 1 || kind == 2)
		buf_add(b, PICK(r, spoilers));
	if (kind != 3 || rng_below(r, 4))
		buf_add(b, str_skip(all, at + cut));
}

START_TEST(spoilt_texts_are_refused_by_both_or_mean_the_same)
	{
		struct rng r = rng_from_seed();
		struct arena_mark mark = arena_mark(test_arena());
		unsigned accepted = 0;
		for (int i = 0; i < MUTATED; i++) {
			struct buf b;
			buf_init(&b, test_arena());
			put_value(&r, &b, 3);
			for (size_t n = 1 + rng_below(&r, 3); n; n--)
				spoil(&r, &b);
			if (b.len)
				accepted += agree(buf_str(&b));
			buf_release(&b);
			arena_rewind(test_arena(), mark);
		}
		ck_assert_uint_ge(accepted, MUTATED / 20);
		ck_assert_uint_le(accepted, MUTATED / 2);
	}
END_TEST

UNIT_MAIN("json against jansson", generated_values_mean_the_same_to_both,
	spoilt_texts_are_refused_by_both_or_mean_the_same)
