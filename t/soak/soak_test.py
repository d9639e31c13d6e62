#!/usr/bin/env python3
"""Hours in minutes: workers on one data directory, asked by all dialects at once, killed at any moment, while cron seals,
indexes and prunes beside them. In the end everything that was acknowledged is there, as it was said last, with the
index and without it; no answer was a failure of ours; and the worker that was never killed has grown in nothing.

	soak_test.py BUILD-DIR [--seconds N] [--seed N]
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "api"))
from cases import Request  # noqa: E402
from ways import Fcgi, Programs, Server, cgi_answer, cgi_variables  # noqa: E402

WORKERS = 4  # the first is left alive
WRITERS = 3
READERS = 2
# Of a day that is over, which cron seals: an id tells when a span began, and no file of an earlier day holds it.
OLD_SPANS, OLD_DAY, OLD_MS = 3000, "2026-01-05", 1767574923000
NEMO = "/apis/intake/v2/workspaces/default"
JSON_TYPE = [("Content-Type", "application/json")]
# Of the worker that lives, between requests. Usually: in the second half, so that what it never gives back tells.
USUAL_KB_MAX = 12 << 10
MOST_KB_MAX = 64 << 10  # after one that looked at everything
FDS_MAX = 64
GONE = None  # the name of a span that was deleted


class Lost(Exception):
    """No answer: whether the request was done nobody knows."""


class Workers:
    """Programs that anyone may ask, one request at a time each."""

    def __init__(self, way):
        self.way = way
        self.ends = []  # how each that was replaced has ended
        self.locks = [threading.Lock() for _ in range(WORKERS)]
        self.servers = [None] * WORKERS
        self.n_started = 0
        for i in range(WORKERS):
            self.start(i)

    def start(self, i):
        self.n_started += 1
        path = self.way.home / f"worker.{i}.{self.n_started}"
        self.servers[i] = Server(self.way.programs.app, path, self.way)

    def ask(self, rng, request):
        i = rng.randrange(WORKERS)
        with self.locks[i]:
            status = self.servers[i].process.poll()
            if status is not None:
                self.ends.append((i, status))
                self.start(i)
            try:
                return cgi_answer(self.way.exchange(self.servers[i].path, cgi_variables(request), request.body))
            except (OSError, ValueError) as e:
                try:
                    self.servers[i].process.wait(1)  # or who comes next would lose one by the same end
                except subprocess.TimeoutExpired:
                    pass  # it lives, and has lost one all the same
                raise Lost(str(e)) from e

    def kill(self, i):
        self.servers[i].process.kill()

    def stop(self):
        for i, s in enumerate(self.servers):
            status = s.process.poll()
            if status is not None:
                self.ends.append((i, status))
            s.stop()

    def bad_ends(self):
        """A worker ends by itself after some thousand requests, and is killed unless it is the first."""
        allowed = lambda i: (0,) if i == 0 else (0, -signal.SIGKILL)  # noqa: E731
        return [f"worker {i} ended with {status}" for i, status in self.ends if status not in allowed(i)]


class Load:
    """What all threads share."""

    def __init__(self, workers, seed):
        self.workers = workers
        self.seed = seed
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.problems = []
        self.n_requests = 0
        self.n_lost = 0

    def tell(self, problem):
        with self.lock:
            if len(self.problems) < 20:
                self.problems.append(problem)

    def ask(self, rng, statuses, method, target, body=None, headers=()):
        """The answer, whose status is one of these; None: there was none, or a bad one, which was told."""
        data = b"" if body is None else json.dumps(body).encode()
        request = Request(method=method, target=target, headers=list(headers) + (JSON_TYPE if data else []), body=data)
        with self.lock:
            self.n_requests += 1
        try:
            answer = self.workers.ask(rng, request)
        except Lost:
            with self.lock:
                self.n_lost += 1
            return None
        if answer.status not in statuses:
            self.tell(f"{method} {target}: {answer.status} {answer.body[:300]!r}")
            return None
        return answer


def uuid7(rng, ms=None):
    ms = ms or time.time_ns() // 1000000
    return str(uuid.UUID(int=ms << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)))


def rfc3339(rng):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{rng.randrange(1000000):06}Z"


class User(threading.Thread):
    """Whoever ends before it is over has met what no test expects."""

    def __init__(self, load, name):
        super().__init__(name=name)
        self.load = load
        self.rng = random.Random(f"{load.seed} {name}")

    def run(self):
        try:
            self.work()
        except Exception as e:  # noqa: BLE001
            self.load.tell(f"{self.name}: {e!r}")


class Writer(User):
    """Writes spans of its own, changes and deletes them, and knows what must have become of each."""

    def __init__(self, load, number, old):
        super().__init__(load, f"writer {number}")
        self.number = number
        self.spans = {}  # id: the names it may have
        self.opik = {}  # id: trace id, of those that Opik's API can change
        for span_id, trace_id in old:
            self.spans[span_id] = {"old"}
            self.opik[span_id] = trace_id
        self.n = 0

    def new_name(self):
        self.n += 1
        return f"w{self.number}-{self.n} " + "x" * self.rng.choice((0, 3, 200, 1000))

    def settle(self, answer, names):
        """names: of each span what it is called if this was done."""
        for span_id, name in names.items():
            before = self.spans.get(span_id, {GONE})
            self.spans[span_id] = {name} if answer else before | {name}

    def otlp(self):
        names = {self.rng.randbytes(8).hex(): self.new_name() for _ in range(self.rng.randint(1, 20))}
        trace, now = self.rng.randbytes(16).hex(), time.time_ns()
        spans = [
            {"traceId": trace, "spanId": s, "name": name, "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 10**6)}
            for s, name in names.items()
        ]
        body = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
        self.settle(self.load.ask(self.rng, (200,), "POST", "/v1/traces", body), names)

    def scale(self):
        names = {str(uuid.UUID(int=self.rng.getrandbits(128))): self.new_name() for _ in range(self.rng.randint(1, 20))}
        trace, now = str(uuid.UUID(int=self.rng.getrandbits(128))), rfc3339(self.rng)
        spans = [{"id": s, "trace_id": trace, "name": name, "start_timestamp": now} for s, name in names.items()]
        self.settle(self.load.ask(self.rng, (200,), "POST", "/v5/spans/batch", {"items": spans}), names)

    def nemo(self):
        names = {self.rng.randbytes(8).hex(): self.new_name() for _ in range(self.rng.randint(1, 20))}
        trace, now = self.rng.randbytes(16).hex(), rfc3339(self.rng)
        spans = [{"span_id": s, "trace_id": trace, "name": name, "started_at": now} for s, name in names.items()]
        body = {"source": "soak", "spans": spans}
        self.settle(self.load.ask(self.rng, (201,), "POST", NEMO + "/ingest/spans", body), names)

    def opik_batch(self):
        trace, now = uuid7(self.rng), rfc3339(self.rng)
        names = {uuid7(self.rng): self.new_name() for _ in range(self.rng.randint(1, 20))}
        spans = [
            {"id": s, "trace_id": trace, "name": name, "type": "llm", "start_time": now, "input": {"q": name}}
            for s, name in names.items()
        ]
        answer = self.load.ask(self.rng, (204,), "POST", "/v1/private/spans/batch", {"spans": spans})
        self.settle(answer, names)
        if answer:
            self.opik.update((s, trace) for s in names)

    def opik_patch(self):
        if not self.opik:
            return
        span_id = self.rng.choice(list(self.opik))
        name = self.new_name()
        body = {"trace_id": self.opik[span_id], "name": name}
        answer = self.load.ask(self.rng, (204,), "PATCH", "/v1/private/spans/" + span_id, body)
        self.settle(answer, {span_id: name})

    def opik_delete(self):
        if not self.opik:
            return
        span_id = self.rng.choice(list(self.opik))
        del self.opik[span_id]  # a PATCH would make it again
        self.settle(self.load.ask(self.rng, (204,), "DELETE", "/v1/private/spans/" + span_id), {span_id: GONE})

    def look(self):
        """What was acknowledged is there for whoever asks next."""
        if not self.spans:
            return
        span_id = self.rng.choice(list(self.spans)[-500:])
        may_be = self.spans[span_id]
        answer = self.load.ask(self.rng, (200, 404), "GET", f"{NEMO}/spans/{span_id}")
        if answer:
            name = json.loads(answer.body)["name"] if answer.status == 200 else GONE
            if name not in may_be:
                self.load.tell(f"span {span_id} is called {name!r:.60}, not any of {may_be!r:.200}")

    def work(self):
        ways = [self.otlp, self.scale, self.nemo, self.opik_batch] * 2 + [self.opik_patch, self.look] * 3 + [self.opik_delete]
        while not self.load.is_over.is_set():
            self.rng.choice(ways)()


class Reader(User):
    """Asks for pages, groups and texts of all dialects; what they hold changes all the time, so that they come is all."""

    def work(self):
        word = lambda: f"w{self.rng.randrange(WRITERS)}-{self.rng.randrange(200)}"  # noqa: E731
        ways = [
            lambda: ("GET", f"{NEMO}/spans?sort=-started_at&page_size={self.rng.choice((1, 50, 500))}", None),
            lambda: ("GET", f"{NEMO}/spans?mode=summary&page_size=100&page={self.rng.randint(1, 20)}", None),
            lambda: ("GET", f"{NEMO}/traces?sort=-started_at&page_size=50", None),
            lambda: ("GET", f"{NEMO}/spans/groups?by={self.rng.choice(('trace_id', 'session_id'))}", None),
            lambda: ("GET", f"{NEMO}/sessions?page_size=20", None),
            lambda: ("GET", "/v1/private/spans?project_name=Default%20Project&size=50", None),
            lambda: ("GET", f"/v1/private/spans?project_name=Default%20Project&search={word()}", None),
            lambda: ("GET", "/v1/private/traces?project_name=Default%20Project&size=20", None),
            lambda: ("GET", "/v1/private/spans/stats?project_name=Default%20Project", None),
            lambda: ("POST", "/v5/spans/search", {"search_texts": [word()], "limit": 20}),
            lambda: ("POST", "/v5/spans/search", {"limit": 100}),
            lambda: ("GET", "/health", None),
            lambda: ("GET", "/metrics", None),
        ]
        while not self.load.is_over.is_set():
            self.load.ask(self.rng, (200,), *self.rng.choice(ways)())


def command(build, home, *arguments, ok=(0,)):
    """What the command line says; a problem when it ends otherwise."""
    done = subprocess.run(
        [build / "bin" / "flatspan", "-C", home / "flatspan.conf", *arguments], capture_output=True, text=True, check=False)
    problem = None if done.returncode in ok else f"flatspan {' '.join(arguments)}: {done.returncode} {done.stderr[:500]}"
    return done.stdout, problem


class Tender(User):
    """Runs what an operator's crontab does, and what operators do by hand."""

    def __init__(self, load, build, home):
        super().__init__(load, "tender")
        self.build, self.home = build, home
        self.n = 0

    def work(self):
        ways = [["cron", "--no-wait"], ["cron"], ["index"], ["compact"], ["verify"], ["stats"], ["grep", "w1-7"]]
        while not self.load.is_over.wait(self.rng.uniform(0, 2)):
            way = self.rng.choice(ways) if self.n else ways[0]
            _, problem = command(self.build, self.home, *way)
            self.n += 1
            if problem:
                self.load.tell(problem)


