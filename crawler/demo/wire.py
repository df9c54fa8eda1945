"""HTTP/1.1 as the demo speaks it: read a request, frame an answer."""

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from crawler.demo.newsroom import Answer

_WORTH_PACKING = 500
_CHUNK = 4096
_EMPTY = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request; header names are in lower case."""

    method: str
    path: str
    version: str
    headers: Mapping[str, str]

    @property
    def keeps_alive(self) -> bool:
        """Whether the client expects the connection to stay open."""
        wish = self.headers.get("connection", "").lower()
        return wish != "close" and (self.version == "HTTP/1.1" or wish == "keep-alive")


async def read_request(reader: asyncio.StreamReader) -> Asked | None:
    """Read one request, or return None when the client is gone or talks nonsense."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    try:
        method, target, version = first.split(" ")
    except ValueError:
        return None
    fields = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    path = target.partition("?")[0]
    return Asked(method=method, path=path, version=version, headers=headers)


def frame(answer: Answer, asked: Asked, *, chunked: bool) -> tuple[int, bytes]:
    """Return the status and bytes that answer a request.

    A validator that still holds becomes a 304 (RFC 9110, section 13): the
    ETag, and only without one the date.
    """
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
    fields = [("Date", format_datetime(datetime.now(UTC), usegmt=True))]
    fields += [*answer.headers, ("ETag", tag), ("Vary", "Accept-Encoding")]
    if answer.modified is not None:
        changed = answer.modified.astimezone(UTC)
        fields.append(("Last-Modified", format_datetime(changed, usegmt=True)))
    fields.append(("Connection", "keep-alive" if asked.keeps_alive else "close"))
    if answer.status == HTTPStatus.OK and _still_holds(answer, tag, asked):
        return 304, head(304, fields)
    body, packed = _packed(answer.body, asked)
    fields += [("Content-Type", answer.content_type), *packed]
    if chunked and asked.version == "HTTP/1.1":
        fields.append(("Transfer-Encoding", "chunked"))
        body = _chunks(body)
    else:
        fields.append(("Content-Length", str(len(body))))
    whole = head(answer.status, fields)
    return answer.status, whole if asked.method == "HEAD" else whole + body


def head(status: int, fields: list[tuple[str, str]]) -> bytes:
    """Return a status line and headers with the blank line that ends them."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _still_holds(answer: Answer, tag: str, asked: Asked) -> bool:
    tags = asked.headers.get("if-none-match")
    if tags is not None:
        return tag in (held.strip().removeprefix("W/") for held in tags.split(","))
    try:
        since = parsedate_to_datetime(asked.headers["if-modified-since"])
    except (KeyError, ValueError):
        return False
    if answer.modified is None or since.tzinfo is None:
        return False
    return answer.modified.replace(microsecond=0) <= since


def _packed(body: bytes, asked: Asked) -> tuple[bytes, list[tuple[str, str]]]:
    accepted = asked.headers.get("accept-encoding", "")
    if "gzip" in accepted and len(body) >= _WORTH_PACKING:
        return gzip.compress(body, 6, mtime=0), [("Content-Encoding", "gzip")]
    return body, []


def _chunks(body: bytes) -> bytes:
    pieces = (body[at : at + _CHUNK] for at in range(0, len(body), _CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + _EMPTY
