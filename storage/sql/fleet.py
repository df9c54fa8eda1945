"""The nodes that share an archive, as rows tell of them; and what one takes from another."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from storage.sql.nodes import node_of
from storage.sql.objects import UPLOADED
from storage.sql.tables import CaptureRow, DayRow, HostRow, SegmentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What rows say of a node.

    Attributes:
        node: Its name.
        segments: Its WARC files, `uploaded` those that the object store has.
        unread: Captures in its files that were kept and not read, and
            `unread_uploaded` those of them that the store has.
        visiting: Hosts that it is visiting.
        kept_at: When its newest capture was received; None for none yet.
    """

    node: str
    segments: int
    uploaded: int
    unread: int
    unread_uploaded: int
    visiting: int
    kept_at: datetime | None


def standings(session: Session, now: datetime) -> list[Standing]:
    """Return how all nodes stand that ever kept something, by their names."""
    counted = (
        select(SegmentRow.node, SegmentRow.state, func.count(), func.max(SegmentRow.id))
        .group_by(SegmentRow.node, SegmentRow.state)
        .order_by(SegmentRow.node)
    )
    files, uploaded = Counter[str](), Counter[str]()
    newest: dict[str, int] = {}
    for node, state, number, last in session.exec(counted):
        files[node] += number
        uploaded[node] += number if state == UPLOADED else 0
        newest[node] = max(newest.get(node, 0), last or 0)
    unread, there = _unread(session)
    visiting = _visiting(session, now)
    return [
        Standing(
            node=node,
            segments=files[node],
            uploaded=uploaded[node],
            unread=unread[node],
            unread_uploaded=there[node],
            visiting=visiting[node],
            kept_at=_kept_at(session, newest[node]),
        )
        for node in files
    ]


def adopt(session: Session, names: Collection[str]) -> None:
    """Make a node's own what `kliping migrate` brought to it from elsewhere.

    On a server that is what an archive of one node had; in a file of SQLite, which has
    one node alone, what any had: as far as it is in the folder or in the object store.
    Days that other nodes sealed stay theirs in a file.

    Args:
        session: Of the node.
        names: Of the WARC files in its folder.
    """
    node = node_of(session)
    segment = col(SegmentRow.node)
    adopted = session.exec(
        update(SegmentRow)
        .where(
            segment == "" if node else segment != "",
            col(SegmentRow.name).in_(names) | (col(SegmentRow.state) == UPLOADED),
        )
        .values(node=node)
    )
    if node and adopted.rowcount:
        session.exec(update(DayRow).where(col(DayRow.node) == "").values(node=node))


def take_over(session: Session, node: str) -> int:
    """Make a node's own what the store has of another's; return how many files.

    Rows alone change. Its days' roots stay its own; what is in none yet gets into ours.
    """
    taken = session.exec(
        update(SegmentRow)
        .where(col(SegmentRow.node) == node, col(SegmentRow.state) == UPLOADED)
        .values(node=node_of(session))
    )
    return int(taken.rowcount)


def _unread(session: Session) -> tuple[Counter[str], Counter[str]]:
    """Return how many captures each node did not read; and those that the store has."""
    query = (
        select(SegmentRow.node, SegmentRow.state, func.count())
        .join(CaptureRow, col(CaptureRow.segment) == SegmentRow.name)
        .where(
            col(CaptureRow.extracted_at).is_(None), col(CaptureRow.link_id).is_not(None)
        )
        .group_by(SegmentRow.node, SegmentRow.state)
    )
    found, there = Counter[str](), Counter[str]()
    for node, state, number in session.exec(query):
        found[node] += number
        there[node] += number if state == UPLOADED else 0
    return found, there


def _visiting(session: Session, now: datetime) -> Counter[str]:
    query = (
        select(HostRow.visitor, func.count())
        .where(col(HostRow.visiting_until) > now)
        .group_by(HostRow.visitor)
    )
    return Counter(dict(session.exec(query).all()))


def _kept_at(session: Session, segment_id: int) -> datetime | None:
    """Return when the newest capture of a WARC file was received, or it was opened."""
    row = session.get_one(SegmentRow, segment_id)
    query = select(func.max(CaptureRow.fetched_at)).where(
        CaptureRow.segment == row.name
    )
    return session.exec(query).one() or row.opened_at
