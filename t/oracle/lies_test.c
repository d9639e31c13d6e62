/*
 * Files of the index whose checksums are right and whose contents lie: what a bug would write, or
 * another version.  Whatever number is another one, no question, check, print or merge crashes,
 * reads beyond its files or goes on for ever; and what can be told from the file alone is told:
 * answers are those of the lines then, and index_verify_day names the file.
 *
 * FLATSPAN_ROUNDS=N: that many workspaces; FLATSPAN_SEED=N: other ones.
 */
#include "corpus.h"

#include "base/hash.h"
#include "index/admin.h"
#include "index/flush.h"
#include "index/segment/write.h"
#include "index/terms/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES_MAX = 256, ROUNDS_MAX = 40, QUESTIONS = 24, CHILD_S = 600, WHAT_BYTES = 200 };

static struct scene sc;
static struct arena arena;
static struct corpus corpus;
static char what[WHAT_BYTES];

/* ---- Files ---- */

struct made {
	const char *name[FILES_MAX];
	struct str bytes[FILES_MAX];
	size_t n;
};

static bool is_sure_file(const char *name)
{
	struct str s = str_from_c(name);
	return str_ends(s, STR(".seg")) || str_ends(s, STR(".live")) || str_ends(s, STR(".terms"));
}

static void list_dir(const char *dir_name, struct made *m, bool remove)
{
	int fd = openat(sc.dir_fd, dir_name, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
		char name[STORE_NAME_MAX + 256];
		if (!is_sure_file(e->d_name))
			continue;
		(void)snprintf(name, sizeof name, "%s/%s", dir_name, e->d_name);
		if (remove) {
			ck_assert_int_eq(unlinkat(sc.dir_fd, name, 0), 0);
			continue;
		}
		ck_assert_uint_lt(m->n, FILES_MAX);
		m->name[m->n] = arena_copy_c(&arena, str_from_c(name));
		m->bytes[m->n] = arena_copy(&arena, scene_file(&sc, name));
		m->n++;
	}
	if (d)
		closedir(d);
}

static void each_dir(struct made *m, bool remove)
{
	char name[STORE_NAME_MAX];
	scene_workspace(&sc);
	for (int32_t day = SCENE_DAY; day < SCENE_DAY + 8; day++) {
		store_file_name(STORE_FILE_INDEX, day, 0, name);
		if (scene_has(&sc, name))
			list_dir(name, m, remove);
	}
}

static void restore(const struct made *m)
{
	each_dir(NULL, true);
	for (size_t i = 0; i < m->n; i++)
		scene_put(&sc, m->name[i], m->bytes[i]);
}

/* ---- Segments: changing numbers, and making the checksums right ---- */

struct lie {
	char *p; /* the file */
	size_t len;
	struct index_header h;
	struct index_chunk *chunks;
	struct index_column *columns;
};

static struct lie open_segment(struct str bytes)
{
	struct lie l = { .p = arena_alloc(&arena, bytes.len + 8), .len = bytes.len };
	memcpy(l.p, bytes.ptr, bytes.len);
	memcpy(&l.h, l.p + l.len - sizeof l.h, sizeof l.h);
	char *head = l.p + l.len - l.h.head_bytes;
	l.chunks = arena_calloc(&arena, l.h.n_chunks, sizeof *l.chunks);
	l.columns = arena_calloc(&arena, l.h.n_columns + 1, sizeof *l.columns);
	memcpy(l.chunks, head, l.h.n_chunks * sizeof *l.chunks);
	memcpy(l.columns, head + l.h.n_chunks * sizeof *l.chunks,
		l.h.n_columns * sizeof *l.columns);
	return l;
}

static struct index_chunk *chunk_of(struct lie *l, unsigned id, unsigned column)
{
	for (unsigned i = 0; i < l->h.n_chunks; i++)
		if (l->chunks[i].id == id && l->chunks[i].column == column)
			return &l->chunks[i];
	return NULL;
}

static struct index_column *column_of(struct lie *l, unsigned column)
{
	for (unsigned i = 0; i < l->h.n_columns; i++)
		if (l->columns[i].column == column)
			return &l->columns[i];
	return NULL;
}

