/*
 * A corpus to measure with, the same for a seed: agent traces as they look in production, straight
 * into a data directory.
 *
 *	gen_spans ROOT WORKSPACE SPANS [SEED [DAYS [BODY]]]
 *	gen_spans - WORKSPACE SPANS [SEED]		the lines, to the standard output
 *
 * Sessions of 1 to 10 traces of 8 to 40 spans, 16 traces going on at once, 24 spans a trace and 5
 * KB a span on average (BODY: half of the bodies are shorter, 1500), a tenth of them errors.  The
 * spans began in DAYS days (7), counted from
 * 2026-01-05; without DAYS all of them arrive today, with DAYS each on the day on which it began.
 *
 * The output of some spans has a marker: "xylophonist" 0.01 % of them, "quarterly" 1 %, "database"
 * 30 %, "NEEDLE-7f3a9c" one.
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
	OPEN_TRACES = 16,
	BATCH = 500,
	WORDS = 20000,
	WORD_TABLE = 1 << 16,
	POOL_BYTES = 8 << 20,
	ID_BYTES = 40,
	BODY_MEDIAN = 1500,
	BODY_P99 = 40000,
	BODY_MAX = 1000000,
	DEFAULT_DAYS = 7
};

/* 2026-01-05T00:00:00Z */
#define FIRST_DAY 20458

static const char *const models[] = { "gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3", "o4-mini",
	"claude-sonnet-4", "claude-opus-4", "claude-haiku-3.5", "llama-3.3-70b-instruct",
	"nemotron-nano-9b-v2", "qwen3-32b", "qwen3-coder-480b", "deepseek-r1", "mistral-large",
	"gemini-2.5-pro", "gemini-2.5-flash", "gpt-oss-120b", "phi-4", "command-r", "granite-3" };
static const char *const agents[] = { "support-bot", "research-agent", "sql-analyst", "triage",
	"release-manager", "rag-qa", "planner", "reviewer", "browser-agent", "codex" };
static const char *const tools[] = { "bash", "read_file", "write_file", "grep", "web_search",
	"sql_query", "http_get", "calculator", "calendar", "send_email", "vector_search",
	"python" };
static const char *const projects[] = { "support", "internal-tools", "sql-copilot", "research",
	"eval-suite" };
static const char *const errors[] = { "TimeoutError", "RateLimitError", "ValidationError",
	"ToolExecutionError", "ConnectionError", "PermissionDenied" };
static const char *const sources[] = { "otel", "atif", "chat_completions" };
static const char *const syllables[] = { "ba", "be", "co", "da", "den", "er", "fa", "gra", "he",
	"in", "ka", "lo", "ma", "men", "no", "or", "per", "qua", "ra", "si", "sta", "te", "tion",
	"ur", "va", "wi", "xe", "yo", "za", "ing" };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(g, array) ((array)[below((g), COUNT(array))])

struct trace {
	int64_t started_ns, at_ns;
	char trace_id[ID_BYTES], session_id[ID_BYTES], root_id[ID_BYTES], parent_id[ID_BYTES];
	unsigned n_spans, n_made, agent, project, model, source;
};

struct generator {
	uint64_t random;
	struct store *store; /* NULL: the lines go to the standard output */
	struct arena arena;
	struct str workspace;
	char *pool; /* prose, as a canonical body */
	size_t pool_len;
	struct trace *traces;
	size_t n_traces, next_trace;
	struct trace *open[OPEN_TRACES];
	size_t n_open;
	uint64_t n_wanted, n_made;
	int days;
	double body_median;
	bool by_day;
	struct span batch[BATCH];
	size_t n_batch;
	int32_t batch_day;
};

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

static double uniform(struct generator *g)
{
	return (double)(next(g) >> 11) * 0x1p-53;
}

static double normal(struct generator *g)
{
	return sqrt(-2 * log(uniform(g) + 1e-18)) * cos(6.283185307179586 * uniform(g));
}

static void die(const char *what, enum err e)
{
	fprintf(stderr, "gen_spans: %s: %s\n", what, err_name(e));
	exit(2);
}

/* ---- Prose ---- */

static size_t put_word(struct generator *g, char *to)
{
	size_t len = 0;
	for (size_t i = 0, n = 1 + below(g, 4); i < n; i++) {
		const char *s = PICK(g, syllables);
		memcpy(to + len, s, strlen(s));
		len += strlen(s);
	}
	return len;
}

