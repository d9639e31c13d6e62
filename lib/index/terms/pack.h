/*
 * Pages of words that are hexadecimal digits alone, in about the bytes that such words must take:
 * most words of a text full of ids and numbers are of this kind.
 *
 *	number		bytes of the lengths, compressed
 *	number		bytes of the lengths
 *	zstd frame	of the lengths: of each word a byte, how many digits it has in common
 *			with the word before << 4 | how many more it has; behind it, for each of
 *			the two that is 15, a number that is added
 *	digits		those that are more, four bits each, low ones first
 *
 * Without it a page is `\n word \n word \n … word \n`, and so it is after unpacking.
 */
#ifndef FLATSPAN_INDEX_TERMS_PACK_H
#define FLATSPAN_INDEX_TERMS_PACK_H

#include "base/buf.h"
#include "base/zst.h"

struct words_packer {
	struct zst_coder *coder;
	struct buf lengths, digits;
};

void words_packer_init(struct words_packer *p, struct arena *a);
void words_packer_release(struct words_packer *p);

/* Appends to out. */
NODISCARD enum err words_pack(struct words_packer *p, struct str words, struct buf *out);

/* Of n bytes, once unpacked; WORDS_PACK_SLACK bytes stand behind both. ERR_UNSAFE: damaged. */
enum { WORDS_PACK_SLACK = 16 };
NODISCARD enum err words_unpack(struct words_packer *p, struct str packed, char *to, uint32_t n);

#endif
