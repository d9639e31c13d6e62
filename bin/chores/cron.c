/*
 * cron: does what is due, for the crontab.  It is silent on success, and prints a line for each
 * problem.
 *
 * It completes erasures in days that are over, seals those days, and returns once to remove the
 * files it replaced.  It prunes as the settings of workspaces say.  It checks one or two past days,
 * others each time, so that damage is found before the last good backup is gone.  It removes what
 * processes that died left over.
 */
#include "chores/chore.h"
#include "chores/erase.h"
#include "chores/seal.h"
#include "chores/tend.h"
#include "chores/verify.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/days.h"
#include "shard/disk.h"
#include "shard/tree.h"
#include "store/damage.h"
#include "store/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

enum {
	LEFTOVER_AGE_S = 86400, /* an import takes less than a day */
	MOST_WAIT_MS = 60000
};

struct cron {
	struct cli *cli;
	int wait_ms;      /* until sealing may remove what it replaced */
	struct str *left; /* names of leftovers, a block */
	size_t n_left, cap_left;
};

static void cron_seal(struct chore *ch)
{
	struct cron *k = ch->user;
	int ms = seal_workspace(ch, true);
	k->wait_ms = ms > k->wait_ms ? ms : k->wait_ms;
}

/* Runs before sealing, which would leave nothing for the audit to report. */
static void cron_erase(struct chore *ch)
{
	struct cron *k = ch->user;
	int ms = erase_ordered(ch);
	k->wait_ms = ms > k->wait_ms ? ms : k->wait_ms;
}

static void cron_prune(struct chore *ch)
{
	int fd;
	enum err e = workspace_open(&ch->cli->store, ch->workspace, false, &fd);
	if (e)
		return; /* it was just removed, or sealing has said why */
	io_drop(fd);
	/* Pruning says what is invalid; the rest is tried again. */
	e = settings_keep_copy(&ch->cli->store, ch->workspace, ch->cli->arena);
	(void)e;
	prune_workspace(ch, true);
}

/* Verifies some of the days before today. */
static void verify_some(struct chore *ch)
{
	struct cli *c = ch->cli;
	struct day_file *files;
	size_t n, n_past = 0;
	int fd;
	int32_t today = utime_day(utime_now());
	enum err e = workspace_open(&c->store, ch->workspace, false, &fd);
	if (e)
		return; /* it was just removed, or sealing has said why */
	e = days_list(&c->store, fd, c->arena, &files, &n);
	io_drop(fd);
	if (e) {
		chore_fail(ch, cli_error(c, e, ch->workspace));
		return;
	}
	int32_t *days = arena_calloc(c->arena, n + 1, sizeof *days);
	for (size_t i = 0; i < n; i++)
		if (files[i].kind != STORE_FILE_SUSPECT && files[i].day < today &&
			(n_past == 0 || files[i].day != days[n_past - 1]))
			days[n_past++] = files[i].day;
	n_past = days_choose(days, n_past, today);
	for (size_t i = 0; i < n_past; i++)
		verify_day(ch, days[i], true);
}

/* Each run, until somebody has done something about it: data is missing from answers. */
static void cron_report_damage(struct chore *ch)
{
	struct cli *c = ch->cli;
	struct damages d;
	if (damage_list(&c->store, ch->workspace, c->arena, &d) != ERR_OK)
		return; /* just removed, or sealing has told */
	for (size_t i = 0; i < d.n; i++)
		if (d.list[i].is_missing)
			chore_fail(ch,
				cli_fail(c, CLI_FAILED,
					"%.*s %.*s: damaged, and shown in part: flatspan verify "
					"says where, flatspan quarantine puts it aside",
					STR_ARG(ch->workspace), STR_ARG(d.list[i].name)));
}

static void add_left(struct cron *k, struct str name)
{
	if (k->n_left == k->cap_left) {
		k->cap_left = k->cap_left ? 2 * k->cap_left : 16;
		k->left = arena_block(k->cli->arena, k->left, k->cap_left * sizeof *k->left);
	}
	k->left[k->n_left++] = arena_copy(k->cli->arena, name);
}

static bool cron_note(void *user, const char *name)
{
	struct str s = str_from_c(name);
	if (str_starts(s, STR(".import.")) || str_starts(s, STR(".removed.")))
		add_left(user, s);
	return true;
}

