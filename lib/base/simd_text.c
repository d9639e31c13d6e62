#include "base/simd_text.h"

static size_t special_plain(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && (unsigned char)ptr[i] >= 0x20 && ptr[i] != '"' && ptr[i] != '\\')
		i++;
	return i;
}

static size_t special_or_high_plain(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && (signed char)ptr[i] >= 0x20 && ptr[i] != '"' && ptr[i] != '\\')
		i++;
	return i;
}

static size_t high_plain(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && (signed char)ptr[i] >= 0)
		i++;
	return i;
}

static size_t string_end_plain(const char *ptr, size_t len)
{
	size_t i = 0;
	while (i < len && ptr[i] != '"')
		i += ptr[i] == '\\' ? 2 : 1;
	return i < len ? i : len;
}

static const struct text_kernels plain = {
	.name = "plain C",
	.special = special_plain,
	.special_or_high = special_or_high_plain,
	.high = high_plain,
	.string_end = string_end_plain,
};

const struct text_kernels *text_kernels(unsigned number)
{
	return number == 0 ? &plain : NULL;
}

size_t text_special(const char *ptr, size_t len)
{
	return special_plain(ptr, len);
}

size_t text_special_or_high(const char *ptr, size_t len)
{
	return special_or_high_plain(ptr, len);
}

size_t text_high(const char *ptr, size_t len)
{
	return high_plain(ptr, len);
}

size_t text_string_end(const char *ptr, size_t len)
{
	return string_end_plain(ptr, len);
}