/* Words as often as in languages: the n-th about 1 / n as often as the first. */
static void make_pool(struct generator *g)
{
	enum { WORD_MAX = 24 };
	char(*words)[WORD_MAX] = calloc(WORDS, sizeof *words);
	uint16_t *table = calloc(WORD_TABLE, sizeof *table);
	double total = 0, sum = 0;
	size_t word = 0;
	g->pool = malloc(POOL_BYTES + 2 * WORD_MAX);
	if (!words || !table || !g->pool)
		die("memory", ERR_IO);
	for (size_t i = 0; i < WORDS; i++) {
		(void)put_word(g, words[i]);
		total += 1 / pow((double)i + 2.7, 1.05);
	}
	for (size_t i = 0; i < WORD_TABLE; i++) {
		while (word < WORDS - 1 && sum < total * ((double)i + 0.5) / WORD_TABLE)
			sum += 1 / pow((double)word++ + 2.7, 1.05);
		table[i] = (uint16_t)word;
	}
	while (g->pool_len < POOL_BYTES) {
		const char *w = words[table[below(g, WORD_TABLE)]];
		memcpy(g->pool + g->pool_len, w, strlen(w));
		g->pool_len += strlen(w);
		size_t kind = below(g, 100);
		const char *between = kind < 88 ? " " : kind < 94 ? ", " : kind < 98 ? ". " : "\\n";
		memcpy(g->pool + g->pool_len, between, strlen(between));
		g->pool_len += strlen(between);
	}
	free(words);
	free(table);
}

/* A part of the pool that begins and ends between words. */
static struct str prose(struct generator *g, size_t len)
{
	size_t at = below(g, g->pool_len - len - 64);
	while (g->pool[at] != ' ')
		at++;
	while (g->pool[at + len] != ' ')
		len++;
	return str_of(g->pool + at, len);
}

/* ---- Traces ---- */

static void hex(struct generator *g, char *to, size_t digits)
{
	static const char digit[] = "0123456789abcdef";
	for (size_t i = 0; i < digits; i++)
		to[i] = digit[below(g, 16)];
	to[digits] = 0;
}

static int by_start(const void *x, const void *y)
{
	const struct trace *a = x, *b = y;
	return (a->started_ns > b->started_ns) - (a->started_ns < b->started_ns);
}

static void plan_session(struct generator *g, size_t cap, uint64_t *n_spans)
{
	struct trace t = { .agent = (unsigned)below(g, COUNT(agents)),
		.project = (unsigned)below(g, COUNT(projects)),
		.model = (unsigned)(COUNT(models) * pow(uniform(g), 1.7)),
		.source = (unsigned)below(g, COUNT(sources)) };
	char id[17];
	hex(g, id, 16);
	(void)snprintf(t.session_id, sizeof t.session_id, "session-%s", id);
	t.started_ns = FIRST_DAY * NS_PER_DAY +
		       (int64_t)(uniform(g) * 0.985 * (double)g->days * (double)NS_PER_DAY);
	for (size_t i = 1 + below(g, 10); i && *n_spans < g->n_wanted && g->n_traces < cap; i--) {
		hex(g, t.trace_id, 32);
		t.n_spans = 8 + (unsigned)below(g, 33);
		*n_spans += t.n_spans;
		g->traces[g->n_traces++] = t;
		t.started_ns += (int64_t)(20 + below(g, 180)) * NS_PER_S;
	}
}

static void plan(struct generator *g)
{
	size_t cap = g->n_wanted / 8 + 16;
	uint64_t n_spans = 0;
	g->traces = calloc(cap, sizeof *g->traces);
	if (!g->traces)
		die("memory", ERR_IO);
	while (n_spans < g->n_wanted && g->n_traces < cap)
		plan_session(g, cap, &n_spans);
	qsort(g->traces, g->n_traces, sizeof *g->traces, by_start);
}

/* ---- Spans ---- */

static void set(struct span *s, enum field f, const char *text)
{
	span_set_text(s, f, str_from_c(text));
}

/* before and behind, put together */
static void set_two(
	struct generator *g, struct span *s, enum field f, const char *before, const char *behind)
{
	span_set_text(s, f, arena_printf(&g->arena, "%s%s", before, behind));
}

static const char *marker(struct generator *g)
{
	size_t m = below(g, 10000);
	if (g->n_made == g->n_wanted / 2)
		return " NEEDLE-7f3a9c";
	return m == 0 ? " xylophonist" : m < 100 ? " quarterly" : m % 10 < 3 ? " database" : "";
}

/* A JSON string of so much prose, in an envelope. */
static struct str body(struct generator *g, const char *before, size_t len, const char *behind)
{
	struct str text = prose(g, len);
	size_t n = strlen(before) + text.len + strlen(behind);
	char *p = arena_text(&g->arena, n);
	memcpy(p, before, strlen(before));
	memcpy(p + strlen(before), text.ptr, text.len);
	memcpy(p + strlen(before) + text.len, behind, strlen(behind));
	return str_of(p, n);
}

