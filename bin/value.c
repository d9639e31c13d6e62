/* Values of options: numbers, sizes, times. */
#include "cli.h"

#include "base/utime.h"

static struct str shown(struct str s)
{
	return str_first(s, 60);
}

bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t otherwise,
	int64_t *ret)
{
	struct str s = cli_value(c, name);
	int64_t n = otherwise;
	if (!str_is_null(s) && (!str_to_i64(s, &n) || n < least || n > most)) {
		(void)cli_fail(c, CLI_USAGE, "--%s: must be a number from %lld to %lld, not %.*s",
			name, (long long)least, (long long)most, STR_ARG(shown(s)));
		return false;
	}
	*ret = n;
	return true;
}

/* A number and the factor of its unit: "90d" with units "smhdw". */
static bool read_with_unit(struct str s, const char *units, const int64_t *factors, int64_t *ret)
{
	int64_t n, factor = 1;
	if (s.len && !ascii_is_digit(s.ptr[s.len - 1])) {
		size_t unit = str_index(str_from_c(units), ascii_lower(s.ptr[s.len - 1]));
		if (unit == strlen(units))
			return false;
		factor = factors[unit];
		s.len--;
	} else if (units[0] != 'k') {
		return false; /* only bytes go without */
	}
	return str_to_i64(s, &n) && n >= 0 && !__builtin_mul_overflow(n, factor, ret);
}

bool cli_read_duration(struct str s, int64_t *ret_ns)
{
	static const int64_t factors[] = { NS_PER_S, 60 * NS_PER_S, 3600 * NS_PER_S, NS_PER_DAY,
		7 * NS_PER_DAY };
	return read_with_unit(s, "smhdw", factors, ret_ns);
}

bool cli_read_size(struct str s, uint64_t *ret_bytes)
{
	static const int64_t factors[] = { INT64_C(1) << 10, INT64_C(1) << 20, INT64_C(1) << 30,
		INT64_C(1) << 40 };
	int64_t n;
	if (!read_with_unit(s, "kmgt", factors, &n))
		return false;
	*ret_bytes = (uint64_t)n;
	return true;
}

bool cli_size(struct cli *c, const char *name, uint64_t otherwise, uint64_t *ret)
{
	struct str s = cli_value(c, name);
	uint64_t n = otherwise;
	if (!str_is_null(s) && !cli_read_size(s, &n)) {
		(void)cli_fail(c, CLI_USAGE, "--%s: must be a size such as 64M, not %.*s", name,
			STR_ARG(shown(s)));
		return false;
	}
	*ret = n;
	return true;
}

bool cli_duration(struct cli *c, const char *name, int64_t otherwise, int64_t *ret_ns)
{
	struct str s = cli_value(c, name);
	int64_t ns = otherwise;
	if (!str_is_null(s) && !cli_read_duration(s, &ns)) {
		(void)cli_fail(c, CLI_USAGE, "--%s: must be a time such as 90s, 2h or 7d, not %.*s",
			name, STR_ARG(shown(s)));
		return false;
	}
	*ret_ns = ns;
	return true;
}

bool cli_time(struct cli *c, const char *name, int64_t otherwise, int64_t *ret_ns)
{
	struct str s = cli_value(c, name);
	int64_t ns = otherwise, ago;
	if (!str_is_null(s)) {
		if (cli_read_duration(s, &ago)) {
			ns = utime_now() - ago;
		} else if (!utime_parse_lax(s, &ns)) {
			(void)cli_fail(c, CLI_USAGE,
				"--%s: must be a time such as 2026-11-21, 2026-11-21T13:45:00Z or "
				"%s, not %.*s",
				name, strcmp(name, "expires") == 0 ? "90d (from now)" : "2h (ago)",
				STR_ARG(shown(s)));
			return false;
		}
	}
	*ret_ns = ns;
	return true;
}

bool cli_words(struct cli *c, size_t least, size_t most)
{
	if (c->n_words >= least && c->n_words <= most)
		return true;
	(void)cli_fail(c, CLI_USAGE, "it is: flatspan %s%s%s", c->verb->name,
		*c->verb->words ? " " : "", c->verb->words);
	return false;
}
