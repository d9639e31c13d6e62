/* The .htaccess that leads to the program on shared hosts that run Apache. */
#ifndef FLATSPAN_BIN_HOSTING_HTACCESS_H
#define FLATSPAN_BIN_HOSTING_HTACCESS_H

#include "base/arena.h"

/* What a host may forbid in .htaccess (AllowOverride); without it the text is different or shorter.
 * FileInfo is always needed. */
enum {
	HTACCESS_AUTH = 1,    /* AuthConfig */
	HTACCESS_INDEXES = 2, /* Indexes */
	HTACCESS_OPTIONS = 4, /* Options: without it CGI must be on already */
	HTACCESS_ALL = 7
};

/* Begins an .htaccess that may be replaced. */
#define HTACCESS_MARK "# Made by flatspan init, which "

/* path: of the URL of the directory, after the host. */
struct str htaccess_text(struct arena *a, struct str path, unsigned forbidden);
/* Returns a list such as "AuthConfig and Options". */
const char *htaccess_names(unsigned forbidden);

#endif
