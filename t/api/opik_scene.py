"""What the Python tests of Opik's API share: a fresh server, requests to it, ids and times."""

import json
import os
import pathlib
import shutil
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import ways  # noqa: E402

PRIVATE = "/api/v1/private"


def programs():
    return ways.Programs(pathlib.Path(os.environ.get("top_builddir", str(HERE.parent.parent / "build"))).resolve())


class Server:
    """A FastCGI program over a data root of its own, or a further one over the root of another."""

    def __init__(self, beside=None, conf=""):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="fs-opik-"))
        (self.home / "flatspan.conf").write_text("sync = none\nprices = none\n" + conf)
        if beside:
            (self.home / "root").symlink_to(beside.home / "root")
        else:
            (self.home / "root").mkdir()
        self.way = ways.Fcgi(programs(), self.home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.way.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def raw(self, method, target, headers=(), body=b""):
        answer = self.way.request(cases.Request(method, target, list(headers), body))
        said = self.way.complaints()
        assert not said, said
        return answer

    def call(self, method, path, body=None, params=None, want=None):
        """The answer's JSON, or lines of JSON, or None; the status must be the wanted one."""
        target = PRIVATE + path
        if params:
            texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in params.items()}
            target += "?" + urllib.parse.urlencode(texts)
        data = b"" if body is None else json.dumps(body).encode()
        a = self.raw(method, target, [("Content-Type", "application/json")] if data else [], data)
        if want is not None:
            assert a.status == want, f"{method} {target} {body}: {a.status}, not {want}: {a.body[:1000]!r}"
        if a.headers.get("content-type") == "application/octet-stream":
            return [json.loads(s) for s in a.body.split(b"\r\n") if s]
        return json.loads(a.body) if a.body else None


def uuid7(ms, number):
    """A version 7 UUID of that millisecond, the same for the same number."""
    tail = (number * 0x9E3779B97F4A7C15 + 0x1234567) & ((1 << 62) - 1)
    value = (ms & (1 << 48) - 1) << 80 | 7 << 76 | (number & 0xFFF) << 64 | 2 << 62 | tail
    h = f"{value:032x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class Counter:
    """Counts what passed, prints what did not."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, ok, detail=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}: {detail}")
        return ok

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
