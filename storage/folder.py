"""The data folder: where everything is kept, and who may write there.

warc/             segments: open ones end in .open; some may be in an object store alone
fixity/           each day's records under one hash (fixity-NODE/ beside other nodes)
jobs/             files that somebody asked for, for a day
quarantine/       bytes that no row vouches for, kept for a person to look at
kliping.sqlite3   rows (embedded mode)
upkeep/           when it was last verified and backed up
kliping.node      the folder's name among those that share a database
kliping.lock      held by the one process that writes; says who it is
"""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

from storage.errors import ArchiveBusy, StorageError
from storage.warc.segment import find_segment, segments_in, sync_folder, write_error

DATABASE = "kliping.sqlite3"
_FOLDER_MODE = 0o700
_LOCK_MODE = 0o600
_LOCK_NAME = "kliping.lock"
_NODE_NAME = "kliping.node"
_MAX_HOLDER_BYTES = 64 * 1024
# A reader of the lock file holds it for an instant; a writer looks again.
_TRIES = 5
#: A file is sealed once and let go once between two looks.
_LOOKS = 3
_PAUSE_SECONDS = 0.02


class FolderLock:
    """A held lock; released by `release`, by leaving `with`, or by dying.

    A forked child shares it: it is free only when parent and child are gone.
    """

    def __init__(self, file: int) -> None:
        """Own the descriptor of a locked file."""
        self._file = file

    def note(self, members: Mapping[str, str]) -> None:
        """Say anew what the holder is and where it is reached; `pid` is added.

        Raises:
            DiskFull: There is no room for it.
            WriteFailed: It cannot be written.
        """
        text = json.dumps({**members, "pid": os.getpid()}).encode()
        try:
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))
        except OSError as error:
            raise write_error(error, f"write {_LOCK_NAME}") from error

    def release(self) -> None:
        """Let the next process in; harmless twice."""
        if self._file >= 0:
            with suppress(OSError):  # what it says counts only while it is held
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        """Return the lock, held."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Release it."""
        self.release()


class Away(Protocol):
    """Files that are kept elsewhere, by their places below a data folder.

    All raise StoreUnreachable where it cannot be told, FileNotFoundError for none.
    """

    def size(self, place: str) -> int:
        """Return a file's bytes."""

    def read(self, place: str, offset: int, length: int) -> bytes:
        """Return bytes of a file; fewer where it ends."""

    def open(self, place: str) -> BinaryIO:
        """Return a file to read in, a piece at a time."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder."""


