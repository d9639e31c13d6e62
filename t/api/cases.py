"""Reads the data files of the API tests. README.md describes the format."""

import dataclasses
import json
import pathlib
import re
import urllib.parse

import compare


class Mistake(Exception):
    """A data file is not written as it should be."""


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: list
    body: bytes


@dataclasses.dataclass
class Case:
    name: str
    line: int
    base: str
    method: str = ""
    target: str = ""
    params: list = dataclasses.field(default_factory=list)
    request_headers: list = dataclasses.field(default_factory=list)
    request_body: object = None  # text, in which names are filled in, or bytes
    status: int = None
    headers: list = dataclasses.field(default_factory=list)
    body: object = None  # expected JSON
    exact: object = None  # expected text, or bytes
    is_ordered: bool = False
    ways: list = None

    def request(self, names):
        target = compare.fill(self.target, names)
        if not target.startswith("/"):
            target = self.base + "/" + target
        for name, value in self.params:
            target += "&" if "?" in target else "?"
            target += quote(compare.fill(name, names)) + "=" + quote(compare.fill(value, names))
        body = self.request_body or b""
        if isinstance(body, str):
            body = compare.fill(body, names).encode()
        return Request(self.method, target, list(self.request_headers), body)


@dataclasses.dataclass
class File:
    path: pathlib.Path
    cases: list
    conf: list  # lines of flatspan.conf
    shards: dict  # (workspace, "2026-01-31" or "2026-01-31.1") → bytes
    folders: list  # "workspace" or "workspace/name"
    keys: list = None  # lines of the keys file; None: there is none
    prices: list = None  # of the price file, likewise; a setting names it


def quote(text):
    return urllib.parse.quote(text, safe="-._~")


CRC32C = []
for _n in range(256):
    for _ in range(8):
        _n = _n >> 1 ^ (0x82F63B78 if _n & 1 else 0)
    CRC32C.append(_n)


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = CRC32C[(c ^ b) & 0xFF] ^ c >> 8
    return c ^ 0xFFFFFFFF


class Number(float):
    """Keeps a number's text, so that a fixture line holds what the file says."""

    def __new__(cls, text):
        n = super().__new__(cls, text)
        n.text = text
        return n


