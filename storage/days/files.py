"""A day's file below `fixity/`: a line of JSON for each record, the last one its root.

`docs/archive.md` has the form, so that others can compute a root without Kliping.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from storage.days.tree import Tree
from storage.errors import BadDay
from storage.warc.segment import sync_folder, write_error

SUFFIX = ".jsonl"
_ROOT = b"\x02"
_NOTHING_BEFORE = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A record as it was kept: where it stands, and the SHA-256 of its member in hex."""

    segment: str
    offset: int
    length: int
    sha256: str

    def __bytes__(self) -> bytes:
        """Return what is hashed of it."""
        return f"{self.segment} {self.offset} {self.length} {self.sha256}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day's root: over its tree, and over the root of the day before.

    Attributes:
        day: As 2026-11-26, UTC; its records were kept by its end, and are in no
            earlier day.
        leaves: How many records.
        tree: The head of their Merkle tree, in hex.
        previous_day: The day before that has records, or None.
        previous: Its root in hex, or 64 noughts.
        root: In hex.
    """

    day: str
    leaves: int
    tree: str
    previous_day: str | None
    previous: str
    root: str


def day_of(day: str, tree: Tree, before: Day | None) -> Day:
    """Return a day's root, chained to the day before."""
    previous = before.root if before else _NOTHING_BEFORE
    head = tree.head().hex()
    return Day(
        day=day,
        leaves=tree.count,
        tree=head,
        previous_day=before.day if before else None,
        previous=previous,
        root=_root(day, tree.count, head, previous),
    )


def _root(day: str, leaves: int, tree: str, previous: str) -> str:
    return sha256(_ROOT + f"{day} {leaves} {tree} {previous}".encode()).hexdigest()


def day_path(folder: Path, day: str) -> Path:
    """Return where a day's file is."""
    return folder / f"{day}{SUFFIX}"


def write_day(
    folder: Path, day: str, leaves: Iterable[Leaf], before: Day | None
) -> Day:
    """Write a day's file whole, or leave none; a reader never sees half of it.

    Raises:
        DiskFull: there is no room for it.
        WriteFailed: it cannot be written.
    """
    place = day_path(folder, day)
    fresh = place.with_suffix(".new")
    tree = Tree()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with fresh.open("w", encoding="ascii") as file:
            for leaf in leaves:
                tree.add(bytes(leaf))
                file.write(_line(asdict(leaf)))
            made = day_of(day, tree, before)
            file.write(_line(asdict(made)))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(place)
        sync_folder(folder)
    except OSError as error:
        raise write_error(error, f"write {place}") from error
    return made


def put_day(folder: Path, day: str, data: bytes) -> None:
    """Write a day's file as it was elsewhere, whole; it is to be read to be believed.

    Raises:
        DiskFull: there is no room for it.
        WriteFailed: it cannot be written.
    """
    place = day_path(folder, day)
    fresh = place.with_suffix(".new")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(place)
        sync_folder(folder)
    except OSError as error:
        raise write_error(error, f"write {place}") from error


def day_files(folder: Path) -> list[Path]:
    """Return the days' files, the earliest first."""
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def read_day(path: Path) -> Day:
    """Return a day's root, computed from its lines and compared with what it states.

    Raises:
        BadDay: it cannot be read, or states what does not follow from its lines.
    """
    tree = Tree()
    for leaf in leaves_of(path):
        tree.add(bytes(leaf))
    stated = _stated(path)
    if stated.day != path.name.removesuffix(SUFFIX):
        raise BadDay(f"is of {stated.day}")
    if (stated.leaves, stated.tree) != (tree.count, tree.head().hex()):
        raise BadDay("its records do not make its tree")
    if stated.root != _root(stated.day, stated.leaves, stated.tree, stated.previous):
        raise BadDay("its root does not follow from its tree")
    return stated


def leaves_of(path: Path) -> Iterator[Leaf]:
    """Yield a day's records.

    Raises:
        BadDay: a line cannot be read.
    """
    for line in _lines(path):
        if "day" in line:
            return
        try:
            leaf = Leaf(**line)
        except TypeError as error:
            raise BadDay("a line is no record") from error
        yield leaf


def _stated(path: Path) -> Day:
    last: dict[str, Any] = {}
    for line in _lines(path):
        if "day" in last:
            raise BadDay("has lines behind its root")
        last = line
    try:
        stated = Day(**last)
        date.fromisoformat(stated.day)
    except (TypeError, ValueError) as error:
        raise BadDay("has no root") from error
    return stated


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for line in file:
                said = json.loads(line)
                if not isinstance(said, dict) or _line(said).encode() != line:
                    raise BadDay("a line is not as it was written")
                yield said
    except (OSError, ValueError) as error:
        raise BadDay(f"cannot be read: {error}") from error


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":")) + "\n"
