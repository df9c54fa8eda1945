"""Read again what a dead process kept but did not read: from WARC, no network."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlmodel import Session

from crawler.decisions.outcome import after_status
from crawler.errors import BadUrl, RenderFailed
from crawler.kept.captures import kept_exchange
from crawler.kept.parts import read_part
from crawler.means import Means
from crawler.reading.capture import read_capture
from crawler.reading.imported import read_imported
from crawler.reading.parts import Part
from crawler.reading.rendered import Render
from crawler.reading.result import Reading
from crawler.urls import url_key
from storage.errors import CorruptRecord, StorageError
from storage.model.change import Change
from storage.model.exchange import Exchange
from storage.model.link import Link
from storage.sql.captures import (
    following_capture,
    mark_read,
    nearest_capture,
    part_capture,
    rendering_of,
    unread_captures,
)
from storage.sql.ledger import link_of, settle
from storage.sql.tables import CaptureRow
from storage.writer import Tx

#: What an imported page came to when it made no version.
_NO_VERSION = frozenset({None, Change.SAME, Change.COSMETIC})


async def read_unread(
    means: Means,
    sessions: Callable[[], AbstractContextManager[Session]],
    limit: int,
    *,
    newest: int | None = None,
) -> int:
    """Read up to `limit` unread captures; return how many there were.

    None newer than the capture `newest`: those are with the visits under way.
    """
    with sessions() as session:
        found = [
            (row, link_of(session, row.link_id))
            for row in unread_captures(
                session, limit, newest=newest, node=means.folder.node
            )
            if row.link_id is not None
        ]
    for row, link in found:
        await read_one(means, row, link)
    return len(found)


async def read_one(means: Means, row: CaptureRow, link: Link) -> Reading | None:
    """Read one unread capture; note why nothing could be made of it, if so."""
    try:
        return await _read_again(means, row, link)
    except StorageError:
        raise
    except Exception as error:  # one page must not stop the others
        means.log.exception("reading again failed", capture=row.id)
        await _give_up(means, int(row.id or 0), f"{type(error).__name__}: {error}")
    return None


async def read_all_unread(
    read: Callable[[], Awaitable[int]], log: structlog.stdlib.BoundLogger
) -> None:
    """Read batch after batch until there is none."""
    while count := await read():
        log.info("read captures of an earlier run", count=count)


async def read_in_the_end(
    read: Callable[[], Awaitable[int]],
    log: structlog.stdlib.BoundLogger,
    pause: timedelta,
) -> None:
    """Read all; wait while what is read cannot be kept."""
    while True:
        try:
            return await read_all_unread(read, log)
        except StorageError as error:
            log.warning("reading again put off", why=str(error), again_in=str(pause))
        await asyncio.sleep(pause.total_seconds())


async def _read_again(means: Means, row: CaptureRow, link: Link) -> Reading | None:
    capture_id = int(row.id or 0)
    try:
        answer = await asyncio.to_thread(exchange_of, means, row)
    except CorruptRecord as error:
        why = str(error)
        means.log.warning("capture is damaged", capture=capture_id, why=why)
        await _give_up(means, capture_id, why)
        return None
    if row.imported_from is not None:
        return await _read_import(means, link, answer, row)
    settlement = after_status(
        link,
        answer,
        means.plan(link.source),
        now=means.now(),
        jitter=means.draw(),
        retry_after=None,
    )
    if settlement is None:
        return await read_capture(
            means,
            link,
            answer,
            capture_id,
            lambda _session: None,
            lambda url: kept_part(means, url, capture_id),
            render=_leave_unrendered,
        )
    why = settlement.reason

    def end(tx: Tx) -> None:
        mark_read(tx.session, capture_id, means.now(), evidence=(why,))
        settle(tx.session, link.id, settlement)

    await means.writer.run(end)
    return None


async def _leave_unrendered(page: Exchange, _capture: int) -> tuple[Exchange, int]:
    """Show no page of before to a browser: it would ask for more of its host."""
    raise RenderFailed(f"{page.url}: read after the visit that fetched it")


async def _read_import(
    means: Means, link: Link, answer: Exchange, row: CaptureRow
) -> Reading | None:
    """Read an imported page; then anew the one after it, if it changes what came before.

    That one may have made no version, for it was as the one before both.
    """

    async def ask(url: str) -> Part:
        return await imported_part(means, url, answer)

    render = await _kept_rendering(means, row)
    reading = await read_imported(
        means, link, answer, int(row.id or 0), ask, render=render
    )
    if reading is None or reading.change in _NO_VERSION:
        return reading

    def find(tx: Tx) -> CaptureRow | None:
        found = following_capture(tx.session, link.id, answer.started_at)
        if found is not None:
            tx.session.expunge(found)
        return found

    later = await means.writer.run(find)
    if later is not None:
        page = await asyncio.to_thread(exchange_of, means, later)
        await read_imported(means, link, page, int(later.id or 0), ask)
    return reading


async def _kept_rendering(means: Means, page: CaptureRow) -> Render | None:
    """Return what gives a page as a browser showed it before it was imported."""

    def find(tx: Tx) -> CaptureRow | None:
        found = rendering_of(tx.session, page)
        if found is not None:
            tx.session.expunge_all()
        return found

    row = await means.writer.run(find)
    if row is None:
        return None

    async def render(page: Exchange, _capture: int) -> tuple[Exchange, int]:
        try:
            answer = await asyncio.to_thread(exchange_of, means, row)
        except CorruptRecord as error:
            raise RenderFailed(f"{page.url}: {error}") from error
        return answer, int(row.id or 0)

    return render


async def kept_part(means: Means, url: str, first: int) -> Part:
    """Return a further page of an article as it was kept with the capture of page 1."""

    def find(tx: Tx) -> CaptureRow | None:
        found = part_capture(tx.session, url_key(url), first)
        if found is not None:
            tx.session.expunge(found)
        return found

    try:
        row = await means.writer.run(find)
    except BadUrl as error:
        return Part(why=str(error))
    return await asyncio.to_thread(read_part, means.folder, means.limits, row)


async def imported_part(means: Means, url: str, first: Exchange) -> Part:
    """Return a further page of an imported article: what was received nearest to it."""

    def find(tx: Tx) -> CaptureRow | None:
        found = nearest_capture(tx.session, url_key(url), first.started_at)
        if found is not None:
            tx.session.expunge(found)
        return found

    try:
        row = await means.writer.run(find)
    except BadUrl as error:
        return Part(why=str(error), lasting=True)
    part = await asyncio.to_thread(read_part, means.folder, means.limits, row)
    return replace(part, lasting=True)


async def _give_up(means: Means, capture_id: int, why: str) -> None:
    """Note why nothing could be made of a capture; its bytes stay."""

    def note(tx: Tx) -> None:
        mark_read(tx.session, capture_id, means.now(), evidence=(why,))

    await means.writer.run(note)


def exchange_of(means: Means, row: CaptureRow) -> Exchange:
    """Return a capture as it was when it was fetched, from its WARC record.

    Raises:
        CorruptRecord: the record is not what was written.
    """
    return kept_exchange(means.folder, means.limits, row)
