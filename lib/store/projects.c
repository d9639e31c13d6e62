#include "store/projects.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "store/aside.h"
#include "json/write.h"

#include <fcntl.h>

static const char file_name[] = "projects.json";

enum { FILE_MAX = 64 << 20 }; /* a hundred thousand projects; larger is none of ours */

bool project_name_eq(struct str x, struct str y)
{
	return str_eq_nocase(x, y);
}

struct project *projects_by_name(const struct projects *p, struct str name)
{
	for (size_t i = 0; i < p->n; i++)
		if (project_name_eq(p->list[i].name, name))
			return &p->list[i];
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < p->list[i].n_former; j++)
			if (project_name_eq(p->list[i].former[j], name))
				return &p->list[i];
	return NULL;
}

struct project *projects_by_id(const struct projects *p, struct str id)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->list[i].id, id))
			return &p->list[i];
	return NULL;
}

struct str project_derived_id(struct arena *a, struct str name)
{
	static const char form[] = "0190babc-62a0-7xxx-vxxx-xxxxxxxxxxxx";
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_BYTES];
	char *folded = arena_text(a, name.len + 1), *id = arena_text(a, UUID_TEXT);
	for (size_t i = 0; i < name.len; i++)
		folded[i] = ascii_lower(name.ptr[i]);
	sha256(str_of(folded, name.len), digest);
	for (unsigned i = 0, n = 0; i < UUID_TEXT; i++) {
		unsigned nibble = digest[n / 2] >> (n % 2 ? 0 : 4) & 15;
		bool is_free = form[i] == 'x' || form[i] == 'v';
		id[i] = form[i] == 'x'   ? digits[nibble]
			: form[i] == 'v' ? digits[8 | (nibble & 3)]
					 : form[i];
		n += is_free;
	}
	return str_of(id, UUID_TEXT);
}

static struct project *add_empty(struct projects *p)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 8;
		struct project *list = arena_calloc(p->arena, cap, sizeof *list);
		if (p->n)
			memcpy(list, p->list, p->n * sizeof *list);
		p->list = list;
		p->cap = cap;
	}
	p->list[p->n] = (struct project){ 0 };
	return &p->list[p->n++];
}

struct project *projects_add(
	struct projects *p, struct str name, struct str other_id, struct str by, int64_t now_ns)
{
	struct str id = project_derived_id(p->arena, name);
	if (projects_by_id(p, id))
		id = other_id;
	struct project *added = add_empty(p);
	*added = (struct project){ .id = id,
		.name = name,
		.created_by = by,
		.updated_by = by,
		.created_ns = now_ns,
		.updated_ns = now_ns };
	return added;
}

/* ---- The file ---- */

enum { TEXTS = 6 };

static struct str *project_text_of(struct project *p, unsigned i)
{
	struct str *const all[TEXTS] = { &p->id, &p->name, &p->description, &p->visibility,
		&p->created_by, &p->updated_by };
	return all[i];
}

static const struct str text_names[TEXTS] = {
	{ "id", 2 },
	{ "name", 4 },
	{ "description", 11 },
	{ "visibility", 10 },
	{ "created_by", 10 },
	{ "updated_by", 10 },
};

static void read_former(struct project *p, struct arena *a, struct json names)
{
	size_t n = 0;
	for (struct json_iter it = json_elements(names); json_next(&it);)
		n++;
	p->former = arena_calloc(a, n, sizeof *p->former);
	for (struct json_iter it = json_elements(names); json_next(&it);)
		if (it.value.type == JSON_STRING)
			p->former[p->n_former++] = json_body(it.value);
}

static bool read_project(struct projects *p, struct json v)
{
	struct project one = { 0 };
	for (unsigned i = 0; i < TEXTS; i++)
		*project_text_of(&one, i) = json_body(json_get(v, text_names[i]));
	if (one.id.len == 0 || one.name.len == 0)
		return false;
	(void)utime_parse(json_body(json_get(v, STR("created_at"))), &one.created_ns);
	(void)utime_parse(json_body(json_get(v, STR("updated_at"))), &one.updated_ns);
	read_former(&one, p->arena, json_get(v, STR("former")));
	*add_empty(p) = one;
	return true;
}

static enum err projects_read_text(int dir_fd, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n;
	enum err e = io_open_file(dir_fd, file_name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > FILE_MAX)
		e = ERR_IO;
	if (!e) {
		char *text = arena_text(a, (size_t)size + 1);
		e = io_pread(fd, text, (size_t)size, 0, &n);
		*ret = str_of(text, e ? 0 : n);
	}
	io_drop(fd);
	return e;
}

/* Returns false when the text is not a project. */
static bool projects_parse_line(struct projects *p, struct str line)
{
	struct json_error error;
	return json_check(line, LIMIT_DEPTH, &error) && json_open(line).type == JSON_OBJECT &&
	       read_project(p, json_open(json_canonical(p->arena, line)));
}

/* Reads the sound lines of a damaged file, which write_all() wrote one by one. */
static void parse_lines(struct projects *p, struct str text)
{
	while (text.len) {
		struct str line = str_cut(&text, '\n');
		/* Without what stands between two of them. */
		line = str_skip(line, str_starts(line, STR(",")));
		while (line.len && line.ptr[line.len - 1] != '}')
			line.len--;
		/* The last one is followed by the end of all. */
		if (!projects_parse_line(p, line) && str_ends(line, STR("]}")))
			(void)projects_parse_line(p, str_first(line, line.len - 2));
	}
}