class Watch:
    """What the worker that lives holds between requests."""

    def __init__(self, workers):
        self.workers = workers
        self.anon_kb, self.fds = [], []

    def look(self):
        process = self.workers.servers[0].process
        with self.workers.locks[0]:
            if process.poll() is not None:
                return
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            self.fds.append(len(os.listdir(f"/proc/{process.pid}/fd")))
        self.anon_kb.append(int(status.partition("RssAnon:")[2].split()[0]))


def make_old_day(build, home, rng):
    """(span, trace) of a day that is over."""
    old = [(uuid7(rng, OLD_MS), uuid7(rng, OLD_MS)) for _ in range(OLD_SPANS)]
    lines = home / "old.jsonl"
    with open(lines, "w", encoding="utf-8") as f:
        for span_id, trace_id in old:
            line = {"span_id": span_id, "trace_id": trace_id, "source": "opik", "name": "old", "kind": "LLM"}
            line |= {"started_at": OLD_DAY + "T01:02:03Z", "project": "Default Project", "input": {"q": span_id * 20}}
            f.write(json.dumps(line) + "\n")
    _, problem = command(build, home, "import", str(lines))
    assert not problem, problem
    folder = home / "root" / "default"
    for path in folder.glob("20*"):
        if path.name.endswith(".jsonl"):
            path.rename(folder / (OLD_DAY + ".jsonl"))
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return old


