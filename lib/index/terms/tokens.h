/*
 * Cutting text into tokens, which are the terms of term files.
 *
 * A token is a run of ASCII letters and digits, or one character beyond ASCII.  Escapes of JSON and
 * all other bytes separate tokens.  The builder of term files and the searches both cut in this
 * way.  What a search takes for a word is a different question, which doc/queries.md answers.
 */
#ifndef FLATSPAN_INDEX_TERMS_TOKENS_H
#define FLATSPAN_INDEX_TERMS_TOKENS_H

#include "base/str.h"

enum token_class { TOKEN_SEPARATOR, TOKEN_LETTER, TOKEN_ESCAPE, TOKEN_HIGH };
extern const unsigned char token_class[256];

/* Sets *ret to the next token at or after *at and moves *at to its end. False at the end of the
 * text. */
static inline bool token_next(struct str text, size_t *at, struct str *ret)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t i = *at, from;
	for (; i < text.len; i++) {
		unsigned char class = token_class[p[i]];
		if (class == TOKEN_LETTER) {
			for (from = i++; i < text.len && token_class[p[i]] == TOKEN_LETTER; i++)
				;
			*ret = str_of(text.ptr + from, i - from);
			*at = i;
			return true;
		}
		if (class == TOKEN_HIGH) {
			for (from = i++; i < text.len && i - from < 4 && (p[i] & 0xc0) == 0x80; i++)
				;
			*ret = str_of(text.ptr + from, i - from);
			*at = i;
			return true;
		}
		if (class == TOKEN_ESCAPE)
			i += i + 1 < text.len && p[i + 1] == 'u' ? 5 : 1;
	}
	return false;
}

/* True for a run of letters and digits, false for a character beyond ASCII. */
static inline bool token_is_letters(struct str token)
{
	return token_class[(unsigned char)token.ptr[0]] == TOKEN_LETTER;
}

#endif
