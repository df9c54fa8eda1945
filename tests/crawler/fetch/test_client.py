"""One request, one exchange; what ends a fetch, and how."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Network

import pytest

from crawler.errors import BadResponse, BadUrl, ConnectFailed, FetchTimeout
from crawler.fetch.client import Client, Limits, Validators, shared_ssl_context
from crawler.fetch.guard import AddressPolicy
from crawler.urls import fetch_url
from storage.model.exchange import Truncated
from tests.crawler.fetch.servers import LOOPBACK, Script, client, page, serving

pytestmark = pytest.mark.anyio

SOON = timedelta(seconds=0.2)
HURRY = Limits(connect=SOON, first_byte=SOON, total=SOON)
ACCEPT = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,"
    "application/json;q=0.9,*/*;q=0.8"
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


async def silence(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_head(
    _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def head_then_silence(
    _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(HEAD + b"begun")
    await asyncio.sleep(5)


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"begun")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()


async def test_a_form_is_posted_whole() -> None:
    async with serving(page()) as server, client() as visitor:
        exchange = await visitor.exchange(
            server.url("/hub?a=1"), form={"hub.mode": "subscribe", "x": "a b&c=ö"}
        )

    head, _, body = exchange.request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hub?a=1 HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/x-www-form-urlencoded" in head
    assert f"\r\nContent-Length: {len(body)}".encode() in head
    assert body == b"hub.mode=subscribe&x=a+b%26c%3D%C3%B6"
    assert exchange.status == 200


async def test_request_says_who_asks_and_what_it_can_read() -> None:
    async with serving(page()) as server, client() as visitor:
        exchange = await visitor.exchange(server.url("/a?b=1#c"))

    assert exchange.request.decode().splitlines() == [
        "GET /a?b=1 HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: KlipingTest/1.0",
        f"Accept: {ACCEPT}",
        "Accept-Encoding: gzip, deflate, br",
        "Connection: keep-alive",
        "",
    ]


async def test_exchange_knows_its_url_address_and_protocol() -> None:
    async with serving(page()) as server, client() as visitor:
        exchange = await visitor.exchange(server.url("/a#part"))

    assert exchange.url == server.url("/a")
    assert (exchange.ip, exchange.protocol, exchange.tls) == (
        "127.0.0.1",
        "http/1.1",
        None,
    )


async def test_exchange_starts_when_the_clock_says() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)

    async with serving(page()) as server:
        visitor = Client(
            user_agent="K", limits=Limits(), policy=LOOPBACK, now=lambda: noon
        )
        async with visitor:
            exchange = await visitor.exchange(server.url())

    assert exchange.started_at == noon
    assert exchange.elapsed > timedelta(0)


@pytest.mark.parametrize(
    "target", ["/a|b/%7e%c3%a9/'x'?q=[1]|2^{}`", "/a?", "//a//b", "/?", "/;a=1?b#"]
)
async def test_target_is_asked_for_as_the_url_has_it(target: str) -> None:
    async with serving(page()) as server, client() as visitor:
        await visitor.exchange(server.url(target))

    asked = server.heads[0].split(b" ")[1].decode()
    assert server.url(asked) == fetch_url(server.url(target))


async def test_validators_make_a_conditional_request() -> None:
    known = Validators(etag='W/"7-\xe9"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT")

    async with (
        serving(b"HTTP/1.1 304 Not Modified\r\n\r\n") as server,
        client() as visitor,
    ):
        exchange = await visitor.exchange(server.url(), validators=known)

    assert exchange.status == 304
    assert b'\r\nIf-None-Match: W/"7-\xe9"\r\n' in server.heads[0]
    assert (
        b"\r\nIf-Modified-Since: Sun, 01 Mar 2026 12:00:00 GMT\r\n" in server.heads[0]
    )


async def test_validator_no_header_can_hold_is_still_sent() -> None:
    async with serving(page()) as server, client() as visitor:
        await visitor.exchange(server.url(), validators=Validators(etag='"…"'))

    assert b'\r\nIf-None-Match: "?"\r\n' in server.heads[0]


async def test_header_that_breaks_the_request_is_never_sent() -> None:
    split = (("X-A", "1\r\nX-B: 2"),)

    async with serving(page()) as server, client() as visitor:
        with pytest.raises(BadUrl):
            await visitor.exchange(server.url(), extra_headers=split)

    assert server.heads == []


async def test_extra_headers_are_sent() -> None:
    async with serving(page()) as server, client() as visitor:
        await visitor.exchange(server.url(), extra_headers=(("X-Key", "7"),))

    assert b"\r\nX-Key: 7\r\n" in server.heads[0]


async def test_cookies_are_never_sent_back() -> None:
    async with serving(page(b"", b"Set-Cookie: seen=1")) as server, client() as visitor:
        await visitor.exchange(server.url())
        await visitor.exchange(server.url())

    assert b"cookie" not in server.heads[1].lower()


async def test_retry_after_is_left_to_whoever_schedules() -> None:
    busy = b"HTTP/1.1 429 Slow Down\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"

    async with serving(busy) as server, client() as visitor:
        exchange = await visitor.exchange(server.url())

    assert (exchange.status, exchange.header("Retry-After")) == (429, "120")
    assert len(server.heads) == 1


async def test_proxies_in_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(page(b"proxy")) as proxy, serving(page(b"direct")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        async with client() as visitor:
            exchange = await visitor.exchange(server.url())

    assert exchange.body == b"direct"
    assert proxy.heads == []


async def test_endless_body_is_cut_at_its_limit() -> None:
    limits = Limits(raw_bytes=10_000)

    async with serving(endless) as server, client(limits=limits) as visitor:
        exchange = await visitor.exchange(server.url())

    head = len(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert exchange.truncated is Truncated.LENGTH
    assert len(exchange.response) == head + 10_000
    assert exchange.body == b"x" * (10_000 - len(b"1000\r\n\r\n1000\r\n\r\n1000\r\n"))


async def test_raw_limit_of_one_exchange_wins() -> None:
    async with serving(page(b"0123456789")) as server, client() as visitor:
        exchange = await visitor.exchange(server.url(), raw_limit=4)

    assert (exchange.body, exchange.truncated) == (b"0123", Truncated.LENGTH)


async def test_body_of_exactly_the_limit_is_whole() -> None:
    async with serving(page(b"0123") + b"junk") as server, client() as visitor:
        exchange = await visitor.exchange(server.url(), raw_limit=4)

    assert (exchange.body, exchange.truncated) == (b"0123", None)


@pytest.mark.parametrize("script", [drip, head_then_silence])
async def test_slow_body_is_cut_by_time(script: Script) -> None:
    async with serving(script) as server, client(limits=HURRY) as visitor:
        exchange = await visitor.exchange(server.url())

    assert exchange.truncated is Truncated.TIME
    assert exchange.response.startswith(HEAD)
    assert exchange.body


async def test_silence_within_a_body_is_cut_by_time() -> None:
    limits = Limits(first_byte=SOON)

    async with serving(head_then_silence) as server, client(limits=limits) as visitor:
        exchange = await visitor.exchange(server.url())

    assert (exchange.body, exchange.truncated) == (b"begun", Truncated.TIME)


@pytest.mark.parametrize("script", [silence, drip_head])
async def test_no_head_in_time_is_a_timeout(script: Script) -> None:
    async with serving(script) as server, client(limits=HURRY) as visitor:
        with pytest.raises(FetchTimeout) as caught:
            await visitor.exchange(server.url())

    assert caught.value.url == server.url()


async def test_silent_server_is_a_timeout() -> None:
    limits = Limits(first_byte=SOON)

    async with serving(silence) as server, client(limits=limits) as visitor:
        with pytest.raises(FetchTimeout):
            await visitor.exchange(server.url())


async def test_reset_within_a_body_is_a_disconnect() -> None:
    async with serving(reset) as server, client() as visitor:
        exchange = await visitor.exchange(server.url())

    assert (exchange.body, exchange.truncated) == (b"begun", Truncated.DISCONNECT)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<html>HTTP/0.9</html>",
        b"HTTP/1.1 2 OK\r\n\r\n",
        b"HTTP/9 200 OK\r\n\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n no name\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
    ],
)
async def test_what_is_not_http_is_a_bad_response(sent: bytes) -> None:
    async with serving(sent, hang_up=True) as server, client() as visitor:
        with pytest.raises(BadResponse):
            await visitor.exchange(server.url())


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: 0123456789\r\n" * 100 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1000,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100 + page(),
    ],
    ids=["many", "unfinished", "interim"],
)
async def test_headers_over_their_limit_are_a_bad_response(sent: bytes) -> None:
    limits = Limits(header_bytes=1000)

    async with serving(sent) as server, client(limits=limits) as visitor:
        with pytest.raises(BadResponse, match="headers over 1000 bytes"):
            await visitor.exchange(server.url())


async def test_head_that_comes_in_pieces_is_found() -> None:
    async def pieces(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for byte in b"HTTP/1.1 100 Continue\r\n\r\n" + page(b"whole"):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with serving(pieces) as server, client() as visitor:
        exchange = await visitor.exchange(server.url())

    assert exchange.response == page(b"whole")


async def test_closed_port_is_a_failed_connection() -> None:
    async with serving(page()) as server:
        url = server.url()

    async with client() as visitor:
        with pytest.raises(ConnectFailed):
            await visitor.exchange(url)


async def test_request_lost_on_a_kept_connection_is_sent_again() -> None:
    async def hang_up(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.close()

    async with (
        serving(page(b"one"), hang_up, page(b"two")) as server,
        client() as visitor,
    ):
        await visitor.exchange(server.url())
        exchange = await visitor.exchange(server.url())

    assert exchange.body == b"two"
    assert len(server.heads) == 3


async def test_request_lost_on_a_new_connection_is_not_sent_again() -> None:
    async with serving(b"", hang_up=True) as server, client() as visitor:
        with pytest.raises(BadResponse):
            await visitor.exchange(server.url())

    assert len(server.heads) == 1


async def test_bomb_is_archived_raw_and_decoded_to_its_bound() -> None:
    bomb = gzip.compress(b"\0" * 6_000_000)
    limits = Limits(decoded_bytes=1_000_000)

    async with (
        serving(page(bomb, b"Content-Encoding: gzip")) as server,
        client(limits=limits) as visitor,
    ):
        exchange = await visitor.exchange(server.url())

    assert exchange.response.endswith(bomb)
    assert len(exchange.body) == 1_000_000
    assert exchange.decode_error == "over 1000000 bytes decoded"
    assert exchange.truncated is None


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "/a"])
async def test_bad_url_is_refused_before_any_connection(url: str) -> None:
    async with client() as visitor:
        with pytest.raises(BadUrl):
            await visitor.exchange(url)


async def test_cancelled_fetch_stays_cancelled() -> None:
    asked = asyncio.Event()

    async def hear(
        _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        asked.set()
        await asyncio.sleep(5)

    async with serving(hear) as server, client() as visitor:
        task = asyncio.create_task(visitor.exchange(server.url()))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_two_exchanges_at_once_keep_their_own_bytes() -> None:
    async with serving(page(b"same")) as server, client() as visitor:
        one, two = await asyncio.gather(
            visitor.exchange(server.url("/one")), visitor.exchange(server.url("/two"))
        )

    assert one.request.startswith(b"GET /one ")
    assert two.request.startswith(b"GET /two ")
    assert one.response == two.response == page(b"same")


async def test_tls_context_is_shared() -> None:
    assert shared_ssl_context() is shared_ssl_context()


async def test_large_body_after_many_tiny_chunks_is_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    large = b"30000\r\n" + b"b" * 0x30000 + b"\r\n"
    sent = head + b"1\r\na\r\n" * 500 + large + b"0\r\n\r\n"

    async with serving(sent) as server, client() as visitor:
        exchange = await visitor.exchange(server.url())

    assert exchange.response == sent
    assert exchange.body == b"a" * 500 + b"b" * 0x30000


async def test_ipv6_address_is_dialled_as_written() -> None:
    policy = AddressPolicy(allow_networks=(IPv6Network("::1/128"),))

    async with serving(page(), host="::1") as server, client(policy=policy) as visitor:
        exchange = await visitor.exchange(server.url("/", "[::1]"))

    assert exchange.ip == "::1"
