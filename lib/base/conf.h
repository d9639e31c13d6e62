/*
 * The settings: one file of `key = value` lines and # comments. The table below holds every
 * setting with its default and its purpose. Unknown keys and bad values are errors that name the
 * line.
 *
 * The file is the first of: FLATSPAN_CONF in the *server's* environment (never in a request's
 * parameters), the path in a file flatspan.conf.path next to the program, then
 * ~/.config/flatspan/flatspan.conf, then /etc/flatspan/flatspan.conf; without any of them the
 * defaults hold. FLATSPAN_ROOT in the environment overrides `root`.
 */
#ifndef FLATSPAN_BASE_CONF_H
#define FLATSPAN_BASE_CONF_H

#include "base/arena.h"
#include "base/errors.h"

/* clang-format off */
/*	type	name			default			what it is for */
#define CONF_LIST(X) \
	X(TEXT, root,			"/var/lib/flatspan",	"the data directory, outside every document root") \
	X(TEXT, prefix,			"",			"URL path in front of the API, if the server does not remove it") \
	X(TEXT, keys,			"",			"the file of API keys; empty: ROOT/keys") \
	X(ENUM, auth,			"loopback",		"when a key is needed. loopback: not from 127.0.0.1 and ::1 as long as there is no keys file; on: always; off: never") \
	X(ENUM, sync,			"always",		"always: an acknowledged span survives a power failure; none: the last seconds may be lost") \
	X(TEXT, workspace,		"default",		"the workspace of requests that name none") \
	X(BOOL, create_workspaces,	"yes",			"whether the first write to an unknown workspace creates it") \
	X(SIZE, body_bytes,		"64M",			"the largest request body, before and after decompression") \
	X(SIZE, arena_bytes,		"320M",			"the memory of one request") \
	X(SIZE, free_bytes,		"64M",			"writes are refused when less space than this is free") \
	X(INT,  lock_ms,		"2000",			"milliseconds that a writer waits for the lock") \
	X(INT,  query_ms,		"20000",		"milliseconds that a query may take") \
	X(INT,  requests,		"10000",		"requests that a FastCGI worker serves before it is replaced") \
	X(BOOL, index,			"yes",			"whether shards have an index") \
	X(BOOL, drop_logs_metrics,	"yes",			"answer /v1/logs and /v1/metrics with 200 and drop them") \
	X(BOOL, atif_strict,		"yes",			"refuse what the ATIF specification forbids, as NeMo does") \
	X(BOOL, filter_echo_canonical,	"no",			"NeMo lists return the filter as a canonical tree instead of as it was sent") \
	X(TEXT, prices,			"",			"the file of model prices, for spans that name no cost; empty: the built-in ones; none: no prices") \
	X(TEXT, mask_keys,		"",			"names, separated by commas, of JSON members whose values are not stored (lib/span/mask.h)") \
	X(TEXT, mask_regex,		"",			"a POSIX extended regular expression: matching parts of texts are not stored") \
	X(ENUM, content,		"full",			"how inputs and outputs are stored. full: completely; hash: only as a hash; none: not at all") \
	X(ENUM, sandbox,		"auto",			"whether server processes give up the rights that they do not need (lib/base/sandbox.h). auto: as far as the kernel supports it; require: refuse to serve without it; off: not at all")
/* clang-format on */

enum conf_type { CONF_TEXT, CONF_ENUM, CONF_BOOL, CONF_SIZE, CONF_INT };
enum conf_auth { CONF_AUTH_LOOPBACK, CONF_AUTH_ON, CONF_AUTH_OFF };
enum conf_sync { CONF_SYNC_ALWAYS, CONF_SYNC_NONE };
enum conf_sandbox { CONF_SANDBOX_AUTO, CONF_SANDBOX_REQUIRE, CONF_SANDBOX_OFF };
enum conf_content { CONF_CONTENT_FULL, CONF_CONTENT_HASH, CONF_CONTENT_NONE };

struct conf {
	struct str root, prefix, keys, workspace, prices, mask_keys, mask_regex;
	enum conf_auth auth;
	enum conf_sync sync;
	enum conf_content content;
	enum conf_sandbox sandbox;
	bool create_workspaces, index, drop_logs_metrics, atif_strict, filter_echo_canonical;
	size_t body_bytes, arena_bytes, free_bytes;
	int lock_ms, query_ms, requests;
	struct str path; /* of the file that was read; STR_NULL: none was */
};

/* Sets the defaults. Texts are literals or live in the arena. */
void conf_defaults(struct conf *c);
/* Reads the text of a file over c. On ERR_CONF *ret_message says what is wrong and where. */
NODISCARD enum err conf_parse(
	struct conf *c, struct arena *a, struct str text, struct str *ret_message);
/* Finds and reads the file as described above. program is argv[0], beside which a file may lie. */
NODISCARD enum err conf_load(
	struct conf *c, struct arena *a, const char *program, struct str *ret_message);
/* Reads one file, which must exist, and the environment. */
NODISCARD enum err conf_load_file(
	struct conf *c, struct arena *a, struct str path, struct str *ret_message);
/* Reads one file as another program would, without this program's environment. */
NODISCARD enum err conf_read_file(
	struct conf *c, struct arena *a, struct str path, struct str *ret_message);
/* True when a web server started this process to answer one request by CGI. */
bool conf_is_cgi(void);
/* Returns HOME, or STR_NULL when it is not set. */
struct str conf_home(void);
/* Returns TMPDIR, or /tmp. */
struct str conf_temp_dir(void);
/* Returns FLATSPAN_KEY, the key that a client sends, or STR_NULL. */
struct str conf_client_key(void);

#endif
