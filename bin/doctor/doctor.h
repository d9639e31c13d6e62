/* doctor: says what is wrong, and what to do about it, one line a check; with --json one object. */
#ifndef FLATSPAN_BIN_DOCTOR_DOCTOR_H
#define FLATSPAN_BIN_DOCTOR_DOCTOR_H

#include "doctor/fetch.h"

enum verdict { FINE, WARNING, WRONG };

struct doctor {
	struct cli *cli;
	size_t n[3]; /* how often each verdict was given */
};

void doctor_say(struct doctor *d, enum verdict verdict, const char *what, struct str detail);

#define SAY(d, verdict, what, ...) \
	doctor_say(d, verdict, what, arena_printf((d)->cli->arena, __VA_ARGS__))

/* ---- A service seen from outside ---- */

struct patient {
	struct doctor *doctor;
	struct fetch_url url;
	struct str key;  /* STR_NULL: none */
	bool needs_key;  /* without a key there is no access */
	bool header_key; /* the key is sent as x-api-key, because Authorization does not arrive */
	uint64_t body_bytes; /* the largest accepted body; 0: unknown */
};

/* Checks the service at --url. Implemented in url.c. */
enum cli_exit doctor_url(struct doctor *d);
/* Checks that bodies of all sizes and forms arrive, without storing anything. Implemented in
 * bodies.c. */
void doctor_bodies(struct patient *p);
/* Checks that no path leads to private files. Implemented in files.c. */
void doctor_files(struct patient *p);

/* Returns the path of the API below the URL of the service. */
struct str patient_path(struct patient *p, const char *path);
/* Sends a request with the key. False after saying that there was no answer. */
bool patient_ask(
	struct patient *p, const char *check, struct fetch *what, struct fetch_answer *ret);
/* True when the answer is flatspan's: web servers answer with HTML pages of their own. */
bool patient_is_ours(const struct fetch_answer *a);

#endif