static void set_bodies(struct generator *g, struct span *s, bool is_llm)
{
	double sigma = log((double)BODY_P99 / BODY_MEDIAN) / 2.3263;
	double size = exp(log(g->body_median) + sigma * normal(g)) * 1.25;
	size = size < 60 ? 60 : size > BODY_MAX ? BODY_MAX : size;
	size_t in = (size_t)(size * (is_llm ? 0.72 : 0.3)), out = (size_t)size - in;
	char end[48];
	(void)snprintf(end, sizeof end, "%s\"", marker(g));
	span_set_text(s, FIELD_INPUT,
		is_llm ? body(g, "[{\"role\":\"user\",\"content\":\"", in, "\"}]")
		       : body(g, "{\"arguments\":\"", in, "\"}"));
	span_set_text(s, FIELD_OUTPUT, body(g, "\"", out, end));
	if (!is_llm)
		return;
	int64_t tokens_in = (int64_t)in / 4, tokens_out = (int64_t)out / 4;
	struct arena *a = &g->arena;
	span_set_i64(s, FIELD_INPUT_TOKENS, tokens_in);
	span_set_i64(s, FIELD_OUTPUT_TOKENS, tokens_out);
	span_set_i64(s, FIELD_CACHED_TOKENS, below(g, 2) ? tokens_in / 2 : 0);
	span_set_i64(s, FIELD_TOTAL_TOKENS, tokens_in + tokens_out);
	span_set_text(s, FIELD_COST_TOTAL_USD,
		arena_printf(a, "%.6f", (double)tokens_in * 3e-6 + (double)tokens_out * 15e-6));
	span_set_text(s, FIELD_COST_INPUT_USD, arena_printf(a, "%.6f", (double)tokens_in * 3e-6));
	span_set_text(
		s, FIELD_COST_OUTPUT_USD, arena_printf(a, "%.6f", (double)tokens_out * 15e-6));
}

static void set_kind(struct generator *g, struct trace *t, struct span *s)
{
	static const enum kind usual[] = { KIND_LLM, KIND_LLM, KIND_LLM, KIND_LLM, KIND_TOOL,
		KIND_TOOL, KIND_TOOL, KIND_CHAIN, KIND_RETRIEVER, KIND_LLM };
	enum kind kind = t->n_made ? PICK(g, usual) : KIND_AGENT;
	const char *tool = PICK(g, tools);
	span_set_i64(s, FIELD_KIND, kind);
	if (kind == KIND_LLM) {
		set_two(g, s, FIELD_NAME, "chat ", models[t->model]);
		set(s, FIELD_MODEL, models[t->model]);
		set(s, FIELD_PROVIDER,
			t->model < 5   ? "openai"
			: t->model < 8 ? "anthropic"
				       : "nim");
		set_two(g, s, FIELD_PROMPT_NAME, agents[t->agent], " prompt");
	} else if (kind == KIND_TOOL) {
		set(s, FIELD_NAME, tool);
		set(s, FIELD_TOOL_NAME, tool);
	} else {
		set_two(g, s, FIELD_NAME, agents[t->agent], kind == KIND_AGENT ? ".run" : ".step");
	}
	set_bodies(g, s, kind == KIND_LLM);
}

static int64_t duration(struct generator *g, const struct trace *t)
{
	if (t->n_made == 0)
		return (int64_t)t->n_spans * 900 * NS_PER_MS;
	return (int64_t)(300e6 * exp(normal(g))) / 1000 * 1000;
}

static struct span make_span(struct generator *g, struct trace *t)
{
	struct span s;
	char id[17];
	bool is_error = below(g, 10) == 0;
	int64_t length_ns = duration(g, t);
	span_init(&s);
	hex(g, id, 16);
	span_set_text(&s, FIELD_SPAN_ID, arena_copy(&g->arena, str_from_c(id)));
	set(&s, FIELD_TRACE_ID, t->trace_id);
	set(&s, FIELD_SESSION_ID, t->session_id);
	set(&s, FIELD_SOURCE, sources[t->source]);
	set(&s, FIELD_PROJECT, projects[t->project]);
	set(&s, FIELD_ENVIRONMENT, t->agent % 4 ? "production" : "staging");
	set(&s, FIELD_AGENT_NAME, agents[t->agent]);
	if (t->n_made)
		span_set_text(&s, FIELD_PARENT_SPAN_ID,
			arena_copy(&g->arena, str_from_c(below(g, 3) ? t->root_id : t->parent_id)));
	set_kind(g, t, &s);
	span_set_i64(&s, FIELD_STATUS, is_error ? STATUS_ERROR : STATUS_SUCCESS);
	if (is_error) {
		set(&s, FIELD_ERROR_TYPE, PICK(g, errors));
		span_set_text(&s, FIELD_ERROR_MESSAGE, prose(g, 40));
	}
	span_set_i64(&s, FIELD_STARTED_AT, t->at_ns);
	span_set_i64(&s, FIELD_ENDED_AT, t->at_ns + length_ns);
	span_set_text(&s, FIELD_ATTRIBUTES,
		arena_printf(&g->arena, "{\"host.name\":\"node-%02zu\",\"process.pid\":%zu}",
			below(g, 24), below(g, 32768)));
	memcpy(t->parent_id, id, sizeof id);
	if (t->n_made == 0)
		memcpy(t->root_id, id, sizeof id);
	t->at_ns += t->n_made ? length_ns + (int64_t)below(g, 20000) * 1000 : 2 * NS_PER_MS;
	t->n_made++;
	return s;
}

