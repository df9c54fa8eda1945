import hashlib
import io
import zlib
from dataclasses import replace

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from storage.model.exchange import Truncated
from storage.warc.capture import capture_records
from storage.warc.record import (
    Fields,
    check_block,
    make_record,
    read_member,
    warcinfo_record,
)
from tests.storage.kept import NOW, exchange


def test_a_response_is_read_back_as_it_was_received() -> None:
    seen = exchange()

    record = read_member(capture_records(seen).response)

    assert record.block == seen.response
    assert record.payload == seen.body


def test_headers_say_what_went_over_the_wire() -> None:
    record = read_member(capture_records(exchange()).response)

    assert record.kind == "response"
    assert record.header("warc-target-uri") == "https://kabar.example/berita/0"
    assert record.header("WARC-Date") == "2026-11-22T17:44:18.250000Z"
    assert record.header("WARC-IP-Address") == "192.0.2.7"
    assert [v for k, v in record.headers if k == "WARC-Protocol"] == [
        "http/1.1",
        "tls/1.3",
    ]
    assert record.header("WARC-Cipher-Suite") == "TLS_AES_256_GCM_SHA384"
    assert record.header("Content-Type") == "application/http;msgtype=response"
    assert record.header("WARC-Truncated") is None


def test_request_and_response_name_each_other() -> None:
    records = capture_records(exchange())
    request, response = read_member(records.request), read_member(records.response)

    assert request.kind == "request"
    assert request.header("WARC-Concurrent-To") == response.header("WARC-Record-ID")
    assert response.header("WARC-Concurrent-To") == request.header("WARC-Record-ID")


def test_plain_http_to_an_unknown_address_claims_neither() -> None:
    seen = exchange(ip=None, tls=None)

    record = read_member(capture_records(seen).request)

    assert record.header("WARC-IP-Address") is None
    assert [v for k, v in record.headers if k == "WARC-Protocol"] == ["http/1.1"]


def test_a_cut_response_says_why() -> None:
    seen = exchange(truncated=Truncated.DISCONNECT)

    record = read_member(capture_records(seen).response)

    assert record.header("WARC-Truncated") == "disconnect"


@pytest.mark.parametrize(
    ("version", "protocol"),
    [("TLSv1.2", "tls/1.2"), ("TLSv1", "tls/1.0"), ("tls/1.3", "tls/1.3"), ("X", "x")],
)
def test_tls_versions_are_written_as_the_field_writes_them(
    version: str, protocol: str
) -> None:
    record = read_member(capture_records(exchange(tls=(version, "C"))).request)

    assert ("WARC-Protocol", protocol) in record.headers


def test_hashes_are_over_the_decoded_body_and_the_stored_member() -> None:
    seen = exchange(body=b"decoded")

    records = capture_records(seen)

    assert records.payload_sha256 == hashlib.sha256(b"decoded").hexdigest()
    assert records.record_sha256 == hashlib.sha256(records.response).hexdigest()


def test_the_same_exchange_makes_the_same_bytes() -> None:
    assert capture_records(exchange(3)) == capture_records(exchange(3))


def test_another_moment_makes_another_record_id() -> None:
    seen = exchange(3)
    later = replace(seen, started_at=seen.started_at.replace(microsecond=1))

    ids = {
        read_member(capture_records(e).response).header("WARC-Record-ID")
        for e in (seen, later)
    }

    assert len(ids) == 2


def test_a_url_cannot_start_another_header() -> None:
    seen = exchange(url="https://a.example/\r\nWARC-Type: metadata x\x00<>")

    record = read_member(capture_records(seen).response)

    assert record.header("WARC-Target-URI") == (
        "https://a.example/%0D%0AWARC-Type:%20metadata%20x%00%3C%3E"
    )


def test_a_value_cannot_start_another_header() -> None:
    record = read_member(make_record([("X-A", "b\r\nX-C: d\ud800")], b"").member)

    assert record.header("X-A") == "b  X-C: d?"


