"""A plain HTTP client and a clock that tests move by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.demo.server import Site


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


Get = Callable[..., Awaitable[Reply]]


def named(sites: tuple[Site, ...], key: str) -> Site:
    return next(site for site in sites if site.key == key)


async def fetch(url: str, method: str = "GET", **headers: str) -> Reply:
    """One request on a connection of its own, the answer read to its end."""
    parts = urlsplit(url)
    fields = {"Host": parts.netloc, "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"{method} {parts.path or '/'} HTTP/1.1\r\n{lines}\r\n".encode())
    whole = await reader.read()
    writer.close()
    await writer.wait_closed()
    return parsed(whole)


def parsed(whole: bytes) -> Reply:
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Reply(int(first.split()[1]), headers, body)


def unchunked(body: bytes) -> bytes:
    pieces = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        pieces.append(rest[:length])
        body = rest[length + 2 :]
    return b"".join(pieces)