static bool fits(const struct lie *l, const struct index_chunk *c)
{
	return c->offset <= l->len && c->size <= l->len - c->offset;
}

static void seal_ids(struct lie *l)
{
	const struct index_chunk *ids = chunk_of(l, INDEX_CHUNK_IDS, 0);
	const struct index_chunk *dir = chunk_of(l, INDEX_CHUNK_ID_DIR, 0);
	enum { ENTRY = 12 };
	for (uint32_t b = 0; ids && dir && fits(l, ids) && fits(l, dir); b++) {
		size_t at = (size_t)b * INDEX_BLOCK_IDS * ENTRY, left;
		struct index_id_block block;
		if (at >= ids->size || (b + 1) * sizeof block > dir->size)
			break;
		left = ids->size - at;
		left = left < INDEX_BLOCK_IDS * ENTRY ? left : INDEX_BLOCK_IDS * ENTRY;
		memcpy(&block, l->p + dir->offset + b * sizeof block, sizeof block);
		block.checksum = hash64(str_of(l->p + ids->offset + at, left), INDEX_MAGIC + b);
		memcpy(l->p + dir->offset + b * sizeof block, &block, sizeof block);
	}
}

static struct str seal_segment(struct lie *l)
{
	size_t chunks = l->h.n_chunks * sizeof *l->chunks;
	char *head = l->p + l->len - l->h.head_bytes;
	seal_ids(l);
	for (unsigned i = 0; i < l->h.n_chunks; i++)
		if (fits(l, &l->chunks[i]))
			l->chunks[i].checksum = hash64(
				str_of(l->p + l->chunks[i].offset, l->chunks[i].size), INDEX_MAGIC);
	memcpy(head, l->chunks, chunks);
	memcpy(head + chunks, l->columns, l->h.n_columns * sizeof *l->columns);
	l->h.checksum = segment_head_checksum(str_of(head, l->h.head_bytes - sizeof l->h), &l->h);
	memcpy(l->p + l->len - sizeof l->h, &l->h, sizeof l->h);
	return str_of(l->p, l->len);
}

/* ---- Random lies ---- */

static uint64_t random_number(struct rng *r, uint64_t was, const struct lie *l)
{
	switch (rng_below(r, 12)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return UINT64_MAX;
	case 3:
		return (uint64_t)INT64_MIN;
	case 4:
		return INT64_MAX;
	case 5:
		return UINT32_MAX;
	case 6:
		return l ? l->h.n_rows : 200;
	case 7:
		return l ? l->h.n_traces : 1 << 20;
	case 8:
		return was + 1;
	case 9:
		return was - 1;
	case 10:
		return UINT64_C(1) << rng_below(r, 64);
	default:
		return rng_next(r);
	}
}

/* Of these bytes one number of 1, 2, 4 or 8. */
static void change(struct rng *r, char *p, size_t n, const struct lie *l)
{
	size_t width = (size_t)1 << rng_below(r, 4);
	uint64_t v = 0;
	while (width > n)
		width /= 2;
	if (width == 0)
		return;
	size_t at = rng_below(r, n / width) * width;
	memcpy(&v, p + at, width);
	v = random_number(r, v, l);
	memcpy(p + at, &v, width);
}

static struct str lie_in_segment(struct rng *r, struct str bytes)
{
	struct lie l = open_segment(bytes);
	unsigned i;
	switch (rng_below(r, 6)) {
	case 0: {
		/* What says where the head is stays. */
		size_t from = offsetof(struct index_header, day);
		change(r, (char *)&l.h + from, sizeof l.h - from, &l);
		(void)snprintf(what, sizeof what, "header");
		break;
	}
	case 1:
		i = (unsigned)rng_below(r, l.h.n_chunks);
		change(r, (char *)&l.chunks[i], sizeof l.chunks[i], &l);
		(void)snprintf(what, sizeof what, "chunk %u of the table", i);
		break;
	case 2:
		i = (unsigned)rng_below(r, l.h.n_columns ? l.h.n_columns : 1);
		change(r, (char *)&l.columns[i], sizeof l.columns[i], &l);
		(void)snprintf(what, sizeof what, "column %u", l.columns[i].column);
		break;
	default:
		i = (unsigned)rng_below(r, l.h.n_chunks);
		change(r, l.p + l.chunks[i].offset, l.chunks[i].size, &l);
		(void)snprintf(
			what, sizeof what, "in chunk %u of %u", l.chunks[i].id, l.chunks[i].column);
	}
	return seal_segment(&l);
}

