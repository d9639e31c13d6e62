#include "base/simd_text.h"

/* The plain twins: what the others must agree with, what they finish their last bytes with, and all
 * there is on machines but x86-64. */

static size_t high(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && (unsigned char)ptr[i] < 0x80)
		i++;
	return i;
}

static size_t special(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && (unsigned char)ptr[i] >= 0x20 && ptr[i] != '"' && ptr[i] != '\\')
		i++;
	return i;
}

const char text_short_escapes[256] = { ['"'] = '"',
	['\\'] = '\\',
	['\b'] = 'b',
	['\t'] = 't',
	['\n'] = 'n',
	['\f'] = 'f',
	['\r'] = 'r' };

static size_t escape(char *to, const char *from, size_t len)
{
	char *p = to;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)from[i] >= 0x20 && from[i] != '"' && from[i] != '\\')
			*p++ = from[i];
		else
			p += text_put_escape(from[i], p);
	}
	return (size_t)(p - to);
}

static bool is_canonical_escape(char letter)
{
	return letter == '"' || letter == '\\' || letter == 'b' || letter == 'f' || letter == 'n' ||
	       letter == 'r' || letter == 't';
}

static size_t canonical_body(const char *ptr, size_t len)
{
	size_t i = special(ptr, len);
	while (len - i >= 2 && ptr[i] == '\\' && is_canonical_escape(ptr[i + 1])) {
		i += 2;
		i += special(ptr + i, len - i);
	}
	return i;
}

static size_t ascii_body(const char *ptr, size_t len)
{
	size_t i = 0;
	for (; i < len && (signed char)ptr[i] >= 0x20 && ptr[i] != '"'; i++) {
		if (ptr[i] != '\\')
			continue;
		if (len - i < 2 || (!is_canonical_escape(ptr[i + 1]) && ptr[i + 1] != '/'))
			break;
		i++;
	}
	return i;
}

static size_t string_end(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && ptr[i] != '"')
		i += ptr[i] == '\\' ? 2 : 1;
	return i < len ? i : len;
}

static size_t container_end(const char *ptr, size_t len)
{
	size_t depth = 1;
	bool in_string = false;
	for (size_t i = 0; i < len; i++) {
		char c = ptr[i];
		if (c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{'))
			depth++;
		else if (!in_string && (c == ']' || c == '}') && --depth == 0)
			return i;
	}
	return len;
}

const struct text_kernels text_kernels_plain = {
	.name = "plain C",
	.high = high,
	.special = special,
	.escape = escape,
	.ascii_body = ascii_body,
	.canonical_body = canonical_body,
	.string_end = string_end,
	.container_end = container_end,
};

const struct text_kernels *text_kernels(unsigned number)
{
	if (number == 0)
		return &text_kernels_plain;
#ifdef __x86_64__
	if (number == 1)
		return &text_kernels_sse2;
	if (number == 2 && cpu_has_avx2())
		return &text_kernels_avx2;
#endif
	return NULL;
}
