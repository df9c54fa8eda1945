"""Take WARC files into the archive: their pages first, in batches, then what they say.

The bytes go through the one writer into our own files, with where they are from; each
stands in the archive once, whatever is imported again. Pages are read as crawled ones are,
after all files, so that the pages of one article find each other. What is kept and not read
when the process ends is read by the next start.
"""

import asyncio
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from crawler.errors import BadUrl
from crawler.extract.children.pool import Extractor
from crawler.fetch.decode import dechunk
from crawler.fetch.limits import RenderLimits
from crawler.imports.answers import taken
from crawler.imports.nameless import nameless_file
from crawler.imports.wacz import TOO_LARGE, NoWarc, refuse_other_kinds
from crawler.kept.unread import read_one
from crawler.learning import ReadPage, learn_from
from crawler.means import Means
from crawler.reading.result import Reading
from crawler.sources.homes import Homes
from crawler.urls import fetch_url, host_key, url_key
from storage.errors import CorruptRecord
from storage.kept import read_record
from storage.model.exchange import Exchange
from storage.model.link import Link, NewLink
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.bars import barred
from storage.sql.captures import (
    KeptRecords,
    add_capture,
    add_rendering,
    captures_until,
    is_kept,
    read_anew,
    recorded_capture,
    unread_in_time,
)
from storage.sql.ledger import add_links, find_link, link_of
from storage.sql.records import add_strays
from storage.sql.tables import CaptureRow
from storage.warc.capture import (
    CaptureRecords,
    capture_records,
    conversion_named,
    revisit_records,
)
from storage.warc.foreign import Answer, Passed, Place, Rendered, read_foreign
from storage.warc.reader import first_member_length
from storage.warc.record import ReadRecord, has_digest
from storage.warc.spoilt import MOST_TIMES, copy_believed, spoilt_members
from storage.writer import Tx

_BATCH = 50
_BATCH_BYTES = 16 * 1024**2
_AT_ONCE = 32
_PIECE = 1024**2
#: Bytes of a document of as many characters as a browser of ours may take.
_LARGEST = 4 * RenderLimits().document