static struct str lie_in_log(struct rng *r, struct str bytes)
{
	struct rowlog_header h;
	char *p = (char *)(uintptr_t)arena_copy(&arena, bytes).ptr;
	if (bytes.len < sizeof h)
		return bytes;
	memcpy(&h, p, sizeof h);
	size_t n = (bytes.len - sizeof h) / sizeof(struct rowlog_row);
	(void)snprintf(what, sizeof what, "record");
	if (n == 0 || rng_below(r, 6) == 0) {
		size_t from = offsetof(struct rowlog_header, checksum) + sizeof h.checksum;
		change(r, p + from, sizeof h - from, NULL);
		memcpy(&h, p, sizeof h);
		h.checksum = hash64(str_of((const char *)&h + from, sizeof h - from), ROWLOG_MAGIC);
		memcpy(p, &h, sizeof h);
		return str_of(p, bytes.len);
	}
	char *row = p + sizeof h + rng_below(r, n) * sizeof(struct rowlog_row);
	change(r, row + sizeof(uint32_t), sizeof(struct rowlog_row) - sizeof(uint32_t), NULL);
	uint32_t sum = crc32c(0, str_of(row + sizeof sum, sizeof(struct rowlog_row) - sizeof sum));
	memcpy(row, &sum, sizeof sum);
	return str_of(p, bytes.len);
}

/* Makes all checksums of a term file right, as far as its tables can be followed. */
static void seal_terms(char *p, size_t len, struct terms_header *h, uint32_t n_pages, size_t head)
{
	char *table = p + len - head;
	struct terms_page *pages = arena_alloc(&arena, n_pages * sizeof *pages + 1);
	memcpy(pages, table, n_pages * sizeof *pages);
	for (uint32_t i = 0; i < n_pages; i++) {
		struct terms_page *page = &pages[i];
		if (page->terms_at <= len && page->stored_bytes <= len - page->terms_at)
			page->terms_checksum =
				hash64(str_of(p + page->terms_at, page->stored_bytes),
					terms_page_seed(i, false));
		if (page->postings_at <= len && page->postings_bytes <= len - page->postings_at)
			page->postings_checksum =
				hash64(str_of(p + page->postings_at, page->postings_bytes),
					terms_page_seed(i, true));
	}
	memcpy(table, pages, n_pages * sizeof *pages);
	h->checksum = terms_head_checksum(str_of(table, head - sizeof *h), h);
	memcpy(p + len - sizeof *h, h, sizeof *h);
}

static struct str lie_in_terms(struct rng *r, struct str bytes)
{
	struct terms_header h;
	char *p = (char *)(uintptr_t)arena_copy(&arena, bytes).ptr;
	memcpy(&h, p + bytes.len - sizeof h, sizeof h);
	size_t from = offsetof(struct terms_header, day), head = (size_t)terms_head_bytes(&h);
	uint32_t n_pages = h.n_pages;
	switch (rng_below(r, 4)) {
	case 0:
		change(r, (char *)&h + from, sizeof h - from, NULL);
		(void)snprintf(what, sizeof what, "header of terms");
		break;
	case 1:
		change(r, p + bytes.len - head, head - sizeof h, NULL);
		(void)snprintf(what, sizeof what, "page of terms");
		break;
	default:
		change(r, p, bytes.len - head, NULL);
		(void)snprintf(what, sizeof what, "terms");
	}
	seal_terms(p, bytes.len, &h, n_pages, head);
	return str_of(p, bytes.len);
}

/* ---- Asking ---- */

static struct query lists[QUESTIONS];
static struct group_query groups[QUESTIONS];
static struct trace_query traces[QUESTIONS];
static struct session_query sessions[QUESTIONS];

