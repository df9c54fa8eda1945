"""What a server sends is what the exchange holds, to the byte."""

import gzip

import brotli
import pytest

from storage.model import Truncated
from tests.crawler.fetch.conftest import Certificates
from tests.crawler.fetch.servers import client, page, serving

TEXT = b"<p>Ferry line restored after nine weeks.</p>"
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(TEXT)
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = gzip.compress(TEXT, mtime=0)
BROTLI = brotli.compress(TEXT)

# name: (what is sent, what comes before the final response, the decoded body)
ODD: dict[str, tuple[bytes, bytes, bytes]] = {
    "plain": (page(TEXT), b"", TEXT),
    "odd spacing": (
        OK + b"X-A:   two  words \t\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
    "no space after colon": (OK + b"X-A:b\r\n" + LENGTH + b"\r\n" + TEXT, b"", TEXT),
    "odd case": (OK + b"x-ODD-cASE: v\r\ncontent-LENGTH: 44\r\n\r\n" + TEXT, b"", TEXT),
    "duplicate headers": (
        OK + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
    "folded header": (
        OK + b"X-Long: one\r\n \t two\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
    "empty header": (OK + b"X-Empty:\r\n" + LENGTH + b"\r\n" + TEXT, b"", TEXT),
    "latin-1 header": (
        OK + b"X-City: K\xf6ln\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
    "utf-8 header": (
        OK + b"X-City: K\xc3\xb6ln\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
    "bare line feeds": ((OK + LENGTH + b"\r\n").replace(b"\r", b"") + TEXT, b"", TEXT),
    "mixed line ends": (OK + b"X-A: b\n" + LENGTH + b"\n" + TEXT, b"", TEXT),
    "no reason": (b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + TEXT, b"", TEXT),
    "long reason": (
        b"HTTP/1.1 200 All is  very well\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
    "http/1.0": (b"HTTP/1.0 200 OK\r\n\r\n" + TEXT, b"", TEXT),
    "until close": (OK + b"Connection: close\r\n\r\n" + TEXT, b"", TEXT),
    "repeated length": (OK + LENGTH + LENGTH + b"\r\n" + TEXT, b"", TEXT),
    "one chunk": (CHUNKED + b"2c\r\n" + TEXT + b"\r\n0\r\n\r\n", b"", TEXT),
    "many chunks": (
        CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in TEXT) + b"0\r\n\r\n",
        b"",
        TEXT,
    ),
    "chunk extensions": (
        CHUNKED + b"02C;name=value ; x\r\n" + TEXT + b"\r\n000;end\r\n\r\n",
        b"",
        TEXT,
    ),
    "trailers": (
        CHUNKED + b"2C\r\n" + TEXT + b"\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
        b"",
        TEXT,
    ),
    "gzip": (page(GZIPPED, b"Content-Encoding: gzip"), b"", TEXT),
    "gzip in chunks": (
        OK
        + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"a\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (GZIPPED[:10], len(GZIPPED) - 10, GZIPPED[10:]),
        b"",
        TEXT,
    ),
    "brotli": (page(BROTLI, b"Content-Encoding: br"), b"", TEXT),
    "early hints": (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + page(TEXT),
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        TEXT,
    ),
    "two interim responses": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + page(TEXT),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
        TEXT,
    ),
    "not modified": (b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', b"", b""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", b""),
    "error page": (b"HTTP/1.1 500 Oops\r\n" + LENGTH + b"\r\n" + TEXT, b"", TEXT),
    "unheard-of status": (
        b"HTTP/1.1 999 Denied\r\n" + LENGTH + b"\r\n" + TEXT,
        b"",
        TEXT,
    ),
}


@pytest.mark.anyio
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(("sent", "interim", "body"), ODD.values(), ids=ODD)
async def test_response_is_what_the_server_sent(
    sent: bytes,
    interim: bytes,
    body: bytes,
    secure: bool,
    certificates: Certificates,
) -> None:
    tls = certificates.server if secure else None

    async with (
        serving(sent, tls=tls, hang_up=True) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        exchange = await visitor.exchange(server.url())

    assert exchange.response == sent.removeprefix(interim)
    assert exchange.body == body
    assert exchange.truncated is None
    assert exchange.decode_error is None
    assert exchange.request == server.heads[0]


@pytest.mark.anyio
async def test_kept_connection_separates_its_exchanges() -> None:
    first, second = page(b"one"), page(b"two!", b"X-N: 2")

    async with serving(first, second) as server, client() as visitor:
        one = await visitor.exchange(server.url("/1"))
        two = await visitor.exchange(server.url("/2"))

    assert server.connections == 1
    assert (one.response, two.response) == (first, second)
    assert [one.request, two.request] == server.heads


@pytest.mark.anyio
@pytest.mark.parametrize(
    "first",
    [page(b"one"), CHUNKED + b"3\r\none\r\n0\r\n\r\n", ODD["not modified"][0]],
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


@pytest.mark.anyio
@pytest.mark.parametrize(
    "sent",
    [
        OK + b"Content-Length: 99\r\n\r\n" + TEXT,
        CHUNKED + b"FF\r\n" + TEXT,
        CHUNKED + b"2c\r\n" + TEXT + b"\r\nzz\r\n",
        CHUNKED + b"2c\r\n" + TEXT + b"\r\n0\r\nX-Sum: ",
    ],
    ids=["length", "chunk", "chunk size", "trailers"],
)
async def test_broken_off_body_is_kept_as_disconnected(sent: bytes) -> None:
    async with serving(sent, hang_up=True) as server, client() as visitor:
        exchange = await visitor.exchange(server.url())

    assert exchange.truncated is Truncated.DISCONNECT
    assert exchange.response == sent
    assert exchange.body == TEXT
