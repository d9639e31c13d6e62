/*
 * Parses search_texts. Each term must be found in one of name, input, output and metadata, and on
 * spans of other dialects also in what stands for metadata and errors. The form of a term decides
 * how it is searched:
 *
 *	a UUID			the trace with that id, as an alternative to all other terms
 *	one to eight words	a phrase of whole words; in the name also a substring
 *	"quoted"		exactly this text, in one field
 *	anything else		a substring
 */
#include "api/scale/filter.h"

#include "base/utf8.h"
#include "query/match/text.h"

enum { TERM_MIN = 2, WORDS_MAX = 8, UUID_BYTES = 36 };

struct term {
	struct str text; /* canonical body, folded */
	enum text_mode mode;
	bool is_uuid;
};

static bool is_uuid(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (is_dash ? s.ptr[i] != '-' : hex_digit(s.ptr[i]) < 0)
			return false;
	}
	return s.len == UUID_BYTES;
}

static bool is_word_byte(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static bool scale_text_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* True when the text has only a few words and blanks. */
static bool is_phrase(struct str s)
{
	size_t n_words = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_word_byte(s.ptr[i]) && !scale_text_is_blank(s.ptr[i]))
			return false;
		n_words += is_word_byte(s.ptr[i]) && (i == 0 || scale_text_is_blank(s.ptr[i - 1]));
	}
	return n_words <= WORDS_MAX;
}

/* Returns the text between the quotes without \" and \\. Returns false when the quote does not end
 * at the end. */
static bool scale_text_read_quoted(struct arena *a, struct str s, struct str *ret)
{
	if (s.len < 2 || s.ptr[0] != '"')
		return false;
	char *out = arena_text(a, s.len);
	size_t n = 0, i = 1;
	while (i < s.len && s.ptr[i] != '"') {
		if (s.ptr[i] == '\\' && i + 1 < s.len &&
			(s.ptr[i + 1] == '"' || s.ptr[i + 1] == '\\'))
			i++;
		out[n++] = s.ptr[i++];
	}
	if (i + 1 != s.len)
		return false;
	*ret = str_of(out, n);
	return true;
}

/* Returns false when the term is too short. */
static bool read_term(struct arena *a, struct json v, struct term *ret)
{
	struct str plain = str_trim(json_decode(a, json_body(v)));
	*ret = (struct term){ .mode = TEXT_SUBSTRING };
	if (scale_text_read_quoted(a, plain, &plain))
		ret->mode = TEXT_LITERAL;
	else if (is_uuid(plain))
		ret->is_uuid = true;
	else if (is_phrase(plain))
		ret->mode = TEXT_WORD;
	ret->text = ret->is_uuid ? plain : json_encode(a, text_fold(a, plain));
	return utf8_length(str_trim(plain)) >= TERM_MIN;
}

/* Matches the UUID as given, in lower and in upper case, and without dashes as OpenTelemetry writes
 * it. */
static struct pred trace_pred(struct arena *a, struct str uuid)
{
	enum { SPELLINGS = 4 };
	struct str *texts = arena_calloc(a, SPELLINGS, sizeof *texts);
	char *upper = arena_text(a, uuid.len), *hex = arena_text(a, uuid.len);
	struct str lower = text_fold(a, uuid);
	size_t n = 0;
	for (size_t i = 0; i < uuid.len; i++) {
		upper[i] = ascii_upper(uuid.ptr[i]);
		if (lower.ptr[i] != '-')
			hex[n++] = lower.ptr[i];
	}
	texts[0] = uuid;
	texts[1] = lower;
	texts[2] = str_of(upper, uuid.len);
	texts[3] = str_of(hex, n);
	return (struct pred){
		.field = FIELD_TRACE_ID, .op = OP_IN, .texts = texts, .n_values = SPELLINGS
	};
}

static struct pred scale_text_pred(unsigned field, enum text_mode mode, const struct str *text)
{
	return (struct pred){
		.field = field, .op = OP_TEXT, .text_mode = mode, .texts = text, .n_values = 1
	};
}

void scale_filter_add_texts(struct scale_clauses *c, struct json texts, struct problems *p)
{
	enum { PREDS_OF_TERM = 4 };
	struct arena *a = c->arena;
	size_t n = 0, n_uuids = 0, i = 0;
	for (struct json_iter it = json_elements(texts); json_next(&it);)
		n++;
	struct term *terms = arena_calloc(a, n, sizeof *terms);
	struct pred *preds = arena_calloc(a, n + PREDS_OF_TERM, sizeof *preds);
	for (struct json_iter it = json_elements(texts); i < n && json_next(&it); i++) {
		if (!read_term(a, it.value, &terms[i]))
			problem_add(p, STR("string_too_short"),
				arena_printf(a, "[\"body\",\"search_texts\",%zu]", i),
				STR("String should have at least 2 characters"), it.value.raw,
				STR("{\"min_length\":2}"));
		if (terms[i].is_uuid)
			preds[n_uuids++] = trace_pred(a, terms[i].text);
	}
	if (n_uuids == n)
		scale_clauses_add(c, preds, n_uuids);
	for (i = 0; i < n; i++) {
		if (terms[i].is_uuid)
			continue;
		struct pred *own = preds + n_uuids;
		own[0] = scale_text_pred(QUERY_ANY_TEXT, terms[i].mode, &terms[i].text);
		own[1] = scale_text_pred(FIELD_ATTRIBUTES, terms[i].mode, &terms[i].text);
		own[2] = scale_text_pred(FIELD_ERROR_MESSAGE, terms[i].mode, &terms[i].text);
		own[3] = scale_text_pred(FIELD_NAME, TEXT_SUBSTRING, &terms[i].text);
		/* A substring of the name is a substring of any text. */
		bool is_implied = terms[i].mode == TEXT_SUBSTRING;
		scale_clauses_add(c, preds, n_uuids + PREDS_OF_TERM - is_implied);
	}
}