static void make_questions(struct rng *r)
{
	static const enum field fields[] = { FIELD_KIND, FIELD_STATUS, FIELD_TRACE_ID,
		FIELD_SESSION_ID, FIELD_SOURCE, FIELD_MODEL, FIELD_NAME, FIELD_TAGS };
	for (size_t i = 0; i < QUESTIONS; i++) {
		lists[i] = ask_list(r, &corpus);
		lists[i].sort[lists[i].n_sort ? lists[i].n_sort - 1 : 0].field = FIELD_SOURCE;
		groups[i] = (struct group_query){ .n_by = 1 + i / 8, .limit = 1000 };
		traces[i] = (struct trace_query){ .limit = 1000, .want_rollup = true };
		sessions[i] = (struct session_query){ .limit = 1000 };
		query_init(&groups[i].spans);
		query_init(&traces[i].roots);
		query_init(&sessions[i].spans);
		groups[i].by[0] = fields[i % 8];
		for (size_t k = 1; k < groups[i].n_by; k++)
			groups[i].by[k] = fields[rng_below(r, 8)];
		groups[i].counts_only = i % 2;
		if (i % 3 == 0) {
			groups[i].spans = ask_filter(r, &corpus);
			traces[i].roots = ask_filter(r, &corpus);
			sessions[i].spans = ask_filter(r, &corpus);
		}
	}
	/* Without a filter, in the order of times, a page. */
	for (size_t i = 0; i < 4; i++) {
		query_init(&lists[i]);
		lists[i].sort[0] =
			(struct sort_key){ .field = i < 2 ? FIELD_STARTED_AT : FIELD_ENDED_AT,
				.descending = i % 2 };
		lists[i].n_sort = 1;
		lists[i].limit = 7;
		lists[i].offset = 5;
	}
}

static void add(uint64_t *sum, uint64_t v)
{
	*sum = (*sum ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	*sum ^= *sum >> 29;
}

/* A sum of all answers: how many there are, and what groups, traces and sessions say. */
static uint64_t ask_all(struct view *v)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct row_list rows;
		struct group_list by;
		struct trace_list of;
		struct session_list in;
		ck_assert_int_eq(engine_list(v, &lists[i], &rows), ERR_OK);
		add(&sum, rows.n);
		add(&sum, rows.total);
		ck_assert_int_eq(engine_groups(v, &groups[i], &by), ERR_OK);
		add(&sum, by.total);
		for (size_t k = 0; k < by.n; k++)
			add(&sum, by.rows[k].n_spans ^ hash64(by.rows[k].value[0], 0));
		ck_assert_int_eq(engine_traces(v, &traces[i], &of), ERR_OK);
		add(&sum, of.total);
		for (size_t k = 0; k < of.n; k++)
			add(&sum, of.rows[k].rollup.n_spans ^ hash64(of.rows[k].trace_id, 0));
		ck_assert_int_eq(engine_sessions(v, &sessions[i], &in), ERR_OK);
		add(&sum, in.total);
		for (size_t k = 0; k < in.n; k++)
			add(&sum, in.rows[k].n_traces ^ hash64(in.rows[k].session_id, 0));
	}
	return sum;
}

static uint64_t ask_ids(struct view *v, struct rng *r)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct span s;
		struct trace_row t;
		bool found;
		ck_assert_int_eq(engine_get(v, STR_NULL, STR_NULL,
					 ask_id(r, &corpus, FIELD_SPAN_ID), &s, &found),
			ERR_OK);
		add(&sum, found);
		ck_assert_int_eq(
			engine_trace_get(v, ask_id(r, &corpus, FIELD_TRACE_ID), true, &t, &found),
			ERR_OK);
		add(&sum, found ? t.rollup.n_spans : 0);
	}
	return sum;
}

static uint64_t ask(void)
{
	struct arena a;
	struct view v;
	struct rng r = { 77 };
	arena_init(&a, (size_t)1 << 30);
	ck_assert_int_eq(view_open(&sc.store, STR("w"), &a, &v), ERR_OK);
	uint64_t sum = ask_all(&v);
	sum ^= ask_ids(&v, &r);
	view_close(&v);
	arena_release(&a);
	return sum;
}

static enum err drop_text(void *user, struct str text)
{
	*(size_t *)user += text.len;
	return ERR_OK;
}

static const char *named; /* the file that has to be */

static void note_damage(void *user, const struct index_damage *d)
{
	bool *found = user;
	*found = *found || strcmp(d->file, named) == 0;
}

