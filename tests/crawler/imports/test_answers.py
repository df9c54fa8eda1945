import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.charset import decode
from crawler.fetch.limits import Limits
from crawler.imports.answers import taken
from storage.model.exchange import Exchange, Origin
from storage.warc.foreign import Answer, read_foreign
from tests.crawler.imports.foreign import HTML, Wrote, write_warc

URL = "http://news.example/a"
PAGE = "<html><head><title>Новости</title></head><p>Порт открыт.</p></html>"
CHUNKED = ("Transfer-Encoding", "chunked")
GZIP = ("Content-Encoding", "gzip")


def read(tmp_path: Path, **record: object) -> Exchange | str:
    path = write_warc(tmp_path / "a.warc.gz", Wrote(**{"url": URL, **record}))
    (answer,) = [
        place.found
        for place in read_foreign(path, path.name)
        if isinstance(place.found, Answer)
    ]
    return taken(answer, answer.block, Limits())


def body(tmp_path: Path, **record: object) -> bytes:
    exchange = read(tmp_path, **record)
    assert isinstance(exchange, Exchange)
    return exchange.body


@pytest.mark.parametrize(
    "headers",
    [
        [HTML],
        [HTML, CHUNKED],
        [HTML, GZIP],
        [HTML, CHUNKED, GZIP],
        [HTML, ("Content-Length", "17")],
        [HTML, ("Content-Encoding", "br"), CHUNKED],
    ],
    ids=["plain", "chunked", "gzip", "both", "wrong length", "brotli"],
)
def test_a_body_stored_decoded_is_read_whatever_its_headers_say(
    tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    assert body(tmp_path, body=PAGE.encode(), headers=headers) == PAGE.encode()


def test_a_body_that_is_coded_is_decoded(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE.encode())
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)

    assert body(tmp_path, body=chunks, headers=[HTML, GZIP, CHUNKED]) == PAGE.encode()


def test_http_1_0_without_a_length_is_read(tmp_path: Path) -> None:
    exchange = read(tmp_path, body=PAGE.encode(), protocol="HTTP/1.0")

    assert isinstance(exchange, Exchange)
    assert (exchange.body, exchange.protocol) == (PAGE.encode(), "http/1.0")


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"status": "404 Not Found"}, "HTTP 404"),
        ({"status": "301 Moved", "headers": [("Location", "/b")]}, "HTTP 301"),
        ({"headers": [("Content-Type", "image/png")]}, "not HTML (image)"),
        ({"headers": [], "body": b"User-agent: *"}, "not HTML (untold)"),
        ({"body": b""}, "empty"),
        ({"more": {"WARC-Truncated": "length"}}, "cut short (length)"),
        ({"url": "ftp://news.example/a"}, "not a URL that may be fetched"),
        ({"body": b"\x1f\x8b\x08torn", "headers": [HTML, GZIP]}, "cannot be decoded"),
    ],
)
def test_what_is_no_whole_page_is_passed_over(
    tmp_path: Path, record: dict[str, object], why: str
) -> None:
    assert read(tmp_path, **record) == why


def test_markup_of_an_untold_type_is_a_page(tmp_path: Path) -> None:
    assert body(tmp_path, headers=[], body=PAGE.encode()) == PAGE.encode()


def test_an_exchange_keeps_what_the_record_says(tmp_path: Path) -> None:
    more = {
        "WARC-IP-Address": "192.0.2.7",
        "WARC-Protocol": "tls/1.3",
        "WARC-Cipher-Suite": "TLS_AES_128_GCM_SHA256",
        "WARC-JSON-Metadata": '{"cert": {"sha256": "ab", "issuer": "Test CA"}}',
    }
    exchange = read(tmp_path, more=more)

    assert isinstance(exchange, Exchange)
    assert exchange.started_at == datetime(2016, 10, 1, 12, tzinfo=UTC)
    assert (exchange.ip, exchange.protocol) == ("192.0.2.7", "http/1.1")
    assert exchange.tls == ("tls/1.3", "TLS_AES_128_GCM_SHA256")
    assert exchange.certificate is not None
    assert isinstance(exchange.origin, Origin)


@pytest.mark.parametrize(
    ("charset", "header", "meta"),
    [
        ("utf-8", "text/html; charset=ISO-8859-1", ""),
        ("windows-1251", "text/html; charset=UTF-8", "<meta charset=windows-1251>"),
        ("windows-1251", "text/html; charset=UTF-8", ""),
        ("windows-1251", "text/html; charset=ISO-8859-1", "<meta charset=cp1251>"),
        ("koi8-r", "text/html", "<meta charset=koi8-r>"),
        ("windows-1251", "text/html; charset=utf-8", "<meta charset=utf-8>"),
    ],
)
def test_a_lying_charset_is_found_out(charset: str, header: str, meta: str) -> None:
    text = f"<html>{meta}<p>{'Порт открыт снова. ' * 20}</p></html>"

    assert decode(text.encode(charset), header)[0] == text


def test_a_character_cut_at_the_end_makes_no_lie_of_utf_8() -> None:
    text = "Порт открыт снова. " * 9

    assert (
        decode(text.encode()[:-2] + b"\xd0", "text/html; charset=utf-8")[1] == "utf-8"
    )
