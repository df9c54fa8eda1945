"""Blocks are chosen by their scores, and by what is known of the whole page."""

from collections.abc import Sequence
from itertools import cycle

import pytest

from crawler.extract.layout.blocks import Layout
from crawler.extract.scoring.features import Witnesses
from crawler.extract.scoring.judge import (
    LIKELY,
    choose_blocks,
    score_blocks,
    without_next_story,
)
from tests.crawler.extract.scoring.pages import BOATS, FERRY, QUAY, laid_out


def _page(count: int, *, first: str = "", last: str = "") -> Layout:
    """Return a page of so many paragraphs of prose, and a line before and after."""
    texts = [t for t, _ in zip(cycle((FERRY, QUAY, BOATS)), range(count), strict=False)]
    return laid_out("".join(f"<p>{t}</p>" for t in (first, *texts, last) if t))


def _chosen(
    layout: Layout, scores: Sequence[float], hooked: Sequence[int] = ()
) -> list[int]:
    return choose_blocks(layout, scores, hooked)


def test_a_page_without_blocks_has_no_scores() -> None:
    assert score_blocks(laid_out(""), Witnesses()) == []


def test_a_page_of_one_block_has_one_score() -> None:
    (score,) = score_blocks(laid_out(f"<p>{FERRY}</p>"), Witnesses())

    assert 0 <= score <= 1


def test_a_story_scores_above_the_menu_and_the_links_below(news: Layout) -> None:
    scores = score_blocks(news, Witnesses())
    story = [s for b, s in zip(news.blocks, scores, strict=True) if b.tag == "p"][:3]

    assert min(story) > LIKELY > scores[0]
    assert min(story) > max(scores[-2:])


def test_the_likely_blocks_are_the_story() -> None:
    assert _chosen(_page(6), [0.1, 0.9, 0.8, 0.5, 0.2, 0.9]) == [1, 2, 3, 5]


def test_a_doubtful_block_is_taken_with_most_of_its_kind() -> None:
    assert _chosen(_page(6), [0.9, 0.9, 0.3, 0.9, 0.9, 0.1]) == [0, 1, 2, 3, 4]


def test_comments_built_alike_do_not_count_against_a_doubtful_block() -> None:
    story = f"<div class=c1><p>{FERRY}</p><p>{QUAY}</p><p>{BOATS}</p></div>"
    comments = f"<section class=comments><div class=c2>{'<p>I was there.</p>' * 4}</div></section>"
    layout = laid_out(story + comments)

    assert _chosen(layout, [0.9, 0.9, 0.4, 0.1, 0.1, 0.1, 0.1]) == [0, 1, 2]


def test_a_page_that_convinces_nowhere_gives_what_is_possible() -> None:
    assert _chosen(_page(4), [0.3, 0.3, 0.1, 0.3]) == [0, 1, 3]


def test_a_short_story_stays_alone_where_little_else_is_possible() -> None:
    assert _chosen(_page(3), [0.9, 0.9, 0.2]) == [0, 1]


def test_a_page_where_nothing_is_possible_gives_nothing() -> None:
    assert _chosen(_page(3), [0.1, 0.1, 0.1]) == []


def test_a_short_line_must_be_surer_to_begin_the_story() -> None:
    layout = _page(4, first="By the desk", last="Harbour wire")

    assert _chosen(layout, [0.6, *[0.9] * 4, 0.7]) == [1, 2, 3, 4, 5]
    assert _chosen(layout, [0.8, *[0.9] * 4, 0.8]) == [0, 1, 2, 3, 4, 5]


def test_a_page_of_short_lines_is_chosen_all_the_same() -> None:
    layout = laid_out("<p>First boat</p><p>Second boat</p>")

    assert _chosen(layout, [0.6, 0.6]) == [0, 1]


def test_beside_what_the_platform_calls_the_story_only_the_surest_counts() -> None:
    layout = _page(6)

    assert _chosen(layout, [0.85] * 6, hooked=[0, 1, 2, 3]) == [0, 1, 2, 3]
    assert _chosen(layout, [*[0.85] * 5, 0.96], hooked=[0, 1, 2, 3]) == [0, 1, 2, 3, 5]


def test_a_platform_that_holds_little_of_the_story_is_not_believed() -> None:
    assert _chosen(_page(6), [0.9] * 6, hooked=[0, 1]) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ["cookie-banner", "modal"])
def test_what_is_laid_over_a_page_is_none_of_its_story(name: str) -> None:
    story = "".join(f"<p>{text}</p>" for text in (FERRY, QUAY, BOATS))
    layout = laid_out(f"<div class={name}><p>{QUAY}</p></div><div>{story}</div>")

    assert _chosen(layout, [0.95, 0.9, 0.9, 0.9]) == [1, 2, 3]


def test_a_story_that_is_all_there_is_may_be_laid_over_its_page() -> None:
    assert _chosen(laid_out(f"<div class=modal><p>{QUAY}</p></div>"), [0.95]) == [0]


def _carded(headline: str, *below: str) -> Layout:
    """Return a page of a story, two cards behind it and more prose."""
    cards = "".join(
        f"<div class=card><{headline}><a href=/{n}>Another boat, and its captain</a>"
        f"</{headline}><p>{QUAY}</p></div>"
        for n in range(2)
    )
    more = "".join(f"<p>{text}</p>" for text in below)
    return laid_out(f"<h2>The fog</h2><p>{FERRY}</p>{cards}{more}")


_CARDS = {3: 2, 5: 4}


def test_cards_behind_the_story_are_left_out() -> None:
    scores = [0.6, 0.9, 0.2, 0.7, 0.2, 0.7]

    assert choose_blocks(_carded("h3"), scores, (), _CARDS) == [1]


@pytest.mark.parametrize(
    ("layout", "scores"),
    [
        (_carded("h3", BOATS), [0.6, 0.9, 0.2, 0.7, 0.2, 0.7, 0.9]),
        (_carded("h2"), [0.6, 0.9, 0.2, 0.7, 0.2, 0.7]),
        (_carded("h3"), [0.6, 0.9, 0.2, 0.95, 0.2, 0.95]),
        (_carded("h3"), [0.6, 0.6, 0.2, 0.6, 0.2, 0.6]),
    ],
    ids=["the story goes on", "headed like the story", "sure", "no story before"],
)
def test_cards_that_may_be_parts_of_the_story_stay(
    layout: Layout, scores: Sequence[float]
) -> None:
    assert {3, 5} <= set(choose_blocks(layout, scores, (), _CARDS))


def _stories(*titles: str) -> Layout:
    prose = "".join(f"<p>{text}</p>" for text in (FERRY, QUAY, BOATS))
    return laid_out(
        "".join(f"<div><h1 class=head>{t}</h1>{prose}</div>" for t in titles)
    )


def test_the_story_ends_where_the_next_begins() -> None:
    layout = _stories("Ferry", "Mill", "Dam")

    assert without_next_story(layout, range(1, 12), {"ferry"}) == [1, 2, 3]


def test_what_repeats_the_headline_begins_no_other_story() -> None:
    layout = _stories("Ferry", "Ferry")

    assert without_next_story(layout, range(1, 8), {"ferry"}) == list(range(1, 8))


def test_heads_of_parts_begin_no_other_story() -> None:
    prose = "".join(f"<p>{text}</p>" for text in (FERRY, QUAY, BOATS))
    layout = laid_out(
        f"<h1 class=head>Ferry</h1><div>{prose}</div><h1 class=head>Mill</h1><div>{prose}</div>"
    )

    assert without_next_story(layout, range(1, 8), {"ferry"}) == list(range(1, 8))