class DataFolder:
    """Paths below one data folder; making one makes its folders.

    A segment's bytes are read by `open`, `read` and `size`, wherever it is. `node` is
    the name of this folder among those that share a database; empty where the database
    is this folder's own.
    """

    def __init__(self, path: Path, away: Away | None = None, *, node: str = "") -> None:
        """Make the folder and those in it, readable by their owner alone.

        Args:
            path: The folder.
            away: Where segments are that are not in it.
            node: Its name.

        Raises:
            DiskFull: There is no room for the folder.
            WriteFailed: It cannot be made.
        """
        self.path = path
        self.away = away
        self.node = node
        self.warc = path / "warc"
        self.quarantine = path / "quarantine"
        self.fixity = path / (f"fixity-{node}" if node else "fixity")
        self.jobs = path / "jobs"
        self.database = path / DATABASE
        for folder in (self.path, self.warc, self.quarantine):
            _make(folder)

    def segment(self, name: str) -> Path | None:
        """Return where a segment stands, open or sealed; None if it is not here."""
        return find_segment(self.warc, name)

    def adopt_days(self) -> None:
        """Make days' files its own that an archive of one node left here."""
        if self.node and not self.fixity.exists():
            with suppress(FileNotFoundError):
                (self.path / "fixity").rename(self.fixity)
                sync_folder(self.path)

    def segments(self) -> list[str]:
        """Return the names of the WARC files that stand here, open or sealed."""
        return segments_in(self.warc)

    def open(self, name: str) -> BinaryIO:
        """Open a segment to read, wherever it is; to be closed by who asks.

        Raises:
            FileNotFoundError: it is nowhere.
            StoreUnreachable: it is not here, and elsewhere cannot be looked.
        """
        for _ in range(_LOOKS):
            with suppress(FileNotFoundError):  # just sealed, or let go
                if (path := self.segment(name)) is not None:
                    return path.open("rb")
        if self.away is None:
            raise FileNotFoundError(name)
        return self.away.open(self.place(name))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Return bytes of a segment, fewer where it ends; raises as `open`."""
        if self.away is not None and self.segment(name) is None:
            return self.away.read(self.place(name), offset, length)
        with self.open(name) as file:
            if os.fstat(file.fileno()).st_size < offset + length:
                return b""
            file.seek(offset)
            return file.read(length)

    def size(self, name: str) -> int:
        """Return the bytes of a segment; raises as `open`."""
        if self.away is not None and self.segment(name) is None:
            return self.away.size(self.place(name))
        with self.open(name) as file:
            return file.seek(0, os.SEEK_END)

    def place(self, name: str) -> str:
        """Return the place of a sealed segment below the folder."""
        return f"{self.warc.name}/{name}"

    def sync(self) -> None:
        """Make the entries of the segment and quarantine folders durable."""
        sync_folder(self.quarantine)
        sync_folder(self.warc)

    def free_bytes(self) -> int:
        """Return the room left on the folder's disk for an unprivileged user."""
        return shutil.disk_usage(self.path).free

    def lock(self, members: Mapping[str, str]) -> FolderLock:
        """Take the folder for this process, or fail at once.

        Args:
            members: What the holder is and where it is reached, for others to
                read in the lock file; `pid` is added.

        Raises:
            ArchiveBusy: Another process, or this one, holds it.
            DiskFull: There is no room for the lock's file.
            WriteFailed: It cannot be written.
        """
        file = os.open(
            self.path / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _LOCK_MODE
        )
        if not _take(file):
            os.close(file)
            holder = _read(self.path / _LOCK_NAME)
            raise ArchiveBusy(self.path, f"process {holder.get('pid', 'unknown')}")
        lock = FolderLock(file)
        try:
            lock.note(members)
        except StorageError:
            lock.release()
            raise
        return lock


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        doing = f"the data folder {folder} cannot be made (see storage.folder)"
        raise write_error(error, doing) from error


def known_node(path: Path) -> str:
    """Return the name that a data folder has among others; empty for none yet."""
    with suppress(FileNotFoundError):
        return (path / _NODE_NAME).read_text().strip()
    return ""


def node_name(path: Path) -> str:
    """Return the name of a data folder among others; the first call gives it one.

    Raises:
        DiskFull: There is no room for it.
        WriteFailed: It cannot be written.
    """
    file = path / _NODE_NAME
    if known := known_node(path):
        return known
    name, making = secrets.token_hex(6), file.with_suffix(".new")
    try:
        path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        with making.open("w") as written:
            written.write(f"{name}\n")
            written.flush()
            os.fsync(written.fileno())
        making.rename(file)
        sync_folder(path)
    except OSError as error:
        raise write_error(error, f"write {_NODE_NAME}") from error
    return name


def read_holder(path: Path) -> dict[str, Any] | None:
    """Return what the holder of a data folder says of itself; None if it is free.

    `pid` is always there; an empty dict means that the holder is just starting.
    """
    try:
        file = os.open(path / _LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path / _LOCK_NAME)
    finally:
        os.close(file)
    return None


def _take(file: int) -> bool:
    for attempt in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt < _TRIES - 1:
                time.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        text = file.read(_MAX_HOLDER_BYTES)
    try:
        members = json.loads(text)
    except ValueError:  # the holder is just starting
        return {}
    return members if isinstance(members, dict) else {}
