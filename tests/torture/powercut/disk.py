"""What a disk holds that lost its power: each change that no sync had covered may be gone.

Reads the journal of power_cut.c, written while the process ran, and changes the folder
as it was left by `kill -9`. A sync of a file covers what was written to it before, one of
a folder the names made, changed and removed in it before (POSIX promises no more). Of the
rest a disk keeps nothing, or any part: bytes in any order, whole sectors of a write, names
in the order in which they were changed, as journaling file systems do.
"""

import os
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("=c7Q")
_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file, or a sync (kinds: power_cut.c)."""

    kind: str
    path: Path
    other: Path | None
    inode: int
    offset: int
    size: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Loss:
    """What a power cut took: changes of bytes and of names that no sync covered."""

    writes: int
    names: int


def read_journal(journal: Path) -> list[Change]:
    """Return what was noted, oldest first; the last may be torn by the kill."""
    return list(_changes(journal.read_bytes())) if journal.exists() else []


def _changes(data: bytes) -> Iterator[Change]:
    at = 0
    while at + _HEAD.size <= len(data):
        kind, inode, offset, size, *lengths = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        parts = []
        for length in lengths:
            parts.append(data[at : at + length])
            at += length
        if at > len(data):
            return
        old, new, path, other = parts
        yield Change(
            kind=kind.decode(),
            path=Path(os.fsdecode(path)),
            other=Path(os.fsdecode(other)) if other else None,
            inode=inode,
            offset=offset,
            size=size,
            old=old,
            new=new,
        )


def cut_power(
    folder: Path,
    changes: Sequence[Change],
    dice: random.Random | None,
    unsynced: str = "",
) -> Loss:
    """Take back what a disk need not hold.

    Args:
        folder: The data folder, as the killed process left it.
        changes: What it did since it began.
        dice: Decides what stays of the rest; None takes all of it back.
        unsynced: Syncs of files with this in their path do not count.
    """
    bytes_lost, names_lost = _uncovered(changes, unsynced)
    if dice is not None:
        names_lost = names_lost[dice.randint(0, len(names_lost)) :]
    places = {path.stat().st_ino: path for path in folder.rglob("*") if path.is_file()}
    for change in reversed(bytes_lost):
        _take_back(places.get(change.inode), change)
    for change in reversed(names_lost):
        _rename_back(places, change)
    for change in bytes_lost if dice is not None else ():
        _keep_a_part(places.get(change.inode), change, dice)
    return Loss(writes=len(bytes_lost), names=len(names_lost))


def _uncovered(
    changes: Sequence[Change], unsynced: str
) -> tuple[list[Change], list[Change]]:
    """Return the changes of bytes and of names that no later sync covers."""
    synced: set[int] = set()
    synced_folders: set[Path] = set()
    data, names = [], []
    for change in reversed(changes):
        if change.kind == "S":
            if not unsynced or unsynced not in str(change.path):
                synced.add(change.inode)
        elif change.kind == "D":
            synced_folders.add(change.path)
        elif change.kind in "WT":
            if change.inode not in synced:
                data.append(change)
        elif not _folders(change) <= synced_folders:
            names.append(change)
    return data[::-1], names[::-1]


def _folders(change: Change) -> set[Path]:
    return {path.parent for path in (change.path, change.other) if path is not None}


def _take_back(path: Path | None, change: Change) -> None:
    if path is None:
        return
    with path.open("r+b") as file:
        file.seek(change.offset)
        file.write(change.old)
        if change.size < os.fstat(file.fileno()).st_size:
            file.truncate(change.size)


def _rename_back(places: dict[int, Path], change: Change) -> None:
    if change.kind == "C":
        change.path.unlink(missing_ok=True)
    elif change.kind == "R" and change.other is not None:
        if change.other.exists():
            inode = change.other.stat().st_ino
            change.other.rename(change.path)
            places[inode] = change.path
        if change.size:
            change.other.write_bytes(change.old)
    elif change.kind == "U":
        change.path.write_bytes(change.old)
        places[change.inode] = change.path


def _keep_a_part(path: Path | None, change: Change, dice: random.Random) -> None:
    """Let a change that no sync covered reach the disk: not, whole, or in part."""
    if path is None or not path.exists() or dice.random() < 0.5:
        return
    with path.open("r+b") as file:
        if change.kind == "T":
            file.truncate(change.offset)
            return
        whole = len(change.new)
        length = whole if dice.random() < 0.7 else dice.randint(0, whole)
        file.seek(change.offset)
        file.write(
            change.new[: length - length % _SECTOR] if length < whole else change.new
        )
