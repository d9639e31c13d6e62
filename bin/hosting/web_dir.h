/* For `flatspan init --web`: checks a directory of a web server's document root, and writes the
 * program, its settings and .htaccess into it. */
#ifndef FLATSPAN_BIN_HOSTING_WEB_DIR_H
#define FLATSPAN_BIN_HOSTING_WEB_DIR_H

#include "cli.h"

/* Returns this program's own path. */
struct str web_program(struct cli *c);
/* Returns the document root that holds the path, by the names that document roots have; STR_NULL
 * when there is none. */
struct str web_dir_serving(struct str path);
/* True when path is dir, or inside of it. Both are absolute. */
bool path_is_beneath(struct str path, struct str dir);
/* True when the data directory is outside every document root, because everything inside of one is
 * served. False after saying so. */
bool web_dir_may_hold(struct cli *c);
/* True when data may be kept in this directory, to which no URL leads. False after saying so. */
bool web_dir_may_be(struct cli *c, struct str dir);
/* web_dir_may_be(), and an .htaccess of another origin is not replaced. Says what is wrong. */
enum cli_exit web_dir_check(struct cli *c, struct str dir);
/* True when the directory has an .htaccess that init made. Another one may keep clients out, or
 * lead to another program. */
bool web_dir_is_ours(int dir_fd);
/* Writes the program as app.fcgi, the file that names its settings, and .htaccess. *ret_url:
 * guessed from the name of the directory when it was not given. */
enum cli_exit web_dir_make(struct cli *c, struct str dir, struct str *ret_url);

/* Reads the settings that app.fcgi of that directory uses. On error *ret_message names the file. */
enum err web_dir_settings(struct cli *c, struct str dir, struct conf *ret, struct str *ret_message);

/* Rewrites .htaccess without what the host forbids, until the service at that URL answers.
 * CLI_UNVERIFIED: it never does. */
enum cli_exit web_dir_probe(struct cli *c, struct str dir, struct str url);

/* Returns the path from the root, with links followed as far as they exist. */
struct str absolute_path(struct cli *c, struct str path);

#endif
