#include "semconv/opik_id.h"

#include "base/hash.h"
#include "base/uuid.h"

enum {
	SPAN_HEX = 16,
	TRACE_HEX = 32,
	VERSION_AT = 12, /* among the digits of a UUID */
	VARIANT_AT = 16,
	MADE_BIT = 8,      /* in the first digit */
	VARIANT = 8,       /* the upper two bits of its digit, 10 */
	VARIANT_MASK = 12, /* those bits */
	VARIANT_REST = 3,
	SHOWN_ALIKE = 128 /* 16 versions, 4 variants, 2 first bits */
};

static const char digits[] = "0123456789abcdef";

/* The form of a UUID that shows 16 digits, which replace each s. */
static const char of_spans[] = "800000000000700s8sssssssssssssss";

static bool map_opik_id_is_hex(struct str s, size_t len)
{
	if (s.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!ascii_is_digit(s.ptr[i]) && (s.ptr[i] < 'a' || s.ptr[i] > 'f'))
			return false;
	return true;
}

/* True when 32 digits are a UUID of version 7 of the years 2004 to 2109. */
static bool is_of_today(const char *hex)
{
	int variant = hex_digit(hex[VARIANT_AT]);
	return hex[0] == '0' && hex[1] >= '1' && hex[1] <= '3' && hex[VERSION_AT] == '7' &&
	       (variant & VARIANT_MASK) == VARIANT;
}

static struct str with_hyphens(struct arena *a, const char hex[static TRACE_HEX])
{
	char *p = arena_text(a, UUID_TEXT);
	for (size_t i = 0, n = 0; i < TRACE_HEX; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			p[n++] = '-';
		p[n++] = hex[i];
	}
	return str_of(p, UUID_TEXT);
}

/* Returns false when the text is not a UUID in lower case. */
static bool without_hyphens(struct str uuid, char ret[static TRACE_HEX])
{
	size_t n = 0;
	if (uuid.len != UUID_TEXT)
		return false;
	for (size_t i = 0; i < UUID_TEXT; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (uuid.ptr[i] != '-')
				return false;
		} else {
			ret[n++] = uuid.ptr[i];
		}
	return map_opik_id_is_hex(str_of(ret, TRACE_HEX), TRACE_HEX);
}

struct str opik_id_shown(struct arena *a, struct str id)
{
	char hex[TRACE_HEX];
	if (map_opik_id_is_hex(id, SPAN_HEX)) {
		for (size_t i = 0, n = 0; i < TRACE_HEX; i++)
			hex[i] = of_spans[i] == 's' ? id.ptr[n++] : of_spans[i];
		return with_hyphens(a, hex);
	}
	if (!map_opik_id_is_hex(id, TRACE_HEX))
		return id;
	memcpy(hex, id.ptr, TRACE_HEX);
	if (!is_of_today(hex)) {
		hex[0] = digits[hex_digit(hex[0]) | MADE_BIT];
		hex[VERSION_AT] = '7';
		hex[VARIANT_AT] = digits[(hex_digit(hex[VARIANT_AT]) & VARIANT_REST) | VARIANT];
	}
	return with_hyphens(a, hex);
}

/* Returns the UUID that Opik's server makes of the bytes of an id. */
static struct str map_opik_id_of_time(struct arena *a, struct str id, int64_t ms)
{
	enum { TIME_DIGITS = 12, HASH_BYTES = 10 };
	unsigned char bytes[TRACE_HEX / 2], sum[SHA256_BYTES];
	char hex[TRACE_HEX];
	for (size_t i = 0; i < id.len / 2; i++)
		bytes[i] = (unsigned char)(hex_digit(id.ptr[2 * i]) << 4 |
					   hex_digit(id.ptr[2 * i + 1]));
	sha256(str_of((const char *)bytes, id.len / 2), sum);
	for (size_t i = 0; i < TIME_DIGITS; i++)
		hex[i] = digits[(uint64_t)ms >> (4 * (TIME_DIGITS - 1 - i)) & 15];
	for (size_t i = 0; i < HASH_BYTES; i++) {
		hex[TIME_DIGITS + 2 * i] = digits[sum[i] >> 4];
		hex[TIME_DIGITS + 2 * i + 1] = digits[sum[i] & 15];
	}
	hex[VERSION_AT] = '7';
	hex[VARIANT_AT] = digits[(hex_digit(hex[VARIANT_AT]) & VARIANT_REST) | VARIANT];
	return with_hyphens(a, hex);
}

