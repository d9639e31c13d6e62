/*
 * SQLite over the way that flatspan goes: a FastCGI program that asks the database which sqlite.py
 * has made the questions of compare.sh, and prints the stored lines as one JSON answer.
 *
 *	sqlite_fcgi SOCKET DATABASE
 *
 * Answers, below /sqlite, /get/ID, /filtered, /newest, /deep, /traces, /groups and /groups_day.  As
 * in sqlite.py the total is counted where it can be found with an index and some rows (filtered,
 * traces, groups); of all spans it is not.
 */
#include <fcgiapp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILTERED \
	"from spans where status='error' and kind='LLM'" \
	" and started between 1767830400000000 and 1768003200000000"
/* A day of gen_spans, in microseconds. */
#define DAY " where started between 1767830400000000 and 1767916800000000"

struct question {
	const char *path, *rows, *total;
};

/* rows: one column is JSON as it stands, more are printed as an array. */
static const struct question questions[] = {
	{ "/get/", "select line from spans where span_id=?", NULL },
	{ "/filtered", "select line " FILTERED " order by started desc limit 100",
		"select count(*) " FILTERED },
	{ "/newest", "select line from spans order by started desc limit 100", NULL },
	{ "/deep",
		"select line from spans order by started desc limit 100 offset"
		" (select min(99900, max(id) - 100) from spans)",
		NULL },
	{ "/traces",
		"select r.line, r.started, max(s.ended), count(*), sum(s.status='error'),"
		" sum(s.input_tokens), sum(s.output_tokens), sum(s.total_tokens), sum(s.cost)"
		" from (select trace_id, line, started from spans where parent is null"
		" order by started desc limit 50) r join spans s on s.trace_id=r.trace_id"
		" group by r.trace_id order by r.started desc",
		"select count(*) from spans where parent is null" },
	{ "/groups_day",
		"select json_quote(session_id), json_quote(trace_id), count(*) n from spans" DAY
		" group by session_id, trace_id order by n desc limit 10",
		"select count(*) from (select 1 from spans" DAY " group by session_id, trace_id)" },
	{ "/groups",
		"select json_quote(trace_id), count(*) n from spans group by trace_id"
		" order by n desc limit 10",
		"select count(distinct trace_id) from spans" },
};
enum { QUESTIONS_N = sizeof questions / sizeof questions[0] };

struct peer {
	sqlite3 *db;
	sqlite3_stmt *rows[QUESTIONS_N], *total[QUESTIONS_N];
};

static void must(const struct peer *p, int code)
{
	if (code == SQLITE_OK)
		return;
	fprintf(stderr, "sqlite_fcgi: %s\n", sqlite3_errmsg(p->db));
	exit(2);
}

static void prepare(struct peer *p, const char *sql, sqlite3_stmt **ret)
{
	if (sql)
		must(p, sqlite3_prepare_v3(p->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL));
}

static void open_peer(struct peer *p, const char *file)
{
	static const char *const pragmas[] = { "pragma cache_size=-262144",
		"pragma mmap_size=8000000000" };
	must(p, sqlite3_open_v2(file, &p->db, SQLITE_OPEN_READWRITE, NULL));
	for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++)
		must(p, sqlite3_exec(p->db, pragmas[i], NULL, NULL, NULL));
	for (size_t i = 0; i < QUESTIONS_N; i++) {
		prepare(p, questions[i].rows, &p->rows[i]);
		prepare(p, questions[i].total, &p->total[i]);
	}
}

static void put(FCGX_Stream *out, const char *text)
{
	FCGX_PutS(text, out);
}

static void put_column(FCGX_Stream *out, sqlite3_stmt *s, int i)
{
	const unsigned char *text = sqlite3_column_text(s, i);
	if (text)
		FCGX_PutStr((const char *)text, sqlite3_column_bytes(s, i), out);
	else
		put(out, "null");
}

static void answer(FCGX_Stream *out, sqlite3_stmt *rows, sqlite3_stmt *total, const char *id)
{
	int n = 0;
	if (sqlite3_bind_parameter_count(rows))
		sqlite3_bind_text(rows, 1, id, -1, SQLITE_STATIC);
	if (id && sqlite3_step(rows) != SQLITE_ROW) {
		put(out, "Status: 404 Not Found\r\nContent-Type: application/json\r\n"
			 "Content-Length: 2\r\n\r\n{}");
		return;
	}
	put(out, "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n");
	if (id) {
		put_column(out, rows, 0);
		return;
	}
	put(out, "{\"data\":[");
	while (sqlite3_step(rows) == SQLITE_ROW) {
		int columns = sqlite3_column_count(rows);
		put(out, n++ ? "," : "");
		put(out, columns > 1 ? "[" : "");
		for (int i = 0; i < columns; i++) {
			put(out, i ? "," : "");
			put_column(out, rows, i);
		}
		put(out, columns > 1 ? "]" : "");
	}
	put(out, "]");
	if (total && sqlite3_step(total) == SQLITE_ROW) {
		put(out, ",\"total\":");
		put_column(out, total, 0);
	}
	put(out, "}");
}

static void serve(struct peer *p, FCGX_Request *r)
{
	static const char prefix[] = "/sqlite";
	const char *path = FCGX_GetParam("REQUEST_URI", r->envp);
	if (path && strncmp(path, prefix, sizeof prefix - 1) == 0)
		path += sizeof prefix - 1;
	for (size_t i = 0; path && i < QUESTIONS_N; i++) {
		size_t len = strlen(questions[i].path);
		bool has_id = questions[i].path[len - 1] == '/';
		if (strncmp(path, questions[i].path, len) != 0 || (!has_id && path[len]))
			continue;
		answer(r->out, p->rows[i], p->total[i], has_id ? path + len : NULL);
		sqlite3_reset(p->rows[i]);
		if (p->total[i])
			sqlite3_reset(p->total[i]);
		return;
	}
	put(r->out, "Status: 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

int main(int argc, char **argv)
{
	struct peer p = { .db = NULL };
	FCGX_Request r;
	if (argc != 3) {
		fprintf(stderr, "usage: sqlite_fcgi SOCKET DATABASE\n");
		return 2;
	}
	open_peer(&p, argv[2]);
	FCGX_Init();
	int fd = FCGX_OpenSocket(argv[1], 64);
	if (fd < 0 || FCGX_InitRequest(&r, fd, 0) != 0)
		return 2;
	while (FCGX_Accept_r(&r) == 0) {
		serve(&p, &r);
		FCGX_Finish_r(&r);
	}
	return 0;
}
