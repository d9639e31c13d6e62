#!/usr/bin/env python3
"""Every field of Opik's filters with every operator over HTTP: what is allowed must find what opik_oracle.py finds, in
lists, statistics and searches, some rows but not all; what is not allowed is refused in Opik's words."""

import json
import sys

import opik_oracle as oracle
from opik_oracle_test import ENVIRONMENTS, MODELS, NAMES, PROVIDERS, TIMES, World
from opik_scene import Counter, Server

TEXT = "contains not_contains starts_with ends_with = != > <"
NUMBER = "= != > < >= <="
EMPTY = "is_empty is_not_empty"
ALLOWED = {
    "STRING": TEXT, "STRING_EXACT": TEXT, "DATE_TIME": NUMBER, "NUMBER": NUMBER,
    "LIST": f"contains not_contains = != {EMPTY}", "DICTIONARY": f"{TEXT} {EMPTY}",
    "FEEDBACK_SCORES_NUMBER": f"{NUMBER} {EMPTY}", "ERROR_CONTAINER": EMPTY,
    "ENUM": f"= != in not_in {EMPTY}", "ENUM_LEGACY": "= !="}
OPERATORS = f"{TEXT} >= <= in not_in {EMPTY}".split()
FIELDS = {
    "STRING_EXACT": "id trace_id",
    "STRING": "name model provider input output error_type",
    "DATE_TIME": "start_time end_time created_at last_updated_at",
    "DICTIONARY": "input_json output_json metadata",
    "NUMBER": "total_estimated_cost usage.completion_tokens usage.prompt_tokens usage.total_tokens duration ttft",
    "LIST": "tags", "FEEDBACK_SCORES_NUMBER": "feedback_scores", "ERROR_CONTAINER": "error_info",
    "ENUM": "type environment", "ENUM_LEGACY": "source"}
NONE_OF_THEM = "thread_id parent_span_id created_by guardrails project_id usage.cached nonsense".split()
# What the server says itself is not in the oracle's rows.
SERVERS_OWN = ("created_at", "last_updated_at")


def present(values):
    return [v for v in values if v]


def values_of(w, field, type_):
    """Values and, where there is one, keys that some rows match."""
    some = w.spans[:3]
    if type_ == "NUMBER":
        return [(None, v) for v in ("0", "1.5", "5", "0.001", "1500")]
    if type_ == "DATE_TIME":
        return [(None, t) for t in ("2000-01-01T00:00:00Z", *TIMES, "2100-01-01T00:00:00+01:00")]
    if type_ == "DICTIONARY":
        member = field.removesuffix("_json")
        found = [(k, oracle.at_path(s.get(member), k)) for k in ("a", "$.model", "b[0]", "b") for s in w.spans]
        texts = list(dict.fromkeys((k, v) for k, v in found if v and v != "null"))
        numbers = [(k, v) for k, v in texts if oracle.number(v) is not None]
        return texts[:3] + texts[-1:] + numbers[:1] + [(k, "-9") for k, _ in numbers[:1]] + [("a", "6"), ("a", "E")]
    if type_ == "FEEDBACK_SCORES_NUMBER":
        return [(k, v) for k in ("quality", "S") for v in ("0", "0.5")]
    texts = {"id": [s["id"] for s in some], "trace_id": [s["trace_id"] for s in some], "name": NAMES, "model": MODELS,
             "provider": PROVIDERS, "error_type": ["ValueError", "timeout", "value"], "tags": ["ml", "ML-2", "prod"],
             "type": ["llm", "tool", "llm, general"], "environment": [*ENVIRONMENTS, "prod,staging"],
             "source": ["sdk", "experiment", "playground"],
             "input": [oracle.compact(s.get("input")) for s in w.spans],
             "output": [oracle.compact(s.get("output")) for s in w.spans]}
    found = present(texts.get(field, []))
    if type_.startswith("STRING"):
        found = found[:2] + [v[:3] for v in found[:2]] + [v[-3:] for v in found[-2:]] + found[2:6]
    return [(None, v) for v in found if v.strip()]


