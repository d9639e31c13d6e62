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

/* Writes head and body, one behind the other, to a blocking socket. False: the peer is gone. While
 * the peer does not take more, meanwhile(user) is called until it says that nothing is left to be
 * done; NULL: there is nothing. */
bool records_write(int fd, int request_id, struct str head, struct str body,
	bool (*meanwhile)(void *user), void *user);

#endif
