/*
 * erase: removes spans for good.  Spans in days that are not over are hidden, and an order is left
 * for cron to remove them (erase_order.h).  --proof waits until the old files are gone, reads all
 * that is left and prints what was done.
 */
#include "chores/erase.h"
#include "chores/chore.h"
#include "chores/erase_order.h"
#include "chores/tend.h"
#include "report/filter.h"
#include "verb.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "query/match/match.h"
#include "shard/check.h"
#include "upkeep/compact.h"

#include <fcntl.h>
#include <poll.h>

struct erasing {
	struct cli *cli;
	struct query query;
	struct field_set fields;    /* the fields that the query reads */
	bool has_proof, is_ordered; /* is_ordered: cron runs this, and hides or orders nothing */
	int32_t last_day;
	struct erase_result result; /* the sum of all calls */
	enum cli_exit failed;       /* the code of the first day that failed */
};

static bool erase_is_wanted(void *user, const struct span *s)
{
	struct erasing *e = user;
	struct arena_mark mark = arena_mark(e->cli->arena);
	bool is = query_match(&e->query, s, e->cli->arena);
	arena_rewind(e->cli->arena, mark);
	return is;
}

/* ---- The request ---- */

static const char *const filters[] = { "user", "where", "kind", "errors", "since", "until" };

/* Appends a condition for the audit, which must not hold what is erased: a value that is searched
 * in texts, or is one, becomes its SHA-256. */
static void put_condition(struct buf *out, struct str text)
{
	unsigned char hash[SHA256_BYTES];
	struct str value = filter_content(text);
	buf_add(out, str_first(text, text.len - value.len));
	if (!value.len)
		return;
	buf_add(out, STR("sha256:"));
	sha256(value, hash);
	buf_add_hex(out, str_of((const char *)hash, sizeof hash));
}

static void erase_put_option(struct buf *out, const struct cli_set *set)
{
	const char *name = set->option->name;
	if (out->len)
		buf_add(out, STR(" and "));
	if (strcmp(name, "where") == 0)
		put_condition(out, set->value);
	else if (strcmp(name, "user") == 0)
		buf_printf(out, "user_id=%.*s", STR_ARG(set->value));
	else
		buf_printf(
			out, "%s%s%.*s", name, set->option->value ? " " : "", STR_ARG(set->value));
}

/* Returns the request in the words of the command line. */
static struct str asked(struct cli *c)
{
	struct buf b;
	buf_init(&b, c->arena);
	for (size_t k = 0; k < sizeof filters / sizeof filters[0]; k++)
		for (size_t i = 0; i < c->n_set; i++)
			if (strcmp(c->set[i].option->name, filters[k]) == 0)
				erase_put_option(&b, &c->set[i]);
	return buf_str(&b);
}

static bool erase_read_request(struct erasing *er)
{
	struct cli *c = er->cli;
	if (!cli_words(c, 0, 0) || !cli_filter(c, 1, &er->query))
		return false;
	if (cli_has(c, "user"))
		filter_add(&er->query, c->arena,
			filter_equals(c->arena, FIELD_USER_ID,
				json_encode(c->arena, cli_value(c, "user"))));
	er->fields = query_fields(&er->query);
	er->has_proof = cli_has(c, "proof");
	if (cli_has(c, "where") || cli_has(c, "user"))
		return true;
	(void)cli_fail(c, CLI_USAGE, "missing condition, such as --user X or --where trace_id=X");
	return false;
}

/* ---- The result ---- */

/* Returns the checksum in the file next to it, which is in the form of sha256sum; empty when it
 * cannot be read. */
static struct str erase_sum_of(struct cli *c, const char *name)
{
	size_t n = 2 * SHA256_BYTES;
	char *sum = arena_text(c->arena, n);
	struct str sum_name = arena_printf(c->arena, "%s.sha256", name);
	int dir, fd;
	enum err e = workspace_open(&c->store, c->workspace, false, &dir);
	if (e)
		return STR("");
	e = io_open_file(dir, arena_copy_c(c->arena, sum_name), O_RDONLY, &fd);
	io_drop(dir);
	if (e)
		return STR("");
	e = io_pread(fd, sum, n, 0, &n);
	io_drop(fd);
	return str_of(sum, e ? 0 : n);
}

