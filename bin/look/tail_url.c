/*
 * tail --url: asks the tool find_spans (POST /mcp), which has the filters of the command line and
 * sorts by arrival.  Each request asks for what arrived since shortly before the newest span seen,
 * because spans that arrive at once become visible one after the other.  Spans that were shown are
 * not shown again.
 *
 * With --follow, network errors are not printed: the next request waits longer each time, up to a
 * minute.
 */
#include "look/tail_url.h"
#include "doctor/fetch.h"
#include "report/row.h"

#include "base/hash.h"
#include "base/utime.h"
#include "query/engine.h"

#include <poll.h>
#include <unistd.h>

enum {
	PAGE_ROWS = 100, /* the most that the tool returns */
	MOST_PAGES = 50,
	POLL_MS = 2000,
	MOST_MS = 60 * 1000,
	OVERLAP_S = 10,
	JSON_DEPTH = 32
};

struct seen {
	uint64_t hash; /* of the span's and the trace's id */
	int64_t arrived_ns;
};

struct remote {
	struct cli *cli;
	struct fetch_url url;
	struct str key_header;
	struct buf seen; /* struct seen[]: spans that the next answer may hold again */
	bool has_last;
	int64_t last_ns; /* when the newest one arrived */
	bool is_cut;     /* the last answer was cut, so what it left out may be new */
	struct str why;  /* the last error */
};

/* ---- Requests ---- */

static void put_where(struct remote *r, struct json_writer *w)
{
	struct cli *c = r->cli;
	char time[UTIME_TEXT_MAX];
	json_key(w, STR("where"));
	json_array(w);
	for (size_t i = 0; i < c->n_set; i++)
		if (strcmp(c->set[i].option->name, "where") == 0)
			json_text(w, c->set[i].value);
	if (r->has_last) {
		int64_t from_ns = r->last_ns - OVERLAP_S * NS_PER_S;
		struct str at = str_of(time, utime_format(from_ns, time));
		json_text(w, arena_printf(c->arena, "ingested_at>=%.*s", STR_ARG(at)));
	}
	json_end(w);
}

