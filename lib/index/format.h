/*
 * The bytes of the index: segments and the row log.  doc/index-format.md is the
 * specification and says why; this header is its tables.  Only lib/store reads or writes these.
 *
 *	ROOT/.seed			16 hex digits: the seed of all text hashes
 *	ROOT/<workspace>/<DAY>.idx/	and in it, of each part of the day:
 *	lock				held while flushing and merging
 *	<part>-<from>-<to>.seg		a segment: bytes [from, to) of the part
 *	<part>.live			its row log
 *
 * A segment is written from front to end, so what says where everything is comes last:
 *
 *	+---------+---------+ - - +--------------+-----------------+--------+
 *	| chunk   | chunk   |     | chunk table  | column table    | header |
 *	+---------+---------+ - - +--------------+-----------------+--------+
 *	 each at a multiple of 64 |<------------- head_bytes -------------->|
 *
 * Byte order and layout are the machine's; another one sees a wrong magic number.  All tables are
 * append only: ids are never reused, and a chunk whose content was wrong gets a new id.
 */
#ifndef FLATSPAN_INDEX_FORMAT_H
#define FLATSPAN_INDEX_FORMAT_H

#include "span/fields.h"

#include <stdint.h>

#define INDEX_MAGIC UINT64_C(0x32676573736c6600)  /* "\0flsseg2" */
#define ROWLOG_MAGIC UINT64_C(0x3173776f72736c66) /* "flsrows1" */

enum {
	INDEX_ALIGN = 64, /* of chunks */
	INDEX_SLACK = 64, /* readable bytes behind each chunk, for wide loads */
	INDEX_HEAD_MAX = 32 << 10,
	INDEX_ZONE_ROWS = 4096, /* rows of a zone */
	INDEX_RANK_ROWS = 512,  /* rows between counts of present ones */
	INDEX_BLOCK_IDS = 256,  /* entries of a block of the id table */
	INDEX_PRINT_BYTES = 128,
	INDEX_ROWS_MAX = 1 << 24,
	INDEX_CHUNKS_MAX = 512,
	INDEX_COLUMNS_MAX = 128
};

/* clang-format off */
/*	id   name		what */
#define INDEX_ROW_COLUMN_LIST(X) \
	X(64, AT,		"offset of the line in the shard") \
	X(65, LEN,		"its length without the newline") \
	X(66, TRACE,		"row of the trace table") \
	X(67, IDENTITY,		"span_identity_hash()") \
	X(68, PREV_DAY,		"the line's _prev, as days since 1970") \
	X(69, SPAN_ORDER,	"span_text_order() of the span_id")
/* 70 to 73 were columns of older formats. */
/* One row a (source, trace_id). Counts and sums are over the rows that are not hidden; of spans
 * that repeat their children's usage only counts and times count. */
#define INDEX_TRACE_COLUMN_LIST(X) \
	X(96,  HASH,		"hash of the trace_id") \
	X(97,  SOURCE,		"code in source's dictionary; absent: no source") \
	X(98,  SESSION,		"code in session_id's dictionary when all rows have the same; else absent") \
	X(99,  ROOT,		"row of the earliest root (started_at, then span_id); absent: none") \
	X(100, ROOT_STARTED,	"its started_at") \
	X(101, N_ROOTS,		"roots") \
	X(102, FIRST_ROW,	"first row of the trace, hidden ones counted") \
	X(103, LAST_ROW,	"last row likewise") \
	X(104, N_SPANS,		"rows; 0: all are hidden") \
	X(105, N_ERRORS,	"rows with status error") \
	X(106, FIRST_STARTED,	"smallest started_at") \
	X(107, LAST_ENDED,	"greatest ended_at; absent: some row has none") \
	X(108, INPUT_TOKENS,	"sum; absent: no row has it") \
	X(109, OUTPUT_TOKENS,	"likewise, as all below") \
	X(110, CACHED_TOKENS,	"") \
	X(111, TOTAL_TOKENS,	"") \
	X(112, COST_TOTAL,	"1e-12 USD") \
	X(113, COST_INPUT,	"") \
	X(114, COST_OUTPUT,	"") \
	X(115, EARLIER,		"1: the trace_id also occurs in an earlier row of this table, an earlier segment, part or day") \
	X(116, EARLIEST,	"row of the earliest span (started_at, then span_id) when there is no root; absent: there is one, or no row")
/* clang-format on */

