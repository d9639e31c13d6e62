#!/usr/bin/env python3
"""Random searches over random spans: the program's answers against scale_model.py, cursors included.

	scale_search_test.py BUILD-DIR [--searches N] [--seed N]

Each account has its own spans, of several writers and in several versions. Some were there before, in several days that
are closed or not, some are sent through the API; index and scan take turns.
"""

import argparse
import json
import pathlib
import random
import shutil
import sys
import tempfile
import urllib.parse
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import scale_model as model  # noqa: E402
from cases import Request, seal  # noqa: E402
from ways import Fcgi, Programs  # noqa: E402

NAMES = ["run", "Run agent", "rerank documents", "quick_rank", "ünï", "", "chat gpt-4o"]
WORDS = ["quick", "brown", "Fox", "refund", "naïve", "100%", "don't", "404", "a_b", "x-y", "line\nbreak", "say \"hi\"",
         "back\\slash", "tab\there", "ÜBER", "\u0001", "n", "end."]
META_KEYS = ["env", "n", "list", "a.b", "$or", "q\"\\", "model", "total_tokens", "tags", "kind", "deep"]
META_VALUES = ["prod", "dev", 1, 2, "1", None, True, False, ["prod", 1], [], {"x": 1}, {"x": "1", "y": [2]}, "gpt", 7]
TRACES = ["t1", "t2", "T1", "0af7651916cd43dd8448eb211c80319c", "0af76519-16cd-43dd-8448-eb211c80319c",
          "11111111-2222-3333-4444-5555AAAABBBB", "tü\"\\"]
TERMS = ["quick", "QUICK", "fox", "brown fox", "quick  brown", "rank", "run agent", "\"quick brown\"", "\"Fox\"", "\"say \\\"hi\\\"\"",
         "don't", "100%", "naïve", "NAÏVE", "ÜBER", "über", "line\nbreak", "nbreak", "404", "\"404\"", "back\\slash", "\"back\\\\slash\"",
         "x-y", "a_b", "\"unterminated", " refund ", "end.", "env", "he", "fund",
         "0AF76519-16CD-43DD-8448-EB211C80319C", "11111111-2222-3333-4444-5555aaaabbbb",
         "one two three four five six seven eight nine", "boom", "prod"]
KINDS = ["UNKNOWN", "LLM", "CHAIN", "TOOL", "RETRIEVER", "EMBEDDING", "AGENT", "RERANKER", "EVALUATOR", "GUARDRAIL"]


def stamp(ns):
    text = f"2026-03-01T10:{ns // 10**9 // 60 % 60:02d}:{ns // 10**9 % 60:02d}"
    part = f"{ns % 10**9:09d}".rstrip("0")
    return text + ("." + part if part else "") + "Z"


def some_text(r):
    return r.choice([" ", "-", ", ", "\n"]).join(r.choices(WORDS, k=r.randrange(1, 6)))


def some_json(r, depth=2):
    n = r.randrange(6)
    if n < 2 or depth == 0:
        return some_text(r)
    if n == 2:
        return r.choice([404, 1, True, None, ""])
    if n == 3:
        return [some_json(r, depth - 1) for _ in range(r.randrange(3))]
    return {r.choice(["text", "query", "role", "a b"]): some_json(r, depth - 1) for _ in range(r.randrange(3))}


def some_metadata(r):
    m = {r.choice(META_KEYS): r.choice(META_VALUES) for _ in range(r.randrange(4))}
    if r.random() < 0.3:
        m["__acp_type__"] = r.choice(["sync", "async", 1])
    if r.random() < 0.3:
        m["note"] = some_text(r)
    return m


def some_span(r, n_ids):
    start = r.randrange(8) * 500_000_000 + r.choice([0, 0, 1, 999])
    s = {"span_id": f"s{r.randrange(n_ids)}", "trace_id": r.choice(TRACES), "source": r.choice(["scale", "scale", "otel", "opik"]),
         "session_id": r.choice(["g1", "g2", "g3"]), "started_at": stamp(start), "status": r.choice(["success", "error", "cancelled", "unknown"])}
    if s["source"] == "scale":
        s["native_type"] = r.choice(model.TYPES)
    elif s["source"] == "opik":
        s["native_type"] = r.choice(["llm", "tool", "general"])
    if r.random() < 0.9:
        s["kind"] = r.choice(KINDS)
    if r.random() < 0.8:
        s["ended_at"] = stamp(start + r.choice([0, 1, 999_999, 1_000_000, 1_000_400, 1_001_000, 2_000_000, 1_500_000_000]))
    for f, values in (("name", NAMES), ("parent_span_id", ["", "s0", "s1", "gone"]), ("application_variant_id", ["v1", "v2"]),
                      ("agent_name", ["bot", "b2"]), ("agent_id", ["7", "8"]), ("model", ["gpt", "claude"]), ("error_message", ["boom", "big boom"]),
                      ("input_tokens", [0, 1, 2, 10]), ("output_tokens", [0, 3, 30]), ("total_tokens", [7, 8]), ("tags", [["prod"], []])):
        if r.random() < 0.5:
            s[f] = r.choice(values)
    if r.random() < 0.6:
        s["metadata"] = some_metadata(r)
    if s["source"] != "scale" and r.random() < 0.6:
        s["attributes"] = some_metadata(r)
    for f in ("input", "output"):
        if r.random() < 0.6:
            v = some_json(r)
            if v is not None:
                s[f] = v
    return s


