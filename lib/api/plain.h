/*
 * Answers errors as FastAPI does: {"detail":"a sentence"}, or {"detail":[{type, loc, msg, …}]} with
 * status 422 when there are problems.
 *
 * Flatspan's own paths use this form, and every dialect whose original is served with FastAPI.
 */
#ifndef FLATSPAN_API_PLAIN_H
#define FLATSPAN_API_PLAIN_H

#include "api/api.h"

void plain_error(struct request *r, enum err e, struct str detail, const struct problems *problems);

#endif
