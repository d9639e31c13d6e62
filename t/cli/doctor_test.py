"""The tests of flatspan doctor --url and send-test: see doctor.test. FLATSPAN: the program, TEMP: a directory."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import unittest

import counted

PROGRAM = os.environ["FLATSPAN"]
TEMP = pathlib.Path(os.environ["TEMP"])
LIMIT = 3 << 20


def flatspan(*arguments, **environment):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env=os.environ | environment,
                          stdin=subprocess.DEVNULL, check=False)


def doctor(url, *arguments, **environment):
    r = flatspan("doctor", "--json", "--url", url, *arguments, **environment)
    return r.returncode, [json.loads(line) for line in r.stdout.splitlines()], r.stderr


def key(*arguments):
    return flatspan("key", "add", *arguments).stdout.strip()


@contextlib.contextmanager
def service(settings):
    conf = TEMP / "conf"
    conf.write_text(f"body_bytes = {LIMIT}\n{settings}")
    p = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--workers", "2", "--conf", str(conf)],
                         stdout=subprocess.PIPE, text=True)
    try:
        yield int(re.search(r":(\d+)$", p.stdout.readline().strip())[1])
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(20)
        p.stdout.close()


DONE = "answered"


class Front(http.server.BaseHTTPRequestHandler):
    """A web server before the service, which does not do as it should: see `server.does`."""

    protocol_version = "HTTP/1.0"

    def log_message(self, *arguments):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def say(self, status, body=b"<html>A page</html>", kind="text/html", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        body = self.body()
        answer = self.server.does(self, body)
        if answer != DONE:
            headers = answer[-1] if isinstance(answer[-1], dict) else {}
            self.say(*answer[:3], **headers)

    do_POST = do_GET

    def pass_on(self, body, drop=(), path=None):
        c = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("transfer-encoding", "content-length", *drop)}
        c.request(self.command, path or self.path, body if self.command == "POST" else None, headers)
        r = c.getresponse()
        text = r.read()
        self.send_response_only(r.status)
        for name, value in r.getheaders():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
        c.close()


@contextlib.contextmanager
def front(does, behind=0, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.does, server.behind = does, behind
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def passes(drop=(), cut=""):
    """Hands everything on, but without these headers and this beginning of paths."""
    def does(handler, body):
        path = handler.path
        if cut and not path.startswith(cut + "/"):
            return 404,
        handler.pass_on(body, drop, path[len(cut):])
        return DONE
    return does


class Asker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        flatspan("init")
        cls.key = key("--role", "admin")
        cls.service = service("auth = on\n")
        cls.port = cls.service.__enter__()
        cls.url = f"http://127.0.0.1:{cls.port}"

    @classmethod
    def tearDownClass(cls):
        cls.service.__exit__(None, None, None)


class Doctor(Asker):
    def wrong(self, checks, verdict="WRONG"):
        return [(c["check"], c["detail"]) for c in checks if c["verdict"] == verdict]

    def says(self, url, check, text, *arguments, code=1, verdict="WRONG", **environment):
        got, checks, said = doctor(url, *arguments, **environment)
        found = [detail for name, detail in self.wrong(checks, verdict) if name == check and text in detail]
        self.assertTrue(found, f"{check}: {text} is not said: {checks} {said}")
        self.assertEqual(got, code, checks)
        return checks

    def test_nothing_is_wrong_with_serve(self):
        code, checks, said = doctor(self.url, FLATSPAN_KEY=self.key)
        self.assertEqual((code, self.wrong(checks), self.wrong(checks, "warning"), said), (0, [], [], ""))
        names = [c["check"] for c in checks]
        for name in ("handler", "clock", "files", "without a key", "paths", "prefix", "authorization", "health", "compressed", "chunked"):
            self.assertIn(name, names)
        self.assertEqual([c["detail"].split(",")[0] for c in checks if c["check"] == "bodies"],
                         ["of 132K arrive", "of 1.0M arrive", "of 3.0M arrive"])

    def test_it_leaves_nothing(self):
        lines = [p for p in (TEMP / "data").rglob("*.jsonl") if p.stat().st_size]
        doctor(self.url, FLATSPAN_KEY=self.key)
        self.assertEqual([p for p in (TEMP / "data").rglob("*.jsonl") if p.stat().st_size], lines)

    def test_a_key_comes_from_a_file_the_environment_or_the_arguments(self):
        (TEMP / "key").write_text(self.key + "\n")
        for arguments, environment in ((["--key-file", str(TEMP / "key")], {}), (["--key", self.key], {}),
                                       ([], {"FLATSPAN_KEY": self.key})):
            code, checks, _ = doctor(self.url, *arguments, **environment)
            self.assertEqual((code, self.wrong(checks)), (0, []))
        self.assertEqual(doctor(self.url, "--key-file", str(TEMP / "none"))[0], 2)
        self.assertEqual(doctor(self.url, "--key", "a\nb")[0], 2)

    def test_a_wrong_key_is_told(self):
        self.says(self.url, "key", "it is unknown", "--key", "fsp_12345678_" + "a" * 43, code=4)

    def test_without_a_key_less_is_looked_at(self):
        checks = self.says(self.url, "key", "none given", code=0, verdict="warning")
        self.assertIn(("authorization", "the header arrives"), self.wrong(checks, "ok"))

    def test_keys_that_may_do_less_are_enough_for_less(self):
        self.says(self.url, "bodies", "may not write", "--key", key("--role", "read"), code=0, verdict="warning")
        code, checks, _ = doctor(self.url, "--key", key("--role", "ingest"))
        self.assertEqual((code, self.wrong(checks)), (0, []))

    def test_urls_that_are_none_are_not_understood(self):
        for url in ("", "x", "ftp://x", "http://", "http://a:b@c", "http://x:0", "http://x:99999", "http://x/?a", "http://x/#a",
                    "http://x y", "http://[::1"):
            self.assertEqual(doctor(url)[0], 2, url)

    def test_nobody_there_is_network_trouble(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.says(f"http://127.0.0.1:{s.getsockname()[1]}", "handler", "nothing listens there", code=5)

    def test_what_is_no_http_server_is_told(self):
        for text, said in ((b"220 mail.example.org ESMTP\r\n", "does not speak HTTP"), (b"", "without an answer")):
            with socket.create_server(("127.0.0.1", 0)) as s:
                def answer():
                    c, _ = s.accept()
                    with c:
                        c.recv(4096)
                        c.sendall(text)
                t = threading.Thread(target=answer)
                t.start()
                self.says(f"http://127.0.0.1:{s.getsockname()[1]}", "handler", said, code=5)
                t.join()

    def test_what_web_servers_answer_instead_is_explained(self):
        for answer, said in (
            ((200, b"\x7fELF\2\1\1", "application/octet-stream"), "sends the program file"),
            ((200, b"#!/bin/sh\n", "text/plain"), "sends the program file"),
            ((200,), "something else answers with 200, a page"),
            ((301, b"", "text/html", {"Location": "https://elsewhere/spans/health/live"}), "redirects to https://elsewhere/spans"),
            ((401,), "a password of its own"),
            ((403,), "must be 755"),
            ((404,), "no path leads to the program"),
            ((405,), "a static file answers"),
            ((500,), "does not start"),
            ((502,), "nothing listens at the socket"),
            ((503,), "busy or gone"),
            ((503, b"{}", "application/json"), "503 from flatspan"),
            ((504,), "in time"),
        ):
            with front(lambda handler, body: answer) as url:
                self.says(url, "handler", said)

    def test_data_that_everybody_can_read_is_found(self):
        format_text = (TEMP / "data" / "FORMAT").read_bytes()
        for path, text, said in (
            ("/data/FORMAT", format_text, "the data"),
            ("/spans/data/FORMAT", format_text, "the data"),
            (str(TEMP / "data" / "FORMAT")[len(str(TEMP.parent)):], format_text, "the data"),
            ("/spans/app.fcgi", b"\x7fELF", "the program file"),
            ("/spans/flatspan.conf.path", b"/home/me/flatspan/data/.flatspan.conf\n", "the path of the settings"),
            ("/spans/.htaccess", b"FallbackResource /x\n", ".htaccess"),
            ("/spans/flatspan.conf", b"root = /srv\n", "the settings"),
        ):
            def does(handler, body):
                if handler.path == path:
                    return 200, text, "text/plain"
                return passes(cut="/spans")(handler, body)
            with front(does, self.port) as url:
                self.says(url + "/spans", "files", f"{path} shows {said}")

    def test_init_leaves_out_of_htaccess_what_the_host_forbids(self):
        of = {"AuthConfig": ("CGIPassAuth", "Require "), "Indexes": ("DirectoryIndex", "FallbackResource"),
              "Options": ("Options ",)}
        web = TEMP / "public_html" / "probe"
        web.mkdir(parents=True)
        for forbidden in ((), ("AuthConfig",), ("Indexes",), ("Options",), ("AuthConfig", "Options"), tuple(of)):
            def does(handler, body):
                lines = (web / ".htaccess").read_text().splitlines()
                if any(line.strip().startswith(word) for line in lines for name in forbidden for word in of[name]):
                    return 500,
                return passes(cut="/probe")(handler, body)
            with self.subTest(forbidden), front(does, self.port) as url:
                r = flatspan("init", "--web", str(web), "--url", url + "/probe", "--probe", "--json")
                self.assertEqual(r.returncode, 0, r.stderr)
                names = ", ".join(forbidden[:-2]) + (", " if forbidden[:-2] else "") + " and ".join(forbidden[-2:])
                said = f"flatspan init: the host forbids {names} in .htaccess; it works without\n"
                self.assertEqual(r.stderr, said if forbidden else "")
                text = (web / ".htaccess").read_text()
                self.assertEqual("CGIPassAuth On" in text, "AuthConfig" not in forbidden)
                self.assertEqual("HTTP_AUTHORIZATION=$1" in text, "AuthConfig" in forbidden)
                self.assertIn("/probe/app.fcgi [L]" if "Indexes" in forbidden else "FallbackResource /probe/app.fcgi", text)
        whole = text.count("\n")
        with front(lambda handler, body: (404,), self.port) as url:
            r = flatspan("init", "--web", str(web), "--url", url + "/probe", "--probe", "--json")
            self.assertEqual(r.returncode, 6)
            self.assertIn("no .htaccess leads from", r.stderr)
            self.assertIn('"url":', r.stdout)
            self.assertNotEqual((web / ".htaccess").read_text().count("\n"), whole)
        self.assertEqual(flatspan("init", "--probe").returncode, 2)

    def test_a_header_that_is_kept_back_is_found(self):
        with front(passes(drop=["authorization"]), self.port) as url:
            self.says(url, "authorization", "CGIPassAuth On", FLATSPAN_KEY=self.key)
            checks = self.says(url, "authorization", "CGIPassAuth On")
            self.assertNotIn("bodies", [c["check"] for c in checks])
        with front(passes(drop=["x-api-key"]), self.port) as url:
            self.says(url, "key", "x-api-key does not arrive", code=0, verdict="warning", FLATSPAN_KEY=self.key)

    def test_limits_of_bodies_are_found(self):
        def limit(n, answer):
            def does(handler, body):
                return answer if len(body) > n else passes()(handler, body)
            return does
        for n, answer, said in (
            (131072, (500,), "of 132K are answered with 500: mod_fcgid accepts 128 KiB"),
            (131072, (503, b"{}", "application/json"), "of 132K are answered with 503: see its error log: mod_fcgid accepts 128 KiB"),
            (1 << 20, (413,), "of 1.0M are answered with 413: the web server accepts no more: client_max_body_size"),
            (2 << 20, (504,), "of 3.0M are answered with 504: it takes too long"),
            (2 << 20, (413, b"{}", "application/json"), "of 3.0M are answered with 413: body_bytes"),
            (0, (503,), "a small one is answered with 503"),
            (0, (200,), "a small one is answered with 200: not by flatspan"),
            (131072, (200, b"\x7fELF\2\1\1", "application/octet-stream"), "of 132K are answered with 200: not by flatspan"),
            (LIMIT, (200,), "that are too large are answered with 200: not by flatspan"),
        ):
            with front(limit(n, answer), self.port) as url:
                self.says(url, "bodies", said, FLATSPAN_KEY=self.key)
        with front(limit(LIMIT, (413,)), self.port) as url:
            self.says(url, "bodies", "refused by the web server, with an HTML page", code=0, verdict="warning", FLATSPAN_KEY=self.key)

    def test_forms_of_bodies_that_do_not_arrive_are_found(self):
        def refuse(name, value):
            def does(handler, body):
                return (411,) if handler.headers.get(name) == value else passes()(handler, body)
            return does
        with front(refuse("Transfer-Encoding", "chunked"), self.port) as url:
            self.says(url, "chunked", "answered with 411", FLATSPAN_KEY=self.key)
        with front(refuse("Content-Encoding", "gzip"), self.port) as url:
            self.says(url, "compressed", "answered with 411", FLATSPAN_KEY=self.key)

    def test_forms_of_bodies_that_something_else_takes_are_found(self):
        for check, name in (("chunked", "Transfer-Encoding"), ("compressed", "Content-Encoding")):
            def does(handler, body):
                return (200, b"\x7fELF\2\1\1") if name in handler.headers else passes()(handler, body)
            with front(does, self.port) as url:
                self.says(url, check, "answered with 200: not by flatspan", FLATSPAN_KEY=self.key)

    def test_a_path_before_the_apis_is_looked_at(self):
        with front(passes(cut="/spans"), self.port) as url:
            self.says(url + "/spans/", "prefix", "set prefix = /spans", FLATSPAN_KEY=self.key)

    def test_paths_that_lead_elsewhere_are_found(self):
        def does(handler, body):
            return (404,) if handler.path.startswith("/v5/") else passes()(handler, body)
        with front(does, self.port) as url:
            self.says(url, "paths", "/v5/", FLATSPAN_KEY=self.key)

    def test_slashes_that_are_lost_are_told(self):
        def does(handler, body):
            return (404,) if "%2F" in handler.path else passes()(handler, body)
        with front(does, self.port) as url:
            self.says(url, "prefix", "AllowEncodedSlashes", code=0, verdict="warning", FLATSPAN_KEY=self.key)

    def test_a_clock_that_is_wrong_is_found(self):
        date = "Sun, 06 Nov 1994 08:49:37 GMT"
        with front(lambda handler, body: (200, b'{"status":"live"}', "application/json", {"Date": date})) as url:
            self.says(url, "clock", "seconds behind the clock here", code=1)

    def test_who_is_let_in_without_a_key_is_told(self):
        with service("auth = off\n") as port:
            checks = self.says(f"http://127.0.0.1:{port}", "without a key", "auth = off", code=0, verdict="warning")
            self.assertIn("bodies", [c["check"] for c in checks])

    def test_https_is_asked_by_curl(self):
        if not shutil.which("curl") or not shutil.which("openssl"):
            return
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(TEMP / "tls.key"), "-out", str(TEMP / "tls.crt")],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TEMP / "tls.crt", TEMP / "tls.key")
        with front(passes(), self.port, context) as url:
            code, checks, _ = doctor(url, FLATSPAN_KEY=self.key, CURL_CA_BUNDLE=str(TEMP / "tls.crt"))
            self.assertEqual((code, self.wrong(checks)), (0, []))
            self.assertEqual(len([c for c in checks if c["check"] == "bodies"]), 3)
            self.says(url, "handler", "curl: (60)", code=5)

    def test_without_curl_that_is_said(self):
        empty = TEMP / "empty"
        empty.mkdir()
        self.says("https://127.0.0.1:1", "handler", "curl, which is not installed", code=5, PATH=str(empty))


class SendTest(Asker):
    """What asks the same service in the same way."""

    def send(self, url, *arguments, **environment):
        r = flatspan("send-test", "--json", "--url", url, *arguments, **environment)
        return r.returncode, json.loads(r.stdout) if r.stdout else None, r.stderr

    def test_a_span_is_sent_and_seen(self):
        code, said, _ = self.send(self.url + "/", FLATSPAN_KEY=self.key)
        self.assertEqual((code, said["seen"], said["workspace"]), (0, True, "default"))
        self.assertEqual(said["url"], f"{self.url}/apis/intake/v2/workspaces/default/traces/{said['trace_id']}")
        shown = flatspan("show", said["trace_id"])
        self.assertIn("flatspan send-test", shown.stdout)
        self.assertIn("sent and read back in", flatspan("send-test", "--url", self.url, "--key", self.key).stdout)

    def test_a_key_that_may_not_read_leaves_it_unseen(self):
        code, said, text = self.send(self.url, "--key", key("--role", "ingest"))
        self.assertEqual((code, said["seen"]), (6, False))
        self.assertIn("this key may not read", text)

    def test_a_span_that_does_not_come_back_is_told(self):
        def does(handler, body):
            return (200, b"{}", "application/json") if handler.command == "POST" else (404, b"{}", "application/json")
        with front(does) as url:
            code, said, text = self.send(url)
        self.assertEqual((code, said["seen"]), (6, False))
        self.assertIn("it does not appear", text)

    def test_what_is_not_allowed_and_not_there_is_told(self):
        self.assertEqual(self.send(self.url)[0], 4)
        self.assertEqual(self.send(self.url, "--key", key("--role", "read"))[0], 4)
        self.assertEqual(self.send(self.url, "-w", "other", "--key", self.key)[0], 4)
        self.assertEqual(self.send("http://127.0.0.1:1")[0], 5)
        self.assertEqual(self.send("nothing")[0], 2)
        with front(lambda handler, body: (200,)) as url:
            code, _, text = self.send(url)
        self.assertEqual(code, 1)
        self.assertIn("flatspan doctor --url", text)


if __name__ == "__main__":
    counted.main()
