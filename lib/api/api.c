#include "api/api.h"

#include "base/io.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/utime.h"
#include "index/cache.h"
#include "index/flush.h"
#include "shard/sealed/sealed.h"
#include "web/gateway.h"

#include <sys/resource.h>
#include <sys/stat.h>

const struct route_table *const api_tables[] = API_TABLES(&routes_mcp_absent);

void api_fail(struct request *r, const struct dialect *d, enum err e)
{
	route_error(r, d, e, STR_NULL, NULL);
}

enum err api_open_view(
	struct request *r, struct str workspace, bool is_always_there, struct view *ret)
{
	const struct store *s = &api_app(r)->store;
	enum err e = view_open(s, workspace, r->arena, ret);
	int fd;
	if (e != ERR_NOT_FOUND || !is_always_there || api_app(r)->is_read_only)
		return e;
	e = workspace_open(s, workspace, true, &fd);
	if (e)
		return e;
	e = io_close(fd);
	if (e)
		return e;
	return view_open(s, workspace, r->arena, ret);
}

struct str api_workspace_detail(struct request *r, struct str workspace, enum err e)
{
	if (e == ERR_NOT_FOUND)
		return arena_printf(r->arena, "Workspace '%.*s' not found", STR_ARG(workspace));
	if (e == ERR_INVALID)
		return STR("A workspace is named by 1 to 64 letters, digits, '.', '_' and '-', a "
			   "letter or digit first.");
	return STR_NULL;
}

bool api_view(struct request *r, struct str workspace, const struct dialect *d, struct view *ret)
{
	enum err e = api_open_view(r, workspace, str_eq(workspace, r->conf->workspace), ret);
	if (e == ERR_OK)
		return true;
	route_error(r, d, e, api_workspace_detail(r, workspace, e), NULL);
	return false;
}

void api_report_damage(struct request *r, const struct view *v)
{
	enum { DAYS_MAX = 100 }; /* of a header that servers take */
	uint64_t n = v->n_torn + v->n_rot + v->n_zero;
	int32_t last = INT32_MIN;
	size_t n_days = 0;
	struct buf days;
	char day[10];
	buf_init(&days, r->arena);
	for (size_t i = 0; i < v->n_shards; i++) {
		if (!v->shards[i].is_damaged || v->shards[i].day == last || n_days++ >= DAYS_MAX)
			continue;
		last = v->shards[i].day;
		utime_format_day(last, day);
		buf_add(&days, days.len ? STR(", ") : STR(""));
		buf_add(&days, str_of(day, sizeof day));
	}
	/* Digits only, and printable. */
	if (n)
		(void)response_set_header(r->response, HEADER_SKIPPED_LINES,
			arena_printf(r->arena, "%llu", (unsigned long long)n));
	if (days.len)
		(void)response_set_header(r->response, HEADER_SKIPPED_DAYS, buf_str(&days));
	buf_release(&days);
}

static void log_start(const char *event, enum err e, struct str message)
{
	struct log_field fields[] = { { "error", str_from_c(err_name(e)) },
		{ "message", message } };
	log_event(LOG_ERROR, event, fields, sizeof fields / sizeof fields[0]);
}

/* Does what a request has left to do for the index. */
static void api_after_response(void *user)
{
	struct app *app = user;
	if (!app->is_read_only) /* a read-only process leaves the index to those that can write */
		(void)index_maintain(&app->store, INDEX_SOON);
}

/* Merges some of the index, then gives memory back. */
static int api_release_memory(void *user)
{
	struct app *app = user;
	int merge_ms = app->is_read_only ? -1 : index_maintain(&app->store, INDEX_IDLE);
	if (merge_ms == 0)
		return 0;
	index_cache_rest(index_cache_of(&app->store));
	int frames_ms = sealed_cache_idle(app->store.sealed, utime_monotonic());
	arena_trim();
	if (merge_ms < 0 || frames_ms < 0)
		return merge_ms < 0 ? frames_ms : merge_ms;
	return merge_ms < frames_ms ? merge_ms : frames_ms;
}

static const struct gateway_idle idle = { .after_response = api_after_response,
	.release_memory = api_release_memory };

/* True when these programs serve no route that changes anything. */
static bool only_read(unsigned programs)
{
	for (const struct route_table *const *t = api_tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++)
			if (programs & (*t)->rows[i].program && (*t)->rows[i].needs != ROLE_READ &&
				(*t)->rows[i].needs != ROLE_NONE)
				return false;
	return true;
}

/* Returns the directory of a file that may be replaced. */
static const char *directory_of(struct arena *a, struct str path)
{
	while (path.len > 1 && path.ptr[path.len - 1] != '/')
		path.len--;
	return path.len && path.ptr[path.len - 1] == '/' ? arena_copy_c(a, path) : ".";
}

bool api_sandbox(struct app *app, struct arena *a, unsigned programs)
{
	const struct conf *c = app->conf;
	/* The data directory is always allowed. These are also opened while requests are served. */
	const char *read[] = { "/usr/share/zoneinfo", NULL, NULL, NULL };
	size_t n = 1;
	int fd;
	if (c->sandbox == CONF_SANDBOX_OFF)
		return true;
	if (c->keys.len)
		read[n++] = directory_of(a, c->keys);
	if (c->prices.len)
		read[n] = directory_of(a, c->prices);
	app->is_read_only = only_read(programs);
	if (app->is_read_only && workspace_open(&app->store, c->workspace, true, &fd) == ERR_OK)
		io_drop(fd); /* creates what view_open() would create */
	app->sandbox = sandbox_enter(&(struct sandbox){
		.dir_fd = app->store.root_fd, .may_write = !app->is_read_only, .read = read });
	return c->sandbox == CONF_SANDBOX_AUTO || app->sandbox == SANDBOX_ALL;
}

static int api_serve(const char *program, struct arena *a, unsigned programs,
	const struct route_table *const *tables)
{
	struct conf conf;
	struct str message = STR_NULL;
	enum err e = conf_load(&conf, a, program, &message);
	if (e) {
		/* The settings read so far must not be used: they may be less strict than the file
		 * meant. */
		conf_defaults(&conf);
		log_start("configuration refused", e, message);
		return gateway_refuse(&conf, tables, e);
	}
	struct app app = { .conf = &conf };
	e = store_open(&app.store, &conf);
	if (e) {
		log_start("data directory refused", e, conf.root);
		return gateway_refuse(&conf, tables, e);
	}
	app.store.tidies_later = true;
	if (!api_sandbox(&app, a, programs)) {
		log_start("sandbox refused", ERR_CONF,
			STR("sandbox = require: the kernel has not all of it"));
		return gateway_refuse(&conf, tables, ERR_CONF);
	}
	int code = gateway_run(&conf, &app, tables, programs, &idle);
	price_file_close(&app.prices);
	store_close(&app.store);
	return code;
}

int api_main(int argc, char **argv, unsigned programs, const struct route_table *const *tables)
{
	/* Further arguments are ignored: CGI makes them from the query (RFC 3875 section 4.4). */
	const char *program = argc > 0 ? argv[0] : "";
	(void)umask(0027);
	/* A core dump would hold prompts. */
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	struct arena a;
	arena_init(&a, MIB);
	int code = api_serve(program, &a, programs, tables);
	arena_release(&a);
	return code;
}