/* ---- Writing ---- */

static void print_batch(struct generator *g)
{
	struct buf out;
	buf_init(&out, &g->arena);
	for (size_t i = 0; i < g->n_batch; i++)
		line_write(&out, &g->batch[i]);
	if (fwrite(out.ptr, 1, out.len, stdout) != out.len)
		die("standard output", ERR_IO);
}

static void flush_batch(struct generator *g)
{
	int64_t now_ns = utime_now();
	if (g->n_batch == 0)
		return;
	if (g->by_day)
		now_ns = g->batch_day * NS_PER_DAY + NS_PER_DAY / 2;
	for (size_t i = 0; i < g->n_batch; i++)
		span_set_i64(&g->batch[i], FIELD_INGESTED_AT, now_ns);
	if (g->store) {
		enum err e = store_append(
			g->store, g->workspace, true, &g->arena, g->batch, g->n_batch, now_ns);
		if (e)
			die("append", e);
		(void)index_maintain(g->store, INDEX_ALL_AT_ONCE);
	} else {
		print_batch(g);
	}
	g->n_batch = 0;
	arena_release(&g->arena);
	arena_init(&g->arena, (size_t)1 << 30);
}

static void put_span(struct generator *g, struct trace *t)
{
	int32_t day = (int32_t)(t->at_ns / NS_PER_DAY);
	if (g->n_batch == BATCH || (g->by_day && day != g->batch_day))
		flush_batch(g);
	g->batch_day = g->batch_day > day ? g->batch_day : day;
	g->batch[g->n_batch++] = make_span(g, t);
	g->n_made++;
}

static void run(struct generator *g)
{
	make_pool(g);
	plan(g);
	while (g->n_made < g->n_wanted) {
		while (g->n_open < OPEN_TRACES && g->next_trace < g->n_traces) {
			struct trace *t = &g->traces[g->next_trace++];
			t->at_ns = t->started_ns;
			g->open[g->n_open++] = t;
		}
		size_t i = below(g, g->n_open);
		put_span(g, g->open[i]);
		if (g->open[i]->n_made == g->open[i]->n_spans)
			g->open[i] = g->open[--g->n_open];
	}
	flush_batch(g);
	free(g->pool);
	free(g->traces);
}

static uint64_t number(const char *text)
{
	uint64_t v;
	if (!str_to_u64(str_from_c(text), &v) || v == 0) {
		fprintf(stderr, "gen_spans: not a number: %s\n", text);
		exit(2);
	}
	return v;
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct store store;
	struct generator *g = calloc(1, sizeof *g);
	if (argc < 4 || argc > 7 || !g) {
		fprintf(stderr, "usage: gen_spans ROOT WORKSPACE SPANS [SEED [DAYS [BODY]]]\n");
		return 2;
	}
	bool to_store = !str_eq(str_from_c(argv[1]), STR("-"));
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	conf.sync = CONF_SYNC_NONE;
	enum err e = to_store ? store_open(&store, &conf) : ERR_OK;
	if (e)
		die(argv[1], e);
	g->store = to_store ? &store : NULL;
	g->workspace = str_from_c(argv[2]);
	g->n_wanted = number(argv[3]);
	g->random = argc > 4 ? number(argv[4]) : 1;
	g->by_day = argc > 5;
	g->days = g->by_day ? (int)number(argv[5]) : DEFAULT_DAYS;
	g->body_median = argc > 6 ? (double)number(argv[6]) : BODY_MEDIAN;
	arena_init(&g->arena, (size_t)1 << 30);
	int64_t began_ns = utime_monotonic();
	run(g);
	double seconds = (double)(utime_monotonic() - began_ns) / 1e9;
	fprintf(to_store ? stdout : stderr, "%llu spans, %zu traces, %.1f s, %.0f spans/s\n",
		(unsigned long long)g->n_made, g->n_traces, seconds, (double)g->n_made / seconds);
	arena_release(&g->arena);
	if (to_store)
		store_close(&store);
	free(g);
	return 0;
}
