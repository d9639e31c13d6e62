/*
 * How fast spans are appended: so many processes, each appending batches of so many spans to one
 * workspace for so long.
 *
 *	append_rate ROOT PROCESSES SPANS_PER_BATCH [SECONDS [BYTES_PER_SPAN]]
 *
 * ROOT is made when it is not there; the day before is filled with spans first, so that looking for
 * earlier versions has something to look through.  FLATSPAN_SYNC=none: without waiting for the
 * disk.  FLATSPAN_INDEX=no: without an index, and with nothing the day before, which every append
 * would have to read then.  Built by `make t/perf/append_rate`, never run by make check.
 */
#include "base/arena.h"
#include "base/conf.h"
#include "base/utime.h"
#include "store/append.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARENA_BYTES = 1 << 30, BATCH_MAX = 10000, YESTERDAY = 100000, FILL = 500 };

static void must(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "append_rate: %s: %s\n", what, err_name(e));
		exit(1);
	}
}

static uint64_t argument(int argc, char **argv, int i, uint64_t otherwise)
{
	uint64_t n = otherwise;
	if (argc > i && !str_to_u64(str_from_c(argv[i]), &n)) {
		fprintf(stderr, "append_rate: %s is no number\n", argv[i]);
		exit(2);
	}
	return n;
}

static void make_batch(struct arena *a, struct span *spans, size_t n, size_t span_bytes,
	uint64_t process, uint64_t turn, int64_t now_ns)
{
	char *text = arena_text(a, span_bytes + 2);
	memset(text, 'x', span_bytes + 2);
	text[0] = text[span_bytes + 1] = '"';
	for (size_t i = 0; i < n; i++) {
		struct span *s = &spans[i];
		span_init(s);
		span_set_text(s, FIELD_SPAN_ID,
			arena_printf(a, "%08x%08x", (unsigned)process, (unsigned)(turn * n + i)));
		span_set_text(s, FIELD_TRACE_ID, arena_printf(a, "%032x", (unsigned)turn));
		span_set_text(s, FIELD_SOURCE, STR("otel"));
		span_set_text(s, FIELD_NAME, STR("chat"));
		span_set_text(s, FIELD_MODEL, STR("a-model"));
		span_set_i64(s, FIELD_KIND, KIND_LLM);
		span_set_i64(s, FIELD_STARTED_AT, now_ns - NS_PER_S);
		span_set_i64(s, FIELD_ENDED_AT, now_ns);
		span_set_i64(s, FIELD_INGESTED_AT, now_ns);
		span_set_text(s, FIELD_OUTPUT, str_of(text, span_bytes + 2));
	}
}

static uint64_t run(
	const struct store *s, uint64_t process, size_t n, size_t span_bytes, int64_t end_ns)
{
	struct arena a;
	uint64_t turn = 0;
	arena_init(&a, ARENA_BYTES);
	for (; utime_monotonic() < end_ns; turn++) {
		struct arena_mark m = arena_mark(&a);
		struct span *spans = arena_calloc(&a, n, sizeof *spans);
		int64_t now = utime_now();
		make_batch(&a, spans, n, span_bytes, process, turn, now);
		must(store_append(s, STR("w"), true, &a, spans, n, now), "append");
		arena_rewind(&a, m);
	}
	arena_release(&a);
	return turn;
}

static void fill_yesterday(const struct store *s, size_t span_bytes)
{
	struct arena a;
	arena_init(&a, ARENA_BYTES);
	for (uint64_t turn = 0; turn < YESTERDAY / FILL; turn++) {
		struct arena_mark m = arena_mark(&a);
		struct span *spans = arena_calloc(&a, FILL, sizeof *spans);
		int64_t then = utime_now() - NS_PER_DAY;
		make_batch(&a, spans, FILL, span_bytes, 999, turn, then);
		must(store_append(s, STR("w"), true, &a, spans, FILL, then), "fill");
		arena_rewind(&a, m);
	}
	arena_release(&a);
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct store store;
	const char *sync = getenv("FLATSPAN_SYNC"), *index = getenv("FLATSPAN_INDEX");
	uint64_t n_processes = argument(argc, argv, 2, 4), n = argument(argc, argv, 3, 1);
	uint64_t seconds = argument(argc, argv, 4, 3), span_bytes = argument(argc, argv, 5, 700);
	if (argc < 2 || n == 0 || n > BATCH_MAX || n_processes == 0) {
		fprintf(stderr, "usage: append_rate ROOT PROCESSES SPANS [SECONDS [BYTES]]\n");
		return 2;
	}
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	conf.lock_ms = 30000;
	if (sync && strcmp(sync, "none") == 0)
		conf.sync = CONF_SYNC_NONE;
	conf.index = !index || strcmp(index, "no") != 0;
	must(store_open(&store, &conf), "open");
	if (conf.index)
		fill_yesterday(&store, (size_t)span_bytes);
	int results[2];
	if (pipe(results) < 0)
		return 1;
	int64_t start = utime_monotonic(), end = start + (int64_t)seconds * NS_PER_S;
	for (uint64_t i = 0; i < n_processes; i++)
		if (fork() == 0) {
			uint64_t turns = run(&store, i, (size_t)n, (size_t)span_bytes, end);
			_exit(write(results[1], &turns, sizeof turns) != (ssize_t)sizeof turns);
		}
	uint64_t all = 0, turns;
	for (uint64_t i = 0; i < n_processes; i++) {
		int status;
		if (wait(&status) < 0 || status != 0 ||
			read(results[0], &turns, sizeof turns) != (ssize_t)sizeof turns)
			return 1;
		all += turns;
	}
	double took = (double)(utime_monotonic() - start) / (double)NS_PER_S;
	struct rusage usage;
	(void)getrusage(RUSAGE_CHILDREN, &usage);
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("%u processes, batches of %u: %.0f batches/s, %.0f spans/s, %.1f us CPU a batch\n",
		(unsigned)n_processes, (unsigned)n, (double)all / took, (double)(all * n) / took,
		cpu * 1e6 / (double)all);
	store_close(&store);
	return 0;
}