static bool verify(void)
{
	struct index_verified v;
	bool found = false;
	for (int32_t day = SCENE_DAY; day < SCENE_DAY + 8; day++)
		ck_assert_int_eq(
			index_verify_day(&sc.store, STR("w"), day, note_damage, &found, &v),
			ERR_OK);
	return found;
}

/* Printing, and whatever else reads all of it. */
static void look_through(void)
{
	size_t n = 0;
	(void)verify();
	for (int32_t day = SCENE_DAY; day < SCENE_DAY + 8; day++)
		ck_assert_int_eq(index_dump(&sc.store, STR("w"), day, drop_text, &n), ERR_OK);
	scene_reopen(&sc);
	for (int32_t day = SCENE_DAY; day < SCENE_DAY + 8; day++) {
		struct index_building how = { .wait_ms = 0 };
		ck_assert_int_eq(index_build_day(&sc.store, STR("w"), day, &how), ERR_OK);
	}
	scene_reopen(&sc);
	(void)ask();
}

/* In a process of its own: what kills it is the lie, and so is what takes too long. */
static void must_live(void (*run)(void))
{
	int status;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)alarm(CHILD_S);
		scene_reopen(&sc);
		run();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %s, status %x", named,
		what, (unsigned)status);
}

static void ask_then_look_through(void)
{
	(void)ask();
	look_through();
}

static unsigned rounds(void)
{
	const char *text = getenv("FLATSPAN_ROUNDS");
	return text ? (unsigned)strtoul(text, NULL, 10) : (unsigned)unit_few(1, 3);
}

START_TEST(no_lie_in_the_index_crashes_anything)
	{
		struct rng seeds = rng_from_seed();
		for (unsigned round = 0; round < rounds(); round++) {
			unsigned n_lies = (unsigned)unit_few(12, 60);
			struct made m = { .n = 0 };
			struct rng r = { rng_next(&seeds) };
			arena_init(&arena, (size_t)1 << 30);
			scene_open(&sc);
			sc.conf.sync = CONF_SYNC_NONE;
			corpus_make(
				&corpus, round % 2 ? &corpus_once : &corpus_small, &r, &sc, &arena);
			each_dir(&m, false);
			make_questions(&r);
			for (unsigned i = 0; m.n && i < n_lies; i++) {
				size_t file = rng_below(&r, m.n);
				struct str name = str_from_c(m.name[file]);
				named = m.name[file];
				struct arena_mark mark = arena_mark(&arena);
				scene_put(&sc, named,
					str_ends(name, STR(".seg"))
						? lie_in_segment(&r, m.bytes[file])
					: str_ends(name, STR(".terms"))
						? lie_in_terms(&r, m.bytes[file])
						: lie_in_log(&r, m.bytes[file]));
				must_live(ask_then_look_through);
				arena_rewind(&arena, mark);
				restore(&m);
			}
			scene_close(&sc);
			arena_release(&arena);
		}
	}
END_TEST

/* ---- Lies that the file gives away ---- */

static uint64_t read_number(const char *p, size_t width)
{
	uint64_t v = 0;
	memcpy(&v, p, width);
	return v;
}

static void put_number(char *p, size_t width, uint64_t v)
{
	memcpy(p, &v, width);
}

/* The column's only value, or that of its first row. */
static bool put_first(struct lie *l, unsigned column, uint64_t v)
{
	struct index_column *c = column_of(l, column);
	const struct index_chunk *values = chunk_of(l, INDEX_CHUNK_VALUES, column);
	if (!c || (c->width && !values))
		return false;
	if (c->width)
		put_number(l->p + values->offset, c->width, v);
	else
		c->base = (int64_t)v;
	return true;
}

static bool put_base(struct lie *l, unsigned column, int64_t v)
{
	struct index_column *c = column_of(l, column);
	if (c)
		c->base = v;
	return c != NULL;
}

static bool scale_of_starts_is_zero(struct lie *l)
{
	struct index_column *c = column_of(l, FIELD_STARTED_AT);
	if (c)
		c->scale = 0;
	return c != NULL;
}

static bool there_is_no_such_kind(struct lie *l)
{
	return put_base(l, FIELD_KIND, KIND__MAX);
}

static bool there_is_no_such_status(struct lie *l)
{
	return put_base(l, FIELD_STATUS, -1);
}