/* Ids of columns: 0 … FIELD__MAX - 1 are fields. */
enum index_column_id {
#define X(id, name, what) INDEX_##name = (id),
	INDEX_ROW_COLUMN_LIST(X)
#undef X
#define X(id, name, what) INDEX_TRACE_##name = (id),
		INDEX_TRACE_COLUMN_LIST(X)
#undef X
			INDEX_COLUMN__MAX = 128
};
_Static_assert(FIELD__MAX <= 64, "fields would overlap the columns of rows");
enum { INDEX_TRACE_COLUMNS = 96 }; /* ids from here on are of the trace table */

/* What a chunk holds. */
enum index_chunk_id {
	/* of a column */
	INDEX_CHUNK_VALUES = 1,  /* width bytes a present row */
	INDEX_CHUNK_PRESENT = 2, /* u32 rank[], then u64 bitmap[]: see doc */
	INDEX_CHUNK_DICT = 3,    /* u32 offset[n_entries + 1], then the texts */
	INDEX_CHUNK_LISTS = 4,   /* tags: u32 first[n_present + 1], then codes of `width` bytes */
	/* of the segment */
	INDEX_CHUNK_IDS = 16,        /* blocks: u64 key[], then u32 row[] */
	INDEX_CHUNK_ID_DIR = 17,     /* a struct index_id_block a block */
	INDEX_CHUNK_ZONES = 18,      /* a struct index_zone a zone */
	INDEX_CHUNK_SUPERSEDED = 19, /* bitmap: rows that lose to a row of this segment */
	INDEX_CHUNK_DELETES = 20,    /* bitmap: rows that are tombstones */
	/* 21 was of older formats */
	INDEX_CHUNK_TRACE_IDS = 22,   /* u32 offset[n_traces + 1], then the trace_ids */
	INDEX_CHUNK_TRACE_SLOTS = 23, /* hash table: see doc */
	INDEX_CHUNK_ID_FILTER = 24,   /* u64[]: Bloom filter of the keys of the id table */
	INDEX_CHUNK_LINKS = 25,       /* a struct index_link each */
	/* for text search: reserved */
	INDEX_CHUNK_WORDS = 32,
	INDEX_CHUNK_WORD_BLOCKS = 33,
	INDEX_CHUNK_POSTINGS = 34,
	INDEX_CHUNK_TEXT_AT = 35
};

/* A reader that does not know one of these bits takes the segment for absent. */
enum index_incompat { INDEX_INCOMPAT_KNOWN = 0 };

enum index_flag {
	/* All of the workspace that arrived before was indexed when this was built, so that EARLIER
	 * says everything. Without it every trace may have been seen before. */
	INDEX_WHOLE_HISTORY = 1 << 0,
	/* Some parent_span_id is there and empty. */
	INDEX_EMPTY_PARENTS = 1 << 1
};

struct index_header {
	uint64_t magic;
	uint64_t checksum; /* of the head: the tables, then the header behind this number */
	uint32_t head_bytes;
	uint16_t n_chunks, n_columns;
	uint32_t incompat, flags; /* flags: enum index_flag; unknown ones mean nothing */
	uint64_t file_bytes;
	int32_t day, part;
	int64_t from, to;
	uint64_t seed;
	/* Hashes of the first and of the last INDEX_PRINT_BYTES of the range, which tell whether it
	 * is this file's. */
	uint64_t first_print, last_print;
	uint32_t n_rows, n_hidden, n_traces, n_links; /* n_hidden: superseded or tombstones */
	uint32_t n_torn, n_rot, n_zero;               /* lines of the range that are no rows */
	uint32_t reserved[11];
};
_Static_assert(sizeof(struct index_header) == 160, "the header is what the document says");

struct index_chunk {
	uint16_t id, column; /* column: 0 for chunks of the segment */
	uint32_t reserved;
	uint64_t offset, size;
	uint64_t checksum;
};
_Static_assert(sizeof(struct index_chunk) == 32, "the chunk table is what the document says");

enum index_presence { INDEX_SOME = 1, INDEX_ALL = 2 }; /* columns that no row has are left out */

enum index_column_flag {
	/* The column cannot say (tags that are no array of strings): read the lines. */
	INDEX_UNKNOWN = 1 << 0
};

struct index_column {
	uint8_t column, width, presence, flags;
	uint8_t relative; /* the column whose value is to be added; 255: none */
	uint8_t reserved[3];
	uint32_t n_present, n_entries;
	int64_t base, scale; /* value = base + scale * stored (+ the relative column's) */
	int64_t min, max;    /* of the values of present rows */
};
_Static_assert(sizeof(struct index_column) == 48, "the column table is what the document says");
enum { INDEX_NOT_RELATIVE = 255 };

