"""What a page says against being kept or mined."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource

_STORY = (
    "<h1>Reservoir fills again</h1>"
    "<p>The reservoir above the village has filled again after a dry year, the water board said.</p>"
    "<p>Fields below the dam will be watered from the first of April, two weeks earlier than usual.</p>"
)


def marks(head: str, *headers: tuple[str, str]) -> tuple[str, ...]:
    page = f"<html><head><meta charset=utf-8>{head}</head><body>{_STORY}</body></html>"
    at = datetime(2026, 3, 3, tzinfo=UTC)
    source = PageSource(
        "https://paper.example/story", page.encode(), at, headers=headers
    )
    article = extract(source).article
    assert article is not None
    return article.marks


@pytest.mark.parametrize(
    ("head", "headers", "said"),
    [
        ("", (), ()),
        ("<meta name=Robots content='index, NOARCHIVE'>", (), ("noarchive",)),
        ("<meta name=robots content='noai,noimageai'>", (), ("noai",)),
        ("<meta name=robots content=noarchived>", (), ()),
        ("", (("X-Robots-Tag", "noarchive"),), ("noarchive",)),
        ("", (("X-Robots-Tag", "max-snippet: 20, noai"),), ("noai",)),
        ("", (("x-robots-tag", "all"), ("X-Robots-Tag", "noai")), ("noai",)),
        ("", (("X-Robots-Tag", "otherbot: noarchive, noai"),), ()),
        ("<meta name=googlebot content=noarchive>", (), ()),
        ("<meta name=tdm-reservation content=1>", (), ("tdm_reserved",)),
        ("<meta name=tdm-reservation content=0>", (), ()),
        ("", (("TDM-Reservation", "1"),), ("tdm_reserved",)),
        ("<meta name=tdm-reservation content=1>", (("tdm-reservation", "0"),), ()),
    ],
)
def test_it_is_marked(
    head: str, headers: tuple[tuple[str, str], ...], said: tuple[str, ...]
) -> None:
    assert marks(head, *headers) == said
