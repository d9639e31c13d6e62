#include "api/scale/cursor.h"

#include "base/base64.h"
#include "base/hash.h"

/*
 * A cursor is the text
 *
 *	c1.base64url( digit of the order, value in decimal, NUL, trace id, NUL, span id,
 *		NUL, source, 4 bytes of a hash of all that )
 */
#define PREFIX STR("c1.")
enum { CHECK_BYTES = 4 };

static void put_check(struct str s, char ret[static CHECK_BYTES])
{
	uint64_t hash = hash64(s, 0);
	for (int i = 0; i < CHECK_BYTES; i++)
		ret[i] = (char)(hash >> 8 * i & 0xff);
}

struct str scale_cursor_text(struct arena *a, const struct scale_cursor *c)
{
	struct buf bytes, text;
	char check[CHECK_BYTES];
	buf_init(&bytes, a);
	buf_add_char(&bytes, (char)('0' + c->sort));
	buf_add_i64(&bytes, c->value);
	buf_add_char(&bytes, 0);
	buf_add(&bytes, c->trace_id);
	buf_add_char(&bytes, 0);
	buf_add(&bytes, c->span_id);
	buf_add_char(&bytes, 0);
	buf_add(&bytes, c->source);
	put_check(buf_str(&bytes), check);
	buf_add(&bytes, str_of(check, CHECK_BYTES));
	buf_init(&text, a);
	buf_add(&text, PREFIX);
	base64url_write(&text, buf_str(&bytes));
	buf_release(&bytes);
	return buf_str(&text);
}

bool scale_cursor_read(struct arena *a, struct str text, struct scale_cursor *ret)
{
	struct str bytes;
	char check[CHECK_BYTES];
	struct scale_cursor c;
	if (!str_starts(text, PREFIX) || !base64_read(a, str_skip(text, PREFIX.len), &bytes) ||
		bytes.len <= CHECK_BYTES)
		return false;
	struct str rest = str_first(bytes, bytes.len - CHECK_BYTES);
	put_check(rest, check);
	if (memcmp(check, rest.ptr + rest.len, CHECK_BYTES) != 0)
		return false;
	int sort = rest.ptr[0] - '0';
	if (sort < 0 || sort >= SCALE_SORT__MAX)
		return false;
	c.sort = (enum scale_sort)sort;
	rest = str_skip(rest, 1);
	if (!str_to_i64(str_cut(&rest, 0), &c.value) || str_is_null(rest))
		return false;
	c.trace_id = str_cut(&rest, 0);
	if (str_is_null(rest))
		return false;
	c.span_id = str_cut(&rest, 0);
	if (str_is_null(rest))
		return false;
	c.source = rest;
	/* Only the canonical text of a position is accepted. */
	if (!str_eq(scale_cursor_text(a, &c), text))
		return false;
	*ret = c;
	return true;
}
