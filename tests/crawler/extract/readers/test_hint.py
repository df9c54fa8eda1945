"""What a feed said counts where the page itself says nothing."""

from dataclasses import replace
from datetime import UTC, datetime

from crawler.extract.article import extract
from crawler.extract.source import Hint, PageSource
from storage.model.article import Blurb
from tests.crawler.desk import story

_HINT = Hint(
    blurb=Blurb(
        authors=("Ani Wulan",),
        summary="The board met.",
        image="https://paper.example/p.jpg",
        tags=("water", "dams"),
    )
)
_PAGE = PageSource(
    "https://paper.example/story",
    story("The reservoir fills"),
    datetime(2026, 3, 3, tzinfo=UTC),
    hint=_HINT,
)


def test_a_feed_fills_what_a_page_leaves_open() -> None:
    article = extract(_PAGE).article

    assert article is not None
    assert article.authors == ("Ani Wulan",)
    assert article.description == "The board met."
    assert article.image == "https://paper.example/p.jpg"
    assert article.tags == ("water", "dams")
    assert article.provenance["authors"].winner.origin == "feed"


def test_a_page_speaks_before_its_feed() -> None:
    head = '<meta name="author" content="Budi Santo"><meta name="description" content="Said here.">'
    page = replace(_PAGE, body=story("The reservoir fills", head=head))

    article = extract(page).article

    assert article is not None
    assert article.authors == ("Budi Santo",)
    assert article.description == "Said here."
    assert "feed" in {c.origin for c in article.provenance["description"].losers}
