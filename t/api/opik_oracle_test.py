#!/usr/bin/env python3
"""Random lists, searches and statistics of spans and traces against opik_oracle.py.

	opik_oracle_test.py [SEED] [REQUESTS]
"""

import json
import random
import sys
import decimal

import opik_oracle as oracle
from opik_scene import Counter, Server, uuid7

D = decimal.Decimal
MS = 0x01A1FB2B93BE
SPANS, TRACES, BATCH = 160, 24, 50

NAMES = ["plan", "Plan B", "llm-call", "LLM", "tool é", "x", "a%b_c", "C++ \"quoted\" \\", None]
MODELS = ["gpt-4o", "GPT-4o-mini", "claude", None, None]
PROVIDERS = ["openai", "Anthropic", None]
TAGS = ["ml", "ML-2", "prod", "a b", "é"]
KEYS = ["a", "b", "model", "x y"]
WORDS = ["hello", "Hello World", "02", "2023", "true", "TRUE", "null", "", "7", "7.5", "-3", "1e2", "zzz"]
TIMES = ["2026-11-20T22:54:59Z", "2026-11-20T22:54:59.000001Z", "2026-11-20T22:55:00.500Z", "2026-11-21T00:00:00Z"]
SCORES = ["quality", "Quality 2", "s"]
SOURCES = ["sdk", "experiment", "playground", None]
ENVIRONMENTS = ["prod", "staging", None]
TYPES = ["general", "tool", "llm", "guardrail", None]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def maybe(self, p, f):
        return f() if self.r.random() < p else None

    def json(self, depth=2):
        r = self.r
        kind = r.random()
        if depth and kind < 0.35:
            return {k: self.json(depth - 1) for k in r.sample(KEYS, r.randint(0, 3))}
        if depth and kind < 0.5:
            return [self.json(depth - 1) for _ in range(r.randint(0, 3))]
        return r.choice([r.choice(WORDS), r.randint(-3, 9), 7.5, True, False, None])

    def error(self):
        r = self.r
        e = {"exception_type": r.choice(["ValueError", "timeout"]), "message": r.choice(["boom", "Bad \"x\""]),
             "traceback": "tb"}
        return {k: v for k, v in e.items() if r.random() < 0.8} or {"message": "boom"}

    def common(self):
        r = self.r
        start = r.choice(TIMES)
        x = {
            "name": r.choice(NAMES), "start_time": start, "input": self.maybe(0.8, self.json),
            "output": self.maybe(0.8, self.json), "metadata": self.maybe(0.6, lambda: self.json(3)),
            "tags": self.maybe(0.5, lambda: r.sample(TAGS, r.randint(1, 3))),
            "error_info": self.maybe(0.2, self.error), "ttft": self.maybe(0.3, lambda: r.choice([0, 1.5, 250])),
            "source": r.choice(SOURCES), "environment": r.choice(ENVIRONMENTS)}
        later = [t for t in TIMES if oracle.micros(t) >= oracle.micros(start)]
        x["end_time"] = self.maybe(0.7, lambda: r.choice(later))
        return {k: v for k, v in x.items() if v is not None}

    def span(self, number, traces, parents):
        r = self.r
        x = self.common() | {"id": uuid7(MS + r.randint(0, 40) * 1000, number), "trace_id": r.choice(traces)}
        more = {
            "type": r.choice(TYPES), "model": r.choice(MODELS), "provider": r.choice(PROVIDERS),
            "parent_span_id": r.choice(parents) if parents and r.random() < 0.5 else None,
            "total_estimated_cost": self.maybe(0.4, lambda: r.choice([0, 0.001, 0.0005, 2, 0.000000000001])),
            "usage": self.maybe(0.6, lambda: {k: r.randint(0, 9) for k in r.sample(
                ["prompt_tokens", "completion_tokens", "total_tokens", "cached"], r.randint(1, 4))})}
        return x | {k: v for k, v in more.items() if v is not None}

    # ---- requests ----

    def number_filter(self, field, values):
        return {"field": field, "operator": self.r.choice(["=", "!=", ">", "<", ">=", "<="]),
                "value": self.r.choice(values)}

    def text_filter(self, field, values):
        op = self.r.choice(["contains", "not_contains", "starts_with", "ends_with", "=", "!=", ">", "<"])
        value = self.r.choice([v for v in values if v])
        if self.r.random() < 0.5:
            value = value[: self.r.randint(1, len(value))]
        return {"field": field, "operator": op, "value": value if value.strip() else "x"}

    def dictionary_filter(self, field):
        op = self.r.choice(["contains", "not_contains", "starts_with", "ends_with", "=", "!=", ">", "<",
                            "is_empty", "is_not_empty"])
        key = self.r.choice(["a", "b", "model", "a.b", "b[0]", "$.a", '$."x y"', "[0]", "[1].a", "a.model[1]"])
        return {"field": field, "operator": op, "key": key, "value": self.r.choice(WORDS)}

    def filter(self, is_trace, rows):
        r = self.r
        kinds = ["text", "dictionary", "time", "number", "tags", "scores", "error", "enum", "source", "custom", "id"]
        kind = r.choice(kinds)
        if kind == "text":
            field = r.choice(["name", "input", "output", "error_type", "error_message"]
                             + (["thread_id"] if is_trace else ["model", "provider"]))
            values = {"name": NAMES, "model": MODELS, "provider": PROVIDERS, "thread_id": ["t1", "T1", "t2"],
                      "error_type": ["ValueError", "timeout"], "error_message": ["boom", "Bad"]}
            return self.text_filter(field, values.get(field, WORDS + ['{"a', "[", '"hello']))
        if kind == "dictionary":
            return self.dictionary_filter(r.choice(["input_json", "output_json", "metadata"]))
        if kind == "time":
            return self.number_filter(r.choice(["start_time", "end_time"]), TIMES)
        if kind == "number":
            field = r.choice(["duration", "ttft", "total_estimated_cost", "usage.prompt_tokens",
                              "usage.completion_tokens", "usage.total_tokens"]
                             + (["span_count", "llm_span_count"] if is_trace else []))
            return self.number_filter(field, ["0", "1", "5", "4.5", "-1", "0.001", "1.5", "0.0005", "1500", "86399000"])
        if kind == "tags":
            op = r.choice(["contains", "not_contains", "=", "!=", "is_empty", "is_not_empty"])
            return {"field": "tags", "operator": op, "value": r.choice(["ml", "ML", "prod", "a b", "é", "2"])}
        if kind == "scores":
            op = r.choice(["=", "!=", ">", "<", ">=", "<=", "is_empty", "is_not_empty"])
            return {"field": "feedback_scores", "operator": op, "key": r.choice(["quality", "QUALITY", "s", "none"]),
                    "value": r.choice(["0.5", "1", "0", "-1", "0.123456789"])}
        if kind == "error":
            return {"field": "error_info", "operator": r.choice(["is_empty", "is_not_empty"]), "value": ""}
        if kind == "source":
            return {"field": "source", "operator": r.choice(["=", "!="]), "value": r.choice(["sdk", "experiment", "ui"])}
        if kind == "custom":
            f = self.dictionary_filter("custom")
            part = r.choice(["input", "output"])
            f["key"] = part + r.choice([".a", ".model", "[0]", ".[1]", ".b[0]", ".a.b"])
            return f
        if kind == "id":
            return self.text_filter("id", [r.choice(rows)["id"]])
        field = "environment" if is_trace else r.choice(["type", "environment"])
        op = r.choice(["=", "!=", "in", "not_in", "is_empty", "is_not_empty"])
        values = ["llm", "tool", "general"] if field == "type" else ["prod", "staging", "Prod"]
        value = ", ".join(r.sample(values, 2)) if "in" in op.split("_") else r.choice(values)
        return {"field": field, "operator": op, "value": value}

    def filters(self, is_trace, rows):
        out = []
        for _ in range(self.r.choice([0, 1, 1, 1, 2, 2, 3])):
            if self.r.random() < 0.12:
                out.append({"or": [self.filter(is_trace, rows) for _ in range(self.r.randint(1, 3))]})
            else:
                out.append(self.filter(is_trace, rows))
        return out

    def sorting(self, is_trace):
        fields = ["id", "name", "input", "output", "metadata", "start_time", "end_time", "duration", "ttft", "tags",
                  "total_estimated_cost", "error_info", "environment", "usage.cached", "usage.prompt_tokens",
                  "feedback_scores.quality", "feedback_scores.none", "nonsense"]
        fields += ["thread_id", "span_count", "llm_span_count"] if is_trace else [
            "type", "trace_id", "parent_span_id", "model", "provider"]
        if self.r.random() < 0.3:
            return []
        s = {"field": self.r.choice(fields)}
        if self.r.random() < 0.8:
            s["direction"] = self.r.choice(["ASC", "DESC"])
        return [s, {"field": "name", "direction": "ASC"}][: self.r.randint(1, 2)]


