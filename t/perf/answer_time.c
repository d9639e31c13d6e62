/*
 * How long answers take to make, without a web server: each request goes through the gateway of
 * this process, and the answer is thrown away.  For finding out where the time goes (perf record,
 * callgrind); what a client waits for is http_time's.
 *
 *	answer_time ROOT ROUNDS <REQUESTS
 *
 * REQUESTS has a request a line, "METHOD TARGET [BODY]".  Prints for each the median and the
 * shortest time in microseconds, the bytes of the answer and the target.
 */
#include "api/api.h"
#include "base/conf.h"
#include "base/utime.h"
#include "web/gateway.h"

#include <stdio.h>
#include <stdlib.h>

struct exchange {
	struct gateway_peer peer; /* first, so that the callbacks find the rest */
	struct str rest;          /* of the body */
	size_t n_bytes;
};

static size_t read_body(struct gateway_peer *p, char *to, size_t n)
{
	struct exchange *x = (struct exchange *)p;
	size_t k = n < x->rest.len ? n : x->rest.len;
	if (k)
		memcpy(to, x->rest.ptr, k);
	x->rest = str_skip(x->rest, k);
	return k;
}

static bool count(struct gateway_peer *p, struct str bytes)
{
	((struct exchange *)p)->n_bytes += bytes.len;
	return true;
}

static int by_size(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

static void measure(
	const struct conf *conf, struct app *app, struct str line, int64_t *ns, size_t rounds)
{
	struct arena a;
	struct str method = str_cut(&line, ' '), target = str_cut(&line, ' ');
	struct str body = str_is_null(line) ? STR("") : line;
	arena_init(&a, (size_t)1 << 30);
	char *variables[] = {
		arena_copy_c(&a, arena_printf(&a, "REQUEST_METHOD=%.*s", STR_ARG(method))),
		arena_copy_c(&a, arena_printf(&a, "REQUEST_URI=%.*s", STR_ARG(target))),
		arena_copy_c(&a, STR("CONTENT_TYPE=application/json")),
		arena_copy_c(&a, STR("HTTP_X_SELECTED_ACCOUNT_ID=default")), /* Scale's */
		arena_copy_c(&a, arena_printf(&a, "CONTENT_LENGTH=%zu", body.len)),
		NULL,
	};
	struct exchange x = { .peer = { variables, 0, read_body, count } };
	for (size_t i = 0; i < rounds; i++) {
		bool is_whole;
		int64_t began_ns = utime_monotonic();
		x.rest = body;
		x.n_bytes = 0;
		if (!gateway_serve(conf, app, api_tables, PROGRAM_ALL, &x.peer, &is_whole) ||
			!is_whole) {
			fprintf(stderr, "answer_time: not whole: %.*s\n", STR_ARG(target));
			exit(1);
		}
		ns[i] = utime_monotonic() - began_ns;
	}
	qsort(ns, rounds, sizeof *ns, by_size);
	printf("%9.1f %9.1f %9zu  %.*s\n", (double)ns[rounds / 2] / 1e3, (double)ns[0] / 1e3,
		x.n_bytes, STR_ARG(target));
	arena_release(&a);
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct app app = { .conf = &conf };
	uint64_t rounds;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	if (argc != 3 || !str_to_u64(str_from_c(argv[2]), &rounds) || rounds == 0) {
		fprintf(stderr, "usage: answer_time ROOT ROUNDS <REQUESTS\n");
		return 2;
	}
	arena_keep_memory(); /* as workers do */
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	conf.auth = CONF_AUTH_OFF;
	int64_t *ns = calloc(rounds, sizeof *ns);
	enum err e = store_open(&app.store, &conf);
	if (e || !ns) {
		fprintf(stderr, "answer_time: %s: %s\n", argv[1], err_name(e));
		return 2;
	}
	app.store.tidies_later = true;
	while ((len = getline(&line, &cap, stdin)) > 0)
		measure(&conf, &app, str_of(line, (size_t)len - (line[len - 1] == '\n')), ns,
			rounds);
	store_close(&app.store);
	free(line);
	free(ns);
	return 0;
}
