"""What Scale's search means, said once more in Python, over plain dictionaries.

Nothing here is taken from the program: a span is a stored line's object, a search is a request, and the answer follows
from doc/scale.md by looking at every span. scale_search_test.py holds the program to it.
"""

import datetime
import json
import re
from decimal import Decimal

TYPES = """TEXT_INPUT TEXT_OUTPUT COMPLETION_INPUT COMPLETION KB_RETRIEVAL KB_INPUT RERANKING EXTERNAL_ENDPOINT
PROMPT_ENGINEERING DOCUMENT_INPUT MAP_REDUCE DOCUMENT_SEARCH DOCUMENT_PROMPT CUSTOM CODE_EXECUTION DATA_MANIPULATION
EVALUATION FILE_RETRIEVAL KB_ADD_CHUNK KB_MANAGEMENT GUARDRAIL OUTPUT_GUARDRAIL TRACER AGENT_TRACER AGENT_WORKFLOW
STANDALONE""".split()
TYPE_OF_KIND = {"LLM": "COMPLETION", "AGENT": "AGENT_WORKFLOW", "TOOL": "CUSTOM", "RETRIEVER": "KB_RETRIEVAL",
                "EMBEDDING": "CUSTOM", "RERANKER": "RERANKING", "EVALUATOR": "EVALUATION", "GUARDRAIL": "GUARDRAIL"}
# Fields that Scale has no member for, under the keys that the metadata of foreign spans shows.
SHOWN = {"source": "source", "kind": "kind", "model": "model", "provider": "provider", "agent_id": "__agent_id__",
         "agent_name": "__agent_name__", "total_tokens": "total_tokens", "cost_total_usd": "cost_total_usd", "tags": "tags",
         "error_message": "error_message"}
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PHRASE = re.compile(r"[0-9A-Za-z]+([ \t\r\n]+[0-9A-Za-z]+){0,7}")
EDGE = "\ue000"  # the quotes of JSON, which no text has


def nanoseconds(text):
    m = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z", text)
    t = datetime.datetime.fromisoformat(f"{m[1]}T{m[2]}+00:00")
    return int(t.timestamp()) * 10**9 + int((m[3] or "").ljust(9, "0"))


def newest(lines):
    """The current spans: of each identity the newest version, none that was deleted."""
    best = {}
    for n, s in enumerate(lines):
        key = (s.get("source", ""), s["trace_id"], s["span_id"])
        version = nanoseconds(s.get("updated_at") or s["ingested_at"])
        if key not in best or (version, n) >= best[key][:2]:
            best[key] = (version, n, s)
    return [s for _, _, s in best.values() if s.get("op") != "delete"]


def is_own(s):
    return s.get("source") == "scale"


def shown_type(s):
    if s.get("native_type") in TYPES:
        return s["native_type"]
    return TYPE_OF_KIND.get(s.get("kind"), "STANDALONE")


def shown_status(s):
    return {"error": "ERROR", "cancelled": "CANCELED"}.get(s.get("status"), "SUCCESS")


def duration(s):
    if "ended_at" not in s:
        return None
    d = nanoseconds(s["ended_at"]) - nanoseconds(s["started_at"])
    return d if d >= 0 else None


# ---- text ----


