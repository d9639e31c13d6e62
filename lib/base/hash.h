/*
 * Checksums and hashes: crc32c is the checksum of stored lines (Castagnoli, as in iSCSI, RFC
 * 3720 B.4), hash64 (XXH3) is used by tables and index columns, and sha256 makes stable ids and
 * stores API keys.
 */
#ifndef FLATSPAN_BASE_HASH_H
#define FLATSPAN_BASE_HASH_H

#include "base/str.h"

/* Continues a checksum that starts with 0. Uses what the processor has for it. */
uint32_t crc32c(uint32_t crc, struct str s);
typedef uint32_t crc32c_fn(uint32_t crc, struct str s);
/* Returns the variants that this machine has: plain C first, the fastest last, then NULL. For
 * tests. */
crc32c_fn *crc32c_variant(unsigned number);

uint64_t hash64(struct str s, uint64_t seed);
/* Returns XXH64 with seed 0, which zstd writes into its files. */
uint64_t xxh64(struct str s);

enum { SHA256_BYTES = 32 };
void sha256(struct str s, unsigned char ret[static SHA256_BYTES]);
/* Compares in a time that does not depend on the contents. */
bool secret_equal(const unsigned char *a, const unsigned char *b, size_t n);

#endif
