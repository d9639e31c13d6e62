/*
 * Reads the text of the keys file, which holds the hash and the rights of each API key, one line a
 * key:
 *
 *	id:sha256:workspaces:roles:not_after:label
 *
 *	id		8 of A-Z a-z 0-9 - _
 *	sha256		of the key's secret, 64 hex digits
 *	workspaces	names with commas between, or *
 *	roles		ingest, read, admin, with commas between; admin may do all
 *	not_after	RFC 3339 with offset, before 2262, or - for never
 *	label		for people; anything
 *
 * Empty lines and those that begin with # are skipped.  One bad line makes the whole file invalid,
 * so that a mistake never grants access.
 *
 * A key is `fsp_ID_SECRET`: the secret is 32 random bytes in base64url (43 characters), so a plain
 * hash is enough and a slow one would buy nothing.
 */
#ifndef FLATSPAN_WEB_KEYS_H
#define FLATSPAN_WEB_KEYS_H

#include "base/hash.h"
#include "web/request.h"

enum { KEY_ID_BYTES = 8, KEY_SECRET_BYTES = 43 };

struct key_record {
	struct str id, workspaces, label; /* views into the file's text */
	unsigned roles;                   /* enum role, ORed */
	unsigned char hash[SHA256_BYTES];
	int64_t not_after_ns; /* INT64_MAX: never */
};

/* Reads one line without its newline. Returns false when it is not well-formed. */
bool key_record_read(struct str line, struct key_record *ret);
/* Splits a key. Returns false when the text is not a key. */
bool key_split(struct str key, struct str *ret_id, struct str *ret_secret);

/* Finds the record of a key that is valid at this time. Returns ERR_UNAUTHORIZED when there is none
 * or it has expired, and ERR_CONF when the file is malformed. The time taken does not distinguish
 * an unknown id from a wrong secret. */
NODISCARD enum err keys_find(
	struct str text, struct str key, int64_t now_ns, struct key_record *ret);
/* True when the workspace is in a list such as "a,b", or the list is "*". */
bool keys_grant(struct str workspaces, struct str workspace);

#endif
