"""Back an archive up while it is written.

The rows are copied first, as they stand at one moment (VACUUM INTO); all bytes that they
vouch for are on disk by then, and WARC files only grow. So the files are copied after
them, of an open one what was committed. The manifest comes last: until it is in place the
backup before counts, whose files are still there. Each file is read, compared with its
digest and written once; a sealed one that is there already is not copied again. Of those
a share is read again each time, the longest unread first: a disk may rot unseen.
"""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from math import ceil
from pathlib import Path
from typing import BinaryIO

from storage.days.files import day_files
from storage.errors import BadBackup, StorageError
from storage.folder import DATABASE, DataFolder
from storage.manifest import (
    MANIFEST,
    File,
    Manifest,
    Progress,
    chunks,
    is_whole,
    opened,
    put_manifest,
    read_manifest,
)
from storage.sql.engine import make_private
from storage.warc.segment import (
    OPEN_SUFFIX,
    file_sha256,
    sync_folder,
    write_error,
)

#: A backup a day reads each of its files again within a month.
_SHARE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup did.

    Attributes:
        manifest: What it is now.
        copied: Bytes of WARC files that were copied.
        damaged: Files that are missing, short, or not what was sealed; they are
            copied as they are.
        rotten: Files whose copy was no longer what had been copied; they were copied
            again.
    """

    manifest: Manifest
    copied: int
    damaged: tuple[str, ...]
    rotten: tuple[str, ...] = ()


def back_up(
    folder: DataFolder, into: Path, now: datetime, progress: Progress
) -> BackedUp:
    """Bring a backup up to date; another process may write the archive meanwhile.

    Args:
        folder: The archive; its rows are in SQLite.
        into: The backup's folder, made if it is not there.
        now: Current time, UTC.
        progress: Called with bytes done and bytes in all.

    Raises:
        BadBackup: the folder holds something else, or lies in the data folder or
            around it.
        DiskFull: there is no room for it.
        StoreUnreachable: a file is in an object store that does not answer.
        WriteFailed: it cannot be written.
    """
    try:
        return _back_up(folder, into, now, progress)
    except OSError as error:
        raise write_error(error, f"back up into {into}") from error


def _back_up(
    folder: DataFolder, into: Path, now: datetime, progress: Progress
) -> BackedUp:
    _refuse_nested(folder.path, into)
    _refuse_other(into)
    known = _sealed_before(into)
    warc = into / "warc"
    for place in (into, warc):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = into / f"{DATABASE}.new"
    fresh.unlink(missing_ok=True)
    with _removed_in_vain(fresh):
        _copy_rows(folder.database, fresh)
        done = _copy_segments(folder, into, _segments(fresh), known, now, progress)
    name = f"kliping-{now:%Y%m%dT%H%M%SZ}.sqlite3"
    fresh.rename(into / name)
    manifest = Manifest(
        made_at=now,
        database=_file(into, into / name),
        segments=tuple(done.files),
        days=tuple(_copy_days(folder.fixity, into, _days(into / name))),
    )
    put_manifest(into, manifest)
    _forget_others(into, manifest)
    return BackedUp(
        manifest=manifest,
        copied=done.copied,
        damaged=tuple(done.damaged),
        rotten=tuple(done.rotten),
    )


@dataclass(slots=True)
class _Copied:
    """What became of the WARC files; the names are those of BackedUp."""

    files: list[File] = field(default_factory=list)
    copied: int = 0
    damaged: list[str] = field(default_factory=list)
    rotten: list[str] = field(default_factory=list)


def _copy_segments(  # what a backup is asked, and what it has found
    folder: DataFolder,
    into: Path,
    rows: Sequence["_Row"],
    known: Mapping[str, File],
    now: datetime,
    progress: Progress,
) -> _Copied:
    done, size, total = _Copied(), 0, sum(row.size for row in rows)
    due = _due(known.values())
    for row in rows:
        place = into / "warc" / row.file_name
        file = known.get(str(place.relative_to(into)))
        if file is not None and not (row.is_met_by(file) and _is_as_long(place, file)):
            file = None
        if file is not None and file.path in due:
            is_sound = is_whole(into, file)
            done.rotten += [] if is_sound else [row.name]
            file = replace(file, read_at=now) if is_sound else None
        if file is None:
            done.copied += _copy(partial(folder.open, row.name), place, row.size)
            file = replace(_file(into, place), read_at=now)
        if not row.is_met_by(file):
            done.damaged.append(row.name)
        done.files.append(file)
        size += row.size
        progress(size, total)
    sync_folder(into / "warc")
    return done


def _due(files: Collection[File]) -> frozenset[str]:
    """Return which copies are read again: a share, the longest unread first."""
    oldest = sorted(files, key=lambda file: str(file.read_at or ""))
    return frozenset(file.path for file in oldest[: ceil(len(files) / _SHARE)])


@contextmanager
def _removed_in_vain(fresh: Path) -> Iterator[None]:
    """Remove a file that is of no use where what follows it fails: it takes room."""
    try:
        yield
    except (OSError, StorageError):
        fresh.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A segment as the copied rows have it."""

    name: str
    state: str
    size: int
    sha256: str | None

    @property
    def file_name(self) -> str:
        return self.name + OPEN_SUFFIX if self.state == "open" else self.name

    def is_met_by(self, file: File) -> bool:
        return file.size == self.size and self.sha256 in {None, file.sha256}


