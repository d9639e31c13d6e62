/* Requests to the APIs in this process, without a web server, so that the command line reads every
 * format that clients send with the code that serves them. */
#ifndef FLATSPAN_BIN_LOCAL_H
#define FLATSPAN_BIN_LOCAL_H

#include "api/api.h"
#include "cli.h"

struct local {
	struct cli *cli;
	struct conf conf; /* without keys: the caller may access the files */
	struct app app;
	int64_t now_ns;  /* the time of requests; 0: the clock */
	struct str user; /* the user of requests; empty: none */
	bool is_broken;  /* a request ran out of memory */
};

/* Opens the store of the data directory `root`. */
NODISCARD enum err local_open(struct local *l, struct cli *c, struct str root);
void local_close(struct local *l);
/* Makes a request with a body. *ret_status is 0 when there is no answer. The body of the answer is
 * in the arena a. */
void local_request(struct local *l, struct arena *a, const char *method, struct str target,
	struct str type, struct str body, int *ret_status, struct str *ret_body);
/* Returns the sentence of an answer that refuses: of a google.rpc.Status in either encoding, of
 * FastAPI's detail, or of Opik's errors; else the answer. type: of the request. */
struct str local_refusal(struct arena *a, struct str type, struct str answer);
/* Returns the sentence of one reason in an answer that lists them. */
struct str local_reason(struct arena *a, struct json v);

#endif
