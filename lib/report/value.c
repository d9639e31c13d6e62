#include "report/value.h"

#include "base/utime.h"

/* Reads a number and multiplies it by the factor of its unit: "90d" with units "smhdw". */
static bool value_with_unit(struct str s, const char *units, const int64_t *factors, int64_t *ret)
{
	int64_t n, factor = 1;
	if (s.len && !ascii_is_digit(s.ptr[s.len - 1])) {
		size_t unit = str_index(str_from_c(units), ascii_lower(s.ptr[s.len - 1]));
		if (unit == strlen(units))
			return false;
		factor = factors[unit];
		s.len--;
	} else if (units[0] != 'k') {
		return false; /* only sizes may have no unit */
	}
	return str_to_i64(s, &n) && n >= 0 && !__builtin_mul_overflow(n, factor, ret);
}

bool value_read_duration(struct str s, int64_t *ret_ns)
{
	static const int64_t factors[] = { NS_PER_S, 60 * NS_PER_S, 3600 * NS_PER_S, NS_PER_DAY,
		7 * NS_PER_DAY };
	return value_with_unit(s, "smhdw", factors, ret_ns);
}

bool value_read_size(struct str s, uint64_t *ret_bytes)
{
	static const int64_t factors[] = { INT64_C(1) << 10, INT64_C(1) << 20, INT64_C(1) << 30,
		INT64_C(1) << 40 };
	int64_t n;
	if (!value_with_unit(s, "kmgt", factors, &n))
		return false;
	*ret_bytes = (uint64_t)n;
	return true;
}

bool value_read_time(struct str s, int64_t now_ns, int64_t *ret_ns)
{
	int64_t ago_ns;
	if (!value_read_duration(s, &ago_ns))
		return utime_parse_lax(s, ret_ns);
	*ret_ns = now_ns - ago_ns;
	return true;
}
