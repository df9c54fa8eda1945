"""Elements state times; where they stand to the headline says whose they are."""

from datetime import UTC, datetime

import pytest

from crawler.extract.page import read_page
from crawler.extract.readers.times import read_times
from crawler.extract.source import PageSource

_DAY = "2026-03-01"


def _origins(markup: str) -> list[str]:
    source = PageSource(
        "https://paper.example/", markup.encode(), datetime(2026, 3, 3, tzinfo=UTC)
    )
    return [w.claim.origin for w in read_times(read_page(source))]


def _story(element: str) -> str:
    return f"<main><header><h1>Water</h1>{element}</header></main>"


@pytest.mark.parametrize(
    ("element", "origin"),
    [
        (f"<time datetime={_DAY}>Sunday</time>", "dom:time near"),
        (f"<time>{_DAY}</time>", "dom:time near"),
        (f"<time data-published='{_DAY} 09:13:00Z'>Sunday</time>", "dom:published near"),
        (f"<time pubdate datetime={_DAY}>Sunday</time>", "dom:published near"),
        (f"<time class=entry-date datetime={_DAY}>Sunday</time>", "dom:published near"),
        (f"<time class='entry-date updated' datetime={_DAY}>Sunday</time>", "dom:modified near"),
        (f"<span class=updated title={_DAY}></span>", "dom:modified near"),
        (f"<span itemprop=datePublished content={_DAY}></span>", "dom:published near"),
        (f"<span property='schema:dateModified' content={_DAY}></span>", "dom:modified near"),
    ],
)  # fmt: skip
def test_its_names_say_what_it_is(element: str, origin: str) -> None:
    assert _origins(_story(element)) == [origin]


@pytest.mark.parametrize(
    "element",
    [
        f"<time class=event-start datetime={_DAY}>Sunday</time>",
        "<time>yesterday</time>",
        f"<time>{_DAY} {'and so on ' * 20}</time>",
        f"<meta itemprop=datePublished content={_DAY}>",
    ],
    ids=["of an event", "no number", "a paragraph", "a meta tag, read elsewhere"],
)
def test_what_is_no_time_of_the_story(element: str) -> None:
    assert _origins(_story(element)) == []


_TIME = f"<time datetime={_DAY}>Sunday</time>"


@pytest.mark.parametrize(
    ("markup", "origin"),
    [
        (f"<h1>Water</h1>{_TIME}", "dom:time near"),
        (f"<h1>Water</h1><div><div><p>{_TIME}</p></div></div>", "dom:time story"),
        (f"<main><h1>Water</h1><div class='related list'>{_TIME}</div></main>", "dom:time card"),
        (f"<main><h1>Water</h1></main><aside>{_TIME}</aside>", "dom:time card"),
        (f"<main><h1>Water</h1></main><p>{_TIME}</p>", "dom:time far"),
        (f"<main><h1>Water</h1></main><p itemprop=datePublished>{_DAY}</p>", "dom:published microdata"),
        (f"<article><p>{_TIME}</p></article>", "dom:time story"),
        (f"<main><h1>Water</h1></main>{'<div>' * 20}{_TIME}", "dom:time far"),
    ],
)  # fmt: skip
def test_its_place_says_whose_it_is(markup: str, origin: str) -> None:
    assert _origins(markup) == [origin]


def test_the_nearest_comes_first() -> None:
    markup = f"<main><div class=card>{_TIME}</div><h1>Water</h1>{_TIME}</main>"

    assert _origins(markup) == ["dom:time near", "dom:time card"]
