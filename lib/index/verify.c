/* Checking the index of a day: index_verify_day of index_admin.h. */
#include "index/admin.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/names.h"
#include "index/segment/bloom.h"
#include "index/segment/build.h"
#include "index/set.h"
#include "index/terms/cursor.h"
#include "shard/task.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_BYTES = 80, FILE_BYTES = 128, CHUNK_BYTES = 128, NAMES_MAX = 4096 };

struct verifier {
	struct view_task task; /* first */
	struct index_set *set;
	int32_t day;
	int idx_fd;
	char (*names)[NAME_BYTES];
	size_t n_names;
	char file[FILE_BYTES]; /* being checked */
	const char *name;      /* the same without its directory */
	struct stat was;       /* the same when its check began */
	void (*report)(void *user, const struct index_damage *d);
	void *user;
	struct index_verified found;
};

/* What another process merged away or made again meanwhile is no damage. */
static bool index_verify_is_replaced(const struct verifier *v)
{
	struct stat now;
	enum err e = io_stat(v->idx_fd, v->name, &now);
	return e == ERR_NOT_FOUND || (!e && now.st_ino != v->was.st_ino);
}

static void index_verify_damage(
	struct verifier *v, const char *chunk, int64_t offset, const char *what)
{
	if (index_verify_is_replaced(v))
		return;
	struct index_damage d = { .file = v->file, .chunk = chunk, .offset = offset, .what = what };
	v->found.n_damaged++;
	if (v->report)
		v->report(v->user, &d);
}

/* ---- Segments ---- */

static void chunk_damage(
	struct verifier *v, const struct index_chunk *c, int64_t offset, const char *what)
{
	char name[CHUNK_BYTES];
	struct str chunk = index_chunk_name(c->id), column = index_column_name(c->column);
	if (index_chunk_is_of_column(c->id))
		(void)snprintf(name, sizeof name, "%.*s of %.*s", STR_ARG(chunk), STR_ARG(column));
	else
		(void)snprintf(name, sizeof name, "%.*s", STR_ARG(chunk));
	index_verify_damage(v, name, offset, what);
}

static void check_gap(struct verifier *v, const struct segment *s, uint64_t from, uint64_t to)
{
	uint64_t at = segment_skip_zeros(s, from, to);
	if (at < to)
		index_verify_damage(v, "padding", (int64_t)at, "it is not zero");
}

/* Chunks stand one behind the other, as they were written. False: some bytes are not what they
 * were. */
static bool check_chunks(struct verifier *v, const struct segment *s)
{
	uint32_t before = v->found.n_damaged;
	uint64_t at = 0, end = s->header.file_bytes - s->header.head_bytes;
	for (unsigned i = 0; i < s->header.n_chunks; i++) {
		const struct index_chunk *c = &s->chunks[i];
		if (c->offset < at) {
			chunk_damage(v, c, (int64_t)c->offset, "it begins in the one before");
			return false;
		}
		check_gap(v, s, at, c->offset);
		if (!segment_chunk_is_good(s, c))
			chunk_damage(v, c, (int64_t)c->offset, "its checksum is wrong");
		at = c->offset + c->size;
	}
	check_gap(v, s, at, end);
	return v->found.n_damaged == before;
}

/* Where a column's values stand, for the report. */
static const struct index_chunk *chunk_of(const struct segment *s, unsigned id, unsigned column)
{
	static const struct index_chunk none = { .id = 0 };
	for (unsigned i = 0; i < s->header.n_chunks; i++)
		if (s->chunks[i].id == id && s->chunks[i].column == column)
			return &s->chunks[i];
	return &none;
}

/* Questions go by the bounds where these are enough. Of tags nobody asks for them. */
static bool bounds_fit(const struct column *c)
{
	int64_t min = INT64_MAX, max = INT64_MIN;
	for (uint32_t row = 0; row < c->n_rows; row++) {
		if (!column_has(c, row))
			continue;
		int64_t value = column_value(c, row);
		min = value < min ? value : min;
		max = value > max ? value : max;
	}
	return c->lists || (min == c->min && max == c->max);
}

