"""Overwrite records where they stand, durably; the files keep every other byte.

Only the thread that writes does this (storage.commit): of an open file, it is the one
that appends as well.
"""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.failpoints import reach
from storage.warc.segment import write_error

#: FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE (Linux, falloc.h).
_PUNCH_HOLE = 0x01 | 0x02
_BLOCK = 4096
_ZEROS = bytes(_BLOCK)
_fallocate = getattr(ctypes.CDLL(None), "fallocate", None)  # Linux has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Grave:
    """A place in a file and what is put there, of the length of what was there.

    Zeros of a `hollow` one become holes in the file, where its disk can have them:
    they read the same and take no room. What was there may then be left on the disk.
    """

    offset: int
    stone: bytes
    hollow: bool = False


def overwrite(path: Path, graves: Sequence[Grave]) -> None:
    """Put stones in their places and sync the file. Doing it again changes nothing.

    Raises:
        DiskFull: There is no room, on a disk that copies what is overwritten.
        WriteFailed: A place lies beyond the file's end, or it cannot be written.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            for grave in graves:
                if grave.offset + len(grave.stone) > size:
                    raise OSError(None, "the file ends before it")  # noqa: TRY301
                half = len(grave.stone) // 2
                _write(file.fileno(), grave.stone[:half], grave.offset)
                reach("mid_erase")
                _write(file.fileno(), grave.stone[half:], grave.offset + half)
                if grave.hollow:
                    _hollow(file.fileno(), grave)
            os.fsync(file.fileno())
            reach("after_erase")
    except OSError as error:
        raise write_error(error, f"erase in {path.name}") from error


def _hollow(file: int, grave: Grave) -> None:
    """Give the disk back whole blocks of zeros; where that cannot be, they stay."""
    if _fallocate is None:
        return
    start = -grave.offset % _BLOCK
    for at in range(start, len(grave.stone) - _BLOCK + 1, _BLOCK):
        if grave.stone[at : at + _BLOCK] == _ZEROS:
            place, length = ctypes.c_int64(grave.offset + at), ctypes.c_int64(_BLOCK)
            _fallocate(file, _PUNCH_HOLE, place, length)


def _write(file: int, data: bytes, offset: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file, rest, offset)
        offset += written
        rest = rest[written:]
