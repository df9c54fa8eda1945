"""HTTP messages as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import NotReadable
from crawler.fetch.wire import (
    dechunk,
    head_end,
    is_interim,
    message_size,
    read_head,
    split_response,
    values,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunked(pieces: list[bytes]) -> bytes:
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
    return b"".join(chunks) + b"0\r\n\r\n"


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_dechunk_undoes_chunking(pieces: list[bytes]) -> None:
    assert dechunk(chunked(pieces)) == b"".join(pieces)


@given(st.lists(st.binary(max_size=50), max_size=10), st.integers(0, 600))
def test_broken_off_chunks_give_what_came(pieces: list[bytes], cut: int) -> None:
    whole = b"".join(pieces)
    stump = chunked(pieces)[:cut]

    if b"\r\n" in stump:
        assert whole.startswith(dechunk(stump))


@given(st.binary(max_size=200))
def test_dechunk_refuses_nothing(raw: bytes) -> None:
    assert len(dechunk(raw)) <= len(raw)


def test_body_stored_without_its_chunks_stays_as_it_is() -> None:
    assert dechunk(b"<p>already whole</p>\r\n") == b"<p>already whole</p>\r\n"


@pytest.mark.parametrize(
    ("raw", "payload"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3;x=1\r\nabc\r\n0;y\r\nA: b\r\n\r\n", b"abc"),
        (b"3 \t\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\n", b"abc"),
        (b"3\r\nabcX\r\n0\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\nzz\r\n", b"abc"),
        (b"FFFFFFFFFFFFFFFFFFFF\r\nabc", b"abc"),
        (b"0\r\n\r\n", b""),
        (b"", b""),
    ],
)
def test_chunks_are_read_as_far_as_they_make_sense(raw: bytes, payload: bytes) -> None:
    assert dechunk(raw) == payload


def test_headers_keep_order_case_and_duplicates() -> None:
    raw = b"HTTP/1.1 200 OK\r\nb: 1\r\nA:  2 \r\nb:3\r\n\r\nbody"

    assert split_response(raw) == (200, (("b", "1"), ("A", "2"), ("b", "3")), b"body")


def test_folded_value_is_joined_by_one_space() -> None:
    raw = b"HTTP/1.1 200 OK\r\nA: 1\r\n\t 2\r\n  3\r\n\r\n"

    assert split_response(raw)[1] == (("A", "1 2 3"),)


def test_header_bytes_can_be_had_back() -> None:
    _, headers, _ = split_response(b"HTTP/1.1 200 OK\nX: caf\xc3\xa9\xff\n\nbody")

    assert headers[0][1].encode("latin-1") == b"caf\xc3\xa9\xff"


def test_lines_that_are_no_headers_are_passed_over() -> None:
    raw = b"HTTP/1.1 200 OK\r\n folded\r\nno colon\r\nA: 1\r\n\r\n"

    assert split_response(raw)[1] == (("A", "1"),)


def test_head_without_an_end_has_no_body() -> None:
    assert split_response(b"HTTP/1.0 404 Gone\r\nA: 1") == (404, (("A", "1"),), b"")


@pytest.mark.parametrize("line", [b"HTTP/1.1 200", b"HTTP/2 200 ", b"HTTP/1.1  200 x"])
def test_status_lines_of_other_crawlers_are_read(line: bytes) -> None:
    assert split_response(line + b"\r\n\r\n")[0] == 200


@pytest.mark.parametrize("raw", [b"", b"<html>", b"HTTP/1.1 20\r\n\r\n", b"\r\n\r\n"])
def test_what_is_no_response_is_not_readable(raw: bytes) -> None:
    with pytest.raises(NotReadable):
        split_response(raw)


@pytest.mark.parametrize(
    ("response", "size"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", 40),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nabc", 43),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nabc", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nabc", None),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", None),
        (b"HTTP/1.1 204 None\r\n\r\nabc", 21),
        (b"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\nabc", 40),
        (CHUNKED + b"1\r\na\r\n0\r\n\r\njunk", len(CHUNKED) + 11),
        (CHUNKED + b"1\r\na\r\n0\r\n\njunk", len(CHUNKED) + 10),
        (CHUNKED + b"1\r\na\r\n0\r\nA: b\r\n\r\njunk", len(CHUNKED) + 17),
        (CHUNKED + b"1\r\na\r\n0\r\nA: b\r\n", None),
        (CHUNKED + b"1\r\na\r\n", None),
        (CHUNKED + b"1\r\naX\r\n0\r\n\r\n", None),
        (CHUNKED + b"1\r\naXY0\r\n\r\n", None),
        (CHUNKED + b"0\r\n\r\n", len(CHUNKED) + 5),
    ],
)
def test_message_ends_where_its_framing_says(response: bytes, size: int | None) -> None:
    assert message_size(response, read_head(response)) == size


def test_values_are_gathered_from_all_headers_of_a_name() -> None:
    headers = (("Vary", "A, b"), ("X", "1"), ("VARY", " ,C"))

    assert values(headers, "vary") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("line", "interim"),
    [
        (b"HTTP/1.1 100 Continue", True),
        (b"HTTP/1.1 103 Early Hints", True),
        (b"HTTP/1.1 101 Switching", False),
        (b"HTTP/1.1 200 OK", False),
    ],
)
def test_interim_response_is_known_by_its_status(line: bytes, interim: bool) -> None:
    assert is_interim(line) is interim


def test_head_ends_after_the_first_blank_line() -> None:
    assert head_end(b"A\r\n\r\nB\n\nC") == 5
    assert head_end(b"A\r\n\r\nB\n\nC", 5) == 8
    assert head_end(b"A\r\n") is None
