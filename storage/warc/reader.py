"""Read records back: one at an offset of our own, or all of a file.

Own offsets are exact: whatever does not match what SQL says of a record is
corrupt. Walking is for whole files, foreign ones too, and goes on behind damage.
"""

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator

from storage.errors import CorruptRecord, RecordElsewhere
from storage.folder import DataFolder
from storage.warc.record import (
    MAX_BLOCK_BYTES,
    ReadRecord,
    check_block,
    read_head,
    read_member,
)

_CHUNK = 64 * 1024
_GZIP = 31
_MAGIC = b"\x1f\x8b\x08"
_WARC = b"WARC/"
_RECORD_END = b"\r\n\r\n"
_ELSEWHERE = "the file is with another node and in no object store yet, or lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What stands at one place of a WARC file: a record, or damage.

    `record` is None where nothing could be read; `error` says what is wrong, and
    is None for a sound record. `length` reaches to the next record.
    """

    offset: int
    length: int
    record: ReadRecord | None = None
    error: str | None = None


def read_capture(
    folder: DataFolder,
    segment: str,
    offset: int,
    length: int,
    expected_sha256: str | None,
    *,
    max_bytes: int = MAX_BLOCK_BYTES,
) -> ReadRecord:
    """Return the record at a place that SQL gave.

    Args:
        folder: Where the segments are.
        segment: The segment's final name.
        offset: First byte of the record's gzip member.
        length: Its bytes.
        expected_sha256: Hex, over the member; None to rely on its own checksums.
        max_bytes: Longest block to inflate.

    Raises:
        CorruptRecord: The file is missing or too short, or what stands there is
            not the record that was written.
        StoreUnreachable: The file is in a store that does not answer.
    """
    member = member_at(folder, segment, offset, length, expected_sha256)
    return _record_of(member, segment, offset, max_bytes)


def read_from(
    file: BinaryIO, segment: str, offset: int, length: int, expected_sha256: str | None
) -> ReadRecord:
    """Return the record at a place of an open segment; raises as `read_capture`."""
    file.seek(offset)
    try:
        member = file.read(length)
    except OSError as error:
        raise CorruptRecord(segment, offset, f"cannot be read: {error}") from error
    _refuse_other(member, segment, offset, length, expected_sha256)
    return _record_of(member, segment, offset, MAX_BLOCK_BYTES)


def member_at(
    folder: DataFolder,
    segment: str,
    offset: int,
    length: int,
    expected_sha256: str | None,
) -> bytes:
    """Return the gzip member at a place that SQL gave, as it stands.

    Raises:
        RecordElsewhere: The file is not where a node of a fleet can read it.
        CorruptRecord: The file is missing or too short, or it has another SHA-256.
        StoreUnreachable: The file is in a store that does not answer.
    """
    try:
        member = folder.read(segment, offset, length)
    except FileNotFoundError as error:
        if folder.node:
            raise RecordElsewhere(segment, offset, _ELSEWHERE) from error
        raise CorruptRecord(segment, offset, "the file is missing") from error
    except OSError as error:
        raise CorruptRecord(segment, offset, f"cannot be read: {error}") from error
    _refuse_other(member, segment, offset, length, expected_sha256)
    return member


def members_from(
    folder: DataFolder, segment: str, offset: int, wanted: Callable[[ReadRecord], bool]
) -> Iterator[bytes]:
    """Yield the members from a place on, up to the first that is torn or not wanted.

    `wanted` is asked of a record without its block.
    """
    try:
        opened = folder.open(segment)
    except FileNotFoundError:
        return
    with opened as file:
        while wanted(_head_at(file, offset)):
            length = _member_length(file, offset)
            if length is None:
                return
            file.seek(offset)
            yield file.read(length)
            offset += length


def member_places(
    file: BinaryIO, start: int, end: int
) -> Iterator[tuple[int, int, str]]:
    """Yield offset, length and SHA-256 of the gzip members between two places.

    What is no whole member there is told as one, up to the end.
    """
    while start < end:
        length = min(_member_length(file, start) or end, end - start)
        file.seek(start)
        yield start, length, sha256(file.read(length)).hexdigest()
        start += length


def walk(path: Path, *, max_bytes: int = MAX_BLOCK_BYTES) -> Iterator[Walked]:
    """Yield what `walk_file` does of a file at a path."""
    with path.open("rb") as file:
        yield from walk_file(file, max_bytes=max_bytes)


def walk_file(file: BinaryIO, *, max_bytes: int = MAX_BLOCK_BYTES) -> Iterator[Walked]:
    """Yield every record of a WARC file in order, and every damaged place.

    Bodies keep their codings. Behind damage the walk goes on at the next gzip
    member that opens a record. A longer block than `max_bytes` is reported, not
    read.
    """
    size = file.seek(0, os.SEEK_END)
    start = 0
    while start < size:
        last: Walked | None = None
        why = "no record"
        try:
            for found in _records(file, start, max_bytes):
                if last is not None:
                    yield replace(last, length=found.offset - last.offset)
                last = found
        except OSError as error:
            why = str(error)
        if last is None:
            last = Walked(offset=start, length=0, error=why)
        last = _closed(file, last, size)
        yield last
        start = last.offset + last.length


def first_member_length(path: Path) -> int:
    """Return the length of a file's first gzip member, 0 if it is not whole."""
    with path.open("rb") as file:
        return _member_length(file, 0) or 0


