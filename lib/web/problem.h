/*
 * Collects everything that is wrong with a request, so that a client gets all of it in one
 * answer and each dialect can print it in its own form (FastAPI's detail[], Opik's errors[], …).
 */
#ifndef FLATSPAN_WEB_PROBLEM_H
#define FLATSPAN_WEB_PROBLEM_H

#include "base/arena.h"
#include "base/limits.h"

struct problem {
	struct str type;  /* pydantic's name: "missing", "int_parsing", … */
	struct str loc;   /* JSON array text: ["query","page"] */
	struct str msg;   /* plain text */
	struct str input; /* JSON text; STR_NULL: none */
	struct str ctx;   /* JSON object text; STR_NULL: none */
};

struct problems {
	struct arena *arena;
	struct problem list[LIMIT_PROBLEMS];
	size_t n; /* at most LIMIT_PROBLEMS are kept */
};

/* Adds a problem. The texts are views and must live in the request's arena. */
void problem_add(struct problems *p, struct str type, struct str loc, struct str msg,
	struct str input, struct str ctx);

#endif
