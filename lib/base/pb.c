#include "base/pb.h"

enum { VARINT_BYTES_MAX = 10, TAG_WIRE_BITS = 3 };

/* Field numbers have 29 bits, so that a tag has 32. */
#define TAG_MAX UINT32_MAX

struct pb_reader pb_open(struct str message)
{
	return (struct pb_reader){ .rest = message, .size = message.len };
}

/* Returns the number of bytes of the varint at the start of s; 0 when it is malformed. */
static size_t long_varint(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.len && i < VARINT_BYTES_MAX; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		v |= (uint64_t)(c & 127) << (7 * i);
		if (c & 128)
			continue;
		if (i == VARINT_BYTES_MAX - 1 && c > 1) /* 64 bits are nine times 7 and one */
			return 0;
		*ret = v;
		return i + 1;
	}
	return 0;
}

/* Nearly all tags and lengths are one byte. These small functions are inlined and their cursor
 * stays in registers: no address of it may be handed out. */
static inline bool take_varint(struct str *s, uint64_t *ret)
{
	size_t n = 1;
	uint64_t v = 0;
	if (s->len && !((unsigned char)s->ptr[0] & 128))
		v = (unsigned char)s->ptr[0];
	else
		n = long_varint(*s, &v);
	*s = str_of(s->ptr + n, s->len - n);
	*ret = v;
	return n > 0;
}

static inline bool take_fixed(struct str *s, size_t n, uint64_t *ret)
{
	if (s->len < n)
		return false;
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)(unsigned char)s->ptr[i] << (8 * i);
	*s = str_of(s->ptr + n, s->len - n);
	*ret = v;
	return true;
}

static inline bool pb_take_bytes(struct str *s, struct str *ret)
{
	uint64_t n;
	if (!take_varint(s, &n) || n > s->len)
		return false;
	*ret = str_of(s->ptr, (size_t)n);
	*s = str_of(s->ptr + n, s->len - (size_t)n);
	return true;
}

static inline bool take_field(struct str *s, struct pb_field *ret)
{
	uint64_t tag;
	if (!take_varint(s, &tag) || tag > TAG_MAX || tag >> TAG_WIRE_BITS == 0)
		return false;
	ret->number = (uint32_t)(tag >> TAG_WIRE_BITS);
	switch (tag & 7) {
	case PB_VARINT:
		ret->wire = PB_VARINT;
		return take_varint(s, &ret->value);
	case PB_FIXED64:
		ret->wire = PB_FIXED64;
		return take_fixed(s, 8, &ret->value);
	case PB_BYTES:
		ret->wire = PB_BYTES;
		return pb_take_bytes(s, &ret->bytes);
	case PB_FIXED32:
		ret->wire = PB_FIXED32;
		return take_fixed(s, 4, &ret->value);
	default:
		return false;
	}
}

bool pb_next(struct pb_reader *r, struct pb_field *ret)
{
	if (r->failed || r->rest.len == 0)
		return false;
	struct str rest = r->rest;
	struct pb_field f = { 0 };
	if (!take_field(&rest, &f)) {
		r->failed = true; /* r->rest stays at the field that is wrong */
		return false;
	}
	r->rest = rest;
	*ret = f;
	return true;
}

double pb_double(const struct pb_field *f)
{
	double d;
	_Static_assert(sizeof d == sizeof f->value, "a double is a fixed64");
	memcpy(&d, &f->value, sizeof d);
	return d;
}
