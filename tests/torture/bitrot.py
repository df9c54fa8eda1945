"""Damage archived files at random: `verify` finds all of it and says what is touched.

A real crawl makes the archive: sealed files with their indexes, and an open one as a
killed service leaves it; its days are sealed. Then each time one file is damaged in one
place, verified and mended: a bit is flipped, the end is cut off, a piece is overwritten,
the file is removed. What must be named is known from where the damage is: the file, the
record, and the capture and article that the record belongs to; of an index and of a
day's file, that file.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from crawler.service.opening import open_service
from storage.days.checking import check_days
from storage.days.files import day_files
from storage.days.sealing import enter_day, next_day
from storage.fixity import Damage, verify
from storage.folder import DataFolder
from storage.notes.record import is_note
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    PartRow,
    RecordRow,
    SegmentRow,
    VersionRow,
)
from storage.warc.reader import walk
from tests.torture.world import news_web, read_config, start_service, write_config

#: Every so-manyeth damage is of an index or a day's file.
BESIDE = 5
MANNERS = {"delay": "0s", "poll": "1s", "revisit": "2s"}
CRAWLS = 3
SECONDS = 4.0
PATIENCE = 40.0
PIECE = 64
HEADER = 10


@dataclass(frozen=True)
class Record:
    """A record of a file, and what was read from it.

    Of an index or a day's file, all of it is one record.
    """

    segment: str
    offset: int
    length: int
    capture_id: int | None
    article_url: str | None
    kind: str = "capture"

    @property
    def is_note(self) -> bool:
        return self.kind == "note"


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Damage `args.times` times; every one must be found and attributed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = asyncio.run(_crawl(Path(name)))
        engine = reading_engine(sqlite_url(folder.path))
        with Session(engine) as session:
            records = list(_records(folder, session))
            beside = list(_beside(folder))
            sound = _told(folder, session)
            missed: list[str] = []
            found, kinds = Counter[str](), Counter[str]()
            for turn in range(args.times):
                record = dice.choice(beside if turn % BESIDE == 0 else records)
                way = dice.choice(ways_of(record))
                with WAYS[way](folder, record, dice) as place:
                    told = _told(folder, session)
                if why := _missing(way, record, told):
                    missed.append(f"{way} at {place} of {record}: {why}")
                found[way] += 1
                kinds[record.kind] += 1
                if (turn + 1) % 100 == 0:
                    print(f"{turn + 1} damages, {len(missed)} missed", flush=True)
            mended = _told(folder, session)
        engine.dispose()
    return {
        "damages": dict(found),
        "of": dict(kinds),
        "records": len(records),
        "notes": sum(record.is_note for record in records),
        "files beside": len(beside),
        "segments": len({record.segment for record in records}),
        "of captures": sum(record.capture_id is not None for record in records),
        "of articles": sum(record.article_url is not None for record in records),
        "missed": len(missed),
        "samples": missed[:5],
        "seconds": round(time.monotonic() - started, 1),
        "broken": ["missed"] * bool(missed)
        + ["damage before it was made"] * bool(sound)
        + ["damage after it was mended"] * bool(mended)
        + ["nothing archived"] * (not any(r.article_url for r in records)),
    }


async def _crawl(place: Path) -> DataFolder:
    """Crawl the fake news web, killed each time, so that an open file is left."""
    with news_web(40.0) as web:
        path = write_config(place, web.sites[:2], MANNERS)
        for _ in range(CRAWLS):
            await _crawl_and_kill(path)
        config = read_config(path)
        async with open_service(config) as service:
            await service.index_segments()
        await _crawl_and_kill(path)
    folder = DataFolder(config.storage.folder)
    _seal_days(folder)
    return folder


async def _crawl_and_kill(path: Path) -> None:
    """Crawl a while, on a slow machine until something is archived."""
    service = await asyncio.to_thread(start_service, path)
    deadline = time.monotonic() + PATIENCE
    await asyncio.sleep(SECONDS)
    while not service.acknowledged and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    service.kill()


def _seal_days(folder: DataFolder) -> None:
    """Put what there is under roots, as if two days had gone by."""
    engine = writing_engine(sqlite_url(folder.path))
    with Session(engine) as session:
        while sealed := next_day(folder, session, datetime.now(UTC) + timedelta(2)):
            enter_day(session, sealed, "")
            session.commit()
    engine.dispose()


def _told(folder: DataFolder, session: Session) -> list[Damage]:
    """Return what `verify --full` tells."""
    return [*verify(folder, session, full=True), *check_days(folder, session)]


def _beside(folder: DataFolder) -> Iterator[Record]:
    """Yield the indexes and the days' files."""
    for kind, paths in (
        ("index", sorted(folder.warc.glob("*.cdxj"))),
        ("day", day_files(folder.fixity)),
    ):
        for path in paths:
            name = str(path.relative_to(folder.path)).removeprefix("warc/")
            yield Record(name, 0, path.stat().st_size, None, None, kind)


