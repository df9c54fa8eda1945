"""The second opinion is asked of pages, not of floods of tags."""

from datetime import UTC, datetime

from crawler.extract.page import read_page
from crawler.extract.readers.floor import second_opinion
from crawler.extract.source import PageSource

_STORY = "<p>The ferryman counts his passengers before the fog comes in.</p>" * 8


def _lines(markup: str) -> list[str]:
    page = f"<html><body><article>{markup}</article></body></html>".encode()
    captured_at = datetime(2026, 3, 4, tzinfo=UTC)
    return second_opinion(read_page(PageSource("", page, captured_at)))


def test_a_page_has_lines() -> None:
    assert _lines(_STORY)


def test_a_flood_of_tags_is_not_asked() -> None:
    assert _lines(_STORY + "<br>" * 20_001) == []
