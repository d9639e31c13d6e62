"""The tests of POST /mcp: see mcp_http.test. FLATSPAN: the program, DATA: its data directory, with demo and shop."""

import base64
import http.client
import json
import os
import signal
import subprocess
import unittest

import counted

PROGRAM = os.environ["FLATSPAN"]
MODERN, OLD = "2026-07-28", "2025-11-25"
META = "io.modelcontextprotocol/"
JSON = "application/json"
MESSAGE_BYTES = 1 << 20


def flatspan(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def message(method, params=None, **more):
    m = {"jsonrpc": "2.0", "id": 1, "method": method} | more
    return m if params is None else m | {"params": params}


def modern(method, params=None, version=MODERN, **more):
    about = {META + "protocolVersion": version, META + "clientCapabilities": {}}
    return message(method, {**(params or {}), "_meta": about}, **more)


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keys = {"demo": flatspan("key", "add", "demo", "--role", "read"),
                    "both": flatspan("key", "add", "demo,shop", "--role", "read"),
                    "all": flatspan("key", "add", "*", "--role", "read"),
                    "ingest": flatspan("key", "add", "demo", "--role", "ingest")}
        cls.server = subprocess.Popen([PROGRAM, "serve", "--listen", ":0"], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
        cls.port = int(cls.server.stdout.readline().rsplit(":", 1)[1])

    @classmethod
    def tearDownClass(cls):
        cls.server.send_signal(signal.SIGTERM)
        said = cls.server.communicate(timeout=20)[1]
        assert said == "", said

    def send(self, body, key="demo", method="POST", kind=JSON, path="/mcp", **headers):
        """Status, and the answer: an object, or None."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if not isinstance(body, bytes) and body is not None:
            body = json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["x-api-key"] = self.keys[key]
        if kind:
            sent["Content-Type"] = kind
        c.request(method, path, body, sent)
        r = c.getresponse()
        text = r.read()
        self.assertIn(r.getheader("Content-Type"), (JSON, None) if text == b"" else (JSON,))
        c.close()
        return r.status, json.loads(text) if text else None

    def ask(self, m, **more):
        """One of the new era, with the headers that it needs."""
        headers = {"MCP_Protocol_Version": m["params"]["_meta"][META + "protocolVersion"], "Mcp_Method": m["method"]}
        if "name" in m["params"]:
            headers["Mcp_Name"] = m["params"]["name"]
        return self.send(m, **{**headers, **more})

    def tool(self, name, arguments=None, **more):
        status, answer = self.ask(modern("tools/call", {"name": name, "arguments": arguments or {}}), **more)
        self.assertEqual(status, 200, answer)
        result = answer["result"]
        text = result["content"][0]["text"]
        return result["isError"], text if result["isError"] else json.loads(text)

    def is_error(self, got, status, code):
        self.assertEqual((got[0], got[1]["error"]["code"]), (status, code), got)
        self.assertEqual(got[1]["jsonrpc"], "2.0")


class Eras(Http):
    def test_a_client_of_the_new_era(self):
        status, answer = self.ask(modern("server/discover"))
        self.assertEqual(status, 200)
        result = answer["result"]
        self.assertEqual(result["supportedVersions"][:2], [MODERN, OLD])
        self.assertEqual((result["resultType"], result["cacheScope"]), ("complete", "public"))
        self.assertGreater(result["ttlMs"], 0)
        status, answer = self.ask(modern("tools/list"))
        self.assertEqual(len(answer["result"]["tools"]), 9)
        self.assertEqual(answer, self.ask(modern("tools/list"))[1])
        self.assertEqual(len(self.tool("find_traces")[1]["traces"]), 5)

    def test_a_client_of_the_old_era(self):
        for version in (OLD, "2025-06-18"):
            hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
            status, answer = self.send(message("initialize", hello))
            self.assertEqual((status, answer["result"]["protocolVersion"]), (200, version))
            old = {"MCP_Protocol_Version": version}
            self.assertEqual(self.send({"jsonrpc": "2.0", "method": "notifications/initialized"}, **old), (202, None))
            self.assertEqual(self.send(message("ping"), **old), (200, {"jsonrpc": "2.0", "id": 1, "result": {}}))
            status, answer = self.send(message("tools/call", {"name": "find_traces"}), **old)
            self.assertEqual(len(json.loads(answer["result"]["content"][0]["text"])["traces"]), 5)
            self.assertNotIn("resultType", answer["result"])
            # Errors are answers like others.
            self.is_error(self.send(message("nonsense"), **old), 200, -32601)
            self.is_error(self.send(message("tools/call", {"name": "nonsense"}), **old), 200, -32602)

    def test_one_that_says_no_version_is_an_old_one(self):
        self.assertEqual(len(self.send(message("tools/list"))[1]["result"]["tools"]), 9)
        status, answer = self.send([message("ping"), message("ping", id="b"), {"jsonrpc": "2.0", "method": "x"}])
        self.assertEqual((status, [a["id"] for a in answer]), (200, [1, "b"]))
        self.assertEqual(self.send([{"jsonrpc": "2.0", "method": "x"}]), (202, None))

    def test_versions_that_nobody_speaks(self):
        for version in ("1900-01-01", "nonsense"):
            self.is_error(self.send(message("ping"), MCP_Protocol_Version=version), 400, -32022)
        got = self.ask(modern("ping", version="2030-01-01"))
        self.is_error(got, 400, -32022)
        self.assertEqual(got[1]["error"]["data"]["requested"], "2030-01-01")
        self.assertIn(MODERN, got[1]["error"]["data"]["supported"])
        # What begins is not bound by it.
        hello = message("initialize", {"protocolVersion": "2030-01-01", "capabilities": {}})
        self.assertEqual(self.send(hello, MCP_Protocol_Version="2030-01-01")[1]["result"]["protocolVersion"], OLD)

    def test_headers_that_do_not_say_what_the_message_says(self):
        call = modern("tools/call", {"name": "find_traces"})
        good = {"MCP_Protocol_Version": MODERN, "Mcp_Method": "tools/call", "Mcp_Name": "find_traces"}
        self.assertEqual(self.send(call, **good)[0], 200)
        self.assertEqual(self.send(call, **{n.lower(): v for n, v in good.items()})[0], 200)
        self.assertEqual(self.send(call, **good | {"Mcp_Name": " find_traces "})[0], 200)
        coded = "=?base64?" + base64.b64encode(b"find_traces").decode() + "?="
        self.assertEqual(self.send(call, **good | {"Mcp_Name": coded})[0], 200)
        for header in good:
            for value in (None, "", "nonsense", "FIND_TRACES", "2025-11-25", "tools/list", "=?base64?####?=", "=?base64?="):
                sent = {n: v for n, v in (good | {header: value}).items() if v is not None}
                self.is_error(self.send(call, **sent), 400, -32020)
        # The header is of the new era and the message is not.
        self.is_error(self.send(message("ping"), MCP_Protocol_Version=MODERN), 400, -32020)
        # Where there is nothing that could have a name, none is needed.
        self.assertEqual(self.ask(modern("tools/list"))[0], 200)
        self.is_error(self.send(modern("tools/call", {"name": "n\u00f6"}), **good | {
            "Mcp_Name": "=?base64?" + base64.b64encode("n\u00f6".encode()).decode() + "?="}), 200, -32602)

    def test_what_is_not_known_or_not_whole(self):
        self.is_error(self.ask(modern("nonsense")), 404, -32601)
        self.is_error(self.ask(modern("initialize")), 200, -32602)
        m = modern("ping")
        del m["params"]["_meta"][META + "clientCapabilities"]
        self.is_error(self.ask(m), 400, -32602)
        self.is_error(self.send(b"{"), 400, -32700)
        self.is_error(self.send(b""), 400, -32700)
        self.is_error(self.send(b"\xff"), 400, -32700)
        self.is_error(self.send(b"[" * 100 + b"]" * 100), 400, -32700)
        for m in ({}, {"jsonrpc": "1.0", "id": 1, "method": "ping"}, message("ping", id=1.5), message("ping", id=None), [], 5):
            self.is_error(self.send(m), 400, -32600)
        self.assertEqual(self.send({"jsonrpc": "2.0", "id": 7, "result": {}}), (202, None))


class Transport(Http):
    def test_there_is_nothing_but_post(self):
        for method in ("GET", "DELETE", "PUT"):
            self.is_error(self.send(None, method=method), 405, -32600)
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request("GET", "/mcp", headers={"Accept": "text/event-stream"})
        self.assertIn("POST", c.getresponse().getheader("Allow"))
        c.close()
        self.is_error(self.send(message("ping"), path="/mcp/nothing"), 404, -32600)

    def test_bodies(self):
        self.is_error(self.send(message("ping"), kind="text/plain"), 415, -32600)
        self.is_error(self.send(message("ping"), kind=None), 415, -32600)
        self.assertEqual(self.send(message("ping"), kind="Application/JSON; charset=utf-8")[0], 200)
        whole = json.dumps(message("ping")).encode()
        self.assertEqual(self.send(whole + b" " * (MESSAGE_BYTES - len(whole)))[0], 200)
        self.is_error(self.send(whole + b" " * (MESSAGE_BYTES - len(whole) + 1)), 413, -32600)

    def test_pages_of_other_sites_are_refused(self):
        here = f"127.0.0.1:{self.port}"
        self.assertEqual(self.send(message("ping"), Origin="http://" + here)[0], 200)
        for origin in ("null", "https://evil.example", "http://127.0.0.1", f"http://{here}.evil.example", here,
                       f"http://evil.example@{here}", "http://"):
            self.is_error(self.send(message("ping"), Origin=origin), 403, -32600)


class Keys(Http):
    def test_a_key_that_reads_is_needed(self):
        self.is_error(self.send(message("ping"), key=None), 401, -32600)
        self.is_error(self.send(message("ping"), key="ingest"), 403, -32600)
        self.is_error(self.send(message("ping"), x_workspace="shop"), 403, -32600)

    def test_a_key_opens_its_workspaces_only(self):
        self.assertEqual(self.tool("list_workspaces")[1], {"default": "demo", "workspaces": ["demo"]})
        self.assertEqual(self.tool("list_workspaces", key="both", x_workspace="shop")[1],
                         {"default": "shop", "workspaces": ["demo", "shop"]})
        self.assertEqual(self.tool("list_workspaces", key="all")[1]["workspaces"], ["default", "demo", "shop"])
        for name in ("find_traces", "find_spans", "stats"):
            for workspace in ("shop", "default", "nowhere"):
                failed, said = self.tool(name, {"workspace": workspace})
                self.assertEqual((failed, said), (True, f"the key does not open workspace {workspace}"))
        for workspace in ("..", "../demo", "keys", "*", "demo,shop", ""):
            self.assertTrue(self.tool("find_traces", {"workspace": workspace})[0], workspace)
        self.assertEqual(len(self.tool("find_traces", {"workspace": "demo"}, key="both", x_workspace="shop")[1]["traces"]), 5)
        self.assertEqual(self.tool("find_traces", key="both", path="/mcp?workspace_name=shop")[1]["traces"], [])

    def test_all_tools_answer(self):
        trace = self.tool("find_traces", {"limit": 1})[1]["traces"][0]["trace_id"]
        span = self.tool("find_spans", {"limit": 1})[1]["spans"][0]["span_id"]
        for name, arguments in (("search_text", {"text": "heat pump"}), ("trace_outline", {"trace_id": trace}),
                                ("trace_errors", {"trace_id": trace}), ("critical_path", {"trace_id": trace}),
                                ("get_spans", {"span_ids": [span]}), ("stats", {"by": "kind"})):
            failed, answer = self.tool(name, arguments)
            self.assertFalse(failed, answer)
        # The same as on standard input, byte for byte.
        line = json.dumps(modern("tools/call", {"name": "trace_outline", "arguments": {"trace_id": trace}}))
        out = subprocess.run([PROGRAM, "-w", "demo", "mcp"], input=line + "\n", capture_output=True, text=True, check=True)
        self.assertEqual(json.loads(out.stdout), self.ask(json.loads(line))[1])
        failed, said = self.tool("find_spans", {"where": ["nonsense=1"]})
        self.assertTrue(failed and "nonsense" in said, said)


if __name__ == "__main__":
    counted.main()
