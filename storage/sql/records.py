"""WARC records that are no capture's request or answer.

Every function takes the session of one transaction and does not commit.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlmodel import Session

from storage.model.record import Position, RecordKind
from storage.sql.tables import CaptureRow, RecordRow, table_of

_LAST = select(func.max(table_of(RecordRow).c.id))
_NEXT = text(
    "SELECT nextval(pg_get_serial_sequence('record', 'id'))"
    " FROM generate_series(1, :count)"
)


def next_ids(session: Session, count: int) -> Sequence[int]:
    """Return ids for records that are about to be entered, in their order.

    Each is higher than that of any record whose transaction is over.
    """
    if session.get_bind().dialect.name == "sqlite":
        last = session.connection().execute(_LAST).scalar_one() or 0
        return range(last + 1, last + 1 + count)
    return session.execute(_NEXT, {"count": count}).scalars().all()


def add_strays(
    session: Session,
    capture_id: int,
    members: Sequence[bytes],
    places: Sequence[Position],
) -> None:
    """Enter what came with a capture's response and is no part of it."""
    if not members:
        return
    link_id = session.get_one(CaptureRow, capture_id).link_id
    session.add_all(
        RecordRow(
            segment=place.segment,
            offset=place.offset,
            length=place.length,
            sha256=hashlib.sha256(member).hexdigest(),
            kind=RecordKind.STRAY,
            link_id=link_id,
            capture_id=capture_id,
        )
        for place, member in zip(places, members, strict=True)
    )
    session.flush()
