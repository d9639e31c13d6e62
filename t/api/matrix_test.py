#!/usr/bin/env python3
"""One store: what five writers wrote, read through three APIs.

	matrix_test.py BUILD-DIR [--atif FILE ...]

Writers: OpenTelemetry exporters and Opik's SDK (bytes they sent, t/captures, and the traces of data/sample), batches of Scale's SDK and Agentex, agent
trajectories (ATIF), chat completions. Readers: NeMo, Opik, Scale. Each reader's JSON is brought into one form; then all
three must say the same of every span, and what the writer said must be in it. What Opik's and Scale's clients wrote must
come back to them member by member.
"""

import argparse
import hashlib
import json
import pathlib
import re
import struct
import shutil
import sys
import tempfile
import urllib.parse
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import scale_model  # noqa: E402
from cases import Request  # noqa: E402
from ways import Fcgi, Programs  # noqa: E402

CAPTURES = HERE.parent / "captures"
SAMPLES = HERE.parent.parent / "data" / "sample"
JSON = "application/json"
OPIK_TYPE = {"LLM": "llm", "EMBEDDING": "llm", "TOOL": "tool", "RETRIEVER": "tool", "GUARDRAIL": "guardrail", "UNKNOWN": None}
KIND_OF_OPIK = {"llm": "LLM", "tool": "TOOL", "general": "CHAIN", "guardrail": "GUARDRAIL", None: "UNKNOWN"}
STATUS = {"success": "SUCCESS", "unknown": "SUCCESS", "error": "ERROR", "cancelled": "CANCELED"}
KIND_OF_SCALE = {t: "CHAIN" for t in scale_model.TYPES} | {
    "COMPLETION": "LLM", "KB_RETRIEVAL": "RETRIEVER", "DOCUMENT_SEARCH": "RETRIEVER", "FILE_RETRIEVAL": "RETRIEVER",
    "RERANKING": "RERANKER", "EXTERNAL_ENDPOINT": "TOOL", "CODE_EXECUTION": "TOOL", "EVALUATION": "EVALUATOR",
    "GUARDRAIL": "GUARDRAIL", "OUTPUT_GUARDRAIL": "GUARDRAIL", "TRACER": "AGENT", "AGENT_TRACER": "AGENT",
    "AGENT_WORKFLOW": "AGENT", "CUSTOM": "UNKNOWN", "STANDALONE": "UNKNOWN"}
# What Scale shows in the metadata because it has no member for it.
SHOWN = """source kind project environment user_id provider model tool_name __agent_id__ __agent_name__ prompt_id prompt_name
prompt_version evaluation_id evaluation_sha evaluation_run_id dataset_id dataset_name dataset_version test_case_id
evaluation_metadata cached_tokens total_tokens usage_details cost_total_usd cost_input_usd cost_output_usd cost_details
ttft_ms tags error_type error_message error_traceback origin""".split()

KEY_OF = {"cost": "cost_total_usd", "error": "error_message"}


def parse(text):
    return json.loads(text, parse_float=Decimal)


class Server:
    def __init__(self, build):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="fs-matrix-"))
        (self.home / "root").mkdir(mode=0o750)
        (self.home / "root" / "FORMAT").write_text("flatspan 1\n")
        (self.home / "flatspan.conf").write_text("sync = none\natif_strict = no\n")
        self.way = Fcgi(Programs(build.resolve()), self.home)
        self.workspace = ""

    def send(self, method, path, body=b"", kind=JSON, want=(200, 201, 204)):
        headers = [("Content-Type", kind), ("x-workspace", self.workspace)]
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        a = self.way.request(Request(method, path, headers, data))
        if a.status not in want:
            raise RuntimeError(f"{method} {path}: {a.status} {a.body[:600]!r}")
        return parse(a.body) if a.body and kind == JSON else None

    def stop(self):
        self.way.stop()
        shutil.rmtree(self.home, ignore_errors=True)


# ---- writers: what they send, and what each span of it says ----


