"""What moving an archive's rows costs: SQLite to PostgreSQL and back, all hashes compared.

An archive of made-up articles with versions, captures, records and words to be searched
for. Each way is told as so many times one reading and hashing of all rows of the source,
which is the least that a proof of equality costs on one side.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from sqlmodel import Session

from storage.folder import DataFolder
from storage.sql.copying import Compared, copy_archive
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.rowsums import row_sum
from storage.sql.search import index_article
from storage.sql.tables import ArticleRow
from tests.bench.export import _article, fill
from tests.postgres import serving

_AT_ONCE = 1000


def fill_words(url: str, articles: int) -> None:
    """Index the words of all articles."""
    engine = writing_engine(url)
    with Session(engine) as session:
        for number in range(1, articles + 1):
            index_article(session, number, _article(number))
            if number % _AT_ONCE == 0:
                session.commit()
        session.commit()
    engine.dispose()


def hash_all(url: str) -> float:
    """Return the seconds that reading and hashing all rows takes."""
    engine = reading_engine(url)
    began = monotonic()
    with engine.connect() as connection:
        for table in ArticleRow.metadata.sorted_tables:
            row_sum(connection, table)
    engine.dispose()
    return monotonic() - began


def copy(source: str, target: str) -> tuple[float, list[Compared]]:
    """Return the seconds that a copy takes, and what came of it."""
    began = monotonic()
    compared = copy_archive(source, target, lambda _done, _total: None)
    return monotonic() - began, compared


def measure(place: Path, articles: int) -> dict[str, object]:
    """Return what both ways cost, and whether all was equal."""
    folder = DataFolder(place / "archive")
    fill(folder, articles)
    here, back = sqlite_url(folder.path), f"sqlite:///{place}/back.sqlite3"
    fill_words(here, articles)
    with serving() as server, server.empty() as there:
        least = hash_all(here)
        out, first = copy(here, there)
        least_there = hash_all(there)
        home, second = copy(there, back)
    sums = [{one.table: one.target.sha256 for one in way} for way in (first, second)]
    rows = sum(one.source.rows for one in first)
    return {
        "articles": articles,
        "rows": rows,
        "to_postgresql_times_a_hash": round(out / least, 2),
        "to_sqlite_times_a_hash": round(home / least_there, 2),
        "rows_per_second": {
            "to_postgresql": round(rows / out),
            "to_sqlite": round(rows / home),
        },
        "is_equal": all(one.is_equal for one in (*first, *second))
        and sums[0] == sums[1],
    }


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as place:
        figures = measure(Path(place), args.articles)
    print(json.dumps(figures))
    return 0 if figures["is_equal"] else 1
