"""A Link header names the canonical URL (RFC 6596), as the page's own link does."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.model.article import Claim

URL = "https://town.example/print/7"
NOW = datetime(2026, 3, 3, tzinfo=UTC)
PROSE = (
    "<p>The council of the harbour town met on Tuesday evening and agreed at last.</p>"
    "<p>The old pier is to be rebuilt before the first ferries return in spring.</p>"
)


def said(link: str, head: str = "", content_type: str = "text/html") -> PageSource:
    markup = f"<html><head><title>Pier</title>{head}</head><body>{PROSE}</body></html>"
    body = markup if content_type == "text/html" else "Pier\n\nIt is to be rebuilt."
    headers = (("Content-Type", content_type), ("Link", link))
    return PageSource(URL, body.encode(), NOW, headers=headers)


def url_of(source: PageSource) -> str:
    article = extract(source).article
    assert article is not None
    return article.url


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("</pier>; rel=canonical", "https://town.example/pier"),
        ('<../pier>; rel="CANONICAL"', "https://town.example/pier"),
        ("<//m.town.example/pier>; rel=canonical", "https://m.town.example/pier"),
        ("</a>; rel=next, </pier>; rel=canonical", "https://town.example/pier"),
        ("</pier>; rel=canonical; anchor='/x'", URL),
        ("</pier>; rel=alternate", URL),
        ("<https://other.example/pier>; rel=canonical", URL),
        ("<https://town.example/>; rel=canonical", URL),
        ("<javascript:x>; rel=canonical", URL),
        ("<http://[bad>; rel=canonical", URL),
        ("<>; rel=canonical", URL),
    ],
)
def test_it_is_believed_on_its_own_site(link: str, url: str) -> None:
    assert url_of(said(link)) == url


def test_the_pages_own_link_comes_first() -> None:
    article = extract(
        said("</header>; rel=canonical", "<link rel=canonical href='/page'>")
    ).article

    assert article is not None
    assert article.url == "https://town.example/page"
    assert article.provenance["url"].losers == (
        Claim(origin="header:canonical", raw="/header", value="/header"),
    )


def test_it_comes_before_what_a_page_says_for_sharing() -> None:
    source = said("</header>; rel=canonical", "<meta property=og:url content='/og'>")

    assert url_of(source) == "https://town.example/header"


def test_where_the_pages_own_link_is_a_mistake_it_is_believed() -> None:
    source = said("</pier>; rel=canonical", "<link rel=canonical href='/'>")

    assert url_of(source) == "https://town.example/pier"


def test_plain_text_has_one_as_well() -> None:
    source = said("</pier>; rel=canonical", content_type="text/plain")

    assert url_of(source) == "https://town.example/pier"
