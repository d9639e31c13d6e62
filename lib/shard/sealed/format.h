/*
 * Numbers in a sealed file, little-endian; doc/shard-format.md#sealed-days is the specification.
 */
#ifndef FLATSPAN_SHARD_SEALED_FORMAT_H
#define FLATSPAN_SHARD_SEALED_FORMAT_H

#include <stdint.h>

#define SEALED_TABLE_MAGIC UINT32_C(0x184D2A5E) /* of zstd's seekable format */
#define SEALED_END_MAGIC UINT32_C(0x8F92EAB1)
#define SEALED_FOOT_MAGIC UINT32_C(0x184D2A53) /* a skippable frame */
#define SEALED_FOOT_NAME "flatspan"

enum {
	SEALED_HEAD_BYTES = 8,   /* magic and length of a skippable frame */
	SEALED_ENTRY_BYTES = 12, /* of the table: packed and plain length, checksum */
	SEALED_END_BYTES = 9,    /* number of entries, flags, magic */
	SEALED_FLAGS = 0x80,     /* entries have checksums */
	/* Name, version, number of frames, length of all lines, checksum of the table (from its
	 * magic on), checksum of what stands before it in the foot. */
	SEALED_FOOT_BYTES = 8 + 4 + 4 + 8 + 8 + 8,
	SEALED_VERSION = 1
};

static inline void put_le(char *to, uint64_t v, unsigned n_bytes)
{
	for (unsigned i = 0; i < n_bytes; i++)
		to[i] = (char)(v >> 8 * i & 0xff);
}

static inline uint64_t get_le(const char *from, unsigned n_bytes)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < n_bytes; i++)
		v |= (uint64_t)(unsigned char)from[i] << 8 * i;
	return v;
}

#endif
