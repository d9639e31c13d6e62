/*
 * Reads base64 (RFC 4648) in both alphabets, with padding or without, because clients do not
 * always send what their format asks for. Writes base64url without padding, for text in URLs.
 */
#ifndef FLATSPAN_BASE_BASE64_H
#define FLATSPAN_BASE_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

/* Returns false when a character is in neither alphabet, or when the last digit completes no byte.
 * Unused bits of the last digit may have any value. */
bool base64_read(struct arena *a, struct str text, struct str *ret);

void base64url_write(struct buf *out, struct str bytes);

#endif
