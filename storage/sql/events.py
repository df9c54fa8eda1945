"""Events: what others are told of, kept before it is sent.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from storage.sql.tables import EventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that others are told of.

    Attributes:
        id: Its number; later ones have greater ones.
        at: When it was.
        type: What it is, as `source.degraded`.
        data: What is told of it, as JSON values.
        tries: How often it was sent in vain.
        sent_at: When somebody took it, or None.
    """

    id: int
    at: datetime
    type: str
    data: Mapping[str, Any]
    tries: int = 0
    sent_at: datetime | None = None


def add_event(
    session: Session,
    kind: str,
    data: Mapping[str, Any],
    at: datetime,
    *,
    send_at: datetime | None,
) -> None:
    """Enter an event, to be sent at a time, or to nobody."""
    session.add(EventRow(at=at, type=kind, data=dict(data), next_try=send_at))


def due_events(session: Session, now: datetime, limit: int) -> list[Event]:
    """Return what is to be sent now, oldest first."""
    query = select(EventRow).where(col(EventRow.next_try) <= now)
    rows = session.exec(query.order_by(col(EventRow.id)).limit(limit))
    return [_event(row) for row in rows]


def list_events(session: Session, *, after: int, limit: int) -> list[Event]:
    """Return events that came after one, oldest first."""
    query = select(EventRow).where(col(EventRow.id) > after)
    rows = session.exec(query.order_by(col(EventRow.id)).limit(limit))
    return [_event(row) for row in rows]


def note_sent(session: Session, event: int, now: datetime) -> None:
    """Note that somebody took an event."""
    row = session.get_one(EventRow, event)
    row.sent_at, row.next_try, row.why = now, None, ""


def note_failed(
    session: Session, event: int, why: str, next_try: datetime | None
) -> None:
    """Note that nobody took an event, and when it is sent again; None for no more."""
    row = session.get_one(EventRow, event)
    row.tries, row.next_try, row.why = row.tries + 1, next_try, why


def _event(row: EventRow) -> Event:
    return Event(
        id=int(row.id or 0),
        at=row.at,
        type=row.type,
        data=row.data,
        tries=row.tries,
        sent_at=row.sent_at,
    )
