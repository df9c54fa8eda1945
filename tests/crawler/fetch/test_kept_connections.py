"""When a connection is kept for the next exchange, and when it is not."""

import asyncio

import pytest

from crawler.fetch import transport
from tests.crawler.fetch.certificates import Certificates
from tests.crawler.fetch.servers import client, page, serving

pytestmark = pytest.mark.anyio


async def test_a_server_that_hung_up_meanwhile_is_dialled_again() -> None:
    left = asyncio.Event()

    async def answer_and_leave(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(page(b"one"))
        await writer.drain()
        await left.wait()

    async with serving(answer_and_leave, page(b"two")) as server, client() as visitor:
        await visitor.exchange(server.url())
        left.set()
        await asyncio.sleep(0.05)
        exchange = await visitor.exchange(server.url())

    assert exchange.body == b"two"
    assert [server.connections, len(server.heads)] == [2, 2]


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
async def test_what_comes_unasked_is_no_answer(
    secure: bool, certificates: Certificates
) -> None:
    """Under TLS it comes in a record of its own."""

    async def answer_and_plant(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(page(b"one"))
        await writer.drain()
        writer.write(page(b"planted"))
        await writer.drain()
        await reader.read()

    tls = certificates.server if secure else None
    async with (
        serving(answer_and_plant, page(b"two"), tls=tls) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        one = await visitor.exchange(server.url())
        await asyncio.sleep(0.05)
        two = await visitor.exchange(server.url())

    assert (one.body, two.body) == (b"one", b"two")
    assert server.connections == 2


@pytest.mark.parametrize(
    ("head", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\n", 2),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", 2),
    ],
)
async def test_a_server_that_says_it_ends_is_believed(
    head: bytes, connections: int
) -> None:
    sent = head + b"Content-Length: 2\r\n\r\nok"

    async with serving(sent) as server, client() as visitor:
        bodies = [(await visitor.exchange(server.url())).body for _ in range(2)]

    assert bodies == [b"ok", b"ok"]
    assert server.connections == connections


async def test_a_connection_is_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "KEEP_ALIVE_SECONDS", 0.0)

    async with serving(page()) as server, client() as visitor:
        for _ in range(2):
            await visitor.exchange(server.url())

    assert server.connections == 2


async def test_a_visit_has_few_connections_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "MOST_AT_ONCE", 2)
    under_way, most = 0, 0

    async def count(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        writer.write(page(b"x", b"Connection: close"))
        await writer.drain()

    async with serving(count) as server, client() as visitor:
        found = await asyncio.gather(
            *(visitor.exchange(server.url()) for _ in range(5))
        )

    assert [exchange.body for exchange in found] == [b"x"] * 5
    assert most == 2
