#include "store/settings.h"

#include "base/io.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"

#include <fcntl.h>

enum { FILE_MAX_BYTES = 64 << 10 };

static const char file_name[] = "workspace.json";

static enum err read_text(int dir_fd, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n;
	enum err e = io_open_file(dir_fd, file_name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > FILE_MAX_BYTES)
		e = ERR_CONF;
	if (!e) {
		char *text = arena_text(a, (size_t)size);
		e = io_pread(fd, text, (size_t)size, 0, &n);
		if (!e)
			*ret = str_of(text, n);
	}
	io_drop(fd);
	return e;
}

/* False: a member of the wrong type. */
static bool read_member(struct settings *s, struct arena *a, struct str key, struct json v)
{
#define READ_I64(name) (json_to_i64(v, &s->name) && s->name >= 0)
#define READ_TEXT(name) \
	(v.type == JSON_STRING && (s->name = json_canonical_body(a, json_body(v)), true))
#define X(type, name, help) \
	if (json_body_is(key, STR(#name))) \
		return READ_##type(name);
	SETTING_LIST(X)
#undef X
	s->extra = arena_printf(a, "%.*s%s\"%.*s\":%.*s", STR_ARG(s->extra),
		s->extra.len ? "," : "", STR_ARG(key), STR_ARG(v.raw));
	return true;
}

enum err settings_read(int dir_fd, struct arena *a, struct settings *ret)
{
	struct settings s = { .extra = STR("") };
	struct str text;
	struct json_error error;
	enum err e = read_text(dir_fd, a, &text);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e) {
		if (!json_check(text, LIMIT_DEPTH, &error) || json_open(text).type != JSON_OBJECT)
			return ERR_CONF;
		for (struct json_iter it = json_members(json_open(text)); json_next(&it);)
			if (!read_member(&s, a, it.key, it.value))
				return ERR_CONF;
	}
	*ret = s;
	return ERR_OK;
}

enum err settings_write(int dir_fd, struct arena *a, const struct settings *s)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
#define WRITE_I64(name) \
	if (s->name) \
	json_member_i64(&w, STR(#name), s->name)
#define WRITE_TEXT(name) \
	if (!str_is_null(s->name)) \
	json_member_body(&w, STR(#name), s->name)
#define X(type, name, help) WRITE_##type(name);
	SETTING_LIST(X)
#undef X
	for (struct json_iter it =
			json_members(json_open(arena_printf(a, "{%.*s}", STR_ARG(s->extra))));
		json_next(&it);) {
		json_key_body(&w, json_canonical_body(a, it.key));
		json_raw(&w, it.value.raw);
	}
	json_end(&w);
	buf_add_char(&b, '\n');
	enum err e = io_replace_file(dir_fd, file_name, buf_str(&b), true);
	buf_release(&b);
	return e;
}