def dump(v):
    """Compact JSON; numbers as they were written, only what must be escaped is."""
    if isinstance(v, Number):
        return v.text
    if isinstance(v, dict):
        return "{" + ",".join(dump(str(k)) + ":" + dump(x) for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ",".join(dump(x) for x in v) + "]"
    return json.dumps(v, ensure_ascii=False)


def member_order():
    """The place of each member in a stored line, from the table the program is made of."""
    table = (pathlib.Path(__file__).resolve().parents[2] / "lib/span/fields.h").read_text()
    names = re.findall(r'^\s*X\(\d+,\s*\w+,\s*"(\w+)"', table, re.M)
    return {name: i for i, name in enumerate(names)}


ORDER = member_order()


def seal(members):
    """A stored line of a span: its members in the table's order, unknown ones behind."""
    names = sorted(members, key=lambda name: ORDER.get(name, len(ORDER)))
    body = dump({name: members[name] for name in names})[:-1].encode()
    return body + b',"_c":"%08x"}\n' % crc32c(body)


def fixture(text, defaults):
    members = json.loads(compare.fill(text, {}), parse_float=Number, parse_int=Number)
    for k, v in defaults.items():
        members.setdefault(k, v)
    for k in [k for k, v in members.items() if v == "<absent>"]:
        del members[k]
    times = int(members.pop("<times>", 1))
    lines = b""
    for i in range(times):
        one = json.loads(dump(members).replace("<i>", str(i)).replace("<iii>", f"{i:03d}"),
                         parse_float=Number, parse_int=Number)
        lines += seal(one)
    return lines


def read(path):
    """The file as a File."""
    file = File(path, [], [], {}, [])
    base = ""
    section = None  # ("conf",) ("keys",) ("prices",) ("lines", key) ("raw", key) ("case", Case)
    defaults = {}
    wanted = []  # lines of the expected JSON of the case at hand
    request_body = []

    def end_case():
        nonlocal wanted, request_body
        if not section or section[0] != "case":
            return
        case = section[1]
        where = f"{path}:{case.line}"
        if not case.method:
            raise Mistake(f"{where}: no request line")
        if case.status is None:
            raise Mistake(f"{where}: no expected status")
        if request_body:
            case.request_body = "\n".join(request_body)
        if wanted:
            try:
                case.body = compare.parse("\n".join(wanted))
            except ValueError as e:
                raise Mistake(f"{where}: the expected body is no JSON: {e}") from None
        wanted, request_body = [], []

    for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        where = f"{path}:{n}"
        if line.startswith("=== "):
            end_case()
            words = line[4:].split()
            if words[0] == "base" and len(words) == 2:
                base, section = words[1].rstrip("/"), None
            elif words[0] == "conf" and len(words) == 1:
                section = ("conf",)
            elif words[0] == "keys" and len(words) == 1:
                section = ("keys",)
                file.keys = []
            elif words[0] == "prices" and len(words) == 1:
                section = ("prices",)
                file.prices = []
            elif words[0] in ("lines", "raw") and len(words) == 3:
                section = (words[0], (words[1], words[2]))
                file.shards.setdefault(section[1], b"")
                defaults = {}
            elif words[0] == "workspace" and len(words) == 2:
                section = None
                file.folders.append(words[1])
            elif words[0] == "folder" and len(words) == 3:
                section = None
                file.folders.append(f"{words[1]}/{words[2]}")
            else:
                raise Mistake(f"{where}: unknown section")
            continue
        if line.startswith("--- "):
            end_case()
            section = ("case", Case(line[4:].strip(), n, base))
            file.cases.append(section[1])
            continue
        if section is None or section[0] != "case":
            if not line.strip() or line.startswith("#"):
                continue
            if section is None:
                raise Mistake(f"{where}: a line outside of any section")
            if section[0] == "conf":
                file.conf.append(line)
            elif section[0] == "keys":
                file.keys.append(line)
            elif section[0] == "prices":
                file.prices.append(line)
            elif section[0] == "raw":
                file.shards[section[1]] += line.encode() + b"\n"
            elif line.startswith("defaults "):
                defaults = json.loads(line[9:], parse_float=Number, parse_int=Number)
            else:
                try:
                    file.shards[section[1]] += fixture(line, defaults)
                except ValueError as e:
                    raise Mistake(f"{where}: {e}") from None
            continue
        case = section[1]
        if line.startswith("#"):
            pass
        elif wanted:
            wanted.append(line)
        elif not line.strip():
            pass
        elif line.startswith(">> ") or line == ">>":
            request_body.append(line[3:])
        elif line.startswith(">@ "):
            case.request_body = (path.parent / line[3:].strip()).read_bytes()
        elif line.startswith(">x "):
            case.request_body = (case.request_body or b"") + bytes.fromhex(line[3:])
        elif line.startswith("> ") and not case.method:
            case.method, _, case.target = line[2:].strip().partition(" ")
        elif line.startswith("> "):
            name, _, value = line[2:].partition(":")
            case.request_headers.append((name.strip(), value.strip()))
        elif line.startswith("? "):
            name, _, value = line[2:].partition("=")
            case.params.append((name, value))
        elif line.startswith("<< ") or line == "<<":
            case.exact = line[3:] if case.exact is None else case.exact + "\n" + line[3:]
        elif line.startswith("<x"):
            case.exact = (case.exact or b"") + bytes.fromhex(line[2:])
        elif line.startswith("< ") and case.status is None:
            m = re.fullmatch(r"(\d{3})( ordered)?", line[2:].strip())
            if not m:
                raise Mistake(f"{where}: expected a status")
            case.status, case.is_ordered = int(m[1]), bool(m[2])
        elif line.startswith("< "):
            name, _, value = line[2:].partition(":")
            case.headers.append((name.strip(), value.strip()))
        elif line.startswith("only "):
            case.ways = line.split()[1:]
        else:
            wanted.append(line)
    end_case()
    return file


def write_root(file, home):
    """The data root, its configuration, and the shards of a file, below home."""
    root = home / "root"
    root.mkdir(mode=0o750)
    (root / "FORMAT").write_text("flatspan 1\n")
    for (workspace, name), data in file.shards.items():
        (root / workspace).mkdir(mode=0o750, exist_ok=True)
        path = root / workspace / (name if name.endswith((".zst", ".json")) else name + ".jsonl")
        path.write_bytes(data)
        path.chmod(0o640)
    for name in file.folders:
        path = root
        for part in name.split("/"):
            path /= part
            path.mkdir(mode=0o750, exist_ok=True)
    if file.keys is not None:
        (root / "keys").write_text("\n".join(file.keys) + "\n")
    conf = list(file.conf)
    if file.prices is not None:
        (home / "prices.json").write_text("\n".join(file.prices) + "\n")
        conf.append(f"prices = {home / 'prices.json'}")
    elif not any(line.split("=")[0].strip() == "prices" for line in conf):
        conf.append("prices = none")  # what a call costs today is of no concern to other tests
    (home / "flatspan.conf").write_text("\n".join(conf) + "\n")