/* The codes of a column lead to entries of its dictionary. */
static enum err check_column(struct segment *s, unsigned column)
{
	const struct column *c;
	struct dict d;
	enum err e = segment_load_column(s, column, &c);
	if (!e && c->state == COLUMN_KNOWN && !bounds_fit(c))
		e = ERR_UNSAFE;
	if (e || c->state != COLUMN_KNOWN || column >= FIELD__MAX || c->n_entries == 0)
		return e;
	e = segment_load_dict(s, column, &d);
	return e ? e : d.n == c->n_entries ? ERR_OK : ERR_UNSAFE;
}

static void check_columns(struct verifier *v, struct segment *s)
{
	for (unsigned i = 0; i < s->header.n_columns; i++) {
		unsigned column = s->columns[i].column;
		const struct index_chunk *c = chunk_of(s, INDEX_CHUNK_VALUES, column);
		char name[CHUNK_BYTES];
		if (check_column(s, column) == ERR_OK)
			continue;
		(void)snprintf(
			name, sizeof name, "column %.*s", STR_ARG(index_column_name(column)));
		index_verify_damage(
			v, name, (int64_t)c->offset, "its parts do not fit one another");
		s->is_damaged = false; /* the others are looked at as well */
	}
}

static enum err check_ids(struct segment *s)
{
	uint64_t probe = 0;
	uint32_t row;
	enum err e = segment_find_key(s, 0, false, &probe, &row);
	for (uint32_t i = 0; !e && i < s->n_id_blocks; i++) {
		probe = 0;
		e = segment_find_key(s, s->dir[i].first_key, false, &probe, &row);
		if (!e && row == UINT32_MAX)
			e = ERR_UNSAFE;
	}
	return e;
}

/* A key that the filter does not have would not be looked for. */
static enum err check_filter(struct segment *s)
{
	struct str blocks;
	enum err e = segment_chunk(s, INDEX_CHUNK_IDS, 0, &blocks);
	if (!e)
		e = segment_filter_load(s);
	for (uint32_t i = 0; !e && i < s->header.n_rows; i++) {
		uint32_t first = i / INDEX_BLOCK_IDS * INDEX_BLOCK_IDS;
		uint64_t key;
		memcpy(&key, blocks.ptr + (size_t)first * 12 + (size_t)(i - first) * 8, sizeof key);
		struct segment_ask ask = segment_ask_of(key);
		e = segment_filter_ask(s, &ask, 1);
		if (!e && !ask.may_have)
			e = ERR_UNSAFE;
	}
	return e;
}

static enum err check_links(struct segment *s)
{
	const struct index_link *links;
	const struct column *identity;
	uint32_t n;
	enum err e = segment_load_links(s, &links, &n);
	if (!e)
		e = segment_load_column(s, INDEX_IDENTITY, &identity);
	for (uint32_t i = 0; !e && i < n; i++)
		if ((uint64_t)column_value(identity, links[i].row) != links[i].identity)
			e = ERR_UNSAFE;
	return e;
}

static enum err check_bitmaps(struct segment *s)
{
	const uint64_t *superseded, *deletes;
	return segment_load_hidden(s, &superseded, &deletes);
}

static void widen_zone(struct index_zone *z, const struct column *c, unsigned id, uint32_t row)
{
	bool has = column_has(c, row);
	int64_t v = has ? column_value(c, row) : INDEX_ZONE_ABSENT;
	if (id == FIELD_KIND)
		z->kinds |= UINT32_C(1) << v;
	else if (id == FIELD_STATUS)
		z->statuses |= UINT32_C(1) << v;
	else if (has) {
		z->min_started = v < z->min_started ? v : z->min_started;
		z->max_started = v > z->max_started ? v : z->max_started;
	}
}

