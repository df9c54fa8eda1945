"""Do the days' files hold, and is what they name still what it was?

Removing, reordering or replacing a day breaks the chain of roots or the rows that know
them. Who replaces all of it, and the rows, is found out by one root that was printed.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Select, null
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.days.files import Day, Leaf, day_files, day_path, leaves_of, read_day
from storage.errors import BadDay, CorruptRecord
from storage.fixity import Damage, with_article
from storage.folder import DataFolder
from storage.sql.tables import CaptureRow, DayRow, ErasureRow, RecordRow
from storage.warc.reader import member_at


class _Row(NamedTuple):
    """What SQL says of a place now."""

    length: int
    sha256: str | None
    capture_id: int | None
    url: str | None


def check_days(folder: DataFolder, session: Session) -> Iterator[Damage]:
    """Yield what is wrong with days' files, and what is not what they have.

    Records are compared with the digests that rows have, which `fixity.verify` compares
    with the bytes; what has no row is read.
    """
    days = select(DayRow).where(DayRow.node == folder.node)
    rows = {row.day: row for row in session.exec(days)}
    before: Day | None = None
    for path in day_files(folder.fixity):
        name = f"{folder.fixity.name}/{path.name}"
        try:
            day = read_day(path)
        except BadDay as error:
            yield Damage(file=name, why=str(error))
            known = rows.pop(path.stem, None)
            before = _day(known) if known is not None else before
            continue
        yield from (Damage(file=name, why=why) for why in _breaks(day, before))
        known = rows.pop(day.day, None)
        if known is not None and known.root != day.root:
            yield Damage(
                file=name, why=f"has another root than was noted, {known.root}"
            )
        yield from _changed(folder, session, path)
        before = day
    for missing in sorted(rows):
        name = f"{folder.fixity.name}/{day_path(folder.fixity, missing).name}"
        yield Damage(file=name, why="the file is missing")


def prove_day(
    folder: DataFolder, session: Session, day: str, root: str
) -> Iterator[Damage]:
    """Yield what of a day is not what a root from outside stands for.

    All bytes of that day are read. An erased record counts as sound where its
    tombstone stands.
    """
    path = day_path(folder.fixity, day)
    name = f"{folder.fixity.name}/{path.name}"
    if not path.exists():
        yield Damage(file=name, why="there is no root of this day")
        return
    try:
        found = read_day(path)
    except BadDay as error:
        yield Damage(file=name, why=str(error))
        return
    if found.root != root.lower():
        yield Damage(file=name, why=f"has the root {found.root}, not {root.lower()}")
    for leaf in leaves_of(path):
        wanted = expected_sha256(session, leaf)
        why = _byte_damage(folder, leaf, wanted)
        if why is not None:
            rows = _rows(session, leaf.segment)
            yield _named(session, leaf, rows.get(leaf.offset), f"{day}: {why}")


def expected_sha256(session: Session, leaf: Leaf) -> str:
    """Return the digest that a record has now: a tombstone's, where it was erased."""
    erased = session.get(ErasureRow, (leaf.segment, leaf.offset))
    if erased is not None and erased.former_sha256 == leaf.sha256:
        return erased.tombstone_sha256
    return leaf.sha256


def _breaks(day: Day, before: Day | None) -> Iterator[str]:
    """Yield how a day does not follow from the one before."""
    if before is None:
        if day.previous_day is not None:
            yield f"the day before it, {day.previous_day}, is missing"
    elif day.previous_day != before.day:
        yield f"follows {day.previous_day}, not {before.day}"
    elif day.previous != before.root:
        yield f"does not follow from the root of {before.day}"


def _changed(folder: DataFolder, session: Session, path: Path) -> Iterator[Damage]:
    """Yield records of a day that are another now."""
    segment, rows = "", dict[int, _Row]()
    for leaf in leaves_of(path):
        if leaf.segment != segment:
            segment, rows = leaf.segment, dict(_rows(session, leaf.segment))
        row = rows.get(leaf.offset)
        if row is not None and (row.length, row.sha256) == (leaf.length, leaf.sha256):
            continue
        why = _row_damage(folder, leaf, row, expected_sha256(session, leaf))
        if why is not None:
            yield _named(session, leaf, row, f"is not what {path.stem} has: {why}")


def _row_damage(
    folder: DataFolder, leaf: Leaf, row: _Row | None, expected: str
) -> str | None:
    """Return what is wrong with a record whose row does not have a leaf's digest."""
    if row is None or row.sha256 is None:
        return _byte_damage(folder, leaf, leaf.sha256, expected)
    is_sound = (row.length, row.sha256) == (leaf.length, expected)
    return None if is_sound else "its row has another digest"


def _byte_damage(folder: DataFolder, leaf: Leaf, *wanted: str) -> str | None:
    try:
        member = member_at(folder, leaf.segment, leaf.offset, leaf.length, None)
    except CorruptRecord as error:
        return error.why
    is_sound = sha256(member).hexdigest() in wanted
    return None if is_sound else "does not have its SHA-256"


def _named(session: Session, leaf: Leaf, row: _Row | None, why: str) -> Damage:
    return with_article(
        session,
        Damage(
            file=leaf.segment,
            offset=leaf.offset,
            why=why,
            capture_id=row.capture_id if row else None,
            url=row.url if row else None,
        ),
    )


def _rows(session: Session, segment: str) -> Mapping[int, _Row]:
    """Return what SQL says of a segment's records, by offset."""
    rows: dict[int, _Row] = {}
    for query in _queries(segment):
        for offset, *known in session.execute(query):
            rows[offset] = _Row(*known)
    return rows


def _queries(segment: str) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield what asks for offset, length, digest, capture and URL of the records."""
    capture, record = CaptureRow, RecordRow
    of_segment = col(capture.segment) == segment
    yield sql_select(
        col(capture.offset),
        col(capture.length),
        col(capture.record_sha256),
        col(capture.id),
        col(capture.url),
    ).where(of_segment)
    yield sql_select(
        col(capture.request_offset),
        col(capture.request_length),
        col(capture.request_sha256),
        col(capture.id),
        col(capture.url),
    ).where(of_segment, col(capture.request_length) > 0)
    yield sql_select(
        col(record.offset),
        col(record.length),
        col(record.sha256),
        col(record.capture_id),
        null(),
    ).where(col(record.segment) == segment)


def _day(row: DayRow) -> Day:
    return Day(**row.model_dump(exclude={"node"}))