def fields(data):
    """The fields of a protobuf message: number → list of integers or bytes."""
    out, at = {}, 0

    def varint():
        nonlocal at
        v = shift = 0
        while True:
            byte = data[at]
            at += 1
            v |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return v

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            v = varint()
        elif tag & 7 == 1:
            v, at = struct.unpack_from("<Q", data, at)[0], at + 8
        elif tag & 7 == 5:
            v, at = struct.unpack_from("<I", data, at)[0], at + 4
        else:
            n = varint()
            v, at = data[at:at + n], at + n
        out.setdefault(tag >> 3, []).append(v)
    return out


def pb_value(data):
    f = fields(data)
    if 1 in f:
        return f[1][0].decode("utf-8", "replace")
    if 2 in f:
        return bool(f[2][0])
    if 3 in f:
        return f[3][0] - (1 << 64 if f[3][0] >> 63 else 0)
    if 4 in f:
        return struct.unpack("<d", struct.pack("<Q", f[4][0]))[0]
    return None  # lists and the like have tests of their own


def otlp_protobuf(data):
    for resource in fields(data).get(1, []):
        for scope in fields(resource).get(2, []):
            for one in fields(scope).get(2, []):
                s = fields(one)
                attrs = {fields(a)[1][0].decode(): pb_value(fields(a).get(2, [b""])[0]) for a in s.get(9, [])}
                status = fields(s.get(15, [b""])[0])
                yield {"id": s[2][0].hex(), "trace": s[1][0].hex(), "parent": s.get(4, [b""])[0].hex(),
                       "name": s.get(5, [b""])[0].decode(), "start": s[7][0], "end": s[8][0], "attrs": attrs,
                       "code": status.get(3, [0])[0]}