static void erase_put_day(void *user, const struct erased_day *d)
{
	struct erasing *er = user;
	struct cli *c = er->cli;
	char name[STORE_NAME_MAX], day[10];
	if (!er->has_proof)
		return;
	store_file_name(STORE_FILE_SEALED, d->day, d->part, name);
	utime_format_day(d->day, day);
	struct str sum = erase_sum_of(c, name);
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), c->workspace);
		json_member_text(&w, STR("day"), str_of(day, sizeof day));
		json_member_i64(&w, STR("erased"), (int64_t)d->n_erased);
		json_member_i64(&w, STR("before_bytes"), d->before_bytes);
		json_member_i64(&w, STR("after_bytes"), d->after_bytes);
		json_member_text(&w, STR("file"), str_from_c(name));
		json_member_text(&w, STR("sha256"), sum);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out,
		"%.*s %.10s: %llu versions gone, %.*s become %.*s\n%s sha256 %.*s\n",
		STR_ARG(c->workspace), day, (unsigned long long)d->n_erased,
		STR_ARG(cli_bytes(c, (uint64_t)d->before_bytes)),
		STR_ARG(cli_bytes(c, (uint64_t)d->after_bytes)), name, STR_ARG(sum));
}

/* ---- The proof ---- */

struct proof {
	struct erasing *erasing;
	uint64_t n_files, n_lines;
	uint64_t n_left;       /* versions that match */
	uint64_t n_unreadable; /* damaged lines and frames, whose content is unknown */
};

static void erase_see_line(void *user, int64_t at, struct str text, enum line_state state)
{
	struct proof *p = user;
	struct span s;
	(void)at;
	p->n_lines++;
	if (state != LINE_OK || line_read(text, &p->erasing->fields, true, &s) != LINE_OK)
		p->n_unreadable++;
	else if (!s.is_deleted && erase_is_wanted(p->erasing, &s))
		p->n_left++;
	cli_progress(p->erasing->cli, "reading all lines: %llu", (unsigned long long)p->n_lines);
}

static void erase_see_damage(void *user, const struct shard_damage *d)
{
	struct proof *p = user;
	(void)d;
	p->n_unreadable++;
}

static enum err erase_read_all(struct proof *p)
{
	struct cli *c = p->erasing->cli;
	struct shard_checker checker = {
		.line = erase_see_line, .damage = erase_see_damage, .user = p
	};
	struct view v;
	enum err e = view_open(&c->store, c->workspace, c->arena, &v);
	if (e)
		return e;
	for (size_t i = 0; i < v.n_shards && !e; i++) {
		p->n_files += v.shards[i].part >= 0;
		e = v.shards[i].part < 0 ? ERR_OK : shard_check(&v, i, &checker);
	}
	view_close(&v);
	return e;
}

static enum cli_exit put_proof(const struct proof *p)
{
	struct cli *c = p->erasing->cli;
	bool is_proven = !p->n_left && !p->n_unreadable && !p->erasing->result.wait_ms;
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_bool(&w, STR("proven"), is_proven);
		json_member_i64(&w, STR("files"), (int64_t)p->n_files);
		json_member_i64(&w, STR("lines"), (int64_t)p->n_lines);
		json_member_i64(&w, STR("left"), (int64_t)p->n_left);
		json_member_i64(&w, STR("unreadable"), (int64_t)p->n_unreadable);
		cli_json_end(c, &w);
	} else {
		buf_printf(&c->report.out, "%llu lines in %llu files were read: %llu match\n",
			(unsigned long long)p->n_lines, (unsigned long long)p->n_files,
			(unsigned long long)p->n_left);
	}
	if (p->n_unreadable)
		(void)cli_fail(c, CLI_UNVERIFIED,
			"%llu damaged lines or frames cannot be read; their content is unknown",
			(unsigned long long)p->n_unreadable);
	return is_proven ? CLI_OK : CLI_UNVERIFIED;
}

