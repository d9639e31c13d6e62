/*
 * Checks the API key and role of a request. The router calls it before any handler.
 *
 * A key is accepted as `x-api-key: KEY`, `Authorization: Bearer KEY`, `Authorization: KEY`
 * (Opik) or the password of `Authorization: Basic …` (Langfuse). The keys file holds only
 * hashes. An unreadable or malformed file refuses all requests (503). Without a keys file the
 * setting `auth` decides: by default loopback clients need no key.
 */
#ifndef FLATSPAN_WEB_AUTH_H
#define FLATSPAN_WEB_AUTH_H

#include "web/request.h"

/* Returns ERR_OK, ERR_INVALID (two different keys in one request), ERR_UNAUTHORIZED, ERR_FORBIDDEN
 * or ERR_CONF. workspace is the one that the request is about; STR_NULL: none; empty: not named, so
 * the key's only one or the setting's. On ERR_OK sets r->principal, r->workspace and r->grant. */
NODISCARD enum err auth_check(struct request *r, enum role needs, struct str workspace);
/* Returns "ingest", "read", "admin" or "none". */
const char *role_name(enum role role);

/* True when the request's key may also use this workspace. */
bool auth_grants(const struct request *r, struct str workspace);

#endif
