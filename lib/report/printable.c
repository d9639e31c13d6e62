#include "report/printable.h"

#include "base/utf8.h"

static bool is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Sets the next character as it is printed, and returns its bytes in the text. */
static size_t next(struct str text, struct str *ret, size_t *ret_width)
{
	bool is_valid;
	size_t n = utf8_sequence(text, &is_valid);
	uint32_t c = is_valid ? utf8_decode(str_first(text, n)) : 0;
	*ret = is_unfit(c) ? STR("?") : str_first(text, n);
	*ret_width = is_unfit(c) ? 1 : utf8_width(c);
	return n;
}

size_t printable_put(struct buf *out, struct str text, size_t most)
{
	size_t cells = 0;
	while (text.len) {
		struct str one;
		size_t width, n = next(text, &one, &width);
		if (most && cells + width > most)
			break;
		if (out)
			buf_add(out, one);
		cells += width;
		text = str_skip(text, n);
	}
	return cells;
}

size_t printable_line(struct buf *out, struct str text)
{
	size_t cells = 0;
	while (text.len) {
		size_t n = 0;
		while (n < text.len && text.ptr[n] != '\n' && text.ptr[n] != '\r' &&
			text.ptr[n] != '\t')
			n++;
		cells += printable_put(out, str_first(text, n), 0);
		if (n < text.len) {
			buf_add_char(out, ' ');
			cells++;
			n++;
		}
		text = str_skip(text, n);
	}
	return cells;
}

size_t printable_width(struct str text)
{
	return printable_put(NULL, text, 0);
}
