#include "hosting/http.h"

#include "base/utime.h"

#include <poll.h>
#include <sys/socket.h>

/* ---- The socket ---- */

/* Waits for bytes. Returns 0 at the end of the connection, or when it takes too long. */
static size_t receive(struct http *h, char *to, size_t n)
{
	int64_t left_ms = (h->deadline_ns - utime_monotonic()) / NS_PER_MS;
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	if (left_ms <= 0)
		return 0;
	if (poll(&p, 1, left_ms < HTTP_TIMEOUT_MS ? (int)left_ms : HTTP_TIMEOUT_MS) <= 0)
		return 0;
	ssize_t got = recv(h->fd, to, n, 0);
	return got > 0 ? (size_t)got : 0;
}

static bool transmit(struct http *h, struct str s)
{
	while (s.len) {
		struct pollfd p = { .fd = h->fd, .events = POLLOUT };
		if (poll(&p, 1, HTTP_TIMEOUT_MS) <= 0)
			return false;
		ssize_t n = send(h->fd, s.ptr, s.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			return false;
		s = str_skip(s, (size_t)n);
	}
	return true;
}

/* ---- The body ---- */

/* Takes bytes, first those that arrived with the head. */
static size_t http_take(struct http *h, char *to, size_t n)
{
	if (h->body_len == 0)
		return receive(h, to, n);
	size_t k = n < h->body_len ? n : h->body_len;
	memcpy(to, h->head + h->body_at, k);
	h->body_at += k;
	h->body_len -= k;
	return k;
}

/* Reads a line of the chunked coding, without its end. False when it is invalid. */
static bool http_take_line(struct http *h, char *line, size_t size, size_t *ret_n)
{
	size_t n = 0;
	char c;
	while (http_take(h, &c, 1) == 1) {
		if (c == '\n' && n && line[n - 1] == '\r') {
			*ret_n = n - 1;
			return true;
		}
		if (n == size)
			return false;
		line[n++] = c;
	}
	return false;
}

static bool start_chunk(struct http *h)
{
	enum { TRAILERS_MAX = 32 };
	char line[256];
	size_t n;
	if (!http_take_line(h, line, sizeof line, &n))
		return false;
	struct str size = str_first(str_of(line, n), str_index(str_of(line, n), ';'));
	if (!str_to_u64_hex(str_trim(size), &h->left))
		return false;
	h->state = HTTP_CHUNK;
	if (h->left)
		return true;
	for (int i = 0; i < TRAILERS_MAX; i++)
		if (!http_take_line(h, line, sizeof line, &n) || n == 0)
			break;
	h->state = HTTP_END;
	return true;
}

/* Returns the next bytes of the body; 0 at its end, or when the connection is broken. */
static size_t http_read_some(struct http *h, char *to, size_t n)
{
	char end[2];
	if (h->state == HTTP_CHUNK_END) {
		if (http_take(h, end, 1) != 1 || http_take(h, end + 1, 1) != 1 || end[0] != '\r' ||
			end[1] != '\n')
			return 0;
		h->state = HTTP_CHUNK_START;
	}
	if (h->state == HTTP_CHUNK_START && !start_chunk(h))
		return 0;
	if (h->state == HTTP_END)
		return 0;
	size_t got = http_take(h, to, n < h->left ? n : (size_t)h->left);
	h->left -= got;
	if (h->left == 0)
		h->state = h->is_chunked ? HTTP_CHUNK_END : HTTP_END;
	return got;
}

static size_t http_read_body(struct gateway_peer *p, char *to, size_t n)
{
	struct http *h = (struct http *)p;
	size_t got = 0;
	if (h->wants_continue) {
		h->wants_continue = false;
		if (!transmit(h, STR("HTTP/1.1 100 Continue\r\n\r\n")))
			return 0;
	}
	while (got < n) {
		size_t k = http_read_some(h, to + got, n - got);
		if (k == 0) {
			p->is_cut = h->state != HTTP_END;
			h->deadline_ns = 0; /* a further read does not wait again */
			break;
		}
		got += k;
	}
	return got;
}

/* ---- The answer ---- */

/* Date: Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 section 5.6.7). */
static void add_date(struct buf *b)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began with a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int year, month, day_of_month;
	int64_t now_ns = utime_now();
	int32_t day = utime_day(now_ns);
	int64_t second = (now_ns - day * NS_PER_DAY) / NS_PER_S;
	utime_date_from_day(day, &year, &month, &day_of_month);
	buf_printf(b, "\r\nDate: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		days + (ptrdiff_t)3 * (day % 7), day_of_month, months + (ptrdiff_t)3 * (month - 1),
		year, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

/* A client that waits for a 100 has the answer now, and a 100 must not follow it (RFC 9110
 * section 15.2), so the body is not needed any more. */
static void forget_body(struct http *h)
{
	h->wants_continue = false;
	if (h->body_len == 0)
		h->state = HTTP_END;
}

static bool http_write_answer(struct gateway_peer *p, struct str bytes)
{
	struct http *h = (struct http *)p;
	if (h->is_started)
		return transmit(h, bytes);
	buf_add(&h->answer, bytes);
	struct str all = buf_str(&h->answer);
	size_t end = str_find(all, STR("\r\n\r\n"));
	if (end == all.len)
		return true;
	/* The line "Status: 200 OK" comes first and becomes the status line. */
	size_t line = str_find(all, STR("\r\n"));
	struct str status = str_first(all, line);
	struct buf b;
	buf_init(&b, h->arena);
	buf_add(&b, STR("HTTP/1.1 "));
	buf_add(&b, str_skip(status, str_find(status, STR(": ")) + 2));
	add_date(&b);
	buf_add(&b, STR("\r\nConnection: close"));
	buf_add(&b, str_skip(all, line));
	h->is_started = true;
	if (h->wants_continue)
		forget_body(h);
	bool is_good = transmit(h, buf_str(&b));
	buf_release(&b);
	return is_good;
}

static void http_refuse(struct http *h, const char *status)
{
	struct buf b;
	buf_init(&b, h->arena);
	buf_printf(&b, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status);
	(void)transmit(h, buf_str(&b)); /* the connection is closed in any case */
}

/* ---- The head ---- */

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.ptr[i]);
		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') &&
			!memchr("!#$%&'*+-.^_`|~", c, 15))
			return false;
	}
	return s.len > 0;
}

