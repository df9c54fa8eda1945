"""Which files the object store has, by the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, literal
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model.takedown import TakedownState
from storage.sql.tables import (
    DayRow,
    ErasureRow,
    JobRow,
    ObjectRow,
    SegmentRow,
    TakedownRow,
)
from storage.sql.takedowns import last_takedown

BEGUN, UPLOADED = "begun", "uploaded"
_SEALED = "sealed"
_WARC, _DAY_SUFFIX, _EXPORTS = "warc/", ".jsonl", "jobs/"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that the store was seen to have.

    `segment` is the WARC file that it is, if it is one.
    """

    name: str
    key: str
    size: int
    sha256: str
    version: str | None = None
    segment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the files of an archive stand towards the store.

    Attributes:
        uploaded: WARC files that the store has, and `uploaded_bytes` theirs.
        sealed: WARC files that it does not have, and `sealed_bytes` theirs.
        since: When the first of these was sealed, if there is one.
        others: CDXJ and days' files that it has.
    """

    uploaded: int
    uploaded_bytes: int
    sealed: int
    sealed_bytes: int
    since: datetime | None
    others: int


def segments_sealed(session: Session, node: str) -> list[tuple[str, str | None]]:
    """Return name and SHA-256 of a node's sealed WARC files that the store lacks."""
    query = (
        sql_select(col(SegmentRow.name), col(SegmentRow.sha256))
        .where(
            col(SegmentRow.state) == _SEALED,
            col(SegmentRow.sha256).is_not(None),
            col(SegmentRow.node) == node,
        )
        .order_by(col(SegmentRow.id))
    )
    return [(name, sha256) for name, sha256 in session.execute(query)]


def indexes_lacking(session: Session, suffix: str, node: str) -> Iterator[str]:
    """Yield a node's sealed WARC files whose index the store does not have."""
    name = col(SegmentRow.name)
    query = _lacking(sql_select(name), literal(_WARC) + name + literal(suffix))
    sealed = query.where(col(SegmentRow.state) != "open", col(SegmentRow.node) == node)
    for (found,) in session.execute(sealed.order_by(col(SegmentRow.id))):
        yield found


def days_lacking(session: Session, folder: str, node: str) -> Iterator[str]:
    """Yield the days of a node whose file, in a folder, the store does not have."""
    day = col(DayRow.day)
    place = literal(f"{folder}/") + day + literal(_DAY_SUFFIX)
    query = _lacking(sql_select(day), place).where(col(DayRow.node) == node)
    for (found,) in session.execute(query.order_by(day)):
        yield found


def exports_kept(session: Session) -> Iterator[tuple[str, str]]:
    """Yield name and file of what jobs exported, unless it may hold what is taken down."""
    newest = last_takedown(session)
    query = select(JobRow).where(
        col(JobRow.file).is_not(None), col(JobRow.finished_at).is_not(None)
    )
    if newest is not None:
        query = query.where(JobRow.created_at > newest)
    for job in session.exec(query.order_by(col(JobRow.id))):
        yield export_name(job.created_at, job.file or ""), job.file or ""


def export_name(created_at: datetime, file: str) -> str:
    """Return what an export's file is known by: numbers of jobs may come again."""
    return f"{_EXPORTS}{created_at:%Y%m%dT%H%M%S%f}-{file}"


def exports_uploaded(session: Session) -> dict[str, ObjectRow]:
    """Return the exports that the store has, or may have, by their names."""
    query = select(ObjectRow).where(col(ObjectRow.name).like(f"{_EXPORTS}%"))
    return {row.name: row for row in session.exec(query)}


def _lacking(
    query: "Select[tuple[str]]", place: ColumnElement[str]
) -> "Select[tuple[str]]":
    """Return a query's rows whose files, at a place, are not in the store."""
    there = and_(col(ObjectRow.name) == place, col(ObjectRow.state) == UPLOADED)
    return query.outerjoin(ObjectRow, there).where(col(ObjectRow.name).is_(None))


