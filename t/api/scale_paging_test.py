#!/usr/bin/env python3
"""A client like Scale's SDK pages through all spans of an account, both ways, while others write to it.

	scale_paging_test.py BUILD-DIR [--spans N]

The client does what the SDK's generated code does: the body is the same for every page and only the query changes; the
next cursor is the last item's id, or with ending_before the first one's; a listing ends with an empty page; connection
errors and 408, 409, 429 and 5xx are tried again. Some answers are lost on their way. Whatever the size of the pages, no
span comes twice, and none is missing of those that were there at the start. Our own cursors must do the same.
"""

import argparse
import json
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from cases import Request  # noqa: E402
from scale_model import nanoseconds  # noqa: E402
from ways import Fcgi, Programs  # noqa: E402

ACCOUNT = ("x-selected-account-id", "acme")
JSON = ("Content-Type", "application/json")
LOST = 0.02  # of the answers


def span(n, minute, ended=True):
    s = {"id": f"s{n:06d}", "trace_id": f"t{n % 97}", "name": f"step {n % 5}", "type": "COMPLETION",
         "start_timestamp": f"2026-03-01T{minute // 60 % 24:02d}:{minute % 60:02d}:00.{n % 3:06d}+00:00",
         "input": {"n": n}, "output": {}, "metadata": {}, "status": "SUCCESS"}
    if ended:
        s["end_timestamp"] = "2026-03-02T00:00:00+00:00"
    return s


class Client:
    """The retries of the SDK, without its pauses."""

    RETRIES = 10

    def __init__(self, way, seed):
        self.way, self.random = way, random.Random(seed)

    def send(self, method, path, body):
        data, last = json.dumps(body).encode(), "lost"
        for _ in range(self.RETRIES):
            try:
                answer = self.way.request(Request(method, path, [ACCOUNT, JSON], data))
            except (ConnectionError, TimeoutError) as e:
                last = repr(e)
                time.sleep(0.02)  # workers end after some requests, and others take their place
                continue
            last = f"{answer.status} {answer.body[:300]!r}"
            if answer.status in (408, 409, 429) or answer.status >= 500 or self.random.random() < LOST:
                continue
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {answer.body[:300]!r}")
            return json.loads(answer.body)
        raise RuntimeError(f"{path}: still no answer, the last one {last}")

    def page(self, body, **query):
        return self.send("POST", "/v5/spans/search?" + urllib.parse.urlencode(query), body)

    def pages(self, body, side, start=None, own_cursors=False, **query):
        """side: starting_after or ending_before."""
        cursor = start
        while True:
            page = self.page(body, **query, **({side: cursor} if cursor else {}))
            if not page["items"]:
                return
            yield page
            item = page["items"][-1 if side == "starting_after" else 0]
            cursor = item["id"]
            if own_cursors:
                cursor = page.get("next_cursor" if side == "starting_after" else "prev_cursor")
                if not cursor:
                    return


