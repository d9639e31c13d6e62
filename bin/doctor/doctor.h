/*
 * doctor: what is wrong, each with what to do about it.  One line a check; with --json an object.
 */
#ifndef FLATSPAN_BIN_DOCTOR_DOCTOR_H
#define FLATSPAN_BIN_DOCTOR_DOCTOR_H

#include "doctor/fetch.h"

enum verdict { FINE, WARNING, WRONG };

struct doctor {
	struct cli *cli;
	size_t n[3]; /* of each verdict */
};

void doctor_say(struct doctor *d, enum verdict verdict, const char *what, struct str detail);

#define SAY(d, verdict, what, ...) \
	doctor_say(d, verdict, what, arena_printf((d)->cli->arena, __VA_ARGS__))

/* ---- A service as it looks from outside ---- */

struct patient {
	struct doctor *doctor;
	struct fetch_url url;
	struct str key;  /* STR_NULL: none */
	bool needs_key;  /* who has none is not let in */
	bool header_key; /* the key is sent as x-api-key, because Authorization does not arrive */
	uint64_t body_bytes; /* the largest body it takes; 0: not known */
};

/* Asks for what is at --url. */
enum cli_exit doctor_url(struct doctor *d);
/* Do bodies of all sizes and forms arrive? Stores nothing. */
void doctor_bodies(struct patient *p);
/* Does any path lead to files that are nobody's business? */
void doctor_files(struct patient *p);

/* The path of the API below the service's URL. */
struct str patient_path(struct patient *p, const char *path);
/* Asks with the key. False after saying that there was no answer. */
bool patient_ask(
	struct patient *p, const char *check, struct fetch *what, struct fetch_answer *ret);
/* An answer of flatspan's, not one of the web server's own: those are pages. */
bool patient_is_ours(const struct fetch_answer *a);

#endif