def _sealed_before(into: Path) -> dict[str, File]:
    """Return the sealed files that the backup has already, by their place."""
    if not (into / MANIFEST).exists():
        return {}
    segments = read_manifest(into).segments
    return {f.path: f for f in segments if not f.path.endswith(OPEN_SUFFIX)}


def _reading(database: Path) -> sqlite3.Connection:
    """Open a database that is not written to, and not made where there is none."""
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)


def _segments(database: Path) -> list[_Row]:
    """Return the segments of copied rows that hold anything committed."""
    with closing(_reading(database)) as rows:
        found = rows.execute(
            "SELECT name, state, size, sha256 FROM segment ORDER BY id"
        )
        return [
            _Row(name=name, state=state, size=size or 0, sha256=sha256)
            for name, state, size, sha256 in found
        ]


def _copy_rows(database: Path, into: Path) -> None:
    make_private(into)
    try:
        with closing(_reading(database)) as rows:
            rows.execute("VACUUM INTO ?", (str(into),))
    except sqlite3.Error as error:
        raise StorageError(
            f"the rows of {database} cannot be copied: {error}"
        ) from error
    with into.open("rb") as file:
        os.fsync(file.fileno())


def _is_as_long(place: Path, file: File) -> bool:
    """Tell whether a copy is there, and no shorter or longer than it was made."""
    return place.exists() and place.stat().st_size == file.size


def _days(database: Path) -> frozenset[str]:
    """Return the days that copied rows know; a later one's records are not copied."""
    with closing(_reading(database)) as rows:
        try:
            return frozenset(day for (day,) in rows.execute("SELECT day FROM day"))
        except sqlite3.OperationalError:  # rows of an older Kliping
            return frozenset()


def _copy_days(days: Path, into: Path, known: frozenset[str]) -> Iterator[File]:
    """Copy the days' files; none is ever changed once it is there."""
    place = into / days.name
    files = [path for path in day_files(days) if path.stem in known]
    if files:
        place.mkdir(mode=0o700, exist_ok=True)
    for source in files:
        copy = place / source.name
        if not copy.exists() or file_sha256(copy) != file_sha256(source):
            _copy(partial(opened, source), copy, source.stat().st_size)
        yield _file(into, copy)
    if files:
        sync_folder(place)


def _copy(source: Callable[[], BinaryIO], place: Path, size: int) -> int:
    """Copy a file's first bytes, durably; what is missing of them is left out.

    Where an older copy has more than is left of the file, it stays.
    """
    fresh = place.with_name(f"{place.name}.new")
    copied = 0
    with _removed_in_vain(fresh), fresh.open("wb") as target:
        for chunk in chunks(source, size):
            target.write(chunk)
            copied += len(chunk)
        target.flush()
        os.fsync(target.fileno())
    if copied < size and place.exists() and place.stat().st_size > copied:
        fresh.unlink()
        return 0
    fresh.rename(place)
    return copied


def _file(into: Path, place: Path) -> File:
    return File(
        path=str(place.relative_to(into)),
        size=place.stat().st_size,
        sha256=file_sha256(place),
    )


def _forget_others(into: Path, manifest: Manifest) -> None:
    """Remove what only the backup before this one had: its rows, its open files."""
    ours = {manifest.database.path, *(file.path for file in manifest.segments)}
    for path in (*into.glob("kliping*.sqlite3*"), *(into / "warc").iterdir()):
        if str(path.relative_to(into)) not in ours:
            path.unlink()


def _refuse_nested(folder: Path, into: Path) -> None:
    """Refuse a place that lies in the data folder, holds it, or is it.

    What is erased later is erased in the data folder's own files alone: a copy among
    them would keep it, unseen.
    """
    data, place = folder.resolve(), into.resolve()
    if place.is_relative_to(data) or data.is_relative_to(place):
        raise BadBackup(
            f"{into} and the data folder {folder} lie in one another: what is erased "
            "would stay in the copy; name a folder apart from it"
        )


def _refuse_other(into: Path) -> None:
    """Refuse a folder with anything in it but a backup, whole or interrupted."""
    if not into.exists() or (into / MANIFEST).exists():
        return
    for path in sorted(into.iterdir()):
        ours = path.name in {"warc", "fixity"} or path.name.startswith(
            ("kliping", MANIFEST)
        )
        if not ours:
            raise BadBackup(f"{into} is not empty and holds no backup: {path.name}")