Progress = Callable[[int, int], None]
Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True, kw_only=True)
class Imported:
    """What a file came to.

    Attributes:
        file: Its name.
        kept: Pages that were taken in, and what browsers made of them.
        known: Pages that are in the archive already.
        passed: How many records were passed over, by why.
        damaged: Where records cannot be read, and why.
    """

    file: str
    kept: int = 0
    known: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A page to be kept, and the capture that holds its body if it is a revisit."""

    exchange: Exchange
    records: CaptureRecords
    revisit_of: int | None = None

    @property
    def size(self) -> int:
        return len(self.records.request) + len(self.records.response)


async def keep_file(
    means: Means, path: Path, name: str, progress: Progress
) -> Imported:
    """Keep the pages of a file; they are not read yet.

    Args:
        means: The archive; no other process may have it.
        path: The file, gzipped or not.
        name: What it is called where it is from.
        progress: Called with the bytes that are done, and those in all.

    Raises:
        OSError: the file cannot be read.
        StorageError: a page cannot be kept.
    """
    with record_by_record(path, means.folder.path) as file:
        return await _Keeping(means, file, name).run(progress)


@dataclass(frozen=True, slots=True)
class Readable:
    """A WARC file of what is to be believed, and the damage of what is not in it."""

    path: Path
    damage: Sequence[Passed] = ()

    def places(self, name: str) -> Iterator[Place]:
        """Yield what stands in it; the name is that of where it is from."""
        end = 0
        for place in read_foreign(self.path, name):
            end = place.end
            yield place
        yield from (Place(found=one, end=end) for one in self.damage)


@contextmanager
def record_by_record(path: Path, folder: Path) -> Iterator[Readable]:
    """Give the file; one that was gzipped as a whole is unpacked before.

    Where members of many records are spoilt, it is a copy of what is to be believed.

    Raises:
        NoWarc: it is of another kind, or would unpack to far too much.
    """
    refuse_other_kinds(path)
    spoilt = spoilt_members(path)
    if not spoilt and first_member_length(path) != path.stat().st_size:
        yield Readable(path)
        return
    with nameless_file(folder) as (file, place):
        damage = copy_believed(path, spoilt, file, folder) if spoilt else ()
        if not spoilt:
            _unpack(path, file)
        file.flush()
        yield Readable(place, damage)


def _unpack(path: Path, into: BinaryIO) -> None:
    most = MOST_TIMES * path.stat().st_size
    with gzip.open(path) as packed:
        while piece := packed.read(_PIECE):
            if into.tell() + len(piece) > most:
                raise NoWarc(TOO_LARGE)
            into.write(piece)


class _Keeping:
    """A file that is being kept."""

    def __init__(self, means: Means, file: Readable, name: str) -> None:
        self._means = means
        self._homes = Homes.of(means.watches.values())
        self._file = file
        self._done = Imported(file=name)
        self._batch: list[_Page] = []

    async def run(self, progress: Progress) -> Imported:
        size = self._file.path.stat().st_size
        places = self._file.places(self._done.file)
        while (place := await asyncio.to_thread(next, places, None)) is not None:
            match place.found:
                case Passed(damaged=True, offset=offset, why=why):
                    self._done.damaged.append(f"{self._done.file} at {offset}: {why}")
                case Passed(why=why):
                    self._done.passed[why] += 1
                case Rendered() as rendered:
                    await self._take_rendered(rendered)
                case Answer() as answer:
                    await self._take(answer)
            progress(place.end, size)
        await self._flush()
        return self._done

    async def _take(self, answer: Answer) -> None:
        page = await (self._repeated(answer) if answer.repeats else self._whole(answer))
        if isinstance(page, str):
            self._done.passed[page] += 1
            return
        self._batch.append(page)
        size = sum(one.size for one in self._batch)
        if len(self._batch) == _BATCH or size > _BATCH_BYTES:
            await self._flush()

    async def _whole(self, answer: Answer) -> _Page | str:
        return await asyncio.to_thread(_whole, answer, self._means)

    async def _repeated(self, answer: Answer) -> _Page | str:
        """Return the page that a revisit stands for; its original is kept by then."""
        await self._flush()
        find = partial(_candidates, answer)
        rows = await self._means.writer.run(find)
        return await asyncio.to_thread(_repeated, answer, rows, self._means)

    async def _take_rendered(self, rendered: Rendered) -> None:
        """Take what a browser made of a page, which is kept by then."""
        await self._flush()
        if len(rendered.rendering.document) > _LARGEST:
            self._done.passed["too large a rendering"] += 1
            return
        keep = partial(_keep_rendered, rendered)
        self._count(Counter([await self._means.writer.run(keep)]))

    async def _flush(self) -> None:
        pages, self._batch = self._batch, []
        if not pages:
            return
        kept = await self._means.writer.run(
            partial(_keep_all, pages, self._homes, self._means)
        )
        self._count(kept)

    def _count(self, kept: Counter[str]) -> None:
        self._done.kept += kept["kept"]
        self._done.known += kept["known"]
        for why in kept.keys() - {"kept", "known"}:
            self._done.passed[why] += kept[why]


def _whole(answer: Answer, means: Means) -> _Page | str:
    exchange = taken(answer, answer.block, means.limits)
    if isinstance(exchange, str):
        return exchange
    return _Page(
        exchange=exchange, records=capture_records(exchange, url_key(exchange.url))
    )


def _candidates(answer: Answer, tx: Tx) -> list[CaptureRow]:
    """Return captures of the URL that a revisit refers to, the likeliest first."""
    uri = answer.record.header("WARC-Refers-To-Target-URI") or answer.url
    try:
        key = url_key(fetch_url(uri.strip("<> ")))
    except BadUrl:
        return []
    rows = captures_until(tx.session, key, answer.at)
    tx.session.expunge_all()
    return rows


def _repeated(answer: Answer, rows: Sequence[CaptureRow], means: Means) -> _Page | str:
    for row in rows:
        try:
            original = read_record(means.folder, row)
        except CorruptRecord:
            continue
        if not _holds(original, answer):
            continue
        exchange = taken(answer, answer.block + original.payload, means.limits)
        if isinstance(exchange, str):
            return exchange
        records = revisit_records(exchange, original, url_key(exchange.url))
        if records is not None:
            return _Page(exchange=exchange, records=records, revisit_of=row.id)
    return "revisit of what is not here"


def _holds(original: ReadRecord, answer: Answer) -> bool:
    """Tell whether a record has the payload of a revisit, by the revisit's digest.

    Some tools state it of the body with its chunks, others of it without.
    """
    stated = answer.record.header("WARC-Payload-Digest") or ""
    payload = original.payload
    return any(has_digest(body, stated) for body in (payload, dechunk(payload)))


def _keep_all(
    pages: Iterable[_Page], homes: Homes, means: Means, tx: Tx
) -> Counter[str]:
    return Counter(_keep(page, homes, means, tx) for page in pages)


def _keep(page: _Page, homes: Homes, means: Means, tx: Tx) -> str:
    """Keep a page to be read, under its link; return what became of it."""
    exchange, records = page.exchange, page.records
    if is_kept(tx.session, exchange, records.payload_sha256):
        return "known"
    link = NewLink(
        url=exchange.url,
        key=url_key(exchange.url),
        host=host_key(exchange.url),
        kind=LinkKind.ARTICLE,
        state=LinkState.CAPTURED,
        reason="imported",
    )
    source = homes.source_of(exchange.url)
    add_links(
        tx.session,
        [link],
        source=source,
        found_on=None,
        now=means.now(),
        way=Way.HAND,
    )
    row = find_link(tx.session, link.key)
    if row is None or barred(tx.session, [link.key]):
        return "was taken down"
    if row.kind != LinkKind.ARTICLE:
        return "a list that is watched"
    request, response, *strays = tx.append(
        [records.request, records.response, *records.strays]
    )
    capture = add_capture(
        tx.session,
        exchange,
        KeptRecords(
            request=request,
            response=response,
            payload_sha256=records.payload_sha256,
            record_sha256=records.record_sha256,
            request_sha256=records.request_sha256,
            record_id=records.record_id,
            digest=records.digest,
        ),
        link_id=row.id,
        to_read=True,
        revisit_of=page.revisit_of,
    )
    add_strays(tx.session, capture, records.strays, strays)
    return "kept"


def _keep_rendered(rendered: Rendered, tx: Tx) -> str:
    """Keep what a browser made of a page, and have that read anew; return what became."""
    rendering = rendered.rendering
    page = _page_of(tx.session, rendered)
    if page is None:
        return "rendering of what is not here"
    record = conversion_named(rendering, rendered.name, rendered.of)
    if is_kept(tx.session, rendering, record.payload_sha256):
        return "known"
    if page.imported_from is None:
        return "rendering of what was fetched here"
    if barred(tx.session, [link_of(tx.session, page.link_id or 0).key]):
        return "was taken down"
    (position,) = tx.append((record.member,))
    number = int(page.id or 0)
    add_rendering(tx.session, rendering, record, position, of_capture=number)
    read_anew(tx.session, number)
    return "kept"


def _page_of(session: Session, rendered: Rendered) -> CaptureRow | None:
    try:
        key = url_key(rendered.rendering.url)
    except BadUrl:
        return None
    return recorded_capture(session, key, rendered.of)


async def read_imports(
    means: Means,
    sessions: Sessions,
    progress: Progress,
    extractor: Extractor | None = None,
) -> Counter[str]:
    """Read what was kept and not read, and learn from it; return what it came to.

    Args:
        means: The archive.
        sessions: Opens one to read.
        progress: Called with the pages that are read, and those in all.
        extractor: What extracts a page at first; None for what extracts all pages.
    """
    came: Counter[str] = Counter()
    reading = replace(means, pool=extractor or means.pool)
    ids = await asyncio.to_thread(_unread, sessions, means.folder.node)
    for start in range(0, len(ids), _AT_ONCE):
        of_links = await asyncio.to_thread(
            _by_link, sessions, ids[start : start + _AT_ONCE]
        )
        read = [
            page
            for pages in await asyncio.gather(
                *(_read_in_order(reading, sessions, rows) for rows in of_links)
            )
            for page in pages
        ]
        pages = [page for page in read if page is not None]
        await learn_from(means, pages, lambda _session: None)
        came.update(_outcome(page.reading) for page in pages)
        came["not read"] += len(read) - len(pages)
        progress(start + len(read), len(ids))
    return +came


def _unread(sessions: Sessions, node: str) -> list[int]:
    with sessions() as session:
        return unread_in_time(session, node)


def _by_link(sessions: Sessions, ids: Sequence[int]) -> list[list[CaptureRow]]:
    """Return captures by their links, each link's in order."""
    found: defaultdict[int | None, list[CaptureRow]] = defaultdict(list)
    with sessions() as session:
        for number in ids:
            row = session.get_one(CaptureRow, number)
            found[row.link_id].append(row)
    return list(found.values())


async def _read_in_order(
    means: Means, sessions: Sessions, rows: Sequence[CaptureRow]
) -> list[ReadPage | None]:
    return [await _read(means, sessions, row) for row in rows]


async def _read(means: Means, sessions: Sessions, row: CaptureRow) -> ReadPage | None:
    link = await asyncio.to_thread(_link, sessions, row)
    reading = await read_one(means, row, link)
    return ReadPage(link=link, url=row.url, reading=reading) if reading else None


def _link(sessions: Sessions, row: CaptureRow) -> Link:
    with sessions() as session:
        return link_of(session, row.link_id or 0)


def _outcome(reading: Reading) -> str:
    """Return what came of a page: how its article changed, or what it is."""
    if reading.change is not None:
        return f"article, {reading.change}"
    if reading.article_id is not None:
        return "article under another URL"
    if reading.target is not None:
        return "page of an article"
    return str(reading.extraction.verdict.kind) if reading.extraction else "unreadable"
