"""Captures: where each kept exchange stands, and what was made of it.

Every function takes the session of one transaction and does not commit.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, text
from sqlalchemy import select as sql_select
from sqlalchemy.orm import lazyload
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from storage.model.exchange import Exchange, Rendering
from storage.model.link_state import LinkState
from storage.model.record import Position
from storage.model.verdict import VerdictKind
from storage.sql.tables import ONE, CaptureRow, LinkRow, SegmentRow, table_of
from storage.warc.capture import RENDERED_TYPE, ConversionRecord

_ARTICLES = (VerdictKind.ARTICLE, VerdictKind.TEASER)
#: So many earlier captures may hold what an imported revisit repeats.
_CANDIDATES = 20
#: States that a new capture alone does not change: something is there already.
_SETTLED = frozenset(
    {LinkState.ARCHIVED, LinkState.GONE, LinkState.KEPT, LinkState.WATCHED}
)


#: Without what it repeats, of which nobody asks here.
_ALONE = lazyload(CaptureRow.original)  # type: ignore[arg-type]
_CAPTURES = table_of(CaptureRow)
_ADD = insert(_CAPTURES)
_NEWEST = (
    sql_select(_CAPTURES.c.id, _CAPTURES.c.fetched_at)
    .where(_CAPTURES.c.link_id == bindparam("link"))
    .order_by(_CAPTURES.c.id.desc())
    .limit(ONE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecords:
    """Where an exchange's two records stand, their digests, and the response's id.

    `digest` is the payload's as the response's record states it.
    """

    request: Position
    response: Position
    payload_sha256: str
    record_sha256: str
    request_sha256: str | None
    record_id: str | None = None
    digest: str | None = None


def add_capture(
    session: Session,
    exchange: Exchange,
    kept: KeptRecords,
    *,
    link_id: int | None,
    to_read: bool,
    revisit_of: int | None = None,
) -> int:
    """Enter a capture; `to_read` says that something is still to be made of it."""
    row = {
        "link_id": link_id,
        "url": exchange.url,
        "fetched_at": exchange.started_at,
        "elapsed_ms": round(exchange.elapsed / timedelta(milliseconds=1)),
        "segment": kept.response.segment,
        "offset": kept.response.offset,
        "length": kept.response.length,
        "request_offset": kept.request.offset,
        "request_length": kept.request.length,
        "record_sha256": kept.record_sha256,
        "request_sha256": kept.request_sha256,
        "record_id": kept.record_id,
        "digest": kept.digest,
        "payload_sha256": kept.payload_sha256,
        "status": exchange.status,
        "content_type": exchange.header("content-type"),
        "ip": exchange.ip,
        "truncated": exchange.truncated,
        "decode_error": exchange.decode_error,
        "extracted_at": None if to_read else exchange.started_at,
        "revisit_of": revisit_of,
        "imported_from": exchange.origin.file if exchange.origin else None,
    }
    session.flush()
    made = session.connection().execute(_ADD, row).inserted_primary_key
    return int(made[0]) if made else 0


def add_rendering(
    session: Session,
    rendering: Rendering,
    record: ConversionRecord,
    position: Position,
    *,
    of_capture: int,
) -> int:
    """Enter what a browser made of a capture; it counts as read."""
    page = session.get_one(CaptureRow, of_capture)
    row = CaptureRow(
        link_id=page.link_id,
        url=rendering.url,
        fetched_at=rendering.started_at,
        elapsed_ms=round(rendering.elapsed / timedelta(milliseconds=1)),
        segment=position.segment,
        offset=position.offset,
        length=position.length,
        request_offset=position.offset,
        request_length=0,
        record_sha256=record.record_sha256,
        record_id=record.record_id,
        payload_sha256=record.payload_sha256,
        status=page.status,
        content_type=RENDERED_TYPE,
        rendered_from=of_capture,
        extracted_at=rendering.started_at,
    )
    session.add(row)
    session.flush()
    return int(row.id or 0)


def mark_fetched(
    session: Session, link_id: int, exchange: Exchange, *, full: bool
) -> None:
    """Note on a link what its newest answer said.

    A 200 leaves its validators; one that did not come whole leaves none, or a
    304 would then keep us from ever having the rest.
    """
    row = session.get_one(LinkRow, link_id)
    row.status = exchange.status or None
    row.fetched_at = exchange.started_at
    if exchange.status != 200:
        return
    if row.state not in _SETTLED:
        row.state = LinkState.CAPTURED
    is_whole = exchange.truncated is None and exchange.decode_error is None
    row.etag = exchange.header("etag") if is_whole else None
    row.last_modified = exchange.header("last-modified") if is_whole else None
    if full:
        row.full_at = exchange.started_at


def note_lie(session: Session, link_id: int, now: datetime) -> None:
    """Note that a link's validators denied news that was there."""
    session.get_one(LinkRow, link_id).validators_lied_at = now


