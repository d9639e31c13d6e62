/*
 * Sessions of coding agents, or chats, to measure with, the same for a seed: each call repeats the
 * whole history, as their providers' APIs want it.
 *
 *	gen_sessions ROOT WORKSPACE CALLS [SEED [TEXT]]
 *
 * A session is a trace: an agent's span, and 20 to 100 calls of an LLM, each with the tool that it
 * asked for; four of them go on at once.  The history begins with instructions of 12 KB that all
 * sessions share and grows by 4.5 KB of made-up code a call, so that a call has 150 KB on average.
 * With TEXT, a file, they are chats about it.  Half of them have one turn, the others two to nine;
 * each is a trace of its own, of one call, whose input is a system prompt of 1.5 KB, the same for
 * all, and what was said before.  What is said are passages of the text, one after the other, of 50
 * to 1,200 bytes by the user and 200 to 3,000 by the model; forty chats go on at once.  The text is
 * used again from its beginning when it is at its end, so it should have a megabyte or more.
 *
 * All arrive today.  In one output in 100 stands "quarterly", in 30 "database", in some
 * "xylophonist".
 */
#include "base/conf.h"
#include "base/utime.h"
#include "index/flush.h"
#include "span/line.h"
#include "store/append.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	OPEN = 4,
	CHATS = 40,
	PROMPT_BYTES = 1500,
	NAMES = 4000,
	NAME_MAX_BYTES = 24,
	INSTRUCTION_BYTES = 12 << 10,
	BATCH = 8
};

struct session {
	struct arena arena;
	struct buf history; /* messages, with a comma behind each */
	char trace_id[40], session_id[40], root_id[24];
	unsigned n_calls, n_made;
	int64_t at_ns;
};

struct generator {
	uint64_t random;
	struct store store;
	struct arena arena;
	struct str workspace;
	char names[NAMES][NAME_MAX_BYTES];
	struct str instructions;
	struct str text; /* of chats */
	size_t text_at;
	struct session sessions[CHATS];
	struct span batch[BATCH];
	size_t n_batch;
	uint64_t n_calls, n_spans;
};

static void must(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "gen_sessions: %s: %s\n", what, err_name(e));
		exit(2);
	}
}

