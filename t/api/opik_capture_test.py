#!/usr/bin/env python3
"""Every request that npm's opik 2.0.40, its exporters and OTLP exporters made (t/captures/opik-sdk.jsonl),
sent again in their order: the status of each, and what there is to read afterwards."""

import base64
import json
import sys

from opik_scene import Counter, Server

T = "01a1fb2b-93bd-7687-885e-712696709d80"  # the capture's trace, its span and the span's child
S = "01a1fb2b-93be-7149-bec9-ccf9d85afb57"
C = "01a1fb2b-93be-7149-bec9-d1abdcbafab1"
OPIK = "/api/v1/private"

# Statuses that are not 204.
STATUS = {n: 200 for n in (18, 19, 20, 21, 22, 23, 24, 25, 37, 38, 39, 41, 44, 47, 67, 68)}
STATUS |= {28: 201}
# The capture's stub kept nothing; here these were deleted by the requests before.
STATUS |= {n: 404 for n in (16, 17, 26, 27, 31, 33, 34, 35, 42)}


def records():
    here = __file__.rsplit("/", 2)[0]
    with open(here + "/captures/opik-sdk.jsonl", encoding="utf-8") as f:
        for line in f:
            r = json.loads(line)
            if "seq" in r and "/openai/" not in r["path"]:
                yield r


def send(server, record):
    names = record["rawHeaders"][::2]
    values = record["rawHeaders"][1::2]
    sent = ("content-type", "content-encoding", "comet-workspace", "projectname", "accept")
    headers = [(n, v) for n, v in zip(names, values) if n.lower() in sent]
    body = base64.b64decode(record["body_base64"]) if "body_base64" in record else record["body"].encode()
    return server.raw(record["method"], record["path"], headers, body)


