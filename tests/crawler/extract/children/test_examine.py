"""A page is dissected in a child that cannot hold or harm its parent."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.errors import ExtractFailed
from crawler.extract.anatomy import dissect
from crawler.extract.children import dissector
from crawler.extract.children.anatomy_wire import (
    decode_anatomy,
    encode_anatomy,
    encode_page,
)
from crawler.extract.children.examine import examine
from crawler.extract.children.pool import ChildLimits
from crawler.extract.children.wire import write_frame
from crawler.extract.source import PageSource

_PAGE = PageSource(
    "https://weir.example/gate",
    b"<p>The weir below the mill has a new gate since Friday morning, it is said.</p>",
    datetime(2026, 3, 1, tzinfo=UTC),
)


@pytest.mark.anyio
async def test_a_child_s_anatomy_is_the_same_as_one_s_own() -> None:
    assert await examine(_PAGE) == dissect(_PAGE)


@pytest.mark.anyio
async def test_a_child_that_takes_too_long_is_killed() -> None:
    with pytest.raises(ExtractFailed, match="no answer in"):
        await examine(_PAGE, ChildLimits(wall=timedelta(milliseconds=1)))


@pytest.mark.anyio
async def test_a_child_without_memory_is_a_failed_extraction() -> None:
    long = replace(_PAGE, body=_PAGE.body * 50_000)
    with pytest.raises(ExtractFailed, match=r"status|nonsense"):
        await examine(long, ChildLimits(memory_bytes=1024**2))


def test_the_child_answers_one_page() -> None:
    given, out = io.BytesIO(), io.BytesIO()
    for frame in encode_page(_PAGE):
        write_frame(given, frame)
    given.seek(0)

    dissector.serve(given, out)

    assert decode_anatomy(out.getvalue()) == dissect(_PAGE)


def test_half_a_surrogate_pair_hides_no_anatomy() -> None:
    head = b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"The gate \\ud83d"}</script>'
    anatomy = dissect(replace(_PAGE, body=head + _PAGE.body))

    found = decode_anatomy(encode_anatomy(anatomy))

    assert "The gate \ufffd" in repr(found)


def test_the_child_answers_nothing_to_half_a_page() -> None:
    out = io.BytesIO()

    dissector.serve(io.BytesIO(b"\0\0"), out)

    assert out.getvalue() == b""
