"""Further ways for a request to reach a program: the web servers of server/, with the files that stand there.

As root, everything is run as nobody: Apache serves nothing as root. A port of the loopback device is taken that is
free at the moment, because Apache listens on no unix socket.
"""

import atexit
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import time

from ways import Answer, TIMEOUT_S, Way

TOP = pathlib.Path(__file__).resolve().parents[2]
APACHE_MODULES = pathlib.Path("/usr/lib/apache2/modules")
NOBODY = 65534


def as_nobody():
    """Arguments of Popen: nobody instead of root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def give_away(folder):
    """Makes a folder nobody's, with all that is in it."""
    if os.geteuid() != 0:
        return
    for path in [folder, *folder.rglob("*")]:
        try:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        except FileNotFoundError:
            pass  # a program's, which ran already


def binary(name):
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    return shutil.which(name, path=path)


class Installed:
    """The programs in a folder that everybody may read, as after an installation; made once."""

    folders = {}

    @classmethod
    def folder(cls, programs):
        build = programs.folder.parent
        if build not in cls.folders:
            folder = pathlib.Path(tempfile.mkdtemp(prefix="fs-bin-"))
            atexit.register(shutil.rmtree, folder, True)
            for file in [*programs.folder.glob("flatspan-*"), build / "nginx" / "flatspan-pool", build / "bin" / "flatspan"]:
                if os.access(file, os.X_OK) and file.suffix == "":
                    shutil.copy(file, folder)
            folder.chmod(0o755)
            cls.folders[build] = folder
        return cls.folders[build]


class Spoilt:
    """For servers that start the program themselves: it is there, and ends at once with nothing said."""

    def prepare(self):
        folder = self.home / "libexec"
        shutil.copytree(self.libexec, folder)
        self.libexec = folder
        self.values["libexec"] = str(folder)

    def break_programs(self):
        app = self.libexec / "flatspan-app"
        app.rename(self.libexec / "aside")
        app.write_text("#!/bin/sh\nexit 1\n")
        app.chmod(0o755)
        self.end_programs()

    def mend_programs(self):
        (self.libexec / "aside").rename(self.libexec / "flatspan-app")

    def workers(self):
        """Those that were started from the folder, or another of the home."""
        found = []
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(proc / "exe").startswith((str(self.libexec) + "/", str(self.home) + "/")):
                    found.append(int(proc.name))
            except OSError:
                pass  # ended meanwhile, or none of ours
        return found

    def end_programs(self):
        for pid in self.workers():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass  # ended meanwhile


