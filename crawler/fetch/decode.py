"""Bounded decoding of bodies, live and stored, by the same code. Pure.

No decoder ever holds more than its bound and a block of 100 KB: 1.6 KB of
brotli can ask for a gigabyte, so counting afterwards is too late.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import cast

import brotli
from isal import isal_zlib

from crawler.fetch.limits import Limits
from crawler.fetch.wire import (
    Head,
    Headers,
    dechunk,
    is_chunked,
    read_head,
    split_response,
    values,
)

__all__ = [
    "Decoded",
    "StoredResponse",
    "dechunk",
    "decode_body",
    "read_body",
    "read_response",
    "split_response",
]

MAX_CODINGS = 3
#: How the error begins of a body that is given as it came, if it is text.
UNKNOWN_CODING = "unknown content coding"
ALWAYS_ALLOWED = 1024 * 1024  # bytes; the ratio applies above

#: Its type hints call the class an instance.
_NotDeflated = cast("type[Exception]", isal_zlib.error)
_BLOCK = 64 * 1024
_LAST_BYTES = 512
_MAX_MEMBERS = 1024  # of one gzip body; 20 MiB in BGZF blocks has 320
_TEXT = frozenset(range(0x20, 0x100)) - {0x7F} | frozenset(b"\t\n\r\f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded body; `error` says why it is not the whole payload, or None."""

    body: bytes
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """A response read back from its bytes; the fields are those of Exchange."""

    status: int
    headers: Headers
    body: bytes
    decode_error: str | None


def read_response(response: bytes, limits: Limits) -> StoredResponse:
    """Return what a response says, with its transfer and content codings removed.

    Raises:
        NotReadable: It does not begin with an HTTP/1 status line.
    """
    return read_body(response, read_head(response), limits)


def read_body(response: bytes, head: Head, limits: Limits) -> StoredResponse:
    """Return what a response says whose head was read already."""
    raw = response[head.end :]
    payload = dechunk(raw) if is_chunked(head.headers) else raw
    codings = ", ".join(values(head.headers, "content-encoding"))
    decoded = decode_body(payload, codings, limits.decoded_bytes, limits.ratio)
    return StoredResponse(
        status=head.status,
        headers=head.headers,
        body=decoded.body,
        decode_error=decoded.error,
    )


def decode_body(raw: bytes, content_encoding: str, limit: int, ratio: int) -> Decoded:
    """Return a body with its content codings removed, cut at its bound.

    The bound is `limit` bytes, and above 1 MiB also `ratio` times the size of
    `raw`. A body of plain text that claims to be compressed is taken as it
    is: CC-NEWS before 2019 stored such, and servers send them.

    Args:
        raw: The body without its transfer coding.
        content_encoding: The header's value; empty means identity.
        limit: The most bytes to return.
        ratio: How many times its own size a body may grow.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [name for name in names if name not in {"", "identity"}]
    if len(codings) > MAX_CODINGS:
        return Decoded(body=b"", error=f"more than {MAX_CODINGS} content codings")
    unknown = [name for name in codings if name not in _DECODERS]
    if unknown:
        body = _Bound(raw, limit, ratio).cut(raw).body if _is_text(raw) else b""
        return Decoded(body=body, error=f"{UNKNOWN_CODING} {unknown[0]}")
    return _undo(raw, codings, _Bound(raw, limit, ratio))


class _Bound:
    """How large a body may become, and how to say that it would be larger."""

    def __init__(self, raw: bytes, limit: int, ratio: int) -> None:
        grown = max(ALWAYS_ALLOWED, ratio * len(raw))
        self.size = min(limit, grown)
        self.why = (
            f"over {limit} bytes decoded"
            if limit <= grown
            else f"over {ratio} times its size decoded"
        )

    def cut(self, body: bytes) -> Decoded:
        if len(body) <= self.size:
            return Decoded(body=body)
        return Decoded(body=body[: self.size], error=self.why)


def _undo(raw: bytes, codings: list[str], bound: _Bound) -> Decoded:
    """Remove codings, the one applied last first; the first error ends it."""
    body = bound.cut(raw) if not codings else Decoded(body=raw)
    for coding in reversed(codings):
        if not body.body:
            return body
        step = _collect(_DECODERS[coding](body.body), coding, bound)
        if step.error and not step.body and _is_text(body.body):
            step = bound.cut(body.body)
        body = Decoded(body=step.body, error=body.error or step.error)
    return body


def _collect(pieces: Iterator[bytes], coding: str, bound: _Bound) -> Decoded:
    body = BytesIO()  # gives its bytes away without a copy
    error: str | None = None
    try:
        for piece in pieces:
            body.write(piece)
            if body.tell() > bound.size:
                error = bound.why
                break
    except (_NotDeflated, brotli.error, EOFError) as broken:
        error = f"{coding}: {broken}"
    body.truncate(bound.size)
    return Decoded(body=body.getvalue(), error=error)


def _gunzip(raw: bytes) -> Iterator[bytes]:
    """Yield the payload of all gzip members; junk after them is ignored."""
    place = 0
    for member in range(_MAX_MEMBERS):
        if member and raw[place : place + 2] != b"\x1f\x8b":
            return
        place = yield from _inflate(raw, place, isal_zlib.MAX_WBITS | 16)
    raise EOFError(f"more than {_MAX_MEMBERS} gzip members")


def _inflate_either(raw: bytes) -> Iterator[bytes]:
    """Yield a `deflate` payload: zlib's format, or the bare one some send."""
    try:
        isal_zlib.decompressobj().decompress(raw[:_BLOCK], 1)
    except _NotDeflated:
        yield from _inflate(raw, 0, -isal_zlib.MAX_WBITS)
    else:
        yield from _inflate(raw, 0, isal_zlib.MAX_WBITS)


def _inflate(raw: bytes, place: int, window: int) -> Generator[bytes, None, int]:
    """Yield one stream's payload in blocks; return where the stream ends."""
    decoder = isal_zlib.decompressobj(window)
    while not decoder.eof:
        block = decoder.unconsumed_tail
        if not block:
            block = raw[place : place + _BLOCK]
            place += len(block)
        piece = decoder.decompress(block, _BLOCK)
        if not (block or piece or decoder.eof):
            raise EOFError("stream ends early")
        yield piece
    return place - len(decoder.unused_data)


def _unbrotli(raw: bytes) -> Iterator[bytes]:
    """Yield a brotli payload; junk after it is ignored.

    The decoder forgets what it made of a piece that ends in junk, so the last
    bytes, where junk stands, are given one by one.
    """
    decoder = brotli.Decompressor()
    for piece in _brotli_pieces(raw):
        yield decoder.process(piece, output_buffer_limit=_BLOCK)
        while not (decoder.can_accept_more_data() or decoder.is_finished()):
            yield decoder.process(b"", output_buffer_limit=_BLOCK)
        if decoder.is_finished():
            return
    while rest := decoder.process(b"", output_buffer_limit=_BLOCK):
        yield rest
    if not decoder.is_finished():
        raise EOFError("stream ends early")


def _brotli_pieces(raw: bytes) -> Iterator[bytes]:
    singles = max(0, len(raw) - _LAST_BYTES)
    for place in range(0, singles, _BLOCK):
        yield raw[place : min(place + _BLOCK, singles)]
    for place in range(singles, len(raw)):
        yield raw[place : place + 1]


def _is_text(raw: bytes) -> bool:
    return bool(raw) and _TEXT.issuperset(raw[:512])


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "br": _unbrotli,
    "deflate": _inflate_either,
    "gzip": _gunzip,
    "x-gzip": _gunzip,
}