def condition(field, op, key, value):
    f = {"field": field, "operator": op, "value": "" if op in EMPTY.split() else value}
    return f | ({"key": key} if key else {})


def ask(w, c, f, name, is_first):
    """The number of spans that a filter finds, when all three ways agree with the oracle."""
    params = {"project_name": "p", "size": "1000", "filters": [f], "exclude": ["input", "output", "metadata"]}
    page = w.server.call("GET", "/spans", params=params, want=200)
    ids = sorted(x["id"] for x in page["content"])
    if f["field"] in SERVERS_OWN:
        want = [x["id"] for x in w.spans] if oracle.micros(f["value"]) < oracle.micros("2027-01-01T00:00:00Z") else []
        want = want if f["operator"] in (">", ">=", "!=") else [x["id"] for x in w.spans if x["id"] not in want]
        want = [] if f["operator"] == "=" else [x["id"] for x in w.spans] if f["operator"] == "!=" else want
    else:
        want = [x["id"] for x in w.spans if oracle.filters_hold([f], x, w.scores_of(x))]
    c.check(f"{name}: list", ids == sorted(want) and page["total"] == len(want), f"{f}: {len(ids)}, not {len(want)}")
    if not is_first:
        return len(want)
    stats = w.server.call("GET", "/spans/stats", params={"project_name": "p", "filters": [f]}, want=200)["stats"]
    c.check(f"{name}: statistics", (stats[0]["value"] if stats else 0) == len(want), f"{f}: {stats[:1]}")
    found = w.server.call("POST", "/spans/search", params | {"filters": [f], "limit": 2000, "size": 1}, want=200)
    c.check(f"{name}: search", [x["id"] for x in found] == sorted(want, reverse=True), f"{f}: {len(found)}")
    return len(want)


def refused(w, c, f, want, name):
    path = {"project_name": "p", "filters": [f]}
    for of in ("GET", "POST"):
        a = (w.server.raw("GET", "/api/v1/private/spans?" + encoded(path)) if of == "GET" else w.server.raw(
            "POST", "/api/v1/private/spans/search", [("Content-Type", "application/json")], json.dumps(path).encode()))
        c.check(f"{name}: {of}", a.status == 400 and json.loads(a.body) == {"code": 400, "message": want},
                f"{a.status} {a.body!r}, not {want}")


def encoded(params):
    from urllib.parse import urlencode
    return urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in params.items()})


def walk(w, c):
    for type_, fields in FIELDS.items():
        for field in fields.split():
            values = values_of(w, field, type_)
            for op in OPERATORS:
                name = f"{field} {op}"
                if op not in ALLOWED[type_].split():
                    key, value = values[0] if values else (None, "x")
                    refused(w, c, condition(field, op, key or "k", value),
                            f"Invalid operator '{op}' for field '{field}' of type '{type_}'", name)
                    continue
                counts = set()
                for key, value in values or [(None, "")]:
                    counts.add(ask(w, c, condition(field, op, key, value), name, not counts))
                    if op in EMPTY.split() and not key:
                        break
                n = len(w.spans)
                all_or_none = field in SERVERS_OWN
                c.check(f"{name}: finds some and leaves some out", (counts - {0, n}) or all_or_none or len(counts) > 1,
                        counts)
    for field in NONE_OF_THEM:
        raw = json.dumps([{"field": field, "operator": "=", "value": "x"}])
        a = w.server.raw("GET", "/api/v1/private/spans?" + encoded({"project_name": "p", "filters": raw}))
        c.check(f"{field} is no field", json.loads(a.body) == {
            "code": 400, "message": f"Invalid filters query parameter '{raw}'"}, a.body)


def main():
    c = Counter()
    with Server() as server:
        walk(World(server, 7), c)
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
