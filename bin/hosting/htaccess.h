/* The .htaccess that leads to the program on shared hosts running Apache. */
#ifndef FLATSPAN_BIN_HOSTING_HTACCESS_H
#define FLATSPAN_BIN_HOSTING_HTACCESS_H

#include "base/arena.h"

/* What a host may forbid in it (AllowOverride); without it something else is written, or nothing.
 * FileInfo is needed in any case. */
enum {
	HTACCESS_AUTH = 1,    /* AuthConfig */
	HTACCESS_INDEXES = 2, /* Indexes */
	HTACCESS_OPTIONS = 4, /* Options: CGI must be on without it */
	HTACCESS_ALL = 7
};

/* By it an .htaccess is known that may be written anew. */
#define HTACCESS_FIRST_LINE "# Made by flatspan init, which writes it anew.\n"

/* path: what stands behind the host in the URL of the directory. */
struct str htaccess_text(struct arena *a, struct str path, unsigned forbidden);
/* "AuthConfig and Options" */
const char *htaccess_names(unsigned forbidden);

#endif