class World:
    """What was written, and what it means."""

    def __init__(self, server, seed):
        self.server = server
        self.m = Maker(seed)
        r = self.m.r
        self.traces = [self.m.common() | {"id": uuid7(MS + n * 900, 5000 + n)} for n in range(TRACES)]
        for t in self.traces:
            if r.random() < 0.6:
                t["thread_id"] = r.choice(["t1", "t2", "T1"])
        ids = [t["id"] for t in self.traces]
        self.spans = []
        for n in range(SPANS):
            self.spans.append(self.m.span(n, ids, [s["id"] for s in self.spans[-20:]]))
        self.scores = {}
        self.write()

    def write(self):
        r = self.m.r
        for of, rows in (("spans", self.spans), ("traces", self.traces)):
            rows = [x | {"project_name": "p"} for x in rows]
            for i in range(0, len(rows), BATCH):
                self.server.call("POST", f"/{of}/batch", {of: rows[i : i + BATCH]}, want=204)
            scores = []
            for x in rows:
                for name in r.sample(SCORES, r.choice([0, 0, 1, 2])):
                    value = r.choice(["0.5", "1", "0", "-1", "0.123456789"])
                    scores.append({"id": x["id"], "name": name, "value": float(value), "source": "sdk",
                                   "project_name": "p"})
                    self.scores.setdefault(x["id"], {})[name] = D(value)
            self.server.call("PUT", f"/{of}/feedback-scores", {"scores": scores}, want=204)
        # Superseded versions, other projects and deleted rows must not show.
        old = self.spans[0]
        self.server.call("PATCH", f"/spans/{old['id']}", {
            "project_name": "p", "trace_id": old["trace_id"], "name": "renamed"}
            | ({"parent_span_id": old["parent_span_id"]} if "parent_span_id" in old else {}), want=204)
        old["name"] = "renamed"
        gone = uuid7(MS, 9000)
        extra = self.spans[1] | {"id": gone, "project_name": "p"}
        other = self.spans[1] | {"id": uuid7(MS, 9001), "project_name": "q"}
        self.server.call("POST", "/spans/batch", {"spans": [extra, other]}, want=204)
        self.server.call("DELETE", f"/spans/{gone}", want=204)
        self.sums = {t["id"]: self.sum_up(t["id"]) for t in self.traces}

    def sum_up(self, trace):
        mine = [s for s in self.spans if s["trace_id"] == trace]
        # The span of the other project belongs to its trace all the same.
        if self.spans[1]["trace_id"] == trace:
            mine = mine + [self.spans[1]]
        usage = {}
        for s in mine:
            for k, v in (s.get("usage") or {}).items():
                usage[k] = usage.get(k, 0) + v
        cost = sum((D(repr(s.get("total_estimated_cost") or 0)) for s in mine), D(0))
        return {"usage": usage, "cost": cost, "span_count": len(mine),
                "llm_span_count": sum(s.get("type") == "llm" for s in mine)}

    def scores_of(self, x):
        return self.scores.get(x["id"], {})

    def sums_of(self, is_trace):
        return (lambda x: self.sums[x["id"]]) if is_trace else (lambda x: None)

    def matching(self, is_trace, q):
        rows = self.traces if is_trace else self.spans
        sums = self.sums_of(is_trace)
        return [x for x in rows
                if oracle.filters_hold(q.get("filters", []), x, self.scores_of(x), sums(x))
                and oracle.search_holds(q.get("search", ""), x, is_trace)
                and (not q.get("type") or x.get("type") == q["type"])
                and (not q.get("trace_id") or x.get("trace_id") == q["trace_id"])
                and (not q.get("from_time") or oracle.id_ms(x["id"]) >= int(q["from_time"]))
                and (not q.get("to_time") or oracle.id_ms(x["id"]) <= int(q["to_time"]))]

    def query(self, is_trace):
        r = self.m.r
        q = {"filters": self.m.filters(is_trace, self.traces if is_trace else self.spans)}
        if r.random() < 0.15:
            q["search"] = r.choice(["hello", "HELLO w", "llm", "ml", "02", "general", "zz", "\"a\":", "claude", "é"])
        if not is_trace and r.random() < 0.15:
            q["type"] = r.choice(["llm", "tool"])
        if not is_trace and r.random() < 0.15:
            q["trace_id"] = r.choice(self.traces)["id"]
        if r.random() < 0.15:
            q["from_time"] = str(MS + r.randint(0, 20) * 1000)
        if r.random() < 0.15:
            q["to_time"] = str(MS + 20001 + r.randint(0, 20) * 1000)
        return q


