#include "base/utf8.h"
#include "web/transport.h"

/*
 * Any server may stand in front: what counts is the raw request target.  It is cut at `?`, freed of
 * the prefix, split at `/`, and each element is decoded once.  Every path has one spelling here:
 * what a second spelling could hide (`//`, `.`, `..`, control bytes, broken UTF-8) is refused.
 */

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* lenient: a % that no two hex digits follow stays as it is, and + is a blank (query strings).
 * False: a bad escape. The result is a view when nothing is encoded. */
static bool decode(struct arena *a, struct str s, bool lenient, struct str *ret)
{
	if (str_index(s, '%') == s.len && (!lenient || str_index(s, '+') == s.len)) {
		*ret = s;
		return true;
	}
	char *text = arena_text(a, s.len);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '%') {
			int high = i + 2 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
			int low = i + 2 < s.len ? hex_digit(s.ptr[i + 2]) : -1;
			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			} else if (!lenient) {
				return false;
			}
		} else if (c == '+' && lenient) {
			c = ' ';
		}
		text[n++] = c;
	}
	*ret = str_of(text, n);
	return true;
}

static bool element_is_sane(struct str raw, struct str decoded)
{
	if (decoded.len == 0 || str_eq(decoded, STR(".")) || str_eq(decoded, STR("..")))
		return false;
	for (size_t i = 0; i < raw.len; i++)
		if (raw.ptr[i] == '\\' || raw.ptr[i] == '#' || is_control(raw.ptr[i]))
			return false;
	for (size_t i = 0; i < decoded.len; i++)
		if (is_control(decoded.ptr[i]))
			return false;
	return utf8_valid(decoded);
}

/* http://host/path?query, as Apache hands on what a proxy client sent: /path?query */
static struct str without_origin(struct str target)
{
	size_t scheme = str_starts_nocase(target, STR("http://"))    ? 7
			: str_starts_nocase(target, STR("https://")) ? 8
								     : 0;
	if (scheme == 0)
		return target;
	struct str rest = str_skip(target, scheme);
	size_t slash = str_index(rest, '/'), query = str_index(rest, '?');
	return slash < query      ? str_skip(rest, slash)
	       : query < rest.len ? str_skip(rest, query)
				  : STR("/");
}

static enum err read_elements(struct request *r, struct str path, struct str *ret_reason)
{
	r->n_elements = 0;
	r->has_trailing_slash = false;
	struct str rest = str_skip(path, 1);
	while (rest.len) {
		size_t n = str_index(rest, '/');
		struct str raw = str_first(rest, n), decoded;
		if (!decode(r->arena, raw, false, &decoded) || !element_is_sane(raw, decoded)) {
			*ret_reason = STR("The path is not in its canonical form.");
			return ERR_INVALID;
		}
		if (r->n_elements == REQUEST_ELEMENTS_MAX) {
			*ret_reason = STR_NULL;
			return ERR_NOT_FOUND;
		}
		r->elements[r->n_elements++] = decoded;
		r->has_trailing_slash = n + 1 == rest.len;
		rest = str_skip(rest, n + 1);
	}
	return ERR_OK;
}

/* True when the decoded path is this text. */
static bool path_is(const struct request *r, struct str text)
{
	for (size_t i = 0; i < r->n_elements; i++) {
		if (!str_starts(text, STR("/")) || !str_starts(str_skip(text, 1), r->elements[i]))
			return false;
		text = str_skip(text, 1 + r->elements[i].len);
	}
	return str_eq(text, r->has_trailing_slash ? STR("/") : STR(""));
}

/* How many bytes of the path spell the prefix, whose characters the server has decoded; 0: the path
 * is not beneath it. */
static size_t length_of(struct str path, struct str prefix)
{
	size_t at = 0;
	for (size_t i = 0; i < prefix.len; i++) {
		if (at >= path.len)
			return 0;
		int high = -1, low = -1;
		if (path.ptr[at] == '%' && path.len - at > 2) {
			high = hex_digit(path.ptr[at + 1]);
			low = hex_digit(path.ptr[at + 2]);
		}
		if (high >= 0 && low >= 0 && prefix.ptr[i] != '/' &&
			high * 16 + low == (unsigned char)prefix.ptr[i])
			at += 3;
		else if (path.ptr[at] == prefix.ptr[i])
			at++;
		else
			return 0;
	}
	return at == path.len || path.ptr[at] == '/' ? at : 0;
}

/*
 * The length of what stands before the API's own path: the setting, or what the server says about
 * the program.
 *	/cgi-bin/flatspan/v1/traces	SCRIPT_NAME /cgi-bin/flatspan: all of it
 *	/spans/v1/traces		SCRIPT_NAME /spans/app.fcgi (FallbackResource): /spans
 *	/v1/traces			SCRIPT_NAME /v1/traces (nginx's fastcgi_params): nothing
 */
static size_t prefix_of(const struct request *r, struct str path)
{
	struct str prefix = r->conf->prefix;
	while (str_ends(prefix, STR("/")))
		prefix.len--;
	if (prefix.len)
		return length_of(path, prefix);
	struct str script = gateway_variable(r->gateway, STR("SCRIPT_NAME"));
	if (str_is_null(script) || path_is(r, script))
		return 0;
	size_t n = length_of(path, script);
	if (n || (!str_ends(script, STR(".cgi")) && !str_ends(script, STR(".fcgi"))))
		return n;
	while (script.len && script.ptr[script.len - 1] != '/')
		script.len--;
	if (script.len)
		script.len--;
	return length_of(path, script);
}

static enum err read_params(struct request *r, struct str query, struct str *ret_reason)
{
	size_t n = 0;
	struct str rest = query;
	while (!str_is_null(rest))
		if (str_cut(&rest, '&').len)
			n++;
	if (n > LIMIT_PARAMS) {
		*ret_reason = STR("The query has too many parameters.");
		return ERR_INVALID;
	}
	r->params = arena_calloc(r->arena, n, sizeof *r->params);
	rest = query;
	while (!str_is_null(rest)) {
		struct str value = str_cut(&rest, '&');
		if (value.len == 0)
			continue;
		struct param *p = &r->params[r->n_params++];
		struct str name = str_cut(&value, '=');
		p->raw = str_is_null(value) ? STR("") : value;
		(void)decode(r->arena, name, true, &p->name); /* lenient: nothing is bad */
		(void)decode(r->arena, p->raw, true, &p->value);
		if (!utf8_valid(p->name) || !utf8_valid(p->value)) {
			*ret_reason = STR("The query is not valid UTF-8.");
			return ERR_INVALID;
		}
	}
	return ERR_OK;
}

enum err request_read_target(struct request *r, struct str *ret_reason)
{
	r->n_params = 0;
	r->n_elements = 0;
	r->target = without_origin(r->target);
	struct str rest = r->target;
	if (!str_starts(rest, STR("/")) && !str_starts(rest, STR("?"))) {
		*ret_reason = STR("The request has no path.");
		return ERR_INVALID;
	}
	struct str path = str_cut(&rest, '?'), query = rest;
	if (path.len == 0)
		path = STR("/");
	r->path = path;
	if (r->target.len > LIMIT_TARGET_BYTES) {
		*ret_reason = STR("The request target is too long.");
		return ERR_TOO_LARGE;
	}
	enum err e = read_elements(r, path, ret_reason);
	if (e)
		return e;
	size_t prefix = prefix_of(r, path);
	if (prefix) {
		path = str_skip(path, prefix);
		r->path = path.len ? path : STR("/");
		e = read_elements(r, r->path, ret_reason);
		if (e)
			return e;
	}
	return read_params(r, query, ret_reason);
}
