"""The containers of the story are found, whole and without what stands beside them."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource

_A = "The reservoir above the village has filled again after a dry year, the water board said on Monday."
_B = "Fields below the dam will be watered from the first of April, two weeks earlier than in other years."
_C = "Farmers had asked for a date in writing, and on Tuesday evening they were at last given one."
_D = "Whoever wants more than a fair share will have to pay for it, and the price has not been set."
_TEASER = (
    "A ship that nobody had expected came into the harbour and left again before noon."
)
_STORY = f"<p>{_A}</p><p>{_B}</p><p>{_C}</p>"
_ALL = [_A, _B, _C]

_PAGES = {
    "bare": (_STORY, _ALL),
    "beside a column": (
        f"<div><div>{_STORY}</div><div><p><a href=/ship>{_TEASER}</a></p></div></div>",
        _ALL,
    ),
    "paragraphs in divs": ("".join(f"<div><p>{t}</p></div>" for t in _ALL), _ALL),
    "in an article": (
        f"<article>{_STORY}</article><div><p><a href=/ship>{_TEASER}</a></p></div>",
        _ALL,
    ),
    "in a hook": (
        f"<p>{_TEASER}</p><div itemprop=articleBody>{_STORY}</div><p>{_TEASER}!</p>",
        _ALL,
    ),
    "in nested hooks": (
        f"<div class=article-body><div itemprop=articleBody>{_STORY}</div></div>",
        _ALL,
    ),
    "cut in two": (
        f"<div><div class=article-body>{_STORY}</div><hr><div class=article-body><p>{_D}</p></div></div>",
        [*_ALL, _D],
    ),
    "cut in two without a hook": (
        f"<main><section class=part>{_STORY}</section><section class=part><p>{_D}</p></section><aside><p>{_TEASER}</p></aside></main>",
        [*_ALL, _D],
    ),
    "with a named lead": (
        f"<h1>Water for the fields</h1><div class=standfirst>{_D}</div><div class=article-body>{_STORY}</div>",
        [_D, *_ALL],
    ),
    "under a nameless line": (
        f"<h1>Water for the fields</h1><div>{_D}</div><div class=article-body>{_STORY}</div>",
        [_D, *_ALL],
    ),
    "with a tail": (
        f"<div class=article-body>{_STORY}<h2>More</h2><ul><li><a href=x>Dams of the north</a></li></ul></div>",
        _ALL,
    ),
    "with a list": (
        f"<div class=article-body>{_STORY}<ul><li>The first field gets its water on Sunday</li></ul></div>",
        [*_ALL, "The first field gets its water on Sunday"],
    ),
    "twice": (f"<div class=article-body>{_STORY}<p>{_A}</p></div>", _ALL),
    "with a link list": (
        f"<div class=article-body><p>{_A}</p><p><a href=x>Dams of the north have filled</a></p><p>{_B}</p></div>",
        [_A, _B],
    ),
    "in a soft name": (
        f"<div class=article-body><p>{_A}</p><div class=info><p>{_B} {_C}</p></div></div>",
        [_A, f"{_B} {_C}"],
    ),
    "all in a named frame": (
        f"<div class=sidebar><p>{_A}</p></div><div class=sidebar><p>{_B}</p></div><div class=promo><p>{_C}</p></div>",
        _ALL,
    ),
}


@pytest.mark.parametrize(("body", "texts"), _PAGES.values(), ids=_PAGES.keys())
def test_the_story_is_found(body: str, texts: list[str]) -> None:
    markup = f"<html><head><title>Water for the fields</title></head><body>{body}</body></html>"
    source = PageSource(
        "https://paper.example/story", markup.encode(), datetime(2026, 3, 3, tzinfo=UTC)
    )
    article = extract(source).article

    assert article is not None
    assert [block.text for block in article.blocks] == texts


def test_a_page_that_would_lose_most_prose_is_marked_and_kept() -> None:
    lines = "".join(
        f"<p>Read more: <a href=x{n}>The dam in the north, number {n}, has filled.</a></p>"
        for n in range(3)
    )
    body = f"<html><body><div class=article-body><p>{_A}</p><p>{_A}</p><p>{_A}</p><p>{_A}</p>{lines}</div></body></html>"
    source = PageSource(
        "https://paper.example/story", body.encode(), datetime(2026, 3, 3, tzinfo=UTC)
    )
    article = extract(source).article

    assert article is not None
    assert "needs_review" in article.marks
    assert [block.text for block in article.blocks][:1] == [_A]
