#include "api/opik/filter/letters.h"

#include "base/utf8.h"

enum letters_case { LETTERS_LOWER, LETTERS_UPPER, LETTERS_TITLE };

/* Ranges of letters whose two cases lie `apart`; with apart 1 they alternate, capitals first. */
static const struct letters_range {
	uint32_t upper_first, upper_last, apart;
} letters_ranges[] = {
	{ 0x00C0, 0x00D6, 0x20 }, /* À to Ö */
	{ 0x00D8, 0x00DE, 0x20 }, /* Ø to Þ */
	{ 0x0100, 0x012E, 1 },    /* Ā to Į */
	{ 0x0132, 0x0136, 1 },    /* Ĳ to Ķ */
	{ 0x0139, 0x0147, 1 },    /* Ĺ to Ň */
	{ 0x014A, 0x0176, 1 },    /* Ŋ to Ŷ */
	{ 0x0179, 0x017D, 1 },    /* Ź to Ž */
	{ 0x0391, 0x03A1, 0x20 }, /* Α to Ρ */
	{ 0x03A3, 0x03AB, 0x20 }, /* Σ to Ϋ */
	{ 0x0400, 0x040F, 0x50 }, /* Ѐ to Џ */
	{ 0x0410, 0x042F, 0x20 }, /* А to Я */
};

static uint32_t letters_with_case(uint32_t c, bool is_upper)
{
	for (size_t i = 0; i < sizeof letters_ranges / sizeof letters_ranges[0]; i++) {
		const struct letters_range *r = &letters_ranges[i];
		uint32_t parity = r->upper_first & 1;
		bool upper = c >= r->upper_first && c <= r->upper_last &&
			     (r->apart > 1 || (c & 1) == parity);
		bool lower = c >= r->upper_first + r->apart && c <= r->upper_last + r->apart &&
			     (r->apart > 1 || (c & 1) != parity);
		if (upper)
			return is_upper ? c : c + r->apart;
		if (lower)
			return is_upper ? c - r->apart : c;
	}
	return c;
}

/* Returns the text with the letters beyond ASCII in that case. */
static struct str letters_in_case(struct arena *a, struct str text, enum letters_case how)
{
	enum { SEQUENCE_MAX = 4 };
	char *out = arena_text(a, text.len * SEQUENCE_MAX);
	size_t n = 0;
	bool is_first = true; /* of a word */
	while (text.len) {
		bool is_valid;
		size_t len = utf8_sequence(text, &is_valid);
		unsigned char c = (unsigned char)text.ptr[0];
		if (c < 0x80 || !is_valid) {
			memcpy(out + n, text.ptr, len);
			n += len;
			is_first = c < 0x80 && !ascii_is_digit((char)c) &&
				   ascii_lower((char)c) == ascii_upper((char)c);
		} else {
			uint32_t letter = utf8_decode(str_first(text, len));
			bool is_upper = how == LETTERS_UPPER || (how == LETTERS_TITLE && is_first);
			n += utf8_encode(letters_with_case(letter, is_upper), out + n);
			is_first = false;
		}
		text = str_skip(text, len);
	}
	return str_of(out, n);
}

static bool letters_fold(const struct pred *p)
{
	return p->fold && p->n_values == 1 && p->texts &&
	       (p->op == OP_CONTAINS || p->op == OP_NOT_CONTAINS || p->op == OP_STARTS ||
		       p->op == OP_ENDS);
}

size_t opik_letters_preds(
	struct arena *a, const struct pred *p, struct pred ret[static OPIK_LETTERS_MAX])
{
	size_t n = 1;
	ret[0] = *p;
	if (!letters_fold(p))
		return n;
	for (enum letters_case how = LETTERS_LOWER; how <= LETTERS_TITLE; how++) {
		struct str *text = arena_alloc(a, sizeof *text);
		size_t i = 0;
		*text = letters_in_case(a, p->texts[0], how);
		while (i < n && !str_eq(ret[i].texts[0], *text))
			i++;
		if (i < n)
			continue;
		ret[n] = *p;
		ret[n++].texts = text;
	}
	return n;
}
