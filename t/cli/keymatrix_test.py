"""The tests of keys: see keymatrix.test. FLATSPAN: the program, DATA: its data directory.

The matrix is made from the table that routes (flatspan routes): a new route cannot escape it.
"""

import concurrent.futures
import http.client
import json
import os
import signal
import subprocess
import threading
import unittest

import counted

PROGRAM, DATA = os.environ["FLATSPAN"], os.environ["DATA"]
KEYS = DATA + "/keys"
FULL = os.environ.get("FULL")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def flatspan(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def add_key(*arguments):
    return flatspan("key", "add", *arguments)


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([PROGRAM, "serve", "--listen", ":0"], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
        cls.port = int(cls.server.stdout.readline().rsplit(":", 1)[1])

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        cls.server.wait(10)
        cls.server.stdout.close()
        if os.path.isfile(KEYS):
            os.unlink(KEYS)

    def ask(self, method, path, key, **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if key:
            headers["x-api-key"] = key
        body = b"{}" if method in ("POST", "PUT", "PATCH") else None
        c.request(method, path, body, {"content-type": "application/json", **headers})
        r = c.getresponse()
        r.read()
        c.close()
        return r.status


class Matrix(Live):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.routes = [json.loads(line) for line in flatspan("routes", "--json").splitlines()]
        right = add_key("default", "--role", "admin")
        cls.keys = {
            "none": None,
            "wrong": right[:-1] + ("A" if right[-1] != "A" else "B"),
            "unknown": "fsp_00000000_" + "a" * 43,
            "expired": add_key("default", "--role", "admin", "--expires", "2020-01-01"),
            "other workspace": add_key("other", "--role", "admin"),
            "ingest": add_key("default", "--role", "ingest"),
            "read": add_key("default", "--role", "read"),
            "admin": right,
        }

    def expected(self, route, kind):
        """401, 403, or None: whatever a handler says."""
        if route["role"] == "none":
            return None
        if kind in ("none", "wrong", "unknown", "expired"):
            return 401
        if kind == "other workspace":
            return None if route["workspace"] == "none" else 403
        return None if kind in (route["role"], "admin") else 403

    @staticmethod
    def url(route):
        path = route["path"]
        if route["workspace"] == "path":
            path = path.replace("{}", "default", 1)
        return path.replace("{}", "019c0000-0000-7000-8000-000000000001")

    def status(self, method, route, key):
        # What is asked for is the workspace default, also with a key of another one.
        return self.ask(method, self.url(route), key, **{"x-workspace": "default", "Comet-Workspace": "default",
                                                         "x-selected-account-id": "default"})

    def route_of(self, method, path):
        """The row that serves it: names win over captures, the first one that differs decides."""
        segments, best = path.split("/"), None
        for r in self.routes:
            pattern = r["path"].split("/")
            if r["method"] == method and len(pattern) == len(segments) and \
                    all(p in ("{}", s) for p, s in zip(pattern, segments)):
                rank = [p == "{}" for p in pattern]
                if best is None or rank < best[0]:
                    best = rank, r
        return best and best[1]

    def test_every_route_and_method_with_every_kind_of_key(self):
        self.assertGreater(len(self.routes), 100)
        by_path = {}
        for r in self.routes:
            by_path.setdefault(self.url(r), r)
        # Methods that a path does not have are the same for all keys: all of them with FULL=1.
        cells = [(method, path, kind) for path in by_path for method in METHODS for kind in self.keys
                 if self.route_of(method, path) or FULL or kind in ("none", "admin")]

        def check(cell):
            method, path, kind = cell
            route = self.route_of(method, path)
            got = self.status(method, by_path[path], self.keys[kind])
            if route is None:
                return None if got in (404, 405) else f"{method} {path} with {kind}: {got}, no such route"
            want = self.expected(route, kind)
            good = got == want if want else got not in (401, 403, 500)
            return None if good else f"{method} {path} with {kind}: {got}, want {want or 'neither 401 nor 403'}"

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            wrong = [text for text in pool.map(check, cells) if text]
        self.assertEqual(wrong, [])
        self.assertGreater(len(cells), 1500)

    def test_a_key_for_all_workspaces_opens_each(self):
        key = add_key("*", "--role", "read")
        self.assertEqual(self.ask("GET", "/apis/intake/v2/workspaces/default/spans", key), 200)
        self.assertEqual(self.ask("GET", "/apis/intake/v2/workspaces/other/spans", key), 404)

    def test_all_spellings_of_a_key_are_one(self):
        path, key = "/apis/intake/v2/workspaces/default/spans", self.keys["read"]
        import base64
        basic = base64.b64encode(b"public:" + key.encode()).decode()
        for value in (key, "Bearer " + key, "bearer " + key, "Basic " + basic):
            self.assertEqual(self.ask("GET", path, None, Authorization=value), 200, value)
        self.assertEqual(self.ask("GET", path, None, Authorization="Bearer " + key + ", Bearer x"), 400)


class Rotation(Live):
    def test_no_request_fails_while_keys_are_replaced(self):
        current = [add_key("default", "--role", "admin")]
        over, bad, n = threading.Event(), [], [0]

        def client():
            while not over.is_set():
                key = current[0]
                status = self.ask("GET", "/apis/intake/v2/workspaces/default/spans?page_size=1", key)
                n[0] += 1
                if status != 200:
                    bad.append(status)

        threads = [threading.Thread(target=client) for _ in range(3)]
        for t in threads:
            t.start()
        replaced = []
        for i in range(12):
            replaced.append(current[0])
            current[0] = flatspan("key", "rotate", current[0][4:12])
            add_key("default", "--label", f"another {i}")
        over.set()
        for t in threads:
            t.join()
        self.assertEqual(bad, [])
        self.assertGreater(n[0], 20)
        # Revoked ones are nothing at once.
        for key in replaced:
            flatspan("key", "revoke", key[4:12])
            self.assertEqual(self.ask("GET", "/apis/intake/v2/workspaces/default/spans", key), 401)


class Closed(Live):
    def test_a_keys_file_that_is_no_good_lets_nobody_in(self):
        key = add_key("default", "--role", "admin")
        good = open(KEYS, "rb").read()
        path = "/apis/intake/v2/workspaces/default/spans"
        os.unlink(KEYS)

        def link():
            open(DATA + "/real", "wb").write(good)
            os.symlink("real", KEYS)

        def hard_link():
            os.unlink(DATA + "/real")
            open(KEYS, "wb").write(good)
            os.link(KEYS, DATA + "/twin")

        def write(text):
            return lambda: open(KEYS, "wb").write(text)

        for name, make in {
            "a directory": lambda: os.mkdir(KEYS),
            "a fifo": lambda: os.mkfifo(KEYS),
            "a link": link,
            "a file with two links": hard_link,
            "a bad line": write(good + b"nonsense\n"),
            "a bad line before": write(b"nonsense\n" + good),
            "a line that was cut": write(good[:-30]),
            "NUL bytes": write(good + b"\0\0\n"),
            "too long": write(good + b"#" * (1 << 20)),
        }.items():
            make()
            self.assertEqual(self.ask("GET", path, key), 503, name)
            self.assertEqual(self.ask("GET", path, None), 503, name)
            self.assertEqual(self.ask("POST", "/v1/traces", key), 503, name)
            self.assertEqual(self.ask("GET", "/health/live", None), 200, name)
            os.rmdir(KEYS) if os.path.isdir(KEYS) else os.unlink(KEYS)
        os.unlink(DATA + "/twin")
        write(good)()
        self.assertEqual(self.ask("GET", path, key), 200)
        write(b"")()
        self.assertEqual(self.ask("GET", path, key), 401)
        self.assertEqual(self.ask("GET", path, None), 401)


if __name__ == "__main__":
    counted.main()
