"""What it costs to keep an article, and whether it costs more in a large archive.

An article is kept as a visit does it: its exchange goes into a WARC file and a row,
committed, then its reading makes a version, committed as well (the page is read by a
stand-in: reading is another benchmark's). The bare baseline appends the same bytes to a
file, syncs it, and inserts URL, title and text into a table with one index, committed, on
the same disk and in the same run, turn by turn. Both one at a time and 16 at a time.

An archive is filled by the same code up to 10,000 articles, beyond that by copies of
their rows whose words, addresses and keys are all different. What was copied at once lies in
the full-text index as no crawl leaves it, so all indexes are merged before the measurement.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Connection, text
from sqlmodel import Session, SQLModel

from crawler.config.tree import Config
from crawler.extract.source import PageSource
from crawler.means import Means
from crawler.reading.articles import read_article
from crawler.reading.parts import Part
from crawler.service.opening import open_service
from crawler.visits.keeping import Attended, keep_exchanges
from storage.model.article import Article, Block, BlockKind
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import Link, NewLink
from storage.model.link_kind import LinkKind
from storage.model.verdict import Verdict, VerdictKind
from storage.sql.ledger import add_links, find_link, link_of
from storage.warc.capture import capture_records
from storage.writer import Tx

GROWTH_MOST = 1.2
BY_HAND = 10_000
AT_ONCE = 16
BLOCK = 32
_WORDS = 50_000
_PARAGRAPHS, _LENGTH = 8, 30
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cost:
    """Of one article: milliseconds of the clock, and of this process's CPU."""

    wall: float
    cpu: float


#: A link, the page behind it, and the article on that.
Entered = tuple[Link, Exchange, Article]


class Newsroom:
    """Writes articles that have nothing in common but their words' frequencies."""

    def __init__(self, seed: int, written: int = 0) -> None:
        """Take the seed of all that is random, and how many were written before."""
        self._dice = np.random.default_rng(seed)
        self.written = written

    def page(self) -> tuple[Exchange, Article]:
        """Return the next page, and the article it holds."""
        self.written += 1
        words = self._dice.zipf(1.15, size=(_PARAGRAPHS, _LENGTH)) % _WORDS
        paragraphs = [" ".join(f"kata{n}" for n in line) + "." for line in words]
        url = f"https://kabar-{self.written % 500}.example/berita/{self.written}"
        title = f"Berita {self.written}: {' '.join(paragraphs[0].split()[:6])}"
        body = "".join(f"<p>{line}</p>" for line in paragraphs)
        html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
        raw = html.encode() + b"<!-- furniture -->" * 1200
        at = _START + timedelta(seconds=self.written)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        exchange = Exchange(
            url=url,
            started_at=at,
            elapsed=timedelta(milliseconds=90),
            request=b"GET /berita HTTP/1.1\r\nHost: kabar.example\r\n\r\n",
            response=head + raw,
            status=200,
            headers=(("Content-Type", "text/html; charset=utf-8"),),
            body=raw,
            ip="192.0.2.7",
        )
        blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=p) for p in paragraphs)
        article = Article(
            url=url, title=title, blocks=blocks, authors=("Redaksi",), language="id"
        )
        return exchange, article


class Ready:
    """Stands in for the extracting children: the article is known."""

    def __init__(self) -> None:
        """Know none yet."""
        self.articles: dict[str, Article] = {}

    async def extract(self, page: PageSource) -> Extraction:
        """Return what was said to be on the page."""
        verdict = Verdict(kind=VerdictKind.ARTICLE, evidence=("prose",))
        article = self.articles.pop(page.url)
        return Extraction(verdict=verdict, extractor="bench", article=article)


async def _no_part(url: str) -> Part:
    raise AssertionError(f"an article of one page asked for {url}")


def _hold(session: Session) -> None:
    """Hold whatever is held: nobody else is there."""


