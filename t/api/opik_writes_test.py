#!/usr/bin/env python3
"""Writes of one span or trace in any order, and by many at once, end the same: POST ∪ PATCHes."""

import itertools
import json
import sys
import threading

from opik_scene import Counter, Server, uuid7

MS = 0x01A1FB2B93BE
T = uuid7(MS, 1)

# What only the server sets.
OWN = {"created_at", "last_updated_at", "project_id", "id", "total_estimated_cost_version"}


def shown(row):
    return {k: v for k, v in row.items() if k not in OWN}


def base(of):
    return {"project_name": "p"} | ({"trace_id": T, "parent_span_id": uuid7(MS, 2)} if of == "spans" else {})


def writes(of):
    """A POST and three PATCHes; the PATCHes have no field in common, so any order has one end."""
    post = base(of) | {
        "start_time": "2026-11-20T22:54:59.518Z", "end_time": "2026-11-20T22:55:00Z", "name": "posted",
        "input": {"q": 1}, "output": "posted", "metadata": {"m": "posted"}, "tags": ["a", "b"], "ttft": 1.5,
        "source": "sdk", "environment": "prod", "error_info": {"exception_type": "E", "traceback": "t"}}
    first = base(of) | {"name": "patched", "output": {"patched": True}, "tags": ["p"]}
    second = base(of) | {"end_time": "2026-11-20T22:56:00Z", "error_info": {"message": "only this"}, "name": "  "}
    third = base(of) | {"metadata": {}, "environment": "test", "ttft": 2}
    if of == "spans":
        post |= {"type": "general", "model": "m1", "provider": "openai", "usage": {"prompt_tokens": 1, "x": 2}}
        first |= {"usage": {"completion_tokens": 3}, "type": "llm"}
        second |= {"model": "m2", "total_estimated_cost": 2.5}
        third |= {"provider": "anthropic"}
    else:
        post |= {"thread_id": "t1"}
        third |= {"thread_id": "t2"}
    return [("POST", post), ("PATCH", first), ("PATCH", second), ("PATCH", third)]


def want(of):
    row = base(of) | {
        "start_time": "2026-11-20T22:54:59.518Z", "end_time": "2026-11-20T22:56:00Z", "name": "patched",
        "input": {"q": 1}, "output": {"patched": True}, "metadata": {}, "ttft": 2, "source": "sdk",
        "environment": "test", "error_info": {"message": "only this"}, "duration": 60482.0,
        "created_by": "admin", "last_updated_by": "admin"}
    if of == "spans":
        return row | {"tags": ["p"], "type": "llm", "model": "m2", "provider": "anthropic",
                      "metadata": {"provider": "anthropic"}, "usage": {"completion_tokens": 3},
                      "total_estimated_cost": 2.5}
    return row | {"tags": ["p"], "thread_id": "t2", "span_count": 0, "llm_span_count": 0, "has_tool_spans": False,
                  "visibility_mode": "default"}


def send(server, of, i, method, body, batch=False):
    if method == "PATCH":
        server.call("PATCH", f"/{of}/{i}", body, want=204)
    elif batch:
        server.call("POST", f"/{of}/batch", {of: [body | {"id": i}]}, want=204)
    else:
        server.call("POST", f"/{of}", body | {"id": i}, want=201)


def permutations(server, c):
    number = 100
    for of in ("spans", "traces"):
        for batch in (False, True):
            for order in itertools.permutations(writes(of)):
                number += 1
                i = uuid7(MS, number)
                for method, body in order:
                    # A batch replaces what is whole: it is part of this only before that.
                    send(server, of, i, method, body, batch and method == "POST" and order[0][0] == "PATCH")
                row = shown(server.call("GET", f"/{of}/{i}", want=200))
                steps = [m + " " + json.dumps(b)[-40:] for m, b in order]
                c.check(f"{of} {steps} batch {batch}", row == want(of), f"{row}\nnot {want(of)}")


def one_thread(server, of, ids, mine, errors):
    try:
        for i in ids:
            for method, body in mine:
                send(server, of, i, method, body)
    except Exception as e:  # told by the main thread
        errors.append(e)


def together(servers, of, ids, shares):
    errors = []
    threads = [threading.Thread(target=one_thread, args=(s, of, ids, mine, errors))
               for s, mine in zip(servers, shares)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors, errors


def concurrent(servers, c):
    """The same four writes, each by a process of its own."""
    for k, of in enumerate(("spans", "traces")):
        ids = [uuid7(MS, 1000 + 100 * k + n) for n in range(12)]
        together(servers[:4], of, ids, [[w] for w in writes(of)])
        for i in ids:
            row = shown(servers[0].call("GET", f"/{of}/{i}", want=200))
            c.check(f"{of} written by four at once", row == want(of), f"{row}\nnot {want(of)}")


def no_lost_update(servers, c):
    """Eight writers change one span, each a field of its own, many times: the last of each is there."""
    i = uuid7(MS, 2000)
    fields = ["name", "model", "provider", "environment", "input", "output", "ttft", "end_time"]

    def value(field, n):
        return n if field == "ttft" else f"2026-11-20T23:00:{n:02}Z" if field == "end_time" else f"{field}-{n}"

    rounds = 25
    shares = [[("PATCH", base("spans") | {f: value(f, n)}) for n in range(rounds)] for f in fields]
    shares[0].insert(rounds // 2, ("POST", base("spans") | {"start_time": "2026-11-20T22:54:59Z", "tags": ["t"]}))
    together(servers, "spans", [i], shares)
    row = servers[0].call("GET", "/spans/" + i, want=200)
    for f in fields:
        c.check(f"the last {f} of eight writers", row.get(f) == value(f, rounds - 1), row)
    c.check("and what was posted", row.get("tags") == ["t"] and row["start_time"] == "2026-11-20T22:54:59Z", row)
    page = servers[0].call("GET", "/spans", params={"project_name": "p", "trace_id": T, "size": "1000"}, want=200)
    c.check("in the list once", sum(x["id"] == i for x in page["content"]) == 1)


def tags_together(servers, c):
    """tags_to_add of eight writers: all of them are there."""
    i = uuid7(MS, 2001)
    send(servers[0], "spans", i, "POST", base("spans") | {"start_time": "2026-11-20T22:54:59Z"})

    def add(server, mine, errors):
        try:
            for n in range(5):
                update = {"trace_id": T, "tags_to_add": [f"{mine}-{n}"]}
                server.call("PATCH", "/spans/batch", {"ids": [i], "update": update}, want=204)
        except Exception as e:  # told by the main thread
            errors.append(e)

    errors = []
    threads = [threading.Thread(target=add, args=(s, n, errors)) for n, s in enumerate(servers)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    c.check("no writer failed", not errors, errors)
    row = servers[0].call("GET", "/spans/" + i, want=200)
    c.check("tags of eight writers", len(row.get("tags", [])) == 5 * len(servers), row.get("tags"))


def main():
    c = Counter()
    with Server() as first:
        more = [Server(first) for _ in range(7)]
        servers = [first] + more
        permutations(first, c)
        concurrent(servers, c)
        no_lost_update(servers, c)
        tags_together(servers, c)
        for s in more:
            s.stop()
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
