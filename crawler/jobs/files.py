"""The files of jobs: in a folder of their own, within a space, written whole or not."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from storage.errors import DiskFull
from storage.folder import DataFolder
from storage.warc.segment import write_error

_MODE = 0o700
#: Bytes between two looks at the free disk.
_LOOK_EVERY = 16 * 1024**2


class _Bounded(io.FileIO):
    """A new file that takes only so many bytes, and none when the disk is full."""

    def __init__(self, path: Path, most: int, is_full: Callable[[], bool]) -> None:
        super().__init__(path, "x+")
        self._left = most
        self._is_full = is_full
        self._unseen = 0

    def write(self, data: Any, /) -> int:  # noqa: ANN401  # any buffer
        size = memoryview(data).nbytes
        self._left -= size
        self._unseen += size
        if self._left < 0:
            raise DiskFull("the files of jobs have their space: service.job_space")
        if self._unseen > _LOOK_EVERY:
            self._unseen = 0
            if self._is_full():
                raise DiskFull("less disk is free than storage.disk_floor")
        return super().write(data) or 0


def place_of(folder: DataFolder, name: str) -> Path:
    """Return where the file of a job is."""
    return folder.jobs / name


@contextmanager
def new_file(
    path: Path, *, most: int, is_full: Callable[[], bool]
) -> Iterator[BinaryIO]:
    """Open a job's file to be written; it is in its place once the context ends well.

    Args:
        path: Its place.
        most: Bytes that it may have.
        is_full: Tells whether the disk has no more room.

    Raises:
        DiskFull: it would be longer, or there is no room.
        WriteFailed: it cannot be written.
    """
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(mode=_MODE, exist_ok=True)
        part.unlink(missing_ok=True)
        file = io.BufferedRandom(cast("io.RawIOBase", _Bounded(part, most, is_full)))
        try:
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
        finally:
            _closed(file)
        part.rename(path)
    except OSError as error:
        raise write_error(error, f"write {path.name} in {path.parent}") from error
    finally:
        part.unlink(missing_ok=True)


def _closed(file: io.BufferedRandom) -> None:
    """Close a file; what it cannot write any more is lost, as it is to be."""
    try:
        file.close()
    except DiskFull:
        file.raw.close()


def remove_files(folder: DataFolder, names: set[str]) -> None:
    """Remove files of jobs by their names; those that are gone are no trouble."""
    for name in names:
        place_of(folder, name).unlink(missing_ok=True)


def remove_others(folder: DataFolder, names: set[str]) -> None:
    """Remove all files of jobs but those of these names."""
    place = folder.jobs
    for path in place.iterdir() if place.is_dir() else ():
        if path.name not in names and path.is_file():
            path.unlink(missing_ok=True)