def mark_read(
    session: Session,
    capture_id: int,
    now: datetime,
    *,
    verdict: VerdictKind | None = None,
    evidence: Sequence[str] = (),
) -> None:
    """Note that a capture was read, and what it was found to be."""
    row = session.get_one(CaptureRow, capture_id, options=[_ALONE])
    row.extracted_at = now
    row.verdict = verdict
    row.evidence = list(evidence) or None


def newest_capture(session: Session, link_id: int) -> tuple[int, datetime] | None:
    """Return the id of what was last received of a link, and when it was."""
    found = session.connection().execute(_NEWEST, {"link": link_id}).first()
    return (found.id, found.fetched_at) if found is not None else None


def last_captures(session: Session, source: int, limit: int) -> list[CaptureRow]:
    """Return a source's last captures but those of images and styles, newest first."""
    links = (
        select(LinkRow.id)
        .where(LinkRow.source_id == source, text("link.kind <> 'asset'"))
        .where(col(LinkRow.fetched_at).is_not(None))
        .order_by(col(LinkRow.fetched_at).desc())
        .limit(limit)
    )
    query = select(CaptureRow).where(col(CaptureRow.link_id).in_(links))
    return list(session.exec(query.order_by(col(CaptureRow.id).desc()).limit(limit)))


def repeated(
    session: Session, exchange: Exchange, link_id: int | None
) -> CaptureRow | None:
    """Return the capture that holds what an exchange may repeat, if one does.

    Of a 304 it is what was last received whole from its URL, of another answer what
    was received there with the same body. A revisit stands for its original.
    """
    query = select(CaptureRow).where(
        CaptureRow.url == exchange.url,
        CaptureRow.status == 200,
        col(CaptureRow.truncated).is_(None),
        col(CaptureRow.rendered_from).is_(None),
    )
    if exchange.status == 304 and link_id is not None:
        query = query.where(CaptureRow.link_id == link_id)
        query = query.order_by(col(CaptureRow.id).desc())
    elif exchange.status == 200 and exchange.body and exchange.truncated is None:
        digest = hashlib.sha256(exchange.body).hexdigest()
        query = query.where(CaptureRow.payload_sha256 == digest)
        query = query.order_by(_newest_first(session))
    else:
        return None
    found = session.exec(query.limit(ONE)).first()
    return found.original or found if found else None


def _newest_first(session: Session) -> ColumnElement[Any]:
    """Return the order of few rows of which all are to be found by another index.

    PostgreSQL would rather read months from their ends, to come upon one of them.
    """
    newest = col(CaptureRow.id)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (newest if is_sqlite else newest + 0).desc()


def forget_validators(session: Session, link_id: int) -> None:
    """Ask for a link in full next time: its 304 would say nothing of its parts."""
    row = session.get_one(LinkRow, link_id)
    row.etag = row.last_modified = None


def is_kept(session: Session, exchange: Exchange, payload_sha256: str) -> bool:
    """Tell whether an exchange is a capture already: its URL, time and body are."""
    found = select(CaptureRow.id).where(
        CaptureRow.fetched_at == exchange.started_at,
        CaptureRow.url == exchange.url,
        CaptureRow.payload_sha256 == payload_sha256,
    )
    return session.exec(found.limit(ONE)).first() is not None


def captures_until(session: Session, key: str, until: datetime) -> list[CaptureRow]:
    """Return a link's newest captures up to a time that are no revisits."""
    query = (
        select(CaptureRow)
        .join(LinkRow, col(LinkRow.id) == CaptureRow.link_id)
        .where(
            LinkRow.key == key,
            col(CaptureRow.fetched_at) <= until,
            col(CaptureRow.revisit_of).is_(None),
            col(CaptureRow.rendered_from).is_(None),
        )
    )
    ordered = query.order_by(col(CaptureRow.fetched_at).desc())
    return list(session.exec(ordered.limit(_CANDIDATES)))


