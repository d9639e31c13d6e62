#include "query/match/path.h"

struct step {
	bool is_index;
	size_t index;
	struct str name; /* plain text; escapes of the path still in it when has_escape */
	bool has_escape;
};

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* rest at the opening quote. */
static bool read_quoted(struct str *rest, struct step *ret)
{
	char quote = rest->ptr[0];
	for (size_t i = 1; i < rest->len; i++) {
		if (rest->ptr[i] == quote) {
			ret->name = str_of(rest->ptr + 1, i - 1);
			*rest = str_skip(*rest, i + 1);
			return true;
		}
		if (rest->ptr[i] == '\\') {
			ret->has_escape = true;
			i++;
		}
	}
	return false;
}

/* rest at the opening bracket. */
static bool read_bracket(struct str *rest, struct step *ret)
{
	uint64_t index;
	*rest = str_skip(*rest, 1);
	if (rest->len && is_quote(rest->ptr[0])) {
		if (!read_quoted(rest, ret))
			return false;
	} else {
		size_t end = str_index(*rest, ']');
		if (!str_to_u64(str_first(*rest, end), &index) || index > SIZE_MAX)
			return false;
		ret->is_index = true;
		ret->index = (size_t)index;
		*rest = str_skip(*rest, end);
	}
	if (rest->len == 0 || rest->ptr[0] != ']')
		return false;
	*rest = str_skip(*rest, 1);
	return true;
}

static bool read_name(struct str *rest, struct step *ret)
{
	size_t n = 0;
	while (n < rest->len && rest->ptr[n] != '.' && rest->ptr[n] != '[' && rest->ptr[n] != ']' &&
		!is_quote(rest->ptr[n]))
		n++;
	ret->name = str_first(*rest, n);
	*rest = str_skip(*rest, n);
	return n > 0;
}

/* Takes one step off the front of a rest that is not empty. */
static bool read_step(struct str *rest, bool is_first, struct step *ret)
{
	*ret = (struct step){ .is_index = false };
	if (rest->ptr[0] == '.')
		*rest = str_skip(*rest, 1);
	else if (rest->ptr[0] != '[' && !is_first)
		return false;
	if (rest->len == 0)
		return false;
	if (rest->ptr[0] == '[')
		return read_bracket(rest, ret);
	return is_quote(rest->ptr[0]) ? read_quoted(rest, ret) : read_name(rest, ret);
}

/* Reads a path without its $. A name may follow directly when there is no $. */
static struct str without_root(struct str path, bool *ret_is_first)
{
	*ret_is_first = path.len == 0 || path.ptr[0] != '$';
	return *ret_is_first ? path : str_skip(path, 1);
}

bool path_valid(struct str path)
{
	bool is_first;
	struct step step;
	struct str rest = without_root(path, &is_first);
	if (path.len == 0)
		return false;
	for (; rest.len; is_first = false)
		if (!read_step(&rest, is_first, &step))
			return false;
	return true;
}

static struct str unescape(struct arena *a, struct str s)
{
	char *text = arena_text(a, s.len);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\' && i + 1 < s.len)
			i++;
		text[n++] = s.ptr[i];
	}
	return str_of(text, n);
}

static struct json element_at(struct json array, size_t index)
{
	struct json_iter it = json_elements(array);
	while (json_next(&it))
		if (index-- == 0)
			return it.value;
	return (struct json){ JSON_NONE, STR_NULL };
}

struct json path_get(struct arena *a, struct json root, struct str path)
{
	bool is_first;
	struct step step;
	struct json at = root;
	if (!path_valid(path))
		return (struct json){ JSON_NONE, STR_NULL };
	struct str rest = without_root(path, &is_first);
	for (; rest.len && at.type != JSON_NONE; is_first = false) {
		if (!read_step(&rest, is_first, &step))
			return (struct json){ JSON_NONE, STR_NULL };
		if (step.is_index)
			at = element_at(at, step.index);
		else
			at = json_get(at, step.has_escape ? unescape(a, step.name) : step.name);
	}
	return at;
}

struct str path_scalar(struct json v)
{
	switch (v.type) {
	case JSON_STRING:
		return json_body(v);
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
	case JSON_NUMBER:
		return v.raw;
	default:
		return STR_NULL;
	}
}