def has(value, want):
    """Is all of want in value?"""
    if isinstance(want, dict):
        return isinstance(value, dict) and all(k in value and has(value[k], v) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(value, list) and len(value) == len(want) and all(map(has, value, want))
    return value == want


def by_name(scores):
    return {s["name"]: s["value"] for s in scores or []}


def after(server, seq, check):
    """What the request with this number must have done."""

    def is_(name, value, want):
        check(f"after {seq}: {name}", has(value, want), f"{json.dumps(value)[:1500]} has not {json.dumps(want)}")

    def span(i, want=200):
        return server.call("GET", "/spans/" + i, want=want)

    if seq == 1:
        is_("the trace", server.call("GET", "/traces/" + T, want=200), {
            "name": "agent-run", "input": {"prompt": "hi"}, "output": {"text": "hello"}, "metadata": {"a": 1},
            "tags": ["t1"], "thread_id": "thread-1", "project_name": "cap-project", "source": "sdk",
            "start_time": "2026-11-20T22:54:59.517Z", "end_time": "2026-11-20T22:54:59.518Z", "duration": 1.0,
            "span_count": 0, "environment": ""})
    elif seq == 2:
        is_("the span", span(S), {
            "trace_id": T, "name": "llm-call", "type": "llm", "model": "gpt-4o-mini", "provider": "openai",
            "input": {"messages": [{"role": "user", "content": "hi"}]}, "output": {"content": "hello"},
            "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
            "metadata": {"provider": "openai", "finish": "stop"}, "project_name": "cap-project", "duration": 0.0})
        check("after 2: a root has no parent", "parent_span_id" not in span(S))
        is_("its child", span(C), {"parent_span_id": S, "type": "tool", "tags": ["x"], "input": {"q": 1}})
        is_("the trace", server.call("GET", "/traces/" + T, want=200), {
            "span_count": 2, "llm_span_count": 1, "has_tool_spans": True, "providers": ["openai"],
            "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}})
    elif seq == 3:
        is_("the span", span(S), {"output": {"content": "v2"}, "tags": ["late"], "name": "llm-call",
                                  "usage": {"prompt_tokens": 6, "completion_tokens": 3, "total_tokens": 9}})
    elif seq == 4:
        is_("the child", span(C), {
            "error_info": {"exception_type": "ValueError", "message": "boom", "traceback": "tb"}, "output": {"r": 1}})
    elif seq == 5:
        is_("the trace", server.call("GET", "/traces/" + T, want=200), {
            "output": {"text": "v2"}, "end_time": "2026-11-20T22:54:59.561Z", "duration": 44.0,
            "error_info": {"exception_type": "E", "message": "m", "traceback": "tb"}})
    elif seq == 9:
        trace = server.call("GET", "/traces/" + T, want=200)
        is_("scores of the trace", by_name(trace.get("feedback_scores")), {"quality": 0.9, "q2": 0.5})
        is_("scores of its spans", by_name(trace.get("span_feedback_scores")), {"accuracy": 1, "s2": 0.5})
        is_("scores of the span", by_name(span(S).get("feedback_scores")), {"accuracy": 1, "s2": 0.25})
        is_("a reason", [s.get("reason") for s in span(S)["feedback_scores"]], [None, "r"])
        search(server, is_)
    elif seq == 10:
        trace = server.call("GET", "/traces/" + T, want=200)
        is_("one score is gone", list(by_name(trace["feedback_scores"])), ["q2"])
    elif seq == 11:
        is_("one score is gone", list(by_name(span(S)["feedback_scores"])), ["s2"])
    elif seq == 12:
        server.call("GET", "/traces/" + T, want=404)
        span(S, 404)
        span(C, 404)
        is_("the list", server.call("GET", "/spans", params={"project_name": "cap-project"}, want=200),
            {"total": 0, "size": 0, "content": []})
    elif seq == 28:
        is_("the span", span("019c0000-0000-7000-8000-000000000001"),
            {"name": "single", "type": "general", "start_time": "2026-01-15T09:30:00.123Z"})
    elif seq == 29:
        is_("the span", span("019c0000-0000-7000-8000-000000000001"),
            {"end_time": "2026-01-15T09:30:01.456Z", "duration": 1333.0, "total_estimated_cost": 0.001})
    elif seq == 46:
        answer = server.raw("POST", OPIK + "/projects/retrieve", [("Comet-Workspace", "team-alpha")], b'{"name":"P2"}')
        is_("the project in a workspace of its own", json.loads(answer.body), {"name": "p2"})
        server.call("POST", "/projects/retrieve", {"name": "p2"}, want=404)
    elif seq == 50:
        is_("the environment", server.call("GET", "/spans", params={"project_name": "default project"}, want=200),
            {"total": 1, "content": [{"environment": "staging"}]})
    elif seq == 54:
        page = server.call("GET", "/spans", params={"project_name": "cap-project", "size": "300",
                                                    "trace_id": "01a1fb2b-a05f-70e5-a0fe-05cab6980ceb"}, want=200)
        is_("the bulk", page, {"total": 250, "size": 250})
        is_("its trace", server.call("GET", "/traces/01a1fb2b-a05f-70e5-a0fe-05cab6980ceb", want=200),
            {"span_count": 250, "name": "bulk"})
    elif seq == 58:
        is_("the error of the decorator", span("01a1fb2b-a077-766f-b9c9-572aaf0688d3"),
            {"type": "llm", "error_info": {"message": "kaboom", "exception_type": "Error"}})
    elif seq == 61:
        is_("the span of opik-openai", span("01a1fb2b-a0d2-7721-818c-bdfaa4bb0cc1"),
            {"provider": "openai", "model": "gpt-4o-mini-2024-07-18"})
    elif seq in (67, 68):
        page = server.call("GET", "/spans", params={"project_name": "otel-project", "size": "100"}, want=200)
        call = {"name": "chat gpt-4o", "type": "llm", "model": "gpt-4o", "provider": "openai", "source": "sdk",
                "metadata": {"integration": "demo"}}
        protobuf = call | {"usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
                           "metadata": {"integration": "demo", "thread_id": "th-9"}}
        is_("spans of OTLP", page["content"], [call | {"usage": {"prompt_tokens": 10}}] * (seq - 67) + [protobuf])
        traces = server.call("GET", "/traces", params={"project_name": "otel-project"}, want=200)
        is_("traces of OTLP", traces, {"total": seq - 66})


def search(server, is_):
    def found(what, body):
        return [x["id"] for x in server.call("POST", f"/{what}/search", body, want=200)]

    def of(seq):
        return json.loads(next(r for r in records() if r["seq"] == seq)["body"])

    is_("all spans, the newest id first", found("spans", of(20)), [C, S])
    is_("a query for traces", found("traces", of(19)), [T])
    is_("all traces", found("traces", of(18)), [T])
    is_("nothing is half a second long", found("spans", of(21)), [])
    body = of(21)
    body["filters"] = [f for f in body["filters"] if f["field"] not in ("duration", "feedback_scores")]
    is_("without that it is found", found("spans", body), [S])
    body = of(22)
    body["filters"][1]["value"] = T
    is_("an error, with a null for a value", found("spans", body), [C])
    is_("the thread", found("traces/threads", of(23)), ["thread-1"])
    is_("behind a cursor", found("spans", {"project_name": "cap-project", "last_retrieved_id": C}), [S])


def in_workspace(record):
    names = record["rawHeaders"][::2]
    return dict(zip((n.lower() for n in names), record["rawHeaders"][1::2])).get("comet-workspace", "default")


def all_is_there(server, record, check):
    """What a batch wrote is read back, member by member; of long batches the ends."""
    of = "traces" if "/traces" in record["path"] else "spans"
    items = json.loads(record["body"])[of]
    for item in items[:3] + items[3:][-3:]:
        answer = server.raw("GET", f"{OPIK}/{of}/{item['id']}", [("Comet-Workspace", in_workspace(record))])
        row = json.loads(answer.body)
        want = {k: v for k, v in item.items() if v not in ([], {}, None)}
        check(f"after {record['seq']}: {of} {item['id']}", answer.status == 200 and has(row, want), f"{row} not {want}")


SINGLE = "019c0000-0000-7000-8000-000000000001"


def reads_with_data(server, c):
    """The reads and small writes that the capture made of what it had deleted before (16 to 44): now it is there."""
    seqs = {r["seq"]: r for r in records()}
    comment = None

    def json_of(seq, want=200):
        record = dict(seqs[seq])
        if comment:
            record = json.loads(json.dumps(record).replace("019c0000-0000-7000-8000-0000000000c1", comment))
        answer = send(server, record)
        c.check(f"with data: request {seq}", answer.status == want, f"{answer.status} {answer.body[:500]!r}")
        if answer.headers.get("content-type") == "application/octet-stream":
            return [json.loads(line) for line in answer.body.split(b"\r\n") if line]
        return json.loads(answer.body) if answer.body else None

    def is_(seq, value, want):
        c.check(f"with data: effect of {seq}", has(value, want), f"{json.dumps(value)[:1500]} has not {want}")

    def span(i=S):
        return server.call("GET", "/spans/" + i, want=200)

    def ids(rows):
        return [r["id"] for r in rows]

    for seq in range(1, 10):
        json_of(seq, 204)
    is_(16, json_of(16), {"id": S, "name": "llm-call", "project_name": "cap-project"})
    is_(17, json_of(17), {"id": T, "name": "agent-run", "span_count": 2})
    is_(18, ids(json_of(18)), [T])
    is_(19, ids(json_of(19)), [T])
    is_(20, ids(json_of(20)), [C, S])
    is_(21, json_of(21), [])
    is_(22, json_of(22), [])
    is_(23, json_of(23), [{"id": "thread-1", "number_of_messages": 2}])
    is_(24, json_of(24), {"name": "cap-project"})
    is_(25, json_of(25), {"page": 1})
    is_(26, json_of(26), {"id": S})
    json_of(27, 404)
    json_of(28, 201)
    json_of(29, 204)
    is_(29, span(SINGLE), {"duration": 1333.0, "total_estimated_cost": 0.001})
    json_of(30, 204)
    is_(30, span()["tags"], ["late", "n"])
    json_of(31, 204)
    is_(31, by_name(span()["feedback_scores"]), {"n": 1})
    json_of(32, 204)
    c.check("with data: effect of 32", "n" not in by_name(span()["feedback_scores"]))
    comment = json_of(33, 201)["id"]
    is_(33, json_of(34), {"id": comment, "text": "hello"})
    json_of(35, 204)
    is_(35, span()["comments"], [{"id": comment, "text": "hello2"}])
    json_of(36, 204)
    c.check("with data: effect of 36", "comments" not in span())
    is_(37, json_of(37), {"scores": []})
    is_(38, json_of(38), {"stats": []})
    is_(39, json_of(39), [])
    json_of(40, 204)
    is_(40, by_name(span()["feedback_scores"]), {"n": 0.3})
    is_(41, json_of(41), {"total": 1, "content": [{"id": T, "span_count": 3}]})
    is_(42, json_of(42), {"id": T, "span_count": 3})
    is_(44, json_of(44)["content"], [{"name": "cap-project"}])
    json_of(10, 204)
    is_(10, by_name(server.call("GET", "/traces/" + T)["feedback_scores"]), {"q2": 0.5})
    json_of(13, 204)
    server.call("GET", "/spans/" + C, want=404)
    json_of(43, 204)
    for path in ("/traces/" + T, "/spans/" + S, "/spans/" + SINGLE):
        server.call("GET", path, want=404)


def main():
    c = Counter()
    with Server() as server:
        n = 0
        for record in records():
            seq = record["seq"]
            answer = send(server, record)
            want = STATUS.get(seq, 204)
            c.check(f"request {seq} {record['method']} {record['path'][:80]}", answer.status == want,
                    f"{answer.status} {answer.body[:500]!r}, not {want}")
            if record["path"].endswith("/batch") and record["method"] == "POST":
                all_is_there(server, record, c.check)
            after(server, seq, c.check)
            n += 1
        c.check("all records are there", n == 66, n)
    with Server() as server:
        reads_with_data(server, c)
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
