#!/usr/bin/env python3
"""Hostile requests against a running FastCGI worker: every answer is well-formed in the encoding of the request, none is
a 5xx that is ours, the worker stays the same process and its memory stays bounded.

	hostile_test.py BUILD-DIR [--all]		(--all: every truncation of the large captures too)
"""

import argparse
import gzip
import json
import pathlib
import re
import shutil
import socket
import struct
import sys
import tempfile
import zlib

from cases import Request
from ways import TIMEOUT_S, Fcgi, Programs, cgi_variables, cgi_answer

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = HERE.parent / "captures"
OTLP = "/v1/traces"
NEMO = "/apis/intake/v2/workspaces/default/ingest/otlp/v1/traces"
LIST = "/apis/intake/v2/workspaces/default/spans"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
MIB = 1 << 20
# The arena's limit and as much again for what stands beside it; AddressSanitizer keeps freed memory for a while.
MEMORY_LIMIT = {False: 700 * MIB, True: 2600 * MIB}


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def span(*parts):
    ids = field(1, b"\x11" * 16) + field(2, b"\x22" * 8)
    return field(1, field(2, field(2, ids + b"".join(parts))))


def attribute(value):
    return field(9, field(1, b"key") + field(2, value))


def nested_kvlist(depth):
    value = field(1, b"x")
    for _ in range(depth):
        value = field(6, field(1, field(1, b"k") + field(2, value)))
    return value


def is_status(body, kind):
    """Is it a google.rpc.Status (or an empty answer) in that encoding?"""
    if kind == JSON:
        v = json.loads(body)
        return isinstance(v, dict) and set(v) <= {"code", "message", "details", "partialSuccess"}
    at = 0
    while at < len(body):
        tag, at = body[at], at + 1
        if tag == 8:
            while body[at] & 128:
                at += 1
            at += 1
        elif tag in (10, 18, 26):
            n, shift = 0, 0
            while True:
                b, at = body[at], at + 1
                n |= (b & 127) << shift
                shift += 7
                if b < 128:
                    break
            at += n
        else:
            return False
    return at == len(body)


class Hostile:
    def __init__(self, build):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="flatspan-hostile."))
        (self.home / "root").mkdir()
        (self.home / "flatspan.conf").write_text("requests = 1000000\n")
        self.way = Fcgi(Programs(build), self.home)
        self.pids = {}
        self.passed = self.failed = 0

    def check(self, name, ok, detail=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            if self.failed <= 20:
                print(f"FAILED {name}: {detail}"[:600])

    def post(self, name, target, kind, body, want, encoding=None, variables=None):
        headers = [("Content-Type", kind)] + ([("Content-Encoding", encoding)] if encoding else [])
        request = Request("POST", target, headers, body)
        try:
            program = self.way.programs.for_path(target)
            server = self.way.server(program)
            env = cgi_variables(request) | (variables or {})
            answer = cgi_answer(self.way.exchange(server.path, env, body))
        except (ConnectionError, ValueError) as e:
            self.check(name, False, f"no answer: {e}")
            return
        self.alive(name, program, server)
        self.check(name, answer.status in want, f"status {answer.status}, body {answer.body[:200]!r}")
        if target == OTLP:
            ok = answer.headers.get("content-type", "").startswith(kind) and is_status(answer.body, kind)
        else:
            v = json.loads(answer.body)
            ok = "errors" in v if answer.status == 200 else "detail" in v
        self.check(name + ": form", ok, f"{answer.headers} {answer.body[:200]!r}")

    def get(self, name, target, want):
        server_path = target.partition("?")[0]
        program = self.way.programs.for_path(server_path)
        server = self.way.server(program)
        request = Request("GET", target, [], b"")
        try:
            answer = cgi_answer(self.way.exchange(server.path, cgi_variables(request), b""))
        except (ConnectionError, ValueError) as e:
            self.check(name, False, f"no answer: {e}")
            return
        self.alive(name, program, server)
        self.check(name, answer.status in want, f"status {answer.status}, body {answer.body[:200]!r}")
        self.check(name + ": form", isinstance(json.loads(answer.body), dict), answer.body[:200])

    def alive(self, name, program, server):
        pid = self.pids.setdefault(program, server.process.pid)
        if pid != server.process.pid:
            self.check(name, False, "the worker was replaced")
            self.pids[program] = server.process.pid

    def memory(self):
        is_asan = any(b"asan" in (p.read_bytes()) for p in [self.way.programs.app])
        for program, server in self.way.servers.items():
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) << 10
            self.check(f"memory of {program.name}", peak < MEMORY_LIMIT[is_asan], f"{peak >> 20} MiB at its peak")

    def finish(self):
        for line in self.way.complaints():
            self.check("sanitizers", False, line)
        self.way.stop()
        print(f"{self.passed} passed, {self.failed} failed")
        return self.failed == 0


