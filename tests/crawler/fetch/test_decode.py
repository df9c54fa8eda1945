"""Bounded decoding."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import NotReadable
from crawler.fetch.decode import (
    ALWAYS_ALLOWED,
    Decoded,
    StoredResponse,
    decode_body,
    read_response,
)
from crawler.fetch.limits import Limits

LIMIT = 20 * 1024 * 1024
TEXT = b"<p>The ferry sails again.</p>" * 20
ZEROS = b"\0" * 12_000_000


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def quick_brotli(data: bytes) -> bytes:
    return brotli.compress(data, quality=4)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": quick_brotli,
}
EVERY = [*PACKERS.items(), ("deflate", bare_deflate)]
IDS = [*PACKERS, "bare deflate"]


def decode(raw: bytes, coding: str, limit: int = LIMIT, ratio: int = 100) -> Decoded:
    return decode_body(raw, coding, limit, ratio)


@pytest.mark.parametrize(("coding", "pack"), EVERY, ids=IDS)
@given(data=st.binary(max_size=2000))
def test_coding_is_undone(
    coding: str, pack: Callable[[bytes], bytes], data: bytes
) -> None:
    assert decode(pack(data), coding) == Decoded(body=data)


@given(
    data=st.text("ab <p>", max_size=3000).map(str.encode) | st.binary(max_size=3000),
    level=st.integers(0, 9),
    window=st.sampled_from([31, 15, -15]),
    junk=st.binary(max_size=40),
    cut=st.integers(0, 3000),
)
def test_what_zlib_packed_is_read_as_zlib_reads_it(
    data: bytes, level: int, window: int, junk: bytes, cut: int
) -> None:
    packer = zlib.compressobj(level, wbits=window)
    packed = packer.compress(data) + packer.flush()
    coding = "gzip" if window == 31 else "deflate"

    whole, part = decode(packed + b"!" + junk, coding), decode(packed[:cut], coding)

    assert whole == Decoded(body=data)
    assert data.startswith(part.body) or part.body == packed[:cut]  # plain text
    assert part.error is not None or part.body in {data, packed[:cut]}


@pytest.mark.parametrize(("coding", "pack"), EVERY, ids=IDS)
def test_large_body_is_undone(coding: str, pack: Callable[[bytes], bytes]) -> None:
    data = b"".join(b"line %d\n" % number for number in range(200_000))

    assert decode(pack(data), coding) == Decoded(body=data)


@pytest.mark.parametrize("coding", [*PACKERS, "identity", "", "zstd", "br, gzip"])
@given(raw=st.binary(max_size=300))
def test_no_bytes_are_an_exception(coding: str, raw: bytes) -> None:
    assert isinstance(decode(raw, coding), Decoded)


@pytest.mark.parametrize(("coding", "pack"), EVERY, ids=IDS)
def test_bomb_ends_at_the_limit(coding: str, pack: Callable[[bytes], bytes]) -> None:
    decoded = decode(pack(ZEROS), coding, limit=3_000_000, ratio=10**9)

    assert len(decoded.body) == 3_000_000
    assert decoded.error == "over 3000000 bytes decoded"


@pytest.mark.parametrize(("coding", "pack"), EVERY, ids=IDS)
def test_bomb_ends_at_its_ratio(coding: str, pack: Callable[[bytes], bytes]) -> None:
    raw = pack(ZEROS)

    decoded = decode(raw, coding)

    assert len(decoded.body) == max(ALWAYS_ALLOWED, 100 * len(raw))
    assert decoded.error == "over 100 times its size decoded"


def test_bomb_in_a_bomb_ends_at_its_ratio() -> None:
    raw = gzip.compress(gzip.compress(ZEROS))

    decoded = decode(raw, "gzip, gzip")

    assert len(decoded.body) == ALWAYS_ALLOWED
    assert decoded.error == "over 100 times its size decoded"


def test_ratio_does_not_count_up_to_a_mebibyte() -> None:
    data = b"\0" * ALWAYS_ALLOWED

    assert decode(brotli.compress(data), "br", ratio=1) == Decoded(body=data)


def test_body_of_exactly_the_limit_is_whole() -> None:
    assert decode(gzip.compress(b"0123"), "gzip", limit=4) == Decoded(body=b"0123")


def test_plain_body_is_cut_at_the_limit() -> None:
    assert decode(b"01234", "", limit=4) == Decoded(
        body=b"0123", error="over 4 bytes decoded"
    )


def test_all_gzip_members_are_one_body() -> None:
    raw = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")

    assert decode(raw, "gzip") == Decoded(body=b"one two")


def test_many_gzip_members_across_blocks_are_one_body() -> None:
    piece = bytes(range(256)) * 40
    raw = gzip.compress(piece, 0) * 100

    assert decode(raw, "gzip") == Decoded(body=piece * 100)


def test_too_many_gzip_members_are_an_error() -> None:
    decoded = decode(gzip.compress(b"x") * 2000, "gzip")

    assert decoded == Decoded(
        body=b"x" * 1024, error="gzip: more than 1024 gzip members"
    )


@pytest.mark.parametrize(("coding", "pack"), EVERY, ids=IDS)
@pytest.mark.parametrize("junk", [b"\0" * 8, b"<!-- served in 3 ms -->", b"\xff"])
def test_junk_behind_a_stream_is_ignored(
    coding: str, pack: Callable[[bytes], bytes], junk: bytes
) -> None:
    assert decode(pack(TEXT) + junk, coding) == Decoded(body=TEXT)


@pytest.mark.parametrize(("coding", "pack"), EVERY, ids=IDS)
def test_stream_that_breaks_off_gives_what_came(
    coding: str, pack: Callable[[bytes], bytes]
) -> None:
    data = b"".join(b"line %d\n" % (number * 7919) for number in range(20_000))
    raw = pack(data)

    decoded = decode(raw[: len(raw) // 2], coding)

    assert decoded.error == f"{coding}: stream ends early"
    assert len(decoded.body) > len(data) // 4
    assert data.startswith(decoded.body)


def test_broken_checksum_keeps_the_body_and_says_so() -> None:
    raw = gzip.compress(TEXT)

    decoded = decode(raw[:-8] + b"\0" * 8, "gzip")

    assert decoded.error is not None
    assert decoded.error.startswith("gzip: ")


def test_codings_are_undone_last_first() -> None:
    raw = brotli.compress(zlib.compress(gzip.compress(TEXT)))

    assert decode(raw, "GZIP, deflate , identity, br") == Decoded(body=TEXT)


def test_more_than_three_codings_are_refused() -> None:
    assert decode(TEXT, "gzip, gzip, gzip, gzip") == Decoded(
        body=b"", error="more than 3 content codings"
    )


def test_unknown_coding_of_binary_has_no_body() -> None:
    assert decode(b"\x28\xb5\x2f\xfd\0", "zstd") == Decoded(
        body=b"", error="unknown content coding zstd"
    )


def test_unknown_coding_of_text_keeps_the_text() -> None:
    assert decode(b"<p>plain</p>", "utf-8") == Decoded(
        body=b"<p>plain</p>", error="unknown content coding utf-8"
    )


@pytest.mark.parametrize("coding", PACKERS)
def test_text_that_claims_to_be_packed_is_taken_as_it_is(coding: str) -> None:
    assert decode(TEXT, coding) == Decoded(body=TEXT)


def test_binary_that_claims_to_be_packed_is_an_error() -> None:
    decoded = decode(b"\x89PNG\r\n\x1a\n\0\0", "gzip")

    assert decoded.body == b""
    assert decoded.error is not None


@pytest.mark.parametrize("coding", PACKERS)
def test_empty_body_is_empty_in_any_coding(coding: str) -> None:
    assert decode(b"", coding) == Decoded(body=b"")


def test_stored_response_is_read_back() -> None:
    packed = gzip.compress(TEXT)
    stored = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    )

    assert read_response(stored, Limits()) == StoredResponse(
        status=200,
        headers=(("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")),
        body=TEXT,
        decode_error=None,
    )


def test_response_stored_already_decoded_is_read_back() -> None:
    """CC-NEWS before 2019 kept both headers and stored the plain body."""
    stored = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Length: 7\r\n\r\n" + TEXT
    )

    read = read_response(stored, Limits())

    assert (read.body, read.decode_error) == (TEXT, None)


def test_limits_hold_for_stored_responses() -> None:
    stored = b"HTTP/1.1 200 OK\r\n\r\n" + TEXT

    read = read_response(stored, Limits(decoded_bytes=9))

    assert (read.body, read.decode_error) == (TEXT[:9], "over 9 bytes decoded")


def test_what_is_no_response_cannot_be_read_back() -> None:
    with pytest.raises(NotReadable):
        read_response(b"WARC/1.1\r\n\r\n", Limits())
