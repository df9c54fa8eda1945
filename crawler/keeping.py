"""Keep exchanges: WARC records and rows in one commit, which acknowledges them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from crawler.means import Means
from storage.model import Exchange, Link, LinkState, NewLink, Settlement
from storage.sql.articles import mark_gone
from storage.sql.captures import KeptRecords, add_capture, mark_fetched
from storage.sql.ledger import (
    add_links,
    find_link,
    note_alias,
    note_robots,
    settle,
)
from storage.warc.capture import CaptureRecords, capture_records
from storage.writer import Tx

#: Called first in every transaction; raises when the visit was lost.
Hold = Callable[[Session], None]


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
    means: Means, hold: Hold, hops: Sequence[Exchange], attended: Attended | None
) -> int:
    """Keep exchanges and what they say of a link; return the last capture's id.

    Args:
        means: The archive.
        hold: Refuses when the visit was lost.
        hops: The exchanges, in order; none when nothing was received.
        attended: The link; None for robots.txt, which is no link.
    """
    records = [await asyncio.to_thread(capture_records, hop) for hop in hops]
    now = means.now()

    def keep(tx: Tx) -> int:
        hold(tx.session)
        captures = [
            _keep(tx, hop, record, attended, is_last=hop is hops[-1])
            for hop, record in zip(hops, records, strict=True)
        ]
        if attended is None:
            return captures[-1] if captures else 0
        link, settlement = attended.link, attended.settlement
        note_robots(tx.session, link.id, attended.robots_line)
        if hops:
            mark_fetched(tx.session, link.id, hops[-1], full=attended.full)
        if attended.target is not None:
            add_links(
                tx.session,
                [attended.target],
                source=link.source,
                found_on=link.id,
                now=now,
            )
            target = find_link(tx.session, attended.target.key)
            note_alias(tx.session, link.id, target.id if target else None)
        if settlement is not None:
            settle(tx.session, link.id, settlement)
            if settlement.state is LinkState.GONE:
                mark_gone(tx.session, link.id, now)
        return captures[-1] if captures else 0

    return await means.writer.run(keep)


def _keep(
    tx: Tx,
    hop: Exchange,
    record: CaptureRecords,
    attended: Attended | None,
    *,
    is_last: bool,
) -> int:
    members = (record.request, record.response, *record.strays)
    request, response, *_ = tx.append(members)
    return add_capture(
        tx.session,
        hop,
        KeptRecords(
            request=request,
            response=response,
            payload_sha256=record.payload_sha256,
            record_sha256=record.record_sha256,
        ),
        link_id=attended.link.id if attended else None,
        to_read=is_last and attended is not None and attended.settlement is None,
    )
