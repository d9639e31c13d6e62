#!/usr/bin/env python3
"""Runs the API tests: data files t/api/*.t, each in three ways (README.md says how they are written).

	run.py [--way NAME]... [--servers] [--sample] [--quiet] [--programs DIR] [FILE.t ...]

cgi	the program is executed for each request with a CGI environment
fcgi	the program listens on a unix socket; this file speaks the FastCGI protocol to it
nginx	an nginx with a generated configuration stands before the program

With --sample every file runs as fcgi, and one in eight as cgi and as nginx too, with those that have cases for one of these
alone. And with --servers in further ways, which run the files of nginx/ and server/ as they stand there:

nginx-pools, apache-cgi, apache-cgid, apache-fcgid, apache-proxy, htaccess-cgi, htaccess-fcgid, lighttpd, caddy

Exit: 0 all passed, 1 a case failed, 77 the only way asked for cannot be run here.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import compare  # noqa: E402
import servers  # noqa: E402
import ways  # noqa: E402

USUAL = {"cgi": ways.Cgi, "fcgi": ways.Fcgi, "nginx": ways.Nginx}
WAYS = USUAL | servers.WAYS
SAMPLE_OF = 8


def sampled(way_name, number, file):
    """Whether --sample runs the file in this way; number: its place among the files."""
    if way_name == "fcgi" or any(case.ways and way_name in case.ways for case in file.cases):
        return True
    return number % SAMPLE_OF == {"cgi": 0, "nginx": SAMPLE_OF // 2}[way_name]


def run_file(file, way_name, programs, out):
    """Runs all cases of a file in one way, in a fresh data root. Returns (passed, failed)."""
    passed = failed = 0
    # Short, because a unix socket's path has at most 107 bytes.
    home = pathlib.Path(tempfile.mkdtemp(prefix="fs-api-"))
    names = {}
    way = None
    try:
        cases.write_root(file, home)
        way = WAYS[way_name](programs, home)
        for case in file.cases:
            if case.ways and way_name not in case.ways:
                continue
            try:
                answer = way.request(case.request(names))
                problems = compare.answer(case, answer, names)
                own = way.own_answer(case.name, case.request(names))
                if own is not None:
                    problems = [] if answer.status == own else [f"status {answer.status}, expected the server's own {own}"]
            except Exception as e:  # a broken server is a failed case, not the end of the run
                problems = [f"{type(e).__name__}: {e}"]
            for text in way.complaints():
                problems.append("on standard error: " + text)
            if problems:
                failed += 1
                out(f"FAIL {file.path.name}:{case.line} [{way_name}] {case.name}")
                for p in problems:
                    out("    " + p.replace("\n", "\n    "))
            else:
                passed += 1
    finally:
        if way:
            way.stop()
        shutil.rmtree(home, ignore_errors=True)
    return passed, failed


def main():
    p = argparse.ArgumentParser(description="Runs the API tests.")
    p.add_argument("--way", choices=list(WAYS), action="append", help="only this way (may be repeated)")
    p.add_argument("--servers", action="store_true", help="the ways of server/ instead of the usual three")
    p.add_argument("--sample", action="store_true", help="all files as fcgi, and some of them as cgi and nginx")
    p.add_argument("--quiet", action="store_true", help="print nothing when all passed")
    p.add_argument(
        "--programs",
        default=os.environ.get("top_builddir", str(HERE.parent.parent / "build")),
        help="the build directory (default: $top_builddir, else ./build of this tree)",
    )
    p.add_argument("files", nargs="*", help="default: every .t file of t/api")
    a = p.parse_args()

    programs = ways.Programs(pathlib.Path(a.programs).resolve())
    if not programs.app.exists():
        print(f"run.py: {programs.app} is not there: build first", file=sys.stderr)
        return 1
    chosen = a.way or list(servers.WAYS if a.servers else USUAL)
    for name in list(chosen):
        reason = WAYS[name].missing()
        if reason:
            print(f"skip [{name}]: {reason}")
            chosen.remove(name)
    if not chosen:
        return 77

    paths = [pathlib.Path(f) for f in a.files] or sorted(HERE.glob("*.t"))
    lines = []
    passed = failed = 0
    for number, path in enumerate(paths):
        try:
            file = cases.read(path)
        except cases.Mistake as e:
            print(e)
            failed += 1
            continue
        for name in chosen:
            if a.sample and not sampled(name, number, file):
                continue
            good, bad = run_file(file, name, programs, lambda s: (lines.append(s), print(s, flush=True)))
            passed += good
            failed += bad
    if failed or not a.quiet:
        print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
