"""Structured data is read where it can be, and left out where it cannot."""

import json
from datetime import UTC, datetime

import pytest

from crawler.extract.page import Page, read_page
from crawler.extract.readers.draft import Field, of_field
from crawler.extract.readers.jsonld import read_jsonld
from crawler.extract.source import PageSource


def _page(*scripts: str) -> Page:
    tags = "".join(
        f'<script type="application/ld+json">{script}</script>' for script in scripts
    )
    return read_page(
        PageSource(
            "https://paper.example/", tags.encode(), datetime(2026, 3, 3, tzinfo=UTC)
        )
    )


def _values(field: Field, *scripts: object) -> list[str]:
    texts = [
        script if isinstance(script, str) else json.dumps(script) for script in scripts
    ]
    return [claim.value for claim in of_field(read_jsonld(_page(*texts)), field)]


_SHAPES = {
    "object": {"@type": "NewsArticle", "headline": "Water"},
    "array": [{"@type": "NewsArticle", "headline": "Water"}],
    "graph": {
        "@graph": [
            {"@type": "WebSite"},
            {"@type": ["Thing", "BlogPosting"], "headline": "Water"},
        ]
    },
    "in a web page": {
        "@type": "WebPage",
        "mainEntity": {"@type": "Article", "headline": "Water"},
    },
    "type as address": {"@type": "http://schema.org/NewsArticle", "headline": "Water"},
    "trailing comma": '{"@type": "NewsArticle", "headline": "Water",}',
    "raw line break": '{"@type": "NewsArticle", "headline": "Wa\nter"}'.replace(
        "\n", ""
    ),
    "comment around": '<!-- {"@type": "NewsArticle", "headline": "Water"} -->',
    "escaped": "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Water&quot;}",
    "name for headline": {"@type": "NewsArticle", "name": "Water"},
}


@pytest.mark.parametrize("script", _SHAPES.values(), ids=_SHAPES.keys())
def test_a_headline_is_found(script: object) -> None:
    assert _values(Field.TITLE, script) == ["Water"]


@pytest.mark.parametrize(
    "script",
    ["", "{", "[" * 200_000, '{"@type": 5}', "3", '{"@type": "Person", "name": "x"}'],
)
def test_what_is_no_article_says_nothing(script: str) -> None:
    assert read_jsonld(_page(script)) == ()


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ida Quist", ["Ida Quist"]),
        ({"name": "Ida Quist"}, ["Ida Quist"]),
        ({"name": ["Ida Quist", "Tom Reeve"]}, ["Ida Quist", "Tom Reeve"]),
        (
            [{"name": "Ida Quist"}, "Tom Reeve", 5, {"name": ""}],
            ["Ida Quist", "Tom Reeve"],
        ),
        (None, []),
    ],
)
def test_authors_come_in_many_shapes(author: object, names: list[str]) -> None:
    assert _values(Field.AUTHOR, {"@type": "NewsArticle", "author": author}) == names


def test_lists_and_urls_come_in_many_shapes() -> None:
    node = {
        "@type": "NewsArticle",
        "keywords": ["water", "dam"],
        "articleSection": "Land, Sea",
        "image": [{"url": "/a.jpg"}, "/b.jpg"],
        "mainEntityOfPage": {"@id": "https://paper.example/story"},
    }

    assert _values(Field.TAG, node) == ["water", "dam"]
    assert _values(Field.SECTION, node) == ["Land", "Sea"]
    assert _values(Field.IMAGE, node) == ["/a.jpg", "/b.jpg"]
    assert _values(Field.CANONICAL, node) == ["https://paper.example/story"]


def test_interactions_are_counted_by_kind() -> None:
    statistic = [
        {
            "interactionType": "https://schema.org/CommentAction",
            "userInteractionCount": 3,
        },
        {"interactionType": {"@type": "ReadAction"}, "userInteractionCount": "40"},
        {
            "interactionType": "https://schema.org/LikeAction",
            "userInteractionCount": "many",
        },
        "nothing",
    ]
    node = {"@type": "NewsArticle", "interactionStatistic": statistic}

    assert _values(Field.COMMENTS, node) == ["3"]
    assert _values(Field.VIEWS, node) == ["40"]
    assert _values(Field.LIKES, node) == []


def test_breadcrumbs_name_the_section() -> None:
    items = [{"name": "Home"}, {"item": {"name": "Land"}}, {"name": "Water"}, 5]

    assert _values(
        Field.SECTION, {"@type": "BreadcrumbList", "itemListElement": items}
    ) == ["Land", "Water"]


@pytest.mark.parametrize(
    ("stated", "times"),
    [
        (1772366400, ["1772366400"]),
        (1772366400000, ["1772366400000"]),
        (1772366400.25, ["1772366400"]),
        ("NaN", ["NaN"]),
        (True, []),
        (None, []),
    ],
)
def test_a_time_may_be_a_number(stated: object, times: list[str]) -> None:
    node = {"@type": "Article", "datePublished": stated}

    assert _values(Field.PUBLISHED, node) == times
    assert _values(Field.PUBLISHED, {**node, "@type": "WebPage"}) == times


def test_a_web_page_alone_dates_the_article() -> None:
    node = {"@type": "WebPage", "name": "Water", "datePublished": "2026-03-01"}

    assert _values(Field.PUBLISHED, node) == ["2026-03-01"]


def test_the_pages_own_article_comes_before_others_it_lists() -> None:
    others = [
        {"@type": "NewsArticle", "headline": "Fire", "datePublished": "2026-01-01"},
        {"@type": "NewsArticle", "headline": "Water", "datePublished": "2026-02-02"},
    ]
    markup = f'<title>Water - Paper</title><script type="application/ld+json">{json.dumps(others)}</script>'
    page = read_page(
        PageSource(
            "https://paper.example/", markup.encode(), datetime(2026, 3, 3, tzinfo=UTC)
        )
    )

    days = [claim.value for claim in of_field(read_jsonld(page), Field.PUBLISHED)]

    assert days == ["2026-02-02", "2026-01-01"]
