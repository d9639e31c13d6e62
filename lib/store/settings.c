#include "store/settings.h"

#include "base/io.h"
#include "base/limits.h"
#include "store/projects.h"
#include "json/read.h"
#include "json/write.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

enum { FILE_MAX = 4 << 20 };

static const char file_name[] = "workspace.json", copy_name[] = "workspace.json.copy";

static enum err read_file(int dir_fd, const char *name, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n = 0;
	char *text = NULL;
	enum err e = io_open_file(dir_fd, name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > FILE_MAX)
		e = ERR_CONF;
	if (!e) {
		text = arena_text(a, (size_t)size + 1);
		e = io_pread(fd, text, (size_t)size, 0, &n);
	}
	io_drop(fd);
	if (!e)
		*ret = str_of(text, n);
	return e;
}

static enum err settings_read_text(int dir_fd, struct arena *a, struct str *ret)
{
	enum err e = read_file(dir_fd, file_name, a, ret);
	if (e == ERR_NOT_FOUND)
		*ret = STR("{}");
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static bool read_count(struct json root, struct str key, int64_t *ret)
{
	struct json v = json_get(root, key);
	*ret = 0;
	return v.type == JSON_NONE || v.type == JSON_NULL || (json_to_i64(v, ret) && *ret >= 0);
}

static bool read_pins(struct json root, struct arena *a, struct settings *ret)
{
	struct json list = json_get(root, STR("pinned_traces"));
	size_t n = 0;
	if (list.type == JSON_NONE || list.type == JSON_NULL)
		return true;
	if (list.type != JSON_ARRAY)
		return false;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		n++;
	ret->pinned = arena_calloc(a, n, sizeof *ret->pinned);
	for (struct json_iter it = json_elements(list); json_next(&it);) {
		if (it.value.type != JSON_STRING)
			return false;
		ret->pinned[ret->n_pinned++] = json_body(it.value);
	}
	return true;
}

static const char *const content_words[] = {
	[CONF_CONTENT_FULL] = "full", [CONF_CONTENT_HASH] = "hash", [CONF_CONTENT_NONE] = "none"
};

bool settings_read_content(struct str word, enum conf_content *ret)
{
	for (size_t i = 0; i < sizeof content_words / sizeof content_words[0]; i++)
		if (str_eq(word, str_from_c(content_words[i]))) {
			*ret = (enum conf_content)i;
			return true;
		}
	return false;
}

struct str settings_content_word(enum conf_content content)
{
	return str_from_c(content_words[content]);
}

/* Reads a member as plain text; empty when it is absent. */
static bool settings_read_word(struct json root, struct arena *a, struct str key, struct str *ret)
{
	struct json v = json_get(root, key);
	*ret = v.type == JSON_STRING ? json_decode(a, json_body(v)) : STR("");
	return v.type == JSON_NONE || v.type == JSON_NULL || v.type == JSON_STRING;
}

static bool read_rules(struct json root, struct arena *a, struct mask_rules *ret)
{
	struct mask_rules rules = { .content = CONF_CONTENT_FULL };
	struct str content;
	if (!settings_read_word(root, a, STR("mask_keys"), &rules.keys) ||
		!settings_read_word(root, a, STR("mask_regex"), &rules.regex) ||
		!settings_read_word(root, a, STR("content"), &content) ||
		(content.len && !settings_read_content(content, &rules.content)))
		return false;
	*ret = rules;
	return true;
}

/* True when masking rules can be made from these settings. */
static bool are_rules(const struct mask_rules *rules, struct arena *a)
{
	struct mask m;
	if (mask_init(&m, NULL, rules, a) != ERR_OK)
		return false;
	mask_release(&m);
	return true;
}

static enum err read_settings(int dir_fd, struct arena *a, struct settings *ret)
{
	struct settings settings = { .n_pinned = 0 };
	struct json_error error;
	struct str text;
	enum err e = settings_read_text(dir_fd, a, &text);
	if (e)
		return e;
	if (!json_check(text, LIMIT_DEPTH, &error))
		return ERR_CONF;
	settings.text = json_canonical(a, json_open(text).raw);
	struct json root = json_open(settings.text);
	if (root.type != JSON_OBJECT || !read_count(root, STR("keep_days"), &settings.keep_days) ||
		!read_count(root, STR("keep_bytes"), &settings.keep_bytes) ||
		!read_pins(root, a, &settings) || !read_rules(root, a, &settings.mask) ||
		!are_rules(&settings.mask, a))
		return ERR_CONF;
	*ret = settings;
	return ERR_OK;
}

enum err settings_read(
	const struct store *s, struct str workspace, struct arena *a, struct settings *ret)
{
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = read_settings(dir_fd, a, ret);
	io_drop(dir_fd);
	return e;
}

static bool is_known(struct str key)
{
	return str_eq(key, STR("keep_days")) || str_eq(key, STR("keep_bytes")) ||
	       str_eq(key, STR("pinned_traces")) || str_eq(key, STR("mask_keys")) ||
	       str_eq(key, STR("mask_regex")) || str_eq(key, STR("content"));
}

static void settings_write_text(struct buf *out, const struct settings *settings)
{
	struct json_writer w;
	json_writer_init(&w, out);
	json_object(&w);
	if (settings->keep_days)
		json_member_i64(&w, STR("keep_days"), settings->keep_days);
	if (settings->keep_bytes)
		json_member_i64(&w, STR("keep_bytes"), settings->keep_bytes);
	if (settings->n_pinned) {
		json_key(&w, STR("pinned_traces"));
		json_array(&w);
		for (size_t i = 0; i < settings->n_pinned; i++)
			json_body_value(&w, settings->pinned[i]);
		json_end(&w);
	}
	if (settings->mask.keys.len)
		json_member_text(&w, STR("mask_keys"), settings->mask.keys);
	if (settings->mask.regex.len)
		json_member_text(&w, STR("mask_regex"), settings->mask.regex);
	if (settings->mask.content != CONF_CONTENT_FULL)
		json_member_text(&w, STR("content"), settings_content_word(settings->mask.content));
	for (struct json_iter it = json_members(json_open(settings->text)); json_next(&it);)
		if (!is_known(it.key)) {
			json_key_body(&w, it.key);
			json_raw(&w, it.value.raw);
		}
	json_end(&w);
	buf_add_char(out, '\n');
}

/* Says whether the copy was written after the file. Two times of one tick of the clock may be in
 * either order, so equal ones do not count. */
static enum err copy_is_newer(int dir_fd, bool *ret)
{
	struct stat file, copy;
	enum err e = io_stat(dir_fd, file_name, &file);
	if (!e)
		e = io_stat(dir_fd, copy_name, &copy);
	if (!e)
		*ret = copy.st_mtim.tv_sec > file.st_mtim.tv_sec ||
		       (copy.st_mtim.tv_sec == file.st_mtim.tv_sec &&
			       copy.st_mtim.tv_nsec > file.st_mtim.tv_nsec);
	return e;
}

/* Writes the copy again until the clock has gone on since the file was written. A copy that is not
 * newer in the end is not believed, so that all text is masked. */
static enum err write_copy(int dir_fd, struct str text)
{
	enum { TRIES = 20, TICK_MS = 2 };
	bool is_newer = false;
	enum err e = ERR_OK;
	for (int i = 0; !e && !is_newer && i < TRIES; i++) {
		if (i)
			(void)poll(NULL, 0, TICK_MS);
		e = io_replace_file(dir_fd, copy_name, text, true);
		if (!e)
			e = copy_is_newer(dir_fd, &is_newer);
	}
	return e;
}

static enum err replace_file(int dir_fd, struct arena *a, const struct settings *settings)
{
	struct buf text;
	buf_init(&text, a);
	settings_write_text(&text, settings);
	enum err e = io_replace_file(dir_fd, file_name, buf_str(&text), true);
	if (!e)
		e = write_copy(dir_fd, buf_str(&text));
	buf_release(&text);
	return e;
}

static enum err settings_change_locked(const struct store *s, int dir_fd, struct arena *a,
	bool (*change)(void *user, struct settings *settings), void *user)
{
	struct settings settings;
	int lock_fd;
	enum err e = projects_lock(s, dir_fd, &lock_fd);
	if (e)
		return e;
	e = read_settings(dir_fd, a, &settings);
	if (!e && change(user, &settings))
		e = replace_file(dir_fd, a, &settings);
	io_drop(lock_fd); /* unlocks */
	return e;
}

enum err settings_change(const struct store *s, struct str workspace, struct arena *a,
	bool (*change)(void *user, struct settings *settings), void *user)
{
	int dir_fd;
	if (!s->may_write)
		return ERR_CONF;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = settings_change_locked(s, dir_fd, a, change, user);
	io_drop(dir_fd);
	return e;
}

enum err settings_hold(
	const struct store *s, int dir_fd, struct arena *a, struct settings *ret, int *ret_lock_fd)
{
	int lock_fd;
	enum err e = projects_lock(s, dir_fd, &lock_fd);
	if (e)
		return e;
	arena_hold(a, lock_fd);
	e = read_settings(dir_fd, a, ret);
	arena_let_go(a, lock_fd);
	if (e)
		io_drop(lock_fd);
	else
		*ret_lock_fd = lock_fd;
	return e;
}

static enum err read_mask(const struct store *s, struct str text, struct arena *a, struct mask *ret)
{
	struct json_error error;
	struct mask_rules rules;
	if (!json_check(text, LIMIT_DEPTH, &error))
		return ERR_CONF;
	struct json root = json_open(json_canonical(a, json_open(text).raw));
	if (root.type != JSON_OBJECT || !read_rules(root, a, &rules))
		return ERR_CONF;
	return mask_init(ret, s->mask, &rules, a);
}

/* Reads the masking rules of the copy, which is as the file was before it was damaged. A copy that
 * is not newer than the file may mask less. */
static enum err read_mask_of_copy(
	const struct store *s, int dir_fd, struct arena *a, struct mask *ret)
{
	struct str text;
	bool is_newer;
	enum err e = copy_is_newer(dir_fd, &is_newer);
	if (!e && !is_newer)
		e = ERR_CONF;
	if (!e)
		e = read_file(dir_fd, copy_name, a, &text);
	return e ? e : read_mask(s, text, a, ret);
}

enum err settings_mask(const struct store *s, int dir_fd, struct arena *a, struct mask *ret)
{
	/* All text: what was to be masked is not known, and must not be written. */
	static const struct mask_rules everything = { .regex = { ".+", 2 },
		.content = CONF_CONTENT_NONE };
	struct str text;
	enum err e = settings_read_text(dir_fd, a, &text);
	if (!e)
		e = read_mask(s, text, a, ret);
	if (e == ERR_CONF)
		e = read_mask_of_copy(s, dir_fd, a, ret);
	return e == ERR_CONF || e == ERR_NOT_FOUND ? mask_init(ret, s->mask, &everything, a) : e;
}

enum err settings_keep_copy(const struct store *s, struct str workspace, struct arena *a)
{
	struct settings settings;
	struct str text, copy;
	int dir_fd, lock_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = settings_hold(s, dir_fd, a, &settings, &lock_fd);
	if (!e) {
		e = read_file(dir_fd, file_name, a, &text);
		bool is_kept = false;
		if (!e && !read_file(dir_fd, copy_name, a, &copy) && str_eq(text, copy))
			e = copy_is_newer(dir_fd, &is_kept);
		if (!e && !is_kept)
			e = write_copy(dir_fd, text);
		io_drop(lock_fd); /* unlocks */
	}
	io_drop(dir_fd);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err settings_mask_of(
	const struct store *s, struct str workspace, struct arena *a, struct mask *ret)
{
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e == ERR_NOT_FOUND)
		return read_mask(s, STR("{}"), a, ret);
	if (e)
		return e;
	e = settings_mask(s, dir_fd, a, ret);
	io_drop(dir_fd);
	return e;
}

bool settings_is_pinned(const struct settings *settings, struct str trace_id)
{
	for (size_t i = 0; i < settings->n_pinned; i++)
		if (str_eq(settings->pinned[i], trace_id))
			return true;
	return false;
}