static enum cli_exit erase_prove(struct erasing *er)
{
	struct proof p = { .erasing = er };
	enum err e = erase_read_all(&p);
	return e ? cli_workspace_error(er->cli, e) : put_proof(&p);
}

/* ---- Days that are not over ---- */

static bool is_filter(const char *name)
{
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
		if (strcmp(name, filters[i]) == 0)
			return true;
	return false;
}

/* Returns the options for a later run: lengths of time have become times. */
static struct str options_of(struct erasing *er)
{
	struct cli *c = er->cli;
	struct cli_set *set = arena_calloc(c->arena, c->n_set + 1, sizeof *set);
	size_t n = 0;
	for (size_t i = 0; i < c->n_set; i++) {
		const char *name = c->set[i].option->name;
		if (!is_filter(name) && strcmp(name, "label") != 0)
			continue;
		set[n] = c->set[i];
		bool is_since = strcmp(name, "since") == 0;
		if (is_since || strcmp(name, "until") == 0) {
			int64_t ns = is_since ? er->query.from_ns : er->query.to_ns + 1;
			char *text = arena_text(c->arena, UTIME_TEXT_MAX);
			set[n].value = str_of(text, utime_format(ns, text));
		}
		n++;
	}
	return erase_options_write(c->arena, set, n);
}

/* Writes the order first: if this process dies now, spans stay visible and will be removed. */
static enum err see_to_pending(void *user, int32_t day, uint64_t *ret_n_hidden)
{
	struct erasing *er = user;
	struct cli *c = er->cli;
	if (er->is_ordered)
		return ERR_OK;
	struct erase_order order = { .day = day, .options = options_of(er) };
	enum err e = erase_order_add(&c->store, c->workspace, c->arena, order);
	return e ? e : erase_hide(c, &er->query, ret_n_hidden);
}

/* ---- Erasing ---- */

static void put_failed(void *user, int32_t day, enum err e)
{
	struct erasing *er = user;
	struct chore ch = { .cli = er->cli, .workspace = er->cli->workspace };
	enum cli_exit code = cli_error(er->cli, e, chore_name(&ch, day));
	er->failed = er->failed ? er->failed : code;
}

static enum cli_exit put_erased(const struct erasing *er)
{
	struct cli *c = er->cli;
	const struct erase_result *r = &er->result;
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_i64(&w, STR("days"), (int64_t)r->n_days);
		json_member_i64(&w, STR("erased"), (int64_t)r->n_erased);
		json_member_i64(&w, STR("notes"), (int64_t)r->n_notes);
		json_member_i64(&w, STR("pending"), (int64_t)r->n_pending);
		json_member_i64(&w, STR("hidden"), (int64_t)r->n_hidden);
		cli_json_end(c, &w);
	} else {
		buf_printf(&c->report.out,
			"%llu versions in %llu days and %llu lines of notes are gone\n",
			(unsigned long long)r->n_erased, (unsigned long long)r->n_days,
			(unsigned long long)r->n_notes);
	}
	if (r->wait_ms)
		cli_note(c,
			"the files that held them are removed when this runs again, or by cron, after %d s",
			(r->wait_ms + 999) / 1000);
	if (r->n_pending)
		return cli_fail(c, CLI_UNVERIFIED,
			"%llu versions are in days that are not over: they are hidden, and `flatspan cron` removes them when the days are over",
			(unsigned long long)r->n_pending);
	return CLI_OK;
}

static enum err erase_run(struct erasing *er)
{
	struct cli *c = er->cli;
	struct seal_options o = tend_options(c);
	struct erase_result r = { 0 };
	struct erase_request request = { .is_wanted = erase_is_wanted,
		.day = erase_put_day,
		.user = er,
		.last_day = er->last_day,
		.pending = see_to_pending,
		.failed = put_failed,
		.what = asked(c),
		.by = cli_has(c, "label") ? cli_value(c, "label") : STR("command line") };
	enum err e = erase_spans(&c->store, c->workspace, &request, &o, &r);
	if (e)
		return e;
	r.n_days += er->result.n_days;
	r.n_erased += er->result.n_erased;
	r.n_notes += er->result.n_notes;
	r.n_hidden += er->result.n_hidden;
	er->result = r;
	return ERR_OK;
}

