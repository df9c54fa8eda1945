"""HTTP/2 over real sockets: what is kept, what is refused, and where it ends."""

import asyncio
import gzip
from datetime import timedelta
from io import BytesIO

import h2.errors
import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import BadResponse, ConnectFailed, FetchError, FetchTimeout
from crawler.fetch.client import Limits, shared_http2_context, shared_ssl_context
from crawler.fetch.http2_form import head_fault, request_head, response_head
from storage.model.exchange import Truncated
from storage.warc.capture import capture_records
from tests.crawler.fetch import servers
from tests.crawler.fetch.certificates import Certificates
from tests.crawler.fetch.http2_servers import (
    HTML,
    OK,
    Answer,
    Pair,
    Talk,
    page,
    serving_http2,
)
from tests.crawler.fetch.servers import client, serving

pytestmark = pytest.mark.anyio

STORY = b"<p>Harbour reopens.</p>" * 100
PACKED = gzip.compress(STORY, mtime=0)
BIG = bytes(range(256)) * 2000
SMALL = Limits(raw_bytes=100_000)
SHORT = Limits(
    first_byte=timedelta(seconds=2), total=timedelta(seconds=2), raw_bytes=100_000
)


async def interim(talk: Talk, stream: int) -> None:
    await talk.head(stream, (b":status", b"103"), (b"link", b"</a.css>; rel=preload"))
    await page(STORY, HTML)(talk, stream)


