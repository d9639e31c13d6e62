#!/usr/bin/env python3
"""Files of agent trajectories (ATIF) and chat calls: imported, read back as the tree that doc/nemo.md describes,
imported once more without any change. The tree is made here a second time, in Python.

	import_files_test.py [FILE OR DIRECTORY ...]

Without arguments: trajectories/ beside this file. A file may hold a trajectory; an object or a list of them; a list of
objects whose "traj" is a list of chat messages; or lines {"request":…,"response":…}.
"""

import copy
import datetime
import hashlib
import json
import pathlib
import struct
import sys
import urllib.parse

from opik_scene import HERE, Counter, Server

WORKSPACE = "default"
BASE = f"/apis/intake/v2/workspaces/{WORKSPACE}"
FORM = ("session_id", "started_at", "ended_at", "kind", "status", "name", "model", "agent_name", "tool_name",
        "parent_span_id", "input", "output", "input_tokens", "output_tokens", "cached_tokens", "total_tokens",
        "cost_total_usd", "error_message")
CHATS_A_FILE = 40


def stable_id(prefix, *parts):
    h = hashlib.sha256()
    for p in parts:
        data = str(p).encode()
        h.update(struct.pack(">Q", len(data)) + data)
    return f"{prefix}-{h.hexdigest()[:32]}"


def micros(text):
    """A time as the document writes it; None: it does not."""
    if not isinstance(text, str):
        return None
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if t.tzinfo is None:
        t = t.replace(tzinfo=datetime.timezone.utc)
    return (t - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def without_nulls(v):
    """What is said of a member that is null is nothing, but in what anything may stand in."""
    if isinstance(v, dict):
        return {k: x if k in ("arguments", "extra") else without_nulls(x) for k, x in v.items() if x is not None}
    return [without_nulls(x) for x in v] if isinstance(v, list) else v


def as_json(text):
    try:
        return without_nulls(json.loads(text))
    except (TypeError, ValueError):
        return text


def invocation(extra):
    """When it began and ended, in seconds."""
    i = ((extra or {}).get("invocation") or {}) if isinstance(extra, dict) else {}
    return tuple(round(i[k] * 1e6) if isinstance(i.get(k), (int, float)) else None
                 for k in ("start_timestamp", "end_timestamp"))


class Tree:
    """What a trajectory must become: rows without what is not known (times of what has none)."""

    def __init__(self, doc):
        self.rows = []
        self.session = doc["session_id"]
        self.trajectory(doc, None, None, ())

    def add(self, **row):
        row |= {"session_id": self.session, "status": row.get("status", "success")}
        self.rows.append({k: v for k, v in row.items() if v is not None})
        return row

    def times(self, doc):
        """The earliest and the latest that the document says."""
        found = [micros((doc.get("extra") or {}).get("verifier", {}).get(k)) for k in ("started_at", "finished_at")]
        for s in doc["steps"]:
            found += [micros(s.get("timestamp")), *invocation(s.get("extra"))]
            for c in s.get("tool_calls") or []:
                found += invocation(c.get("extra"))
        for sub in doc.get("subagent_trajectories") or []:
            found += self.times(sub)
        found = [t for t in found if t is not None]
        return (min(found), max(found)) if found else (None, None)

    @staticmethod
    def usage(m, taken=()):
        names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens",
                 "cached_tokens": "cached_tokens", "cost_usd": "cost_total_usd"}
        row = {to: m[of] for of, to in names.items() if m.get(of) is not None and of not in taken}
        if "input_tokens" in row or "output_tokens" in row:
            row["total_tokens"] = row.get("input_tokens", 0) + row.get("output_tokens", 0)
        return row

    def trajectory(self, doc, parent, when, place):
        agent = doc["agent"]
        span_id = stable_id("span", WORKSPACE, self.session, *place, "trajectory")
        taken = {k for s in doc["steps"] for k, v in (s.get("metrics") or {}).items() if v is not None}
        final = {k.removeprefix("total_"): v for k, v in (doc.get("final_metrics") or {}).items()}
        users = [s["message"] for s in doc["steps"] if s["source"] == "user"]
        agents = [s for s in doc["steps"] if s["source"] in ("agent", "assistant")]
        start, end = self.times(doc)
        self.add(span_id=span_id, parent_span_id=parent, kind="AGENT", name=agent["name"], agent_name=agent["name"],
                 model=agent.get("model_name") or agent.get("model"), input=users[0] if users and users[0] else None,
                 output=(agents[-1].get("message") or self.said(agents[-1])) if agents else None,
                 started_at=start if start is not None else when, ended_at=end, **self.usage(final, taken))
        here = {s.get("trajectory_id"): s for s in doc.get("subagent_trajectories") or []}
        for index, step in enumerate(doc["steps"]):
            self.step(doc, step, index, span_id, place, here)
        for key, sub in here.items():
            self.trajectory(sub, span_id, start, place + ("subagent", key))

    @staticmethod
    def said(step):
        return {k: without_nulls(step[k]) for k in ("message", "reasoning_content", "tool_calls")
                if step.get(k) not in (None, "")} or None

    def step(self, doc, step, index, parent, place, here):
        agent = doc["agent"]
        is_agent = step["source"] in ("agent", "assistant")
        hashed = without_nulls(step)
        if "cost_usd" in (hashed.get("metrics") or {}):
            hashed["metrics"]["cost_usd"] = float(hashed["metrics"]["cost_usd"])
        hashed = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        span_id = stable_id("span", WORKSPACE, self.session, *place, index, hashed)
        began, ended = invocation(step.get("extra"))
        start = began if began is not None else micros(step.get("timestamp"))
        common = {"agent_name": agent["name"],
                  "model": step.get("model_name") or agent.get("model_name") or agent.get("model")}
        self.add(span_id=span_id, parent_span_id=parent, kind="LLM" if is_agent else "AGENT", started_at=start,
                 name=agent["name"] if is_agent else f"{step['source']}-{step['step_id']}", ended_at=ended,
                 input=None if is_agent else step["message"] or None, output=self.said(step) if is_agent else None,
                 **common, **self.usage(step.get("metrics") or {}))
        results = (step.get("observation") or {}).get("results") or []
        of_call = {r["source_call_id"]: r for r in results if r.get("source_call_id")}
        for call in step.get("tool_calls") or []:
            result = of_call.get(call.get("tool_call_id"))
            call_began, call_ended = invocation(call.get("extra"))
            content = result.get("content") if result else None
            is_error = isinstance(content, str) and "[error]" in content.lower()
            name = call.get("function_name")
            self.add(parent_span_id=span_id, kind="TOOL", name=name, tool_name=name,
                     input=without_nulls(call), output=without_nulls(result),
                     started_at=call_began if call_began is not None else start, ended_at=call_ended,
                     status="error" if is_error else "success",
                     error_message=content if is_error else None, **common)
        for result in results:
            for ref in result.get("subagent_trajectory_ref") or []:
                key = ref.get("trajectory_id")
                if key in here:
                    self.trajectory(here.pop(key), span_id, start, place + ("subagent", key))
                    continue
                name = key or ref.get("trajectory_path") or ref.get("session_id")
                self.add(parent_span_id=span_id, kind="AGENT", name=f"subagent-{name}", input=without_nulls(ref),
                         output=without_nulls(result), started_at=start, ended_at=ended, **common)


