"""Bytes of what is erased that no row vouches for: files aside of the archive's own.

Quarantined ends of files are searched record by record. A record that names an address
or holds a text that is erased becomes a tombstone; a torn end that does is blanked. Of
the files of shadow runs the lines of erased articles go, and torn ones, which are cut
off anyway when the run goes on. What shards were read as goes as a whole.
"""

import json
import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from storage.folder import DATABASE, DataFolder
from storage.warc.reader import walk
from storage.warc.segment import sync_folder, write_error

if TYPE_CHECKING:
    from storage.objects import Objects  # it imports what need not be installed

_GZIP = 31
_LARGEST = 64 * 1024 * 1024
_PIECE = 4096


def clean_quarantine(
    folder: DataFolder,
    mentions: Callable[[bytes], bool],
    stone: Callable[[str, int, int], bytes],
) -> int:
    """Erase what quarantined files hold of something; return how many places.

    Args:
        folder: The archive.
        mentions: Tells whether a record's head and body speak of it.
        stone: Makes a tombstone of a file's name, an offset and a length.

    Raises:
        WriteFailed: A file cannot be read or written.
    """
    erased = 0
    for path in sorted(folder.quarantine.iterdir()):
        try:
            for place in list(walk(path)):
                erased += _clean(path, place.offset, place.length, mentions, stone)
        except OSError as error:
            raise write_error(error, f"erase in {path}") from error
    return erased


def _clean(
    path: Path,
    offset: int,
    length: int,
    mentions: Callable[[bytes], bool],
    stone: Callable[[str, int, int], bytes],
) -> bool:
    with path.open("r+b") as file:
        file.seek(offset)
        data = file.read(length)
        text, is_whole = _inflated(data)
        if not (mentions(text) or mentions(data)):
            return False
        file.seek(offset)
        file.write(stone(path.name, offset, length) if is_whole else bytes(length))
        file.flush()
        os.fsync(file.fileno())
    return True


def _inflated(data: bytes) -> tuple[bytes, bool]:
    """Return what bytes unpack to, as far as they do, and whether they end well."""
    unpacker = zlib.decompressobj(_GZIP)
    pieces: list[bytes] = []
    try:
        pieces.extend(
            unpacker.decompress(data[start : start + _PIECE], _LARGEST)
            for start in range(0, len(data), _PIECE)
        )
    except zlib.error:
        return b"".join(pieces), False
    return b"".join(pieces), unpacker.eof and not unpacker.unused_data


def remove_set_aside(folder: DataFolder) -> int:
    """Remove whole databases that `rebuild` set aside, or left unfinished.

    Nothing in them is missing elsewhere: they were replaced by what the WARC files say.

    Raises:
        WriteFailed: One cannot be removed.
    """
    found = [
        path
        for pattern in (f"{DATABASE}.before-*", "rebuilding/*")
        for path in sorted(folder.path.glob(pattern))
    ]
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            raise write_error(error, f"remove {path}") from error
    return len(found)


def clean_runs(folder: DataFolder, articles: Sequence[int]) -> int:
    """Take the lines of articles out of the files of shadow runs; return how many.

    Raises:
        WriteFailed: A file cannot be read or written.
    """
    erased = 0
    gone = set(articles)
    place = folder.path / "reextract"
    for path in sorted(place.glob("*.jsonl")):
        try:
            erased += _clean_run(path, gone)
        except OSError as error:
            raise write_error(error, f"erase in {path}") from error
    return erased


def clear_shards(folder: DataFolder, objects: "Objects | None") -> None:
    """Remove what shards were read as: whole files, for each can be made again.

    Raises:
        WriteFailed: A file cannot be removed.
        StoreUnreachable: The store does not answer.
    """
    place = folder.path / "bulk"
    for path in sorted(place.glob("*/*")):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(error, f"remove {path}") from error
    if objects is not None:
        objects.clear(place.name)


def _clean_run(path: Path, gone: set[int]) -> int:
    lines = path.read_bytes().splitlines(keepends=True)
    left = [
        line for line in lines if line.endswith(b"\n") and _article_of(line) not in gone
    ]
    if len(left) == len(lines):
        return 0
    old = path.stat().st_size
    with path.open("r+b") as file:  # in place: a copy would leave the old blocks
        file.write(b"".join(left).ljust(old, b"\n"))
        file.flush()
        os.fsync(file.fileno())
        file.truncate(sum(map(len, left)))
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return len(lines) - len(left)


def _article_of(line: bytes) -> int | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found.get("article_id") if isinstance(found, dict) else None
