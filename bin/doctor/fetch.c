/* Plain HTTP/1.1 as a client. */
#include "doctor/fetch.h"
#include "transfer/input.h"

#include "base/io.h"
#include "base/utime.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECT_MS = 10 * 1000,
	ANSWER_MAX = 64 << 20,
	KEY_FILE_MAX = 4096,
	READ_BYTES = 64 << 10,
	CHUNK_BYTES = 16 << 10
};

/* ---- URLs and keys ---- */

static bool has_odd_bytes(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char b = (unsigned char)s.ptr[i];
		if (b <= ' ' || b >= 0x7f || b == '"' || b == '\\')
			return true;
	}
	return false;
}

static bool read_authority(struct str text, struct fetch_url *u)
{
	struct str port = STR_NULL;
	uint64_t number = u->is_https ? 443 : 80;
	u->authority = text;
	if (str_index(text, '@') < text.len)
		return false; /* a password does not belong in a URL */
	if (str_starts(text, STR("["))) {
		size_t end = str_index(text, ']');
		if (end == text.len)
			return false;
		u->host = str_of(text.ptr + 1, end - 1);
		text = str_skip(text, end + 1);
		if (text.len && text.ptr[0] != ':')
			return false;
		port = text.len ? str_skip(text, 1) : STR_NULL;
	} else {
		u->host = str_cut(&text, ':');
		port = text;
	}
	if (!str_is_null(port) && (!str_to_u64(port, &number) || number < 1 || number > UINT16_MAX))
		return false;
	u->port = (uint16_t)number;
	return u->host.len > 0;
}

bool fetch_read_url(struct cli *c, struct str text, struct fetch_url *ret)
{
	struct fetch_url u = { .is_https = str_starts_nocase(text, STR("https://")) };
	struct str rest = str_skip(text, u.is_https ? 8 : 7);
	bool is_good = u.is_https || str_starts_nocase(text, STR("http://"));
	size_t slash = str_index(rest, '/');
	u.path = str_skip(rest, slash);
	while (str_ends(u.path, STR("/")))
		u.path.len--;
	is_good = is_good && !has_odd_bytes(text) && str_index(text, '?') == text.len &&
		  str_index(text, '#') == text.len && read_authority(str_first(rest, slash), &u);
	if (!is_good) {
		(void)cli_fail(c, CLI_USAGE,
			"--url: must be the URL of a service such as http://127.0.0.1:4318 or https://example.org/spans, not %.*s",
			STR_ARG(str_first(text, 80)));
		return false;
	}
	*ret = u;
	return true;
}

bool fetch_read_key(struct cli *c, struct str *ret)
{
	struct str key = cli_value(c, "key"), file = cli_value(c, "key-file");
	if (!str_is_null(file)) {
		struct input in;
		enum err e = input_open(&in, c->arena, arena_copy_c(c->arena, file));
		if (!e)
			e = input_all(&in, KEY_FILE_MAX, &key);
		if (e) {
			(void)cli_error(
				c, e, arena_printf(c->arena, "the key in %.*s", STR_ARG(file)));
			return false;
		}
		key = arena_copy(c->arena, key);
		input_close(&in);
	} else if (str_is_null(key)) {
		key = conf_client_key();
	}
	if (!str_is_null(key))
		key = str_trim(key);
	if (!str_is_null(key) && (key.len == 0 || has_odd_bytes(key))) {
		(void)cli_fail(c, CLI_USAGE, "the key is empty, or has characters that no key has");
		return false;
	}
	*ret = key;
	return true;
}

/* ---- Answers ---- */

struct str fetch_header(const struct fetch_answer *a, struct str name)
{
	struct str rest = a->head, found = STR_NULL;
	while (!str_is_null(rest) && rest.len) {
		struct str value = str_cut(&rest, '\n'), key = str_cut(&value, ':');
		if (!str_is_null(value) && str_eq_nocase(str_trim(key), name))
			found = str_trim(value);
	}
	return found;
}

