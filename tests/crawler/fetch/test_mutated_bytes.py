"""Broken responses end in an exchange of received bytes, or in our own error."""

import random

import pytest

from crawler.errors import FetchError
from crawler.fetch.client import Limits
from storage.model.exchange import Exchange
from tests.crawler.fetch.odd import WHOLE
from tests.crawler.fetch.servers import client, serving

PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\0",
    b":",
    b"\xff",
    b"ff\r\n",
    b"0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Encoding: br\r\n",
    b"Transfer-Encoding: chunked\r\n",
]


def mutated(response: bytes, chance: random.Random) -> bytes:
    """Return a response with a few bytes cut, put in or changed."""
    broken = bytearray(response)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(broken) + 1)
        match chance.randrange(3):
            case 0:
                del broken[place : place + chance.randint(1, 5)]
            case 1:
                broken[place:place] = chance.choice(PIECES)
            case _:
                broken[place : place + 1] = bytes([chance.randrange(256)])
    return bytes(broken)


async def exchanged(sent: bytes) -> Exchange | None:
    async with (
        serving(sent, hang_up=True) as server,
        client(limits=Limits(raw_bytes=50)) as visitor,
    ):
        try:
            return await visitor.exchange(server.url())
        except FetchError as error:
            return error.exchanges[-1] if error.exchanges else None


def holds(sent: bytes, exchange: Exchange) -> bool:
    """Tell whether an exchange is what was sent, from its first byte on."""
    return sent.startswith(exchange.interim + exchange.response + exchange.excess)


@pytest.mark.anyio
@pytest.mark.parametrize("seed", range(5))
async def test_mutated_response_is_exact_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    for odd in WHOLE.values():
        broken = mutated(odd.sent, chance)

        exchange = await exchanged(broken)

        assert exchange is None or holds(broken, exchange)
