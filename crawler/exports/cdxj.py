"""An index of records by URL and time, as replay tools read it: CDXJ. Pure.

A line is the URL's key, 14 digits of time, and what is known of the record as JSON; all
lines are sorted by their bytes. The key is a SURT (Sort-friendly URI Reordering
Transform): the host's labels reversed, without `www`, all in lower case, parameters in order.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit
from zlib import MAX_WBITS, compressobj

from storage.sql.tables import CaptureRow
from storage.warc.capture import SAME_PAYLOAD
from storage.warc.record import ReadRecord

_LINES = 1000
_GZIP = 16 + MAX_WBITS
_WWW = re.compile(r"^www\d*\.")
_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """Return the key of a URL; such as `com,example)/path?a=1`."""
    parts = urlsplit(url.lower())
    host = _WWW.sub("", parts.hostname or "", count=1)
    labels = host if ":" in host else ",".join(reversed(host.split(".")))
    port = (
        f":{parts.port}" if parts.port not in {None, _PORTS.get(parts.scheme)} else ""
    )
    path = parts.path.rstrip("/") or "/"
    query = "&".join(sorted(parts.query.split("&")))
    return f"{labels}{port}){path}" + (f"?{query}" if query else "")


def timestamp(at: datetime) -> str:
    """Return a time in the 14 digits of an index, UTC."""
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def cdxj_line(
    capture: CaptureRow, record: ReadRecord, *, file: str, offset: int, length: int
) -> str | None:
    """Return the line of a record; None for one that is not replayed.

    An unchanged page (304) would be replayed as an empty one, and what a browser made of
    a page is no answer of its server.

    Args:
        capture: Its row.
        record: The record.
        file: The name of the file it stands in.
        offset: Where its member begins there.
        length: The member's bytes.
    """
    is_repeated = record.kind == "revisit"
    if record.kind not in {"response", "revisit"}:
        return None
    if is_repeated and record.header("WARC-Profile") != SAME_PAYLOAD:
        return None
    url = record.header("WARC-Target-URI") or capture.url
    media = (capture.content_type or "").partition(";")[0].strip() or "unk"
    said = {
        "url": url,
        "mime": "warc/revisit" if is_repeated else media,
        "status": str(capture.status),
        "digest": record.header("WARC-Payload-Digest") or "",
        "length": str(length),
        "offset": str(offset),
        "filename": file,
    }
    return f"{surt(url)} {timestamp(capture.fetched_at)} {json.dumps(said)}\n"


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
