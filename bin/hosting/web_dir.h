/* A directory of a document root on a shared host: what init puts there. */
#ifndef FLATSPAN_BIN_HOSTING_WEB_DIR_H
#define FLATSPAN_BIN_HOSTING_WEB_DIR_H

#include "cli.h"

/* This program's own path. */
struct str web_program(struct cli *c);
/* The document root that the path lies in, by names that nothing else has; STR_NULL: in none. */
struct str web_dir_serving(struct str path);
/* Both of absolute paths: is it that directory, or in it? */
bool path_is_beneath(struct str path, struct str dir);
/* May the data lie where it does? Also without --web: what is in a document root is served, whoever
 * asked for it. False after saying so. */
bool web_dir_may_hold(struct cli *c);
/* Data must not lie where a URL leads; false after saying so. */
bool web_dir_may_be(struct cli *c, struct str dir);
/* The same, and an .htaccess of somebody else's is not replaced; says what is wrong. */
enum cli_exit web_dir_check(struct cli *c, struct str dir);
/* Has it an .htaccess that init made? Another one keeps somebody out, or leads to another program.
 */
bool web_dir_is_ours(int dir_fd);
/* The program as app.fcgi, the file that says where its settings are, .htaccess.
 * *ret_url: guessed from the directory's name when it was not given. */
enum cli_exit web_dir_make(struct cli *c, struct str dir, struct str *ret_url);

/* The settings that app.fcgi of that directory reads. An error: *ret_message says which file. */
enum err web_dir_settings(struct cli *c, struct str dir, struct conf *ret, struct str *ret_message);

/* Writes the .htaccess anew until the service at that URL answers: without what the host forbids in
 * it. CLI_UNVERIFIED: it never does. */
enum cli_exit web_dir_probe(struct cli *c, struct str dir, struct str url);

/* The path from the root on, links followed as far as it is there, whether it is or not. */
struct str absolute_path(struct cli *c, struct str path);

#endif
