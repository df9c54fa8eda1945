"""Files for the length of an import: without a name, so that a crash leaves none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast


@contextmanager
def nameless_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a new file on a folder's disk, and a path that leads to it while it is open.

    The path is Linux's (proc(5), /proc/pid/fd): good for this process alone.
    """
    with TemporaryFile(dir=folder) as file:
        yield cast("BinaryIO", file), Path(f"/proc/self/fd/{file.fileno()}")