/* Joins the chunks of a body. */
static enum fetch_state parse_chunks(struct cli *c, struct str bytes, struct fetch_answer *ret)
{
	struct buf b;
	buf_init(&b, c->arena);
	for (;;) {
		uint64_t size;
		size_t end = str_find(bytes, STR("\r\n"));
		struct str line = str_first(bytes, end);
		if (end == bytes.len)
			break;
		if (!str_to_u64_hex(str_trim(str_first(line, str_index(line, ';'))), &size))
			return FETCH_NO_HTTP;
		bytes = str_skip(bytes, end + 2);
		if (size == 0 || size > bytes.len) {
			buf_add(&b, str_first(bytes, size ? bytes.len : 0));
			ret->body = buf_str(&b);
			return size ? FETCH_MORE : FETCH_WHOLE;
		}
		buf_add(&b, str_first(bytes, (size_t)size));
		bytes = str_skip(bytes, (size_t)size);
		if (bytes.len < 2)
			break;
		bytes = str_skip(bytes, 2);
	}
	ret->body = buf_str(&b);
	return FETCH_MORE;
}

static enum fetch_state parse_body(
	struct cli *c, struct str bytes, bool is_end, struct fetch_answer *ret)
{
	uint64_t length;
	struct str coding = fetch_header(ret, STR("transfer-encoding"));
	struct str announced = fetch_header(ret, STR("content-length"));
	ret->body = bytes;
	if (ret->status == 204 || ret->status == 304)
		return FETCH_WHOLE;
	if (!str_is_null(coding) && str_eq_nocase(coding, STR("chunked"))) {
		/* They are joined once, when everything has arrived. */
		bool may_be = is_end || str_ends(bytes, STR("\r\n\r\n"));
		return may_be ? parse_chunks(c, bytes, ret) : FETCH_MORE;
	}
	if (str_is_null(announced))
		return is_end ? FETCH_WHOLE : FETCH_MORE;
	if (!str_to_u64(announced, &length))
		return FETCH_NO_HTTP;
	if (length > bytes.len)
		return FETCH_MORE;
	ret->body = str_first(bytes, (size_t)length);
	return FETCH_WHOLE;
}

enum fetch_state fetch_parse(struct cli *c, struct str bytes, bool is_end, struct fetch_answer *ret)
{
	for (;;) {
		int64_t status;
		size_t end = str_find(bytes, STR("\r\n\r\n"));
		struct str head = str_first(bytes, end);
		if (!str_starts(bytes, str_first(STR("HTTP/1."), bytes.len)))
			return FETCH_NO_HTTP;
		if (end == bytes.len)
			return is_end && bytes.len ? FETCH_NO_HTTP : FETCH_MORE;
		struct str rest = head, line = str_cut(&rest, '\n');
		if (line.len < 12 || !str_to_i64(str_of(line.ptr + 9, 3), &status))
			return FETCH_NO_HTTP;
		bytes = str_skip(bytes, end + 4);
		if (status / 100 == 1)
			continue; /* an interim response */
		ret->status = (int)status;
		ret->head = rest;
		return parse_body(c, bytes, is_end, ret);
	}
}

/* ---- The connection ---- */

struct str fetch_head(struct cli *c, const struct fetch_url *url, const struct fetch *what)
{
	struct buf b;
	buf_init(&b, c->arena);
	buf_printf(&b, "%s %.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: flatspan\r\n", what->method,
		STR_ARG(what->target), STR_ARG(url->authority));
	for (size_t i = 0; i < FETCH_HEADERS_MAX && !str_is_null(what->headers[i]); i++)
		buf_printf(&b, "%.*s\r\n", STR_ARG(what->headers[i]));
	if (what->is_chunked)
		buf_add(&b, STR("Transfer-Encoding: chunked\r\n"));
	else if (!str_is_null(what->body))
		buf_printf(&b, "Content-Length: %zu\r\n", what->body.len);
	buf_add(&b, STR("Connection: close\r\n\r\n"));
	return buf_str(&b);
}

static struct str chunked(struct cli *c, struct str body)
{
	struct buf b;
	buf_init(&b, c->arena);
	while (body.len) {
		struct str piece = str_first(body, CHUNK_BYTES);
		buf_printf(&b, "%zx\r\n", piece.len);
		buf_add(&b, piece);
		buf_add(&b, STR("\r\n"));
		body = str_skip(body, piece.len);
	}
	buf_add(&b, STR("0\r\n\r\n"));
	return buf_str(&b);
}

static bool fetch_wait_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;
	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Returns -1 when none of them answers; *ret_why is about the last one. */
