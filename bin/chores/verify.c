/*
 * verify: reads every line of every day and checks its checksum, and every byte of every index.
 *
 * A torn line is left by a crash and was never acknowledged: it is only counted.  A line whose
 * checksum does not match, or that holds NUL bytes, is damage, as is a frame of a sealed day that
 * does not decompress, or a table that is wrong.
 */
#include "chores/verify.h"
#include "chores/chore.h"
#include "chores/salvage.h"
#include "report/columns.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/admin.h"
#include "shard/check.h"
#include "store/documents.h"
#include "store/notes.h"

struct check {
	struct chore *chore;
	int32_t day;
	char file[STORE_NAME_MAX]; /* the current file */
	const struct shard *shard; /* of the current file */
	bool has_frames;           /* a frame or a table is damaged */
	uint64_t n_lines, n_torn, n_damaged;
	struct salvage *salvage; /* NULL: --salvage is not given */
	uint64_t n_spans;        /* sound lines that are spans; the others are notes */
	int64_t span_bytes;      /* of the files of spans, as far as they are read */
};

static void save(struct check *k, int64_t at, struct str text)
{
	uint64_t n = salvage_line(k->salvage, text);
	if (n)
		cli_note(k->chore->cli, "%.*s/%s: sound lines inside the line at byte %lld: %llu",
			STR_ARG(k->chore->workspace), k->file, (long long)at,
			(unsigned long long)n);
}

static void verify_see_line(void *user, int64_t at, struct str text, enum line_state state)
{
	struct check *k = user;
	struct cli *c = k->chore->cli;
	struct str workspace = k->chore->workspace;
	k->n_lines += state == LINE_OK;
	k->n_torn += state == LINE_TORN;
	if (state != LINE_OK && state != LINE_TORN) {
		k->n_damaged++;
		cli_note(c, "%.*s/%s: the line at byte %lld is damaged", STR_ARG(workspace),
			k->file, (long long)at);
	}
	if (state != LINE_OK && k->salvage)
		save(k, at, text);
	cli_progress(c, "%.*s/%s: %lld%%", STR_ARG(workspace), k->file,
		(long long)(at * 100 / k->shard->size_bytes));
}

static void verify_see_damage(void *user, const struct shard_damage *d)
{
	struct check *k = user;
	struct cli *c = k->chore->cli;
	struct str workspace = k->chore->workspace;
	k->n_damaged++;
	k->has_frames = true;
	if (d->is_table)
		cli_note(c, "%.*s/%s: the table is damaged; frames are found without it",
			STR_ARG(workspace), k->file);
	else
		cli_note(c, "%.*s/%s: frame %zu (bytes %lld to %lld of the lines) is damaged",
			STR_ARG(workspace), k->file, d->frame, (long long)d->from,
			(long long)d->to);
}

static enum err check_shard(struct check *k, struct view *v, size_t shard)
{
	struct shard_checker checker = {
		.line = verify_see_line, .damage = verify_see_damage, .user = k
	};
	k->shard = &v->shards[shard];
	shard_file_name(v, shard, k->file);
	return shard_check(v, shard, &checker);
}

/* Checks the shards of the day in a view of lines or of notes. */
static enum err check_view(struct check *k, struct view *v)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < v->n_shards && !e; i++)
		if (v->shards[i].day == k->day)
			e = check_shard(k, v, i);
	return e;
}

static enum err check_lines(struct check *k)
{
	struct cli *c = k->chore->cli;
	struct view v, notes;
	enum err e = view_open(&c->store, k->chore->workspace, c->arena, &v);
	if (e)
		return e;
	e = check_view(k, &v);
	k->n_spans = k->n_lines;
	for (size_t i = 0; i < v.n_shards; i++)
		k->span_bytes += v.shards[i].day == k->day ? v.shards[i].size_bytes : 0;
	if (!e)
		e = view_open_notes(&v, &notes);
	if (!e) {
		e = check_view(k, &notes);
		view_close(&notes);
	}
	view_close(&v);
	return e;
}

struct damages {
	struct chore *chore;
	int32_t day;
	uint64_t n;
};

/* True when the day is sealed now, which may have happened in the meantime. */
static bool is_sealed(struct damages *all)
{
	struct cli *c = all->chore->cli;
	struct view v;
	bool is_it = false;
	if (view_open(&c->store, all->chore->workspace, c->arena, &v) != ERR_OK)
		return false;
	for (size_t i = 0; i < v.n_shards; i++)
		is_it = is_it || (v.shards[i].day == all->day && v.shards[i].is_sealed);
	view_close(&v);
	return is_it;
}

static void report(void *user, const struct index_damage *d)
{
	struct damages *all = user;
	/* Sealing replaced the shard; its segments are removed when the index is rebuilt. Otherwise
	 * the file has a wrong name, or its shard is lost. */
	if (strcmp(d->what, "there is no such shard") == 0 && is_sealed(all))
		return;
	all->n++;
	cli_note(all->chore->cli, "%.*s/%s: %s at byte %lld: %s", STR_ARG(all->chore->workspace),
		d->file, d->chunk, (long long)d->offset, d->what);
}

