#include "base/utf8.h"

#include "base/simd_text.h"

#define REPLACEMENT STR("\xef\xbf\xbd") /* U+FFFD */

/* RFC 3629 section 4: the lead byte fixes the length, and four of them narrow what may follow, so
 * that overlong forms, surrogates and what is above U+10FFFF never begin. */
size_t utf8_sequence(struct str s, bool *ret_valid)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	unsigned char lead = p[0], low = 0x80, high = 0xbf;
	if (lead < 0x80 || lead < 0xc2 || lead > 0xf4) {
		*ret_valid = lead < 0x80;
		return 1;
	}
	size_t want = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	for (size_t n = 1; n < want; n++) {
		if (n == s.len || p[n] < low || p[n] > high) {
			*ret_valid = false;
			return n;
		}
		low = 0x80;
		high = 0xbf;
	}
	*ret_valid = true;
	return want;
}

size_t utf8_valid_prefix(struct str s)
{
	size_t at = 0;
	while (at < s.len) {
		if ((unsigned char)s.ptr[at] < 0x80) {
			at += text_simd()->high(s.ptr + at, s.len - at);
			continue;
		}
		bool valid;
		size_t n = utf8_sequence(str_skip(s, at), &valid);
		if (!valid)
			break;
		at += n;
	}
	return at;
}

/* Copies s with its bad parts replaced to ret (NULL: only counts); returns the length. */
static size_t repair_into(struct str s, char *ret)
{
	size_t out = 0;
	while (s.len) {
		size_t good = utf8_valid_prefix(s);
		if (ret && good)
			memcpy(ret + out, s.ptr, good);
		out += good;
		s = str_skip(s, good);
		if (s.len) {
			bool valid;
			s = str_skip(s, utf8_sequence(s, &valid));
			if (ret)
				memcpy(ret + out, REPLACEMENT.ptr, REPLACEMENT.len);
			out += REPLACEMENT.len;
		}
	}
	return out;
}

struct str utf8_repair(struct arena *a, struct str s)
{
	if (utf8_valid(s))
		return s;
	/* At most three times s, and s lies in memory, so the sum cannot overflow. */
	size_t len = repair_into(s, NULL);
	char *text = arena_text(a, len);
	repair_into(s, text);
	return str_of(text, len);
}

uint32_t utf8_decode(struct str sequence)
{
	const unsigned char *p = (const unsigned char *)sequence.ptr;
	uint32_t c = sequence.len == 1 ? p[0] : p[0] & (0x7fU >> sequence.len);
	for (size_t i = 1; i < sequence.len; i++)
		c = c << 6 | (p[i] & 0x3fU);
	return c;
}

size_t utf8_encode(uint32_t code_point, char *ret)
{
	if (code_point < 0x80) {
		ret[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		ret[0] = (char)(0xc0 | code_point >> 6);
		ret[1] = (char)(0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point < 0x10000) {
		ret[0] = (char)(0xe0 | code_point >> 12);
		ret[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (code_point & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | code_point >> 18);
	ret[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (code_point & 0x3f));
	return 4;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

struct str utf8_first(struct str s, size_t n)
{
	size_t at = 0;
	for (; at < s.len; at++) {
		if (is_continuation(s.ptr[at]))
			continue;
		if (n == 0)
			break;
		n--;
	}
	return str_first(s, at);
}

size_t utf8_length(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += !is_continuation(s.ptr[i]);
	return n;
}
