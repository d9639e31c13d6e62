"""The tests of flatspan serve: see serve.test. FLATSPAN: the program, SAMPLE: an OTLP request."""

import concurrent.futures
import ctypes
import errno
import gzip
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time
import unittest

import counted

PROGRAM = os.environ["FLATSPAN"]
SAMPLE = open(os.environ["SAMPLE"], "rb").read()
KEY = subprocess.run([PROGRAM, "key", "add", "--role", "admin"], capture_output=True, text=True).stdout.strip()
READ_KEY = subprocess.run([PROGRAM, "key", "add", "*", "--role", "read"], capture_output=True, text=True).stdout.strip()


def start(*arguments):
    p = subprocess.Popen([PROGRAM, "serve", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = p.stdout.readline()
    return p, re.fullmatch(r"flatspan listens on http://(\[?[0-9a-f.:]+\]?):(\d+)\n", line)


def children_of(parent):
    children = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf8", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(fields[1]) == parent:
            children.append(int(entry))
    return children


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server, where = start("--listen", "127.0.0.1:0", "--workers", "3")
        cls.port = int(where[2])

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        assert cls.server.wait(10) == 0
        said = cls.server.stderr.read()
        cls.server.stdout.close()
        cls.server.stderr.close()
        assert said == "", said

    def ask(self, method, path, body=None, **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("x-api-key", KEY)
        c.request(method, path, body, headers)
        r = c.getresponse()
        text = r.read()
        c.close()
        return r.status, text, r

    def raw(self, text):
        """Bytes as they are; all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as s:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            got = b""
            while chunk := s.recv(65536):
                got += chunk
        return got

    def test_a_health_check_is_answered(self):
        status, text, r = self.ask("GET", "/health/live")
        self.assertEqual((status, text), (200, b'{"status":"live"}'))
        self.assertEqual(r.getheader("Connection"), "close")
        self.assertEqual(r.getheader("X-Content-Type-Options"), "nosniff")

    def test_what_is_sent_is_read_back(self):
        status, text, _ = self.ask("POST", "/v1/traces", SAMPLE, content_type="application/json")
        self.assertEqual((status, text), (200, b"{}"))
        status, text, _ = self.ask("GET", "/apis/intake/v2/workspaces/default/spans?page_size=100&filter[source]=otel")
        self.assertEqual((status, len(json.loads(text)["data"])), (200, 14))

    def test_bodies_may_be_chunked_and_compressed(self):
        parts = [SAMPLE[i:i + 1000] for i in range(0, len(SAMPLE), 1000)]
        self.assertEqual(self.ask("POST", "/v1/traces", iter(parts), content_type="application/json")[0], 200)
        packed = gzip.compress(SAMPLE)
        status, _, _ = self.ask("POST", "/v1/traces", packed, content_type="application/json", content_encoding="gzip")
        self.assertEqual(status, 200)

    def test_a_client_that_waits_for_100_gets_it(self):
        head = (f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nX-Api-Key: {KEY}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(SAMPLE)}\r\nExpect: 100-continue\r\n\r\n").encode()
        got = self.raw(head + SAMPLE)
        self.assertTrue(got.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), got[:100])

    def test_a_client_that_is_refused_or_of_http_1_0_gets_no_100(self):
        head = "Host: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
        for body in (b"", b"{}"):
            got = self.raw(f"POST /v1/traces HTTP/1.1\r\n{head}\r\n".encode() + body)
            self.assertEqual((got[:12], b"100 Continue" in got), (b"HTTP/1.1 401", False))
        got = self.raw(f"POST /v1/traces HTTP/1.0\r\n{head}X-Api-Key: {KEY}\r\n\r\n{{}}".encode())
        self.assertEqual((got[:12], b"100 Continue" in got), (b"HTTP/1.1 200", False))

    def test_a_refused_client_that_waits_for_100_keeps_no_worker(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
            s.sendall(b"POST /v1/traces HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            got = b""
            while chunk := s.recv(65536):  # to the end, though nothing is sent here
                got += chunk
        self.assertEqual(got[:12], b"HTTP/1.1 401")

    def test_connections_that_ask_nothing_keep_nobody_waiting(self):
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(6)]
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        c.request("GET", "/health/live")
        self.assertEqual(c.getresponse().status, 200)
        c.close()
        idle[0].settimeout(5)
        idle[0].sendall(b"GET /health/live HTTP/1.1\r\n\r\n")
        self.assertEqual(idle[0].recv(12), b"HTTP/1.1 200")
        for s in idle:
            s.close()

    def test_nor_do_those_that_the_kernel_lets_through_in_the_end(self):
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(8)]
        time.sleep(16)  # it holds connections back for some 15 seconds when they say nothing
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        c.request("GET", "/health/live")
        self.assertEqual(c.getresponse().status, 200)
        c.close()
        for s in idle:
            s.close()

    def test_no_key_and_a_wrong_key_are_refused(self):
        for key in ("", "fsp_12345678_" + "a" * 43):
            self.assertEqual(self.ask("GET", "/apis/intake/v2/workspaces/default/spans", x_api_key=key)[0], 401)

    def test_many_at_once_are_all_served(self):
        def one(i):
            return self.ask("POST", "/v1/traces", SAMPLE, content_type="application/json")[0]

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            self.assertEqual(set(pool.map(one, range(48))), {200})

    def test_heads_that_are_none_are_400(self):
        for head in (
            b"garbage\r\n\r\n",
            b"GET / HTTP/2.0\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
            b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
            b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
            b"GET / HTTP/1.1\r\nA: \0\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n",
        ):
            self.assertEqual(self.raw(head)[:12], b"HTTP/1.1 400", head[:80])

    def test_a_head_that_is_too_large_is_431(self):
        self.assertEqual(self.raw(b"GET / HTTP/1.1\r\nA: " + b"x" * 70000 + b"\r\n\r\n")[:12], b"HTTP/1.1 431")
        self.assertEqual(self.raw(b"GET / HTTP/1.1\r\nA: " + b"x" * 60000 + b"\r\n\r\n")[:12], b"HTTP/1.1 200")

    def test_a_body_that_ends_early_is_400(self):
        head = f"POST /v1/traces HTTP/1.1\r\nX-Api-Key: {KEY}\r\nContent-Type: application/json\r\n".encode()
        self.assertEqual(self.raw(head + b"Content-Length: 9\r\n\r\n{}")[:12], b"HTTP/1.1 400")
        # What came of it is whole JSON, and yet not what was sent.
        for chunks in (b"", b"zz\r\n{}\r\n0\r\n\r\n", b"3\r\n{}", b"2\r\n{}", b"2\r\n{}\r\n", b"2\r\n{}xx0\r\n\r\n",
                       b"2\r\n{}\r\n-1\r\n", b"ffffffffffffffff\r\n{}"):
            got = self.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
            self.assertEqual(got[:12], b"HTTP/1.1 400", chunks)
            self.assertIn(b"The body is cut off.", got)
        got = self.raw(head + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nA: b\r\n\r\n")
        self.assertEqual(got[:12], b"HTTP/1.1 200")

    def test_headers_with_underscores_are_no_headers(self):
        got = self.raw(f"GET /apis/intake/v2/workspaces/default/spans HTTP/1.1\r\nX_Api_Key: {KEY}\r\n\r\n".encode())
        self.assertEqual(got[:12], b"HTTP/1.1 401")

    def test_a_large_answer_comes_whole(self):
        for _ in range(3):
            self.ask("POST", "/v1/traces", SAMPLE, content_type="application/json")
        spans = b"".join(b'{"span_id":"big%d","trace_id":"big","source":"x","started_at":"2026-01-01T00:00:00Z","input":"%s"}\n'
                         % (i, b"x" * 10000) for i in range(200))
        subprocess.run([PROGRAM, "import", "-"], input=spans, check=True, capture_output=True)
        status, text, _ = self.ask("GET", "/apis/intake/v2/workspaces/default/spans?page_size=200&filter[trace_id]=big")
        self.assertEqual((status, len(json.loads(text)["data"])), (200, 200))

    def import_span(self, workspace, name):
        line = json.dumps({"span_id": name, "trace_id": "t", "source": "x", "name": name, "started_at": "2026-01-01T00:00:00Z"})
        subprocess.run([PROGRAM, "-w", workspace, "import"], input=line.encode(), check=True, capture_output=True)

    def tail(self, *arguments, key=READ_KEY):
        return subprocess.run(
            [PROGRAM, "tail", "--url", f"http://127.0.0.1:{self.port}", *arguments], capture_output=True, text=True,
            env=os.environ | {"FLATSPAN_KEY": key, "FLATSPAN_ROOT": "/nonexistent"})

    def test_tail_of_a_url_is_that_of_the_data(self):
        subprocess.run([PROGRAM, "-w", "tails", "import"], input=SAMPLE, check=True, capture_output=True)
        here = subprocess.run([PROGRAM, "-w", "tails", "tail", "--tsv", "-n", "7"], capture_output=True, text=True).stdout
        there = self.tail("-w", "tails", "--tsv", "-n", "7").stdout

        def columns(text):
            return sorted([row.split("\t")[i] for i in (0, 1, 5, 6, 7, 8, 11)] for row in text.splitlines())
        self.assertEqual(columns(there), columns(here))
        kinds = self.tail("-w", "tails", "--json", "--kind", "llm", "-n", "3").stdout.splitlines()
        self.assertEqual([json.loads(line)["kind"] for line in kinds], ["LLM"] * 3)
        self.assertEqual(self.tail("-w", "tails", "-n", "2").stdout.count("\n"), 2)

    def test_tail_of_a_url_says_what_is_wrong(self):
        for code, said, arguments, key in [
            (4, "a key that may read there is needed, or this one may not", [], "fsp_x"),
            (2, "--where: there is no field modell; did you mean model?", ["--where", "modell=x"], READ_KEY),
            (5, "", ["--url", "http://127.0.0.1:9"], READ_KEY),
            (1, "the server answers 404", ["--url", f"http://127.0.0.1:{self.port}/elsewhere"], READ_KEY),
        ]:
            p = self.tail(*arguments, key=key)
            self.assertEqual((p.returncode, p.stdout), (code, ""))
            self.assertIn(said, p.stderr)
        p = subprocess.run([PROGRAM, "tail", "--key", "x"], capture_output=True)
        self.assertEqual(p.returncode, 2)

    def test_tail_follows_a_url_and_is_quiet_when_it_is_lost(self):
        server, where = start("--listen", "127.0.0.1:0")
        url = f"http://127.0.0.1:{where[2]}"
        self.import_span("followed", "before")
        p = subprocess.Popen([PROGRAM, "-w", "followed", "tail", "-f", "--json", "--url", url], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"FLATSPAN_KEY": READ_KEY})
        self.assertEqual(json.loads(p.stdout.readline())["span_id"], "before")
        self.import_span("followed", "after")
        self.assertEqual(json.loads(p.stdout.readline())["span_id"], "after")
        server.send_signal(signal.SIGTERM)
        server.communicate()
        self.import_span("followed", "meanwhile")
        server, _ = start("--listen", url.removeprefix("http://"))
        self.assertEqual(json.loads(p.stdout.readline())["span_id"], "meanwhile")
        p.terminate()
        self.assertEqual(p.communicate(), ("", ""))
        server.send_signal(signal.SIGTERM)
        server.communicate()

    def test_tail_of_a_url_tells_when_more_came_than_it_may_have_shown(self):
        most = 5000

        def flood(n, name):
            lines = "".join(json.dumps({"span_id": f"{name}{i}", "trace_id": "t", "source": "x", "started_at": "2026-01-01T00:00:00Z"})
                            + "\n" for i in range(n))
            subprocess.run([PROGRAM, "-w", "flooded", "import"], input=lines.encode(), check=True, capture_output=True)
        flood(1, "before")
        p = subprocess.Popen(
            [PROGRAM, "-w", "flooded", "tail", "-f", "--json", "--url", f"http://127.0.0.1:{self.port}"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"FLATSPAN_KEY": READ_KEY})
        self.assertEqual(json.loads(p.stdout.readline())["span_id"], "before0")
        p.send_signal(signal.SIGSTOP)  # it waits until it asks again
        flood(most + 1, "a")
        p.send_signal(signal.SIGCONT)
        shown = {json.loads(p.stdout.readline())["span_id"] for _ in range(most)}
        self.assertEqual(p.stderr.readline(),
                         f"flatspan tail: {most} spans arrived at once; older ones may be missing\n")
        self.assertEqual(len(shown), most)
        p.terminate()
        p.communicate()

    def test_a_worker_that_dies_is_replaced(self):
        workers = children_of(self.server.pid)
        self.assertTrue(workers)
        for pid in workers:
            os.kill(pid, signal.SIGTERM)
        self.assertEqual(self.ask("GET", "/health/live")[0], 200)


def forget_landlock():
    """From here on the calls of Landlock, whose first has the same number on all machines, are not known to the kernel."""
    load_number, jump_if_equal, jump, give = 0x20, 0x15, 1, 0x06
    statements = [(load_number, 0, 0, 0), (jump_if_equal, 0, jump, 444),
                  (give, 0, 0, 0x00050000 | errno.ENOSYS), (give, 0, 0, 0x7fff0000)]
    program = b"".join(struct.pack("=HBBI", *s) for s in statements)
    text = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a length, and where the statements are.
    head = struct.pack("@HP", len(statements), ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privs, seccomp, filtered = 38, 22, 2
    if libc.prctl(no_new_privs, 1, 0, 0, 0) or libc.prctl(seccomp, filtered, ctypes.c_char_p(head), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


class Listen(unittest.TestCase):
    def test_only_this_machine_is_listened_on(self):
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:80", "4318", "127.0.0.1:70000", "127.0.0.1"):
            r = subprocess.run([PROGRAM, "serve", "--listen", address], capture_output=True)
            self.assertEqual(r.returncode, 2, address)

    def test_a_port_that_is_taken_is_told(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            r = subprocess.run([PROGRAM, "serve", "--listen", f"127.0.0.1:{s.getsockname()[1]}"], capture_output=True)
            self.assertEqual((r.returncode, b"the address is in use" in r.stderr), (5, True))

    def serve_with(self, settings, use):
        """What is said on standard error, when it has ended."""
        conf = os.path.join(os.environ["FLATSPAN_ROOT"], "..", "sandboxed.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(settings)
        p, where = start("--listen", ":0", "--conf", conf)
        try:
            def ask(method, path, body=None, key=KEY, workspace="default"):
                c = http.client.HTTPConnection("127.0.0.1", int(where[2]), timeout=20)
                c.request(method, path, body, {"x-api-key": key, "content-type": "application/json", "x-workspace": workspace})
                r = c.getresponse()
                text = r.read()
                c.close()
                return r.status, text

            use(ask)
        finally:
            p.send_signal(signal.SIGTERM)
            self.assertEqual(p.wait(10), 0)
            said = p.stderr.read()
            p.stdout.close()
            p.stderr.close()
        return said

    def test_in_a_sandbox_it_serves_as_well(self):
        root = os.environ["FLATSPAN_ROOT"]
        aside = os.path.join(root, "..", "aside")
        os.mkdir(aside)
        subprocess.run(["cp", os.path.join(root, "keys"), os.path.join(aside, "keys")], check=True)

        def use(ask):
            self.assertEqual(ask("POST", "/v1/traces", SAMPLE), (200, b"{}"))
            self.assertEqual(ask("GET", "/apis/intake/v2/workspaces/default/spans?sort=-started_at")[0], 200)
            status, text = ask("GET", "/health")
            self.assertEqual(status, 200)
            self.assertIn("no_new_privs, limits", json.loads(text)["sandbox"])
            # A keys file that is replaced meanwhile is read, and a note is taken.
            new = subprocess.run([PROGRAM, "key", "add", "*", "--role", "admin", "--conf", os.path.join(root, "..", "sandboxed.conf")],
                                 capture_output=True, text=True).stdout.strip()
            self.assertEqual(ask("GET", "/health", key=new)[0], 200)
            note = b'{"span_id":"a","session_id":"s","kind":"note","text":"said"}'
            self.assertEqual(ask("POST", "/apis/intake/v2/workspaces/default/annotations", note, key=new)[0], 201)
            # Enough spans for the index to be closed into a segment, which is done after the answer.
            spans = ",".join('{"traceId":"%032x","spanId":"%016x","name":"n","startTimeUnixNano":"1772360430000000000",'
                             '"endTimeUnixNano":"1772360431000000000"}' % (i % 9 + 1, i + 1) for i in range(5000))
            body = '{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}' % spans
            self.assertEqual(ask("POST", "/v1/traces", body.encode(), new, "large"), (200, b"{}"))
            for _ in range(200):
                self.assertEqual(ask("POST", "/v1/traces", SAMPLE, new, "large"), (200, b"{}"))
                if any(name.endswith(".seg") for _, _, names in os.walk(os.path.join(root, "large")) for name in names):
                    return
                time.sleep(0.05)
            self.fail("no segment was made")

        self.assertEqual(self.serve_with(f"sandbox = auto\nauth = on\nkeys = {aside}/keys\n", use), "")

    def test_a_sandbox_may_be_required_or_left_out(self):
        def is_off(ask):
            self.assertEqual(json.loads(ask("GET", "/health")[1])["sandbox"], "none")

        self.assertEqual(self.serve_with("sandbox = off\n", is_off), "")
        auto = []
        self.serve_with("sandbox = auto\n", lambda ask: auto.append(json.loads(ask("GET", "/health")[1])["sandbox"]))
        if auto == ["no_new_privs, limits, landlock, seccomp"]:
            self.assertEqual(self.serve_with("sandbox = require\n", lambda ask: self.assertEqual(ask("GET", "/health")[0], 200)), "")

    def test_a_required_sandbox_that_the_kernel_lacks_is_told_once(self):
        conf = os.path.join(os.environ["FLATSPAN_ROOT"], "..", "sandboxed.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write("sandbox = require\n")
        r = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--workers", "4", "--conf", conf],
                           capture_output=True, text=True, preexec_fn=forget_landlock, timeout=20)
        self.assertEqual((r.returncode, r.stderr.count("the kernel does not support all of it")), (1, 1), r.stderr)

    def test_ctrl_c_ends_it(self):
        p, where = start("--listen", ":0")
        self.assertEqual(where[1], "127.0.0.1")
        with socket.create_connection(("127.0.0.1", int(where[2]))):
            p.send_signal(signal.SIGINT)
            self.assertEqual(p.wait(5), 0)
        p.stdout.close()
        p.stderr.close()


if __name__ == "__main__":
    counted.main()
