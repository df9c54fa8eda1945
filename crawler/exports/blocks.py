"""An index of many lines, compressed so that a replay reads little of it. Pure.

The lines stand in gzip members of a thousand; a second, small index says where each member
begins and with which line (`cdxj-gzip-1.0`, as Webrecorder's tools write it).
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from zlib import MAX_WBITS, compressobj

_LINES = 1000
_GZIP = 16 + MAX_WBITS


def blocks(lines: Iterable[str], file: str) -> Iterator[tuple[bytes, str]]:
    """Yield sorted lines as gzip members, each with its line of the index above them.

    Args:
        lines: The lines, in order.
        file: The name of the file that the members make.
    """
    rest, offset = iter(lines), 0
    while block := list(islice(rest, _LINES)):
        packer = compressobj(wbits=_GZIP)
        member = packer.compress("".join(block).encode()) + packer.flush()
        place = {"offset": offset, "length": len(member), "filename": file}
        yield member, f"{block[0].partition('{')[0]}{json.dumps(place)}\n"
        offset += len(member)


def head(file: str) -> str:
    """Return the first line of the index above the members."""
    said = {"format": "cdxj-gzip-1.0", "filename": file}
    return f"!meta 0 {json.dumps(said)}\n"
