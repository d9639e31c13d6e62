#!/usr/bin/env python3
"""The figures of compare.sh as one table in Markdown, each peer with its ratio to flatspan.

    compare_table.py DIRECTORY
"""
import pathlib
import sys

ROWS = (("floor", "floor: hello world"), ("floor_again", "floor, at the end"), ("get", "get by id"),
        ("miss", "get an id that is not there"),
        ("filtered", "errors of LLMs, 2 days, newest 100 with bodies, and the total"),
        ("newest", "newest 100 with bodies"), ("deep", "page 1,000 of 100"),
        ("traces", "traces, page of 50 with sums, and the total"), ("groups", "groups by trace"),
        ("groups_day", "groups by session and trace, one day"), ("rare", "search: rare word (0.01 %)"),
        ("frequent", "search: frequent word (30 %)"), ("absent", "search: absent word"),
        ("load", "load, spans/s"), ("bytes", "disk, bytes a span"), ("index", "of it the index, bytes a span"))
PEERS = (("sqlite_http", "SQLite over HTTP"), ("sqlite", "SQLite"), ("fts", "SQLite FTS5 (a tenth)"),
         ("duckdb", "DuckDB"), ("chdb", "ClickHouse (chdb)"))
NO_TIMES = ("load", "bytes", "index")


def read(path):
    if not path.exists():
        return {}
    return dict((name, float(figure)) for name, figure in
                (line.split("\t") for line in path.read_text().splitlines() if "\t" in line))


def shown(name, value):
    return "%.0f" % value if name in NO_TIMES else "%.3f" % value if value < 10 else "%.1f" % value


def main():
    folder = pathlib.Path(sys.argv[1])
    ours = read(folder / "flatspan")
    peers = [(title, read(folder / name)) for name, title in PEERS]
    peers = [(title, figures) for title, figures in peers if figures]
    print("| question | flatspan | " + " | ".join(title for title, _ in peers) + " |")
    print("|---|--:|" + "--:|" * len(peers))
    for name, title in ROWS:
        if name not in ours:
            continue
        cells = []
        for _, figures in peers:
            if name not in figures:
                cells.append("–")
            elif name in NO_TIMES:
                cells.append(shown(name, figures[name]))
            else:
                cells.append("%s (×%.1f)" % (shown(name, figures[name]), figures[name] / ours[name]))
        print("| %s | %s | %s |" % (title, shown(name, ours[name]), " | ".join(cells)))


main()
