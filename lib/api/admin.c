#include "api/plain.h"
#include "web/schema/schema.h"

#include "base/io.h"
#include "base/sandbox.h"
#include "shard/disk.h"
#include "store/damage.h"
#include "web/auth.h"

#include <config.h>

enum { WORKSPACE_BODY_MAX = 64 << 10 };

/* ---- Health ---- */

struct health {
	bool is_ready;
	const char *file_system, *promise;
	uint64_t free_bytes;
	size_t n_workspaces;
};

/* The service is ready when workspaces can be listed and more disk space is free than the floor. */
static struct health admin_check_health(struct request *r)
{
	const struct store *s = &api_app(r)->store;
	struct health h = { .file_system = "other", .promise = "untested" };
	struct disk disk;
	struct stat st;
	struct str *names;
	if (disk_look(s->root_fd, &disk) != ERR_OK)
		return h;
	h.file_system = disk.name;
	h.promise = r->conf->sync == CONF_SYNC_NONE ? "none" : disk.promise;
	if (io->fstat(s->root_fd, &st) < 0 || st.st_nlink == 0 ||
		workspace_list(s, r->arena, &names, &h.n_workspaces) != ERR_OK)
		return h;
	h.free_bytes = disk.free_bytes;
	h.is_ready = !disk.is_read_only && h.free_bytes >= r->conf->free_bytes;
	return h;
}

static struct json_writer admin_begin(struct request *r, int status)
{
	struct json_writer w;
	r->response->status = status;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	return w;
}

static void answer_ready(struct request *r)
{
	bool is_ready = admin_check_health(r).is_ready;
	struct json_writer w = admin_begin(r, is_ready ? 200 : 503);
	json_member_text(&w, STR("status"), is_ready ? STR("ready") : STR("not ready"));
	json_end(&w);
}

static void answer_live(struct request *r)
{
	struct json_writer w = admin_begin(r, 200);
	json_member_text(&w, STR("status"), STR("live"));
	json_end(&w);
}

/* What of the workspaces that the caller may see is damaged. The service is ready all the same. */
static void print_damage(struct request *r, struct json_writer *w)
{
	const struct store *s = &api_app(r)->store;
	struct str *names;
	size_t n = 0;
	json_key(w, STR("damaged"));
	json_array(w);
	if (workspace_list(s, r->arena, &names, &n) != ERR_OK)
		n = 0; /* not ready, which says it */
	for (size_t i = 0; i < n; i++) {
		struct damages d;
		if (!auth_grants(r, names[i]) || damage_list(s, names[i], r->arena, &d) != ERR_OK)
			continue;
		for (size_t k = 0; k < d.n; k++) {
			json_object(w);
			json_member_text(w, STR("workspace"), names[i]);
			json_member_text(w, STR("name"), d.list[k].name);
			json_member_bool(w, STR("is_missing"), d.list[k].is_missing);
			json_end(w);
		}
	}
	json_end(w);
}

static void answer_health(struct request *r)
{
	struct health h = admin_check_health(r);
	struct buf sandbox;
	buf_init(&sandbox, r->arena);
	sandbox_text(&sandbox, api_app(r)->sandbox);
	struct json_writer w = admin_begin(r, h.is_ready ? 200 : 503);
	json_member_text(&w, STR("status"), h.is_ready ? STR("ready") : STR("not ready"));
	json_member_text(&w, STR("version"), STR(PACKAGE_VERSION));
	json_member_text(&w, STR("file_system"), str_from_c(h.file_system));
	json_member_text(&w, STR("promise"), str_from_c(h.promise));
	json_member_text(
		&w, STR("sync"), r->conf->sync == CONF_SYNC_ALWAYS ? STR("always") : STR("none"));
	json_member_text(&w, STR("sandbox"), buf_str(&sandbox));
	json_key(&w, STR("free_bytes"));
	json_u64(&w, h.free_bytes);
	json_key(&w, STR("body_bytes"));
	json_u64(&w, r->conf->body_bytes);
	json_member_i64(&w, STR("workspaces"), (int64_t)h.n_workspaces);
	print_damage(r, &w);
	json_end(&w);
}

/* ---- Workspaces, as in NeMo's entity store ---- */

