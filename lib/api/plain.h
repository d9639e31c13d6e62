/*
 * Errors as FastAPI prints them: {"detail":"a sentence"}, or {"detail":[{type, loc, msg, …}]} with
 * status 422 when there are problems.  The form of our own paths, and of every dialect that
 * upstream serves with FastAPI.
 */
#ifndef FLATSPAN_API_PLAIN_H
#define FLATSPAN_API_PLAIN_H

#include "api/api.h"

void plain_error(struct request *r, enum err e, struct str detail, const struct problems *problems);

#endif
