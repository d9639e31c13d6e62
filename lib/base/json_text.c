/* Strings of JSON: bodies to plain text, plain text to bodies, any spelling to the canonical one.
 * The interface is in json_read.h and json_write.h. */
#include "base/json_read.h"
#include "base/json_write.h"

#include "base/simd_text.h"
#include "base/utf8.h"

enum {
	REPLACEMENT = 0xfffd,
	UTF8_MAX = 4,
	ESCAPE_MAX = 6,        /* \u001f */
	SMALL_TEXT = 4096,     /* room for its worst case is taken without counting first */
	FIRST_PRINTABLE = 0x20 /* all below must be escaped */
};

/* The letters of JSON's short escapes, by what they mean. */
static const char short_escape[FIRST_PRINTABLE] = {
	['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
};

/* Where text is put; without a ptr it is only counted. */
struct out {
	char *ptr;
	size_t len;
};

static void put(struct out *o, struct str s)
{
	if (o->ptr && s.len)
		memcpy(o->ptr + o->len, s.ptr, s.len);
	o->len += s.len;
}

/* One code point in canonical spelling. */
static void put_code_point(struct out *o, uint32_t code_point)
{
	static const char digit[] = "0123456789abcdef";
	char text[ESCAPE_MAX] = { '\\' };
	if (code_point == '"' || code_point == '\\') {
		text[1] = (char)code_point;
		put(o, str_of(text, 2));
	} else if (code_point >= FIRST_PRINTABLE) {
		put(o, str_of(text, utf8_encode(code_point, text)));
	} else if (short_escape[code_point]) {
		text[1] = short_escape[code_point];
		put(o, str_of(text, 2));
	} else {
		memcpy(text + 1, "u00", 3);
		text[4] = digit[code_point >> 4];
		text[5] = digit[code_point & 15];
		put(o, str_of(text, ESCAPE_MAX));
	}
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

/* The escape at the start of body (at a backslash): how many bytes it takes and the code point it
 * means. A backslash that begins no escape (nobody checked the text) means itself, so that what is
 * meant is never longer than what is written. */
static size_t read_escape(struct str body, uint32_t *ret_code_point)
{
	static const char meaning[] = { ['"'] = '"',
		['/'] = '/',
		['\\'] = '\\',
		['b'] = '\b',
		['f'] = '\f',
		['n'] = '\n',
		['r'] = '\r',
		['t'] = '\t' };
	unsigned char letter = body.len > 1 ? (unsigned char)body.ptr[1] : 0;
	if (letter < sizeof meaning && meaning[letter]) {
		*ret_code_point = (unsigned char)meaning[letter];
		return 2;
	}
	int32_t unit = unicode_escape(body, 0);
	if (unit < 0) {
		*ret_code_point = '\\';
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
		body = str_skip(body, read_escape(body, &code_point));
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
			taken = read_escape(body, &code_point);
			meant = utf8_encode(code_point, c);
		}
		if (!str_starts(text, str_of(c, meant)))
			return false;
		body = str_skip(body, taken);
		text = str_skip(text, meant);
	}
	return text.len == 0;
}

/* Bytes at the start of a plain text that stand in a canonical body as they are. */
static size_t clean_prefix(struct str text)
{
	size_t at = 0;
	for (;;) {
		at += text_special_or_high(text.ptr + at, text.len - at);
		if (at == text.len || (unsigned char)text.ptr[at] < 0x80)
			return at;
		do {
			bool valid;
			size_t n = utf8_sequence(str_skip(text, at), &valid);
			if (!valid)
				return at;
			at += n;
		} while (at < text.len && (unsigned char)text.ptr[at] >= 0x80);
	}
}

static void put_plain(struct out *o, struct str text)
{
	for (;;) {
		size_t clean = clean_prefix(text);
		put(o, str_first(text, clean));
		text = str_skip(text, clean);
		if (text.len == 0)
			return;
		bool valid;
		size_t taken = utf8_sequence(text, &valid);
		put_code_point(o, valid ? (unsigned char)text.ptr[0] : REPLACEMENT);
		text = str_skip(text, taken);
	}
}

void json_escape(struct buf *out, struct str text)
{
	struct out o = { NULL, 0 };
	size_t clean = clean_prefix(text);
	buf_add(out, str_first(text, clean));
	text = str_skip(text, clean);
	if (text.len == 0)
		return;
	if (text.len > SMALL_TEXT)
		put_plain(&o, text);
	o.ptr = buf_reserve(out, o.len ? o.len : text.len * ESCAPE_MAX);
	o.len = 0;
	put_plain(&o, text);
	out->len += o.len;
}

struct str json_encode(struct arena *a, struct str text)
{
	struct out o = { NULL, 0 };
	if (clean_prefix(text) == text.len)
		return text;
	put_plain(&o, text);
	o.ptr = arena_text(a, o.len);
	o.len = 0;
	put_plain(&o, text);
	return str_of(o.ptr, o.len);
}

/* Bytes of the escape at the start of body when it is canonical, else 0. */
static size_t canonical_escape(struct str body)
{
	char letter = body.len > 1 ? body.ptr[1] : '\0';
	if (letter != 'u')
		return letter == '"' || (letter && strchr("\\bfnrt", letter)) ? 2 : 0;
	int32_t unit = unicode_escape(body, 0);
	if (unit < 0 || unit >= FIRST_PRINTABLE || short_escape[unit])
		return 0;
	return ascii_lower(body.ptr[5]) == body.ptr[5] ? ESCAPE_MAX : 0;
}

/* Bytes at the start of a body that are canonical already. */
static size_t canonical_prefix(struct str body)
{
	size_t at = 0;
	for (;;) {
		at += text_special(body.ptr + at, body.len - at);
		if (at == body.len || body.ptr[at] != '\\')
			return at;
		size_t n = canonical_escape(str_skip(body, at));
		if (n == 0)
			return at;
		at += n;
	}
}

static void put_body(struct out *o, struct str body)
{
	for (;;) {
		size_t good = canonical_prefix(body);
		put(o, str_first(body, good));
		body = str_skip(body, good);
		if (body.len == 0)
			return;
		uint32_t code_point = (unsigned char)body.ptr[0];
		size_t taken = code_point == '\\' ? read_escape(body, &code_point) : 1;
		put_code_point(o, code_point);
		body = str_skip(body, taken);
	}
}

struct str json_canonical_body(struct arena *a, struct str body)
{
	struct out o = { NULL, 0 };
	if (canonical_prefix(body) == body.len)
		return body;
	put_body(&o, body);
	o.ptr = arena_text(a, o.len);
	o.len = 0;
	put_body(&o, body);
	return str_of(o.ptr, o.len);
}

/* Bytes of a value up to the next blank or string. */
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

static void put_value(struct out *o, struct str value)
{
	for (;;) {
		size_t solid = solid_prefix(value);
		put(o, str_first(value, solid));
		value = str_skip(value, solid);
		if (value.len == 0)
			return;
		bool is_string = value.ptr[0] == '"';
		value = str_skip(value, 1);
		if (!is_string)
			continue;
		size_t len = text_string_end(value.ptr, value.len);
		put(o, STR("\""));
		put_body(o, str_first(value, len));
		put(o, STR("\""));
		value = str_skip(value, len + 1);
	}
}

struct str json_canonical(struct arena *a, struct str value)
{
	struct out o = { NULL, 0 };
	if (is_canonical(value))
		return value;
	put_value(&o, value);
	o.ptr = arena_text(a, o.len);
	o.len = 0;
	put_value(&o, value);
	return str_of(o.ptr, o.len);
}
