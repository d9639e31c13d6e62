#include "base/bitmap.h"

#include <string.h>

size_t bits_count(const uint64_t *bits, size_t n_words)
{
	size_t n = 0;
	for (size_t i = 0; i < n_words; i++)
		n += bits_in_word(bits[i]);
	return n;
}

void bits_fill(uint64_t *bits, size_t from, size_t to)
{
	for (size_t n; from < to; from += n) {
		n = BITS - from % BITS < to - from ? BITS - from % BITS : to - from;
		bits[from / BITS] |= bits_of_word(n, 0) << from % BITS;
	}
}

void bits_copy(const uint64_t *bits, size_t from, uint64_t *to, size_t at, size_t n)
{
	size_t i = 0;
	if (from % BITS == 0 && at % BITS == 0) {
		i = n / BITS * BITS;
		memcpy(to + at / BITS, bits + from / BITS, i / BITS * sizeof *to);
	}
	for (size_t some; i < n; i += some) {
		some = BITS - (at + i) % BITS;
		some = some < n - i ? some : n - i;
		size_t k = from + i;
		uint64_t v = bits[k / BITS] >> k % BITS;
		if (k % BITS + some > BITS)
			v |= bits[k / BITS + 1] << (BITS - k % BITS);
		to[(at + i) / BITS] |= (v & bits_of_word(some, 0)) << (at + i) % BITS;
	}
}