static bool trace_begins_behind_the_rows(struct lie *l)
{
	return put_base(l, INDEX_TRACE_FIRST_ROW, l->h.n_rows);
}

static bool trace_ends_behind_the_rows(struct lie *l)
{
	return put_base(l, INDEX_TRACE_LAST_ROW, l->h.n_rows);
}

static bool row_is_of_no_trace(struct lie *l)
{
	return l->h.n_traces > 1 && put_first(l, INDEX_TRACE, l->h.n_traces);
}

static bool root_is_no_row(struct lie *l)
{
	struct index_column *c = column_of(l, INDEX_TRACE_ROOT);
	return c && c->width && put_first(l, INDEX_TRACE_ROOT, l->h.n_rows);
}

static bool sources_are_more_than_texts(struct lie *l)
{
	struct index_column *c = column_of(l, INDEX_TRACE_SOURCE);
	if (!c || c->width == 0)
		return false;
	c->n_entries = 200;
	return put_first(l, INDEX_TRACE_SOURCE, 199);
}

static bool places_are_unknown(struct lie *l)
{
	struct index_column *c = column_of(l, INDEX_AT);
	if (c)
		c->flags |= INDEX_UNKNOWN;
	return c != NULL;
}

static bool traces_are_absent(struct lie *l)
{
	struct index_column *c = column_of(l, INDEX_TRACE);
	if (c)
		c->column = INDEX_COLUMN__MAX - 1;
	return c != NULL;
}

static bool identities_are_of_some_rows(struct lie *l)
{
	struct index_column *c = column_of(l, INDEX_IDENTITY);
	if (!c || c->n_present < 2)
		return false;
	c->presence = INDEX_SOME;
	c->n_present--;
	return true;
}

static bool tags_have_no_texts(struct lie *l)
{
	struct index_column *c = column_of(l, FIELD_TAGS);
	if (!c || c->flags & INDEX_UNKNOWN || c->n_entries == 0)
		return false;
	c->n_entries = 0;
	return true;
}

static bool more_rows_are_hidden_than_there_are(struct lie *l)
{
	l->h.n_hidden = l->h.n_rows + 1;
	return true;
}

static bool fewer_rows_are_hidden(struct lie *l)
{
	if (l->h.n_hidden < 2)
		return false;
	l->h.n_hidden--;
	return true;
}

static bool rows_behind_the_last_are_hidden(struct lie *l)
{
	const struct index_chunk *c = chunk_of(l, INDEX_CHUNK_SUPERSEDED, 0);
	if (!c || l->h.n_rows % 64 == 0)
		return false;
	l->p[c->offset + c->size - 1] |= (char)0x80;
	return true;
}

static bool id_is_of_no_row(struct lie *l)
{
	const struct index_chunk *c = chunk_of(l, INDEX_CHUNK_IDS, 0);
	if (c)
		put_number(l->p + c->offset + c->size - sizeof(uint32_t), sizeof(uint32_t),
			l->h.n_rows);
	return c != NULL;
}

static bool slot_is_of_no_trace(struct lie *l)
{
	const struct index_chunk *c = chunk_of(l, INDEX_CHUNK_TRACE_SLOTS, 0);
	for (uint64_t i = 0; c && i < c->size; i += sizeof(uint32_t))
		if (read_number(l->p + c->offset + i, sizeof(uint32_t)))
			put_number(l->p + c->offset + i, sizeof(uint32_t), UINT32_MAX);
	return c != NULL;
}

static bool text_ends_behind_the_others(struct lie *l)
{
	const struct index_chunk *c = chunk_of(l, INDEX_CHUNK_DICT, FIELD_SOURCE);
	if (c)
		put_number(l->p + c->offset + sizeof(uint32_t), sizeof(uint32_t), UINT32_MAX / 2);
	return c != NULL;
}

static bool line_ends_behind_the_segment(struct lie *l)
{
	return put_base(l, INDEX_LEN, l->h.to);
}

static bool starts_are_not_within_their_bounds(struct lie *l)
{
	struct index_column *c = column_of(l, FIELD_STARTED_AT);
	if (!c || c->min == c->max)
		return false;
	c->max = c->min;
	return true;
}

