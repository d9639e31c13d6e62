#!/usr/bin/env python3
"""What the data files cannot ask of the web servers: bodies of unknown length, large and compressed ones, requests
while nothing serves, paths that should lead to no file, a path before the API's own, and the first trace of a shared host.

	servers_test.py --programs DIR [--way NAME]...
"""

import argparse
import gzip
import http.client
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import servers  # noqa: E402
from cases import Request  # noqa: E402
from ways import Answer, Programs, TIMEOUT_S, Way  # noqa: E402

MIB = 1 << 20
JSON, PROTOBUF = "application/json", "application/x-protobuf"
SPAN = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":"%s",' \
    '"startTimeUnixNano":"1772360430000000000","endTimeUnixNano":"1772360431000000000"}]}]}]}'


class Test:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, ok, detail=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}: {detail}"[:1000], flush=True)


def post(way, target, kind, body, headers=(), chunk=None):
    """With chunk: a chunked body, in pieces of that size."""
    c = http.client.HTTPConnection("127.0.0.1", way.port, timeout=TIMEOUT_S)
    try:
        c.putrequest("POST", way.PREFIX + target, skip_accept_encoding=True)
        c.putheader("Content-Type", kind)
        for name, value in headers:
            c.putheader(name, value)
        if chunk:
            c.putheader("Transfer-Encoding", "chunked")
            c.endheaders()
            for i in range(0, len(body), chunk):
                piece = body[i:i + chunk]
                c.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            c.send(b"0\r\n\r\n")
        else:
            c.putheader("Content-Length", str(len(body)))
            c.endheaders()
            try:
                c.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the answer may already be there
        r = c.getresponse()
        return Answer(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
    finally:
        c.close()


def get(way, target, headers=()):
    return way.request(Request("GET", target, list(headers), b""))


def bodies(t, name, way):
    def taken(what, answer):
        t.check(f"[{name}] {what}", answer.status == 200 and json.loads(answer.body) == {}, answer)

    small = (SPAN % (1, 1, "small")).encode()
    taken("a body in chunks", post(way, "/v1/traces", JSON, small, chunk=100))
    taken("a compressed body", post(way, "/v1/traces", JSON, gzip.compress((SPAN % (2, 2, "gzip")).encode()),
                                    [("Content-Encoding", "gzip")]))
    taken("a compressed body in chunks", post(way, "/v1/traces", JSON, gzip.compress((SPAN % (3, 3, "both")).encode()),
                                              [("Content-Encoding", "gzip")], chunk=50))
    taken("a body of 200 KiB", post(way, "/v1/traces", JSON, (SPAN % (4, 4, "l" * 200000)).encode()))
    big = (SPAN % (5, 5, "a name")).encode() + b" " * (20 * MIB)
    taken("a body of 20 MiB", post(way, "/v1/traces", JSON, big))
    taken("a body of 20 MiB in chunks", post(way, "/v1/traces", JSON, big, chunk=65536))
    for i in range(1, 6):
        a = get(way, f"/apis/intake/v2/workspaces/default/spans/{i:016x}")
        t.check(f"[{name}] span {i} is there", a.status == 200, a)
    listed = get(way, "/apis/intake/v2/workspaces/default/spans?page_size=100")
    t.check(f"[{name}] all are listed", listed.status == 200 and len(json.loads(listed.body)["data"]) == 5, listed)
    head = way.request(Request("HEAD", "/health/ready", [], b""))
    t.check(f"[{name}] HEAD has the length", head.status == 200 and head.body == b"" and
            head.headers.get("content-length") == "18", head)

    # A program that left it would reset the connection now and then.
    answers = [way.request(Request("GET", "/health/ready", [], b"{}")).status for _ in range(50)]
    t.check(f"[{name}] a body that nobody wants", set(answers) == {200}, answers)

    too_large = post(way, "/v1/traces", JSON, b" " * (64 * MIB + 1))
    t.check(f"[{name}] one byte too many", too_large.status == 413, too_large)
    t.check(f"[{name}] in the client's form", too_large.headers.get("content-type") == JSON and
            json.loads(too_large.body).get("code") is not None, too_large)
    too_large = post(way, "/mcp", JSON, b" " * (64 * MIB + 1))
    t.check(f"[{name}] in that of agents", too_large.status == 413 and "jsonrpc" in json.loads(too_large.body), too_large)
    too_large = post(way, "/v1/traces", PROTOBUF, b" " * (64 * MIB + 1))
    t.check(f"[{name}] and in the other one", too_large.status == 413 and
            too_large.headers.get("content-type") == PROTOBUF, too_large)


def mcp(t, name, way):
    """A client of each era; what headers say must arrive."""
    def call(method, params, *headers):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        return post(way, "/mcp", JSON, body, [("Accept", "application/json, text/event-stream"), *headers])

    a = call("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}})
    t.check(f"[{name}] MCP begins", a.status == 200 and json.loads(a.body)["result"]["protocolVersion"] == "2025-06-18", a)
    a = call("tools/call", {"name": "list_workspaces"}, ("MCP-Protocol-Version", "2025-06-18"))
    t.check(f"[{name}] a tool of MCP", a.status == 200 and json.loads(a.body)["result"]["isError"] is False, a)
    a = post(way, "/mcp", JSON, b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
    t.check(f"[{name}] a notification", a.status == 202 and a.body == b"", a)
    t.check(f"[{name}] there is no stream", get(way, "/mcp").status == 405)
    modern = {"name": "find_traces", "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                                               "io.modelcontextprotocol/clientCapabilities": {}}}
    headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "find_traces")]
    a = call("tools/call", modern, *headers)
    t.check(f"[{name}] a tool of the new era", a.status == 200 and json.loads(a.body)["result"]["resultType"] == "complete", a)
    a = call("tools/call", modern, *headers[:2])
    t.check(f"[{name}] without a header", a.status == 400 and json.loads(a.body)["error"]["code"] == -32020, a)
    a = call("tools/call", modern, *headers, ("Origin", "https://elsewhere.example"))
    t.check(f"[{name}] from another site", a.status == 403, a)


def nothing_leaks(t, name, way):
    """No path leads to the data, the keys, the settings or the programs."""
    secret = "SECRET-of-the-data"
    root = way.home / "root"
    marked = [root / "default" / "2020-01-01.jsonl", root / "keys.bak", way.home / "secret.conf"]
    for file in marked:
        file.parent.mkdir(exist_ok=True)
        file.write_text(secret + "\n")
    servers.give_away(way.home)
    up = ["..", "%2e%2e", ".%2e", "..%2f..", "..%5c..", "%252e%252e", "....//", "..;"]
    data = "/" + root.name
    paths = ["/default/2020-01-01.jsonl", f"{data}/default/2020-01-01.jsonl", "/keys.bak", f"{data}/keys.bak", "/secret.conf",
             "/flatspan.conf", "/flatspan.conf.path", "/.htaccess", "/flatspan-app", "/flatspan-admin", "/app.fcgi/../keys.bak",
             f"{data}/.flatspan.conf", f"/{data}/keys.bak", "/.", f"/-busy/../..{data}/keys.bak", str(marked[0]), data]
    paths += [f"{a}{b}" for u in up for a in ("", "/health", "/apis") for b in
              (f"/{u}{data}/keys.bak", f"/{u}/{u}{data}/default/2020-01-01.jsonl", f"/{u}/{u}/{u}{root}/keys.bak")]
    for path in paths:
        a = get(way, path)
        ok = secret.encode() not in a.body and b"ELF" not in a.body[:8] and b"root =" not in a.body and \
            b"RewriteRule" not in a.body and b"FallbackResource" not in a.body
        t.check(f"[{name}] {path}", ok and (a.status != 200 or b"Index of" not in a.body), a)
    for file in marked:
        file.unlink()


def doctor(t, name, way, *arguments):
    """What `flatspan doctor --url` finds: nothing wrong."""
    url = f"http://127.0.0.1:{way.port}{way.PREFIX}"
    done = subprocess.run([str(way.programs.folder.parent / "bin" / "flatspan"), "doctor", "--json", "--url", url, *arguments], capture_output=True, text=True,
                          env=Way.environment(way), check=False)
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [c for c in checks if c["verdict"] == "WRONG"]
    t.check(f"[{name}] the doctor finds nothing", done.returncode == 0 and not wrong and not done.stderr, wrong or done.stderr)
    seen = [c["check"] for c in checks if c["verdict"] == "ok"]
    t.check(f"[{name}] and has looked", seen.count("bodies") == 3 and {"chunked", "compressed", "paths", "clock"} <= set(seen), checks)


def first_trace(t, name, cls, programs):
    """From an empty document root to a trace read back, with the key that init made."""
    started = time.monotonic()

    class Fresh(cls):
        def is_for_data_files(self):
            return False

    def use(way):
        key = way.made["key"]
        w = f"/apis/intake/v2/workspaces/{way.made['workspace']}"
        a = post(way, "/v1/traces", JSON, (SPAN % (7, 7, "first")).encode())
        t.check(f"[{name}] without the key", a.status == 401, a)
        a = post(way, "/v1/traces", JSON, (SPAN % (7, 7, "first")).encode(), [("Authorization", "Bearer " + key)])
        t.check(f"[{name}] the first trace is taken", a.status == 200, a)
        a = get(way, f"{w}/traces/{7:032x}", [("x-api-key", key)])
        t.check(f"[{name}] and read back", a.status == 200 and json.loads(a.body)["span_count"] == 1, a)
        t.check(f"[{name}] in five minutes", time.monotonic() - started < 300, time.monotonic() - started)
        site = way.request(Request("GET", "/../index.html", [], b""))
        t.check(f"[{name}] the site beside it is as it was", b"A site" in site.body, site)
        a = get(way, "/flatspan.conf.path")
        t.check(f"[{name}] the place of the settings is nobody's business", a.status == 403, a)
        doctor(t, name, way, "--key", key)

    in_home(Fresh, programs, use)


def fcgid_alone(t, programs):
    """What mod_fcgid takes is taken. What it does not is refused: 200 would tell a client that it is stored."""
    name = "fcgid alone"

    def use(way):
        little, much = ((SPAN % (i, i, letter * n)).encode() for i, letter, n in ((1, "l", 110000), (2, "m", 140000)))
        for how, chunk in (("", None), (" in chunks", 1000)):
            a = post(way, "/v1/traces", JSON, little, chunk=chunk)
            t.check(f"[{name}] a body of 110 KB{how}", a.status == 200 and a.body == b"{}", a)
            a = post(way, "/v1/traces", JSON, much, chunk=chunk)
            t.check(f"[{name}] one of 140 KB{how} is refused", is_busy(a, JSON) and b"ELF" not in a.body[:8], a)

    in_home(servers.FcgidAlone, programs, use)


def is_busy(answer, kind):
    return answer.status == 503 and answer.headers.get("retry-after", "").isdigit() and \
        answer.headers.get("content-type") == kind


def overload(t, name, way):
    """Nothing serves: the pool is gone, or the program cannot work."""
    way.break_programs()
    a = post(way, "/v1/traces", PROTOBUF, b"")
    t.check(f"[{name}] busy for OTLP in protobuf", is_busy(a, PROTOBUF) and not a.body.startswith(b"<"), a)
    a = post(way, "/v1/traces", JSON, b"{}")
    t.check(f"[{name}] busy for OTLP in JSON", is_busy(a, JSON) and isinstance(json.loads(a.body).get("message"), str), a)
    # In each API's own form.
    for target, member in (("/apis/intake/v2/workspaces/default/spans", "detail"), ("/v1/private/traces", "code"),
                           ("/api/v1/private/traces", "code"), ("/v5/spans/a", "detail"), ("/health", "detail"),
                           ("/api/public/ingestion", "error"), ("/mcp", "jsonrpc")):
        a = get(way, target)
        t.check(f"[{name}] busy for {target}", is_busy(a, JSON) and member in json.loads(a.body), a)
    way.mend_programs()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        a = post(way, "/v1/traces", JSON, b"{}")
        if a.status == 200:
            break
        time.sleep(0.1)
    t.check(f"[{name}] and it serves again", a.status == 200, a)


def full_queue(t, name, cls, programs):
    """All workers are busy and as many wait as may: who finds no room is told so, the others wait."""

    class Narrow(cls):
        BACKLOG = 1
        # Apache tells who waits for its own limit.
        is_hasty = cls is servers.ApacheProxy
        HASTE = {k: v for k, v in cls.HASTE.items() if k.startswith("max=")}

    def use(way):
        workers = way.workers()
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        answers = queue.Queue()
        askers = [threading.Thread(target=lambda: answers.put(get(way, "/health/ready"))) for _ in range(6)]
        try:
            for asker in askers:
                asker.start()
            told = [answers.get(timeout=20) for _ in range(3)]
        except queue.Empty:
            told = []
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGCONT)
        for asker in askers:
            asker.join()
        t.check(f"[{name}] a full queue", len(told) == 3 and all(is_busy(a, JSON) for a in told), told)
        rest = [answers.get_nowait().status for _ in range(6 - len(told))]
        t.check(f"[{name}] those in it are served", 200 in rest and set(rest) <= {200, 503}, rest)

    in_home(Narrow, programs, use)


def hung(t, name, cls, programs):
    """A program that does not answer in time: 503 like when it is gone, and then another one serves, or the same."""

    class Hasty(cls):
        is_hasty = True

        def is_for_data_files(self):
            return True

    def use(way):
        t.check(f"[{name}] it serves in time", get(way, "/health/ready").status == 200)
        workers = way.workers()
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            a = get(way, "/health/ready")
            t.check(f"[{name}] a program that hangs", workers and is_busy(a, JSON), a)
            a = post(way, "/v1/traces", PROTOBUF, b"")
            # A server that starts programs itself may have started another.
            t.check(f"[{name}] for OTLP too", is_busy(a, PROTOBUF) or (a.status == 200 and not hasattr(way, "pool")), a)
        finally:
            for pid in workers:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    pass  # the server has ended it
        deadline = time.monotonic() + 20
        while get(way, "/health/ready").status != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        t.check(f"[{name}] goes on", get(way, "/health/ready").status == 200)

    in_home(Hasty, programs, use)


def in_home(cls, programs, use):
    home = pathlib.Path(tempfile.mkdtemp(prefix="fs-srv-"))
    way = None
    try:
        (home / "root").mkdir()
        (home / "flatspan.conf").touch()
        way = cls(programs, home)
        return use(way)
    finally:
        if way:
            way.stop()
        shutil.rmtree(home, ignore_errors=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--programs", required=True, type=pathlib.Path)
    p.add_argument("--way", choices=list(servers.WAYS), action="append")
    a = p.parse_args()
    programs = Programs(a.programs.resolve())
    t = Test()
    for name in a.way or servers.WAYS:
        cls = servers.WAYS[name]
        if cls.missing():
            print(f"skip [{name}]: {cls.missing()}")
            continue

        def use(way):
            bodies(t, name, way)
            mcp(t, name, way)
            doctor(t, name, way)
            nothing_leaks(t, name, way)
            if cls is not servers.SharedCgi:
                overload(t, name, way)
            complaints = way.complaints()
            t.check(f"[{name}] sanitizers", not complaints, complaints)

        in_home(cls, programs, use)

        class Beneath(cls):
            PREFIX = "/some/where"

        def use_beneath(way):
            doctor(t, f"{name} beneath a path", way)
            answer = get(way, "/health/ready")
            t.check(f"[{name}] beneath a path", answer.status == 200, answer)
            answer = get(way, "/health/")
            t.check(f"[{name}] a redirection there", way.location == "/some/where/health", answer)

        if cls in (servers.NginxPools, servers.ApacheProxy, servers.Caddy):
            full_queue(t, name, cls, programs)
        if cls.KEEPS_PROGRAMS:
            hung(t, name, cls, programs)
        if issubclass(cls, servers.Shared):
            first_trace(t, name, cls, programs)
        if cls is servers.SharedFcgid:
            fcgid_alone(t, programs)
        if cls.HAS_PREFIX:
            in_home(Beneath, programs, use_beneath)
    print(f"{t.passed} passed, {t.failed} failed")
    return 1 if t.failed or not t.passed else 0


sys.exit(main())