class Archive:
    """Keeps articles by the production code."""

    def __init__(self, means: Means, newsroom: Newsroom) -> None:
        """Take what a visit works with."""
        self.ready = Ready()
        self.means = replace(means, pool=self.ready)  # type: ignore[arg-type]
        self.newsroom = newsroom

    async def enter(self, count: int) -> list[Entered]:
        """Enter new links, as a list does, and return them with their pages."""
        pages = [self.newsroom.page() for _ in range(count)]

        def add(tx: Tx) -> list[Link]:
            links = [
                NewLink(
                    url=seen.url,
                    key=seen.url.removeprefix("https:"),
                    host=seen.url.split("/")[2],
                    kind=LinkKind.ARTICLE,
                    next_run=seen.started_at,
                )
                for seen, _ in pages
            ]
            add_links(tx.session, links, source=None, found_on=None, now=_START)
            found = [find_link(tx.session, link.key) for link in links]
            return [link_of(tx.session, row.id) for row in found if row and row.id]

        links = await self.means.writer.run(add)
        return [
            (link, seen, article)
            for link, (seen, article) in zip(links, pages, strict=True)
        ]

    async def keep(self, link: Link, seen: Exchange, article: Article) -> None:
        """Keep one article: its capture, then its version."""
        self.ready.articles[seen.url] = article
        attended = Attended(link=link, robots_line="", full=True)
        capture = await keep_exchanges(self.means, _hold, [seen], attended)
        await read_article(
            self.means, link, seen, capture, _hold, _no_part, render=None, judge=None
        )

    async def keep_all(self, groups: Sequence[Sequence[Entered]]) -> None:
        """Keep groups one after the other, those of a group side by side."""
        for group in groups:
            await asyncio.gather(*(self.keep(*one) for one in group))


