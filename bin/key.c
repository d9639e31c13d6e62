/* key: edits the keys file, in which a wrong line would lock everybody out. */
#include "key.h"
#include "report/columns.h"
#include "report/value.h"
#include "verb.h"

#include "base/utime.h"
#include "web/keys_file.h"

#include <sys/stat.h>
#include <unistd.h>

/* How long a replaced key stays valid, unless --expires says otherwise. */
#define GRACE_NS NS_PER_DAY

struct change {
	struct cli *cli;
	enum { CHANGE_ADD, CHANGE_REVOKE, CHANGE_ROTATE } what;
	struct str id;            /* of the key that ends */
	struct key_record record; /* of the new one */
	int64_t old_ends_ns;
	bool is_over; /* the key to rotate has ended already */
	size_t n_found, bad_line;
};

static struct str roles_text(struct cli *c, unsigned roles)
{
	if (roles & ROLE_ADMIN)
		return STR("admin");
	return arena_printf(c->arena, "%s%s%s", roles & ROLE_INGEST ? "ingest" : "",
		(roles & ROLE_INGEST) && (roles & ROLE_READ) ? "," : "",
		roles & ROLE_READ ? "read" : "");
}

/* Lines that are not keys have no id and stay as they are. */
static void change_line(struct change *ch, struct buf *out, struct str line, struct key_record *k)
{
	if (k->id.len == 0 || !str_eq(k->id, ch->id)) {
		buf_add(out, line);
		buf_add_char(out, '\n');
		return;
	}
	ch->n_found++;
	if (ch->what == CHANGE_REVOKE)
		return;
	ch->record.workspaces = k->workspaces;
	ch->record.roles = k->roles;
	ch->record.label = k->label;
	ch->record.not_after_ns = k->not_after_ns;
	ch->is_over = k->not_after_ns <= utime_now();
	if (k->not_after_ns > ch->old_ends_ns)
		k->not_after_ns = ch->old_ends_ns;
	ch->old_ends_ns = k->not_after_ns;
	key_record_write(out, k);
}

static enum err change_text(void *user, struct str text, struct str *ret_text)
{
	struct change *ch = user;
	struct buf out;
	buf_init(&out, ch->cli->arena);
	size_t number = 0;
	while (text.len) {
		struct str line = str_cut(&text, '\n'), bare = str_trim(line);
		struct key_record k = { .id = STR("") };
		number++;
		if (bare.len && bare.ptr[0] != '#' && !key_record_read(bare, &k)) {
			ch->bad_line = number;
			return ERR_CONF;
		}
		change_line(ch, &out, line, &k);
	}
	/* The new key would end with the old one. */
	if (ch->is_over)
		return ERR_CONFLICT;
	if (ch->what == CHANGE_ADD || (ch->what == CHANGE_ROTATE && ch->n_found))
		key_record_write(&out, &ch->record);
	*ret_text = buf_str(&out);
	return ERR_OK;
}

static enum cli_exit apply(struct change *ch)
{
	struct cli *c = ch->cli;
	enum err e = keys_file_change(&c->conf, c->arena, change_text, ch);
	if (ch->bad_line)
		return cli_fail(c, CLI_FAILED,
			"line %zu of the keys file is invalid, so nobody has access; correct it first",
			ch->bad_line);
	if (ch->is_over)
		return cli_fail(c, CLI_FAILED,
			"the key %.*s has ended, and the new one would too; `flatspan key add` makes one",
			STR_ARG(ch->id));
	if (e == ERR_CONF) /* the file cannot be read */
		e = ERR_IO;
	if (e)
		return cli_error(c, e, STR("the keys file"));
	if (ch->what != CHANGE_ADD && !ch->n_found)
		return cli_fail(c, CLI_NOT_FOUND, "there is no key %.*s", STR_ARG(ch->id));
	return CLI_OK;
}

static bool key_read_roles(struct cli *c, unsigned *ret)
{
	struct str list = cli_value(c, "role");
	unsigned roles = 0;
	if (str_is_null(list))
		list = STR("ingest");
	while (!str_is_null(list)) {
		struct str name = str_cut(&list, ',');
		if (str_eq(name, STR("ingest")))
			roles |= ROLE_INGEST;
		else if (str_eq(name, STR("read")))
			roles |= ROLE_READ;
		else if (str_eq(name, STR("admin")))
			roles |= ROLE_ADMIN;
		else {
			(void)cli_fail(c, CLI_USAGE,
				"--role: must be ingest, read or admin, or several with commas, not %.*s",
				STR_ARG(str_first(name, 60)));
			return false;
		}
	}
	*ret = roles;
	return true;
}

