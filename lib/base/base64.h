/*
 * base64 (RFC 4648).  Reading takes both alphabets, with padding or without: what is sent to us is
 * not always what its format asks for.  Writing is base64url without padding, for text in URLs.
 */
#ifndef FLATSPAN_BASE_BASE64_H
#define FLATSPAN_BASE_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

/* False: a character of neither alphabet, or a last digit that says nothing. Bits of the last digit
 * that belong to no byte may be anything. */
bool base64_read(struct arena *a, struct str text, struct str *ret);

void base64url_write(struct buf *out, struct str bytes);

#endif
