"""Write the days' files that are due, and know which there are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, col, select

from storage.days.files import (
    Day,
    Leaf,
    day_files,
    leaves_of,
    put_day,
    read_day,
    write_day,
)
from storage.days.leaves import dated_leaves
from storage.errors import BadDay
from storage.folder import DataFolder
from storage.sql.tables import DayRow, SegmentRow

#: What is still on its way at midnight gets so long to arrive.
_DAY = len("2026-11-27")
_GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A day that has its file: its root, and how far it goes in each segment."""

    day: Day
    reach: dict[str, int] = field(default_factory=dict)


def next_day(folder: DataFolder, session: Session, now: datetime) -> Sealed | None:
    """Write the file of the earliest day that is over and has none; None if all have.

    A file that is there already and follows from the last, is taken as it is: the
    process died before its row was committed, or the database was made again. The
    caller enters the day (`enter_day`) before it asks for the next.

    Args:
        folder: The archive.
        session: To read.
        now: Current time, UTC.

    Raises:
        DiskFull, WriteFailed: a file cannot be written.
    """
    last = last_day(session, folder.node)
    before = _day(last) if last is not None else None
    adopted = _adopted(folder, before)
    if adopted is not None:
        return adopted
    until = (now - _GRACE).astimezone(UTC).date() - timedelta(days=1)
    pending = _Pending(folder, session)
    first = pending.first_day()
    earliest = date.fromisoformat(before.day) + timedelta(days=1) if before else first
    if first is None or earliest is None or max(first, earliest) > until:
        return None
    day = max(first, earliest)
    reach: dict[str, int] = {}
    made = write_day(folder.fixity, day.isoformat(), pending.leaves(day, reach), before)
    return Sealed(day=made, reach=reach)


def enter_day(session: Session, sealed: Sealed, node: str) -> None:
    """Note a day's root, and how far its records go; the caller commits."""
    day = sealed.day
    session.add(
        DayRow(
            node=node,
            day=day.day,
            leaves=day.leaves,
            tree=day.tree,
            previous_day=day.previous_day,
            previous=day.previous,
            root=day.root,
        )
    )
    for name, end in sealed.reach.items():
        known = select(SegmentRow).where(SegmentRow.name == name)
        row = session.exec(known).first()
        if row is not None:
            row.days_to = end
    session.flush()


def adopt_days(folder: DataFolder, session: Session) -> int:
    """Enter the days whose files are there, as after a rebuild; return how many."""
    count = 0
    while True:
        last = last_day(session, folder.node)
        adopted = _adopted(folder, _day(last) if last is not None else None)
        if adopted is None:
            return count
        enter_day(session, adopted, folder.node)
        count += 1


def fetch_days(folder: DataFolder) -> int:
    """Have the days' files here that only the object store has; return how many.

    Raises:
        StoreUnreachable: it does not answer.
        DiskFull, WriteFailed: a file cannot be written.
    """
    if folder.away is None:
        return 0
    here = {path.stem for path in day_files(folder.fixity)}
    lacking = [
        name
        for name in folder.away.names(folder.fixity.name)
        if name[:_DAY] not in here
    ]
    for name in lacking:
        with folder.away.open(f"{folder.fixity.name}/{name}") as file:
            put_day(folder.fixity, name[:_DAY], file.read())
    return len(lacking)


def last_day(session: Session, node: str) -> DayRow | None:
    """Return the newest day of a node that has a root."""
    days = select(DayRow).where(DayRow.node == node)
    return session.exec(days.order_by(col(DayRow.day).desc()).limit(1)).first()


def _adopted(folder: DataFolder, before: Day | None) -> Sealed | None:
    for path in day_files(folder.fixity):
        if before is not None and path.stem <= before.day:
            continue
        try:
            day = read_day(path)
        except BadDay:
            return None  # `verify` tells it; the days go on behind it
        if day.previous_day != (before.day if before else None):
            return None
        reach = {leaf.segment: leaf.offset + leaf.length for leaf in leaves_of(path)}
        return Sealed(day=day, reach=reach)
    return None


class _Pending:
    """The records that are in no day's file."""

    def __init__(self, folder: DataFolder, session: Session) -> None:
        self._folder = folder
        self._session = session
        beyond = select(SegmentRow).where(
            col(SegmentRow.size) > SegmentRow.days_to, SegmentRow.node == folder.node
        )
        self._segments = session.exec(beyond.order_by(col(SegmentRow.id))).all()

    def first_day(self) -> date | None:
        """Return the earliest day of any of them."""
        first = (next(self._dated(row), None) for row in self._segments)
        return min((found[0] for found in first if found), default=None)

    def leaves(self, until: date, reach: dict[str, int]) -> Iterator[Leaf]:
        """Yield those up to a day, and note how far that goes in each segment."""
        for row in self._segments:
            for day, leaf in self._dated(row):
                if day > until:
                    break
                reach[row.name] = leaf.offset + leaf.length
                yield leaf

    def _dated(self, row: SegmentRow) -> Iterator[tuple[date, Leaf]]:
        return dated_leaves(self._folder, self._session, row, row.days_to)


def _day(row: DayRow) -> Day:
    return Day(**row.model_dump(exclude={"node"}))