static bool http_has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\t') || s.ptr[i] == 0x7f)
			return true;
	return false;
}

static bool add_variable(struct http *h, struct str name, struct str value)
{
	if (h->n_variables + 1 == sizeof h->variables / sizeof h->variables[0])
		return false;
	h->variables[h->n_variables++] = arena_copy_c(
		h->arena, arena_printf(h->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)));
	return true;
}

static bool http_read_head(struct http *h)
{
	size_t n = 0;
	struct pollfd first = { .fd = h->fd, .events = POLLIN };
	h->head_len = 0;
	if (poll(&first, 1, HTTP_FIRST_MS) <= 0)
		return false;
	while (n < sizeof h->head) {
		size_t got = receive(h, h->head + n, sizeof h->head - n);
		if (got == 0)
			return false;
		size_t from = n > 3 ? n - 3 : 0;
		n += got;
		struct str fresh = str_of(h->head + from, n - from);
		size_t end = str_find(fresh, STR("\r\n\r\n"));
		if (end < fresh.len) {
			h->head_len = from + end + 4;
			h->body_at = h->head_len;
			h->body_len = n - h->head_len;
			return true;
		}
	}
	h->head_len = n;
	return false;
}

static bool read_request_line(struct http *h, struct str line)
{
	struct str method = str_cut(&line, ' ');
	struct str target = str_is_null(line) ? STR("") : str_cut(&line, ' ');
	if (!is_token(method) || http_has_control(target) || target.len == 0 ||
		(!str_eq(line, STR("HTTP/1.1")) && !str_eq(line, STR("HTTP/1.0"))))
		return false;
	h->may_continue = str_eq(line, STR("HTTP/1.1")); /* RFC 9110 section 10.1.1 */
	return add_variable(h, STR("REQUEST_METHOD"), method) &&
	       add_variable(h, STR("REQUEST_URI"), target);
}

/* Returns HTTP_X_API_KEY for "X-Api-Key". */
static struct str http_variable_name(struct http *h, struct str name)
{
	if (str_eq_nocase(name, STR("content-type")))
		return STR("CONTENT_TYPE");
	if (str_eq_nocase(name, STR("content-length")))
		return STR("CONTENT_LENGTH");
	char *text = arena_text(h->arena, 5 + name.len);
	memcpy(text, "HTTP_", 5);
	for (size_t i = 0; i < name.len; i++)
		text[5 + i] = name.ptr[i] == '-' ? '_' : ascii_upper(name.ptr[i]);
	return str_of(text, 5 + name.len);
}

