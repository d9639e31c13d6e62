#include "chores/erase_order.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/utime.h"
#include "store/projects.h"

#include <fcntl.h>

enum { DAY_LEN = sizeof "2026-11-23" - 1 };

static const char file_name[] = "erase.json";

/* ---- Options ---- */

struct str erase_options_write(struct arena *a, const struct cli_set *set, size_t n)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_array(&w);
	for (size_t i = 0; i < n; i++) {
		json_object(&w);
		json_member_text(&w, str_from_c(set[i].option->name), set[i].value);
		json_end(&w);
	}
	json_end(&w);
	return json_canonical(a, buf_str(&b));
}

static const struct cli_option *erase_order_find_option(struct str name)
{
	for (size_t i = 0; i < cli_n_options; i++)
		if (str_eq(name, str_from_c(cli_options[i].name)))
			return &cli_options[i];
	return NULL;
}

bool erase_options_read(struct arena *a, struct str options, struct cli_set **ret, size_t *ret_n)
{
	size_t n = 0;
	for (struct json_iter it = json_elements(json_open(options)); json_next(&it);)
		n++;
	struct cli_set *set = arena_calloc(a, n + 1, sizeof *set);
	n = 0;
	for (struct json_iter it = json_elements(json_open(options)); json_next(&it); n++) {
		struct json_iter member = json_members(it.value);
		if (!json_next(&member) || member.value.type != JSON_STRING)
			return false;
		set[n].option = erase_order_find_option(member.key);
		set[n].value = json_decode(a, json_body(member.value));
		if (!set[n].option)
			return false;
	}
	*ret = set;
	*ret_n = n;
	return true;
}

/* ---- The file ---- */

static enum err erase_order_read_text(int dir_fd, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n;
	enum err e = io_open_file(dir_fd, file_name, O_RDONLY, &fd);
	if (e == ERR_NOT_FOUND) {
		*ret = STR("{\"orders\":[]}");
		return ERR_OK;
	}
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > (int64_t)LIMIT_ERASE_BYTES)
		e = ERR_CONF;
	if (!e) {
		char *text = arena_text(a, (size_t)size + 1);
		e = io_pread(fd, text, (size_t)size, 0, &n);
		if (!e)
			*ret = str_of(text, n);
	}
	io_drop(fd);
	return e;
}

static bool erase_order_read_order(struct arena *a, struct json v, struct erase_order *ret)
{
	struct json options = json_get(v, STR("options"));
	struct str day = json_body(json_get(v, STR("day")));
	if (options.type != JSON_ARRAY || day.len != DAY_LEN || !utime_parse_day(day, &ret->day))
		return false;
	ret->options = json_canonical(a, options.raw);
	return true;
}

/* Reads the orders. room: for further ones after them. */
static enum err read_orders(
	int dir_fd, struct arena *a, size_t room, struct erase_order **ret, size_t *ret_n)
{
	struct json_error error;
	struct str text;
	size_t n = 0;
	enum err e = erase_order_read_text(dir_fd, a, &text);
	if (e)
		return e;
	if (!json_check(text, LIMIT_DEPTH, &error))
		return ERR_CONF;
	struct json list = json_get(json_open(text), STR("orders"));
	if (list.type != JSON_ARRAY)
		return ERR_CONF;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		n++;
	struct erase_order *orders = arena_calloc(a, n + room + 1, sizeof *orders);
	n = 0;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		if (!erase_order_read_order(a, it.value, &orders[n++]))
			return ERR_CONF;
	*ret = orders;
	*ret_n = n;
	return ERR_OK;
}

static enum err write_orders(
	int dir_fd, struct arena *a, const struct erase_order *orders, size_t n)
{
	struct buf b;
	struct json_writer w;
	char day[DAY_LEN];
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	json_key(&w, STR("orders"));
	json_array(&w);
	for (size_t i = 0; i < n; i++) {
		utime_format_day(orders[i].day, day);
		json_object(&w);
		json_member_text(&w, STR("day"), str_of(day, sizeof day));
		json_member_raw(&w, STR("options"), orders[i].options);
		json_end(&w);
	}
	json_end(&w);
	json_end(&w);
	buf_add_char(&b, '\n');
	enum err e = b.len > LIMIT_ERASE_BYTES
			     ? ERR_TOO_LARGE
			     : io_replace_file(dir_fd, file_name, buf_str(&b), true);
	buf_release(&b);
	return e;
}

enum err erase_orders_read(const struct store *s, struct str workspace, struct arena *a,
	struct erase_order **ret, size_t *ret_n)
{
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = read_orders(dir_fd, a, 0, ret, ret_n);
	io_drop(dir_fd);
	return e;
}

/* Writes the orders without those that have the same options and, when is_added, with the order of
 * the later day. */
static enum err erase_order_change_locked(
	int dir_fd, struct arena *a, struct erase_order order, bool is_added)
{
	struct erase_order *orders;
	size_t n_all, n = 0;
	enum err e = read_orders(dir_fd, a, 1, &orders, &n_all);
	if (e)
		return e;
	for (size_t i = 0; i < n_all; i++) {
		bool is_it = str_eq(orders[i].options, order.options);
		/* An order that was given again in the meantime is not done. */
		if (is_it && !is_added && orders[i].day > order.day)
			is_it = false;
		if (is_it && orders[i].day > order.day)
			order.day = orders[i].day;
		if (!is_it)
			orders[n++] = orders[i];
	}
	if (is_added)
		orders[n++] = order;
	return write_orders(dir_fd, a, orders, n);
}

static enum err change(const struct store *s, struct str workspace, struct arena *a,
	struct erase_order order, bool is_added)
{
	int dir_fd, lock_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = projects_lock(s, dir_fd, &lock_fd);
	if (!e) {
		e = erase_order_change_locked(dir_fd, a, order, is_added);
		io_drop(lock_fd); /* this unlocks */
	}
	io_drop(dir_fd);
	return e;
}

enum err erase_order_add(
	const struct store *s, struct str workspace, struct arena *a, struct erase_order order)
{
	return change(s, workspace, a, order, true);
}

enum err erase_order_remove(
	const struct store *s, struct str workspace, struct arena *a, struct erase_order order)
{
	return change(s, workspace, a, order, false);
}
