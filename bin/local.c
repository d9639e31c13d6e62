#include "local.h"

#include "base/limits.h"
#include "base/pb.h"
#include "web/gateway.h"

/* The memory of one request. Files are larger than what a client sends at once. */
#define LOCAL_ARENA_BYTES ((size_t)16 << 30)
#define LOCAL_BODY_BYTES ((size_t)1 << 30)

enum err local_open(struct local *l, struct cli *c, struct str root)
{
	*l = (struct local){ .cli = c, .conf = c->conf };
	l->conf.root = root;
	l->conf.auth = CONF_AUTH_OFF;
	l->conf.prefix = STR("");
	l->conf.workspace = c->workspace;
	l->conf.create_workspaces = true;
	l->conf.body_bytes = LOCAL_BODY_BYTES;
	l->conf.arena_bytes = LOCAL_ARENA_BYTES;
	l->app.conf = &l->conf;
	return store_open(&l->app.store, &l->conf);
}

void local_close(struct local *l)
{
	price_file_close(&l->app.prices);
	store_close(&l->app.store);
}

struct exchange {
	struct gateway_peer peer; /* first, so that the callbacks can cast it */
	struct str rest;          /* of the body */
	struct buf answer;
};

static size_t local_read_body(struct gateway_peer *p, char *to, size_t n)
{
	struct exchange *x = (struct exchange *)p;
	size_t k = n < x->rest.len ? n : x->rest.len;
	if (k)
		memcpy(to, x->rest.ptr, k);
	x->rest = str_skip(x->rest, k);
	return k;
}

static bool local_write_answer(struct gateway_peer *p, struct str bytes)
{
	buf_add(&((struct exchange *)p)->answer, bytes);
	return true;
}

static char *variable(struct arena *a, const char *name, struct str value)
{
	return arena_copy_c(a, arena_printf(a, "%s=%.*s", name, STR_ARG(value)));
}

void local_request(struct local *l, struct arena *a, const char *method, struct str target,
	struct str type, struct str body, int *ret_status, struct str *ret_body)
{
	char *variables[] = {
		variable(a, "REQUEST_METHOD", str_from_c(method)),
		variable(a, "REQUEST_URI", target),
		variable(a, "CONTENT_TYPE", type),
		variable(
			a, "CONTENT_LENGTH", arena_printf(a, "%llu", (unsigned long long)body.len)),
		l->user.len ? variable(a, "REMOTE_USER", l->user) : NULL,
		NULL,
	};
	struct exchange x = { .peer = { variables, l->now_ns, local_read_body, local_write_answer,
				      true, false },
		.rest = body };
	bool is_whole;
	uint64_t status = 0;
	buf_init(&x.answer, a);
	if (!gateway_serve(&l->conf, &l->app, api_tables, PROGRAM_ALL, &x.peer, &is_whole))
		l->is_broken = true;
	struct str all = buf_str(&x.answer), head = STR("Status: ");
	size_t end = str_find(all, STR("\r\n\r\n"));
	if (is_whole && str_starts(all, head) &&
		str_to_u64(str_first(str_skip(all, head.len), 3), &status))
		*ret_body = str_skip(all, end + 4);
	else
		*ret_body = STR("");
	*ret_status = (int)status;
}

/* Returns body.spans.0.name for ["body","spans",0,"name"]. */
static struct str local_place_of(struct arena *a, struct json loc)
{
	struct buf b;
	buf_init(&b, a);
	for (struct json_iter it = json_elements(loc); json_next(&it);)
		buf_printf(&b, "%s%.*s", b.len ? "." : "",
			STR_ARG(it.value.type == JSON_STRING ? json_decode(a, json_body(it.value))
							     : it.value.raw));
	return buf_str(&b);
}

struct str local_reason(struct arena *a, struct json v)
{
	static const char *const keys[] = { "error", "msg", "message", "detail" };
	struct str text = STR("");
	if (v.type == JSON_STRING)
		return json_decode(a, json_body(v));
	for (size_t i = 0; v.type == JSON_OBJECT && i < sizeof keys / sizeof keys[0]; i++) {
		struct json found = json_get(v, str_from_c(keys[i]));
		if (found.type == JSON_STRING && !text.len)
			text = json_decode(a, json_body(found));
	}
	if (!text.len)
		return v.raw;
	struct json loc = json_get(v, STR("loc"));
	return loc.type == JSON_ARRAY ? arena_printf(a, "%.*s: %.*s",
						STR_ARG(local_place_of(a, loc)), STR_ARG(text))
				      : text;
}

struct str local_refusal(struct arena *a, struct str type, struct str answer)
{
	static const char *const keys[] = { "message", "detail", "errors" };
	struct json_error error;
	if (str_eq(type, STR("application/x-protobuf"))) {
		struct pb_reader r = pb_open(answer);
		struct pb_field f;
		while (pb_next(&r, &f))
			if (f.number == 2 && f.wire == PB_BYTES)
				return f.bytes;
		return answer;
	}
	if (!json_check(answer, LIMIT_DEPTH, &error))
		return answer;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct json v = json_get(json_open(answer), str_from_c(keys[i]));
		struct json_iter first = json_elements(v);
		if (v.type == JSON_STRING && json_body(v).len)
			return json_decode(a, json_body(v));
		if (v.type == JSON_ARRAY && json_next(&first))
			return local_reason(a, first.value);
	}
	return answer;
}
