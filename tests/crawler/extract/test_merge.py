"""Claims are merged field by field: the most trusted believable one wins."""

from dataclasses import replace

import pytest

from crawler.extract.merge import (
    merge_counters,
    merge_image,
    merge_site,
    merge_tags,
    merge_url,
    raw_title,
)
from crawler.extract.page import Page
from crawler.extract.readers.draft import Field, witness
from storage.model.article import Claim

_PAGE = Page(
    url="https://www.paper.example/2026/story", markup="", tree=None, charset="utf-8"
)


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/2026/story?a=1", "https://www.paper.example/2026/story?a=1"),
        ("https://m.paper.example/2026/story", "https://m.paper.example/2026/story"),
        ("/2026/story?a=1&utm_source=x", "https://www.paper.example/2026/story?a=1"),
        ("https://other.example/2026/story", _PAGE.url),
        ("https://www.paper.example/", _PAGE.url),
        (" /2026/the story ", "https://www.paper.example/2026/the%20story"),
        ("javascript:void(0)", _PAGE.url),
        ("http://[bad", _PAGE.url),
        ("", _PAGE.url),
    ],
)
def test_a_canonical_url_is_believed_on_its_own_site(reference: str, url: str) -> None:
    assert (
        merge_url((witness(Field.CANONICAL, "link:canonical", reference),), _PAGE)[0]
        == url
    )


def test_an_address_is_kept_without_what_says_who_sent_a_reader() -> None:
    page = replace(_PAGE, url=f"{_PAGE.url}?utm_medium=feed&fbclid=1")

    assert merge_url((), page) == (_PAGE.url, None)


def test_a_text_without_address_takes_any_canonical_url() -> None:
    page = Page(url="", markup="", tree=None, charset="utf-8")

    assert (
        merge_url(
            (witness(Field.CANONICAL, "meta:og:url", "https://a.example/"),), page
        )[0]
        == "https://a.example/"
    )


def test_a_feeds_title_names_the_site() -> None:
    provenance = merge_site(
        (witness(Field.SITE, "link:feed", "The Quay Gazette - RSS"),)
    )

    assert provenance is not None
    assert provenance.winner.value == "The Quay Gazette"


def test_an_image_that_is_no_url_is_passed_over() -> None:
    draft = tuple(
        witness(Field.IMAGE, "meta:og:image", raw) for raw in ("data:x", "/a.jpg")
    )

    assert merge_image(draft, _PAGE)[0] == "https://www.paper.example/a.jpg"


def test_tags_of_one_origin_are_not_mixed_with_another() -> None:
    draft = (
        witness(Field.TAG, "meta:article:tag", "Dam"),
        witness(Field.TAG, "meta:article:tag", "dam"),
        witness(Field.TAG, "meta:keywords", "news"),
    )

    assert merge_tags(draft)[0] == ("Dam",)


def test_a_visible_counter_wins_over_a_stated_one() -> None:
    draft = (
        witness(Field.COMMENTS, "json-ld:commentCount", "4"),
        witness(Field.VIEWS, "json-ld", "many"),
    )

    assert merge_counters(draft, {"comments": "5"}.get) == {"comments": 5}


def test_the_raw_title_is_the_winners_where_the_page_has_none() -> None:
    assert (
        raw_title((), Claim(origin="feed", raw="Water | Paper", value="Water"))
        == "Water | Paper"
    )
    assert raw_title((), None) == ""