/* Reads when a key ends. A length of time counts from now on. */
static bool key_read_expiry(struct cli *c, int64_t otherwise, int64_t *ret_ns)
{
	int64_t length_ns;
	struct str s = cli_value(c, "expires");
	*ret_ns = otherwise;
	if (str_is_null(s))
		return true;
	if (value_read_duration(s, &length_ns)) {
		if (__builtin_add_overflow(utime_now(), length_ns, ret_ns))
			*ret_ns = INT64_MAX;
		return true;
	}
	if (utime_parse_lax(s, ret_ns))
		return true;
	(void)cli_fail(c, CLI_USAGE,
		"--expires: must be a time such as 2026-11-21, 2026-11-21T13:45:00Z or 90d (from now), not %.*s",
		STR_ARG(str_first(s, 60)));
	return false;
}

static bool read_label(struct cli *c, struct str *ret)
{
	struct str label = cli_value(c, "label");
	for (size_t i = 0; i < label.len; i++)
		if ((unsigned char)label.ptr[i] < 0x20 || label.ptr[i] == 0x7f) {
			(void)cli_fail(c, CLI_USAGE, "--label: must be one line");
			return false;
		}
	*ret = label;
	return true;
}

static bool key_check_workspaces(struct cli *c, struct str list)
{
	if (str_eq(list, STR("*")))
		return true;
	while (!str_is_null(list)) {
		struct str name = str_cut(&list, ',');
		if (!cli_check_workspace(c, name))
			return false;
	}
	return true;
}

/* Prints a new key. The key itself is data, for scripts; it is shown once. */
static void print_key(struct cli *c, struct str key, const struct key_record *k)
{
	char time[UTIME_TEXT_MAX];
	if (c->report.form == REPORT_TEXT) {
		buf_add(&c->report.out, key);
		buf_add_char(&c->report.out, '\n');
		cli_note(c, "%.*s may %.*s in %.*s; the key is not shown again", STR_ARG(k->id),
			STR_ARG(roles_text(c, k->roles)), STR_ARG(k->workspaces));
		return;
	}
	columns_begin(&c->report, STR("key id roles workspaces expires"));
	struct json_writer w = report_json(&c->report);
	json_member_text(&w, STR("key"), key);
	json_member_text(&w, STR("id"), k->id);
	json_member_text(&w, STR("roles"), roles_text(c, k->roles));
	json_member_text(&w, STR("workspaces"), k->workspaces);
	if (k->not_after_ns != INT64_MAX)
		json_member_text(
			&w, STR("expires"), str_of(time, utime_format(k->not_after_ns, time)));
	cli_json_end(c, &w);
}

enum cli_exit key_add(struct cli *c, struct str workspaces, unsigned roles, int64_t not_after_ns,
	struct str label, struct str *ret_key, struct key_record *ret)
{
	struct change ch = { .cli = c, .what = CHANGE_ADD };
	enum err e = key_make(c->arena, ret_key, &ch.record);
	if (e)
		return cli_error(c, e, STR("random bytes"));
	ch.record.workspaces = workspaces;
	ch.record.roles = roles;
	ch.record.not_after_ns = not_after_ns;
	ch.record.label = label;
	*ret = ch.record;
	return apply(&ch);
}

static enum cli_exit key_run_add(struct cli *c)
{
	struct str workspaces = c->n_words > 1 ? c->words[1] : c->workspace, key, label;
	struct key_record k;
	unsigned roles;
	int64_t ends_ns;
	if (!cli_words(c, 1, 2) || !key_read_roles(c, &roles) ||
		!key_read_expiry(c, INT64_MAX, &ends_ns) || !read_label(c, &label) ||
		!key_check_workspaces(c, workspaces))
		return CLI_USAGE;
	if (ends_ns <= utime_now())
		cli_note(c, "--expires is in the past, so this key is not valid");
	enum cli_exit code = key_add(c, workspaces, roles, ends_ns, label, &key, &k);
	if (code == CLI_OK)
		print_key(c, key, &k);
	return code;
}

static enum cli_exit revoke_key(struct cli *c)
{
	struct change ch = { .cli = c, .what = CHANGE_REVOKE };
	if (!cli_words(c, 2, 2))
		return CLI_USAGE;
	ch.id = c->words[1];
	return apply(&ch);
}

/* Replaces a key. Both keys are valid for a while, so that clients can be changed one after the
 * other. */
static enum cli_exit rotate(struct cli *c)
{
	struct change ch = { .cli = c, .what = CHANGE_ROTATE };
	struct str key;
	if (!cli_words(c, 2, 2) || !key_read_expiry(c, utime_now() + GRACE_NS, &ch.old_ends_ns))
		return CLI_USAGE;
	ch.id = c->words[1];
	enum err e = key_make(c->arena, &key, &ch.record);
	if (e)
		return cli_error(c, e, STR("random bytes"));
	enum cli_exit code = apply(&ch);
	if (code)
		return code;
	print_key(c, key, &ch.record);
	cli_note(c, "the old key ends at %.*s UTC", STR_ARG(report_time(c->arena, ch.old_ends_ns)));
	return CLI_OK;
}