static struct str question(struct remote *r, size_t limit, size_t offset)
{
	static const char *const same[] = { "workspace", "since", "until", "kind" };
	struct cli *c = r->cli;
	struct json_writer w;
	struct buf b;
	buf_init(&b, c->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_text(&w, STR("jsonrpc"), STR("2.0"));
	json_member_i64(&w, STR("id"), 1);
	json_member_text(&w, STR("method"), STR("tools/call"));
	json_key(&w, STR("params"));
	json_object(&w);
	json_member_text(&w, STR("name"), STR("find_spans"));
	json_key(&w, STR("arguments"));
	json_object(&w);
	json_member_text(&w, STR("sort"), STR("arrived"));
	json_member_i64(&w, STR("limit"), (int64_t)limit);
	json_member_i64(&w, STR("offset"), (int64_t)offset);
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (cli_has(c, same[i]))
			json_member_text(&w, str_from_c(same[i]), cli_value(c, same[i]));
	if (cli_has(c, "errors"))
		json_member_bool(&w, STR("errors"), true);
	put_where(r, &w);
	json_end(&w);
	json_end(&w);
	json_end(&w);
	return buf_str(&b);
}

/* Reads the text of a tool's answer. CLI_FAILED: an error of the tool. */
static enum cli_exit tail_url_read_answer(
	struct remote *r, const struct fetch_answer *a, struct json *ret)
{
	struct cli *c = r->cli;
	struct json_error error;
	struct str text = STR_NULL;
	bool is_error = false;
	if (json_check(a->body, JSON_DEPTH, &error)) {
		struct json result = json_get(json_open(a->body), STR("result"));
		struct json_iter it = json_elements(json_get(result, STR("content")));
		if (json_next(&it))
			text = json_decode(c->arena, json_body(json_get(it.value, STR("text"))));
		is_error = json_get(result, STR("isError")).type == JSON_TRUE;
	}
	r->why = STR("the service there is not flatspan, or an older version");
	if (str_is_null(text))
		return CLI_FAILED;
	if (is_error) {
		r->why = text;
		return CLI_FAILED;
	}
	if (!json_check(text, JSON_DEPTH, &error))
		return CLI_FAILED;
	*ret = json_open(text);
	return CLI_OK;
}

/* CLI_IO: trying again may help. */
static enum cli_exit tail_url_ask(struct remote *r, size_t limit, size_t offset, struct json *ret)
{
	struct cli *c = r->cli;
	struct fetch_answer a;
	struct fetch what = { "POST", arena_printf(c->arena, "%.*s/mcp", STR_ARG(r->url.path)),
		{ STR("Content-Type: application/json"),
			STR("Accept: application/json, text/event-stream"), r->key_header },
		question(r, limit, offset), false };
	if (!fetch(c, &r->url, &what, &a)) {
		r->why = a.trouble;
		return CLI_IO;
	}
	r->why = arena_printf(c->arena, "the server answers %d", a.status);
	if (a.status == 401 || a.status == 403) {
		r->why = STR("a key that may read there is needed, or this one may not");
		return CLI_AUTH;
	}
	if (a.status == 429 || a.status >= 500 || !a.is_whole)
		return CLI_IO;
	return a.status == 200 ? tail_url_read_answer(r, &a, ret) : CLI_FAILED;
}

/* ---- Rows ---- */

static void tail_url_set_text(
	struct cli *c, struct span *s, enum field f, struct json row, const char *name)
{
	struct json v = json_get(row, str_from_c(name));
	if (v.type == JSON_STRING)
		span_set_text(s, f, json_canonical_body(c->arena, json_body(v)));
}

static struct str tail_url_text_of(struct cli *c, struct json row, const char *name)
{
	struct json v = json_get(row, str_from_c(name));
	return v.type == JSON_STRING ? json_decode(c->arena, json_body(v)) : STR("");
}

/* Reads milliseconds with a fraction, as nanoseconds. */
static bool read_ms(struct str text, int64_t *ret_ns)
{
	const int64_t pico_a_ns = 1000 * 1000;
	int64_t pico;
	if (!dec_to_pico(text, &pico))
		return false;
	*ret_ns = pico / pico_a_ns;
	return true;
}

static void read_row(struct cli *c, struct json row, struct span *ret)
{
	enum kind kind;
	enum status status;
	int64_t started_ns, ns, ended_ns;
	struct json cost = json_get(row, STR("cost_usd"));
	span_init(ret);
	tail_url_set_text(c, ret, FIELD_SPAN_ID, row, "span_id");
	tail_url_set_text(c, ret, FIELD_TRACE_ID, row, "trace_id");
	tail_url_set_text(c, ret, FIELD_NAME, row, "name");
	tail_url_set_text(c, ret, FIELD_MODEL, row, "model");
	tail_url_set_text(c, ret, FIELD_ERROR_TYPE, row, "error_type");
	tail_url_set_text(c, ret, FIELD_ERROR_MESSAGE, row, "error_message");
	if (kind_from_name(tail_url_text_of(c, row, "kind"), &kind))
		span_set_i64(ret, FIELD_KIND, kind);
	if (status_from_name(tail_url_text_of(c, row, "status"), &status))
		span_set_i64(ret, FIELD_STATUS, status);
	if (json_to_i64(json_get(row, STR("tokens")), &ns))
		span_set_i64(ret, FIELD_TOTAL_TOKENS, ns);
	if (cost.type == JSON_NUMBER)
		span_set_text(ret, FIELD_COST_TOTAL_USD, arena_copy(c->arena, cost.raw));
	if (utime_parse(tail_url_text_of(c, row, "arrived_at"), &ns))
		span_set_i64(ret, FIELD_INGESTED_AT, ns);
	if (!utime_parse(tail_url_text_of(c, row, "started_at"), &started_ns))
		return;
	span_set_i64(ret, FIELD_STARTED_AT, started_ns);
	if (read_ms(json_get(row, STR("duration_ms")).raw, &ns) &&
		!__builtin_add_overflow(started_ns, ns, &ended_ns))
		span_set_i64(ret, FIELD_ENDED_AT, ended_ns);
}

static bool is_new(struct remote *r, const struct span *s)
{
	struct seen new = { .arrived_ns = span_i64(s, FIELD_INGESTED_AT, 0) };
	new.hash = hash64(span_text(s, FIELD_SPAN_ID), hash64(span_text(s, FIELD_TRACE_ID), 0));
	for (size_t at = 0; at < r->seen.len; at += sizeof new)
		if (memcmp(r->seen.ptr + at, &new, sizeof new) == 0)
			return false;
	buf_add(&r->seen, str_of((const char *)&new, sizeof new));
	if (!r->has_last || new.arrived_ns > r->last_ns)
		r->last_ns = new.arrived_ns;
	r->has_last = true;
	return true;
}

static void tail_url_forget(struct remote *r)
{
	size_t kept = 0;
	for (size_t at = 0; at < r->seen.len; at += sizeof(struct seen)) {
		struct seen s;
		memcpy(&s, r->seen.ptr + at, sizeof s);
		if (s.arrived_ns < r->last_ns - OVERLAP_S * NS_PER_S)
			continue;
		memmove(r->seen.ptr + kept, &s, sizeof s);
		kept += sizeof s;
	}
	r->seen.len = kept;
}

static void tail_url_put_row(struct cli *c, const struct span *s)
{
	struct buf line;
	buf_init(&line, c->arena);
	line_write(&line, s);
	row_put(&c->report, s, str_first(buf_str(&line), line.len - 1));
	buf_release(&line);
}

/* Gets the newest `most` matching spans, oldest first, without those that were seen. shows: prints
 * them. */
static enum cli_exit tail_url_look(struct remote *r, size_t most, bool shows)
{
	struct cli *c = r->cli;
	struct span *spans = arena_calloc(c->arena, most, sizeof *spans);
	size_t n = 0, offset = 0;
	bool is_last_new = false, has_more;
	do {
		struct json answer;
		int64_t next;
		size_t limit = most - offset < PAGE_ROWS ? most - offset : PAGE_ROWS;
		size_t before = offset;
		enum cli_exit code = tail_url_ask(r, limit, offset, &answer);
		if (code)
			return code;
		struct json_iter it = json_elements(json_get(answer, STR("spans")));
		while (offset < most && json_next(&it)) {
			read_row(c, it.value, &spans[n]);
			offset++;
			is_last_new = is_new(r, &spans[n]);
			n += is_last_new;
		}
		has_more =
			offset > before && json_to_i64(json_get(answer, STR("next_offset")), &next);
	} while (has_more && offset < most);
	r->is_cut = has_more && is_last_new;
	while (shows && n-- > 0)
		tail_url_put_row(c, &spans[n]);
	return CLI_OK;
}

/* The memory of a request is released after it. */
static enum cli_exit tail_url_look_again(struct remote *r)
{
	struct cli *c = r->cli;
	struct arena a;
	arena_init(&a, (size_t)1 << 30);
	struct arena *own = cli_use_arena(c, &a);
	enum cli_exit code = tail_url_look(r, PAGE_ROWS * MOST_PAGES, true);
	if (code && code != CLI_IO)
		(void)cli_fail(c, code, "%.*s", STR_ARG(r->why));
	if (!code && r->is_cut)
		cli_note(c, "%d spans arrived at once; older ones may be missing",
			PAGE_ROWS * MOST_PAGES);
	(void)cli_use_arena(c, own);
	arena_release(&a);
	tail_url_forget(r);
	return code;
}

static enum cli_exit tail_url_follow(struct remote *r)
{
	int wait_ms = POLL_MS;
	for (;;) {
		struct pollfd out = { .fd = STDOUT_FILENO };
		if (!cli_flush(r->cli) || poll(&out, 1, wait_ms) > 0)
			return CLI_OK; /* the reader is gone */
		enum cli_exit code = tail_url_look_again(r);
		if (code && code != CLI_IO)
			return code;
		wait_ms = !code ? POLL_MS : wait_ms > MOST_MS / 2 ? MOST_MS : 2 * wait_ms;
	}
}

enum cli_exit tail_url(struct cli *c, size_t limit)
{
	struct remote r = { .cli = c };
	struct str key;
	if (!fetch_read_url(c, cli_value(c, "url"), &r.url) || !fetch_read_key(c, &key))
		return CLI_USAGE;
	if (!str_is_null(key))
		r.key_header = arena_printf(c->arena, "X-Api-Key: %.*s", STR_ARG(key));
	buf_init(&r.seen, c->arena);
	row_begin(&c->report);
	/* The last span that exists says where to continue. */
	enum cli_exit code = tail_url_look(&r, limit ? limit : 1, limit > 0);
	if (code)
		return cli_fail(c, code, "%.*s", STR_ARG(r.why));
	return cli_has(c, "follow") ? tail_url_follow(&r) : CLI_OK;
}
