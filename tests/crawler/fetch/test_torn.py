"""Responses that end in no good way, and what they may cost."""

import asyncio
import tracemalloc
from datetime import UTC, datetime

import pytest

from crawler.fetch.client import Limits
from crawler.fetch.tape import Tape, exchange_on
from storage.model.exchange import Truncated
from tests.crawler.fetch.certificates import Certificates
from tests.crawler.fetch.servers import Script, client, serving

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\n"
MIB = 2**20


def ending(how: str) -> Script:
    async def script(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(HEAD + b"\r\n<p>Half of a sto")
        await writer.drain()
        if how == "torn":
            writer.transport.abort()

    return script


@pytest.mark.parametrize(
    ("how", "truncated"), [("torn", Truncated.DISCONNECT), ("closed", None)]
)
async def test_tls_that_ends_without_saying_so_may_lack_the_rest(
    how: str, truncated: Truncated | None, certificates: Certificates
) -> None:
    async with (
        serving(ending(how), tls=certificates.server) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        exchange = await visitor.exchange(server.url())

    assert exchange.truncated is truncated
    assert exchange.body == b"<p>Half of a sto"


async def test_chunks_of_a_byte_are_cut_by_their_number() -> None:
    async def script(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\na\r\n" * 10_000)
            await writer.drain()

    async with serving(script) as server, client() as visitor:
        exchange = await visitor.exchange(server.url())

    assert exchange.truncated is Truncated.LENGTH
    assert len(exchange.response) < Limits().raw_bytes / 5


def test_a_large_body_is_held_four_times_at_most() -> None:
    body = bytes(8 * MIB)
    limits = Limits(raw_bytes=8 * MIB)
    tape = Tape(
        "http://big.test/",
        header_limit=1000,
        body_limit=limits.raw_bytes,
        now=lambda: datetime(2026, 3, 4, tzinfo=UTC),
    )
    tracemalloc.start()
    tape.record_received(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(body), body)
    )
    del body

    exchange = exchange_on(tape, Truncated.TIME, limits.raw_bytes, limits)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(exchange.body) > 7 * MIB
    assert peak < 4.5 * 8 * MIB
