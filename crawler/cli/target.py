"""Where `--output` goes: a regular file is replaced whole, all else is written to.

A device or a pipe is never replaced, a link is followed, and a file that stands
keeps its mode and, as far as we may, its owner.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crawler.errors import UsageError
from storage.errors import WriteFailed

_PRIVATE = 0o600
_AS_USUAL = 0o666


def write_file(path: Path, text: str) -> None:
    """Write text to a file; a regular one is written whole or not at all.

    Raises:
        UsageError: it is a folder.
        WriteFailed: it cannot be written to.
        BrokenPipeError: it is a pipe, and who read it stopped.
    """
    with whole_file(path) as file:
        file.write(text.encode("utf-8", "replace"))


def refuse_standing(path: Path) -> None:
    """Refuse to write where something stands; an empty folder is nothing.

    Raises:
        UsageError: there is a file, or a folder with something in it.
    """
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise UsageError(f"{path} is there already; --force writes over it")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written; it is in its place once the context ends well.

    Till then, and if it does not, what stood there stays. A device or a pipe is
    written to.

    Raises:
        UsageError: it is a folder.
        WriteFailed: it cannot be written to.
        BrokenPipeError: it is a pipe, and who read it stopped.
    """
    try:
        standing = standing_at(path)
        if standing and stat.S_ISDIR(standing.st_mode):
            raise UsageError(f"cannot write {path}: it is a folder")
        place = path.resolve()
        if is_replaced(standing, standing_at(place)):
            with _part_of(place, standing) as file:
                yield file
        else:
            with _opened(path) as file:
                yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise WriteFailed(f"cannot write {path}: {why}") from error


def is_replaced(named: os.stat_result | None, real: os.stat_result | None) -> bool:
    """Tell whether a file is written beside its place and then moved there.

    Args:
        named: What stands at the name, links followed; None if nothing does.
        real: The same by the path that all links lead to. Another file stands
            there only where that path is none: /dev/stdout leads to names like
            `pipe:[4026]`.
    """
    if named is None or real is None:
        return named is real
    return stat.S_ISREG(named.st_mode) and os.path.samestat(named, real)


def standing_at(path: Path) -> os.stat_result | None:
    """Return what stands at a path, links followed; None if nothing does."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _opened(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CLOEXEC), "wb")  # noqa: PTH123  # of a descriptor: never makes a file


@contextmanager
def _part_of(place: Path, standing: os.stat_result | None) -> Iterator[BinaryIO]:
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(part, flags, _AS_USUAL if standing is None else _PRIVATE)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # of a descriptor
            if standing is not None:
                with suppress(PermissionError):
                    os.fchown(descriptor, standing.st_uid, standing.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(standing.st_mode))
            yield file
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