static void projects_parse(struct projects *p, struct str text)
{
	struct json_error error;
	struct json list = { .type = JSON_NONE };
	/* Written by us, or by hand: canonical either way from here on. */
	if (json_check(text, LIMIT_DEPTH, &error))
		list = json_get(json_open(json_canonical(p->arena, text)), STR("projects"));
	p->is_damaged = list.type != JSON_ARRAY;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		if (!read_project(p, it.value))
			p->is_damaged = true;
	if (p->is_damaged && p->n == 0)
		parse_lines(p, text);
}

enum err projects_read(int dir_fd, struct arena *a, struct projects *ret)
{
	struct projects p = { .arena = a };
	struct str text = STR_NULL;
	enum err e = projects_read_text(dir_fd, a, &text);
	if (e == ERR_OK)
		projects_parse(&p, text);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!projects_by_id(&p, STR(PROJECT_DEFAULT_ID)))
		*add_empty(&p) = (struct project){ .id = STR(PROJECT_DEFAULT_ID),
			.name = STR(PROJECT_DEFAULT_NAME),
			.created_by = STR("admin"),
			.updated_by = STR("admin") };
	*ret = p;
	return ERR_OK;
}

static void projects_write_time(struct json_writer *w, struct str key, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	json_member_body(w, key, str_of(text, utime_format(ns, text)));
}

static void write_project(struct json_writer *w, struct project *p)
{
	json_object(w);
	for (unsigned i = 0; i < TEXTS; i++)
		if (!str_is_null(*project_text_of(p, i)))
			json_member_body(w, text_names[i], *project_text_of(p, i));
	projects_write_time(w, STR("created_at"), p->created_ns);
	projects_write_time(w, STR("updated_at"), p->updated_ns);
	if (p->n_former) {
		json_key(w, STR("former"));
		json_array(w);
		for (size_t i = 0; i < p->n_former; i++)
			json_body_value(w, p->former[i]);
		json_end(w);
	}
	json_end(w);
}

static enum err write_all(int dir_fd, const struct projects *p, bool durable)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, p->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_key(&w, STR("projects"));
	json_array(&w);
	for (size_t i = 0; i < p->n; i++) {
		buf_add_char(&b, '\n'); /* one a line, for people and grep */
		write_project(&w, &p->list[i]);
	}
	json_end(&w);
	json_end(&w);
	buf_add_char(&b, '\n');
	enum err e = io_replace_file(dir_fd, file_name, buf_str(&b), durable);
	buf_release(&b);
	return e;
}

/* ---- Changing it ---- */

enum err projects_lock(const struct store *s, int dir_fd, int *ret_fd)
{
	int fd;
	enum err e = io_open_file(dir_fd, "projects.lock", O_RDWR | O_CREAT, &fd);
	if (e)
		return e;
	e = io_lock(fd, s->conf->lock_ms);
	if (e)
		io_drop(fd);
	else
		*ret_fd = fd;
	return e;
}

static enum err projects_change_locked(const struct store *s, int dir_fd, struct arena *a,
	enum err (*change)(void *user, struct projects *p, bool *ret_changed), void *user)
{
	struct projects p;
	bool changed = false;
	int lock_fd;
	enum err e = projects_lock(s, dir_fd, &lock_fd);
	if (e)
		return e;
	e = projects_read(dir_fd, a, &p);
	if (!e)
		e = change(user, &p, &changed);
	if (!e && changed && p.is_damaged)
		e = aside_move(dir_fd, file_name);
	if (!e && changed)
		e = write_all(dir_fd, &p, s->conf->sync == CONF_SYNC_ALWAYS);
	io_drop(lock_fd);
	return e;
}

enum err projects_change(const struct store *s, struct str workspace, bool create, struct arena *a,
	enum err (*change)(void *user, struct projects *p, bool *ret_changed), void *user)
{
	int dir_fd;
	if (!s->may_write)
		return ERR_CONF;
	enum err e = workspace_open(s, workspace, create, &dir_fd);
	if (e)
		return e;
	e = projects_change_locked(s, dir_fd, a, change, user);
	io_drop(dir_fd);
	return e;
}

struct wanted {
	const struct str *names;
	size_t n;
	struct str by;
	int64_t now_ns;
	struct uuid_source ids;
	struct projects *ret;
};

static enum err add_missing(void *user, struct projects *p, bool *ret_changed)
{
	struct wanted *w = user;
	for (size_t i = 0; i < w->n; i++)
		if (!projects_by_name(p, w->names[i])) {
			struct str id = uuid_new(&w->ids, p->arena, w->now_ns);
			(void)projects_add(p, w->names[i], id, w->by, w->now_ns);
			*ret_changed = true;
		}
	*w->ret = *p;
	return ERR_OK;
}

/* Most writes name projects that are there: no lock for those. */
static enum err are_there(const struct store *s, struct str workspace, struct arena *a,
	const struct wanted *w, bool *ret_are_there)
{
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = projects_read(dir_fd, a, w->ret);
	io_drop(dir_fd);
	if (e)
		return e;
	*ret_are_there = true;
	for (size_t i = 0; i < w->n && *ret_are_there; i++)
		*ret_are_there = projects_by_name(w->ret, w->names[i]) != NULL;
	return ERR_OK;
}

enum err projects_ensure(const struct store *s, struct str workspace, bool create, struct arena *a,
	const struct str *names, size_t n, struct str by, int64_t now_ns, struct projects *ret)
{
	bool all = false;
	struct projects found;
	struct wanted w = { .names = names, .n = n, .by = by, .now_ns = now_ns, .ret = &found };
	enum err e = are_there(s, workspace, a, &w, &all);
	if (!e && !all)
		e = projects_change(s, workspace, create, a, add_missing, &w);
	if (!e)
		*ret = found;
	return e;
}
