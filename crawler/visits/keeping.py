"""Keep exchanges: WARC records and rows in one commit, which acknowledges them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from crawler.means import Hold, Means
from crawler.reading.presence import note_back, note_gone
from storage.errors import CorruptRecord, RecordElsewhere, StoreUnreachable
from storage.kept import read_record
from storage.model.exchange import Exchange
from storage.model.link import Link, NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.captures import KeptRecords, add_capture, mark_fetched, repeated
from storage.sql.ledger import (
    add_links,
    find_link,
    note_alias,
    note_robots,
    settle,
    way_led,
)
from storage.sql.looks import note_requests
from storage.sql.records import add_strays
from storage.sql.tables import CaptureRow, LinkRow
from storage.warc.capture import CaptureRecords, capture_records, revisit_records
from storage.writer import Tx

NOT_MODIFIED = 304
#: Bytes of a response whose records are made in the event loop.
_MADE_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """What is known of a link once it was asked for.

    Without a `settlement` the last exchange is still to be read; `full` says that
    it was asked for without validators; `target` is where it moved to.
    """

    link: Link
    robots_line: str
    settlement: Settlement | None = None
    full: bool = False
    target: NewLink | None = None


async def keep_exchanges(
    means: Means,
    hold: Hold,
    hops: Sequence[Exchange],
    attended: Attended | None,
    page: Link | None = None,
) -> int:
    """Keep exchanges and what they say of a link; return the last capture's id.

    Args:
        means: The archive.
        hold: Refuses when the visit was lost.
        hops: The exchanges, in order; none when nothing was received.
        attended: The link; None for robots.txt, which is no link.
        page: The page whose scripts asked, if they did.
    """
    link_id = attended.link.id if attended else None
    of = _Of(link=attended.link if attended else None, page=page)
    is_new = attended is not None and attended.link.fetched_at is None
    originals = [None] * len(hops) if is_new else await _originals(means, hops, link_id)
    records = [
        await _made(means, hop, original, of)
        for hop, original in zip(hops, originals, strict=True)
    ]
    now = means.now()

    def keep(tx: Tx) -> int:
        hold(tx.session)
        captures = [
            _keep(
                tx,
                hop,
                record,
                of,
                to_read=hop is hops[-1]
                and attended is not None
                and attended.settlement is None,
            )
            for hop, record in zip(hops, records, strict=True)
        ]
        if attended is None:
            return captures[-1] if captures else 0
        link, settlement = attended.link, attended.settlement
        note_robots(tx.session, link.id, attended.robots_line)
        if hops:
            mark_fetched(tx.session, link.id, hops[-1], full=attended.full)
            _count(tx.session, link, len(hops), now)
        if attended.target is not None:
            add_links(
                tx.session,
                [attended.target],
                source=link.source,
                found_on=link.id,
                now=now,
                way=way_led(tx.session, link.id),
            )
            target = find_link(tx.session, attended.target.key)
            note_alias(tx.session, link.id, target.id if target else None)
            if settlement is not None and target is not None and _is_kept(target):
                settlement = replace(settlement, next_run=None)
        if settlement is not None:
            settle(tx.session, link.id, settlement)
            _note_presence(means, tx.session, link, hops, settlement.state)
        return captures[-1] if captures else 0

    kept = await means.writer.run(keep)
    name = means.name(attended.link.source if attended else None)
    for hop in hops:
        if hop.request:  # or it answers a page's scripts a second time
            means.counts.add_exchange(name, hop)
    return kept


def _is_kept(target: LinkRow) -> bool:
    """Tell whether there is an article where one was led to."""
    return target.kind == LinkKind.ARTICLE and target.state == LinkState.ARCHIVED


def _note_presence(
    means: Means,
    session: Session,
    link: Link,
    hops: Sequence[Exchange],
    state: LinkState,
) -> None:
    if state is LinkState.GONE:
        note_gone(means, session, link)
    if hops and hops[-1].status == NOT_MODIFIED:
        note_back(means, session, link)


def _count(session: Session, link: Link, requests: int, now: datetime) -> None:
    """Count requests for a link's source: as looks, or as all else.

    Images and styles count as neither: they would earn an article more looks.
    """
    if link.source is None or link.kind is LinkKind.ASSET:
        return
    if link.archived:
        note_requests(session, link.source, now, looks=requests)
    else:
        note_requests(session, link.source, now, others=requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """The records of an exchange, and the capture that they leave the payload to."""

    records: CaptureRecords
    revisit_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Of:
    """Whose exchanges are: a link's, or those of a page's scripts."""

    link: Link | None
    page: Link | None

    @property
    def keys(self) -> tuple[str | None, str | None]:
        link, page = self.link, self.page
        return (link.key if link else None, page.key if page else None)


async def _originals(
    means: Means, hops: Sequence[Exchange], link_id: int | None
) -> list[CaptureRow | None]:
    """Return for each exchange the capture that may hold what it repeats."""

    def find(tx: Tx) -> list[CaptureRow | None]:
        return [repeated(tx.session, hop, link_id) for hop in hops]

    return await means.writer.run(find) if hops else []


async def _made(
    means: Means, hop: Exchange, original: CaptureRow | None, of: _Of
) -> _Made:
    """Make an exchange's records, in a thread where that takes longer than a thread."""
    if original is None and len(hop.response) <= _MADE_AT_ONCE:
        return _records(means, hop, None, of)
    return await asyncio.to_thread(_records, means, hop, original, of)


def _records(
    means: Means, hop: Exchange, original: CaptureRow | None, of: _Of
) -> _Made:
    """Make an exchange's records; they repeat nothing that cannot be read back."""
    if original is not None:
        try:
            made = revisit_records(hop, read_record(means.folder, original), *of.keys)
        except RecordElsewhere:  # as often as nodes take turns at a host
            pass
        except CorruptRecord as error:
            means.log.warning("capture is damaged", capture=original.id, why=str(error))
        except StoreUnreachable as error:  # what is repeated costs room, not a visit
            means.log.warning("kept whole", capture=original.id, why=str(error))
        else:
            if made is not None:
                return _Made(records=made, revisit_of=original.id)
    return _Made(records=capture_records(hop, *of.keys))


def _keep(tx: Tx, hop: Exchange, made: _Made, of: _Of, *, to_read: bool) -> int:
    record = made.records
    members = (record.request, record.response, *record.strays)
    request, response, *strays = tx.append(members)
    capture = add_capture(
        tx.session,
        hop,
        KeptRecords(
            request=request,
            response=response,
            payload_sha256=record.payload_sha256,
            record_sha256=record.record_sha256,
            request_sha256=record.request_sha256,
            record_id=record.record_id,
            digest=record.digest,
        ),
        link_id=of.link.id if of.link else None,
        to_read=to_read,
        revisit_of=made.revisit_of,
        page_link_id=of.page.id if of.page else None,
    )
    add_strays(tx.session, capture, record.strays, strays)
    return capture