def some_lines(r):
    """Stored lines of some days: versions of one span, and ends of some, among them."""
    lines, n_ids, n_lines = [], r.choice([5, 20, 60, 60, 600]), r.choice([0, 3, 40, 120, 120, 300, 1200])
    per_day = max(50, n_lines // 5)
    for i in range(n_lines):
        s = some_span(r, n_ids)
        s["ingested_at"] = f"2026-03-{2 + i // per_day:02d}T00:{i // 60 % 60:02d}:{i % 60:02d}Z"
        if r.random() < 0.1:
            s["updated_at"] = s["ingested_at"][:-1] + r.choice([".5Z", ".9Z"])
        if r.random() < 0.05:
            s = {"op": "delete", **{k: s[k] for k in ("span_id", "trace_id", "source", "ingested_at")}}
        lines.append(s)
    return lines


def write_account(root, account, lines):
    folder = root / account
    folder.mkdir(mode=0o750)
    days = {}
    for s in lines:
        days.setdefault(s["ingested_at"][:10], []).append(s)
    for day, spans in days.items():
        data = b""
        for s in spans:
            if s.get("op") == "delete":
                s = {"op": "delete", **s}
                line = seal({k: v for k, v in s.items() if k != "op"})
                # A tombstone begins with its "op"; the seal is over all that.
                line = tombstone(line)
            else:
                line = seal(s)
            data += line
        path = folder / f"{day}.jsonl"
        path.write_bytes(data)
        path.chmod(0o640)


PUT_MEMBERS = {"id": "span_id", "trace_id": "trace_id", "name": "name", "start_timestamp": "started_at", "end_timestamp": "ended_at",
               "parent_id": "parent_span_id", "group_id": "session_id", "input": "input", "output": "output",
               "metadata": "metadata", "type": "native_type", "application_variant_id": "application_variant_id"}
STATUSES = {"success": "SUCCESS", "error": "ERROR", "cancelled": "CANCELED"}
POST_MEMBERS = ["span_id", "trace_id", "session_id", "parent_span_id", "name", "kind", "status", "started_at", "ended_at", "input", "output",
                "attributes"]


def as_scale(s):
    """What a client of Scale's would send for it."""
    item = {m: s[f] for m, f in PUT_MEMBERS.items() if f in s} | {"status": STATUSES.get(s["status"], "SUCCESS")}
    item.setdefault("name", "")
    metadata = dict(s.get("metadata", {}))
    for f, key in (("agent_name", "__agent_name__"), ("agent_id", "__agent_id__"), ("input_tokens", "input_tokens"),
                   ("output_tokens", "output_tokens"), ("model", "model")):
        if f in s:
            metadata[key] = s[f]
    return item | ({"metadata": metadata} if metadata else {})


def as_nemo(s):
    """What a client of NeMo's would send for it."""
    span = {f: s[f] for f in POST_MEMBERS if s.get(f, "") != ""}
    attributes = dict(s.get("attributes", {}))
    for f, key in (("model", "llm.model_name"), ("input_tokens", "llm.token_count.prompt"), ("output_tokens", "llm.token_count.completion")):
        if f in s:
            attributes[key] = s[f]
    return span | ({"attributes": attributes} if attributes else {})


def send_account(way, account, lines):
    """Writes through the API, some spans at a time, and returns the lines that came of it."""
    headers = [("x-selected-account-id", account), ("Content-Type", "application/json")]
    (way.home / "root" / account).mkdir(mode=0o750)
    for at in range(0, len(lines), 25):
        part = [s for s in lines[at:at + 25] if s.get("op") != "delete" and s.get("ended_at", "9") >= s["started_at"]]
        requests = [("PUT", "/v5/spans/batch", {"items": [as_scale(s) for s in part if s["source"] == "scale"]})]
        for source in ("otel", "opik"):  # an identity twice is refused
            spans = {(s["trace_id"], s["span_id"]): as_nemo(s) for s in part if s["source"] == source and s.get("parent_span_id") != s["span_id"]}
            requests.append(("POST", f"/apis/intake/v2/workspaces/{account}/ingest/spans", {"source": source, "spans": [*spans.values()]}))
        for method, path, body in requests:
            if not body.get("items") and not body.get("spans"):
                continue
            answer = way.request(Request(method, path, headers, json.dumps(body).encode()))
            if answer.status not in (200, 201):
                raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
    return stored_lines(way, account)


def stored_lines(way, account):
    files = sorted((way.home / "root" / account).glob("*.jsonl"))
    return [json.loads(line, parse_float=Decimal) for f in files for line in f.read_bytes().splitlines()]


def close_days(way, account):
    """Each write today closes a day of before: then all but today's spans are in segments of the index."""
    headers = [("x-selected-account-id", account), ("Content-Type", "application/json")]
    body = json.dumps({"items": [as_scale(some_span(random.Random(1), 1) | {"source": "scale"})]}).encode()
    for _ in range(7):
        way.request(Request("PUT", "/v5/spans/batch", headers, body))
    return stored_lines(way, account)


def tombstone(line):
    from cases import crc32c
    body = b'{"op":"delete",' + line[1:line.rindex(b',"_c"')]
    return body + b',"_c":"%08x"}\n' % crc32c(body)


def some_of(r, values, most=3):
    return r.choices(values, k=r.randrange(1, most + 1))


def some_body(r, spans):
    body = {}
    ids = [s["span_id"] for s in spans] + ["none"]

    def maybe(member, make, p=0.05):
        if r.random() < p:
            body[member] = make()

    def pairs():
        picked = [r.choice(spans) for _ in range(r.randrange(1, 12))] if spans else []
        return [{"trace_id": s["trace_id"], "span_id": s["span_id"]} for s in picked] + [{"trace_id": "t1", "span_id": r.choice(ids)}]

    def metadata():
        stored = [m for s in spans for m in (s.get("metadata"), s.get("attributes")) if m]
        if stored and r.random() < 0.6:
            k, v = r.choice(list(r.choice(stored).items()))
            return {k: r.choice([v, [v, "none"]])}
        return {r.choice(META_KEYS): r.choice(META_VALUES) for _ in range(r.choice([1, 1, 2]))}

    maybe("parents_only", lambda: r.choice([True, False]))
    maybe("span_ids", lambda: some_of(r, ids, r.choice([3, 30])))
    maybe("trace_ids", lambda: some_of(r, TRACES, r.choice([1, 3, 12])), 0.12)
    maybe("excluded_span_ids", lambda: some_of(r, ids, r.choice([3, 30])))
    maybe("excluded_trace_ids", lambda: some_of(r, TRACES))
    maybe("spans", pairs)
    maybe("excluded_spans", pairs)
    maybe("parent_ids", lambda: some_of(r, ["s0", "s1", "gone"]))
    maybe("group_id", lambda: r.choice(["g1", "g2", "none"]))
    maybe("names", lambda: some_of(r, NAMES[:5] + ["none"]))
    maybe("statuses", lambda: some_of(r, ["SUCCESS", "ERROR", "CANCELED"], 2))
    maybe("types", lambda: some_of(r, model.TYPES, r.choice([2, 14])), 0.12)
    maybe("application_variant_ids", lambda: some_of(r, ["v1", "v2", "v3"], 2))
    maybe("agentex_agent_names", lambda: some_of(r, ["bot", "none"], 2))
    maybe("agentex_agent_ids", lambda: some_of(r, ["7", "none"], 2))
    maybe("acp_types", lambda: some_of(r, ["sync", "async", "none"], 2))
    maybe("extra_metadata", metadata, 0.2)
    maybe("min_duration_ms", lambda: r.choice([0, 1, 2, 1500]))
    maybe("max_duration_ms", lambda: r.choice([0, 1, 2, 1499, 1500]))
    maybe("search_texts", lambda: some_of(r, TERMS, r.choice([1, 1, 2])), 0.25)
    return body


class Account:
    def __init__(self, way, name, spans):
        self.way, self.name, self.spans = way, name, spans
        self.cursors = []  # (text, identity, sort) of earlier answers

    def ask(self, params, body):
        query = urllib.parse.urlencode(params, quote_via=urllib.parse.quote)
        headers = [("x-selected-account-id", self.name), ("Content-Type", "application/json")]
        answer = self.way.request(Request("POST", "/v5/spans/search?" + query, headers, json.dumps(body).encode()))
        return answer.status, json.loads(answer.body)

    def by_identity(self, wanted):
        return next(s for s in self.spans if model.identity(s) == wanted)


def seen(item):
    source = "scale"
    if "source" in item.get("metadata", {}):
        source = item["metadata"]["source"]
    return item["trace_id"], item["id"], source


def one_search(r, account):
    """Problems, and what was asked."""
    sort_by = r.choice(["start_timestamp", "start_timestamp", "duration_ms", "input_tokens", "output_tokens"])
    descending = r.random() < 0.5
    limit = r.choice([1, 2, 3, 7, 100, 10000])
    body = some_body(r, account.spans)
    params = {"limit": limit, "sort_by": sort_by, "sort_order": "desc" if descending else "asc"}
    window = [None, None]
    if r.random() < 0.2:
        window[0] = r.randrange(8) * 500_000_000 + r.choice([0, 1])
        params["from_ts"] = stamp(window[0])
    if r.random() < 0.2:
        window[1] = max(window[0] or 0, r.randrange(8) * 500_000_000)
        params["to_ts"] = stamp(window[1])
    window = [w if w is None else model.nanoseconds(stamp(w)) for w in window]
    places = {"after": None, "before": None}
    n = r.random()
    if n < 0.6 and account.spans:
        side = r.choice(["after", "before"])
        if n < 0.3 and account.cursors:
            text, wanted = r.choice(account.cursors)
            places[side] = model.key(account.by_identity(wanted), sort_by)
        else:
            text = places[side] = r.choice([s["span_id"] for s in account.spans] + ["none"])
        params[{"after": "starting_after", "before": "ending_before"}[side]] = text
    want = model.search(account.spans, body, sort_by, descending, limit, window=window, **places)
    status, got = account.ask(params, body)
    asked = f"account {account.name}\n{json.dumps(params)}\n{json.dumps(body, ensure_ascii=False)}"
    if want is None:
        return ([] if status == 400 else [f"status {status}, expected 400"]), asked
    if status != 200:
        return [f"status {status}: {got}"], asked
    problems = []
    ids, expected = [seen(i) for i in got["items"]], [model.identity(s) for s in want.items]
    if ids != expected:
        at = next((i for i, (x, y) in enumerate(zip(ids, expected)) if x != y), min(len(ids), len(expected)))
        problems.append(f"{len(ids)} items, from {at} on {ids[at:at + 3]}, expected {len(expected)}, {expected[at:at + 3]}")
    for member, value in (("total", want.total), ("has_more", want.has_more), ("limit", limit)):
        if got[member] != value:
            problems.append(f"{member} {got[member]}, expected {value}")
    is_backward = places["before"] is not None
    goes_on = {"next_cursor": ids and (is_backward or want.has_more),
               "prev_cursor": ids and (want.has_more if is_backward else places["after"] is not None)}
    for member, should in goes_on.items():
        if (member in got) != bool(should):
            problems.append(f"{member} is {'' if member in got else 'not '}there")
    if not problems:
        account.cursors += [(got[m], ids[i]) for m, i in (("next_cursor", -1), ("prev_cursor", 0)) if m in got]
    return problems, asked


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--searches", type=int, default=240)
    p.add_argument("--seed", type=int, default=20260301)
    a = p.parse_args()
    r = random.Random(a.seed)
    per_account, failed, passed, shown = 40, 0, 0, 0
    for n in range(0, a.searches, per_account):
        home = pathlib.Path(tempfile.mkdtemp(prefix="fs-model-"))
        way = None
        try:
            (home / "root").mkdir(mode=0o750)
            (home / "root" / "FORMAT").write_text("flatspan 1\n")
            (home / "flatspan.conf").write_text(f"sync = none\nindex = {'no' if n // per_account % 2 else 'yes'}\n")
            lines = some_lines(r)
            way = Fcgi(Programs(a.build.resolve()), home)
            if n // per_account % 3 == 2:
                lines = send_account(way, "acme", lines)
            else:
                write_account(home / "root", "acme", lines)
            if n // per_account % 3 == 1:
                lines = close_days(way, "acme")
            account = Account(way, "acme", model.newest(lines))
            for i in range(min(per_account, a.searches - n)):
                problems, asked = one_search(r, account)
                problems += way.complaints()
                shown += len(account.cursors) > 0
                if problems:
                    failed += 1
                    if failed <= 5:
                        print(f"FAIL seed {a.seed}, search {n + i}, {len(account.spans)} spans\n{asked}\n" + "\n".join(problems))
                else:
                    passed += 1
        finally:
            if way:
                way.stop()
            shutil.rmtree(home, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
