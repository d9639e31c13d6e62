/*
 * What building and opening an index costs.
 *
 *	index_build ROOT WORKSPACE [DAY...]
 *
 * Builds the index of the days, which should have none, and says how many spans a second of
 * processor time that took and how many bytes a span the index has.  Without days: opens the index
 * of the whole workspace, as a new process and again, and says how long that takes.
 */
#include "base/conf.h"
#include "base/utime.h"
#include "index/admin.h"
#include "index/index.h"

#include <stdio.h>
#include <sys/resource.h>

enum { ARENA_BYTES = 512 << 20, OPENINGS = 5 };

static double processor_seconds(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static long peak_kilobytes(void)
{
	struct rusage u;
	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static enum err build(const struct store *s, struct str workspace, int32_t day)
{
	static const struct index_building how = { .wait_ms = 1000 };
	struct index_verified found;
	double before = processor_seconds();
	enum err e = index_build_day(s, workspace, day, &how);
	double took = processor_seconds() - before;
	if (!e)
		e = index_verify_day(s, workspace, day, NULL, NULL, &found);
	if (e)
		return e;
	printf("%llu spans, %.0f a second of processor time, %u files, %lld of %lld bytes covered, peak %ld KB\n",
		(unsigned long long)found.n_rows, (double)found.n_rows / took, found.n_segments,
		(long long)found.covered, (long long)found.size_bytes, peak_kilobytes());
	return ERR_OK;
}

static enum err open_all(const struct store *s, struct str workspace)
{
	struct arena a;
	enum err e = ERR_OK;
	arena_init(&a, ARENA_BYTES);
	for (int i = 0; !e && i < OPENINGS; i++) {
		struct view v;
		struct index_set set;
		size_t n_segments = 0, n_log = 0;
		int64_t start = utime_monotonic();
		e = view_open(s, workspace, &a, &v);
		if (e)
			break;
		e = index_open(&v, &set);
		if (!e)
			e = index_resolve(&set);
		for (size_t k = 0; !e && k < v.n_shards; k++) {
			n_segments += set.of[k].n_segments;
			n_log += set.of[k].n_log;
		}
		printf("%zu shards, %zu segments, %zu live rows: %.3f ms\n", v.n_shards, n_segments,
			n_log, (double)(utime_monotonic() - start) / (double)NS_PER_MS);
		view_close(&v);
	}
	arena_release(&a);
	return e;
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct store store;
	if (argc < 3) {
		fprintf(stderr, "usage: index_build ROOT WORKSPACE [DAY...]\n");
		return 2;
	}
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	enum err e = store_open(&store, &conf);
	for (int i = 3; !e && i < argc; i++) {
		int32_t day;
		e = utime_parse_day(str_from_c(argv[i]), &day)
			    ? build(&store, str_from_c(argv[2]), day)
			    : ERR_INVALID;
	}
	if (!e && argc == 3)
		e = open_all(&store, str_from_c(argv[2]));
	if (e)
		fprintf(stderr, "index_build: %s\n", err_name(e));
	return e != ERR_OK;
}
