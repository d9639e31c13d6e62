/*
 * Every limit of flatspan, with its reason.  Each is tested at its value and one past it.  Those a
 * site may want to change are settings of the same name in flatspan.conf (lib/base/conf.h); these
 * are their defaults.
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
/* Read and thrown away of the body of a refused request: a little more than the largest allowed
 * body, so that who sends just too much hears of it. */
#define LIMIT_DRAIN_BYTES (LIMIT_BODY_BYTES + 8 * MIB)
/* One stored line: the largest body as one span, escaped (control characters grow sixfold, text
 * hardly). */
#define LIMIT_LINE_BYTES (96 * MIB)
/* Arrays and objects inside one another in JSON, and messages in protobuf: protobuf's own default
 * is 100. */
#define LIMIT_DEPTH 100
/* Memory of one request; a worker must live beside others on a 1 GiB host. A 64 MiB body needs
 * itself, its inflated twin and the lines made from it. */
#define LIMIT_ARENA_BYTES (320 * MIB)
/* Digits and signs of one JSON number. Longer ones are refused at ingest: no client means them. */
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
/* Groups kept while counting; past it the answer is 503, never a partial list. */
#define LIMIT_GROUPS 1000000
/* Spans in one request: as many as surely fit a request's memory (some 2 KB each, however small),
 * so that more is a clear 400 and not a 503 that is sent again for ever. Exporters send 512. */
#define LIMIT_SPANS_PER_REQUEST 100000
/* Places in a damaged line that are tried as the beginning of a sound one: each may cost as much as
 * reading the line, and what writers leave has one. */
#define LIMIT_RESCUE_TRIES 64
/* Milliseconds a writer waits for the shard's lock before it answers 503. */
#define LIMIT_LOCK_MS 2000
/* Milliseconds a query may take: below the web servers' 30 s. */
#define LIMIT_QUERY_MS 20000
/* Free space kept on the data file system, so that there is room to finish and room to prune. */
#define LIMIT_FREE_BYTES (64 * MIB)
/* A shard that reaches this size is continued in a further segment file of the same day. */
#define LIMIT_SHARD_BYTES ((int64_t)2 << 30)
/* Live records of a part, and bytes of lines behind them, at which they are closed into a segment:
 * few enough to look through in every query (0.1 ms), enough that closing, which takes some 30 ms,
 * stays below a tenth of what ingest costs. */
#define LIMIT_LIVE_ROWS 4096
#define LIMIT_LIVE_BYTES ((int64_t)32 << 20)
/* While they were closed less than this before, they may become eight times as many. */
#define LIMIT_LIVE_PAUSE_NS INT64_C(250000000)
/* Bytes of lines that become one term file before it is merged with others: with more, building it
 * takes more than some 50 MB of memory and 0.3 s. */
#define LIMIT_TERMS_BYTES ((int64_t)32 << 20)
/* Marks of a term file are 8 MiB of lines apart: a day has few, which a search looks at all. */
#define LIMIT_TERMS_MARK_BITS 23
/* Bytes of lines that a query reads between two looks at the clock. */
#define LIMIT_PART_BYTES ((size_t)128 << 10)
/* Requests a FastCGI worker serves before it ends and is replaced. */
#define LIMIT_REQUESTS 10000
/* Orders to erase that wait for a day to be over: some 40,000, each of which writes the file anew.
 */
#define LIMIT_ERASE_BYTES (4 * MIB)
/* Workspace names: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. */
#define LIMIT_WORKSPACE_BYTES 64

#endif
