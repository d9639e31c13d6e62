/*
 * Cutting text into words, 64 bytes at once: the same words as word_next, in another order.
 *
 *	WORDS_CUT(text, take_letters, take_high, user)
 *
 * calls take_letters(user, text, from, len) and take_high(user, word).  For words_build.c, which it
 * is inlined into.
 */
#ifndef FLATSPAN_INDEX_TERMS_CUT_H
#define FLATSPAN_INDEX_TERMS_CUT_H

#include "index/terms/terms.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { CUT_BYTES = 64, ESCAPE_MAX = 6 };

/* Of 64 bytes: which are letters or digits, beyond ASCII, backslashes. */
struct cut_masks {
	uint64_t letters, high, escapes;
};

#ifdef __x86_64__
static inline uint64_t cut_bits(__m128i x, unsigned part)
{
	return (uint64_t)(uint16_t)_mm_movemask_epi8(x) << part * 16;
}

static inline __m128i cut_between(__m128i x, char low, char n)
{
	__m128i d = _mm_sub_epi8(x, _mm_set1_epi8(low));
	return _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(n)), d);
}

static inline struct cut_masks cut_look(const char *p)
{
	struct cut_masks m = { 0 };
	for (unsigned i = 0; i < CUT_BYTES / 16; i++) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + i * 16));
		__m128i lower = _mm_or_si128(x, _mm_set1_epi8(0x20));
		m.letters |= cut_bits(_mm_or_si128(cut_between(lower, 'a', 'z' - 'a'),
					      cut_between(x, '0', '9' - '0')),
			i);
		m.high |= cut_bits(x, i);
		m.escapes |= cut_bits(_mm_cmpeq_epi8(x, _mm_set1_epi8('\\')), i);
	}
	return m;
}
#else
static inline struct cut_masks cut_look(const char *p)
{
	struct cut_masks m = { 0 };
	for (unsigned i = 0; i < CUT_BYTES; i++) {
		unsigned char class = word_class[(unsigned char)p[i]];
		m.letters |= (uint64_t)(class == WORD_LETTER) << i;
		m.high |= (uint64_t)(class == WORD_HIGH) << i;
		m.escapes |= (uint64_t)(class == WORD_ESCAPE) << i;
	}
	return m;
}
#endif

struct cutting {
	size_t from;        /* where the current run of letters began, or the next does */
	size_t escaped_to;  /* bytes before belong to an escape */
	size_t high_to;     /* bytes before belong to a word that was taken */
	bool is_in_letters; /* the run goes on */
};

/* The bytes of escapes. */
static inline uint64_t cut_escapes(struct cutting *c, struct str text, size_t at, uint64_t escapes)
{
	uint64_t bytes = 0;
	if (c->escaped_to > at)
		bytes = (UINT64_C(1) << (c->escaped_to - at)) - 1;
	for (; escapes; escapes &= escapes - 1) {
		size_t i = at + (size_t)__builtin_ctzll(escapes);
		if (i < c->escaped_to)
			continue;
		size_t n = i + 1 < text.len && text.ptr[i + 1] == 'u' ? ESCAPE_MAX : 2;
		c->escaped_to = i + n;
		bytes |= ((UINT64_C(1) << n) - 1) << (i - at);
	}
	return bytes;
}

/* Where a run begins: the first of `starts`, which is taken off; anywhere when there is none. */
static inline size_t cut_start(size_t at, uint64_t *starts)
{
	size_t start = at + (size_t)__builtin_ctzll(*starts | UINT64_C(1) << (CUT_BYTES - 1));
	*starts &= *starts - 1;
	return start;
}

/* The last block has at least one byte behind the text, so that every run ends in some block. */
#define WORDS_CUT(text, take_letters, take_high, user) \
	do { \
		struct cutting c_ = { 0 }; \
		char last_[CUT_BYTES]; \
		for (size_t at_ = 0; at_ <= (text).len; at_ += CUT_BYTES) { \
			const char *p_ = (text).ptr + at_; \
			if ((text).len - at_ < CUT_BYTES) { \
				memset(last_, 0, sizeof last_); \
				memcpy(last_, p_, (text).len - at_); \
				p_ = last_; \
			} \
			struct cut_masks m_ = cut_look(p_); \
			uint64_t skip_ = cut_escapes(&c_, (text), at_, m_.escapes); \
			uint64_t letters_ = m_.letters & ~skip_; \
			uint64_t before_ = letters_ << 1 | c_.is_in_letters; \
			uint64_t starts_ = letters_ & ~before_, ends_ = before_ & ~letters_; \
			if (!c_.is_in_letters) \
				c_.from = cut_start(at_, &starts_); \
			c_.is_in_letters = letters_ >> (CUT_BYTES - 1); \
			for (; ends_; ends_ &= ends_ - 1) { \
				size_t end_ = at_ + (size_t)__builtin_ctzll(ends_); \
				take_letters(user, (text), c_.from, end_ - c_.from); \
				c_.from = cut_start(at_, &starts_); \
			} \
			for (m_.high &= ~skip_; m_.high; m_.high &= m_.high - 1) { \
				size_t i_ = at_ + (size_t)__builtin_ctzll(m_.high), to_ = i_; \
				struct str word_; \
				if (i_ < c_.high_to || !word_next((text), &to_, &word_)) \
					continue; \
				c_.high_to = to_; \
				take_high(user, word_); \
			} \
		} \
	} while (0)

#endif
