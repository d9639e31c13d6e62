/* doctor --url: checks a running service as its clients see it. When something blocks a request,
 * the answer is the web server's own, and its form tells what is wrong. Declared in doctor.h. */
#include "doctor/doctor.h"
#include "verb.h"

#include "api/api.h"
#include "base/utime.h"

enum { CLOCK_WARNING_S = 5, CLOCK_WRONG_S = 300 };

struct str patient_path(struct patient *p, const char *path)
{
	return arena_printf(p->doctor->cli->arena, "%.*s%s", STR_ARG(p->url.path), path);
}

bool patient_is_ours(const struct fetch_answer *a)
{
	struct str type = fetch_header(a, STR("content-type"));
	return !str_is_null(type) && (str_starts(type, STR("application/json")) ||
					     str_starts(type, STR("application/x-protobuf")));
}

static struct str key_header(struct patient *p, bool as_x_api_key)
{
	return arena_printf(p->doctor->cli->arena, "%s: %s%.*s",
		as_x_api_key ? "X-Api-Key" : "Authorization", as_x_api_key ? "" : "Bearer ",
		STR_ARG(p->key));
}

static bool doctor_url_ask(
	struct patient *p, const char *check, const struct fetch *what, struct fetch_answer *ret)
{
	if (fetch(p->doctor->cli, &p->url, what, ret))
		return true;
	SAY(p->doctor, WRONG, check, "no answer to %s %.*s: %.*s", what->method,
		STR_ARG(str_first(what->target, 120)), STR_ARG(ret->trouble));
	return false;
}

bool patient_ask(struct patient *p, const char *check, struct fetch *what, struct fetch_answer *ret)
{
	size_t n = 0;
	while (n + 1 < FETCH_HEADERS_MAX && !str_is_null(what->headers[n]))
		n++;
	if (!str_is_null(p->key))
		what->headers[n] = key_header(p, p->header_key);
	return doctor_url_ask(p, check, what, ret);
}

static bool doctor_url_get(struct patient *p, const char *check, const char *path,
	struct str header, struct fetch_answer *ret)
{
	struct fetch what = { "GET", patient_path(p, path), { header }, STR_NULL, false };
	return doctor_url_ask(p, check, &what, ret);
}

/* ---- Does the program answer? ---- */

/* Returns the cause of an error page of the web server. */
static const char *explain_status(int status)
{
	switch (status) {
	case 401:
	case 407:
		return "the web server asks for a password of its own, before flatspan does";
	case 403:
		return "the web server may not run the program: its mode and that of its directory must be 755, and CGI must be allowed there (Options +ExecCGI)";
	case 404:
		return "no path leads to the program: is the URL right, is the snippet of the server included, may .htaccess say FallbackResource (AllowOverride)?";
	case 405:
		return "a static file answers, not the program: nothing passes requests to it";
	case 500:
		return "the program does not start, or .htaccess has what the host forbids (init --probe): see the error log of the web server; run the program by hand; modes must be 755";
	case 502:
		return "nothing listens at the socket, or the web server may not connect to it: are the workers running, is the server in their group?";
	case 503:
		return "the workers are all busy or gone";
	case 504:
		return "the workers do not answer in time";
	default:
		return "the answer is not from flatspan";
	}
}

static bool is_source(struct str body)
{
	return str_starts(body, STR("\x7f"
				    "ELF")) ||
	       str_starts(body, STR("#!"));
}

static void doctor_url_explain(struct patient *p, const struct fetch_answer *a)
{
	struct doctor *d = p->doctor;
	struct str to = fetch_header(a, STR("location"));
	if (is_source(a->body))
		SAY(d, WRONG, "handler",
			"the web server sends the program file instead of running it: CGI or FastCGI is not enabled for it; remove the file until it is");
	else if (a->status / 100 == 3 && !str_is_null(to))
		SAY(d, WRONG, "handler", "%d redirects to %.*s: clients need that URL", a->status,
			STR_ARG(str_first(to, 200)));
	else if (a->status == 200)
		SAY(d, WRONG, "handler", "something else answers with 200%s: is the URL right?",
			str_starts(str_trim(a->body), STR("<")) ? ", a page" : "");
	else if (a->status == 503 && patient_is_ours(a))
		SAY(d, WRONG, "handler",
			"503 from flatspan: its settings or its data are refused, or the workers are busy; see its error log and run `flatspan doctor` there");
	else
		SAY(d, WRONG, "handler", "%d: %s", a->status, explain_status(a->status));
}

