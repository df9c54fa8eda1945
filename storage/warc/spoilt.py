"""Gzip members of many records whose checksum is wrong: how far they are to be believed.

Files are gzipped as a whole, or such files are put one behind the other. Deflate copies
what stood up to 32 KiB before (RFC 1951, section 2), and goes on behind
damage: headers, which no digest covers, come out with the URL of nothing. The checksum
only says that something is wrong. So nothing of a member is believed from the first
record on that is not what it says of itself, nor what stands within reach before it; and
nothing at all where no record shows the damage, for it is then in a header.
"""

import gzip
import os
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from storage.warc.foreign import Passed, is_whole_revisit
from storage.warc.reader import Walked, following_member, walk_file
from storage.warc.record import has_digest, read_head

#: So many times its own size a file may unpack to; text deflates to a tenth or twentieth.
MOST_TIMES = 100
_CHUNK = 16 * 1024
_COPIED_AT_ONCE = 1024 * 1024
_GZIP = 31
_MAGIC = b"\x1f\x8b"
_REACH = 32 * 1024
_HEAD = 64 * 1024
_HEAD_END = b"\r\n\r\n"
_SPOILT = (
    "the checksum of this gzip member is wrong: {} of its records were taken, for "
    "behind damage URLs may be false"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file, from its first byte to behind its last."""

    start: int
    end: int


def spoilt_members(path: Path) -> list[Span]:
    """Return where gzip members of many records are wrong, not merely cut short.

    Costs a reading of the file.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return []
        return list(_spoilt_in(file))


def copy_believed(
    path: Path, spoilt: Sequence[Span], into: BinaryIO, folder: Path
) -> list[Passed]:
    """Copy a file, of its spoilt members what is to be believed; return the damage.

    Args:
        path: The file.
        spoilt: As `spoilt_members` says.
        into: Gets the other members as they are, and a member for each record.
        folder: On whose disk a member is unpacked for the while.
    """
    damage: list[Passed] = []
    with path.open("rb") as file:
        place = 0
        for span in spoilt:
            _copy(file, Span(place, span.start), into)
            with TemporaryFile(dir=folder) as text:
                unpacked = cast("BinaryIO", text)
                _unpack(file, span, unpacked)
                taken = _copy_proven(unpacked, into)
            why = _SPOILT.format(taken)
            damage.append(Passed(why=why, offset=span.start, damaged=True))
            place = span.end
        _copy(file, Span(place, file.seek(0, os.SEEK_END)), into)
    return damage


def _spoilt_in(file: BinaryIO) -> Iterator[Span]:
    size = file.seek(0, os.SEEK_END)
    start = 0
    while start < size:
        is_wrong, is_many, end = _look_at(file, start)
        if end is None:
            end = following_member(file, start + 1) or size
            if is_wrong and is_many:
                yield Span(start, end)
        start = end


def _look_at(file: BinaryIO, start: int) -> tuple[bool, bool, int | None]:
    """Return whether a member is wrong, whether more than one record, and its end.

    There is no end where it is wrong, or cut short.
    """
    head, size = b"", 0
    pieces = _unpacked(file, start)
    try:
        while True:
            text = next(pieces)
            size += len(text)
            if len(head) < _HEAD:
                head += text
    except StopIteration as done:
        return False, False, done.value
    except zlib.error:
        return True, size > _first_length(head), None


def _first_length(text: bytes) -> int:
    """Return the length of the record that a text begins with, 0 if it is none."""
    stated = read_head(text).header("Content-Length") or ""
    head_end = text.find(_HEAD_END) + len(_HEAD_END)
    is_stated = stated.isascii() and stated.isdigit()
    return head_end + int(stated) + len(_HEAD_END) if is_stated else 0


def _unpack(file: BinaryIO, span: Span, into: BinaryIO) -> None:
    """Write what comes out of a member, as far as it goes and may."""
    most = MOST_TIMES * (span.end - span.start)
    with suppress(zlib.error):
        for piece in _unpacked(file, span.start):
            into.write(piece)
            if into.tell() > most:
                return


def _copy_proven(text: BinaryIO, into: BinaryIO) -> int:
    """Copy the records that are to be believed; return how many those are."""
    proven: list[Span] = []
    wrong = 0
    for walked in walk_file(text):
        if _is_wrong(walked):
            wrong = walked.offset
            break
        if _is_proven(walked):
            proven.append(Span(walked.offset, walked.offset + walked.length))
    believed = [span for span in proven if span.end <= wrong - _REACH]
    for span in believed:
        text.seek(span.start)
        into.write(gzip.compress(text.read(span.end - span.start), 1))
    return len(believed)


def _is_wrong(walked: Walked) -> bool:
    record = walked.record
    return walked.error is not None and not (record and is_whole_revisit(record))


def _is_proven(walked: Walked) -> bool:
    record = walked.record
    stated = record.header("WARC-Block-Digest") if record is not None else None
    return record is not None and has_digest(record.block, stated or "") is True


def _copy(file: BinaryIO, span: Span, into: BinaryIO) -> None:
    file.seek(span.start)
    left = span.end - span.start
    while left and (piece := file.read(min(left, _COPIED_AT_ONCE))):
        into.write(piece)
        left -= len(piece)


def _unpacked(file: BinaryIO, start: int) -> Generator[bytes, None, int | None]:
    """Yield what a gzip member unpacks to, to the byte before which it is wrong.

    Returns:
        Where it ends, None if it is cut short.

    Raises:
        zlib.error: It is wrong there; zlib would keep what came before in its chunk.
    """
    unpacker = zlib.decompressobj(_GZIP)
    file.seek(start)
    while not unpacker.eof and (chunk := file.read(_CHUNK)):
        before = unpacker.copy()
        try:
            text = unpacker.decompress(chunk)
        except zlib.error:
            yield from (before.decompress(chunk[n : n + 1]) for n in range(len(chunk)))
        else:
            yield text
    return file.tell() - len(unpacker.unused_data) if unpacker.eof else None
