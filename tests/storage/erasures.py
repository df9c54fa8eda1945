"""Erase from a filled archive, be killed at it, and search all bytes that are left."""

import json
import multiprocessing
import os
import random
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from crawler.kept.quoting import captures_quoting
from storage.failpoints import arm
from storage.folder import DataFolder
from storage.model.takedown import Depth, Ground
from storage.objects import Objects
from storage.recovery import recover
from storage.sql.articles import find_article
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.leading import ERASING, Lead
from storage.sql.takedowns import Wanted, reach, take_down
from storage.takedown.erasing import Eraser
from storage.uploading import Mirror
from storage.warc.cdxj import unindexed, write_cdxj
from storage.warc.record import read_member
from storage.warc.segment import Segment
from storage.writer import Writer
from tests.migrated import migrate_copy
from tests.objects import CREDENTIALS
from tests.storage.filling import START, WORD, Fill, Planted, lists
from tests.storage.kept import NOW

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])
_GZIP = 31
#: Every step at which an erasure is killed.
POINTS = (
    "after_intent",
    "mid_erase",
    "after_erase",
    "before_commit",
    "after_commit",
    "after_forget",
    "before_scrub",
    "after_scrub",
)


@dataclass(frozen=True)
class Open:
    """An archive that this process writes."""

    folder: DataFolder
    engine: Engine
    writer: Writer
    eraser: Eraser
    mirror: Mirror | None = None


@dataclass(frozen=True)
class There:
    """Where an object store is."""

    url: str
    endpoint: str | None = None

    def opened(self) -> Objects:
        return Objects(self.url, endpoint=self.endpoint, allow_http=True)


@contextmanager
def open_archive(
    path: Path,
    *,
    rotate_bytes: int = 4_000_000,
    there: There | None = None,
    shared: str = "",
) -> Iterator[Open]:
    """Open an archive to write, as a service does: lock, recover.

    Given the URL of a database that is `shared`, its folder is one node of several.
    """
    objects = there.opened() if there else None
    folder = DataFolder(path, objects, node=path.name if shared else "")
    with folder.lock({}):
        url = shared or sqlite_url(path)
        migrate_copy(url)
        engine, readers = writing_engine(url), reading_engine(url)
        with Session(engine) as session:
            recover(folder, session, NOW)
        writer = Writer(
            engine,
            lambda: Segment(folder.warc, software="Test/1", operator="test", now=NOW),
            now=lambda: NOW,
            rotate_bytes=rotate_bytes,
            node=folder.node,
        )
        mirror = objects and Mirror(
            folder=folder,
            objects=objects,
            writer=writer,
            session=lambda: Session(readers),
            now=lambda: NOW,
            keep_local=timedelta(0),
        )
        eraser = Eraser(
            folder=folder,
            writer=writer,
            session=lambda: Session(readers),
            now=lambda: NOW,
            mirror=mirror,
            quoting=partial(captures_quoting, folder, Limits()),
            turn=Lead(readers, ERASING),
        )
        try:
            yield Open(folder, engine, writer, eraser, mirror)
        finally:
            writer.close()
            engine.dispose()
            readers.dispose()


def fill(archive: Open, articles: int, dice: random.Random) -> list[Planted]:
    """Fill an archive with planted articles."""
    lists(archive.writer)
    return Fill(archive.writer, dice).run(articles)


