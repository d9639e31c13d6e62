/* Replaces images among the texts of a payload, for shortened answers. */
#include "api/opik/render.h"

static const struct str begins[] = {
	{ "/9j/", 4 },                  /* JPEG */
	{ "iVBORw0KGgo", 11 },          /* PNG */
	{ "R0lGODlh", 8 },              /* GIF */
	{ "R0lGODdh", 8 }, { "Qk", 2 }, /* BMP */
	{ "SUkq", 4 },                  /* TIFF */
	{ "TU0A", 4 }, { "UklGR", 5 },  /* WEBP */
};

static bool is_base64(struct str s)
{
	size_t i = 0;
	while (i < s.len &&
		(ascii_is_digit(s.ptr[i]) || (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') ||
			(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') || s.ptr[i] == '+' || s.ptr[i] == '/'))
		i++;
	size_t n_padding = s.len - i;
	for (; i < s.len; i++)
		if (s.ptr[i] != '=')
			return false;
	return n_padding <= 2;
}

/* True when the whole text is an image. The whole text must be base64, because a sentence may begin
 * with the same letters. */
static bool is_image(struct str body)
{
	static const struct str head = { "data:image/", 11 }, mark = { ";base64,", 8 };
	if (str_starts(body, head)) {
		size_t at = str_find(str_first(body, 64), mark);
		if (at + mark.len > body.len || at == str_first(body, 64).len)
			return false;
		body = str_skip(body, at + mark.len);
	}
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (str_starts(body, begins[i]))
			return is_base64(body);
	return false;
}

/* Returns the length of the text that begins after a quote. */
static size_t body_length(struct str s)
{
	size_t i = 0;
	while (i < s.len && s.ptr[i] != '"')
		i += s.ptr[i] == '\\' ? 2 : 1;
	return i < s.len ? i : s.len;
}

struct str opik_without_images(struct arena *a, struct str value)
{
	struct buf out;
	size_t done = 0; /* copied so far */
	buf_init(&out, a);
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] != '"')
			continue;
		struct str body = str_skip(value, i + 1);
		body.len = body_length(body);
		size_t end = i + body.len + 2;
		bool is_key = end < value.len && value.ptr[end] == ':';
		if (!is_key && is_image(body)) {
			buf_add(&out, str_of(value.ptr + done, i - done));
			buf_add(&out, STR("\"[image]\""));
			done = end;
		}
		i = end - 1;
	}
	if (!done)
		return value;
	buf_add(&out, str_skip(value, done));
	return buf_str(&out);
}
