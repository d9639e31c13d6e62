#!/usr/bin/env python3
"""Do the tests that the tables "Rules and their tests" of doc/*.md name exist?

A cell of the last column holds tests, separated by <br>: a file's name in backquotes, anywhere below t/, and the name
of a case in it, as its kind of file writes it. Without a case only the file must be there.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEADING = "## Rules and their tests"
FEWEST = {"nemo.md": 100, "scale.md": 80}  # a table that was lost must not pass


def cases(path):
    """The names of a file's cases; None: any text of the file may be named."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".t":
        return {line[4:].strip() for line in text.splitlines() if line.startswith("--- ")}
    if path.suffix == ".c":
        return set(re.findall(r"START_TEST\((\w+)\)", text))
    if path.suffix == ".jsonl":
        return {json.loads(line)["test"] for line in text.splitlines()}
    return None


def rows(doc):
    """(line number, cells) of the table behind the heading."""
    lines = doc.read_text(encoding="utf-8").splitlines()
    if HEADING not in lines:
        return
    for n, line in enumerate(lines[lines.index(HEADING) :], lines.index(HEADING) + 1):
        cells = [c.strip() for c in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 2 and cells[0] != "rule" and cells[1]:
            yield n, cells


def main():
    files = {p.name: p for p in HERE.rglob("*") if p.is_file()}
    known, problems, good = {}, [], 0
    for doc in sorted((HERE.parent / "doc").glob("*.md")):
        count = 0
        for n, (rule, tests) in rows(doc):
            count += 1
            for test in tests.split("<br>"):
                m = re.fullmatch(r"`(?:t/\w+/)?([^`]+)`(?: (.+))?", test.strip())
                where = f"{doc.name}:{n}: {rule}"
                if not m or m[1] not in files:
                    problems.append(f"{where}: no file: {test}")
                    continue
                path = files[m[1]]
                if m[1] not in known:
                    known[m[1]] = cases(path)
                names = known[m[1]]
                if m[2] and (m[2] not in names if names is not None else m[2] not in path.read_text(encoding="utf-8")):
                    problems.append(f"{where}: no case: {test}")
                    continue
                good += 1
        if count < FEWEST.get(doc.name, 0):
            problems.append(f"{doc.name}: {count} rules, fewer than {FEWEST[doc.name]}")
    for p in problems:
        print(p)
    print(f"{good} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
