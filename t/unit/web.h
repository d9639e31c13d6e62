/*
 * A request without a server: variables and a body from arrays, the answer into a buf.
 *
 *	struct fake f;
 *	fake_init(&f, (const char *[]){ "REQUEST_METHOD=GET", "REQUEST_URI=/x", NULL }, STR(""));
 *	... f.request ...
 */
#ifndef FLATSPAN_T_UNIT_WEB_H
#define FLATSPAN_T_UNIT_WEB_H

#include "unit.h"
#include "web/transport.h"

struct fake {
	struct request request;
	struct response response;
	struct gateway gateway;
	struct conf conf;
	struct str body; /* what is left to read */
	struct buf out;
	size_t n_writes;
	bool is_peer_gone;
};

static inline size_t fake_read(struct gateway *g, char *p, size_t n)
{
	struct fake *f = g->in;
	struct str part = str_first(f->body, n);
	if (part.len)
		memcpy(p, part.ptr, part.len);
	f->body = str_skip(f->body, part.len);
	return part.len;
}

static inline bool fake_write(struct gateway *g, struct str bytes)
{
	struct fake *f = g->out;
	if (f->is_peer_gone)
		return false;
	f->n_writes++;
	buf_add(&f->out, bytes);
	return true;
}

/* variables: NULL-terminated; kept as a view. */
static inline void fake_init(struct fake *f, const char *const *variables, struct str body)
{
	*f = (struct fake){ .body = body };
	conf_defaults(&f->conf);
	buf_init(&f->out, test_arena());
	f->gateway = (struct gateway){ .variables = (char *const *)variables,
		.read = fake_read,
		.write = fake_write,
		.in = f,
		.out = f };
	f->request = (struct request){ .arena = test_arena(),
		.conf = &f->conf,
		.now_ns = INT64_C(1790000000) * 1000000000,
		.gateway = &f->gateway };
	request_init(&f->request, &f->response);
}

/* A GET of this target, its path understood. */
static inline enum err fake_get(struct fake *f, const char *target, struct str *ret_reason)
{
	struct str uri = arena_printf(test_arena(), "REQUEST_URI=%s", target);
	const char **variables = arena_calloc(test_arena(), 3, sizeof *variables);
	variables[0] = "REQUEST_METHOD=GET";
	variables[1] = arena_copy_c(test_arena(), uri);
	fake_init(f, variables, STR(""));
	return request_read_target(&f->request, ret_reason);
}

#endif