/* Compares with the middle of the request. Dates of HTTP have whole seconds. */
static void doctor_url_check_clock(struct patient *p, const struct fetch_answer *a)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct str date = fetch_header(a, STR("date"));
	int64_t day, year, theirs_ns;
	size_t month = 0;
	if (str_is_null(date) || date.len != 29) /* the form Sun, 06 Nov 1994 08:49:37 GMT */ {
		SAY(p->doctor, WARNING, "clock", "the answer has no date");
		return;
	}
	while (month < 12 && memcmp(months + 3 * month, date.ptr + 8, 3) != 0)
		month++;
	struct str text = STR("");
	if (month < 12 && str_to_i64(str_of(date.ptr + 5, 2), &day) &&
		str_to_i64(str_of(date.ptr + 12, 4), &year))
		text = arena_printf(p->doctor->cli->arena, "%04d-%02d-%02dT%.8sZ", (int)year,
			(int)month + 1, (int)day, date.ptr + 17);
	if (!utime_parse(text, &theirs_ns)) {
		SAY(p->doctor, WARNING, "clock", "the answer has no date");
		return;
	}
	int64_t off_s = (utime_now() - a->took_ns / 2 - theirs_ns) / NS_PER_S;
	int64_t far_s = off_s < 0 ? -off_s : off_s;
	if (far_s <= CLOCK_WARNING_S)
		SAY(p->doctor, FINE, "clock", "as here");
	else
		SAY(p->doctor, far_s > CLOCK_WRONG_S ? WRONG : WARNING, "clock",
			"%lld seconds %s the clock here: one of the two is wrong", (long long)far_s,
			off_s < 0 ? "ahead of" : "behind");
}

static bool check_handler(struct patient *p)
{
	struct fetch_answer a;
	if (!doctor_url_get(p, "handler", "/health/live", STR_NULL, &a))
		return false;
	if (a.status != 200 || !patient_is_ours(&a) ||
		str_find(a.body, STR("\"status\":\"live\"")) == a.body.len) {
		doctor_url_explain(p, &a);
		return true;
	}
	SAY(p->doctor, FINE, "handler", "flatspan answers, in %.*s",
		STR_ARG(report_duration(p->doctor->cli->arena, a.took_ns)));
	doctor_url_check_clock(p, &a);
	return true;
}

/* ---- Access ---- */

static bool is_this_machine(const struct patient *p)
{
	struct str host = p->url.host;
	return str_starts(host, STR("127.")) || str_eq(host, STR("::1")) ||
	       str_eq_nocase(host, STR("localhost"));
}

static void say_health(struct patient *p, const struct fetch_answer *a)
{
	struct cli *c = p->doctor->cli;
	struct json_error error;
	struct json h = json_check(a->body, LIMIT_DEPTH, &error) ? json_open(a->body)
								 : json_open(STR("{}"));
	int64_t bytes;
	if (json_to_i64(json_get(h, STR("body_bytes")), &bytes) && bytes > 0)
		p->body_bytes = (uint64_t)bytes;
	struct str status = json_decode(c->arena, json_body(json_get(h, STR("status"))));
	struct str version = json_decode(c->arena, json_body(json_get(h, STR("version"))));
	bool is_ready = str_eq(status, STR("ready"));
	SAY(p->doctor, is_ready ? FINE : WRONG, "health", "%.*s, version %.*s%s", STR_ARG(status),
		STR_ARG(version),
		is_ready ? ""
			 : ": the data cannot be read or written, or too little space is free");
}

/* Checks access without a key. False: further checks are useless. */
static bool check_without_key(struct patient *p)
{
	struct fetch_answer a;
	if (!doctor_url_get(p, "without a key", "/health", STR_NULL, &a))
		return false;
	p->needs_key = a.status == 401;
	if (p->needs_key && patient_is_ours(&a)) {
		SAY(p->doctor, FINE, "without a key", "nobody has access");
		return true;
	}
	if (!patient_is_ours(&a) || a.status != 200) {
		SAY(p->doctor, WRONG, "without a key", "%d: %s", a.status,
			explain_status(a.status));
		return false;
	}
	say_health(p, &a);
	if (!is_this_machine(p)) {
		SAY(p->doctor, WRONG, "without a key",
			"everybody who reaches the URL may read and write everything: `flatspan key add`, and auth = on");
		return true;
	}
	/* Checks the same as a remote client behind a proxy. */
	if (!doctor_url_get(p, "without a key", "/health", STR("X-Forwarded-For: 192.0.2.1"), &a))
		return false;
	if (a.status == 401)
		SAY(p->doctor, FINE, "without a key", "this machine has access, others do not");
	else
		SAY(p->doctor, WARNING, "without a key",
			"auth = off: everybody who reaches the server may do everything");
	return true;
}

/* Two keys in one header are refused differently than none. */
static void check_authorization_without_key(struct patient *p)
{
	struct fetch_answer a;
	if (!p->needs_key || !doctor_url_get(p, "authorization", "/health",
				     STR("Authorization: Bearer fsp_a,fsp_b"), &a))
		return;
	if (a.status == 400)
		SAY(p->doctor, FINE, "authorization", "the header arrives");
	else
		SAY(p->doctor, WRONG, "authorization",
			"the web server removes the header: CGIPassAuth On (Apache)");
	SAY(p->doctor, WARNING, "key",
		"none given (--key-file), so checks that need one are left out");
}