def free_port():
    """Below the ports that the kernel gives to clients: one of those could connect to itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass  # taken


class Http(Way):
    """A web server on a port, and what runs beside it."""

    PREFIX = ""
    HAS_PREFIX = False  # can the file serve beneath a path?
    BACKLOG = 511  # connections that may wait for the workers of the pool
    HASTE = {}  # what the files say of how long and how many may wait, and less
    is_hasty = False  # then less
    KEEPS_PROGRAMS = True  # do programs outlive a request?
    # Cases whose request the server refuses whatever it is told, and the status of that.
    OWN_ANSWERS = {}

    def __init__(self, programs, home):
        super().__init__(programs, home)
        self.processes = []
        self.libexec = Installed.folder(programs)
        self.values = {"run": str(home), "libexec": str(self.libexec), "conf": str(home / "flatspan.conf"),
                       "prefix": self.PREFIX}
        # A server hands the place of the settings on, and nothing else of its environment.
        with open(home / "flatspan.conf", "a") as f:
            f.write(f"root = {home}/root\n")
        try:
            self.prepare()
            give_away(home)
            for _ in range(5):
                self.port = free_port()
                if self.listens(self.start_server()):
                    return
            raise RuntimeError("the server did not start: " + (home / "stderr").read_text("utf-8", "replace")[-2000:])
        except BaseException:
            self.stop()
            raise

    def prepare(self):
        """Writes files, starts what the server needs."""

    def start_server(self):
        """Writes the configuration for self.port; returns the started server."""
        raise NotImplementedError

    def file(self, name):
        """A file of the tree with its names filled in."""
        text = (TOP / name).read_text()
        for key, value in self.values.items():
            text = text.replace("@" + key + "@", value)
        for long, short in self.HASTE.items() if self.is_hasty else ():
            if long not in text:
                raise RuntimeError(f"{name} does not say: {long}")
            text = text.replace(long, short)
        return text

    def start(self, *command):
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.stderr, stderr=self.stderr,
                             env=self.environment(), cwd=self.home, **as_nobody())
        self.processes.append(p)
        return p

    def start_pool(self, names=("spans", "groups", "traces", "ingest", "notes", "admin")):
        """The sockets and workers that the snippets of nginx, Apache's proxy and Caddy know."""
        give_away(self.home)
        command = []
        for name in names:
            command += ["--"] if command else []
            command += ["-s", str(self.home / (name + ".sock")), "-n", "1", "-b", str(self.BACKLOG), "--",
                        str(self.libexec / ("flatspan-" + name))]
        pool = self.start(str(self.libexec / "flatspan-pool"), *command)
        deadline = time.monotonic() + TIMEOUT_S
        while not (self.home / (names[-1] + ".sock")).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return pool

    def break_programs(self):
        """Nothing answers the server any more."""
        self.end(self.pool)

    def mend_programs(self):
        self.pool = self.start_pool()

    def workers(self):
        """The programs' processes: here those that the pool started."""
        return [int(p) for p in pathlib.Path(f"/proc/{self.pool.pid}/task/{self.pool.pid}/children").read_text().split()]

    def listens(self, process):
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.02)
        self.end(process)
        return False

    def request(self, request):
        c = http.client.HTTPConnection("localhost", timeout=TIMEOUT_S)
        c.sock = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S)
        try:
            # The path goes out as it stands in the case, also when it is odd.
            c.putrequest(request.method, self.PREFIX + request.target, skip_accept_encoding=True)
            for name, value in request.headers:
                c.putheader(name, value)
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                c.putheader("Content-Length", str(len(request.body)))
            c.endheaders(request.body or None)
            r = c.getresponse()
            headers = {k.lower(): v for k, v in r.getheaders()}
            self.location = headers.get("location")
            if self.location:
                headers["location"] = self.location.replace(self.PREFIX, "", 1)
            return Answer(r.status, headers, r.read())
        finally:
            c.close()

    def own_answer(self, name, request):
        return self.OWN_ANSWERS.get(name)

    def end(self, process):
        process.terminate()
        try:
            process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def stop(self):
        for p in list(reversed(self.processes)):
            self.end(p)
        super().stop()


class Apache(Http):
    """What is common to Apache's ways: a server that has nothing but these modules and one virtual host."""

    NEEDS = ("mpm_event", "authz_core", "alias", "env", "cgid")
    MODULES = ()
    SNIPPET = ""
    HAS_PREFIX = True

    @classmethod
    def missing(cls):
        if not binary("apache2"):
            return "apache2 is not installed"
        for name in cls.NEEDS + cls.MODULES:
            if not (APACHE_MODULES / f"mod_{name}.so").exists():
                return f"Apache's mod_{name} is not installed"
        return None

    def environment(self):
        # FLATSPAN_CONF is what the snippet sets; Apache itself has none.
        return {k: v for k, v in super().environment().items() if not k.startswith("FLATSPAN_")}

    def passed_on(self):
        """Of the sanitizers' settings."""
        names = [k for k in self.environment() if k.endswith("SAN_OPTIONS")]
        return f"PassEnv {' '.join(names)}\n" if names else ""

    def host(self):
        return self.passed_on() + self.file(self.SNIPPET)

    def start_server(self):
        modules = "".join(f"LoadModule {m}_module {APACHE_MODULES}/mod_{m}.so\n" for m in self.NEEDS + self.MODULES)
        (self.home / "apache.conf").write_text(
            f"ServerRoot {self.home}\nPidFile {self.home}/apache.pid\nListen 127.0.0.1:{self.port}\n"
            f"ServerName localhost\nErrorLog {self.home}/stderr\nLogLevel warn\n{modules}"
            f"DefaultRuntimeDir {self.home}\n"
            f"StartServers 1\nMaxRequestWorkers 8\nTimeout 60\n{self.globals()}"
            f"<VirtualHost *:{self.port}>\n{self.host()}\n</VirtualHost>\n")
        return self.start(binary("apache2"), "-d", str(self.home), "-f", str(self.home / "apache.conf"), "-DFOREGROUND")

    def globals(self):
        """Directives that stand in no virtual host."""
        mpm = "" if "cgid" in self.NEEDS else "MinSpareServers 1\nMaxSpareServers 2\n"
        if "mime" in self.NEEDS:
            mpm += "TypesConfig /dev/null\n"
        if "cgid" in self.NEEDS:
            mpm += f"ScriptSock {self.home}/cgid\nThreadsPerChild 8\nMinSpareThreads 1\nMaxSpareThreads 8\n"
        return mpm


