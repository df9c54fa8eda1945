"""What the block model looks at is counted right."""

import pytest

from crawler.extract.layout.blocks import Layout
from crawler.extract.measure import fold, weight
from crawler.extract.scoring.features import Witnesses, measure_blocks, name_words
from tests.crawler.extract.scoring.pages import BOATS, FERRY, QUAY, laid_out

_TITLE = "The ferry is back"
_LEANINGS = {"story": 2.0, "more": -1.0, "box": -0.5}


def _columns(
    layout: Layout, witnesses: Witnesses | None = None
) -> dict[str, list[float]]:
    columns = measure_blocks(layout, witnesses or Witnesses(), _LEANINGS)
    return {name: values.tolist() for name, values in columns.items()}


def _at(layout: Layout, start: str) -> int:
    return next(i for i, b in enumerate(layout.blocks) if b.text.startswith(start))


def test_each_fact_has_one_value_a_block(news: Layout) -> None:
    assert {len(v) for v in _columns(news).values()} == {len(news.blocks)}


def test_a_page_of_one_block_is_measured() -> None:
    columns = _columns(laid_out(f"<p>{FERRY}</p>"))

    assert columns["share_0"] == columns["share_3"] == [1.0]
    assert columns["page_blocks"] == [1.0]
    assert columns["rank"] == [0.0]


def test_a_container_holds_what_all_below_it_hold(news: Layout) -> None:
    columns = _columns(news)
    inside = [
        i for i, b in enumerate(news.blocks) if "article" in news.path(b.container)
    ]
    total = sum(weight(b.text) for b in news.blocks)
    held = sum(weight(news.blocks[i].text) for i in inside)
    at = _at(news, "Two men")

    assert columns["share_1"][at] == pytest.approx(held / total, abs=1e-5)
    assert columns["blocks_1"][at] == len(inside)
    assert columns["headings_1"][at] == pytest.approx(1 / len(inside))


def test_the_next_wider_container_holds_more(news: Layout) -> None:
    columns = _columns(news)
    at = _at(news, "Two men")

    assert columns["share_0"][at] < columns["share_1"][at] < columns["share_2"][at]
    assert columns["share_2"][at] == columns["share_3"][at] == 1.0
    assert columns["part_2"][at] == pytest.approx(columns["share_1"][at])


def test_beyond_the_ends_there_is_no_neighbour(news: Layout) -> None:
    columns = _columns(news)

    assert columns["before_1_size"][0] == columns["after_1_size"][-1] == -1.0
    assert columns["before_2_size"][:2] == [-1.0, -1.0]
    assert columns["before_1_size"][1:] == columns["size"][:-1]
    assert columns["after_1_size"][:-1] == columns["size"][1:]


def test_what_stands_around_is_summed_and_cut_at_the_ends(news: Layout) -> None:
    columns = _columns(news)
    free = [
        prose * is_free
        for prose, is_free in zip(columns["prose"], columns["no_chrome"], strict=True)
    ]

    assert columns["around_4"][0] == pytest.approx(sum(free[:5]), abs=0.01)
    assert columns["around_12"][3] == pytest.approx(sum(free), abs=0.01)


def test_blocks_are_counted_from_the_headline(news: Layout) -> None:
    columns = _columns(news, Witnesses(title=_TITLE, titles={fold(_TITLE)}))
    at = _at(news, _TITLE)

    assert columns["from_title"][at - 1 : at + 3] == [-1.0, 0.0, 1.0, 2.0]


def test_a_page_without_its_headline_is_far_from_it(news: Layout) -> None:
    assert set(_columns(news)["from_title"]) == {-61.0}


def test_a_headline_that_is_no_heading_counts_where_no_heading_is_one() -> None:
    layout = laid_out(f"<div>{_TITLE}</div><p>{FERRY}</p>")
    columns = _columns(layout, Witnesses(title=_TITLE, titles={fold(_TITLE)}))

    assert columns["from_title"] == [0.0, 1.0]


def test_names_lean_as_their_words_do(news: Layout) -> None:
    columns = _columns(news)
    story, link = _at(news, "Two men"), _at(news, "New lamps")

    assert (columns["lean_sum"][story], columns["lean_high"][story]) == (2.0, 2.0)
    assert (columns["lean_sum"][link], columns["lean_low"][link]) == (-1.0, -1.0)


