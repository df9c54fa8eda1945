"""What a process does before it writes: finish the files of the one that died.

Nothing that SQL vouches for is cut, and nothing is thrown away: bytes beyond
what SQL knows go to quarantine first. Killed at any point and run again, it ends
in the same state. The caller holds the data folder's lock.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, make_url
from sqlmodel import Session, col, select

from storage.errors import DatabaseLost
from storage.failpoints import reach
from storage.folder import DataFolder
from storage.sql.engine import database_file
from storage.sql.revision import is_begun
from storage.sql.tables import CaptureRow, SegmentRow
from storage.warc.reader import first_member_length
from storage.warc.segment import OPEN_SUFFIX, file_sha256, sync_folder, write_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A segment that ends before what SQL knows of it; left as it is."""

    segment: str
    size: int
    committed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What recovery did and found.

    Attributes:
        cut_bytes: Bytes cut from ends of segments; copies are in quarantine.
        sealed: Segments finished now.
        quarantined: Files now in quarantine: cut ends, and open files that SQL
            does not know.
        missing: Segments that SQL knows and the folder does not have.
        short: Segments that lost bytes SQL vouches for. Their rows stay open, and
            they are reported again by every recovery until someone acts.
    """

    cut_bytes: int = 0
    sealed: tuple[str, ...] = ()
    quarantined: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()
    short: tuple[Short, ...] = ()


def refuse_lost(folder: DataFolder, url: str) -> None:
    """Begin no database beside WARC files of another: nothing would vouch for them.

    Raises:
        DatabaseLost: There are such files, and the database was never migrated.
        DBAPIError: It cannot be read.
    """
    files = len(folder.segments())
    if files and not is_begun(url):
        named = database_file(url) or make_url(url).database
        raise DatabaseLost(str(named), files, folder.warc)


def recover(folder: DataFolder, session: Session, now: datetime) -> Recovered:
    """Cut, seal and record what was left open; commits after each segment.

    Runs before the process's own first append: a segment that is still written
    would be sealed under its writer.

    Raises:
        DiskFull: There is no room for a copy of a torn end.
        WriteFailed: A file could not be copied, cut or renamed.
    """
    try:
        return _recover(folder, session, now)
    except OSError as error:
        raise write_error(error, "recover") from error


def _recover(folder: DataFolder, session: Session, now: datetime) -> Recovered:
    mine = col(SegmentRow.node) == folder.node
    known = session.exec(select(SegmentRow.name, SegmentRow.state).where(mine)).all()
    quarantined = _quarantine_unknown(folder, {name for name, _ in known})
    sealed, missing, short, cut_bytes = [], [], [], 0
    for name, state in sorted(known):
        path = folder.segment(name)
        if path is None:
            if state != "uploaded" or folder.away is None:
                missing.append(name)
            continue
        if state != "open":
            continue
        committed = _committed_size(session, name, path)
        size = path.stat().st_size
        if size < committed:
            short.append(Short(segment=name, size=size, committed=committed))
            continue
        if size > committed:
            quarantined.append(_cut(folder, path, committed))
            cut_bytes += size - committed
        _seal(folder, session, name, path, now)
        sealed.append(name)
    return Recovered(
        cut_bytes=cut_bytes,
        sealed=tuple(sealed),
        quarantined=tuple(quarantined),
        missing=tuple(missing),
        short=tuple(short),
    )


def _quarantine_unknown(folder: DataFolder, known: set[str]) -> list[Path]:
    """Move open files away that SQL does not know: their first commit never came.

    Or SQL is older than they are, put back from a backup: so they are kept whole.
    """
    moved = [
        path.rename(folder.quarantine / path.name)
        for path in sorted(folder.warc.glob(f"*{OPEN_SUFFIX}"))
        if path.name.removesuffix(OPEN_SUFFIX) not in known
    ]
    if moved:
        folder.sync()
    return moved


def _committed_size(session: Session, name: str, path: Path) -> int:
    """Return where the last record ends that SQL knows of.

    The row's own size covers records that no capture points at.
    """
    response_end = func.max(col(CaptureRow.offset) + CaptureRow.length)
    request_end = func.max(col(CaptureRow.request_offset) + CaptureRow.request_length)
    captures = select(response_end, request_end).where(CaptureRow.segment == name)
    row = select(SegmentRow.size).where(SegmentRow.name == name)
    ends = (*session.exec(captures).one(), session.exec(row).one())
    return max((end for end in ends if end), default=0) or first_member_length(path)


def _cut(folder: DataFolder, path: Path, committed: int) -> Path:
    """Copy a segment's end to quarantine, then cut it off; both durable."""
    name = path.name.removesuffix(OPEN_SUFFIX)
    copy = folder.quarantine / f"{name}.tail-{committed}"
    with path.open("r+b") as segment:
        segment.seek(committed)
        with copy.open("wb") as tail:
            shutil.copyfileobj(segment, tail)
            tail.flush()
            os.fsync(tail.fileno())
        sync_folder(folder.quarantine)
        reach("mid_recover")
        segment.truncate(committed)
        os.fsync(segment.fileno())
    return copy


def _seal(
    folder: DataFolder, session: Session, name: str, path: Path, now: datetime
) -> None:
    sealed = folder.warc / name
    with path.open("rb") as segment:
        os.fsync(segment.fileno())
    path.rename(sealed)
    sync_folder(folder.warc)
    row = session.exec(select(SegmentRow).where(SegmentRow.name == name)).one()
    row.state = "sealed"
    row.size = sealed.stat().st_size
    row.sha256 = file_sha256(sealed)
    row.sealed_at = now
    session.add(row)
    session.commit()
