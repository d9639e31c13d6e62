/*
 * A writer, a reader and a judge, for tests that kill processes:
 *
 *	driver write ROOT WRITER	appends spans until it is killed; after each acknowledgement
 *					their ids go to standard output, one a line, in one write
 *	driver read ROOT		reads everything again and again until it is killed; fails
 *					when something is false or was there before and is gone
 *	driver check ROOT		reads ids from standard input; fails when one is not stored
 *
 * FLATSPAN_SYNC=none in the environment: without waiting for the disk.
 */
#include "base/arena.h"
#include "base/conf.h"
#include "base/utime.h"
#include "store/append.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ARENA_BYTES = 1 << 30, BATCH_MAX = 4, ID_TEXT = 32, OUTPUT_MAX = 30000 };

static const struct str workspace = { "w", 1 };

static _Noreturn void fail(const char *what, struct str which)
{
	fprintf(stderr, "driver: %s: %.*s\n", what, STR_ARG(which));
	exit(1);
}

static void must(enum err e, const char *what)
{
	if (e)
		fail(what, str_from_c(err_name(e)));
}

static void open_store(struct store *s, struct conf *conf, const char *root)
{
	const char *sync = getenv("FLATSPAN_SYNC");
	conf_defaults(conf);
	conf->root = str_from_c(root);
	conf->lock_ms = 30000;
	conf->free_bytes = 0;
	if (sync && strcmp(sync, "none") == 0)
		conf->sync = CONF_SYNC_NONE;
	must(store_open(s, conf), "open");
}

/* The output of a span follows from its id, so that a false one shows. */
static size_t output_len(struct str id)
{
	size_t n = 7;
	for (size_t i = 0; i < id.len; i++)
		n = n * 31 + (unsigned char)id.ptr[i];
	return n % 8 == 0 ? n % OUTPUT_MAX : n % 300;
}

static struct span make_span(struct arena *a, struct str id, int64_t now_ns)
{
	struct span s;
	size_t n = output_len(id);
	char *text = arena_text(a, n + 2);
	memset(text, id.ptr[id.len - 1], n + 2);
	text[0] = text[n + 1] = '"';
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, id);
	span_set_text(&s, FIELD_TRACE_ID, STR("t"));
	span_set_text(&s, FIELD_SOURCE, STR("driver"));
	span_set_i64(&s, FIELD_STARTED_AT, now_ns);
	span_set_i64(&s, FIELD_INGESTED_AT, now_ns);
	span_set_text(&s, FIELD_OUTPUT, str_of(text, n + 2));
	return s;
}

static bool is_true(const struct span *s)
{
	struct str id = span_text(s, FIELD_SPAN_ID), output = span_text(s, FIELD_OUTPUT);
	if (id.len == 0 || output.len != output_len(id) + 2)
		return false;
	for (size_t i = 1; i < output.len - 1; i++)
		if (output.ptr[i] != id.ptr[id.len - 1])
			return false;
	return true;
}

static void write_spans(const struct store *s, struct arena *a, const char *writer)
{
	for (unsigned n = 0;;) {
		struct arena_mark m = arena_mark(a);
		struct span spans[BATCH_MAX];
		char acks[BATCH_MAX * ID_TEXT];
		size_t n_batch = 1 + n % BATCH_MAX, n_acks = 0;
		int64_t now = utime_now();
		for (size_t i = 0; i < n_batch; i++, n++) {
			struct str id = arena_printf(a, "%s-%u", writer, n);
			spans[i] = make_span(a, id, now);
			memcpy(acks + n_acks, id.ptr, id.len);
			n_acks += id.len;
			acks[n_acks++] = '\n';
		}
		must(store_append(s, workspace, true, a, spans, n_batch, now), "append");
		if (write(STDOUT_FILENO, acks, n_acks) != (ssize_t)n_acks)
			fail("acknowledge", STR("short write"));
		arena_rewind(a, m);
	}
}

struct tally {
	struct str *ids; /* NULL: not kept */
	size_t n, cap, n_bad;
};

/* Reads every line; what is wrong with one that has a sound seal is fatal. */
static void read_all(const struct store *s, struct arena *a, struct tally *tally)
{
	struct view v;
	enum err e = view_open(s, workspace, a, &v);
	if (e == ERR_NOT_FOUND)
		return;
	must(e, "view");
	for (size_t i = 0; i < v.n_shards; i++) {
		struct shard_reader r;
		struct str line;
		struct row_ref ref;
		struct span span;
		bool more;
		must(shard_reader_open(&v, i, 0, -1, &r), "read");
		for (;;) {
			must(shard_reader_next(&r, &line, &ref, &more), "read");
			if (!more)
				break;
			enum line_state state = line_read(line, NULL, false, &span);
			view_count(&v, state);
			if (state != LINE_OK)
				continue;
			if (!is_true(&span))
				fail("a false span", span_text(&span, FIELD_SPAN_ID));
			if (tally->ids && tally->n < tally->cap)
				tally->ids[tally->n] =
					arena_copy(a, span_text(&span, FIELD_SPAN_ID));
			tally->n++;
		}
		shard_reader_close(&r);
	}
	tally->n_bad = v.n_torn;
	if (v.n_rot || v.n_zero)
		fail("rot", STR(""));
	view_close(&v);
}

static void read_for_ever(const struct store *s, struct arena *a)
{
	for (size_t before = 0;;) {
		struct arena_mark m = arena_mark(a);
		struct tally tally = { 0 };
		read_all(s, a, &tally);
		if (tally.n < before)
			fail("spans are gone", STR(""));
		before = tally.n;
		arena_rewind(a, m);
	}
}

static int compare_ids(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void check_acks(const struct store *s, struct arena *a)
{
	struct tally count = { 0 };
	char line[ID_TEXT + 2];
	size_t n_acks = 0;
	read_all(s, a, &count);
	struct tally all = { .ids = arena_calloc(a, count.n, sizeof *all.ids), .cap = count.n };
	read_all(s, a, &all);
	qsort(all.ids, all.n, sizeof *all.ids, compare_ids);
	while (fgets(line, sizeof line, stdin)) {
		struct str id = str_from_c(line);
		if (!str_ends(id, STR("\n")))
			break; /* killed while it acknowledged */
		id.len--;
		if (!bsearch(&id, all.ids, all.n, sizeof id, compare_ids))
			fail("an acknowledged span is lost", id);
		n_acks++;
	}
	printf("%zu acknowledged, %zu stored, %zu torn\n", n_acks, all.n, all.n_bad);
}

int main(int argc, char **argv)
{
	struct arena arena;
	struct conf conf;
	struct store store;
	if (argc < 3) {
		fprintf(stderr, "usage: driver write|read|check ROOT [WRITER]\n");
		return 2;
	}
	arena_init(&arena, ARENA_BYTES);
	open_store(&store, &conf, argv[2]);
	if (strcmp(argv[1], "write") == 0)
		write_spans(&store, &arena, argc > 3 ? argv[3] : "0");
	else if (strcmp(argv[1], "read") == 0)
		read_for_ever(&store, &arena);
	else
		check_acks(&store, &arena);
	store_close(&store);
	arena_release(&arena);
	return 0;
}
