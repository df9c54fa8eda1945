"""What takes an erased record's place: a gzip member of the very same length; pure.

It is a `metadata` record (WARC/1.1, section 6.5) that says since when and for what
class of reason nothing is there, and of the address only a hash. All of it stands in
stored deflate blocks (RFC 1951, section 3.2.4), so that its length is chosen freely:
blanks in the record fill it up, an empty block more fills what they cannot.

The fullest form that fits is taken. No record that can name a page is as short as the
barest; what is shorter still becomes a member of line feeds. Readers pass over them,
where FastWARC takes a member of nothing for the end of the file.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from storage.warc.record import GZIP_HEAD, record_id, warc_date

#: The shortest that is written: a gzip head, a block of one byte, checksum and length.
SHORTEST = 24
_STORED = 5
_LARGEST_STORED = 0xFFFF
_TAIL = 8
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epitaph:
    """What a tombstone says.

    Attributes:
        erased_at: When the erasure was decided, UTC.
        ground: The class of its reason, one word.
        key_sha256: Hex, over the identity of the address; None where there is none.
        filling: What fills the record up: blanks, or zeros that may become a hole.
    """

    erased_at: datetime
    ground: str
    key_sha256: str | None
    filling: bytes = b" "


def tombstone(epitaph: Epitaph, seed: str, length: int) -> bytes:
    """Return the tombstone of exactly so many bytes; the same input, the same bytes.

    Args:
        epitaph: What it says.
        seed: What its record id is made of, such as where it stands.
        length: Bytes of the member that it replaces.

    Raises:
        ValueError: No gzip member is that short.
    """
    if length < SHORTEST:
        raise ValueError(f"no member has {length} bytes")
    for head, note in _forms(epitaph, seed):
        member = _filled(head, note, length, epitaph.filling)
        if member is not None:
            return member
    room = length - len(GZIP_HEAD) - _TAIL
    return _member(b"\n" * (room - _STORED), 1)


def _forms(epitaph: Epitaph, seed: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield head and block of the record, the fullest first."""
    bare = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", record_id(seed, "tombstone")),
        ("WARC-Date", warc_date(epitaph.erased_at)),
    ]
    named = [*bare]
    if epitaph.key_sha256 is not None:
        named.append(("WARC-Target-URI", f"urn:kliping:erased:{epitaph.key_sha256}"))
    note = f"erased-for: {epitaph.ground}\r\n".encode()
    yield _head([*named, ("Content-Type", "application/warc-fields")]), note
    yield _head(named), b""
    yield _head(bare), b""


def _head(fields: list[tuple[str, str]]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"WARC/1.1\r\n{lines}".encode()


def _filled(head: bytes, note: bytes, length: int, filling: bytes) -> bytes | None:
    """Return the member of a record filled up to a length, or None if it is too long.

    With one block more the text is five bytes shorter. So what no number of blanks
    gives (another block is due, the length in the head gets a digit) that one does.
    """
    room = length - len(GZIP_HEAD) - _TAIL
    fewest = -(-room // (_LARGEST_STORED + _STORED))
    for blocks in (fewest, fewest + 1):
        size = _block_size(room - blocks * _STORED - len(_record(head, b"")) + 1)
        if size is not None and size >= len(note):
            return _member(_record(head, note.ljust(size, filling)), blocks)
    return None


def _block_size(room: int) -> int | None:
    """Return the size that fills this room with its own digits, or None for none."""
    sizes = (room - digits for digits in range(1, 20))
    return next((s for s in sizes if s >= 0 and len(str(s)) == room - s), None)


def _record(head: bytes, block: bytes) -> bytes:
    stated = b"Content-Length: %d" % len(block)
    return b"".join((head, stated, _END, block, _END))


def _member(text: bytes, blocks: int) -> bytes:
    """Return a gzip member of a text in so many stored blocks, the first ones full."""
    pieces = [GZIP_HEAD]
    for number in range(blocks):
        piece = text[number * _LARGEST_STORED : (number + 1) * _LARGEST_STORED]
        size = len(piece)
        pieces.append(bytes([number == blocks - 1]))
        pieces.append(
            size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
        )
        pieces.append(piece)
    pieces.append(zlib.crc32(text).to_bytes(4, "little"))
    pieces.append((len(text) & 0xFFFFFFFF).to_bytes(4, "little"))
    return b"".join(pieces)