def look_for(build, home, spans):
    """Is everything as its writer knows it? Problems, and how many spans there are."""
    out, problem = command(build, home, "export")
    problems = [problem] if problem else []
    found, n_twice = {}, 0
    for line in out.splitlines():
        line = json.loads(line)
        n_twice += line["span_id"] in found
        found[line["span_id"]] = line.get("name", "")
    if n_twice:
        problems.append(f"{n_twice} spans are there twice")
    wrong = [s for s, may_be in spans.items() if found.get(s, GONE) not in may_be]
    for s in wrong[:5]:
        problems.append(f"span {s} is {found.get(s, GONE)!r:.60}, not any of {spans[s]!r:.200}")
    if len(wrong) > 5:
        problems.append(f"and {len(wrong) - 5} more")
    return problems, len(found)


def too_much(value, most):
    return [f"{value}, at most {most}"] if value > most else []


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--seconds", type=int, default=60)
    p.add_argument("--seed", default=time.strftime("%j"))
    options = p.parse_args()
    build = options.build.resolve()
    home = pathlib.Path(tempfile.mkdtemp(prefix="flatspan-soak-"))
    (home / "root").mkdir(mode=0o750)
    (home / "flatspan.conf").write_text(f"root = {home}/root\nauth = off\n")
    rng = random.Random(f"{options.seed} main")
    print(f"seed {options.seed}, {options.seconds} s", flush=True)

    old = make_old_day(build, home, rng)
    way = Fcgi(Programs(build), home)
    workers = Workers(way)
    load = Load(workers, options.seed)
    writers = [Writer(load, i, old[i::WRITERS]) for i in range(WRITERS)]
    tender = Tender(load, build, home)
    threads = writers + [Reader(load, f"reader {i}") for i in range(READERS)] + [tender]
    watch = Watch(workers)
    for t in threads:
        t.start()
    end = time.monotonic() + options.seconds
    n_kills = 0
    while time.monotonic() < end:
        time.sleep(rng.uniform(0, 0.5))
        workers.kill(rng.randrange(1, WORKERS))
        n_kills += 1
        watch.look()
    load.is_over.set()
    for t in threads:
        t.join()
    workers.stop()

    spans = {s: may_be for w in writers for s, may_be in w.spans.items()}
    folder = home / "root" / "default"
    _, damage = command(build, home, "verify")
    with_index, n = look_for(build, home, spans)
    is_sealed = any(folder.glob("*.zst"))
    for path in folder.glob("*.idx"):
        shutil.rmtree(path)
    without_index, _ = look_for(build, home, spans)
    usual = int(statistics.median(watch.anon_kb[len(watch.anon_kb) // 2 :]))
    print(
        f"{load.n_requests} requests, {load.n_lost} without an answer by {n_kills} kills, {tender.n} chores; {n} spans;"
        f" {usual} and up to {max(watch.anon_kb)} KB, {max(watch.fds)} descriptors between requests")
    checks = {
        "no answer is a failure of ours": load.problems,
        "no program complains": way.complaints(),
        "workers end only when they should": workers.bad_ends(),
        "who ends loses one answer at most": too_much(load.n_lost, len(workers.ends)),
        "the files are sound": [damage] if damage else [],
        "what was acknowledged is there": with_index,
        "and without the index": without_index,
        "the day that was over is sealed": [] if is_sealed else ["there is no sealed file"],
        "KB that a worker usually holds between requests": too_much(usual, USUAL_KB_MAX),
        "and at its most": too_much(max(watch.anon_kb), MOST_KB_MAX),
        "descriptors that it holds": too_much(max(watch.fds), FDS_MAX),
    }
    for name, problems in checks.items():
        for problem in problems:
            print(f"FAILED {name}: {problem}")
    n_bad = sum(bool(problems) for problems in checks.values())
    print(f"{len(checks) - n_bad} passed, {n_bad} failed")
    way.stop()
    if n_bad:
        print("the data is left in", home, file=sys.stderr)
    else:
        shutil.rmtree(home)
    raise SystemExit(bool(n_bad))


main()
