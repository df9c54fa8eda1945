"""One WARC file while it is written.

A segment is known in SQL by its final name, `kliping-YYYYMMDDhhmmss-UUID.warc.gz`,
from its first record on. While it is open the file carries `.open` behind that
name, and sealing takes the suffix away; `find_segment` finds it in either state.
No open file is ever appended to by another process.
"""

import errno
import hashlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from storage.errors import DiskFull, StorageError, WriteFailed
from storage.failpoints import is_armed, reach
from storage.model.record import Position
from storage.warc.record import warcinfo_record

OPEN_SUFFIX = ".open"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FILE_MODE = 0o640
_HASH_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A finished file: its name, bytes, and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


def find_segment(folder: Path, name: str) -> Path | None:
    """Return where a segment stands, open or sealed, or None if it is missing."""
    sealed, still_open = folder / name, folder / (name + OPEN_SUFFIX)
    # Sealing renames between two looks: the sealed name is looked at again.
    return next((p for p in (sealed, still_open, sealed) if p.exists()), None)


def segments_in(folder: Path) -> list[str]:
    """Return the names of the segments in a folder, open or sealed."""
    found = (path.name.removesuffix(OPEN_SUFFIX) for path in folder.iterdir())
    return [name for name in found if name.endswith(".warc.gz")]


def write_error(error: OSError, doing: str) -> StorageError:
    """Return the storage error that a failed system call means."""
    if error.errno in _FULL:
        return DiskFull(f"no space left: {doing}")
    return WriteFailed(f"{doing}: {error.strerror or error}")


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable: files made, renamed and removed in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file in hex, reading it in pieces."""
    with path.open("rb") as file:
        return sha256_of(file)


def sha256_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a whole open file in hex, reading it in pieces."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_HASH_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


class Segment:
    """An open WARC file with one owner; not safe to share between threads.

    Attributes:
        name: The final name, as SQL knows it.
        size: Bytes written so far.
        head: Bytes of the warcinfo record that opens the file.
        opened_at: When it was made.
        broken: A write could not be undone or a sync failed. The file is then
            left as it is, for recovery to look at: after a failed fsync the
            kernel may have dropped the pages and called them clean.
    """

    def __init__(
        self,
        folder: Path,
        *,
        software: str,
        operator: str,
        now: datetime,
        node: str = "",
    ) -> None:
        """Make the file, write its warcinfo record, and sync both to disk.

        `node` is whose it is, where many write one archive.

        Raises:
            DiskFull: There is no room.
            WriteFailed: The file could not be made; nothing of it remains.
        """
        self.name = f"kliping-{now:%Y%m%d%H%M%S}-{uuid.uuid4().hex}.warc.gz"
        self.opened_at = now
        self.broken = False
        self.size = 0
        self._folder = folder
        self._path = folder / (self.name + OPEN_SUFFIX)
        self._digest: hashlib._Hash | None = hashlib.sha256()
        info = warcinfo_record(self.name, software, operator, made_at=now, node=node)
        self.head = len(info)
        try:
            self._file = os.open(
                self._path,
                os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC,
                _FILE_MODE,
            )
        except OSError as error:
            raise write_error(error, f"open {self._path}") from error
        try:
            self._write(info)
            os.fsync(self._file)
            sync_folder(folder)
        except OSError as error:
            self.discard()
            raise write_error(error, f"start {self._path}") from error

    def append(self, members: Sequence[bytes]) -> tuple[Position, ...]:
        """Write gzip members at the end, all or none of them; not yet synced.

        Raises:
            DiskFull: There is no room; the file is as it was.
            WriteFailed: The write failed; the file is as it was, or is broken.
        """
        self._refuse_broken()
        start = self.size
        try:
            reach("before_append")
            self._write(b"".join(members))
            reach("after_append")
        except OSError as error:
            self.truncate(start)
            raise write_error(error, f"append to {self.name}") from error
        positions = []
        for member in members:
            position = Position(segment=self.name, offset=start, length=len(member))
            positions.append(position)
            start += len(member)
        return tuple(positions)

    def stands_at(self, path: Path) -> bool:
        """Tell whether this is the file at a path."""
        return path == self._path

    def note_overwritten(self) -> None:
        """Have the whole file read again for its digest when it is sealed."""
        self._digest = None

    def sync(self) -> None:
        """Make everything appended durable.

        Raises:
            DiskFull: There is no room. The segment is broken.
            WriteFailed: The sync failed. The segment is broken.
        """
        self._refuse_broken()
        try:
            os.fdatasync(self._file)
            reach("after_sync")
        except OSError as error:
            self.broken = True
            raise write_error(error, f"sync {self.name}") from error

    def truncate(self, size: int) -> None:
        """Cut the file back to an earlier size.

        Raises:
            WriteFailed: It could not be cut. The segment is broken.
        """
        self._refuse_broken()
        try:
            os.ftruncate(self._file, size)
        except OSError as error:
            self.broken = True
            raise write_error(error, f"cut {self.name}") from error
        self.size = size
        self._digest = None

    def seal(self) -> Sealed:
        """Finish the file: sync it, take its open suffix away, and close it.

        Raises:
            WriteFailed: It could not be sealed; recovery will do it.
        """
        self._refuse_broken()
        try:
            os.fsync(self._file)
            sha256 = self._sha256()
            reach("mid_seal")
            self._path.rename(self._folder / self.name)
            sync_folder(self._folder)
        except OSError as error:
            self.broken = True
            raise write_error(error, f"seal {self.name}") from error
        finally:
            self.close()
        return Sealed(name=self.name, size=self.size, sha256=sha256)

    def free_bytes(self) -> int:
        """Return the room left on the file's disk for an unprivileged user."""
        disk = os.fstatvfs(self._file)
        return disk.f_bavail * disk.f_frsize

    def discard(self) -> None:
        """Close the file and remove it: SQL never came to know of it."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file as it is, for recovery to seal; harmless twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, data: bytes) -> None:
        if is_armed("mid_append"):
            half = len(data) // 2
            self._write_at(data[:half], self.size)
            reach("mid_append")
            self._write_at(data[half:], self.size + half)
        else:
            self._write_at(data, self.size)
        self.size += len(data)
        if self._digest is not None:
            self._digest.update(data)

    def _write_at(self, data: bytes, offset: int) -> None:
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._file, rest, offset)
            offset += written
            rest = rest[written:]

    def _sha256(self) -> str:
        """Return the digest kept while writing; once cut, read the file again."""
        if self._digest is not None:
            return self._digest.hexdigest()
        digest = hashlib.sha256()
        offset = 0
        while chunk := os.pread(self._file, _HASH_CHUNK, offset):
            digest.update(chunk)
            offset += len(chunk)
        return digest.hexdigest()

    def _refuse_broken(self) -> None:
        if self.broken or self._file < 0:
            raise WriteFailed(f"{self.name} is closed to writing")
