#include "upkeep/seal.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/days.h"
#include "upkeep/rewrite.h"

enum { LOCK_MS = 10000, LEVEL = 9 };

void seal_options_init(struct seal_options *o, int64_t now_ns)
{
	*o = (struct seal_options){ .now_ns = now_ns,
		.lock_ms = LOCK_MS,
		.settle_ms = MAINTAIN_SETTLE_MS,
		.grace_ms = MAINTAIN_GRACE_MS,
		.level = LEVEL };
}

static bool seal_is_due(int32_t day, int64_t now_ns, int settle_ms)
{
	return utime_day(now_ns - settle_ms * NS_PER_MS) > day;
}

enum err seal_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct seal_result *ret)
{
	struct rewrite r = { .store = s,
		.workspace = workspace,
		.day = day,
		.lock_ms = o->lock_ms,
		.grace_ms = o->grace_ms,
		.level = o->level,
		.progress = o->progress };
	struct rewrite_result done;
	if (!seal_is_due(day, o->now_ns, o->settle_ms))
		return ERR_INVALID;
	enum err e = rewrite_day(&r, &done);
	if (e)
		return e;
	*ret = (struct seal_result){ .is_new = done.is_new,
		.part = done.part,
		.n_lines = done.n_lines,
		.n_sound = done.n_sound,
		.n_kept = done.n_kept,
		.n_folded = done.n_folded,
		.n_deleted = done.n_deleted,
		.n_bad = done.n_bad,
		.plain_bytes = done.plain_bytes,
		.sealed_bytes = done.sealed_bytes,
		.has_index = done.has_index,
		.wait_ms = done.wait_ms };
	return ERR_OK;
}

/* files: of one day. */
static bool is_due(const struct day_file *files, size_t n)
{
	size_t n_sealed = 0;
	bool has_other = false;
	for (size_t i = 0; i < n; i++) {
		n_sealed += files[i].kind == STORE_FILE_SEALED;
		has_other = has_other || files[i].kind == STORE_FILE_SHARD;
	}
	return has_other || n_sealed > 1;
}

static enum err list_due(const struct store *s, int dir_fd, int32_t today, struct arena *a,
	int32_t **ret_days, size_t *ret_n)
{
	struct day_file *files;
	size_t n, n_days = 0;
	enum err e = days_list(s, dir_fd, a, &files, &n);
	if (e)
		return e;
	int32_t *days = arena_calloc(a, n, sizeof *days);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i; end < n && files[end].day == files[i].day; end++)
			;
		if (files[i].day < today && is_due(files + i, end - i))
			days[n_days++] = files[i].day;
	}
	*ret_days = days;
	*ret_n = n_days;
	return ERR_OK;
}

enum err seal_due(const struct store *s, struct str workspace, int64_t now_ns, struct arena *a,
	int32_t **ret_days, size_t *ret_n)
{
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = list_due(s, dir_fd, utime_day(now_ns), a, ret_days, ret_n);
	io_drop(dir_fd);
	return e;
}
