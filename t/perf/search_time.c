/*
 * How long text searches take, without HTTP, and whether they find what reading everything finds.
 *
 *	search_time ROOT WORKSPACE [ROUNDS [NAME]]	medians; the term files as they are; of one
 *							search when it is named
 *	search_time ROOT WORKSPACE make			makes the term files first, and says how
 *							fast
 *	search_time ROOT WORKSPACE texts		each line of standard input as it stands,
 *							with its total, once
 *
 * The data is that of gen_spans.  Each search is put beside what reading the same files by pread
 * takes in the same minutes: without term files no search can be faster, and how near it comes is
 * how good it is.
 */
#include "base/conf.h"
#include "base/text_find.h"
#include "base/utime.h"
#include "index/terms/terms.h"
#include "query/engine.h"
#include "query/match/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum {
	ROUNDS = 11,
	PAGE = 100,
	TERMS_MAX = 3,
	READ_BYTES = 256 << 10, /* at once */
	FLOOR_BYTES = 256 << 20 /* that are read to know how fast reading is */
};

static const struct {
	const char *name;
	enum text_mode mode;
	bool want_total;
	const char *terms[TERMS_MAX];
} benches[] = {
	{ "rare", TEXT_SUBSTRING, true, { "xylophonist" } },
	{ "rare, a part of it", TEXT_SUBSTRING, true, { "ylophoni" } },
	{ "rare, whole word", TEXT_WORD, true, { "xylophonist" } },
	{ "once, with punctuation", TEXT_SUBSTRING, true, { "needle-7f3a9c" } },
	{ "absent", TEXT_SUBSTRING, true, { "absentword" } },
	{ "two terms", TEXT_SUBSTRING, true, { "xylophonist", "database" } },
	{ "1 % and 30 %", TEXT_SUBSTRING, true, { "quarterly", "database" } },
	{ "phrase, no total", TEXT_WORD, false, { "of the data" } },
	{ "phrase", TEXT_WORD, true, { "input to it" } },
	{ "1 %, no total", TEXT_SUBSTRING, false, { "quarterly" } },
	{ "30 %, no total", TEXT_SUBSTRING, false, { "database" } },
	{ "1 %, total", TEXT_SUBSTRING, true, { "quarterly" } },
	{ "30 %, total", TEXT_SUBSTRING, true, { "database" } },
};

static void must(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "search_time: %s: %s\n", what, err_name(e));
		exit(2);
	}
}

struct bench {
	struct store store;
	struct str workspace;
	uint64_t total, n;
	int64_t n_bytes;  /* of all lines */
	int64_t floor_at; /* where the next look at the floor begins */
	char *buffer;
};

static void search(struct bench *b, struct view *v, const struct str *texts, enum text_mode mode,
	bool want_total)
{
	struct query q;
	struct pred preds[TERMS_MAX];
	struct clause clauses[TERMS_MAX];
	struct row_list rows;
	query_init(&q);
	q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT, .descending = true };
	q.sort[1] = (struct sort_key){ .field = FIELD_TRACE_ID };
	q.sort[2] = (struct sort_key){ .field = FIELD_SPAN_ID };
	q.n_sort = 3;
	q.limit = PAGE;
	q.want_total = want_total;
	for (; q.n_clauses < TERMS_MAX && texts[q.n_clauses].len; q.n_clauses++) {
		size_t i = q.n_clauses;
		preds[i] = (struct pred){ .field = QUERY_ANY_TEXT,
			.op = OP_TEXT,
			.text_mode = mode,
			.texts = &texts[i],
			.n_values = 1 };
		clauses[i] = (struct clause){ &preds[i], 1 };
	}
	q.clauses = clauses;
	must(engine_list(v, &q, &rows), "list");
	b->total = rows.total;
	b->n = rows.n;
}

static void search_bench(struct bench *b, struct view *v, size_t which)
{
	struct str texts[TERMS_MAX] = { STR_NULL };
	for (size_t i = 0; i < TERMS_MAX && benches[which].terms[i]; i++)
		texts[i] = str_from_c(benches[which].terms[i]);
	search(b, v, texts, benches[which].mode, benches[which].want_total);
}

