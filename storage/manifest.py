"""What a backup is: a manifest that names its files, and those files, read with care."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from storage.errors import BadBackup
from storage.warc.segment import file_sha256, sync_folder

MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024

#: Is told bytes done and bytes in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a backup: its place below it, its bytes, their SHA-256 in hex.

    `read_at` is when a WARC file's copy was made or last compared with its digest.
    """

    path: str
    size: int
    sha256: str
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is: made when, of which rows, WARC files and days' files."""

    made_at: datetime
    database: File
    segments: tuple[File, ...]
    days: tuple[File, ...] = ()

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)

    @property
    def files(self) -> tuple[File, ...]:
        """All that it consists of, the rows first."""
        return (self.database, *self.segments, *self.days)


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(backup: Path) -> Manifest:
    """Return what a backup is.

    Raises:
        BadBackup: there is none, its manifest cannot be read, or it names a file that
            lies elsewhere.
    """
    try:
        found = _MANIFEST.validate_json((backup / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BadBackup(f"{backup} holds no backup") from None
    except (OSError, ValidationError) as error:
        raise BadBackup(f"{backup / MANIFEST} cannot be read") from error
    outside = next((one.path for one in found.files if not _is_inside(one.path)), None)
    if outside is not None:
        raise BadBackup(f"{backup / MANIFEST} names {outside!r}, outside of the backup")
    return found


def _is_inside(path: str) -> bool:
    """Tell whether a path leads to something in a folder, by its own words.

    A backup may be a stranger's, and a restored file lies where its path says.
    """
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\0" not in path


def put_manifest(into: Path, manifest: Manifest) -> None:
    """Put a manifest in place, durably: from now on its backup counts."""
    fresh = into / f"{MANIFEST}.new"
    with fresh.open("wb") as file:
        file.write(_MANIFEST.dump_json(manifest, indent=1))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(into / MANIFEST)
    sync_folder(into)


def is_whole(backup: Path, file: File) -> bool:
    """Tell whether a file of a backup is there, and what was backed up."""
    path = backup / file.path
    try:
        standing = path.stat()
        is_file = S_ISREG(standing.st_mode) and standing.st_size == file.size
        return is_file and file_sha256(path) == file.sha256
    except OSError:  # it is not there, or its disk cannot read it
        return False


def opened(path: Path) -> BinaryIO:
    """Open a file that is not in an object store."""
    return path.open("rb")


def chunks(source: Callable[[], BinaryIO], size: int) -> Iterator[bytes]:
    """Yield the first bytes of a file; none where there is no file."""
    try:
        file = source()
    except FileNotFoundError:
        return
    with file:
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            yield chunk
            size -= len(chunk)