static void print_row(struct cli *c, const struct key_record *k)
{
	bool is_over = utime_now() > k->not_after_ns;
	if (c->report.form != REPORT_TEXT) {
		char time[UTIME_TEXT_MAX];
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("id"), k->id);
		json_member_text(&w, STR("roles"), roles_text(c, k->roles));
		json_member_text(&w, STR("workspaces"), k->workspaces);
		if (k->not_after_ns != INT64_MAX)
			json_member_text(&w, STR("expires"),
				str_of(time, utime_format(k->not_after_ns, time)));
		json_member_bool(&w, STR("expired"), is_over);
		json_member_text(&w, STR("label"), k->label);
		cli_json_end(c, &w);
		return;
	}
	report_put(&c->report, k->id, 10, true);
	report_put(&c->report, roles_text(c, k->roles), 13, true);
	report_put_whole(&c->report, k->workspaces, 20);
	buf_add_char(&c->report.out, ' ');
	report_put(&c->report,
		k->not_after_ns == INT64_MAX ? STR("never")
		: is_over                    ? STR("expired")
					     : report_time(c->arena, k->not_after_ns),
		21, true);
	report_put(&c->report, k->label, 0, false);
	buf_add_char(&c->report.out, '\n');
}

static enum cli_exit key_run_list(struct cli *c)
{
	struct str text;
	if (!cli_words(c, 1, 1))
		return CLI_USAGE;
	enum err e = keys_file_read(&c->conf, c->arena, &text);
	if (e == ERR_NOT_FOUND) {
		cli_note(c, "there is no keys file");
		return CLI_OK;
	}
	if (e)
		return cli_error(c, ERR_IO, STR("the keys file"));
	columns_begin(&c->report, STR("id roles workspaces expires expired label"));
	for (size_t number = 1; text.len; number++) {
		struct key_record k;
		struct str line = str_trim(str_cut(&text, '\n'));
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (!key_record_read(line, &k))
			return cli_fail(c, CLI_FAILED,
				"line %zu of the keys file is invalid, so nobody has access",
				number);
		print_row(c, &k);
	}
	return CLI_OK;
}

/* Makes a process of root one of the owner of the data. A keys file that servers may read and not
 * write, in a directory of root (the setting keys), stays root's, with the group that reads it. */
static bool become_keeper(struct cli *c)
{
	struct str path = c->conf.keys;
	size_t slash = path.len;
	struct stat dir, from;
	while (slash && path.ptr[slash - 1] != '/')
		slash--;
	struct str above = slash ? str_first(path, slash) : STR(".");
	if (!path.len || geteuid() != 0)
		return cli_become_owner(c, c->conf.root);
	if (stat(arena_copy_c(c->arena, above), &dir) < 0 || dir.st_uid != 0)
		return cli_become_owner(c, above);
	/* A file that everybody may read, as an editor leaves it, does not name the group of the
	 * servers; the new file is closed to others. */
	if ((stat(arena_copy_c(c->arena, path), &from) < 0 || from.st_mode & S_IROTH) &&
		stat(arena_copy_c(c->arena, c->conf.root), &from) < 0)
		return true;
	if (setgid(from.st_gid) == 0)
		return true;
	(void)cli_fail(c, CLI_FAILED, "cannot set the group of %.*s", STR_ARG(path));
	return false;
}

/* Refuses options that the action ignores: a key that is revoked ends at once, whatever --expires
 * says. */
static bool check_options_of(struct cli *c, struct str action)
{
	bool is_add = str_eq(action, STR("add")), is_rotate = str_eq(action, STR("rotate"));
	const char *said = NULL;
	if (!is_add && !is_rotate && cli_has(c, "expires"))
		said = "--expires is for add and rotate";
	else if (!is_add && (cli_has(c, "role") || cli_has(c, "label")))
		said = "--role and --label are for add";
	if (said)
		(void)cli_fail(c, CLI_USAGE, "%s", said);
	return !said;
}

enum cli_exit verb_key(struct cli *c)
{
	static const struct {
		const char *name;
		enum cli_exit (*run)(struct cli *c);
	} actions[] = { { "add", key_run_add }, { "list", key_run_list }, { "revoke", revoke_key },
		{ "rotate", rotate } };
	if (!cli_words(c, 1, 2) || !check_options_of(c, c->words[0]))
		return CLI_USAGE;
	if (!become_keeper(c))
		return CLI_FAILED;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (str_eq(c->words[0], str_from_c(actions[i].name)))
			return actions[i].run(c);
	(void)cli_words(c, 0, 0);
	return CLI_USAGE;
}
