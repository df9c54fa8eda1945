"""What a faulty host does with a request: one small script for each kind of fault."""

import asyncio
import socket
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import reduce

from tests.torture.faults.server import Script, Talk

TEXT = "text/html; charset=utf-8"
_FOR_EVER = 10**9
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
PARAGRAPH = (
    "The council of the harbour town met on Tuesday evening and agreed, after a long "
    "debate, to rebuild the old pier before the first ferries return in spring. "
)


def story(title: str, *, extra: str = "", head: str = "") -> bytes:
    """Return a page that holds an article of its own words."""
    prose = "".join(
        f"<p>{PARAGRAPH}Part {n} of {title} says what the {n} speakers said.</p>"
        for n in range(1, 6)
    )
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>"
        f'<meta property="og:type" content="article">{head}</head><body>'
        f'<article><h1>{title}</h1><time datetime="2026-03-04T10:00:00Z">4 March 2026'
        f"</time>{prose}</article>{extra}</body></html>"
    ).encode()


def reply(
    body: bytes = b"",
    status: str = "200 OK",
    *headers: str,
    kind: str = TEXT,
) -> bytes:
    """Return a whole and correct response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {kind}"] if body else []
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def page(
    body: bytes = b"", status: str = "200 OK", *headers: str, kind: str = TEXT
) -> Script:
    """Answer as a sound server does, and keep the connection."""
    return turns(reply(body, status, *headers, kind=kind))


def turns(*replies: bytes) -> Script:
    """Answer in turn; the last reply holds for ever."""

    async def script(talk: Talk) -> None:
        talk.keep = True
        await talk.send(replies[min(talk.turn, len(replies)) - 1])

    return script


def missing_after(body: bytes, status: str) -> Script:
    """Answer once, and from then on with a status."""
    return turns(reply(body), reply(b"", status))


def each(make: Callable[[Talk], bytes]) -> Script:
    """Answer with what is made of each request."""

    async def script(talk: Talk) -> None:
        talk.keep = True
        await talk.send(make(talk))

    return script


def raw(data: bytes) -> Script:
    """Send bytes and close."""

    async def script(talk: Talk) -> None:
        await talk.send(data)

    return script


def stay(data: bytes = b"") -> Script:
    """Send bytes, then nothing more, with the connection open."""

    async def script(talk: Talk) -> None:
        await talk.send(data)
        await asyncio.sleep(_FOR_EVER)

    return script


def drip(head: bytes, tail: bytes, seconds: float = 0.3) -> Script:
    """Send a head at once, and the rest byte by byte, again and again."""

    async def script(talk: Talk) -> None:
        await talk.send(head)
        while True:
            for place in range(len(tail)):
                await talk.send(tail[place : place + 1])
                await asyncio.sleep(seconds)

    return script


def endless(head: bytes, block: bytes) -> Script:
    """Send a head, then the same block for ever."""

    async def script(talk: Talk) -> None:
        await talk.send(head)
        while True:
            await talk.send(block)

    return script


def reset(data: bytes) -> Script:
    """Send bytes, then end the connection by RST."""

    async def script(talk: Talk) -> None:
        await talk.send(data)
        await asyncio.sleep(0.2)  # or the RST overtakes what was sent
        talk.reset()

    return script


def half_close(data: bytes) -> Script:
    """Send bytes and end our half alone."""

    async def script(talk: Talk) -> None:
        await talk.send(data)
        talk.writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        await asyncio.sleep(_FOR_EVER)

    return script


def redirect(where: str, status: str = "302 Found") -> Script:
    """Lead elsewhere; `{n}` is the request's turn, `{path}` its path."""

    def make(talk: Talk) -> bytes:
        place = where.replace("{n}", str(talk.turn)).replace("{path}", talk.path)
        return reply(b"", status, f"Location: {place}")

    return each(make)


def chunked(*chunks: bytes) -> bytes:
    """Return a chunked body, its last chunk included."""
    sized = (b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"".join(sized) + b"0\r\n\r\n"


def gzip_of(data: bytes) -> bytes:
    """Return one gzip member."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def gzip_bomb(mebibytes: int) -> bytes:
    """Return one gzip member of so many MiB of zeros.

    What stands between two full flushes can be repeated (RFC 1951), so it is made
    in a moment.
    """
    packer, zeros = zlib.compressobj(9, wbits=-15), bytes(2**20)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = reduce(lambda so_far, _: zlib.crc32(zeros, so_far), range(mebibytes), 0)
    end = struct.pack("<II", checksum, mebibytes * 2**20 % 2**32)
    return _GZIP_HEAD + block * mebibytes + packer.flush() + end


def feed(host: str, paths: Sequence[str], *, scheme: str = "http") -> bytes:
    """Return an RSS feed of these paths."""
    items = "".join(
        f"<item><title>Story at {path}</title><link>{scheme}://{host}{path}</link></item>"
        for path in paths
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>'
        f"{items}</channel></rss>"
    ).encode()
