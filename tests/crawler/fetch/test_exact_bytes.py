"""What a server sends is what the exchange holds, to the byte."""

import pytest

from crawler.errors import BadResponse
from storage.model.exchange import Truncated
from tests.crawler.fetch.certificates import Certificates
from tests.crawler.fetch.odd import (
    CHUNKED,
    CUT,
    LAST_CHUNKS,
    NOT_MODIFIED,
    REFUSED,
    WHOLE,
    Odd,
)
from tests.crawler.fetch.servers import client, page, serving

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("odd", (WHOLE | CUT).values(), ids=WHOLE | CUT)
async def test_response_is_what_the_server_sent(
    odd: Odd, secure: bool, certificates: Certificates
) -> None:
    tls = certificates.server if secure else None

    async with (
        serving(odd.sent, tls=tls, hang_up=True) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        exchange = await visitor.exchange(server.url())

    assert exchange.response == odd.response
    assert exchange.interim == odd.interim
    assert exchange.excess == odd.excess
    assert exchange.body == odd.body
    assert exchange.truncated is odd.truncated
    assert exchange.decode_error is None
    assert exchange.request == server.heads[0]


@pytest.mark.parametrize("odd", REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_is_kept_as_far_as_it_came(odd: Odd) -> None:
    async with serving(odd.sent, hang_up=True) as server, client() as visitor:
        with pytest.raises(BadResponse) as caught:
            await visitor.fetch(server.url())

    [refused] = caught.value.exchanges
    assert refused.response == odd.response
    assert refused.truncated is odd.truncated
    assert refused.request == server.heads[0]


async def test_headers_over_their_limit_are_kept_up_to_it() -> None:
    flood = b"HTTP/1.1 200 OK\r\n" + b"X: 0123456789\r\n" * 10_000

    async with serving(flood) as server, client() as visitor:
        with pytest.raises(BadResponse) as caught:
            await visitor.exchange(server.url())

    [refused] = caught.value.exchanges
    assert flood.startswith(refused.response)
    assert len(refused.response) > 32 * 1024
    assert refused.status == 0
    assert refused.truncated is Truncated.LENGTH


async def test_kept_connection_separates_its_exchanges() -> None:
    first, second = page(b"one"), page(b"two!", b"X-N: 2")

    async with serving(first, second) as server, client() as visitor:
        one = await visitor.exchange(server.url("/1"))
        two = await visitor.exchange(server.url("/2"))

    assert server.connections == 1
    assert (one.response, two.response) == (first, second)
    assert [one.request, two.request] == server.heads


@pytest.mark.parametrize(
    "first",
    [page(b"one"), CHUNKED + LAST_CHUNKS, NOT_MODIFIED],
    ids=["length", "chunks", "304"],
)
async def test_bytes_after_a_response_are_not_the_next_one(first: bytes) -> None:
    planted = page(b"planted")

    async with serving(first + planted, page(b"two")) as server, client() as visitor:
        one = await visitor.exchange(server.url("/1"))
        two = await visitor.exchange(server.url("/2"))

    assert one.response == first
    assert two.body == b"two"
    assert server.connections == 2
