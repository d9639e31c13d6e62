"""What Opik's filters, orders and searches mean, written down a second time and without haste: over
Python objects, one after the other.  opik_oracle_test.py compares answers with this."""

import datetime
import decimal
import functools
import json
import re

D = decimal.Decimal
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def lower(s):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in s)


def compact(v):
    return "" if v is None else json.dumps(v, separators=(",", ":"), ensure_ascii=False)


def micros(text):
    if text is None:
        return None
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (t - EPOCH) // datetime.timedelta(microseconds=1)


def steps(path):
    """$.a.b[0]["c d"]"""
    for name, index, quoted in re.findall(r'\.?([^.\[\]"$]+)|\[(\d+)\]|\.?\[?"([^"]*)"\]?', path):
        yield int(index) if index else quoted or name


def at_path(value, key):
    """What ClickHouse's JSON_VALUE gives: a scalar's text, '' for all else."""
    for s in steps(key):
        if isinstance(s, int) and isinstance(value, list) and s < len(value):
            value = value[s]
        elif isinstance(s, str) and isinstance(value, dict) and s in value:
            value = value[s]
        else:
            return ""
    if isinstance(value, (dict, list)):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def number(text, zeros=""):
    """A JSON number; zeros: what may stand in front of its digits."""
    return D(text) if re.fullmatch(rf"-?{zeros}(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", text) else None


COMPARE = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}
TEXT = COMPARE | {
    "contains": lambda a, b: b in a, "not_contains": lambda a, b: b not in a,
    "starts_with": lambda a, b: a.startswith(b), "ends_with": lambda a, b: a.endswith(b)}


def by_bytes(f):
    return lambda a, b: f(a.encode(), b.encode())


def text_holds(op, have, value, exact=False):
    if not exact:
        have, value = lower(have), lower(value)
    return by_bytes(TEXT[op])(have, value)


def duration(x):
    """In milliseconds; None: unfinished."""
    start, end = micros(x["start_time"]), micros(x.get("end_time"))
    return None if end is None or start == 0 else D(end - start) / 1000


def dictionary_holds(op, key, value, have):
    text = at_path(have, key) if have is not None else ""
    if op in ("is_empty", "is_not_empty"):
        return (text in ("", "null")) == (op == "is_empty")
    if op in (">", "<"):
        a, b = number(text), number(value, "0*")
        return a is not None and b is not None and COMPARE[op](a, b)
    return text_holds(op, text, value)


def scores_hold(op, key, value, scores):
    mine = {lower(n): v for n, v in scores.items()}
    key = lower(key)
    if op == "is_not_empty":
        return key in mine
    if op == "!=":
        return bool(mine) and mine.get(key) != D(value)
    return key in mine and COMPARE[op](mine[key], D(value))


def number_of(field, x, sums):
    """None never matches."""
    if field == "duration":
        return duration(x) or D(0)
    if field == "ttft":
        return None if x.get("ttft") is None else D(str(x["ttft"]))
    if field in ("span_count", "llm_span_count"):
        return D(sums[field])
    if field == "total_estimated_cost":
        return sums["cost"] if sums else D(str(x.get("total_estimated_cost") or 0))
    usage = sums["usage"] if sums else x.get("usage") or {}
    return D(usage.get(field.removeprefix("usage."), 0))


STRINGS = {
    "id": "id", "trace_id": "trace_id", "name": "name", "model": "model", "provider": "provider",
    "thread_id": "thread_id"}