def otlp_json(data):
    def value(v):
        for k in ("stringValue", "boolValue", "doubleValue"):
            if k in v:
                return v[k]
        return int(v["intValue"]) if "intValue" in v else None

    for resource in json.loads(data)["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for s in scope["spans"]:
                yield {"id": s["spanId"].lower(), "trace": s["traceId"].lower(), "parent": s.get("parentSpanId", "").lower(),
                       "name": s["name"], "start": int(s["startTimeUnixNano"]), "end": int(s["endTimeUnixNano"]),
                       "attrs": {a["key"]: value(a["value"]) for a in s["attributes"]}, "code": s["status"].get("code", 0)}


def whole(v):
    """Half a character is no text: it is replaced."""
    return v.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if isinstance(v, str) else v


def says_otlp(s):
    a = s["attrs"]
    row = {"id": s["id"], "trace": s["trace"], "parent": s["parent"], "name": s["name"], "start": s["start"], "end": s["end"],
           "status": "error" if s["code"] == 2 else "success"}
    if "openinference.span.kind" in a:
        row["kind"] = a["openinference.span.kind"]
        for member, key in (("input_tokens", "llm.token_count.prompt"), ("output_tokens", "llm.token_count.completion")):
            if key in a:
                row[member] = a[key]
    # What no convention knows stays as it was sent.
    row["metadata"] = {k: whole(v) for k, v in a.items()
                       if "." not in k and isinstance(v, (str, bool)) and k not in ("metadata", "input", "output")}
    return row


def write_otlp(server):
    rows = []
    for name in ("openai-oi-proto-01.pb", "sdk-proto-01.pb", "sdk-proto-02.pb", "sdk-proto-03.pb", "edge-proto-01.pb"):
        data = (CAPTURES / name).read_bytes()
        server.send("POST", "/v1/traces", data, "application/x-protobuf")
        rows += map(says_otlp, otlp_protobuf(data))
    names = ("sdk-json-01.json", "sdk-json-02.json", "sdk-json-03.json", "edge-json-01.json")
    for path in [CAPTURES / name for name in names] + sorted(SAMPLES.glob("*.json")):
        data = path.read_bytes()
        server.send("POST", "/v1/traces", data)
        rows += map(says_otlp, otlp_json(data))
    return rows


def write_opik(server):
    rows = []
    with open(CAPTURES / "opik-sdk.jsonl", encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    for r in records:
        # The batches of spans and traces; what else the SDK does has tests of its own.
        if r.get("method") != "POST" or not r["path"].endswith("/batch") or "body" not in r:
            continue
        body = json.loads(r["body"], parse_float=Decimal)
        of = "spans" if "/spans/" in r["path"] else "traces"
        server.send("POST", r["path"], r["body"].encode())
        for s in body[of]:
            row = {"id": s["id"], "trace": s["trace_id"] if of == "spans" else s["id"], "parent": s.get("parent_span_id", ""),
                   "name": s["name"], "start": nanoseconds(s["start_time"]),
                   "status": "error" if s.get("error_info") else "success" if "end_time" in s else "unknown",
                   "sent": (f"/api/v1/private/{of}/{s['id']}", s)}
            if of == "spans":
                row["kind"] = KIND_OF_OPIK[s.get("type")]
            if s.get("thread_id"):
                row["session"] = s["thread_id"]
            if "end_time" in s:
                row["end"] = nanoseconds(s["end_time"])
            for member in ("input", "output", "model", "provider", "metadata"):
                if member in s:
                    row[member] = s[member]
            for member, key in (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens")):
                if key in s.get("usage", {}):
                    row[member] = s["usage"][key]
            rows.append(row)
    return rows


def nanoseconds(text):
    return scale_model.nanoseconds(text.replace("+00:00", "Z"))


def write_scale(server):
    """As the SDK and Agentex write: each span twice, when it begins and when it ends; all types among them."""
    start, rows = "2026-03-01T10:00:{:02d}.123456+00:00", []
    items = []
    for i, kind in enumerate(scale_model.TYPES):
        items.append({"id": f"5ca1e000-0000-4000-8000-{i:012d}", "trace_id": f"7race000-{i % 5}", "name": f"step {kind.lower()}",
                      "start_timestamp": start.format(i), "end_timestamp": f"2026-03-01T10:01:{i:02d}+00:00", "type": kind,
                      "status": ["SUCCESS", "ERROR", "CANCELED"][i % 3], "input": {"q": f"fräge {i}\n", "n": [1.50, None]}, "output": {},
                      "metadata": {"__source__": "agentex", "__agent_name__": "bot", "__agent_id__": "a7", "k": {"deep": [i]}}})
    items[1]["parent_id"] = items[6]["id"]  # its trace's
    for i in (0, 5, 10):
        items[i]["group_id"] = "chat-1"
    items[3]["metadata"]["usage"] = {"prompt_tokens": 3, "completion_tokens": 4}
    items[3]["metadata"]["model"] = "gpt-4o"
    items[4]["metadata"] |= {"error": True, "error_type": "Timeout", "error_message": "took \"too\" long"}
    items[5]["expected"] = {"a": "b"}
    items[5]["application_variant_id"] = "v1"
    items[6]["application_interaction_id"] = "i1"
    server.send("PUT", "/v5/spans/batch", {"items": [{k: v for k, v in s.items() if k != "end_timestamp"} for s in items]})
    server.send("PUT", "/v5/spans/batch", {"items": items})
    for s in items:
        row = {"id": s["id"], "trace": s["trace_id"], "parent": s.get("parent_id", ""), "name": s["name"], "kind": KIND_OF_SCALE[s["type"]],
               "start": nanoseconds(s["start_timestamp"]), "end": nanoseconds(s["end_timestamp"]), "input": s["input"], "output": s["output"],
               "status": {"SUCCESS": "success", "ERROR": "error", "CANCELED": "cancelled"}[s["status"]], "metadata": s["metadata"],
               "sent": ("/v5/spans/" + s["id"], s)}
        if "group_id" in s:
            row["session"] = s["group_id"]
        if "model" in s["metadata"]:
            row |= {"model": "gpt-4o", "input_tokens": 3, "output_tokens": 4}
        if "error_message" in s["metadata"]:
            row["error"] = s["metadata"]["error_message"]
        rows.append(row)
    return rows


TRAJECTORY = {
    "schema_version": "ATIF-v1.4", "session_id": "sess-matrix", "agent": {"name": "analyst", "version": "2.1.0", "model_name": "gpt-4-turbo"},
    "steps": [
        {"step_id": 1, "timestamp": "2025-01-15T14:00:00Z", "source": "user", "message": "Compare \"A\" and \"B\"."},
        {"step_id": 2, "timestamp": "2025-01-15T14:00:03Z", "source": "agent", "message": "Looking.", "model_name": "gpt-4-turbo",
         "reasoning_content": "Two calls.", "metrics": {"prompt_tokens": 150, "completion_tokens": 42, "cached_tokens": 10, "cost_usd": 0.0105},
         "tool_calls": [{"tool_call_id": "c1", "function_name": "search", "arguments": {"q": "A"}},
                        {"tool_call_id": "c2", "function_name": "search", "arguments": {"q": "B"}}],
         "observation": {"results": [{"source_call_id": "c1", "content": "A: 94.9"}, {"source_call_id": "c2", "content": "B: 69.6"}]}},
        {"step_id": 3, "timestamp": "2025-01-15T14:00:09Z", "source": "agent", "message": "A is larger.",
         "metrics": {"prompt_tokens": 300, "completion_tokens": 12}}]}


def write_atif(server, files):
    """The trajectory's tree has ids of its own, so here only some spans are known by what they say."""
    rows = []
    for data in [json.dumps(TRAJECTORY).encode()] + [pathlib.Path(f).read_bytes() for f in files]:
        server.send("POST", f"/apis/intake/v2/workspaces/{server.workspace}/ingest/atif", data)
    spans = server.send("POST", "/v5/spans/search?limit=10000", {"trace_ids": ["sess-matrix"]})["items"]
    if len(spans) != 6:
        raise RuntimeError(f"the trajectory became {[s['name'] for s in spans]}")
    root = next(s for s in spans if "parent_id" not in s)
    step = next(s for s in spans if s.get("input_tokens") == 150)
    rows.append({"id": root["id"], "trace": "sess-matrix", "parent": "", "kind": "AGENT", "session": "sess-matrix", "status": "success",
                 "input": "Compare \"A\" and \"B\".", "output": "A is larger."})
    rows.append({"id": step["id"], "trace": "sess-matrix", "parent": root["id"], "kind": "LLM", "model": "gpt-4-turbo",
                 "start": nanoseconds("2025-01-15T14:00:03Z"), "input_tokens": 150, "output_tokens": 42})
    for s in spans:
        if s["name"] == "search":
            rows.append({"id": s["id"], "parent": step["id"], "kind": "TOOL", "session": "sess-matrix"})
    return rows


def write_chat(server):
    request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "6 times 7? \"now\""}], "temperature": 0.25}
    response = {"id": "chatcmpl-matrix", "object": "chat.completion", "created": 1772359200, "model": "gpt-4o-mini-2024",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "42"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 24, "completion_tokens": 2, "total_tokens": 26, "prompt_tokens_details": {"cached_tokens": 16}}}
    path = f"/apis/intake/v2/workspaces/{server.workspace}/ingest/chat-completions"
    server.send("POST", path, {"request": request, "response": response, "session_id": "chat-9", "cost_usd": 0.125})
    failed = {"error": {"message": "no such model", "type": "invalid_request_error", "code": "model_not_found"}}
    made = server.send("POST", path, {"request": request, "response": failed, "trace_id": "t-fail"})
    return [{"id": "chatcmpl-matrix", "trace": "chatcmpl-matrix", "parent": "", "name": "gpt-4o-mini-2024", "kind": "LLM", "status": "success",
             "session": "chat-9", "start": 1772359200 * 10**9, "model": "gpt-4o-mini-2024", "provider": "openai", "input_tokens": 24,
             "output_tokens": 2, "total_tokens": 26, "cost": Decimal("0.125"),
             "input": parse(json.dumps(request)), "output": parse(json.dumps(response))},
            {"id": made["span_id"], "trace": "t-fail", "status": "error", "error": "no such model"}]


