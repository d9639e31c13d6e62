/*
 * Checksums and hashes.  crc32c seals lines (Castagnoli, as in iSCSI, RFC 3720 B.4); hash64 (XXH3)
 * keys tables and index columns; sha256 makes stable ids and stores keys.
 */
#ifndef FLATSPAN_BASE_HASH_H
#define FLATSPAN_BASE_HASH_H

#include "base/str.h"

/* Start with 0; feed the result to go on. What the processor has for it is used. */
uint32_t crc32c(uint32_t crc, struct str s);
typedef uint32_t crc32c_fn(uint32_t crc, struct str s);
/* The variants this machine has, plain C first, the fastest last, then NULL. For tests. */
crc32c_fn *crc32c_variant(unsigned number);

uint64_t hash64(struct str s, uint64_t seed);
/* XXH64 with seed 0: what zstd puts into its files. */
uint64_t xxh64(struct str s);

enum { SHA256_BYTES = 32 };
void sha256(struct str s, unsigned char ret[static SHA256_BYTES]);
/* Takes the same time whatever differs. */
bool secret_equal(const unsigned char *a, const unsigned char *b, size_t n);

#endif
