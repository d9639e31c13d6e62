"""The three ways a request reaches a program: CGI, FastCGI, and FastCGI behind nginx."""

import dataclasses
import http.client
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import time

TIMEOUT_S = 60
# Of the sanitizers and of assert(); anything else a program says there is its log.
COMPLAINTS = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed")


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes


class Programs:
    """Which binary serves a path, when there is one for each resource."""

    # The first that matches.
    TABLE = [
        (r"/ingest/|/v1/(traces|logs|metrics)$|/otel|/(spans|traces)/batch$|/api/public/|/api/v2/spans$", "ingest"),
        (r"/workspaces/[^/]+/spans/groups$", "groups"),
        (r"/annotations|/evaluator-results|/feedback-scores|/comments|/span-assessments", "notes"),
        (r"/workspaces/[^/]+/(traces|sessions)(/|$)|/v1/private/traces", "traces"),
        (r"/workspaces/[^/]+/spans(/|$)|/v5/spans|/v1/private/spans", "spans"),
    ]

    def __init__(self, build):
        self.folder = build / "cgi-bin"
        self.app = self.folder / "flatspan-app"

    def for_path(self, path):
        for pattern, name in self.TABLE:
            if re.search(pattern, path):
                break
        else:
            name = "admin"
        program = self.folder / ("flatspan-" + name)
        return program if program.exists() else self.app


class Way:
    """Common to all: the environment of a program and what it says on standard error."""

    @staticmethod
    def missing():
        """Why this way cannot be run here; None: it can."""
        return None

    def __init__(self, programs, home):
        self.programs = programs
        self.home = home
        self.stderr = open(home / "stderr", "ab+")
        self.seen = 0

    def environment(self):
        env = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "HOME")}
        env["FLATSPAN_ROOT"] = str(self.home / "root")
        env["FLATSPAN_CONF"] = str(self.home / "flatspan.conf")
        return env

    def complaints(self):
        """Lines of standard error since the last call that mean a bug."""
        self.stderr.seek(self.seen)
        data = self.stderr.read()
        self.seen += len(data)
        return [s for s in data.decode("utf-8", "replace").split("\n") if COMPLAINTS.search(s)]

    def own_answer(self, name, request):
        """The status with which a server itself refuses the request of a case; None: the program answers."""
        return None

    def stop(self):
        self.stderr.close()


def cgi_variables(request):
    path, _, query = request.target.partition("?")
    v = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "run.py",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": request.method,
        "REQUEST_URI": request.target,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "HTTP_HOST": "localhost",
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        v[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        v["CONTENT_LENGTH"] = str(len(request.body))
    return v


def cgi_answer(data):
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        raise ValueError(f"no end of the headers in {data[:500]!r}")
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"not a header line: {line!r}")
        headers[name.strip().lower()] = value.strip()
    status = int(headers.pop("status", "200").split()[0])
    return Answer(status, headers, body)


class Cgi(Way):
    def request(self, request):
        done = subprocess.run(
            [self.programs.app],
            input=request.body,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            env=self.environment() | cgi_variables(request),
            cwd=self.home,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"the program ended with {done.returncode}: {done.stdout[:500]!r}")
        return cgi_answer(done.stdout)