static bool see_temporary(void *user, const char *name)
{
	struct str s = str_from_c(name);
	if (str_starts(s, STR(".")) && str_ends(s, STR(".tmp")))
		add_left(user, s);
	return true;
}

static int64_t oldest_s(void)
{
	return utime_now() / NS_PER_S - LEFTOVER_AGE_S;
}

/* Removes files that would have replaced others: they hold the same data, which may have been
 * erased since. */
static void sweep_workspace(struct chore *ch)
{
	struct cron *k = ch->user;
	struct cli *c = ch->cli;
	int fd;
	enum err e = workspace_open(&c->store, ch->workspace, false, &fd);
	if (e)
		return; /* it was just removed, or sealing has said why */
	k->n_left = 0;
	e = io_list(fd, see_temporary, k);
	for (size_t i = 0; i < k->n_left && !e; i++) {
		struct stat st;
		char *name = arena_copy_c(c->arena, k->left[i]);
		if (io_stat(fd, name, &st) == ERR_OK && st.st_mtime < oldest_s() &&
			io->unlinkat(fd, name, 0) < 0 && errno != ENOENT)
			e = io_error(errno);
	}
	io_drop(fd);
	if (e)
		chore_fail(ch, cli_error(c, e, ch->workspace));
}

static enum cli_exit sweep(struct cron *k)
{
	struct cli *c = k->cli;
	k->n_left = 0;
	enum err e = io_list(c->store.root_fd, cron_note, k);
	for (size_t i = 0; i < k->n_left && !e; i++) {
		struct stat st;
		char *name = arena_copy_c(c->arena, k->left[i]);
		if (io_stat(c->store.root_fd, name, &st) == ERR_OK && st.st_mtime < oldest_s())
			e = tree_remove(c->store.root_fd, name);
	}
	return e ? cli_error(c, e, STR("the files that a dead process left")) : CLI_OK;
}

static enum cli_exit cron_check_space(struct cli *c)
{
	struct disk d;
	if (disk_look(c->store.root_fd, &d) != ERR_OK || d.free_bytes / 2 >= c->conf.free_bytes)
		return CLI_OK;
	return cli_fail(c, CLI_FAILED, "only %.*s are free on the disk of the data",
		STR_ARG(cli_bytes(c, d.free_bytes)));
}

static void do_nothing(struct chore *ch)
{
	(void)ch;
}

static enum cli_exit do_all(struct cli *c)
{
	struct cron k = { .cli = c };
	/* When workspaces cannot be listed, say so once and not in each step. */
	enum cli_exit codes[8], code = chore_workspaces(c, do_nothing, NULL);
	if (code)
		return code;
	codes[6] = chore_workspaces(c, cron_erase, &k);
	codes[0] = chore_workspaces(c, cron_seal, &k);
	codes[1] = chore_workspaces(c, verify_some, NULL);
	codes[2] = sweep(&k);
	codes[3] = cron_check_space(c);
	codes[4] = chore_workspaces(c, cron_prune, NULL);
	codes[5] = chore_workspaces(c, sweep_workspace, &k);
	codes[7] = chore_workspaces(c, cron_report_damage, NULL);
	if (k.wait_ms > 0 && k.wait_ms <= MOST_WAIT_MS && !cli_has(c, "no-wait")) {
		(void)poll(NULL, 0, k.wait_ms);
		(void)chore_workspaces(c, cron_seal, &k); /* the errors were printed before */
	}
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i])
			return codes[i];
	return CLI_OK;
}

enum cli_exit verb_cron(struct cli *c)
{
	int fd;
	struct buf once;
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	enum err e = io_open_file(c->store.root_fd, ".cron.lock", O_RDWR | O_CREAT, &fd);
	if (e)
		return cli_error(c, e, STR("the lock"));
	/* The damage of a day is found by each step that reads it. */
	buf_init(&once, c->arena);
	c->once = &once;
	/* If the previous run is still busy, there is nothing to do. */
	enum cli_exit code = io_lock(fd, 0) == ERR_OK ? do_all(c) : CLI_OK;
	c->once = NULL;
	buf_release(&once);
	io_drop(fd);
	return code;
}