def following_member(file: BinaryIO, start: int) -> int | None:
    """Return where the next gzip member with a WARC record begins, if there is one."""
    size = file.seek(0, os.SEEK_END)
    found = _next_member(file, start, size)
    return found if found < size else None


def _refuse_other(
    member: bytes, segment: str, offset: int, length: int, expected_sha256: str | None
) -> None:
    if len(member) < length:
        raise CorruptRecord(segment, offset, "the file ends before it")
    if expected_sha256 is not None and sha256(member).hexdigest() != expected_sha256:
        raise CorruptRecord(segment, offset, "does not have its SHA-256")


def _record_of(member: bytes, segment: str, offset: int, max_bytes: int) -> ReadRecord:
    try:
        return read_member(member, max_bytes=max_bytes)
    except ValueError as error:
        raise CorruptRecord(segment, offset, str(error)) from error


def _records(file: BinaryIO, start: int, max_bytes: int) -> Iterator[Walked]:
    """Yield records from an offset on, their lengths left 0; OSError at damage."""
    file.seek(start)
    records = ArchiveIterator(file, parse_http=False, auto_decode="none")
    for record in records:
        offset = int(record.stream_pos)
        if record.content_length > max_bytes:
            yield Walked(offset=offset, length=0, error="longer than allowed")
            continue
        block = record.reader.read()
        read = ReadRecord(headers=tuple(record.headers), block=block)
        try:
            check_block(read)
        except ValueError as error:
            yield Walked(offset=offset, length=0, record=read, error=str(error))
        else:
            yield Walked(offset=offset, length=0, record=read)


def _closed(file: BinaryIO, last: Walked, size: int) -> Walked:
    """Return the last place of a run with its length, and torn if it is."""
    file.seek(0)
    is_plain = file.read(len(_WARC)) == _WARC
    if is_plain:
        length, torn = _plain_length(file, last, size), "torn record"
    else:
        length, torn = _member_length(file, last.offset), "torn gzip member"
    if length is not None:
        return replace(last, length=length)
    following = _next_plain if is_plain else _next_member
    end = following(file, last.offset + 1, size)
    return replace(last, length=end - last.offset, error=last.error or torn)


def _plain_length(file: BinaryIO, last: Walked, size: int) -> int | None:
    """Return the length of a record that is not compressed, None if it is not whole."""
    if last.record is None:
        return None
    file.seek(last.offset)
    head, blank, _ = file.read(_CHUNK).partition(b"\r\n\r\n")
    end = last.offset + len(head + blank) + len(last.record.block) + len(_RECORD_END)
    file.seek(max(end - len(_RECORD_END), 0))
    is_whole = blank and end <= size and file.read(len(_RECORD_END)) == _RECORD_END
    return end - last.offset if is_whole else None


def _next_plain(file: BinaryIO, start: int, size: int) -> int:
    """Return where the next line begins a record, or the size."""
    position = start
    while position < size:
        file.seek(position)
        chunk = file.read(_CHUNK)
        at = chunk.find(b"\n" + _WARC)
        if at >= 0:
            return position + at + 1
        position += max(len(chunk) - len(_WARC), 1)
    return size


def _member_length(file: BinaryIO, offset: int) -> int | None:
    """Return the length of the gzip member at an offset, None if it is not whole."""
    unpacker = zlib.decompressobj(_GZIP)
    file.seek(offset)
    length = 0
    try:
        while not unpacker.eof:
            chunk = unpacker.unconsumed_tail or file.read(_CHUNK)
            if not chunk:
                return None
            unpacker.decompress(chunk, _CHUNK)
            length += len(chunk) - len(unpacker.unconsumed_tail)
    except zlib.error:
        return None
    return length - len(unpacker.unused_data)


def _next_member(file: BinaryIO, start: int, size: int) -> int:
    """Return where the next gzip member with a WARC record begins, or the size."""
    position = start
    while position < size:
        file.seek(position)
        chunk = file.read(_CHUNK)
        at = chunk.find(_MAGIC)
        if at < 0:
            position += max(len(chunk) - len(_MAGIC) + 1, 1)
        elif _opens_record(file, position + at):
            return position + at
        else:
            position += at + 1
    return size


def _head_at(file: BinaryIO, offset: int) -> ReadRecord:
    file.seek(offset)
    try:
        text = zlib.decompressobj(_GZIP).decompress(file.read(_CHUNK), _CHUNK)
    except zlib.error:
        text = b""
    return read_head(text)


def _opens_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        text = zlib.decompressobj(_GZIP).decompress(file.read(_CHUNK), len(_WARC))
    except zlib.error:
        return False
    return text == _WARC