class Writer(threading.Thread):
    """Sends new spans of any time, as many as it is allowed, and the ends of old ones, until told to stop."""

    EACH = 5

    def __init__(self, way, seed, n_spans):
        super().__init__()
        self.pause_s = 0.1 if n_spans > 1000 else 0.01
        self.client, self.random, self.n_spans = Client(way, seed), random.Random(seed), n_spans
        self.first = 1_000_000 * (seed + 1)
        self.n_sent, self.allowed, self.error, self.stopped = 0, 0, None, threading.Event()

    def run(self):
        try:
            while not self.stopped.is_set():
                self.stopped.wait(self.pause_s)
                if self.n_sent >= self.allowed:
                    continue
                new = [span(self.first + self.n_sent + i, self.random.randrange(1440), False) for i in range(self.EACH)]
                old = self.random.randrange(self.n_spans)
                self.client.send("PUT", "/v5/spans/batch", {"items": new + [span(old, old * 1440 // self.n_spans)]})
                self.n_sent += self.EACH
        except Exception as e:  # told by the test, not by a thread's traceback
            self.error = e


def check(name, walked, want, problems):
    """walked: pages, in the order they came."""
    ids = [i["id"] for page in walked for i in page["items"]]
    if len(ids) != len(set(ids)):
        problems.append(f"{name}: {len(ids) - len(set(ids))} spans came twice")
    if want - set(ids):
        problems.append(f"{name}: {len(want - set(ids))} spans are missing, {sorted(want - set(ids))[:3]} …")


def check_order(name, items, descending, problems):
    keys = [(nanoseconds(i["start_timestamp"]), i["trace_id"].encode(), i["id"].encode()) for i in items]
    if keys != sorted(keys, reverse=descending):
        problems.append(f"{name}: not in order")


def walk_all(client, sizes, writers, want, problems):
    done = 0

    def write_on(pages):
        for w in writers:
            w.allowed = w.n_sent + pages // 10 + 1

    for size in sizes:
        # Small pages are many: then as the SDK asks for them only, and of a few pages every way.
        pages = len(want) // size
        for descending in (False,) if pages > 5000 else (False, True):
            order = {"limit": size, "sort_order": "desc" if descending else "asc"}
            for own in (descending,) if pages > 1000 else (False, True):
                name = f"pages of {size}, {order['sort_order']}{', our cursors' if own else ''}"
                write_on(pages)
                forward = list(client.pages({}, "starting_after", own_cursors=own, **order))
                check(name + ", forward", forward, want, problems)
                check_order(name + ", forward", [i for p in forward for i in p["items"]], descending, problems)
                # From what is the last now, back to the first.
                last = client.page({}, limit=1, sort_order="asc" if descending else "desc")["items"][0]
                write_on(pages)
                backward = list(client.pages({}, "ending_before", start=last["id"], own_cursors=own, **order))
                check(name + ", backward", backward, want - {last["id"]}, problems)
                check_order(name + ", backward", [i for p in reversed(backward) for i in p["items"]], descending, problems)
                done += 2
    return done


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--spans", type=int, default=15)
    a = p.parse_args()
    home = pathlib.Path(tempfile.mkdtemp(prefix="fs-paging-"))
    problems, done = [], 0
    programs = Programs(a.build.resolve())
    ways, writers = [], []
    try:
        (home / "root").mkdir(mode=0o750)
        (home / "root" / "FORMAT").write_text("flatspan 1\n")
        # Here it is about reading; the promise of durability has its own tests.
        (home / "flatspan.conf").write_text("sync = none\n")
        for n in range(3):
            (home / f"w{n}").mkdir()
            way = Fcgi(programs, home)
            way.home = home / f"w{n}"
            way.environment = lambda env=way.environment(): env | {
                "FLATSPAN_ROOT": str(home / "root"), "FLATSPAN_CONF": str(home / "flatspan.conf")}
            ways.append(way)
        first = Client(ways[0], 0)
        for at in range(0, a.spans, 1000):
            items = [span(n, n * 1440 // a.spans) for n in range(at, min(a.spans, at + 1000))]
            first.send("PUT", "/v5/spans/batch", {"items": items})
        want = {f"s{n:06d}" for n in range(a.spans)}
        writers = [Writer(way, n, a.spans) for n, way in enumerate(ways[1:], 1)]
        for w in writers:
            w.start()
        done = walk_all(Client(ways[0], 7), (1, 7, 100, 10000), writers, want, problems)
    finally:
        for w in writers:
            w.stopped.set()
        for w in writers:
            w.join()
            problems += [f"a writer: {w.error}"] if w.error else []
            problems += [] if w.n_sent else ["a writer wrote nothing"]
        for way in ways:
            problems += way.complaints()
            way.stop()
        shutil.rmtree(home, ignore_errors=True)
    for text in problems:
        print("FAIL " + text)
    print(f"{done - len(problems)} passed, {len(problems)} failed")
    return 1 if problems or not done else 0


if __name__ == "__main__":
    sys.exit(main())
