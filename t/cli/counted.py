"""Runs the unittests of the program that was started, and counts them as the other tests do."""
import os
import unittest


def main():
    result = unittest.TextTestRunner(stream=open(os.devnull, "w", encoding="utf-8")).run(
        unittest.defaultTestLoader.loadTestsFromModule(__import__("__main__")))
    for test, text in result.failures + result.errors:
        print("FAILED", test, text)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    raise SystemExit(bool(bad))
