/*
 * Any bytes as JSON.  Walking them stays inside them, checked or not.  What json_check accepts has
 * a canonical form that is accepted too, is its own canonical form, and equals what was sent.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "json/read.h"
#include "json/write.h"

#include "fuzz.h"

/* The sum of the bytes, so that a sanitizer sees each of them touched. */
static unsigned touch(struct str s)
{
	unsigned sum = 0;
	for (size_t i = 0; i < s.len; i++)
		sum += (unsigned char)s.ptr[i];
	return sum;
}

static bool is_inside(struct str part, struct str whole)
{
	return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void see_body(struct arena *a, struct str body, bool is_checked)
{
	struct str text = json_decode(a, body), canonical = json_canonical_body(a, body);
	MUST(text.len <= body.len);
	MUST(canonical.len <= body.len);
	if (is_checked) {
		MUST(utf8_valid(text));
		MUST(json_body_is(body, text));
		MUST(str_eq(json_canonical_body(a, canonical), canonical));
		MUST(str_eq(json_encode(a, text), canonical));
		MUST(str_eq(json_decode(a, canonical), text));
	}
}

static unsigned walk(struct arena *a, struct json v, bool is_checked, unsigned depth)
{
	unsigned sum = touch(v.raw);
	int64_t i;
	double d;
	if (json_to_i64(v, &i))
		MUST(json_to_double(v, &d) || !is_checked);
	if (v.type == JSON_STRING)
		see_body(a, json_body(v), is_checked);
	/* Of unchecked bytes only the upper levels are seen. */
	if (depth == 0)
		return sum;
	for (struct json_iter it = json_elements(v); json_next(&it);) {
		MUST(is_inside(it.value.raw, v.raw));
		sum += walk(a, it.value, is_checked, depth - 1);
	}
	for (struct json_iter it = json_members(v); json_next(&it);) {
		MUST(is_inside(it.value.raw, v.raw) && is_inside(it.key, v.raw));
		see_body(a, it.key, is_checked);
		sum += walk(a, it.value, is_checked, depth - 1);
	}
	return sum;
}

static void see_accepted(struct arena *a, struct str text)
{
	struct json_error e;
	struct str canonical = json_canonical(a, text);
	MUST(json_check(canonical, LIMIT_DEPTH, &e));
	MUST(str_eq(json_canonical(a, canonical), canonical));
	MUST(json_equal(a, json_open(text), json_open(canonical)));
	MUST(json_open(canonical).raw.len == canonical.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct json_error e;
	struct str text = str_of((const char *)data, size);
	arena_init(&a, (size_t)1 << 30);
	bool is_checked = json_check(text, LIMIT_DEPTH, &e);
	if (is_checked)
		see_accepted(&a, text);
	else
		MUST(e.message && e.offset <= size && e.offset_chars <= e.offset);
	/* volatile: the reads are the point. */
	volatile unsigned sum = walk(&a, json_open(text), is_checked, is_checked ? LIMIT_DEPTH : 8);
	(void)sum;
	MUST(utf8_valid(utf8_repair(&a, text)));
	MUST(utf8_valid(json_encode(&a, text)));
	see_body(&a, text, false);
	arena_release(&a);
	return 0;
}
