/*
 * Records of FastCGI's standard output, for answers of some size.
 *
 * libfcgi copies an answer into a buffer of 8 KiB and hands it to the kernel in so many pieces; a
 * page of spans is half a megabyte, and the calls took longer than making it.  These records are as
 * long as the protocol lets them be, and go from where the bytes stand in one call.  The end of the
 * stream and of the request stay libfcgi's.
 */
#ifndef FLATSPAN_WEB_RECORDS_H
#define FLATSPAN_WEB_RECORDS_H

#include "base/str.h"

/* Writes head, then body, to a blocking socket. False: the peer is gone. */
bool records_write(int fd, int request_id, struct str head, struct str body);

#endif