struct str opik_id_shown_in(struct arena *a, const struct span *s, enum field f)
{
	struct str id = span_text(s, f);
	bool is_trace = map_opik_id_is_hex(id, TRACE_HEX);
	if (!span_has(s, FIELD_OPIK_MS) || (!is_trace && !map_opik_id_is_hex(id, SPAN_HEX)) ||
		(is_trace && is_of_today(id.ptr)))
		return opik_id_shown(a, id);
	return map_opik_id_of_time(a, id, span_i64(s, FIELD_OPIK_MS, 0));
}

bool opik_id_is_in(struct arena *a, const struct span *s, enum field f, struct str id)
{
	return opik_id_same(a, span_text(s, f), id) || str_eq(opik_id_shown_in(a, s, f), id);
}

bool opik_id_time(struct str shown, int64_t *ret_ms)
{
	enum { TIME_DIGITS = 12 };
	char hex[TRACE_HEX];
	if (!without_hyphens(shown, hex) || !is_of_today(hex))
		return false;
	*ret_ms = 0;
	for (size_t i = 0; i < TIME_DIGITS; i++)
		*ret_ms = *ret_ms << 4 | hex_digit(hex[i]);
	return true;
}

bool opik_id_same(struct arena *a, struct str x, struct str y)
{
	return str_eq(x, y) || str_eq(opik_id_shown(a, x), opik_id_shown(a, y));
}

struct str opik_id_of_uuid(struct arena *a, struct str uuid)
{
	char hex[TRACE_HEX];
	if (!without_hyphens(uuid, hex))
		return uuid;
	char *id = arena_text(a, SPAN_HEX);
	for (size_t i = 0, n = 0; i < TRACE_HEX; i++)
		if (of_spans[i] == 's')
			id[n++] = hex[i];
		else if (of_spans[i] != hex[i])
			return uuid;
	return str_of(id, SPAN_HEX);
}

bool opik_id_param(struct arena *a, struct str text, struct str *ret)
{
	struct str uuid;
	if (uuid_read(a, text, &uuid)) {
		*ret = opik_id_of_uuid(a, uuid);
		return true;
	}
	if (text.len != SPAN_HEX && text.len != TRACE_HEX)
		return false;
	char *lower = arena_text(a, text.len);
	for (size_t i = 0; i < text.len; i++)
		lower[i] = ascii_lower(text.ptr[i]);
	if (!map_opik_id_is_hex(str_of(lower, text.len), text.len))
		return false;
	*ret = str_of(lower, text.len);
	return true;
}

bool opik_id_is_made(struct str id)
{
	char hex[TRACE_HEX];
	return without_hyphens(id, hex) && hex_digit(hex[0]) & MADE_BIT && hex[VERSION_AT] == '7' &&
	       (hex_digit(hex[VARIANT_AT]) & VARIANT_MASK) == VARIANT;
}

size_t opik_trace_ids(struct arena *a, struct str id, struct str **ret)
{
	char hex[TRACE_HEX];
	struct str shown = opik_id_shown(a, id);
	bool is_uuid = without_hyphens(shown, hex), is_made = opik_id_is_made(shown);
	struct str *ids = arena_calloc(a, 1 + (is_made ? SHOWN_ALIKE : 1), sizeof *ids);
	size_t n = 0;
	ids[n++] = id;
	*ret = ids;
	if (id.len == TRACE_HEX)
		return n; /* the whole id is known */
	if (is_uuid && is_of_today(hex))
		ids[n++] = arena_copy(a, str_of(hex, TRACE_HEX));
	if (!is_made)
		return n;
	int first = hex_digit(hex[0]) & ~MADE_BIT;
	int rest = hex_digit(hex[VARIANT_AT]) & VARIANT_REST;
	for (int i = 0; i < SHOWN_ALIKE; i++) {
		hex[0] = digits[first | (i & 1 ? MADE_BIT : 0)];
		hex[VERSION_AT] = digits[i >> 1 & 15];
		hex[VARIANT_AT] = digits[rest | (i >> 5 & 3) << 2];
		if (!is_of_today(hex))
			ids[n++] = arena_copy(a, str_of(hex, TRACE_HEX));
	}
	return n;
}
