#!/usr/bin/env python3
"""The installed units, followed by hand: sockets as flatspan.socket says are handed to what flatspan.service starts, and
asked; what the programs then ask of the kernel, with sandbox = auto, must be what the unit lets them.

	units_test.py ROOT TEMP		(ROOT: where it is installed)
"""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from cases import Request  # noqa: E402
from ways import Fcgi, Programs, TIMEOUT_S, cgi_answer, cgi_variables  # noqa: E402

ROOT, TEMP = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve() / "units"
FIRST_GIVEN = 3  # sd_listen_fds(3)
SPAN = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":"a","startTimeUnixNano":' \
    '"1772360430000000000","endTimeUnixNano":"1772360431000000000"}]}]}]}' % (1, 1)
ASKED = [
    ("ingest", "POST", "/v1/traces", SPAN.encode()),
    ("spans", "GET", "/apis/intake/v2/workspaces/default/spans", b""),
    ("groups", "GET", "/apis/intake/v2/workspaces/default/spans/groups?by=trace_id", b""),
    ("traces", "GET", "/apis/intake/v2/workspaces/default/traces", b""),
    ("notes", "GET", "/apis/intake/v2/workspaces/default/annotations", b""),
    ("admin", "GET", "/health", b""),
]
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {detail}"[:1000])


def unit(name):
    """{key: [values]}"""
    text = (ROOT / "usr/lib/systemd/system" / name).read_text().replace("\\\n", " ")
    found = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.M):
        found.setdefault(key, []).append(value)
    return found


def here(text):
    """Paths of the units as they are here."""
    text = text.replace("/run/flatspan/", f"{TEMP}/").replace("/etc/flatspan/flatspan.conf", f"{TEMP}/flatspan.conf")
    return re.sub(r"(?<![\w.-])/usr/", f"{ROOT}/usr/", text)


def start(service, paths, backlog, trace):
    """What systemd does: the sockets as descriptors 3 and on, and no others."""
    listeners = []
    for path in paths:
        listeners.append(socket.socket(socket.AF_UNIX))
        listeners[-1].bind(path)
        listeners[-1].listen(backlog)
    command = shlex.split(here(service["ExecStart"][0]))
    if trace:
        command = ["strace", "-f", "-qq", "-o", str(trace),
                   "sh", "-c", 'LISTEN_PID=$$; export LISTEN_PID; exec "$@"', "sh"] + command
    pid = os.fork()
    if pid == 0:
        os.setsid()
        high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 100) for s in listeners]
        log = os.open(TEMP / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)  # who waits for the end of our output does not wait for the end of theirs
        os.dup2(log, 2)
        os.closerange(FIRST_GIVEN, 100)
        for i, fd in enumerate(high):
            os.dup2(fd, FIRST_GIVEN + i, inheritable=True)
        os.closerange(FIRST_GIVEN + len(high), 200)
        env = {"PATH": os.environ["PATH"], "LISTEN_FDS": str(len(high)), "LISTEN_PID": str(os.getpid())}
        env |= dict(here(v).split("=", 1) for v in service["Environment"])
        os.execvpe(command[0], command, env)
    for s in listeners:
        s.close()
    return pid


def gone(pid):
    """Waits for its end, and sees to it."""
    deadline = time.monotonic() + TIMEOUT_S
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        time.sleep(0.05)
    return True


def ask(way, when):
    for name, method, target, body in ASKED:
        request = Request(method, target, [("Content-Type", "application/json")], body)
        try:
            answer = cgi_answer(way.exchange(str(TEMP / (name + ".sock")), cgi_variables(request), body))
        except (OSError, ValueError) as e:
            check(f"{name} {when}", False, f"{e!r} {(TEMP / 'log').read_text()[-500:]}")
            continue
        check(f"{name} {when}", answer.status == 200 and isinstance(json.loads(answer.body), dict), answer)
        if name == "spans":
            check(f"the span is there {when}", len(json.loads(answer.body).get("data", [])) == 1, answer)


def allowed(filters):
    """The names of the calls that the unit's filter lets through."""
    names, todo = set(), set(" ".join(filters).split())
    while todo:
        one = todo.pop()
        if not one.startswith("@"):
            names.add(one)
            continue
        out = subprocess.run(["systemd-analyze", "syscall-filter", one], capture_output=True, text=True, check=False).stdout
        todo |= {line.strip() for line in out.splitlines()[1:] if line.strip() and not line.strip().startswith("#")} - names
    return names


def main():
    TEMP.mkdir()
    (TEMP / "data").mkdir(mode=0o750)
    (TEMP / "flatspan.conf").write_text(f"root = {TEMP}/data\nsandbox = auto\n")
    service, sockets = unit("flatspan.service"), unit("flatspan.socket")
    paths = [here(p) for p in sockets["ListenStream"]]
    check("a socket for each program", sorted(pathlib.Path(p).stem for p in paths) == sorted(a[0] for a in ASKED), paths)
    trace = TEMP / "trace" if shutil.which("strace") and shutil.which("systemd-analyze") else None
    pid = start(service, paths, int(sockets["Backlog"][0]), trace)
    try:
        follow(service, paths, pid, trace)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # it has ended, unless something here has failed
    print(f"{passed} passed, {failed} failed")
    return failed != 0


def follow(service, paths, pid, trace):
    way = Fcgi(Programs(ROOT / "usr"), TEMP)
    ask(way, "by the given sockets")
    # strace hands signals on only to whom it traces.
    pool = int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]) if trace else pid
    os.kill(pool, signal.SIGHUP)
    ask(way, "after a reload")
    os.kill(pool, signal.SIGTERM)
    check("it ends when it is told to", gone(pid), (TEMP / "log").read_text()[-500:])
    check("the sockets are left to systemd", all(pathlib.Path(p).is_socket() for p in paths), paths)
    if trace:
        lines = trace.read_text("utf-8", "replace")
        asked = set(re.findall(r"^\d+ +(\w+)\(", lines, re.M))
        check("the sandbox was tried", any(c.startswith("landlock_") for c in asked), sorted(asked))
        forbidden = asked - allowed(service["SystemCallFilter"])
        check("the unit lets the programs do what they do", len(asked) > 20 and not forbidden, sorted(forbidden))
        families = {f for f in re.findall(r" socket\((AF_\w+)", lines)} - set(service["RestrictAddressFamilies"][0].split())
        check("and open the sockets they open", not families, families)
        writable = re.findall(r" mmap\([^)]*PROT_WRITE\|PROT_EXEC", lines)
        check("no memory is written and executed", not writable, writable[:3])
    else:
        print("skip: strace or systemd-analyze is not installed")
    way.stop()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
sys.exit(main())