def truncations(h, every):
    for name in ("sdk-proto-03.pb", "sdk-proto-01.pb", "edge-proto-01.pb", "sdk-json-03.json", "edge-json-01.json"):
        body = (CAPTURES / name).read_bytes()
        kind = JSON if name.endswith(".json") else PROTOBUF
        step = 1 if every or len(body) < 1000 else len(body) // 150 | 1
        for n in range(0, len(body), step):
            # Nothing at all is an empty request. JSON is never whole before its last bracket.
            want = {200} if n == 0 else {400}
            h.post(f"{name} cut at {n}", OTLP if n % 2 else NEMO, kind, body[:n], want)
        for n in range(0, len(body), step * 3):
            spoilt = bytearray(body)
            spoilt[n] ^= 1 << n % 8
            h.post(f"{name} bit {n % 8} of {n}", OTLP, kind, bytes(spoilt), {200, 400})


def bombs(h):
    for depth in (99, 101, 5000, 1000000):
        h.post(f"JSON depth {depth}", OTLP, JSON, b"[" * depth, {400})
        h.post(f"JSON objects in one another {depth}", NEMO, JSON, b'{"a":' * depth + b"1" + b"}" * depth, {200} if depth < 100 else {400})
    for depth in (10, 90):
        h.post(f"protobuf depth {depth}", OTLP, PROTOBUF, span(attribute(nested_kvlist(depth // 10))), {200})
    for depth in (101, 3000):
        h.post(f"protobuf depth {depth}", OTLP, PROTOBUF, span(attribute(nested_kvlist(depth))), {400})
    zeros = gzip.compress(bytes(200 * MIB), 9)
    h.post("gzip bomb", OTLP, PROTOBUF, zeros, {413}, "gzip")
    h.post("gzip bomb on NeMo's path", NEMO, JSON, zeros, {413}, "gzip")
    h.post("gzip in gzip", OTLP, PROTOBUF, gzip.compress(zeros), {400, 413}, "gzip")
    h.post("zlib bomb", OTLP, JSON, zlib.compress(bytes(100 * MIB), 9), {413}, "deflate")
    h.post("two encodings", OTLP, PROTOBUF, zeros, {415}, "gzip, gzip")
    h.post("gzip cut", OTLP, PROTOBUF, gzip.compress(b"x" * 1000)[:-5], {400}, "gzip")
    h.post("garbage behind gzip", OTLP, JSON, gzip.compress(b"{}") + b"garbage", {400}, "gzip")
    h.post("no gzip at all", OTLP, JSON, b"{}", {400}, "gzip")
    for n in (1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
        h.post(f"protobuf length {n}", OTLP, PROTOBUF, b"\x0a" + varint(n) + b"abc", {400})
        h.post(f"protobuf inner length {n}", NEMO, PROTOBUF, field(1, b"\x12" + varint(n)), {400})
    h.post("varint of eleven bytes", OTLP, PROTOBUF, b"\x08" + b"\xff" * 10 + b"\x01", {400})
    h.post("field number 0", OTLP, PROTOBUF, b"\x02\x01a", {400})
    h.post("a group", OTLP, PROTOBUF, b"\x0b\x0c", {400})
    h.post("a million empty spans", OTLP, PROTOBUF, field(1, field(2, b"\x12\x00" * 1000000)), {200, 400, 413})
    h.post("a million empty resources", OTLP, PROTOBUF, b"\x0a\x00" * 1000000, {200, 400, 413})
    h.post("a body past the limit", OTLP, PROTOBUF, bytes(65 * MIB), {413})


def numbers(h):
    for n in (0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
        times = varint(7 << 3 | 1) + struct.pack("<Q", n) + varint(8 << 3 | 1) + struct.pack("<Q", (1 << 64) - 1 - n)
        h.post(f"times {n}", OTLP, PROTOBUF, span(times), {200, 400})
        h.post(f"int {n}", OTLP, PROTOBUF, span(attribute(varint(3 << 3) + varint(n))), {200})
        tokens = field(9, field(1, b"gen_ai.usage.input_tokens") + field(2, varint(3 << 3) + varint(n)))
        h.post(f"tokens {n}", NEMO, PROTOBUF, span(tokens), {200})
        text = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "11" * 16, "spanId": "22" * 8,
            "startTimeUnixNano": str(n), "endTimeUnixNano": n, "kind": n, "attributes": [
                {"key": "gen_ai.usage.input_tokens", "value": {"intValue": str(n)}},
                {"key": "gen_ai.usage.cost", "value": {"doubleValue": n}}]}]}]}]})
        h.post(f"JSON numbers {n}", OTLP, JSON, text.encode(), {200, 400})
    for bad in ("1e999", "-1e999", "1" * 300, "0x1", "NaN", "-", "01", "1.", "1e"):
        body = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%s","spanId":"%s","startTimeUnixNano":%s}]}]}]}'
        h.post(f"JSON number {bad[:20]}", OTLP, JSON, (body % ("11" * 16, "22" * 8, bad)).encode(), {400, 200})


