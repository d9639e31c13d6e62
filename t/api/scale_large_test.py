#!/usr/bin/env python3
"""One page of 10,000 spans of 150 KB each: it is sent as it is read, so the worker stays small.

	scale_large_test.py BUILD-DIR [--spans N] [--kilobytes N]

The spans are written through the API, like a coding agent's: each call repeats its history. Needs some 1.6 GB in TMPDIR.
"""

import argparse
import json
import pathlib
import random
import re
import shutil
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from cases import Request  # noqa: E402
from ways import Fcgi, Programs, cgi_variables  # noqa: E402

MIB = 1 << 20
# What a search worker may hold; the sanitizer's own memory is not counted there.
LIMIT = 64 * MIB
HEADERS = [("x-selected-account-id", "acme"), ("Content-Type", "application/json")]


def history(n_bytes):
    """Some text that says \"words\" and lines, of about that size as JSON."""
    r = random.Random(7)
    words = ["def", "return", "the", "file", "error:", "\"path\"", "src/main.c", "42", "naïve", "ok"]
    out, size = [], 0
    while size < n_bytes:
        line = " ".join(r.choices(words, k=12))
        out.append(line)
        size += len(json.dumps(line, ensure_ascii=False).encode()) + 1
    return out


def write_spans(way, n_spans, n_bytes):
    lines = history(n_bytes)
    per_request = max(1, 40 * MIB // n_bytes)
    for at in range(0, n_spans, per_request):
        items = []
        for n in range(at, min(n_spans, at + per_request)):
            k = n % len(lines)
            items.append({"id": f"s{n:06d}", "trace_id": f"t{n // 60}", "name": "call", "type": "COMPLETION",
                          "start_timestamp": f"2026-03-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z",
                          "input": {"messages": lines[k:] + lines[:k]}, "output": {"text": f"answer {n}"}, "metadata": {"n": n}})
        for part in range(0, len(items), 1000):
            body = json.dumps({"items": items[part:part + 1000]}, ensure_ascii=False).encode()
            answer = way.request(Request("PUT", "/v5/spans/batch", HEADERS, body))
            if answer.status != 200:
                raise RuntimeError(f"PUT: {answer.status} {answer.body[:300]!r}")


def stream(way, request, take):
    """The FastCGI exchange of ways.py without keeping the answer."""
    server = way.server(way.programs.for_path(request.target.partition("?")[0]))
    params = b"".join(way.pair(k, v) for k, v in cgi_variables(request).items())
    data = way.record(way.BEGIN, struct.pack("!HB5x", 1, 0)) + way.stream(way.PARAMS, params)
    data += way.stream(way.STDIN, request.body)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(300)
        peer.connect(server.path)
        peer.sendall(data)
        file = peer.makefile("rb", MIB)
        while True:
            _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", file.read(8))
            content = file.read(length + padding)[:length]
            if kind == way.STDOUT:
                take(content)
            elif kind == way.END:
                return server.process.pid


class Page:
    """Counts spans and keeps the beginning and the end of an answer of any size."""

    MARK = re.compile(rb'\{"id":"(s\d{6})","object":"span"')

    def __init__(self):
        self.head, self.tail, self.size, self.ids, self.rest = b"", b"", 0, [], b""

    def take(self, content):
        self.size += len(content)
        if len(self.head) < 4096:
            self.head += content[:4096]
        self.tail = (self.tail + content)[-4096:]
        data = self.rest + content
        last = 0
        for m in self.MARK.finditer(data):
            self.ids.append(m[1])
            last = m.end()
        self.rest = data[max(last, len(data) - 64):]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--spans", type=int, default=10000)
    p.add_argument("--kilobytes", type=int, default=150)
    a = p.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="fs-large-"))
    programs = Programs(a.build.resolve())
    way, problems = None, []
    try:
        (home / "root").mkdir(mode=0o750)
        (home / "root" / "FORMAT").write_text("flatspan 1\n")
        (home / "flatspan.conf").write_text("sync = none\nquery_ms = 300000\n")
        way = Fcgi(programs, home)
        began = time.monotonic()
        write_spans(way, a.spans, a.kilobytes * 1000)
        written = time.monotonic()
        page = Page()
        target = "/v5/spans/search?limit=10000&sort_order=desc"
        pid = stream(way, Request("POST", target, HEADERS, b"{}"), page.take)
        read = time.monotonic()
        # A filter that looks at every byte, and the other end of the list.
        some = Page()
        body = json.dumps({"search_texts": ["answer 7", "src/main.c"], "extra_metadata": {"n": [7, 8]}}).encode()
        stream(way, Request("POST", "/v5/spans/search?limit=10000&sort_by=output_tokens", HEADERS, body), some.take)
        found = time.monotonic()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) << 10
        is_asan = b"__asan_init" in programs.app.read_bytes()
        n = min(a.spans, 10000)
        if not page.head.startswith(b"Status: 200"):
            problems.append(f"the answer begins {page.head[:200]!r}")
        if page.ids != [b"s%06d" % i for i in reversed(range(a.spans - n, a.spans))]:
            problems.append(f"{len(page.ids)} spans came, expected {n} in order")
        if some.ids != [b"s000007"] or b'"total":1,' not in some.tail:
            problems.append(f"{len(some.ids)} spans were found, expected the seventh: {some.tail[-200:]!r}")
        if not re.search(rb'\}\],"limit":10000,"total":%d,"has_more":(false|true,"next_cursor":"[^"]+")\}$' % a.spans, page.tail):
            problems.append(f"the answer ends {page.tail[-200:]!r}")
        if page.size < n * a.kilobytes * 1000:
            problems.append(f"the answer has only {page.size} bytes")
        if peak >= LIMIT and not is_asan:
            problems.append(f"the worker held {peak / MIB:.1f} MiB at its peak")
        problems += way.complaints()
        print(f"{n} spans, {page.size / MIB:.0f} MiB: written in {written - began:.1f} s, read in {read - written:.1f} s, "
              f"searched in {found - read:.1f} s, "
              f"at most {peak / MIB:.1f} MiB in the worker")
    finally:
        if way:
            way.stop()
        shutil.rmtree(home, ignore_errors=True)
    for text in problems:
        print("FAIL " + text)
    print(f"{0 if problems else 1} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
