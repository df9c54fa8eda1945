"""Hostile pages of a small size go through a real child; what is broken is told."""

import random
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.model.extraction import Extraction
from tests.torture.hostile import run as hostile
from tests.torture.hostile.markup import GENERATORS, TRUTH
from tests.torture.hostile.visit import visit_killer

#: Their pages are no text, or say something else, or never end what they began.
_SAY_NOTHING = {"binary_as_html", "ebcdic", "utf16_without_mark"}
_SIZE = 10_000


def _read(name: str) -> Extraction:
    page = GENERATORS[name](_SIZE, random.Random(1))
    captured_at = datetime(2026, 3, 4, tzinfo=UTC)
    return extract(PageSource("https://lamp.example/fog-4711", page, captured_at))


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_what_is_read_of_a_hostile_page_can_be_kept(name: str) -> None:
    extraction = _read(name)

    assert extraction.verdict.evidence
    assert hostile.unkeepable(extraction) == []
    assert not any("extractor failed" in why for why in extraction.verdict.evidence)


@pytest.mark.parametrize("name", sorted(GENERATORS.keys() - _SAY_NOTHING))
def test_a_hostile_page_is_about_as_long_as_asked(name: str) -> None:
    page = GENERATORS[name](_SIZE, random.Random(1))

    assert 0.6 * _SIZE < len(page) < 2 * _SIZE
    assert TRUTH.encode() in page


@pytest.mark.anyio
async def test_a_page_that_ends_its_child_is_kept_and_the_visit_goes_on() -> None:
    assert (await visit_killer())["broken"] == []


def _row(size: int, seconds: float, **changes: object) -> dict[str, object]:
    row = {"size": size, "cpu_s": seconds, "peak_mb": 150, "failure": ""}
    return {**row, "unkeepable": [], **changes}


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        ([_row(10**5, 0.3), _row(10**6, 3.0)], 0),
        ([_row(10**5, 0.3), _row(10**6, 9.0)], 1),
        ([_row(10**5, 0.01), _row(10**6, 0.2)], 0),
        ([_row(10**5, 0.3), _row(10**6, 4.0, failure="signal 24")], 0),
        ([_row(10**5, 0.3, failure="signal 24")], 1),
        ([_row(10**5, 0.3, peak_mb=9000)], 1),
        ([_row(10**5, 0.3, unkeepable=["title"])], 1),
    ],
    ids=[
        "linear",
        "quadratic",
        "under the floor",
        "ended at its limit",
        "no answer to a small page",
        "memory",
        "no text",
    ],
)
def test_a_broken_promise_is_told(rows: list[dict[str, object]], broken: int) -> None:
    assert len(hostile.judge(rows)) == broken
