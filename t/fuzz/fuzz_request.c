/*
 * The input is a request as a server hands it on: lines NAME=value, an empty line, the body.
 *
 * Whatever it says: a path that is understood has one spelling and no bytes that could be taken for
 * something else; the body keeps to its limit; and the header block of the answer holds only lines
 * of ours.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "web/params.h"
#include "web/route.h"
#include "web/transport.h"

enum { VARIABLES_MAX = 16, BODY_MAX = 1 << 16, ARENA_MAX = 64 << 20 };

struct exchange {
	struct str body;
	struct buf out;
};

static size_t read_bytes(struct gateway *g, char *p, size_t n)
{
	struct exchange *x = g->in;
	struct str part = str_first(x->body, n);
	if (part.len)
		memcpy(p, part.ptr, part.len);
	x->body = str_skip(x->body, part.len);
	return part.len;
}

static bool write_bytes(struct gateway *g, struct str bytes)
{
	struct exchange *x = g->out;
	buf_add(&x->out, bytes);
	return true;
}

static const struct dialect plain;

static void echo(struct request *r)
{
	struct str body, reason = STR_NULL;
	struct problems problems = { .arena = r->arena };
	const struct str choices[] = { STR("a"), STR("b") };
	int64_t page = param_int(r, STR("page"), 1, 1, 1000, &problems);
	MUST(page >= 1 && page <= 1000);
	MUST(param_choice(r, STR("sort"), choices, 2, 0, STR("enum"), &problems) < 2);
	enum err e = request_body(r, BODY_MAX, &body, &reason);
	if (e) {
		MUST(!str_is_null(reason));
		route_error(r, &plain, e, reason, NULL);
		return;
	}
	MUST(body.len <= BODY_MAX);
	r->response->type = CONTENT_TEXT;
	buf_add(&r->response->body, body);
}

static void print_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	(void)problems;
	r->response->status = err_status(e);
	buf_add(&r->response->body, detail);
}

static const struct dialect plain = { .name = "plain", .error = print_error };

/* clang-format off */
static const struct route rows[] = {
	{ "GET",  "/",			PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE,   echo, &plain },
	{ "POST", "/v1/traces",		PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_HEADER, echo, &plain },
	{ "GET",  "/ws/{}/spans/{}",	PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_PATH,   echo, &plain },
	{ "GET",  "/ws/{}/spans/groups", PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_PATH,  echo, &plain },
};
/* clang-format on */
static const struct route_table table = { rows, sizeof rows / sizeof rows[0] };
static const struct route_table *const tables[] = { &table, NULL };

static void check_path(const struct request *r)
{
	MUST(r->n_elements <= REQUEST_ELEMENTS_MAX);
	for (size_t i = 0; i < r->n_elements; i++) {
		struct str s = r->elements[i];
		MUST(s.len > 0 && utf8_valid(s));
		MUST(!str_eq(s, STR(".")) && !str_eq(s, STR("..")));
		for (size_t k = 0; k < s.len; k++)
			MUST((unsigned char)s.ptr[k] >= 0x20 && s.ptr[k] != 0x7f);
	}
	for (size_t i = 0; i < r->n_params; i++)
		MUST(utf8_valid(r->params[i].name) && utf8_valid(r->params[i].value));
}

static void check_headers(struct str out)
{
	size_t end = str_find(out, STR("\r\n\r\n"));
	MUST(end < out.len && str_starts(out, STR("Status: ")));
	struct str head = str_first(out, end + 2);
	while (head.len) {
		size_t n = str_find(head, STR("\r\n"));
		struct str line = str_first(head, n);
		MUST(str_find(line, STR(": ")) < line.len);
		for (size_t i = 0; i < line.len; i++)
			MUST(line.ptr[i] >= 0x20 && line.ptr[i] <= 0x7e);
		/* Nowhere else than on this server. */
		if (str_starts(line, STR("Location: ")))
			MUST(line.ptr[10] == '/' && line.ptr[11] != '/' && line.ptr[11] != '\\');
		head = str_skip(head, n + 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	arena_init(&a, ARENA_MAX);
	struct str rest = str_of((const char *)data, size);
	char *variables[VARIABLES_MAX + 1] = { NULL };
	size_t n = 0;
	while (rest.len && n < VARIABLES_MAX) {
		size_t len = str_index(rest, '\n');
		struct str line = str_first(rest, len);
		rest = str_skip(rest, len + 1);
		if (line.len == 0)
			break;
		variables[n++] = arena_copy_c(&a, line);
	}
	struct conf conf;
	conf_defaults(&conf);
	struct exchange x = { .body = rest };
	buf_init(&x.out, &a);
	struct gateway gateway = { .variables = variables,
		.read = read_bytes,
		.write = write_bytes,
		.in = &x,
		.out = &x };
	struct response response;
	struct request r = { .arena = &a, .conf = &conf, .gateway = &gateway };
	request_init(&r, &response);
	struct str reason = STR_NULL;
	enum err e = request_read_target(&r, &reason);
	if (e) {
		MUST(e == ERR_NOT_FOUND || !str_is_null(reason));
		route_error(&r, route_dialect(&r, tables), e, reason, NULL);
	} else {
		check_path(&r);
		route_request(&r, tables, PROGRAM_ALL);
	}
	response_finish(&response);
	check_headers(buf_str(&x.out));
	arena_release(&a);
	return 0;
}
