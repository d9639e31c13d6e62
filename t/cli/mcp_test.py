"""The tests of flatspan mcp: see mcp.test. FLATSPAN: the program, DATA: its data directory, with the demo."""

import json
import os
import pathlib
import subprocess
import threading
import unittest

import counted

PROGRAM = os.environ["FLATSPAN"]
DATA = pathlib.Path(os.environ["DATA"])
MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"
TOOLS = [
    "list_workspaces", "find_traces", "find_spans", "search_text", "trace_outline",
    "trace_errors", "critical_path", "get_spans", "stats",
]
ANSWER_BYTES = 256 << 10  # what is in a row besides, and escapes, may double what the program counts


def import_lines(workspace, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    subprocess.run([PROGRAM, "-w", workspace, "import"], input=text.encode(), check=True, capture_output=True)


def span(span_id, parent="", trace="t", start=0, end=None, **more):
    line = {"span_id": span_id, "trace_id": trace, "source": "x", "name": span_id, "kind": "CHAIN"}
    line["started_at"] = f"2026-01-02T03:04:{start:02d}Z"
    if parent:
        line["parent_span_id"] = parent
    if end is not None:
        line["ended_at"] = f"2026-01-02T03:04:{end:02d}Z"
    return line | more


class Client:
    """A process that is asked one line after the other."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [PROGRAM, "mcp", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.timer = threading.Timer(300, self.process.kill)  # a client that waits for ever
        self.timer.start()
        self.n = 0

    def send(self, line):
        self.process.stdin.write(line if isinstance(line, bytes) else (json.dumps(line) + "\n").encode())
        self.process.stdin.flush()

    def read(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, method, params=None, **more):
        self.n += 1
        message = {"jsonrpc": "2.0", "id": self.n, "method": method} | more
        if params is not None:
            message["params"] = params
        self.send(message)
        answer = self.read()
        assert answer["jsonrpc"] == "2.0" and answer["id"] == message["id"], answer
        return answer

    def close(self):
        """Ends it as a client does; everything it still said."""
        out, said = self.process.communicate(timeout=60)
        self.timer.cancel()
        assert self.process.returncode == 0 and said == b"", (self.process.returncode, said)
        return out


class Old(Client):
    """A client of the versions that begin with initialize."""

    def __init__(self, *arguments, version="2025-06-18"):
        super().__init__(*arguments)
        self.hello = self.ask("initialize", {
            "protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})["result"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def tool(self, tool, **arguments):
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})["result"]
        assert [c["type"] for c in result["content"]] == ["text"]
        text = result["content"][0]["text"]
        assert len(text.encode()) <= ANSWER_BYTES, len(text)
        return text if result["isError"] else json.loads(text)


class Protocol(unittest.TestCase):
    def open(self, kind=Old, *arguments, **options):
        client = kind(*arguments, **options)
        self.addCleanup(client.close)
        return client

    def error(self, answer, code):
        self.assertEqual(answer["error"]["code"], code, answer)
        return answer["error"]

    def test_an_old_client_gets_its_version_and_no_newer_members(self):
        for version in "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25":
            client = self.open(version=version)
            self.assertEqual(client.hello["protocolVersion"], version)
            self.assertEqual(client.hello["serverInfo"]["name"], "flatspan")
            self.assertIn("tools", client.hello["capabilities"])
            self.assertEqual(client.ask("ping")["result"], {})
            self.assertEqual(sorted(client.ask("tools/list")["result"]), ["tools"])

    def test_one_that_asks_for_an_unknown_version_is_offered_the_newest_with_initialize(self):
        self.assertEqual(self.open(version="1900-01-01").hello["protocolVersion"], "2025-11-25")
        self.assertEqual(self.open(version=MODERN).hello["protocolVersion"], "2025-11-25")

    def test_a_new_client_says_its_version_each_time(self):
        client = self.open(Client)
        meta = {"_meta": {META + "protocolVersion": MODERN, META + "clientCapabilities": {}}}
        result = client.ask("server/discover", meta)["result"]
        self.assertEqual(result["resultType"], "complete")
        self.assertEqual(result["supportedVersions"][0], MODERN)
        self.assertEqual(result["_meta"][META + "serverInfo"]["name"], "flatspan")
        self.assertIn("tools", result["capabilities"])
        self.assertIsInstance(result["ttlMs"], int)
        self.assertEqual(result["cacheScope"], "public")
        result = client.ask("tools/list", meta)["result"]
        self.assertEqual([t["name"] for t in result["tools"]], TOOLS)
        self.assertEqual((result["resultType"], result["cacheScope"]), ("complete", "public"))
        result = client.ask("tools/call", meta | {"name": "list_workspaces"})["result"]
        self.assertEqual((result["resultType"], result["isError"]), ("complete", False))

    def test_a_version_nobody_knows_is_refused_with_those_that_are(self):
        client = self.open(Client)
        answer = client.ask("tools/list", {"_meta": {META + "protocolVersion": "1900-01-01", META + "clientCapabilities": {}}})
        error = self.error(answer, -32022)
        self.assertEqual(error["data"]["requested"], "1900-01-01")
        self.assertIn(MODERN, error["data"]["supported"])

    def test_without_version_or_capabilities_a_request_is_malformed(self):
        client = self.open(Client)
        for meta in {}, {META + "protocolVersion": 5}, {META + "protocolVersion": MODERN}, \
                {META + "protocolVersion": MODERN, META + "clientCapabilities": []}:
            self.error(client.ask("tools/list", {"_meta": meta}), -32602)
        self.error(client.ask("tools/list"), -32602)
        self.error(client.ask("initialize", {}), -32602)
        self.error(client.ask("initialize"), -32602)

    def test_tools_have_schemas_and_say_that_they_only_read(self):
        tools = self.open().ask("tools/list")["result"]["tools"]
        self.assertEqual([t["name"] for t in tools], TOOLS)
        for tool in tools:
            schema = tool["inputSchema"]
            self.assertEqual((schema["type"], schema["additionalProperties"]), ("object", False))
            self.assertLessEqual(set(schema.get("required", [])), set(schema["properties"]))
            self.assertTrue(tool["annotations"]["readOnlyHint"])
            self.assertTrue(all(p["description"] for p in schema["properties"].values()))
        schemas = {t["name"]: t["inputSchema"]["properties"] for t in tools}
        # What is refused the schema says, and the outline has rows of its own.
        self.assertEqual([schemas["get_spans"][name].get("minItems") for name in ("span_ids", "fields")], [1, 1])
        self.assertNotIn("minItems", schemas["find_spans"]["where"])
        self.assertIn("for an outline 100", schemas["trace_outline"]["limit"]["description"])
        self.error(self.open().ask("tools/list", {"cursor": "x"}), -32602)

    def test_what_is_no_message_is_answered_by_an_error_and_the_next_one_is_read(self):
        client = self.open()
        bad = [
            (b"{\n", -32700), (b"nonsense\n", -32700), (b"\x00\xff\n", -32700), (b'"\xc3"\n', -32700),
            (b"[" * 100000 + b"\n", -32700), (b'{"a":' * 200 + b"1" + b"}" * 200 + b"\n", -32700),
            (b"5\n", -32600), (b"null\n", -32600), (b"{}\n", -32600), (b"[]\n", -32600),
            (b'{"id":1,"method":"ping"}\n', -32600), (b'{"jsonrpc":"1.0","id":1,"method":"ping"}\n', -32600),
            (b'{"jsonrpc":"2.0","id":null,"method":"ping"}\n', -32600),
            (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}\n', -32600),
            (b'{"jsonrpc":"2.0","id":{},"method":"ping"}\n', -32600),
            (b'{"jsonrpc":"2.0","id":1,"method":5}\n', -32600),
            (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}\n', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"resources/list"}\n', -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":""}\n', -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * 5000 + b'"}\n', -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}\n', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nope"}}\n', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"stats","arguments":[]}}\n', -32602),
        ]
        for line, code in bad:
            client.send(line)
            self.error(client.read(), code)
            self.assertEqual(client.ask("ping")["result"], {}, line[:80])

    def test_a_line_may_have_a_mebibyte_and_no_more(self):
        client = self.open()
        head, tail = b'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":"', b'"}}'
        client.send(head + b"x" * ((1 << 20) - len(head) - len(tail)) + tail + b"\n")
        self.assertEqual(client.read(), {"jsonrpc": "2.0", "id": 7, "result": {}})
        for n in ((1 << 20) - len(head) - len(tail) + 1, 5 << 20):
            client.send(head + b"x" * n + tail + b"\n")
            answer = client.read()
            self.error(answer, -32600)
            self.assertIsNone(answer["id"])
        self.assertEqual(client.ask("ping")["result"], {})

    def test_notifications_blank_lines_and_answers_are_not_answered(self):
        client = self.open()
        for line in b"\n", b"  \r\n", b'{"jsonrpc":"2.0","method":"ping"}\n', b'{"jsonrpc":"2.0","method":"nonsense","params":5}\n', \
                b'{"jsonrpc":"2.0","id":1,"result":{}}\n', b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\n':
            client.send(line)
        self.assertEqual(client.ask("ping")["result"], {})

    def test_ids_come_back_as_they_were(self):
        client = self.open()
        for sent in '"a\\u00e9\\n"', "0", "-5", "9007199254740993", '""':
            client.send(b'{"jsonrpc":"2.0","id":%s,"method":"ping"}\n' % sent.encode())
            self.assertEqual(client.read()["id"], json.loads(sent))

    def test_a_batch_is_answered_by_a_batch(self):
        client = self.open()
        ping = {"jsonrpc": "2.0", "method": "ping"}
        client.send([ping | {"id": 1}, ping, 5, ping | {"id": 2}])
        self.assertEqual([a.get("id") for a in client.read()], [1, None, 2])
        client.send([ping, ping])
        client.send([ping | {"id": i} for i in range(51)])
        self.error(client.read(), -32600)

    def test_it_ends_with_its_input_also_in_the_middle_of_a_line(self):
        client = Old()
        client.send(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
        self.assertEqual(json.loads(client.close())["result"], {})
        client = Client()
        self.assertEqual(client.close(), b"")
        client = Old()
        client.process.stdout.close()
        client.send({"jsonrpc": "2.0", "id": 1, "method": "ping"})
        client.process.stdin.close()
        self.assertEqual(client.process.wait(timeout=60), 0)
        client.process.stderr.close()
        client.timer.cancel()


class Tools(unittest.TestCase):
    def setUp(self):
        self.client = Old()
        self.addCleanup(self.client.close)
        self.tool = self.client.tool

    def test_from_the_list_to_the_text(self):
        self.assertIn("demo", self.tool("list_workspaces")["workspaces"])
        traces = self.tool("find_traces", workspace="demo")
        self.assertEqual((traces["total"], len(traces["traces"])), (5, 5))
        failed = self.tool("find_traces", workspace="demo", errors=True)
        self.assertEqual(
            [t["trace_id"] for t in failed["traces"]],
            [t["trace_id"] for t in traces["traces"] if t["errors"]],
        )
        self.assertGreater(failed["total"], 0)
        first = self.tool("find_traces", workspace="demo", limit=2)
        self.assertEqual(first["next_offset"], 2)
        rest = self.tool("find_traces", workspace="demo", offset=2)
        self.assertEqual(first["traces"] + rest["traces"], traces["traces"])
        failed = [t for t in traces["traces"] if t["errors"]]
        trace = failed[0]["trace_id"]
        outline = self.tool("trace_outline", workspace="demo", trace_id=trace)
        self.assertEqual(outline["spans"], failed[0]["spans"])
        self.assertEqual(len(outline["outline"]), failed[0]["spans"])
        errors = self.tool("trace_errors", workspace="demo", trace_id=trace)
        self.assertEqual(errors["total"], failed[0]["errors"])
        self.assertEqual(errors["errors"][0]["path"][0], outline["outline"][0]["name"])
        spans = self.tool("get_spans", workspace="demo", span_ids=[errors["errors"][0]["span_id"], "no such"])
        self.assertEqual(spans["spans"][0]["error_message"], errors["errors"][0]["error_message"])
        self.assertIn("input", spans["spans"][0]["fields"])
        self.assertEqual(spans["unknown"], ["no such"])

    def test_spans_in_an_order_and_with_filters(self):
        slow = self.tool("find_spans", workspace="demo", sort="duration", limit=3)["spans"]
        self.assertEqual(sorted((s["duration_ms"] for s in slow), reverse=True), [s["duration_ms"] for s in slow])
        self.assertEqual({s["status"] for s in self.tool("find_spans", workspace="demo", errors=True)["spans"]}, {"error"})
        self.assertEqual(len(self.tool("find_spans", workspace="demo", errors=False, limit=100)["spans"]), 44)
        two = self.tool("find_spans", workspace="demo", kind="llm", where=["model=gpt-4o-mini", "duration>1s"])["spans"]
        self.assertEqual({(s["kind"], s["model"]) for s in two}, {("LLM", "gpt-4o-mini")})
        self.assertEqual(self.tool("find_spans", workspace="demo", until="2001-01-01"), {"spans": []})

    def test_texts_are_found_with_what_is_around(self):
        found = self.tool("search_text", workspace="demo", text="HEAT pump", limit=100)["spans"]
        self.assertEqual(len(found), 10)
        self.assertTrue(all("heat pump" in s["around"].lower() for s in found))
        self.assertEqual(self.tool("search_text", workspace="demo", text="nothing says this"), {"spans": []})

    def test_sums(self):
        groups = self.tool("stats", workspace="demo", by="kind")["groups"]
        self.assertEqual(sum(g["spans"] for g in groups), 44)
        top = self.tool("stats", workspace="demo", by="name", sort="errors", limit=1)
        self.assertEqual((len(top["groups"]), top["more"]), (1, True))
        self.assertEqual(self.tool("stats", workspace="demo")["groups"][0]["spans"], 44)

    def test_what_is_wrong_with_arguments_is_said(self):
        for tool, arguments, said in [
            ("find_spans", {"nope": 1}, "takes no argument nope"),
            ("list_workspaces", {"nope": 1}, "; it takes: none"),
            ("get_spans", {"ids": []}, "it takes: span_ids workspace fields max_bytes from_byte"),
            ("find_spans", {"limit": 101}, "limit: must be an integer from 1 to 100"),
            ("find_spans", {"limit": 0}, "limit: must be"),
            ("find_spans", {"limit": "5"}, "limit: must be"),
            ("find_spans", {"errors": 1}, "errors: must be true or false"),
            ("find_spans", {"kind": []}, "kind: must be a string"),
            ("find_spans", {"kind": "QUERY"}, "kind is LLM, CHAIN"),
            ("find_spans", {"where": "model=x"}, "where: must be an array"),
            ("find_spans", {"where": [5]}, "where: must be an array"),
            ("find_spans", {"where": ["modle=x"]}, "did you mean model?"),
            ("find_spans", {"where": ["model=x"] * 21}, "0 to 20 strings"),
            ("find_spans", {"since": "yesterday"}, "since"),
            ("find_spans", {"sort": "name"}, "sort: must be"),
            ("find_spans", {"workspace": "../demo"}, "there is no such workspace"),
            ("find_spans", {"workspace": "not-there"}, "it does not exist"),
            ("stats", {"by": "input"}, "by: must be"),
            ("stats", {"sort": "name"}, "sort: must be"),
            ("search_text", {}, "text is needed"),
            ("search_text", {"text": ""}, "text: must not be empty"),
            ("get_spans", {"span_ids": []}, "1 to 20 strings"),
            ("get_spans", {"span_ids": ["x"], "fields": ["nope"]}, "there is no field nope"),
            ("trace_outline", {"trace_id": "nope"}, "there is no trace nope"),
            ("trace_errors", {"trace_id": None}, "trace_id is needed"),
        ]:
            answer = self.tool(tool, **{"workspace": "demo"} | arguments)
            self.assertIsInstance(answer, str, (tool, arguments))
            self.assertIn(said, answer)

    def test_the_critical_path_is_what_the_trace_waited_for(self):
        import_lines("path", [
            span("root", start=0, end=20), span("early", "root", start=2, end=8), span("shadow", "root", start=3, end=5),
            span("late", "root", start=10, end=18), span("deep", "late", start=12, end=17), span("after", "root", start=30, end=40),
        ])
        path = self.tool("critical_path", workspace="path", trace_id="t")
        self.assertEqual(path["duration_ms"], 20000)
        self.assertEqual({s["name"]: s["self_ms"] for s in path["waited_for"]}, {"root": 6000, "early": 6000, "late": 3000, "deep": 5000})
        self.assertEqual(sum(s["percent"] for s in path["waited_for"]), 100)

    def test_a_large_trace_comes_in_pages_and_to_a_depth(self):
        n = 600
        lines = [span("root", trace="large", end=59)]
        for i in range(n):
            lines.append(span(f"s{i:03}", f"s{i - 1:03}" if i % 3 else "root", trace="large", start=1, end=2, status="error"))
        import_lines("large", lines)
        seen, offset = [], 0
        while offset is not None:
            page = self.tool("trace_outline", workspace="large", trace_id="large", offset=offset)
            seen += [(s["name"], s["depth"]) for s in page["outline"]]
            offset = page.get("next_offset")
        self.assertEqual(len(seen), n + 1)
        self.assertEqual(len(set(seen)), n + 1)
        self.assertEqual([d for _, d in seen[:5]], [0, 1, 2, 3, 1])
        flat = self.tool("trace_outline", workspace="large", trace_id="large", depth=2, limit=10)
        self.assertEqual([s.get("hidden_below") for s in flat["outline"]][:3], [None, 2, 2])
        self.assertEqual(self.tool("trace_outline", workspace="large", trace_id="large", depth=1)["outline"][0]["hidden_below"], n)
        errors, offset = 0, 0
        while offset is not None:
            page = self.tool("trace_errors", workspace="large", trace_id="large", offset=offset, limit=100)
            errors += len(page["errors"])
            offset = page.get("next_offset")
        self.assertEqual((errors, page["total"]), (n, n))

    def test_a_trace_whose_root_has_not_come_is_found(self):
        import_lines("live", [span("b", "a", trace="live", start=2), span("c", "a", trace="live", start=1, name="first")])
        found = self.tool("find_traces", workspace="live")
        self.assertEqual((found["total"], [(t["name"], t["spans"]) for t in found["traces"]]), (1, [("first", 2)]))

    def test_answers_are_bounded_whatever_spans_hold(self):
        long = "é\\\"\n\u0001" * (20000 if os.environ.get("FLATSPAN_TEST_STEP", "1") == "1" else 4000)
        import_lines("bounds", [
            span(f"x{i}" * 100, trace="b", name=long, error_message=long, status="error", model=long, input=long, output={"a": long})
            for i in range(60)])
        for tool, arguments in [
            ("find_traces", {"limit": 100}), ("find_spans", {"limit": 100}), ("trace_outline", {"trace_id": "b"}),
            ("trace_errors", {"trace_id": "b", "limit": 100}), ("critical_path", {"trace_id": "b", "limit": 100}),
            ("search_text", {"text": "é", "limit": 100}), ("stats", {"by": "span_id"}), ("stats", {"by": "name,model"}),
        ]:
            self.tool(tool, workspace="bounds", **arguments)
        ids = [f"x{i}" * 100 for i in range(20)]
        page = self.tool("get_spans", workspace="bounds", span_ids=ids, max_bytes=20000)
        self.assertEqual([s["span_id"] for s in page["spans"]] + page["not_shown"], ids)

    def test_what_is_cut_can_be_read_to_its_end(self):
        text = "".join(f"{i} ü€😀\n\"" for i in range(400))
        import_lines("cut", [span("s", input=text, output={"a": [text]})])
        for field, whole in ("input", text), ("output", json.dumps({"a": [text]}, ensure_ascii=False, separators=(",", ":"))):
            got, at = "", 0
            while at is not None:
                piece = self.tool("get_spans", workspace="cut", span_ids=["s"], fields=[field], from_byte=at, max_bytes=777)
                piece = piece["spans"][0]["fields"][field]
                self.assertEqual((piece["$truncated"], piece["bytes"]), (True, len(whole.encode())))
                got, at = got + piece["text"], piece.get("next_byte")
            self.assertEqual(got, whole)
        self.assertEqual(self.tool("get_spans", workspace="cut", span_ids=["s"], max_bytes=20000)["spans"][0]["fields"]["input"], text)

    def test_one_workspace_may_be_all_that_is_served(self):
        client = Old("-w", "demo")
        self.addCleanup(client.close)
        self.assertEqual(client.tool("list_workspaces"), {"default": "demo", "workspaces": ["demo"]})
        self.assertEqual(client.tool("find_traces")["total"], 5)
        self.assertEqual(client.tool("find_traces", workspace="demo")["total"], 5)
        self.assertEqual(client.tool("find_traces", workspace="default"), "only workspace demo is served here")

    def test_reading_changes_no_line(self):
        def shards():
            return {p: p.read_bytes() for p in DATA.rglob("*.jsonl")}
        before = shards()
        for tool in "list_workspaces", "find_traces", "find_spans", "stats":
            self.tool(tool)
        self.assertEqual(shards(), before)
        import_lines("fresh", [span("new")])
        self.assertEqual(self.tool("find_spans", workspace="fresh")["spans"][0]["name"], "new")


if __name__ == "__main__":
    counted.main()
