/*
 * The limits of flatspan, each with its reason. Each is tested at its value and one past it. A
 * limit that a site may want to change is a setting of the same name in flatspan.conf
 * (lib/base/conf.h), and this is its default.
 */
#ifndef FLATSPAN_BASE_LIMITS_H
#define FLATSPAN_BASE_LIMITS_H

#define MIB ((size_t)1 << 20)

/* OTLP recommends 64 MiB, before and after decompression; NeMo's own 5 MiB is too small for coding
 * agents. */
#define LIMIT_BODY_BYTES (64 * MIB)
/* Inflation is stopped when the output is more than this many times the input, after the first MiB:
 * zlib's own maximum is 1,032; real exporters reach 20. */
#define LIMIT_INFLATE_RATIO 400
/* Bytes of a refused request's body that are read and dropped: a little more than the largest
 * allowed body, so that a client that sends slightly too much still reads the answer. */
#define LIMIT_DRAIN_BYTES (LIMIT_BODY_BYTES + 8 * MIB)
/* One stored line: the largest body as one span, escaped (control characters grow sixfold, text
 * hardly). */
#define LIMIT_LINE_BYTES (96 * MIB)
/* Depth of arrays and objects in JSON, and of messages in protobuf, whose own default is 100. */
#define LIMIT_DEPTH 100
/* Memory of one request. A worker must run beside others on a 1 GiB host. A 64 MiB body needs room
 * for itself, its inflated copy and the lines made from it. */
#define LIMIT_ARENA_BYTES (320 * MIB)
/* Characters of one JSON number. Longer numbers are refused at ingest, because no client means
 * them. */
#define LIMIT_NUMBER_BYTES 256
/* The request target: nginx passes 8 KiB lines by default, four of them when asked to. */
#define LIMIT_TARGET_BYTES ((size_t)32 << 10)
/* Query parameters in one request; filters in bracket form use one each. */
#define LIMIT_PARAMS 256
/* Predicates in one query, and values of one IN list. */
#define LIMIT_PREDICATES 128
#define LIMIT_IN_VALUES 1000
/* Problems reported in one answer: all of a small request, a bounded part of a hostile one. */
#define LIMIT_PROBLEMS 100
/* NeMo lists: page_size is 1 to 1000 (its OpenAPI). */
#define LIMIT_NEMO_PAGE_SIZE 1000
/* Groups of one query. Past the limit the answer is 503, never a partial list. */
#define LIMIT_GROUPS 1000000
/* Spans in one request: the number that certainly fits into a request's memory, at about 2 KB a
 * span. A larger request gets a clear 400 and not a 503, which would be sent again for ever.
 * Exporters send 512. */
#define LIMIT_SPANS_PER_REQUEST 100000
/* Places in a damaged line that are tried as the start of an undamaged line. Each may cost as much
 * as reading the line, and lines that writers leave behind have one such place. */
#define LIMIT_RESCUE_TRIES 64
/* Milliseconds a writer waits for the shard's lock before it answers 503. */
#define LIMIT_LOCK_MS 2000
/* Milliseconds that a query may take: less than the 30 s of the web servers. */
#define LIMIT_QUERY_MS 20000
/* Free space to keep on the data file system, so that a write can finish and pruning has room. */
#define LIMIT_FREE_BYTES (64 * MIB)
/* Size at which a day is continued in another part. */
#define LIMIT_SHARD_BYTES ((int64_t)2 << 30)
/* Rows of a part's row log, and bytes of their lines, at which the log is flushed into a segment:
 * few enough to scan in every query, and enough that flushes stay a small part of what ingest
 * costs. */
#define LIMIT_LIVE_ROWS 4096
#define LIMIT_LIVE_BYTES ((int64_t)32 << 20)
/* When the last flush is more recent than this, the row log may grow to eight times the limits
 * above. */
#define LIMIT_LIVE_PAUSE_NS INT64_C(250000000)
/* Bytes of lines in one term file before it is merged with others. More of them would need more
 * memory than a worker should take. */
#define LIMIT_TERMS_BYTES ((int64_t)32 << 20)
/* log2 of the bytes of lines between two marks of a term file: a search looks at all marks of a
 * day, so there must be few. */
#define LIMIT_TERMS_MARK_BITS 23
/* Bytes of lines that a query reads between two looks at the clock. */
#define LIMIT_PART_BYTES ((size_t)128 << 10)
/* Requests that a FastCGI worker serves before it ends and is replaced. */
#define LIMIT_REQUESTS 10000
/* Bytes of erase orders that wait until a day is over: about 40,000 orders. Each order rewrites the
 * file. */
#define LIMIT_ERASE_BYTES (4 * MIB)
/* One file of documents (lib/store/documents.h), which is read whole into a request's memory: some
 * 100,000 dataset items. */
#define LIMIT_DOCUMENTS_BYTES ((int64_t)128 << 20)

/* Workspace names: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. */
#define LIMIT_WORKSPACE_BYTES 64

#endif
