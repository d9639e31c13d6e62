/*
 * Who may do what.  One check, called by the router before any handler.
 *
 * A key is accepted as `x-api-key: KEY`, `Authorization: Bearer KEY`, `Authorization: KEY` (Opik)
 * or the password of `Authorization: Basic …` (Langfuse).  The keys file holds only hashes; an
 * unreadable or malformed file fails closed (503).  Without a keys file the answer depends on the
 * setting `auth`: loopback clients are let in by default.
 */
#ifndef FLATSPAN_WEB_AUTH_H
#define FLATSPAN_WEB_AUTH_H

#include "web/request.h"

/* ERR_OK, ERR_INVALID (two different keys in one request), ERR_UNAUTHORIZED, ERR_FORBIDDEN or
 * ERR_CONF. workspace: the one the request is about; STR_NULL: none; empty: not named, so the key's
 * only one or the setting's. On ERR_OK sets r->principal, r->workspace and r->grant. */
NODISCARD enum err auth_check(struct request *r, enum role needs, struct str workspace);
/* "ingest", "read", "admin"; "none". */
const char *role_name(enum role role);

/* May whoever was let in use this workspace too? */
bool auth_grants(const struct request *r, struct str workspace);

#endif