struct index_id_block {
	uint64_t first_key;
	uint64_t checksum;
};

/* The key of a row in the id table: 40 bits of the hash of its span_id and 24 bits of that of
 * trace_id and source. */
enum { INDEX_KEY_TAG_BITS = 24 };

enum { INDEX_ZONE_ABSENT = 31 };

struct index_zone {
	int64_t min_started, max_started; /* of the rows that have it; INT64_MAX, INT64_MIN: none */
	uint32_t kinds;    /* bit k: some row is of kind k; bit 31: some row has none */
	uint32_t statuses; /* likewise */
};
_Static_assert(sizeof(struct index_zone) == 24, "zones are what the document says");

/* The identity of a row of this segment has, or may have, rows that arrived before the segment: on
 * that day, which is the segment's own, or an earlier one that a line names.  Links ascend by row,
 * then by day. */
struct index_link {
	uint64_t key, identity;
	uint32_t row;
	int32_t day;
};
_Static_assert(sizeof(struct index_link) == 24, "links are what the document says");

/* ---- The row log ---- */

/* clang-format off */
/* The fields that a record has: those that are filtered and sorted by most.  A record has room for
 * each of them; what else its span has is read from the line.  Where a value stands is its place in
 * this list: a change is a new magic number. */
#define ROWLOG_VALUE_LIST(X) \
	X(SPAN_ID) X(TRACE_ID) X(PARENT_SPAN_ID) X(SESSION_ID) X(SOURCE) X(NATIVE_TYPE) \
	X(STARTED_AT) X(ENDED_AT) X(INGESTED_AT) X(UPDATED_AT) X(CREATED_BY) X(NAME) X(PROJECT) \
	X(ENVIRONMENT) X(ORIGIN) X(USER_ID) X(PROVIDER) X(MODEL) X(TOOL_NAME) X(AGENT_ID) \
	X(AGENT_NAME) X(PROMPT_NAME) X(INPUT_TOKENS) X(OUTPUT_TOKENS) X(CACHED_TOKENS) \
	X(TOTAL_TOKENS) X(COST_TOTAL_USD) X(COST_INPUT_USD) X(COST_OUTPUT_USD) X(TTFT_MS) \
	X(ERROR_TYPE)
#define ROWLOG_CODE_LIST(X) X(KIND) X(STATUS) X(REPEATS_USAGE)
/* clang-format on */

#define X(name) +1
enum { ROWLOG_VALUES = 0 ROWLOG_VALUE_LIST(X), ROWLOG_CODES = 4 };
_Static_assert(0 ROWLOG_CODE_LIST(X) <= ROWLOG_CODES, "there is no room for a code");
#undef X

struct rowlog_header {
	uint64_t magic;
	uint64_t checksum; /* of what follows */
	int32_t day, part;
	int64_t from;         /* what the records account for begins here */
	uint64_t seed;        /* of the hashes */
	uint64_t fingerprint; /* of fingerprint_bytes before `from`; from 0: of the first ones */
	uint32_t fingerprint_bytes, reserved;
	/* When the machine had been started that the first record was written on: utime_booted().
	 */
	int64_t booted_ns;
};
_Static_assert(sizeof(struct rowlog_header) == 64, "the header is what the document says");

enum rowlog_flag {
	ROWLOG_DELETE = 1 << 0, /* a tombstone */
	ROWLOG_LINKED = 1 << 1  /* the day may have an earlier row of this identity: versions.h */
};

struct rowlog_row {
	uint32_t checksum;      /* CRC32C of what follows */
	uint32_t line_checksum; /* the CRC32C in the line */
	int64_t at;
	uint32_t len;
	uint32_t flags;     /* enum rowlog_flag */
	uint64_t present;   /* bit f: field f is there, also of fields without a value */
	uint64_t identity;  /* span_identity_hash() */
	int64_t span_order; /* span_text_order() of the span_id */
	int64_t known_to;   /* where the segments of this part ended when it was made */
	int32_t prev_day;   /* SPAN_NO_DAY: none */
	uint8_t code[ROWLOG_CODES];
	uint64_t value[ROWLOG_VALUES]; /* hashes of texts; numbers as they are; 0: not there */
};
_Static_assert(sizeof(struct rowlog_row) == 64 + ROWLOG_VALUES * 8,
	"the record is what the document says");

#endif
