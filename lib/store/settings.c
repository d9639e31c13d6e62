#include "store/settings.h"

#include "base/io.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "store/projects.h"

#include <fcntl.h>

enum { FILE_MAX = 4 << 20 };

static const char file_name[] = "workspace.json";

static enum err read_text(int dir_fd, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n = 0;
	char *text = NULL;
	enum err e = io_open_file(dir_fd, file_name, O_RDONLY, &fd);
	if (e == ERR_NOT_FOUND) {
		*ret = STR("{}");
		return ERR_OK;
	}
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

static enum err read_settings(int dir_fd, struct arena *a, struct settings *ret)
{
	struct settings settings = { .n_pinned = 0 };
	struct json_error error;
	struct str text;
	enum err e = read_text(dir_fd, a, &text);
	if (e)
		return e;
	if (!json_check(text, LIMIT_DEPTH, &error))
		return ERR_CONF;
	settings.text = json_canonical(a, json_open(text).raw);
	struct json root = json_open(settings.text);
	if (root.type != JSON_OBJECT || !read_count(root, STR("keep_days"), &settings.keep_days) ||
		!read_count(root, STR("keep_bytes"), &settings.keep_bytes) ||
		!read_pins(root, a, &settings))
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
	       str_eq(key, STR("pinned_traces"));
}

static void write_text(struct buf *out, const struct settings *settings)
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
	for (struct json_iter it = json_members(json_open(settings->text)); json_next(&it);)
		if (!is_known(it.key)) {
			json_key_body(&w, it.key);
			json_raw(&w, it.value.raw);
		}
	json_end(&w);
	buf_add_char(out, '\n');
}

static enum err replace_file(int dir_fd, struct arena *a, const struct settings *settings)
{
	struct buf text;
	buf_init(&text, a);
	write_text(&text, settings);
	enum err e = io_replace_file(dir_fd, file_name, buf_str(&text), true);
	buf_release(&text);
	return e;
}

static enum err change_locked(const struct store *s, int dir_fd, struct arena *a,
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
	e = change_locked(s, dir_fd, a, change, user);
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

bool settings_is_pinned(const struct settings *settings, struct str trace_id)
{
	for (size_t i = 0; i < settings->n_pinned; i++)
		if (str_eq(settings->pinned[i], trace_id))
			return true;
	return false;
}
