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

/* ERR_OK, ERR_UNAUTHORIZED, ERR_FORBIDDEN or ERR_CONF. workspace: the one the request is about;
 * STR_NULL: none. Sets r->principal. */
NODISCARD enum err auth_check(struct request *r, enum role needs, struct str workspace);

#endif
