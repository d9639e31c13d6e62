#include "base/base64.h"

enum { DIGIT_BITS = 6, BYTE_BITS = 8 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool base64_read(struct arena *a, struct str text, struct str *ret)
{
	while (text.len && text.ptr[text.len - 1] == '=')
		text.len--;
	char *bytes = arena_text(a, text.len / 4 * 3 + 3);
	size_t n = 0;
	uint32_t bits = 0;
	unsigned n_bits = 0;
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit_of(text.ptr[i]);
		if (digit < 0)
			return false;
		bits = bits << DIGIT_BITS | (uint32_t)digit;
		n_bits += DIGIT_BITS;
		if (n_bits >= BYTE_BITS) {
			n_bits -= BYTE_BITS;
			bytes[n++] = (char)(bits >> n_bits & 0xff);
		}
	}
	if (n_bits >= DIGIT_BITS)
		return false;
	*ret = str_of(bytes, n);
	return true;
}

void base64url_write(struct buf *out, struct str bytes)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		bits = bits << BYTE_BITS | (unsigned char)bytes.ptr[i];
		for (n_bits += BYTE_BITS; n_bits >= DIGIT_BITS; n_bits -= DIGIT_BITS)
			buf_add_char(out, alphabet[bits >> (n_bits - DIGIT_BITS) & 63]);
	}
	if (n_bits)
		buf_add_char(out, alphabet[bits << (DIGIT_BITS - n_bits) & 63]);
}
