"""Blocks of a page are found again in the text that people noted of it."""

import pytest

from tests.quality.blockmodel.labels import UNKNOWN, label_snippets, label_text

_FERRY = "The ferry came back on Monday evening"
_QUAY = "Two men on the quay waved and went home"
_MENU = "All news of today and of last week"


def _labels(text: str, *blocks: str) -> list[int]:
    return label_text(text, blocks, str.split)


def test_a_block_of_the_text_is_story_and_another_is_not() -> None:
    assert _labels(f"{_FERRY}\n{_QUAY}", _MENU, _FERRY, _QUAY) == [0, 1, 1]


@pytest.mark.parametrize(
    ("block", "label"),
    [
        (f"{_FERRY} as people say", 1),
        (f"Long before any of that was known, people say, {_FERRY[:22]}", 0),
    ],
    ids=["most of it", "little of it"],
)
def test_half_of_a_block_must_be_in_the_text(block: str, label: int) -> None:
    assert _labels(_FERRY, block) == [label]


def test_words_count_whatever_their_capitals() -> None:
    assert _labels(_FERRY.upper(), _FERRY) == [1]


def test_a_short_line_is_story_where_it_is_a_line_of_the_text() -> None:
    assert _labels(f"{_FERRY}\nThe quay\n{_QUAY}", "The quay", "The pier") == [1, 0]


@pytest.mark.parametrize(
    ("blocks", "label"),
    [((_FERRY, "came back", _QUAY), 1), ((_FERRY, "came back", _MENU), 0)],
    ids=["between blocks of it", "at its end"],
)
def test_a_short_piece_of_the_text_is_story_only_between_blocks_of_it(
    blocks: tuple[str, ...], label: int
) -> None:
    assert _labels(f"{_FERRY}\n{_QUAY}", *blocks)[1] == label


def test_a_block_without_words_is_not_story() -> None:
    assert label_text(_FERRY, [" "], str.split) == [0]


def test_a_repeated_line_is_story_where_the_story_is() -> None:
    blocks = [_FERRY, *[_MENU] * 9, _FERRY, _QUAY]

    labels = _labels(f"{_FERRY}\n{_QUAY}", *blocks)

    assert (labels[0], labels[10], labels[11]) == (0, 1, 1)


def test_a_line_that_the_text_repeats_is_story_as_often() -> None:
    assert _labels(f"{_FERRY}\n{_QUAY}\n{_FERRY}", _FERRY, _QUAY, _FERRY) == [1, 1, 1]


def test_snippets_label_the_blocks_that_hold_them_and_no_others() -> None:
    gold = {"with": ["came  back"], "without": ["All news"]}

    assert label_snippets(gold, [_FERRY, _QUAY, _MENU]) == [1, UNKNOWN, 0]


def test_a_long_block_is_not_left_for_a_snippet_within_it() -> None:
    gold = {"without": ["news"]}

    assert label_snippets(gold, [f"{_FERRY} with news. {_QUAY}."]) == [UNKNOWN]
