#include "web/params.h"

#include "json/write.h"

static struct str quoted(struct arena *a, struct str text)
{
	struct buf b;
	buf_init(&b, a);
	buf_add_char(&b, '"');
	json_escape(&b, text);
	buf_add_char(&b, '"');
	return buf_str(&b);
}

static struct str location(struct arena *a, struct str name)
{
	struct str quoted_name = quoted(a, name);
	return arena_printf(a, "[\"query\",%.*s]", STR_ARG(quoted_name));
}

bool param_read_int(struct str s, int64_t *ret)
{
	s = str_trim(s);
	bool is_negative = str_starts(s, STR("-"));
	if (is_negative || str_starts(s, STR("+")))
		s = str_skip(s, 1);
	size_t dot = str_index(s, '.');
	for (size_t i = dot + 1; i < s.len; i++)
		if (s.ptr[i] != '0')
			return false;
	if (dot + 1 == s.len)
		return false;
	s = str_first(s, dot);
	if (s.len == 0 || !ascii_is_digit(s.ptr[s.len - 1]))
		return false;
	int64_t v = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '_' && i > 0 && s.ptr[i - 1] != '_')
			continue;
		if (!ascii_is_digit(c))
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, c - '0', &v))
			v = INT64_MAX;
		if (v == INT64_MAX)
			break;
	}
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_digit(s.ptr[i]) && s.ptr[i] != '_')
			return false;
	*ret = is_negative ? -v : v;
	return true;
}

struct str param_int_digits(struct arena *a, struct str text)
{
	struct buf b;
	buf_init(&b, a);
	for (size_t i = 0; i < text.len && text.ptr[i] != '.'; i++)
		if (ascii_is_digit(text.ptr[i]) && (b.len || text.ptr[i] != '0'))
			buf_add_char(&b, text.ptr[i]);
	return b.len ? buf_str(&b) : STR("0");
}

int64_t param_int(const struct request *r, struct str name, int64_t otherwise, int64_t least,
	int64_t most, struct problems *p)
{
	const struct param *param = request_param(r, name);
	if (!param)
		return otherwise;
	struct arena *a = r->arena;
	int64_t v;
	if (param->value.len > PARAM_INT_CHARS) {
		problem_add(p, STR("int_parsing_size"), location(a, name),
			STR("Unable to parse input string as an integer, exceeded maximum size"),
			quoted(a, param->value), STR_NULL);
		return otherwise;
	}
	if (!param_read_int(param->value, &v)) {
		problem_add(p, STR("int_parsing"), location(a, name),
			STR("Input should be a valid integer, unable to parse string as an integer"),
			quoted(a, param->value), STR_NULL);
		return otherwise;
	}
	if (v < least) {
		problem_add(p, STR("greater_than_equal"), location(a, name),
			arena_printf(a, "Input should be greater than or equal to %lld",
				(long long)least),
			quoted(a, param->value),
			arena_printf(a, "{\"ge\":%lld}", (long long)least));
		return otherwise;
	}
	if (v > most) {
		problem_add(p, STR("less_than_equal"), location(a, name),
			arena_printf(
				a, "Input should be less than or equal to %lld", (long long)most),
			quoted(a, param->value), arena_printf(a, "{\"le\":%lld}", (long long)most));
		return otherwise;
	}
	return v;
}

struct str choice_text(struct arena *a, const struct str *values, size_t n)
{
	struct buf b;
	buf_init(&b, a);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add(&b, i + 1 == n ? STR(" or ") : STR(", "));
		buf_add_char(&b, '\'');
		buf_add(&b, values[i]);
		buf_add_char(&b, '\'');
	}
	return buf_str(&b);
}

size_t param_choice(const struct request *r, struct str name, const struct str *values, size_t n,
	size_t otherwise, struct str type, struct problems *p)
{
	const struct param *param = request_param(r, name);
	if (!param)
		return otherwise;
	for (size_t i = 0; i < n; i++)
		if (str_eq(param->value, values[i]))
			return i;
	struct arena *a = r->arena;
	struct str choices = choice_text(a, values, n), expected = quoted(a, choices);
	problem_add(p, type, location(a, name),
		arena_printf(a, "Input should be %.*s", STR_ARG(choices)), quoted(a, param->value),
		arena_printf(a, "{\"expected\":%.*s}", STR_ARG(expected)));
	return otherwise;
}
