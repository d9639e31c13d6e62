#include "web/transport.h"

#include <assert.h>

enum {
	/* What is still being made meanwhile is read by the web server, and the bytes stay in the
	 * processor's cache. */
	FLUSH_BYTES = 64 << 10,
	/* Longer ones are no header of ours; with the others they fit nginx's smallest buffer. */
	HEADER_VALUE_MAX = 2048
};

static const char *const header_names[HEADER__MAX] = {
	[HEADER_ALLOW] = "Allow",
	[HEADER_LOCATION] = "Location",
	[HEADER_RETRY_AFTER] = "Retry-After",
	[HEADER_WWW_AUTHENTICATE] = "WWW-Authenticate",
	[HEADER_SKIPPED_LINES] = "X-Skipped-Lines",
	[HEADER_SKIPPED_DAYS] = "X-Skipped-Days",
	[HEADER_VARY] = "Vary",
	[HEADER_CONTENT_TYPE] = "Content-Type",
	[HEADER_CONTENT_DISPOSITION] = "Content-Disposition",
};

static const char *const content_types[] = {
	[CONTENT_NONE] = NULL,
	[CONTENT_JSON] = "application/json",
	[CONTENT_PROTOBUF] = "application/x-protobuf",
	[CONTENT_TEXT] = "text/plain; charset=utf-8",
	[CONTENT_METRICS] = "text/plain; version=0.0.4; charset=utf-8",
	[CONTENT_NDJSON] = "application/x-ndjson",
	[CONTENT_HTML] = "text/html; charset=utf-8",
	[CONTENT_BYTES] = "application/octet-stream",
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 207, "Multi-Status" },
	{ 303, "See Other" },
	{ 307, "Temporary Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

static const char *phrase_of(int status)
{
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Status"; /* the phrase may be anything; the number counts */
}

void response_init(struct response *res, struct request *r)
{
	*res = (struct response){ .arena = r->arena,
		.status = 200,
		.id = r->id,
		.is_head = str_eq(r->method, STR("HEAD")),
		.gateway = r->gateway };
	buf_init(&res->body, r->arena);
	r->response = res;
}

bool response_set_header(struct response *res, enum response_header name, struct str value)
{
	if (value.len > HEADER_VALUE_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7e)
			return false;
	res->headers[name] = arena_copy(res->arena, value);
	return true;
}

bool response_restart(struct response *res)
{
	if (res->is_started)
		return false;
	res->status = 200;
	res->type = CONTENT_NONE;
	for (size_t i = 0; i < HEADER__MAX; i++)
		res->headers[i] = STR_NULL;
	buf_reset(&res->body);
	return true;
}

static void add_header(struct buf *b, const char *name, struct str value)
{
	buf_add(b, str_from_c(name));
	buf_add(b, STR(": "));
	buf_add(b, value);
	buf_add(b, STR("\r\n"));
}

/* Adds the headers that some statuses need, so that handlers need not. */
static void add_expected_headers(struct response *res)
{
	if (res->status == 503 && str_is_null(res->headers[HEADER_RETRY_AFTER]))
		res->headers[HEADER_RETRY_AFTER] = STR("1");
	if (res->status == 401 && str_is_null(res->headers[HEADER_WWW_AUTHENTICATE]))
		res->headers[HEADER_WWW_AUTHENTICATE] = STR("Bearer");
}

static void send(struct response *res, struct str bytes)
{
	if (!res->is_broken && bytes.len && !res->gateway->write(res->gateway, bytes))
		res->is_broken = true;
}

static void send_head(struct response *res, bool is_complete)
{
	assert(!res->is_started);
	add_expected_headers(res);
	struct buf b;
	buf_init(&b, res->arena);
	buf_printf(&b, "Status: %d %s\r\n", res->status, phrase_of(res->status));
	if (content_types[res->type] && res->status != 204)
		add_header(&b, "Content-Type", str_from_c(content_types[res->type]));
	if (is_complete && res->status != 204)
		buf_printf(&b, "Content-Length: %zu\r\n", res->body.len);
	for (size_t i = 0; i < HEADER__MAX; i++)
		if (!str_is_null(res->headers[i]))
			add_header(&b, header_names[i], res->headers[i]);
	add_header(&b, "Cache-Control", STR("no-store"));
	add_header(&b, "X-Content-Type-Options", STR("nosniff"));
	add_header(&b, "Content-Security-Policy",
		str_is_null(res->headers[HEADER_CONTENT_DISPOSITION])
			? STR("default-src 'none'; frame-ancestors 'none'")
			: STR("sandbox; default-src 'none'; frame-ancestors 'none'"));
	add_header(&b, "X-Request-Id", res->id);
	buf_add(&b, STR("\r\n"));
	send(res, buf_str(&b));
	buf_release(&b);
	res->is_started = true;
}

static void send_body(struct response *res)
{
	if (!res->is_head && res->status != 204)
		send(res, buf_str(&res->body));
	buf_reset(&res->body);
}

void response_expect(struct response *res, size_t n)
{
	enum { ROOM_MAX = 4 * FLUSH_BYTES }; /* a long span more than the piece it ends */
	(void)buf_reserve(&res->body, n < ROOM_MAX ? n : ROOM_MAX);
}

void response_flush_if_large(struct response *res)
{
	if (res->body.len < FLUSH_BYTES)
		return;
	if (!res->is_started)
		send_head(res, false);
	send_body(res);
}

void response_finish(struct response *res)
{
	if (!res->is_started)
		send_head(res, true);
	send_body(res);
}