struct framing {
	struct str length;
	bool has_length, is_chunked;
};

static bool read_header(struct http *h, struct str line, struct framing *f)
{
	struct str value = line, name = str_cut(&value, ':');
	if (str_is_null(value) || !is_token(name) || http_has_control(value))
		return false;
	value = str_trim(value);
	if (str_eq_nocase(name, STR("transfer-encoding"))) {
		bool is_first = !f->is_chunked;
		f->is_chunked = true;
		return is_first && str_eq_nocase(value, STR("chunked"));
	}
	if (str_eq_nocase(name, STR("content-length"))) {
		bool is_first = !f->has_length;
		f->has_length = true;
		f->length = value;
		if (!is_first)
			return false;
	}
	if (str_eq_nocase(name, STR("expect")))
		h->wants_continue = h->may_continue && str_eq_nocase(value, STR("100-continue"));
	/* A name with an underscore would stand for another header; `Proxy` is the httpoxy attack.
	 */
	if (str_index(name, '_') < name.len || str_eq_nocase(name, STR("proxy")))
		return true;
	return add_variable(h, http_variable_name(h, name), value);
}

static bool read_variables(struct http *h)
{
	struct framing f = { .length = STR("0") };
	struct str rest = str_first(str_of(h->head, h->head_len), h->head_len - 4);
	size_t end = str_find(rest, STR("\r\n"));
	if (memchr(h->head, '\0', h->head_len) || !read_request_line(h, str_first(rest, end)))
		return false;
	for (rest = str_skip(rest, end + 2); rest.len; rest = str_skip(rest, end + 2)) {
		end = str_find(rest, STR("\r\n"));
		if (h->n_variables == HTTP_HEADERS_MAX || !read_header(h, str_first(rest, end), &f))
			return false;
	}
	/* Two different ways to tell the length allow request smuggling. */
	if (f.has_length && (f.is_chunked || !str_to_u64(f.length, &h->left)))
		return false;
	h->is_chunked = f.is_chunked;
	h->state = f.is_chunked ? HTTP_CHUNK_START : h->left ? HTTP_BODY : HTTP_END;
	return f.is_chunked || f.has_length || add_variable(h, STR("CONTENT_LENGTH"), f.length);
}

/* Reads for a moment what a client still sends: closing would reset the connection and lose the
 * answer. */
static void linger(struct http *h)
{
	enum { LINGER_MS = 200, LINGER_READS = 64 };
	char waste[4096];
	if (shutdown(h->fd, SHUT_WR) < 0)
		return;
	for (int i = 0; i < LINGER_READS; i++) {
		struct pollfd p = { .fd = h->fd, .events = POLLIN };
		if (poll(&p, 1, LINGER_MS) <= 0 || recv(h->fd, waste, sizeof waste, 0) <= 0)
			return;
	}
}

bool http_serve(struct http *h, int fd, struct str address, struct arena *a,
	const struct conf *conf, void *app, const struct route_table *const *tables)
{
	bool is_whole = true, is_healthy = true;
	h->fd = fd;
	h->arena = a;
	h->deadline_ns = utime_monotonic() + HTTP_REQUEST_MS * NS_PER_MS;
	h->n_variables = 0;
	h->left = 0;
	h->is_chunked = h->wants_continue = h->is_started = false;
	buf_init(&h->answer, a);
	if (!http_read_head(h)) {
		if (h->head_len > 0) { /* the head is larger than allowed */
			http_refuse(h, "431 Request Header Fields Too Large");
			linger(h);
		}
		return true;
	}
	if (!read_variables(h) || !add_variable(h, STR("REMOTE_ADDR"), address) ||
		!add_variable(h, STR("SERVER_PROTOCOL"), STR("HTTP/1.1"))) {
		http_refuse(h, "400 Bad Request");
		linger(h);
		return true;
	}
	h->variables[h->n_variables] = NULL;
	h->peer = (struct gateway_peer){ h->variables, 0, http_read_body, http_write_answer, false,
		false };
	is_healthy = gateway_serve(conf, app, tables, PROGRAM_ALL, &h->peer, &is_whole);
	/* An answer that is cut ends in a reset, so that it does not look complete. */
	if (is_whole)
		linger(h);
	else
		(void)setsockopt(
			fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
	return is_healthy;
}