static void list_workspaces(struct request *r)
{
	struct str *names;
	size_t n, shown = 0;
	enum err e = workspace_list(&api_app(r)->store, r->arena, &names, &n);
	if (e) {
		api_fail(r, &dialect_plain, e);
		return;
	}
	struct json_writer w = admin_begin(r, 200);
	json_key(&w, STR("data"));
	json_array(&w);
	for (size_t i = 0; i < n; i++) {
		if (!auth_grants(r, names[i]))
			continue;
		json_object(&w);
		json_member_text(&w, STR("name"), names[i]);
		json_end(&w);
		shown++;
	}
	json_end(&w);
	json_key(&w, STR("pagination"));
	json_object(&w);
	json_member_i64(&w, STR("page"), 1);
	json_member_i64(&w, STR("page_size"), (int64_t)shown);
	json_member_i64(&w, STR("current_page_size"), (int64_t)shown);
	json_member_i64(&w, STR("total_pages"), shown ? 1 : 0);
	json_member_i64(&w, STR("total_results"), (int64_t)shown);
	json_end(&w);
	json_end(&w);
}

/* Other members concern NeMo only. */
static const struct pydantic workspace_name = {
	.type = PYDANTIC_STR,
	.pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
	.matches = workspace_name_valid,
};
static const struct pydantic_field workspace_fields[] = { { "name", &workspace_name, true } };
static const struct pydantic workspace_body = {
	.type = PYDANTIC_MODEL,
	PYDANTIC_FIELDS(workspace_fields),
};

/* Returns false when the request was answered with an error. */
static bool admin_read_name(struct request *r, struct str *ret)
{
	struct json body, name;
	struct problems p = { .arena = r->arena };
	if (!pydantic_body(r, &dialect_plain, WORKSPACE_BODY_MAX, LIMIT_DEPTH, &body))
		return false;
	if (!pydantic_check(&p, &workspace_body, body, NULL)) {
		route_error(r, &dialect_plain, ERR_UNPROCESSABLE, STR_NULL, &p);
		return false;
	}
	pydantic_split(&workspace_body, body, &name);
	*ret = json_decode(r->arena, json_body(name));
	return true;
}

static void create_workspace(struct request *r)
{
	const struct store *s = &api_app(r)->store;
	struct str name;
	if (!admin_read_name(r, &name))
		return;
	if (!auth_grants(r, name)) {
		api_fail(r, &dialect_plain, ERR_FORBIDDEN);
		return;
	}
	bool exists;
	enum err e = workspace_exists(s, name, &exists);
	if (!e && exists) {
		route_error(r, &dialect_plain, ERR_CONFLICT,
			arena_printf(r->arena, "Workspace '%.*s' already exists", STR_ARG(name)),
			NULL);
		return;
	}
	int fd;
	if (!e)
		e = workspace_open(s, name, true, &fd);
	if (!e)
		e = io_close(fd);
	if (e) {
		api_fail(r, &dialect_plain, e);
		return;
	}
	struct json_writer w = admin_begin(r, 201);
	json_member_text(&w, STR("name"), name);
	json_end(&w);
}

static void answer_start(struct request *r)
{
	r->response->type = CONTENT_TEXT;
	buf_add(&r->response->body,
		STR("flatspan " PACKAGE_VERSION ": traces of language models, stored as lines.\n"
		    "\n"
		    "Send   POST /v1/traces                                     OTLP over HTTP, "
		    "protobuf or JSON\n"
		    "Read   GET  /apis/intake/v2/workspaces/default/spans       also /traces and "
		    "/spans/groups?by=…\n"
		    "State  GET  /health\n"));
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",  "/health/ready",			PROGRAM_ADMIN,	ROLE_NONE,  WORKSPACE_NONE, answer_ready,	&dialect_plain },
	{ "GET",  "/health/live",			PROGRAM_ADMIN,	ROLE_NONE,  WORKSPACE_NONE, answer_live,	&dialect_plain },
	{ "GET",  "/health",				PROGRAM_ADMIN,	ROLE_READ,  WORKSPACE_NONE, answer_health,	&dialect_plain },
	{ "GET",  "/apis/entities/v2/workspaces",	PROGRAM_ADMIN,	ROLE_READ,  WORKSPACE_NONE, list_workspaces,	&dialect_plain },
	{ "POST", "/apis/entities/v2/workspaces",	PROGRAM_ADMIN,	ROLE_ADMIN, WORKSPACE_NONE, create_workspace,	&dialect_plain },
	{ "GET",  "/",					PROGRAM_ADMIN,	ROLE_NONE,  WORKSPACE_NONE, answer_start,	&dialect_plain },
};
/* clang-format on */

const struct route_table routes_admin = { rows, sizeof rows / sizeof rows[0] };
