"""Read one shard: every page of it, into one Parquet file. It knows no database.

The same order makes the same file, wherever it is carried out; where the file is there
already nothing is done. Pages are extracted as all are, in a child that may be killed.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from crawler.bulk.orders import Order
from crawler.bulk.pages import Page, read_pages
from crawler.bulk.readings import Damage, PageRead, Readings, writing
from crawler.errors import ExtractFailed, UsageError
from crawler.extract.children.pool import ExtractPool
from crawler.extract.source import Hint, PageSource
from crawler.imports.answers import taken
from crawler.imports.warc import Readable, record_by_record
from crawler.kept.captures import kept_exchange
from crawler.reading.page import Prior, source_of
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.warc.foreign import Answer, Passed

#: Pages in memory at a time.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a shard came to.

    Attributes:
        file: The file of its readings.
        pages: Its pages.
        failed: How many of them were not read.
        damaged: How many places of a WARC file of others cannot be read.
        first_damage: The first of them: its offset, and why; empty for none.
    """

    file: str
    pages: int
    failed: int
    damaged: int = 0
    first_damage: str = ""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A page that is to be read; without a source it cannot be."""

    page: PageRead
    source: PageSource | None = None


async def read_shard(order: Order, pool: ExtractPool) -> Read:
    """Read a shard and put its file on the shelf, unless it is there.

    Raises:
        UsageError: what reads or writes is not installed, or the run was given up.
        OSError: the WARC file, or the shelf, cannot be read or written.
        StorageError: an object store does not answer.
    """
    shelf = order.shelf
    if order.file not in await asyncio.to_thread(shelf.names):
        with shelf.new(order.file) as path:
            await _read_into(path, order, pool)
            _refuse_given_up(order)
    return await asyncio.to_thread(told_of, order)


def told_of(order: Order) -> Read:
    """Return what the file of a shard that was read says of it.

    Raises:
        FileNotFoundError: it was not read.
    """
    with order.shelf.open(order.file) as file:
        readings = Readings(file)
        return Read(
            file=order.file,
            pages=readings.pages,
            failed=readings.failed,
            damaged=readings.damage.places,
            first_damage=readings.damage.first,
        )


async def _read_into(path: Path, order: Order, pool: ExtractPool) -> None:
    with writing(path) as written, _opened(order, written.damage) as pages:
        while batch := await asyncio.to_thread(lambda: list(islice(pages, _AT_ONCE))):
            read = await asyncio.gather(*(_read(one, pool) for one in batch))
            await asyncio.to_thread(written.add, read)


async def _read(opened: _Opened, pool: ExtractPool) -> PageRead:
    page, source = opened.page, opened.source
    if source is None:
        return page
    try:
        return replace(page, extraction=await pool.extract(source))
    except ExtractFailed as error:
        return replace(page, failed=str(error))


def _refuse_given_up(order: Order) -> None:
    """Refuse to put a file where its run has ended: nobody would remove it."""
    if order.pages is not None and order.pages not in order.shelf.names():
        raise UsageError("the run was given up meanwhile")


@contextmanager
def _opened(order: Order, damage: Damage) -> Iterator[Iterator[_Opened]]:
    if order.pages is None:
        with _warc(order) as file:
            yield _foreign_pages(order, file, damage)
        return
    with _folder(order) as folder, order.shelf.open(order.pages) as lines:
        yield (_kept_page(order, folder, page) for page in read_pages(lines))


@contextmanager
def _folder(order: Order) -> Iterator[DataFolder]:
    """Give the archive's data folder; on another machine only its store is there."""
    away = order.store.open() if order.store is not None else None
    if Path(order.place).is_dir():
        yield DataFolder(Path(order.place), away)
        return
    with tempfile.TemporaryDirectory(prefix="kliping-") as empty:
        yield DataFolder(Path(empty), away)


@contextmanager
def _warc(order: Order) -> Iterator[Readable]:
    """Give the WARC file of others, a record a member; fetched if it is in a store."""
    with tempfile.TemporaryDirectory(prefix="kliping-") as folder:
        path = Path(order.place)
        if order.store is not None:
            path = Path(folder) / order.shard
            order.store.open().fetch(order.place, path)
        with record_by_record(path, Path(folder)) as readable:
            yield readable


def _kept_page(order: Order, folder: DataFolder, page: Page) -> _Opened:
    row = page.row
    read = PageRead(
        url=row.url,
        captured_at=row.fetched_at,
        payload_sha256=row.payload_sha256,
        status=row.status,
        record_id=row.record_id,
        warc_file=row.segment,
        warc_offset=row.offset,
    )
    try:
        answer = kept_exchange(folder, order.limits, row)
    except CorruptRecord as error:
        return _Opened(replace(read, failed=str(error)))
    return _Opened(read, source_of(answer, page.prior))


def _foreign_pages(order: Order, file: Readable, damage: Damage) -> Iterator[_Opened]:
    """Yield the whole pages of HTML of a file, and note its damage.

    Revisits are for who has the originals.
    """
    for place in file.places(order.shard):
        match place.found:
            case Answer(repeats=False) as answer:
                if (opened := _foreign_page(order, answer)) is not None:
                    yield opened
            case Passed(damaged=True, offset=offset, why=why):
                damage.note(f"at {offset}: {why}")
            case _:
                pass  # of another kind, and counted by who takes the pages in


def _foreign_page(order: Order, answer: Answer) -> _Opened | None:
    exchange = taken(answer, answer.block, order.limits)
    if isinstance(exchange, str):
        return None
    source = source_of(exchange, Prior(hint=Hint()))
    page = PageRead(
        url=source.url,
        captured_at=source.captured_at,
        payload_sha256=hashlib.sha256(source.body).hexdigest(),
        status=source.status,
        record_id=answer.record.record_id,
        warc_file=order.shard,
        warc_offset=None,
    )
    return _Opened(page, source)
