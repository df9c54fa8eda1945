"""Damage archived files at random: `verify` finds all of it and says what is touched.

A real crawl makes the archive: sealed files, and an open one as a killed service leaves
it. Then each time one file is damaged in one place, verified and mended: a bit is
flipped, the end is cut off, a piece is overwritten, the file is removed. What must be
named is known from where the damage is: the file, the record, and the capture and
article that the record belongs to.
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
from pathlib import Path

from sqlmodel import Session, select

from storage.fixity import Damage, verify
from storage.folder import DataFolder
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import ArticleRow, CaptureRow, PartRow, SegmentRow, VersionRow
from storage.warc.reader import walk
from tests.torture.world import news_web, read_config, start_service, write_config

MANNERS = {"delay": "0s", "poll": "1s", "revisit": "2s"}
CRAWLS = 3
SECONDS = 4.0
PIECE = 64
HEADER = 10


@dataclass(frozen=True)
class Record:
    """A record of a file, and what was read from it."""

    segment: str
    offset: int
    length: int
    capture_id: int | None
    article_url: str | None


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Damage `args.times` times; every one must be found and attributed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = asyncio.run(_crawl(Path(name)))
        engine = reading_engine(sqlite_url(folder.path))
        with Session(engine) as session:
            records = list(_records(folder, session))
            sound = list(verify(folder, session, full=True))
            missed: list[str] = []
            found = Counter[str]()
            for turn in range(args.times):
                way = dice.choice(list(WAYS))
                record = dice.choice(records)
                with WAYS[way](folder, record, dice) as place:
                    told = list(verify(folder, session, full=True))
                if why := _missing(way, record, told):
                    missed.append(f"{way} at {place} of {record}: {why}")
                found[way] += 1
                if (turn + 1) % 100 == 0:
                    print(f"{turn + 1} damages, {len(missed)} missed", flush=True)
            mended = list(verify(folder, session, full=True))
        engine.dispose()
    return {
        "damages": dict(found),
        "records": len(records),
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
            service = await asyncio.to_thread(start_service, path)
            await asyncio.sleep(SECONDS)
            service.kill()
    return DataFolder(read_config(path).storage.folder)


def _records(folder: DataFolder, session: Session) -> Iterator[Record]:
    """Yield all records that were acknowledged, with what belongs to them."""
    owners = _owners(session)
    for segment in session.exec(select(SegmentRow)):
        path = folder.segment(segment.name)
        assert path is not None
        for place in walk(path):
            if segment.state == "open" and place.offset >= (segment.size or 0):
                break
            capture, article = owners.get((segment.name, place.offset), (None, None))
            yield Record(segment.name, place.offset, place.length, capture, article)


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
    return owners


def _missing(way: str, record: Record, told: list[Damage]) -> str | None:
    """Return what `verify` did not say of a damage, or None."""
    of_file = [damage for damage in told if damage.file == record.segment]
    if not of_file:
        return "not found"
    if way == "removed":
        touched = [damage for damage in of_file if damage.capture_id is not None]
        return None if touched or record.capture_id is None else "no capture is named"
    of_record = [d for d in of_file if d.offset == record.offset]
    if record.capture_id is None:
        return None if of_record else "the record is not named"
    named = [d for d in of_record if d.capture_id == record.capture_id]
    if not named:
        return "the capture is not named"
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
    path = folder.segment(record.segment)
    assert path is not None
    whole = path.read_bytes()
    try:
        yield path
    finally:
        path.write_bytes(whole)


WAYS = {
    "bit flipped": _flipped,
    "bit of a gzip header flipped": _header_flipped,
    "piece overwritten": _overwritten,
    "end cut off": _cut,
    "removed": _removed,
}