# ---- readers: one form of what each says ----


def spelt(v):
    """An object or a list that a text spells is that: NeMo, whose payloads are texts, cannot tell."""
    if isinstance(v, str):
        try:
            inner = parse(v)
        except ValueError:
            return v
        return inner if isinstance(inner, (dict, list)) else v
    return v


def payload(v):
    """As plainly as all can say it: what is no object stands in one."""
    v = spelt(v)
    if isinstance(v, dict) and v.keys() == {"value"}:
        return {"value": spelt(v["value"])}
    return v if v is None or isinstance(v, dict) else {"value": v}


def read_nemo(server, id_):
    s = server.send("GET", f"/apis/intake/v2/workspaces/{server.workspace}/spans/" + urllib.parse.quote(id_, safe=""))

    def text(member):
        if member not in s:
            return None
        try:
            v = parse(s[member])  # any JSON comes as its text, a text as it is
        except ValueError:
            v = s[member]
        return payload(v if isinstance(v, (dict, list)) else s[member])

    raw = parse(s.get("raw_attributes", "{}"))
    own = raw.pop("metadata") if isinstance(raw.get("metadata"), dict) else {}
    tags = raw.pop("tags", None)
    raw.pop("expected", None)
    return {"id": s["span_id"], "trace": s["trace_id"], "parent": s.get("parent_span_id", ""), "name": s.get("name", ""), "kind": s["kind"],
            "status": s["status"], "start": nanoseconds(s["started_at"]), "end": nanoseconds(s["ended_at"]) if "ended_at" in s else None,
            "session": s["session_id"], "input": text("input"), "output": text("output"), "model": s.get("model"), "provider": s.get("provider"),
            "input_tokens": s.get("input_tokens"), "output_tokens": s.get("output_tokens"), "total_tokens": s.get("total_tokens"),
            "cost": s.get("cost_total_usd"), "tags": tags or [], "error": s.get("error_message"),
            "metadata": raw | own, "source": s["source"]}


