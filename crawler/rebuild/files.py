"""The WARC files that an archive is made of: of one or many data folders, and a store."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler.rebuild.captures import fetched_at
from storage.folder import DataFolder
from storage.warc.reader import walk_file
from storage.warc.record import node_in


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A WARC file: its name and the one it was written under, whose it is, its time.

    `changed_at` is when it was last written here, in nanoseconds; 0 for not here. One
    that the store has is astray in another node's folder: the store's counts.
    """

    name: str
    written_as: str
    node: str
    opened_at: datetime
    changed_at: int
    is_astray: bool = False

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Return what files of one node are ordered by."""
        return self.opened_at, self.changed_at, self.name


@dataclass(frozen=True, slots=True)
class Files:
    """WARC files, wherever they are.

    Attributes:
        folders: The archive's own data folder, behind which the object store is, and
            those of other nodes.
    """

    folders: tuple[DataFolder, ...]

    def names(self) -> set[str]:
        """Return the names of all."""
        found = {name for folder in self.folders for name in folder.segments()}
        return found | self.stored()

    def stored(self) -> set[str]:
        """Return the names of those that the store has."""
        own = self.folders[0]
        there = own.away.names(own.warc.name) if own.away is not None else []
        return {name for name in there if name.endswith(".warc.gz")}

    def holder(self, name: str) -> DataFolder:
        """Return the folder that a file is in; ours if it is in the store alone."""
        here = (folder for folder in self.folders if folder.segment(name) is not None)
        return next(here, self.folders[0])

    def path(self, name: str) -> Path | None:
        """Return where a file is; None if it is in the store alone."""
        return self.holder(name).segment(name)

    def open(self, name: str) -> BinaryIO:
        """Open a file to read; raises as `DataFolder.open`."""
        return self.holder(name).open(name)

    def size(self, name: str) -> int:
        """Return a file's bytes; raises as `DataFolder.open`."""
        return self.holder(name).size(name)

    def file(self, name: str, stored: Collection[str] = ()) -> File:
        """Return what a file's first record says of it, or the folder that it is in.

        `stored` are the names of those that the store has.
        """
        path = self.path(name)
        changed_at = path.stat().st_mtime_ns if path is not None else 0
        node, written_as = "", name
        opened_at = datetime.fromtimestamp(changed_at / 1e9, UTC)
        with self.open(name) as opened:
            first = next(walk_file(opened), None)
        if first is not None and first.record is not None:
            opened_at = fetched_at(first.record)
            node = node_in(first.record)
            written_as = first.record.header("WARC-Filename") or name
        holder = self.holder(name)
        return File(
            name=name,
            written_as=written_as,
            node=node or holder.node,
            is_astray=name in stored and node not in {"", holder.node},
            opened_at=opened_at,
            changed_at=changed_at,
        )


def lanes(files: Files) -> list[list[File]]:
    """Return the files of each node in the order in which it wrote them.

    One process writes a node's files, one behind the other.
    """
    found: defaultdict[str, list[File]] = defaultdict(list)
    stored = files.stored()
    for name in files.names():
        file = files.file(name, stored)
        found[file.node].append(file)
    ordered = [
        sorted(of_node, key=lambda file: file.order) for of_node in found.values()
    ]
    return sorted(ordered, key=lambda of_node: of_node[0].order)