PARTS = ["name", "input", "output", "metadata", "tags", "usage", "error_info", "feedback_scores", "duration",
         "environment", "source", "type", "model", "provider", "start_time", "end_time", "ttft", "created_at"]


def check_list(w, c, name, is_trace, q):
    r = w.m.r
    sorting, exclude = w.m.sorting(is_trace), r.sample(PARTS, r.choice([0, 0, 2, 5]))
    if is_trace:
        exclude = [e for e in exclude if e not in ("type", "model", "provider")]
    size, page = r.choice([1, 3, 10, 500]), r.choice([1, 1, 2, 3])
    params = {k: v for k, v in q.items()} | {"project_name": r.choice(["p", "P"]), "size": str(size), "page": str(page)}
    if sorting:
        params["sorting"] = sorting
    if exclude:
        params["exclude"] = exclude
    got = w.server.call("GET", "/traces" if is_trace else "/spans", params=params, want=200)
    found = w.matching(is_trace, q)
    known = [s for s in sorting[:1] if s["field"] != "nonsense"]
    rows = oracle.ordered(found, known, w.scores_of, w.sums_of(is_trace), is_trace)
    want = [x["id"] for x in rows[(page - 1) * size : page * size]]
    ids = [x["id"] for x in got["content"]]
    ok = ids == want and got["total"] == len(found) and got["size"] == len(want)
    for x in got["content"]:
        if "metadata" in exclude and set(x.get("metadata") or {}) <= {"provider", "providers"}:
            x.pop("metadata", None)  # what is put in front of it is no part of it
    shown = set().union(*(x.keys() for x in got["content"])) & set(exclude)
    if not c.check(name, ok and not shown, f"{json.dumps(params)}\n got {ids} of {got['total']}\nwant {want} of "
                   f"{len(found)}, shown although excluded: {shown}"):
        return
    for x, row in zip(got["content"], rows[(page - 1) * size :]):
        for k in ("name", "input", "output", "tags", "error_info", "usage", "start_time", "end_time", "type"):
            if k not in exclude and not (is_trace and k == "usage"):
                c.check(f"{name}: {k}", x.get(k) == row.get(k), f"{x} {row}")


