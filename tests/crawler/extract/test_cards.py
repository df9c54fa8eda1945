"""Cards are told from a page's own text."""

from collections.abc import Collection

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.cards import Cards, deal_cards
from crawler.extract.layout.blocks import measure_layout
from crawler.extract.layout.walk import lay_out

_URL = "https://lamp.example/story"
_EXCERPT = "The keeper counts the ships twice, by their lamps and by their sound."


def _deal(html: str, titles: Collection[str] = ()) -> Cards:
    body = LexborHTMLParser(html).body
    assert body is not None
    return deal_cards(lay_out(body, {}), (_URL,), titles)


def _card(target: str, headline: str = "A headline that says something") -> str:
    return f"<div><h2><a href='{target}'>{headline}</a></h2><p>{_EXCERPT}</p></div>"


def test_an_excerpt_belongs_to_its_headline() -> None:
    cards = _deal(_card("/one") + _card("/two"))

    assert cards.count == 2
    assert cards.teased == 2 * len(_EXCERPT)
    assert cards.own == 0


def test_cards_of_one_make_are_known_with_their_headlines() -> None:
    assert _deal(_card("/one") + _card("/two")).alike == {1: 0, 3: 2}
    assert _deal(_card("/one")).alike == {}


def test_prose_below_a_link_between_paragraphs_is_in_no_card_of_its_own() -> None:
    link = "<h2><a href='/one'>A headline to a page</a></h2>"

    assert (
        _deal(f"<main>{link}<p>{_EXCERPT}</p>{link}<p>{_EXCERPT}</p></main>").alike
        == {}
    )


def test_a_page_linked_twice_is_one_card() -> None:
    assert _deal(_card("/one") + _card("https://lamp.example/one#top")).count == 1


@pytest.mark.parametrize(
    "target", ["#top", _URL, _URL + "#part", "https://other.example/one", "javascript:x()", "http://[::bad"],
    ids=["anchor", "itself", "part of itself", "another site", "script", "bad address"],
)  # fmt: skip
def test_what_is_no_other_page_of_the_site_is_no_card(target: str) -> None:
    assert _deal(_card(target)).count == 0


def test_a_long_text_under_a_linked_headline_is_a_story() -> None:
    cards = _deal(
        "<h2><a href='/one'>A headline to a page</a></h2>" + f"<p>{_EXCERPT * 8}</p>"
    )

    assert cards.teased == 0
    assert cards.story == len(_EXCERPT * 8)


def test_a_title_of_its_own_is_seen() -> None:
    page = f"<h1>Water</h1><p>{_EXCERPT}</p>"

    assert _deal(page, {"water"}).titled
    assert not _deal(page, {"lamp"}).titled


def test_share_is_of_all_prose() -> None:
    assert Cards(teased=30, own=10).share == 0.75
    assert Cards().share == 0.0


def test_a_page_without_containers_has_no_cards() -> None:
    assert deal_cards(measure_layout([], []), (_URL,), ()) == Cards()
