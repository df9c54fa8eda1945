"""What a search costs, against the size of the archive, on both databases.

Texts are drawn from words as common as in any language (Zipf). One word is common,
one middling, one rare; two more queries are a phrase and three words. Beside them, on
SQLite, a bare `MATCH` of FTS5 for the same words, its first page by age, and what a
table without an index costs: `LIKE`. Milliseconds of the clock, the least of several runs.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from itertools import accumulate

from sqlalchemy import Engine, bindparam, insert, text
from sqlmodel import Session

from storage.search.query import read_query
from storage.sql.search import search_best, search_newest
from storage.sql.tables import ArticleRow, HostRow, LinkRow, SearchRow
from tests.torture.search.filling import NOON, archives

_WORDS = 30_000
_LENGTH = 150
_BATCH = 1_000
_PAGE = 50
#: A first page by age may take so long. The slowest is a phrase of two very common
#: words on PostgreSQL, all of whose articles are looked into.
NEWEST_MOST_MS = 1_000.0

_BARE = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :asked"
    " ORDER BY rowid DESC LIMIT 50"
)
_LIKE = text(
    "SELECT article_id FROM search_text WHERE body LIKE :asked"
    " ORDER BY article_id DESC LIMIT 50"
).bindparams(bindparam("asked"))


def queries(words: Sequence[str]) -> dict[str, str]:
    """Return what is asked, by how common it is."""
    return {
        "common": words[2],
        "middling": words[200],
        "rare": words[8_000],
        "phrase": f'"{words[1]} {words[5]}"',
        "three": f"{words[3]} {words[40]} {words[300]}",
    }


def fill(
    engines: Sequence[Engine], first: int, last: int, words: Sequence[str]
) -> None:
    """Enter the rows of articles from one number to another, the same everywhere."""
    rng = random.Random(first)
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    for start in range(first, last, _BATCH):
        rows = range(start, min(start + _BATCH, last))
        texts = [
            " ".join(rng.choices(words, cum_weights=weights, k=_LENGTH)) for _ in rows
        ]
        for engine in engines:
            _enter(engine, rows, texts)


def _enter(engine: Engine, rows: range, texts: Sequence[str]) -> None:
    links = [
        {"id": n, "host": "h", "url": f"{n}", "key": f"{n}", "found_at": NOON}
        | {"kind": "article", "state": "archived"}
        for n in rows
    ]
    articles = [
        {"id": n, "link_id": n, "key": f"{n}", "url": f"{n}", "title": f"{n}"}
        | {"authors": [], "first_seen": NOON, "last_seen": NOON}
        for n in rows
    ]
    tokens = [
        {"article_id": n, "title": f"{n}", "body": body, "authors": ""}
        for n, body in zip(rows, texts, strict=True)
    ]
    with Session(engine) as session:
        if session.get(HostRow, "h") is None:
            session.add(HostRow(key="h", free_at=NOON))
            session.flush()
        session.execute(insert(LinkRow), links)
        session.execute(insert(ArticleRow), articles)
        session.execute(insert(SearchRow), tokens)
        session.commit()


def milliseconds(ask: Callable[[], object], times: int) -> float:
    """Return the least of some runs: others share the machine."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return round(min(took), 2)


def _measure(
    engines: dict[str, Engine], asked: dict[str, str], times: int
) -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
    for kind, query in asked.items():
        row = figures[kind] = {}
        for name, engine in engines.items():
            with Session(engine) as session:
                for find in (search_best, search_newest):
                    row[f"{name} {find.__name__.removeprefix('search_')}"] = (
                        milliseconds(
                            lambda s=session, f=find, q=query: f(s, q, limit=_PAGE),
                            times,
                        )
                    )
        match = " AND ".join(
            f'"{" ".join(term.tokens)}"' for term in read_query(query).terms
        )
        with engines["sqlite"].connect() as connection:
            for label, statement, value in (
                ("bare match", _BARE, match),
                ("like", _LIKE, f"%{query.strip(chr(34))}%"),
            ):
                row[label] = milliseconds(
                    lambda c=connection, s=statement, v=value: c.execute(
                        s, {"asked": v}
                    ).all(),
                    times,
                )
    return figures


def main(argv: Sequence[str]) -> int:
    """Print the figures of each size; fail when a page by age takes too long."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench search")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--times", type=int, default=7)
    args = parser.parse_args(argv)
    words = [f"w{number}" for number in range(_WORDS)]
    sizes: dict[int, dict[str, dict[str, float]]] = {}
    entered = 1
    with archives() as engines:
        for size in map(int, args.sizes.split(",")):
            fill(list(engines.values()), entered, size + 1, words)
            entered = size + 1
            with engines["postgresql"].begin() as connection:
                connection.exec_driver_sql("ANALYZE")
            sizes[size] = _measure(engines, queries(words), args.times)
    slowest = max(
        row[f"{name} newest"] for row in sizes[size].values() for name in engines
    )
    broken = [] if slowest <= NEWEST_MOST_MS else [f"a page by age: {slowest} ms"]
    print(json.dumps({"benchmark": "search", "ms": sizes, "broken": broken}))
    return 1 if broken else 0
