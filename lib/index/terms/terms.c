#include "index/terms/file.h"

struct field_set terms_fields(void)
{
	struct field_set set = { { 0 } };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_info[f].may & MAY_T)
			field_set_add(&set, (enum field)f);
	return set;
}

unsigned terms_field_kind(enum field f)
{
	switch (f) {
	case FIELD_INPUT:
		return TERM_IN_INPUT;
	case FIELD_OUTPUT:
		return TERM_IN_OUTPUT;
	case FIELD_NAME:
	case FIELD_METADATA:
		return TERM_IN_NAME;
	default:
		return field_info[f].may & MAY_T ? TERM_IN_OTHER : 0;
	}
}

int64_t terms_from(const struct terms *t)
{
	return t->header.from;
}

int64_t terms_to(const struct terms *t)
{
	return t->header.to;
}

uint32_t terms_n_rows(const struct terms *t)
{
	return t->header.n_rows;
}

size_t terms_n_marks(const struct terms *t)
{
	return (size_t)t->header.n_marks + 1;
}

struct terms_mark terms_mark(const struct terms *t, size_t i)
{
	const struct terms_header *h = &t->header;
	if (i == h->n_marks)
		return (struct terms_mark){ h->to, h->n_rows };
	return (struct terms_mark){ terms_mark_at(h->from, h->mark_bits, i), t->marks[i] };
}

uint64_t terms_id_bytes_of(struct str text)
{
	enum { DIGITS = 26, DASH = 36, LINE, OTHER, HIGH };
	uint64_t bytes = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = ascii_lower(text.ptr[i]);
		unsigned bit = c >= 'a' && c <= 'z' ? (unsigned)(c - 'a')
			       : ascii_is_digit(c)  ? DIGITS + (unsigned)(c - '0')
			       : c == '-'           ? DASH
			       : c == '_'           ? LINE
			       : c & 0x80           ? HIGH
						    : OTHER;
		bytes |= UINT64_C(1) << bit;
	}
	return bytes;
}

uint64_t terms_id_bytes(const struct terms *t)
{
	return t->header.id_bytes;
}
