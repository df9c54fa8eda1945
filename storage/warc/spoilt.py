"""Files gzipped as a whole whose checksum is wrong: how far they are to be believed.

Deflate copies what stood up to 32 KiB before (RFC 1951, section 2), and goes on behind
damage: headers, which no digest covers, come out with the URL of nothing. The checksum
only says that something is wrong. So nothing is believed from the first record on that
is not what it says of itself, nor what stands within reach before it; and nothing at all
where no record shows the damage, for it is then in a header.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storage.warc.foreign import is_whole_revisit
from storage.warc.reader import Walked, following_member, walk

_CHUNK = 64 * 1024
_GZIP = 31
_MAGIC = b"\x1f\x8b"
_REACH = 32 * 1024


def is_spoilt_whole(path: Path) -> bool:
    """Tell whether a file is one gzip member that is wrong, not merely cut short.

    Costs a reading of the file, once it is known that its first member is not whole.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return False
        file.seek(0)
        try:
            for _ in _unpacked(file):
                pass
        except zlib.error:
            return following_member(file, 1) is None
    return False


def unpack_spoilt(path: Path, into: BinaryIO) -> None:
    """Write what comes out of the first gzip member of a file, as far as it goes."""
    with path.open("rb") as file:
        try:
            into.writelines(_unpacked(file))
        except zlib.error:
            return


def believed_until(plain: Path) -> int:
    """Return up to where what came out of a spoilt file is to be believed."""
    wrong = next((one.offset for one in walk(plain) if _is_wrong(one)), 0)
    return max(wrong - _REACH, 0)


def _is_wrong(walked: Walked) -> bool:
    record = walked.record
    return walked.error is not None and not (record and is_whole_revisit(record))


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a gzip member unpacks to, to the byte before which it is wrong.

    Raises:
        zlib.error: It is wrong there; zlib would keep what came before in its chunk.
    """
    unpacker = zlib.decompressobj(_GZIP)
    while not unpacker.eof and (chunk := file.read(_CHUNK)):
        before = unpacker.copy()
        try:
            text = unpacker.decompress(chunk)
        except zlib.error:
            yield from (before.decompress(chunk[n : n + 1]) for n in range(len(chunk)))
        else:
            yield text
