/*
 * The input is a shard and, behind the first two bytes 0xff, its live records, and its only
 * segment. Whatever they hold: the index changes no answer, and an append to the shard loses no
 * sound line and is found.
 */
#include "fuzz.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/lookup.h"
#include "store/append.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY 20777 /* 2026-11-20 */
#define SHARD "2026-11-20.jsonl"
#define IDX "2026-11-20.idx"

enum { ARENA_BYTES = 256 << 20, IDS_MAX = 8 };

static struct conf conf;
static struct store store;
static int dir = -1;

static void put_file(const char *name, struct str bytes)
{
	(void)unlinkat(dir, name, 0);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0640);
	MUST(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
	close(fd);
}

static char path[] = "/tmp/flatspan-fuzz-shard.XXXXXX";

static void remove_root(void)
{
	(void)unlinkat(dir, IDX, AT_REMOVEDIR);
	(void)unlinkat(store.root_fd, "w", AT_REMOVEDIR);
	(void)unlinkat(store.root_fd, "FORMAT", 0);
	(void)unlinkat(store.root_fd, ".seed", 0);
	close(dir);
	store_close(&store);
	(void)rmdir(path);
}

static void open_root(void)
{
	MUST(mkdtemp(path));
	MUST(atexit(remove_root) == 0);
	conf_defaults(&conf);
	conf.root = str_from_c(path);
	conf.sync = CONF_SYNC_NONE;
	conf.free_bytes = 0;
	MUST(store_open(&store, &conf) == ERR_OK);
	MUST(workspace_open(&store, STR("w"), true, &dir) == ERR_OK);
	MUST(mkdirat(dir, IDX, 0750) == 0);
}

/* The name of a segment of all of the shard. */
static void segment_of(size_t size, char ret[static 64])
{
	(void)snprintf(ret, 64, IDX "/0-0-%zu.seg", size);
}

static bool remove_index_file(void *user, const char *name)
{
	(void)unlinkat(*(const int *)user, name, 0);
	return true;
}

static void remove_index(const char *day)
{
	int fd = openat(dir, day, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return;
	MUST(io_list(fd, remove_index_file, &fd) == ERR_OK);
	close(fd);
}

static void remove_files(void)
{
	static const char *const names[] = { SHARD, "2026-11-20.lock", "2026-11-21.jsonl",
		"2026-11-21.lock" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlinkat(dir, names[i], 0);
	remove_index(IDX);
	remove_index("2026-11-21.idx");
	(void)unlinkat(dir, "2026-11-21.idx", AT_REMOVEDIR);
}

/* Counts the sound lines and keeps the first few spans. */
static size_t read_shard(struct arena *a, struct span *ret, size_t *ret_n)
{
	struct view v;
	struct shard_reader r;
	struct str line;
	struct row_ref ref;
	struct span s;
	bool more;
	size_t n = 0;
	*ret_n = 0;
	MUST(view_open(&store, STR("w"), a, &v) == ERR_OK);
	MUST(shard_reader_open(&v, 0, 0, -1, &r) == ERR_OK);
	for (;;) {
		MUST(shard_reader_next(&r, &line, &ref, &more) == ERR_OK);
		if (!more)
			break;
		MUST(str_index(line, '\n') == line.len);
		if (line_read(arena_copy(a, line), NULL, false, &s) != LINE_OK)
			continue;
		n++;
		if (*ret_n < IDS_MAX && span_has(&s, FIELD_SPAN_ID))
			ret[(*ret_n)++] = s;
	}
	shard_reader_close(&r);
	view_close(&v);
	return n;
}

static bool find(struct arena *a, bool index, struct str id, struct row_ref *ret_ref)
{
	struct view v;
	struct span s;
	bool found;
	conf.index = index;
	MUST(view_open(&store, STR("w"), a, &v) == ERR_OK);
	v.today = DAY + 1;
	MUST(lookup_span(&v, STR_NULL, STR_NULL, id, &s, ret_ref, &found) == ERR_OK);
	view_close(&v);
	return found;
}

static void check_lookups(struct arena *a, const struct span *spans, size_t n)
{
	struct row_ref with, without;
	for (size_t i = 0; i < n; i++) {
		struct str id = span_text(&spans[i], FIELD_SPAN_ID);
		MUST(find(a, true, id, &with) && find(a, false, id, &without));
		MUST(with.shard == without.shard && with.at == without.at);
	}
	MUST(!find(a, true, STR("no such id: \\n"), &with) ||
		find(a, false, STR("no such id: \\n"), &without));
	conf.index = true;
}

static struct span one_more(void)
{
	struct span s;
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, STR("one more"));
	span_set_text(&s, FIELD_TRACE_ID, STR("t"));
	span_set_text(&s, FIELD_SOURCE, STR("fuzz"));
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct span spans[IDS_MAX + 1], more = one_more();
	struct row_ref ref;
	size_t n_spans, n_after;
	struct str text = str_of((const char *)data, size);
	size_t split = str_find(text, STR("\xff\xff"));
	char name[64];
	if (dir < 0)
		open_root();
	arena_init(&a, ARENA_BYTES);
	put_file(SHARD, str_first(text, split));
	segment_of(split, name);
	put_file(IDX "/0.live", str_skip(text, split + 2));
	if (split)
		put_file(name, str_skip(text, split + 2));
	size_t n = read_shard(&a, spans, &n_spans);
	check_lookups(&a, spans, n_spans);
	/* On the next day, a version of each finds the one before it. */
	for (size_t i = 0; i < n_spans; i++) {
		span_unset(&spans[i], FIELD_STARTED_AT);
		spans[i].extra = STR_NULL;
	}
	for (size_t i = 0; i < n_spans; i++) {
		struct view v;
		struct span s = spans[i];
		MUST(view_open(&store, STR("w"), &a, &v) == ERR_OK);
		v.today = DAY + 1;
		MUST(lookup_prev_days(&v, &s, 1, DAY + 1) == ERR_OK);
		MUST(s.prev_day == DAY);
		view_close(&v);
	}
	MUST(store_append(&store, STR("w"), false, &a, &more, 1, DAY * NS_PER_DAY + NS_PER_S) ==
		ERR_OK);
	/* A line that only lacked its newline has one now. */
	n_after = read_shard(&a, spans, &n_spans);
	MUST(n_after == n + 1 || n_after == n + 2);
	MUST(find(&a, true, STR("one more"), &ref));
	remove_files();
	arena_release(&a);
	return 0;
}
