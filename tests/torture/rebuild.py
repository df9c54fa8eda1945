"""Delete the database and make it again from the WARC files: all of it is equal.

The demo web is crawled through several editions, with articles that change, go and come
back, a live blog and one on several pages; a re-extraction is promoted, another rolled
back; the last file is left open, with a torn record. Then the rows of before and of
after are compared field by field, by what outlives their ids.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, select

from crawler.config import Config
from crawler.daemon import run_once
from crawler.demo.server import NewsWeb
from crawler.rebuild.rebuilding import Rebuilt, rebuild
from crawler.service import open_service
from storage.documents import document_sha256
from storage.fixity import verify
from storage.folder import DATABASE, DataFolder
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.reextraction import NewReading, promote, roll_back
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    FormerVersionRow,
    HostRow,
    LinkRow,
    PartRow,
    RecordRow,
    ReextractionRow,
    SearchRow,
    SegmentRow,
    SourceRow,
    VersionRow,
)
from storage.writer import Tx
from tests.torture.world import read_config, write_config

#: Seconds of the demo at which it is crawled: changes, an article that hides, one gone.
EDITIONS = (0.0, 200.0, 320.0, 430.0, 500.0, 650.0)
FEW_EDITIONS = (0.0, 250.0, 430.0, 650.0)
TABLES: tuple[type[SQLModel], ...] = (
    SegmentRow,
    CaptureRow,
    SourceRow,
    LinkRow,
    ArticleRow,
    VersionRow,
    PartRow,
    SearchRow,
    ReextractionRow,
    FormerVersionRow,
    RecordRow,
)
#: What is learned again, or says when the database itself was made.
RELEARNED: Mapping[type[SQLModel], frozenset[str]] = {
    LinkRow: frozenset(
        [
            "next_run",
            "haste",
            "interval_s",
            "rhythm",
            "pull",
            "attempts",
            "failures",
            "etag",
            "last_modified",
            "full_at",
            "validators_lied_at",
            "robots_line",
            "reason",
        ]
    ),
    SourceRow: frozenset({"created_at", "tally", "boost_until"}),
    SegmentRow: frozenset({"sealed_at"}),
}
Facts = dict[str, dict[Any, dict[str, Any]]]


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Crawl, delete, rebuild, compare."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        return _run(args, dice, Path(name)) | {
            "seconds": round(time.monotonic() - started, 1)
        }


def _run(
    args: argparse.Namespace, dice: random.Random, place: Path
) -> dict[str, object]:
    sites, articles = (1, 4) if args.smoke else (7, 12)
    editions = FEW_EDITIONS if args.smoke else EDITIONS
    config = asyncio.run(_crawl(place, sites, articles, editions))
    asyncio.run(_read_again(config, dice))
    folder = DataFolder(config.storage.folder)
    before = facts(folder)
    _delete(folder)
    _tear(folder)
    began = time.monotonic()
    made = rebuild(
        config, folder.path, datetime.now(UTC), lambda *_: None, replace=False
    )
    took = time.monotonic() - began
    asyncio.run(_start(config))
    after = facts(folder)
    wrong = differences(before, after)
    damages = _verified(folder)
    changes = Counter(row["change"] for row in before["version"].values())
    return {
        "compared": {table: len(rows) for table, rows in before.items()},
        "changes": dict(changes),
        "gone": sum(row["state"] == "gone" for row in before["article"].values()),
        "formers": len(before["former_version"]),
        "parts": len(before["version_part"]),
        "revisits": sum(
            row["revisit_of"] is not None for row in before["capture"].values()
        ),
        "equal_share": _share(before, wrong),
        "different": len(wrong),
        "samples": wrong[:10],
        "unread": made.unread,
        "rebuild_seconds": round(took, 1),
        "broken": _broken(wrong, made, damages, before),
    }


def _broken(wrong: list[str], made: Rebuilt, damages: int, before: Facts) -> list[str]:
    seen = {
        "rows differ": bool(wrong),
        "damage told where there was none": bool(made.damages),
        "verify finds damage": bool(damages),
        "no second version": len(before["version"]) <= len(before["article"]),
        "no former version": not before["former_version"],
        "no joined parts": not before["version_part"],
    }
    return [what for what, is_so in seen.items() if is_so]


def _share(before: Facts, wrong: list[str]) -> float:
    total = sum(len(rows) for rows in before.values())
    rows = {line.split(".")[0] for line in wrong}
    return round(1 - len(rows) / total, 6)


async def _crawl(
    place: Path, sites: int, articles: int, editions: Sequence[float]
) -> Config:
    second = 0.0
    async with NewsWeb(clock=lambda: second, articles=articles) as web:
        watched = (*web.sites[:sites], web.magazine)
        manners = {"delay": "0s", "poll": "1s", "revisit": "1s"}
        config = read_config(write_config(place, watched, manners))
        for second in editions:
            if second:
                _make_due(config)
            await run_once(config)
    return config


def _make_due(config: Config) -> None:
    """Let everything be due that runs again, as if its time had come."""
    engine = writing_engine(sqlite_url(config.storage.folder))
    now = datetime.now(UTC)
    with Session(engine) as session:
        again = col(LinkRow.next_run).is_not(None)
        session.exec(update(LinkRow).where(again).values(next_run=now, haste="by hand"))
        session.exec(update(HostRow).values(free_at=now))
        session.commit()
    engine.dispose()


async def _read_again(config: Config, dice: random.Random) -> None:
    """Promote a run over some articles, another over others, and roll that back."""
    async with open_service(config) as service:
        now = service.means.now()
        for name in ("first", "second"):

            def put(tx: Tx, name: str = name) -> None:
                promote(tx.session, name, _readings(tx.session, name, dice), now)

            await service.means.writer.run(put)
        await service.means.writer.run(lambda tx: roll_back(tx.session, "second", now))


def _readings(session: Session, name: str, dice: random.Random) -> list[NewReading]:
    rows = session.exec(select(VersionRow)).all()
    return [
        NewReading(
            version_id=row.id or 0,
            was_sha256=document_sha256(row.document),
            document=row.document | {"section": f"read by {name}"},
            extractor=name,
        )
        for row in rows
        if dice.random() < 0.4
    ]


def _delete(folder: DataFolder) -> None:
    for path in folder.path.glob(f"{DATABASE}*"):
        path.unlink()


def _tear(folder: DataFolder) -> None:
    """Leave the last file as a killed process does: open, with half a record."""
    last = max(folder.warc.iterdir())
    whole = last.read_bytes()
    last.with_name(f"{last.name}.open").write_bytes(whole + whole[:300])
    last.unlink()


async def _start(config: Config) -> None:
    async with open_service(config):
        pass


def _verified(folder: DataFolder) -> int:
    engine = reading_engine(sqlite_url(folder.path))
    with Session(engine) as session:
        damages = len(list(verify(folder, session, full=True)))
    engine.dispose()
    return damages


def facts(folder: DataFolder) -> Facts:
    """Return all rows, by what outlives their ids."""
    engine = reading_engine(sqlite_url(folder.path))
    with Session(engine) as session:
        names = _names(session)
        found = {
            str(table.__tablename__): dict(
                _fact(row, names) for row in session.exec(select(table)).all()
            )
            for table in TABLES
        }
    engine.dispose()
    return found


def differences(before: Facts, after: Facts) -> list[str]:
    """Return what is not equal: the row, the column, what it was and is."""
    wrong = []
    for table, rows in before.items():
        for key in rows.keys() | after[table].keys():
            was, now = rows.get(key, {}), after[table].get(key, {})
            wrong += [
                f"{table} {key}.{name}: {was.get(name)!r} is {now.get(name)!r}"
                for name in was.keys() | now.keys()
                if was.get(name) != now.get(name)
            ]
    return sorted(wrong)


def _names(session: Session) -> dict[str, dict[Any, Any]]:
    """Return for each kind of id what outlives it."""
    links = {row.id: row.key for row in session.exec(select(LinkRow))}
    articles = {row.id: links[row.link_id] for row in session.exec(select(ArticleRow))}
    captures = {
        row.id: (row.segment, row.offset) for row in session.exec(select(CaptureRow))
    }
    versions = {
        row.id: (articles[row.article_id], row.number)
        for row in session.exec(select(VersionRow))
    }
    sources = {row.id: row.name for row in session.exec(select(SourceRow))}
    return {
        "link_id": links,
        "found_on": links,
        "alias_of": links,
        "article_id": articles,
        "capture_id": captures,
        "revisit_of": captures,
        "rendered_from": captures,
        "version_id": versions,
        "source_id": sources,
    }


_KEYS: Mapping[str, tuple[str, ...]] = {
    "segment": ("name",),
    "capture": ("segment", "offset"),
    "source": ("name",),
    "link": ("key",),
    "article": ("link_id",),
    "version": ("article_id", "number"),
    "version_part": ("version_id", "number"),
    "search_text": ("article_id",),
    "reextraction": ("name",),
    "former_version": ("run", "version_id"),
    "record": ("segment", "offset"),
}


def _fact(
    row: SQLModel, names: dict[str, dict[Any, Any]]
) -> tuple[Any, dict[str, Any]]:
    values = {
        name: names[name].get(value) if name in names else value
        for name, value in row.model_dump().items()
        if name not in RELEARNED.get(type(row), ())
        and not (name == "id" and not isinstance(row, ArticleRow))
    }
    if isinstance(row, CaptureRow) and row.verdict is None:
        del values["extracted_at"]  # a list's: only whether it is read again counts
    key = tuple(values[name] for name in _KEYS[str(row.__tablename__)])
    return key, values
