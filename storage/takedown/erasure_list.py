"""The list of erasures: it travels apart from the archive, and outlives it.

`erasures.jsonl` in the data folder has a line for each erasure that was carried out:
hashes and places, nothing of what was there. Whoever restores a backup that is older
than the list carries the list out on it. Lines are only ever added.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from storage.errors import BadBackup
from storage.warc.segment import sync_folder, write_error

LIST = "erasures.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A record that was erased: where it stood, its SHA-256, and its tombstone's."""

    segment: str
    offset: int
    length: int
    former_sha256: str
    tombstone_sha256: str
    key_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A takedown that was carried out.

    Attributes:
        name: The takedown.
        ground: The class of its reason.
        requested_at: When it was asked for; tombstones bear this date.
        everywhere: Whether captures of lists were erased as well.
        keys: The hashes of all identities that it bars.
        records: The records erased.
    """

    name: str
    ground: str
    requested_at: datetime
    everywhere: bool
    keys: tuple[str, ...]
    records: tuple[Erased, ...]


_ERASURE = TypeAdapter(Erasure)


def add_erasure(folder: Path, erasure: Erasure) -> None:
    """Add a line to a data folder's list, durably.

    Raises:
        DiskFull: There is no room.
        WriteFailed: It cannot be written.
    """
    path = folder / LIST
    line = _ERASURE.dump_json(erasure) + b"\n"
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(file, _whole_lines(path))
            os.lseek(file, 0, os.SEEK_END)
            os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)
        sync_folder(folder)
    except OSError as error:
        raise write_error(error, f"write {path}") from error


def read_erasures(path: Path) -> Iterator[Erasure]:
    """Yield what a list names, each takedown once and as its last line has it.

    Raises:
        BadBackup: A line cannot be read.
    """
    found: dict[str, Erasure] = {}
    lines = path.read_bytes().splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            erasure = _ERASURE.validate_json(line)
        except ValidationError:
            if number == len(lines):
                break  # torn by a crash: that erasure is carried out again
            raise BadBackup(f"{path}: line {number} names no erasure") from None
        found[erasure.name] = erasure
    yield from found.values()


def _whole_lines(path: Path) -> int:
    """Return where the last whole line of a file ends."""
    return path.read_bytes().rfind(b"\n") + 1