static enum err check_zones(struct segment *s)
{
	static const unsigned ids[] = { FIELD_STARTED_AT, FIELD_KIND, FIELD_STATUS };
	struct index_segment all = { .segment = s, .n_rows = s->header.n_rows };
	const struct column *columns[3];
	const struct index_zone *zones;
	uint32_t n;
	enum err e = segment_zones(&all, &zones, &n);
	for (unsigned i = 0; !e && i < 3; i++)
		e = segment_load_column(s, ids[i], &columns[i]);
	for (uint32_t at = 0; !e && at < n; at++) {
		struct index_zone z = { INT64_MAX, INT64_MIN, 0, 0 };
		uint32_t row = at * INDEX_ZONE_ROWS, left = all.n_rows - row;
		uint32_t end = row + (left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS);
		for (; row < end; row++)
			for (unsigned i = 0; i < 3; i++)
				widen_zone(&z, columns[i], ids[i], row);
		if (memcmp(&z, &zones[at], sizeof z) != 0)
			e = ERR_UNSAFE;
	}
	return e;
}

static enum err check_traces(struct segment *s)
{
	struct dict ids;
	enum err e = segment_load_trace_ids(s, &ids);
	for (uint32_t i = 0; !e && i < ids.n; i++) {
		uint64_t probe = 0;
		uint32_t row = UINT32_MAX, found = UINT32_MAX;
		struct str id = dict_entry(&ids, i);
		do {
			e = segment_probe_trace(s, id, hash64(id, s->header.seed), &probe, &found);
			if (!e && found != UINT32_MAX && found == i)
				row = i;
		} while (!e && found != UINT32_MAX && row == UINT32_MAX);
		if (!e && row == UINT32_MAX)
			e = ERR_UNSAFE;
	}
	return e;
}

static void check_tables(struct verifier *v, struct segment *s)
{
	static const struct {
		enum err (*check)(struct segment *s);
		unsigned chunk;
		const char *what;
	} checks[] = {
		{ check_ids, INDEX_CHUNK_IDS, "it does not fit its directory" },
		{ check_filter, INDEX_CHUNK_ID_FILTER, "a row's key is not in it" },
		{ check_bitmaps, INDEX_CHUNK_SUPERSEDED,
			"it hides other rows than the head counts" },
		{ check_zones, INDEX_CHUNK_ZONES, "it does not fit the columns" },
		{ check_links, INDEX_CHUNK_LINKS, "a row has another identity" },
		{ check_traces, INDEX_CHUNK_TRACE_SLOTS, "a trace is not found in it" },
	};
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		const struct index_chunk *c = chunk_of(s, checks[i].chunk, 0);
		if (checks[i].check(s) == ERR_OK)
			continue;
		char name[CHUNK_BYTES];
		(void)snprintf(
			name, sizeof name, "%.*s", STR_ARG(index_chunk_name(checks[i].chunk)));
		index_verify_damage(v, name, (int64_t)c->offset, checks[i].what);
		s->is_damaged = false;
	}
}

/* The bytes of the shard that it speaks of. */
static void check_binding(struct verifier *v, size_t shard, const struct segment *s)
{
	struct index_header now = s->header;
	int64_t at = (int64_t)(s->header.file_bytes - sizeof s->header);
	if (shard_open(&v->task.view, shard) || v->task.view.shards[shard].size_bytes < now.to)
		index_verify_damage(v, "head", at, "the shard is shorter");
	else if (!segment_is_bound(&v->task.view, shard, &now))
		index_verify_damage(v, "head", at, "the shard has other bytes there");
}

/* Sealing makes the index of its file before that has its name (rewrite.h). */
static bool is_being_made(const struct verifier *v, int part)
{
	char name[STORE_NAME_MAX], temp_name[STORE_NAME_MAX + sizeof "..tmp"];
	struct stat st;
	store_file_name(STORE_FILE_SEALED, v->day, part, name);
	(void)snprintf(temp_name, sizeof temp_name, ".%s.tmp", name);
	return io_stat(v->task.view.dir_fd, temp_name, &st) == ERR_OK ||
	       io_stat(v->task.view.dir_fd, name, &st) == ERR_OK;
}

