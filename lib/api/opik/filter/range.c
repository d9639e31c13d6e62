#include "api/opik/filter/range.h"

static int64_t floor_of(int64_t v, int64_t unit)
{
	return v / unit - (v % unit < 0);
}

struct range range_of(enum opik_operator op, int64_t v, int64_t unit)
{
	int64_t low = floor_of(v, unit), high = low + (v % unit != 0);
	struct range r = { .from = INT64_MIN, .to = INT64_MAX };
	switch (op) {
	case OPIK_GREATER:
		r.from = low + 1;
		break;
	case OPIK_GREATER_EQUAL:
		r.from = high;
		break;
	case OPIK_LESS:
		r.to = high;
		break;
	case OPIK_LESS_EQUAL:
		r.to = low + 1;
		break;
	case OPIK_EQUAL:
	case OPIK_NOT_EQUAL:
		r.is_none = low != high && op == OPIK_EQUAL;
		r.is_all = low != high && op == OPIK_NOT_EQUAL;
		r.is_outside = op == OPIK_NOT_EQUAL;
		r.from = low;
		r.to = low + 1;
		break;
	default:
		break;
	}
	return r;
}

bool range_has_zero(struct range r)
{
	if (r.is_all || r.is_none)
		return r.is_all;
	return (r.from <= 0 && 0 < r.to) != r.is_outside;
}

int64_t range_times(int64_t end, int64_t scale)
{
	int64_t v;
	return __builtin_mul_overflow(end, scale, &v) ? (end < 0 ? INT64_MIN : INT64_MAX) : v;
}