def texts(h):
    for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00\x01\x1f", b"\xe2\x82"):
        value = attribute(field(1, b"a" + bad + b"b"))
        h.post(f"protobuf text {bad!r}", OTLP, PROTOBUF, span(field(5, bad), value), {200})
        h.post(f"protobuf key {bad!r}", NEMO, PROTOBUF, span(field(9, field(1, bad) + field(2, field(1, b"v")))), {200})
        h.post(f"JSON text {bad!r}", OTLP, JSON, b'{"resourceSpans":[],"x":"' + bad + b'"}', {400})
    for kind in (PROTOBUF, JSON):
        for n in (1, 7, 100, 5000):
            noise = bytes(i * 7919 * n % 251 for i in range(n))
            h.post(f"noise of {n} as {kind}", OTLP, kind, noise, {200, 400})
    h.post("attributes as an object", OTLP, JSON, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": "11" * 16, "spanId": "22" * 8, "attributes": {"a": "b"}}]}]}]}).encode(), {400})


def lengths(h):
    body = b'{"resourceSpans":[]}'
    for announced, want in (("21", {400}), ("1000", {400}), ("99999999999", {413}), ("18446744073709551616", {400, 413}),
                            ("-1", {200}), ("", {200}), ("abc", {200, 400}), ("20", {200}), ("+20", {200, 400}), ("0x14", {200, 400})):
        h.post(f"CONTENT_LENGTH {announced!r}", OTLP, JSON, body, want, None, {"CONTENT_LENGTH": announced})
    h.post("a length shorter than the body", OTLP, JSON, body, {400}, None, {"CONTENT_LENGTH": "5"})


def exchange_part(h, server, env, part, then=None):
    """The answer to a request of whose body only a part comes; None: it did not end."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(TIMEOUT_S)
        peer.connect(server.path)
        params = b"".join(h.way.pair(k, v) for k, v in env.items())
        peer.sendall(h.way.record(h.way.BEGIN, struct.pack("!HB5x", 1, 0)) + h.way.stream(h.way.PARAMS, params) +
                     h.way.record(h.way.STDIN, part))
        if then is not None:
            peer.shutdown(then)
        answer = b""
        try:
            while more := peer.recv(1 << 16):
                answer += more
        except TimeoutError:
            return None
        return answer


def bodies_without_their_end(h):
    """Of a body of unknown length that breaks off, what has come is not the body."""
    for target, kind, want in ((OTLP, JSON, b"Status: 400"), ("/v5/spans/batch", JSON, b"Status: 400")):
        request = Request("POST", target, [("Content-Type", kind)], b'{"items":[]}')
        env = {k: v for k, v in cgi_variables(request).items() if k != "CONTENT_LENGTH"}
        program = h.way.programs.for_path(target)
        server = h.way.server(program)
        answer = exchange_part(h, server, env, request.body, socket.SHUT_WR)
        h.check(f"{target} breaks off", answer is not None and want in answer and b"cut off" in answer, repr(answer))
        h.alive(target, program, server)


def answers_before_bodies(h):
    """nginx sends no more of a body once an answer has begun, and waits for its end: so it must end, whatever is still to
    come, and the worker be free."""
    for target, want in (("/v1/logs", b"Status: 200"), ("/v1/nothing", b"Status: 404"), ("/v5/spans/x/y", b"Status: 404")):
        request = Request("POST", target, [("Content-Type", JSON)], bytes(1000000))
        program = h.way.programs.for_path(target)
        server = h.way.server(program)
        for _ in range(2):
            answer = exchange_part(h, server, cgi_variables(request), request.body[:1000])
            is_ended = answer is not None and want in answer and answer[-15] == h.way.END
            h.check(f"{target} does not wait for its body", is_ended, repr(answer))
        h.alive(target, program, server)


def queries(h):
    deep = "%7B%22%24and%22%3A%5B" * 150
    h.get("filter depth", f"{LIST}?filter={deep}", {400})
    h.get("brackets without end", f"{LIST}?filter" + "[a" * 2000 + "=1", {400})
    h.get("parentheses", f"{LIST}?filter=" + "(" * 5000, {400})
    h.get("many parameters", f"{LIST}?" + "&".join(f"filter[model]={i}" for i in range(1500)), {400})
    h.get("a huge page", f"{LIST}?page=9223372036854775807&page_size=1000", {200, 422})
    h.get("past 64 bits", f"{LIST}?page=99999999999999999999", {200, 422})
    for bad in ("%00", "%ff", "%0d%0aX: y", "%", "%zz", "%c0%af"):
        h.get(f"parameter {bad}", f"{LIST}?filter[model]={bad}", {200, 400})
        h.get(f"path {bad}", f"{LIST}/{bad}", {400, 404})
    for bad in ("..%2f..%2fetc", "%2e%2e", ".hidden", "a" * 65, "a%2fb", "%00"):
        h.get(f"workspace {bad}", f"/apis/intake/v2/workspaces/{bad}/spans", {400, 404})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()
    h = Hostile(args.build.resolve())
    bombs(h)
    numbers(h)
    texts(h)
    lengths(h)
    bodies_without_their_end(h)
    answers_before_bodies(h)
    queries(h)
    truncations(h, args.all)
    h.memory()
    # And it still works.
    h.post("a good request afterwards", OTLP, PROTOBUF, (CAPTURES / "sdk-proto-03.pb").read_bytes(), {200})
    ok = h.finish()
    shutil.rmtree(h.home)
    sys.exit(0 if ok else 1)


main()
