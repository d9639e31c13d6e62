"""Tests of the runner itself. Its last line is counted as that of run.py."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import compare  # noqa: E402
import ways  # noqa: E402


def differs(want, have, is_ordered=False, names=None):
    found = []
    value = compare.parse(have)
    compare.value("$", compare.parse(want), value, is_ordered, {} if names is None else names, found)
    return bool(found)


class Compare(unittest.TestCase):
    def test_equal_values_do_not_differ(self):
        for text in ('{"a":[1,2.5,null,true,"x"]}', "[]", '""', "0", "null"):
            self.assertFalse(differs(text, text), text)

    def test_every_difference_is_found(self):
        for want, have in (
            ('{"a":1}', '{"a":2}'),
            ('{"a":1}', "{}"),
            ('{"a":1}', '{"a":1,"b":2}'),
            ("[1]", "[1,2]"),
            ("[1,2]", "[2,1]"),
            ("1", "true"),
            ("0", "false"),
            ("0.1", "0.10000000000000001"),
            ('"1"', "1"),
            ("null", "0"),
            ('{"...":true}', "[]"),
            ('"<time>"', '"2026-01-01"'),
            ('"<hex16>"', '"0123456789abcdeF"'),
            ('"<uuid>"', '"x"'),
            ('"<any-string>"', "1"),
            ('"<number>"', "true"),
            ('"<re a+>"', '"aab"'),
            ('"<is *>"', '"x"'),
        ):
            self.assertTrue(differs(want, have), (want, have))

    def test_wildcards_match(self):
        for want, have in (
            ('"*"', '{"a":1}'),
            ('{"a":1,"...":true}', '{"a":1,"b":2}'),
            ("1.10", "1.1"),
            ('"<time>"', '"2026-01-01T00:00:00.000001Z"'),
            ('"<re a+>"', '"aa"'),
            ('"<is <time>>"', '"<time>"'),
            ('"{{3*ab*}}"', '"ababab"'),
        ):
            self.assertFalse(differs(want, have), (want, have))

    def test_the_order_of_keys_counts_when_asked_for(self):
        self.assertFalse(differs('{"a":1,"b":2}', '{"b":2,"a":1}'))
        self.assertTrue(differs('{"a":1,"b":2}', '{"b":2,"a":1}', is_ordered=True))
        self.assertTrue(differs('[{"a":1,"b":2}]', '[{"b":2,"a":1}]', is_ordered=True))

    def test_what_was_caught_can_be_used(self):
        names = {}
        self.assertFalse(differs('{"id":"<set id>"}', '{"id":"x"}', names=names))
        self.assertEqual(compare.fill("a/{{id}}", names), "a/x")
        self.assertRaises(KeyError, compare.fill, "{{other}}", names)


class Cases(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.t"
            path.write_text(text)
            return cases.read(path)

    def test_a_case_is_read(self):
        f = self.read("=== base /b\n--- name\n> POST p?x=1\n> A: b\n? f={\"a\":1}\n>> 1\n>> 2\n< 201 ordered\n"
                      "< C: -\n{\"d\":\n1}\n# after\n")
        c = f.cases[0]
        r = c.request({})
        self.assertEqual((r.method, r.target, r.body), ("POST", "/b/p?x=1&f=%7B%22a%22%3A1%7D", b"1\n2"))
        self.assertEqual((c.status, c.is_ordered, c.headers, c.body), (201, True, [("C", "-")], {"d": 1}))

    def test_mistakes_are_refused(self):
        for text in ("--- a\n< 200\n", "--- a\n> GET /\n", "--- a\n> GET /\n< 200\n{\n", "=== what\n", "text\n",
                     "--- a\n> GET /\n< 2000\n", "=== lines w 2026-01-01\n{\n"):
            self.assertRaises(cases.Mistake, self.read, text)

    def test_lines_are_sealed(self):
        # The check value of CRC-32C (RFC 3720 appendix B.4 and the Rocksoft catalogue).
        self.assertEqual(cases.crc32c(b"123456789"), 0xE3069283)
        f = self.read('=== lines w 2026-01-01\ndefaults {"trace_id":"t"}\n{"name":"n","span_id":"a","x":1.10}\n')
        body = b'{"span_id":"a","trace_id":"t","name":"n","x":1.10'
        self.assertEqual(f.shards[("w", "2026-01-01")], body + b',"_c":"%08x"}\n' % cases.crc32c(body))


class Ways(unittest.TestCase):
    def test_an_answer_of_cgi_is_taken_apart(self):
        a = ways.cgi_answer(b"Status: 404 Not Found\r\nContent-Type: x\r\n\r\nbody\r\n\r\n")
        self.assertEqual((a.status, a.headers, a.body), (404, {"content-type": "x"}, b"body\r\n\r\n"))
        self.assertRaises(ValueError, ways.cgi_answer, b"Content-Type: x\n\nbody")
        self.assertRaises(ValueError, ways.cgi_answer, b"no header\r\n\r\n")

    def test_long_streams_are_cut_into_records(self):
        data = ways.Fcgi.stream(ways.Fcgi.STDIN, b"x" * 65536)
        self.assertEqual(len(data), 65536 + 3 * 8)
        self.assertEqual(data[-8:], bytes((1, 5, 0, 1, 0, 0, 0, 0)))
        self.assertEqual(ways.Fcgi.pair("a", "b" * 200)[:5], bytes((1, 0x80, 0, 0, 200)))


class Whole(unittest.TestCase):
    """The runner and the program: a case that is wrong fails, in each way."""

    def run_file(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.t"
            path.write_text(text)
            done = subprocess.run([sys.executable, HERE / "run.py", path], stdout=subprocess.PIPE, check=False)
            return done.returncode, done.stdout.decode()

    @unittest.skipUnless("top_builddir" in os.environ, "not in make check")
    def test_wrong_expectations_fail(self):
        for expected in ("< 200\n", "< 404\n{}\n", "< 404\n<< x\n", "< 404\n< X-None: a\n", "< 404\n< X-Request-Id: -\n"):
            code, out = self.run_file("--- wrong\n> GET /nothing/here\n" + expected)
            self.assertEqual(code, 1, out)
            self.assertIn("FAIL x.t:1 [cgi] wrong", out)
            self.assertIn("FAIL x.t:1 [fcgi] wrong", out)
        code, out = self.run_file("--- right\n> GET /nothing/here\n< 404\n")
        self.assertEqual(code, 0, out)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
