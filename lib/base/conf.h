/*
 * Settings: one file of `key = value` lines, # comments.  Every setting stands in the table below
 * with its default and its reason; unknown keys and bad values are errors that name the line.
 *
 * Where the file is found: FLATSPAN_CONF in the *server's* environment (never in a request's
 * parameters), then a file named flatspan.conf.path beside the program that holds the path, then
 * ~/.config/flatspan/flatspan.conf, then /etc/flatspan/flatspan.conf; none of them: the defaults.
 * FLATSPAN_ROOT in the environment overrides `root`.
 */
#ifndef FLATSPAN_BASE_CONF_H
#define FLATSPAN_BASE_CONF_H

#include "base/arena.h"
#include "base/errors.h"

/* clang-format off */
/*	type	name			default			what it is for */
#define CONF_LIST(X) \
	X(TEXT, root,			"/var/lib/flatspan",	"the data directory, outside every document root") \
	X(TEXT, prefix,			"",			"URL path before the API's own, if the server does not strip it") \
	X(TEXT, keys,			"",			"file of API keys; empty: ROOT/keys") \
	X(ENUM, auth,			"loopback",		"loopback: no keys needed from 127.0.0.1 and ::1 while there is no keys file; on: always; off: never") \
	X(ENUM, sync,			"always",		"always: an acknowledged span survives power loss; none: it may be lost with the last seconds of the page cache") \
	X(TEXT, workspace,		"default",		"workspace of requests that name none") \
	X(BOOL, create_workspaces,	"yes",			"whether the first write to an unknown workspace creates it") \
	X(SIZE, body_bytes,		"64M",			"largest request body, before and after decompression") \
	X(SIZE, arena_bytes,		"320M",			"memory of one request") \
	X(SIZE, free_bytes,		"64M",			"writes are refused when less space is free") \
	X(INT,  lock_ms,		"2000",			"how long a writer waits for its turn") \
	X(INT,  query_ms,		"20000",		"how long a query may take") \
	X(INT,  requests,		"10000",		"requests a FastCGI worker serves before it is replaced") \
	X(BOOL, index,			"yes",			"whether an index is kept beside the shards") \
	X(BOOL, drop_logs_metrics,	"yes",			"answer /v1/logs and /v1/metrics with 200 and drop them") \
	X(BOOL, atif_strict,		"yes",			"refuse ATIF that the specification forbids, as NeMo does") \
	X(BOOL, filter_echo_canonical,	"no",			"NeMo lists echo the filter as a canonical tree instead of as sent") \
	X(TEXT, prices,			"",			"file of model prices for spans that name no cost; empty: none") \
	X(TEXT, mask_keys,		"",			"names with commas: members of JSON whose values are not stored (lib/span/mask.h)") \
	X(TEXT, mask_regex,		"",			"POSIX extended regular expression: what matches in texts is not stored") \
	X(ENUM, content,		"full",			"full; hash: of inputs and outputs only a hash is stored; none: nothing is") \
	X(ENUM, sandbox,		"auto",			"workers, CGI programs and flatspan serve give up what they do not need: other files, programs, sockets (lib/base/sandbox.h). auto: as far as the kernel can; require: or refuse to serve; off: nothing")
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
	struct str path; /* of the file that was read; STR_NULL: none */
};

/* Defaults only. Texts are literals or live in the arena. */
void conf_defaults(struct conf *c);
/* Reads one file's text over c. On ERR_CONF *ret_message says what and where. */
NODISCARD enum err conf_parse(
	struct conf *c, struct arena *a, struct str text, struct str *ret_message);
/* Finds and reads the file as described above. program: argv[0], to look beside it. */
NODISCARD enum err conf_load(
	struct conf *c, struct arena *a, const char *program, struct str *ret_message);
/* The same from one file that must be there. */
NODISCARD enum err conf_load_file(
	struct conf *c, struct arena *a, struct str path, struct str *ret_message);
/* The same as another program finds it, whose environment is not this one's. */
NODISCARD enum err conf_read_file(
	struct conf *c, struct arena *a, struct str path, struct str *ret_message);
/* Did a web server start this process, to answer one request by CGI? */
bool conf_is_cgi(void);
/* HOME; STR_NULL when it is not set. */
struct str conf_home(void);
/* TMPDIR, else /tmp. */
struct str conf_temp_dir(void);
/* FLATSPAN_KEY, the key a client sends; STR_NULL when it is not set. */
struct str conf_client_key(void);

#endif
