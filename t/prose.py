#!/usr/bin/env python3
"""Checks the pages that people read: length of sentences, length of pages, spelling.

    prose.py [TREE]

Says every breach as FILE:LINE: WHAT. Code blocks, text in backquotes and links' addresses are not prose; a cell of a
table is. aspell knows English, t/prose_words.txt the other words. The check first proves on a small page that it can fail.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

SENTENCE_WORDS = 35
PAGE_LINES = {"README.md": 100, "CHANGES.md": 30, "doc/performance.md": 100}


def prose(text):
    """Yields (line number, paragraph): what is read as running text."""
    block, begun, in_code, in_comment = [], 0, False, False

    def end():
        if block:
            yield begun, " ".join(block)
        block.clear()

    for n, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("```"):
            in_code = not in_code
            yield from end()
        elif in_code or line.startswith("    ") and not block or bare.startswith("<!--"):
            yield from end()
        elif bare.startswith("|"):
            yield from end()
            for cell in re.split(r"(?<!\\)\|", bare.strip("|")):
                for part in cell.split("<br>"):
                    yield n, part
        elif not bare or bare.startswith("#"):
            yield from end()
            if bare:
                yield n, bare.lstrip("#")
        else:
            if re.match(r"([-*]|\d+\.) ", bare):
                yield from end()
            if not block:
                begun = n
            block.append(bare)
    yield from end()


def plain(text):
    """The paragraph without what is no English."""
    text = re.sub(r"`[^`]*`", "X", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"https?://\S+", "X", text)
    text = re.sub(r"\S*\w_\w\S*", "X", text)
    return re.sub(r"[*_\[\]]", "", text)


def long_sentences(text):
    for n, paragraph in prose(text):
        for sentence in re.split(r"(?<=[.!?])\)?\s+", plain(paragraph)):
            words = [w for w in re.findall(r"[A-Za-z0-9][\w'./%-]*", sentence) if w != "X"]
            if len(words) > SENTENCE_WORDS:
                yield n, f"a sentence of {len(words)} words: {' '.join(words[:8])} …"


def misspelt(text, words):
    """The words that neither aspell nor the list knows, each with its first line."""
    lines = {}
    for n, paragraph in prose(text):
        for word in re.findall(r"(?<![\w./-])[A-Za-z][a-z']+(?![\w/])", plain(paragraph)):
            lines.setdefault(word.strip("'"), n)
    out = subprocess.run(["aspell", "list", "--lang=en", "--encoding=utf-8"], input="\n".join(lines),
                         capture_output=True, text=True, check=True).stdout
    for word in sorted(set(out.split())):
        if word.lower() not in words and re.sub(r"'s$", "", word.lower()) not in words and word in lines:
            yield lines[word], f"spelling: {word}"


def breaches(tree):
    listed = tree / "t/prose_words.txt"
    words = {w.lower() for w in listed.read_text(encoding="utf-8").split()} if listed.exists() else set()
    for path in sorted(tree.glob("*.md")) + sorted(tree.glob("doc/*.md")):
        name = str(path.relative_to(tree))
        text = path.read_text(encoding="utf-8")
        count = len(text.splitlines())
        if count > PAGE_LINES.get(name, count):
            yield f"{name}:{count}: more than {PAGE_LINES[name]} lines"
        for n, what in list(long_sentences(text)) + list(misspelt(text, words)):
            yield f"{name}:{n}: {what}"


def prove():
    """Each breach must be found in a page that has it, and none in one that has not."""
    with tempfile.TemporaryDirectory() as temp:
        tree = pathlib.Path(temp)
        (tree / "README.md").write_text("# A page\n\n" + "word " * 36 + ".\n\nA mispelt word.\n" + "\n" * 100)
        (tree / "GOOD.md").write_text("# A page\n\nIt is short; `mispelt` is code.\n\n    mispelt\n")
        found = [b.split(" ")[0] + b.split(" ")[1] for b in breaches(tree)]
    if found != ["README.md:105:more", "README.md:3:a", "README.md:5:spelling:"]:
        sys.exit(f"prose.py does not see what is wrong: {found}")


def main():
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    prove()
    found = list(breaches(tree))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