static bool zones_have_no_starts(struct lie *l)
{
	const struct index_chunk *c = chunk_of(l, INDEX_CHUNK_ZONES, 0);
	struct index_column *starts = column_of(l, FIELD_STARTED_AT);
	if (!c || !starts)
		return false;
	put_number(l->p + c->offset, sizeof(int64_t), (uint64_t)INT64_MAX);
	put_number(l->p + c->offset + sizeof(int64_t), sizeof(int64_t), (uint64_t)INT64_MIN);
	return true;
}

#define LIE_LIST(X) \
	X(scale_of_starts_is_zero, false) \
	X(there_is_no_such_kind, false) \
	X(there_is_no_such_status, false) \
	X(trace_begins_behind_the_rows, false) \
	X(trace_ends_behind_the_rows, false) \
	X(row_is_of_no_trace, false) \
	X(root_is_no_row, false) \
	X(sources_are_more_than_texts, false) \
	X(places_are_unknown, false) \
	X(traces_are_absent, false) \
	X(identities_are_of_some_rows, false) \
	X(tags_have_no_texts, false) \
	X(more_rows_are_hidden_than_there_are, false) \
	X(fewer_rows_are_hidden, false) \
	X(rows_behind_the_last_are_hidden, false) \
	X(id_is_of_no_row, false) \
	X(slot_is_of_no_trace, false) \
	X(text_ends_behind_the_others, false) \
	X(line_ends_behind_the_segment, false) \
	X(starts_are_not_within_their_bounds, true) \
	X(zones_have_no_starts, true)

static const struct {
	const char *what;
	bool (*tell)(struct lie *l);
	bool may_mislead; /* nobody looks at all values before asking: such answers may be wrong */
} lies[] = {
#define X(name, may_mislead) { #name, name, may_mislead },
	LIE_LIST(X)
#undef X
};
enum { N_LIES = sizeof lies / sizeof lies[0] };

static uint64_t truth;
static bool may_mislead;

static void must_be_told(void)
{
	if (!verify())
		_exit(3);
	scene_reopen(&sc);
	uint64_t got = ask();
	if (got != truth && !may_mislead)
		_exit(4);
}

START_TEST(a_lie_that_shows_is_told_and_changes_no_answer)
	{
		struct rng seeds = rng_from_seed();
		unsigned n_told[N_LIES] = { 0 };
		for (unsigned round = 0; round < rounds() || round < ROUNDS_MAX; round++) {
			struct made m = { .n = 0 };
			struct rng r = { rng_next(&seeds) };
			bool is_new = round < rounds();
			for (size_t k = 0; k < N_LIES; k++)
				is_new = is_new || n_told[k] == 0;
			if (!is_new)
				break;
			arena_init(&arena, (size_t)1 << 30);
			scene_open(&sc);
			sc.conf.sync = CONF_SYNC_NONE;
			corpus_make(&corpus, &corpus_small, &r, &sc, &arena);
			each_dir(&m, false);
			make_questions(&r);
			sc.conf.index = false;
			scene_reopen(&sc);
			truth = ask();
			sc.conf.index = true;
			scene_reopen(&sc);
			for (size_t k = 0; k < N_LIES; k++)
				for (size_t i = 0; i < m.n && (round < rounds() || !n_told[k]);
					i++) {
					struct arena_mark mark = arena_mark(&arena);
					named = m.name[i];
					if (!str_ends(str_from_c(named), STR(".seg")))
						continue;
					struct lie l = open_segment(m.bytes[i]);
					if (l.h.n_rows == 0 || !lies[k].tell(&l))
						continue;
					scene_put(&sc, named, seal_segment(&l));
					(void)snprintf(what, sizeof what, "%s", lies[k].what);
					may_mislead = lies[k].may_mislead;
					must_live(must_be_told);
					n_told[k]++;
					arena_rewind(&arena, mark);
					restore(&m);
					break;
				}
			scene_close(&sc);
			arena_release(&arena);
		}
		for (size_t k = 0; k < N_LIES; k++)
			ck_assert_msg(n_told[k] > 0, "%s: in no workspace", lies[k].what);
	}
END_TEST

UNIT_MAIN("lies", no_lie_in_the_index_crashes_anything,
	a_lie_that_shows_is_told_and_changes_no_answer)
