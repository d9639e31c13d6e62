#include "query/match/text.h"

enum { ESCAPE_LONG = 6, ESCAPE_SHORT = 2 }; /* \u001f and \n */

struct str text_fold(struct arena *a, struct str s)
{
	size_t i = 0;
	while (i < s.len && ascii_lower(s.ptr[i]) == s.ptr[i])
		i++;
	if (i == s.len)
		return s;
	char *p = arena_text(a, s.len);
	for (i = 0; i < s.len; i++)
		p[i] = ascii_lower(s.ptr[i]);
	return str_of(p, s.len);
}

/* True when the backslash at `at` begins an escape, which one that is escaped itself does not. */
static bool begins_escape(struct str s, size_t at)
{
	size_t start = at;
	while (start && s.ptr[start - 1] == '\\')
		start--;
	return (at - start) % 2 == 0;
}

/* True when the byte at `at` is inside an escape, after its backslash. */
static bool is_inside_escape(struct str s, size_t at)
{
	for (size_t back = 1; back < ESCAPE_LONG && back <= at; back++) {
		size_t i = at - back;
		if (s.ptr[i] == '\\' && (back < ESCAPE_SHORT || s.ptr[i + 1] == 'u') &&
			begins_escape(s, i))
			return true;
	}
	return false;
}

/* Returns the length of the character at `at`: an escape or one byte. */
static size_t step(struct str s, size_t at)
{
	size_t n = 1;
	if (s.ptr[at] == '\\' && at + 1 < s.len)
		n = s.ptr[at + 1] == 'u' ? ESCAPE_LONG : ESCAPE_SHORT;
	return n < s.len - at ? n : s.len - at;
}

/* True when a byte separates words. Every escape does: quotes, backslashes and control characters.
 */
static bool is_separator(char c)
{
	return !(c & 0x80) && !ascii_is_digit(c) &&
	       !(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static bool equal(struct str x, struct str y, bool fold)
{
	return fold ? str_eq_nocase(x, y) : str_eq(x, y);
}

bool text_contains(struct arena *a, struct str body, struct str needle, bool fold)
{
	struct text_needle n;
	if (needle.len == 0)
		return true;
	if (fold)
		text_needle_init(&n, text_fold(a, needle));
	for (size_t at = 0; at < body.len; at++) {
		at = fold ? text_find(&n, body, at) : at + str_find(str_skip(body, at), needle);
		if (at >= body.len)
			break;
		if (!is_inside_escape(body, at))
			return true;
	}
	return false;
}

bool text_starts(struct str body, struct str needle, bool fold)
{
	return equal(str_first(body, needle.len), needle, fold);
}

bool text_ends(struct str body, struct str needle, bool fold)
{
	if (needle.len > body.len)
		return false;
	size_t at = body.len - needle.len;
	return equal(str_skip(body, at), needle, fold) &&
	       (needle.len == 0 || !is_inside_escape(body, at));
}

static size_t skip_separators(struct str s, size_t at)
{
	while (at < s.len && is_separator(s.ptr[at]))
		at += step(s, at);
	return at;
}

static size_t skip_word(struct str s, size_t at)
{
	while (at < s.len && !is_separator(s.ptr[at]))
		at++;
	return at;
}

/* True when the further words of the phrase follow. at is after the first word. */
static bool rest_follows(struct str hay, size_t at, struct str rest)
{
	for (;;) {
		size_t word = skip_separators(rest, 0);
		if (at < hay.len && !is_separator(hay.ptr[at]))
			return false;
		if (word == rest.len)
			return true;
		rest = str_skip(rest, word);
		size_t len = skip_word(rest, 0), next = skip_separators(hay, at);
		if (next == at || !str_starts_nocase(str_skip(hay, next), str_first(rest, len)))
			return false;
		at = next + len;
		rest = str_skip(rest, len);
	}
}

static bool has_phrase(struct str hay, struct str phrase)
{
	struct text_needle first;
	phrase = str_skip(phrase, skip_separators(phrase, 0));
	size_t len = skip_word(phrase, 0);
	if (len == 0)
		return true;
	text_needle_init(&first, str_first(phrase, len));
	for (size_t at = 0; (at = text_find(&first, hay, at)) < hay.len; at++) {
		if (at && !is_separator(hay.ptr[at - 1]) && !is_inside_escape(hay, at - 1))
			continue;
		if (!is_inside_escape(hay, at) &&
			rest_follows(hay, at + len, str_skip(phrase, len)))
			return true;
	}
	return false;
}

bool text_fits_outside_strings(struct str folded)
{
	const struct str outside = STR("{}[],:-+.0123456789eaflnrstu");
	for (size_t i = 0; i < folded.len; i++)
		if (str_index(outside, folded.ptr[i]) == outside.len)
			return false;
	return true;
}

/* Walks over a value and knows where its strings are. */
struct string_walk {
	struct str value;
	size_t at;
	bool is_inside;
};

/* True when the byte at `at` is in a string. No later byte may have been asked before. */
static bool is_in_string(struct string_walk *w, size_t at)
{
	while (w->at <= at) {
		if (w->is_inside) {
			while (w->at < w->value.len && w->value.ptr[w->at] != '"')
				w->at += step(w->value, w->at);
		} else {
			w->at += str_index(str_skip(w->value, w->at), '"');
		}
		if (w->at > at || w->at >= w->value.len)
			break;
		w->at++;
		w->is_inside = !w->is_inside;
	}
	return w->is_inside;
}

static bool has_literal(struct str hay, bool in_string_only, struct str needle)
{
	struct text_needle n;
	struct string_walk walk = { hay, 0, false };
	if (needle.len == 0)
		return true;
	text_needle_init(&n, needle);
	for (size_t at = 0; (at = text_find(&n, hay, at)) < hay.len; at++)
		if (!is_inside_escape(hay, at) && (!in_string_only || is_in_string(&walk, at)))
			return true;
	return false;
}

bool text_matches(struct str hay, bool is_json, struct str needle, enum text_mode mode)
{
	switch (mode) {
	case TEXT_SUBSTRING:
		return has_literal(hay, false, needle);
	case TEXT_WORD:
		return has_phrase(hay, needle);
	case TEXT_LITERAL:
		return has_literal(hay, is_json && text_fits_outside_strings(needle), needle);
	}
	return false;
}