def comparable(row):
    """A row as it is served, in the form of the tree's."""
    out = {k: row[k] for k in FORM if k in row} | {"span_id": row["span_id"]}
    for k in ("started_at", "ended_at"):
        if k in out:
            out[k] = micros(out[k])
    for k in ("input", "output"):
        if k in out:
            out[k] = as_json(out[k])
    return out


def wanted(row):
    out = dict(row)
    for k in ("input", "output"):
        if isinstance(out.get(k), str):
            out[k] = as_json(out[k])
        elif k in out:
            out[k] = without_nulls(out[k])
    return out


class Importer:
    def __init__(self, server, counter):
        self.server, self.c = server, counter

    def post(self, path, body):
        a = self.server.raw("POST", f"{BASE}/ingest/{path}", [("Content-Type", "application/json")],
                            json.dumps(body).encode())
        return a.status, a.body

    def spans(self, trace):
        q = urllib.parse.urlencode({"filter": json.dumps({"trace_id": trace}), "page_size": 1000, "sort": "started_at"})
        a = self.server.raw("GET", f"{BASE}/spans?{q}")
        page = json.loads(a.body)
        assert a.status == 200 and page["pagination"]["total_pages"] <= 1, a.body[:300]
        return page["data"]

    def again(self, name, path, body, trace):
        """Sent once more, nothing changes but when it came."""
        before = self.spans(trace)
        status, said = self.post(path, body)
        after = self.spans(trace)
        for row in before + after:
            row.pop("ingested_at", None)
        self.c.check(f"{name}: again", status == 201 and before == after,
                     f"{status} {said[:300]!r} {[(x, y) for x, y in zip(before, after) if x != y][:1]}")

    def trajectory(self, name, doc, is_broken=False):
        doc = copy.deepcopy(doc)
        doc.setdefault("session_id", "session of " + name)
        status, said = self.post("atif", doc)
        if not self.c.check(f"{name}: is taken", status == 201, f"{status} {said[:600]!r}"):
            return
        want = [wanted(r) for r in Tree(doc).rows]
        have = [comparable(r) for r in self.spans(doc["session_id"])]
        self.c.check(f"{name}: spans", len(have) == len(want), f"{len(have)}, not {len(want)}")
        if is_broken:  # ids of what should not be there are not documented
            for r in have + want:
                r.pop("span_id", None)
                r.pop("parent_span_id", None)
        by_id = {r.get("span_id"): r for r in have}
        rest = [r for r in have if is_broken or r["span_id"] not in {w.get("span_id") for w in want}]
        for w in want:
            # Ids of calls and references are not documented: they are found by what they say.
            what = ("parent_span_id", "kind", "name", "input")
            h = by_id.get(w["span_id"]) if "span_id" in w else next(
                (r for r in rest if all(r.get(k) == w.get(k) for k in what)), None)
            if "span_id" not in w and h:
                rest.remove(h)
            h = dict(h or {})
            if "started_at" not in w:
                h.pop("started_at", None)
            if "span_id" not in w:
                h.pop("span_id", None)
            if "started_at" in w and w.get("ended_at", w["started_at"]) < w["started_at"]:
                w.pop("ended_at")
            self.c.check(f"{name}: {w['kind']} {w.get('name')}", h == w,
                         f"\n     {sorted((h or {}).items())}\n not {sorted(w.items())}")
        self.again(name, "atif", doc, doc["session_id"])

    def chat(self, name, request, response):
        body = {"request": request, "response": response, "session_id": name}
        status, said = self.post("chat-completions", body)
        if not self.c.check(f"{name}: is taken", status == 201, f"{status} {said[:600]!r}"):
            return
        ids = json.loads(said)
        rows = self.spans(ids["span_id"])
        usage = response.get("usage") or {}
        into, out = (usage.get(f"{a}_tokens", usage.get(f"{b}_tokens"))
                     for a, b in (("prompt", "input"), ("completion", "output")))
        want = {"session_id": name, "span_id": ids["span_id"], "kind": "LLM", "status": "success",
                "model": response.get("model") or request["model"], "name": response.get("model") or request["model"],
                "input": without_nulls(request), "output": without_nulls(response),
                "input_tokens": into, "output_tokens": out, "total_tokens": into + out}
        have = comparable(rows[0]) if len(rows) == 1 else {}
        for k in ("started_at", "ended_at"):
            have.pop(k, None)
        self.c.check(f"{name}: is one span", have == without_nulls(want), f"{have}\nnot {want}")
        self.again(name, "chat-completions", body, ids["span_id"])

    def conversation(self, name, messages, left):
        for n, m in enumerate(messages):
            if m.get("role") != "assistant" or left <= 0:
                continue
            left -= 1
            self.chat(f"{name}.{n}", {"model": "gpt-4o", "messages": messages[:n] or [{"role": "user", "content": ""}]},
                      {"id": f"chatcmpl-{stable_id('c', name, n)}", "object": "chat.completion",
                       "created": 1716200000 + n,
                       "model": "gpt-4o-2024-05-13", "choices": [{"index": 0, "message": m, "finish_reason": "stop"}],
                       "usage": {"prompt_tokens": 10 * n, "completion_tokens": n, "total_tokens": 11 * n}})
        return left

    def document(self, name, doc):
        if isinstance(doc, dict) and "steps" in doc:
            self.trajectory(name, doc)
        elif isinstance(doc, dict) and "request" in doc and "response" in doc:
            self.chat(name, doc["request"], doc["response"])
        elif isinstance(doc, list) and doc and "traj" in doc[0]:
            left = CHATS_A_FILE
            for n, t in enumerate(doc):
                left = self.conversation(f"{name}.{n}", t["traj"], left)
        else:
            for key, part in doc.items() if isinstance(doc, dict) else enumerate(doc):
                if isinstance(part, (dict, list)):
                    self.document(f"{name}.{key}", part)


def documents(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line]
    return [json.loads(text)]


def main():
    c = Counter()
    paths = []
    for given in map(pathlib.Path, sys.argv[1:] or [HERE / "trajectories"]):
        paths += sorted(p for p in given.rglob("*") if p.suffix in (".json", ".jsonl")) if given.is_dir() else [given]
    # What breaks the specification is for the tolerant reading only; it must be said why.
    with Server() as strict, Server(conf="atif_strict = no\n") as tolerant:
        for path in paths:
            docs = documents(path)
            for n, doc in enumerate(docs):
                name = path.name if len(docs) == 1 else f"{path.name}.{n}"
                is_broken = isinstance(doc, dict) and "steps" in doc and not str(
                    doc.get("schema_version", "")).startswith("ATIF-v1.")
                if is_broken:
                    status, said = Importer(strict, c).post("atif", doc)
                    c.check(f"{name}: is refused", status == 422 and b'"loc"' in said, f"{status} {said[:300]!r}")
                    Importer(tolerant, c).trajectory(name, doc, is_broken)
                else:
                    Importer(strict, c).document(name, doc)
    c.check("there were files", paths)
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