def holds(f, x, scores, sums):
    """One filter on one span or trace; sums: of the trace's spans, None for a span."""
    field, op, key, value = f["field"], f["operator"], f.get("key"), f.get("value")
    if field in ("input", "output"):
        return text_holds(op, compact(x.get(field)), value)
    if field in ("error_type", "error_message"):
        member = "exception_type" if field == "error_type" else "message"
        return text_holds(op, (x.get("error_info") or {}).get(member) or "", value)
    if field in STRINGS:
        exact = sums is None and field in ("id", "trace_id")
        return text_holds(op, x.get(STRINGS[field]) or "", value, exact)
    if field in ("start_time", "end_time"):
        have = micros(x.get(field))
        return have is not None and COMPARE[op](have, micros(value))
    if field in ("input_json", "output_json", "metadata"):
        return dictionary_holds(op, key, value, x.get(field.removesuffix("_json")))
    if field == "custom":
        part, rest = re.fullmatch(r"(?:\$\.)?(input|output)\.?(.*)", key, re.S).groups()
        if rest:
            return dictionary_holds(op, rest, value, x.get(part))
        return text_holds(op, compact(x.get(part)), value)
    if field == "tags":
        tags = x.get("tags") or []
        if op in ("is_empty", "is_not_empty"):
            return (not tags) == (op == "is_empty")
        found = any(lower(value) in lower(t) for t in tags) if "contains" in op else value in tags
        return found == (op in ("contains", "="))
    if field == "feedback_scores":
        return scores_hold(op, key, value, scores)
    if field == "error_info":
        return (not x.get("error_info")) == (op == "is_empty")
    if field == "source":
        have, value = x.get("source") or "sdk", value
        return (have == value) == (op == "=") if value == "sdk" else ((x.get("source") == value) == (op == "="))
    if field in ("type", "environment"):
        have = x.get(field) or ("unknown" if field == "type" else "")
        if op in ("is_empty", "is_not_empty"):
            return (have in ("", "unknown")) == (op == "is_empty")
        if op in ("in", "not_in"):
            return (have in [t.strip() for t in value.split(",") if t.strip()]) == (op == "in")
        return COMPARE[op](have, value)
    have = number_of(field, x, sums)
    return have is not None and COMPARE[op](have, D(value))


def filters_hold(filters, x, scores, sums=None):
    lacks = []
    for f in filters:
        if "or" in f:
            if not any(filters_hold([g], x, scores, sums) for g in f["or"]):
                return False
        elif f["field"] == "feedback_scores" and f["operator"] == "is_empty":
            lacks.append(lower(f["key"]) not in {lower(n) for n in scores})
        elif not holds(f, x, scores, sums):
            return False
    return not lacks or any(lacks)  # several of them: lacking one is enough


def search_holds(text, x, is_trace):
    needle = lower(text.strip())
    texts = [x["id"], x.get("name") or "", compact(x.get("input")), compact(x.get("output")),
             compact(x.get("metadata"))] + (x.get("tags") or [])
    if is_trace:
        texts += [x.get("thread_id") or ""] + [v for v in (x.get("error_info") or {}).values() if v]
    else:
        texts += [x["trace_id"], x.get("type") or "unknown", x.get("model") or "", x.get("provider") or ""]
    return not needle or any(needle in lower(t) for t in texts)


TYPES = {None: 0, "general": 1, "tool": 2, "llm": 3, "guardrail": 4}


def sort_value(field, x, scores, sums):
    """(absent?, value), values of one kind."""
    if field.startswith("feedback_scores."):
        mine = {lower(n): v for n, v in scores.items()}
        have = mine.get(lower(field.removeprefix("feedback_scores.")))
        return False, (have or D(0), have is not None)
    if field.startswith("usage."):
        usage = (sums["usage"] if sums else x.get("usage")) or {}
        have = usage.get(field.removeprefix("usage."))
        return False, (have or 0, have is not None)
    if field in ("input", "output", "metadata"):
        return False, compact(x.get(field)).encode()
    if field in ("start_time", "end_time"):
        have = micros(x.get(field))
        return have is None, have
    if field == "duration":
        have = duration(x)
        return have is None, have
    if field == "ttft":
        return x.get("ttft") is None, D(str(x.get("ttft") or 0))
    if field == "type":
        return False, TYPES[x.get("type")]
    if field == "tags":
        return False, [t.encode() for t in x.get("tags") or []]
    if field == "error_info":
        e = x.get("error_info")
        names = ("exception_type", "message", "traceback")
        return False, (compact({n: e[n] for n in names if e.get(n) is not None}) if e else "").encode()
    if field in ("total_estimated_cost", "span_count", "llm_span_count"):
        return False, number_of(field, x, sums)
    return False, (x.get(field) or "").encode()


def ordered(rows, sorting, scores_of, sums_of, is_trace):
    def compare(x, y):
        for s in sorting[:1]:
            down = s.get("direction") == "DESC"
            a_absent, a = sort_value(s["field"], x, scores_of(x), sums_of(x))
            b_absent, b = sort_value(s["field"], y, scores_of(y), sums_of(y))
            if a_absent or b_absent:
                if a_absent != b_absent:
                    return 1 if a_absent else -1
            elif a != b:
                return (1 if a > b else -1) * (-1 if down else 1)
        keys = [(r["id"],) if is_trace else (r["trace_id"], r.get("parent_span_id") or "", r["id"]) for r in (x, y)]
        return (keys[0] < keys[1]) - (keys[0] > keys[1])

    return sorted(rows, key=functools.cmp_to_key(compare))


def id_ms(i):
    return int(i.replace("-", "")[:12], 16)
