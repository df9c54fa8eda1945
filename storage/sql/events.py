"""Events: what others are told of, kept before it is sent.

Those about articles that are withheld are not told. The newest event is always kept: the
next one gets the number after it, and whoever has seen all goes on from there.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_
from sqlmodel import Session, col, select

from storage.sql.shown import is_shown
from storage.sql.tables import EventRow

#: The first event of a database that was made anew.
REBUILT = "service.rebuilt"
#: Where a session's `info` has the list in which events wait for the commit, if at all.
HELD = "held_events"
#: The key of the advisory lock of who enters events.
_ENTERING = 0x6B6C6576
#: By the table, for each article is one: rows that the session knows cost thrice as much.
_ADD = insert(EventRow.metadata.tables["event"])
_SHOWN = is_shown(col(EventRow.link_id))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """What was sent in vain.

    Attributes:
        failing: How many events are to be sent again.
        since: When the first of them was.
        given_up: How many were tried for three days, and are not sent again.
        why: Why the newest of all was not taken.
    """

    failing: int
    since: datetime | None
    given_up: int
    why: str


def add_event(  # a row's columns, by name
    session: Session,
    kind: str,
    data: Mapping[str, Any],
    at: datetime,
    *,
    send_at: datetime | None,
    link_id: int | None = None,
) -> None:
    """Enter an event, to be sent at a time, or to nobody.

    Args:
        session: Of one transaction.
        kind: What it is, as `source.degraded`.
        data: What is told of it.
        at: When it was.
        send_at: When it is to be sent, None for never.
        link_id: The link of the article that it is about, if it is about one.
    """
    row = {"at": at, "type": kind, "data": dict(data), "link_id": link_id}
    row |= {"next_try": send_at, "tries": 0, "why": ""}
    held = session.info.get(HELD)
    if held is not None:
        held.append(row)
    else:
        session.connection().execute(_ADD, row)


def enter_held(connection: Connection, held: Sequence[Mapping[str, Any]]) -> None:
    """Enter what `add_event` held back, as the last thing before a commit.

    Writers that share a server do so one after the other, so events are seen in the
    order of their numbers: whoever has seen one misses none that has a lower number
    and is committed later. Nothing is waited for behind the lock, so it locks up nobody.
    """
    if held:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ENTERING})")
        connection.execute(_ADD, list(held))


def due_events(session: Session, now: datetime, limit: int) -> list[Event]:
    """Return what is to be sent now, oldest first."""
    query = select(EventRow).where(col(EventRow.next_try) <= now, _SHOWN)
    rows = session.exec(query.order_by(col(EventRow.id)).limit(limit))
    return [_event(row) for row in rows]


def untaken(session: Session) -> Untaken:
    """Return what was sent in vain; whoever reads events has it all the same."""
    tried = col(EventRow.tries) > 0, col(EventRow.sent_at).is_(None), _SHOWN
    waits = col(EventRow.next_try).is_not(None)
    counted = select(func.count(), func.min(EventRow.at)).where(*tried, waits)
    failing, since = session.exec(counted).one()
    lost = col(EventRow.why) != "", ~waits  # what was blanked has no reason any more
    gone = session.exec(select(func.count()).where(*tried, *lost)).one()
    newest = select(EventRow.why).where(*tried, col(EventRow.why) != "")
    why = session.exec(newest.order_by(col(EventRow.id).desc()).limit(1)).first()
    return Untaken(failing=failing, since=since, given_up=gone, why=why or "")


def list_events(
    session: Session, *, after: int, limit: int, types: Sequence[str] = ()
) -> list[Event]:
    """Return events that came after one, oldest first.

    Args:
        session: For reading.
        after: The number of the one before; 0 for the first.
        limit: At most so many.
        types: Which are meant, `*` for any characters; without any, all.
    """
    query = select(EventRow).where(col(EventRow.id) > after, _SHOWN)
    if types:
        query = query.where(or_(*(_is_of(pattern) for pattern in types)))
    rows = session.exec(query.order_by(col(EventRow.id)).limit(limit))
    return [_event(row) for row in rows]


def begin_events(
    session: Session, now: datetime, *, send_at: datetime | None = None
) -> None:
    """Enter the first event of a rebuilt SQLite database, numbered above all before.

    Events are in no WARC file. Their numbers go on from the milliseconds since 1970, or
    those who have seen many would wait for numbers that they know to come again.
    """
    row = EventRow(
        id=int(now.timestamp() * 1000),
        at=now,
        type=REBUILT,
        data={},
        next_try=send_at,
    )
    session.add(row)
    session.flush()


def newest_event(session: Session) -> int:
    """Return the number of the newest event, 0 for none."""
    return session.exec(select(func.max(EventRow.id))).one() or 0


def trim_events(session: Session, before: datetime, limit: int) -> int:
    """Let some of the oldest events go that were before a time; return how many.

    Args:
        session: Of one transaction.
        before: What was then or later stays, and so does the newest.
        limit: At most so many go.
    """
    oldest = select(EventRow.id, EventRow.at).order_by(col(EventRow.id)).limit(limit)
    newest = newest_event(session)
    gone = [
        number
        for number, at in session.exec(oldest)
        if at < before and number != newest
    ]
    if gone:
        session.exec(delete(EventRow).where(col(EventRow.id).in_(gone)))
    return len(gone)


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


def _is_of(pattern: str) -> ColumnElement[bool]:
    """Return the condition that an event is of a type; `*` is for any characters."""
    if "*" not in pattern:
        return col(EventRow.type) == pattern
    return col(EventRow.type).like(
        pattern.replace("_", r"\_").replace("%", r"\%").replace("*", "%"), escape="\\"
    )


def _event(row: EventRow) -> Event:
    return Event(
        id=int(row.id or 0),
        at=row.at,
        type=row.type,
        data=row.data,
        tries=row.tries,
        sent_at=row.sent_at,
    )
