"""Elements that name an author are read, those of other stories and of readers are not."""

from datetime import UTC, datetime

import pytest

from crawler.extract.page import read_page
from crawler.extract.readers.authors import FAR, NEAR, read_authors
from crawler.extract.source import PageSource


def _read(markup: str) -> list[tuple[str, str]]:
    page = read_page(
        PageSource(
            "https://paper.example/a",
            f"<body><h1>Harbour opens again</h1>{markup}".encode(),
            datetime(2026, 3, 3, tzinfo=UTC),
        )
    )
    return [(w.claim.origin, w.claim.value) for w in read_authors(page)]


@pytest.mark.parametrize(
    "markup",
    [
        "<a rel=author>Ida Quist</a>",
        "<meta itemprop=author content='Ida Quist'>",
        "<p itemprop=author><span itemprop=name>Ida Quist</span></p>",
        "<span class=author>Ida Quist</span>",
        "<span class='story-header__author'>Ida Quist</span>",
        "<div class=PostByline><span>Ida Quist</span></div>",
        "<a href=/autoren/ida-quist>Ida Quist</a>",
        "<div class=yazar><a href=/ida>Ida Quist</a></div>",
        "<a href=/yazarlar/ida-quist>Ida Quist</a>",
        "<span class=skribent>Ida Quist</span>",
        "<div class=author><span>By</span><a>Ida Quist</a><span>Harbour editor</span></div>",
        "<article class='post category-newsletter'><span class=author>Ida Quist</span></article>",
    ],
)
def test_one_author(markup: str) -> None:
    assert _read(markup) == [(NEAR, "Ida Quist")]


@pytest.mark.parametrize(
    "markup",
    [
        "<div id=comments><span class=author>Tom Reeve</span></div>",
        "<figure><span itemprop=author>Tom Reeve</span></figure>",
        "<div class=related-posts><a rel=author>Tom Reeve</a></div>",
        "<div class='story card'><a rel=author>Tom Reeve</a></div>",
        "<p>Reviewed by <a rel=author>Tom Reeve</a></p>",
        "<div class=author>Edited by Tom Reeve</div>",
        "<img class=author-image alt='Tom Reeve'>",
        "<div class=author-bio>Tom Reeve</div>",
        "<p class=authority>Tom Reeve</p>",
        f"<div class=author>{'Tom Reeve ' * 40}</div>",
    ],
)
def test_no_author(markup: str) -> None:
    assert _read(markup) == []


def test_names_of_one_box_stand_together() -> None:
    names = "<p class=names><a rel=author>Ida Quist</a> <a rel=author>Tom Reeve</a></p>"

    assert _read(names) == [(NEAR, "Ida Quist"), (NEAR, "Tom Reeve")]


def test_names_in_one_element_make_a_list() -> None:
    markup = "<div class=byline><i>Ida Quist</i><i>Tom Reeve</i><b>and</b><i>Max Weber</i></div>"

    assert _read(markup) == [(NEAR, "Ida Quist, Tom Reeve and Max Weber")]


def test_an_author_far_from_the_headline_counts_less() -> None:
    text = "<p>The harbour opened again on Monday after three weeks.</p>" * 8
    box = "<div><a rel=author>Tom Reeve</a></div>"

    assert _read(f"<p><a rel=author>Ida Quist</a></p>{text}{box}") == [
        (NEAR, "Ida Quist"),
        (FAR, "Tom Reeve"),
    ]


def test_an_author_above_the_headline_is_read() -> None:
    page = read_page(
        PageSource(
            "https://paper.example/a",
            b"<body><a rel=author>Ida Quist</a><h1>Harbour opens again</h1>",
            datetime(2026, 3, 3, tzinfo=UTC),
        )
    )

    assert [w.claim.value for w in read_authors(page)] == ["Ida Quist"]
