/*
 * The log: one line an event on standard error (the web server's error log), JSON, values escaped
 * and cut.  Only the top of a request logs; libraries return errors.  No request bodies, no keys,
 * no data paths in answers.
 */
#ifndef FLATSPAN_BASE_LOG_H
#define FLATSPAN_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *key;
	struct str value;
};

/* Written by one write(2); values are cut after 256 bytes. */
void log_event(
	enum log_level level, const char *event, const struct log_field *fields, size_t n_fields);

#endif
