/*
 * Writes large answers as FastCGI records.
 *
 * libfcgi copies an answer into a buffer of 8 KiB and writes it in pieces of that size, which takes
 * longer than making a page of spans. These records are as long as the protocol allows and are
 * written in one call without a copy. libfcgi still ends the stream and the request.
 */
#ifndef FLATSPAN_WEB_RECORDS_H
#define FLATSPAN_WEB_RECORDS_H

#include "base/str.h"

/* Writes head, then body, to a blocking socket. False: the peer is gone. */
bool records_write(int fd, int request_id, struct str head, struct str body);

#endif