static void verify_put_day(struct chore *ch, const struct check *k,
	const struct index_verified *index, uint64_t n_damages)
{
	struct cli *c = ch->cli;
	char day[10];
	utime_format_day(k->day, day);
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), ch->workspace);
		json_member_text(&w, STR("day"), str_of(day, sizeof day));
		json_member_i64(&w, STR("lines"), (int64_t)k->n_lines);
		json_member_i64(&w, STR("torn"), (int64_t)k->n_torn);
		json_member_i64(&w, STR("damaged"), (int64_t)k->n_damaged);
		json_member_i64(&w, STR("index_rows"), (int64_t)(index->n_rows + index->n_log));
		json_member_i64(&w, STR("index_damages"), (int64_t)n_damages);
		if (k->salvage)
			json_member_i64(&w, STR("salvaged"), (int64_t)k->salvage->n_stored);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%.*s: %llu lines", STR_ARG(chore_name(ch, k->day)),
		(unsigned long long)k->n_lines);
	if (k->n_torn)
		buf_printf(&c->report.out, ", %llu torn", (unsigned long long)k->n_torn);
	if (k->n_damaged)
		buf_printf(&c->report.out, ", %llu DAMAGED", (unsigned long long)k->n_damaged);
	if (k->salvage && k->salvage->n_found)
		buf_printf(&c->report.out, ", of which %llu sound ones were stored again",
			(unsigned long long)k->salvage->n_stored);
	buf_printf(&c->report.out, "; index of %llu of %llu bytes",
		(unsigned long long)index->covered, (unsigned long long)index->size_bytes);
	if (n_damages)
		buf_printf(&c->report.out, ", %llu DAMAGES", (unsigned long long)n_damages);
	buf_add_char(&c->report.out, '\n');
	(void)cli_flush_if_large(c);
}

uint64_t verify_lost(const struct index_verified *index, uint64_t n_sound)
{
	bool is_whole = index->covered == index->size_bytes;
	return is_whole && index->n_believed > n_sound ? index->n_believed - n_sound : 0;
}

void verify_day(struct chore *ch, int32_t day, bool is_quiet)
{
	struct cli *c = ch->cli;
	struct check k = { .chore = ch, .day = day };
	struct damages damages = { .chore = ch, .day = day };
	struct index_verified index = { 0 };
	struct salvage salvage;
	if (cli_has(c, "salvage")) {
		salvage_begin(&salvage, c, ch->workspace);
		k.salvage = &salvage;
	}
	enum err e = check_lines(&k), saved = k.salvage ? salvage_end(&salvage) : ERR_OK;
	if (saved)
		chore_fail(ch, cli_error(c, saved, chore_name(ch, day)));
	if (!e)
		e = index_verify_day(&c->store, ch->workspace, day, report, &damages, &index);
	if (e) {
		chore_fail(ch, cli_error(c, e, chore_name(ch, day)));
		return;
	}
	/* Lines in damaged frames were reported before; the index may know lines that arrived in
	 * the meantime. */
	bool can_compare = !k.has_frames && index.size_bytes == k.span_bytes;
	uint64_t n_lost = can_compare ? verify_lost(&index, k.n_spans + k.n_damaged) : 0;
	if (n_lost)
		cli_note(c, "%.*s: %llu lines that the index knows cannot be read any more",
			STR_ARG(chore_name(ch, day)), (unsigned long long)n_lost);
	if (!is_quiet)
		verify_put_day(ch, &k, &index, damages.n);
	if (k.n_damaged || damages.n || n_lost)
		chore_fail(ch, CLI_FAILED);
}

enum cli_exit verify_index(struct chore *ch, int32_t day, struct index_verified *ret)
{
	struct cli *c = ch->cli;
	struct damages damages = { .chore = ch, .day = day };
	enum err e = index_verify_day(&c->store, ch->workspace, day, report, &damages, ret);
	if (e)
		return cli_error(c, e, chore_name(ch, day));
	return damages.n ? CLI_FAILED : CLI_OK;
}

static void verify_workspace(struct chore *ch, int32_t day)
{
	verify_day(ch, day, false);
}

static void verify_see_documents(void *user, const char *name, uint64_t n_damaged)
{
	struct chore *ch = user;
	cli_note(ch->cli, "%.*s/%s/%s: %llu lines are damaged", STR_ARG(ch->workspace),
		DOCUMENTS_DIR, name, (unsigned long long)n_damaged);
	chore_fail(ch, CLI_FAILED);
}

static void verify_documents(struct chore *ch)
{
	struct cli *c = ch->cli;
	int dir_fd;
	enum err e = workspace_open(&c->store, ch->workspace, false, &dir_fd);
	if (!e) {
		e = documents_check(dir_fd, c->arena, verify_see_documents, ch);
		io_drop(dir_fd);
	}
	if (e)
		chore_fail(ch, cli_error(c, e, ch->workspace));
}

enum cli_exit verb_verify(struct cli *c)
{
	columns_begin(&c->report,
		cli_has(c, "salvage")
			? STR("workspace day lines torn damaged index_rows index_damages salvaged")
			: STR("workspace day lines torn damaged index_rows index_damages"));
	enum cli_exit days = chore_days(c, verify_workspace, NULL);
	/* Documents belong to no day. */
	enum cli_exit documents = c->n_words || days == CLI_USAGE
					  ? CLI_OK
					  : chore_workspaces(c, verify_documents, NULL);
	return days ? days : documents;
}