def plant_leftovers(archive: Open, planted: Sequence[Planted]) -> None:
    """Leave what crashes and runs leave: ends of files, readings, also of shards."""
    folder = archive.folder
    runs = folder.path / "reextract"
    runs.mkdir(exist_ok=True)
    with archive.eraser.session() as session:
        lines = [_outcome(session, one) for one in planted]
    (runs / "20260301T060000Z.jsonl").write_text(
        "\n".join(['{"scope": 1}', *lines, '"done"', ""])
    )
    shards = folder.path / "bulk" / "20260301T060000Z"
    shards.mkdir(parents=True)
    (shards / "a.parquet").write_text("\n".join(lines))
    segment = next(folder.warc.glob("*.warc.gz*"))
    members = [one for _, one in _members(segment.read_bytes())]
    tail = b"".join(members) + members[-1][: len(members[-1]) // 2]
    (folder.quarantine / "a.warc.gz.tail-9").write_bytes(tail)
    for file in unindexed(folder.warc):
        write_cdxj(file)


def _outcome(session: Session, one: Planted) -> str:
    found = find_article(session, one.url)
    assert found is not None
    read = {"version_id": 1, "article_id": found.id, "title": sorted(one.words)}
    return json.dumps(read)


def begin(
    archive: Open,
    name: str,
    urls: Sequence[str],
    *,
    everywhere: bool,
    at: datetime = START,
) -> None:
    """Take articles down, to be erased."""
    wanted = Wanted(depth=Depth.ERASE, ground=Ground.LAW, everywhere=everywhere)
    archive.writer.submit(
        lambda tx: take_down(tx.session, name, wanted, reach(tx.session, urls), at)
    ).result(60)


def erase_and_die(
    path: Path,
    name: str,
    urls: Sequence[str],
    failpoint: str | None,
    there: There | None = None,
) -> int:
    """Erase in a process of its own that dies at a point; return its exit code."""
    process = _processes.Process(
        target=_erase, args=(path, name, urls, failpoint, there)
    )
    process.start()
    process.join(600)
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _erase(
    path: Path,
    name: str,
    urls: Sequence[str],
    failpoint: str | None,
    there: There | None,
) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.environ.update(CREDENTIALS if there else {})
    with open_archive(path, there=there) as archive:
        if urls:
            begin(archive, name, urls, everywhere=True)
        if failpoint:
            arm(failpoint)
        archive.eraser.finish()


def let_go(archive: Open) -> int:
    """Put all sealed files into the store; let all copies here go."""
    assert archive.mirror is not None
    for _ in range(2):  # a file is sealed after the commit that it was asked in
        archive.writer.submit(lambda _: None).result()
    for file in unindexed(archive.folder.warc):
        write_cdxj(file)
    archive.mirror.push()
    return archive.mirror.drop()


def words_left(folder: DataFolder) -> dict[str, set[str]]:
    """Return each file's planted words, by how their last ten digits read.

    Files are searched as they are, each gzip member unpacked, and each response's body
    decoded; a torn member as far as it unpacks.
    """
    found: dict[str, set[str]] = {}
    for path in sorted(folder.path.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            is_packed = ".warc.gz" in path.name and ".cdxj" not in path.name
            texts = [data, *_unpacked(data)] if is_packed else [data]
            for text in texts:
                for word in WORD.findall(text):
                    found.setdefault(word.decode(), set()).add(path.name)
    return found


def tails(planted: Sequence[Planted]) -> set[str]:
    """Return the last ten digits of all planted words of articles."""
    return {word[-12:-2] for one in planted for word in one.words}


def digests(folder: DataFolder) -> dict[tuple[str, int, int], str]:
    """Return the SHA-256 of every member of every file, by name, offset and length."""
    return {
        (path.name.removesuffix(".open"), offset, len(member)): sha256(
            member
        ).hexdigest()
        for path in folder.warc.iterdir()
        if path.name.removesuffix(".open").endswith(".warc.gz")
        for offset, member in _members(path.read_bytes())
    }


def _members(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset < len(data):
        unpacker = zlib.decompressobj(_GZIP)
        length = 0
        while not unpacker.eof:
            piece = data[offset + length : offset + length + 65536]
            unpacker.decompress(piece)
            length += len(piece) - len(unpacker.unused_data)
        yield offset, data[offset : offset + length]
        offset += length


def _unpacked(data: bytes) -> Iterator[bytes]:
    offset = 0
    while offset < len(data):
        unpacker = zlib.decompressobj(_GZIP)
        try:
            text = unpacker.decompress(data[offset:])
        except zlib.error:
            offset += 1
            offset = (data.find(b"\x1f\x8b\x08", offset) + 1 or len(data) + 1) - 1
            continue
        yield text
        length = len(data) - offset - len(unpacker.unused_data)
        if unpacker.eof and b"gzip\r\n" in text:
            record = read_member(data[offset : offset + length])
            if record.kind == "response":
                yield read_response(record.block, Limits()).body
        offset += length