def read_scale(server, id_):
    s = server.send("GET", "/v5/spans/" + urllib.parse.quote(id_, safe=""))
    m = dict(s.get("metadata", {}))
    row = {"id": s["id"], "trace": s["trace_id"], "parent": s.get("parent_id", ""), "name": s["name"], "type": s["type"], "status": s["status"],
           "start": nanoseconds(s["start_timestamp"]), "end": nanoseconds(s["end_timestamp"]) if "end_timestamp" in s else None,
           "session": s.get("group_id"), "input": payload(s.get("input")), "output": payload(s.get("output")),
           "input_tokens": s.get("input_tokens"), "output_tokens": s.get("output_tokens"), "metadata": m}
    for member in ("model", "provider", "total_tokens", "cost", "tags", "error"):
        row[member] = m.get(KEY_OF.get(member, member))
    return row


def read_opik(server, id_, is_trace):
    """Opik's own traces are rows too: what the route for traces does not say of one is taken for granted."""
    s = server.send("GET", f"/v1/private/{'traces' if is_trace else 'spans'}/" + urllib.parse.quote(id_, safe=""))
    if is_trace:
        s = s | {"trace_id": s["id"], "type": "general", "usage": {}}
    usage, error = s.get("usage", {}), s.get("error_info") or {}
    return {"id": s["id"], "trace": s["trace_id"], "parent": s.get("parent_span_id", ""), "name": s.get("name", ""), "type": s.get("type"),
            "start": nanoseconds(s["start_time"]), "end": nanoseconds(s["end_time"]) if "end_time" in s else None,
            "input": payload(s.get("input")), "output": payload(s.get("output")), "model": s.get("model"), "provider": s.get("provider"),
            "input_tokens": usage.get("prompt_tokens"), "output_tokens": usage.get("completion_tokens"), "total_tokens": usage.get("total_tokens"),
            "cost": s.get("total_estimated_cost"), "tags": s.get("tags", []), "is_error": "error_info" in s,
            "error": error.get("message"), "metadata": s.get("metadata", {})}


