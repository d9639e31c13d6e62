#!/usr/bin/env python3
"""Traces of three dialects in one project: a stream has the order of the list, and each trace once."""

import json
import sys

from opik_scene import PRIVATE, Counter, Server, uuid7

MS = 1767225600000  # 2026-01-01
EACH = 350
PROJECT = "mixed"


def at(i):
    """Times in no order, some of them twice."""
    return MS + (i * 7919) % 1000 * 60000


def iso(ms):
    s, ms = divmod(ms, 1000)
    s -= MS // 1000
    return f"2026-01-01T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}.{ms:03}Z"


def write(server):
    traces = [{"id": uuid7(at(i), i), "project_name": PROJECT, "name": f"sdk {i}", "start_time": iso(at(i))}
              for i in range(EACH)]
    server.call("POST", "/traces/batch", {"traces": traces}, want=204)
    spans = [{"traceId": f"{((i + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2 ** 128:032x}", "spanId": f"{i + 1:016x}",
              "name": f"otlp {i}", "startTimeUnixNano": str(at(i) * 10 ** 6)} for i in range(EACH)]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
    a = server.raw("POST", PRIVATE + "/otel/v1/traces",
                   [("Content-Type", "application/json"), ("projectName", PROJECT)], body)
    assert a.status == 200, a.body
    spans = [{"span_id": f"s{i}", "trace_id": f"nemo-{i}", "name": f"nemo {i}", "started_at": iso(at(i)),
              "attributes": {"project": PROJECT}} for i in range(EACH)]
    a = server.raw("POST", "/apis/intake/v2/workspaces/default/ingest/spans", [("Content-Type", "application/json")],
                   json.dumps({"source": "mine", "spans": spans}).encode())
    assert a.status == 201, a.body


def pages(server, of, size):
    rows, page = [], 1
    while True:
        got = server.call("GET", of, params={"project_name": PROJECT, "size": str(size), "page": str(page)}, want=200)
        rows += got["content"]
        if len(got["content"]) < size:
            return rows
        page += 1


def stream(server, of, limit):
    rows, n_pages, body = [], 0, {"project_name": PROJECT, "limit": limit}
    while True:
        got = server.call("POST", of + "/search", body, want=200)
        rows += got
        n_pages += bool(got)
        if len(got) < limit:
            return rows, n_pages
        body["last_retrieved_id"] = got[-1]["id"]


def main():
    c = Counter()
    with Server() as server:
        write(server)
        listed = [r["id"] for r in pages(server, "/traces", 100)]
        times = [r["start_time"] for r in pages(server, "/traces", 100)]
        c.check("each trace is listed once", len(listed) == len(set(listed)) == 3 * EACH, len(set(listed)))
        c.check("the newest first", times == sorted(times, reverse=True))
        for limit in (500, 333):
            try:
                rows, n_pages = stream(server, "/traces", limit)
            except AssertionError as e:
                c.check(f"a stream by {limit}", False, e)
                continue
            streamed = [r["id"] for r in rows]
            c.check(f"a stream by {limit} has the list's order", streamed == listed, len(streamed))
            c.check(f"a stream by {limit} has its pages", n_pages == -(-3 * EACH // limit), n_pages)
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
