"""Sources and extractions survive the pipe unchanged; nonsense is refused."""

import io
import resource
from datetime import UTC, date, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.child import serve
from crawler.extract.source import Hint, PageSource, SiteRules
from crawler.extract.wire import (
    decode_extraction,
    decode_source,
    encode_extraction,
    encode_source,
    read_frame,
    write_frame,
)

_SOURCE = PageSource(
    "https://paper.example/story",
    b"<h1>Water</h1><p>The reservoir has filled again, the board said on Monday.</p>\xff",
    datetime(2026, 3, 3, tzinfo=UTC),
    status=203,
    headers=(("Content-Type", "text/html"),),
    hint=Hint(title="Water", published=datetime(2026, 3, 1, tzinfo=UTC), language="en"),
    rules=SiteRules(body="main", remove=(".x",), valid_from=date(2026, 1, 1)),
)


def test_a_source_survives() -> None:
    assert decode_source(*encode_source(_SOURCE)) == _SOURCE


def test_an_extraction_survives() -> None:
    extraction = extract(_SOURCE)

    assert decode_extraction(encode_extraction(extraction)) == extraction


def test_nonsense_is_no_extraction() -> None:
    with pytest.raises(ValueError, match="validation error"):
        decode_extraction(b'{"verdict": 1}')


def test_a_cut_frame_is_the_end() -> None:
    stream = io.BytesIO()
    write_frame(stream, b"page")

    assert read_frame(io.BytesIO(stream.getvalue())) == b"page"
    assert read_frame(io.BytesIO(stream.getvalue()[:-1])) is None
    assert read_frame(io.BytesIO()) is None


def test_a_child_answers_each_page_until_its_input_ends() -> None:
    frames, out = io.BytesIO(), io.BytesIO()
    for frame in encode_source(_SOURCE) * 2:
        write_frame(frames, frame)
    frames.seek(0)
    before = resource.getrlimit(resource.RLIMIT_CPU)
    try:
        serve(frames, out, cpu_seconds=100)
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)
    out.seek(0)

    expected = encode_extraction(extract(_SOURCE))
    assert [read_frame(out), read_frame(out), read_frame(out)] == [
        expected,
        expected,
        None,
    ]