# ---- what must hold ----


class Checks:
    def __init__(self):
        self.passed, self.failed, self.shown = 0, 0, set()

    def same(self, where, got, want):
        if got == want and type(got) == type(want) or isinstance(got, (int, Decimal, float)) and not isinstance(got, bool) and got == want:
            self.passed += 1
            return
        self.failed += 1
        kind = where.split()[0] + where.partition(",")[2]
        if kind not in self.shown:  # the first of a kind
            self.shown.add(kind)
            print(f"FAIL {where}: {got!r:.400}, expected {want!r:.400}")


def derived_session(workspace, trace):
    data = b"".join(struct.pack(">Q", len(p.encode())) + p.encode() for p in (workspace, trace))
    return "session-" + hashlib.sha256(data).hexdigest()[:32]


def shown_by_opik(id_):
    """Opik shows hex ids as UUIDs of version 7 (doc/opik.md)."""
    if re.fullmatch("[0-9a-f]{16}", id_):
        digits = f"800000000000700{id_[0]}8{id_[1:]}"
    elif re.fullmatch("[0-9a-f]{32}", id_):
        digits = id_
        if not re.match("0[1-3].{10}7.{3}[89ab]", id_):  # no UUID of version 7 of our time
            digits = f"{int(id_[0], 16) | 8:x}{id_[1:12]}7{id_[13:16]}{int(id_[16], 16) & 3 | 8:x}{id_[17:]}"
    else:
        return id_
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def agree(c, where, workspace, nemo, opik, scale):
    """The three readers say the same."""
    for member in ("id", "trace", "parent"):
        c.same(f"{where}, Opik's {member}", opik[member], shown_by_opik(nemo[member]))
    for member in ("id", "trace", "parent", "name", "input", "output", "input_tokens", "output_tokens"):
        c.same(f"{where}, Scale's {member}", scale[member], nemo[member])
        if member in ("name", "input", "output"):
            c.same(f"{where}, Opik's {member}", opik[member], nemo[member])
    for member in ("start", "end"):
        c.same(f"{where}, Opik's {member}", opik[member], scale[member])
        cut = scale[member] if scale[member] is None else scale[member] // 1000 * 1000  # NeMo's are microseconds
        c.same(f"{where}, NeMo's {member}", nemo[member], cut)
    own_type = nemo["source"] == "scale"
    c.same(f"{where}, Scale's type", KIND_OF_SCALE[scale["type"]] if own_type else scale["type"],
           nemo["kind"] if own_type else scale_model.TYPE_OF_KIND.get(nemo["kind"], "STANDALONE"))
    c.same(f"{where}, Opik's type", opik["type"], OPIK_TYPE.get(nemo["kind"], "general"))
    c.same(f"{where}, Scale's status", scale["status"], STATUS[nemo["status"]])
    c.same(f"{where}, Opik's error", opik["is_error"], nemo["status"] == "error")
    is_derived = nemo["session"] == derived_session(workspace, nemo["trace"])
    c.same(f"{where}, Scale's group", scale["session"], None if is_derived else nemo["session"])
    for member in ("model", "provider", "total_tokens", "error", "cost"):
        # A key of the writer's own metadata comes first.
        key = KEY_OF.get(member, member)
        if key not in nemo["metadata"] and (scale[member] is not None or not own_type):
            c.same(f"{where}, Scale's {member}", scale[member], nemo[member])
    c.same(f"{where}, Opik's model", opik["model"], nemo["model"])
    c.same(f"{where}, Opik's provider", opik["provider"], nemo["provider"])
    if nemo["error"]:
        c.same(f"{where}, Opik's message", opik["error"], nemo["error"])
    if opik["input_tokens"] is not None:
        c.same(f"{where}, Opik's usage", [opik[m] for m in ("input_tokens", "output_tokens")], [nemo[m] for m in ("input_tokens", "output_tokens")])
    elif nemo["input_tokens"] is not None:
        c.same(f"{where}, Opik's usage", None, nemo["input_tokens"])
    c.same(f"{where}, Opik's tags", sorted(opik["tags"]), sorted(nemo["tags"]))
    want = nemo["metadata"]
    c.same(f"{where}, Scale's metadata", {k: v for k, v in scale["metadata"].items() if k in want or k not in SHOWN}, want)
    c.same(f"{where}, Opik's metadata", {k: v for k, v in opik["metadata"].items() if k in want or k not in ("provider", "providers")}, want)