class ApacheCgi(Spoilt, Apache):
    """With mod_cgi, which belongs to the prefork MPM."""

    KEEPS_PROGRAMS = False
    NEEDS = ("mpm_prefork", "authz_core", "alias", "env", "cgi")
    SNIPPET = "server/apache-cgi.conf.in"


class ApacheCgid(Spoilt, Apache):
    """With mod_cgid, which belongs to the other MPMs. It passes no query of more than 8190 bytes."""

    KEEPS_PROGRAMS = False
    SNIPPET = "server/apache-cgi.conf.in"
    OWN_ANSWERS = {"as many ids as are allowed": 503, "one id more": 503}


class ApacheFcgid(Spoilt, Apache):
    MODULES = ("fcgid",)
    HASTE = {"FcgidIOTimeout 60": "FcgidIOTimeout 1"}
    SNIPPET = "server/apache-fcgid.conf.in"

    def globals(self):
        return super().globals() + f"FcgidIPCDir {self.home}/fcgid\nFcgidProcessTableFile {self.home}/fcgid.shm\n"

    def passed_on(self):
        names = [k for k in self.environment() if k.endswith("SAN_OPTIONS")]
        return super().passed_on() + "".join(f"FcgidInitialEnv {k} \"{self.environment()[k]}\"\n" for k in names)


class Shared(Spoilt, Apache):
    """A document root where others' .htaccess files hold, as hosts have it; `flatspan init --web` makes ours."""

    NEEDS = ("mpm_event", "authz_core", "alias", "env", "cgid", "mime", "dir", "autoindex", "setenvif", "rewrite")
    HAS_PREFIX = False
    PREFIX = "/spans"

    def prepare(self):
        (self.home / "public_html" / "spans").mkdir(parents=True)
        (self.home / "public_html" / "index.html").write_text("<p>A site.</p>\n")
        keys = self.home / "root" / "keys"
        has_keys = keys.exists()
        give_away(self.home)
        command = [str(self.libexec / "flatspan"), "--root", str(self.home / "root"), "init", "--json",
                   "--web", str(self.home / "public_html" / "spans"), "--url", "http://localhost/spans"]
        done = subprocess.run(command, env=self.environment(), cwd=self.home, capture_output=True, text=True, check=False,
                              **as_nobody())
        if done.returncode != 0:
            raise RuntimeError("init: " + done.stdout + done.stderr)
        self.made = json.loads(done.stdout)
        # The data files bring their own settings and keys.
        if self.is_for_data_files():
            shutil.copy(self.home / "flatspan.conf", self.home / "root" / ".flatspan.conf")
            if not has_keys:
                keys.unlink()

    def is_for_data_files(self):
        return True

    def own_answer(self, name, request):
        # No .htaccess can change these two.
        if "%2F" in request.target.partition("?")[0].upper():
            return 404
        return 414 if len(request.target) > 8190 else None

    def host(self):
        return (f"DocumentRoot {self.home}/public_html\n<Directory {self.home}/public_html>\n"
                "Options Indexes FollowSymLinks\nAllowOverride All\nRequire all granted\n</Directory>\n"
                "<FilesMatch \"^\\.ht\">\nRequire all denied\n</FilesMatch>\n" + self.passed_on())

    def break_programs(self):
        """As FastCGI only: what is started as CGI, for the refusals, is the same file."""
        app = self.home / "public_html" / "spans" / "app.fcgi"
        app.rename(self.home / "app.fcgi")
        app.write_text(f'#!/bin/sh\n[ -n "$GATEWAY_INTERFACE" ] || exit 1\nexec "{self.home}/app.fcgi"\n')
        app.chmod(0o755)
        self.libexec = app.parent
        self.end_programs()

    def mend_programs(self):
        (self.home / "app.fcgi").rename(self.home / "public_html" / "spans" / "app.fcgi")


class SharedCgi(Shared):
    KEEPS_PROGRAMS = False


class SharedFcgid(Shared, ApacheFcgid):
    MODULES = ("fcgid",)

    def host(self):
        return super().host() + ("FcgidIOTimeout 1\n" if self.is_hasty else "")


