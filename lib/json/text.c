/* Converts strings of JSON: bodies to plain text, plain text to bodies, and any spelling to the
 * canonical one. The interface is in json/read.h and json/write.h. */
#include "json/read.h"
#include "json/write.h"

#include "base/simd_text.h"
#include "base/utf8.h"

enum {
	REPLACEMENT = 0xfffd,
	UTF8_MAX = 4,
	ESCAPE_MAX = TEXT_ESCAPE_MAX,
	FIRST_PRINTABLE = 0x20 /* all below must be escaped */
};

static bool needs_escape(char c)
{
	return (unsigned char)c < FIRST_PRINTABLE || c == '"' || c == '\\';
}

/* The four digits of a \u escape that begins at s.ptr[at], or -1. */
static int32_t unicode_escape(struct str s, size_t at)
{
	int32_t unit = 0;
	if (at > s.len || s.len - at < ESCAPE_MAX || s.ptr[at] != '\\' || s.ptr[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + ESCAPE_MAX; i++) {
		int digit = hex_digit(s.ptr[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

static bool is_high_surrogate(int32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The escape at the start of body: how many bytes it takes and the code point it means. What begins
 * no escape (a backslash too, when nobody checked the text) is 1 byte that means itself, so that
 * what is meant is never longer than what is written. */
static size_t json_read_escape(struct str body, uint32_t *ret_code_point)
{
	static const char meaning[] = { ['"'] = '"',
		['/'] = '/',
		['\\'] = '\\',
		['b'] = '\b',
		['f'] = '\f',
		['n'] = '\n',
		['r'] = '\r',
		['t'] = '\t' };
	bool is_escape = body.len > 1 && body.ptr[0] == '\\';
	unsigned char letter = is_escape ? (unsigned char)body.ptr[1] : 0;
	if (letter < sizeof meaning && meaning[letter]) {
		*ret_code_point = (unsigned char)meaning[letter];
		return 2;
	}
	int32_t unit = unicode_escape(body, 0);
	if (unit < 0) {
		*ret_code_point = (unsigned char)body.ptr[0];
		return 1;
	}
	int32_t second = is_high_surrogate(unit) ? unicode_escape(body, ESCAPE_MAX) : -1;
	if (is_low_surrogate(second)) {
		*ret_code_point =
			0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
		return 2 * (size_t)ESCAPE_MAX;
	}
	bool is_lone = is_high_surrogate(unit) || is_low_surrogate(unit);
	*ret_code_point = is_lone ? REPLACEMENT : (uint32_t)unit;
	return ESCAPE_MAX;
}

struct str json_decode(struct arena *a, struct str body)
{
	size_t at = str_index(body, '\\');
	if (at == body.len)
		return body;
	char *text = arena_text(a, body.len), *out = text;
	for (;;) {
		memcpy(out, body.ptr, at);
		out += at;
		body = str_skip(body, at);
		if (body.len == 0)
			break;
		uint32_t code_point;
		body = str_skip(body, json_read_escape(body, &code_point));
		out += utf8_encode(code_point, out);
		at = str_index(body, '\\');
	}
	return str_of(text, (size_t)(out - text));
}

bool json_body_is(struct str body, struct str text)
{
	/* An escape is longer than what it means, so most keys are told apart by their length. */
	if (body.len < text.len)
		return false;
	if (body.len == text.len)
		return str_eq(body, text) && str_index(body, '\\') == body.len;
	while (body.len) {
		char c[UTF8_MAX] = { body.ptr[0] };
		size_t taken = 1, meant = 1;
		if (c[0] == '\\') {
			uint32_t code_point;
			taken = json_read_escape(body, &code_point);
			meant = utf8_encode(code_point, c);
		}
		if (!str_starts(text, str_of(c, meant)))
			return false;
		body = str_skip(body, taken);
		text = str_skip(text, meant);
	}
	return text.len == 0;
}

void json_escape_valid(struct buf *out, struct str text)
{
	/* In pieces, so that there need not be room for the worst. */
	enum { PIECE = 4096 };
	(void)buf_room(out, text.len);
	while (text.len) {
		struct str piece = str_first(text, PIECE);
		char *to = buf_room(out, piece.len * TEXT_ESCAPE_MAX + TEXT_BESIDE);
		out->len += text_simd()->escape(to, piece.ptr, piece.len);
		text = str_skip(text, piece.len);
	}
}

void json_escape(struct buf *out, struct str text)
{
	/* A buf lives in a block, which rewinding leaves alone. */
	struct arena_mark mark = arena_mark(out->arena);
	json_escape_valid(out, utf8_repair(out->arena, text));
	arena_rewind(out->arena, mark);
}

struct str json_encode(struct arena *a, struct str text)
{
	struct buf b;
	text = utf8_repair(a, text);
	if (text_simd()->special(text.ptr, text.len) == text.len)
		return text;
	buf_init(&b, a);
	json_escape_valid(&b, text);
	struct str body = arena_copy(a, buf_str(&b));
	buf_release(&b);
	return body;
}

/* Returns the bytes of the escape at the start of body when it is canonical, else 0. */
static size_t canonical_escape(struct str body)
{
	static const bool is_short[256] = { ['"'] = true,
		['\\'] = true,
		['b'] = true,
		['f'] = true,
		['n'] = true,
		['r'] = true,
		['t'] = true };
	if (body.len > 1 && is_short[(unsigned char)body.ptr[1]])
		return 2;
	int32_t unit = unicode_escape(body, 0);
	if (unit < 0 || unit >= FIRST_PRINTABLE || text_short_escapes[unit])
		return 0;
	return ascii_lower(body.ptr[5]) == body.ptr[5] ? ESCAPE_MAX : 0;
}

/* Returns the bytes at the start of a body, or of a text that begins with one, that are canonical
 * already. */
static size_t canonical_prefix(struct str body)
{
	size_t at = 0;
	for (;;) {
		at += text_simd()->canonical_body(body.ptr + at, body.len - at);
		if (at == body.len || body.ptr[at] != '\\')
			return at;
		size_t n = canonical_escape(str_skip(body, at));
		if (n == 0)
			return at;
		at += n;
	}
}

/* Writes the canonical form, which is never longer than the body: what is no escape, which nobody
 * checked, is left alone. */
static char *write_body(char *to, struct str body)
{
	for (;;) {
		size_t good = canonical_prefix(body);
		memcpy(to, body.ptr, good);
		to += good;
		body = str_skip(body, good);
		if (body.len == 0)
			return to;
		uint32_t code_point;
		size_t taken = json_read_escape(body, &code_point);
		if (taken == 1)
			*to++ = body.ptr[0];
		else if (code_point < 0x80 && needs_escape((char)code_point))
			to += text_put_escape((char)code_point, to);
		else
			to += utf8_encode(code_point, to);
		body = str_skip(body, taken);
	}
}

struct str json_canonical_body(struct arena *a, struct str body)
{
	size_t good = canonical_prefix(body);
	if (good == body.len)
		return body;
	char *text = arena_text(a, body.len);
	memcpy(text, body.ptr, good);
	char *end = write_body(text + good, str_skip(body, good));
	return str_of(text, (size_t)(end - text));
}

/* Returns the bytes of a value up to the next blank or string. */
static size_t solid_prefix(struct str value)
{
	size_t at = 0;
	while (at < value.len && value.ptr[at] != '"' && (unsigned char)value.ptr[at] > ' ')
		at++;
	return at;
}

static bool is_canonical(struct str value)
{
	for (;;) {
		value = str_skip(value, solid_prefix(value));
		if (value.len == 0)
			return true;
		if (value.ptr[0] != '"')
			return false;
		value = str_skip(value, 1);
		value = str_skip(value, canonical_prefix(value));
		if (value.len == 0 || value.ptr[0] != '"')
			return false;
		value = str_skip(value, 1);
	}
}

/* Writes the canonical form of a value, as write_body() does for a body. */
static char *write_value(char *to, struct str value)
{
	for (;;) {
		size_t solid = solid_prefix(value);
		memcpy(to, value.ptr, solid);
		to += solid;
		value = str_skip(value, solid);
		if (value.len == 0)
			return to;
		bool is_string = value.ptr[0] == '"';
		value = str_skip(value, 1);
		if (!is_string)
			continue;
		size_t len = text_simd()->string_end(value.ptr, value.len);
		*to++ = '"';
		to = write_body(to, str_first(value, len));
		if (len < value.len)
			*to++ = '"';
		value = str_skip(value, len + 1);
	}
}

struct str json_canonical(struct arena *a, struct str value)
{
	if (is_canonical(value))
		return value;
	char *text = arena_text(a, value.len);
	return str_of(text, (size_t)(write_value(text, value) - text));
}
