/*
 * Requests to the APIs made in this process, without a web server: so the command line reads every
 * format that clients send with the very code that serves them.
 */
#ifndef FLATSPAN_BIN_LOCAL_H
#define FLATSPAN_BIN_LOCAL_H

#include "api/api.h"
#include "cli.h"

struct local {
	struct cli *cli;
	struct conf conf; /* without keys: whoever runs us may touch the files */
	struct app app;
	int64_t now_ns;  /* what requests are told; 0: the clock */
	struct str user; /* whom they come from; empty: nobody in particular */
	bool is_broken;  /* a request ran out of memory */
};

/* On the data directory `root`. */
NODISCARD enum err local_open(struct local *l, struct cli *c, struct str root);
void local_close(struct local *l);
/* A request with a body. *ret_status 0: there was no answer. The answer's body is in the arena a.
 */
void local_request(struct local *l, struct arena *a, const char *method, struct str target,
	struct str type, struct str body, int *ret_status, struct str *ret_body);
/* The sentence of an answer that refuses: of a google.rpc.Status in either encoding, of FastAPI's
 * detail, of Opik's errors; else the answer. type: the request's */
struct str local_refusal(struct arena *a, struct str type, struct str answer);
/* The same of one reason among those that an answer lists. */
struct str local_reason(struct arena *a, struct json v);

#endif