class FcgidAlone(SharedFcgid):
    """A host that has mod_fcgid and no plain CGI."""

    NEEDS = ("mpm_prefork", *(m for m in Shared.NEEDS if m not in ("mpm_event", "cgid")))


class ApacheProxy(Apache):
    MODULES = ("proxy", "proxy_fcgi")
    SNIPPET = "server/apache-proxy.conf.in"
    HASTE = {"ProxyTimeout 60": "ProxyTimeout 1", "max=16 acquire=2000": "max=3 acquire=500"}

    def prepare(self):
        self.pool = self.start_pool()

    def start_pool(self, *names):
        self.environment = super(Apache, self).environment
        return super().start_pool(*names)


class Lighttpd(Spoilt, Http):
    # It knows all methods there are: the program is only told to refuse, and not which ones would do.
    OWN_ANSWERS = {"a method nobody knows": 405}
    HASTE = {'"read-timeout" => 60': '"read-timeout" => 1'}

    @staticmethod
    def missing():
        return None if binary("lighttpd") else "lighttpd is not installed"

    def start_server(self):
        environment = [k for k in self.environment() if k.endswith("SAN_OPTIONS")]
        text = self.file("server/lighttpd.conf.in")
        for k in environment:
            text = text.replace('( "PATH",', f'( "{k}", "PATH",')
        (self.home / "lighttpd.conf").write_text(
            f'server.document-root = "{self.home}/empty"\nserver.port = {self.port}\nserver.bind = "127.0.0.1"\n'
            f'server.errorlog = "{self.home}/stderr"\nserver.breakagelog = "{self.home}/stderr"\n'
            f'server.upload-dirs = ( "{self.home}" )\n{text}')
        (self.home / "empty").mkdir(exist_ok=True)
        return self.start(binary("lighttpd"), "-D", "-f", str(self.home / "lighttpd.conf"))


class Caddy(Http):
    # It writes an odd path anew before it hands it on.
    OWN_ANSWERS = {"a backslash": 404}
    HASTE = {"read_timeout 60s": "read_timeout 1s"}

    @staticmethod
    def missing():
        return None if binary("caddy") else "caddy is not installed"

    def prepare(self):
        self.pool = self.start_pool()

    def start_server(self):
        site = self.file("server/Caddyfile.in")
        (self.home / "Caddyfile").write_text(
            "{\n\tadmin off\n\tauto_https off\n}\n"
            f"http://127.0.0.1:{self.port}, http://localhost:{self.port}, http://:{self.port} {{\n{site}\n}}\n")
        return self.start(binary("caddy"), "run", "--config", str(self.home / "Caddyfile"), "--adapter", "caddyfile")

    def environment(self):
        return super().environment() | {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "caddy")}


class NginxPools(Http):
    """The whole nginx snippet, where ways.Nginx has one location."""

    # nginx chooses the program by the path as it understands it.
    OWN_ANSWERS = {"a workspace name that can be none": 404}
    HASTE = {"fastcgi_read_timeout 30s": "fastcgi_read_timeout 1s"}

    @staticmethod
    def missing():
        return None if binary("nginx") else "nginx is not installed"

    def prepare(self):
        self.pool = self.start_pool()

    def start_server(self):
        (self.home / "nginx.conf").write_text(
            f"worker_processes 1; daemon off; pid {self.home}/nginx.pid;\nevents {{ worker_connections 64; }}\nhttp {{\n"
            f"\taccess_log off; client_body_temp_path {self.home}/b; fastcgi_temp_path {self.home}/f;\n"
            f"\tproxy_temp_path {self.home}/p; uwsgi_temp_path {self.home}/u; scgi_temp_path {self.home}/s;\n"
            f"\tserver {{\n\t\tlisten 127.0.0.1:{self.port};\n{self.file('nginx/flatspan.conf.in')}\n\t}}\n}}\n")
        return self.start(binary("nginx"), "-p", str(self.home), "-c", str(self.home / "nginx.conf"),
                          "-e", str(self.home / "stderr"))


WAYS = {
    "nginx-pools": NginxPools,
    "apache-cgi": ApacheCgi,
    "apache-cgid": ApacheCgid,
    "apache-fcgid": ApacheFcgid,
    "apache-proxy": ApacheProxy,
    "htaccess-cgi": SharedCgi,
    "htaccess-fcgid": SharedFcgid,
    "lighttpd": Lighttpd,
    "caddy": Caddy,
}