@pytest.mark.parametrize(
    "headers",
    [(("Content-Encoding", "gzip"),), (("Content-Type", "image/webp"),)],
    ids=["coding", "media type"],
)
def test_a_packed_body_is_stored_as_it_is(headers: Fields) -> None:
    body = zlib.compress(b"kabar " * 1000)
    seen = exchange(headers=headers, response=b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n" + body)

    member = capture_records(seen).response

    assert body in member
    assert read_member(member).payload == body


def test_text_is_deflated() -> None:
    seen = exchange(headers=(("Content-Encoding", "identity"),))

    assert seen.body not in capture_records(seen).response


def test_warcinfo_names_file_software_and_operator() -> None:
    record = read_member(
        warcinfo_record("a.warc.gz", "kliping/1", "Arsip <a@b.example>", made_at=NOW)
    )

    assert record.kind == "warcinfo"
    assert record.header("WARC-Filename") == "a.warc.gz"
    assert b"software: kliping/1\r\n" in record.block
    assert b"operator: Arsip <a@b.example>\r\n" in record.block


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ],
    ids=["plain", "chunked", "no body"],
)
def test_other_readers_agree_with_both_digests(response: bytes) -> None:
    member = capture_records(exchange(response=response)).response

    fast = next(ArchiveIterator(io.BytesIO(member), parse_http=False))
    assert fast.verify_block_digest()
    fast.parse_http()
    assert fast.verify_payload_digest()
    warcio = next(WarcioIterator(io.BytesIO(member), check_digests="raise"))
    assert warcio.raw_stream.read() is not None


def test_a_head_of_bare_line_feeds_ends_where_http_says() -> None:
    """RFC 9112, 2.2, and warcio; FastWARC takes the first CRLF pair for it."""
    response = b"HTTP/1.1 200 OK\nA: b\n\nbody\r\n\r\nmore"
    member = capture_records(exchange(response=response)).response

    warcio = next(WarcioIterator(io.BytesIO(member), check_digests="raise"))

    assert warcio.raw_stream.read() == b"body\r\n\r\nmore"
    assert read_member(member).payload == b"body\r\n\r\nmore"


def test_a_response_without_a_blank_line_has_no_payload_digest() -> None:
    record = read_member(capture_records(exchange(response=b"garbage")).response)

    assert record.header("WARC-Payload-Digest") is None
    assert record.payload == b""


@given(block=st.binary(max_size=300), is_packed=st.booleans())
def test_every_block_comes_back(*, block: bytes, is_packed: bool) -> None:
    fields = [("WARC-Type", "response"), ("Content-Type", "application/http")]

    record = read_member(make_record(fields, block, is_packed=is_packed).member)

    assert record.block == block


MEMBER = capture_records(exchange()).response


@given(st.integers(0, len(MEMBER) * 8 - 1))
def test_a_flipped_bit_is_found_or_changes_nothing_of_the_record(bit: int) -> None:
    flipped = bytearray(MEMBER)
    flipped[bit // 8] ^= 1 << bit % 8

    try:
        read = read_member(bytes(flipped))
    except ValueError:
        return
    # The gzip head's time and system, and the bits that fill a deflate block's last
    # byte, are under no checksum and mean nothing.
    assert read == read_member(MEMBER)


def _gzip(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(text) + packer.flush()


_HEAD = b"WARC/1.1\r\nWARC-Type: metadata\r\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "torn"),
        (MEMBER[:-1], "torn"),
        (MEMBER + b"x", "after"),
        (b"plain text", "gzip"),
        (_gzip(b"HTTP/1.1 200 OK\r\n\r\n"), "no WARC header"),
        (_gzip(_HEAD), "no WARC header"),
        (_gzip(_HEAD + b"Content-Length: 1\r\n\r\nab\r\n\r\n"), "Content-Length"),
        (_gzip(_HEAD + b"Content-Length: 1\r\n\r\na"), "line breaks"),
        (
            _gzip(
                _HEAD
                + b"WARC-Block-Digest: sha1:A\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
            ),
            "digest",
        ),
    ],
)
def test_what_is_not_one_whole_record_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_member(data)


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    with pytest.raises(ValueError, match="longer"):
        read_member(_gzip(bytes(10_000_000)), max_bytes=1000)


@pytest.mark.parametrize(
    "digest",
    [
        f"sha256:{hashlib.sha256(b'a').hexdigest()}",
        "sha1:Q36PXBAS4QT7X7S2Y3XLFZPR5ZKFJWYC=",
        "md5:0",
    ],
    ids=["hexadecimal", "padded", "unknown algorithm"],
)
def test_digests_of_other_writers_are_understood(digest: str) -> None:
    if digest.startswith("sha1"):
        raw = hashlib.sha1(b"a", usedforsecurity=False)
        digest = f"sha1:{raw.hexdigest()}"
    record = read_member(make_record([], b"a").member)

    check_block(
        replace(
            record, headers=(("WARC-Block-Digest", digest), ("Content-Length", "1"))
        )
    )
