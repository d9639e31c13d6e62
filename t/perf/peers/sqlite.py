#!/usr/bin/env python3
"""SQLite on the same lines: five indices, and with "fts" a trigram index of the texts.

    sqlite.py LINES DATABASE [fts]

Prints "name<TAB>figure" lines: milliseconds (median), spans a second, bytes a span.
"""
import datetime
import json
import os
import sqlite3
import sys
import time

DAY_US = 86400 * 10**6
FIRST_US = 20458 * DAY_US  # 2026-01-05, where gen_spans begins

COLUMNS = ("span_id text, session_id text, trace_id text, parent text, kind text, status text, project text,"
           " model text, name text, tool text, started integer, ended integer, input_tokens integer,"
           " output_tokens integer, total_tokens integer, cost real, line text")
INDICES = ("create unique index by_id on spans(span_id)",
           "create index by_start on spans(started)",
           "create index by_trace on spans(trace_id, started, status, input_tokens, output_tokens, total_tokens,"
           " cost, parent)",
           "create index by_session on spans(session_id, trace_id, started)",
           "create index by_status on spans(status, kind, started)")


def microseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1e6)


def row(number, line):
    d = json.loads(line)
    return (number, d["span_id"], d.get("session_id"), d["trace_id"], d.get("parent_span_id"), d["kind"], d["status"],
            d.get("project"), d.get("model"), d.get("name"), d.get("tool_name"), microseconds(d["started_at"]),
            microseconds(d["ended_at"]), d.get("input_tokens"), d.get("output_tokens"), d.get("total_tokens"),
            float(d["cost_total_usd"]) if "cost_total_usd" in d else None, line), d


def load(db, path, with_text):
    n, rows, texts, ids = 0, [], [], []

    def flush():
        db.execute("begin")
        db.executemany("insert into spans values(%s)" % ",".join("?" * 18), rows)
        if with_text:
            db.executemany("insert into texts(rowid, input, output) values(?, ?, ?)", texts)
        db.execute("commit")
        rows.clear()
        texts.clear()

    with open(path, encoding="utf8") as lines:
        for line in lines:
            n += 1
            values, d = row(n, line)
            rows.append(values)
            if n % 997 == 1:
                ids.append(d["span_id"])
            if with_text:
                texts.append((n, json.dumps(d.get("input")), json.dumps(d.get("output"))))
            if len(rows) == 1000:
                flush()
    flush()
    return n, ids


def main():
    path, file = sys.argv[1:3]
    with_text = len(sys.argv) > 3 and sys.argv[3] == "fts"
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(file + suffix):
            os.remove(file + suffix)
    db = sqlite3.connect(file, isolation_level=None)
    for pragma in ("page_size=8192", "journal_mode=wal", "synchronous=full", "cache_size=-262144",
                   "mmap_size=8000000000"):
        db.execute("pragma " + pragma)
    db.execute("create table spans(id integer primary key, %s)" % COLUMNS)
    for index in INDICES:
        db.execute(index)
    if with_text:
        db.execute("create virtual table texts using fts5(input, output, content='', tokenize='trigram', detail=none)")
    began = time.time()
    n, ids = load(db, path, with_text)
    print("load\t%.0f" % (n / (time.time() - began)))
    db.execute("pragma wal_checkpoint(truncate)")
    print("bytes\t%.0f" % (os.path.getsize(file) / n))

    def ask(sql, *values):
        return db.execute(sql, values).fetchall()

    def measure(name, times, question):
        took = []
        for i in range(times):
            t = time.perf_counter()
            question(i)
            took.append(time.perf_counter() - t)
        print("%s\t%.3f" % (name, sorted(took)[times // 2] * 1e3), flush=True)

    two_days = (FIRST_US + 3 * DAY_US, FIRST_US + 5 * DAY_US)
    one_day = (FIRST_US + 3 * DAY_US, FIRST_US + 4 * DAY_US)
    filtered = "from spans where status='error' and kind='LLM' and started between ? and ?"
    measure("get", 300, lambda i: ask("select line from spans where span_id=?", ids[i * 7 % len(ids)]))
    measure("miss", 300, lambda i: ask("select line from spans where span_id=?", "no-%d" % i))
    measure("filtered", 30, lambda i: (ask("select line %s order by started desc limit 100" % filtered, *two_days),
                                       ask("select count(*) %s" % filtered, *two_days)))
    measure("newest", 30, lambda i: ask("select line from spans order by started desc limit 100"))
    measure("deep", 5, lambda i: ask("select line from spans order by started desc limit 100 offset ?",
                                     min(99900, n - 100)))
    measure("traces", 9, lambda i: (ask(
        "select r.trace_id, r.line, r.started, max(s.ended), count(*), sum(s.status='error'), sum(s.input_tokens),"
        " sum(s.output_tokens), sum(s.total_tokens), sum(s.cost) from (select trace_id, line, started from spans"
        " where parent is null order by started desc limit 50) r join spans s on s.trace_id=r.trace_id"
        " group by r.trace_id order by r.started desc"),
        ask("select count(*) from spans where parent is null")))
    measure("groups", 3, lambda i: (ask("select trace_id, count(*) n from spans group by trace_id order by n desc"
                                        " limit 10"), ask("select count(distinct trace_id) from spans")))
    measure("groups_day", 3, lambda i: ask("select session_id, trace_id, count(*) n from spans"
                                           " where started between ? and ? group by session_id, trace_id"
                                           " order by n desc", *one_day))
    for name, word in (("rare", "xylophonist"), ("frequent", "database"), ("absent", "zyxwvutsrq")):
        if with_text:
            grams = " AND ".join('"%s"' % word[i:i + 3] for i in range(len(word) - 2))
            measure(name, 3, lambda i: ask("select s.line from texts join spans s on s.id=texts.rowid where texts"
                                           " match ? and instr(s.line, ?) order by texts.rowid desc limit 100",
                                           grams, word))
        else:
            measure(name, 3, lambda i: ask("select line from spans where instr(line, ?) order by started desc"
                                           " limit 100", word))


main()