def holds(c, where, row, nemo, opik, scale):
    """What the writer said is what each reader says."""
    for member in ("id", "trace", "parent", "name", "kind", "session", "status", "model", "provider", "input_tokens", "output_tokens",
                   "total_tokens", "cost", "error"):
        if member in row:
            c.same(f"{where}, {member} as written", nemo[member], row[member])
    for member in ("start", "end"):
        if member in row:
            c.same(f"{where}, {member} as written", scale[member], row[member])
    for member in ("input", "output"):
        if member in row:
            for reader, name in ((nemo, "NeMo"), (opik, "Opik"), (scale, "Scale")):
                c.same(f"{where}, {member} as written, {name}", reader[member], payload(row[member]))
    for k, v in row.get("metadata", {}).items():
        for reader, name in ((nemo, "NeMo"), (opik, "Opik"), (scale, "Scale")):
            c.same(f"{where}, {k} as written, {name}", reader["metadata"].get(k), v)


def unchanged(c, where, server, path, sent):
    """Member by member, times by the moment they mean."""
    got = server.send("GET", path)
    for k, v in sent.items():
        if k.endswith(("_time", "_timestamp")):
            c.same(f"{where}, {k} reads back", nanoseconds(got[k]), nanoseconds(v))
        elif k == "metadata" and path.startswith("/api"):
            c.same(f"{where}, {k} reads back", {m: x for m, x in got[k].items() if m in v}, v)  # the provider may stand before it
        elif v not in ([], None):
            c.same(f"{where}, {k} reads back", got.get(k), v)


def run_writer(c, server, name, write):
    server.workspace = "w-" + name
    rows = {}
    for row in write(server):
        rows[row["id"]] = row  # a span that was sent again
    spans, cursor = [], None
    while True:
        query = "limit=1000" + (f"&starting_after={cursor}" if cursor else "")
        page = server.send("POST", "/v5/spans/search?" + query, {})
        spans += [s["id"] for s in page["items"]]
        cursor = page.get("next_cursor")
        if not cursor:
            break
    c.same(f"{name}: spans", sorted(set(rows) - set(spans)), [])
    c.same(f"{name}: total", page["total"], len(spans))
    if name not in ("atif",):
        c.same(f"{name}: no more spans than were written", len(spans), len(rows))
    for id_ in spans:
        where = f"{name} {id_}"
        nemo, scale = read_nemo(server, id_), read_scale(server, id_)
        opik = read_opik(server, id_, nemo["source"] == "opik" and nemo["trace"] == id_)
        agree(c, where, server.workspace, nemo, opik, scale)
        if id_ in rows:
            holds(c, where, rows[id_], nemo, opik, scale)
            if "sent" in rows[id_]:
                unchanged(c, where, server, *rows[id_]["sent"])
    for text in server.way.complaints():
        c.same(name, text, "")
    return len(spans)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--atif", nargs="*", default=[], help="further trajectories")
    p.add_argument("--verbose", action="store_true")
    a = p.parse_args()
    writers = {"otlp": write_otlp, "opik": write_opik, "scale": write_scale, "atif": lambda s: write_atif(s, a.atif), "chat": write_chat}
    c, server = Checks(), Server(a.build)
    try:
        for name, write in writers.items():
            before = c.failed
            n = run_writer(c, server, name, write)
            if a.verbose:
                print(f"{name}: {n} spans by 3 readers, {c.failed - before} failed")
    finally:
        server.stop()
    print(f"{c.passed} passed, {c.failed} failed")
    return 1 if c.failed else 0


if __name__ == "__main__":
    sys.exit(main())
