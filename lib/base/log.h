/*
 * The log: one JSON line for each event on standard error, which is the web server's error log.
 * Only the top of a request logs; libraries return errors. The log holds no request bodies, no
 * keys and no data paths.
 */
#ifndef FLATSPAN_BASE_LOG_H
#define FLATSPAN_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *key;
	struct str value;
};

/* Writes the line with one write(2). Values are cut after 256 bytes. */
void log_event(
	enum log_level level, const char *event, const struct log_field *fields, size_t n_fields);

#endif