async def trailers(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    await talk.body(stream, STORY, end=False)
    await talk.head(stream, (b"x-checksum", b"17"), end=True)


async def padded(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    for place in range(0, len(STORY), 10):
        talk.h2.send_data(stream, STORY[place : place + 10], pad_length=20)
    talk.h2.end_stream(stream)
    await talk.flush()


async def empty(talk: Talk, stream: int) -> None:
    await talk.head(stream, (b":status", b"304"), (b"etag", b'"1"'), end=True)


WHOLE: dict[str, tuple[Answer, bytes, bytes]] = {
    "plain": (
        page(STORY, HTML, (b"x-a", b"1"), (b"x-b", b" 2"), (b"x-a", b"3")),
        b"HTTP/1.1 200 \r\ncontent-type: text/html; charset=utf-8\r\n"
        b"x-a: 1\r\nx-b:  2\r\nx-a: 3\r\n\r\n" + STORY,
        STORY,
    ),
    "packed": (
        page(PACKED, (b"content-encoding", b"gzip")),
        b"HTTP/1.1 200 \r\ncontent-encoding: gzip\r\n\r\n" + PACKED,
        STORY,
    ),
    "with its length": (
        page(STORY, (b"content-length", b"2300")),
        b"HTTP/1.1 200 \r\ncontent-length: 2300\r\n\r\n" + STORY,
        STORY,
    ),
    "over many windows": (page(BIG), b"HTTP/1.1 200 \r\n\r\n" + BIG, BIG),
    "early hints": (
        interim,
        b"HTTP/1.1 200 \r\ncontent-type: text/html; charset=utf-8\r\n\r\n" + STORY,
        STORY,
    ),
    "trailers": (
        trailers,
        b"HTTP/1.1 200 \r\ncontent-type: text/html; charset=utf-8\r\n\r\n" + STORY,
        STORY,
    ),
    "padded frames": (
        padded,
        b"HTTP/1.1 200 \r\ncontent-type: text/html; charset=utf-8\r\n\r\n" + STORY,
        STORY,
    ),
    "no body": (empty, b'HTTP/1.1 304 \r\netag: "1"\r\n\r\n', b""),
}


@pytest.mark.parametrize("case", WHOLE.values(), ids=WHOLE)
async def test_a_response_is_kept_in_the_form_of_http_1(
    case: tuple[Answer, bytes, bytes], certificates: Certificates
) -> None:
    answer, response, body = case
    async with (
        serving_http2(answer, tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        exchange = await visitor.exchange(server.url("/story?a=1"))

    assert exchange.response == response
    assert exchange.body == body
    assert exchange.truncated is None
    assert exchange.protocol == "h2"
    assert exchange.ip == "127.0.0.1"
    assert exchange.tls is not None
    assert exchange.certificate is not None


async def test_the_request_is_kept_as_it_was_sent(certificates: Certificates) -> None:
    async with (
        serving_http2(page(STORY), tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        exchange = await visitor.exchange(server.url("/story?a=1"))

    (sent,) = server.requests
    lines = exchange.request.split(b"\r\n")
    kept = [tuple(line.split(b": ", 1)) for line in lines[1:-2]]
    assert lines[0] == b"GET /story?a=1 HTTP/1.1"
    assert kept[0] == (b"host", dict(sent)[b":authority"])
    assert kept[1:] == [pair for pair in sent if not pair[0].startswith(b":")]
    assert b"connection" not in dict(sent)


async def test_readers_of_warc_files_read_it(certificates: Certificates) -> None:
    async with (
        serving_http2(
            page(PACKED, HTML, (b"content-encoding", b"gzip")), tls=certificates.http2
        ) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        exchange = await visitor.exchange(server.url())
    member = capture_records(exchange).response

    record = next(ArchiveIterator(BytesIO(member)))
    protocols = [v for k, v in record.rec_headers.headers if k == "WARC-Protocol"]
    fast = next(FastIterator(BytesIO(member), auto_decode="none"))
    assert protocols == ["h2", "tls/1.3"]
    assert record.http_headers.get_statuscode() == "200"
    assert record.http_headers.get_header("content-encoding") == "gzip"
    assert record.raw_stream.read() == PACKED
    assert fast.http_headers["content-encoding"] == "gzip"
    assert fast.reader.read() == PACKED


async def test_one_connection_serves_a_whole_visit(certificates: Certificates) -> None:
    async with (
        serving_http2(page(STORY), page(BIG), tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        bodies = [(await visitor.exchange(server.url())).body for _ in range(3)]

    assert bodies == [STORY, BIG, BIG]
    assert server.connections == 1


async def test_a_server_without_http2_is_kept_to_the_byte(
    certificates: Certificates,
) -> None:
    sent = b"HTTP/1.1  200  OK\r\nX-Odd :\t1\r\nContent-Length: 2\r\n\r\nok"
    async with (
        serving(sent, tls=certificates.server) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        try:
            exchange = await visitor.exchange(server.url())
        except BadResponse as error:
            (exchange,) = error.exchanges

    assert exchange.response == sent
    assert exchange.protocol == "http/1.1"
    assert exchange.request == server.heads[0]


async def test_others_are_not_offered_http2(certificates: Certificates) -> None:
    async with (
        serving_http2(page(STORY), tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        with pytest.raises(FetchError):
            await visitor.exchange(server.url())

    assert server.requests == []
    assert shared_ssl_context() is not shared_http2_context()


def head_of(*headers: Pair) -> Answer:
    return page(STORY, *headers)


async def too_little(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, (b"content-length", b"5000"))
    await talk.body(stream, STORY)


async def pings(talk: Talk, _stream: int) -> None:
    frame = b"\0\0\x08\x06\0\0\0\0\0" + b"12345678"
    while True:
        await talk.raw(frame * 1000)


async def settings(talk: Talk, _stream: int) -> None:
    frame = b"\0\0\x06\x04\0\0\0\0\0" + b"\0\x03\0\0\0\x64"
    while True:
        await talk.raw(frame * 1000)


async def continuations(talk: Talk, stream: int) -> None:
    place = stream.to_bytes(4, "big")
    await talk.raw(b"\0\0\x01\x01\0" + place + b"\x88")
    while True:
        await talk.raw((b"\0\0\0\x09\0" + place) * 1000)


async def nonsense(talk: Talk, _stream: int) -> None:
    await talk.raw(b"HTTP/1.1 200 OK\r\n\r\n" * 10)
    await asyncio.sleep(9)


async def reset_at_once(talk: Talk, stream: int) -> None:
    talk.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
    await talk.flush()


REFUSED: dict[str, tuple[Answer, str]] = {
    "line break in a value": (head_of((b"x-a", b"1\r\nSet-Cookie: 2")), "line break"),
    "NUL in a value": (head_of((b"x-a", b"1\x002")), "NUL"),
    "capital in a name": (head_of((b"X-A", b"1")), "no name"),
    "blank in a name": (head_of((b"x a", b"1")), "no name"),
    "header of connections": (head_of((b"connection", b"close")), "no place"),
    "chunks": (head_of((b"transfer-encoding", b"chunked")), "no place"),
    "headers over the limit": (
        head_of(*((b"x-%d" % n, b"y" * 1000) for n in range(40))),
        "headers over",
    ),
    "a bomb of headers": (
        head_of(*[(b"x-a", b"y" * 3000)] * 60),
        "larger|length|exceed",
    ),
    "a flood of pings": (pings, "frames"),
    "a flood of settings": (settings, "frames"),
    "a flood of continuations": (continuations, "CONTINUATION|backlog|frames"),
    "reset at once": (reset_at_once, "INTERNAL_ERROR|error_code|StreamReset"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
async def test_what_is_no_response_is_refused(
    case: tuple[Answer, str], certificates: Certificates
) -> None:
    answer, why = case
    async with (
        serving_http2(answer, tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True, limits=SMALL) as visitor,
    ):
        with pytest.raises(BadResponse, match=why):
            await visitor.exchange(server.url())


async def test_another_protocol_is_waited_for_no_longer_than_allowed(
    certificates: Certificates,
) -> None:
    async with (
        serving_http2(nonsense, tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True, limits=SHORT) as visitor,
    ):
        with pytest.raises(FetchTimeout):
            await visitor.exchange(server.url())


async def reset_later(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    await talk.body(stream, STORY, end=False)
    await reset_at_once(talk, stream)


async def hang_up(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    await talk.body(stream, STORY, end=False)
    raise ConnectionError


async def go_away(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    await talk.body(stream, STORY, end=False)
    talk.h2.close_connection(last_stream_id=stream)
    await talk.flush()
    raise ConnectionError


async def fall_silent(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    await talk.body(stream, STORY, end=False)
    await asyncio.sleep(9)


async def endless(talk: Talk, stream: int) -> None:
    await talk.head(stream, OK, HTML)
    while True:
        await talk.body(stream, STORY * 20, end=False)


CUT: dict[str, tuple[Answer, Truncated]] = {
    "reset": (reset_later, Truncated.DISCONNECT),
    "hung up": (hang_up, Truncated.DISCONNECT),
    "told to go away": (go_away, Truncated.DISCONNECT),
    "silent": (fall_silent, Truncated.TIME),
    "endless": (endless, Truncated.LENGTH),
    "shorter than it said": (too_little, Truncated.DISCONNECT),
}


@pytest.mark.parametrize("case", CUT.values(), ids=CUT)
async def test_what_breaks_off_is_kept_as_far_as_it_came(
    case: tuple[Answer, Truncated], certificates: Certificates
) -> None:
    answer, truncated = case
    async with (
        serving_http2(answer, page(b"next"), tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True, limits=SHORT) as visitor,
    ):
        exchange = await visitor.exchange(server.url())
        following = await visitor.exchange(server.url())

    assert exchange.truncated is truncated
    assert exchange.body.startswith(STORY)
    assert len(exchange.body) <= SHORT.raw_bytes
    assert following.body == b"next"


async def refuse_stream(talk: Talk, stream: int) -> None:
    talk.h2.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
    await talk.flush()


async def turn_away(talk: Talk, _stream: int) -> None:
    talk.h2.close_connection(last_stream_id=0)
    await talk.flush()
    await asyncio.sleep(9)


async def test_a_request_that_was_not_heard_is_sent_again(
    certificates: Certificates,
) -> None:
    async with (
        serving_http2(
            page(b"first"), refuse_stream, page(b"second"), tls=certificates.http2
        ) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        bodies = [(await visitor.exchange(server.url())).body for _ in range(2)]

    assert bodies == [b"first", b"second"]


@pytest.mark.parametrize("answer", [refuse_stream, turn_away])
async def test_a_server_that_hears_nobody_is_not_asked_for_ever(
    answer: Answer, certificates: Certificates
) -> None:
    async with (
        serving_http2(page(b"first"), answer, tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True, limits=SHORT) as visitor,
    ):
        await visitor.exchange(server.url())
        with pytest.raises((BadResponse, ConnectFailed)):
            await visitor.exchange(server.url())

    assert len(server.requests) <= 5


async def test_redirects_are_followed_on_it(certificates: Certificates) -> None:
    async def moved(talk: Talk, stream: int) -> None:
        await talk.head(stream, (b":status", b"301"), (b"location", b"/new"), end=True)

    async with (
        serving_http2(moved, page(STORY), tls=certificates.http2) as server,
        client(ssl_context=certificates.trusting, http2=True) as visitor,
    ):
        hops = await visitor.fetch(server.url())

    assert [hop.status for hop in hops] == [301, 200]
    assert hops[1].url.endswith("/new")


async def test_an_address_that_is_not_allowed_is_not_dialled(
    certificates: Certificates,
) -> None:
    async with (
        serving_http2(page(STORY), tls=certificates.http2) as server,
        servers.client(
            policy=servers.AddressPolicy(),
            ssl_context=certificates.trusting,
            http2=True,
        ) as visitor,
    ):
        with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
            await visitor.exchange(server.url())

    assert server.connections == 0


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ([(b"x-a", b"1"), (b"etag", b'"\xe9"')], None),
        ([(b"", b"1")], "no name of a header: ''"),
        ([(b"x:a", b"1")], "no name of a header: 'x:a'"),
        ([(b"x\xe9", b"1")], "no name of a header: 'x\\xe9'"),
        ([(b"upgrade", b"h2c")], "'upgrade' has no place in HTTP/2"),
    ],
)
def test_headers_are_judged_as_the_standard_says(
    headers: list[Pair], fault: str | None
) -> None:
    assert head_fault(headers) == fault


def test_heads_are_written_as_http_1() -> None:
    assert response_head(204, [(b"x-a", b"1")]) == b"HTTP/1.1 204 \r\nx-a: 1\r\n\r\n"
    assert (
        request_head(b"GET", b"/a", [(b"Host", b"a.example"), (b"X-A", b"1")])
        == b"GET /a HTTP/1.1\r\nhost: a.example\r\nx-a: 1\r\n\r\n"
    )