static int64_t processor_ns(void)
{
	return (int64_t)clock() * (NS_PER_S / CLOCKS_PER_SEC);
}

/* Of the processor: others may be at work on this machine. */
static int64_t run_once(struct bench *b, size_t which, int64_t *ret_wall_ns)
{
	struct arena arena;
	struct view view;
	int64_t began_ns = utime_monotonic(), began = processor_ns();
	arena_init(&arena, (size_t)1 << 30);
	must(view_open(&b->store, b->workspace, &arena, &view), "view");
	search_bench(b, &view, which);
	view_close(&view);
	arena_release(&arena);
	*ret_wall_ns = utime_monotonic() - began_ns;
	return processor_ns() - began;
}

/* ---- The floor ---- */

/* With the sizes of all shards. */
static void open_all(struct bench *b, struct arena *a, struct view *ret)
{
	arena_init(a, (size_t)1 << 30);
	must(view_open(&b->store, b->workspace, a, ret), "view");
	b->n_bytes = 0;
	for (size_t i = 0; i < ret->n_shards; i++) {
		must(shard_open(ret, i), "open");
		b->n_bytes += ret->shards[i].size_bytes;
	}
	if (b->n_bytes == 0)
		must(ERR_NOT_FOUND, "lines");
}

/* Reads the lines from the place on, going on at the first ones, as if the shards were one file. */
static int64_t read_some(struct bench *b, struct view *v, const struct text_needle *n)
{
	int64_t done = 0, left = b->floor_at;
	size_t i = 0, got;
	int64_t began = processor_ns();
	while (done < FLOOR_BYTES) {
		if (left >= v->shards[i].size_bytes) {
			left -= v->shards[i].size_bytes;
			i = (i + 1) % v->n_shards;
			continue;
		}
		must(shard_read(v, i, b->buffer, READ_BYTES, left, &got), "read");
		if (got == 0)
			must(ERR_NOT_FOUND, "lines, which were there before");
		if (n && text_find(n, str_of(b->buffer, got), 0) < got)
			b->total++;
		done += (int64_t)got;
		left += (int64_t)got;
	}
	return (processor_ns() - began) * 1000 / (done / 1000);
}

/* What reading a million bytes takes: alone, or with looking for something in them. */
static int64_t floor_ns(struct bench *b, const struct text_needle *n)
{
	struct arena arena;
	struct view view;
	open_all(b, &arena, &view);
	int64_t ns = read_some(b, &view, n);
	if (n) /* else the same bytes may be asked for once more */
		b->floor_at = (b->floor_at + FLOOR_BYTES) % b->n_bytes;
	view_close(&view);
	arena_release(&arena);
	return ns;
}

/* ---- Searches ---- */

