#!/usr/bin/env python3
"""Every request of an evaluation is sent twice, and the server is killed after each: nothing is there twice."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

PROGRAM = pathlib.Path(os.environ.get("top_builddir", ".")).resolve() / "bin" / "flatspan"
ID = "019b76da-a800-7000-8000-0000000000%02d"
checks = []


class Server:
    def __init__(self, root):
        self.root = root
        subprocess.run([PROGRAM, "init", "--root", root], stdout=subprocess.DEVNULL, check=True)
        (pathlib.Path(root) / "keys").unlink()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--root", self.root],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.base = re.search(r"http://\S+", self.process.stdout.readline())[0]

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + "/v1/private" + path, method=method, data=data,
                                         headers={"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def twice(self, method, path, body):
        for _ in range(2):
            self.ask(method, path, body)
            self.kill()
            self.start()


def check(name, value, want):
    checks.append(value == want)
    if value != want:
        print(f"{name}: {value!r}, expected {want!r}")


def evaluate(s):
    start = "2026-01-01T00:00:00Z"
    s.twice("POST", "/traces/batch", {"traces": [{"id": ID % 1, "name": "t", "start_time": start, "input": {"q": 1},
                                                  "output": {"a": 1}, "source": "experiment"}]})
    s.twice("POST", "/spans/batch", {"spans": [{"id": ID % 2, "trace_id": ID % 1, "start_time": start,
                                                "input": {"q": 1}, "output": {"a": 2}}]})
    s.twice("POST", "/datasets", {"id": ID % 3, "name": "d"})
    s.twice("POST", f"/datasets/{ID % 3}/items/from-spans", {"span_ids": [ID % 2], "enrichment_options": {}})
    items = json.loads(s.ask("GET", f"/datasets/{ID % 3}/items"))
    check("dataset items", items["total"], 1)
    s.twice("POST", "/experiments", {"id": ID % 4, "dataset_name": "d", "name": "e"})
    s.twice("POST", "/experiments/items", {"experiment_items": [
        {"experiment_id": ID % 4, "dataset_item_id": items["content"][0]["id"], "trace_id": ID % 1}]})
    s.twice("PUT", "/traces/feedback-scores", {"scores": [
        {"id": ID % 1, "name": n, "value": 1, "source": "sdk"} for n in ("x", "y")]})
    rows = s.ask("POST", "/experiments/items/stream", {"experiment_name": "e"}).split()
    check("experiment items", len(rows), 1)
    row = json.loads(rows[0])
    check("the output", row["output"], {"a": 1})
    check("the scores", sorted(x["name"] for x in row["feedback_scores"]), ["x", "y"])
    check("experiments", json.loads(s.ask("GET", "/experiments"))["total"], 1)
    check("traces", json.loads(s.ask("GET", "/traces?project_name=Default%20Project"))["total"], 1)
    versions = json.loads(s.ask("GET", f"/datasets/{ID % 3}/versions"))
    check("versions", [v["items_total"] for v in versions["content"]], [1])


def main():
    directory = tempfile.mkdtemp(prefix="flatspan-repeat.")
    server = None
    try:
        server = Server(directory + "/root")
        evaluate(server)
    finally:
        if server:
            server.kill()
        shutil.rmtree(directory)
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")


main()
