/* Checks that bodies arrive, whatever their size and form. An OTLP request without spans, filled
 * with spaces to any size, is accepted and stores nothing. Declared in doctor.h. */
#include "doctor/doctor.h"

#define EMPTY_REQUEST "{\"resourceSpans\":[]}"
/* The request, compressed by gzip. */
#define EMPTY_REQUEST_GZIP \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x4a\x2d\xce\x2f\x2d\x4a\x4e" \
	"\x0d\x2e\x48\xcc\x2b\x56\xb2\x8a\x8e\xad\x05\x00\x95\xe3\xb0\x4c\x14\x00\x00\x00"

/* A web server may answer with 200 and something else, such as the file of the program. */
#define NOT_OURS "not by flatspan, so clients lose spans which they believe to be stored"

enum {
	FCGID_BYTES = 128 << 10, /* the default of mod_fcgid */
	NGINX_BYTES = 1 << 20,
	LITTLE_BYTES = 4096
};

static bool post(struct patient *p, const char *check, struct str body, bool is_chunked,
	struct str header, struct fetch_answer *ret)
{
	struct fetch what = { "POST", patient_path(p, "/v1/traces"),
		{ STR("Content-Type: application/json"), header }, body, is_chunked };
	bool is_good = patient_ask(p, check, &what, ret);
	cli_progress_end(p->doctor->cli);
	return is_good;
}

static struct str padded(struct arena *a, struct str text, size_t n)
{
	char *body = arena_text(a, n);
	memcpy(body, text.ptr, text.len);
	memset(body + text.len, ' ', n - text.len);
	return str_of(body, n);
}

static bool has_arrived(const struct fetch_answer *a)
{
	return a->status == 200 && patient_is_ours(a);
}

/* Returns the likely reason why a body of that size is refused. */
static const char *doctor_bodies_explain(const struct fetch_answer *a, uint64_t n)
{
	if (a->status == 200)
		return NOT_OURS;
	if (patient_is_ours(a) && a->status == 413)
		return "body_bytes of the settings is smaller";
	if (patient_is_ours(a) && a->status == 503 && n > FCGID_BYTES)
		return "see its error log: mod_fcgid accepts 128 KiB without plain CGI next to it, and arena_bytes must be about five times body_bytes";
	if (patient_is_ours(a) && a->status >= 500)
		return "see its error log; arena_bytes must be about five times body_bytes";
	if (patient_is_ours(a) && a->status == 400)
		return "it arrives incomplete: is LimitRequestBody set with mod_fcgid?";
	if (a->status == 413)
		return "the web server accepts no more: client_max_body_size (nginx, 1 MiB by default), LimitRequestBody (Apache), server.max-request-size (lighttpd), max_size (Caddy)";
	if (a->status == 500 && n > FCGID_BYTES)
		return "mod_fcgid accepts 128 KiB by default: FcgidMaxRequestLen, or the .htaccess of `flatspan init --web`";
	if (a->status == 408 || a->status == 504)
		return "it takes too long: see the timeouts of the web server";
	return "the web server does not pass it on";
}

/* Checks bodies of one size. False: larger ones will not arrive either. */
static bool doctor_bodies_check_size(struct patient *p, uint64_t n)
{
	struct cli *c = p->doctor->cli;
	struct arena_mark mark = arena_mark(c->arena);
	struct str size = cli_bytes(c, n);
	struct fetch_answer a;
	struct str body = padded(c->arena, STR(EMPTY_REQUEST), (size_t)n);
	bool is_good = post(p, "bodies", body, false, STR_NULL, &a);
	if (is_good && a.status == 413 && patient_is_ours(&a) && !p->body_bytes) {
		is_good = false; /* which its settings decide */
		SAY(p->doctor, FINE, "bodies", "of %.*s are larger than its settings allow",
			STR_ARG(size));
	} else if (is_good && has_arrived(&a)) {
		SAY(p->doctor, FINE, "bodies", "of %.*s arrive, in %.*s", STR_ARG(size),
			STR_ARG(report_duration(c->arena, a.took_ns)));
	} else if (is_good) {
		is_good = false;
		SAY(p->doctor, WRONG, "bodies", "of %.*s are answered with %d: %s", STR_ARG(size),
			a.status, doctor_bodies_explain(&a, n));
	}
	arena_rewind(c->arena, mark);
	return is_good;
}

/* A body that is one byte too large must be refused by flatspan, in the form of the client, so that
 * it is not sent again. */
static void check_past_limit(struct patient *p)
{
	struct cli *c = p->doctor->cli;
	struct arena_mark mark = arena_mark(c->arena);
	struct str body = padded(c->arena, STR(EMPTY_REQUEST), (size_t)p->body_bytes + 1);
	struct fetch_answer a;
	bool is_answered = post(p, "bodies", body, false, STR_NULL, &a);
	if (is_answered && a.status == 200 && !patient_is_ours(&a))
		SAY(p->doctor, WRONG, "bodies", "that are too large are answered with 200: %s",
			NOT_OURS);
	else if (is_answered && a.status != 413)
		SAY(p->doctor, WARNING, "bodies",
			"that are too large are answered with %d, not 413", a.status);
	else if (is_answered && !patient_is_ours(&a))
		SAY(p->doctor, WARNING, "bodies",
			"that are too large are refused by the web server, with an HTML page");
	arena_rewind(c->arena, mark);
}

static void check_form(struct patient *p, const char *name, struct str body, bool is_chunked,
	struct str header, const char *otherwise)
{
	struct fetch_answer a;
	if (!post(p, name, body, is_chunked, header, &a))
		return;
	if (has_arrived(&a))
		SAY(p->doctor, FINE, name, "bodies arrive");
	else
		SAY(p->doctor, WRONG, name, "bodies are answered with %d: %s", a.status,
			a.status == 200 ? NOT_OURS : otherwise);
}

static void check_forms(struct patient *p)
{
	check_form(p, "compressed", STR(EMPTY_REQUEST_GZIP), false, STR("Content-Encoding: gzip"),
		"does the web server unpack gzip and leave Content-Encoding?");
	check_form(p, "chunked", padded(p->doctor->cli->arena, STR(EMPTY_REQUEST), LITTLE_BYTES),
		true, STR_NULL, "exporters that send them without a length cannot be used");
}

void doctor_bodies(struct patient *p)
{
	struct fetch_answer a;
	if (!post(p, "bodies", STR(EMPTY_REQUEST), false, STR_NULL, &a))
		return;
	if (a.status == 403 && patient_is_ours(&a)) {
		SAY(p->doctor, WARNING, "bodies", "this key may not write, so they are not tried");
		return;
	}
	if (!has_arrived(&a)) {
		SAY(p->doctor, WRONG, "bodies", "a small one is answered with %d: %s", a.status,
			doctor_bodies_explain(&a, 0));
		return;
	}
	check_forms(p);
	/* A key that may not read does not learn the limit; then use that of the local settings. */
	uint64_t limit = p->body_bytes ? p->body_bytes : p->doctor->cli->conf.body_bytes;
	const uint64_t sizes[] = { FCGID_BYTES + LITTLE_BYTES, NGINX_BYTES + LITTLE_BYTES, limit };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (sizes[i] <= limit && !doctor_bodies_check_size(p, sizes[i]))
			return;
	if (p->body_bytes)
		check_past_limit(p);
}