def _records(folder: DataFolder, session: Session) -> Iterator[Record]:
    """Yield all records that were acknowledged, with what belongs to them."""
    owners = _owners(session)
    for segment in session.exec(select(SegmentRow)):
        path = folder.segment(segment.name)
        assert path is not None
        for place in walk(path):
            if segment.state == "open" and place.offset >= (segment.size or 0):
                break
            at = (segment.name, place.offset)
            kind = "capture" if at in owners else "other"
            if place.record is not None and is_note(place.record):
                kind = "note"
            owner = owners.get(at, (None, None))
            yield Record(segment.name, place.offset, place.length, *owner, kind)


def _owners(session: Session) -> dict[tuple[str, int], tuple[int | None, str | None]]:
    articles: dict[int, str] = {}
    versions = select(VersionRow, ArticleRow.url).join(
        ArticleRow, ArticleRow.id == VersionRow.article_id
    )
    for version, url in session.exec(versions):
        parts = select(PartRow.capture_id).where(PartRow.version_id == version.id)
        for capture in (version.capture_id, *session.exec(parts)):
            if capture is not None:
                articles[capture] = url
    owners: dict[tuple[str, int], tuple[int | None, str | None]] = {}
    for row in session.exec(select(CaptureRow)):
        owner = (row.id, articles.get(row.id or 0))
        owners[row.segment, row.offset] = owner
        if row.rendered_from is None:
            owners[row.segment, row.request_offset] = owner
    notes = select(RecordRow, ArticleRow.url).outerjoin(
        ArticleRow, ArticleRow.link_id == RecordRow.link_id
    )
    for note, url in session.exec(notes):
        owners[note.segment, note.offset] = (note.capture_id, url)
    return owners


def _missing(way: str, record: Record, told: list[Damage]) -> str | None:
    """Return what `verify` did not say of a damage, or None."""
    of_file = [damage for damage in told if damage.file == record.segment]
    if not of_file:
        return "not found"
    if record.kind in {"index", "day"}:
        return None
    if way == "removed":
        touched = [damage for damage in of_file if damage.capture_id is not None]
        return None if touched or record.capture_id is None else "no capture is named"
    of_record = [d for d in of_file if d.offset == record.offset]
    named = [d for d in of_record if d.capture_id == record.capture_id]
    if not named:
        return (
            "the record is not named" if not of_record else "the capture is not named"
        )
    if record.article_url and all(d.article_url is None for d in named):
        return "the article is not named"
    return None


@contextmanager
def _flipped(folder: DataFolder, record: Record, dice: random.Random) -> Iterator[int]:
    with _flip(
        folder, record, record.offset + dice.randrange(record.length), dice
    ) as at:
        yield at


@contextmanager
def _header_flipped(
    folder: DataFolder, record: Record, dice: random.Random
) -> Iterator[int]:
    """Flip a bit of a gzip header, which no checksum of gzip is over."""
    with _flip(folder, record, record.offset + dice.randrange(HEADER), dice) as at:
        yield at


@contextmanager
def _flip(
    folder: DataFolder, record: Record, at: int, dice: random.Random
) -> Iterator[int]:
    with _restored(folder, record) as path, path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << dice.randrange(8))]))
        file.flush()
        yield at


@contextmanager
def _overwritten(
    folder: DataFolder, record: Record, dice: random.Random
) -> Iterator[int]:
    at = record.offset + dice.randrange(max(1, record.length - PIECE))
    with _restored(folder, record) as path, path.open("r+b") as file:
        file.seek(at)
        file.write(dice.randbytes(min(PIECE, record.offset + record.length - at)))
        file.flush()
        yield at


@contextmanager
def _cut(folder: DataFolder, record: Record, dice: random.Random) -> Iterator[int]:
    at = record.offset + dice.randrange(record.length)
    with _restored(folder, record) as path, path.open("r+b") as file:
        file.truncate(at)
        yield at


@contextmanager
def _removed(folder: DataFolder, record: Record, dice: random.Random) -> Iterator[int]:
    del dice
    with _restored(folder, record) as path:
        path.unlink()
        yield 0


@contextmanager
def _restored(folder: DataFolder, record: Record) -> Iterator[Path]:
    """Give a file to be damaged; put it back as it was."""
    path = folder.segment(record.segment) or folder.path / record.segment
    whole = path.read_bytes()
    try:
        yield path
    finally:
        path.write_bytes(whole)


def ways_of(record: Record) -> list[str]:
    """Return what may befall it; an index that is removed is made again."""
    return [way for way in WAYS if not (record.kind == "index" and way == "removed")]


WAYS = {
    "bit flipped": _flipped,
    "bit of a gzip header flipped": _header_flipped,
    "piece overwritten": _overwritten,
    "end cut off": _cut,
    "removed": _removed,
}
