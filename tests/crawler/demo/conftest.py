import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from crawler.demo.server import NewsWeb

STARTED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


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


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def web(clock: Clock) -> AsyncIterator[NewsWeb]:
    async with NewsWeb(clock=clock, started_at=STARTED) as opened:
        yield opened


Get = Callable[..., Awaitable[Reply]]


@pytest.fixture
def get() -> Get:
    return fetch


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