def test_leanings_add_up_from_the_outside_in() -> None:
    layout = laid_out(f"<div class=story><div class='box'><p>{FERRY}</p></div></div>")
    columns = _columns(layout)

    assert columns["lean_0"] == [0.0]
    assert columns["lean_1"] == [-0.5]
    assert columns["lean_2"] == [2.0]
    assert columns["lean_sum"] == [1.5]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (' class="article-body"', {"class", "article", "body"}),
        (' id="mainStory2"', {"id", "main", "story"}),
        (' class="x HTML"', {"class", "html"}),
    ],
    ids=["by hyphens", "by capitals", "single letters left out"],
)
def test_attributes_are_cut_into_words(markup: str, words: set[str]) -> None:
    assert name_words(markup) == words


def test_links_are_weighed(news: Layout) -> None:
    columns = _columns(news)
    link, story = _at(news, "New lamps"), _at(news, "Two men")

    assert (columns["link_density"][link], columns["link_density"][story]) == (1.0, 0.0)


def test_a_phrase_heads_what_follows_it(news: Layout) -> None:
    columns = _columns(news)
    head = _at(news, "Related")

    assert columns["phrase"][head] == 3.0
    assert columns["under_related"][head:] == [1.0] * (len(news.blocks) - head)
    assert not any(columns["under_related"][:head])


def test_a_heading_of_the_story_ends_what_a_phrase_headed() -> None:
    layout = laid_out(
        f"<p>Comments</p><p>{FERRY}</p><h2>What the captain said</h2><p>{QUAY}</p>"
    )

    assert _columns(layout)["under_comments"] == [1.0, 1.0, 0.0, 0.0]


def test_words_of_the_headline_are_found_again(news: Layout) -> None:
    columns = _columns(news, Witnesses(title=_TITLE))

    assert columns["title_words"][_at(news, "The ferry came")] > 0
    assert columns["title_words"][_at(news, "Two men")] == 0


def test_words_that_the_story_repeats_are_shared() -> None:
    same = [
        f"The lighthouse stood there, {end}."
        for end in ("as ever", "as before", "in fog")
    ]
    layout = laid_out("".join(f"<p>{text}</p>" for text in (*same, BOATS)))
    shared = _columns(layout)["shared_words"]

    assert min(shared[:3]) > 0
    assert shared[3] == 0


def test_blocks_of_one_build_are_counted_together(news: Layout) -> None:
    columns = _columns(news)

    assert columns["like_count"][_at(news, "New lamps")] == 2
    assert columns["like_prose"][_at(news, "Two men")] == pytest.approx(
        columns["prose_1"][_at(news, "Two men")]
    )


def test_a_repeated_line_is_counted() -> None:
    layout = laid_out(f"<p>Photo agency</p><p>{FERRY}</p><p>Photo agency</p>")

    assert _columns(layout)["copies"] == [2.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("lead", "described"),
    [(FERRY, [1, 0]), ("Too short a lead", [0, 0]), (f"{QUAY} And more.", [0, 1])],
    ids=["the whole", "short", "longer than the block"],
)
def test_what_the_page_is_described_by_is_seen(lead: str, described: list[int]) -> None:
    layout = laid_out(f"<p>{FERRY}</p><p>{QUAY}</p>")
    columns = _columns(layout, Witnesses(descriptions={fold(lead)}))

    assert columns["described"] == described


def test_a_stated_body_marks_its_blocks(news: Layout) -> None:
    stated = f"{FERRY}\n{QUAY}\n{BOATS}\nPier closed"
    columns = _columns(news, Witnesses(bodies=[stated]))

    assert columns["stated"][_at(news, "Two men")] == 1.0
    assert columns["stated"][_at(news, "New lamps")] == 0.0


def test_a_long_block_is_stated_by_its_middle() -> None:
    long = f"{FERRY} {QUAY} {BOATS} {FERRY}"
    layout = laid_out(f"<p>{'Harbour news, by wire. ' * 3}{long * 3}</p>")

    assert _columns(layout, Witnesses(bodies=[long * 3]))["stated"] == [1.0]


def test_a_page_that_states_too_little_says_nothing(news: Layout) -> None:
    assert set(_columns(news, Witnesses(bodies=["Short."]))["stated"]) == {-1.0}


def test_what_stands_in_tables_lists_and_figures_is_told() -> None:
    layout = laid_out(
        "<table><tr><td>Tide at noon</td></tr></table><ul><li>First boat</li></ul>"
        "<main><figure><figcaption>The pier</figcaption></figure></main>"
    )
    columns = _columns(layout)

    assert columns["in_li"] == [0.0, 1.0, 0.0]
    assert columns["in_main"] == columns["in_figure"] == [0.0, 0.0, 1.0]