/* 401 for both headers: the key is invalid. For one: this header does not arrive. */
static bool doctor_url_check_key(struct patient *p)
{
	struct doctor *d = p->doctor;
	struct fetch_answer by_header, by_authorization;
	if (!doctor_url_get(p, "key", "/health", key_header(p, true), &by_header) ||
		!doctor_url_get(
			p, "authorization", "/health", key_header(p, false), &by_authorization))
		return false;
	if (by_header.status == 401 && by_authorization.status == 401) {
		SAY(d, WRONG, "key", "it is unknown, or has ended: `flatspan key list`");
		return false;
	}
	p->header_key = by_authorization.status == 401;
	if (p->header_key)
		SAY(d, WRONG, "authorization",
			"the web server removes the header: CGIPassAuth On (Apache); x-api-key arrives");
	else
		SAY(d, FINE, "authorization", "the header arrives");
	if (by_header.status == 401)
		SAY(d, WARNING, "key", "x-api-key does not arrive, Authorization does");
	const struct fetch_answer *a = p->header_key ? &by_header : &by_authorization;
	if (a->status == 403)
		SAY(d, FINE, "health", "this key may not read it");
	else
		say_health(p, a);
	return true;
}

/* ---- Paths ---- */

static struct str filled_in(struct patient *p, const char *pattern)
{
	struct buf b;
	buf_init(&b, p->doctor->cli->arena);
	buf_add(&b, p->url.path);
	for (const char *s = pattern; *s; s++) {
		if (*s != '{') {
			buf_add_char(&b, *s);
			continue;
		}
		buf_add_char(&b, 'x');
		while (*s && *s != '}')
			s++;
		if (!*s)
			break;
	}
	return buf_str(&b);
}

/* Checks one path of each program that each API has. */
static void check_routes(struct patient *p)
{
	size_t n = 0, n_lost = 0;
	for (const struct route_table *const *t = api_tables; *t; t++) {
		unsigned seen = 0;
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct route *row = &(*t)->rows[i];
			struct fetch_answer a;
			struct fetch what = { .method = "GET" };
			if (seen & row->program || strcmp(row->pattern, "/") == 0)
				continue;
			seen |= row->program;
			what.target = filled_in(p, row->pattern);
			n++;
			if (!doctor_url_ask(p, "paths", &what, &a)) {
				n_lost++;
			} else if (!patient_is_ours(&a)) {
				n_lost++;
				SAY(p->doctor, WRONG, "paths",
					"%.*s does not lead to flatspan (%d)", STR_ARG(what.target),
					a.status);
			}
		}
	}
	if (!n_lost)
		SAY(p->doctor, FINE, "paths", "%zu of all APIs lead to flatspan", n);
}

static void check_prefix(struct patient *p)
{
	struct fetch_answer a;
	struct str want = patient_path(p, "/health");
	if (!doctor_url_get(p, "prefix", "/health/", STR_NULL, &a))
		return;
	struct str to = fetch_header(&a, STR("location"));
	if (a.status / 100 == 3 && !str_is_null(to)) {
		struct str path = to;
		if (str_find(to, STR("://")) < to.len) {
			path = str_skip(to, str_find(to, STR("://")) + 3);
			path = str_skip(path, str_index(path, '/'));
		}
		if (str_eq(path, want))
			SAY(p->doctor, FINE, "prefix", "%.*s",
				STR_ARG(p->url.path.len ? p->url.path : STR("none")));
		else
			SAY(p->doctor, WRONG, "prefix",
				"flatspan takes %.*s as %.*s: set prefix = %.*s",
				STR_ARG(str_first(path, 100)), STR_ARG(want),
				STR_ARG(p->url.path.len ? p->url.path : STR("(nothing)")));
	} else {
		SAY(p->doctor, WARNING, "prefix", "%.*s/ is answered with %d", STR_ARG(want),
			a.status);
	}
	if (doctor_url_get(
		    p, "prefix", "/apis/intake/v2/workspaces/default/spans/a%2Fb", STR_NULL, &a) &&
		!patient_is_ours(&a))
		SAY(p->doctor, WARNING, "prefix",
			"ids with a slash are only found by filters: Apache needs AllowEncodedSlashes NoDecode");
}

enum cli_exit doctor_url(struct doctor *d)
{
	struct cli *c = d->cli;
	struct patient p = { .doctor = d };
	if (!fetch_read_url(c, cli_value(c, "url"), &p.url) || !fetch_read_key(c, &p.key))
		return CLI_USAGE;
	if (!check_handler(&p))
		return CLI_IO; /* the reason was printed before */
	if (!p.url.is_https && !is_this_machine(&p))
		SAY(d, WARNING, "https", "keys and traces pass the network unencrypted");
	doctor_files(&p);
	if (d->n[WRONG] || !check_without_key(&p))
		return CLI_FAILED;
	check_routes(&p);
	check_prefix(&p);
	if (str_is_null(p.key) && p.needs_key) {
		check_authorization_without_key(&p);
	} else if (!str_is_null(p.key) && p.needs_key && !doctor_url_check_key(&p)) {
		return CLI_AUTH;
	} else {
		doctor_bodies(&p);
	}
	return d->n[WRONG] ? CLI_FAILED : CLI_OK;
}