static uint64_t next(struct generator *g)
{
	uint64_t z = g->random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t below(struct generator *g, size_t n)
{
	return (size_t)(next(g) % n);
}

static void hex(struct generator *g, char *to, size_t digits)
{
	static const char digit[] = "0123456789abcdef";
	for (size_t i = 0; i < digits; i++)
		to[i] = digit[below(g, 16)];
	to[digits] = 0;
}

/* ---- Code ---- */

static void make_names(struct generator *g)
{
	static const char *const parts[] = { "read", "write", "get", "set", "index", "span", "buf",
		"len", "node", "tree", "list", "map", "key", "value", "open", "close", "next",
		"prev", "count", "error", "file", "path", "row", "page", "find", "make" };
	for (size_t i = 0; i < NAMES; i++)
		(void)snprintf(g->names[i], NAME_MAX_BYTES, "%s_%s%s%.0zu",
			parts[below(g, sizeof parts / sizeof *parts)],
			parts[below(g, sizeof parts / sizeof *parts)], i % 3 ? "" : "s",
			i % 5 ? 0 : i);
}

/* Few names are used often. */
static const char *name(struct generator *g)
{
	double u = (double)(next(g) >> 11) * 0x1p-53;
	return g->names[(size_t)(pow((double)NAMES, u) - 1)];
}

/* As it stands in a JSON string. */
static void add_code(struct generator *g, struct buf *b, size_t n_bytes)
{
	for (size_t end = b->len + n_bytes; b->len < end;)
		switch (below(g, 6)) {
		case 0:
			buf_printf(b, "\\tif (%s(%s, %zu))\\n\\t\\treturn %s;\\n", name(g), name(g),
				below(g, 100), name(g));
			break;
		case 1:
			buf_printf(b, "\\tstruct %s *%s = %s(%s->%s);\\n", name(g), name(g),
				name(g), name(g), name(g));
			break;
		case 2:
			buf_printf(b, "/* %s the %s of each %s before %s */\\n", name(g), name(g),
				name(g), name(g));
			break;
		case 3:
			buf_printf(b,
				"\\tfor (size_t i = 0; i < %s->%s; i++)\\n\\t\\t%s(%s, i);\\n",
				name(g), name(g), name(g), name(g));
			break;
		case 4:
			buf_printf(b, "}\\n\\nstatic int %s(struct %s *%s)\\n{\\n", name(g),
				name(g), name(g));
			break;
		default:
			buf_printf(b, "\\t%s->%s = %s + %zu;\\n", name(g), name(g), name(g),
				below(g, 10000));
		}
}

static size_t some_bytes(struct generator *g, size_t least, size_t most)
{
	double u = (double)(next(g) >> 11) * 0x1p-53;
	return (size_t)((double)least * pow((double)most / (double)least, u));
}

/* ---- Text ---- */

/* The next one, whole words. */
static struct str passage(struct generator *g, size_t least, size_t most)
{
	size_t n = some_bytes(g, least, most);
	if (g->text.len - g->text_at < most + NAME_MAX_BYTES)
		g->text_at = below(g, most);
	struct str s = str_first(str_skip(g->text, g->text_at), n);
	struct str rest = str_skip(g->text, g->text_at + n);
	s.len += str_index(rest, ' ');
	g->text_at += s.len;
	return s;
}

static void begin_message(struct buf *b, const char *role)
{
	buf_printf(b, "{\"role\":\"%s\",\"content\":\"", role);
}

static void end_message(struct generator *g, struct buf *b, struct str content)
{
	buf_add(b, json_encode(&g->arena, content));
	buf_add(b, STR("\"}"));
}

/* ---- Spans ---- */

static void flush(struct generator *g)
{
	int64_t now_ns = utime_now();
	for (size_t i = 0; i < g->n_batch; i++)
		span_set_i64(&g->batch[i], FIELD_INGESTED_AT, now_ns);
	must(store_append(&g->store, g->workspace, true, &g->arena, g->batch, g->n_batch, now_ns),
		"append");
	(void)index_maintain(&g->store, INDEX_ALL_AT_ONCE);
	g->n_spans += g->n_batch;
	g->n_batch = 0;
	arena_release(&g->arena);
	arena_init(&g->arena, (size_t)1 << 30);
}

static struct str text(struct generator *g, const char *s)
{
	return arena_copy(&g->arena, str_from_c(s));
}

static struct span *begin_span(struct generator *g, struct session *s, enum kind kind)
{
	char id[17];
	if (g->n_batch == BATCH)
		flush(g);
	struct span *span = &g->batch[g->n_batch++];
	span_init(span);
	hex(g, id, 16);
	span_set_text(span, FIELD_SPAN_ID, text(g, id));
	span_set_text(span, FIELD_TRACE_ID, text(g, s->trace_id));
	span_set_text(span, FIELD_SESSION_ID, text(g, s->session_id));
	span_set_text(span, FIELD_SOURCE, STR("otel"));
	span_set_text(span, FIELD_PROJECT, STR("coding"));
	span_set_text(span, FIELD_AGENT_NAME, STR("codex"));
	span_set_i64(span, FIELD_KIND, kind);
	span_set_i64(span, FIELD_STATUS, below(g, 10) ? STATUS_SUCCESS : STATUS_ERROR);
	span_set_i64(span, FIELD_STARTED_AT, s->at_ns);
	s->at_ns += (int64_t)(1 + below(g, 20000)) * NS_PER_MS;
	span_set_i64(span, FIELD_ENDED_AT, s->at_ns);
	if (s->root_id[0])
		span_set_text(span, FIELD_PARENT_SPAN_ID, text(g, s->root_id));
	else
		memcpy(s->root_id, id, sizeof id);
	return span;
}

static void begin_session(struct generator *g, struct session *s)
{
	/* 2026-01-05, as gen_spans */
	int64_t first_ns = INT64_C(20458) * NS_PER_DAY, week_ns = 7 * NS_PER_DAY;
	arena_init(&s->arena, (size_t)1 << 30);
	buf_init(&s->history, &s->arena);
	s->root_id[0] = 0;
	s->n_made = 0;
	s->n_calls = 20 + (unsigned)below(g, 81);
	if (g->text.len)
		s->n_calls = below(g, 2) ? 1 : 2 + (unsigned)below(g, 8);
	s->at_ns = first_ns + (int64_t)below(g, (size_t)week_ns);
	hex(g, s->trace_id, 32);
	(void)snprintf(s->session_id, sizeof s->session_id, "session-%.16s", s->trace_id);
	if (g->text.len) {
		begin_message(&s->history, "system");
		end_message(g, &s->history, str_first(g->text, PROMPT_BYTES));
		return;
	}
	buf_printf(&s->history, "{\"role\":\"system\",\"content\":\"%.*s\"},",
		STR_ARG(g->instructions));
	buf_add(&s->history, STR("{\"role\":\"user\",\"content\":\""));
	add_code(g, &s->history, some_bytes(g, 200, 2000));
	buf_add(&s->history, STR("\"},"));
	struct span *root = begin_span(g, s, KIND_AGENT);
	span_set_text(root, FIELD_NAME, STR("codex.run"));
}

static const char *marker(struct generator *g)
{
	size_t m = below(g, 3000);
	return m == 0 ? " xylophonist" : m < 30 ? " quarterly" : m < 930 ? " database" : "";
}

static void set_call(struct generator *g, struct session *s, struct span *llm, struct str answer)
{
	struct str history = buf_str(&s->history);
	if (str_ends(history, STR(",")))
		history.len--;
	span_set_text(llm, FIELD_NAME, STR("chat gpt-5"));
	span_set_text(llm, FIELD_MODEL, STR("gpt-5"));
	span_set_i64(llm, FIELD_INPUT_TOKENS, (int64_t)history.len / 4);
	span_set_i64(llm, FIELD_OUTPUT_TOKENS, (int64_t)answer.len / 4);
	span_set_text(
		llm, FIELD_INPUT, arena_printf(&g->arena, "[%.*s]", (int)history.len, history.ptr));
	span_set_text(llm, FIELD_OUTPUT, answer);
}

static void call(struct generator *g, struct session *s)
{
	struct span *llm = begin_span(g, s, KIND_LLM);
	struct buf answer, result;
	const char *mark = marker(g);
	buf_init(&answer, &g->arena);
	buf_add(&answer, STR("{\"role\":\"assistant\",\"content\":\""));
	add_code(g, &answer, some_bytes(g, 100, 2000));
	buf_printf(&answer, "%s\",\"tool\":\"%s\"}", mark, name(g));
	set_call(g, s, llm, buf_str(&answer));
	buf_add(&s->history, buf_str(&answer));
	buf_add_char(&s->history, ',');
	struct str said = arena_copy(&s->arena, buf_str(&answer));
	struct span *tool = begin_span(g, s, KIND_TOOL);
	buf_init(&result, &g->arena); /* a flush may have come between */
	buf_add(&result, STR("{\"role\":\"tool\",\"content\":\""));
	add_code(g, &result, some_bytes(g, 500, 10000));
	buf_add(&result, STR("\"}"));
	span_set_text(tool, FIELD_NAME, STR("read_file"));
	span_set_text(tool, FIELD_TOOL_NAME, STR("read_file"));
	span_set_text(tool, FIELD_INPUT, arena_copy(&g->arena, said));
	span_set_text(tool, FIELD_OUTPUT, buf_str(&result));
	buf_add(&s->history, buf_str(&result));
	buf_add_char(&s->history, ',');
	s->n_made++;
	g->n_calls++;
}

static void turn(struct generator *g, struct session *s)
{
	struct buf answer;
	hex(g, s->trace_id, 32);
	s->root_id[0] = 0;
	struct span *llm = begin_span(g, s, KIND_LLM);
	buf_init(&answer, &g->arena);
	buf_add_char(&s->history, ',');
	begin_message(&s->history, "user");
	end_message(g, &s->history, passage(g, 50, 1200));
	begin_message(&answer, "assistant");
	buf_add(&answer, str_from_c(marker(g)));
	end_message(g, &answer, passage(g, 200, 3000));
	set_call(g, s, llm, buf_str(&answer));
	buf_add_char(&s->history, ',');
	buf_add(&s->history, buf_str(&answer));
	s->n_made++;
	g->n_calls++;
}

static uint64_t number(const char *s)
{
	uint64_t v;
	if (!str_to_u64(str_from_c(s), &v) || v == 0)
		must(ERR_INVALID, s);
	return v;
}

static struct str read_text(struct arena *a, const char *name)
{
	enum { TEXT_MIN = 64 << 10, PART = 64 << 10 };
	struct buf b;
	size_t n;
	FILE *f = fopen(name, "rb");
	buf_init(&b, a);
	while (f && (n = fread(buf_reserve(&b, PART), 1, PART, f)) > 0)
		b.len += n;
	if (!f || ferror(f) || b.len < TEXT_MIN)
		must(ERR_INVALID, name);
	fclose(f);
	return buf_str(&b);
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct buf instructions;
	struct arena memory;
	struct generator *g = calloc(1, sizeof *g);
	if (argc < 4 || argc > 6 || !g) {
		fprintf(stderr, "usage: gen_sessions ROOT WORKSPACE CALLS [SEED [TEXT]]\n");
		return 2;
	}
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	conf.sync = CONF_SYNC_NONE;
	must(store_open(&g->store, &conf), argv[1]);
	g->workspace = str_from_c(argv[2]);
	g->random = argc > 4 ? number(argv[4]) : 1;
	uint64_t n_wanted = number(argv[3]);
	arena_init(&g->arena, (size_t)1 << 30);
	arena_init(&memory, (size_t)1 << 30);
	make_names(g);
	buf_init(&instructions, &memory);
	add_code(g, &instructions, INSTRUCTION_BYTES);
	g->instructions = buf_str(&instructions);
	if (argc > 5)
		g->text = read_text(&memory, argv[5]);
	size_t n_open = g->text.len ? CHATS : OPEN;
	for (size_t i = 0; i < n_open; i++)
		begin_session(g, &g->sessions[i]);
	while (g->n_calls < n_wanted) {
		struct session *s = &g->sessions[below(g, n_open)];
		if (g->text.len)
			turn(g, s);
		else
			call(g, s);
		if (s->n_made < s->n_calls)
			continue;
		flush(g); /* its texts are used until then */
		arena_release(&s->arena);
		begin_session(g, s);
	}
	flush(g);
	printf("%llu calls, %llu spans\n", (unsigned long long)g->n_calls,
		(unsigned long long)g->n_spans);
	for (size_t i = 0; i < n_open; i++)
		arena_release(&g->sessions[i].arena);
	arena_release(&g->arena);
	arena_release(&memory);
	store_close(&g->store);
	free(g);
	return 0;
}