class Server:
    """A FastCGI program that listens on a unix socket given to it as standard input."""

    def __init__(self, program, socket_path, way):
        self.path = str(socket_path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(64)
        self.process = subprocess.Popen(
            [program],
            stdin=listener,
            stdout=way.stderr,
            stderr=way.stderr,
            env=way.environment(),
            cwd=way.home,
        )
        listener.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Fcgi(Way):
    """Speaks FastCGI 1.0: records of {version, type, id, length, padding, 0} and their content."""

    BEGIN, END, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7

    def __init__(self, programs, home):
        super().__init__(programs, home)
        self.servers = {}

    def server(self, program):
        s = self.servers.get(program)
        if not s or s.process.poll() is not None:
            s = Server(program, self.home / f"{program.name}.{len(os.listdir(self.home))}", self)
            self.servers[program] = s
        return s

    @classmethod
    def record(cls, kind, content=b""):
        return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    @classmethod
    def stream(cls, kind, data):
        parts = [cls.record(kind, data[i : i + 65535]) for i in range(0, len(data), 65535)]
        return b"".join(parts) + cls.record(kind)

    @staticmethod
    def pair(name, value):
        def length(n):
            return struct.pack("!B", n) if n < 128 else struct.pack("!I", n | 1 << 31)

        name, value = name.encode(), value.encode()
        return length(len(name)) + length(len(value)) + name + value

    @staticmethod
    def read_exactly(peer, n):
        data = b""
        while len(data) < n:
            part = peer.recv(min(n - len(data), 1 << 20))
            if not part:
                raise ConnectionError(f"the program closed the connection after {data[:200]!r}")
            data += part
        return data

    def exchange(self, path, variables, body):
        out = []
        params = b"".join(self.pair(k, v) for k, v in variables.items())
        # Role 1 (responder), flags 0: the program closes the connection at the end.
        data = self.record(self.BEGIN, struct.pack("!HB5x", 1, 0)) + self.stream(self.PARAMS, params)
        data += self.stream(self.STDIN, body)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(TIMEOUT_S)
            # All is at hand: libfcgi gives up a connection that says nothing for two seconds.
            peer.connect(path)
            try:
                peer.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # an answer that did not wait for the body may still be read
            while True:
                _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", self.read_exactly(peer, 8))
                content = self.read_exactly(peer, length + padding)[:length]
                if kind == self.STDOUT:
                    out.append(content)
                elif kind == self.STDERR:
                    self.stderr.write(content)
                    self.stderr.flush()
                elif kind == self.END:
                    return b"".join(out)

    def request(self, request):
        program = self.programs.for_path(request.target.partition("?")[0])
        server = self.server(program)
        return cgi_answer(self.exchange(server.path, cgi_variables(request), request.body))

    def stop(self):
        for s in self.servers.values():
            s.stop()
        super().stop()


NGINX_CONF = """
worker_processes 1; daemon off; {user}
error_log {home}/nginx.log; pid {home}/nginx.pid;
events {{ worker_connections 64; }}
http {{
	access_log off; client_max_body_size 80m; large_client_header_buffers 4 32k;
	client_body_temp_path {home}/b; fastcgi_temp_path {home}/f;
	proxy_temp_path {home}/p; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
	server {{
		listen unix:{home}/http;
		location / {{
			fastcgi_param REQUEST_METHOD $request_method;
			fastcgi_param REQUEST_URI $request_uri;
			fastcgi_param QUERY_STRING $query_string;
			fastcgi_param CONTENT_TYPE $content_type;
			fastcgi_param CONTENT_LENGTH $content_length;
			fastcgi_param SCRIPT_NAME "";
			fastcgi_param PATH_INFO $uri;
			fastcgi_param GATEWAY_INTERFACE CGI/1.1;
			fastcgi_param SERVER_PROTOCOL $server_protocol;
			fastcgi_param SERVER_NAME localhost;
			fastcgi_param REMOTE_ADDR 127.0.0.1;
			fastcgi_pass unix:{home}/app;
		}}
	}}
}}
"""


class Nginx(Way):
    """Listens on a unix socket, so that no port needs to be free."""

    BINARY = shutil.which("nginx") or "/usr/sbin/nginx"

    @staticmethod
    def missing():
        return None if pathlib.Path(Nginx.BINARY).exists() else "nginx is not installed"

    def __init__(self, programs, home):
        super().__init__(programs, home)
        self.server = Server(programs.app, home / "app", self)
        user = "user root;" if os.geteuid() == 0 else ""
        (home / "nginx.conf").write_text(NGINX_CONF.format(home=home, user=user))
        self.nginx = subprocess.Popen(
            [self.BINARY, "-p", str(home), "-c", str(home / "nginx.conf"), "-e", str(home / "nginx.log")],
            stdin=subprocess.DEVNULL,
            stdout=self.stderr,
            stderr=self.stderr,
        )
        deadline = time.monotonic() + TIMEOUT_S
        while not self.answers():
            if self.nginx.poll() is not None or time.monotonic() > deadline:
                log = (home / "nginx.log").read_text() if (home / "nginx.log").exists() else ""
                self.stop()
                raise RuntimeError("nginx did not start: " + log)
            time.sleep(0.01)

    def answers(self):
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(str(self.home / "http"))
            except OSError:
                return False
        return True

    def request(self, request):
        if self.server.process.poll() is not None:
            os.unlink(self.home / "app")
            self.server = Server(self.programs.app, self.home / "app", self)
        c = http.client.HTTPConnection("localhost", timeout=TIMEOUT_S)
        c.sock = socket.socket(socket.AF_UNIX)
        c.sock.settimeout(TIMEOUT_S)
        c.sock.connect(str(self.home / "http"))
        try:
            # The path goes out as it stands in the case, also when it is odd.
            c.putrequest(request.method, request.target, skip_accept_encoding=True)
            for name, value in request.headers:
                c.putheader(name, value)
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                c.putheader("Content-Length", str(len(request.body)))
            c.endheaders(request.body or None)
            r = c.getresponse()
            return Answer(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
        finally:
            c.close()

    def stop(self):
        self.nginx.terminate()
        try:
            self.nginx.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.nginx.kill()
            self.nginx.wait()
        self.server.stop()
        super().stop()