class Bare:
    """A file that is appended to and synced, and a table with one index."""

    def __init__(self, folder: Path) -> None:
        """Make both."""
        self._file = os.open(folder / "bare.warc", os.O_WRONLY | os.O_CREAT)
        self._database = sqlite3.connect(
            folder / "bare.sqlite3", isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS article"
            " (id INTEGER PRIMARY KEY, url TEXT UNIQUE, title TEXT, text TEXT)"
        )

    async def keep_all(self, groups: Sequence[Sequence[Entered]]) -> None:
        """Append and insert groups of pages, a commit each."""
        for group in groups:
            await asyncio.to_thread(self._keep, group)

    def _keep(self, pages: Sequence[Entered]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        for _, seen, article in pages:
            os.write(self._file, capture_records(seen).response)
            self._insert(seen.url, article.title, article.text)
        os.fdatasync(self._file)
        self._database.execute("COMMIT")

    def fill(self, count: int) -> None:
        """Insert rows until there are so many."""
        (have,) = self._database.execute("SELECT count(*) FROM article").fetchone()
        self._database.execute("BEGIN IMMEDIATE")
        for n in range(have, count):
            self._insert(
                f"https://kabar-{n % 500}.example/lama/{n}", "lama", "kata " * 60
            )
        self._database.execute("COMMIT")

    def _insert(self, url: str, title: str, words: str) -> None:
        self._database.execute(
            "INSERT INTO article (url, title, text) VALUES (?, ?, ?)",
            (url, title, words),
        )


#: How the columns of a copied row differ from the original's, where they do.
_COPIES: dict[str, dict[str, str]] = {
    "link": {
        "id": "id + :by",
        "url": "url || '-' || :copy",
        "key": "key || '-' || :copy",
    },
    "capture": {
        "id": "id + :by",
        "link_id": "link_id + :by",
        "url": "url || '-' || :copy",
        "payload_sha256": "payload_sha256 || :copy",
        "surt": "surt || '-' || :copy",
    },
    "article": {
        "id": "id + :by",
        "link_id": "link_id + :by",
        "key": "key || '-' || :copy",
        "url": "url || '-' || :copy",
    },
    "version": {
        "id": "id + :by",
        "article_id": "article_id + :by",
        "capture_id": "capture_id + :by",
        "story_sha256": "substr(story_sha256, 1, 58) || printf('%06d', :copy)",
    },
    "fingerprint": {
        "article_id": "article_id + :by",
        "anchor_id": "anchor_id + :by",
    },
    "fingerprint_band": {
        "article_id": "article_id + :by",
        "hash": "hash + :copy * 7046029254386353",
    },
    "search_text": {
        "article_id": "article_id + :by",
        "body": "replace(body, ' ', :copy || ' ')",
    },
}


def multiply(connection: Connection, originals: int, copy: int) -> None:
    """Copy the rows of the first articles once more, all of them different.

    Args:
        connection: Of the writing engine; the rows stand in this transaction.
        originals: Rows of these ids are copied, 1 to this.
        copy: Which copy it is, from 1 on.
    """
    tables = [t for t in SQLModel.metadata.sorted_tables if t.name in _COPIES]
    for place, table in enumerate(tables):
        changes = _COPIES[table.name]
        names = [f'"{column.name}"' for column in table.columns]
        values = [changes.get(name.strip('"'), name) for name in names]
        rows = f"{next(iter(changes))} BETWEEN 1 AND :last"
        copying = (
            f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608  # our own
            f" SELECT {', '.join(values)} FROM {table.name} WHERE {rows}"
        )
        # Kept side by side, an article's rows may differ a little in their numbers.
        last = originals - place * 4 * AT_ONCE
        connection.execute(
            text(copying), {"by": copy * 10 * BY_HAND, "copy": copy, "last": last}
        )


async def fill(archive: Archive, count: int) -> None:
    """Fill an empty archive with so many articles."""
    for at in range(0, min(count, BY_HAND), BLOCK):
        chunk = min(BLOCK, count - at)
        await archive.keep_all([await archive.enter(chunk)])
    for copy in range(1, count // BY_HAND):
        await archive.means.writer.run(
            lambda tx, copy=copy: multiply(tx.session.connection(), BY_HAND, copy)
        )
        if copy % 10 == 0:
            print(f"  {copy * BY_HAND:,} of {count:,}", flush=True)
    await archive.means.writer.run(
        lambda tx: tx.session.connection().exec_driver_sql(
            "INSERT INTO search_index(search_index) VALUES ('optimize')"
        )
    )


@dataclass(frozen=True)
class Place:
    """An archive of some size, and the bare one of the same size beside it."""

    articles: int
    archive: Archive
    bare: Bare


async def measure(places: Sequence[Place], rounds: int) -> list[dict[str, Any]]:
    """Keep blocks of articles in turns, in each archive, ours and bare.

    Returns:
        For each archive the medians, and those of what a block cost over one in the
        first archive in the same turn.
    """
    costs: dict[str, list[Cost]] = defaultdict(list)
    for _ in range(rounds):
        for place in places:
            for size in (1, AT_ONCE):
                block = await place.archive.enter(BLOCK)
                groups = [block[at : at + size] for at in range(0, BLOCK, size)]
                ours = await _timed(place.archive.keep_all(groups))
                bare = await _timed(place.bare.keep_all(groups))
                costs[f"{place.articles} ours {size}"].append(ours)
                costs[f"{place.articles} bare {size}"].append(bare)
    return [_figures(costs, place.articles, places[0].articles) for place in places]


def _figures(
    costs: Mapping[str, Sequence[Cost]], articles: int, least: int
) -> dict[str, Any]:
    figures: dict[str, Any] = {"articles": articles}
    for size in (1, AT_ONCE):
        ours = costs[f"{articles} ours {size}"]
        bare = costs[f"{articles} bare {size}"]
        first = costs[f"{least} ours {size}"]
        figures |= {
            f"ms_{size}": median(c.wall for c in ours),
            f"cpu_ms_{size}": median(c.cpu for c in ours),
            f"bare_ms_{size}": median(c.wall for c in bare),
            f"over_bare_{size}": _ratio([c.wall for c in ours], [c.wall for c in bare]),
            f"growth_{size}": _ratio([c.wall for c in ours], [c.wall for c in first]),
            f"cpu_growth_{size}": _ratio([c.cpu for c in ours], [c.cpu for c in first]),
        }
    return {name: round(value, 3) for name, value in figures.items()}


def _ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    return median(a / b for a, b in zip(ones, others, strict=True))


async def _timed(work: Awaitable[None]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return Cost(
        (time.perf_counter() - wall) * 1000 / BLOCK,
        (time.process_time() - cpu) * 1000 / BLOCK,
    )


async def run(folder: Path, levels: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """Fill an archive to each number of articles, unless it is, and measure in all.

    Archives that were filled before may be used again: what is kept then is new.
    """
    async with AsyncExitStack() as stack:
        places = []
        for level in levels:
            config = Config.model_validate(
                {
                    "identity": {"name": "Bench", "contact": "bench@localhost"},
                    "storage": {"folder": str(folder / f"{level}"), "disk_floor": 1},
                }
            )
            service = await stack.enter_async_context(open_service(config))
            kept = await service.means.writer.run(_newest)
            archive = Archive(service.means, Newsroom(kept + 1, kept))
            if not kept:
                await fill(archive, level)
            bare = Bare(folder / f"{level}")
            bare.fill(level)
            places.append(Place(level, archive, bare))
        await measure(places, 1)  # pages of the index come into memory
        return await measure(places, rounds)


def _newest(tx: Tx) -> int:
    """Return the highest number of an article; 0 without one."""
    newest = "SELECT coalesce(max(id), 0) FROM article"
    return int(tx.session.execute(text(newest)).scalar_one())


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="keep", description=__doc__)
    parser.add_argument("--levels", default="1000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args(argv)
    levels = [int(level) for level in args.levels.split(",")]
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(run(Path(name), levels, args.rounds))
    for figures in found:
        print("  ".join(f"{name} {value}" for name, value in figures.items()))
    broken = any(found[-1][f"growth_{n}"] >= GROWTH_MOST for n in (1, AT_ONCE))
    print(json.dumps({"benchmark": "keep", "levels": found, "broken": broken}))
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