static void check_segment(struct verifier *v, const char *name, const struct index_file *f)
{
	const char *problem;
	size_t shard = index_shard_of(&v->task.view, v->day, f->part);
	struct segment_want want = {
		.day = v->day, .part = f->part, .from = f->from, .to = f->to, .seed = v->set->seed
	};
	struct segment *s = segment_open(v->idx_fd, name, &want, &problem);
	if (!s) {
		index_verify_damage(v, "head", 0, problem ? problem : "the file cannot be read");
		return;
	}
	uint32_t before = v->found.n_damaged;
	if (shard < v->task.view.n_shards)
		check_binding(v, shard, s);
	else if (!is_being_made(v, f->part))
		index_verify_damage(v, "head", 0, "there is no such shard");
	if (check_chunks(v, s)) {
		check_columns(v, s);
		check_tables(v, s);
	}
	if (v->found.n_damaged == before)
		v->found.n_rows += s->header.n_rows;
	segment_close(s);
}

/* ---- Live records ---- */

static const char *row_problem(
	struct verifier *v, size_t shard, const struct rowlog_row *r, int64_t from)
{
	if (!rowlog_row_is_sound(r))
		return "its checksum is wrong";
	if (r->at != from)
		return "it does not follow the one before";
	if (!rowlog_row_is_bound(&v->task.view, shard, r))
		return "its line is another one";
	return NULL;
}

static void index_verify_check_rows(
	struct verifier *v, size_t shard, int fd, const struct rowlog_header *h)
{
	struct rowlog_row r;
	int64_t from = h->from;
	for (uint32_t i = 0;; i++) {
		char name[CHUNK_BYTES];
		size_t got = sizeof r;
		int64_t at = (int64_t)(sizeof *h + i * sizeof r);
		bool can_read = io_pread(fd, &r, sizeof r, at, &got) == ERR_OK;
		if (can_read && got > 0 && got < sizeof r) /* being written: once more */
			can_read = io_pread(fd, &r, sizeof r, at, &got) == ERR_OK;
		if (can_read && got == 0)
			return;
		const char *problem = !can_read        ? "it cannot be read"
				      : got < sizeof r ? "it is not whole"
						       : row_problem(v, shard, &r, from);
		if (problem) {
			(void)snprintf(name, sizeof name, "record %u", (unsigned)i);
			index_verify_damage(v, name, at, problem);
			return; /* nobody believes those behind it */
		}
		from = rowlog_row_end(&r);
		v->found.n_log++;
	}
}

static void check_log(struct verifier *v, const char *name, int part)
{
	struct rowlog_header h;
	size_t got, shard = index_shard_of(&v->task.view, v->day, part);
	int fd;
	if (io_open_file(v->idx_fd, name, O_RDONLY, &fd)) {
		index_verify_damage(v, "header", 0, "the file cannot be read");
		return;
	}
	if (shard == v->task.view.n_shards)
		index_verify_damage(v, "header", 0, "there is no such shard");
	else if (io_pread(fd, &h, sizeof h, 0, &got) || got != sizeof h)
		index_verify_damage(v, "header", 0, "the file is shorter than a header");
	else if (!rowlog_header_is_sound(&h))
		index_verify_damage(v, "header", 0, "the checksum is wrong");
	else if (!rowlog_header_fits(&h, &v->task.view, shard, v->set->seed))
		index_verify_damage(
			v, "header", 0, "it is of another shard or made with another seed");
	else
		index_verify_check_rows(v, shard, fd, &h);
	io_drop(fd);
}

/* ---- Term files ---- */

static void check_terms(struct verifier *v, const char *file, const struct terms_name *name)
{
	const char *reason = NULL;
	struct terms *t = terms_open_file(&v->task.arena, v->idx_fd, file, name);
	if (!t)
		index_verify_damage(v, "head", 0, "it is damaged, or not what its name says");
	else if (terms_check(t, &reason) == ERR_UNSAFE)
		index_verify_damage(v, "terms", 0, reason);
	if (t)
		terms_close_file(t);
}