def check_search(w, c, name, is_trace, q):
    q.pop("search", None)
    body = {"project_name": "p"} | {k: v for k, v in q.items() if k not in ("from_time", "to_time")}
    body["limit"] = w.m.r.choice([1, 5, 2000])
    q.pop("from_time", None), q.pop("to_time", None)
    rows = sorted(w.matching(is_trace, q), key=lambda x: x["id"], reverse=True)
    if rows and w.m.r.random() < 0.3:
        body["last_retrieved_id"] = rows[len(rows) // 2]["id"]
        rows = [x for x in rows if x["id"] < body["last_retrieved_id"]]
    got = w.server.call("POST", ("/traces" if is_trace else "/spans") + "/search", body, want=200)
    want = [x["id"] for x in rows[: body["limit"]]]
    c.check(name, [x["id"] for x in got] == want, f"{json.dumps(body)}\n got {[x['id'] for x in got]}\nwant {want}")


def quantile(values, level):
    values = sorted(values)
    if not values:
        return 0
    at = level * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return float(values[low]) + (float(values[high]) - float(values[low])) * (at - low)


def stats_of(w, rows):
    """In Opik's order."""
    if not rows:
        return []
    mean = lambda v: float(sum(v)) / len(v) if v else 0.0  # noqa: E731
    durations = [d for d in map(oracle.duration, rows) if d is not None]
    costs = [D(repr(x["total_estimated_cost"])) for x in rows if x.get("total_estimated_cost")]
    keys = sorted({k for x in rows for k in x.get("usage") or {}})
    names = sorted({n for x in rows for n in w.scores_of(x)})
    per_key = {k: [x["usage"][k] for x in rows if k in (x.get("usage") or {})] for k in keys}
    per_name = {n: [w.scores_of(x)[n] for x in rows if n in w.scores_of(x)] for n in names}
    out = [("span_count", len(rows))]
    out.append(("duration", {f"p{int(q * 100)}": quantile(durations, q) for q in (0.5, 0.9, 0.99)}))
    out += [(k, sum(x.get(k) is not None for x in rows)) for k in ("input", "output", "metadata")]
    out.append(("tags", mean([len(x.get("tags") or []) for x in rows])))
    out += [("total_estimated_cost", mean(costs)), ("total_estimated_cost_sum", float(sum(costs)))]
    out += [(f"usage.{k}", mean(v)) for k, v in per_key.items()]
    out += [(f"usage_sum.{k}", float(sum(v))) for k, v in per_key.items()]
    out += [(f"feedback_scores.{n}", mean(v)) for n, v in per_name.items()]
    out.append(("error_count", sum(bool(x.get("error_info")) for x in rows)))
    return out


def near(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    return abs(a - b) <= 1e-8 * max(1, abs(b))


def check_stats(w, c, name, q):
    got = w.server.call("GET", "/spans/stats", params=q | {"project_name": "p"}, want=200)["stats"]
    want = stats_of(w, w.matching(False, q))
    ok = [s["name"] for s in got] == [n for n, _ in want] and all(near(s["value"], v) for s, (_, v) in zip(got, want))
    c.check(name, ok, f"{json.dumps(q)}\n got {got}\nwant {want}")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20261121
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    c = Counter()
    with Server() as server:
        w = World(server, seed)
        for k in range(n):
            is_trace = w.m.r.random() < 0.3
            q = w.query(is_trace)
            name = f"seed {seed}, request {k}"
            if k % 10 == 9:
                check_search(w, c, name, is_trace, q)
            elif k % 10 == 8:
                check_stats(w, c, name, w.query(False))
            else:
                check_list(w, c, name, is_trace, q)
            if c.failed > 5:
                break
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
