#!/usr/bin/env python3
"""Random requests to NeMo's lists, answered by the program and by a few lines of Python that know no index.

	nemo_differential.py [--seed N] [--spans N] [--queries N] [--programs DIR] [--conf LINE]... [--quiet]

Spans are made at random and written as lines of several days: versions that replace each other across days, tombstones,
several sources, sums that repeat. Then spans, groups, traces and sessions are asked for with random filters in random
syntaxes, and every answer must be equal, member by member. The seed is printed when one is not.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import ways  # noqa: E402

BASE = "/apis/intake/v2/workspaces/w/"
DAYS = ["2026-03-01", "2026-03-02", "2026-03-05", "2026-03-06"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
NS = 10**9

# What a filter may ask, and the field it asks about.
SPAN_TEXTS = {
    "session_id": "session_id", "trace_id": "trace_id", "parent_span_id": "parent_span_id", "source": "source",
    "kind": "kind", "status": "status", "project": "project", "model": "model", "tool_name": "tool_name",
    "provider": "provider", "agent_id": "agent_id", "agent_name": "agent_name", "prompt_name": "prompt_name",
    "prompt_version": "prompt_version", "evaluation_id": "evaluation_id", "evaluation_name": "evaluation_id",
    "experiment_id": "evaluation_id", "evaluation_sha": "evaluation_sha", "evaluation_run_id": "evaluation_run_id",
    "dataset_id": "dataset_id", "dataset_name": "dataset_name", "dataset_version": "dataset_version",
    "test_case_id": "test_case_id", "test_case_name": "test_case_id",
}
TRACE_TEXTS = {"id": "trace_id", "session_id": "session_id", "status": "status", "experiment_id": "evaluation_id",
               "evaluation_id": "evaluation_id", "test_case_id": "test_case_id"}
KINDS = ["LLM", "CHAIN", "TOOL", "AGENT", "UNKNOWN"]
STATUSES = ["success", "error", "cancelled", "unknown"]
COUNTS = ["input_tokens", "output_tokens", "cached_tokens", "total_tokens"]
COSTS = {"cost_total_usd": "cost_usd", "cost_input_usd": "cost_input_usd", "cost_output_usd": "cost_output_usd"}
SHOWN = ["span_id", "session_id", "project", "name", "source", "trace_id", "error_type", "provider", "model", "prompt_id",
         "prompt_name", "prompt_version", "agent_id", "agent_name", "tool_name"] + COUNTS
CONTEXT = ["evaluation_id", "evaluation_sha", "evaluation_run_id", "dataset_id", "dataset_name", "dataset_version",
           "test_case_id"]


def day_ns(day):
    return int((datetime.datetime.fromisoformat(day + "T00:00:00+00:00") - EPOCH).total_seconds()) * NS


def time_text(ns):
    """RFC 3339 with nanoseconds when they are needed, as lines have it."""
    s, rest = divmod(ns, NS)
    text = (EPOCH + datetime.timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{rest:09d}" if rest else "") + "Z"


def shown_time(ns):
    s, rest = divmod(ns // 1000 * 1000, NS)
    text = (EPOCH + datetime.timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (f".{rest // 1000:06d}" if rest else "") + "Z"


class Corpus:
    """Random versions of random spans, in the order of their arrival, and which of them are current."""

    def __init__(self, rng, n):
        self.rng = rng
        self.shards = {}
        self.current = {}  # identity → (version, arrival, span or None)
        self.window = (day_ns("2026-02-27"), day_ns("2026-03-07"))
        n_traces = max(4, n // 12)
        self.traces = [f"trace-{i}" for i in range(n_traces)]
        self.sessions = [f"sess ion/{i}" for i in range(max(2, n // 60))] + ["säßion", 'quo"ted\\']
        arrival = 0
        ids = []
        for day in DAYS:
            lines = []
            for _ in range(n // len(DAYS)):
                identity = rng.choice(ids) if ids and rng.random() < 0.12 else None
                span = self.make(day, identity)
                ids.append((span["source"], span["trace_id"], span["span_id"]))
                lines.append(self.line(span))
                self.take(span, arrival)
                arrival += 1
            self.shards["w", day] = b"".join(lines)
        self.spans = [s for _, _, s in self.current.values() if s]

    def make(self, day, identity):
        rng = self.rng
        source, trace, span_id = identity or (rng.choice(["otel", "otel", "atif", "import-1"]), rng.choice(self.traces),
                                              f"span-{rng.randrange(10**9):x}")
        s = {"source": source, "trace_id": trace, "span_id": span_id}
        s["ingested_at"] = day_ns(day) + rng.randrange(86400) * NS
        if rng.random() < 0.1:
            s["updated_at"] = s["ingested_at"] + rng.randrange(-5, 5) * NS
        if identity and rng.random() < 0.2:
            s["op"] = "delete"
            return s
        # Few seconds, so that times are often equal.
        s["started_at"] = rng.choice([day_ns(rng.choice(DAYS)) + rng.randrange(40) * 3600 * NS // 2,
                                      rng.randrange(*self.window)])
        if rng.random() < 0.8:
            s["ended_at"] = s["started_at"] + rng.choice([0, 1, 999, 1000, 1500, rng.randrange(10 * NS)])
        s["kind"] = rng.choice(KINDS)
        s["status"] = rng.choices(STATUSES, [7, 2, 1, 1])[0]
        if rng.random() < 0.7:
            s["parent_span_id"] = f"span-{rng.randrange(30)}"
        elif rng.random() < 0.1:
            s["parent_span_id"] = ""
        if rng.random() < 0.95:
            s["session_id"] = rng.choice(self.sessions)
        for field, values in [("project", 3), ("model", 4), ("tool_name", 3), ("provider", 2), ("agent_id", 3),
                              ("agent_name", 3), ("prompt_id", 2), ("prompt_name", 3), ("prompt_version", 2),
                              ("error_type", 2), ("name", 5)] + [(f, 2) for f in CONTEXT]:
            if rng.random() < 0.4:
                s[field] = f"{field} {rng.randrange(values)}"
        for field in COUNTS:
            if rng.random() < 0.4:
                s[field] = rng.randrange(5000)
        for field in COSTS:
            if rng.random() < 0.4:
                s[field] = Decimal(rng.randrange(10**6)) / 10**6
        if rng.random() < 0.05:
            s["repeats_usage"] = True
        if rng.random() < 0.5:
            s["input"] = rng.choice(["text", "größer 🚀", {"a": [1, None]}, 5, "x" * 400])
        if rng.random() < 0.5:
            s["output"] = rng.choice(["done", ["list"], True])
        if rng.random() < 0.3:
            s["attributes"] = {"k": rng.randrange(3)}
        return s

    def line(self, span):
        members = {}
        for k, v in span.items():
            if k.endswith("_at"):
                members[k] = time_text(v)
            elif isinstance(v, Decimal):
                members[k] = cases.Number(format(v, "f"))
            elif isinstance(v, int) and not isinstance(v, bool):
                members[k] = cases.Number(str(v))
            else:
                members[k] = json.loads(json.dumps(v), parse_int=cases.Number)
        if "op" in members:
            op = {"op": members.pop("op")}
            body = cases.dump({**op, **members})[:-1].encode()
            return body + b',"_c":"%08x"}\n' % cases.crc32c(body)
        return cases.seal(members)

    def take(self, span, arrival):
        identity = span["source"], span["trace_id"], span["span_id"]
        version = span.get("updated_at", span["ingested_at"])
        old = self.current.get(identity)
        if old and (old[0], old[1]) > (version, arrival):
            return
        self.current[identity] = (version, arrival, None if "op" in span else span)


# ---- What Python makes of a request ----


def key(text):
    return text.encode()


def matches(span, terms):
    for field, op, value in terms:
        if op == "gte" and span["started_at"] < value // 1000 * 1000:
            return False
        if op == "lte" and span["started_at"] > value // 1000 * 1000 + 999:
            return False
        if op == "in" and span.get(field) not in value:
            return False
        if op == "eq" and field == "parent_span_id" and value == "":
            if span.get(field):
                return False
        elif op == "eq" and (span.get(field) != value or value == ""):
            return False
    return True


def is_root(span):
    return not span.get("parent_span_id")


def payload(value, mode):
    if value is None or mode == "summary":
        return None
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text[:300] if mode == "preview" else text


def show_span(s, mode):
    out = {f: s[f] for f in SHOWN if f in s}
    out |= {"workspace": "w", "session_id": session(s)}
    context = {f: s[f] for f in CONTEXT if f in s}
    if context:
        out["evaluation_context"] = {**context, "metadata": {}}
    if not is_root(s):
        out["parent_span_id"] = s["parent_span_id"]
    out |= {"kind": s["kind"], "status": s["status"], "usage_details": {}, "cost_details": {},
            "started_at": shown_time(s["started_at"]), "ingested_at": shown_time(s["ingested_at"])}
    if "ended_at" in s:
        out["ended_at"] = shown_time(s["ended_at"])
    for f in COSTS:
        if f in s:
            out[f] = s[f]
    for f in ("input", "output"):
        if payload(s.get(f), mode) is not None:
            out[f] = payload(s.get(f), mode)
    if mode == "detailed" and "attributes" in s:
        out["raw_attributes"] = json.dumps(s["attributes"], separators=(",", ":"))
    return out


def session(s):
    """A span always shows one: without, what all writers derive from the workspace and the trace."""
    if s.get("session_id"):
        return s["session_id"]
    parts = b"".join(len(p).to_bytes(8, "big") + p for p in (b"w", s["trace_id"].encode()))
    return "session-" + hashlib.sha256(parts).hexdigest()[:32]


def duration(start, end):
    return Decimal(end // 1000 - start // 1000) / 1000


def sums(spans):
    out = {}
    counted = [s for s in spans if not s.get("repeats_usage")]
    for f in COUNTS:
        values = [s[f] for s in counted if f in s]
        if values:
            out[f] = sum(values)
    for f, name in COSTS.items():
        values = [s[f] for s in counted if f in s]
        if values:
            out[name] = sum(values)
    return out


class Oracle:
    def __init__(self, spans):
        self.spans = spans
        self.by_trace = {}
        for s in spans:
            self.by_trace.setdefault((s["source"], s["trace_id"]), []).append(s)

    def page(self, rows, q, show):
        first = (q["page"] - 1) * q["page_size"]
        data = [show(r) for r in rows[first:first + q["page_size"]]]
        return {"data": data, "sort": q["sort"], "pagination": {
            "page": q["page"], "page_size": q["page_size"], "current_page_size": len(data),
            "total_pages": -(-len(rows) // q["page_size"]), "total_results": len(rows)}}

    @staticmethod
    def ordered(rows, sort, by, ties):
        rows = sorted(rows, key=ties)
        return sorted(rows, key=by, reverse=sort.startswith("-"))  # stable: ties stay ascending

    def spans_list(self, q):
        rows = [s for s in self.spans if matches(s, q["terms"])]
        rows = self.ordered(rows, q["sort"], lambda s: s["started_at"],
                            lambda s: (key(s["trace_id"]), key(s["span_id"]), key(s["source"])))
        return self.page(rows, q, lambda s: show_span(s, q["mode"]))

    def groups(self, q):
        counts = {}
        for s in self.spans:
            values = tuple(s.get(f, "") for f in q["by"])
            if all(values) and matches(s, q["terms"]):
                counts[values] = counts.get(values, 0) + 1
        rows = self.ordered(counts, q["sort"], lambda v: counts[v], lambda v: [key(x) for x in v])
        return self.page(rows, q, lambda v: {"group": dict(zip(q["by"], v)), "span_count": counts[v]}) | {
            "grouped_by": q["by"]}

    def traces(self, q):
        chosen = []
        for (source, trace), spans in self.by_trace.items():
            roots = [s for s in spans if is_root(s) and matches(s, q["terms"])]
            if roots:
                chosen.append((min(roots, key=lambda s: (s["started_at"], key(s["span_id"]))), spans))
        rows = self.ordered(chosen, q["sort"], lambda r: r[0]["started_at"],
                            lambda r: (key(r[0]["trace_id"]), key(r[0]["source"])))
        return self.page(rows, q, lambda r: self.show_trace(*r, q["mode"]))

    @staticmethod
    def show_trace(root, spans, mode):
        out = {"id": root["trace_id"], "root_span_id": root["span_id"], "workspace": "w", "status": root["status"],
               "started_at": shown_time(root["started_at"])}
        out |= {"session_id": session(root)} | ({"name": root["name"]} if "name" in root else {})
        if "ended_at" in root:
            out |= {"ended_at": shown_time(root["ended_at"]), "duration_ms": duration(root["started_at"], root["ended_at"])}
        if "evaluation_id" in root:
            out["experiment_context"] = {"experiment_id": root["evaluation_id"]} | (
                {"test_case_id": root["test_case_id"]} if "test_case_id" in root else {})
        if mode != "summary":
            out |= sums(spans) | {"span_count": len(spans), "error_count": sum(s["status"] == "error" for s in spans)}
        if mode == "preview":
            out |= {f: payload(root.get(f), mode) for f in ("input", "output") if payload(root.get(f), mode) is not None}
        return out

    def sessions(self, q):
        found = {}
        for s in self.spans:
            if s.get("session_id") and matches(s, q["terms"]):
                found.setdefault(s["session_id"], []).append(s)
        rows = self.ordered(found, q["sort"], lambda i: min(s["started_at"] for s in found[i]), key)
        return self.page(rows, q, lambda i: self.show_session(i, found[i]))

    @staticmethod
    def show_session(session, spans):
        start = min(s["started_at"] for s in spans)
        out = {"id": session, "workspace": "w", "started_at": shown_time(start), "span_count": len(spans),
               "trace_count": len({(s["source"], s["trace_id"]) for s in spans})}
        out["status"] = next(x for x in ("error", "cancelled", "unknown", "success") if any(s["status"] == x for s in spans))
        if all("ended_at" in s for s in spans):
            end = max(s["ended_at"] for s in spans)
            out |= {"ended_at": shown_time(end), "duration_ms": duration(start, end)}
        return out | sums(spans)


# ---- Random requests ----


class Asker:
    def __init__(self, rng, corpus):
        self.rng = rng
        self.corpus = corpus

    def terms(self, names, traces_only):
        rng = self.rng
        out = []  # (name, field, op, value)
        # Mostly of one span, so that something is found.
        like = rng.choice([s for s in self.corpus.spans if is_root(s) or not traces_only])
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            name = rng.choice(list(names))
            if any(t[1] == names[name] for t in out):
                continue
            if names[name] not in like and rng.random() < 0.8:
                continue
            value = like.get(names[name], "nothing") if rng.random() < 0.95 else f"none {rng.randrange(9)}"
            if name in ("kind", "status"):
                value = like[name]
            if name == "id" and rng.random() < 0.5:
                value = rng.sample(self.corpus.traces, rng.randrange(1, 4)) + [like["trace_id"], "nothing"]
                out.append((name, names[name], "in", value))
                continue
            out.append((name, names[name], "eq", value))
        if rng.random() < 0.4:
            for op in rng.choice([["gte"], ["lte"], ["gte", "lte"]]):
                at = like["started_at"] if rng.random() < 0.5 else rng.randrange(*self.corpus.window)
                out.append(("started_at", "started_at", op, at // 1000 * 1000))
        return out

    def filter(self, terms):
        """Parameters that say the same in one of the three syntaxes."""
        rng = self.rng
        if not terms:
            return rng.choice([[], [("filter", "{}")]])
        way = rng.choice(["json", "brackets", "text"])
        if way == "brackets" and any("," in t[3] or t[3] == "" or t[3][:1] in "[{" for t in terms if t[2] == "eq"):
            way = "json"
        if way == "json":
            object_ = {}
            for name, _, op, value in terms:
                if op == "eq":
                    object_[name] = rng.choice([value, {"$eq": value}])
                else:
                    object_.setdefault(name, {})["$" + op] = shown_time(value) if op != "in" else value
            return [("filter", json.dumps(object_, ensure_ascii=rng.random() < 0.5))]
        if way == "brackets":
            out = []
            for name, _, op, value in terms:
                if op == "in":
                    out.append((f"filter[{name}][in]", ",".join(value)))
                elif op == "eq":
                    out.append((f"filter[{name}]", value))
                else:
                    out.append((f"filter[{name}][{rng.choice(['', '$'])}{op}]", shown_time(value)))
            return out
        signs = {"eq": ":", "gte": ">=", "lte": "<="}

        def quoted(v):
            return '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'

        parts = [f"{name} IN [{', '.join(map(quoted, value))}]" if op == "in" else
                 f"{name}{signs[op]}{quoted(value if op == 'eq' else shown_time(value))}"
                 for name, _, op, value in terms]
        return [("filter", rng.choice([" ", " AND "]).join(parts))]

    def request(self):
        rng = self.rng
        what = rng.choice(["spans", "spans", "groups", "traces", "traces", "sessions"])
        q = {"page": rng.choice([1, 1, 1, 1, 1, 2, 3, 50]), "page_size": rng.choice([1, 3, 10, 50, 1000])}
        q["sort"] = rng.choice(["started_at", "-started_at"]) if what != "groups" else rng.choice(["span_count", "-span_count"])
        params = [(k, str(v)) for k, v in q.items()]
        if what in ("spans", "traces"):
            q["mode"] = rng.choice(["summary", "preview", "detailed"])
            params.append(("mode", q["mode"]))
        if what == "groups":
            q["by"] = rng.choice([["trace_id"], ["session_id"], ["session_id", "trace_id"], ["trace_id", "session_id"]])
            params.append(("by", ",".join(q["by"])))
        terms = self.terms(TRACE_TEXTS if what == "traces" else SPAN_TEXTS, what == "traces")
        q["terms"] = [t[1:] for t in terms]
        params += self.filter(terms)
        path = {"spans": "spans", "groups": "spans/groups", "traces": "traces", "sessions": "sessions"}[what]
        target = BASE + path + "?" + "&".join(cases.quote(k) + "=" + cases.quote(v) for k, v in params)
        return what, q, target


def difference(at, want, have):
    """The first place where they differ; None: nowhere."""
    if isinstance(want, dict) and isinstance(have, dict):
        for k in sorted(set(want) | set(have)):
            if k not in want or k not in have:
                return f"{at}.{k}: {'unexpected' if k in have else 'missing'}"
            found = difference(f"{at}.{k}", want[k], have[k])
            if found:
                return found
        return None
    if isinstance(want, list) and isinstance(have, list):
        if len(want) != len(have):
            return f"{at}: {len(have)} items, expected {len(want)}"
        return next((d for d in (difference(f"{at}[{i}]", w, h) for i, (w, h) in enumerate(zip(want, have))) if d), None)
    same = want == have if isinstance(want, (str, bool)) or isinstance(have, (str, bool)) else Decimal(want) == Decimal(have)
    return None if same else f"{at}: {have!r}, expected {want!r}"


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--spans", type=int, default=600)
    p.add_argument("--queries", type=int, default=300)
    p.add_argument("--programs", default=".")
    p.add_argument("--conf", action="append", default=[], help="a line of flatspan.conf")
    p.add_argument("--quiet", action="store_true")
    a = p.parse_args()
    rng = random.Random(a.seed)
    corpus = Corpus(rng, a.spans)
    oracle = Oracle(corpus.spans)
    asker = Asker(rng, corpus)
    answers = {"spans": oracle.spans_list, "groups": oracle.groups, "traces": oracle.traces, "sessions": oracle.sessions}
    home = pathlib.Path(tempfile.mkdtemp(prefix="fs-nemo-"))
    failed = 0
    way = None
    try:
        cases.write_root(cases.File(None, [], a.conf, corpus.shards, []), home)
        way = ways.Fcgi(ways.Programs(pathlib.Path(a.programs).resolve()), home)
        found = 0
        for n in range(a.queries):
            what, q, target = asker.request()
            got = way.request(cases.Request("GET", target, [], b""))
            problem = None
            if got.status != 200:
                problem = f"status {got.status}: {got.body[:500]!r}"
            else:
                have = json.loads(got.body, parse_float=Decimal)
                have.pop("filter")
                want = answers[what](q)
                found += bool(want["data"])
                problem = difference("$", want, have)
            for text in way.complaints():
                problem = f"{problem or ''} on standard error: {text}"
            if problem:
                failed += 1
                print(f"FAIL seed {a.seed} query {n}: GET {target}\n    {problem}")
                if failed == 10:
                    break
        # An oracle that finds nothing proves nothing.
        if found < a.queries // 3:
            print(f"only {found} of {a.queries} queries found something")
            failed += 1
        if failed or not a.quiet:
            print(f"{len(corpus.spans)} spans, {a.queries} queries ({found} found something), {failed} failed")
    finally:
        if way:
            way.stop()
        shutil.rmtree(home, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