/* Runs again when nobody can be reading the old files any more, to remove them. */
static enum err erase_again(struct erasing *er)
{
	struct cli *c = er->cli;
	if (!er->has_proof || er->failed || !er->result.wait_ms || cli_has(c, "no-wait"))
		return ERR_OK;
	cli_progress(c, "waiting until nobody reads the old files");
	(void)poll(NULL, 0, er->result.wait_ms);
	return erase_run(er);
}

enum cli_exit verb_erase(struct cli *c)
{
	struct erasing er = { .cli = c };
	if (!erase_read_request(&er))
		return CLI_USAGE;
	enum err e = erase_run(&er);
	if (!e)
		e = erase_again(&er);
	if (e == ERR_TOO_LARGE)
		return cli_fail(c, CLI_FAILED,
			"workspace %.*s: erase.json is full, so spans in days that are not over are not hidden; erase them when the days are over",
			STR_ARG(c->workspace));
	if (e)
		return cli_error(
			c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace)));
	enum cli_exit code = put_erased(&er);
	if (er.failed)
		return er.failed;
	enum cli_exit proven = er.has_proof ? erase_prove(&er) : CLI_OK;
	return code ? code : proven;
}

/* ---- For cron ---- */

/* Completes one order, as if it were given on the command line. */
static enum err complete(struct erasing *er, const struct erase_order *order, bool *ret_is_known)
{
	struct cli *c = er->cli;
	struct cli_set *set = c->set, *asked_for;
	size_t n_set = c->n_set, n;
	*ret_is_known = erase_options_read(c->arena, order->options, &asked_for, &n);
	if (!*ret_is_known)
		return ERR_OK;
	c->set = asked_for;
	c->n_set = n;
	*ret_is_known = erase_read_request(er);
	enum err e = *ret_is_known ? erase_run(er) : ERR_OK;
	c->set = set;
	c->n_set = n_set;
	if (!e && *ret_is_known && !er->failed && !er->result.n_pending)
		e = erase_order_remove(&c->store, c->workspace, c->arena, *order);
	return e;
}

static enum cli_exit not_understood(struct chore *ch)
{
	return cli_fail(ch->cli, CLI_FAILED, "%.*s: erase.json is invalid; correct it",
		STR_ARG(ch->workspace));
}

int erase_ordered(struct chore *ch)
{
	struct cli *c = ch->cli;
	struct str workspace = c->workspace;
	struct seal_options o = tend_options(c);
	struct erase_order *orders;
	size_t n;
	int longest_ms = 0;
	enum err e = erase_orders_read(&c->store, ch->workspace, c->arena, &orders, &n);
	if (e == ERR_CONF)
		chore_fail(ch, not_understood(ch));
	else if (e && e != ERR_NOT_FOUND) /* it was just removed */
		chore_fail(ch, cli_error(c, e, ch->workspace));
	if (e)
		return 0;
	c->workspace = ch->workspace;
	for (size_t i = 0; i < n; i++) {
		struct erasing er = { .cli = c, .is_ordered = true, .last_day = orders[i].day };
		bool is_known;
		if (utime_day(o.now_ns - o.settle_ms * NS_PER_MS) <= orders[i].day)
			continue;
		e = complete(&er, &orders[i], &is_known);
		if (e)
			chore_fail(ch, cli_error(c, e, ch->workspace));
		else if (er.failed)
			chore_fail(ch, er.failed);
		else if (!is_known)
			chore_fail(ch, not_understood(ch));
		longest_ms = er.result.wait_ms > longest_ms ? er.result.wait_ms : longest_ms;
	}
	c->workspace = workspace;
	return longest_ms;
}
