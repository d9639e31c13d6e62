#include "json/read.h"

#include "base/limits.h"
#include "base/simd_text.h"
#include "base/utf8.h"

/* The messages and offsets are those of Python 3.11's json module (its C scanner), because two of
 * the dialects relay them.  Python counts in code points: ret_error has both. */

enum want { WANT_VALUE, WANT_KEY, WANT_DELIMITER, WANT_NOTHING };

struct checker {
	const char *start, *at, *end;
	enum want want;
	unsigned depth, depth_limit;
	/* One bit per open container: is it an object? */
	uint64_t is_object[JSON_DEPTH_MAX / 64];
	const char *error_at, *message;
};

static bool fail(struct checker *c, const char *at, const char *message)
{
	c->error_at = at;
	c->message = message;
	return false;
}

static void json_check_skip_blanks(struct checker *c)
{
	while (c->at < c->end &&
		(*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
		c->at++;
}

/* The byte at the cursor, or -1 at the end. */
static int json_check_peek(const struct checker *c)
{
	return c->at < c->end ? (unsigned char)*c->at : -1;
}

static bool in_object(const struct checker *c)
{
	unsigned top = c->depth - 1;
	return c->is_object[top / 64] >> top % 64 & 1;
}

static bool open_container(struct checker *c, bool is_object)
{
	if (c->depth == c->depth_limit)
		return fail(c, c->at, "Too deeply nested");
	uint64_t bit = (uint64_t)1 << c->depth % 64, *word = &c->is_object[c->depth / 64];
	*word = is_object ? *word | bit : *word & ~bit;
	c->depth++;
	c->at++;
	json_check_skip_blanks(c);
	c->want = is_object ? WANT_KEY : WANT_VALUE;
	if (json_check_peek(c) == (is_object ? '}' : ']'))
		c->want = WANT_DELIMITER;
	return true;
}

/* Checks the escape at a backslash. Lone surrogates pass: they become U+FFFD when decoded. */
static bool check_escape(struct checker *c, const char *quote)
{
	static const bool is_simple_escape[256] = { ['"'] = true,
		['\\'] = true,
		['/'] = true,
		['b'] = true,
		['f'] = true,
		['n'] = true,
		['r'] = true,
		['t'] = true };
	const char *p = c->at + 1;
	if (p == c->end)
		return fail(c, quote, "Unterminated string starting at");
	if (is_simple_escape[(unsigned char)*p]) {
		c->at = p + 1;
		return true;
	}
	if (*p != 'u')
		return fail(c, c->at, "Invalid \\escape");
	/* Python wants one more byte behind the digits, or calls the escape bad. */
	if (c->end - p <= 5)
		return fail(c, p, "Invalid \\uXXXX escape");
	for (int i = 1; i <= 4; i++)
		if (hex_digit(p[i]) < 0)
			return fail(c, p, "Invalid \\uXXXX escape");
	c->at = p + 5;
	return true;
}

/* Checks a string that begins at the opening quote. */
static bool check_string(struct checker *c)
{
	const char *quote = c->at++;
	for (;;) {
		c->at += text_simd()->ascii_body(c->at, (size_t)(c->end - c->at));
		if (c->at == c->end)
			return fail(c, quote, "Unterminated string starting at");
		unsigned char byte = (unsigned char)*c->at;
		if (byte == '"') {
			c->at++;
			return true;
		}
		if (byte < 0x20)
			return fail(c, c->at, "Invalid control character at");
		if (byte == '\\') {
			if (!check_escape(c, quote))
				return false;
			continue;
		}
		do {
			bool valid;
			size_t n = utf8_sequence(str_of(c->at, (size_t)(c->end - c->at)), &valid);
			if (!valid)
				return fail(c, c->at, "Invalid UTF-8");
			c->at += n;
		} while (c->at < c->end && (unsigned char)*c->at >= 0x80);
	}
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && ascii_is_digit(*p))
		p++;
	return p;
}

/* The longest number at the cursor; as in Python "01" is 0 with something behind it, and "1." is 1
 * with something behind it. */
static bool check_number(struct checker *c)
{
	const char *p = c->at, *end = c->end;
	if (p < end && *p == '-')
		p++;
	if (p == end || !ascii_is_digit(*p))
		return fail(c, c->at, "Expecting value");
	p = *p == '0' ? p + 1 : skip_digits(p, end);
	if (end - p >= 2 && p[0] == '.' && ascii_is_digit(p[1]))
		p = skip_digits(p + 2, end);
	if (end - p >= 2 && (*p == 'e' || *p == 'E')) {
		const char *digits = p[1] == '+' || p[1] == '-' ? p + 2 : p + 1;
		if (digits < end && ascii_is_digit(*digits))
			p = skip_digits(digits, end);
	}
	if (p - c->at > LIMIT_NUMBER_BYTES)
		return fail(c, c->at, "Number is too long");
	c->at = p;
	return true;
}

static bool check_word(struct checker *c, struct str word)
{
	if (!str_starts(str_of(c->at, (size_t)(c->end - c->at)), word))
		return fail(c, c->at, "Expecting value");
	c->at += word.len;
	return true;
}

static bool check_value(struct checker *c)
{
	int byte = json_check_peek(c);
	c->want = WANT_DELIMITER;
	switch (byte) {
	case '{':
	case '[':
		return open_container(c, byte == '{');
	case '"':
		return check_string(c);
	case 'n':
		return check_word(c, STR("null"));
	case 't':
		return check_word(c, STR("true"));
	case 'f':
		return check_word(c, STR("false"));
	default:
		return check_number(c);
	}
}

static bool check_key(struct checker *c)
{
	if (json_check_peek(c) != '"')
		return fail(c, c->at, "Expecting property name enclosed in double quotes");
	if (!check_string(c))
		return false;
	json_check_skip_blanks(c);
	if (json_check_peek(c) != ':')
		return fail(c, c->at, "Expecting ':' delimiter");
	c->at++;
	c->want = WANT_VALUE;
	return true;
}

static bool check_delimiter(struct checker *c)
{
	int byte = json_check_peek(c);
	if (c->depth == 0) {
		c->want = WANT_NOTHING;
		return byte < 0 || fail(c, c->at, "Extra data");
	}
	bool is_object = in_object(c);
	if (byte == (is_object ? '}' : ']'))
		c->depth--;
	else if (byte == ',')
		c->want = is_object ? WANT_KEY : WANT_VALUE;
	else
		return fail(c, c->at, "Expecting ',' delimiter");
	c->at++;
	return true;
}

static bool check_next(struct checker *c)
{
	json_check_skip_blanks(c);
	switch (c->want) {
	case WANT_VALUE:
		return check_value(c);
	case WANT_KEY:
		return check_key(c);
	default:
		return check_delimiter(c);
	}
}

bool json_check(struct str text, unsigned depth, struct json_error *ret_error)
{
	struct checker c = {
		.start = text.ptr,
		.at = text.ptr,
		.end = text.ptr + text.len,
		.want = WANT_VALUE,
		.depth_limit = depth < JSON_DEPTH_MAX ? depth : JSON_DEPTH_MAX,
	};
	bool good = !str_starts(text, STR("\xef\xbb\xbf")) ||
		    fail(&c, text.ptr, "Unexpected UTF-8 BOM (decode using utf-8-sig)");
	while (good && c.want != WANT_NOTHING)
		good = check_next(&c);
	if (good)
		return true;
	struct str rest = str_of(c.error_at, (size_t)(c.end - c.error_at));
	bool valid = true;
	if (rest.len)
		utf8_sequence(rest, &valid);
	/* All before the error was read and is valid, so its characters can be counted. */
	size_t offset = (size_t)(c.error_at - c.start);
	*ret_error = (struct json_error){
		.offset = offset,
		.offset_chars = utf8_length(str_first(text, offset)),
		.message = valid ? c.message : "Invalid UTF-8",
	};
	return false;
}
