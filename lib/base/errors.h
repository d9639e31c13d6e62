/*
 * The error codes of the whole program, each with the HTTP status and the sentence that a client
 * gets when the caller has no better sentence. A dialect (lib/api) decides the form of the
 * answer.
 *
 * To add an error, add a line. "Not there" is a result and not an error, except at the edge
 * (ERR_NOT_FOUND).
 */
#ifndef FLATSPAN_BASE_ERRORS_H
#define FLATSPAN_BASE_ERRORS_H

#define NODISCARD __attribute__((warn_unused_result))

/* clang-format off */
/*	code			status	sentence */
#define ERR_LIST(X) \
	X(OK,			200,	"") \
	X(INVALID,		400,	"The request is not valid.") /* syntax or value; details are problems */ \
	X(UNAUTHORIZED,		401,	"An API key is required.") \
	X(FORBIDDEN,		403,	"This key does not allow that.") \
	X(NOT_FOUND,		404,	"Not Found") \
	X(METHOD,		405,	"Method Not Allowed") \
	X(CONFLICT,		409,	"The request conflicts with what is stored.") \
	X(TOO_LARGE,		413,	"The request is too large.") \
	X(UNSUPPORTED,		415,	"This content type or encoding is not supported.") \
	X(UNPROCESSABLE,	422,	"The request is not valid.") /* FastAPI's name for INVALID */ \
	X(RATE,			429,	"Too many requests.") \
	X(UNIMPLEMENTED,	501,	"Not implemented.") \
	X(BUSY,			503,	"The storage is busy. Try again.") /* lock deadline, all slots taken */ \
	X(FULL,			503,	"The storage is full. Try again later.") /* free-space floor, ENOSPC, EDQUOT */ \
	X(READ_ONLY,		503,	"The storage is read-only.") /* EROFS */ \
	X(IO,			503,	"The storage cannot be read or written. Try again.") \
	X(UNSAFE,		503,	"The storage is not as it should be.") /* symlink, hard link, not a file */ \
	X(BUDGET,		503,	"The query needs more time or memory than allowed. Narrow the time range.") \
	X(NO_MEMORY,		503,	"The request needs more memory than allowed.") \
	X(CONF,			503,	"The service is not configured correctly.")
/* clang-format on */

enum err {
#define X(name, status, sentence) ERR_##name,
	ERR_LIST(X)
#undef X
		ERR__MAX
};

int err_status(enum err e);
const char *err_sentence(enum err e);
/* Returns the name for logs, such as "INVALID". */
const char *err_name(enum err e);

#endif