def nearest_capture(session: Session, key: str, at: datetime) -> CaptureRow | None:
    """Return the capture of a link that was made nearest to a time."""
    query = (
        select(CaptureRow)
        .join(LinkRow, col(LinkRow.id) == CaptureRow.link_id)
        .where(LinkRow.key == key)
    )
    return min(
        session.exec(query), key=lambda row: abs(row.fetched_at - at), default=None
    )


def following_capture(
    session: Session, link_id: int, after: datetime
) -> CaptureRow | None:
    """Return the next capture of a link after a time that was read as an article."""
    query = select(CaptureRow).where(
        CaptureRow.link_id == link_id,
        col(CaptureRow.fetched_at) > after,
        col(CaptureRow.verdict).in_(_ARTICLES),
    )
    ordered = query.order_by(col(CaptureRow.fetched_at), col(CaptureRow.id))
    return session.exec(ordered.limit(1)).first()


def unread_in_time(session: Session, node: str) -> list[int]:
    """Return the ids of captures that a node kept but did not read, the oldest first."""
    query = select(CaptureRow.id).where(*_is_unread(node))
    ids = session.exec(query.order_by(col(CaptureRow.fetched_at), col(CaptureRow.id)))
    return [number for number in ids if number is not None]


def note_import(session: Session, link_id: int, exchange: Exchange) -> None:
    """Note on a link what an imported answer said, unless it was asked since."""
    row = session.get_one(LinkRow, link_id)
    if row.fetched_at is None or row.fetched_at < exchange.started_at:
        row.status, row.fetched_at = exchange.status, exchange.started_at
        row.etag = row.last_modified = None


def is_import(session: Session, capture_id: int) -> bool:
    """Tell whether a capture was made by others, at any time."""
    return session.get_one(CaptureRow, capture_id).imported_from is not None


def part_capture(session: Session, key: str, of_capture: int) -> CaptureRow | None:
    """Return the newest capture of a part that was fetched with its page 1.

    Args:
        session: Of one transaction.
        key: The part's identity.
        of_capture: The capture of page 1; the next one of that page ends the stay.
    """
    first = session.get_one(CaptureRow, of_capture)
    later = (
        select(CaptureRow.id)
        .where(CaptureRow.link_id == first.link_id, col(CaptureRow.id) > of_capture)
        .order_by(col(CaptureRow.id))
    )
    query = (
        select(CaptureRow)
        .join(LinkRow, col(LinkRow.id) == CaptureRow.link_id)
        .where(LinkRow.key == key, col(CaptureRow.id) > of_capture)
        .order_by(col(CaptureRow.id).desc())
    )
    until = session.exec(later).first()
    if until is not None:
        query = query.where(col(CaptureRow.id) < until)
    return session.exec(query).first()


def unread_captures(
    session: Session, limit: int, *, newest: int | None = None, node: str = ""
) -> list[CaptureRow]:
    """Return captures that a node kept but did not read, none newer than `newest`."""
    unread = select(CaptureRow).where(*_is_unread(node))
    query = unread.order_by(col(CaptureRow.id)).limit(limit)
    if newest is not None:
        query = query.where(col(CaptureRow.id) <= newest)
    return list(session.exec(query))


def _is_unread(node: str) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of captures that a node kept but did not read."""
    owner = select(func.coalesce(SegmentRow.node, "")).where(
        col(SegmentRow.name) == col(CaptureRow.segment)
    )
    return (
        col(CaptureRow.extracted_at).is_(None),
        col(CaptureRow.link_id).is_not(None),
        func.coalesce(owner.correlate(CaptureRow).scalar_subquery(), "") == node,
    )


def newest_id(session: Session) -> int:
    """Return the id of the capture that was kept last, 0 for none."""
    return session.exec(select(func.max(CaptureRow.id))).one() or 0


def capture_document(row: CaptureRow) -> dict[str, Any]:
    """Return all that reads a capture from its WARC file, as JSON values."""
    document = row.model_dump(mode="json", exclude={"evidence"})
    if row.original is not None:
        document["original"] = row.original.model_dump(mode="json")
    return document


def capture_of(document: Mapping[str, Any]) -> CaptureRow:
    """Return the capture that a document was made of; it is of no session."""
    members = dict(document)
    original = members.pop("original", None)
    row = CaptureRow.model_validate(members)
    if original is not None:
        set_committed_value(row, "original", CaptureRow.model_validate(original))
    return row
