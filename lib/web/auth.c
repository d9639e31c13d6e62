#include "web/auth.h"

#include "base/base64.h"
#include "web/keys_file.h"
#include "web/transport.h"

/* The key a request carries; STR_NULL: none. Two values in one header are refused: which of them
 * counts would differ from server to server. */
static enum err auth_key_of(const struct request *r, struct str *ret_key)
{
	static const char *const names[] = { "HTTP_X_API_KEY", "HTTP_AUTHORIZATION",
		"REDIRECT_HTTP_AUTHORIZATION" };
	enum { N_NAMES = sizeof names / sizeof names[0] };
	struct str value = STR_NULL;
	bool is_authorization = false;
	for (size_t i = 0; i < N_NAMES; i++) {
		struct str name = str_from_c(names[i]);
		struct str v = gateway_variable(r->gateway, name);
		if (gateway_variable_count(r->gateway, name) > 1 ||
			(!str_is_null(v) && str_index(v, ',') < v.len))
			return ERR_INVALID;
		if (str_is_null(value)) {
			value = v;
			is_authorization = i > 0;
		}
	}
	if (str_is_null(value)) {
		*ret_key = value;
		return ERR_OK;
	}
	value = str_trim(value);
	if (is_authorization && str_starts_nocase(value, STR("bearer "))) {
		value = str_trim(str_skip(value, 7));
	} else if (is_authorization && str_starts_nocase(value, STR("basic "))) {
		struct str pair = STR("");
		(void)base64_read(r->arena, str_trim(str_skip(value, 6)), &pair); /* "" is no key */
		value = str_skip(pair, str_index(pair, ':') + 1);
	}
	*ret_key = value;
	return ERR_OK;
}

const char *role_name(enum role role)
{
	return role == ROLE_INGEST  ? "ingest"
	       : role == ROLE_READ  ? "read"
	       : role == ROLE_ADMIN ? "admin"
				    : "none";
}

/* A name that only a resolver could point here: a page of a site whose name was re-bound to
 * 127.0.0.1 sends its own name, and a browser would hand it our answers. Addresses, and names
 * without a dot, cannot be such sites. */
static bool host_is_local(struct str host)
{
	if (str_is_null(host) || str_starts(host, STR("[")))
		return true;
	host = str_first(host, str_index(host, ':'));
	if (str_index(host, '.') == host.len || str_ends(host, STR(".localhost")))
		return true;
	for (size_t i = 0; i < host.len; i++)
		if (!ascii_is_digit(host.ptr[i]) && host.ptr[i] != '.')
			return false;
	return true;
}

/* True when the client is on this machine. A proxy on this machine that forwards for others says
 * so. */
static bool is_loopback(const struct request *r)
{
	if (!str_is_null(request_header(r, STR("x-forwarded-for"))) ||
		!str_is_null(request_header(r, STR("forwarded"))))
		return false;
	if (!host_is_local(request_header(r, STR("host"))))
		return false;
	struct str address = gateway_variable(r->gateway, STR("REMOTE_ADDR"));
	/* A CGI program without it was started by hand. A FastCGI server that does not say it is
	 * set up wrongly, and its clients may be anywhere. */
	if (str_is_null(address))
		return r->gateway->is_cgi;
	return str_starts(address, STR("127.")) || str_eq(address, STR("::1")) ||
	       str_starts(address, STR("::ffff:127."));
}

/* Grants everything to a client that needs no key. */
static void admit_all(struct request *r, struct str workspace)
{
	struct str user = gateway_variable(r->gateway, STR("REMOTE_USER"));
	r->principal = str_is_null(user) ? STR("") : user;
	r->grant = STR("*");
	r->workspace =
		!str_is_null(workspace) && workspace.len == 0 ? r->conf->workspace : workspace;
}

static enum err admit_key(
	struct request *r, enum role needs, struct str workspace, struct str key, struct str keys)
{
	struct key_record k;
	enum err e = keys_find(keys, str_is_null(key) ? STR("") : key, r->now_ns, &k);
	if (e)
		return e;
	if (!str_is_null(workspace) && workspace.len == 0) {
		bool has_one = !str_eq(k.workspaces, STR("*")) &&
			       str_index(k.workspaces, ',') == k.workspaces.len;
		workspace = has_one ? k.workspaces : r->conf->workspace;
	}
	if ((k.roles & needs) != (unsigned)needs ||
		(!str_is_null(workspace) && !keys_grant(k.workspaces, workspace)))
		return ERR_FORBIDDEN;
	r->principal = k.id;
	r->grant = k.workspaces;
	r->workspace = workspace;
	return ERR_OK;
}

enum err auth_check(struct request *r, enum role needs, struct str workspace)
{
	if (needs == ROLE_NONE || r->conf->auth == CONF_AUTH_OFF) {
		admit_all(r, workspace);
		if (needs == ROLE_NONE)
			r->grant = STR("");
		return ERR_OK;
	}
	struct str key, keys;
	enum err e = auth_key_of(r, &key);
	if (e)
		return e;
	e = keys_file_read(r->conf, r->arena, &keys);
	if (e == ERR_OK)
		return admit_key(r, needs, workspace, key, keys);
	if (e != ERR_NOT_FOUND)
		return e;
	if (r->conf->auth != CONF_AUTH_LOOPBACK || !is_loopback(r))
		return ERR_UNAUTHORIZED;
	admit_all(r, workspace);
	return ERR_OK;
}

bool auth_grants(const struct request *r, struct str workspace)
{
	return keys_grant(r->grant, workspace);
}