def lower(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


def texts_of(value):
    """The strings of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield k
            yield from texts_of(v)
    elif isinstance(value, list):
        for v in value:
            yield from texts_of(v)


def said(value):
    """The JSON text of a value, its strings as they read."""
    if isinstance(value, str):
        return EDGE + value + EDGE
    if isinstance(value, dict):
        return "{" + ",".join(EDGE + k + EDGE + ":" + said(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(said, value)) + "]"
    return json.dumps(value) if not isinstance(value, Decimal) else str(value)


def words(text):
    return re.findall(r"[^\x00-\x2f:-@\[-`{-\x7f" + EDGE + "]+", text)


def has_phrase(text, phrase):
    have, want = words(lower(text)), words(lower(phrase))
    return any(have[i:i + len(want)] == want for i in range(len(have) - len(want) + 1))


def unquote(term):
    """What stands in the quotes; None: these are no quotes from end to end."""
    if len(term) < 2 or term[0] != '"':
        return None
    out, i = "", 1
    while i < len(term) and term[i] != '"':
        if term[i] == "\\" and term[i + 1:i + 2] in ('"', "\\"):
            i += 1
        out += term[i]
        i += 1
    return out if i + 1 == len(term) else None


def finds(term, s):
    quoted = unquote(term)
    name = s.get("name", "")
    values = [s[f] for f in ("input", "output", "metadata", "attributes") if f in s]
    plain = [s[f] for f in ("error_message",) if f in s]
    if quoted is not None:
        want = lower(quoted)
        return want in lower(name) or any(want in lower(t) for t in plain) or any(
            want in lower(t) for v in values for t in texts_of(v))
    if PHRASE.fullmatch(term):
        return lower(term) in lower(name) or any(has_phrase(t, term) for t in [name, *plain, *map(said, values)])
    return any(lower(term) in lower(t) for t in [name, *plain, *map(said, values)])


def says_all(terms, s):
    terms = [t.strip(" \t\r\n") for t in terms]
    uuids = [t for t in terms if UUID.fullmatch(t)]
    others = [t for t in terms if not UUID.fullmatch(t)]
    for u in uuids:
        if s["trace_id"] in (u, u.lower(), u.upper(), u.lower().replace("-", "")):
            return True
    return bool(others) and all(finds(t, s) for t in others)


# ---- metadata ----


def same(x, y):
    if isinstance(x, bool) or isinstance(y, bool) or x is None or y is None:
        return x is y
    if isinstance(x, (int, Decimal)) and isinstance(y, (int, Decimal)):
        return x == y
    if type(x) is not type(y):
        return False
    if isinstance(x, dict):
        return x.keys() == y.keys() and all(same(v, y[k]) for k, v in x.items())
    if isinstance(x, list):
        return len(x) == len(y) and all(map(same, x, y))
    return x == y


def fits(stored, wanted):
    """Stored equals a wanted value, or an element of it does."""
    have = [stored, *stored] if isinstance(stored, list) else [stored]
    return any(same(h, w) for h in have for w in wanted)


def has_metadata(s, key, value):
    wanted = [value, *value] if isinstance(value, list) else [value]
    for f in ("metadata", "attributes"):
        if isinstance(s.get(f), dict) and key in s[f]:
            if fits(s[f][key], wanted):
                return True
            break  # what is shown is the first
    if is_own(s):
        return False
    return any(k == key and f in s and fits(s[f], wanted) for f, k in SHOWN.items())


# ---- a search ----


def matches(s, body, window):
    def any_of(member, value):
        return not body.get(member) or value in body[member]

    started = nanoseconds(s["started_at"])
    if not (window[0] is None or window[0] <= started) or not (window[1] is None or started <= window[1]):
        return False
    pair = {"trace_id": s["trace_id"], "span_id": s["span_id"]}
    if body.get("parents_only") and s.get("parent_span_id"):
        return False
    if not (any_of("span_ids", s["span_id"]) and any_of("trace_ids", s["trace_id"]) and any_of("spans", pair)):
        return False
    if not (any_of("parent_ids", s.get("parent_span_id")) and any_of("names", s.get("name"))):
        return False
    if s["trace_id"] in (body.get("excluded_trace_ids") or []):
        return False
    if body.get("excluded_spans"):
        if pair in body["excluded_spans"]:
            return False
    elif s["span_id"] in (body.get("excluded_span_ids") or []):
        return False
    if body.get("group_id") is not None and s.get("session_id") != body["group_id"]:
        return False
    if not (any_of("types", shown_type(s)) and any_of("statuses", shown_status(s))):
        return False
    if not (any_of("application_variant_ids", s.get("application_variant_id"))
            and any_of("agentex_agent_names", s.get("agent_name")) and any_of("agentex_agent_ids", s.get("agent_id"))):
        return False
    acp = [s[f]["__acp_type__"] for f in ("metadata", "attributes") if "__acp_type__" in s.get(f, {})]
    if body.get("acp_types") and not (acp and isinstance(acp[0], str) and acp[0] in body["acp_types"]):
        return False
    if not all(has_metadata(s, k, v) for k, v in (body.get("extra_metadata") or {}).items()):
        return False
    d = duration(s)
    if body.get("min_duration_ms") is not None and (d is None or d < body["min_duration_ms"] * 10**6):
        return False
    if body.get("max_duration_ms") is not None and (d is None or d // 1000 > body["max_duration_ms"] * 1000):
        return False
    return not body.get("search_texts") or says_all(body["search_texts"], s)


def identity(s):
    return s["trace_id"], s["span_id"], s.get("source", "")


def key(s, sort_by):
    value = {"start_timestamp": lambda: nanoseconds(s["started_at"]), "duration_ms": lambda: duration(s) or 0,
             "input_tokens": lambda: s.get("input_tokens", 0), "output_tokens": lambda: s.get("output_tokens", 0)}[sort_by]()
    return (value, *(x.encode() for x in identity(s)))


class Answer:
    def __init__(self, items, total, has_more):
        self.items, self.total, self.has_more = items, total, has_more


def search(spans, body, sort_by="start_timestamp", descending=False, limit=100, after=None, before=None, window=(None, None)):
    """after, before: a key (of this order), or a span id. None: there is no such span."""
    keys = sorted(((key(s, sort_by), s) for s in spans), key=lambda ks: ks[0], reverse=descending)
    traces = body.get("trace_ids") or []
    place = after if after is not None else before
    if isinstance(place, str):
        of_id = [(k, s) for k, s in keys if s["span_id"] == place]
        # One trace asked for says which span is meant, unless none of that id is in it.
        named = [k for k, s in of_id if [s["trace_id"]] == traces] or [k for k, _ in of_id]
        if not named:
            return None
        place = named[-1] if after is not None else named[0]
    found = [(k, s) for k, s in keys if matches(s, body, window)]
    page = found
    if place is not None:
        def is_behind(k):
            return (k < place) if descending else (k > place)
        page = [(k, s) for k, s in found if (is_behind(k) if after is not None else k != place and not is_behind(k))]
    shown = page[-limit:] if before is not None else page[:limit]
    return Answer([s for _, s in shown], len(found), len(page) > limit)