static int by_size(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

static int64_t *times(size_t n)
{
	int64_t *t = calloc(n, sizeof *t);
	if (!t)
		exit(2);
	return t;
}

static int64_t median(int64_t *ns, size_t n)
{
	qsort(ns, n, sizeof *ns, by_size);
	return ns[n / 2];
}

static double gb_per_s(int64_t bytes, int64_t ns)
{
	return (double)bytes / (double)(ns > 0 ? ns : 1);
}

static void measure(struct bench *b, size_t which, size_t rounds)
{
	int64_t *ns = times(rounds), *wall_ns = times(rounds), *read_ns = times(rounds);
	int64_t *find_ns = times(rounds), first_wall_ns;
	struct text_needle needle;
	text_needle_init(&needle, STR("absentword"));
	int64_t first_ns = run_once(b, which, &first_wall_ns);
	for (size_t k = 0; k < rounds; k++) {
		read_ns[k] = floor_ns(b, NULL);
		find_ns[k] = floor_ns(b, &needle);
		ns[k] = run_once(b, which, &wall_ns[k]);
	}
	double speed = gb_per_s(b->n_bytes, median(ns, rounds));
	double read = gb_per_s(1000000, median(read_ns, rounds));
	printf("%-26s %9.2f ms of the processor (first %.2f, best %.2f), %.2f ms in all  "
	       "%llu of %llu; %.2f GB/s, %.2f times pread's %.2f (pread and kernel %.2f)\n",
		benches[which].name, (double)ns[rounds / 2] / 1e6, (double)first_ns / 1e6,
		(double)ns[0] / 1e6, (double)median(wall_ns, rounds) / 1e6,
		(unsigned long long)b->n, (unsigned long long)b->total, speed, speed / read, read,
		gb_per_s(1000000, median(find_ns, rounds)));
	free(ns);
	free(wall_ns);
	free(read_ns);
	free(find_ns);
}

/* In the form that texts are stored in, as escapes are not made here. */
static void search_texts(struct bench *b)
{
	char line[4096];
	struct arena arena;
	struct view view;
	while (fgets(line, sizeof line, stdin)) {
		int64_t began_ns = utime_monotonic(), began = processor_ns();
		struct str texts[TERMS_MAX] = { str_first(
			str_from_c(line), str_index(str_from_c(line), '\n')) };
		arena_init(&arena, (size_t)1 << 30);
		texts[0] = text_fold(&arena, texts[0]);
		must(view_open(&b->store, b->workspace, &arena, &view), "view");
		search(b, &view, texts, TEXT_SUBSTRING, true);
		view_close(&view);
		printf("%9.2f ms, %9.2f of the processor, %7llu  %.*s\n",
			(double)(utime_monotonic() - began_ns) / 1e6,
			(double)(processor_ns() - began) / 1e6, (unsigned long long)b->total,
			STR_ARG(texts[0]));
		arena_release(&arena);
	}
}

static void make(struct bench *b)
{
	struct terms_updating how = { .all = true };
	struct arena arena;
	struct view view;
	arena_init(&arena, (size_t)1 << 30);
	must(view_open(&b->store, b->workspace, &arena, &view), "view");
	for (size_t i = 0; i < view.n_shards; i++) {
		int64_t bytes = 0, began_ns = utime_monotonic();
		clock_t began = clock();
		must(terms_update(&b->store, b->workspace, view.shards[i].day, &how, &bytes),
			"terms_update");
		double s = (double)(utime_monotonic() - began_ns) / 1e9;
		double cpu = (double)(clock() - began) / CLOCKS_PER_SEC;
		printf("%lld bytes in %.2f s (%.2f s of the processor): %.0f (%.0f) MB/s\n",
			(long long)bytes, s, cpu, (double)bytes / 1e6 / s,
			(double)bytes / 1e6 / cpu);
	}
	view_close(&view);
	arena_release(&arena);
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct bench b = { .total = 0 };
	uint64_t rounds = ROUNDS;
	bool makes = argc > 3 && str_eq(str_from_c(argv[3]), STR("make"));
	bool is_of_texts = argc > 3 && str_eq(str_from_c(argv[3]), STR("texts"));
	struct rusage use;
	if (argc < 3 || argc > 5 || ((makes || is_of_texts) && argc > 4) ||
		(argc > 3 && !makes && !is_of_texts && !str_to_u64(str_from_c(argv[3]), &rounds)) ||
		rounds == 0) {
		fprintf(stderr, "usage: search_time ROOT WORKSPACE [ROUNDS [NAME]|make|texts]\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	b.workspace = str_from_c(argv[2]);
	must(store_open(&b.store, &conf), argv[1]);
	b.buffer = malloc(READ_BYTES);
	if (!b.buffer)
		return 2;
	arena_keep_memory(); /* as workers do */
	if (makes)
		make(&b);
	if (is_of_texts)
		search_texts(&b);
	for (size_t i = 0; !is_of_texts && i < sizeof benches / sizeof benches[0]; i++)
		if (argc < 5 || strcmp(argv[4], benches[i].name) == 0)
			measure(&b, i, rounds);
	(void)getrusage(RUSAGE_SELF, &use);
	printf("at most %ld MB of memory\n", use.ru_maxrss / 1024);
	free(b.buffer);
	store_close(&b.store);
	return 0;
}
