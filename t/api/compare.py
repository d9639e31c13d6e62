"""Compares an answer with what a case expects. Returns sentences about what differs."""

import json
import re
from decimal import Decimal

WILDCARDS = {
    "*": lambda v: True,
    "<any-string>": lambda v: isinstance(v, str),
    "<number>": lambda v: isinstance(v, (int, Decimal)) and not isinstance(v, bool),
    "<time>": lambda v: isinstance(v, str)
    and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", v) is not None,
    "<hex16>": lambda v: isinstance(v, str) and re.fullmatch(r"[0-9a-f]{16}", v) is not None,
    "<hex32>": lambda v: isinstance(v, str) and re.fullmatch(r"[0-9a-f]{32}", v) is not None,
    "<uuid>": lambda v: isinstance(v, str)
    and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", v) is not None,
}


def parse(text):
    """JSON with exact numbers: 1.10 and 1.1 are equal, 0.1 is not 0.1000000001."""
    return json.loads(text, parse_float=Decimal)


def answer(case, got, names):
    """got: ways.Answer. names: what <set NAME> caught so far; more is added."""
    problems = []
    if case.status is not None and got.status != case.status:
        problems.append(f"status {got.status}, expected {case.status}")
    for name, want in case.headers:
        have = got.headers.get(name.lower())
        if want == "-":
            if have is not None:
                problems.append(f"header {name}: {have}, expected none")
        elif have is None:
            problems.append(f"header {name} is missing, expected {want}")
        elif not text_matches(want, have):
            problems.append(f"header {name}: {have}, expected {want}")
    if case.exact is not None:
        want = case.exact if isinstance(case.exact, bytes) else case.exact.encode()
        if got.body != want:
            problems.append(f"body differs\n- {want!r}\n+ {got.body!r}")
    if case.body is not None:
        try:
            have = parse(got.body.decode("utf-8"))
        except ValueError as e:
            problems.append(f"body is no JSON ({e}): {got.body[:2000]!r}")
        else:
            found = []
            value("$", case.body, have, case.is_ordered, names, found)
            problems += found
            if found:
                problems.append("body was " + got.body.decode("utf-8", "replace")[:4000])
    elif problems and case.exact is None:
        problems.append(f"body was {got.body[:2000]!r}")
    return problems


def text_matches(want, have):
    if want in WILDCARDS:
        return WILDCARDS[want](have)
    m = re.fullmatch(r"<re (.*)>", want, re.S)
    if m:
        return re.fullmatch(m[1], have, re.S) is not None
    return want == have


def show(v):
    text = json.dumps(v, ensure_ascii=False, default=str)
    return text if len(text) <= 300 else text[:300] + "…"


def value(at, want, have, is_ordered, names, problems):
    """Appends what differs below `at` to problems."""
    if isinstance(want, str):
        m = re.fullmatch(r"<set ([A-Za-z_]\w*)>", want)
        if m:
            if not isinstance(have, str):
                problems.append(f"{at}: {show(have)}, expected a string")
            names[m[1]] = have
            return
        m = re.fullmatch(r"<is (.*)>", want, re.S)
        if m:
            want = m[1]
        elif want in WILDCARDS:
            if not WILDCARDS[want](have):
                problems.append(f"{at}: {show(have)}, expected {want}")
            return
        elif re.fullmatch(r"<re .*>", want, re.S):
            if not isinstance(have, str) or not text_matches(want, have):
                problems.append(f"{at}: {show(have)}, expected {want}")
            return
        else:
            want = fill(want, names)
    if isinstance(want, dict) and isinstance(have, dict):
        allows_more = want.get("...") is True
        keys = [k for k in want if k != "..."]
        for k in keys:
            if k not in have:
                problems.append(f"{at}.{k}: missing, expected {show(want[k])}")
            else:
                value(f"{at}.{k}", want[k], have[k], is_ordered, names, problems)
        if not allows_more:
            for k in have:
                if k not in want:
                    problems.append(f"{at}.{k}: {show(have[k])} was not expected")
        if is_ordered:
            order = [k for k in have if k in want]
            if order != [k for k in keys if k in have]:
                problems.append(f"{at}: order of keys is {order}, expected {keys}")
        return
    if isinstance(want, list) and isinstance(have, list):
        if len(want) != len(have):
            problems.append(f"{at}: {len(have)} items, expected {len(want)}: {show(have)}")
            return
        for i, (w, h) in enumerate(zip(want, have)):
            value(f"{at}[{i}]", w, h, is_ordered, names, problems)
        return
    same_type = isinstance(want, bool) == isinstance(have, bool)
    if not same_type or want != have:
        problems.append(f"{at}: {show(have)}, expected {show(want)}")


def fill(text, names):
    """Puts what <set NAME> caught in place of {{NAME}}, and 3 texts in place of {{3*TEXT*}}."""

    def put(m):
        if m[1] not in names:
            raise KeyError(f"{{{{{m[1]}}}}} was not set by an earlier case")
        return names[m[1]]

    text = re.sub(r"\{\{(\d+)\*(.*?)\*\}\}", lambda m: int(m[1]) * m[2], text, flags=re.S)
    return re.sub(r"\{\{([A-Za-z_]\w*)\}\}", put, text)
