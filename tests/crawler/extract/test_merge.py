"""Claims are merged field by field: the most trusted believable one wins."""

from datetime import UTC, datetime

import pytest

from crawler.extract.merge import (
    merge_authors,
    merge_counters,
    merge_image,
    merge_moment,
    merge_site,
    merge_tags,
    merge_url,
    raw_title,
)
from crawler.extract.page import Page
from crawler.extract.readers.draft import Field, Witness, witness
from storage.model import Claim

_NOW = datetime(2026, 3, 3, tzinfo=UTC)
_PAGE = Page(
    url="https://www.paper.example/2026/story", markup="", tree=None, charset="utf-8"
)


def _claims(*raws: str) -> list[Claim]:
    return [Claim(origin=f"meta:{n}", raw=raw, value=raw) for n, raw in enumerate(raws)]


def test_a_time_in_the_future_is_not_believed() -> None:
    moment, provenance = merge_moment(
        _claims("2027-01-01T00:00:00Z", "2026-03-01T08:00:00Z"), _NOW, None
    )

    assert moment is not None
    assert moment.at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert provenance is not None
    assert provenance.winner.value == "2026-03-01T08:00:00+00:00"


def test_a_clock_time_wins_over_its_bare_day() -> None:
    moment, _ = merge_moment(_claims("2026-03-01", "2026-03-01T08:00:00Z"), _NOW, None)

    assert moment is not None
    assert moment.at.hour == 8


def test_a_clock_time_of_another_day_does_not() -> None:
    moment, _ = merge_moment(_claims("2026-03-01", "2025-03-01T08:00:00Z"), _NOW, None)

    assert moment is not None
    assert moment.at.year == 2026


def test_no_readable_time_is_none() -> None:
    assert merge_moment(_claims("soon"), _NOW, None) == (None, None)


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/2026/story?a=1", "https://www.paper.example/2026/story?a=1"),
        ("https://m.paper.example/2026/story", "https://m.paper.example/2026/story"),
        ("https://other.example/2026/story", _PAGE.url),
        ("https://www.paper.example/", _PAGE.url),
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


def test_authors_are_people_not_addresses() -> None:
    draft: tuple[Witness, ...] = (
        witness(Field.AUTHOR, "meta:article:author", "https://social.example/paper"),
        witness(Field.AUTHOR, "dom:.byline", "By Ida Quist and Tom Reeve"),
    )

    assert merge_authors(draft, (), (), "en")[0] == ("Ida Quist", "Tom Reeve")


def test_a_visible_line_names_authors_where_nothing_else_does() -> None:
    authors, provenance = merge_authors((), (), ["Ida Quist"], "en")

    assert authors == ("Ida Quist",)
    assert provenance is not None
    assert provenance.winner.origin == "text"


def test_nobody_is_named_where_nobody_is() -> None:
    assert merge_authors((), (), (), None) == ((), None)


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