static int connect_to_any(const struct addrinfo *list, const char **ret_why)
{
	*ret_why = "its name has no address";
	for (const struct addrinfo *i = list; i; i = i->ai_next) {
		int fd = socket(i->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		int error = 0;
		socklen_t len = sizeof error;
		if (fd < 0)
			continue;
		if (connect(fd, i->ai_addr, i->ai_addrlen) < 0)
			error = errno;
		if (error == EINPROGRESS && fetch_wait_for(fd, POLLOUT, CONNECT_MS))
			(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error == 0)
			return fd;
		*ret_why = error == ECONNREFUSED   ? "nothing listens there"
			   : error == EINPROGRESS  ? "it does not answer"
			   : error == ENETUNREACH  ? "the network is unreachable"
			   : error == EHOSTUNREACH ? "the host is unreachable"
						   : "the connection fails";
		io_drop(fd);
	}
	return -1;
}

static int connect_to(struct cli *c, const struct fetch_url *url, const char **ret_why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	char *port = arena_copy_c(c->arena, arena_printf(c->arena, "%u", (unsigned)url->port));
	if (getaddrinfo(arena_copy_c(c->arena, url->host), port, &hints, &list) != 0) {
		*ret_why = "there is no host with that name";
		return -1;
	}
	int fd = connect_to_any(list, ret_why);
	freeaddrinfo(list);
	return fd;
}

/* Sends the parts and reads the answer, which may arrive before everything is sent. */
static enum fetch_state talk(struct cli *c, int fd, struct str parts[2], struct fetch_answer *ret)
{
	struct buf in;
	size_t part = 0, total = parts[0].len + parts[1].len;
	int64_t end_ns = utime_monotonic() + FETCH_REQUEST_MS * NS_PER_MS;
	enum fetch_state state = FETCH_MORE;
	buf_init(&in, c->arena);
	while (state == FETCH_MORE && utime_monotonic() < end_ns && in.len < ANSWER_MAX) {
		while (part < 2 && !parts[part].len)
			part++;
		if (!fetch_wait_for(
			    fd, (short)(part < 2 ? POLLIN | POLLOUT : POLLIN), FETCH_QUIET_MS))
			break;
		ssize_t n = recv(fd, buf_reserve(&in, READ_BYTES), READ_BYTES, MSG_DONTWAIT);
		if (n > 0)
			in.len += (size_t)n;
		bool is_end = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
		if (n > 0 || is_end)
			state = fetch_parse(c, buf_str(&in), is_end, ret);
		if (is_end)
			break;
		if (part == 2 || n > 0)
			continue;
		n = send(fd, parts[part].ptr, parts[part].len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			part = 2; /* it accepts no more; an answer may say why */
		else if (n > 0)
			parts[part] = str_skip(parts[part], (size_t)n);
		if (part < 2 && total > MIB)
			cli_progress(c, "sending %.*s: %zu%%", STR_ARG(cli_bytes(c, total)),
				100 - 100 * (parts[0].len + parts[1].len) / total);
	}
	return state;
}

bool fetch(struct cli *c, const struct fetch_url *url, const struct fetch *what,
	struct fetch_answer *ret)
{
	struct fetch_answer a = { .trouble = STR_NULL };
	const char *why;
	int64_t began_ns = utime_monotonic();
	if (url->is_https)
		return fetch_by_curl(c, url, what, ret);
	int fd = connect_to(c, url, &why);
	if (fd < 0) {
		ret->trouble = arena_printf(
			c->arena, "%.*s port %u: %s", STR_ARG(url->host), (unsigned)url->port, why);
		return false;
	}
	struct str parts[2] = { fetch_head(c, url, what), str_is_null(what->body) ? STR("")
							  : what->is_chunked
								  ? chunked(c, what->body)
								  : what->body };
	enum fetch_state state = talk(c, fd, parts, &a);
	io_drop(fd);
	a.took_ns = utime_monotonic() - began_ns;
	a.is_whole = state == FETCH_WHOLE;
	if (!a.status) {
		ret->trouble = state == FETCH_NO_HTTP
				       ? STR("the server there does not speak HTTP")
				       : STR("the connection ended without an answer");
		return false;
	}
	*ret = a;
	return true;
}
