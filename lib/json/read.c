#include "json/read.h"

#include "base/simd_text.h"

static bool json_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && json_is_blank(*p))
		p++;
	return p;
}

/* Returns the end of the string whose opening quote is at p, or NULL. */
static const char *skip_string(const char *p, const char *end)
{
	p++;
	p += text_string_end(p, (size_t)(end - p));
	return p < end ? p + 1 : NULL;
}

/* Returns the end of the container whose opening bracket is at p, or NULL. */
static const char *skip_container(const char *p, const char *end)
{
	p++;
	p += text_simd()->container_end(p, (size_t)(end - p));
	return p < end ? p + 1 : NULL;
}

/* A number or a word ends where a delimiter or a blank stands. */
static const char *skip_scalar(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != '}' && *p != ']' && !json_is_blank(*p))
		p++;
	return p;
}

static enum json_type type_of(char first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 'n':
		return JSON_NULL;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	default:
		return first == '-' || ascii_is_digit(first) ? JSON_NUMBER : JSON_NONE;
	}
}

struct json json_value_at(const char *p, const char *end)
{
	enum json_type type = type_of(*p);
	const char *behind = p;
	switch (type) {
	case JSON_NONE:
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		behind = skip_container(p, end);
		break;
	case JSON_STRING:
		behind = skip_string(p, end);
		break;
	default:
		behind = skip_scalar(p, end);
	}
	if (!behind || behind == p)
		return (struct json){ JSON_NONE, STR_NULL };
	return (struct json){ type, str_of(p, (size_t)(behind - p)) };
}

struct json json_open(struct str text)
{
	struct str s = str_trim(text);
	if (s.len == 0)
		return (struct json){ JSON_NONE, STR_NULL };
	enum json_type type = type_of(s.ptr[0]);
	char last = s.ptr[s.len - 1];
	/* Finding the end of a container means reading all of it, which the caller's walk does
	 * anyway. */
	if ((type == JSON_OBJECT && last == '}') || (type == JSON_ARRAY && last == ']'))
		return (struct json){ type, s };
	return json_value_at(s.ptr, s.ptr + s.len);
}

struct json json_whole(struct str value)
{
	enum json_type type = value.len ? type_of(value.ptr[0]) : JSON_NONE;
	/* json_body() removes two quotes. */
	if (type == JSON_NONE || (type >= JSON_STRING && value.len < 2))
		return (struct json){ JSON_NONE, STR_NULL };
	return (struct json){ type, value };
}

static struct json_iter iterate(struct json v, enum json_type type, struct str key)
{
	struct str inside = v.type == type ? str_of(v.raw.ptr + 1, v.raw.len - 2) : STR("");
	return (struct json_iter){ inside, key, { JSON_NONE, STR_NULL } };
}

/* The key tells json_next what it walks: elements have none. */
struct json_iter json_members(struct json v)
{
	return iterate(v, JSON_OBJECT, STR(""));
}

struct json_iter json_elements(struct json v)
{
	return iterate(v, JSON_ARRAY, STR_NULL);
}

static bool json_read_stop(struct json_iter *it)
{
	it->rest.len = 0;
	return false;
}

bool json_next(struct json_iter *it)
{
	const char *p = it->rest.ptr, *end = p + it->rest.len;
	p = skip_blanks(p, end);
	if (p < end && *p == ',')
		p = skip_blanks(p + 1, end);
	if (p == end)
		return json_read_stop(it);
	if (!str_is_null(it->key)) {
		const char *behind = *p == '"' ? skip_string(p, end) : NULL;
		if (!behind)
			return json_read_stop(it);
		it->key = str_of(p + 1, (size_t)(behind - p) - 2);
		p = skip_blanks(behind, end);
		if (p == end || *p != ':')
			return json_read_stop(it);
		p = skip_blanks(p + 1, end);
		if (p == end)
			return json_read_stop(it);
	}
	struct json v = json_value_at(p, end);
	if (v.type == JSON_NONE)
		return json_read_stop(it);
	it->value = v;
	p += v.raw.len;
	it->rest = str_of(p, (size_t)(end - p));
	return true;
}

struct json json_get(struct json object, struct str key)
{
	struct json found = { JSON_NONE, STR_NULL };
	struct json_iter it = json_members(object);
	while (json_next(&it))
		if (json_body_is(it.key, key))
			found = it.value;
	return found;
}
