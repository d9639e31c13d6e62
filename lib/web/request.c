#include "web/request.h"

#include "base/gzip.h"
#include "base/utime.h"
#include "base/zst.h"
#include "web/transport.h"

#include <assert.h>
#include <sys/random.h>

enum {
	HEADER_NAME_MAX = 64,
	READ_STEP = 64 << 10 /* of bodies without an announced length, at first */
};

static struct str value_of(const char *variable, struct str name)
{
	size_t n = name.len;
	if (strncmp(variable, name.ptr, n) != 0 || variable[n] != '=')
		return STR_NULL;
	return str_from_c(variable + n + 1);
}

struct str gateway_variable(const struct gateway *g, struct str name)
{
	for (char *const *v = g->variables; *v; v++) {
		struct str value = value_of(*v, name);
		if (!str_is_null(value))
			return value.len ? value : STR_NULL;
	}
	return STR_NULL;
}

size_t gateway_variable_count(const struct gateway *g, struct str name)
{
	size_t n = 0;
	for (char *const *v = g->variables; *v; v++)
		if (!str_is_null(value_of(*v, name)))
			n++;
	return n;
}

static void make_id(char ret[static 16])
{
	unsigned char random[8];
	if (getrandom(random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
		memset(random, 0, sizeof random); /* early boot: an id that says nothing */
	for (size_t i = 0; i < sizeof random; i++) {
		ret[2 * i] = "0123456789abcdef"[random[i] >> 4];
		ret[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
	}
}

void request_init(struct request *r, struct response *res)
{
	r->method = gateway_variable(r->gateway, STR("REQUEST_METHOD"));
	r->target = gateway_variable(r->gateway, STR("REQUEST_URI"));
	make_id(r->gateway->id);
	r->id = str_of(r->gateway->id, sizeof r->gateway->id);
	response_init(res, r);
}

/* "x-api-key" becomes HTTP_X_API_KEY. */
static struct str variable_name(struct str header, char *room)
{
	if (str_eq(header, STR("content-type")))
		return STR("CONTENT_TYPE");
	if (str_eq(header, STR("content-length")))
		return STR("CONTENT_LENGTH");
	assert(header.len <= HEADER_NAME_MAX);
	memcpy(room, "HTTP_", 5);
	for (size_t i = 0; i < header.len; i++)
		room[5 + i] = header.ptr[i] == '-' ? '_' : ascii_upper(header.ptr[i]);
	return str_of(room, 5 + header.len);
}

struct str request_header(const struct request *r, struct str name)
{
	char room[5 + HEADER_NAME_MAX];
	return gateway_variable(r->gateway, variable_name(name, room));
}

struct str request_media_type(const struct request *r)
{
	struct str type = request_header(r, STR("content-type"));
	if (str_is_null(type))
		return STR("");
	type = str_trim(str_first(type, str_index(type, ';')));
	char *lower = arena_text(r->arena, type.len);
	for (size_t i = 0; i < type.len; i++)
		lower[i] = ascii_lower(type.ptr[i]);
	return str_of(lower, type.len);
}

const struct param *request_param(const struct request *r, struct str name)
{
	for (size_t i = r->n_params; i-- > 0;)
		if (str_eq(r->params[i].name, name))
			return &r->params[i];
	return NULL;
}

int64_t request_content_length(const struct request *r)
{
	int64_t n;
	struct str text = request_header(r, STR("content-length"));
	return !str_is_null(text) && str_to_i64(text, &n) && n >= 0 ? n : -1;
}

/* Absent, empty and -1 (Caddy, for chunked bodies) mean "not known"; the rest must be a number. */
static enum err check_content_length(const struct request *r, struct str *ret_reason)
{
	struct str text = request_header(r, STR("content-length"));
	if (str_is_null(text) || str_eq(text, STR("-1")) || request_content_length(r) >= 0)
		return ERR_OK;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_digit(text.ptr[i])) {
			*ret_reason = STR("Content-Length is not a number.");
			return ERR_INVALID;
		}
	}
	*ret_reason = STR("The body is too large.");
	return ERR_TOO_LARGE;
}

enum coding { CODING_IDENTITY, CODING_GZIP, CODING_DEFLATE, CODING_ZSTD, CODING_UNKNOWN };

static enum coding coding_of(const struct request *r)
{
	if (gateway_variable_count(r->gateway, STR("HTTP_CONTENT_ENCODING")) > 1)
		return CODING_UNKNOWN;
	struct str name = request_header(r, STR("content-encoding"));
	if (str_is_null(name))
		return CODING_IDENTITY;
	name = str_trim(name);
	if (name.len == 0 || str_eq_nocase(name, STR("identity")))
		return CODING_IDENTITY;
	if (str_eq_nocase(name, STR("gzip")) || str_eq_nocase(name, STR("x-gzip")))
		return CODING_GZIP;
	/* "zlib" is what the OpenTelemetry Collector calls it. */
	if (str_eq_nocase(name, STR("deflate")) || str_eq_nocase(name, STR("zlib")))
		return CODING_DEFLATE;
	if (str_eq_nocase(name, STR("zstd")))
		return CODING_ZSTD;
	return CODING_UNKNOWN;
}

/* The body as it was sent. Of an announced length not more is read, and less is an error: the
 * connection broke, or somebody lies. */
static enum err read_body(
	struct request *r, size_t limit_bytes, struct buf *body, struct str *ret_reason)
{
	struct gateway *g = r->gateway;
	int64_t announced = request_content_length(r);
	if (announced >= 0) {
		if ((uint64_t)announced > limit_bytes) {
			*ret_reason = STR("The body is too large.");
			return ERR_TOO_LARGE;
		}
		size_t n = (size_t)announced;
		body->len += g->read(g, buf_reserve(body, n), n);
		if (body->len == n)
			return ERR_OK;
		*ret_reason = STR("The body is shorter than its Content-Length.");
		return ERR_INVALID;
	}
	for (size_t step = READ_STEP;; step = body->len) {
		size_t left = limit_bytes - body->len;
		/* One byte past the limit shows that there is more. */
		size_t n = step < left ? step : left + 1;
		size_t got = g->read(g, buf_reserve(body, n), n);
		body->len += got;
		if (body->len > limit_bytes) {
			*ret_reason = STR("The body is too large.");
			return ERR_TOO_LARGE;
		}
		if (got == n)
			continue;
		if (!g->is_cut)
			return ERR_OK;
		*ret_reason = STR("The body is cut off.");
		return ERR_INVALID;
	}
}

/* A body may be long on its way, over midnight too: what is written goes to the day it is. */
static void request_take_time(struct request *r)
{
	if (r->since_ns) {
		int64_t ns = utime_monotonic();
		r->now_ns += ns - r->since_ns;
		r->since_ns = ns;
	}
}

enum err request_body(
	struct request *r, size_t limit_bytes, struct str *ret_body, struct str *ret_reason)
{
	assert(!r->gateway->is_body_read);
	r->gateway->is_body_read = true;
	enum coding coding = coding_of(r);
	if (coding == CODING_UNKNOWN) {
		*ret_reason = STR("Content-Encoding must be gzip, deflate, zstd or identity.");
		return ERR_UNSUPPORTED;
	}
	enum err e = check_content_length(r, ret_reason);
	if (e)
		return e;
	struct buf sent, plain;
	buf_init(&sent, r->arena);
	e = read_body(r, limit_bytes, &sent, ret_reason);
	if (e)
		return e;
	request_take_time(r);
	/* An empty body is empty in every coding: some clients name one and send nothing. */
	if (coding == CODING_IDENTITY || sent.len == 0) {
		*ret_body = buf_str(&sent);
		return ERR_OK;
	}
	buf_init(&plain, r->arena);
	if (coding == CODING_ZSTD)
		e = zst_inflate(buf_str(&sent), limit_bytes, &plain);
	else
		e = gzip_inflate(coding == CODING_GZIP ? GZIP_GZIP : GZIP_ZLIB, buf_str(&sent),
			limit_bytes, &plain);
	if (e) {
		*ret_reason = e == ERR_TOO_LARGE ? STR("The decompressed body is too large.")
						 : STR("The compressed body is damaged.");
		return e;
	}
	buf_release(&sent);
	*ret_body = buf_str(&plain);
	return ERR_OK;
}