def uploaded_before(
    session: Session, suffix: str, before: datetime, node: str
) -> list[str]:
    """Return a node's WARC files that the store has since then at the latest, with their index."""
    index = sql_select(
        col(ObjectRow.name).label("name"), col(ObjectRow.state).label("state")
    ).subquery()
    place = literal(_WARC) + col(SegmentRow.name)
    query = (
        sql_select(col(SegmentRow.name))
        .join(ObjectRow, col(ObjectRow.name) == place)
        .join(index, index.c.name == place + literal(suffix))
        .where(
            col(SegmentRow.state) == UPLOADED,
            col(SegmentRow.node) == node,
            col(ObjectRow.state) == UPLOADED,
            index.c.state == UPLOADED,
            col(ObjectRow.uploaded_at) <= before,
        )
        .order_by(col(SegmentRow.id))
    )
    return [name for (name,) in session.execute(query)]


def is_erased_in(session: Session, segment: str) -> bool:
    """Tell whether an erasure is under way that reaches a WARC file."""
    query = (
        select(ErasureRow.offset)
        .join(TakedownRow, col(TakedownRow.name) == col(ErasureRow.takedown))
        .where(
            ErasureRow.segment == segment, TakedownRow.state == TakedownState.ERASING
        )
    )
    return session.exec(query.limit(1)).first() is not None


def overwritten_in(session: Session) -> dict[str, tuple[int, int, str]]:
    """Return a place of each uploaded WARC file that was erased in, by its name.

    Offset, length, and the SHA-256 of what is to stand there; where an erasure is under
    way, none.
    """
    under_way = select(TakedownRow.name).where(
        TakedownRow.state == TakedownState.ERASING
    )
    query = (
        select(ErasureRow)
        .join(SegmentRow, col(SegmentRow.name) == ErasureRow.segment)
        .where(SegmentRow.state == UPLOADED, col(ErasureRow.takedown).not_in(under_way))
        .order_by(col(ErasureRow.erased_at))  # the last counts
    )
    return {
        row.segment: (row.offset, row.length, row.tombstone_sha256)
        for row in session.exec(query)
    }


def begin(session: Session, name: str, key: str, now: datetime) -> None:
    """Enter that a file is about to be put under a key."""
    row = session.get(ObjectRow, name)
    if row is None:
        session.add(ObjectRow(name=name, key=key, begun_at=now))
    else:
        row.state = BEGUN


def enter(session: Session, file: File, now: datetime) -> None:
    """Enter that the store was seen to have a file."""
    row = session.get(ObjectRow, file.name)
    if row is None:
        row = ObjectRow(name=file.name, key=file.key, begun_at=now)
        session.add(row)
    row.state, row.uploaded_at = UPLOADED, now
    row.size, row.sha256, row.version = file.size, file.sha256, file.version
    if file.segment is not None:
        _set_state(session, file.segment, UPLOADED)


def put_again(session: Session, segment: str, name: str) -> None:
    """Enter that the store has not got a WARC file after all."""
    session.get_one(ObjectRow, name).state = BEGUN
    _set_state(session, segment, _SEALED)


def forget(session: Session, name: str) -> None:
    """Enter that a file is in the store no more."""
    row = session.get(ObjectRow, name)
    if row is not None:
        session.delete(row)


def standing(session: Session) -> Standing:
    """Return how files stand towards the store, by the rows alone."""
    by_state = {
        state: (number, int(size), first)
        for state, number, size, first in session.execute(
            sql_select(
                col(SegmentRow.state),
                func.count(),
                func.coalesce(func.sum(SegmentRow.size), 0),
                func.min(SegmentRow.sealed_at),
            ).group_by(col(SegmentRow.state))
        )
    }
    uploaded, sealed = (by_state.get(s, (0, 0, None)) for s in (UPLOADED, _SEALED))
    files = select(func.count()).select_from(ObjectRow)
    there = session.exec(files.where(ObjectRow.state == UPLOADED)).one()
    return Standing(
        uploaded=uploaded[0],
        uploaded_bytes=uploaded[1],
        sealed=sealed[0],
        sealed_bytes=sealed[1],
        since=sealed[2],
        others=there - uploaded[0],
    )


def _set_state(session: Session, segment: str, state: str) -> None:
    row = session.exec(select(SegmentRow).where(SegmentRow.name == segment)).first()
    if row is not None and row.state != "open":
        row.state = state