/* ---- The day ---- */

static bool index_verify_note_name(void *user, const char *name)
{
	struct verifier *v = user;
	struct str s = str_from_c(name);
	if (s.len < NAME_BYTES && (str_ends(s, STR(".seg")) || str_ends(s, STR(".live")) ||
					  str_ends(s, STR(".terms")))) {
		memcpy(v->names[v->n_names], s.ptr, s.len);
		v->names[v->n_names++][s.len] = '\0';
	}
	return v->n_names < NAMES_MAX;
}

static int index_verify_compare_names(const void *x, const void *y)
{
	return strcmp(x, y);
}

static void index_verify_check_file(struct verifier *v, const char *name)
{
	struct str s = str_from_c(name);
	struct index_file f;
	struct terms_name terms = { .day = v->day };
	int64_t part;
	char dir[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, v->day, 0, dir);
	(void)snprintf(v->file, sizeof v->file, "%s/%s", dir, name);
	v->name = name;
	if (io_stat(v->idx_fd, name, &v->was) == ERR_NOT_FOUND)
		return;
	v->found.n_segments++;
	if (terms_name_parse(s, &terms))
		check_terms(v, name, &terms);
	else if (index_file_parse(s, &f))
		check_segment(v, name, &f);
	else if (str_to_i64(str_first(s, s.len - 5), &part) && part >= 0 && part <= INT32_MAX &&
		 str_ends(s, STR(".live")))
		check_log(v, name, (int)part);
	else
		index_verify_damage(v, "name", 0, "no file is called so");
}

/* What readers have of it, damaged or not. */
static enum err count_covered(struct verifier *v)
{
	struct view *view = &v->task.view;
	for (size_t i = index_first_shard(view, v->day);
		i < view->n_shards && view->shards[i].day == v->day; i++) {
		enum err e = index_open_shard(v->set, i);
		if (e)
			return e;
		v->found.size_bytes += view->shards[i].size_bytes;
		const struct index *ix = &v->set->of[i];
		v->found.covered += ix->covered;
		v->found.n_believed += ix->n_log;
		for (size_t k = 0; k < ix->n_segments; k++)
			v->found.n_believed += ix->segments[k].n_rows;
	}
	return ERR_OK;
}

static enum err verify_day(struct view_task *t)
{
	struct verifier *v = (struct verifier *)t;
	char name[STORE_NAME_MAX];
	v->set = index_begin(&v->task.view);
	store_file_name(STORE_FILE_INDEX, v->day, 0, name);
	enum err e = io_open_dir(v->task.view.dir_fd, name, &v->idx_fd);
	if (e == ERR_NOT_FOUND)
		return count_covered(v);
	if (e)
		return e;
	v->names = arena_calloc(&v->task.arena, NAMES_MAX, sizeof *v->names);
	e = io_list(v->idx_fd, index_verify_note_name, v);
	if (e)
		return e;
	qsort(v->names, v->n_names, sizeof *v->names, index_verify_compare_names);
	for (size_t i = 0; i < v->n_names; i++)
		index_verify_check_file(v, v->names[i]);
	return count_covered(v);
}

static void verify_end(struct view_task *t)
{
	struct verifier *v = (struct verifier *)t;
	if (v->idx_fd >= 0)
		io_drop(v->idx_fd);
}

enum err index_verify_day(const struct store *s, struct str workspace, int32_t day,
	void (*report)(void *user, const struct index_damage *d), void *user,
	struct index_verified *ret)
{
	enum { MEMORY_BYTES = 256 << 20 };
	struct verifier v = { .task = { .run = verify_day, .end = verify_end },
		.day = day,
		.idx_fd = -1,
		.report = report,
		.user = user };
	enum err e = view_task_do(&v.task, s, workspace, MEMORY_BYTES);
	if (!e)
		*ret = v.found;
	return e;
}
