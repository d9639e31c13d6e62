/* send-test: sends a span as an exporter does and reads it back as a dashboard does, which proves
 * that a service works from end to end. */
#include "doctor/fetch.h"
#include "verb.h"

#include "base/utime.h"
#include "base/uuid.h"

#include <poll.h>

enum { TRIES = 20, PAUSE_MS = 250 };

#define DEFAULT_URL "http://127.0.0.1:4318"

struct test {
	struct cli *cli;
	struct fetch_url url;
	struct str url_text; /* without a slash at the end */
	struct str headers[2];
	size_t n_headers;
	struct str trace_id, span_id;
};

/* Returns the last n hex digits of a UUID, which are random. */
static struct str random_hex(struct arena *a, size_t n)
{
	struct buf b;
	buf_init(&b, a);
	while (b.len < n) {
		struct uuid_source source = { 0 };
		struct str id = uuid_new(&source, a, utime_now());
		buf_add(&b, str_of(id.ptr + id.len - 12, 12));
	}
	return str_first(buf_str(&b), n);
}

static struct str send_test_body_of(struct test *t)
{
	int64_t now_ns = utime_now();
	return arena_printf(t->cli->arena,
		"{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
		"\"value\":{\"stringValue\":\"flatspan\"}}]},\"scopeSpans\":[{\"spans\":[{"
		"\"traceId\":\"%.*s\",\"spanId\":\"%.*s\",\"name\":\"flatspan send-test\","
		"\"kind\":1,\"startTimeUnixNano\":\"%lld\",\"endTimeUnixNano\":\"%lld\"}]}]}]}",
		STR_ARG(t->trace_id), STR_ARG(t->span_id), (long long)(now_ns - NS_PER_MS),
		(long long)now_ns);
}

static bool send_test_ask(
	struct test *t, struct fetch *what, struct fetch_answer *ret, enum cli_exit *ret_code)
{
	for (size_t i = 0; i < t->n_headers; i++)
		what->headers[i + 1] = t->headers[i];
	if (fetch(t->cli, &t->url, what, ret))
		return true;
	*ret_code = cli_fail(t->cli, CLI_IO, "%.*s", STR_ARG(ret->trouble));
	return false;
}

static enum cli_exit refused(struct test *t, const struct fetch_answer *a, const char *what)
{
	struct cli *c = t->cli;
	if (a->status == 401)
		return cli_fail(c, CLI_AUTH, "%s: a key is needed, or this one is unknown", what);
	if (a->status == 403)
		return cli_fail(c, CLI_AUTH, "%s: this key does not allow it in workspace %.*s",
			what, STR_ARG(c->workspace));
	return cli_fail(c, CLI_FAILED, "%s: %d; `flatspan doctor --url %.*s` says why", what,
		a->status, STR_ARG(t->url_text));
}

static enum cli_exit send_span(struct test *t)
{
	struct fetch_answer a;
	struct fetch what = { "POST",
		arena_printf(t->cli->arena, "%.*s/v1/traces", STR_ARG(t->url.path)),
		{ STR("Content-Type: application/json") }, send_test_body_of(t), false };
	enum cli_exit code;
	if (!send_test_ask(t, &what, &a, &code))
		return code;
	/* A page with status 200 is not the answer of a trace store. */
	struct str type = fetch_header(&a, STR("content-type"));
	bool is_json = !str_is_null(type) && str_starts(type, STR("application/json"));
	return a.status == 200 && is_json ? CLI_OK : refused(t, &a, "the span was not accepted");
}

static enum cli_exit read_back(struct test *t)
{
	struct cli *c = t->cli;
	struct fetch_answer a = { .status = 0 };
	struct fetch what = { "GET",
		arena_printf(c->arena, "%.*s/apis/intake/v2/workspaces/%.*s/spans/%.*s",
			STR_ARG(t->url.path), STR_ARG(c->workspace), STR_ARG(t->span_id)),
		{ STR("Accept: application/json") }, STR_NULL, false };
	for (int i = 0; i < TRIES; i++) {
		enum cli_exit code;
		if (!send_test_ask(t, &what, &a, &code))
			return CLI_UNVERIFIED;
		if (a.status == 200 && str_find(a.body, t->trace_id) < a.body.len)
			return CLI_OK;
		if (a.status != 404)
			break;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return cli_fail(c, CLI_UNVERIFIED, "the span was accepted, but is not found: %s",
		a.status == 403 || a.status == 401 ? "this key may not read"
		: a.status == 404                  ? "it does not appear in this workspace"
						   : "reading gives another answer than expected");
}

static void send_test_print(struct test *t, bool is_seen, int64_t took_ns)
{
	struct cli *c = t->cli;
	struct str at = arena_printf(c->arena, "%.*s/apis/intake/v2/workspaces/%.*s/traces/%.*s",
		STR_ARG(t->url_text), STR_ARG(c->workspace), STR_ARG(t->trace_id));
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("trace_id"), t->trace_id);
		json_member_text(&w, STR("span_id"), t->span_id);
		json_member_text(&w, STR("workspace"), c->workspace);
		json_member_text(&w, STR("url"), at);
		json_member_bool(&w, STR("seen"), is_seen);
		json_member_double(&w, STR("took_ms"), (double)took_ns / (double)NS_PER_MS);
		cli_json_end(c, &w);
	} else if (is_seen) {
		buf_printf(&c->report.out, "sent and read back in %.*s:\n%.*s\n",
			STR_ARG(report_duration(c->arena, took_ns)), STR_ARG(at));
	}
}

enum cli_exit verb_send_test(struct cli *c)
{
	struct test t = { .cli = c };
	struct str url = cli_value(c, "url"), key;
	int64_t began_ns = utime_monotonic();
	if (str_is_null(url))
		url = STR(DEFAULT_URL);
	if (!cli_words(c, 0, 0) || !fetch_read_url(c, url, &t.url) || !fetch_read_key(c, &key))
		return CLI_USAGE;
	while (str_ends(url, STR("/")))
		url.len--;
	t.url_text = url;
	if (!str_is_null(key))
		t.headers[t.n_headers++] = arena_printf(c->arena, "X-Api-Key: %.*s", STR_ARG(key));
	t.headers[t.n_headers++] =
		arena_printf(c->arena, "X-Workspace: %.*s", STR_ARG(c->workspace));
	t.trace_id = random_hex(c->arena, 32);
	t.span_id = random_hex(c->arena, 16);
	enum cli_exit code = send_span(&t);
	if (code)
		return code;
	code = read_back(&t);
	send_test_print(&t, code == CLI_OK, utime_monotonic() - began_ns);
	return code;
}
